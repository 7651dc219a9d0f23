"""People, passwords and sessions: who is let in, who is not, and what the ledger keeps of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta
from itertools import islice
from threading import Event, Lock, Semaphore

import pytest
from argon2 import PasswordHasher

from dispatch.desk import passwords
from dispatch.desk.accounts import BY_PROVIDER, FIRST, NAME, NOT_PEOPLE, TRIES, Accounts
from dispatch.desk.door import Door
from dispatch.desk.refusals import Refused, Stale
from dispatch.desk.rights import PeopleRights
from dispatch.records.person import Job, Person, Post
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import Kind
from tests.dispatch.conftest import DISTRICT, EAST, NOW, WEST

OWN = "a long enough one"


class Hasher(PasswordHasher):
    """The real one at its smallest cost, which counts what is asked of it and can be held up."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified = self.now = self.most = 0
        self.go_on, self.arrived, self._count = Event(), Semaphore(0), Lock()
        self.go_on.set()

    def verify(self, hash, password):
        with self._count:
            self.verified, self.now = self.verified + 1, self.now + 1
            self.most = max(self.most, self.now)
        self.arrived.release()
        self.go_on.wait()
        try:
            return super().verify(hash, password)
        finally:
            with self._count:
                self.now -= 1


@pytest.fixture(autouse=True)
def hasher(monkeypatch: pytest.MonkeyPatch) -> Hasher:
    made = Hasher()
    monkeypatch.setattr(passwords, "_HASHER", made)
    return made


class Wall:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def accounts(casebook: Casebook, wall: Wall) -> Accounts:
    """A book whose first administrator has chosen a password."""
    made = Accounts(Door(casebook, wall, PeopleRights(DISTRICT)), DISTRICT, (EAST, WEST), wall)
    printed = made.begin()
    assert printed is not None
    made.choose_password(FIRST, printed, OWN)
    return made


def dispatcher(name: str = "anna", area: str = EAST, **facts: str) -> Person:
    return Person(name, "Anna", (Post(Job.DISPATCHER, area),), **facts)


def why(tried: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        tried()
    return refused.value.reasons[0].code


def test_the_first_run_makes_one_administrator_and_no_second(accounts: Accounts):
    assert accounts.begin() is None
    assert [each.id for each in accounts.everybody()] == [FIRST]


def test_a_printed_password_opens_nothing_but_the_choice_of_an_own_one(accounts: Accounts):
    """What was read out over the telephone is not a key to the desk."""
    new, printed = accounts.add(FIRST, dispatcher())
    person, token = accounts.sign_in("Anna ", printed)
    assert (person, token) == (new, "")
    assert why(lambda: accounts.add("anna", dispatcher("bert"))) == "not_known"
    assert why(lambda: accounts.choose_password("anna", printed, "short")) == "weak_password"
    assert why(lambda: accounts.choose_password("anna", printed, printed)) == "same_password"
    token = accounts.choose_password("anna", printed, OWN)
    assert accounts.whose(token).must_change is False
    assert why(lambda: accounts.sign_in("anna", printed)) == "wrong_sign_in"


def test_a_wrong_name_and_a_wrong_password_read_the_same(accounts: Accounts):
    """Whoever guesses must not learn which names there are."""
    said = []
    for name, password in ((FIRST, "wrong"), ("nobody", OWN), ("half\ud800", OWN), ("", "")):
        with pytest.raises(Refused) as refused:
            accounts.sign_in(name, password)
        said.append(refused.value.reasons[0].code)
    assert set(said) == {"wrong_sign_in"}


def test_after_five_wrong_tries_a_name_rests(accounts: Accounts, wall: Wall):
    """Also for the right password, and in every process: the ledger counts."""
    for _ in range(TRIES):
        assert why(lambda: accounts.sign_in(FIRST, "wrong")) == "wrong_sign_in"
    entries = len(accounts.casebook.history(Kind.PERSON, FIRST))
    assert why(lambda: accounts.sign_in(FIRST, OWN)) == "too_many_tries"
    assert len(accounts.casebook.history(Kind.PERSON, FIRST)) == entries
    wall.now += timedelta(minutes=16)
    assert accounts.sign_in(FIRST, OWN)[0].id == FIRST


def test_a_session_ends_by_itself_by_hand_and_with_its_owner(accounts: Accounts, wall: Wall):
    _, first = accounts.sign_in(FIRST, OWN)
    _, second = accounts.sign_in(FIRST, OWN)
    accounts.sign_out(first)
    assert accounts.whose(first) is None
    assert accounts.whose(second).id == FIRST
    wall.now += timedelta(hours=12, seconds=1)
    assert accounts.whose(second) is None
    anna, printed = accounts.add(FIRST, dispatcher())
    token = accounts.choose_password("anna", printed, OWN)
    accounts.change(FIRST, "anna", anna.version + 1, active=False)
    assert accounts.whose(token) is None
    assert why(lambda: accounts.sign_in("anna", OWN)) == "wrong_sign_in"


def test_a_lost_password_is_replaced_by_a_printed_one(accounts: Accounts):
    _, printed = accounts.add(FIRST, dispatcher())
    token = accounts.choose_password("anna", printed, OWN)
    again = accounts.reset(FIRST, "anna", accounts.person("anna").version)
    assert accounts.whose(token) is None
    assert accounts.sign_in("anna", again)[0].must_change


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (dispatcher("x"), "bad_name"),
        (dispatcher("a b"), "bad_name"),
        (dispatcher(FIRST), "name_taken"),
        (dispatcher(area="110000"), "bad_area"),
        (dispatcher(area="330203009"), "bad_area"),
        (Person("anna", "Anna", ()), "no_post"),
    ],
)
def test_nobody_is_taken_in_half(accounts: Accounts, new: Person, code: str):
    assert why(lambda: accounts.add(FIRST, new)) == code
    assert len(accounts.everybody()) == 1


