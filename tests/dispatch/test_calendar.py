"""Which days are worked: the announced table, the weekdays beyond it, and a bad table that stops at the door."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.rulebook.calendar import CHINA, COLUMNS, Calendar, WorkingHours, read_holidays
from gis.schemas import BadInput

TABLE = Path(__file__).parents[2] / "scenarios/holidays.csv"
CALENDAR = Calendar(read_holidays(TABLE))
days = st.dates(date(2023, 1, 1), date(2031, 1, 1))
FEBRUARY = "2026-02-14,work,春节,Spring Festival,no"


@pytest.fixture
def write(tmp_path):
    def written(*rows: str, header: str = ",".join(COLUMNS)):
        path = tmp_path / "holidays.csv"
        path.write_text("\n".join((header, *rows)), encoding="utf-8")
        return path

    return written


def faults(path):
    with pytest.raises(BadInput) as refused:
        read_holidays(path)
    return [(fault.row, fault.column) for fault in refused.value.faults]


def worked_by_walking(first: date, last: date) -> int:
    return sum(CALENDAR.working(first + timedelta(days=n)) for n in range((last - first).days))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 2, 14), True),
        (date(2026, 2, 16), False),
        (date(2026, 3, 2), True),
        (date(2026, 3, 7), False),
        (date(2024, 2, 9), True),
        (date(2027, 2, 5), False),
        (date(2035, 10, 1), True),
    ],
)
def test_a_day_is_worked_as_announced(day, worked):
    """A make-up Saturday is worked, an eve only since 2025 off; beyond the table only weekdays tell."""
    assert CALENDAR.working(day) is worked


def test_the_law_gives_thirteen_days_since_2025():
    """The provisional years are those of the statute, and the two feasts of 3 October 2028 share one day."""
    off = [sum(day.year == year for day in CALENDAR.holidays) for year in (2027, 2028)]
    assert off == [13, 12]
    assert not any(row.kind == "work" for day, row in CALENDAR.holidays.items() if day.year > 2026)


def test_a_make_up_day_names_its_holiday():
    """So the line on the screen says what the Saturday is worked for."""
    row = CALENDAR.why(date(2026, 2, 28))
    assert row is not None
    assert (row.kind, row.name_zh, row.name_en) == ("work", "春节", "Spring Festival")
    assert CALENDAR.why(date(2026, 3, 7)) is None


def test_a_year_not_announced_is_provisional():
    """2027 is known by the statute only, 2035 and 2019 not at all; none of them is an error."""
    years = (2019, 2024, 2025, 2026, 2027, 2028, 2035)
    assert [CALENDAR.provisional(year) for year in years] == [True, False, False, False, True, True, True]


@given(days, days)
def test_working_days_between_are_those_one_counts_walking(first, last):
    """The arithmetic of weeks and exceptions must not be a day off anywhere."""
    first, last = sorted((first, last))
    assert CALENDAR.before(last.toordinal()) - CALENDAR.before(first.toordinal()) == worked_by_walking(first, last)


@given(days, st.integers(1, 400))
def test_adding_and_counting_are_inverse(day, count):
    """The last day is worked, and so many working days have passed with it."""
    last = CALENDAR.add_working_days(day, count)
    assert CALENDAR.working(last)
    assert worked_by_walking(day + timedelta(days=1), last + timedelta(days=1)) == count
    if CALENDAR.working(day):
        assert CALENDAR.add_working_days(last, -count) == day


def test_the_next_working_day_is_never_today():
    """The day from which something counts may be today, the next one not."""
    monday = date(2026, 3, 2)
    assert CALENDAR.next_working_day(monday) == date(2026, 3, 3)
    assert CALENDAR.working_day_from(monday) == monday
    assert CALENDAR.working_day_from(date(2026, 2, 15)) == date(2026, 2, 24)
    assert CALENDAR.add_working_days(monday, 0) == monday


@given(days, st.integers(0, 200))
def test_runs_hold_every_day_that_is_not_plain(first, length):
    """Weekends, holidays and make-up days, each once, in order, cut at both ends; near the table and far from it."""
    last = first + timedelta(days=length)
    told = {}
    for run in CALENDAR.runs(first, last):
        for n in range(run.days):
            told[run.first + timedelta(days=n)] = run.worked
    every = [first + timedelta(days=n) for n in range(length + 1)]
    assert told == {day: CALENDAR.working(day) for day in every if not CALENDAR.working(day) or CALENDAR.why(day)}
    assert list(told) == sorted(told)


def test_no_days_have_no_runs():
    """An empty span is an empty answer."""
    assert CALENDAR.runs(date(2026, 3, 2), date(2026, 3, 1)) == []


def test_an_empty_table_knows_weekends():
    """A place without a table can still count."""
    empty = Calendar({})
    assert empty.add_working_days(date(2026, 2, 13), 1) == date(2026, 2, 16)
    assert empty.provisional(2026)


@given(st.integers(1, 10**13))
def test_working_time_and_the_clock_are_inverse(worked):
    """Not a microsecond is lost from the clock to the sum and back."""
    assert CALENDAR.worked(CALENDAR.when_worked(63_000 * CALENDAR.day_length + worked)) == (
        63_000 * CALENDAR.day_length + worked
    )


def test_working_time_ends_in_the_evening_not_on_the_next_morning():
    """Whoever is due after a full day is due at half past five."""
    noon = CALENDAR.worked(datetime(2026, 3, 2, 5, 0, tzinfo=UTC))
    assert CALENDAR.when_worked(noon) == datetime(2026, 3, 2, 12, 0, tzinfo=CHINA)
    full = CALENDAR.worked(datetime(2026, 3, 2, 22, 0, tzinfo=CHINA))
    assert CALENDAR.when_worked(full) == datetime(2026, 3, 2, 17, 30, tzinfo=CHINA)


def test_other_working_hours_make_other_days():
    """They are data; a street office that works through noon says so once."""
    summer = Calendar(CALENDAR.holidays, WorkingHours(((time(8), time(16)),)))
    assert summer.day_length == 8 * 3600 * 1_000_000
    assert summer.hours.text == "08:00–16:00"


@pytest.mark.parametrize("blocks", [(), ((time(12), time(8)),), ((time(8), time(12)), (time(11), time(17)))])
def test_working_hours_that_overlap_or_run_backwards_are_refused(blocks):
    """A typing error in the hours would bend every clock."""
    with pytest.raises(ValueError, match="each after the one before"):
        WorkingHours(blocks)


def test_all_faults_of_the_table_come_at_once(write):
    """A person mends the sheet once."""
    path = write(FEBRUARY, "2026-02-30,off,a,b,no", "2026-02-16,free,,b,perhaps", FEBRUARY, "2026-03-02,work,a,b,no")
    assert faults(path) == [(3, "day"), (4, "kind"), (4, "name_zh"), (4, "provisional"), (5, "day"), (6, "kind")]


def test_a_table_without_days_or_columns_is_refused(write):
    """An empty file would quietly take every holiday away."""
    assert faults(write()) == [(None, None)]
    assert (1, "kind") in faults(write("2026-02-14,x", header="day,name"))


def test_the_shipped_table_is_read(write):
    """What the command starts with must stand."""
    assert min(CALENDAR.holidays) == date(2024, 1, 1)
    assert sum(row.kind == "work" for row in CALENDAR.holidays.values()) == 19


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_table_may_name_any_year_there_is(write, year):
    """A slip of the finger in the year costs that day, not the desk."""
    slipped = Calendar(read_holidays(write(f"{year}-01-01,off,元旦,New Year,no")))
    assert not slipped.working(date(int(year), 1, 1))
    assert slipped.add_working_days(date(2026, 3, 6), 1) == date(2026, 3, 9)
