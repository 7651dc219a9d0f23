"""The two procedures of the Penalty Law: what order they keep and what each gate lets through."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from dispatch.records.case import Outcome, Procedure
from dispatch.rulebook.conditions import CONDITIONS, last_day
from dispatch.rulebook.gaterule import GATES
from dispatch.rulebook.procedures import (
    PROCEDURE_REASONS,
    Acts,
    check,
    may_be_repeated,
    next_steps,
    read_procedures,
)
from dispatch.rulebook.stepterms import due_at, late_fee, surcharge
from gis.schemas import BadInput
from scenarios.builder import HERE
from tests.casework import CALENDAR, COMPANY, MONDAY, PROCEDURES, a_case, against, context, steps_of, taken

UP_TO_NOTICE = ("filed", "investigated", "concluded", "notified")
UP_TO_PLEA = (*UP_TO_NOTICE, "pleaded")
DAY = timedelta(days=1)
HEARING = {"notified": {"hearing_right": True}, "pleaded": {"hearing_asked": True, "hearing_asked_on": "2026-03-03"}}


def decided(**facts):
    """A plain ordinary case after its decision."""
    return taken(a_case(), *UP_TO_PLEA, "decided", facts={"decided": facts})


def spot(**facts):
    return taken(a_case(Procedure.SIMPLE), "identified", "told", "decided_on_spot", facts={"decided_on_spot": facts})


SPOT_MOST = {"told": {"intended_fine_yuan": 9999}}


# Order


def test_the_ordinary_procedure_has_at_most_twelve_steps():
    """The district cut it from over twenty; a longer list would undo that silently."""
    assert len(steps_of(Procedure.ORDINARY)) <= 12


def test_every_gate_and_condition_of_the_law_is_asked_somewhere():
    """A rule that no step names protects nobody."""
    steps = [step for kind in Procedure for step in steps_of(kind)]
    assert {call.name for step in steps for call in step.gates} == set(GATES)
    assert {step.when.name for step in steps if step.when} == set(CONDITIONS)


@pytest.mark.parametrize("procedure", Procedure)
def test_a_plain_case_walks_every_step_it_owes_in_order(procedure):
    """The happy way must be open, or nobody could close a case at all."""
    case, walked = a_case(procedure), []
    for _ in range(20):
        left = next_steps(case, PROCEDURES, context())
        if not left:
            break
        assert left[0].open
        name = left[0].step.name
        assert against(case, name) == []
        case = taken(case, name)
        walked.append(name)
        if name == "closed":
            case = replace(case, closed_at=MONDAY)
    owed = [step.name for step in steps_of(procedure) if step.name not in ("heard", "reviewed", "discussed")]
    assert walked == owed


@pytest.mark.parametrize("skipped", ["investigated", "concluded", "notified", "pleaded"])
def test_no_decision_while_a_step_before_it_is_missing(skipped):
    """Article 38: a penalty whose procedure is gravely at fault is void, so nobody can overrule it."""
    case = taken(a_case(), *(step for step in UP_TO_PLEA if step != skipped))
    reasons = check(case, "decided", PROCEDURES, context("decided"))
    assert "step_before" in {reason.code for reason in reasons}
    assert all("第" in str(reason.values["basis"]) for reason in reasons)


def test_a_step_of_the_other_procedure_is_unknown():
    assert against(a_case(), "told") == ["step_unknown"]


def test_a_case_is_filed_once():
    """Its ninety days run from that day; filing again would give it ninety more."""
    assert against(taken(a_case(), "filed"), "filed") == ["step_done"]


def test_nothing_is_done_again_after_the_decision():
    assert against(decided(), "notified") == ["already_decided"]
    assert against(decided(), "decided") == ["step_done"]


def test_notifying_anew_asks_for_a_new_plea():
    """Article 45: the party answers what it is now told, not what it was told before."""
    case = taken(a_case(), *UP_TO_PLEA, "notified", facts={"notified": {"intended_fine_yuan": 5000}})
    assert against(case, "decided", fine_yuan=5000) == ["step_before"]
    assert against(taken(case, "pleaded"), "decided", fine_yuan=1000) == []


def test_a_closed_case_owes_nothing_and_takes_nothing():
    case = replace(decided(), closed_at=MONDAY)
    assert next_steps(case, PROCEDURES, context()) == ()
    assert against(case, "served") == ["case_closed"]


def test_a_case_that_spares_the_party_skips_notice_and_plea():
    """Articles 44 and 45 protect whoever is to be punished."""
    spared = {"concluded": {"intended": "no_penalty"}}
    case = taken(a_case(), "filed", "investigated", "concluded", facts=spared)
    ctx = context("decided", outcome="no_penalty", fine_yuan=0, educated=True)
    assert against(case, "decided", ctx) == []
    assert against(case, "notified") == ["step_not_owed"]


def test_whoever_meant_to_spare_cannot_punish_without_notice():
    """Otherwise the notice could be dodged by intending nothing."""
    case = taken(a_case(), "filed", "investigated", "concluded", facts={"concluded": {"intended": "no_penalty"}})
    assert against(case, "decided") == ["step_before", "step_before"]


def test_what_is_only_to_be_filled_in_does_not_close_a_step():
    first = next_steps(a_case(), PROCEDURES, context(officers=()))[0]
    assert first.open
    assert [asked.name for asked in first.asks] == ["filing_grounds"]


def test_a_fact_of_the_wrong_kind_is_refused():
    """A day that is none would count as no day at all."""
    case = taken(a_case(), *UP_TO_NOTICE)
    assert against(case, "pleaded", hearing_asked=True, hearing_asked_on="3 March") == ["fact_odd"]
    assert against(case, "pleaded", pleading="loud") == ["fact_odd"]


def test_every_reason_given_has_its_code_listed():
    """The screens word what is listed; a code beyond it would show bare."""
    steps = [(kind, step.name) for kind in Procedure for step in steps_of(kind)]
    empty = replace(context(), facts={}, officers=())
    given = {r.code for kind, step in steps for r in check(a_case(kind), step, PROCEDURES, empty)}
    assert given <= set(PROCEDURE_REASONS)


# Terms


def test_a_decision_is_due_ninety_calendar_days_after_filing():
    """Article 60, counted in calendar days (article 85)."""
    due = due_at(taken(a_case(), "filed"), PROCEDURES.step(Procedure.ORDINARY, "decided"), context())
    assert last_day(due) == date(2026, 5, 31)


def test_a_decision_is_served_within_seven_working_days():
    """Articles 61 and 85: decided on Monday 2 March, the seventh working day is Wednesday the 11th."""
    due = due_at(decided(), PROCEDURES.step(Procedure.ORDINARY, "served"), context())
    assert last_day(due) == date(2026, 3, 11)


def test_a_step_past_its_term_is_overdue_yet_open():
    """Late is bad, void would be worse: the step can still be done."""
    late = next_steps(decided(), PROCEDURES, context(at=MONDAY + 30 * DAY))[0]
    assert (late.step.name, late.overdue, late.open) == ("served", True, True)


# Conditions


def test_penalty_intended_or_decided_owes_the_notice():
    holds = CONDITIONS["penalty_intended"][1]
    assert holds(taken(a_case(), "filed", "investigated", "concluded"), context())
    assert not holds(a_case(), context())


@pytest.mark.parametrize(("asked_on", "owed"), [("2026-03-09", True), ("2026-03-10", False)])
def test_hearing_owed_when_asked_for_within_five_working_days(asked_on, owed):
    """Article 64: notified on Monday the 2nd, the fifth working day is Monday the 9th."""
    facts = {**HEARING, "pleaded": {"hearing_asked": True, "hearing_asked_on": asked_on}}
    case = taken(a_case(), *UP_TO_PLEA, facts=facts)
    assert CONDITIONS["hearing_owed"][1](case, context(), 5) is owed


def test_hearing_owed_only_to_whoever_is_entitled():
    case = taken(a_case(), *UP_TO_PLEA, facts={"pleaded": HEARING["pleaded"]})
    assert not CONDITIONS["hearing_owed"][1](case, context(), 5)


@pytest.mark.parametrize("ground", ["public_interest", "complex", "review_by_law", "deviates"])
def test_legal_review_owed_in_each_case_of_article_58(ground):
    case = taken(a_case(), *UP_TO_PLEA, facts={"concluded": {ground: True}})
    assert "step_before" in against(case, "decided")


def test_legal_review_owed_after_a_hearing():
    case = taken(a_case(), *UP_TO_PLEA, "heard", facts=HEARING)
    assert against(case, "decided") == ["step_before"]
    assert against(taken(case, "reviewed"), "decided") == []


@pytest.mark.parametrize("ground", ["complex", "grave"])
def test_discussion_owed_when_complex_or_grave(ground):
    case = taken(a_case(), *UP_TO_PLEA, "reviewed", facts={"concluded": {ground: True}})
    assert against(case, "decided") == ["step_before"]
    assert against(taken(case, "discussed"), "decided") == []


def test_fined_alone_owes_a_payment():
    case = taken(decided(outcome="warning", fine_yuan=0), "served")
    assert against(case, "performed") == ["step_not_owed"]
    assert against(case, "closed") == []


# Gates: people


@pytest.mark.parametrize(
    ("officers", "code"),
    [
        (("O1",), "officers_missing"),
        (("O1", "O1"), "officers_missing"),
        (("O1", "AUX"), "officer_not_certified"),
        (("O1", "HOST"), "officer_not_certified"),
        (("O1", "X1"), "officer_of_another_body"),
    ],
)
def test_two_certified_officers(officers, code):
    """Article 42: two different ones, certified, of the body that acts."""
    assert against(a_case(), "filed", context("filed", officers=officers)) == [code]


def test_nobody_conflicted():
    """Article 43: whoever has stepped back does not act, in any step that officers do."""
    case = taken(a_case(), "filed", "investigated", facts={"investigated": {"recused": "O1; O9"}})
    assert against(case, "concluded") == ["officer_conflicted"]
    assert against(case, "concluded", context("concluded", officers=("O2", "O3"))) == []


def test_whoever_steps_back_at_the_roadside_does_not_decide():
    """The simple procedure asks as well; commas of either kind part the names."""
    case = taken(a_case(Procedure.SIMPLE), "identified")
    assert against(case, "told", recused="O9，O1") == ["officer_conflicted", "person_unknown"]
    told = taken(case, "told", facts={"told": {"recused": "O1"}})
    assert against(told, "decided_on_spot") == ["officer_conflicted"]
    assert against(told, "decided_on_spot", context("decided_on_spot", officers=("O2", "O3"))) == []


def test_recused_are_known():
    """A name that is nobody's would keep nobody from acting."""
    case = taken(a_case(), "filed")
    assert against(case, "investigated", recused="王某") == ["person_unknown"]
    assert against(case, "investigated", recused="O3") == []


