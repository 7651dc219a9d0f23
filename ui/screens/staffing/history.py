"""Tickets as demand: a history is taken in, its last weeks are held out, a verdict says whether to forecast by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dispatch.records.reason import Reason
from gis.crs import Datum
from gis.schemas import BadInput
from scenarios.conditions import replayable
from scenarios.historykeeping import KeptHistory, KeptVerdict
from simulation.history import CannotFit, History
from ui.panel.component import panel, render
from ui.said import Said, attempt
from ui.screens.staffing.jobs import busy
from ui.screens.staffing.looking import Look, again
from ui.screens.staffing.papers import papers
from ui.services.findings import Findings
from ui.services.histories import (
    EXAMPLE_NAME,
    NEEDED,
    OPTIONAL,
    ReadFile,
    columns_of,
    example,
    guessed,
    history_of_book,
    read_history,
)
from ui.services.historypaper import HistoryReport, findings
from ui.services.tablefaults import sentence

ROUND = "staffing-history-round"
KINDS = ["csv", "xlsx", "geojson", "gz"]


def show(look: Look) -> None:
    left, right = st.columns([8, 4], gap="small")
    kept = look.experiments.conditions.histories.histories()
    chosen = next((one for one in kept if one.id == look.looking.history), kept[0] if kept else None)
    with left:
        _list(look, kept, chosen)
    with right, st.container(key="staffing-side"):
        if not busy(look):
            if chosen is not None:
                _deeds(look, chosen)
            _take_in(look)


def _list(look: Look, kept: list[KeptHistory], chosen: KeptHistory | None) -> None:
    w = look.tell.w
    rows = [
        {
            "id": one.id,
            "source": one.source,
            "tickets": f"{one.tickets:,}",
            "first": _day(look, one.first),
            "until": _day(look, one.until),
            "by": one.taken_by,
            "verdict": _word(one.verdict),
            "chosen": one is chosen,
        }
        for one in kept
    ]
    verdict = chosen.verdict if chosen else None
    html = render(
        "staffing/history.html",
        w=w,
        rows=rows,
        notes=[look.tell.reason(reason) for reason in chosen.notes] if chosen else [],
        verdict=standing(look, chosen) if chosen else "",
        reasons=[(_tone(reason), look.tell.reason(reason)) for reason in verdict.reasons] if verdict else [],
        weeks=_weeks(verdict) if verdict else [],
        source=chosen.source if chosen else "",
    )
    act = panel(html, key="staffing-history", theme=look.theme) or ""
    name, _, id = act.partition(":")
    if name == "history":
        look.looking.history = id
        again()


def _word(verdict: KeptVerdict | None) -> str:
    return "unjudged" if verdict is None else "may" if verdict.may_forecast else "may_not"


def standing(look: Look, kept: KeptHistory) -> str:
    """What may be done by it now, by the word of its sentence."""
    word, job = _word(kept.verdict), look.experiments.player.of(look.person.id)
    if word == "unjudged":
        return "judging" if job is not None and job.running and job.name == "judge" else word
    return word if word == "may" or replayable(kept, look.centre.zone) else "too_short"


def _tone(reason: Reason) -> str:
    return "soft" if reason.good is None else "good" if reason.good else "bad"


def _weeks(verdict: KeptVerdict) -> list[dict[str, object]]:
    """Each week held out on one common scale, which begins a little below the least."""
    bottom = 0.9 * min((min(seen, low) for _, seen, low, _, _ in verdict.weeks), default=0.0)
    wide = max((max(seen, high) for _, seen, _, _, high in verdict.weeks), default=0.0) - bottom or 1.0
    return [
        {
            "monday": monday.isoformat(),
            "seen": f"{seen:,.0f}",
            "expected": f"{expected:,.0f}",
            "band": f"{low:,.0f}–{high:,.0f}",
            "low": round(100 * (low - bottom) / wide, 1),
            "wide": round(100 * (high - low) / wide, 1),
            "at": round(100 * (seen - bottom) / wide, 1),
            "inside": low <= seen <= high,
        }
        for monday, seen, low, expected, high in verdict.weeks
    ]


def _day(look: Look, moment: datetime) -> str:
    """The place's own day."""
    return moment.astimezone(look.centre.zone).date().isoformat()


def _deeds(look: Look, chosen: KeptHistory) -> None:
    """The verdict asked for, or taken away as a paper."""
    w = look.tell.w
    if chosen.verdict is not None:
        papers(look, "history", chosen.id[:8], lambda: _findings(look, chosen))
    elif st.button(w("staffing.judge"), key="staffing-judge", type="primary", width="stretch"):
        look.begin("judge", lambda: look.experiments.judge(look.person.id, chosen.id), history=chosen.id)
        again()
    if look.may_plan:
        with st.popover(w("staffing.history_remove"), width="stretch"):
            st.caption(w("staffing.history_remove_told"))
            if st.button(w("staffing.history_remove_do"), key="staffing-history-remove", width="stretch"):
                labs = look.experiments
                put_away = look.staffing.deeds.put_away
                look.do(
                    "history_remove",
                    lambda: put_away(look.person.id, labs.conditions.histories, chosen.id, labs.shelf.runs()),
                )


