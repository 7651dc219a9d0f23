"""What is due at whose door, and which calendar is in force: taking in, an extra visit, adopting."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from dispatch.desk.deed import stated
from dispatch.desk.deliveries import Delivery, Lists, read_delivery
from dispatch.desk.door import Door
from dispatch.desk.question import Bases, Question, around, ask
from dispatch.desk.refusals import Refused, Unknown, first_of
from dispatch.desk.yearly import too_often, yearly
from dispatch.inspections.clashes import APART_DAYS
from dispatch.inspections.codes import Codes
from dispatch.inspections.fresh import new_faults
from dispatch.inspections.noon import Noon
from dispatch.inspections.registers import Traits
from dispatch.inspections.replanning import quick_bound
from dispatch.inspections.scenes import NO_SCENES, Scenes
from dispatch.inspections.ways import Ways
from dispatch.records.calls import AHEAD, PUT_BACK, Adopted, Outing, Stop
from dispatch.records.inspection import Calendar, DueItem, Premises, Undone
from dispatch.records.reason import Reason
from dispatch.records.team import Team
from dispatch.rulebook.calendar import CHINA
from dispatch.store import inspections
from dispatch.store.inspections import InForce
from dispatch.store.ledger import Kind, canonical
from dispatch.store.plans import keep_traits
from dispatch.store.series import Series, next_id
from dispatch.store.writing import Writing
from gis.crs import Datum

INSPECTION_REASONS = (
    "nothing_given",
    "no_such_town",  # town
    "visited_within",  # premises, day, days
    "based_on_changed",
    "no_such_officer",  # officer
    "reversed_dates",  # first, last
    "item_known",  # item
)
REPEAT = timedelta(days=APART_DAYS)
"""Two visits nearer than this ask for a reason."""


@dataclass(frozen=True, slots=True)
class TakenIn:
    """How many premises and checks a delivery brought, and the ids of checks that stay finished all the same."""

    premises: int
    items: int
    finished: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer of the planner that somebody may adopt."""

    question: Question
    calendar: Calendar
    seed: int
    seconds: float

    @property
    def undone(self) -> tuple[Undone, ...]:
        """Every check without a visit: those of the planner, and those that a visit which stays would have to hold."""
        return (*self.calendar.undone, *self.question.ahead.joining)

    @property
    def broken(self) -> tuple[Reason, ...]:
        """What the independent checker finds; with anything of it nobody adopts it."""
        programme, calendar = self.question.programme, self.calendar
        return (*new_faults(programme, calendar), *self.question.ahead.spared(programme, calendar))


