"""Patrols of towns: what lies where, the rounds of a period with their stops, what was left out, and what was found.

Spelled out and not taken from the tables themselves: those will grow, this step stays what it was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gis.schemas import BadInput, Fault

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NEW_TABLES = (
    "patrol_objects",
    "patrols",
    "patrol_cells",
    "patrol_rounds",
    "patrol_stops",
    "patrol_left_out",
    "findings",
)


def upgrade() -> None:
    what_is_patrolled()
    rounds()


def downgrade() -> None:
    """Back to the tables before, while there is nothing that those could not hold.

    Raises
    ------
    BadInput
        When objects, patrols or findings would be lost.
    """
    connection = op.get_bind()
    count = {name: connection.scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in NEW_TABLES}
    lost = ", ".join(f"{number} {name}" for name, number in count.items() if number)
    if lost:
        raise BadInput(
            Fault("database", None, None, lost, f"none of these, since version {down_revision} has no place for them"),
            advice=f"Stay at version {revision}, or open the copy that was made before the upgrade.",
        )
    for name in NEW_TABLES:
        op.drop_table(name)


def what_is_patrolled() -> None:
    op.create_table(
        "patrol_objects",
        *(_text(name) for name in ("id", "kind", "name")),
        *(_degrees(name) for name in ("lon", "lat")),
        *(_text(name) for name in ("cell", "town")),
        sa.PrimaryKeyConstraint("id", name="pk_patrol_objects"),
    )
    for name in ("cell", "town"):
        op.create_index(f"ix_patrol_objects_{name}", "patrol_objects", [name])
    op.create_table(
        "patrols",
        *(_text(name) for name in ("id", "town", "days")),
        *(_number(name) for name in ("rounds_a_day", "longest")),
        *(_text(name) for name in ("seed", "commitment", "algorithm")),
        _number("lots"),
        _time("made_at"),
        *(_text(name) for name in ("by", "items")),
        _number("weeks"),
        _text("travel"),
        sa.PrimaryKeyConstraint("id", name="pk_patrols"),
    )
    op.create_index("ix_patrols_town", "patrols", ["town"])
    op.create_table(
        "patrol_cells",
        *(_text(name) for name in ("plan", "cell")),
        _number("beat"),
        *(_text(name) for name in ("objects", "risk")),
        *(_number(name) for name in ("incidents", "passes", "short")),
        *(_degrees(name) for name in ("lon", "lat")),
        sa.PrimaryKeyConstraint("plan", "cell", name="pk_patrol_cells"),
    )


def rounds() -> None:
    op.create_table(
        "patrol_rounds",
        *(_text(name) for name in ("id", "plan", "town")),
        _number("beat"),
        sa.Column("day", sa.Date(), nullable=False),
        *(_number(name) for name in ("slot", "minutes")),
        _text("team"),
        *(_time(name, nullable=True) for name in ("begun_at", "ended_at")),
        _text("said"),
        _number("version"),
        sa.PrimaryKeyConstraint("id", name="pk_patrol_rounds"),
    )
    for name in ("plan", "day", "team"):
        op.create_index(f"ix_patrol_rounds_{name}", "patrol_rounds", [name])
    op.create_table(
        "patrol_stops",
        *(_text(name) for name in ("round", "cell")),
        *(_number(name) for name in ("number", "nth", "drawn")),
        _text("items"),
        *(_number(name) for name in ("arrive", "minutes")),
        _time("passed_at", nullable=True),
        _text("passed_by"),
        sa.PrimaryKeyConstraint("round", "cell", name="pk_patrol_stops"),
    )
    op.create_table(
        "patrol_left_out",
        *(_text(name) for name in ("plan", "cell")),
        *(_number(name) for name in ("nth", "drawn")),
        _text("reason"),
        sa.PrimaryKeyConstraint("plan", "cell", "nth", name="pk_patrol_left_out"),
    )
    op.create_table(
        "findings",
        *(_text(name) for name in ("id", "round", "cell", "item", "text")),
        _time("found_at"),
        *(_text(name) for name in ("finder", "role", "handling")),
        sa.Column("put_right", sa.Boolean(), nullable=False),
        *(_text(name) for name in ("incident", "said")),
        _number("version"),
        sa.PrimaryKeyConstraint("id", name="pk_findings"),
    )
    op.create_index("ix_findings_round", "findings", ["round"])


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, autoincrement=False)


def _degrees(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Float(53), nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
