"""The papers of a patrol behind links: with the rights of the screen, and nothing of a round that lies ahead."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dispatch.desk.patrolling import Patrolling
from dispatch.inspections.patrol_plan import Terms
from dispatch.records.patrol import PatrolPlan, PatrolRound
from dispatch.records.person import Job, Person, Post
from dispatch.store import patrols
from tests.doors import noon_centre, programs_desk
from tests.towns import NOON
from ui import papers
from ui.papers import gpx_link, paper_routes, rounds, rounds_link, way
from ui.services.centre import Centre
from ui.wording import Language

TOWN, OTHER = "990100001", "990100002"
YESTERDAY, TODAY, TOMORROW = (date(2026, 4, day) for day in (14, 15, 16))
LEAD = Person("lead", "l", (Post(Job.PLANNER, TOWN),))
ON_THE_ROUND = Person("helper", "h", (Post(Job.TEAM, TOWN),), officer="A1")
AT_THE_DESK = Person("desk", "d", (Post(Job.DISPATCHER, TOWN),))


@dataclass(frozen=True)
class House:
    """A town with three days of rounds, of which today's first is under way and tomorrow's are nobody's to see."""

    centre: Centre
    plan: PatrolPlan
    today: PatrolRound
    tomorrow: PatrolRound


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with noon_centre() as centre:
        desk = programs_desk(centre)
        desk.set_roster("test", centre.scenario.teams(NOON))
        terms = Terms((YESTERDAY, TODAY, TOMORROW), 2, 240, 1)
        plan = centre.patrols_of(desk).plan("test", TOWN, terms, now=NOON - timedelta(days=1))
        with centre.casebook.reading() as connection:
            today, *_ = patrols.rounds(connection, plan.id, day=TODAY)
            tomorrow, *_ = patrols.rounds(connection, plan.id, day=TOMORROW)
        today = Patrolling(desk, centre.scenario.rules.patrol_items).begin("test", today.id, 1, "T1", now=NOON)
        yield House(centre, plan, today, tomorrow)


def _names(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert packed.testzip() is None
        return packed.namelist()


@pytest.mark.parametrize("language", list(Language))
def test_the_link_gives_the_rounds_of_a_day_or_one_of_them(house: House, language: Language):
    """A sheet and a way for each."""
    every = rounds(house.centre, LEAD, house.plan.id, TODAY, "", language)
    one = rounds(house.centre, LEAD, house.plan.id, TODAY, house.today.id, language)
    assert (every.status_code, one.status_code) == (200, 200)
    assert sum(name.endswith(".gpx") for name in _names(bytes(every.body))) == 2
    assert sum(name.endswith(".gpx") for name in _names(bytes(one.body))) == 1


def test_nothing_of_a_round_that_lies_ahead_is_had(house: House):
    """Who knew where the patrol comes tomorrow would have tidied up; also whoever goes on it."""
    ahead = house.tomorrow
    for job in (Job.PLANNER, Job.SUPERVISOR, Job.REVIEWER):
        who = replace(LEAD, posts=(Post(job, TOWN),))
        assert rounds(house.centre, who, house.plan.id, TOMORROW, "", Language.ZH).status_code == 404
        assert rounds(house.centre, who, house.plan.id, TOMORROW, ahead.id, Language.ZH).status_code == 404
        assert rounds(house.centre, who, house.plan.id, TODAY, ahead.id, Language.ZH).status_code == 404
    assert way(house.centre, ON_THE_ROUND, ahead.id, Language.ZH).status_code == 404
    assert way(house.centre, AT_THE_DESK, ahead.id, Language.ZH).status_code == 404


@pytest.mark.parametrize("who", ["administrator", "dispatcher", "elsewhere", "new"])
def test_rounds_are_for_who_may_open_the_screen_and_sees_the_town(house: House, who: str):
    others = {
        "administrator": replace(LEAD, posts=(Post(Job.ADMINISTRATOR, TOWN),)),
        "dispatcher": AT_THE_DESK,
        "elsewhere": replace(LEAD, posts=(Post(Job.PLANNER, OTHER),)),
        "new": replace(LEAD, must_change=True),
    }
    assert rounds(house.centre, others[who], house.plan.id, TODAY, "", Language.ZH).status_code == 403
    assert rounds(house.centre, None, house.plan.id, TODAY, "", Language.ZH).status_code == 404
    assert rounds(house.centre, LEAD, "P?", TODAY, "", Language.ZH).status_code == 404


def test_the_way_is_for_the_team_that_walks_it_and_its_dispatcher(house: House):
    """A round belongs to one phone; a lead has it from the zip of the day."""
    for who in (ON_THE_ROUND, AT_THE_DESK):
        got = way(house.centre, who, house.today.id, Language.EN)
        assert got.status_code == 200
        assert got.headers["content-type"] == "application/gpx+xml"
        assert b"<gpx" in bytes(got.body)
    teams = house.centre.board().teams
    stranger = next(each.id for team in teams.values() if team.id != "T1" for each in team.officers)
    for other in (
        replace(ON_THE_ROUND, officer=stranger),
        replace(ON_THE_ROUND, must_change=True),
        replace(AT_THE_DESK, posts=(Post(Job.DISPATCHER, OTHER),)),
        LEAD,
    ):
        assert way(house.centre, other, house.today.id, Language.EN).status_code == 403
    assert way(house.centre, None, house.today.id, Language.EN).status_code == 404
    assert way(house.centre, ON_THE_ROUND, "R?", Language.EN).status_code == 404


def test_the_addresses_lead_to_the_papers(house: House, monkeypatch: pytest.MonkeyPatch):
    """A link that is drawn is one that is answered; a day or a language that is none is not found."""
    monkeypatch.setattr(papers, "centre", lambda: house.centre)
    monkeypatch.setattr(house.centre.known, "whose", lambda token: {"lead": LEAD, "helper": ON_THE_ROUND}.get(token))
    here = rounds_link(house.plan.id, TODAY, Language.EN, house.today.id)
    phone = gpx_link(house.today.id, Language.EN)
    asked = TestClient(Starlette(routes=paper_routes()))
    for who, link, status in (
        ("lead", here, 200),
        ("lead", here.replace(TODAY.isoformat(), "today"), 404),
        ("lead", here.replace("lang=en", "lang=xx"), 404),
        ("", here, 404),
        ("helper", phone, 200),
        ("lead", phone, 403),
    ):
        asked.cookies.set(papers.COOKIE, who)
        assert asked.get(link).status_code == status
