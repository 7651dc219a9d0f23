"""Calls and crews' days of the calendar in force written anew, and told in the ledger so that what was can be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from dispatch.records.calls import Outing, Stop
from dispatch.store import inspections
from dispatch.store.inspections import InForce
from dispatch.store.writing import Writing


def rewrite(page: Writing, force: InForce, outings: Iterable[Outing], stops: Iterable[Stop]) -> dict[str, Any]:
    """Crews' days and calls as they are from now on; returns what the ledger's entry says of it.

    ``was`` and ``set`` are the calls that change, by id, as they were and as they are; ``outings`` the crews' days that
    change or lose a call, as they were. ``new`` and ``made`` are ids of calls and crews' days that there were not.
    """
    days = [one for one in outings if force.outings.get(one.id) != one]
    calls = [one for one in stops if force.stops.get(one.id) != one]
    new = [one for one in calls if one.id not in force.stops]
    was = [force.stops[one.id] for one in calls if one.id in force.stops]
    touched = {one.outing for one in was} | {one.id for one in days}
    inspections.put_outings(page, days)
    inspections.add_stops(page, new)
    for one in calls:
        if one.id in force.stops:
            inspections.put_stop(page, one)
    return {
        "was": {one.id: {**told_call(one), "version": one.version} for one in was},
        "set": {one.id: told_call(one) for one in calls},
        "new": [one.id for one in new],
        "outings": [_told_outing(force.outings[name]) for name in sorted(touched & force.outings.keys())],
        "made": [one.id for one in days if one.id not in force.outings],
    }


def told_call(stop: Stop) -> dict[str, Any]:
    """Where a call is, when, what for, and whether it is locked."""
    visit = {**asdict(stop.visit), "needs": sorted(stop.visit.needs), "items": list(stop.visit.items)}
    visit |= {"first": stop.visit.first.isoformat(), "last": stop.visit.last.isoformat()}
    return {
        "outing": stop.outing,
        "arrive": stop.arrive,
        "leave": stop.leave,
        "status": stop.status.value,
        "visit": visit,
    }


def _told_outing(outing: Outing) -> dict[str, Any]:
    return {**asdict(outing), "day": outing.day.isoformat(), "officers": list(outing.officers)}


def outing_of(told: Mapping[str, Any]) -> Outing:
    """The crew's day that was told."""
    return Outing(**{**told, "day": date.fromisoformat(told["day"]), "officers": tuple(told["officers"])})
