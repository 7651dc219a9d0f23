"""A newer sheet beside the book, in memory: it replaces, it moves nothing that stayed the same, and twice is once."""

from __future__ import annotations

from collections import Counter
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.desk.newer import Newer, YearBook, newer
from dispatch.store.plans import KeptCheck, KeptLine
from tests.dispatch.inspections.street import ground, plan

GROUND = ground({}, {}, {"annual_cap": "2"}, {})
NOTHING = YearBook((), (), frozenset())
SHEETS = st.tuples(*(st.sampled_from([None, "1", "2", "3"]) for _ in range(4)))


def sheet(department: dict[str, str], times: tuple[str | None, ...]):
    """Lines M1, M2, … at P1, P2, … with these times a year, none where there is None."""
    rows = [
        {"line_id": f"M{n}", "premises_id": f"P{n}", "times": each} | department
        for n, each in enumerate(times, start=1)
        if each is not None
    ]
    return plan(GROUND, *rows)


def after(book: YearBook, change: Newer) -> YearBook:
    """The book once the change was taken, as the desk writes it."""
    new = {line.key: line for line in (*change.new, *change.changed)}
    gone = {line.key for line in change.withdrawn} - change.partly
    lines = [each for each in book.lines if each.line.key not in gone | new.keys()]
    lines += [KeptLine(line, "s") for line in new.values()]
    checks = [one for one in book.checks if one.check.id not in change.dropped]
    return YearBook(tuple(lines), (*checks, *(KeptCheck(check) for check in change.added)), book.held)


def taken(book: YearBook, read) -> tuple[YearBook, Newer]:
    change = newer(book, read, GROUND, ["A"], 2026, date(2026, 1, 5))
    return after(book, change), change


@settings(max_examples=60, deadline=None)
@given(first=SHEETS, fire=SHEETS.map(lambda each: tuple("1" if one else None for one in each)), second=SHEETS)
def test_a_newer_sheet_is_the_whole_plan_and_leaves_the_rest_where_it_is(first, fire, second):
    """Only lines that the department itself changed get other days, and the fire brigade's plan is not its business."""
    book, _ = taken(NOTHING, sheet({}, first))
    book, _ = taken(book, sheet({"department": "fire", "item": "S02-03"}, fire))
    before = {one.check.id: one.check for one in book.checks}
    read = sheet({}, second)
    book, change = taken(book, read)
    now = {one.check.id: one.check for one in book.checks}
    if read.lines:
        assert {each.line.id for each in book.lines if each.line.department == "market"} == {
            line.id for line in read.lines
        }
    same = {f"M{n}" for n, (one, other) in enumerate(zip(first, second, strict=True), start=1) if one == other}
    for id, check in before.items():
        if check.line.department == "fire" or (check.line.id in same and read.lines):
            assert (now[id].earliest, now[id].latest) == (check.earliest, check.latest)
    assert {was.line.id for was, _ in change.moved}.isdisjoint(same)
    off = {check.id for check in change.off}
    assert now.keys() | off >= before.keys(), "no check goes unsaid"
    assert now.keys().isdisjoint(off)
    assert all(count == 1 for count in Counter((c.line.key, c.earliest) for c in now.values()).values())
    _, again = taken(book, read)
    assert (again.new, again.changed, again.withdrawn, again.moved) == ((), (), (), ())
    assert {check.line.key for check in again.added} <= {key for key, count in change.left_out.items() if count}


def test_a_sheet_that_asks_for_fewer_times_takes_checks_away():
    """Its lines all stay; still somebody has to see what goes before it does."""
    book, _ = taken(NOTHING, sheet({}, ("2", None, None, None)))
    change = newer(book, sheet({}, ("1", None, None, None)), GROUND, ["A"], 2026, date(2026, 1, 5))
    assert (change.withdrawn, [check.id for check in change.off], change.takes_away) == ((), ["market:2026:M1.2"], True)


def test_a_risk_class_that_fell_takes_checks_away():
    """The sheet is word for word the one in the book."""
    read = sheet({}, ("", None, None, None))
    book, _ = taken(NOTHING, read)
    calmer = ground({"risk": "low", "credit": "A"}, {}, {"annual_cap": "2"}, {})
    change = newer(book, read, calmer, ["A"], 2026, date(2026, 1, 5))
    assert {check.id for check in change.off} == change.dropped
    assert change.off
    assert (change.changed, change.takes_away) == ((), True)


def test_a_check_that_had_no_room_comes_in_once_there_is_some():
    """The cap of P3 was raised in June; what was planned in January stays where it is."""
    read = sheet({}, (None, None, "3", None))
    book, change = taken(NOTHING, read)
    assert (len(book.checks), sum(change.left_out.values())) == (2, 1)
    roomier = ground({}, {}, {"annual_cap": "3"}, {})
    more = newer(book, read, roomier, ["A"], 2026, date(2026, 6, 1))
    assert (len(more.added), more.moved, sum(more.left_out.values())) == (1, (), 0)
