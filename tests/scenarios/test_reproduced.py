"""Published figures beside ours: none is missing, none is fitted, and what a model says is what its rule says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gis.schemas import BadInput
from scenarios.builder import HERE
from scenarios.place import Scenario
from scenarios.planning import own_plan, setup_of
from scenarios.published import read_published
from scenarios.reproduced import table
from scenarios.reproduced.assumptions import Assumption, latin, read_assumptions, usual
from scenarios.reproduced.handing import Problems, days_open
from scenarios.reproduced.models import Cities
from scenarios.reproduced.playing import desk_hours, hotline_fall_percent
from scenarios.reproduced.prediction import predict
from scenarios.reproduced.table import FOLDER, PLACES, Kind, Means, left_out, lines, reproduced
from scenarios.scenario import load
from simulation.replications import Setup

FEW = Means(draws=10, replications=2)
KNOWN = read_assumptions(FOLDER / "assumptions.csv")


@pytest.fixture(scope="module")
def nine_cells(tmp_path_factory: pytest.TempPathFactory) -> Setup:
    """A month of the smallest town."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDBEAT_HOME", str(tmp_path_factory.mktemp("home")))
        scenario: Scenario = load("nine_cells")
        setup = setup_of(scenario, own_plan("nine_cells"))
    file = setup.plan.file.model_copy(update={"days": 30, "warm_up_days": 10})
    return replace(setup, plan=replace(setup.plan, file=file))


def test_every_published_figure_is_in_the_table_or_left_out_with_a_reason():
    """A figure that silently is nowhere would be the one that does not fit."""
    published = {(place, figure) for place in PLACES for figure in read_published(HERE / place)}
    held = {(line.place, part) for line in lines() for part in line.figure.split("/")}
    left = {(one.place, one.figure) for one in left_out()}
    assert held | left == published
    assert not held & left
    assert all(one.reason_zh and one.reason_en for one in left_out())


def test_every_assumption_carries_a_figure():
    assert {name for line in lines() for name in line.assumptions} == set(KNOWN)


def test_the_sums_hold_and_the_counts_are_taken_from_the_files():
    rows = {
        (row.line.place, row.line.figure): row
        for row in reproduced([line for line in lines() if line.kind is Kind.INPUT], FEW, Cities())
    }
    for place, figure, value in (
        ("haishu", "cases_2022", 6429 + 5012),
        ("haishu", "cases_2023_to_may", 2817 + 2314),
        ("jiangyin", "towns", 17),
        ("chongqing", "towns", 1031),
        ("chongqing", "optional_taken", 34),
        ("huancui", "given_2024", 97),
        ("huancui", "taken_back_2025", 65),
    ):
        assert rows[place, figure].value == value
        assert rows[place, figure].inside
    assert {key for key, row in rows.items() if not row.inside} == {
        ("haishu", "powers"),
        ("haishu", "no_penalty"),
        ("haishu", "order_first"),
        ("haishu", "warning_only"),
        ("chongqing", "empowered_fields"),
        ("jiangyin", "town_powers"),
        ("jiangbei", "situations"),
    }


def test_a_predicted_figure_knows_nothing_of_its_published_value(monkeypatch: pytest.MonkeyPatch):
    """Were it fitted, it would follow when the document said something else."""
    asked = [line for line in lines() if line.figure.startswith("simple_") and line.kind is Kind.PREDICTED]
    before = list(reproduced(asked, FEW, Cities()))
    monkeypatch.setattr(
        table, "_published", lambda place: {n: replace(f, value=999.0) for n, f in read_published(HERE / place).items()}
    )
    after = list(reproduced(asked, FEW, Cities()))
    assert [row.published for row in after] == [999.0, 999.0]
    assert [(row.value, row.interval, row.moves) for row in after] == [
        (row.value, row.interval, row.moves) for row in before
    ]
    assert not any(row.inside for row in after)


def test_a_model_that_is_its_assumption_moves_from_end_to_end():
    one = Assumption("a", 1.0, 2.0, 5.0, "hours", "illustrative", "", "")
    other = replace(one, id="b", low=1.9, high=2.1)
    found = predict(lambda values, _: values["a"] + values["b"], {"a": one, "b": other}, 200, seed=3)
    assert found.value == pytest.approx(4.0)
    assert [(move.assumption, move.low, move.high) for move in found.moves] == [("a", 3.0, 7.0), ("b", 3.9, 4.1)]
    assert 2.9 <= found.low <= 3.3
    assert 6.6 <= found.high <= 7.1


def test_draws_are_spread_over_the_whole_of_every_assumption():
    drawn = latin(KNOWN, 10, np.random.default_rng(1))
    for name, one in KNOWN.items():
        share = [(values[name] - one.low) / (one.high - one.low) for values in drawn]
        assert sorted(int(10 * each) for each in share) == list(range(10))


@pytest.mark.parametrize("right", [1.0, 0.5, 0.9])
def test_a_problem_is_open_as_long_as_asking_the_wrong_ones_and_solving_take(right: float):
    """The mean of a geometric number of wrong departments is (1 - p) / p."""
    values = {"share_of_the_limit": 0.5, "kept_by_the_wrong_one": 2.0}
    took, limit = days_open(Problems(np.array([4.0]), np.array([1.0])), values, right, seed=1, draw=0)
    assert limit.tolist() == [4.0] * len(limit)
    assert took.mean() == pytest.approx(0.5 * 4 + 2 * (1 - right) / right, rel=0.03)


def test_without_grid_workers_rounds_the_hotline_hears_the_same(nine_cells: Setup):
    values = {"passes_by_officers": 1.0, "told_after": 3.0}
    falls = [
        hotline_fall_percent(nine_cells, {**values, "passes_by_grid_workers": more}, 1, 0) for more in (0.0, 2.0, 8.0)
    ]
    assert falls[0] == 0.0
    assert 0.0 < falls[1] < falls[2]


def test_fewer_and_shorter_steps_end_a_case_sooner(nine_cells: Setup):
    values = usual(KNOWN)
    before = desk_hours(nine_cells, values, "before", 1, 0)
    after = desk_hours(nine_cells, values, "after", 1, 0)
    work_h = values["steps_after"] * values["step_on_screen"] / 60
    assert work_h * 0.8 < after < before


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("jiangyin,towns,input,towns", "jiangyin,tents,input,towns", "figure"),
        ("jiangyin,towns,input,towns", "jiangyin,towns,input,tents", "measure"),
        ("jiangyin,towns,input,towns", "jiangyin,towns,guessed,towns", "kind"),
        ("simple_after,,hearing_the_party;", "simple_after,,hearsay;", "assumptions"),
        ("simple_after,,hearing", "simple_after,5,hearing", "tolerance"),
        ("haishu,simple_2022,input,simple,0", "haishu,simple_2022,input,simple,near", "tolerance"),
    ],
)
def test_a_row_that_proves_nothing_is_refused(tmp_path: Path, old: str, new: str, column: str):
    text = (FOLDER / "figures.csv").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "figures.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        lines(tmp_path / "figures.csv")
    assert column in {fault.column for fault in refused.value.faults}


def test_an_assumption_whose_usual_value_lies_outside_is_refused(tmp_path: Path):
    text = (FOLDER / "assumptions.csv").read_text(encoding="utf-8").replace("told_after,1,3,6", "told_after,4,3,6")
    (tmp_path / "assumptions.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="column usual: found '3'"):
        read_assumptions(tmp_path / "assumptions.csv")
