"""The two procedures of the Administrative Penalty Law as data, and what stands between a case and its next step.

A step is owed when its condition holds. Every step owed must be done before a later one, and every gate of a step must
be open; nobody can overrule either, since a penalty whose procedure is gravely at fault is void (article 38). A step
done again before the decision makes those after it due again: a heavier fine, for one, is notified anew and pleaded
against anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from dispatch.records.case import Case, Fact, Procedure
from dispatch.records.reason import Reason
from dispatch.rulebook.conditions import CONDITIONS, Context
from dispatch.rulebook.facts import Asked, read_facts
from dispatch.rulebook.gaterule import GATES
from dispatch.rulebook.gates import GATE_REASONS
from dispatch.rulebook.lists import ListFile, ListRow, read_list
from dispatch.rulebook.matters import ARTICLE, Source
from dispatch.rulebook.stepterms import due_at, term_of
from dispatch.rulebook.terms import Term, Unit
from gis.schemas import shorten

COLUMNS = (
    "procedure",
    "order",
    "step",
    "name_zh",
    "name_en",
    "role",
    "officers",
    "when",
    "gates",
    "term",
    "term_unit",
    "term_from",
    "basis",
    "source",
)
FACTS_FILE = "procedure_facts.csv"
CALL = re.compile(r"(\w+)(?::(\d{1,9}(?:/\d{1,9})*))?", re.ASCII)

DECISION = {Procedure.ORDINARY: "decided", Procedure.SIMPLE: "decided_on_spot"}
SERVICE = {Procedure.ORDINARY: "served", Procedure.SIMPLE: "delivered"}
PAYMENT = {Procedure.ORDINARY: "performed", Procedure.SIMPLE: "paid"}
CLOSING = "closed"
"""Steps that have deeds of their own at the desk; a list of procedures must have them."""

PROCEDURE_REASONS = (
    *GATE_REASONS,
    "step_unknown",  # step, procedure
    "step_before",  # before, before_zh, before_en, basis, step, step_zh, step_en
    "step_not_owed",  # step, step_zh, step_en
    "step_done",  # step, step_zh, step_en
    "already_decided",  # step, step_zh, step_en
    "case_closed",  # case
    "fact_of_another_step",  # fact, fact_zh, fact_en, step, step_zh, step_en: where it belongs
    "fact_odd",  # fact, fact_zh, fact_en, found, expected
    "day_to_come",  # fact, fact_zh, fact_en, found, today
    "clock_deferred",  # to
)
"""Every code that can stand against a step, each with its values."""

SET_AT_THE_DECISION = frozenset({"deviates"})
"""Facts that the amount itself settles, whatever was said before."""
GIVEN_WITH_THE_STAMP = frozenset({"fact_missing", "officers_missing"})
"""Codes that only say what is still to be filled in."""


class Acts(StrEnum):
    """Who does a step."""

    OFFICER = "officer"
    HOST = "host"
    REVIEWER = "reviewer"
    HEAD = "head"
    CLERK = "clerk"


@dataclass(frozen=True, slots=True)
class Call:
    """A gate or condition with the limits the list gives it."""

    name: str
    limits: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a procedure.

    Attributes
    ----------
    officers
        How many certified people act in it at least.
    when
        The condition under which it is owed; None for always.
    term, term_from
        Until when it is to be done, counted from the stamp of which step.
    """

    procedure: Procedure
    order: int
    name: str
    name_zh: str
    name_en: str
    role: Acts
    officers: int
    when: Call | None
    gates: tuple[Call, ...]
    term: Term | None
    term_from: str
    basis: str
    source: Source

    @property
    def asks(self) -> tuple[str, ...]:
        """Names of the facts its gates read, in their order."""
        return tuple(dict.fromkeys(fact for call in self.gates for fact in GATES[call.name].reads))

    @property
    def rolls_over(self) -> bool:
        """Whether its term waits for a working day: the party's may, banks are closed; the authority's own may not."""
        return self.name == PAYMENT[self.procedure]

    def limits(self, gate: str) -> tuple[int, ...]:
        """The limits that the list gives one of its gates; empty when it has no such gate."""
        return next((call.limits for call in self.gates if call.name == gate), ())

    def owed(self, case: Case, context: Context) -> bool:
        """Whether this case has to go through it."""
        return self.when is None or CONDITIONS[self.when.name].holds(case, context, *self.when.limits)

    def told(self) -> dict[str, str | int | float]:
        return {"step": self.name, "step_zh": self.name_zh, "step_en": self.name_en}


