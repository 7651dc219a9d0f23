"""`gridbeat place build` with somebody's own outline and sheets: what they say stands, what is wrong has its row."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner, Result
from openpyxl import Workbook
from shapely.geometry import Point, box

from gis.crs import Datum, from_wgs84
from scenarios.people import OFFICER_COLUMNS, TEAM_COLUMNS
from scenarios.planning import setup_of, write_roster_plan
from scenarios.scenario import load
from tests.towns import NOON
from tests.ui.test_cli_place import a_town_of_streets
from ui.cli import main

AREAS = [
    ["code", "name", "name_en", "lon", "lat", "officers"],
    [330299, "虚构区", "Madeup", None, None, None],
    [330299001, "东街街道", "Dongjie", 121.5089, 29.8045, 9],
    [330299100, "西山镇", "Xishan", 121.5012, 29.8045, None],
    [330299100001, "山前村", None, 121.5012, 29.8020, None],
    [330299100201, "山后村", None, 121.5012, 29.8070, None],
]
OFFICERS = [
    list(OFFICER_COLUMNS),
    ["A1", "甲", "officer", 330299001, "city:2034-12-31"],
    ["A2", "乙", "officer", 330299001, "city:2034-12-31;fire:2034-12-31"],
    ["A3", "丙", "officer", 330299100, "city:2034-12-31"],
    ["A4", "丁", "auxiliary", 330299100, ""],
]
TEAMS = [
    list(TEAM_COLUMNS),
    ["T1", "东街一组", 330299001, 330299001, "A1;A2", 121.509, 29.804, "ebike", "", "DDDDDDD"],
    ["T2", "西山一组", "ZF", 330299100, "A3;A4", 121.501, 29.804, "car", "330299100001;330299100201", "DDDDD--"],
]
OUTLINE = box(121.5, 29.8, 121.51, 29.809)
EVERYTHING = "--outline outline.geojson --areas areas.xlsx --officers officers.xlsx --teams teams.xlsx"


def sheet(path: str, rows: list[list[object]]) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    book.save(path)


def changed(rows: list[list[object]], row: int, column: str, value: object) -> list[list[object]]:
    """The sheet with another value in a row, counted as a spreadsheet counts."""
    copy = [list(each) for each in rows]
    copy[row - 1][copy[0].index(column)] = value
    return copy


def outline_in(datum: Datum) -> None:
    drawn = shapely.transform(OUTLINE, lambda xy: list(zip(*from_wgs84(xy[:, 0], xy[:, 1], datum), strict=True)))
    gpd.GeoDataFrame(geometry=[drawn], crs=4326).to_file("outline.geojson", driver="GeoJSON")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with streets, an outline and three sheets that fit; every test spoils one."""
    monkeypatch.chdir(tmp_path)
    Path("streets.osm").write_text(a_town_of_streets(), encoding="utf-8")
    outline_in(Datum.WGS84)
    for name, rows in (("areas", AREAS), ("officers", OFFICERS), ("teams", TEAMS)):
        sheet(f"{name}.xlsx", rows)
    return tmp_path


def build(more: str = EVERYTHING, name: str = "虚构区") -> Result:
    line = ["place", "build", "--name", name, "--streets", "streets.osm", "--out", "place", *more.split()]
    return CliRunner().invoke(main, line)


def refused(answer: Result, *words: str) -> None:
    assert answer.exit_code == 2, answer.output
    assert not Path("place").exists()
    for word in words:
        assert word in answer.stderr


def test_the_sheets_are_what_the_place_says(desk: Path):
    """Who brings towns, communities, people and teams finds those, and is told what is still made up."""
    answer = build()
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout.splitlines()[-1])
    assert (told["name"], told["towns"], told["officers"]) == ("place_330299", 2, 4)
    place = load(desk / "place")
    assert place.areas.name("330299100") == "西山镇"
    assert place.areas.children("330299100") == ("330299100001", "330299100201")
    assert set(place.cells["town"]) == {"330299001", "330299100"}
    near, behind, street = (
        place.cells[place.cells.contains(Point(at))]["community"].item()
        for at in ((121.5013, 29.8021), (121.5013, 29.8071), (121.5088, 29.8046))
    )
    assert (near, behind) == ("330299100001", "330299100201")
    assert street.startswith("330299001")
    assert [team.id for team in place.teams(NOON)] == ["T1", "T2"]
    assert place.rulebook.bodies["330299001"].name_zh == "东街街道办事处"
    assert any("come from the sheets" in english for _, english in place.synthetic)


