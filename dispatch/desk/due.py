"""What departments' plans owe: made due and taken back, brought together where two clash; scenes for one visit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain, count
from typing import Any

from sqlalchemy import Connection

from dispatch.desk.deed import stated
from dispatch.desk.door import Door
from dispatch.desk.inspections import Inspections, still_ahead
from dispatch.desk.question import around, stands
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.desk.yearly import too_often, yearly
from dispatch.inspections.clashes import Clash, clashes
from dispatch.inspections.due import WEEK, Check, in_week, roll_forward, weeks
from dispatch.inspections.scenes import Scenes
from dispatch.records.calls import CallStatus
from dispatch.records.inspection import DueItem
from dispatch.records.reason import Reason
from dispatch.rulebook.calendar import Calendar
from dispatch.store import inspections, plans
from dispatch.store.ledger import Entry, Kind
from dispatch.store.plans import KeptCheck
from dispatch.store.writing import Actor, Writing

DAY = timedelta(days=1)
DUE_DESK_REASONS = (
    "nothing_to_make_due",
    "nothing_made_due",
    "due_in_call",  # check
    "clash_is_gone",
    "other_common_day",  # day, was
    "no_common_day",
    "day_is_over",  # day
    "item_unlisted",  # item
    "item_unpublished",  # item, name, name_en
    "too_often",  # premises, item, name, name_en, times, most, year
)


@dataclass(frozen=True, slots=True)
class MadeDue:
    """Checks that became due, those of them that were missed before, and checks that are owed no more."""

    due: int
    rolled: int
    lapsed: int


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed on a day.

    Attributes
    ----------
    checks
        With new days where they were missed.
    kept
        Every check of the book that has not lapsed, by id, as the book has it.
    lapsed
        Ids of checks that are owed no more from today on, with the code of the reason.
    missed
        Ids of checks whose call came to nothing, or was never made.
    called
        Ids of checks that stand in a call which will be made or is under way; they keep their days.
    town_of
        The town of each premises.
    """

    checks: tuple[Check, ...]
    kept: Mapping[str, KeptCheck]
    lapsed: Mapping[str, str]
    missed: frozenset[str]
    called: frozenset[str]
    town_of: Mapping[str, str]

    @property
    def by_town(self) -> list[list[Check]]:
        """The checks, those of one town together: a town's work is dealt to weeks whoever else looks on."""
        found: dict[str, list[Check]] = {}
        for check in self.checks:
            found.setdefault(self.town_of[check.line.premises], []).append(check)
        return list(found.values())

    def due(self, check: Check) -> bool:
        """Whether it stands among the due items with these very days."""
        kept = self.kept[check.id]
        return kept.due and kept.check == check


