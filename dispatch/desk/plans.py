"""Departments' year plans: a sheet looked at, held against the book, and taken in line by line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection

from dispatch.desk.caps import counted
from dispatch.desk.door import Door
from dispatch.desk.inspections import Inspections
from dispatch.desk.newer import Newer, YearBook, newer
from dispatch.desk.plansheets import table_of
from dispatch.desk.question import around, inspectors
from dispatch.desk.refusals import Refused
from dispatch.desk.yearly import beside_plans
from dispatch.inspections.plans import Ground, plan_of
from dispatch.inspections.registers import InspectorRegister, PremisesRegister, RiskClasses
from dispatch.inspections.scenes import Scenes
from dispatch.records.calls import CallStatus
from dispatch.records.reason import Reason
from dispatch.records.team import Role, Team
from dispatch.rulebook.lists import ListFile
from dispatch.store import inspections, plans
from dispatch.store.inspections import InForce
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor, Writing
from gis.schemas import Fault

HELD = frozenset({CallStatus.LOCKED, CallStatus.UNDER_WAY, CallStatus.DONE})
"""Calls whose checks no newer sheet moves or withdraws."""
PLAN_DESK_REASONS = (
    "not_this_year",  # year
    "plan_based_on_changed",
    "line_begun",  # line, department
)


@dataclass(frozen=True, slots=True)
class ProposedPlan:
    """A sheet as it was read, and what it would change, for somebody to take or to put away.

    Attributes
    ----------
    towns
        Those for which the sheet speaks.
    touched
        Towns in which it plans, withdraws or moves something.
    day, people
        The day it was looked at, from which checks are arranged, and who might inspect on it.
    sequence
        The ledger's last entry when it was held against the book.
    """

    file: str
    table: Sequence[Sequence[str]] = field(repr=False)
    year: int
    towns: tuple[str, ...]
    change: Newer
    touched: tuple[str, ...]
    day: date = field(compare=False)
    people: InspectorRegister = field(compare=False, repr=False)
    sequence: int = field(compare=False)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What the department has to mend, by row."""
        return self.change.sheet.all_faults


