"""The demo's cases: every one walked lawfully through the desk, and the same for the same seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import numpy as np
import pytest

from dispatch.desk.cases import Cases
from dispatch.desk.incidents import Desk
from dispatch.records.case import Case, Outcome, Procedure
from dispatch.rulebook.actcode import valid
from dispatch.rulebook.discretion import Unit
from dispatch.rulebook.procedures import DECISION
from dispatch.store.casebook import Casebook
from gis.locate import CellLocator
from scenarios import casework
from scenarios.casework import CLOSED, OPEN, open_the_cases
from tests.books import empty_book
from tests.casework import CALENDAR
from tests.towns import NOON, nine_cells


@contextmanager
def worked(seed: int) -> Iterator[Cases]:
    """The nine cells with the demo's cases of a year up to NOON."""
    place = nine_cells()
    with empty_book() as casebook:
        desk = Desk(casebook, place.rulebook, CellLocator(place.cells), place.cells, lambda: NOON)
        desk.set_roster("test", place.teams(NOON))
        rules = place.rules
        cases = Cases(desk, place.rulebook, rules.procedures, rules.discretion, rules.calendar, office=place.office)
        open_the_cases(cases, place, NOON, np.random.default_rng(seed))
        yield cases


@pytest.fixture(scope="module")
def cases() -> Iterator[Cases]:
    with worked(1) as made:
        yield made


@pytest.fixture(scope="module")
def found(cases: Cases) -> list[Case]:
    return cases.casebook.cases()


def test_as_many_are_closed_and_open_as_planned_and_most_are_simple(found):
    """56 % of Haishu's cases of 2022 were simple; the demo shows about as many."""
    closed = Counter(case.procedure for case in found if not case.open)
    assert closed == CLOSED
    assert sum(case.open for case in found) == len(OPEN)
    simple = sum(case.procedure is Procedure.SIMPLE for case in found) / len(found)
    assert 0.54 < simple < 0.59
    assert len({case.matter for case in found}) >= 10


def test_nothing_was_refused_and_the_ledger_is_whole(cases):
    """Every step went through the desk's own gates; a refusal would have stopped the walk."""
    entries = cases.casebook.latest_entries(10_000)
    assert not [entry.deed for entry in entries if entry.deed.startswith("refused:")]
    assert cases.casebook.verify().whole


def test_deeds_stand_in_the_ledger_in_order_of_time_and_in_the_past(cases):
    """A demo that begins with deeds of tomorrow would make its own history look forged."""
    about_cases = [entry.at for entry in reversed(cases.casebook.latest_entries(10_000)) if entry.kind == "case"]
    assert about_cases == sorted(about_cases)
    assert max(about_cases) < NOON
    assert min(about_cases) > NOON - timedelta(days=480)


def test_open_cases_stand_at_different_steps_and_some_are_late(cases, found):
    """Otherwise there is nothing to see by clock colour."""
    still = [case for case in found if case.open]
    assert Counter(case.stamps[-1].step for case in still) == Counter(last for _, last, _, _ in OPEN)
    dues = [min((step.due_at for step in cases.next(case, NOON) if step.due_at), default=None) for case in still]
    assert any(due and due < NOON for due in dues)
    assert any(due and NOON < due < NOON + timedelta(days=4) for due in dues)


def test_every_open_case_has_a_lawful_next_step(cases, found):
    """A demo case that stands in a dead end teaches nothing."""
    for case in found:
        if case.open:
            assert any(step.open for step in cases.next(case, NOON)), case.id


def test_every_stamp_has_a_valid_code_of_its_own_and_two_officers_where_two_are_due(cases, found):
    codes = [stamp.act_code for case in found for stamp in case.stamps]
    assert len(set(codes)) == len(codes)
    assert all(map(valid, codes))
    for case in found:
        for stamp in case.stamps:
            step = cases.procedures.step(case.procedure, stamp.step)
            assert step is not None
            assert len(set(stamp.officers)) >= step.officers


