"""The documents of a case as data: to which step each belongs, what it says, and why a case has it or has it not.

A document is given once its step is done, so that nothing is decided by a printer; those that are needed to do the step
(a notice, a receipt) are given as soon as the step may be done.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from string import Formatter

from dispatch.records.case import Case, Fact, Outcome, Stamp
from dispatch.records.reason import Reason
from dispatch.rulebook.facts import Asked
from dispatch.rulebook.lists import ListRow, each_once, read_list
from dispatch.rulebook.matters import ARTICLE, Source
from dispatch.rulebook.procedures import NextStep, Procedures
from gis.schemas import shorten

COLUMNS = ("document", "name_zh", "name_en", "steps", "given", "outcomes", "fact", "basis", "source")
TEXT_COLUMNS = ("document", "kind", "label", "when", "text")
TEXTS_FILE = "case_document_texts.csv"
SHORT = r"[a-z][a-z_]{1,31}"
WHEN = re.compile(r"(!?)([a-z][a-z_]{1,31})(?:=([a-z_]+))?")

FIELDS = (
    *("number", "matter", "law", "power", "town", "party", "party_kind", "party_id", "authority", "officers"),
    *("filed_on", "notified_on", "heard_on", "reviewed_on", "discussed_on", "decided_on", "served_on", "stamps"),
    *("filing_grounds", "report", "place", "discussion_record", "tier", "deviation_reason", "intended", "outcome"),
    *("hearing_days", "hearing_until", "pay_days", "pay_until", "late_percent", "serve_until", "served_document"),
    *("serving", "to", "why", "blank"),
)
"""What a text may name in braces; what the case does not hold is a blank to be filled in by hand."""
STEPS_SAID = ("notified", "heard", "reviewed", "discussed")
"""Steps that a text may be made to depend on."""
BESIDE = ("service", "organisation")
"""What else it may depend on: that the way of service is known, that the party is no citizen."""

DOCUMENT_REASONS = (
    "document_after_step",  # step, step_zh, step_en
    "document_other_outcome",  # outcome
    "document_needs_fact",  # fact, fact_zh, fact_en
)
"""Why a case has not a document, beside what stands against its step."""


class Given(StrEnum):
    """From when on there is a document."""

    OPEN = "open"
    DONE = "done"


class Line(StrEnum):
    """What a line of a document is: whom it is to, a paragraph, a labelled field, a box to fill in, the seal."""

    TO = "to"
    TEXT = "text"
    ROW = "row"
    FILL = "fill"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Text:
    """One line; it stands where ``when`` holds, see :func:`holds`."""

    kind: Line
    label: str
    when: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """One kind of document.

    Attributes
    ----------
    steps
        Steps of either procedure, or ``transferred``; it belongs to the one that the case has.
    outcomes
        Only for these; empty for any.
    fact
        Only where the case says yes to it; empty for always.
    """

    id: str
    name_zh: str
    name_en: str
    steps: tuple[str, ...]
    given: Given
    outcomes: frozenset[Outcome]
    fact: str
    basis: str
    source: Source
    texts: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """A document of a case: its step's stamp, None while it is not done, and what stands against giving it out."""

    document: Document
    stamp: Stamp | None
    why: tuple[Reason, ...]


def documents_of(
    case: Case, left: Sequence[NextStep], documents: Sequence[Document], procedures: Procedures
) -> tuple[Standing, ...]:
    """Every document that the case's procedure knows, given or with why not.

    Parameters
    ----------
    left
        What the case still owes (``dispatch.rulebook.procedures.next_steps``).
    """
    own = {step.name for step in procedures.of(case.procedure)} | {Outcome.TRANSFERRED.value}
    found = ((each, next((step for step in each.steps if step in own), "")) for each in documents)
    return tuple(_standing(case, each, step, left, procedures) for each, step in found if step)


def holds(when: str, said: Mapping[str, Fact]) -> bool:
    """Whether a line stands: ``fact`` for yes, ``!fact`` for unsaid, ``fact=value`` (``no`` for a no); empty always.

    >>> holds("pleading=heard", {"pleading": "heard"}), holds("!heard", {"heard": False}), holds("heard=no", {})
    (True, False, False)
    """
    if not when:
        return True
    written = WHEN.fullmatch(when)
    unsaid, name, value = written.groups() if written else ("", when, None)
    found = said.get(name, "")
    if unsaid:
        return found == ""
    return bool(found) if value is None else ("no" if found is False else str(found)) == value


