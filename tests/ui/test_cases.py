"""What the case screen asks, and what its panels say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.desk.cases import Cases
from dispatch.desk.incidents import Desk
from dispatch.desk.refusals import Refused
from dispatch.records.case import Case, Outcome, Party, PartyKind, Procedure
from dispatch.store.ledger import Kind
from gis.locate import CellLocator
from tests.books import empty_book
from tests.casework import GIVEN, on_day
from tests.towns import NOON, incident, nine_cells
from ui.screens.cases.ahead import advice_html, now_html, rest_html, tiers_html
from ui.screens.cases.file import file_html
from ui.screens.cases.listing import list_html
from ui.screens.cases.saying import Sayer
from ui.services.casework import (
    CaseFilter,
    CaseList,
    Given,
    Tone,
    can_turn,
    certified,
    changed_by,
    done,
    may_act,
    names_of,
    own_team,
    people_for,
    qr_of,
    state_of,
    tier_lines,
    to_look_at,
    tone,
)
from ui.telling import Teller
from ui.wording import Language, wording

TOWN = "990100001"
PAIR = ("O1", "O2")
SHOP = Party("SYN-000001", "合成商户001 <b>", PartyKind.ORGANISATION)
STALL = "C08-01"
DAY = timedelta(days=1)


@pytest.fixture
def cases() -> Iterator[Cases]:
    """The cases of the nine cells at NOON, none filed."""
    place = nine_cells()
    with empty_book() as casebook:
        desk = Desk(casebook, place.rulebook, CellLocator(place.cells), place.cells, lambda: NOON)
        desk.set_roster("test", place.teams(NOON))
        rules = place.rules
        yield Cases(desk, place.rulebook, rules.procedures, rules.discretion, rules.calendar, office=place.office)


@pytest.fixture(params=list(Language))
def say(request: pytest.FixtureRequest) -> Sayer:
    place = nine_cells()
    tell = Teller(wording(request.param), place.areas, place.rulebook.matters, place.fields, place.zone)
    return Sayer(tell, place.rules.procedures, names_of(place.teams(NOON), place.office))


def filed(cases: Cases, procedure: Procedure = Procedure.SIMPLE, at: datetime = NOON, party: Party = SHOP) -> Case:
    first = "filed" if procedure is Procedure.ORDINARY else "identified"
    return cases.file("anna", "", STALL, party, PAIR, town=TOWN, procedure=procedure, facts=GIVEN[first], now=at)


def after(cases: Cases, case: Case, *steps: str) -> Case:
    for step in steps:
        case = done(cases, "anna", case, step, Given(on_day(step, NOON.date())))
    return case


FINE = Given(
    {"order_to_correct": True, "ordered_before": True, "order_over": True},
    outcome=Outcome.FINE,
    fine_yuan=100,
    tier=2,
)


def test_open_cases_come_by_next_deadline_and_closed_ones_last(cases):
    """The first line is the one to look at first."""
    late = filed(cases, Procedure.ORDINARY, NOON - 95 * DAY)
    soon = filed(cases, Procedure.ORDINARY, NOON - 88 * DAY)
    calm = filed(cases, Procedure.ORDINARY, NOON - DAY)
    spot = filed(cases)
    gone = filed(cases)
    cases.withdraw("anna", gone.id, 1, "误立", now=NOON)
    listed = CaseList(cases)
    lines = listed.lines(listed.all(), NOON)
    assert [line.case.id for line in lines] == [late.id, soon.id, calm.id, spot.id, gone.id]
    assert [line.tone for line in lines] == [Tone.LATE, Tone.SOON, Tone.RUNNING, Tone.NONE, Tone.NONE]


def test_the_list_is_read_again_when_something_was_done(cases):
    """A colleague's step must be seen at the next refresh."""
    listed = CaseList(cases)
    assert listed.all() == ()
    case = filed(cases)
    assert listed.all() == (case,)
    told = after(cases, case, "told")
    assert listed.all() == (told,)
    assert listed.lines(listed.all(), NOON)[0].next.name == "decided_on_spot"


