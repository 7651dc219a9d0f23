"""Which model says which figure. Every model reads its assumptions by name and knows nothing of published values."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from dispatch.rulebook.matters import Matter
from scenarios.place import Scenario
from scenarios.planning import own_plan, setup_of
from scenarios.reproduced.assumptions import Values
from scenarios.reproduced.handing import Problems, days_open, problems_of
from scenarios.reproduced.playing import desk_hours, hotline_fall_percent, minutes_on_the_spot, volume_and_simple
from scenarios.scenario import load, part_of
from simulation.replications import Setup

ILLEGAL_BUILDING = "C01"
DIRECTLY = 1.0
"""A town that may act itself asks nobody first."""
HOURS_A_DAY = 24.0
CHONGQINGS = "渝中区"
"""Chongqing's figures are averages of the city; one of its districts is played for them. Assumed."""


class Cities:
    """The places that are played, each built and compiled when it is first asked for."""

    @cached_property
    def haishu(self) -> Setup:
        return setup_of(load("haishu"), own_plan("haishu"))

    @cached_property
    def huancui(self) -> Setup:
        return setup_of(self._huancui, own_plan("huancui"))

    @cached_property
    def chongqing(self) -> Setup:
        name = part_of("chongqing", CHONGQINGS)
        return setup_of(load(name), own_plan(name))

    @cached_property
    def of_several(self) -> Problems:
        """What takes more than one department."""
        return self._problems(lambda matter: bool(matter.assisting))

    @cached_property
    def illegal_building(self) -> Problems:
        return self._problems(lambda matter: matter.category == ILLEGAL_BUILDING)

    @cached_property
    def _huancui(self) -> Scenario:
        return load("huancui")

    def _problems(self, wanted: Callable[[Matter], bool]) -> Problems:
        demand, matters = self._huancui.demand, self._huancui.rulebook.matters
        kept = [
            (matters[code], float(share))
            for code, share in zip(demand.matters, demand.matter_share, strict=True)
            if wanted(matters[code]) and matters[code].enforceable
        ]
        return problems_of([matter for matter, _ in kept], [share for _, share in kept])


Model = Callable[[Cities, Values, int, int], float]
"""A figure from the places, the values of its assumptions, a seed and the number of a draw."""


def _closure(cities: Cities, values: Values, right: float, seed: int, draw: int) -> float:
    return float(days_open(cities.of_several, values, right, seed, draw)[0].mean())


def _complaints_fall(cities: Cities, values: Values, seed: int, draw: int) -> float:
    """A problem is told once, and again while it is open; only some of all complaints are about such problems."""
    before = _closure(cities, values, values["right_at_once_before"], seed, draw)
    after = _closure(cities, values, DIRECTLY, seed, draw)
    again = values["calls_again"]
    return 100 * values["complaints_touched"] * again * (before - after) / (1 + again * before)


def _resolution_rise(cities: Cities, values: Values, seed: int, draw: int) -> float:
    solved = []
    for right in (values["right_at_once_before"], DIRECTLY):
        took, limit = days_open(cities.illegal_building, values, right, seed, draw)
        solved.append(float(np.mean(took <= limit)))
    before, after = solved
    return 100 * (after / before - 1)


MODELS: dict[str, Model] = {
    "closure_before": lambda cities, values, seed, draw: _closure(
        cities, values, values["right_at_once_before"], seed, draw
    ),
    "closure_after": lambda cities, values, seed, draw: _closure(
        cities, values, values["right_at_once_after"], seed, draw
    ),
    "complaints_fall": _complaints_fall,
    "resolution_rise": _resolution_rise,
    "tickets_fall": lambda cities, values, seed, draw: hotline_fall_percent(cities.huancui, values, seed, draw),
    "ordinary_before": lambda cities, values, seed, draw: (
        desk_hours(cities.chongqing, values, "before", seed, draw) / HOURS_A_DAY
    ),
    "ordinary_after": lambda cities, values, seed, draw: desk_hours(cities.chongqing, values, "after", seed, draw),
    "simple_before": lambda _cities, values, _seed, _draw: minutes_on_the_spot(values, "before"),
    "simple_after": lambda _cities, values, _seed, _draw: minutes_on_the_spot(values, "after"),
}

PLAYED: dict[str, Callable[[Cities, int, int], float]] = {
    "volume": lambda cities, seed, draw: volume_and_simple(cities.haishu, seed, draw)[0],
    "simple_share": lambda cities, seed, draw: volume_and_simple(cities.haishu, seed, draw)[1],
}
