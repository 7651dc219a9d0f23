"""What the Administrative Penalty Law asks of one step of a case: each rule one function, called by its name in a list.

A gate returns why a step may not be done now, or None. Numbers written behind its name in the list
(``within_spot_fine:200/3000``) are handed to it as limits.
"""

# ruff: noqa: ARG001 - a gate takes the case and the context, whichever it looks at

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from dispatch.records.case import Case, Outcome, PartyKind
from dispatch.records.reason import Reason
from dispatch.rulebook.conditions import PENALTIES, Context, known, last_day, limits_of

REVIEW_FIELD = "review"
"""Field of the certificate that says somebody is qualified for legal review (article 58)."""

GATE_REASONS = (
    "fact_missing",  # fact, fact_zh, fact_en, article
    "fact_false",  # the same
    "officers_missing",  # needed, present, article
    "officer_not_certified",  # officer, field, article
    "officer_of_another_body",  # officer, body, article
    "officer_conflicted",  # officer, article
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
    "paid_too_little",  # owed, paid, article
    "paid_too_much",  # owed, surcharge, paid, article
    "cash_too_much",  # most, fine, article
)
"""Every code a gate can give; all also carry step, step_zh, step_en and basis."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One rule: the article it stands in, the facts it asks of the step, and the function that judges."""

    name: str
    article: int
    reads: tuple[str, ...]
    limits: int
    judge: Callable[..., Reason | None]


GATES: dict[str, Gate] = {}
"""Every gate there is, by name."""


def rule(article: int, *reads: str) -> Callable[[Callable[..., Reason | None]], Callable[..., Reason | None]]:
    """Enter a gate into the list under its function's name."""

    def entered(judge: Callable[..., Reason | None]) -> Callable[..., Reason | None]:
        name = judge.__name__
        GATES[name] = Gate(name, article, reads, limits_of(judge), judge)
        return judge

    return entered


def _no(code: str, **values: str | int | float) -> Reason:
    return Reason(code, False, values)


def _said(context: Context, fact: str) -> Reason | None:
    return _no("fact_missing", fact=fact) if context.facts.get(fact) in (None, "") else None


def _must(context: Context, fact: str) -> Reason | None:
    return _said(context, fact) or (None if context.facts[fact] is True else _no("fact_false", fact=fact))


# Gates: people


@rule(42)
def two_certified_officers(case: Case, context: Context) -> Reason | None:
    """Two different officers of the body, each certified for the matter on the day."""
    present = tuple(dict.fromkeys(context.officers))
    if len(present) < 2:
        return _no("officers_missing", needed=2, present=len(present))
    for officer in present:
        person = context.people.get(officer)
        if person is None or not person.certified(context.certificate, context.day):
            return _no("officer_not_certified", officer=officer, field=context.certificate)
        if officer not in context.of_body:
            return _no("officer_of_another_body", officer=officer, body=case.body)
    return None


@rule(43)
def nobody_conflicted(case: Case, context: Context) -> Reason | None:
    """Whoever has an interest in the case steps back, by the list or by the party's request."""
    recused = {name.strip() for name in str(known(case, context, "recused") or "").split(";")}
    conflicted = next((name for name in context.officers if name in recused | context.conflicted), None)
    return _no("officer_conflicted", officer=conflicted) if conflicted else None


@rule(64)
def host_is_neutral(case: Case, context: Context) -> Reason | None:
    """Whoever investigated does not host the hearing, nor does anybody with an interest in it."""
    return _neutral(case, context, "host_not_neutral")


@rule(58)
def reviewer_is_neutral(case: Case, context: Context) -> Reason | None:
    """Nobody reviews a case of their own."""
    return _neutral(case, context, "reviewer_not_neutral")


@rule(58)
def reviewer_is_qualified(case: Case, context: Context) -> Reason | None:
    """Reviewers hold the legal qualification."""
    for name in context.officers:
        person = context.people.get(name)
        if person is None or not person.certified(REVIEW_FIELD, context.day):
            return _no("reviewer_not_qualified", officer=name)
    return None


def _neutral(case: Case, context: Context, code: str) -> Reason | None:
    if not context.officers:
        return _no("officers_missing", needed=1, present=0)
    taking_part = {name for stamp in case.stamps if stamp.step not in ("heard", "reviewed") for name in stamp.officers}
    partial = next((name for name in context.officers if name in taking_part | context.conflicted), None)
    return _no(code, officer=partial) if partial else None


# Gates: what was found and told


@rule(54, "filing_grounds")
def grounds_for_filing(case: Case, context: Context) -> Reason | None:
    return _said(context, "filing_grounds")