def test_a_position_report_reads_no_case_again(cases, monkeypatch):
    """Cars report twice a minute; the files of a year are read when one of them has changed."""
    filed(cases)
    listed = CaseList(cases)
    before = listed.all()
    revision, team = cases.casebook.revision(), cases.casebook.teams()[0]
    with cases.casebook.writing() as page:
        page.place_teams([(team.id, 121.6, 29.9)])
    assert cases.casebook.revision() > revision
    monkeypatch.setattr(cases.casebook, "cases", lambda **_: pytest.fail("the cases were read again"))
    assert listed.all() is before


def test_preserved_evidence_counts_in_the_list(cases):
    """Its seven days end long before the ninety."""
    case = filed(cases, Procedure.ORDINARY)
    told = {**on_day("investigated", NOON.date()), "preserved_on": "2026-04-13"}
    done(cases, "anna", case, "investigated", Given(told))
    listed = CaseList(cases)
    (line,) = listed.lines(listed.all(), NOON)
    assert line.due_at - NOON < 10 * DAY


def test_a_deadline_is_late_from_its_own_moment_on():
    due = datetime(2026, 4, 15, 16, 0, tzinfo=UTC)
    assert tone(due, due) is Tone.SOON
    assert tone(due, due + timedelta(microseconds=1)) is Tone.LATE
    assert tone(due, due - 3 * DAY) is Tone.SOON
    assert tone(due, due - 3 * DAY - timedelta(microseconds=1)) is Tone.RUNNING


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (CaseFilter(), True),
        (CaseFilter(open=False), False),
        (CaseFilter(open=None), True),
        (CaseFilter(words="syn-000001"), True),
        (CaseFilter(words="流动 商户001"), True),
        (CaseFilter(words="流动 商户002"), False),
        (CaseFilter(towns=frozenset({TOWN})), True),
        (CaseFilter(towns=frozenset({"990100002"})), False),
    ],
)
def test_cases_are_found_by_words_state_and_town(cases, wanted, found):
    assert wanted.lets_through(filed(cases), "流动摊贩占道经营") is found


def test_a_clock_explains_itself(cases):
    """By when, and how that day was counted."""
    case = filed(cases, Procedure.ORDINARY)
    (clock,) = cases.clocks(case, cases.next(case, NOON), NOON)
    assert (clock.name_en, clock.overdue) == ("Decided", False)
    assert clock.due_at - NOON < 91 * DAY
    assert {"clock_law", "clock_due"} <= {line.code for line in clock.lines}


def test_only_who_lawfully_can_is_offered_for_a_step(cases):
    """Officers of the body for the street, and nobody who took part for review and hearing."""
    place, day = nine_cells(), NOON.date()
    case, teams = filed(cases, Procedure.ORDINARY), place.teams(NOON)

    def able(step: str) -> set[str]:
        found = cases.procedures.step(Procedure.ORDINARY, step)
        return {each.id for each in people_for(cases, case, found, teams, place.office, day)}

    assert able("investigated") == {"O1", "O2"}
    reviewers = {each.id for each in place.office if each.certificates}
    assert able("reviewed") == reviewers
    assert able("heard") == {each.id for each in place.office}
    assert able("decided") == set()
    took_part = replace(case, stamps=(replace(case.stamps[0], officers=(min(reviewers),)),))
    step = cases.procedures.step(Procedure.ORDINARY, "reviewed")
    left = people_for(cases, took_part, step, teams, place.office, day)
    assert min(reviewers) not in {each.id for each in left}
    case = replace(case, facts={"recused": f"O1; {min(reviewers)}"})
    assert able("investigated") == {"O2"}
    assert min(reviewers) not in able("reviewed") | able("heard")
    assert [each.id for each in certified(teams, "ZF", "city", TOWN, day)] == ["O3", "O5", "O6"]