def _findings(look: Look, chosen: KeptHistory) -> Findings:
    w, scenario = look.tell.w, look.centre.scenario
    assert chosen.verdict is not None
    report = HistoryReport(
        kept=chosen,
        verdict=chosen.verdict,
        said=[look.tell.reason(reason) for reason in (*chosen.verdict.reasons, *chosen.notes)],
        first=_day(look, chosen.first),
        until=_day(look, chosen.until),
        place=w.pick(scenario.title_zh, scenario.title_en),
        place_hash=look.experiments.place_hash,
        made_up=w.sentences(scenario.synthetic),
        made_at=look.board.now.astimezone(look.centre.zone),
    )
    return findings(report, w)


def _take_in(look: Look) -> None:
    w = look.tell.w
    panel(render("staffing/ask_history.html", w=w, able=look.may_plan), key="staffing-ask-history", theme=look.theme)
    if not look.may_plan:
        return
    turn = st.session_state.setdefault(ROUND, 0)
    upload = st.file_uploader(w("staffing.history_file"), type=KINDS, key=f"staffing-history-{turn}")
    if upload is not None:
        _columns(look, upload)
        return
    if st.button(w("staffing.history_book"), key="staffing-history-book", width="stretch"):
        _keep_book(look)
    st.download_button(
        w("staffing.history_example"),
        data=lambda: example(look.centre.scenario, look.centre.clock()),
        file_name=EXAMPLE_NAME,
        mime="text/csv",
        width="stretch",
        on_click="ignore",
        key="staffing-history-example",
    )


def _columns(look: Look, upload: UploadedFile) -> None:
    """Which of their columns is which; guessed by name."""
    w = look.tell.w
    try:
        columns = columns_of(upload.name, upload.getvalue())
    except BadInput as bad:
        words = sentence(bad.faults[:1], w)
        panel(render("staffing/refused.html", w=w, words=words), key="staffing-history-bad", theme=look.theme)
        return
    usual = guessed(columns)
    with st.form(key=f"staffing-columns-{upload.file_id}", border=False):
        given = {}
        for ours in (*NEEDED, *OPTIONAL):
            options = list(columns) if ours in NEEDED else ["", *columns]
            at = options.index(usual[ours]) if ours in usual else 0 if ours in OPTIONAL else None
            given[ours] = st.selectbox(
                w(f"staffing.history_{ours}"),
                options,
                at,
                format_func=lambda name: name or w("staffing.history_none"),
                placeholder=w("staffing.history_choose"),
            )
        datum = st.selectbox(
            w("staffing.history_datum"), list(Datum), format_func=lambda one: w(f"staffing.datum_{one}")
        )
        if st.form_submit_button(w("staffing.history_do"), type="primary", width="stretch"):
            _keep_file(look, upload, {ours: theirs or "" for ours, theirs in given.items()}, datum or Datum.WGS84)


def _keep_file(look: Look, upload: UploadedFile, columns: dict[str, str], datum: Datum) -> None:
    w, scenario = look.tell.w, look.centre.scenario
    missing = [w(f"staffing.history_{ours}") for ours in NEEDED if not columns[ours]]
    if missing:
        look.looking.said(Said(w("said.fill_in", what=w("app.comma").join(missing)), False))
        again()
    read: list[ReadFile] = []

    def history() -> History:
        read.append(read_history(upload.name, upload.getvalue(), columns, datum, scenario, look.centre.clock()))
        return read[0].history

    def told() -> str:
        tickets = read[0].tickets
        said = [w("staffing.history_taken", n=f"{len(read[0].history):,}")]
        if tickets.rejected:
            said.append(w("staffing.history_rejected", n=tickets.rejected, first=sentence(tickets.faults[:1], w)))
        if read[0].unclassified:
            said.append(w("staffing.history_unclassified", n=read[0].unclassified))
        return " ".join(said)

    _keep(look, upload.name, history, told)


def _keep_book(look: Look) -> None:
    w, centre = look.tell.w, look.centre
    source = w("staffing.history_of_book", day=centre.today().isoformat())
    taken: list[History] = []

    def history() -> History:
        taken.append(history_of_book(centre.casebook, centre.scenario, centre.clock()))
        return taken[0]

    _keep(look, source, history, lambda: w("staffing.history_taken", n=f"{len(taken[0]):,}"))


def _keep(look: Look, source: str, read: Callable[[], History], told: Callable[[], str]) -> None:
    """The history among the kept ones, judged at once; what cannot be used is said."""
    view, labs = look.looking, look.experiments

    def deed() -> str:
        kept = look.staffing.deeds.take_in(look.person.id, labs.conditions.histories, read(), source)
        view.history = kept.id
        if kept.verdict is None:
            labs.judge(look.person.id, kept.id)
        return told()

    try:
        with st.spinner(look.tell.w("staffing.history_reading")):
            said = attempt(deed, look.tell)
        view.said(said)
    except BadInput as bad:
        view.said(Said(sentence(bad.faults[:1], look.tell.w), False))
    except CannotFit as refused:
        view.said(Said(look.tell.reason(refused.reason), False))
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    again()
