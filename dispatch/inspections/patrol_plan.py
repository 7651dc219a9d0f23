"""A town's patrol for a period: even beats, the rounds of each, and the proof that they were drawn."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date
from fractions import Fraction
from hashlib import sha256

import geopandas as gpd
import numpy as np

from dispatch.inspections.lots import ALGORITHM, VERSION
from dispatch.inspections.patrol_items import Every, PatrolItem
from dispatch.inspections.patrol_owed import Looked, need, spared
from dispatch.inspections.patrol_places import workload
from dispatch.inspections.patrol_ways import Minutes
from dispatch.inspections.patrols import Patrol, Round, Stop, drawn_passes, patrol
from dispatch.inspections.stopping import Going, Told, always, nobody
from dispatch.inspections.ways import Ways
from dispatch.records.patrol import ItemTerms, PassLeftOut, PatrolledCell, PatrolPlan, PatrolRound, RoundStop
from dispatch.rulebook.matters import Source
from gis.beats import draw_beats

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Terms:
    """How a town patrols: its working days, rounds of each beat a day, and how long one may take, in minutes.

    Raises
    ------
    ValueError
        When a number is not above 0: nothing would be patrolled, as if there were nothing to patrol.
    """

    days: tuple[date, ...]
    rounds_a_day: int
    longest: int
    beats: int

    def __post_init__(self) -> None:
        if min(self.rounds_a_day, self.longest, self.beats) <= 0:
            raise ValueError(
                f"rounds_a_day {self.rounds_a_day}, longest {self.longest}, beats {self.beats}; each must be above 0."
            )


@dataclass(frozen=True, slots=True)
class TownGround:
    """What the town asks for.

    Attributes
    ----------
    shapes
        ``code`` and polygons of its cells, shape (n,).
    cells
        In the same order, as they are before beats and passes: what lies there, risk and point.
    looked
        By cell and item, the looks that were made before.
    base
        Longitude and latitude where rounds begin.
    """

    shapes: gpd.GeoDataFrame
    cells: tuple[PatrolledCell, ...]
    looked: Mapping[str, Mapping[str, Looked]]
    base: Point


@dataclass(frozen=True, slots=True)
class Drawn:
    """A town's patrol as it was drawn, before it has a name in the book."""

    cells: tuple[PatrolledCell, ...]
    patrols: tuple[Patrol, ...]
    travel: dict[int, str]


@dataclass(frozen=True, slots=True)
class Audit:
    """Whether a patrol is the one that its seed gives.

    Attributes
    ----------
    committed
        The seed is the one whose hash stood in the ledger from the beginning.
    same_terms
        Cells, risk, frequencies, beats and rules are those whose hash stood there too; None for a patrol from before
        they were hashed.
    same_lots
        It was drawn by the lots that this program still draws.
    differing
        Cells with a pass that the seed does not give, or without one that it does, sorted.
    same_rounds
        Drawn again, rounds and stops are the same; None when streets have changed since, so that only the draw itself
        can be held against the seed.
    """

    committed: bool
    same_terms: bool | None
    same_lots: bool
    differing: tuple[str, ...]
    same_rounds: bool | None

    @property
    def fits(self) -> bool:
        hashed = self.committed and self.same_terms is not False
        return hashed and self.same_lots and not self.differing and self.same_rounds is not False


def draw(
    seed: str,
    ground: TownGround,
    items: Mapping[str, PatrolItem],
    terms: Terms,
    ways: Ways,
    going: Going = always,
    told: Told = nobody,
) -> Drawn | None:
    """Beats of even work, and the rounds of each; the same seed, ground and terms give the same.

    None where ``going``, asked before each beat, says no: half a patrol is none. ``told`` hears after each beat which
    share of the cells is behind.

    Raises
    ------
    BadInput
        When there are more beats than cells.
    """
    minutes: dict[str, Fraction] = defaultdict(Fraction)
    for item in items.values():
        minutes[item.object] += item.a_day * item.minutes
    kinds, risk = [frozenset(cell.objects) for cell in ground.cells], [cell.risk for cell in ground.cells]
    beat_of = draw_beats(ground.shapes, workload(kinds, risk, minutes), terms.beats)
    found = tuple(
        _owing(cell, beat_of[cell.cell], ground.looked.get(cell.cell, {}), items, terms) for cell in ground.cells
    )
    patrols, travel = [], {}
    beats = of_beats(found)
    behind, every = 0, sum(map(len, beats.values()))
    for number, cells in beats.items():
        if not going():
            return None
        matrix = travel_of(cells, ground.base, ways)
        travel[number] = fingerprint(matrix)
        patrols.append(patrol(seed, cells, items, terms.days, terms.rounds_a_day, matrix, terms.longest))
        behind += len(cells)
        told(behind / every)
    return Drawn(found, tuple(patrols), travel)


