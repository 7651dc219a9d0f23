"""A town's patrol plan and its proof; a new one, and what lies where, for who may."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path

import streamlit as st

from dispatch.desk.patrols import Trial
from dispatch.inspections.patrol_plan import Audit, Terms
from dispatch.records.patrol import PatrolPlan
from dispatch.records.person import Job
from gis.crs import Datum
from gis.schemas import BadInput
from ui.panel.component import panel, render
from ui.said import Said, attempt
from ui.screens.inspections.looking import Look, again, span
from ui.screens.inspections.patrolview import Viewing, do, period
from ui.services import patrolling
from ui.services.beside import Errand, Errands
from ui.services.patrolling import PatrolView, cell_called


@cache
def drawer() -> Errands[Errand[PatrolPlan | Trial]]:
    """Patrols being drawn or tried, in this process."""
    return Errands()


def plan(look: Look, mine: Viewing, view: PatrolView | None) -> None:
    """The plan and its proof; a new one, and what lies where, for who may."""
    if view is not None:
        _told(look, mine, view)
    if _may_plan(look, mine.town):
        drawing = drawer().of(look.person.id)
        if drawing is None:
            _new(look, mine)
        elif drawing.running:
            _drawing(look, drawing)
        _objects(look, mine)


def _drawing(look: Look, drawing: Errand[PatrolPlan | Trial]) -> None:
    """That rounds are being drawn, and the button that ends it."""
    w = look.tell.w
    town, share = look.town(drawing.about), round(100 * drawing.behind)
    html = render("inspections/patrol_drawing.html", w=w, town=town, share=share, stopping=drawing.stopping)
    if panel(html, key="patrol-drawing", theme=look.theme) == "stop":
        drawing.stop()
        again()


def _told(look: Look, mine: Viewing, view: PatrolView) -> None:
    w, plan = look.tell.w, view.plan
    answer = mine.audits.get(plan.id)
    why = Counter(left.reason for left in view.left_out)
    html = render(
        "inspections/patrol_plan.html",
        w=w,
        period=period(look, plan),
        made=w("patrols.made_is", at=look.tell.at(plan.made_at), who=look.who(plan.by)),
        beats=len(plan.travel),
        rounds_a_day=plan.rounds_a_day,
        longest=plan.longest,
        planned=sum(len(stops) for stops in view.stops.values()),
        left=len(view.left_out),
        items=len(plan.items),
        reasons=[f"{w(f'patrols.why_{reason}')} ×{count}" for reason, count in sorted(why.items())],
        seed=look.centre.patrols.seed(look.person.id, plan.id),
        over=look.day_name(plan.days[-1]),
        commitment=plan.commitment,
        algorithm=plan.algorithm,
        lots=plan.lots,
        answer=_audited(look, answer) if answer else "",
        fits=answer.fits if answer else False,
    )
    panel(html, key="patrol-plan", theme=look.theme)
    if look.person.has(Job.PLANNER, Job.INSPECTOR, Job.REVIEWER, Job.SUPERVISOR) and st.button(
        w("patrols.check"), key="patrols-check", width="stretch"
    ):
        found: list[Audit] = []
        look.looking.said(attempt(lambda: _checked(look, plan.id, found), look.tell))
        if found:
            mine.audits[plan.id] = found[-1]
        again()


def _checked(look: Look, plan: str, found: list[Audit]) -> str:
    found.append(look.centre.patrols.check(look.person.id, plan))
    return look.tell.w("patrols.checked")


def _audited(look: Look, answer: Audit) -> str:
    """The answer of a check, in one sentence each."""
    w = look.tell.w
    if answer.fits:
        fits = w("patrols.fits" if answer.same_rounds else "patrols.fits_draw")
        return f"{fits} {w('patrols.from_before')}" if answer.same_terms is None else fits
    told: list[str] = []
    if answer.same_terms is False:
        told.append(w("patrols.not_terms"))
    if not answer.committed:
        told.append(w("patrols.not_committed"))
    if not answer.same_lots:
        told.append(w("patrols.other_lots"))
    if answer.differing:
        names = w("app.comma").join(cell_called(look.centre, cell) for cell in answer.differing[:5])
        told.append(w("patrols.differing", n=len(answer.differing), cells=names))
    if answer.same_rounds is False and not answer.differing:
        told.append(w("patrols.other_rounds"))
    return " ".join(told)


def _new(look: Look, mine: Viewing) -> None:
    """A new plan from the first working day without one."""
    w, centre = look.tell.w, look.centre
    taken = {day for plan in patrolling.plans(centre, mine.town) for day in plan.days}
    after = max([look.today, *taken]) + timedelta(days=1)
    teams = sum(line.town == mine.town for line in centre.scenario.roster)
    town, key = mine.town, f"patrols-new-{mine.town}"

    def pressed(now: Look, *, tried: bool) -> None:
        asked = (st.session_state[f"{key}-{name}"] for name in ("first", "days", "rounds", "longest", "beats"))
        _start(now, town, *asked, tried=tried)

    with st.expander(w("patrols.new"), expanded=not taken), st.form(key=key, border=False):
        st.date_input(w("patrols.from_day"), after, min_value=look.today, format="YYYY-MM-DD", key=f"{key}-first")
        st.number_input(w("patrols.days"), 1, 60, 20, key=f"{key}-days")
        st.number_input(w("patrols.rounds_a_day"), 1, 4, 2, key=f"{key}-rounds")
        st.number_input(w("patrols.longest"), 30, 480, 240, 10, key=f"{key}-longest")
        st.number_input(w("patrols.beats"), 1, 200, max(1, teams // 2), key=f"{key}-beats")
        go = look.when_pressed(partial(pressed, tried=True))
        st.form_submit_button(w("patrols.try_do"), width="stretch", help=w("patrols.try_hint"), on_click=go)
        go = look.when_pressed(partial(pressed, tried=False))
        st.form_submit_button(w("patrols.new_do"), type="primary", width="stretch", on_click=go)


def _start(
    look: Look, town: str, first: object, days: int, rounds: int, longest: int, beats: int, *, tried: bool
) -> None:
    """Begin to draw or to try, unless this person's last drawing, asked for in another tab, still runs: then say so."""
    centre, person, last = look.centre, look.person.id, drawer().of(look.person.id)
    if last is not None and last.running:
        look.looking.said(Said(look.tell.w("patrols.drawing_already", town=look.town(last.about)), False))
        again()
    start = first if isinstance(first, date) else look.today
    terms = Terms(centre.working_days(start, days), rounds, longest, beats)

    def work() -> PatrolPlan | Trial:
        if tried:
            return centre.patrols.trial(town, terms, going=errand.going, told=errand.tell)
        return centre.patrols.plan(person, town, terms, going=errand.going, told=errand.tell)

    errand: Errand[PatrolPlan | Trial] = Errand(work, town)
    drawer().start(person, errand)
    look.looking.note = None
    again()