class Plans(Door):
    """The deeds about departments' sheets.

    Parameters
    ----------
    desk
        The desk of inspections whose door and towns it shares."""

    def __init__(self, desk: Inspections, scenes: Scenes, risks: RiskClasses) -> None:
        super().__init__(desk.casebook, desk.clock, desk.rights)
        self._desk = desk
        self.scenes = scenes
        self.risks = risks

    def look_at_plan(
        self, path: Path, year: int, towns: Collection[str] | None = None, *, now: datetime | None = None
    ) -> ProposedPlan:
        """What a department's plan of a year in a .csv or .xlsx file would change, as far as its rows can be taken.

        The sheet is all that its departments plan in ``towns`` (without them, in the whole place): see
        `dispatch.desk.newer.newer`.

        Raises
        ------
        BadInput
            When the file cannot be read or a column is missing.
        Refused
            ``not_this_year`` for a year that is over, or lies behind the next.
        """
        file, table = table_of(path)
        today = self._day(now or self.clock())
        return self._proposed(file.name, table, year, tuple(sorted(towns or self._desk.towns)), today)

    def look_again(self, proposed: ProposedPlan, *, now: datetime | None = None) -> ProposedPlan:
        """The same sheet held against the book as it is now.

        Raises
        ------
        Refused
            ``not_this_year``.
        """
        today = self._day(now or self.clock())
        return self._proposed(proposed.file, proposed.table, proposed.year, proposed.towns, today)

    def take_plan(self, actor: str, proposed: ProposedPlan, *, now: datetime | None = None) -> ProposedPlan:
        """What was looked at into the book. Reading and arranging is done before the book is locked.

        Raises
        ------
        Refused
            ``plan_based_on_changed`` when the sheet would change something else by now, see `look_again`;
            ``not_this_year``.
        """
        asked = proposed
        while True:
            if asked != proposed:
                with self._taking(actor, proposed, now):
                    raise Refused(Reason("plan_based_on_changed", False))
            with self._taking(actor, proposed, now) as (page, who):
                if self._stands(page, asked, self._day(who.at)):
                    self._write_plan(page, who, asked)
                    return asked
            asked = self.look_again(proposed, now=now)

    def _taking(
        self, actor: str, proposed: ProposedPlan, now: datetime | None
    ) -> AbstractContextManager[tuple[Writing, Actor]]:
        """The deed of taking a plan, in the towns in which it changes something."""
        return self.deed("inspect_plan", actor, Kind.INSPECTION, "plans", now, place=around(proposed.touched))

    def _stands(self, page: Writing, asked: ProposedPlan, today: date) -> bool:
        """Whether day, book and roster are those that were looked at; the roster changes without a deed of ours."""
        if today != asked.day or inspections.done_since(page.connection, asked.sequence)[1]:
            return False
        return self._people(page.connection, page.teams(), today) == asked.people

    def _proposed(
        self, file: str, table: Sequence[Sequence[str]], year: int, towns: tuple[str, ...], today: date
    ) -> ProposedPlan:
        if not today.year <= year <= today.year + 1:
            raise Refused(Reason("not_this_year", False, {"year": year}))
        teams = self.casebook.teams()
        with self.casebook.reading() as connection:
            sequence, _ = inspections.done_since(connection, 0)
            force = inspections.in_force(connection)
            ground = self._ground(connection, force, teams, year, today)
            every = plans.checks(connection)
            kept = tuple(one for one in every if one.check.line.year == year)
            held = {item for stop in force.stops.values() if stop.status in HELD for item in stop.visit.items}
            held |= {one.check.id for one in kept if one.done}
            beside = beside_plans(connection, every)
            book = YearBook(tuple(plans.lines(connection, year=year)), kept, frozenset(held), beside)
        read = plan_of(ListFile(file), table, ground, year)
        change = newer(book, read, ground, towns, year, today)
        lines = (*change.sheet.lines, *change.withdrawn, *(was.line for was, _ in change.moved))
        touched = tuple(sorted({ground.premises.entries[line.premises].premises.town for line in lines}))
        return ProposedPlan(file, table, year, towns, change, touched, today, ground.people, sequence)

    @staticmethod
    def _write_plan(page: Writing, who: Actor, proposed: ProposedPlan) -> None:
        change = proposed.change
        plans.keep_lines(page, [*change.new, *change.changed], proposed.file)
        plans.drop_checks(page, change.dropped)
        gone = {line.key for line in change.withdrawn}
        plans.drop_lines(page, gone - change.partly)
        plans.say_withdrawn(page, change.partly)
        plans.keep_checks(page, change.added, fixed=False)
        plans.say_left_out(page, change.left_out)
        told = {"year": proposed.year, "sheet": proposed.file, "towns": list(proposed.towns)}
        told["sha256"] = sha256(repr(proposed.table).encode("utf-8")).hexdigest()
        counted = {"new": len(change.new), "changed": len(change.changed), "same": change.same}
        taken = {
            "withdrawn": sorted(f"{line.department}:{line.id}" for line in change.withdrawn),
            "off": sorted(check.id for check in change.off),
            "moved": {was.id: [was.earliest.isoformat(), will.earliest.isoformat()] for was, will in change.moved},
        }
        page.enter(who, Kind.INSPECTION, "plans", details={**told, **counted, "faults": len(proposed.faults), **taken})

    def _ground(self, connection: Connection, force: InForce, teams: Sequence[Team], year: int, today: date) -> Ground:
        """What a sheet is held against: the register with the visits of that year, and the roster with its recusals."""
        places = {each.id: each for each in counted(connection, force, None, year, self._desk.zone)}
        register = plans.registered(connection)
        entries = {id: replace(each, premises=places[id]) for id, each in register.items()}
        people = self._people(connection, teams, today)
        return Ground(PremisesRegister(entries), people, self.scenes, self.risks, self._desk.lists.departments)

    def _people(self, connection: Connection, teams: Sequence[Team], today: date) -> InspectorRegister:
        """Who may inspect on that day with what they must not, and who is known and may not."""
        found = inspectors(teams, self._desk.towns, [today], inspections.recusals(connection))
        others = {who.id: who.role for team in teams for who in team.officers if who.role is not Role.OFFICER}
        able = {who.id: who for who in found}
        known = {who.id for team in teams for who in team.officers}
        return InspectorRegister(able, others, ended=frozenset(known - able.keys() - others.keys()))

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._desk.zone).date()
