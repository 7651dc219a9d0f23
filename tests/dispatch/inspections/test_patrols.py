"""Patrols: as often as list and risk ask, at times nobody can guess, on ways that fit, and counted afterwards."""

import csv
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.inspections.patrol_items import Every, read_patrol_items
from dispatch.inspections.patrol_owed import Looked, need, remembered, spared, wanted
from dispatch.inspections.patrol_plan import Terms
from dispatch.inspections.patrol_ways import shortest, way
from dispatch.inspections.patrols import NO_TIME, TOO_LONG, UNREACHABLE, drawn_passes, patrol
from dispatch.records.incident import WrongStep
from dispatch.records.patrol import Finding, Handling, PatrolledCell
from dispatch.records.team import Officer, Role
from dispatch.rulebook.matters import Source
from gis.beats import draw_beats
from gis.schemas import BadInput
from scenarios.builder import HERE
from scenarios.rules import read_named
from tests.towns import nine_cells

ITEMS = read_patrol_items(HERE / "patrol_items.csv")
DAYS = tuple(date(2026, 3, 2) + timedelta(days=7 * week + day) for week in range(4) for day in range(5))
OBJECTS = ("main_road", "back_lane", "school", "estate", "village", "river")


def a_cell(name, objects, risk=1, beat=1):
    return PatrolledCell(name, beat, tuple(sorted(objects)), 121.5, 29.8, Fraction(risk))


def cells(*objects, risk=1):
    return [a_cell(f"C{n}", some, risk) for n, some in enumerate(objects, start=1)]


def line(n, minutes=10.0):
    """Travel along a street with a cell every so many minutes; the base is at its beginning."""
    at = np.r_[np.arange(1.0, n + 1), 0.0] * minutes
    return abs(at[:, None] - at[None])


def walked(beat, **how):
    given = {"seed": "2026-03", "items": ITEMS, "days": DAYS, "rounds_a_day": 2, "longest": 240} | how
    return patrol(cells=beat, travel=given.pop("travel", line(len(beat))), **given)


# The list


def test_the_list_has_212_items_in_5_fields_all_marked_as_examples():
    """The figures of Huancui's list; its rows are not public, so ours say that they are examples."""
    assert len(ITEMS) == 212
    assert len({item.field for item in ITEMS.values()}) == 5
    assert {item.source for item in ITEMS.values()} == {Source.ILLUSTRATIVE}


def test_every_field_of_the_list_is_a_field_of_the_place():
    """A finding is handed on to who is certified in its field."""
    assert {item.field for item in ITEMS.values()} <= read_named(HERE / "fields.csv").keys()


def test_no_object_is_looked_at_twice_for_the_same():
    """A row that stands twice under two codes would send everybody twice."""
    assert len({(item.object, item.name_zh) for item in ITEMS.values()}) == 212


