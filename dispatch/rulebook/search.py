"""Whose is it? A few words in, the matters they may be about out, with who may act here and the clause that says so.

Words are compared with what a matter is called, with the words people use for it, and with the statutes it rests on.
Chinese has no blanks between words: where nothing matches as it stands, pairs of neighbouring characters are compared,
rare pairs counting more than those that stand in half of the catalogue.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from dispatch.rulebook.competence import Answer, RuleBook
from dispatch.rulebook.matters import Matter
from dispatch.rulebook.powers import Body

BETWEEN_WORDS = re.compile(r"[\s,，、/／;；。.!！?？：:“”\"()（）]+")
STATUTE = re.compile(r"《([^》]+)》")
LATIN = re.compile(r"[a-z][a-z\-']*")

EXACT, NAMED, KNOWN_AS, QUOTED, ALIKE = 100.0, 8.0, 6.0, 3.0, 4.0
"""How much a word counts: as a code, in the name, among the keywords, in a statute's name, by pairs of characters."""
WHOLE = 4.0
"""What a word counts more when it is the whole name or keyword and no part of it."""
ALIKE_FROM = 0.34
"""Which share of a word's pairs, by weight, must be there before it counts as alike."""


@dataclass(frozen=True, slots=True)
class Found:
    """A matter that the words may be about.

    Attributes
    ----------
    score
        Comparable within one search only.
    hits
        The words it was found by, as they were asked.
    clause
        What the matter rests on, in the catalogue's own words.
    answer
        Who may act in the town on the day, on which clause, and the proof; nobody is an answer with its reason.
    lead
        The body of the department that answers for it here, or None when the list of bodies names none.
    """

    matter: Matter
    score: float
    hits: tuple[str, ...]
    answer: Answer
    lead: Body | None

    @property
    def clause(self) -> str:
        return self.matter.basis


@dataclass(frozen=True, slots=True)
class _Entry:
    """A matter as the search sees it."""

    matter: Matter
    codes: frozenset[str]
    names: tuple[str, ...]
    latin: tuple[str, ...]
    keywords: tuple[str, ...]
    statutes: tuple[str, ...]
    pairs: frozenset[str]


class Index:
    """The matters of a catalogue, ready to be searched."""

    def __init__(self, matters: Iterable[Matter]) -> None:
        self._entries = [_entry(matter) for matter in matters]
        seen = Counter(pair for entry in self._entries for pair in entry.pairs)
        self._weight = {pair: math.log(1.0 + len(self._entries) / count) for pair, count in seen.items()}
        self._unseen = math.log(1.0 + len(self._entries))

    def rank(self, words: str) -> list[tuple[Matter, float, tuple[str, ...]]]:
        """Matters with score and the words that hit: those that more words speak for first, then by score and code."""
        asked = words_of(words)
        ranked = []
        for entry in self._entries:
            scores = [(word, self._score(entry, word)) for word in asked]
            hits = tuple(word for word, score in scores if score > 0)
            if hits:
                ranked.append((entry.matter, sum(score for _, score in scores), hits))
        return sorted(ranked, key=lambda found: (-len(found[2]), -found[1], found[0].code))

    def _score(self, entry: _Entry, word: str) -> float:
        if word in entry.codes:
            return EXACT
        best = max(_in_text(word, entry.names, NAMED), _as_keyword(word, entry.keywords), _in_latin(word, entry.latin))
        return best or _in_text(word, entry.statutes, QUOTED) or self._alike(word, entry.pairs)

    def _alike(self, word: str, pairs: frozenset[str]) -> float:
        asked = _pairs(word)
        total = sum(self._weight.get(pair, self._unseen) for pair in asked)
        share = sum(self._weight[pair] for pair in asked & pairs) / total if total else 0.0
        return ALIKE * share if share >= ALIKE_FROM else 0.0


def search(book: RuleBook, words: str, town: str, day: date, limit: int = 10) -> list[Found]:
    """The matters that ``words`` may be about, the likeliest first.

    Parameters
    ----------
    words
        As typed so far: keywords, names, statutes, codes, Chinese or English, with blanks or commas between them.
    town
        9-digit code, or empty: then the answers say that there is no town.
    day
        The day of the act in the place's own calendar; matters in force on it come first.
    limit
        At most so many.

    Returns
    -------
    list of Found
        Empty for no words or when nothing is like them.
    """
    ranked = sorted(_index(book.matters).rank(words), key=lambda found: not found[0].in_force(day))
    return [
        Found(matter, score, hits, book.resolve(matter.code, town, day), lead_body(book.bodies, matter, town))
        for matter, score, hits in ranked[:limit]
    ]


def lead_body(bodies: Mapping[str, Body], matter: Matter, town: str) -> Body | None:
    """The body of the matter's lead department: the town's own before the district's; None when there is none."""
    its = [body for body in bodies.values() if matter.lead and body.department == matter.lead]
    here = [body for body in its if town and town.startswith(body.town)]
    return max(here, key=lambda body: len(body.town), default=None)


def words_of(text: str) -> list[str]:
    """The words of a query, each once, in small letters and of one width.

    >>> words_of("宅基地、占地补偿 Ｓtall")
    ['宅基地', '占地补偿', 'stall']
    """
    return list(dict.fromkeys(filter(None, BETWEEN_WORDS.split(_plain(text)))))


_kept: list[tuple[Mapping[str, Matter], Index]] = []


def _index(matters: Mapping[str, Matter]) -> Index:
    """The index of this catalogue; the last one is kept, since every keystroke asks the same."""
    kept = next((index for catalogue, index in _kept if catalogue is matters), None)
    if kept is None:
        kept = Index(matters.values())
        _kept[:] = [(matters, kept)]
    return kept


def _entry(matter: Matter) -> _Entry:
    names = (_plain(matter.name_zh), _plain(matter.name_en))
    keywords = tuple(_plain(word) for word in matter.keywords)
    statutes = tuple(_plain(name) for name in STATUTE.findall(matter.basis))
    texts = (names[0], *keywords, *statutes)
    return _Entry(
        matter,
        frozenset(_plain(code) for code in (matter.code, matter.national_code) if code),
        tuple(filter(None, names)),
        tuple(word for text in (names[1], *keywords) for word in LATIN.findall(text)),
        keywords,
        statutes,
        frozenset(pair for text in texts for pair in _pairs(text)),
    )


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _pairs(text: str) -> set[str]:
    """Neighbouring characters that are no Latin letters or digits."""
    return {text[at : at + 2] for at in range(len(text) - 1) if not (text[at].isascii() or text[at + 1].isascii())}


def _in_text(word: str, texts: tuple[str, ...], worth: float) -> float:
    """A word of one character is in half of the catalogue and counts half; English is compared by whole words."""
    if word.isascii():
        return 0.0
    if word in texts:
        return worth + WHOLE
    if any(word in text for text in texts):
        return worth if len(word) > 1 else worth / 2
    return 0.0


def _as_keyword(word: str, keywords: tuple[str, ...]) -> float:
    """A keyword may stand inside a longer word, since people write without blanks."""
    within = any(len(keyword) > 1 and not keyword.isascii() and keyword in word for keyword in keywords)
    return max(_in_text(word, keywords, KNOWN_AS), KNOWN_AS if within else 0.0)


def _in_latin(word: str, latin: tuple[str, ...]) -> float:
    """English from the beginning of a word on, as it is being typed."""
    if not LATIN.match(word) or len(word) < 2:
        return 0.0
    if word in latin:
        return NAMED
    return KNOWN_AS if any(each.startswith(word) for each in latin) else 0.0