def _owing(
    cell: PatrolledCell, beat: int, looked: Mapping[str, Looked], items: Mapping[str, PatrolItem], terms: Terms
) -> PatrolledCell:
    """The cell in its beat, with what it is owed."""
    days, slots = len(terms.days), len(terms.days) * terms.rounds_a_day
    less = (
        (code, spared(item, cell.risk, days, looked[code]))
        for code, item in sorted(items.items())
        if item.object in cell.objects and code in looked
    )
    cell = replace(cell, beat=beat, spared=tuple((code, looks) for code, looks in less if looks))
    owed = need(cell, items.values(), days, slots)
    return replace(cell, passes=owed.passes, short=owed.short)


def of_beats(cells: Sequence[PatrolledCell]) -> dict[int, list[PatrolledCell]]:
    """The cells of each beat that are owed anything, by code; a beat that owes nothing has no entry."""
    found: dict[int, list[PatrolledCell]] = defaultdict(list)
    for cell in sorted(cells, key=lambda each: each.cell):
        if cell.passes:
            found[cell.beat].append(cell)
    return dict(sorted(found.items()))


def travel_of(cells: Sequence[PatrolledCell], base: Point, ways: Ways) -> Minutes:
    """Minutes between the cells' points in their order and the base, to a hundredth: shape (n + 1, n + 1)."""
    lon, lat = [*(cell.lon for cell in cells), base[0]], [*(cell.lat for cell in cells), base[1]]
    return np.asarray(np.round(ways.minutes(lon, lat), 2), dtype=np.float64)


def fingerprint(travel: Minutes) -> str:
    """Sixteen characters that change with any minute of a matrix."""
    return sha256(np.ascontiguousarray(travel, dtype="<f8").tobytes()).hexdigest()[:16]


def commitment(seed: str) -> str:
    """What may be shown of a seed before the period is over."""
    return sha256(seed.encode()).hexdigest()


