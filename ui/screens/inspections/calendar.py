"""The calendar of the crews, week by week, how near it is to the best, and a new one while it is made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby

import streamlit as st

from dispatch.desk.inspections import Proposal, bounds_once_adopted
from dispatch.desk.question import stands
from dispatch.records.calls import PUT_BACK, Adopted, CallStatus, Outing, Stop
from dispatch.records.inspection import Calendar
from dispatch.store.inspections import InForce
from ui.panel.component import panel, render
from ui.screens.inspections import away, replans
from ui.screens.inspections.looking import Look, again, clock, gap, mark_of, refuse_unseen
from ui.screens.inspections.undone import show_undone
from ui.services.inspecting import without_visit
from ui.services.solving import Solve, solver
from ui.wording import Wording

Where = tuple[date, int, tuple[str, ...]]
MOST_TOLD = 60


def show(look: Look) -> None:
    """The weeks on the left; on the right a new calendar, its difference, and what is left undone."""
    left, right = st.columns([8, 4], gap="small")
    solve = solver().of(look.person.id)
    absences = look.centre.books.now().absences
    with left:
        _weeks(look, replans.absent(absences))
    with right, st.container(key="inspections-side"):
        if (errand := replans.replanner().of(look.person.id)) is not None:
            replans.answer(look, errand)
        elif solve is None or _refused(look, solve):
            replans.ask(look, absences)
            away.show(look, absences)
            _ask(look)
            if without := without_visit(look.force, look.towns, look.items, look.today):
                show_undone(look, without)
        elif solve.running:
            _progress(look, solve)
        else:
            _answer(look, solve)


def _refused(look: Look, solve: Solve) -> bool:
    """What the desk said against the question; the form stands below it for another try."""
    if solve.running or solve.refused is None:
        return False
    solver().drop(look.person.id)
    look.hear(lambda: str(solve.taken()))
    return True


def _weeks(look: Look, absent: Mapping[date, Collection[str]]) -> None:
    w = look.tell.w
    outings = [each for each in look.force.outings.values() if each.town in look.towns]
    days = sorted({each.day for each in outings} | {day for each in _calendars(look) for day in each.days})
    weeks = [full_week(list(each)) for _, each in groupby(days, key=lambda day: day.isocalendar()[:2])]
    made = _calendars(look)
    officer_days, bound = in_force(look.force, look.towns)
    html = render(
        "inspections/weeks.html",
        w=w,
        weeks=[
            {
                "name": w("inspections.week", n=days[0].isocalendar()[1]),
                "days": [(look.day_name(day), day == look.today) for day in days],
                "towns": [
                    {
                        "name": look.town(town),
                        "cells": [
                            [
                                _crew(look, each, absent.get(day, ()))
                                for each in outings
                                if (each.town, each.day) == (town, day)
                            ]
                            for day in days
                        ],
                    }
                    for town in look.towns
                ],
            }
            for days in weeks
        ],
        officer_days=officer_days,
        bound=bound or "–",
        gap=gap(officer_days, bound),
        made=[
            w("inspections.made", id=each.id, at=look.tell.at(each.made_at), who=look.who(each.by), seed=each.seed)
            for each in made
        ],
    )
    act = panel(html, key="inspections-weeks", theme=look.theme) or ""
    name, _, outing = act.partition(":")
    if name == "outing" and outing in look.force.outings:
        view = look.looking
        view.tab, view.outing, view.day, view.call = "day", outing, look.force.outings[outing].day, ""
        view.town = look.force.outings[outing].town
        again()


def _calendars(look: Look) -> list[Adopted]:
    made = {each.id: each for town, each in look.force.calendars.items() if town in look.towns}
    return list(made.values())


def _crew(look: Look, outing: Outing, absent: Collection[str]) -> dict[str, object]:
    stops = look.force.of(outing.id)
    done, vain = (sum(stop.status in some for stop in stops) for some in ({CallStatus.DONE}, PUT_BACK))
    ended = done + vain
    return {
        "id": outing.id,
        "officers": len(outing.officers),
        "names": " · ".join(look.officer(each) for each in outing.officers),
        "away": [look.officer(each) for each in outing.officers if each in absent and ended < len(stops)],
        "visits": len(stops),
        "over": ended == len(stops),
        "fared": fared(look.tell.w, done, vain, len(stops) - ended) if ended else "",
        "from": clock(min((stop.arrive for stop in stops), default=0)),
        "to": clock(max((stop.leave for stop in stops), default=0)),
    }


def fared(w: Wording, done: int, vain: int, left: int) -> str:
    """How many of a crew's calls were made, how many came to nothing, and how many are left; none is not told."""
    told = (("done", done), ("vain", vain), ("left", left))
    return " · ".join(w(f"inspections.crew_{name}", n=n) for name, n in told if n)


