"""``gridbeat inspect plan``: due items of premises merged into the fewest visits and put on days with lawful crews."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter

import click
import geopandas as gpd
import pandas as pd
from shapely import LineString

from dispatch.desk.deliveries import in_order
from dispatch.desk.plansheets import table_of
from dispatch.inspections.days import Progress, Told
from dispatch.inspections.fresh import new_faults
from dispatch.inspections.noon import Noon
from dispatch.inspections.planning import plan
from dispatch.inspections.programme import Programme
from dispatch.inspections.reasons import Why
from dispatch.inspections.registers import INSPECTOR_COLUMNS, INSPECTOR_OPTIONAL, inspectors_of
from dispatch.inspections.tables import ADVICE, BASES, ITEMS, ITEMS_OPTIONAL, PREMISES, bases_in, items_in, premises_in
from dispatch.inspections.unanswered import Unanswered, unanswered
from dispatch.inspections.ways import LineWays, StreetWays, Ways
from dispatch.records.inspection import Calendar
from dispatch.records.reason import Reason
from dispatch.rulebook.lists import ListFile
from gis.crs import WGS84, parse_datum
from gis.mapfiles import write_shapes, write_table
from gis.schemas import BadInput, Fault
from gis.streets import Profile
from gis.travel import TravelTimes
from scenarios.rules import shipped_calendar
from ui.commands.leftout import MOST_NAMED, say_not_read, say_too_far, say_unanswered, say_who_is_no_officer
from ui.commands.output import last_line, steps, whole_folder
from ui.commands.travelling import open_streets
from ui.wording import Language, wording

STEPS = 100
OFFICERS = (*INSPECTOR_COLUMNS, "conflicts")


def plan_inspections(
    *,
    premises: Path,
    items: Path,
    officers: Path,
    bases: Path | None,
    days: int,
    start: date,
    streets: Path | None,
    noon: Noon | None,
    seconds: float,
    seed: int,
    workers: int,
    datum: str,
    out: Path,
) -> None:
    """Write the calendar of visits, crews, desk, what is undone, the routes and a summary into a new folder."""
    began = perf_counter()
    with whole_folder(out) as folder, steps("inspect plan", STEPS) as step:
        programme = read_programme(premises, items, officers, bases, days, start, streets, datum, noon)
        calendar = plan(programme, seconds, seed, workers, _told(step, len(programme.towns)))
        _refuse(new_faults(programme, calendar))
        summary = _write(programme, calendar, folder)
        summary["seconds"] = round(perf_counter() - began, 3)
        (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    last_line(summary)


def _refuse(wrong: Sequence[Reason]) -> None:
    """Raises what the independent checker says of a plan that is then written nowhere."""
    if wrong:
        said = " ".join(wording(Language.EN).reason(each) for each in wrong[:MOST_NAMED])
        more = f" And {len(wrong) - MOST_NAMED} more." if len(wrong) > MOST_NAMED else ""
        raise click.ClickException(f"the checker refuses this plan, so nothing was written: {said}{more}")


def read_programme(
    premises: Path,
    items: Path,
    officers: Path,
    bases: Path | None,
    days: int,
    start: date,
    streets: Path | None,
    datum: str,
    noon: Noon | None = None,
) -> Programme:
    """The tables, with the working days that follow ``start``; who is no officer goes on no visit, which is said.

    Raises
    ------
    BadInput
        With every row of every table that is wrong.
    """
    kind = parse_datum(datum)
    read: list[ListFile] = []

    def table(path: Path, columns: Sequence[str]) -> tuple[ListFile, list[list[str]]]:
        file, cells = table_of(path, empty=True)
        read.append(file)
        say_not_read(file.name, cells[0], columns)
        return file, cells

    places = premises_in(*table(premises, PREMISES), kind)
    due = items_in(*table(items, (*ITEMS, *ITEMS_OPTIONAL)), {place.id for place in places})
    people = inspectors_of(*table(officers, (*INSPECTOR_COLUMNS, *INSPECTOR_OPTIONAL)), columns=OFFICERS)
    known = bases_in(*table(bases, BASES), {place.town for place in places}, kind) if bases is not None else {}
    wrong = [fault for file in read for fault in file.faults]
    if wrong:
        raise BadInput(*in_order(wrong), advice=ADVICE)
    say_who_is_no_officer(people.others)
    ways: Ways = LineWays()
    if streets is not None:
        ways = StreetWays(TravelTimes(open_streets(streets, Profile.CAR.value), Profile.CAR))
    return Programme(
        places, due, tuple(people.inspectors.values()), working_days(start, days), ways, known, noon, start
    )


def working_days(start: date, days: int) -> tuple[date, ...]:
    """So many working days from ``start`` on, by the State Council's list of holidays where it is known.

    Raises
    ------
    BadInput
        When the calendar ends before.
    """
    calendar = shipped_calendar()
    following = (start + timedelta(days=ahead) for ahead in range((date.max - start).days + 1))
    found = tuple(islice(filter(calendar.working, following), days))
    if len(found) < days:
        raise BadInput(Fault("--start", None, None, start.isoformat(), f"a day that {days} working days follow"))
    return found


def _told(step: Callable[[int], object], towns: int) -> Told:
    """Moves the bar as far as all towns together are."""
    shares: dict[str, float] = {}
    shown = 0

    def tell(progress: Progress) -> bool:
        nonlocal shown
        shares[progress.town] = progress.share
        now = int(STEPS * sum(shares.values()) / towns)
        step(now - shown)
        shown = now
        return True

    return tell


def _write(programme: Programme, calendar: Calendar, folder: Path) -> dict[str, object]:
    visits = [
        {
            "visit_id": call.visit.id,
            "premises_id": call.visit.premises,
            "date": crew.day.isoformat(),
            "crew_id": crew.id,
            "arrive": _clock(call.arrive),
            "leave": _clock(call.leave),
            "items": ";".join(call.visit.items),
        }
        for crew in calendar.crews
        for call in crew.calls
    ]
    crews = [
        {"crew_id": crew.id, "date": crew.day.isoformat(), "town": crew.town, "officers": ";".join(crew.officers)}
        for crew in calendar.crews
    ]
    desk = [
        {
            "date": one.day.isoformat(),
            "town": one.town,
            "officers": ";".join(one.officers),
            "items": ";".join(one.items),
        }
        for one in calendar.desk
    ]
    alone = unanswered(programme.premises, programme.items, programme.inspectors)
    say_unanswered(alone)
    say_too_far(programme, {one.item for one in calendar.undone if one.reason == Why.TOO_LONG})
    resembles = _resembles(programme, alone)
    undone = [
        {"item_id": one.item, "reason": str(one.reason), "price": one.price, "resembles": resembles.get(one.item, "")}
        for one in calendar.undone
    ]
    write_table(pd.DataFrame(visits, columns=VISITS), folder / "visits.csv")
    write_table(pd.DataFrame(crews, columns=CREWS), folder / "crews.csv")
    write_table(pd.DataFrame(desk, columns=DESK), folder / "desk.csv")
    write_table(pd.DataFrame(undone, columns=UNDONE), folder / "undone.csv")
    write_shapes(routes(programme, calendar), folder / "routes.geojson")
    return {
        "items": len(programme.items),
        "visits": len(visits),
        "visits_without_merging": len(programme.items),
        "visits_spared_by_merging": sum(len(call.visit.items) - 1 for crew in calendar.crews for call in crew.calls),
        "visits_spared_from_desk": sum(len(one.items) for one in calendar.desk),
        "fewest_visits": calendar.fewest_visits,
        "fewest_visits_proved": calendar.fewest_proved,
        "officer_days": calendar.officer_days,
        "officer_days_bound": calendar.bound,
        "travel_minutes": sum(crew.travel for crew in calendar.crews),
        "undone": len(undone),
    }


VISITS = ["visit_id", "premises_id", "date", "crew_id", "arrive", "leave", "items"]
CREWS = ["crew_id", "date", "town", "officers"]
DESK = ["date", "town", "officers", "items"]
UNDONE = ["item_id", "reason", "price", "resembles"]


def _resembles(programme: Programme, alone: Sequence[Unanswered]) -> dict[str, str]:
    """By item: the certificate or town that was probably meant, where what stands there is nobody's."""
    found: dict[str, str] = {}
    for one in alone:
        if one.nearest and one.column in ("certificate", "town"):
            rows = set(one.rows)
            due = (each.id for each in programme.items if (each.id if one.table == "items" else each.premises) in rows)
            found |= dict.fromkeys(due, f"{one.column} {one.nearest}")
    return found


def routes(programme: Programme, calendar: Calendar) -> gpd.GeoDataFrame:
    """A line a crew's day, from the base by its stops and back, WGS84; ``along`` says whether it follows streets."""
    places = {place.id: place for place in programme.premises}
    lines, rows = [], []
    for crew in calendar.crews:
        base = programme.base(crew.town)
        stops = [(places[call.visit.premises].lon, places[call.visit.premises].lat) for call in crew.calls]
        lon, lat = zip(base, *stops, base, strict=True)
        lines.append(LineString(programme.ways.line(lon, lat)))
        rows.append(
            {
                "crew_id": crew.id,
                "date": crew.day.isoformat(),
                "town": crew.town,
                "officers": ";".join(crew.officers),
                "visits": ";".join(call.visit.id for call in crew.calls),
                "travel_minutes": crew.travel,
                "along": programme.ways.along,
            }
        )
    columns = ["crew_id", "date", "town", "officers", "visits", "travel_minutes", "along"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry=gpd.GeoSeries(lines, crs=WGS84), crs=WGS84)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
