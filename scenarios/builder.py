"""Build a place into a folder: from its place.toml, or from anybody's streets."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dispatch.rulebook.matters import read_matters
from dispatch.rulebook.powers import BODY_COLUMNS, POWER_COLUMNS, read_bodies, read_powers
from gis.schemas import BadInput, Fault, shorten
from gis.streets import Streets
from scenarios.drawn import drawn_ground
from scenarios.folder import Ground, is_place, write_card, write_demand, write_ground, write_rows
from scenarios.given import given_ground, made_up_bodies
from scenarios.grown import grown_ground
from scenarios.people import OFFICER_COLUMNS, TEAM_COLUMNS
from scenarios.placefile import PlaceFile, read_place
from scenarios.rhythm import assumed_week
from scenarios.roster import make_roster
from scenarios.spots import find_spots
from scenarios.townlists import expand, read_town_lists, read_town_types
from simulation.demand import Spots
from simulation.streams import stream

HERE = Path(__file__).parent
SHARED = (
    "matters.csv",
    "categories.csv",
    "departments.csv",
    "fields.csv",
    "texts.csv",
    "mix.csv",
    "words.csv",
    "sayings.csv",
    "tasks.csv",
    "discretion.csv",
    "procedures.csv",
    "procedure_facts.csv",
    "holidays.csv",
    "lists.csv",
    "scenes.csv",
    "scene_items.csv",
    "risk_classes.csv",
    "patrol_items.csv",
)
OWN = ("bodies.csv", "powers.csv")
TYPES = "town_types.csv"
PEOPLE = ("officers.csv", "teams.csv")
INGREDIENTS = (
    "scenarios/*.py",
    "gis/c*.py",
    "gis/pieces.py",
    "gis/tiling.py",
    "gis/roadclasses.py",
    "gis/street*.py",
    "simulation/streams.py",
)
"""The code a built place depends on; when it changes, the place is built anew."""


def built_in() -> tuple[str, ...]:
    """Names of the places that come with GridBeat."""
    return tuple(sorted(path.parent.name for path in HERE.glob("*/place.toml")))


def built_folder(name: str, home: Path) -> Path:
    """The folder of a built-in place under ``home``, built now if this version of it is not there yet."""
    folder = folder_of(name, home)
    if not is_place(folder):
        build(HERE / name, folder)
    return folder


def folder_of(name: str, home: Path) -> Path:
    """Where this version of a built-in place lies under ``home`` once it is built."""
    return home / "places" / f"{name}-{_fingerprint(HERE / name)}"


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
        for name in OWN:
            shutil.copyfile(source / name, folder / name)
        if (source / TYPES).exists():
            shutil.copyfile(source / TYPES, folder / TYPES)
        for name in PEOPLE if place.roster is None else ():
            shutil.copyfile(source / name, folder / name)
        _write(place, ground, seed, folder)


def build_on(name: str, streets: Streets, outline_path: Path | None, seed: int, out: Path, title: str = "") -> None:
    """Build a place on somebody's own streets into the new folder ``out``; areas, people and volume are made up.

    Parameters
    ----------
    name
        Lower-case letters, digits and underscores.
    outline_path
        .gpkg, .geojson or .parquet; None is the hull of the streets, 200 m wider.
    title
        How people write the name; the name itself unless given.

    Raises
    ------
    BadInput
        When the outline cannot be read, the name is no such word, or ``out`` holds something that is no place.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,40}", name):
        expected = "a small letter, then small letters, digits and _"
        raise BadInput(Fault("--name", None, None, shorten(name), expected), advice="Try --name shanghai_center.")
    with _whole_or_not_at_all(out) as folder:
        place, ground = given_ground(name, streets, outline_path, seed, title)
        bodies, powers = made_up_bodies(place)
        write_rows(folder / "bodies.csv", BODY_COLUMNS, bodies)
        write_rows(folder / "powers.csv", POWER_COLUMNS, powers)
        _write(place, ground, seed, folder)


def _write(place: PlaceFile, ground: Ground, seed: int, folder: Path) -> None:
    for name in SHARED:
        shutil.copyfile(HERE / name, folder / name)
    if (folder / TYPES).exists():
        take_lists(folder)
    spots = find_spots(ground.cells, ground.streets)
    weight = cell_weights(place, ground, spots, seed)
    if place.roster is not None:
        officers, teams = make_roster(
            place, place.roster, ground, read_bodies(folder / "bodies.csv"), weight, spots, seed
        )
        write_rows(folder / "officers.csv", OFFICER_COLUMNS, officers)
        write_rows(folder / "teams.csv", TEAM_COLUMNS, teams)
    write_ground(ground, folder)
    write_demand(weight, assumed_week(), spots, folder)
    facts = place.model_dump(include={"name", "title_zh", "title_en", "code", "timezone", "synthetic"})
    write_card({**facts, **place.volume.model_dump()}, folder)


def take_lists(folder: Path) -> None:
    """What each type of town takes (``lists.csv``), added to the place's own list of powers."""
    bodies, types = read_bodies(folder / "bodies.csv"), read_town_types(folder / TYPES)
    listed = read_town_lists(folder / "lists.csv", read_matters(folder / "matters.csv"))
    powers = [*read_powers(folder / "powers.csv"), *expand(listed, types, bodies)]
    write_rows(folder / "powers.csv", POWER_COLUMNS, (astuple(power) for power in powers))


def cell_weights(place: PlaceFile, ground: Ground, spots: Spots, seed: int) -> NDArray[np.float64]:
    """Where incidents come from, shape (n,), summing to 1: people of the town, then street fronts, then chance.

    Cells differ by a lognormal factor (0.8 in the logarithm): complaints come from the same corners again and again.
    """
    fronts = np.diff(spots.start).astype(np.float64)
    weight = fronts * stream(seed, place.name, "corners").lognormal(0.0, 0.8, len(fronts))
    town = ground.cells["town"].to_numpy(dtype=object)
    for one in place.town:
        own = town == one.code
        weight[own] *= one.people_k / max(weight[own].sum(), 1e-12)
    return np.asarray(weight / weight.sum())


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
            if old.exists():
                old.rename(out)
            raise
    shutil.rmtree(old, ignore_errors=True)
