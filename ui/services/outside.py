"""The eyes from outside: what an observer reads of a file drawn for them, and what all of them think of each body."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatch.desk.filereviews import ReviewStanding
from dispatch.records.case import Case, Fact
from dispatch.records.filereview import HIGHEST, LOWEST
from dispatch.records.person import Person
from dispatch.rulebook.facts import FactType
from simulation.intervals import over_replications
from ui.services.centre import Centre
from ui.services.filereviewing import DrawnFile, drawn_files
from ui.services.story import Mask
from ui.wording import Wording

FEWEST = 5
"""With fewer ratings nothing is said of a body: one voice would be all there is to read."""


@dataclass(frozen=True, slots=True)
class Page:
    """One step of a file as an observer reads it: its name, when it was done, and what it established."""

    step: str
    at: datetime
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class BodyRating:
    """What observers think of a body's files; mean and 95 % interval are NaN where too few spoke."""

    body: str
    n: int
    mean: float = math.nan
    low: float = math.nan
    high: float = math.nan


def files_of(opened: Centre, person: Person) -> list[tuple[ReviewStanding, DrawnFile]]:
    """The files that the lot gave an observer, those still to be rated first."""
    found = [
        (standing, row)
        for standing in opened.file_reviews.all()
        for row in drawn_files(opened, person, standing)
        if row.observer == person.id
    ]
    return sorted(found, key=lambda each: each[1].rated is not None)


def pages(opened: Centre, case: Case, w: Wording) -> list[Page]:
    """The steps of a file without the party, telephone numbers and numbers of identity cards."""
    incident = opened.casebook.incident(case.incident) if case.incident else None
    mask = Mask((case.party.name, case.party.id, incident.caller if incident is not None else ""))
    made = []
    for stamp in case.stamps:
        step = opened.rules.procedures.step(case.procedure, stamp.step)
        name = w.pick(step.name_zh, step.name_en) if step else w.words.get(f"cases.outcome.{stamp.step}", stamp.step)
        facts = ((_fact(opened, each, w), mask(_value(opened, each, value, w))) for each, value in stamp.facts.items())
        made.append(Page(name, stamp.at, tuple(facts)))
    return made


def decided(case: Case, w: Wording) -> str:
    """How the case ended, with its amount; empty where nothing was decided."""
    if case.outcome is None:
        return ""
    word = w(f"cases.outcome.{case.outcome.value}")
    return w("cases.fined", yuan=f"{case.fine_yuan:,}") if case.fine_yuan else word


def by_body(known: Iterable[ReviewStanding], areas: Sequence[str]) -> list[BodyRating]:
    """The ratings of all these reviews by body, as far as bodies lie in ``areas``; no mark and no share knows of them.

    A body of the district (its id is no code of a place) is seen by whoever has a post in the whole district.
    """
    given: dict[str, list[int]] = defaultdict(list)
    for standing in known:
        bodies = {each.id: each.body for each in standing.review.files}
        for rated in standing.ratings.values():
            given[bodies[rated.case]].append(rated.rating)
    whole = any(len(area) <= len("330203") for area in areas)
    return [_rating(body, given[body]) for body in sorted(given) if whole or body.startswith(tuple(areas))]


def told(each: BodyRating, w: Wording) -> str:
    """The mean with its interval, or why there is none."""
    if each.n < FEWEST:
        return w("files.too_few")
    if each.low == each.high:
        return w("files.alike", mean=f"{each.mean:.1f}")
    return w("files.mean", mean=f"{each.mean:.1f}", low=f"{each.low:.1f}", high=f"{each.high:.1f}")


def _rating(body: str, given: Sequence[int]) -> BodyRating:
    if len(given) < FEWEST:
        return BodyRating(body, len(given))
    found = over_replications(given)
    low, high = max(LOWEST, found.mean - found.half), min(HIGHEST, found.mean + found.half)
    return BodyRating(body, found.n, found.mean, low, high)


def _fact(opened: Centre, name: str, w: Wording) -> str:
    asked = opened.rules.procedures.facts.get(name)
    return w.pick(asked.name_zh, asked.name_en) if asked else w.words.get(f"cases.fact.{name}", name)


def _value(opened: Centre, name: str, value: Fact, w: Wording) -> str:
    asked = opened.rules.procedures.facts.get(name)
    if isinstance(value, bool):
        return w("cases.yes" if value else "cases.no")
    if asked is not None and asked.type is FactType.CHOICE:
        return w.words.get(f"cases.choice.{name}_{value}", str(value))
    return str(value)
