"""The cells of a patrol, the worst first, on a list and on the map, and the chosen one."""

from __future__ import annotations

import math

from dispatch.inspections.patrol_coverage import Fared, Missed
from dispatch.records.patrol import PatrolledCell
from dispatch.store import patrols
from ui.map.component import grid_map
from ui.map.palette import Theme, of_coverage
from ui.map.spec import Pin, Selected, View
from ui.panel.component import panel, render
from ui.screens.inspections.looking import Look
from ui.screens.inspections.patrolview import Viewing, kind_of, percent, select, team_name
from ui.services import patrolling, picture
from ui.services.patrolling import PatrolView, cell_called
from ui.wording import Wording

MAP_HEIGHT = "calc(100vh - 186px)"
SHOWN, PINNED = 150, 12


def cells(look: Look, mine: Viewing, view: PatrolView | None) -> None:
    """The town's cells with their shares, and what a lead wants to hear first."""
    w = look.tell.w
    if view is None:
        panel(render("inspections/patrol_none.html", w=w), key="patrol-none", theme=look.theme)
        return
    below = [cell for cell in view.fared if cell.passed < cell.owed]
    pins = {cell.cell: at for at, cell in enumerate(below[:PINNED], start=1)}
    html = render(
        "inspections/patrol_cells.html",
        w=w,
        share=percent(view.share),
        below=len(below),
        self_handled=percent(view.self_handled),
        sentence=_sentence(look, view, len(below)),
        rows=[_row(look, mine, cell, pins.get(cell.cell, 0)) for cell in view.fared[:SHOWN]],
    )
    act = panel(html, key="patrol-cells", theme=look.theme) or ""
    name, _, code = act.partition(":")
    if name == "cell":
        select(look, mine, cell=code)


def _sentence(look: Look, view: PatrolView, below: int) -> str:
    """What a lead wants to hear first."""
    w = look.tell.w
    if math.isnan(view.share):
        return w("patrols.not_begun_yet")
    return w("patrols.some_were_not", n=below) if below else w("patrols.all_were")


def _row(look: Look, mine: Viewing, cell: Fared, number: int) -> dict[str, object]:
    return {
        "code": cell.cell,
        "name": cell_called(look.centre, cell.cell),
        "beat": cell.beat,
        "number": number,
        "chosen": cell.cell == mine.cell,
        "passed": cell.passed,
        "owed": cell.owed,
        "missed": cell.passed < cell.owed,
        "share": percent(cell.share),
        "why": look.tell.w("app.comma").join(dict.fromkeys(_why(look, each) for each in cell.missed)),
    }


def _why(look: Look, missed: Missed) -> str:
    return missed.said or look.tell.w(f"patrols.why_{missed.reason}")


def cell(look: Look, mine: Viewing, view: PatrolView) -> None:
    """The chosen cell: what lies there, its risk and why, passes owed and made, by whom."""
    w, chosen = look.tell.w, view.cells[mine.cell]
    how = next((each for each in view.fared if each.cell == mine.cell), None)
    with look.centre.casebook.reading() as connection:
        here = [each.name for each in patrols.objects(connection, [view.plan.town]) if each.cell == mine.cell]
    passed = sorted(
        (stop.passed_at, stop.passed_by, view.rounds[stop.round].team)
        for stops in view.stops.values()
        for stop in stops
        if stop.cell == mine.cell and stop.passed_at is not None
    )
    html = render(
        "inspections/patrol_cell.html",
        w=w,
        name=cell_called(look.centre, chosen.cell),
        code=chosen.cell,
        beat=chosen.beat,
        objects=[kind_of(look, kind) for kind in chosen.objects],
        places=here,
        risk=risk_words(w, chosen, view.plan.weeks),
        passes=chosen.passes + chosen.short,
        short=chosen.short,
        passed=how.passed if how else 0,
        owed=how.owed if how else 0,
        ahead=how.ahead if how else 0,
        missed=[f"{_why(look, each)} ×{each.count}" for each in how.missed] if how else [],
        times=[(look.tell.at(at), f"{look.officer(by)} · {team_name(look, team)}") for at, by, team in passed[::-1]],
    )
    act = panel(html, key="patrol-cell", theme=look.theme) or ""
    if act == "back":
        select(look, mine)


def risk_words(w: Wording, cell: PatrolledCell, weeks: int) -> str:
    """A cell's risk and why; how far it was left behind only where it was."""
    why = w("patrols.risk_is", risk=f"{float(cell.risk):g}", n=cell.incidents, found=cell.found, weeks=weeks)
    points = round(100 * cell.behind)
    return f"{why} · {w('patrols.risk_behind', behind=points)}" if points else why


def area_map(look: Look, mine: Viewing, view: PatrolView | None) -> None:
    """The town with its beats, cells coloured by coverage, and the legend."""
    w, colours = look.tell.w, of_coverage(Theme(look.theme))
    beats = dict(zip(("borders", "labels"), patrolling.beats_ground(view.plan.id), strict=True)) if view else {}
    spec = picture.on_ground(
        w,
        w("patrols.map"),
        colours,
        home=_home(look, mine, view),
        selected=Selected("cells", mine.cell) if mine.cell else None,
        pins=_pins(look, mine, view),
        revision=look.board.revision,
        tint=patrolling.tint(look.centre, view),
        **beats,
    )
    click = grid_map(spec, key=f"patrol-map-{mine.town}-{mine.plan}", height=MAP_HEIGHT).click
    steps = [
        w("patrols.none_owed"),
        w("patrols.all"),
        w("patrols.from", n=90),
        w("patrols.from", n=75),
        w("patrols.less"),
    ]
    panel(
        render("inspections/patrol_legend.html", w=w, steps=list(zip(colours.load, steps, strict=True))),
        key="patrol-legend",
        theme=look.theme,
    )
    if click is not None and view is not None and click.id in view.cells and click.id != mine.cell:
        select(look, mine, cell=click.id)


def _pins(look: Look, mine: Viewing, view: PatrolView | None) -> list[Pin]:
    """The stops of the chosen round in their order; else the worst cells by their number in the list."""
    if view is None:
        return []
    if view.known(mine.round, look.today) and not mine.cell:
        ahead = next((stop.cell for stop in view.stops[mine.round] if stop.passed_at is None), "")
        return [
            Pin(
                stop.cell,
                cell.lon,
                cell.lat,
                str(stop.number),
                best=stop.cell == ahead,
                tip=cell_called(look.centre, stop.cell),
            )
            for stop in view.stops[mine.round]
            if (cell := view.cells[stop.cell])
        ]
    worst = [each for each in view.fared if each.passed < each.owed][:PINNED]
    return [
        Pin(
            each.cell, cell.lon, cell.lat, str(at), best=each.cell == mine.cell, tip=cell_called(look.centre, each.cell)
        )
        for at, each in enumerate(worst, start=1)
        if (cell := view.cells[each.cell])
    ]


def _home(look: Look, mine: Viewing, view: PatrolView | None) -> View:
    """Where the whole town is in sight."""
    if view is None:
        every = look.centre.scenario.cells
        west, south, east, north = map(float, every[every["town"] == mine.town].total_bounds)
        return View.of(west, south, east, north, 620, 520)
    lon, lat = [cell.lon for cell in view.cells.values()], [cell.lat for cell in view.cells.values()]
    return View.of(min(lon), min(lat), max(lon), max(lat), 620, 520)
