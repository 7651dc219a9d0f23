"""What officers do with a case, from filing to the archive, one transaction a deed.

The two officers, the order of the steps and the gates of each are asked anew inside every transaction, and until the
decision stands so is the power itself; serving a decision, its payment and the archive go on without it. What the law
forbids is refused whoever asks: a penalty without power or by a gravely faulty procedure is void
(Administrative Penalty Law, article 38).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from dispatch.desk.casereading import NOTHING, CaseReading
from dispatch.desk.deed import stated
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.desk.standing import competent, scene, still_competent
from dispatch.records.case import Case, Fact, Outcome, Party, Procedure, Stamp
from dispatch.records.reason import Reason
from dispatch.rulebook.actcode import Act, new_code
from dispatch.rulebook.competence import Actor as Competent
from dispatch.rulebook.conditions import Context
from dispatch.rulebook.discretion import check_fine
from dispatch.rulebook.outcomes import AdviceKind, fined_before, intake_faults, stands_against
from dispatch.rulebook.procedures import (
    CLOSING,
    DECISION,
    PAYMENT,
    SERVICE,
    Acts,
    check,
)
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor, Writing

CASE_REASONS = (
    "own_deed",  # step: decided and closed by deeds of their own
    "case_decided",  # case, outcome: too late to withdraw, transfer or turn
    "ordinary_already",  # case
    "incident_unseen",  # incident, status
)
"""Every code that the desk itself adds to those of the rule book."""


class Cases(CaseReading):
    """The deeds on the cases of a place; what it is made of and what can be asked, see :class:`CaseReading`.

    Raises of every deed
    --------------------
    Refused
        What the law has against it, every reason with its article.
    Stale, Unknown
        The case has changed since ``version``, or is not in the book.
    """

    def file(
        self,
        actor: str,
        incident_id: str,
        matter: str,
        party: Party,
        officers: Sequence[str],
        *,
        town: str = "",
        procedure: Procedure | None = None,
        facts: Mapping[str, Fact] = NOTHING,
        ended: date | None = None,
        harmed: bool = False,
        another_act: str = "",
        now: datetime | None = None,
    ) -> Case:
        """A new case with the first step of its procedure done.

        Refused when nobody may act, the act can no longer be punished, or the incident has led to a case of this party
        already that is about the same act.

        Parameters
        ----------
        incident_id
            The incident it comes from, which somebody must have seen; or empty, ``town`` then says where.
        procedure
            The matter's own unless given.
        ended
            Day the act ended; None while it goes on.
        harmed
            Whether life, health or finance is concerned and harm was done (article 36).
        another_act
            Why it is another act than that of an earlier case of this party and incident (article 29).

        Returns
        -------
        Case
            Its fact ``first_of_body`` tells that the body never had this matter, so that somebody guides it. What has
            to be looked at before going on (an open case about perhaps the same act) stands in the ledger's entry.
        """
        place = None if incident_id else town
        with self.deed("file", actor, Kind.CASE, incident_id, now, place=place) as (page, who):
            today = self.calendar.local(who.at).date()
            where, found = scene(page, incident_id, town, today, self.calendar)
            body = competent(self.rulebook, self._people(page), matter, where, officers, today)
            against = intake_faults(
                page.cases(party=party.id),
                incident_id,
                matter,
                ended,
                found,
                harmed=harmed,
                another_act=another_act,
                zone=self.calendar.zone,
            )
            to_look_at = _let_pass(against)
            kind = procedure or self.rulebook.matters[matter].procedure
            bare = self._bare(page, who, incident_id, matter, where, body, party, kind)
            told = {**facts, **_about_the_act(ended, harmed, another_act)}
            case = self._with_first_step(page, who, bare, tuple(officers), told)
            page.add_case(who, case, look_at=to_look_at)
            return case

    def stamp(
        self,
        actor: str,
        case_id: str,
        version: int,
        step: str,
        *,
        officers: Sequence[str] = (),
        facts: Mapping[str, Fact] = NOTHING,
        now: datetime | None = None,
    ) -> Case:
        """One step done; the officers of the case act unless others are named."""

        def stamped(page: Writing, who: Actor, case: Case) -> Case:
            if step in (DECISION[case.procedure], CLOSING):
                raise Refused(Reason("own_deed", False, {"step": step}))
            return case.stamped(self._lawful(page, who, case, step, tuple(officers), facts))

        return self._change("stamp", actor, case_id, version, now, stamped)

    def decide(
        self,
        actor: str,
        case_id: str,
        version: int,
        outcome: Outcome,
        fine_yuan: int = 0,
        *,
        tier: int | None = None,
        base: float | None = None,
        reason: str = "",
        officers: Sequence[str] = (),
        facts: Mapping[str, Fact] = NOTHING,
        now: datetime | None = None,
    ) -> Case:
        """The decision: no penalty, a warning or a fine.

        Refused unless every step before it is done, the power still stands, article 33 and the place's lists allow
        this outcome, and a fine or a warning lies in its tier (or deviates with ``reason`` and a legal review).
        """
        told: dict[str, Fact] = {**facts, "outcome": outcome.value, "fine_yuan": fine_yuan}
        told |= {"tier": tier} if tier is not None else {}
        told |= {"base": base} if base is not None else {}

        def decided(page: Writing, who: Actor, case: Case) -> Case:
            self._keeps_power(who, case)
            step = DECISION[case.procedure]
            against: list[Reason] = []
            if outcome is Outcome.FINE and case.incident:
                of_incident = page.cases(incident=case.incident, party=case.party.id)
                against += fined_before(case, of_incident, self.calendar.zone)
            advice = self._advice(case, page.cases(party=case.party.id, matter=case.matter), told, who.at)
            # Where no list asks for it, a warning is milder than a fine and has to be the tier's as well.
            plain_warning = outcome is Outcome.WARNING and advice.kind is AdviceKind.PENALTY
            if outcome is Outcome.FINE or plain_warning:
                told.update(self._deviation(case, tier, base, fine_yuan, reason))
                reviewed = case.stamp("reviewed") is not None
                against += self._against_fine(case, tier, base, fine_yuan, reason, reviewed)
            context = self._context(page, case, step, who.at, tuple(officers), told)
            against += stands_against(advice, outcome, {**case.facts, **told})
            against += check(case, step, self.procedures, context)
            if against:
                raise Refused(*against)
            return case.decided(self._stamp(page, who, case, step, context), outcome, fine_yuan)

        return self._change("decide", actor, case_id, version, now, decided)

    def turn(
        self,
        actor: str,
        case_id: str,
        version: int,
        *,
        officers: Sequence[str] = (),
        facts: Mapping[str, Fact] = NOTHING,
        now: datetime | None = None,
    ) -> Case:
        """A simple case filed under the ordinary procedure, whose terms run from now: the fine would be too high."""

        def turned(page: Writing, who: Actor, case: Case) -> Case:
            _undecided(case)
            if case.procedure is Procedure.ORDINARY:
                raise Refused(Reason("ordinary_already", False, {"case": case.id}))
            ordinary = case.turned(Procedure.ORDINARY)
            first = self.procedures.of(Procedure.ORDINARY)[0].name
            return ordinary.stamped(self._lawful(page, who, ordinary, first, tuple(officers), facts))

        return self._change("turn", actor, case_id, version, now, turned)

    def withdraw(self, actor: str, case_id: str, version: int, why: str, *, now: datetime | None = None) -> Case:
        """The case given up before any decision, with its reason; it counts as no offence."""

        def withdrawn(page: Writing, who: Actor, case: Case) -> Case:
            return self._ended(page, who, case, Outcome.WITHDRAWN, {"why": stated(why)})

        return self._change("withdraw", actor, case_id, version, now, withdrawn)

    def transfer(
        self, actor: str, case_id: str, version: int, to: str, why: str, *, now: datetime | None = None
    ) -> Case:
        """The case given to whom it belongs: the prosecution where a crime is suspected, or another body."""

        def transferred(page: Writing, who: Actor, case: Case) -> Case:
            return self._ended(page, who, case, Outcome.TRANSFERRED, {"to": stated(to), "why": stated(why)})

        return self._change("transfer", actor, case_id, version, now, transferred)

    def serve(
        self,
        actor: str,
        case_id: str,
        version: int,
        facts: Mapping[str, Fact],
        *,
        officers: Sequence[str] = (),
        now: datetime | None = None,
    ) -> Case:
        """The decision handed to the party, by whichever step of its procedure does that."""
        return self._by_kind("serve", SERVICE, actor, case_id, version, facts, tuple(officers), now)

    def pay(
        self, actor: str, case_id: str, version: int, facts: Mapping[str, Fact], *, now: datetime | None = None
    ) -> Case:
        """The fine paid."""
        return self._by_kind("pay", PAYMENT, actor, case_id, version, facts, (), now)

    def close(
        self, actor: str, case_id: str, version: int, facts: Mapping[str, Fact], *, now: datetime | None = None
    ) -> Case:
        """The file complete and archived."""

        def closed(page: Writing, who: Actor, case: Case) -> Case:
            return case.closed(self._lawful(page, who, case, CLOSING, (), facts))

        return self._change("close_case", actor, case_id, version, now, closed)

    def _change(
        self,
        name: str,
        actor: str,
        case_id: str,
        version: int,
        now: datetime | None,
        step: Callable[[Writing, Actor, Case], Case],
    ) -> Case:
        with self.deed(name, actor, Kind.CASE, case_id, now) as (page, who):
            case = page.case(case_id)
            if case is None:
                raise Unknown("case", case_id)
            if case.version != version:
                raise Stale("case", case.id, version, case.version, page.latest(Kind.CASE, case.id))
            after = step(page, who, case)
            page.change_case(who, case, after)
            return after

    def _by_kind(
        self,
        name: str,
        steps: Mapping[Procedure, str],
        actor: str,
        case_id: str,
        version: int,
        facts: Mapping[str, Fact],
        officers: tuple[str, ...],
        now: datetime | None,
    ) -> Case:
        def done(page: Writing, who: Actor, case: Case) -> Case:
            return case.stamped(self._lawful(page, who, case, steps[case.procedure], officers, facts))

        return self._change(name, actor, case_id, version, now, done)

    def _lawful(
        self, page: Writing, who: Actor, case: Case, step: str, officers: tuple[str, ...], facts: Mapping[str, Fact]
    ) -> Stamp:
        """The stamp of a step against which nothing stands."""
        self._keeps_power(who, case)
        context = self._context(page, case, step, who.at, officers, facts)
        against = check(case, step, self.procedures, context)
        if against:
            raise Refused(*against)
        return self._stamp(page, who, case, step, context)

    def _keeps_power(self, who: Actor, case: Case) -> None:
        """What is done without the power is void until the decision stands; serving it and the rest then go on."""
        if case.open and case.outcome is None:
            still_competent(self.rulebook, case, self.calendar.local(who.at).date())

    def _stamp(self, page: Writing, who: Actor, case: Case, step: str, context: Context) -> Stamp:
        code = new_code(case.town, Act.PENALTY, context.day, page.next_act())
        return Stamp(step, who.at, who.name, context.officers, code, dict(context.facts))

    def _context(
        self, page: Writing, case: Case, step: str, at: datetime, officers: tuple[str, ...], facts: Mapping[str, Fact]
    ) -> Context:
        people = self._people(page)
        asked = self.procedures.step(case.procedure, step)
        own = case.stamps[0].officers if case.stamps and asked and asked.role is Acts.OFFICER else ()
        return Context(
            now=at,
            calendar=self.calendar,
            facts=facts,
            officers=officers or own,
            people=people.by_id(),
            of_body=people.of_body(case.body),
            certificate=self.rulebook.matters[case.matter].field,
        )

    def _bare(
        self,
        page: Writing,
        who: Actor,
        incident: str,
        matter: str,
        town: str,
        by: Competent,
        party: Party,
        procedure: Procedure,
    ) -> Case:
        """The case before its first step."""
        return Case(
            id=f"AJ{self.calendar.local(who.at):%Y%m%d}-{page.next_case():04d}",
            incident=incident,
            matter=matter,
            town=town,
            body=by.body,
            mode=by.mode.value,
            letterhead=by.letterhead,
            basis=by.basis,
            party=party,
            procedure=procedure,
            filed_at=who.at,
        )

    def _with_first_step(
        self, page: Writing, who: Actor, bare: Case, officers: tuple[str, ...], told: Mapping[str, Fact]
    ) -> Case:
        """The case as it enters the book; whether the body is new to the matter stands with the first stamp."""
        new_to_it = not page.cases(matter=bare.matter, body=bare.body, limit=1)
        first = self.procedures.of(bare.procedure)[0].name
        stamp = self._lawful(page, who, bare, first, officers, {**told, "first_of_body": new_to_it})
        return replace(bare.stamped(stamp), version=1)

    def _ended(self, page: Writing, who: Actor, case: Case, outcome: Outcome, facts: Mapping[str, Fact]) -> Case:
        """Closed without a decision on the act."""
        _undecided(case)
        code = new_code(case.town, Act.PENALTY, self.calendar.local(who.at).date(), page.next_act())
        return replace(case.closed(Stamp(outcome.value, who.at, who.name, (), code, facts)), outcome=outcome)

    def _against_fine(
        self, case: Case, tier: int | None, base: float | None, fine_yuan: int, reason: str, reviewed: bool
    ) -> tuple[Reason, ...]:
        listed = self._listed_as(self.rulebook.matters[case.matter])
        return check_fine(self.discretion, listed, tier, base, fine_yuan, reason=reason, reviewed=reviewed)

    def _deviation(
        self, case: Case, tier: int | None, base: float | None, fine_yuan: int, reason: str
    ) -> dict[str, Fact]:
        """What the stamp keeps of a fine outside its tier; the case then owes a legal review."""
        outside = self._against_fine(case, tier, base, fine_yuan, "", reviewed=False)
        return {"deviates": True, "deviation_reason": reason} if reason.strip() and outside else {}


def _let_pass(against: Sequence[Reason]) -> list[dict[str, Any]]:
    """What has to be looked at before going on, as the ledger keeps it.

    Raises
    ------
    Refused
        When something stands against opening the case at all.
    """
    forbidding = [fault for fault in against if fault.good is False]
    if forbidding:
        raise Refused(*forbidding)
    return [{"code": fault.code, **fault.values} for fault in against]


def _about_the_act(ended: date | None, harmed: bool, another_act: str) -> dict[str, Fact]:
    """What the file keeps of why it could be opened."""
    told: dict[str, Fact] = {"harmed": True} if harmed else {}
    told |= {"ended": ended.isoformat()} if ended else {}
    return told | ({"another_act": another_act.strip()} if another_act.strip() else {})


def _undecided(case: Case) -> None:
    if not case.open:
        raise Refused(Reason("case_closed", False, {"case": case.id}))
    if case.outcome is not None:
        raise Refused(Reason("case_decided", False, {"case": case.id, "outcome": case.outcome.value}))
