"""Both plans on bad days: the calm beside each stress test, and how far apart the plans are then."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from scenarios.planning import stresses
from scenarios.runkeeping import Run
from simulation.intervals import Estimate
from ui.panel.component import panel, render
from ui.screens.staffing import runs
from ui.screens.staffing.jobs import busy
from ui.screens.staffing.looking import Look, again
from ui.screens.staffing.papers import papers
from ui.services.comparing import BY_NAME, INDICATORS, Indicator, bar, told
from ui.services.stresspaper import StressReport, Tried, findings


def show(look: Look) -> None:
    left, right = st.columns([8, 4], gap="small")
    one, other = (look.experiments.shelf.run(id) for id in (look.looking.one, look.looking.other))
    if one is None:
        with left:
            panel(render("staffing/no_stress.html", w=look.tell.w), key="staffing-no-stress", theme=look.theme)
        with right, st.container(key="staffing-side"):
            busy(look)
        return
    if other is not None and replace(other, conditions=one.conditions).met != one.met:
        other = None
    tried = _tried(look, one, other)
    with left:
        _table(look, one, other, tried)
    with right, st.container(key="staffing-side"):
        if not busy(look):
            if any(each.estimates for each in tried):
                papers(
                    look, "stress", one.plan.hash[:8], lambda: findings(_report(look, one, other, tried), look.tell.w)
                )
            _ask(look, one, other)


def _tried(look: Look, one: Run, other: Run | None) -> list[Tried]:
    """What is kept of both plans in a calm time and under each stress, all else as in the runs that were chosen."""
    labs, found = look.experiments, []
    kept = {(run.plan.hash, run.seed, run.place_hash, run.conditions): run for run in labs.shelf.runs()}
    for id in ("", *stresses()):

        def of(run: Run | None, id: str = id) -> Run | None:
            if run is None:
                return None
            met = replace(one.conditions, stress=id)
            return kept.get((run.plan.hash, run.seed, run.place_hash, met))

        mine, theirs = of(one), of(other)
        estimates = labs.counted(mine).estimates if mine else {}
        apart = labs.apart(mine, theirs) if mine and theirs else {}
        n = labs.counted(mine).n if mine else 0
        found.append(Tried(id, n, estimates, labs.counted(theirs).estimates if theirs else {}, apart))
    return found


def _table(look: Look, one: Run, other: Run | None, tried: list[Tried]) -> None:
    w = look.tell.w
    with st.container(key="staffing-choose", horizontal=True):
        name = st.selectbox(
            w("staffing.indicator"),
            [each.name for each in INDICATORS],
            format_func=lambda each: w(f"staffing.kpi_{each}"),
            label_visibility="collapsed",
            key="staffing-stress-of",
        )
    indicator = BY_NAME[name or INDICATORS[0].name]
    known = stresses()
    html = render(
        "staffing/stress.html",
        w=w,
        one=runs.run_title(look, one),
        other=runs.run_title(look, other) if other else "",
        unit=w(f"staffing.unit_{indicator.unit}"),
        met=look.met(replace(one.conditions, stress="")),
        rows=[
            {
                "name": look.stress(each.stress),
                "basis": _basis(look, known[each.stress].basis) if each.stress else "",
                "n": each.n,
                **_figures(indicator, each),
            }
            for each in tried
        ],
    )
    panel(html, key="staffing-stress", theme=look.theme)


def _figures(indicator: Indicator, each: Tried) -> dict[str, object]:
    apart: Estimate | None = each.apart.get(indicator.name)
    return {
        "one": told(each.estimates.get(indicator.name), indicator.unit),
        "other": told(each.others.get(indicator.name), indicator.unit),
        "apart": told(apart, indicator.unit, signed=True),
        "bar": bar(apart),
        "verdict": indicator.verdict(apart).value,
    }


def _basis(look: Look, basis: str) -> str:
    """The figures of a stress in the reader's language; the table holds both, Chinese first."""
    zh, _, en = basis.partition(" / ")
    return look.tell.w.pick(zh, en or zh)


def _ask(look: Look, one: Run, other: Run | None) -> None:
    """All five under the conditions of the runs that were chosen; what is kept is not played again."""
    w, labs = look.tell.w, look.experiments
    panel(render("staffing/ask_stress.html", w=w), key="staffing-ask-stress-head", theme=look.theme)
    with st.form(key="staffing-stress-ask", border=False):
        usual = max(2, labs.counted(one).n or 20)
        replications = int(st.number_input(w("staffing.replications"), 2, runs.MOST, min(usual, runs.MOST)))
        if st.form_submit_button(w("staffing.play_stresses"), type="primary", width="stretch"):
            both = [run for run in (one, other) if run is not None]
            played = [
                labs.shelf.begin(labs.shelf.sheets(run), run.place_hash, run.seed, replace(one.conditions, stress=id))
                for id in ("", *stresses())
                for run in both
            ]
            hashes = [run.plan.hash for run in both]
            look.begin("play", lambda: labs.play(look.person.id, played, replications), plans=hashes, seed=one.seed)
            again()


def _report(look: Look, one: Run, other: Run | None, tried: list[Tried]) -> StressReport:
    w, scenario = look.tell.w, look.centre.scenario
    return StressReport(
        plans=(one.plan, other.plan if other else None),
        tried=tried,
        names={each.stress: look.stress(each.stress) for each in tried},
        met=look.met(replace(one.conditions, stress="")),
        assumed=[f"{look.stress(id)}: {_basis(look, stress.basis)}" for id, stress in stresses().items()],
        seed=one.seed,
        place=w.pick(scenario.title_zh, scenario.title_en),
        place_hash=one.place_hash,
        made_up=w.sentences(scenario.synthetic),
        made_at=look.board.now.astimezone(look.centre.zone),
    )
