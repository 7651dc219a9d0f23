"""Requests of enterprises: taken down in their words, answered before a day, kept in the ledger."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.desk.requests import Requests
from dispatch.records.request import Wish
from dispatch.rulebook.calendar import Calendar
from dispatch.store import requests
from dispatch.store.casebook import Casebook
from scenarios.rules import shipped_calendar
from tests.dispatch.house import MONDAY, House


class Counter(House):
    """The house with a counter at which enterprises ask."""

    def __init__(self, book: Casebook, calendar: Calendar) -> None:
        super().__init__(book)
        self.requests = Requests(self.desk, calendar)


@pytest.fixture
def house(casebook: Casebook) -> Counter:
    made = Counter(casebook, shipped_calendar())
    made.open()
    return made


def test_a_request_is_kept_with_who_asked_when_and_in_which_words(house):
    """And has a day by which it is answered: five working days, the weekend not counted."""
    asked = house.requests.ask("anna", "P1", Wish.PUT_OFF, "老王", "盘点，请推迟一周")
    assert (asked.asked_on, asked.answer_by) == (MONDAY, date(2026, 3, 9))
    with house.book.reading() as connection:
        assert requests.at(connection, "P1") == requests.waiting(connection) == [asked]
    assert house.last("inspect_ask")["set"]["said"] == "盘点，请推迟一周"


def test_an_answer_is_words_and_closes_it_once(house):
    """Two colleagues do not tell the same shop two things."""
    asked = house.requests.ask("anna", "P1", Wish.GUIDANCE, "老王", "首违不罚？")
    with pytest.raises(Refused, match="needs_words"):
        house.requests.answer("anna", asked.id, asked.version, " ")
    done = house.requests.answer("anna", asked.id, asked.version, "属首违不罚清单")
    assert not done.open
    with pytest.raises(Stale):
        house.requests.answer("bert", asked.id, asked.version, "不属")
    with house.book.reading() as connection:
        assert requests.waiting(connection) == []
        assert requests.at(connection, "P1") == [done]
    assert house.last("inspect_answer")["set"]["answer"] == "属首违不罚清单"


def test_a_request_of_last_week_has_the_clock_of_last_week(house):
    """Writing it down late does not give the office more days."""
    asked = house.requests.ask("anna", "P1", Wish.CHECK, "老王", "请来看看", MONDAY - timedelta(days=7))
    assert asked.answer_by == date(2026, 2, 28), "a Saturday that is worked for the Spring Festival"


def test_who_asks_what_and_where_is_said(house):
    """A request of nobody can be answered to nobody."""
    with pytest.raises(Refused, match="asked_by_nobody"):
        house.requests.ask("anna", "P1", Wish.OTHER, " ", "问一下")
    with pytest.raises(Refused, match="needs_words"):
        house.requests.ask("anna", "P1", Wish.OTHER, "老王", "")
    with pytest.raises(Refused, match="asked_in_future"):
        house.requests.ask("anna", "P1", Wish.OTHER, "老王", "问一下", MONDAY + timedelta(days=1))
    with pytest.raises(Unknown):
        house.requests.ask("anna", "P9", Wish.OTHER, "老王", "问一下")