def full_week(days: Sequence[date]) -> list[date]:
    """Monday to Friday of the week of some of its days, and those of its weekend that are among them."""
    monday = days[0] - timedelta(days=days[0].weekday())
    return [
        each
        for at in range(7)
        if at < 5 or monday + timedelta(days=at) in days
        if (each := monday + timedelta(days=at))
    ]


def in_force(force: InForce, towns: Collection[str]) -> tuple[int, int]:
    """Officer-days of the calendars in force in these towns, and their bound; 0 when a calendar has none by town."""
    current = [each for each in force.outings.values() if each.town in towns and force.current(each)]
    bounds = [each.bounds.get(town) for town, each in force.calendars.items() if town in towns]
    return sum(len(each.officers) for each in current), sum(each or 0 for each in bounds) if None not in bounds else 0


def once_adopted(
    force: InForce, towns: Collection[str], proposal: Proposal, bounds: Mapping[str, int]
) -> tuple[int, int]:
    """As :func:`in_force` will tell once the proposal is adopted: what stays counts, and the towns not asked about.

    ``bounds`` are those of the towns that were asked about.
    """
    asked, calendar = proposal.question, proposal.calendar
    officer_days, bound = in_force(force, set(towns) - set(asked.towns))
    stays = sum(len(force.outings[each].officers) for each in asked.kept)
    others = {town for town in towns if town in force.calendars and town not in asked.towns}
    known = bound or not others
    return officer_days + stays + calendar.officer_days, bound + sum(bounds.values()) if known else 0


def _ask(look: Look) -> None:
    w, towns = look.tell.w, look.own_towns
    if not towns:
        panel(render("inspections/not_yours.html", w=w), key="calendar-not", theme=look.theme)
        return
    panel(render("inspections/new.html", w=w), key="inspections-new", theme=look.theme)
    with st.form(key="inspections-ask", border=False):
        wanted = st.multiselect(w("inspections.towns"), towns, towns, format_func=look.town, select_all=False)
        left, right = st.columns(2)
        days = left.number_input(w("inspections.days"), 1, 60, 20)
        seconds = right.number_input(w("inspections.seconds"), 1, 3600, 30)
        seed = st.number_input(w("inspections.seed"), 1, 1_000_000, 1)
        if st.form_submit_button(w("inspections.solve"), type="primary", width="stretch"):
            if not wanted:
                return
            tomorrow = look.centre.working_days(look.today, int(days) + 1)
            following = [day for day in tomorrow if day > look.today][: int(days)]
            ask, me = look.centre.inspections.question, look.person.id
            solver().start(me, Solve(sorted(wanted), lambda: ask(wanted, following), float(seconds), int(seed)))
            look.looking.note = None
            again()


def _progress(look: Look, solve: Solve) -> None:
    w = look.tell.w
    html = render(
        "inspections/progress.html",
        w=w,
        share=round(100 * solve.share),
        officer_days=solve.officer_days,
        bound=solve.bound,
        gap=gap(solve.officer_days, solve.bound),
        waiting=solve.waiting,
        towns=[
            (look.town(town), round(100 * each.share), each.officer_days, each.bound, f"{100 * each.gap:.0f} %")
            for town, each in solve.progress.items()
        ],
        later=[look.town(town) for town in solve.towns if town not in solve.progress],
        begun=w("inspections.so_far", n=len(solve.progress), of=len(solve.towns)),
        stopping=solve.stopping,
    )
    if panel(html, key="inspections-progress", theme=look.theme) == "stop":
        solve.stop()
        again()


