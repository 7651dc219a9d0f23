"""Which cell a point lies in."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon, box

from gis.crs import WrongCRS, to_metric
from gis.locate import CellLocator


def frame(*shapes: shapely.Geometry | None) -> gpd.GeoDataFrame:
    codes = [f"33020300500100{at}" for at in range(len(shapes))]
    return gpd.GeoDataFrame({"code": codes}, geometry=list(shapes), crs="EPSG:4326")


def by_shapely(cells: gpd.GeoDataFrame, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int32]:
    """The slow definition: the first row that covers the point."""
    held = shapely.covers(cells.geometry.to_numpy()[:, None], shapely.points(lon, lat)[None, :])
    return np.where(held.any(axis=0), held.argmax(axis=0), -1).astype(np.int32)


def awkward_points(cells: gpd.GeoDataFrame, rng: np.random.Generator) -> NDArray[np.float64]:
    """Corners, middles of edges, points a hair beside both, and points anywhere."""
    corners = shapely.get_coordinates(cells.geometry.to_numpy())
    middles = (corners[1:] + corners[:-1]) / 2.0
    special = np.concatenate([corners, middles])
    beside = np.nextafter(special, special + rng.choice([-1.0, 1.0], special.shape))
    west, south, east, north = cells.total_bounds if len(corners) else (121.0, 29.0, 122.0, 30.0)
    anywhere = rng.uniform((west - 0.1, south - 0.1), (east + 0.1, north + 0.1), (500, 2))
    return np.concatenate([special, beside, anywhere])


def patchwork(rng: np.random.Generator, side: int, cells: int, gaps: bool) -> gpd.GeoDataFrame:
    """Quadrilaterals with shared corners, dealt out at random: cells in several parts, with holes and neighbours."""
    grid = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0)), axis=-1)
    corner = (121.0, 29.0) + (grid + rng.uniform(-0.3, 0.3, grid.shape)) * rng.choice([1e-5, 0.01, 1.0])
    rings = np.stack([corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]], axis=2).reshape(-1, 4, 2)
    owner = rng.integers(-1 if gaps else 0, cells, len(rings))
    pieces = shapely.polygons(rings)
    return frame(*(shapely.coverage_union_all(pieces[owner == cell]) for cell in range(cells)))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 9), st.integers(1, 12), st.booleans(), st.sampled_from([0, 24_000_000]))
def test_every_point_gets_the_first_cell_that_covers_it(seed, side, cells, gaps, budget_bytes):
    """Holes, parts and gaps included, with or without memory to spare: the definition is shapely's, exactly."""
    rng = np.random.default_rng(seed)
    coverage = patchwork(rng, side, cells, gaps)
    points = awkward_points(coverage, rng)
    found = CellLocator(coverage, budget_bytes).locate(points[:, 0], points[:, 1])
    np.testing.assert_array_equal(found, by_shapely(coverage, points[:, 0], points[:, 1]))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_cells_that_overlap_or_meet_at_odd_places_are_answered_in_row_order(seed, cells):
    """A user's cells are not always a clean coverage; the answer must not depend on how untidy they are."""
    rng = np.random.default_rng(seed)
    middle = rng.integers(0, 12, (cells, 2)) / 100.0 + (121.0, 29.0)
    reach = rng.integers(1, 4, (cells, 2)) / 100.0
    boxes = shapely.box(*(middle - reach).T, *(middle + reach).T)
    discs = shapely.buffer(shapely.points(middle), reach[:, 0], quad_segs=2)
    untidy = frame(*np.where(rng.random(cells) < 0.5, boxes, discs))
    points = awkward_points(untidy, rng)
    found = CellLocator(untidy).locate(points[:, 0], points[:, 1])
    np.testing.assert_array_equal(found, by_shapely(untidy, points[:, 0], points[:, 1]))


def test_thousands_of_cells_of_all_sizes_agree_with_the_spatial_join():
    """Divided pixels, several times over, must give what the library everybody trusts gives."""
    rng = np.random.default_rng(5)
    seeds = np.concatenate(
        [rng.normal((121.3, 29.8), 0.002, (1500, 2)), rng.uniform((121, 29.6), (121.6, 30), (500, 2))]
    )
    cells = frame(*shapely.voronoi_polygons(shapely.multipoints(seeds)).geoms)
    points = np.concatenate([seeds, awkward_points(cells, rng)])
    shapes = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*points.T), crs=4326)
    joined = shapes.sjoin(cells, how="left", predicate="intersects").groupby(level=0)["index_right"].min()
    np.testing.assert_array_equal(CellLocator(cells).locate(*points.T), joined.fillna(-1).to_numpy())


