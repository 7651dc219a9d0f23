"""One row a claim: what we measured, what the peer took in the same run, and whether the goal is met."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One measured claim, ready to print.

    Attributes
    ----------
    claim
        What is measured, on what data.
    ours, peer
        Our figure and that of the named peer in the same run, each with its unit; ``peer`` is empty when the claim
        is about us alone.
    figure
        What is held against the goal: a ratio or a number with its unit.
    goal
        What the figure has to reach, e.g. ``>= 20x``.
    met
        Whether it does.
    """

    claim: str
    ours: str
    peer: str
    figure: str
    goal: str
    met: bool


HEADINGS = ("claim", "ours", "peer", "ratio or figure", "goal", "met")


def print_table(rows: Sequence[Row]) -> None:
    """Print ``rows`` as one aligned table."""
    lines = [HEADINGS, *((r.claim, r.ours, r.peer, r.figure, r.goal, "yes" if r.met else "NO") for r in rows)]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(HEADINGS))]
    for number, line in enumerate(lines):
        print("  ".join(_padded(text, width) for text, width in zip(line, widths, strict=True)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
