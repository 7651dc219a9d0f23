"""``gridbeat place build``: a place out of anybody's streets."""

from __future__ import annotations

from pathlib import Path

from scenarios.builder import build_from_files
from scenarios.scenario import load
from ui.commands.output import last_line


def build(name: str, streets: Path, outline: Path | None, seed: int, out: Path) -> None:
    """Cut cells, write the place's folder, and say what is in it."""
    build_from_files(name=name, streets=streets, outline=outline, seed=seed, out=out)
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
