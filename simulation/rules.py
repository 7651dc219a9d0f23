"""The rule book and the dispatcher's order of asking, compiled once per plan into the tables of the city.

Who may act is asked of ``dispatch.rulebook.competence``, in which order of ``dispatch.response``; nothing of either is
decided here a second time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from dispatch.response.asking import order_of_asking
from dispatch.rulebook.competence import RuleBook
from dispatch.rulebook.gates import REVIEW_FIELD
from gis.schemas import BadInput, Fault
from simulation.diary import NOBODY
from simulation.plan import Desk, DeskKind, Post, StaffingPlan
from simulation.shifts import SHIFTS, a_pair, hours_of, letter_on
from simulation.stages import Officer, Stage, stages_of
from simulation.streams import key_of
from simulation.tables import PAIR, Force, Marks, Whole, orders

Floats = NDArray[np.float64]
Texts = NDArray[np.str_]
Desks = tuple[int, ...]

ANY = ""
"""What every officer holds: for steps that need no certificate."""
REVIEW_ASKS = 0
MENDED_BY = {
    "serves": "Let a desk with a lawful pair serve these towns.",
    "certificates": (
        CERTIFY := "Certify two officers of a desk that may act, in shifts that meet, "
        "or take the matters off the lists of its bodies."
    ),
    "desk": CERTIFY,
}
"""By the column at fault what the planner can do."""


@dataclass(frozen=True)
class Ground:
    """The place as the city is played on it.

    Attributes
    ----------
    town
        Shape (cells,): code of each cell's town.
    seconds
        Shape (desks, cells): the way from each desk of the plan, inf where there is none.
    """

    town: Texts
    seconds: Floats

    @cached_property
    def cells_of(self) -> dict[str, NDArray[np.intp]]:
        """Rows of each town's cells; towns by code."""
        return {str(town): np.flatnonzero(self.town == town) for town in np.unique(self.town)}


@dataclass(frozen=True)
class Rules:
    """A plan made into tables.

    Attributes
    ----------
    force
        Every duty from the beginning of the warm-up on.
    scene, raised, helped
        Shape (phases, matters): what to ask of the force for a first visit, an escalation, a whistle.
    since_s
        Shape (phases,): when each phase begins, the first one with the run; another begins with every day from which
        somebody holds a certificate more.
    field, any_field, review_field
        Certificates by column of the force: of each matter (shape (matters,)), of none, of review.
    answers
        Shape (asks, cells): whether any desk is asked.
    post_of
        Shape (officers,): row of the plan's posts. Who gains a certificate is another row of the force from then on.
    officer_key
        Shape (officers,): names each officer by desk, certificates at first, shifts and a number among those who are
        alike, so that a plan with one more has the others' chances unchanged.
    """

    force: Force
    since_s: Floats
    scene: Whole
    raised: Whole
    helped: Whole
    field: Whole
    any_field: int
    review_field: int
    answers: Marks
    post_of: Whole
    officer_key: NDArray[np.uint64]


