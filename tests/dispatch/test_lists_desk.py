"""The keeper of the list of powers at the desk: what is done is whole and written down, what is refused says why."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from dispatch.desk.door import Door
from dispatch.desk.lists import LISTS_REASONS, Lists, current
from dispatch.desk.refusals import Refused, Stale
from dispatch.desk.workbooks import RuleLists, read_workbook, write_workbook
from dispatch.records.case import Case, Outcome, Party, PartyKind, Procedure, Stamp
from dispatch.rulebook.competence import Mode, Power, RuleBook
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor
from gis.schemas import BadInput
from tests.books import empty_book
from tests.dispatch import test_workbooks as books
from tests.dispatch.conftest import DISTRICT, EAST, FUMES, NOW, STALL, WEST, incident, rulebook

TODAY = date(2026, 3, 2)
SHIPPED = rulebook()
EAST_STALLS, WEST_STALLS, EAST_FUMES, WEST_FUMES = SHIPPED.powers
KEEPER = "keeper"


@pytest.fixture
def lists(casebook):
    return Lists(Door(casebook, lambda: NOW), SHIPPED)


def given(**changes):
    """The power over fumes in the west again, from next month on."""
    return replace(Power(FUMES, WEST, WEST, Mode.EMPOWERED, "decree 3", "", date(2026, 4, 1), None, "test"), **changes)


def report(casebook, *incidents):
    with casebook.writing() as page:
        page.add(Actor("desk", NOW, "report"), list(incidents))


def file_case(casebook, name="k1", body=EAST):
    party = Party("p", "某店", PartyKind.ORGANISATION)
    case = Case(name, "", STALL, EAST, body, "empowered", "镇", "decree 1", party, Procedure.SIMPLE, NOW)
    with casebook.writing() as page:
        page.add_case(Actor("desk", NOW, "case_file"), case)


def deeds(casebook):
    return [(entry.deed, entry.actor, entry.version_after) for entry in casebook.history(Kind.LIST, "powers")]


def test_until_somebody_changes_it_the_shipped_list_is_the_list(casebook):
    """A new casebook writes nothing just because it was opened."""
    assert current(casebook, SHIPPED) is SHIPPED
    assert casebook.list_version() == 0


def test_a_power_given_is_a_power_from_its_first_day(lists, casebook):
    """The first deed takes the shipped list into the casebook and goes on from there."""
    version, book = lists.give(KEEPER, given(), 0)
    assert version == 2
    assert not book.resolve(FUMES, WEST, date(2026, 3, 31)).lawful
    assert book.resolve(FUMES, WEST, date(2026, 4, 1)).actor(WEST).basis == "decree 3"
    assert casebook.powers(1) == SHIPPED.powers
    assert deeds(casebook) == [("list_seed", KEEPER, 1), ("list_give", KEEPER, 2)]


def test_what_the_casebook_keeps_is_what_the_deed_returned(lists, casebook):
    """The next process reads the same rule book that this one goes on with."""
    edition = lists.give(KEEPER, given(), 0)
    assert current(casebook, SHIPPED) == edition.rulebook


def test_a_power_taken_back_may_be_used_on_its_last_day(lists, casebook):
    """The first day without it is the next."""
    _, book = lists.take_back(KEEPER, WEST_STALLS, date(2026, 6, 30), 0)
    assert book.resolve(STALL, WEST, date(2026, 6, 30)).lawful
    assert not book.resolve(STALL, WEST, date(2026, 7, 1)).lawful
    assert casebook.history(Kind.LIST, "powers")[-1].details["accepted_stranding"] == []


def test_a_row_is_amended_in_its_place(lists):
    """A misspelt decree is put right without the row losing its history."""
    right = replace(EAST_STALLS, basis="decree 11")
    _, book = lists.amend(KEEPER, EAST_STALLS, right, 0)
    assert book.resolve(STALL, EAST, TODAY).actor(EAST).basis == "decree 11"
    assert set(book.powers) == {right, *SHIPPED.powers[1:]}


def test_every_version_can_be_had_back(lists, casebook):
    """Also the shipped one; going back is a version of its own, so nothing is ever lost."""
    version, _ = lists.give(KEEPER, given(), 0)
    version, _ = lists.take_back(KEEPER, WEST_STALLS, TODAY, version)
    version, book = lists.restore(KEEPER, 2, version)
    assert version == 4
    assert set(book.powers) == {*SHIPPED.powers, given()}
    _, shipped = lists.restore(KEEPER, 0, version)
    assert set(shipped.powers) == set(SHIPPED.powers)
    assert set(casebook.powers(3)) == {
        EAST_STALLS,
        replace(WEST_STALLS, valid_to=TODAY),
        EAST_FUMES,
        WEST_FUMES,
        given(),
    }


def test_a_version_that_never_was_cannot_be_had_back(lists, casebook):
    """And the ledger says who asked."""
    with pytest.raises(Refused) as refused:
        lists.restore(KEEPER, 7, 0)
    assert refused.value.reasons[0].values == {"version": 7, "latest": 0}
    assert deeds(casebook) == [("refused:list_restore", KEEPER, 0)]


def test_the_same_list_again_changes_nothing(lists, casebook):
    """A workbook sent twice, or sorted otherwise, is no new version."""
    assert lists.replace_all(KEEPER, SHIPPED.powers[::-1], 0).version == 0
    assert deeds(casebook) == []


def test_a_whole_list_takes_the_place_of_the_last(lists, casebook):
    """Rows that stayed the same stay; the entry tells the others."""
    version, book = lists.replace_all(KEEPER, [*SHIPPED.powers[:3], given()], 0)
    assert book.resolve(FUMES, WEST, date(2025, 6, 1)).why.code == "given_from"
    entry = casebook.history(Kind.LIST, "powers")[-1]
    assert (entry.kind, entry.version_after) == (Kind.LIST, version)
    assert [row["basis"] for row in entry.details["given"]] == ["decree 3"]
    assert [row["valid_to"] for row in entry.details["ended"]] == ["2025-12-31"]


def test_who_saw_an_older_list_is_told_who_was_quicker(lists, casebook):
    """Two keepers on one list must not undo each other unseen."""
    lists.give("first", given(), 0)
    with pytest.raises(Stale) as stale:
        lists.take_back("second", WEST_STALLS, TODAY, 0)
    assert (stale.value.expected, stale.value.found, stale.value.by.actor) == (0, 2, "first")
    assert casebook.list_version() == 2
    assert deeds(casebook)[-1] == ("refused:list_take_back", "second", 2)


@pytest.mark.parametrize(
    ("power", "columns"),
    [
        (given(basis=""), ["basis"]),
        (given(matter="unheard"), ["matter"]),
        (given(body="nobody"), ["body"]),
        (given(town=EAST), ["town"]),
        (given(mode=Mode.DELEGATED), ["principal"]),
        (given(mode=Mode.DELEGATED, principal=EAST), ["principal"]),
        (given(principal=EAST), ["principal"]),
        (given(valid_from=date(2025, 6, 1)), ["valid_from"]),
        (given(valid_to=date(2026, 3, 1)), ["valid_to"]),
        (given(basis="decree\0"), ["basis"]),
        (given(basis="   "), ["basis"]),
        (given(basis=" decree"), ["basis"]),
        (given(basis="decree\x01"), ["basis"]),
        (given(basis="decree_x000D_"), ["basis"]),
        (given(basis="d" * 40_000), ["basis"]),
        (given(source=""), ["source"]),
        (given(town=WEST + "999"), ["town"]),
        (given(town=WEST + "<b>"), ["town"]),
        (given(matter="\ud800"), ["matter"]),
        (given(basis="", matter="unheard", body="nobody"), ["basis", "matter", "body"]),
    ],
    ids=[
        "no basis",
        "unknown matter",
        "unknown body",
        "another's town",
        "no principal",
        "a principal without the power",
        "a principal in its own name",
        "overlap",
        "ends before it begins",
        "NUL",
        "blank basis",
        "blanks around",
        "control character",
        "a workbook's escape",
        "too long",
        "no source",
        "no such town",
        "no town at all",
        "half a character",
        "three at once",
    ],
)
def test_a_list_that_would_not_hold_in_court_is_refused_with_every_reason(lists, casebook, power, columns):
    """Nothing is changed, and the ledger says who tried what."""
    with pytest.raises(Refused) as refused:
        lists.give(KEEPER, power, 0)
    assert [reason.code for reason in refused.value.reasons] == ["list_fault"] * len(columns)
    assert [reason.values["column"] for reason in refused.value.reasons] == columns
    assert {reason.values["row"] for reason in refused.value.reasons} == {6}
    assert casebook.list_version() == 0
    assert current(casebook, SHIPPED) is SHIPPED
    [entry] = casebook.history(Kind.LIST, "powers")
    assert (entry.deed, entry.actor) == ("refused:list_give", KEEPER)
    assert [reason["values"]["column"] for reason in entry.details["reasons"]] == columns


def test_a_power_that_others_hold_by_delegation_cannot_be_taken_back_alone(lists):
    """Article 20: with the principal's own power the delegation falls; it has to be ended first."""
    west = SHIPPED.bodies[WEST]
    shipped = RuleBook(SHIPPED.matters, {**SHIPPED.bodies, "ZF": replace(west, id="ZF", town=DISTRICT)}, SHIPPED.powers)
    lists = Lists(lists, shipped)
    own = given(town=DISTRICT, body="ZF", mode=Mode.DEPARTMENT)
    version, _ = lists.give(KEEPER, own, 0)
    version, _ = lists.give(KEEPER, given(mode=Mode.DELEGATED, principal="ZF"), version)
    with pytest.raises(Refused) as refused:
        lists.take_back(KEEPER, own, date(2026, 12, 31), version)
    [reason] = refused.value.reasons
    assert (reason.values["column"], reason.values["body"]) == ("principal", WEST)


