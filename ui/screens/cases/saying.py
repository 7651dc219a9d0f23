"""Cases as short lines of text: facts and their values, amounts, days left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from dispatch.records.case import Case, Fact, Procedure, Stamp
from dispatch.rulebook.conditions import last_day
from dispatch.rulebook.discretion import Range, Tier
from dispatch.rulebook.facts import FactType
from dispatch.rulebook.matters import Source
from dispatch.rulebook.procedures import Procedures, Step
from ui.services.casework import CaseLine, Tone
from ui.telling import Teller


@dataclass(frozen=True, slots=True)
class Sayer:
    """Says things about cases in the teller's language."""

    tell: Teller
    procedures: Procedures
    people: Mapping[str, str]

    def matter(self, case: Case) -> str:
        matter = self.tell.matters.get(case.matter)
        return self.tell.w.pick(matter.name_zh, matter.name_en) if matter else case.matter

    def step(self, step: Step) -> str:
        return self.tell.w.pick(step.name_zh, step.name_en)

    def step_named(self, name: str) -> str:
        """A step of either procedure by its code."""
        steps = (self.procedures.step(kind, name) for kind in Procedure)
        found = next((step for step in steps if step is not None), None)
        return self.step(found) if found else self.tell.w.words.get(f"cases.outcome.{name}", name)

    def officers(self, ids: tuple[str, ...]) -> str:
        return self.tell.w("app.and").join(f"{self.people.get(each, each)} {each}" for each in ids)

    def fact(self, name: str) -> str:
        """A fact's name."""
        asked = self.procedures.facts.get(name)
        if asked is not None:
            return self.tell.w.pick(asked.name_zh, asked.name_en)
        return self.tell.w.words.get(f"cases.fact.{name}", name)

    def value(self, name: str, value: Fact) -> str:
        """A fact's value."""
        w, asked = self.tell.w, self.procedures.facts.get(name)
        if isinstance(value, bool):
            return w("cases.yes" if value else "cases.no")
        if asked is not None and asked.type is FactType.CHOICE:
            return self.choice(name, str(value))
        return f"{value:,}" if isinstance(value, (int, float)) else str(value)

    def choice(self, name: str, value: str) -> str:
        return self.tell.w.words.get(f"cases.choice.{name}_{value}", value)

    def established(self, stamp: Stamp) -> list[tuple[str, str]]:
        return [(self.fact(name), self.value(name, value)) for name, value in stamp.facts.items()]

    def due(self, due_at: datetime) -> str:
        """The last day of a term, which ends with it."""
        return self.tell.w("cases.until", day=last_day(due_at.astimezone(self.tell.zone)).isoformat())

    def left(self, line: CaseLine, now: datetime) -> str:
        """Days left until the deadline, or since."""
        if line.due_at is None:
            return "–"
        days = (last_day(line.due_at.astimezone(self.tell.zone)) - self.day(now)).days
        key = "cases.days_late" if line.tone is Tone.LATE else "cases.days_left"
        return self.tell.w(key, n=abs(days)) if days else self.tell.w("cases.today")

    def at(self, moment: datetime) -> str:
        """Day, with its year, and minute at the place."""
        return moment.astimezone(self.tell.zone).strftime("%Y-%m-%d %H:%M")

    def day(self, now: datetime) -> date:
        return now.astimezone(self.tell.zone).date()

    def outcome(self, case: Case) -> str:
        """How it ended, with the amount in the case's own file only."""
        if case.outcome is None:
            return ""
        word = self.tell.w(f"cases.outcome.{case.outcome.value}")
        return self.tell.w("cases.fined", yuan=f"{case.fine_yuan:,}") if case.fine_yuan else word

    def allowed(self, allowed: Range | None, tier: Tier) -> str:
        """What a tier allows, or its own terms while its base is unknown."""
        w = self.tell.w
        if tier.unit.value == "warning":
            return w("cases.outcome.warning")
        if allowed is None:
            return w(f"cases.unit.{tier.unit.value}", least=f"{tier.least:g}", most=f"{tier.most:g}")
        return w("cases.range", least=f"{allowed.least:,}", most=f"{allowed.most:,}")

    def mark(self, source: Source) -> str:
        """The mark of a row that nobody has vouched for."""
        return self.tell.w("cases.illustrative") if source is Source.ILLUSTRATIVE else ""
