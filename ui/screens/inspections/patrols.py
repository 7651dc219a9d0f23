"""A town's patrol: cells and beats on the map with their coverage, rounds, findings, the plan and its proof."""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import streamlit as st

from dispatch.inspections.patrol_coverage import Fared, Missed
from dispatch.inspections.patrol_plan import Audit, Terms
from dispatch.records.patrol import Handling, PatrolPlan, PatrolRound, RoundStop
from dispatch.records.person import Job
from dispatch.store import patrols
from gis.crs import Datum
from gis.schemas import BadInput
from ui.map.component import grid_map
from ui.map.palette import Theme, of_coverage
from ui.map.spec import MapSpec, Pin, Selected, Tables, View, Words
from ui.panel.component import panel, render
from ui.said import Said, attempt
from ui.screens.inspections.looking import Look, again, span
from ui.services import patrolling, picture
from ui.services.patrolling import PatrolView
from ui.settings import settings

MAP_HEIGHT = "calc(100vh - 186px)"
SHOWN, PINNED = 150, 12
SIDES = ("today", "findings", "plan")
HANDLED = (Handling.DISSUADED, Handling.ORDERED)


@dataclass(slots=True)
class Viewing:
    """What somebody looks at on this tab; ``audits`` are the answers of checks, by plan."""

    town: str = ""
    plan: str = ""
    cell: str = ""
    round: str = ""
    side: str = "today"
    audits: dict[str, Audit] = field(default_factory=dict)


def show(look: Look) -> None:
    """Cells on the left, the town in the middle, the chosen cell or round, or today, on the right."""
    mine: Viewing = st.session_state.setdefault("patrols", Viewing())
    view = _choose(look, mine)
    left, middle, right = st.columns([4, 7, 4], gap="small")
    with left, st.container(key="inspections-left"):
        _cells(look, mine, view)
    with middle:
        _map(look, mine, view)
    with right, st.container(key="inspections-day-side"):
        if view is not None and mine.cell in view.cells:
            _cell(look, mine, view)
        elif view is not None and mine.round in view.rounds:
            _round(look, mine, view, view.rounds[mine.round])
        else:
            _side(look, mine, view)


def _towns(look: Look) -> list[str]:
    """Every town that this person sees, those with a patrol first."""
    areas = look.person.areas()
    every = [town for town in look.centre.scenario.areas.towns if any(_meet(town, area) for area in areas)]
    with look.centre.casebook.reading() as connection:
        planned = {plan.town for plan in patrols.plans(connection)}
    return sorted(every, key=lambda town: (town not in planned, town))


def _meet(town: str, area: str) -> bool:
    return town.startswith(area) or area.startswith(town)


def _may_plan(look: Look, town: str) -> bool:
    return any(town.startswith(area) for area in look.person.areas(Job.PLANNER, Job.INSPECTOR))


def _choose(look: Look, mine: Viewing) -> PatrolView | None:
    """The town and its plan: the one of today unless another is chosen."""
    w, towns = look.tell.w, _towns(look)
    with st.container(key="inspections-choose", horizontal=True):
        here = towns.index(mine.town) if mine.town in towns else 0
        town = st.selectbox(
            w("inspections.towns"), towns, here, format_func=look.town, label_visibility="collapsed", key="patrols-town"
        )
        if town != mine.town:
            mine.town, mine.plan, mine.cell, mine.round = town or "", "", "", ""
        plans = {plan.id: plan for plan in patrolling.plans(look.centre, mine.town)}
        if not plans:
            return None
        usual = next(
            (each.id for each in plans.values() if each.days[0] <= look.today <= each.days[-1]), next(iter(plans))
        )
        order = list(plans)
        at = order.index(mine.plan if mine.plan in plans else usual)
        chosen = st.selectbox(
            w("patrols.period"),
            order,
            at,
            format_func=lambda each: _period(look, plans[each]),
            label_visibility="collapsed",
            key=f"patrols-plan-{mine.town}",
        )
        if chosen != mine.plan:
            mine.plan, mine.cell, mine.round = str(chosen), "", ""
    return patrolling.views().of(look.centre, mine.plan, look.board.revision)


def _period(look: Look, plan: PatrolPlan) -> str:
    w = look.tell.w
    name = "over" if plan.over(look.today) else "ahead" if look.today < plan.days[0] else "running"
    return f"{span(plan.days[0], plan.days[-1])} · {w(f'patrols.{name}')}"


def _cells(look: Look, mine: Viewing, view: PatrolView | None) -> None:
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
        _select(look, mine, cell=code)


def _sentence(look: Look, view: PatrolView, below: int) -> str:
    """What a lead wants to hear first."""
    w = look.tell.w
    if math.isnan(view.share):
        return w("patrols.not_begun_yet")
    return w("patrols.some_were_not", n=below) if below else w("patrols.all_were")


