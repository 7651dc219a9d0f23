"""One transaction that changes the casebook: everything in it is done, chained and counted together, or nothing is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from dispatch.records.case import Case
from dispatch.records.incident import Incident
from dispatch.records.task import Task
from dispatch.records.team import Officer, Team
from dispatch.rulebook.calendar import Holiday, Holidays
from dispatch.rulebook.powers import Power
from dispatch.store import casefiles, holidaytable, powerlist
from dispatch.store.ledger import REFUSED, Entry, Head, Kind, Line, about, as_kept, entry, next_line
from dispatch.store.tables import (
    APPRAISALS,
    CALLS,
    CASES,
    CERTIFICATES,
    CREWS,
    DISPUTES,
    FILE_REVIEWS,
    HOOKS,
    INCIDENTS,
    KEYS,
    LEDGER,
    LIAISONS,
    OBJECTIONS,
    OFFICERS,
    PATROL_ROUNDS,
    PEOPLE,
    SETTINGS,
    STATE,
    TASKS,
    TEAMS,
)
from dispatch.store.translation import (
    INCIDENT_COLUMNS,
    OPEN_NOW,
    TEAM_COLUMNS,
    Crews,
    changes,
    crews,
    differences,
    facts,
    fingerprint,
    incident_row,
    incidents,
    roster_rows,
    team_row,
    teams,
)
from gis.schemas import BadInput, Fault

VERSIONED = {
    Kind.INCIDENT: INCIDENTS,
    Kind.TEAM: TEAMS,
    Kind.CASE: CASES,
    Kind.TASK: TASKS,
    Kind.DISPUTE: DISPUTES,
    Kind.LIAISON: LIAISONS,
    Kind.PERSON: PEOPLE,
    Kind.KEY: KEYS,
    Kind.HOOK: HOOKS,
    Kind.INSPECTION: CALLS,
    Kind.PATROL: PATROL_ROUNDS,
    Kind.APPRAISAL: APPRAISALS,
    Kind.OBJECTION: OBJECTIONS,
    Kind.FILE_REVIEW: FILE_REVIEWS,
}


# Made once: SQLAlchemy takes longer to put a statement together than SQLite to run it, and the write lock waits.
_STATE_TAKEN = select(STATE).with_for_update()
_STATE_NOW = update(STATE)
_ENTERED = insert(LEDGER)
_INCIDENT = select(*INCIDENT_COLUMNS).where(INCIDENTS.c.id == bindparam("wanted"))
_BODIES = select(TEAMS.c.id, TEAMS.c.body).order_by(TEAMS.c.id)
_TEAM = select(*TEAM_COLUMNS).where(TEAMS.c.id == bindparam("wanted"))
_SAVED = {
    table: update(table).where(table.c.id == bindparam("saved_id"), table.c.version == bindparam("saved_version"))
    for table in VERSIONED.values()
    if "id" in table.c
}


class Overtaken(RuntimeError):  # noqa: N818
    """A record changed between its reading and its saving; the write lock should have made that impossible."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does a deed, when (aware), and its name."""

    name: str
    at: datetime
    deed: str


