"""``gridbeat evaluate``: the evaluation of a week, a month or a quarter from a casebook, as workbook and document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from dispatch.oversight.evaluation import Evaluation, Ground, Period, evaluate
from dispatch.oversight.marks import read_weights
from dispatch.store.casebook import Casebook, open_casebook
from gis.schemas import BadInput, Fault
from scenarios.binding import place_of
from scenarios.builder import HERE
from scenarios.rules import Named
from scenarios.scenario import Scenario, load
from ui.commands.output import last_line, whole_folder
from ui.services.oversightpaper import Report, document, workbook
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
        scenario, said = load(name), Language(language)
        zone, now = ZoneInfo(scenario.timezone), datetime.now(UTC)
        today = now.astimezone(zone).date()
        if before is not None and before > today:
            raise BadInput(Fault("--before", None, None, str(before), f"a day up to today, {today}"))
        first, end = Period(period).last_before(before or today)
        since, until = (datetime.combine(day, time(), zone) for day in (first, end))
        found = evaluate(casebook, _ground(scenario), since, until)
        report = Report(
            evaluation=found,
            weights=weighed,
            place=wording(said).pick(scenario.title_zh, scenario.title_en),
            towns={code: scenario.areas.name(code) for code in scenario.areas.towns},
            departments=_named(scenario.rules.departments, said),
            teams={team.id: team.name for team in casebook.teams()},
            matters={code: wording(said).pick(m.name_zh, m.name_en) for code, m in scenario.rulebook.matters.items()},
            head=_head(casebook),
            made_up=wording(said)("app.and").join(wording(said).pick(zh, en) for zh, en in scenario.synthetic),
            made_at=now,
            zone=zone,
        )
        (folder / "evaluation.xlsx").write_bytes(workbook(report, wording(said)))
        (folder / "evaluation.docx").write_bytes(document(report, wording(said)))
    last_line(_told(found, first, end))


def _ground(scenario: Scenario) -> Ground:
    rules = scenario.rules
    return Ground(scenario.rulebook.matters, rules.procedures, scenario.office, rules.calendar, scenario.cells)


def _named(names: Mapping[str, Named], said: Language) -> dict[str, str]:
    return {code: wording(said).pick(each.name_zh, each.name_en) for code, each in names.items()}


def _head(casebook: Casebook) -> str:
    last = casebook.latest_entries(1)
    return last[0].hash if last else ""


def _told(found: Evaluation, first: date, end: date) -> dict[str, object]:
    return {
        "first_day": first.isoformat(),
        "day_after": end.isoformat(),
        "incidents": found.incidents,
        "findings": len(found.findings),
        "hot_spots": len(found.hot_spots),
        "gauges": {name: [share.kept, share.of] for name, share in found.gauges.items()},
    }
