"""A bound for every town of a calendar, and crews' days found by their day.

A calendar of before says nothing by town: its bound was that of all its towns together.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calendars", sa.Column("bounds", sa.Text(), nullable=False, server_default="{}"))
    op.create_index("ix_outings_day", "outings", ["day"])


def downgrade() -> None:
    """Back to one bound for all towns of a calendar."""
    op.drop_index("ix_outings_day", "outings")
    with op.batch_alter_table("calendars") as table:
        table.drop_column("bounds")