class Writing:
    """The casebook while one deed is written into it; made by ``Casebook.writing``.

    It holds the write lock from its start: what it reads is what it will change. The entries are chained when they
    are made and stored, with the new head and revision, by :meth:`finish`.
    """

    def __init__(self, connection: Connection, crews_at: Callable[[Connection, int], Crews]) -> None:
        self._connection = connection
        self._crews_at = crews_at
        # Other databases than SQLite take their writers' lock here.
        self._state = connection.execute(_STATE_TAKEN).one()
        self._head = Head(self._state.entries, self._state.head)
        self._reported: int = self._state.reported
        self._filed: int = self._state.filed
        self._acts: int = self._state.acts
        self._list_version: int = self._state.list_version
        self._roster_changed = False
        self._changed = False
        self._lines: list[Line] = []

    @property
    def connection(self) -> Connection:
        """For the files of this folder that keep one kind of thing each."""
        return self._connection

    def put(self, actor: Actor, kind: Kind, table: Any, row: dict[str, Any], told: Mapping[str, Any]) -> None:
        """A new thing that has an id or the like and a version, under one entry that says ``told``."""
        self._connection.execute(insert(table).values(row))
        key = next(iter(table.primary_key.columns)).name
        self.enter(actor, kind, row[key], version_after=row.get("version", 1), details={"set": told})
        self._changed = True

    def amend(
        self, actor: Actor, kind: Kind, table: Any, version: int, row: dict[str, Any], told: Mapping[str, Any]
    ) -> None:
        """A thing brought from ``version`` to that of ``row``, under one entry that says ``told``."""
        key = next(iter(table.primary_key.columns))
        query = update(table).where(key == row[key.name], table.c.version == version).values(row)
        if self._connection.execute(query).rowcount != 1:
            raise Overtaken(f"{table.name} {row[key.name]} is no longer at version {version}; nothing was changed.")
        self.enter(actor, kind, row[key.name], version_before=version, version_after=row["version"], details=told)
        self._changed = True

    @property
    def revision(self) -> int:
        """The revision that everything changed here will carry."""
        return int(self._state.revision) + 1

    @property
    def next_sequence(self) -> int:
        """The number that the next entry of the ledger will have."""
        return self._head.entries + 1

    def incident(self, incident_id: str) -> Incident | None:
        """The incident as it stands now, or None."""
        return next(iter(incidents(self._connection.execute(_INCIDENT, {"wanted": incident_id}))), None)

    def team(self, team_id: str) -> Team | None:
        """The team as it stands now, with its officers, or None."""
        rows = self._connection.execute(_TEAM, {"wanted": team_id}).all()
        return teams(rows, crews(self._connection, team_id))[0] if rows else None

    def teams(self) -> list[Team]:
        """Every team, by id."""
        return teams(self._connection.execute(select(*TEAM_COLUMNS).order_by(TEAMS.c.id)), self._crews())

    def crews(self) -> list[tuple[str, tuple[Officer, ...]]]:
        """Of every team its body and its officers, by the team's id: all that a step of a case asks of the roster."""
        of_team = self._crews()
        return [(body, of_team.get(team, ())) for team, body in self._connection.execute(_BODIES)]

    def _crews(self) -> Crews:
        if self._roster_changed:
            return crews(self._connection)
        return self._crews_at(self._connection, self._state.roster_revision)

    def latest(self, kind: Kind, subject: str, *deeds: str) -> Entry | None:
        """The last deed that changed this thing, or the last of these deeds; refusals are passed over.

        So is what was only noted down, such as that it is overdue, unless it is asked for by name.
        """
        query = (
            select(LEDGER)
            .where(about(kind, subject))
            .where(LEDGER.c.deed.not_like(REFUSED + "%"))
            .order_by(LEDGER.c.sequence.desc())
            .limit(1)
        )
        if deeds:
            query = query.where(LEDGER.c.deed.in_(deeds))
        else:
            query = query.where(LEDGER.c.version_before != LEDGER.c.version_after)
        row = self._connection.execute(query).one_or_none()
        return entry(row) if row else None

    def deeds_of(self, actor: str, *deeds: str, since: datetime) -> list[Entry]:
        """What this actor did under these names at ``since`` (aware) or later, newest first."""
        query = select(LEDGER).where(LEDGER.c.actor == actor, LEDGER.c.deed.in_(deeds), LEDGER.c.at >= as_kept(since))
        return [entry(row) for row in self._connection.execute(query.order_by(LEDGER.c.sequence.desc()))]

    def last_deed_of(self, actor: str, deed: str) -> Entry | None:
        """The last time this actor did this deed, or None."""
        query = select(LEDGER).where(LEDGER.c.actor == actor, LEDGER.c.deed == deed)
        row = self._connection.execute(query.order_by(LEDGER.c.sequence.desc()).limit(1)).one_or_none()
        return entry(row) if row else None

    def next_number(self) -> int:
        """A number no incident reported at this desk has had."""
        self._reported += 1
        return self._reported

    def next_case(self) -> int:
        """A number no case filed at this desk has had."""
        self._filed += 1
        return self._filed

    def next_act(self) -> int:
        """A number no act of this book has had."""
        self._acts += 1
        return self._acts

    def open_incidents(self) -> list[Incident]:
        """Every incident that is open, by id."""
        query = select(*INCIDENT_COLUMNS).where(INCIDENTS.c.status.in_(OPEN_NOW)).order_by(INCIDENTS.c.id)
        return incidents(self._connection.execute(query))

    def merged_into(self, parent: str) -> list[Incident]:
        """The incidents that are voices about ``parent``, by id."""
        query = select(*INCIDENT_COLUMNS).where(INCIDENTS.c.parent == parent).order_by(INCIDENTS.c.id)
        return incidents(self._connection.execute(query))

    def history(self, kind: Kind, subject: str) -> list[Entry]:
        """Every entry about this thing of that kind, the first deed first, refusals included."""
        query = select(LEDGER).where(about(kind, subject))
        return [entry(row) for row in self._connection.execute(query.order_by(LEDGER.c.sequence))]

    def version_of(self, kind: Kind, subject: str) -> int:
        """At which version a thing stands; 0 when it is not in the book."""
        if (kind, subject) == (Kind.LIST, "powers"):
            return self._list_version
        table = VERSIONED.get(kind)
        if table is None:
            return 0
        key = next(iter(table.primary_key.columns))
        return int(self._connection.scalar(select(table.c.version).where(key == subject)) or 0)

    def case(self, case_id: str) -> Case | None:
        """The case as it stands now, or None."""
        return casefiles.read_case(self._connection, case_id)

    def cases(self, **wanted: Any) -> list[Case]:
        """The cases that answer to everything given (``casefiles.cases_where``), the first filed first."""
        return casefiles.read_cases(self._connection, casefiles.cases_where(**wanted))

    def add_case(self, actor: Actor, case: Case, **details: Any) -> None:
        """A new case with its first stamps, under one entry that holds all its facts."""
        self._connection.execute(insert(CASES), [casefiles.case_row(case)])
        casefiles.save_stamps(self._connection, case.id, case.stamps, 0)
        told = {"set": casefiles.case_facts(case), "stamps": [casefiles.stamp_told(each) for each in case.stamps]}
        self.enter(actor, Kind.CASE, case.id, version_after=case.version, details={**told, **details})
        self._changed = True

    def change_case(self, actor: Actor, before: Case, after: Case, **details: Any) -> None:
        """A case brought to its next version; stamps are only ever added."""
        if after.stamps[: len(before.stamps)] != before.stamps:
            raise ValueError(f"case {before.id}: a stamp that was set cannot be changed or taken away.")
        self._save(CASES, before.version, casefiles.case_row(after))
        casefiles.save_stamps(self._connection, after.id, after.stamps, len(before.stamps))
        told = differences(casefiles.case_facts(before), casefiles.case_facts(after))
        stamps = [casefiles.stamp_told(each) for each in after.stamps[len(before.stamps) :]]
        self._enter_change(actor, Kind.CASE, before, after, {**told, "stamps": stamps, **details})

    def task(self, task_id: str) -> Task | None:
        """The task as it stands now, or None."""
        query = select(*casefiles.TASK_COLUMNS).where(TASKS.c.id == task_id)
        return next(iter(casefiles.tasks(self._connection.execute(query))), None)

    def tasks(self, incident: str, *, open_only: bool = False) -> list[Task]:
        """The tasks of an incident, by id."""
        return casefiles.tasks(self._connection.execute(casefiles.tasks_where(incident, open_only=open_only)))

    def add_tasks(self, actor: Actor, new: Sequence[Task], **details: Any) -> None:
        """New tasks, each with an entry of its own."""
        if new:
            self._connection.execute(insert(TASKS), [casefiles.task_row(task) for task in new])
            self._changed = True
        for task in new:
            told = {"set": casefiles.task_facts(task), **details}
            self.enter(actor, Kind.TASK, task.id, version_after=task.version, details=told)

    def change_task(self, actor: Actor, before: Task, after: Task, **details: Any) -> None:
        """A task brought to its next version."""
        self._save(TASKS, before.version, casefiles.task_row(after))
        told = differences(casefiles.task_facts(before), casefiles.task_facts(after))
        self._enter_change(actor, Kind.TASK, before, after, {**told, **details})

    def list_version(self) -> int:
        """The present version of the list of powers; 0 while the book has none of its own."""
        return self._list_version

    def powers(self) -> tuple[Power, ...]:
        """The list of powers as it stands now."""
        return powerlist.read_powers(self._connection, self._list_version)

    def set_powers(self, actor: Actor, powers: Sequence[Power], **details: Any) -> int:
        """``powers`` made the list; returns its version, one more than before."""
        before = self._list_version
        self._list_version += 1
        new, ended = powerlist.write_powers(self._connection, powers, self._list_version)
        told = {"given": [powerlist.told(each) for each in new], "ended": [powerlist.told(each) for each in ended]}
        self.enter(
            actor,
            Kind.LIST,
            "powers",
            version_before=before,
            version_after=self._list_version,
            details={**told, **details},
        )
        self._changed = True
        return self._list_version

    def holidays(self) -> Holidays | None:
        """The keeper's own table; None while it is the shipped one."""
        return holidaytable.read_holidays(self._connection)

    def take_holidays(self, actor: Actor, table: Holidays) -> None:
        """The shipped table made the keeper's own."""
        holidaytable.write_holidays(self._connection, table)
        self.enter(replace(actor, deed="take_holidays"), Kind.LIST, "holidays", details={"days": len(table)})
        self._changed = True

    def set_day(self, actor: Actor, day: date, was: Holiday | None, wanted: Holiday | None) -> None:
        """One day of the keeper's table."""
        holidaytable.write_day(self._connection, day, wanted)
        told = {name: holidaytable.told(each) if each else None for name, each in (("was", was), ("set", wanted))}
        self.enter(actor, Kind.LIST, "holidays", details={"day": day.isoformat(), **told})
        self._changed = True

    def known(self, ids: Collection[str]) -> set[str]:
        """Those of these incident ids that the book has already."""
        wanted, found = list(ids), set[str]()
        for start in range(0, len(wanted), casefiles.IDS_AT_ONCE):
            some = wanted[start : start + casefiles.IDS_AT_ONCE]
            found |= set(self._connection.scalars(select(INCIDENTS.c.id).where(INCIDENTS.c.id.in_(some))))
        return found

    def add(self, actor: Actor, new: Sequence[Incident], **details: Any) -> None:
        """New incidents, each with an entry of its own that holds all its facts.

        Raises
        ------
        BadInput
            When a text cannot be stored, or an id is in the book already; nothing is kept then.
        """
        for incident in new:
            refuse_unstorable(incident)
        if new:
            self._connection.execute(insert(INCIDENTS), [incident_row(each, self.revision) for each in new])
        for incident in new:
            self.enter(
                actor,
                Kind.INCIDENT,
                incident.id,
                version_after=incident.version,
                details={"set": facts(incident), **details},
            )
        self._changed = self._changed or bool(new)

    def change(
        self,
        actor: Actor,
        incident: Incident,
        after: Incident,
        team: Team | None = None,
        team_after: Team | None = None,
        **details: Any,
    ) -> None:
        """An incident, and its team where one is concerned, brought to their next version under one entry."""
        self._save(INCIDENTS, incident.version, incident_row(after, self.revision))
        told: dict[str, Any] = {**changes(incident, after), **details}
        if team is not None and team_after is not None:
            self._save(TEAMS, team.version, team_row(team_after, self.revision))
            told["team"] = {"version": team_after.version, **changes(team, team_after)}
        self.enter(
            actor,
            Kind.INCIDENT,
            incident.id,
            team=team.id if team else "",
            version_before=incident.version,
            version_after=after.version,
            details=told,
        )
        self._changed = True

    def set_roster(self, actor: Actor, roster: Sequence[Team]) -> None:
        """Exactly these teams, under one entry that sums them up by counts and a fingerprint."""
        officers, certificates, seats = roster_rows(roster)
        for table in (TEAMS, OFFICERS, CERTIFICATES, CREWS):
            self._connection.execute(delete(table))
        rows = [team_row(team, self.revision) for team in roster]
        for table, some in ((TEAMS, rows), (OFFICERS, officers), (CERTIFICATES, certificates), (CREWS, seats)):
            if some:
                self._connection.execute(insert(table), some)
        self.enter(
            actor,
            Kind.ROSTER,
            "roster",
            details={"teams": len(rows), "officers": len(officers), "sha256": fingerprint(roster)},
        )
        self._changed = self._roster_changed = True

    def place_teams(self, positions: Iterable[tuple[str, float, float]]) -> int:
        """Teams at new positions; returns how many of them the roster knows. No entry: see ``Desk.positions``."""
        moved = [{"moved": team, "lon": lon, "lat": lat, "revision": self.revision} for team, lon, lat in positions]
        if not moved:
            return 0
        new: dict[str, Any] = {"lon": bindparam("lon"), "lat": bindparam("lat"), "revision": bindparam("revision")}
        result = self._connection.execute(update(TEAMS).where(TEAMS.c.id == bindparam("moved")).values(new), moved)
        self._changed = True
        return result.rowcount

    def set_setting(self, actor: Actor, name: str, value: str) -> None:
        """A word about the book, with the old one kept in the ledger."""
        old = self._connection.scalar(select(SETTINGS.c.value).where(SETTINGS.c.name == name))
        if old == value:
            return
        self._connection.execute(delete(SETTINGS).where(SETTINGS.c.name == name))
        self._connection.execute(insert(SETTINGS).values(name=name, value=value))
        self.enter(actor, Kind.SETTING, name, details={"was": old, "set": value})
        self._changed = True

    def enter(
        self,
        actor: Actor,
        kind: Kind,
        subject: str,
        *,
        team: str = "",
        version_before: int = 0,
        version_after: int = 0,
        details: Mapping[str, Any] | None = None,
    ) -> int:
        """One more entry in the chain; returns its number."""
        try:
            line = next_line(
                self._head,
                at=actor.at,
                actor=actor.name,
                deed=actor.deed,
                kind=kind,
                subject=subject,
                team=team,
                version_before=version_before,
                version_after=version_after,
                details=details,
            )
        except UnicodeEncodeError as problem:
            raise _unstorable(actor, subject) from problem
        if "\0" in f"{actor.name}{actor.deed}{subject}{team}" or ("\\u0000" in line.details and _nul_in(details)):
            raise _unstorable(actor, subject)
        self._lines.append(line)
        self._head = Head(line.sequence, line.hash)
        return line.sequence

    def touch(self) -> None:
        """What others keep in this book was changed under an entry already made: the revision grows."""
        self._changed = True

    def finish(self) -> None:
        """Store the new entries and where the book now stands."""
        if self._lines:
            self._connection.execute(_ENTERED, [line._asdict() for line in self._lines])
        if not (self._lines or self._changed):
            return
        revision = self.revision if self._changed else self._state.revision
        now = {
            "revision": revision,
            "roster_revision": revision if self._roster_changed else self._state.roster_revision,
            "reported": self._reported,
            "filed": self._filed,
            "acts": self._acts,
            "list_version": self._list_version,
            "entries": self._head.entries,
            "head": self._head.hash,
        }
        self._connection.execute(_STATE_NOW, now)

    def _enter_change(
        self, actor: Actor, kind: Kind, before: Case | Task, after: Case | Task, details: Mapping[str, Any]
    ) -> None:
        self.enter(
            actor,
            kind,
            before.id,
            version_before=before.version,
            version_after=after.version,
            details=details,
        )
        self._changed = True

    def _save(self, table: Any, version: int, row: dict[str, Any]) -> None:
        found = {"saved_id": row["id"], "saved_version": version}
        if self._connection.execute(_SAVED[table], row | found).rowcount != 1:
            raise Overtaken(f"{table.name} {row['id']} is no longer at version {version}; nothing was changed.")


def refuse_unstorable(incident: Incident) -> None:
    """Stop text that no database would give back as it was: a NUL, or half of a surrogate pair."""
    for column in ("id", "text", "address", "source", "matter", "caller"):
        value = getattr(incident, column)
        if not storable(value):
            raise BadInput(
                Fault(f"incident {incident.id!a}", None, column, "NUL or half a character", "text in UTF-8"),
                advice="Take the character out and report it again.",
            )


def storable(text: str) -> bool:
    """Whether every database gives this text back as it was: without NUL or half a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _unstorable(actor: Actor, subject: str) -> BadInput:
    found = Fault(f"deed {actor.deed} on {subject!a}", None, None, "NUL or half a character", "text in UTF-8")
    return BadInput(found, advice="Take the character out and try again.")


def _nul_in(told: Any) -> bool:
    if isinstance(told, Mapping):
        return any(_nul_in(each) for pair in told.items() for each in pair)
    if isinstance(told, str):
        return "\0" in told
    return isinstance(told, Iterable) and any(_nul_in(each) for each in told)
