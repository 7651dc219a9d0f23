"""The rules of the simulated street, each in the smallest city in which it matters, in both engines."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from simulation import fast
from simulation.city import City
from simulation.diary import Diary, Event
from simulation.tables import PAIR, Force, Work, orders
from tests.simulation.cities import one_desk, told_at

Play = Callable[..., Diary]


@pytest.fixture(params=["readable", "compiled"])
def play(request: pytest.FixtureRequest) -> Play:
    def readable(force: Force, work: Work, until_s: float = math.inf) -> Diary:
        return City(force, work).run(until_s)

    return readable if request.param == "readable" else fast.run


def when(diary: Diary, event: Event, incident: int) -> list[float]:
    return diary.t[(diary.event == event) & (diary.incident == incident)].tolist()


def sent_from(diary: Diary, incident: int) -> list[int]:
    return diary.desk[(diary.event == Event.SENT) & (diary.incident == incident)].tolist()


def two_desks(*, certified: list[list[int]] | None = None, way_s: tuple[float, float] = (10.0, 20.0)) -> Force:
    """One officer at each of two desks; the first is asked first."""
    order_start, order_desk = orders([[0, 1]])
    return replace(
        one_desk(2),
        pace=[1.0, 1.0],
        seconds=[[way_s[0]], [way_s[1]]],
        certified=certified or [[1, 1], [1, 1]],
        duty_desk=[0, 1],
        order_start=order_start,
        order_desk=order_desk,
    )


def test_one_incident_is_told_reached_done_and_closed(play):
    diary = play(one_desk(way_s=30.0), told_at(5.0, work_s=100.0))
    story = [(t, Event(event).name) for t, event in zip(diary.t, diary.event, strict=True)]
    assert story == [
        (0.0, "ON_DUTY"),
        (5.0, "TOLD"),
        (5.0, "SENT"),
        (35.0, "ARRIVED"),
        (135.0, "WORKED"),
        (135.0, "CLOSED"),
        (165.0, "BACK"),
    ]


def test_the_way_back_holds_the_officer_and_not_the_incident(play):
    """The second caller waits until somebody is at the desk again; the first one's file is closed on the spot."""
    diary = play(one_desk(way_s=30.0), told_at(0.0, 1.0))
    assert when(diary, Event.CLOSED, 0) == [130.0]
    assert when(diary, Event.SENT, 1) == [160.0]


def test_the_next_desk_goes_when_the_first_is_busy(play):
    diary = play(two_desks(), told_at(0.0, 1.0, 2.0))
    assert [sent_from(diary, i) for i in range(3)] == [[0], [1], [0]]
    assert when(diary, Event.SENT, 2) == [120.0]


def test_a_desk_without_the_certificate_is_passed_over(play):
    diary = play(two_desks(certified=[[0, 1], [1, 1]]), told_at(0.0))
    assert sent_from(diary, 0) == [1]


def test_two_officers_of_one_desk_make_a_pair_and_of_two_desks_none(play):
    """Article 42: who stands in different towns does not make a lawful pair by both being free."""
    pair = told_at(0.0, need=[PAIR])
    assert len(when(play(two_desks(), pair), Event.SENT, 0)) == 0
    diary = play(one_desk(2), pair)
    assert diary.officer[diary.event == Event.SENT].tolist() == [0, 1]
    assert diary.officer[diary.event == Event.WORKED].tolist() == [0]


def test_an_officer_certified_in_another_field_does_not_complete_the_pair(play):
    force = replace(one_desk(3), certified=[[1, 0], [0, 1], [1, 1]])
    diary = play(force, told_at(0.0, need=[PAIR]))
    assert diary.officer[diary.event == Event.SENT].tolist() == [0, 2]


def test_a_higher_priority_goes_first_and_interrupts_nobody(play):
    diary = play(one_desk(), told_at(0.0, 1.0, 2.0, priority=[1, 1, 0]))
    assert [when(diary, Event.SENT, i) for i in range(3)] == [[0.0], [200.0], [100.0]]


def test_nobody_overtakes_in_a_line(play):
    """Otherwise whoever needs two officers waits for ever behind those who need one."""
    work = told_at(0.0, 50.0, 60.0, need=[1, PAIR, 1])
    diary = play(one_desk(2), work)
    assert [when(diary, Event.SENT, i)[0] for i in range(3)] == [0.0, 100.0, 200.0]