class DueChecks(Door):
    """The deeds about what is owed by departments' plans, and about scenes.

    Parameters
    ----------
    desk
        The desk of inspections whose door it shares.
    calendar
        Which days are worked.
    """

    def __init__(self, desk: Inspections, scenes: Scenes, calendar: Calendar) -> None:
        super().__init__(desk.casebook, desk.clock, desk.rights)
        self._desk = desk
        self.scenes = scenes
        self.calendar = calendar

    def owed(self, connection: Connection, towns: Collection[str], today: date) -> Owed:
        """What is owed at premises of these towns on ``today``."""
        kept = {each.check.id: each for each in plans.checks(connection, towns) if not each.lapsed}
        done = {id for id, each in kept.items() if each.done}
        rolled = roll_forward([each.check for each in kept.values()], done, today)
        force = inspections.in_force(connection)
        standing = [stop for stop in force.stops.values() if stands(force, stop, today)]
        answered = {item for stop in standing for item in stop.visit.items}
        called = {item for stop in standing if stop.status is not CallStatus.DONE for item in stop.visit.items}
        missed = {item for stop in force.stops.values() for item in stop.visit.items} - answered
        lapsed = {check.id: reason.code for check, reason in rolled.lapsed}
        missed &= {check.id for check in rolled.checks}
        towns_of = {place.id: place.town for place in inspections.premises(connection, towns)}
        return Owed(rolled.checks, kept, lapsed, frozenset(missed), frozenset(called), towns_of)

    def in_month(self, owed: Owed, day: date) -> tuple[Check, ...]:
        """What can be done in the month of ``day``; what was missed comes first."""
        first, last = month(day)
        some = [check for check in owed.checks if check.earliest <= last and check.latest >= first]
        return tuple(sorted(some, key=lambda check: (-check.rolled, check.id not in owed.missed)))

    def in_week(self, owed: Owed, monday: date, today: date) -> tuple[Check, ...]:
        """What is to be done in the week of ``monday``, held within its days; what was missed comes first."""
        some = (in_week(town, monday, self.calendar, today, owed.missed) for town in owed.by_town)
        first = sorted(chain.from_iterable(some), key=lambda check: (-check.rolled, check.id not in owed.missed))
        return tuple(first)

    def to_come(self, owed: Owed, day: date, today: date, *, week: bool = False) -> tuple[Check, ...]:
        """What :meth:`make_due` would make due for the month of ``day``, or its week: what the button says."""
        some = self.in_week(owed, day - DAY * day.weekday(), today) if week else self.in_month(owed, day)
        return tuple(check for check in some if not owed.due(check) and check.id not in owed.called)

    def weeks(self, owed: Owed, since: date) -> dict[date, tuple[Check, ...]]:
        """Everything owed by the Monday of its week, none before ``since``."""
        found: dict[date, list[Check]] = {}
        for town in owed.by_town:
            for monday, some in weeks(town, self.calendar, since, owed.missed).items():
                found.setdefault(monday, []).extend(some)
        return {monday: tuple(found[monday]) for monday in sorted(found)}

    def make_due(
        self, actor: str, towns: Collection[str], day: date, *, week: bool = False, now: datetime | None = None
    ) -> MadeDue:
        """What the plans have for the month of ``day``, or its week, made due under the ids of the checks.

        What was missed gets its new days, and what is owed no more is due no more. A check of a week is held within it.

        Raises
        ------
        Refused
            ``day_is_over`` when the month, or the week, has passed; ``nothing_to_make_due``.
        """
        with self.deed("inspect_due", actor, Kind.INSPECTION, "due", now, place=around(sorted(towns))) as (page, who):
            today = self._day(who.at)
            monday = day - DAY * day.weekday()
            last = monday + WEEK - DAY if week else month(day)[1]
            if last < today:
                raise Refused(Reason("day_is_over", False, {"day": last.isoformat()}))
            owed = self.owed(page.connection, towns, today)
            new = self.to_come(owed, day, today, week=week)
            if not new and not owed.lapsed:
                raise Refused(Reason("nothing_to_make_due", False))
            ids = [check.id for check in new]
            was = {id: _told(owed.kept[id]) for id in ids}
            before = {id: item for id, item in inspections.items(page.connection, ids).items() if owed.kept[id].due}
            plans.keep_checks(page, new, fixed=True)
            inspections.keep_items(page, [check.due() for check in new])
            plans.lapse(page, owed.lapsed)
            made = MadeDue(len(new), sum(bool(check.rolled) for check in new), len(owed.lapsed))
            told: dict[str, Any] = {"first": (monday if week else month(day)[0]).isoformat(), "last": last.isoformat()}
            counted = {"due": made.due, "rolled": made.rolled, "lapsed": dict(owed.lapsed)}
            for id, item in before.items():
                was[id] |= {"due": [item.earliest.isoformat(), item.latest.isoformat()]}
            told |= {"was": was, "set": {check.id: _days(check) for check in new}}
            page.enter(who, Kind.INSPECTION, "due", details={"towns": sorted(towns), **told, **counted})
            return made

    def undo_due(self, actor: str, seen: int | None = None, *, now: datetime | None = None) -> int:
        """The actor's last month or week made due taken back; how many checks that concerns.

        They have their days of before, and are due as they were. What is owed no more since stays so. ``seen`` is the
        number of the deed that was the last when the actor looked; whatever is last when it is not said.

        Raises
        ------
        Refused
            ``nothing_made_due``; ``due_in_call`` when one of them stands in a calendar by now, or was made.
        Stale
            When one of them has other days by now, or the actor has made something else due since.
        """
        last = self.last_made_due(actor, now or self.clock())
        area = around(last.details["towns"]) if last is not None else None
        with self.deed("inspect_due_undo", actor, Kind.INSPECTION, "due", now, place=area) as (page, who):
            if last is None:
                raise Refused(Reason("nothing_made_due", False))
            if seen is not None and seen != last.sequence:
                newest = page.latest(Kind.INSPECTION, last.subject, "inspect_due", "inspect_due_undo")
                raise Stale("deed", last.subject, seen, last.sequence, newest)
            return _taken_back(page, who, last, self.owed(page.connection, last.details["towns"], self._day(who.at)))

    def last_made_due(self, actor: str, at: datetime) -> Entry | None:
        """What :meth:`undo_due` would take back: of the last seven days, and told with what was before."""
        entries = self.casebook.deeds_of(actor, "inspect_due", "inspect_due_undo", since=at - WEEK)
        undone = {entry.details.get("undoes") for entry in entries if entry.deed == "inspect_due_undo"}
        made = (each for each in entries if each.deed == "inspect_due" and each.sequence not in undone)
        return next((each for each in made if each.details.get("was")), None)

    def clashes(self, connection: Connection, owed: Owed) -> tuple[Clash, ...]:
        """Where two departments would come to one door within thirty days on days that do not meet, unanswered."""
        left = plans.left_apart(connection)
        found = clashes(check.due() for check in owed.checks)
        return tuple(each for each in found if (each.earlier, each.later) not in left)

    def meeting_day(self, owed: Owed, clash: Clash, today: date) -> date | None:
        """The last working day of the earlier check from ``today`` on, on which both can come; None without one."""
        earlier = next(check for check in owed.checks if check.id == clash.earlier)
        first = max(today, earlier.earliest)
        days = ((clash.move_to - DAY * back) for back in range((clash.move_to - first).days + 1))
        return next(filter(self.calendar.working, days), None)

    def answer_clash(
        self, actor: str, earlier: str, later: str, why: str = "", *, on: date | None, now: datetime | None = None
    ) -> None:
        """A clash brought to one visit, by letting the later check begin ``on`` `meeting_day`, or left with a reason.

        Raises
        ------
        Refused
            ``clash_is_gone`` when these checks clash no longer; ``no_common_day``; ``other_common_day`` when by now it
            is not the one that was said; ``needs_words`` for a clash that is left without one.
        Unknown
            No line of the book has such a check.
        """
        with self.casebook.reading() as connection:
            line = next((one.check.line for one in plans.checks(connection) if one.check.id == later), None)
            if line is None:
                raise Unknown("check", later)
            town = next(one.town for one in inspections.premises(connection) if one.id == line.premises)
        with self.deed("inspect_clash", actor, Kind.INSPECTION, later, now, place=town) as (page, who):
            owed = self.owed(page.connection, [town], self._day(who.at))
            here = self.clashes(page.connection, owed)
            clash = next((each for each in here if (each.earlier, each.later) == (earlier, later)), None)
            if clash is None:
                raise Refused(Reason("clash_is_gone", False))
            told: dict[str, str] = {"earlier": earlier, "premises": clash.premises}
            if on is not None:
                check = next(each for each in owed.checks if each.id == later)
                day = self.meeting_day(owed, clash, self._day(who.at))
                if day is None:
                    raise Refused(Reason("no_common_day", False))
                if day != on:
                    raise Refused(Reason("other_common_day", False, {"day": day.isoformat(), "was": on.isoformat()}))
                moved = replace(check, earliest=day)
                plans.keep_checks(page, [moved], fixed=True)
                if owed.kept[later].due:
                    inspections.keep_items(page, [moved.due()])
                told |= {"was": check.earliest.isoformat(), "set": moved.earliest.isoformat()}
            else:
                told["apart"] = stated(why)
                plans.leave_apart(page, earlier, later, told["apart"], who.name, who.at)
            page.enter(who, Kind.INSPECTION, later, details=told)

    def scene_due(
        self,
        actor: str,
        place: str,
        codes: Sequence[str],
        first: date,
        last: date,
        why: str,
        although: str = "",
        *,
        now: datetime | None = None,
    ) -> tuple[DueItem, ...]:
        """Items of a scene made due together at one premises, so that one visit checks them; what is due stays.

        Raises
        ------
        Refused
            As for an extra check; ``nothing_to_make_due`` when all of them are due already;
            ``too_often`` for each item that would be checked oftener in the year than its list allows.
        """
        with self.casebook.reading() as connection:
            towns = {one.id: one.town for one in inspections.premises(connection)}
        town = towns.get(place, "")
        with self.deed("inspect_scene", actor, Kind.INSPECTION, place, now, place=town) as (page, who):
            if not town:
                raise Unknown("premises", place)
            reason = stated(why)
            still_ahead(first, last, self._day(who.at))
            near = self._desk.repeats(page.connection, place, first, last)
            if near and not although.strip():
                raise Refused(*near)
            there = self.due_here(page.connection, place)
            new = [code for code in dict.fromkeys(codes) if code not in there]
            items = tuple(self._item(page.connection, code, place, first, last) for code in new)
            if not items:
                raise Refused(Reason("nothing_to_make_due", False))
            if often := too_often(yearly(page.connection, [town]), items, self.scenes):
                raise Refused(*often.values())
            inspections.keep_items(page, items)
            told = {"items": [item.id for item in items], "reason": reason, "although": although.strip()}
            page.enter(who, Kind.INSPECTION, place, details=told)
            return items

    def due_here(self, connection: Connection, place: str) -> dict[str, str]:
        """Codes of the scenes' items that are due at these premises, however they became due, with their ids."""
        here = (item for item in inspections.due_items(connection) if item.premises == place)
        named = {item.name: item.id for item in here if item.name in self.scenes.items}
        return named | plans.due_for(connection, place)

    def _item(self, connection: Connection, code: str, place: str, first: date, last: date) -> DueItem:
        """A check of a scene under an id that no other has had: one that was made stays made."""
        if (reason := self.scenes.against(code)) is not None:
            raise Refused(reason)
        item = self.scenes.items[code]
        stem = f"{place}:{code}:{first:%Y%m%d}"
        names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
        name = next(name for name in names if not inspections.items(connection, [name]))
        return DueItem(
            name, place, item.department, item.certificate, item.minutes, first, last, name=code, remote=item.remote
        )

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._desk.zone).date()


