"""Departments' plans: what the law and the lists let pass, and what goes back with its reason."""

from datetime import date, time

import pytest
from openpyxl import Workbook, load_workbook

from dispatch.desk.plansheets import table_of
from dispatch.desk.tomend import Wrong, write_to_mend
from dispatch.inspections.plans import PERSON_RULES, REFUSALS, RULES, plan_of, side_by_side
from dispatch.inspections.registers import inspectors_of, premises_of
from dispatch.rulebook.lists import ListFile
from tests.dispatch.inspections.street import SCENES, ground, people, plan


def codes(of, **row):
    return [refused.reason.code for refused in plan(of, row).refused]


def test_a_plain_line_is_taken():
    """Otherwise the tests below would pass on a reader that refuses everything."""
    read = plan(ground(), {})
    assert [line.id for line in read.lines] == ["L1"]
    assert read.all_faults == ()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"premises_id": "P9"}, "premises_unknown"),
        ({"item": "S99-01"}, "item_unknown"),
        ({"basis": ""}, "basis_missing"),
        ({"inspectors": "O1;O5;G1"}, "not_an_officer"),
        ({"inspectors": "O1;O5;A1"}, "not_an_officer"),
        ({"inspectors": "O1;O5;X"}, "inspector_unknown"),
        ({"inspectors": "O1;O2;O5"}, "inspector_in_conflict"),
        ({"inspectors": "O1"}, "named_no_crew"),
        ({"inspectors": "O1;O7"}, "named_no_crew"),
        ({"inspectors": "O6;O8"}, "named_no_certificate"),
        ({"department": "fire"}, "item_of_another_department"),
        ({"department": "fir"}, "department_unknown"),
        ({"item": "S03-01"}, "item_of_another_type"),
        ({"times": "5"}, "too_often"),
        ({"premises_id": "P2"}, "only_by_draw"),
    ],
)
def test_every_rule_refuses_what_it_is_for(row, code):
    """One line, one fault, one reason: whoever mends the sheet must not guess."""
    crew = people(
        {},
        {"conflicts": "P1"},
        {"officer_id": "G1", "role": "grid_worker"},
        {"officer_id": "A1", "role": "auxiliary"},
        {},
        {"certificates": "fire"},
        {"town": "B"},
        {"certificates": "fire"},
    )
    here = ground({}, {"risk": "low", "credit": "A"}, inspectors=crew)
    assert codes(here, **row) == [code]
    assert [fault.column for fault in plan(here, row).all_faults] == [REFUSALS[code][0]]


def test_everybody_who_may_not_go_is_named_at_once():
    """A sheet with two auxiliaries went back twice."""
    crew = people({}, {}, {"officer_id": "A1", "role": "auxiliary"}, {"officer_id": "A2", "role": "auxiliary"})
    (first, *rest) = plan(ground(inspectors=crew), {"inspectors": "O1;A1;X;O2;A2;Y"}).refused
    told = [(each.reason.code, each.reason.values["person"]) for each in (first, *rest)]
    wanted = [
        ("not_an_officer", "A1"),
        ("inspector_unknown", "X"),
        ("not_an_officer", "A2"),
        ("inspector_unknown", "Y"),
    ]
    assert told == wanted


def test_an_unpublished_item_is_refused_even_of_its_own_department():
    """State Council, document 54 of 2024: what is not published may not be inspected."""
    stall = ground({"type": "food_stall"})
    assert codes(stall, item="S03-05", department="traffic") == ["item_unpublished"]


def test_the_same_item_at_the_same_premises_is_planned_once():
    """Two lines from two sheets would be two visits for one check."""
    read = plan(ground(), {}, {})
    assert [(refused.line.id, refused.reason.code) for refused in read.refused] == [("L2", "planned_twice")]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"first": "2026-05-20", "last": "2026-05-01"}, "last"),
        ({"first": "2026-05-20"}, "last"),
        ({"first": "2026-02-30", "last": "2026-03-01"}, "first"),
        ({"first": "2026-05-01", "last": "2026-05-20", "times": "2"}, "times"),
        ({"times": "0"}, "times"),
        ({"occasion": "raid"}, "occasion"),
    ],
)
def test_a_line_that_makes_no_sense_is_named_by_its_cell(row, column):
    """Dates the wrong way round are the commonest slip in these sheets."""
    read = plan(ground(), row)
    assert [(fault.row, fault.column) for fault in read.all_faults] == [(2, column)]
    assert read.lines == ()


def test_every_code_has_its_column_and_every_rule_its_code():
    """A reason that the sheet of faults cannot word stops the whole upload."""
    beyond_one_line = {"planned_twice", "line_id_twice", "line_begun", "cap_reached"}
    assert len(RULES) + len(PERSON_RULES) + len(beyond_one_line) == len(REFUSALS)


