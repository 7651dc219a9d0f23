"""The whole way from due items to a calendar, held against the independent checker."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.inspections.checked import UnderWay
from dispatch.inspections.faults import faults
from dispatch.inspections.fresh import fresh_faults
from dispatch.inspections.noon import Noon
from dispatch.inspections.planning import plan
from dispatch.inspections.programme import Programme
from dispatch.inspections.reasons import Why
from dispatch.inspections.specialists import days_in_towns
from dispatch.records.inspection import SHARED, Calendar, CrewDay, DueItem, Premises, Undone
from tests.dispatch.inspections.programmes import DAYS, FIRE, FOOD, LABOUR, due, officer, programme, programmes, shop

TWO = (officer("o1", FIRE), officer("o2", FOOD))
TWO_FIRE = (officer("o1", FIRE), officer("o2", FIRE))


def small() -> Programme:
    """Three shops, five items, four officers of one town."""
    shops = [shop("p1"), shop("p2", lon=121.52), shop("p3", lat=29.92)]
    items = [
        due("a", premises="p1"),
        due("b", premises="p1", certificate=FOOD),
        due("c", premises="p2"),
        due("d", 0, 2, premises="p3"),
        due("e", 6, 9, premises="p3", certificate=FOOD),
    ]
    return programme(shops, items, [*TWO, officer("o3", FIRE), officer("o4", FOOD)])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programmes())
def test_no_calendar_has_a_fault_or_beats_its_bound(asked: Programme):
    """Whatever comes in: every item once, every crew lawful, every day possible, and the bound below."""
    calendar = plan(asked, seconds=0.2)
    assert faults(asked, calendar) == []
    assert fresh_faults(asked, calendar) == []
    assert calendar.bound <= calendar.officer_days
    assert sum(len(crew.calls) for crew in calendar.crews) <= calendar.fewest_visits


def test_everything_is_done_by_one_pair_where_one_pair_can():
    """Four visits of one or two hours fit one day each side of the dates: two days of two officers."""
    calendar = plan(small(), seconds=0.5)
    assert not calendar.undone
    assert calendar.fewest_visits == 4
    assert calendar.officer_days == calendar.bound == 4


def test_the_same_seed_gives_the_same_calendar_with_any_number_of_workers():
    """A plan that changes when it is made again cannot be defended."""
    one = plan(small(), seconds=0.3, seed=7, workers=1)
    assert plan(small(), seconds=0.3, seed=7, workers=2) == one


@pytest.mark.parametrize(
    ("asked", "reason", "price"),
    [
        (programme([shop(opens=540, closes=540)], [due("a")], TWO), Why.NEVER_OPEN, "60 minutes"),
        (programme([shop()], [due("a", minutes=545)], TWO), Why.TOO_LONG, "65 minutes"),
        (programme([shop()], [due("a", certificate=LABOUR)], TWO), Why.NO_CERTIFICATE, "1 officers"),
        (programme([shop()], [due("a")], TWO[:1]), Why.NO_CREW, "1 officers"),
        (
            programme([shop()], [due("a")], [replace(TWO[0], conflicts=frozenset({"p1"})), TWO[1]]),
            Why.NO_CERTIFICATE,
            "1 officers",
        ),
        (
            programme([shop()], [due("a", 0, 0)], [TWO[0], replace(TWO[1], away=frozenset(DAYS[:1]))]),
            Why.NO_CREW,
            "1 officers",
        ),
    ],
    ids=["never open", "longer than a day", "no certificate", "nobody to pair with", "conflict", "away"],
)
def test_what_cannot_be_done_says_why_and_what_it_would_take(asked: Programme, reason: Why, price: str):
    """Never dropped in silence."""
    calendar = plan(asked, seconds=0.1)
    assert [(one.item, one.reason) for one in calendar.undone] == [("a", reason)]
    assert price in calendar.undone[0].price
    assert faults(asked, calendar) == []


@pytest.mark.parametrize(("since", "reason"), [(DAYS[1], Why.NO_WORKING_DAY), (DAYS[2], Why.PAST), (None, Why.PAST)])
def test_what_is_due_on_a_holiday_at_the_start_has_no_working_day_and_is_not_past(since: date | None, reason: Why):
    """Who asks on Tuesday for the days from Thursday on has not missed what is due today."""
    asked = replace(programme([shop()], [due("a", 0, 1)], TWO, DAYS[3:]), since=since)
    calendar = plan(asked, seconds=0.1)
    assert calendar.undone == (Undone("a", reason, "2 days"),)
    assert faults(asked, calendar) == []
    other = {Why.PAST: Why.NO_WORKING_DAY, Why.NO_WORKING_DAY: Why.PAST}[reason]
    assert [each.code for each in faults(asked, Calendar((), (Undone("a", other, "2 days"),)))] == ["check_reason"]


@pytest.mark.parametrize(("opens", "closes"), [(1439, 1440), (0, 5)])
def test_a_door_from_which_nobody_is_home_before_midnight_has_no_want_of_room(opens: int, closes: int):
    """Two officer-days more would not open it either: the way there or home is over midnight."""
    far = shop("p2", lon=121.6, opens=opens, closes=closes)
    asked = replace(programme([far], [due("a", premises="p2", minutes=1)], TWO), bases={"t1": (121.5, 29.9)})
    calendar = plan(asked, seconds=0.1)
    assert [each.reason for each in calendar.undone] == [Why.TOO_LONG]
    assert faults(asked, calendar) == []


@pytest.mark.parametrize("noon", [None, Noon(720, 810), Noon(1380, 1440)])
def test_the_checker_sees_who_is_home_after_midnight(noon: Noon | None):
    """The day of a crew ends with the day; nobody drives home through the night for a visit that fits no day."""
    far = shop("p2", lon=121.6, opens=1200, closes=1440)
    asked = replace(
        programme([far], [due("a", 0, 0, premises="p2", minutes=30)], TWO), bases={"t1": (121.5, 29.9)}, noon=noon
    )
    planned = plan(asked, seconds=0.1)
    assert faults(asked, planned) == []
    (crew,) = planned.crews
    last = 1380 if noon == Noon(1380, 1440) else 1440
    late = replace(crew, calls=(replace(crew.calls[0], arrive=last - 30, leave=last),))
    assert [each.code for each in faults(asked, replace(planned, crews=(late,)))] == ["check_home_late"]


@pytest.mark.parametrize("minutes", [60, 150])
def test_with_a_break_nobody_is_planned_to_be_home_after_midnight(minutes: int):
    """The day is shorter by the break: a shop that opens late is visited in time, or is said to be open too briefly."""
    shops = [shop(f"p{k}", lon=121.6, opens=1260, closes=1440) for k in range(3)]
    items = [due(f"i{k}", 0, 0, premises=f"p{k}", minutes=minutes) for k in range(3)]
    crowd = [officer(f"o{k}", FIRE) for k in range(6)]
    asked = replace(programme(shops, items, crowd), bases={"t1": (121.5, 29.9)}, noon=Noon(720, 810))
    calendar = plan(asked, seconds=0.3)
    assert faults(asked, calendar) == []
    assert {each.reason for each in calendar.undone} == (set() if minutes == 60 else {Why.TOO_LONG})


def test_a_shared_specialist_comes_where_the_town_lacks_the_certificate():
    """The town has no labour inspector; the district's one goes there and makes the pair."""
    asked = programme(
        [shop("p1"), shop("p2", town="t2")],
        [due("a", premises="p1", certificate=LABOUR), due("b", premises="p2")],
        [
            officer("o1", FIRE),
            officer("o2", FIRE, town="t2"),
            officer("o3", FOOD, town="t2"),
            officer("s", LABOUR, town="*"),
        ],
    )
    calendar = plan(asked, seconds=0.2)
    assert faults(asked, calendar) == []
    assert not calendar.undone
    assert any("s" in crew.officers and crew.town == "t1" for crew in calendar.crews)


