"""The evaluation that a screen asks for: which times there are, who sees what of it, and its papers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import openpyxl
import pytest
from docx import Document

from dispatch.oversight.evaluation import Period
from dispatch.oversight.indicators import About
from dispatch.records.person import Job, Person, Post
from tests.doors import noon_centre, programs_desk
from tests.towns import NOON, incident
from ui.papers import oversight, oversight_link
from ui.services.centre import Centre
from ui.services.overseeing import BACK, Overseeing, span_of, spans, within
from ui.wording import Language

EAST, WEST = "990100001", "990100002"
TODAY = date(2026, 4, 15)
CHIEF = Person("chief", "c", (Post(Job.SUPERVISOR, "990100"),))
OF_EAST = Person("east", "e", (Post(Job.SUPERVISOR, EAST),))
DISPATCHER = Person("desk", "d", (Post(Job.DISPATCHER, "990100"),))


@pytest.fixture(scope="module")
def opened() -> Iterator[Centre]:
    """Two incidents of yesterday to which nobody went, one in each town."""
    with noon_centre() as centre:
        east, west = (
            next(cell for cell in centre.scenario.cells["code"] if cell.startswith(town)) for town in (EAST, WEST)
        )
        yesterday = NOON - timedelta(days=1)
        told = [
            incident(id="OF-EAST", cell=east, town=EAST, reported_at=yesterday),
            incident(id="OF-WEST", cell=west, town=WEST, reported_at=yesterday),
        ]
        centre.casebook.add_incidents(told, at=NOON)
        programs_desk(centre).set_roster("test", centre.scenario.teams(NOON))
        yield centre


@pytest.mark.parametrize("period", list(Period))
def test_times_follow_each_other_without_a_gap(period: Period):
    """The running one first; a day is in one time of each length and in no other."""
    offered = spans(period, TODAY)
    assert len(offered) == BACK
    assert offered[0].first <= TODAY < offered[0].end
    assert not offered[0].over(TODAY)
    for later, earlier in pairwise(offered):
        assert earlier.end == later.first
        assert earlier.over(TODAY)


def test_the_running_time_is_counted_up_to_now_and_anew_when_asked(opened: Centre):
    """What came since shows only after somebody asks again; a look costs nothing."""
    seeing, span = Overseeing(), span_of(Period.WEEK, TODAY)
    first = seeing.counted(opened, span)
    assert first.evaluation.until == NOON
    assert {each.subject for each in first.evaluation.findings} >= {"OF-EAST", "OF-WEST"}
    assert seeing.counted(opened, span) is first
    errand = seeing.count(opened, "chief", span)
    errand.wait(30)
    assert errand.taken() is not first
    assert seeing.of(span) is errand.taken()


def test_people_findings_and_places_are_seen_in_ones_own_area_only(opened: Centre):
    """Towns stand beside each other for all; who did what wrong next door is the next town's to know."""
    found = Overseeing().counted(opened, span_of(Period.WEEK, TODAY)).evaluation
    teams = {team.id: team for team in opened.casebook.teams()}
    assert within(found, CHIEF, opened.scenario, teams) is found
    own = within(found, OF_EAST, opened.scenario, teams)
    assert own.shares[About.TOWN] == found.shares[About.TOWN]
    assert {each.town for each in own.findings} == {EAST}
    assert {each.town for each in found.findings} >= {EAST, WEST}
    assert own.shares[About.DISPATCHER] == {}


@pytest.mark.parametrize("language", list(Language))
def test_the_papers_of_a_time_open_in_their_own_libraries(opened: Centre, language: Language):
    """The same tables as on the screen, as far as the reader sees them."""
    span = span_of(Period.WEEK, TODAY)
    book = openpyxl.load_workbook(io.BytesIO(bytes(oversight(opened, CHIEF, span, "xlsx", language).body)))
    cells = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {"OF-EAST", "OF-WEST"} <= cells
    paper = Document(io.BytesIO(bytes(oversight(opened, OF_EAST, span, "docx", language).body)))
    told = "\n".join(cell.text for table in paper.tables for row in table.rows for cell in row.cells)
    assert "OF-EAST" in told
    assert "OF-WEST" not in told


def test_papers_are_for_who_may_open_the_screen(opened: Centre):
    """And there is none of a time to come, nor of another kind."""
    span = span_of(Period.MONTH, TODAY)
    assert oversight(opened, None, span, "docx", Language.ZH).status_code == 404
    assert oversight(opened, DISPATCHER, span, "docx", Language.ZH).status_code == 403
    assert oversight(opened, CHIEF, span, "pdf", Language.ZH).status_code == 404
    later = span_of(Period.MONTH, TODAY + timedelta(days=40))
    assert oversight(opened, CHIEF, later, "docx", Language.ZH).status_code == 404
    assert oversight_link(span, "docx", Language.EN) == "/papers/oversight/month/2026-04-01.docx?lang=en"
