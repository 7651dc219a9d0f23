"""Passwords as they are kept: Argon2 hashes, few of them computed at a time."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dispatch.desk.refusals import Refused
from dispatch.records.reason import Reason

LONGEST = 200
AT_ONCE = 2
"""A hash takes 64 MB and a core for a moment; who sends a thousand passwords must not get a thousand of them."""
WAITING = 16
"""How many may be at the door, those whose hash is computed included: less than a second's work, and fewer than the
40 threads that answer everybody else too."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_HASHER = PasswordHasher()
_TURNS = BoundedSemaphore(AT_ONCE)
_PLACES = BoundedSemaphore(WAITING)


@contextmanager
def place_at_the_door() -> Iterator[None]:
    """For as long as somebody shows a password.

    Raises
    ------
    Refused
        ``busy_door`` when so many are there already; nothing is read or written for who comes then.
    """
    if not _PLACES.acquire(blocking=False):
        raise Refused(Reason("busy_door", False))
    try:
        yield
    finally:
        _PLACES.release()


def hashed(password: str) -> str:
    """What is kept of a password; of a very long one its first 200 characters."""
    with _TURNS:
        return _HASHER.hash(password[:LONGEST])


def right(kept: str, password: str) -> bool:
    """Whether the password is the one; as much work when none is kept, so that nobody learns which names there are."""
    against = kept or _nobodys()
    try:
        with _TURNS:
            return _HASHER.verify(against, password[:LONGEST]) and bool(kept)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def one_time_password() -> str:
    """Twelve letters and digits that nobody mistakes for others when they are read out, about 59 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


@cache
def _nobodys() -> str:
    return hashed(secrets.token_urlsafe(16))
