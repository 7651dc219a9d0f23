"""`gridbeat lists design` on the smallest town: the workbook, its counts, the same bytes for the same seed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from ui.cli import main

ASKED = "lists design nine_cells --powers 300 --tickets 600 --replications 2"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("GRIDBEAT_HOME", str(folder / "home"))
        for name in ("a.xlsx", "b.xlsx"):
            done = CliRunner().invoke(main, [*ASKED.split(), "--out", name, "--language", "en"])
            assert done.exit_code == 0, done.output
    return folder, json.loads(done.output.splitlines()[-1])


def test_the_workbook_holds_what_the_last_line_counts(made: tuple[Path, dict[str, int]]):
    folder, told = made
    book = load_workbook(folder / "a.xlsx")
    sheets = [
        "Beside the document",
        "How it moves",
        "Lists",
        "Zero use",
        "Types of towns",
        "Effect",
        "Checklist",
        "Scores",
    ]
    assert book.sheetnames == ["About", *sheets]
    ours = [row[2] for row in book["Beside the document"].iter_rows(min_row=3, values_only=True)]
    assert ours == [told["given"], told["taken_back"], told["kept"]]
    assert told["given"] == told["taken_back"] + told["kept"] > 0
    assert (told["faults"], told["proved"]) == (0, True)
    moved = list(book["How it moves"].iter_rows(min_row=3, values_only=True))
    assert all(given == back + kept for _, _, given, back, kept in moved)
    stricter, strictest = (row[4] for row in moved[-2:])
    assert strictest <= told["kept"] <= stricter
    lists = list(book["Lists"].iter_rows(min_row=3, values_only=True))
    assert len({row[0] for row in lists}) == told["given"]
    assert book["Checklist"].max_row - 2 == len(lists)
    assert "synthetic" in str(book["Scores"]["A1"].value)


def test_every_power_says_why_it_stays_or_goes(made: tuple[Path, dict[str, int]]):
    """The reason is read off the numbers beside it: used once a month in a town of the type, or not."""
    book = load_workbook(made[0] / "a.xlsx")
    header, *rows = book["Lists"].iter_rows(min_row=2, values_only=True)
    told = [dict(zip(header, row, strict=True)) for row in rows]
    assert {one["a year later"] for one in told} == {"kept", "taken back"}
    for one in told:
        uses = float(str(one["reason"]).split(" a year")[0])
        assert ("no fewer than 12" in str(one["reason"])) is (one["a year later"] == "kept")
        assert (uses >= 11.95) is (one["a year later"] == "kept") or "others are worth more" in str(one["reason"])
        assert bool(one["last day"]) is (one["a year later"] == "taken back")


def test_zero_use_names_each_town_that_did_not_use_what_it_was_given(made: tuple[Path, dict[str, int]]):
    book = load_workbook(made[0] / "a.xlsx")
    lists = list(book["Lists"].iter_rows(min_row=3, values_only=True))
    unused = list(book["Zero use"].iter_rows(min_row=3, values_only=True))
    types = list(book["Types of towns"].iter_rows(min_row=3, values_only=True))
    designed = [row for row in unused if row[0] == "designed"]
    assert len(designed) == sum(row[6] for row in lists) == sum(row[3] for row in types)


def test_what_the_lists_of_today_give_and_nobody_used_is_found(made: tuple[Path, dict[str, int]]):
    """A design gives what is asked for; what lies idle is on the list that a town has."""
    book = load_workbook(made[0] / "a.xlsx")
    used = {(row[0], row[2]) for row in book["Scores"].iter_rows(min_row=3, values_only=True)}
    idle = [row for row in book["Zero use"].iter_rows(min_row=3, values_only=True) if row[0] == "today"]
    assert idle
    assert used.isdisjoint((row[1], row[4]) for row in idle)


def test_the_effect_is_paired_with_nothing_given(made: tuple[Path, dict[str, int]]):
    """The mean of a paired difference is the difference of the means; its interval is its own."""
    book = load_workbook(made[0] / "a.xlsx")
    rows = list(book["Effect"].iter_rows(min_row=3, values_only=True))
    assert len(rows) == 5
    for _, nothing, given, kept, _, apart_given, _, apart_kept, _ in rows:
        assert apart_given == pytest.approx(given - nothing, abs=2e-4)
        assert apart_kept == pytest.approx(kept - nothing, abs=2e-4)


def test_the_same_seed_gives_the_same_bytes(made: tuple[Path, dict[str, int]]):
    folder, _ = made
    assert (folder / "a.xlsx").read_bytes() == (folder / "b.xlsx").read_bytes()


def test_a_register_smaller_than_the_catalogue_is_refused(
    made: tuple[Path, dict[str, int]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(made[0])
    monkeypatch.setenv("GRIDBEAT_HOME", str(made[0] / "home"))
    done = CliRunner().invoke(main, ["lists", "design", "nine_cells", "--powers", "5", "--out", "c.xlsx"])
    assert done.exit_code == 2
    assert "the catalogue alone has 99" in done.output
    assert not Path("c.xlsx").exists()
