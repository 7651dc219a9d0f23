"""What departments do with the tasks they are asked for, and who asked with those that come back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from dispatch.desk.clauses import cited
from dispatch.desk.deed import stated
from dispatch.desk.door import Door
from dispatch.desk.handing import follow
from dispatch.desk.parts import body_of, withdraw_dispute
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.desk.superior import before_the_superior, dispute_of
from dispatch.records.dispute import DisputeStatus
from dispatch.records.reason import Reason
from dispatch.records.task import Task, TaskKind, TaskStatus
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.deadlines import deadline
from dispatch.rulebook.powers import Body
from dispatch.rulebook.terms import Term, Unit
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor, Writing

TASK_REASONS = (
    "tasks_open",  # n, department, task: of the first
    "same_department",  # department
    "unknown_department",  # department
    "arrive_by_past",  # at
    "needs_arrival",  # department
    "decided_for_you",  # department, dispute, clause
    "is_disputed",  # dispute
)
ANSWER_WITHIN = timedelta(minutes=15)
"""To answer a whistle. An assumption, the length of the dispatch clock in the city clocks specified for Yuncheng."""
RECEIPT_WITHIN = Term(1, Unit.WORKING_DAYS)
"""To accept or send back what was handed over. An assumption: no document read says how long a receipt may take."""


class Tasks(Door):
    """What is done with tasks, each deed one transaction.

    Parameters
    ----------
    bodies
        The bodies of the place, to find a department's.
    calendar
        By which terms are counted.
    departments
        Codes of the departments of the place, besides those that its bodies are.
    listed
        Codes of the rows of the catalogue, which may be named as a clause.
    """

    def __init__(
        self,
        door: Door,
        bodies: Mapping[str, Body],
        calendar: Calendar,
        departments: Collection[str] = (),
        listed: Collection[str] = (),
    ) -> None:
        super().__init__(door.casebook, door.clock, door.rights)
        self._bodies = bodies
        self._calendar = calendar
        self._departments = frozenset((*departments, *(body.department for body in bodies.values()))) - {""}
        self._listed = listed

    def accept(
        self,
        actor: str,
        task_id: str,
        version: int,
        arrive_by: datetime | None = None,
        *,
        now: datetime | None = None,
    ) -> Task:
        """The department has it in hand; to a whistle it says by when (aware) somebody will be there.

        Without a word on that it is the time it was asked for.

        Raises
        ------
        Refused
            ``arrive_by_past``; ``needs_arrival`` for a whistle that was sent on and has no such time any more.
        """

        def step(task: Task, at: datetime) -> Task:
            if task.kind is not TaskKind.WHISTLE:
                return task.accepted()
            if arrive_by is None and task.arrive_by_at is None:
                raise Refused(Reason("needs_arrival", False, {"department": task.department}))
            if arrive_by is not None and arrive_by <= at:
                raise Refused(Reason("arrive_by_past", False, {"at": arrive_by.isoformat(timespec="minutes")}))
            return task.accepted(arrive_by)

        return self._step("task_accept", actor, task_id, version, now, step)

    def arrive(self, actor: str, task_id: str, version: int, *, now: datetime | None = None) -> Task:
        """Whoever was whistled for is there."""
        return self._step("task_arrive", actor, task_id, version, now, lambda task, at: task.arrived(at))

    def give_back(self, actor: str, task_id: str, version: int, clause: str, *, now: datetime | None = None) -> Task:
        """The department sends it back, with the clause that makes it another's.

        The third time it comes back nobody sends it anywhere any more: in the same transaction it is put before the
        common superior (``dispatch.desk.superior``).

        Raises
        ------
        Refused
            ``needs_words``, ``needs_clause``: see ``dispatch.desk.clauses``. ``decided_for_you`` when the superior has
            given it to this department.
        """
        with self.deed("task_return", actor, Kind.TASK, task_id, now) as (page, who):
            task = seen(page, task_id, version)
            told = cited(clause, self._listed)
            decided = dispute_of(page, task)
            if decided is not None and decided.status is DisputeStatus.DECIDED:
                values = {"department": task.department, "dispute": decided.id, "clause": decided.clause}
                raise Refused(Reason("decided_for_you", False, values))
            back = task.returned(told)
            page.change_task(who, task, back)
            follow(page, who, task, back)
            return before_the_superior(page, who, back, self._bodies, self._calendar)

    def finish(self, actor: str, task_id: str, version: int, said: str, *, now: datetime | None = None) -> Task:
        """The department has done it and says what came of it; of a transfer, the incident is handled."""
        return self._step("task_done", actor, task_id, version, now, lambda task, at: task.done(at, stated(said)))

    def withdraw(self, actor: str, task_id: str, version: int, why: str, *, now: datetime | None = None) -> Task:
        """Who asked asks no longer, with the reason; a dispute about it is withdrawn with it."""
        with self.deed("task_withdraw", actor, Kind.TASK, task_id, now) as (page, who):
            task = seen(page, task_id, version)
            after = task.withdrawn(stated(why))
            self._save(page, who, task, after)
            withdraw_dispute(page, who, task)
            return after

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
        """A task that came back, sent by who asked to its department again or to another one; its time starts anew.

        Raises
        ------
        Refused
            ``is_disputed`` while the superior has not decided; ``unknown_department`` when the place has no such
            department, ``no_body_here`` for a whistle or transfer to one without a body; ``same_department`` when that
            department has another task of this incident that is still open.
        """
        with self.deed("task_send", actor, Kind.TASK, task_id, now) as (page, who):
            task = seen(page, task_id, version)
            if task.status is TaskStatus.DISPUTED:
                dispute = dispute_of(page, task)
                raise Refused(Reason("is_disputed", False, {"dispute": dispute.id if dispute else task.id}))
            after = self.sent_to(page, who, task, department, term)
            self._save(page, who, task, after)
            return after

    def sent_to(self, page: Writing, who: Actor, task: Task, department: str, term: Term) -> Task:
        """The task sent out anew, provided that the place has the department and it has no other task of it."""
        if department not in self._departments | {task.department}:
            raise Refused(Reason("unknown_department", False, {"department": department}))
        others = [each for each in page.tasks(task.incident, open_only=True) if each.id != task.id]
        if any(each.department == department for each in others):
            raise Refused(Reason("same_department", False, {"department": department}))
        incident = page.incident(task.incident)
        body = body_of(department, incident.town if incident else "", self._bodies)
        if task.kind is not TaskKind.PART and not body:
            raise Refused(Reason("no_body_here", False, {"department": department}))
        due = deadline(term, who.at, (), self._calendar, who.at).due_at
        return task.sent_again(department, body, due, answer_by(task.kind, who.at, self._calendar))

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
            self._save(page, who, task, after)
            return after

    def _save(self, page: Writing, who: Actor, task: Task, after: Task) -> None:
        page.change_task(who, task, after)
        follow(page, who, task, after)


def seen(page: Writing, task_id: str, version: int) -> Task:
    """The task, provided it is as the actor saw it."""
    task = page.task(task_id)
    if task is None:
        raise Unknown("task", task_id)
    if task.version != version:
        raise Stale("task", task.id, version, task.version, page.latest(Kind.TASK, task.id))
    return task


def answer_by(kind: TaskKind, at: datetime, calendar: Calendar) -> datetime | None:
    """By when a task that goes out at ``at`` is accepted or sent back; None for a part, which has no such clock."""
    if kind is TaskKind.WHISTLE:
        return at + ANSWER_WITHIN
    return deadline(RECEIPT_WITHIN, at, (), calendar, at).due_at if kind is TaskKind.TRANSFER else None
