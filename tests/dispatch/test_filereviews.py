"""Closed case files are reviewed at the desk: sealed before the seed, drawn once, marked by those who were drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from dispatch.desk.filereviews import FileReviews
from dispatch.desk.refusals import Refused, Unknown
from dispatch.desk.rights import PeopleRights
from dispatch.records.case import Party, PartyKind
from dispatch.records.filereview import Mark, Quota
from dispatch.records.person import Job, Person, Post
from dispatch.rulebook.filetraits import TRAITS, file_weight, read_file_weights
from dispatch.store import people
from dispatch.store.ledger import Kind
from dispatch.store.tables import FILE_REVIEWS
from dispatch.store.writing import Actor
from gis.schemas import BadInput
from scenarios.builder import HERE
from tests.casework import on_day, person
from tests.dispatch.conftest import DISTRICT, EAST, NOW, WEST
from tests.dispatch.test_cases import decided, filed, make, taken

WEIGHTS = read_file_weights(HERE / "file_weights.csv")
TODAY = NOW.date()
ALL = Quota(percent=100)
OFFICE = (
    replace(person("LAW", "review"), town=DISTRICT),
    replace(person("LAW2", "review"), town=DISTRICT),
    replace(person("EASTLAW", "review"), town=EAST),
    replace(person("WESTLAW", "review"), town=WEST),
    person("HOST"),
)


@pytest.fixture
def office(desk):
    """Three closed cases of the east's body, one still open."""
    cases = make(desk)
    for n in range(3):
        case = filed(cases, party=Party(f"P{n}", f"某{n}", PartyKind.CITIZEN))
        case = decided(cases, taken(cases, case, "told"))
        later = {"now": NOW + timedelta(hours=3)}
        case = cases.serve("desk", case.id, case.version, on_day("delivered", TODAY), **later)
        case = cases.pay("desk", case.id, case.version, on_day("paid", TODAY), **later)
        cases.close("desk", case.id, case.version, {"archive_no": f"{n}", "reported_to_body": True}, **later)
    filed(cases, party=Party("P9", "某九", PartyKind.CITIZEN))
    return FileReviews(desk, DISTRICT, ZoneInfo("Asia/Shanghai"), WEIGHTS, OFFICE)


def opened(office: FileReviews, quota: Quota = ALL, actor: str = "sue", **changes):
    given = {
        "name": "first quarter",
        "first": TODAY,
        "last": TODAY,
        "quota": quota,
        "seed_from": "the lottery",
        **changes,
    }
    return office.open(actor, now=NOW + timedelta(hours=5), **given)


def code_of(deed) -> str:
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.reasons[0].code


def test_both_registers_stand_in_the_ledger_before_anybody_knows_the_seed(office):
    """Whoever knew the seed could tune a register to it; the hashes come first."""
    one = opened(office)
    assert len(one.files) == 3, "an open case is no file yet"
    assert {each.id for each in one.reviewers} == {"LAW", "LAW2", "EASTLAW", "WESTLAW"}, "a host is no reviewer"
    assert all({"a", "b"} <= each.handlers for each in one.files)
    (entry,) = office.casebook.history(Kind.FILE_REVIEW, one.id)
    assert {"files_sha256", "reviewers_sha256", "seed_from"} <= entry.details["set"].keys()
    assert "seed" not in entry.details["set"]


def test_the_draw_is_kept_and_comes_out_again(office):
    one = opened(office)
    assert code_of(lambda: office.against(one.id)) == "files_undrawn"
    office.draw("sue", one.id, "07 11 19 23", now=NOW + timedelta(hours=6))
    drawn = office.standing(one.id).drawn.record.drawn
    assert {each.premises for each in drawn} == {each.id for each in one.files}
    assert all("EASTLAW" not in each.inspectors and len(each.inspectors) == 2 for each in drawn)
    assert office.against(one.id) == ()
    assert office.casebook.history(Kind.FILE_REVIEW, one.id)[-1].details["seed"] == "07 11 19 23"
    assert code_of(lambda: office.draw("sue", one.id, "a better one")) == "files_drawn"
    assert office.casebook.verify().whole


def test_a_draw_altered_behind_the_desk_is_found_out(office):
    """The ledger said what was drawn; a row in the database can be written over."""
    one = opened(office)
    office.draw("sue", one.id, "07 11 19 23")
    kept = office.standing(one.id).review
    better = replace(office.standing(one.id).review, record=kept.record.replace("07 11 19 23", "07 11 19 24"))
    with office.casebook.writing() as page:
        page.connection.execute(update(FILE_REVIEWS).values(record=better.record))
    assert office.against(one.id)
    with office.casebook.writing() as page:
        page.connection.execute(update(FILE_REVIEWS).values(record=kept.record, files="[]"))
    assert [each.code for each in office.against(one.id)] == ["opened_altered"]


