"""Drawn and real tickets come into the played city through one door, and a plan answers both."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
import shapely

from gis.schemas import BadInput
from scenarios.builder import HERE
from scenarios.planning import setup_of
from simulation import fast
from simulation.city import City
from simulation.diary import Event
from simulation.intake import Intake, as_reports, replay
from simulation.replications import Setup
from simulation.stories import Chances, work_of
from simulation.streams import stream
from tests.simulation.histories import MONDAY, known, lived
from tests.towns import nine_cells

DAY_S = 86_400.0


@pytest.fixture(scope="module")
def setup() -> Setup:
    return setup_of(nine_cells(), HERE / "nine_cells" / "plan.toml")


def intake(*categories: str, **changes: object) -> Intake:
    n = len(categories)
    rows, names = pd.factorize(np.array(categories, dtype=object))
    columns = {"told_s": np.arange(n) * 60.0, "cell": np.zeros(n, np.int32), "category": rows.astype(np.int32)}
    return Intake(pd.Timestamp(MONDAY), **{**columns, "categories": tuple(names), **changes})


def test_real_tickets_are_answered_by_a_plan_in_both_engines(setup):
    """Two weeks happened; the second is played again, with what was open at its start, by other officers."""
    matters, cells = setup.demand.matters, len(setup.demand.cell_weight)
    truth = known(
        24.0, categories=matters, category_share=setup.demand.matter_share, cell_weight=setup.demand.cell_weight
    )
    start, end = MONDAY + timedelta(weeks=1), MONDAY + timedelta(weeks=2)
    told = truth.draw(MONDAY, end, 0, 0)
    history = lived(told, end, cells, closed_s=told.told_s + 2 * DAY_S)
    again = replay(history, start, end)
    assert (again.told_s < 0).sum() > 10
    reports = as_reports(again, matters, setup.demand.spots, stream(0, "where"))
    file = setup.plan.file
    work, _ = work_of(reports, setup.matters, setup.rules, file.procedure, file.patrols, Chances(0, 0))
    until_s = 7 * DAY_S
    diary = fast.run(setup.rules.force, work, until_s)
    assert diary.same_as(City(setup.rules.force, work).run(until_s))
    entered = np.isin(diary.event, (Event.TOLD, Event.FOUND)).sum()
    assert entered == len(again)
    assert (diary.event == Event.CLOSED).sum() > 0.3 * len(again)


def test_each_report_keeps_its_cell_and_matter(setup):
    demand = setup.demand
    codes = (demand.matters[3], demand.matters[0], demand.matters[3])
    reports = as_reports(intake(*codes), demand.matters, demand.spots, stream(0, "where"))
    assert reports.matter.tolist() == [3, 0, 3]
    assert reports.cell.tolist() == [0, 0, 0]
    assert shapely.contains_xy(nine_cells().cells.geometry.iloc[0], reports.lon, reports.lat).all()


def test_a_category_that_is_no_matter_is_named_with_its_count(setup):
    """Boston's potholes have no row in a Chinese catalogue: say so before a plan is judged by them."""
    known_code = setup.demand.matters[0]
    with pytest.raises(BadInput, match=r"'Pothole' 2 times.*a matter of the place"):
        as_reports(intake("Pothole", known_code, "Pothole"), setup.demand.matters, setup.demand.spots, stream(0, "x"))


def test_what_nobody_has_classified_is_taken_for_one_of_the_others(setup):
    demand = setup.demand
    one = as_reports(intake("", demand.matters[2], ""), demand.matters, demand.spots, stream(0, "x"))
    assert one.matter.tolist() == [2, 2, 2]
    none = as_reports(intake("", ""), demand.matters, demand.spots, stream(0, "x"))
    assert ((none.matter >= 0) & (none.matter < len(demand.matters))).all()
