"""What officers do with a case at the desk: lawful or refused, and either way on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dispatch.desk.cases import Cases
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.desk.voices import Voices
from dispatch.records.case import Outcome, Procedure
from dispatch.records.incident import Status
from dispatch.rulebook.actcode import valid
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.discretion import Discretion, Tier, Unit
from dispatch.rulebook.matters import Leniency, Source
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor
from tests.casework import CITIZEN, COMPANY, GIVEN, PROCEDURES, person
from tests.dispatch.conftest import EAST, FUMES, NOW, STALL, WEST, rulebook

PAIR = ("a", "b")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BENCHMARK = Discretion(
    {
        STALL: (
            Tier(STALL, "一般", 1, 50, 200, Unit.YUAN, Source.ILLUSTRATIVE),
            Tier(STALL, "严重", 2, 200, 3000, Unit.YUAN, Source.ILLUSTRATIVE),
        )
    }
)
ORDINARY = ("investigated", "concluded", "notified", "pleaded")


def make(desk, *leniency: Leniency, benchmark=BENCHMARK) -> Cases:
    """The cases of the two towns; stalls have this leniency."""
    book = rulebook()
    matters = dict(book.matters)
    matters[STALL] = replace(matters[STALL], leniency=frozenset(leniency))
    office = (person("LAW", "review"), person("HOST"))
    return Cases(desk, replace(book, matters=matters), PROCEDURES, benchmark, Calendar({}), office=office)


@pytest.fixture
def cases(desk) -> Cases:
    return make(desk)


def filed(cases: Cases, procedure: Procedure = Procedure.SIMPLE, party=CITIZEN, **changes):
    facts = GIVEN["filed" if procedure is Procedure.ORDINARY else "identified"]
    given = {"town": EAST, "procedure": procedure, "facts": facts, "now": NOW, **changes}
    return cases.file("desk", "", given.pop("matter", STALL), party, given.pop("officers", PAIR), **given)


def taken(cases: Cases, case, *steps: str, **facts):
    """The case after these steps with the usual facts, and ``facts`` over those of every step that asks for them."""
    for step in steps:
        asks = PROCEDURES.step(case.procedure, step).asks
        more = {name: value for name, value in facts.items() if name in asks}
        officers = {"heard": ("HOST",), "reviewed": ("LAW",)}.get(step, ())
        case = cases.stamp(
            "desk", case.id, case.version, step, officers=officers, facts={**GIVEN[step], **more}, now=NOW + HOUR
        )
    return case


def decided(cases: Cases, case, outcome=Outcome.FINE, fine=100, tier: int | None = 1, **changes):
    facts = {"order_to_correct": True, "educated": True, **changes.pop("facts", {})}
    given = {"facts": facts, "now": NOW + 2 * HOUR, **changes}
    return cases.decide("desk", case.id, case.version, outcome, fine, tier=tier, **given)


def seen(desk, until: Status = Status.ON_SCENE):
    """An incident brought so far, all by team e1."""
    heard = desk.report("desk", "a stall", lon=121.6, lat=29.9, matter=STALL, now=NOW)
    if until is Status.MERGED:
        parent = desk.report("desk", "a stall", lon=121.6, lat=29.9, matter=STALL, now=NOW)
        voices = Voices(desk.casebook, lambda: NOW)
        return voices.merge("desk", heard.id, heard.version, parent.id, parent.version).voice
    name = heard.id
    deeds = {
        Status.ASSIGNED: lambda version: desk.assign("desk", name, "e1", version, now=NOW),
        Status.ACCEPTED: lambda version: desk.accept("e1", name, version, now=NOW),
        Status.ON_SCENE: lambda version: desk.arrive("e1", name, version, now=NOW),
        Status.HANDLED: lambda version: desk.handle("e1", name, version, "done", now=NOW),
        Status.VERIFIED: lambda version: desk.verify("desk", name, version, passed=True, how="photo", now=NOW),
        Status.CLOSED: lambda version: desk.close("desk", name, version, now=NOW),
    }
    for status, deed in deeds.items():
        if desk.casebook.incident(name).status is not until:
            deed(desk.casebook.incident(name).version)
            assert desk.casebook.incident(name).status is status
    return desk.casebook.incident(name)


def refused(deed) -> list[str]:
    with pytest.raises(Refused) as no:
        deed()
    return [reason.code for reason in no.value.reasons]


# Filing


def test_a_case_stands_in_the_name_of_the_body_of_its_officers(cases):
    case = filed(cases)
    assert (case.body, case.mode, case.town, case.procedure) == (EAST, "empowered", EAST, Procedure.SIMPLE)
    assert cases.casebook.case(case.id) == case
    assert valid(case.stamps[0].act_code)


def test_a_case_from_an_incident_takes_its_place(cases, desk):
    heard = seen(desk)
    case = cases.file("desk", heard.id, STALL, CITIZEN, PAIR, facts=GIVEN["identified"], now=NOW)
    assert (case.incident, case.town) == (heard.id, EAST)
    with pytest.raises(Unknown):
        cases.file("desk", "nowhere", STALL, CITIZEN, PAIR, now=NOW)


def test_nobody_files_where_nobody_has_the_power(cases):
    """Article 38; the reason is the line of the proof."""
    assert refused(lambda: filed(cases, matter=FUMES, town=WEST, officers=("d", "e"))) == ["taken_back"]


def test_officers_of_another_town_do_not_file(cases):
    """Article 22: the power ends at the border, and so do they."""
    assert refused(lambda: filed(cases, officers=("d", "e"))) == ["officer_of_another_body"]


@pytest.mark.parametrize(
    ("officers", "code"),
    [(("a",), "officers_missing"), ((), "officers_missing"), (("c", "aux"), "officer_not_certified")],
)
def test_two_certified_officers_file(cases, officers, code):
    assert refused(lambda: filed(cases, officers=officers)) == [code]


@pytest.mark.parametrize("there", [Status.REPORTED, Status.ASSIGNED, Status.ACCEPTED, Status.MERGED])
def test_an_incident_nobody_has_seen_leads_to_no_case(cases, desk, there):
    """Whatever screen asks: what officers have not seen they cannot have established; a voice is no second act."""
    heard = seen(desk, there)
    found = refused(lambda: cases.file("desk", heard.id, STALL, CITIZEN, PAIR, facts=GIVEN["identified"], now=NOW))
    assert found == ["incident_unseen"]


def test_an_incident_that_is_over_may_still_lead_to_a_case(cases, desk):
    """The file is often opened when the street is clear again; what was only passed on nobody saw."""
    over = seen(desk, Status.CLOSED)
    assert cases.file("desk", over.id, STALL, CITIZEN, PAIR, facts=GIVEN["identified"], now=NOW).open
    passed = seen(desk, Status.REPORTED)
    desk.casebook.add_incidents([replace(passed, id="PASSED", status=Status.CLOSED, closed_at=NOW)], at=NOW)
    assert refused(lambda: cases.file("desk", "PASSED", STALL, CITIZEN, PAIR, now=NOW)) == ["incident_unseen"]


def test_why_an_act_can_still_be_punished_stands_in_the_file(cases):
    """Article 36: five years need harm, and somebody said there was."""
    case = filed(cases, ended=date(2022, 3, 1), harmed=True)
    assert (case.facts["ended"], case.facts["harmed"]) == ("2022-03-01", True)
    assert "harmed" not in filed(cases, party=COMPANY).facts


# Article 29


def of_incident(cases, incident, matter=STALL, **changes):
    facts = {"facts": GIVEN["identified"], "now": NOW, "procedure": Procedure.SIMPLE, **changes}
    return cases.file("desk", incident.id, matter, CITIZEN, PAIR, **facts)


def test_one_incident_makes_one_case_of_a_party_unless_somebody_says_why_not(cases, desk):
    """Two open files of one act would end in two fines."""
    there = seen(desk)
    first = of_incident(cases, there)
    assert refused(lambda: of_incident(cases, there)) == ["same_act"]
    assert refused(lambda: of_incident(cases, there, another_act="another stall")) == ["same_act"]
    assert refused(lambda: of_incident(cases, there, FUMES)) == ["another_act_unsaid"]
    other = of_incident(cases, there, FUMES, another_act="油烟直排，与占道无关")
    assert other.facts["another_act"] == "油烟直排，与占道无关"
    cases.withdraw("desk", first.id, 1, "证据不足", now=NOW)
    assert of_incident(cases, there, another_act="x").open


def test_two_cases_of_one_act_that_are_open_at_once_are_not_both_fined(cases, desk):
    """Filed before the rule was asked, or by another door: the decision asks again, across matters."""
    there = seen(desk)
    first = of_incident(cases, there)
    second = replace(first, id="AJ-TWIN", matter=FUMES)
    with cases.casebook.writing() as page:
        page.add_case(Actor("import", NOW, "file"), second)
    told, twin = taken(cases, first, "told"), taken(cases, second, "told")
    decided(cases, told)
    assert refused(lambda: decided(cases, twin, tier=None)) == ["act_fined_already"]
    assert decided(cases, twin, Outcome.WARNING, 0, None).outcome is Outcome.WARNING


def test_two_acts_of_one_incident_are_fined_each(cases, desk):
    there = seen(desk)
    first = taken(cases, of_incident(cases, there), "told")
    second = taken(cases, of_incident(cases, there, FUMES, another_act="油烟直排"), "told")
    assert decided(cases, first).outcome is decided(cases, second, tier=None).outcome is Outcome.FINE


# Filing, on


def test_an_act_found_too_late_is_not_filed(cases):
    assert refused(lambda: filed(cases, ended=date(2024, 3, 1))) == ["found_too_late"]


def test_a_second_open_case_is_filed_with_a_word_of_warning(cases):
    """Article 29: whether it is the same act, a person has to look."""
    first, second = filed(cases), filed(cases)
    entry = cases.casebook.history(Kind.CASE, second.id)[0]
    assert [(told["code"], told["case"]) for told in entry.details["look_at"]] == [("case_open_already", first.id)]


def test_a_bodys_first_case_on_a_matter_is_flagged(cases):
    """So that somebody guides it."""
    assert filed(cases).facts["first_of_body"] is True
    assert filed(cases, party=COMPANY).facts["first_of_body"] is False
    assert filed(cases, town=WEST, officers=("d", "e")).facts["first_of_body"] is True


# Steps


def test_a_refused_step_changes_nothing_and_leaves_who_tried(cases):
    case = filed(cases, Procedure.ORDINARY)
    assert refused(lambda: taken(cases, case, "concluded")) == ["step_before"]
    assert cases.casebook.case(case.id) == case
    last = cases.casebook.history(Kind.CASE, case.id)[-1]
    assert (last.deed, last.actor, last.details["reasons"][0]["code"]) == ("refused:stamp", "desk", "step_before")


def test_a_step_on_a_case_that_has_changed_is_stale(cases):
    case = filed(cases, Procedure.ORDINARY)
    taken(cases, case, "investigated")
    with pytest.raises(Stale) as stale:
        taken(cases, case, "investigated")
    assert (stale.value.expected, stale.value.found) == (1, 2)
    with pytest.raises(Unknown):
        cases.stamp("desk", "AJ0", 1, "investigated")


def test_deciding_and_closing_have_deeds_of_their_own(cases):
    """A stamp would decide without asking the benchmark."""
    case = taken(cases, filed(cases), "told")
    assert refused(lambda: taken(cases, case, "decided_on_spot")) == ["own_deed"]
    assert refused(lambda: taken(cases, case, "closed")) == ["own_deed"]


def test_every_act_has_its_own_code(cases):
    case = decided(cases, taken(cases, filed(cases), "told"))
    codes = [stamp.act_code for stamp in case.stamps]
    assert len(set(codes)) == len(codes) == 3
    assert all(map(valid, codes))


# Deciding


def test_a_fine_on_the_spot_above_the_threshold_is_refused_and_the_case_turned(cases):
    """Article 51; the ordinary procedure then begins at its beginning, ninety days from now."""
    case = taken(cases, filed(cases), "told", intended_fine_yuan=300)
    assert refused(lambda: decided(cases, case, fine=300, tier=2)) == ["over_spot_fine"]
    turned = cases.turn("desk", case.id, case.version, facts=GIVEN["filed"], now=NOW + DAY)
    assert turned.procedure is Procedure.ORDINARY
    assert [step.step.name for step in cases.next(turned, NOW + DAY)][:2] == ["investigated", "concluded"]
    due = next(step for step in cases.next(turned) if step.step.name == "decided").due_at
    assert due.date() == date(2026, 6, 2)
    done = decided(cases, taken(cases, turned, *ORDINARY, intended_fine_yuan=300), fine=300, tier=2)
    assert (done.outcome, done.fine_yuan) == (Outcome.FINE, 300)
    assert refused(lambda: cases.turn("desk", done.id, done.version, facts=GIVEN["filed"])) == ["case_decided"]


def test_an_ordinary_case_is_not_turned(cases):
    case = filed(cases, Procedure.ORDINARY)
    assert refused(lambda: cases.turn("desk", case.id, case.version, facts=GIVEN["filed"])) == ["ordinary_already"]


def test_a_minor_act_is_not_fined(cases):
    """Article 33, first sentence."""
    case = taken(cases, filed(cases), "told")
    mild = {"minor": True, "corrected": True, "harm": "none"}
    assert "penalty_not_allowed" in refused(lambda: decided(cases, case, facts=mild))
    assert decided(cases, case, Outcome.NO_PENALTY, 0, None, facts=mild).outcome is Outcome.NO_PENALTY


def test_a_first_offence_is_looked_up_by_the_desk(cases):
    """The officer need not know the party's past; the book does."""
    slight = {"corrected": True, "harm": "slight"}
    first = decided(cases, taken(cases, filed(cases), "told"), Outcome.NO_PENALTY, 0, None, facts=slight)
    assert cases.earlier(CITIZEN.id, STALL) == [first]
    second = taken(cases, filed(cases), "told")
    found = refused(lambda: decided(cases, second, Outcome.NO_PENALTY, 0, None, facts=slight))
    assert found[0] == "no_ground_to_spare"
    assert cases.advice(second, slight, NOW).kind.value == "penalty"