def test_nobody_comes_or_goes_in_the_break_and_no_visit_is_cut_by_it_where_the_day_has_room():
    """Three hours at one door and at the next: the second begins after noon, and the break is no one's work."""
    asked = replace(
        programme(
            [shop("p1", opens=480), shop("p2", opens=480)],
            [due("a", 0, 0, minutes=190), due("b", 0, 0, minutes=190, premises="p2")],
            TWO_FIRE,
        ),
        noon=Noon(720, 810),
    )
    calendar = plan(asked, seconds=0.3)
    assert faults(asked, calendar) == []
    (crew,) = calendar.crews
    assert [(call.leave <= 720 or call.arrive >= 810) for call in crew.calls] == [True, True]
    whole = replace(asked, items=(due("a", 0, 0, minutes=420), due("b", 1, 1, minutes=450, premises="p2")))
    long = plan(whole, seconds=0.3)
    assert faults(whole, long) == []
    assert {call.visit.items: call.leave - call.arrive for crew in long.crews for call in crew.calls} == {
        ("a",): 420 + 90,
        ("b",): 450 + 90,
    }


@pytest.mark.parametrize(("arrive", "leave"), [(700, 790), (750, 900), (720, 870)])
def test_the_checker_sees_who_comes_or_goes_in_the_break(arrive: int, leave: int):
    """At one o'clock nobody stands before a door, whoever wrote the calendar."""
    asked = replace(programme([shop()], [due("a", 0, 0)], TWO_FIRE), noon=Noon(720, 810))
    (crew,) = plan(asked, seconds=0.1).crews
    (call,) = crew.calls
    other = replace(crew, calls=(replace(call, arrive=arrive, leave=leave),))
    assert "check_noon" in {fault.code for fault in faults(asked, Calendar((other,)))}


