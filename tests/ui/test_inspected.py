"""The screen of inspections reads the book again after a deed of inspections, and only then."""

from __future__ import annotations

import pytest

from tests.books import empty_book
from tests.dispatch.conftest import EAST, incident
from tests.dispatch.house import TUESDAY, Mended, item, lead
from ui.services.inspected import MOST_KEPT, Books


def test_what_others_do_is_not_read_again_and_what_concerns_it_is():
    """A call for a stall costs the planner nothing; a check that was taken in is there at the next look."""
    with empty_book() as book:
        house = Mended(book)
        house.open()
        books = Books(book)
        first = books.now()
        assert books.now() is first
        book.add_incidents([incident("E")], at=house.now)
        assert books.now() is first
        house.desk.take_in("anna", [], [item("I9", "P2")])
        second = books.now()
        assert "I9" in second.items
        assert "I9" not in first.items
        house.desk.adopt("anna", house.proposal(EAST))
        assert books.now().force.calendars.keys() == {EAST}
        one = house.absences.away("anna", "a", TUESDAY, TUESDAY)
        assert books.now().absences == (one,)
        stop = house.call("P2")
        house.rounds.lock("anna", stop.id, stop.version)
        assert books.now().force.stops[stop.id].version == 2


class PushedOut(dict[object, object]):
    """What is put here is pushed out at once by what others ask for."""

    def __setitem__(self, key: object, value: object) -> None:
        super().__setitem__(key, value)
        super().__delitem__(key)


def test_what_was_made_is_returned_though_others_push_it_out():
    """With more questions than are kept, one planner's answer must not break on another's."""
    with empty_book() as book:
        books = Books(book)
        assert [books.kept(n, lambda n=n: str(n)) for n in range(MOST_KEPT + 9)] == [
            str(n) for n in range(MOST_KEPT + 9)
        ]
        assert len(books._kept) == MOST_KEPT
        books._kept = PushedOut()
        assert books.kept("mine", lambda: "made") == "made"


@pytest.mark.parametrize("deed", ["recuse", "extra", "undo"])
def test_every_deed_of_inspections_is_seen(deed: str):
    """Whatever the desk of inspections writes is written under its own kind of entry."""
    with empty_book() as book:
        house = Mended(book)
        house.open()
        house.desk.adopt("anna", house.proposal(EAST))
        stop = house.call("P2")
        house.rounds.lock("anna", stop.id, stop.version)
        books = Books(book)
        first = books.now()
        if deed == "recuse":
            house.desk.recuse("anna", [("a", "P1")])
        elif deed == "extra":
            house.desk.extra("anna", lead("X1", "P1"), "a complaint", "gas")
        else:
            house.rounds.undo("anna")
        assert books.now() is not first
