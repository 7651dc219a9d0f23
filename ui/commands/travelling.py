"""``gridbeat travel``: seconds or metres by street between two sets of points."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal

import pandas as pd

from gis.crs import parse_datum
from gis.mapfiles import read_points, write_table
from gis.schemas import BadInput, Fault
from gis.streets import Profile, Streets, read_streets
from gis.travel import TravelTimes
from ui.commands.output import check_output, last_line, with_progress

ORIGINS_AT_ONCE = 64


def travel(
    *,
    streets: Path,
    origins: Path,
    targets: Path,
    weight: Literal["time", "length"],
    snap: Literal["edge", "node"],
    limit: float | None,
    profile: str,
    datum: str,
    out: Path,
) -> None:
    """Write ``from_id,to_id,cost`` for the pairs within the limit, in the order of the two files."""
    check_output(out, streets, origins, targets)
    starts, ends = (read_points(path, parse_datum(datum)) for path in (origins, targets))
    times = TravelTimes(open_streets(streets, profile), Profile(profile), weight, snap)
    here, there = (times.place(points["lon"], points["lat"]) for points in (starts, ends))
    found = [pd.DataFrame({"from_id": [], "to_id": [], "cost": []})]
    blocks = range(0, len(starts), ORIGINS_AT_ONCE)
    for first in with_progress(blocks, "travel", len(blocks)):
        i, j, cost = times.pairs(here[first : first + ORIGINS_AT_ONCE], there, math.inf if limit is None else limit)
        columns = {"from_id": starts["id"].to_numpy()[first + i], "to_id": ends["id"].to_numpy()[j], "cost": cost}
        found.append(pd.DataFrame(columns))
    pairs = pd.concat(found, ignore_index=True)
    write_table(pairs, out)
    last_line({"from": len(starts), "to": len(ends), "pairs": len(pairs)})


def open_streets(file: Path, profile: str) -> Streets:
    """The network of a file.

    Raises
    ------
    BadInput
        When the file cannot be used or has no street open to the profile.
    """
    network = read_streets(file)
    if not network.open_to(Profile(profile)).any():
        raise BadInput(Fault(file.name, None, None, f"no street open to {profile}", "streets one can travel on"))
    return network
