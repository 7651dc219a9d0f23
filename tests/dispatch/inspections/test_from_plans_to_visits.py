"""From four departments' plans to the visits of one shop: what the arrangement promises, the merging keeps."""

from datetime import date, timedelta

from dispatch.inspections.due import arrange
from dispatch.inspections.visits import merge, window
from tests.dispatch.inspections.street import ground, plan
from tests.dispatch.inspections.test_due import CALENDAR, FOUR_DEPARTMENTS

YEAR = [day for n in range(365) if CALENDAR.working(day := date(2026, 1, 1) + timedelta(n))]


def test_eleven_checks_of_four_departments_become_four_visits_with_their_proof():
    """ "4 checks → 1": the year plan of each department alone would have rung the bell eleven times."""
    of = ground({"opens": "09:00", "closes": "18:00", "annual_cap": "4"})
    checks = arrange(plan(of, *FOUR_DEPARTMENTS).lines, of, 2026).checks
    due = [check.due() for check in checks]
    merged = merge(
        of.premises.entries["P1"].premises,
        [window(item, YEAR, YEAR[0]) for item in due],
        YEAR,
        480,
        lambda _needs, _drawn, _first, _last: True,
    )
    assert len(due) == 11
    assert (len(merged.visits), merged.fewest, len(merged.proof)) == (4, 4, 4)
    assert merged.undone == ()
    assert max(visit.minutes for visit in merged.visits) == 20 + 15 + 10 + 15
