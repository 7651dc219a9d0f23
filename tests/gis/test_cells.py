"""Cells cut from outlines and streets, numbered, and changed later."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box

from gis.cells import code_cells, cut, grow_communities, merge, neighbours, split
from gis.schemas import BadInput
from gis.streets import Streets

LON, LAT = 121.5, 29.9
HUNDRED_M = 0.001
"""About 100 metres in degrees at this place: 97 m to the east, 111 m to the north."""
TOWN = "330203001"
COMMUNITY = "330203001001"


def square(side: float, west: float = LON, south: float = LAT) -> Polygon:
    return box(west, south, west + side * HUNDRED_M, south + side * HUNDRED_M)


def streets(*lines: list[tuple[float, float]]) -> gpd.GeoSeries:
    """Streets given in hundreds of metres from the corner of the town."""
    return gpd.GeoSeries(
        [LineString([(LON + x * HUNDRED_M, LAT + y * HUNDRED_M) for x, y in line]) for line in lines],
        crs="EPSG:4326",
    )


def nine_cells() -> gpd.GeoDataFrame:
    """Three rows of three squares, coded; the middle one is 005."""
    pieces = [square(1, LON + x * HUNDRED_M, LAT + y * HUNDRED_M) for x in range(3) for y in range(3)]
    snapped = shapely.set_precision(np.array(pieces), 1e-6)
    return code_cells(gpd.GeoDataFrame(geometry=snapped, crs="EPSG:4326"), [COMMUNITY] * 9)


def middles(cells: gpd.GeoDataFrame) -> np.ndarray:
    """Centres in hundreds of metres from the corner of the town, shape (n, 2)."""
    centres = shapely.get_coordinates(shapely.centroid(cells.geometry.to_numpy()))
    return (centres - [LON, LAT]) / HUNDRED_M


def assert_covers(cells: gpd.GeoDataFrame, land: Polygon | MultiPolygon) -> None:
    shapes = cells.geometry.to_numpy()
    assert cells.crs == "EPSG:4326"
    assert (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    # The outline's vertices move by up to half a unit of 1e-8 degrees.
    assert shapely.coverage_union_all(shapes).symmetric_difference(land).area < land.length * 1e-8
    assert cells["area_m2"].min() > 0


# ------------------------------------------------------------------------------------------------------------ cut


def test_a_small_square_without_streets_is_one_cell():
    """A place need not have a street to be watched."""
    cells = cut(square(1), None)
    assert len(cells) == 1
    assert list(cells.columns) == ["geometry", "area_m2"]
    assert_covers(cells, square(1))


def test_the_area_is_that_of_the_ellipsoid():
    """Cells are held against 10,000 m²; a projection far from its meridian would be per cents off."""
    cells = cut(square(1), None)
    by_utm = cells.geometry.to_crs("EPSG:32651").area.iloc[0]
    assert cells["area_m2"].iloc[0] == pytest.approx(by_utm, rel=1e-3)


def test_a_large_square_without_streets_is_cut_into_cells_of_one_size():
    """A field has no streets, yet its cells must be found again and be comparable."""
    cells = cut(square(10), None)
    assert_covers(cells, square(10))
    assert 95 <= len(cells) <= 120
    assert cells["area_m2"].between(7_500, 15_000).all()


def test_cells_end_at_the_street():
    """An officer must be able to say on which side of the street a cell lies."""
    street = streets([(-1, 0.7), (3, 1.2)])
    cells = cut(square(2), street)
    assert_covers(cells, square(2))
    borders = shapely.union_all(shapely.boundary(cells.geometry.to_numpy()))
    assert street.iloc[0].intersection(square(2)).within(borders.buffer(2e-8))


def test_a_street_that_ends_inside_does_not_disturb_the_cover():
    """Blind alleys are everywhere in old towns."""
    assert_covers(cut(square(3), streets([(1.5, -1), (1.5, 1.2)], [(0.3, 2), (0.4, 2)])), square(3))


def test_a_hole_belongs_to_no_cell():
    """A lake or another district's enclave is not ours to patrol."""
    land = square(6).difference(square(2, LON + 2 * HUNDRED_M, LAT + 2 * HUNDRED_M))
    cells = cut(land, streets([(-1, 3), (7, 3)]))
    assert_covers(cells, land)
    assert not cells.intersects(Point(LON + 3 * HUNDRED_M, LAT + 3 * HUNDRED_M)).any()


