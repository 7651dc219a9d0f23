"""What a fine may cost: the tiers of the benchmark, and what it takes to leave them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.records.case import Outcome
from dispatch.rulebook.discretion import (
    DISCRETION_REASONS,
    Discretion,
    Range,
    Tier,
    Unit,
    check_fine,
    read_discretion,
    spread,
)
from dispatch.rulebook.matters import Source
from gis.schemas import BadInput
from tests.casework import a_case

HEADER = "matter,circumstance,tier,from,to,unit,source\n"
ROWS = "M,首次,1,0,0,warning,illustrative\nM,一般,2,50,200,yuan,illustrative\nM,严重,3,200,500,yuan,illustrative\n"
AREA = "A,堆放,1,5,10,yuan_per_m2,illustrative\n"
COST = "B,建设,1,5,10,percent,illustrative\n"
GAINS = "G,无照,1,0.5,1.5,times,illustrative\n"


def benchmark(tmp_path, rows: str = ROWS + AREA + COST + GAINS) -> Discretion:
    path = tmp_path / "discretion.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    return read_discretion(path, {"M", "A", "B", "G"})


def codes(found) -> list[str]:
    return [reason.code for reason in found]


def fined(yuan: int, tier: int | None = None):
    facts = {} if tier is None else {"tier": tier}
    return replace(a_case(), outcome=Outcome.FINE, fine_yuan=yuan, facts=facts)


@pytest.mark.parametrize(
    ("matter", "tier", "base", "expected"),
    [
        ("M", 1, 1.0, Range(0, 0)),
        ("M", 2, 1.0, Range(50, 200)),
        ("A", 1, 12.5, Range(63, 125)),
        ("B", 1, 30_000.0, Range(1500, 3000)),
        ("G", 1, 800.0, Range(400, 1200)),
    ],
)
def test_a_tier_in_yuan(tmp_path, matter, tier, base, expected):
    """Rounded inwards, so that nobody is fined a part of a yuan outside the benchmark."""
    assert benchmark(tmp_path).range_for(matter, tier, base) == expected


def test_tiers_come_mildest_first_however_the_file_stands(tmp_path):
    rows = "\n".join(reversed(ROWS.splitlines())) + "\n"
    assert [tier.tier for tier in benchmark(tmp_path, rows).tiers("M")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("rows", "row", "column"),
    [
        (ROWS.replace("M,", "X,"), 2, "matter"),
        (ROWS.replace(",3,200", ",4,200"), 4, "tier"),
        (ROWS.replace(",2,50", ",1,50"), 3, "tier"),
        (ROWS.replace("200,500", "500,200"), 4, "to"),
        (ROWS.replace("200,500", "150,500"), 4, "from"),
        (ROWS.replace("200,500", "20,30"), 4, "from"),
        (ROWS.replace("0,0,warning", "0,50,warning"), 2, "to"),
        (ROWS.replace("50,200", "-50,200"), 3, "from"),
        (ROWS.replace("50,200,yuan", "50,200,pounds"), 3, "unit"),
    ],
)
def test_a_benchmark_that_contradicts_itself_is_refused(tmp_path, rows, row, column):
    """Every bad row is named, so that it is mended once."""
    with pytest.raises(BadInput) as refused:
        benchmark(tmp_path, rows)
    assert (row, column) in {(fault.row, fault.column) for fault in refused.value.faults}


def test_a_unit_that_needs_a_base_gets_one(tmp_path):
    book = benchmark(tmp_path)
    assert codes(check_fine(book, "A", 1, None, 100)) == ["base_missing"]
    with pytest.raises(ValueError, match="base"):
        book.range_for("A", 1, 0)
    with pytest.raises(ValueError, match="tier 9"):
        book.range_for("A", 9)


@pytest.mark.parametrize(("fine", "ok"), [(49, False), (50, True), (200, True), (201, False)])
def test_a_fine_lies_in_its_tier(tmp_path, fine, ok):
    assert (check_fine(benchmark(tmp_path), "M", 2, None, fine) == ()) is ok


def test_a_fine_says_its_tier(tmp_path):
    book = benchmark(tmp_path)
    assert codes(check_fine(book, "M", None, None, 100)) == ["tier_missing"]
    assert codes(check_fine(book, "M", 7, None, 100)) == ["tier_unknown"]


@pytest.mark.parametrize(
    ("reason", "reviewed", "expected"),
    [
        ("", False, ["outside_tier", "deviation_needs_reason", "deviation_needs_review"]),
        ("  ", True, ["outside_tier", "deviation_needs_reason"]),
        ("主动消除危害", False, ["outside_tier", "deviation_needs_review"]),
        ("主动消除危害", True, []),
    ],
)
def test_leaving_the_benchmark_takes_a_reason_and_a_review(tmp_path, reason, reviewed, expected):
    """Article 34: a benchmark binds unless somebody writes down, and a lawyer checks, why not."""
    found = codes(check_fine(benchmark(tmp_path), "M", 2, None, 30, reason=reason, reviewed=reviewed))
    assert found == expected
    assert set(found) <= set(DISCRETION_REASONS)


def test_a_matter_without_a_benchmark_has_none_to_keep_to():
    assert check_fine(Discretion(), "M", None, None, 100) == ()


def test_the_spread_of_past_fines():
    past = [fined(100, 2), fined(200, 2), fined(300, 3), fined(400), replace(a_case(), outcome=Outcome.WARNING)]
    found = spread(past)
    assert (found.n, found.least, found.median, found.most) == (4, 100, 250, 400)
    assert (found.lower_quartile, found.upper_quartile) == (175, 325)
    assert {tier: each.n for tier, each in found.by_tier.items()} == {2: 2, 3: 1}


def test_the_spread_of_nothing_is_no_number():
    """Zero would look like a fine of nothing."""
    empty = spread([])
    assert empty.n == 0
    assert math.isnan(empty.median)


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.floats(0.01, 1e6), st.sampled_from(list(Unit)))
def test_a_range_never_reaches_beyond_its_tier(low, more, base, unit):
    """Rounding must not make a fine lawful that is not."""
    if unit is Unit.WARNING:
        low = more = 0.0
    book = Discretion({"M": (Tier("M", "c", 1, low, low + more, unit, Source.ILLUSTRATIVE),)})
    found = book.range_for("M", 1, base)
    scale = unit.factor * base if unit.needs_base else 1.0
    assert found.least >= low * scale - 1e-3
    assert found.most <= (low + more) * scale + 1e-3
