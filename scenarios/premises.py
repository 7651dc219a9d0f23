"""Made-up places of business and what is due there, so that a demo has something to inspect. Everything is synthetic.

Places stand inside the place's own cells, in the towns with the most officers; what is checked is what officers of the
town are certified for. How many there are, their hours and minutes are assumed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

import numpy as np

from dispatch.desk.inspections import Inspections, Proposal
from dispatch.inspections.days import Told, nobody
from dispatch.inspections.planning import plan
from dispatch.inspections.registers import Credit, Risk, Traits
from dispatch.records.inspection import DueItem, Premises
from dispatch.records.team import Role
from scenarios.live import ACTOR
from scenarios.names import GIVEN, SURNAMES
from scenarios.scenario import Scenario
from simulation.streams import stream

PREMISES, TOWNS, DAYS = 60, 3, 20
SECONDS = 2.0
CAP, CAPPED = 4, 0.15
"""Most visits in a year, and the share of premises that have such a cap."""
AT_ONCE = 12
"""So many places are due on the first day, so that crews are out when a demo opens."""
ENFORCEMENT = "city"
LEAST_OFFICERS = 4
"""A field with fewer officers in the town is left out: two of them must be there on the same day."""


RISKS = {Risk.LOW: 0.3, Risk.ORDINARY: 0.4, Risk.RAISED: 0.2, Risk.HIGH: 0.1}
CREDITS = {Credit.A: 0.4, Credit.B: 0.35, Credit.C: 0.2, Credit.D: 0.05}
"""Assumed shares of premises by risk and by credit."""
Chosen = TypeVar("Chosen")


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of business: its scene, how often it occurs, what can be checked there, and its hours on the clock."""

    name: str
    scene: str
    weight: float
    fields: tuple[str, ...]
    opens: int
    closes: int


TRADES = (
    Trade("餐馆", "restaurant", 5, ("city", "ecology", "water", "emergency"), 9, 21),
    Trade("便利店", "small_shop", 4, ("city", "market", "fire", "emergency"), 8, 22),
    Trade("汽修店", "car_repair", 2, ("ecology", "city", "transport", "emergency"), 8, 18),
    Trade("建筑工地", "construction_site", 2, ("housing", "city", "planning", "water", "emergency"), 7, 18),
    Trade("旅馆", "hotel", 1, ("fire", "planning", "city", "emergency", "health"), 8, 22),
    Trade("加工厂", "small_factory", 2, ("ecology", "emergency", "water", "planning"), 8, 17),
)


@dataclass(frozen=True, slots=True)
class Business:
    """What is inspected, what is due, and what the register says of the premises."""

    premises: tuple[Premises, ...]
    items: tuple[DueItem, ...]
    traits: dict[str, Traits]


def made_up(scenario: Scenario, today: date, seed: int = 1, count: int = PREMISES) -> Business:
    """Places of business in the towns with the most officers, with two to four due checks each from ``today`` on.

    The same place, day and seed give the same business; empty when no town has officers for two fields.
    """
    rng = stream(seed, scenario.code, "premises")
    towns = _towns(scenario)
    premises: list[Premises] = []
    items: list[DueItem] = []
    traits: dict[str, Traits] = {}
    for number in range(count if towns else 0):
        town, fields = towns[number % len(towns)]
        trade = _trade(rng, fields)
        place = _premises(scenario, rng, f"S{number + 1:03d}", town, trade)
        premises.append(place)
        traits[place.id] = Traits(trade.scene, _one_of(rng, RISKS), _one_of(rng, CREDITS))
        able = [each for each in trade.fields if each in fields]
        items += _items(scenario, rng, place, trade.scene, able, today, at_once=number < AT_ONCE)
    return Business(tuple(premises), tuple(items), traits)


