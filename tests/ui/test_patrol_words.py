"""What the tab of patrols says of a draw that is over, and of a cell's risk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from dispatch.desk.patrols import Trial
from dispatch.desk.refusals import Refused
from dispatch.records.patrol import PatrolledCell
from dispatch.records.reason import Reason
from gis.schemas import BadInput, Fault
from ui.screens.inspections.patrolcells import risk_words
from ui.screens.inspections.patrolplans import drawn, follow
from ui.screens.inspections.patrolview import Viewing
from ui.services.beside import Errand
from ui.wording import Language, wording

EAST, WEST = "990100001", "990100002"
MADE: Any = SimpleNamespace(id="P1", town=EAST, days=(date(2026, 4, 13), date(2026, 4, 17)))


def _look(language: Language) -> Any:
    w = wording(language)
    return SimpleNamespace(tell=SimpleNamespace(w=w, reason=lambda why: why.code), town={EAST: "甲镇"}.__getitem__)


def _over(work: Callable[[], Any]) -> Errand[Any]:
    errand = Errand(work, EAST)
    errand.run()
    return errand


def _raise(refusal: Exception) -> None:
    raise refusal


@pytest.mark.parametrize("language", list(Language))
def test_a_draw_that_is_over_names_its_town_and_days_or_why_there_are_none(language: Language):
    """Whoever asked is on another tab by then, perhaps in another town."""
    look, w = _look(language), wording(language)
    ready = drawn(look, _over(lambda: MADE))
    assert ready.done
    assert "甲镇" in ready.words
    assert "04-13–04-17" in ready.words
    broken = drawn(look, _over(lambda: MADE.days[99]))
    assert (broken.done, broken.words) == (False, w("patrols.draw_failed", town="甲镇"))
    for refusal in (Refused(Reason("no_calendar_ahead", False)), BadInput(Fault("days", None, None, "0", "1 or more"))):
        refused = drawn(look, _over(partial(_raise, refusal)))
        assert not refused.done
        assert refused.words


@pytest.mark.parametrize("language", list(Language))
def test_a_draw_that_somebody_stopped_is_no_failure(language: Language):
    """Who pressed stop has what was wanted."""
    errand: Errand[Any] = Errand(partial(_raise, Refused(Reason("drawing_stopped", False))), EAST)
    errand.stop()
    errand.run()
    said = drawn(_look(language), errand)
    assert (said.done, said.words) == (True, wording(language)("patrols.draw_stopped", town="甲镇"))


@pytest.mark.parametrize(
    ("left_out", "said"),
    [({}, "all of the 90 passes"), ({"no_time": 30, "too_long": 2}, "58 have room, 32 have not")],
)
def test_a_trial_says_how_many_passes_have_room(left_out: dict[str, int], said: str):
    told = drawn(_look(Language.EN), _over(lambda: Trial(90, left_out)))
    assert told.done
    assert said in told.words


def test_only_who_still_looks_at_the_town_is_led_to_its_new_plan():
    """A screen that changes its town under somebody's hands gets the next deed done in the wrong one."""
    there = Viewing(town=EAST, plan="P0", cell="C", round="R")
    assert follow(there, MADE)
    assert (there.town, there.plan, there.cell, there.round) == (EAST, "P1", "", "")
    elsewhere = Viewing(town=WEST, plan="P9", cell="C", round="R")
    assert not follow(elsewhere, MADE)
    assert elsewhere == Viewing(town=WEST, plan="P9", cell="C", round="R")


@pytest.mark.parametrize("language", list(Language))
def test_a_cell_that_was_not_left_behind_is_not_called_0_lower(language: Language):
    w = wording(language)
    cell = PatrolledCell("990100001001001", 1, 121.5, 29.8, (), Fraction(3, 2), 2)
    plain = risk_words(w, cell, 12)
    behind = risk_words(w, replace(cell, behind=Fraction(1, 4)), 12)
    assert behind == f"{plain} · {w('patrols.risk_behind', behind=25)}"
    assert "×1.5" in plain