@pytest.mark.parametrize(("step", "who", "code"), [("heard", "HOST", "host_not_neutral"), ("reviewed", "LAW", "")])
def test_whoever_stepped_back_neither_hosts_nor_reviews(step, who, code):
    """Article 43 holds for everybody who has a part in the case."""
    facts = {**HEARING, "investigated": {"recused": who}, "concluded": {"complex": True}}
    case = taken(a_case(), *UP_TO_PLEA, *(["heard"] if step == "reviewed" else []), facts=facts)
    assert against(case, step, context(step, MONDAY + 14 * DAY)) == [code or "reviewer_not_neutral"]


def test_host_is_neutral():
    """Article 64: not one of those who investigated."""
    case = taken(a_case(), *UP_TO_PLEA, facts=HEARING)
    later = MONDAY + 14 * DAY
    assert against(case, "heard", context("heard", later, officers=("O1",))) == ["host_not_neutral"]
    assert against(case, "heard", context("heard", later, officers=())) == ["officers_missing"]
    assert against(case, "heard", context("heard", later, officers=("路人",))) == ["person_unknown"]
    assert against(case, "heard", context("heard", later)) == []


def test_reviewer_is_qualified_and_reviewer_is_neutral():
    """Article 58."""
    case = taken(a_case(), *UP_TO_PLEA, facts={"concluded": {"complex": True}})
    found = against(case, "reviewed", context("reviewed", officers=("O1",)))
    assert found == ["reviewer_not_qualified", "reviewer_not_neutral"]
    assert against(case, "reviewed") == []


