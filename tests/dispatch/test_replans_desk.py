"""Re-planning at the desk: what would change is known before it is taken, and little changes."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from dispatch.desk import difference
from dispatch.desk.difference import broken
from dispatch.desk.refusals import Refused
from dispatch.desk.rewriting import outing_of
from dispatch.desk.rights import PeopleRights
from dispatch.inspections.checked import UnderWay
from dispatch.inspections.faults import faults
from dispatch.inspections.noon import Noon
from dispatch.inspections.replanning import replan
from dispatch.records.calls import AHEAD, CallStatus, Outing, Stop
from dispatch.records.inspection import Calendar, Visit
from dispatch.records.person import Job, Person, Post
from dispatch.store import inspections, people
from dispatch.store.casebook import Casebook
from dispatch.store.inspections import InForce
from dispatch.store.ledger import Entry
from dispatch.store.writing import Actor
from tests.books import empty_book
from tests.dispatch.conftest import DISTRICT, EAST, NOW, WEST
from tests.dispatch.house import DAYS, MONDAY, TUESDAY, Mended, item, shop, two_days

WEDNESDAY = DAYS[2]


@pytest.fixture
def house(casebook: Casebook) -> Mended:
    made = Mended(casebook)
    made.open()
    return made


@pytest.fixture
def planned(house: Mended) -> Mended:
    two_days(house)
    return house


def test_nothing_happened_and_nothing_changes(planned):
    """Who presses the button on a quiet day sees that, and the book stays as it was."""
    before = planned.in_force()
    proposal = planned.replans.look([EAST, WEST])
    assert proposal.nothing
    assert proposal.same == len(before.stops)
    assert planned.in_force() == before


def test_the_noodle_shop_was_closed_and_only_its_visit_moves(planned):
    """One line of difference, on another day; ids, hours and crews of all others stay."""
    planned.desk.take_in("anna", [], [item("I1", "P1"), item("I2", "P1", "environment")])
    closed = planned.call("P1")
    planned.rounds.closed("anna", closed.id, closed.version, "shutters down")
    before = planned.in_force()
    proposal = planned.replans.look([EAST])
    (shift,) = proposal.shifts
    assert (shift.premises, shift.again) == ("P1", True)
    assert shift.was is not None
    assert shift.was.day == MONDAY
    assert shift.now is not None
    assert shift.now.day > MONDAY
    assert not proposal.swaps
    assert planned.in_force() == before, "looking changes nothing"
    planned.replans.take("anna", proposal)
    after = planned.in_force()
    assert {name: stop for name, stop in after.stops.items() if name != shift.call} == before.stops
    again = after.stops[shift.call]
    assert (again.status, set(again.visit.items)) == (CallStatus.PLANNED, {"I1", "I2"})
    assert after.day_of(again) == shift.now.day
    assert planned.replans.look([EAST]).nothing


def test_who_is_ill_on_tuesday_is_replaced_and_the_hours_stay(planned):
    """Another lawful officer goes with the crew; the shops are visited at the hour they were told."""
    day, crew = planned.crew_of("P2")
    ill = crew[0]
    planned.absences.away("anna", ill, day, day, "flu")
    before = planned.in_force()
    proposal = planned.replans.look([EAST])
    assert proposal.shifts == ()
    (swap,) = proposal.swaps
    assert (swap.day, swap.out) == (day, (ill,))
    assert len(swap.into) <= 1
    planned.replans.take("anna", proposal)
    after = planned.in_force()
    assert after.stops == before.stops
    assert ill not in after.outings[swap.outing].officers
    assert len(after.outings[swap.outing].officers) >= 2


def test_a_re_plan_that_is_stopped_keeps_the_towns_it_had_come_to(planned):
    """Both towns lose everybody; the east is put in order, the west stays as it is in the answer and in the book."""
    for who in ("a", "b", "c", "d", "e", "f", "h", "i"):
        planned.absences.away("anna", who, DAYS[0], DAYS[-1], "flood")
    whole = planned.replans.look([EAST, WEST])
    assert {shift.premises for shift in whole.shifts} == {"P1", "P2", "P3", "P4"}
    assert whole.later == ()
    asked: list[int] = []

    def once() -> bool:
        asked.append(1)
        return len(asked) == 1

    proposal = planned.replans.look([EAST, WEST], going=once)
    first, second = (EAST, WEST) if proposal.later == (WEST,) else (WEST, EAST)
    assert (proposal.asked.towns, proposal.later) == ((first,), (second,))
    before = planned.in_force()
    of_second = {name: stop for name, stop in before.stops.items() if before.town_of(stop) == second}
    assert of_second.keys() < before.stops.keys()
    planned.replans.take("anna", proposal)
    after = planned.in_force()
    assert {name: after.stops[name] for name in of_second} == of_second
    assert {before.town_of(before.stops[shift.call]) for shift in proposal.shifts} == {first}


def test_a_re_plan_that_is_stopped_is_not_worked_out_again(planned, monkeypatch):
    """Whoever presses stop waits no longer; what comes is as if the town had been asked about alone."""
    planned.desk.take_in("anna", [], [item("I9", "P2", "environment"), item("I8", "P4")])
    whole = planned.replans.look([EAST])
    times: list[str] = []

    def counted(*asked: Any) -> Calendar:
        times.append("worked out")
        return replan(*asked)

    def once() -> bool:
        times.append("asked")
        return times.count("asked") == 1

    monkeypatch.setattr(difference, "replan", counted)
    proposal = planned.replans.look([EAST, WEST], going=once)
    assert times.count("worked out") == 1
    assert proposal.later == (WEST,)
    assert proposal == replace(whole, later=(WEST,))
    planned.replans.take("anna", proposal)


def test_a_re_plan_that_is_stopped_at_once_says_that_nothing_changes(planned):
    """No answer at all would look as if it were still being worked out."""
    day, crew = planned.crew_of("P2")
    planned.absences.away("anna", crew[0], day, day, "flu")
    with pytest.raises(Refused, match="replan_stopped"):
        planned.replans.look([EAST], going=lambda: False)


def test_leave_of_everybody_leaves_visits_out_with_their_price(planned):
    """What finds nobody is named, with what it would take, before anybody says yes."""
    for who in ("a", "b", "c", "h", "i"):
        planned.absences.away("anna", who, TUESDAY, WEDNESDAY)
    proposal = planned.replans.look([EAST])
    lost = {item for shift in proposal.shifts if shift.now is None for item in shift.items}
    assert lost == {"I3", "I4"}
    assert {(each.item, each.reason, each.price) for each in proposal.undone} == {
        ("I3", "no_certificate", "1 officers"),
        ("I4", "no_certificate", "1 officers"),
    }
    planned.replans.take("anna", proposal)
    force = planned.in_force()
    assert not [stop for stop in force.stops.values() if stop.visit.premises in {"P2", "P3"}]
    calendar = force.calendars[EAST].id
    assert {each.item for each in force.undone[calendar]} == {"I3", "I4"}
    planned.absences.call_off("anna", planned.absences.kept()[0].id, 1)
    planned.absences.call_off("anna", planned.absences.kept()[0].id, 1)
    back = planned.replans.look([EAST])
    planned.replans.take("anna", back)
    assert planned.in_force().undone.get(calendar, ()) == ()


def test_a_check_that_is_due_since_gets_a_place_without_moving_others(planned):
    """The department calls in the morning; by noon the check is in a visit that was planned anyway."""
    planned.desk.take_in("anna", [], [item("I9", "P3", first=TUESDAY)])
    before = planned.call("P3")
    proposal = planned.replans.look([EAST])
    planned.replans.take("anna", proposal)
    after = planned.call("P3")
    assert after.id == before.id
    assert set(after.visit.items) == {"I4", "I9"}
    assert after.leave - after.arrive == 180


def test_a_locked_call_keeps_its_lock_its_id_and_its_hour(planned):
    """The shop was told the hour; the crew may be another."""
    locked = planned.rounds.lock("anna", planned.call("P2").id, 1)
    day, crew = planned.crew_of("P2")
    planned.absences.away("anna", crew[0], day, day)
    planned.desk.take_in("anna", [], [item("I9", "P4", first=TUESDAY)])
    planned.replans.take("anna", planned.replans.look([EAST, WEST]))
    assert planned.in_force().stops[locked.id] == locked


def test_a_crew_that_has_begun_is_left_alone(planned):
    """They are on their way; only what nobody has begun is looked at."""
    stop = planned.call("P1")
    outing = planned.in_force().outings[stop.outing]
    planned.rounds.begin("anna", stop.id, stop.version, outing.officers[:2])
    begun = planned.call("P1")
    proposal = planned.replans.look([EAST])
    assert stop.outing in proposal.asked.kept
    planned.desk.take_in("anna", [], [item("I9", "P2", first=TUESDAY)])
    planned.replans.take("anna", planned.replans.look([EAST]))
    assert planned.in_force().stops[begun.id] == begun


def test_nobody_else_is_sent_to_a_door_that_a_crew_on_its_way_has_still_to_reach(house):
    """The shop would be entered twice for what one visit holds: the crew is told, or the check waits."""
    house.desk.take_in("anna", [], [item("I1", "P1", last=MONDAY), item("I3", "P2", last=MONDAY)])
    house.desk.adopt("anna", house.proposal(EAST))
    first, second = house.call("P1"), house.call("P2")
    assert first.outing == second.outing
    if second.arrive < first.arrive:
        first, second = second, first
    house.rounds.begin("anna", first.id, first.version, house.in_force().outings[first.outing].officers[:2])
    house.desk.take_in("anna", [], [item("I9", second.visit.premises)])
    proposal = house.replans.look([EAST])
    assert [(each.item, each.reason) for each in proposal.undone if each.item == "I9"] == [("I9", "on_its_way")]
    asked = proposal.asked
    items = (*asked.programme.items, item("I9", second.visit.premises))
    asked = replace(asked, programme=replace(asked.programme, items=items), ahead=replace(asked.ahead, joining=()))
    twice = replan(asked.programme, asked.calendar, asked.standing, asked.late, {EAST})
    assert "check_spared" in {each.code for each in broken(asked, twice, {EAST})}
    house.replans.take("anna", proposal)
    assert [stop.id for stop in house.in_force().stops.values() if stop.visit.premises == second.visit.premises] == [
        second.id
    ]
    assert house.replans.look([EAST]).nothing


def test_what_nobody_came_to_is_planned_again_under_its_own_id(planned):
    """Monday went by without the crew; its visit finds another day, the call is the same call."""
    planned.desk.take_in("anna", [], [item("I1", "P1"), item("I2", "P1", "environment")])
    missed = planned.call("P1")
    planned.now = NOW + timedelta(days=1)
    proposal = planned.replans.look([EAST])
    (shift,) = [each for each in proposal.shifts if each.call == missed.id]
    assert shift.was is not None
    assert shift.was.day == MONDAY
    planned.replans.take("anna", proposal)
    force = planned.in_force()
    assert force.day_of(force.stops[missed.id]) >= TUESDAY
    assert missed.outing not in force.outings, "an empty crew's day is nobody's"


def visit_of(told: dict[str, Any]) -> Visit:
    """The visit of a call that was told."""
    visit = dict(told["visit"])
    days = {name: date.fromisoformat(visit[name]) for name in ("first", "last")}
    return Visit(**{**visit, **days, "items": tuple(visit["items"]), "needs": frozenset(visit["needs"])})


def day_before(now: InForce, entry: Entry) -> tuple[dict[str, Stop], dict[str, Outing]]:
    """Calls and crews' days as they were before an entry, told from what is there after it and from the entry."""
    told = entry.details
    calls = {name: stop for name, stop in now.stops.items() if name not in told["new"]}
    for name, was in told["was"].items():
        then = {each: was[each] for each in ("outing", "arrive", "leave", "version")}
        known = now.stops.get(name) or Stop(name, "", visit_of(was), 0, 0)
        calls[name] = replace(known, **then, visit=visit_of(was), status=CallStatus(was["status"]))
    outings = now.outings | {one.id: one for one in map(outing_of, told["outings"])}
    going = {stop.outing for stop in calls.values()}
    return calls, {name: one for name, one in outings.items() if name in going}


