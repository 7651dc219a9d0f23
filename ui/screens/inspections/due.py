"""What is due at whose door, and how many visits it takes when departments go together."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import streamlit as st

from dispatch.desk.caps import counted
from dispatch.desk.inspections import TakenIn
from dispatch.desk.question import stands
from dispatch.inspections.days import LONGEST_MIN
from dispatch.inspections.visits import Window, merge, window
from dispatch.records.calls import Stop
from dispatch.records.inspection import DueItem, Occasion, Premises
from dispatch.store import plans
from gis.crs import Datum
from gis.schemas import BadInput
from ui.panel.component import panel, render
from ui.said import Said
from ui.screens.inspections import door, fromdesk, requests, scene, sought
from ui.screens.inspections.looking import Look, again, clock, span
from ui.screens.inspections.sought import Sought
from ui.screens.inspections.tables import show_faults, templates
from ui.services.inspecting import to_show
from ui.services.tablefaults import sentence, told
from ui.services.tabletemplates import Table
from ui.wording import Wording

SHOWN = 200
AHEAD_DAYS = 60


@dataclass(frozen=True, slots=True)
class Figures:
    """What the strip counts: checks due, visits planned for them, visits avoided, checks without a visit.

    Of those avoided some are ``merged`` into another visit; each of the others is a check from the ``desk``.
    """

    items: int
    visits: int
    merged: int
    desk: int
    undone: int

    @property
    def avoided(self) -> int:
        return self.merged + self.desk


def planned(look: Look) -> dict[str, Stop]:
    """The call that answers for each item, of those that one does."""
    return {
        item: stop
        for stop in look.force.stops.values()
        if stands(look.force, stop, look.today)
        for item in stop.visit.items
        if item in look.items
    }


def figures(look: Look) -> Figures:
    answered = planned(look)
    visits = {stop.id for stop in answered.values()}
    desk = sum(bool(item.remote) for item in look.items.values())
    undone = sum(not item.remote and item.id not in answered for item in look.items.values())
    return Figures(len(look.items), len(visits), len(answered) - len(visits), desk, undone)


def show(look: Look) -> None:
    """The premises on the left, the chosen one, or a delivery, on the right."""
    left, right = st.columns([5, 4], gap="small")
    of_place: dict[str, list[DueItem]] = {}
    for item in look.items.values():
        of_place.setdefault(item.premises, []).append(item)
    with left:
        wanted = sought.ask(look)
        _cards(look, of_place, wanted)
    with right, st.container(key="inspections-side"):
        place = look.premises.get(look.looking.premises)
        if place is None:
            panel(render("inspections/due_hint.html", w=look.tell.w), key="due-hint", theme=look.theme)
            requests.waiting(look)
            if look.own_towns or look.person.areas():
                _delivery(look)
        else:
            _chosen(look, place, of_place.get(place.id, []))


def _cards(look: Look, of_place: dict[str, list[DueItem]], wanted: Sought) -> None:
    answered = planned(look)
    order = wanted.found(of_place, look.premises, answered)
    rows = [_card(look, look.premises[place], of_place[place], answered) for place in order[:SHOWN]]
    counted = figures(look)
    html = render(
        "inspections/due.html",
        spared=look.tell.w("inspections.spared", merged=counted.merged, desk=counted.desk) if counted.desk else "",
        w=look.tell.w,
        rows=rows,
        places=len(order),
        shown=min(SHOWN, len(order)),
        narrowed=wanted.narrowed,
    )
    act = panel(html, key="inspections-due", theme=look.theme) or ""
    name, _, place = act.partition(":")
    if name == "place":
        look.looking.premises, look.looking.note = place, None
        again()


def _card(look: Look, place: Premises, items: Sequence[DueItem], answered: dict[str, Stop]) -> dict[str, object]:
    calls = {answered[item.id].id: answered[item.id] for item in items if item.id in answered}
    to_visit = [item for item in items if not item.remote or item.id in answered]
    fewest = len(calls) + _fewest(look, place, [item for item in to_visit if item.id not in answered])
    days = sorted(look.force.day_of(stop) for stop in calls.values())
    return {
        "id": place.id,
        "name": place.name or place.id,
        "town": look.town(place.town),
        "chosen": place.id == look.looking.premises,
        "departments": sorted({look.department(item.department) for item in items}),
        "checks": len(items),
        "visits": fewest,
        "avoided": len(to_visit) - fewest,
        "desk": len(items) - len(to_visit),
        "until": look.day_name(min(item.latest for item in items)),
        "days": [look.day_name(day) for day in days],
        "open": sum(item.id not in answered for item in to_visit),
    }


def _fewest(look: Look, place: Premises, items: Sequence[DueItem]) -> int:
    """Visits for items that no call answers for, when departments go together on working days; one each for what is
    in none, so that nobody reads of a visit avoided where there is no visit."""
    if not items:
        return 0
    days = look.centre.working_days(look.today, AHEAD_DAYS)
    windows = [one for item in items if isinstance(one := window(item, days, look.today), Window)]
    if not windows:
        return len(items)
    counted = replace(place, visits_this_year=_seen(look, place))
    merged = merge(counted, windows, days, LONGEST_MIN, lambda _needs, _drawn, _first, _last: True)
    return merged.fewest + len(merged.undone) + len(items) - len(windows)


def _seen(look: Look, place: Premises) -> int:
    """Visits of this calendar year, by the register and by the book."""

    def made() -> dict[str, int]:
        with look.centre.casebook.reading() as connection:
            some = counted(connection, look.force, [place.town], look.today.year, look.centre.zone)
        return {one.id: one.visits_this_year for one in some}

    return look.centre.books.kept(("seen", place.town, look.today.year), made).get(place.id, place.visits_this_year)


def _chosen(look: Look, place: Premises, items: Sequence[DueItem]) -> None:
    answered, at_desk = planned(look), fromdesk.day_of(fromdesk.listed(look))
    rows = [
        {
            "department": look.department(item.department),
            "check": look.check(item),
            "field": look.field(item.certificate),
            "minutes": item.minutes,
            "to_show": look.tell.w("app.comma").join(to_show(look.centre, item)),
            "window": span(item.earliest, item.latest),
            "call": _when(look, answered[item.id]) if item.id in answered else _at_desk(look, item, at_desk),
        }
        for item in sorted(items, key=lambda item: (item.latest, item.id))
    ]
    html = render(
        "inspections/place.html",
        w=look.tell.w,
        place=place,
        town=look.town(place.town),
        hours=f"{clock(place.opens)}–{clock(place.closes)}",
        cap=place.annual_cap,
        seen=_seen(look, place),
        rows=rows,
    )
    act = panel(html, key="inspections-place", theme=look.theme) or ""
    if act == "back":
        look.looking.premises = ""
        again()
    if place.town in look.own_towns:
        scene.offer(look, place)
        _extra(look, place)
    requests.show(look, place)
    door.show(look, place)


def _when(look: Look, stop: Stop) -> str:
    return f"{look.day_name(look.force.day_of(stop))} {clock(stop.arrive)}"


def _at_desk(look: Look, item: DueItem, days: Mapping[str, date]) -> str:
    """When it is checked without going there; empty where somebody has to go."""
    if not item.remote:
        return ""
    day = look.day_name(days[item.id]) if item.id in days else "–"
    return look.tell.w("inspections.at_desk", day=day, by=look.tell.w(f"inspections.by_{item.remote}"))


def _extra(look: Look, place: Premises) -> None:
    """One check beside the plans, with the visits near it before anybody can say yes."""
    w, near = look.tell.w, look.near(place.id, look.today + timedelta(days=7))
    with look.centre.casebook.reading() as connection:
        known = plans.registered(connection, [place.town]).get(place.id)
    with st.expander(w("inspections.extra")):
        for reason in near:
            st.warning(look.tell.reason(reason))
        key = f"{place.id}-{look.looking.round}"
        lead = st.checkbox(w("inspections.follows_lead"), key=f"inspections-extra-lead-{key}")
        with st.form(key=f"inspections-extra-{lead}-{key}", border=False):
            name = f"X{look.board.now:%Y%m%d%H%M%S}-{place.id}"
            item = _lead(look, name, place) if lead else _listed(look, name, place, known.traits.type if known else "")
            why = st.text_input(w("inspections.why"), max_chars=500)
            although = st.text_input(w("inspections.although"), max_chars=500) if near else ""
            if st.form_submit_button(w("inspections.extra_do"), width="stretch"):
                desk = look.centre.inspections
                look.do("extra", lambda: desk.extra(look.person.id, item, why, although))


def _listed(look: Look, name: str, place: Premises, scene: str) -> DueItem:
    """A published item of the scene of these premises, or of any when the register does not say which."""
    scenes = look.centre.rules.scenes
    every = [item for item in scenes.items.values() if item.published]
    codes = [item.code for item in every if item.scene == scene] or [item.code for item in every]
    code = st.selectbox(look.tell.w("inspections.check_listed"), codes, format_func=look.item_of)
    item = scenes.items[str(code)]
    asked = item.department, item.certificate, item.minutes, look.today, look.today + timedelta(days=7)
    return DueItem(name, place.id, *asked, Occasion.SPECIAL, item.code)


def _lead(look: Look, name: str, place: Premises) -> DueItem:
    """Whatever the lead says, by whoever it concerns."""
    w = look.tell.w
    departments, fields = list(look.centre.rules.departments), list(look.centre.scenario.fields)
    department = st.selectbox(w("inspections.department"), departments, format_func=look.department)
    field = st.selectbox(w("inspections.certificate"), fields, format_func=look.field)
    called = st.text_input(w("inspections.check_name"), max_chars=100)
    minutes = st.number_input(w("inspections.minutes"), 5, LONGEST_MIN, 30, 5)
    asked = str(department), str(field), int(minutes), look.today, look.today + timedelta(days=7)
    return DueItem(name, place.id, *asked, Occasion.LEAD, called.strip())


def _delivery(look: Look) -> None:
    """The office's two tables into the book."""
    w, turn = look.tell.w, look.looking.round
    wrong = look.looking.wrong
    with st.expander(w("inspections.take_in"), expanded=bool(wrong)):
        templates(look, Table.PREMISES, Table.ITEMS)
        _form(look, turn)
        show_faults(look, [told(fault, w, look) for fault in wrong])


