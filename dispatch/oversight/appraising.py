"""What an appraisal is counted from, kept event by event, so that it can be counted again without some of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from dispatch.oversight import bundled
from dispatch.oversight.bundled import Bundled
from dispatch.oversight.evaluation import Ground, asked_within, found_within
from dispatch.oversight.indicators import About
from dispatch.oversight.marks import Weights
from dispatch.oversight.matrix import Event, ReportingIn, matrix
from dispatch.oversight.supervision import Finding
from dispatch.oversight.traces import traces
from dispatch.records.appraisal import Objection, Ruling, Side
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import canonical


@dataclass(frozen=True, slots=True)
class Counted:
    """One event behind a figure, for both sides.

    Attributes
    ----------
    id
        ``E`` and the number of its entry in the ledger, or ``F`` and its place among the findings.
    follows
        Id of the event without which it would not have been: the sending that an answer answers; its own otherwise.
    deed, subject
        Of the ledger and the task; of a finding its rule and what it was found about.
    department, body
        Empty for a finding, which is a town's alone.
    counts
        What it adds one to, each of ``COUNTS``; of a finding nothing there.
    """

    id: str
    follows: str
    deed: str
    subject: str
    at: datetime
    town: str
    department: str = ""
    body: str = ""
    counts: tuple[str, ...] = ()

    @property
    def finding(self) -> bool:
        return not self.counts

    def of(self, side: Side) -> str:
        """The town or the department that it counts for, or empty."""
        return self.town if side is Side.TOWN else self.department


@dataclass(frozen=True, slots=True)
class Basis:
    """All that the figures of an appraisal are made of.

    Attributes
    ----------
    weights
        Of pairs, by indicator, as they were when it was opened.
    """

    weights: Mapping[str, int]
    events: tuple[Counted, ...]

    def told(self) -> str:
        """As the book keeps it: the same text for the same content."""
        return canonical({"weights": self.weights, "events": [_row(each) for each in self.events]})

    def event(self, id: str) -> Counted | None:
        return next((each for each in self.events if each.id == id), None)

    def without(self, ids: Collection[str]) -> Basis:
        """As if these events, and what only followed from them, had never been."""
        kept = tuple(each for each in self.events if each.id not in ids and each.follows not in ids)
        return replace(self, events=kept)


@dataclass(frozen=True, slots=True)
class Figures:
    """What an appraisal says: who asked whom, the bundled marks of both sides, findings by town."""

    matrix: Sequence[ReportingIn]
    departments: Sequence[Bundled]
    towns: Sequence[Bundled]
    findings: Mapping[str, int]

    def of(self, side: Side) -> Sequence[Bundled]:
        return self.towns if side is Side.TOWN else self.departments


def basis(casebook: Casebook, ground: Ground, weights: Weights, since: datetime, until: datetime) -> Basis:
    """What is counted of the time from ``since`` to before ``until`` (aware); what came after it counts not at all."""
    found = found_within(
        casebook, ground, traces(casebook, ground.matters, ground.calendar, since, until), since, until
    )
    asked = asked_within(casebook, since, until)
    counted = [*(_of_task(each) for each in asked), *(_of_rule(n, each) for n, each in enumerate(found, start=1))]
    return Basis({name: weight for (about, name), weight in weights.items() if about is About.PAIR}, tuple(counted))


def figures(counted: Basis) -> Figures:
    """The figures that these events make."""
    weights = {(About.PAIR, name): weight for name, weight in counted.weights.items()}
    asked = [each for each in counted.events if not each.finding]
    rows = matrix(
        Event(0, 0, each.deed, each.at, each.subject, each.town, each.department, each.body, each.counts)
        for each in asked
    )
    found = Counter(each.town for each in counted.events if each.finding and each.town)
    return Figures(rows, bundled.departments(rows, weights), bundled.towns(rows, weights), dict(sorted(found.items())))


def upheld(objections: Iterable[Objection]) -> frozenset[str]:
    """The events that no longer count."""
    return frozenset(each.event for each in objections if each.ruling is Ruling.UPHELD)


def read_basis(told: str) -> Basis:
    """A basis as the book kept it."""
    kept = json.loads(told)
    return Basis(kept["weights"], tuple(_counted(row) for row in kept["events"]))


def fingerprint(told: str) -> str:
    """SHA-256 of a text."""
    return sha256(told.encode()).hexdigest()


def _of_task(one: Event) -> Counted:
    follows = f"E{one.asked}"
    return Counted(f"E{one.entry}", follows, one.deed, one.task, one.at, one.town, one.department, one.body, one.counts)


def _of_rule(number: int, one: Finding) -> Counted:
    return Counted(f"F{number}", f"F{number}", one.rule, one.subject, one.at, one.town)


def _row(one: Counted) -> list[Any]:
    whom = [one.town, one.department, one.body]
    return [one.id, one.follows, one.deed, one.subject, one.at, *whom, list(one.counts)]


def _counted(row: list[Any]) -> Counted:
    id, follows, deed, subject, at, town, department, body, counts = row
    return Counted(id, follows, deed, subject, datetime.fromisoformat(at), town, department, body, tuple(counts))
