"""What the tests of doors start from: the nine cells at noon with a desk that asks who it is, and a report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from dispatch.desk.incidents import Desk
from dispatch.desk.keys import Keys
from dispatch.desk.rights import PeopleRights
from dispatch.records.person import Key
from gis.locate import CellLocator
from gis.streets import Profile
from gis.travel import TravelTimes
from tests.books import empty_book
from tests.towns import NOON, incident, nine_cells
from ui.services.centre import Centre

V2 = "/open311/v2"
VENDOR = "C08-01"
HERE = {"lat": "29.8613", "long": "121.5415"}


@contextmanager
def noon_centre() -> Iterator[Centre]:
    """With one incident that came by telephone."""
    place = nine_cells()
    travel = {profile: TravelTimes(place.streets, profile) for profile in Profile}
    with empty_book() as casebook:
        desk = Desk(
            casebook,
            place.rulebook,
            CellLocator(place.cells),
            place.cells,
            lambda: NOON,
            zone=ZoneInfo(place.timezone),
            rights=PeopleRights(place.code),
        )
        casebook.add_incidents([incident(id="BY-PHONE", caller="13800005678")], at=NOON)
        yield Centre(place, casebook, desk, lambda: NOON, travel)


def programs_desk(opened: Centre) -> Desk:
    """A desk on the same casebook for what the program itself does: it asks nobody."""
    return Desk(
        opened.casebook, opened.rulebook, CellLocator(opened.scenario.cells), opened.scenario.cells, lambda: NOON
    )


def new_key(opened: Centre, source: str = "12345") -> tuple[Key, str]:
    return Keys(programs_desk(opened)).make("test", source)


def english(routes: list[BaseRoute]) -> TestClient:
    """A program that asks these routes, in English."""
    return TestClient(Starlette(routes=routes), headers={"accept-language": "en"})


def form(secret: str, **changes: str | None) -> dict[str, str]:
    """A report that is taken down, unless changed."""
    fields: dict[str, str | None] = {
        "api_key": secret,
        "service_code": VENDOR,
        "description": "烧烤摊占道",
        "attribute[STILL]": "yes",
        "first_name": "王",
        "phone": "13900001111",
        **HERE,
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}
