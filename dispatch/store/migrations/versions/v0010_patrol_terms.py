"""What a patrol was drawn for, wholly, and where a finding was and who spoke.

Spelled out and not taken from the tables themselves: those will grow, this step stays what it was. Patrols from
before were drawn by the first rules, for which no look counted that was made before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gis.schemas import BadInput, Fault

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("patrols", sa.Column("rules", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("patrol_cells", sa.Column("found", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("patrol_cells", _text("behind", server_default="0"))
    op.add_column("patrol_cells", _text("spared", server_default="[]"))
    for name in ("lon", "lat"):
        op.add_column("findings", sa.Column(name, sa.Float(53), nullable=True))
    op.add_column("findings", _text("handled_by", server_default=""))


def downgrade() -> None:
    """Back to the tables before, while there is nothing that those could not hold.

    Raises
    ------
    BadInput
        When terms of patrols, or places and people of findings, would be lost.
    """
    connection = op.get_bind()
    patrols = connection.scalar(sa.text("SELECT count(*) FROM patrols WHERE rules > 1"))
    findings = connection.scalar(sa.text("SELECT count(*) FROM findings WHERE lon IS NOT NULL OR handled_by <> ''"))
    if patrols or findings:
        lost = f"{patrols} patrols with their terms, {findings} findings with a place or a person"
        raise BadInput(
            Fault("database", None, None, lost, f"none of these, since version {down_revision} has no place for them"),
            advice=f"Stay at version {revision}, or open the copy that was made before the upgrade.",
        )
    for table, names in (
        ("findings", ("handled_by", "lat", "lon")),
        ("patrol_cells", ("spared", "behind", "found")),
        ("patrols", ("rules",)),
    ):
        with op.batch_alter_table(table) as altered:
            for name in names:
                altered.drop_column(name)


def _text(name: str, server_default: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=server_default)
