"""People, sessions, keys and hooks; whistles, transfers, disputes, liaisons and evidence.

Spelled out and not taken from the tables themselves: those will grow, this step stays what it was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gis.schemas import BadInput, Fault

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NEW_TABLES = ("disputes", "liaisons", "evidence", "people", "sessions", "keys", "hooks")
TASK_WORDS = (("kind", "part"), ("asked_by", ""), ("package", ""), ("clause", ""), ("returned_by", "[]"))
TASK_TIMES = ("answer_by_at", "arrive_by_at", "arrived_at")


def upgrade() -> None:
    for name, default in TASK_WORDS:
        op.add_column("tasks", _text(name, server_default=default))
    for name in TASK_TIMES:
        op.add_column("tasks", _time(name, nullable=True))
    op.add_column("tasks", sa.Column("raised", sa.Integer(), nullable=False, server_default="0"))
    between_bodies()
    people()
    doors()


def downgrade() -> None:
    """Back to the second tables, while there is nothing that those could not hold.

    Raises
    ------
    BadInput
        When people, keys, hooks, disputes, liaisons, evidence, whistles or transfers would be lost.
    """
    _refuse_to_lose()
    for name in NEW_TABLES:
        op.drop_table(name)
    with op.batch_alter_table("tasks") as table:
        for name, _ in TASK_WORDS:
            table.drop_column(name)
        for name in (*TASK_TIMES, "raised"):
            table.drop_column(name)


def _refuse_to_lose() -> None:
    connection = op.get_bind()
    count = {name: connection.scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in NEW_TABLES}
    between = "SELECT count(*) FROM tasks WHERE kind <> 'part' OR returned_by <> '[]'"
    count["tasks between bodies"] = connection.scalar(sa.text(between))
    lost = ", ".join(f"{number} {name}" for name, number in count.items() if number and name != "sessions")
    if lost:
        raise BadInput(
            Fault("database", None, None, lost, "none of these, since version 0002 has no place for them"),
            advice="Stay at version 0003, or open the copy that was made before the upgrade.",
        )


def between_bodies() -> None:
    op.create_table(
        "disputes",
        *(_text(name) for name in ("id", "incident", "task", "parties", "superior")),
        _time("opened_at"),
        _time("due_at"),
        *(_text(name) for name in ("status", "department", "clause")),
        _time("decided_at", nullable=True),
        _text("decided_by"),
        _number("version"),
        sa.PrimaryKeyConstraint("id", name="pk_disputes"),
    )
    for name in ("incident", "task", "status"):
        op.create_index(f"ix_disputes_{name}", "disputes", [name])
    op.create_table(
        "liaisons",
        *(_text(name) for name in ("community", "officer", "backup")),
        _number("version"),
        sa.PrimaryKeyConstraint("community", name="pk_liaisons"),
    )
    op.create_table(
        "evidence",
        *(_text(name) for name in ("id", "incident")),
        _time("at"),
        _text("by"),
        *(sa.Column(name, sa.Float(53), nullable=True) for name in ("lon", "lat", "accuracy_m")),
        *(_text(name) for name in ("name", "media")),
        _number("size"),
        *(_text(name) for name in ("sha256", "note")),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
    )
    op.create_index("ix_evidence_incident", "evidence", ["incident"])


def people() -> None:
    op.create_table(
        "people",
        *(_text(name) for name in ("id", "name", "posts", "officer", "body", "email", "password")),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("must_change", "active")),
        _number("version"),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_index("ix_people_email", "people", ["email"])
    op.create_table(
        "sessions",
        *(_text(name) for name in ("token_hash", "person")),
        _time("since"),
        _time("until"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
    )
    for name in ("person", "until"):
        op.create_index(f"ix_sessions_{name}", "sessions", [name])


def doors() -> None:
    op.create_table(
        "keys",
        *(_text(name) for name in ("id", "source", "hash")),
        _time("made_at"),
        _time("ended_at", nullable=True),
        _number("version"),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
    )
    op.create_index("ix_keys_hash", "keys", ["hash"])
    op.create_table(
        "hooks",
        *(_text(name) for name in ("id", "url", "events", "secret")),
        sa.Column("cursor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        _number("tries"),
        _time("next_at", nullable=True),
        _text("said"),
        _number("version"),
        sa.PrimaryKeyConstraint("id", name="pk_hooks"),
    )


def _text(name: str, server_default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=server_default)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, autoincrement=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
