"""The map of a day: each crew's stops and way in a colour of its own, and the bases where they set out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dispatch.records.calls import Outing
from ui.map.component import grid_map
from ui.map.palette import Theme, palette
from ui.map.spec import Pin, View
from ui.panel.component import panel, render
from ui.screens.inspections.looking import Look
from ui.services import picture
from ui.services.inspecting import street_ways

MAP_HEIGHT = "calc(100vh - 186px)"
BASE = "base "


def crew_letter(at: int) -> str:
    """Crews by letters in their order.

    >>> [crew_letter(at) for at in (0, 25, 26, 52)]
    ['A', 'Z', 'AA', 'BA']
    """
    more, last = divmod(at, 26)
    return (crew_letter(more - 1) if more else "") + chr(ord("A") + last)


def crew_colour(theme: str, at: int) -> str:
    """The colour of the crew's pins and way; with more crews than colours the letter tells."""
    crew = palette(Theme(theme)).crew
    return crew[at % len(crew)]


def numbers_of(look: Look, outings: Sequence[Outing]) -> dict[str, int]:
    """The crews of one day by the numbers that they keep through it."""
    known = look.crew_numbers(outings[0].day) if outings else {}
    return {each.id: known[each.id] for each in outings}


def show_map(look: Look, outings: Sequence[Outing]) -> str:
    """Draw map and legend; the id of the call on which somebody pressed, or empty."""
    w, colours = look.tell.w, palette(Theme(look.theme))
    pins = [*_bases(look, outings), *_stops(look, outings)]  # the last are on top
    spec = picture.on_ground(
        w,
        w("inspections.map"),
        colours,
        home=_view([(pin.lon, pin.lat) for pin in pins]),
        pins=pins,
        revision=look.board.revision,
        cells=None,
        route=_ways(look, outings),
    )
    day = look.looking.day.isoformat() if look.looking.day else ""
    click = grid_map(spec, key=f"inspections-map-{day}-{look.looking.town}", height=MAP_HEIGHT).click
    shown = dict.fromkeys(crew_colour(look.theme, at) for at in numbers_of(look, outings).values())
    legend = render("inspections/day_legend.html", w=w, colours=list(shown))
    panel(legend, key="inspections-day-legend", theme=look.theme)
    return click.id if click is not None and click.layer == "pins" and click.id in look.force.stops else ""


def _stops(look: Look, outings: Sequence[Outing]) -> list[Pin]:
    pins, numbers = [], numbers_of(look, outings)
    for outing in outings:
        at = numbers[outing.id]
        for number, stop in enumerate(look.force.of(outing.id), start=1):
            place = look.premises[stop.visit.premises]
            chosen, text = stop.id == look.looking.call, f"{crew_letter(at)}{number}"
            pins.append(Pin(stop.id, place.lon, place.lat, text, best=chosen, tip=place.name, crew=at))
    return pins


def _bases(look: Look, outings: Sequence[Outing]) -> list[Pin]:
    bases = look.centre.inspections.bases
    towns = [town for town in sorted({each.town for each in outings}) if town in bases]
    tip = look.tell.w("inspections.base")
    return [Pin(f"{BASE}{town}", *bases[town], "", tip=f"{tip} · {look.town(town)}", base=True) for town in towns]


def _ways(look: Look, outings: Sequence[Outing]) -> str | None:
    """Of the crew of the chosen call, or of all."""
    number = numbers_of(look, outings)
    stop = look.force.stops.get(look.looking.call)
    shown = [each for each in outings if stop is None or each.id == stop.outing] or outings
    ways = street_ways(look.centre, shown, look.force, look.premises)
    return picture.crews_table({number[name]: way for name, way in ways.items()}) if ways else None


def _view(places: Sequence[tuple[float, float]]) -> View | None:
    """Where all these places are in sight."""
    if not places:
        return None
    xy = np.array(places)
    (west, south), (east, north) = xy.min(axis=0) - 0.01, xy.max(axis=0) + 0.01
    return View.of(float(west), float(south), float(east), float(north), 620, 520)
