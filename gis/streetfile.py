"""Street pieces in one compact file of our own, exact to the last bit."""

from __future__ import annotations

import os
import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gis.pieces import Pieces
from gis.schemas import BadInput, Fault, shorten

_VERSION = 1
_PLAIN = ("tail", "head", "length_m", "speed_kmh", "road", "along", "against")


def write_pieces(pieces: Pieces, path: Path) -> None:
    """Write to one compressed file (.npz), whole or not at all."""
    names, name_of = np.unique(pieces.name, return_inverse=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.npz")
    try:
        np.savez_compressed(
            unfinished,
            **{key: getattr(pieces, key) for key in _PLAIN},
            version=np.array([_VERSION]),
            lon=_steps(pieces.lon),
            lat=_steps(pieces.lat),
            names=names.astype(np.str_),
            name_of=name_of.astype(np.int32),
            shape_size=np.diff(pieces.shape_start).astype(np.int32),
            shape_lon=_steps(pieces.shape_lon),
            shape_lat=_steps(pieces.shape_lat),
        )
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def stored_pieces(path: Path) -> Pieces:
    """What ``write_pieces`` wrote, equal in every array.

    Raises
    ------
    BadInput
        When the file is missing, damaged, or something else.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            return _pieces(stored)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        fault = Fault(str(path), None, None, shorten(error), "a street network saved by GridBeat")
        raise BadInput(fault, advice="Build the place again, or read the streets from their OSM file.") from error


def _steps(degrees: NDArray[np.float64]) -> NDArray[np.int32]:
    """Differences of successive coordinates in 1e-7°: small numbers, which compress well."""
    units = np.round(degrees * 1e7).astype(np.int64)
    # int32 wraps where a step crosses more than 214°; summing in int32 wraps back.
    return np.diff(units, prepend=0).astype(np.int32)


def _degrees(steps: NDArray[np.int32]) -> NDArray[np.float64]:
    return np.cumsum(steps, dtype=np.int32).astype(np.float64) / 1e7


def _pieces(stored: np.lib.npyio.NpzFile) -> Pieces:
    if int(stored["version"][0]) != _VERSION:
        raise ValueError(f"file version {int(stored['version'][0])}")
    names = stored["names"].tolist()
    start = np.zeros(len(stored["tail"]) + 1, dtype=np.int64)
    start[1:] = np.cumsum(stored["shape_size"])
    return Pieces(
        **{key: stored[key] for key in _PLAIN},
        lon=_degrees(stored["lon"]),
        lat=_degrees(stored["lat"]),
        name=tuple(names[i] for i in stored["name_of"].tolist()),
        shape_start=start,
        shape_lon=_degrees(stored["shape_lon"]),
        shape_lat=_degrees(stored["shape_lat"]),
    )
