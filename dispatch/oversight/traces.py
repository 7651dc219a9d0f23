"""What the ledger says was done about the incidents of a time, one trace each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatch.desk.clocks import handling
from dispatch.records.incident import Incident, Status
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.deadlines import Deadline
from dispatch.rulebook.matters import Matter
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import Entry, Kind


@dataclass(frozen=True, slots=True)
class Trace:
    """One incident and what was done about it.

    Attributes
    ----------
    entries
        Its own deeds in the order of the ledger; what was refused changed nothing and is not among them.
    limit
        The clock from report to handled, as it stood when it was looked at.
    until
        Aware, UTC: when it was looked at; nothing later is in it.
    """

    incident: Incident
    entries: tuple[Entry, ...]
    limit: Deadline
    until: datetime

    @property
    def merged(self) -> bool:
        """Whether it is one more voice about another incident, and counts there."""
        return self.incident.status is Status.MERGED

    @property
    def brought_in_closed(self) -> bool:
        """Whether it was over when it came into the book, as history: the book does not know who did what when."""
        began = self.first("report")
        return began is not None and began.details["set"].get("status") == Status.CLOSED

    def deeds(self, *names: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.deed in names]

    def first(self, *names: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.deed in names), None)

    def sent_back(self) -> list[Entry]:
        """The looks that found the work not in order."""
        return [entry for entry in self.deeds("verify") if not entry.details.get("passed")]


def traces(
    casebook: Casebook, matters: Mapping[str, Matter], calendar: Calendar, since: datetime, until: datetime
) -> list[Trace]:
    """The traces of all incidents reported from ``since`` to before ``until`` (aware), in the order of report.

    Deeds at ``until`` or later are left out, so the same time gives the same traces however late it is looked at; only
    the report itself stands in it whenever it was entered.
    """
    told = [each for each in casebook.incidents() if since <= each.reported_at < until]
    histories: dict[str, list[Entry]] = defaultdict(list)
    for entry in casebook.histories({Kind.INCIDENT: [each.id for each in told]}):
        if entry.at < until or entry.deed == "report":
            histories[entry.subject].append(entry)
    return [
        Trace(
            each,
            tuple(entry for entry in histories[each.id] if not entry.refused),
            handling(each, histories[each.id], matters.get(each.matter), calendar, until),
            until,
        )
        for each in sorted(told, key=lambda each: (each.reported_at, each.id))
    ]
