"""The calendar in force put in order: what would change, line by line, before anybody says yes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from dispatch.desk.question import stands
from dispatch.desk.refusals import Refused
from dispatch.desk.replans import Replanned, Shift, Swap, Where
from dispatch.records.absence import Absence
from dispatch.records.calls import AHEAD, PUT_BACK
from dispatch.records.inspection import Undone
from ui.panel.component import panel, render
from ui.screens.inspections.looking import Look, again, clock
from ui.screens.inspections.undone import price, show_undone

MOST_TOLD = 60


def ask(look: Look, absences: Sequence[Absence]) -> None:
    """What has happened since the calendar was adopted, and the button that asks what it would change."""
    w, view = look.tell.w, look.looking
    towns = [town for town in look.own_towns if town in look.force.calendars]
    if not towns:
        return
    html = render("inspections/replan.html", w=w, happened=_happened(look, towns, absences))
    panel(html, key="inspections-replan", theme=look.theme)
    with st.form(key="inspections-replan-ask", border=False):
        wanted = towns
        if len(towns) > 1:
            wanted = st.multiselect(w("inspections.towns"), towns, towns, format_func=look.town, select_all=False)
        if st.form_submit_button(w("inspections.replan_ask"), width="stretch") and wanted:
            try:
                view.replanned, view.note = look.centre.replans.look(wanted), None
            except Refused as refused:
                view.note = ("", " ".join(look.tell.reason(reason) for reason in refused.reasons))
            again()


def _happened(look: Look, towns: Sequence[str], absences: Sequence[Absence]) -> list[str]:
    """What speaks for a re-plan, in short lines; empty on a quiet day."""
    w, force = look.tell.w, look.force
    away = absent(absences)
    broken = sum(
        any(who in away.get(one.day, ()) for who in one.officers)
        for one in force.outings.values()
        if one.town in towns
        and one.day >= look.today
        and force.current(one)
        and any(stop.status in AHEAD for stop in force.of(one.id))
    )
    answered = {item for stop in force.stops.values() if stands(force, stop, look.today) for item in stop.visit.items}
    last = {town: max(force.calendars[town].days) for town in towns}
    open_ = [
        item
        for item in look.items.values()
        if item.id not in answered
        and (town := look.premises[item.premises].town) in towns
        and look.today <= item.latest
        and item.earliest <= last[town]
    ]
    knocked = {item for stop in force.stops.values() if stop.status in PUT_BACK for item in stop.visit.items}
    closed = len({item.premises for item in open_ if item.id in knocked})
    new = sum(item.id not in knocked for item in open_)
    said = [("replan_away", broken), ("replan_closed", closed), ("replan_new", new)]
    return [w(f"inspections.{key}", n=n) for key, n in said if n]


def absent(absences: Sequence[Absence]) -> dict[date, set[str]]:
    """Who is away on each day."""
    found: dict[date, set[str]] = {}
    for one in absences:
        for day in one.days():
            found.setdefault(day, set()).add(one.officer)
    return found


def answer(look: Look, proposal: Replanned) -> None:
    """The difference, and the two buttons."""
    w, view = look.tell.w, look.looking
    moved = [shift for shift in proposal.shifts if shift.was and shift.now]
    new = [shift for shift in proposal.shifts if shift.was is None]
    lost = [shift for shift in proposal.shifts if shift.now is None]
    why = {each.item: each for each in proposal.undone}
    html = render(
        "inspections/replanned.html",
        w=w,
        broken=[look.tell.reason(reason) for reason in proposal.broken],
        nothing=proposal.nothing,
        same=proposal.same,
        swaps=[_swapped(look, each) for each in proposal.swaps],
        groups=[
            (w("inspections.moved_calls"), [_moved(look, each) for each in moved[:MOST_TOLD]], len(moved)),
            (w("inspections.new_calls"), [_new(look, each) for each in new[:MOST_TOLD]], len(new)),
            (w("inspections.lost_calls"), [_lost(look, each, why) for each in lost[:MOST_TOLD]], len(lost)),
        ],
    )
    act = panel(html, key="inspections-replanned", theme=look.theme)
    if act == "drop":
        view.replanned = None
        again()
    if act == "take":

        def deed() -> None:
            view.replanned = None
            look.centre.replans.take(look.person.id, proposal)

        look.do("replan", deed)
    show_undone(look, proposal.undone)


def _at(look: Look, where: Where) -> str:
    return f"{look.day_name(where.day)} {clock(where.arrive)}"


def _crew(look: Look, where: Where) -> str:
    return " · ".join(look.officer(who) for who in where.officers)


def _line(look: Look, shift: Shift, words: str, under: str = "") -> dict[str, object]:
    w = look.tell.w
    marks = [w("inspections.was_locked")] if shift.unlocked else []
    marks += [w("inspections.was_closed")] if shift.again else []
    return {"name": look.name(shift.premises), "words": words, "under": under, "marks": marks}


def _moved(look: Look, shift: Shift) -> dict[str, object]:
    """From where to where; only what differs is said."""
    w, was, now = look.tell.w, shift.was, shift.now
    assert was is not None
    assert now is not None
    if shift.stays_there:
        return _line(look, shift, f"{_at(look, now)} · {w('inspections.other_checks', n=len(shift.items))}")
    if (was.day, was.arrive) == (now.day, now.arrive):
        return _line(look, shift, f"{_at(look, now)} · {w('inspections.other_crew')}", _crew(look, now))
    same = set(was.officers) == set(now.officers)
    return _line(look, shift, f"{_at(look, was)} → {_at(look, now)}", "" if same else _crew(look, now))


def _new(look: Look, shift: Shift) -> dict[str, object]:
    assert shift.now is not None
    return _line(look, shift, _at(look, shift.now), _crew(look, shift.now))


def _lost(look: Look, shift: Shift, why: Mapping[str, Undone]) -> dict[str, object]:
    """Where it was, why it has no place now, and what one would take."""
    w = look.tell.w
    reasons = {why[item].reason: why[item].price for item in shift.items if item in why}
    told = [
        f"{w(f'inspections.why_{reason}')} · {w('inspections.price')}: {price(look, cost)}"
        if cost
        else w(f"inspections.why_{reason}")
        for reason, cost in reasons.items()
    ]
    assert shift.was is not None
    return _line(look, shift, f"{_at(look, shift.was)} →", "; ".join(told) or w("inspections.nothing_due"))


def _swapped(look: Look, swap: Swap) -> dict[str, object]:
    w = look.tell.w
    names = [" · ".join(look.officer(who) for who in side) for side in (swap.out, swap.into)]
    if not swap.out:
        words = w("inspections.joins", who=names[1])
    elif not swap.into:
        words = w("inspections.leaves", who=names[0])
    else:
        words = f"{names[0]} → {names[1]}"
    visits = w("inspections.crew_visits" if swap.visits != 1 else "inspections.one_visit", n=swap.visits)
    return {"day": look.day_name(swap.day), "town": look.town(swap.town), "words": words, "visits": visits}
