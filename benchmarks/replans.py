"""A calendar in force looked at again at the desk: from the button to the difference, with the book, CPU seconds.

The premises are Chicago's as in the benchmark of inspections, the roster, checks and events are drawn. Days go by and
every visit of theirs is made; on each of some mornings one thing happens: a shop is closed, an officer is ill for three
days, a check is due since. Then all towns are looked at together, and what comes of it is taken. Moved is counted
against the visits of the event's own town that nobody has begun.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
from sqlalchemy import select, update

from benchmarks.inspected import month
from benchmarks.report import Row, print_table
from dispatch.desk.absences import Absences
from dispatch.desk.difference import Replanned, Shift
from dispatch.desk.incidents import Desk
from dispatch.desk.inspections import Inspections, Proposal
from dispatch.desk.replans import Replans
from dispatch.desk.rounds import Rounds
from dispatch.inspections.planning import plan
from dispatch.inspections.programme import Programme
from dispatch.records.calls import AHEAD, CallStatus, Stop
from dispatch.records.inspection import DueItem
from dispatch.records.team import Certificate, Officer, Role, Team
from dispatch.rulebook.competence import RuleBook
from dispatch.store import inspections
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.inspections import InForce
from dispatch.store.tables import CALLS, DUE_ITEMS, OUTINGS

SIZES = {"200 premises": (200, 30, 1, 1), "5,000 premises, 25 towns": (5_000, 750, 25, 1)}
EVENTS, GOAL_S, MOVED = 9, 2.0, 0.05
PLAN_S = {"200 premises": 5.0, "5,000 premises, 25 towns": 10.0}
SEED = 1


def rows() -> list[Row]:
    """Measure now."""
    return [_row(size) for size in SIZES]


@dataclass(frozen=True, slots=True)
class Looked:
    """One event: CPU seconds of looking and of taking, and the share of visits moved."""

    look_s: float
    take_s: float
    moved: float


def _row(size: str) -> Row:
    programme = _with_codes(month(*SIZES[size]))
    with open_casebook("sqlite://") as book:
        looked = _Days(book, programme, PLAN_S[size]).all()
    slowest, taken = max(one.look_s for one in looked), max(one.take_s for one in looked)
    moved = float(np.mean([one.moved for one in looked]))
    within = sum(one.moved <= MOVED for one in looked)
    return Row(
        f"a re-plan looked at on the desk after one event, {size}, {EVENTS} events",
        f"slowest {slowest:.2f} CPU-s, taken in at most {taken:.2f}; moved {moved:.1%} of "
        f"the unstarted visits of the town on average, no more than {MOVED:.0%} in {within} of {EVENTS}",
        "",
        f"{slowest:.2f} CPU-s, {moved:.1%}",
        f"<= {GOAL_S:.0f} CPU-s to look and to take, <= {MOVED:.0%} moved",
        max(slowest, taken) <= GOAL_S and moved <= MOVED,
    )


class _Days:
    """A desk whose calendar is under way."""

    def __init__(self, book: Casebook, programme: Programme, seconds: float) -> None:
        self.book, self.programme = book, programme
        self.now = _morning(programme.days[0] - timedelta(days=1))
        cells = pd.DataFrame({"code": ["1"], "town": ["1"]})
        desk = Desk(book, RuleBook({}, {}, ()), _Nowhere(), cells, lambda: self.now)
        desk.set_roster("lead", _teams(programme))
        towns = {town: town for town in programme.towns}
        self.inspections = Inspections(desk, programme.ways, {}, towns)
        self.rounds = Rounds(desk, programme.ways, {})
        self.absences = Absences(desk)
        self.replans = Replans(desk, programme.ways, {})
        self.inspections.take_in("lead", programme.premises, programme.items)
        self.inspections.recuse("lead", [(who.id, place) for who in programme.inspectors for place in who.conflicts])
        asked = self.inspections.question(programme.towns, programme.days)
        self.inspections.adopt("lead", Proposal(asked, plan(asked.programme, seconds, SEED), SEED, seconds))

    def all(self) -> list[Looked]:
        rng = np.random.default_rng(SEED)
        days = sorted({one.day for one in self._in_force().outings.values()})
        return [self._event(number, days[1 + number * (len(days) - 4) // EVENTS], rng) for number in range(EVENTS)]

    def _event(self, number: int, today: date, rng: np.random.Generator) -> Looked:
        self._all_made_before(today)
        self.now = _morning(today)
        town = self._something_happens(number % 3, today, rng)
        before = self._in_force()
        ahead = [stop for stop in before.stops.values() if stop.status in AHEAD and before.town_of(stop) == town]
        start = time.process_time()
        proposal = self.replans.look(self.programme.towns)
        looked = time.process_time()
        assert proposal.broken == ()
        self.replans.take("lead", proposal)
        taken = time.process_time()
        return Looked(looked - start, taken - looked, _moved(proposal) / len(ahead))

    def _something_happens(self, kind: int, today: date, rng: np.random.Generator) -> str:
        """A closed door, an officer who is ill, a check that came late; the town where."""
        force = self._in_force()
        here: list[Stop] = [s for s in force.stops.values() if s.status in AHEAD and force.day_of(s) == today]
        stop = here[rng.integers(len(here))]
        town = force.town_of(stop)
        if kind == 0:
            self.rounds.closed("lead", stop.id, stop.version, "nobody opens")
        elif kind == 1:
            who = force.outings[stop.outing].officers[0]
            self.absences.away("lead", who, today + timedelta(days=1), today + timedelta(days=3))
        else:
            last = self.programme.days[-1]
            check = DueItem(f"late{today:%m%d}", stop.visit.premises, "d", sorted(stop.visit.needs)[0], 30, today, last)
            self.inspections.take_in("lead", [], [check])
        return town

    def _all_made_before(self, today: date) -> None:
        """Every visit of days gone by was made."""
        with self.book.writing() as page:
            days = select(OUTINGS.c.id).where(OUTINGS.c.day < today)
            ahead = CALLS.c.outing.in_(days) & CALLS.c.status.in_(sorted(AHEAD))
            force = inspections.in_force(page.connection)
            made = [stop for stop in force.stops.values() if stop.status in AHEAD and force.day_of(stop) < today]
            items = [item for stop in made for item in stop.visit.items]
            page.connection.execute(update(CALLS).where(ahead).values(status=CallStatus.DONE.value, ended_at=self.now))
            for start in range(0, len(items), 500):
                some = DUE_ITEMS.c.id.in_(items[start : start + 500])
                page.connection.execute(update(DUE_ITEMS).where(some).values(done_at=self.now))

    def _in_force(self) -> InForce:
        with self.book.reading() as connection:
            return inspections.in_force(connection)


class _Nowhere:
    """No incident is filed here."""

    def locate(self, lon: object, lat: object) -> np.ndarray:  # noqa: ARG002
        return np.zeros(1, np.int32)


def _moved(proposal: Replanned) -> int:
    return sum(_elsewhere(shift) for shift in proposal.shifts)


def _elsewhere(shift: Shift) -> bool:
    """Whether a shop that was told a day and an hour sees somebody at another, or nobody."""
    return shift.was is not None and (
        shift.now is None or (shift.was.day, shift.was.arrive) != (shift.now.day, shift.now.arrive)
    )


def _with_codes(programme: Programme) -> Programme:
    """Towns by codes of nine digits, as a book knows them."""
    codes = {town: f"330203{number:03d}" for number, town in enumerate(programme.towns, start=1)}
    return replace(
        programme,
        premises=tuple(replace(place, town=codes[place.town]) for place in programme.premises),
        inspectors=tuple(replace(who, town=codes[who.town]) for who in programme.inspectors),
    )


def _teams(programme: Programme) -> list[Team]:
    """One team for each officer: who goes out together is the calendar's to say."""
    until, hours = date(2030, 12, 31), timedelta(hours=12)
    now = _morning(programme.days[0])
    teams = []
    for who in programme.inspectors:
        held = tuple(Certificate(field, until) for field in sorted(who.certificates))
        one = Officer(who.id, who.id, Role.OFFICER, who.town, held)
        teams.append(
            Team(who.id, who.id, who.town, who.town, (one,), 0.0, 0.0, "car", frozenset(), now - hours, now + hours)
        )
    return teams


def _morning(day: date) -> datetime:
    """Half past eight in China."""
    return datetime(day.year, day.month, day.day, 0, 30, tzinfo=UTC)


if __name__ == "__main__":
    print_table(rows())
