"""A person who may sign in: what they are there for, and for which part of the district."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Job(StrEnum):
    """What somebody is there for; which deeds that opens is written in ``dispatch.desk.rights``."""

    DISPATCHER = "dispatcher"
    TEAM = "team"
    INSPECTOR = "inspector"
    PLANNER = "planner"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"
    OBSERVER = "observer"
    """From outside the administration: rates the case files that the lot gave them."""
    ADMINISTRATOR = "administrator"


class Account(StrEnum):
    """How somebody comes in, if they do."""

    LET_GO = "let_go"
    ONE_TIME = "one_time"
    """With a printed password, good for choosing an own one."""
    ACTIVE = "active"
    """With a password of their own."""
    PROVIDER = "provider"
    """By the address an identity provider knows."""
    CLOSED = "closed"
    """Not at all: with neither; so are a demo's people outside it."""


@dataclass(frozen=True, slots=True, order=True)
class Post:
    """A job in an area: 6-digit district, 9-digit town or 12-digit community."""

    job: Job
    area: str

    def covers(self, place: str) -> bool:
        """Whether a place (code of a cell, community, town or district) lies in the area.

        >>> Post(Job.DISPATCHER, "330203009").covers("330203009001002")
        True
        >>> Post(Job.DISPATCHER, "330203009").covers("330203")
        False
        """
        return place.startswith(self.area)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in.

    Attributes
    ----------
    id
        The name they sign in with, lower case; it stands in the ledger as the actor.
    posts
        At least one while they are active.
    officer
        Id on the roster of who goes out with a team, or empty.
    body
        Id of the body they answer for; empty for people of the command centres.
    email
        By which an identity provider knows them, lower case, or empty.
    password
        Argon2 hash; empty for who signs in by a provider or cannot yet.
    must_change
        Whether the password is a printed one, good for choosing an own one only.
    """

    id: str
    name: str
    posts: tuple[Post, ...]
    officer: str = ""
    body: str = ""
    email: str = ""
    password: str = ""
    must_change: bool = False
    active: bool = True
    version: int = 1

    @property
    def account(self) -> Account:
        if not self.active:
            return Account.LET_GO
        if self.must_change:
            return Account.ONE_TIME
        if self.password:
            return Account.ACTIVE
        return Account.PROVIDER if self.email else Account.CLOSED

    def has(self, *jobs: Job) -> bool:
        return any(post.job in jobs for post in self.posts)

    @property
    def outside(self) -> bool:
        """Whether they are here as an observer and nothing else."""
        return {post.job for post in self.posts} == {Job.OBSERVER}

    def areas(self, *jobs: Job) -> tuple[str, ...]:
        """Where they have one of these jobs (any job when none is named), sorted."""
        return tuple(sorted({post.area for post in self.posts if not jobs or post.job in jobs}))

    def tidied(self) -> Person:
        """Without blanks at the ends, id and address in small letters, every post once; without a name called by id."""
        id = self.id.strip().lower()
        posts = tuple(sorted(set(self.posts)))
        return replace(self, id=id, name=self.name.strip() or id, posts=posts, email=self.email.strip().lower())

    def changed(self, **changes: object) -> Person:
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that somebody signed in with; known by the hash of its token. Times are aware, UTC."""

    token_hash: str
    person: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Key:
    """What another system shows to report incidents here.

    Attributes
    ----------
    source
        The word under which its incidents are kept: ``12345``, ``grid``.
    hash
        SHA-256 of the secret, which is shown once and kept nowhere.
    ended_at
        Aware, UTC: since when it is no longer good, or None.
    """

    id: str
    source: str
    hash: str
    made_at: datetime
    ended_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Hook:
    """Another system that is told what happened here, in the order of the ledger.

    Attributes
    ----------
    events
        Names of the events it wants: ``assignment``, ``overdue``, ``whistle``.
    secret
        With which what is sent is signed.
    cursor
        Number of the last entry of the ledger that it has been told or does not want.
    tries
        How often the next one was tried in vain; ``next_at`` (aware, UTC) is when it is tried again.
    said
        What came of the last try, for people.
    """

    id: str
    url: str
    events: tuple[str, ...]
    secret: str
    cursor: int
    active: bool = False
    tries: int = 0
    next_at: datetime | None = None
    said: str = ""
    version: int = 1
