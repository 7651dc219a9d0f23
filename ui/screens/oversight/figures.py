"""Published figures of the five places beside ours: which are met, which are not, and on what each of ours rests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from scenarios.reproduced.table import PLACES, Kind, Left, Line, Row, figure_name, left_out, published_value
from ui.panel.component import panel, render
from ui.papers import figures_link
from ui.screens.oversight.looking import Look, again
from ui.services.figures import MEANS, Figures, figures
from ui.services.figurespaper import number

ANY = ""
STANDS = ("inside", "outside", "waits", "left_out")
"""How a figure stands: ours is as near as said, is not, is not worked out yet; or no software carries it."""


def show(look: Look) -> None:
    found = figures()
    rows = found.rows(look.looking.much)
    with st.container(key="oversight-choose", horizontal=True):
        place, kind, stands = _filters(look)
        _means(look, found, rows)
    left, right = st.columns([8, 5], gap="small")
    with left:
        _table(look, rows, place, kind, stands)
    with right:
        _about(look, rows)


def _filters(look: Look) -> tuple[str, str, str]:
    return (
        _filter(look, "place", PLACES, "reproduce.place_"),
        _filter(look, "kind", [each.value for each in Kind], "reproduce."),
        _filter(look, "stands", STANDS, "reproduce."),
    )


def _filter(look: Look, name: str, choices: Sequence[str], words: str) -> str:
    """One of the choices, or ``ANY``; what they are called begins with ``words``."""
    w = look.tell.w
    chosen = st.selectbox(
        w(f"reproduce.filter_{name}"),
        (ANY, *choices),
        format_func=lambda each: w(f"{words}{each}") if each else w(f"reproduce.any_{name}"),
        label_visibility="collapsed",
        key=f"oversight-figures-{name}",
        width=150,
    )
    return chosen or ANY


def _means(look: Look, found: Figures, rows: Mapping[Line, Row | None]) -> None:
    """How much is played, the errand that plays it, and the table as a workbook."""
    w, view = look.tell.w, look.looking
    much = st.selectbox(
        w("reproduce.much"),
        list(MEANS),
        index=list(MEANS).index(view.much),
        format_func=lambda each: w(f"reproduce.much_{each}"),
        label_visibility="collapsed",
        key="oversight-figures-much",
        width=240,
    )
    if much and much != view.much:
        view.much = much
        again()
    errand = found.errand
    html = render(
        "oversight/figures_head.html",
        w=w,
        running=errand is not None and errand.running,
        stopping=errand is not None and errand.stopping,
        failed=errand is not None and errand.failed,
        share=round(100 * errand.share) if errand is not None else 0,
        now=_named(look, errand.now) if errand is not None and errand.now is not None else "",
        missing=sum(row is None for row in rows.values()),
        some=any(rows.values()),
        link=figures_link(view.much, w.language),
    )
    act = panel(html, key="oversight-figures-head", theme=look.theme)
    if act in ("work", "anew"):
        found.work_out(view.much, anew=act == "anew").wait(1.0)
        again()
    if act == "stop" and errand is not None:
        errand.stop()
        again()


def _table(look: Look, rows: Mapping[Line, Row | None], place: str, kind: str, stands: str) -> None:
    w, view = look.tell.w, look.looking
    shown = [
        _cells(look, line, row)
        for line, row in rows.items()
        if place in (ANY, line.place) and kind in (ANY, line.kind) and stands in (ANY, _stands(row))
    ]
    if not kind and stands in (ANY, "left_out"):
        shown += [_left(look, one) for one in left_out() if place in (ANY, one.place)]
    html = render(
        "oversight/figures.html",
        w=w,
        rows=shown,
        chosen=view.figure,
        inside=sum(row is not None and row.inside for row in rows.values()),
        outside=sum(row is not None and not row.inside for row in rows.values()),
    )
    name, _, figure = (panel(html, key="oversight-figures", theme=look.theme) or "").partition(":")
    if name == "figure" and figure != view.figure:
        view.figure = figure
        again()


def _stands(row: Row | None) -> str:
    if row is None:
        return "waits"
    return "inside" if row.inside else "outside"


def _cells(look: Look, line: Line, row: Row | None) -> dict[str, object]:
    w, (published, figure) = look.tell.w, published_value(line.place, line.figure)
    return {
        "key": _key(line),
        "place": w(f"reproduce.place_{line.place}"),
        "quote": figure.quote,
        "name": w.pick(*figure_name(line.place, line.figure)),
        "document": figure.document,
        "published": number(published),
        "ours": number(row.value) if row else "–",
        "between": _between(row),
        "kind": w(f"reproduce.{line.kind}"),
        "stands": _stands(row),
    }


def _key(line: Line) -> str:
    """One figure may be both counted and simulated, on two lines."""
    return f"{line.place}/{line.figure}/{line.kind}"


def _left(look: Look, one: Left) -> dict[str, object]:
    w, (published, figure) = look.tell.w, published_value(one.place, one.figure)
    return {
        "key": f"{one.place}/{one.figure}",
        "place": w(f"reproduce.place_{one.place}"),
        "quote": figure.quote,
        "name": w.pick(*figure_name(one.place, one.figure)),
        "document": figure.document,
        "published": number(published),
        "ours": "–",
        "between": "",
        "kind": "–",
        "stands": "left_out",
    }


def _between(row: Row | None) -> str:
    return f"{number(row.interval[0])} – {number(row.interval[1])}" if row is not None and row.interval else ""


def _about(look: Look, rows: Mapping[Line, Row | None]) -> None:
    """The figure that is chosen: the document's words, how ours comes about, and how it moves with what is assumed."""
    w, chosen = look.tell.w, look.looking.figure
    lines = {_key(line): line for line in rows}
    lefts = {f"{one.place}/{one.figure}": one for one in left_out()}
    about: dict[str, object] | None = None
    if chosen in lines:
        line = lines[chosen]
        row = rows[line]
        about = _cells(look, line, row) | {
            "note": w.pick(line.note_zh, line.note_en),
            "tolerance": line.tolerance,
            "predicted": line.kind is Kind.PREDICTED,
            "moves": _moves(look, row) if row else [],
        }
    elif chosen in lefts:
        one = lefts[chosen]
        about = _left(look, one) | {"note": w.pick(one.reason_zh, one.reason_en), "moves": []}
    panel(render("oversight/figure.html", w=w, about=about), key="oversight-figure", theme=look.theme)


