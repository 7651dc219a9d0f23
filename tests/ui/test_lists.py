"""What the keeper of the lists is shown: a town's powers on a day, what a change would do, the tables beside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from dispatch.desk.door import Door
from dispatch.desk.lists import Lists
from dispatch.desk.refusals import Refused, Stale
from dispatch.rulebook.calendar import Calendar, DayKind, Holiday
from dispatch.rulebook.competence import RuleBook
from dispatch.rulebook.discretion import Discretion
from dispatch.rulebook.matters import Kind, Source
from dispatch.rulebook.powers import Mode, Power
from dispatch.store.casebook import Casebook
from dispatch.store.writing import Actor
from gis.schemas import BadInput
from tests.books import empty_book
from tests.towns import NOON, incident, nine_cells
from ui.services.lists import (
    ChangeKind,
    DeedKind,
    Draft,
    State,
    Wanted,
    bodies_in,
    change,
    compared,
    first_day,
    key_of,
    lent_by,
    outlook,
    powers_at,
    principals,
    row_by_key,
    rows_of,
    town_lines,
    uses,
    versions,
)
from ui.services.ruletables import beside, catalogue, read_upload, trust, workbook_bytes, year_of

TODAY = date(2026, 4, 15)
EAST, WEST, DISTRICT = "990100001", "990100002", "990100"
VENDOR = "C08-01"


@pytest.fixture
def casebook() -> Iterator[Casebook]:
    with empty_book() as book:
        yield book


def vendors_only() -> RuleBook:
    """Vendors: the town of the east by its own empowerment and nobody else."""
    shipped = nine_cells().rulebook
    row = Power(VENDOR, EAST, EAST, Mode.EMPOWERED, "示例决定", "", date(2024, 1, 1), None, Source.ILLUSTRATIVE)
    return RuleBook(shipped.matters, shipped.bodies, (row,))


@pytest.fixture
def lists(casebook: Casebook) -> Lists:
    return Lists(Door(casebook, lambda: NOON), vendors_only())


def report(casebook: Casebook) -> None:
    with casebook.writing() as page:
        page.add(Actor("desk", NOON, "report"), [incident()])


def taking_back(book: RuleBook, last: date = TODAY) -> Draft:
    row = book.powers[0]
    return Draft(DeedKind.TAKE_BACK, row, replace(row, valid_to=last))


def test_a_town_counts_its_own_rows_and_those_of_the_whole_district() -> None:
    """A department that acts everywhere acts in this town too."""
    shipped = nine_cells().rulebook
    own = vendors_only().powers[0]
    everywhere = replace(own, town=DISTRICT, body="ZF", mode=Mode.DEPARTMENT)
    ended = replace(own, mode=Mode.STATUTORY, valid_to=TODAY - timedelta(days=1))
    book = RuleBook(shipped.matters, shipped.bodies, (own, everywhere, ended))
    lines = town_lines(book, [EAST, WEST, DISTRICT], nine_cells().rules.town_types, TODAY)
    counted = [
        (line.counts[Mode.STATUTORY], line.counts[Mode.EMPOWERED], line.counts[Mode.DEPARTMENT]) for line in lines
    ]
    assert counted == [(0, 1, 1), (0, 0, 1), (0, 0, 1)]
    assert lines[0].kind is not None


def test_a_row_is_shown_from_its_first_day_to_its_last() -> None:
    """Both days included, as the list of powers itself counts them."""
    row = replace(vendors_only().powers[0], valid_to=TODAY)
    book = RuleBook(vendors_only().matters, vendors_only().bodies, (row,))
    assert [each.state for each in rows_of(book, EAST, TODAY)] == [State.IN_FORCE]
    assert rows_of(book, EAST, TODAY + timedelta(days=1)) == []
    every = Wanted(states=frozenset())
    assert [each.state for each in rows_of(book, EAST, TODAY + timedelta(days=1), every)] == [State.ENDED]
    assert [each.state for each in rows_of(book, EAST, date(2023, 12, 31), every)] == [State.COMING]


def test_rows_are_narrowed_by_words_mode_and_field() -> None:
    """Hundreds of rows are no use to a keeper who looks for one."""
    book = vendors_only()
    field = book.matters[VENDOR].field
    assert rows_of(book, EAST, TODAY, Wanted(words="c08 示例决定"))
    assert not rows_of(book, EAST, TODAY, Wanted(words="c08 nonsense"))
    assert not rows_of(book, EAST, TODAY, Wanted(modes=frozenset({Mode.STATUTORY})))
    assert rows_of(book, EAST, TODAY, Wanted(fields=frozenset({field})))
    assert not rows_of(book, EAST, TODAY, Wanted(fields=frozenset({"no such field"})))
    assert not rows_of(book, WEST, TODAY)


def test_a_rows_short_name_finds_it_again_and_no_other() -> None:
    """A click must not hit another row because somebody changed the list meanwhile."""
    book = nine_cells().rulebook
    keys = [key_of(power) for power in book.powers]
    assert len(set(keys)) == len(keys)
    assert row_by_key(book, keys[3]) == book.powers[3]
    assert row_by_key(vendors_only(), keys[3]) is None
    assert row_by_key(book, "") is None


def test_a_row_for_a_listed_power_is_used_for_the_situations_under_it() -> None:
    """The proof a dispatcher needs is about what was reported, not about the list's own code."""
    book = nine_cells().rulebook
    code = next(code for matter in book.matters.values() for code in matter.under)
    row = replace(vendors_only().powers[0], matter=code)
    assert uses(book, row)[0].code == code
    assert all(code in matter.under for matter in uses(book, row)[1:])
    whole = uses(book, replace(row, matter="C08"))
    assert whole
    assert {matter.category for matter in whole} == {"C08"}