def test_an_outline_in_two_parts_is_cut_in_both():
    """Islands belong to their district; a cell never spans the sea."""
    land = MultiPolygon([square(4), square(2, LON + 8 * HUNDRED_M)])
    cells = cut(land, streets([(-1, 1), (12, 1)]))
    assert_covers(cells, land)
    assert cells.intersects(square(2, LON + 8 * HUNDRED_M)).sum() >= 3


def test_an_island_smaller_than_a_cell_is_a_cell_of_its_own():
    """It has nobody to join, and nothing may be left out."""
    land = MultiPolygon([square(2), square(0.2, LON + 3 * HUNDRED_M)])
    assert_covers(cut(land, None), land)


def test_water_belongs_to_no_cell():
    """Nobody can be sent into the river; both banks stay apart."""
    river = box(LON - 1, LAT + 2 * HUNDRED_M, LON + 1, LAT + 3 * HUNDRED_M)
    cells = cut(square(5), None, water=gpd.GeoSeries([river], crs="EPSG:4326"))
    assert_covers(cells, square(5).difference(river))


def test_the_gap_between_two_carriageways_joins_the_blocks_beside_it():
    """A cell of ten metres by a kilometre is no place an officer could name."""
    cells = cut(square(10), streets([(-1, 5), (11, 5)], [(-1, 5.08), (11, 5.08)]))
    assert_covers(cells, square(10))
    assert cells["area_m2"].between(5_000, 20_000).all()
    width_m = 2 * cells["area_m2"] / (shapely.length(cells.geometry.to_numpy()) * 104_000)
    assert (width_m > 25).all()


def test_mountains_get_larger_cells_than_the_town():
    """20,000 cells of one size would drown a hill district in cells that nobody visits."""
    hills = LON + 10 * HUNDRED_M
    cells = cut(square(20), None, size_m2=lambda lon, lat: np.where(lon < hills, 10_000.0, 80_000.0))
    assert_covers(cells, square(20))
    west = middles(cells)[:, 0] < 10
    assert cells["area_m2"][west].median() == pytest.approx(10_000, rel=0.2)
    assert cells["area_m2"][~west].median() == pytest.approx(80_000, rel=0.25)


def test_the_same_place_is_cut_in_the_same_way_again():
    """Codes are printed on signs; a second build must not move them."""
    lines = streets([(-1, 2), (9, 3.3)], [(2, -1), (2.5, 9)])
    one, other = cut(square(8), lines), cut(square(8), lines)
    assert shapely.equals_exact(one.geometry.to_numpy(), other.geometry.to_numpy()).all()


@pytest.mark.parametrize(
    ("outline", "said"),
    [
        (Polygon(), "empty"),
        (LineString([(0, 0), (1, 1)]), "LineString"),
        (Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "Self-intersection"),
        (box(500_000, 3_000_000, 500_100, 3_000_100), "degrees"),
    ],
)
def test_an_outline_that_cannot_be_cut_is_refused(outline: Polygon, said: str):
    """Metres taken for degrees, or a crossing border, would give cells that look right until someone stands in one."""
    with pytest.raises(BadInput, match=said):
        cut(outline, None)


def test_streets_without_a_reference_system_are_refused():
    """Guessing would place them in another country."""
    with pytest.raises(BadInput, match="no CRS"):
        cut(square(2), gpd.GeoSeries([LineString([(0, 0), (1, 1)])]))


@pytest.mark.parametrize("target_m2", [0.0, -1.0, float("nan")])
def test_a_size_that_is_no_size_is_refused(target_m2: float):
    """Otherwise the cutting would never end."""
    with pytest.raises(BadInput, match="above 0"):
        cut(square(2), None, target_m2=target_m2)


def test_a_wanted_size_of_zero_somewhere_is_refused():
    """The message names the place, so the builder finds the hole in its density map."""
    with pytest.raises(BadInput, match=r"121\.5"):
        cut(square(2), None, size_m2=lambda lon, lat: np.zeros_like(lon))