@dataclass(frozen=True, slots=True)
class Procedures:
    """Both procedures, in order, and the facts their steps ask for."""

    steps: Mapping[Procedure, tuple[Step, ...]]
    facts: Mapping[str, Asked]

    def of(self, procedure: Procedure) -> tuple[Step, ...]:
        return self.steps[procedure]

    def step(self, procedure: Procedure, name: str) -> Step | None:
        return next((step for step in self.steps[procedure] if step.name == name), None)


@dataclass(frozen=True, slots=True)
class NextStep:
    """A step still to be done.

    Attributes
    ----------
    open
        Whether it can be done now, once its facts are filled in.
    why
        What stands against it; empty when open.
    due_at
        Aware; None without a term, or while the step it counts from is not done.
    overdue
        Whether that has passed.
    asks
        The facts to fill in.
    lines
        How ``due_at`` was counted.
    """

    step: Step
    open: bool
    why: tuple[Reason, ...]
    due_at: datetime | None
    overdue: bool
    asks: tuple[Asked, ...]
    lines: tuple[Reason, ...] = ()


def next_steps(case: Case, procedures: Procedures, context: Context) -> tuple[NextStep, ...]:
    """Every step the case still owes as things stand, in lawful order; none once it is closed."""
    if not case.open:
        return ()
    steps = procedures.of(case.procedure)
    done = _done(case, steps)
    left = [step for step in steps if step.name not in done and step.owed(case, context)]
    return tuple(_next(case, step, procedures, context) for step in left)


def _next(case: Case, step: Step, procedures: Procedures, context: Context) -> NextStep:
    against = check(case, step.name, procedures, context)
    why = tuple(reason for reason in against if reason.code not in GIVEN_WITH_THE_STAMP)
    asks = tuple(procedures.facts[fact] for fact in step.asks)
    term = term_of(case, step, context)
    if term is None:
        return NextStep(step, not why, why, None, False, asks)
    return NextStep(step, not why, why, term.due_at, context.now > term.due_at, asks, term.lines)


def may_be_repeated(case: Case, procedures: Procedures) -> tuple[Step, ...]:
    """Steps done before the decision that may be done once more; what comes after them is then owed anew."""
    if case.outcome is not None or not case.open:
        return ()
    steps = procedures.of(case.procedure)
    return tuple(step for step in steps[1:] if case.stamp(step.name) is not None)


def check(case: Case, name: str, procedures: Procedures, context: Context) -> tuple[Reason, ...]:
    """Why this step may not be done now as ``context`` has it; empty when it is lawful."""
    steps = procedures.of(case.procedure)
    step = procedures.step(case.procedure, name)
    if not case.open:
        return (Reason("case_closed", False, {"case": case.id}),)
    if step is None:
        return (Reason("step_unknown", False, {"step": name, "procedure": case.procedure.value}),)
    odd = (*_odd_facts(procedures, context.facts, context.day), *_of_another_step(step, steps, procedures, context))
    if odd:
        return odd
    order = _out_of_order(case, step, steps, context)
    return order or tuple(_closed_gates(case, step, procedures, context))


