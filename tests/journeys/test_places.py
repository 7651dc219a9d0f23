"""Every place opens and does a day's work: told, sent, a case begun, inspections planned, a staffing plan played.

Building all places takes three minutes, so unless GRIDBEAT_JOURNEYS is `all` only the quickest is opened: one district
of Chongqing. Under GRIDBEAT_HOME a place that is built there already is taken.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date

import pytest

from dispatch.desk.inspections import Proposal
from dispatch.inspections.planning import plan
from dispatch.records.case import Case, Party, PartyKind
from dispatch.records.incident import OPEN, Incident, Status
from scenarios.planning import on_other_days, own_plan, setup_of
from scenarios.premises import ACTOR, made_up
from simulation.replications import measured, play
from tests.casework import GIVEN
from ui.services.advice import advise, advise_batch
from ui.services.centre import Centre, open_centre
from ui.services.city import Around, whole
from ui.settings import Settings

YUZHONG = "chongqing_500103"
PLACES = ("haishu", "jiangbei", "jiangyin", "huancui", "chongqing_500106", YUZHONG)
OPENED = PLACES if os.environ.get("GRIDBEAT_JOURNEYS") == "all" else (YUZHONG,)
PARTY = Party("SYN-JOURNEY", "合成商户", PartyKind.ORGANISATION)


@pytest.fixture(scope="module", params=OPENED)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """The demo of a place on a new casebook, its clock almost still, without the calendar made beside the screens."""
    folder = tmp_path_factory.mktemp("place")
    with pytest.MonkeyPatch.context() as patch:
        if "GRIDBEAT_HOME" not in os.environ:
            patch.setenv("GRIDBEAT_HOME", str(folder))
        patch.setattr(Centre, "first_plan", lambda _: None)
        db = f"sqlite:///{folder / f'demo-{request.param}.db'}"
        asked = Settings(home=folder, place=request.param, db=db, demo=True, demo_speed=0.001)
        centre = open_centre(asked)
        yield centre
        centre.close()


@pytest.fixture(scope="module")
def sent(opened: Centre) -> Incident:
    """A vendor told of in one of the busiest cells where somebody is free, and a lawful team on the scene."""
    scenario, desk = opened.scenario, opened.desk
    for row in (-scenario.demand.cell_weight).argsort()[:400:10]:
        cell = scenario.cells.geometry.iloc[int(row)].representative_point()
        heard = desk.report("demo", "流动摊贩占道经营", lon=cell.x, lat=cell.y, matter="C08-01")
        best = advise(opened, opened.board(), heard).candidates[0]
        if best.possible:
            break
    assert best.possible
    assert best.pair.lawful
    assigned = desk.assign("demo", heard.id, best.team.id, heard.version).incident
    gone = desk.accept("demo", heard.id, assigned.version).incident
    return desk.arrive("demo", heard.id, gone.version).incident


def test_it_opens_with_something_open_and_crews_on_duty(opened: Centre):
    figures = opened.board().figures
    assert figures.waiting > 0
    assert figures.free > 0
    assert opened.casebook.verify().whole


def test_what_is_told_is_sent_to_a_lawful_pair_and_becomes_a_case(opened: Centre, sent: Incident):
    assert sent.status is Status.ON_SCENE
    team = opened.casebook.team(sent.team)
    assert team is not None
    pair = team.pair_for(opened.rulebook.matters[sent.matter].field, opened.today()).officers
    case: Case = opened.cases.file("demo", sent.id, sent.matter, PARTY, pair, facts=GIVEN["identified"])
    assert case.town == sent.town
    assert opened.rulebook.resolve(sent.matter, sent.town, opened.today()).actor(case.body) is not None
    assert opened.cases.next(case, opened.clock())


def test_what_waits_is_planned_as_a_batch_without_a_team_out_of_its_power(opened: Centre):
    waiting = opened.board().waiting()
    planned = advise_batch(opened, opened.board(), waiting)
    assert any(each.team is not None for each in planned)
    for each in planned:
        answer = opened.rulebook.resolve(each.incident.matter, each.incident.town, opened.today())
        assert each.reasons if each.team is None else answer.actor(each.team.body) is not None


def test_a_small_calendar_of_inspections_is_adopted(opened: Centre):
    desk, days = opened.inspections_of(opened.program), opened.working_days(opened.today(), 10)
    business = made_up(opened.scenario, days[0], count=6)
    desk.take_in(ACTOR, business.premises, business.items, business.traits)
    asked = desk.question(sorted({each.town for each in business.premises}), days)
    calendar = plan(asked.programme, 0.2)
    assert calendar.crews
    desk.adopt(ACTOR, Proposal(asked, calendar, 1, 0.2))


def test_a_week_of_its_staffing_plan_can_be_played(opened: Centre):
    scenario = opened.scenario
    whole_plan = setup_of(scenario, own_plan(scenario.name))
    week = on_other_days(whole_plan, scenario, begins=date(2026, 3, 2), days=7, warm_up_days=0)
    told = measured(play(week, 0, 1))[""]
    assert told["incidents"] > 0
    assert 0 < told["utilisation"] < 1


def test_in_a_city_the_district_stands_with_its_figures_beside_those_not_yet_opened(opened: Centre):
    name, _, own = opened.scenario.name.rpartition("_")
    if name != "chongqing":
        pytest.skip("no district of a city")
    around = Around(opened, name, own)
    loads = around.loads(opened.board())
    here = whole(loads[own])
    assert here is not None
    assert len(loads) == 38
    assert here.open == sum(one.status in OPEN for one in opened.board().incidents.values())
    assert here.pairs > 0
    assert loads["500107"] is None
    around.close()
