"""One engine for the statute's terms and the city's clocks: when they end, and that every line of why is true."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.rulebook.calendar import CHINA, Calendar, read_holidays
from dispatch.rulebook.clocklines import CLOCK_REASONS
from dispatch.rulebook.deadlines import ClockEvent, Step, WrongClock, deadline
from dispatch.rulebook.scales import add, elapsed
from dispatch.rulebook.terms import Term, Unit

HERE = Path(__file__).parent
CALENDAR = Calendar(read_holidays(HERE.parents[1] / "scenarios/holidays.csv"))
FOUR_HOURS = Term(4, Unit.WORKING_HOURS)
THREE_DAYS = Term(3, Unit.WORKING_DAYS)
SERVE = Term(7, Unit.WORKING_DAYS)
BY_HAND = list(csv.DictReader((HERE.parent / "data/deadlines_40.csv").open(encoding="utf-8")))
DAYS = (Unit.WORKING_DAYS, Unit.CALENDAR_DAYS)


def between(first: str, last: str) -> st.SearchStrategy[datetime]:
    naive = (datetime.fromisoformat(day) for day in (first, last))
    return st.datetimes(*naive, timezones=st.just(CHINA))


moments = between("2024-01-01", "2031-01-01")
terms = st.builds(Term, st.integers(1, 120), st.sampled_from(Unit))
day_terms = st.builds(Term, st.integers(1, 120), st.sampled_from(DAYS))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def event(step: Step, when: str, why: str = "words", until: str = "") -> ClockEvent:
    return ClockEvent(step, at(when), why, date.fromisoformat(until) if until else None)


def due(term, started, *events, now=None, **flags):
    return deadline(term, started, events, CALENDAR, now or started, **flags).due_at


def codes(found):
    return [line.code for line in found.lines]


def days_told(found, *wanted):
    return sum(line.values["days"] for line in found.lines if line.code in wanted)


def stopped(start, *lengths):
    """Pauses and resumptions: after how many minutes each came."""
    events, when = [], start
    for number, minutes in enumerate(lengths):
        when += timedelta(minutes=minutes)
        events.append(ClockEvent(Step.RESUMED if number % 2 else Step.PAUSED, when, "words"))
    return events


@pytest.mark.parametrize("row", BY_HAND, ids=lambda row: f"{row['started']}+{row['term']}{row['unit']}")
def test_a_term_ends_where_a_person_counting_on_a_calendar_ends(row):
    """Forty dates counted by hand, the counting in the note beside each."""
    expected = at(row["due"]) + (timedelta(days=1) if row["unit"] in DAYS else timedelta())
    assert due(Term(int(row["term"]), Unit(row["unit"])), at(row["started"])) == expected


def test_forty_dates_were_counted():
    """A row that got lost would be a rule nobody checks."""
    assert len(BY_HAND) == 40


def test_two_urgent_hours_are_not_two_working_hours():
    """Another city's import stored the one as the other; at half past four the difference is a night."""
    evening = at("2026-03-02 16:30")
    assert due(Term(2, Unit.URGENT_HOURS), evening) == at("2026-03-02 18:30")
    assert due(Term(2, Unit.WORKING_HOURS), evening) == at("2026-03-03 09:30")


def test_fifteen_minutes_run_at_night():
    """The dispatch clock does not wait for the office to open."""
    found = deadline(timedelta(minutes=15), at("2026-03-02 23:50"), (), CALENDAR, at("2026-03-03 00:10"))
    assert found.due_at == at("2026-03-03 00:05")
    assert (found.overdue, round(found.remaining * 60)) == (True, -5)


def test_the_day_goes_by_the_place_not_by_utc():
    """At 01:00 in China it is still yesterday in UTC, and a term would end a day early."""
    assert due(THREE_DAYS, datetime(2026, 3, 2, 17, 0, tzinfo=UTC)) == at("2026-03-07 00:00")


def test_a_time_without_a_zone_is_refused():
    """Nobody could say on which day the term began."""
    with pytest.raises(ValueError, match="no time zone"):
        due(THREE_DAYS, datetime.fromisoformat("2026-03-02 09:00"))


def test_what_a_party_must_do_rolls_over_a_holiday():
    """The bank is closed on 5 October; what the authority must do stays where it is, and says so."""
    filed = at("2026-09-20 09:00")
    paid = deadline(Term(15, Unit.CALENDAR_DAYS), filed, (), CALENDAR, filed, rolls_over=True)
    own = deadline(Term(15, Unit.CALENDAR_DAYS), filed, (), CALENDAR, filed)
    assert (paid.due_at, own.due_at) == (at("2026-10-09"), at("2026-10-06"))
    assert "clock_rolled" in codes(paid)
    assert "clock_not_rolled" in codes(own)


