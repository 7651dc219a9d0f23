"""Tickets from another system: what is read, what is refused, and that nothing is lost or doubled."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from openpyxl import Workbook, load_workbook

from dispatch.desk.sheets import read_sheet, write_faults
from dispatch.desk.ticketmap import TicketMap, read_map
from dispatch.desk.tickets import LONGEST_TEXT, Tickets, read_tickets
from dispatch.records.case import Procedure
from dispatch.records.incident import Status
from dispatch.rulebook.matters import IMPORTED_UNCLASSIFIED_WITHIN, Matter, Source
from gis.schemas import BadInput, Fault

TRADING = Matter(
    "M1",
    "C01",
    "占道经营",
    "Street trading",
    "",
    "city",
    2,
    timedelta(hours=2),
    Procedure.SIMPLE,
    "条例",
    Source.ILLUSTRATIVE,
)
MATTERS = {"M1": TRADING}
CELL = "330203001001001"

MAP = """
[columns]
id = "No"
text = "Words"
lon = "X"
lat = "Y"
reported_at = "Opened"
due_at = "Due"
closed_at = "Closed"
category = "Kind"
address = "Street"
[options]
datum = "wgs84"
timezone = "America/New_York"
[matters]
"Hawker" = "M1"
"""


PLAIN_MAP = MAP[: MAP.index("[matters]")].replace(
    'due_at = "Due"\nclosed_at = "Closed"\ncategory = "Kind"\naddress = "Street"\n', ""
)


def one_cell(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Sequence[str]:
    """A district of one cell: 121 to 122 east, 29 to 30 north."""
    return [CELL if 121 <= x < 122 and 29 <= y < 30 else "" for x, y in zip(lon, lat, strict=True)]


def a_ticket(**changes: str) -> dict[str, str]:
    ticket = {
        "No": "1", "Words": "a stall on the pavement", "X": "121.5", "Y": "29.8", "Opened": "2026-03-01 10:00:00",
        "Due": "", "Closed": "", "Kind": "", "Street": "",
    }  # fmt: skip
    return ticket | changes


def written(path: Path, tickets: Sequence[Mapping[str, str]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(a_ticket()))
        writer.writeheader()
        writer.writerows(tickets)
    return path


def the_map(tmp_path: Path, text: str = MAP) -> TicketMap:
    path = tmp_path / "map.toml"
    path.write_text(text, encoding="utf-8")
    return read_map(path, MATTERS)


def read(tmp_path: Path, *tickets: Mapping[str, str], text: str = MAP) -> Tickets:
    return read_tickets(written(tmp_path / "t.csv", tickets), the_map(tmp_path, text), MATTERS, one_cell)


def test_a_ticket_becomes_a_reported_incident_in_its_cell(tmp_path):
    """Local clock to UTC, point to cell, cell to town: the three joins everything later stands on."""
    (incident,) = read(tmp_path, a_ticket()).incidents
    assert incident.id == "1"
    assert incident.reported_at == datetime(2026, 3, 1, 15, 0, tzinfo=UTC)
    assert (incident.cell, incident.town) == (CELL, CELL[:9])
    assert incident.status is Status.REPORTED
    assert incident.source == "import"


def test_gcj02_points_are_moved_to_wgs84(tmp_path):
    """A forgotten conversion is five cells."""
    text = MAP.replace("wgs84", "gcj02")
    (incident,) = read(tmp_path, a_ticket(X="121.5541583", Y="29.8714173"), text=text).incidents
    assert (incident.lon, incident.lat) == pytest.approx((121.55, 29.874), abs=1e-6)


def test_the_matter_sets_priority_and_due_time(tmp_path):
    (incident,) = read(tmp_path, a_ticket(Kind="Hawker")).incidents
    assert (incident.matter, incident.priority) == ("M1", 2)
    assert incident.due_at - incident.reported_at == TRADING.respond_within


def test_a_category_nobody_mapped_stays_unclassified(tmp_path):
    """It waits in the queue for a dispatcher rather than being refused."""
    (incident,) = read(tmp_path, a_ticket(Kind="Comet")).incidents
    assert (incident.matter, incident.priority) == ("", 3)
    assert incident.due_at - incident.reported_at == IMPORTED_UNCLASSIFIED_WITHIN


def test_a_promise_made_elsewhere_is_kept(tmp_path):
    (incident,) = read(tmp_path, a_ticket(Kind="Hawker", Due="2026-03-02 10:00:00")).incidents
    assert incident.due_at == datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def test_a_closed_ticket_comes_in_closed(tmp_path):
    """History must not fill the queue."""
    (incident,) = read(tmp_path, a_ticket(Closed="2026-03-01 12:00:00")).incidents
    assert incident.status is Status.CLOSED
    assert incident.closed_at == datetime(2026, 3, 1, 17, 0, tzinfo=UTC)


def test_a_ticket_outside_the_district_is_kept_without_a_cell(tmp_path):
    """A real incident near the border must not be lost because our outline is simplified."""
    (incident,) = read(tmp_path, a_ticket(X="122.5")).incidents
    assert (incident.cell, incident.town, incident.lon) == ("", "", 122.5)


def test_an_address_without_a_point_is_kept_for_a_dispatcher_to_place(tmp_path):
    tickets = read(tmp_path, a_ticket(X="", Y="", Street="解放南路 1 号"), a_ticket(No="2"))
    assert np.isnan(tickets.incidents[0].lon)
    assert tickets.incidents[0].cell == ""


@pytest.mark.parametrize(
    ("changes", "column", "found"),
    [
        ({"Y": "200"}, "Y", "'200'"),
        ({"X": "nan"}, "X", "'nan'"),
        ({"X": "inf"}, "X", "'inf'"),
        ({"X": "", "Y": ""}, "X", "nothing"),
        ({"X": "12,5"}, "X", "'12,5'"),
        ({"No": " "}, "No", "nothing"),
        ({"Opened": ""}, "Opened", "nothing"),
        ({"Opened": "03/04/2026 10:00"}, "Opened", "'03/04/2026 10:00'"),
        ({"Opened": "0001-01-01"}, "Opened", "'0001-01-01'"),
        ({"Opened": "2026-03-08 02:30:00"}, "Opened", "'2026-03-08 02:30:00'"),
        ({"Closed": "yesterday"}, "Closed", "'yesterday'"),
        ({"Words": "x" * (LONGEST_TEXT + 1)}, "Words", "10,001 characters"),
        ({"Words": "a\0b"}, "Words", "a zero byte or half a character"),
    ],
)
def test_a_bad_row_is_named_and_the_rest_comes_in(tmp_path, changes, column, found):
    """The fault names row and column as the user's spreadsheet does."""
    tickets = read(tmp_path, a_ticket(No="good"), a_ticket(**changes))
    assert [incident.id for incident in tickets.incidents] == ["good"]
    assert tickets.rejected == 1
    fault = tickets.faults[0]
    assert (fault.file, fault.row, fault.column, fault.found) == ("t.csv", 3, column, found)