def test_two_people_do_not_share_an_address(accounts: Accounts):
    """By it the identity provider says who it is."""
    accounts.add(FIRST, dispatcher(email="Anna@Example.cn"))
    assert accounts.by_email("anna@example.CN").id == "anna"
    assert why(lambda: accounts.add(FIRST, dispatcher("bert", email="anna@example.cn"))) == "email_taken"


@pytest.mark.parametrize("how", [BY_PROVIDER, "demo"])
def test_who_is_known_from_elsewhere_needs_no_password(accounts: Accounts, how: str):
    """A printed password that nobody has used is a second key under the mat; and a demo asks for none."""
    anna, printed = accounts.add(FIRST, dispatcher(email="anna@east.example"))
    assert accounts.by_email("Anna@East.Example") == anna
    found = accounts.whose(accounts.enter("anna", how))
    assert found is not None
    assert (found.must_change, found.password) == (False, "")
    assert why(lambda: accounts.choose_password("anna", printed, OWN)) == "wrong_sign_in"
    accounts.change(FIRST, "anna", found.version, active=False)
    assert accounts.by_email("anna@east.example") is None
    assert why(lambda: accounts.enter("anna", BY_PROVIDER)) == "wrong_sign_in"


def test_somebody_always_may_change_people(accounts: Accounts):
    me = accounts.person(FIRST)
    posts = (Post(Job.PLANNER, DISTRICT),)
    assert why(lambda: accounts.change(FIRST, FIRST, me.version, posts=posts)) == "last_administrator"


def test_somebody_who_cannot_come_in_or_only_in_a_town_is_no_administrator_of_the_district(accounts: Accounts):
    """Both would leave a book that nobody can administer, and the next start would not notice."""
    _town, _ = accounts.add(FIRST, Person("town", "T", (Post(Job.ADMINISTRATOR, EAST),)))
    boss, _ = accounts.add(FIRST, Person("boss", "B", (Post(Job.ADMINISTRATOR, DISTRICT),), email="b@east.example"))
    accounts.enter("boss", BY_PROVIDER)
    me, boss = accounts.person(FIRST), accounts.person("boss")
    posts = (Post(Job.PLANNER, DISTRICT),)
    bare = accounts.change(FIRST, "boss", boss.version, email="")
    assert why(lambda: accounts.change(FIRST, FIRST, me.version, posts=posts)) == "last_administrator"
    again = accounts.change(FIRST, "boss", bare.version, email="b@east.example")
    accounts.change(FIRST, FIRST, me.version, posts=posts)
    assert why(lambda: accounts.change("boss", "boss", again.version, email="")) == "last_administrator"
    assert accounts.begin() is None


