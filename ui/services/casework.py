"""What the case screen asks: which case is due first, who may act, what a tier allows, and the deed behind a button."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from dispatch.desk.cases import Cases
from dispatch.records.case import Case, Fact, Outcome, Procedure
from dispatch.records.incident import Incident
from dispatch.records.reason import Reason
from dispatch.records.team import Officer, Team
from dispatch.rulebook.actcode import qr_svg, valid
from dispatch.rulebook.competence import Actor, Answer
from dispatch.rulebook.conditions import stepped_back
from dispatch.rulebook.discretion import Range, Spread, Tier, spread
from dispatch.rulebook.gates import REVIEW_FIELD
from dispatch.rulebook.procedures import CLOSING, DECISION, PAYMENT, SERVICE, Acts, NextStep, Step
from dispatch.store.ledger import Entry

SOON = timedelta(days=3)
CIRCUMSTANCES = ("minor", "corrected", "harm", "no_fault", "ordered_before", "order_over")
"""Facts that the advice of article 33 looks at."""


class Tone(StrEnum):
    """The colour of a case's clock."""

    LATE = "bad"
    SOON = "warn"
    RUNNING = "good"
    NONE = ""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as the list shows it: what is next, by when, and how urgent that is."""

    case: Case
    next: Step | None
    due_at: datetime | None
    tone: Tone


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases are wanted; ``open`` None means both, empty words and towns mean all."""

    words: str = ""
    open: bool | None = True
    towns: frozenset[str] = frozenset()

    def lets_through(self, case: Case, said: str) -> bool:
        fits = self.open is None or case.open is self.open
        here = not self.towns or case.town in self.towns
        about = f"{case.id} {case.party.id} {case.party.name} {case.incident} {said}".casefold()
        return fits and here and all(word in about for word in self.words.casefold().split())


@dataclass(frozen=True, slots=True)
class TierLine:
    """A tier, what it allows in yuan (None while its base is not given), and how past fines of it lie."""

    tier: Tier
    allowed: Range | None
    past: Spread | None


@dataclass(frozen=True, slots=True)
class Given:
    """What was filled in for a step."""

    facts: Mapping[str, Fact]
    officers: tuple[str, ...] = ()
    outcome: Outcome | None = None
    fine_yuan: int = 0
    tier: int | None = None
    base: float | None = None
    reason: str = ""


@dataclass
class CaseList:
    """The cases of a book, read again only when one of them has changed."""

    cases: Cases
    _revision: tuple[int, int] | None = field(init=False, default=None)
    _found: tuple[Case, ...] = field(init=False, default=())
    _next: dict[tuple[str, int], tuple[Step | None, datetime | None]] = field(init=False, default_factory=dict)

    def all(self) -> tuple[Case, ...]:
        """Every case there is, the first filed first."""
        revision = self.cases.casebook.cases_revision()
        if revision != self._revision:
            self._found, self._revision = tuple(self.cases.casebook.cases()), revision
            there = {(case.id, case.version) for case in self._found}
            self._next = {key: known for key, known in self._next.items() if key in there}
        return self._found

    def lines(self, wanted: Sequence[Case], now: datetime) -> list[CaseLine]:
        """Open cases by their next deadline, those without one after them; then the closed, the last closed first."""
        lines = [self._line(case, now) for case in wanted]
        return sorted(lines, key=_urgency)

    def _line(self, case: Case, now: datetime) -> CaseLine:
        key = (case.id, case.version)
        if key not in self._next:
            steps = self.cases.next(case, now)
            running = self.cases.clocks(case, steps, now)
            self._next[key] = steps[0].step if steps else None, running[0].due_at if running else None
        step, due = self._next[key]
        return CaseLine(case, step, due, tone(due, now))


def _urgency(line: CaseLine) -> tuple[bool, float, float]:
    closed = line.case.closed_at
    due = line.due_at.timestamp() if line.due_at else math.inf
    return closed is not None, due, -(closed or line.case.filed_at).timestamp()


def tone(due_at: datetime | None, now: datetime) -> Tone:
    """Late from the deadline on, soon from three days before it."""
    if due_at is None:
        return Tone.NONE
    if now > due_at:
        return Tone.LATE
    return Tone.SOON if due_at - now <= SOON else Tone.RUNNING


