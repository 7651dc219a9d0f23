"""A workbook for each table that is taken in: its header, a labelled example, and the codes in force."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from dispatch.desk.textbook import Page, write_book
from dispatch.inspections.columns import both
from dispatch.inspections.plans import PLAN_COLUMNS, PLAN_OPTIONAL
from dispatch.inspections.registers import TRAIT_COLUMNS, Credit, Risk
from dispatch.inspections.tables import ITEMS, ITEMS_OPTIONAL, PREMISES
from dispatch.records.inspection import Occasion
from dispatch.records.team import Role
from ui.services.centre import Centre
from ui.wording import Wording

ROWS_TO_FILL = 500
EXAMPLE_DAYS = ("-03-01", "-03-31")

ITEM_FIELDS = ("code", "name_zh", "name_en", "scene", "department", "certificate", "minutes", "most_a_year", "basis")


class Table(StrEnum):
    """A table that the screen of inspections takes in."""

    PREMISES = "premises"
    ITEMS = "items"
    PLAN = "plan"


COLUMNS: Mapping[Table, tuple[str, ...]] = {
    Table.PREMISES: (*PREMISES, *TRAIT_COLUMNS[1:]),
    Table.ITEMS: (*ITEMS, *ITEMS_OPTIONAL),
    Table.PLAN: (*PLAN_COLUMNS, *PLAN_OPTIONAL),
}
MAY_BE_EMPTY = frozenset(
    {"annual_cap", "visits_this_year", "inspectors", *ITEMS_OPTIONAL, *PLAN_OPTIONAL, *TRAIT_COLUMNS[1:]}
)
"""Columns whose cells may be empty; type, risk and credit may be missing together."""


def template(opened: Centre, table: Table, towns: Sequence[str], w: Wording) -> bytes:
    """The workbook of a table; officers are those who may inspect in ``towns``.

    The first sheet is the one that is read: a header and empty rows. The example stands on a sheet of its own.
    """
    header = [both(column) for column in COLUMNS[table]]
    needs = [w("tables.may_be_empty" if column in MAY_BE_EMPTY else "tables.needed") for column in COLUMNS[table]]
    example = _example(opened, table, towns)
    pages = [
        Page(w(f"tables.template_{table}"), [header], typed=ROWS_TO_FILL),
        Page(
            w("tables.example"),
            [
                ["", *header],
                ["", *needs],
                [w("tables.example_row"), *(example.get(column, "") for column in COLUMNS[table])],
                [w(f"tables.example_told_{table}")],
            ],
        ),
        *_codes(opened, table, towns, w),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        write_book(pages, path)
        return path.read_bytes()


def _example(opened: Centre, table: Table, towns: Sequence[str]) -> dict[str, str]:
    """A row that would be taken in, but for its made-up ids."""
    scene = next(iter(opened.rules.scenes.scenes.values()))
    item = next(item for item in scene.items if item.published)
    year = opened.today().year
    first, last = (f"{year}{day}" for day in EXAMPLE_DAYS)
    match table:
        case Table.PREMISES:
            town = next(iter(towns), "")
            lon, lat = opened.inspections.bases.get(town, (0.0, 0.0))
            place = {"premises_id": "EXAMPLE-1", "name": "示例商店", "lon": f"{lon:.6f}", "lat": f"{lat:.6f}"}
            hours = {"opens": "08:30", "closes": "18:00", "annual_cap": "4", "visits_this_year": "0"}
            traits = {"type": scene.code, "risk": Risk.ORDINARY.value, "credit": Credit.B.value}
            return {**place, "town": opened.scenario.areas.name(town) if town else "", **hours, **traits}
        case Table.ITEMS:
            who = {"item_id": "EXAMPLE-1-1", "premises_id": "EXAMPLE-1", "department": item.department}
            what = {"certificate": item.certificate, "minutes": str(item.minutes), "name": item.name_zh}
            what["occasion"] = Occasion.DAILY.value
            return {**who, **what, "earliest": first, "latest": last}
        case Table.PLAN:
            line = {"line_id": "1", "department": item.department, "premises_id": "EXAMPLE-1", "item": item.code}
            return {**line, "basis": item.basis, "times": "1", "occasion": Occasion.DAILY.value}


def _codes(opened: Centre, table: Table, towns: Sequence[str], w: Wording) -> list[Page]:
    """The sheets of codes that a table asks for."""
    rules, fields = opened.rules, opened.scenario.fields
    named = {code: (each.name_zh, each.name_en) for code, each in rules.departments.items()}
    certificates = {code: (each.name_zh, each.name_en) for code, each in fields.items()}
    scenes = {code: (each.name_zh, each.name_en) for code, each in rules.scenes.scenes.items()}
    names = {code: (opened.scenario.areas.name(code),) for code in sorted(opened.inspections.towns)}
    classes = {each.value: (w(f"inspections.risk_{each}"),) for each in Risk}
    occasions = {each.value: (w(f"tables.occasion_{each}"),) for each in Occasion}
    items = [
        [*(str(getattr(item, name)) for name in ITEM_FIELDS)] for item in rules.scenes.items.values() if item.published
    ]
    pages = {
        "towns": _page(w, "towns", ("code", "name"), _rows(names)),
        "scenes": _page(w, "scenes", ("code", "zh", "en"), _rows(scenes)),
        "risks": _page(w, "risks", ("code", "name"), _rows(classes)),
        "departments": _page(w, "departments", ("code", "zh", "en"), _rows(named)),
        "certificates": _page(w, "certificates", ("code", "zh", "en"), _rows(certificates)),
        "items": _page(w, "items", ("code", "zh", "en", *ITEM_FIELDS[3:]), items),
        "officers": _page(w, "officers", ("code", "name", "town", "certificate"), _officers(opened, towns)),
        "occasions": _page(w, "occasions", ("code", "name"), _rows(occasions)),
    }
    asked = {
        Table.PREMISES: ("towns", "scenes", "risks"),
        Table.ITEMS: ("departments", "certificates", "items", "occasions"),
        Table.PLAN: ("departments", "scenes", "items", "officers", "occasions"),
    }
    return [pages[name] for name in asked[table]]


def _rows(codes: Mapping[str, Sequence[str]]) -> list[list[str]]:
    return [[code, *names] for code, names in codes.items()]


def _page(w: Wording, name: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Page:
    return Page(w(f"tables.codes_{name}"), [[w(f"tables.column_{column}") for column in columns], *rows])


def _officers(opened: Centre, towns: Sequence[str]) -> list[list[str]]:
    """Who may be named as an inspector: officers of these towns and of the district, with their certificates."""
    found = {
        who.id: [
            who.id,
            who.name,
            opened.scenario.areas.name(who.town),
            ";".join(sorted({c.field for c in who.certificates})),
        ]
        for team in opened.casebook.teams()
        for who in team.officers
        if who.role is Role.OFFICER and who.certificates and (len(who.town) <= 6 or who.town in towns)
    }
    return [found[id] for id in sorted(found)]
