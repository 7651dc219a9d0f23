"""Why an item is in no visit, and what it would take to do it all the same."""

from __future__ import annotations

from enum import StrEnum


class Why(StrEnum):
    """The reason, as ``undone.csv`` spells it. What its price counts stands behind it."""

    DATES_REVERSED = "dates_reversed"  # nothing: the dates are wrong
    PAST = "past"  # days that it is late on the first day
    LATER = "later"  # days that the calendar is too short
    NO_WORKING_DAY = "no_working_day"  # days until the next working day
    NEVER_OPEN = "never_open"  # minutes of opening that are missing
    TOO_LONG = "too_long"  # minutes beyond the opening hours or the crew's day
    UNREACHABLE = "unreachable"  # nothing: no way leads there
    NO_CERTIFICATE = "no_certificate"  # officers with the certificate
    CERTIFICATE_ENDS = "certificate_ends"  # days that the calendar outlasts the certificate of who could come
    NO_CREW = "no_crew"  # officers whom no conflict keeps away
    ANNUAL_CAP = "annual_cap"  # visits beyond the cap
    LOCKED = "locked"  # locks to take off: the premises have a locked visit that this check would have to join
    ON_ITS_WAY = "on_its_way"  # nothing: a crew that has begun its day goes there today and can be told
    NO_ROOM = "no_room"  # minutes of overtime, or officer-days


def price(amount: int, unit: str) -> str:
    """An amount with its unit, for a person and a script.

    >>> price(1, "visits"), price(0, "visits")
    ('1 visits', '')
    """
    return f"{amount} {unit}" if amount > 0 else ""
