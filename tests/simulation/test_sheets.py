"""A plan's files while somebody edits them: officers moved, rows taken out, faults by the row that is shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.schemas import BadInput
from scenarios.builder import HERE
from simulation.plan import read_plan
from simulation.sheets import Sheets, plan_of, read_sheets

SHEETS = read_sheets(HERE / "nine_cells")


def test_the_sheets_of_a_folder_are_its_plan():
    """What is shown on the screen is what the command line would play."""
    assert plan_of(SHEETS).hash == read_plan(HERE / "nine_cells" / "plan.toml").hash
    assert SHEETS.heads == 43


DESKS = [row[0] for row in SHEETS.desks if row]


def at(sheets: Sheets, desk: str) -> int:
    return sum(int(row[1]) for row in sheets.posts if row and row[0] == desk)


def holding(sheets: Sheets) -> Counter[tuple[str, ...]]:
    held: Counter[tuple[str, ...]] = Counter()
    for row in filter(None, sheets.posts):
        held[row[2:]] += int(row[1])
    return held


@settings(max_examples=60)
@given(st.sampled_from(DESKS), st.integers(1, 12), st.sampled_from(DESKS))
def test_whoever_moves_nobody_is_lost_and_nobody_unlearns(source, officers, target):
    """Otherwise a plan would be better or worse for a slip of the pen."""
    if source == target:
        with pytest.raises(BadInput, match="another desk"):
            SHEETS.moved(source, officers, target)
        return
    if officers > at(SHEETS, source):
        with pytest.raises(BadInput, match=rf"{at(SHEETS, source)} officers at {source}"):
            SHEETS.moved(source, officers, target)
        return
    moved = SHEETS.moved(source, officers, target)
    assert holding(moved) == holding(SHEETS)
    assert at(SHEETS, source) - at(moved, source) == at(moved, target) - at(SHEETS, target) == officers


def test_a_fault_names_the_row_that_is_shown_though_one_above_was_taken_out():
    posts = (None, *SHEETS.posts[1:-1], ("review-990100001", "1", "review", "weekdays"))
    with pytest.raises(BadInput) as refused:
        plan_of(replace(SHEETS, posts=posts))
    assert [(fault.row, fault.column) for fault in refused.value.faults] == [(len(posts) + 1, "rota")]
    assert len(replace(SHEETS, posts=posts).tidy.posts) == len(posts) - 1


@settings(max_examples=25)
@given(st.text(max_size=40))
def test_any_title_can_be_kept(title):
    """Quotation marks, backslashes and line breaks too."""
    assert plan_of(SHEETS.with_value("title_zh", title)).file.title_zh == title


def test_a_value_is_found_and_changed_where_it_stands():
    changed = SHEETS.with_value("headcount_cap", 42)
    assert (SHEETS.value("headcount_cap"), changed.value("headcount_cap")) == ("60", "42")
    assert SHEETS.value("pair_steps") == "4"
    with pytest.raises(BadInput, match="43 posts in all"):
        plan_of(changed)


def test_a_plan_keeps_its_hash_under_another_title():
    """Else everything that was played of it would be played again after it was renamed or copied."""
    plan, renamed = plan_of(SHEETS), plan_of(SHEETS.with_value("title_zh", "四人到古林").with_value("name", "gulin"))
    assert plan.hash == renamed.hash != plan_of(SHEETS.moved("990100-MKT", 2, "990100-ZF")).hash
