"""`gridbeat place build`: a folder that can stand wherever a place is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from click.testing import CliRunner
from shapely.geometry import box

from ui.cli import main

SIDE = 6


def a_town_of_streets() -> str:
    """Six streets by six, 200 m apart, as OpenStreetMap writes them."""
    nodes = "".join(
        f'<node id="{1 + SIDE * row + column}" lat="{29.8 + 0.0018 * row:.4f}" lon="{121.5 + 0.002 * column:.4f}"/>'
        for row in range(SIDE)
        for column in range(SIDE)
    )
    lines = [[1 + SIDE * n + k for k in range(SIDE)] for n in range(SIDE)]
    lines += [[1 + SIDE * k + n for k in range(SIDE)] for n in range(SIDE)]
    ways = ""
    for n, line in enumerate(lines, start=1):
        refs = "".join(f'<nd ref="{ref}"/>' for ref in line)
        ways += f'<way id="{n}">{refs}<tag k="highway" v="residential"/></way>'
    return f'<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">{nodes}{ways}</osm>'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "streets.osm").write_text(a_town_of_streets(), encoding="utf-8")
    return tmp_path


def build(out: str, *more: str) -> dict[str, Any]:
    line = ["place", "build", "--name", "Six by Six", "--streets", "streets.osm", "--out", out, *more]
    answer = CliRunner().invoke(main, line)
    assert answer.exit_code == 0, answer.output
    told: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return told


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_seed_gives_the_same_bytes(folder):
    """Two offices that build from the same file talk about the same cells."""
    build("one", "--seed", "7")
    build("two", "--seed", "7")
    assert contents(folder / "one") == contents(folder / "two")


def test_the_built_folder_can_be_asked_where_points_lie_and_take_tickets(folder):
    """What was built is a place: its cells locate, its name opens."""
    told = build("place")
    assert told["name"] == "six_by_six"
    assert 4_000 < told["median_cell_m2"] < 25_000
    (folder / "p.csv").write_text("id,lon,lat\nin,121.505,29.804\nout,121.7,29.8\n", encoding="utf-8")
    line = "locate --cells place/cells.parquet --points p.csv --out o.csv"
    assert json.loads(CliRunner().invoke(main, line.split()).stdout)["located"] == 1
    (folder / "t.csv").write_text("a,b,c,d,e\n1,stall,121.505,29.804,2026-03-01\n", encoding="utf-8")
    (folder / "map.toml").write_text(
        '[columns]\nid = "a"\ntext = "b"\nlon = "c"\nlat = "d"\nreported_at = "e"\n'
        '[options]\ndatum = "wgs84"\ntimezone = "Asia/Shanghai"\n',
        encoding="utf-8",
    )
    line = "import tickets t.csv --place place --db sqlite:///d.db --map map.toml"
    answer = CliRunner().invoke(main, line.split())
    assert json.loads(answer.stdout)["located"] == 1, answer.output


def test_an_outline_of_ones_own_bounds_the_cells(folder):
    outline = box(121.5005, 29.8005, 121.5095, 29.8085)
    gpd.GeoDataFrame(geometry=[outline], crs=4326).to_file("outline.geojson", driver="GeoJSON")
    build("place", "--outline", "outline.geojson")
    cells = gpd.read_parquet("place/cells.parquet")
    assert cells.union_all().symmetric_difference(outline).area < 1e-3 * outline.area


def test_a_folder_with_something_else_in_it_is_left_alone(folder):
    (folder / "papers").mkdir()
    (folder / "papers" / "letter.txt").write_text("dear", encoding="utf-8")
    line = "place build --name six --streets streets.osm --out papers"
    answer = CliRunner().invoke(main, line.split())
    assert answer.exit_code == 2
    assert "papers" in answer.stderr
    assert contents(folder / "papers") == {"letter.txt": b"dear"}


def test_streets_come_from_a_file_or_by_name_but_one_of_them(folder):
    """With neither there is nothing to cut; with both nobody knows which was meant."""
    run = CliRunner().invoke(main, ["place", "build", "--name", "x", "--out", str(folder / "out")])
    assert run.exit_code == 2
    assert "found neither" in run.stderr
    assert not (folder / "out").exists()
