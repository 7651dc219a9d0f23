"""Objects of patrols, plans with their rounds and stops, and findings between rows and records."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, astuple, fields
from datetime import date, datetime
from fractions import Fraction
from math import isfinite, nan
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from dispatch.records.patrol import (
    Finding,
    Handling,
    ItemTerms,
    PassLeftOut,
    PatrolledCell,
    PatrolObject,
    PatrolPlan,
    PatrolRound,
    RoundStop,
)
from dispatch.records.team import Role
from dispatch.store.tables import (
    FINDINGS,
    INCIDENTS,
    PATROL_CELLS,
    PATROL_LEFT_OUT,
    PATROL_OBJECTS,
    PATROL_ROUNDS,
    PATROL_STOPS,
    PATROLS,
)
from dispatch.store.writing import Writing

OBJECT_COLUMNS = tuple(PATROL_OBJECTS.c[field.name] for field in fields(PatrolObject))
ROUND_COLUMNS = tuple(PATROL_ROUNDS.c[field.name] for field in fields(PatrolRound))


def objects(connection: Connection, towns: Collection[str] | None = None) -> list[PatrolObject]:
    """What the lists of these towns, or all, say lies where; by id."""
    query = select(*OBJECT_COLUMNS).order_by(PATROL_OBJECTS.c.id)
    if towns is not None:
        query = query.where(PATROL_OBJECTS.c.town.in_(sorted(towns)))
    return [PatrolObject(*row) for row in connection.execute(query)]


def plans(connection: Connection, town: str | None = None) -> list[PatrolPlan]:
    """Every patrol that was planned, of a town or all, the first first."""
    query = select(PATROLS).order_by(PATROLS.c.made_at, PATROLS.c.id)
    if town is not None:
        query = query.where(PATROLS.c.town == town)
    return [_plan(row) for row in connection.execute(query)]


def plan(connection: Connection, plan_id: str) -> PatrolPlan | None:
    """The patrol of that id, or None."""
    row = connection.execute(select(PATROLS).where(PATROLS.c.id == plan_id)).one_or_none()
    return _plan(row) if row else None


def cells(connection: Connection, plan_id: str) -> list[PatrolledCell]:
    """A patrol's cells by code."""
    query = select(PATROL_CELLS).where(PATROL_CELLS.c.plan == plan_id).order_by(PATROL_CELLS.c.cell)
    return [
        PatrolledCell(
            row.cell,
            row.beat,
            tuple(json.loads(row.objects)),
            row.lon,
            row.lat,
            Fraction(row.risk),
            row.incidents,
            row.found,
            Fraction(row.behind),
            tuple((code, count) for code, count in json.loads(row.spared)),
            row.passes,
            row.short,
        )
        for row in connection.execute(query)
    ]


def cell(connection: Connection, plan_id: str, code: str) -> PatrolledCell | None:
    """One cell of a patrol, or None."""
    return next((each for each in cells(connection, plan_id) if each.cell == code), None)


def rounds(
    connection: Connection, plan_id: str | None = None, day: date | None = None, team: str | None = None
) -> list[PatrolRound]:
    """Rounds by day, beat and slot: of a patrol, on a day, of a team, as far as each is given."""
    query = select(*ROUND_COLUMNS).order_by(PATROL_ROUNDS.c.day, PATROL_ROUNDS.c.beat, PATROL_ROUNDS.c.slot)
    for column, wanted in ((PATROL_ROUNDS.c.plan, plan_id), (PATROL_ROUNDS.c.day, day), (PATROL_ROUNDS.c.team, team)):
        if wanted is not None:
            query = query.where(column == wanted)
    return [PatrolRound(*row) for row in connection.execute(query)]


def round_of(connection: Connection, round_id: str) -> PatrolRound | None:
    """The round of that id, or None."""
    row = connection.execute(select(*ROUND_COLUMNS).where(PATROL_ROUNDS.c.id == round_id)).one_or_none()
    return PatrolRound(*row) if row else None


def stops(connection: Connection, *, plan_id: str | None = None, round_id: str | None = None) -> list[RoundStop]:
    """The stops of a round in their order, or those of all rounds of a patrol by round."""
    query = select(PATROL_STOPS).order_by(PATROL_STOPS.c.round, PATROL_STOPS.c.number)
    if round_id is not None:
        query = query.where(PATROL_STOPS.c.round == round_id)
    if plan_id is not None:
        own = select(PATROL_ROUNDS.c.id).where(PATROL_ROUNDS.c.plan == plan_id)
        query = query.where(PATROL_STOPS.c.round.in_(own))
    return [_stop(row) for row in connection.execute(query)]