# Gates: what a step must say


@pytest.mark.parametrize(
    ("done", "step", "fact", "gate"),
    [
        ((), "filed", "filing_grounds", "grounds_for_filing"),
        (("filed",), "investigated", "id_shown", "id_shown"),
        (("filed",), "investigated", "recusal_right_told", "recusal_right_told"),
        (("filed",), "investigated", "record_made", "record_made"),
        (("filed", "investigated"), "concluded", "report", "report_made"),
        (("filed", "investigated"), "concluded", "intended", "intention_said"),
        (("filed", "investigated"), "concluded", "grave", "weight_said"),
        (("filed", "investigated"), "concluded", "review_by_law", "weight_said"),
        (("filed", "investigated", "concluded"), "notified", "content_told", "content_told"),
        (("filed", "investigated", "concluded"), "notified", "rights_told", "rights_told"),
        (("filed", "investigated", "concluded"), "notified", "intended_fine_yuan", "intended_fine_said"),
        (("filed", "investigated", "concluded"), "notified", "hearing_right", "hearing_right_said"),
        (UP_TO_NOTICE, "pleaded", "pleading", "pleading_answered"),
        (UP_TO_PLEA, "decided", "outcome", "outcome_said"),
        (UP_TO_PLEA, "decided", "order_to_correct", "ordered_to_correct"),
        ((*UP_TO_PLEA, "decided"), "served", "served_by", "service_proven"),
        ((*UP_TO_PLEA, "decided"), "served", "served_on", "service_proven"),
        ((*UP_TO_PLEA, "decided", "served", "performed"), "closed", "archive_no", "file_archived"),
    ],
)
def test_a_step_says_what_the_law_asks(done, step, fact, gate):
    """Left out, the step is refused and the reason names the fact and the article."""
    case = taken(a_case(), *done)
    if gate == "ordered_to_correct":
        assert against(case, step, order_to_correct=False) == ["fact_false"]
    reasons = check(case, step, PROCEDURES, context(step, **{fact: ""}))
    missing = [reason for reason in reasons if reason.values.get("fact") == fact]
    assert [reason.code for reason in missing] == ["fact_missing"]
    assert missing[0].values["article"] == GATES[gate].article
    assert missing[0].values["fact_zh"]


