"""The facts that the steps of a case ask for: their names for people, and what a value of each looks like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isfinite
from pathlib import Path

from dispatch.records.case import Fact
from dispatch.rulebook.lists import read_list

COLUMNS = ("fact", "type", "choices", "name_zh", "name_en")


class FactType(StrEnum):
    """What a fact is written as; a ``day`` has come, a ``day_ahead`` may be still to come."""

    YES_NO = "yes_no"
    TEXT = "text"
    WHOLE = "whole"
    AMOUNT = "amount"
    DAY = "day"
    DAY_AHEAD = "day_ahead"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Asked:
    """A fact that a step asks for."""

    name: str
    type: FactType
    choices: tuple[str, ...]
    name_zh: str
    name_en: str

    @property
    def expected(self) -> str:
        return " or ".join(self.choices) if self.choices else self.type.value

    def fits(self, value: Fact) -> bool:
        """Whether a value is of this fact's type."""
        return _FITS[self.type](value, self)

    def ahead(self, value: Fact, today: date) -> bool:
        """Whether a fitting value names a day that is still to come and may not be."""
        return self.type is FactType.DAY and date.fromisoformat(str(value)) > today


def read_facts(path: Path) -> dict[str, Asked]:
    """The facts of a list, by name.

    Raises
    ------
    BadInput
        With every row that is wrong, among them a fact that stands twice and choices where there are none to make.
    """
    file, rows = read_list(path, COLUMNS)
    facts: dict[str, Asked] = {}
    for row in rows:
        asked = Asked(
            row.text("fact", pattern=r"[a-z][a-z_]{1,31}", expected="a short name in small letters"),
            row.choice("type", FactType),
            row.several("choices"),
            row.text("name_zh", expected="a Chinese name"),
            row.text("name_en", expected="an English name"),
        )
        if asked.name in facts:
            row.blame("fact", "a fact that stands once")
        if (asked.type is FactType.CHOICE) != bool(asked.choices):
            row.blame("choices", "choices joined by ; for the type choice, and nothing for the others")
        facts[asked.name] = asked
    file.stop_if_faulty("Mend these rows of the facts and read them again.")
    return facts


def _is_day(value: Fact) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_amount(value: Fact) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value) and value >= 0


_FITS: Mapping[FactType, Callable[[Fact, Asked], bool]] = {
    FactType.YES_NO: lambda value, _: isinstance(value, bool),
    FactType.TEXT: lambda value, _: isinstance(value, str),
    FactType.WHOLE: lambda value, _: isinstance(value, int) and _is_amount(value),
    FactType.AMOUNT: lambda value, _: _is_amount(value),
    FactType.DAY: lambda value, _: _is_day(value),
    FactType.DAY_AHEAD: lambda value, _: _is_day(value),
    FactType.CHOICE: lambda value, asked: value in asked.choices,
}