def compile_rules(
    plan: StaffingPlan, rulebook: RuleBook, matters: Sequence[str], ground: Ground, zone: ZoneInfo
) -> Rules:
    """The tables of a plan.

    Raises
    ------
    BadInput
        When a town has nobody who may act on anything there with a lawful pair; when only bodies of the plan may act on
        a matter and nowhere in it do two officers of a desk hold the certificate. What a body outside the plan may
        take is passed on to it.
    """
    fields = _fields(plan, rulebook, matters)
    first = _WhoMay(plan, rulebook, list(ground.cells_of), fields)
    days, stages = _phases(plan), sorted(first.stages, key=lambda stage: len(stage.certificates))
    _refuse_unserved(plan, first, matters)
    asks = _Asks(plan, ground)
    asks.row(lambda town: _reviewers(plan.desks, town), np.inf, in_order=True)  # the row REVIEW_ASKS
    scene, raised, helped = [], [], []
    for who_may in (first.on(day) for day in days):
        scene.append([asks.row(who_may.on_scene(code), who_may.within_s(code)) for code in matters])
        raised.append([asks.row(who_may.above(code), who_may.within_s(code)) for code in matters])
        helped.append([asks.row(who_may.beside(code), np.inf) for code in matters])
    order_start, order_desk = orders(asks.orders)
    force = Force(
        pace=np.ones(len(plan.desks)),
        seconds=ground.seconds,
        certified=np.array([[name in stage.certificates | {ANY} for name in fields] for stage in stages]),
        **_duties(plan, stages, zone),
        order_of=np.array(asks.order_of, dtype=np.int32),
        order_start=order_start,
        order_desk=order_desk,
        patrol_desk=_patrols(plan, ground),
    )
    return Rules(
        force=force,
        since_s=np.array([(_midnight(day, zone) - _midnight(days[0], zone)).total_seconds() for day in days]),
        scene=np.array(scene, dtype=np.int32),
        raised=np.array(raised, dtype=np.int32),
        helped=np.array(helped, dtype=np.int32),
        field=np.array([fields.index(rulebook.matters[code].field) for code in matters], dtype=np.int32),
        any_field=fields.index(ANY),
        review_field=fields.index(REVIEW_FIELD),
        answers=np.diff(order_start)[force.order_of] > 0,
        post_of=np.array([stage.officer[0] for stage in stages], dtype=np.int32),
        officer_key=_officer_keys(plan, stages),
    )


def refuse_unserved(plan: StaffingPlan, rulebook: RuleBook, matters: Sequence[str], town: Texts) -> None:
    """What `compile_rules` refuses, without the tables.

    Parameters
    ----------
    town
        Shape (cells,): code of each cell's town.

    Raises
    ------
    BadInput
        As `compile_rules`.
    """
    fields, towns = _fields(plan, rulebook, matters), np.unique(town).tolist()
    _refuse_unserved(plan, _WhoMay(plan, rulebook, towns, fields), matters)


def of_no_use(plan: StaffingPlan, rulebook: RuleBook, matters: Sequence[str], town: Texts) -> tuple[Post, ...]:
    """Posts that hold certificates, but none that a matter asks for on which one of their desks may act.

    Who holds no certificate does what takes none, and reviewers review: neither stands here.

    Parameters
    ----------
    town
        Shape (cells,): code of each cell's town.
    """
    towns = np.unique(town).tolist()
    who_may = _WhoMay(plan, rulebook, towns, _fields(plan, rulebook, matters))
    used = {
        (plan.desks[desk].id, rulebook.matters[code].field)
        for code in matters
        for each in towns
        for desk in who_may.may(code, each)
    }
    return tuple(
        post
        for post in sorted(plan.posts, key=lambda post: post.row)
        if post.certificates - {REVIEW_FIELD}
        and used.isdisjoint((desk, name) for desk in post.desks for name in post.certificates)
    )


