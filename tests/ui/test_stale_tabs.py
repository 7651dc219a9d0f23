"""A page that was drawn before somebody else's deed: what is pressed on it is refused, and nobody's work is undone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from threading import Event
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dispatch.desk.draws import Draws
from dispatch.inspections.registers import Credit, Risk, Traits
from dispatch.records.calls import CallStatus
from tests.books import empty_book
from tests.dispatch.conftest import EAST
from tests.dispatch.house import MONDAY, TUESDAY, Mended, two_days
from tests.dispatch.inspections.street import RISKS, SCENES
from ui.screens.inspections import away, day, draw, looking, patrolplans, targets
from ui.screens.inspections.looking import Look, Looking
from ui.services.beside import Errand, Errands
from ui.services.inspected import Books
from ui.telling import Teller
from ui.wording import Language, wording

WORDS = wording(Language.EN)
TELL = Teller(WORDS, SimpleNamespace(name=str), {}, {}, ZoneInfo("Asia/Shanghai"), {})  # type: ignore[arg-type]


class Desk:
    """A desk with a calendar in force, and what one tab that anna looks at has in it."""

    def __init__(self, house: Mended) -> None:
        self.house, self.view = house, Looking()
        self.books = Books(house.book)
        self.centre: Any = SimpleNamespace(
            rounds=house.rounds, absences=house.absences, books=self.books, today=lambda: MONDAY,
            desk=SimpleNamespace(minute=lambda: 540), rulebook=SimpleNamespace(matters={}),
        )  # fmt: skip

    def look(self) -> Look:
        book, person = self.books.now(), SimpleNamespace(id="anna", areas=lambda *_: [EAST])
        people: Any = (person, self.view, book.premises, book.items, book.force, {})
        return Look(self.centre, SimpleNamespace(), TELL, "light", *people)  # type: ignore[arg-type]

    def tab(self, part: Callable[[Look], None]) -> AppTest:
        """The part of the screen in a tab of its own, drawn once."""

        def page() -> None:
            import streamlit as st

            st.session_state["draw"]()

        def draw() -> None:
            look = self.look()
            look.do_pressed()
            part(look)

        tab = AppTest.from_function(page, default_timeout=30)
        tab.session_state["draw"] = draw
        return tab.run()

    def call_tab(self, place: str) -> AppTest:
        call = self.house.call(place).id
        return self.tab(lambda look: day._deeds(look, look.force.stops[call], self._outing(look, call)))

    def _outing(self, look: Look, call: str) -> Any:
        return look.force.outings[look.force.stops[call].outing]

    def told(self) -> str:
        assert self.view.note is not None
        return self.view.note[1]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    for module in (looking, targets, day, draw, away):
        monkeypatch.setattr(module, "again", st.rerun)  # the part is drawn without the fragment it lives in
    with empty_book() as book:
        house = Mended(book)
        house.open()
        two_days(house)
        yield Desk(house)


def _touch(desk: Desk, place: str) -> int:
    """A colleague locks the call and takes the lock off again: it looks as before, and is not as it was read."""
    stop = desk.house.call(place)
    locked = desk.house.rounds.lock("lead", stop.id, stop.version)
    return desk.house.rounds.unlock("lead", stop.id, locked.version).version


@pytest.mark.parametrize("pressed", ["lock", "begin", "closed"])
def test_what_is_pressed_on_a_stale_page_is_refused(desk: Desk, pressed: str):
    """Version and page belong together: else the second of two people silently overrules the first."""
    tab = desk.call_tab("P1")
    version = _touch(desk, "P1")
    _press(tab, pressed)
    assert "somebody just changed this" in desk.told()
    assert desk.house.call("P1").version == version
    _press(tab, pressed)  # drawn anew, and read
    assert desk.house.call("P1").version == version + 1


def _press(tab: AppTest, name: str) -> None:
    for field in tab.text_input:
        field.set_value("nobody there")
    next(button for button in tab.button if button.label == WORDS(f"inspections.{name}")).click().run()
    assert not tab.exception


def test_a_button_that_is_no_longer_there_is_answered(desk: Desk):
    """Somebody has gone in meanwhile: the page has no lock any more, and who pressed it learns why."""
    tab = desk.call_tab("P1")
    stop = desk.house.call("P1")
    desk.house.rounds.begin("lead", stop.id, stop.version, desk.house.crew_of("P1")[1])
    _press(tab, "lock")
    assert "somebody just changed this" in desk.told()
    assert desk.house.call("P1").status is CallStatus.UNDER_WAY


def test_a_visit_is_not_finished_from_a_page_that_does_not_know_what_was_found(desk: Desk):
    """A violation was written meanwhile; the words of the other tab would close the visit over it."""
    stop = desk.house.call("P1")
    begun = desk.house.rounds.begin("anna", stop.id, stop.version, desk.house.crew_of("P1")[1])
    tab = desk.call_tab("P1")
    desk.house.rounds.violation("lead", stop.id, begun.version, "M-STALL", "a stall")
    _press(tab, "finish")
    assert "somebody just changed this" in desk.told()
    assert desk.house.call("P1").status is CallStatus.UNDER_WAY


def test_only_what_the_page_knew_as_the_last_deed_is_taken_back(desk: Desk):
    """In another tab the same person has locked another call since: that lock is not the one meant."""
    first = desk.house.call("P1")
    desk.house.rounds.lock("anna", first.id, first.version)
    tab = desk.tab(day._undo)
    second = desk.house.call("P2")
    desk.house.rounds.lock("anna", second.id, second.version)
    _press(tab, "undo")
    assert "somebody just changed this" in desk.told()
    assert [desk.house.call(place).status for place in ("P1", "P2")] == [CallStatus.LOCKED, CallStatus.LOCKED]
    _press(tab, "undo")
    assert [desk.house.call(place).status for place in ("P1", "P2")] == [CallStatus.LOCKED, CallStatus.PLANNED]


def _dropped(desk: Desk, told: str) -> None:
    tab = desk.tab(lambda look: targets.heard(look, told) if desk.view.dragging else None)
    assert not tab.exception


@pytest.mark.parametrize("seen", ["before", "since"])
def test_a_call_that_is_dragged_moves_as_it_was_when_it_was_taken_up(desk: Desk, seen: str):
    """What lay under the mouse is what is moved."""
    stop = desk.house.call("P1")
    version = _touch(desk, "P1")
    held = f"{stop.version if seen == 'before' else version}:{stop.id}"
    target = next(each for each in desk.house.rounds.choices(stop.id) if not each.why and each.new)
    desk.view.dragging = stop.id
    _dropped(desk, "drop:" + json.dumps([held, targets.key_of(target)]))
    assert (desk.house.call("P1").outing == stop.outing) is (seen == "before")
    assert desk.view.dragging == ""


@pytest.mark.parametrize("told", ["", "null", "[]", '["1:C"]', "[1, 2]", "{", '["x:C", "D"]', '["C", "D"]', "[[], 1]"])
def test_a_drop_that_says_nothing_sensible_is_let_go(desk: Desk, told: str):
    """What a browser sends never breaks the screen it was sent from."""
    desk.view.dragging = desk.house.call("P1").id
    _dropped(desk, f"drop:{told}")
    assert (desk.view.dragging, desk.view.note) == ("", None)


@pytest.mark.parametrize("to", ["new", "new soon a,b", "nowhere"])
def test_a_target_that_is_nowhere_is_refused_in_words(desk: Desk, to: str):
    """As is a word that is no crew and no day."""
    stop = desk.house.call("P1")
    desk.view.dragging = stop.id
    _dropped(desk, "drop:" + json.dumps([f"{stop.version}:{stop.id}", to]))
    assert "There is no crew's day" in desk.told()


def test_an_absence_is_changed_as_it_was_read(desk: Desk):
    """A colleague has made it longer; the form still holds the shorter one."""
    one = desk.house.absences.away("lead", "c", MONDAY, MONDAY)
    desk.view.absence = one.id
    tab = desk.tab(lambda look: away._form(look, {}, next(each for each in desk.books.now().absences)))
    desk.house.absences.change("lead", one.id, one.version, MONDAY, TUESDAY, "ill")
    _press(tab, "away_do")
    assert "somebody just changed this" in desk.told()
    assert [each.last for each in desk.books.now().absences] == [TUESDAY]


def test_a_draw_that_another_tab_has_made_is_not_made_again_and_says_so(desk: Desk):
    """The form is gone once the draw is made: what was typed into the stale page must not vanish without a word."""
    place = next(iter(desk.books.now().premises.values()))
    desk.house.desk.take_in("anna", [place], [], {place.id: Traits("small_shop", Risk.HIGH, Credit.B)})
    draws = Draws(desk.house.desk, SCENES, RISKS)
    desk.centre.draws = draws
    one = draws.open("anna", "notice 7", [place.town], "small_shop", ["S02-04"], 1, 2, "the lottery")

    def part(look: Look) -> None:
        if (seen := draws.draw_of(one.id)).record is None:
            draw._next(look, seen)

    tab = desk.tab(part)
    draws.draw("lead", one.id, "07 11 19")
    _press(tab, "draw_do")
    assert "already" in desk.told()
    record = draws.draw_of(one.id).record
    assert record is not None
    assert record.seed == "07 11 19"


def test_a_patrol_asked_for_while_another_tab_draws_one_is_not_swallowed(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """One draws one patrol at a time; the second press did nothing and said nothing."""
    waiting, errands = Event(), Errands[Errand[Any]]()
    errands.start("anna", Errand(waiting.wait, EAST))
    monkeypatch.setattr(patrolplans, "drawer", lambda: errands)
    monkeypatch.setattr(patrolplans, "again", _drawn_anew)
    desk.centre.scenario = SimpleNamespace(areas=SimpleNamespace(name=lambda _: "East"))
    with pytest.raises(StopIteration):
        patrolplans._start(desk.look(), EAST, MONDAY, 5, 2, 240, 1, tried=False)
    assert "The rounds of East are still being drawn" in desk.told()
    waiting.set()


def _drawn_anew() -> None:
    raise StopIteration
