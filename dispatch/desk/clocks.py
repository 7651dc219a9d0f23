"""The clocks of an incident: told from its history in the ledger, stopped and lengthened by deeds that enter there."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from dispatch.desk.deed import Deed, stated
from dispatch.desk.door import Door
from dispatch.desk.refusals import Refused
from dispatch.records.incident import Incident, Status
from dispatch.records.reason import Reason
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.deadlines import Clock, ClockEvent, Deadline, Step, deadline
from dispatch.rulebook.matters import Matter
from dispatch.rulebook.terms import Term, Unit
from dispatch.store.ledger import Entry, Kind

UNCLASSIFIED_LIMIT = Term(7, Unit.WORKING_DAYS)
"""From report to handled while nobody has said what it is."""
DISPATCH_WITHIN = timedelta(minutes=15)
CHECK_WITHIN = timedelta(minutes=30)

CLOCK_DESK_REASONS = (
    "extension_not_asked",  # incident
    "extension_own",  # incident, actor
    "extension_same_approver",  # incident, actor
)


class Clocks(Door):
    """What people do to the clock of an incident, each deed one transaction and one version of the incident.

    Parameters
    ----------
    matters
        The catalogue, for the limits.
    calendar
        By which they are counted.

    Raises of every deed
    --------------------
    WrongClock
        When the clock's state does not allow it; it is a ``WrongStep``.
    Stale, WrongStep, Unknown
        As of every deed on an incident.
    """

    def __init__(self, door: Door, matters: Mapping[str, Matter], calendar: Calendar) -> None:
        super().__init__(door.casebook, door.clock, door.rights)
        self._matters = matters
        self._calendar = calendar

    def read(self, incident: Incident, history: Sequence[Entry], now: datetime | None = None) -> Deadline:
        """The clock from report to handled as it stands."""
        matter = self._matters.get(incident.matter)
        return handling(incident, history, matter, self._calendar, now or self.clock())

    def pause(self, actor: str, incident_id: str, version: int, why: str, *, now: datetime | None = None) -> Incident:
        """The clock stopped, with the reason."""
        return self._step("clock_pause", Step.PAUSED, actor, incident_id, version, why, now)

    def resume(
        self, actor: str, incident_id: str, version: int, why: str = "", *, now: datetime | None = None
    ) -> Incident:
        """The clock running again after a pause, or before the day of a suspension."""
        return self._step("clock_resume", Step.RESUMED, actor, incident_id, version, why or "—", now)

    def suspend(
        self, actor: str, incident_id: str, version: int, until: date, why: str, *, now: datetime | None = None
    ) -> Incident:
        """The incident put aside, once, to a day at most a year away, on which the clock runs again by itself."""
        return self._step("clock_suspend", Step.SUSPENDED, actor, incident_id, version, why, now, until)

    def ask_extension(
        self, actor: str, incident_id: str, version: int, why: str, *, now: datetime | None = None
    ) -> Incident:
        """The limit once more asked for, with the reason; it changes nothing until two others approve."""
        return self._step("clock_ask", Step.ASKED, actor, incident_id, version, why, now)

    def approve_extension(self, actor: str, incident_id: str, version: int, *, now: datetime | None = None) -> Incident:
        """The extension approved: by a first person, which changes nothing yet, then by a second one.

        Raises
        ------
        Refused
            ``extension_not_asked``; ``extension_own`` for whoever asked; ``extension_same_approver`` for whoever has
            approved already. A name in other letters or with blanks around it is the same person.
        """
        with self.deed("clock_extend", actor, Kind.INCIDENT, incident_id, now) as (page, who):
            deed = Deed(page, who, incident_id)
            incident = deed.incident(version)
            history = page.history(Kind.INCIDENT, incident_id)
            clock = self._told(incident, history)
            first = _first_approval(incident, clock, history, actor)
            event = ClockEvent(Step.EXTENDED, who.at, f"{first.actor}, {actor}" if first else "")
            clock.take(event)  # the first approval too is possible only in time
            if first is None:
                return deed.change(Incident.noted, version, approval=1)
            return deed.change(Incident.noted, version, approval=2, clock=_kept(event))

    def refuse_extension(
        self, actor: str, incident_id: str, version: int, why: str, *, now: datetime | None = None
    ) -> Incident:
        """The extension refused with the reason; it does not count as one of the two.

        Raises
        ------
        Refused
            ``extension_not_asked``.
        """
        with self.deed("clock_refuse", actor, Kind.INCIDENT, incident_id, now) as (page, who):
            deed = Deed(page, who, incident_id)
            incident = deed.incident(version)
            clock = self._told(incident, page.history(Kind.INCIDENT, incident_id))
            if not clock.waiting:
                raise Refused(Reason("extension_not_asked", False, {"incident": incident_id}))
            return _entered(deed, clock, version, ClockEvent(Step.REFUSED, who.at, stated(why)))

    def _step(
        self,
        name: str,
        step: Step,
        actor: str,
        incident_id: str,
        version: int,
        why: str,
        now: datetime | None,
        until: date | None = None,
    ) -> Incident:
        with self.deed(name, actor, Kind.INCIDENT, incident_id, now) as (page, who):
            deed = Deed(page, who, incident_id)
            incident = deed.incident(version)
            clock = self._told(incident, page.history(Kind.INCIDENT, incident_id))
            return _entered(deed, clock, version, ClockEvent(step, who.at, stated(why), until))

    def _told(self, incident: Incident, history: Sequence[Entry]) -> Clock:
        """The clock after its whole history: no deed goes in before another."""
        return _told(incident, history, self._matters.get(incident.matter), self._calendar, None)


def handling(
    incident: Incident, history: Sequence[Entry], matter: Matter | None, calendar: Calendar, now: datetime
) -> Deadline:
    """The clock of an incident from report to handled, as its history tells.

    It stands while a team or another body has sent the incident back and nobody else has it, and while somebody looks
    whether what was done is in order. The same body again lets it run on, another one begins it anew. It is done when
    the work was found in order (then the time it was handled counts), passed on or merged into another; a reopened
    incident runs on.

    Parameters
    ----------
    history
        The incident's entries in the order of the ledger, refusals among them; from the first after ``now`` on they
        are not looked at.
    matter
        Whose limit it is; None while nobody has said what it is.
    """
    return _told(incident, history, matter, calendar, now).read(now)


def dispatching(incident: Incident, history: Sequence[Entry], calendar: Calendar, now: datetime) -> Deadline | None:
    """The 15 minutes to send somebody, from the report or from when it came back; None while somebody has it."""
    if incident.status is not Status.REPORTED:
        return None
    return deadline(DISPATCH_WITHIN, _since(incident, history), (), calendar, now)


def checking(incident: Incident, history: Sequence[Entry], calendar: Calendar, now: datetime) -> Deadline | None:
    """The 30 minutes to look whether what was handled is in order; None while there is nothing to look at."""
    if incident.status is not Status.HANDLED:
        return None
    return deadline(CHECK_WITHIN, _since(incident, history), (), calendar, now)


def _since(incident: Incident, history: Sequence[Entry]) -> datetime:
    """Since when it has its present status."""
    came = [entry.at for entry in history if entry.subject == incident.id and _status(entry) == incident.status]
    return came[-1] if len(came) > 1 or incident.status is not Status.REPORTED else incident.reported_at


def _told(
    incident: Incident, history: Sequence[Entry], matter: Matter | None, calendar: Calendar, now: datetime | None
) -> Clock:
    clock = Clock(matter.limit if matter else UNCLASSIFIED_LIMIT, incident.reported_at, calendar)
    story = _Story(clock)
    for entry in history:
        if now is not None and entry.at > now:
            break
        if entry.subject == incident.id and not entry.refused:
            story.tell(entry)
    return clock


class _Story:
    """An incident's entries told to its clock, one by one.

    What the desk did has happened, whatever the clock thinks of it: a stop of a clock that stands already, or a start
    of one that runs, is passed over, and an entry dated before the one it follows counts as of the same moment.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.body = ""
        self.returned_by: str | None = None

    def tell(self, entry: Entry) -> None:
        kept = entry.details.get("clock")
        if kept:
            self.take(Step(kept["step"]), entry, kept["why"], kept["until"])
            return
        match entry.deed, entry.details.get("was", {}).get("status"), _status(entry):
            case "hand_back", _, _:
                self.came_back(entry)
            case _, _, Status.ASSIGNED:
                self.sent(entry, entry.details.get("warrant", {}).get("body", ""))
            case _, _, Status.TRANSFERRED:
                self.sent(entry, _receiver(entry))
            case "task_return", Status.TRANSFERRED, Status.REPORTED:
                self.came_back(entry)
            case _, Status.TRANSFERRED, Status.REPORTED:
                self.recalled(entry)
            case _, Status.ASSIGNED | Status.ACCEPTED, Status.REPORTED:
                self.recalled(entry)
            case _, _, Status.ACCEPTED:
                self.returned_by = None
            case _, _, Status.HANDLED:
                self.stop(Step.CHECKING, entry, entry.details.get("outcome", ""))
            case _, _, Status.VERIFIED | Status.CLOSED | Status.MERGED if not self.clock.done:
                self.take(Step.DONE, entry, "")
            case _, Status.HANDLED | Status.CLOSED | Status.MERGED, Status.REPORTED:
                self.run(entry)

    def came_back(self, entry: Entry) -> None:
        self.returned_by = self.body
        self.stop(Step.RETURNED, entry, entry.details.get("reason", ""))

    def sent(self, entry: Entry, body: str) -> None:
        """After it came back: the same body lets the clock run on, another one begins it anew."""
        self.body = body
        if self.returned_by is None:
            return
        if self.body != self.returned_by:
            self.take(Step.RESTARTED, entry, self.body)
        elif self.clock.stands(self.at(entry)) is Step.RETURNED:
            self.run(entry)

    def recalled(self, entry: Entry) -> None:
        """The dispatcher's own correction stops nothing, unless the incident had come back before."""
        if self.returned_by is not None:
            self.stop(Step.RETURNED, entry, entry.details.get("reason", ""))

    def stop(self, step: Step, entry: Entry, why: str) -> None:
        if not self.clock.stands(self.at(entry)):
            self.take(step, entry, why)

    def run(self, entry: Entry) -> None:
        if self.clock.stands(self.at(entry)):
            self.take(Step.RESUMED, entry, "")

    def take(self, step: Step, entry: Entry, why: str, until: str = "") -> None:
        day = date.fromisoformat(until) if until else None
        self.clock.take(ClockEvent(step, self.at(entry), why, day), settled=True)

    def at(self, entry: Entry) -> datetime:
        return max(entry.at, self.clock.last)


