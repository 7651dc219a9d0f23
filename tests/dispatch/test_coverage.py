"""How soon a lawful pair can be in each cell: one straight street, three teams."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString

from dispatch.records.team import Activity, Certificate, Officer, Role, Team
from dispatch.response.coverage import left_uncovered, minutes_to_pair, ready
from gis.streets import Streets
from gis.travel import TravelTimes

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
LAT = 29.87
WEST, STEP = 121.50, 0.001
CELLS = WEST + STEP * (np.arange(40) + 0.5)


@pytest.fixture(scope="module")
def travel():
    ends = [(WEST + STEP * k, LAT) for k in range(41)]
    lines = [LineString(pair) for pair in pairwise(ends)]
    frame = {"road": "residential", "name": "", "oneway": False, "speed_kmh": 36.0}
    return TravelTimes(Streets.from_lines(gpd.GeoDataFrame(frame, index=range(40), geometry=lines, crs="EPSG:4326")))


def a_team(name: str, cell: int, fields=("urban", "urban"), activity=Activity.FREE, role=Role.OFFICER) -> Team:
    crew = tuple(
        Officer(f"{name}{k}", f"{name}{k}", role, "330203001", (Certificate(field, date(2030, 1, 1)),))
        for k, field in enumerate(fields)
    )
    hour = timedelta(hours=4)
    return Team(
        name,
        name,
        "330203001",
        "330203001",
        crew,
        float(CELLS[cell]),
        LAT,
        "car",
        frozenset(),
        NOW - hour,
        NOW + hour,
        activity,
    )


def cells_of(travel):
    return travel.place(CELLS, np.full(len(CELLS), LAT))


def test_each_cell_counts_to_the_nearest_free_pair(travel):
    """The tint of the map: a cell is 96.5 m wide here, 9.65 s at 36 km/h."""
    seconds, which = minutes_to_pair(travel, cells_of(travel), [a_team("A", 5), a_team("B", 30)], NOW, DAY)
    assert which.tolist() == [0] * 18 + [1] * 22
    np.testing.assert_allclose(seconds[[5, 7, 30]], [0, 2 * 9.643, 0], atol=0.05)


@pytest.mark.parametrize(
    "team",
    [
        a_team("busy", 5, activity=Activity.ON_SCENE),
        a_team("alone", 5, fields=("urban",)),
        a_team("apart", 5, fields=("urban", "fire")),
        a_team("aux", 5, role=Role.AUXILIARY),
    ],
    ids=lambda team: team.id,
)
def test_who_cannot_act_covers_nothing(travel, team):
    """A map tinted by teams that may not punish would promise help that cannot come."""
    assert not ready(team, NOW, DAY)
    seconds, which = minutes_to_pair(travel, cells_of(travel), [team], NOW, DAY)
    assert np.isinf(seconds).all()
    assert (which == -1).all()


def test_a_pair_off_duty_covers_nothing(travel):
    """At the change of shift the map must not show the one that has gone home."""
    team = a_team("A", 5)
    assert not ready(team, team.on_duty_to, DAY)


def test_cells_beyond_the_limit_have_nobody(travel):
    """Inf, not a far number: the screen paints them as uncovered."""
    seconds, which = minutes_to_pair(travel, cells_of(travel), [a_team("A", 0)], NOW, DAY, limit_s=30)
    assert which.tolist() == [0] * 4 + [-1] * 36
    assert np.isinf(seconds[4:]).all()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 39), min_size=1, max_size=5), st.integers(15, 200))
def test_what_leaving_uncovers_is_the_difference_of_two_maps(travel, cells, target_s):
    """The shortcut must count what tinting the whole map twice counts."""
    teams = [a_team(f"T{k}", cell) for k, cell in enumerate(cells)]
    places = cells_of(travel)
    seconds, which = minutes_to_pair(travel, places, teams, NOW, DAY)
    lost = left_uncovered(travel, places, teams, seconds, which, [team.id for team in teams], target_s, NOW, DAY)
    for team in teams:
        others = [other for other in teams if other is not team]
        without, _ = minutes_to_pair(travel, places, others, NOW, DAY)
        assert lost[team.id] == np.count_nonzero((seconds <= target_s) & (without > target_s))


def test_a_team_that_is_busy_leaves_nothing_uncovered(travel):
    """It covered nothing while it was busy."""
    teams = [a_team("A", 5), a_team("B", 6, activity=Activity.ON_SCENE)]
    seconds, which = minutes_to_pair(travel, cells_of(travel), teams, NOW, DAY)
    assert left_uncovered(travel, cells_of(travel), teams, seconds, which, ["B"], 60, NOW, DAY) == {"B": 0}
