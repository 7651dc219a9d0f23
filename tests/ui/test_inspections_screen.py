"""What the screen of inspections works out for itself: who is found, who is late, which week, what a stop left out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import combinations
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from dispatch.desk.refusals import Refused
from dispatch.inspections.days import Progress
from dispatch.records.calls import Adopted, CallStatus, Outing, Stop
from dispatch.records.inspection import Calendar, CrewDay, DueItem, Premises, Undone, Visit
from dispatch.store.inspections import InForce
from ui.map.palette import DARK, LIGHT, Palette
from ui.panel.component import render
from ui.screens.inspections.calendar import fared, full_week, in_force, once_adopted
from ui.screens.inspections.day import late
from ui.screens.inspections.due import figures
from ui.screens.inspections.looking import mark_of, refuse_unseen
from ui.screens.inspections.plans import weeks_with
from ui.screens.inspections.sought import Sought
from ui.services.centre import Centre
from ui.services.inspecting import without_visit
from ui.services.solving import Solve
from ui.telling import Teller
from ui.wording import Language, wording

EAST, WEST = "990100001", "990100002"
FRIDAY = date(2026, 4, 17)
SHOPS = {name: Premises(name, f"店{name}", 121.5, 29.8, town, 480, 1200) for name, town in (("P1", EAST), ("P2", WEST))}
DUE = {
    "P1": [
        DueItem("P1-a", "P1", "fire", "city", 20, FRIDAY, date(2026, 4, 30)),
        DueItem("P1-b", "P1", "city", "city", 20, FRIDAY, date(2026, 4, 30)),
    ],
    "P2": [DueItem("P2-a", "P2", "city", "city", 20, FRIDAY, date(2026, 4, 20))],
}
TELL = Teller(wording(Language.EN), None, {}, {}, ZoneInfo("Asia/Shanghai"), {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        (Sought(), ["P1", "P2"]),
        (Sought(order="last"), ["P2", "P1"]),
        (Sought(words="p2"), ["P2"]),
        (Sought(words="店 1"), ["P1"]),
        (Sought(words="nowhere"), []),
        (Sought(town=WEST), ["P2"]),
        (Sought(department="fire"), ["P1"]),
        (Sought(state="open"), ["P1"]),
        (Sought(state="planned"), ["P2"]),
    ],
)
def test_premises_are_found_by_word_town_department_and_state(sought: Sought, found: list[str]):
    """One open check keeps premises among those that still need somebody."""
    assert sought.found(DUE, SHOPS, {"P1-a", "P2-a"}) == found


def test_a_week_across_two_months_shows_all_that_its_button_makes_due():
    """Twenty-three on the list and twenty-seven on the button: one of the two is not believed."""
    april, may, later = (SimpleNamespace(id=name) for name in ("april", "may", "later"))
    weeks: dict[date, Any] = {date(2026, 4, 27): (april, may), date(2026, 5, 4): (later,)}
    assert weeks_with(weeks, [april]) == {date(2026, 4, 27): (april, may)}  # type: ignore[list-item]


def _stop(status: CallStatus) -> Stop:
    visit = Visit("V", "P1", ("P1-a",), FRIDAY, FRIDAY, 30, frozenset({"city"}))
    return Stop("S", "O", visit, 600, 630, status)


@pytest.mark.parametrize(
    ("status", "day", "minute", "said"),
    [
        (CallStatus.PLANNED, FRIDAY, 600, ""),
        (CallStatus.PLANNED, FRIDAY, 612, "12 min late"),
        (CallStatus.LOCKED, FRIDAY, 612, "12 min late"),
        (CallStatus.UNDER_WAY, FRIDAY, 630, ""),
        (CallStatus.UNDER_WAY, FRIDAY, 660, ""),
        (CallStatus.UNDER_WAY, FRIDAY, 665, "5 min longer"),
        (CallStatus.DONE, FRIDAY, 900, ""),
        (CallStatus.PLANNED, date(2026, 4, 20), 900, ""),
        (CallStatus.PLANNED, date(2026, 4, 16), 0, "nobody went"),
        (CallStatus.UNDER_WAY, date(2026, 4, 16), 0, "never ended"),
    ],
)
def test_a_call_is_late_from_its_hour_on(status: CallStatus, day: date, minute: int, said: str):
    """Tomorrow's call is not late because it is already noon."""
    assert late(TELL, _stop(status), day, FRIDAY, minute, 630) == said


def test_a_week_shows_every_day_under_its_own_name():
    """A calendar that begins on a Friday would else show it where Mondays stand; a Sunday that is worked is there."""
    assert full_week([FRIDAY]) == [date(2026, 4, day) for day in range(13, 18)]
    assert full_week([FRIDAY, date(2026, 4, 19)])[-2:] == [FRIDAY, date(2026, 4, 19)]


