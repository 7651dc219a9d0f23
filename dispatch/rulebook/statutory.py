"""The terms of the Administrative Penalty Law (2021) and what a late payment costs.

By article 85 terms of 2, 3, 5 and 7 days are working days; 15 and 90 days are calendar days. The law does not say what
becomes of a calendar term that ends on a day off. We take the stricter reading on either side: what the party has to
do rolls over to the next working day, what the authority has to do does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dispatch.records.reason import Reason
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.clocklines import days_off, midnight_of, provisional, rule
from dispatch.rulebook.deadlines import ClockEvent, Deadline, deadline, same_day
from dispatch.rulebook.scales import scale_of
from dispatch.rulebook.terms import Term, Unit

LAW = "《中华人民共和国行政处罚法》"
SURCHARGE_PERCENT_A_DAY = 3
LIMITATION_YEARS, GRAVE_LIMITATION_YEARS = 2, 5


@dataclass(frozen=True, slots=True)
class Rule:
    """A term of the statute.

    Attributes
    ----------
    basis
        Statute and article.
    rolls_over
        Whether a last day off moves to the next working day.
    backwards
        Whether it is counted back from a day to come (``latest_before``).
    """

    term: Term
    basis: str
    rolls_over: bool = False
    backwards: bool = False


STATUTORY: Mapping[str, Rule] = {
    "decide": Rule(Term(90, Unit.CALENDAR_DAYS), f"{LAW}第六十条"),
    "serve": Rule(Term(7, Unit.WORKING_DAYS), f"{LAW}第六十一条"),
    "publish_withdraw": Rule(Term(3, Unit.WORKING_DAYS), f"{LAW}第四十八条"),
    "preservation": Rule(Term(7, Unit.WORKING_DAYS), f"{LAW}第五十六条"),
    "hearing_request": Rule(Term(5, Unit.WORKING_DAYS), f"{LAW}第六十四条"),
    "hearing_notice": Rule(Term(7, Unit.WORKING_DAYS), f"{LAW}第六十四条", backwards=True),
    "pay": Rule(Term(15, Unit.CALENDAR_DAYS), f"{LAW}第六十七条", rolls_over=True),
    "hand_in": Rule(Term(2, Unit.WORKING_DAYS), f"{LAW}第七十一条"),
}
"""The terms by name: decide after filing, serve after announcing, withdraw a published decision, act on preserved
evidence, ask for a hearing, give notice of one, pay, hand in cash (and bank it: the same term once more)."""


def statutory(
    name: str, started: datetime, calendar: Calendar, now: datetime, events: Sequence[ClockEvent] = ()
) -> Deadline:
    """When a term of the statute ends.

    Parameters
    ----------
    name
        A key of ``STATUTORY``; for ``hearing_notice`` ``started`` lies on the day of the hearing.
    started, now
        Aware.

    Raises
    ------
    KeyError
        When the law has no such term here.
    WrongClock
        As ``deadline`` does.
    """
    known = STATUTORY[name]
    if known.backwards:
        return latest_before(known, calendar.local(started).date(), calendar, now)
    return deadline(known.term, started, events, calendar, now, rolls_over=known.rolls_over, basis=known.basis)


def latest_before(known: Rule, day: date, calendar: Calendar, now: datetime) -> Deadline:
    """The last day on which something can be done that must be done so many days before ``day``.

    Neither that day nor the day of the act counts, so the whole term lies between them: the stricter reading, by which
    a notice can never be a day short.
    """
    scale = scale_of(known.term.unit, calendar)
    if not scale.in_days:
        raise ValueError(f"A term of {known.term.amount} {known.term.unit} cannot be counted back; it must be in days.")
    last_day = scale.last_day(scale.before(day.toordinal()) - known.term.amount)
    due_at = calendar.midnight(last_day + 1)
    local = calendar.local(now)
    left = scale.before(last_day + 1) - scale.before(local.toordinal())
    overdue = local > due_at
    lines = [
        rule(known.term, known.basis),
        Reason("clock_day_before", None, {"day": day.isoformat()}),
        *(days_off(calendar, last_day + 1, day.toordinal() - 1) if scale.skips else ()),
        Reason("clock_latest", None, {"due": midnight_of(date.fromordinal(last_day).isoformat())}),
        _left(left, overdue, known.term.unit),
        *(provisional(calendar, date.fromordinal(last_day).year, day.year) if scale.skips else ()),
    ]
    unsure = lines[-1].code == "clock_provisional"
    return Deadline(known.term, local, due_at, None, None, overdue, left, 0, False, unsure, tuple(lines))


def limitation(ended: date, calendar: Calendar, now: datetime, *, grave: bool = False) -> Deadline:
    """Until when an act can be punished (article 36).

    Parameters
    ----------
    ended
        The day of the act, or on which a continuing one ended. It does not count; the last day is the same date two
        years later, five for what harmed life, health or financial safety (``grave``), and does not roll over. An act
        of 29 February ends on the 28th where there is no 29th.
    now
        Aware.
    """
    years = GRAVE_LIMITATION_YEARS if grave else LIMITATION_YEARS
    last = same_day(ended, years=years)
    due_at = calendar.midnight(last.toordinal() + 1)
    local = calendar.local(now)
    overdue, left = local > due_at, last.toordinal() + 1 - local.toordinal()
    term = Term((last - ended).days, Unit.CALENDAR_DAYS)
    lines = (
        Reason("clock_years", None, {"years": years, "basis": f"{LAW}第三十六条"}),
        Reason("clock_first_day", None, {"day": ended.isoformat()}),
        Reason("clock_due", None, {"due": midnight_of(last.isoformat())}),
        _left(left, overdue, Unit.CALENDAR_DAYS),
    )
    return Deadline(
        term, calendar.midnight(ended.toordinal()), due_at, None, None, overdue, left, 0, False, False, lines
    )


def surcharge(fine_yuan: int, days_late: int) -> int:
    """What is added to a fine paid late (article 72): 3 % a day, never more than the fine itself.

    Parameters
    ----------
    fine_yuan
        Whole yuan, 0 or more.
    days_late
        Days after the last day of payment, 0 or more.

    Returns
    -------
    int
        Whole yuan, a part of a yuan in the party's favour.

    Examples
    --------
    >>> surcharge(200, 10), surcharge(200, 34), surcharge(50, 1)
    (60, 200, 1)
    """
    if fine_yuan < 0 or days_late < 0:
        raise ValueError(f"A fine of {fine_yuan} yuan paid {days_late} days late: neither can be below 0.")
    return min(fine_yuan, fine_yuan * SURCHARGE_PERCENT_A_DAY * days_late // 100)


def _left(left: int, overdue: bool, unit: Unit) -> Reason:
    return Reason("clock_overdue" if overdue else "clock_left", not overdue, {"left": abs(left), "unit": unit})
