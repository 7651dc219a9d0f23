"""Visits that stay as they are and are still to be made: at their doors nobody else is sent for what they could do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from dispatch.inspections.checked import one_visit
from dispatch.inspections.faults import spared
from dispatch.inspections.programme import Programme
from dispatch.inspections.reasons import Why, price
from dispatch.records.calls import AHEAD, CallStatus, Outing, Stop
from dispatch.records.inspection import Calendar, Call, CrewDay, DueItem, Undone
from dispatch.records.reason import Reason
from dispatch.store import inspections
from dispatch.store.inspections import InForce


@dataclass(frozen=True, slots=True)
class StillAhead:
    """What stays and is still to be made.

    Attributes
    ----------
    crews
        Each visit as a crew's day of its own.
    items
        What is checked at them.
    joining
        Due items that would have to join one of them, and so are not planned: a second crew at that door is no answer.
    """

    crews: tuple[CrewDay, ...] = ()
    items: tuple[DueItem, ...] = ()
    joining: tuple[Undone, ...] = ()

    def less(self, programme: Programme) -> Programme:
        """The programme without the items that would have to join."""
        names = {each.item for each in self.joining}
        return replace(programme, items=tuple(item for item in programme.items if item.id not in names))

    def spared(self, programme: Programme, calendar: Calendar) -> tuple[Reason, ...]:
        """Visits of a calendar that one which stays would have done for."""
        if not self.crews:
            return ()
        both = replace(programme, items=(*programme.items, *self.items))
        return tuple(spared(both, Calendar((*calendar.crews, *self.crews))))


def still_ahead_of(
    connection: Connection,
    now: InForce,
    stay: Iterable[Stop],
    programme: Programme,
    begun: Collection[str],
    planned: Collection[str] = (),
) -> StillAhead:
    """Of calls that ``stay`` those to which nobody came yet, held against what is due.

    Parameters
    ----------
    begun
        Ids of crews' days on which somebody was at a door already.
    planned
        Items that have a visit of their own, which may keep it.
    """
    ahead = [stop for stop in stay if stop.status in AHEAD]
    items = inspections.items(connection, {item for stop in ahead for item in stop.visit.items})
    crews = tuple(
        CrewDay(stop.id, now.day_of(stop), now.town_of(stop), (), (Call(stop.visit, stop.arrive, stop.leave),))
        for stop in ahead
    )
    return StillAhead(crews, tuple(items.values()), _joining(programme, now, ahead, items, begun, planned))


def _joining(
    programme: Programme,
    now: InForce,
    ahead: Iterable[Stop],
    items: Mapping[str, DueItem],
    begun: Collection[str],
    planned: Collection[str],
) -> tuple[Undone, ...]:
    """Checks that one visit which stays could hold: somebody takes its lock off, or the crew on its way is told."""
    at: dict[str, list[Stop]] = {}
    for stop in ahead:
        at.setdefault(stop.visit.premises, []).append(stop)
    places = {place.id: place for place in programme.premises if place.id in at}
    found = []
    for item in programme.items:
        for stop in at.get(item.premises, ()) if item.premises in places and item.id not in planned else ():
            checked = [items[each] for each in stop.visit.items if each in items]
            if one_visit(_with_crew(programme, now.outings[stop.outing]), places[item.premises], [*checked, item]):
                found.append(_why(item, stop, stop.outing in begun))
                break
    return tuple(found)


def _with_crew(programme: Programme, outing: Outing) -> Programme:
    """The programme as it is for who goes out with the crew: busy with it, and so there."""
    return replace(
        programme,
        inspectors=tuple(
            replace(who, away=who.away - {outing.day}) if who.id in outing.officers else who
            for who in programme.inspectors
        ),
    )


def _why(item: DueItem, stop: Stop, begun: bool) -> Undone:
    if begun and stop.status is not CallStatus.LOCKED:
        return Undone(item.id, Why.ON_ITS_WAY, "")
    return Undone(item.id, Why.LOCKED, price(1, "locks"))
