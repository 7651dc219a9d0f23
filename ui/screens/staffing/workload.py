"""Posts by workload: what the work of a year takes in each town, and a plan that has officers there in proportion."""

from __future__ import annotations

import streamlit as st

from gis.schemas import BadInput
from simulation.apportionment import Method
from simulation.workload import Norms
from ui.panel.component import panel, render
from ui.screens.staffing.asking import lawful, titles
from ui.screens.staffing.looking import Look, again
from ui.screens.staffing.papers import papers
from ui.services.beside import Errand
from ui.services.workload import COLUMNS, Asked, Context, Reckoned, findings, reckoned, told, workloads
from ui.wording import Language, wording


def show(look: Look) -> None:
    left, right = st.columns([8, 4], gap="small")
    errand = workloads().of(look.person.id)
    with left:
        _table(look, errand)
    with right, st.container(key="staffing-side"):
        found = errand.answer if errand is not None else None
        if found is not None:
            papers(
                look, "workload", found.allocation.plan.hash[:8], lambda: findings(found, _context(look), look.tell.w)
            )
        _ask(look)


def _table(look: Look, errand: Errand[Reckoned] | None) -> None:
    w, found = look.tell.w, errand.answer if errand is not None else None
    made = found.allocation if found is not None else None
    html = render(
        "staffing/workload.html",
        w=w,
        running=errand is not None and errand.running,
        failed=errand is not None and errand.failed,
        refused=_refusal(look, errand),
        columns=COLUMNS,
        rows=[(look.town(row.town), told(row), _toward(row.after - row.before)) for row in made.rows] if made else [],
        title=w.pick(found.asked.plan.file.title_zh, found.asked.plan.file.title_en) if found else "",
        said=w("staffing.load_summed", heads=made.plan.heads, elsewhere=made.elsewhere, needed=f"{made.needed:.0f}")
        if made
        else "",
        hash=made.plan.hash if made else "",
        able=look.may_plan,
    )
    act = panel(html, key="staffing-workload", theme=look.theme)
    if act == "keep" and found is not None and look.may_plan:
        look.do("kept", lambda: _keep(look, found))


def _refusal(look: Look, errand: Errand[Reckoned] | None) -> str:
    """What was said against it: a cap that is too low, a plan that may not be played."""
    refused = errand.refused if errand is not None else None
    return look.fault(refused) if isinstance(refused, BadInput) else str(refused or "")


def _toward(change: int) -> str:
    return "more" if change > 0 else "less" if change < 0 else "alike"


def _ask(look: Look) -> None:
    w, plans = look.tell.w, lawful(look)
    if not plans:
        return
    called = titles(look, plans)
    panel(render("staffing/ask_workload.html", w=w), key="staffing-ask-workload-head", theme=look.theme)
    base = st.selectbox(
        w("staffing.load_from"), list(plans), format_func=lambda name: called[name], key="staffing-workload-plan"
    )
    with st.form(key=f"staffing-workload-{base}", border=False):
        heads = plans[base].heads
        cap = int(st.number_input(w("staffing.cap"), 1, 100_000, heads, help=w("staffing.cap_help", n=heads)))
        method = st.selectbox(
            w("staffing.load_method"), list(Method), format_func=lambda each: w(f"staffing.method_{each}")
        )
        pass_min = float(st.number_input(w("staffing.load_pass"), 0.0, 600.0, Norms().pass_min, 0.1))
        percent = float(st.number_input(w("staffing.load_utilisation"), 1.0, 100.0, 100 * Norms().utilisation, 5.0))
        inspected = st.checkbox(w("staffing.load_inspected"), value=True, help=w("staffing.load_inspected_help"))
        asked = st.form_submit_button(w("staffing.load_do"), type="primary", width="stretch")
    plan = look.staffing.verdict(plans[base]).plan
    if asked and plan is not None:
        question = Asked(plan, cap, Norms(pass_min, percent / 100), Method(method or Method.ADAMS), inspected, seed=1)
        errand = workloads().start(look.person.id, Errand(lambda: reckoned(look.centre, question)))
        errand.wait(1.0)
        again()


def _keep(look: Look, found: Reckoned) -> None:
    """The plan by workload put among the kept ones, to be edited and played as any other."""
    sheets, file = found.sheets, found.asked.plan.file
    for language, base in ((Language.ZH, file.title_zh), (Language.EN, file.title_en)):
        sheets = sheets.with_value(f"title_{language}", wording(language)("staffing.load_called", title=base))
    name = look.staffing.deeds.keep(look.person.id, f"{file.name[:48]}_by_load", sheets, "workload")
    look.looking.open(name, look.staffing.shelf.sheets(name))
    look.looking.tab = "plans"


def _context(look: Look) -> Context:
    w, scenario = look.tell.w, look.centre.scenario
    return Context(
        place=w.pick(scenario.title_zh, scenario.title_en),
        place_hash=look.experiments.place_hash,
        towns={town: look.town(town) for town in look.towns},
        made_up=w.sentences(scenario.synthetic),
        made_at=look.board.now.astimezone(look.centre.zone),
    )
