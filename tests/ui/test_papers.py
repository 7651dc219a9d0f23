"""The papers of a day behind a link, and a form for leave that says what it lacks."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from docx import Document
from openpyxl import load_workbook

from dispatch.desk.draws import Draws
from dispatch.desk.inspections import Proposal
from dispatch.inspections import drawfile
from dispatch.inspections.planning import plan
from dispatch.inspections.registers import Credit, Risk, Traits
from dispatch.records.inspection import DueItem, Premises
from dispatch.records.person import Job, Person, Post
from dispatch.store import inspections
from tests.doors import noon_centre, programs_desk
from tests.towns import NOON
from ui.papers import answer, draw_link, draw_record, papers_link
from ui.screens.inspections.away import missing
from ui.services.centre import Centre
from ui.services.inspecting import to_show
from ui.wording import Language, wording

TOWN, OTHER = "990100001", "990100002"
DAY = date(2026, 4, 16)
SHOP = Premises("P1", "店P1", 121.5415, 29.8613, TOWN, 8 * 60, 20 * 60)
PLANNER = Person("plan", "p", (Post(Job.PLANNER, TOWN),))


@pytest.fixture(scope="module")
def opened() -> Iterator[Centre]:
    """One crew calls on one shop, which was moved to another town since."""
    with noon_centre() as centre:
        desk = programs_desk(centre)
        desk.set_roster("test", centre.scenario.teams(NOON))
        book = centre.inspections_of(desk)
        field = next(
            each.field for team in centre.casebook.teams() for who in team.officers for each in who.certificates
        )
        due = [DueItem("I1", "P1", "city", field, 30, DAY, DAY), DueItem("I2", "P2", "city", field, 600, DAY, DAY)]
        book.take_in("test", [SHOP, replace(SHOP, id="P2")], due)
        asked = book.question([TOWN], [DAY])
        book.adopt("test", Proposal(asked, plan(asked.programme, seconds=0.1), 1, 0.1))
        other = next(town for town in book.towns if town != TOWN)
        book.take_in("test", [replace(SHOP, town=other)], [])
        yield centre


@pytest.mark.parametrize("language", list(Language))
def test_the_link_gives_the_day_s_papers_in_one_zip(opened, language):
    """Also of a shop that the register has moved to another town meanwhile."""
    got = answer(opened, PLANNER, DAY, TOWN, language)
    assert got.status_code == 200
    with zipfile.ZipFile(io.BytesIO(bytes(got.body))) as papers:
        assert papers.testzip() is None
        notice = next(name for name in papers.namelist() if name.endswith(".docx"))
        told = "\n".join(
            cell.text
            for table in Document(io.BytesIO(papers.read(notice))).tables
            for row in table.rows
            for cell in row.cells
        )
    fields = opened.scenario.fields.values()
    assert any((each.name_zh if language is Language.ZH else each.name_en) + " (I1)" in told for each in fields)


def test_what_the_business_has_to_show_comes_from_the_list_of_items(opened):
    """It was read with the list and shown nowhere."""
    listed = opened.rules.scenes.items["S02-01"]
    asked = DueItem("I9", "P1", "market", "market", 20, DAY, DAY, name="S02-01")
    assert to_show(opened, asked) == listed.documents != ()
    assert to_show(opened, replace(asked, name="smoke")) == ()


def test_the_papers_count_what_is_undone_and_follow_the_streets(opened):
    """A map that leads across the river, and a count that says everything was planned, are believed."""
    with zipfile.ZipFile(io.BytesIO(bytes(answer(opened, PLANNER, DAY, TOWN, Language.ZH).body))) as papers:
        text = papers.read("说明.txt").decode()
        features = json.loads(papers.read("路线地图.geojson"))["features"]
        gpx = papers.read(next(name for name in papers.namelist() if name.endswith(".gpx"))).decode()
        book = load_workbook(io.BytesIO(papers.read("检查计划.xlsx")))
    assert "未排事项 1 项" in text
    assert "。；" not in text
    assert [row[0] for row in book["未排事项"].iter_rows(min_row=3, values_only=True)] == ["I2"]
    assert len(book["入企"]["A1"].value) < 40
    (way,) = (each for each in features if each["geometry"]["type"] == "LineString")
    assert way["properties"]["note"] == "沿道路"
    assert len(way["geometry"]["coordinates"]) > 3
    assert gpx.count("<trkpt") == len(way["geometry"]["coordinates"])


def test_the_papers_count_what_came_after_the_calendar_and_name_the_body(opened):
    """A shop found closed is due again: a paper that says nothing is left would be believed."""
    item = DueItem("I3", "P2", "city", "food", 30, DAY, DAY)
    with opened.casebook.writing() as page:
        inspections.keep_items(page, [item])
    with zipfile.ZipFile(io.BytesIO(bytes(answer(opened, PLANNER, DAY, TOWN, Language.ZH).body))) as papers:
        left = load_workbook(io.BytesIO(papers.read("检查计划.xlsx")))["未排事项"]
        form = Document(io.BytesIO(papers.read(next(name for name in papers.namelist() if name.endswith(".docx")))))
    rows = {row[0]: row for row in left.iter_rows(min_row=3, values_only=True)}
    assert set(rows) == {"I2", "I3"}
    assert "排期采用后才列入或退回待查" in rows["I3"]
    cells = {cell.text for table in form.tables for row in table.rows for cell in row.cells}
    assert opened.rulebook.bodies[TOWN].name_zh in cells


def test_papers_are_still_printed_when_an_officer_has_left(opened):
    """A day that was inspected stays on paper, whoever is on the roster a month later."""
    (gone,) = {who for each in opened.books.now().force.outings.values() for who in each.officers[:1]}
    teams = opened.casebook.teams()
    left = [replace(team, officers=tuple(who for who in team.officers if who.id != gone)) for team in teams]
    programs_desk(opened).set_roster("test", left)
    try:
        assert answer(opened, PLANNER, DAY, TOWN, Language.ZH).status_code == 200
    finally:
        programs_desk(opened).set_roster("test", teams)


def test_papers_are_for_who_sees_the_town(opened):
    """A shop's approval is nobody's business in the next town, and a stranger is not told that it exists."""
    elsewhere = replace(PLANNER, posts=(Post(Job.PLANNER, OTHER),))
    assert answer(opened, None, DAY, TOWN, Language.ZH).status_code == 404
    assert answer(opened, elsewhere, DAY, TOWN, Language.ZH).status_code == 403
    assert answer(opened, elsewhere, DAY, "", Language.ZH).status_code == 404
    assert answer(opened, PLANNER, date(2026, 4, 17), "", Language.ZH).status_code == 404
    assert papers_link(DAY, TOWN, Language.EN) == "/papers/2026-04-16?town=990100001&lang=en"


@pytest.mark.parametrize("job", [Job.ADMINISTRATOR, Job.DISPATCHER])
def test_papers_are_for_who_may_open_the_screen(opened, job):
    """Names and hours of visits to come are not for every account of the town."""
    other = replace(PLANNER, posts=(Post(job, TOWN),))
    assert answer(opened, other, DAY, TOWN, Language.ZH).status_code == 403
    assert answer(opened, other, DAY, "", Language.ZH).status_code == 403


def test_papers_are_not_had_with_a_printed_password(opened):
    """It is good for choosing an own one, and for nothing else."""
    new = replace(PLANNER, must_change=True)
    assert answer(opened, new, DAY, TOWN, Language.ZH).status_code == 403


def test_the_record_of_a_draw_proves_it_to_who_sees_its_towns(opened):
    """It carries the officers' ids and conflicts: no paper for the next town, and none before the seed."""
    book, rules = opened.inspections_of(programs_desk(opened)), opened.rules
    book.take_in("test", [replace(SHOP, id="P7")], [], {"P7": Traits("small_shop", Risk.LOW, Credit.B)})
    draws = Draws(book, rules.scenes, rules.risks)
    codes = [item.code for item in rules.scenes.scenes["small_shop"].items if item.published][:1]
    one = draws.open("test", "notice 7", [TOWN], "small_shop", codes, 1, 2, "lottery")
    assert draw_record(opened, PLANNER, one.id).status_code == 404
    draws.draw("test", one.id, "07 11 19")
    got = draw_record(opened, PLANNER, one.id)
    read = drawfile.from_json(bytes(got.body).decode(), "record")
    assert read is not None
    assert drawfile.against(*read) == ()
    assert draw_record(opened, replace(PLANNER, posts=(Post(Job.PLANNER, OTHER),)), one.id).status_code == 403
    assert draw_record(opened, None, one.id).status_code == 404
    assert draw_record(opened, PLANNER, "D9999").status_code == 404
    assert draw_link("D0001") == "/papers/draw/D0001.json"


def test_the_form_for_leave_names_what_is_missing():
    """Nobody presses a button that stays silent."""
    w = wording(Language.EN)
    assert missing(w, "a", DAY, DAY) is None
    said = missing(w, None, DAY, None)
    assert said is not None
    assert not said.done
    assert w("inspections.officer") in said.words
    assert w("inspections.away_to") in said.words
