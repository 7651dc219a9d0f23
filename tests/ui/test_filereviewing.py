"""A review of case files as somebody sees it: the files of their areas, and those that are theirs to review."""

from __future__ import annotations

import io
import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import openpyxl
import pytest

from dispatch.inspections.filedraw import against, from_json
from dispatch.oversight.evaluation import Period
from dispatch.records.case import Party, PartyKind
from dispatch.records.filereview import Mark, Quota, Rated
from dispatch.records.person import Job, Person, Post
from dispatch.store import people
from dispatch.store.writing import Actor
from scenarios.casework import open_the_cases
from tests.doors import noon_centre, programs_desk
from tests.towns import NOON
from ui.frame import VIEWS
from ui.papers import file_review, file_review_found, file_review_link, found_link, oversight
from ui.services.centre import Centre
from ui.services.filereviewing import drawn_files, opens, to_mark
from ui.services.outside import by_body, decided, files_of, pages, told
from ui.services.overseeing import Overseeing, span_of
from ui.services.whose import may_look
from ui.wording import Language, wording

DISTRICT = "990100"
SUPERVISOR = Person("s", "s", (Post(Job.SUPERVISOR, DISTRICT),))
LAWYER = Person("lawyer", "l", (Post(Job.OBSERVER, DISTRICT),))
SECRETARY = Person("secretary", "s", (Post(Job.OBSERVER, "990100002001"),))


@pytest.fixture(scope="module")
def opened() -> Iterator[Centre]:
    """The demo's cases of a year; half of the files of each body drawn, one of them marked."""
    with noon_centre() as centre:
        desk = programs_desk(centre)
        desk.set_roster("test", centre.scenario.teams(NOON))
        open_the_cases(centre.cases_of(desk), centre.scenario, NOON - timedelta(days=1), np.random.default_rng(1))
        centre.file_reviews.rights = None
        with centre.casebook.writing() as page:
            for each in (LAWYER, SECRETARY):
                people.add_person(page, Actor("test", NOON, "person_add"), each)
        first = NOON.date() - timedelta(days=400)
        one = centre.file_reviews.open("s", "half", first, NOON.date(), Quota(percent=50), "the lottery")
        centre.file_reviews.draw("s", one.id, "07 11 19")
        found = next(each for each in centre.file_reviews.standing(one.id).drawn.record.drawn if each.inspectors)
        centre.file_reviews.mark("s", one.id, found.premises, Mark.QUALIFIED, "whole")
        yield centre


@pytest.fixture
def standing(opened):
    return opened.file_reviews.all()[0]


def test_every_drawn_file_has_reviewers_of_another_body(opened, standing):
    rows = drawn_files(opened, SUPERVISOR, standing)
    assert len(rows) == len(standing.drawn.record.drawn) > 3
    bodies = {each.id: each.body for each in standing.review.reviewers}
    for row in rows:
        assert row.why or len(row.reviewers) == 2
        assert row.case.body not in {bodies[who] for who in row.reviewers}
        assert not {name for stamp in row.case.stamps for name in stamp.officers} & set(row.reviewers)
    assert sum(row.marked is not None for row in rows) == 1


def test_a_town_sees_its_own_files_and_a_reviewer_those_that_are_theirs(opened, standing):
    rows = drawn_files(opened, SUPERVISOR, standing)
    town = rows[0].case.town
    of_town = drawn_files(opened, Person("t", "t", (Post(Job.REVIEWER, town),)), standing)
    assert {row.case.id for row in of_town} == {row.case.id for row in rows if row.case.town == town}
    who = next(row.reviewers[0] for row in rows if row.reviewers and row.marked is None)
    reviewer = Person("r", "r", (Post(Job.REVIEWER, "999999999"),), officer=who)
    theirs = drawn_files(opened, reviewer, standing)
    assert {row.case.id for row in theirs} == {row.case.id for row in rows if who in row.reviewers}
    assert [row.case.id for row in to_mark(reviewer, theirs)] == [row.case.id for row in theirs if row.marked is None]
    assert to_mark(Person("o", "o", (Post(Job.REVIEWER, DISTRICT),)), rows) == []
    assert len(to_mark(SUPERVISOR, rows)) == len(rows) - 1


def test_only_who_supervises_the_district_opens_reviews():
    assert opens(SUPERVISOR, DISTRICT)
    assert not opens(Person("t", "t", (Post(Job.SUPERVISOR, "990100001"),)), DISTRICT)
    assert not opens(Person("r", "r", (Post(Job.REVIEWER, DISTRICT),)), DISTRICT)


def test_the_record_behind_the_link_proves_itself(opened, standing):
    got = file_review(opened, SUPERVISOR, standing.review.id)
    assert got.status_code == 200
    assert against(from_json(bytes(got.body).decode(), "r.json")) == ()
    assert json.loads(bytes(got.body))["seed"] == "07 11 19"
    assert file_review_link("R0001") == "/papers/files/R0001.json"
    assert file_review(opened, SUPERVISOR, "V9").status_code == 404
    assert file_review(opened, None, standing.review.id).status_code == 404
    town = Person("t", "t", (Post(Job.REVIEWER, "990100001"),))
    assert file_review(opened, town, standing.review.id).status_code == 403


