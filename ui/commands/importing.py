"""``gridbeat import``: what another system holds, brought in once."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from dispatch.desk.sheets import write_faults
from dispatch.desk.ticketmap import TicketMap, read_map
from dispatch.desk.tickets import Tickets, read_tickets
from dispatch.store.casebook import open_casebook
from gis.locate import CellLocator
from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault, shorten
from scenarios.binding import bind
from scenarios.scenario import Scenario, load
from ui.commands.output import check_output, last_line, steps

REASONS_SHOWN, ROWS_SHOWN = 8, 5


def tickets(file: Path, place: str, db: str, map_file: Path, errors: Path | None) -> None:
    """Tickets into the casebook of a place; the database is opened only when the file is known to be usable.

    Raises
    ------
    BadInput
        Of the place, the map, the file or the database, in this order; nothing is changed then.
    """
    if errors is not None:
        _check_errors_file(errors, file, map_file, _database_file(db))
    with steps("import", 3) as step:
        scenario = load(place)
        step()
        ticket_map = read_map(map_file, scenario.rulebook.matters)
        found = _read(file, ticket_map, scenario, errors)
        step()
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        with open_casebook(db) as casebook, _together_with_sheet(found.faults, errors):
            at = datetime.now(UTC)
            bind(casebook, scenario, actor="import", at=at)
            added = casebook.add_incidents(found.incidents, at=at, file=file.name, sha256=digest)
        step()
    new = set(added.added)
    for line in _told(found, new, errors):
        click.echo(line, err=True)
    last_line(
        {
            "rows": found.rows,
            "imported": len(added.added),
            "located": sum(1 for incident in found.incidents if incident.id in new and incident.cell),
            "duplicates": found.duplicates + len(added.duplicates),
            "rejected": found.rejected,
        }
    )


def _told(found: Tickets, new: Collection[str], errors: Path | None) -> Iterator[str]:
    """What whoever stands at the terminal has to know of rows left out and of tickets that no cell holds."""
    if found.rejected:
        yield f"Rejected: {found.rejected} of {found.rows} rows"
        reasons = Counter((fault.column, fault.expected) for fault in found.faults)
        for (column, expected), rows in reasons.most_common(REASONS_SHOWN):
            yield f"  {rows} × {f'column {column}, ' if column else ''}expected {expected}"
        yield "  for example"
        yield from (f"    {fault}" for fault in found.faults[:ROWS_SHOWN])
        yield f"All are in {errors}." if errors is not None else "Give --errors FILE.xlsx for all of them."
    if found.unnamed:
        named = sorted(found.unnamed.items(), key=lambda each: (-each[1], each[0]))
        first = [f"{shorten(name, 40)} {n}" for name, n in named[:ROWS_SHOWN]] + ["…"] * (len(named) > ROWS_SHOWN)
        yield f"Without a matter, since [matters] of the map lacks their categories: {', '.join(first)}"
    outside = [each.id for each in found.incidents if each.id in new and not each.cell and not math.isnan(each.lon)]
    if outside:
        first = [shorten(key, 40) for key in outside[:ROWS_SHOWN]] + ["…"] * (len(outside) > ROWS_SHOWN)
        yield f"Outside the place, imported without a cell: {len(outside)} ({', '.join(first)})"


def _read(file: Path, ticket_map: TicketMap, scenario: Scenario, errors: Path | None) -> Tickets:
    """The tickets; of a file with nothing but faulty rows at least the sheet that names them."""
    try:
        return read_tickets(file, ticket_map, scenario.rulebook.matters, CellLocator(scenario.cells).codes)
    except BadInput as bad:
        in_rows = all(fault.row is not None and fault.row > 1 for fault in bad.faults)
        if errors is not None and in_rows:
            with replacing(errors) as sheet:
                write_faults(bad.faults, sheet)
        raise


def _database_file(db: str) -> Path | None:
    """The file behind a SQLite address."""
    name = db.removeprefix("sqlite:///")
    return Path(name) if name != db and name else None


def _check_errors_file(errors: Path, *inputs: Path | None) -> None:
    check_output(errors, *inputs)
    if errors.suffix.lower() != ".xlsx":
        raise BadInput(Fault(errors.name, None, None, f"the ending {shorten(errors.suffix)}", "a name ending in .xlsx"))


@contextmanager
def _together_with_sheet(faults: Sequence[Fault], errors: Path | None) -> Iterator[None]:
    """The error sheet appears when the import has succeeded; one that cannot be written stops the import."""
    if errors is None:
        yield
        return
    with replacing(errors) as sheet:
        write_faults(faults, sheet)
        yield