def test_the_day_before_a_re_plan_is_told_from_the_ledger(planned):
    """Somebody complains that nobody came: the book still knows who was to come, when, and for what."""
    planned.absences.away("anna", "a", TUESDAY, TUESDAY)
    planned.absences.away("anna", "b", TUESDAY, WEDNESDAY)
    planned.desk.take_in("anna", [], [item("I9", "P3", first=TUESDAY, last=TUESDAY), item("I4", "P3", last=MONDAY)])
    planned.now += timedelta(hours=9)  # too late for today
    before = planned.in_force()
    planned.replans.take("anna", planned.replans.look([EAST]))
    after = planned.in_force()
    assert after.stops != before.stops
    entry = next(entry for entry in planned.book.latest_entries() if entry.deed == "inspect_replan")
    calls, outings = day_before(after, entry)
    assert (calls, outings) == (before.stops, before.outings)


def test_a_call_without_a_place_stays_on_record_and_its_number_is_not_given_again(planned):
    """Two visits under one number would be one and the same in every paper."""
    old = planned.call("P2")
    for who in ("a", "b", "c", "h", "i"):
        planned.absences.away("anna", who, TUESDAY, WEDNESDAY)
    planned.replans.take("anna", planned.replans.look([EAST]))
    with planned.book.reading() as connection:
        kept = inspections.stop(connection, old.id)
    assert kept == replace(old, status=CallStatus.SUPERSEDED, version=old.version + 1)
    assert old.id not in planned.in_force().stops
    assert old.outing not in planned.in_force().outings, "nobody goes out for it"
    with pytest.raises(Refused, match="call_replaced"):
        planned.rounds.lock("anna", old.id, kept.version)
    for one in planned.absences.kept():
        planned.absences.call_off("anna", one.id, 1)
    planned.replans.take("anna", planned.replans.look([EAST]))
    new = planned.call("P2")
    assert (new.visit.items, new.id != old.id, new.outing != old.outing) == (old.visit.items, True, True)