def _form(look: Look, turn: int) -> None:
    w = look.tell.w
    with st.form(key=f"inspections-take-{turn}", border=False):
        premises = st.file_uploader(w("inspections.premises_file"), type=["xlsx", "csv"], key=f"inspections-p-{turn}")
        items = st.file_uploader(w("inspections.items_file"), type=["xlsx", "csv"], key=f"inspections-i-{turn}")
        datum = st.selectbox(w("inspections.datum"), list(Datum), format_func=lambda each: each.value)
        if st.form_submit_button(w("inspections.take_in_do"), width="stretch"):
            files = [(each.name, each.getvalue()) if each is not None else None for each in (premises, items)]
            _take_in(look, files, datum or Datum.WGS84)


def _take_in(look: Look, files: Sequence[tuple[str, bytes] | None], datum: Datum) -> None:
    desk = look.centre.inspections
    with tempfile.TemporaryDirectory() as folder:
        paths: list[Path | None] = []
        for number, file in enumerate(files):
            path = Path(folder) / str(number) / Path(file[0]).name if file else None
            if path is not None and file is not None:
                path.parent.mkdir()
                path.write_bytes(file[1])
            paths.append(path)
        try:
            given = desk.read(paths[0], paths[1], datum)
        except BadInput as bad:
            look.looking.said(Said(sentence(bad.faults, look.tell.w, look), False))
            look.looking.wrong = bad.faults
            again()
    look.hear(lambda: taken_in(desk.take_in(look.person.id, *given), look.tell.w))


def taken_in(taken: TakenIn, w: Wording) -> str:
    """What came of a delivery, with the checks that were done already."""
    said = w("inspections.done_take_in", premises=taken.premises, items=taken.items)
    return said + (w("inspections.done_already", n=len(taken.finished)) if taken.finished else "")