def people_for(
    cases: Cases, case: Case, step: Step, teams: Iterable[Team], office: Sequence[Officer], day: date
) -> list[Officer]:
    """Who can lawfully do a step: certified officers of the body, or those of the office who took no part in the case.

    Nobody who has stepped back from it.
    """
    recused = stepped_back(case.facts.get("recused"))
    taking_part = recused | {name for stamp in case.stamps for name in stamp.officers}
    if step.role is Acts.REVIEWER:
        return [each for each in office if each.certified(REVIEW_FIELD, day) and each.id not in taking_part]
    if step.role is Acts.HOST:
        return [each for each in office if each.id not in taking_part]
    if step.role is not Acts.OFFICER:
        return []
    able = certified(teams, case.body, cases.rulebook.matters[case.matter].field, case.town, day)
    return [each for each in able if each.id not in recused]


def certified(teams: Iterable[Team], body: str, wanted: str, town: str, day: date) -> list[Officer]:
    """Officers of a body certified in the field ``wanted``, those posted in the town first."""
    of_body = [team for team in teams if team.body == body]
    of_body.sort(key=lambda team: (team.town != town, team.id))
    found = {person.id: person for team in of_body for person in team.officers if person.certified(wanted, day)}
    return list(found.values())


def names_of(teams: Sequence[Team], office: Sequence[Officer]) -> dict[str, str]:
    """Names by id of everybody who can stand in a stamp."""
    return {person.id: person.name for team in teams for person in (*team.officers, *office)}


def may_act(cases: Cases, matter: str, town: str, day: date) -> Answer:
    """Who may act on a matter in a town, with the proof."""
    return cases.rulebook.resolve(matter, town, day)


def own_team(answer: Answer, incident: Incident | None, teams: Mapping[str, Team]) -> Actor | None:
    """The body of the team at the incident, where it may act; else the first that may."""
    team = teams.get(incident.team) if incident is not None else None
    own = answer.actor(team.body) if team is not None else None
    return own or next(iter(answer.actors), None)


def tier_lines(cases: Cases, matter: str, base: float | None, past: Sequence[Case]) -> list[TierLine]:
    """The benchmark of a matter with the fines among its ``past`` cases, tier by tier.

    For the screen of one case; no figure of it is summed up anywhere.
    """
    lie = spread(past).by_tier
    return [TierLine(tier, _allowed(cases, tier, base), lie.get(tier.tier)) for tier in cases.tiers(matter)]


def _allowed(cases: Cases, tier: Tier, base: float | None) -> Range | None:
    if tier.unit.needs_base and not (base and base > 0):
        return None
    return cases.discretion.range_for(tier.matter, tier.tier, base or 1.0)


def synthetic(case: Case) -> bool:
    """Whether the party is a made-up one of the demo."""
    return case.party.id.startswith("SYN-")


def to_look_at(entries: Sequence[Entry]) -> list[Reason]:
    """What intake said had to be looked at before going on, from the case's first entry."""
    found = []
    for told in entries[0].details.get("look_at", ()) if entries else ():
        values = {name: value for name, value in told.items() if name != "code"}
        found.append(Reason(str(told["code"]), None, values))
    return found


def changed_by(entries: Sequence[Entry]) -> Entry | None:
    """The last entry that changed the case; a refusal changes nothing."""
    return next((entry for entry in reversed(entries) if entry.version_after != entry.version_before), None)


@lru_cache(maxsize=512)
def qr_of(code: str) -> str:
    """The code as a QR picture (SVG); empty for a stamp without a valid code."""
    return qr_svg(code) if valid(code) else ""


def state_of(case: Case, step: Step, left: Mapping[str, NextStep]) -> str:
    """How a step stands on the line: ``done``, ``open``, ``barred`` or ``spared`` when it is not owed."""
    if step.name in left:
        return "open" if left[step.name].open else "barred"
    return "done" if case.stamp(step.name) is not None else "spared"


def done(cases: Cases, actor: str, case: Case, step: str, given: Given) -> Case:
    """One step taken by the deed that the desk has for it; what the law forbids rises from the desk."""
    if step == DECISION[case.procedure] and given.outcome is not None:
        return cases.decide(
            actor,
            case.id,
            case.version,
            given.outcome,
            given.fine_yuan if given.outcome is Outcome.FINE else 0,
            tier=given.tier,
            base=given.base,
            reason=given.reason,
            officers=given.officers,
            facts=given.facts,
        )
    if step == CLOSING:
        return cases.close(actor, case.id, case.version, given.facts)
    if step == SERVICE[case.procedure]:
        return cases.serve(actor, case.id, case.version, given.facts, officers=given.officers)
    if step == PAYMENT[case.procedure]:
        return cases.pay(actor, case.id, case.version, given.facts)
    return cases.stamp(actor, case.id, case.version, step, officers=given.officers, facts=given.facts)


def can_turn(case: Case) -> bool:
    """Whether a simple case can still be taken on under the ordinary procedure."""
    return case.open and case.outcome is None and case.procedure is Procedure.SIMPLE
