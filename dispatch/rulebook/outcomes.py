"""Whether a case must end in a penalty at all: article 33 of the Administrative Penalty Law and the place's own lists.

The advice is worked out from what was established and from the party's earlier cases; the amount of a fine is
``dispatch.rulebook.discretion``'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, tzinfo
from enum import StrEnum

from dispatch.records.case import Case, Fact, Outcome
from dispatch.records.reason import Reason
from dispatch.rulebook.matters import Leniency, Matter

LIMIT_YEARS = 2
LIMIT_YEARS_GRAVE = 5
"""Article 36; the longer one where life, health or finance is concerned and harm was done."""

ESTABLISHED = frozenset({Outcome.NO_PENALTY, Outcome.WARNING, Outcome.FINE})
"""Outcomes after which the party is no longer a first offender; a file that was withdrawn proves nothing."""

OUTCOME_REASONS = (
    "no_fault_proven",
    "minor_corrected_no_harm",
    "corrected_after_order",
    "order_must_come_first",
    "order_still_runs",
    "not_corrected_after_order",
    "first_slight_corrected",
    "on_first_waiver_list",
    "on_warning_list",
    "first_offence",
    "earlier_offences",  # count, last: id of the case, on
    "not_corrected",
    "harm_done",  # harm
    "penalty_follows",
    "must_educate",
    "penalty_not_allowed",  # advice
    "fine_not_allowed",  # advice
    "no_ground_to_spare",
    "found_too_late",  # ended, last_day, years
    "act_fined_already",  # case, on
    "case_open_already",  # case, since
)
"""Every code that advice and intake give, each with its values."""


class AdviceKind(StrEnum):
    """What the law and the lists leave open."""

    NO_PENALTY = "no_penalty"
    MAY_WAIVE = "may_waive"
    ORDER_FIRST = "order_first"
    WARNING_ONLY = "warning_only"
    PENALTY = "penalty"


@dataclass(frozen=True, slots=True)
class Advice:
    """How a case may end, and why."""

    kind: AdviceKind
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Offence:
    """What the rules of sparing look at.

    ``facts`` may hold ``minor``, ``corrected``, ``no_fault``, ``ordered_before``, ``order_over`` (bool) and ``harm``
    (none, slight, serious). What nobody has said does not speak for the party.
    """

    matter: Matter
    facts: Mapping[str, Fact]
    earlier: tuple[Case, ...]

    def true(self, fact: str) -> bool:
        return self.facts.get(fact) is True

    @property
    def first(self) -> bool:
        return not self.earlier

    @property
    def harm(self) -> str:
        """Unsaid, it is slight for a matter on the place's first-waiver list, which is why it is there."""
        listed = Leniency.FIRST_WAIVER in self.matter.leniency
        return str(self.facts.get("harm") or ("slight" if listed else "serious"))


def advise(
    matter: Matter, facts: Mapping[str, Fact], earlier_cases: Sequence[Case], day: date, zone: tzinfo = UTC
) -> Advice:
    """How the case may end.

    Parameters
    ----------
    earlier_cases
        Cases of the same party and matter; those filed after ``day``, undecided, withdrawn or transferred count for
        nothing.
    day, zone
        The day of the decision in the place's calendar, and the zone in which its days begin.

    Returns
    -------
    Advice
        The mildest rule that applies comes first; its reasons also tell what stood against a milder one.
    """
    earlier = tuple(case for case in earlier_cases if case.outcome in ESTABLISHED and filed_on(case, zone) <= day)
    offence = Offence(matter, facts, earlier)
    told = tuple(_told(offence, zone))
    for applies in RULES:
        advice = applies(offence)
        if advice is not None:
            spared = (Reason("must_educate", None),) if advice.kind is AdviceKind.NO_PENALTY else ()
            return Advice(advice.kind, (*advice.reasons, *told, *spared))
    return Advice(AdviceKind.PENALTY, (Reason("penalty_follows", False), *told))


def no_fault_is_not_punished(offence: Offence) -> Advice | None:
    """Article 33: the party has proven that it was not at fault."""
    return _advice(AdviceKind.NO_PENALTY, "no_fault_proven") if offence.true("no_fault") else None


def minor_and_corrected_is_not_punished(offence: Offence) -> Advice | None:
    """Article 33: minor, put right in time, and no harm done."""
    spared = offence.true("minor") and offence.true("corrected") and offence.harm == "none"
    return _advice(AdviceKind.NO_PENALTY, "minor_corrected_no_harm") if spared else None


def order_comes_before_penalty(offence: Offence) -> Advice | None:
    """The list: only who does not put it right when told to is punished."""
    if Leniency.ORDER_FIRST not in offence.matter.leniency:
        return None
    if not offence.true("ordered_before"):
        return _advice(AdviceKind.ORDER_FIRST, "order_must_come_first")
    if offence.true("corrected"):
        return _advice(AdviceKind.NO_PENALTY, "corrected_after_order")
    return None if offence.true("order_over") else _advice(AdviceKind.ORDER_FIRST, "order_still_runs")


