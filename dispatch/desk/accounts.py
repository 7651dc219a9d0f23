"""Who may sign in: made, changed and let go by administrators; passwords chosen by their owners; sessions."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import takewhile
from threading import Lock

from dispatch.desk import passwords
from dispatch.desk.door import Door
from dispatch.desk.escalation import CLOCK
from dispatch.desk.knocks import Knocks
from dispatch.desk.passwords import LONGEST, one_time_password
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.records.person import Account, Job, Person, Post, Session
from dispatch.records.reason import Reason
from dispatch.store import people
from dispatch.store.ledger import REFUSED, Entry, Kind
from dispatch.store.writing import Writing, storable

ACCOUNT_REASONS = (
    "wrong_sign_in",  # who
    "too_many_tries",  # who, minutes
    "busy_door",
    "weak_password",  # least
    "same_password",
    "bad_name",  # who
    "name_taken",  # who
    "email_taken",  # email
    "no_post",  # who
    "bad_area",  # area
    "last_administrator",  # who
    "not_yourself",  # who
)
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
SHORTEST = 10
TRIES, TRIES_FROM_ALL, TRIES_WITHIN = 5, 50, timedelta(minutes=15)
# Tries of one name wait for each other, so that many at once are not more than many in a row.
_TURNS = [Lock() for _ in range(32)]
LASTS = timedelta(hours=12)
"""A session ends by itself after a shift."""
PROGRAM = "gridbeat"
NOT_PEOPLE = frozenset({PROGRAM, CLOCK, "import", "opening", "roster"})
"""Under which names the program's own deeds stand in the ledger; nobody's may look like them."""
SIGN_IN, CHOOSE = "sign_in", "choose_password"
CHANGEABLE = frozenset({"name", "posts", "officer", "body", "email", "active"})
BY_PROVIDER = "oidc"
"""How somebody entered whom an identity provider vouched for."""
FIRST = "admin"


class Accounts(Door):
    """People, their passwords and sessions, each deed one transaction.

    Parameters
    ----------
    door
        Whose rights say who may change people.
    district, towns
        Codes of the place: where a post can be.
    wall
        The wall's clock: sessions last by it, however fast a demo's clock runs.
    """

    def __init__(
        self,
        door: Door,
        district: str,
        towns: Collection[str],
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(door.casebook, door.clock, door.rights)
        self._knocks = Knocks(wall, TRIES_WITHIN)
        self._district, self._towns, self._wall = district, frozenset(towns), wall
        # Signing in and one's own password need no right, only the secret.
        self._own = Door(door.casebook, door.clock)

    def everybody(self) -> list[Person]:
        with self.casebook.reading() as connection:
            return people.people(connection)

    def person(self, person_id: str) -> Person | None:
        with self.casebook.reading() as connection:
            return people.person(connection, person_id) if storable(person_id) else None

    def begin(self) -> str | None:
        """An administrator with a one-time password, in a book in which no administrator can sign in; else None."""
        password = one_time_password()
        posts = (Post(Job.ADMINISTRATOR, self._district),)
        new = Person(FIRST, "管理员", posts, password=passwords.hashed(password), must_change=True)
        with self._own.deed("person_add", PROGRAM, Kind.PERSON, FIRST) as (page, who):
            if any(self._administers(each) for each in people.people(page.connection)):
                return None
            before = people.person(page.connection, FIRST)
            if before is None:
                people.add_person(page, who, new)
            else:
                people.change_person(page, who, before, replace(new, version=before.version + 1))
        return password

    def add(self, actor: str, new: Person, *, now: datetime | None = None) -> tuple[Person, str]:
        """Somebody new, and the one-time password to tell them.

        Raises
        ------
        Refused
            ``bad_name``, ``name_taken``, ``email_taken``, ``no_post``, ``bad_area``.
        """
        password = one_time_password()
        made = replace(new.tidied(), password=passwords.hashed(password), must_change=True)
        with self.deed("person_add", actor, Kind.PERSON, made.id, now) as (page, who):
            if not NAME.fullmatch(made.id) or made.id in NOT_PEOPLE:
                raise Refused(Reason("bad_name", False, {"who": new.id}))
            if people.person(page.connection, made.id) is not None:
                raise Refused(Reason("name_taken", False, {"who": made.id}))
            self._check(page, made)
            people.add_person(page, who, made)
        return made, password

    def change(
        self, actor: str, person_id: str, version: int, *, now: datetime | None = None, **changes: object
    ) -> Person:
        """Another name, other posts, officer, body, email, or ``active``.

        Who is let go does nothing from then on, and sees nothing once the screens ask again (``ui.services.known``).

        Raises
        ------
        Refused
            As of ``add``; ``last_administrator`` when nobody would be left who may change people and can come in;
            ``not_yourself`` for who would let themselves go.
        """
        if not CHANGEABLE.issuperset(changes):
            raise TypeError(f"of a person only {', '.join(sorted(CHANGEABLE))} are changed, not {', '.join(changes)}.")
        with self.deed("person_change", actor, Kind.PERSON, person_id, now) as (page, who):
            before = _seen(page, person_id, version)
            after = before.changed(**changes).tidied()
            if before.active and not after.active:
                self._refuse_oneself(actor, person_id)
            self._check(page, after)
            self._keep_an_administrator(page, before, after)
            people.change_person(page, who, before, after)
            if not after.active:
                people.end_sessions(page, person_id)
        return after

    def reset(self, actor: str, person_id: str, version: int, *, now: datetime | None = None) -> str:
        """A new one-time password for who has lost theirs; every session of theirs ends.

        Raises
        ------
        Refused
            ``not_yourself``: the password would be lost with the session that shows it.
        """
        password = one_time_password()
        hashed = passwords.hashed(password)
        with self.deed("person_reset", actor, Kind.PERSON, person_id, now) as (page, who):
            before = _seen(page, person_id, version)
            self._refuse_oneself(actor, person_id)
            people.change_person(page, who, before, before.changed(password=hashed, must_change=True))
            people.end_sessions(page, person_id)
        return password

    def sign_in(self, name: str, password: str, client: str = "") -> tuple[Person, str]:
        """The person, and the token by which their browser is known from now on; only its hash is kept.

        With a one-time password there is no token: it is good for ``choose_password`` only.

        ``client`` is the address it is tried from: who guesses locks out that address, not the owner of the name.

        Raises
        ------
        Refused
            ``wrong_sign_in`` without a word which of the two was wrong; ``too_many_tries`` after five in a quarter of
            an hour, until that is over; ``busy_door`` while very many try at once.
        """
        name = name.strip().lower()[:40]
        with _turn(name):
            return self._sign_in(name, password, client)

    def _sign_in(self, name: str, password: str, client: str) -> tuple[Person, str]:
        known, right = self._shown(name, password, client)
        with self._own.deed(SIGN_IN, name, Kind.PERSON, name) as (page, who):
            found = self._as_shown(page, name, known, right, client)
            if found.must_change:
                page.enter(who, Kind.PERSON, found.id)
                return found, ""
            token, session = self._session(found)
            people.begin_session(page, who, session)
        return found, token

    def _shown(self, name: str, password: str, client: str) -> tuple[Person | None, bool]:
        """Who has that name, and whether the password is theirs; the hash is computed outside the transaction.

        Of unknown names only so many leave an entry.
        """
        known = self.person(name)
        self._refuse_hasty(name, client)
        right = passwords.right(known.password if known else "", password)
        if known is None and not self._knocks.gets_an_entry(name, client):
            raise _wrong(name, client)
        return known, right

    def _as_shown(self, page: Writing, name: str, known: Person | None, right: bool, client: str) -> Person:
        """The person as the book has them now, provided what they showed is still what opens it."""
        found = people.person(page.connection, name) if storable(name) else None
        if not right or known is None or found is None or not found.active or found.password != known.password:
            raise _wrong(name, client)
        return found

    def enter(self, person_id: str, how: str) -> str:
        """A session for who was identified elsewhere (by a provider, in a demo); ``how`` stands in the ledger.

        Such a person needs no password: a one-time one that nobody has used yet ends.

        Raises
        ------
        Refused
            ``wrong_sign_in`` when there is no such active person.
        """
        with self._own.deed(f"sign_in_{how}", person_id, Kind.PERSON, person_id) as (page, who):
            found = people.person(page.connection, person_id) if storable(person_id) else None
            if found is None or not found.active:
                raise Refused(Reason("wrong_sign_in", False, {"who": person_id}))
            if found.must_change:
                people.change_person(page, who, found, found.changed(password="", must_change=False))
            token, session = self._session(found)
            people.begin_session(page, who, session)
        return token

    def by_email(self, email: str) -> Person | None:
        """Whom an identity provider knows by that address."""
        with self.casebook.reading() as connection:
            return people.person_by_email(connection, email) if storable(email) else None

    def whose(self, token: str) -> Person | None:
        """Whose session this is; None when there is none or it is over, or its owner was let go."""
        with self.casebook.reading() as connection:
            session = people.session(connection, _hash(token), self._wall())
            found = people.person(connection, session.person) if session else None
        return found if found is not None and found.active else None

    def sign_out(self, token: str) -> None:
        """This session ended; nothing happens when there is none."""
        person = self.whose(token)
        if person is not None:
            with self._own.deed("sign_out", person.id, Kind.PERSON, person.id) as (page, who):
                if people.end_sessions(page, person.id, _hash(token)):
                    page.enter(who, Kind.PERSON, person.id)

    def choose_password(self, person_id: str, old: str, new: str, client: str = "") -> str:
        """One's own password; all sessions end and a new one begins, whose token is returned.

        A wrong old one counts as a wrong try to sign in from ``client``.

        Raises
        ------
        Refused
            ``wrong_sign_in`` for a wrong old one, ``weak_password`` for fewer than ten characters or the name itself,
            ``same_password``, ``too_many_tries``, ``busy_door``.
        """
        if len(new) < SHORTEST or len(new) > LONGEST or person_id in new.lower():
            raise Refused(Reason("weak_password", False, {"least": SHORTEST}))
        with _turn(person_id):
            return self._choose_password(person_id, old, new, client)

    def _choose_password(self, person_id: str, old: str, new: str, client: str) -> str:
        known, right = self._shown(person_id, old, client)
        hashed = passwords.hashed(new) if right else ""
        with self._own.deed(CHOOSE, person_id, Kind.PERSON, person_id) as (page, who):
            before = self._as_shown(page, person_id, known, right, client)
            if new == old:
                raise Refused(Reason("same_password", False))
            after = before.changed(password=hashed, must_change=False)
            people.change_person(page, who, before, after)
            people.end_sessions(page, person_id)
            token, session = self._session(after)
            people.begin_session(page, who, session)
        return token

    def _refuse_hasty(self, name: str, client: str) -> None:
        """Nobody guesses on: after so many wrong tries from one address, or many more from all, a name rests for them.

        The waiting itself leaves no entries. Tries of a name that nobody has count alike, entered or not: otherwise
        those that never rest would be known as such.
        """
        if not storable(name):
            return
        since = self.clock() - TRIES_WITHIN
        deeds = [f"{before}{deed}" for deed in (SIGN_IN, CHOOSE) for before in ("", REFUSED)]
        tried = self.casebook.deeds_of(name, *deeds, since=since)
        entered = takewhile(lambda entry: entry.refused, tried)  # newest first
        wrong = [*(_tried_from(each) for each in entered), *self._knocks.without_entry(name)]
        if wrong.count(client) >= TRIES or len(wrong) >= TRIES_FROM_ALL:
            minutes = int(TRIES_WITHIN.total_seconds() // 60)
            raise Refused(Reason("too_many_tries", False, {"who": name, "minutes": minutes}))

    def _session(self, person: Person) -> tuple[str, Session]:
        token, now = secrets.token_urlsafe(32), self._wall()
        return token, Session(_hash(token), person.id, now, now + LASTS)

    def _check(self, page: Writing, person: Person) -> None:
        if not person.posts and person.active:
            raise Refused(Reason("no_post", False, {"who": person.id}))
        for post in person.posts:
            town = post.area[:9]
            if post.area != self._district and not (town in self._towns and len(post.area) in (9, 12)):
                raise Refused(Reason("bad_area", False, {"area": post.area}))
        same = people.person_by_email(page.connection, person.email) if person.email else None
        if same is not None and same.id != person.id:
            raise Refused(Reason("email_taken", False, {"email": person.email}))

    def _keep_an_administrator(self, page: Writing, before: Person, after: Person) -> None:
        others = [each for each in people.people(page.connection) if each.id != after.id]
        if self._administers(before) and not any(self._administers(each) for each in (*others, after)):
            raise Refused(Reason("last_administrator", False, {"who": after.id}))

    def _administers(self, person: Person) -> bool:
        """Whether they may change people and can come in by themselves; of a demo's people nobody needs to."""
        can_come_in = person.account not in (Account.LET_GO, Account.CLOSED)
        return can_come_in and Post(Job.ADMINISTRATOR, self._district) in person.posts

    def _refuse_oneself(self, actor: str, person_id: str) -> None:
        """On the terminal, where no rights are asked, nobody is signed in as the one that is reset."""
        if self.rights is not None and actor == person_id:
            raise Refused(Reason("not_yourself", False, {"who": person_id}))


@contextmanager
def _turn(name: str) -> Iterator[None]:
    """A place at the door, and there the turn of this name."""
    with passwords.place_at_the_door(), _TURNS[hash(name) % len(_TURNS)]:
        yield


def _wrong(name: str, client: str) -> Refused:
    return Refused(Reason("wrong_sign_in", False, {"who": name, "client": client}))


def _hash(token: str) -> str:
    return sha256(token.encode(errors="replace")).hexdigest()


def _tried_from(entry: Entry) -> str:
    reasons = entry.details.get("reasons") or [{}]
    return str(reasons[0].get("values", {}).get("client", ""))


def _seen(page: Writing, person_id: str, version: int) -> Person:
    found = people.person(page.connection, person_id) if storable(person_id) else None
    if found is None:
        raise Unknown("person", person_id)
    if found.version != version:
        raise Stale("person", person_id, version, found.version, page.latest(Kind.PERSON, person_id))
    return found
