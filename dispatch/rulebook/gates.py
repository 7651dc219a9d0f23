"""What the Administrative Penalty Law asks of one step of a case: each rule one function, called by its name in a list.

A gate returns why a step may not be done now, or None. Numbers written behind its name in the list
(``within_spot_fine:200/3000``) are handed to it as limits.
"""

# ruff: noqa: ARG001 - a gate takes the case and the context, whichever it looks at

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dispatch.records.case import Case, Outcome, PartyKind
from dispatch.records.reason import Reason
from dispatch.rulebook.conditions import (
    PENALTIES,
    Context,
    answered,
    known,
    since_notice,
    stepped_back,
)
from dispatch.rulebook.gaterule import must, no, rule, said
from dispatch.rulebook.stepterms import late_fee

REVIEW_FIELD = "review"
"""Field of the certificate that says somebody is qualified for legal review (article 58)."""

GATE_REASONS = (
    "fact_missing",  # fact, fact_zh, fact_en, article
    "fact_false",  # the same
    "officers_missing",  # needed, present, article
    "officer_not_certified",  # officer, field, article
    "officer_of_another_body",  # officer, body, article
    "officer_conflicted",  # officer, article
    "person_unknown",  # officer, article
    "host_not_neutral",  # officer, article
    "hearing_notice_late",  # days, until: the last day that is too early, article
    "reviewer_not_qualified",  # officer, article
    "reviewer_not_neutral",  # officer, article
    "facts_not_proven",  # article
    "heavier_after_pleading",  # intended, fine, article
    "hearing_time_runs",  # days, until, article
    "over_spot_fine",  # most, fine, article
    "fine_without_amount",  # article
    "amount_without_fine",  # fine, article
    "served_before_decision",  # served, decided, article
    "paid_too_little",  # owed, paid, article
    "paid_too_much",  # owed, surcharge, paid, article
    "cash_too_much",  # most, fine, article
)
"""Every code a gate can give; all also carry step, step_zh, step_en and basis."""


# Gates: people


@rule(42)
def two_certified_officers(case: Case, context: Context) -> Reason | None:
    """Two different officers of the body, each certified for the matter on the day."""
    present = tuple(dict.fromkeys(context.officers))
    if len(present) < 2:
        return no("officers_missing", needed=2, present=len(present))
    for officer in present:
        person = context.people.get(officer)
        if person is None or not person.certified(context.certificate, context.day):
            return no("officer_not_certified", officer=officer, field=context.certificate)
        if officer not in context.of_body:
            return no("officer_of_another_body", officer=officer, body=case.body)
    return None


@rule(43, relies=("recused",))
def nobody_conflicted(case: Case, context: Context) -> Reason | None:
    """Whoever has stepped back does not act, on their own word or at the party's request."""
    recused = stepped_back(known(case, context, "recused"))
    conflicted = next((name for name in context.officers if name in recused), None)
    return no("officer_conflicted", officer=conflicted) if conflicted else None


@rule(43, "recused")
def recused_are_known(case: Case, context: Context) -> Reason | None:
    """A name that is nobody's would keep nobody from acting."""
    return _known_people(context, sorted(stepped_back(context.facts.get("recused"))))


@rule(64, relies=("recused",))
def host_is_neutral(case: Case, context: Context) -> Reason | None:
    """Somebody known, who did not investigate and has no interest in the case."""
    return _known_people(context, context.officers) or _neutral(case, context, "host_not_neutral")


@rule(58, relies=("recused",))
def reviewer_is_neutral(case: Case, context: Context) -> Reason | None:
    """Nobody reviews a case of their own."""
    return _neutral(case, context, "reviewer_not_neutral")


@rule(58)
def reviewer_is_qualified(case: Case, context: Context) -> Reason | None:
    """Reviewers hold the legal qualification."""
    for name in context.officers:
        person = context.people.get(name)
        if person is None or not person.certified(REVIEW_FIELD, context.day):
            return no("reviewer_not_qualified", officer=name)
    return None


def _neutral(case: Case, context: Context, code: str) -> Reason | None:
    if not context.officers:
        return no("officers_missing", needed=1, present=0)
    taking_part = {name for stamp in case.stamps if stamp.step not in ("heard", "reviewed") for name in stamp.officers}
    partial = taking_part | stepped_back(known(case, context, "recused"))
    found = next((name for name in context.officers if name in partial), None)
    return no(code, officer=found) if found else None


def _known_people(context: Context, names: Sequence[str]) -> Reason | None:
    stranger = next((name for name in names if name not in context.people), None)
    return no("person_unknown", officer=stranger) if stranger else None


# Gates: what was found and told


@rule(54, "filing_grounds")
def grounds_for_filing(case: Case, context: Context) -> Reason | None:
    return said(context, "filing_grounds")


