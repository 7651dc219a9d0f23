"""One day on the street: the crews' routes on the map, their stops with hours, and what may be done with each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

import streamlit as st
from sqlalchemy import Connection

from dispatch.desk.trying import Choice
from dispatch.records.calls import AHEAD, CallStatus, Outing, Stop
from dispatch.records.inspection import DueItem
from dispatch.records.reason import Reason
from dispatch.store import inspections
from ui.panel.component import panel, render
from ui.papers import papers_link
from ui.screens.inspections.daymap import crew_colour, crew_letter, show_map
from ui.screens.inspections.looking import Look, again, clock, span
from ui.screens.inspections.targets import choices_of, heard, key_of, move_to, show_targets, verdict
from ui.telling import Teller


def show(look: Look) -> None:
    """Crews and stops on the left, their ways in the middle, the chosen call on the right.

    While a call is dragged, the crews of the day say what they think of it, and the right shows the other days.
    """
    outings = _choose(look)
    held = look.force.stops.get(look.looking.dragging)
    choices = choices_of(look, held.id) if held is not None else []
    left, middle, right = st.columns([4, 7, 4], gap="small")
    with left, st.container(key="inspections-left"):
        _stops(look, outings, choices)
    with right, st.container(key="inspections-day-side"):
        stop = look.force.stops.get(look.looking.call)
        if held is not None:
            show_targets(look, held, choices)
        elif stop is not None and any(each.id == stop.outing for each in outings):
            _chosen(look, stop)
        else:
            hint = render("inspections/day_hint.html", w=look.tell.w, idle=_idle(look))
            panel(hint, key="day-hint", theme=look.theme)
            _undo(look)
            _papers(look, outings)
    with middle:  # last: what may be done must not wait for the ways along the streets
        if call := show_map(look, outings):
            _select(look, call)


def _choose(look: Look) -> list[Outing]:
    """The crews' days of the day that is looked at."""
    view, seen = look.looking, [each for each in look.force.outings.values() if each.town in look.towns]
    days = sorted({each.day for each in seen})
    if not days:
        return []
    first = next((day for day in days if day >= look.today), days[-1])
    with st.container(key="inspections-choose", horizontal=True):
        at = days.index(view.day) if view.day in days else days.index(first)
        day = st.selectbox(
            look.tell.w("inspections.day"), days, at, format_func=look.day_name, label_visibility="collapsed"
        )
        towns = ["", *look.towns]
        here = towns.index(view.town) if view.town in towns else 0
        town = st.selectbox(
            look.tell.w("inspections.towns"),
            towns,
            here,
            format_func=lambda each: look.town(each) if each else look.tell.w("inspections.all_towns"),
            label_visibility="collapsed",
        )
    if (day, town) != (view.day or first, view.town):
        view.outing = view.call = ""
    view.day, view.town = day, town or ""
    number = look.crew_numbers(day)
    out = [each for each in seen if each.day == day and town in ("", each.town)]
    return sorted(out, key=lambda each: number[each.id])


def _idle(look: Look) -> str:
    """That nobody goes out today, where another day stands in its place."""
    view, days = look.looking, {each.day for each in look.force.outings.values()}
    if view.day is None or view.day <= look.today or look.today in days:
        return ""
    return look.tell.w("inspections.not_today", today=look.day_name(look.today), day=look.day_name(view.day))


def _stops(look: Look, outings: Sequence[Outing], choices: Sequence[Choice]) -> None:
    of_crew, at = {each.outing.id: each for each in choices}, look.crew_numbers(look.looking.day)
    now = look.centre.desk.minute()
    town = choices[0].outing.town if choices else ""

    def said(outing: Outing) -> str:
        if town and outing.town != town:
            other = Reason("crew_of_another_town", False, {"crew_town": outing.town, "town": town})
            return f"✕ {look.tell.reason(other)}"
        return verdict(look, of_crew[outing.id]) if outing.id in of_crew else ""

    html = render(
        "inspections/stops.html",
        w=look.tell.w,
        now=clock(now),
        crews=[
            {
                "id": each.id,
                "letter": crew_letter(at[each.id]),
                "colour": crew_colour(look.theme, at[each.id]),
                "town": look.town(each.town),
                "names": " · ".join(look.officer(who) for who in each.officers),
                "travel": each.travel,
                "verdict": said(each),
                "may": each.id in of_crew and not of_crew[each.id].why,
                "stops": [_row(look, stop, number) for number, stop in enumerate(look.force.of(each.id), start=1)],
                "passed": sum(stop.ended_at is not None or stop.arrive <= now for stop in look.force.of(each.id))
                if each.day == look.today
                else None,
            }
            for each in outings
        ],
    )
    act = panel(html, key="inspections-stops", theme=look.theme) or ""
    name, _, call = act.partition(":")
    if name == "call":
        _select(look, call)
    if name in ("drag", "drop"):
        heard(look, act)


def _select(look: Look, call: str) -> None:
    look.looking.call, look.looking.note = call, None
    again()


