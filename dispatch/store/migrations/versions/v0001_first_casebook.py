"""The first casebook: incidents, teams with their officers, the ledger, the state and the settings.

Spelled out and not taken from the tables themselves: those will grow, this step stays what it was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    incidents()
    roster()
    ledger()
    state()


def downgrade() -> None:
    for table in ("settings", "state", "ledger", "crews", "certificates", "officers", "teams", "incidents"):
        op.drop_table(table)


def incidents() -> None:
    op.create_table(
        "incidents",
        _text("id"),
        _text("text"),
        sa.Column("lon", sa.Float(53)),
        sa.Column("lat", sa.Float(53)),
        _text("cell"),
        _text("town"),
        _text("matter"),
        _number("priority"),
        _time("reported_at"),
        _time("due_at"),
        _text("source"),
        _text("address"),
        _text("status"),
        _text("team"),
        _time("closed_at", nullable=True),
        _number("version"),
        _counter("revision"),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_status", "incidents", ["status"])
    op.create_index("ix_incidents_closed_at", "incidents", ["closed_at"])
    op.create_index("ix_incidents_revision", "incidents", ["revision"])
    still_out = sa.text("status IN ('assigned', 'accepted', 'on_scene')")
    op.create_index(
        "one_incident_a_team",
        "incidents",
        ["team"],
        unique=True,
        sqlite_where=still_out,
        postgresql_where=still_out,
    )


def roster() -> None:
    op.create_table(
        "teams",
        _text("id"),
        _text("name"),
        _text("body"),
        _text("town"),
        sa.Column("lon", sa.Float(53), nullable=False),
        sa.Column("lat", sa.Float(53), nullable=False),
        _text("profile"),
        _text("beat"),
        _time("on_duty_from"),
        _time("on_duty_to"),
        _text("activity"),
        _text("incident"),
        _number("done_today"),
        _number("version"),
        _counter("revision"),
        sa.PrimaryKeyConstraint("id", name="pk_teams"),
    )
    op.create_index("ix_teams_revision", "teams", ["revision"])
    op.create_table(
        "officers",
        _text("id"),
        _text("name"),
        _text("role"),
        _text("town"),
        sa.PrimaryKeyConstraint("id", name="pk_officers"),
    )
    op.create_table(
        "certificates",
        _text("officer"),
        _number("place"),
        _text("field"),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("officer", "place", name="pk_certificates"),
    )
    op.create_table(
        "crews",
        _text("team"),
        _number("seat"),
        _text("officer"),
        sa.PrimaryKeyConstraint("team", "seat", name="pk_crews"),
    )
    op.create_index("ix_crews_officer", "crews", ["officer"])


def ledger() -> None:
    op.create_table(
        "ledger",
        _counter("sequence"),
        *(_text(name) for name in ("at", "actor", "deed", "kind", "subject", "team")),
        _number("version_before"),
        _number("version_after"),
        *(_text(name) for name in ("details", "previous", "hash")),
        sa.PrimaryKeyConstraint("sequence", name="pk_ledger"),
    )
    op.create_index("ix_ledger_subject", "ledger", ["subject"])
    op.create_index("ix_ledger_team", "ledger", ["team"])
    op.create_index("ix_ledger_actor_deed_sequence", "ledger", ["actor", "deed", "sequence"])


def state() -> None:
    state_table = op.create_table(
        "state",
        _number("id"),
        *(_counter(name) for name in ("revision", "roster_revision", "reported", "entries")),
        _text("head"),
        sa.PrimaryKeyConstraint("id", name="pk_state"),
    )
    op.bulk_insert(
        state_table,
        [{"id": 1, "revision": 0, "roster_revision": 0, "reported": 0, "entries": 0, "head": "0" * 64}],
    )
    op.create_table("settings", _text("name"), _text("value"), sa.PrimaryKeyConstraint("name", name="pk_settings"))


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, autoincrement=False)


def _counter(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
