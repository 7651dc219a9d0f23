"""Keys and hooks: made by administrators, kept without their secrets, turned away with a trace."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from dispatch.desk.door import Door
from dispatch.desk.hooks import Hooks
from dispatch.desk.incidents import Desk
from dispatch.desk.keys import Keys, actor_of
from dispatch.desk.knocks import KNOCKS
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.desk.rights import PeopleRights
from dispatch.records.person import Job, Person, Post
from dispatch.records.reason import Reason
from dispatch.store import people
from dispatch.store.casebook import Casebook
from dispatch.store.writing import Actor
from tests.dispatch.conftest import DISTRICT, NOW

HERE = "http://127.0.0.1:9000/in"


@pytest.fixture
def keys(desk: Desk) -> Keys:
    return Keys(desk, lambda: NOW)


@pytest.fixture
def hooks(desk: Desk) -> Hooks:
    return Hooks(desk, ["Erp.example"])


def whole_ledger(casebook: Casebook) -> str:
    return json.dumps([[entry.subject, dict(entry.details)] for entry in casebook.entries_since(0)])


def test_a_secret_is_shown_once_and_kept_nowhere(keys: Keys, casebook: Casebook):
    key, secret = keys.make("admin", "12345")
    assert len(secret) >= 40
    assert keys.holder(secret) == key
    assert secret not in repr(keys.all())
    assert secret not in whole_ledger(casebook)
    assert key.hash not in whole_ledger(casebook)


@pytest.mark.parametrize("secret", ["", "guess", "half\ud800", "nul\0"])
def test_what_is_no_secret_opens_nothing(keys: Keys, secret: str):
    keys.make("admin", "12345")
    assert keys.holder(secret) is None


def test_an_ended_key_is_no_longer_good(keys: Keys):
    key, secret = keys.make("admin", "12345")
    ended = keys.end("admin", key.id, 1)
    assert ended.ended_at == NOW
    assert keys.holder(secret) is None
    with pytest.raises(Refused, match="key_ended"):
        keys.end("admin", key.id, 2)
    with pytest.raises(Stale):
        keys.end("admin", key.id, 1)
    with pytest.raises(Unknown):
        keys.end("admin", "K999", 1)


def test_a_key_ended_a_moment_before_no_longer_files(desk: Desk, casebook: Casebook):
    """The door reads the report for a while after it has looked at the key; the deed asks again."""
    key, _ = Keys(desk).make("admin", "12345")
    desk.rights = PeopleRights(DISTRICT)
    assert desk.report(actor_of(key), "a stall", lon=121.6, lat=29.9).id
    Keys(Door(casebook)).end("admin", key.id, 1)
    for name in (actor_of(key), "key:K999", "key:"):
        with pytest.raises(Refused, match="key_ended"):
            desk.report(name, "a stall", lon=121.6, lat=29.9)
    assert len(casebook.incidents()) == 1
    assert casebook.latest_entries(1)[0].deed == "refused:report"


@pytest.mark.parametrize("source", ["", "  ", "x" * 41])
def test_a_key_says_whose_reports_come_with_it(keys: Keys, source: str):
    with pytest.raises(Refused, match="key_without_source"):
        keys.make("admin", source)
    assert keys.all() == []


@pytest.mark.parametrize("source", ["desk", " Patrol ", "import"])
def test_no_key_reads_what_people_told_the_desk(keys: Keys, source: str):
    """With its key a source reads its own reports unmasked; the telephone's belong to no other system."""
    with pytest.raises(Refused, match="key_of_ours"):
        keys.make("admin", source)
    assert keys.all() == []


def test_only_administrators_make_keys_and_hooks(desk: Desk, casebook: Casebook):
    """A dispatcher who could make a hook could have the whole district told elsewhere."""
    desk.rights = PeopleRights(DISTRICT)
    with casebook.writing() as page:
        for job in (Job.DISPATCHER, Job.ADMINISTRATOR):
            one = Person(job.value, job.value, (Post(job, DISTRICT),))
            people.add_person(page, Actor("test", NOW, "person_add"), one)
    for tried in (
        lambda: Keys(desk).make("dispatcher", "12345"),
        lambda: Hooks(desk).make("dispatcher", HERE, ["overdue"]),
    ):
        with pytest.raises(Refused, match="not_your_job"):
            tried()
    assert Keys(desk).make("administrator", "12345")[0].id == "K001"
    assert Hooks(desk).make("administrator", HERE, ["overdue"]).id == "H001"


