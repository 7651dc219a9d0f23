"""The cells of the tables that offices and departments send, whatever spreadsheet program wrote them; registers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from dispatch.desk.sheets import encoding_of, read_sheet
from dispatch.inspections.codes import Codes
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


def read_inspectors(path: Path, departments: Codes | None = None, fields: Codes | None = None) -> InspectorRegister:
    """The register of inspectors in a .csv or .xlsx file, refused as `read_premises` does.

    Parameters
    ----------
    departments, fields
        The codes that departments and certificates may have; any when left out.
    """
    register = inspectors_of(*table_of(path), departments, fields)
    _something([*register.inspectors, *register.others], register.faults)
    return register


def _something(records: Collection[object], faults: Sequence[Fault]) -> None:
    if not records:
        raise BadInput(*faults, advice="No row can be used; mend these and read the file again.")


def table_of(path: Path, *, empty: bool = False) -> tuple[ListFile, list[list[str]]]:
    """The cells of a .csv or .xlsx file as text, each record at its row number, dates as days.

    A CSV file is in UTF-8 or, as a Chinese spreadsheet program saves it, in GB 18030.

    Parameters
    ----------
    empty
        Whether a header without any record will do.

    Raises
    ------
    BadInput
        When the file cannot be read.
    """
    sheet = read_sheet(path, encoding_of(path), empty=empty)
    table = [list(sheet.columns)]
    for row in sheet.rows:
        table += [[]] * (row.number - 1 - len(table))
        cells = [_text(row.cells.get(column, "")) for column in sheet.columns]
        beyond = [_text(cell) for cell in row.beyond] or [""]
        table.append([*cells, *beyond] if row.fault else cells)  # fields too many, which the reader of lists blames
    return ListFile(sheet.file), table


def _text(cell: str | datetime) -> str:
    return cell.date().isoformat() if isinstance(cell, datetime) else cell
