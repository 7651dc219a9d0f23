"""Requests of enterprises, and what they were answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gis.schemas import BadInput, Fault

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("premises", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("taken_at", moment, nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
    )
    op.create_index("ix_requests_premises", "requests", ["premises"])


def downgrade() -> None:
    """Back to books without requests, while there are none.

    Raises
    ------
    BadInput
        When requests would be lost.
    """
    kept = op.get_bind().scalar(sa.text("SELECT count(*) FROM requests"))
    if kept:
        raise BadInput(
            Fault("database", None, None, f"{kept} requests", f"none, since version {down_revision} has no place"),
            advice=f"Stay at version {revision}, or open the copy that was made before the upgrade.",
        )
    op.drop_index("ix_requests_premises", table_name="requests")
    op.drop_table("requests")
