"""Appraisals of towns and departments, and objections to them before they are published."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gis.schemas import BadInput, Fault

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "appraisals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("appeal_by_at", moment, nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("published_at", moment, nullable=True),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_appraisals"),
    )
    op.create_table(
        "objections",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("appraisal", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("ruling", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ruled_at", moment, nullable=True),
        sa.Column("ruled_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_objections"),
    )
    op.create_index("ix_objections_appraisal", "objections", ["appraisal"])


def downgrade() -> None:
    """Back to books without appraisals, while there are none.

    Raises
    ------
    BadInput
        When appraisals would be lost.
    """
    kept = op.get_bind().scalar(sa.text("SELECT count(*) FROM appraisals"))
    if kept:
        raise BadInput(
            Fault("database", None, None, f"{kept} appraisals", f"none, since version {down_revision} has no place"),
            advice="Stay at version 0014, or open the copy that was made before the upgrade.",
        )
    op.drop_index("ix_objections_appraisal", table_name="objections")
    op.drop_table("objections")
    op.drop_table("appraisals")
