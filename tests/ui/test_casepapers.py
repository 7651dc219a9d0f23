"""The documents of a case behind a link: what there is, for whom, and why not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest
from docx import Document

from dispatch.records.case import Outcome
from dispatch.records.person import Job, Person, Post
from scenarios.casework import open_the_cases
from tests.doors import noon_centre, programs_desk
from tests.review.test_forms import texts
from tests.towns import NOON
from ui.papers import case_link, case_papers
from ui.screens.cases.file import file_html
from ui.screens.cases.saying import Sayer
from ui.services.casepapers import standing
from ui.services.casework import names_of
from ui.services.centre import Centre
from ui.telling import Teller
from ui.wording import Language, wording

REVIEWER = Person("r", "r", (Post(Job.REVIEWER, "990100"),))


@pytest.fixture(scope="module")
def opened() -> Iterator[Centre]:
    """The nine cells with the demo's cases of a year."""
    with noon_centre() as centre:
        desk = programs_desk(centre)
        desk.set_roster("test", centre.scenario.teams(NOON))
        open_the_cases(centre.cases_of(desk), centre.scenario, NOON - timedelta(days=1), np.random.default_rng(1))
        yield centre


@pytest.fixture
def fined(opened):
    return next(
        case
        for case in opened.casebook.cases()
        if case.outcome is Outcome.FINE and case.stamp("decided") and case.closed_at
    )


def test_the_link_gives_every_document_of_a_case_in_one_zip(opened, fined):
    got = case_papers(opened, REVIEWER, fined.id)
    assert got.status_code == 200
    with zipfile.ZipFile(io.BytesIO(bytes(got.body))) as papers:
        assert papers.testzip() is None
        names = {name.removeprefix(f"{fined.id}_") for name in papers.namelist()}
        decision = texts(Document(io.BytesIO(papers.read(f"{fined.id}_行政处罚决定书.docx"))))
    assert names == {
        "行政处罚事先告知书.docx",
        "行政处罚决定书.docx",
        "责令改正通知书.docx",
        "送达回证.docx",
        "SHA256SUMS",
    }
    people = names_of(opened.casebook.teams(), opened.scenario.office)
    for wanted in (fined.id, fined.party.name, fined.letterhead, f"罚款人民币 {fined.fine_yuan} 元", "含模拟数据"):
        assert wanted in decision
    assert all(people[each] in decision for each in fined.stamp("filed").officers)


def test_one_document_is_had_by_its_own_link(opened, fined):
    got = case_papers(opened, REVIEWER, fined.id, "receipt")
    assert got.status_code == 200
    assert "《行政处罚决定书》、《责令改正通知书》" in texts(Document(io.BytesIO(bytes(got.body))))
    assert case_link("AJ1", "receipt") == "/papers/case/AJ1/receipt.docx"


def test_a_document_that_the_case_has_not_is_not_had(opened, fined):
    """Also not for who knows the address of the link."""
    assert case_papers(opened, REVIEWER, fined.id, "no_penalty").status_code == 404
    assert case_papers(opened, REVIEWER, fined.id, "no_such").status_code == 404
    assert case_papers(opened, REVIEWER, "no-case").status_code == 404
    early = next(case for case in opened.casebook.cases() if len(case.stamps) == 1)
    assert case_papers(opened, REVIEWER, early.id, "decision").status_code == 404


def test_documents_are_for_who_sees_the_case(opened, fined):
    other = next(town for town in opened.scenario.areas.towns if town != fined.town)
    assert case_papers(opened, None, fined.id).status_code == 404
    assert case_papers(opened, Person("r", "r", (Post(Job.REVIEWER, other),)), fined.id).status_code == 403
    assert case_papers(opened, Person("p", "p", (Post(Job.PLANNER, "990100"),)), fined.id).status_code == 403


@pytest.mark.parametrize("language", list(Language))
def test_the_file_of_a_case_links_what_there_is_and_says_why_the_rest_is_not(opened, fined, language):
    tell = Teller(
        wording(language), opened.scenario.areas, opened.rulebook.matters, opened.scenario.fields, opened.zone
    )
    say = Sayer(tell, opened.rules.procedures, {})
    found = standing(opened, fined, NOON)
    html = file_html(fined, (), opened.rules.procedures, opened.rulebook, [], found, None, say)
    assert f'href="/papers/case/{fined.id}/decision.docx"' in html
    assert f'href="/papers/case/{fined.id}.zip"' in html
    assert "no_penalty.docx" not in html
    assert ("处理结果为“罚款”" if language is Language.ZH else "ended in “a fine”") in html