def _row(look: Look, stop: Stop, number: int) -> dict[str, object]:
    place = look.premises[stop.visit.premises]
    return {
        "id": stop.id,
        "version": stop.version,
        "number": number,
        "chosen": stop.id == look.looking.call,
        "may_move": stop.status in AHEAD and place.town in look.own_towns,
        "name": place.name or place.id,
        "hours": _hours(look, stop),
        "checks": len(stop.visit.items),
        "status": stop.status.value,
        "said": look.tell.w(f"inspections.status_{stop.status}"),
        "late": late(look.tell, stop, look.force.day_of(stop), look.today, *_minutes(look, stop)),
    }


def _hours(look: Look, stop: Stop) -> str:
    """When it was, once it is over; before that, when it is planned."""
    if stop.begun_at is None or stop.ended_at is None:
        return f"{clock(stop.arrive)}–{clock(stop.leave)}"
    minute = look.centre.desk.minute
    return f"{clock(minute(stop.begun_at))}–{clock(minute(stop.ended_at))}"


def _minutes(look: Look, stop: Stop) -> tuple[int, int]:
    """Now, and when the call began; as planned while it has not."""
    desk = look.centre.desk
    return desk.minute(), desk.minute(stop.begun_at) if stop.begun_at is not None else stop.arrive


def late(tell: Teller, stop: Stop, day: date, today: date, minute: int, begun: int) -> str:
    """What a call is behind with at a minute of today, in words; empty when it is not.

    One ahead is behind from its hour on, one under way once it lasts longer than planned, counted from ``begun``; of
    an earlier day, whatever nobody went to or ended.
    """
    if day > today or stop.status not in {*AHEAD, CallStatus.UNDER_WAY}:
        return ""
    if day < today:
        return tell.w("inspections.not_gone" if stop.status in AHEAD else "inspections.not_ended")
    due = stop.arrive if stop.status in AHEAD else begun + stop.leave - stop.arrive
    said = "late" if stop.status in AHEAD else "longer"
    return tell.w(f"inspections.{said}", span=tell.span(timedelta(minutes=minute - due))) if minute > due else ""


def _chosen(look: Look, stop: Stop) -> None:
    w, outing = look.tell.w, look.force.outings[stop.outing]
    place = look.premises[stop.visit.premises]
    with look.centre.casebook.reading() as connection:
        items = _items(connection, stop)
    html = render(
        "inspections/call.html",
        w=w,
        row=_row(look, stop, 0),
        id=stop.id,
        place=place,
        hours=f"{clock(place.opens)}–{clock(place.closes)}",
        day=look.day_name(outing.day),
        window=span(stop.visit.first, stop.visit.last),
        crew=[look.officer(who) for who in outing.officers],
        items=[
            (look.check(item), f"{look.department(item.department)} · {look.field(item.certificate)}", item.minutes)
            for item in items
        ],
        entered=[look.officer(who) for who in stop.entered],
        words=stop.said,
        incidents=stop.incidents,
    )
    act = panel(html, key="inspections-call", theme=look.theme) or ""
    if act == "back":
        _select(look, "")
    _deeds(look, stop, outing)
    _undo(look)


def _items(connection: Connection, stop: Stop) -> list[DueItem]:
    """The items of a call, those that are done included."""
    known = inspections.items(connection, stop.visit.items)
    return [known[item] for item in stop.visit.items if item in known]


def _deeds(look: Look, stop: Stop, outing: Outing) -> None:
    """What may be done with a call as it stands."""
    if outing.town not in look.own_towns:
        panel(render("inspections/not_yours.html", w=look.tell.w), key="call-not", theme=look.theme)
        return
    if stop.status in AHEAD:
        _lock(look, stop)
        if stop.status is CallStatus.PLANNED:
            _move(look, stop)
        if outing.day == look.today:
            _begin(look, stop, outing)
    if stop.status is CallStatus.UNDER_WAY:
        _said(look, stop, "finish", primary=True)
    if stop.status is CallStatus.UNDER_WAY or (stop.status in AHEAD and outing.day == look.today):
        with st.expander(look.tell.w("inspections.came_to_nothing")):
            _said(look, stop, "closed")
            _said(look, stop, "refused")
    if stop.status in (CallStatus.UNDER_WAY, CallStatus.DONE):
        _violation(look, stop)


def _lock(look: Look, stop: Stop) -> None:
    w, rounds = look.tell.w, look.centre.rounds
    name = "unlock" if stop.status is CallStatus.LOCKED else "lock"
    deed = rounds.unlock if name == "unlock" else rounds.lock
    st.button(
        w(f"inspections.{name}"), key=f"inspections-{name}-{stop.id}", width="stretch",
        on_click=look.when_pressed(lambda now: now.do(name, lambda: deed(now.person.id, stop.id, stop.version))),
    )  # fmt: skip


