"""`gridbeat files`: case files drawn for review from two sheets, and the draw made again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ui.cli import main

FILES = "case_id,body,weight,handlers\nF1,a,1,x;y\nF2,a,2,x\nF3,a,1,y\nG1,b,1,z\n"
PEOPLE = "reviewer_id,body\nx,a\ny,a\nz,b\nr1,\nr2,\n"


def run(*line: str) -> Result:
    return CliRunner().invoke(main, ["files", *line])


@pytest.fixture
def sheets(tmp_path: Path) -> list[str]:
    (tmp_path / "f.csv").write_text(FILES, encoding="utf-8")
    (tmp_path / "r.csv").write_text(PEOPLE, encoding="utf-8")
    return ["--files", str(tmp_path / "f.csv"), "--reviewers", str(tmp_path / "r.csv")]


def drawn(sheets: list[str], out: Path, *more: str) -> Result:
    return run("draw", *sheets, "--percent", "50", "--seed", "the lottery", "--out", str(out), *more)


def test_a_draw_is_written_and_comes_out_again(sheets, tmp_path):
    answer = drawn(sheets, tmp_path / "d.json")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout.splitlines()[-1])
    assert (told["files"], told["drawn"], told["without_reviewers"]) == (4, 3, 0)
    again = run("replay", str(tmp_path / "d.json"), *sheets)
    assert again.exit_code == 0
    assert json.loads(again.stdout.splitlines()[-1]) == {"equal": True, "against": []}
    assert drawn(sheets, tmp_path / "e.json").exit_code == 0
    assert (tmp_path / "d.json").read_bytes() == (tmp_path / "e.json").read_bytes()


def test_another_register_or_a_changed_record_is_told(sheets, tmp_path):
    drawn(sheets, tmp_path / "d.json")
    (tmp_path / "f.csv").write_text(FILES.replace("F3,a,1", "F3,a,9"), encoding="utf-8")
    again = run("replay", str(tmp_path / "d.json"), *sheets)
    assert again.exit_code == 1
    (against,) = json.loads(again.stdout.splitlines()[-1])["against"]
    assert against["code"] == "files_altered"
    assert "The register of files was altered" in against["said"]
    told = json.loads((tmp_path / "d.json").read_text(encoding="utf-8"))
    told["drawn"][0]["inspectors"] = ["r1", "x"]
    (tmp_path / "d.json").write_text(json.dumps(told), encoding="utf-8")
    assert run("replay", str(tmp_path / "d.json")).exit_code == 1


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (FILES.replace("F2,a,2", "F2,a,0"), "row 3, column weight"),
        (FILES.replace("F2,a", "F2,"), "row 3, column body"),
        (FILES.replace("F2", "F1"), "'F1' twice"),
    ],
)
def test_a_faulty_register_is_refused_with_its_row(sheets, tmp_path, files, said):
    """A draw from half a register would be no draw."""
    (tmp_path / "f.csv").write_text(files, encoding="utf-8")
    answer = drawn(sheets, tmp_path / "d.json")
    assert answer.exit_code == 2
    assert said in answer.stderr
    assert not (tmp_path / "d.json").exists()


def test_a_draw_is_never_written_over_and_never_of_nothing(sheets, tmp_path):
    drawn(sheets, tmp_path / "d.json")
    assert drawn(sheets, tmp_path / "d.json").exit_code == 2
    none = run("draw", *sheets, "--seed", "s", "--out", str(tmp_path / "n.json"))
    assert none.exit_code == 2
    assert "--count" in none.stderr
