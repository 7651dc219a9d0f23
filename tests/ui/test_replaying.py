"""Who is on the way is drawn on the streets that were driven."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gis.streets import Profile
from gis.travel import TravelTimes
from scenarios.builder import HERE
from scenarios.planning import setup_of
from simulation.instants import GOING, RETURNING, Playback
from simulation.replications import play
from tests.towns import nine_cells
from ui.services import replaying


@pytest.fixture(scope="module")
def shown() -> Playback:
    return Playback(play(setup_of(nine_cells(), HERE / "nine_cells" / "plan.toml"), 0, 1))


@pytest.fixture(autouse=True)
def streets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The place's own streets, without a command centre around them."""
    replaying._way.cache_clear()
    travel = {profile: TravelTimes(nine_cells().streets, profile) for profile in Profile}
    monkeypatch.setattr(replaying, "centre", lambda: SimpleNamespace(travel=travel))


def moment(shown: Playback, doing: int) -> float:
    """When somebody is on the way there, or back, for a while."""
    services = shown.services
    begins, ends = (services.sent_s, services.arrived_s) if doing == GOING else (services.worked_s, services.free_s)
    goes = np.isfinite(services.arrived_s) & np.isfinite(services.free_s) & (ends - begins > 5)
    row = int(np.flatnonzero(goes)[0])
    return float((begins[row] + ends[row]) / 2)


@pytest.mark.parametrize("doing", [GOING, RETURNING])
def test_who_is_on_the_way_is_on_a_street(shown, doing):
    """On the straight line of before a team would drive through houses."""
    now = shown.at(moment(shown, doing))
    lon, lat, ways = replaying.whereabouts(shown, now)
    assert len(ways) == np.count_nonzero(now.doing == GOING)
    street = TravelTimes(nine_cells().streets, Profile.FOOT)
    on_way = np.flatnonzero(now.doing == doing)
    assert (street.place(lon[on_way], lat[on_way]).offset_m < 1.0).all()


def test_what_is_done_is_not_drawn_while_its_officers_come_back(shown):
    """Two teams stood as on the way to two incidents when nobody was going anywhere, as the figures beside said."""
    now = shown.at(moment(shown, RETURNING))
    done = set(shown.services.incident[now.out[now.doing == RETURNING]].tolist())
    assert done
    assert not done & set(replaying.visited_by(shown, now).tolist())
    now = shown.at(moment(shown, GOING))
    assert set(shown.services.incident[now.out[now.doing == GOING]].tolist()) <= set(
        replaying.visited_by(shown, now).tolist()
    )


def test_a_share_of_a_way_is_measured_along_it():
    """Two legs, the second three times as long: half of the way lies on the second."""
    way = np.array([121.5, 121.5, 121.5]), np.array([29.80, 29.81, 29.84])
    assert replaying.along(way, 0.0) == (121.5, 29.80)
    assert replaying.along(way, 1.0) == (121.5, 29.84)
    assert replaying.along(way, 0.5)[1] == pytest.approx(29.82)