@st.composite
def places(draw: Callable) -> tuple[Polygon, gpd.GeoSeries]:
    """A star-shaped outline of up to 2 km and up to 25 random street lines through it."""
    corners = draw(st.integers(3, 12))
    reach = np.array(draw(st.lists(st.floats(0.2, 1.0), min_size=corners, max_size=corners)))
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    size = draw(st.floats(0.5, 10)) * HUNDRED_M
    outline = Polygon(np.column_stack([LON + size * reach * np.cos(angle), LAT + size * reach * np.sin(angle)]))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    lines = [
        LineString(np.array([LON, LAT]) + size * rng.uniform(-1.2, 1.2, (rng.integers(2, 5), 2)))
        for _ in range(draw(st.integers(0, 25)))
    ]
    return outline, gpd.GeoSeries(lines, crs="EPSG:4326")


@settings(max_examples=40, deadline=None)
@given(places(), st.integers(0, 10_000))
def test_each_point_of_a_place_lies_in_exactly_one_cell(place: tuple[Polygon, gpd.GeoSeries], seed: int):
    """Two cells at one point are two teams at one door; none is a door nobody opens."""
    outline, lines = place
    cells = cut(outline, lines)
    assert_covers(cells, outline)
    west, south, east, north = outline.bounds
    xy = np.random.default_rng(seed).uniform([west, south], [east, north], (200, 2))
    points = shapely.points(xy[shapely.contains_xy(outline.buffer(-2e-8), *xy.T)])
    hits = np.bincount(shapely.STRtree(cells.geometry.to_numpy()).query(points, "intersects")[0], minlength=len(points))
    assert (hits == 1).all()


def test_shanghai_is_cut_into_cells_that_keep_their_size(shanghai: Streets):
    """The acceptance of the grid: real streets with dual carriageways, ramps and dead ends."""
    outline = hull_200_m_wider(shanghai.outline_hull())
    cells = cut(outline, shanghai.lines().geometry)
    shapes = cells.geometry.to_numpy()
    assert_covers(cells, outline)
    assert shapely.coverage_union_all(shapes).area == pytest.approx(outline.area, rel=1e-6)
    assert cells["area_m2"].sum() == pytest.approx(100e6, rel=0.2)
    assert cells["area_m2"].between(5_000, 20_000).mean() >= 0.95
    assert shapely.get_num_coordinates(shapes).mean() < 10


def hull_200_m_wider(hull: Polygon) -> Polygon:
    metric = gpd.GeoSeries([hull], crs="EPSG:4326").to_crs("EPSG:4549")
    return metric.buffer(200).to_crs("EPSG:4326").iloc[0]


# ---------------------------------------------------------------------------------------------------------- codes


def test_cells_are_numbered_as_one_reads():
    """North-west first, row by row: a neighbour's number can be guessed."""
    cells = nine_cells()
    assert cells["code"].tolist() == [f"{COMMUNITY}{n:03d}" for n in range(1, 10)]
    assert list(cells.columns) == ["code", "community", "town", "area_m2", "geometry"]
    assert set(cells["community"]) == {COMMUNITY}
    assert set(cells["town"]) == {TOWN}
    columns, rows = np.round(middles(cells) - 0.5).T.tolist()
    assert rows == [2, 2, 2, 1, 1, 1, 0, 0, 0]
    assert columns == [0, 1, 2] * 3


@settings(max_examples=25, deadline=None)
@given(places(), st.integers(1, 4))
def test_codes_are_fifteen_digits_unique_and_sorted(place: tuple[Polygon, gpd.GeoSeries], communities: int):
    """The code is the key of everything that happens in a cell."""
    pieces = cut(*place)
    community = [f"{TOWN}{at % communities + 1:03d}" for at in range(len(pieces))]
    cells = code_cells(pieces, community)
    assert cells["code"].is_unique
    assert cells["code"].is_monotonic_increasing
    assert cells["code"].str.fullmatch(r"[0-9]{15}").all()
    assert (cells["code"].str[:12] == cells["community"]).all()
    assert cells.index.equals(gpd.pd.RangeIndex(len(cells)))
    assert cells["area_m2"].sum() == pytest.approx(pieces["area_m2"].sum())
    for _, of_one in cells.groupby("community"):
        assert of_one["code"].str[12:].astype(int).tolist() == list(range(1, len(of_one) + 1))


@pytest.mark.parametrize("community", ["33020300100", "3302030010011", "33020300100x", "３３０２０３００１００１", ""])
def test_a_community_code_that_is_not_twelve_digits_is_refused(community: str):
    """A lost zero at the front of a spreadsheet column would code cells of another province."""
    with pytest.raises(BadInput, match="12 digits"):
        code_cells(cut(square(1), None), [community])