def _standing(case: Case, document: Document, step: str, left: Sequence[NextStep], procedures: Procedures) -> Standing:
    ahead = next((each for each in left if each.step.name == step), None)
    stamp = case.stamp(step) if ahead is None else None
    if stamp is None and document.given is Given.OPEN and ahead is not None:
        return Standing(document, None, ahead.why)
    if stamp is None:
        known = procedures.step(case.procedure, step)
        told = known.told() if known else {"step": step, "step_zh": "移送", "step_en": "Transferred"}
        code = "step_not_owed" if document.given is Given.OPEN and case.open else "document_after_step"
        return Standing(document, None, (Reason(code, False, told),))
    if document.outcomes and case.outcome not in document.outcomes:
        outcome = case.outcome.value if case.outcome else ""
        return Standing(document, stamp, (Reason("document_other_outcome", False, {"outcome": outcome}),))
    if document.fact and case.facts.get(document.fact) is not True:
        asked = procedures.facts[document.fact]
        told = {"fact": asked.name, "fact_zh": asked.name_zh, "fact_en": asked.name_en}
        return Standing(document, stamp, (Reason("document_needs_fact", False, told),))
    return Standing(document, stamp, ())


def read_documents(path: Path, procedures: Procedures) -> tuple[Document, ...]:
    """The documents of ``path`` with the lines of ``case_document_texts.csv`` beside it, in their order.

    Raises
    ------
    BadInput
        With every row that is wrong: an unknown step, outcome, fact or field, a document that stands twice or says
        nothing, a line of no document.
    """
    file, rows = read_list(path, COLUMNS)
    steps = {step.name for each in procedures.steps.values() for step in each} | {Outcome.TRANSFERRED.value}
    bare = each_once(rows, "document", lambda row: _document(row, steps, procedures.facts))
    texts = _read_texts(path.with_name(TEXTS_FILE), bare, procedures.facts)
    for row in rows:
        if not texts.get(row.values["document"]):
            row.blame("document", f"a document with lines in {TEXTS_FILE}")
    file.stop_if_faulty("Mend these rows of the documents and read them again.")
    return tuple(replace(each, texts=tuple(texts[id])) for id, each in bare.items())


def _document(row: ListRow, steps: Collection[str], facts: Mapping[str, Asked]) -> Document:
    named = row.several("steps")
    if not named or not set(named) <= set(steps):
        row.blame("steps", f"some of {', '.join(sorted(steps))}, joined by ;")
    fact = row.text("fact", empty=True)
    if fact and fact not in facts:
        row.blame("fact", "a fact that a step asks for, or nothing")
    source = row.choice("source", Source)
    basis = row.text("basis", expected="the legal basis")
    if source is Source.STATUTE and not re.fullmatch(ARTICLE, basis):
        row.blame("basis", "the statute in 《》 and its article, 第…条, since the source is statute")
    return Document(
        row.text("document", pattern=SHORT, expected="a short name in small letters"),
        row.text("name_zh", expected="a Chinese name"),
        row.text("name_en", expected="an English name"),
        named,
        row.choice("given", Given),
        frozenset(row.choices("outcomes", Outcome)),
        fact,
        basis,
        source,
    )


def _read_texts(path: Path, documents: Collection[str], facts: Mapping[str, Asked]) -> dict[str, list[Text]]:
    file, rows = read_list(path, TEXT_COLUMNS)
    known = {*facts, *STEPS_SAID, *BESIDE}
    found: dict[str, list[Text]] = {}
    for row in rows:
        if row.values["document"] not in documents:
            row.blame("document", "a document of the list beside it")
        text = Text(
            row.choice("kind", Line), row.text("label", empty=True), _when(row, known), row.text("text", empty=True)
        )
        if text.kind in (Line.ROW, Line.FILL) and not text.label:
            row.blame("label", "what the field is called")
        if text.kind in (Line.TO, Line.TEXT, Line.ROW) and not text.text:
            row.blame("text", "what it says")
        for field in _named(text.text):
            if field not in FIELDS:
                file.blame(row.number, "text", shorten(field), f"some of {', '.join(FIELDS)} in braces")
        found.setdefault(row.values["document"], []).append(text)
    file.stop_if_faulty("Mend these rows of the documents' texts and read them again.")
    return found


def _when(row: ListRow, known: Collection[str]) -> str:
    when = row.text("when", empty=True)
    written = WHEN.fullmatch(when)
    if when and (written is None or written[2] not in known or (written[1] and written[3])):
        row.blame("when", "nothing, or fact, !fact or fact=value of a fact that a step asks for")
    return when


def _named(text: str) -> list[str]:
    """The fields in braces; one with a format, or a brace without its other, is a field that there is not."""
    try:
        parts = [part for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:
        return [text]
    return [str(name) if not spec and not conversion else f"{name}:{spec}" for _, name, spec, conversion in parts]
