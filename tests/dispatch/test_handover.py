"""The change of shifts: nothing is left between two people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.desk.handover import NAMED, HandOver
from dispatch.desk.incidents import Desk
from dispatch.desk.refusals import Refused, Stale
from dispatch.records.task import Task
from dispatch.store.writing import Actor
from tests.dispatch.conftest import DISTRICT, EAST, NOW, WEST, incident


@pytest.fixture
def shifts(desk: Desk) -> HandOver:
    desk.casebook.add_incidents([incident("E1"), incident("E2"), incident("W1", WEST)], at=NOW)
    desk.assign("anna", "E2", "e1", 1)
    return HandOver(desk.casebook, desk.clock)


def test_who_goes_sums_up_and_who_comes_signs(shifts: HandOver):
    """Both names, the time and what was open stand in the ledger for whoever asks next month."""
    given = shifts.give("anna", EAST, "路口两起未结", now=NOW + timedelta(hours=1))
    assert given.details["open"] == {"assigned": 1, "reported": 1}
    assert (given.details["overdue"], given.details["teams_out"]) == (["E1", "E2"], ["e1"])
    assert shifts.standing(EAST).waits
    taken = shifts.take("bert", EAST, given.sequence)
    assert (taken.given, taken.waits, taken.taken.actor) == (given, False, "bert")
    assert shifts.casebook.verify().whole


def test_a_bad_night_is_told_whole(shifts: HandOver):
    """Who signs for 70 late ones must not read 50."""
    late = [incident(f"N{n:02d}") for n in range(70)]
    tasks = [Task(f"{each.id}.1", each.id, "fire", "FIRE", "看", "look", False, NOW) for each in late]
    shifts.casebook.add_incidents(late, at=NOW)
    with shifts.casebook.writing() as page:
        page.add_tasks(Actor("test", NOW, "report"), tasks)
    told = shifts.give("anna", EAST, "", now=NOW + timedelta(hours=1)).details
    assert (len(told["overdue"]), told["overdue_n"]) == (NAMED, 72)
    assert (len(told["late_tasks"]), told["late_tasks_n"]) == (NAMED, 70)


def test_every_area_has_its_own_shift(shifts: HandOver):
    shifts.give("anna", EAST, "")
    assert not shifts.standing(WEST).waits
    assert shifts.give("carl", DISTRICT, "").details["open"] == {"assigned": 1, "reported": 2}


def test_nobody_signs_for_oneself_twice_or_for_what_is_gone(shifts: HandOver):
    def refused(tried) -> str:
        with pytest.raises(Refused) as caught:
            tried()
        return caught.value.reasons[0].code

    assert refused(lambda: shifts.take("bert", EAST, 1)) == "nothing_handed_over"
    given = shifts.give("anna", EAST, "")
    assert refused(lambda: shifts.give("carl", EAST, "")) == "already_handed_over"
    assert refused(lambda: shifts.take("anna", EAST, given.sequence)) == "own_hand_over"
    with pytest.raises(Stale):
        shifts.take("bert", EAST, given.sequence - 1)
    shifts.take("bert", EAST, given.sequence)
    assert refused(lambda: shifts.take("carl", EAST, given.sequence)) == "nothing_handed_over"