def test_an_hour_that_comes_twice_is_taken_as_the_first(tmp_path):
    """Autumn 2026 in New York: 1 November, 01:30 stands twice; the first is still summer time."""
    (incident,) = read(tmp_path, a_ticket(Opened="2026-11-01 01:30:00")).incidents
    assert incident.reported_at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-03-01T23:00:00+08:00", "2026-03-01T15:00:00Z", "2026/3/1 10:00", "2026年3月1日 10:00"]
)
def test_times_with_an_offset_keep_it_and_year_first_dates_are_read(tmp_path, text):
    (incident,) = read(tmp_path, a_ticket(Opened=text)).incidents
    assert incident.reported_at == datetime(2026, 3, 1, 15, 0, tzinfo=UTC)


def test_month_first_dates_are_read_when_the_map_says_so(tmp_path):
    text = MAP.replace("[options]", '[options]\ntime_format = "%m/%d/%Y %H:%M"')
    (incident,) = read(tmp_path, a_ticket(Opened="03/01/2026 10:00"), text=text).incidents
    assert incident.reported_at == datetime(2026, 3, 1, 15, 0, tzinfo=UTC)


def test_the_same_row_again_is_a_duplicate(tmp_path):
    tickets = read(tmp_path, a_ticket(), a_ticket(), a_ticket(No="2"))
    assert (len(tickets.incidents), tickets.duplicates, tickets.rejected) == (2, 1, 0)


