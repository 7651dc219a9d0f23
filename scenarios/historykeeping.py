"""Histories of tickets that are kept for a place, each with the verdict whether one may forecast by it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dispatch.records.reason import Reason
from dispatch.rulebook.calendar import Calendar
from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault, shorten
from simulation.calibration import Band, Verdict
from simulation.forecast import Forecast, fit
from simulation.history import History

CARD, TICKETS = "card.json", "tickets.parquet"


@dataclass(frozen=True, slots=True)
class KeptVerdict:
    """A verdict as it is kept: what screens and papers say of it.

    Attributes
    ----------
    weeks
        Of each week held out its Monday, reports that came, and the low, expected and high of the forecast.
    """

    may_forecast: bool
    reasons: tuple[Reason, ...]
    weeks: tuple[tuple[date, float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class KeptHistory:
    """A history on the shelf.

    Attributes
    ----------
    source
        Name of the file, or of the book, the tickets came from.
    until
        Aware; nothing later is known.
    notes
        What was done to make it clean.
    verdict
        None until somebody has had it judged.
    """

    id: str
    source: str
    tickets: int
    first: datetime
    until: datetime
    notes: tuple[Reason, ...]
    taken_by: str
    taken_at: datetime
    verdict: KeptVerdict | None

    def whole_days(self, zone: tzinfo) -> int:
        """Midnights of the place's clock between the first ticket and the end, as many as whole days can lie there."""
        return (self.until.astimezone(zone).date() - self.first.astimezone(zone).date()).days


class HistoryShelf:
    """Histories below one folder, named by what is in them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def histories(self) -> list[KeptHistory]:
        """The one taken in last first."""
        kept = [_read(path.parent) for path in self.folder.glob(f"*/{CARD}")]
        return sorted(kept, key=lambda one: (one.taken_at, one.id), reverse=True)

    def kept(self, id: str) -> KeptHistory:
        """One of them.

        Raises
        ------
        BadInput
            When it is not there.
        """
        if not id.isalnum() or not (self.folder / id / CARD).is_file():
            raise BadInput(Fault("histories", None, None, f"no history {shorten(id)}", "a history that is kept"))
        return _read(self.folder / id)

    def source(self, id: str) -> str:
        """Where the tickets of one came from; its id when it is not there any more."""
        try:
            return self.kept(id).source
        except BadInput:
            return id

    def add(self, history: History, source: str, by: str, at: datetime) -> KeptHistory:
        """A history kept; the same one again stays as it is."""
        frame = pd.DataFrame(
            {
                "reported_at": history.reported_at,
                "closed_at": history.closed_at,
                "cell": history.cell,
                "category": history.category.astype(str),
                "desk": history.desk.astype(str),
            }
        )
        digest = hashlib.sha256(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
        digest.update(f"{history.until.isoformat()};{history.cells}".encode())
        folder = self.folder / digest.hexdigest()[:16]
        if not (folder / CARD).is_file():
            folder.mkdir(parents=True, exist_ok=True)
            with replacing(folder / TICKETS) as temporary:
                frame.to_parquet(temporary, index=False)
            told = {
                "source": source,
                "tickets": len(history),
                "first": history.reported_at[0].isoformat(),
                "until": history.until.isoformat(),
                "cells": history.cells,
                "removed": history.removed,
                "outside": history.outside,
                "backwards": history.backwards,
                "taken_by": by,
                "taken_at": at.isoformat(),
            }
            _write(folder, told)
        return _read(folder)

    def remove(self, id: str) -> None:
        """A history deleted with its verdict; `BadInput` when it is not there."""
        shutil.rmtree(self.folder / self.kept(id).id)

    def history(self, id: str) -> History:
        """The tickets of one; `BadInput` when it is not there."""
        self.kept(id)
        return _history(self.folder / id)

    def judged(self, id: str, verdict: Verdict) -> KeptHistory:
        """The history with the verdict on it."""
        folder = self.folder / self.kept(id).id
        told = json.loads((folder / CARD).read_text(encoding="utf-8"))
        told["verdict"] = {
            "may_forecast": verdict.may_forecast,
            "reasons": [[reason.code, reason.good, dict(reason.values)] for reason in verdict.reasons],
            "weeks": _weeks(verdict.reports),
        }
        _write(folder, told)
        return _read(folder)

    def forecast(self, id: str, calendar: Calendar) -> Forecast:
        """What is forecast by a history.

        Raises
        ------
        BadInput
            When nobody may: the weeks held out lay more than 5 % off, or it has not been judged.
        """
        verdict = self.kept(id).verdict
        if verdict is None or not verdict.may_forecast:
            found = "no verdict on it yet" if verdict is None else "a verdict that nobody may forecast by it"
            raise BadInput(Fault("history", None, None, found, "weeks held out that were foretold within 5 %"))
        return fit(self.history(id), calendar)


def _weeks(band: Band | None) -> list[list[Any]]:
    if band is None:
        return []
    columns: Sequence[Sequence[float]] = [each.tolist() for each in (band.seen, band.low, band.expected, band.high)]
    return [[monday.isoformat(), *values] for monday, *values in zip(band.begins, *columns, strict=True)]


@lru_cache(maxsize=4)
def _history(folder: Path) -> History:
    """Of files that never change."""
    frame, told = pd.read_parquet(folder / TICKETS), json.loads((folder / CARD).read_text(encoding="utf-8"))
    return History(
        reported_at=pd.DatetimeIndex(frame["reported_at"]),
        closed_at=pd.DatetimeIndex(frame["closed_at"]),
        cell=frame["cell"].to_numpy(dtype=np.int32),
        category=frame["category"].to_numpy(dtype=object),
        desk=frame["desk"].to_numpy(dtype=object),
        until=pd.Timestamp(told["until"]),
        cells=told["cells"],
        removed=told["removed"],
        outside=told["outside"],
        backwards=told["backwards"],
    )


def _read(folder: Path) -> KeptHistory:
    told = json.loads((folder / CARD).read_text(encoding="utf-8"))
    counts = {
        "duplicates_removed": told["removed"],
        "outside_cells": told["outside"],
        "closed_at_once": told["backwards"],
    }
    return KeptHistory(
        id=folder.name,
        source=told["source"],
        tickets=told["tickets"],
        first=datetime.fromisoformat(told["first"]),
        until=datetime.fromisoformat(told["until"]),
        notes=tuple(Reason(code, None, {"count": n, "kept": told["tickets"]}) for code, n in counts.items() if n),
        taken_by=told["taken_by"],
        taken_at=datetime.fromisoformat(told["taken_at"]),
        verdict=_verdict(told.get("verdict")),
    )


def _verdict(told: dict[str, Any] | None) -> KeptVerdict | None:
    if told is None:
        return None
    reasons = tuple(Reason(code, good, values) for code, good, values in told["reasons"])
    weeks = tuple((date.fromisoformat(monday), *values) for monday, *values in told["weeks"])
    return KeptVerdict(told["may_forecast"], reasons, weeks)


def _write(folder: Path, told: dict[str, Any]) -> None:
    with replacing(folder / CARD) as temporary:
        temporary.write_text(json.dumps(told, ensure_ascii=False) + "\n", encoding="utf-8")
