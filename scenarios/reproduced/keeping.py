"""What figures came to, kept in a file: nobody waits twice for what rests on the same places and assumptions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

from gis.mapfiles import replacing
from scenarios.builder import HERE
from scenarios.reproduced.prediction import Move
from scenarios.reproduced.table import Line, Means, Met, carried

FORM = 1
"""Of what is kept; grows when a figure means something else, so that nobody reads the old ones."""


class KeptFigures:
    """What each figure came to, by the line and the means it was worked out with.

    A file that is none, or of another form, is as good as no file: everything is worked out again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()

    def all_of(self, lines: Iterable[Line], means: Means) -> dict[Line, Met | None]:
        """Each line's; None where it was never worked out, or what it rests on has changed since."""
        kept = self._read()
        return {line: _met(kept.get(key_of(line, means))) for line in lines}

    def keep(self, line: Line, means: Means, met: Met) -> None:
        """Stored at once; what was kept of other lines stays."""
        self._write({key_of(line, means): asdict(met)})

    def drop(self, lines: Iterable[Line], means: Means) -> None:
        """These are to be worked out anew."""
        self._write({key_of(line, means): None for line in lines})

    def _write(self, changed: dict[str, Any]) -> None:
        with self._lock:
            kept = {name: told for name, told in (self._read() | changed).items() if told is not None}
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self.path) as temporary:
                temporary.write_text(json.dumps(kept), encoding="utf-8")

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}


def key_of(line: Line, means: Means) -> str:
    """Names all that a figure rests on, the published value not among it: 16 hexadecimal digits."""
    rests = (FORM, version("gridbeat"), line.place, line.figure, line.kind, line.measure)
    assumed = [(one.id, one.low, one.usual, one.high) for one in carried(line).values()]
    content = json.dumps([rests, assumed, asdict(means), _files_of(line.place)])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _met(told: dict[str, Any] | None) -> Met | None:
    if told is None:
        return None
    low_high = tuple(told["interval"] or ())
    return Met(told["value"], low_high or None, tuple(Move(**move) for move in told["moves"]))


@cache
def _files_of(place: str) -> str:
    """Digest of the lists and plans that come with a place."""
    digest = hashlib.sha256()
    for path in sorted(_files(HERE / place)):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for where in (HERE, folder):
        for ending in ("*.csv", "*.toml"):
            yield from (path for path in where.glob(ending) if path.name != "published.csv")
