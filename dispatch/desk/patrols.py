"""A town's patrol: what lies where, the plan of a period, and the proof that its rounds were drawn."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from dispatch.desk.door import Door
from dispatch.desk.incidents import Desk
from dispatch.desk.patrolobjects import read_objects
from dispatch.desk.question import Bases
from dispatch.desk.refusals import Refused, Unknown
from dispatch.inspections.lots import ALGORITHM, VERSION
from dispatch.inspections.patrol_coverage import Fared, could_have, fared, looked
from dispatch.inspections.patrol_items import PatrolItem
from dispatch.inspections.patrol_owed import RULES
from dispatch.inspections.patrol_places import PatrolGround, kinds_by_cell
from dispatch.inspections.patrol_plan import (
    Audit,
    Drawn,
    Terms,
    TownGround,
    audit,
    commitment,
    draw,
    drawn_for,
    in_the_book,
    kept,
)
from dispatch.inspections.patrol_risk import left_behind, per_pass, risks
from dispatch.inspections.stopping import Going, Told, always, nobody
from dispatch.inspections.ways import Ways
from dispatch.records.patrol import PatrolledCell, PatrolObject, PatrolPlan
from dispatch.records.person import Job
from dispatch.records.reason import Reason
from dispatch.rulebook.calendar import CHINA
from dispatch.store import inspections, patrols, people
from dispatch.store.ledger import Kind
from dispatch.store.series import Series, next_id
from dispatch.store.writing import Actor
from gis.crs import Datum

PATROL_REASONS = (
    "no_such_town",  # town
    "nothing_to_patrol",  # town
    "no_base",  # town
    "patrol_there",  # plan, first, last
    "patrol_not_over",  # last
    "no_days",
    "day_is_over",  # day
    "drawing_stopped",
    "objects_elsewhere",  # objects
    "outside_the_town",  # objects
)
WEEKS = 4
"""Weeks of incidents and findings that make the risk: the month of the patrol list."""
LOOKS_BACK = timedelta(weeks=30)
"""No look of longer ago is remembered, under any frequency of the list."""
SEES_SEEDS = (Job.REVIEWER, Job.SUPERVISOR)
"""Who may see a seed, and have it drawn again, while the period still runs."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How many passes some terms owe, and how many no round has room for, by reason."""

    passes: int
    left_out: Mapping[str, int]