class _WhoMay:
    """For each matter and town, which desks of the plan may do what there."""

    def __init__(self, plan: StaffingPlan, rulebook: RuleBook, towns: list[str], fields: list[str]) -> None:
        self.plan, self.rulebook, self.towns, self.fields = plan, rulebook, towns, fields
        self.stages = stages_of(plan)
        self._count(plan.first_day)
        self.kept: dict[tuple[str, str], Desks] = {}
        acting = [(row, desk) for row, desk in enumerate(plan.desks) if desk.kind is not DeskKind.REVIEW]
        self.serving = {town: [(row, desk) for row, desk in acting if desk.serves_town(town)] for town in self.towns}

    def _count(self, day: date) -> None:
        holders = _holders(self.plan, self.fields, self.stages, day)
        self.officers = holders[:, self.fields.index(ANY)]
        pairs = (holders >= PAIR) & ~_never_together(self.plan, self.fields, self.stages, day)
        self.holds_pair = {name: pairs[:, column] for column, name in enumerate(self.fields)}

    def on(self, day: date) -> _WhoMay:
        """The same with what officers hold on another day than the first."""
        other = copy(self)
        other._count(day)
        return other

    def within_s(self, code: str) -> float:
        return self.rulebook.matters[code].respond_within.total_seconds()

    def may(self, code: str, town: str) -> Desks:
        """Desks whose body may act on the matter in the town, certified or not."""
        if (code, town) not in self.kept:
            answer = self.rulebook.resolve(code, town, self.plan.file.lists_on)
            self.kept[code, town] = tuple(
                row for row, desk in self.serving[town] if answer.actor(desk.body) is not None
            )
        return self.kept[code, town]

    def on_scene(self, code: str) -> Callable[[str], Desks]:
        certified = self.holds_pair[self.rulebook.matters[code].field]
        return lambda town: tuple(row for row in self.may(code, town) if certified[row])

    def left_alone(self, code: str, town: str) -> Desks:
        """Desks that may act by their body where none may by its certificates, and no body outside the plan either."""
        if not self.may(code, town) or self.on_scene(code)(town):
            return ()
        staffed = {desk.body for desk in self.plan.desks}
        answer = self.rulebook.resolve(code, town, self.plan.file.lists_on)
        return self.may(code, town) if all(actor.body in staffed for actor in answer.actors) else ()

    def above(self, code: str) -> Callable[[str], Desks]:
        """Brigades, where somebody below them would go first."""
        first = self.on_scene(code)

        def brigades(town: str) -> Desks:
            above = tuple(row for row in first(town) if self.plan.desks[row].kind is DeskKind.BRIGADE)
            return above if len(above) < len(first(town)) else ()

        return brigades

    def beside(self, code: str) -> Callable[[str], Desks]:
        """Desks of the departments that assist."""
        assisting = self.rulebook.matters[code].assisting

        def assistants(town: str) -> Desks:
            return tuple(
                row
                for row, desk in self.serving[town]
                if self.holds_pair[ANY][row] and self.rulebook.bodies[desk.body].department in assisting
            )

        return assistants


class _Asks:
    """What can be asked, each once: a row of orders for every cell."""

    def __init__(self, plan: StaffingPlan, ground: Ground) -> None:
        self.ground = ground
        self.beat = np.array([desk.town if desk.kind is DeskKind.TOWN else "" for desk in plan.desks])
        self.order_of: list[Whole] = []
        self.orders: list[list[int]] = []
        self.known: dict[Any, int] = {}
        self.rows: dict[Desks, int] = {}

    def row(self, desks_in: Callable[[str], Desks], within_s: float, *, in_order: bool = False) -> int:
        """The row for these desks by town; by the dispatcher's order unless they stand in order already."""
        desks = {town: desks_in(town) for town in self.ground.cells_of}
        key = (tuple(desks.values()), within_s, in_order)
        if key not in self.known:
            self.known[key] = len(self.order_of)
            self.order_of.append(self._orders(desks, within_s, in_order))
        return self.known[key]

    def _orders(self, desks: dict[str, Desks], within_s: float, in_order: bool) -> Whole:
        made = np.zeros(len(self.ground.town), dtype=np.int32)
        for town, cells in self.ground.cells_of.items():
            asked = np.array(desks[town], dtype=np.int64)
            if in_order or not len(asked):
                made[cells] = self._row_of(desks[town])
                continue
            seconds = self.ground.seconds[np.ix_(asked, cells)]
            own = np.broadcast_to(self.beat[asked, None] == town, seconds.shape)
            order = order_of_asking(seconds, own, within_s)
            first, which = _different(order)
            kinds = order[:, first].T
            rows = [self._row_of(tuple(asked[kind[kind != NOBODY]].tolist())) for kind in kinds]
            made[cells] = np.array(rows, dtype=np.int32)[which]
        return made

    def _row_of(self, desks: Desks) -> int:
        if desks not in self.rows:
            self.rows[desks] = len(self.orders)
            self.orders.append(list(desks))
        return self.rows[desks]


