"""Travel times: equal to networkx, exact along the street, honest about one-way streets and limits."""

import itertools

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx as ox
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.streets import Profile, Streets
from gis.travel import Places, TravelTimes
from tests.real import real_file

ORIGIN = np.array([121.5, 29.8])
BLOCK_DEG = 0.001


def town(*streets: list[tuple[float, float]], **columns: object) -> Streets:
    """A network drawn in blocks of 0.001° from a corner."""
    shapes = [shapely.LineString(ORIGIN + BLOCK_DEG * np.array(points)) for points in streets]
    frame = {"road": "residential", **columns}
    return Streets.from_lines(gpd.GeoDataFrame(frame, index=range(len(shapes)), geometry=shapes, crs=4326))


def at(travel: TravelTimes, *points: tuple[float, float]) -> Places:
    lon, lat = (ORIGIN + BLOCK_DEG * np.array(points, dtype=float).reshape(-1, 2)).T
    return travel.place(lon, lat)


def split_network(travel: TravelTimes, *many: Places) -> tuple[nx.MultiDiGraph, list[list[object]]]:
    """The network with every street cut at the places on it, and the node that stands for each place."""
    streets, graph = travel.streets, nx.MultiDiGraph()
    graph.add_nodes_from(range(len(streets.lon)))
    cuts: dict[int, set[float]] = {}
    stands: list[list[object]] = []
    for places in many:
        names: list[object] = []
        for edge, fraction, node in zip(
            places.edge.tolist(), places.fraction.tolist(), places.node.tolist(), strict=True
        ):
            names.append(node if node >= 0 else (edge, fraction))
            if node < 0:
                cuts.setdefault(int(streets.piece[edge]), set()).add(fraction)
        stands.append(names)
    first = {int(piece): i for i, piece in reversed(list(enumerate(streets.piece)))}
    for i, piece in enumerate(streets.piece.tolist()):
        as_drawn = first[piece] == i
        tail, head = int(streets.tail[i]), int(streets.head[i])
        stops = [(0.0, tail if as_drawn else head), *((f, (first[piece], f)) for f in sorted(cuts.get(piece, ())))]
        stops.append((1.0, head if as_drawn else tail))
        for (f, a), (g, b) in itertools.pairwise(stops):
            ends = (a, b) if as_drawn else (b, a)
            graph.add_edge(*ends, cost=(g - f) * float(travel.cost[i]))
    return graph, stands


def by_networkx(travel: TravelTimes, sources: Places, targets: Places) -> np.ndarray:
    graph, (starts, ends) = split_network(travel, sources, targets)
    rows = [nx.single_source_dijkstra_path_length(graph, start, weight="cost") for start in starts]
    return np.array([[row.get(end, np.inf) for end in ends] for row in rows]).reshape(len(starts), len(ends))


junctions = st.tuples(st.integers(0, 3), st.integers(0, 3))
bends = st.tuples(st.floats(0.1, 2.9), st.floats(0.1, 2.9))
anywhere = st.lists(st.tuples(st.floats(-0.5, 3.5), st.floats(-0.5, 3.5)), min_size=1, max_size=6)


@st.composite
def towns(draw: st.DrawFn) -> Streets:
    """Any mess of streets: parallel ones, crescents back to their own junction, one-way ones, separate parts."""
    drawn = draw(st.lists(st.tuples(junctions, st.lists(bends, max_size=2), junctions), min_size=1, max_size=14))
    streets = [[a, *between, b] for a, between, b in drawn if a != b or between]
    if not streets:
        streets = [[(0, 0), (1, 0)]]
    return town(
        *streets,
        oneway=draw(st.lists(st.booleans(), min_size=len(streets), max_size=len(streets))),
        road=draw(st.lists(st.sampled_from(["primary", "residential"]), min_size=len(streets), max_size=len(streets))),
    )