@pytest.mark.parametrize(
    ("done", "step", "fact"),
    [
        ((), "identified", "facts_clear"),
        (("identified", "told", "decided_on_spot"), "delivered", "delivered"),
        (("identified", "told", "decided_on_spot", "delivered", "paid"), "closed", "reported_to_body"),
    ],
)
def test_facts_clear_delivered_on_the_spot_and_reported_to_the_body(done, step, fact):
    """Articles 51 and 52: what makes a decision on the spot one."""
    case = taken(a_case(Procedure.SIMPLE), *done)
    assert against(case, step, **{fact: False}) == ["fact_false"]
    assert against(case, step) == []


def test_a_refusal_to_sign_is_written_down():
    """Article 52: delivered_on_the_spot asks for one or the other."""
    assert against(spot(), "delivered", signature="") == ["fact_missing"]
    assert against(spot(), "delivered", signature="refused") == []


def test_monitoring_reviewed():
    """Article 41: pictures of a camera that nobody reviewed prove nothing."""
    case = taken(a_case(), "filed")
    assert against(case, "investigated", by_monitoring=True) == ["fact_missing"]
    assert against(case, "investigated", by_monitoring=True, monitoring_reviewed=True) == []


def test_what_the_party_says_is_checked():
    """Article 45: pleading_answered."""
    case = taken(a_case(), *UP_TO_NOTICE)
    assert against(case, "pleaded", pleading_checked=False) == ["fact_false"]
    assert against(case, "pleaded", pleading="waived", pleading_checked="") == []


def test_hearing_request_dated():
    """Whether it came within five working days cannot be told without its day."""
    assert against(taken(a_case(), *UP_TO_NOTICE), "pleaded", hearing_asked=True) == ["fact_missing"]


@pytest.mark.parametrize(("day", "codes"), [(12, ["hearing_notice_late"]), (13, [])])
def test_noticed_before_hearing(day, codes):
    """Article 64: noticed on Tuesday the 3rd, seven working days end with Thursday the 12th."""
    case = taken(a_case(), *UP_TO_PLEA, facts=HEARING)
    assert against(case, "heard", context("heard", datetime(2026, 3, day, 1, tzinfo=MONDAY.tzinfo))) == codes