def test_an_order_to_correct_comes_first_where_the_list_says_so(desk):
    cases = make(desk, Leniency.ORDER_FIRST)
    case = taken(cases, filed(cases), "told")
    assert "order_must_come_first" in refused(lambda: decided(cases, case))
    assert decided(cases, case, facts={"ordered_before": True, "order_over": True}).outcome is Outcome.FINE


def test_a_fine_outside_its_tier_needs_a_reason_and_a_review(cases):
    """Without the review the step stands open; with it the reason is kept in the stamp."""
    case = taken(cases, filed(cases, Procedure.ORDINARY), *ORDINARY)
    outside = ["outside_tier", "deviation_needs_reason", "deviation_needs_review"]
    assert refused(lambda: decided(cases, case, fine=20)) == outside
    lacking = refused(lambda: decided(cases, case, fine=20, reason="生活困难"))
    assert lacking == ["outside_tier", "deviation_needs_review", "step_before"]
    seen = cases.stamp(
        "lawyer", case.id, case.version, "reviewed", officers=("LAW",), facts={"review_passed": True, "deviates": True}
    )
    done = decided(cases, seen, fine=20, reason="生活困难")
    assert done.stamp("decided").facts["deviation_reason"] == "生活困难"


def test_a_warning_is_no_way_round_the_benchmark(desk):
    """Milder than the tier is as much a deviation as harder; a tier that is a warning, or a list, allows it."""
    cases = make(desk)
    case = taken(cases, filed(cases), "told")
    assert "outside_tier" in refused(lambda: decided(cases, case, Outcome.WARNING, 0, 1))
    assert refused(lambda: decided(cases, case, Outcome.WARNING, 0, None)) == ["tier_missing"]
    warning = Discretion({STALL: (Tier(STALL, "轻微", 1, 0, 0, Unit.WARNING, Source.ILLUSTRATIVE),)})
    assert decided(make(desk, benchmark=warning), case, Outcome.WARNING, 0, 1).outcome is Outcome.WARNING
    listed = make(desk, Leniency.WARNING_ONLY)
    other = taken(listed, filed(listed, party=COMPANY), "told")
    assert refused(lambda: decided(listed, other, fine=100))[0] == "fine_not_allowed"
    assert decided(listed, other, Outcome.WARNING, 0, None).outcome is Outcome.WARNING


