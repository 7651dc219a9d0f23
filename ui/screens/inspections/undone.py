"""Checks without a visit: each with its reason and what doing it all the same would take."""

from __future__ import annotations

from collections.abc import Sequence

from dispatch.records.inspection import Undone
from ui.panel.component import panel, render
from ui.screens.inspections.looking import Look

SHOWN = 200


def show_undone(look: Look, undone: Sequence[Undone]) -> None:
    """The table, or that everything has a visit."""
    rows = [
        (
            look.check(look.items[each.item]) if each.item in look.items else each.item,
            look.name(look.items[each.item].premises) if each.item in look.items else "",
            look.tell.w(f"inspections.why_{each.reason}"),
            price(look, each.price),
        )
        for each in undone[:SHOWN]
    ]
    html = render("inspections/undone.html", w=look.tell.w, rows=rows, n=len(undone), more=max(0, len(undone) - SHOWN))
    panel(html, key="inspections-undone", theme=look.theme)


def price(look: Look, price: str) -> str:
    """``35 minutes`` in words, one of them without the plural's s."""
    amount, _, unit = price.partition(" ")
    words = look.tell.w(f"inspections.unit_{unit}") if unit else ""
    return f"{amount} {words.removesuffix('s') if amount == '1' else words}" if unit else ""