def test_the_outlook_names_the_open_work_and_who_could_act_then(lists: Lists, casebook: Casebook) -> None:
    """Before anything is taken back, the keeper sees whom it would leave without anybody."""
    report(casebook)
    seen = outlook(lists, lists.shipped, taking_back(lists.shipped), TODAY, now=NOON)
    assert seen.ids == ("I1",)
    assert seen.preview.stranded[0].since == TODAY + timedelta(days=1)
    assert len(seen.effects) == 1
    assert seen.effects[0].before.actor(EAST) is not None
    assert not seen.effects[0].after.lawful
    assert casebook.list_version() == 0


def test_what_strands_work_is_done_only_when_the_keeper_knows_of_it(lists: Lists, casebook: Casebook) -> None:
    """The desk refuses first; with exactly the ids that were shown it is done."""
    report(casebook)
    draft = taking_back(lists.shipped)
    with pytest.raises(Refused):
        change(lists, "keeper", draft, 0)
    edition = change(lists, "keeper", draft, 0, ["I1"])
    assert not edition.rulebook.resolve(VENDOR, EAST, TODAY + timedelta(days=1)).lawful
    done, seeded, refused = versions(casebook)
    assert (refused.refused, refused.deed, refused.version) == (True, "list_take_back", 0)
    assert (seeded.deed, seeded.given) == ("list_seed", 1)
    assert (done.version, done.given, done.ended, done.stranded) == (2, 1, 1, ("I1",))


def test_the_old_version_stays_readable_beside_the_new(lists: Lists, casebook: Casebook) -> None:
    """What a decision of last year rested on must be found next year."""
    edition = change(lists, "keeper", taking_back(lists.shipped), 0)
    assert powers_at(casebook, lists.shipped, 1) == powers_at(casebook, lists.shipped, 0) == lists.shipped.powers
    (line,) = compared(casebook, lists.shipped, 1, edition.version)
    assert line.kind is ChangeKind.TAKEN_BACK
    assert line.columns == (("valid_to", "", TODAY.isoformat()),)
    back = Draft(DeedKind.RESTORE, rows=lists.shipped.powers, version=1)
    assert change(lists, "keeper", back, edition.version).rulebook.powers == lists.shipped.powers


def test_each_kind_of_draft_is_the_deed_of_its_name(lists: Lists, casebook: Casebook) -> None:
    """The ledger must say what was meant, not only what came out."""
    row = lists.shipped.powers[0]
    given = replace(row, town=WEST, body=WEST)
    amended = replace(row, basis="另一决定")
    version = change(lists, "keeper", Draft(DeedKind.GIVE, None, given), 0).version
    version = change(lists, "keeper", Draft(DeedKind.AMEND, row, amended), version).version
    change(lists, "keeper", Draft(DeedKind.REPLACE, rows=(amended,)), version)
    assert [line.deed for line in versions(casebook)] == ["list_replace", "list_amend", "list_give", "list_seed"]
    kinds = [compared(casebook, lists.shipped, one, one + 1)[0].kind for one in (1, 2, 3)]
    assert kinds == [ChangeKind.GIVEN, ChangeKind.CHANGED, ChangeKind.STRUCK]


def test_a_draft_made_on_an_older_list_is_refused(lists: Lists) -> None:
    """Two keepers: the second has seen something else than there is."""
    change(lists, "anna", taking_back(lists.shipped), 0)
    with pytest.raises(Stale):
        change(lists, "bert", taking_back(lists.shipped, TODAY + timedelta(days=9)), 0)


def test_a_draft_that_would_not_hold_tells_its_faults(lists: Lists) -> None:
    """Delegated by nobody: refused while it is typed, not after."""
    given = replace(lists.shipped.powers[0], mode=Mode.DELEGATED, town=WEST, body=WEST, principal=EAST)
    with pytest.raises(BadInput, match="principal"):
        outlook(lists, lists.shipped, Draft(DeedKind.GIVE, None, given), TODAY, now=NOON)


