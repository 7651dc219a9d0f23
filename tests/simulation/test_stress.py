"""Bad days come as they are written, on any plan and any demand, and leave everything else as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from gis.schemas import BadInput
from scenarios.planning import stresses
from simulation.replications import Played, Setup, measured, play
from simulation.sources import Forecasted, Replayed
from simulation.stories import DAY_S
from simulation.stress import CALM, Stress, read_stresses
from tests.simulation.experimenting import fortnight
from tests.simulation.histories import known, lived

SHIPPED = stresses()


def counted(played: Played, first: int, last: int) -> int:
    """Reports of these days after the warm-up."""
    day = (played.reports.told_s - played.setup.warm_up_s) // DAY_S
    return int(((day >= first) & (day < last)).sum())


def only(**changes: object) -> Stress:
    return replace(CALM, id="test", **changes)  # type: ignore[arg-type]


def test_the_shipped_ones_say_what_they_assume():
    assert set(SHIPPED) == {"spring_festival", "tourists", "borrowed", "reviewers_gone", "typhoon_day"}
    assert all("假定" in one.basis and "assumed" in one.basis for one in SHIPPED.values())
    assert SHIPPED["tourists"].reports == 1.8
    assert SHIPPED["borrowed"].borrowed == 0.2


def test_calm_changes_nothing():
    one, two = (measured(play(setup, 1, 1)) for setup in (fortnight(), fortnight().under(CALM)))
    assert one == two


def sources() -> list[Setup]:
    setup = fortnight()
    demand, begin = setup.demand, setup.begin.date() - timedelta(days=1)  # midnight there is yesterday in Greenwich
    truth = known(40.0, categories=demand.matters, category_share=demand.matter_share, cell_weight=demand.cell_weight)
    told = replace(truth, end=begin).draw(setup.begin, setup.end, 0, 0)
    history = lived(told, setup.end, 9)
    return [
        setup,
        replace(setup, source=Forecasted(replace(truth, end=begin))),
        replace(setup, source=Replayed(history)),
    ]


@pytest.mark.parametrize("times", [0.5, 1.8, 3.0])
@pytest.mark.parametrize("which", [0, 1, 2], ids=["drawn", "forecast", "replayed"])
def test_so_many_times_as_many_come_in_those_days_and_no_other(which, times):
    """And what would have come without it comes with it, or is drawn out of it."""
    setup = sources()[which]
    calm, bad = play(setup, 0, 1), play(setup.under(only(reports=times, from_day=2, days=10)), 0, 1)
    assert counted(bad, 2, 12) == pytest.approx(times * counted(calm, 2, 12), rel=0.2)
    for first, last in ((-100, 2), (12, 100)):
        assert counted(bad, first, last) == counted(calm, first, last)
    fewer, more = sorted((calm, bad), key=lambda played: len(played.reports))
    assert set(fewer.reports.told_s) <= set(more.reports.told_s)


def test_borrowed_officers_are_away_the_whole_time_and_the_same_ones_all_along():
    """A fifth of them; not a fifth of each day's, which is what absence is."""
    setup = fortnight().under(SHIPPED["borrowed"])
    setup = replace(setup, plan=replace(setup.plan, file=setup.plan.file.model_copy(update={"absent": 0.0})))
    gone = [set(range(43)) - set(play(setup, number, 1).force.duty_officer.tolist()) for number in range(12)]
    assert np.mean([len(one) for one in gone]) == pytest.approx(0.2 * 40, abs=2.5)
    assert gone[0] != gone[1]


def test_without_reviewers_cases_wait_for_them():
    """Only in the fortnight in which they are gone."""
    setup = fortnight()
    gone = setup.under(only(reviewers=0.0, from_day=0, days=14))
    calm, bad = (measured(play(one, 0, 1))[""] for one in (setup, gone))
    assert np.isnan(bad["review_utilisation"])
    assert bad["backlog_end"] > calm["backlog_end"]
    assert bad["on_time_share"] == pytest.approx(calm["on_time_share"], abs=0.05)


def test_a_typhoon_makes_that_day_late_and_the_fortnight_a_little():
    calm, bad = (measured(play(one, 3, 1))[""] for one in (fortnight(), fortnight().under(SHIPPED["typhoon_day"])))
    assert bad["incidents"] > calm["incidents"]
    assert bad["on_time_share"] < calm["on_time_share"]


def test_both_engines_suffer_alike():
    setup = fortnight().under(SHIPPED["spring_festival"])
    readable, compiled = (play(setup, 2, 9, engine).diary for engine in ("simpy", "fast"))
    assert readable.same_as(compiled)


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("x_day,一,One,0,1,nan,1,0,1,assumed", "row 2, column reports: found 'nan'"),
        ("x_day,一,One,0,1,11,1,0,1,assumed", "a number from 0 to 10"),
        ("x_day,一,One,0,1,1,0,0,1,assumed", "column ways"),
        ("x_day,一,One,0,1,1,1,1.2,1,assumed", "column borrowed"),
        ("x_day,一,One,0,1,1,1,0,1,", "column basis"),
    ],
)
def test_a_stress_that_cannot_be_is_refused_by_row(tmp_path: Path, row: str, word: str):
    path = tmp_path / "stresses.csv"
    path.write_text(
        "stress,name_zh,name_en,from_day,days,reports,ways,borrowed,reviewers,basis\n" + row + "\n", "utf-8"
    )
    with pytest.raises(BadInput, match=word):
        read_stresses(path)
