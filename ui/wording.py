"""Every word a person reads, in Chinese and English, kept in ``ui/locales``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from dispatch.records.reason import Reason


class Language(StrEnum):
    ZH = "zh"
    EN = "en"

    @classmethod
    def of_browser(cls, locale: str | None) -> Language:
        """Chinese unless the browser clearly asks for something else."""
        return cls.ZH if locale is None or locale.lower().startswith("zh") else cls.EN


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language, asked for by dotted key.

    >>> wording(Language.EN)("queue.waiting", n=3)
    '3 waiting'
    """

    language: Language
    words: dict[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """The words under ``key`` with ``values`` filled in; KeyError for a key that no file has."""
        return self.words[key].format(**values)

    def reason(self, reason: Reason) -> str:
        """One reason as a dispatcher would say it."""
        return self(f"reason.{reason.code}", **self._filled(reason))

    def pick(self, zh: str, en: str) -> str:
        """The one of two names that belongs to this language; the other when it is empty."""
        return (zh or en) if self.language is Language.ZH else (en or zh)

    def sentences(self, told: Iterable[tuple[str, str]]) -> str:
        """Whole sentences in both languages, told one after another: without a space between them in Chinese."""
        return ("" if self.language is Language.ZH else " ").join(self.pick(zh, en) for zh, en in told)

    def _filled(self, reason: Reason) -> dict[str, str]:
        """A reason's values in this language: codes by their word, of ``name_zh`` and ``name_en`` the one that fits."""
        values = {name: self.words.get(f"value.{value}", str(value)) for name, value in reason.values.items()}
        for name in list(values):
            if name.endswith("_en"):
                base = name.removesuffix("_en")
                zh = values.get(f"{base}_zh", values.get(base, ""))
                values[base] = self.pick(zh, values[name])
        return values


@cache
def wording(language: Language) -> Wording:
    """The words of ``language``, read once."""
    with (Path(__file__).parent / "locales" / f"{language}.toml").open("rb") as file:
        return Wording(language, _flat(tomllib.load(file)))


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat
