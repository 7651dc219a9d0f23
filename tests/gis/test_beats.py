"""Beats: every cell in one, each in one piece, about as much work in each."""

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from shapely import box

from gis.beats import draw_beats, joined_up
from gis.schemas import BadInput

STEP = 0.001


def field(width, height, without=()):
    """Square cells in rows, without those at the places named."""
    places = [(x, y) for y in range(height) for x in range(width) if (x, y) not in without]
    shapes = [box(x * STEP, y * STEP, (x + 1) * STEP, (y + 1) * STEP) for x, y in places]
    return gpd.GeoDataFrame({"code": [f"{x}-{y}" for x, y in places]}, geometry=shapes, crs="EPSG:4326")


def pieces(cells, beats):
    """How many connected pieces the beats fall into."""
    i, j = joined_up(cells)
    label = cells["code"].map(beats).to_numpy()
    same = label[i] == label[j]
    n = len(cells)
    return connected_components(csr_array((np.ones(same.sum()), (i[same], j[same])), shape=(n, n)), directed=False)[0]


def test_forty_beats_of_two_thousand_cells_are_even_within_two_percent():
    """Uneven beats are why one team is always late; this is the size of a district."""
    cells, work = field(50, 40), np.random.default_rng(7).lognormal(0, 0.6, 2000)
    beats = draw_beats(cells, work, 40)
    load = np.bincount(cells["code"].map(beats), work)[1:]
    assert len(load) == 40
    assert load.max() <= 1.02 * load.mean()
    assert pieces(cells, beats) == 40


@settings(max_examples=25)
@given(st.integers(1, 6), st.integers(1, 6), st.data())
def test_every_beat_has_cells_and_is_in_one_piece(width, height, data):
    """A beat in two pieces sends its team across somebody else's."""
    cells = field(width, height)
    n = len(cells)
    count = data.draw(st.integers(1, n))
    work = data.draw(st.lists(st.floats(0, 100), min_size=n, max_size=n))
    beats = draw_beats(cells, work, count)
    assert set(beats.values()) == set(range(1, count + 1))
    assert pieces(cells, beats) == count


def test_an_island_goes_with_the_shore_it_is_nearest_to():
    """METIS refuses a place that is not connected; a river must not stop the beats."""
    cells = field(6, 3, without={(4, y) for y in range(3)})
    beats = draw_beats(cells, np.ones(len(cells)), 2)
    assert pieces(cells, beats) == 2
    assert beats["5-0"] == beats["3-0"] or beats["5-1"] == beats["3-1"] or beats["5-2"] == beats["3-2"]


def test_the_same_seed_draws_the_same_beats():
    """A map that changes by itself between two mornings is trusted by nobody."""
    cells, work = field(9, 9), np.arange(81)
    assert draw_beats(cells, work, 5) == draw_beats(cells, work, 5)


@pytest.mark.parametrize(("work", "count"), [([1.0] * 4, 5), ([1.0] * 4, 0), ([1.0, -1.0, 1.0, 1.0], 2)])
def test_work_below_nothing_and_more_beats_than_cells_are_refused(work, count):
    """Each would give beats that look right and are not."""
    with pytest.raises(BadInput):
        draw_beats(field(2, 2), work, count)


@pytest.mark.parametrize("work", [np.r_[100.0, np.zeros(35)], np.r_[np.zeros(30), np.full(6, 9.0)], np.zeros(36)])
def test_work_that_cannot_be_evened_out_still_gives_whole_beats_and_no_noise(work, capfd):
    """METIS complains on standard output, where a script reads our JSON."""
    cells = field(6, 6)
    beats = draw_beats(cells, work, 5)
    assert pieces(cells, beats) == len(set(beats.values())) == 5
    assert capfd.readouterr().out == ""
