"""The dispatch screen: strip, queue, map, decision, legend, renewed every few seconds.

A refresh reads what is on the board and draws what changed; view, selection and typed text are the dispatcher's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
import streamlit as st

from dispatch.desk.clocks import checking, dispatching
from dispatch.records.incident import OPEN, CallBack, Incident, Status
from dispatch.records.task import Task, TaskKind
from dispatch.response.arrival import way
from dispatch.response.assignment import Planned
from dispatch.rulebook.deadlines import Deadline
from dispatch.rulebook.matters import REPORTED
from dispatch.store.ledger import Entry, Kind
from ui.frame import Frame, frame, go, strip
from ui.map.component import grid_map
from ui.map.events import MapEvents
from ui.map.palette import Theme, palette
from ui.map.spec import MapSpec, Pin, Selected, View, Words
from ui.panel.component import panel, render
from ui.said import Said
from ui.screens.dispatch import deeds
from ui.screens.dispatch.asides import asides
from ui.screens.dispatch.decision import decision_html, shown_candidates
from ui.screens.dispatch.filters import choose
from ui.screens.dispatch.queue import queue_html
from ui.services import picture
from ui.services.advice import Advice, advise, advise_batch
from ui.services.board import TO_VERIFY
from ui.session import DeskSession, desk_session
from ui.settings import settings
from ui.signin import person
from ui.telling import plain

NEAREST, FARTHEST = 15.0, 12.0
NARROWEST_MAP = (800, 560)
WIDGET_PX = 48
MAP_HEIGHT = "calc(100vh - 104px)"


@dataclass(frozen=True, slots=True)
class Look(Frame):
    """One refresh of this screen for one dispatcher."""

    session: DeskSession

    @property
    def selected(self) -> Incident | None:
        chosen = self.session.selected
        known = self.board.incidents.get(chosen) or (self.centre.casebook.incident(chosen) if chosen else None)
        return known if known is not None and self.board.sees(known.cell or known.town) else None


def show() -> None:
    """Draw the whole screen; the part that lives is a fragment of its own."""
    _live()


@st.fragment(run_every=settings().refresh_s)
def _live() -> None:
    look = _look()
    _strip(look)
    with st.container(key="desk"):
        left, middle, right = st.columns([3, 9, 3.5], gap="small")
        with left, st.container(key="left"):
            wanted, hidden = choose(look.tell, look.centre.scenario.areas.towns, look.board.sources)
            shown = look.board.shown(wanted, lambda each: f"{look.tell.what(each)} {look.tell.where_full(each)}")
            _queue(look, shown)
        selected = look.selected
        advice = advise(look.centre, look.board, selected) if selected is not None else None
        with middle, st.container(key="middle"):
            _map(look, shown, advice, hidden)
            _legend(look)
        with right, st.container(key="right"):
            _right(look, advice)


def _look() -> Look:
    now = frame()
    return Look(now.centre, now.board, now.tell, now.theme, now.person, desk_session())


def _again() -> None:
    """Draw once more at once, since a deed changed what there is to see."""
    st.rerun(scope="fragment")


def _strip(look: Look) -> None:
    w, figures = look.tell.w, look.board.figures
    told = [
        (w("strip.waiting"), f"{figures.waiting:,}", False),
        (w("strip.overdue"), f"{figures.overdue:,}", figures.overdue > 0),
        (w("strip.on_the_way"), f"{figures.on_the_way:,}", False),
        (w("strip.on_scene"), f"{figures.on_scene:,}", False),
        (w("strip.to_verify"), f"{figures.to_verify:,}", False),
        (w("strip.free"), f"{figures.free:,}", False),
        (w("strip.closed"), f"{figures.closed:,}", False),
    ]
    if strip(look, "dispatch", told, report=True) == "report":
        look.session.reporting, look.session.note, look.session.batch = True, None, ()
        _again()


def _queue(look: Look, shown: list[Incident]) -> None:
    html = queue_html(shown, look.session.selected, look.board.now, look.tell)
    act = panel(html, key="queue", theme=look.theme) or ""
    if act.startswith("select:"):
        _select(look, act.removeprefix("select:"), fly=True)


def _select(look: Look, incident_id: str, *, fly: bool) -> None:
    """One incident under the lamp, in list, map and address; the map flies there when the list asked."""
    session = look.session
    incident = look.board.incidents.get(incident_id)
    if incident is None:
        return
    session.select(incident_id)
    session.batch = ()
    st.query_params["incident"] = incident_id
    session.follow = fly and not math.isnan(incident.lon)
    _again()


def _map(look: Look, shown: list[Incident], advice: Advice | None, hidden: frozenset[str]) -> None:
    spec = _spec(look, shown, advice, hidden)
    _on_map(look, grid_map(spec, key="map", height=MAP_HEIGHT))


def _spec(look: Look, shown: list[Incident], advice: Advice | None, hidden: frozenset[str]) -> MapSpec:
    session, selected, w = look.session, look.selected, look.tell.w
    pins, route = _pins_and_route(look, selected, advice)
    if session.follow and selected is not None:
        session.follow = False
        session.fly_to(_around(selected, pins))
    if selected is not None and all(incident.id != selected.id for incident in shown):
        shown = [*shown, selected]
    if session.pin is not None:
        pins = (*pins, Pin("here", *session.pin, "＋", best=True, tip=w("report.pin")))
    return MapSpec(
        home=picture.ground().home,
        palette=palette(Theme(look.theme)),
        tables=picture.tables(look.board, shown, route, hidden, w),
        words=Words(
            map=w("map.label"),
            zoom_in=w("map.in"),
            zoom_out=w("map.out"),
            home=w("map.home"),
            lasso=w("map.lasso"),
            lasso_hint=w("map.lasso_hint"),
        ),
        selected=Selected("incidents", selected.id) if selected is not None else None,
        pins=pins,
        fly=session.fly,
        revision=look.board.revision,
        lasso_cleared=session.lasso_cleared,
        sharp=settings().sharp,
    )


def _around(incident: Incident, pins: tuple[Pin, ...]) -> View:
    """The incident in the middle and the best team in sight, near enough to read street names."""
    best = next((pin for pin in pins if pin.best), None)
    far_lon = abs(best.lon - incident.lon) if best else 0.0
    far_lat = abs(best.lat - incident.lat) if best else 0.0
    seen = View.of(
        incident.lon - far_lon, incident.lat - far_lat, incident.lon + far_lon, incident.lat + far_lat, *NARROWEST_MAP
    )
    return View(incident.lon, incident.lat, min(NEAREST, max(FARTHEST, seen.zoom)))


def _pins_and_route(look: Look, selected: Incident | None, advice: Advice | None) -> tuple[tuple[Pin, ...], str | None]:
    """The candidates' numbered pins and the way of the best, or of the team that was sent."""
    if selected is None or advice is None or math.isnan(selected.lon):
        return (), None
    if selected.status is Status.REPORTED:
        cards = shown_candidates(advice.candidates)
        pins = tuple(
            Pin(card.team.id, card.team.lon, card.team.lat, str(n), best=n == 1 and card.possible, tip=card.team.name)
            for n, card in enumerate(cards, start=1)
        )
        first = next((card.team for card in cards if card.possible), None)
    else:
        first = look.board.teams.get(selected.team)
        pins = (Pin(first.id, first.lon, first.lat, "✓", best=True, tip=first.name),) if first else ()
    if first is None or selected.status in (Status.ON_SCENE, Status.CLOSED):
        return pins, None
    route = way(look.centre.travel, first, selected)
    return pins, picture.route_table(route.lon, route.lat) if route.lon.size > 1 else None


