"""`gridbeat backup` and `gridbeat restore` as a script calls them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from dispatch.store.casebook import open_casebook
from scenarios.binding import zone_of
from tests.dispatch.conftest import NOW, incident
from ui.cli import main


def run(line: str):
    return CliRunner().invoke(main, line.split())


@pytest.fixture
def town(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_casebook("sqlite:///a.db") as book:
        book.add_incidents([incident("i1")], at=NOW)
    (tmp_path / "letter.txt").write_text("of the mayor")
    return tmp_path


def test_a_book_is_kept_and_put_back(town):
    """The night's job and the morning it is needed."""
    kept = run("backup --db sqlite:///a.db --out a.zip")
    assert kept.exit_code == 0, kept.output
    back = run("restore a.zip --db sqlite:///b.db --actor it")
    assert back.exit_code == 0, back.output
    told, after = (json.loads(each.stdout.splitlines()[-1]) for each in (kept, back))
    assert after["entries"] == told["entries"] + 1
    assert after["left_out"] == ["sessions"]
    assert json.loads(run("audit verify --db sqlite:///b.db").stdout)["head"] == after["head"]


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_a_book_is_written_out(town, form):
    """The statistician's monthly job counts what it got."""
    answer = run(f"export --db sqlite:///a.db --out all --form {form} --files")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout.splitlines()[-1])
    assert (told["form"], told["rows"]["incidents"], told["files"], told["cut"]) == (form, 1, 0, 0)


def test_a_book_keeps_the_clock_of_its_own_place(town):
    """A place of one's own need not lie in China; a book whose place is gone has China's."""
    (town / "far").mkdir()
    (town / "far" / "place.json").write_text('{"timezone": "America/New_York"}', encoding="utf-8")
    with open_casebook("sqlite:///a.db") as book:
        assert zone_of(book).key == "Asia/Shanghai"
        book.set_setting("place_folder", str(town / "far"), actor="it", at=NOW)
        assert zone_of(book).key == "America/New_York"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("export --db sqlite:///none.db --out x", "no such file"),
        ("export --db sqlite:///a.db --out .", "a new or an empty folder"),
        ("export --db sqlite:///a.db --out no/x", "no folder"),
        ("backup --db sqlite:///none.db --out x.zip", "no such file"),
        ("backup --db sqlite:///a.db --out a.db", "also an input"),
        ("backup --db sqlite:///a.db --out letter.txt", "there already"),
        ("restore none.zip --db sqlite:///b.db --actor it", "none.zip"),
        ("restore a.db --db sqlite:///b.db --actor it", "no whole backup"),
    ],
)
def test_what_cannot_be_done_is_one_message_and_status_2(town, line, told):
    """And nothing new lies in the folder."""
    before = sorted(town.glob("*"))
    answer = run(line)
    assert answer.exit_code == 2, answer.output
    assert told in answer.stderr
    assert [each for each in sorted(town.glob("*")) if not each.name.startswith("a.db-")] == before
