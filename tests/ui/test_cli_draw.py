"""`gridbeat inspect draw` and `replay`: a draw on files, and whether it comes out again."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ui.cli import main
from ui.commands import drawing

PREMISES = "premises_id,name,lon,lat,town,type,risk,credit\n" + "".join(
    f"P{n},店{n},121.5,29.9,A,{'small_shop' if n % 3 else 'hotel'},{'high' if n % 2 else 'low'},B\n"
    for n in range(1, 13)
)
INSPECTORS = "officer_id,town,department,certificates,conflicts\n" + "".join(
    f"O{n},A,fire,{'fire' if n < 4 else 'city'},{'P1' if n == 1 else ''}\n" for n in range(1, 8)
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "premises.csv").write_text(PREMISES, encoding="utf-8")
    (tmp_path / "inspectors.csv").write_text(INSPECTORS, encoding="utf-8")
    return tmp_path


def run(folder: Path, command: str, *more: str) -> Result:
    given = ["--scene", "small_shop", "--item", "S02-03"]
    for name in ("premises", "inspectors"):
        given += [f"--{name}", str(folder / f"{name}.csv")]
    return CliRunner().invoke(main, ["inspect", command, *more, *given])


def replayed(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["inspect", "replay", str(folder / "draw.json"), *more])


def drawn(folder: Path, seed: str = "07 11") -> Result:
    return run(folder, "draw", "--seed", seed, "--count", "5", "--out", str(folder / "draw.json"))


def test_a_draw_on_files_comes_out_again(folder):
    """Only shops of the scene are in it, and one of each pair holds the certificate that is needed."""
    answer = drawn(folder)
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout.splitlines()[-1])["pool"] == 8
    record = json.loads((folder / "draw.json").read_text(encoding="utf-8"))
    assert all(set(each["inspectors"]) & {"O1", "O2", "O3"} for each in record["drawn"])
    again = run(folder, "replay", str(folder / "draw.json"))
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout) == {"equal": True, "against": []}


def test_another_register_is_not_equal(folder):
    """Somebody's shop was taken out after the draw."""
    drawn(folder)
    (folder / "premises.csv").write_text(PREMISES.replace("P2,店2", "P99,店2"), encoding="utf-8")
    again = run(folder, "replay", str(folder / "draw.json"))
    assert again.exit_code == 1
    against = json.loads(again.stdout)["against"][0]
    assert against["code"] == "premises_altered"
    assert against["said"].endswith(".")


def test_the_record_of_another_draw_is_not_written_over(folder):
    """It is the proof that was published."""
    drawn(folder)
    kept = (folder / "draw.json").read_bytes()
    again = drawn(folder, "another seed")
    assert again.exit_code == 2
    assert "a draw is made once" in again.output.lower()
    assert (folder / "draw.json").read_bytes() == kept


@pytest.mark.parametrize("weight", ["Infinity", "[" * 100_000])
def test_a_record_with_a_weight_that_is_no_number_is_refused(folder, weight):
    """JSON of another program may hold Infinity; whoever replays it is told and sees no traceback."""
    drawn(folder)
    said = (folder / "draw.json").read_text(encoding="utf-8")
    first = json.loads(said)["premises"][0][2]
    head, rest = said.split('"premises": [\n  [', 1)
    (folder / "draw.json").write_text(head + '"premises": [\n  [' + rest.replace(f"{first},", f"{weight},", 1), "utf-8")
    again = replayed(folder)
    assert again.exit_code == 2, again.output
    assert "the record as it was published" in again.output


def test_a_draw_from_half_a_register_is_refused(folder):
    (folder / "premises.csv").write_text(PREMISES + "P13,店,121.5,29.9,A,circus,low,B\n", encoding="utf-8")
    answer = drawn(folder)
    assert answer.exit_code != 0
    assert "row 14, column type" in answer.output
    assert not (folder / "draw.json").exists()