def test_the_last_day_counts_until_midnight():
    """A decision of 23:59 is in time, one of the next morning is not."""
    filed = at("2026-03-02 09:00")
    assert not deadline(SERVE, filed, (), CALENDAR, at("2026-03-11 23:59")).overdue
    late = deadline(SERVE, filed, (), CALENDAR, at("2026-03-13 08:00"))
    assert (late.overdue, late.remaining, late.lines[-1].code) == (True, -2, "clock_overdue")


def test_days_left_count_today():
    """On its last day a term has one day left, not none."""
    filed = at("2026-03-05 09:00")
    left = [deadline(THREE_DAYS, filed, (), CALENDAR, at(f"2026-03-{day}")).remaining for day in ("06", "08", "10")]
    assert left == [3, 2, 1]


def test_every_line_can_be_said_and_names_what_was_passed_over():
    """The clerk who is asked why 2 March reads it from the screen."""
    filed = at("2026-02-13 16:00")
    found = deadline(SERVE, filed, (), CALENDAR, filed, basis="《中华人民共和国行政处罚法》第六十一条")
    assert codes(found) == [
        "clock_law",
        "clock_first_day",
        "clock_makeup",
        "clock_holiday",
        "clock_makeup",
        "clock_weekend",
        "clock_due",
        "clock_left",
    ]
    assert found.lines[3].values["span"] == "2026-02-15 – 2026-02-23"
    assert found.lines[-2].values["due"] == "2026-03-02 24:00"


def test_a_pause_gives_the_hours_back():
    """Paused an hour before its end it has that hour left when it runs again."""
    events = (event(Step.PAUSED, "2026-03-02 11:30"), event(Step.RESUMED, "2026-03-04 14:00"))
    assert due(FOUR_HOURS, at("2026-03-02 08:30"), *events, now=at("2026-03-05 09:00")) == at("2026-03-04 15:00")


def test_a_pause_on_the_last_day_leaves_that_day():
    """Otherwise whoever resumes it is overdue in the same second."""
    events = (event(Step.PAUSED, "2026-03-05 10:00"), event(Step.RESUMED, "2026-03-10 10:00"))
    assert due(THREE_DAYS, at("2026-03-02 09:00"), *events, now=at("2026-03-10 11:00")) == at("2026-03-11")


def test_while_it_stands_it_says_when_it_would_be_due_if_it_ran_again():
    """The due time of a paused clock moves with the days, and it is not overdue."""
    paused = event(Step.PAUSED, "2026-03-02 10:30")
    found = deadline(FOUR_HOURS, at("2026-03-02 08:30"), [paused], CALENDAR, at("2026-03-06 09:00"))
    assert (found.due_at, found.paused_since) == (at("2026-03-06 11:00"), paused.at)
    assert (found.overdue, found.remaining) == (False, 2)
    assert "clock_stands" in codes(found)


def test_a_clock_paused_after_its_end_stays_overdue():
    """A pause must not hide that it was late."""
    paused = event(Step.PAUSED, "2026-03-02 17:00")
    found = deadline(FOUR_HOURS, at("2026-03-02 08:30"), [paused], CALENDAR, at("2026-03-06 09:00"))
    assert (found.overdue, found.due_at, found.remaining) == (True, at("2026-03-02 14:00"), -3)


def test_a_term_paused_on_the_day_after_its_end_stays_overdue():
    """It was used up to the last day before it stood; running again must not make it young."""
    events = (event(Step.PAUSED, "2026-03-06 10:00"), event(Step.RESUMED, "2026-03-12 10:00"))
    found = deadline(THREE_DAYS, at("2026-03-02 09:00"), events, CALENDAR, at("2026-03-12 11:00"))
    assert (found.due_at, found.overdue) == (at("2026-03-06"), True)


def test_a_weekend_in_which_a_clock_stood_and_ran_is_told_once():
    """Stopped and resumed on the Saturday: two stretches, one weekend."""
    events = (event(Step.PAUSED, "2026-03-07 10:00"), event(Step.RESUMED, "2026-03-07 11:00"))
    found = deadline(FOUR_HOURS, at("2026-03-06 16:00"), events, CALENDAR, at("2026-03-07 12:00"))
    assert days_told(found, "clock_weekend") == 2


def test_an_extension_adds_the_limit_once_more_each_time():
    """Two approvals make three limits; a refusal in between is told and not counted."""
    events = (
        event(Step.ASKED, "2026-03-02 09:00"),
        event(Step.REFUSED, "2026-03-02 09:10"),
        event(Step.ASKED, "2026-03-02 09:20"),
        event(Step.EXTENDED, "2026-03-02 09:30"),
        event(Step.EXTENDED, "2026-03-02 10:00"),
    )
    found = deadline(FOUR_HOURS, at("2026-03-02 08:30"), events, CALENDAR, at("2026-03-02 12:00"))
    assert (found.due_at, found.extensions, found.waiting) == (at("2026-03-03 14:30"), 2, False)
    assert codes(found).count("clock_denied") == 1


