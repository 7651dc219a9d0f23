"""A city of two small districts, from its tables to a map, a roster and a plan."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import shapely

from dispatch.records.team import Role
from dispatch.rulebook.powers import Mode
from gis.streets import Profile
from scenarios.builder import HERE, build, build_district
from scenarios.city import DISTRICT_COLUMNS, DISTRICTS, OUTLINES, TOWN_COLUMNS, TOWNS
from scenarios.folder import read_folder
from scenarios.place import Scenario
from scenarios.planning import setup_of, write_roster_plan
from simulation.plan import DeskKind

DAY = date(2026, 1, 1)
WEST, EAST = "990201", "990202"


def tables(folder: Path) -> Path:
    """Two boxes of 4 km² side by side, two towns each; 12 officers in the towns of each, 4 in a bureau, 4 in a pool."""
    folder.mkdir()
    place = (HERE / "chongqing" / "place.toml").read_text(encoding="utf-8")
    place = _with_heads(place)
    (folder / "place.toml").write_text(place, encoding="utf-8")
    districts = [(WEST, "西区", "West", 40, "no", 4, 4), (EAST, "东县", "East", 20, "yes", 4, 4)]
    towns = [
        (f"{code}{number}", f"{name}{number}", f"{name_en}{number}", kind, built, 6, committees, villages)
        for code, name, name_en, *_ in districts
        for number, kind, built, committees, villages in (
            ("001", "main_street", "dense", 3, 0),
            ("100", "industry_town", "plain", 1, 3),
        )
    ]
    for file, columns, rows in ((DISTRICTS, DISTRICT_COLUMNS, districts), (TOWNS, TOWN_COLUMNS, towns)):
        with (folder / file).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([columns, *rows])
    features = [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": json.loads(shapely.to_geojson(shapely.box(lon, 29.50, lon + 0.02, 29.52))),
        }
        for code, lon in ((WEST, 106.50), (EAST, 106.52))
    ]
    (folder / OUTLINES).write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return folder


def _with_heads(place: str) -> str:
    heads = (("officers = 8885", "officers = 40"), ("in_towns = 7712", "in_towns = 24"), ("= 161355", "= 3000"))
    for old, new in (*heads, ("= 90671", "= 1700"), ('"500103"', f'"{WEST}"'), ('"500000"', '"990200"')):
        assert old in place
        place = place.replace(old, new)
    return place


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tables(tmp_path_factory.mktemp("city") / "source")


@pytest.fixture(scope="module")
def whole(source: Path) -> Scenario:
    build(source, source.parent / "whole")
    return read_folder(source.parent / "whole")


@pytest.fixture(scope="module")
def east(source: Path) -> Scenario:
    build_district(source, EAST, source.parent / "east")
    return read_folder(source.parent / "east")


def heads(place: Scenario) -> Counter[str]:
    return Counter(person.town for person in place.officers if person.role is Role.OFFICER)


def test_a_whole_city_has_a_cell_for_every_town_and_everybody_in_it(whole: Scenario):
    assert sorted(whole.cells["town"]) == [f"{code}{number}" for code in (WEST, EAST) for number in ("001", "100")]
    covered = shapely.union_all(whole.cells.geometry.to_numpy())
    assert covered.symmetric_difference(shapely.box(106.50, 29.50, 106.54, 29.52)).area < 1e-7
    assert sum(heads(whole).values()) == 40
    assert (whole.streets.in_connected_part(Profile.CAR) == whole.streets.open_to(Profile.CAR)).all()


def test_a_districts_offices_may_act_in_their_own_district_only(whole: Scenario):
    answer = whole.rulebook.resolve("C08-01", f"{EAST}001", DAY)
    assert answer.actor(f"{EAST}-ZF") is not None
    assert answer.actor(f"{WEST}-ZF") is None
    traffic = whole.rulebook.resolve("W01", f"{EAST}001", DAY).actor(f"{EAST}001")
    assert traffic is not None
    assert (traffic.mode, traffic.letterhead) == (Mode.DELEGATED, "东县公安交警大队")


def test_the_roster_of_a_city_is_a_plan_that_fits_it_with_each_brigade_in_its_district(whole: Scenario, tmp_path: Path):
    plan = write_roster_plan(whole, DAY, tmp_path)
    serves = {desk.id: desk.serves for desk in plan.desks if desk.kind is DeskKind.BRIGADE}
    assert serves == {f"{code}-{code}-ZF": {f"{code}001", f"{code}100"} for code in (WEST, EAST)}
    setup = setup_of(whole, tmp_path / "plan.toml")
    assert setup.rules.answers.any(axis=0).all()  # in each town somebody is asked for something


def test_one_district_is_a_place_of_its_own_with_its_officers_and_pool(east: Scenario, tmp_path: Path):
    assert (east.code, east.areas.name(east.code)) == (EAST, "东县")
    assert heads(east) == {f"{EAST}001": 6, f"{EAST}100": 6, EAST: 8}
    assert len(east.areas.communities) == 7
    assert set(east.cells["community"]) == set(east.areas.communities)
    plan = write_roster_plan(east, DAY, tmp_path)
    pool = [desk for desk in plan.desks if desk.kind is DeskKind.POOL]
    assert [(desk.body, desk.serves) for desk in pool] == [("ZF", {f"{EAST}001", f"{EAST}100"})]
    assert sum(post.officers for post in plan.posts if "review" not in post.certificates) == 20


def test_two_offices_that_build_a_district_get_the_same_bytes(tmp_path: Path):
    """When they talk about a cell they must mean the same ground, whatever the order of a set on their machines."""
    script = "import sys; from pathlib import Path; from scenarios.builder import built_folder"
    script += "; built_folder('chongqing_500103', Path(sys.argv[1]))"
    for seed in ("1", "2"):
        done = [sys.executable, "-c", script, str(tmp_path / seed)]
        subprocess.run(done, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
    one, other = (next((tmp_path / seed / "places").iterdir()) for seed in ("1", "2"))
    assert sorted(path.name for path in other.iterdir()) == sorted(path.name for path in one.iterdir())
    for path in sorted(one.iterdir()):
        assert (other / path.name).read_bytes() == path.read_bytes(), path.name
