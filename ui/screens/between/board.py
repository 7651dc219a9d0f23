"""The board: what was asked of other bodies, by the clock that runs next; and the deeds on the one that is chosen."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

import streamlit as st

from dispatch.desk.whistles import Call
from dispatch.records.incident import OPEN, Incident
from dispatch.records.task import Task, TaskKind, TaskStatus
from dispatch.rulebook.terms import Term, Unit
from ui.panel.component import panel, render
from ui.said import carried_out
from ui.screens.between.looking import Look, again


def tasks_seen(look: Look) -> list[Task]:
    """The open tasks of what this person sees, the clock that runs out first in front."""
    body = look.person.body
    seen = [
        task
        for task in look.centre.casebook.tasks(open_only=True)
        if (task.body == body if body else task.incident in look.board.incidents)
    ]
    return sorted(seen, key=lambda task: (task.waits_until() or task.due_at, task.id))


def late(task: Task, look: Look) -> bool:
    until = task.waits_until()
    return until is not None and until < look.board.now


def show(look: Look) -> None:
    """The rows on the left, the chosen one or what shall be asked anew on the right."""
    left, right = st.columns([5, 4], gap="small")
    tasks = tasks_seen(look)
    with left:
        _rows(look, tasks)
    with right, st.container(key="between-side"):
        look.say()
        task = next((each for each in tasks if each.id == look.looking.task), None)
        incident = look.centre.casebook.incident(look.looking.incident) if look.looking.incident else None
        if task is not None:
            _chosen(look, task)
        elif incident is not None and incident.status in OPEN and look.board.sees(incident.cell or incident.town):
            _anew(look, incident)
        else:
            panel(render("between/hint.html", w=look.tell.w), key="between-hint", theme=look.theme)


def _rows(look: Look, tasks: list[Task]) -> None:
    html = render(
        "between/board.html",
        w=look.tell.w,
        rows=[_row(look, task) for task in tasks],
    )
    act = panel(html, key="between-board", theme=look.theme) or ""
    name, _, task = act.partition(":")
    if name == "task":
        look.looking.task, look.looking.incident, look.looking.note = task, "", None
        again()


def _row(look: Look, task: Task) -> dict[str, object]:
    w, tell = look.tell.w, look.tell
    until = task.waits_until()
    incident = look.board.incidents.get(task.incident) or look.centre.casebook.incident(task.incident)
    left = tell.span(until - look.board.now) if until else ""
    return {
        "id": task.id,
        "chosen": task.id == look.looking.task,
        "kind": w(f"between.kind_{task.kind}"),
        "department": look.department(task.department),
        "what": w.pick(task.what_zh, task.what_en),
        "incident": tell.what(incident) if incident else task.incident,
        "where": tell.where(incident) if incident else "",
        "state": w(f"story.task_status.{task.status}"),
        "left": f"+{left}" if late(task, look) else left,
        "tone": "bad" if late(task, look) else "",
        "waits_for": w(f"between.waits_{_waits_for(task)}"),
        "raised": task.raised,
        "returns": task.returns,
        "lead": task.lead,
    }


def _waits_for(task: Task) -> str:
    if task.status is TaskStatus.ACCEPTED and task.kind is TaskKind.WHISTLE:
        return "arrival"
    return {TaskStatus.SENT: "answer", TaskStatus.RETURNED: "you", TaskStatus.DISPUTED: "superior"}.get(
        task.status, "done"
    )


def _chosen(look: Look, task: Task) -> None:
    w, tell, tasks, who = look.tell.w, look.tell, look.centre.tasks, look.person.id
    incident = look.centre.casebook.incident(task.incident)
    html = render(
        "between/task.html",
        w=w,
        row=_row(look, task),
        words=incident.text if incident else "",
        where=tell.where_full(incident) if incident else "",
        said=task.said,
        due=tell.until(task.due_at),
        arrive=tell.at(task.arrive_by_at) if task.arrive_by_at else "",
        arrived=tell.at(task.arrived_at) if task.arrived_at else "",
        returned=[look.department(each) for each in task.returned_by],
        package=_package(task),
        asked_by=look.centre.scenario.areas.name(task.asked_by) if task.asked_by else "",
    )
    act = panel(html, key="between-task", theme=look.theme) or ""
    if act == "agenda":
        look.looking.tab = "agenda"
        again()
    if task.status is TaskStatus.SENT:
        _accept(look, task)
    if task.status is TaskStatus.ACCEPTED and task.kind is TaskKind.WHISTLE:
        _form(look, task, "arrive", lambda _: tasks.arrive(who, task.id, task.version), "", primary=True)
    elif task.status in (TaskStatus.ACCEPTED, TaskStatus.ARRIVED):
        _form(look, task, "finish", lambda said: tasks.finish(who, task.id, task.version, said), "said", primary=True)
    if task.status in (TaskStatus.SENT, TaskStatus.ACCEPTED):
        with st.expander(w("between.give_back_open")):
            _form(look, task, "give_back", lambda said: tasks.give_back(who, task.id, task.version, said), "clause")
    if task.status is TaskStatus.RETURNED:
        _send_again(look, task)
    if not look.person.body:
        with st.expander(w("between.withdraw_open")):
            _form(look, task, "withdraw", lambda said: tasks.withdraw(who, task.id, task.version, said), "why")


def _package(task: Task) -> list[tuple[str, str]]:
    """What was handed over, as name and value."""
    told = json.loads(task.package) if task.package else {}
    return [(str(name), _short(value)) for name, value in told.items() if value not in ("", None, [], {})]


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 400 else f"{text[:400]} …"


def _accept(look: Look, task: Task) -> None:
    w, whistle = look.tell.w, task.kind is TaskKind.WHISTLE
    with st.form(key=f"between-accept-{task.id}-{look.looking.round}", border=False):
        minutes = st.number_input(w("between.eta"), 1, 24 * 60, 20, 5) if whistle else 0
        if st.form_submit_button(w("between.accept"), type="primary", width="stretch"):
            eta = look.board.now + timedelta(minutes=int(minutes)) if whistle else None
            _do(look, "accept", lambda: look.centre.tasks.accept(look.person.id, task.id, task.version, eta))


def _form(
    look: Look, task: Task, name: str, deed: Callable[[str], object], asks: str, *, primary: bool = False
) -> None:
    w = look.tell.w
    with st.form(key=f"between-{name}-{task.id}-{look.looking.round}", border=False):
        said = st.text_input(w(f"between.{asks}"), max_chars=500) if asks else ""
        kind = "primary" if primary else "secondary"
        if st.form_submit_button(w(f"between.{name}"), type=kind, width="stretch"):  # type: ignore[arg-type]
            _do(look, name, lambda: deed(said), {asks: said} if asks else {})


def _send_again(look: Look, task: Task) -> None:
    w, departments = look.tell.w, look.with_bodies()
    with st.form(key=f"between-again-{task.id}-{look.looking.round}", border=False):
        at = departments.index(task.department) if task.department in departments else 0
        chosen = st.selectbox(w("between.to"), departments, at, format_func=look.department)
        days = st.number_input(w("between.days"), 1, 60, 3)
        if st.form_submit_button(w("between.send_again"), type="primary", width="stretch"):
            term = Term(int(days), Unit.WORKING_DAYS)
            tasks, who = look.centre.tasks, look.person.id
            _do(look, "send_again", lambda: tasks.send_again(who, task.id, task.version, str(chosen), term))


def _anew(look: Look, incident: Incident) -> None:
    """A whistle or a hand-over for an incident."""
    w, tell, who = look.tell.w, look.tell, look.person.id
    html = render(
        "between/anew.html", w=w, what=tell.what(incident), id=incident.id, where=tell.where_full(incident),
        words=incident.text,
    )  # fmt: skip
    panel(html, key="between-anew", theme=look.theme)
    with st.form(key=f"between-whistle-{incident.id}-{look.looking.round}", border=False):
        called = st.multiselect(
            w("between.call"), look.with_bodies(), format_func=look.department, placeholder="", select_all=False
        )
        what = st.text_input(w("between.what"), max_chars=200)
        minutes = st.number_input(w("between.within"), 5, 24 * 60, 60, 5)
        why = st.text_input(w("between.why"), max_chars=500)
        if st.form_submit_button(w("between.blow"), type="primary", width="stretch"):
            by = look.board.now + timedelta(minutes=int(minutes))
            calls = [Call(department, what, by) for department in called]
            blow = look.centre.whistles.blow
            typed = {"call": called, "what": what, "why": why}
            _do(look, "blow", lambda: blow(who, incident.id, incident.version, calls, why), typed)
    with st.expander(w("between.hand_over")), st.form(f"between-over-{incident.id}-{look.looking.round}", border=False):
        to = st.selectbox(w("between.to"), look.with_bodies(), format_func=look.department)
        reason = st.text_input(w("between.why"), max_chars=500)
        basis = st.text_input(w("between.clause"), max_chars=500)
        if st.form_submit_button(w("between.hand_over_do"), width="stretch"):
            over = look.centre.transfers.transfer_out
            typed = {"why": reason, "clause": basis}
            _do(look, "hand_over", lambda: over(who, incident.id, incident.version, str(to), reason, basis), typed)


def _do(
    look: Look, name: str, deed: Callable[[], object], typed: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> None:
    """The deed and what came of it; a form with empty fields (``typed``, by label) hears of all of them at once."""
    words = look.tell.w(f"between.done_{name}")
    look.looking.said(look.incomplete(typed) or carried_out(deed, words, look.tell))
    again()