class Inspections(Door):
    """The deeds about what is due and which calendar is in force.

    Parameters
    ----------
    ways
        Minutes between places.
    bases
        Longitude and latitude where a town's crews start.
    towns
        Names of the towns by their 9-digit code.
    zone
        Where the place keeps its calendar.
    scenes
        Those that premises may belong to, and the published items: nothing else is inspected without a lead.
    departments, fields
        Codes that departments and certificates of tables may have, with their names; any when left out.
    noon
        When crews have their break; None for days without one.
    """

    def __init__(
        self,
        door: Door,
        ways: Ways,
        bases: Bases,
        towns: Mapping[str, str],
        zone: tzinfo = CHINA,
        scenes: Scenes = NO_SCENES,
        departments: Codes | None = None,
        fields: Codes | None = None,
        noon: Noon | None = None,
    ) -> None:
        super().__init__(door.casebook, door.clock, door.rights)
        self.zone = zone
        self.ways = ways
        self.bases = bases
        self.noon = noon
        self.towns = towns
        self.scenes = scenes
        self.lists = Lists(towns, scenes, departments or {}, fields or {})

    def read(self, premises: Path | None, items: Path | None, datum: Datum) -> Delivery:
        """A delivery as .csv or .xlsx tables (`dispatch.inspections.tables`), towns by code or name.

        Premises may have the columns ``type, risk, credit`` of the register. Items are held against the book.

        Raises
        ------
        BadInput
            With every fault of both tables.
        """
        with self.casebook.reading() as connection:
            known = {place.id for place in inspections.premises(connection)} if items is not None else set()
        return read_delivery(premises, items, datum, known, self.lists)

    def take_in(
        self,
        actor: str,
        premises: Sequence[Premises],
        items: Sequence[DueItem],
        traits: Mapping[str, Traits] | None = None,
        *,
        now: datetime | None = None,
    ) -> TakenIn:
        """Premises and due items into the book; those of a known id are replaced.

        A finished item is due again when its days begin after the day on which it was done: that is the next check
        under the same number. With earlier days it is the check that was done, sent once more, and stays finished.

        ``traits`` is what the register says of some of the premises.

        Raises
        ------
        Refused
            ``nothing_given``; ``no_such_town`` for a town that is not the place's.
        Unknown
            An item's premises are neither given nor in the book.
        """
        with self.casebook.reading() as connection:
            here = _towns_touched(connection, premises, items)
        with self.deed("inspect_take_in", actor, Kind.INSPECTION, "due", now, place=around(here)) as (page, who):
            if _towns_touched(page.connection, premises, items) != here:  # else a right was asked for other towns
                raise Refused(Reason("based_on_changed", False))
            if not premises and not items:
                raise Refused(Reason("nothing_given", False))
            for town in sorted({place.town for place in premises} - self.towns.keys()):
                raise Refused(Reason("no_such_town", False, {"town": town}))
            known = inspections.known_premises(page.connection, {item.premises for item in items})
            known |= {place.id for place in premises}
            for item in items:
                if item.premises not in known:
                    raise Unknown("premises", item.premises)
            finished = self._finished(page.connection, items)
            inspections.keep_premises(page, premises, who.at)
            inspections.keep_items(page, [item for item in items if item.id not in finished])
            taken = TakenIn(len(premises), len(items) - len(finished), tuple(sorted(finished)))
            registered = {place.id: traits[place.id] for place in premises if traits and place.id in traits}
            keep_traits(page, registered)
            told: dict[str, Any] = {"premises": taken.premises, "items": taken.items, "registered": len(registered)}
            told |= {"finished": list(taken.finished), "sha256": _fingerprint(premises, items)}
            page.enter(who, Kind.INSPECTION, "due", details=told)
            return taken

    def _finished(self, connection: Connection, items: Sequence[DueItem]) -> frozenset[str]:
        """Ids of items that were done on the first of these days, or later."""
        done = inspections.done_at(connection, [item.id for item in items])
        some = (item for item in items if item.id in done)
        return frozenset(item.id for item in some if item.earliest <= done[item.id].astimezone(self.zone).date())

    def recuse(self, actor: str, given: Iterable[tuple[str, str]], *, now: datetime | None = None) -> None:
        """Which officer must not inspect which premises (Administrative Penalty Law, article 43), the whole list.

        Raises
        ------
        Refused
            ``no_such_officer``.
        Unknown
            For premises that are not in the book.
        """
        pairs = sorted(set(given))
        with self.deed("inspect_recuse", actor, Kind.INSPECTION, "recusals", now, place=around(self.towns)) as (
            page,
            who,
        ):
            roster = {officer.id for team in page.teams() for officer in team.officers}
            for officer in sorted({officer for officer, _ in pairs} - roster):
                raise Refused(Reason("no_such_officer", False, {"officer": officer}))
            places = {place for _, place in pairs}
            for place in sorted(places - inspections.known_premises(page.connection, places)):
                raise Unknown("premises", place)
            inspections.keep_recusals(page, pairs)
            page.enter(who, Kind.INSPECTION, "recusals", details={"set": [list(pair) for pair in pairs]})

    def extra(self, actor: str, item: DueItem, why: str, although: str = "", *, now: datetime | None = None) -> DueItem:
        """One more check made due beside the plans, with the reason; its id must be new.

        Without a lead only a published item of the scenes is checked (State Council, document 54 of 2024), by the
        department, with the certificate and in the minutes that the list says, whatever was asked, and no oftener in
        the year than it allows; what follows a lead is whatever the lead says.

        Raises
        ------
        Refused
            ``item_unlisted``, ``item_unpublished``, ``too_often``;
            ``visited_within`` when somebody was, or will be, at that door within thirty days, unless ``although`` says
            why it has to be all the same; ``needs_words``; ``reversed_dates``; ``day_is_over`` for a first day that is
            past; ``item_known``.
        """
        with self.casebook.reading() as connection:
            towns = {place.id: place.town for place in inspections.premises(connection)}
        place = towns.get(item.premises, "")
        with self.deed("inspect_extra", actor, Kind.INSPECTION, item.id, now, place=place) as (page, who):
            if not place:
                raise Unknown("premises", item.premises)
            reason = stated(why)
            still_ahead(item.earliest, item.latest, who.at.astimezone(self.zone).date())
            if inspections.items(page.connection, [item.id]):
                raise Refused(Reason("item_known", False, {"item": item.id}))
            if not item.led:
                item = self._as_listed(item)
            if often := too_often(yearly(page.connection, [place]), [item], self.scenes):
                raise Refused(*often.values())
            near = self.repeats(page.connection, item.premises, item.earliest, item.latest)
            if near and not although.strip():
                raise Refused(*near)
            inspections.keep_items(page, [item])
            kept: dict[str, str | int] = {
                "premises": item.premises,
                "reason": reason,
                "although": although.strip(),
                "repeats": len(near),
            }
            page.enter(who, Kind.INSPECTION, item.id, version_after=1, details=kept)
            return item

    def _as_listed(self, item: DueItem) -> DueItem:
        if (unlisted := self.scenes.against(item.name)) is not None:
            raise Refused(unlisted)
        listed = self.scenes.items[item.name]
        return replace(
            item,
            department=listed.department,
            certificate=listed.certificate,
            minutes=listed.minutes,
            remote=listed.remote,
        )

    def repeats(self, connection: Connection, place: str, first: date, last: date) -> tuple[Reason, ...]:
        """The visits, made or planned, within thirty days of a visit between two days: what to think of before."""
        now = inspections.in_force(connection, since=first - REPEAT)
        near = sorted(
            now.day_of(stop)
            for stop in now.stops.values()
            if stop.visit.premises == place
            and stop.status not in PUT_BACK
            and first - REPEAT < now.day_of(stop) < last + REPEAT
        )
        return tuple(
            Reason("visited_within", False, {"premises": place, "day": day.isoformat(), "days": REPEAT.days})
            for day in near
        )

    def question(self, towns: Collection[str], days: Sequence[date], *, now: datetime | None = None) -> Question:
        """What the planner is asked now for these towns; its answer can be adopted on the same day."""
        teams = self.casebook.teams()
        with self.casebook.reading() as connection:
            return self._ask(connection, teams, towns, days, now or self.clock())

    def adopt(self, actor: str, proposal: Proposal, *, now: datetime | None = None) -> Adopted:
        """The proposal made the calendar in force of its towns; crews' days that stay become part of it.

        Raises
        ------
        Refused
            With the first of what the independent checker finds (``CHECK_REASONS``); ``day_is_over`` for the first of
            its crews' days that is past; ``based_on_changed`` when premises, items, officers, what stays or the day are
            no longer as they were when it was asked for.
        """
        asked, calendar = proposal.question, proposal.calendar
        wrong = proposal.broken
        with self.deed("inspect_adopt", actor, Kind.INSPECTION, "calendar", now, place=around(asked.towns)) as (
            page,
            who,
        ):
            if wrong:
                raise Refused(*first_of(wrong))
            self._refuse_outdated(page, proposal, who.at)
            today = who.at.astimezone(self.zone).date()
            force = inspections.in_force(page.connection, asked.towns, today)
            bounds = bounds_once_adopted(proposal, force)
            adopted = Adopted(
                next_id(page.connection, Series.CALENDAR),
                who.at,
                who.name,
                asked.towns,
                asked.programme.days,
                proposal.seed,
                proposal.seconds,
                bounds,
            )
            outings, stops = _rows(adopted.id, calendar)
            inspections.write_calendar(page, adopted, outings, stops, proposal.undone, asked.kept)
            missed = _not_reached(force, asked.kept, today)
            for stop in missed:
                inspections.put_stop(page, stop.superseded())
            page.enter(
                who,
                Kind.INSPECTION,
                adopted.id,
                version_after=1,
                details={
                    "towns": list(asked.towns),
                    "seed": proposal.seed,
                    "calls": len(stops),
                    "kept": len(asked.kept),
                    "superseded": sorted(stop.id for stop in missed),
                    "officer_days": calendar.officer_days,
                    "bound": calendar.bound,
                    "bounds": bounds,
                    "undone": len(proposal.undone),
                    "standing": asked.standing,
                },
            )
            return adopted

    def _refuse_outdated(self, page: Writing, proposal: Proposal, at: datetime) -> None:
        """Raises Refused when the day or the ground of the proposal is no longer that of the answer."""
        asked, today = proposal.question, at.astimezone(self.zone).date()
        over = sorted(crew.day for crew in proposal.calendar.crews if crew.day < today)
        if over:
            raise Refused(Reason("day_is_over", False, {"day": over[0].isoformat()}))
        stands = self._ask(page.connection, page.teams(), asked.towns, asked.programme.days, at)
        if (stands.standing, stands.kept) != (asked.standing, asked.kept):
            raise Refused(Reason("based_on_changed", False))

    def _ask(
        self, connection: Connection, teams: Sequence[Team], towns: Collection[str], days: Sequence[date], at: datetime
    ) -> Question:
        today = at.astimezone(self.zone).date()
        return ask(connection, teams, towns, days, today, self.zone, self.ways, self.bases, self.noon)