def test_one_id_for_two_stories_names_both_rows(tmp_path):
    """Which of the two is meant is not ours to guess."""
    tickets = read(tmp_path, a_ticket(), a_ticket(Words="something else"))
    assert (len(tickets.incidents), tickets.duplicates, tickets.rejected) == (1, 0, 1)
    assert tickets.faults[0].row == 3
    assert "row 2" in tickets.faults[0].expected


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_row_is_kept_a_duplicate_or_rejected(tmp_path_factory, data):
    """rows = imported + duplicates + rejected, whatever comes in."""
    values = st.sampled_from(["1", "2", "", "200", "nan", "121.5", "29.8", "x", "2026-03-01", "=cmd|' /C calc'!A0"])
    row = st.fixed_dictionaries(dict.fromkeys(a_ticket(), values))
    rows = data.draw(st.lists(row, max_size=12))
    tickets = read(tmp_path_factory.mktemp("t"), a_ticket(No="good"), *rows)
    written_rows = 1 + sum(any(row.values()) for row in rows)
    assert tickets.rows == written_rows == len(tickets.incidents) + tickets.duplicates + tickets.rejected
    assert len({incident.id for incident in tickets.incidents}) == len(tickets.incidents)


def test_texts_that_could_do_harm_are_kept_as_they_are(tmp_path):
    """Making them harmless is for whoever shows them; changing a citizen's words is for nobody."""
    texts = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "文" * LONGEST_TEXT, 'a "quoted",\nsecond line']
    tickets = read(tmp_path, *(a_ticket(No=str(n), Words=text) for n, text in enumerate(texts)))
    assert [incident.text for incident in tickets.incidents] == texts