def test_a_reason_inside_the_tier_asks_for_no_review(cases):
    assert decided(cases, taken(cases, filed(cases), "told"), reason="情节一般").fine_yuan == 100


def test_a_power_lost_on_the_way_stops_the_decision(cases):
    """Article 38: the power must stand on the day of the decision, not only of the filing."""
    case = taken(cases, filed(cases), "told")
    lose_power(cases)
    assert refused(lambda: decided(cases, case)) == ["power_taken_back"]


@pytest.mark.parametrize("step", ["investigated", "concluded", "notified", "pleaded", "turn"])
def test_a_power_lost_on_the_way_stops_every_step_before_the_decision(cases, step):
    """Article 38: what is established or told without the power is as void as the decision would be."""
    if step == "turn":
        case = filed(cases)
    else:
        case = taken(cases, filed(cases, Procedure.ORDINARY), *ORDINARY[: ORDINARY.index(step)])
    lose_power(cases)
    given = {"facts": GIVEN["filed"] if step == "turn" else GIVEN[step], "now": NOW + HOUR}
    if step == "turn":
        assert refused(lambda: cases.turn("desk", case.id, case.version, **given)) == ["power_taken_back"]
    else:
        assert refused(lambda: cases.stamp("desk", case.id, case.version, step, **given)) == ["power_taken_back"]
    assert cases.transfer("desk", case.id, case.version, "区执法局", "权限已收回", now=NOW).closed_at