def test_a_suspension_ends_by_itself_on_its_day():
    """Nobody has to remember it; the clock runs from that morning."""
    events = [event(Step.SUSPENDED, "2026-03-02 10:30", until="2026-04-01")]
    started = at("2026-03-02 08:30")
    assert deadline(FOUR_HOURS, started, events, CALENDAR, at("2026-03-20 09:00")).paused_since == events[0].at
    awake = deadline(FOUR_HOURS, started, events, CALENDAR, at("2026-04-01 09:00"))
    assert (awake.paused_since, awake.due_at) == (None, at("2026-04-01 10:30"))


def test_a_suspension_may_end_early():
    """When the material comes before its day."""
    events = (
        event(Step.SUSPENDED, "2026-03-02 10:30", until="2026-04-01"),
        event(Step.RESUMED, "2026-03-03 08:30"),
    )
    assert due(FOUR_HOURS, at("2026-03-02 08:30"), *events, now=at("2026-03-03 09:00")) == at("2026-03-03 10:30")


def test_the_same_department_goes_on_and_another_begins_anew():
    """What one department used up is not the next one's fault."""
    back = event(Step.RETURNED, "2026-03-02 11:30")
    started, now = at("2026-03-02 08:30"), at("2026-03-04 09:00")
    same = due(FOUR_HOURS, started, back, event(Step.RESUMED, "2026-03-03 08:30"), now=now)
    other = due(FOUR_HOURS, started, back, event(Step.RESTARTED, "2026-03-03 08:30"), now=now)
    assert (same, other) == (at("2026-03-03 09:30"), at("2026-03-03 14:00"))


def test_a_restart_gives_extensions_anew_but_no_second_suspension():
    """Extensions are the department's, the one suspension is the matter's."""
    events = [
        event(Step.EXTENDED, "2026-03-02 09:00"),
        event(Step.EXTENDED, "2026-03-02 09:00"),
        event(Step.SUSPENDED, "2026-03-02 10:00", until="2026-03-03"),
        event(Step.RESTARTED, "2026-03-03 08:30"),
        event(Step.EXTENDED, "2026-03-03 09:00"),
    ]
    now = at("2026-03-03 12:00")
    assert deadline(FOUR_HOURS, at("2026-03-02 08:30"), events, CALENDAR, now).extensions == 1
    with pytest.raises(WrongClock, match="only once"):
        due(FOUR_HOURS, at("2026-03-02 08:30"), *events, event(Step.SUSPENDED, "2026-03-03 10:00"), now=now)


def test_what_is_done_is_judged_by_when_it_was_stopped():
    """Checked for two days after it was handled in time, it was in time."""
    events = (event(Step.CHECKING, "2026-03-02 11:30"), event(Step.DONE, "2026-03-04 11:00"))
    found = deadline(FOUR_HOURS, at("2026-03-02 08:30"), events, CALENDAR, at("2026-05-01 11:00"))
    assert (found.overdue, found.due_at, found.done_at) == (False, at("2026-03-02 14:00"), events[1].at)
    assert found.lines[-1].code == "clock_done"


def test_what_has_not_happened_yet_changes_nothing():
    """The same history can be read as of any earlier moment."""
    later = event(Step.PAUSED, "2026-03-02 11:30")
    assert due(FOUR_HOURS, at("2026-03-02 08:30"), later, now=at("2026-03-02 10:00")) == at("2026-03-02 14:00")


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ((event(Step.PAUSED, "2026-03-02 09:00"), event(Step.PAUSED, "2026-03-02 10:00")), "stood since"),
        ((event(Step.RESUMED, "2026-03-02 10:00"),), "is running"),
        ((event(Step.EXTENDED, "2026-03-02 16:00"),), "was due at 2026-03-02 14:00"),
        ((event(Step.ASKED, "2026-03-02 16:00"),), "was due at 2026-03-02 14:00"),
        (tuple(event(Step.EXTENDED, "2026-03-02 09:00") for _ in range(3)), "2 times already"),
        ((event(Step.ASKED, "2026-03-02 09:00"), event(Step.ASKED, "2026-03-02 09:30")), "waits for its answer"),
        (
            (
                event(Step.SUSPENDED, "2026-03-02 09:00", until="2026-03-03"),
                event(Step.SUSPENDED, "2026-03-03 09:00", until="2026-03-05"),
            ),
            "only once",
        ),
        ((event(Step.SUSPENDED, "2026-03-02 09:00", until="2027-03-03"),), "by 2027-03-02"),
        ((event(Step.SUSPENDED, "2026-03-02 09:00", until="2026-03-02"),), "after 2026-03-02"),
        ((event(Step.SUSPENDED, "2026-03-02 09:00"),), "not on None"),
        ((event(Step.PAUSED, "2026-03-02 10:00"), event(Step.RESUMED, "2026-03-02 09:00")), "already"),
        ((event(Step.PAUSED, "2026-03-01 10:00"),), "already"),
        ((event(Step.DONE, "2026-03-02 09:00"), event(Step.PAUSED, "2026-03-02 10:00")), "was done"),
    ],
)
def test_what_cannot_follow_is_refused_with_event_and_time(steps, told):
    """A history that folds is a lawful one; the message says which entry is not."""
    with pytest.raises(WrongClock, match=told) as refused:
        due(FOUR_HOURS, at("2026-03-02 08:30"), *steps, now=at("2026-04-01 09:00"))
    assert refused.value.event is steps[-1]
    assert f"{steps[-1].step} at {steps[-1].at:%Y-%m-%d %H:%M}" in str(refused.value)