@pytest.mark.parametrize(("x", "y"), [("29.8", "121.5"), ("29.8", "61.5")])
def test_exchanged_longitude_and_latitude_are_refused(tmp_path, x, y):
    """In China the latitude is out of range; elsewhere only the district's place on the globe tells."""

    def far_cell(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Sequence[str]:
        return [CELL if a > 60 and b < 30 else "" for a, b in zip(lon, lat, strict=True)]

    path = written(tmp_path / "t.csv", [a_ticket(X=x, Y=y)])
    with pytest.raises(BadInput, match=r"Y|exchanged"):
        read_tickets(path, the_map(tmp_path), MATTERS, far_cell)


def test_a_missing_column_is_refused_with_what_was_found(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("No,Words\n1,a\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"t\.csv, row 1, column X: found the columns 'No', 'Words'"):
        read_tickets(path, the_map(tmp_path), MATTERS, one_cell)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ('datum = "wgs84"', "", "no datum"),
        ('datum = "wgs84"', 'datum = "mars"', "'mars'"),
        ("America/New_York", "New York", "options.timezone"),
        ('timezone = "America/New_York"', "", "options.timezone"),
        ('id = "No"', 'identity = "No"', "'identity'"),
        ('"Hawker" = "M1"', '"Hawker" = "M9"', "matters.Hawker"),
        ("[matters]", "[matter]", "'matter'"),
        ('id = "No"', "id = 7", "columns.id"),
        ("[columns]", "[columns", "no TOML"),
    ],
)
def test_a_map_that_leaves_room_for_guessing_is_refused(tmp_path, before, after, named):
    with pytest.raises(BadInput, match=r"map\.toml") as refused:
        the_map(tmp_path, MAP.replace(before, after))
    assert named in str(refused.value)


def as_xlsx(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_workbook_may_hold_real_dates_and_numbers(tmp_path):
    """Excel gives 7.0 for the id 7 and a date for a date; blank lines at the end are no tickets."""
    text = PLAIN_MAP
    opened = datetime(2026, 3, 1, 10, 0)  # noqa: DTZ001 - Excel knows no zones
    rows = [["No", "Words", "X", "Y", "Opened"], [7.0, "stall", 121.5, 29.8, opened], [None] * 5]
    tickets = read_tickets(as_xlsx(tmp_path / "t.xlsx", rows), the_map(tmp_path, text), MATTERS, one_cell)
    assert tickets.rows == 1
    assert tickets.incidents[0].id == "7"
    assert tickets.incidents[0].reported_at == datetime(2026, 3, 1, 15, 0, tzinfo=UTC)


def test_geojson_points_need_no_columns_for_lon_and_lat(tmp_path):
    text = PLAIN_MAP.replace('lon = "X"\nlat = "Y"\n', "")
    properties = {"No": 1, "Words": "stall", "Opened": "2026-03-01T15:00:00Z"}
    features = [
        {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": [121.5, 29.8]}},
        {"type": "Feature", "properties": properties, "geometry": {"type": "LineString", "coordinates": [[1, 2]]}},
    ]
    path = tmp_path / "t.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    tickets = read_tickets(path, the_map(tmp_path, text), MATTERS, one_cell)
    assert tickets.incidents[0].cell == CELL
    assert (tickets.faults[0].row, tickets.faults[0].column) == (2, "geometry")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("header.csv", b"No,Words,X,Y,Opened\n"),
        ("blank.csv", b"\n\n"),
        ("twice.csv", b"No,No\n1,2\n"),
        ("open_quote.csv", b'No,Words\n1,"a\n2,b\n'),
        ("gbk.csv", "No,Words\n1,占道\n".encode("gb18030")),
        ("cut.csv.gz", gzip.compress(b"No,Words\n1,a\n" * 500, mtime=0)[:60]),
        ("no_gzip.csv.gz", b"No,Words\n1,a\n"),
        ("cut.xlsx", b"PK\x03\x04 and then nothing"),
        ("cut.geojson", b'{"type": "FeatureCollection", "features": ['),
        ("list.geojson", b"[1, 2]"),
        ("metres.geojson", b'{"features": [], "crs": {"properties": {"name": "EPSG:4549"}}}'),
        ("tickets.pdf", b"%PDF"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_by_name(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=name):
        read_sheet(path)


def test_a_workbook_cut_off_in_the_middle_is_refused(tmp_path):
    path = as_xlsx(tmp_path / "t.xlsx", [["No"], *[[n] for n in range(500)]])
    path.write_bytes(path.read_bytes()[:-900])
    with pytest.raises(BadInput, match=r"t\.xlsx"):
        read_sheet(path)


def test_a_row_with_too_many_fields_is_named(tmp_path):
    """An unquoted comma moves every later field; such a row must not slip through with wrong values."""
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n1,2,3\n", encoding="utf-8")
    good, bad = read_sheet(path).rows
    assert good.fault is None
    assert bad.fault is not None
    assert bad.fault.row == 3


def test_formulas_in_the_error_sheet_stay_text(tmp_path):
    """The sheet goes back to somebody's spreadsheet program, which must not run what a stranger wrote."""
    path = tmp_path / "errors.xlsx"
    write_faults([Fault("t.csv", 3, "=X", "=cmd|' /C calc'!A0", "+1\x0b")], path)
    page = load_workbook(path).active
    assert [cell.value for cell in page[1]] == ["row", "column", "found", "expected"]
    assert [cell.value for cell in page[2]] == [3, "=X", "=cmd|' /C calc'!A0", "+1\N{REPLACEMENT CHARACTER}"]
    assert [cell.data_type for cell in page[2]] == ["n", "s", "s", "s"]
    assert list(tmp_path.iterdir()) == [path]
