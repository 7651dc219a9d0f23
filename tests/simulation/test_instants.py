"""The city at an instant, held against the diary read line by line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.builder import HERE
from scenarios.planning import setup_of
from simulation.diary import Diary, Event
from simulation.instants import GOING, RETURNING, WORKING, Instant, Playback
from simulation.replications import play
from tests.towns import nine_cells


@pytest.fixture(scope="module")
def shown() -> Playback:
    return Playback(play(setup_of(nine_cells(), HERE / "nine_cells" / "plan.toml"), 0, 1))


def told(diary: Diary, t_s: float) -> dict[str, set[int]]:
    """Incidents by what the last line about them says, as somebody would follow it with a finger."""
    waiting: set[int] = set()
    doing: dict[int, int] = {}
    of_officer: dict[int, int] = {}
    lines = zip(diary.t, diary.event, diary.incident, diary.officer, strict=True)
    for t, event, incident, officer in lines:
        if t > t_s:
            break
        if event in (Event.TOLD, Event.FOUND):
            waiting.add(incident)
        elif event in (Event.PASSED_ON, Event.LOST):
            waiting.discard(incident)
        elif event == Event.SENT:
            waiting.discard(incident)
            of_officer[officer] = incident
            doing[incident] = GOING
        elif event == Event.ARRIVED:
            doing[incident] = WORKING
        elif event == Event.WORKED:
            # At the desk nobody has arrived, and nobody comes back.
            doing[incident] = RETURNING if doing.get(incident) == WORKING else -1
        elif event == Event.BACK and doing.get(of_officer.get(officer, -1)) == RETURNING:
            doing[of_officer[officer]] = -1
    kinds = {"waiting": waiting}
    return kinds | {str(each): {i for i, now in doing.items() if now == each} for each in (WORKING,)}


def at_work(shown: Playback, now: Instant) -> set[int]:
    return set(shown.services.incident[now.out[now.doing == WORKING]].tolist())


@settings(max_examples=6, deadline=None)
@given(st.floats(0, 15 * 86_400))
def test_whoever_reads_the_diary_sees_the_same(shown, t_s):
    now, read = shown.at(t_s), told(shown.played.diary, t_s)
    assert set(now.waiting.tolist()) == read["waiting"]
    assert at_work(shown, now) == read[str(WORKING)]


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 160 * 86_400))
def test_nobody_is_anywhere_but_between_desk_and_spot(shown, t_s):
    now = shown.at(t_s)
    services, desks = shown.services, shown.played.setup.plan.desks
    lon, lat = now.on_a_line()
    for axis, there, spots in (("lon", lon, shown.played.reports.lon), ("lat", lat, shown.played.reports.lat)):
        desk = np.array([getattr(each, axis) for each in desks])[services.desk[now.out]]
        spot = spots[services.incident[now.out]]
        assert ((there >= np.minimum(desk, spot) - 1e-9) & (there <= np.maximum(desk, spot) + 1e-9)).all()
        at_spot = now.doing == WORKING
        assert np.allclose(there[at_spot], spot[at_spot])
    assert now.on_duty <= shown.played.force.officers
    assert len(now.waiting) <= now.open


def test_before_the_first_report_the_city_rests(shown):
    now = shown.at(0.0)
    assert (len(now.waiting), len(now.out), now.open, now.at_desk) == (0, 0, 0, 0)