def test_a_suspension_of_a_whole_year_is_allowed():
    """At most a year, the anniversary included."""
    events = (event(Step.SUSPENDED, "2026-03-02 09:00", until="2027-03-02"),)
    found = due(FOUR_HOURS, at("2026-03-02 08:30"), *events, now=at("2026-05-01 09:00"))
    assert found == at("2027-03-02 12:00"), "half an hour had run before"


@given(terms, moments, st.lists(st.integers(0, 40_000), min_size=2, max_size=8).filter(lambda some: len(some) % 2 == 0))
def test_a_pause_never_shortens(term, start, lengths):
    """Whatever the unit, the night or the holiday in which it falls."""
    now = start + timedelta(minutes=sum(lengths))
    assert deadline(term, start, stopped(start, *lengths), CALENDAR, now).due_at >= due(term, start)


@given(terms, moments, st.lists(st.integers(0, 20_000), min_size=1, max_size=3))
def test_a_pause_of_no_length_changes_nothing(term, start, after):
    """Two clicks in the same second are not worth a day."""
    lengths = [length for minutes in after for length in (minutes, 0)]
    now = start + timedelta(minutes=sum(lengths))
    assert deadline(term, start, stopped(start, *lengths), CALENDAR, now).due_at == due(term, start)


@given(terms, moments)
def test_a_longer_term_never_ends_earlier(term, start):
    """Nor does a later start."""
    longer = Term(term.amount + 1, term.unit)
    assert due(term, start) <= due(longer, start)
    assert due(term, start) <= due(term, start + timedelta(hours=5))


@given(day_terms, moments, st.lists(st.integers(0, 40_000), max_size=6))
def test_the_lines_account_for_every_day(term, start, lengths):
    """Days counted, days off and days given back add up to those from the start to the end."""
    now = start + timedelta(minutes=sum(lengths))
    found = deadline(term, start, stopped(start, *lengths), CALENDAR, now)
    passed = days_told(found, "clock_weekend", "clock_holiday", "clock_stood", "clock_stands")
    last_day = found.due_at.date() - timedelta(days=1)
    assert (last_day - start.date()).days == term.amount + passed
    assert set(codes(found)) <= set(CLOCK_REASONS)


@given(terms, moments)
def test_a_term_is_as_long_as_it_says(term, start):
    """Measured from its start to its end in its own unit; the end of a day is its last microsecond."""
    end = due(term, start) - (timedelta(microseconds=1) if term.unit in DAYS else timedelta())
    assert elapsed(start, end, term.unit, CALENDAR) == pytest.approx(term.amount)
    assert add(start, term, CALENDAR) == due(term, start)


@given(terms, between("2027-01-01", "2400-01-01"))
def test_years_nobody_has_announced_are_counted_and_marked(term, start):
    """The popular package stops at the end of its table; every ninety-day term of autumn crosses it."""
    found = deadline(term, start, (), CALENDAR, start)
    assert found.due_at > start
    assert found.provisional is (term.unit in (Unit.WORKING_DAYS, Unit.WORKING_HOURS))


def test_a_term_that_ends_with_the_year_needs_no_table_of_the_next():
    """Midnight of 31 December belongs to the old year, though the clock shows the new one."""
    found = deadline(Term(2, Unit.WORKING_DAYS), at("2026-12-29 09:00"), (), CALENDAR, at("2026-12-29 09:00"))
    assert (found.due_at, found.provisional) == (at("2027-01-01"), False)
    later = deadline(THREE_DAYS, at("2026-12-29 09:00"), (), CALENDAR, at("2026-12-29 09:00"))
    assert later.provisional
    assert later.lines[-1].values == {"year": 2027}
