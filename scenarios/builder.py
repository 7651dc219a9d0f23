"""Build a place into a folder: from its place.toml, or from anybody's streets."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.records.team import Role
from dispatch.rulebook.competence import RESERVED
from dispatch.rulebook.lists import read_list
from dispatch.rulebook.matters import read_matters
from dispatch.rulebook.powers import (
    BODY_COLUMNS,
    BODY_OPTIONAL,
    POWER_COLUMNS,
    Body,
    Power,
    read_bodies,
    read_powers,
)
from gis.areas import Level
from gis.crs import Datum
from gis.schemas import BadInput, Fault, shorten
from gis.streets import Streets
from scenarios.city import DISTRICTS, City, district_codes, read_city, write_source, write_types
from scenarios.cityground import city_ground
from scenarios.drawn import drawn_ground
from scenarios.folder import AREAS, Ground, is_place, write_card, write_demand, write_ground, write_rows
from scenarios.given import DISTRICT, Given, given_ground
from scenarios.grown import grown_ground
from scenarios.offices import OFFICE_POWERS, OFFICES, department_powers, departments, governments
from scenarios.ownsheets import OwnAreas, OwnFiles, read_areas, read_people, refuse_unstaffed
from scenarios.people import OFFICER_COLUMNS, TEAM_COLUMNS, read_officers
from scenarios.placefile import PlaceFile, read_place
from scenarios.rhythm import assumed_week
from scenarios.roster import make_roster
from scenarios.spots import find_spots
from scenarios.townlists import TYPE_COLUMNS, expand, read_town_lists, read_town_types, usual_type
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
    "case_documents.csv",
    "case_document_texts.csv",
    "holidays.csv",
    "lists.csv",
    "scenes.csv",
    "scene_items.csv",
    "risk_classes.csv",
    "file_weights.csv",
    "patrol_items.csv",
)
BODIES, POWERS, TYPES, LISTS = "bodies.csv", "powers.csv", "town_types.csv", "lists.csv"
PEOPLE = ("officers.csv", "teams.csv")
BESIDE = ("plan.toml", "desks.csv", "posts.csv", "training.csv", "published.csv")
"""Files of a place that are read where they are and change nothing in what is built."""
ROADS_EVERY_M = 500.0
"""How far apart reports on the roads of a whole city may be made."""
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
    """Names of the places that come with GridBeat; a district of a city among them is not named."""
    return tuple(sorted(path.parent.name for path in HERE.glob("*/place.toml")))


def is_built_in(name: str) -> bool:
    """Whether it is one of `built_in`, or a district of such a city, as ``chongqing_500103``."""
    return name in built_in() or city_and_code(name) is not None


def is_city(name: str) -> bool:
    """Whether it is a built-in place of many districts."""
    return (HERE / name / DISTRICTS).is_file()


def city_and_code(name: str) -> tuple[str, str] | None:
    """The city and the district's code that a name such as ``chongqing_500103`` means."""
    city, _, code = name.rpartition("_")
    return (city, code) if is_city(city) and code in district_codes(HERE / city) else None


def built_folder(name: str, home: Path) -> Path:
    """The folder of a built-in place under ``home``, built now if this version of it is not there yet."""
    folder = folder_of(name, home)
    if not is_place(folder):
        part = city_and_code(name)
        if part is None:
            build(HERE / name, folder)
        else:
            build_district(HERE / part[0], part[1], folder)
    return folder


def folder_of(name: str, home: Path) -> Path:
    """Where this version of a built-in place lies under ``home`` once it is built."""
    city, _ = city_and_code(name) or (name, "")
    return home / "places" / f"{name}-{_fingerprint(HERE / city)}"


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
    if place.ground == "city":
        _build_city(read_city(source), out, place.seed if seed is None else seed)
    else:
        _build(place, source, out, place.seed if seed is None else seed)


