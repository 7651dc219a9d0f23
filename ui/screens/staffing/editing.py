"""A plan's tables, edited in place, and the forms that change many rows or what stands beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dispatch.rulebook.gates import REVIEW_FIELD
from gis.schemas import BadInput
from gis.streets import Profile
from simulation.plan import DESK_COLUMNS, EVERYWHERE, POST_COLUMNS, DeskKind
from simulation.pushdown import pushed_down, share_in_towns
from simulation.sheets import FIRST, Row, Rows, Sheets, plan_of
from simulation.training import TRAINING_COLUMNS
from ui.said import Said
from ui.screens.staffing.looking import Look, again
from ui.services.planfaults import told
from ui.wording import Wording

TABLES = ("posts", "desks", "training")
COUNTED = {"officers", "away_days"}
SEVERAL = {"certificates", "serves"}
HEIGHT = 545
TOWN = DESK_COLUMNS.index("town")

TITLES = ("title_zh", "title_en")
VALUES: tuple[tuple[str, float, float, float], ...] = (
    ("days", 1, 3660, 1),
    ("warm_up_days", 0, 366, 1),
    ("headcount_cap", 1, 100_000, 1),
    ("absent", 0.0, 1.0, 0.01),
    ("simple_min", 1.0, 1000.0, 1.0),
    ("ordinary_min", 1.0, 1000.0, 1.0),
    ("steps", 0, 60, 1),
    ("pair_steps", 0, 60, 1),
    ("step_min", 1.0, 1000.0, 1.0),
    ("pause_h", 0.0, 1000.0, 1.0),
    ("reviewed", 0.0, 1.0, 0.05),
    ("review_min", 1.0, 1000.0, 1.0),
)
"""Of the TOML what can be set here: key, least, most, step."""


def table(look: Look, base: Sheets) -> Sheets:
    """The chosen table with what has been typed into it."""
    view, w = look.looking, look.tell.w
    desks = {row[0]: row for row in base.desks if row}
    with st.container(key="staffing-choose", horizontal=True):
        shown = st.segmented_control(
            w("staffing.tables"),
            TABLES,
            default=view.table,
            format_func=lambda each: w(f"staffing.file_{each}"),
            label_visibility="collapsed",
            key=f"staffing-table-{view.plan}",
        )
        towns = ["", *sorted({row[TOWN] for row in desks.values()})]
        town = st.selectbox(
            w("staffing.town"),
            towns,
            towns.index(view.town) if view.town in towns else 0,
            format_func=lambda code: look.town(code) if code else w("staffing.all_towns"),
            label_visibility="collapsed",
            key=f"staffing-town-{view.plan}",
        )
    if (shown or view.table, town or "") != (view.table, view.town):
        view.table, view.town = shown or view.table, town or ""
        view.edit(view.draft or base)
        again()

    def of(town: str) -> bool:
        return view.town in ("", town)

    def here(rows: Rows) -> set[int]:
        nowhere = ("",) * len(DESK_COLUMNS)
        return {at for at, row in _records(rows) if of(desks.get(row[0].split(";")[0], nowhere)[TOWN])}

    if view.table == "posts":
        return replace(base, posts=_editor(look, base.posts, here(base.posts), POST_COLUMNS, _post_columns(look, base)))
    if view.table == "training":
        columns = _training_columns(look, base)
        st.caption(w("staffing.training_told"))
        return replace(base, training=_editor(look, base.training, here(base.training), TRAINING_COLUMNS, columns))
    inside = {at for at, row in _records(base.desks) if of(row[TOWN])}
    return replace(base, desks=_editor(look, base.desks, inside, DESK_COLUMNS, _desk_columns(look)))


def _records(rows: Rows) -> list[tuple[int, Row]]:
    return [(at, row) for at, row in enumerate(rows) if row]


def _editor(look: Look, rows: Rows, inside: Set[int], columns: Sequence[str], config: dict[str, Any]) -> Rows:
    """The rows with those ``inside`` edited; new ones stand at the end."""
    view, w = look.looking, look.tell.w
    shown = [(at, row) for at, row in _records(rows) if at in inside]
    frame = pd.DataFrame({"row": [at + FIRST for at, _ in shown]})
    for place, column in enumerate(columns):
        frame[column] = pd.Series([_cell(column, row[place]) for _, row in shown], dtype=object)
    number = st.column_config.NumberColumn(w("staffing.row_head"), width=52, disabled=True, format="%d")
    edited = st.data_editor(
        frame,
        key=f"staffing-{view.plan}-{view.table}-{view.round}",
        num_rows="dynamic" if look.may_plan else "fixed",
        hide_index=True,
        width="stretch",
        height=HEIGHT,
        row_height=30,
        disabled=not look.may_plan,
        column_config={"row": number, **config},
    )
    typed = edited.to_dict("records")
    kept = {int(row["row"]): _texts(row, columns) for row in typed if pd.notna(row["row"])}
    changed = [kept.get(at + FIRST) if at in inside else row for at, row in enumerate(rows)]
    return (*changed, *(_texts(row, columns) for row in typed if pd.isna(row["row"])))


def _cell(column: str, text: str) -> str | int | list[str]:
    """A text of the file as the table shows it."""
    if column in SEVERAL:
        return list(filter(None, text.split(";")))
    if column in COUNTED:
        return int(text) if text.isdigit() else 0
    return text


def _texts(row: Mapping[Any, Any], columns: Sequence[str]) -> Row:
    return tuple(_text(row[column]) for column in columns)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list | tuple):
        return ";".join(str(each) for each in value)
    if value is None or pd.isna(value):
        return ""
    return str(int(value)) if float(value).is_integer() else str(value)


def _post_columns(look: Look, base: Sheets) -> dict[str, Any]:
    w, column = look.tell.w, st.column_config
    named = desk_names(look, base)
    touring = [row[0] for row in base.posts if row and row[0] not in named]
    fields = [*look.centre.scenario.fields, REVIEW_FIELD]
    return {
        "desk": column.SelectboxColumn(
            w("staffing.column_desk"),
            options=list(dict.fromkeys([*named, *touring])),
            format_func=lambda id: " ↔ ".join(named.get(part, part) for part in str(id).split(";")),
            width=240,
            required=True,
        ),
        "officers": column.NumberColumn(w("staffing.column_officers"), min_value=1, step=1, width=88, required=True),
        "certificates": column.MultiselectColumn(
            w("staffing.column_certificates"), options=fields, format_func=look.field, width=300
        ),
        "rota": column.TextColumn(w("staffing.column_rota"), help=w("staffing.rota_help"), width="medium"),
    }


def _training_columns(look: Look, base: Sheets) -> dict[str, Any]:
    w, column = look.tell.w, st.column_config
    named = desk_names(look, base)
    return {
        "desk": column.SelectboxColumn(
            w("staffing.column_desk"),
            options=list(named),
            format_func=lambda id: named.get(str(id), str(id)),
            width=170,
        ),
        "officers": column.NumberColumn(w("staffing.column_officers"), min_value=1, step=1, width=76),
        "certificate": column.SelectboxColumn(
            w("staffing.column_certificate"),
            options=[*look.centre.scenario.fields, REVIEW_FIELD],
            format_func=lambda code: look.field(str(code)),
            width=120,
        ),
        "held_from": column.TextColumn(
            w("staffing.column_held_from"), help=w("staffing.held_from_help"), validate=r"^\d{4}-\d\d-\d\d$", width=100
        ),
        "away_days": column.NumberColumn(
            w("staffing.column_away_days"), help=w("staffing.away_days_help"), min_value=0, step=1, default=0, width=90
        ),
    }


def _desk_columns(look: Look) -> dict[str, Any]:
    w, column, scenario = look.tell.w, st.column_config, look.centre.scenario

    def chosen(name: str, options: Sequence[str], words: Callable[[str], str]) -> Any:
        return column.SelectboxColumn(
            w(f"staffing.column_{name}"), options=options, format_func=lambda code: words(str(code))
        )

    bodies = list(dict.fromkeys([*scenario.rulebook.bodies, "legal"]))
    return {
        "desk": column.TextColumn(w("staffing.column_desk")),
        "kind": chosen("kind", [each.value for each in DeskKind], lambda kind: w(f"staffing.kind_{kind}")),
        "body": chosen("body", bodies, lambda id: w("staffing.review") if id == "legal" else look.body(id)),
        "town": chosen("town", [scenario.code, *look.towns], look.town),
        "lon": column.TextColumn(w("staffing.column_lon"), width="small"),
        "lat": column.TextColumn(w("staffing.column_lat"), width="small"),
        "profile": chosen("profile", [each.value for each in Profile], lambda by: w(f"staffing.by_{by}")),
        "serves": column.MultiselectColumn(
            w("staffing.column_serves"), options=[EVERYWHERE, *look.towns], format_func=look.served, width="large"
        ),
    }


def desk_names(look: Look, sheets: Sheets) -> dict[str, str]:
    """Every desk as a planner calls it, by id; an id where the row is not right yet."""
    names = {}
    for row in filter(None, sheets.desks):
        review = row[1] == DeskKind.REVIEW
        body = look.tell.w("staffing.own_body") if row[2] == row[3] else look.body(row[2])
        whose = look.tell.w("staffing.review") if review else body
        names[row[0]] = whose if row[1] == DeskKind.BRIGADE else f"{look.town(row[3])} · {whose}"
    twice = {name for name in names.values() if list(names.values()).count(name) > 1}
    return {id: f"{name} {id}" if name in twice else name for id, name in names.items()}


def forms(look: Look, draft: Sheets) -> None:
    """Officers pushed down or moved, what stands beside the tables, and the plan put away."""
    _push_down(look, draft)
    _move(look, draft)
    _settings(look, draft)
    _remove(look)


def _push_down(look: Look, draft: Sheets) -> None:
    w, view = look.tell.w, look.looking
    try:
        now = round(100 * share_in_towns(plan_of(draft)))
    except BadInput:
        return  # the faults stand above; there is nothing to push yet
    with st.form(key=f"staffing-push-{view.plan}-{view.round}", border=False):
        share = st.slider(w("staffing.push"), 0, 100, now, format="%d %%", help=w("staffing.push_help"))
        if st.form_submit_button(w("staffing.push_do"), width="stretch") and share != now:
            try:
                changed = pushed_down(draft, share / 100)
            except BadInput as bad:
                furthest = told(bad.faults[0], w, look).expected
                view.said(Said(w("staffing.push_far", share=share, furthest=furthest), False))
                again()
            look.do("pushed", lambda: view.edit(changed))


def _move(look: Look, draft: Sheets) -> None:
    w, view = look.tell.w, look.looking
    named = desk_names(look, draft)
    there = {id: sum(int(row[1]) for row in draft.posts if row and row[0] == id and row[1].isdigit()) for id in named}
    with st.form(key=f"staffing-move-{view.plan}-{view.round}", border=False):
        st.markdown(f"**{w('staffing.move')}**")
        source = st.selectbox(
            w("staffing.move_from"),
            [id for id in named if there[id]],
            format_func=lambda id: w("staffing.desk_with", desk=named[id], n=there[id]),
        )
        officers = st.number_input(w("staffing.move_officers"), 1, 1000, 1)
        target = st.selectbox(
            w("staffing.move_to"), list(named), min(1, len(named) - 1), format_func=lambda id: named[id]
        )
        if st.form_submit_button(w("staffing.move_do"), width="stretch") and source and target:
            if wrong := against_move(w, named, there, source, int(officers), target):
                view.said(Said(wrong, False))
                again()
            look.do("moved", lambda: view.edit(draft.moved(source, int(officers), target)))


def against_move(
    w: Wording, named: Mapping[str, str], there: Mapping[str, int], source: str, officers: int, target: str
) -> str:
    """Why so many cannot be moved, in the words of the form and not of a row; empty when they can."""
    if source == target:
        return w("staffing.move_same", desk=named[source])
    if officers > there[source]:
        return w("staffing.move_few", desk=named[source], n=there[source], asked=officers)
    return ""


def _settings(look: Look, draft: Sheets) -> None:
    w, view = look.tell.w, look.looking
    with (
        st.expander(w("staffing.settings")),
        st.form(key=f"staffing-settings-{view.plan}-{view.round}", border=False),
    ):
        titles = {key: st.text_input(w(f"staffing.{key}"), _unquoted(draft, key), max_chars=80) for key in TITLES}
        given = {key: _number(look, draft, key, *limits) for key, *limits in VALUES}
        if st.form_submit_button(w("staffing.settings_do"), width="stretch"):
            changed = draft
            for key, value in {**titles, **given}.items():
                if value is not None:
                    changed = changed.with_value(key, value)
            look.do("set", lambda: view.edit(changed))


def _unquoted(draft: Sheets, key: str) -> str:
    try:
        return str(getattr(plan_of(draft).file, key))
    except ValueError:
        return draft.value(key).strip('"')


def _number(look: Look, draft: Sheets, key: str, least: float, most: float, step: float) -> float | int | None:
    try:
        now = type(step)(draft.value(key))
    except ValueError:
        now = least
    value = st.number_input(look.tell.w(f"staffing.{key}"), least, most, min(max(now, least), most), step)
    return type(step)(value) if value is not None else None


def _remove(look: Look) -> None:
    w, view = look.tell.w, look.looking
    with st.expander(w("staffing.remove")), st.form(key=f"staffing-remove-{view.plan}-{view.round}", border=False):
        st.markdown(w("staffing.remove_told"))
        if st.form_submit_button(w("staffing.remove_do"), width="stretch"):
            look.do("removed", lambda: _removed(look))


def _removed(look: Look) -> None:
    look.staffing.deeds.remove(look.person.id, look.looking.plan)
    look.looking.close()
