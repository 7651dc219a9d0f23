"""How soon a lawful pair can be in each cell: one straight street, three teams."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString

from dispatch.records.team import Activity, Certificate, Officer, Role, Team
from dispatch.response.coverage import Coverage, coverage, ready
from gis.streets import Profile, Streets
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


def covered(travel, teams: list[Team], limit_s: float = np.inf) -> Coverage:
    """Coverage of the forty cells; e-bikes ride the same street, here as fast as cars."""
    cells = travel.place(CELLS, np.full(len(CELLS), LAT))
    both = (Profile.CAR, Profile.EBIKE)
    return coverage(dict.fromkeys(both, travel), dict.fromkeys(both, cells), teams, NOW, DAY, limit_s)


def test_each_cell_counts_to_the_nearest_free_pair(travel):
    """The tint of the map: a cell is 96.5 m wide here, 9.65 s at 36 km/h."""
    found = covered(travel, [a_team("A", 5), a_team("B", 30)])
    assert found.reaches[0].which.tolist() == [0] * 18 + [1] * 22
    np.testing.assert_allclose(found.seconds[[5, 7, 30]], [0, 2 * 9.643, 0], atol=0.05)


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
    assert np.isinf(covered(travel, [team]).seconds).all()


def test_a_pair_off_duty_covers_nothing(travel):
    """At the change of shift the map must not show the one that has gone home."""
    team = a_team("A", 5)
    assert not ready(team, team.on_duty_to, DAY)


def test_cells_beyond_the_limit_have_nobody(travel):
    """Inf, not a far number: the screen paints them as uncovered."""
    found = covered(travel, [a_team("A", 0)], limit_s=30)
    assert found.reaches[0].which.tolist() == [0] * 4 + [-1] * 36
    assert np.isinf(found.seconds[4:]).all()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 39), st.sampled_from(["car", "ebike"])), min_size=1, max_size=5),
    st.integers(15, 200),
)
def test_what_leaving_uncovers_is_the_difference_of_two_maps(travel, stands, target_s):
    """The shortcut must count what tinting the whole map twice counts, whoever else covers a cell and by what means."""
    teams = [replace(a_team(f"T{k}", cell), profile=profile) for k, (cell, profile) in enumerate(stands)]
    found = covered(travel, teams)
    lost = found.left_uncovered([team.id for team in teams], target_s)
    for team in teams:
        without = covered(travel, [other for other in teams if other is not team])
        assert lost[team.id] == np.count_nonzero((found.seconds <= target_s) & (without.seconds > target_s))


def test_a_team_that_is_busy_leaves_nothing_uncovered(travel):
    """It covered nothing while it was busy."""
    teams = [a_team("A", 5), a_team("B", 6, activity=Activity.ON_SCENE)]
    assert covered(travel, teams).left_uncovered(["B"], 60) == {"B": 0}
