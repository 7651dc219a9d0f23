"""The calendar in force put in order: what would change, line by line, before anybody says yes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache

import streamlit as st

from dispatch.desk.difference import Replanned, Shift, Swap, Where
from dispatch.desk.question import stands
from dispatch.records.absence import Absence
from dispatch.records.calls import AHEAD, PUT_BACK
from dispatch.records.inspection import Undone
from ui.panel.component import panel, render
from ui.screens.inspections.looking import Look, again, clock, gap, mark_of, refuse_unseen
from ui.screens.inspections.undone import price, show_undone
from ui.services.beside import Errand, Errands

MOST_TOLD = 60
AT_ONCE_S = 1.0
"""So long the screen waits for an answer before it says that one is being worked out."""


@cache
def replanner() -> Errands[Errand[Replanned]]:
    """Who waits to see what a re-plan would change."""
    return Errands()


def ask(look: Look, absences: Sequence[Absence]) -> None:
    """What has happened since the calendar was adopted, and the button that asks what it would change."""
    w, view = look.tell.w, look.looking
    towns = [town for town in look.own_towns if town in look.force.calendars]
    if not towns:
        return
    happened, where = _happened(look, towns, absences)
    html = render("inspections/replan.html", w=w, happened=happened)
    panel(html, key="inspections-replan", theme=look.theme)
    with st.form(key="inspections-replan-ask", border=False):
        wanted = towns
        if len(towns) > 1:
            chosen = [town for town in towns if town in where] or towns
            wanted = st.multiselect(w("inspections.towns"), towns, chosen, format_func=look.town, select_all=False)
        if st.form_submit_button(w("inspections.replan_ask"), width="stretch") and wanted:
            view.note = None
            desk = look.centre.replans
            errand: Errand[Replanned] = Errand(lambda: desk.look(wanted, going=errand.going))
            replanner().start(look.person.id, errand).wait(AT_ONCE_S)
            again()


def _happened(look: Look, towns: Sequence[str], absences: Sequence[Absence]) -> tuple[list[str], set[str]]:
    """What speaks for a re-plan, in short lines, and in which towns; both empty on a quiet day."""
    w, force = look.tell.w, look.force
    away = absent(absences)
    torn = [
        one.town
        for one in force.outings.values()
        if one.town in towns
        and one.day >= look.today
        and force.current(one)
        and any(who in away.get(one.day, ()) for who in one.officers)
        and any(stop.status in AHEAD for stop in force.of(one.id))
    ]
    answered = {item for stop in force.stops.values() if stands(force, stop, look.today) for item in stop.visit.items}
    last = {town: max(force.calendars[town].days) for town in towns}
    open_ = [
        item
        for item in look.items.values()
        if not item.remote
        and item.id not in answered
        and (town := look.premises[item.premises].town) in towns
        and look.today <= item.latest
        and item.earliest <= last[town]
    ]
    knocked = {item for stop in force.stops.values() if stop.status in PUT_BACK for item in stop.visit.items}
    closed = len({item.premises for item in open_ if item.id in knocked})
    new = sum(item.id not in knocked for item in open_)
    said = [("replan_away", len(torn)), ("replan_closed", closed), ("replan_new", new)]
    where = {*torn, *(look.premises[item.premises].town for item in open_)}
    return [w(f"inspections.{key}", n=n) for key, n in said if n], where


def absent(absences: Sequence[Absence]) -> dict[date, set[str]]:
    """Who is away on each day."""
    found: dict[date, set[str]] = {}
    for one in absences:
        for day in one.days():
            found.setdefault(day, set()).add(one.officer)
    return found


def answer(look: Look, errand: Errand[Replanned]) -> None:
    """What came of the errand, or that it is still under way."""
    if errand.answer is not None:
        _difference(look, errand.answer)
        return
    if errand.refused is not None:
        replanner().drop(look.person.id)
        look.hear(lambda: str(errand.taken()))
    html = render("inspections/replanning.html", w=look.tell.w, running=errand.running, stopping=errand.stopping)
    act = panel(html, key="inspections-replanning", theme=look.theme)
    if act == "stop":
        errand.stop()
        again()
    if act == "drop":
        replanner().drop(look.person.id)
        again()


def _difference(look: Look, proposal: Replanned) -> None:
    """The difference, and the two buttons."""
    w, me = look.tell.w, look.person.id
    moved = [shift for shift in proposal.shifts if shift.was and shift.now]
    new = [shift for shift in proposal.shifts if shift.was is None]
    lost = [shift for shift in proposal.shifts if shift.now is None]
    why = {each.item: each for each in proposal.undone}
    bounds = proposal.bounds
    bound = sum(bounds.values()) if bounds.keys() == set(proposal.asked.towns) else 0
    told = {item for shift in lost for item in shift.items}
    left = [each for each in proposal.left_out if each.item not in told]
    html = render(
        "inspections/replanned.html",
        w=w,
        mark=mark_of(proposal),
        broken=[look.tell.reason(reason) for reason in proposal.broken],
        later=w("app.comma").join(map(look.town, proposal.later)),
        nothing=proposal.nothing,
        same=proposal.same,
        towns=w("inspections.of_towns", towns=w("app.comma").join(map(look.town, proposal.asked.towns))),
        officer_days=proposal.officer_days,
        before=proposal.officer_days_before,
        bound=bound or "–",
        gap=gap(proposal.officer_days, bound),
        swaps=[_swapped(look, each) for each in proposal.swaps],
        groups=[
            (w("inspections.moved_calls"), [_moved(look, each) for each in moved[:MOST_TOLD]], len(moved)),
            (w("inspections.new_calls"), [_new(look, each) for each in new[:MOST_TOLD]], len(new)),
            (w("inspections.lost_calls"), [_lost(look, each, why) for each in lost[:MOST_TOLD]], len(lost)),
            (w("inspections.left_checks"), [_left(look, each) for each in left[:MOST_TOLD]], len(left)),
            (w("inspections.settled_checks"), *_settled(look, proposal)),
        ],
    )
    act = panel(html, key="inspections-replanned", theme=look.theme)
    if act == "drop":
        replanner().drop(me)
        again()
    if act is not None and act.startswith("take:"):

        def deed() -> None:
            refuse_unseen(act, proposal)
            replanner().drop(me)
            look.centre.replans.take(me, proposal)

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
    told = list(dict.fromkeys(_why(look, why[item]) for item in shift.items if item in why))
    assert shift.was is not None
    return _line(look, shift, f"{_at(look, shift.was)} →", "; ".join(told) or look.tell.w("inspections.nothing_due"))


def _left(look: Look, undone: Undone) -> dict[str, object]:
    """A check that no visit ever contained, why, and what one would take."""
    return {"name": _premises_of(look, undone), "words": _check(look, undone), "under": _why(look, undone), "marks": []}


def _settled(look: Look, proposal: Replanned) -> tuple[list[dict[str, object]], int]:
    """Checks that were left out and are not any more; how many there are."""
    lines: list[dict[str, object]] = [
        {"name": _premises_of(look, each), "words": _check(look, each), "under": "", "marks": []}
        for each in proposal.settled[:MOST_TOLD]
    ]
    return lines, len(proposal.settled)


def _check(look: Look, undone: Undone) -> str:
    return look.check(look.items[undone.item]) if undone.item in look.items else undone.item


def _premises_of(look: Look, undone: Undone) -> str:
    return look.name(look.items[undone.item].premises) if undone.item in look.items else ""


def _why(look: Look, undone: Undone) -> str:
    w = look.tell.w
    words = w(f"inspections.why_{undone.reason}")
    return f"{words} · {w('inspections.price')}: {price(look, undone.price)}" if undone.price else words


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
