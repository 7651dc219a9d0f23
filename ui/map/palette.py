"""Every colour of the map and of what stands beside it, light and dark: the one place they are written."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum


class Theme(StrEnum):
    """How bright the room is."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as ``#RRGGBB`` or ``#RRGGBBAA``.

    Attributes
    ----------
    ground
        Behind everything, where no cell lies.
    load
        Tint of a cell by class, lightest first: one quiet hue.
    road, casing
        By tier, widest road first (seven tiers, see ``ui.map.layers.TIERS``).
    priority, priority_ink, priority_text
        Of incidents of priority 1 to 4: the shape, the number in it, and text of that colour on a panel.
    free, on_way, busy
        Rings of teams.
    route, route_casing, pin, pin_best
        The way of the selected candidate and the candidates' numbered pins.
    crew, crew_ink
        Ways and pins of crews, one colour each, told apart without red, green or blue as well; what is written on them.
    panel, line, text, muted, accent
        Buttons, tooltips and scale bar.
    """

    ground: str
    water: str
    water_edge: str
    load: tuple[str, ...]
    cell_edge: str
    border: str
    border_halo: str
    road: tuple[str, ...]
    casing: tuple[str, ...]
    label: tuple[str, ...]
    label_halo: str
    priority: tuple[str, ...]
    priority_ink: tuple[str, ...]
    priority_text: tuple[str, ...]
    mark_edge: str
    overdue: str
    free: str
    on_way: str
    busy: str
    ring_fill: str
    select: str
    select_halo: str
    route: str
    route_casing: str
    pin: str
    pin_best: str
    pin_ink: str
    crew: tuple[str, ...]
    crew_ink: str
    lasso: str
    panel: str
    line: str
    text: str
    muted: str
    accent: str

    def as_spec(self) -> dict[str, str | tuple[str, ...]]:
        """The colours by name, as the browser receives them."""
        return asdict(self)


LIGHT = Palette(
    ground="#EDF0F3",
    water="#BCDCF2",
    water_edge="#94C3E4",
    load=("#F6F8FA", "#EBF1F6", "#DFE8F1", "#D0DEEB", "#BFD3E6"),
    cell_edge="#9FB1C266",
    border="#7A6C9AB0",
    border_halo="#7A6C9A22",
    road=("#FFD9A0", "#FFE9B8", "#FFFFFF", "#FFFFFF", "#FFFFFF", "#FFFFFF", "#FFFFFF00"),
    casing=("#D59A4E", "#CFAA5E", "#AEBBC8", "#B7C3CE", "#CDD6DE", "#D3DBE2", "#C3CDD700"),
    label=("#3C4A5C", "#5A6879", "#4A5867", "#3F7CA8"),
    label_halo="#FFFFFFE6",
    priority=("#C62828", "#E07B00", "#C9A400", "#7A8B9B"),
    priority_ink=("#FFFFFF", "#FFFFFF", "#1B2733", "#FFFFFF"),
    priority_text=("#C62828", "#B45309", "#8A6A00", "#5B6B7B"),
    mark_edge="#FFFFFF",
    overdue="#C62828",
    free="#00897B",
    on_way="#1565C0",
    busy="#6B7F92",
    ring_fill="#FFFFFFD9",
    select="#111827",
    select_halo="#FFFFFF",
    route="#0B63CE",
    route_casing="#FFFFFF",
    pin="#5F7F9F",
    pin_best="#0B63CE",
    pin_ink="#FFFFFF",
    crew=("#2C62CE", "#ED570C", "#5C0505", "#C567A6", "#05055C", "#570CED", "#BE5555", "#592246"),
    crew_ink="#FFFFFF",
    lasso="#7C3AED",
    panel="#FFFFFF",
    line="#CBD4DD",
    text="#1B2733",
    muted="#5B6B7B",
    accent="#1565C0",
)

DARK = Palette(
    ground="#0B1016",
    water="#0B2A45",
    water_edge="#184A70",
    load=("#121A23", "#15222D", "#192C3A", "#1E3849", "#25475C"),
    cell_edge="#52677C55",
    border="#A593D0A0",
    border_halo="#A593D01C",
    road=("#85734F", "#6C6753", "#54657A", "#495A6B", "#394857", "#323F4B", "#323F4B00"),
    casing=("#0B1016", "#0B1016", "#0B1016", "#0B1016", "#0B101600", "#0B101600", "#0B101600"),
    label=("#DCE5EE", "#A9B8C6", "#B4C0CC", "#7FB4DB"),
    label_halo="#0B1016D9",
    priority=("#FF5C5C", "#FF9F43", "#F7D154", "#8FA3B8"),
    priority_ink=("#1A0505", "#201000", "#1B1600", "#0B1016"),
    priority_text=("#FF5C5C", "#FF9F43", "#F7D154", "#8FA3B8"),
    mark_edge="#0B1016",
    overdue="#FF5C5C",
    free="#3CC8B4",
    on_way="#4AA3FF",
    busy="#6F89A3",
    ring_fill="#0B1016D9",
    select="#FFFFFF",
    select_halo="#0B1016",
    route="#00D1FF",
    route_casing="#0B1016",
    pin="#3F6288",
    pin_best="#4AA3FF",
    pin_ink="#FFFFFF",
    crew=("#55A6F6", "#F3CF1B", "#D53987", "#CAFCD2", "#E07F6C", "#72E1F8", "#E4300C", "#F9F990"),
    crew_ink="#0B1016",
    lasso="#C4A1FF",
    panel="#18212B",
    line="#33414F",
    text="#DCE5EE",
    muted="#8CA0B3",
    accent="#4AA3FF",
)


COVERAGE = {
    Theme.LIGHT: ("#F6F8FA", "#C9E7E1", "#F8EBAE", "#F2B668", "#D0634B"),
    Theme.DARK: ("#121A23", "#174540", "#665A1F", "#8A551C", "#A83D30"),
}
"""Tint of a cell by its passes made: none owed, all made, then the fewer the warmer. Read without red and green too."""


DIFFERENCE = {
    Theme.LIGHT: ("#F1F4F7", "#BFE3DC", "#5FB7A8", "#F7CFA3", "#E08A4A"),
    Theme.DARK: ("#161F29", "#1D4D49", "#2C8C80", "#6B431C", "#B86420"),
}
"""Tint of a town: no difference, better and much better (teal), worse and much worse (orange)."""

LEVEL = {
    Theme.LIGHT: ("#F1F6FB", "#CFE1F2", "#9EC5E6", "#5F9FD3", "#2A6FB0"),
    Theme.DARK: ("#15202B", "#1B354C", "#215178", "#2D72A8", "#4C9BDC"),
}
"""Tint of a town by a value, the lowest first."""


def of_difference(theme: Theme) -> Palette:
    """The colours of ``theme`` with cells by which of two plans is better there."""
    return replace(palette(theme), load=DIFFERENCE[theme])


def of_level(theme: Theme) -> Palette:
    """The colours of ``theme`` with cells by a value of their town."""
    return replace(palette(theme), load=LEVEL[theme])


def of_coverage(theme: Theme) -> Palette:
    """The colours of ``theme`` with cells by the coverage of a patrol."""
    return replace(palette(theme), load=COVERAGE[theme])


def palette(theme: Theme) -> Palette:
    """The colours of ``theme``."""
    return DARK if theme is Theme.DARK else LIGHT
