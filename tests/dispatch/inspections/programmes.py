"""Small programmes of inspections for tests: premises around a base, items of a few departments, officers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from hypothesis import strategies as st

from dispatch.inspections.noon import Noon
from dispatch.inspections.programme import Programme
from dispatch.inspections.ways import LineWays
from dispatch.records.inspection import DueItem, Inspector, Premises, Remote

MONDAY = date(2026, 12, 7)
DAYS = tuple(MONDAY + timedelta(days=week * 7 + day) for week in range(2) for day in range(5))
FIRE, FOOD, LABOUR = "fire", "food", "labour"


def shop(name: str = "p1", **more: object) -> Premises:
    values: dict[str, object] = {"lon": 121.5, "lat": 29.9, "town": "t1", "opens": 540, "closes": 1080}
    return Premises(name, name, **(values | more))  # type: ignore[arg-type]


def due(
    name: str, first: int = 0, last: int = 9, *, minutes: int = 60, remote: Remote = Remote.NO, **more: str
) -> DueItem:
    """An item due from one working day through another of the two weeks."""
    values = {"premises": "p1", "department": "d", "certificate": FIRE} | more
    asked = values["premises"], values["department"], values["certificate"], minutes
    return DueItem(name, *asked, DAYS[first], DAYS[last], remote=remote)


def officer(name: str, *certificates: str, town: str = "t1", **more: frozenset[str] | frozenset[date]) -> Inspector:
    return Inspector(name, town, "d", frozenset(certificates), **more)  # type: ignore[arg-type]


def programme(
    premises: Sequence[Premises], items: Sequence[DueItem], inspectors: Sequence[Inspector], days: Sequence[date] = DAYS
) -> Programme:
    return Programme(tuple(premises), tuple(items), tuple(inspectors), tuple(days), LineWays(), {})


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    """Two small towns with everything that can go wrong in them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kinds = [FIRE, FOOD, LABOUR]
    places = [
        shop(
            f"p{k}",
            lon=121.5 + rng.uniform(0, 0.15),
            lat=29.9 + rng.uniform(0, 0.1),
            town=f"t{k % 2}",
            opens=(opens := int(rng.choice([0, 480, 540, 1020]))),
            closes=int(rng.choice([opens, opens + 30, 1080, 1440])),
            annual_cap=None if rng.random() < 0.5 else int(rng.integers(0, 4)),
            visits_this_year=int(rng.integers(0, 2)),
        )
        for k in range(draw(st.integers(1, 8)))
    ]
    items = [
        due(
            f"i{k}",
            int(rng.integers(0, 10)),
            int(rng.integers(0, 10)),
            minutes=int(rng.choice([20, 45, 90, 240, 500])),
            premises=f"p{rng.integers(len(places))}",
            certificate=str(rng.choice(kinds)),
            remote=Remote.DATA if rng.random() < 0.3 else Remote.NO,
        )
        for k in range(draw(st.integers(0, 24)))
    ]
    crowd = [
        officer(
            f"o{k}",
            *rng.choice(kinds, int(rng.integers(1, 3)), replace=False),
            town=str(rng.choice(["t0", "t1", "*"])),
            conflicts=frozenset([f"p{rng.integers(len(places))}"] * int(rng.random() < 0.3)),
            not_drawn_for=frozenset(f"i{rng.integers(len(items))}" for _ in range(3) if items and rng.random() < 0.3),
            away=frozenset({DAYS[int(rng.integers(10))]} if rng.random() < 0.3 else ()),
        )
        for k in range(draw(st.integers(0, 9)))
    ]
    asked = programme(places, items, crowd)
    return replace(asked, noon=Noon(720, 810) if draw(st.booleans()) else None)
