"""Officers pushed down to towns: nobody is lost, every lawful pair stays, and the share is as asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.schemas import BadInput
from scenarios.builder import HERE
from simulation.plan import StaffingPlan
from simulation.pushdown import pushed_down, share_in_towns
from simulation.sheets import Sheets, plan_of, read_sheets

PLACES = ("haishu", "huancui", "jiangbei", "jiangyin", "nine_cells")


@cache
def sheets_of(place: str) -> Sheets:
    return read_sheets(HERE / place)


def people(plan: StaffingPlan) -> Counter[tuple[frozenset[str], str]]:
    """How many hold what and work when, wherever they stand."""
    count: Counter[tuple[frozenset[str], str]] = Counter()
    for post in plan.posts:
        count[post.certificates, post.rota] += post.officers
    return count


def pairs(plan: StaffingPlan) -> set[tuple[tuple[str, ...], str]]:
    """Where two officers of the same desk hold the same certificate."""
    count: Counter[tuple[tuple[str, ...], str]] = Counter()
    for post in plan.posts:
        for name in post.certificates:
            count[post.desks, name] += post.officers
    return {key for key, many in count.items() if many >= 2}


@settings(max_examples=40)
@given(st.sampled_from(PLACES), st.floats(0, 1))
def test_whatever_share_nobody_is_lost_and_every_pair_stays(place, share):
    sheets = sheets_of(place)
    before = plan_of(sheets)
    try:
        after = plan_of(pushed_down(sheets, share))
    except BadInput as bad:
        refused = str(bad)
    else:
        refused = ""
    if refused:
        assert "every desk keeps its lawful pairs" in refused
        return
    assert people(after) == people(before)
    assert abs(share_in_towns(after) - share) <= 0.5 / before.heads + 1e-9
    assert pairs(before) <= pairs(after)


def test_a_share_that_cannot_be_reached_says_how_far_it_goes():
    with pytest.raises(BadInput, match=r"found 100\.0% of the heads in towns, expected at most (\d+\.\d)%") as refused:
        pushed_down(sheets_of("haishu"), 1.0)
    furthest = float(str(refused.value).split("at most ")[1].split("%")[0]) / 100
    reached = share_in_towns(plan_of(pushed_down(sheets_of("haishu"), furthest)))
    assert reached == pytest.approx(furthest, abs=0.0015)


def test_the_same_share_changes_nothing():
    sheets = sheets_of("haishu")
    assert pushed_down(sheets, share_in_towns(plan_of(sheets))) == sheets


def test_who_goes_stands_under_the_same_body_where_a_town_has_it():
    """The district's urban officers come to the towns' urban desks; others to each town's largest desk."""
    sheets = sheets_of("haishu")
    before, after = plan_of(sheets), plan_of(pushed_down(sheets, 0.93))
    body = {desk.id: desk.body for desk in before.desks}

    def heads(plan: StaffingPlan, desk: str) -> int:
        return sum(post.officers for post in plan.posts if post.desks == (desk,))

    gone = heads(before, "330203-ZF") - heads(after, "330203-ZF")
    came = {desk: heads(after, desk) - heads(before, desk) for desk in body if len(desk.split("-")[0]) == 9}
    assert gone > 0
    assert sum(came[desk] for desk in came if body[desk] == "ZF") >= gone
    assert min(came.values()) >= 0


def test_a_plan_that_cannot_be_read_is_refused_as_such():
    with pytest.raises(BadInput, match="no posts"):
        pushed_down(replace(sheets_of("nine_cells"), posts=()), 0.5)
