"""How many visits of a calendar year premises have had, so that every cap is held against the same number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, tzinfo

from sqlalchemy import Connection

from dispatch.records.calls import CallStatus, Stop
from dispatch.records.inspection import Premises
from dispatch.store import inspections
from dispatch.store.inspections import InForce

MADE = frozenset({CallStatus.UNDER_WAY, CallStatus.DONE})


def counted(
    connection: Connection,
    now: InForce,
    towns: Collection[str] | None,
    year: int,
    zone: tzinfo,
    stay: Iterable[Stop] = (),
) -> tuple[Premises, ...]:
    """Premises by id, of these towns or all, with the visits of that calendar year and of the next.

    The table of premises says how many there were when it was taken in, and the book knows its own, but for those that
    only followed a lead or a complaint. A visit before that day may stand in both: the greater number counts. Every
    later one is added.

    Parameters
    ----------
    stay
        Calls still ahead that a new calendar leaves as they are; they count as visits.
    """
    staying = {stop.id for stop in stay}
    counts = [stop for stop in now.stops.values() if stop.status in MADE or stop.id in staying]
    visits, later = (
        _without_leads(connection, [stop for stop in counts if now.day_of(stop).year == each])
        for each in (year, year + 1)
    )
    counted_at = inspections.counted_at(connection, towns)

    def visited(place: Premises) -> int:
        at = counted_at[place.id]
        said = place.visits_this_year if at.astimezone(zone).year == year else 0
        before = sum(_ended_by(stop, at) for stop in visits[place.id])
        return max(said, before) + len(visits[place.id]) - before

    return tuple(
        replace(place, visits_this_year=visited(place), visits_later=(len(later[place.id]),))
        for place in inspections.premises(connection, towns)
    )


def _without_leads(connection: Connection, stops: Iterable[Stop]) -> dict[str, list[Stop]]:
    """By premises those at which something was checked that followed no lead, or that the book has lost."""
    leads = inspections.leads(connection)
    found: dict[str, list[Stop]] = defaultdict(list)
    for stop in stops:
        if not leads.issuperset(stop.visit.items):
            found[stop.visit.premises].append(stop)
    return found


def _ended_by(stop: Stop, at: datetime) -> bool:
    return stop.ended_at is not None and stop.ended_at <= at
