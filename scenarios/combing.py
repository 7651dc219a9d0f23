"""Powers and hotline tickets combed for the design of lists: which power each ticket falls under, town by town.

Huancui combed 2,861 powers and 55,000 tickets and published neither. Here the catalogue's own powers stand beside
made-up ones that fill the register, and the tickets are made up too; both are labelled synthetic. Tickets are read by
the same triage as a citizen's message at the desk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from dispatch.records.case import Procedure
from dispatch.rulebook.listdesign import Register, RegisterRow
from dispatch.rulebook.matters import Kind, Matter
from scenarios.place import Scenario
from simulation.plan import DeskKind, StaffingPlan
from simulation.streams import stream

GIVEN_KINDS = (Kind.UNIVERSAL, Kind.OPTIONAL)
REPEAT_DAYS = 30
TAIL = 0.2
"""Share of a field's tickets that fall under its made-up powers. Assumed."""
ZIPF = 1.0
"""How steeply their use falls from the first to the last. Assumed."""
MORE = 1.05
"""Drawn above what is needed, then cut by chance to the exact number."""


@dataclass(frozen=True)
class Combed:
    """What combing came to.

    Attributes
    ----------
    tickets
        ``town, matter, power``; the power is empty where triage names no matter or none of the register covers it.
    """

    register: Register
    tickets: pd.DataFrame

    @property
    def assigned(self) -> int:
        """Tickets that fall under a power."""
        return int((self.tickets["power"] != "").sum())


def comb(scenario: Scenario, plan: StaffingPlan, powers: int, tickets: int, seed: int) -> Combed:
    """A year of tickets sorted to powers.

    Parameters
    ----------
    powers, tickets
        How many the register and the year hold; powers beyond the catalogue's are made up.

    Raises
    ------
    ValueError
        When the register is to hold fewer powers than the catalogue gives.
    """
    own = [matter for matter in scenario.rulebook.matters.values() if matter.kind in GIVEN_KINDS]
    if powers < len(own):
        raise ValueError(f"powers is {powers}; the catalogue alone has {len(own)}.")
    rows = (*(_own(matter, scenario, plan) for matter in own), *_made_up(powers - len(own), own, plan, seed))
    told = _tickets(scenario, tickets, seed)
    told["power"] = _powers(told["matter"], scenario.rulebook.matters, rows, seed)
    return Combed(_register(scenario, plan, rows, told), told)


def _own(matter: Matter, scenario: Scenario, plan: StaffingPlan) -> RegisterRow:
    """A power of the catalogue; it shows on the street when a situation under it has a code of the national list."""
    under = [one for one in scenario.rulebook.matters.values() if matter.code in one.under]
    simple = matter.procedure is Procedure.SIMPLE
    found = any(one.national_code for one in under)
    return RegisterRow(matter.code, matter.name_zh, matter.field, _minutes(plan, simple=simple), found, simple)


def _made_up(count: int, own: Sequence[Matter], plan: StaffingPlan, seed: int) -> list[RegisterRow]:
    """Powers without a name, spread over the fields as the catalogue's are; half of them ordinary."""
    rng = stream(seed, "made-up powers")
    fields = rng.choice(sorted(matter.field for matter in own), count)
    simple, found = rng.random(count) < 0.5, rng.random(count) < 0.5
    return [
        RegisterRow(
            f"H{number + 1:04}",
            f"合成职权 {number + 1:04}",
            str(fields[number]),
            _minutes(plan, simple=bool(simple[number])),
            bool(found[number]),
            bool(simple[number]),
            synthetic=True,
        )
        for number in range(count)
    ]


def _minutes(plan: StaffingPlan, *, simple: bool) -> float:
    """Of a pair: on the spot, and for an ordinary case the steps that take a pair."""
    how = plan.file.procedure
    return how.simple_min if simple else how.ordinary_min + how.pair_steps * how.step_min


