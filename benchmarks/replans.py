"""A month of inspections under way and one event: how long the re-plan takes, and how many visits it moves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np

from benchmarks.inspected import DEPARTMENTS, month
from benchmarks.inspections import SEED, TOWN
from benchmarks.report import Row, print_table
from dispatch.inspections.faults import faults
from dispatch.inspections.planning import Programme, plan
from dispatch.inspections.replanning import Standing, replan
from dispatch.records.inspection import Calendar, DueItem

GOAL_S, GOAL_MOVED = 2.0, 0.05
EVENTS = 10
PLANNED_S = 10.0

Event = tuple[Programme, Calendar, Standing]


def rows() -> list[Row]:
    """Measure now."""
    programme = month(*TOWN)
    calendar = plan(programme, PLANNED_S, SEED)
    rng = np.random.default_rng(SEED)
    kinds = {
        "a closed shop": closed_shops(programme, calendar, rng),
        "an officer ill for a day": illness(programme, calendar, rng),
        "new hours of a shop": new_hours(programme, calendar, rng),
        "a check that came since": late_checks(programme, calendar, rng),
    }
    return [_row(name, list(events)) for name, events in kinds.items()]


def _row(name: str, events: list[Event]) -> Row:
    spent, moved, undone = [], [], 0
    for programme, calendar, standing in events:
        start = time.process_time()
        change = replan(programme, calendar, standing)
        spent.append(time.process_time() - start)
        assert [fault for fault in faults(programme, change.calendar) if fault.code != "check_spared"] == []
        visits = sum(len(crew.calls) for crew in calendar.crews)
        moved.append(len(change.moves) / visits)
        undone += len(change.calendar.undone)
    worst = f"{max(spent):.2f} CPU-s at worst, {max(moved):.1%} of the visits moved at worst"
    return Row(
        f"re-plan after {name}",
        f"{worst}, {undone} undone in {len(events)} events",
        "",
        f"{np.mean(moved):.1%} moved on average",
        f"<= {GOAL_S:.0f} s, <= {GOAL_MOVED:.0%} moved",
        max(spent) <= GOAL_S and max(moved) <= GOAL_MOVED,
    )


def _from_day(calendar: Calendar, programme: Programme, day: int) -> tuple[Programme, Calendar, set[str]]:
    """What is still to come on a working day, the items that are not done, and those that are."""
    today = programme.days[day]
    ahead = replace(calendar, crews=tuple(crew for crew in calendar.crews if crew.day >= today), undone=())
    done = {item for crew in calendar.crews if crew.day < today for call in crew.calls for item in call.visit.items}
    items = tuple(item for item in programme.items if item.id not in done)
    return replace(programme, items=items, days=programme.days[day:]), ahead, done


def closed_shops(programme: Programme, calendar: Calendar, rng: np.random.Generator) -> Iterator[Event]:
    """Nobody opens; the visit is tried again from the next day on."""
    for day in rng.integers(0, 12, EVENTS):
        asked, ahead, _ = _from_day(calendar, programme, int(day))
        today = [call for crew in ahead.crews if crew.day == asked.days[0] for call in crew.calls]
        if today:
            visit = today[int(rng.integers(len(today)))].visit.id
            yield asked, ahead, Standing(asked.days[0], 600, again={visit: asked.days[0] + timedelta(1)})


def illness(programme: Programme, calendar: Calendar, rng: np.random.Generator) -> Iterator[Event]:
    """One officer of a crew is not there on its day."""
    for day in rng.integers(0, 12, EVENTS):
        asked, ahead, _ = _from_day(calendar, programme, int(day))
        crew = ahead.crews[int(rng.integers(len(ahead.crews)))]
        ill = crew.officers[int(rng.integers(len(crew.officers)))]
        staff = tuple(replace(who, away=who.away | {crew.day}) if who.id == ill else who for who in asked.inspectors)
        yield replace(asked, inspectors=staff), ahead, Standing(asked.days[0], 480)


def new_hours(programme: Programme, calendar: Calendar, rng: np.random.Generator) -> Iterator[Event]:
    """A shop opens in the afternoon from now on."""
    for day in rng.integers(0, 12, EVENTS):
        asked, ahead, _ = _from_day(calendar, programme, int(day))
        calls = [call for crew in ahead.crews for call in crew.calls]
        shop = calls[int(rng.integers(len(calls)))].visit.premises
        places = tuple(
            replace(place, opens=840, closes=1320) if place.id == shop else place for place in asked.premises
        )
        yield replace(asked, premises=places), ahead, Standing(asked.days[0], 480)


def late_checks(programme: Programme, calendar: Calendar, rng: np.random.Generator) -> Iterator[Event]:
    """A department owes some shop one check more, within a week."""
    for number, day in enumerate(rng.integers(0, 12, EVENTS)):
        asked, ahead, _ = _from_day(calendar, programme, int(day))
        place = asked.premises[int(rng.integers(len(asked.premises)))].id
        kind = str(rng.choice(DEPARTMENTS))
        item = DueItem(f"late{number}", place, kind, kind, 20, asked.days[0], asked.days[0] + timedelta(7))
        yield replace(asked, items=(*asked.items, item)), ahead, Standing(asked.days[0], 480)


if __name__ == "__main__":
    print_table(rows())