def test_a_check_of_five_hours_keeps_a_specialist_in_its_town_for_one_day_only():
    """It is more than the other town's, and would be so every day; the other town gets him afterwards."""
    shops = {"p1": shop(), "p2": shop("p2", town="t2")}
    checks = [due("long", minutes=300), due("short", minutes=200, premises="p2")]
    dealt = days_in_towns([officer("far", FIRE, town=SHARED)], checks, shops, DAYS[:3])
    assert dealt == {"far": ("t1", "t2", "")}


def test_a_crew_of_a_town_that_nobody_knows_is_named_and_does_not_stop_the_checker():
    """Without premises a town has no middle to start from; the checker is there for such calendars."""
    asked = programme([shop()], [], TWO)
    strange = Calendar((CrewDay("c", DAYS[0], "nowhere", ("o1", "o2"), ()),))
    codes = {fault.code for fault in faults(asked, strange, UnderWay(DAYS[0], 600, strange))}
    assert codes == {"check_for_nothing", "check_other_town"}


def test_a_specialist_dealt_elsewhere_takes_nothing_else_of_the_visit_down():
    """The labour inspector is needed longer in the other town; the fire check of the same door is made without him."""
    asked = programme(
        [shop("p1"), shop("p2", town="t2"), shop("p3")],
        [
            due("a", 1, 1, premises="p1", certificate=LABOUR),
            due("b", 1, 1, premises="p1"),
            due("c", 1, 1, premises="p2", certificate=LABOUR, minutes=200),
            due("d", 0, 0, premises="p3", certificate=LABOUR),  # so that he is in the town, on another day
        ],
        [*TWO_FIRE, officer("o3", FOOD, town="t2"), officer("s", LABOUR, town="*")],
        days=DAYS[:2],
    )
    calendar = plan(asked, seconds=0.3)
    assert faults(asked, calendar) == []
    assert [(each.item, each.reason) for each in calendar.undone] == [("a", Why.NO_ROOM)]
    assert calendar.bound <= calendar.officer_days


def test_a_specialist_does_his_part_where_the_towns_own_has_no_room():
    """Two hundred minutes of fire at the second door fit nowhere; his forty are no reason to leave him at home."""
    asked = programme(
        [shop("p1"), shop("p2")],
        [
            due("a", 0, 0, minutes=400),
            due("b", 0, 0, premises="p2", minutes=200),
            due("c", 0, 0, premises="p2", minutes=40, certificate=FOOD),
        ],
        [*TWO_FIRE, officer("s", FOOD, town="*")],
    )
    calendar = plan(asked, seconds=0.3)
    assert faults(asked, calendar) == []
    assert [(each.item, each.reason) for each in calendar.undone] == [("b", Why.NO_ROOM)]


