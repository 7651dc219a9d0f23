"""Observers from outside: sealed with a review, drawn for files of other towns, heard once, counted nowhere else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy import update

from dispatch.desk.filereviews import FileReviews
from dispatch.desk.observers import observers
from dispatch.desk.refusals import Refused
from dispatch.desk.rights import WHO_MAY
from dispatch.records.filereview import FileReview, Observer, Quota, Rated
from dispatch.records.person import Job, Person, Post
from dispatch.store import filereviews, people
from dispatch.store.backup import back_up
from dispatch.store.casebook import open_casebook
from dispatch.store.database import step_to
from dispatch.store.export import export
from dispatch.store.ledger import REFUSED, Kind
from dispatch.store.restoring import restore
from dispatch.store.tables import FILE_RATINGS, FILE_REVIEWS
from dispatch.store.writing import Actor
from gis.schemas import BadInput
from tests.dispatch.conftest import DISTRICT, EAST, NOW, WEST
from tests.dispatch.test_filereviews import code_of, office, opened, with_people  # noqa: F401

COMMUNITY = f"{WEST}001"
EYES = (
    Person("lawyer", "lawyer", (Post(Job.OBSERVER, DISTRICT),)),
    Person("secretary", "secretary", (Post(Job.OBSERVER, COMMUNITY),)),
    Person("neighbour", "neighbour", (Post(Job.OBSERVER, f"{EAST}001"),)),
    Person("both", "both", (Post(Job.OBSERVER, DISTRICT), Post(Job.REVIEWER, DISTRICT))),
    Person("posted", "posted", (Post(Job.OBSERVER, DISTRICT),), officer="a"),
    Person("gone", "gone", (Post(Job.OBSERVER, DISTRICT),), active=False),
)


@pytest.fixture
def seen(office) -> FileReviews:  # noqa: F811
    """The closed cases of the east, behind a door that asks, with people from outside."""
    with_people(office)
    add(office, *EYES)
    return office


def add(desk: FileReviews, *known: Person) -> None:
    with desk.casebook.writing() as page:
        for each in known:
            people.add_person(page, Actor("test", NOW, "person_add"), each)


def drawn(desk: FileReviews) -> tuple[str, dict[str, str]]:
    one = opened(desk)
    desk.draw("sue", one.id, "07 11 19", now=NOW + timedelta(hours=6))
    return one.id, {each.file: each.observer for each in desk.standing(one.id).drawn.observed}


def test_only_who_is_from_outside_is_sealed_and_none_looks_at_the_own_town(seen):
    """Whoever also decides, goes out with a team or was let go has not the eyes that are wanted."""
    one = opened(seen)
    assert [each.id for each in one.observers] == ["lawyer", "neighbour", "secretary"]
    barred = {each.id: each.recused for each in one.observers}
    files = {each.id for each in one.files}
    assert barred == {"lawyer": frozenset(), "secretary": frozenset(), "neighbour": files}
    (entry,) = seen.casebook.history(Kind.FILE_REVIEW, one.id)
    assert (entry.details["set"]["observers"], len(entry.details["set"]["observers_sha256"])) == (3, 64)


def test_each_file_has_one_observer_and_the_draw_proves_it(seen):
    id, given = drawn(seen)
    assert set(given.values()) <= {"lawyer", "secretary"}
    assert set(given) == {each.id for each in seen.standing(id).review.files}
    assert seen.casebook.history(Kind.FILE_REVIEW, id)[-1].details["observed"] == given
    assert seen.against(id) == ()


def test_where_every_observer_is_recused_the_draw_says_so(office):  # noqa: F811
    with_people(office)
    add(office, EYES[2])
    id, given = drawn(office)
    assert set(given.values()) == {""}
    assert all(each.recused == ("neighbour",) for each in office.standing(id).drawn.observed)
    assert office.against(id) == ()


@pytest.mark.parametrize("column", ["observers", "record"])
def test_observers_altered_behind_the_desk_are_found_out(seen, column):
    """Also when the record is made one of before, with nobody from outside."""
    id, _ = drawn(seen)
    one = seen.standing(id).review
    values = {"observers": "[]"} if column == "observers" else {"record": one.record.replace("lawyer", "neighbour")}
    with seen.casebook.writing() as page:
        page.connection.execute(update(FILE_REVIEWS).values(**values))
    assert seen.against(id)


def test_a_review_of_before_is_proved_though_its_entries_know_no_observers(office, monkeypatch):  # noqa: F811
    """The ledger of the first reviews has two hashes, and no word of who was drawn from outside."""
    whole = FileReviews.open.__globals__["_hashes"]
    old = {"files_sha256", "reviewers_sha256"}
    monkeypatch.setitem(
        FileReviews.open.__globals__, "_hashes", lambda one: {k: v for k, v in whole(one).items() if k in old}
    )
    one = opened(office)
    office.draw("sue", one.id, "07 11 19", now=NOW + timedelta(hours=6))
    monkeypatch.setitem(FileReviews.open.__globals__, "_hashes", whole)
    told = office.casebook.history(Kind.FILE_REVIEW, one.id)
    assert "observers_sha256" not in told[0].details["set"]
    assert "observed" not in told[-1].details
    assert office.against(one.id) == ()


def test_who_was_drawn_rates_once_and_nobody_else(seen):
    one = opened(seen)
    assert code_of(lambda: seen.rate("lawyer", one.id, one.files[0].id, 4, "fair")) == "files_undrawn"
    seen.draw("sue", one.id, "07 11 19", now=NOW + timedelta(hours=6))
    given = {each.file: each.observer for each in seen.standing(one.id).drawn.observed}
    file, who = next(iter(given.items()))
    other = next(name for name in ("lawyer", "secretary") if name != who)
    assert code_of(lambda: seen.rate(other, one.id, file, 4, "fair")) == "file_not_yours_to_rate"
    assert code_of(lambda: seen.rate("sue", one.id, file, 4, "taken down")) == "not_your_job"
    assert code_of(lambda: seen.rate("both", one.id, file, 4, "fair")) == "file_not_yours_to_rate"
    assert code_of(lambda: seen.rate(who, one.id, "AJ1", 4, "fair")) == "file_not_yours_to_rate"
    assert code_of(lambda: seen.rate(who, one.id, file, 6, "fair")) == "file_rating"
    assert code_of(lambda: seen.rate(who, one.id, file, 0, "fair")) == "file_rating"
    assert code_of(lambda: seen.rate(who, one.id, file, 4, " ")) == "needs_words"
    seen.rate(who, one.id, file, 2, "nobody told him what he may say")
    kept = seen.standing(one.id).ratings[file]
    assert (kept.rating, kept.words, kept.by) == (2, "nobody told him what he may say", who)
    assert code_of(lambda: seen.rate(who, one.id, file, 5, "better")) == "file_rated"
    assert seen.standing(one.id).ratings == {file: kept}
    done = [each for each in seen.casebook.history(Kind.FILE_REVIEW, one.id) if not each.deed.startswith(REFUSED)]
    assert done[-1].details == {"case": file, "rating": 2, "words": kept.words}
    assert seen.casebook.verify().whole
    assert seen.against(one.id) == ()


def test_an_observer_has_one_deed():
    assert {deed for deed, jobs in WHO_MAY.items() if Job.OBSERVER in jobs} == {"files_rate"}


def test_whoever_entered_a_step_of_the_case_is_recused(office):  # noqa: F811
    case = office.casebook.cases()[0]
    typed = Person(case.stamps[0].by, "x", (Post(Job.OBSERVER, DISTRICT),))
    (one,) = observers([typed], [(case, {"a"}), (replace(case, id="X", stamps=()), set())], [])
    assert one.recused == {case.id}


def test_nobody_goes_back_to_tables_that_would_lose_what_outsiders_said(seen):
    """Each of the three is said on its own: ratings, registers, people."""
    with pytest.raises(BadInput, match="people with the job observer"), seen.casebook._writer.begin() as opening:
        step_to(opening, "0017")
    id, given = drawn(seen)
    file, who = next(iter(given.items()))
    seen.rate(who, id, file, 3, "fair")
    with pytest.raises(BadInput, match="ratings of case files"), seen.casebook._writer.begin() as opening:
        step_to(opening, "0017")
    with seen.casebook.reading() as connection:
        assert connection.execute(FILE_RATINGS.select()).one().rating == 3


def test_a_refused_rating_is_an_entry_of_the_ledger(seen):
    id, given = drawn(seen)
    with pytest.raises(Refused):
        seen.rate("west", id, next(iter(given)), 1, "x")
    entry = seen.casebook.latest_entries(1)[0]
    assert (entry.actor, entry.deed) == ("west", REFUSED + "files_rate")


def test_ratings_and_their_register_go_with_a_backup_and_an_export(url, tmp_path):
    """What somebody from outside said is not lost with the disk."""
    eyes = (Observer("lawyer", (DISTRICT,), frozenset({"AJ1"})),)
    days = (NOW.date(), NOW.date())
    one = FileReview("R0001", "q", *days, Quota(1), 2, "lottery", (), (), NOW, "sue", observers=eyes)
    kept = Rated(one.id, "AJ1", 3, "fair", NOW, "lawyer")
    with open_casebook(url) as book, book.writing() as page:
        filereviews.add_review(page, Actor("sue", NOW, "files_open"), one, {})
        filereviews.add_rating(page, Actor("lawyer", NOW, "files_rate"), kept, one.version)
    back_up(url, tmp_path / "book.zip", now=NOW)
    into = f"sqlite:///{tmp_path / 'again.db'}"
    restore(tmp_path / "book.zip", into, actor="it", now=NOW)
    with open_casebook(into, create=False) as book, book.reading() as connection:
        assert filereviews.ratings(connection, one.id) == {"AJ1": kept}
        assert filereviews.review(connection, one.id) == one
    export(url, tmp_path / "out")
    (workbook,) = (tmp_path / "out").glob("*.xlsx")
    rows = list(openpyxl.load_workbook(workbook)["file_ratings"].values)
    assert ("R0001", "AJ1", 3, "fair") in {row[:4] for row in rows}