def test_an_observer_has_the_files_drawn_for_them_and_no_paper(opened, standing):
    """A post in the district opens all of it to people from inside; from outside one sees what the lot gave."""
    given = {each.file: each.observer for each in standing.drawn.observed}
    assert set(given.values()) == {"lawyer", "secretary"}
    for who in (LAWYER, SECRETARY):
        own = {case for case, observer in given.items() if observer == who.id}
        assert {row.case.id for row in drawn_files(opened, who, standing)} == own
        assert {row.case.id for _, row in files_of(opened, who)} == own
        assert to_mark(who, drawn_files(opened, who, standing)) == []
    assert [row.case.town for _, row in files_of(opened, SECRETARY) if row.case.body == "990100002"] == []
    assert file_review(opened, LAWYER, standing.review.id).status_code == 403
    assert file_review_found(opened, LAWYER, standing.review.id, Language.EN).status_code == 403
    span = span_of(Period.WEEK, NOON.date())
    assert oversight(opened, LAWYER, span, "xlsx", Language.EN).status_code == 403


def test_an_observer_opens_one_screen():
    assert [view for view in (*VIEWS, "story") if may_look(LAWYER, view)] == ["oversight"]
    assert may_look(replace(LAWYER, posts=(*LAWYER.posts, *SUPERVISOR.posts)), "story")


def test_what_an_observer_reads_names_nobody(opened):
    """A telephone in a note, the party's name in another: the file is read for the deed, not for the person."""
    _, row = files_of(opened, LAWYER)[0]
    facts = {"note": "张三 called from 138 0000 5678", "number": "330203199001011234", "told": True, "paid": 50}
    party = Party("330203199001011234", "张三", PartyKind.CITIZEN)
    case = replace(row.case, party=party, stamps=(replace(row.case.stamps[0], facts=facts),))
    (page,) = pages(opened, case, wording(Language.EN))
    assert dict(page.facts) == {"note": "*** called from ***5678", "number": "***1234", "told": "Yes", "paid": "50"}
    assert page.step
    assert pages(opened, row.case, wording(Language.ZH))
    assert decided(row.case, wording(Language.EN))


def test_a_body_is_spoken_of_from_five_ratings_on_and_a_town_reads_its_own(standing):
    body = Counter(each.body for each in standing.review.files).most_common(1)[0][0]
    cases = [each.id for each in standing.review.files if each.body == body][:5]
    assert len(cases) == 5
    given = {case: Rated("R", case, n, "w", NOON, "lawyer") for case, n in zip(cases, (5, 5, 4, 5, 1), strict=True)}
    w = wording(Language.EN)
    few, enough = (replace(standing, ratings=dict(list(given.items())[:n])) for n in (4, 5))
    (one,) = by_body([few], (DISTRICT,))
    assert (one.n, math.isnan(one.mean), told(one, w)) == (4, True, "too few to say")
    (one,) = by_body([enough], (DISTRICT,))
    assert (one.body, one.n, one.mean, one.high) == (body, 5, 4.0, 5)
    assert one.low == pytest.approx(4 - 2.776 * 3**0.5 / 5**0.5, abs=0.01)
    assert told(one, w) == "4.0 (1.8 to 5.0)"
    alike = replace(standing, ratings={case: replace(each, rating=3) for case, each in given.items()})
    assert told(by_body([alike], (DISTRICT,))[0], w) == "3.0 (all the same)"
    assert by_body([enough], ("990199999",)) == []


def test_a_rating_stands_in_the_workbook_and_in_no_mark(opened, standing):
    """What outsiders think is for people to read: the evaluation of the same time stays as it was."""
    span = span_of(Period.MONTH, NOON.date())
    before = Overseeing().counted(opened, span).evaluation
    _, row = files_of(opened, LAWYER)[0]
    opened.file_reviews.rate("lawyer", standing.review.id, row.case.id, 2, "not told of the appeal")
    assert repr(Overseeing().counted(opened, span).evaluation) == repr(before)
    got = file_review_found(opened, SUPERVISOR, standing.review.id, Language.EN)
    assert got.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(bytes(got.body)))
    rows = [line for line in book["Drawn files"].values if line[0] == row.case.id]
    assert [line[-3:] for line in rows] == [("lawyer", 2, "not told of the appeal")]
    assert [line[1:3] for line in book["Ratings from outside by body"].values][-1] == (1, "too few to say")
    assert files_of(opened, LAWYER)[-1][1].rated.rating == 2
    assert found_link("R0001", Language.EN) == "/papers/files/R0001.xlsx?lang=en"


@pytest.mark.parametrize("language", list(Language))
def test_whoever_is_turned_back_is_told_from_which_screen(language):
    """From outside the story of an incident is closed too, which was everybody's until there were observers."""
    assert {view for view in (*VIEWS, "story") if f"strip.tab_{view}" not in wording(language).words} == set()
