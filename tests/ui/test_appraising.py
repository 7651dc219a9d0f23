"""Who sees what of an appraisal, on paper and over HTTP from a real server."""

from __future__ import annotations

import io
from collections.abc import Iterator
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import HTTPCookieProcessor, build_opener

import openpyxl
import pytest
from docx import Document

from dispatch.oversight.appeals import Appeals, Standing
from dispatch.records.appraisal import Side
from dispatch.records.person import Job, Person, Post
from dispatch.store import people
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.writing import Actor
from tests.appraisals import APRIL, month_that_is_over
from tests.between import DISTRICT, JIA, YI
from tests.servers import APP, servers
from tests.towns import NOON, nine_cells
from ui.services.appraising import Sight, named, sight, supervises, within

BODIES = nine_cells().rulebook.bodies
OF_YI = Person("yi", "乙镇督导", (Post(Job.SUPERVISOR, YI),))
FIRE = Person("fire", "消防", (Post(Job.DISPATCHER, DISTRICT),), body="FIRE")
TEAM = Person("team", "甲一", (Post(Job.TEAM, JIA),), officer="O1")
CHIEF = Person("chief", "督导", (Post(Job.SUPERVISOR, DISTRICT),))
OF_JIA = Person("jia", "甲镇督导", (Post(Job.SUPERVISOR, JIA),))


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Casebook, Appeals]]:
    db = f"sqlite:///{tmp_path_factory.mktemp('book') / 'desk.db'}"
    with open_casebook(db) as casebook:
        appeals = month_that_is_over(casebook)
        with casebook.writing() as page:
            for each in (OF_YI, FIRE, TEAM):
                people.add_person(page, Actor("test", NOON, "person_add"), each)
        yield db, casebook, appeals


def seen_by(person: Person, found: Standing) -> Standing:
    return within(found, sight(person, DISTRICT, BODIES))


def test_of_a_draft_a_town_sees_its_own_and_the_next_town_nothing_of_it(month):
    """A mark that is still in dispute is nobody's gossip."""
    _, _, appeals = month
    found = appeals.standing(APRIL)
    own, next_door = seen_by(OF_JIA, found), seen_by(OF_YI, found)
    assert [each.who for each in own.before.towns] == [JIA]
    assert list(own.before.departments) == []
    assert {row.town for row in own.before.matrix} == {JIA}
    assert list(next_door.before.matrix) == list(next_door.before.towns) == []
    assert next_door.before.findings == {}


def test_of_a_draft_a_department_sees_its_own_and_the_district_all(month):
    """The post of somebody who answers for a body opens no more than that body."""
    _, _, appeals = month
    found = appeals.standing(APRIL)
    own = seen_by(FIRE, found)
    assert [each.who for each in own.before.departments] == ["fire"]
    assert {row.department for row in own.before.matrix} == {"fire"}
    assert (own.before.towns, own.before.findings) == ([], {})
    assert seen_by(CHIEF, found) is found


def test_everybody_is_offered_only_what_counts_for_them(month):
    """And the same that the desk lets through: what is not offered is refused there too."""
    _, _, appeals = month
    found = appeals.standing(APRIL)
    for person, side, department in ((OF_JIA, Side.TOWN, None), (FIRE, Side.DEPARTMENT, "fire")):
        offered = named(found, sight(person, DISTRICT, BODIES))
        assert offered
        assert {each.side for each in offered} == {side}
        assert department is None or {each.event.department for each in offered} == {department}
    assert named(found, sight(OF_YI, DISTRICT, BODIES)) == []
    assert {each.side for each in named(found, sight(CHIEF, DISTRICT, BODIES))} == set(Side)


def test_who_answers_for_a_body_supervises_nothing():
    """Whatever posts they have beside it."""
    chief_of_fire = Person("f", "f", (Post(Job.SUPERVISOR, DISTRICT),), body="FIRE")
    assert [supervises(each, DISTRICT) for each in (CHIEF, OF_JIA, chief_of_fire)] == [True, False, False]
    assert sight(chief_of_fire, DISTRICT, BODIES) == Sight(False, (), "FIRE", "fire")


def test_a_body_that_the_place_no_longer_has_sees_nothing(month):
    """Not every department without a name."""
    _, _, appeals = month
    gone = seen_by(Person("g", "g", (Post(Job.DISPATCHER, DISTRICT),), body="GONE"), appeals.standing(APRIL))
    assert (list(gone.before.matrix), list(gone.before.departments)) == ([], [])


def _get(url: str, who: str, kind: str = "xlsx") -> tuple[int, bytes]:
    """A paper as this person gets it from a running server; ``who`` empty for a stranger."""
    browser, paper = build_opener(HTTPCookieProcessor(CookieJar())), f"/papers/appraisal/{APRIL}.{kind}?lang=en"
    try:
        if who:
            browser.open(f"{url}/signin?as={who}&next={quote('/healthz', safe='')}", timeout=30).read()
        with browser.open(url + paper, timeout=60) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, b""


def _words(data: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value)


def test_a_real_server_gives_a_draft_to_its_own_and_the_published_table_to_all(month, tmp_path_factory):
    """A draft says that it is one and the hash it was counted from; strangers get neither."""
    db, _, appeals = month
    one = appeals.standing(APRIL).appraisal
    told = {"HOME": str(tmp_path_factory.mktemp("home")), "DB": db, "PLACE": "nine_cells", "DEMO": "1"}
    with servers(tmp_path_factory.mktemp) as running:
        url = running.start(APP, {f"GRIDBEAT_{name}": value for name, value in {**told, "DEMO_SPEED": "0.001"}.items()})
        assert _get(url, "")[0] == 401
        assert _get(url, "team")[0] == 403
        status, draft = _get(url, "jia")
        assert status == 200
        assert "Draft, not published" in _words(draft)
        assert one.sha256[:16] in _words(draft)
        assert "Fire and rescue" not in _words(_get(url, "yi")[1])
        appeals.publish("anna", APRIL, one.version, now=one.appeal_by_at)
        for who in ("team", "yi", "fire"):
            status, published = _get(url, who)
            assert (status, "Published 20" in _words(published)) == (200, True)
            assert "Fire and rescue" in _words(published)
        paper = Document(io.BytesIO(_get(url, "yi", "docx")[1]))
        assert "Published 20" in paper.sections[0].footer.paragraphs[0].text
        assert _get(url, "yi", "pdf")[0] == 404
        assert _get(url, "")[0] == 401
