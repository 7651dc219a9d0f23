"""What each due check is called.

Checks of plans, draws and scenes of before get the code of their item, which their id or line has; those of
an office's own table stay without a name.
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

DRAWN = re.compile(r"D\d{4,}:.+:(?P<item>[^:]+)")
OF_A_SCENE = re.compile(r".+:(?P<item>[^:]+):\d{8}(?:-\d+)?")


def upgrade() -> None:
    op.add_column("due_items", sa.Column("name", sa.Text(), nullable=False, server_default=""))
    connection = op.get_bind()
    planned = connection.execute(
        sa.text(
            "SELECT checks.id, plan_lines.item FROM checks JOIN plan_lines ON plan_lines.department = checks.department"
            " AND plan_lines.year = checks.year AND plan_lines.id = checks.line"
        )
    ).all()
    items = {row.id: row.item for row in planned}
    for id in connection.scalars(sa.text("SELECT id FROM due_items")):
        found = DRAWN.fullmatch(id) or OF_A_SCENE.fullmatch(id)
        if found and id not in items:
            items[id] = found["item"]
    rows = [{"id": id, "item": item} for id, item in items.items()]
    if rows:
        connection.execute(sa.text("UPDATE due_items SET name = :item WHERE id = :id"), rows)


def downgrade() -> None:
    """Back to checks without a name: those of plans, draws and scenes keep it in their id, an office's own lose it."""
    with op.batch_alter_table("due_items") as table:
        table.drop_column("name")
