"""A demo's patrols, and the whole list over a whole district."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from dispatch.desk.incidents import Desk
from dispatch.desk.patrolling import Patrolling
from dispatch.desk.patrols import Patrols, fared_of
from dispatch.inspections.patrol_coverage import ENDED_EARLY, share_self_handled
from dispatch.inspections.patrol_places import PatrolGround, kinds_by_cell
from dispatch.inspections.patrol_plan import Terms, TownGround, draw
from dispatch.inspections.patrols import UNREACHABLE
from dispatch.inspections.ways import StreetWays
from dispatch.records.patrol import Handling, PatrolledCell, RoundStatus
from dispatch.records.team import Role
from dispatch.store import patrols
from gis.locate import CellLocator
from gis.streets import Profile
from gis.travel import TravelTimes
from scenarios.patrolling import LONGEST_MIN, ROUNDS_A_DAY, beats_for, made_up_objects, open_patrols
from scenarios.scenario import Scenario
from tests.books import empty_book

WEEK = tuple(date(2026, 3, 2) + timedelta(days=at) for at in range(5))
NINE_TO_TEN = (9, 45)


def ground_of(place: Scenario) -> PatrolGround:
    return PatrolGround(place.cells, place.streets.lines(), place.water)


def test_the_whole_list_goes_over_town_and_country(haishu: Scenario):
    """212 items, every third of 17 towns, a week: every pass is on a round or says why not, no round is too long."""
    ground, items = ground_of(haishu), haishu.rules.patrol_items
    kinds = kinds_by_cell(ground, made_up_objects(haishu, haishu.areas.towns), [])
    bases = {line.town: (line.lon, line.lat) for line in reversed(haishu.roster)}
    ways = StreetWays(TravelTimes(haishu.streets, Profile.EBIKE))
    looked, owed, made, left = Counter(), 0, 0, Counter()
    for town in list(haishu.areas.towns)[::3]:
        cells = ground.of_town(town)
        codes = [str(code) for code in cells["code"]]
        rows = [ground.row[code] for code in codes]
        own = tuple(kinds.get(code, frozenset()) for code in codes)
        lon, lat = (tuple(axis[rows].tolist()) for axis in ground.points)
        plain = tuple(
            PatrolledCell(code, 0, tuple(sorted(some)), *point)
            for code, some, *point in zip(codes, own, lon, lat, strict=True)
        )
        asked = TownGround(cells, plain, {}, bases[town])
        terms = Terms(WEEK, ROUNDS_A_DAY, LONGEST_MIN, beats_for(haishu, own, len(codes)))
        drawn = draw("a week", asked, items, terms, ways)
        owed += sum(cell.passes for cell in drawn.cells)
        for patrol in drawn.patrols:
            left.update(each.reason for each in patrol.left_out)
            for one in patrol.rounds:
                assert one.minutes <= LONGEST_MIN
                made += len(one.stops)
                looked.update(code for stop in one.stops for code in stop.items)
    assert made + sum(left.values()) == owed
    assert sum(left.values()) - left[UNREACHABLE] < 0.01 * owed
    assert looked.keys() == items.keys()


@pytest.fixture(scope="module")
def demo(haishu: Scenario):
    """The demo's patrols on a Wednesday morning."""
    now = datetime(2026, 7, 29, *NINE_TO_TEN, tzinfo=haishu.zone)
    with empty_book() as book:
        desk = Desk(book, haishu.rulebook, CellLocator(haishu.cells), haishu.cells, lambda: now, zone=haishu.zone)
        desk.set_roster("test", haishu.teams(now))
        bases = {line.town: (line.lon, line.lat) for line in reversed(haishu.roster)}
        ways = StreetWays(TravelTimes(haishu.streets, Profile.EBIKE))
        towns = {town: haishu.areas.name(town) for town in haishu.areas.towns}
        items = haishu.rules.patrol_items
        seeds = itertools.count(1)
        made = Patrols(
            desk, items, ground_of(haishu), ways, bases, towns, haishu.zone, new_seed=lambda: f"demo {next(seeds)}"
        )

        def working(start: date, count: int) -> tuple[date, ...]:
            days = (start + timedelta(days=ahead) for ahead in itertools.count())
            return tuple(itertools.islice(filter(haishu.rules.calendar.working, days), count))

        open_patrols(made, Patrolling(desk, items), haishu, now, working)
        yield book, made, now.date()


def test_a_demo_has_a_period_behind_it_in_which_hardly_a_cell_was_missed(demo):
    """Two rounds were cut short and say why; whoever opens the demo sees which cells."""
    book, made, today = demo
    with book.reading() as connection:
        over, running = patrols.plans(connection)
        told = fared_of(connection, over, today)
    assert over.over(today)
    assert today in running.days
    cut = [why for cell in told for why in cell.missed if why.reason == ENDED_EARLY]
    assert len(cut) == 2
    assert all(why.said for why in cut)
    assert made.check("test", over.id).fits


def test_a_demos_rounds_of_this_morning_are_under_way_and_one_is_left_to_begin(demo):
    """The first team's phone has a round to set out on."""
    book, _, today = demo
    with book.reading() as connection:
        rounds = patrols.rounds(connection, day=today)
    status = Counter(one.status for one in rounds)
    assert status[RoundStatus.UNDER_WAY] >= 3
    assert next(one for one in rounds if one.beat == 1).status is RoundStatus.PLANNED


def test_a_demos_findings_are_mostly_settled_on_the_round_and_say_that_they_are_made_up(demo):
    book, _, _ = demo
    with book.reading() as connection:
        found = patrols.findings(connection)
    assert 0.5 < share_self_handled(found) < 1
    assert Handling.ORDERED in {each.handling for each in found}
    assert all(each.handled_by for each in found)
    assert {each.role for each in found} == {Role.OFFICER, Role.AUXILIARY}
    assert all("合成" in each.text for each in found)
    assert [each.incident for each in found if each.incident] == [each.id for each in book.open_incidents()]
    assert book.verify().whole


def test_objects_are_the_same_for_the_same_seed_and_lie_in_their_cells(haishu: Scenario):
    town = haishu.areas.towns[0]
    first = made_up_objects(haishu, [town])
    assert first == made_up_objects(haishu, [town])
    at = CellLocator(haishu.cells).locate([each.lon for each in first], [each.lat for each in first])
    assert [str(haishu.cells["code"].iloc[row]) for row in at] == [each.cell for each in first]
