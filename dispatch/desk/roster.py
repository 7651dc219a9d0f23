"""The change of shift: the new roster, with those teams that are still out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from dispatch.records.team import Activity, Team


class RosterClash(ValueError):  # noqa: N818
    """A roster that sends one person to two places."""


def merged(before: Sequence[Team], given: Sequence[Team]) -> list[Team]:
    """The roster ``given`` as it can take effect over the one ``before``, by id.

    Raises
    ------
    RosterClash
        When a team stands twice in ``given``, or an officer sits in two of its teams on duty at the same time.
    """
    refuse_clashes(given)
    standing = {team.id: team for team in before}
    still_out = {team.id: team for team in before if team.activity is not Activity.FREE}
    new = {team.id: _carried_over(standing.get(team.id), team) for team in given}
    return sorted((still_out | new).values(), key=lambda team: team.id)


def refuse_clashes(roster: Iterable[Team]) -> None:
    """Stop a roster in which a team stands twice or an officer is on duty in two teams at once."""
    roster = list(roster)
    twice = [team for team, count in Counter(team.id for team in roster).items() if count > 1]
    if twice:
        raise RosterClash(f"Team {twice[0]!r} stands twice in the roster; give every team an id of its own.")
    shifts: dict[str, list[Team]] = {}
    for team in roster:
        for officer in team.officers:
            others = shifts.setdefault(officer.id, [])
            _refuse_overlap(officer.id, team, others)
            others.append(team)


def _refuse_overlap(officer: str, team: Team, others: Iterable[Team]) -> None:
    for other in others:
        if team.on_duty_from < other.on_duty_to and other.on_duty_from < team.on_duty_to:
            raise RosterClash(
                f"Officer {officer!r} is on duty in team {other.id!r} and team {team.id!r} at the same time; "
                "take the officer out of one of them."
            )


def _carried_over(old: Team | None, new: Team) -> Team:
    """The new team with what the old one is doing; its place too when it is out, and both when it is the same shift."""
    if old is None:
        return new
    kept = replace(new, activity=old.activity, incident=old.incident, version=old.version)
    same_shift = (old.on_duty_from, old.on_duty_to) == (new.on_duty_from, new.on_duty_to)
    if same_shift or old.activity is not Activity.FREE:
        kept = replace(kept, lon=old.lon, lat=old.lat)
    if same_shift:
        kept = replace(kept, done_today=old.done_today)
    return kept if kept == old else replace(kept, version=old.version + 1)
