"""A town's patrol: what lies where, the plan of a period, and the proof that its rounds were drawn."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo
from pathlib import Path

from sqlalchemy import Connection

from dispatch.desk.door import Door
from dispatch.desk.incidents import Desk
from dispatch.desk.question import Bases
from dispatch.desk.refusals import Refused, Unknown
from dispatch.inspections.lots import ALGORITHM, VERSION
from dispatch.inspections.patrol_items import CODE, PatrolItem
from dispatch.inspections.patrol_places import PatrolGround, kinds_by_cell, risks
from dispatch.inspections.patrol_plan import Audit, Terms, TownGround, audit, commitment, draw, in_the_book, kept
from dispatch.inspections.ways import Ways
from dispatch.records.patrol import PatrolObject, PatrolPlan
from dispatch.records.person import Job
from dispatch.records.reason import Reason
from dispatch.rulebook.calendar import CHINA
from dispatch.rulebook.lists import read_list
from dispatch.store import inspections, patrols, people
from dispatch.store.ledger import Kind
from gis.crs import Datum, to_wgs84

PATROL_REASONS = (
    "no_such_town",  # town
    "nothing_to_patrol",  # town
    "no_base",  # town
    "patrol_there",  # plan, first, last
    "patrol_not_over",  # last
    "no_days",
    "objects_elsewhere",  # objects
    "outside_the_town",  # objects
)
OBJECT_COLUMNS = ("id", "object", "name", "lon", "lat")
MOST_DEGREES = {"lon": 180.0, "lat": 90.0}
WEEKS = 4
"""Weeks of incidents that make the risk: the month of the patrol list."""
SEES_SEEDS = (Job.REVIEWER, Job.SUPERVISOR)
"""Who may see a seed, and have it drawn again, while the period still runs."""


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
        file, rows = read_list(path, OBJECT_COLUMNS)
        known = sorted({item.object for item in self.items.values()})
        found: dict[str, PatrolObject] = {}
        for row in rows:
            name = row.text("id", pattern=CODE, expected="an id of letters, digits, - and _")
            kind = row.text("object", expected=f"one of {', '.join(known)}")
            if kind not in known:
                row.blame("object", f"one of {', '.join(known)}")
            if name in found:
                row.blame("id", "an id that stands once")
            x, y = (_degrees(row.values[column], MOST_DEGREES[column]) for column in ("lon", "lat"))
            called = row.text("name", expected="a name")
            if x is None or y is None:
                row.blame("lon", "longitude and latitude in degrees")
                continue
            lon, lat = (float(one[0]) for one in to_wgs84([x], [y], datum))
            cell, town = self._desk.cell_of(lon, lat)
            if not cell:
                row.blame("lon", "a point inside a cell of this place")
            found[name] = PatrolObject(name, kind, called, lon, lat, cell, town)
        file.stop_if_faulty("Mend these rows of the list of objects and read it again.")
        return list(found.values())

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

    def ground_of(self, connection: Connection, town: str, at: datetime) -> TownGround:
        """What the town asks for at that moment: what lies in its cells, and their risk by the last weeks."""
        cells = self.ground.of_town(town)
        codes = [str(code) for code in cells["code"]]
        places = [
            (self._desk.cell_of(place.lon, place.lat)[0], place) for place in inspections.premises(connection, [town])
        ]
        kinds = kinds_by_cell(self.ground, patrols.objects(connection, [town]), places)
        happened = patrols.incidents_by_cell(connection, town, at - timedelta(weeks=WEEKS), at)
        incidents = [happened.get(code, 0) for code in codes]
        lon, lat = self.ground.points
        rows = [self.ground.row[code] for code in codes]
        return TownGround(
            cells,
            tuple(kinds.get(code, frozenset()) for code in codes),
            tuple(risks(incidents)),
            tuple(incidents),
            tuple(float(lon[at]) for at in rows),
            tuple(float(lat[at]) for at in rows),
            self.bases.get(town, (0.0, 0.0)),
        )

    def plan(self, actor: str, town: str, terms: Terms, *, now: datetime | None = None) -> PatrolPlan:
        """The town's patrol for these days, drawn from a seed that nobody chose.

        The ledger gets the hash of the seed at once, the seed itself only once the period is over (`check`). A day has
        one patrol: nobody draws again until the rounds please.

        Raises
        ------
        Refused
            ``no_such_town``; ``no_days``; ``no_base``; ``nothing_to_patrol``; ``patrol_there`` when one of the days has
            a patrol already.
        BadInput
            When there are more beats than cells.
        """
        at = now or self.clock()
        with self.casebook.reading() as connection:
            known = town in self._towns and bool(terms.days) and town in self.bases
            begins = datetime.combine(terms.days[0], time(), self._zone) if terms.days else at
            ground = self.ground_of(connection, town, min(at, begins)) if known else None
        seed = self._new_seed()
        drawn = draw(seed, ground, self.items, terms, self.ways) if ground is not None else None
        with self.deed("patrol_plan", actor, Kind.PATROL, "patrol", now, place=town) as (page, who):
            self._known_town(town)
            if not terms.days:
                raise Refused(Reason("no_days", False))
            if town not in self.bases:
                raise Refused(Reason("no_base", False, {"town": town}))
            assert drawn is not None, "everything that a draw needs was there"
            if not drawn.patrols:
                raise Refused(Reason("nothing_to_patrol", False, {"town": town}))
            _no_other(page.connection, town, terms.days)
            objects = frozenset(kind for cell in drawn.cells for kind in cell.objects)
            new = PatrolPlan(
                f"X{patrols.count(page.connection) + 1:04d}",
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
            )
            rounds, stops, left = in_the_book(
                drawn, new.id, town, seed, len(terms.days), terms.rounds_a_day, self.items
            )
            patrols.write_plan(page, new, drawn.cells, rounds, stops, left)
            page.enter(
                who,
                Kind.PATROL,
                new.id,
                version_after=1,
                details={
                    "town": town,
                    "first": terms.days[0].isoformat(),
                    "last": terms.days[-1].isoformat(),
                    "rounds_a_day": terms.rounds_a_day,
                    "longest": terms.longest,
                    "beats": len(drawn.patrols),
                    "rounds": len(rounds),
                    "passes": len(stops),
                    "left_out": len(left),
                    "commitment": new.commitment,
                    "algorithm": ALGORITHM,
                    "lots": VERSION,
                },
            )
            return new

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
                str(made.details.get("commitment", "")),
            )
            told = {
                "fits": answer.fits,
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


def _no_other(connection: Connection, town: str, days: Sequence[date]) -> None:
    for one in patrols.plans(connection, town):
        if set(one.days) & set(days):
            told = {"plan": one.id, "first": one.days[0].isoformat(), "last": one.days[-1].isoformat()}
            raise Refused(Reason("patrol_there", False, told))


def _degrees(text: str, most: float) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) <= most else None


def opened_plan(connection: Connection, plan_id: str) -> PatrolPlan:
    """The plan of that id without its seed: what may be shown to anybody.

    Raises
    ------
    Unknown
        There is none.
    """
    found = patrols.plan(connection, plan_id)
    if found is None:
        raise Unknown("patrol", plan_id)
    return replace(found, seed="")
