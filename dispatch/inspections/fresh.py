"""A calendar that nobody goes by yet, held against what it says of itself.

By what a visit says of itself it is moved later, and by the certificates it names its door is opened. Of a calendar in
force the book may know better since, so there the checker asks the items only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from dispatch.inspections.checked import Asked, wrong
from dispatch.inspections.faults import faults
from dispatch.records.inspection import Calendar, DueItem, Visit
from dispatch.records.reason import Reason

UNDER_WAY_ONLY = frozenset({"locked", "on_its_way"})
"""Reasons that ask for a visit which stays: such items are not asked of a new calendar."""


def new_faults(asked: Asked, calendar: Calendar) -> list[Reason]:
    """Every rule that a new calendar breaks; where it breaks none, what it says of itself that is not so."""
    return faults(asked, calendar) or fresh_faults(asked, calendar)


def fresh_faults(asked: Asked, calendar: Calendar) -> list[Reason]:
    """What is wrong with a new calendar besides what ``dispatch.inspections.faults`` finds in any."""
    return [
        *_visits(asked, calendar),
        *_ids(calendar),
        *_bounds(calendar),
        *_reasons(asked, calendar),
        *_goes(asked, calendar),
    ]


def _visits(asked: Asked, calendar: Calendar) -> Iterator[Reason]:
    items = {item.id: item for item in asked.items}
    for crew in calendar.crews:
        for call in crew.calls:
            checked = [items[id] for id in call.visit.items if id in items]
            if checked and not _true(call.visit, checked):
                yield wrong("check_visit_says", premises=call.visit.premises, day=crew.day.isoformat())


def _true(visit: Visit, checked: Sequence[DueItem]) -> bool:
    """Whether the visit's days, minutes and certificates are those of its checks."""
    inside = max(item.earliest for item in checked) <= visit.first <= visit.last <= min(item.latest for item in checked)
    needs = {item.certificate for item in checked}
    return inside and visit.needs == needs and visit.minutes == sum(item.minutes for item in checked)


def _ids(calendar: Calendar) -> Iterator[Reason]:
    for id_, times in Counter(call.visit.id for crew in calendar.crews for call in crew.calls).items():
        if times > 1:
            yield wrong("check_visit_id", visit=id_, times=times)


def _bounds(calendar: Calendar) -> Iterator[Reason]:
    """No calendar has fewer officer-days than its own bound."""
    going: Counter[str] = Counter()
    for crew in calendar.crews:
        going[crew.town] += len(crew.officers)
    for town, bound in calendar.bounds.items():
        if bound > going[town]:
            yield wrong("check_bound", town=town, bound=bound, officer_days=going[town])


def _goes(asked: Asked, calendar: Calendar) -> Iterator[Reason]:
    """Nobody is sent for what can be checked from the desk."""
    remote = {item.id for item in asked.items if item.remote}
    for crew in calendar.crews:
        for call in crew.calls:
            for item in sorted(remote.intersection(call.visit.items)):
                yield wrong("check_could_stay", item=item, premises=call.visit.premises, day=crew.day.isoformat())


def _reasons(asked: Asked, calendar: Calendar) -> Iterator[Reason]:
    premises = {item.id: item.premises for item in asked.items}
    for undone in calendar.undone:
        if undone.reason in UNDER_WAY_ONLY:
            yield wrong("check_reason", item=undone.item, premises=premises.get(undone.item, ""))