def test_a_town_s_administrator_does_not_stand_in_for_the_district_s(casebook: Casebook, wall: Wall):
    """They may change nobody, so the first start still makes who may."""
    made = Accounts(Door(casebook, wall), DISTRICT, (EAST, WEST), wall)
    made.add("test", Person("town", "T", (Post(Job.ADMINISTRATOR, EAST),)))
    assert made.begin() is not None


def test_nobody_lets_go_or_resets_themselves(accounts: Accounts):
    """Whichever screen or program asks; on the terminal nobody is signed in whose session would end."""
    me = accounts.person(FIRST)
    accounts.add(FIRST, Person("boss", "B", (Post(Job.ADMINISTRATOR, DISTRICT),)))
    assert why(lambda: accounts.change(FIRST, FIRST, me.version, active=False)) == "not_yourself"
    assert why(lambda: accounts.reset(FIRST, FIRST, me.version)) == "not_yourself"
    terminal = Accounts(Door(accounts.casebook), DISTRICT, ())
    assert terminal.reset(FIRST, FIRST, me.version)


def test_an_address_is_kept_as_it_is_looked_for(accounts: Accounts):
    """Else whoever is given one later, in capitals, is unknown at the door."""
    anna, _ = accounts.add(FIRST, dispatcher())
    changed = accounts.change(FIRST, "anna", anna.version, email=" Anna@Example.CN ", name=" Anna B. ")
    assert (changed.email, changed.name) == ("anna@example.cn", "Anna B.")
    assert accounts.by_email("anna@example.cn") == changed
    assert why(lambda: accounts.add(FIRST, dispatcher("bert", email="ANNA@example.cn"))) == "email_taken"


def test_nobody_is_called_like_the_program(accounts: Accounts):
    """The ledger says who did it by this name alone."""
    for actor in ("GridBeat", "clock", "import", "opening", "roster"):
        assert why(lambda actor=actor: accounts.add(FIRST, dispatcher(actor))) == "bad_name"
    assert all(NAME.fullmatch(actor) for actor in NOT_PEOPLE)


def test_two_administrators_do_not_overwrite_each_other(accounts: Accounts):
    accounts.add(FIRST, dispatcher())
    accounts.change(FIRST, "anna", 1, name="Anna B.")
    with pytest.raises(Stale):
        accounts.change(FIRST, "anna", 1, name="Anna C.")


def test_only_administrators_change_people(accounts: Accounts):
    _, printed = accounts.add(FIRST, dispatcher())
    accounts.choose_password("anna", printed, OWN)
    assert why(lambda: accounts.add("anna", dispatcher("bert"))) == "not_your_job"


def test_no_secret_stands_in_the_ledger(accounts: Accounts):
    _, printed = accounts.add(FIRST, dispatcher())
    token = accounts.choose_password("anna", printed, OWN)
    told = repr(accounts.casebook.latest_entries(1000))
    assert all(secret not in told for secret in (printed, OWN, token, "argon2"))
    assert accounts.casebook.verify().whole


def test_who_guesses_rests_and_the_owner_of_the_name_comes_in(accounts: Accounts):
    """Otherwise anybody could keep the administrator out by five wrong words every quarter of an hour."""
    for _ in range(TRIES):
        assert why(lambda: accounts.sign_in(FIRST, "wrong", "10.0.0.66")) == "wrong_sign_in"
    assert why(lambda: accounts.sign_in(FIRST, OWN, "10.0.0.66")) == "too_many_tries"
    assert accounts.sign_in(FIRST, OWN, "10.0.0.7")[0].id == FIRST


def test_a_weak_new_password_is_no_wrong_try(accounts: Accounts):
    _, printed = accounts.add(FIRST, dispatcher())
    for _ in range(TRIES + 1):
        assert why(lambda: accounts.choose_password("anna", printed, "short")) == "weak_password"
    assert accounts.whose(accounts.choose_password("anna", printed, OWN)).id == "anna"


