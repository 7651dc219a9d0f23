"""Departments' year plans: taken in line by line, arranged over the months, made due, and where two of them clash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection

from dispatch.desk.deed import stated
from dispatch.desk.door import Door
from dispatch.desk.inspections import Inspections
from dispatch.desk.plansheets import table_of
from dispatch.desk.question import around, inspectors, stands
from dispatch.desk.refusals import Refused, Unknown
from dispatch.inspections.clashes import Clash, clashes
from dispatch.inspections.due import WEEK, Check, arrange, in_week, roll_forward, weeks
from dispatch.inspections.plans import Ground, PlanLine, PlanSheet, plan_of, side_by_side
from dispatch.inspections.plans import Refused as Line
from dispatch.inspections.registers import InspectorRegister, PremisesRegister, RiskClasses
from dispatch.inspections.scenes import Scenes
from dispatch.records.calls import CallStatus
from dispatch.records.inspection import DueItem
from dispatch.records.reason import Reason
from dispatch.records.team import Role, Team
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.lists import ListFile
from dispatch.store import inspections, plans
from dispatch.store.ledger import Kind
from dispatch.store.plans import KeptCheck
from dispatch.store.writing import Writing
from gis.schemas import Fault

DAY = timedelta(days=1)
PLAN_DESK_REASONS = (
    "not_this_year",  # year
    "line_begun",  # line, department
    "nothing_to_make_due",
    "clash_is_gone",
    "no_common_day",
    "day_is_over",  # day
    "item_unpublished",  # item, name
)


@dataclass(frozen=True, slots=True)
class TakenPlan:
    """What became of a department's sheet.

    Attributes
    ----------
    new, changed, same
        Lines that the book did not have, had otherwise, had already.
    checks
        How many checks the lines of these towns are arranged into that nobody has made due yet.
    left_out
        Checks of these lines for which the annual cap has no room.
    faults
        What the department has to mend, by row.
    """

    new: int
    changed: int
    same: int
    checks: int
    left_out: int
    faults: tuple[Fault, ...]


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
    """

    checks: tuple[Check, ...]
    kept: Mapping[str, KeptCheck]
    lapsed: Mapping[str, str]
    missed: frozenset[str]

    def due(self, check: Check) -> bool:
        """Whether it stands among the due items with these very days."""
        kept = self.kept[check.id]
        return kept.due and kept.check == check


