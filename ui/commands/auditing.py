"""``gridbeat audit verify``: whether the ledger still says what it said."""

from __future__ import annotations

import click
from sqlalchemy.exc import DBAPIError, MultipleResultsFound, NoResultFound

from dispatch.store.database import open_engine, reader
from dispatch.store.ledger import Verified
from dispatch.store.ledger import verify as verify_chain
from gis.schemas import shorten
from ui.commands.output import last_line

ALTERED = 1


def verify(db: str) -> None:
    """Print what the chain holds; leave with status 1 and the first broken entry when it was altered."""
    engine = open_engine(db, create=False)
    try:
        with reader(engine).connect() as connection:
            found = verify_chain(connection)
    except (DBAPIError, NoResultFound, MultipleResultsFound, TypeError, ValueError) as problem:
        found = Verified(0, 1, f"the book's own tables cannot be read ({shorten(problem)})")
    finally:
        engine.dispose()
    last_line(
        {"entries": found.entries, "ok": found.whole, "broken": found.broken, "what": found.what, "head": found.head}
    )
    if not found.whole:
        click.echo(f"gridbeat: entry {found.broken} of the ledger is broken: {found.what}.", err=True)
        click.get_current_context().exit(ALTERED)
