"""Two plans side by side: a verdict in words, each indicator with its interval, and what would turn it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from dispatch.records.reason import Reason
from scenarios.runkeeping import Run
from simulation.experiments import Experiment
from simulation.intervals import Estimate
from simulation.whatif import turns_at
from ui.panel.component import panel, render
from ui.screens.staffing import runs
from ui.screens.staffing.jobs import busy
from ui.screens.staffing.looking import Look, again
from ui.services.comparing import BY_NAME, INDICATORS, PASSED_ON, Indicator, Unit, Verdict, bar, number, sides, told
from ui.services.experimenting import Assumption, Pair
from ui.services.staffingpaper import Report, document, workbook

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REPLICATIONS = 5
MOST_WARNED = 4


def show(look: Look) -> None:
    left, right = st.columns([8, 4], gap="small")
    chosen = pair(look)
    with left:
        if chosen is None:
            panel(render("staffing/no_pair.html", w=look.tell.w), key="staffing-no-pair", theme=look.theme)
        else:
            _table(look, *chosen)
    with right, st.container(key="staffing-side"):
        if chosen is not None:
            _papers(look, *chosen)
            _assumptions(look, *chosen[:2])


def pair(look: Look) -> tuple[Run, Run, Pair] | None:
    """The two runs that were chosen, if they can be compared."""
    view, labs = look.looking, look.experiments
    there = {run.id: run for run in labs.shelf.runs()}
    if view.one not in there or view.other not in there:
        return None
    one, other = there[view.one], there[view.other]
    found = labs.pair(one, other)
    return (one, other, found) if found is not None else None


def verdict_words(look: Look, verdicts: Sequence[tuple[Indicator, Verdict]]) -> list[tuple[str, str]]:
    """Who is better in what, as tone and sentence; first of all who does less of the work."""
    w, found = look.tell.w, sides(verdicts)
    more = {side: PASSED_ON in found[verdict] for side, verdict in (("B", Verdict.MORE), ("A", Verdict.LESS))}
    passing = [("bad", "passes_on", side) for side, passes in more.items() if passes]

    def named(*which: Verdict) -> str:
        return w("app.comma").join(w(f"staffing.kpi_{name}") for each in which for name in found[each])

    lines = [
        *passing,
        ("good", "better", named(Verdict.BETTER)),
        ("bad", "worse", named(Verdict.WORSE)),
        ("soft", "more", named(Verdict.MORE)),
        ("soft", "less", named(Verdict.LESS)),
        ("soft", "alike", named(Verdict.ALIKE)),
        ("soft", "unknown", named(Verdict.UNKNOWN)),
    ]
    return [(tone, w(f"staffing.said_{key}", what=what)) for tone, key, what in lines if what]


def warned(look: Look, one: Experiment) -> list[str]:
    """What to know before the means of a plan are read."""
    names = {desk.id: look.desk(desk) for desk in one.setup.plan.desks}

    def said(reason: Reason) -> str:
        desk = reason.values.get("desk")
        named = {"desk": names[str(desk)]} if desk is not None else {}
        return look.tell.reason(replace(reason, values={**reason.values, **named}))

    return [said(reason) for reason in one.warnings]


def _table(look: Look, one: Run, other: Run, both: Pair) -> None:
    w = look.tell.w
    first, second, apart = both.one.estimates[""], both.other.estimates[""], both.apart[""]
    verdicts = [(each, each.verdict(apart.get(each.name))) for each in INDICATORS]
    warnings = {side: warned(look, experiment) for side, experiment in (("A", both.one), ("B", both.other))}
    html = render(
        "staffing/compare.html",
        w=w,
        one=runs.run_title(look, one),
        other=runs.run_title(look, other),
        heads=(one.plan.heads, other.plan.heads),
        hashes=(one.plan.hash, other.plan.hash),
        met=look.met(one.conditions),
        seed=one.seed,
        place=one.place_hash,
        n=min(len(both.one.outcomes), len(both.other.outcomes)),
        said=verdict_words(look, verdicts),
        warnings=[(side, words) for side, each in warnings.items() for words in each[:MOST_WARNED]],
        more=sum(max(0, len(each) - MOST_WARNED) for each in warnings.values()),
        rows=[
            {
                "name": w(f"staffing.kpi_{each.name}"),
                "unit": w(f"staffing.unit_{each.unit}"),
                "one": told(first.get(each.name), each.unit),
                "other": told(second.get(each.name), each.unit),
                "apart": told(apart.get(each.name), each.unit, signed=True),
                "bar": bar(apart.get(each.name)),
                "verdict": verdict.value,
            }
            for each, verdict in verdicts
        ],
    )
    if panel(html, key="staffing-compare", theme=look.theme) == "swap":
        look.looking.one, look.looking.other = other.id, one.id
        again()


def _papers(look: Look, one: Run, other: Run, both: Pair) -> None:
    """The report, made when it is asked for."""
    w = look.tell.w
    panel(render("staffing/papers.html", w=w), key="staffing-papers", theme=look.theme)
    for kind, make, mime in (("docx", document, DOCX), ("xlsx", workbook, XLSX)):
        st.download_button(
            w(f"staffing.report_{kind}"),
            data=lambda make=make: make(_report(look, one, other, both), w),  # type: ignore[misc]
            file_name=f"staffing-{one.plan.hash[:8]}-{other.plan.hash[:8]}-{one.seed}.{kind}",
            mime=mime,
            width="stretch",
            on_click="ignore",
            key=f"staffing-{kind}",
        )


def _report(look: Look, one: Run, other: Run, both: Pair) -> Report:
    w, scenario = look.tell.w, look.centre.scenario
    verdicts = [(each, each.verdict(both.apart[""].get(each.name))) for each in INDICATORS]
    return Report(
        pair=both,
        plans=(one.plan, other.plan),
        met=look.met(one.conditions),
        place=w.pick(scenario.title_zh, scenario.title_en),
        place_hash=one.place_hash,
        said=[words for _, words in verdict_words(look, verdicts)],
        warnings=[
            f"{side}: {words}"
            for side, experiment in (("A", both.one), ("B", both.other))
            for words in warned(look, experiment)
        ],
        assumptions=look.experiments.assumptions(one, other),
        towns={town: look.town(town) for town in both.apart if town},
        made_up=w.sentences(scenario.synthetic),
        made_at=look.board.now.astimezone(look.centre.zone),
    )


def _assumptions(look: Look, one: Run, other: Run) -> None:
    """What must be true for B to beat A."""
    w, labs = look.tell.w, look.experiments
    judged = [each for each in INDICATORS if each.good]
    panel(render("staffing/assume.html", w=w), key="staffing-assume-head", theme=look.theme)
    name = st.selectbox(
        w("staffing.indicator"),
        [each.name for each in judged],
        format_func=lambda each: w(f"staffing.kpi_{each}"),
        key="staffing-assume-of",
    )
    found = labs.assumptions(one, other)
    if busy(look):
        return
    if found and name:
        panel(_turns(look, BY_NAME[name], found), key="staffing-turns", theme=look.theme)
    with st.form(key="staffing-assume", border=False):
        replications = int(st.number_input(w("staffing.replications"), 2, 100, REPLICATIONS))
        if st.form_submit_button(w("staffing.assume_do"), width="stretch"):
            hashes = [one.plan.hash, other.plan.hash]
            start = partial(labs.assume, look.person.id, one, other, replications)
            look.begin("assume", start, plans=hashes, seed=one.seed)
            again()


def _turns(look: Look, indicator: Indicator, found: Sequence[Assumption]) -> str:
    w = look.tell.w
    tables = []
    for each in found:
        points = [(factor, apart[indicator.name]) for factor, apart in each.points]
        turn = turns_at(points)
        tables.append(
            {
                "name": w(f"staffing.assume_{each.name}"),
                "turn": _turn_words(look, indicator, points, turn),
                "points": [_point(indicator, factor, apart) for factor, apart in points],
            }
        )
    return render("staffing/turns.html", w=w, unit=w(f"staffing.unit_{indicator.unit}"), tables=tables)


def _point(indicator: Indicator, factor: float, apart: Estimate) -> Mapping[str, str]:
    return {
        "factor": f"{number(factor - 1, Unit.SHARE, decimals=0, signed=True)} %" if factor != 1 else "±0",
        "apart": told(apart, indicator.unit, signed=True),
        "verdict": indicator.verdict(apart).value,
    }


def _turn_words(look: Look, indicator: Indicator, points: Sequence[tuple[float, Estimate]], turn: float | None) -> str:
    w = look.tell.w
    if turn is not None:
        return w("staffing.turns", percent=number(turn - 1, Unit.SHARE, signed=True))
    verdicts = {indicator.verdict(apart) for _, apart in points}
    if verdicts <= {Verdict.ALIKE, Verdict.UNKNOWN}:
        return w("staffing.never_apart")
    if verdicts == {Verdict.BETTER}:
        return w("staffing.always_better")
    return w("staffing.always_worse" if verdicts == {Verdict.WORSE} else "staffing.never_turns")
