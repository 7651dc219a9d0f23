"""How Alembic reaches the database: over the connection that ``dispatch.store.database`` has already opened.

The caller holds the write lock, so a migration is done once and wholly, however many processes start together.
"""

from __future__ import annotations

from alembic import context

from dispatch.store.tables import Base


def migrate() -> None:
    """Run the migrations asked for, inside the caller's transaction."""
    context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


# Alembic runs this file under that name; anybody else who imports it only wants to read it.
if __name__ == "env_py":
    migrate()
