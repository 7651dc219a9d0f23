"""A night of all Chongqing: 20,000 open incidents, 8,885 officers, 38 districts, planned as a desk plans its batch.

Incidents, crews and streets are those of the place `chongqing` (synthetic); every crew is on duty, as when everybody is
called in. Its plan is checked by reading the list of powers, certificates and shifts row by row, and held against the
best there is: scipy's matching of the whole city in one piece, on pairs and costs that are worked out here anew.
"""

from __future__ import annotations

import resource
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from benchmarks.assign import scipy_sum
from benchmarks.report import Row, print_table
from dispatch.records.incident import Incident
from dispatch.records.team import Role, Team
from dispatch.response.apart import plan_apart
from dispatch.response.arrival import seconds_between
from dispatch.response.assignment import Planned
from dispatch.response.pairs import Arcs
from dispatch.rulebook.competence import Answer, RuleBook
from gis.streets import Profile
from gis.travel import TravelTimes
from scenarios.scenario import load

INCIDENTS = 20_000
GOAL_S = 60.0
NOW = datetime(2026, 3, 2, 21, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = NOW.date()
HALF_A_SHIFT = timedelta(hours=4)
WAYS_LOOKED_AT = 100
OWN_BEAT_S, LATE_S = 120, 3600
"""What the desk weighs beside minutes, told here again so that a change there is noticed."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Night:
    """One question: incidents with the rule book's answers, crews, ways."""

    book: RuleBook
    incidents: Sequence[Incident]
    teams: Sequence[Team]
    travel: dict[Profile, TravelTimes]


def rows() -> list[Row]:
    """Measure now."""
    night = _night()
    wall, cpu = time.monotonic(), time.process_time()
    planned, answers = _planned(night)
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    megabytes = _megabytes()
    wrong = faults(night, planned)
    arcs, unserved = pairs(night)
    ours = _total(planned, arcs, unserved)
    start = time.process_time()
    best = scipy_sum(arcs, np.ones(len(night.teams), dtype=np.int64), len(unserved), unserved)
    peer_s = time.process_time() - start
    officers = sum(person.role is Role.OFFICER for team in night.teams for person in team.officers)
    sent = sum(each.team is not None for each in planned)
    lawful = sum(answer.lawful for answer in answers)
    claim = (
        f"{len(planned):,} open incidents of 38 districts, {len(night.teams):,} crews of {officers:,} of the officers"
    )
    found = f"{wall:.0f} s, {cpu:.0f} CPU-s, {megabytes:,} MB; {sent:,} sent, {lawful:,} lawful, {len(wrong)} faults"
    return [
        Row(claim, found, "", f"{wall:.0f} s", f"<= {GOAL_S:.0f} s, no fault", wall <= GOAL_S and not wrong),
        Row(
            "  the same; the whole city in one piece",
            f"sum {ours:,}",
            f"scipy's matching alone {peer_s:.0f} CPU-s on {len(arcs.cost):,} pairs, sum {best:,}",
            f"{ours / best - 1:.2%} above the least",
            "the least",
            ours == best,
        ),
        _greedy_row(night, planned, arcs),
    ]


def _night() -> Night:
    place = load("chongqing")
    on_duty = {"on_duty_from": NOW - HALF_A_SHIFT, "on_duty_to": NOW + HALF_A_SHIFT}
    incidents = place.opening(NOW, np.random.default_rng(1), INCIDENTS)
    teams = [replace(team, **on_duty) for team in place.teams(NOW)]
    return Night(
        place.rulebook, incidents, teams, {profile: TravelTimes(place.streets, profile) for profile in Profile}
    )


def _planned(night: Night) -> tuple[list[Planned], list[Answer]]:
    """What a desk does: ask the rule book, then plan."""
    answers = [night.book.resolve(each.matter, each.town, DAY) for each in night.incidents]
    matters = night.book.matters
    return plan_apart(night.incidents, answers, night.teams, night.travel, NOW, DAY, matters=matters), answers


def faults(night: Night, planned: Sequence[Planned]) -> list[str]:
    """What is wrong with a plan, found without the rule book's index and without the planner."""
    wrong = [
        f"{asked.id} became {each.incident.id}"
        for asked, each in zip(night.incidents, planned, strict=True)
        if asked.id != each.incident.id
    ]
    sent = [(each, each.team) for each in planned if each.team is not None]
    known = {team.id: team for team in night.teams}
    wrong += [f"{team} is sent {n} times" for team, n in Counter(team.id for _, team in sent).items() if n > 1]
    held = _held(night.book)
    for each, team in sent:
        incident, crew = each.incident, known[team.id]
        matter = night.book.matters[incident.matter]
        if not crew.on_duty_from <= NOW or NOW + timedelta(seconds=each.seconds) >= crew.on_duty_to:
            wrong.append(f"{crew.id} is not on duty when it reaches {incident.id}")
        if crew.body not in _bodies(night.book, held, incident.matter, incident.town):
            wrong.append(f"{crew.body} has no power over {incident.matter} in {incident.town}")
        if len(_certified(crew, matter.field)) < 2:
            wrong.append(f"{crew.id} has no pair for {matter.field}")
    rng = np.random.default_rng(3)
    for row in rng.choice(len(sent), min(WAYS_LOOKED_AT, len(sent)), replace=False):
        each, team = sent[row]
        times = night.travel[Profile(team.profile)]
        there = times.place([each.incident.lon], [each.incident.lat])
        way = times.path(times.place([team.lon], [team.lat]), there)
        if abs(way.cost - each.seconds) > 1e-6:
            wrong.append(f"{team.id} needs {way.cost} s to {each.incident.id}, not {each.seconds}")
    return wrong


def pairs(night: Night) -> tuple[Arcs, Ints]:
    """Every pair that may be with its cost, and what each incident costs when nobody goes; read row by row."""
    held, book = _held(night.book), night.book
    bodies = np.array([team.body for team in night.teams])
    fields = sorted({matter.field for matter in book.matters.values()})
    able = {field: np.array([len(_certified(team, field)) >= 2 for team in night.teams]) for field in fields}
    by_district: dict[str, list[int]] = defaultdict(list)
    for row, incident in enumerate(night.incidents):
        by_district[incident.town[:6]].append(row)
    found = []
    for district, here in by_district.items():
        crews = np.flatnonzero([team.town.startswith(district) for team in night.teams])
        own, met = [night.teams[t] for t in crews], [night.incidents[i] for i in here]
        seconds = seconds_between(night.travel, own, met)
        for column, (i, incident) in enumerate(zip(here, met, strict=True)):
            may = np.isin(bodies[crews], sorted(_bodies(book, held, incident.matter, incident.town)))
            may &= able[book.matters[incident.matter].field][crews]
            may &= seconds[:, column] < HALF_A_SHIFT.total_seconds()
            mine = seconds[may, column]
            beat = np.array([incident.cell[:12] in team.beat for team, yes in zip(own, may, strict=True) if yes])
            late = mine > (incident.due_at - NOW).total_seconds()
            cost = np.rint(mine - OWN_BEAT_S * beat + OWN_BEAT_S + LATE_S * late)
            found.append((np.full(len(mine), i), crews[may], cost.astype(np.int64)))
    arcs = Arcs(*(np.concatenate(column) for column in zip(*found, strict=True)))
    worth = 1 + len(night.incidents) * int(arcs.cost.max())
    return arcs, np.array([worth * (5 - incident.priority) for incident in night.incidents], dtype=np.int64)


def _held(book: RuleBook) -> dict[tuple[str, str], list[tuple[str, date, date]]]:
    held: dict[tuple[str, str], list[tuple[str, date, date]]] = defaultdict(list)
    for power in book.powers:
        held[power.matter, power.town].append((power.body, power.valid_from, power.valid_to or date.max))
    return held


def _bodies(
    book: RuleBook, held: dict[tuple[str, str], list[tuple[str, date, date]]], code: str, town: str
) -> set[str]:
    """Whose rows give the power on the day: the matter's own, a listed one's that it is under, its category's."""
    matter = book.matters[code]
    if not matter.enforceable or not matter.in_force(DAY):
        return set()
    codes = [code, *(each for each in matter.under if each not in book.matters or book.matters[each].in_force(DAY))]
    codes += [] if matter.kind in ("statutory", "delegated") else [matter.category]
    return {
        body
        for each in codes
        for where in (town, town[:6])
        for body, first, last in held.get((each, where), ())
        if first <= DAY <= last
    }


def _certified(team: Team, field: str) -> set[str]:
    return {
        person.id
        for person in team.officers
        for card in person.certificates
        if person.role is Role.OFFICER and card.field == field and card.valid_to >= DAY
    }


def _total(planned: Sequence[Planned], arcs: Arcs, unserved: Ints) -> int:
    """What a plan costs by the pairs' own costs; a pair that may not be is an error here."""
    crews = {each.team.id for each in planned if each.team is not None}
    assert len(crews) == sum(each.team is not None for each in planned)
    cost = dict(zip(zip(arcs.incident.tolist(), arcs.team.tolist(), strict=True), arcs.cost.tolist(), strict=True))
    at = {f"T{row + 1:03d}": row for row in range(int(arcs.team.max(initial=0)) + 1)}
    return sum(
        int(unserved[row]) if each.team is None else cost[row, at[each.team.id]] for row, each in enumerate(planned)
    )


def _greedy_row(night: Night, planned: Sequence[Planned], arcs: Arcs) -> Row:
    """Urgent ones first, then the one told first; each gets the best crew that is left."""
    cost = np.argsort(arcs.cost, kind="stable")
    mine: dict[int, list[int]] = defaultdict(list)
    for row in cost.tolist():
        mine[int(arcs.incident[row])].append(int(arcs.team[row]))
    taken: dict[int, int] = {}
    start = time.process_time()
    order = sorted(range(len(planned)), key=lambda i: (night.incidents[i].priority, night.incidents[i].reported_at))
    free = set(range(len(night.teams)))
    for i in order:
        crew = next((t for t in mine[i] if t in free), None)
        if crew is not None:
            taken[i] = crew
            free.remove(crew)
    greedy_s = time.process_time() - start
    ours = Counter(each.incident.priority for each in planned if each.team is not None)
    theirs = Counter(night.incidents[i].priority for i in taken)
    minutes = [each.seconds / 60 for each in planned if each.team is not None]
    return Row(
        "  the same; a desk that sends one after another",
        f"sent by priority {_counts(ours)}, {np.mean(minutes):.1f} min on the way",
        f"greedy {greedy_s:.1f} CPU-s, {_counts(theirs)}",
        f"{sum(ours.values()) - sum(theirs.values()):,} more sent",
        "(for comparison)",
        True,
    )


def _counts(by_priority: Counter[int]) -> str:
    return " + ".join(f"{by_priority[priority]:,}" for priority in range(1, 5))


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    print_table(rows())
