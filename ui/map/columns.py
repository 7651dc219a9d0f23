"""Columns as bytes: many rows to the browser without JSON.

The container, little-endian throughout:

====================  ==================================================================
bytes 0-3             ``GBC1``
bytes 4-7             length h of the header, uint32
bytes 8 to 8+h        header, JSON: ``{"n": rows, "columns": [[name, kind, count, at]]}``
then                  zero bytes up to a multiple of 8: here the body begins
body                  each column at its ``at`` bytes into the body, a multiple of 8
====================  ==================================================================

``kind`` is ``u1 u2 u4 i4 f4 f8``, ``count`` then counts numbers; or ``json``, ``count`` then counts bytes. Columns
named ``xy`` hold longitude and latitude in turn, whole numbers of 1e-7 degrees (1.1 cm), see :func:`degrees`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

MAGIC = b"GBC1"
KINDS = frozenset({"u1", "u2", "u4", "i4", "f4", "f8"})
STEPS_PER_DEGREE = 10_000_000


def pack(n: int, **columns: NDArray[Any] | Sequence[Any]) -> bytes:
    """One table as bytes; equal columns give equal bytes.

    Parameters
    ----------
    n
        Rows. Columns need not have n numbers: ring coordinates have more.
    **columns
        Arrays of a kind named in the module's table, written as they are; any other sequence becomes JSON.

    Raises
    ------
    ValueError
        When an array's kind is not in the table, or JSON meets NaN.

    Examples
    --------
    >>> pack(2, cls=np.array([0, 3], dtype=np.uint8))[:4]
    b'GBC1'
    """
    directory: list[list[str | int]] = []
    body = bytearray()
    for name, column in columns.items():
        kind, count, raw = _raw(name, column)
        directory.append([name, kind, count, len(body)])
        body += raw + bytes(-len(raw) % 8)
    header = _json({"n": n, "columns": directory})
    start = MAGIC + struct.pack("<I", len(header)) + header
    return start + bytes(-len(start) % 8) + bytes(body)


def degrees(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int32]:
    """Longitudes and latitudes in turn, in 1e-7 degrees, shape (2n,).

    Raises
    ------
    ValueError
        When one is not a finite number of degrees within ±180 and ±90.
    """
    lonlat = np.column_stack([np.asarray(lon, np.float64), np.asarray(lat, np.float64)])
    if not np.all(np.abs(lonlat) <= (180.0, 90.0)):
        bad = lonlat[~np.all(np.abs(lonlat) <= (180.0, 90.0), axis=1)][0]
        raise ValueError(f"{bad[0]}, {bad[1]} is no place: longitude is within ±180, latitude within ±90 degrees.")
    return np.rint(lonlat * STEPS_PER_DEGREE).astype(np.int32).ravel()


def _raw(name: str, column: NDArray[Any] | Sequence[Any]) -> tuple[str, int, bytes]:
    if not isinstance(column, np.ndarray):
        text = _json(list(column))
        return "json", len(text), text
    kind = f"{column.dtype.kind}{column.dtype.itemsize}"
    if kind not in KINDS:
        raise ValueError(f"column {name} is {column.dtype}; the map reads {', '.join(sorted(KINDS))}.")
    return kind, column.size, column.astype(f"<{kind}", order="C").tobytes()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