def test_a_decided_case_is_served_paid_and_closed_though_the_power_has_ended(cases):
    """The decision was lawful on its day; the party must not be left without it, nor the file open for ever."""
    case = decided(cases, taken(cases, filed(cases), "told"))
    lose_power(cases)
    case = cases.serve("desk", case.id, case.version, GIVEN["delivered"], now=NOW + 2 * HOUR)
    case = cases.pay("desk", case.id, case.version, GIVEN["paid"], now=NOW + 3 * DAY)
    assert cases.close("desk", case.id, case.version, GIVEN["closed"], now=NOW + 4 * DAY).closed_at


def lose_power(cases):
    ended = tuple(replace(power, valid_to=NOW.date() - DAY) for power in cases.rulebook.powers)
    cases.rulebook = replace(cases.rulebook, powers=ended)


# After


def test_a_simple_case_goes_to_the_archive(cases):
    case = decided(cases, taken(cases, filed(cases), "told"))
    case = cases.serve("desk", case.id, case.version, GIVEN["delivered"], now=NOW + 2 * HOUR)
    assert refused(lambda: cases.close("desk", case.id, case.version, GIVEN["closed"])) == ["step_before"]
    case = cases.pay("desk", case.id, case.version, GIVEN["paid"], now=NOW + 3 * DAY)
    case = cases.close("desk", case.id, case.version, GIVEN["closed"], now=NOW + 4 * DAY)
    assert case.closed_at == NOW + 4 * DAY
    assert cases.next(case) == ()
    assert cases.casebook.verify().whole


