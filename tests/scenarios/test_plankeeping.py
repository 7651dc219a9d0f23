"""Plans that are kept for a place: whole, never lost to a colleague, refused in the planner's rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from gis.schemas import BadInput
from scenarios.builder import HERE
from scenarios.plankeeping import Meanwhile, PlanShelf, legal
from simulation.plan import read_plan
from simulation.sheets import Sheets, read_sheets
from tests.towns import nine_cells

STAFFED = read_sheets(HERE / "nine_cells")
DAY = date(2026, 4, 15)


@pytest.fixture
def shelf(tmp_path: Path) -> PlanShelf:
    return PlanShelf(tmp_path / "plans")


def test_todays_roster_becomes_a_plan_that_the_command_line_reads(shelf):
    assert shelf.names() == []
    name = shelf.start(nine_cells(), DAY, "现有编制", "Roster of today")
    assert shelf.names() == [name] == ["nine_cells_today"]
    assert read_plan(shelf.path(name)).file.title_en == "Roster of today"
    assert shelf.start(nine_cells(), DAY, "现有编制", "Roster of today") == "nine_cells_today_2"


def test_a_copy_is_changed_and_its_source_stays(shelf):
    name = shelf.start(nine_cells(), DAY, "甲", "A")
    copy = shelf.copy(name, "乙", "B")
    opened = shelf.sheets(copy)
    kept = shelf.save(copy, opened, replace(opened, posts=(None, *opened.posts[1:])))
    assert kept.posts == opened.posts[1:]
    assert shelf.sheets(name).posts == opened.posts
    shelf.remove(name)
    assert shelf.names() == [copy]


def test_what_a_colleague_has_saved_meanwhile_is_not_written_over(shelf):
    name = shelf.start(nine_cells(), DAY, "甲", "A")
    opened = shelf.sheets(name)
    theirs = shelf.save(name, opened, opened.with_value("absent", 0.1))
    with pytest.raises(Meanwhile):
        shelf.save(name, opened, opened.with_value("absent", 0.2))
    assert shelf.sheets(name) == theirs


def test_what_is_no_plan_is_not_kept(shelf):
    name = shelf.start(nine_cells(), DAY, "甲", "A")
    opened = shelf.sheets(name)
    with pytest.raises(BadInput, match=r"posts\.csv, row 2, column desk"):
        shelf.save(name, opened, replace(opened, posts=(("nowhere", *(opened.posts[0] or ())[1:]), *opened.posts[1:])))
    assert shelf.sheets(name) == opened


def test_a_name_cannot_lead_out_of_the_folder(shelf, tmp_path):
    (tmp_path / "plan.toml").write_text("", encoding="utf-8")
    shelf.start(nine_cells(), DAY, "甲", "A")
    for name in ("..", "../..", "/", ""):
        with pytest.raises(BadInput, match="no plan"):
            shelf.remove(name)


def test_a_plan_may_be_played_only_where_every_town_is_served():
    """The same refusal as when it is played, without waiting for the ways of the city."""
    assert legal(STAFFED, nine_cells(), nine_cells().rulebook).heads == 43
    west: Sheets = replace(
        STAFFED, desks=tuple((*row[:7], "990100001") for row in STAFFED.desks if row and row[1] != "touring")
    )
    west = replace(west, posts=tuple(row for row in west.posts if row and not row[0].startswith("tour")))
    with pytest.raises(BadInput, match="no lawful pair for 990100002"):
        legal(west, nine_cells(), nine_cells().rulebook)
