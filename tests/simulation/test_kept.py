"""A sweep that is killed goes on where it was: nothing twice, nothing by halves, nothing of another city."""

from __future__ import annotations

import math
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import joblib
import pytest

from gis.schemas import BadInput
from scenarios.planning import stresses
from simulation import players
from simulation.kept import Kept, city_of
from simulation.outcome import Outcome
from simulation.players import Players
from simulation.stress import Multiplied
from simulation.whatif import more_demand
from tests.simulation.experimenting import for_days, fortnight, laboratory, with_procedure

HERE = Path(__file__).parents[2]
SWEEP = """
import sys
from pathlib import Path
import joblib
from tests.simulation.experimenting import laboratory
with laboratory(seed=4, path=Path(sys.argv[2])) as lab:
    lab.outcomes(joblib.load(sys.argv[1]), 100_000)
"""


def rows(path: Path) -> int:
    with sqlite3.connect(path) as file:
        return int(file.execute("SELECT count(*) FROM outcome").fetchone()[0])


def test_a_killed_process_loses_nothing_and_counts_nothing_twice(tmp_path):
    """A real process, killed in the middle of a sweep; then another goes on with its file.

    That it does shows that a city has the same name in both, although Python's own hash of a text has changed.
    """
    path = tmp_path / "kept.sqlite"
    joblib.dump(fortnight(), tmp_path / "setup")
    with Kept.open(path):
        pass
    line = [sys.executable, "-c", SWEEP, str(tmp_path / "setup"), str(path)]
    sweep = subprocess.Popen(line, cwd=HERE, env={**os.environ, "PYTHONPATH": ".", "PYTHONHASHSEED": "77"})
    until = time.monotonic() + 120
    while rows(path) < 5:
        assert sweep.poll() is None
        assert time.monotonic() < until
        time.sleep(0.01)
    sweep.send_signal(signal.SIGKILL)
    sweep.wait()
    kept = rows(path)
    assert kept >= 5
    played = []
    with laboratory(seed=4, path=path, tell=played.append) as lab:
        resumed = lab.outcomes(fortnight(), kept + 3)
    assert len(played) == 3
    assert rows(path) == kept + 3
    with laboratory(seed=4) as lab:
        assert [one.as_text() for one in lab.outcomes(fortnight(), kept + 3)] == [one.as_text() for one in resumed]


def test_a_worker_killed_in_the_middle_is_replaced_and_its_replications_played_once(tmp_path, monkeypatch, caplog):
    """The machine took one process away: the others' work stays, and the log says what happened."""
    killer = tmp_path / "killed"
    usual = players.outcome

    def killed_once(setup, number, seed, engine):
        if number == 2 and not killer.exists():
            killer.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return usual(setup, number, seed, engine)

    def read(file, number, seed, engine):
        return number, killed_once(players._setup_in(file), number, seed, engine)

    monkeypatch.setattr(players, "_read", read)
    got = list(Players(2).each(fortnight(), range(6), 4))
    assert sorted(number for number, _ in got) == list(range(6))
    assert "a process was killed" in caplog.text


def test_another_plan_another_city_and_another_seed_are_kept_apart(tmp_path):
    """Otherwise a sweep would go on with the outcomes of a plan that was changed in between."""
    setup = fortnight()
    others = [
        with_procedure(setup, steps=19),
        replace(setup, demand=replace(setup.demand, per_year=setup.demand.per_year * 1.01)),
        replace(setup, matters=replace(setup.matters, within_s=setup.matters.within_s * 2)),
    ]
    names = {city_of(one, 1) for one in [setup, *others]}
    assert len(names) == 4
    assert city_of(setup, 1) == city_of(replace(setup), 1)
    with laboratory(seed=1, path=tmp_path / "kept") as lab:
        lab.outcomes(setup, 1)
        assert lab.kept.of(city_of(setup, 1), 2) == {}
        assert lab.kept.of(city_of(others[0], 1), 1) == {}


def test_what_changes_nothing_in_the_first_replication_is_another_city_all_the_same():
    """A day with one report may be the same under a stress, and the second replication's is not."""
    usual = for_days(fortnight(), days=1, warm_up_days=0)
    setup = replace(usual, demand=replace(usual.demand, per_year=200.0))
    others = [setup.under(stress) for stress in stresses().values()] + [more_demand(setup, 1.2)]
    others.append(more_demand(replace(setup, source=Multiplied(1.0, (0.0, math.inf))), 1.2))
    for seed in range(5):
        assert len({city_of(one, seed) for one in [setup, *others]}) == 1 + len(others)


def test_a_file_that_is_something_else_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("dear diary, " * 100, encoding="utf-8")
    with pytest.raises(BadInput, match="a file of kept replications"), Kept.open(path):
        pass
    assert path.read_text(encoding="utf-8").startswith("dear diary")


def test_another_database_is_refused_and_left_alone(tmp_path):
    """A casebook is a database too, and holds records that nobody may write beside."""
    path = tmp_path / "book.db"
    with sqlite3.connect(path) as book:
        book.execute("CREATE TABLE incident (id TEXT)")
    with pytest.raises(BadInput, match="a database of something else, with incident"), Kept.open(path):
        pass
    with sqlite3.connect(path) as book:
        assert [name for (name,) in book.execute("SELECT name FROM sqlite_master")] == ["incident"]


def test_a_file_that_cannot_be_made_or_grows_no_more_is_named(tmp_path):
    with pytest.raises(BadInput, match="unable to open"), Kept.open(tmp_path / "nowhere" / "kept"):
        pass
    one = Outcome({"": {"x" * 9000: 1.0}}, {}, [])

    def fill() -> None:
        with Kept.open(tmp_path / "kept") as kept:
            kept._rows.execute("PRAGMA max_page_count = 4")
            for number in range(4):
                kept.keep("city", 1, number, one)

    with pytest.raises(BadInput, match=r"full.*expected a file of kept replications"):
        fill()
