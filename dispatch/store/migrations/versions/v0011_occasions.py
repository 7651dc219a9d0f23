"""Why a check is due: what follows a lead or a complaint stands outside the annual cap.

Checks of departments' plans have it from their line; of the others nobody wrote it down, and they count. What a
calendar was when it was adopted stands in the ledger, and no longer beside its crews.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gis.schemas import BadInput, Fault

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FOLLOWS_A_LEAD = """
    SELECT checks.id FROM checks JOIN plan_lines
    ON plan_lines.department = checks.department AND plan_lines.year = checks.year AND plan_lines.id = checks.line
    WHERE plan_lines.occasion = 'lead'
"""
OF_THE_FIRST_HOUR = ("bound", "officer_days", "fewest_visits")


def upgrade() -> None:
    op.add_column("due_items", sa.Column("occasion", sa.Text(), nullable=False, server_default="daily"))
    with op.batch_alter_table("calendars") as table:
        for name in OF_THE_FIRST_HOUR:
            table.drop_column(name)
    op.execute(f"UPDATE due_items SET occasion = 'lead' WHERE id IN ({FOLLOWS_A_LEAD})")


def downgrade() -> None:
    """Back to checks that all count, while none follows a lead.

    Raises
    ------
    BadInput
        When there are checks that follow a lead: a cap would be held against them.
    """
    leads = op.get_bind().scalar(sa.text("SELECT count(*) FROM due_items WHERE occasion = 'lead'"))
    if leads:
        lost = f"{leads} checks that follow a lead"
        raise BadInput(
            Fault("database", None, None, lost, f"none, since version {down_revision} counts every visit"),
            advice=f"Stay at version {revision}, or open the copy that was made before the upgrade.",
        )
    for name in OF_THE_FIRST_HOUR:
        op.add_column("calendars", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("due_items") as table:
        table.drop_column("occasion")