def test_a_check_that_finds_no_place_is_recorded_though_nothing_moves(planned):
    """No visit moves, and still the book has to say from now on that nobody will come for it."""
    planned.desk.take_in("anna", [], [item("I9", "P2", "archives")])
    proposal = planned.replans.look([EAST])
    assert (proposal.shifts, proposal.swaps) == ((), ())
    assert [each.item for each in proposal.left_out] == ["I9"]
    assert not proposal.nothing
    planned.replans.take("anna", proposal)
    force = planned.in_force()
    assert [(each.item, each.reason) for each in force.undone[force.calendars[EAST].id]] == [("I9", "no_certificate")]
    assert planned.last("inspect_replan")["left_out"] == {"I9": ["no_certificate", "1 officers"]}
    assert planned.replans.look([EAST]).nothing


def test_no_hour_of_a_re_plan_or_a_move_leaves_no_time_for_the_way(planned):
    """The shop lies half an hour away: who is told at nine and ready at half past nine is not there then."""
    planned.desk.take_in("anna", [shop("P9", lon=121.75)], [item("I9", "P9", last=MONDAY)])
    way = planned.desk.ways.minutes([121.6, 121.75], [29.9, 29.9])[0, 1]
    now = 9 * 60
    proposal = planned.replans.look([EAST])
    (shift,) = [each for each in proposal.shifts if each.premises == "P9"]
    assert shift.now is not None
    assert shift.now.day == MONDAY
    assert proposal.broken == ()
    before = max((call.leave for crew in proposal.calendar.crews if crew.id == shift.now.outing for call in crew.calls
                  if call.arrive < shift.now.arrive), default=0)  # fmt: skip
    assert before or shift.now.arrive >= now + 30 + way
    late = planned.replans.look([EAST])
    with pytest.raises(Refused, match="based_on_changed"):
        planned.replans.take("anna", late, now=planned.now + timedelta(minutes=shift.now.arrive - now - int(way) + 5))


