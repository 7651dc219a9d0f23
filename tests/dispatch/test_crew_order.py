"""The order of a day's crews is the one in which the book first had them: by it each has its letter and colour."""

from __future__ import annotations

from dispatch.store import crews
from tests.books import empty_book
from tests.dispatch.conftest import EAST
from tests.dispatch.house import DAYS, MONDAY, House, item


def _order(house: House) -> list[str]:
    force = house.in_force()
    with house.book.reading() as connection:
        return [name for name, _ in crews.in_order(connection, force, DAYS[2])]


def test_a_crew_that_is_added_comes_last_and_one_that_goes_leaves_its_place():
    """By its id the new crew of the east would stand before the west's, which would change its letter at noon."""
    with empty_book() as book:
        house = House(book)
        house.open()
        on_monday = [item("I1", "P1", last=MONDAY), item("I2", "P1", "environment", last=MONDAY)]
        house.desk.take_in("anna", [], [*on_monday, item("I5", "P4", first=DAYS[2])])
        house.desk.adopt("anna", house.proposal())
        (west,) = _order(house)
        stop = house.call("P2")
        new = next(
            each for each in house.rounds.choices(stop.id) if each.new and each.outing.day == DAYS[2] and not each.why
        )
        moved = house.rounds.move_to_new_crew("anna", stop.id, stop.version, DAYS[2], new.outing.officers)
        assert house.in_force().outings[moved.outing].town == EAST
        assert _order(house) == [west, moved.outing]
        assert sorted(_order(house)) == [moved.outing, west]
        house.rounds.undo("anna")
        assert moved.outing not in house.in_force().outings
        assert _order(house) == [west, moved.outing]
