"""Build a place into a folder: from its place.toml, or from anybody's streets."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gis.schemas import BadInput, Fault
from scenarios.drawn import drawn_ground
from scenarios.folder import Ground, is_place, write_card, write_demand, write_ground
from scenarios.grown import grown_ground
from scenarios.placefile import PlaceFile, read_place
from scenarios.rhythm import assumed_week
from scenarios.spots import find_spots
from simulation.demand import Spots

HERE = Path(__file__).parent
SHARED = ("matters.csv", "fields.csv", "texts.csv", "mix.csv")
OWN = ("bodies.csv", "powers.csv")
PEOPLE = ("officers.csv", "teams.csv")
INGREDIENTS = ("scenarios/*.py", "gis/*.py", "simulation/demand.py", "simulation/streams.py", "dispatch/rulebook/*.py")
"""The code a built place depends on; when it changes, the place is built anew."""


def built_in() -> tuple[str, ...]:
    """Names of the places that come with GridBeat."""
    return tuple(sorted(path.parent.name for path in HERE.glob("*/place.toml")))


def built_folder(name: str, home: Path) -> Path:
    """The folder of a built-in place under ``home``, built now if this version of it is not there yet."""
    source = HERE / name
    folder = home / "places" / f"{name}-{_fingerprint(source)}"
    if not is_place(folder):
        build(source, folder)
    return folder


def build(source: Path, out: Path, seed: int | None = None) -> None:
    """Build the place that the folder ``source`` describes into the new folder ``out``; nothing half-built stays.

    Parameters
    ----------
    source
        With place.toml and the files it needs.
    seed
        The place's own unless given. The same seed gives the same bytes.

    Raises
    ------
    BadInput
        When the description is faulty, or ``out`` holds something that is no place.
    """
    place = read_place(source / "place.toml")
    seed = place.seed if seed is None else seed
    with _whole_or_not_at_all(out) as folder:
        ground = drawn_ground(source) if place.ground == "drawn" else grown_ground(place, source, seed)
        spots = find_spots(ground.cells, ground.streets)
        for name in (*OWN, *PEOPLE):
            shutil.copyfile(source / name, folder / name)
        _write(place, ground, spots, cell_weights(spots), folder)


def cell_weights(spots: Spots) -> NDArray[np.float64]:
    """Incidents in proportion to the length of street in a cell."""
    return np.diff(spots.start).astype(np.float64)


def _write(place: PlaceFile, ground: Ground, spots: Spots, weight: NDArray[np.float64], folder: Path) -> None:
    for name in SHARED:
        shutil.copyfile(HERE / name, folder / name)
    write_ground(ground, folder)
    write_demand(weight, assumed_week(), spots, folder)
    facts = place.model_dump(include={"name", "title_zh", "title_en", "code", "timezone", "synthetic"})
    write_card({**facts, **place.volume.model_dump()}, folder)


def _fingerprint(source: Path) -> str:
    """Sixteen characters that change with every input of the place and the code that builds it."""
    files = [path for path in source.rglob("*") if path.is_file() and path.suffix in {".toml", ".csv", ".geojson"}]
    files += [HERE / name for name in SHARED]
    files += [path for pattern in INGREDIENTS for path in HERE.parent.glob(pattern)]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.name}:{hashlib.sha256(path.read_bytes()).hexdigest()};".encode())
    return digest.hexdigest()[:16]


@contextmanager
def _whole_or_not_at_all(out: Path) -> Iterator[Path]:
    """A folder beside ``out`` to write in, which takes its place at the end; on an error it is gone.

    An older place there is replaced. When another process has finished the same place meanwhile, its folder stays.
    """
    if out.exists() and not is_place(out) and (not out.is_dir() or any(out.iterdir())):
        fault = Fault(str(out), None, None, "something that is no place", "a new folder, or the folder of a place")
        raise BadInput(fault, advice="Give --out a folder that does not exist yet.")
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        yield work
        _take_place(work, out)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _take_place(work: Path, out: Path) -> None:
    work.chmod(0o755)
    old = work.with_name(f"{work.name}-old")
    if out.exists():
        out.rename(old)
    try:
        os.rename(work, out)
    except OSError:
        if not is_place(out):
            raise
    shutil.rmtree(old, ignore_errors=True)