def test_open_work_is_not_left_with_nobody_unseen(lists, casebook):
    """The incident would wait for ever and the case could not be decided."""
    report(casebook, incident("i1"), incident("i2"), incident("w", town=WEST))
    file_case(casebook)
    with pytest.raises(Refused) as refused:
        lists.take_back(KEEPER, EAST_STALLS, TODAY, 0)
    [reason] = refused.value.reasons
    assert (reason.code, dict(reason.values)) == ("would_strand", {"n": 3, "ids": "i1, i2, k1", "accepted": 0})
    assert casebook.list_version() == 0


@pytest.mark.parametrize("accepted", [{"i1"}, {"i1", "i2", "i3"}, {"i2"}])
def test_only_exactly_what_is_left_with_nobody_can_be_accepted(lists, casebook, accepted):
    """One more incident since the keeper looked is one that nobody has thought about."""
    report(casebook, incident("i1"), incident("i2"))
    with pytest.raises(Refused, match="would_strand"):
        lists.take_back(KEEPER, EAST_STALLS, TODAY, 0, accepted)
    version, book = lists.take_back(KEEPER, EAST_STALLS, TODAY, 0, frozenset({"i1", "i2"}))
    assert not book.resolve(STALL, EAST, date(2026, 3, 3)).lawful
    assert casebook.history(Kind.LIST, "powers")[-1].details["accepted_stranding"] == ["i1", "i2"]
    assert version == 2


