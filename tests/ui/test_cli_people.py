"""`gridbeat people`: the way back in for who has the database."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from dispatch.desk.accounts import FIRST, Accounts
from dispatch.desk.door import Door
from dispatch.store.casebook import open_casebook
from dispatch.store.ledger import Kind
from tests.towns import NOON
from ui.cli import main


@pytest.fixture
def db(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'book.db'}"
    with open_casebook(url) as casebook:
        Accounts(Door(casebook), "990100", ()).begin()
    return url


def test_a_lost_administrator_gets_a_password_that_opens_the_choice_of_an_own_one(db: str) -> None:
    """Nobody locks a district out for good."""
    done = CliRunner().invoke(main, ["people", "reset", FIRST, "--db", db, "--actor", "Zhou"])
    assert done.exit_code == 0
    password = done.output.split(": ")[1].split()[0]
    with open_casebook(db) as casebook:
        accounts = Accounts(Door(casebook), "990100", ())
        assert accounts.sign_in(FIRST, password)[0].must_change
        assert [entry.actor for entry in casebook.history(Kind.PERSON, FIRST) if entry.deed == "person_reset"] == [
            "Zhou"
        ]
        assert password not in repr(casebook.latest_entries(50))


def test_everybody_stands_on_a_line_under_what_the_columns_are(db: str) -> None:
    done = CliRunner().invoke(main, ["people", "list", "--db", db])
    head, line = (each.split("\t") for each in done.output.splitlines())
    assert head == ["user name", "name", "posts", "state"]
    assert line == [FIRST, "管理员", "administrator 990100", "one-time password"]


def test_an_area_is_named_where_the_book_knows_its_place(db: str) -> None:
    """Nobody at the terminal knows twelve digits by heart."""
    with open_casebook(db) as casebook:
        casebook.set_setting("place", "nine_cells", actor="test", at=NOON)
    done = CliRunner().invoke(main, ["people", "list", "--db", db])
    assert "administrator 990100 九格区" in done.output


@pytest.mark.parametrize("name", ["nobody", "half\ud800"])
def test_who_is_not_there_is_said(db: str, name: str) -> None:
    done = CliRunner().invoke(main, ["people", "reset", name, "--db", db, "--actor", "Zhou"])
    assert done.exit_code == 2
    assert "somebody who may sign in" in done.output
