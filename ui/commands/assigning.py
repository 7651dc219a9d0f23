"""``gridbeat assign``: incidents to teams at the least total cost, from two tables to one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.response.matching import Matching, solve, solve_all
from dispatch.response.pairs import Arcs, DensePairs, LinePairs, nothing
from gis.crs import parse_datum
from gis.locate import CellLocator
from gis.mapfiles import read_cells, read_points, read_table, write_table
from gis.schemas import BadInput, Fault, check_columns, shorten
from gis.streets import Profile, Streets
from gis.travel import TravelTimes
from ui.commands.output import check_output, last_line, steps
from ui.commands.travelling import open_streets

FAR_FROM_STREETS_M = 1_000.0
"""An incident farther than this from every street lies outside: our choice, the width of a large village's fields."""

NO_CERTIFICATE, NO_CAPACITY, UNREACHABLE, OUTSIDE = "no_certificate", "no_capacity", "unreachable", "outside"
ANY_TEAM = ""
LONGEST_NUMBER = 12
MOST_PLACES = 1_000_000
NO_PAIR = np.iinfo(np.int64).max

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Question:
    """Incidents and teams as rows.

    Attributes
    ----------
    incidents, teams
        Tables as read, ``lon, lat`` in WGS84.
    needs
        Shape (incidents,): row of ``holds`` for each incident.
    holds
        Shape (certificates, teams): who holds what, whether or not they have places left.
    capacity
        Shape (teams,).
    priority
        Shape (incidents,), 1 to 4; None when the table has none.
    """

    incidents: pd.DataFrame
    teams: pd.DataFrame
    needs: Ints
    holds: Bools
    capacity: Ints
    priority: Ints | None

    def only(self, kept: Bools) -> Question:
        """The same teams, some of the incidents."""
        some = self.incidents[kept].reset_index(drop=True)
        priority = None if self.priority is None else self.priority[kept]
        return Question(some, self.teams, self.needs[kept], self.holds, self.capacity, priority)

    @property
    def able(self) -> Bools:
        """Who holds what and has a place left, shape (certificates, teams)."""
        return self.holds & (self.capacity > 0)


def assign(
    *,
    incidents: Path,
    teams: Path,
    metric: str,
    streets: Path | None,
    profile: str,
    cells: Path | None,
    unserved_cost: int,
    nearest: int | None,
    datum: str,
    out: Path,
) -> None:
    """Write ``incident_id,team_id,cost,reason`` in the order of the incidents and print what it costs."""
    check_output(out, incidents, teams, streets, cells)
    if metric == "streets" and streets is None:
        raise BadInput(Fault("--streets", None, None, "nothing", "a street network, because --metric is streets"))
    with steps("assign", 2) as step:
        whole = read_question(incidents, teams, datum)
        network = open_streets(streets, profile) if metric == "streets" and streets is not None else None
        inside = ~_outside(whole.incidents, cells, network, Profile(profile))
        travel = None if network is None else TravelTimes(network, Profile(profile))
        asked = whole.only(inside)
        _refuse_sums_too_large(asked, unserved_cost)
        _warm_up()
        step()
        start = perf_counter()
        matching, cheapest = answer(asked, travel, unserved_cost, nearest)
        seconds = perf_counter() - start
        step()
    write_table(_table(whole, inside, matching, reasons(asked, matching, cheapest, unserved_cost)), out)
    served, left = int((matching.team >= 0).sum()), int((~inside).sum())
    last_line(
        {
            "objective": matching.objective + unserved_cost * left,
            "served": served,
            "unserved": len(inside) - served,
            "proved_optimal": matching.proved_optimal,
            "seconds": round(seconds, 3),
        }
    )


def read_question(incidents: Path, teams: Path, datum: str) -> Question:
    """Both tables, checked.

    Raises
    ------
    BadInput
        When a column is missing, a coordinate or an id is wrong, or a capacity or priority is no whole number in range.
    """
    cases, crews = read_points(incidents, parse_datum(datum)), read_points(teams, parse_datum(datum))
    check_columns(cases, ["certificate"], incidents.name)
    check_columns(crews, ["certificates", "capacity"], teams.name)
    needed = cases["certificate"].str.strip()
    held = [{word.strip() for word in words.split(";")} | {ANY_TEAM} for words in crews["certificates"]]
    kinds = sorted(set(needed))
    row_of = {kind: row for row, kind in enumerate(kinds)}
    return Question(
        cases,
        crews,
        needs=np.array([row_of[kind] for kind in needed], dtype=np.int64),
        holds=np.array([[kind in words for words in held] for kind in kinds], dtype=np.bool_).reshape(
            len(kinds), len(crews)
        ),
        capacity=_whole_numbers(crews, "capacity", teams, 0, MOST_PLACES),
        priority=_whole_numbers(cases, "priority", incidents, 1, 4) if "priority" in cases else None,
    )


def answer(
    asked: Question, travel: TravelTimes | None, unserved_cost: int, nearest: int | None
) -> tuple[Matching, Ints]:
    """The cheapest assignment, and the cost of each incident's cheapest possible pair (``NO_PAIR`` for none)."""
    n = len(asked.incidents)
    if nearest is not None:
        arcs = _nearest_by_line(asked, nearest) if travel is None else _nearest_by_street(asked, travel, nearest)
        return solve(*arcs, asked.capacity, n, unserved_cost, asked.priority), _cheapest(arcs, n)
    pairs = _by_line(asked) if travel is None else _by_street(asked, travel, unserved_cost)
    return solve_all(pairs, asked.capacity, n, unserved_cost, asked.priority), _cheapest(pairs.nearest(1), n)


