"""The folder of a built place: one file a thing, read back in under three seconds."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.records.case import Procedure
from dispatch.rulebook.calendar import WorkingHours
from dispatch.rulebook.competence import read_rulebook
from dispatch.rulebook.lists import read_list
from dispatch.rulebook.matters import Matter
from gis.areas import Areas
from gis.schemas import BadInput, Fault, shorten
from gis.streets import Streets
from scenarios.people import read_officers, read_roster
from scenarios.place import CertificateField, Scenario
from scenarios.rules import read_rules
from simulation.demand import Demand, Spots

CARD = "place.json"
AREAS = "areas.csv"
FORM = 2
"""Version of the folder's form; a folder of another form is built anew or refused."""

COMMUNITY_SUFFIXES = ("村村委会", "社区居委会", "居委会", "村委会")


@dataclass(frozen=True)
class Ground:
    """The geography of a place while it is built."""

    areas: pd.DataFrame
    cells: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    streets: Streets


def is_place(folder: Path) -> bool:
    """Whether a built place lies there."""
    return (folder / CARD).is_file()


def write_ground(ground: Ground, out: Path) -> None:
    """Areas, cells, towns (the cells of each town together), water and streets."""
    ground.areas.to_csv(out / AREAS, index=False)
    ground.cells.to_parquet(out / "cells.parquet", index=False)
    ground.water.to_parquet(out / "water.parquet", index=False)
    towns = ground.cells[["town", "geometry"]].dissolve("town", method="coverage").reset_index()
    names = dict(zip(ground.areas["code"], ground.areas["name"], strict=True))
    towns = towns.rename(columns={"town": "code"})
    towns.insert(1, "name", towns["code"].map(names))
    towns.to_parquet(out / "towns.parquet", index=False)
    ground.streets.save(out / "streets.npz")


def write_demand(weight: NDArray[np.float64], hours: NDArray[np.float64], spots: Spots, out: Path) -> None:
    np.savez_compressed(
        out / "demand.npz",
        cell_weight=weight,
        hour_of_week=hours,
        start=spots.start,
        lon=spots.lon,
        lat=spots.lat,
        room_m=spots.room_m,
    )


def write_card(card: Mapping[str, Any], out: Path) -> None:
    """The place's own facts, last, so that a folder without it is no place."""
    text = json.dumps({"form": FORM, **card}, ensure_ascii=False, indent=1)
    (out / CARD).write_text(text + "\n", encoding="utf-8")


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A CSV list with its header."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def read_folder(folder: Path) -> Scenario:
    """The place that a folder holds.

    Raises
    ------
    BadInput
        When a file is missing, damaged, or contradicts another.
    """
    card = _card(folder)
    try:
        cells = gpd.read_parquet(folder / "cells.parquet")
        water, towns = (gpd.read_parquet(folder / f"{name}.parquet") for name in ("water", "towns"))
        areas = pd.read_csv(folder / AREAS, dtype=str, keep_default_na=False)
        arrays = dict(np.load(folder / "demand.npz"))
    except (OSError, ValueError) as error:
        raise BadInput(
            Fault(folder.name, None, None, shorten(error, 120), "the files that gridbeat place build writes"),
            advice="Build the place again.",
        ) from None
    rulebook = read_rulebook(folder)
    officers = read_officers(folder / "officers.csv")
    names = dict(zip(areas["code"], areas["name"], strict=True))
    near = tuple(plain_name(names.get(code, "")) for code in cells["community"])
    return Scenario(
        name=card["name"],
        title_zh=card["title_zh"],
        title_en=card["title_en"],
        code=card["code"],
        timezone=card["timezone"],
        synthetic=tuple((zh, en) for zh, en in card["synthetic"]),
        areas=Areas(areas, f"{folder.name}/{AREAS}"),
        cells=cells,
        water=water,
        towns=towns,
        streets=Streets.load(folder / "streets.npz"),
        rulebook=rulebook,
        rules=read_rules(folder, rulebook.matters, WorkingHours(zone=ZoneInfo(card["timezone"]))),
        fields=_fields(folder / "fields.csv"),
        officers=tuple(officers.values()),
        roster=read_roster(folder / "teams.csv", officers, rulebook.bodies),
        demand=_demand(folder, card, arrays, rulebook.matters, near),
        open_at_start=card["open_at_start"],
        folder=folder,
    )