class Plans(Door):
    """The deeds about departments' plans and scenes.

    Parameters
    ----------
    desk
        The desk of inspections whose door and towns it shares.
    calendar
        Which days are worked.
    """

    def __init__(self, desk: Inspections, scenes: Scenes, risks: RiskClasses, calendar: Calendar) -> None:
        super().__init__(desk.casebook, desk.clock, desk.rights)
        self._desk = desk
        self.scenes = scenes
        self.risks = risks
        self.calendar = calendar

    def take_plan(self, actor: str, path: Path, year: int, *, now: datetime | None = None) -> TakenPlan:
        """A department's plan of a year in a .csv or .xlsx file into the book, as far as its rows can be taken.

        A line of a known id takes the former's place, so that a mended sheet is handed in whole; once one of its checks
        was made due, it stays. What nobody has made due yet is arranged anew over the months that are left.

        Raises
        ------
        BadInput
            When the file cannot be read or a column is missing.
        Refused
            ``not_this_year`` for a year that is over, or lies behind the next.
        """
        file, table = table_of(path)
        teams = self.casebook.teams()
        with self.casebook.reading() as connection:
            ground = self._ground(connection, teams, now or self.clock())
            read = plan_of(ListFile(file.name), table, ground)
            towns = self._towns_of(ground, read.lines) | self._former_towns(connection, ground, read.lines)
        if not read.lines:
            return TakenPlan(0, 0, 0, 0, 0, read.all_faults)
        with self.deed("inspect_plan", actor, Kind.INSPECTION, "plans", now, place=around(towns)) as (page, who):
            today = self._day(who.at)
            if not today.year <= year <= today.year + 1:
                raise Refused(Reason("not_this_year", False, {"year": year}))
            ground = self._ground(page.connection, page.teams(), who.at)
            sheet = plan_of(ListFile(file.name), table, ground)
            sheet, known = _beside_the_book(page.connection, sheet)
            same = {line.key for line in sheet.lines if known.get(line.key) == line}
            written = [line for line in sheet.lines if line.key not in same]
            plans.keep_lines(page, written, year, file.name)
            towns |= self._towns_of(ground, [known[line.key] for line in written if line.key in known])
            left_out: Counter[tuple[str, str]] = Counter()
            count = 0
            for town in sorted(towns):
                refused, checks = self._arrange(page, ground, town, year, today)
                left_out.update(each.line.key for each in refused)
                count += checks
            mine = [each.key for each in sheet.lines]
            changed = sum(line.key in known for line in written)
            faults = sheet.all_faults
            taken = TakenPlan(
                len(written) - changed, changed, len(same), count, sum(left_out[key] for key in mine), faults
            )
            told = {"year": year, "sheet": file.name, "sha256": sha256(repr(table).encode("utf-8")).hexdigest()}
            counted = {"new": taken.new, "changed": changed, "same": taken.same, "faults": len(faults)}
            page.enter(who, Kind.INSPECTION, "plans", details={**told, **counted})
            return taken

    def owed(self, connection: Connection, towns: Collection[str], today: date) -> Owed:
        """What is owed at premises of these towns on ``today``."""
        kept = {each.check.id: each for each in plans.checks(connection, towns) if not each.lapsed}
        done = {id for id, each in kept.items() if each.done}
        rolled = roll_forward([each.check for each in kept.values()], done, today)
        force = inspections.in_force(connection)
        missed = {
            item for stop in force.stops.values() if not stands(force, stop, today) for item in stop.visit.items
        } - {item for stop in force.stops.values() if stands(force, stop, today) for item in stop.visit.items}
        lapsed = {check.id: reason.code for check, reason in rolled.lapsed}
        return Owed(rolled.checks, kept, lapsed, frozenset(missed & {check.id for check in rolled.checks}))

    def in_month(self, owed: Owed, day: date) -> tuple[Check, ...]:
        """What can be done in the month of ``day``; what was missed comes first."""
        first, last = month(day)
        some = [check for check in owed.checks if check.earliest <= last and check.latest >= first]
        return tuple(sorted(some, key=lambda check: (-check.rolled, check.id not in owed.missed)))

    def in_week(self, owed: Owed, monday: date) -> tuple[Check, ...]:
        """What is to be done in the week of ``monday``, held within its days; what was missed comes first."""
        return in_week(owed.checks, monday, self.calendar, owed.missed)

    def weeks(self, owed: Owed, since: date) -> dict[date, tuple[Check, ...]]:
        """Everything owed by the Monday of its week, none before ``since``."""
        return weeks(owed.checks, self.calendar, since, owed.missed)

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
            some = self.in_week(owed, monday) if week else self.in_month(owed, day)
            new = [check for check in some if not owed.due(check)]
            if not new and not owed.lapsed:
                raise Refused(Reason("nothing_to_make_due", False))
            plans.keep_checks(page, new, fixed=True)
            inspections.keep_items(page, [check.due() for check in new])
            plans.lapse(page, owed.lapsed)
            made = MadeDue(len(new), sum(bool(check.rolled) for check in new), len(owed.lapsed))
            told = {"first": (monday if week else month(day)[0]).isoformat(), "last": last.isoformat()}
            counted = {"due": made.due, "rolled": made.rolled, "lapsed": dict(owed.lapsed)}
            page.enter(who, Kind.INSPECTION, "due", details={"towns": sorted(towns), **told, **counted})
            return made

    def clashes(self, connection: Connection, owed: Owed) -> tuple[Clash, ...]:
        """Where two departments would come to one door within thirty days on days that do not meet, unanswered."""
        left = plans.left_apart(connection)
        found = clashes(check.due() for check in owed.checks)
        return tuple(each for each in found if (each.earlier, each.later) not in left)

    def meeting_day(self, owed: Owed, clash: Clash) -> date | None:
        """The last working day of the earlier check, on which both can come; None when it has none."""
        earlier = next(check for check in owed.checks if check.id == clash.earlier)
        days = ((clash.move_to - DAY * back) for back in range((clash.move_to - earlier.earliest).days + 1))
        return next(filter(self.calendar.working, days), None)

    def answer_clash(
        self, actor: str, earlier: str, later: str, why: str = "", *, together: bool, now: datetime | None = None
    ) -> None:
        """A clash brought to one visit, by letting the later check begin on `meeting_day`, or left with a reason.

        Raises
        ------
        Refused
            ``clash_is_gone`` when these checks clash no longer; ``no_common_day``; ``needs_words`` for a clash that is
            left without one.
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
            if together:
                check = next(each for each in owed.checks if each.id == later)
                day = self.meeting_day(owed, clash)
                if day is None:
                    raise Refused(Reason("no_common_day", False))
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
            As for an extra check, and ``item_unpublished``; ``nothing_to_make_due`` when all of them are due already.
        """
        with self.casebook.reading() as connection:
            towns = {one.id: one.town for one in inspections.premises(connection)}
        town = towns.get(place, "")
        with self.deed("inspect_scene", actor, Kind.INSPECTION, place, now, place=town) as (page, who):
            if not town:
                raise Unknown("premises", place)
            reason = stated(why)
            if last < first:
                raise Refused(Reason("reversed_dates", False, {"first": first.isoformat(), "last": last.isoformat()}))
            near = self._desk.repeats(page.connection, place, first, last)
            if near and not although.strip():
                raise Refused(*near)
            there = self.due_here(page.connection, place)
            items = tuple(self._item(code, place, first, last) for code in dict.fromkeys(codes) if code not in there)
            if not items:
                raise Refused(Reason("nothing_to_make_due", False))
            inspections.keep_items(page, items)
            told = {"items": [item.id for item in items], "reason": reason, "although": although.strip()}
            page.enter(who, Kind.INSPECTION, place, details=told)
            return items

    def due_here(self, connection: Connection, place: str) -> dict[str, str]:
        """Codes of the scenes' items that are due at these premises, by a plan or made due here, with their ids."""
        made = {
            item.id.removeprefix(f"{place}:").partition(":")[0]: item.id
            for item in inspections.due_items(connection)
            if item.premises == place and item.id.startswith(f"{place}:")
        }
        return made | plans.due_for(connection, place)

    def _item(self, code: str, place: str, first: date, last: date) -> DueItem:
        item = self.scenes.items.get(code)
        if item is None:
            raise Unknown("item", code)
        if not item.published:
            raise Refused(Reason("item_unpublished", False, {"item": code, "name": item.name_zh}))
        name = f"{place}:{code}:{first:%Y%m%d}"
        return DueItem(name, place, item.department, item.certificate, item.minutes, first, last)

    def _ground(self, connection: Connection, teams: Sequence[Team], at: datetime) -> Ground:
        """What a sheet is held against: the register with this year's visits, and the roster with its recusals."""
        register = plans.registered(connection)
        made = Counter(
            stop.visit.premises
            for stop in inspections.in_force(connection).stops.values()
            if stop.status is CallStatus.DONE
        )
        entries = {
            id: replace(
                each, premises=replace(each.premises, visits_this_year=each.premises.visits_this_year + made[id])
            )
            for id, each in register.items()
        }
        people = inspectors(teams, self._desk.towns, [self._day(at)], inspections.recusals(connection))
        others = {who.id: who.role for team in teams for who in team.officers if who.role is not Role.OFFICER}
        roster = InspectorRegister({who.id: who for who in people}, others)
        return Ground(PremisesRegister(entries), roster, self.scenes, self.risks)

    def _arrange(
        self, page: Writing, ground: Ground, town: str, year: int, today: date
    ) -> tuple[tuple[Line, ...], int]:
        """A town's lines of a year over its months anew, but for lines of which a check has fixed days."""
        kept = plans.checks(page.connection, [town], year)
        fixed = {each.check.line.key for each in kept if each.fixed}
        standing = [each.check for each in kept if each.check.line.key in fixed and not (each.done or each.lapsed)]
        some = [each.line for each in plans.lines(page.connection, [town], year) if each.line.key not in fixed]
        found = arrange(some, ground, year, today if today.year == year else None, standing)
        plans.drop_checks(page, [each.check.id for each in kept if each.check.line.key not in fixed])
        new = [check for check in found.checks if check.line.key not in fixed]
        plans.keep_checks(page, new, fixed=False)
        count = Counter(each.line.key for each in found.refused)
        plans.say_left_out(page, {line.key: count[line.key] for line in some})
        return found.refused, len(new)

    def _towns_of(self, ground: Ground, lines: Sequence[PlanLine]) -> set[str]:
        return {ground.premises.entries[line.premises].premises.town for line in lines}

    def _former_towns(self, connection: Connection, ground: Ground, lines: Sequence[PlanLine]) -> set[str]:
        """Towns in which lines of these keys stood before."""
        keys = {line.key for line in lines}
        former = [each.line for each in plans.lines(connection) if each.line.key in keys]
        return self._towns_of(ground, former)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._desk.zone).date()


