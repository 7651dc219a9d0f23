"""Town by town: an indicator under A, under B, and their difference, in a table and on the map."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from scenarios.runkeeping import Run
from simulation.intervals import Estimate
from ui.map.component import grid_map
from ui.map.palette import Palette, Theme, of_difference, of_level
from ui.map.spec import View
from ui.panel.component import panel, render
from ui.screens.staffing import runs
from ui.screens.staffing.compare import pair
from ui.screens.staffing.looking import Look, again
from ui.services import picture, townmap
from ui.services.comparing import BY_NAME, INDICATORS, Indicator, number, told
from ui.services.experimenting import Pair

MAP_HEIGHT = "calc(100vh - 150px)"
MAP_PIXELS = 640, 520
SHOWN = ("apart", "one", "other")
BY_TOWN = tuple(each.name for each in INDICATORS if each.name != "review_utilisation")


def show(look: Look) -> None:
    chosen = pair(look)
    if chosen is None:
        panel(render("staffing/no_pair.html", w=look.tell.w), key="staffing-no-pair", theme=look.theme)
        return
    left, right = st.columns([6, 7], gap="small")
    one, other, both = chosen
    with left:
        indicator, shown = _choose(look, one, other)
        _table(look, indicator, one, other, both)
    with right:
        _map(look, indicator, shown, both)


def _choose(look: Look, one: Run, other: Run) -> tuple[Indicator, str]:
    w = look.tell.w
    with st.container(key="staffing-choose", horizontal=True):
        name = st.selectbox(
            w("staffing.indicator"),
            BY_TOWN,
            format_func=lambda each: w(f"staffing.kpi_{each}"),
            label_visibility="collapsed",
            key="staffing-town-indicator",
        )
        names = {
            "apart": w("staffing.apart"),
            "one": f"A {runs.run_title(look, one)}",
            "other": f"B {runs.run_title(look, other)}",
        }
        shown = st.selectbox(
            w("staffing.on_map"),
            SHOWN,
            format_func=lambda each: names[each],
            label_visibility="collapsed",
            key="staffing-town-shown",
        )
    return BY_NAME[name or BY_TOWN[0]], shown or SHOWN[0]


def by_town(found: Mapping[str, Mapping[str, Estimate]], indicator: Indicator) -> dict[str, Estimate]:
    """One indicator of each town."""
    return {town: told[indicator.name] for town, told in found.items() if town and indicator.name in told}


def _table(look: Look, indicator: Indicator, one: Run, other: Run, both: Pair) -> None:
    w, view = look.tell.w, look.looking
    mine, theirs, apart = (by_town(each, indicator) for each in (both.one.estimates, both.other.estimates, both.apart))
    rows = [
        {
            "code": town,
            "name": look.town(town),
            "one": told(mine.get(town), indicator.unit),
            "other": told(theirs.get(town), indicator.unit),
            "apart": told(apart[town], indicator.unit, signed=True),
            "verdict": indicator.verdict(apart[town]).value,
            "chosen": town == view.looked,
            "order": -abs(apart[town].mean) if apart[town].n else 0.0,
        }
        for town in apart
    ]
    order = {"worse": 0, "more": 0, "better": 1, "less": 1, "alike": 2, "unknown": 3}
    rows.sort(key=lambda row: (order[str(row["verdict"])], row["order"], row["code"]))
    html = render(
        "staffing/towns.html",
        w=w,
        rows=rows,
        unit=w(f"staffing.unit_{indicator.unit}"),
        one=runs.run_title(look, one),
        other=runs.run_title(look, other),
    )
    act = panel(html, key="staffing-towns", theme=look.theme) or ""
    name, _, town = act.partition(":")
    if name == "town" and town in apart:
        view.looked = town if town != view.looked else ""
        again()


def _map(look: Look, indicator: Indicator, shown: str, both: Pair) -> None:
    w, view = look.tell.w, look.looking
    classes, colours, steps = _colours(look, indicator, shown, both)
    tint = townmap.tint(look.centre, classes)
    spec = picture.on_ground(w, w("staffing.map"), colours, home=_home(look), tint=tint, minor=None)
    click = grid_map(spec, key="staffing-map", height=MAP_HEIGHT).click
    html = render("staffing/map_legend.html", w=w, steps=list(zip(colours.load, steps, strict=True)))
    panel(html, key="staffing-legend", theme=look.theme)
    if click is not None and click.layer == "cells" and click.id[:9] != view.looked:
        view.looked = click.id[:9]
        again()


def _home(look: Look) -> View:
    """The whole district beside a table."""
    west, south, east, north = look.centre.scenario.cells.total_bounds
    return View.of(west, south, east, north, *MAP_PIXELS)


def _colours(look: Look, indicator: Indicator, shown: str, both: Pair) -> tuple[dict[str, int], Palette, list[str]]:
    """Classes of the towns, the colours of the classes and what each means."""
    w, theme = look.tell.w, Theme(look.theme)
    if shown == "apart":
        classes = townmap.by_difference(indicator, by_town(both.apart, indicator))
        words = ("alike", "better", "much_better", "worse", "much_worse") if indicator.good else NEUTRAL
        return classes, of_difference(theme), [w(f"staffing.step_{each}") for each in words]
    values = by_town((both.one if shown == "one" else both.other).estimates, indicator)
    classes, borders = townmap.by_level(values)
    told = [number(each, indicator.unit) for each in borders]
    steps = [f"≤ {each}" for each in told] + [f"> {told[-1]}"] if told else ["–"] * townmap.LEVELS
    return classes, of_level(theme), steps


NEUTRAL = ("alike", "less", "much_less", "more", "much_more")
