"""What a command leaves out of a table without refusing it, said on the terminal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import click

from dispatch.inspections.columns import ours
from dispatch.inspections.days import LONGEST_MIN
from dispatch.inspections.programme import Programme
from dispatch.inspections.unanswered import Unanswered
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


def say_unanswered(alone: Sequence[Unanswered]) -> None:
    """So that a slip is seen before the plan or the draw is used; what resembles nothing is left to the reasons."""
    strangers = [one for one in alone if one.column == "conflicts"]
    if strangers:
        first = f"{shorten(strangers[0].code)} of {strangers[0].rows[0]}"
        told = f"ids that are no premises of the table and keep nobody away: {len(strangers)}, the first {first}"
        click.echo(f"gridbeat: officers, column conflicts: {told}.", err=True)
    for one in alone:
        if one.nearest or one.column == "town":
            where = f"{one.table}, column {one.column}: {shorten(one.code)} of {one.rows[0]}"
            more = f" and {len(one.rows) - 1} more" if len(one.rows) > 1 else ""
            nearest = f"; the nearest there is {shorten(one.nearest)}" if one.nearest else ""
            click.echo(f"gridbeat: {where}{more} is in no row of the officers{nearest}.", err=True)


def say_too_far(programme: Programme, undone: Collection[str]) -> None:
    """Which premises of these undone checks nobody reaches and comes home from in a day: most likely a wrong place."""
    asked = {item.premises for item in programme.items if item.id in undone}
    for town in programme.towns:
        places = [place for place in programme.premises if place.town == town and place.id in asked]
        ways = programme.minutes(town, places)
        for place, minutes in zip(places, (ways[-1] + ways[:, -1]).tolist(), strict=False):
            if minutes > LONGEST_MIN:
                where = f"premises, columns lon and lat: {shorten(place.id)} at {place.lon:g}, {place.lat:g}"
                told = f"is {minutes / 60:,.0f} hours there and back for the crews of {shorten(town)}"
                click.echo(f"gridbeat: {where} {told}.", err=True)


def _some(named: Sequence[str]) -> str:
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return ", ".join(named[:MOST_NAMED]) + more