def test_invented_names_do_not_fill_the_ledger(accounts: Accounts, monkeypatch: pytest.MonkeyPatch):
    """Entries are for ever; who tries a thousand names a minute leaves sixty."""
    monkeypatch.setattr("dispatch.desk.passwords.right", lambda kept, password: False)  # 140 hashes take a minute
    before = len(accounts.casebook.latest_entries(1000))
    for number in range(70):
        name = f"nobody{number}"
        assert why(lambda name=name: accounts.sign_in(name, "x")) == "wrong_sign_in"
        assert why(lambda name=name: accounts.choose_password(name, "x", OWN)) == "wrong_sign_in"
    assert len(accounts.casebook.latest_entries(1000)) - before == 60


def test_in_a_flood_of_names_an_unknown_one_rests_like_a_known_one(accounts: Accounts, wall: Wall):
    """The one that never rests would be known as nobody's."""
    for number in range(60):
        assert why(lambda name=f"nobody{number}": accounts.sign_in(name, "x")) == "wrong_sign_in"
    before = len(accounts.casebook.latest_entries(1000))
    for name in (FIRST, "invented"):
        said = [why(lambda name=name: accounts.sign_in(name, "wrong", "10.0.0.66")) for _ in range(TRIES + 1)]
        assert said == ["wrong_sign_in"] * TRIES + ["too_many_tries"]
        assert why(lambda name=name: accounts.sign_in(name, "wrong", "10.0.0.7")) == "wrong_sign_in"
    assert len(accounts.casebook.latest_entries(1000)) - before == TRIES + 1
    wall.now += timedelta(minutes=16)
    assert why(lambda: accounts.sign_in("invented", "wrong", "10.0.0.66")) == "wrong_sign_in"


def test_few_passwords_are_looked_at_at_once_and_who_finds_no_place_is_told(accounts: Accounts, hasher: Hasher):
    """Each takes 64 MB and a core: a thousand tries at once would otherwise stop everybody's screen."""
    more = 4
    hasher.go_on.clear()
    hasher.arrived = Semaphore(0)
    with ThreadPoolExecutor(passwords.WAITING + more) as guests:
        tries = [
            guests.submit(lambda n=n: why(lambda: accounts.sign_in(f"nobody{n}", "x")))
            for n in range(passwords.WAITING + more)
        ]
        try:
            turned_away = {each.result() for each in islice(as_completed(tries, timeout=60), more)}
            both = [hasher.arrived.acquire(timeout=60) for _ in range(passwords.AT_ONCE)]
            third = hasher.arrived.acquire(timeout=0.3)
        finally:
            hasher.go_on.set()
        said = [each.result() for each in tries]
    assert (turned_away, all(both), third) == ({"busy_door"}, True, False)
    assert said.count("wrong_sign_in") == passwords.WAITING
    assert hasher.most == passwords.AT_ONCE
    assert accounts.sign_in(FIRST, OWN)[0].id == FIRST


def test_every_name_costs_the_same_work(accounts: Accounts, hasher: Hasher):
    """Else the quick answers would tell which names there are."""
    accounts.add(FIRST, dispatcher())
    accounts.enter("anna", BY_PROVIDER)  # who has no password now
    for name in (FIRST, "anna", "nobody", "half\ud800"):
        before = hasher.verified
        assert why(lambda name=name: accounts.sign_in(name, "wrong")) == "wrong_sign_in"
        assert hasher.verified == before + 1


def test_tries_at_the_choice_of_a_password_count_like_those_at_the_door(accounts: Accounts):
    """One address, one count: otherwise guessing goes on at the other form."""
    for _ in range(TRIES):
        assert why(lambda: accounts.choose_password(FIRST, "wrong", OWN, "10.0.0.66")) == "wrong_sign_in"
    assert why(lambda: accounts.sign_in(FIRST, OWN, "10.0.0.66")) == "too_many_tries"
    assert accounts.sign_in(FIRST, OWN, "10.0.0.7")[0].id == FIRST
