"""Hot spots: a cluster is found where it was put, chance is called by its name, and the figures are the textbook's."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from dispatch.oversight.hotspots import hot_spots

SIDE = 20


def board(side: int = SIDE) -> gpd.GeoDataFrame:
    squares = [shapely.box(x, y, x + 1, y + 1) for y in range(side) for x in range(side)]
    return gpd.GeoDataFrame({"code": [f"{at:05}" for at in range(side * side)]}, geometry=squares)


def test_a_cluster_is_found_where_it_was_put():
    rng = np.random.default_rng(3)
    counts = {f"{at:05}": int(n) for at, n in enumerate(rng.poisson(1.0, SIDE * SIDE))}
    middle = 10 * SIDE + 10
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            counts[f"{middle + down * SIDE + right:05}"] += 6
    found = hot_spots(board(), counts)
    assert found[0].cell == f"{middle:05}"
    assert all(abs(int(each.cell) // SIDE - 10) <= 2 and abs(int(each.cell) % SIDE - 10) <= 2 for each in found)
    assert found[0].around == sum(counts[f"{middle + d * SIDE + r:05}"] for d in (-1, 0, 1) for r in (-1, 0, 1))


def test_what_lies_by_chance_is_seldom_called_hot():
    """Of a hundred boards without any cluster hardly more than one in twenty names a cell (Benjamini and Hochberg)."""
    rng = np.random.default_rng(5)
    cells = board(12)
    named = 0
    for _ in range(100):
        counts = {code: int(n) for code, n in zip(cells["code"], rng.poisson(1.0, len(cells)), strict=True)}
        named += bool(hot_spots(cells, counts))
    assert named <= 12  # the 99.8 % point of a binomial of 100 with 0.05


def test_z_is_equation_14_by_hand():
    """Four cells in a row of which the first two hold everything."""
    cells = gpd.GeoDataFrame({"code": list("abcd")}, geometry=[shapely.box(x, 0, x + 1, 1) for x in range(4)])
    found = {each.cell: each for each in hot_spots(cells, {"a": 6, "b": 6}, share_false=1.0)}
    # mean 3, standard deviation 3; two neighbours of a: (12 - 6) / (3 * sqrt((4 * 2 - 4) / 3))
    assert found["a"].z == pytest.approx(6 / (3 * np.sqrt(4 / 3)))
    assert found["a"].expected == 6.0


@pytest.mark.parametrize("counts", [{}, {f"{at:05}": 2 for at in range(SIDE * SIDE)}, {"nowhere": 9}])
def test_where_nothing_differs_nothing_is_hot(counts: dict[str, int]):
    assert hot_spots(board(), counts) == []
