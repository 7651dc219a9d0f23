"""``gridbeat place build``: a place out of anybody's streets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from click.core import ParameterSource

from dispatch.records.team import Role
from gis.schemas import BadInput, Fault
from gis.streets import download_streets, read_streets
from scenarios.builder import build_on
from scenarios.ownsheets import OwnFiles, read_areas
from scenarios.scenario import Scenario, load
from ui.commands.output import every_fault, last_line, steps

CHINA = "Asia/Shanghai"
NAMED = 5


def build(name: str, streets: Path | None, osm_place: str | None, own: Mapping[str, Any], seed: int, out: Path) -> None:
    """Read or download the streets, cut cells, write the place's folder, and say what is in it.

    ``own`` are the fields of `scenarios.ownsheets.OwnFiles`.
    """
    if (own["officers"] is None) != (own["teams"] is None):
        found = "only one of them"
        raise BadInput(Fault("--officers, --teams", None, None, found, "both sheets, since teams name officers"))
    if (streets is None) == (osm_place is None):
        found = "both" if streets else "neither"
        raise BadInput(Fault("--streets, --osm-place", None, None, found, "one of them"))
    files = OwnFiles(**own)
    with every_fault(), steps("place build", 3) as step:
        if files.areas is not None:
            read_areas(files.areas, files.datum)  # refused before the streets, which take longest, are read
        network = read_streets(streets) if streets is not None else download_streets(str(osm_place))
        step()
        build_on(_word(name), network, files, seed, out, title=name)
        step()
        built = load(out)
        step()
    for line in _told(built, own, datetime.now(ZoneInfo(built.timezone)).date()):
        click.echo(f"gridbeat: {line}", err=True)
    area_m2 = built.cells["area_m2"]
    last_line(
        {
            "name": built.name,
            "towns": len(built.areas.towns),
            "communities": len(built.areas.communities),
            "officers": len(built.officers),
            "of_them_no_officers": sum(one.role is not Role.OFFICER for one in built.officers),
            "cells": len(built.cells),
            "median_cell_m2": round(float(area_m2.median())),
            "area_km2": round(float(area_m2.sum()) / 1e6, 3),
            "streets": len(built.streets.lines()),
        }
    )


def _told(built: Scenario, own: Mapping[str, Any], today: date) -> Iterator[str]:
    """What was taken as it stood and is seen late: a datum, idle towns, certificates that have ended."""
    context = click.get_current_context()
    unsaid = all(context.get_parameter_source(name) is ParameterSource.DEFAULT for name in ("datum", "outline_datum"))
    if unsaid and built.timezone == CHINA and (own["outline"] or own["areas"]):
        yield (
            "outline and positions were taken as WGS84. Read off AMap, Tencent or Baidu they lie some 500 m beside the "
            "streets: if so, build again with --outline-datum and --datum."
        )
    if own["officers"] is None:
        return
    manned = {team.town for team in built.roster}
    idle = [f"{code} {built.areas.name(code)}" for code in built.areas.towns if code not in manned]
    if idle:
        yield f"towns without a team, where nobody can be sent from: {_some(idle)}."
    ended = [
        f"{officer.name} ({officer.id}) {certificate.field} {certificate.valid_to}"
        for officer in built.officers
        for certificate in officer.certificates
        if certificate.valid_to < today
    ]
    if ended:
        yield f"certificates that have ended and count for nothing: {_some(ended)}."


def _some(named: list[str]) -> str:
    more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
    return ", ".join(named[:NAMED]) + more


def _word(name: str) -> str:
    """The name as places are called: small letters, digits and _; empty where a person wrote it with other letters.

    >>> _word("Boston (Central)")
    'boston_central'
    >>> _word("海曙 2")
    ''
    """
    word = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:30]
    return word if re.match(r"[a-z].", word) else ""