def test_what_is_owed_grows_by_three_percent_a_day(cases):
    """Article 72: delivered on 2 March, due on the 17th."""
    case = decided(cases, taken(cases, filed(cases), "told"))
    case = cases.serve("desk", case.id, case.version, GIVEN["delivered"], now=NOW)
    assert cases.owed(case, date(2026, 3, 17))[:2] == (100, 0)
    assert cases.owed(case, date(2026, 3, 19))[:2] == (100, 6)
    assert cases.owed(case, date(2027, 3, 19))[:2] == (100, 100)
    assert cases.owed(case, date(2026, 3, 21), {"deferred_to": "2026-03-20"})[:2] == (100, 3)
    assert cases.owed(case, date(2026, 3, 21), {"paused_days": 3})[:2] == (100, 3)


def test_preserved_evidence_has_a_clock_until_it_is_dealt_with(cases):
    """Article 56: seven working days, and none of the steps would remind anybody."""

    def due(case):
        return [clock.due_at.date() for clock in cases.clocks(case, (), NOW + HOUR)]

    case = filed(cases, Procedure.ORDINARY)
    assert due(case) == []
    kept = taken(cases, case, "investigated")
    asked = {**GIVEN["investigated"], "preserved_on": "2026-03-02"}
    kept = cases.stamp("desk", kept.id, kept.version, "investigated", facts=asked, now=NOW + HOUR)
    assert due(kept) == [date(2026, 3, 12)]
    (clock,) = cases.clocks(kept, (), NOW + 12 * DAY)
    assert clock.overdue
    assert due(replace(kept, outcome=Outcome.NO_PENALTY)) == due(replace(kept, closed_at=NOW)) == []
    assert clock.lines[0].values["basis"].endswith("第五十六条")
    settled = {**GIVEN["concluded"], "preserved_settled_on": "2026-03-02"}
    assert due(cases.stamp("desk", kept.id, kept.version, "concluded", facts=settled, now=NOW + HOUR)) == []


