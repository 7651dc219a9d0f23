"""What stands beside a dispatch: the tasks of the departments, and the clock to the handled incident."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import streamlit as st

from dispatch.records.incident import OPEN, Incident
from dispatch.records.task import Task, TaskStatus
from dispatch.rulebook.deadlines import Deadline
from dispatch.rulebook.terms import Term, Unit
from ui.said import Said, carried_out
from ui.services.centre import Centre
from ui.telling import Teller, plain

LONGEST_SUSPENSION = timedelta(days=365)
SENT_AGAIN = Term(3, Unit.WORKING_DAYS)
"""A task that is sent again has this time, unless the desk says otherwise. Assumed."""


def asides(
    centre: Centre, actor: str, incident: Incident, tasks: Sequence[Task], clock: Deadline | None, tell: Teller
) -> Said | None:
    """One row of drawers for tasks and clock; what was said of a deed done in one of them."""
    said = None
    with st.container(horizontal=True, gap="small"):
        if tasks:
            done = sum(not task.open for task in tasks)
            with st.popover(tell.w("asides.tasks", done=done, n=len(tasks)), width="stretch"):
                said = _tasks(centre, actor, tasks, tell)
        if clock is not None and incident.status in OPEN:
            with st.popover(tell.w("asides.clock"), width="stretch"):
                said = _clock(centre, actor, incident, clock, tell) or said
    return said


def _tasks(centre: Centre, actor: str, tasks: Sequence[Task], tell: Teller) -> Said | None:
    """Answers of departments, taken down by the desk: accepted, done, sent back, sent again."""
    w, waiting = tell.w, [task for task in tasks if task.open]
    if not waiting:
        st.caption(w("asides.all_done"))
        return None
    task = st.selectbox(w("asides.task"), waiting, format_func=lambda each: _called(each, tell), key="aside-task")
    words = st.text_input(w("asides.words"), key=f"aside-words-{task.id}-{task.version}", max_chars=200)
    if task.said:
        st.caption(plain(task.said))
    if task.status is TaskStatus.RETURNED:
        return _send_again(centre, actor, task, tell)
    deeds: dict[str, Callable[[], Task]] = {
        "accept": lambda: centre.tasks.accept(actor, task.id, task.version),
        "finish": lambda: centre.tasks.finish(actor, task.id, task.version, words),
        "give_back": lambda: centre.tasks.give_back(actor, task.id, task.version, words),
    }
    offered = ("accept", "give_back") if task.status is TaskStatus.SENT else ("finish", "give_back")
    return _pressed(offered, deeds, f"{task.id}-{task.version}", tell)


def _send_again(centre: Centre, actor: str, task: Task, tell: Teller) -> Said | None:
    departments = centre.rules.departments
    chosen = st.selectbox(
        tell.w("asides.department"),
        list(departments),
        index=list(departments).index(task.department) if task.department in departments else 0,
        format_func=lambda code: tell.w.pick(departments[code].name_zh, departments[code].name_en),
        key=f"aside-department-{task.id}",
    )
    deeds = {"send_again": lambda: centre.tasks.send_again(actor, task.id, task.version, chosen, SENT_AGAIN)}
    return _pressed(("send_again",), deeds, f"{task.id}-{task.version}", tell)


def _clock(centre: Centre, actor: str, incident: Incident, clock: Deadline, tell: Teller) -> Said | None:
    """Pause, extension and suspension, each with its reason; the engine says what cannot be."""
    w, clocks, here = tell.w, centre.clocks, f"{incident.id}-{incident.version}"
    why = st.text_input(w("asides.why"), key=f"aside-why-{here}", max_chars=200)
    today = centre.today()
    until = st.date_input(
        w("asides.until"),
        value=today + timedelta(days=30),
        min_value=today + timedelta(days=1),
        max_value=today + LONGEST_SUSPENSION,
        key=f"aside-until-{here}",
    )
    deeds: dict[str, Callable[[], Incident]] = {
        "pause": lambda: clocks.pause(actor, incident.id, incident.version, why),
        "resume": lambda: clocks.resume(actor, incident.id, incident.version, why),
        "ask": lambda: clocks.ask_extension(actor, incident.id, incident.version, why),
        "approve": lambda: clocks.approve_extension(actor, incident.id, incident.version),
        "refuse": lambda: clocks.refuse_extension(actor, incident.id, incident.version, why),
        "suspend": lambda: clocks.suspend(actor, incident.id, incident.version, until, why),
    }
    running = ("pause", "suspend") if clock.paused_since is None else ("resume",)
    return _pressed((*running, *(("approve", "refuse") if clock.waiting else ("ask",))), deeds, here, tell)


def _pressed(offered: Sequence[str], deeds: Mapping[str, Callable[[], object]], here: str, tell: Teller) -> Said | None:
    """A row of buttons; what was said of the one pressed."""
    with st.container(horizontal=True, gap="small"):
        pressed = [name for name in offered if st.button(tell.w(f"asides.{name}"), key=f"aside-{name}-{here}")]
    if not pressed:
        return None
    name = pressed[0]
    return carried_out(deeds[name], tell.w("asides.done", what=tell.w(f"asides.{name}")), tell)


def _called(task: Task, tell: Teller) -> str:
    return f"{tell.named('department', task.department)} · {tell.w.pick(task.what_zh, task.what_en)}"