def _different(order: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where each different column stands first, and which of them each column is."""
    if len(order) > 15:  # a column's places no longer fit into one whole number
        _, first, which = np.unique(order, axis=1, return_index=True, return_inverse=True)
    else:
        places = (len(order) + 1) ** np.arange(len(order), dtype=np.int64)
        _, first, which = np.unique((order + 1).T @ places, return_index=True, return_inverse=True)
    return first, which.ravel()


def _fields(plan: StaffingPlan, rulebook: RuleBook, matters: Sequence[str]) -> list[str]:
    """No certificate, those of the matters and those that somebody holds or will hold, and review's."""
    held = {name for post in plan.posts for name in post.certificates}
    held |= {course.certificate for course in plan.training}
    return list(dict.fromkeys([ANY, *sorted({rulebook.matters[code].field for code in matters} | held), REVIEW_FIELD]))


def _phases(plan: StaffingPlan) -> list[date]:
    """The run's first day, and each later one from which somebody holds a certificate more."""
    first = plan.first_day
    return [first, *sorted({course.held_from for course in plan.training if first < course.held_from})]


def _holders(plan: StaffingPlan, fields: list[str], stages: Sequence[Stage], day: date) -> NDArray[np.int64]:
    """How many officers of each desk hold each certificate on a day, shape (desks, fields)."""
    row_of = {desk.id: row for row, desk in enumerate(plan.desks)}
    count = np.zeros((len(plan.desks), len(fields)), dtype=np.int64)
    alike = Counter((stage.officer[0], stage.certificates) for stage in stages if stage.here(day))
    for (post, held), many in alike.items():
        for column, name in enumerate(fields):
            if name in held | {ANY}:
                count[[row_of[desk] for desk in plan.posts[post].desks], column] += many
    return count


def _never_together(plan: StaffingPlan, fields: list[str], stages: Sequence[Stage], day: date) -> Marks:
    """Where nobody who holds the certificate is ever on duty with another who does, shape (desks, fields)."""
    row_of = {desk.id: row for row, desk in enumerate(plan.desks)}
    rotas: defaultdict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for stage in stages:
        post = plan.posts[stage.officer[0]]
        for desk in post.desks if stage.here(day) else ():
            for name in stage.certificates | {ANY}:
                rotas[row_of[desk], name][post.rota] += 1
    never = np.zeros((len(plan.desks), len(fields)), dtype=np.bool_)
    for (row, name), there in rotas.items():
        never[row, fields.index(name)] = not a_pair(there.items())
    return never


def _reviewers(desks: Sequence[Desk], town: str) -> Desks:
    """Reviewers' desks that serve the town, its own one first."""
    serving = [row for row, desk in enumerate(desks) if desk.kind is DeskKind.REVIEW and desk.serves_town(town)]
    return tuple(sorted(serving, key=lambda row: (desks[row].town != town, desks[row].id)))


def _patrols(plan: StaffingPlan, ground: Ground) -> Whole:
    """Whose free officers pass each cell: the town's desk with the most officers."""
    officers = _holders(plan, [ANY], stages_of(plan), plan.first_day)[:, 0]
    passing = np.full(len(ground.town), NOBODY, dtype=np.int32)
    for town, cells in ground.cells_of.items():
        own = [row for row, desk in enumerate(plan.desks) if desk.kind is DeskKind.TOWN and desk.town == town]
        if own:
            passing[cells] = max(own, key=lambda row: (officers[row], -row))
    return passing


def _officer_keys(plan: StaffingPlan, stages: Sequence[Stage]) -> NDArray[np.uint64]:
    key_of_officer: dict[Officer, int] = {}
    alike: Counter[tuple[object, ...]] = Counter()
    for row, post in enumerate(plan.posts):
        kind = (";".join(post.desks), ";".join(sorted(post.certificates)), post.rota)
        for number in range(post.officers):
            key_of_officer[row, number] = key_of(*kind, alike[kind])
            alike[kind] += 1
    return np.array([key_of_officer[stage.officer] for stage in stages], dtype=np.uint64)


def _duties(plan: StaffingPlan, stages: Sequence[Stage], zone: ZoneInfo) -> dict[str, Any]:
    """Every shift of every officer from the beginning of the warm-up to the end, in seconds from that beginning."""
    file, first = plan.file, plan.first_day
    days = np.arange(-1, file.warm_up_days + file.days)
    dates = [first + timedelta(days=int(day)) for day in days]
    hours = {letter: _hours(letter, first, days, zone) for letter in SHIFTS}
    row_of = {desk.id: row for row, desk in enumerate(plan.desks)}
    together: dict[tuple[Any, ...], list[int]] = {}
    for row, stage in enumerate(stages):
        together.setdefault((stage.officer[0], stage.since, stage.until, stage.away), []).append(row)
    columns: list[list[NDArray[Any]]] = [[], [], [], []]
    for (post, *_), people in together.items():
        there = np.array([stages[people[0]].works(day) for day in dates])
        letters = np.array([letter_on(plan.posts[post].rota, day) for day in dates])
        at = np.array([row_of[desk] for desk in plan.posts[post].desks])[days % len(plan.posts[post].desks)]
        for letter, (start, end) in hours.items():
            on = there & (letters == letter) & (end > 0)
            shifts = (np.maximum(start[on], 0.0), end[on])
            who = (np.tile(people, on.sum()), np.repeat(at[on], len(people)))
            for column, values in zip(columns, (*(np.repeat(t, len(people)) for t in shifts), *who), strict=True):
                column.append(values)
    start, end, officer, desk = (np.concatenate(column) for column in columns)
    by_officer = np.lexsort((start, officer))
    follows = by_officer[1:][np.diff(officer[by_officer]) == 0]  # another of the same officer stands before it
    before = by_officer[:-1][np.diff(officer[by_officer]) == 0]
    end[before] = np.minimum(end[before], start[follows])  # who begins a shift has left the one before
    order = np.lexsort((officer, start))
    names = ("duty_start", "duty_end", "duty_officer", "duty_desk")
    return {name: column[order] for name, column in zip(names, (start, end, officer, desk), strict=True)}


def _hours(letter: str, first: date, days: NDArray[np.int64], zone: ZoneInfo) -> tuple[Floats, Floats]:
    """Start and end of a shift on each day, in seconds from midnight of the first."""
    zero = datetime.combine(first, datetime.min.time(), zone)
    both = [hours_of(letter, first + timedelta(days=int(day)), zone) or (zero, zero) for day in days]
    start, end = (np.array([(hours[side] - zero).total_seconds() for hours in both]) for side in (0, 1))
    return start, end


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)