def test_a_thousandth_cell_in_a_community_is_refused():
    """Three digits end at 999; the message says what to change."""
    pieces = gpd.GeoDataFrame(geometry=[square(1)] * 1000, crs="EPSG:4326")
    with pytest.raises(BadInput, match="at most 999"):
        code_cells(pieces, [COMMUNITY] * 1000)
    assert len(code_cells(pieces.iloc[:999], [COMMUNITY] * 999)) == 999


# ----------------------------------------------------------------------------------------------------- neighbours


def test_cells_that_meet_in_a_corner_are_no_neighbours():
    """A patrol cannot walk through a corner."""
    pairs = set(zip(*(side.tolist() for side in neighbours(nine_cells())), strict=True))
    assert pairs == {(0, 1), (1, 2), (3, 4), (4, 5), (6, 7), (7, 8), (0, 3), (1, 4), (2, 5), (3, 6), (4, 7), (5, 8)}


def test_neighbours_of_a_cut_place_are_those_that_share_a_length_of_border():
    """Held against the slow way, pair by pair."""
    cells = cut(square(6), streets([(-1, 2.2), (7, 3)], [(3, -1), (2.5, 7)]))
    shapes = cells.geometry.to_numpy()
    i, j = shapely.STRtree(shapes).query(shapes, "intersects")
    i, j = i[i < j], j[i < j]
    shared = shapely.length(shapely.intersection(shapely.boundary(shapes[i]), shapely.boundary(shapes[j]))) > 0
    assert set(zip(i[shared], j[shared], strict=True)) == set(zip(*neighbours(cells), strict=True))


def test_one_cell_has_no_neighbours():
    """The smallest town must not be a special case for those who ask."""
    i, j = neighbours(cut(square(1), None))
    assert len(i) == len(j) == 0


# ---------------------------------------------------------------------------------------------------- communities


def parts_of(pieces: gpd.GeoDataFrame, chosen: np.ndarray) -> int:
    union = shapely.coverage_union_all(pieces.geometry.to_numpy()[chosen])
    return len(shapely.get_parts(union))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 12), st.integers(0, 10_000))
def test_a_community_hangs_together_and_holds_its_own_seed(seeds: int, seed: int):
    """A liaison officer's community in two pieces is two walks."""
    pieces = cut(square(8), streets([(-1, 3), (9, 4)]))
    lon, lat = np.random.default_rng(seed).uniform(0, 8 * HUNDRED_M, (2, seeds)) + np.array([[LON], [LAT]])
    community = grow_communities(pieces, lon, lat)
    assert community.shape == (len(pieces),)
    assert set(community) == set(range(seeds))
    assert all(parts_of(pieces, community == at) == 1 for at in range(seeds))


