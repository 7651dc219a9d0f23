"""`gridbeat lists`: the lists of the smallest town out to a workbook, mended, checked and taken in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook, load_workbook

from dispatch.desk.workbooks import COLUMNS
from dispatch.records.incident import Incident
from dispatch.rulebook.competence import RuleBook
from dispatch.store.casebook import open_casebook
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor
from scenarios.binding import bind
from scenarios.scenario import Scenario, load
from ui.cli import main

NOW = datetime.now(UTC)
DB = "sqlite:///desk.db"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Scenario]:
    """A casebook of nine cells with an empty queue, and its lists as a workbook, made once."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("GRIDBEAT_HOME", str(folder / "home"))
        scenario = load("nine_cells")
        with open_casebook(DB) as casebook:
            bind(casebook, scenario, actor="test", at=NOW)
        assert run("lists export --place nine_cells --out lists.xlsx").exit_code == 0
    return folder, scenario


@pytest.fixture
def town(made: tuple[Path, Scenario], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scenario:
    """A folder with a copy of both."""
    folder, scenario = made
    for name in ("desk.db", "lists.xlsx"):
        shutil.copy(folder / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRIDBEAT_HOME", str(folder / "home"))
    return scenario


def run(line: str) -> Result:
    return CliRunner().invoke(main, line.split())


def told(line: str) -> dict[str, Any]:
    answer = run(line)
    assert answer.exit_code == 0, answer.output
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def refused(line: str) -> str:
    answer = run(line)
    assert answer.exit_code == 2, answer.output
    return answer.stderr


def edit(change: Callable[[Workbook], object]) -> None:
    book = load_workbook("lists.xlsx")
    change(book)
    book.save("lists.xlsx")


def set_power(row: int, column: str, value: str) -> Callable[[Workbook], object]:
    return lambda book: setattr(book["powers"].cell(row, COLUMNS["powers"].index(column) + 1), "value", value)


def end_all_powers(book: Workbook) -> None:
    """Nobody may do anything any more from 2020 on; the rows stay for what was done before."""
    page = book["powers"]
    first, last = (COLUMNS["powers"].index(name) + 1 for name in ("valid_from", "valid_to"))
    for row in range(2, page.max_row + 1):
        page.cell(row, first).value, page.cell(row, last).value = "2010-01-01", "2019-12-31"


def lawful(book: RuleBook, towns: list[str]) -> tuple[str, str]:
    """A matter and a town in which somebody may act today."""
    today = NOW.date()
    return next((code, town) for code in book.matters for town in towns if book.resolve(code, town, today).lawful)


def report(scenario: Scenario) -> None:
    matter, town = lawful(scenario.rulebook, [str(code) for code in scenario.towns["code"]])
    with open_casebook(DB) as casebook, casebook.writing() as page:
        page.add(Actor("desk", NOW, "report"), [Incident("i1", "", 121.54, 29.86, "", town, matter, 2, NOW, NOW)])


def test_the_lists_go_out_and_come_back_without_a_difference(town):
    """Nothing was touched, so nothing is given, taken back or changed, and the list has no new version."""
    answer = told("lists check lists.xlsx --place nine_cells")
    assert (answer["given"], answer["taken_back"], answer["changed"], answer["beside"]) == (0, 0, 0, {})
    assert answer["powers"] == len(town.rulebook.powers) > 0
    assert answer["matters"] == len(town.rulebook.matters)
    assert told(f"lists import lists.xlsx --db {DB} --actor keeper")["list_version"] == 0


def test_a_row_that_was_changed_is_told_and_taken_in(town):
    """First look, then take in; the export with the casebook then has the new row."""
    edit(set_power(2, "basis", "decree 99"))
    answer = run("lists check lists.xlsx --place nine_cells")
    assert "changed" in answer.stdout
    assert "decree 99" in answer.stdout
    taken = told(f"lists import lists.xlsx --db {DB} --actor keeper")
    assert (taken["changed"], taken["list_version"]) == (1, 2)
    with open_casebook(DB, create=False) as casebook:
        assert "decree 99" in {power.basis for power in casebook.powers()}
        assert casebook.history(Kind.LIST, "powers")[-1].actor == "keeper"
    assert told(f"lists export --place nine_cells --db {DB} --out after.xlsx")["list_version"] == 2
    assert told(f"lists check after.xlsx --place nine_cells --db {DB}")["changed"] == 0
    assert told("lists check after.xlsx --place nine_cells")["changed"] == 1


def test_a_faulty_workbook_is_refused_with_every_cell(town):
    """Exit status 2, and the keeper reads sheet, row and column."""
    edit(set_power(2, "body", "nobody"))
    edit(set_power(3, "basis", ""))
    message = refused("lists check lists.xlsx --place nine_cells")
    assert "sheet powers, row 3, column basis" in message
    edit(set_power(3, "basis", "decree"))
    message = refused(f"lists import lists.xlsx --db {DB} --actor keeper")
    assert "sheet powers, row 2, column body" in message
    with open_casebook(DB, create=False) as casebook:
        assert casebook.list_version() == 0


def test_open_work_left_with_nobody_is_told_and_has_to_be_accepted_by_id(town):
    """The ledger keeps who accepted what."""
    report(town)
    edit(end_all_powers)
    answer = run(f"lists check lists.xlsx --place nine_cells --db {DB}")
    assert "stranded    incident i1" in answer.stdout
    assert "i1" in refused(f"lists import lists.xlsx --db {DB} --actor keeper")
    with open_casebook(DB, create=False) as casebook:
        assert casebook.history(Kind.LIST, "powers")[-1].deed == "refused:list_replace"
    wrong = refused(f"lists import lists.xlsx --db {DB} --actor keeper --accept i1 --accept i7 --accept i8")
    assert "--accept: found 'i7', 'i8'" in wrong
    assert told(f"lists import lists.xlsx --db {DB} --actor keeper --accept i1")["list_version"] == 2
    with open_casebook(DB, create=False) as casebook:
        assert casebook.history(Kind.LIST, "powers")[-1].details["accepted_stranding"] == ["i1"]


def test_what_the_casebook_does_not_keep_is_not_silently_dropped(town):
    """A keeper who renamed a matter in the same workbook would believe it taken in."""
    edit(lambda book: setattr(book["matters"].cell(2, COLUMNS["matters"].index("name_zh") + 1), "value", "别的名称"))
    assert told("lists check lists.xlsx --place nine_cells")["beside"] == {"matters": 1}
    assert "sheet matters" in refused(f"lists import lists.xlsx --db {DB} --actor keeper")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("lists export --place nine_cells --out lists.csv", "a name ending in .xlsx"),
        ("lists export --place nine_cells --out nowhere/lists.xlsx", "an existing folder"),
        ("lists check lists.csv --place nine_cells", "a name ending in .xlsx"),
        ("lists check none.xlsx --place nine_cells", "none.xlsx"),
        ("lists import lists.xlsx --db sqlite:///none.db --actor keeper", "an existing casebook"),
        ("lists search stall --place nine_cells --town 999999999", "--town"),
    ],
)
def test_what_cannot_be_done_is_said_with_exit_status_2(town, line, words):
    """Before any work is done, in a sentence."""
    assert words in refused(line)