def test_somebody_who_listens_can_stop_and_keeps_the_best():
    """A planner who has seen enough does not lose what was found."""
    heard: list[float] = []

    def tired(progress: object) -> bool:
        heard.append(0.0)
        return False

    calendar = plan(small(), seconds=60, told=tired)
    assert heard
    assert not calendar.undone
    assert faults(small(), calendar) == []


Tamper = Callable[[Calendar], Calendar]


def _first(change: Callable[[CrewDay], CrewDay]) -> Tamper:
    return lambda calendar: replace(calendar, crews=(change(calendar.crews[0]), *calendar.crews[1:]))


def _call(**change: int) -> Callable[[CrewDay], CrewDay]:
    def changed(crew: CrewDay) -> CrewDay:
        call = crew.calls[0]
        moved = replace(call, arrive=call.arrive + change.get("by", 0), leave=call.leave + change.get("by", 0))
        return replace(crew, calls=(replace(moved, leave=moved.leave + change.get("longer", 0)), *crew.calls[1:]))

    return changed


def _visit(**change: object) -> Callable[[CrewDay], CrewDay]:
    def changed(crew: CrewDay) -> CrewDay:
        call = crew.calls[0]
        return replace(crew, calls=(replace(call, visit=replace(call.visit, **change)), *crew.calls[1:]))  # type: ignore[arg-type]

    return changed


TAMPERED: list[tuple[Tamper, str, dict[str, object]]] = [
    (lambda calendar: replace(calendar, crews=calendar.crews[1:]), "check_item_times", {"times": 0}),
    (
        lambda calendar: replace(calendar, crews=(*calendar.crews, calendar.crews[0])),
        "check_item_times",
        {"times": 2},
    ),
    (_first(lambda crew: replace(crew, officers=crew.officers[:1])), "check_crew_size", {"officers": 1}),
    (_first(lambda crew: replace(crew, officers=(*crew.officers, "x"))), "check_no_inspector", {"officer": "x"}),
    (_first(lambda crew: replace(crew, officers=("o1", "o3"))), "check_lacks", {"certificates": "food"}),
    (_first(lambda crew: replace(crew, day=DAYS[9])), "check_dates", {"day": DAYS[9].isoformat()}),
    (_first(lambda crew: replace(crew, day=DAYS[0].replace(day=6))), "check_no_day", {"day": "2026-12-06"}),
    (_first(_call(by=-600)), "check_closed", {"opens": "09:00"}),
    (_first(_call(longer=30)), "check_lasts", {}),
    (_first(lambda crew: replace(crew, calls=crew.calls[::-1])), "check_too_soon", {}),
    (_first(lambda crew: replace(crew, travel=crew.travel + 90)), "check_travel", {}),
    (_first(lambda crew: replace(crew, town="t9")), "check_not_its_town", {"crew_town": "t9"}),
    (_first(lambda crew: replace(crew, travel=math.nan)), "check_travel", {}),
    (_first(_visit(premises="p9")), "check_no_premises", {"premises": "p9"}),
]


@pytest.mark.parametrize(("tamper", "code", "values"), TAMPERED)
def test_the_checker_sees_each_kind_of_tampering(tamper: Tamper, code: str, values: dict[str, object]):
    """A checker that never finds anything proves nothing."""
    calendar = plan(small(), seconds=0.3)
    wrong = tamper(replace(calendar, crews=tuple(sorted(calendar.crews, key=lambda crew: crew.day))))
    found = [fault for fault in faults(small(), wrong) if fault.code == code]
    assert any(values.items() <= fault.values.items() for fault in found), faults(small(), wrong)


SAYS: list[tuple[Tamper, str]] = [
    (_first(_visit(needs=frozenset())), "check_visit_says"),
    (_first(_visit(minutes=5)), "check_visit_says"),
    (_first(_visit(first=DAYS[0] - timedelta(days=30))), "check_visit_says"),
    (_first(_visit(last=DAYS[9] + timedelta(days=30))), "check_visit_says"),
    (
        lambda calendar: replace(calendar, crews=tuple(_visit(id="same")(crew) for crew in calendar.crews)),
        "check_visit_id",
    ),
    (lambda calendar: replace(calendar, bounds={"t1": 99}), "check_bound"),
    (lambda calendar: replace(calendar, undone=(Undone("a", Why.LOCKED),)), "check_reason"),
]


