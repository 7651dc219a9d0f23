"""Registers and plans of departments out of their spreadsheets, and the sheet of what they have to mend."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from dispatch.desk.sheets import read_sheet, write_faults
from dispatch.inspections.plans import Ground, PlanSheet, plan_of
from dispatch.inspections.registers import InspectorRegister, PremisesRegister, inspectors_of, premises_of
from dispatch.rulebook.lists import ListFile
from gis.schemas import BadInput, Fault


def read_premises(path: Path, types: Collection[str]) -> PremisesRegister:
    """The register of premises in a .csv or .xlsx file; ``types`` are the codes of the scenes.

    Raises
    ------
    BadInput
        When the file cannot be read, a column is missing, or no row can be used.
    """
    register = premises_of(*table_of(path), types)
    _something(register.entries, register.faults)
    return register


def read_inspectors(path: Path) -> InspectorRegister:
    """The register of inspectors in a .csv or .xlsx file, refused as `read_premises` does."""
    register = inspectors_of(*table_of(path))
    _something([*register.inspectors, *register.others], register.faults)
    return register


def read_plan(path: Path, ground: Ground, year: int, errors: Path | None = None) -> PlanSheet:
    """A department's plan of a year in a .csv or .xlsx file.

    Parameters
    ----------
    errors
        Where the sheet of rows to be mended is written, when there are any.

    Raises
    ------
    BadInput
        When the file cannot be read or a column is missing.
    """
    plan = plan_of(*table_of(path), ground, year)
    if errors is not None and plan.all_faults:
        write_faults(plan.all_faults, errors)
    return plan


def _something(records: Collection[object], faults: Sequence[Fault]) -> None:
    if not records:
        raise BadInput(*faults, advice="No row can be used; mend these and read the file again.")


def table_of(path: Path) -> tuple[ListFile, list[list[str]]]:
    """The cells of a .csv or .xlsx file as text, each record at its row number, dates as days.

    Raises
    ------
    BadInput
        When the file cannot be read.
    """
    sheet = read_sheet(path)
    table = [list(sheet.columns)]
    for row in sheet.rows:
        table += [[]] * (row.number - 1 - len(table))
        cells = [_text(row.cells.get(column, "")) for column in sheet.columns]
        table.append([*cells, ""] if row.fault else cells)  # a field too many, which the reader of lists blames
    return ListFile(sheet.file), table


def _text(cell: str | datetime) -> str:
    return cell.date().isoformat() if isinstance(cell, datetime) else cell
