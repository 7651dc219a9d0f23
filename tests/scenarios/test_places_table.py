"""docs/places.md names a home for every mechanism of the documents; what it names must be there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip().strip("`") for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "places.md").read_text(encoding="utf-8").splitlines()
    if re.match(r"\| [JHCYW]\d+ \|", line)
]
NUMBERED = {"J": 10, "H": 16, "C": 11, "Y": 8, "W": 12}
NOWHERE = "–"
STATES = ("yes", "in part", "not yet", "not software")


def test_every_mechanism_has_one_row():
    assert [row[0] for row in ROWS] == [f"{letter}{n}" for letter, most in NUMBERED.items() for n in range(1, most + 1)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_is_whole_and_what_it_names_is_there(row: list[str]):
    """A table that points to what was renamed would be believed all the same."""
    assert len(row) == 7
    assert all(row)
    _, _, state, screen, module, test, _ = row
    assert state in STATES
    homeless = state in ("not yet", "not software")
    assert (NOWHERE in (screen, module, test)) is homeless
    if homeless:
        return
    assert (ROOT / "ui" / "screens" / screen / "screen.py").is_file()
    assert (ROOT / module).is_file()
    file, _, name = test.partition("::")
    assert re.search(rf"^def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
