"""Who is sealed as an observer when a review of files is opened, and which files are not theirs to see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from dispatch.records.case import Case
from dispatch.records.filereview import Observer
from dispatch.records.person import Person
from dispatch.records.team import Team

TOWN = 9
"""Digits of a town's code; what is shorter is the district's, and nobody is its neighbour."""


def observers(
    people: Iterable[Person], files: Iterable[tuple[Case, Collection[str]]], teams: Iterable[Team]
) -> tuple[Observer, ...]:
    """Everybody who may sign in, is an observer and nothing else, and belongs to no team and no body.

    Parameters
    ----------
    files
        Closed cases, each with everybody who had a hand in it.
    """
    towns = {officer.id: team.town for team in teams for officer in team.officers}
    places = [(case, _places(case, who, towns)) for case, who in files]
    return tuple(
        Observer(
            one.id,
            one.areas(),
            frozenset(case.id for case, there in places if _recused(one, case, there)),
        )
        for one in sorted(people, key=lambda each: each.id)
        if one.active and one.outside and not one.officer and not one.body
    )


def _places(case: Case, handlers: Collection[str], towns: Mapping[str, str]) -> set[str]:
    """Towns of the officers of a case; of a town's own body its town, also when its officers have gone."""
    found = {towns[who] for who in handlers if who in towns} | {case.body}
    return {each for each in found if each.isdigit() and len(each) == TOWN}


def _recused(one: Person, case: Case, places: Collection[str]) -> bool:
    neighbour = any(area.startswith(town) for area in one.areas() for town in places)
    return neighbour or any(stamp.by == one.id for stamp in case.stamps)
