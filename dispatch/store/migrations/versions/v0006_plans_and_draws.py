"""Departments' year plans with their checks, what the register says of premises, and the draws.

Spelled out and not taken from the tables themselves: those will grow, this step stays what it was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gis.schemas import BadInput, Fault

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NEW_TABLES = ("premises_traits", "plan_lines", "checks", "clashes_left", "draws")


def upgrade() -> None:
    what_is_planned()
    what_is_drawn()


def downgrade() -> None:
    """Back to the tables before, while there is nothing that those could not hold.

    Raises
    ------
    BadInput
        When plans, checks or draws would be lost.
    """
    connection = op.get_bind()
    count = {name: connection.scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in NEW_TABLES}
    lost = ", ".join(f"{number} {name}" for name, number in count.items() if number)
    if lost:
        raise BadInput(
            Fault("database", None, None, lost, f"none of these, since version {down_revision} has no place for them"),
            advice="Stay at version 0006, or open the copy that was made before the upgrade.",
        )
    for name in NEW_TABLES:
        op.drop_table(name)


def what_is_planned() -> None:
    op.create_table(
        "premises_traits",
        *(_text(name) for name in ("premises", "type", "risk", "credit")),
        sa.PrimaryKeyConstraint("premises", name="pk_premises_traits"),
    )
    op.create_table(
        "plan_lines",
        *(_text(name) for name in ("department", "id")),
        _number("year"),
        _text("sheet"),
        _number("row"),
        *(_text(name) for name in ("premises", "item", "basis", "inspectors")),
        _number("times", nullable=True),
        *(_day(name, nullable=True) for name in ("first", "last")),
        _text("occasion"),
        _number("left_out"),
        sa.PrimaryKeyConstraint("department", "id", name="pk_plan_lines"),
    )
    for name in ("year", "premises"):
        op.create_index(f"ix_plan_lines_{name}", "plan_lines", [name])
    op.create_table(
        "checks",
        *(_text(name) for name in ("id", "department", "line")),
        _number("nth"),
        _text("certificate"),
        _number("minutes"),
        *(_day(name) for name in ("earliest", "latest", "since")),
        _number("rolled"),
        sa.Column("fixed", sa.Boolean(), nullable=False),
        _text("lapsed"),
        sa.PrimaryKeyConstraint("id", name="pk_checks"),
    )
    op.create_index("ix_checks_line", "checks", ["department", "line"])
    op.create_table(
        "clashes_left",
        *(_text(name) for name in ("earlier", "later", "why", "by")),
        _time("at"),
        sa.PrimaryKeyConstraint("earlier", "later", name="pk_clashes_left"),
    )


def what_is_drawn() -> None:
    op.create_table(
        "draws",
        *(_text(name) for name in ("id", "name", "towns", "scene", "items")),
        *(_number(name) for name in ("count", "crew")),
        *(_text(name) for name in ("seed_from", "premises", "inspectors")),
        _time("opened_at"),
        _text("opened_by"),
        _time("drawn_at", nullable=True),
        *(_text(name) for name in ("drawn_by", "record")),
        *(_day(name, nullable=True) for name in ("first", "last")),
        sa.PrimaryKeyConstraint("id", name="pk_draws"),
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable, autoincrement=False)


def _day(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
