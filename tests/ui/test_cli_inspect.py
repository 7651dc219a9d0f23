"""`gridbeat inspect plan`: the files that come out, and what is said of files that cannot go in."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from dispatch.inspections.columns import CHINESE
from dispatch.inspections.ways import LineWays
from dispatch.records.inspection import Calendar
from tests.real import real_file
from ui.cli import main
from ui.commands import inspecting

PREMISES = """premises_id,name,lon,lat,town,opens,closes,annual_cap,visits_this_year
p1,面馆,121.500,29.900,t1,09:00,18:00,4,1
p2,=cmd(),121.520,29.905,t1,17:00,22:00,,
p3,工地,121.600,29.950,t2,00:00,24:00,2,0
"""
ITEMS = """item_id,premises_id,department,certificate,minutes,earliest,latest
i1,p1,消防,fire,30,2026-12-01,2026-12-20
i2,p1,市监,food,45,2026-12-05,2026-12-31
i3,p2,市监,food,60,2026-12-01,2026-12-03
i4,p3,住建,build,120,2026-12-07,2026-12-11
i5,p3,住建,build,120,2026-12-11,2026-12-07
"""
OFFICERS = """officer_id,town,department,certificates,conflicts
a,t1,消防,fire;food,
b,t1,市监,food,p9
c,t2,住建,build,
d,t2,住建,,
"""


def run(folder: Path, *more: str, **files: str) -> Result:
    for name, text in ({"premises": PREMISES, "items": ITEMS, "officers": OFFICERS} | files).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    line = ["inspect", "plan", "--days", "20", "--start", "2026-12-01", "--seconds", "0.3", *more]
    for name in ("premises", "items", "officers"):
        line += [f"--{name}", str(folder / f"{name}.csv")]
    return CliRunner().invoke(main, [*line, "--out", str(folder / "plan")])


def planned(folder: Path, *more: str, **files: str) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    answer = run(folder, *more, **files)
    assert answer.exit_code == 0, answer.output
    tables = {
        name: pd.read_csv(folder / "plan" / f"{name}.csv", dtype=str, keep_default_na=False)
        for name in ("visits", "crews", "desk", "undone")
    }
    summary = json.loads((folder / "plan" / "summary.json").read_text(encoding="utf-8"))
    assert json.loads(answer.stdout.splitlines()[-1]) == summary
    return tables, summary


def test_every_item_is_in_one_visit_or_undone(tmp_path: Path):
    """The two checks of the noodle shop are one visit; the item with reversed dates is named, not dropped."""
    tables, summary = planned(tmp_path)
    visits = tables["visits"]
    assert list(visits.columns) == ["visit_id", "premises_id", "date", "crew_id", "arrive", "leave", "items"]
    assert sorted(visits["items"]) == ["i1;i2", "i3", "i4"]
    assert tables["undone"].to_dict("records") == [
        {"item_id": "i5", "reason": "dates_reversed", "price": "", "resembles": ""}
    ]
    assert summary["visits"] == summary["fewest_visits"] == 3
    assert summary["visits_without_merging"] == summary["items"] == 5
    assert (summary["visits_spared_by_merging"], summary["visits_spared_from_desk"]) == (1, 0)
    assert summary["undone"] == 1
    assert summary["fewest_visits_proved"] is True
    assert summary["officer_days_bound"] <= summary["officer_days"] == 6


def test_what_needs_nobody_to_go_is_on_the_desk_and_says_what_it_spared(tmp_path: Path):
    """Of five checks one is merged, one made from the desk: both spare a visit, and the proof tells which."""
    rows = [f"{row},{'papers' if row.startswith('i3') else ''}" for row in ITEMS.splitlines()[1:]]
    tables, summary = planned(tmp_path, items="\n".join([ITEMS.splitlines()[0] + ",remote", *rows]))
    assert list(tables["desk"].columns) == ["date", "town", "officers", "items"]
    assert tables["desk"][["town", "officers", "items"]].to_dict("records") == [
        {"town": "t1", "officers": "a;b", "items": "i3"}
    ]
    assert sorted(tables["visits"]["items"]) == ["i1;i2", "i4"]
    assert (summary["visits_spared_by_merging"], summary["visits_spared_from_desk"]) == (1, 1)


def test_a_plan_that_the_checker_refuses_is_written_nowhere_and_told_in_sentences(tmp_path: Path, monkeypatch):
    """Whatever goes wrong in the planner, nobody is sent out by it, and nobody reads a tuple of objects."""
    whole = inspecting.plan

    def alone(*asked: Any) -> Calendar:
        found = whole(*asked)
        return replace(found, crews=tuple(replace(crew, officers=crew.officers[:1]) for crew in found.crews))

    monkeypatch.setattr(inspecting, "plan", alone)
    answer = run(tmp_path)
    assert answer.exit_code == 1
    assert "the checker refuses this plan, so nothing was written" in answer.output
    assert "Traceback" not in answer.output
    assert "Reason(" not in answer.output
    assert not (tmp_path / "plan").exists()


def test_the_files_keep_the_hard_rules(tmp_path: Path):
    """Read as a stranger reads them: dates, opening hours, certificates, towns, and 480 minutes with the way."""
    tables, _ = planned(tmp_path)
    places = pd.read_csv(tmp_path / "premises.csv").set_index("premises_id")
    officers = pd.read_csv(tmp_path / "officers.csv", keep_default_na=False).set_index("officer_id")
    items = pd.read_csv(tmp_path / "items.csv").set_index("item_id")
    crews = tables["crews"].set_index("crew_id")
    for crew_id, stops in tables["visits"].groupby("crew_id"):
        crew = crews.loc[crew_id]
        people = officers.loc[crew["officers"].split(";")]
        assert 2 <= len(people) <= 5
        assert set(people["town"]) == {crew["town"]}
        held = set(";".join(people["certificates"]).split(";"))
        for stop in stops.itertuples():
            place, checked = places.loc[stop.premises_id], items.loc[stop.items.split(";")]
            assert stop.date == crew["date"]
            assert (checked["earliest"] <= stop.date).all()
            assert (stop.date <= checked["latest"]).all()
            assert place["opens"] <= stop.arrive < stop.leave <= place["closes"]
            assert minutes(stop.leave) - minutes(stop.arrive) == checked["minutes"].sum()
            assert set(checked["certificate"]) <= held
        town = places[places["town"] == crew["town"]]
        lon, lat = [town["lon"].mean(), *places.loc[stops["premises_id"], "lon"]], [town["lat"].mean()]
        ways = LineWays().minutes(lon, [*lat, *places.loc[stops["premises_id"], "lat"]])
        order = [0, *range(1, len(lon)), 0]
        driven = sum(ways[a, b] for a, b in pairwise(order))
        first, last = minutes(stops["arrive"].iloc[0]), minutes(stops["leave"].iloc[-1])
        assert last - first + ways[0, 1] + ways[-1, 0] <= 480
        assert driven >= 0


def minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def test_a_break_at_noon_is_nobodys_work(tmp_path: Path):
    """The office closes from twelve to half past one; a break that is none is refused in a sentence."""
    tables, summary = planned(tmp_path, "--noon", "12:00-13:30")
    assert summary["undone"] == 1
    for arrive, leave in tables["visits"][["arrive", "leave"]].to_numpy():
        assert not 720 <= minutes(arrive) < 810
        assert not 720 < minutes(leave) <= 810
    answer = run(tmp_path, "--noon", "13:30-12:00")
    assert answer.exit_code == 2
    assert "the break 13:30-12:00 does not begin before it ends" in answer.output
    assert "write it like 12:00-13:30" in run(tmp_path, "--noon", "noon").output


def test_the_routes_open_as_a_map(tmp_path: Path):
    """One line a crew's day, in degrees."""
    tables, _ = planned(tmp_path)
    routes = gpd.read_file(tmp_path / "plan" / "routes.geojson")
    assert sorted(routes["crew_id"]) == sorted(tables["crews"]["crew_id"])
    assert set(routes.geom_type) == {"LineString"}
    assert set(routes["along"]) == {"line"}, "no street is known: a straight line says that it is one"


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path):
    """All files but the summary, which says how long it took."""
    planned(tmp_path)
    first = {file.name: file.read_bytes() for file in (tmp_path / "plan").iterdir() if file.suffix != ".json"}
    planned(tmp_path)
    assert {name: (tmp_path / "plan" / name).read_bytes() for name in first} == first