@rule(55, "id_shown")
def id_shown(case: Case, context: Context) -> Reason | None:
    return _must(context, "id_shown")


@rule(43, "recusal_right_told", "recused")
def recusal_right_told(case: Case, context: Context) -> Reason | None:
    return _must(context, "recusal_right_told")


@rule(55, "record_made")
def record_made(case: Case, context: Context) -> Reason | None:
    return _must(context, "record_made")


@rule(41, "by_monitoring", "monitoring_reviewed")
def monitoring_reviewed(case: Case, context: Context) -> Reason | None:
    """Pictures of a camera count only after a legal and technical review."""
    return _must(context, "monitoring_reviewed") if known(case, context, "by_monitoring") is True else None


@rule(51, "facts_clear")
def facts_clear(case: Case, context: Context) -> Reason | None:
    return _must(context, "facts_clear")


@rule(57, "report")
def report_made(case: Case, context: Context) -> Reason | None:
    return _said(context, "report")


@rule(57, "intended", "facts_proven")
def intention_said(case: Case, context: Context) -> Reason | None:
    """What is intended, and no penalty for what is not proven."""
    missing = _said(context, "intended") or _said(context, "facts_proven")
    unproven = not context.facts.get("facts_proven") and context.facts.get("intended") == "penalty"
    return missing or (_no("facts_not_proven") if unproven else None)


@rule(58, "public_interest", "complex", "grave", "review_by_law", "deviates")
def weight_said(case: Case, context: Context) -> Reason | None:
    """Left unsaid, a case would pass by its legal review or its discussion unnoticed."""
    return _said(context, "public_interest") or _said(context, "complex") or _said(context, "grave")


@rule(44, "content_told")
def content_told(case: Case, context: Context) -> Reason | None:
    return _must(context, "content_told")


@rule(44, "rights_told")
def rights_told(case: Case, context: Context) -> Reason | None:
    return _must(context, "rights_told")


@rule(44, "intended_fine_yuan")
def intended_fine_said(case: Case, context: Context) -> Reason | None:
    return _said(context, "intended_fine_yuan")


@rule(63, "hearing_right")
def hearing_right_said(case: Case, context: Context) -> Reason | None:
    """What counts as a larger fine is the place's to say, so it is stated for each case."""
    return _said(context, "hearing_right")


@rule(45, "pleading", "pleading_checked")
def pleading_answered(case: Case, context: Context) -> Reason | None:
    """What the party says is checked; only an express waiver or nothing said needs no check (article 62)."""
    missing = _said(context, "pleading")
    return missing or (_must(context, "pleading_checked") if context.facts["pleading"] == "heard" else None)


@rule(64, "hearing_asked", "hearing_asked_on", "hearing_waived")
def hearing_request_dated(case: Case, context: Context) -> Reason | None:
    return _said(context, "hearing_asked_on") if context.facts.get("hearing_asked") is True else None


@rule(64, "hearing_noticed_on")
def noticed_before_hearing(case: Case, context: Context, days: int) -> Reason | None:
    """So many working days lie between the notice and the hearing."""
    missing = _said(context, "hearing_noticed_on")
    if missing:
        return missing
    # A notice dated before the request it answers would shorten the time to prepare.
    noticed = max(str(context.facts["hearing_noticed_on"]), str(known(case, context, "hearing_asked_on") or ""))
    until = context.last_working_day(days, context.noon(noticed))
    return _no("hearing_notice_late", days=days, until=until.isoformat()) if context.day <= until else None


@rule(58, "review_passed")
def review_passed(case: Case, context: Context) -> Reason | None:
    return _must(context, "review_passed")


@rule(57, "discussion_record")
def discussion_recorded(case: Case, context: Context) -> Reason | None:
    return _said(context, "discussion_record")


# Gates: the decision and after


@rule(57, "outcome", "fine_yuan")
def outcome_said(case: Case, context: Context) -> Reason | None:
    """A fine has an amount, and nothing else has."""
    missing = _said(context, "outcome")
    if missing:
        return missing
    is_fine = context.facts["outcome"] == Outcome.FINE.value
    if is_fine == bool(_fine(context)):
        return None
    return _no("fine_without_amount") if is_fine else _no("amount_without_fine", fine=_fine(context))


@rule(40)
def facts_proven(case: Case, context: Context) -> Reason | None:
    """No penalty on facts that are unclear."""
    unproven = known(case, context, "facts_proven") is not True
    return _no("facts_not_proven") if unproven and context.facts.get("outcome") in PENALTIES else None


