"""Half a year of Boston's tickets: learnt from January to April, May and June foretold and compared.

Nothing is chosen by looking at May and June. What closes is played as work of the simulated city: what really was
reported, and what was open on the first of May, with closings as they are drawn.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from benchmarks.report import Row, print_table
from dispatch.rulebook.calendar import Calendar, DayKind, Holiday, WorkingHours
from simulation import fast
from simulation.calibration import Band, judge, weekly_closings, weekly_reports
from simulation.city import City
from simulation.closing import fit_closing
from simulation.diary import Event
from simulation.history import History, clean
from simulation.intake import a_clerk, as_closed, replay

TICKETS = Path(__file__).resolve().parents[2] / "shared" / "real" / "boston311_2015_h1_central.csv.gz"
ZONE = ZoneInfo("America/New_York")
DAYS_OFF = {
    date(2015, 1, 1): "New Year",
    date(2015, 1, 19): "Martin Luther King Day",
    date(2015, 2, 16): "Presidents' Day",
    date(2015, 4, 20): "Patriots' Day",
    date(2015, 5, 25): "Memorial Day",
}
CALENDAR = Calendar(
    {day: Holiday(day, DayKind.OFF, name, name, False) for day, name in DAYS_OFF.items()}, WorkingHours(zone=ZONE)
)
CUT, END = datetime(2015, 5, 1, tzinfo=ZONE), datetime(2015, 7, 1, tzinfo=ZONE)
MONDAYS = [datetime(2015, 5, 4, tzinfo=ZONE) + timedelta(weeks=week) for week in range(9)]
CELL_M = 250.0
SEED, REPLICATIONS = 2015, 400


def history() -> History:
    """The half year as it stood on 30 June, in square cells."""
    raw = pd.read_csv(TICKETS)
    lon, lat = raw["LONGITUDE"], raw["LATITUDE"]
    east = ((lon - lon.min()) * 111_195.0 * np.cos(np.radians(lat.mean())) // CELL_M).astype(int)
    north = ((lat - lat.min()) * 111_195.0 // CELL_M).astype(int)
    table = pd.DataFrame(
        {
            "reported_at": _clock(raw["OPEN_DT"]),
            "closed_at": _clock(raw["CLOSED_DT"]),
            "category": raw["TYPE"],
            "desk": raw["Department"],
            "cell": north * (east.max() + 1) + east,
            "lon": lon,
            "lat": lat,
        }
    )
    return clean(table, int((north.max() + 1) * (east.max() + 1)), END, file=TICKETS.name)


def _clock(column: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    return pd.to_datetime(column).dt.tz_localize(ZONE, ambiguous=True, nonexistent="shift_forward")


def rows() -> Iterator[Row]:
    """Nothing where the file is absent."""
    if not TICKETS.is_file():
        return
    tickets = history()
    began = time.process_time()
    reports, _ = weekly_reports(tickets, CALENDAR, [CUT, *MONDAYS], SEED, REPLICATIONS)
    reports_s = time.process_time() - began
    names = ("begins", "seen", "low", "expected", "high")
    weeks = replace(reports, **{name: getattr(reports, name)[1:] for name in names})
    began = time.process_time()
    closings, _ = weekly_closings(tickets, CALENDAR, CUT, MONDAYS, SEED, REPLICATIONS)
    closings_s = time.process_time() - began
    name = f"Boston {len(tickets):,} tickets ({tickets.removed:,} told again)"
    error = 100 * reports.volume_error
    yield Row(
        f"{name}: reports 1 May to 28 June", f"{reports.expected.sum():,.0f}", f"{reports.seen.sum():,.0f} came",
        f"{error:+.1f} %", "within 5 %", abs(error) <= 5,
    )  # fmt: skip
    yield _covered("weekly reports", weeks, reports_s)
    yield _covered("weekly closings", closings, closings_s)
    yield _played(tickets)
    for day in (CUT, END):
        verdict = judge(tickets.known_at(day), CALENDAR, SEED)
        why = "; ".join(str(reason) for reason in verdict.reasons if reason.good is not None)
        yield Row(
            f"Boston's verdict before {day:%-d %B}", why, "", f"may forecast: {verdict.may_forecast}", "said", True
        )


def _covered(what: str, band: Band, cpu_s: float) -> Row:
    width = float(np.mean((band.high - band.low) / band.expected))
    ours = ", ".join(f"{low:.0f}-{high:.0f}" for low, high in zip(band.low, band.high, strict=True))
    seen = ", ".join(f"{value:.0f}" for value in band.seen)
    figure = f"{100 * band.coverage:.0f} % of {len(band.seen)}, bands {100 * width:.0f} % wide, {cpu_s:.1f} s"
    return Row(f"Boston {what}, 95 % bands", ours, f"{seen} came", figure, ">= 90 %", band.coverage >= 0.9)


def _played(tickets: History) -> Row:
    """One replication through both engines: the diary's closings are the drawn ones."""
    reports = replay(tickets, CUT, MONDAYS[-1])
    closed_s = fit_closing(tickets.known_at(CUT), CALENDAR).draw(reports, MONDAYS[-1], SEED, 0)
    until_s = (pd.Timestamp(MONDAYS[-1]) - reports.start).total_seconds()
    force, work = a_clerk(tickets.cells), as_closed(reports, closed_s)
    slow, quick = City(force, work).run(until_s), fast.run(force, work, until_s)
    drawn = int(np.isfinite(closed_s).sum())
    played = [int(np.count_nonzero(diary.event == Event.CLOSED)) for diary in (slow, quick)]
    same = slow.same_as(quick) and played == [drawn, drawn]
    return Row(
        "Boston replayed in the city and its twin", f"{played[1]:,} closed", f"{drawn:,} drawn", str(same), "True", same
    )


if __name__ == "__main__":
    print_table(list(rows()))