def test_the_clocks_of_a_case_come_first_due_first(cases):
    case = taken(cases, filed(cases, Procedure.ORDINARY), "investigated")
    case = replace(case, facts={**case.facts, "preserved_on": "2026-03-02"})
    names = [clock.name_en for clock in cases.clocks(case, cases.next(case, NOW), NOW)]
    assert names == ["Preserved evidence dealt with", "Decided"]


def test_a_case_is_withdrawn_or_transferred_with_a_reason_before_the_decision(cases):
    first, second = filed(cases), filed(cases, party=COMPANY)
    assert refused(lambda: cases.withdraw("desk", first.id, 1, " ")) == ["needs_words"]
    gone = cases.withdraw("desk", first.id, 1, "违法主体认定错误", now=NOW)
    assert (gone.outcome, gone.open, cases.casebook.case(gone.id)) == (Outcome.WITHDRAWN, False, gone)
    sent = cases.transfer("desk", second.id, 1, "公安机关", "涉嫌犯罪", now=NOW)
    assert (sent.outcome, sent.stamps[-1].facts["to"]) == (Outcome.TRANSFERRED, "公安机关")
    assert refused(lambda: cases.withdraw("desk", sent.id, sent.version, "again")) == ["case_closed"]
    done = decided(cases, taken(cases, filed(cases), "told"))
    assert refused(lambda: cases.transfer("desk", done.id, done.version, "x", "y")) == ["case_decided"]


def test_a_withdrawn_case_makes_no_second_offender(cases):
    cases.withdraw("desk", filed(cases).id, 1, "证据不足", now=NOW)
    assert cases.advice(filed(cases), {"corrected": True, "harm": "slight"}, NOW).kind.value == "may_waive"


def test_the_spread_and_the_tiers_of_a_matter(cases):
    """A situation without a benchmark of its own has that of the power it is enforced under."""
    decided(cases, taken(cases, filed(cases), "told"), fine=80)
    assert (cases.spread(STALL).n, cases.spread(STALL).by_tier[1].median) == (1, 80)
    assert [tier.tier for tier in cases.tiers(STALL)] == [1, 2]
    matters = dict(cases.rulebook.matters)
    matters[FUMES] = replace(matters[FUMES], under=(STALL,))
    cases.rulebook = replace(cases.rulebook, matters=matters)
    assert cases.tiers(FUMES) == cases.tiers(STALL)