@pytest.mark.parametrize("change", ["item", "leave", "lock", "hours", "town"])
def test_a_re_plan_whose_ground_has_changed_is_not_taken(planned, change):
    """While somebody read the difference, a colleague wrote on."""
    planned.desk.take_in("anna", [], [item("I9", "P3", first=TUESDAY)])
    proposal = planned.replans.look([EAST])
    if change == "item":
        planned.desk.take_in("bert", [], [item("I8", "P2", first=TUESDAY)])
    elif change == "leave":
        planned.absences.away("bert", "c", TUESDAY, TUESDAY)
    elif change == "lock":
        planned.rounds.lock("bert", planned.call("P2").id, 1)
    elif change == "hours":
        planned.desk.take_in("bert", [replace(shop("P2", lon=121.61), opens=600)], [])
    else:
        planned.desk.adopt("bert", planned.proposal(EAST))
    before = planned.in_force()
    with pytest.raises(Refused, match="based_on_changed"):
        planned.replans.take("anna", proposal)
    assert planned.in_force() == before


def test_a_colleague_elsewhere_does_not_spoil_it(planned):
    """Another town's calendar is another town's."""
    planned.desk.take_in("anna", [], [item("I9", "P3", first=TUESDAY)])
    proposal = planned.replans.look([EAST])
    planned.rounds.lock("bert", planned.call("P4").id, 1)
    planned.replans.take("anna", proposal)
    force = planned.in_force()
    assert "I9" in {one for stop in force.stops.values() for one in stop.visit.items}
    assert planned.call("P4").status is CallStatus.LOCKED


