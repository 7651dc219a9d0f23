"""Holidays: the days off and make-up working days of a year, by which every deadline is counted."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dispatch.rulebook.calendar import DayKind, Holiday
from ui.panel.component import panel, render
from ui.said import Said, attempt
from ui.screens.lists.looking import Look, again, asked
from ui.screens.lists.powers import BOX
from ui.services.ruletables import Day, year_of
from ui.signin import person

NONE = "none"


def show(look: Look) -> None:
    looking = look.looking
    looking.year = looking.year or look.today.year
    middle, right = st.columns([8, 3.5], gap="small")
    with middle, st.container(key="lists-middle"):
        _year(look)
    with right, st.container(key="lists-side"):
        _day(look)


def _year(look: Look) -> None:
    w, looking = look.tell.w, look.looking
    calendar = look.centre.rules.calendar
    known = {day.year for day in calendar.holidays} | {look.today.year, look.today.year + 1, looking.year}
    year = year_of(calendar, looking.year)
    html = render(
        "lists/holidays.html",
        w=w,
        years=[(one, calendar.provisional(one)) for one in sorted(known)],
        year=year,
        months=[
            (w("lists.month", n=n), [[_cell(look, day) for day in week] for week in month])
            for n, month in enumerate(year.months, start=1)
        ],
        weekdays=w("lists.weekdays").split(" "),
        above=BOX,
    )
    deed, what = asked(panel(html, key="lists-year", theme=look.theme), "year", "day")
    if deed == "year" and what.isdecimal():
        looking.year = int(what)
        again()
    if deed == "day":
        looking.day, looking.note = date.fromisoformat(what), None
        again()


def _cell(look: Look, day: Day | None) -> dict[str, object] | None:
    if day is None:
        return None
    kind = "" if day.worked else "rest"
    if day.holiday is not None:
        kind = "makeup" if day.holiday.kind is DayKind.WORK else "off"
    name = look.named(day.holiday)
    told = look.tell.w(f"lists.day_{kind or 'plain'}")
    return {
        "day": day.day.isoformat(),
        "n": day.day.day,
        "kind": kind,
        "title": " · ".join(filter(None, [day.day.isoformat(), told, name])),
        "chosen": day.day == look.looking.day,
        "today": day.day == look.today,
    }


def _day(look: Look) -> None:
    """The day under the lamp, as the table has it, and what it shall be."""
    w, looking = look.tell.w, look.looking
    day = looking.day
    seen = look.centre.rules.calendar.holidays.get(day) if day else None
    before, looking.shown_day = looking.shown_day, (day, seen) if day else None
    overtaken = before is not None and before[0] == day and before[1] != seen
    if overtaken:  # somebody else set it after this form was drawn
        looking.note = Said(w("lists.day_look_again"), False).note
    html = render(
        "lists/day.html",
        w=w,
        note=looking.note,
        day=day.isoformat() if day else "",
        weekday=w("lists.weekdays").split(" ")[day.weekday()] if day else "",
        kind=w(f"lists.day_{_kind(look, day, seen)}") if day else "",
        name=look.named(seen),
        provisional=seen is not None and seen.provisional,
    )
    panel(html, key="lists-day", theme=look.theme)
    if day is None:
        return
    wanted = _wanted(look, day, seen)
    pressed = st.button(w("lists.do_day"), type="primary", width="stretch", disabled=wanted == seen, key="lists-do-day")
    if pressed and not overtaken:
        looking.note = attempt(lambda: _set(look, day, seen, wanted), look.tell).note
        looking.shown_day = None
        again()


def _kind(look: Look, day: date, seen: Holiday | None) -> str:
    if seen is not None:
        return "makeup" if seen.kind is DayKind.WORK else "off"
    return "plain" if look.centre.rules.calendar.working(day) else "rest"


def _wanted(look: Look, day: date, seen: Holiday | None) -> Holiday | None:
    w, row = look.tell.w, f"{day}-{hash(seen)}"
    choices = [NONE, *DayKind]
    kind = st.radio(
        w("lists.day_shall"),
        choices,
        index=choices.index(seen.kind) if seen else 0,
        format_func=lambda one: w(f"lists.shall_{one}"),
        key=f"lists-day-kind-{row}",
    )
    if kind == NONE or kind is None:
        return None
    name_zh = st.text_input(
        w("lists.name_zh"), value=seen.name_zh if seen else "", key=f"lists-day-zh-{row}", max_chars=40
    )
    name_en = st.text_input(
        w("lists.name_en"), value=seen.name_en if seen else "", key=f"lists-day-en-{row}", max_chars=40
    )
    provisional = st.checkbox(
        w("lists.still_provisional"), value=seen.provisional if seen else False, key=f"lists-day-provisional-{row}"
    )
    return Holiday(day, DayKind(kind), name_zh.strip(), name_en.strip(), provisional)


def _set(look: Look, day: date, seen: Holiday | None, wanted: Holiday | None) -> str:
    look.centre.holidays.set_day(person(), day, seen, wanted)
    look.centre.keep_rules()
    return look.tell.w("lists.did_day", day=day)
