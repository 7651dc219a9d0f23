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
    fined_before,
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


@pytest.mark.parametrize("innocent", [{"facts_proven": False}, {"no_fault": True}])
def test_whoever_did_nothing_or_was_without_fault_stays_a_first_offender(innocent):
    """Articles 57 and 33: a case that ended for the party must not be held against it."""
    assert kind(SLIGHT, past=[earlier(Outcome.NO_PENALTY, facts=innocent)]) is AdviceKind.MAY_WAIVE


@pytest.mark.parametrize("past", [Outcome.WITHDRAWN, Outcome.TRANSFERRED, None])
def test_a_case_that_proved_nothing_takes_no_first_time_away(past):
    assert kind(SLIGHT, past=[earlier(past)]) is AdviceKind.MAY_WAIVE


def test_no_fault_proven_is_not_punished_whatever_the_harm():
    assert kind({"no_fault": True, "harm": "serious"}) is AdviceKind.NO_PENALTY


def test_what_nobody_has_said_does_not_speak_for_the_party():
    assert kind({}) is AdviceKind.PENALTY
    assert kind({"corrected": True}) is AdviceKind.PENALTY


def harshest(facts, lists, past=()) -> int:
    """The heaviest outcome that advice leaves open: 0 none, 1 a warning, 2 a fine."""
    advice = advise(matter(*lists), facts, past, TODAY)
    outcomes = (Outcome.NO_PENALTY, Outcome.WARNING, Outcome.FINE)
    return max(hard for hard, outcome in enumerate(outcomes) if not stands_against(advice, outcome, facts))


said = st.fixed_dictionaries(
    {"harm": st.sampled_from(["", "none", "slight", "serious"])},
    optional={name: st.booleans() for name in ("minor", "corrected", "no_fault", "ordered_before", "order_over")},
)
lenient = st.sets(st.sampled_from(list(Leniency)))
pasts = st.sampled_from([(), (earlier(),)])


@given(said, lenient)
def test_a_first_offence_never_ends_harder_than_a_second(facts, lists):
    """Or the look-up of earlier cases would work against whoever has none."""
    assert harshest(facts, lists) <= harshest(facts, lists, [earlier()])


@given(said, lenient, pasts)
def test_putting_it_right_never_allows_a_harsher_outcome(facts, lists, past):
    """Whoever clears the pavement at once must not thereby open the way to a fine."""
    assert harshest({**facts, "corrected": True}, lists, past) <= harshest({**facts, "corrected": False}, lists, past)


@given(said, lenient, pasts)
def test_every_case_can_end_somehow(facts, lists, past):
    """Advice that forbids all three would leave a file that nobody can close."""
    assert harshest(facts, lists, past) >= 0


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


def test_the_warning_list_bars_the_fine_of_whoever_put_it_right():
    """On the list and put right is no worse than on the list alone."""
    advice = advise(matter(Leniency.WARNING_ONLY), SLIGHT, [], TODAY)
    assert advice.kind is AdviceKind.MAY_WAIVE
    assert "on_warning_list" in codes(advice)
    assert [reason.code for reason in stands_against(advice, Outcome.FINE, SLIGHT)][:1] == ["fine_not_allowed"]
    assert stands_against(advice, Outcome.WARNING, SLIGHT) == ()
    second = advise(matter(Leniency.WARNING_ONLY), {}, [earlier()], TODAY)
    assert stands_against(second, Outcome.FINE, {}) == ()


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


def intake(cases, incident="I1", of="M", ended=None, **changes):
    return [(fault.code, fault.good) for fault in intake_faults(cases, incident, of, ended, TODAY, **changes)]


