"""A review of case files as somebody sees it: the files of their areas, and those that are theirs to review."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest

from dispatch.inspections.filedraw import against, from_json
from dispatch.records.filereview import Mark, Quota
from dispatch.records.person import Job, Person, Post
from scenarios.casework import open_the_cases
from tests.doors import noon_centre, programs_desk
from tests.towns import NOON
from ui.papers import file_review, file_review_link
from ui.services.centre import Centre
from ui.services.filereviewing import drawn_files, opens, to_mark

DISTRICT = "990100"
SUPERVISOR = Person("s", "s", (Post(Job.SUPERVISOR, DISTRICT),))


@pytest.fixture(scope="module")
def opened() -> Iterator[Centre]:
    """The demo's cases of a year; half of the files of each body drawn, one of them marked."""
    with noon_centre() as centre:
        desk = programs_desk(centre)
        desk.set_roster("test", centre.scenario.teams(NOON))
        open_the_cases(centre.cases_of(desk), centre.scenario, NOON - timedelta(days=1), np.random.default_rng(1))
        centre.file_reviews.rights = None
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
