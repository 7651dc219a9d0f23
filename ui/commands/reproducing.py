"""``gridbeat reproduce``: the published figures beside ours, on the terminal, as JSON and as a workbook."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault, shorten
from scenarios.reproduced.models import Cities
from scenarios.reproduced.table import PLACES, QUICK, Kind, Line, Means, Row, left_out, lines, reproduced
from ui.commands.output import check_output, last_line, steps
from ui.services.figurespaper import number, workbook
from ui.wording import Language, Wording, wording


def reproduce(
    place: str | None, only: str | None, quick: bool, seed: int, out: Path | None, xlsx: Path | None, language: str
) -> None:
    """Print the table, and write it where asked.

    Raises
    ------
    BadInput
        When the place or what is asked for does not exist, or a file cannot be written.
    """
    asked = wanted(place, only)
    for path in filter(None, (out, xlsx)):
        check_output(path, *(other for other in (out, xlsx) if other is not path))
    if xlsx is not None and xlsx.suffix.lower() != ".xlsx":
        raise BadInput(Fault(xlsx.name, None, None, f"the ending {shorten(xlsx.suffix)}", "a name ending in .xlsx"))
    means = Means(QUICK.draws, QUICK.replications, seed) if quick else Means(seed=seed)
    w = wording(Language(language))
    rows: list[Row] = []
    click.echo(heading(w))
    with steps("reproduce", len(asked)) as step:
        for row in reproduced(asked, means, Cities(), step):
            rows.append(row)
            click.echo(said(row, w))
    if out is not None:
        _write(out, lambda path: path.write_text(_json(rows), encoding="utf-8"))
    if xlsx is not None:
        left = [one for one in left_out() if place in (None, one.place)]
        content = workbook(rows, left, means, w)
        _write(xlsx, lambda path: path.write_bytes(content))
    inside = sum(row.inside for row in rows)
    last_line({"figures": len(rows), "inside": inside, "outside": len(rows) - inside, "seed": seed})


def wanted(place: str | None, only: str | None) -> list[Line]:
    """The lines of the table that are asked for.

    Raises
    ------
    BadInput
        When the place, the kind or the figure is none.
    """
    if place is not None and place not in PLACES:
        raise BadInput(Fault("place", None, None, shorten(place), f"one of {', '.join(PLACES)}"))
    found = [line for line in lines() if place in (None, line.place) and only in (None, line.kind.value, line.figure)]
    if not found:
        kinds = ", ".join(kind.value for kind in Kind)
        raise BadInput(Fault("--only", None, None, shorten(only or ""), f"{kinds}, or the name of a figure there"))
    return found


def heading(w: Wording) -> str:
    """What stands above the lines of `said`."""
    place, figure, published, ours = (
        w(f"reproduce.column_{name}") for name in ("place", "figure", "published", "value")
    )
    return f"{place:<10} {figure:<34} {published:>8} {ours:>8}"


def said(row: Row, w: Wording) -> str:
    """One figure in a line, and below it what moves it most."""
    line = row.line
    between = f" [{number(row.interval[0])} – {number(row.interval[1])}]" if row.interval else ""
    mark = w(f"reproduce.{'inside' if row.inside else 'outside'}")
    kind = w(f"reproduce.{line.kind.value}")
    first = (
        f"{line.place:<10} {line.figure:<34} {number(row.published):>8} {number(row.value):>8}{between}  {kind}, {mark}"
    )
    if not row.moves:
        return first
    names = {one.id: w.pick(one.text_zh, one.text_en) for one in row.assumptions}
    most = row.moves[0]
    moved = w("reproduce.moved", assumption=names[most.assumption], low=number(most.low), high=number(most.high))
    return f"{first}\n{'':<11}{moved}"


def _json(rows: Sequence[Row]) -> str:
    return json.dumps([_told(row) for row in rows], indent=1, ensure_ascii=False) + "\n"


def _told(row: Row) -> dict[str, Any]:
    line = row.line
    return {
        "place": line.place,
        "figure": line.figure,
        "source_document": row.document,
        "sentence": row.quote,
        "published": row.published,
        "value": row.value,
        "interval": list(row.interval) if row.interval else None,
        "inside": row.inside,
        "kind": line.kind.value,
        "tolerance": line.tolerance or None,
        "assumption": "; ".join([line.note_en, *(one.text_en for one in row.assumptions)]),
        "moves": {move.assumption: [move.low, move.high] for move in row.moves},
    }


def _write(path: Path, write: Callable[[Path], object]) -> None:
    with replacing(path) as temporary:
        write(temporary)