def test_a_point_on_a_shared_border_belongs_to_the_cell_that_comes_first():
    """Two cells for one incident would send two teams, none would send nobody."""
    locator = CellLocator(frame(box(1, 0, 2, 1), box(0, 0, 1, 1)))
    assert locator.locate([1.0, 1.0, 1.0], [0.0, 0.5, 1.0]).tolist() == [0, 0, 0]
    assert locator.locate([0.0, 2.0], [0.5, 0.5]).tolist() == [1, 0]


def test_no_point_falls_between_two_neighbours_however_skew_their_border():
    """The border runs the other way in the neighbour; rounding must not decide differently for each."""
    rng = np.random.default_rng(2)
    a, b = np.array([121.1234567, 29.7654321]), np.array([121.1334569, 29.7812347])
    cells = frame(Polygon([a, b, (121.0, 29.9)]), Polygon([b, a, (121.3, 29.7)]))
    on_border = a + rng.random((20_000, 1)) * (b - a)
    assert set(CellLocator(cells).locate(*on_border.T).tolist()) == {0, 1}


def test_a_hole_is_outside_and_its_rim_inside():
    """The lake in the park is nobody's cell, the path around it is the park's."""
    lake = [(1, 1), (2, 1), (2, 2), (1, 2)]
    locator = CellLocator(frame(Polygon([(0, 0), (3, 0), (3, 3), (0, 3)], [lake])))
    assert locator.locate([1.5, 1.0, 0.5], [1.5, 1.5, 0.5]).tolist() == [-1, 0, 0]


def test_a_cell_in_two_parts_is_one_cell():
    """Cells cut by a river keep one code."""
    locator = CellLocator(frame(MultiPolygon([box(0, 0, 1, 1), box(2, 0, 3, 1)])))
    assert locator.codes([0.5, 1.5, 2.5], [0.5, 0.5, 0.5]).tolist() == ["330203005001000", "", "330203005001000"]


def test_points_without_coordinates_are_outside():
    """A ticket without a position must not land in some cell by accident."""
    locator = CellLocator(frame(box(0, 0, 1, 1)))
    assert locator.locate([np.nan, 0.5, np.inf, 0.5], [0.5, np.nan, 0.5, 200.0]).tolist() == [-1, -1, -1, -1]


def test_nothing_in_gives_nothing_out():
    """No points, no cells, or cells without shape are everyday cases, not errors."""
    nowhere = CellLocator(frame())
    assert nowhere.locate([121.0], [29.0]).tolist() == [-1]
    assert nowhere.codes([121.0], [29.0]).tolist() == [""]
    assert CellLocator(frame(box(0, 0, 1, 1))).locate([], []).shape == (0,)
    assert CellLocator(frame(None, Polygon(), box(0, 0, 1, 1))).locate([0.5], [0.5]).tolist() == [2]


def test_a_single_point_gives_a_single_answer():
    """The desk asks for one incident at a time; shapes go out as they came in."""
    locator = CellLocator(frame(box(0, 0, 1, 1)))
    assert locator.locate(0.5, 0.5).shape == ()
    assert locator.locate([[0.5], [2.0]], [[0.5], [0.5]]).tolist() == [[0], [-1]]
    with pytest.raises(ValueError, match="every point needs both"):
        locator.locate([0.5, 0.5], [0.5])


def test_cells_in_metres_are_asked_in_degrees():
    """Surveyors deliver Gauss-Kruger; a ticket is in degrees."""
    cells = frame(box(121.30, 29.80, 121.31, 29.81), box(121.31, 29.80, 121.32, 29.81))
    assert CellLocator(to_metric(cells)).locate([121.305, 121.315, 121.33], [29.805] * 3).tolist() == [0, 1, -1]


def test_cells_without_crs_are_refused():
    """Degrees or metres: a guess would be wrong for half of the users."""
    with pytest.raises(WrongCRS, match="set_crs"):
        CellLocator(frame(box(0, 0, 1, 1)).set_crs(None, allow_override=True))


def test_codes_need_a_code_column():
    """Rows can be found without codes, but codes cannot be invented."""
    with pytest.raises(ValueError, match="no column 'code'"):
        CellLocator(frame(box(0, 0, 1, 1)).drop(columns="code")).codes(0.5, 0.5)


def test_memory_follows_the_budget():
    """The claim is 30 MB beside 20,000 cells; a small budget must be felt."""
    cells = patchwork(np.random.default_rng(1), 60, 1000, gaps=False)
    small, large = CellLocator(cells, 0), CellLocator(cells)
    assert small.nbytes < large.nbytes < 30_000_000
