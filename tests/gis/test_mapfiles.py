"""Map files and tables in and out."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Polygon, box

from gis.crs import Datum, from_wgs84, to_metric
from gis.mapfiles import (
    FORMATS,
    beginning,
    read_cells,
    read_points,
    read_shapes,
    read_table,
    replacing,
    write_shapes,
    write_table,
)
from gis.schemas import BadInput


def cells(count: int = 40) -> gpd.GeoDataFrame:
    shapes = [box(121 + at / 1000, 29.8, 121 + (at + 1) / 1000, 29.9) for at in range(count)]
    return gpd.GeoDataFrame({"code": [f"{at:015d}" for at in range(count)]}, geometry=shapes, crs="EPSG:4326")


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError("disk full")


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_is_written_comes_back_to_the_last_bit(tmp_path, suffix):
    """Rounded corners would open slits between neighbours."""
    path = tmp_path / f"cells{suffix}"
    third = cells().assign(geometry=cells().translate(1 / 3, 1 / 7))
    write_shapes(third, path)
    back = read_shapes(path)
    assert back.crs == "EPSG:4326"
    assert back["code"].tolist() == third["code"].tolist()
    assert back.geometry.geom_equals_exact(third.geometry, 0.0).all()


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_frame_gives_the_same_bytes(tmp_path, suffix):
    """A place built twice from one seed must be the same file."""
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        write_shapes(cells(), folder / f"cells{suffix}")
    assert (one / f"cells{suffix}").read_bytes() == (two / f"cells{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_file_cut_short_is_refused(tmp_path, suffix, share):
    """Half the cells would mean half the district without a team."""
    whole = tmp_path / f"whole{suffix}"
    write_shapes(cells(2000), whole)
    content = whole.read_bytes()
    cut = written(tmp_path / f"cut{suffix}", content[: int(len(content) * share)])
    with pytest.raises(BadInput, match=rf"cut{suffix}: found (0 bytes|a file that cannot be read)"):
        read_shapes(cut)


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet"])
def test_shapes_without_crs_are_refused_unless_the_user_names_the_datum(tmp_path, suffix):
    """Only GeoJSON is WGS84 by its standard."""
    path = tmp_path / f"nowhere{suffix}"
    unlabelled = cells().set_crs(None, allow_override=True)
    if suffix == ".gpkg":
        with pytest.warns(UserWarning, match="crs"):
            unlabelled.to_file(path)
    else:
        unlabelled.to_parquet(path)
    with pytest.raises(BadInput, match="no coordinate reference system"):
        read_shapes(path)
    assert read_shapes(path, Datum.CGCS2000).crs == "EPSG:4326"


def test_geojson_that_names_no_crs_is_wgs84(tmp_path):
    """RFC 7946, section 4."""
    ring = [[121, 29], [122, 29], [122, 30], [121, 29]]
    feature = {"type": "Feature", "properties": {"code": 7}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    path = written(tmp_path / "c.geojson", json.dumps({"type": "FeatureCollection", "features": [feature]}))
    found = read_cells(path)
    assert found.crs == "EPSG:4326"
    assert found["code"].tolist() == ["7"]


def test_shapes_drawn_on_a_chinese_map_service_are_moved(tmp_path):
    """A border drawn on AMap is 500 m off; the user says so with the datum."""
    path = tmp_path / "c.geojson"
    true = cells(1)
    lon, lat = from_wgs84(*true.get_coordinates().to_numpy().T, Datum.GCJ02)
    write_shapes(true.set_geometry([Polygon(np.column_stack([lon, lat]))], crs="EPSG:4326"), path)
    back = read_shapes(path, Datum.GCJ02).get_coordinates().to_numpy()
    np.testing.assert_allclose(back, true.get_coordinates().to_numpy(), atol=1e-9)


def test_cells_keep_the_crs_in_which_they_were_drawn(tmp_path):
    """A straight border in metres is no straight border in degrees."""
    path = tmp_path / "c.gpkg"
    metric = to_metric(cells())
    write_shapes(metric, path)
    assert read_cells(path).crs == metric.crs
    assert read_shapes(path).crs == "EPSG:4326"
    with pytest.raises(BadInput, match="Leave the datum away"):
        read_shapes(path, Datum.GCJ02)


def test_degrees_beyond_the_earth_are_refused(tmp_path):
    """Metres in a GeoJSON file, or latitude first."""
    for shape, advice in ((box(548_000, 3_300_000, 549_000, 3_301_000), "look like metres"),
                          (box(29, 121, 30, 122), "look swapped")):  # fmt: skip
        path = tmp_path / "c.geojson"
        gpd.GeoDataFrame({"code": ["a"]}, geometry=[shape], crs="EPSG:4326").to_file(path)
        with pytest.raises(BadInput, match=advice):
            read_shapes(path)


def test_what_is_no_map_file_is_refused(tmp_path):
    """Absent, of another kind, without shapes, or a folder."""
    with pytest.raises(BadInput, match="no such file"):
        read_shapes(tmp_path / "c.gpkg")
    with pytest.raises(BadInput, match=r"expected .gpkg, .geojson, .parquet"):
        read_shapes(written(tmp_path / "c.kml", "<kml/>"))
    with pytest.raises(BadInput, match="no shapes"):
        read_shapes(written(tmp_path / "c.geojson", '{"type": "FeatureCollection", "features": []}'))
    pd.DataFrame({"code": ["a"]}).to_parquet(tmp_path / "c.parquet")
    with pytest.raises(BadInput, match="cannot be read"):
        read_shapes(tmp_path / "c.parquet")


def test_of_several_layers_the_one_named_like_the_file_is_read(tmp_path):
    """Picking the first of several would be a guess."""
    for layer in ("streets", "cells"):
        cells().to_file(tmp_path / "cells.gpkg", layer=layer)
        cells().to_file(tmp_path / "other.gpkg", layer=layer)
    assert len(read_cells(tmp_path / "cells.gpkg")) == 40
    with pytest.raises(BadInput, match="layers 'streets', 'cells'"):
        read_cells(tmp_path / "other.gpkg")


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    """A full disk must not cost the cells of yesterday."""
    path = written(tmp_path / "out.csv", "yesterday")
    unwritable = pd.DataFrame({"id": [Unprintable()]})
    with pytest.raises(RuntimeError, match="disk full"):
        write_table(unwritable, path)
    assert path.read_text() == "yesterday"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(BadInput, match="no folder"), replacing(tmp_path / "nowhere" / "out.csv"):
        pass


def test_shapes_without_crs_or_of_unknown_kind_are_not_written(tmp_path):
    """What we write must be readable by the rule we apply to others."""
    with pytest.raises(ValueError, match="no CRS"):
        write_shapes(cells().set_crs(None, allow_override=True), tmp_path / "c.gpkg")
    with pytest.raises(ValueError, match="are written as"):
        write_shapes(cells(), tmp_path / "c.kml")
    assert list(tmp_path.iterdir()) == []


def test_points_are_read_with_or_without_bom_and_keep_other_columns(tmp_path):
    """Excel writes a BOM, scripts do not."""
    for bom in ("", "\ufeff"):
        path = written(
            tmp_path / "p.csv", bom + 'id,lon,lat,note\r\n007,121.5,29.8,"a, 海"\r\n\r\n=1+1,121.6,29.9,\r\n'
        )
        found = read_points(path, Datum.WGS84)
        assert found["id"].tolist() == ["007", "=1+1"]
        assert found["lon"].tolist() == [121.5, 121.6]
        assert found["note"].tolist() == ["a, 海", ""]


def test_points_are_moved_to_wgs84(tmp_path):
    """121.5541583, 29.8714173 on AMap is 121.55, 29.874."""
    path = written(tmp_path / "p.csv", "id,lon,lat\na,121.5541583,29.8714173\n")
    found = read_points(path, Datum.GCJ02)
    np.testing.assert_allclose(found[["lon", "lat"]].to_numpy(), [[121.55, 29.874]], atol=1e-7)


def test_blank_rows_count_but_do_not_matter(tmp_path):
    """The message must lead to the row that the user's editor shows."""
    path = written(tmp_path / "p.csv", "id,lon,lat\na,121,29\n\n,,\nb,121,x\n\n")
    with pytest.raises(BadInput, match="row 5, column lat: found 'x'"):
        read_points(path, Datum.WGS84)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "0 bytes"),
        (b"\n\n", "row 1: found nothing, expected a header row"),
        (b"id,lon,lat\n1,2\n", "row 2: found 2 fields, expected 3"),
        (b"id,lon,lat\n1,2,3,4\n", "row 2: found 4 fields, expected 3"),
        (b"id,lon,lon\n1,2,3\n", "column lon: found two columns of this name"),
        ("id,lon,lat,名\n".encode("gbk"), "not UTF-8"),
        ("id,lon,lat\n".encode("utf-16"), "not UTF-8"),
    ],
)
def test_a_spoilt_table_is_refused(tmp_path, content, complaint):
    """Each with the words that lead to the mistake."""
    with pytest.raises(BadInput, match=complaint):
        read_points(written(tmp_path / "p.csv", content), Datum.WGS84)