def _on_map(look: Look, events: MapEvents) -> None:
    session, click = look.session, events.click
    if events.lasso is not None:
        _lasso(look, list(events.lasso))
        _again()
    if click is None:
        return
    if session.reporting or (click.layer in ("", "cells") and _wants_place(look)):
        session.pin = (click.lon, click.lat)
        _again()
    elif click.layer == "incidents":
        _select(look, click.id, fly=False)
    elif click.layer in ("teams", "pins") and (team := look.board.teams.get(click.id)) and team.incident:
        _select(look, team.incident, fly=False)


def _wants_place(look: Look) -> bool:
    return look.selected is not None and math.isnan(look.selected.lon)


def _lasso(look: Look, ring: list[tuple[float, float]]) -> None:
    """A plan for the waiting incidents inside the area; an empty area puts the plan away."""
    session = look.session
    session.batch, session.reporting, session.note = (), False, None
    if not ring:
        return
    area = shapely.make_valid(shapely.Polygon(ring))
    waiting = [incident for incident in look.board.waiting() if shapely.contains_xy(area, incident.lon, incident.lat)]
    if not waiting:
        session.note = Said(look.tell.w("batch.empty"), False).note
        return
    session.batch = tuple(advise_batch(look.centre, look.board, waiting))


def _legend(look: Look) -> None:
    colours = palette(Theme(look.theme))
    html = render(
        "dispatch/legend.html",
        w=look.tell.w,
        colours={
            "overdue": colours.overdue,
            "free": colours.free,
            "way": colours.on_way,
            "busy": colours.busy,
            "steps": colours.load,
        },
    )
    panel(html, key="legend", theme=look.theme)


