"""Small towns to test in, and the few records most tests start from."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from dispatch.records.incident import Incident
from dispatch.records.person import Job, Person, Post
from dispatch.records.team import Certificate, Officer, Role, Team
from dispatch.store import people
from dispatch.store.casebook import Casebook
from dispatch.store.writing import Actor
from scenarios.builder import HERE, build
from scenarios.folder import read_folder
from scenarios.scenario import Scenario

NOON = datetime(2026, 4, 15, 4, 0, tzinfo=UTC)
"""Wednesday 12:00 in Ningbo: in the nine cells T1 and T2 are on duty, T3 and T4 are not."""


@cache
def nine_cells() -> Scenario:
    """The smallest place: 3 × 3 cells of 100 m, two towns, four teams. Built once in a test process."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "nine_cells"
        build(HERE / "nine_cells", out)
        return read_folder(out)


def incident(**changes: Any) -> Incident:
    """A vendor (C08-01) in the middle cell of the nine at NOON, unless changed."""
    vendor = Incident(
        id="I1",
        text="流动摊贩占道经营",
        lon=121.5415,
        lat=29.8613,
        cell="990100001002002",
        town="990100001",
        matter="C08-01",
        priority=3,
        reported_at=NOON,
        due_at=NOON + timedelta(hours=2),
    )
    return replace(vendor, **changes)


def officer(id: str, *fields: str, **changes: Any) -> Officer:
    """An officer of the first town, certified in these fields for years to come."""
    certificates = tuple(Certificate(field, date(2034, 12, 31)) for field in fields)
    return replace(Officer(id, id, Role.OFFICER, "990100001", certificates), **changes)


def team(**changes: Any) -> Team:
    """The first town's team T1 at NOON, free, a lawful pair for city matters, unless changed."""
    return replace(nine_cells().teams(NOON)[0], **changes)


def everybody(casebook: Casebook, *names: str) -> None:
    """People of these names with every job in the nine cells' district, without passwords."""
    with casebook.writing() as page:
        for name in names:
            posts = tuple(sorted(Post(job, nine_cells().code) for job in Job))
            people.add_person(page, Actor("test", NOON, "person_add"), Person(name, name, posts))
