"""``gridbeat place build``: a place out of anybody's streets."""

from __future__ import annotations

import re
from pathlib import Path

from scenarios.builder import build_from_files
from scenarios.scenario import load
from ui.commands.output import last_line


def build(name: str, streets: Path, outline: Path | None, seed: int, out: Path) -> None:
    """Cut cells, write the place's folder, and say what is in it."""
    build_from_files(_word(name), streets, outline, seed, out)
    built = load(out)
    area_m2 = built.cells["area_m2"]
    last_line(
        {
            "name": built.name,
            "cells": len(built.cells),
            "median_cell_m2": round(float(area_m2.median())),
            "area_km2": round(float(area_m2.sum()) / 1e6, 3),
            "streets": len(built.streets.lines()),
        }
    )


def _word(name: str) -> str:
    """The name as places are called: small letters, digits and _; people may write it as they like.

    >>> _word("Boston (Central)")
    'boston_central'
    >>> _word("海曙 2")
    'place_2'
    """
    word = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:30]
    return word if re.match(r"[a-z].", word) else f"place_{word}".rstrip("_")