@settings(max_examples=60, deadline=None)
@given(towns(), anywhere, anywhere, st.sampled_from(["edge", "node"]), st.booleans(), st.sampled_from(Profile))
def test_costs_are_those_of_the_streets_cut_at_the_places(streets, froms, tos, snap, connected, profile):
    """networkx on a network with a real node at every place is the plainest statement of the right answer."""
    travel = TravelTimes(streets, profile, snap=snap, connected=connected)
    if not len(travel.streets.tail):
        return
    sources, targets = at(travel, *froms), at(travel, *tos)
    expected = by_networkx(travel, sources, targets)
    np.testing.assert_allclose(travel.matrix(sources, targets), expected, atol=1e-6)
    cost, which = travel.reach(sources, targets)
    np.testing.assert_allclose(cost, expected.min(axis=0), atol=1e-6)
    assert ((which >= 0) == np.isfinite(cost)).all()
    found = which >= 0
    np.testing.assert_allclose(expected[which[found], np.flatnonzero(found)], cost[found], atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(towns(), anywhere, anywhere, st.floats(0, 200), st.integers(1, 4))
def test_pairs_and_nearest_say_what_the_matrix_says(streets, froms, tos, limit, k):
    """Three doors to one truth; whoever uses the sparse ones must not get another city."""
    travel = TravelTimes(streets, connected=False)
    sources, targets = at(travel, *froms, *froms[:2]), at(travel, *tos, *tos[:1])
    full = travel.matrix(sources, targets, limit)
    assert not ((full > limit) & np.isfinite(full)).any()
    i, j, cost = travel.pairs(sources, targets, limit)
    assert np.array_equal(np.column_stack([i, j]), np.argwhere(np.isfinite(full)))
    np.testing.assert_allclose(cost, full[i, j], atol=1e-6)
    for bound in (limit, np.inf):
        full = travel.matrix(sources, targets, bound)
        i, j, cost = travel.nearest(sources, targets, k, bound)
        for column in range(len(targets)):
            best = np.sort(full[:, column])[:k]
            np.testing.assert_allclose(cost[j == column], best[np.isfinite(best)], atol=1e-6)
        np.testing.assert_allclose(full[i, j], cost, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(towns(), anywhere, st.floats(1, 300))
def test_a_detour_is_never_shorter_and_a_looser_limit_loses_no_pair(streets, points, limit):
    """Triangle inequality; and a dispatcher who widens the search sees more teams, never fewer."""
    travel = TravelTimes(streets, connected=False)
    places = at(travel, *points)
    costs = travel.matrix(places, places)
    assert (costs[:, None, :] <= costs[:, :, None] + costs[None, :, :] + 1e-6).all()
    assert (np.diag(costs) == 0).all()
    tight, loose = travel.matrix(places, places, limit), travel.matrix(places, places, 2 * limit)
    assert np.array_equal(tight[np.isfinite(tight)], loose[np.isfinite(tight)])
    np.testing.assert_allclose(loose[np.isfinite(loose)], costs[np.isfinite(loose)], atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(towns(), anywhere, anywhere)
def test_a_path_is_as_long_as_it_costs_and_joins_its_places(streets, froms, tos):
    """The line on the map is what the team drives, to the metre."""
    travel = TravelTimes(streets, weight="length", connected=False)
    sources, targets = at(travel, *froms), at(travel, *tos)
    costs = travel.matrix(sources, targets)
    for i, j in itertools.product(range(len(sources)), range(len(targets))):
        route = travel.path(sources[i : i + 1], targets[j : j + 1])
        assert route.cost == pytest.approx(costs[i, j], abs=1e-6)
        if np.isinf(route.cost):
            assert len(route.lon) == 0
            continue
        assert route.length_m == pytest.approx(route.cost, abs=0.05)
        ends = [route.lon[0], route.lat[0], route.lon[-1], route.lat[-1]]
        wanted = [sources.lon[i], sources.lat[i], targets.lon[j], targets.lat[j]]
        np.testing.assert_allclose(ends, wanted, atol=1e-9)


def test_a_one_way_street_is_driven_round_the_block():
    """Backwards costs the other three sides; along it, only itself."""
    block = town([(0, 0), (1, 0)], [(1, 0), (1, 1)], [(1, 1), (0, 1)], [(0, 1), (0, 0)], oneway=True)
    travel = TravelTimes(block, weight="length")
    a, b = at(travel, (0.25, 0)), at(travel, (0.75, 0))
    along = travel.matrix(a, b)[0, 0]
    assert along == pytest.approx(block.length_m[0] / 2, rel=1e-6)
    cars = block.length_m[block.open_to(Profile.CAR)].sum()
    assert travel.matrix(b, a)[0, 0] == pytest.approx(cars - along, rel=1e-6)
    on_foot = TravelTimes(block, Profile.FOOT, weight="length")
    assert on_foot.matrix(at(on_foot, (0.75, 0)), at(on_foot, (0.25, 0)))[0, 0] == pytest.approx(along)


def test_a_point_beside_a_dead_stub_goes_to_the_next_living_street():
    """One-way streets cut by the edge of the map lead out and never back; who lies right on one stays there."""
    block = [[(0, 0), (1, 0)], [(1, 0), (1, 1)], [(1, 1), (0, 0)]]
    streets = town(*block, [(1, 1), (1, 2)], oneway=True)
    travel, every = TravelTimes(streets), TravelTimes(streets, connected=False)
    beside, on = (1.01, 1.9), (1.0, 1.9)
    assert at(travel, beside).lat[0] == pytest.approx(ORIGIN[1] + BLOCK_DEG)
    assert at(every, beside).lat[0] == pytest.approx(ORIGIN[1] + 1.9 * BLOCK_DEG)
    assert at(travel, on).lat[0] == pytest.approx(ORIGIN[1] + 1.9 * BLOCK_DEG)
    junction = TravelTimes(streets, snap="node")
    assert at(junction, (1.0, 1.9)).lat[0] == pytest.approx(ORIGIN[1] + BLOCK_DEG)
    assert at(junction, (1.0, 2.0)).lat[0] == pytest.approx(ORIGIN[1] + 2 * BLOCK_DEG)
    start = at(travel, (0, 0))
    assert np.isfinite(travel.matrix(start, at(travel, on))[0, 0])
    assert np.isinf(travel.matrix(at(travel, on), start)[0, 0])


def test_of_parallel_streets_the_cheaper_counts():
    """A sparse matrix would add them up."""
    travel = TravelTimes(town([(0, 0), (1, 0)], [(0, 0), (0.5, 0.5), (1, 0)]), weight="length", snap="node")
    ends = at(travel, (0, 0), (1, 0))
    assert travel.matrix(ends[:1], ends[1:])[0, 0] == pytest.approx(travel.streets.length_m.min())


def test_the_walk_to_the_street_is_told_and_not_charged():
    """Who parks in front of a yard knows it; a search must not prefer a far street because it lies closer."""
    travel = TravelTimes(town([(0, 0), (2, 0)]), weight="length")
    beside, on = at(travel, (0.5, 0.3)), at(travel, (0.5, 0))
    assert beside.offset_m[0] == pytest.approx(0.3 * BLOCK_DEG * 111_195, rel=1e-3)
    far = at(travel, (1.5, 0))
    assert travel.matrix(beside, far)[0, 0] == pytest.approx(travel.matrix(on, far)[0, 0], abs=1e-3)


def test_changed_seconds_move_traffic_and_a_closed_street_is_left():
    """A street festival at noon: the same places, other ways; a place on the closed stretch is cut off."""
    streets = town([(0, 0), (2, 0)], [(0, 0), (0, 1), (2, 1), (2, 0)], speed_kmh=20.0)
    travel = TravelTimes(streets)
    places = at(travel, (0, 0), (2, 0), (1, 0))
    before = travel.matrix(places, places)
    seconds = streets.seconds(Profile.CAR)
    closed = travel.with_seconds(np.where(streets.piece == 0, np.inf, seconds))
    after = closed.matrix(places, places)
    assert before[0, 1] == pytest.approx(seconds[0])
    assert after[0, 1] == pytest.approx(seconds[2])
    assert np.isinf(after[0, 2])
    assert after[2, 2] == 0
    assert np.array_equal(travel.matrix(places, places), before)
    np.testing.assert_allclose(travel.with_seconds(2 * seconds).matrix(places, places), 2 * before)


@pytest.mark.parametrize("wrong", [[1.0], [-1.0, 1.0], [np.nan, 1.0]])
def test_changed_seconds_must_fit_the_streets(wrong):
    """One number short would shift every street to its neighbour's speed."""
    with pytest.raises(ValueError, match="per_edge"):
        TravelTimes(town([(0, 0), (1, 0)])).with_seconds(wrong)


def test_places_that_are_no_places_are_refused():
    """NaN would snap to some street and send a team there."""
    travel = TravelTimes(town([(0, 0), (1, 0)]))
    for lon, lat in ((np.nan, 29.8), (121.5, 200.0), (400.0, 29.8)):
        with pytest.raises(ValueError, match="point 0"):
            travel.place(lon, lat)
    nowhere = TravelTimes(town([(0, 0), (1, 0)], road="footway"))
    with pytest.raises(ValueError, match="no street"):
        nowhere.place(121.5, 29.8)


def test_nobody_and_nowhere_give_empty_answers():
    """A night without incidents is a night, not an error."""
    travel = TravelTimes(town([(0, 0), (1, 0)]))
    none, one = travel.place([], []), at(travel, (0.5, 0))
    assert travel.matrix(none, one).shape == (0, 1)
    assert travel.matrix(one, none).shape == (1, 0)
    assert travel.matrix(none, none).shape == (0, 0)
    for i, j, cost in (travel.pairs(none, one, 10), travel.nearest(none, one, 3), travel.nearest(one, none, 3)):
        assert len(i) == len(j) == len(cost) == 0
    assert travel.reach(none, one)[1].tolist() == [-1]


def test_a_limit_is_still_within_the_limit():
    """“Within ten minutes” includes the tenth."""
    travel = TravelTimes(town([(0, 0), (1, 0)], [(1, 0), (2, 0)]), weight="length", snap="node")
    ends = at(travel, (0, 0), (2, 0))
    cost = travel.matrix(ends[:1], ends[1:])[0, 0]
    assert travel.matrix(ends[:1], ends[1:], cost)[0, 0] == cost
    assert np.isinf(travel.matrix(ends[:1], ends[1:], np.nextafter(cost, 0))[0, 0])


def test_searches_in_small_chunks_give_the_same(monkeypatch):
    """Memory is bounded by working in rows; where a chunk ends must not show."""
    streets = town(*[[(i, 0), (i + 1, 0)] for i in range(6)], *[[(i, 0), (i, 1)] for i in range(7)])
    travel = TravelTimes(streets)
    points = at(travel, *[(x, y) for x in (0.2, 1.5, 3.3, 5.9) for y in (0.0, 0.4)])
    whole = travel.matrix(points, points), travel.pairs(points, points, 60), travel.nearest(points, points, 3)
    monkeypatch.setattr("gis.travel.CHUNK_BYTES", 1)
    parts = travel.matrix(points, points), travel.pairs(points, points, 60), travel.nearest(points, points, 3)
    np.testing.assert_array_equal(whole[0], parts[0])
    for one, other in zip([*whole[1], *whole[2]], [*parts[1], *parts[2]], strict=True):
        np.testing.assert_array_equal(one, other)


def costs_of_a_thousand_pairs(graph: nx.MultiDiGraph, nodes: list[int], weight: str) -> tuple[np.ndarray, ...]:
    """Rows of start and end in ``nodes`` and networkx's cost between them."""
    rng = np.random.default_rng(7)
    starts = np.repeat(rng.choice(len(nodes), 50, replace=False), 20)
    ends = rng.choice(len(nodes), 1_000)
    found = {s: nx.single_source_dijkstra_path_length(graph, nodes[s], weight=weight) for s in set(starts.tolist())}
    pairs = zip(starts.tolist(), ends.tolist(), strict=True)
    return starts, ends, np.array([found[start].get(nodes[end], np.inf) for start, end in pairs])


def test_shanghai_agrees_with_networkx_on_a_thousand_pairs(shanghai):
    """Real one-way systems, ramps and crescents hold what no drawn town has."""
    travel = TravelTimes(shanghai, snap="node")
    streets = travel.streets
    graph = nx.MultiDiGraph()
    graph.add_weighted_edges_from(zip(streets.tail.tolist(), streets.head.tolist(), travel.cost.tolist(), strict=True))
    starts, ends, expected = costs_of_a_thousand_pairs(graph, list(range(len(streets.lon))), "weight")
    sources, targets = (travel.place(streets.lon[nodes], streets.lat[nodes]) for nodes in (starts, ends))
    assert np.array_equal(sources.node, starts)
    costs = travel.matrix(sources, targets)
    np.testing.assert_allclose(costs[np.arange(1_000), np.arange(1_000)], expected, atol=1e-6)
    np.testing.assert_allclose(travel.matrix(sources, targets[:10]), costs[:, :10], atol=1e-6)


def test_shanghai_has_the_distances_of_osmnx_itself(shanghai):
    """Against the graph OSMnx makes of the same file, so that our own reading is tested too; one-way stubs included."""
    graph = ox.graph_from_xml(real_file("shanghai_center.osm.gz"), retain_all=True)
    nodes = list(graph)
    starts, ends, expected = costs_of_a_thousand_pairs(graph, nodes, "length")
    lon, lat = (np.array([graph.nodes[node][axis] for node in nodes]) for axis in "xy")
    assert np.isinf(expected).any()
    for snap in ("node", "edge"):
        travel = TravelTimes(shanghai, weight="length", snap=snap)
        sources, targets = (travel.place(lon[rows], lat[rows]) for rows in (starts, ends))
        costs = travel.matrix(sources, targets)[np.arange(1_000), np.arange(1_000)]
        np.testing.assert_allclose(costs, expected, atol=1e-3)


def test_a_place_on_a_shanghai_street_is_a_cut_in_it(shanghai):
    """Snapped to edges, against networkx on the streets cut at 60 places."""
    travel = TravelTimes(shanghai)
    rng = np.random.default_rng(8)
    lon, lat = rng.uniform(121.44, 121.52, 60), rng.uniform(31.20, 31.26, 60)
    places = travel.place(lon, lat)
    assert np.median(places.offset_m) < 100
    expected = by_networkx(travel, places[:20], places[20:])
    np.testing.assert_allclose(travel.matrix(places[:20], places[20:]), expected, atol=1e-6)