class Patrols(Door):
    """The deeds on a town's patrol as a whole.

    Parameters
    ----------
    items
        The patrol list by code.
    ground
        Cells, streets and water of the place.
    ways, bases
        Minutes between places; longitude and latitude where a town's rounds begin.
    towns
        Names of the towns by their 9-digit code.
    new_seed
        Where seeds come from: chance that nobody chose, unless given.
    """

    def __init__(
        self,
        desk: Desk,
        items: Mapping[str, PatrolItem],
        ground: PatrolGround,
        ways: Ways,
        bases: Bases,
        towns: Mapping[str, str],
        zone: tzinfo = CHINA,
        new_seed: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        super().__init__(desk.casebook, desk.clock, desk.rights)
        self._desk = desk
        self.items = items
        self.ground = ground
        self.ways = ways
        self.bases = bases
        self._towns = towns
        self._zone = zone
        self._new_seed = new_seed

    def read(self, path: Path, datum: Datum) -> list[PatrolObject]:
        """A list of objects: ``id, object, name, lon, lat``, where ``object`` is a code of the patrol list.

        Raises
        ------
        BadInput
            With every row that is wrong, among them one outside all cells.
        """
        return read_objects(path, datum, {item.object for item in self.items.values()}, self._desk.cell_of)

    def take_in(self, actor: str, town: str, given: Sequence[PatrolObject], *, now: datetime | None = None) -> int:
        """Exactly these objects on the town's list; returns how many.

        Raises
        ------
        Refused
            ``no_such_town``; ``outside_the_town``; ``objects_elsewhere`` for ids that another town's list has.
        """
        with self.deed("patrol_take_in", actor, Kind.PATROL, "objects", now, place=town) as (page, who):
            self._known_town(town)
            outside = sorted(one.id for one in given if one.town != town)
            if outside:
                raise Refused(Reason("outside_the_town", False, {"objects": ", ".join(outside[:5])}))
            taken = patrols.elsewhere(page.connection, town, {one.id for one in given})
            if taken:
                raise Refused(Reason("objects_elsewhere", False, {"objects": ", ".join(sorted(taken)[:5])}))
            patrols.keep_objects(page, town, given)
            page.enter(who, Kind.PATROL, "objects", details={"town": town, "objects": len(given)})
            return len(given)

    def ground_of(self, connection: Connection, town: str, first: date, at: datetime) -> TownGround:
        """What the town asks for from ``first`` on, by what the book says at that moment.

        What lies in its cells; their risk by the incidents and findings of the last weeks and by what was missed; what
        was looked at before.
        """
        shapes = self.ground.of_town(town)
        places = [
            (self._desk.cell_of(place.lon, place.lat)[0], place) for place in inspections.premises(connection, [town])
        ]
        kinds = kinds_by_cell(self.ground, patrols.objects(connection, [town]), places)
        lon, lat = self.ground.points
        rows = {str(code): self.ground.row[str(code)] for code in shapes["code"]}
        cells = [
            PatrolledCell(code, 0, tuple(sorted(kinds.get(code, ()))), float(lon[row]), float(lat[row]))
            for code, row in rows.items()
        ]
        passed = patrols.passed(connection, town, first - LOOKS_BACK, first)
        return TownGround(
            shapes,
            self._with_risk(connection, town, cells, at),
            looked(passed, first, self.items, self._desk.calendar.working),
            self.bases.get(town, (0.0, 0.0)),
        )

    def _with_risk(
        self, connection: Connection, town: str, cells: Sequence[PatrolledCell], at: datetime
    ) -> tuple[PatrolledCell, ...]:
        """The cells with what happened and was found there in the last weeks, what was missed, and the risk of it."""
        since = at - timedelta(weeks=WEEKS)
        happened = patrols.incidents_by_cell(connection, town, since, at)
        found = patrols.findings_by_cell(connection, town, since, at)
        owed, passed = self._owed_and_passed(connection, town, self._desk.day(since), self._desk.day(at))
        cells = [replace(each, incidents=happened.get(each.cell, 0), found=found.get(each.cell, 0)) for each in cells]
        behind = left_behind([owed[each.cell] for each in cells], [passed[each.cell] for each in cells])
        made = patrols.passes_by_cell(connection, town, since, at)
        fairly = per_pass([each.found for each in cells], [made.get(each.cell, 0) for each in cells])
        risk = risks(fairly + [each.incidents for each in cells], behind)
        told = zip(cells, risk, behind, strict=True)
        return tuple(replace(each, risk=factor, behind=missed) for each, factor, missed in told)

    def _owed_and_passed(
        self, connection: Connection, town: str, since: date, today: date
    ) -> tuple[Counter[str], Counter[str]]:
        """Passes by cell, owed so far and made, over the town's patrols that had a day since then."""
        owed: Counter[str] = Counter()
        passed: Counter[str] = Counter()
        for plan in patrols.plans(connection, town):
            if since <= plan.days[-1] and plan.days[0] < today:
                for cell in fared_of(connection, plan, today):
                    owed[cell.cell] += could_have(cell)
                    passed[cell.cell] += cell.passed
        return owed, passed

    def plan(
        self,
        actor: str,
        town: str,
        terms: Terms,
        *,
        now: datetime | None = None,
        going: Going = always,
        told: Told = nobody,
    ) -> PatrolPlan:
        """The town's patrol for these days, drawn from a seed that nobody chose.

        The ledger gets the hashes of the seed and of all it was drawn for at once, the seed itself only once the period
        is over (`check`). A day has one patrol: nobody draws again until the rounds please. Where ``going`` says no
        before the book is held, nothing was drawn and nobody has seen anything of it.

        Raises
        ------
        Refused
            ``no_such_town``; ``no_days``; ``day_is_over``; ``no_base``; ``nothing_to_patrol``; ``patrol_there`` when
            one of the days has a patrol already; ``drawing_stopped``.
        BadInput
            When there are more beats than cells.
        """
        terms = replace(terms, days=tuple(sorted({*terms.days})))
        at, seed = now or self.clock(), self._new_seed()
        drawn = self._drawn(town, terms, seed, at, going, told)
        if not going():
            raise Refused(Reason("drawing_stopped", False))
        with self.deed("patrol_plan", actor, Kind.PATROL, "patrol", now, place=town) as (page, who):
            wrong = self._against(page.connection, town, terms, self._desk.day(who.at))
            if wrong is not None:
                raise Refused(wrong)
            if drawn is None or not drawn.patrols:
                raise Refused(Reason("nothing_to_patrol", False, {"town": town}))
            new = self._made(next_id(page.connection, Series.PATROL), town, terms, seed, drawn, who)
            rounds, stops, left = in_the_book(drawn, new.id, town)
            patrols.write_plan(page, new, drawn.cells, rounds, stops, left)
            made = {"beats": len(drawn.patrols), "rounds": len(rounds), "passes": len(stops), "left_out": len(left)}
            page.enter(who, Kind.PATROL, new.id, version_after=1, details=_hashed(new, drawn.cells) | made)
            return new

    def trial(
        self, town: str, terms: Terms, *, now: datetime | None = None, going: Going = always, told: Told = nobody
    ) -> Trial:
        """What a patrol on these terms has room for, by a seed of its own: nothing is kept, no round of a plan is seen.

        Raises
        ------
        Refused, BadInput
            As `plan`.
        """
        terms = replace(terms, days=tuple(sorted({*terms.days})))
        at = now or self.clock()
        drawn = self._drawn(town, terms, self._new_seed(), at, going, told)
        if not going():
            raise Refused(Reason("drawing_stopped", False))
        if drawn is None or not drawn.patrols:
            with self.casebook.reading() as connection:
                wrong = self._against(connection, town, terms, self._desk.day(at))
            raise Refused(wrong or Reason("nothing_to_patrol", False, {"town": town}))
        left = Counter(each.reason for one in drawn.patrols for each in one.left_out)
        return Trial(sum(cell.passes for cell in drawn.cells), left)

    def _drawn(self, town: str, terms: Terms, seed: str, at: datetime, going: Going, told: Told) -> Drawn | None:
        """The draw, before the book is held; None where nothing can be drawn, or it was stopped."""
        with self.casebook.reading() as connection:
            if self._against(connection, town, terms, self._desk.day(at)) is not None:
                return None
            begins = datetime.combine(terms.days[0], time(), self._zone)
            ground = self.ground_of(connection, town, terms.days[0], min(at, begins))
        return draw(seed, ground, self.items, terms, self.ways, going, told)

    def _against(self, connection: Connection, town: str, terms: Terms, today: date) -> Reason | None:
        """Why no patrol can be planned for these days, whatever lies in the town."""
        if town not in self._towns:
            return Reason("no_such_town", False, {"town": town})
        if not terms.days:
            return Reason("no_days", False)
        if terms.days[0] < today:
            return Reason("day_is_over", False, {"day": terms.days[0].isoformat()})
        if town not in self.bases:
            return Reason("no_base", False, {"town": town})
        return next(
            (
                Reason("patrol_there", False, {"plan": one.id, "first": _iso(one.days[0]), "last": _iso(one.days[-1])})
                for one in patrols.plans(connection, town)
                if set(one.days) & set(terms.days)
            ),
            None,
        )

    def _made(self, name: str, town: str, terms: Terms, seed: str, drawn: Drawn, who: Actor) -> PatrolPlan:
        objects = frozenset(kind for cell in drawn.cells for kind in cell.objects)
        return PatrolPlan(
            name,
            town,
            terms.days,
            terms.rounds_a_day,
            terms.longest,
            seed,
            commitment(seed),
            ALGORITHM,
            VERSION,
            who.at,
            who.name,
            kept(self.items, objects),
            WEEKS,
            drawn.travel,
            RULES,
        )

    def seed(self, actor: str, plan_id: str) -> str:
        """The seed of a patrol whose period is over, or for a reviewer or supervisor of its town; else empty."""
        with self.casebook.reading() as connection:
            found = patrols.plan(connection, plan_id)
            if found is None:
                return ""
            return found.seed if self._may_see(connection, actor, found, self._desk.day()) else ""

    def check(self, actor: str, plan_id: str, *, now: datetime | None = None) -> Audit:
        """The rounds in the book held against what the seed gives; the answer goes into the ledger.

        Raises
        ------
        Refused
            ``patrol_not_over`` while the period runs, for anybody but a reviewer or supervisor.
        Unknown
            There is no such patrol.
        """
        with self.deed("patrol_check", actor, Kind.PATROL, plan_id, now) as (page, who):
            found = patrols.plan(page.connection, plan_id)
            if found is None:
                raise Unknown("patrol", plan_id)
            today = self._desk.day(who.at)
            if not self._may_see(page.connection, who.name, found, today):
                raise Refused(Reason("patrol_not_over", False, {"last": found.days[-1].isoformat()}))
            made = next(entry for entry in page.history(Kind.PATROL, plan_id) if entry.deed == "patrol_plan")
            answer = audit(
                found,
                patrols.cells(page.connection, plan_id),
                patrols.rounds(page.connection, plan_id),
                patrols.stops(page.connection, plan_id=plan_id),
                patrols.left_out(page.connection, plan_id),
                self.bases.get(found.town, (0.0, 0.0)),
                self.ways,
                made.details,
            )
            told = {
                "fits": answer.fits,
                "same_terms": answer.same_terms,
                "differing": list(answer.differing),
                "same_rounds": answer.same_rounds,
                "algorithm": found.algorithm,
                "lots": found.lots,
            }
            if found.over(today):
                told["seed"] = found.seed
            page.enter(who, Kind.PATROL, plan_id, version_before=1, version_after=1, details=told)
            return answer

    def _may_see(self, connection: Connection, actor: str, plan: PatrolPlan, today: date) -> bool:
        if plan.over(today) or self.rights is None:
            return True
        person = people.person(connection, actor)
        return person is not None and any(plan.town.startswith(area) for area in person.areas(*SEES_SEEDS))

    def _known_town(self, town: str) -> None:
        if town not in self._towns:
            raise Refused(Reason("no_such_town", False, {"town": town}))


def _hashed(plan: PatrolPlan, cells: Sequence[PatrolledCell]) -> dict[str, Any]:
    """What the ledger says of a new plan before anybody has seen its rounds."""
    return {
        "town": plan.town,
        "first": _iso(plan.days[0]),
        "last": _iso(plan.days[-1]),
        "rounds_a_day": plan.rounds_a_day,
        "longest": plan.longest,
        "commitment": plan.commitment,
        "drawn_for": drawn_for(plan, cells),
        "algorithm": plan.algorithm,
        "lots": plan.lots,
        "rules": plan.rules,
    }


def _iso(day: date) -> str:
    return day.isoformat()


def fared_of(connection: Connection, plan: PatrolPlan, today: date) -> tuple[Fared, ...]:
    """How a plan has gone up to a day, cell by cell; see ``dispatch.inspections.patrol_coverage``."""
    return fared(
        plan,
        patrols.cells(connection, plan.id),
        patrols.rounds(connection, plan.id),
        patrols.stops(connection, plan_id=plan.id),
        patrols.left_out(connection, plan.id),
        today,
    )