def test_an_unknown_department_or_certificate_is_refused_with_its_row_and_the_nearest(folder):
    """A misspelt certificate would leave an inspector out of every draw, and nobody would see it."""
    wrong = INSPECTORS.replace("O2,A,fire,fire", "O2,A,消防大队,fires")
    (folder / "inspectors.csv").write_text(wrong, encoding="utf-8")
    answer = drawn(folder)
    assert answer.exit_code == 2
    assert "row 3, column department: found '消防大队', expected the code of a department; the nearest is fire" in (
        answer.output
    )
    assert "row 3, column certificates: found 'fires'" in answer.output


def test_a_draw_comes_out_again_when_the_lists_have_changed(folder, monkeypatch):
    """Years later other risks weigh more, the scene is gone and its item asks for another certificate."""
    assert drawn(folder).exit_code == 0
    here = folder / "lists"
    here.mkdir()
    for name in ("scenes.csv", "scene_items.csv"):
        rows = (drawing.HERE / name).read_text(encoding="utf-8").splitlines()
        kept = [row for row in rows if "small_shop" not in row]
        (here / name).write_text("\n".join(kept), encoding="utf-8")
    risks = (drawing.HERE / "risk_classes.csv").read_text(encoding="utf-8")
    (here / "risk_classes.csv").write_text(re.sub(r",\d+,(\w+)$", r",9,\1", risks, flags=re.M), encoding="utf-8")
    monkeypatch.setattr(drawing, "HERE", here)
    assert json.loads(replayed(folder).stdout) == {"equal": True, "against": []}
    (folder / "premises.csv").write_text(PREMISES.replace("hotel", "restaurant"), encoding="utf-8")
    given = [f"--{name}={folder / name}.csv" for name in ("premises", "inspectors")]
    assert replayed(folder, *given).exit_code == 0, replayed(folder, *given).output


@pytest.mark.parametrize(
    ("what", "code"),
    [("premises", "premises_altered"), ("inspectors", "inspectors_altered"), ("lists", "lists_altered")],
)
def test_what_the_record_carries_is_held_against_its_hashes(folder, what, code):
    """Whoever improves the register inside the file is found as well."""
    drawn(folder)
    said = json.loads((folder / "draw.json").read_text(encoding="utf-8"))
    if what == "lists":
        said["lists"]["weights"][0][2] += 1
    else:
        said[what].pop()
    (folder / "draw.json").write_text(json.dumps(said), encoding="utf-8")
    again = replayed(folder)
    assert again.exit_code == 1
    assert code in {each["code"] for each in json.loads(again.stdout)["against"]}


def test_a_record_alone_needs_its_registers(folder):
    """A record of before carries nothing; with registers and scene it still replays."""
    drawn(folder)
    said = json.loads((folder / "draw.json").read_text(encoding="utf-8"))
    for name in ("lists", "lists_sha256", "premises", "inspectors"):
        del said[name]
    (folder / "draw.json").write_text(json.dumps(said), encoding="utf-8")
    assert "--premises, --inspectors and --scene" in replayed(folder).output
    assert run(folder, "replay", str(folder / "draw.json")).exit_code == 0


def test_a_town_without_officers_and_a_column_that_is_not_read_are_named(folder):
    """The town was typed wrong, and under a misspelt role everybody would be an officer."""
    shop = "P98,店,121.5,29.9,AA,small_shop,high,B\nP99,店,121.5,29.9,AA,small_shop,high,B\n"
    (folder / "premises.csv").write_text(PREMISES + shop, encoding="utf-8")
    (folder / "inspectors.csv").write_text(
        INSPECTORS.replace("conflicts", "conflicts,rolle").replace("city,\n", "city,,auxiliary\n"), encoding="utf-8"
    )
    answer = drawn(folder)
    assert answer.exit_code == 0, answer.output
    assert "premises, column town: 'AA' of P98 and 1 more is in no row of the officers." in answer.stderr
    assert "inspectors.csv: not read: 'rolle'; known are officer_id" in answer.stderr
