"""From a planner's file to a history: columns guessed, matters by code or name, and a made-up file that says it is."""

from __future__ import annotations

import gzip
import re

import pytest

from gis.crs import Datum
from gis.schemas import BadInput
from simulation.calibration import judge
from tests.towns import NOON, nine_cells
from ui.services.histories import columns_of, example, guessed, read_history
from ui.services.tablefaults import sentence
from ui.wording import Language, wording

ROWS = """编号,上报时间,办结时间,事项,经度,纬度
1,2026-03-01 09:00,2026-03-01 12:00,C08-01,121.5415,29.8613
2,2026-03-02 09:00,,流动摊贩,121.5415,29.8613
3,2026-03-03 09:00,,没有这一项,121.5415,29.8613
4,no day,,C08-01,121.5415,29.8613
"""


def test_columns_are_guessed_and_what_cannot_be_used_is_counted():
    matters = nine_cells().rulebook.matters
    data = ROWS.replace("流动摊贩", matters["C08-01"].name_zh).encode()
    columns = guessed(columns_of("旧工单.csv", data))
    assert columns["reported_at"] == "上报时间"
    assert columns["category"] == "事项"
    read = read_history("旧工单.csv", data, columns, Datum.WGS84, nine_cells(), NOON)
    assert len(read.history) == 3
    assert read.history.category.tolist() == ["C08-01", "C08-01", ""]
    assert (read.tickets.rejected, read.unclassified) == (1, 1)
    assert read.tickets.faults[0].row == 5
    assert read.history.closed_at.notna().tolist() == [True, False, False]


def test_a_file_as_chinese_spreadsheets_save_it_is_read():
    """Excel in Chinese writes GBK unless it is told otherwise; nobody should have to know that word."""
    matter = nine_cells().rulebook.matters["C08-01"].name_zh
    data = ROWS.replace("流动摊贩", matter).encode("gb18030")
    columns = guessed(columns_of("旧工单.csv", data))
    assert columns["reported_at"] == "上报时间"
    read = read_history("旧工单.csv", data, columns, Datum.WGS84, nine_cells(), NOON)
    assert read.history.category.tolist() == ["C08-01", "C08-01", ""]
    assert columns_of("旧工单.csv.gz", gzip.compress(data)) == columns_of("旧工单.csv", data)


WRONG_ROWS = (
    ",2026-03-01 09:00,,C08-01,121.5415,29.8613",
    "a,,,C08-01,121.5415,29.8613",
    "a,昨天,,C08-01,121.5415,29.8613",
    "a,2026-03-01 09:00,,C08-01,五,29.8613",
    "a,2026-03-01 09:00,,C08-01,121.5415,298.6",
    "a,2026-03-01 09:00,,C08-01,29.8613,121.5415",
    f"{'a' * 300},2026-03-01 09:00,,C08-01,121.5415,29.8613",
    "a\0,2026-03-01 09:00,,C08-01,121.5415,29.8613",
    "a,2026-03-01 09:00,,C08-01",
    "1,2026-03-02 09:00,,C08-01,121.5415,29.8613\n1,2026-03-03 09:00,,C08-01,121.5415,29.8613",
)


@pytest.mark.parametrize("wrong", WRONG_ROWS)
def test_what_is_wrong_with_a_ticket_is_said_in_chinese_with_its_row(wrong):
    data = "\n".join([ROWS.splitlines()[0], wrong, "9,2026-03-02 09:00,,C08-01,121.5415,29.8613"]).encode()
    columns = guessed(columns_of("旧工单.csv", data))
    faults = read_history("旧工单.csv", data, columns, Datum.WGS84, nine_cells(), NOON).tickets.faults
    said = sentence(faults[:1], wording(Language.ZH))
    assert re.search(r"第 [23] 行", said)
    assert not re.search(r"[a-zA-Z]{3,}", re.sub(r"旧工单\.csv|‘.*?’|'.*?'", "", said)), said


@pytest.mark.parametrize(("name", "data"), [("旧.csv", b""), ("旧.xlsx", b"PK"), ("旧.csv", "编号\n".encode())])
def test_a_file_that_is_no_table_is_refused_in_chinese(name, data):
    with pytest.raises(BadInput) as refused:
        columns_of(name, data)
    said = sentence(refused.value.faults[:1], wording(Language.ZH))
    assert not re.search(r"[a-zA-Z]{3,}", re.sub(r"旧\.(csv|xlsx)|\.xlsx", "", said)), said


@pytest.mark.parametrize("language", Language)
def test_every_datum_is_called_by_the_maps_that_use_it(language):
    """Who exports from a map knows the map, not the datum; half a kilometre hangs on it."""
    called = {wording(language)(f"staffing.datum_{one}") for one in Datum}
    assert len(called) == len(Datum)


def test_a_name_does_not_lead_out_of_the_folder(tmp_path):
    with pytest.raises(BadInput, match="passwd"):
        columns_of("../../etc/passwd", b"a,b\n1,2\n")


def test_the_example_says_that_it_is_made_up_and_may_be_forecast_by():
    """A newcomer takes it in and gets a verdict they can go on with."""
    data = example(nine_cells(), NOON)
    assert data.decode("utf-8-sig").splitlines()[1].endswith("synthetic/虚构")
    read = read_history("example.csv", data, guessed(columns_of("example.csv", data)), Datum.WGS84, nine_cells(), NOON)
    assert read.tickets.rejected == read.unclassified == 0
    assert judge(read.history, nine_cells().rules.calendar, replications=20).may_forecast
