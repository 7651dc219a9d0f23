"""What is played: plans chosen on the right, how far it is, and on the left what is kept."""

from __future__ import annotations

import math
from datetime import timedelta

import streamlit as st

from gis.schemas import BadInput
from scenarios.runkeeping import Run
from simulation.experiments import Precision
from ui.panel.component import panel, render
from ui.screens.staffing.looking import Look, again
from ui.screens.staffing.plans import title
from ui.services.comparing import BY_NAME, told
from ui.services.playing import Play, player

MOST = 1000
SHOWN = ("on_time_share", "closure_h_p90", "backlog_end")


def show(look: Look) -> None:
    left, right = st.columns([8, 4], gap="small")
    job = player().of(look.person.id)
    with left:
        _kept(look)
    with right, st.container(key="staffing-side"):
        if job is not None and job.running:
            progress(look, job)
        else:
            if job is not None:
                ended(look, job)
            _ask(look)


def run_title(look: Look, run: Run) -> str:
    return look.tell.w.pick(run.plan.file.title_zh, run.plan.file.title_en)


def _kept(look: Look) -> None:
    w, view = look.tell.w, look.looking
    runs = {run.id: run for run in look.experiments.shelf.runs()}
    html = render(
        "staffing/runs.html",
        w=w,
        rows=[_row(look, run) for run in runs.values()],
        names=[w(f"staffing.kpi_{name}") for name in SHOWN],
        both=view.one in runs and view.other in runs,
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
        "seed": run.seed,
        "n": found.n,
        "heads": run.plan.heads,
        "values": [told(found.estimates.get(name), BY_NAME[name].unit) for name in SHOWN],
        "one": run.id == view.one,
        "other": run.id == view.other,
    }


def progress(look: Look, job: Play) -> None:
    w = look.tell.w
    html = render(
        "staffing/progress.html",
        w=w,
        share=round(100 * job.share),
        name=job.about,
        said=_said(look, job),
        left="" if math.isnan(job.left_s) else look.tell.span(timedelta(seconds=max(job.left_s, 60.0))),
        stopping=job.stopping,
    )
    if panel(html, key="staffing-progress", theme=look.theme) == "stop":
        job.stop()
        again()


def _said(look: Look, job: Play) -> str:
    """What is being done: which replication, or which assumption with how much of it."""
    name, _, factor = job.said.partition(" ")
    return f"{look.tell.w(f'staffing.assume_{name}')} ×{factor}" if factor else job.said


def ended(look: Look, job: Play) -> None:
    """What came of the last job, until it has been read."""
    w = look.tell.w
    bad = look.fault(job.refused) if isinstance(job.refused, BadInput) else ""
    html = render("staffing/ended.html", w=w, failed=bool(job.failed or bad), bad=bad, stopped=job.stopping)
    if panel(html, key="staffing-ended", theme=look.theme) == "heard":
        player().drop(look.person.id)
        again()


def _ask(look: Look) -> None:
    w, view = look.tell.w, look.looking
    kept = {name: look.sheets(name) for name in look.staffing.shelf.names()}
    legal = {name: sheets for name, sheets in kept.items() if sheets and look.staffing.verdict(sheets).plan}
    if not legal:
        panel(render("staffing/no_legal.html", w=w), key="staffing-no-legal", theme=look.theme)
        return
    names = list(legal)
    panel(render("staffing/ask.html", w=w), key="staffing-ask-head", theme=look.theme)
    how = st.radio(
        w("staffing.until"),
        ("number", "width"),
        horizontal=True,
        format_func=lambda each: w(f"staffing.until_{each}"),
        key="staffing-until",
    )
    with st.form(key="staffing-ask", border=False):
        one = st.selectbox(w("staffing.plan_a"), names, 0, format_func=lambda name: title(look, legal[name]))
        other = st.selectbox(
            w("staffing.plan_b"),
            ["", *names],
            min(2, len(names)) if len(names) > 1 else 0,
            format_func=lambda name: title(look, legal[name]) if name else w("staffing.only_a"),
        )
        if how == "width":
            percent = st.number_input(w("staffing.width"), 0.1, 50.0, 2.0, 0.5)
            most = st.number_input(w("staffing.most"), 2, MOST, 100)
            wanted: Precision | int = Precision(float(percent) / 100, least=min(10, int(most)), most=int(most))
        else:
            wanted = int(st.number_input(w("staffing.replications"), 2, MOST, 30))
        seed = int(st.number_input(w("staffing.seed"), 0, 1_000_000, 1))
        if st.form_submit_button(w("staffing.play"), type="primary", width="stretch") and one:
            plans = [legal[name] for name in dict.fromkeys([one, other]) if name]
            labs = look.experiments
            player().start(look.person.id, Play("play", lambda job: labs.play(plans, wanted, seed, job)))
            ids = [labs.shelf.begin(sheets, labs.place_hash, seed).id for sheets in plans]
            view.one, view.other, view.note = ids[0], ids[-1] if len(ids) > 1 else "", None
            again()
