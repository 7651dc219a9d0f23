"""The verdict on a history of tickets, as findings to hand over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from dispatch.review.book import Value
from scenarios.historykeeping import KeptHistory, KeptVerdict
from simulation.calibration import REPLICATIONS
from ui.services.findings import Findings, Part
from ui.wording import Wording

SEED = 0
"""Of the draws that a verdict is made of."""


@dataclass(frozen=True)
class HistoryReport:
    """A history that was judged, in the reader's words; ``first`` and ``until`` are days."""

    kept: KeptHistory
    verdict: KeptVerdict
    said: Sequence[str]
    first: str
    until: str
    place: str
    place_hash: str
    made_up: str
    made_at: datetime


def findings(report: HistoryReport, w: Wording) -> Findings:
    """Whether one may forecast by it and why, and each week that was held out."""
    kept, verdict = report.kept, report.verdict
    header = [w(f"staffing.{name}") for name in ("week", "week_seen", "week_expected", "week_band")]
    columns = [*header[:3], w("staffing.week_low"), w("staffing.week_high")]
    weeks = Part(
        w("staffing.weeks"),
        (),
        header,
        [
            (monday.isoformat(), f"{seen:,.0f}", f"{expected:,.0f}", f"{low:,.0f}–{high:,.0f}")
            for monday, seen, low, expected, high in verdict.weeks
        ],
        columns,
        [(monday, seen, expected, low, high) for monday, seen, low, expected, high in verdict.weeks],
    )
    said = w("staffing.verdict_may" if verdict.may_forecast else "staffing.verdict_may_not")
    trace: list[tuple[str, Value]] = [
        (w("staffing.history_id"), kept.id),
        (w("staffing.sheet_place_hash"), report.place_hash),
        (w("staffing.sheet_seed"), SEED),
        (w("staffing.sheet_replications"), REPLICATIONS),
    ]
    return Findings(
        w("staffing.history_title", place=report.place),
        [
            (w("staffing.history_source"), f"{kept.source} · {kept.id}"),
            (w("staffing.history_tickets"), f"{kept.tickets:,} · {report.first} – {report.until}"),
            (w("staffing.report_place"), f"{report.place} · {report.place_hash}"),
            (w("staffing.report_made"), report.made_at.isoformat(" ", "minutes")),
        ],
        [Part(w("staffing.report_verdict"), [said, *report.said]), weeks],
        (),
        trace,
        w(
            "staffing.history_mark",
            history=kept.id,
            place=report.place_hash,
            seed=SEED,
            n=REPLICATIONS,
            version=version("gridbeat"),
        ),
        report.made_up,
        report.made_at,
    )