def _tickets(scenario: Scenario, count: int, seed: int) -> pd.DataFrame:
    """A year of made-up tickets with what triage makes of their words: ``reported_at, cell, town, matter``."""
    rng, zone = stream(seed, "tickets"), scenario.zone
    begin = pd.Timestamp(2024, 1, 1, tz=zone).to_pydatetime()
    demand = replace(scenario.demand, per_year=MORE * count + 100)
    told = demand.sample(begin, begin + timedelta(days=366), rng)
    told = told.iloc[np.sort(rng.choice(len(told), count, replace=False))].reset_index(drop=True)
    guessed = {text: scenario.triage.guess(text).matter for text in told["text"].unique()}
    town = scenario.cells["town"].to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "reported_at": told["reported_at"],
            "cell": told["cell"],
            "town": town[told["cell"]],
            "matter": told["text"].map(guessed),
        }
    )


def _powers(matter: pd.Series[str], matters: Mapping[str, Matter], rows: Sequence[RegisterRow], seed: int) -> list[str]:
    """The first power of the register that a ticket's matter stands under, or a made-up one; empty when none."""
    rng, codes = stream(seed, "which power"), {one.code for one in rows}
    tails: dict[str, list[str]] = {}
    for one in rows:
        if one.synthetic:
            tails.setdefault(one.field, []).append(one.code)
    shares = {field: _zipf(len(tail)) for field, tail in tails.items()}
    found = []
    for code, in_tail in zip(matter, rng.random(len(matter)) < TAIL, strict=True):
        known = matters.get(code)
        tail = tails.get(known.field, []) if known else []
        own = next((power for power in known.under if power in codes), "") if known else ""
        found.append(str(rng.choice(tail, p=shares[known.field])) if known and tail and in_tail else own)
    return found


def _zipf(count: int) -> np.ndarray:
    weight = 1.0 / np.arange(1, count + 1) ** ZIPF
    return np.asarray(weight / weight.sum())


def _register(scenario: Scenario, plan: StaffingPlan, rows: Sequence[RegisterRow], told: pd.DataFrame) -> Register:
    types = scenario.rules.town_types
    towns = tuple(str(code) for code in scenario.towns["code"] if str(code) in types)
    several = told["matter"].map({code: bool(one.assisting) for code, one in scenario.rulebook.matters.items()})
    since = told.groupby(["cell", "matter"])["reported_at"].diff()
    told = told.assign(several=several.eq(True), again=since <= pd.Timedelta(days=REPEAT_DAYS))
    told = told[told["power"].ne("") & told["town"].isin(towns)]
    row = {one.code: at for at, one in enumerate(rows)}
    column = {town: at for at, town in enumerate(towns)}
    where = (told["power"].map(row).to_numpy(int), told["town"].map(column).to_numpy(int))

    def table(counted: Any) -> np.ndarray:
        values = np.zeros((len(rows), len(towns)))
        np.add.at(values, where, np.broadcast_to(np.asarray(counted, dtype=np.float64), len(told)))
        return values

    return Register(
        rows=tuple(rows),
        towns=towns,
        types=tuple(types[town].value for town in towns),
        uses=table(1.0),
        several=table(told["several"]),
        again=table(told["again"]),
        certified=_certified(plan, towns, sorted({one.field for one in rows})),
    )


def _certified(plan: StaffingPlan, towns: Sequence[str], fields: Sequence[str]) -> dict[str, np.ndarray]:
    """Officers at the towns' own desks by field and town."""
    desks = {desk.id: desk for desk in plan.desks if desk.kind is DeskKind.TOWN}
    count = {field: np.zeros(len(towns)) for field in fields}
    for post in plan.posts:
        desk = desks.get(post.desks[0])
        if desk is None or desk.town not in towns:
            continue
        for field in post.certificates & set(fields):
            count[field][towns.index(desk.town)] += post.officers
    return count