@pytest.mark.parametrize(
    ("column", "value"), [("times", "0"), ("every", "fortnight"), ("code", "X102"), ("minutes", "")]
)
def test_a_row_that_is_wrong_is_named_by_column(tmp_path, column, value):
    """Whoever keeps the list needs the cell."""
    with (HERE / "patrol_items.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[0][column] = value
    path = tmp_path / "patrol_items.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(BadInput) as refused:
        read_patrol_items(path)
    assert column in {fault.column for fault in refused.value.faults}


# How often


def test_a_cell_is_passed_as_often_as_its_most_frequent_item_and_risk_ask():
    """A main road is passed daily for its stalls; at twice the risk twice a day; each item no oftener than listed."""
    plain, risky = (need(cells({"main_road"}, risk=risk)[0], ITEMS.values(), 20, 40) for risk in (1, 2))
    assert (plain.passes, risky.passes) == (20, 40)
    weekly = next(i for i in ITEMS.values() if i.object == "main_road" and (i.times, i.every) == (1, Every.WEEK))
    assert (plain.looks[weekly.code], risky.looks[weekly.code]) == (4, 8)


def test_what_the_rounds_cannot_hold_is_said():
    """Risk 3 asks for sixty passes of forty rounds: the twenty that are missing are a number, not a silence."""
    assert need(cells({"main_road"}, risk=3)[0], ITEMS.values(), 20, 40).short == 20


def test_a_cell_without_objects_of_the_list_is_owed_nothing():
    """A reservoir of nothing but water needs no daily round."""
    assert need(cells(set())[0], ITEMS.values(), 20, 40).passes == 0


@given(st.frozensets(st.sampled_from(OBJECTS)), st.fractions(Fraction(1, 4), 4), st.integers(1, 60))
def test_over_all_passes_every_item_is_looked_at_as_often_as_owed(objects, risk, slots):
    """Spreading the items over the passes must lose none."""
    owed = need(a_cell("C1", objects, risk), ITEMS.values(), 20, slots)
    looked = Counter(code for nth in range(owed.passes) for code in owed.items_at(nth))
    assert looked == Counter(owed.looks)


QUARTERLY = next(item for item in ITEMS.values() if (item.times, item.every) == (1, Every.QUARTER))


def played(item, risk, days, periods, made=lambda at: True):
    """Periods of so many days one after the other, each owed what the looks before it leave; the days of the looks."""
    looks = []
    for first in range(0, days * periods, days):
        before = [first - day for day in looks if first - day <= remembered(item)]
        less = spared(item, Fraction(risk), days, Looked(max(before), len(before))) if before else 0
        owed = wanted(item, Fraction(risk), days) - less
        new = [first + (2 * nth + 1) * days // (2 * owed) for nth in range(owed)]
        looks += [day for day in new if made(day)]
    return looks


def test_a_quarterly_look_comes_once_a_quarter_however_short_the_patrols():
    """Planned week by week, it came twelve times as often as the list asks."""
    assert len(played(QUARTERLY, 1, 5, 48)) == 4
    assert len(played(QUARTERLY, 1, 1, 240)) == 4
    assert len(played(QUARTERLY, 1, 60, 4)) == 4
    assert len(played(QUARTERLY, 2, 5, 48)) == 8


@settings(max_examples=60)
@given(
    st.sampled_from([1, 2, 3]), st.sampled_from(list(Every)), st.sampled_from([1, 5, 10, 20]), st.integers(10, 20),
)  # fmt: skip
def test_looks_are_as_often_as_listed_whatever_the_length_of_the_patrols(times, every, days, tenths):
    """Over a year of 240 working days: never fewer than the list asks, and near to what list and risk ask together."""
    item, risk = replace(QUARTERLY, times=times, every=every), Fraction(tenths, 10)
    found = len(played(item, risk, days, 240 // days))
    exactly = item.a_day * 240 * risk
    assert item.a_day * 240 <= found
    assert exactly * Fraction(4, 5) <= found <= exactly * Fraction(5, 4) + 1


@given(st.integers(1, 3), st.sampled_from(list(Every)), st.integers(1, 60), st.integers(1, 99), st.integers(1, 9))
def test_what_was_looked_at_only_ever_spares_looks_and_what_was_missed_is_not_owed_twice(
    times, every, days, since, made
):
    """Nobody is owed more for having been forgotten than the list and the risk want: it cannot pile up."""
    item = replace(QUARTERLY, times=times, every=every)
    fresh = wanted(item, Fraction(1), days)
    assert 0 <= spared(item, Fraction(1), days, Looked(since, made)) <= fresh
    assert spared(item, Fraction(1), days, Looked(since + 1, made)) <= spared(
        item, Fraction(1), days, Looked(since, made)
    )


def test_a_look_that_is_missed_is_due_in_the_next_patrol():
    """Nobody went in the week in which it was drawn; the week after asks for it again."""
    looks = played(QUARTERLY, 1, 5, 48, made=lambda day: not 60 <= day < 65)
    assert looks[0] < 5
    assert 65 <= looks[1] < 70


def test_a_cell_is_not_passed_for_what_was_looked_at():
    """A greenhouse whose items are all weekly or rarer, seen yesterday, needs nobody tomorrow."""
    plain = cells({"greenhouse"})[0]
    seen = replace(plain, spared=tuple((code, 9) for code in sorted(ITEMS)))
    assert need(plain, ITEMS.values(), 1, 2).passes == 1
    assert need(seen, ITEMS.values(), 1, 2).passes == 0


# When


@settings(max_examples=60)
@given(st.text(min_size=1), st.integers(1, 40))
def test_each_equal_part_of_the_period_has_its_pass(seed, passes):
    """Random, but never a fortnight without anybody."""
    owed = type(need(cells({"main_road"})[0], ITEMS.values(), 20, 40))(passes, {"X101": passes})
    slots = [each.slot for each in drawn_passes(seed, {"C1": owed}, 40)]
    assert len(set(slots)) == passes
    assert all(nth * 40 // passes <= slot < (nth + 1) * 40 // passes for nth, slot in enumerate(slots))


def test_the_same_seed_draws_the_same_rounds_and_another_draws_others():
    """Auditable, and not to be guessed."""
    beat = cells({"school"}, {"estate"}, {"river"}, {"village"})
    assert walked(beat) == walked(beat)
    assert walked(beat).rounds != walked(beat, seed="2026-04").rounds


def test_every_turn_is_as_likely_as_the_next():
    """Two passes in forty rounds: over 400 seeds no round is a safe one."""
    owed = need(cells({"school"})[0], [next(i for i in ITEMS.values() if i.every is Every.WEEK)], 20, 40)
    owed = type(owed)(2, {"X": 2})
    slots = Counter(each.slot for n in range(400) for each in drawn_passes(f"seed {n}", {"C1": owed}, 40))
    assert set(slots) == set(range(40))
    assert max(slots.values()) < 3 * 20


# By which way


@settings(max_examples=30)
@given(
    st.lists(st.frozensets(st.sampled_from(OBJECTS)), min_size=1, max_size=7), st.integers(40, 300), st.integers(1, 3)
)
def test_nothing_owed_is_lost_and_no_round_is_too_long(objects, longest, rounds_a_day):
    """Every pass is on a round or left out with a reason; every round is home in time; no cell twice on one."""
    beat = cells(*objects)
    found = walked(beat, longest=longest, rounds_a_day=rounds_a_day)
    slots = len(DAYS) * rounds_a_day
    owed = {cell.cell: need(cell, ITEMS.values(), len(DAYS), slots).passes for cell in beat}
    made = Counter(stop.cell for one in found.rounds for stop in one.stops)
    left = Counter(each.cell for each in found.left_out)
    assert {cell: made[cell] + left[cell] for cell in owed} == owed
    for one in found.rounds:
        assert one.minutes <= longest
        assert len({stop.cell for stop in one.stops}) == len(one.stops)
        assert all(a.arrive + a.minutes <= b.arrive for a, b in pairwise(one.stops))


def test_what_never_fits_says_why():
    """No way there, too far for any round, or simply too much for the rounds there are: three different repairs."""
    travel = line(3)
    travel[1, :2] = travel[:1, 1] = travel[1, 2:] = travel[2:, 1] = np.inf
    beat = cells({"main_road"}, {"main_road"}, {"main_road"})
    assert {each.reason for each in walked(beat, travel=travel).left_out} == {UNREACHABLE}
    assert {each.reason for each in walked(cells({"school"}), longest=10).left_out} == {TOO_LONG}
    tight = walked(cells(*[{"school"}] * 6), rounds_a_day=1, longest=160)
    assert {each.reason for each in tight.left_out} == {NO_TIME}


def test_a_way_is_never_longer_than_going_to_the_nearest_next():
    """The plain rule anybody would walk by is the least that a planned way must match."""
    rng = np.random.default_rng(3)
    for _ in range(10):
        points = rng.random((26, 2)) * 60
        travel = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
        near, left = [int(np.argmin(travel[-1, :-1]))], set(range(25))
        left.discard(near[0])
        while left:
            near.append(min(left, key=lambda at: travel[near[-1], at]))
            left.discard(near[-1])
        order = shortest(travel, near)
        assert sorted(order) == list(range(25))
        assert way(travel, order) <= way(travel, near)


def test_a_beat_is_planned_by_itself():
    """Two beats in one matrix would share a team that they do not share."""
    two = [*cells({"school"}), a_cell("C9", {"school"}, beat=2)]
    with pytest.raises(ValueError, match="2 beats"):
        walked(two)


def test_beats_of_the_nine_cells_share_the_patrol_and_every_cell_is_passed():
    """From the ground to the round: cells, their work, beats by that work, a patrol for each beat."""
    town = nine_cells().cells
    ground = [a_cell(code, {OBJECTS[at % 6]}, beat=0) for at, code in enumerate(town["code"])]
    work = [need(cell, ITEMS.values(), 20, 40).passes for cell in ground]
    beats = draw_beats(town, work, 3)
    centres = town.to_crs(town.estimate_utm_crs()).centroid
    found = []
    for beat in (1, 2, 3):
        mine = [at for at, cell in enumerate(ground) if beats[cell.cell] == beat]
        x, y = (np.r_[axis[mine], axis[mine].mean()] for axis in (centres.x.to_numpy(), centres.y.to_numpy()))
        travel = np.hypot(x[:, None] - x[None], y[:, None] - y[None]) / 70
        found.append(walked([replace(ground[at], beat=beat) for at in mine], travel=travel))
    done = [stop.cell for each in found for one in each.rounds for stop in one.stops]
    assert set(done) == set(town["code"])
    assert Counter(done) == dict(zip(town["code"], work, strict=True))


# Findings

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)


def someone(role):
    return Officer("A7", "A7", role, "330203001")


def finding(role=Role.AUXILIARY):
    return Finding("F1", "C1", "X101", "水果摊占道", NOW, "A7", role)


@pytest.mark.parametrize("role", [Role.AUXILIARY, Role.GRID_WORKER])
def test_auxiliaries_and_grid_workers_find_and_dissuade_and_hand_on(role):
    """What an auxiliary orders is void, and the shop may say so."""
    found, by = finding(role), someone(role)
    assert found.dissuaded(by, put_right=True).self_handled
    assert found.dissuaded(by, put_right=False).handed_on("I7").incident == "I7"
    with pytest.raises(WrongStep, match="only an officer orders"):
        found.ordered(by, put_right=True)


def test_an_officer_on_patrol_may_order_and_hand_on():
    """Jiangyin's officers walk the grid themselves."""
    officer = someone(Role.OFFICER)
    assert finding().ordered(officer, put_right=True).self_handled
    assert finding().ordered(officer, put_right=False).handed_on("I7").handling is Handling.HANDED_ON


def test_an_order_is_heeded_late_or_handed_on_but_never_taken_back_to_a_word():
    """Otherwise an auxiliary's friendly word would unmake what an officer ordered."""
    ordered = finding().ordered(someone(Role.OFFICER), put_right=False)
    assert ordered.open
    assert ordered.ordered(someone(Role.OFFICER), put_right=True).self_handled
    with pytest.raises(WrongStep, match="handed on"):
        ordered.dissuaded(someone(Role.AUXILIARY), put_right=True)


def test_what_was_put_right_is_not_handed_on_and_what_was_handed_on_is_over():
    """An incident made of nothing wastes a team; two made of one waste two."""
    word = finding().dissuaded(someone(Role.AUXILIARY), put_right=True)
    assert not word.open
    with pytest.raises(WrongStep):
        word.handed_on("I7")
    with pytest.raises(WrongStep):
        word.dissuaded(someone(Role.AUXILIARY), put_right=False)
    with pytest.raises(WrongStep):
        finding().handed_on("I7").handed_on("I8")


@pytest.mark.parametrize("numbers", [(0, 240, 1), (2, 0, 1), (2, 240, 0)])
def test_terms_that_patrol_nothing_are_refused(numbers: tuple[int, int, int]):
    """No round a day, or none that may last a minute, would end as 'there is nothing to patrol'."""
    with pytest.raises(ValueError, match="each must be above 0"):
        Terms((), *numbers)