def drawn_for(plan: PatrolPlan, cells: Sequence[PatrolledCell]) -> str:
    """SHA-256 of all that a patrol was drawn for but the seed: with it in the ledger nobody changes the terms.

    Days, rounds, the list as it stood, every cell with its beat, risk and what was spared, the minutes between
    them, and the rules by which all that was reckoned.
    """
    terms = {
        "town": plan.town,
        "days": [day.isoformat() for day in plan.days],
        "rounds_a_day": plan.rounds_a_day,
        "longest": plan.longest,
        "weeks": plan.weeks,
        "items": [astuple(item) for item in plan.items],
        "cells": [_exactly(cell) for cell in sorted(cells, key=lambda each: each.cell)],
        "travel": sorted(plan.travel.items()),
        "by": [plan.algorithm, plan.lots, plan.rules],
    }
    return sha256(json.dumps(terms, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _exactly(cell: PatrolledCell) -> list[object]:
    return [str(each) if isinstance(each, Fraction) else each for each in astuple(cell)]


def kept(items: Mapping[str, PatrolItem], objects: frozenset[str]) -> tuple[ItemTerms, ...]:
    """What a plan keeps of the list: the items of objects that lie there."""
    return tuple(
        ItemTerms(item.code, item.object, item.times, item.every.value, item.minutes)
        for item in sorted(items.values(), key=lambda each: each.code)
        if item.object in objects
    )


def as_listed(terms: Sequence[ItemTerms]) -> dict[str, PatrolItem]:
    """Items as a plan kept them, without their words."""
    return {
        one.code: PatrolItem(
            one.code,
            "",
            one.object,
            "",
            "",
            "",
            "",
            one.times,
            Every(one.every),
            "",
            "",
            one.minutes,
            Source.ILLUSTRATIVE,
        )
        for one in terms
    }


def in_the_book(drawn: Drawn, plan: str, town: str) -> tuple[list[PatrolRound], list[RoundStop], list[PassLeftOut]]:
    """Rounds, stops and what was left out as the book keeps them."""
    rounds: list[PatrolRound] = []
    stops: list[RoundStop] = []
    for each in (each for one in drawn.patrols for each in one.rounds):
        name = f"{plan}-{each.beat}-{each.slot:03d}"
        rounds.append(PatrolRound(name, plan, town, each.beat, each.day, each.slot, each.minutes))
        stops += [
            RoundStop(name, number, stop.cell, stop.nth, stop.drawn, stop.items, stop.arrive, stop.minutes)
            for number, stop in enumerate(each.stops, start=1)
        ]
    return rounds, stops, [left for one in drawn.patrols for left in one.left_out]


def audit(
    plan: PatrolPlan,
    cells: Sequence[PatrolledCell],
    rounds: Sequence[PatrolRound],
    stops: Sequence[RoundStop],
    left_out: Sequence[PassLeftOut],
    base: Point,
    ways: Ways,
    committed: Mapping[str, object],
) -> Audit:
    """The patrol held against its seed.

    Parameters
    ----------
    committed
        What the ledger's first entry about the plan carries: hashes of the seed (``commitment``) and of the terms
        (``drawn_for``).
    """
    items = as_listed(plan.items)
    slots = len(plan.days) * plan.rounds_a_day
    needs = {cell.cell: need(cell, items.values(), len(plan.days), slots) for cell in cells}
    expected = {(each.cell, each.nth): each.slot for each in drawn_passes(plan.seed, needs, slots)}
    day_of = {slot: plan.days[slot // plan.rounds_a_day] for slot in range(slots)}
    known = {one.id for one in rounds if day_of.get(one.slot) == one.day}
    found = {(stop.cell, stop.nth): stop.drawn for stop in stops}
    found |= {(left.cell, left.nth): left.drawn for left in left_out}
    wrong = {cell for (cell, _), _ in {*expected.items()} ^ {*found.items()}}
    wrong |= {stop.cell for stop in stops if stop.round not in known}
    return Audit(
        commitment(plan.seed) == plan.commitment == committed.get("commitment"),
        drawn_for(plan, cells) == committed["drawn_for"] if "drawn_for" in committed else None,
        (plan.algorithm, plan.lots) == (ALGORITHM, VERSION),
        tuple(sorted(wrong)),
        _same_rounds(plan, cells, rounds, stops, left_out, base, ways),
    )


def _same_rounds(
    plan: PatrolPlan,
    cells: Sequence[PatrolledCell],
    rounds: Sequence[PatrolRound],
    stops: Sequence[RoundStop],
    left_out: Sequence[PassLeftOut],
    base: Point,
    ways: Ways,
) -> bool | None:
    items = as_listed(plan.items)
    on_round: dict[str, list[Stop]] = defaultdict(list)
    for stop in sorted(stops, key=lambda each: (each.round, each.number)):
        on_round[stop.round].append(Stop(stop.cell, stop.nth, stop.drawn, stop.items, stop.arrive, stop.minutes))
    for number, some in of_beats(cells).items():
        travel = travel_of(some, base, ways)
        if fingerprint(travel) != plan.travel.get(number):
            return None
        again = patrol(plan.seed, some, items, plan.days, plan.rounds_a_day, travel, plan.longest)
        own = sorted((one for one in rounds if one.beat == number), key=lambda each: each.slot)
        walked = tuple(Round(number, one.day, one.slot, tuple(on_round[one.id]), one.minutes) for one in own)
        names = {cell.cell for cell in some}
        left = {each for each in left_out if each.cell in names}
        if again.rounds != walked or set(again.left_out) != left:
            return False
    return True
