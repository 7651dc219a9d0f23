"""Lots that can be drawn again: the same seed text gives the same order years later, on any machine.

Only what is fixed for good goes in: SHA-256 makes the key, Philox the stream (NumPy promises the raw numbers of its bit
generators, not what its distributions make of them), and Decimal the logarithm, correctly rounded everywhere.

References
----------
Efraimidis and Spirakis (2006), Weighted random sampling with a reservoir, Information Processing Letters 97(5): who has
the largest u^(1/w) goes first; here as the least -ln(u)/w, which is the same order. Salmon et al. (2011), Parallel
random numbers: as easy as 1, 2, 3: Philox4x64-10.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal
from fractions import Fraction
from hashlib import sha256

import numpy as np

ALGORITHM = "efraimidis-spirakis-2006/philox4x64-10/sha-256"
VERSION = 1

TICKETS = 2**53

_BITS = 53
_FIVES = 5**_BITS
_EXACT = Context(prec=60)
_ROUNDED = Context(prec=30)


class Lots:
    """A stream of lots for one purpose.

    Parameters
    ----------
    seed
        Any text but an empty one, as it is shown to everybody.
    purpose
        What is drawn; each purpose has a stream of its own.

    Raises
    ------
    ValueError
        When the seed is empty.

    Examples
    --------
    >>> Lots("2026-05-01", "premises").order({"a": 1, "b": 1, "c": 1})
    ['a', 'c', 'b']
    """

    def __init__(self, seed: str, purpose: str) -> None:
        if not seed:
            raise ValueError("the seed is empty; a draw needs a text that everybody can see.")
        key = sha256(f"{ALGORITHM}\n{VERSION}\n{purpose}\n{seed}".encode()).digest()[:16]
        self._stream = np.random.Philox(key=int.from_bytes(key, "big"))

    def tickets(self, count: int) -> list[int]:
        """So many whole numbers from 1 to `TICKETS`, all equally likely."""
        raw = self._stream.random_raw(count) >> np.uint64(64 - _BITS)
        return [number + 1 for number in raw.tolist()]

    def order(self, weights: Mapping[str, int | Fraction]) -> list[str]:
        """The ids in drawn order: of those left, each comes next with a chance in proportion to its weight.

        The order in which ``weights`` are given does not matter; weights are above 0.
        """
        ids = sorted(weights)
        keys = {id: _key(ticket, weights[id]) for id, ticket in zip(ids, self.tickets(len(ids)), strict=True)}
        return sorted(ids, key=lambda id: (keys[id], id))


def _key(ticket: int, weight: int | Fraction) -> Decimal:
    """-ln(u)/w of u = ticket / 2^53, whose decimal digits are all there: 2^-53 is 5^53 / 10^53."""
    if weight <= 0:
        raise ValueError(f"a weight is {weight}; whoever is in the draw has a weight above 0.")
    ln = _ROUNDED.ln(_EXACT.scaleb(Decimal(ticket * _FIVES), -_BITS))
    return _ROUNDED.divide(_ROUNDED.multiply(ln, -weight.denominator), weight.numerator)
