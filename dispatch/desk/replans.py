"""The calendar in force put in order after something went otherwise: what would change is shown, then taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection

from dispatch.desk.difference import Replanned, Shift, alone, answered, broken, calls_before, stays
from dispatch.desk.door import Door
from dispatch.desk.question import Bases, around
from dispatch.desk.refusals import Refused, first_of
from dispatch.desk.rewriting import rewrite
from dispatch.desk.underway import AsItStands, as_it_stands
from dispatch.inspections.checked import UnderWay
from dispatch.inspections.faults import left_already
from dispatch.inspections.noon import Noon
from dispatch.inspections.stopping import Going, always
from dispatch.inspections.ways import Ways
from dispatch.records.calls import Outing, Stop
from dispatch.records.inspection import Call, CrewDay, Undone
from dispatch.records.reason import Reason
from dispatch.records.team import Team
from dispatch.rulebook.calendar import CHINA
from dispatch.store import inspections
from dispatch.store.inspections import InForce
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor, Writing

REPLAN_REASONS = ("no_calendar_ahead", "based_on_changed", "replan_stopped")


class Replans(Door):
    """Looking at the calendar in force again, and taking what comes of it.

    Parameters
    ----------
    ways, bases, zone, noon
        As for ``dispatch.desk.inspections.Inspections``.
    """

    def __init__(self, door: Door, ways: Ways, bases: Bases, zone: tzinfo = CHINA, noon: Noon | None = None) -> None:
        super().__init__(door.casebook, door.clock, door.rights)
        self.ways, self.bases, self._zone, self.noon = ways, bases, zone, noon

    def look(self, towns: Collection[str], *, now: datetime | None = None, going: Going = always) -> Replanned:
        """What would change in these towns, and what would not.

        Where ``going`` says no, the answer is that of the towns it had come to by then, asked about alone.

        Raises
        ------
        Refused
            ``no_calendar_ahead`` when no town of them has a calendar with a day from today on; ``replan_stopped`` when
            it was ended before it came to any.
        """
        teams = self.casebook.teams()
        at = now or self.clock()
        with self.casebook.reading() as connection:
            force = self._in_force(connection, towns, at)
            asked = self._ask(connection, force, teams, towns, at)
        proposal = answered(asked, force, going)
        if not proposal.later:
            return proposal
        come_to = set(asked.towns) - set(proposal.later)
        if not come_to:
            raise Refused(Reason("replan_stopped", False))
        kept = self._asked_alone(proposal, come_to, at)
        return kept if kept is not None else replace(self.look(come_to, now=at), later=proposal.later)

    def _asked_alone(self, proposal: Replanned, towns: Collection[str], at: datetime) -> Replanned | None:
        """What a stopped answer says of these towns; None when the book went on, or when it does not hold alone."""
        teams, asked = self.casebook.teams(), proposal.asked
        with self.casebook.reading() as connection:
            force = self._in_force(connection, asked.towns, at)
            if self._ask(connection, force, teams, asked.towns, at).fingerprint != asked.fingerprint:
                return None
            force = self._in_force(connection, towns, at)
            kept = alone(self._ask(connection, force, teams, towns, at), force, proposal)
        return kept if not kept.broken else None

    def take(self, actor: str, proposal: Replanned, *, now: datetime | None = None) -> tuple[Shift, ...]:
        """The changes made; every call that does not move keeps its id, its lock and its crew.

        Raises
        ------
        Refused
            With the first of what the independent checker finds; ``based_on_changed`` when premises, checks, officers
            or calls are no longer as they were, or the hour of something new has passed.
        """
        asked = proposal.asked
        wrong = broken(asked, proposal.calendar, asked.towns)
        with self.deed("inspect_replan", actor, Kind.INSPECTION, "calendar", now, place=around(asked.towns)) as (
            page,
            who,
        ):
            if wrong:
                raise Refused(*first_of(wrong))
            force = self._in_force(page.connection, asked.towns, who.at)
            if not force.calendars.keys() & set(asked.towns):
                raise Refused(Reason("based_on_changed", False))
            stands_now = self._ask(page.connection, force, page.teams(), asked.towns, who.at)
            if stands_now.fingerprint != asked.fingerprint or self._too_late(proposal, who.at):
                raise Refused(Reason("based_on_changed", False))
            _write(page, who, force, proposal)
            return proposal.shifts

    def _in_force(self, connection: Connection, towns: Collection[str], at: datetime) -> InForce:
        """With the visits of this year, which count towards a cap."""
        return inspections.in_force(connection, towns, at.astimezone(self._zone).date().replace(month=1, day=1))

    def _too_late(self, proposal: Replanned, at: datetime) -> bool:
        """Whether somebody would have to have left by now for something new."""
        local = at.astimezone(self._zone)
        under_way = UnderWay(local.date(), 60 * local.hour + local.minute, proposal.asked.calendar)
        return any(True for _ in left_already(proposal.asked.programme, proposal.calendar, under_way))

    def _ask(
        self, connection: Connection, force: InForce, teams: Sequence[Team], towns: Collection[str], at: datetime
    ) -> AsItStands:
        local = at.astimezone(self._zone)
        return as_it_stands(connection, force, teams, towns, local, self.ways, self.bases, self.noon)


def _write(page: Writing, who: Actor, force: InForce, proposal: Replanned) -> None:
    """Crews, calls and what is left out as the proposal has them, under one entry."""
    asked, calendar = proposal.asked, proposal.calendar
    outings = [
        Outing(crew.id, force.calendars[crew.town].id, crew.day, crew.town, crew.officers, crew.travel)
        for crew in calendar.crews
    ]
    told = rewrite(page, force, outings, list(_calls_after(force, proposal)))
    places = {place.id: place.town for place in asked.programme.premises}
    items = inspections.items(page.connection, {each.item for each in proposal.undone})
    undone: dict[str, list[Undone]] = defaultdict(list)
    for each in proposal.undone:
        undone[force.calendars[places[items[each.item].premises]].id].append(each)
    ids = {force.calendars[town].id for town in asked.towns}
    inspections.replace_undone(page, {name: undone[name] for name in ids}, asked.towns)
    for name in sorted(ids):
        calendar_of = next(each for each in force.calendars.values() if each.id == name)
        mine = {town: each for town, each in proposal.bounds.items() if force.calendars[town].id == name}
        inspections.put_bounds(page, name, {**calendar_of.bounds, **mine})
    page.enter(who, Kind.INSPECTION, "calendar", details={**_details(proposal), **told})


def _calls_after(force: InForce, proposal: Replanned) -> Iterator[Stop]:
    """Every call that may change as it will be; one for which there is no place stays on record as superseded."""
    before = calls_before(force, proposal.asked)
    for crew in proposal.calendar.crews:
        for call in crew.calls:
            stop = before.pop(call.visit.id, None)
            if stop is None:
                yield Stop(call.visit.id, crew.id, call.visit, call.arrive, call.leave)
            else:
                yield _as_planned(stop, crew, call)
    for stop in before.values():
        if force.day_of(stop) >= proposal.asked.standing.today:
            yield stop.superseded()


def _as_planned(stop: Stop, crew: CrewDay, call: Call) -> Stop:
    """The call as the proposal has it; the very same when nothing changes."""
    visit = replace(call.visit, id=stop.visit.id)
    if stays(stop, crew, call) and visit == stop.visit:
        return stop
    return stop.replanned(crew.id, visit, call.arrive, call.leave)


def _details(proposal: Replanned) -> dict[str, Any]:
    """What the entry says beside the calls and crews' days that change."""
    return {
        "towns": list(proposal.asked.towns),
        "officers": {swap.outing: [list(swap.out), list(swap.into)] for swap in proposal.swaps},
        "same": proposal.same,
        "bounds": proposal.bounds,
        "undone": len(proposal.undone),
        "left_out": {each.item: [each.reason, each.price] for each in proposal.left_out},
        "settled": {each.item: [each.reason, each.price] for each in proposal.settled},
        "standing": proposal.asked.fingerprint,
    }
