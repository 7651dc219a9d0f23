"""From a planner's file to a history: columns guessed, matters by code or name, and a made-up file that says it is."""

from __future__ import annotations

import pytest

from gis.crs import Datum
from gis.schemas import BadInput
from simulation.calibration import judge
from tests.towns import NOON, nine_cells
from ui.services.histories import columns_of, example, guessed, read_history

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
