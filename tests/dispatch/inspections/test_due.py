"""What is due: a year over its months, months over weeks, and nothing lost that was not done."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.inspections.due import arrange, in_week, roll_forward, together, weeks
from dispatch.rulebook.calendar import Calendar, read_holidays
from scenarios.builder import HERE
from tests.dispatch.inspections.street import ground, plan

CALENDAR = Calendar(read_holidays(HERE / "holidays.csv"))
FOUR_DEPARTMENTS = (
    {"item": "S02-01", "times": "4"},
    {"item": "S02-03", "department": "fire", "times": "2"},
    {"item": "S02-04", "department": "enforcement", "times": "4"},
    {"item": "S02-06", "department": "emergency", "times": "1"},
)
NEW_YEAR = date(2026, 1, 1)


def arranged(of, *rows, **how):
    read = plan(of, *rows)
    assert not read.all_faults
    return arrange(read.lines, of, 2026, **how)


def test_departments_with_different_times_meet_in_the_same_months():
    """Eleven checks by four departments become four visits; dealt without care they would be eleven."""
    checks = arranged(ground(), *FOUR_DEPARTMENTS).checks
    assert len(checks) == 11
    assert len(together(checks)) == 4


def test_a_month_arrangement_runs_from_its_first_to_its_last_day():
    """Less would take days away from the calendar that it needs for merging."""
    check = arranged(ground(), {"times": "1"}).checks[0]
    assert check.earliest.day == 1
    assert (check.latest + timedelta(days=1)).day == 1
    assert check.earliest.month == check.latest.month


def test_the_risk_class_says_how_often_where_the_line_does_not():
    """High risk with credit C: three times, but no oftener than the list of items allows."""
    checks = arranged(ground(), {"item": "S02-01"}, {"item": "S02-03", "department": "fire"}).checks
    assert sorted(check.line.item for check in checks) == ["S02-01"] * 3 + ["S02-03"] * 2


def test_a_line_with_days_of_its_own_keeps_them():
    """A special campaign before a festival is not moved to another month."""
    check = arranged(ground(), {"first": "2026-09-10", "last": "2026-09-25"}).checks[0]
    assert (check.earliest, check.latest) == (date(2026, 9, 10), date(2026, 9, 25))


def test_more_than_once_a_month_is_spread_over_the_days():
    """A food stall may be looked at twelve times; begun in July that is twice a month."""
    stall = ground({"type": "food_stall"})
    row = {"item": "S03-02", "department": "enforcement", "times": "12"}
    checks = arranged(stall, row, since=date(2026, 7, 15)).checks
    assert len(checks) == 12
    assert checks[0].earliest == date(2026, 7, 1)
    assert checks[-1].latest == date(2026, 12, 31)
    assert all(a.latest < b.earliest for a, b in pairwise(checks))


def test_months_are_filled_evenly():
    """Twelve equal shops with one check each: one a month, not twelve in January."""
    many = ground(*[{}] * 12)
    rows = [{"premises_id": f"P{n}", "times": "1"} for n in range(1, 13)]
    checks = arranged(many, *rows).checks
    assert sorted(check.earliest.month for check in checks) == list(range(1, 13))


def test_the_annual_cap_refuses_the_visits_that_do_least():
    """Of four visits with a cap of three and one already made, the two with more departments stay."""
    capped = ground({"annual_cap": "3", "visits_this_year": "1"})
    found = arranged(capped, *FOUR_DEPARTMENTS)
    visits = together(found.checks)
    assert [len(visit) for visit in visits] == [4, 3] or [len(visit) for visit in visits] == [3, 4]
    assert {refused.reason.code for refused in found.refused} == {"cap_reached"}
    assert len(found.checks) + len(found.refused) == 11


def test_following_a_lead_stands_outside_the_cap():
    """A complaint about a shop is looked into even when its visits of the year are used up."""
    used_up = ground({"annual_cap": "1", "visits_this_year": "1"})
    row = {"first": "2026-05-01", "last": "2026-05-20"}
    assert arranged(used_up, row | {"occasion": "lead"}).refused == ()
    assert len(arranged(used_up, row).refused) == 1


def test_all_that_a_premises_owes_in_a_month_stands_in_one_week():
    """Otherwise the week's plan could never merge it."""
    checks = arranged(ground(), *FOUR_DEPARTMENTS).checks
    for some in weeks(checks, CALENDAR, NEW_YEAR).values():
        assert len(together(some)) == 1
    assert len(weeks(checks, CALENDAR, NEW_YEAR)) == 4