def test_a_town_of_a_search_may_be_named(town):
    """Nobody at a telephone knows nine digits; a name that no town has is answered with codes and names."""
    code = str(town.towns["code"].iloc[0])
    name = town.areas.name(code)
    assert told(f"lists search C08-01 --place nine_cells --town {name}")["town"] == code
    answer = run(f"lists search C08-01 --place nine_cells --town {name}x")
    assert answer.exit_code == 2
    assert f"{code} ({name})" in answer.stderr


def test_a_search_says_whose_it_is_here_with_the_clause(town):
    """The clerk reads it out on the phone; the script gets the same as one line."""
    matter, code = lawful(town.rulebook, [str(each) for each in town.towns["code"]])
    name = town.rulebook.matters[matter].name_zh
    answer = run(f"lists search {matter} --place nine_cells --town {code} --day {NOW:%Y-%m-%d}")
    assert name in answer.stdout
    [found] = [one for one in json.loads(answer.stdout.splitlines()[-1])["found"] if one["matter"] == matter]
    actors = town.rulebook.resolve(matter, code, NOW.date()).actors
    assert [each["body"] for each in found["actors"]] == [each.body for each in actors]
    assert found["clause"] == town.rulebook.matters[matter].basis
    assert all(each.basis in answer.stdout for each in actors)
    assert told("lists search 海豚海豚 --place nine_cells")["found"] == []
