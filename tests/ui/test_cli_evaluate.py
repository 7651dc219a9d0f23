"""`gridbeat evaluate`: the report of a week as the supervisor's office runs it."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from docx import Document

from dispatch.store.casebook import open_casebook
from scenarios.binding import bind
from tests.towns import NOON, everybody, incident, nine_cells
from ui.cli import main

MONEY = ("元", "yuan", "罚款", "fine")


def run(line: str) -> Result:
    return CliRunner().invoke(main, line.split())


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A week with one incident that nobody went to, and one of the week after."""
    folder = tmp_path_factory.mktemp("book")
    place = nine_cells()
    db = f"sqlite:///{folder / 'desk.db'}"
    with open_casebook(db) as casebook:
        bind(casebook, place, actor="test", at=NOON)
        everybody(casebook, "anna")
        casebook.add_incidents([incident(id="I1"), incident(id="I2", reported_at=NOON + timedelta(days=7))], at=NOON)
    return db


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_week_is_written_as_workbook_and_document(book: str, tmp_path: Path, language: str):
    out = tmp_path / "week"
    answer = run(f"evaluate --db {book} --before 2026-04-21 --language {language} --out {out}")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout.splitlines()[-1])
    assert (told["first_day"], told["day_after"], told["incidents"]) == ("2026-04-13", "2026-04-20", 1)
    assert told["findings"] == 3  # nobody was sent, nobody was there, and its limit ran out
    sheets = openpyxl.load_workbook(io.BytesIO((out / "evaluation.xlsx").read_bytes()))
    assert len(sheets.sheetnames) == 11
    words = [str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    headers = [str(cell.value).lower() for sheet in sheets.worksheets[1:] for cell in sheet[2] if cell.value]
    assert not [header for header in headers if any(word in header for word in MONEY)]
    assert "I1" in words
    assert "I2" not in words
    text = "\n".join(paragraph.text for paragraph in Document(str(out / "evaluation.docx")).paragraphs)
    assert nine_cells().title_zh in text or nine_cells().title_en in text


def test_weights_that_are_wrong_are_named_by_row_and_nothing_is_written(book: str, tmp_path: Path):
    weights = tmp_path / "w.csv"
    weights.write_text("about,indicator,weight,source\ntown,fines,10,ours\nteam,right_at_once,0,ours\n")
    answer = run(f"evaluate --db {book} --weights {weights} --out {tmp_path / 'x'}")
    assert answer.exit_code == 2
    assert "row 1" in answer.stderr or "row 2" in answer.stderr
    assert "indicator" in answer.stderr
    assert "weight" in answer.stderr
    assert not (tmp_path / "x").exists()
