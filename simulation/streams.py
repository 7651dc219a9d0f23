"""Named random streams from one seed, so that adding a draw in one place changes nothing in another."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """The random numbers that belong to ``names`` under ``seed``; the same on every machine.

    Parameters
    ----------
    seed
        0 or more.
    *names
        What the numbers are for, from the general to the particular: ``stream(1, "demand", "2023")``. Another
        spelling, another order or a number in place of its text is another stream.

    Raises
    ------
    ValueError
        When the seed is negative or nothing is named.

    Examples
    --------
    >>> float(stream(1, "demand").random()) == float(stream(1, "demand").random())
    True
    """
    if seed < 0:
        raise ValueError(f"seed is {seed}; a seed is 0 or more.")
    if not names:
        raise ValueError("a stream needs a name that says what its numbers are for.")
    key = [word for name in names for word in _words(name)]
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def _words(name: str | int) -> list[int]:
    """Four 32-bit words that stand for a name, whatever Python's own hash of the day is."""
    digest = hashlib.sha256(f"{type(name).__name__}:{name}".encode()).digest()
    return [int.from_bytes(digest[at : at + 4], "big") for at in range(0, 16, 4)]