def test_the_figures_before_adopting_are_those_after_it():
    """A gap that changes at the press of the button looks like a trick."""
    made_at, bounds = datetime(2026, 4, 13, tzinfo=UTC), {EAST: 4, WEST: 5}
    adopted = Adopted("C1", made_at, "anna", (EAST, WEST), (FRIDAY,), 1, 1.0, bounds)
    outings = {
        name: Outing(name, "C1", FRIDAY, town, ("a", "b", "c")[:n], 0)
        for name, town, n in (("moves", EAST, 3), ("stays", EAST, 2), ("other", WEST, 3))
    }
    force: Any = SimpleNamespace(calendars={EAST: adopted, WEST: adopted}, outings=outings, current=lambda _: True)
    made = Calendar((CrewDay("new", FRIDAY, EAST, ("a", "b"), (), 0),), bounds={EAST: 2})
    asked = SimpleNamespace(towns=(EAST,), kept=("stays",))
    assert in_force(force, [EAST, WEST]) == (8, 9)
    proposal: Any = SimpleNamespace(question=asked, calendar=made)
    assert once_adopted(force, [EAST, WEST], proposal, {EAST: 3}) == (2 + 2 + 3, 3 + 5)


def test_a_search_that_is_stopped_says_what_it_had_not_come_to():
    """Best so far means little in a town that was never searched."""
    solve = Solve(["A", "B", "C"], lambda: None, 1.0, 1)  # type: ignore[arg-type, return-value]
    assert solve.cut_short == ()
    for town in ("A", "B"):
        assert solve.told(Progress(town, 0.4, 0, 4, 3))
    solve.stop()
    assert not solve.told(Progress("C", 0.1, 0, 4, 3))
    assert solve.cut_short == ("B", "C")


SEEN = {
    "all colours": np.eye(3),
    "no green": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
    "no red": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "no blue": np.array([[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]),
}
"""What is left of linear red, green and blue (Machado, Oliveira and Fernandes 2009, severity 1)."""


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("eyes", SEEN)
def test_crews_are_told_apart_by_every_pair_of_eyes(colours: Palette, eyes: str):
    """One man in twelve sees red and green alike."""
    seen = [_lab(SEEN[eyes] @ _linear(each)) for each in colours.crew]
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) > 18


def _linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def _lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    white = np.array([0.9505, 1.0, 1.089])
    x, y, z = np.cbrt(to_xyz @ np.clip(rgb, 0, 1) / white)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("language", list(Language))
def test_a_demo_that_is_still_being_filled_says_so_on_every_tab(language: Language):
    """Else whoever opens it first reads that nothing is due, and believes it."""
    w = wording(language)
    told = [render("inspections/tabs.html", w=w, tabs=[], note=None, making=making) for making in (True, False)]
    assert [w("inspections.making") in html for html in told] == [True, False]


def test_a_demo_is_being_filled_until_its_thread_ends():
    """A place that is no demo has no such thread, and is never said to be filled."""
    end = Event()
    thread = Thread(target=end.wait, daemon=True)
    centre: Any = SimpleNamespace(_first_plan=None)
    making = Centre.making_first_plan.fget
    assert not making(centre)
    centre._first_plan = thread
    thread.start()
    assert making(centre)
    end.set()
    thread.join()
    assert not making(centre)


@pytest.mark.parametrize(("visits", "said"), [(1, "1 visit<"), (2, "2 visits<")])
def test_a_new_calendar_of_one_visit_says_one_visit(visits: int, said: str):
    """The rest of the screen says it so."""
    none: dict[str, Any] = dict.fromkeys(("cut", "broken", "moved", "new", "gone"), ())
    none |= dict.fromkeys(("moved_n", "new_n", "gone_n"), 0)
    totals: dict[str, Any] = {"visits": visits, "officer_days": 2, "bound": 2, "gap": "0 %", "kept": 0, "same": 0}
    html = render("inspections/answer.html", w=wording(Language.EN), mark="1", worse="", **none, **totals)
    assert said in html


def test_a_press_on_an_answer_that_another_tab_has_replaced_adopts_nothing():
    """What was read is what is adopted: the page says which answer it shows."""
    shown, since = object(), object()
    refuse_unseen(f"adopt:{mark_of(shown)}", shown)
    with pytest.raises(Refused, match="based_on_changed"):
        refuse_unseen(f"adopt:{mark_of(shown)}", since)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((1, 0, 3), "1 done · 3 left"),
        ((0, 1, 3), "1 in vain · 3 left"),
        ((1, 1, 2), "1 done · 1 in vain · 2 left"),
        ((4, 0, 0), "4 done"),
    ],
)
def test_a_closed_shop_is_not_counted_as_called_on(counts: tuple[int, int, int], said: str):
    """``1/4`` of a crew that stood before a closed door told its planner that one visit was made."""
    assert fared(wording(Language.EN), *counts) == said


def test_the_calendar_tells_of_every_check_that_the_strip_counts_as_without_a_visit():
    """Eight above and three beside, of one and the same thing, had the planner count by hand."""
    made = Adopted("C1", datetime(2026, 4, 16, tzinfo=UTC), "anna", (EAST, WEST), (FRIDAY,), 1, 1.0)
    force = InForce({EAST: made, WEST: made}, {}, {}, {"C1": (Undone("P1-a", "no_room", "35 minutes"),)})
    due = {item.id: item for items in DUE.values() for item in items}
    found = without_visit(force, [EAST, WEST], due, FRIDAY)
    assert {each.item: each.reason for each in found} == {"P1-a": "no_room", "P1-b": "since", "P2-a": "since"}
    look: Any = SimpleNamespace(force=force, items=due, today=FRIDAY)
    assert figures(look).undone == len(found)
    for language in Language:
        assert all(f"inspections.why_{each.reason}" in wording(language).words for each in found)
