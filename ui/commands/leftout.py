"""What a command leaves out of a table without refusing it, said on the terminal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import click

from dispatch.inspections.columns import ours
from dispatch.records.team import Role
from gis.schemas import shorten

MOST_NAMED = 5


def say_who_is_no_officer(others: Mapping[str, Role]) -> None:
    """Auxiliaries and grid workers find and dissuade; only officers inspect."""
    if others:
        named = [f"{shorten(person)} is {role}" for person, role in others.items()]
        click.echo(f"gridbeat: officers, column role: {_some(named)}; only officers inspect, so left out.", err=True)


def say_not_read(file: str, header: Sequence[str], columns: Collection[str]) -> None:
    """Which columns nobody reads: under a misspelt ``role`` everybody would be an officer."""
    strange = [shorten(name) for name in header if name.strip() and ours(name) not in columns]
    if strange:
        click.echo(f"gridbeat: {file}: not read: {_some(strange)}; known are {', '.join(columns)}.", err=True)


def _some(named: Sequence[str]) -> str:
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return ", ".join(named[:MOST_NAMED]) + more
