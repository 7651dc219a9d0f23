"""How an incident follows the task by which it was handed over: with the other body, back again, done there."""

from __future__ import annotations

from typing import Any

from dispatch.desk.refusals import Unknown
from dispatch.records.task import Task, TaskKind, TaskStatus
from dispatch.store.writing import Actor, Writing

WITH_THE_BODY = frozenset({TaskStatus.SENT, TaskStatus.ACCEPTED})


def follow(page: Writing, who: Actor, before: Task, after: Task) -> None:
    """The incident brought to where a step of its transfer leads; other tasks do not move it.

    The entry on the incident names the task, and the body or what it said, so that the incident's own history tells
    its clock (``dispatch.desk.clocks``) without the task's.
    """
    if after.kind is not TaskKind.TRANSFER:
        return
    had, has = before.status in WITH_THE_BODY, after.status in WITH_THE_BODY
    if had == has:
        return
    incident = page.incident(after.incident)
    if incident is None:
        raise Unknown("incident", after.incident)
    if has:
        page.change(who, incident, incident.transferred(), handed=receiver(after))
    elif after.status is TaskStatus.DONE:
        page.change(who, incident, incident.done_elsewhere(), task=after.id, outcome=after.said)
    else:
        page.change(who, incident, incident.taken_back(), task=after.id, reason=after.said)


def receiver(task: Task) -> dict[str, Any]:
    """To whom an incident was handed over, as its own entry keeps it; without a body the department stands for it."""
    return {"task": task.id, "department": task.department, "body": task.body or task.department}
