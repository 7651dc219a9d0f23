"""Supervision rules run on the book: which act, which person, which rule. A finding asks a question; people judge it.

Every stamp of a case is held again against the rules in force, as they stood before it: what was forced past the desk,
or changed behind it, shows here. One rule is one function.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from dispatch.desk.clocks import DISPATCH_WITHIN
from dispatch.desk.standing import People
from dispatch.oversight.indicators import dispatched_on_time, handled_on_time, reached_on_time
from dispatch.oversight.traces import Trace
from dispatch.records.calls import CallStatus, Stop
from dispatch.records.case import Case, Fact, Procedure
from dispatch.records.reason import Reason
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.conditions import Context
from dispatch.rulebook.matters import Matter
from dispatch.rulebook.procedures import DECISION, Acts, Procedures, Step, check
from dispatch.rulebook.stepterms import due_at
from dispatch.store.ledger import Entry

DOOR_AGAIN = timedelta(days=30)
"""Quzhou warns when one enterprise is inspected again within so many days."""
BACK_TOO_OFTEN = 2
PERSONAL = frozenset({"officer_not_certified", "officer_of_another_body"})
"""What is said of somebody who has left the roster since would be guessed: it is passed over."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One act that a rule does not let pass.

    Attributes
    ----------
    rule
        Which rule.
    subject
        Id of the incident, case or call.
    act
        The deed or the step of the case.
    people
        Who did it, or had it in hand.
    at
        Aware, UTC: when, or by when it should have been.
    town
        9-digit town; empty outside the district.
    why
        What stands against it.
    """

    rule: str
    subject: str
    act: str
    people: tuple[str, ...]
    at: datetime
    town: str
    why: Reason


@dataclass(frozen=True, slots=True)
class Law:
    """What cases are held against: the steps, who there is, the fields of certificates, and the calendar."""

    procedures: Procedures
    people: People
    matters: Mapping[str, Matter]
    calendar: Calendar


def of_incidents(found: Iterable[Trace]) -> list[Finding]:
    """What the rules say of incidents, in their order."""
    return [finding for trace in found if not trace.merged for rule in INCIDENT_RULES for finding in rule(trace)]


def sent_too_late(trace: Trace) -> Iterator[Finding]:
    """Nobody sent within a quarter of an hour."""
    if dispatched_on_time(trace) is False:
        by = trace.incident.reported_at + DISPATCH_WITHIN
        sent = trace.first("assign", "transfer_out")
        values = {"minutes": _minutes((sent.at if sent else trace.until) - by)}
        yield _finding("sent_too_late", trace, "assign", (sent.actor,) if sent else (), by, values)


def there_too_late(trace: Trace) -> Iterator[Finding]:
    """Nobody on the spot by the time that was set."""
    if reached_on_time(trace) is False:
        arrived, had = trace.first("arrive"), trace.deeds("assign")
        values = {"minutes": _minutes((arrived.at if arrived else trace.until) - trace.incident.due_at)}
        yield _finding("there_too_late", trace, "arrive", _last_team(had), trace.incident.due_at, values)


def past_the_limit(trace: Trace) -> Iterator[Finding]:
    """Not handled within the limit of its matter."""
    if handled_on_time(trace) is False:
        end = trace.limit.done_at or trace.until
        values = {"hours": round((end - trace.limit.due_at) / timedelta(hours=1), 1)}
        yield _finding("past_the_limit", trace, "handle", _last_team(trace.deeds("assign")), trace.limit.due_at, values)


def back_again_and_again(trace: Trace) -> Iterator[Finding]:
    """Found not in order more than once."""
    back = trace.sent_back()
    if len(back) >= BACK_TOO_OFTEN:
        teams = tuple(dict.fromkeys(entry.team for entry in trace.deeds("handle") if entry.team))
        yield _finding("back_again_and_again", trace, "verify", teams, back[-1].at, {"times": len(back)})


def looked_at_by_whoever_did_it(trace: Trace) -> Iterator[Finding]:
    """The look was taken by the one who reported the work as done."""
    done = trace.first("handle")
    for look in trace.deeds("verify"):
        if done is not None and look.actor == done.actor:
            yield _finding("looked_at_by_whoever_did_it", trace, "verify", (look.actor,), look.at, {})
            return


INCIDENT_RULES = (
    sent_too_late,
    there_too_late,
    past_the_limit,
    back_again_and_again,
    looked_at_by_whoever_did_it,
)


def of_cases(cases: Iterable[Case], law: Law, since: datetime, until: datetime) -> list[Finding]:
    """What the rules say of the steps stamped from ``since`` to before ``until``, in the order of the cases."""
    return [
        finding
        for case in cases
        for number, stamp in enumerate(case.stamps)
        if since <= stamp.at < until
        for finding in _of_stamp(case, number, law)
    ]


def _of_stamp(case: Case, number: int, law: Law) -> Iterator[Finding]:
    stamp = case.stamps[number]
    before = as_it_was(case, number, law.procedures)
    step = law.procedures.step(before.procedure, stamp.step)
    if step is None:
        return  # how a case was given up or given away, which no step is
    people = (stamp.by, *stamp.officers)
    context = _context(before, case, number, step, law)
    for why in check(before, stamp.step, law.procedures, context):
        if why.code not in PERSONAL or why.values.get("officer") in context.people:
            yield Finding("against_the_law", case.id, stamp.step, people, stamp.at, case.town, why)
    term = due_at(before, step, context)
    if term is not None and stamp.at > term and not step.rolls_over:  # the party's own term is not an officer's fault
        late = Reason("step_late", False, {"hours": round((stamp.at - term) / timedelta(hours=1), 1)})
        yield Finding("step_too_late", case.id, stamp.step, people, term, case.town, late)
    if stamp.step in DECISION.values():
        reviewed = before.stamp("reviewed")
        if reviewed is not None and {reviewed.by, *reviewed.officers} & {*stamp.officers}:
            both = Reason("reviewer_decides", False, {"person": reviewed.by})
            yield Finding("reviewed_by_whoever_decides", case.id, stamp.step, people, stamp.at, case.town, both)


def as_it_was(case: Case, number: int, procedures: Procedures) -> Case:
    """The case before its stamp ``number``, under the procedure it then followed."""
    stamp, stamps = case.stamps[number], case.stamps[:number]
    facts: dict[str, Fact] = {}
    for one in stamps:
        facts |= one.facts
    names = {step.name for step in procedures.of(case.procedure)}
    other = Procedure.SIMPLE if case.procedure is Procedure.ORDINARY else Procedure.ORDINARY
    decided = any(one.step in DECISION.values() for one in stamps)
    return replace(
        case,
        procedure=case.procedure if stamp.step in names else other,
        stamps=stamps,
        facts=facts,
        outcome=case.outcome if decided else None,
        fine_yuan=case.fine_yuan if decided else 0,
        closed_at=None,
    )


def _context(before: Case, case: Case, number: int, step: Step, law: Law) -> Context:
    stamp = case.stamps[number]
    matter = law.matters.get(case.matter)
    own = case.stamps[0].officers if number and step.role is Acts.OFFICER else ()
    return Context(
        now=stamp.at,
        calendar=law.calendar,
        facts=stamp.facts,
        officers=stamp.officers or own,
        people=law.people.by_id(),
        of_body=law.people.of_body(before.body),
        certificate=matter.field if matter else "",
    )


def of_doors(stops: Sequence[tuple[date, str, Stop]]) -> list[Finding]:
    """Premises that were entered again within 30 days.

    Parameters
    ----------
    stops
        Day, town and call, in any order; only those that were made count. A call that a violation led to is followed
        up lawfully, so the next one is no finding.
    """
    made = sorted(
        (row for row in stops if row[2].status is CallStatus.DONE and row[2].ended_at is not None),
        key=lambda row: (row[2].visit.premises, row[0], row[2].id),
    )
    found = []
    last: dict[str, tuple[date, Stop]] = {}
    for day, town, stop in made:
        premises = stop.visit.premises
        if premises in last and stop.ended_at is not None:
            earlier, before = last[premises]
            if day - earlier <= DOOR_AGAIN and not before.incidents:
                why = Reason("door_again", False, {"premises": premises, "days": (day - earlier).days})
                found.append(Finding("entered_again", stop.id, "inspect", stop.entered, stop.ended_at, town, why))
        last[premises] = day, stop
    return found


def _finding(
    rule: str,
    trace: Trace,
    act: str,
    people: tuple[str, ...],
    at: datetime,
    values: Mapping[str, str | int | float],
) -> Finding:
    return Finding(rule, trace.incident.id, act, people, at, trace.incident.town, Reason(rule, False, values))


def _last_team(sent: Sequence[Entry]) -> tuple[str, ...]:
    return (sent[-1].team,) if sent else ()


def _minutes(span: timedelta) -> int:
    return round(span / timedelta(minutes=1))