def test_a_refused_report_says_whose_key_it_was(keys: Keys, casebook: Casebook):
    key, _ = keys.make("admin", "12345")
    with pytest.raises(Refused):
        keys.turn_away(key, Reason("missing_attribute", False, {"attribute": "STILL"}))
    entry = casebook.latest_entries(1)[0]
    assert (entry.actor, entry.deed) == ("key:K001", "refused:report")
    assert "STILL" in entry.details["said"]


def test_who_tries_a_thousand_keys_does_not_fill_the_ledger(keys: Keys, casebook: Casebook, desk: Desk):
    now = NOW
    keys = Keys(desk, lambda: now)
    for n in range(3 * KNOCKS):
        with pytest.raises(Refused, match="wrong_key"):
            keys.turn_away_stranger(f"guess {n}", "10.0.0.9")
    assert sum(entry.actor == "key:?" for entry in casebook.entries_since(0)) == KNOCKS
    now = NOW + timedelta(minutes=2)
    with pytest.raises(Refused):
        keys.turn_away_stranger("guess", "10.0.0.9")
    last = casebook.latest_entries(1)[0]
    assert last.actor == "key:?"
    assert "10.0.0.9" in last.details["said"]
    assert "guess" not in last.details["said"]


def test_a_hook_is_off_until_somebody_switches_it_on(hooks: Hooks, casebook: Casebook, desk: Desk):
    """And begins with what happens then, not with a month of old news."""
    hook = hooks.make("admin", HERE, ["whistle", "assignment"])
    assert not hook.active
    assert hook.events == ("assignment", "whistle")
    desk.report("li", "a stall", lon=121.6, lat=29.9)
    on = hooks.change("admin", hook.id, 1, active=True)
    assert on.cursor == casebook.latest_entries(1)[0].sequence
    assert hook.secret not in whole_ledger(casebook)
    assert hooks.change("admin", hook.id, 2, new_secret=True).secret != hook.secret


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://127.0.0.1/x", "hook_bad_url"),
        ("http://li@127.0.0.1/x", "hook_bad_url"),
        ("http://10.0.0.1\\@127.0.0.1/", "hook_bad_url"),
        ("http://127.0.0.1 .evil.example/", "hook_bad_url"),
        ("127.0.0.1/x", "hook_bad_url"),
        ("http://127.0.0.1/" + "x" * 500, "hook_bad_url"),
        ("http://10.0.0.1/x", "hook_not_allowed"),
        ("http://169.254.169.254/latest", "hook_not_allowed"),
        ("http://127.0.0.1.evil.example/", "hook_not_allowed"),
        ("http://2130706433/", "hook_not_allowed"),
        ("http://0.0.0.0:1/", "hook_not_allowed"),
    ],
)
def test_a_hook_leads_only_where_the_operator_allows(hooks: Hooks, url: str, why: str):
    """Otherwise it could knock at every machine behind the firewall."""
    with pytest.raises(Refused, match=why):
        hooks.make("admin", url, ["overdue"])
    kept = hooks.make("admin", HERE, ["overdue"])
    with pytest.raises(Refused, match=why):
        hooks.change("admin", kept.id, 1, url=url)
    assert hooks.all() == [kept]


@pytest.mark.parametrize("url", [HERE, "https://localhost/in?x=1", "http://[::1]:9/", "https://erp.example:8443/in"])
def test_this_machine_and_named_hosts_can_be_told(hooks: Hooks, url: str):
    assert hooks.make("admin", url, ["overdue"]).url == url


@pytest.mark.parametrize(("events", "why"), [([], "hook_without_events"), (["rain"], "hook_unknown_event")])
def test_a_hook_wants_something_that_happens_here(hooks: Hooks, events: list[str], why: str):
    with pytest.raises(Refused, match=why):
        hooks.make("admin", HERE, events)


def test_a_hook_that_no_longer_fits_can_still_be_switched_off(hooks: Hooks, desk: Desk):
    hook = hooks.make("admin", "http://erp.example/", ["overdue"])
    on = hooks.change("admin", hook.id, 1, active=True)
    narrowed = Hooks(desk)
    with pytest.raises(Refused, match="hook_not_allowed"):
        narrowed.change("admin", hook.id, on.version, events=["whistle"])
    assert not narrowed.change("admin", hook.id, on.version, active=False).active
