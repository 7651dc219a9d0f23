"""The way to the common superior: a task that came back three times is put before who is above all that had it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dispatch.records.dispute import Dispute
from dispatch.records.task import Task
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.deadlines import deadline
from dispatch.rulebook.powers import Body
from dispatch.rulebook.terms import Term, Unit
from dispatch.store import between
from dispatch.store.writing import Actor, Writing

MOST_RETURNS = 3
"""The return at which bodies no longer settle it among themselves."""
DECIDE_WITHIN = Term(7, Unit.WORKING_DAYS)
"""For the superior to decide. An assumption: article 25 names who decides, and no term for it."""
LEVELS = (12, 9, 6, 4, 2)
"""Digits of a community, town, district, city and province."""


def before_the_superior(page: Writing, who: Actor, task: Task, bodies: Mapping[str, Body], calendar: Calendar) -> Task:
    """The task as it is after it came back: disputed, with one dispute more, when that was the third time."""
    if task.returns < MOST_RETURNS:
        return task
    opener = Actor(who.name, who.at, "dispute_open")
    after = task.disputed()
    page.change_task(opener, task, after)
    incident = page.incident(task.incident)
    parties = tuple(dict.fromkeys(task.returned_by))
    dispute = Dispute(
        id=f"{task.id}-D1",
        incident=task.incident,
        task=task.id,
        parties=parties,
        superior=superior_of(parties, incident.town if incident else "", bodies),
        opened_at=who.at,
        due_at=deadline(DECIDE_WITHIN, who.at, (), calendar, who.at).due_at,
    )
    between.add_dispute(page, opener, dispute)
    return after


def superior_of(parties: Sequence[str], town: str, bodies: Mapping[str, Body]) -> str:
    """Code of the smallest area that holds the bodies of all parties that act in ``town``.

    Two stations of one town have its government above them, bureaus the district's. A department without a body
    here answers for the district, and so does the place itself where an incident lies in no town.
    """
    district = town[:6] or _smallest([body.town[:6] for body in bodies.values()])
    areas = []
    for party in parties:
        ours = [b.town for b in bodies.values() if b.department == party and town.startswith(b.town)]
        areas.append(max(ours, key=len) if ours else district)
    return _smallest(areas)


def _smallest(areas: Sequence[str]) -> str:
    """Code of the smallest area of :data:`LEVELS` that holds all of these, or empty."""
    for digits in LEVELS:
        heads = {area[:digits] for area in areas}
        if len(heads) == 1 and all(len(area) >= digits for area in areas):
            return heads.pop()
    return ""


def dispute_of(page: Writing, task: Task) -> Dispute | None:
    """The one dispute there can be about a task, or None: what was decided is not sent back again."""
    return next(iter(between.disputes(page.connection, task=task.id)), None)
