"""Checks that ask nobody to go: who makes which on what day, and what was found, written down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from dispatch.desk.deskchecks import LEAD_WITHIN
from dispatch.inspections.days import LONGEST_MIN
from dispatch.inspections.fromdesk import FromDesk
from dispatch.records.deskcheck import DeskCheck
from dispatch.records.inspection import DeskDay, DueItem
from dispatch.records.team import Role
from dispatch.store import deskchecks
from ui.panel.component import panel, render
from ui.screens.inspections.looking import Look, again, span
from ui.screens.inspections.undone import price
from ui.services.inspecting import DESK_DAYS, to_show

BEHIND = timedelta(days=7)


def show(look: Look) -> None:
    """The days on the left; on the right the chosen check with its form, or what was made lately."""
    found = listed(look)
    left, right = st.columns([5, 4], gap="small")
    with left:
        _days(look, found)
    with right, st.container(key="inspections-side"):
        item = look.items.get(look.looking.check)
        if item is not None and item.remote:
            _chosen(look, item, found)
        _made(look)


def listed(look: Look) -> FromDesk:
    """Days at the desk in the towns that this person sees, worked out once for a state of the book."""
    towns, days = look.towns, look.centre.working_days(look.today, DESK_DAYS)

    def found() -> FromDesk:
        teams = look.centre.casebook.teams()
        with look.centre.casebook.reading() as connection:
            return look.centre.desk_checks.listed(connection, look.force, teams, towns, days)

    return look.centre.books.kept(("desk", tuple(towns), days[0]), found)


def day_of(found: FromDesk) -> dict[str, date]:
    """The day on which each check is made from the desk."""
    return {item: day.day for day in found.days for item in day.items}


def _days(look: Look, found: FromDesk) -> None:
    w = look.tell.w
    html = render(
        "inspections/fromdesk.html",
        w=w,
        n=sum(len(day.items) for day in found.days) + len(found.undone),
        days=[
            {
                "day": look.day_name(day.day),
                "town": look.town(day.town),
                "who": " · ".join(look.officer(who) for who in day.officers),
                "minutes": sum(look.items[item].minutes for item in day.items if item in look.items),
                "rows": [_row(look, look.items[item]) for item in day.items if item in look.items],
            }
            for day in found.days
        ],
        undone=[
            {
                **_row(look, look.items[one.item]),
                "why": w(f"inspections.why_{one.reason}"),
                "price": price(look, one.price),
            }
            for one in found.undone
            if one.item in look.items
        ],
    )
    act = panel(html, key="inspections-fromdesk", theme=look.theme) or ""
    name, _, item = act.partition(":")
    if name == "check":
        look.looking.check, look.looking.note = item, None
        again()


def _row(look: Look, item: DueItem) -> dict[str, object]:
    return {
        "id": item.id,
        "chosen": item.id == look.looking.check,
        "name": look.name(item.premises),
        "check": look.check(item),
        "by": look.tell.w(f"inspections.by_{item.remote}"),
        "minutes": item.minutes,
        "window": span(item.earliest, item.latest),
    }


def _chosen(look: Look, item: DueItem, found: FromDesk) -> None:
    w = look.tell.w
    day = next((one for one in found.days if item.id in one.items), None)
    html = render(
        "inspections/fromdesk_check.html",
        w=w,
        row=_row(look, item),
        department=look.department(item.department),
        field=look.field(item.certificate),
        to_show=w("app.comma").join(to_show(look.centre, item)),
        day=look.day_name(day.day) if day else "",
        who=[look.officer(each) for each in day.officers] if day else [],
    )
    if panel(html, key="inspections-fromdesk-check", theme=look.theme) == "back":
        look.looking.check = ""
        again()
    town = look.premises[item.premises].town
    if town not in look.own_towns:
        panel(render("inspections/not_yours.html", w=w), key="fromdesk-not", theme=look.theme)
    elif item.earliest <= look.today:
        _form(look, item, _able(look, town), day)


def _able(look: Look, town: str) -> list[str]:
    """Officers who may make a check of a town, by name."""
    names = {
        who.id: who.name
        for team in look.centre.board().teams.values()
        for who in team.officers
        if who.role is Role.OFFICER and town.startswith(who.town)
    }
    return sorted(names, key=lambda who: (names[who], who))


def _form(look: Look, item: DueItem, able: Sequence[str], day: DeskDay | None) -> None:
    w, key = look.tell.w, f"inspections-desk-{item.id}-{look.looking.round}"
    near = look.near(item.premises, look.today + LEAD_WITHIN)
    seated = [who for who in day.officers if who in able] if day else []
    suspicious = st.checkbox(w("inspections.suspicious"), key=f"{key}-lead")

    def pressed(now: Look) -> None:
        typed = st.session_state
        minutes = int(typed[f"{key}-minutes"]) if suspicious else 0
        who, said, although = typed[f"{key}-who"], typed[f"{key}-said"], typed.get(f"{key}-although", "")
        check, me = now.centre.desk_checks.check, now.person.id
        now.do(
            "from_desk_lead" if suspicious else "from_desk",
            lambda: check(me, item.id, who, said, visit_min=minutes, although=although),
        )

    if suspicious:
        for reason in near:
            st.warning(look.tell.reason(reason))
    with st.form(key=f"{key}-{suspicious}", border=False):
        st.multiselect(
            w("inspections.desk_who"), able, seated, format_func=look.officer, select_all=False, key=f"{key}-who"
        )
        st.text_input(w("inspections.desk_said"), max_chars=500, key=f"{key}-said")
        if suspicious:
            st.number_input(w("inspections.desk_visit_min"), 5, LONGEST_MIN, 30, 5, key=f"{key}-minutes")
            if near:
                st.text_input(w("inspections.although"), max_chars=500, key=f"{key}-although")
        go = look.when_pressed(pressed)
        st.form_submit_button(w("inspections.desk_do"), type="primary", width="stretch", on_click=go)


def _made(look: Look) -> None:
    """What was made in the last week, each with what it led to; today's can be taken back."""

    def made() -> list[DeskCheck]:
        with look.centre.casebook.reading() as connection:
            return deskchecks.since(connection, look.today - BEHIND)

    w = look.tell.w
    some = [one for one in look.centre.books.kept(("desk made", look.today), made) if one.premises in look.premises]
    html = render(
        "inspections/fromdesk_made.html",
        w=w,
        rows=[
            {
                "id": one.id,
                "version": one.version,
                "name": look.name(one.premises),
                "item": one.item,
                "day": look.day_name(one.day),
                "who": " · ".join(look.officer(each) for each in one.officers),
                "said": one.said,
                "lead": one.lead,
                "may": one.day == look.today and look.premises[one.premises].town in look.own_towns,
            }
            for one in some
        ],
    )
    act = panel(html, key="inspections-fromdesk-made", theme=look.theme) or ""
    name, _, rest = act.partition(":")
    version, _, id = rest.partition(":")
    if name == "undo" and version.isdecimal():
        look.do("desk_undo", lambda: look.centre.desk_checks.take_back(look.person.id, id, int(version)))
