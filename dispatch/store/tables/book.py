"""The book itself: its ledger, how far it has come, its settings."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.store.tables.base import Base, Counter, table


class LedgerRow(Base):
    """One entry of the hash chain; every column but ``hash`` is under the hash."""

    __tablename__ = "ledger"

    sequence: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=False)
    at: Mapped[str]
    actor: Mapped[str]
    deed: Mapped[str]
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    team: Mapped[str] = mapped_column(index=True)
    version_before: Mapped[int]
    version_after: Mapped[int]
    details: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str]

    __table_args__ = (Index("ix_ledger_actor_deed_sequence", "actor", "deed", "sequence"),)


class StateRow(Base):
    """The one row every writer takes first: how far the book has come and where the chain ends."""

    __tablename__ = "state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(Counter)
    roster_revision: Mapped[int] = mapped_column(Counter)
    reported: Mapped[int] = mapped_column(Counter)
    filed: Mapped[int] = mapped_column(Counter)
    acts: Mapped[int] = mapped_column(Counter)
    list_version: Mapped[int] = mapped_column(Counter)
    entries: Mapped[int] = mapped_column(Counter)
    head: Mapped[str]


class SettingRow(Base):
    """A word about the book itself: which place it is, from which scenario."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


LEDGER = table(LedgerRow)
STATE = table(StateRow)
SETTINGS = table(SettingRow)
