"""What the documents of a case fill in: every field from the case, and a visible blank for what it does not hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from dispatch.records.case import Case, Fact, Outcome, PartyKind, Procedure, Stamp
from dispatch.review.wording import Words
from dispatch.rulebook.casedocuments import STEPS_SAID
from dispatch.rulebook.conditions import Context, last_day
from dispatch.rulebook.discretion import Range, Tier
from dispatch.rulebook.matters import Matter, Source
from dispatch.rulebook.procedures import DECISION, PAYMENT, SERVICE, Procedures, Step
from dispatch.rulebook.stepterms import due_at

BLANK = "＿" * 8
DIGITS, PLACES, GROUPS = "零壹贰叁肆伍陆柒捌玖", ("仟", "佰", "拾", ""), ("亿", "万", "")


@dataclass(frozen=True)
class CaseFile:
    """A case with everything its documents say about it.

    Attributes
    ----------
    context
        The moment and the calendar by which terms run.
    town
        What the town of the act is called.
    people
        Names by id; whoever is not there stands by their id.
    place
        Address of the incident that led to the case; empty without one. What a citizen reported is no finding and stays
        out of what the party reads.
    tier, allowed
        The tier that was chosen and what it allows; None while there is none.
    served
        What is served: the names of its decisions.
    made_up
        What of the place is synthetic; stands on every page. Empty when all is real.
    """

    case: Case
    matter: Matter | None
    procedures: Procedures
    context: Context
    town: str
    people: Mapping[str, str]
    place: str = ""
    tier: Tier | None = None
    allowed: Range | None = None
    served: Sequence[str] = ()
    made_up: str = ""

    def step(self, names: Mapping[Procedure, str]) -> Step | None:
        """The step of this case's procedure that ``names`` has for it."""
        return self.procedures.step(self.case.procedure, names[self.case.procedure])

    def day(self, moment: datetime | None) -> date | None:
        return self.context.day_of(moment) if moment is not None else None

    def made_utc(self, stamp: Stamp | None) -> datetime:
        """The only clock in a document: when its step was done, or the case's last one."""
        at = stamp.at if stamp is not None else self.case.stamps[-1].at
        return at.astimezone(UTC).replace(microsecond=0)


def known(file: CaseFile, stamp: Stamp | None) -> dict[str, Fact]:
    """What the case had established when this step was done, and all it has while it is not.

    A notice that is printed once more after the decision says what the party was told, and nothing that came later.
    """
    if stamp is None:
        return dict(file.case.facts)
    until = max(number for number, each in enumerate(file.case.stamps) if each == stamp)
    return {name: value for each in file.case.stamps[: until + 1] for name, value in each.facts.items()}


def said(file: CaseFile, stamp: Stamp | None) -> dict[str, Fact]:
    """What the lines of a document may be made to depend on."""
    case, facts = file.case, known(file, stamp)
    beside = {"service": bool({"served_by", "delivered"} & facts.keys())}
    beside["organisation"] = case.party.kind is PartyKind.ORGANISATION
    beside |= {name: case.stamp(name) is not None for name in STEPS_SAID}
    return {**facts, **{name: True for name, there in beside.items() if there}}


def fields(file: CaseFile, stamp: Stamp | None, words: Words) -> dict[str, str]:
    """Every field by its name; ``stamp`` is that of the document's own step."""
    case, facts = file.case, known(file, stamp)
    decision, service = file.step(DECISION), file.step(SERVICE)
    officers = (stamp.officers if stamp else ()) or case.stamps[0].officers
    transferred = case.stamp(Outcome.TRANSFERRED.value)
    told = {
        "number": case.id,
        "matter": file.matter.name_zh if file.matter else case.matter,
        "law": _law(file.matter, words),
        "power": case.basis,
        "town": file.town,
        "party": case.party.name,
        "party_kind": words(f"case.{case.party.kind.value}"),
        "party_id": case.party.id,
        "authority": case.letterhead,
        "officers": _officers(file, officers, words),
        "filed_on": _day(file.day(case.filed_at), words),
        "decided_on": _done_on(file, decision, words),
        "served_on": _iso(facts.get("served_on"), words),
        "stamps": words.listed([_step_on(file, each, words) for each in case.stamps]),
        "tier": _tier(file, words) if "tier" in facts else "",
        "intended": _amount(facts.get("intended_fine_yuan"), words),
        "outcome": _outcome(case, words),
        "served_document": words.listed([f"《{name}》" for name in file.served]),
        "serving": _serving(file, service, words),
        "to": str(transferred.facts.get("to", "")) if transferred else "",
        "why": str(transferred.facts.get("why", "")) if transferred else "",
    }
    told |= {name: str(facts.get(name, "")) for name in ("filing_grounds", "report", "discussion_record")}
    told |= {"deviation_reason": str(facts.get("deviation_reason", "")), "place": file.place}
    told |= {f"{name}_on": _on(file, case.stamp(name), words) for name in STEPS_SAID}
    told |= _terms(file, words)
    shown = {name: value.strip().rstrip("。．.") for name, value in told.items()}
    return {name: value or BLANK for name, value in shown.items()} | {"blank": BLANK}