def month(day: date) -> tuple[date, date]:
    """The first and last day of the month of ``day``.

    >>> month(date(2026, 2, 10))
    (datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))
    """
    first = day.replace(day=1)
    return first, (first + 32 * DAY).replace(day=1) - DAY


def _beside_the_book(connection: Connection, sheet: PlanSheet) -> tuple[PlanSheet, dict[tuple[str, str], PlanLine]]:
    """The sheet with what the book's other lines and begun checks refuse, and the book's lines of the same keys."""
    book = {each.line.key: each.line for each in plans.lines(connection)}
    begun = {each.check.line.key for each in plans.checks(connection) if each.fixed}
    known = {line.key: replace(book[line.key], row=line.row) for line in sheet.lines if line.key in book}
    refused = [
        Line(line, Reason("line_begun", False, {"line": line.id, "department": line.department}))
        for line in sheet.lines
        if line.key in begun and known[line.key] != line
    ]
    out = {each.line.key for each in refused}
    own = {line.key for line in sheet.lines}
    rest = PlanSheet("", tuple(line for key, line in book.items() if key not in own or key in out))
    kept = replace(sheet, lines=tuple(line for line in sheet.lines if line.key not in out))
    kept = side_by_side((rest, kept))[1]
    return replace(kept, refused=(*kept.refused, *refused)), known