def build_district(source: Path, code: str, out: Path) -> None:
    """Build one district of the city that ``source`` describes, as `build` does a place."""
    city = read_city(source)
    with tempfile.TemporaryDirectory() as described:
        write_source(city, code, Path(described))
        _build(city.part(code), Path(described), out, city.place.seed)


def _build(place: PlaceFile, source: Path, out: Path, seed: int) -> None:
    with _whole_or_not_at_all(out) as folder:
        ground = drawn_ground(source) if place.ground == "drawn" else grown_ground(place, source, seed)
        _take_shared(folder)
        for name in (BODIES, POWERS, RESERVED, TYPES, LISTS, *(PEOPLE if place.roster is None else ())):
            if (source / name).exists():
                shutil.copyfile(source / name, folder / name)
        if not (source / BODIES).exists():
            write_offices((place,), ground.areas, folder)
        if (folder / TYPES).exists():
            take_lists((place,), folder)
        _write(place, (place,), ground, seed, folder)


def _build_city(city: City, out: Path, seed: int) -> None:
    """A whole city: offices, lists and people of each district, on a map of towns."""
    whole = city.place.model_copy(update={"town": tuple(town for part in city.parts for town in part.town)})
    with _whole_or_not_at_all(out) as folder:
        ground = city_ground(city, seed)
        _take_shared(folder)
        write_types([town for one in city.districts.values() for town in one.towns], folder / TYPES)
        write_offices(city.parts, ground.areas, folder)
        take_lists(city.parts, folder)
        _write(whole, city.parts, ground, seed, folder)


def build_on(name: str, streets: Streets, own: OwnFiles, seed: int, out: Path, title: str = "") -> None:
    """Build a place on somebody's own streets into the new folder ``out``; what their files do not say is made up.

    Parameters
    ----------
    name
        Lower-case letters, digits and underscores; empty is ``place_`` with the code of the district.
    title
        How people write the name; the name itself unless given.

    Raises
    ------
    BadInput
        When a file cannot be read or does not fit the others, the name is no such word, or ``out`` holds something that
        is no place.
    """
    areas = None if own.areas is None else read_areas(own.areas, own.datum)
    name = name or f"place_{areas.district.code if areas else DISTRICT}"
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,40}", name):
        expected = "a small letter, then small letters, digits and _"
        raise BadInput(Fault("--name", None, None, shorten(name), expected), advice="Try --name shanghai_center.")
    given = Given(own.outline, own.outline_datum, areas, people=own.officers is not None)
    with _whole_or_not_at_all(out) as folder:
        place, ground = given_ground(name, streets, given, seed, title)
        _take_shared(folder)
        names = ground.areas[ground.areas["level"] == Level.TOWN]
        types = ((code, usual_type(name)) for code, name in zip(names["code"], names["name"], strict=True))
        write_rows(folder / TYPES, TYPE_COLUMNS, types)
        write_offices((place,), ground.areas, folder)
        take_lists((place,), folder)
        if own.officers is not None and own.teams is not None:
            _take_people(own.officers, own.teams, own.datum, ground, areas, folder)
        _write(place, (place,), ground, seed, folder)


def _take_people(
    officers: Path, teams: Path, datum: Datum, ground: Ground, areas: OwnAreas | None, folder: Path
) -> None:
    """Officers and teams out of somebody's sheets into the folder of a place."""
    fields = {row.text("code"): row.text("name_zh") for row in read_list(folder / "fields.csv", ("code", "name_zh"))[1]}
    bodies = {body.id: body.name_zh for body in read_bodies(folder / BODIES).values()}
    names = dict(zip(ground.areas["code"], ground.areas["name"], strict=True))
    west, south, east, north = ground.cells.total_bounds.tolist()
    people, crews = read_people(officers, teams, names, bodies, fields, (west, south, east, north), datum)
    if areas is not None:
        refuse_unstaffed(areas, people, officers.name)
    write_rows(folder / "officers.csv", OFFICER_COLUMNS, people)
    write_rows(folder / "teams.csv", TEAM_COLUMNS, crews)


