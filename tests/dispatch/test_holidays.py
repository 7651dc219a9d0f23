"""The holiday table as its keeper changes it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import delete

from dispatch.desk.door import Door
from dispatch.desk.holidays import HolidayTable, current
from dispatch.desk.refusals import Refused
from dispatch.rulebook.calendar import Calendar, DayKind, Holiday, read_holidays
from dispatch.store.ledger import Kind
from dispatch.store.tables import SETTINGS
from gis.schemas import BadInput
from scenarios.builder import HERE
from tests.books import empty_book
from tests.dispatch.conftest import NOW

SHIPPED = read_holidays(HERE / "holidays.csv")
EXTRA = Holiday(date(2027, 3, 8), DayKind.OFF, "补充放假", "Extra day", False)
MAKE_UP = Holiday(date(2027, 2, 13), DayKind.WORK, "春节", "Spring Festival", False)


@pytest.fixture
def table():
    with empty_book() as book:
        yield HolidayTable(Door(book, lambda: NOW), SHIPPED)


def test_a_day_that_was_announced_counts_at_once_and_the_shipped_table_is_kept(table):
    """Each autumn the announcement comes and the provisional year becomes a real one."""
    after = table.set_day("keeper", EXTRA.day, None, EXTRA)
    assert not Calendar(after).working(EXTRA.day)
    assert {**after} == {**SHIPPED, EXTRA.day: EXTRA}
    assert current(table.casebook, SHIPPED) == after
    assert [entry.deed for entry in table.casebook.history(Kind.LIST, "holidays")] == ["take_holidays", "set_day"]


def test_a_day_is_given_back_to_its_weekday(table):
    """Announcements are corrected too."""
    table.set_day("keeper", EXTRA.day, None, EXTRA)
    assert table.set_day("keeper", EXTRA.day, EXTRA, None) == SHIPPED


def test_a_make_up_saturday_is_worked(table):
    """The long holiday is paid for with a weekend."""
    assert Calendar(table.set_day("keeper", MAKE_UP.day, None, MAKE_UP)).working(MAKE_UP.day)


@pytest.mark.parametrize(
    ("day", "seen", "wanted", "code"),
    [
        (EXTRA.day, EXTRA, None, "day_changed"),
        (EXTRA.day, None, Holiday(EXTRA.day, DayKind.WORK, "甲", "a", False), "no_weekend"),
        (EXTRA.day, None, Holiday(EXTRA.day, DayKind.OFF, " ", "a", False), "day_unnamed"),
    ],
)
def test_what_cannot_be_is_refused_and_the_ledger_says_who_tried(table, day, seen, wanted, code):
    """The table moves every deadline of the district."""
    with pytest.raises(Refused) as refused:
        table.set_day("keeper", day, seen, wanted)
    assert [reason.code for reason in refused.value.reasons] == [code]
    assert current(table.casebook, SHIPPED) == SHIPPED
    assert [entry.deed for entry in table.casebook.history(Kind.LIST, "holidays")] == ["refused:set_day"]


def test_an_emptied_table_stays_empty(table):
    """The shipped days would come back unasked and move every deadline."""
    two = dict(list(SHIPPED.items())[:2])
    small = HolidayTable(table, two)
    for day, holiday in two.items():
        small.set_day("keeper", day, holiday, None)
    assert current(table.casebook, two) == {}
    assert small.set_day("keeper", EXTRA.day, None, EXTRA) == {EXTRA.day: EXTRA}
    assert [entry.deed for entry in table.casebook.history(Kind.LIST, "holidays")] == ["take_holidays"] + [
        "set_day"
    ] * 3


def test_a_table_changed_before_there_was_the_setting_is_still_the_keepers(table):
    """Casebooks of the first days have the rows only."""
    after = table.set_day("keeper", EXTRA.day, None, EXTRA)
    with table.casebook.writing() as page:
        page._connection.execute(delete(SETTINGS))
    assert current(table.casebook, {}) == after


@pytest.mark.parametrize("day", [EXTRA.day, next(iter(SHIPPED))])
def test_a_day_that_is_as_it_shall_be_leaves_no_entry(table, day):
    """Saving the form twice is no deed."""
    assert table.set_day("keeper", day, SHIPPED.get(day), SHIPPED.get(day)) == SHIPPED
    assert table.casebook.history(Kind.LIST, "holidays") == []
    assert current(table.casebook, SHIPPED) is SHIPPED


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_a_name_that_cannot_be_kept_is_bad_input(table, name):
    """It came out of a broken file; the ledger says who brought it."""
    with pytest.raises(BadInput, match="half a character"):
        table.set_day("keeper", EXTRA.day, None, Holiday(EXTRA.day, DayKind.OFF, name, "x", False))
    assert current(table.casebook, SHIPPED) is SHIPPED
    assert [entry.deed for entry in table.casebook.history(Kind.LIST, "holidays")] == ["refused:set_day"]