def test_a_notice_dated_before_the_request_gains_no_time():
    """Asked for on Thursday the 5th, so the seven days end with Monday the 16th whatever the notice says."""
    facts = {**HEARING, "pleaded": {"hearing_asked": True, "hearing_asked_on": "2026-03-05"}}
    case = taken(a_case(), *UP_TO_PLEA, facts=facts)
    assert against(case, "heard", context("heard", MONDAY + 14 * DAY)) == ["hearing_notice_late"]
    assert against(case, "heard", context("heard", MONDAY + 15 * DAY)) == []


def test_review_passed_and_discussion_recorded():
    """Article 58: a review that was not passed is no review."""
    case = taken(a_case(), *UP_TO_PLEA, facts={"concluded": {"complex": True}})
    assert against(case, "reviewed", review_passed=False) == ["fact_false"]
    assert against(taken(case, "reviewed"), "discussed", discussion_record="") == ["fact_missing"]


def test_intention_said_fits_what_is_proven():
    case = taken(a_case(), "filed", "investigated")
    assert against(case, "concluded", facts_proven=False) == ["facts_not_proven"]
    assert against(case, "concluded", facts_proven=False, intended="no_penalty") == []


# Gates: the decision and after


def test_facts_proven():
    """Article 40: no penalty on facts that are unclear."""
    case = taken(a_case(), *UP_TO_PLEA, facts={"concluded": {"facts_proven": False}})
    assert against(case, "decided") == ["facts_not_proven"]


def test_a_fine_has_an_amount_and_nothing_else_has():
    """A warning with an amount would be a fine that no step collects and no gate looks at."""
    case = taken(a_case(), *UP_TO_PLEA)
    assert against(case, "decided", fine_yuan=0) == ["fine_without_amount"]
    assert against(case, "decided", outcome="warning") == ["amount_without_fine"]
    assert against(case, "decided", fine_yuan=-5) == ["fact_odd"]


def test_no_heavier_after_pleading():
    """Article 45: speaking up must not cost anything."""
    case = taken(a_case(), *UP_TO_PLEA)
    assert against(case, "decided", fine_yuan=1001) == ["heavier_after_pleading"]
    assert against(case, "decided", fine_yuan=1000) == []


def test_no_heavier_after_pleading_on_the_spot():
    """Article 45 knows no exception for the roadside: what was told is what may be fined."""
    case = taken(a_case(Procedure.SIMPLE), "identified")
    assert against(case, "told", intended_fine_yuan="") == ["fact_missing"]
    told = taken(case, "told", facts={"told": {"intended_fine_yuan": 50}})
    assert against(told, "decided_on_spot", fine_yuan=51) == ["heavier_after_pleading"]
    assert against(told, "decided_on_spot", fine_yuan=50) == []


@pytest.mark.parametrize(("day", "codes"), [(9, ["hearing_time_runs"]), (10, [])])
def test_hearing_time_is_over(day, codes):
    """Whoever was promised a hearing has five working days to ask for it."""
    case = taken(a_case(), *UP_TO_PLEA, facts={"notified": {"hearing_right": True}})
    assert against(case, "decided", context("decided", datetime(2026, 3, day, 1, tzinfo=MONDAY.tzinfo))) == codes


def test_a_waived_hearing_need_not_be_waited_for():
    facts = {"notified": {"hearing_right": True}, "pleaded": {"hearing_waived": True}}
    assert against(taken(a_case(), *UP_TO_PLEA, facts=facts), "decided") == []


@pytest.mark.parametrize("settled", [{"hearing_waived": True}, HEARING["pleaded"]])
def test_what_was_said_to_one_notice_is_no_answer_to_the_next(settled):
    """Article 64: a heavier fine is notified anew, and the party may ask for a hearing anew, whatever came before."""
    facts = {"notified": {"hearing_right": True}, "pleaded": settled}
    steps = [*UP_TO_PLEA, *(["heard", "reviewed"] if "hearing_asked" in settled else [])]
    first = taken(a_case(), *steps, facts=facts)
    assert against(first, "decided") == []
    anew = {"notified": {"hearing_right": True, "intended_fine_yuan": 5000}}
    again = taken(first, "notified", "pleaded", at=MONDAY + 21 * DAY, facts=anew)
    again = taken(again, "reviewed", at=MONDAY + 22 * DAY) if "hearing_asked" in settled else again
    ctx = context("decided", MONDAY + 23 * DAY, fine_yuan=5000)
    assert against(again, "decided", ctx) == ["hearing_time_runs"]
    assert against(again, "decided", replace(ctx, now=MONDAY + 29 * DAY)) == []


