"""Two dispatchers at two machines, one database: one wins, the other is told, nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from dispatch.desk.incidents import Desk
from dispatch.desk.refusals import Stale, Taken
from dispatch.store.casebook import open_casebook
from dispatch.store.ledger import Kind
from tests.dispatch.conftest import CELLS, EAST, NOW, TwoCells, four_teams, incident, manned, officer, rulebook, team

ROUNDS, TEAMS = 5, 4

HAMMER = """
import json, sys
from tests.dispatch.test_two_dispatchers import hammer
print(json.dumps(hammer(sys.argv[1], sys.argv[2])))
"""


def hammer(url: str, actor: str) -> dict[str, list[str]]:
    """Assign every incident to the first team that looks free, in the same order as the other process does."""
    told: dict[str, list[str]] = {"won": [], "lost": [], "told_by": []}
    with open_casebook(url, create=False) as book:
        desk = Desk(book, rulebook(), TwoCells(), CELLS, lambda: NOW)
        at_the_same_time()
        for turn in range(ROUNDS * TEAMS):
            name, crew = f"i{turn:03d}", f"t{turn % TEAMS}"
            try:
                sent = desk.assign(actor, name, crew, 1)
            except Taken as taken:
                told["lost"].append(name)
                told["told_by"].append(taken.by.actor if taken.by else "nobody")
            except Stale:
                told["lost"].append(name)
            else:
                told["won"].append(name)
                done = desk.accept(crew, name, sent.incident.version).incident
                done = desk.arrive(crew, name, done.version).incident
                desk.handle(crew, name, done.version, "done")
    return told


def at_the_same_time() -> None:
    """Say that this process is ready and wait for the word; the other may still be loading its libraries."""
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()


@pytest.fixture
def city(url: str) -> str:
    crews = [team(f"t{n}", EAST, officer(f"{n}a", "city"), officer(f"{n}b", "city")) for n in range(TEAMS)]
    with open_casebook(url) as book:
        manned(book).set_roster("lead", crews)
        book.add_incidents([incident(f"i{n:03d}") for n in range(ROUNDS * TEAMS)], at=NOW)
    return url


def test_two_processes_never_both_win(city):
    """Every incident is sent once, every loser is told by whom, every deed is in the chain."""
    command = [sys.executable, "-W", "error", "-c", HAMMER, city]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    started = [subprocess.Popen([*command, actor], text=True, **pipes) for actor in ("li", "wang")]
    assert [one.stdout.readline() for one in started] == ["ready\n", "ready\n"]
    for one in started:
        one.stdin.write("go\n")
        one.stdin.flush()
    answers = [one.communicate(timeout=120) for one in started]
    assert [problem for _, problem in answers] == ["", ""]
    li, wang = (json.loads(out) for out, _ in answers)

    assert all(len(one["won"]) + len(one["lost"]) == ROUNDS * TEAMS for one in (li, wang))
    assert not set(li["won"]) & set(wang["won"])
    assert set(li["told_by"]) <= {"wang", "li"}
    with open_casebook(city, create=False) as book:
        chain = book.verify()
        entries = book.entries_since(0)
        assert chain.whole
        assert chain.entries == len(entries)
        for one in book.incidents():
            sent = [entry for entry in book.history(Kind.INCIDENT, one.id) if entry.deed == "assign"]
            deeds = [entry for entry in book.history(Kind.INCIDENT, one.id) if not entry.refused]
            assert len(sent) == (one.id in li["won"]) + (one.id in wang["won"]) == (one.version == 5)
            assert len(deeds) == one.version
        refused = sum(entry.refused for entry in entries)
        assert refused == len(li["lost"]) + len(wang["lost"])
        won = len(li["won"]) + len(wang["won"])
        assert len(entries) == 2 + ROUNDS * TEAMS + 4 * won + refused
        assert sum(one.done_today for one in book.teams()) == won


def test_two_open_books_see_each_other_at_once(url):
    """The loser's screen is two seconds old; the desk's answer is not."""
    with open_casebook(url) as here, open_casebook(url) as there:
        li, wang = manned(here), Desk(there, rulebook(), TwoCells(), CELLS, lambda: NOW)
        here.add_incidents([incident("a"), incident("b")], at=NOW)
        shown = there.revision()
        li.assign("li", "a", "e1", 1, 1)
        assert there.revision() > shown
        with pytest.raises(Taken) as taken:
            wang.assign("wang", "a", "w1", 1, 1)
        assert (taken.value.other, taken.value.by.actor) == ("e1", "li")
        with pytest.raises(Taken) as taken:
            wang.assign("wang", "b", "e1", 1, 1)
        assert (taken.value.other, taken.value.by.subject) == ("a", "a")
        assert there.verify().entries == here.verify().entries == 6


def test_a_roster_set_by_both_is_set_once(url):
    """Both machines load the shift at eight; the second finds it there."""
    with open_casebook(url) as here, open_casebook(url) as there:
        manned(here)
        manned(there)
        assert here.revision() == 1
        changed = [replace(one, name="new") for one in four_teams()]
        manned(there).set_roster("lead", changed)
        assert {one.version for one in here.teams()} == {2}