def test_a_line_of_another_certificate_does_not_hold_up(play):
    force = replace(one_desk(2), certified=[[1, 0], [0, 1]])
    diary = play(force, told_at(0.0, 10.0, 20.0, field=[0, 0, 1]))
    assert [when(diary, Event.SENT, i) for i in range(3)] == [[0.0], [100.0], [20.0]]


def test_an_officer_whose_shift_ends_finishes_then_leaves(play):
    diary = play(one_desk(duty=(0.0, 50.0)), told_at(0.0, 10.0))
    assert when(diary, Event.CLOSED, 0) == [100.0]
    assert when(diary, Event.SENT, 1) == []


def test_nobody_is_sent_who_would_arrive_after_the_shift(play):
    """The live desk greys such a team out as well (shift_over)."""
    assert when(play(one_desk(duty=(0.0, 50.0), way_s=40.0), told_at(10.0)), Event.SENT, 0) == []
    assert when(play(one_desk(duty=(0.0, 50.0), way_s=39.0), told_at(10.0)), Event.SENT, 0) == [10.0]


def test_who_waits_in_the_night_is_served_when_the_shift_begins(play):
    diary = play(one_desk(duty=(500.0, 900.0)), told_at(10.0))
    assert when(diary, Event.SENT, 0) == [500.0]


def test_a_pause_holds_no_officer(play):
    work = told_at(0.0, 10.0, steps=2, pause_s=[0, 1000, 0, 1000], goes=[0, 0, 0, 0])
    diary = play(one_desk(), work)
    assert when(diary, Event.SENT, 0) == [0.0, 1100.0]
    assert when(diary, Event.SENT, 1) == [100.0, 1200.0]


def test_a_free_patrol_sees_it_before_the_citizen_tells(play):
    work = told_at(1000.0, pass_s=[300.0], pass_every_s=[400.0])
    diary = play(one_desk(), work)
    assert when(diary, Event.FOUND, 0) == [300.0]
    assert when(diary, Event.TOLD, 0) == []


def test_a_busy_officer_patrols_nothing(play):
    """The next pass sees it, or the citizen tells."""
    work = told_at(0.0, 500.0, work_s=100.0, pass_s=[np.inf, 50.0], pass_every_s=[np.inf, 300.0])
    assert when(play(one_desk(), work), Event.FOUND, 1) == [350.0]
    work = replace(work, pass_every_s=[np.inf, 460.0])
    assert when(play(one_desk(), work), Event.TOLD, 1) == [500.0]


def test_what_no_desk_may_act_on_is_passed_on(play):
    order_start, order_desk = orders([[]])
    diary = play(replace(one_desk(), order_start=order_start, order_desk=order_desk), told_at(3.0))
    assert when(diary, Event.PASSED_ON, 0) == [3.0]
    assert when(diary, Event.CLOSED, 0) == []


def test_where_nobody_stands_in_line_a_call_is_lost(play):
    diary = play(one_desk(), told_at(0.0, 1.0, 200.0, waits=False))
    assert when(diary, Event.LOST, 1) == [1.0]
    assert when(diary, Event.SENT, 2) == [200.0]


def test_the_story_ends_where_it_is_cut(play):
    diary = play(one_desk(), told_at(0.0, 150.0), 100.0)
    assert diary.until_s == 100.0
    assert diary.t.max() < 100.0
    assert when(diary, Event.CLOSED, 0) == []


def test_a_force_or_work_that_contradicts_itself_is_refused():
    with pytest.raises(ValueError, match="stand by their start"):
        replace(one_desk(2), duty_start=[5.0, 1.0])
    with pytest.raises(ValueError, match="one officer or two"):
        told_at(0.0, need=[3])
    with pytest.raises(ValueError, match="names a desk twice"):
        replace(one_desk(), order_start=[0, 2], order_desk=[0, 0])
    with pytest.raises(ValueError, match="certificate"):
        fast.run(one_desk(), told_at(0.0, field=[7]))


def test_an_absent_officer_has_no_duty():
    assert len(one_desk(3).without(np.array([True, False, True])).duty_start) == 1