def test_a_community_stays_in_its_town():
    """Competence ends at the town's border, so a community must not cross it."""
    pieces = cut(square(8), None)
    town = np.where(middles(pieces)[:, 0] < 2, "west", "east")
    lon, lat = LON + HUNDRED_M * np.array([0.5, 2.5, 7]), LAT + HUNDRED_M * np.array([4.0, 4, 4])
    community = grow_communities(pieces, lon, lat, town, np.array(["west", "east", "east"]))
    assert set(community[town == "west"]) == {0}
    assert set(community[town == "east"]) == {1, 2}


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 10), st.integers(0, 10_000), st.integers(0, 10))
def test_no_community_gets_more_cells_than_it_can_number(seeds: int, seed: int, spare: int):
    """The overflow goes to neighbours, however tight it is and wherever the seeds lie."""
    pieces = cut(square(8), None)
    corner = np.random.default_rng(seed).uniform(0, 2 * HUNDRED_M, (2, seeds)) + np.array([[LON], [LAT]])
    most = -(-len(pieces) // seeds) + spare
    size = np.bincount(grow_communities(pieces, *corner, most=most), minlength=seeds)
    assert size.max() <= most
    assert size.min() >= 1


def test_a_town_on_two_banks_is_reached_by_one_seed():
    """A river without a cell in it divides the neighbours; the town is still one."""
    river = box(LON - 1, LAT + 2 * HUNDRED_M, LON + 1, LAT + 3 * HUNDRED_M)
    pieces = cut(square(5), None, water=river)
    assert set(grow_communities(pieces, [LON], [LAT])) == {0}


def test_two_seeds_in_one_piece_both_get_a_cell():
    """Two community offices in one building are still two communities."""
    pieces = cut(square(3), None)
    assert set(grow_communities(pieces, [LON, LON], [LAT, LAT])) == {0, 1}


@pytest.mark.parametrize(("seeds", "most"), [(0, 999), (1, 5), (50, 999)])
def test_communities_that_cannot_hold_the_cells_are_refused(seeds: int, most: int):
    """No seed, too little room, or more communities than cells: the builder must change its numbers."""
    pieces = cut(square(4), None)
    with pytest.raises(ValueError, match="pieces for"):
        grow_communities(pieces, np.full(seeds, LON), np.full(seeds, LAT), most=most)


def test_a_town_without_a_seed_is_named():
    """Of seventeen towns, which one did the builder forget?"""
    pieces = cut(square(2), None)
    town = np.where(np.arange(len(pieces)) == 0, "330203002", TOWN)
    with pytest.raises(ValueError, match="330203002 has 1 pieces for 0"):
        grow_communities(pieces, [LON], [LAT], town, [TOWN])


# ------------------------------------------------------------------------------------------------- split and merge


def test_a_split_cell_retires_and_its_parts_get_new_numbers():
    """Old cases keep the old code; it must never mean another place."""
    middle = f"{COMMUNITY}005"
    line = streets([(0.5, 1.4), (2.5, 1.6)]).iloc[0]
    cells = split(nine_cells(), middle, line)
    assert middle not in set(cells["code"])
    assert cells["code"].str[12:].tolist() == ["001", "002", "003", "004", "006", "007", "008", "009", "010", "011"]
    assert_covers(cells, shapely.union_all(nine_cells().geometry.to_numpy()))
    upper, lower = cells.geometry.iloc[-2], cells.geometry.iloc[-1]
    assert upper.centroid.y > lower.centroid.y
    i, j = neighbours(cells)
    assert (8, 9) in set(zip(i.tolist(), j.tolist(), strict=True))


def test_further_columns_go_on_to_the_parts():
    """The squad that looks after a cell looks after both halves."""
    cells = nine_cells().assign(squad=np.arange(9))
    divided = split(cells, f"{COMMUNITY}005", streets([(0.5, 1.4), (2.5, 1.6)]).iloc[0])
    assert divided["squad"].tolist() == [0, 1, 2, 3, 5, 6, 7, 8, 4, 4]
    assert divided.dtypes.equals(cells.dtypes)


def test_a_ring_inside_a_cell_becomes_a_cell_with_the_rest_around_it():
    """A market in the middle of a block may become its own cell."""
    ring = LineString(square(0.4, LON + 1.3 * HUNDRED_M, LAT + 1.3 * HUNDRED_M).exterior)
    cells = split(nine_cells(), f"{COMMUNITY}005", ring)
    assert len(cells) == 10
    assert_covers(cells, shapely.union_all(nine_cells().geometry.to_numpy()))


@pytest.mark.parametrize(
    "line",
    [[(0, 0.2), (3, 0.2)], [(1.2, 1.2), (1.8, 1.8)], [(0.5, 1.5), (1.5, 1.5)], [(1, 0), (1, 3)]],
    ids=["elsewhere", "inside", "ends inside", "along the border"],
)
def test_a_line_that_does_not_divide_the_cell_is_refused(line: list[tuple[float, float]]):
    """Nothing changes, and the planner is told how to draw it."""
    with pytest.raises(BadInput, match="across the cell"):
        split(nine_cells(), f"{COMMUNITY}005", streets(line).iloc[0])


def test_merged_cells_get_the_next_number():
    """Neither old code lives on: half of it would be wrong for the other half."""
    cells = merge(nine_cells(), [f"{COMMUNITY}001", f"{COMMUNITY}002"])
    assert cells["code"].str[12:].tolist() == ["003", "004", "005", "006", "007", "008", "009", "010"]
    assert cells["area_m2"].iloc[-1] == pytest.approx(2 * nine_cells()["area_m2"].iloc[0], rel=1e-4)
    assert_covers(cells, shapely.union_all(nine_cells().geometry.to_numpy()))


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (["001", "005"], "share a border"),
        (["001"], "two or more"),
        (["001", "001"], "two or more"),
        (["001", "777"], "one of the cells"),
    ],
)
def test_cells_that_cannot_be_merged_are_refused(codes: list[str], said: str):
    """A cell in two pieces meeting in a corner is no place."""
    with pytest.raises(BadInput, match=said):
        merge(nine_cells(), [COMMUNITY + code for code in codes])


