"""Who may come in: people, sessions, keys and hooks of other systems."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from dispatch.store.tables.base import Base, Counter, table


class PersonRow(Base):
    """One person who may sign in; ``posts`` is a JSON list of job and area."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[str]
    officer: Mapped[str]
    body: Mapped[str]
    email: Mapped[str] = mapped_column(index=True)
    password: Mapped[str]
    must_change: Mapped[bool]
    active: Mapped[bool]
    version: Mapped[int]


class SessionRow(Base):
    """One browser that somebody signed in with."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(index=True)
    since: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)


class KeyRow(Base):
    """One key with which another system reports."""

    __tablename__ = "keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    hash: Mapped[str] = mapped_column(index=True)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    version: Mapped[int]


class HookRow(Base):
    """One system that is told what happened; ``events`` is a JSON list."""

    __tablename__ = "hooks"

    id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    events: Mapped[str]
    secret: Mapped[str]
    cursor: Mapped[int] = mapped_column(Counter)
    active: Mapped[bool]
    tries: Mapped[int]
    next_at: Mapped[datetime | None]
    said: Mapped[str]
    version: Mapped[int]


PEOPLE = table(PersonRow)
SESSIONS = table(SessionRow)
KEYS = table(KeyRow)
HOOKS = table(HookRow)
