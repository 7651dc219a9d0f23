"""OGC API Features: pages, boxes, times and properties as the standard says, and nothing about persons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from dispatch.desk.accounts import Accounts
from dispatch.records.incident import Status
from dispatch.records.person import Job, Person, Post
from tests.doors import english, new_key, noon_centre, programs_desk
from tests.towns import NOON, incident
from ui.doors.ogc import ogc_routes
from ui.gate import COOKIE
from ui.services.centre import Centre

OGC = "/ogc"
CELLS, INCIDENTS = f"{OGC}/collections/grid_cells/items", f"{OGC}/collections/incidents/items"


@pytest.fixture(scope="module")
def opened() -> Iterator[Centre]:
    """Two open incidents, one closed today and one without a place; T1 on its way to the first."""
    with noon_centre() as centre:
        desk = programs_desk(centre)
        desk.set_roster("test", centre.scenario.teams(NOON))
        earlier = NOON - timedelta(hours=3)
        closed = incident(id="CLOSED", status=Status.CLOSED, closed_at=NOON, reported_at=earlier)
        centre.casebook.add_incidents([incident(id="LATER", reported_at=earlier), closed], at=NOON)
        desk.report("li", "somewhere")
        desk.assign("li", "BY-PHONE", "T1", 1)
        yield centre


@pytest.fixture(scope="module")
def web(opened: Centre) -> TestClient:
    return english([*ogc_routes(lambda: opened, lambda _request: True)])


def ids(web: TestClient, address: str, **asked: Any) -> list[str]:
    return [each["id"] for each in web.get(address, params=asked).raise_for_status().json()["features"]]


def test_everything_is_found_from_the_landing_page(web: TestClient):
    """A map program is given one address and follows the links."""
    landing = web.get(f"{OGC}/").json()
    by = {link["rel"]: link["href"] for link in landing["links"]}
    assert {"self", "service-desc", "conformance", "data"} <= by.keys()
    for address in by.values():
        assert web.get(address).status_code == 200
    for collection in web.get(by["data"]).json()["collections"]:
        links = {link["rel"]: link["href"] for link in collection["links"]}
        assert web.get(links["self"]).json()["id"] == collection["id"]
        assert web.get(links["items"]).headers["content-type"] == "application/geo+json"


def test_a_key_reads_the_district_and_a_person_what_lies_in_their_post(web: TestClient, opened: Centre):
    """A key has no area; who should see one town only gets a post there and signs in."""
    west = "990100002"
    accounts = Accounts(programs_desk(opened), opened.scenario.code, opened.scenario.areas.towns)
    accounts.add("test", Person("wang", "王", (Post(Job.DISPATCHER, west),)))
    opened.casebook.add_incidents([incident(id="WEST", town=west, cell=f"{west}003001")], at=NOON)
    system = {"authorization": f"Bearer {new_key(opened)[1]}"}
    person = {"cookie": f"{COOKIE}={accounts.enter('wang', 'demo')}"}

    def told(headers: dict[str, str], collection: str) -> list[dict[str, Any]]:
        answer = web.get(f"{OGC}/collections/{collection}/items", headers=headers).raise_for_status()
        return [each["properties"] for each in answer.json()["features"]]

    everything = opened.board()
    assert {each["id"] for each in told(system, "incidents")} == set(everything.incidents)
    assert {each["id"] for each in told(system, "teams")} == set(everything.teams)
    seen = {each["id"]: each["town"] for each in told(person, "incidents")}
    assert seen.pop("WEST") == west
    assert set(seen.values()) <= {"", west}
    assert {each["town"] for each in told(person, "teams")} == {west}


def test_an_observer_from_outside_reads_no_map(web: TestClient, opened: Centre):
    """A post in the district would open all of it; from outside one sees files drawn by lot, and only those."""
    accounts = Accounts(programs_desk(opened), opened.scenario.code, opened.scenario.areas.towns)
    accounts.add("test", Person("lawyer", "律师", (Post(Job.OBSERVER, opened.scenario.code),)))
    observer = {"cookie": f"{COOKIE}={accounts.enter('lawyer', 'demo')}"}
    assert web.get(INCIDENTS, headers=observer).status_code == 403


def test_cells_are_given_whole(web: TestClient, opened: Centre):
    answer = web.get(CELLS).json()
    assert (answer["numberMatched"], answer["numberReturned"]) == (9, 9)
    cells = opened.scenario.cells
    for row, feature in enumerate(answer["features"]):
        assert feature["properties"]["code"] == feature["id"] == cells["code"].iloc[row]
        assert shapely.from_geojson(str(feature["geometry"]).replace("'", '"')).equals_exact(cells.geometry.iloc[row])


def test_pages_follow_each_other_both_ways(web: TestClient):
    address, seen, pages = f"{CELLS}?limit=4", list[str](), 0
    while address:
        page = web.get(address).json()
        seen += [each["id"] for each in page["features"]]
        links = {link["rel"]: link["href"] for link in page["links"]}
        assert ("prev" in links) == (pages > 0)
        address, pages = links.get("next", ""), pages + 1
    assert pages == 3
    assert seen == ids(web, CELLS)


def test_a_box_takes_what_it_touches(web: TestClient, opened: Centre):
    west, south, *_ = opened.scenario.cells.total_bounds
    assert len(ids(web, CELLS, bbox=f"{west},{south},{west + 1e-5},{south + 1e-5}")) == 1
    assert ids(web, CELLS, bbox="0,0,1,1") == []
    assert len(ids(web, CELLS, bbox="170,-90,122,90")) == 9  # over the 180th meridian


def test_what_has_no_place_is_there_without_a_shape(web: TestClient):
    found = web.get(INCIDENTS).json()["features"]
    assert [each["geometry"] for each in found].count(None) == 1
    assert len(ids(web, INCIDENTS, bbox="-180,-90,180,90")) == len(found) - 1


def test_times_choose_incidents_by_their_report(web: TestClient):
    noon = NOON.strftime("%Y-%m-%dT%H:%M:%SZ")
    before = (NOON - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert set(ids(web, INCIDENTS, datetime=f"../{before}")) == {"LATER", "CLOSED"}
    assert "BY-PHONE" in ids(web, INCIDENTS, datetime=noon)
    assert "BY-PHONE" in ids(web, INCIDENTS, datetime=f"{before}/..")
    assert len(ids(web, CELLS, datetime=noon)) == 9


def test_properties_can_be_asked_for(web: TestClient):
    assert ids(web, INCIDENTS, status="closed") == ["CLOSED"]
    assert ids(web, INCIDENTS, priority="3", status="assigned") == ["BY-PHONE"]
    assert set(ids(web, f"{OGC}/collections/teams/items", on_duty="true")) == {"T1", "T2"}


def test_a_team_on_its_way_has_a_line_by_street(web: TestClient):
    """From where it is to where it was sent, along the streets."""
    (route,) = web.get(f"{OGC}/collections/routes/items").json()["features"]
    assert (route["id"], route["properties"]["incident"]) == ("T1", "BY-PHONE")
    assert route["geometry"]["type"] == "LineString"
    assert len(route["geometry"]["coordinates"]) >= 2


def test_no_words_and_nobodys_name_leave_by_the_map(web: TestClient, opened: Centre):
    everything = "".join(web.get(f"{OGC}/collections/{c}/items").text for c in ("incidents", "teams", "routes"))
    assert "13800005678" not in everything
    assert "流动摊贩" not in everything
    for person in opened.scenario.officers:
        assert f'"{person.name}"' not in everything


def test_one_feature_is_found_by_its_id(web: TestClient):
    one = web.get(f"{INCIDENTS}/BY-PHONE").json()
    assert (one["type"], one["id"]) == ("Feature", "BY-PHONE")
    assert web.get(f"{INCIDENTS}/nothing").status_code == 404
    assert (
        web.get(f"{OGC}/collections/clouds/items").json()["description"].startswith("there is no collection 'clouds'")
    )


def test_who_may_not_see_the_map_gets_nothing(opened: Centre):
    closed = english([*ogc_routes(lambda: opened, lambda _request: False)])
    for address in (OGC, f"{OGC}/api", CELLS, f"{INCIDENTS}/BY-PHONE"):
        assert closed.get(address).status_code == 403


def test_the_api_document_names_every_address_it_has(web: TestClient):
    """Each path of it answers, each parameter is taken, each name stands once."""
    told = web.get(f"{OGC}/api").json()
    assert told["openapi"].startswith("3.0")
    operations = [path["get"] for path in told["paths"].values()]
    assert len({each["operationId"] for each in operations}) == len(operations)
    for path, methods in told["paths"].items():
        if "{" in path:
            assert [p["name"] for p in methods["get"]["parameters"] if p["in"] == "path"] == ["featureId"]
            continue
        assert web.get(OGC + path).status_code == 200
        for parameter in methods["get"]["parameters"]:
            usual = {"bbox": "0,0,1,1", "datetime": NOON.strftime("%Y-%m-%dT%H:%M:%SZ")}.get(parameter["name"], "1")
            assert web.get(OGC + path, params={parameter["name"]: usual}).status_code == 200
        assert methods["get"]["responses"]["400"]["$ref"].split("/")[-1] in told["components"]["responses"]


@pytest.mark.parametrize(
    "asked",
    [
        "limit=0",
        "limit=x",
        "offset=-1",
        "bbox=1,2,3",
        "bbox=1,2,3,nan",
        "bbox=0,9,1,8",
        "bbox=0,0,181,1",
        "datetime=tomorrow",
        "datetime=../..",
        "datetime=2026-04-16T00:00:00Z/2026-04-15T00:00:00Z",
        "colour=red",
        "bbox-crs=EPSG:4326",
        "f=html",
    ],
)
def test_a_question_that_cannot_be_answered_is_said_to_be_so(web: TestClient, asked: str):
    answer = web.get(f"{INCIDENTS}?{asked}")
    assert answer.status_code == 400
    assert asked.split("=")[0] in answer.json()["description"]


def test_a_larger_limit_than_ours_is_ours(web: TestClient):
    """The standard says so: a program that asks for a million gets pages."""
    assert len(ids(web, CELLS, limit="1000000")) == 9


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["limit", "offset", "bbox", "datetime", "status", "priority", "f", "x"]),
        st.one_of(st.text(max_size=20), st.integers().map(str), st.datetimes().map(str), st.floats().map(str))
        | st.lists(st.floats().map(str), max_size=6).map(",".join),
    )
)
def test_no_question_breaks_the_door(web: TestClient, asked: dict[str, str]):
    sent = {name: value.encode(errors="replace").decode() for name, value in asked.items()}
    assert web.get(INCIDENTS, params=sent).status_code in (200, 400)


def test_incidents_are_read_as_they_stand(web: TestClient, opened: Centre):
    """Only the cells are kept; a map that shows yesterday's incidents is worse than none."""
    new = replace(incident(), id="NEW")
    opened.casebook.add_incidents([new], at=NOON)
    assert "NEW" in ids(web, INCIDENTS)
