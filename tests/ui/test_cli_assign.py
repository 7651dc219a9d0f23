"""`gridbeat assign`: the cheapest assignment, checked against another solver, and a reason for everybody left over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from gis.crs import great_circle_m
from tests.ui.test_cli_travel import SQUARE
from ui.cli import main

PRICE = 100_000


def assign(folder: Path, incidents: str, teams: str, *more: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    (folder / "i.csv").write_text(incidents, encoding="utf-8")
    (folder / "t.csv").write_text(teams, encoding="utf-8")
    line = ["assign", "--incidents", str(folder / "i.csv"), "--teams", str(folder / "t.csv")]
    answer = CliRunner().invoke(main, [*line, *(more or ["--metric", "line"]), "--out", str(folder / "o.csv")])
    assert answer.exit_code == 0, answer.output
    table = pd.read_csv(folder / "o.csv", dtype=str, keep_default_na=False)
    assert list(table.columns) == ["incident_id", "team_id", "cost", "reason"]
    return table, json.loads(answer.stdout.splitlines()[-1])


def reasons(table: pd.DataFrame) -> dict[str, str]:
    return dict(zip(table["incident_id"], table["reason"], strict=True))


def test_the_nearest_team_goes_and_the_cost_is_whole_metres(tmp_path):
    incidents = "id,lon,lat,certificate\ni,121.5,29.8,city\n"
    teams = "id,lon,lat,certificates,capacity\nfar,121.6,29.8,city,1\nnear,121.51,29.8,fire; city,1\n"
    table, told = assign(tmp_path, incidents, teams)
    metres = round(float(great_circle_m(121.5, 29.8, 121.51, 29.8)))
    assert table.to_numpy().tolist() == [["i", "near", str(metres), ""]]
    assert told["objective"] == metres
    assert (told["served"], told["unserved"], told["proved_optimal"]) == (1, 0, True)
    assert told["seconds"] >= 0


def test_every_incident_left_over_has_its_reason(tmp_path):
    """A dispatcher answers for the ones nobody went to; `nobody was free` and `nobody may` are different calls."""
    incidents = (
        "id,lon,lat,certificate,priority\n"
        "served,121.5,29.8,city,1\ncrowded,121.5001,29.8,city,2\nlawless,121.5,29.8,mining,1\n"
        "resting,121.5,29.8,water,1\nfar,125.0,29.8,fire,1\n"
    )
    teams = "id,lon,lat,certificates,capacity\nt,121.5,29.8,city,1\nw,121.5,29.8,water,0\nf,121.5,29.8,fire,9\n"
    table, told = assign(tmp_path, incidents, teams)
    assert reasons(table) == {
        "served": "",
        "crowded": "no_capacity",
        "lawless": "no_certificate",
        "resting": "no_capacity",
        "far": "unreachable",
    }
    assert told["objective"] == 4 * PRICE
    left = table[table["team_id"] == ""]
    assert (left["cost"] == "").all()
    assert told["unserved"] == len(left)


def test_an_incident_in_no_cell_is_outside(tmp_path):
    cells = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"330203001001001"},"geometry":'
    )
    cells += '{"type":"Polygon","coordinates":[[[121,29],[122,29],[122,30],[121,30],[121,29]]]}}]}'
    (tmp_path / "c.geojson").write_text(cells, encoding="utf-8")
    incidents = "id,lon,lat,certificate\nin,121.5,29.8,city\nout,122.5,29.8,city\n"
    teams = "id,lon,lat,certificates,capacity\nt,121.5,29.8,city,5\n"
    table, told = assign(tmp_path, incidents, teams, "--metric", "line", "--cells", str(tmp_path / "c.geojson"))
    assert reasons(table) == {"in": "", "out": "outside"}
    assert told["objective"] == PRICE


def test_an_incident_that_needs_no_certificate_can_go_to_anybody(tmp_path):
    incidents = "id,lon,lat,certificate\ni,121.5,29.8,\n"
    table, _ = assign(tmp_path, incidents, "id,lon,lat,certificates,capacity\nt,121.5,29.8,,1\n")
    assert table["team_id"].tolist() == ["t"]


def test_priority_decides_between_incidents_of_the_same_cost(tmp_path):
    """The total stays the least; among answers that cost the same the urgent one is served."""
    incidents = "id,lon,lat,certificate,priority\nlater,121.5,29.8,city,4\nnow,121.5,29.8,city,1\n"
    table, _ = assign(tmp_path, incidents, "id,lon,lat,certificates,capacity\nt,121.5,29.8,city,1\n")
    assert reasons(table) == {"later": "no_capacity", "now": ""}


def test_no_open_incident_is_an_empty_plan(tmp_path):
    table, told = assign(
        tmp_path, "id,lon,lat,certificate\n", "id,lon,lat,certificates,capacity\nt,121.5,29.8,city,1\n"
    )
    assert table.empty
    assert told["objective"] == 0


def test_no_team_at_all_leaves_everybody_with_a_reason(tmp_path):
    table, told = assign(tmp_path, "id,lon,lat,certificate\ni,121.5,29.8,city\n", "id,lon,lat,certificates,capacity\n")
    assert reasons(table) == {"i": "no_certificate"}
    assert told["objective"] == PRICE


def test_by_street_the_cost_is_seconds_and_far_from_streets_is_outside(tmp_path):
    """As the crow flies team b is no farther than team a; round the one-way square it is three times the way."""
    (tmp_path / "s.osm").write_text(SQUARE, encoding="utf-8")
    incidents = "id,lon,lat,certificate\nhere,121.501,29.8,city\naway,121.6,29.8,city\n"
    teams = "id,lon,lat,certificates,capacity\na,121.5,29.8,city,1\nb,121.501,29.801,city,1\n"
    by_street = ["--metric", "streets", "--streets", str(tmp_path / "s.osm")]
    table, told = assign(tmp_path, incidents, teams, *by_street)
    assert table["team_id"].tolist() == ["a", ""]
    assert reasons(table)["away"] == "outside"
    assert told["objective"] == int(table["cost"][0]) + PRICE
    nearest, _ = assign(tmp_path, incidents, teams, *by_street, "--nearest", "1")
    assert nearest.equals(table)


def random_case(draw: st.DataObject, incidents: int, teams: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(draw.draw(st.integers(0, 2**32 - 1)))
    fields = np.array(["a", "b", "c"])
    cases = pd.DataFrame(
        {
            "id": [f"i{n}" for n in range(incidents)],
            "lon": 121.5 + rng.random(incidents),
            "lat": 29.5 + rng.random(incidents),
            "certificate": fields[rng.integers(0, 3, incidents)],
        }
    )
    crews = pd.DataFrame(
        {
            "id": [f"t{n}" for n in range(teams)],
            "lon": 121.5 + rng.random(teams),
            "lat": 29.5 + rng.random(teams),
            "certificates": [";".join(fields[rng.random(3) < 0.5]) for _ in range(teams)],
            "capacity": rng.integers(0, 3, teams),
        }
    )
    return cases, crews


def least_cost(cases: pd.DataFrame, crews: pd.DataFrame, price: int) -> int:
    """The same question put to scipy: every place of a team a column, and a column for staying unserved."""
    places = crews.loc[np.repeat(np.arange(len(crews)), crews["capacity"])]
    metres = great_circle_m(
        cases["lon"].to_numpy()[:, None],
        cases["lat"].to_numpy()[:, None],
        places["lon"].to_numpy(),
        places["lat"].to_numpy(),
    )
    may = np.array(
        [[i.certificate in t.certificates.split(";") for t in places.itertuples()] for i in cases.itertuples()]
    )
    cost = np.where(may.reshape(metres.shape), np.rint(metres), 10 * price)
    cost = np.hstack([cost, np.full((len(cases), len(cases)), price)])
    rows, columns = linear_sum_assignment(cost)
    return int(cost[rows, columns].sum())


@settings(max_examples=25, deadline=None)
@given(st.data(), st.integers(1, 12), st.integers(1, 8), st.sampled_from([20_000, PRICE]))
def test_no_other_assignment_costs_less(tmp_path_factory, data, incidents, teams, price):
    """Exact, not nearly: the sum is the one that an independent solver finds."""
    folder = tmp_path_factory.mktemp("a")
    cases, crews = random_case(data, incidents, teams)
    line = ["--metric", "line", "--unserved-cost", str(price)]
    table, told = assign(folder, cases.to_csv(index=False), crews.to_csv(index=False), *line)
    assert told["objective"] == least_cost(cases, crews, price)
    assert told["proved_optimal"]
    served = table[table["team_id"] != ""]
    assert told["objective"] == served["cost"].astype(int).sum() + price * told["unserved"]
    room = crews.set_index("id")["capacity"]
    assert all(taken <= room[team] for team, taken in served["team_id"].value_counts().items())
    assert set(table.loc[table["team_id"] == "", "reason"]) <= {"no_certificate", "no_capacity", "unreachable"}


def test_an_impossible_price_is_refused(tmp_path):
    """Beyond 64 bits the sums would be wrong without a word."""
    (tmp_path / "i.csv").write_text(
        "id,lon,lat,certificate,priority\n" + "".join(f"{n},1,1,a,1\n" for n in range(40_000))
    )
    (tmp_path / "t.csv").write_text("id,lon,lat,certificates,capacity\nt,1,1,a,1\n")
    line = f"assign --incidents {tmp_path}/i.csv --teams {tmp_path}/t.csv --metric line --out {tmp_path}/o.csv"
    answer = CliRunner().invoke(main, [*line.split(), "--unserved-cost", "1000000000"])
    assert answer.exit_code == 2
    assert "--unserved-cost" in answer.stderr
