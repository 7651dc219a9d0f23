"""`gridbeat locate`: the file it writes and the line it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from shapely.geometry import MultiPolygon, Point, Polygon, box

from ui.cli import main

CODES = ["330203001001001", "330203001001002", "330203001001003"]
WEST = Polygon(
    [(121.50, 29.80), (121.51, 29.80), (121.51, 29.81), (121.50, 29.81)],
    holes=[[(121.503, 29.803), (121.507, 29.803), (121.507, 29.807), (121.503, 29.807)]],
)
EAST = box(121.51, 29.80, 121.52, 29.81)
TWO_PARTS = MultiPolygon([box(121.53, 29.80, 121.54, 29.81), box(121.55, 29.80, 121.56, 29.81)])
CELLS = gpd.GeoDataFrame({"code": CODES, "geometry": [WEST, EAST, TWO_PARTS]}, crs=4326)


def locate(
    folder: Path, points: pd.DataFrame, *more: str, cells: str = "cells.gpkg"
) -> tuple[pd.DataFrame, dict[str, Any]]:
    points.to_csv(folder / "p.csv", index=False)
    line = ["locate", "--cells", str(folder / cells), "--points", str(folder / "p.csv"), "--out", str(folder / "o.csv")]
    answer = CliRunner().invoke(main, [*line, *more])
    assert answer.exit_code == 0, answer.output
    return pd.read_csv(folder / "o.csv", dtype=str, keep_default_na=False), json.loads(answer.stdout.splitlines()[-1])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    CELLS.to_file(tmp_path / "cells.gpkg", driver="GPKG")
    CELLS.to_parquet(tmp_path / "cells.parquet")
    CELLS.to_file(tmp_path / "cells.geojson", driver="GeoJSON")
    return tmp_path


def test_points_come_back_in_their_order_with_holes_and_parts_respected(folder):
    points = pd.DataFrame(
        {
            "id": ["part", "hole", "west", "007", "sea"],
            "lon": [121.555, 121.505, 121.502, 121.515, 122.0],
            "lat": [29.805] * 5,
            "note": "kept by the caller",
        }
    )
    table, told = locate(folder, points)
    assert table.columns.tolist() == ["id", "code"]
    assert table.to_numpy().tolist() == [
        ["part", CODES[2]],
        ["hole", ""],
        ["west", CODES[0]],
        ["007", CODES[1]],
        ["sea", ""],
    ]
    assert (told["points"], told["located"]) == (5, 3)
    assert told["seconds"] > 0
    assert told["points_per_second"] > 0


@pytest.mark.parametrize("cells", ["cells.gpkg", "cells.parquet", "cells.geojson"])
def test_every_format_gives_what_shapely_says(folder, cells):
    rng = np.random.default_rng(7)
    points = pd.DataFrame(
        {
            "id": np.arange(400),
            "lon": 121.495 + 0.07 * rng.random(400),
            "lat": 29.795 + 0.02 * rng.random(400),
        }
    )
    table, _ = locate(folder, points, cells=cells)
    for row, code in zip(points.itertuples(), table["code"], strict=True):
        inside = [c for c, shape in zip(CODES, CELLS.geometry, strict=True) if shape.contains(Point(row.lon, row.lat))]
        assert ([code] if code else []) == inside


def test_a_point_on_a_shared_border_lies_in_exactly_one_cell(folder):
    """Otherwise an incident on the middle of a street is counted twice or not at all."""
    points = pd.DataFrame({"id": ["border"], "lon": [121.51], "lat": [29.805]})
    table, told = locate(folder, points)
    assert table["code"][0] in CODES[:2]
    assert told["located"] == 1


def test_points_of_another_datum_are_moved_first(folder):
    """121.505 in GCJ-02 is 400 m farther west: another cell's ground."""
    points = pd.DataFrame({"id": ["p"], "lon": [121.5115], "lat": [29.805]})
    assert locate(folder, points)[0]["code"][0] == CODES[1]
    assert locate(folder, points, "--datum", "gcj02")[0]["code"][0] == CODES[0]


def test_no_points_are_an_empty_table(folder):
    table, told = locate(folder, pd.DataFrame({"id": [], "lon": [], "lat": []}))
    assert table.empty
    assert told["points"] == 0