def _days(check: Check) -> list[str | int]:
    return [check.earliest.isoformat(), check.latest.isoformat(), check.rolled]


def _told(kept: KeptCheck) -> dict[str, Any]:
    return {"days": _days(kept.check), "fixed": kept.fixed}


def _taken_back(page: Writing, who: Actor, entry: Entry, owed: Owed) -> int:
    """The checks of an entry with the days they had, and due as they were."""
    was, made = entry.details["was"], entry.details["set"]
    kept = {id: owed.kept[id] for id in was if id in owed.kept}
    for id, one in sorted(kept.items()):
        if one.done or id in owed.called:
            raise Refused(Reason("due_in_call", False, {"check": id}))
        if _days(one.check) != made[id]:
            raise Stale("check", id, 1, 2, page.latest(Kind.INSPECTION, "due"))
    inspections.drop_items(page, kept)
    for fixed in (False, True):
        back = [_with_days(one.check, was[id]["days"]) for id, one in kept.items() if was[id]["fixed"] is fixed]
        plans.keep_checks(page, back, fixed=fixed)
    due = [(one.check, was[id]["due"]) for id, one in kept.items() if "due" in was[id]]
    inspections.keep_items(page, [_with_days(check, [*days, check.rolled]).due() for check, days in due])
    page.enter(who, Kind.INSPECTION, "due", details={"undoes": entry.sequence, "checks": sorted(kept)})
    return len(kept)


def _with_days(check: Check, days: Sequence[Any]) -> Check:
    first, last, rolled = days
    return replace(check, earliest=date.fromisoformat(first), latest=date.fromisoformat(last), rolled=rolled)


def month(day: date) -> tuple[date, date]:
    """The first and last day of the month of ``day``.

    >>> month(date(2026, 2, 10))
    (datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))
    """
    first = day.replace(day=1)
    return first, (first + 32 * DAY).replace(day=1) - DAY
