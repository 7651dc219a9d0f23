"""`gridbeat reproduce`: the table on the terminal, as JSON and as a workbook."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from ui.cli import main

KEYS = {"place", "figure", "source_document", "published", "value", "interval", "inside", "kind", "assumption"}


def test_json_and_workbook_hold_what_the_terminal_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    asked = [
        "reproduce",
        "chongqing",
        "--only",
        "simple_after_minutes",
        "--quick",
        "--out",
        "a.json",
        "--xlsx",
        "a.xlsx",
    ]
    done = CliRunner().invoke(main, [*asked, "--language", "zh"])
    assert done.exit_code == 0, done.output
    (row,) = json.loads(Path("a.json").read_text(encoding="utf-8"))
    assert row.keys() >= KEYS
    assert (row["published"], row["kind"]) == (10, "predicted")
    low, high = row["interval"]
    assert row["inside"] is (low <= 10 <= high)
    assert "预测" in done.output
    assert json.loads(done.output.splitlines()[-1]) == {"figures": 1, "inside": 0, "outside": 1, "seed": 1}
    book = load_workbook("a.xlsx")
    assert book.sheetnames == ["说明", "数字对照", "假设", "未列入"]
    header, told = (list(row) for row in book["数字对照"].iter_rows(min_row=2, max_row=3, values_only=True))
    assert dict(zip(header, told, strict=True))["本系统"] == pytest.approx(row["value"])
    assert book["假设"].max_row == 2 + len(row["moves"])


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        asked = ["reproduce", "jiangyin", "--out", f"{name}.json", "--xlsx", f"{name}.xlsx"]
        assert CliRunner().invoke(main, asked).exit_code == 0
    assert Path("a.json").read_bytes() == Path("b.json").read_bytes()
    assert Path("a.xlsx").read_bytes() == Path("b.xlsx").read_bytes()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["atlantis"], "found 'atlantis', expected one of haishu"),
        (["jiangyin", "--only", "predicted"], "--only: found 'predicted'"),
        (["jiangyin", "--xlsx", "a.csv"], "expected a name ending in .xlsx"),
    ],
)
def test_what_does_not_exist_is_refused(asked: list[str], message: str):
    done = CliRunner().invoke(main, ["reproduce", *asked])
    assert done.exit_code == 2
    assert message in done.output
