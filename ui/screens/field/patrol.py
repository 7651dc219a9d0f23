"""The patrol on a team's phone: today's round, the next cell and what to look at, passed, something found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import nan
from typing import Any

import streamlit as st

from dispatch.desk.patrolrounds import next_stop, rounds_for
from dispatch.records.patrol import Finding, Handling, PatrolledCell, PatrolRound, RoundStatus, RoundStop
from dispatch.records.team import Team
from dispatch.store import patrols
from ui.frame import Frame
from ui.map.component import grid_map
from ui.map.palette import Theme, palette
from ui.map.spec import Pin, Selected, View
from ui.panel.component import panel, render
from ui.papers import gpx_link
from ui.said import Said, carried_out, incomplete
from ui.services import picture
from ui.services.patrolling import cell_called, in_words

PHONE_MAP = (360, 240)
PINNED = 5
"""Cells shown ahead: more hide each other, and the ground, on a phone."""
NOTE = "field-patrol-note"


@dataclass(frozen=True, slots=True)
class Walk:
    """A round under way as its phone shows it.

    ``who`` is the officer who acts where the phone is nobody's own; empty where it is, or while nobody has said.
    """

    look: Frame
    team: Team
    round: PatrolRound
    stops: list[RoundStop]
    cells: dict[str, PatrolledCell]
    findings: list[Finding]
    where: tuple[float, float, float] | None
    who: str = ""

    def called(self, cell: str) -> str:
        return cell_called(self.look.centre, cell)

    def item(self, code: str) -> tuple[str, str, str]:
        """Where, what, and what it is like when in order."""
        return in_words(self.look.centre.patrols.items.get(code), code, self.look.tell.w)


def show(look: Frame, team: Team, where: tuple[float, float, float] | None, *, map_too: bool) -> None:
    """The team's round of today: one to begin, or the one under way. Nothing where the town has no patrol today."""
    centre = look.centre
    with centre.casebook.reading() as connection:
        rounds = rounds_for(connection, team, centre.today())
        under_way = next((one for one in rounds if one.status is RoundStatus.UNDER_WAY), None)
        if under_way is not None:
            walk = Walk(
                look,
                team,
                under_way,
                patrols.stops(connection, round_id=under_way.id),
                {cell.cell: cell for cell in patrols.cells(connection, under_way.plan)},
                patrols.findings(connection, round_id=under_way.id),
                where,
            )
    if under_way is not None:
        _walk(walk, map_too=map_too)
        return
    free = [one for one in rounds if one.status is RoundStatus.PLANNED]
    if free:
        with centre.casebook.reading() as connection:
            a_day = {one.plan: plan.rounds_a_day for one in free if (plan := patrols.plan(connection, one.plan))}
        _begin(look, team, free, a_day)


def _again() -> None:
    st.rerun(scope="fragment")


def _say(said: Said) -> None:
    st.session_state[NOTE] = said.note
    _again()


def _do(look: Frame, name: str, deed: Callable[[], Any]) -> None:
    _say(carried_out(deed, look.tell.w(f"patrols.done_{name}"), look.tell))


def _begin(look: Frame, team: Team, free: list[PatrolRound], a_day: dict[str, int]) -> None:
    w = look.tell.w
    note = st.session_state.pop(NOTE, None)
    if note is not None:
        panel(render("note.html", note=note), key="field-patrol-note", theme=look.theme)
    names = {one.id: w("patrols.round_named", beat=one.beat, n=one.slot % a_day[one.plan] + 1) for one in free}
    with st.expander(w("patrols.begin_one", n=len(free))), st.form(key="field-patrol-begin", border=False):
        chosen = st.selectbox(w("patrols.which"), list(names), format_func=lambda each: names[each])
        if st.form_submit_button(w("patrols.begin"), type="primary", width="stretch"):
            one = next(one for one in free if one.id == chosen)
            _do(look, "begun", lambda: look.centre.patrolling.begin(look.person.id, one.id, one.version, team.id))


