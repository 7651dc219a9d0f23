"""Officers who are away: from which day to which, and why.

Spelled out and not taken from the tables themselves: those will grow, this step stays what it was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gis.schemas import BadInput, Fault

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absences",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "officer")),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("first", "last")),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("called_off", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_absences"),
    )
    op.create_index("ix_absences_officer", "absences", ["officer"])


def downgrade() -> None:
    """Back to the fourth tables, while nobody is away.

    Raises
    ------
    BadInput
        When absences would be lost.
    """
    lost = op.get_bind().scalar(sa.text("SELECT count(*) FROM absences"))
    if lost:
        raise BadInput(
            Fault("database", None, None, f"{lost} absences", "none, since version 0004 has no place for them"),
            advice="Stay at version 0005, or open the copy that was made before the upgrade.",
        )
    op.drop_table("absences")