def test_a_re_plan_that_was_tampered_with_is_refused_by_the_checker(planned):
    """The checker has the last word, whoever made it."""
    planned.desk.take_in("anna", [], [item("I9", "P3", first=TUESDAY)])
    proposal = planned.replans.look([EAST])
    crew = proposal.calendar.crews[0]
    alone = replace(proposal.calendar, crews=(replace(crew, officers=crew.officers[:1]), *proposal.calendar.crews[1:]))
    with pytest.raises(Refused, match="check_crew_size"):
        planned.replans.take("anna", replace(proposal, calendar=alone))


def test_without_a_day_left_there_is_nothing_to_re_plan(planned):
    """The calendar is over: a new one is wanted, and the sentence says so."""
    with pytest.raises(Refused, match="no_calendar_ahead"):
        planned.replans.look([EAST], now=NOW + timedelta(days=20))
    with pytest.raises(Refused, match="no_calendar_ahead"):
        planned.replans.look([])


def test_two_posts_in_two_towns_plan_both_together(planned):
    """Who answers for two towns need not ask the district to put both in order at once."""
    with planned.book.writing() as page:
        for one in (
            Person("plan-both", "p", (Post(Job.PLANNER, EAST), Post(Job.PLANNER, WEST))),
            Person("plan-east", "p", (Post(Job.PLANNER, EAST), Post(Job.DISPATCHER, WEST))),
        ):
            people.add_person(page, Actor("test", NOW, "person_add"), one)
    planned.desk.rights = planned.replans.rights = PeopleRights(DISTRICT)
    for deed in (
        lambda who: planned.desk.take_in(who, [], [item("I8", "P2", first=TUESDAY), item("I9", "P4")]),
        lambda who: planned.replans.take(who, planned.replans.look([EAST, WEST])),
        lambda who: planned.desk.adopt(who, planned.proposal(EAST, WEST)),
    ):
        with pytest.raises(Refused, match="not_your_area"):
            deed("plan-east")
        deed("plan-both")


