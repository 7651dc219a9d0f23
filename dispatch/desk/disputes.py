"""What the common superior decides (article 25 of the Penalty Law), and the agenda of the meeting that speaks of it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from dispatch.desk.clauses import cited
from dispatch.desk.refusals import Stale, Unknown
from dispatch.desk.tasks import Tasks
from dispatch.records.dispute import Dispute, DisputeStatus
from dispatch.records.incident import Incident
from dispatch.rulebook.calendar import CHINA
from dispatch.rulebook.terms import Term, Unit
from dispatch.store import between
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import Entry, Kind

FRIDAY = 4
"""When the meeting is held: in Jiangyin every Friday."""
AFTER_DECISION = Term(3, Unit.WORKING_DAYS)
"""For the department that was told it is its own. An assumption."""


class Disputes(Tasks):
    """The superior's one deed; made like ``dispatch.desk.tasks.Tasks``."""

    def decide(
        self,
        actor: str,
        dispute_id: str,
        version: int,
        department: str,
        clause: str,
        *,
        now: datetime | None = None,
    ) -> Dispute:
        """The task sent to the department it belongs to, party or not, which cannot send it back again.

        Raises
        ------
        Refused
            ``needs_words``, ``needs_clause``; ``unknown_department``, ``same_department``.
        WrongStep
            When it is decided or withdrawn already, or of a transfer when a team has the incident now.
        """
        with self.deed("dispute_decide", actor, Kind.DISPUTE, dispute_id, now) as (page, who):
            dispute = between.dispute(page.connection, dispute_id)
            if dispute is None:
                raise Unknown("dispute", dispute_id)
            if dispute.version != version:
                raise Stale("dispute", dispute.id, version, dispute.version, page.latest(Kind.DISPUTE, dispute.id))
            after = dispute.decided(department, cited(clause, self._listed), who.at, who.name)
            task = page.task(dispute.task)
            if task is None:
                raise Unknown("task", dispute.task)
            between.change_dispute(page, who, dispute, after)
            self._save(page, who, task, self.sent_to(page, who, task, department, AFTER_DECISION))
            return after


class Brought(NamedTuple):
    """A dispute with what it is about."""

    dispute: Dispute
    incident: Incident
    history: tuple[Entry, ...]
    """Of its task, in the order of the ledger."""


class Stand(NamedTuple):
    """One party and the clauses on which it sent the task back, in that order."""

    department: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the agenda.

    Attributes
    ----------
    words, matter, place
        Of the incident: what was said, the code of what it is, its address or else its cell.
    waited_days
        From the day it was put before the superior to the day of the meeting.
    late
        Whether its term is over when that day begins.
    precedents
        What was decided before on the same matter, the last decision first.
    """

    dispute: Dispute
    parties: tuple[Stand, ...]
    words: str
    matter: str
    place: str
    waited_days: int
    late: bool
    precedents: tuple[Dispute, ...]


@dataclass(frozen=True, slots=True)
class Agenda:
    """What the meeting of a day has to decide, what has waited longest first."""

    meets_on: date
    items: tuple[Item, ...]


def read_disputes(casebook: Casebook, *, open_only: bool = False) -> list[Brought]:
    """Every dispute, or those that wait for the superior, the first opened first."""
    with casebook.reading() as connection:
        known = between.disputes(connection, open_only=open_only)
        about = between.incidents_of(connection, {each.incident for each in known})
    told = defaultdict[str, list[Entry]](list)
    for entry in casebook.histories({Kind.TASK: [each.task for each in known]}):
        told[entry.subject].append(entry)
    return [Brought(each, about[each.incident], tuple(told[each.task])) for each in known]


def agenda(disputes: Sequence[Brought], day: date, zone: tzinfo = CHINA) -> Agenda:
    """The open ones for the meeting on ``day`` or the next Friday after it.

    Decided ones among ``disputes`` are told as precedents. ``zone`` is where the place keeps its calendar.
    """
    meets_on = day + timedelta(days=(FRIDAY - day.weekday()) % 7)
    waiting = [each for each in disputes if each.dispute.status is DisputeStatus.OPEN]
    waiting.sort(key=lambda each: (each.dispute.opened_at, each.dispute.id))
    return Agenda(meets_on, tuple(_item(each, disputes, meets_on, zone) for each in waiting))


def _item(one: Brought, disputes: Sequence[Brought], meets_on: date, zone: tzinfo) -> Item:
    incident, dispute = one.incident, one.dispute
    same = [
        each.dispute
        for each in disputes
        if incident.matter and each.incident.matter == incident.matter and each.dispute.status is DisputeStatus.DECIDED
    ]
    same.sort(key=lambda each: (each.decided_at or datetime.min.replace(tzinfo=UTC), each.id), reverse=True)
    return Item(
        dispute=dispute,
        parties=stands(dispute, one.history),
        words=incident.text,
        matter=incident.matter,
        place=incident.address or incident.cell,
        waited_days=(meets_on - dispute.opened_at.astimezone(zone).date()).days,
        late=dispute.due_at.astimezone(zone).date() <= meets_on,
        precedents=tuple(same),
    )


def stands(dispute: Dispute, history: Sequence[Entry]) -> tuple[Stand, ...]:
    """Each party with the clauses it named, from the entries of the task."""
    said: dict[str, list[str]] = {party: [] for party in dispute.parties}
    for entry in history:
        if entry.deed == "task_return" and entry.at <= dispute.opened_at:
            said.setdefault(_department(entry), []).append(str(entry.details["set"].get("said", "")))
    return tuple(Stand(party, tuple(said[party])) for party in dispute.parties)


def _department(entry: Entry) -> str:
    """Who sent it back: the last of those who have."""
    return str(json.loads(entry.details["set"]["returned_by"])[-1])