def test_the_body_of_the_team_on_scene_is_offered_first(cases):
    """Who stands there files, where it may."""
    answer = may_act(cases, STALL, TOWN, NOON.date())
    teams = {team.id: team for team in nine_cells().teams(NOON)}
    bodies = [actor.body for actor in answer.actors]
    there = next(team for team in teams.values() if team.body == bodies[-1])
    assert own_team(answer, incident(team=there.id), teams).body == bodies[-1]
    assert own_team(answer, None, teams).body == bodies[0]
    stranger = incident(team="T4")
    assert own_team(answer, stranger, teams).body == bodies[0]


def test_every_step_goes_through_the_deed_that_the_desk_has_for_it(cases):
    """A simple case to its archive, and the desk's name of each deed in the ledger."""
    case = after(cases, filed(cases), "told")
    case = done(cases, "anna", case, "decided_on_spot", FINE)
    case = after(cases, case, "delivered", "paid", "closed")
    assert not case.open
    deeds = [entry.deed for entry in cases.casebook.history(Kind.CASE, case.id)]
    assert deeds == ["file", "stamp", "decide", "serve", "pay", "close_case"]
    assert cases.casebook.verify().whole


def test_a_step_that_is_barred_is_refused_whoever_presses_it(cases):
    """The grey button is a courtesy; the desk is the law."""
    case = filed(cases)
    with pytest.raises(Refused) as no:
        done(cases, "anna", case, "closed", Given(GIVEN["closed"]))
    assert {reason.code for reason in no.value.reasons} == {"step_before"}
    assert cases.casebook.case(case.id) == case


def test_a_fine_is_written_only_with_the_outcome_fine(cases):
    """An amount left in the form must not follow a warning into the file."""
    case = after(cases, filed(cases), "told")
    warned = done(cases, "anna", case, "decided_on_spot", replace(FINE, outcome=Outcome.WARNING, tier=1))
    assert (warned.outcome, warned.fine_yuan) == (Outcome.WARNING, 0)


def test_a_step_is_done_again_only_before_the_decision(cases):
    case = after(cases, filed(cases), "told")
    assert [step.name for step in cases.repeatable(case)] == ["told"]
    assert can_turn(case)
    decided = done(cases, "anna", case, "decided_on_spot", FINE)
    assert cases.repeatable(decided) == ()
    assert not can_turn(decided)


def test_a_tier_shows_its_amounts_and_how_past_fines_lie(cases):
    case = after(cases, filed(cases), "told")
    case = done(cases, "anna", case, "decided_on_spot", FINE)
    warning, second, *_ = tier_lines(cases, STALL, None, [case])
    assert warning.past is None
    assert (second.allowed.least, second.allowed.most, second.past.n, second.past.median) == (50, 200, 1, 100)


def test_a_tier_by_the_square_metre_waits_for_its_base(cases):
    lines = tier_lines(cases, "C10-02", None, [])
    by_area = [line for line in lines if line.tier.unit.needs_base]
    assert by_area
    assert all(line.allowed is None for line in by_area)
    known = next(line for line in tier_lines(cases, "C10-02", 10.0, []) if line.tier == by_area[0].tier)
    assert known.allowed.least == 10 * known.tier.least


def test_who_changed_a_case_last_is_told_and_refusals_changed_nothing(cases):
    """A person whose form has gone reads who was quicker."""
    case = after(cases, filed(cases), "told")
    with pytest.raises(Refused):
        done(cases, "bert", case, "closed", Given(GIVEN["closed"]))
    last = changed_by(cases.casebook.history(Kind.CASE, case.id))
    assert (last.actor, last.deed) == ("anna", "stamp")
    assert changed_by(()) is None


