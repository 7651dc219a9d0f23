"""What a file must hold before the rest of GridBeat trusts it, and how a bad one is refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one place of an input.

    ``row`` counts as the user's editor does: 1 is the header of a table, 2 its first record; None when the
    fault concerns the whole file.
    """

    file: str
    row: int | None
    column: str | None
    found: str
    expected: str

    def __str__(self) -> str:
        where = [self.file]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column is not None:
            where.append(f"column {self.column}")
        return f"{', '.join(where)}: found {self.found}, expected {self.expected}"


class BadInput(ValueError):
    """Input that cannot be used: what came in, what was expected, what to do.

    Parameters
    ----------
    *faults
        At least one; the message shows the first five and counts the rest.
    advice
        One sentence that says what to try.
    """

    def __init__(self, *faults: Fault, advice: str = "") -> None:
        self.faults = faults
        shown = "; ".join(str(fault) for fault in faults[:5])
        more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
        super().__init__(f"{shown}{more}.{' ' + advice if advice else ''}")


def shorten(value: object, limit: int = 60) -> str:
    """``value`` as it can stand in a message: quoted, on one line, at most ``limit`` characters."""
    text = " ".join(str(value).split())
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")
