"""Handing an incident over to another body as a whole, with all that is known of it and a clock for the receipt."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from math import isnan
from typing import Any, NamedTuple

from dispatch.desk.clauses import cited
from dispatch.desk.clocks import UNCLASSIFIED_LIMIT
from dispatch.desk.deed import Deed, stated
from dispatch.desk.door import Door
from dispatch.desk.handing import receiver
from dispatch.desk.parts import body_of, task_id
from dispatch.desk.refusals import Refused
from dispatch.desk.tasks import answer_by
from dispatch.records.evidence import Evidence
from dispatch.records.incident import Incident
from dispatch.records.reason import Reason
from dispatch.records.task import Task, TaskKind
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.deadlines import deadline
from dispatch.rulebook.matters import Matter
from dispatch.rulebook.powers import Body
from dispatch.store import between
from dispatch.store.ledger import Entry, Kind
from dispatch.store.writing import Actor, Writing

TRANSFER_REASONS = ("transfer_waits",)  # task, department
TAKE_OVER_ZH, TAKE_OVER_EN = "接收并办理移送事项", "Take over and deal with what was handed over"
TOLD = ("reason", "outcome", "how", "to", "passed")
FACTS = ("id", "text", "address", "cell", "town", "matter", "priority", "source", "voices")


class HandedOver(NamedTuple):
    """The incident, now with another body, and the task by which it is there."""

    incident: Incident
    task: Task


class Transfers(Door):
    """Handing over; receipt, return and what was done are answers to its task (``dispatch.desk.tasks``).

    Parameters
    ----------
    bodies
        The bodies of the place.
    matters
        The catalogue: the receiver's limit is that of the matter, from the beginning.
    calendar
        By which it is counted.
    """

    def __init__(
        self, door: Door, bodies: Mapping[str, Body], matters: Mapping[str, Matter], calendar: Calendar
    ) -> None:
        super().__init__(door.casebook, door.clock, door.rights)
        self._bodies = bodies
        self._matters = matters
        self._calendar = calendar

    def transfer_out(
        self,
        actor: str,
        incident_id: str,
        version: int,
        department: str,
        why: str,
        basis: str,
        *,
        asked_by: str | None = None,
        now: datetime | None = None,
    ) -> HandedOver:
        """The incident handed over to a department's body; until that is done or sent back it waits for no team.

        Parameters
        ----------
        why, basis
            Why it is theirs, and the clause that says so.
        asked_by
            Code of the area whose command hands it over, which must be the actor's; None is the incident's town. Only
            that command, and those above it, send it on or take it back.

        Raises
        ------
        Refused
            ``needs_words``, ``needs_clause``; ``no_body_here``; ``same_department`` when that department has an open
            task of the incident; ``transfer_waits`` while an earlier transfer that came back is neither sent again nor
            withdrawn.
        ValueError
            When the incident does not lie in ``asked_by``.
        """
        with self.deed("transfer_out", actor, Kind.INCIDENT, incident_id, now, place=asked_by or None) as (page, who):
            incident = Deed(page, who, incident_id).incident(version)
            if not incident.town.startswith(asked_by or ""):
                raise ValueError(f"incident {incident.id} lies in town {incident.town!r}, not in {asked_by!r}.")
            after, reason, clause = incident.transferred(), stated(why), cited(basis, self._matters)
            task = self._to_take_over(page, who, incident, department, asked_by or incident.town, reason, clause)
            page.change(who, incident, after, handed=receiver(task), reason=reason, basis=clause)
            page.add_tasks(who, [task])
            return HandedOver(after, task)

    def _to_take_over(
        self, page: Writing, who: Actor, incident: Incident, department: str, asked_by: str, why: str, basis: str
    ) -> Task:
        """The task by which the incident will be with the other body, and the package that goes with it."""
        standing = page.tasks(incident.id)
        body = body_of(department, incident.town, self._bodies)
        _refuse_twice(department, body, standing)
        sent = {
            "by": who.name,
            "at": who.at.isoformat(timespec="seconds"),
            "from": asked_by,
            "department": department,
            "body": body,
            "why": why,
            "basis": basis,
        }
        evidence = between.evidence(page.connection, incident.id)
        cases = [case.id for case in page.cases(incident=incident.id)]
        history = page.history(Kind.INCIDENT, incident.id)
        matter = self._matters.get(incident.matter)
        limit = matter.limit if matter else UNCLASSIFIED_LIMIT
        return Task(
            id=task_id(incident.id, len(standing) + 1),
            incident=incident.id,
            department=department,
            body=body,
            what_zh=TAKE_OVER_ZH,
            what_en=TAKE_OVER_EN,
            lead=True,
            due_at=deadline(limit, who.at, (), self._calendar, who.at).due_at,
            kind=TaskKind.TRANSFER,
            asked_by=asked_by,
            package=package(incident, history, standing, evidence, cases, sent),
            answer_by_at=answer_by(TaskKind.TRANSFER, who.at, self._calendar),
        )


def package(
    incident: Incident,
    history: Sequence[Entry],
    tasks: Sequence[Task],
    evidence: Sequence[Evidence],
    cases: Collection[str],
    sent: Mapping[str, Any],
) -> str:
    """What goes with an incident to another body, as JSON text: its facts, story, tasks, cases and evidence.

    The files themselves stay where they are; by their SHA-256 the receiver knows that what it is shown is what was
    handed over. Whom to call back stays too: the desk that took the call calls.
    """
    facts: dict[str, Any] = {name: getattr(incident, name) for name in FACTS}
    facts |= {name: None if isnan(getattr(incident, name)) else getattr(incident, name) for name in ("lon", "lat")}
    facts |= {name: _time(getattr(incident, name)) for name in ("reported_at", "due_at")}
    told = {
        "incident": facts,
        "story": [_essential(entry) for entry in history if not entry.refused],
        "tasks": [{"department": t.department, "what": t.what_zh, "status": t.status.value} for t in tasks],
        "cases": sorted(cases),
        "evidence": [_listed(each) for each in evidence],
        "sent": dict(sent),
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def _refuse_twice(department: str, body: str, standing: Sequence[Task]) -> None:
    here = [task for task in standing if task.open]
    waiting = next((task for task in here if task.kind is TaskKind.TRANSFER), None)
    if waiting is not None:
        raise Refused(Reason("transfer_waits", False, {"task": waiting.id, "department": waiting.department}))
    if not body:
        raise Refused(Reason("no_body_here", False, {"department": department}))
    if any(task.department == department for task in here):
        raise Refused(Reason("same_department", False, {"department": department}))


def _essential(entry: Entry) -> dict[str, Any]:
    """One deed: when, who, what, and what was said with it."""
    said = {name: entry.details[name] for name in TOLD if name in entry.details}
    return {"n": entry.sequence, "at": _time(entry.at), "who": entry.actor, "deed": entry.deed, **said}


def _listed(each: Evidence) -> dict[str, Any]:
    kept = {name: getattr(each, name) for name in ("id", "by", "name", "media", "size", "sha256", "note")}
    return kept | {"at": _time(each.at)}


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
