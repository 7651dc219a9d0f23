"""Why something is so, in a form that any language and any program can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for or against.

    Attributes
    ----------
    code
        Which reason; the wording for people is kept by the screens under this code.
    good
        True speaks for, False against, None merely informs.
    values
        What the wording fills in: plain numbers and words.
    """

    code: str
    good: bool | None
    values: Mapping[str, str | int | float] = field(default_factory=dict)

    def __str__(self) -> str:
        filled = ", ".join(f"{name}={value}" for name, value in self.values.items())
        return f"{self.code}({filled})" if filled else self.code
