"""`gridbeat travel`: the file it writes, against ways that can be counted by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from gis.crs import great_circle_m
from ui.cli import main

# A square of one-way streets, driven round by 1, 2, 3, 4; a two-way street leads south from 1 and from 2.
SQUARE = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
 <node id="1" lat="29.800" lon="121.500"/>
 <node id="2" lat="29.800" lon="121.501"/>
 <node id="3" lat="29.801" lon="121.501"/>
 <node id="4" lat="29.801" lon="121.500"/>
 <node id="5" lat="29.799" lon="121.500"/>
 <node id="6" lat="29.799" lon="121.501"/>
 <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
  <tag k="highway" v="residential"/><tag k="oneway" v="yes"/></way>
 <way id="11"><nd ref="1"/><nd ref="5"/><tag k="highway" v="residential"/></way>
 <way id="12"><nd ref="2"/><nd ref="6"/><tag k="highway" v="residential"/></way>
</osm>
"""
CORNERS = "id,lon,lat,note\none,121.500,29.800,x\ntwo,121.501,29.800,y\n"


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "square.osm").write_text(SQUARE, encoding="utf-8")
    (tmp_path / "corners.csv").write_text(CORNERS, encoding="utf-8")
    return tmp_path


def travel(*more: str) -> pd.DataFrame:
    line = ["travel", "--streets", "square.osm", "--from", "corners.csv", "--to", "corners.csv", "--out", "out.csv"]
    answer = CliRunner().invoke(main, [*line, *more])
    assert answer.exit_code == 0, answer.output
    table = pd.read_csv("out.csv")
    assert list(table.columns) == ["from_id", "to_id", "cost"]
    assert json.loads(answer.stdout.splitlines()[-1])["pairs"] == len(table)
    return table


def metres(table: pd.DataFrame) -> dict[tuple[str, str], float]:
    return {(row.from_id, row.to_id): row.cost for row in table.itertuples()}


@pytest.mark.parametrize("snap", ["edge", "node"])
def test_one_way_streets_are_respected(town, snap):
    """There is one side of the square, back are the other three."""
    found = metres(travel("--weight", "length", "--snap", snap))
    east = float(great_circle_m(121.5, 29.8, 121.501, 29.8))
    west = float(great_circle_m(121.5, 29.801, 121.501, 29.801))
    north = float(great_circle_m(121.5, 29.8, 121.5, 29.801))
    assert found["one", "two"] == pytest.approx(east, rel=1e-5)
    assert found["two", "one"] == pytest.approx(2 * north + west, rel=1e-5)
    assert found["one", "one"] == 0


def test_only_pairs_within_the_limit_are_written(town):
    """A caller reads a missing pair as: not in time."""
    found = metres(travel("--weight", "length", "--limit", "150"))
    assert set(found) == {("one", "one"), ("one", "two"), ("two", "two")}


def test_on_foot_there_is_no_one_way(town):
    found = metres(travel("--profile", "foot"))
    assert found["one", "two"] == pytest.approx(found["two", "one"])


def test_costs_keep_all_their_digits_and_the_same_question_gives_the_same_bytes(town):
    travel()
    first = (town / "out.csv").read_bytes()
    travel()
    assert (town / "out.csv").read_bytes() == first
    cost = first.decode().splitlines()[2].split(",")[2]
    assert len(cost) > 10


def test_nobody_asked_is_an_empty_table(town):
    """No open incident tonight is an answer, not a fault."""
    (town / "corners.csv").write_text("id,lon,lat\n", encoding="utf-8")
    assert travel().empty