@pytest.mark.parametrize(("tamper", "code"), SAYS)
def test_a_new_calendar_says_of_itself_what_is_true(tamper: Tamper, code: str):
    """By the days that a visit names it is moved later, and by its certificates two officers may go in."""
    calendar = plan(small(), seconds=0.3)
    assert fresh_faults(small(), calendar) == []
    assert len(calendar.crews) > 1
    assert {fault.code for fault in fresh_faults(small(), tamper(calendar))} == {code}


def test_the_checker_sees_two_visits_where_one_would_have_done():
    """That is the nuisance which the whole product is for."""
    apart = programme([shop()], [due("a", 0, 0), due("b", 5, 5)], TWO)
    calendar = plan(apart, seconds=0.1)
    assert faults(apart, calendar) == []
    together = programme([shop()], [due("a", 0, 9), due("b", 0, 9)], TWO)
    assert "check_spared" in {fault.code for fault in faults(together, calendar)}


def test_the_checker_sees_a_cap_and_a_conflict():
    """The same calendar under a programme in which the shop's cap is used up and an officer is its owner's cousin."""
    calendar = plan(programme([shop()], [due("a")], TWO), seconds=0.1)
    strict = programme(
        [shop(annual_cap=1, visits_this_year=1)], [due("a")], [replace(TWO[0], conflicts=frozenset({"p1"})), TWO[1]]
    )
    found = {fault.code: fault.values for fault in faults(strict, calendar)}
    assert found["check_cap"]["cap"] == 1
    assert found["check_conflict"]["premises"] == "p1"


def test_a_recusal_at_premises_17_says_nothing_of_check_17():
    """Departments number their checks, and the office its shops, from 1 on."""
    recused = [replace(TWO[0], conflicts=frozenset({"17"})), TWO[1]]
    calendar = plan(programme([shop()], [due("17")], recused), seconds=0.1)
    assert [call.visit.items for crew in calendar.crews for call in crew.calls] == [("17",)]
    undrawn = [replace(TWO[0], not_drawn_for=frozenset({"p1"})), TWO[1]]
    assert plan(programme([shop()], [due("a")], undrawn), seconds=0.1).undone == ()


def test_who_was_not_drawn_is_not_called_recused():
    """Nobody has a conflict of interest because the lot fell on somebody else."""
    calendar = plan(programme([shop()], [due("a")], TWO), seconds=0.1)
    undrawn = programme([shop()], [due("a")], [replace(TWO[0], not_drawn_for=frozenset({"a"})), TWO[1]])
    assert {fault.code for fault in faults(undrawn, calendar)} == {"check_not_drawn"}


@pytest.mark.parametrize(("said", "true"), [("no_room", "no_crew"), ("no_crew", "no_certificate")])
def test_the_checker_sees_a_reason_that_does_not_hold(said: str, true: str):
    """Who is told that the days are full waits for another day; who lacks an officer asks for one."""
    staff = TWO[:1] if true == "no_crew" else [replace(TWO[1], certificates=frozenset({FOOD})), officer("o3", FOOD)]
    asked = programme([shop()], [due("a")], staff)
    calendar = plan(asked, seconds=0.1)
    assert [one.reason for one in calendar.undone] == [true]
    assert faults(asked, calendar) == []
    wrong = replace(calendar, undone=(replace(calendar.undone[0], reason=said),))
    assert [each.code for each in faults(asked, wrong)] == ["check_reason"]


@pytest.mark.parametrize("said", list(Why))
def test_no_reason_at_all_is_taken_for_what_could_be_done(said: Why):
    """A check that officers, hours and days allow was left out for nothing, whatever is said of it."""
    asked = programme([shop()], [due("a")], TWO)
    assert [each.code for each in faults(asked, Calendar((), (Undone("a", said),)))] == ["check_reason"]


