"""A bound for every town of a calendar, and crews' days found by their day.

A calendar of before says nothing by town: its bound was that of all its towns together.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gis.schemas import BadInput, Fault

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calendars", sa.Column("bounds", sa.Text(), nullable=False, server_default="{}"))
    op.create_index("ix_outings_day", "outings", ["day"])


def downgrade() -> None:
    """Back to one bound for all towns of a calendar, while no call was superseded.

    Raises
    ------
    BadInput
        When there are superseded calls: those before know no such status.
    """
    gone = op.get_bind().scalar(sa.text("SELECT count(*) FROM calls WHERE status = 'superseded'"))
    if gone:
        raise BadInput(
            Fault(
                "database", None, None, f"{gone} superseded calls", f"none, since version {down_revision} knows none"
            ),
            advice=f"Stay at version {revision}, or open the copy that was made before the upgrade.",
        )
    op.drop_index("ix_outings_day", "outings")
    with op.batch_alter_table("calendars") as table:
        table.drop_column("bounds")
