"""Plans of several years side by side: the year in the key of a line and its checks; when premises were counted.

Checks get ids with their year, wherever the book names them.
Spelled out and not taken from the tables themselves: those will grow, this step stays what it was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa
from alembic import op

from gis.schemas import BadInput, Fault

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAMED = (
    ("checks", "id"),
    ("due_items", "id"),
    ("undone", "item"),
    ("clashes_left", "earlier"),
    ("clashes_left", "later"),
)
"""Tables and columns that hold the id of a check; calls hold lists of them besides."""


def upgrade() -> None:
    with op.batch_alter_table("plan_lines") as table:
        table.add_column(sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.drop_constraint("pk_plan_lines", type_="primary")
        table.create_primary_key("pk_plan_lines", ["department", "year", "id"])
    op.add_column("checks", sa.Column("year", sa.Integer(), nullable=False, server_default="0"))
    connection = op.get_bind()
    found = connection.execute(
        sa.text(
            "SELECT checks.id, checks.department, checks.line, checks.nth, plan_lines.year FROM checks"
            " JOIN plan_lines ON plan_lines.department = checks.department AND plan_lines.id = checks.line"
        )
    ).all()
    named = {row.id: (row, row.year) for row in found}
    every = connection.execute(sa.text("SELECT id, department, line, nth, since FROM checks")).all()
    for row in every:  # of a line that the plans have no more, the day since which it was due has the year
        named.setdefault(row.id, (row, date.fromisoformat(str(row.since)).year))
    if named:
        years = [{"id": id, "year": year} for id, (_, year) in named.items()]
        connection.execute(sa.text("UPDATE checks SET year = :year WHERE id = :id"), years)
    _rename({id: f"{row.department}:{year}:{row.line}.{row.nth}" for id, (row, year) in named.items()})
    _index("department", "year", "line")
    when_premises_were_counted()


def downgrade() -> None:
    """Back to lines without a year in their key, while no two years have the same line and none was withdrawn.

    Raises
    ------
    BadInput
        When lines would be lost.
    """
    connection = op.get_bind()
    twice = connection.scalar(
        sa.text("SELECT count(*) FROM (SELECT 1 FROM plan_lines GROUP BY department, id HAVING count(*) > 1) AS twice")
    )
    gone = connection.scalar(sa.text("SELECT count(*) FROM plan_lines WHERE withdrawn"))
    if twice or gone:
        lost = f"{twice} lines of several years, {gone} withdrawn lines"
        raise BadInput(
            Fault("database", None, None, lost, f"none of these, since version {down_revision} has no place for them"),
            advice="Stay at version 0008, or open the copy that was made before the upgrade.",
        )
    found = connection.execute(sa.text("SELECT id, department, line, nth FROM checks")).all()
    _rename({row.id: f"{row.department}:{row.line}.{row.nth}" for row in found})
    with op.batch_alter_table("premises") as table:
        table.drop_column("counted_at")
    _index("department", "line")
    with op.batch_alter_table("checks") as table:
        table.drop_column("year")
    with op.batch_alter_table("plan_lines") as table:
        table.drop_constraint("pk_plan_lines", type_="primary")
        table.create_primary_key("pk_plan_lines", ["department", "id"])
        table.drop_column("withdrawn")


def when_premises_were_counted() -> None:
    """Their number of visits is of the day on which premises were last taken in; the ledger has it."""
    op.add_column(
        "premises",
        sa.Column(
            "counted_at", sa.DateTime(timezone=True), nullable=False, server_default="1970-01-01 00:00:00.000000"
        ),
    )
    connection = op.get_bind()
    told = connection.execute(sa.text("SELECT at, details FROM ledger WHERE deed = 'inspect_take_in'")).all()
    last = max((at for at, details in told if json.loads(details).get("premises")), default=None)
    if last is not None:
        premises = sa.table("premises", sa.column("counted_at", sa.DateTime(timezone=True)))
        connection.execute(sa.update(premises).values(counted_at=datetime.fromisoformat(last)))


def _index(*columns: str) -> None:
    op.drop_index("ix_checks_line", table_name="checks")
    op.create_index("ix_checks_line", "checks", list(columns))


def _rename(names: Mapping[str, str]) -> None:
    """Checks under their new ids, by their old ones.

    The new id of one may be the old id of another (line ``L1`` of 2026 beside a line called ``2026:L1``), so each
    stands for a moment under an id that no book has: a control character begins it.
    """
    connection = op.get_bind()
    rows = [{"old": old, "between": f"\x01{old}", "new": new} for old, new in names.items()]
    if not rows:
        return
    for table, column in NAMED:
        connection.execute(sa.text(f"UPDATE {table} SET {column} = :between WHERE {column} = :old"), rows)
    for table, column in NAMED:
        connection.execute(sa.text(f"UPDATE {table} SET {column} = :new WHERE {column} = :between"), rows)
    for call, told in connection.execute(sa.text("SELECT id, items FROM calls")).all():
        items = json.loads(told)
        if any(item in names for item in items):
            renamed = sorted(names.get(item, item) for item in items)
            given = {"id": call, "items": json.dumps(renamed, ensure_ascii=False)}
            connection.execute(sa.text("UPDATE calls SET items = :items WHERE id = :id"), given)
