"""Open a place: one that comes with GridBeat, by name, or one that somebody built, by its folder."""

from __future__ import annotations

import os
from pathlib import Path

from gis.schemas import BadInput, Fault, shorten
from scenarios.builder import HERE, built_folder, built_in, folder_of, is_built_in, is_city
from scenarios.city import part_name, read_city
from scenarios.folder import AREAS, is_place, read_folder
from scenarios.place import CertificateField, Scenario

__all__ = [
    "CertificateField",
    "Scenario",
    "built_in",
    "home",
    "is_built",
    "is_built_in",
    "load",
    "part_of",
    "source_of",
]


def home() -> Path:
    """Where built places and databases live: ``$GRIDBEAT_HOME``, or ``.gridbeat`` under the current folder."""
    return Path(os.environ.get("GRIDBEAT_HOME") or ".gridbeat").absolute()


def load(name_or_folder: str | Path) -> Scenario:
    """The place of that name, built on first use into `home`, or the place that a folder holds.

    A district of a city has the name of `part_of`.

    Raises
    ------
    BadInput
        When it is neither a built-in name nor the folder of a built place, or the place's files are faulty.
    """
    if is_built_in(str(name_or_folder)):
        return read_folder(built_folder(str(name_or_folder), home()))
    folder = Path(name_or_folder)
    if is_place(folder):
        return read_folder(folder)
    raise BadInput(
        Fault("place", None, None, shorten(name_or_folder), f"one of {', '.join(built_in())} or the folder of a place"),
        advice="A folder is made by: gridbeat place build --name NAME --streets NET --out DIR.",
    )


def part_of(name: str, district: str | None) -> str:
    """The place to open for a name and, in a city, a district by name or code; the city's first unless given.

    Raises
    ------
    BadInput
        When the city has no such district, or a district is named in a place that is no city.
    """
    if is_city(name):
        city = read_city(HERE / name)
        return part_name(name, city.code_of(district or city.place.opens))
    if district is not None:
        raise BadInput(Fault("--district", None, None, shorten(district), f"nothing, since {name} is no city"))
    return name


def source_of(name_or_folder: str) -> Path:
    """The folder a place's lists are read from: a built-in one's description, else the folder itself.

    A city and its districts are described by tables, so theirs is what was built from them.
    """
    if not is_built_in(name_or_folder):
        return Path(name_or_folder)
    described = HERE / name_or_folder
    return described if (described / AREAS).is_file() else built_folder(name_or_folder, home())


def is_built(name_or_folder: str | Path) -> bool:
    """Whether `load` opens it at once: what is no built-in name is never built on the way."""
    return not is_built_in(str(name_or_folder)) or is_place(folder_of(str(name_or_folder), home()))