def test_a_hearing_asked_for_anew_is_held_anew():
    """The one held before was about another fine."""
    held = taken(a_case(), *UP_TO_PLEA, "heard", "reviewed", facts=HEARING)
    asked = {"hearing_asked": True, "hearing_asked_on": "2026-03-24"}
    anew = {"notified": HEARING["notified"], "pleaded": asked}
    again = taken(held, "notified", "pleaded", at=MONDAY + 21 * DAY, facts=anew)
    assert next(step.step.name for step in next_steps(again, PROCEDURES, context())) == "heard"


def test_educated_when_spared():
    """Article 33: whoever is spared is taught."""
    case = taken(a_case(), *UP_TO_PLEA)
    assert against(case, "decided", outcome="no_penalty", fine_yuan=0) == ["fact_missing"]
    innocent = taken(case, "concluded", facts={"concluded": {"facts_proven": False, "intended": "no_penalty"}})
    assert against(innocent, "decided", outcome="no_penalty", fine_yuan=0) == []


@pytest.mark.parametrize(
    ("party", "fine", "codes"),
    [
        (None, 200, []),
        (None, 201, ["over_spot_fine"]),
        (COMPANY, 3000, []),
        (COMPANY, 3001, ["over_spot_fine"]),
    ],
)
def test_within_spot_fine(party, fine, codes):
    """Article 51: 200 yuan for a citizen, 3,000 for an organisation, both still on the spot."""
    case = a_case(Procedure.SIMPLE, **({"party": party} if party else {}))
    told = taken(case, "identified", "told", facts=SPOT_MOST)
    assert against(told, "decided_on_spot", fine_yuan=fine) == codes


@pytest.mark.parametrize(("paid", "codes"), [(99, ["paid_too_little"]), (100, []), (101, ["paid_too_much"])])
def test_paid_what_is_owed(paid, codes):
    """In time nothing may be added."""
    assert against(taken(spot(), "delivered"), "paid", paid_yuan=paid) == codes


@pytest.mark.parametrize(("paid", "codes"), [(100, []), (106, []), (106.01, ["paid_too_much"])])
def test_paid_late_may_cost_three_percent_a_day(paid, codes):
    """Article 72: delivered on 2 March, due the 17th, paid the 19th; the surcharge may be forgone."""
    assert against(taken(spot(), "delivered"), "paid", paid_yuan=paid, paid_on="2026-03-19") == codes


@pytest.mark.parametrize("excuse", [{"deferred_to": "2026-03-19"}, {"paused_days": 2}])
def test_a_deferral_and_a_lawsuit_stop_the_surcharge(excuse):
    """Articles 66 and 73."""
    case = taken(spot(), "delivered")
    assert against(case, "paid", paid_yuan=101, paid_on="2026-03-19", **excuse) == ["paid_too_much"]


def test_what_a_court_enforced_is_performed():
    assert against(taken(spot(), "delivered"), "paid", paid_yuan="", court_enforced=True) == []


@pytest.mark.parametrize(("served_on", "last"), [("2026-03-02", 17), ("2026-03-04", 19)])
def test_the_term_to_pay_runs_from_the_day_of_service(served_on, last):
    """Article 67: fifteen days from the receipt, however late the clerk writes it down."""
    case = taken(spot(), "delivered", at=MONDAY + 9 * DAY, facts={"delivered": {"served_on": served_on}})
    due = due_at(case, PROCEDURES.step(Procedure.SIMPLE, "paid"), context())
    assert last_day(due) == date(2026, 3, last)


def test_nothing_is_served_before_it_is_decided():
    """The party's term would begin before there was anything to pay."""
    assert against(spot(), "delivered", served_on="2026-03-01") == ["served_before_decision"]
    assert against(decided(), "served", served_on="2026-03-01") == ["served_before_decision"]


