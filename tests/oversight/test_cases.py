"""Cases held against the law again, gauges and evenness."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dispatch.desk.standing import People
from dispatch.oversight.evenness import evenness
from dispatch.oversight.gauges import GAUGES, coverage
from dispatch.oversight.indicators import Share
from dispatch.oversight.supervision import Finding, Law, of_cases, of_doors
from dispatch.records.calls import CallStatus, Stop
from dispatch.records.case import Case, Outcome, Procedure, Stamp
from dispatch.records.inspection import Visit
from dispatch.records.team import Team
from tests.casework import CALENDAR, MONDAY, PEOPLE, PROCEDURES, a_case, taken
from tests.dispatch.conftest import rulebook

DAY = timedelta(days=1)
TOWN = "330203001"
WALK = ("filed", "investigated", "concluded", "notified", "pleaded", "decided", "served")
SIMPLE = ("identified", "told", "decided_on_spot", "delivered")


def law() -> Law:
    crew = tuple(PEOPLE[name] for name in ("O1", "O2", "O3", "AUX"))
    team = Team("T", "T", TOWN, TOWN, crew, 121.5, 29.9, "car", frozenset(), MONDAY, MONDAY + DAY)
    matter = replace(rulebook().matters["M-STALL"], code="M")
    return Law(
        PROCEDURES, People([(team.body, team.officers)], [PEOPLE["LAW"], PEOPLE["HOST"]]), {"M": matter}, CALENDAR
    )


def found(case: Case) -> list[Finding]:
    return of_cases([case], law(), MONDAY - DAY, MONDAY + 400 * DAY)


@pytest.mark.parametrize(
    ("procedure", "walk"), [(Procedure.ORDINARY, WALK), (Procedure.SIMPLE, SIMPLE)], ids=["ordinary", "simple"]
)
def test_a_lawful_case_raises_no_question(procedure: Procedure, walk: tuple[str, ...]):
    assert found(taken(a_case(procedure), *walk)) == []


def test_a_step_forced_past_the_desk_is_named_with_its_people():
    """Somebody wrote a decision into the database before the party was heard."""
    forced = taken(a_case(), "filed", "investigated", "concluded", "decided")
    (first, *_) = found(forced)
    assert (first.rule, first.act, first.subject) == ("against_the_law", "decided", "C1")
    assert first.why.code == "step_before"
    assert first.people == ("desk", "O1", "O2")


def test_one_officer_alone_is_named():
    case = taken(a_case(), "filed")
    alone = case.stamped(replace(taken(a_case(), "filed", "investigated").stamps[1], officers=("O1",)))
    assert [each.why.code for each in found(alone)] == ["officers_missing"]


def test_of_who_has_left_nothing_is_guessed():
    case = taken(a_case(), "filed")
    gone = case.stamped(replace(taken(a_case(), "filed", "investigated").stamps[1], officers=("O1", "LEFT")))
    assert found(gone) == []


def test_a_decision_served_too_late_says_by_how_much():
    case = taken(a_case(), *WALK[:-1])
    late = Stamp(
        "served", MONDAY + 30 * DAY, "desk", ("O1", "O2"), "", {"served_by": "post", "served_on": "2026-04-01"}
    )
    (one,) = [each for each in found(case.stamped(late)) if each.rule == "step_too_late"]
    assert one.why.code == "step_late"
    assert one.why.values["hours"] > 24


def test_a_case_that_turned_is_held_against_both_procedures():
    """It began on the spot and was filed when the fine grew too high."""
    began = taken(a_case(Procedure.SIMPLE), "identified")
    turned = taken(began.turned(Procedure.ORDINARY), "filed", "investigated", at=MONDAY + timedelta(hours=2))
    assert found(turned) == []


def test_gauges_say_how_many_of_how_many():
    good = taken(a_case(), *WALK)
    coded = replace(good, stamps=tuple(replace(stamp, act_code="C") for stamp in good.stamps))
    bare = taken(a_case(), "filed", facts={"filed": {"id_shown": False}})
    told = coverage([coded, bare], tuple(GAUGES))
    assert told["every_act_has_its_code"] == Share(1, 2)
    assert told["id_shown"] == Share(1, 2)
    assert told["record_made"] == Share(1, 1)
    assert told["rights_told"] == Share(1, 1)
    assert told["served"] == Share(0, 0)
    with pytest.raises(KeyError):
        coverage([], ["nothing"])


def cases_of(town: str, *tiers: int) -> list[Case]:
    return [
        replace(a_case(), id=f"{town}{at}", town=town, facts={"tier": tier}, outcome=Outcome.FINE)
        for at, tier in enumerate(tiers)
    ]


def test_towns_that_choose_alike_are_not_apart_and_others_are():
    alike = evenness([*cases_of("A", *[1, 2] * 10), *cases_of("B", *[1, 2] * 10)])
    assert alike[0].apart == pytest.approx(0)
    assert alike[0].chance == pytest.approx(1)
    (apart,) = evenness([*cases_of("A", *[1] * 20), *cases_of("B", *[2] * 20)])
    assert apart.apart == pytest.approx(1)
    assert apart.chance is not None
    assert apart.chance < 1e-6
    assert apart.tiers == {"A": {1: 20}, "B": {2: 20}}


def test_of_few_cases_no_chance_is_said():
    (few,) = evenness([*cases_of("A", 1, 1), *cases_of("B", 2)])
    assert few.chance is None
    assert evenness(cases_of("A", 1, 2)) == []


def stop(id: str, *incidents: str) -> Stop:
    visit = Visit(f"V{id}", "P1", (), date(2026, 3, 1), date(2026, 3, 31), 30, frozenset())
    return Stop(id, "X", visit, 540, 570, CallStatus.DONE, MONDAY, MONDAY, ("O1", "O2"), "", incidents)


def test_a_door_entered_again_is_named_unless_a_violation_led_there():
    first, again = (date(2026, 3, 2), TOWN, stop("1")), (date(2026, 3, 20), TOWN, stop("2"))
    (one,) = of_doors([again, first])
    assert (one.subject, one.people, one.why.values) == ("2", ("O1", "O2"), {"premises": "P1", "days": 18})
    assert of_doors([(date(2026, 3, 2), TOWN, stop("1", "I9")), again]) == []
    assert of_doors([first, (date(2026, 4, 20), TOWN, stop("2"))]) == []