def _out_of_order(case: Case, step: Step, steps: Sequence[Step], context: Context) -> tuple[Reason, ...]:
    done, decision = _done(case, steps), DECISION[case.procedure]
    decided = case.outcome is not None
    first = step is steps[0] and case.stamp(step.name) is not None
    if first or (decided and step.name in done and step.order >= _order(steps, decision)):
        return (Reason("step_done", False, step.told()),)
    if decided and step.order < _order(steps, decision):
        return (Reason("already_decided", False, step.told()),)
    before = [each for each in steps if each.order < step.order and each.name not in done and each.owed(case, context)]
    if before:
        return tuple(_before(each, step) for each in before)
    return () if step.owed(case, context) else (Reason("step_not_owed", False, step.told()),)


def _before(missing: Step, step: Step) -> Reason:
    told = {"before": missing.name, "before_zh": missing.name_zh, "before_en": missing.name_en}
    return Reason("step_before", False, {**step.told(), **told, "basis": missing.basis})


def _done(case: Case, steps: Iterable[Step]) -> set[str]:
    """The steps that stand: stamped after the last stamp of every step before them."""
    last = {stamp.step: number for number, stamp in enumerate(case.stamps)}
    done, reached = set[str](), -1
    for step in steps:
        number = last.get(step.name, -1)
        if number > reached:
            done.add(step.name)
            reached = number
    return done


def _order(steps: Iterable[Step], name: str) -> int:
    return next(step.order for step in steps if step.name == name)


def _of_another_step(step: Step, steps: Sequence[Step], procedures: Procedures, context: Context) -> Iterator[Reason]:
    """What another step asks is established there: a decision cannot unsay the notice (article 38)."""
    for name in sorted(context.facts.keys() - {*step.asks, *SET_AT_THE_DECISION}):
        asking = next((other for other in steps if name in other.asks), None)
        if asking is not None:
            yield Reason("fact_of_another_step", False, {**_named(procedures.facts[name]), **asking.told()})


def _odd_facts(procedures: Procedures, facts: Mapping[str, Fact], today: date) -> Iterator[Reason]:
    for name, value in facts.items():
        asked = procedures.facts.get(name)
        if asked is not None and not asked.fits(value):
            found = {"found": str(value)[:60], "expected": asked.expected}
            yield Reason("fact_odd", False, {**_named(asked), **found})
        elif asked is not None and asked.ahead(value, today):
            yield Reason("day_to_come", False, {**_named(asked), "found": str(value), "today": today.isoformat()})


def _closed_gates(case: Case, step: Step, procedures: Procedures, context: Context) -> Iterator[Reason]:
    timed = replace(context, due_at=due_at(case, step, context))
    for call in step.gates:
        gate = GATES[call.name]
        reason = gate.judge(case, timed, *call.limits)
        if reason is not None:
            asked = procedures.facts.get(str(reason.values.get("fact", "")))
            told = {**step.told(), "basis": step.basis, "article": gate.article}
            yield replace(reason, values={**reason.values, **(_named(asked) if asked else {}), **told})


def _named(asked: Asked) -> dict[str, str | int | float]:
    return {"fact": asked.name, "fact_zh": asked.name_zh, "fact_en": asked.name_en}


def read_procedures(path: Path) -> Procedures:
    """The procedures of ``path`` with the facts of ``procedure_facts.csv`` beside it.

    Raises
    ------
    BadInput
        With every row that is wrong: an unknown gate, condition or fact, limits that do not fit, a term without unit
        or start, orders that do not rise, a procedure without its decision, service, payment or closing.
    """
    facts = read_facts(path.with_name(FACTS_FILE))
    file, rows = read_list(path, COLUMNS)
    steps = [_step(row) for row in rows]
    for procedure in Procedure:
        _check_order([(row, step) for row, step in zip(rows, steps, strict=True) if step.procedure is procedure])
        _check_whole(file, procedure, {step.name for step in steps if step.procedure is procedure})
    for row, step in zip(rows, steps, strict=True):
        for unknown in sorted(set(step.asks) - set(facts)):
            file.blame(row.number, "gates", shorten(unknown), f"facts that stand in {FACTS_FILE}")
    for procedure in Procedure:
        _check_asked(file, [(row, step) for row, step in zip(rows, steps, strict=True) if step.procedure is procedure])
    file.stop_if_faulty("Mend these rows of the procedures and read them again.")
    return Procedures({kind: tuple(step for step in steps if step.procedure is kind) for kind in Procedure}, facts)