def _row(look: Look, mine: Viewing, cell: Fared, number: int) -> dict[str, object]:
    return {
        "code": cell.cell,
        "name": called(look, cell.cell),
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


def _select(look: Look, mine: Viewing, *, cell: str = "", one: str = "") -> None:
    mine.cell, mine.round, look.looking.note = cell, one, None
    again()


def percent(share: float) -> str:
    """A share as people read it; never a hundred while something is missing."""
    return "–" if math.isnan(share) else f"{math.floor(share * 1000) / 10:g} %"


def called(look: Look, cell: str) -> str:
    """A cell by its community and its own last digits."""
    return f"{look.centre.scenario.areas.name(cell[:12])} {cell[12:]}"


def _map(look: Look, mine: Viewing, view: PatrolView | None) -> None:
    w, fixed, colours = look.tell.w, picture.ground(), of_coverage(Theme(look.theme))
    pins = _pins(look, mine, view)
    borders, labels = patrolling.beats_ground(view.plan.id) if view is not None else (fixed.borders, fixed.labels)
    spec = MapSpec(
        home=_home(view) or fixed.home,
        palette=colours,
        tables=Tables(
            cells=fixed.cells,
            tint=patrolling.tint(look.centre, view),
            water=fixed.water,
            minor=fixed.minor,
            major=fixed.major,
            borders=borders,
            labels=labels,
        ),
        words=Words(w("patrols.map"), w("map.in"), w("map.out"), w("map.home"), w("map.lasso"), w("map.lasso_hint")),
        selected=Selected("cells", mine.cell) if mine.cell else None,
        pins=tuple(pins),
        revision=look.board.revision,
        sharp=settings().sharp,
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
        _select(look, mine, cell=click.id)


def _pins(look: Look, mine: Viewing, view: PatrolView | None) -> list[Pin]:
    """The stops of the chosen round in their order; else the worst cells by their number in the list."""
    if view is None:
        return []
    if mine.round in view.stops and not mine.cell:
        ahead = next((stop.cell for stop in view.stops[mine.round] if stop.passed_at is None), "")
        return [
            Pin(stop.cell, cell.lon, cell.lat, str(stop.number), best=stop.cell == ahead, tip=called(look, stop.cell))
            for stop in view.stops[mine.round]
            if (cell := view.cells[stop.cell])
        ]
    worst = [each for each in view.fared if each.passed < each.owed][:PINNED]
    return [
        Pin(each.cell, cell.lon, cell.lat, str(at), best=each.cell == mine.cell, tip=called(look, each.cell))
        for at, each in enumerate(worst, start=1)
        if (cell := view.cells[each.cell])
    ]


def _home(view: PatrolView | None) -> View | None:
    """Where the whole town is in sight."""
    if view is None:
        return None
    lon, lat = [cell.lon for cell in view.cells.values()], [cell.lat for cell in view.cells.values()]
    return View.of(min(lon), min(lat), max(lon), max(lat), 620, 520)


def _side(look: Look, mine: Viewing, view: PatrolView | None) -> None:
    w = look.tell.w
    if view is None:
        mine.side = "plan"
    sides = [(name, w(f"patrols.side_{name}"), name == mine.side) for name in SIDES]
    act = panel(render("inspections/patrol_side.html", w=w, sides=sides), key="patrol-side", theme=look.theme) or ""
    name, _, side = act.partition(":")
    if name == "side" and side in SIDES:
        mine.side = side
        again()
    if mine.side == "today" and view is not None:
        _today(look, mine, view)
    elif mine.side == "findings" and view is not None:
        _findings(look, view)
    else:
        _plan(look, mine, view)


def _today(look: Look, mine: Viewing, view: PatrolView) -> None:
    w = look.tell.w
    day = _day(look, view)
    rows = [
        {
            "id": one.id,
            "beat": one.beat,
            "name": _round_name(look, view, one),
            "team": team_name(look, one.team) or w("patrols.nobody_yet"),
            "passed": sum(stop.passed_at is not None for stop in view.stops[one.id]),
            "stops": len(view.stops[one.id]),
            "status": {"ended": "done"}.get(one.status.value, one.status.value),
            "said": w(f"patrols.status_{one.status}"),
        }
        for one in view.of_day(day)
    ]
    act = panel(render("inspections/patrol_today.html", w=w, rows=rows), key="patrol-today", theme=look.theme) or ""
    name, _, one = act.partition(":")
    if name == "round":
        _select(look, mine, one=one)


def _day(look: Look, view: PatrolView) -> date:
    """Today, or any day that somebody looks back at; days to come are nobody's to see."""
    days = [day for day in view.plan.days if day <= look.today]
    if not days:
        return look.today
    return st.selectbox(
        look.tell.w("inspections.day"),
        days[::-1],
        format_func=look.day_name,
        label_visibility="collapsed",
        key=f"patrols-day-{view.plan.id}",
    )


def _round_name(look: Look, view: PatrolView, one: PatrolRound) -> str:
    return look.tell.w("patrols.round_of", n=one.slot % view.plan.rounds_a_day + 1, beat=one.beat)


def team_name(look: Look, team: str) -> str:
    found = look.centre.board().teams.get(team)
    return found.name if found is not None else team


def _round(look: Look, mine: Viewing, view: PatrolView, one: PatrolRound) -> None:
    w = look.tell.w
    stops = view.stops[one.id]
    ahead = next((stop.cell for stop in stops if stop.passed_at is None), "")
    html = render(
        "inspections/patrol_round.html",
        w=w,
        name=f"{look.day_name(one.day)} · {_round_name(look, view, one)}",
        state=w(f"patrols.status_{one.status}"),
        team=team_name(look, one.team),
        minutes=one.minutes,
        said=one.said,
        stops=[_stop(look, stop, ahead) for stop in stops],
    )
    act = panel(html, key="patrol-round", theme=look.theme) or ""
    if act == "back":
        _select(look, mine)


def _stop(look: Look, stop: RoundStop, ahead: str) -> dict[str, object]:
    return {
        "number": stop.number,
        "name": called(look, stop.cell),
        "arrive": stop.arrive,
        "at": look.tell.at(stop.passed_at) if stop.passed_at else "",
        "next": stop.cell == ahead,
        "looks": [_item(look, code) for code in stop.items],
    }


def _item(look: Look, code: str) -> tuple[str, str, str]:
    """Where, what, and what it is like when in order."""
    w, item = look.tell.w, look.centre.patrols.items.get(code)
    if item is None:
        return "", code, ""
    return (
        w.pick(item.object_zh, item.object_en),
        w.pick(item.name_zh, item.name_en),
        w.pick(item.standard_zh, item.standard_en),
    )


def _cell(look: Look, mine: Viewing, view: PatrolView) -> None:
    w, cell = look.tell.w, view.cells[mine.cell]
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
        name=called(look, cell.cell),
        code=cell.cell,
        beat=cell.beat,
        objects=[_object(look, kind) for kind in cell.objects],
        places=here,
        risk=f"{float(cell.risk):g}",
        incidents=cell.incidents,
        weeks=view.plan.weeks,
        passes=cell.passes + cell.short,
        short=cell.short,
        passed=how.passed if how else 0,
        owed=how.owed if how else 0,
        ahead=how.ahead if how else 0,
        missed=[f"{_why(look, each)} ×{each.count}" for each in how.missed] if how else [],
        times=[(look.tell.at(at), f"{look.officer(by)} · {team_name(look, team)}") for at, by, team in passed[::-1]],
    )
    act = panel(html, key="patrol-cell", theme=look.theme) or ""
    if act == "back":
        _select(look, mine)


def _object(look: Look, kind: str) -> str:
    found = next((item for item in look.centre.patrols.items.values() if item.object == kind), None)
    return look.tell.w.pick(found.object_zh, found.object_en) if found else kind


def _findings(look: Look, view: PatrolView) -> None:
    w, found = look.tell.w, view.findings
    rows = [
        {
            "item": _item(look, each.item)[1],
            "text": each.text,
            "said": each.said,
            "handling": w("patrols.own") if each.self_handled else w(f"patrols.handling_{each.handling}"),
            "own": each.self_handled,
            "open": not each.self_handled and not each.incident,
            "where": called(look, each.cell),
            "when": look.tell.at(each.found_at),
            "who": f"{look.officer(each.finder)} · {w(f'patrols.role_{each.role}')}",
            "incident": each.incident,
        }
        for each in found
    ]
    html = render(
        "inspections/patrol_findings.html",
        w=w,
        rows=rows,
        n=len(found),
        own=sum(each.self_handled for each in found),
        cases=sum(bool(each.incident) for each in found),
    )
    panel(html, key="patrol-findings", theme=look.theme)


def _plan(look: Look, mine: Viewing, view: PatrolView | None) -> None:
    """The plan and its proof; a new one, and what lies where, for who may."""
    if view is not None:
        _told(look, mine, view)
    if _may_plan(look, mine.town):
        _new(look, mine)
        _objects(look, mine)


def _told(look: Look, mine: Viewing, view: PatrolView) -> None:
    w, plan = look.tell.w, view.plan
    answer = mine.audits.get(plan.id)
    why = Counter(left.reason for left in view.left_out)
    html = render(
        "inspections/patrol_plan.html",
        w=w,
        period=_period(look, plan),
        made=w("patrols.made_is", at=look.tell.at(plan.made_at), who=plan.by),
        beats=len(plan.travel),
        rounds_a_day=plan.rounds_a_day,
        longest=plan.longest,
        planned=sum(len(stops) for stops in view.stops.values()),
        left=len(view.left_out),
        items=len(plan.items),
        reasons=[f"{w(f'patrols.why_{reason}')} ×{count}" for reason, count in sorted(why.items())],
        seed=look.centre.patrols.seed(look.person.id, plan.id),
        over=look.day_name(plan.days[-1]),
        commitment=plan.commitment,
        algorithm=plan.algorithm,
        lots=plan.lots,
        answer=_audited(look, answer) if answer else "",
        fits=answer.fits if answer else False,
    )
    panel(html, key="patrol-plan", theme=look.theme)
    if look.person.has(Job.PLANNER, Job.INSPECTOR, Job.REVIEWER, Job.SUPERVISOR) and st.button(
        w("patrols.check"), key="patrols-check", width="stretch"
    ):
        found: list[Audit] = []
        look.looking.said(attempt(lambda: _checked(look, plan.id, found), look.tell))
        if found:
            mine.audits[plan.id] = found[-1]
        again()


def _checked(look: Look, plan: str, found: list[Audit]) -> str:
    found.append(look.centre.patrols.check(look.person.id, plan))
    return look.tell.w("patrols.checked")


def _audited(look: Look, answer: Audit) -> str:
    """The answer of a check, in one sentence each."""
    w = look.tell.w
    if answer.fits:
        return w("patrols.fits" if answer.same_rounds else "patrols.fits_draw")
    told: list[str] = []
    if not answer.committed:
        told.append(w("patrols.not_committed"))
    if not answer.same_lots:
        told.append(w("patrols.other_lots"))
    if answer.differing:
        names = w("app.comma").join(called(look, cell) for cell in answer.differing[:5])
        told.append(w("patrols.differing", n=len(answer.differing), cells=names))
    if answer.same_rounds is False and not answer.differing:
        told.append(w("patrols.other_rounds"))
    return " ".join(told)


def _new(look: Look, mine: Viewing) -> None:
    """A new plan from the first working day without one."""
    w, centre = look.tell.w, look.centre
    taken = {day for plan in patrolling.plans(centre, mine.town) for day in plan.days}
    after = max([look.today, *taken]) + timedelta(days=1)
    teams = sum(line.town == mine.town for line in centre.scenario.roster)
    with st.expander(w("patrols.new"), expanded=not taken), st.form(key=f"patrols-new-{mine.town}", border=False):
        first = st.date_input(w("patrols.from_day"), after, min_value=look.today)
        days = st.number_input(w("patrols.days"), 1, 60, 20)
        rounds = st.number_input(w("patrols.rounds_a_day"), 1, 4, 2)
        longest = st.number_input(w("patrols.longest"), 30, 480, 240, 10)
        beats = st.number_input(w("patrols.beats"), 1, 200, max(1, teams // 2))
        if st.form_submit_button(w("patrols.new_do"), type="primary", width="stretch"):
            start = first if isinstance(first, date) else look.today
            terms = Terms(centre.working_days(start, int(days)), int(rounds), int(longest), int(beats))
            with st.spinner(w("patrols.drawing")):
                _do(look, "planned", lambda: _planned(look, mine, terms))


def _planned(look: Look, mine: Viewing, terms: Terms) -> None:
    plan = look.centre.patrols.plan(look.person.id, mine.town, terms)
    mine.plan, mine.cell, mine.round = plan.id, "", ""
    st.session_state.pop(f"patrols-plan-{mine.town}", None)


def _objects(look: Look, mine: Viewing) -> None:
    """The town's list of what lies where, as a table."""
    w, desk = look.tell.w, look.centre.patrols
    with st.expander(w("patrols.objects")), st.form(key=f"patrols-objects-{look.looking.round}", border=False):
        file = st.file_uploader(w("patrols.objects_file"), type=["csv"])
        datum = st.selectbox(w("inspections.datum"), list(Datum), format_func=lambda each: each.value)
        if st.form_submit_button(w("inspections.take_in_do"), width="stretch") and file is not None:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / Path(file.name).name
                path.write_bytes(file.getvalue())
                try:
                    given = desk.read(path, datum or Datum.WGS84)
                except BadInput as bad:
                    look.looking.said(Said(str(bad), False))
                    again()
            _do(look, "taken_in", lambda: desk.take_in(look.person.id, mine.town, given))


def _do(look: Look, name: str, deed: Callable[[], object]) -> None:
    """Try a deed, keep what came of it, and draw anew."""

    def done() -> str:
        deed()
        return look.tell.w(f"patrols.done_{name}")

    try:
        said = attempt(done, look.tell)
    except BadInput as bad:
        said = Said(str(bad), False)
    look.looking.said(said)
    again()
