"""Checks that ask nobody to go: by what each is made, and those that were made from the desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gis.schemas import BadInput, Fault

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

HAVE_IT = ("due_items", "checks")


def upgrade() -> None:
    for name in HAVE_IT:
        op.add_column(name, sa.Column("remote", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "desk_checks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("premises", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("officers", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("remote", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("taken_back", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_desk_checks"),
    )
    for column in ("item", "premises", "day"):
        op.create_index(f"ix_desk_checks_{column}", "desk_checks", [column])


def downgrade() -> None:
    """Back to books in which every check is a visit, while none is due or was made from the desk.

    Raises
    ------
    BadInput
        When there are such checks: a crew would be sent for them.
    """
    asked = " UNION ALL ".join(f"SELECT id FROM {name} WHERE remote <> ''" for name in HAVE_IT)
    kept = op.get_bind().scalar(sa.text(f"SELECT count(*) FROM ({asked} UNION ALL SELECT id FROM desk_checks) AS some"))
    if kept:
        raise BadInput(
            Fault("database", None, None, f"{kept} checks from the desk", f"none, since {down_revision} visits all"),
            advice=f"Stay at version {revision}, or open the copy that was made before the upgrade.",
        )
    for column in ("item", "premises", "day"):
        op.drop_index(f"ix_desk_checks_{column}", table_name="desk_checks")
    op.drop_table("desk_checks")
    for name in HAVE_IT:
        with op.batch_alter_table(name) as table:
            table.drop_column("remote")