def _step(row: ListRow) -> Step:
    source = row.choice("source", Source)
    basis = row.text("basis", expected="the legal basis")
    if source is Source.STATUTE and not re.fullmatch(ARTICLE, basis):
        row.blame("basis", "the statute in 《》 and its article, 第…条, since the source is statute")
    when = tuple(_calls(row, "when", {name: each.limits for name, each in CONDITIONS.items()}))
    if len(when) > 1:
        row.blame("when", "one condition or nothing")
    return Step(
        procedure=row.choice("procedure", Procedure),
        order=row.whole("order", 1, 99),
        name=row.text("step", pattern=r"[a-z][a-z_]{1,31}", expected="a short name in small letters"),
        name_zh=row.text("name_zh", expected="a Chinese name"),
        name_en=row.text("name_en", expected="an English name"),
        role=row.choice("role", Acts),
        officers=row.whole("officers", 0, 9),
        when=when[0] if when else None,
        gates=tuple(_calls(row, "gates", {name: gate.limits for name, gate in GATES.items()})),
        term=_term(row),
        term_from=row.values["term_from"],
        basis=basis,
        source=source,
    )


def _calls(row: ListRow, column: str, limits: Mapping[str, int]) -> Iterator[Call]:
    for text in row.several(column):
        written = CALL.fullmatch(text)
        name = written[1] if written else ""
        numbers = tuple(int(each) for each in written[2].split("/")) if written and written[2] else ()
        if name not in limits:
            row.list.blame(row.number, column, shorten(text), f"some of {', '.join(sorted(limits))}")
        elif len(numbers) != limits[name]:
            row.list.blame(row.number, column, shorten(text), f"{name} with {limits[name]} limits, as in {name}:5/7")
        else:
            yield Call(name, numbers)


def _term(row: ListRow) -> Term | None:
    parts = [row.values[column] for column in ("term", "term_unit", "term_from")]
    if not any(parts):
        return None
    if not all(parts):
        row.blame("term", "term, term_unit and term_from together, or none of them")
        return None
    return Term(row.whole("term", 1, 999), row.choice("term_unit", Unit))


def _check_order(rows: Sequence[tuple[ListRow, Step]]) -> None:
    before: set[str] = set()
    reached = 0
    for row, step in rows:
        if step.order <= reached:
            row.blame("order", f"a number above {reached}, since the steps stand in their lawful order")
        if step.name in before:
            row.blame("step", "a step that stands once in its procedure")
        if step.term_from and step.term_from not in before:
            row.blame("term_from", "a step that stands before this one")
        before.add(step.name)
        reached = max(reached, step.order)


def _check_asked(file: ListFile, rows: Sequence[tuple[ListRow, Step]]) -> None:
    """A gate or condition that relies on a fact which no step up to its last place asks for would judge on nothing."""
    last = {call.name: number for number, (_, step) in enumerate(rows) for call in step.gates}
    for name, number in last.items():
        row, asked = rows[number][0], {fact for _, step in rows[: number + 1] for fact in step.asks}
        for fact in sorted(set(GATES[name].relies) - asked):
            file.blame(row.number, "gates", name, f"a step up to this one that asks for {fact}, on which {name} relies")
    for number, (row, step) in enumerate(rows):
        asked = {fact for _, each in rows[:number] for fact in each.asks}
        for fact in sorted(set(CONDITIONS[step.when.name].relies if step.when else ()) - asked):
            file.blame(
                row.number, "when", step.when.name if step.when else "", f"a step before it that asks for {fact}"
            )


def _check_whole(file: ListFile, procedure: Procedure, names: set[str]) -> None:
    for needed in (DECISION[procedure], SERVICE[procedure], PAYMENT[procedure], CLOSING):
        if needed not in names:
            file.blame(None, "step", f"no {needed} in the {procedure} procedure", "a row for it")