def left_out(connection: Connection, plan_id: str) -> list[PassLeftOut]:
    """The passes of a patrol that are on no round."""
    query = select(PATROL_LEFT_OUT).where(PATROL_LEFT_OUT.c.plan == plan_id)
    rows = connection.execute(query.order_by(PATROL_LEFT_OUT.c.cell, PATROL_LEFT_OUT.c.nth))
    return [PassLeftOut(row.cell, row.nth, row.drawn, row.reason) for row in rows]


def findings(connection: Connection, *, plan_id: str | None = None, round_id: str | None = None) -> list[Finding]:
    """What was found on a patrol or a round, the last first."""
    query = select(FINDINGS).order_by(FINDINGS.c.found_at.desc(), FINDINGS.c.id.desc())
    if round_id is not None:
        query = query.where(FINDINGS.c.round == round_id)
    if plan_id is not None:
        own = select(PATROL_ROUNDS.c.id).where(PATROL_ROUNDS.c.plan == plan_id)
        query = query.where(FINDINGS.c.round.in_(own))
    return [_finding(row) for row in connection.execute(query)]


def finding(connection: Connection, finding_id: str) -> Finding | None:
    """The finding of that id, or None."""
    row = connection.execute(select(FINDINGS).where(FINDINGS.c.id == finding_id)).one_or_none()
    return _finding(row) if row else None


def round_behind(connection: Connection, subject: str) -> PatrolRound | None:
    """The round that a subject of a deed is, or on which it was found; None for anything else."""
    found = round_of(connection, subject)
    if found is None and (what := finding(connection, subject)) is not None:
        found = round_of(connection, what.round)
    return found


def town_of(connection: Connection, subject: str) -> str:
    """The town of a patrol, a round or a finding; empty when there is none of that id."""
    one = round_behind(connection, subject)
    if one is not None:
        return one.town
    return str(connection.scalar(select(PATROLS.c.town).where(PATROLS.c.id == subject)) or "")


def incidents_by_cell(connection: Connection, town: str, since: datetime, until: datetime) -> dict[str, int]:
    """How many incidents, open or closed, were reported in each cell of a town in that time.

    Voices of others do not count, nor does what a patrol found and handed on: that is among its findings.
    """
    handed_on = select(FINDINGS.c.incident).where(FINDINGS.c.incident != "")
    query = (
        select(INCIDENTS.c.cell, func.count())
        .where(INCIDENTS.c.town == town, INCIDENTS.c.parent == "", INCIDENTS.c.id.not_in(handed_on))
        .where(INCIDENTS.c.reported_at >= since, INCIDENTS.c.reported_at < until)
        .group_by(INCIDENTS.c.cell)
    )
    return {cell: count for cell, count in connection.execute(query) if cell}


def findings_by_cell(connection: Connection, town: str, since: datetime, until: datetime) -> dict[str, int]:
    """How many findings of patrols there were in each cell of a town in that time."""
    query = (
        select(FINDINGS.c.cell, func.count())
        .join(PATROL_ROUNDS, PATROL_ROUNDS.c.id == FINDINGS.c.round)
        .where(PATROL_ROUNDS.c.town == town, FINDINGS.c.found_at >= since, FINDINGS.c.found_at < until)
        .group_by(FINDINGS.c.cell)
    )
    return {cell: found for cell, found in connection.execute(query) if cell}


def passes_by_cell(connection: Connection, town: str, since: datetime, until: datetime) -> dict[str, int]:
    """How often each cell of a town was passed in that time, of whatever patrol."""
    query = (
        select(PATROL_STOPS.c.cell, func.count())
        .join(PATROL_ROUNDS, PATROL_ROUNDS.c.id == PATROL_STOPS.c.round)
        .where(PATROL_ROUNDS.c.town == town, PATROL_STOPS.c.passed_at >= since, PATROL_STOPS.c.passed_at < until)
        .group_by(PATROL_STOPS.c.cell)
    )
    return {row.cell: int(row[1]) for row in connection.execute(query)}


def passed(connection: Connection, town: str, since: date, until: date) -> list[tuple[date, RoundStop]]:
    """The stops of a town that were passed on days from ``since`` to the one before ``until``, each with its day."""
    query = (
        select(PATROL_ROUNDS.c.day, PATROL_STOPS)
        .join(PATROL_ROUNDS, PATROL_ROUNDS.c.id == PATROL_STOPS.c.round)
        .where(PATROL_ROUNDS.c.town == town, PATROL_STOPS.c.passed_at.is_not(None))
        .where(PATROL_ROUNDS.c.day >= since, PATROL_ROUNDS.c.day < until)
    )
    return [(row.day, _stop(row)) for row in connection.execute(query)]


