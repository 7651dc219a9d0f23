"""Reviews of closed case files, drawn by lot, and what was found of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gis.schemas import BadInput, Fault

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "file_reviews",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("crew", sa.Integer(), nullable=False),
        sa.Column("seed_from", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("reviewers", sa.Text(), nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("drawn_at", moment, nullable=True),
        sa.Column("drawn_by", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_file_reviews"),
    )
    op.create_table(
        "file_marks",
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("review", "case", name="pk_file_marks"),
    )


def downgrade() -> None:
    """Back to books without reviews of files, while there are none.

    Raises
    ------
    BadInput
        When reviews would be lost.
    """
    kept = op.get_bind().scalar(sa.text("SELECT count(*) FROM file_reviews"))
    if kept:
        raise BadInput(
            Fault("database", None, None, f"{kept} file reviews", f"none, since version {down_revision} has no place"),
            advice="Stay at version 0015, or open the copy that was made before the upgrade.",
        )
    op.drop_table("file_marks")
    op.drop_table("file_reviews")