def test_a_town_without_officers_and_an_empty_list_end_well(tmp_path: Path):
    """Nobody there: everything undone with a reason. Nothing due: an empty plan."""
    tables, summary = planned(tmp_path, officers=OFFICERS.splitlines()[0] + "\n")
    assert set(tables["undone"]["reason"]) == {"no_certificate", "dates_reversed"}
    assert summary["undone"] == 5
    tables, summary = planned(tmp_path, items=ITEMS.splitlines()[0] + "\n")
    assert summary["items"] == summary["visits"] == summary["officer_days"] == 0
    assert len(gpd.read_file(tmp_path / "plan" / "routes.geojson")) == 0


@pytest.mark.parametrize(
    ("name", "was", "now", "said"),
    [
        ("premises", "09:00", "9 Uhr", ["premises.csv, row 2, column opens", "'9 Uhr'", "a time like 08:30"]),
        ("premises", "121.500", "1210.5", ["row 2, column lon", "degrees within ±180"]),
        ("premises", "p2,", "p1,", ["row 3, column premises_id", "stood first in row 2"]),
        ("premises", "29.900,t1", "29.900,", ["row 2, column town", "nothing"]),
        ("premises", ",4,1", ",four,1", ["row 2, column annual_cap", "a whole number"]),
        ("premises", "closes,", "shuts,", ["column closes", "no such column"]),
        ("items", "i3,p2", "i3,p7", ["items.csv, row 4, column premises_id", "'p7'"]),
        ("items", ",60,", ",0,", ["row 4, column minutes", "from 1 to"]),
        ("items", "2026-12-03", "3.12.2026", ["row 4, column latest", "a date like"]),
        ("items", ",fire,", ",,", ["row 2, column certificate"]),
        ("officers", "b,t1", "a,t1", ["officers.csv, row 3, column officer_id"]),
        ("officers", "b,t1", "b,", ["row 3, column town"]),
        ("items", "i2,p1", "i;2,p1", ["items.csv, row 3, column item_id", "'i;2'", "without semicolons"]),
        ("premises", "p2,", "p；2,", ["premises.csv, row 3, column premises_id", "without semicolons"]),
        ("officers", "a,t1", '"a\nb",t1', ["officers.csv, row 2, column officer_id", "on one line"]),
        ("items", "i2,p1", "i\x002,p1", ["items.csv, row 3, column item_id", "on one line"]),
        ("premises", "121.500", "12_1.5", ["row 2, column lon", "degrees within ±180"]),
        ("premises", "29.900,t1", "29.900,*", ["row 2, column town", "'*'"]),
        ("premises", ",4,1", ",400,1", ["row 2, column annual_cap", "a whole number from 0 to 366"]),
        ("officers", ",conflicts", ",avoids", ["column conflicts", "no such column"]),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_its_row(
    tmp_path: Path, name: str, was: str, now: str, said: list[str]
):
    """One message, exit status 2, and no folder."""
    text = {"premises": PREMISES, "items": ITEMS, "officers": OFFICERS}[name]
    assert was in text
    answer = run(tmp_path, **{name: text.replace(was, now, 1)})
    assert answer.exit_code == 2, answer.output
    for words in said:
        assert words in answer.output
    assert not (tmp_path / "plan").exists()


def test_working_days_after_the_last_day_of_all_are_refused(tmp_path: Path):
    """A year mistyped as 9999 is a slip of the hand and no reason for a traceback."""
    answer = run(tmp_path, "--start", "9999-12-20")
    assert answer.exit_code == 2, answer.output
    assert "--start: found 9999-12-20, expected a day that 20 working days follow" in answer.output
    assert not (tmp_path / "plan").exists()


@pytest.mark.parametrize("noon", ["11:60-12:30", "12:00-12:99", "13:30-12:00"])
def test_a_break_of_hours_that_no_clock_shows_is_refused(tmp_path: Path, noon: str):
    """12:99 would have been taken for 13:39."""
    answer = run(tmp_path, "--noon", noon)
    assert answer.exit_code == 2, answer.output


def test_tables_of_a_chinese_spreadsheet_give_the_same_plan(tmp_path: Path):
    """CSV in GBK with Chinese headers, or a workbook: the office saves what its program saves."""
    plain, _ = planned(tmp_path)
    header, *rows = ITEMS.splitlines()
    zh = ",".join(CHINESE[name] for name in header.split(","))
    for name, text in (("items", "\n".join([zh, *rows])), ("officers", OFFICERS)):
        (tmp_path / f"{name}_gbk.csv").write_text(text, encoding="gb18030")
    book = Workbook()
    for row in PREMISES.splitlines():
        book.active.append(row.split(","))
    for cell in book.active["B"]:
        cell.data_type = "s"  # a shop's name that begins like a formula
    book.save(tmp_path / "premises.xlsx")
    line = ["inspect", "plan", "--days", "20", "--start", "2026-12-01", "--seconds", "0.3"]
    line += ["--premises", str(tmp_path / "premises.xlsx"), "--items", str(tmp_path / "items_gbk.csv")]
    line += ["--officers", str(tmp_path / "officers_gbk.csv"), "--out", str(tmp_path / "again")]
    answer = CliRunner().invoke(main, line)
    assert answer.exit_code == 0, answer.output
    for name, table in plain.items():
        assert pd.read_csv(tmp_path / "again" / f"{name}.csv", dtype=str, keep_default_na=False).equals(table)


def test_faults_of_all_tables_are_said_at_once(tmp_path: Path):
    """Premises first and items next week is twice the work."""
    answer = run(
        tmp_path,
        premises=PREMISES.replace("121.500", "1210.5"),
        items=ITEMS.replace(",45,", ",0,"),
        officers=OFFICERS.replace("b,t1", "b,"),
    )
    for words in ("premises.csv, row 2", "items.csv, row 3", "officers.csv, row 3"):
        assert words in answer.output


def test_no_street_leads_to_a_place_far_from_all_of_them(tmp_path: Path):
    """What lies on a real network is visited, what lies kilometres away is unreachable; the map shows streets."""
    network = real_file("boston_central.osm.gz")
    near = PREMISES.replace("121.500,29.900", "-71.0600,42.3550").replace("121.520,29.905", "-71.0650,42.3500")
    tables, summary = planned(tmp_path, "--streets", str(network), premises=near)
    assert sorted(tables["visits"]["items"]) == ["i1;i2", "i3"]
    assert dict(tables["undone"][["item_id", "reason"]].to_numpy())["i4"] == "unreachable"
    assert 0 < summary["travel_minutes"] < 60
    routes = gpd.read_file(tmp_path / "plan" / "routes.geojson")
    ways = routes.geometry
    assert set(routes["along"]) == {"streets"}
    assert max(len(way.coords) for way in ways) > 10, "round the corners, not from door to door"
    assert all((-71.0625, 42.3525) == way.coords[0] == way.coords[-1] for way in ways), "from the base and back"


def test_every_base_belongs_to_a_town_that_has_premises(tmp_path: Path):
    """A misspelt town would silently start its crews elsewhere."""
    (tmp_path / "bases.csv").write_text("town,lon,lat\nt3,121.5,29.9\n", encoding="utf-8")
    answer = run(tmp_path, "--bases", str(tmp_path / "bases.csv"))
    assert answer.exit_code == 2
    assert "bases.csv, row 2, column town" in answer.output
    (tmp_path / "bases.csv").write_text("town,lon,lat\nt2,121.7,29.9\n", encoding="utf-8")
    _, far = planned(tmp_path, "--bases", str(tmp_path / "bases.csv"))
    _, near = planned(tmp_path)
    assert far["travel_minutes"] > near["travel_minutes"]
    assert np.isfinite(far["travel_minutes"])


def test_a_misspelt_code_is_told_with_the_one_it_resembles(tmp_path: Path):
    """Nobody holds 'foood': undone.csv says so, and what was probably meant; it is no fault of the row."""
    answer = run(tmp_path, items=ITEMS.replace("food,60", "foood,60").replace("住建", "住 建"))
    assert answer.exit_code == 0, answer.output
    assert "items, column certificate: 'foood' of i3 is in no row of the officers; the nearest there is 'food'." in (
        answer.stderr
    )
    assert "column department: '住 建' of i4 and 1 more is in no row of the officers; the nearest there is '住建'." in (
        answer.stderr
    )
    undone = pd.read_csv(tmp_path / "plan" / "undone.csv", keep_default_na=False).set_index("item_id")
    assert tuple(undone.loc["i3"]) == ("no_certificate", "1 officers", "certificate food")


def test_officers_posted_to_a_misspelt_town_are_told(tmp_path: Path):
    """Else the whole town is undone for want of officers who stand in the next table."""
    answer = run(
        tmp_path,
        premises=PREMISES.replace(",t2,", ",gulou_street,"),
        officers=OFFICERS.replace(",t2,", ",gulou_stret,"),
    )
    assert "premises, column town: 'gulou_street' of p3 is in no row of the officers" in answer.stderr
    undone = pd.read_csv(tmp_path / "plan" / "undone.csv", keep_default_na=False).set_index("item_id")
    assert undone.loc["i4", "resembles"] == "town gulou_stret"


def test_a_shop_in_the_ocean_is_told_with_its_row(tmp_path: Path):
    """Its checks are too long for a day, which is true and does not say that a digit was typed wrong."""
    answer = run(tmp_path, premises=PREMISES.replace("121.520", "151.520"))
    assert "premises, columns lon and lat: 'p2' at 151.52, 29.905 is " in answer.stderr
    assert "hours there and back for the crews of 't1'." in answer.stderr
    assert "columns lon and lat" not in run(tmp_path).stderr


def test_a_conflict_with_premises_that_nobody_knows_is_told(tmp_path: Path):
    """A slip in that cell sends an officer where he must not go."""
    told = "column conflicts: ids that are no premises of the table and keep nobody away: 1, the first 'p9' of b."
    assert told in run(tmp_path).stderr
    assert "conflicts" not in run(tmp_path, officers=OFFICERS.replace("p9", "p2")).stderr


@pytest.mark.parametrize("column", ["role", "身份"])
def test_auxiliaries_and_grid_workers_go_on_no_visit_and_it_is_said(tmp_path: Path, column: str):
    """They find and dissuade; a crew of them would make every record of that day void."""
    roles = zip(OFFICERS.splitlines(), [column, "officer", "auxiliary", "grid_worker", ""], strict=True)
    officers = "\n".join(f"{row},{role}" for row, role in roles)
    answer = run(tmp_path, officers=officers)
    assert answer.exit_code == 0, answer.output
    assert (tmp_path / "plan" / "visits.csv").read_text(encoding="utf-8").count("\n") == 1, "nobody is left for a pair"
    assert "officers, column role: 'b' is auxiliary, 'c' is grid_worker; only officers inspect" in answer.stderr
    assert "not read" not in answer.stderr


def test_a_column_that_nobody_reads_is_named(tmp_path: Path):
    """Under a misspelt role an auxiliary would inspect, and nobody would be told."""
    answer = run(tmp_path, officers=OFFICERS.replace("conflicts", "conflicts,roles").replace("p9", "p9,auxiliary"))
    assert answer.exit_code == 0, answer.output
    assert "officers.csv: not read: 'roles'; known are officer_id, town" in answer.stderr


def test_certificates_may_be_joined_by_a_full_width_semicolon(tmp_path: Path):
    """That is the key under a Chinese hand; both certificates would have become one that no check asks for."""
    tables, _ = planned(tmp_path, officers=OFFICERS.replace("fire;food", "fire；food"))
    assert "i1;i2" in set(tables["visits"]["items"])


def test_certificates_with_their_days_are_refused(tmp_path: Path):
    """As the roster of a place has them: every check would be left out for want of a certificate."""
    answer = run(tmp_path, officers=OFFICERS.replace("fire;food", "fire:2034-12-31;food:2034-12-31"))
    assert answer.exit_code == 2
    assert "officers.csv, row 2, column certificates" in answer.stderr
    assert "without their last days" in answer.stderr


@pytest.mark.parametrize(
    ("name", "was", "now", "reason"),
    [
        ("items", "2026-12-01,2026-12-03", "2026-12-03,2026-12-01", "dates_reversed"),
        ("items", "2026-12-01,2026-12-03", "2026-12-05,2026-12-06", "no_working_day"),
        ("items", "2026-12-01,2026-12-03", "2026-11-01,2026-11-30", "past"),
        ("items", "2026-12-01,2026-12-03", "2027-11-01,2027-11-30", "later"),
        ("items", "food,60", "labour,60", "no_certificate"),
        ("items", "food,60", "food,1500", "too_long"),
        ("premises", "17:00,22:00", "22:00,17:00", "never_open"),
        ("premises", "17:00,22:00", "17:00,17:00", "never_open"),
        ("premises", "22:00,,", "22:00,2,2", "annual_cap"),
        ("officers", "b,t1,市监,food,p9", "b,t1,市监,food,p2", "no_crew"),
    ],
)
def test_a_check_that_cannot_be_is_named_with_its_reason(tmp_path: Path, name: str, was: str, now: str, reason: str):
    """One row more in undone.csv, and all else is planned as before."""
    text = {"premises": PREMISES, "items": ITEMS, "officers": OFFICERS}[name]
    assert was in text
    tables, summary = planned(tmp_path, **{name: text.replace(was, now, 1)})
    assert dict(tables["undone"][["item_id", "reason"]].to_numpy()) == {"i3": reason, "i5": "dates_reversed"}
    assert summary["items"] == 5
    assert summary["undone"] == 2