def still_ahead(first: date, last: date, today: date) -> None:
    """Stop where days between which something becomes due are reversed, or begin before ``today``.

    Raises
    ------
    Refused
        ``reversed_dates``; ``day_is_over`` with the day.
    """
    if last < first:
        raise Refused(Reason("reversed_dates", False, {"first": first.isoformat(), "last": last.isoformat()}))
    if first < today:
        raise Refused(Reason("day_is_over", False, {"day": first.isoformat()}))


def _towns_touched(connection: Connection, premises: Sequence[Premises], items: Sequence[DueItem]) -> frozenset[str]:
    """Towns in which a delivery changes something: where its premises and items are to lie, and where they lie now."""
    lie = {place.id: place.town for place in inspections.premises(connection)}
    will = lie | {place.id: place.town for place in premises}
    ids = {item.id for item in items}
    before = [each.premises for each in inspections.due_items(connection, open_only=False) if each.id in ids]
    touched = {lie[place.id] for place in premises if place.id in lie} | {
        lie[place] for place in before if place in lie
    }
    return frozenset(touched | {place.town for place in premises} | {will.get(item.premises, "") for item in items})


def _not_reached(force: InForce, kept: Collection[str], today: date) -> list[Stop]:
    """Calls of crews that stay, on a day that is over: nobody comes any more, and their checks are planned anew."""
    return [
        stop
        for stop in force.stops.values()
        if stop.outing in kept and stop.status in AHEAD and force.day_of(stop) < today
    ]


