"""Work that somebody may end: between its steps it asks whether it shall go on."""

from __future__ import annotations

from collections.abc import Callable

Going = Callable[[], bool]
"""Whether to go on; once it says False it never says True again."""


Told = Callable[[float], None]
"""Hears how much of the work is behind, from 0 to 1."""


def nobody(_: float) -> None:
    """Nobody waits for it."""


def always() -> bool:
    """Nobody ends it."""
    return True


def every_town(_: str) -> bool:
    """Nobody ends it, whatever town is next."""
    return True
