"""What the lists said on the day a draw was opened; of draws before it is not known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("draws", sa.Column("lists", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Back to draws whose certificates and weights are those in force."""
    with op.batch_alter_table("draws") as table:
        table.drop_column("lists")