def notice(look: Look) -> None:
    """Say that rounds were drawn, or why not, on whatever tab somebody is meanwhile; forms keep what was typed."""
    drawing = drawer().of(look.person.id)
    if drawing is None or drawing.running:
        return
    drawer().drop(look.person.id)
    said = drawn(look, drawing)
    look.looking.note = said.note
    mine: Viewing | None = st.session_state.get("patrols")
    if isinstance(drawing.answer, PatrolPlan) and mine is not None and follow(mine, drawing.answer):
        st.session_state.pop(f"patrols-plan-{mine.town}", None)


def drawn(look: Look, drawing: Errand[PatrolPlan | Trial]) -> Said:
    """What came of a draw or a trial, with its town."""
    town = look.town(drawing.about)
    if drawing.failed:
        return Said(look.tell.w("patrols.draw_failed", town=town), False)
    if drawing.stopping and drawing.answer is None:
        return Said(look.tell.w("patrols.draw_stopped", town=town), True)

    def ready() -> str:
        made = drawing.taken()
        if isinstance(made, Trial):
            return _tried(look, town, made)
        return look.tell.w("patrols.drawn", town=town, period=span(made.days[0], made.days[-1]))

    try:
        return attempt(ready, look.tell)
    except BadInput as bad:
        return Said(str(bad), False)


def _tried(look: Look, town: str, made: Trial) -> str:
    w, out = look.tell.w, sum(made.left_out.values())
    if not out:
        return w("patrols.tried_all", town=town, n=made.passes)
    why = w("app.comma").join(f"{w(f'patrols.why_{reason}')} ×{n}" for reason, n in sorted(made.left_out.items()))
    return w("patrols.tried", town=town, n=made.passes, listed=made.passes - out, out=out, why=why)


def follow(mine: Viewing, made: PatrolPlan) -> bool:
    """Look at the new plan, provided its town is still the one that is looked at; nobody is led away from another."""
    if mine.town != made.town:
        return False
    mine.plan, mine.cell, mine.round = made.id, "", ""
    return True


def _objects(look: Look, mine: Viewing) -> None:
    """The town's list of what lies where, as a table."""
    w, desk = look.tell.w, look.centre.patrols
    with st.expander(w("patrols.objects")), st.form(key=f"patrols-objects-{look.looking.round}", border=False):
        file = st.file_uploader(w("patrols.objects_file"), type=["csv"])
        datum = st.selectbox(w("inspections.datum"), list(Datum), format_func=lambda each: each.value)
        if st.form_submit_button(w("inspections.take_in_do"), width="stretch") and file is not None:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / Path(file.name).name
                path.write_bytes(file.getvalue())
                try:
                    given = desk.read(path, datum or Datum.WGS84)
                except BadInput as bad:
                    look.looking.said(Said(str(bad), False))
                    again()
            do(look, "taken_in", lambda: desk.take_in(look.person.id, mine.town, given))


def _may_plan(look: Look, town: str) -> bool:
    return any(town.startswith(area) for area in look.person.areas(Job.PLANNER, Job.INSPECTOR))
