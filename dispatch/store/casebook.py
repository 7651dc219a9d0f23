"""The casebook: what the district has on its hands now, how it came to that, and one door for every change.

``open_casebook`` opens it; the screens read from it; the desk writes into it through :meth:`Casebook.writing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, Select, Table, func, select

from dispatch.records.case import Case
from dispatch.records.incident import Incident, Status
from dispatch.records.task import Task
from dispatch.records.team import Team
from dispatch.rulebook.calendar import Holidays
from dispatch.rulebook.powers import Power
from dispatch.store import casefiles, holidaytable, ledger, powerlist
from dispatch.store.database import open_engine, reader, writer
from dispatch.store.ledger import REFUSED, Entry, Kind, Verified, about, entry
from dispatch.store.snapshot import Changes, Snapshot, by_id, first_due_first
from dispatch.store.tables import CASES, INCIDENTS, LEDGER, SETTINGS, STATE, TASKS, TEAMS
from dispatch.store.translation import INCIDENT_COLUMNS, OPEN_NOW, TEAM_COLUMNS, Crews, crews, incidents, teams
from dispatch.store.writing import Actor, Writing


@dataclass(frozen=True, slots=True)
class Added:
    """Which of the incidents given are new in the book and which it had (or were given twice)."""

    added: tuple[str, ...]
    duplicates: tuple[str, ...]


def open_casebook(url: str, *, create: bool = True) -> Casebook:
    """The casebook at ``url``, its tables brought to the newest version.

    Parameters
    ----------
    url
        ``sqlite:///city.db``, ``sqlite://`` for one in memory, or ``postgresql+psycopg://user@host/name``.
    create
        Begin a new, empty book when there is none.

    Raises
    ------
    BadInput
        When there is no usable casebook at ``url``; the message says what is there instead.
    """
    return Casebook(open_engine(url, create=create))


class Casebook:
    """One open casebook; may be shared by the threads of a process. Close it, or use it in a ``with``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader = reader(engine)
        self._writer = writer(engine)
        # Threads of one process queue here in the order they come; SQLite's own lock is a lottery.
        self._turn = Lock()
        self._crews: tuple[int, Crews] = (-1, {})
        self._kept: Snapshot | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back every connection. The book can be opened again."""
        self._engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """One transaction for one deed: stored when the block ends, undone wholly when it raises."""
        with self._turn, self._writer.begin() as connection:
            page = Writing(connection, self._crews_at)
            yield page
            page.finish()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One moment of the book, for the files of this folder that keep one kind of thing each."""
        with self._reader.connect() as connection:
            yield connection

    def revision(self) -> int:
        """A number that grows with every deed and every position report; equal means nothing has changed."""
        with self._reader.connect() as connection:
            return int(connection.scalar(select(STATE.c.revision)) or 0)

    def snapshot(self) -> Snapshot:
        """Open incidents and teams of one moment, with its revision.

        The last one is kept: nothing is read again while the revision is the same, and only what changed afterwards.
        """
        kept = self._kept
        with self._reader.connect() as connection:
            if kept is None:
                revision, crew = self._moment(connection)
                opened = first_due_first(_open_incidents(connection))
                kept = Snapshot(revision, opened, by_id(_teams(connection, crew)))
            elif connection.scalar(select(STATE.c.revision)) != kept.revision:
                kept = kept.after(self._changes(connection, kept.revision))
        self._kept = kept
        return kept

    def changed_since(self, revision: int) -> Changes:
        """What a screen must renew that has shown ``revision``; with -1, all that is or was."""
        with self._reader.connect() as connection:
            return self._changes(connection, revision)

    def open_incidents(self) -> list[Incident]:
        """Every incident that is not closed, the first due first."""
        with self._reader.connect() as connection:
            return list(first_due_first(_open_incidents(connection)))

    def closed_since(self, moment: datetime) -> list[Incident]:
        """Incidents closed at ``moment`` (aware) or later, the first closed first."""
        query = select(*INCIDENT_COLUMNS).where(INCIDENTS.c.closed_at >= moment)
        return self._incidents(query.order_by(INCIDENTS.c.closed_at, INCIDENTS.c.id))

    def incidents(self) -> list[Incident]:
        """Every incident ever reported, by id."""
        return self._incidents(select(*INCIDENT_COLUMNS).order_by(INCIDENTS.c.id))

    def incident(self, incident_id: str) -> Incident | None:
        """The incident of that id, or None."""
        return next(iter(self._incidents(select(*INCIDENT_COLUMNS).where(INCIDENTS.c.id == incident_id))), None)

    def voices(self, parent: str) -> list[Incident]:
        """The incidents merged into ``parent``, by id."""
        return self._incidents(select(*INCIDENT_COLUMNS).where(INCIDENTS.c.parent == parent).order_by(INCIDENTS.c.id))

    def tasks(self, incident: str | None = None, *, open_only: bool = False) -> list[Task]:
        """The tasks of an incident, or of all, by id."""
        with self._reader.connect() as connection:
            return casefiles.tasks(connection.execute(casefiles.tasks_where(incident, open_only=open_only)))

    def case(self, case_id: str) -> Case | None:
        """The case of that id, or None."""
        with self._reader.connect() as connection:
            return casefiles.read_case(connection, case_id)

    def cases(self, **wanted: Any) -> list[Case]:
        """The cases that answer to everything given (``casefiles.cases_where``), the first filed first."""
        with self._reader.connect() as connection:
            return casefiles.read_cases(connection, casefiles.cases_where(**wanted))

    def cases_revision(self) -> tuple[int, int]:
        """How many cases there are and the sum of their versions: equal means no case has changed."""
        return self._versions_in(CASES)

    def tasks_revision(self) -> tuple[int, int]:
        """The same of tasks: equal means that no task has been sent or moved."""
        return self._versions_in(TASKS)

    def list_version(self) -> int:
        """The present version of the list of powers; 0 while the book has none of its own."""
        with self._reader.connect() as connection:
            return int(connection.scalar(select(STATE.c.list_version)) or 0)

    def powers(self, version: int | None = None) -> tuple[Power, ...]:
        """The list of powers as it stands, or as it stood at ``version``; empty while the book has none of its own."""
        with self._reader.connect() as connection:
            if version is None:
                version = int(connection.scalar(select(STATE.c.list_version)) or 0)
            return powerlist.read_powers(connection, version)

    def holidays(self) -> Holidays | None:
        """The table of holidays that the keeper has made their own; None while it is the shipped one."""
        with self._reader.connect() as connection:
            return holidaytable.read_holidays(connection)

    def teams(self) -> list[Team]:
        """The present roster, by id."""
        with self._reader.connect() as connection:
            _, crew = self._moment(connection)
            return list(by_id(_teams(connection, crew)))

    def team(self, team_id: str) -> Team | None:
        """The team of that id, or None."""
        with self._reader.connect() as connection:
            rows = connection.execute(select(*TEAM_COLUMNS).where(TEAMS.c.id == team_id)).all()
            return teams(rows, crews(connection, team_id))[0] if rows else None

    def history(self, kind: Kind, subject: str) -> list[Entry]:
        """Every entry about this thing of that kind, the first deed first, refusals included."""
        return self.histories({kind: [subject]})

    def histories(self, things: Mapping[Kind, Sequence[str]]) -> list[Entry]:
        """Every entry about any of these things, ids by kind, the first deed first, refusals included."""
        found: dict[int, Entry] = {}
        with self._reader.connect() as connection:
            for kind, subjects in things.items():
                for start in range(0, len(subjects), casefiles.IDS_AT_ONCE):
                    some = subjects[start : start + casefiles.IDS_AT_ONCE]
                    query = select(LEDGER).where(about(kind, *some))
                    found |= {row.sequence: entry(row) for row in connection.execute(query)}
        return [found[sequence] for sequence in sorted(found)]

    def deeds_of(self, actor: str, *deeds: str, since: datetime) -> list[Entry]:
        """What this actor did or tried under these names at ``since`` (aware) or later, newest first."""
        query = select(LEDGER).where(LEDGER.c.actor == actor, LEDGER.c.deed.in_(deeds))
        query = query.where(LEDGER.c.at >= ledger.as_kept(since)).order_by(LEDGER.c.sequence.desc())
        return self._entries(query)

    def rules_revision(self) -> int:
        """The number of the last entry that changed a list (powers, holidays); equal means the rules are the same."""
        query = select(func.max(LEDGER.c.sequence)).where(
            LEDGER.c.subject.in_(("powers", "holidays")),
            LEDGER.c.kind == Kind.LIST.value,
            LEDGER.c.deed.not_like(REFUSED + "%"),
        )
        with self._reader.connect() as connection:
            return int(connection.scalar(query) or 0)

    def latest_entries(self, count: int = 100) -> list[Entry]:
        """The last ``count`` entries of the ledger, the newest first."""
        return self._entries(select(LEDGER).order_by(LEDGER.c.sequence.desc()).limit(count))

    def entries_since(self, sequence: int) -> list[Entry]:
        """The entries after number ``sequence``, in order."""
        return self._entries(select(LEDGER).where(LEDGER.c.sequence > sequence).order_by(LEDGER.c.sequence))

    def counts(self) -> dict[str, int]:
        """How many incidents there are in each status that occurs."""
        query = select(INCIDENTS.c.status, func.count()).group_by(INCIDENTS.c.status)
        with self._reader.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def verify(self) -> Verified:
        """Recompute the ledger's hash chain: whole, or the first entry that does not hold."""
        with self._reader.connect() as connection:
            return ledger.verify(connection)

    def setting(self, name: str) -> str | None:
        """A word about the book (``place``, ``scenario_hash`` …), or None."""
        with self._reader.connect() as connection:
            return connection.scalar(select(SETTINGS.c.value).where(SETTINGS.c.name == name))

    def set_setting(self, name: str, value: str, *, actor: str, at: datetime) -> None:
        """Write a word about the book; the old one stays in the ledger."""
        with self.writing() as page:
            page.set_setting(Actor(actor, at, "set"), name, value)

    def add_incidents(
        self, new: Sequence[Incident], *, at: datetime, actor: str = "import", file: str = "", sha256: str = ""
    ) -> Added:
        """Incidents from a file or a feed, all in one transaction, those already in the book left as they are.

        Parameters
        ----------
        new
            Waiting (``REPORTED``, without a team) or ``CLOSED``; a repeated id counts as a duplicate from its second
            time on.
        at
            Aware: when they were taken in.
        file, sha256
            Name and fingerprint of where they came from, for the ledger. With a ``file`` the import itself gets an
            entry with the counts, also when nothing was new. Every incident gets its own entry with all its facts and
            the number of the import's, so each is as traceable as one typed in at the desk.

        Raises
        ------
        BadInput
            When a text holds NUL or half a surrogate pair; nothing is added then.
        ValueError
            When an incident has a team out: only the desk's ``assign`` sends teams.
        """
        _refuse_sent(new)
        with self.writing() as page:
            known = page.known([incident.id for incident in new])
            fresh, duplicates = _first_time(new, known)
            if file:
                counts = {"added": len(fresh), "duplicates": len(duplicates), "sha256": sha256}
                number = page.enter(Actor(actor, at, "import"), Kind.FILE, file, details=counts)
                page.add(Actor(actor, at, "report"), fresh, import_entry=number)
            elif fresh:
                page.add(Actor(actor, at, "report"), fresh)
        return Added(tuple(incident.id for incident in fresh), duplicates)

    def _versions_in(self, table: Table) -> tuple[int, int]:
        with self._reader.connect() as connection:
            row = connection.execute(select(func.count(), func.coalesce(func.sum(table.c.version), 0))).one()
            return int(row[0]), int(row[1])

    def _incidents(self, query: Select[Any]) -> list[Incident]:
        with self._reader.connect() as connection:
            return incidents(connection.execute(query))

    def _entries(self, query: Select[Any]) -> list[Entry]:
        with self._reader.connect() as connection:
            return [entry(row) for row in connection.execute(query)]

    def _changes(self, connection: Connection, since: int) -> Changes:
        revision, crew = self._moment(connection)
        whole_roster = connection.execute(select(STATE.c.roster_revision)).scalar_one() > since
        changed = select(*INCIDENT_COLUMNS).where(INCIDENTS.c.revision > since).order_by(INCIDENTS.c.id)
        moved = by_id(_teams(connection, crew, None if whole_roster else since))
        return Changes(revision, incidents(connection.execute(changed)), list(moved), whole_roster)

    def _moment(self, connection: Connection) -> tuple[int, Crews]:
        """The revision, and the crews: nine thousand officers are read again only when the roster has changed."""
        state = connection.execute(select(STATE.c.revision, STATE.c.roster_revision)).one()
        return state.revision, self._crews_at(connection, state.roster_revision)

    def _crews_at(self, connection: Connection, roster_revision: int) -> Crews:
        kept = self._crews
        if kept[0] != roster_revision:
            kept = self._crews = (roster_revision, crews(connection))
        return kept[1]


def _open_incidents(connection: Connection) -> list[Incident]:
    return incidents(connection.execute(select(*INCIDENT_COLUMNS).where(INCIDENTS.c.status.in_(OPEN_NOW))))


def _teams(connection: Connection, crew: Crews, since: int | None = None) -> list[Team]:
    query = select(*TEAM_COLUMNS)
    if since is not None:
        query = query.where(TEAMS.c.revision > since)
    return teams(connection.execute(query), crew)


def _refuse_sent(new: Iterable[Incident]) -> None:
    for incident in new:
        waiting = incident.status is Status.REPORTED and not incident.team
        if not waiting and incident.status is not Status.CLOSED:
            raise ValueError(
                f"Incident {incident.id} comes in as {incident.status} with team {incident.team!r}; add it as reported "
                "without a team and assign it at the desk."
            )


def _first_time(given: Iterable[Incident], known: set[str]) -> tuple[list[Incident], tuple[str, ...]]:
    seen, fresh, duplicates = set(known), [], []
    for incident in given:
        if incident.id in seen:
            duplicates.append(incident.id)
        else:
            seen.add(incident.id)
            fresh.append(replace(incident, version=1))
    return fresh, tuple(duplicates)
