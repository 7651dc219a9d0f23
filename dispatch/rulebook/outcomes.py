"""Whether a case must end in a penalty at all: article 33 of the Administrative Penalty Law and the place's own lists.

The advice is worked out from what was established and from the party's earlier cases; the amount of a fine is
``dispatch.rulebook.discretion``'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, tzinfo
from enum import StrEnum

from dispatch.records.case import Case, Fact, Outcome
from dispatch.records.reason import Reason
from dispatch.rulebook.deadlines import same_day
from dispatch.rulebook.matters import Leniency, Matter

LIMIT_YEARS = 2
LIMIT_YEARS_HARMED = 5
"""Article 36; the longer one where life, health or finance is concerned and harm was done."""

ESTABLISHED = frozenset({Outcome.NO_PENALTY, Outcome.WARNING, Outcome.FINE})
"""Outcomes that can make a party an offender (see :func:`proven`); a file that was withdrawn proves nothing."""

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
    "same_act",  # case, on
    "another_act_unsaid",  # case, on
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
    """How a case may end, and why.

    Attributes
    ----------
    no_fine
        The place's list provides for a warning at most, whatever else is open.
    """

    kind: AdviceKind
    reasons: tuple[Reason, ...]
    no_fine: bool = False


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
    def warning_at_most(self) -> bool:
        """The place's list provides for a warning and no fine, the first time."""
        return self.first and Leniency.WARNING_ONLY in self.matter.leniency

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
    earlier = tuple(case for case in earlier_cases if proven(case) and filed_on(case, zone) <= day)
    offence = Offence(matter, facts, earlier)
    told = tuple(_told(offence, zone))
    for applies in RULES:
        advice = applies(offence)
        if advice is not None:
            spared = (Reason("must_educate", None),) if advice.kind is AdviceKind.NO_PENALTY else ()
            return replace(advice, reasons=(*advice.reasons, *told, *spared))
    return Advice(AdviceKind.PENALTY, (Reason("penalty_follows", False), *told))


def proven(case: Case) -> bool:
    """Whether a case showed an act for which its party is answerable.

    Not so where the facts were not proven (article 57) or the party showed that it was without fault (article 33).
    """
    innocent = case.facts.get("facts_proven") is False or case.facts.get("no_fault") is True
    return case.outcome in ESTABLISHED and not (case.outcome is Outcome.NO_PENALTY and innocent)


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
    """Article 33: the first time, slight harm, put right in time. Who is not spared stays under the warning list."""
    if not (offence.first and offence.true("corrected") and offence.harm in ("none", "slight")):
        return None
    waiver = ["on_first_waiver_list"] if Leniency.FIRST_WAIVER in offence.matter.leniency else []
    warning = ["on_warning_list"] if offence.warning_at_most else []
    advice = _advice(AdviceKind.MAY_WAIVE, "first_slight_corrected", *waiver, *warning)
    return replace(advice, no_fine=offence.warning_at_most)


def listed_for_a_warning(offence: Offence) -> Advice | None:
    """The list: a warning and no fine, the first time."""
    if not offence.warning_at_most:
        return None
    return replace(_advice(AdviceKind.WARNING_ONLY, "on_warning_list"), no_fine=True)


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
    if outcome is Outcome.FINE and (advice.no_fine or advice.kind is AdviceKind.WARNING_ONLY):
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
    matter: str,
    ended: date | None,
    found: date,
    *,
    harmed: bool = False,
    another_act: str = "",
    zone: tzinfo = UTC,
) -> tuple[Reason, ...]:
    """What stands against filing (``good`` false) or must be looked at first (``good`` None).

    Parameters
    ----------
    cases
        Cases of the same party, whatever their matter.
    incident, matter
        Id of the incident the new case comes from, or empty, and what it is about.
    ended, found
        The day the act was done, or ended if it went on (None while it goes on), and the day it was found out.
    harmed
        Whether life, health or finance is concerned and harm was done.
    another_act
        Why this is another act than the one an earlier case of the same incident is about.
    zone
        In which the place's days begin.
    """
    years = LIMIT_YEARS_HARMED if harmed else LIMIT_YEARS
    twice = (_of_one_act(case, incident, matter, another_act, zone) for case in cases)
    return (*_found_too_late(ended, found, years), *(reason for reason in twice if reason))


def _found_too_late(ended: date | None, found: date, years: int) -> Iterator[Reason]:
    """Article 36."""
    if ended is not None and found > same_day(ended, years=years):
        last = same_day(ended, years=years).isoformat()
        yield Reason("found_too_late", False, {"ended": ended.isoformat(), "last_day": last, "years": years})


def _of_one_act(case: Case, incident: str, matter: str, another_act: str, zone: tzinfo) -> Reason | None:
    """Article 29: one act is one case. What one incident is about is one act, unless somebody says why not."""
    on = filed_on(case, zone).isoformat()
    if incident and case.incident == incident and (case.outcome is None or proven(case)):
        if case.matter == matter:
            return Reason("same_act", False, {"case": case.id, "on": on})
        if not another_act.strip():
            return Reason("another_act_unsaid", False, {"case": case.id, "on": on})
    return Reason("case_open_already", None, {"case": case.id, "since": on}) if case.open else None


def fined_before(case: Case, others: Sequence[Case], zone: tzinfo = UTC) -> tuple[Reason, ...]:
    """The fines that this act has cost its party already (article 29); empty when it may be fined.

    Parameters
    ----------
    others
        Cases of the same incident and party; ``case`` itself may be among them.
    """
    fines = [each for each in others if each.id != case.id and each.outcome is Outcome.FINE]
    same = [each for each in fines if case.incident and each.incident == case.incident and not _apart(case, each)]
    told = ({"case": each.id, "on": filed_on(each, zone).isoformat()} for each in same)
    return tuple(Reason("act_fined_already", False, values) for values in told)


def _apart(case: Case, other: Case) -> bool:
    """Whether somebody said, filing one of them, why two cases of one incident are about two acts."""
    stated = case.facts.get("another_act") or other.facts.get("another_act")
    return case.matter != other.matter and bool(stated)


def filed_on(case: Case, zone: tzinfo) -> date:
    """The place's day on which a case was filed."""
    return case.filed_at.astimezone(zone).date()


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
