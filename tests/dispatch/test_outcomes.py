"""Whether a case must end in a penalty: article 33, the place's lists, and what stands against filing at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.records.case import Outcome, Procedure
from dispatch.rulebook.matters import Leniency, Matter, Source
from dispatch.rulebook.outcomes import (
    OUTCOME_REASONS,
    Advice,
    AdviceKind,
    advise,
    intake_faults,
    stands_against,
)
from tests.casework import MONDAY, a_case

TODAY = date(2026, 3, 2)
MILD = {"minor": True, "corrected": True, "harm": "none"}
SLIGHT = {"corrected": True, "harm": "slight"}


def matter(*leniency: Leniency) -> Matter:
    hour = timedelta(hours=1)
    plain = Matter("M", "C08", "摆摊", "Stall", "", "city", 2, hour, Procedure.SIMPLE, "basis", Source.ILLUSTRATIVE)
    return replace(plain, leniency=frozenset(leniency))


def earlier(outcome: Outcome | None = Outcome.WARNING, **changes):
    filed = MONDAY - timedelta(days=100)
    closed = None if outcome is None else filed
    return replace(a_case(id="OLD", filed_at=filed, outcome=outcome, closed_at=closed), **changes)


def kind(facts, *leniency, past=()):
    return advise(matter(*leniency), facts, past, TODAY).kind


def codes(advice: Advice) -> list[str]:
    return [reason.code for reason in advice.reasons]


# Article 33


def test_minor_corrected_and_harmless_is_not_punished_even_the_second_time():
    """The first sentence of article 33 does not ask for a first offence."""
    advice = advise(matter(), MILD, [earlier()], TODAY)
    assert advice.kind is AdviceKind.NO_PENALTY
    assert "must_educate" in codes(advice)


@pytest.mark.parametrize("lacking", [{"minor": False}, {"corrected": False}, {"harm": "serious"}])
def test_minor_corrected_and_harmless_must_all_be_so(lacking):
    assert kind(MILD | lacking, past=[earlier()]) is AdviceKind.PENALTY


def test_first_slight_and_corrected_may_be_waived():
    assert kind(SLIGHT) is AdviceKind.MAY_WAIVE


@pytest.mark.parametrize("past", [Outcome.NO_PENALTY, Outcome.WARNING, Outcome.FINE])
def test_whoever_was_spared_or_punished_before_is_no_first_offender(past):
    """Spared once is warned once: the waiver is for the first time only."""
    advice = advise(matter(), SLIGHT, [earlier(past)], TODAY)
    assert advice.kind is AdviceKind.PENALTY
    told = next(reason for reason in advice.reasons if reason.code == "earlier_offences")
    assert (told.values["count"], told.values["last"]) == (1, "OLD")


@pytest.mark.parametrize("past", [Outcome.WITHDRAWN, Outcome.TRANSFERRED, None])
def test_a_case_that_proved_nothing_takes_no_first_time_away(past):
    assert kind(SLIGHT, past=[earlier(past)]) is AdviceKind.MAY_WAIVE


def test_no_fault_proven_is_not_punished_whatever_the_harm():
    assert kind({"no_fault": True, "harm": "serious"}) is AdviceKind.NO_PENALTY


def test_what_nobody_has_said_does_not_speak_for_the_party():
    assert kind({}) is AdviceKind.PENALTY
    assert kind({"corrected": True}) is AdviceKind.PENALTY


@given(
    st.dictionaries(st.sampled_from(["minor", "corrected", "no_fault", "ordered_before", "order_over"]), st.booleans())
)
def test_a_first_offender_is_never_advised_worse_than_a_second(facts):
    """Mildest first, or the look-up of earlier cases would work against whoever has none."""
    order = list(AdviceKind)
    for lists in ((), tuple(Leniency)):
        first = advise(matter(*lists), facts, [], TODAY).kind
        second = advise(matter(*lists), facts, [earlier()], TODAY).kind
        assert order.index(first) <= order.index(second)


# The place's lists


def test_the_waiver_list_presumes_slight_harm():
    """That is why a matter stands on it; serious harm that was found still counts."""
    assert kind({"corrected": True}, Leniency.FIRST_WAIVER) is AdviceKind.MAY_WAIVE
    assert kind({"corrected": True, "harm": "serious"}, Leniency.FIRST_WAIVER) is AdviceKind.PENALTY


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, AdviceKind.ORDER_FIRST),
        ({"ordered_before": True}, AdviceKind.ORDER_FIRST),
        ({"ordered_before": True, "corrected": True}, AdviceKind.NO_PENALTY),
        ({"ordered_before": True, "order_over": True}, AdviceKind.PENALTY),
    ],
)
def test_an_order_to_correct_comes_first_and_runs_out(facts, expected):
    """Only who does not put it right when told to is punished."""
    assert kind(facts, Leniency.ORDER_FIRST) is expected


def test_the_warning_list_spares_the_fine_the_first_time_only():
    assert kind({}, Leniency.WARNING_ONLY) is AdviceKind.WARNING_ONLY
    assert kind({}, Leniency.WARNING_ONLY, past=[earlier()]) is AdviceKind.PENALTY


@pytest.mark.parametrize(
    ("advised", "outcome", "code"),
    [
        (AdviceKind.NO_PENALTY, Outcome.FINE, "penalty_not_allowed"),
        (AdviceKind.NO_PENALTY, Outcome.WARNING, "penalty_not_allowed"),
        (AdviceKind.NO_PENALTY, Outcome.NO_PENALTY, ""),
        (AdviceKind.MAY_WAIVE, Outcome.FINE, ""),
        (AdviceKind.MAY_WAIVE, Outcome.NO_PENALTY, ""),
        (AdviceKind.ORDER_FIRST, Outcome.WARNING, "penalty_not_allowed"),
        (AdviceKind.ORDER_FIRST, Outcome.NO_PENALTY, ""),
        (AdviceKind.WARNING_ONLY, Outcome.WARNING, ""),
        (AdviceKind.WARNING_ONLY, Outcome.FINE, "fine_not_allowed"),
        (AdviceKind.WARNING_ONLY, Outcome.NO_PENALTY, "no_ground_to_spare"),
        (AdviceKind.PENALTY, Outcome.FINE, ""),
        (AdviceKind.PENALTY, Outcome.NO_PENALTY, "no_ground_to_spare"),
    ],
)
def test_what_advice_lets_a_case_end_as(advised, outcome, code):
    """The officer decides inside the law, neither harder nor, for a friend, softer."""
    against = stands_against(Advice(advised, ()), outcome, {"facts_proven": True})
    assert [reason.code for reason in against][:1] == ([code] if code else [])


def test_what_is_not_proven_is_always_spared():
    """Article 57, third case."""
    assert stands_against(Advice(AdviceKind.PENALTY, ()), Outcome.NO_PENALTY, {"facts_proven": False}) == ()


# Intake


@pytest.mark.parametrize(
    ("ended", "grave", "late"),
    [
        (date(2024, 3, 2), False, False),
        (date(2024, 3, 1), False, True),
        (date(2024, 3, 1), True, False),
        (date(2021, 3, 2), True, False),
        (date(2021, 3, 1), True, True),
        (None, False, False),
    ],
)
def test_an_act_found_after_two_years_or_five_is_not_punished(ended, grave, late):
    """Article 36; an act that goes on has not begun to lapse."""
    faults = intake_faults([], "I1", ended, TODAY, grave=grave)
    assert [fault.code for fault in faults] == (["found_too_late"] if late else [])


def test_the_same_act_is_fined_once():
    """Article 29: the same incident, the same party and matter, fined already."""
    fined = earlier(Outcome.FINE, incident="I1")
    [fault] = intake_faults([fined], "I1", None, TODAY)
    assert (fault.code, fault.good) == ("act_fined_already", False)
    assert intake_faults([fined], "I2", None, TODAY) == ()


def test_an_open_case_of_the_same_party_and_matter_is_to_be_looked_at():
    """Whether it is the same act a person has to see, so it warns and does not bar."""
    [fault] = intake_faults([earlier(None)], "I2", None, TODAY)
    assert (fault.code, fault.good, fault.values["case"]) == ("case_open_already", None, "OLD")


@given(
    st.dictionaries(st.sampled_from(["minor", "corrected", "no_fault", "ordered_before", "order_over"]), st.booleans()),
    st.sampled_from(["", "none", "slight", "serious"]),
    st.sets(st.sampled_from(list(Leniency))),
    st.booleans(),
)
def test_every_code_advised_is_listed(facts, harm, lists, second):
    """The screens word what is listed."""
    past = [earlier()] if second else []
    assert set(codes(advise(matter(*lists), {**facts, "harm": harm}, past, TODAY))) <= set(OUTCOME_REASONS)


def test_the_day_of_an_earlier_case_is_the_places_day():
    """Filed at one in the morning in Ningbo, it is still the day before in UTC."""
    night = earlier(Outcome.WARNING, filed_at=datetime(2026, 2, 9, 17, tzinfo=UTC))
    advice = advise(matter(), SLIGHT, [night], TODAY, ZoneInfo("Asia/Shanghai"))
    assert [reason.values["on"] for reason in advice.reasons if reason.code == "earlier_offences"] == ["2026-02-10"]
