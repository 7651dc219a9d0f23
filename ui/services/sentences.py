"""An entry of the ledger as one sentence, with the ground it stood on and what it changed.

A deed that has no sentence of its own is told by its name: the ledger may hold what a later program wrote.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from dispatch.records.reason import Reason
from dispatch.records.task import Task
from dispatch.records.team import Team
from dispatch.rulebook.matters import Matter, Source
from dispatch.rulebook.powers import Body
from dispatch.store.ledger import Entry, Kind
from gis.areas import Areas, UnknownArea
from scenarios.rules import Rules
from ui.services.story import Mask, Story, deed_of, masked
from ui.wording import Wording

UNTOLD = frozenset({"version", "facts", "package"})
"""Fields that are told elsewhere: the version by the entry, the facts of a case by its stamps, a package by itself."""
TIMES = ("_at", "_from", "_to")
CONFLICTS = ("Stale", "Taken", "WrongStep", "WrongClock", "Unknown")


class Says(Protocol):
    """What a sentence asks of the one who tells: a ``ui.telling.Teller``."""

    @property
    def w(self) -> Wording: ...
    @property
    def areas(self) -> Areas: ...
    @property
    def matters(self) -> Mapping[str, Matter]: ...
    def at(self, moment: datetime) -> str: ...
    def cell(self, town: str, cell: str) -> str: ...
    def reason(self, reason: Reason) -> str: ...


class Change(NamedTuple):
    """One field as it was and as it is."""

    field: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Told:
    """One entry told.

    Attributes
    ----------
    words
        Who did what to whom, and why.
    about
        Which voice, task or case it concerns; empty for the incident itself.
    grounds
        On what ground it was done, or every reason why it was refused.
    changes
        Fields that changed.
    """

    entry: Entry
    words: str
    about: str
    grounds: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Narrator:
    """Tells the entries of one story.

    Parameters
    ----------
    teams, bodies, officers
        By id, of officers the names; who is not on the roster any more is told by the id.
    rules
        Names of departments, and of the steps and facts of a case.
    """

    says: Says
    story: Story
    teams: Mapping[str, Team]
    bodies: Mapping[str, Body]
    officers: Mapping[str, str]
    rules: Rules

    def tell(self, entry: Entry) -> Told:
        """The entry in words, nobody's number among them."""
        hide = Mask(self.story.callers)
        changes = tuple(Change(each.field, hide(each.was), hide(each.now)) for each in self._changes(entry))
        grounds = tuple(hide(line) for line in self._grounds(entry))
        return Told(entry, hide(self._words(entry)), hide(self._about(entry)), grounds, changes)

    def who(self, actor: str) -> str:
        """An actor's name: a team's, a department's, the words for one of the program's own, or as it signs."""
        crew = self.teams.get(actor.removeprefix("team "))
        return crew.name if crew else self.says.w.words.get(f"actor.{actor}", self._department(actor))

    def team(self, team: str) -> str:
        return self.teams[team].name if team in self.teams else team

    def _words(self, entry: Entry) -> str:
        w = self.says.w
        deed = w.words.get(f"story.named.{deed_of(entry)}", w.words.get(f"deed.{deed_of(entry)}", deed_of(entry)))
        common = {"who": self.who(entry.actor), "deed": deed, "subject": self._thing(entry), **self._clauses(entry)}
        if entry.refused:
            return w("story.refused", **common).strip()
        key = f"story.did.{_form(entry)}"
        if key not in w.words:
            key = "story.did.case" if entry.kind == Kind.CASE else "story.did.other"
        return w(key, **common).strip()

    def _clauses(self, entry: Entry) -> dict[str, str]:
        """Every part a sentence may have, with its own comma; empty where the entry says nothing of it."""
        w = self.says.w
        names = (key.removeprefix("story.clause.") for key in w.words if key.startswith("story.clause."))
        known = self._values(entry)
        return {name: w(f"story.clause.{name}", value=known[name]) if known.get(name) else "" for name in names}

    def _values(self, entry: Entry) -> dict[str, str]:
        told = entry.details
        new = _mapping(told.get("set"))
        clock = _mapping(told.get("clock"))
        stamps = [_mapping(stamp) for stamp in told.get("stamps") or ()]
        ended = _mapping(stamps[-1].get("facts")) if stamps else {}
        return {
            "text": _short(new.get("text")),
            "source": self._value("source", new.get("source")),
            "matter": self._value("matter", new.get("matter")),
            "place": self._place(new),
            "due": self._value("due_at", new.get("due_at")),
            "team": self.team(entry.team) if entry.team else "",
            "whom": self.team(entry.team) if entry.team else "",
            "crew": self.team(entry.team) if entry.team and entry.team != entry.actor.removeprefix("team ") else "",
            "reason": _text(told.get("reason") or clock.get("why") or ended.get("why")).strip("—"),
            "until": _text(clock.get("until")),
            "approval": self._coded("approval", told.get("approval")),
            "outcome": _text(told.get("outcome")),
            "how": _text(told.get("how")),
            "to": _text(told.get("to") or ended.get("to")),
            "call_back": self._coded("call_back", told.get("call_back")),
            "words": _text(told.get("words")),
            "voice": _text(told.get("voice")),
            "parent": _text(new.get("parent")),
            "said": _text(new.get("said")),
            "undoes": _text(told.get("undoes")),
            "file": _text(told.get("import_entry")),
            "step": self.says.w("decision.and").join(self._step(stamp.get("step")) for stamp in stamps),
            "decided": self._coded("case_outcome", new.get("outcome")),
            "whom_called": self.says.w("story.list").join(self._department(each) for each in told.get("called") or ()),
            "handed": self._handed(_mapping(told.get("handed"))),
            "clause": _text(told.get("basis") or new.get("clause")),
            "told_to": self._area(_text(told.get("to"))) if told.get("waited_for") else "",
            "decided_for": self._department(_text(new.get("department"))),
            "note": _text(new.get("note") or new.get("name")),
            "party": _text(_mapping(new.get("party")).get("name")),
        }

    def _area(self, code: str) -> str:
        """A command by its area; a city's is told by its code, since a place knows only its district."""
        try:
            return self.says.areas.name(code)
        except UnknownArea:
            return code

    def _handed(self, to: Mapping[str, Any]) -> str:
        """Who an incident was handed over to."""
        body = _text(to.get("body"))
        return self._body(body) if body in self.bodies else self._department(_text(to.get("department")))

    def _about(self, entry: Entry) -> str:
        """Which other thing than the incident itself this is about."""
        if entry.subject == self.story.incident.id:  # also a case that was refused before it had a number
            return ""
        w = self.says.w
        if entry.kind == Kind.TASK:
            return w("story.about_task", id=entry.subject.rpartition(".")[2])
        if entry.kind == Kind.CASE:
            return w("story.about_case", id=entry.subject)
        if entry.kind == Kind.DISPUTE:
            return w("story.about_dispute", id=entry.subject)
        return w("story.about_voice", id=entry.subject)

    def _thing(self, entry: Entry) -> str:
        """The subject as people call it."""
        task = next((each for each in self.story.tasks if each.id == entry.subject), None)
        return self.task_called(task) if task else entry.subject

    def task_called(self, task: Task) -> str:
        """A task by its department and what that is to do."""
        name = self._body(task.body) if task.body else self._department(task.department)
        what = self.says.w.pick(task.what_zh, task.what_en)
        return self.says.w("story.task_called", department=name, what=what)

    def _grounds(self, entry: Entry) -> Iterator[str]:
        yield from self._why_refused(entry) if entry.refused else ()
        warrant = _mapping(entry.details.get("warrant"))
        if warrant:
            yield self._warrant(entry, warrant)
        new = _mapping(entry.details.get("set"))
        if entry.kind == Kind.CASE and new.get("basis") and new.get("body"):
            yield self._right("story.right_case", new, self._illustrative(str(new.get("matter") or "")))
        for stamp in entry.details.get("stamps") or ():
            yield self._stamp(_mapping(stamp))

    def _why_refused(self, entry: Entry) -> Iterator[str]:
        w, told = self.says.w, entry.details
        reasons = told.get("reasons") or ()
        for each in reasons:
            yield self.reason(Reason(_text(each.get("code")), False, _mapping(each.get("values"))))
        why = _text(told.get("why"))
        if reasons:
            return
        if why in CONFLICTS:
            first = told.get("entry")
            yield w(f"story.why.{why}") + (w("story.why.first", n=first) if first else "")
        elif told.get("said"):
            yield _text(told.get("said"))

    def reason(self, reason: Reason) -> str:
        """A reason in words; one whose words are gone or ask for other values still says its name and values."""
        try:
            return self.says.reason(reason)
        except (KeyError, IndexError, ValueError, TypeError):
            return str(reason)

    def _warrant(self, entry: Entry, warrant: Mapping[str, Any]) -> str:
        matter = self._matter_at(entry)
        pair = self.says.w("story.pair", names=self._officers(warrant.get("pair") or ()))
        return pair + self._right("story.right", warrant, self._illustrative(matter))

    def _right(self, key: str, right: Mapping[str, Any], mark: str) -> str:
        w, mode = self.says.w, _text(right.get("mode"))
        return w(
            key,
            body=self._body(_text(right.get("body"))),
            mode=w.words.get(f"value.{mode}", mode),
            letterhead=_text(right.get("letterhead")),
            basis=_text(right.get("basis")),
            mark=mark,
        )

    def _stamp(self, stamp: Mapping[str, Any]) -> str:
        w = self.says.w
        officers, code = self._officers(stamp.get("officers") or ()), _text(stamp.get("act_code"))
        facts = (self._fact(name, value) for name, value in _mapping(stamp.get("facts")).items())
        parts = [
            self._step(stamp.get("step")),
            w("story.stamp_by", names=officers) if officers else "",
            w("story.stamp_code", code=code) if code else "",
            w("story.list").join(facts),
        ]
        return w("story.parts").join(part for part in parts if part)

    def _fact(self, name: str, value: Any) -> str:
        w, asked = self.says.w, self.rules.procedures.facts.get(name)
        text = w("story.yes" if value else "story.no") if isinstance(value, bool) else _text(value)
        if name == "outcome":
            text = self._coded("case_outcome", value)
        called = w.pick(asked.name_zh, asked.name_en) if asked else w.words.get(f"story.fact_name.{name}", name)
        return w("story.fact", name=called, value=w.words.get(f"story.fact_value.{text}", text))

    def _officers(self, ids: Any) -> str:
        named = (f"{self.officers[each]} ({each})" if each in self.officers else str(each) for each in ids)
        return self.says.w("story.list").join(named)

    def _step(self, step: Any) -> str:
        """A step of a case by its name; both procedures call the same step the same."""
        known = (each for steps in self.rules.procedures.steps.values() for each in steps if each.name == step)
        return next((self.says.w.pick(each.name_zh, each.name_en) for each in known), _text(step))

    def _body(self, body: str) -> str:
        known = self.bodies.get(body)
        return self.says.w.pick(known.name_zh, known.name_en) if known else body

    def _department(self, code: str) -> str:
        named = self.rules.departments.get(code)
        return self.says.w.pick(named.name_zh, named.name_en) if named else code

    def _departments(self, codes: str) -> str:
        """A JSON list of departments as the ledger keeps it, by their names."""
        return self.says.w("story.list").join(self._department(each) for each in json.loads(codes))

    def _illustrative(self, code: str) -> str:
        matter = self.says.matters.get(code)
        return self.says.w("story.illustrative") if matter and matter.source is Source.ILLUSTRATIVE else ""

    def _matter_at(self, entry: Entry) -> str:
        """The matter the incident had when this was done."""
        before = (each for each in self.story.entries if each.sequence <= entry.sequence)
        said = [_mapping(each.details.get("set")).get("matter") for each in before if each.subject == entry.subject]
        return next((str(each) for each in reversed(said) if each), "")

    def _changes(self, entry: Entry) -> Iterator[Change]:
        w = self.says.w
        if entry.refused and entry.details.get("said") and not entry.details.get("reasons"):
            yield Change(w("story.said_then"), "", _text(entry.details["said"]))
        was, new = _mapping(entry.details.get("was")), _mapping(entry.details.get("set"))
        for name, value in new.items():
            if name in UNTOLD or (value in (None, "") and name not in was):
                continue
            kinds: dict[str, str] = {Kind.TASK: "task_status", Kind.DISPUTE: "dispute_status"}
            field = kinds.get(entry.kind, name) if name == "status" else name
            label = w.words.get(f"story.field.{name}", name)
            yield Change(label, self._value(field, was.get(name)), self._value(field, value))

    def _value(self, name: str, value: Any) -> str:
        """A field's value as people say it."""
        w, text = self.says.w, _text(value)
        if not text:
            return ""
        if isinstance(value, bool):
            return w("story.yes" if value else "story.no")
        if name == "party":
            return f"{_mapping(value).get('name', '')} {masked(_text(_mapping(value).get('id')))}".strip()
        if name.endswith(TIMES):
            return self._time(text)
        if name == "matter":
            matter = self.says.matters.get(text)
            return f"{w.pick(matter.name_zh, matter.name_en)} ({text})" if matter else text
        known: dict[str, Callable[[str], str]] = {
            "town": self.says.areas.name,
            "asked_by": self._area,
            "superior": self._area,
            "parties": self._departments,
            "returned_by": self._departments,
            "team": self.team,
            "department": self._department,
            "body": self._body,
        }
        if name in known:
            return known[name](text)
        prefix = {"status": "state", "mode": "value", "outcome": "story.case_outcome"}.get(name, f"story.{name}")
        return w.words.get(f"{prefix}.{text}", text)

    def _time(self, text: str) -> str:
        try:
            return self.says.at(datetime.fromisoformat(text))
        except ValueError:
            return text

    def _place(self, new: Mapping[str, Any]) -> str:
        """Cell and address, where the entry has a position."""
        cell = self.says.cell(_text(new.get("town")), _text(new.get("cell"))) if new.get("lon") is not None else ""
        return " · ".join(part for part in (cell, _text(new.get("address"))) if part)

    def _coded(self, group: str, value: Any) -> str:
        text = _text(value)
        return self.says.w.words.get(f"story.{group}.{text}", text)


def _form(entry: Entry) -> str:
    """Which sentence tells this deed: some deeds write entries of several kinds."""
    deed = deed_of(entry)
    was, new = _mapping(entry.details.get("was")), _mapping(entry.details.get("set"))
    if entry.kind == Kind.TASK and deed in ("report", "classify"):
        return "task_withdrawn" if was else "task_new"
    if entry.kind == Kind.TASK and deed in ("whistle", "transfer_out", "dispute_open", "dispute_decide"):
        return f"{deed}_task"
    if entry.kind == Kind.INCIDENT and deed in (
        "task_return",
        "task_done",
        "task_send",
        "task_withdraw",
        "dispute_decide",
    ):
        return f"{deed}_incident"
    if deed == "verify" and entry.details.get("passed") is False:
        return "verify_failed"
    if deed in ("merge", "part") and entry.details.get("voice"):
        return f"{deed}_heard"
    if deed == "clock_extend" and entry.details.get("approval") == 1:
        return "clock_extend_first"
    if deed == "report" and new.get("status") == "closed":
        return "report_closed"
    return deed


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_text(item)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(item) for item in value)
    return str(value)


def _short(value: Any) -> str:
    return " ".join(_text(value).split())
