"""The tasks that go out with a matter, and how tasks are withdrawn when nobody has to ask for them any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dispatch.records.incident import Incident
from dispatch.records.task import Task, TaskKind, TaskStatus
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.deadlines import deadline
from dispatch.rulebook.onething import Part
from dispatch.rulebook.powers import Body
from dispatch.store import between
from dispatch.store.writing import Actor, Writing


def spawn(
    page: Writing,
    actor: Actor,
    incident: Incident,
    parts: Mapping[str, tuple[Part, ...]],
    bodies: Mapping[str, Body],
    calendar: Calendar,
    *,
    anew: bool = False,
) -> list[Task]:
    """Tasks for every department of the incident's matter; those of a matter it had before are withdrawn.

    Departments that have been asked for exactly this go on with it, unless they shall do it ``anew``. Whistles and
    transfers stand: a town called for them, not the matter.
    """
    wanted = parts.get(incident.matter, ())
    standing = page.tasks(incident.id)
    of_matter = [task for task in standing if task.kind is TaskKind.PART]
    if wanted and not anew and _asked_already(of_matter, wanted):
        return []
    _withdraw(page, actor, of_matter, "reopened" if anew else f"matter is now {incident.matter}")
    new = [
        Task(
            id=task_id(incident.id, number),
            incident=incident.id,
            department=part.department,
            body=body_of(part.department, incident.town, bodies),
            what_zh=part.task_zh,
            what_en=part.task_en,
            lead=part.lead,
            due_at=deadline(part.term, actor.at, (), calendar, actor.at).due_at,
        )
        for number, part in enumerate(wanted, start=len(standing) + 1)
    ]
    page.add_tasks(actor, new)
    return new


def withdraw_tasks(page: Writing, actor: Actor, incident: str, why: str) -> None:
    """No department is asked for anything about this incident any more, and nobody is asked to decide about one."""
    _withdraw(page, actor, page.tasks(incident), why)


def withdraw_dispute(page: Writing, actor: Actor, task: Task) -> None:
    """The dispute about a task, where one is open, is nobody's to decide any more."""
    for dispute in between.disputes(page.connection, task=task.id, open_only=True):
        between.change_dispute(page, actor, dispute, dispute.withdrawn(actor.at, actor.name))


def body_of(department: str, town: str, bodies: Mapping[str, Body]) -> str:
    """Id of the department's body in the town, else of its district's, or empty when the place has none."""
    ours = [body for body in bodies.values() if body.department == department and town.startswith(body.town)]
    return max(ours, key=lambda body: len(body.town)).id if ours else ""


def task_id(incident: str, number: int) -> str:
    """The id of an incident's task with that running number."""
    return f"{incident}.{number}"


def _withdraw(page: Writing, actor: Actor, standing: Sequence[Task], why: str) -> None:
    for task in standing:
        if task.open:
            page.change_task(actor, task, task.withdrawn(why))
            withdraw_dispute(page, actor, task)


def _asked_already(standing: Sequence[Task], parts: Sequence[Part]) -> bool:
    """Whether the tasks last sent out are these parts and still stand; one may have gone to another department."""
    last = sorted(standing, key=lambda task: int(task.id.rpartition(".")[2]))[-len(parts) :]
    same = [(task.what_zh, task.what_en, task.lead) for task in last] == [
        (part.task_zh, part.task_en, part.lead) for part in parts
    ]
    return same and not any(task.status is TaskStatus.WITHDRAWN for task in last)
