"""Which streets there are, how fast a team moves on each, and who may use it.

Speeds are running speeds: what a team makes good over a street including its junctions, in km/h.

References
----------
- CJJ 37-2012 (2016 edition), table 3.2.1, design speeds of city roads: expressway 100/80/60, main road 60/50/40,
  secondary road 50/40/30, branch road 40/30/20 km/h.
- Implementing Regulations of the Road Traffic Safety Law (2004), art. 45: 30 km/h on city roads without a centre line,
  50 km/h with one lane a direction; art. 78: 60 to 120 km/h on motorways.
- Highway Capacity Manual 2010, exhibit 16-4: on streets with signals, travel speed at the border of levels of service
  B and C is 67 % of the free-flow speed (``SIGNALS``).
- GB 17761-2018: an e-bike is built for at most 25 km/h. Lin, He, Tan & He (2008), Transportation Research Record 2048:
  e-bikes in Kunming ran at 21.9 km/h on average; we take 20 (the law's own limit in a cycle lane, Road Traffic Safety
  Law art. 58, is 15).
- Weidmann (1993), Transporttechnik der Fussgänger: people walk at 1.34 m/s = 4.8 km/h.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Profile(StrEnum):
    """How a team moves."""

    CAR = "car"
    EBIKE = "ebike"
    FOOT = "foot"

    @property
    def bit(self) -> int:
        """This profile's bit in ``Streets.allowed``."""
        return {"car": 1, "ebike": 2, "foot": 4}[self.value]


CAR, EBIKE, FOOT = (profile.bit for profile in Profile)
EVERYONE = CAR | EBIKE | FOOT
NO_CARS = EBIKE | FOOT

SIGNALS = 0.67
RESTRICTED_KMH = 10.0
MPH = 1.609344


@dataclass(frozen=True, slots=True)
class RoadClass:
    """One class of street: ``free_kmh`` for cars without junctions, and what share of it junctions leave."""

    name: str
    free_kmh: float
    kept: float
    ebike_kmh: float
    foot_kmh: float
    allowed: int

    @property
    def car_kmh(self) -> float:
        """Running speed of a car."""
        return self.free_kmh * self.kept


# The middle design speed of CJJ 37-2012 for expressway (trunk), main (primary), secondary and branch (tertiary) roads;
# art. 45 for streets without a centre line. Rows marked * are our assumption: no standard gives a figure.
_TABLE = (
    RoadClass("motorway", 100, 1.0, 20, 4.8, CAR),  # art. 78, middle of 80 to 120
    RoadClass("trunk", 80, 0.9, 20, 4.8, EVERYONE),  # urban expressway; 0.9 for its ramps and few signals *
    RoadClass("primary", 60, SIGNALS, 20, 4.8, EVERYONE),
    RoadClass("secondary", 50, SIGNALS, 20, 4.8, EVERYONE),
    RoadClass("tertiary", 40, SIGNALS, 20, 4.8, EVERYONE),
    RoadClass("unclassified", 40, SIGNALS, 20, 4.8, EVERYONE),
    RoadClass("residential", 30, SIGNALS, 18, 4.8, EVERYONE),  # art. 45; e-bike *
    RoadClass("living_street", 20, SIGNALS, 15, 4.8, EVERYONE),  # lowest branch road; e-bike *
    RoadClass("service", 15, 1.0, 12, 4.8, EVERYONE),  # as posted in estates and yards *
    RoadClass("motorway_link", 60, 1.0, 20, 4.8, CAR),  # art. 78, the least on a motorway
    RoadClass("trunk_link", 50, 0.9, 20, 4.8, EVERYONE),  # *
    RoadClass("primary_link", 40, SIGNALS, 20, 4.8, EVERYONE),  # one step below the road it serves *
    RoadClass("secondary_link", 40, SIGNALS, 20, 4.8, EVERYONE),  # *
    RoadClass("tertiary_link", 30, SIGNALS, 20, 4.8, EVERYONE),  # *
    RoadClass("track", 15, 1.0, 12, 4.8, EVERYONE),  # *
    RoadClass("pedestrian", 10, 1.0, 10, 4.8, NO_CARS),  # *
    RoadClass("cycleway", 10, 1.0, 20, 4.8, NO_CARS),
    RoadClass("footway", 10, 1.0, 8, 4.8, NO_CARS),  # an e-bike rides slowly among walkers *
    RoadClass("path", 10, 1.0, 8, 4.8, NO_CARS),  # *
    RoadClass("steps", 10, 1.0, 8, 2.4, FOOT),  # half the walking speed *
)