def test_a_second_open_case_says_what_to_look_at(cases):
    """Article 29: whether it is the same act, a person has to look."""
    first, second = filed(cases), filed(cases)
    assert to_look_at(cases.casebook.history(Kind.CASE, first.id)) == []
    (reason,) = to_look_at(cases.casebook.history(Kind.CASE, second.id))
    assert (reason.code, reason.values["case"]) == ("case_open_already", first.id)


def test_only_a_valid_code_becomes_a_picture(cases):
    assert qr_of(filed(cases).stamps[0].act_code).startswith("<svg")
    assert qr_of("") == qr_of("<script>") == ""


def test_the_file_shows_every_stamp_and_the_state_of_every_step(cases, say):
    """Who, when, which code; and a party's name is text, whatever is in it."""
    case = after(cases, filed(cases), "told")
    book, left = nine_cells().rulebook, cases.next(case, NOON)
    html = file_html(case, left, cases.procedures, book, cases.casebook.history(Kind.CASE, case.id), (), None, say)
    still = {each.step.name: each for each in left}
    states = [state_of(case, step, still) for step in cases.procedures.of(Procedure.SIMPLE)]
    assert states == ["done", "done", "open", "barred", "spared", "barred"]
    assert html.count('class="is-') == 6
    assert case.stamps[1].act_code in html
    assert "<svg" in html
    assert "合成商户001 &lt;b&gt;" in html
    assert "<b>" not in html
    first = file_html(case, left, cases.procedures, book, (), (), 0, say)
    assert case.stamps[0].act_code in first


def test_barred_steps_cannot_be_pressed_and_say_why(cases, say):
    case = filed(cases)
    left = cases.next(case, NOON)
    html = rest_html(case, left, cases.clocks(case, left, NOON), "", NOON, say)
    barred = [each for each in left if not each.open]
    assert html.count("<button") == html.count("disabled aria-disabled") == len(barred) == 3
    assert html.count("✕") == sum(len(each.why) for each in barred)
    assert "data-act" not in html


def test_what_is_open_says_who_must_do_it_and_on_which_article(cases, say):
    case = filed(cases, Procedure.ORDINARY)
    step = next(each for each in cases.next(case, NOON) if each.open)
    html = now_html(case, step, None, None, say)
    assert "第四十二条" in html
    assert "2" in html
    assert say.step(step.step) in html


def test_advice_lists_the_partys_earlier_cases(cases, say):
    case = filed(cases)
    earlier = filed(cases, at=NOON - 10 * DAY)
    html = advice_html(cases.advice(case, {}, NOON), [earlier], say)
    assert f'data-act="select:{earlier.id}"' in html
    assert 'data-advice="order_first"' in html


def test_the_picture_of_past_fines_is_marked_and_never_a_sum(cases, say):
    """Article 74: what was fined is no figure of merit."""
    past = []
    for number, fine in enumerate((60, 100, 170)):
        party = replace(SHOP, id=f"SYN-00000{number}")
        case = after(cases, filed(cases, party=party), "told")
        past.append(done(cases, "anna", case, "decided_on_spot", replace(FINE, fine_yuan=fine)))
    html = tiers_html(tier_lines(cases, STALL, None, past), 2, True, say)
    assert say.tell.w("cases.synthetic") in html
    assert say.tell.w("cases.illustrative") in html
    assert html.count("<svg") == 1
    assert "330" not in html
    assert 'class="tier chosen"' in html


def test_the_list_shows_the_selected_case_wherever_it_stands(cases, say):
    for _ in range(3):
        filed(cases)
    listed = CaseList(cases)
    lines = listed.lines(listed.all(), NOON)
    html = list_html(lines, lines[-1].case.id, NOON, say)
    assert html.count('role="option"') == 3
    assert html.count('aria-selected="true"') == 1


def test_every_fact_and_choice_a_step_can_ask_for_has_words(say):
    """A choice without words would show its code."""
    for asked in say.procedures.facts.values():
        for choice in asked.choices:
            assert f"cases.choice.{asked.name}_{choice}" in say.tell.w.words
