"""What stands beside a form that takes a table in: its templates, and what is wrong with the one that came."""

from __future__ import annotations

from collections.abc import Sequence

from ui.panel.component import panel, render
from ui.papers import template_link
from ui.screens.inspections.looking import Look
from ui.services.planfaults import Told
from ui.services.tabletemplates import Table

MOST_FAULTS = 60


def templates(look: Look, *tables: Table) -> None:
    """Links to the templates of these tables."""
    w = look.tell.w
    links = [(template_link(each, w.language), w(f"tables.template_{each}")) for each in tables]
    html = render("inspections/templates.html", w=w, links=links)
    panel(html, key=f"inspections-templates-{tables[0]}", theme=look.theme)


def show_faults(look: Look, told: Sequence[Told]) -> None:
    """A line for each cell that must be mended; nothing when there is none."""
    if told:
        panel(faults_html(look, told), key="inspections-faults", theme=look.theme)


def faults_html(look: Look, told: Sequence[Told]) -> str:
    """The first faults, each with file, row, column, what is there and what should be."""
    shown = told[:MOST_FAULTS]
    more = len(told) - len(shown)
    return render("lists/faults.html", w=look.tell.w, faults=shown, n=len(told), more=more)
