"""What screens show of a town's patrol: everything about one plan, read once a revision and shared by all sessions."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from threading import Lock

import numpy as np

from dispatch.desk.patrols import fared_of
from dispatch.inspections.patrol_coverage import Fared, share_passed, share_self_handled
from dispatch.inspections.patrol_items import PatrolItem
from dispatch.records.patrol import (
    Finding,
    PassLeftOut,
    PatrolledCell,
    PatrolPlan,
    PatrolRound,
    RoundStop,
)
from dispatch.review.rounds import RoundSheet, SheetStop
from dispatch.store import patrols
from ui.map import layers
from ui.services.centre import Centre, centre, shelf
from ui.wording import Wording

VIEWS_KEPT = 8
STEPS = (0.75, 0.9, 1.0)
"""Shares of passes made at which the colour of a cell changes."""


@dataclass(frozen=True)
class PatrolView:
    """One plan as it stands; the plan comes without its seed.

    Attributes
    ----------
    stops
        By round, in their order.
    fared
        Every cell that is owed anything, the worst first.
    """

    plan: PatrolPlan
    cells: dict[str, PatrolledCell]
    rounds: dict[str, PatrolRound]
    stops: dict[str, list[RoundStop]]
    left_out: list[PassLeftOut]
    findings: list[Finding]
    fared: tuple[Fared, ...]

    @property
    def share(self) -> float:
        """Passes made of those owed by now."""
        return share_passed(self.fared)

    @property
    def self_handled(self) -> float:
        """Findings that ended on the round, of all."""
        return share_self_handled(self.findings)

    def known(self, round_id: str, today: date) -> bool:
        """Whether anybody may look at a round: on days to come nobody, wherever the id comes from."""
        one = self.rounds.get(round_id)
        return one is not None and one.day <= today

    def of_day(self, day: date) -> list[PatrolRound]:
        """The rounds of a day by slot and beat."""
        own = (one for one in self.rounds.values() if one.day == day)
        return sorted(own, key=lambda one: (one.slot, one.beat))


class PatrolViews:
    """The plans that somebody looks at, each read anew only when the book has changed or a day has passed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, int, date], PatrolView] = OrderedDict()

    def of(self, opened: Centre, plan_id: str, revision: int) -> PatrolView | None:
        """The plan as it stood at that revision; None when there is none of that id."""
        today = opened.today()
        key = (plan_id, revision, today)
        with self._lock:
            if key not in self._kept:
                found = _read(opened, plan_id, today)
                if found is None:
                    return None
                self._kept[key] = found
                if len(self._kept) > VIEWS_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]


@cache
def views() -> PatrolViews:
    """The process's views."""
    return PatrolViews()


def plans(opened: Centre, town: str) -> list[PatrolPlan]:
    """The patrols of a town without their seeds, the latest first."""
    with opened.casebook.reading() as connection:
        found = patrols.plans(connection, town)
    return [replace(one, seed="") for one in sorted(found, key=lambda one: one.days, reverse=True)]


def cell_called(opened: Centre, cell: str) -> str:
    """A cell by its community and its own last digits."""
    return f"{opened.scenario.areas.name(cell[:12])} {cell[12:]}"


def in_words(item: PatrolItem | None, code: str, w: Wording) -> tuple[str, str, str]:
    """Where an item of the list is looked at, what it is, and what it is like when in order."""
    if item is None:
        return "", code, ""
    return (
        w.pick(item.object_zh, item.object_en),
        w.pick(item.name_zh, item.name_en),
        w.pick(item.standard_zh, item.standard_en),
    )


def round_name(view: PatrolView, one: PatrolRound, w: Wording) -> str:
    """A round by its number on that day and its beat."""
    return w("patrols.round_of", n=one.slot % view.plan.rounds_a_day + 1, beat=one.beat)


def round_sheet(opened: Centre, view: PatrolView, one: PatrolRound, name: str, w: Wording) -> RoundSheet:
    """A round as its papers say it."""
    scenario, items = opened.scenario, opened.patrols.items
    team = opened.board().teams.get(one.team)
    stops = [
        SheetStop(
            stop.number,
            f"{scenario.areas.name(stop.cell[:12])} {stop.cell[12:]}",
            view.cells[stop.cell].lon,
            view.cells[stop.cell].lat,
            stop.arrive,
            stop.minutes,
            [in_words(items.get(code), code, w) for code in stop.items],
        )
        for stop in view.stops[one.id]
    ]
    return RoundSheet(
        one.id,
        name,
        scenario.areas.name(one.town),
        one.day,
        one.minutes,
        stops,
        view.plan.made_at,
        team.name if team is not None else one.team,
        opened.patrols.bases.get(one.town),
        w.sentences(scenario.synthetic),
    )


def tint(opened: Centre, shown: PatrolView | None) -> str:
    """Address of the cells' colours: the darker, the fewer of the owed passes were made; lightest: none was owed."""
    classes = np.zeros(len(opened.scenario.cells), dtype=np.uint8)
    row = opened.patrols.ground.row
    for cell in shown.fared if shown is not None else ():
        if cell.owed:
            classes[row[cell.cell]] = 1 + sum(cell.share < step for step in STEPS)
    return shelf().put(layers.tint(classes))


@cache
def beats_ground(plan_id: str) -> tuple[str, str]:
    """Addresses of the borders of a plan's beats and of their numbers, packed once."""
    opened = centre()
    with opened.casebook.reading() as connection:
        beat = {cell.cell: cell.beat for cell in patrols.cells(connection, plan_id)}
    every = opened.scenario.cells
    own = every[every["code"].isin(list(beat))][["code", "geometry"]].copy()
    own["name"] = [str(beat[str(code)]) for code in own["code"]]
    joined = own.dissolve("name", method="coverage").reset_index()
    labels = layers.area_labels(joined, layers.Kind.TOWN)
    place = shelf()
    return (
        place.put(layers.borders_table(joined), for_good=True),
        place.put(layers.labels_table(labels), for_good=True),
    )


def _read(opened: Centre, plan_id: str, today: date) -> PatrolView | None:
    with opened.casebook.reading() as connection:
        plan = patrols.plan(connection, plan_id)
        if plan is None:
            return None
        cells = patrols.cells(connection, plan_id)
        rounds = patrols.rounds(connection, plan_id)
        how = fared_of(connection, plan, today)
        called = patrols.stops(connection, plan_id=plan_id)
        left = patrols.left_out(connection, plan_id)
        findings = patrols.findings(connection, plan_id=plan_id)
    by_round: dict[str, list[RoundStop]] = {one.id: [] for one in rounds}
    for stop in called:
        by_round[stop.round].append(stop)
    return PatrolView(
        replace(plan, seed=""),
        {cell.cell: cell for cell in cells},
        {one.id: one for one in rounds},
        by_round,
        left,
        findings,
        how,
    )