def test_head_counts_of_a_sheet_are_kept_where_the_people_are_made_up(desk: Path):
    assert build("--areas areas.xlsx").exit_code == 0
    with Path("place/officers.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert sum(row["role"] == "officer" and row["town"] == "330299001" for row in rows) == 9


def test_the_roster_of_a_built_place_is_a_plan_that_can_be_played(desk: Path):
    """Whoever follows the manual writes the roster as a plan and runs it; it named certificates nobody held."""
    assert build("--areas areas.xlsx").exit_code == 0
    place = load(desk / "place")
    write_roster_plan(place, NOON.date(), desk)
    assert setup_of(place, desk / "plan.toml").plan.heads > 0


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_an_outline_in_another_datum_is_refused_with_the_rows_it_misses_and_taken_once_it_is_named(desk, datum):
    outline_in(datum)
    refused(build(), "areas.xlsx, row", "column lon", "outline.geojson", f"--outline-datum {datum.value}")
    assert build(f"{EVERYTHING} --outline-datum {datum.value}").exit_code == 0


def test_positions_of_the_sheets_may_come_from_another_map(desk: Path):
    rows = [list(row) for row in AREAS]
    for row in rows[2:]:
        lon, lat = from_wgs84(float(row[3]), float(row[4]), Datum.GCJ02)
        row[3:5] = [float(lon), float(lat)]
    sheet("areas.xlsx", rows)
    refused(build("--outline outline.geojson --areas areas.xlsx"), "areas.xlsx, row")
    assert build("--outline outline.geojson --areas areas.xlsx --datum gcj02").exit_code == 0


def test_a_town_without_an_officer_is_refused_with_its_row(desk: Path):
    """An auxiliary is none: he may not act alone."""
    sheet("officers.xlsx", changed(OFFICERS, 4, "role", "auxiliary"))
    refused(build(), "areas.xlsx, row 4, column code", "330299100 西山镇 without any officer", "officers.xlsx")


@pytest.mark.parametrize(
    ("file", "rows", "words"),
    [
        ("areas", changed(AREAS, 3, "lon", None), ("row 3, column lon", "degrees")),
        ("areas", changed(changed(AREAS, 3, "lon", None), 3, "lat", None), ("row 3, column lon", "a town's seat")),
        ("areas", changed(AREAS, 4, "code", 330298100), ("row 4, column code", "330298 is in this sheet")),
        ("areas", changed(AREAS, 4, "code", 330299001), ("row 4, column code", "stands once")),
        ("areas", changed(AREAS, 2, "code", 3302), ("row 2, column code", "6 digits")),
        ("areas", [AREAS[0], *AREAS[2:]], ("column code: found no district",)),
        ("areas", [*AREAS, [330298, "邻区", None, None, None, None]], ("row 7, column code", "the second")),
        ("areas", changed(changed(AREAS, 6, "lon", None), 6, "lat", None), ("row 6", "as others of 330299100")),
        ("areas", changed(AREAS, 3, "officers", "nine"), ("row 3, column officers", "a whole number")),
        ("areas", changed(AREAS, 1, "name", "called"), ("row 1, column name", "no such column")),
        ("officers", changed(OFFICERS, 3, "town", 330299002), ("officers.xlsx, row 3, column town",)),
        ("officers", changed(OFFICERS, 3, "certificates", "magic:2034-12-31"), ("row 3, column certificates", "city")),
        ("officers", changed(OFFICERS, 3, "role", "boss"), ("row 3, column role",)),
        ("teams", changed(TEAMS, 2, "officers", "A1;A9"), ("teams.xlsx, row 2, column officers",)),
        ("teams", changed(TEAMS, 3, "beat", "330299100009"), ("row 3, column beat", "communities of the place")),
        ("teams", changed(TEAMS, 2, "body", "XX"), ("row 2, column body",)),
    ],
)
def test_a_row_that_is_wrong_is_named_and_nothing_is_built(desk: Path, file: str, rows, words: tuple[str, ...]):
    sheet(f"{file}.xlsx", rows)
    refused(build(), *words)


def test_teams_without_their_officers_are_refused_before_anything_is_read(desk: Path):
    refused(build("--areas areas.xlsx --teams teams.xlsx"), "--officers, --teams")


IN_CHINESE = {
    "areas": ["代码", "名称", "英文名", "经度 lon", "纬度", "执法人员"],
    "officers": ["编号", "姓名", "身份", "镇街", "所持证件"],
    "teams": ["编号", "名称", "执法主体", "镇街", "队员", "经度", "纬度", "出行方式", "责任社区", "班次"],
}


def test_sheets_as_a_clerk_keeps_them_are_read(desk: Path):
    """Chinese headers below a title, names in place of codes, signs of either width, days as they are typed, blanks."""
    officers = [row[:] for row in OFFICERS]
    officers[1][2:] = ["执法员", "东街街道", "城市管理：2034/12/31；fire:2034年3月1日"]
    teams = [row[:] for row in TEAMS]
    teams[1][2:5] = ["东街街道办事处", "东街街道", "A1、A2"]
    teams[2][7:9] = ["汽车", "山前村；山后村"]
    for name, rows in (("areas", AREAS), ("officers", officers), ("teams", teams)):
        sheet(f"{name}.xlsx", [["虚构区（2026年）"], IN_CHINESE[name], *rows[1:], [None, "　 "]])
    answer = build()
    assert answer.exit_code == 0, answer.output
    place = load(desk / "place")
    first = next(one for one in place.officers if one.id == "A1")
    assert (first.role, first.town) == ("officer", "330299001")
    assert {one.field: one.valid_to.isoformat() for one in first.certificates} == {
        "city": "2034-12-31",
        "fire": "2034-03-01",
    }
    one, two = place.teams(NOON)
    assert (one.body, len(one.officers), two.profile) == ("330299001", 2, "car")
    assert two.beat == {"330299100001", "330299100201"}


def test_a_fault_below_a_title_has_the_row_of_the_spreadsheet(desk: Path):
    sheet("areas.xlsx", [["虚构区"], [], *changed(AREAS, 3, "lon", "far")])
    refused(build(), "areas.xlsx, row 5, column lon")


@pytest.mark.parametrize(
    ("file", "rows", "words"),
    [
        ("areas", changed(AREAS, 1, "officers", "offcers"), ("row 1, column offcers", "officers (执法人员)")),
        ("areas", changed(AREAS, 1, "officers", "执法人员数"), ("row 1, column 执法人员数", "officers (执法人员)")),
        (
            "areas",
            changed(AREAS, 1, "code", "区划"),
            ("row 1, column code: found no such column among '区划', 'name'",),
        ),
        ("officers", changed(OFFICERS, 2, "town", "东街"), ("the nearest is 330299001 (东街街道)",)),
        ("officers", changed(OFFICERS, 2, "certificates", "citty:2034-12-31"), ("the nearest is city (城市管理)",)),
        ("teams", changed(TEAMS, 3, "body", "综合行政执法局"), ("the nearest is ZF (虚构区综合行政执法局)",)),
        ("teams", changed(TEAMS, 3, "beat", "山前"), ("the nearest is 330299100001 (山前村)",)),
    ],
)
def test_what_a_clerk_most_likely_meant_is_said(
    desk: Path, file: str, rows: list[list[object]], words: tuple[str, ...]
):
    sheet(f"{file}.xlsx", rows)
    answer = build()
    refused(answer, f"{file}.xlsx", *words)
    assert answer.stderr.count(" found ") == 1


def test_a_column_of_ones_own_is_passed_over(desk: Path):
    sheet("areas.xlsx", [[*AREAS[0], "备注"], *([*row, "-"] for row in AREAS[1:])])
    assert build().exit_code == 0


def test_an_explanation_as_the_first_sheet_is_named(desk: Path):
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["请填第二张表"])
    book.create_sheet("区划").append(["code", "name"])
    book.save("areas.xlsx")
    refused(build(), "areas.xlsx", "the first sheet is read")