def test_parties_say_that_they_are_made_up(found):
    """Nobody may take one for a person."""
    assert all(case.party.id.startswith("SYN-") and case.party.name.startswith("合成") for case in found)


def test_some_parties_come_again_and_are_no_first_offenders(cases, found):
    """So that the look-up of earlier cases has something to find."""
    again = [case for case in found if len(cases.earlier(case.party.id, case.matter)) > 1]
    assert again
    for case in again:
        codes = {reason.code for reason in cases.advice(case, {}, NOON).reasons}
        others = [each for each in cases.earlier(case.party.id, case.matter) if each != case and each.outcome]
        assert ("earlier_offences" in codes) is bool(others)
        assert ("first_offence" in codes) is not others
    assert any(case.id != cases.earlier(case.party.id, case.matter)[0].id for case in again)


def test_what_is_fined_is_what_the_party_was_told(found):
    """Articles 44 and 45, in either procedure."""
    fined = [case for case in found if case.outcome is Outcome.FINE]
    assert {case.procedure for case in fined} == set(Procedure)
    assert all(case.fine_yuan == case.facts["intended_fine_yuan"] for case in fined)


def test_what_was_served_says_on_which_day(found):
    """The party's term runs from there."""
    served = [stamp for case in found for stamp in case.stamps if stamp.step in ("served", "delivered")]
    assert served
    assert all(stamp.facts["served_on"] == CALENDAR.local(stamp.at).date().isoformat() for stamp in served)


def test_fines_lie_in_their_tiers(cases, found):
    """What the spread shows must be what the benchmark allows."""
    fined = [case for case in found if case.outcome is Outcome.FINE]
    assert len(fined) > 15
    for case in fined:
        tier, base = case.facts["tier"], case.facts.get("base", 1.0)
        listed = cases.tiers(case.matter)[0].matter
        assert case.fine_yuan in cases.discretion.range_for(listed, int(tier), float(base)), case.id
        assert case.stamp(DECISION[case.procedure]) is not None


def test_the_same_seed_makes_the_same_cases(found):
    """A demo that is shown twice must tell the same story."""
    with worked(1) as again:
        assert again.casebook.cases() == found
    with worked(2) as other:
        assert other.casebook.cases() != found


def test_a_place_where_nobody_may_act_gets_no_cases(cases):
    """An empty list of powers is an answer, not a crash."""
    from dataclasses import replace

    place = nine_cells()
    bare = replace(place.rulebook, powers=())
    with empty_book() as casebook:
        desk = Desk(casebook, bare, CellLocator(place.cells), place.cells, lambda: NOON)
        desk.set_roster("test", place.teams(NOON))
        nobody = Cases(desk, bare, cases.procedures, cases.discretion, cases.calendar, office=place.office)
        assert open_the_cases(nobody, place, NOON, np.random.default_rng(1)) == []
        assert Casebook.cases(casebook) == []


def test_whoever_is_only_warned_has_nothing_to_pay_and_the_case_is_over(monkeypatch):
    """A case that was to wait for its fine ended with a warning by chance, and Yuzhong's demo did not open."""

    def warned(cases, case, plan, rng, at):
        ends = usual(cases, case, plan, rng, at)
        tiers = [tier.tier for tier in cases.tiers(plan.matter.code) if tier.unit is Unit.WARNING]
        if plan.procedure is not Procedure.SIMPLE or ends["outcome"] != Outcome.FINE.value or not tiers:
            return ends
        return {"outcome": Outcome.WARNING.value, "fine_yuan": 0, "tier": tiers[0]}

    usual = casework._ending
    monkeypatch.setattr(casework, "_ending", warned)
    with worked(2) as made:
        simple = [case for case in made.casebook.cases() if case.procedure is Procedure.SIMPLE and case.outcome]
    warned_ones = [case for case in simple if case.outcome is Outcome.WARNING]
    assert len(warned_ones) > len(simple) / 4
    assert all("paid" not in {stamp.step for stamp in case.stamps} for case in warned_ones)
