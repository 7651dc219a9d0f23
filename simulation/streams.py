"""Named random streams from one seed, so that adding a draw in one place changes nothing in another."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


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


def key_of(*names: str | int) -> int:
    """A 64-bit number that stands for ``names``."""
    return int.from_bytes(hashlib.sha256("\n".join(f"{name}" for name in names).encode()).digest()[:8], "big")


def lot(rng: np.random.Generator, *keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """A number from 0 to 1 for each combination of keys, the same whoever else is asked about.

    Parameters
    ----------
    *keys
        Arrays of one shape, which the result has.

    References
    ----------
    The mixing function of Steele, Lea, Flood (2014), Fast splittable pseudorandom number generators, OOPSLA, figure 15.

    Examples
    --------
    >>> keys = np.arange(3, dtype=np.uint64)
    >>> bool(lot(stream(1, "absent"), keys)[2] == lot(stream(1, "absent"), keys[2:])[0])
    True
    """
    mixed = np.full(keys[0].shape, rng.integers(2**64, dtype=np.uint64))
    for key in keys:
        mixed = _mix(mixed ^ key)
    return np.asarray(mixed / 2.0**64)


def _mix(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = z + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


def _words(name: str | int) -> list[int]:
    """Four 32-bit words that stand for a name, whatever Python's own hash of the day is."""
    digest = hashlib.sha256(f"{type(name).__name__}:{name}".encode()).digest()
    return [int.from_bytes(digest[at : at + 4], "big") for at in range(0, 16, 4)]