def test_a_change_counts_from_the_first_day_that_differs() -> None:
    """A row given from next month changes nothing today."""
    row = vendors_only().powers[0]
    later = replace(row, valid_from=date(2026, 6, 1))
    assert first_day(None, later, TODAY) == date(2026, 6, 1)
    assert first_day(row, replace(row, valid_to=TODAY), TODAY) == TODAY + timedelta(days=1)
    assert first_day(row, replace(row, basis="另一决定"), TODAY) == TODAY


def test_only_who_holds_a_power_itself_is_offered_as_principal() -> None:
    """Article 20: what one has by delegation one cannot delegate."""
    shipped = nine_cells().rulebook
    own = Power("C08", DISTRICT, "ZF", Mode.DEPARTMENT, "示例", "", date(2022, 1, 1), None, Source.ILLUSTRATIVE)
    lent = replace(own, town=EAST, body=EAST, mode=Mode.DELEGATED, principal="ZF")
    book = RuleBook(shipped.matters, shipped.bodies, (own, lent))
    assert [body.id for body in principals(book, VENDOR, EAST)] == ["ZF"]
    assert bodies_in(book, EAST)[0].id == EAST


def test_a_delegation_leads_to_the_row_that_was_delegated() -> None:
    """Nobody can lend what is not theirs on that day; the row that names the matter itself goes before a wider one."""
    shipped = nine_cells().rulebook
    wide = Power("C08", DISTRICT, "ZF", Mode.DEPARTMENT, "全类", "", date(2022, 1, 1), None, Source.ILLUSTRATIVE)
    own = replace(wide, matter=VENDOR, basis="本项", valid_to=TODAY - timedelta(days=1))
    lent = replace(wide, matter=VENDOR, town=EAST, body=EAST, mode=Mode.DELEGATED, principal="ZF")
    book = RuleBook(shipped.matters, shipped.bodies, (wide, own, lent))
    assert lent_by(book, lent, TODAY - timedelta(days=1)) == own
    assert lent_by(book, lent, TODAY) == wide
    assert lent_by(book, own, TODAY) is None


def test_the_banner_counts_what_nobody_has_vouched_for() -> None:
    """A row by a document's own name is a document's row."""
    counted = trust([Source.STATUTE, Source.ILLUSTRATIVE, Source.ILLUSTRATIVE, "海政发〔2026〕1号"])
    assert (counted.total, counted.illustrative) == (4, 2)


def test_the_catalogue_is_narrowed_by_kind_category_and_words() -> None:
    """In its own order, as people know it."""
    matters = nine_cells().rulebook.matters.values()
    vendors = catalogue(matters, Kind.SITUATION, "C08")
    assert vendors
    assert all(matter.category == "C08" and matter.kind is Kind.SITUATION for matter in vendors)
    assert [matter.code for matter in catalogue(matters, words="c08-01")] == [VENDOR]
    assert catalogue(matters, words="no such words") == []


def test_a_year_is_told_day_by_day() -> None:
    """A holiday on a weekday is off, a Saturday made up is worked, and the counts say so."""
    off = Holiday(date(2026, 10, 1), DayKind.OFF, "国庆节", "National Day", False)
    work = Holiday(date(2026, 10, 10), DayKind.WORK, "国庆节", "National Day", False)
    year = year_of(Calendar({off.day: off, work.day: work}), 2026)
    plain = year_of(Calendar({}), 2026)
    october = {day.day.day: day for week in year.months[9] for day in week if day}
    assert len(october) == 31
    assert (october[1].worked, october[10].worked, october[10].holiday) == (False, True, work)
    assert (year.off, year.made_up, year.worked, year.provisional) == (1, 1, plain.worked, False)
    assert plain.provisional


def test_the_workbook_comes_back_as_it_went_out() -> None:
    """Out to the spreadsheet and back in, unchanged, is no change."""
    book, discretion = nine_cells().rulebook, nine_cells().rules.discretion
    lists = read_upload("清单.xlsx", workbook_bytes(book, discretion))
    assert lists.powers == book.powers
    assert beside(lists, book, discretion).same
    assert not beside(replace(lists, bodies={}), book, discretion).same


def test_a_file_that_is_no_workbook_is_called_by_its_own_name() -> None:
    """The keeper must know which file to open again; a path in the name leads nowhere."""
    with pytest.raises(BadInput) as caught:
        read_upload("C:\\work\\../清单.xlsx", b"not a workbook")
    assert caught.value.faults[0].file == "清单.xlsx"


def test_tiers_left_out_of_a_workbook_are_no_difference() -> None:
    """Its sheet may be missing."""
    book = vendors_only()
    lists = read_upload("a.xlsx", workbook_bytes(book, Discretion()))
    assert beside(lists, book, nine_cells().rules.discretion).tiers == 0