def keep_objects(page: Writing, town: str, given: Sequence[PatrolObject]) -> None:
    """Exactly these objects in the town."""
    page.connection.execute(delete(PATROL_OBJECTS).where(PATROL_OBJECTS.c.town == town))
    if given:
        page.connection.execute(insert(PATROL_OBJECTS), [asdict(one) for one in given])
    page.touch()


def elsewhere(connection: Connection, town: str, ids: Collection[str]) -> set[str]:
    """Those of these ids that another town's list has."""
    return {one.id for one in objects(connection) if one.town != town} & set(ids)


def write_plan(
    page: Writing,
    new: PatrolPlan,
    patrolled: Sequence[PatrolledCell],
    walked: Sequence[PatrolRound],
    called: Sequence[RoundStop],
    left: Sequence[PassLeftOut],
) -> None:
    """A patrol with everything that belongs to it."""
    row = {
        **asdict(new),
        "days": json.dumps([day.isoformat() for day in new.days]),
        "items": json.dumps([astuple(item) for item in new.items]),
        "travel": json.dumps(new.travel),
    }
    page.connection.execute(insert(PATROLS), row)
    tables: tuple[tuple[Any, list[dict[str, Any]]], ...] = (
        (
            PATROL_CELLS,
            [
                {
                    **asdict(one),
                    "plan": new.id,
                    "objects": json.dumps(one.objects),
                    "risk": str(one.risk),
                    "behind": str(one.behind),
                    "spared": json.dumps(one.spared),
                }
                for one in patrolled
            ],
        ),
        (PATROL_ROUNDS, [asdict(one) for one in walked]),
        (PATROL_STOPS, [_stop_row(one) for one in called]),
        (PATROL_LEFT_OUT, [{**asdict(one), "plan": new.id} for one in left]),
    )
    for table, rows in tables:
        if rows:
            page.connection.execute(insert(table), rows)
    page.touch()


def put_round(page: Writing, after: PatrolRound) -> None:
    """A round as it is now."""
    page.connection.execute(update(PATROL_ROUNDS).where(PATROL_ROUNDS.c.id == after.id).values(asdict(after)))
    page.touch()


def put_stops(page: Writing, after: Iterable[RoundStop]) -> None:
    """Stops as they are now."""
    for one in after:
        here = (PATROL_STOPS.c.round == one.round) & (PATROL_STOPS.c.cell == one.cell)
        page.connection.execute(
            update(PATROL_STOPS).where(here).values(passed_at=one.passed_at, passed_by=one.passed_by)
        )
    page.touch()


def add_finding(page: Writing, new: Finding) -> None:
    """A finding for the first time."""
    page.connection.execute(insert(FINDINGS), _finding_row(new))
    page.touch()


def put_finding(page: Writing, after: Finding) -> None:
    """A finding as it is now."""
    page.connection.execute(update(FINDINGS).where(FINDINGS.c.id == after.id).values(_finding_row(after)))
    page.touch()


def _plan(row: Any) -> PatrolPlan:
    return PatrolPlan(
        row.id,
        row.town,
        tuple(date.fromisoformat(day) for day in json.loads(row.days)),
        row.rounds_a_day,
        row.longest,
        row.seed,
        row.commitment,
        row.algorithm,
        row.lots,
        row.made_at,
        row.by,
        tuple(ItemTerms(*item) for item in json.loads(row.items)),
        row.weeks,
        {int(beat): told for beat, told in json.loads(row.travel).items()},
        row.rules,
    )


def _stop(row: Any) -> RoundStop:
    return RoundStop(
        row.round,
        row.number,
        row.cell,
        row.nth,
        row.drawn,
        tuple(json.loads(row.items)),
        row.arrive,
        row.minutes,
        row.passed_at,
        row.passed_by,
    )


def _stop_row(one: RoundStop) -> dict[str, Any]:
    return {**asdict(one), "items": json.dumps(one.items)}


def _finding(row: Any) -> Finding:
    return Finding(
        row.id,
        row.cell,
        row.item,
        row.text,
        row.found_at,
        row.finder,
        Role(row.role),
        Handling(row.handling),
        row.put_right,
        row.incident,
        row.round,
        row.said,
        row.version,
        nan if row.lon is None else row.lon,
        nan if row.lat is None else row.lat,
        row.handled_by,
    )


def _finding_row(one: Finding) -> dict[str, Any]:
    place = {} if isfinite(one.lon) and isfinite(one.lat) else {"lon": None, "lat": None}
    return {**asdict(one), "role": one.role.value, "handling": one.handling.value, **place}