@pytest.mark.parametrize("minutes", [60, 300])
def test_the_checker_sees_room_in_a_day_that_is_called_full(minutes: int):
    """Seven hours are taken on the only day: an hour more at the next door holds, five do not."""
    items = [due("a", 0, 0, minutes=400), due("b", 0, 0, minutes=minutes, premises="p2")]
    asked = replace(programme([shop(), shop("p2")], items, TWO), bases={"t1": (121.5, 29.9)})
    only = plan(replace(asked, items=asked.items[:1]), seconds=0.1)
    told = replace(only, undone=(Undone("b", Why.NO_ROOM, "2 officer-days"),))
    assert [each.code for each in faults(asked, told)] == (["check_reason"] if minutes == 60 else [])


def test_the_price_of_a_visit_without_room_is_the_least_overtime_of_who_may_make_it():
    """A planner who orders twenty minutes of overtime must not find that it takes two hours, or another crew."""
    base = {"t1": (121.5, 29.9)}
    items = [due("a", 0, 0, minutes=400), due("b", 0, 0, minutes=100, premises="p2")]
    asked = replace(programme([shop(), shop("p2")], items, TWO), bases=base)
    calendar = plan(asked, seconds=0.1)
    assert calendar.undone == (Undone("b", Why.NO_ROOM, "20 minutes"),)
    assert faults(asked, calendar) == []
    cheap = replace(calendar, undone=(Undone("b", Why.NO_ROOM, "5 minutes"),))
    (found,) = faults(asked, cheap)
    assert (found.code, found.values["says"], found.values["takes"]) == ("check_price", "5 minutes", "20 minutes")
    early = replace(asked, premises=(shop(closes=960), shop("p2", closes=960)))
    assert plan(early, seconds=0.1).undone == (Undone("b", Why.NO_ROOM, "2 officer-days"),)


PRICED = [
    (programme([shop()], [due("a", 0, 1)], TWO, DAYS[3:]), "2 days"),
    (programme([shop()], [due("a", 8, 9)], TWO, DAYS[:5]), "6 days"),
    (programme([shop(opens=540, closes=540)], [due("a")], TWO), "60 minutes"),
    (programme([shop()], [due("a", minutes=545)], TWO), "65 minutes"),
    (programme([shop()], [due("a", certificate=LABOUR)], TWO), "1 officers"),
    (programme([shop()], [due("a")], TWO[:1]), "1 officers"),
    (programme([shop(annual_cap=1, visits_this_year=1)], [due("a")], TWO), "1 visits"),
]


@pytest.mark.parametrize(("asked", "price"), PRICED)
@pytest.mark.parametrize("said", ["", "1 days", "3 minutes", "a bribe"])
def test_the_checker_holds_the_price_of_every_reason(asked: Programme, price: str, said: str):
    """What it would take is what a chief decides on."""
    calendar = plan(asked, seconds=0.1)
    assert [each.price for each in calendar.undone] == [price]
    assert faults(asked, calendar) == []
    wrong = replace(calendar, undone=(replace(calendar.undone[0], price=said),))
    assert [(each.code, each.values["takes"]) for each in faults(asked, wrong)] == [("check_price", price)]


def test_of_a_visit_without_room_as_much_is_done_as_has_room():
    """Ninety minutes do not fit behind seven hours, the first sixty of them do."""
    shops = [shop(), shop("p2", lon=121.501)]
    parts = [due("b", 0, 0, premises="p2"), due("c", 0, 0, minutes=30, premises="p2")]
    asked = programme(shops, [due("a", 0, 0, minutes=410), *parts], TWO)
    calendar = plan(asked, seconds=0.1)
    assert [(one.item, one.reason) for one in calendar.undone] == [("c", Why.NO_ROOM)]
    assert faults(asked, calendar) == []


def test_a_specialist_who_was_dealt_to_another_town_and_is_free_there_comes():
    """Two towns ask for him on one day; the one he was dealt to has nobody to go with him."""
    shops = [shop(), shop("p2", town="t2")]
    asked = programme(
        shops,
        [due("a", 0, 0, minutes=30), due("b", 0, 0, minutes=90, premises="p2")],
        [officer("own", FOOD), officer("far", FIRE, town=SHARED)],
    )
    calendar = plan(asked, seconds=0.1)
    assert [(one.item, one.reason) for one in calendar.undone] == [("b", Why.NO_CREW)]
    assert faults(asked, calendar) == []