def _receiver(entry: Entry) -> str:
    """Which body an incident was handed over to."""
    return str(entry.details.get("handed", {}).get("body", ""))


def _status(entry: Entry) -> str:
    return str(entry.details.get("set", {}).get("status", ""))


def _first_approval(incident: Incident, clock: Clock, history: Sequence[Entry], actor: str) -> Entry | None:
    """Who has approved the pending extension so far, provided ``actor`` may be the next."""
    if not clock.waiting:
        raise Refused(Reason("extension_not_asked", False, {"incident": incident.id}))
    values = {"incident": incident.id, "actor": actor}
    asked = next(entry for entry in reversed(history) if entry.deed == "clock_ask")
    if _same_person(asked.actor, actor):
        raise Refused(Reason("extension_own", False, values))
    since = (entry for entry in history if entry.sequence > asked.sequence)
    first = next((entry for entry in since if entry.deed == "clock_extend"), None)
    if first and _same_person(first.actor, actor):
        raise Refused(Reason("extension_same_approver", False, values))
    return first


def _same_person(one: str, other: str) -> bool:
    names = (unicodedata.normalize("NFKC", name).strip().casefold() for name in (one, other))
    return next(names) == next(names)


def _entered(deed: Deed, clock: Clock, version: int, event: ClockEvent) -> Incident:
    """The event taken by the clock, then written down."""
    clock.take(event)
    return deed.change(Incident.noted, version, clock=_kept(event))


def _kept(event: ClockEvent) -> dict[str, Any]:
    """An event as the ledger keeps it; its time is the entry's."""
    return {"step": event.step.value, "why": event.why, "until": event.until.isoformat() if event.until else ""}