def test_departments_number_their_lines_as_they_like():
    """Every department's sheet begins with line 1; only the same department may not use it twice."""
    here = ground()
    market, fire = plan(here, {}), plan(here, {"item": "S02-03", "department": "fire"})
    again = plan(here, {"premises_id": "P2"})
    sheets = side_by_side([market, fire, again], here)
    assert [len(sheet.lines) for sheet in sheets] == [1, 1, 0]
    assert [refused.reason.code for refused in sheets[2].refused] == ["line_id_twice"]


def test_what_another_sheet_has_planned_already_is_refused():
    """The clerk who sends the sheet of last week once more must not double the visits."""
    here = ground()
    first, second = side_by_side([plan(here, {}), plan(here, {"line_id": "M7"})], here)
    assert len(first.lines) == 1
    assert [refused.reason.code for refused in second.refused] == ["planned_twice"]


def book(path, *rows):
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    workbook.save(path)
    return path


def test_a_workbook_is_read_and_the_rows_to_mend_come_back_as_one(tmp_path):
    """What the departments send is a workbook, and what they can mend is a workbook."""
    premises = book(
        tmp_path / "premises.xlsx",
        ["premises_id", "name", "lon", "lat", "town", "type", "risk", "credit", "opens", "closes"],
        ["P1", "便民超市", 121.54, 29.86, "A", "small_shop", "high", "C", time(8, 30), time(22, 0)],
    )
    officers = book(
        tmp_path / "people.xlsx",
        ["officer_id", "town", "department", "certificates", "role"],
        ["O1", "A", "market", "market", ""],
        ["O2", "A", "fire", "fire", ""],
        ["G1", "A", "", "", "grid_worker"],
    )
    here = ground()
    here = type(here)(
        premises_of(*table_of(premises), SCENES.scenes), inspectors_of(*table_of(officers)), SCENES, here.risks
    )
    sheet = book(
        tmp_path / "plan.xlsx",
        ["line_id", "department", "premises_id", "item", "basis", "inspectors", "times", "first", "last"],
        ["L1", "market", "P1", "S02-01", "第一百一十条", "O1;O2", None, date(2026, 5, 1), date(2026, 5, 20)],
        [None] * 9,
        ["L2", "fire", "P1", "S02-03", "第五十三条", "O1;O2;G1", 2, None, None],
        ["L3", "fire", "P1", "S02-03", "第五十三条", "O1", 1, None, None, "a note too many"],
    )
    file, table = table_of(sheet)
    read = plan_of(file, table, here, 2026)
    assert [(line.id, line.first) for line in read.lines] == [("L1", date(2026, 5, 1))]
    assert not read.mended
    rows = {fault.row: Wrong(str(fault), [fault.column]) for fault in read.all_faults}
    write_to_mend(table, rows, tmp_path / "to-mend.xlsx")
    page = load_workbook(tmp_path / "to-mend.xlsx").active
    found = [[cell.value or "" for cell in row] for row in page.iter_rows(min_row=2)]
    assert [row[1:7] for row in found] == [
        ["L2", "fire", "P1", "S02-03", "第五十三条", "O1;O2;G1"],
        ["L3", "fire", "P1", "S02-03", "第五十三条", "O1"],
    ]
    assert "person G1, role grid_worker" in found[0][0]
    assert found[1][10] == "a note too many", "what stood beyond the header is not lost on the way back"
    page["K3"] = None
    page["G2"] = "O1;O2"
    page["D3"] = "P9"
    page.parent.save(tmp_path / "to-mend.xlsx")
    again = plan_of(*table_of(tmp_path / "to-mend.xlsx"), here, 2026)
    assert ([line.id for line in again.lines], again.mended) == (["L2"], True)
    assert [each.reason.code for each in again.refused] == ["premises_unknown"]


def test_all_that_is_wrong_with_a_row_is_said_at_once():
    """Whoever mends the date of a row must not learn a week later that its basis was missing too."""
    read = plan(
        ground(),
        {"first": "2026-05-20", "last": "2026-05-01", "basis": "", "premises_id": "P9"},
        {"item": "", "inspectors": "O1;O2;X"},
        {},
        {"basis": ""},
    )
    assert [(fault.row, fault.column) for fault in read.all_faults] == [
        (2, "last"),
        (2, "premises_id"),
        (2, "basis"),
        (3, "item"),
        (3, "inspectors"),
        (5, "basis"),
        (5, "item"),
    ]
    assert [line.row for line in read.lines] == [4]


def test_an_unknown_department_is_refused_with_the_nearest():
    """It would otherwise look as if the item were somebody else's."""
    assert codes(ground(), department="markets") == ["department_unknown"]
    (refused,) = plan(ground(), {"department": "markets"}).refused
    assert refused.reason.values == {"department": "markets", "nearest": "market"}


def test_a_header_is_read_in_chinese_english_or_both():
    """The office names its columns as its people speak."""
    header = ["计划项编号", "department", "对象编号 premises_id", "事项", "检查依据", "检查人员"]
    read = plan_of(ListFile("plan.csv"), [header, ["1", "market", "P1", "S02-01", "第一百一十条", ""]], ground(), 2026)
    assert [(line.id, line.premises) for line in read.lines] == [("1", "P1")]
