"""A lock, an unlocking or a move taken back: what stands against it, and the calls as they were."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from dispatch.desk.refusals import Stale
from dispatch.desk.rewriting import outing_of, rewrite, told_call
from dispatch.records.calls import CallStatus, Outing, Stop
from dispatch.records.reason import Reason
from dispatch.store.inspections import InForce
from dispatch.store.ledger import Entry, Kind
from dispatch.store.writing import Actor, Writing

MOVE = "inspect_move"


def against(standing: InForce, entry: Entry, today: date) -> Iterator[Reason]:
    """A calendar that was adopted since, a day that is over, a crew that has begun since, officers who go elsewhere.

    A move that the ledger tells in the form of before, without what was, cannot be taken back at all.

    The checker is shown one town; the officers of a crew that comes back may be out in another by now.
    """
    if entry.deed == MOVE and "was" not in entry.details:
        yield Reason("told_too_briefly", False, {"call": entry.subject})
        return
    crews = _crews(entry)
    newest = {town: each.id for town, each in standing.calendars.items()}
    gone = not standing.stops.keys() >= set(_calls(entry))
    if gone or any(newest.get(one.town) != one.calendar for one in crews):
        yield Reason("call_replaced", False, {"call": entry.subject})
    for one in crews:
        if one.day < today:
            yield Reason("day_is_over", False, {"day": one.day.isoformat()})
        begun = (each.begun_at or each.ended_at for each in standing.of(one.id))
        if any(at is not None and at > entry.at for at in begun):
            yield Reason("crew_has_begun", False, {"crew": one.id})
        if one.id not in standing.outings:
            yield from two_crews(one.officers, standing.busy(one.day, entry.details["made"]), one.day)


def two_crews(officers: Collection[str], busy: Collection[str], day: date) -> Iterator[Reason]:
    """Officers of a crew who go out with another on that day."""
    for each in sorted(set(officers)):
        if each in busy:
            yield Reason("officer_busy", False, {"officer": each, "day": day.isoformat()})


def take_back(page: Writing, who: Actor, standing: InForce, entry: Entry) -> Stop:
    """The move's calls with their crews and at their hours of before.

    Raises
    ------
    Stale
        When somebody has changed one of the calls or crews since.
    """
    back = []
    for call, was in entry.details["was"].items():
        stop = standing.stops[call]
        if told_call(stop) != entry.details["set"][call] or stop.status is not CallStatus.PLANNED:
            raise Stale("call", call, entry.version_after, stop.version, page.latest(Kind.INSPECTION, call))
        back.append(stop.moved(was["outing"], was["arrive"], was["leave"]))
    outings = _crews(entry)
    _refuse_changed_crews(page, standing, entry, outings, {each.id for each in back})
    told = rewrite(page, standing, outings, back)
    stop = next(each for each in back if each.id == entry.subject)
    page.enter(
        who,
        Kind.INSPECTION,
        stop.id,
        version_before=stop.version - 1,
        version_after=stop.version,
        details={"undoes": entry.sequence, "from": entry.details["to"], "to": entry.details["from"], **told},
    )
    return stop


def _calls(entry: Entry) -> Sequence[str]:
    return list(entry.details["was"]) if entry.deed == MOVE else [entry.subject]


def _crews(entry: Entry) -> list[Outing]:
    """The crews' days that a move changed, as they were."""
    return [outing_of(told) for told in entry.details["outings"]] if entry.deed == MOVE else []


def _refuse_changed_crews(
    page: Writing, standing: InForce, entry: Entry, outings: Sequence[Outing], moved_back: set[str]
) -> None:
    """Stop when a crew has other officers by now, or when a crew that was made has other calls besides."""
    there = [(one, standing.outings.get(one.id)) for one in outings]
    changed = [one.id for one, now in there if now is not None and now.officers != one.officers]
    others = {name: sorted(stop.id for stop in standing.of(name)) for name in entry.details["made"]}
    more = {name: [each for each in calls if each not in moved_back] for name, calls in others.items()}
    for name in [*changed, *(name for name, calls in more.items() if calls)]:
        by = page.latest(Kind.INSPECTION, next(iter(more.get(name, ())), "calendar"))
        raise Stale("crew's day", name, entry.version_after, entry.version_after + 1, by)