def first_and_slight_may_be_waived(offence: Offence) -> Advice | None:
    """Article 33: the first time, slight harm, put right in time."""
    if not (offence.first and offence.true("corrected") and offence.harm in ("none", "slight")):
        return None
    listed = Leniency.FIRST_WAIVER in offence.matter.leniency
    return _advice(AdviceKind.MAY_WAIVE, "first_slight_corrected", *(["on_first_waiver_list"] if listed else []))


def listed_for_a_warning(offence: Offence) -> Advice | None:
    """The list: a warning and no fine, the first time."""
    listed = Leniency.WARNING_ONLY in offence.matter.leniency and offence.first
    return _advice(AdviceKind.WARNING_ONLY, "on_warning_list") if listed else None


RULES: tuple[Callable[[Offence], Advice | None], ...] = (
    no_fault_is_not_punished,
    minor_and_corrected_is_not_punished,
    order_comes_before_penalty,
    first_and_slight_may_be_waived,
    listed_for_a_warning,
)


def stands_against(advice: Advice, outcome: Outcome, facts: Mapping[str, Fact]) -> tuple[Reason, ...]:
    """Why a case so advised may not end like this; empty when it may."""
    told: dict[str, str | int | float] = {"advice": advice.kind.value}
    bad = tuple(reason for reason in advice.reasons if reason.code != "must_educate")
    if outcome in (Outcome.WARNING, Outcome.FINE) and advice.kind in (AdviceKind.NO_PENALTY, AdviceKind.ORDER_FIRST):
        return (Reason("penalty_not_allowed", False, told), *bad)
    if outcome is Outcome.FINE and advice.kind is AdviceKind.WARNING_ONLY:
        return (Reason("fine_not_allowed", False, told), *bad)
    must_punish = (
        advice.kind in (AdviceKind.PENALTY, AdviceKind.WARNING_ONLY) and facts.get("facts_proven") is not False
    )
    if outcome is Outcome.NO_PENALTY and must_punish:
        return (Reason("no_ground_to_spare", False), *bad)
    return ()


def intake_faults(
    cases: Sequence[Case],
    incident: str,
    ended: date | None,
    found: date,
    *,
    grave: bool = False,
    zone: tzinfo = UTC,
) -> tuple[Reason, ...]:
    """What stands against filing (``good`` false) or must be looked at first (``good`` None).

    Parameters
    ----------
    cases
        Cases of the same party and matter.
    incident
        Id of the incident the new case comes from, or empty.
    ended, found
        The day the act was done, or ended if it went on (None while it goes on), and the day it was found out.
    grave
        Whether life, health or finance is concerned and harm was done.
    zone
        In which the place's days begin.
    """
    years = LIMIT_YEARS_GRAVE if grave else LIMIT_YEARS
    return (*_found_too_late(ended, found, years), *_twice(cases, incident, zone))


def _found_too_late(ended: date | None, found: date, years: int) -> Iterator[Reason]:
    """Article 36."""
    if ended is not None and found > years_after(ended, years):
        last = years_after(ended, years).isoformat()
        yield Reason("found_too_late", False, {"ended": ended.isoformat(), "last_day": last, "years": years})


def _twice(cases: Sequence[Case], incident: str, zone: tzinfo) -> Iterator[Reason]:
    """Article 29: the same act is fined once; whether an open case is about the same act, a person has to look."""
    for case in cases:
        on = filed_on(case, zone).isoformat()
        if incident and case.incident == incident and case.outcome is Outcome.FINE:
            yield Reason("act_fined_already", False, {"case": case.id, "on": on})
        elif case.open:
            yield Reason("case_open_already", None, {"case": case.id, "since": on})


def filed_on(case: Case, zone: tzinfo) -> date:
    """The place's day on which a case was filed."""
    return case.filed_at.astimezone(zone).date()


def years_after(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes the 28th where there is none.

    >>> years_after(date(2024, 2, 29), 2)
    datetime.date(2026, 2, 28)
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _told(offence: Offence, zone: tzinfo) -> Iterator[Reason]:
    """What speaks for and against the party."""
    if offence.first:
        yield Reason("first_offence", True)
    else:
        last = offence.earlier[-1]
        on = filed_on(last, zone).isoformat()
        yield Reason("earlier_offences", False, {"count": len(offence.earlier), "last": last.id, "on": on})
    if not offence.true("corrected"):
        yield Reason("not_corrected", False)
    if offence.true("order_over") and not offence.true("corrected"):
        yield Reason("not_corrected_after_order", False)
    if offence.facts.get("harm") in ("slight", "serious"):
        yield Reason("harm_done", False, {"harm": offence.harm})


def _advice(kind: AdviceKind, *codes: str) -> Advice:
    return Advice(kind, tuple(Reason(code, True) for code in codes))
