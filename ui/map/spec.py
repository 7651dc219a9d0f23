"""What the map shall show, as one small record: addresses of tables, what is selected, where to look."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from ui.map.palette import Palette


@dataclass(frozen=True, slots=True)
class Words:
    """What the map itself says, in the reader's language; a map with an empty ``lasso`` has none."""

    map: str = "Map of the district: cells, streets, incidents and teams"
    zoom_in: str = "Zoom in (+)"
    zoom_out: str = "Zoom out (-)"
    home: str = "Whole district"
    lasso: str = "Select an area with the lasso"
    lasso_hint: str = "Drag around an area, or click its corners and double-click. Esc: cancel"


@dataclass(frozen=True, slots=True)
class View:
    """Where the map looks: WGS84 degrees of its middle, and zoom (one more is twice as near)."""

    lon: float
    lat: float
    zoom: float

    def __post_init__(self) -> None:
        if not (abs(self.lon) <= 180 and abs(self.lat) <= 85 and 0 <= self.zoom <= 22):
            raise ValueError(f"{self} is no view: lon within ±180, lat within ±85, zoom 0 to 22.")

    @classmethod
    def of(cls, west: float, south: float, east: float, north: float, width: int = 900, height: int = 700) -> View:
        """The view that shows a whole box in a map of this many pixels, with a margin of a tenth."""
        across = max(1e-6, (east - west) / 360)
        upright = max(1e-6, (_mercator(north) - _mercator(south)) / (2 * math.pi))
        zoom = math.log2(0.9 * min(width / across, height / upright) / 512)
        return cls((west + east) / 2, (south + north) / 2, round(min(18.0, zoom), 2))


@dataclass(frozen=True, slots=True)
class Fly:
    """A camera move, carried out once for each new ``seq``; ``zoom`` None keeps the present one."""

    seq: int
    lon: float
    lat: float
    zoom: float | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """A numbered pin; ``text`` is the number in the list.

    Attributes
    ----------
    best
        Larger than the others.
    crew
        Which crew's colour it wears, counted from 0; None for a candidate's.
    base
        A house instead of a number: where crews set out.
    """

    id: str
    lon: float
    lat: float
    text: str
    best: bool = False
    tip: str = ""
    crew: int | None = None
    base: bool = False


@dataclass(frozen=True, slots=True)
class Selected:
    """The one thing that is chosen: ``layer`` is ``incidents``, ``teams`` or ``cells``."""

    layer: str
    id: str


@dataclass(frozen=True, slots=True)
class Tables:
    """Addresses on the shelf of what ``ui.map.layers`` built; an absent one is not drawn.

    ``tint`` colours ``cells`` and may change without them. ``labels`` are names, ``route`` the chosen way.
    """

    cells: str | None = None
    tint: str | None = None
    water: str | None = None
    minor: str | None = None
    major: str | None = None
    borders: str | None = None
    labels: str | None = None
    route: str | None = None
    teams: str | None = None
    incidents: str | None = None


@dataclass(frozen=True, slots=True)
class MapSpec:
    """Everything the map shows; sent at each change, about 2 kB.

    Attributes
    ----------
    revision
        Given back as ``data-revision`` on the element once it is drawn, for those who wait for it.
    lasso_cleared
        Any number; when it changes, an area that still stands on the map is taken away.
    sharp
        Draw in the screen's own pixels; False is quicker on a slow machine.
    """

    home: View
    palette: Palette
    tables: Tables
    words: Words = field(default_factory=Words)
    selected: Selected | None = None
    pins: tuple[Pin, ...] = ()
    fly: Fly | None = None
    revision: int = 0
    lasso_cleared: int = 0
    sharp: bool = True

    def as_data(self, key: str, height: str) -> Mapping[str, object]:
        """What the browser receives."""
        return {
            "key": key,
            "height": height,
            "home": [self.home.lon, self.home.lat, self.home.zoom],
            "palette": self.palette.as_spec(),
            "tables": {name: address for name, address in asdict(self.tables).items() if address},
            "words": asdict(self.words),
            "selected": asdict(self.selected) if self.selected else None,
            "pins": [asdict(pin) for pin in self.pins],
            "fly": asdict(self.fly) if self.fly else None,
            "revision": str(self.revision),
            "lasso_cleared": self.lasso_cleared,
            "sharp": self.sharp,
        }


def _mercator(lat: float) -> float:
    return math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
