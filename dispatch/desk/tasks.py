"""The tasks of departments: sent out with the matter, and what each department can answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from dispatch.desk.deed import stated
from dispatch.desk.door import Door
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.records.incident import Incident
from dispatch.records.reason import Reason
from dispatch.records.task import Task, TaskStatus
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
    "unknown_department",  # department
)


class Tasks(Door):
    """What departments do with their tasks, each deed one transaction.

    Parameters
    ----------
    bodies
        The bodies of the place, to find a department's.
    calendar
        By which a term is counted when a task is sent again.
    departments
        Codes of the departments of the place, besides those that its bodies are.
    """

    def __init__(
        self, door: Door, bodies: Mapping[str, Body], calendar: Calendar, departments: Collection[str] = ()
    ) -> None:
        super().__init__(door.casebook, door.clock, door.rights)
        self._bodies = bodies
        self._calendar = calendar
        self._departments = frozenset((*departments, *(body.department for body in bodies.values()))) - {""}

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
            ``unknown_department`` when the place has no such department; ``same_department`` when that department has
            another task of this incident that is still open.
        """

        def step(task: Task, at: datetime, page: Writing) -> Task:
            if department not in self._departments | {task.department}:
                raise Refused(Reason("unknown_department", False, {"department": department}))
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
    *,
    anew: bool = False,
) -> list[Task]:
    """Tasks for every department of the incident's matter; those of a matter it had before are withdrawn.

    Departments that have been asked for exactly this go on with it, unless they shall do it ``anew``.
    """
    wanted = parts.get(incident.matter, ())
    if wanted and not anew and _asked_already(page.tasks(incident.id), wanted):
        return []
    why = "reopened" if anew else f"matter is now {incident.matter}"
    standing = withdraw_tasks(page, actor, incident.id, why)
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
        for number, part in enumerate(wanted, start=len(standing) + 1)
    ]
    page.add_tasks(actor, new)
    return new


def _asked_already(standing: Sequence[Task], parts: Sequence[Part]) -> bool:
    """Whether the tasks last sent out are these parts and still stand; one may have gone to another department."""
    last = sorted(standing, key=lambda task: int(task.id.rpartition(".")[2]))[-len(parts) :]
    same = [(task.what_zh, task.what_en, task.lead) for task in last] == [
        (part.task_zh, part.task_en, part.lead) for part in parts
    ]
    return same and not any(task.status is TaskStatus.WITHDRAWN for task in last)


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
