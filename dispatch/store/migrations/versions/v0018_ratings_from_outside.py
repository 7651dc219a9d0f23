"""Observers from outside, sealed beside files and reviewers, and what they think of the files drawn for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gis.schemas import BadInput, Fault

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KEPT = (
    ("ratings of case files", "SELECT count(*) FROM file_ratings"),
    ("reviews with observers", "SELECT count(*) FROM file_reviews WHERE observers <> '[]'"),
    ("people with the job observer", "SELECT count(*) FROM people WHERE posts LIKE '%\"observer\"%'"),
)


def upgrade() -> None:
    op.add_column("file_reviews", sa.Column("observers", sa.Text(), nullable=False, server_default="[]"))
    op.create_table(
        "file_ratings",
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("review", "case", name="pk_file_ratings"),
    )


def downgrade() -> None:
    """Back to reviews without observers, while there are none.

    Raises
    ------
    BadInput
        When ratings, registers of observers or people with that job would be lost.
    """
    counts = [(op.get_bind().scalar(sa.text(query)), what) for what, query in KEPT]
    faults = [
        Fault("database", None, None, f"{n} {what}", f"none, since version {down_revision} has no place")
        for n, what in counts
        if n
    ]
    if faults:
        advice = f"Stay at version {revision}, or open the copy that was made before the upgrade."
        raise BadInput(*faults, advice=advice)
    op.drop_table("file_ratings")
    with op.batch_alter_table("file_reviews") as table:
        table.drop_column("observers")