@pytest.mark.parametrize(("step", "fact"), [("delivered", "served_on"), ("paid", "paid_on")])
def test_a_day_that_is_still_to_come_is_refused(step, fact):
    """What has not happened cannot be written down; a deferral is the one day that lies ahead."""
    case = taken(spot(), *(["delivered"] if step == "paid" else []))
    tomorrow = context(step, MONDAY, **{fact: "2026-03-03"})
    [reason] = check(case, step, PROCEDURES, tomorrow)
    assert (reason.code, reason.values["fact"], reason.values["today"]) == ("day_to_come", fact, "2026-03-02")
    assert against(taken(spot(), "delivered"), "paid", deferred_to="2027-01-01") == []


def test_a_deferral_moves_the_end_of_the_term_and_says_so():
    """Article 66; one that ends before the term itself changes nothing."""
    case = taken(spot(), "delivered", facts={"delivered": {"deferred_to": "2026-04-20"}})
    step = next(step for step in next_steps(case, PROCEDURES, context(at=MONDAY + DAY)) if step.step.name == "paid")
    assert last_day(step.due_at) == date(2026, 4, 20)
    assert [line.code for line in step.lines][-2:] == ["clock_deferred", "clock_left"]
    assert step.lines[-1].values["left"] == 49
    early = taken(spot(), "delivered", facts={"delivered": {"deferred_to": "2026-03-05"}})
    assert last_day(due_at(early, step.step, context())) == date(2026, 3, 17)


def test_the_surcharge_of_a_day_is_what_the_gate_lets_be_paid():
    """What the screen says is owed and what is taken at the counter must be one sum."""
    case, step = taken(spot(), "delivered"), PROCEDURES.step(Procedure.SIMPLE, "paid")
    for excuse in ({}, {"deferred_to": "2026-03-19"}, {"paused_days": 2}):
        told = context("paid", paid_on="2026-03-22", **excuse)
        late = late_fee(case, replace(told, due_at=due_at(case, step, told)), date(2026, 3, 22), 3)
        most = {**excuse, "paid_on": "2026-03-22"}
        assert against(case, "paid", paid_yuan=100 + late, **most) == []
        assert against(case, "paid", paid_yuan=100 + late + 0.01, **most) == ["paid_too_much"]


def test_a_term_to_pay_that_ends_on_a_day_off_ends_on_the_next_working_day():
    """Served on Friday 6 March, the fifteenth day is Saturday the 21st; banks open on Monday."""
    case = taken(spot(), "delivered", facts={"delivered": {"served_on": "2026-03-06"}})
    due = due_at(case, PROCEDURES.step(Procedure.SIMPLE, "paid"), context())
    assert last_day(due) == date(2026, 3, 23)
    assert CALENDAR.working(date(2026, 3, 23))


def test_the_surcharge_never_exceeds_the_fine():
    assert surcharge(100, 1000) == 100
    assert surcharge(100, -3) == 0


@pytest.mark.parametrize(("fine", "codes"), [(100, []), (101, ["cash_too_much"])])
def test_cash_only_where_allowed(fine, codes):
    """Article 68: 100 yuan, or what could not be had later."""
    case = taken(spot(fine_yuan=fine), "delivered")
    assert against(case, "paid", paid_yuan=fine, cash=True) == codes
    assert against(case, "paid", paid_yuan=fine, cash=True, hard_later=True) == []


def test_preservation_dated():
    """Article 56: seven days run from the day it was preserved, so that day is needed."""
    case = taken(a_case(), "filed")
    assert against(case, "investigated", preserved_settled_on="2026-03-02") == ["fact_missing"]
    assert against(case, "investigated", preserved_on="2026-03-02", preserved_settled_on="2026-03-02") == []


def test_what_may_be_done_once_more_is_what_check_lets_be_repeated():
    """The screen offers what the law allows, no more and no less."""
    case = taken(a_case(), *UP_TO_PLEA)
    offered = {step.name for step in may_be_repeated(case, PROCEDURES)}
    assert offered == {"investigated", "concluded", "notified", "pleaded"}
    allowed = {step for step in UP_TO_PLEA if against(case, step) == []}
    assert allowed == offered
    assert may_be_repeated(decided(), PROCEDURES) == ()