def test_going_back_to_a_version_without_a_power_strands_too(lists, casebook):
    """An undo takes powers away like any other deed."""
    version, _ = lists.give(KEEPER, given(valid_from=TODAY), 0)
    report(casebook, incident("i1", town=WEST, matter=FUMES))
    with pytest.raises(Refused, match="would_strand"):
        lists.restore(KEEPER, 1, version)


def test_a_case_is_stranded_when_its_own_body_loses_the_power(lists, casebook):
    """The bureau can take over an incident; a case is decided by the body that filed it, or handed over first."""
    shipped = RuleBook(
        SHIPPED.matters,
        {**SHIPPED.bodies, "ZF": replace(SHIPPED.bodies[EAST], id="ZF", town=DISTRICT)},
        (*SHIPPED.powers, replace(EAST_STALLS, town=DISTRICT, body="ZF", mode=Mode.DEPARTMENT)),
    )
    report(casebook, incident("i1"))
    file_case(casebook)
    file_case(casebook, "k2", "ZF")
    with pytest.raises(Refused) as refused:
        Lists(lists, shipped).take_back(KEEPER, EAST_STALLS, TODAY, 0)
    assert refused.value.reasons[0].values["ids"] == "k1"


def test_what_is_not_on_the_list_cannot_be_taken_back(lists):
    """The keeper looked at another list, or the row was amended since."""
    with pytest.raises(Refused) as refused:
        lists.take_back(KEEPER, given(), TODAY, 0)
    assert refused.value.reasons[0].code == "not_on_list"


def test_taking_back_never_prolongs(lists):
    """A row that has ended stays ended; to prolong it is to amend it, in so many words."""
    with pytest.raises(Refused) as refused:
        lists.take_back(KEEPER, WEST_FUMES, TODAY, 0)
    assert refused.value.reasons[0].code == "ends_already"
    assert refused.value.reasons[0].code in LISTS_REASONS


