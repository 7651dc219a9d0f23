"""Checks that ask nobody to go: who makes which on what day, and what was found, which may become a visit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from dispatch.desk.deed import stated
from dispatch.desk.door import Door
from dispatch.desk.inspections import Inspections
from dispatch.desk.question import inspectors, kept_away, stands
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.desk.whomay import kept_from, lacking
from dispatch.inspections.fromdesk import FromDesk, from_the_desk
from dispatch.inspections.programme import Programme
from dispatch.records.calls import AHEAD, PUT_BACK
from dispatch.records.deskcheck import DeskCheck
from dispatch.records.inspection import SMALLEST_CREW, Call, CrewDay, DueItem, Occasion, Remote
from dispatch.records.reason import Reason
from dispatch.records.team import Role, Team
from dispatch.store import deskchecks, inspections, plans
from dispatch.store.inspections import InForce
from dispatch.store.ledger import Kind
from dispatch.store.series import Series, next_id
from dispatch.store.writing import Actor, Writing

DESK_CHECK_REASONS = (
    "not_from_desk",  # item
    "already_made",  # item
    "not_due_now",  # item, first, last
    "two_must_check",
    "desk_other_town",  # officer
    "desk_without",  # certificate
    "not_todays_check",  # day
    "lead_under_way",  # item
)
LEAD_WITHIN = timedelta(days=7)
"""By then the visit is due that follows what was found from the desk (illustrative)."""


class DeskChecks(Door):
    """The deeds about checks from the desk.

    Which officers make them when is not kept: it follows from the calendar in force, and whoever changes that changes
    it. What is kept is what was made.

    Parameters
    ----------
    desk
        The desk of inspections whose door it shares.
    """

    def __init__(self, desk: Inspections) -> None:
        super().__init__(desk.casebook, desk.clock, desk.rights)
        self._desk = desk

    def listed(
        self,
        connection: Connection,
        force: InForce,
        teams: Sequence[Team],
        towns: Collection[str],
        days: Sequence[date],
    ) -> FromDesk:
        """Who of these towns checks what from the desk on these days, beside the visits of the calendars in force.

        Parameters
        ----------
        days
            Working days from today on; the first is today where today is worked.
        """
        if not towns or not days:
            return FromDesk()
        items = tuple(item for item in inspections.due_items(connection, towns) if item.remote)
        every = [one for one in force.outings.values() if one.day in days]
        busy = [one for one in every if one.town not in towns]
        kept = kept_away(connection, teams, days[0])
        absences = inspections.absences(connection, days[0])
        officers = inspectors(teams, towns, days, kept.recusals, busy, absences, kept.not_drawn)
        places = tuple(inspections.premises(connection))
        bases = {town: self._desk.bases[town] for town in towns if town in self._desk.bases}
        programme = Programme(places, items, officers, tuple(days), self._desk.ways, bases, self._desk.noon, days[0])
        crews = [
            CrewDay(one.id, one.day, one.town, one.officers, calls, one.travel)
            for one in every
            if one.town in towns and (calls := _calls(force, one.id))
        ]
        spent: Counter[tuple[str, date]] = Counter()
        for check in deskchecks.since(connection, days[0]):
            spent.update({(who, check.day): check.minutes for who in check.officers})
        return from_the_desk(programme, crews, spent)

    def check(
        self,
        actor: str,
        item_id: str,
        officers: Sequence[str],
        said: str,
        *,
        visit_min: int = 0,
        although: str = "",
        now: datetime | None = None,
    ) -> DeskCheck:
        """A due item was checked from the desk by these officers, who found what was ``said``; it is due no more.

        Parameters
        ----------
        visit_min
            Minutes of the visit that follows, due within a week as a lead, since what was found is suspicious; 0 for
            nothing of the kind.
        although
            Why that visit has to be all the same, where somebody was or will be at that door within thirty days.

        Raises
        ------
        Refused
            ``not_from_desk`` for what has to be looked at on the spot; ``already_made``; ``not_due_now``;
            ``needs_words``; with everything that is wrong about the officers: ``two_must_check`` (Administrative
            Penalty Law, article 42, which speaks of inspections and does not ask whether one goes there),
            ``no_such_officer``, ``no_inspector``, ``desk_other_town``, ``desk_without``, ``must_not_inspect``,
            ``not_drawn``, ``officer_away``; ``visited_within`` as for an extra check.
        """
        with self.casebook.reading() as connection:
            town = _town_of(connection, item_id)
        with self.deed("inspect_desk", actor, Kind.INSPECTION, item_id, now, place=town) as (page, who):
            today = self._day(who.at)
            item = _due(page.connection, item_id, today)
            words, who_sat = stated(said), tuple(dict.fromkeys(officers))
            wrong = [*_wrong(page, item, town, who_sat, today)]
            wrong += kept_from(page, item.premises, [item.id], who_sat, today)
            if wrong:
                raise Refused(*wrong)
            id = next_id(page.connection, Series.DESK_CHECK)
            lead = self._lead(page, item, id, visit_min, although, today) if visit_min else None
            made = DeskCheck(
                id,
                item.id,
                item.premises,
                today,
                who_sat,
                item.minutes,
                item.remote,
                words,
                lead.id if lead else "",
                who.at,
                who.name,
            )
            inspections.items_done(page, [item.id], who.at)
            deskchecks.keep(page, made)
            told = {"premises": item.premises, "officers": list(who_sat), "by": item.remote.value, "said": words}
            told |= {"check": id, "lead": made.lead, "although": although.strip()}
            page.enter(who, Kind.INSPECTION, item.id, version_after=1, details=told)
            return made

    def take_back(self, actor: str, id: str, version: int, *, now: datetime | None = None) -> DeskCheck:
        """A check that was written down by mistake, on its own day: it is due again, and its visit is not.

        Raises
        ------
        Refused
            ``not_todays_check``; ``lead_under_way`` when the visit that follows stands in a calendar, or was made.
        Stale, Unknown
        """
        with self.casebook.reading() as connection:
            before = deskchecks.one(connection, id)
            if before is None:
                raise Unknown("check", id)
            town = _town_of(connection, before.item)
        with self.deed("inspect_desk_undo", actor, Kind.INSPECTION, before.item, now, place=town) as (page, who):
            made = deskchecks.one(page.connection, id)
            assert made is not None
            if made.taken_back or made.version != version:
                by = page.latest(Kind.INSPECTION, made.item)
                raise Stale("check", id, version, made.version, by)
            if made.day != self._day(who.at):
                raise Refused(Reason("not_todays_check", False, {"day": made.day.isoformat()}))
            if made.lead and _taken_up(page.connection, made.lead, self._day(who.at)):
                raise Refused(Reason("lead_under_way", False, {"item": made.lead}))
            return _put_back(page, who, made)

    def _lead(self, page: Writing, item: DueItem, check: str, minutes: int, although: str, today: date) -> DueItem:
        last = today + LEAD_WITHIN
        near = self._desk.repeats(page.connection, item.premises, today, last)
        if near and not although.strip():
            raise Refused(*near)
        lead = replace(
            item,
            id=f"{item.id}:{check}",
            minutes=minutes,
            earliest=today,
            latest=last,
            occasion=Occasion.LEAD,
            remote=Remote.NO,
        )
        inspections.keep_items(page, [lead])
        return lead

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._desk.zone).date()


def _calls(force: InForce, outing: str) -> tuple[Call, ...]:
    """What a crew makes, or has made, of its day."""
    return tuple(Call(stop.visit, stop.arrive, stop.leave) for stop in force.of(outing) if stop.status not in PUT_BACK)


def _town_of(connection: Connection, item_id: str) -> str:
    item = inspections.items(connection, [item_id]).get(item_id)
    if item is None:
        raise Unknown("check", item_id)
    return next(place.town for place in inspections.premises(connection) if place.id == item.premises)


def _due(connection: Connection, item_id: str, today: date) -> DueItem:
    """The item, provided it is due today and asks nobody to go."""
    item = inspections.items(connection, [item_id]).get(item_id)
    if item is None:
        raise Unknown("check", item_id)
    if not item.remote:
        raise Refused(Reason("not_from_desk", False, {"item": item_id}))
    if inspections.done_at(connection, [item_id]):
        raise Refused(Reason("already_made", False, {"item": item_id}))
    if not item.earliest <= today <= item.latest:
        first, last = item.earliest.isoformat(), item.latest.isoformat()
        raise Refused(Reason("not_due_now", False, {"item": item_id, "first": first, "last": last}))
    return item


def _wrong(page: Writing, item: DueItem, town: str, officers: Sequence[str], today: date) -> Iterator[Reason]:
    """What is wrong about the officers themselves."""
    teams = page.teams()
    roster = {officer.id: officer for team in teams for officer in team.officers}
    if len(officers) < SMALLEST_CREW:
        yield Reason("two_must_check", False)
    for name in sorted(officers):
        if name not in roster:
            yield Reason("no_such_officer", False, {"officer": name})
        elif roster[name].role is not Role.OFFICER:
            yield Reason("no_inspector", False, {"officer": name, "role": roster[name].role.value})
        elif not town.startswith(roster[name].town):
            yield Reason("desk_other_town", False, {"officer": name})
    if lacking([item.certificate], officers, teams, today):
        yield Reason("desk_without", False, {"certificate": item.certificate})


def _taken_up(connection: Connection, lead: str, today: date) -> bool:
    """Whether the visit that follows stands in a calendar, or was made."""
    force = inspections.in_force(connection)
    planned = (stop for stop in force.stops.values() if stands(force, stop, today) or stop.status not in AHEAD)
    return bool(inspections.done_at(connection, [lead])) or any(lead in stop.visit.items for stop in planned)


def _put_back(page: Writing, who: Actor, made: DeskCheck) -> DeskCheck:
    after = replace(made, taken_back=True, version=made.version + 1)
    inspections.items_done(page, [made.item], None)
    plans.drop_checks(page, plans.withdrawn_of(page.connection, [made.item]))
    if made.lead:
        inspections.drop_items(page, [made.lead])
    deskchecks.keep(page, after)
    told = {"check": made.id, "lead": made.lead}
    page.enter(
        who,
        Kind.INSPECTION,
        made.item,
        version_before=made.version,
        version_after=after.version,
        details=told,
    )
    return after
