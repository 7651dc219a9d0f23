"""An office's tables of premises and due checks, read as one delivery: whatever is wrong is said at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from dispatch.desk.plansheets import table_of
from dispatch.inspections.codes import Codes
from dispatch.inspections.columns import ours, rows_of
from dispatch.inspections.registers import TRAIT_COLUMNS, Traits, traits_of
from dispatch.inspections.scenes import NO_SCENES, Scenes
from dispatch.inspections.tables import ADVICE, items_in, premises_in
from dispatch.records.inspection import DueItem, Premises
from dispatch.rulebook.lists import ListFile
from gis.crs import Datum
from gis.schemas import BadInput, Fault


@dataclass(frozen=True, slots=True)
class Lists:
    """The codes that tables of a place may use, each with its names; of departments and fields any when empty.

    Attributes
    ----------
    towns
        Names by 9-digit code.
    scenes
        The types that premises may have, and the items of which only the published ones are inspected.
    """

    towns: Mapping[str, str]
    scenes: Scenes = NO_SCENES
    departments: Codes = field(default_factory=dict)
    fields: Codes = field(default_factory=dict)


class Delivery(NamedTuple):
    """Premises, due items, and what the register says of the premises by id, where the table says it."""

    premises: list[Premises]
    items: list[DueItem]
    traits: dict[str, Traits]


def read_delivery(
    premises: Path | None, items: Path | None, datum: Datum, known: Collection[str], lists: Lists
) -> Delivery:
    """A delivery as .csv or .xlsx tables; towns by code or name.

    Parameters
    ----------
    known
        Ids of premises that need not be given again.

    Raises
    ------
    BadInput
        With every fault of both tables.
    """
    faults: list[Fault] = []
    places: list[Premises] = []
    traits: dict[str, Traits] = {}
    due: list[DueItem] = []
    there: Collection[str] | None = known
    if premises is not None:
        try:
            file, table = table_of(premises)
            places = list(premises_in(file, table, datum, lists.towns))
            if not {*TRAIT_COLUMNS[1:]}.isdisjoint(map(ours, table[0])):
                register = ListFile(file.name)
                traits = traits_of(rows_of(register, table, TRAIT_COLUMNS), lists.scenes.scenes)
                file.faults += register.faults
            faults += file.faults
            there = {*known, *(place.id for place in places)}
        except BadInput as bad:
            faults += bad.faults
            there = None  # nobody can say which premises the items lack
    if items is not None:
        try:
            file, table = table_of(items)
            due = list(items_in(file, table, there, lists.departments, lists.fields, lists.scenes))
            faults += file.faults
        except BadInput as bad:
            faults += bad.faults
    if faults:
        raise BadInput(*in_order(faults), advice=ADVICE)
    return Delivery(places, due, traits)


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    """Faults by row, those of one file together."""
    some = list(faults)
    files = list(dict.fromkeys(fault.file for fault in some))
    return sorted(some, key=lambda fault: (files.index(fault.file), fault.row or 0))
