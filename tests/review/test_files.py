"""Workbook, agendas, routes and map open in other people's programs and say what the plan says."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import geopandas as gpd
import gpxpy
import icalendar
import openpyxl
import pyogrio
import pytest
from docx import Document
from hypothesis import HealthCheck, example, given, settings
from hypothesis.strategies import text
from openpyxl.utils.escape import unescape

from dispatch.review.agenda import agenda
from dispatch.review.forms import notices
from dispatch.review.plain import file_name, in_line, plain
from dispatch.review.tracks import geojson, gpx
from dispatch.review.wording import words
from dispatch.review.workbook import workbook
from tests.review.conftest import MADE_UP, MONDAY, PREMISES, SHANGHAI, TROUBLE


def read(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def rows(sheet) -> list[dict[str, object]]:
    _, header, *values = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in values]


def test_the_workbook_has_a_row_for_every_visit_crew_undone_item_and_premises(papers):
    """The sheet is what is sorted, filtered and sent on; it must hold all of it."""
    book = read(workbook(papers, words("en")))
    assert book.sheetnames == ["about", "visits", "crews", "checks without a visit", "avoided"]
    first = rows(book["visits"])[0]
    assert first["date"].date() == MONDAY
    assert (first["arrive"], first["leave"], first["premises"]) == ("09:05", "10:25", "阳光小吃店")
    assert (first["items"], first["inspectors"]) == ("食品经营许可; N2; N3; N4", "李明; o2")
    assert [row["act code"] for row in rows(book["visits"])] == [papers.codes[id] for id in ("V1", "V2", "V3", "V4")]
    assert [(row["crew"], row["visits"], row["checks"], row["minutes on the way"]) for row in rows(book["crews"])] == [
        ("C1", 2, 6, 25),
        ("C2", 1, 1, 12),
        ("C1", 1, 2, 9),
    ]
    undone = [
        (row["item id"], row["premises id"], row["why without a visit"]) for row in rows(book["checks without a visit"])
    ]
    assert undone == [("B1", "P3", "no officer has time left"), ("gone", None, "reason_of_tomorrow")]
    assert [(row["checks"], row["visits"], row["avoided"]) for row in rows(book["avoided"])] == [
        (4, 1, 3),
        (3, 2, 1),
        (2, 1, 1),
    ]


def test_no_cell_is_a_formula_whatever_it_begins_with(papers):
    """A shop called =cmd|… must not run anything on the desk of whoever opens the list."""
    content = workbook(replace(papers, names={"o1": "+1", "D1": "@SUM(A1)", "N1": "-2", "T1": "\t=1"}), words("zh"))
    cells = [cell for sheet in read(content) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n", "d"}
    assert all(cell.quotePrefix for cell in cells if str(cell.value).startswith(("=", "+", "-", "@")))
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if "worksheets/" in name]
    assert len(sheets) == 5
    assert not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)


def test_a_troublesome_name_comes_back_from_its_cell(papers):
    """Only what a workbook cannot hold is replaced, and that visibly."""
    found = {unescape(row["premises"]) for row in rows(read(workbook(papers, words("en")))["visits"])}
    assert found == {"阳光小吃店", plain(TROUBLE), "夜宵"}


def test_a_text_that_is_too_long_for_a_cell_is_cut_at_a_whole_character(papers):
    """Excel calls a file with a longer one damaged."""
    papers = replace(papers, names={"N1": "🍜" * 40_000})
    first = rows(read(workbook(papers, words("en")))["visits"])[0]["items"]
    assert len(first.encode("utf-16-le")) // 2 in (32_766, 32_767)
    assert set(first) == {"🍜"}


def test_every_sheet_is_labelled_on_the_screen_and_in_print(papers):
    """A row copied out of its book looks like any other shop."""
    papers = replace(papers, made_up="合成 & 示例" + "很长" * 300)
    book = read(workbook(papers, words("zh")))
    assert any("合成 & 示例" in str(row[0].value) for row in book.worksheets[0].iter_rows())
    for sheet in book:
        assert sheet["A1"].value.endswith(words("zh")("page.made_up"))
        assert words("zh")("page.made_up") in sheet.oddHeader.center.text
        assert len(sheet.oddHeader.center.text) <= 255
        assert sheet.print_title_rows == "$1:$2"


def test_an_agenda_has_an_event_for_every_call_at_the_hour_of_the_place(papers):
    """A phone in another zone still rings at the right moment."""
    read = icalendar.Calendar.from_ical(agenda(papers, papers.crews(), "组", words("zh")))
    events = read.walk("VEVENT")
    assert [event.start for event in events] == [
        datetime(2026, 3, 2, 9, 5, tzinfo=SHANGHAI),
        datetime(2026, 3, 2, 11, 40, tzinfo=SHANGHAI),
        datetime(2026, 3, 3, 9, 0, tzinfo=SHANGHAI),
        datetime(2026, 3, 3, 23, 20, tzinfo=SHANGHAI),
    ]
    assert events[-1].end == datetime(2026, 3, 4, tzinfo=SHANGHAI)
    assert [zone["TZID"] for zone in read.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    assert events[0]["SUMMARY"] == "检查 阳光小吃店"
    assert events[0]["GEO"].to_ical() == "29.861;121.541"
    assert all(words("zh")("page.made_up") in event["DESCRIPTION"] for event in events)
    assert papers.codes["V1"] in events[0]["DESCRIPTION"]
    assert events[1]["LOCATION"] == in_line(TROUBLE)
    assert len({event["UID"] for event in events}) == 4


def test_a_call_that_moves_to_another_day_keeps_its_event(papers):
    """Read again, the new plan moves the event and leaves no ghost on the old day."""
    crew, *rest = papers.calendar.crews
    later = replace(crew, day=crew.day + timedelta(days=1))
    moved = replace(papers, calendar=replace(papers.calendar, crews=(later, *rest)))

    def events(of):
        found = icalendar.Calendar.from_ical(agenda(of, of.crews(), "", words("zh"))).walk("VEVENT")
        return {str(event["UID"]): event.start for event in found}

    before, after = events(papers), events(moved)
    assert before.keys() == after.keys()
    assert sum(before[uid] != after[uid] for uid in before) == 1


def test_a_route_goes_from_the_base_by_every_door_and_home(papers):
    """The officer at the wheel follows it in this order."""
    content = gpx(papers, papers.crews()[0], words("en"))
    (route,) = gpxpy.parse(content.decode()).routes
    assert [(point.longitude, point.latitude) for point in route.points] == [
        (121.54, 29.86),
        (121.541, 29.861),
        (121.552, 29.862),
        (121.54, 29.86),
    ]
    assert route.points[1].time == datetime(2026, 3, 2, 1, 5, tzinfo=UTC)
    assert route.points[1].name == "1. 阳光小吃店"
    assert route.points[2].name == "2. " + plain(TROUBLE)
    assert MADE_UP in gpxpy.parse(content.decode()).description


def test_the_map_opens_with_points_and_lines_where_the_plan_has_them(papers, tmp_path):
    """Read by GDAL, which is what every desktop map reads with."""
    path = tmp_path / "routes.geojson"
    path.write_bytes(geojson(papers, words("en")))
    frame = pyogrio.read_dataframe(path)
    assert frame.crs.to_epsg() == 4326
    visits = frame[frame["kind"] == "visit"]
    assert list(visits["act_code"]) == [papers.codes[id] for id in ("V1", "V2", "V3", "V4")]
    assert [(point.x, point.y) for point in visits.geometry] == [
        (PREMISES[id].lon, PREMISES[id].lat) for id in ("P1", "P2", "P2", "P4")
    ]
    # The night crew has one call and no base: a line needs two ends.
    lines = frame[frame["kind"] == "route"]
    assert [len(line.coords) for line in lines.geometry] == [4, 3]
    assert frame["data"].eq(words("en")("page.made_up")).all()
    assert visits.iloc[1]["premises"] == plain(TROUBLE)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text(min_size=1, max_size=40))
@example(" ")
@example("a\x85b\u2028c\u2029d\te")
@example("BEGIN:VEVENT\r\nEND:VCALENDAR;,\\n")
@example("]]></name><wpt/>&amp;")
@example("_x000D_\ufffe\U000e0001\u202e")
def test_any_name_at_all_comes_back_from_every_file(papers, name):
    """Lists come from offices, phones and other systems; whatever stands in them, the papers are written and read."""
    papers = replace(papers, premises=PREMISES | {"P1": replace(PREMISES["P1"], name=name)})
    crew = papers.crews()[0]
    shown = name if name.strip() else "P1"
    line = in_line(shown)
    event = icalendar.Calendar.from_ical(agenda(papers, [crew], name, words("en"))).walk("VEVENT")[0]
    assert event["LOCATION"] == line
    point = gpxpy.parse(gpx(papers, crew, words("en")).decode()).routes[0].points[1]
    assert in_line(point.name) == in_line(f"1. {shown}")
    visit = json.loads(geojson(papers, words("en")))["features"][1]["properties"]
    assert visit["premises"] == plain(shown)
    (cell,) = {row["premises"] for row in rows(read(workbook(papers, words("en")))["visits"]) if row["visit"] == "V1"}
    assert in_line(unescape(cell or "")) == line
    form = Document(io.BytesIO(notices(papers, crew, words("en"))))
    assert in_line(form.paragraphs[1].text) == in_line(f"{shown}: ")


def test_an_empty_calendar_gives_files_that_open(nothing, tmp_path):
    """A week without inspections is a plan too."""
    path = tmp_path / "routes.geojson"
    path.write_bytes(geojson(nothing, words("zh")))
    assert json.loads(path.read_text("utf-8"))["features"] == []
    assert len(gpd.read_file(path)) == 0
    book = read(workbook(nothing, words("zh")))
    assert [len(rows(book[name])) for name in book.sheetnames[1:]] == [0, 0, 0, 0]
    assert not icalendar.Calendar.from_ical(agenda(nothing, [], "无", words("zh"))).walk("VEVENT")


@pytest.mark.parametrize(
    "text", ["", "..", "/etc/passwd", "C:\\x", TROUBLE, "很" * 300, "\x00", "-rf", ".hidden", "a\nb"]
)
def test_a_file_name_stays_in_its_folder(text):
    """An id from somebody's list must not choose where the file lands."""
    name = file_name(text)
    assert name
    assert not set(name) & set('/\\:*?"<>|\x00\n ')
    assert not name.startswith((".", "-"))
    assert len(name.encode()) <= 90