ROAD_CLASSES: tuple[str, ...] = tuple(row.name for row in _TABLE)
_INDEX = {row.name: i for i, row in enumerate(_TABLE)} | {"road": ROAD_CLASSES.index("unclassified")}

CAR_KMH: NDArray[np.float64] = np.array([row.car_kmh for row in _TABLE])
EBIKE_KMH: NDArray[np.float64] = np.array([row.ebike_kmh for row in _TABLE], dtype=np.float64)
FOOT_KMH: NDArray[np.float64] = np.array([row.foot_kmh for row in _TABLE])
ALLOWED: NDArray[np.uint8] = np.array([row.allowed for row in _TABLE], dtype=np.uint8)

_OPEN = {"yes", "designated", "permissive", "destination", "official", "delivery", "customers"}
_BARRED = {"no", "private", "permit", "agricultural", "forestry"}
_SPEED = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph)?\s*(?:;|$)", re.IGNORECASE)


def road_class(name: object) -> int | None:
    """Index into ``ROAD_CLASSES`` of an OSM ``highway`` value; None for what is not a street (construction, platform).

    Examples
    --------
    >>> ROAD_CLASSES[road_class("secondary")], road_class("bus_stop")
    ('secondary', None)
    """
    return _INDEX.get(str(name))


def posted_kmh(text: object) -> float:
    """The ``maxspeed`` tag in km/h; NaN when absent, in words, or outside 5 to 130 km/h.

    Examples
    --------
    >>> posted_kmh("40"), round(posted_kmh("30 mph"), 1), posted_kmh("CN:urban")
    (40.0, 48.3, nan)
    """
    found = _SPEED.match(str(text))
    if found is None:
        return math.nan
    kmh = float(found[1]) * (MPH if (found[2] or "").lower() == "mph" else 1.0)
    return kmh if 5 <= kmh <= 130 else math.nan


def car_kmh(road: int, tags: dict[str, object]) -> float:
    """Running speed of a car on a way: its posted speed where it has one, less what junctions take, else the table.

    A way closed to the public is passable for a team on duty, slowly (``RESTRICTED_KMH``, our assumption).
    """
    posted = posted_kmh(tags.get("maxspeed"))
    speed = _TABLE[road].car_kmh if math.isnan(posted) else posted * _TABLE[road].kept
    return min(speed, RESTRICTED_KMH) if closed_to_the_public(tags) else speed


def closed_to_the_public(tags: dict[str, object]) -> bool:
    """Whether the nearest tag that speaks of cars bars them: motorcar before motor_vehicle before vehicle, access."""
    spoken = [tags[key] for key in ("motorcar", "motor_vehicle", "vehicle", "access") if key in tags]
    return bool(spoken) and spoken[0] in _BARRED


def allowed_along(road: int, tags: dict[str, object]) -> int:
    """Profiles that may use a way in its permitted direction, as a bitmask.

    The class decides; the way's own ``foot``, ``bicycle`` and ``motor_vehicle`` tags open or close it, ``motorroad``
    closes it to walkers and riders. An e-bike counts as a bicycle, as in the Road Traffic Safety Law. Private ways and
    ways closed to the public stay open: teams go there on duty.
    """
    mask = int(ALLOWED[road])
    if tags.get("motorroad") == "yes":
        mask &= CAR
    for key, bit in (("foot", FOOT), ("bicycle", EBIKE)):
        if tags.get(key) in _OPEN:
            mask |= bit
        elif tags.get(key) in {"no", "use_sidepath", "dismount"}:
            mask &= ~bit
    if tags.get("motor_vehicle") in _OPEN or tags.get("motorcar") in _OPEN:
        mask |= CAR
    return mask


def allowed_against(mask: int, tags: dict[str, object]) -> int:
    """Profiles that may go against a one-way street: walkers, and riders where ``oneway:bicycle=no``."""
    riders = EBIKE if tags.get("oneway:bicycle") == "no" else 0
    return mask & (FOOT | riders)