def test_cells_of_two_communities_are_not_merged():
    """The code says the community; a merged cell could only lie about one of them."""
    cells = cut(square(2), None)
    coded = code_cells(cells, [COMMUNITY] + ["330203001002"] * (len(cells) - 1))
    with pytest.raises(BadInput, match="one community"):
        merge(coded, [coded["code"].iloc[0], coded["code"].iloc[-1]])


def test_a_community_whose_numbers_are_spent_says_so():
    """After 999 there is no code left, and reusing one would rewrite the past."""
    cells = nine_cells()
    cells.loc[8, "code"] = f"{COMMUNITY}998"
    with pytest.raises(BadInput, match="spent"):
        split(cells, f"{COMMUNITY}005", streets([(0.5, 1.4), (2.5, 1.6)]).iloc[0])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10_000)), min_size=1, max_size=8))
def test_however_cells_are_changed_they_cover_the_place_and_no_code_returns(changes: list[tuple[bool, int]]):
    """A grid lives for decades; each change must leave it as sound as it was."""
    land = square(5)
    pieces = cut(land, streets([(-1, 2), (6, 2.7)]))
    cells = code_cells(pieces, [f"{TOWN}{at % 2 + 1:03d}" for at in range(len(pieces))])
    ever = set(cells["code"])
    for divide, seed in changes:
        before = set(cells["code"])
        cells = changed(cells, divide, np.random.default_rng(seed))
        new = set(cells["code"]) - before
        assert not new & ever
        ever |= new
        assert_covers(cells, land)
        assert cells["code"].is_monotonic_increasing


def changed(cells: gpd.GeoDataFrame, divide: bool, rng: np.random.Generator) -> gpd.GeoDataFrame:
    if divide:
        row = int(rng.integers(len(cells)))
        middle, angle = cells.geometry.iloc[row].point_on_surface(), rng.uniform(0, np.pi)
        step = np.array([np.cos(angle), np.sin(angle)]) * 10 * HUNDRED_M
        centre = np.array([middle.x, middle.y])
        return split_or_refused(cells, row, LineString([centre - step, centre + step]))
    i, j = neighbours(cells)
    same = (cells["community"].to_numpy()[i] == cells["community"].to_numpy()[j]).nonzero()[0]
    if not len(same):
        return cells
    at = int(rng.choice(same))
    return merge(cells, [cells["code"].iloc[int(i[at])], cells["code"].iloc[int(j[at])]])


def split_or_refused(cells: gpd.GeoDataFrame, row: int, line: LineString) -> gpd.GeoDataFrame:
    """A random line may cut off less than a square metre; then nothing changes."""
    try:
        return split(cells, cells["code"].iloc[row], line)
    except BadInput as refused:
        if "across the cell" not in str(refused):
            raise
        return cells


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 2), st.floats(0, 2))
def test_a_cell_may_be_split_from_corner_to_corner_and_beyond(seed: int, before: float, after: float):
    """People snap to corners; a line that passes one by a hair must not leave a gap of a hair."""
    pieces = cut(square(4), streets([(-1, 1.3), (5, 2.9)], [(1.1, -1), (2.3, 5)]))
    cells = code_cells(pieces, [COMMUNITY] * len(pieces))
    rng = np.random.default_rng(seed)
    row = int(rng.integers(len(cells)))
    corners = shapely.get_coordinates(cells.geometry.iloc[row].exterior)[:-1]
    a, b = corners[rng.choice(len(corners), 2, replace=False)]
    assert_covers(split_or_refused(cells, row, LineString([a - before * (b - a), b + after * (b - a)])), square(4))


def test_lines_that_are_empty_or_no_lines_are_passed_over():
    """Road files hold a crossing as a point here and there."""
    odd = gpd.GeoSeries([Point(LON, LAT), None, LineString()], crs="EPSG:4326")
    assert_covers(cut(square(3), odd), square(3))