def _take_shared(folder: Path) -> None:
    for name in SHARED:
        shutil.copyfile(HERE / name, folder / name)


def _write(place: PlaceFile, parts: Sequence[PlaceFile], ground: Ground, seed: int, folder: Path) -> None:
    """Everything on the ground, for one district or for the districts of a city."""
    spots = find_spots(ground.cells, ground.streets, *((ROADS_EVERY_M,) if len(parts) > 1 else ()))
    weight = cell_weights(place, ground, spots, seed)
    if place.roster is not None:
        officers, teams = make_roster(parts, ground, read_bodies(folder / BODIES), weight, spots, seed)
        write_rows(folder / "officers.csv", OFFICER_COLUMNS, officers)
        write_rows(folder / "teams.csv", TEAM_COLUMNS, teams)
    refuse_empty_towns(ground.areas, folder / "officers.csv")
    write_ground(ground, folder)
    write_demand(weight, assumed_week(), spots, folder)
    facts = place.model_dump(include={"name", "title_zh", "title_en", "code", "timezone", "synthetic"})
    write_card({**facts, **place.volume.model_dump()}, folder)


def write_offices(parts: Sequence[PlaceFile], areas: pd.DataFrame, folder: Path) -> None:
    """Departments and governments of every district as bodies.csv; their powers before those of powers.csv."""
    names = dict(zip(areas["code"], areas["name"], strict=True))
    bodies: list[Body] = []
    powers: list[Power] = []
    for part in parts:
        prefix = f"{part.code}-" if len(parts) > 1 else ""
        bodies += departments(HERE, part.code, part.called, prefix)
        bodies += governments((town.code, names[town.code], town.name_en) for town in part.town)
        powers += department_powers(HERE, part.code, prefix)
    powers += read_powers(folder / POWERS) if (folder / POWERS).exists() else ()
    write_rows(folder / BODIES, (*BODY_COLUMNS, *BODY_OPTIONAL), map(astuple, bodies))
    write_rows(folder / POWERS, POWER_COLUMNS, map(astuple, powers))


def refuse_empty_towns(areas: pd.DataFrame, officers: Path) -> None:
    """A town in which nobody stands would only ever be late.

    Raises
    ------
    BadInput
        With each town of the areas that has no officer, by its row.
    """
    staffed = {each.town for each in read_officers(officers).values() if each.role is Role.OFFICER}
    faults = [
        Fault(AREAS, row, "code", f"{code} {name} without any officer", f"a town of {officers.name}")
        for row, (code, name, level) in enumerate(areas[["code", "name", "level"]].itertuples(index=False), start=2)
        if level == Level.TOWN and code not in staffed
    ]
    if faults:
        raise BadInput(*faults, advice="Give each of these towns at least one officer, or take it off the areas.")


def take_lists(parts: Sequence[PlaceFile], folder: Path) -> None:
    """What each type of town takes (``lists.csv``), added to the place's own list of powers."""
    bodies, types = read_bodies(folder / BODIES), read_town_types(folder / TYPES)
    listed = read_town_lists(folder / LISTS, read_matters(folder / "matters.csv"))
    powers = list(read_powers(folder / POWERS))
    for part in parts:
        here = {town: kind for town, kind in types.items() if town.startswith(part.code)}
        own = {id: body for id, body in bodies.items() if body.town.startswith(part.code)}
        powers += expand(listed, here, own)
    write_rows(folder / POWERS, POWER_COLUMNS, (astuple(power) for power in powers))


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
    files = [path for path in source.rglob("*") if path.suffix in {".toml", ".csv", ".geojson"}]
    files = [path for path in files if path.is_file() and path.name not in BESIDE]
    files += [HERE / name for name in (*SHARED, OFFICES, OFFICE_POWERS)]
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