def test_a_week_without_a_working_day_gets_nothing():
    """The week of National Day 2026 is wholly off."""
    row = {"first": "2026-10-01", "last": "2026-10-11"}
    found = weeks(arranged(ground(), row).checks, CALENDAR, NEW_YEAR)
    assert all(any(CALENDAR.working(monday + timedelta(days=n)) for n in range(7)) for monday in found)


def test_what_was_missed_comes_first_in_a_later_week():
    """A check that falls off the end of its month is a check that nobody makes."""
    row = {"first": "2026-03-02", "last": "2026-03-06"}
    checks = arranged(ground(), row, {"premises_id": "P2", "first": "2026-03-01", "last": "2026-03-31"}).checks
    rolled = roll_forward(checks, done=set(), today=date(2026, 3, 9))
    week = in_week(rolled.checks, date(2026, 3, 9), CALENDAR, date(2026, 3, 9))
    assert (week[0].line.premises, week[0].rolled) == ("P1", 1)
    assert week[0].latest <= date(2026, 3, 15)
    assert rolled.lapsed == ()


def test_a_missed_check_lapses_when_the_next_of_its_line_has_come():
    """One check then answers both; two in a month would be a visit too many."""
    row = {"times": "4"}
    checks = arranged(ground(), row).checks
    rolled = roll_forward(checks, done=set(), today=checks[1].earliest)
    assert [(check.id, reason.code) for check, reason in rolled.lapsed] == [("market:2026:L1.1", "overtaken")]


def test_a_year_plan_ends_with_its_year():
    """What was owed in 2026 is not carried into the caps of 2027, but it is named."""
    checks = arranged(ground(), {"times": "1"}).checks
    rolled = roll_forward(checks, done=set(), today=date(2027, 1, 4))
    assert [reason.code for _, reason in rolled.lapsed] == ["year_over"]


ROW = st.fixed_dictionaries(
    {
        "premises_id": st.sampled_from(["P1", "P2", "P3"]),
        "item": st.sampled_from(["S02-01", "S02-02"]),
        "times": st.sampled_from(["1", "2"]),
    }
)


@settings(max_examples=40)
@given(st.lists(ROW, min_size=1, max_size=6, unique_by=lambda row: (row["premises_id"], row["item"])), st.randoms())
def test_the_order_of_the_lines_does_not_matter(rows, random):
    """Two clerks who paste the sheets in another order must get the same year."""
    of = ground({}, {}, {"annual_cap": "1"})
    lines = list(plan(of, *rows).lines)
    before = arrange(lines, of, 2026)
    random.shuffle(lines)
    after = arrange(lines, of, 2026)
    assert before.checks == after.checks
    assert sorted(map(str, before.refused)) == sorted(map(str, after.refused))


@settings(max_examples=40)
@given(st.sets(st.integers(0, 10)), st.integers(0, 364))
def test_nothing_owed_is_lost_on_any_day(done, day):
    """Every check is done, still owed or lapsed with a reason, whatever the day and whatever was done."""
    checks = arranged(ground(), *FOUR_DEPARTMENTS).checks
    ids = {checks[at].id for at in done}
    rolled = roll_forward(checks, ids, NEW_YEAR + timedelta(days=day))
    kept = [check.id for check in rolled.checks] + [check.id for check, _ in rolled.lapsed]
    assert sorted([*kept, *ids]) == sorted(check.id for check in checks)
    assert all(check.latest >= NEW_YEAR + timedelta(days=day) for check in rolled.checks)
