"""The card of one place of business: what was due is one thing, what the book knows of it another."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from dispatch.store import inspections
from tests.books import empty_book
from tests.dispatch.house import House
from ui.screens.inspections import door
from ui.wording import Language, wording


@pytest.fixture
def house() -> Iterator[House]:
    with empty_book() as book:
        house = House(book)
        house.open()
        house.desk.adopt("anna", house.proposal())
        yield house


def _card(house: House, place: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The card's text in English, as the panel is given it."""
    drawn: list[str] = []
    monkeypatch.setattr(door, "panel", lambda html, **_: drawn.append(html))
    w = wording(Language.EN)
    rulebook = SimpleNamespace(matters={})
    look: Any = SimpleNamespace(
        tell=SimpleNamespace(w=w), theme="light", officer=str, scene=str,
        centre=SimpleNamespace(casebook=house.book, rulebook=rulebook),
    )  # fmt: skip
    with house.book.reading() as connection:
        known = next(each for each in inspections.premises(connection) if each.id == place)
    door.show(look, known)
    return " ".join("".join(drawn).split())


def test_a_card_tells_of_every_visit_and_of_what_followed_it(house, monkeypatch):
    """Who stands at the door should know that it was closed last week and that a case is open."""
    assert "no visit here yet" in _card(house, "P1", monkeypatch)
    stop = house.call("P1")
    begun = house.rounds.begin("anna", stop.id, stop.version, house.in_force().outings[stop.outing].officers)
    found, _ = house.rounds.violation("anna", stop.id, begun.version, "M-STALL", "a stall on the pavement")
    house.rounds.finish("anna", stop.id, house.call("P1").version, "the grease trap is full")
    card = _card(house, "P1", monkeypatch)
    assert "2026-03-02" in card
    assert "done · 2 checks" in card
    assert "the grease trap is full" in card
    assert f"{found.id} M-STALL · " in card
    assert "no visit here yet" in _card(house, "P2", monkeypatch)