def test_a_file_is_not_drawn_a_second_time(office):
    first = opened(office, Quota(count=1))
    office.draw("sue", first.id, "seed")
    (done,) = office.standing(first.id).drawn.record.drawn
    second = opened(office)
    assert done.premises not in {each.id for each in second.files}
    assert len(second.files) == 2


def test_what_cannot_be_drawn_is_refused_before_it_is_opened(office):
    yesterday = TODAY - timedelta(days=1)
    assert code_of(lambda: opened(office, first=yesterday, last=yesterday)) == "files_none"
    assert code_of(lambda: opened(office, last=yesterday)) == "reversed_dates"
    assert code_of(lambda: opened(office, Quota())) == "files_quota"
    assert code_of(lambda: opened(office, Quota(percent=101))) == "files_quota"
    assert code_of(lambda: opened(office, crew=1)) == "files_crew"
    assert code_of(lambda: opened(office, seed_from=" ")) == "needs_words"
    with pytest.raises(Unknown):
        office.standing("V9999")


def with_people(office: FileReviews) -> FileReviews:
    """The same behind a door that asks who it is: a supervisor, two reviewers and one who had entered the cases."""
    known = (
        Person("sue", "sue", (Post(Job.SUPERVISOR, DISTRICT),)),
        Person("west", "west", (Post(Job.REVIEWER, WEST),), officer="WESTLAW"),
        Person("east", "east", (Post(Job.REVIEWER, EAST),), officer="EASTLAW"),
        Person("desk", "desk", (Post(Job.SUPERVISOR, DISTRICT),)),
        Person("planner", "planner", (Post(Job.PLANNER, DISTRICT),)),
    )
    with office.casebook.writing() as page:
        for each in known:
            people.add_person(page, Actor("test", NOW, "person_add"), each)
    office.rights = PeopleRights(DISTRICT)
    return office


def test_who_was_drawn_says_what_was_found_and_nobody_else(office):
    """Also in another town than their own; and not who had a hand in the case, whatever the post."""
    one = opened(with_people(office))
    office.draw("sue", one.id, "seed")
    drawn = {each.premises: each.inspectors for each in office.standing(one.id).drawn.record.drawn}
    mine = next(case for case, who in drawn.items() if "WESTLAW" in who)
    assert code_of(lambda: office.mark("planner", one.id, mine, Mark.QUALIFIED, "whole")) == "not_your_job"
    assert code_of(lambda: office.mark("east", one.id, mine, Mark.QUALIFIED, "whole")) == "file_not_yours"
    assert code_of(lambda: office.mark("desk", one.id, mine, Mark.QUALIFIED, "whole")) == "file_handled"
    assert code_of(lambda: office.mark("west", one.id, mine, Mark.QUALIFIED, " ")) == "needs_words"
    assert code_of(lambda: office.mark("west", one.id, "AJ1", Mark.QUALIFIED, "whole")) == "file_not_drawn"
    office.mark("west", one.id, mine, Mark.UNQUALIFIED, "no record of the pleading")
    found = office.standing(one.id).marks[mine]
    assert (found.mark, found.reason, found.by) == (Mark.UNQUALIFIED, "no record of the pleading", "west")
    assert code_of(lambda: office.mark("sue", one.id, mine, Mark.EXCELLENT, "whole")) == "file_marked"
    other = next(case for case in drawn if case != mine)
    office.mark("sue", one.id, other, Mark.EXCELLENT, "taken down for both")
    assert [each.deed for each in office.casebook.history(Kind.FILE_REVIEW, one.id)][-1] == "files_mark"


def test_only_the_district_opens_and_draws(office):
    with_people(office)
    assert code_of(lambda: opened(office, actor="west")) == "not_your_job"
    one = opened(office)
    assert code_of(lambda: office.draw("west", one.id, "seed")) == "not_your_job"


def test_no_amount_makes_a_file_likelier_to_be_drawn(office):
    """Article 74: a heavy fine is no reason to look, nor a light one."""
    case = office.casebook.cases()[0]
    assert file_weight(replace(case, fine_yuan=100_000), WEIGHTS) == file_weight(case, WEIGHTS)
    assert file_weight(case, {}) == 1


def test_the_list_of_weights_is_read_strictly(tmp_path):
    assert set(WEIGHTS) == set(TRAITS)
    path = tmp_path / "w.csv"
    for row, said in (
        ("fined,2,illustrative", "one of any"),
        ("any,-1,illustrative", "a whole number"),
        ("any,1,hearsay", "column source"),
    ):
        path.write_text(f"trait,weight,source\n{row}\n", encoding="utf-8")
        with pytest.raises(BadInput, match=said):
            read_file_weights(path)