def reasons(asked: Question, matching: Matching, cheapest: Ints, unserved_cost: int) -> list[str]:
    """Why each incident is left over, empty for a served one, shape (incidents,)."""
    held, able = (np.atleast_1d(who.any(axis=1))[asked.needs] for who in (asked.holds, asked.able))
    told = np.select(
        [matching.team >= 0, ~held, ~able, cheapest >= unserved_cost],
        ["", NO_CERTIFICATE, NO_CAPACITY, UNREACHABLE],
        NO_CAPACITY,
    )
    return [str(reason) for reason in told]


def _outside(incidents: pd.DataFrame, cells: Path | None, network: Streets | None, profile: Profile) -> Bools:
    lon, lat = incidents["lon"].to_numpy(), incidents["lat"].to_numpy()
    outside = np.zeros(len(incidents), dtype=np.bool_)
    if cells is not None:
        outside |= CellLocator(read_cells(cells)).locate(lon, lat) < 0
    if network is not None:
        # Every street counts, also a stub that the map has cut off from the rest.
        outside |= TravelTimes(network, profile, connected=False).place(lon, lat).offset_m > FAR_FROM_STREETS_M
    return outside


def _by_line(asked: Question) -> LinePairs:
    cases, crews = asked.incidents, asked.teams
    east, north, crew_east, crew_north = (
        column.to_numpy(dtype=np.float64) for column in (cases["lon"], cases["lat"], crews["lon"], crews["lat"])
    )
    return LinePairs(east, north, crew_east, crew_north, asked.needs, asked.able)


def _nearest_by_line(asked: Question, nearest: int) -> Arcs:
    return _by_line(asked).nearest(nearest)


def _by_street(asked: Question, travel: TravelTimes, unserved_cost: int) -> DensePairs:
    """Whole seconds from team to incident; a way dearer than leaving the incident need not be looked for."""
    here, there = (travel.place(table["lon"], table["lat"]) for table in (asked.teams, asked.incidents))
    seconds = travel.matrix(here, there, limit=float(unserved_cost)).T
    possible = np.isfinite(seconds) & asked.able[asked.needs]
    return DensePairs(np.where(possible, np.rint(np.where(possible, seconds, 0.0)), -1).astype(np.int32))


def _nearest_by_street(asked: Question, travel: TravelTimes, nearest: int) -> Arcs:
    here, there = (travel.place(table["lon"], table["lat"]) for table in (asked.teams, asked.incidents))
    found = nothing()
    for kind, able in enumerate(asked.able):
        rows, crews = np.flatnonzero(asked.needs == kind), np.flatnonzero(able)
        if rows.size and crews.size:
            crew, row, seconds = travel.nearest(here[crews], there[rows], nearest)
            found = found.and_also(Arcs(rows[row], crews[crew], np.rint(seconds).astype(np.int64)))
    return found


def _warm_up() -> None:
    """Compiled code is compiled at its first call on a machine; that is not the time of solving."""
    here, row = np.zeros(1), np.zeros(1, dtype=np.int64)
    solve_all(LinePairs(here, here, here, here, row, np.ones((1, 1), dtype=np.bool_)), [1], 1, 1)


def _cheapest(arcs: Arcs, n: int) -> Ints:
    cheapest = np.full(n, NO_PAIR, dtype=np.int64)
    np.minimum.at(cheapest, arcs.incident, arcs.cost)
    return cheapest


def _table(whole: Question, inside: Bools, matching: Matching, why: list[str]) -> pd.DataFrame:
    ids = whole.teams["id"].to_numpy(dtype=object)
    table = pd.DataFrame({"incident_id": whole.incidents["id"], "team_id": "", "cost": "", "reason": OUTSIDE})
    served = matching.team >= 0
    asked = table[inside].copy()
    asked["team_id"] = [ids[team] if team >= 0 else "" for team in matching.team]
    asked["cost"] = [str(cost) if yes else "" for cost, yes in zip(matching.cost, served, strict=True)]
    asked["reason"] = why
    table[inside] = asked
    return table


def _is_number(text: str) -> bool:
    """Whether these are the digits of a number that anybody would write."""
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER


def _whole_numbers(table: pd.DataFrame, column: str, file: Path, least: int, most: int) -> Ints:
    texts = [str(value).strip() for value in table[column]]
    wrong = [at for at, text in enumerate(texts) if not (_is_number(text) and least <= int(text) <= most)]
    if wrong:
        rows = read_table(file).index  # as the user's editor counts, blank lines included
        expected = f"a whole number from {least} to {most}"
        raise BadInput(*(Fault(file.name, int(rows[at]), column, shorten(texts[at]), expected) for at in wrong))
    return np.array([int(text) for text in texts], dtype=np.int64)


def _refuse_sums_too_large(asked: Question, unserved_cost: int) -> None:
    """The solver adds in 64 bits: price times nodes, times up to 3 an incident where priorities break ties."""
    nodes = len(asked.incidents) + len(asked.teams) + 2
    scale = 1 if asked.priority is None else 3 * len(asked.incidents) + 1
    most = 2**62 // (nodes * scale) - 1
    if unserved_cost > most:
        raise BadInput(
            Fault("--unserved-cost", None, None, str(unserved_cost), f"at most {most} for so many incidents")
        )
