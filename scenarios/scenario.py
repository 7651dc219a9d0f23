"""Open a place: one that comes with GridBeat, by name, or one that somebody built, by its folder."""

from __future__ import annotations

import os
from pathlib import Path

from gis.schemas import BadInput, Fault, shorten
from scenarios.builder import HERE, built_folder, built_in, folder_of
from scenarios.folder import is_place, read_folder
from scenarios.place import CertificateField, Scenario

__all__ = ["CertificateField", "Scenario", "built_in", "home", "is_built", "load", "source_of"]


def home() -> Path:
    """Where built places and databases live: ``$GRIDBEAT_HOME``, or ``.gridbeat`` under the current folder."""
    return Path(os.environ.get("GRIDBEAT_HOME") or ".gridbeat").absolute()


def load(name_or_folder: str | Path) -> Scenario:
    """The place of that name, built on first use into `home`, or the place that a folder holds.

    Raises
    ------
    BadInput
        When it is neither a built-in name nor the folder of a built place, or the place's files are faulty.
    """
    if str(name_or_folder) in built_in():
        return read_folder(built_folder(str(name_or_folder), home()))
    folder = Path(name_or_folder)
    if is_place(folder):
        return read_folder(folder)
    raise BadInput(
        Fault("place", None, None, shorten(name_or_folder), f"one of {', '.join(built_in())} or the folder of a place"),
        advice="A folder is made by: gridbeat place build --name NAME --streets NET --out DIR.",
    )


def source_of(name_or_folder: str) -> Path:
    """The folder a place's lists are read from: a built-in one's description, else the folder itself."""
    return HERE / name_or_folder if name_or_folder in built_in() else Path(name_or_folder)


def is_built(name_or_folder: str | Path) -> bool:
    """Whether `load` opens it at once: what is no built-in name is never built on the way."""
    return str(name_or_folder) not in built_in() or is_place(folder_of(str(name_or_folder), home()))
