"""One table of the evaluation, as it stands in the workbook."""

from __future__ import annotations

from dispatch.oversight.supervision import Finding
from dispatch.review.book import Value
from ui.frame import go
from ui.panel.component import panel, render
from ui.screens.oversight.looking import Look
from ui.services.overseeing import report, weights
from ui.services.oversightpaper import Table, said
from ui.services.oversightpaper import tables as all_tables

OF_CASES = ("against_the_law", "step_too_late", "reviewed_by_whoever_decides")
OF_DOORS = ("entered_again",)


def show(look: Look) -> None:
    """The tab's table; a finding leads to its incident or case."""
    w, tab = look.tell.w, look.looking.tab
    html = render(
        "oversight/table.html",
        w=w,
        title=w(f"oversight.{tab}"),
        note=w(f"oversight.{NOTES[tab]}"),
        **cells(table(look, tab)),
        acts=[_act(each) for each in _findings(look)] if tab == "findings" else [],
    )
    kind, _, subject = (panel(html, key=f"oversight-{tab}", theme=look.theme) or "").partition(":")
    if kind == "case":
        go("cases", case=subject)
    if kind == "incident":
        go("story", incident=subject)


def table(look: Look, name: str) -> Table:
    """One of the report's tables."""
    assert look.counted is not None, "the screen waits until it is counted"
    w = look.tell.w
    made = report(look.counted, look.centre.scenario, look.board.teams, weights(), look.board.now, w)
    return all_tables(made, w)[name]


def cells(of: Table) -> dict[str, object]:
    """A table for its template: words, and which columns hold numbers."""
    header, rows = of
    numbers = [bool(rows) and all(_numeric(row[at]) for row in rows) for at in range(len(header))]
    return {"header": header, "rows": [[said(value) for value in row] for row in rows], "numbers": numbers}


def _numeric(value: Value) -> bool:
    return not isinstance(value, str) or value == "–" or value.replace(" / ", "").isdigit()


def _findings(look: Look) -> list[Finding]:
    return list(look.counted.evaluation.findings) if look.counted else []


def _act(finding: Finding) -> str:
    """Where a finding leads; a door that was entered again is told by its row alone."""
    if finding.rule in OF_DOORS:
        return ""
    return f"case:{finding.subject}" if finding.rule in OF_CASES else f"incident:{finding.subject}"


NOTES = {
    "of_town": "how_weighed",
    "of_dispatcher": "how_weighed",
    "of_team": "how_weighed",
    "of_source": "how_counted",
    "gauges": "how_counted",
    "matrix": "how_matrix",
    "bundled": "how_bundled",
    "findings": "how_found",
    "evenness": "how_even",
    "hot_spots": "how_hot",
}
"""What is to be known of each table, by its words."""