def _walk(walk: Walk, *, map_too: bool) -> None:
    look, one, stops = walk.look, walk.round, walk.stops
    w, here = look.tell.w, next_stop(stops)
    walk = replace(walk, who=_who(walk))
    with look.centre.casebook.reading() as connection:
        named = [each.name for each in patrols.objects(connection, [one.town]) if here and each.cell == here.cell]
    html = render(
        "field/patrol.html",
        w=w,
        name=w("patrols.my_round", beat=one.beat),
        passed=sum(stop.passed_at is not None for stop in stops),
        stops=len(stops),
        note=st.session_state.get(NOTE),
        version=one.version,
        here={
            "number": here.number,
            "cell": here.cell,
            "name": walk.called(here.cell),
            "minutes": here.minutes,
            "places": named,
            "looks": [walk.item(code) for code in here.items],
        }
        if here
        else None,
        rest=[
            (stop.number, stop.cell, walk.called(stop.cell), stop.minutes)
            for stop in stops
            if stop.passed_at is None and stop is not here
        ],
        done=[(stop.number, stop.cell, walk.called(stop.cell)) for stop in stops if stop.passed_at is not None],
    )
    act = panel(html, key="field-patrol", theme=look.theme) or ""
    name, _, told = act.partition(":")
    cell, _, version = told.rpartition(":")
    if name == "pass" and version.isdecimal():
        passed = look.centre.patrolling.passed
        _do(look, "passed", lambda: passed(look.person.id, one.id, int(version), [cell], officer=walk.who))
    if name == "back" and version.isdecimal():
        back = look.centre.patrolling.taken_back
        _do(look, "taken_back", lambda: back(look.person.id, one.id, int(version), cell, officer=walk.who))
    if map_too:
        _map(walk, here)
    _route(walk)
    _findings(walk)
    _found(walk, here)
    _end(walk)


def _route(walk: Walk) -> None:
    """The round for the phone's own navigation."""
    look, one = walk.look, walk.round
    to = gpx_link(one.id, look.tell.w.language)
    html = render("papers.html", words=look.tell.w("patrols.gpx"), to=to)
    panel(html, key="field-patrol-gpx", theme=look.theme)


def _who(walk: Walk) -> str:
    """Who of the team it is that acts, where the phone is nobody's own; nobody is taken for the first of them."""
    if walk.look.person.officer:
        return ""
    w = walk.look.tell.w
    names = {each.id: f"{each.name} · {w(f'patrols.role_{each.role}')}" for each in walk.team.officers}
    key = f"field-patrol-who-{walk.round.id}"
    chosen = st.selectbox(w("patrols.who"), list(names), None, format_func=names.__getitem__, placeholder="", key=key)
    return chosen or ""


def _map(walk: Walk, here: RoundStop | None) -> None:
    left = [stop for stop in walk.stops if stop.passed_at is None][:PINNED]
    if not left:
        return
    w = walk.look.tell.w
    at = [walk.cells[stop.cell] for stop in left]
    lon, lat = [cell.lon for cell in at], [cell.lat for cell in at]
    edge = 0.001
    spec = picture.on_ground(
        w,
        w("map.label"),
        palette(Theme(walk.look.theme)),
        home=View.of(min(lon) - edge, min(lat) - edge, max(lon) + edge, max(lat) + edge, *PHONE_MAP),
        selected=Selected("cells", here.cell) if here else None,
        pins=[
            Pin(stop.cell, cell.lon, cell.lat, str(stop.number), best=stop is here, tip=walk.called(stop.cell))
            for stop, cell in zip(left, at, strict=True)
        ],
        revision=walk.look.board.revision,
    )
    grid_map(spec, key=f"field-patrol-map-{walk.round.id}", height=f"{PHONE_MAP[1]}px")


def _found(walk: Walk, here: RoundStop | None) -> None:
    """Something out of order: the item of the list, where, and in which words."""
    look, one = walk.look, walk.round
    w = look.tell.w
    cells = [stop.cell for stop in walk.stops]
    last = next((stop.cell for stop in reversed(walk.stops) if stop.passed_at is not None), "")
    at = cells.index(here.cell if here else last or cells[0])
    items = list(look.centre.patrols.items)
    first = [code for stop in walk.stops if stop.cell == cells[at] for code in stop.items]
    order = [*first, *(code for code in items if code not in first)]
    with st.expander(w("patrols.found_one")), st.form(key=f"field-find-{one.id}-{one.version}", border=False):
        cell = st.selectbox(w("patrols.found_where"), cells, at, format_func=walk.called)
        item = st.selectbox(w("patrols.found_item"), order, format_func=lambda code: " · ".join(walk.item(code)[1::-1]))
        said = st.text_area(w("patrols.found_words"), max_chars=500, height=80)
        if st.form_submit_button(w("patrols.found_do"), width="stretch"):
            empty = incomplete({w("patrols.found_words"): said}, w)
            if empty:
                _say(empty)
            find, (lon, lat) = look.centre.patrolling.found, _point(walk, str(cell))
            given = (look.person.id, one.id, one.version, str(cell), str(item), said)
            _do(look, "found", lambda: find(*given, lon=lon, lat=lat, officer=walk.who))