def _moves(look: Look, row: Row) -> list[dict[str, object]]:
    """Each assumption with its ends, what the figure is at either, and where that lies on a common scale."""
    w, assumed = look.tell.w, {one.id: one for one in row.assumptions}
    ends = [row.published, row.value, *(end for move in row.moves for end in (move.low, move.high))]
    ends += list(row.interval or ())
    least, most = min(ends), max(ends)

    def at(value: float) -> float:
        return round(2 + 96 * (value - least) / (most - least), 1) if most > least else 50.0

    return [
        {
            "text": w.pick(assumed[move.assumption].text_zh, assumed[move.assumption].text_en),
            "low_at": number(assumed[move.assumption].low),
            "usual": number(assumed[move.assumption].usual),
            "high_at": number(assumed[move.assumption].high),
            "unit": w(f"reproduce.unit_{assumed[move.assumption].unit.replace(' ', '_')}"),
            "source": w(f"reproduce.source_{assumed[move.assumption].source}"),
            "low": number(move.low),
            "high": number(move.high),
            "bar": (at(min(move.low, move.high)), at(max(move.low, move.high))),
            "published": at(row.published),
            "ours": at(row.value),
        }
        for move in row.moves
    ]


def _named(look: Look, line: Line) -> str:
    return f"{look.tell.w(f'reproduce.place_{line.place}')} · {look.tell.w.pick(*figure_name(line.place, line.figure))}"
