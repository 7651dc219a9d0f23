"""Staffing plans of a place: its own, anybody's, and the one its roster is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from operator import attrgetter
from pathlib import Path

import numpy as np

from dispatch.records.team import Officer, Role
from dispatch.rulebook.gates import REVIEW_FIELD
from gis.areas import town_of
from gis.schemas import BadInput, Fault, shorten
from gis.streets import Profile
from gis.tomlfile import as_toml
from gis.travel import TravelTimes
from scenarios.builder import HERE
from scenarios.folder import read_folder, write_rows
from scenarios.people import RosterLine
from scenarios.place import Scenario
from scenarios.scenario import is_built_in, source_of
from simulation.plan import (
    DESK_COLUMNS,
    EVERYWHERE,
    POST_COLUMNS,
    Bounds,
    Desk,
    DeskKind,
    Post,
    StaffingPlan,
    read_plan,
    refuse_beside,
)
from simulation.replications import Setup
from simulation.rules import Ground, compile_rules
from simulation.stories import Matters
from simulation.stress import Stress, read_stresses
from simulation.training import TRAINING_COLUMNS

PLAN = "plan.toml"
ITS_ROSTER = (
    "Write one: gridbeat simulate plan PLACE --out FOLDER; name it with --plan, or copy its three files into the "
    "place's folder."
)
FIRST = date(2026, 1, 1)
"""The day of the plans that come with places."""
AT_A_DESK = "DDDDD--"
"""Shifts of officers who are in no team."""

USUAL = "roster_plan.toml"
"""What a plan says beside its tables; the values are assumed, and the file says so."""


Row = tuple[str, ...]


def own_plan(name_or_folder: str) -> Path:
    """Where the plan lies that comes with a place; that of a city or its district is its roster, written at first use.

    Raises
    ------
    BadInput
        When it has none.
    """
    folder = source_of(name_or_folder)
    path = folder / PLAN
    if not path.is_file() and is_built_in(name_or_folder):
        write_roster_plan(read_folder(folder), FIRST, folder)
    if not path.is_file():
        fault = Fault(PLAN, None, None, f"no plan in {shorten(name_or_folder)}", "a staffing plan")
        raise BadInput(fault, advice=ITS_ROSTER)
    return path


def setup_of(scenario: Scenario, path: Path) -> Setup:
    """A plan on a place, ready to be played.

    Raises
    ------
    BadInput
        When the plan is faulty, does not fit the place, or leaves a town without anybody who may act there.
    """
    plan = read_plan(path)
    towns = {str(town) for town in scenario.cells["town"]}
    refuse_beside(plan, path, scenario.rulebook.bodies, towns, set(scenario.fields), bounds_of(scenario))
    return setting_up(scenario, plan.desks)(plan)


def bounds_of(scenario: Scenario) -> Bounds:
    """Of the spots of a place."""
    lon, lat = scenario.demand.spots.lon, scenario.demand.spots.lat
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def setting_up(scenario: Scenario, desks: Sequence[Desk]) -> Callable[[StaffingPlan], Setup]:
    """What makes plans with these desks ready to be played; the ways are looked up once.

    It raises BadInput when a plan leaves a town without anybody who may act there.
    """
    ground = Ground(scenario.cells["town"].to_numpy(dtype=str), _seconds(scenario, desks))
    demand = replace(scenario.demand, texts={})
    known = [scenario.rulebook.matters[code] for code in demand.matters]
    matters = Matters(
        simple=demand.simple,
        priority=np.array([matter.priority - 1 for matter in known], dtype=np.int32),
        within_s=np.array([matter.respond_within.total_seconds() for matter in known]),
    )

    def set_up(plan: StaffingPlan) -> Setup:
        rules = compile_rules(plan, scenario.rulebook, demand.matters, ground, scenario.zone)
        return Setup(plan, rules, ground, demand, matters)

    return set_up


def on_other_days(setup: Setup, scenario: Scenario, *, begins: date, days: int, warm_up_days: int) -> Setup:
    """The same plan on the same place in another period.

    Raises
    ------
    BadInput
        When the plan leaves a town without anybody who may act there.
    """
    period = {"begins": begins, "days": days, "warm_up_days": warm_up_days}
    plan = replace(setup.plan, file=setup.plan.file.model_copy(update=period))
    return staffed_otherwise(setup, scenario, plan)


def staffed_otherwise(setup: Setup, scenario: Scenario, plan: StaffingPlan) -> Setup:
    """Another plan with the same desks on the same place, which meets the same.

    Raises
    ------
    BadInput
        When the plan leaves a town without anybody who may act there.
    """
    rules = compile_rules(plan, scenario.rulebook, setup.demand.matters, setup.ground, scenario.zone)
    return replace(setup, plan=plan, rules=rules)


def stresses() -> dict[str, Stress]:
    """The stress tests that come with GridBeat, by id; their figures are assumed and say so."""
    return read_stresses(HERE / "stresses.csv")


def write_roster_plan(scenario: Scenario, day: date, folder: Path) -> StaffingPlan:
    """Write the plan that the roster of a place is on a day, as a start to change, and read it back.

    A desk for each body in each town and for each pool of towns; officers in no team sit at the desk of their town that
    has most officers.
    Certificates that have run out by ``day`` are left out.
    """
    names = _desk_names(scenario.roster)
    desks, home = _desks(scenario.roster, names, _reach(scenario))
    posts = _posts(scenario, day, names, home)
    for officer in scenario.office:
        if any(certificate.field == REVIEW_FIELD for certificate in officer.certificates):
            posts[f"review-{officer.town}", REVIEW_FIELD, AT_A_DESK] += 1
    reviewers = sorted({desk for desk, field, _ in posts if field == REVIEW_FIELD})
    desks += [_review_desk(desk, desks) for desk in reviewers]
    write_rows(folder / "desks.csv", DESK_COLUMNS, sorted(desks))
    write_rows(
        folder / "posts.csv", POST_COLUMNS, ((desk, n, held, rota) for (desk, held, rota), n in sorted(posts.items()))
    )
    titles = {"name": scenario.name, "title_zh": scenario.title_zh, "title_en": scenario.title_en}
    text = (HERE / USUAL).read_text(encoding="utf-8").format(**titles, day=day.isoformat(), heads=sum(posts.values()))
    (folder / PLAN).write_text(text, encoding="utf-8")
    return read_plan(folder / PLAN)


def write_plan_files(plan: StaffingPlan, folder: Path) -> None:
    """A plan as ``plan.toml`` with its tables, to be read by `simulation.plan.read_plan` as the same plan."""

    def desk_row(desk: Desk) -> Sequence[object]:
        serves = ";".join(sorted(desk.serves)) or EVERYWHERE
        return (desk.id, desk.kind, desk.body, desk.town, desk.lon, desk.lat, desk.profile, serves)

    def post_row(post: Post) -> Sequence[object]:
        return (";".join(post.desks), post.officers, ";".join(sorted(post.certificates)), post.rota)

    write_rows(folder / "desks.csv", DESK_COLUMNS, map(desk_row, plan.desks))
    write_rows(folder / "posts.csv", POST_COLUMNS, map(post_row, plan.posts))
    (folder / "training.csv").unlink(missing_ok=True)
    if plan.training:
        write_rows(folder / "training.csv", TRAINING_COLUMNS, map(attrgetter(*TRAINING_COLUMNS), plan.training))
    file = plan.file.model_copy(update={"desks": "desks.csv", "posts": "posts.csv"})
    (folder / PLAN).write_text(as_toml(file.model_dump(exclude={"training"})), encoding="utf-8")


def _seconds(scenario: Scenario, desks: Sequence[Desk]) -> np.ndarray:
    """The way from each desk to a spot of each cell, by its own means, shape (desks, cells)."""
    spots = scenario.demand.spots
    seconds = np.full((len(desks), len(scenario.cells)), np.inf)
    for profile in {desk.profile for desk in desks}:
        times = TravelTimes(scenario.streets, profile)
        rows = [row for row, desk in enumerate(desks) if desk.profile is profile]
        here = times.place([desks[row].lon for row in rows], [desks[row].lat for row in rows])
        seconds[rows] = times.matrix(here, times.place(spots.lon[spots.start[:-1]], spots.lat[spots.start[:-1]]))
    return seconds


def _desk_names(roster: Iterable[RosterLine]) -> dict[str, str]:
    """The desk of each team by its id; the pools of a body are numbered."""
    pools: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    names: dict[str, str] = {}
    for line in roster:
        desk, served = _desk_of(line.town, line.body), _pool(line)
        if served and served not in pools[desk]:
            pools[desk].append(served)
        names[line.id] = f"{desk}-{pools[desk].index(served) + 1}" if served else desk
    return names


def _pool(line: RosterLine) -> tuple[str, ...]:
    """The towns that a district's team is for; none when it is for all of them, or for its own."""
    return () if len(line.town) == 9 else tuple(sorted({town_of(community) for community in line.beat}))


