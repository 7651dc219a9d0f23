"""People, sessions, keys and hooks between rows and records, read on a connection and written on a page."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from dispatch.records.person import Hook, Job, Key, Person, Post, Session
from dispatch.store.ledger import Kind
from dispatch.store.tables import HOOKS, KEYS, PEOPLE, SESSIONS
from dispatch.store.writing import Actor, Writing

HIDDEN = "(hidden)"
"""What the ledger says in place of a password's hash or a secret."""
SESSION_FIELDS = tuple(field.name for field in fields(Session))
KEY_FIELDS = tuple(field.name for field in fields(Key))
HOOK_FIELDS = tuple(field.name for field in fields(Hook))


# Made once: every deed asks for who does it.
_PERSON = select(PEOPLE).where(PEOPLE.c.id == bindparam("wanted"))


def person(connection: Connection, person_id: str) -> Person | None:
    """The person who signs in by that name, or None."""
    row = connection.execute(_PERSON, {"wanted": person_id}).one_or_none()
    return _person(row) if row else None


def person_by_email(connection: Connection, email: str) -> Person | None:
    """The active person an identity provider knows by that address, or None; also None when it names two."""
    rows = connection.execute(select(PEOPLE).where(PEOPLE.c.email == email.lower(), PEOPLE.c.active)).all()
    return _person(rows[0]) if email and len(rows) == 1 else None


def people(connection: Connection) -> list[Person]:
    """Everybody, by id."""
    return [_person(row) for row in connection.execute(select(PEOPLE).order_by(PEOPLE.c.id))]


def add_person(page: Writing, actor: Actor, new: Person) -> None:
    page.put(actor, Kind.PERSON, PEOPLE, _person_row(new), _person_told(new))


def change_person(page: Writing, actor: Actor, before: Person, after: Person) -> None:
    was, now = _person_told(before), _person_told(after)
    changed = {name: value for name, value in now.items() if was[name] != value}
    told: dict[str, Any] = {"set": changed, "was": {name: was[name] for name in changed}}
    if before.password != after.password:
        told["set"]["password"] = HIDDEN
    page.amend(actor, Kind.PERSON, PEOPLE, before.version, _person_row(after), told)


def session(connection: Connection, token_hash: str, now: datetime) -> Session | None:
    """The session of that token while it lasts, or None."""
    query = select(*(SESSIONS.c[name] for name in SESSION_FIELDS))
    query = query.where(SESSIONS.c.token_hash == token_hash, SESSIONS.c.until > now)
    row = connection.execute(query).one_or_none()
    return Session(*row) if row else None


def begin_session(page: Writing, actor: Actor, new: Session) -> None:
    """A session kept, those that have run out forgotten; the ledger says who signed in, never the token."""
    page.connection.execute(delete(SESSIONS).where(SESSIONS.c.until <= new.since))
    page.connection.execute(insert(SESSIONS).values(asdict(new)))
    page.enter(actor, Kind.PERSON, new.person, details={"until": new.until})


def end_sessions(page: Writing, person_id: str, token_hash: str | None = None) -> int:
    """One session of a person ended, or all of them; returns how many."""
    query = delete(SESSIONS).where(SESSIONS.c.person == person_id)
    if token_hash is not None:
        query = query.where(SESSIONS.c.token_hash == token_hash)
    return int(page.connection.execute(query).rowcount)


def keys(connection: Connection) -> list[Key]:
    """Every key, ended ones included, by id."""
    return [Key(*row) for row in connection.execute(select(*(KEYS.c[name] for name in KEY_FIELDS)).order_by(KEYS.c.id))]


def key_of(connection: Connection, secret_hash: str) -> Key | None:
    """The key whose secret has this hash, while it is good."""
    query = select(*(KEYS.c[name] for name in KEY_FIELDS)).where(KEYS.c.hash == secret_hash, KEYS.c.ended_at.is_(None))
    row = connection.execute(query).one_or_none()
    return Key(*row) if row else None


def key(connection: Connection, key_id: str) -> Key | None:
    row = connection.execute(select(*(KEYS.c[name] for name in KEY_FIELDS)).where(KEYS.c.id == key_id)).one_or_none()
    return Key(*row) if row else None


def add_key(page: Writing, actor: Actor, new: Key) -> None:
    page.put(actor, Kind.KEY, KEYS, asdict(new), {"source": new.source})


def change_key(page: Writing, actor: Actor, before: Key, after: Key) -> None:
    page.amend(actor, Kind.KEY, KEYS, before.version, asdict(after), {"set": {"ended_at": after.ended_at}})


def hooks(connection: Connection) -> list[Hook]:
    """Every hook, by id."""
    rows = connection.execute(select(*(HOOKS.c[name] for name in HOOK_FIELDS)).order_by(HOOKS.c.id))
    return [_hook(row) for row in rows]


def hook(connection: Connection, hook_id: str) -> Hook | None:
    row = connection.execute(select(*(HOOKS.c[n] for n in HOOK_FIELDS)).where(HOOKS.c.id == hook_id)).one_or_none()
    return _hook(row) if row else None


def add_hook(page: Writing, actor: Actor, new: Hook) -> None:
    page.put(actor, Kind.HOOK, HOOKS, _hook_row(new), _hook_told(new))


def change_hook(page: Writing, actor: Actor, before: Hook, after: Hook) -> None:
    page.amend(actor, Kind.HOOK, HOOKS, before.version, _hook_row(after), {"set": _hook_told(after)})


def note_delivery(
    page: Writing, seen: Hook, *, cursor: int, tries: int, next_at: datetime | None, said: str
) -> Hook | None:
    """How far a hook has been told. No entry: what was sent are the entries themselves.

    None, and nothing kept, when it is no longer as ``seen``: somebody changed it, or another process is telling it.
    """
    same_time = HOOKS.c.next_at.is_(None) if seen.next_at is None else HOOKS.c.next_at == seen.next_at
    query = update(HOOKS).where(
        HOOKS.c.id == seen.id,
        HOOKS.c.version == seen.version,
        HOOKS.c.cursor == seen.cursor,
        HOOKS.c.tries == seen.tries,
        same_time,
    )
    told = {"cursor": cursor, "tries": tries, "next_at": next_at, "said": said}
    if page.connection.execute(query.values(told)).rowcount != 1:
        return None
    return replace(seen, cursor=cursor, tries=tries, next_at=next_at, said=said)


def _person(row: Row[Any]) -> Person:
    values = {field.name: getattr(row, field.name) for field in fields(Person)}
    posts = tuple(Post(Job(job), area) for job, area in json.loads(row.posts))
    return Person(**{**values, "posts": posts})


def _person_row(one: Person) -> dict[str, Any]:
    return asdict(one) | {"posts": json.dumps([[post.job.value, post.area] for post in one.posts])}


def _person_told(one: Person) -> dict[str, Any]:
    """What the ledger keeps of a person: never the password's hash."""
    kept = {name: value for name, value in asdict(one).items() if name not in ("id", "version", "password")}
    return kept | {"posts": [[post.job.value, post.area] for post in one.posts]}


def _hook(row: Row[Any]) -> Hook:
    values = dict(zip(HOOK_FIELDS, row, strict=True))
    return Hook(**{**values, "events": tuple(json.loads(values["events"]))})


def _hook_row(one: Hook) -> dict[str, Any]:
    return asdict(one) | {"events": json.dumps(list(one.events))}


def _hook_told(one: Hook) -> dict[str, Any]:
    return {"url": one.url, "events": list(one.events), "active": one.active, "secret": HIDDEN}