@pytest.mark.parametrize(
    ("ended", "harmed", "late"),
    [
        (date(2024, 3, 2), False, False),
        (date(2024, 3, 1), False, True),
        (date(2024, 3, 1), True, False),
        (date(2021, 3, 2), True, False),
        (date(2021, 3, 1), True, True),
        (None, False, False),
    ],
)
def test_an_act_found_after_two_years_or_five_is_not_punished(ended, harmed, late):
    """Article 36; an act that goes on has not begun to lapse."""
    assert intake([], ended=ended, harmed=harmed) == ([("found_too_late", False)] if late else [])


def test_an_act_of_the_29th_of_february_lapses_on_the_28th():
    [fault] = intake_faults([], "", "M", date(2024, 2, 29), date(2026, 3, 1))
    assert fault.values["last_day"] == "2026-02-28"
    assert intake_faults([], "", "M", date(2024, 2, 29), date(2026, 2, 28)) == ()


@pytest.mark.parametrize("outcome", [None, Outcome.NO_PENALTY, Outcome.WARNING, Outcome.FINE])
def test_one_incident_gives_one_case_for_a_party_and_a_matter(outcome):
    """Article 29: same incident, same party, same matter is the same act, whatever is said."""
    found = intake([earlier(outcome, incident="I1")], another_act="another stall")
    assert ("same_act", False) in found


@pytest.mark.parametrize("past", [{"outcome": Outcome.WITHDRAWN}, {"facts": {"facts_proven": False}}])
def test_a_case_that_proved_nothing_bars_no_new_one(past):
    """New evidence must be able to lead to a new file."""
    assert intake([earlier(**{"outcome": Outcome.NO_PENALTY, "incident": "I1", **past})]) == []


def test_another_matter_of_the_same_incident_needs_a_word_on_why_it_is_another_act():
    """Article 29: one act that breaks several rules is fined once, by the heaviest."""
    known = [earlier(Outcome.FINE, incident="I1", matter="N")]
    assert intake(known) == [("another_act_unsaid", False)]
    assert intake(known, another_act="乱倒垃圾，与占道无关") == []
    assert intake(known, incident="I2") == []
    assert intake(known, incident="") == []


def test_an_open_case_of_the_same_party_is_to_be_looked_at():
    """Whether it is the same act a person has to see, so it warns and does not bar; other matters too."""
    assert intake([earlier(None)], incident="I2") == [("case_open_already", None)]
    assert intake([earlier(None, matter="N")], incident="") == [("case_open_already", None)]


@pytest.mark.parametrize(
    ("fined", "own", "codes"),
    [
        ({}, {}, ["act_fined_already"]),
        ({"matter": "N"}, {}, ["act_fined_already"]),
        ({"matter": "N"}, {"another_act": "x"}, []),
        ({"matter": "N", "facts": {"another_act": "x"}}, {}, []),
        ({}, {"another_act": "x"}, ["act_fined_already"]),
        ({"outcome": Outcome.WARNING}, {}, []),
        ({"incident": "I2"}, {}, []),
    ],
)
def test_the_same_act_is_fined_once(fined, own, codes):
    """Article 29, asked once more at the decision: both files may have been open at once."""
    known = earlier(**{"outcome": Outcome.FINE, "incident": "I1", **fined})
    case = a_case(facts=own)
    assert [reason.code for reason in fined_before(case, [known, case])] == codes
    free = replace(case, incident="")
    assert fined_before(free, [known]) == ()


@given(said, lenient, pasts)
def test_every_code_advised_is_listed(facts, lists, past):
    """The screens word what is listed."""
    assert set(codes(advise(matter(*lists), facts, past, TODAY))) <= set(OUTCOME_REASONS)


def test_the_day_of_an_earlier_case_is_the_places_day():
    """Filed at one in the morning in Ningbo, it is still the day before in UTC."""
    night = earlier(Outcome.WARNING, filed_at=datetime(2026, 2, 9, 17, tzinfo=UTC))
    advice = advise(matter(), SLIGHT, [night], TODAY, ZoneInfo("Asia/Shanghai"))
    assert [reason.values["on"] for reason in advice.reasons if reason.code == "earlier_offences"] == ["2026-02-10"]