def _right(look: Look, advice: Advice | None) -> None:
    if look.session.batch:
        _batch(look)
    elif look.session.reporting:
        _report(look)
    elif look.selected is not None and advice is not None:
        _decision(look, look.selected, advice)
    else:
        html = render("dispatch/hint.html", w=look.tell.w, note=look.session.note, undoable=look.session.undoable)
        if panel(html, key="hint", theme=look.theme) == "undo":
            look.session.note, look.session.undoable = deeds.undo(look.centre, person(), look.tell).note, False
            _again()


def _decision(look: Look, incident: Incident, advice: Advice) -> None:
    history = look.centre.casebook.history(Kind.INCIDENT, incident.id)
    handling = look.centre.clocks.read(incident, history, look.board.now) if incident.matter else None
    tasks = look.centre.casebook.tasks(incident.id)
    above = WIDGET_PX * (_missing(look, incident) + _closing(look, incident) + _asides(look, incident, tasks, handling))
    team = look.board.teams.get(incident.team)
    names = {each.id: each.name for each in look.board.teams.values()}
    html = decision_html(
        incident,
        team,
        advice,
        history,
        look.board.now,
        look.tell,
        look.session.note,
        above,
        names,
        handling,
        tasks,
        _desk_clock(look, incident, history),
    )
    act = panel(html, key="decision", theme=look.theme) or ""
    if act == "story":
        go("story", incident=incident.id)
    if act == "case":
        go("cases", incident=incident.id)
    if act == "between":
        go("between", incident=incident.id)
    deed, _, asked = act.partition(":")
    name, _, version = asked.rpartition(":")
    if deed not in ("assign", "step") or not version.isdecimal():
        return
    do = deeds.send if deed == "assign" else deeds.step
    said = do(look.centre, person(), incident, int(version), name, look.tell)
    look.session.note = said.note
    _again()


def _missing(look: Look, incident: Incident) -> int:
    """Ask for what an incident still lacks, its place and its matter; how many widgets that took."""
    if incident.status is not Status.REPORTED:
        return 0
    w, pin = look.tell.w, look.session.pin
    if math.isnan(incident.lon) and st.button(w("decision.locate"), disabled=pin is None, width="stretch"):
        assert pin is not None
        look.session.note = deeds.locate(look.centre, person(), incident, *pin, look.tell).note
        look.session.pin = None
        _again()
    if not incident.matter:
        matter = _matter_box(look, f"matter-{incident.id}")
        if matter:
            look.session.note = deeds.classify(look.centre, person(), incident, matter, look.tell).note
            _again()
    return int(math.isnan(incident.lon)) + int(not incident.matter)


def _desk_clock(look: Look, incident: Incident, history: Sequence[Entry]) -> Deadline | None:
    """The desk's own clock: to send a team, or to look at what was handled."""
    ask = checking if incident.status in TO_VERIFY else dispatching
    return ask(incident, history, look.centre.rules.calendar, look.board.now)


def _asides(look: Look, incident: Incident, tasks: Sequence[Task], clock: Deadline | None) -> int:
    """The drawers of tasks and clock; how many rows of widgets that took."""
    parts = [task for task in tasks if task.kind is TaskKind.PART]  # whistles and hand-overs have a screen
    said = asides(look.centre, person(), incident, parts, clock, look.tell)
    if said is not None:
        look.session.note = said.note
        _again()
    return int(bool(parts) or (clock is not None and incident.status in OPEN))


def _closing(look: Look, incident: Incident) -> int:
    """Ask how it was verified or what the caller said; how many rows of widgets that took."""
    w, actor, here = look.tell.w, person(), f"{incident.id}-{incident.version}"
    if incident.status is Status.ON_SCENE:
        outcome = st.text_input(w("closing.outcome"), key=f"outcome-{here}", max_chars=200)
        if st.button(w("decision.handle"), key=f"handle-{here}", type="primary", width="stretch"):
            look.session.note = deeds.handle(look.centre, actor, incident, outcome, look.tell).note
            _again()
        return 3
    if incident.status is Status.HANDLED:
        how = st.text_input(w("closing.how"), key=f"how-{here}", placeholder=w("closing.how"), max_chars=200)
        good, bad = st.columns(2)
        passed = good.button(w("closing.passed"), key=f"good-{here}", type="primary", width="stretch")
        if bad.button(w("closing.failed"), key=f"bad-{here}", width="stretch") or passed:
            look.session.note = deeds.verify(look.centre, actor, incident, how, look.tell, passed=passed).note
            _again()
        return 3
    if incident.status is Status.VERIFIED:
        callers = [each.caller for each in (incident, *look.centre.casebook.voices(incident.id)) if each.caller]
        answers = [each for each in CallBack if (each is CallBack.NOBODY) != bool(callers)]
        said = st.selectbox(
            w("closing.call_back", who=plain(w("app.and").join(callers)) or w("closing.no_caller")),
            answers,
            format_func=lambda each: w(f"closing.{each}"),
            key=f"call-{here}",
        )
        if st.button(w("closing.close"), key=f"close-{here}", type="primary", width="stretch"):
            look.session.note = deeds.close(look.centre, actor, incident, CallBack(said), look.tell).note
            _again()
        return 3
    return 0


