"""The compiled twin is the readable city, line by line: what is tested of one is true of both."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation import fast
from simulation.city import City
from simulation.tables import PAIR
from tests.simulation.cities import any_city, one_desk, told_at

SIZES = {
    "seed": st.integers(0, 2**32 - 1),
    "desks": st.integers(1, 6),
    "officers": st.integers(1, 9),
    "incidents": st.integers(0, 60),
    "fields": st.integers(1, 4),
    "round_times": st.booleans(),
    "until_s": st.sampled_from([1e-9, 900.0, 3000.0, math.inf]),
}


@settings(max_examples=300)
@given(**SIZES)
def test_both_engines_write_the_same_diary(seed, desks, officers, incidents, fields, round_times, until_s):
    """To the last bit and in the same order, also when many things happen at the same instant."""
    force, work = any_city(seed, desks, officers, incidents, fields, round_times=round_times)
    readable, compiled = City(force, work).run(until_s), fast.run(force, work, until_s)
    assert readable.same_as(compiled)
    assert math.isinf(until_s) or readable.until_s == compiled.until_s


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32 - 1), officers=st.integers(60, 200))
def test_desks_of_more_officers_than_a_word_has_bits_are_the_same_too(seed, officers):
    """Who is free is kept in words of 64 bits; the 65th officer stands in the next."""
    force, work = any_city(seed, 2, officers, 150, 3, round_times=True)
    assert City(force, work).run().same_as(fast.run(force, work))


def test_there_is_room_for_every_line_where_every_step_waits():
    """Lines are written into columns made beforehand; what stands beyond their end would be somebody else's memory."""
    force = one_desk(2, duty=(500.0, 1e9), way_s=30.0)
    work = told_at(0.0, 1.0, 2.0, steps=2, need=np.full(6, PAIR))
    diary = fast.run(force, work)
    assert diary.same_as(City(force, work).run())
    each_step = 1 + PAIR + 3  # waits, sent, arrived, worked, back
    assert len(diary) == 2 + 3 * 2 + 6 * each_step