def _refuse_unserved(plan: StaffingPlan, who_may: _WhoMay, matters: Sequence[str]) -> None:
    served = {town for town in who_may.towns for code in matters if who_may.on_scene(code)(town)}
    faults = [
        Fault(
            plan.file.desks,
            _row_of_town(plan, town),
            "serves",
            f"no lawful pair for {town}",
            "a desk that may act there",
        )
        for town in who_may.towns
        if town not in served
    ]
    for field in sorted({who_may.rulebook.matters[code].field for code in matters}):
        of_field = [code for code in matters if who_may.rulebook.matters[code].field == field]
        if not who_may.holds_pair[field].any():
            alone = {desk for code in of_field for town in who_may.towns for desk in who_may.left_alone(code, town)}
            if alone:
                faults.append(_nobody_holds(plan, field, max(alone, key=lambda desk: (who_may.officers[desk], -desk))))
    if faults:
        raise BadInput(*faults, advice=" ".join(dict.fromkeys(MENDED_BY[fault.column or ""] for fault in faults)))


def _nobody_holds(plan: StaffingPlan, field: str, desk: int) -> Fault:
    """At the first post of a desk that would act if two of it held the certificate, or at the desk if it has none."""
    found = f"fewer than two officers with {field} on duty together at every desk"
    expected = f"a desk with two certified for {field}"
    here = plan.desks[desk]
    post = min((post.row for post in plan.posts if here.id in post.desks), default=None)
    if post is None:
        return Fault(plan.file.desks, here.row, "desk", found, expected)
    return Fault(plan.file.posts, post, "certificates", found, expected)


def _row_of_town(plan: StaffingPlan, town: str) -> int | None:
    return next((desk.row for desk in plan.desks if desk.town == town), None)
