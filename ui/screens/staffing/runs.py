"""What is played: plans chosen on the right, how far it is, and on the left what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from scenarios.conditions import Conditions
from scenarios.planning import stresses
from scenarios.runkeeping import Run
from simulation.experiments import Precision
from simulation.sheets import Sheets
from ui.panel.component import panel, render
from ui.screens.staffing.asking import choice, demand, lawful, number, titles
from ui.screens.staffing.jobs import busy
from ui.screens.staffing.looking import Look, again
from ui.services.comparing import BY_NAME, told
from ui.services.experimenting import Wanted

MOST = 1000
UNTIL = ("number", "width")
SHOWN = ("on_time_share", "closure_h_p90", "backlog_end")


def show(look: Look) -> None:
    left, right = st.columns([8, 4], gap="small")
    with left:
        _kept(look)
    with right, st.container(key="staffing-side"):
        if not busy(look):
            _ask(look)


def run_title(look: Look, run: Run) -> str:
    return look.tell.w.pick(run.plan.file.title_zh, run.plan.file.title_en)


def _kept(look: Look) -> None:
    w, view = look.tell.w, look.looking
    labs, chosen = look.experiments, (view.one, view.other)
    # A search begins with a run that nobody has asked to play.
    runs = {run.id: run for run in labs.shelf.runs() if run.id in chosen or labs.counted(run).n}
    both = view.one in runs and view.other in runs
    html = render(
        "staffing/runs.html",
        w=w,
        rows=[_row(look, run) for run in runs.values()],
        names=[(w(f"staffing.kpi_{name}"), w(f"staffing.unit_{BY_NAME[name].unit}")) for name in SHOWN],
        both=both,
        pair=both and labs.comparable(runs[view.one], runs[view.other]),
    )
    act = panel(html, key="staffing-runs", theme=look.theme) or ""
    name, _, run = act.partition(":")
    if name in ("one", "other") and run in runs:
        setattr(view, name, run if getattr(view, name) != run else "")
        again()
    if name == "compare":
        view.tab = "compare"
        again()


def _row(look: Look, run: Run) -> dict[str, object]:
    view, found = look.looking, look.experiments.counted(run)
    return {
        "id": run.id,
        "title": run_title(look, run),
        "hash": run.plan.hash,
        "place": run.place_hash[:8],
        "other_place": run.place_hash != look.experiments.place_hash,
        "met": look.met(run.conditions),
        "seed": run.seed,
        "n": found.n,
        "heads": run.plan.heads,
        "values": [told(found.estimates.get(name), BY_NAME[name].unit) for name in SHOWN],
        "one": run.id == view.one,
        "other": run.id == view.other,
    }


def _ask(look: Look) -> None:
    w = look.tell.w
    plans = lawful(look)
    if not plans:
        return
    called, names, asked = titles(look, plans), list(plans), look.looking.asked
    stressed = ["", *stresses()]
    panel(render("staffing/ask.html", w=w), key="staffing-ask-head", theme=look.theme)
    how = asked["until"] = st.radio(
        w("staffing.until"),
        UNTIL,
        choice(look, "until", UNTIL),
        horizontal=True,
        format_func=lambda each: w(f"staffing.until_{each}"),
        key="staffing-until",
    )
    with st.form(key="staffing-ask", border=False):
        one = asked["plan_a"] = st.selectbox(
            w("staffing.plan_a"), names, choice(look, "plan_a", names), format_func=lambda name: called[name]
        )
        other = asked["plan_b"] = st.selectbox(
            w("staffing.plan_b"),
            ["", *names],
            choice(look, "plan_b", ["", *names], min(2, len(names)) if len(names) > 1 else 0),
            format_func=lambda name: called[name] if name else w("staffing.only_a"),
        )
        met = demand(look, "staffing-ask-demand")
        stress = asked["stress"] = st.selectbox(
            w("staffing.stress"),
            stressed,
            choice(look, "stress", stressed),
            format_func=lambda id: look.stress(id),
            help=w("staffing.stress_help"),
            key="staffing-ask-stress",
        )
        if how == "width":
            percent = number(look, "width", (0.1, 50.0), 2.0, 0.5)
            most = number(look, "most", (2, MOST), 100)
            wanted: Wanted = Precision(percent / 100, least=min(10, most), most=most)
        else:
            wanted = number(look, "replications", (2, MOST), 30)
        seed = number(look, "seed", (0, 1_000_000), 1)
        chosen = [plans[name] for name in dict.fromkeys([one, other]) if name]
        if st.form_submit_button(w("staffing.play"), type="primary", width="stretch"):
            _play(look, chosen, [replace(met, stress=stress or "")], seed, wanted, "runs")
        # What a button does stands below it: a text that opens over it would cover the button above.
        if st.form_submit_button(w("staffing.play_stresses"), width="stretch"):
            _play(look, chosen, [replace(met, stress=id) for id in stressed], seed, wanted, "stress")
        st.caption(w("staffing.play_stresses_told"))
        if st.form_submit_button(w("staffing.play_tonight"), width="stretch"):
            _play(look, chosen, [look.experiments.open_now()], seed, wanted, "runs")
        st.caption(w("staffing.play_tonight_told"))


def _play(
    look: Look, plans: Sequence[Sheets], conditions: Sequence[Conditions], seed: int, wanted: Wanted, tab: str
) -> None:
    """Have the plans played, and look at the first pair where its results will stand."""
    view, labs = look.looking, look.experiments
    runs = labs.runs_of(plans, seed, conditions)
    hashes = list(dict.fromkeys(run.plan.hash for run in runs))
    if look.begin("play", lambda: labs.play(look.person.id, runs, wanted), plans=hashes, seed=seed):
        view.one, view.other = runs[0].id, runs[1].id if len(plans) > 1 else ""
        view.tab = tab
    again()
