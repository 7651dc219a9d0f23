"""``gridbeat place build``: a place out of anybody's streets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gis.schemas import BadInput, Fault
from gis.streets import download_streets, read_streets
from scenarios.builder import build_on
from scenarios.ownsheets import OwnFiles
from scenarios.scenario import load
from ui.commands.output import last_line, steps


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
    with steps("place build", 3) as step:
        network = read_streets(streets) if streets is not None else download_streets(str(osm_place))
        step()
        build_on(_word(name), network, OwnFiles(**own), seed, out, title=name)
        step()
        built = load(out)
        step()
    area_m2 = built.cells["area_m2"]
    last_line(
        {
            "name": built.name,
            "towns": len(built.areas.towns),
            "communities": len(built.areas.communities),
            "officers": len(built.officers),
            "cells": len(built.cells),
            "median_cell_m2": round(float(area_m2.median())),
            "area_km2": round(float(area_m2.sum()) / 1e6, 3),
            "streets": len(built.streets.lines()),
        }
    )


def _word(name: str) -> str:
    """The name as places are called: small letters, digits and _; empty where a person wrote it with other letters.

    >>> _word("Boston (Central)")
    'boston_central'
    >>> _word("海曙 2")
    ''
    """
    word = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:30]
    return word if re.match(r"[a-z].", word) else ""
