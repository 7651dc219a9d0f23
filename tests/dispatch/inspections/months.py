"""Small months of inspections, drawn by a seed."""

from datetime import date, timedelta

import numpy as np

from dispatch.inspections.programme import Programme
from dispatch.inspections.ways import LineWays
from dispatch.records.inspection import DueItem, Inspector, Premises

KINDS = ("food", "fire", "health", "market")
START = date(2026, 11, 2)


def small_month(seed: int, places: int = 12, officers: int = 6, days: int = 4) -> Programme:
    """One town; every kind is held by somebody, and some places only open in the evening."""
    rng = np.random.default_rng(seed)
    premises, items = [], []
    for at in range(places):
        opens, closes = [(540, 1080), (480, 1320), (1020, 1380)][rng.choice(3, p=[0.6, 0.2, 0.2])]
        lon, lat = 121.5 + rng.normal(0, 0.05), 29.9 + rng.normal(0, 0.05)
        premises.append(Premises(f"p{at:02d}", f"place {at}", lon, lat, "t", opens, closes))
        for kind in rng.choice(KINDS, int(rng.integers(1, 4)), replace=False).tolist():
            first = int(rng.integers(0, days))
            dates = START + timedelta(first), START + timedelta(int(rng.integers(first, days)))
            minutes = int(rng.choice([15, 30, 60, 90]))
            items.append(DueItem(f"i{len(items):03d}", f"p{at:02d}", kind, kind, minutes, *dates))
    staff = [
        Inspector(
            f"o{at}",
            "t",
            certificates=frozenset({KINDS[at % len(KINDS)], *rng.choice(KINDS, int(rng.integers(0, 3))).tolist()}),
            conflicts=frozenset(f"p{k:02d}" for k in rng.choice(places, int(rng.integers(0, 2)))),
        )
        for at in range(officers)
    ]
    every_day = tuple(START + timedelta(at) for at in range(days))
    return Programme(tuple(premises), tuple(items), tuple(staff), every_day, LineWays(), {})