@rule(45)
def no_heavier_after_pleading(case: Case, context: Context) -> Reason | None:
    """A higher fine needs new facts, and those are notified anew."""
    intended = case.facts.get("intended_fine_yuan")
    if intended is None or _fine(context) <= int(intended):
        return None
    return _no("heavier_after_pleading", intended=int(intended), fine=_fine(context))


@rule(64)
def hearing_time_is_over(case: Case, context: Context, days: int) -> Reason | None:
    """Nobody decides while the party may still ask for the hearing it was promised."""
    notified = case.stamp("notified")
    settled = case.stamp("heard") is not None or known(case, context, "hearing_waived") is True
    if notified is None or settled or known(case, context, "hearing_right") is not True:
        return None
    until = context.last_working_day(days, notified.at)
    return _no("hearing_time_runs", days=days, until=until.isoformat()) if context.day <= until else None


@rule(28, "order_to_correct")
def ordered_to_correct(case: Case, context: Context) -> Reason | None:
    """Whoever is punished is also told to put it right."""
    return _must(context, "order_to_correct") if context.facts.get("outcome") in PENALTIES else None


@rule(33, "educated")
def educated_when_spared(case: Case, context: Context) -> Reason | None:
    """Whoever did it and is spared is taught; who did not, is not."""
    spared = (
        context.facts.get("outcome") == Outcome.NO_PENALTY.value and known(case, context, "facts_proven") is not False
    )
    return _must(context, "educated") if spared else None


@rule(51)
def within_spot_fine(case: Case, context: Context, citizen: int, organisation: int) -> Reason | None:
    """Above this the case is turned to the ordinary procedure."""
    most = citizen if case.party.kind is PartyKind.CITIZEN else organisation
    return _no("over_spot_fine", most=most, fine=_fine(context)) if _fine(context) > most else None


@rule(52, "delivered", "signature")
def delivered_on_the_spot(case: Case, context: Context) -> Reason | None:
    """Handed over; a refusal to sign is written down."""
    return _must(context, "delivered") or _said(context, "signature")


@rule(61, "served_by")
def service_proven(case: Case, context: Context) -> Reason | None:
    return _said(context, "served_by")


@rule(72, "paid_yuan", "paid_on", "deferred_to", "paused_days", "court_enforced")
def paid_what_is_owed(case: Case, context: Context, percent: int) -> Reason | None:
    """The whole fine, at most with the surcharge for the days it was late; the surcharge may be forgone."""
    if context.facts.get("court_enforced") is True:
        return None
    missing = _said(context, "paid_yuan") or _said(context, "paid_on")
    if missing:
        return missing
    late, paid = surcharge(case.fine_yuan, days_late(context), percent), float(context.facts["paid_yuan"])
    if paid < case.fine_yuan:
        return _no("paid_too_little", owed=case.fine_yuan, paid=paid)
    too_much = round(100 * paid) > round(100 * (case.fine_yuan + late))
    return _no("paid_too_much", owed=case.fine_yuan, surcharge=late, paid=paid) if too_much else None


@rule(68, "cash", "hard_later")
def cash_only_where_allowed(case: Case, context: Context, most: int) -> Reason | None:
    """Officers take money themselves only for small fines or where it could not be had later."""
    allowed = case.fine_yuan <= most or context.facts.get("hard_later") is True
    return (
        None
        if allowed or context.facts.get("cash") is not True
        else _no("cash_too_much", most=most, fine=case.fine_yuan)
    )


@rule(52, "reported_to_body")
def reported_to_the_body(case: Case, context: Context) -> Reason | None:
    return _must(context, "reported_to_body")


@rule(47, "archive_no")
def file_archived(case: Case, context: Context) -> Reason | None:
    return _said(context, "archive_no")


def surcharge(fine_yuan: int, late_days: int, percent: int = 3) -> float:
    """What may be added to a fine paid late, in yuan: so many percent a day, never more than the fine (article 72).

    >>> surcharge(200, 10), surcharge(200, 60)
    (60.0, 200.0)
    """
    return min(fine_yuan * percent * max(late_days, 0) / 100, float(fine_yuan))


def days_late(context: Context) -> int:
    """Days from the end of the term, or of its deferral, to the payment, less those of a review or lawsuit."""
    if context.due_at is None:
        return 0
    due = last_day(context.due_at)
    deferred = context.facts.get("deferred_to")
    due = max(due, date.fromisoformat(str(deferred))) if deferred else due
    paid = date.fromisoformat(str(context.facts["paid_on"]))
    return max(0, (paid - due).days - int(context.facts.get("paused_days", 0)))


def _fine(context: Context) -> int:
    return int(context.facts.get("fine_yuan", 0))