@pytest.mark.parametrize("seed", range(12))
def test_any_weeks_events_one_after_another_never_leave_a_fault(seed: int):
    """Leave, closed doors, locks, new checks, days gone by, in any order: every re-plan that is taken is lawful."""
    rng = np.random.default_rng(seed)
    with empty_book() as book:
        house = Mended(book)
        house.desk.noon = house.rounds.noon = house.replans.noon = Noon(720, 810) if seed % 2 else None
        shops = [shop(f"P{k}", lon=121.55 + rng.uniform(0, 0.1)) for k in range(7)]
        days = tuple(MONDAY + timedelta(days=ahead) for ahead in range(5))
        due = [
            item(f"I{k}", f"P{rng.integers(7)}", str(rng.choice(["city", "environment"])), *_span(rng, days))
            for k in range(14)
        ]
        house.desk.take_in("anna", shops, due)
        house.desk.adopt("anna", house.proposal(EAST, days=days))
        for step in range(8):
            _event(house, rng, days, step)
            assert_bounds_hold(house)
            proposal = house.replans.look([EAST])
            assert proposal.broken == ()
            now = proposal.asked.standing
            under_way = UnderWay(now.today, now.minute, proposal.asked.calendar)
            assert faults(proposal.asked.programme, proposal.calendar, under_way) == [] or _locked(house)
            before = house.in_force()
            house.replans.take("anna", proposal)
            entry = next(iter(house.book.latest_entries(1)))
            calls, outings = day_before(house.in_force(), entry)
            assert (calls, outings) == (before.stops, before.outings), "the ledger tells what was"
            assert_bounds_hold(house)
            assert house.replans.look([EAST]).nothing, "what was just put in order is in order"
        assert book.verify().whole


def assert_bounds_hold(house: Mended) -> None:
    """No town's crews are fewer than its bound says can be."""
    force = house.in_force()
    for town, calendar in force.calendars.items():
        going = [one for one in force.outings.values() if one.town == town and force.current(one)]
        assert 0 <= calendar.bounds[town] <= sum(len(one.officers) for one in going)


def test_each_town_has_its_own_bound_and_no_gap_is_negative(planned):
    """The east's planner sees the east's officer-days beside the bound of the east, not of the district."""
    both = planned.in_force().calendars[EAST]
    assert both.bounds.keys() == {EAST, WEST}
    assert_bounds_hold(planned)
    for who in ("a", "b", "c", "h", "i"):
        planned.absences.away("anna", who, TUESDAY, WEDNESDAY)
    proposal = planned.replans.look([EAST])
    assert proposal.bounds[EAST] < both.bounds[EAST], "two visits fewer"
    assert proposal.bounds[EAST] <= proposal.officer_days
    planned.replans.take("anna", proposal)
    assert planned.in_force().calendars[EAST].bounds == {**both.bounds, **proposal.bounds}
    assert_bounds_hold(planned)


def test_what_stays_counts_on_both_sides_of_the_gap(planned):
    """A crew that went out is of the new calendar too: a bound without it would make the gap look wide."""
    stop = planned.call("P1")
    planned.rounds.begin("anna", stop.id, stop.version, planned.crew_of("P1")[1])
    proposal = planned.proposal(EAST)
    made = planned.desk.adopt("anna", proposal)
    assert made.bounds[EAST] == proposal.calendar.bound + len(planned.crew_of("P1")[1])
    assert_bounds_hold(planned)


