"""A round on paper and on a phone's map opens in other people's programs and says what the plan says."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime

import gpxpy
from docx import Document
from hypothesis import given, settings
from hypothesis.strategies import text

from dispatch.review.rounds import RoundSheet, SheetStop, gpx, sheet, write_rounds
from dispatch.review.wording import words
from tests.review.conftest import MADE_UP

LOOKS = (("主次干道", "占道经营", "无占道"), ("居民小区", "消防通道", "畅通"))
STOPS = (SheetStop(1, "甲村 001", 121.5415, 29.8613, 4, 10, LOOKS), SheetStop(2, "乙村 002", 121.55, 29.87, 20, 5, ()))
ROUND = RoundSheet(
    "X0001-1-004",
    "片区 1 · 第 1 轮",
    "甲镇",
    date(2026, 4, 15),
    40,
    STOPS,
    datetime(2026, 4, 13, 1, tzinfo=UTC),
    "巡查一组",
    (121.54, 29.86),
    MADE_UP,
)


def cells(content: bytes) -> list[str]:
    return [cell.text for table in Document(io.BytesIO(content)).tables for row in table.rows for cell in row.cells]


def test_the_sheet_has_every_look_with_a_box_to_tick():
    """What is not on the paper is not looked at where the phone has no battery."""
    written = cells(sheet(ROUND, words("zh")))
    assert written.count("□") == len(LOOKS)
    assert {text for look in LOOKS for text in look} <= {*written}
    document = Document(io.BytesIO(sheet(ROUND, words("zh"))))
    assert [p.text.partition("（")[0] for p in document.paragraphs if p.text[:1].isdigit()] == [
        "1. 甲村 001",
        "2. 乙村 002",
    ]
    assert document.sections[0].header.paragraphs[0].text == words("zh")("page.made_up")


def test_the_route_goes_from_the_base_by_every_cell_and_back():
    (route,) = gpxpy.parse(gpx(ROUND, words("en")).decode()).routes
    assert [(point.longitude, point.latitude) for point in route.points] == [
        (121.54, 29.86),
        (121.5415, 29.8613),
        (121.55, 29.87),
        (121.54, 29.86),
    ]
    assert "消防通道" in str(route.points[1].description)


@settings(max_examples=6)
@given(text(max_size=30))
def test_whatever_a_place_is_called_its_papers_open(name):
    """Names come from lists that anybody fills."""
    odd = RoundSheet(
        "X", name, name, ROUND.day, 1, [SheetStop(1, name, 121.5, 29.8, 0, 1, [(name,) * 3])], ROUND.made_at
    )
    assert cells(sheet(odd, words("en")))
    assert gpxpy.parse(gpx(odd, words("en")).decode()).routes


def test_a_zip_holds_a_sheet_and_a_route_for_every_round(tmp_path):
    """The same rounds give the same bytes."""
    assert write_rounds([ROUND], tmp_path / "a.zip", "en") == 3
    write_rounds([ROUND], tmp_path / "b.zip", "en")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        assert {name.rpartition(".")[2] for name in packed.namelist()} == {"docx", "gpx", "SHA256SUMS"}
