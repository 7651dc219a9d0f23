"""Open311: every wrong report and question is answered in the standard's words, changes nothing and leaves a trace."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from dispatch.desk.door import Door
from dispatch.desk.keys import Keys
from dispatch.records.person import Key
from tests.doors import V2, VENDOR, english, form, new_key, noon_centre, programs_desk
from ui.doors.answers import Unfit
from ui.doors.open311 import LARGEST_BODY, open311_routes
from ui.doors.posting import report
from ui.services.centre import Centre
from ui.wording import Language, wording


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


WRONG: list[tuple[dict[str, str | None], int, str, bool]] = [
    ({"attribute[STILL]": None}, 400, "attribute[STILL] is missing", True),
    ({"attribute[STILL]": "perhaps"}, 400, "expected one of yes, no, unknown", True),
    ({"lat": "31.2", "long": "121.4"}, 400, "outside this district; expected a point of its cells, long 121.5", True),
    ({"lat": "121.5415", "long": "29.8613"}, 400, "lat is '121.5415'; expected WGS84 degrees", True),
    ({"lat": "nan"}, 400, "lat is 'nan'", True),
    ({"lat": None}, 400, "lat is ''", True),
    ({"lat": None, "long": None}, 400, "address_string is missing", True),
    ({"lat": None, "long": None, "lng": "121.5"}, 400, "names it long", True),
    ({"service_code": None}, 400, "service_code is missing", True),
    ({"service_code": "C99-99"}, 400, "'C99-99' is not offered here", True),
    ({"description": "x" * 8001}, 400, "8,001 characters; expected at most 8,000", True),
    ({"description": "a\0b"}, 400, "NUL", True),
    ({"media_url": "file:///etc/passwd"}, 400, "expected an http or https address", True),
    ({"api_key": None}, 403, "api_key is missing", False),
    ({"api_key": "guess"}, 403, "api_key is not good here", True),
    ({"jurisdiction_id": "boston"}, 404, "expected 990100", False),
]


@pytest.mark.parametrize(("changes", "status", "said", "noted"), WRONG)
@pytest.mark.parametrize("fmt", ["json", "xml"])
def test_a_wrong_report_changes_nothing_and_leaves_a_trace(
    web: TestClient,
    opened: Centre,
    secret: str,
    fmt: str,
    changes: dict[str, str | None],
    status: int,
    said: str,
    noted: bool,
):
    before, entries = opened.casebook.incidents(), len(opened.casebook.entries_since(0))
    answer = web.post(f"{V2}/requests.{fmt}", data=form(secret, **changes))
    assert answer.status_code == status
    if fmt == "json":
        (error,) = answer.json()
    else:
        root = ET.fromstring(answer.text)
        assert root.tag == "errors"
        error = {child.tag: child.text for child in root[0]}
    assert str(error["code"]) == str(status)
    assert said in error["description"]
    assert opened.casebook.incidents() == before
    new = opened.casebook.entries_since(entries)
    assert [entry.deed for entry in new] == ["refused:report"] * noted
    if noted:
        assert new[0].actor == ("key:?" if status == 403 else "key:K001")
        assert "testclient" in new[0].details["said"] or status == 400


def test_a_body_beyond_a_megabyte_is_not_read(web: TestClient, opened: Centre, secret: str):
    before = opened.casebook.incidents()
    answer = web.post(f"{V2}/requests.json", data=form(secret, description="x" * LARGEST_BODY))
    assert answer.status_code == 413
    assert "1 MB" in answer.json()[0]["description"]
    assert opened.casebook.incidents() == before


def test_an_ended_key_reports_nothing(web: TestClient, opened: Centre):
    key, secret = new_key(opened, "grid")
    Keys(programs_desk(opened)).end("test", key.id, 1)
    assert web.post(f"{V2}/requests.json", data=form(secret)).status_code == 403
    assert web.get(f"{V2}/requests.json", params={"api_key": secret}).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=x",
        "page_size=201",
        "status=perhaps",
        "start_date=yesterday",
        "start_date=2026-01-01&end_date=2026-12-31",
        "start_date=2026-04-02&end_date=2026-04-01",
        "updated_after=2026-13-01T00:00:00Z",
        "service_request_id=" + ",".join(map(str, range(201))),
        "service_code=a%00b",
    ],
)
def test_a_question_that_cannot_be_answered_is_said_to_be_so(web: TestClient, query: str):
    answer = web.get(f"{V2}/requests.json?{query}")
    assert answer.status_code == 400
    assert query.split("=")[0].split("_")[0] in answer.json()[0]["description"]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "page",
                "page_size",
                "status",
                "start_date",
                "end_date",
                "updated_after",
                "service_code",
                "service_request_id",
                "extensions",
                "api_key",
                "jurisdiction_id",
                "x",
            ]
        ),
        st.one_of(st.text(max_size=20), st.integers().map(str), st.datetimes().map(str), st.floats().map(str)),
    ),
    st.sampled_from(["json", "xml", "html"]),
)
def test_no_question_breaks_the_door(web: TestClient, asked: dict[str, str], fmt: str):
    """A program that asks nonsense reads what was wrong; it never brings an error of ours."""
    answer = web.get(f"{V2}/requests.{fmt}", params={k: v.encode(errors="replace").decode() for k, v in asked.items()})
    assert answer.status_code in (200, 400, 403, 404)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["lat", "long", "attribute[STILL]", "attribute[PLACE]", "attribute[", "description"])
        | st.sampled_from(["media_url", "address_string", "service_code", "phone"]),
        st.one_of(st.text(max_size=20), st.floats().map(str), st.sampled_from(["yes", VENDOR, "29.8613", "121.5415"])),
    )
)
def test_no_report_breaks_the_door(web: TestClient, secret: str, fields: dict[str, str]):
    sent = {name: value.encode(errors="replace").decode() for name, value in (form(secret) | fields).items()}
    assert web.post(f"{V2}/requests.json", data=sent).status_code in (200, 400)


@pytest.mark.parametrize("body", [b"\xff\xfe%%%=&&&", b"--x\r\nbroken", b"a=" + b"&a=" * 5000])
@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", "text/plain"],
)
def test_what_is_no_form_is_turned_away(web: TestClient, body: bytes, kind: str):
    answer = web.post(f"{V2}/requests.json", content=body, headers={"content-type": kind})
    assert answer.status_code in (400, 403)


class EndedMeanwhile(Keys):
    """While the report is read, an administrator ends its key."""

    def holder(self, secret: str) -> Key | None:
        found = super().holder(secret)
        if found is not None:
            Keys(Door(self.casebook, self.clock)).end("test", found.id, found.version)
        return found


def test_a_key_ended_while_the_report_is_read_is_said_to_be_ended(opened: Centre):
    """The client has to know that it needs a new key, not that something is wrong in its report."""
    _, secret = new_key(opened)
    before = opened.casebook.incidents()
    fields = {name: [value] for name, value in form(secret).items()}
    with pytest.raises(Unfit, match="has ended") as refused:
        report(opened, EndedMeanwhile(opened.desk), fields, "10.0.0.9", wording(Language.EN))
    assert refused.value.status == 403
    assert opened.casebook.incidents() == before
