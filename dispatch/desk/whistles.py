"""The whistle: the town calls departments to the spot, they report, arrive and help (article 26 of the Penalty Law)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from dispatch.desk.deed import Deed, stated
from dispatch.desk.door import Door
from dispatch.desk.parts import body_of, task_id
from dispatch.desk.refusals import Refused
from dispatch.desk.tasks import ANSWER_WITHIN
from dispatch.records.incident import Incident
from dispatch.records.reason import Reason
from dispatch.records.task import Task, TaskKind
from dispatch.rulebook.powers import Body
from dispatch.store.ledger import Kind

WHISTLE_REASONS = (
    "nobody_asked",
    "no_body_here",  # department
    "two_leads",  # department: the second
)
DONE_WITHIN = timedelta(hours=24)
"""From the time asked for to be there until the help is done. An assumption."""


@dataclass(frozen=True, slots=True)
class Call:
    """One department that is whistled for.

    Attributes
    ----------
    what
        What it is to do there, in the town's words.
    arrive_by
        Aware: when somebody has to be there.
    lead
        Whether it answers for the whole.
    """

    department: str
    what: str
    arrive_by: datetime
    lead: bool = False


class Blown(NamedTuple):
    """The incident and the tasks that a whistle sent out, in the order of its calls."""

    incident: Incident
    tasks: tuple[Task, ...]


class Whistles(Door):
    """Blowing the whistle; how it is answered is for ``dispatch.desk.tasks``.

    Parameters
    ----------
    bodies
        The bodies of the place: only what has one here can be called.
    """

    def __init__(self, door: Door, bodies: Mapping[str, Body]) -> None:
        super().__init__(door.casebook, door.clock, door.rights)
        self._bodies = bodies

    def blow(
        self,
        actor: str,
        incident_id: str,
        version: int,
        asked: Sequence[Call],
        why: str,
        *,
        now: datetime | None = None,
    ) -> Blown:
        """A task for every department called, each with a clock to answer and one to be there.

        The first one called leads when nobody does yet.

        Raises
        ------
        Refused
            With everything that is wrong: ``nobody_asked``; ``no_body_here`` for a department without a body in the
            incident's town or district; ``same_department`` for one called twice or with an open task of the incident;
            ``arrive_by_past``; ``two_leads``; ``needs_words`` without a reason or what is to be done.
        """
        with self.deed("whistle", actor, Kind.INCIDENT, incident_id, now) as (page, who):
            deed = Deed(page, who, incident_id)
            incident = deed.incident(version)
            after, reason = incident.noted(), stated(why)
            calls = [(call, stated(call.what)) for call in asked]
            standing = page.tasks(incident_id)
            here = [task for task in standing if task.open]
            wrong = tuple(self._wrong(incident, asked, here, who.at))
            if wrong:
                raise Refused(*wrong)
            led = any(task.lead for task in here) or any(call.lead for call in asked)
            new = tuple(
                self._task(incident, call, what, len(standing) + number, who.at, first=not led and number == 1)
                for number, (call, what) in enumerate(calls, start=1)
            )
            page.change(who, incident, after, reason=reason, called=[task.department for task in new])
            page.add_tasks(who, new)
            return Blown(after, new)

    def _wrong(self, incident: Incident, asked: Sequence[Call], here: Sequence[Task], at: datetime) -> Iterator[Reason]:
        if not asked:
            yield Reason("nobody_asked", False)
        called = Counter([*(task.department for task in here), *(call.department for call in asked)])
        for call in {call.department: call for call in asked}.values():
            if not body_of(call.department, incident.town, self._bodies):
                yield Reason("no_body_here", False, {"department": call.department})
            if called[call.department] > 1:
                yield Reason("same_department", False, {"department": call.department})
        for call in asked:
            if call.arrive_by <= at:
                yield Reason("arrive_by_past", False, {"at": call.arrive_by.isoformat(timespec="minutes")})
        leads = [task.department for task in here if task.lead] + [call.department for call in asked if call.lead]
        if len(leads) > 1 and any(call.lead for call in asked):
            yield Reason("two_leads", False, {"department": leads[1]})

    def _task(self, incident: Incident, call: Call, what: str, number: int, at: datetime, *, first: bool) -> Task:
        return Task(
            id=task_id(incident.id, number),
            incident=incident.id,
            department=call.department,
            body=body_of(call.department, incident.town, self._bodies),
            what_zh=what,
            what_en=what,
            lead=call.lead or first,
            due_at=call.arrive_by + DONE_WITHIN,
            kind=TaskKind.WHISTLE,
            asked_by=incident.town,
            answer_by_at=min(at + ANSWER_WITHIN, call.arrive_by),
            arrive_by_at=call.arrive_by,
        )
