"""``gridbeat evaluate``: the evaluation of a week, a month or a quarter from a casebook, as workbook and document."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from dispatch.oversight.evaluation import Evaluation, Period
from dispatch.oversight.marks import read_weights
from dispatch.store.casebook import open_casebook
from gis.schemas import BadInput, Fault
from scenarios.binding import place_of
from scenarios.builder import HERE
from scenarios.scenario import load
from ui.commands.output import last_line, whole_folder
from ui.services.overseeing import Span, count, report
from ui.services.oversightpaper import document, workbook
from ui.wording import Language, wording


def run(db: str, period: str, before: date | None, weights: Path | None, language: str, out: Path) -> None:
    """Write evaluation.xlsx and evaluation.docx into a new folder, and say what was counted.

    Raises
    ------
    BadInput
        When the database belongs to no place, the weights are faulty, the day is yet to come, or the folder is there.
    """
    weighed = read_weights(weights or HERE / "weights.csv")
    with whole_folder(out) as folder, open_casebook(db, create=False) as casebook:
        name = place_of(casebook)
        if name is None:
            raise BadInput(Fault("database", None, None, "no place", "a casebook that belongs to a place"))
        scenario, w = load(name), wording(Language(language))
        now = datetime.now(UTC)
        today = now.astimezone(ZoneInfo(scenario.timezone)).date()
        if before is not None and before > today:
            raise BadInput(Fault("--before", None, None, str(before), f"a day up to today, {today}"))
        span = Span(Period(period), *Period(period).last_before(before or today))
        counted = count(casebook, scenario, scenario.rules, span, now)
        made = report(counted, scenario, {team.id: team for team in casebook.teams()}, weighed, now, w)
        (folder / "evaluation.xlsx").write_bytes(workbook(made, w))
        (folder / "evaluation.docx").write_bytes(document(made, w))
    last_line(_told(counted.evaluation, span))


def _told(found: Evaluation, span: Span) -> dict[str, object]:
    return {
        "first_day": span.first.isoformat(),
        "day_after": span.end.isoformat(),
        "incidents": found.incidents,
        "findings": len(found.findings),
        "hot_spots": len(found.hot_spots),
        "gauges": {name: [share.kept, share.of] for name, share in found.gauges.items()},
    }
