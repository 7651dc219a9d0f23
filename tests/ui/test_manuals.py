"""The two manuals: a number means the same chapter in both, since both READMEs and each other refer to it."""

from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
DIGITS = "一二三四五六七八九"
NUMERALS = [*DIGITS, "十", *(f"十{digit}" for digit in DIGITS)]


def chapters(name: str, after: str) -> list[str]:
    """The numbers of the chapters, in order."""
    lines = (DOCS / name).read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("## ").split(after)[0] for line in lines if line.startswith("## ")]


def test_the_chapters_of_both_languages_are_numbered_alike():
    """Whoever is sent to chapter 12 by a colleague finds people and rights there in either language."""
    english = chapters("manual.md", ".")
    assert english == [str(number) for number in range(1, len(english) + 1)]
    assert chapters("manual.zh.md", "、") == NUMERALS[: len(english)]
