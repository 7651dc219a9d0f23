"""The workbook of rows that go back to be mended: as they came in, with what is wrong beside them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dispatch.desk.textbook import Page, write_book
from dispatch.inspections.columns import TO_MEND, both, ours


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a row in words, and the columns at fault."""

    words: str
    columns: Collection[str] = ()


def write_to_mend(table: Sequence[Sequence[str]], rows: Mapping[int, Wrong], path: Path) -> None:
    """These rows of a table under its own header, the faulty cells coloured, put in place whole or not at all.

    The first column, ``to_mend``, says of each row what is wrong; that column marks the workbook as rows that were
    mended when it is handed in again. Cells beyond the header come back beyond it.

    Parameters
    ----------
    table
        Cells as text, header first.
    rows
        By number, the header being 1.
    """
    kept = [at for at, cell in enumerate(table[0]) if ours(cell) != TO_MEND]
    header = [table[0][at] for at in kept]
    at_fault = {ours(cell): number for number, cell in enumerate(header, start=1)}
    lines = [[both(TO_MEND), *header]]
    coloured = set()
    for number, wrong in sorted(rows.items()):
        cells = table[number - 1]
        under = (cells[at] if at < len(cells) else "" for at in kept)
        lines.append([wrong.words, *under, *cells[len(table[0]) :]])
        coloured |= {(len(lines) - 1, at_fault[column]) for column in wrong.columns if column in at_fault}
    write_book([Page("须修改 to mend", lines, frozenset(coloured))], path)