def _matter_box(look: Look, key: str) -> str:
    """A choice of matters, searched by typing; empty until one is chosen."""
    matters = {code: each for code, each in look.centre.rulebook.matters.items() if each.kind in REPORTED}
    chosen = st.selectbox(
        look.tell.w("decision.choose_matter"),
        list(matters),
        index=None,
        key=key,
        label_visibility="collapsed",
        placeholder=look.tell.w("decision.choose_matter"),
        format_func=lambda code: f"{code} {look.tell.w.pick(matters[code].name_zh, matters[code].name_en)}",
    )
    return str(chosen) if chosen else ""


def _report(look: Look) -> None:
    """A call written down: words, matter, a click for the place."""
    w, session = look.tell.w, look.session
    st.markdown(f"**{w('report.title')}**")
    if session.note is not None:
        st.warning(plain(session.note[1]))
    words = st.text_area(w("report.words"), key="report-words", height=140, max_chars=10_000)
    matter = _matter_box(look, "report-matter")
    place = session.pin
    st.caption(w("report.place_hint") if place is None else _here(look, *place))
    save, cancel = st.columns(2)
    if cancel.button(w("report.cancel"), width="stretch"):
        session.reporting, session.pin = False, None
        _again()
    if save.button(w("report.save"), type="primary", width="stretch"):
        if not words.strip() or place is None:
            lacking = w("report.need_place") if words.strip() else w("report.need_words")
            session.note = Said(lacking, False).note
            _again()
            return
        said, new = deeds.report(look.centre, person(), words.strip(), matter, place, look.tell)
        session.note = said.note
        if not said.done:
            _again()
        session.reporting, session.pin = False, None
        session.select(new)
        session.note = said.note
        st.query_params["incident"] = new
        for field in ("report-words", "report-matter"):
            st.session_state.pop(field, None)
        _again()


def _here(look: Look, lon: float, lat: float) -> str:
    """The place clicked, with its town and cell."""
    cell, town = look.centre.desk.cell_of(lon, lat)
    return look.tell.w("report.place_at", lon=lon, lat=lat, where=look.tell.cell(town, cell))


def _batch(look: Look) -> None:
    session, planned = look.session, list(look.session.batch)
    act = panel(_batch_html(look, planned), key="batch", theme=look.theme) or ""
    if act == "batch:take":
        said = deeds.send_batch(look.centre, person(), planned, look.tell)
        session.note, session.undoable = said.note, said.done
        session.batch = () if said.done else tuple(_planned_anew(look, planned))
        if session.batch:
            _again()
        session.selected = ""
    elif act == "batch:cancel":
        session.batch, session.note = (), None
    else:
        return
    session.lasso_cleared += 1
    _again()


def _planned_anew(look: Look, planned: list[Planned]) -> list[Planned]:
    """The plan for those that still wait, after somebody else was quicker."""
    board = look.centre.board()
    still = [board.incidents.get(each.incident.id) for each in planned]
    return advise_batch(look.centre, board, [each for each in still if each and each.status is Status.REPORTED])


def _batch_html(look: Look, planned: list[Planned]) -> str:
    now, tell = look.board.now, look.tell
    served = [each for each in planned if each.team is not None]
    late = [each for each in served if (each.incident.due_at - now).total_seconds() < each.seconds]
    mean = sum(each.seconds for each in served) / len(served) / 60 if served else math.nan
    rows = [
        {
            "what": tell.what(each.incident),
            "where": f"{each.incident.id} · {tell.where(each.incident)}",
            "team": each.team.name if each.team else "",
            "reason": "；".join(tell.reason(reason) for reason in each.reasons[:2]) if each.team is None else "",
            "minutes": f"{each.seconds / 60:.0f}" if each.team else "–",
            "late": each in late,
        }
        for each in planned
    ]
    return render(
        "dispatch/batch.html",
        w=tell.w,
        rows=rows,
        served=len(served),
        late=len(late),
        mean=f"{mean:.1f}" if served else "–",
        note=look.session.note,
    )
