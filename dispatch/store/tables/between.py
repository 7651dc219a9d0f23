"""Between bodies: tasks, disputes, liaison officers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from dispatch.store.tables.base import Base, table


class TaskRow(Base):
    """One department's part in an incident."""

    __tablename__ = "tasks"

    id: Mapped[str] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(index=True)
    department: Mapped[str]
    body: Mapped[str]
    what_zh: Mapped[str]
    what_en: Mapped[str]
    lead: Mapped[bool]
    due_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(index=True)
    said: Mapped[str]
    done_at: Mapped[datetime | None]
    kind: Mapped[str]
    asked_by: Mapped[str]
    package: Mapped[str]
    clause: Mapped[str]
    answer_by_at: Mapped[datetime | None]
    arrive_by_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    raised: Mapped[int]
    returned_by: Mapped[str]
    version: Mapped[int]


class DisputeRow(Base):
    """One dispute about who is competent; ``parties`` is a JSON list of departments."""

    __tablename__ = "disputes"

    id: Mapped[str] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(index=True)
    task: Mapped[str] = mapped_column(index=True)
    parties: Mapped[str]
    superior: Mapped[str]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(index=True)
    department: Mapped[str]
    clause: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str]
    version: Mapped[int]


class LiaisonRow(Base):
    """The fixed officer of one community."""

    __tablename__ = "liaisons"

    community: Mapped[str] = mapped_column(primary_key=True)
    officer: Mapped[str]
    backup: Mapped[str]
    version: Mapped[int]


TASKS = table(TaskRow)
DISPUTES = table(DisputeRow)
LIAISONS = table(LiaisonRow)