def open_inspections(
    desk: Inspections, scenario: Scenario, now: datetime, days: Sequence[date], told: Told = nobody
) -> None:
    """The business taken in, one officer recused, and a first calendar of these working days in force."""
    business = made_up(scenario, days[0])
    if not business.items:
        return
    desk.take_in(ACTOR, business.premises, business.items, business.traits, now=now)
    towns = sorted({place.town for place in business.premises})
    asked = desk.question(towns, days, now=now)
    officer = next(who for who in asked.programme.inspectors if who.town == business.premises[0].town)
    desk.recuse(ACTOR, [(officer.id, business.premises[0].id)], now=now)
    asked = desk.question(towns, days, now=now)
    calendar = plan(asked.programme, SECONDS, told=told)
    if told is nobody or calendar.crews:
        desk.adopt(ACTOR, Proposal(asked, calendar, 1, SECONDS), now=now)


def _towns(scenario: Scenario) -> list[tuple[str, frozenset[str]]]:
    """The towns with the most certified officers, each with the fields that enough of them are certified in."""
    held: dict[str, Counter[str]] = {}
    for line in scenario.roster:
        for officer in line.officers:
            if officer.role is Role.OFFICER and len(officer.town) == 9:
                held.setdefault(officer.town, Counter()).update({each.field for each in officer.certificates})
    most = sorted(held, key=lambda town: (-sum(held[town].values()), town))
    fields = {town: frozenset(name for name, n in held[town].items() if n >= LEAST_OFFICERS) for town in most}
    return [(town, fields[town]) for town in most if len(fields[town]) > 1][:TOWNS]


def _one_of(rng: np.random.Generator, shares: Mapping[Chosen, float]) -> Chosen:
    some = list(shares)
    return some[int(rng.choice(len(some), p=list(shares.values())))]


def _trade(rng: np.random.Generator, fields: frozenset[str]) -> Trade:
    able = [trade for trade in TRADES if len(fields.intersection(trade.fields)) > 1] or [
        Trade("商店", "small_shop", 1, tuple(sorted(fields)), 8, 18)
    ]
    weight = np.array([trade.weight for trade in able])
    return able[int(rng.choice(len(able), p=weight / weight.sum()))]


def _premises(scenario: Scenario, rng: np.random.Generator, name: str, town: str, trade: Trade) -> Premises:
    cells = scenario.cells.geometry[scenario.cells["town"] == town]
    inside = cells.iloc[int(rng.integers(len(cells)))].representative_point()
    called = "".join([str(rng.choice(list(SURNAMES))), str(rng.choice(list(GIVEN))), "记", trade.name, "（合成）"])
    cap = CAP if rng.random() < CAPPED else None
    seen = int(rng.integers(3)) if cap is not None else 0
    lon, lat = round(float(inside.x), 6), round(float(inside.y), 6)
    return Premises(name, called, lon, lat, town, trade.opens * 60, trade.closes * 60, cap, seen)


def _items(
    scenario: Scenario,
    rng: np.random.Generator,
    place: Premises,
    scene: str,
    fields: Sequence[str],
    today: date,
    *,
    at_once: bool,
) -> list[DueItem]:
    count = min(int(rng.integers(2, 5)), len(fields))
    begin = today + timedelta(days=int(rng.integers(1, 12)))
    items = []
    for number, at in enumerate(sorted(rng.choice(len(fields), count, replace=False).tolist()), start=1):
        earliest = today if at_once else begin + timedelta(days=int(rng.integers(0, 5)))
        latest = today if at_once else earliest + timedelta(days=int(rng.integers(7, 22)))
        minutes = int(rng.integers(4, 13)) * 5
        name = _checked(scenario, scene, fields[at])
        items.append(
            DueItem(
                f"{place.id}-{number}",
                place.id,
                _department(scenario, fields[at]),
                fields[at],
                minutes,
                earliest,
                latest,
                name=name,
                remote=scenario.rules.scenes.remote(name),
            )
        )
    return items


def _checked(scenario: Scenario, scene: str, field: str) -> str:
    """The item of a scene that asks for this field; empty when it has none."""
    found = scenario.rules.scenes.scenes.get(scene)
    return (
        next((item.code for item in found.items if item.certificate == field and item.published), "") if found else ""
    )


def _department(scenario: Scenario, field: str) -> str:
    """Who asks for a check in a field: the department of that name, else the enforcement bureau."""
    return field if field != ENFORCEMENT and field in scenario.rules.departments else "enforcement"
