"""The lists that triage reads, weighted words and sayings, and how words are found in a text in one pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path

from dispatch.rulebook.lists import read_list
from dispatch.rulebook.matters import CATEGORY
from gis.schemas import shorten

COLUMNS = ("category", "matter", "word", "weight")
HEAVIEST = 9.0


@dataclass(frozen=True, slots=True)
class Word:
    """One line of the list of words.

    Attributes
    ----------
    matter
        Code of the matter it speaks for within the category, or empty.
    parts
        All must stand in one stretch of text, in any order; of each part any one of its forms.
    absent
        None of these may stand there.
    weight
        What it adds to its category; below 0 it points away.
    keyword
        Whether it is a keyword of the catalogue and not of the list of words.
    """

    category: str
    matter: str
    parts: tuple[tuple[str, ...], ...]
    absent: tuple[str, ...]
    weight: float
    keyword: bool = False

    @property
    def plain(self) -> bool:
        """Whether it is one word, or one of several forms of it, and no combination."""
        return len(self.parts) == 1 and not self.absent


def parse_word(category: str, matter: str, word: str, weight: float) -> Word:
    """A word as the list writes it: ``+`` joins parts, ``|`` the forms of a part, ``!`` forbids one.

    Raises
    ------
    ValueError
        When a part is empty or all are forbidden.

    Examples
    --------
    >>> parse_word("C11", "", "狗|犬+咬+!热狗", 4.0).parts
    (('狗', '犬'), ('咬',))
    """
    parts: list[tuple[str, ...]] = []
    absent: list[str] = []
    for part in word.lower().split("+"):
        forms = tuple(form.strip() for form in part.removeprefix("!").split("|"))
        if not all(forms):
            raise ValueError(f"the word {shorten(word)} has an empty part; it is written like 狗|犬+咬+!热狗.")
        if part.startswith("!"):
            absent.extend(forms)
        else:
            parts.append(forms)
    if not parts:
        raise ValueError(f"the word {shorten(word)} only forbids; it needs a part that has to stand there.")
    return Word(category, matter, tuple(parts), tuple(absent), weight)


def read_words(path: Path) -> tuple[Word, ...]:
    """The list of words, columns ``category,matter,word,weight``.

    Raises
    ------
    BadInput
        With every row that is wrong: a weight of 0 or beyond ±9, a word with an empty part, a line that stands twice.
    """
    file, rows = read_list(path, COLUMNS)
    words: dict[tuple[str, str, str], Word] = {}
    for row in rows:
        category = row.text("category", pattern=CATEGORY, expected="a category C00 to C99")
        matter, text = row.values["matter"], row.text("word", expected="a word")
        weight = row.text("weight", pattern=r"-?\d{1,2}(\.\d{1,3})?", expected="a number like 2.5 or -3")
        if not 0 < abs(_number(weight)) <= HEAVIEST:
            row.blame("weight", f"a number from -{HEAVIEST:g} to {HEAVIEST:g}, not 0")
        if (category, matter, text) in words:
            row.blame("word", "each word once for a category and matter")
        try:
            words[category, matter, text] = parse_word(category, matter, text, _number(weight))
        except ValueError:
            row.blame("word", "parts that are not empty, like 狗|犬+咬+!热狗")
    file.stop_if_faulty("Mend these rows of the list of words and read it again.")
    return tuple(words.values())


def read_sayings(path: Path) -> tuple[tuple[str, str], ...]:
    """How people put it, pairs of category and text in the order of the file; columns ``category,text``.

    Raises
    ------
    BadInput
        With every row that has no category or no text, or a text that stands above already.
    """
    file, rows = read_list(path, ("category", "text"))
    sayings: dict[str, str] = {}
    for row in rows:
        category = row.text("category", pattern=CATEGORY, expected="a category C00 to C99")
        text = row.text("text", expected="what somebody said")
        if text in sayings:
            row.blame("text", "each saying once, in one category")
        sayings[text] = category
    file.stop_if_faulty("Mend these rows of the sayings and read them again.")
    return tuple((category, text) for text, category in sayings.items())


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


class WordFinder:
    """Words looked up by their first two characters.

    Parameters
    ----------
    words
        None of them empty.
    whole
        Those that count on their own, unless a longer one of them covers the place.

    Examples
    --------
    >>> finder = WordFinder({"狗", "流浪狗", "咬"}, whole={"狗", "流浪狗"})
    >>> found, uncovered = finder.find("流浪狗咬人")
    >>> sorted(found), sorted(uncovered)
    (['咬', '流浪狗', '狗'], ['流浪狗'])
    """

    def __init__(self, words: Iterable[str], whole: Container[str]) -> None:
        longer: defaultdict[str, list[str]] = defaultdict(list)
        words = set(words)
        for word in sorted(words, key=lambda word: (-len(word), word)):
            if len(word) > 1:
                longer[word[:2]].append(word)
        self._longer = {pair: tuple(group) for pair, group in longer.items()}
        self._single = frozenset(word for word in words if len(word) == 1)
        self._whole = frozenset(word for word in words if word in whole)

    def find(self, text: str) -> tuple[set[str], set[str]]:
        """All words that stand in ``text``, and those of ``whole`` that stand somewhere outside every longer one."""
        found: set[str] = set()
        places: list[tuple[int, str]] = []
        longer, single = self._longer, self._single
        for start, letter in enumerate(text):
            for word in longer.get(text[start : start + 2], ()):
                if text.startswith(word, start):
                    found.add(word)
                    places.append((start, word))
            if letter in single:
                found.add(letter)
                places.append((start, letter))
        return found, self._uncovered(places)

    def _uncovered(self, places: list[tuple[int, str]]) -> set[str]:
        """Read from the left, the longest first: what ends no later than one before it lies inside that one."""
        uncovered: set[str] = set()
        covered_to = 0
        for start, word in places:
            if word in self._whole and start + len(word) > covered_to:
                uncovered.add(word)
                covered_to = start + len(word)
        return uncovered