@rule(55, "id_shown")
def id_shown(case: Case, context: Context) -> Reason | None:
    return must(context, "id_shown")


@rule(43, "recusal_right_told")
def recusal_right_told(case: Case, context: Context) -> Reason | None:
    return must(context, "recusal_right_told")


@rule(55, "record_made")
def record_made(case: Case, context: Context) -> Reason | None:
    return must(context, "record_made")


@rule(41, "by_monitoring", "monitoring_reviewed")
def monitoring_reviewed(case: Case, context: Context) -> Reason | None:
    """Pictures of a camera count only after a legal and technical review."""
    return must(context, "monitoring_reviewed") if known(case, context, "by_monitoring") is True else None


@rule(56, "preserved_on", "preserved_settled_on")
def preservation_dated(case: Case, context: Context) -> Reason | None:
    """What was settled was preserved before, on a day that is known: seven days run from it."""
    if not context.facts.get("preserved_settled_on") or known(case, context, "preserved_on"):
        return None
    return said(context, "preserved_on")


@rule(51, "facts_clear")
def facts_clear(case: Case, context: Context) -> Reason | None:
    return must(context, "facts_clear")


@rule(57, "report")
def report_made(case: Case, context: Context) -> Reason | None:
    return said(context, "report")


@rule(57, "intended", "facts_proven")
def intention_said(case: Case, context: Context) -> Reason | None:
    """What is intended, and no penalty for what is not proven."""
    missing = said(context, "intended") or said(context, "facts_proven")
    unproven = not context.facts.get("facts_proven") and context.facts.get("intended") == "penalty"
    return missing or (no("facts_not_proven") if unproven else None)


@rule(58, "public_interest", "complex", "grave", "review_by_law", "deviates")
def weight_said(case: Case, context: Context) -> Reason | None:
    """Left unsaid, a case would pass by its legal review or its discussion unnoticed."""
    weighed = ("public_interest", "complex", "grave", "review_by_law")
    return next((missing for fact in weighed if (missing := said(context, fact))), None)


@rule(44, "content_told")
def content_told(case: Case, context: Context) -> Reason | None:
    return must(context, "content_told")


@rule(44, "rights_told")
def rights_told(case: Case, context: Context) -> Reason | None:
    return must(context, "rights_told")


@rule(44, "intended_fine_yuan")
def intended_fine_said(case: Case, context: Context) -> Reason | None:
    return said(context, "intended_fine_yuan")


@rule(63, "hearing_right")
def hearing_right_said(case: Case, context: Context) -> Reason | None:
    """What counts as a larger fine is the place's to say, so it is stated for each case."""
    return said(context, "hearing_right")


@rule(45, "pleading", "pleading_checked")
def pleading_answered(case: Case, context: Context) -> Reason | None:
    """What the party says is checked; only an express waiver or nothing said needs no check (article 62)."""
    missing = said(context, "pleading")
    return missing or (must(context, "pleading_checked") if context.facts["pleading"] == "heard" else None)


@rule(64, "hearing_asked", "hearing_asked_on", "hearing_waived")
def hearing_request_dated(case: Case, context: Context) -> Reason | None:
    return said(context, "hearing_asked_on") if context.facts.get("hearing_asked") is True else None


@rule(64, "hearing_noticed_on", relies=("hearing_asked_on",))
def noticed_before_hearing(case: Case, context: Context, days: int) -> Reason | None:
    """So many working days lie between the notice and the hearing."""
    missing = said(context, "hearing_noticed_on")
    if missing:
        return missing
    # A notice dated before the request it answers would shorten the time to prepare.
    noticed = max(str(context.facts["hearing_noticed_on"]), str(answered(case, context, "hearing_asked_on") or ""))
    until = context.last_working_day(days, context.noon(noticed))
    return no("hearing_notice_late", days=days, until=until.isoformat()) if context.day <= until else None


@rule(58, "review_passed")
def review_passed(case: Case, context: Context) -> Reason | None:
    return must(context, "review_passed")


@rule(57, "discussion_record")
def discussion_recorded(case: Case, context: Context) -> Reason | None:
    return said(context, "discussion_record")


# Gates: the decision and after


@rule(57, "outcome", "fine_yuan")
def outcome_said(case: Case, context: Context) -> Reason | None:
    """A fine has an amount, and nothing else has."""
    missing = said(context, "outcome")
    if missing:
        return missing
    is_fine = context.facts["outcome"] == Outcome.FINE.value
    if is_fine == bool(_fine(context)):
        return None
    return no("fine_without_amount") if is_fine else no("amount_without_fine", fine=_fine(context))