def _reach(scenario: Scenario) -> dict[str, str]:
    """What a brigade of each district serves: all towns, or in a city those of its district."""
    areas = scenario.areas
    if len(areas.districts) == 1:
        return {areas.districts[0]: EVERYWHERE}
    return {district: ";".join(areas.children(district)) for district in areas.districts}


def _desks(
    roster: Iterable[RosterLine], names: Mapping[str, str], reach: Mapping[str, str]
) -> tuple[list[Row], dict[str, str]]:
    """Rows of desks.csv, and for each town the desk of whoever is in no team."""
    teams: dict[str, list[RosterLine]] = defaultdict(list)
    for line in roster:
        teams[names[line.id]].append(line)
    rows: list[Row] = []
    for desk, lines in teams.items():
        town, body, served = lines[0].town, lines[0].body, _pool(lines[0])
        lon, lat = (np.mean([getattr(line, axis) for line in lines]) for axis in ("lon", "lat"))
        profile = Counter(line.profile for line in lines).most_common(1)[0][0]
        if len(town) == 9:
            kind, serves = DeskKind.TOWN, town
        else:
            kind, serves = (DeskKind.POOL, ";".join(served)) if served else (DeskKind.BRIGADE, reach[town])
        rows.append((desk, kind.value, body, town, f"{lon:.5f}", f"{lat:.5f}", profile.value, serves))
    home: dict[str, str] = {}
    for desk, lines in sorted(teams.items(), key=lambda item: (-len(item[1]), item[0])):
        home.setdefault(lines[0].town, desk)
    return rows, home


