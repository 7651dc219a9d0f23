"""Cases and their stamps, tasks, the list of powers with its versions, holidays; incidents told by many.

Spelled out and not taken from the tables themselves: those will grow, this step stays what it was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gis.schemas import BadInput, Fault

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COUNTERS = ("filed", "acts", "list_version")


def upgrade() -> None:
    op.add_column("incidents", _text("parent", server_default=""))
    op.add_column("incidents", sa.Column("voices", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("incidents", _text("caller", server_default=""))
    op.create_index("ix_incidents_parent", "incidents", ["parent"])
    for name in COUNTERS:
        op.add_column("state", _counter(name, server_default="0"))
    tasks()
    cases()
    powers()
    holidays()


def downgrade() -> None:
    """Back to the first tables, while there is nothing that those could not hold.

    Raises
    ------
    BadInput
        When cases, tasks, powers, holidays or merged, handled or verified incidents would be lost.
    """
    refuse_loss()
    op.execute("DELETE FROM settings WHERE name = 'holidays_own'")
    for table in ("holidays", "powers", "stamps", "cases", "tasks"):
        op.drop_table(table)
    for name in COUNTERS:
        op.drop_column("state", name)
    op.drop_index("ix_incidents_parent", "incidents")
    for name in ("caller", "voices", "parent"):
        op.drop_column("incidents", name)


def refuse_loss() -> None:
    later = "incidents WHERE status IN ('handled', 'verified', 'merged')"
    kept = {"cases": "cases", "tasks": "tasks", "powers": "powers", "holidays": "holidays", "later incidents": later}
    rows = {name: op.get_bind().scalar(sa.text(f"SELECT count(*) FROM {table}")) for name, table in kept.items()}
    found = ", ".join(f"{count} {name}" for name, count in rows.items() if count)
    if found:
        raise BadInput(
            Fault("database", None, None, found, "none of these, since version 0001 has no place for them"),
            advice="Stay at version 0002, or open the copy that was made before the upgrade.",
        )


def tasks() -> None:
    op.create_table(
        "tasks",
        *(_text(name) for name in ("id", "incident", "department", "body", "what_zh", "what_en")),
        sa.Column("lead", sa.Boolean(), nullable=False),
        _time("due_at"),
        _text("status"),
        _text("said"),
        _time("done_at", nullable=True),
        _number("version"),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
    )
    op.create_index("ix_tasks_incident", "tasks", ["incident"])
    op.create_index("ix_tasks_status", "tasks", ["status"])


def cases() -> None:
    op.create_table(
        "cases",
        *(_text(name) for name in ("id", "incident", "matter", "town", "body", "mode", "letterhead", "basis")),
        *(_text(name) for name in ("party_id", "party_name", "party_kind", "procedure")),
        _time("filed_at"),
        _text("facts"),
        sa.Column("outcome", sa.Text(), nullable=True),
        _number("fine_yuan"),
        _time("closed_at", nullable=True),
        _number("version"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
    )
    for name in ("incident", "matter", "party_id", "closed_at"):
        op.create_index(f"ix_cases_{name}", "cases", [name])
    op.create_table(
        "stamps",
        _text("case_id"),
        _number("number"),
        _text("step"),
        _time("at"),
        *(_text(name) for name in ("by", "officers", "act_code", "facts")),
        sa.PrimaryKeyConstraint("case_id", "number", name="pk_stamps"),
    )
    op.create_index("ix_stamps_act_code", "stamps", ["act_code"])


def powers() -> None:
    op.create_table(
        "powers",
        _counter("number"),
        _number("since"),
        sa.Column("until", sa.Integer(), nullable=True),
        _number("place"),
        *(_text(name) for name in ("matter", "town", "body", "mode", "basis", "principal")),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        _text("source"),
        sa.PrimaryKeyConstraint("number", name="pk_powers"),
    )
    op.create_index("ix_powers_since", "powers", ["since"])
    op.create_index("ix_powers_until", "powers", ["until"])


def holidays() -> None:
    op.create_table(
        "holidays",
        sa.Column("day", sa.Date(), nullable=False),
        *(_text(name) for name in ("kind", "name_zh", "name_en")),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_holidays"),
    )


def _text(name: str, server_default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=server_default)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, autoincrement=False)


def _counter(name: str, server_default: str | None = None) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=False, autoincrement=False, server_default=server_default)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