@rule(40, relies=("facts_proven",))
def facts_proven(case: Case, context: Context) -> Reason | None:
    """No penalty on facts that are unclear."""
    unproven = known(case, context, "facts_proven") is not True
    return no("facts_not_proven") if unproven and context.facts.get("outcome") in PENALTIES else None


@rule(45, relies=("intended_fine_yuan",))
def no_heavier_after_pleading(case: Case, context: Context) -> Reason | None:
    """A higher fine needs new facts, and those are notified anew."""
    intended = case.facts.get("intended_fine_yuan")
    if intended is None or _fine(context) <= int(intended):
        return None
    return no("heavier_after_pleading", intended=int(intended), fine=_fine(context))


@rule(64, relies=("hearing_right", "hearing_waived"))
def hearing_time_is_over(case: Case, context: Context, days: int) -> Reason | None:
    """Nobody decides while the party may still ask for the hearing it was promised."""
    notified = case.stamp("notified")
    held = any(stamp.step == "heard" for stamp in since_notice(case))
    settled = held or answered(case, context, "hearing_waived") is True
    if notified is None or settled or known(case, context, "hearing_right") is not True:
        return None
    until = context.last_working_day(days, notified.at)
    return no("hearing_time_runs", days=days, until=until.isoformat()) if context.day <= until else None


@rule(28, "order_to_correct")
def ordered_to_correct(case: Case, context: Context) -> Reason | None:
    """Whoever is punished is also told to put it right."""
    return must(context, "order_to_correct") if context.facts.get("outcome") in PENALTIES else None


@rule(33, "educated")
def educated_when_spared(case: Case, context: Context) -> Reason | None:
    """Whoever did it and is spared is taught; who did not, is not."""
    spared = (
        context.facts.get("outcome") == Outcome.NO_PENALTY.value and known(case, context, "facts_proven") is not False
    )
    return must(context, "educated") if spared else None


@rule(51)
def within_spot_fine(case: Case, context: Context, citizen: int, organisation: int) -> Reason | None:
    """Above this the case is turned to the ordinary procedure."""
    most = citizen if case.party.kind is PartyKind.CITIZEN else organisation
    return no("over_spot_fine", most=most, fine=_fine(context)) if _fine(context) > most else None


@rule(52, "delivered", "signature", "served_on")
def delivered_on_the_spot(case: Case, context: Context) -> Reason | None:
    """Handed over; a refusal to sign is written down."""
    return must(context, "delivered") or said(context, "signature") or _served(case, context)


@rule(61, "served_by", "served_on")
def service_proven(case: Case, context: Context) -> Reason | None:
    """How and on which day the party got it: its own terms run from that day, not from the entry."""
    return said(context, "served_by") or _served(case, context)


def _served(case: Case, context: Context) -> Reason | None:
    decision = case.stamp("decided") or case.stamp("decided_on_spot")
    missing = said(context, "served_on")
    if missing or decision is None:
        return missing
    served, decided = str(context.facts["served_on"]), context.day_of(decision.at).isoformat()
    return no("served_before_decision", served=served, decided=decided) if served < decided else None


@rule(72, "paid_yuan", "paid_on", "deferred_to", "paused_days", "court_enforced")
def paid_what_is_owed(case: Case, context: Context, percent: int) -> Reason | None:
    """The whole fine, at most with the surcharge for the days it was late; the surcharge may be forgone."""
    if context.facts.get("court_enforced") is True:
        return None
    missing = said(context, "paid_yuan") or said(context, "paid_on")
    if missing:
        return missing
    paid_on, paid = date.fromisoformat(str(context.facts["paid_on"])), float(context.facts["paid_yuan"])
    late = late_fee(case, context, paid_on, percent)
    if paid < case.fine_yuan:
        return no("paid_too_little", owed=case.fine_yuan, paid=paid)
    too_much = round(100 * paid) > round(100 * (case.fine_yuan + late))
    return no("paid_too_much", owed=case.fine_yuan, surcharge=late, paid=paid) if too_much else None


@rule(68, "cash", "hard_later")
def cash_only_where_allowed(case: Case, context: Context, most: int) -> Reason | None:
    """Officers take money themselves only for small fines or where it could not be had later."""
    allowed = case.fine_yuan <= most or context.facts.get("hard_later") is True
    return (
        None
        if allowed or context.facts.get("cash") is not True
        else no("cash_too_much", most=most, fine=case.fine_yuan)
    )


@rule(52, "reported_to_body")
def reported_to_the_body(case: Case, context: Context) -> Reason | None:
    return must(context, "reported_to_body")


@rule(47, "archive_no")
def file_archived(case: Case, context: Context) -> Reason | None:
    return said(context, "archive_no")


def _fine(context: Context) -> int:
    return int(context.facts.get("fine_yuan", 0))