# The list


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("id_shown;recusal", "id_shwn;recusal", "gates"),
        ("within_spot_fine:200/3000", "within_spot_fine:200", "gates"),
        ("hearing_owed:5", "hearing_owed", "when"),
        ("7,working_days,decided", "7,,decided", "term"),
        ("7,working_days,decided", "7,working_days,performed", "term_from"),
        ("ordinary,10,served", "ordinary,2,served", "order"),
        ("ordinary,12,closed", "ordinary,12,shut", "step"),
        ("《中华人民共和国行政处罚法》第五十八条", "行政处罚法", "basis"),
        ("rights_told;intended_fine_said;recused", "rights_told;recused", "gates"),
        ("intended_fine_said;recused_are_known;", "intended_fine_said;", "gates"),
        ("report_made;intention_said;weight_said", "report_made;weight_said", "when"),
        ("pleading_answered;hearing_request_dated", "pleading_answered", "when"),
    ],
)
def test_a_list_that_would_let_a_step_slip_is_refused(tmp_path, old, new, column):
    """A misspelt gate must not silently be no gate."""
    text = (HERE / "procedures.csv").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "procedures.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    (tmp_path / "procedure_facts.csv").write_bytes((HERE / "procedure_facts.csv").read_bytes())
    with pytest.raises(BadInput) as refused:
        read_procedures(tmp_path / "procedures.csv")
    assert column in {fault.column for fault in refused.value.faults}


def test_a_gate_that_relies_on_a_fact_says_which_nobody_asks_for(tmp_path):
    """On the spot no_heavier_after_pleading once judged on an intended fine that no step asked for."""
    text = (HERE / "procedures.csv").read_text(encoding="utf-8").replace("intended_fine_said;recused", "recused", 1)
    (tmp_path / "procedures.csv").write_text(text, encoding="utf-8")
    (tmp_path / "procedure_facts.csv").write_bytes((HERE / "procedure_facts.csv").read_bytes())
    with pytest.raises(BadInput, match="intended_fine_yuan, on which no_heavier_after_pleading relies"):
        read_procedures(tmp_path / "procedures.csv")


def test_a_gate_whose_fact_nobody_can_enter_is_refused(tmp_path):
    """The step could never be done."""
    (tmp_path / "procedures.csv").write_bytes((HERE / "procedures.csv").read_bytes())
    facts = (HERE / "procedure_facts.csv").read_text(encoding="utf-8").replace("id_shown,", "id_showed,", 1)
    (tmp_path / "procedure_facts.csv").write_text(facts, encoding="utf-8")
    with pytest.raises(BadInput, match="id_shown"):
        read_procedures(tmp_path / "procedures.csv")


def test_a_step_tells_the_limits_of_its_gates():
    """Whoever makes cases up, or says what is owed, must go by the place's own list."""
    spot = PROCEDURES.step(Procedure.SIMPLE, "decided_on_spot")
    assert spot.limits("within_spot_fine") == (200, 3000)
    assert spot.limits("paid_what_is_owed") == ()


def test_only_what_the_party_has_to_do_waits_for_a_working_day():
    """The authority's own terms end when they end: the stricter reading on either side."""
    rolling = [step.name for kind in Procedure for step in steps_of(kind) if step.rolls_over]
    assert rolling == ["paid", "performed"]


def test_steps_with_officers_name_how_many():
    """Article 42's two are written in the list and held by the gate alike."""
    for kind in Procedure:
        for step in steps_of(kind):
            if step.role is Acts.OFFICER:
                assert step.officers == 2
                assert "two_certified_officers" in {call.name for call in step.gates}


def test_a_withdrawn_case_is_over():
    case = replace(taken(a_case(), "filed"), outcome=Outcome.WITHDRAWN, closed_at=MONDAY)
    assert against(case, "investigated") == ["case_closed"]


def test_no_step_unsays_what_another_established():
    """A decision that writes "no hearing was asked for" would be a way round the hearing."""
    case = taken(a_case(), "filed", "investigated", "concluded", "notified", "pleaded")
    for fact in ("hearing_right", "hearing_waived", "complex", "intended_fine_yuan"):
        value = 200 if fact == "intended_fine_yuan" else False
        assert "fact_of_another_step" in against(case, "decided", **{fact: value})
