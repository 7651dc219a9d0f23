"""A crew's story: accept, drive, work, close."""

from __future__ import annotations

import numpy as np
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from simulation.field import Drive, Task, answer


class Notebook:
    """Writes down what a crew says, and when."""

    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self.lines: list[tuple[float, str]] = []
        self.places: list[tuple[float, float]] = []

    def accepted(self, task: Task) -> None:
        self.lines.append((self.env.now, "accepted"))

    def passing(self, task: Task, lon: float, lat: float) -> None:
        self.places.append((lon, lat))

    def arrived(self, task: Task) -> None:
        self.lines.append((self.env.now, "arrived"))

    def finished(self, task: Task) -> None:
        self.lines.append((self.env.now, "finished"))


STREET = Drive(np.array([121.50, 121.51, 121.51]), np.array([29.87, 29.87, 29.88]), seconds=100.0)
TASK = Task("T1", "I1", STREET, accept_s=30.0, on_site_s=600.0)


def test_a_crew_accepts_drives_works_and_closes_in_that_order():
    """Each step takes the time it was given, no more."""
    env = simpy.Environment()
    notes = Notebook(env)
    env.process(answer(env, TASK, notes))
    env.run()
    assert notes.lines == [(30.0, "accepted"), (130.0, "arrived"), (730.0, "finished")]
    assert notes.places[-1] == pytest.approx((121.51, 29.88))


def test_a_recalled_crew_says_nothing_more():
    """Its next word would otherwise arrive for an incident that another team has by then."""
    env = simpy.Environment()
    notes = Notebook(env)
    process = env.process(answer(env, TASK, notes))
    env.run(until=60)
    process.interrupt("recalled")
    env.run()
    assert notes.lines == [(30.0, "accepted")]


@given(st.floats(-50, 200))
def test_a_crew_is_always_on_its_way(elapsed_s):
    """A ring on the map may not stand in a river."""
    lon, lat = STREET.at(elapsed_s)
    assert lat == pytest.approx(29.87) or lon == pytest.approx(121.51)
    assert 121.50 - 1e-9 <= lon <= 121.51 + 1e-9
    assert 29.87 - 1e-9 <= lat <= 29.88 + 1e-9


def test_a_way_of_no_length_ends_where_it_starts():
    """A team may already stand at the door."""
    here = Drive(np.array([121.5, 121.5]), np.array([29.87, 29.87]), seconds=0.0)
    assert here.at(0.0) == (121.5, 29.87)