def plain_name(name: str) -> str:
    """A community as people say it.

    Examples
    --------
    >>> plain_name("梅园村村委会"), plain_name("澄浪社区")
    ('梅园村', '澄浪社区')
    """
    if name.endswith("村村委会"):
        return name.removesuffix("村委会")
    for suffix in COMMUNITY_SUFFIXES[1:]:
        if name.endswith(suffix):
            return name.removesuffix("居委会").removesuffix("村委会")
    return name


def _card(folder: Path) -> dict[str, Any]:
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        form = card["form"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(Fault(f"{folder.name}/{CARD}", None, None, shorten(error), "the card of a place")) from None
    if form != FORM:
        fault = Fault(f"{folder.name}/{CARD}", None, "form", shorten(form), str(FORM))
        raise BadInput(fault, advice="The place was built by another version; build it again.")
    return dict(card)


def _fields(path: Path) -> dict[str, CertificateField]:
    file, rows = read_list(path, ("code", "name_zh", "name_en"))
    made = [CertificateField(row.text("code"), row.text("name_zh"), row.text("name_en")) for row in rows]
    file.stop_if_faulty()
    return {one.code: one for one in made}


def _demand(
    folder: Path, card: Mapping[str, Any], arrays: dict[str, Any], matters: Mapping[str, Matter], near: tuple[str, ...]
) -> Demand:
    weights = matter_weights(folder / "mix.csv", matters, card["simple"] / card["per_year"])
    simple = np.array([matters[code].procedure is Procedure.SIMPLE for code in weights])
    return Demand(
        cell_weight=arrays["cell_weight"],
        hour_of_week=arrays["hour_of_week"],
        matters=tuple(weights),
        matter_share=np.array(list(weights.values())),
        simple=simple,
        per_year=card["per_year"],
        spots=Spots(arrays["start"], arrays["lon"], arrays["lat"], arrays["room_m"]),
        place_names=near,
        texts=_texts(folder / "texts.csv", weights),
        timezone=card["timezone"],
    )


def matter_weights(path: Path, matters: Mapping[str, Matter], simple_share: float) -> dict[str, float]:
    """Share of each matter: the list's weights, with simple ones together ``simple_share`` and the others the rest."""
    file, rows = read_list(path, ("matter", "weight"))
    weights: dict[str, float] = {}
    for row in rows:
        code = row.text("matter")
        if code not in matters or code in weights:
            row.blame("matter", "a matter of matters.csv, once")
        weights[code] = float(row.text("weight", pattern=r"\d{1,6}(\.\d{1,6})?", expected="a number of 0 or more") or 0)
    file.stop_if_faulty()
    simple = {code: matters[code].procedure is Procedure.SIMPLE for code in weights}
    total = {kind: sum(w for code, w in weights.items() if simple[code] is kind) for kind in (True, False)}
    share = {True: simple_share, False: 1.0 - simple_share}
    return {code: weight / total[simple[code]] * share[simple[code]] for code, weight in weights.items()}


def _texts(path: Path, needed: Iterable[str]) -> dict[str, tuple[str, ...]]:
    file, rows = read_list(path, ("matter", "text", "source"))
    texts: dict[str, tuple[str, ...]] = {}
    for row in rows:
        texts[row.text("matter")] = (*texts.get(row.text("matter"), ()), row.text("text"))
    for code in needed:
        if code not in texts:
            file.blame(None, "matter", f"no sentence for {code}", "at least one for every matter of the mix")
    file.stop_if_faulty()
    return texts