def _posts(
    scenario: Scenario, day: date, names: Mapping[str, str], home: Mapping[str, str]
) -> Counter[tuple[str, str, str]]:
    """How many officers by desk, certificates and shifts."""
    placed = {officer.id: (names[line.id], line.rota) for line in scenario.roster for officer in line.officers}
    posts: Counter[tuple[str, str, str]] = Counter()
    for officer in scenario.officers:
        held = _valid(officer, day)
        if officer.role is Role.OFFICER and officer.town in home:
            desk, rota = placed.get(officer.id, (home[officer.town], AT_A_DESK))
            posts[desk, held, rota] += 1
    return posts


def _valid(officer: Officer, day: date) -> str:
    return ";".join(sorted({held.field for held in officer.certificates if day <= held.valid_to}))


def _desk_of(town: str, body: str) -> str:
    return town if body == town else f"{town}-{body}"


def _review_desk(id: str, desks: Sequence[Row]) -> Row:
    """Beside the first desk of its town, or in a city beside the first of all; the district's serves everybody."""
    town = id.removeprefix("review-")
    beside = min(desks, key=lambda desk: (desk[3] != town, desk))
    serves = town if len(town) == 9 else EVERYWHERE
    return (id, DeskKind.REVIEW.value, "legal", town, beside[4], beside[5], Profile.FOOT.value, serves)
