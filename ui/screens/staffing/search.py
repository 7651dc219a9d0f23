"""The best plan within a headcount cap: what is asked, the plan chosen with what is promised of it, and its price."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from scenarios.runkeeping import Run
from scenarios.searchkeeping import Answer, FoundPlan, Search
from simulation.intervals import Estimate
from simulation.search import Question
from ui.panel.component import panel, render
from ui.screens.staffing.asking import choice, demand, lawful, number, titles
from ui.screens.staffing.jobs import busy
from ui.screens.staffing.looking import Look, again
from ui.screens.staffing.papers import papers
from ui.screens.staffing.runs import run_title
from ui.services.comparing import MINUS, Unit, told
from ui.services.frontplot import HIGH, WIDE, plot
from ui.services.searchpaper import SearchReport, findings
from ui.wording import Language, wording

MOVES_SHOWN = 6


def show(look: Look) -> None:
    left, right = st.columns([8, 4], gap="small")
    searches = look.experiments.searches.searches()
    chosen = next((one for one in searches if one.id == look.looking.search), searches[0] if searches else None)
    run = look.experiments.shelf.run(chosen.run) if chosen else None
    with left:
        _searches(look, searches, chosen, run)
    with right, st.container(key="staffing-side"):
        if not busy(look):
            if chosen is not None and run is not None and chosen.answer is not None:
                papers(look, "search", chosen.id[:8], lambda: findings(_report(look, chosen, run), look.tell.w))
            if chosen is not None and run is not None and chosen.answer is None:
                _go_on(look, chosen, run)
            _ask(look)


def _searches(look: Look, searches: Sequence[Search], chosen: Search | None, run: Run | None) -> None:
    """All of them, and below what came of the one that is looked at."""
    answered = _answer(look, chosen, run, chosen.answer) if chosen and run and chosen.answer else ""
    html = render("staffing/searches.html", w=look.tell.w, rows=[_listed(look, one, chosen) for one in searches])
    act = panel(
        f'<div class="box" style="--above: 42px">{html}{answered}</div>', key="staffing-search", theme=look.theme
    )
    name, _, id = (act or "").partition(":")
    if name == "search":
        look.looking.search = id
        again()
    if name == "keep" and look.may_plan and chosen is not None and run is not None:
        look.do("kept", lambda: _keep(look, chosen, run, int(id)))


def _listed(look: Look, one: Search, chosen: Search | None) -> dict[str, object]:
    run = look.experiments.shelf.run(one.run)
    return {
        "id": one.id,
        "title": run_title(look, run) if run else one.run,
        "met": look.met(run.conditions) if run else "",
        "cap": one.question.cap,
        "seed": run.seed if run else "–",
        "at": look.tell.at(one.asked_at),
        "late": told(one.answer.chosen.late, Unit.SHARE) if one.answer else "",
        "chosen": one is chosen,
    }


def _answer(look: Look, search: Search, run: Run, answer: Answer) -> str:
    w, names = look.tell.w, _desk_names(look, run)
    return render(
        "staffing/search.html",
        w=w,
        said=promise(look, search, answer),
        chosen=_row(look, answer.chosen, names, answer.best),
        candidates=[_row(look, one, names, answer.best) for one in answer.candidates],
        front=[_row(look, one, names, answer.best) for one in answer.front],
        plot=plot(answer.front, answer.best),
        wide=WIDE,
        high=HIGH,
        worth=[(look.town(town), told(one, Unit.SHARE, signed=True), _sure(one)) for town, one in by_worth(answer)],
        able=look.may_plan,
        hash=run.plan.hash,
        place=run.place_hash,
        seed=run.seed,
        met=look.met(run.conditions),
    )


def promise(look: Look, search: Search, answer: Answer) -> str:
    """What is stated about the choice."""
    w, question = look.tell.w, search.question
    if not answer.decided:
        return w("staffing.not_decided", most=question.most)
    if len(answer.candidates) == 1:
        return w("staffing.only_one")
    return w(
        "staffing.promised",
        percent=f"{100 * question.probability:g}",
        n=len(answer.candidates),
        points=f"{100 * question.indifference:g}",
    )


def by_worth(answer: Answer) -> list[tuple[str, Estimate]]:
    """Towns by what an officer more is worth there, most first."""
    return sorted(answer.worth.items(), key=lambda item: (-item[1].mean, item[0]))


def _sure(worth: Estimate) -> str:
    return "better" if worth.mean > worth.half else "worse" if -worth.mean > worth.half else "alike"


def _row(look: Look, one: FoundPlan, names: dict[str, str], best: int) -> dict[str, object]:
    moves = sorted(one.moves, key=lambda move: -abs(move[1]))
    return {
        "number": one.number,
        "origin": look.tell.w(f"staffing.origin_{one.origin}"),
        "hash": one.hash,
        "heads": one.heads,
        "cost": f"{one.cost_a_year:,.0f}",
        "late": told(one.late, Unit.SHARE),
        "looked": one.looked,
        "best": one.number == best,
        "moves": [f"{_station(desks, names)} {by:+d}".replace("-", MINUS) for desks, by in moves[:MOVES_SHOWN]],
        "more": max(0, len(moves) - MOVES_SHOWN),
    }


def _station(desks: Sequence[str], names: dict[str, str]) -> str:
    return " ↔ ".join(names.get(desk, desk) for desk in desks)


def _desk_names(look: Look, run: Run) -> dict[str, str]:
    return {desk.id: look.desk(desk) for desk in run.plan.desks}


def _keep(look: Look, search: Search, run: Run, number: int) -> None:
    """The found plan put among the kept ones, to be edited and played as any other."""
    staffing, sheets, file = look.staffing, search.sheets(number), run.plan.file
    for language, base in ((Language.ZH, file.title_zh), (Language.EN, file.title_en)):
        called = wording(language)("staffing.found_title", title=base, heads=sheets.heads)
        sheets = sheets.with_value(f"title_{language}", called)
    name = staffing.deeds.keep(look.person.id, run.plan.file.name, sheets, search.id)
    look.looking.open(name, staffing.shelf.sheets(name))
    look.looking.tab = "plans"


def _go_on(look: Look, search: Search, run: Run) -> None:
    """A search that was stopped goes on from what was played."""
    w = look.tell.w
    panel(render("staffing/go_on.html", w=w), key="staffing-go-on", theme=look.theme)
    if st.button(w("staffing.go_on"), key="staffing-search-go-on", width="stretch"):
        _search(look, run, search.question)


def _ask(look: Look) -> None:
    w = look.tell.w
    plans = lawful(look)
    if not plans:
        return
    called = titles(look, plans)
    panel(render("staffing/ask_search.html", w=w), key="staffing-ask-search-head", theme=look.theme)
    base = look.looking.asked["search_from"] = st.selectbox(
        w("staffing.search_from"),
        list(plans),
        choice(look, "search_from", list(plans)),
        format_func=lambda name: called[name],
        key="staffing-search-plan",
    )
    with st.form(key=f"staffing-search-{base}", border=False):
        heads = plans[base].heads
        cap = int(st.number_input(w("staffing.cap"), 1, 100_000, heads, help=w("staffing.cap_help", n=heads)))
        met = demand(look, "staffing-search-demand")
        told_of = w("staffing.search_replications_help")
        replications = number(look, "search_replications", (2, 500), 20, told=told_of)
        with st.expander(w("staffing.search_more")):
            points = number(look, "indifference", (0.05, 20.0), 0.5, 0.05)
            percent = number(look, "probability", (50.0, 99.9), 95.0, 0.5)
            most = number(look, "search_most", (10, 5_000), 500, 10)
            levels = number(look, "levels", (2, 20), 5)
            seed = number(look, "seed", (0, 1_000_000), 1)
        question = Question(cap, points / 100, percent / 100, levels=levels, replications=replications, most=most)
        asked = st.form_submit_button(w("staffing.search_do"), type="primary", width="stretch")
        asked_tonight = st.form_submit_button(w("staffing.search_tonight"), width="stretch")
        if asked or asked_tonight:
            labs = look.experiments
            [run] = labs.runs_of([plans[base]], seed, [labs.open_now() if asked_tonight else met])
            _search(look, run, question)


def _search(look: Look, run: Run, question: Question) -> None:
    """Have the best plan searched, and look at the search."""
    labs = look.experiments

    def start() -> object:
        return labs.search(look.person.id, run, question)

    if look.begin("search", start, plans=[run.plan.hash], seed=run.seed, cap=question.cap):
        look.looking.search = labs.searches.searches()[0].id
    again()


def _report(look: Look, search: Search, run: Run) -> SearchReport:
    w, scenario = look.tell.w, look.centre.scenario
    assert search.answer is not None
    return SearchReport(
        search=search,
        run=run,
        answer=search.answer,
        place=w.pick(scenario.title_zh, scenario.title_en),
        met=look.met(run.conditions),
        promise=promise(look, search, search.answer),
        desks=_desk_names(look, run),
        towns={town: look.town(town) for town in search.answer.worth},
        made_up=w.sentences(scenario.synthetic),
        made_at=look.board.now.astimezone(look.centre.zone),
    )
