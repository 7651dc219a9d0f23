"""A department's newer sheet before it is taken: what it takes away, what it moves, what it lacks, and two buttons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from dispatch.desk.newer import Newer
from dispatch.desk.plans import ProposedPlan
from dispatch.inspections.due import Check
from dispatch.inspections.plans import Key, PlanLine
from ui.panel.component import panel, render
from ui.said import Said
from ui.screens.inspections.looking import Look, again, span
from ui.wording import Wording

MOST_TOLD = 40


def difference_html(look: Look, proposed: ProposedPlan, rows: int) -> str:
    """The difference line by line, and what of the sheet is not in it: ``rows`` to be mended, checks without room."""
    w, change = look.tell.w, proposed.change
    off = Counter(check.line.key for check in change.off)
    gone = {line.key for line in change.withdrawn}
    fewer = list({check.line.key: check.line for check in change.off if check.line.key not in gone}.values())
    moved = [_moved(look, was, will) for was, will in change.moved[:MOST_TOLD]]
    return render(
        "inspections/newer.html",
        w=w,
        sheet=proposed.file,
        year=proposed.year,
        new=len(change.new),
        changed=len(change.changed),
        same=change.same,
        mended=change.sheet.mended,
        lacking=lacking(w, change, rows),
        groups=[
            (w("inspections.newer_withdrawn"), _lines(look, change.withdrawn, off), len(change.withdrawn)),
            (w("inspections.newer_fewer"), _lines(look, fewer, off), len(fewer)),
            (w("inspections.newer_moved"), moved, len(change.moved)),
        ],
    )


def lacking(w: Wording, change: Newer, rows: int) -> list[str]:
    """A sentence for what cannot be taken, and one for what the caps leave no room for, in whosever plan."""
    counts = {"plan_to_mend": rows, "plan_left_out": sum(change.left_out.values())}
    return [w(f"inspections.{key}", n=n) for key, n in counts.items() if n]


def show(look: Look, proposed: ProposedPlan, rows: int) -> None:
    """The difference; nothing is changed by looking."""
    panel(difference_html(look, proposed, rows), key="inspections-newer", theme=look.theme)


def ask(look: Look, take: Callable[[], None], drop: Callable[[], None]) -> None:
    """Take the sheet, or put it away."""
    w = look.tell.w
    with st.container(key="inspections-newer-acts"):
        if st.button(w("inspections.newer_take"), key="inspections-newer-take", type="primary", width="stretch"):
            take()
        if st.button(w("inspections.newer_drop"), key="inspections-newer-drop", width="stretch"):
            drop()
            look.looking.said(Said(w("inspections.newer_dropped"), True))
            again()


def _lines(look: Look, lines: Sequence[PlanLine], off: Mapping[Key, int]) -> list[tuple[str, str, str]]:
    """The first of them, each with how many of its checks go."""
    w = look.tell.w
    return [
        (
            look.name(line.premises),
            look.item(line.item),
            w("inspections.newer_off", line=line.id, n=off.get(line.key, 0)),
        )
        for line in lines[:MOST_TOLD]
    ]


def _moved(look: Look, was: Check, will: Check) -> tuple[str, str, str]:
    words = f"{span(was.earliest, was.latest)} → {span(will.earliest, will.latest)}"
    return look.name(was.line.premises), look.item(was.line.item), words