def bounds_once_adopted(proposal: Proposal, force: InForce) -> dict[str, int]:
    """By town that was asked about, the bound that stands once the proposal replaces what is in ``force``."""
    return {town: _bound(proposal, force, town) for town in proposal.question.towns}


def _bound(proposal: Proposal, force: InForce, town: str) -> int:
    """Officer-days below which no crews can be that make the town's calls, those that have begun as they are.

    Of a crew that stays and has not begun only its calls count: it may take others on, or give its own away.
    """
    programme = proposal.question.programme
    crews = [force.outings[name] for name in proposal.question.kept if force.outings[name].town == town]
    out = {one.id for one in crews if any(stop.status not in AHEAD for stop in force.of(one.id))}
    known = {place.id for place in programme.premises if place.town == town}
    visits = [replace(stop.visit, id=stop.id) for one in crews if one.id not in out for stop in force.of(one.id)]
    new = [call.visit for crew in proposal.calendar.crews if crew.town == town for call in crew.calls]
    both = [visit for visit in (*visits, *new) if visit.premises in known] if visits else []
    gone = sum(len(one.officers) for one in crews if one.id in out)
    return gone + max(proposal.calendar.bounds.get(town, 0), quick_bound(programme, town, both))


def _rows(calendar_id: str, calendar: Calendar) -> tuple[list[Outing], list[Stop]]:
    outings, stops = [], []
    for crew in calendar.crews:
        name = f"{calendar_id}-{crew.id}"
        outings.append(Outing(name, calendar_id, crew.day, crew.town, crew.officers, crew.travel))
        stops += [
            Stop(f"{calendar_id}-{call.visit.id}", name, call.visit, call.arrive, call.leave) for call in crew.calls
        ]
    return outings, stops


def _fingerprint(premises: Sequence[Premises], items: Sequence[DueItem]) -> str:
    told = {"premises": [repr(one) for one in premises], "items": [repr(one) for one in items]}
    return sha256(canonical(told).encode()).hexdigest()
