"""The smallest district with something to decide: two towns, four teams, two matters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from dispatch.desk.incidents import Desk
from dispatch.records.case import Procedure
from dispatch.records.incident import Incident
from dispatch.records.team import Certificate, Officer, Role, Team
from dispatch.rulebook.competence import Body, Mode, Power, RuleBook
from dispatch.rulebook.matters import Matter, Source
from dispatch.store.casebook import Casebook
from tests.books import empty_book
from tests.postgres import Server

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DISTRICT, EAST, WEST = "330203", "330203001", "330203002"
STALL, FUMES = "M-STALL", "M-FUMES"
CELLS = pd.DataFrame({"code": [f"{EAST}001001", f"{WEST}001001"], "town": [EAST, WEST]})


class TwoCells:
    """East of 121.5 degrees the cell of one town, west of it the other's; nothing beyond 121 to 122."""

    def locate(self, lon, lat):
        lon = np.asarray(lon, dtype=np.float64)
        return np.where((lon < 121) | (lon > 122), -1, np.where(lon >= 121.5, 0, 1)).astype(np.int32)


def rulebook() -> RuleBook:
    """Both towns act on stalls; on fumes the east only, the west's power has been taken back."""
    matters = {code: _matter(code, field) for code, field in ((STALL, "city"), (FUMES, "environment"))}
    bodies = {town: Body(town, "镇", "town", town) for town in (EAST, WEST)}
    since = date(2024, 1, 1)
    powers = (
        Power(STALL, EAST, EAST, Mode.EMPOWERED, "decree 1", "", since, None, "test"),
        Power(STALL, WEST, WEST, Mode.EMPOWERED, "decree 1", "", since, None, "test"),
        Power(FUMES, EAST, EAST, Mode.EMPOWERED, "decree 2", "", since, None, "test"),
        Power(FUMES, WEST, WEST, Mode.EMPOWERED, "decree 2", "", since, date(2025, 12, 31), "test"),
    )
    return RuleBook(matters, bodies, powers)


def _matter(code: str, field: str) -> Matter:
    return Matter(
        code, "C01", "事", code, "", field, 2, timedelta(minutes=20), Procedure.SIMPLE, "art. 1", Source.ILLUSTRATIVE
    )


def officer(name: str, *fields: str, role: Role = Role.OFFICER, town: str = EAST) -> Officer:
    return Officer(name, name, role, town, tuple(Certificate(field, date(2026, 12, 31)) for field in fields))


def team(name: str, town: str, *officers: Officer, lon: float = 121.6, shift_h: float = 8) -> Team:
    hours = timedelta(hours=shift_h)
    return Team(name, f"team {name}", town, town, officers, lon, 29.9, "car", frozenset(), NOW - hours, NOW + hours)


def four_teams() -> list[Team]:
    """East: one pair for both fields, one officer with an auxiliary. West: a pair for stalls, and one off duty."""
    helper = officer("aux", "city", role=Role.AUXILIARY)
    return [
        team("e1", EAST, officer("a", "city", "environment"), officer("b", "city", "environment")),
        team("e2", EAST, officer("c", "city"), helper),
        team("w1", WEST, officer("d", "city", town=WEST), officer("e", "city", town=WEST), lon=121.4),
        team("w2", WEST, officer("f", "city", town=WEST), officer("g", "city", town=WEST), lon=121.4, shift_h=0),
    ]


def incident(name: str, town: str = EAST, matter: str = STALL, text: str = "a stall on the pavement") -> Incident:
    lon = 121.6 if town == EAST else 121.4
    return Incident(name, text, lon, 29.9, f"{town}001001", town, matter, 2, NOW, NOW + timedelta(minutes=20))


@pytest.fixture(params=["sqlite", "postgresql"])
def casebook(request: pytest.FixtureRequest) -> Iterator[Casebook]:
    """An empty casebook, once in SQLite's memory and once in PostgreSQL."""
    if request.param == "sqlite":
        with empty_book() as book:
            yield book
        return
    server: Server = request.getfixturevalue("postgres_server")
    with server.book() as book:
        yield book


@pytest.fixture
def desk(casebook: Casebook) -> Desk:
    """A desk with four teams and nothing to do."""
    return manned(casebook)


def manned(book: Casebook, clock: Callable[[], datetime] = lambda: NOW) -> Desk:
    """A desk over ``book`` with the four teams on the roster."""
    made = Desk(book, rulebook(), TwoCells(), CELLS, clock)
    made.set_roster("lead", four_teams())
    return made
