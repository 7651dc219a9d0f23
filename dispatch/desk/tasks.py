"""The tasks of departments: sent out with the matter, and what each department can answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from dispatch.desk.deed import stated
from dispatch.desk.door import Door
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.records.incident import Incident
from dispatch.records.reason import Reason
from dispatch.records.task import Task
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.deadlines import deadline
from dispatch.rulebook.onething import Part
from dispatch.rulebook.powers import Body
from dispatch.rulebook.terms import Term
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor, Writing

TASK_REASONS = (
    "tasks_open",  # n, department, task: of the first
    "same_department",  # department
)


class Tasks(Door):
    """What departments do with their tasks, each deed one transaction.

    Parameters
    ----------
    bodies
        The bodies of the place, to find a department's.
    calendar
        By which a term is counted when a task is sent again.
    """

    def __init__(self, door: Door, bodies: Mapping[str, Body], calendar: Calendar) -> None:
        super().__init__(door.casebook, door.clock)
        self._bodies = bodies
        self._calendar = calendar

    def accept(self, actor: str, task_id: str, version: int, *, now: datetime | None = None) -> Task:
        """The department has it in hand."""
        return self._step("task_accept", actor, task_id, version, now, lambda task, _: task.accepted())

    def give_back(self, actor: str, task_id: str, version: int, why: str, *, now: datetime | None = None) -> Task:
        """The department sends it back, with the clause that makes it another's."""
        return self._step("task_return", actor, task_id, version, now, lambda task, _: task.returned(stated(why)))

    def finish(self, actor: str, task_id: str, version: int, said: str, *, now: datetime | None = None) -> Task:
        """The department has done it and says what came of it."""
        return self._step("task_done", actor, task_id, version, now, lambda task, at: task.done(at, stated(said)))

    def send_again(
        self,
        actor: str,
        task_id: str,
        version: int,
        department: str,
        term: Term,
        *,
        now: datetime | None = None,
    ) -> Task:
        """A task that came back, sent to its department again or to another one; its time starts anew.

        Raises
        ------
        Refused
            ``same_department`` when another department of this incident has a task that is still open.
        """

        def step(task: Task, at: datetime, page: Writing) -> Task:
            others = [each for each in page.tasks(task.incident, open_only=True) if each.id != task.id]
            if any(each.department == department for each in others):
                raise Refused(Reason("same_department", False, {"department": department}))
            incident = page.incident(task.incident)
            body = body_of(department, incident.town if incident else "", self._bodies)
            return task.sent_again(department, body, deadline(term, at, (), self._calendar, at).due_at)

        with self.deed("task_send", actor, Kind.TASK, task_id, now) as (page, who):
            task = seen(page, task_id, version)
            after = step(task, who.at, page)
            page.change_task(who, task, after)
            return after

    def _step(
        self,
        name: str,
        actor: str,
        task_id: str,
        version: int,
        now: datetime | None,
        step: Callable[[Task, datetime], Task],
    ) -> Task:
        with self.deed(name, actor, Kind.TASK, task_id, now) as (page, who):
            task = seen(page, task_id, version)
            after = step(task, who.at)
            page.change_task(who, task, after)
            return after


def seen(page: Writing, task_id: str, version: int) -> Task:
    """The task, provided it is as the actor saw it."""
    task = page.task(task_id)
    if task is None:
        raise Unknown("task", task_id)
    if task.version != version:
        raise Stale("task", task.id, version, task.version, page.latest(task.id))
    return task


def spawn(
    page: Writing,
    actor: Actor,
    incident: Incident,
    parts: Mapping[str, tuple[Part, ...]],
    bodies: Mapping[str, Body],
    calendar: Calendar,
) -> list[Task]:
    """Tasks for every department of the incident's matter; those of a matter it had before are withdrawn."""
    standing = withdraw_tasks(page, actor, incident.id, f"matter is now {incident.matter}")
    new = [
        Task(
            id=f"{incident.id}.{number}",
            incident=incident.id,
            department=part.department,
            body=body_of(part.department, incident.town, bodies),
            what_zh=part.task_zh,
            what_en=part.task_en,
            lead=part.lead,
            due_at=deadline(part.term, actor.at, (), calendar, actor.at).due_at,
        )
        for number, part in enumerate(parts.get(incident.matter, ()), start=len(standing) + 1)
    ]
    page.add_tasks(actor, new)
    return new


def withdraw_tasks(page: Writing, actor: Actor, incident: str, why: str) -> list[Task]:
    """No department is asked for anything about this incident any more; returns all its tasks as they stood."""
    standing = page.tasks(incident)
    for task in standing:
        if task.open:
            page.change_task(actor, task, task.withdrawn(why))
    return standing


def body_of(department: str, town: str, bodies: Mapping[str, Body]) -> str:
    """Id of the department's body in the town, else of its district's, or empty when the place has none."""
    ours = [body for body in bodies.values() if body.department == department and town.startswith(body.town)]
    return max(ours, key=lambda body: len(body.town)).id if ours else ""
