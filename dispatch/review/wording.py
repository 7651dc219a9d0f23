"""The words of the papers, in ``zh.toml`` and ``en.toml`` beside this file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words by dotted key, and how it writes days and hours.

    >>> words("en")("avoided.sum", checks=4, visits=1, avoided=3)
    '4 checks → 1 visit(s), 3 avoided'
    """

    language: str
    by_key: dict[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The words under ``key`` with ``values`` filled in; KeyError for a key that the file does not have."""
        return self.by_key[key].format(**values)

    def why(self, reason: str) -> str:
        """Why an item is undone; a reason that has no words is shown as it is."""
        return self.by_key.get(f"why.{reason}", reason)

    def day(self, day: date) -> str:
        """A date with its weekday."""
        weekday = self("day.weekdays").split()[day.weekday()]
        return self("day.form", y=day.year, m=day.month, d=day.day, weekday=weekday)

    def listed(self, parts: list[str]) -> str:
        """Several things in a row."""
        return self("day.between").join(parts)


@cache
def words(language: str) -> Words:
    """The words of ``zh`` or ``en``, read once.

    Raises
    ------
    ValueError
        For any other language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language is {language!r}; papers are written in zh or en.")
    with (Path(__file__).parent / f"{language}.toml").open("rb") as file:
        sections = tomllib.load(file)
    return Words(
        language, {f"{name}.{key}": text for name, section in sections.items() for key, text in section.items()}
    )


def hour(minutes: int) -> str:
    """Minutes after midnight as a clock shows them, 24:00 for the end of the day.

    >>> hour(545)
    '09:05'
    """
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