def _move(look: Look, stop: Stop) -> None:
    """Another crew or day, with what stands against each before anybody tries: what a mouse does by dragging."""
    w = look.tell.w
    choices = {key_of(each): each for each in choices_of(look, stop.id)}
    order = sorted(choices, key=lambda each: (bool(choices[each].why), choices[each].outing.day, choices[each].new))

    def told(each: str) -> str:
        choice = choices[each]
        crew = "、".join(look.officer(who) for who in choice.outing.officers)
        new = f"{w('inspections.new_crew')} " if choice.new else ""
        return f"{'✕' if choice.why else '✓'} {look.day_name(choice.outing.day)} · {new}{crew}"

    with st.expander(w("inspections.move"), expanded=True):
        to = st.selectbox(
            w("inspections.move_to"), order, None, format_func=told, key=f"inspections-to-{stop.id}-{stop.version}",
            placeholder=w("inspections.move_none"), label_visibility="collapsed",
        )  # fmt: skip
        if to is None:
            return
        why = [look.tell.reason(reason) for reason in choices[to].why]
        may = w("inspections.may_move", at=clock(choices[to].arrive))
        html = render("inspections/why.html", w=w, reasons=why, may=may)
        panel(html, key="inspections-why", theme=look.theme)
        if not why:
            st.button(
                w("inspections.move_do"), type="primary", width="stretch", key=f"inspections-go-{stop.id}",
                on_click=look.when_pressed(lambda now: move_to(now, stop.id, stop.version, to)),
            )  # fmt: skip


def _begin(look: Look, stop: Stop, outing: Outing) -> None:
    w, key = look.tell.w, f"inspections-begin-{stop.id}-{look.looking.round}"
    crew, entered = list(outing.officers), f"{key}-entered"

    def pressed(now: Look) -> None:
        inside = st.session_state[entered]
        now.do("begin", lambda: now.centre.rounds.begin(now.person.id, stop.id, stop.version, inside))

    with st.form(key=key, border=False):
        st.multiselect(w("inspections.entered"), crew, crew, format_func=look.officer, select_all=False, key=entered)
        go = look.when_pressed(pressed)
        st.form_submit_button(w("inspections.begin"), type="primary", width="stretch", on_click=go)


def _said(look: Look, stop: Stop, name: str, *, primary: bool = False) -> None:
    w, rounds, key = look.tell.w, look.centre.rounds, f"inspections-{name}-{stop.id}-{look.looking.round}"
    deed = {"finish": rounds.finish, "closed": rounds.closed, "refused": rounds.refused}[name]
    kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"

    def pressed(now: Look) -> None:
        said = st.session_state[f"{key}-said"]
        now.do(name, lambda: deed(now.person.id, stop.id, stop.version, said))

    with st.form(key=key, border=False):
        st.text_input(w(f"inspections.{name}_said"), max_chars=500, key=f"{key}-said")
        go = look.when_pressed(pressed)
        st.form_submit_button(w(f"inspections.{name}"), type=kind, width="stretch", on_click=go)


def _violation(look: Look, stop: Stop) -> None:
    w, matters = look.tell.w, look.centre.rulebook.matters
    key = f"inspections-violation-{stop.id}-{look.looking.round}"

    def pressed(now: Look) -> None:
        matter, said = st.session_state[f"{key}-matter"], st.session_state[f"{key}-said"]
        if matter:
            now.hear(lambda: _filed(now, stop, matter, said))

    with st.expander(w("inspections.violation")), st.form(key=key, border=False):
        order = sorted(matters, key=lambda code: matters[code].field not in stop.visit.needs)
        names = {code: w.pick(matters[code].name_zh, matters[code].name_en) for code in order}
        st.selectbox(
            w("inspections.matter"), list(names), None, placeholder="", key=f"{key}-matter",
            format_func=lambda each: f"{names[each]} · {each}",
        )  # fmt: skip
        st.text_input(w("inspections.violation_said"), max_chars=500, key=f"{key}-said")
        st.form_submit_button(w("inspections.violation_do"), width="stretch", on_click=look.when_pressed(pressed))


def _filed(look: Look, stop: Stop, matter: str, said: str) -> str:
    """The deed; which incident it became, and who may act on it."""
    incident, answer = look.centre.rounds.violation(look.person.id, stop.id, stop.version, matter, said)
    return look.tell.w("inspections.done_violation", incident=incident.id, who=look.tell.who_may(answer))


def _undo(look: Look) -> None:
    """The button that takes back what one did last, as far as the page knows."""
    if not look.own_towns:
        return
    me, rounds = look.person.id, look.centre.rounds
    last = look.centre.books.kept(("undoable", me), lambda: rounds.undoable(me))
    st.button(
        look.tell.w("inspections.undo"), key="inspections-undo", width="stretch",
        on_click=look.when_pressed(lambda now: now.do("undo", lambda: rounds.undo(now.person.id, last))),
    )  # fmt: skip


def _papers(look: Look, outings: Sequence[Outing]) -> None:
    """The papers of the day's crews in one zip."""
    w, view = look.tell.w, look.looking
    if outings and view.day is not None:
        to = papers_link(view.day, view.town, w.language)
        panel(render("papers.html", words=w("inspections.papers"), to=to), key="inspections-papers", theme=look.theme)
