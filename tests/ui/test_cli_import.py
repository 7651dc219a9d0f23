"""`gridbeat import tickets` and `gridbeat audit verify` on the smallest town."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from dispatch.records.incident import Status
from dispatch.store.casebook import open_casebook
from ui.cli import main

MAP = """[columns]
id = "No"
text = "Words"
lon = "X"
lat = "Y"
reported_at = "Opened"
closed_at = "Closed"
[options]
datum = "wgs84"
timezone = "Asia/Shanghai"
"""
HEADER = "No,Words,X,Y,Opened,Closed\n"
GOOD = "1,a stall,121.5415,29.8615,2026-03-01 10:00,\n"
CLOSED = "2,a kiosk,121.5415,29.8615,2026-03-01 10:00,2026-03-01 11:00\n"
BORDER = "3,beyond the border,121.70,29.8615,2026-03-01 10:00,\n"
BAD = "4,=cmd|' /C calc'!A0,121.5415,200,tomorrow,\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def town(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRIDBEAT_HOME", str(home))
    (tmp_path / "map.toml").write_text(MAP, encoding="utf-8")
    return tmp_path


def run(line: str) -> Result:
    return CliRunner().invoke(main, line.split())


def bring_in(*rows: str) -> dict[str, Any]:
    Path("t.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    answer = run("import tickets t.csv --place nine_cells --db sqlite:///desk.db --map map.toml --errors errors.xlsx")
    assert answer.exit_code == 0, answer.output
    told: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return told


def test_rows_are_imported_doubled_or_rejected_and_the_rejected_come_back_as_a_sheet(town):
    """The clerk mends the sheet and sends the file again; what is in stays in once."""
    told = bring_in(GOOD, GOOD, CLOSED, BORDER, BAD)
    assert told == {"rows": 5, "imported": 3, "located": 2, "duplicates": 1, "rejected": 1}
    lines = [[cell.value for cell in row] for row in load_workbook("errors.xlsx").active.iter_rows()]
    assert lines[0] == ["row", "column", "found", "expected"]
    assert [line[:3] for line in lines[1:]] == [[6, "Y", "'200'"], [6, "Opened", "'tomorrow'"]]
    mended = BAD.replace("200", "29.8615").replace("tomorrow", "2026-03-02 08:00")
    again = bring_in(GOOD, GOOD, CLOSED, BORDER, mended)
    assert again == {"rows": 5, "imported": 1, "located": 1, "duplicates": 4, "rejected": 0}


def test_without_a_sheet_the_terminal_says_why_rows_were_left_out_and_what_lies_outside(town):
    """Who tries the first export of another system sees at once what to mend in it; a script still reads one line."""
    Path("t.csv").write_text(HEADER + GOOD + BORDER + BAD, encoding="utf-8")
    answer = run("import tickets t.csv --place nine_cells --db sqlite:///desk.db --map map.toml")
    assert json.loads(answer.stdout)["rejected"] == 1
    told = answer.stderr.splitlines()
    assert told[0] == "Rejected: 1 of 3 rows"
    assert "  1 × column Y, expected degrees between -90 and 90" in told
    assert "    t.csv, row 4, column Opened: found 'tomorrow', expected a time such as 2026-03-01 14:30:00" in told
    assert told[-2] == "Give --errors FILE.xlsx for all of them."
    assert told[-1] == "Outside the place, imported without a cell: 1 ('3')"
    again = run("import tickets t.csv --place nine_cells --db sqlite:///desk.db --map map.toml")
    assert "Outside" not in again.stderr


def test_categories_that_the_map_does_not_name_are_told(town):
    """Half of a clerk's tickets came in without a matter, and nothing was said."""
    mapped = MAP.replace("[options]", 'category = "Kind"\n[options]') + '[matters]\n"stalls" = "C08-01"\n'
    Path("map.toml").write_text(mapped, encoding="utf-8")
    kinds = ("stalls", "fumes", " fumes", "")
    rows = [f"{at},a stall,121.5415,29.8615,2026-03-01 10:00,,{kind}\n" for at, kind in enumerate(kinds)]
    Path("t.csv").write_text("No,Words,X,Y,Opened,Closed,Kind\n" + "".join(rows), encoding="utf-8")
    answer = run("import tickets t.csv --place nine_cells --db sqlite:///desk.db --map map.toml")
    assert answer.exit_code == 0, answer.output
    [told] = answer.stderr.splitlines()
    assert told == "Without a matter, since [matters] of the map lacks their categories: 'fumes' 2"


def test_history_comes_in_closed_and_the_rest_waits(town):
    bring_in(GOOD, CLOSED, BORDER)
    with open_casebook("sqlite:///desk.db", create=False) as casebook:
        incidents = {incident.id: incident for incident in casebook.incidents()}
    assert {key: incident.status for key, incident in incidents.items()} == {
        "1": Status.REPORTED,
        "2": Status.CLOSED,
        "3": Status.REPORTED,
    }
    assert incidents["1"].town
    assert incidents["3"].town == ""


def test_a_casebook_of_another_place_is_refused(town):
    """Its tickets would all lie outside every cell."""
    bring_in(GOOD)
    with open_casebook("sqlite:///desk.db", create=False) as casebook:
        revision = casebook.revision()
    with sqlite3.connect("desk.db") as book:
        book.execute("UPDATE settings SET value = 'elsewhere' WHERE name = 'place'")
    Path("t.csv").write_text(HEADER + CLOSED, encoding="utf-8")
    answer = run("import tickets t.csv --place nine_cells --db sqlite:///desk.db --map map.toml")
    assert answer.exit_code == 2
    assert "elsewhere" in answer.stderr
    with open_casebook("sqlite:///desk.db", create=False) as casebook:
        assert casebook.revision() == revision


def test_an_untouched_ledger_is_whole(town):
    bring_in(GOOD, CLOSED)
    answer = run("audit verify --db sqlite:///desk.db")
    assert answer.exit_code == 0
    assert json.loads(answer.stdout)["ok"] is True


def test_an_altered_entry_is_found_and_named(town):
    """Somebody who later writes into the book by hand cannot do it unnoticed."""
    bring_in(GOOD, CLOSED)
    with sqlite3.connect("desk.db") as book:
        book.execute("UPDATE ledger SET actor = 'nobody' WHERE sequence = 2")
    answer = run("audit verify --db sqlite:///desk.db")
    assert answer.exit_code == 1
    assert json.loads(answer.stdout)["broken"] == 2
    assert "entry 2 of the ledger is broken" in answer.stderr