def test_what_is_read_of_a_town_is_what_is_in_force_there(planned):
    """Of the other town only who goes out; of former calendars only what was begun since."""
    stop = planned.call("P1")
    planned.rounds.begin("anna", stop.id, stop.version, planned.crew_of("P1")[1])
    planned.desk.adopt("anna", planned.proposal(EAST, days=DAYS[1:]))
    whole = planned.in_force()
    with planned.book.reading() as connection:
        east = inspections.in_force(connection, [EAST], MONDAY)
        since = inspections.in_force(connection, since=TUESDAY)
    assert east.stops == {name: stop for name, stop in whole.stops.items() if whole.town_of(stop) == EAST}
    assert east.outings == whole.outings
    kept = {name for name, one in whole.outings.items() if whole.current(one) or one.day >= TUESDAY}
    assert since.outings == {name: whole.outings[name] for name in kept}


def test_a_move_of_today_leaves_time_for_the_way(planned):
    """At nine nobody can be at a shop half an hour away before half past nine and the way."""
    planned.desk.take_in("anna", [shop("P9", lon=121.75)], [item("I9", "P9")])
    planned.desk.adopt("anna", planned.proposal(EAST))
    way = planned.desk.ways.minutes([121.6, 121.75], [29.9, 29.9])[0, 1]
    assert way > 20
    today = [each for each in planned.rounds.choices(planned.call("P9").id) if each.outing.day == MONDAY]
    assert [each.arrive for each in today if each.new and not each.why] == [math.ceil(9 * 60 + 30 + way)]


def _locked(house: Mended) -> bool:
    return any(stop.status is CallStatus.LOCKED for stop in house.in_force().stops.values())


def _span(rng: np.random.Generator, days: tuple[date, ...]) -> tuple[date, date]:
    first, last = sorted(rng.integers(0, len(days), 2).tolist())
    return days[first], days[last]


def _event(house: Mended, rng: np.random.Generator, days: tuple[date, ...], step: int) -> None:
    """Something that happens on a desk in a week."""
    force = house.in_force()
    today = house.now.date()
    ahead = [stop for stop in force.stops.values() if stop.status in AHEAD and force.day_of(stop) >= today]
    here = [stop for stop in ahead if force.day_of(stop) == today]
    kind = rng.choice(["away", "closed", "lock", "check", "hours", "morning", "done", "move", "anew"])
    if kind == "away":
        who, day = str(rng.choice(["a", "b", "c", "h", "i"])), days[rng.integers(len(days))]
        if not any(one.officer == who and one.overlaps(day, day) for one in house.absences.kept()):
            house.absences.away("anna", who, day, day)
    elif kind == "closed" and here:
        stop = here[rng.integers(len(here))]
        house.rounds.closed("anna", stop.id, stop.version, "nobody opens")
    elif kind == "done" and here:
        stop = here[rng.integers(len(here))]
        crew = force.outings[stop.outing].officers
        begun = house.rounds.begin("anna", stop.id, stop.version, crew)
        house.rounds.finish("anna", begun.id, begun.version, "in order")
    elif kind == "lock" and ahead:
        stop = ahead[rng.integers(len(ahead))]
        if stop.status is CallStatus.PLANNED:
            house.rounds.lock("anna", stop.id, stop.version)
    elif kind == "move" and ahead:
        stop = ahead[rng.integers(len(ahead))]
        open_ = [each for each in house.rounds.choices(stop.id) if not each.why and not each.new]
        if open_:
            house.rounds.move("anna", stop.id, stop.version, open_[rng.integers(len(open_))].outing.id)
    elif kind == "anew":
        house.desk.adopt("anna", house.proposal(EAST, days=tuple(day for day in days if day >= today)))
    elif kind == "check":
        house.desk.take_in("anna", [], [item(f"N{step}", f"P{rng.integers(7)}", "city", *_span(rng, days))])
    elif kind == "hours":
        with house.book.reading() as connection:
            places = inspections.premises(connection, [EAST])
        place = places[rng.integers(len(places))]
        house.desk.take_in("anna", [replace(place, opens=int(rng.choice([480, 600, 780])))], [])
    elif kind == "morning" and house.now < NOW + timedelta(days=4):
        house.now += timedelta(days=1)