def _point(walk: Walk, cell: str) -> tuple[float, float]:
    """Where the phone is, provided that is in the cell; else no point."""
    if walk.where is not None:
        lon, lat, _ = walk.where
        if walk.look.centre.desk.cell_of(lon, lat)[0] == cell:
            return lon, lat
    return nan, nan


def _findings(walk: Walk) -> None:
    look = walk.look
    w = look.tell.w
    if not walk.findings:
        return
    rows = [
        {
            "item": walk.item(each.item)[1],
            "text": each.text,
            "own": each.self_handled,
            "handling": w("patrols.own") if each.self_handled else w(f"patrols.handling_{each.handling}"),
            "where": walk.called(each.cell),
            "incident": each.incident,
        }
        for each in walk.findings
    ]
    panel(render("field/finding.html", w=w, rows=rows), key="field-findings", theme=look.theme)
    for each in walk.findings:
        if each.open:
            _handle(walk, each)


def _handle(walk: Walk, found: Finding) -> None:
    """A word, an order where the one who acts may give one, or handing on."""
    w = walk.look.tell.w
    name = f"{walk.item(found.item)[1]} · {walk.called(found.cell)}"
    with st.expander(w("patrols.handle", what=name), expanded=True):
        _say_or_order(walk, found)
        _hand_on(walk, found)


def _say_or_order(walk: Walk, found: Finding) -> None:
    look, w, desk = walk.look, walk.look.tell.w, walk.look.centre.patrolling
    speak, may_order = found.handling is not Handling.ORDERED, _may_order(walk, found)
    if not speak and not may_order:
        return
    with st.form(key=f"field-word-{found.id}-{found.version}", border=False):
        said = st.text_input(w("patrols.said"), max_chars=300)
        right = st.checkbox(w("patrols.put_right"))
        told = speak and st.form_submit_button(w("patrols.dissuade"), type="primary", width="stretch")
        order = may_order and st.form_submit_button(w("patrols.order"), width="stretch")
    if told or order:
        empty = incomplete({w("patrols.said"): said}, w)
        if empty:
            _say(empty)
        deed, name = (desk.dissuaded, "dissuaded") if told else (desk.ordered, "ordered")
        _do(look, name, lambda: deed(look.person.id, found.id, found.version, said, right, officer=walk.who))


def _hand_on(walk: Walk, found: Finding) -> None:
    look, w = walk.look, walk.look.tell.w
    with st.form(key=f"field-on-{found.id}-{found.version}", border=False):
        item, matters = look.centre.patrols.items.get(found.item), look.centre.rulebook.matters
        first = item.field if item is not None else ""
        matter = st.selectbox(
            w("patrols.matter"),
            sorted(matters, key=lambda code: (matters[code].field != first, code)),
            None,
            format_func=lambda code: f"{w.pick(matters[code].name_zh, matters[code].name_en)} · {code}",
            placeholder="",
        )
        if st.form_submit_button(w("patrols.hand_on"), width="stretch") and matter:
            on = look.centre.patrolling.handed_on
            _do(look, "handed_on", lambda: on(look.person.id, found.id, found.version, matter))


def _may_order(walk: Walk, found: Finding) -> bool:
    """Who may not order does not even see the button; the desk would refuse them anyway."""
    own = walk.look.person.officer or walk.who
    item = walk.look.centre.patrols.items.get(found.item)
    day = walk.look.centre.today()
    return item is not None and any(
        each.certified(item.field, day) for each in walk.team.officers if own in ("", each.id)
    )


def _end(walk: Walk) -> None:
    look, w, one = walk.look, walk.look.tell.w, walk.round
    left = sum(stop.passed_at is None for stop in walk.stops)
    still = sum(each.open for each in walk.findings)
    with st.expander(w("patrols.end")):
        if still:
            panel(render("note.html", note=("", w("patrols.end_open", n=still))), key="field-end", theme=look.theme)
            return
        with st.form(key=f"field-end-{one.id}-{one.version}", border=False):
            said = st.text_input(w("patrols.why_left", n=left) if left else w("patrols.end_said"), max_chars=300)
            if st.form_submit_button(w("patrols.end_do"), width="stretch"):
                end = look.centre.patrolling.ended
                _do(look, "ended", lambda: end(look.person.id, one.id, one.version, said))
