"""Open311: what other systems report and read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from starlette.testclient import TestClient

from dispatch.desk.voices import Voices
from tests.doors import V2, VENDOR, english, form, new_key, noon_centre
from tests.towns import NOON
from ui.doors.open311 import open311_routes
from ui.services.centre import Centre


@pytest.fixture(scope="module")
def opened() -> Iterator[Centre]:
    with noon_centre() as centre:
        yield centre


@pytest.fixture(scope="module")
def secret(opened: Centre) -> str:
    return new_key(opened)[1]


@pytest.fixture(scope="module")
def web(opened: Centre) -> TestClient:
    return english([*open311_routes(lambda: opened)])


def test_a_report_is_one_deed_in_the_casebook_before_it_is_answered(web: TestClient, opened: Centre, secret: str):
    before = len(opened.casebook.entries_since(0))
    answer = web.post(f"{V2}/requests.json", data=form(secret, **{"attribute[PLACE]": "三号门"}))
    assert answer.status_code == 200, answer.text
    (told,) = answer.json()
    kept = opened.casebook.incident(told["service_request_id"])
    assert kept is not None
    assert (kept.matter, kept.source, kept.cell, kept.caller) == (VENDOR, "12345", "990100001002002", "王 13900001111")
    assert "烧烤摊占道" in kept.text
    assert "三号门" in kept.text
    (entry,) = opened.casebook.entries_since(before)
    assert (entry.actor, entry.deed, entry.subject) == ("key:K001", "report", kept.id)


def test_multipart_and_xml_are_taken_too(web: TestClient, opened: Centre, secret: str):
    """A file that comes along is left: there is no place for it in an incident, but the words must not be lost."""
    files = {"media": ("a.jpg", b"\xff\xd8", "image/jpeg")}
    answer = web.post(f"{V2}/requests.xml", data=form(secret), files=files)
    root = ET.fromstring(answer.text)
    assert (answer.status_code, root.tag) == (200, "service_requests")
    assert opened.casebook.incident(root.findtext("request/service_request_id", ""))


def test_words_about_the_place_are_looked_up(web: TestClient, opened: Centre, secret: str):
    """And where the gazetteer does not know them the desk places it, rather than a citizen being turned away."""
    unknown = form(secret, lat=None, long=None, address_string="天涯海角")
    (told,) = web.post(f"{V2}/requests.json", data=unknown).json()
    kept = opened.casebook.incident(told["service_request_id"])
    assert kept is not None
    assert (kept.cell, kept.address) == ("", "天涯海角")
    assert "place" in told["service_notice"]
    name = next(iter(opened.scenario.areas.communities))
    known = form(secret, lat=None, long=None, address_string=f"甲镇{opened.scenario.areas.name(name)}")
    (told,) = web.post(f"{V2}/requests.json", data=known).json()
    kept = opened.casebook.incident(told["service_request_id"])
    assert kept is not None
    assert kept.cell.startswith(name)


def test_who_cannot_say_what_it_is_leaves_it_to_the_desk(web: TestClient, opened: Centre, secret: str):
    (told,) = web.post(f"{V2}/requests.json", data=form(secret, service_code="other")).json()
    kept = opened.casebook.incident(told["service_request_id"])
    assert kept is not None
    assert kept.matter == ""


def test_services_and_what_they_ask_can_be_read(web: TestClient):
    listed = web.get(f"{V2}/services.json").json()
    assert {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"} == listed[0].keys()
    assert VENDOR in {each["service_code"] for each in listed}
    root = ET.fromstring(web.get(f"{V2}/services.xml").text)
    assert len(root.findall("service")) == len(listed)
    asked = web.get(f"{V2}/services/{VENDOR}.json").json()
    assert [(each["code"], each["required"]) for each in asked["attributes"]] == [("STILL", True), ("PLACE", False)]
    root = ET.fromstring(web.get(f"{V2}/services/{VENDOR}.xml").text)
    assert root.findtext("attributes/attribute/values/value/key") == "yes"
    assert web.get(f"{V2}/services/C99-99.json").status_code == 404


def test_discovery_says_where_and_how(web: TestClient):
    told = web.get(f"{V2}/discovery.json").json()
    assert told["endpoints"][0]["url"].endswith(V2)
    root = ET.fromstring(web.get(f"{V2}/discovery.xml").text)
    assert [each.text for each in root.findall("endpoints/endpoint/formats/format")] == ["text/xml", "application/json"]


def test_nobody_reads_who_told_it_nor_what_came_otherwise(web: TestClient, opened: Centre, secret: str):
    """The list is open to anybody who reaches it; what was said on the telephone is not."""
    words = form(secret, description="请打电话13900001111找王")
    (told,) = web.post(f"{V2}/requests.json", data=words).json()
    public = web.get(f"{V2}/requests.json", params={"page_size": 200})
    assert "BY-PHONE" not in public.text
    assert "13900001111" not in public.text
    assert told["service_request_id"] in public.text
    own = web.get(f"{V2}/requests/{told['service_request_id']}.json", params={"api_key": secret}).json()
    assert "13900001111" in own[0]["description"]
    assert web.get(f"{V2}/requests/BY-PHONE.json").status_code == 404


def test_our_state_is_said_in_words_beside_the_standards_two(web: TestClient, opened: Centre, secret: str):
    (told,) = web.post(f"{V2}/requests.json", data=form(secret)).json()
    one = web.get(f"{V2}/requests/{told['service_request_id']}.json", params={"extensions": "true"}).json()[0]
    assert (one["status"], one["status_notes"], one["service_code"]) == ("open", "waiting", VENDOR)
    assert one["extended_attributes"]["state"] == "reported"
    assert one["extended_attributes"]["cell"] == "990100001002002"
    root = ET.fromstring(web.get(f"{V2}/requests/{told['service_request_id']}.xml").text)
    assert root.findtext("request/status") == "open"


def test_pages_hold_every_report_once(web: TestClient, secret: str):
    for _ in range(7):
        web.post(f"{V2}/requests.json", data=form(secret))
    whole = [each["service_request_id"] for each in web.get(f"{V2}/requests.json?page_size=200").json()]
    paged: list[str] = []
    page = 1
    while some := web.get(f"{V2}/requests.json", params={"page": page, "page_size": 3}).json():
        paged += [each["service_request_id"] for each in some]
        page += 1
    assert paged == whole
    assert len(set(whole)) == len(whole) >= 7


def test_lists_answer_to_what_is_asked(web: TestClient, secret: str):
    (told,) = web.post(f"{V2}/requests.json", data=form(secret, service_code="other")).json()
    code = told["service_request_id"]

    def ids(**asked: str) -> set[str]:
        return {each["service_request_id"] for each in web.get(f"{V2}/requests.json", params=asked).json()}

    assert ids(service_request_id=f"{code},nothing", status="closed") == {code}
    assert code in ids(service_code="other", status="open")
    assert code not in ids(service_code=VENDOR)
    assert ids(status="closed") == set()
    day = NOON.date().isoformat()
    assert code in ids(start_date=day, end_date=day)
    assert ids(end_date=(NOON - timedelta(days=2)).date().isoformat()) == set()
    assert code in ids(updated_after=(NOON - timedelta(hours=1)).isoformat())
    assert ids(updated_after=NOON.isoformat()) == set()


def test_a_closed_case_is_closed_and_a_merged_one_says_where(web: TestClient, opened: Centre, secret: str):
    """The standard knows open and closed only."""
    (told,) = web.post(f"{V2}/requests.json", data=form(secret)).json()
    Voices(opened.casebook, lambda: NOON).merge("li", told["service_request_id"], 1, "BY-PHONE", 1)
    one = web.get(f"{V2}/requests/{told['service_request_id']}.json").json()[0]
    assert one["status"] == "closed"
    assert one["status_notes"].endswith("BY-PHONE")
    closed = web.get(f"{V2}/requests.json?status=closed").json()
    assert one["service_request_id"] in {each["service_request_id"] for each in closed}
