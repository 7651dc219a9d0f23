"""Which place a casebook belongs to: another place's incidents would lie outside every cell."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from dispatch.store.casebook import Casebook
from gis.schemas import BadInput, Fault
from scenarios.builder import built_folder
from scenarios.folder import AREAS, CARD
from scenarios.scenario import Scenario, home, is_built_in, source_of


def bind(casebook: Casebook, scenario: Scenario, *, actor: str, at: datetime) -> None:
    """Write the place into a new casebook, or refuse one that belongs to another.

    Raises
    ------
    BadInput
        When the casebook belongs to another place.
    """
    kept = casebook.setting("place")
    if kept not in (None, scenario.name):
        raise BadInput(
            Fault("database", None, None, f"the place {kept}", scenario.name),
            advice=f"Use --place {place_of(casebook)}, or another database.",
        )
    folder = "" if is_built_in(scenario.name) else str(scenario.folder.absolute())
    for name, value in (("place", scenario.name), ("place_folder", folder)):
        if casebook.setting(name) != value:
            casebook.set_setting(name, value, actor=actor, at=at)


def place_of(casebook: Casebook) -> str | None:
    """What ``scenarios.scenario.load`` opens for this casebook: a name, a folder, or None for a new book."""
    return casebook.setting("place_folder") or casebook.setting("place")


def zone_of(casebook: Casebook) -> ZoneInfo:
    """Where the place of this casebook keeps its calendar; China's when the place is not there any more."""
    place = place_of(casebook)
    file = None if place is None else (built_folder(place, home()) if is_built_in(place) else Path(place)) / CARD
    card = json.loads(file.read_text(encoding="utf-8")) if file is not None and file.is_file() else {}
    return ZoneInfo(card.get("timezone", "Asia/Shanghai"))


def area_names(casebook: Casebook) -> dict[str, str]:
    """Names of the areas of this casebook's place by code; empty when the place's folder is not there any more."""
    place = place_of(casebook)
    file = source_of(place) / AREAS if place is not None else None
    if file is None or not file.is_file():
        return {}
    areas = pd.read_csv(file, dtype=str, keep_default_na=False)
    return dict(zip(areas["code"], areas["name"], strict=True))