def _answer(look: Look, solve: Solve) -> None:
    w, proposal = look.tell.w, solve.answer
    if proposal is None:
        html = render("inspections/failed.html", w=w)
    else:
        calendar = proposal.calendar
        before, after = _before(look, proposal.question.towns, proposal.question.kept), _after(calendar)
        moved = [each for each in sorted(before.keys() & after.keys()) if before[each][0] != after[each][0]]
        if solve.bounds is None or solve.bounds[0] != look.board.revision:
            solve.bounds = look.board.revision, bounds_once_adopted(proposal, look.force)
        officer_days, bound = once_adopted(look.force, look.towns, proposal, solve.bounds[1])
        more = officer_days - in_force(look.force, look.towns)[0] if _items(after) <= _items(before) else 0
        html = render(
            "inspections/answer.html",
            w=w,
            mark=mark_of(proposal),
            officer_days=officer_days,
            bound=bound or "–",
            gap=gap(officer_days, bound),
            worse=w("inspections.worse", n=more) if more > 0 else "",
            cut=_cut_short(look, solve),
            visits=len(after),
            broken=[look.tell.reason(rule) for rule in solve.broken],
            kept=len(proposal.question.kept),
            same=sum(before[each][0] == after[each][0] for each in before.keys() & after.keys()),
            moved=[_moved(look, before[each], after[each]) for each in moved[:MOST_TOLD]],
            moved_n=len(moved),
            new=[_told(look, *after[each]) for each in sorted(after.keys() - before.keys())[:MOST_TOLD]],
            new_n=len(after.keys() - before.keys()),
            gone=[_told(look, *before[each]) for each in sorted(before.keys() - after.keys())[:MOST_TOLD]],
            gone_n=len(before.keys() - after.keys()),
        )
    act = panel(html, key="inspections-answer", theme=look.theme)
    if act == "drop":
        solver().drop(look.person.id)
        again()
    if act is not None and act.startswith("adopt:") and proposal is not None:
        adopting, pressed = proposal, act

        def deed() -> None:
            refuse_unseen(pressed, adopting)
            look.centre.inspections.adopt(look.person.id, adopting)
            solver().drop(look.person.id)

        look.do("adopt", deed)
    if proposal is not None:
        show_undone(look, proposal.undone)


def _cut_short(look: Look, solve: Solve) -> list[str]:
    """What a search that was stopped had not come to, in sentences."""
    w, cut, reached = look.tell.w, solve.cut_short, solve.reached or {}
    searched, never = [town for town in cut if town in reached], [town for town in cut if town not in reached]
    said = [w("inspections.cut_here", town=look.town(town), n=round(100 * reached[town].share)) for town in searched]
    if never:
        names = w("app.comma").join(look.town(town) for town in never)
        said.append(w("inspections.cut_never", towns=names))
    return said


def _before(look: Look, towns: Sequence[str], kept: Sequence[str]) -> dict[tuple[str, ...], tuple[Where, str]]:
    """Where every visit that a new calendar may move is now, by its items."""
    force = look.force
    return {
        stop.visit.items: (_where(force.outings[stop.outing], stop), stop.visit.premises)
        for stop in force.stops.values()
        if force.town_of(stop) in towns
        and stop.outing not in kept
        and force.current(force.outings[stop.outing])
        and stands(force, stop, look.today)
    }


def _after(calendar: Calendar) -> dict[tuple[str, ...], tuple[Where, str]]:
    return {
        call.visit.items: ((crew.day, call.arrive, crew.officers), call.visit.premises)
        for crew in calendar.crews
        for call in crew.calls
    }


def _items(calls: Iterable[tuple[str, ...]]) -> set[str]:
    """Every check of some visits that are given by their checks."""
    return {item for items in calls for item in items}


def _where(outing: Outing, stop: Stop) -> Where:
    return outing.day, stop.arrive, outing.officers


def _told(look: Look, where: Where, place: str) -> str:
    return f"{look.name(place)} · {look.day_name(where[0])} {clock(where[1])}"


def _moved(look: Look, before: tuple[Where, str], after: tuple[Where, str]) -> str:
    was, now = before[0], after[0]
    if (was[0], was[1]) == (now[0], now[1]):
        return f"{look.name(after[1])} · {look.day_name(now[0])} · {look.tell.w('inspections.other_crew')}"
    return f"{look.name(after[1])} · {look.day_name(was[0])} {clock(was[1])} → {look.day_name(now[0])} {clock(now[1])}"
