"""What a plan meets is kept by its hash and comes back as it was; a forecast only where a verdict allows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from gis.schemas import BadInput
from scenarios.builder import HERE
from scenarios.conditions import USUAL, Conditions, ConditionShelf, replayable
from scenarios.planning import setup_of
from scenarios.tonight import Backlog
from simulation.calibration import Verdict, judge
from simulation.history import History
from simulation.opening import Opening
from simulation.replications import Setup, play
from simulation.sources import Forecasted, Replayed
from tests.simulation.histories import known, lived, steady
from tests.towns import NOON, nine_cells

UNTIL = datetime(2026, 4, 6, tzinfo=nine_cells().zone)


@pytest.fixture(scope="module")
def setup() -> Setup:
    return setup_of(nine_cells(), HERE / "nine_cells" / "plan.toml")


@pytest.fixture(scope="module")
def history() -> History:
    """Half a year of the nine cells' own matters, as steady as chance allows."""
    demand, begin = nine_cells().demand, UNTIL - timedelta(weeks=26)
    cells = len(nine_cells().cells)
    source = known(
        calendar=nine_cells().rules.calendar,
        end=begin.date(),
        level=steady(60.0),
        cell_weight=np.full(cells, 1 / cells),
        categories=tuple(demand.matters[:2]),
    )
    return lived(source.draw(begin, UNTIL, 1, 0), UNTIL, cells)


def test_a_backlog_comes_back_as_it_was(tmp_path):
    shelf = ConditionShelf(tmp_path)
    opening = Opening(np.array([1, 2], np.int32), np.array([0, -1], np.int32), np.array([np.nan, 0.5]), 43_200.0)
    id = shelf.keep(Backlog(NOON, opening, ()))
    again = shelf.backlog(id)
    assert again.at == NOON
    assert again.opening.at_s == opening.at_s
    for name in ("cell", "matter", "done"):
        np.testing.assert_array_equal(getattr(again.opening, name), getattr(opening, name))
    with pytest.raises(BadInput, match="no backlog"):
        shelf.backlog("../card")


def test_nothing_unusual_has_no_hash_and_anything_else_its_own():
    every = [Conditions(stress="tourists"), Conditions(history="a"), Conditions(history="a", replayed=True)]
    assert USUAL.hash == ""
    assert len({one.hash for one in every}) == len(every)


def test_a_forecast_needs_a_verdict_and_begins_where_the_tickets_end(tmp_path, setup, history):
    """Whoever picks it in a list must not be able to forecast by what nobody has judged."""
    shelf, place = ConditionShelf(tmp_path), nine_cells()
    id = shelf.histories.add(history, "tickets.csv", "anna", NOON).id
    met = Conditions(history=id)
    with pytest.raises(BadInput, match="no verdict"):
        shelf.met(setup, place, met)
    shelf.histories.judged(id, Verdict(False, ()))
    with pytest.raises(BadInput, match="nobody may"):
        shelf.met(setup, place, met)
    verdict = judge(history, place.rules.calendar, replications=20)
    assert verdict.may_forecast, verdict.reasons
    kept = shelf.histories.judged(id, verdict)
    assert kept.verdict is not None
    assert [reason.code for reason in kept.verdict.reasons] == [reason.code for reason in verdict.reasons]
    assert len(kept.verdict.weeks) == 6
    made = shelf.met(setup, place, met)
    assert isinstance(made.source, Forecasted)
    assert made.begin == UNTIL
    assert made.plan.file.days == setup.plan.file.days
    assert len(play(made, 0, 1).reports) == pytest.approx(60 * made.until_s / 86_400, rel=0.1)


def test_tickets_come_again_in_their_own_weeks(tmp_path, setup, history):
    shelf, place = ConditionShelf(tmp_path), nine_cells()
    id = shelf.histories.add(history, "tickets.csv", "anna", NOON).id
    assert shelf.histories.add(history, "again.csv", "ben", NOON).source == "tickets.csv"
    made = shelf.met(setup, place, Conditions(history=id, replayed=True))
    assert isinstance(made.source, Replayed)
    assert made.begin == UNTIL - timedelta(weeks=26)
    assert made.end <= UNTIL
    short = replace(history, until=history.reported_at[0] + timedelta(days=5))
    few = shelf.histories.add(short.known_at(datetime(2026, 12, 1, tzinfo=UTC)), "few.csv", "anna", NOON)
    with pytest.raises(BadInput, match="whole days"):
        shelf.met(setup, place, Conditions(history=few.id, replayed=True))
    assert [replayable(kept, place.zone) for kept in (shelf.histories.kept(id), few)] == [True, False]
