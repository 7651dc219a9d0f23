"""Appraisals of towns and departments: figures that stand still, what is objected to, rulings, and the publication."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dispatch.oversight.appeals import APPRAISED, Appeals, Standing
from dispatch.oversight.appraising import Counted
from dispatch.oversight.evaluation import Period
from dispatch.records.appraisal import Appraisal, Objection, Ruling, Side
from dispatch.review.book import Value
from ui.panel.component import panel, render
from ui.papers import appraisal_link
from ui.said import carried_out, incomplete
from ui.screens.between.looking import Look, again
from ui.services.appraisalpaper import Sheet, called, facts, sheet_of, tables
from ui.services.appraising import Sight, appeals, drafts_first, event_of, named, sight, supervises, within
from ui.services.overseeing import Span, spans
from ui.services.oversightpaper import Table, said

PAPERS = ("docx", "xlsx")


def show(look: Look) -> None:
    """The chosen one on the left; what somebody may do with it, or begin, on the right."""
    desk, seen = appeals(look.centre), sight(look.person, look.centre.scenario.code, look.centre.rulebook.bodies)
    known = drafts_first(desk.all())
    chosen = next((each for each in known if each.id == look.looking.appraisal), known[0] if known else None)
    found = _standing(look, desk, chosen) if chosen is not None else None
    left, right = st.columns([7, 4], gap="small")
    with left:
        _figures(look, known, found, seen)
    with right, st.container(key="between-side"):
        look.say()
        _deeds(look, desk, known, found, seen)


def _standing(look: Look, desk: Appeals, chosen: Appraisal) -> Standing:
    """The chosen one with its figures, counted again only when something in the book has moved."""
    at = (chosen.id, look.centre.casebook.revision())
    if look.looking.appraised is None or look.looking.appraised[0] != at:
        look.looking.appraised = at, desk.standing(chosen.id)
    return look.looking.appraised[1]


def _figures(look: Look, known: list[Appraisal], found: Standing | None, seen: Sight) -> None:
    w = look.tell.w
    shown = sheet_of(within(found, seen), look.centre, w) if found is not None else None
    partly = found is not None and found.appraisal.published_at is None and not seen.whole
    html = render(
        "between/appraisal.html",
        w=w,
        known=[(each.id, _called(look, each), found is not None and each.id == found.appraisal.id) for each in known],
        facts=[*(facts(shown, w) if shown else []), *([w("appraisal.own_only")] if partly else [])],
        links=[(kind, appraisal_link(found.appraisal.id, kind, w.language)) for kind in PAPERS] if found else [],
        tables=[(w(f"appraisal.{name}"), header, _rows(rows)) for name, (header, rows) in _tables(look, shown)],
    )
    name, _, id = (panel(html, key="between-appraisal", theme=look.theme) or "").partition(":")
    if name == "appraisal" and id != look.looking.appraisal:
        look.looking.appraisal, look.looking.note = id, None
        again()


def _tables(look: Look, shown: Sheet | None) -> list[tuple[str, Table]]:
    return list(tables(shown, look.tell.w).items()) if shown else []


def _deeds(look: Look, desk: Appeals, known: list[Appraisal], found: Standing | None, seen: Sight) -> None:
    supervisor = supervises(look.person, look.centre.scenario.code)
    draft = found is not None and found.appraisal.published_at is None
    panel(render("between/appraisal_hint.html", w=look.tell.w), key="between-appraisal-hint", theme=look.theme)
    if found is not None and draft:
        if look.board.now < found.appraisal.appeal_by_at:
            _object(look, desk, found, seen)
        if supervisor:
            _rule(look, desk, found)
            _publish(look, desk, found)
    if supervisor:
        _open(look, desk, known)


def _object(look: Look, desk: Appeals, found: Standing, seen: Sight) -> None:
    w, sheet = look.tell.w, sheet_of(found, look.centre, look.tell.w)
    offered: dict[tuple[Side, str], list[Counted]] = {}
    for event, side in named(found, seen):
        offered.setdefault((side, event.of(side)), []).append(event)
    if not offered:
        return
    st.markdown(f"**{w('appraisal.object_title')}**")
    side, who = _whom(look, sheet, list(offered))
    events = {each.id: each for each in offered[side, who]}
    with st.form(key=f"appraisal-object-{found.appraisal.id}-{side}-{who}-{look.looking.round}", border=False):
        about = st.selectbox(
            w("appraisal.event"), list(events), format_func=lambda id: _event(look, sheet, events[str(id)])
        )
        words = st.text_area(w("appraisal.said"), max_chars=1000, height=90)
        shown = st.text_input(w("appraisal.evidence_named"), max_chars=500)
        if st.form_submit_button(w("appraisal.object"), type="primary", width="stretch"):
            given = (found.appraisal.id, str(about), side, words, shown)
            typed = {w("appraisal.said"): words, w("appraisal.evidence_named"): shown}
            _do(look, "object", typed, lambda: desk.object(look.person.id, *given))


def _whom(look: Look, sheet: Sheet, units: list[tuple[Side, str]]) -> tuple[Side, str]:
    """For whom somebody objects; nobody is asked who can only mean one."""
    names = {Side.TOWN: sheet.towns, Side.DEPARTMENT: sheet.departments}
    if len(units) == 1:
        return units[0]
    at = st.selectbox(
        look.tell.w("appraisal.who"),
        range(len(units)),
        format_func=lambda at: names[units[at][0]].get(units[at][1], units[at][1]),
        key=f"appraisal-who-{look.looking.round}",
    )
    return units[at or 0]


def _rule(look: Look, desk: Appeals, found: Standing) -> None:
    w = look.tell.w
    waiting = {each.id: each for each in found.objections if each.ruling is Ruling.OPEN}
    if not waiting:
        return
    st.markdown(f"**{w('appraisal.rule_title', n=len(waiting))}**")
    with st.form(key=f"appraisal-rule-{found.appraisal.id}-{look.looking.round}", border=False):
        id = st.selectbox(
            w("appraisal.objection"), list(waiting), format_func=lambda id: _objected(look, found, waiting[id])
        )
        reason = st.text_area(w("appraisal.reason"), max_chars=1000, height=90)
        left, right = st.columns(2)
        upheld = left.form_submit_button(w("appraisal.uphold"), width="stretch")
        dismissed = right.form_submit_button(w("appraisal.dismiss"), width="stretch")
        if (upheld or dismissed) and id in waiting:
            one = waiting[id]
            rule = lambda: desk.rule(look.person.id, one.id, one.version, reason, upheld=upheld)  # noqa: E731
            _do(look, "uphold" if upheld else "dismiss", {w("appraisal.reason"): reason}, rule)


def _publish(look: Look, desk: Appeals, found: Standing) -> None:
    w, one = look.tell.w, found.appraisal
    ready = look.board.now >= one.appeal_by_at and all(each.ruling is not Ruling.OPEN for each in found.objections)
    with st.form(key=f"appraisal-publish-{one.id}-{look.looking.round}", border=False):
        st.caption(w("appraisal.publish_hint", until=look.tell.until(one.appeal_by_at)))
        if st.form_submit_button(w("appraisal.publish"), type="primary" if ready else "secondary", width="stretch"):
            _do(look, "publish", {}, lambda: desk.publish(look.person.id, one.id, one.version))


def _open(look: Look, desk: Appeals, known: list[Appraisal]) -> None:
    w, today = look.tell.w, look.centre.today()
    opened = {each.id for each in known}
    over = [each for period in Period if period in APPRAISED for each in spans(period, today) if each.over(today)]
    offered = [each for each in over if each.key not in opened]
    if not offered:
        return
    with st.expander(w("appraisal.open_title")), st.form(f"appraisal-open-{look.looking.round}", border=False):
        at = st.selectbox(w("oversight.span"), range(len(offered)), format_func=lambda at: _of_time(look, offered[at]))
        if st.form_submit_button(w("appraisal.open"), width="stretch"):
            time = offered[at or 0]
            look.looking.appraisal = time.key
            _do(look, "open", {}, lambda: desk.open(look.person.id, time.period, time.first))


def _do(look: Look, name: str, typed: dict[str, str], deed: Callable[[], object]) -> None:
    w = look.tell.w
    look.looking.said(incomplete(typed, w) or carried_out(deed, w(f"appraisal.done_{name}"), look.tell))
    again()


def _called(look: Look, one: Appraisal) -> str:
    """Its month or quarter, and whether it is published."""
    state = "appraisal.short_draft" if one.published_at is None else "appraisal.short_published"
    return f"{_of_time(look, one)} · {look.tell.w(state)}"


def _of_time(look: Look, time: Span | Appraisal) -> str:
    number = time.first.month if time.period == Period.MONTH else (time.first.month + 2) // 3
    return look.tell.w(f"appraisal.of_{time.period}", year=time.first.year, number=number)


def _event(look: Look, sheet: Sheet, one: Counted) -> str:
    """An event as a choice: what it was, what it counts for and when."""
    w = look.tell.w
    counts = w("app.comma").join(w(f"oversight.count_{name}") for name in one.counts) or w("appraisal.findings")
    return f"{called(one, sheet.towns, sheet.departments, w)} · {counts} · {look.tell.at(one.at)}"


def _objected(look: Look, found: Standing, one: Objection) -> str:
    sheet = sheet_of(found, look.centre, look.tell.w)
    return f"{one.id} · {called(event_of(found, one), sheet.towns, sheet.departments, look.tell.w)}"


def _rows(rows: Sequence[Sequence[Value]]) -> list[list[str]]:
    return [[said(value) for value in row] for row in rows]
