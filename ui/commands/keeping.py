"""``gridbeat backup``, ``gridbeat restore`` and ``gridbeat export``: the book as one file, back, and for reading."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from dispatch.store.backup import LEFT_OUT, Manifest, back_up
from dispatch.store.casebook import open_casebook
from dispatch.store.export import export as write_out
from dispatch.store.restoring import restore as put_back
from dispatch.store.writing import storable
from gis.schemas import BadInput, Fault
from scenarios.binding import zone_of
from ui.commands.output import check_output, last_line


def backup(db: str, out: Path) -> None:
    """Write the backup and say what is in it."""
    file = Path(db.removeprefix("sqlite:///")) if db.startswith("sqlite:///") else None
    check_output(out, file)
    last_line(_told(back_up(db, out, now=datetime.now(UTC))))


def restore(file: Path, db: str, actor: str, *, allow_replace: bool) -> None:
    """Put the backup back and say where the ledger stands now."""
    if not actor.strip() or not storable(actor):
        raise BadInput(Fault("--actor", None, None, "no usable name", "the name of who restores, for the ledger"))
    made = put_back(file, db, actor=actor, now=datetime.now(UTC), allow_replace=allow_replace)
    last_line(_told(made) | {"left_out": list(LEFT_OUT)})


def export(db: str, out: Path, form: str, *, files: bool) -> None:
    """Write the folder and say how much is in it."""
    with open_casebook(db, create=False) as casebook:
        zone = zone_of(casebook)
    done = write_out(db, out, form=form, files=files, zone=zone)
    last_line({"form": form, "rows": done.rows, "files": done.files, "cut": done.cut})


def _told(made: Manifest) -> dict[str, object]:
    rows = sum(count for name, count in made.counts.items() if name not in LEFT_OUT)
    return {"entries": made.entries, "head": made.head, "tables_version": made.tables_version, "rows": rows}