def capitals(yuan: int) -> str:
    """An amount as documents write it, so that nobody can add a digit.

    >>> capitals(1000), capitals(10_050), capitals(120_003_000)
    ('壹仟元整', '壹万零伍拾元整', '壹亿贰仟万叁仟元整')
    """
    digits = f"{yuan:012d}"
    if len(digits) > 12:
        return f"{yuan}元整"
    groups = [digits[at : at + 4] for at in (0, 4, 8)]
    out, gap = "", False
    for group, unit in zip(groups, GROUPS, strict=True):
        for digit, place in zip(group, PLACES, strict=True):
            if digit == "0":
                gap = bool(out)
                continue
            out += ("零" if gap else "") + DIGITS[int(digit)] + place
            gap = False
        if int(group):
            out, gap = out + unit, False
    return (out or "零") + "元整"


def _terms(file: CaseFile, words: Words) -> dict[str, str]:
    """Terms from the list of procedures, and the last days that the clocks give."""
    steps = file.procedures.of(file.case.procedure)
    payment, service = file.step(PAYMENT), file.step(SERVICE)
    (hearing,) = next((found for step in steps if (found := step.limits("hearing_time_is_over"))), (0,))
    percent = payment.limits("paid_what_is_owed") if payment else ()
    notified = file.case.stamp("notified")
    until = file.context.last_working_day(hearing, notified.at) if hearing and notified else None
    return {
        "hearing_days": str(hearing or ""),
        "hearing_until": _day(until, words),
        "pay_days": str(payment.term.amount) if payment and payment.term else "",
        "pay_until": _due(file, payment, words) if file.case.outcome is Outcome.FINE else "",
        "late_percent": str(percent[0]) if percent else "",
        "serve_until": _due(file, service, words),
    }


def _due(file: CaseFile, step: Step | None, words: Words) -> str:
    due = due_at(file.case, step, file.context) if step else None
    return _day(last_day(due), words) if due else ""


def _day(day: date | None, words: Words) -> str:
    return words("case.day", y=day.year, m=day.month, d=day.day) if day else ""


def _iso(said: Fact | None, words: Words) -> str:
    return _day(date.fromisoformat(str(said)), words) if said else ""


def _on(file: CaseFile, stamp: Stamp | None, words: Words) -> str:
    return _day(file.day(stamp.at), words) if stamp else ""


def _done_on(file: CaseFile, step: Step | None, words: Words) -> str:
    return _on(file, file.case.stamp(step.name), words) if step else ""


def _step_on(file: CaseFile, stamp: Stamp, words: Words) -> str:
    step = file.procedures.step(file.case.procedure, stamp.step)
    return f"{step.name_zh if step else words('case.ended')}（{_on(file, stamp, words)}）"


def _officers(file: CaseFile, ids: Sequence[str], words: Words) -> str:
    """Each with room for the number of the certificate, which nobody has told us."""
    return words.listed([words("case.officer", name=file.people.get(id, id), blank=BLANK) for id in ids])


def _serving(file: CaseFile, service: Step | None, words: Words) -> str:
    stamp = file.case.stamp(service.name) if service else None
    return _officers(file, stamp.officers, words) if stamp else ""


def _law(matter: Matter | None, words: Words) -> str:
    if matter is None:
        return ""
    return words("case.illustrative", law=matter.basis) if matter.source is Source.ILLUSTRATIVE else matter.basis


def _tier(file: CaseFile, words: Words) -> str:
    if file.tier is None:
        return ""
    what = words("case.tier", tier=file.tier.tier, what=file.tier.circumstance)
    if file.allowed is not None:
        what += words("case.allowed", least=file.allowed.least, most=file.allowed.most)
    return words("case.illustrative", law=what) if file.tier.source is Source.ILLUSTRATIVE else what


def _outcome(case: Case, words: Words) -> str:
    if case.outcome is Outcome.FINE:
        return _amount(case.fine_yuan, words)
    return words(f"case.{case.outcome.value}") if case.outcome in (Outcome.WARNING, Outcome.NO_PENALTY) else ""


def _amount(yuan: Fact | None, words: Words) -> str:
    """A fine; nothing for 0, which may have been intended as anything but one."""
    return words("case.fine", yuan=int(yuan), capitals=capitals(int(yuan))) if yuan else ""
