"""A month of inspections to plan, from Chicago's food establishments: the places and risk classes are real, the rest
is drawn.

Every establishment gets two to four departments' items, with shorter windows the higher its risk; three of ten are open
long or in the evening. Officers hold one to four certificates; each certificate is held in every town. Towns are tiles
of equal numbers of places. Without the real file the places are drawn too. On a real network the places are crossings
of its streets.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from dispatch.inspections.programme import Programme
from dispatch.inspections.ways import LineWays, StreetWays, Ways
from dispatch.records.inspection import DueItem, Inspector, Premises
from gis.streets import Profile, read_streets
from gis.travel import TravelTimes

REAL = Path(__file__).resolve().parents[2] / "shared" / "real"
CHICAGO = REAL / "chicago_food_inspections_2011_2013.csv.gz"
NETWORKS = {"Shanghai": REAL / "shanghai_center.osm.gz", "Boston": REAL / "boston_central.osm.gz"}
START, WORKING_DAYS, CALENDAR_DAYS = date(2026, 11, 2), 20, 26
DEPARTMENTS = ("food", "fire", "health", "market", "urban", "emergency", "environment", "culture")
WINDOW_DAYS_BY_RISK = {1: (7, 14), 2: (10, 20), 3: (14, CALENDAR_DAYS)}
MINUTES = (15, 20, 30, 40, 45, 60)
HOURS = ((540, 1080), (480, 1320), (1020, 1380))


def month(premises: int, officers: int, towns: int, seed: int, streets: Path | None = None) -> Programme:
    """So many premises and officers in so many towns, 20 working days of November 2026.

    Parameters
    ----------
    streets
        A network on which the premises lie, in one town; None for Chicago's own places and ways along a line.
    """
    rng = np.random.default_rng(seed)
    ways: Ways = LineWays()
    if streets is None:
        chosen = _places(premises, towns, rng)
    else:
        travel = TravelTimes(read_streets(streets), Profile.CAR)
        chosen, ways = _crossings(travel, premises, rng), StreetWays(travel)
    places, items = [], []
    for row in chosen.itertuples():
        opens, closes = HOURS[rng.choice(3, p=[0.7, 0.15, 0.15])]
        places.append(
            Premises(
                f"p{row.Index:05d}",
                f"place {row.Index}",
                float(row.lon),
                float(row.lat),
                f"t{row.town:02d}",
                opens,
                closes,
                int(rng.integers(4, 8)),
                int(rng.integers(0, 2)),
            )
        )
        for kind in rng.choice(len(DEPARTMENTS), int(rng.integers(2, 5)), replace=False):
            shortest, longest = WINDOW_DAYS_BY_RISK[row.risk]
            window = int(rng.integers(shortest, longest + 1))
            first = START + timedelta(int(rng.integers(0, CALENDAR_DAYS - window + 1)))
            last = first + timedelta(window - 1)
            name, minutes = DEPARTMENTS[kind], int(rng.choice(MINUTES))
            items.append(DueItem(f"i{len(items):05d}", places[-1].id, name, name, minutes, first, last))
    days = [START + timedelta(ahead) for ahead in range(CALENDAR_DAYS) if (START + timedelta(ahead)).weekday() < 5]
    assert len(days) == WORKING_DAYS
    staff = tuple(_officer(at, towns, places, rng) for at in range(officers))
    return Programme(tuple(places), tuple(items), staff, tuple(days), ways, {})


def _places(premises: int, towns: int, rng: np.random.Generator) -> pd.DataFrame:
    """Longitude, latitude, risk class and town: strips from west to east, cut from south to north."""
    if CHICAGO.is_file():
        found = pd.read_csv(CHICAGO).drop_duplicates("License").dropna(subset=["Latitude", "Longitude", "Risk"])
        found = found.assign(risk=found["Risk"].str.extract(r"(\d)", expand=False).astype(int))
        found = found.rename(columns={"Longitude": "lon", "Latitude": "lat"})[["lon", "lat", "risk"]]
    else:
        drawn = rng.normal([-87.68, 41.87], [0.06, 0.08], (8_000, 2))
        found = pd.DataFrame({"lon": drawn[:, 0], "lat": drawn[:, 1], "risk": rng.choice([1, 1, 2, 3], 8_000)})
    if towns == 1:  # a town is a part of the city, as large as a town
        middle = found[["lon", "lat"]].median()
        found = found.loc[(found["lon"] - middle["lon"]).abs() + (found["lat"] - middle["lat"]).abs() < 0.06]
    chosen = found.sample(premises, random_state=int(rng.integers(1 << 31))).reset_index(drop=True)
    strips = round(towns**0.5)
    strip = chosen["lon"].rank(method="first").sub(1).mul(strips).floordiv(premises).astype(int)
    chosen["town"] = 0
    for at in range(strips):
        mine = strip == at
        cuts = towns // strips + (at < towns % strips)
        rank = chosen.loc[mine, "lat"].rank(method="first").sub(1)
        before = sum(towns // strips + (earlier < towns % strips) for earlier in range(at))
        chosen.loc[mine, "town"] = before + rank.mul(cuts).floordiv(int(mine.sum())).astype(int)
    return chosen


def _crossings(travel: TravelTimes, premises: int, rng: np.random.Generator) -> pd.DataFrame:
    both_ways = travel.streets.in_connected_part(Profile.CAR)
    joined = np.intersect1d(travel.streets.tail[both_ways], travel.streets.head[both_ways])
    at = rng.choice(joined, premises, replace=False)
    risk = rng.choice([1, 1, 2, 3], premises)
    return pd.DataFrame({"lon": travel.streets.lon[at], "lat": travel.streets.lat[at], "risk": risk, "town": 0})


def _officer(at: int, towns: int, places: list[Premises], rng: np.random.Generator) -> Inspector:
    own = at // towns % len(DEPARTMENTS)
    held = {own, *rng.choice(len(DEPARTMENTS), int(rng.integers(0, 4)), replace=False).tolist()}
    town = f"t{at % towns:02d}"
    barred = {places[k].id for k in rng.choice(len(places), int(rng.integers(0, 3)), replace=False)}
    return Inspector(f"o{at:04d}", town, DEPARTMENTS[own], frozenset(DEPARTMENTS[k] for k in held), frozenset(barred))
