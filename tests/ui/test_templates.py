"""The templates of the tables that are taken in: what stands in them is what the readers read."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from dispatch.records.person import Job, Person, Post
from gis.crs import Datum
from tests.doors import noon_centre, programs_desk
from tests.towns import NOON
from ui.papers import table, template_link
from ui.services.centre import Centre
from ui.services.tabletemplates import Table
from ui.wording import Language

PLANNER = Person("plan", "p", (Post(Job.PLANNER, "990100001"),))


@pytest.fixture(scope="module")
def opened():
    with noon_centre() as centre:
        programs_desk(centre).set_roster("test", centre.scenario.teams(NOON))
        yield centre


def filled_in(opened: Centre, which: Table, language: Language, folder: Path) -> Path:
    """The template with its own example row typed into the first sheet."""
    book = load_workbook(io.BytesIO(bytes(table(opened, PLANNER, which.value, language).body)))
    header, example = [list(row) for row in book.worksheets[1].iter_rows(min_row=1, max_row=3, values_only=True)][::2]
    assert header[1:] == [cell.value for cell in book.worksheets[0][1]]
    for at, value in enumerate(example[1:], start=1):
        book.worksheets[0].cell(2, at).value = value
    path = folder / f"{which}.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize("language", list(Language))
def test_the_example_of_every_template_is_taken_in(opened, tmp_path, language):
    """A template that its own reader refuses would be worse than none."""
    premises, items, plan = (filled_in(opened, each, language, tmp_path) for each in Table)
    given = opened.inspections.read(premises, items, Datum.WGS84)
    assert ([one.id for one in given.premises], len(given.items), len(given.traits)) == (["EXAMPLE-1"], 1, 1)
    assert given.items[0].name
    looked = opened.plans.look_at_plan(plan, opened.today().year)
    assert {each.reason.code for each in looked.change.sheet.refused} == {"premises_unknown"}
    assert looked.change.sheet.faults == ()


def test_a_template_lists_the_codes_in_force(opened):
    """Eighteen departments cannot guess them."""
    book = load_workbook(io.BytesIO(bytes(table(opened, PLANNER, "plan", Language.ZH).body)))
    assert book.sheetnames == ["计划表模板", "示例", "部门", "场景", "事项", "执法人员", "检查类别"]
    listed = {
        sheet: {row[0] for row in book[sheet].iter_rows(min_row=2, values_only=True)} for sheet in book.sheetnames
    }
    published = {item.code for item in opened.rules.scenes.items.values() if item.published}
    assert listed["事项"] == published
    assert listed["部门"] == set(opened.rules.departments)
    assert listed["检查类别"] == {"daily", "special", "lead"}
    assert listed["执法人员"]
    assert all(cell.number_format == "@" for cell in book.worksheets[0][2])


def test_templates_are_for_who_may_open_the_screen(opened):
    """They name the officers of a town."""
    assert table(opened, None, "plan", Language.ZH).status_code == 404
    assert table(opened, PLANNER, "moon", Language.ZH).status_code == 404
    other = Person("a", "a", (Post(Job.ADMINISTRATOR, "990100001"),))
    assert table(opened, other, "plan", Language.ZH).status_code == 403
    assert template_link(Table.PLAN, Language.EN) == "/papers/tables/plan.xlsx?lang=en"