@pytest.mark.parametrize("cap", [0, 1, 2])
def test_a_cap_that_this_year_has_used_up_is_new_in_january(cap: int):
    """Three checks that need a visit each, two of them in either year: each year allows its own, and no more."""
    days = [date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 4), date(2027, 1, 5)]
    spans = {"old": (0, 0), "both": (1, 2), "new": (3, 3)}
    checks = [replace(due(name), earliest=days[first], latest=days[last]) for name, (first, last) in spans.items()]
    asked = programme([shop(annual_cap=cap, visits_this_year=1)], checks, TWO, days)
    calendar = plan(asked, seconds=0.1)
    done = [(crew.day.year, item) for crew in calendar.crews for call in crew.calls for item in call.visit.items]
    left = {one.item for one in calendar.undone if one.reason == Why.ANNUAL_CAP}
    assert faults(asked, calendar) == []
    assert len(left) == {0: 3, 1: 2, 2: 0}[cap]
    assert len([year for year, _ in done if year == 2026]) == max(cap - 1, 0)


def test_long_visits_find_their_days():
    """Seven hours each, room on every day: a search that minds the minutes of a visit would rather leave them."""
    shops = [shop(f"p{k}") for k in range(6)]
    items = [due(f"i{k}", premises=f"p{k}", minutes=420) for k in range(6)]
    asked = programme(shops, items, [officer("o1", FIRE), officer("o2", FIRE)])
    calendar = plan(asked, seconds=0.2)
    assert not calendar.undone
    assert calendar.officer_days == 12


LONG_AGO = DAYS[0] - timedelta(days=9)
WILD = {"lon": 10.0, "lat": 50.0}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(121.5, 121.6), st.floats(29.9, 30.0)), min_size=2, max_size=9))
def test_one_wild_coordinate_leaves_the_base_among_the_others(spots: list[tuple[float, float]]):
    """A typing error in one row must not send every crew of the town across the world."""
    shops = [shop(f"p{n}", lon=lon, lat=lat) for n, (lon, lat) in enumerate(spots)]
    lon, lat = programme([*shops, shop("wild", **WILD)], [], []).base("t1")
    assert min(lon for lon, _ in spots) <= lon <= max(lon for lon, _ in spots)
    assert min(lat for _, lat in spots) <= lat <= max(lat for _, lat in spots)


def test_a_wild_coordinate_leaves_out_its_own_premises_alone():
    """Everything else keeps its visit; who reads the list finds the one row to mend."""
    shops = [shop("p1"), shop("p2", lon=121.52), shop("p3", lat=29.92), shop("wild", **WILD)]
    calendar = plan(programme(shops, [due(f"i-{one.id}", premises=one.id) for one in shops], TWO_FIRE), seconds=0.1)
    assert [(one.item, one.reason) for one in calendar.undone] == [("i-wild", Why.TOO_LONG)]


@pytest.mark.parametrize(
    ("place", "item", "reason"),
    [
        (shop(), due("a", 5, 3), Why.DATES_REVERSED),
        (shop(), replace(due("a"), earliest=LONG_AGO, latest=LONG_AGO), Why.PAST),
        (shop(), due("a", certificate=LABOUR), Why.NO_CERTIFICATE),
        (shop(annual_cap=2, visits_this_year=5), due("a", 0, 3), Why.ANNUAL_CAP),
    ],
    ids=["reversed", "past", "certificate", "cap"],
)
def test_dates_certificates_and_caps_are_told_before_length(place: Premises, item: DueItem, reason: Why):
    """Far from a wrong base everything is too long; what is wrong with the row itself must still be said."""
    asked = replace(programme([place], [replace(item, minutes=999)], TWO_FIRE), bases={"t1": (10.0, 50.0)})
    assert [one.reason for one in plan(asked, seconds=0.1).undone] == [reason]