@pytest.mark.parametrize(
    ("file", "rows", "words"),
    [
        ("areas", changed(changed(AREAS, 3, "lon", 29.8045), 3, "lat", 121.5089), ("row 3, column lat", "exchanged")),
        ("areas", changed(AREAS, 3, "officers", 0), ("row 3, column officers", "an empty cell where")),
        ("teams", changed(TEAMS, 2, "lon", 118.5), ("teams.xlsx, row 2, column lon", "in the place or near it")),
    ],
)
def test_a_slip_that_only_a_map_would_show_is_refused(desk, file, rows, words):
    sheet(f"{file}.xlsx", rows)
    refused(build(), *words)


def test_all_faults_of_a_sheet_are_said_at_once(desk: Path):
    """Each that is not said costs another build."""
    sheet("officers.xlsx", [OFFICERS[0], *([f"A{at}", "甲", "boss", 330299001, ""] for at in range(8))])
    answer = build()
    refused(answer, *(f"officers.xlsx, row {row}, column role: found 'boss'" for row in range(2, 10)), "and 3 more")


def test_what_is_taken_as_it_stands_is_said(desk: Path):
    """Outline and seats both read off AMap fit each other, and lie 500 m beside the streets."""
    sheet("officers.xlsx", changed(OFFICERS, 2, "certificates", "city:2020-05-31;fire:2034-12-31"))
    sheet("teams.xlsx", TEAMS[:2])
    answer = build()
    assert answer.exit_code == 0, answer.output
    assert "taken as WGS84" in answer.stderr
    assert "towns without a team, where nobody can be sent from: 330299100 西山镇." in answer.stderr
    assert "have ended and count for nothing: 甲 (A1) city 2020-05-31." in answer.stderr
    assert json.loads(answer.stdout.splitlines()[-1])["of_them_no_officers"] == 1


def test_of_a_datum_that_was_named_nothing_is_said(desk: Path):
    assert build(f"{EVERYTHING} --datum wgs84").stderr == ""


def test_areas_are_refused_before_the_streets_are_read(desk: Path):
    """The streets of a district take half a minute on a slow machine, a slip in a sheet one second."""
    Path("streets.osm").unlink()
    sheet("areas.xlsx", changed(AREAS, 3, "officers", "nine"))
    refused(build(), "areas.xlsx, row 3, column officers")
