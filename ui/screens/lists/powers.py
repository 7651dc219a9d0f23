"""Powers: choose a town and a day, see what it may do, in whose name, since when, on which clause."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dispatch.records.reason import Reason
from dispatch.rulebook.competence import RuleBook
from dispatch.rulebook.matters import Matter, Source
from dispatch.rulebook.powers import Mode, Power
from ui.panel.component import panel, render
from ui.screens.lists.drafting import deed_form
from ui.screens.lists.looking import Look, again, asked, day_field, keep
from ui.services.lists import (
    DeedKind,
    Row,
    State,
    Wanted,
    lent_by,
    row_by_key,
    rows_of,
    state_on,
    town_lines,
    uses,
)

MOST_ROWS = 200
MOST_USES = 40
BOX, UNDER_WIDGETS = 42, 84
"""Pixels above a box: the row of tabs, and below it a row of widgets."""


def show(look: Look) -> None:
    left, middle, right = st.columns([2, 6, 3.5], gap="small")
    looking = look.looking
    places = (*look.centre.scenario.areas.towns, look.centre.scenario.code)
    if looking.town not in places:
        looking.town = _busiest(look, places)
    with middle, st.container(key="lists-middle"):
        day = _filters(look)
        _table(look, rows_of(look.book(), looking.town, day, looking.wanted), day)
    with left, st.container(key="lists-left"):
        _towns(look, places, day)
    with right, st.container(key="lists-side"):
        _side(look, day)


def _busiest(look: Look, places: tuple[str, ...]) -> str:
    """The first place with the most powers, so that the screen opens on something to see."""
    lines = town_lines(look.book(), places, look.centre.rules.town_types, look.today)
    return max(lines, key=lambda line: sum(line.counts.values())).town


def _filters(look: Look) -> date:
    """Which rows are wanted, kept in the view; the day as of which they are read."""
    w, looking = look.tell.w, look.looking
    with st.container(key="lists-find", horizontal=True, gap="small"):
        words = st.text_input(
            w("lists.find"),
            key=keep("lists-words", looking.wanted.words),
            placeholder=w("lists.find"),
            label_visibility="collapsed",
            max_chars=80,
        )
        with st.popover(w("lists.filter"), width="content"):
            looking.wanted = _narrowed(look, words)
        return day_field(look, "lists-on")


def _narrowed(look: Look, words: str) -> Wanted:
    """The rows with these words that are of the modes, states and fields ticked."""
    w, kept = look.tell.w, look.looking.wanted
    modes = st.pills(
        w("lists.mode"),
        list(Mode),
        selection_mode="multi",
        format_func=lambda mode: w(f"lists.mode_{mode}"),
        key=keep("lists-modes", [mode for mode in Mode if mode in kept.modes]),
    )
    states = st.pills(
        w("lists.state"),
        list(State),
        selection_mode="multi",
        format_func=lambda state: w(f"lists.state_{state}"),
        key=keep("lists-states", [state for state in State if state in kept.states]),
    )
    fields = st.multiselect(
        w("lists.field"),
        list(look.tell.fields),
        format_func=lambda code: look.named(look.tell.fields[code]),
        key=keep("lists-fields", [code for code in look.tell.fields if code in kept.fields]),
        placeholder=w("lists.all"),
    )
    return Wanted(words, frozenset(modes), frozenset(fields), frozenset(states))


def _towns(look: Look, places: tuple[str, ...], day: date) -> None:
    w = look.tell.w
    lines = town_lines(look.book(), places, look.centre.rules.town_types, day)
    rows = [
        {
            "code": line.town,
            "name": look.town(line.town),
            "kind": w(f"lists.type_{line.kind}") if line.kind else "",
            "counts": [(mode, w(f"lists.mode_{mode}"), line.counts[mode]) for mode in Mode],
        }
        for line in lines
    ]
    html = render("lists/towns.html", w=w, rows=rows, selected=look.looking.town, above=BOX)
    _, town = asked(panel(html, key="lists-towns", theme=look.theme), "town")
    if town in places:
        look.looking.go_to_town(town)
        again()


def _table(look: Look, rows: list[Row], day: date) -> None:
    looking, w = look.looking, look.tell.w
    html = render(
        "lists/powers.html",
        w=w,
        town=look.town(looking.town),
        day=day.isoformat(),
        version=looking.version,
        rows=[_cells(look, row) for row in rows[:MOST_ROWS]],
        total=len(rows),
        more=max(0, len(rows) - MOST_ROWS),
        selected=looking.row,
        above=UNDER_WIDGETS,
    )
    act = panel(html, key="lists-powers", theme=look.theme)
    deed, key = asked(act, "row", "present")
    if deed == "present":
        looking.version = None
        again()
    if deed == "row":
        looking.choose(key)
        again()


def _cells(look: Look, row: Row) -> dict[str, object]:
    power, w = row.power, look.tell.w
    return {
        "key": row.key,
        "code": power.matter,
        "name": look.matter(power.matter),
        "mode": power.mode,
        "mode_name": w(f"lists.mode_{power.mode}"),
        "who": who(look, power),
        "basis": power.basis,
        "since": power.valid_from.isoformat(),
        "until": power.valid_to.isoformat() if power.valid_to else "",
        "state_name": "" if row.state is State.IN_FORCE else w(f"lists.state_{row.state}"),
        "source": "" if row.illustrative or power.source == Source.STATUTE else power.source,
        "illustrative": row.illustrative,
    }


def who(look: Look, power: Power) -> str:
    """Who acts by a row, and in whose name when it is not the own."""
    body = look.body(power.body)
    if power.mode is Mode.DELEGATED:
        return look.tell.w("lists.in_name_of", body=body, head=look.body(power.principal))
    return body


def _side(look: Look, day: date) -> None:
    looking = look.looking
    book = look.book()
    power = row_by_key(book, looking.row)
    if looking.deed is not None and looking.version is None:
        deed_form(look, power)
        return
    html = (
        _row_html(look, book, power, day)
        if power is not None
        else render("lists/nothing.html", w=look.tell.w, note=looking.note, editable=looking.version is None)
    )
    deed, what = asked(panel(html, key="lists-row", theme=look.theme), "deed", "matter")
    if deed == "deed" and what in set(DeedKind):
        looking.deed, looking.note = DeedKind(what), None
        again()
    if deed == "matter":
        looking.matter = what
        again()


def _row_html(look: Look, book: RuleBook, power: Power, day: date) -> str:
    looking, w = look.looking, look.tell.w
    known = uses(book, power)
    shown = next((matter for matter in known if matter.code == looking.matter), known[0] if known else None)
    named = shown is not None and shown.code == power.matter
    return render(
        "lists/row.html",
        w=w,
        note=looking.note,
        row=_cells(look, Row(looking.row, power, book.matters.get(power.matter), state_on(power, day))),
        where=look.town(power.town),
        principal=_principal(look, book, power, day),
        day=day.isoformat(),
        uses=[_use(look, book, matter, day) for matter in known if matter.code != power.matter][:MOST_USES],
        shown=shown.code if shown else "",
        shown_name=look.matter(shown.code) if shown else "",
        itself=power.matter if any(matter.code == power.matter for matter in known) and not named else "",
        proof=proof(look, book, shown, day) if shown else [],
        editable=looking.version is None,
        open_ended=power.valid_to is None or power.valid_to >= look.today,
    )


def _principal(look: Look, book: RuleBook, power: Power, day: date) -> tuple[str, str]:
    """Who has delegated it, and on which clause that body holds it itself; empty for what is not delegated."""
    if not power.principal:
        return "", ""
    own = lent_by(book, power, day)
    return look.body(power.principal), own.basis if own else ""


def _use(look: Look, book: RuleBook, matter: Matter, day: date) -> tuple[str, str, bool]:
    answer = book.resolve(matter.code, _where(look), day)
    return matter.code, look.matter(matter.code), answer.lawful


def _where(look: Look) -> str:
    """The town of the proof; the district's own rows are proved in the first of its towns."""
    towns = look.centre.scenario.areas.towns
    return look.looking.town if look.looking.town in towns else towns[0]


def proof(look: Look, book: RuleBook, matter: Matter, day: date) -> list[tuple[str, str]]:
    """Who may act, line by line, each with its tone."""
    return [(tone(line), look.tell.reason(line)) for line in book.resolve(matter.code, _where(look), day).proof]


def tone(line: Reason) -> str:
    """How a line of a proof is coloured."""
    if line.code == "row_illustrative":
        return "warn"
    return {True: "good", False: "bad", None: ""}[line.good]