def test_tables_come_back_as_written_also_compressed(tmp_path):
    """Commas, quotes, line breaks and Chinese in a field; the same bytes each time."""
    table = pd.DataFrame({"id": ["1", "2"], "text": ['a, "b"\nc', "海曙"]})
    for name in ("t.csv", "t.csv.gz"):
        write_table(table, tmp_path / name)
        first = (tmp_path / name).read_bytes()
        write_table(table, tmp_path / name)
        assert (tmp_path / name).read_bytes() == first
        back = read_table(tmp_path / name)
        assert back.to_dict("list") == table.to_dict("list")
        assert back.index.tolist() == [2, 3]
    cut = written(tmp_path / "cut.csv.gz", (tmp_path / "t.csv.gz").read_bytes()[:-9])
    with pytest.raises(BadInput, match="cannot be read"):
        read_table(cut)


def test_a_file_with_a_new_name_goes_over_nothing_that_came_meanwhile(tmp_path):
    """Two nightly jobs under one name: the second one loses its own work, never the first one's."""
    path = tmp_path / "kept.zip"
    writing = beginning(path)
    writing.__enter__().write_text("late")
    path.write_text("first")
    with pytest.raises(BadInput, match="there already"):
        writing.__exit__(None, None, None)
    assert path.read_text() == "first"
    assert [each.name for each in tmp_path.iterdir()] == ["kept.zip"]