def test_a_preview_tells_what_a_list_would_do_and_does_nothing(lists, casebook):
    """The keeper reads it before saying yes, and gets the ids to say yes to."""
    report(casebook, incident("i1"))
    preview = lists.preview([*SHIPPED.powers[1:], given()])
    assert [change.after for change in preview.comparison.given] == [given()]
    assert [change.before for change in preview.comparison.taken_back] == [EAST_STALLS]
    assert [(one.id, one.since) for one in preview.stranded] == [("i1", TODAY)]
    assert (preview.version, casebook.list_version(), deeds(casebook)) == (0, 0, [])
    ids = [one.id for one in preview.stranded]
    assert lists.replace_all(KEEPER, [*SHIPPED.powers[1:], given()], preview.version, ids).version == 2


def test_the_ledger_is_whole_after_deeds_and_refusals(lists, casebook):
    """The list is part of the same memory as everything else."""
    version, _ = lists.give(KEEPER, given(), 0)
    with pytest.raises(Refused):
        lists.give(KEEPER, given(), version)
    assert casebook.verify().whole


def decide_case(casebook, body=EAST, town=EAST, day=0, matter=STALL):
    """A case decided so many days after today."""
    party = Party("p", "某店", PartyKind.ORGANISATION)
    case = Case("k9", "", matter, town, body, "empowered", "镇", "decree 1", party, Procedure.SIMPLE, NOW)
    stamp = Stamp("decided_on_spot", NOW + timedelta(days=day), "desk", (), "code", {})
    with casebook.writing() as page:
        page.add_case(Actor("desk", NOW, "decide"), case.decided(stamp, Outcome.FINE, 100))


def test_a_power_is_not_taken_back_from_under_a_decision(lists, casebook):
    """The decision was lawful on its day; a list that says otherwise would lose in court."""
    decide_case(casebook)
    with pytest.raises(Refused) as refused:
        lists.take_back(KEEPER, EAST_STALLS, date(2024, 1, 1), 0, {"k9"})
    [reason] = refused.value.reasons
    assert (reason.code, reason.values["case"], reason.values["day"]) == ("used_since", "k9", TODAY.isoformat())
    assert reason.code in LISTS_REASONS
    assert casebook.history(Kind.LIST, "powers")[-1].deed == "refused:list_take_back"
    assert lists.take_back(KEEPER, EAST_STALLS, TODAY, 0, {"k9"}).version == 2


@pytest.mark.parametrize("other", [{"body": WEST, "town": WEST}, {"matter": FUMES}])
def test_a_decision_under_another_row_holds_nobody_back(lists, casebook, other):
    """Only what rests on this row falls with it."""
    decide_case(casebook, **other)
    assert lists.take_back(KEEPER, EAST_STALLS, date(2026, 3, 1), 0, {"k9"} - {"k9"}).version == 2


def test_a_decision_that_another_row_carries_holds_nobody_back(lists, casebook):
    """The same body had the power by the category as well."""
    version, _ = lists.give(KEEPER, replace(EAST_STALLS, matter="C01", basis="decree 8"), 0)
    decide_case(casebook)
    assert lists.take_back(KEEPER, EAST_STALLS, date(2024, 1, 1), version).version == version + 1


def test_a_preview_names_what_no_reader_would_take(lists):
    """Before anything is done."""
    with pytest.raises(BadInput, match="column source"):
        lists.preview([*SHIPPED.powers, given(source="")])


@settings(max_examples=60, deadline=None)
@given_any(basis=st.text(max_size=12), source=st.text(max_size=12), town=st.sampled_from([books.TOWN, "330203999"]))
def test_any_list_that_is_accepted_goes_out_and_comes_back_the_same(basis, source, town):
    """A row that cannot be exported would lock the keeper out of the list."""
    power = Power("F01", town, books.TOWN, Mode.EMPOWERED, basis, "", date(2030, 1, 1), None, source)
    with empty_book() as casebook, TemporaryDirectory() as folder:
        try:
            _, book = Lists(Door(casebook, lambda: NOW), books.LISTS.rulebook()).give(KEEPER, power, 0)
        except Refused:
            return
        lists, path = RuleLists(book.matters, book.bodies, book.powers), Path(folder) / "lists.xlsx"
        write_workbook(lists, path)
        assert read_workbook(path) == lists
