"""From a citizen's words to a category and a matter: by weighted words, keywords of the catalogue, known sayings.

Nothing of the user's is needed. Whoever keeps ``words.csv`` and ``sayings.csv`` mends a message that went astray by a
word, or by writing down how it was said.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.rulebook.matters import REPORTED, Matter
from dispatch.rulebook.resemblance import Resemblance
from dispatch.rulebook.words import Word, WordFinder

LONGEST_TEXT = 4_000
"""Characters of a message that are read; what it is about stands before that."""
KEYWORD_WEIGHTS = {1: 0.5, 2: 1.5, 3: 2.0}
LONG_KEYWORD = 2.5
"""A keyword of the catalogue weighs by its length: the longer it is, the less it stands there by chance."""

KEYWORD_SHARE = 0.4
"""Of which this share counts for its category: there the list of words knows better."""

WORDS_WEIGHT = 0.125
"""Of the words beside how a text resembles the sayings we know."""

SHARPNESS, MATTER_SHARPNESS = 1.3, 0.8
"""How fast confidence grows with weight: chosen on messages by authors whose sayings were left out, so that of what is
said with 80 % four in five are right."""
DOUBT = 0.01
"""Of messages that leave no doubt, so many are about something else all the same."""
SURE_OF_CATEGORY, SURE_OF_MATTER = 0.8, 0.3
"""Below these the desk is asked instead of told: of eight messages about one, and of three errors about two."""
SHOWN = 3
"""How many other categories an answer names."""
SHOWN_FROM = 0.01
END_OF_STRETCH = re.compile(r"(?<=[。！？!?；;\n])")
SHORTEST_STRETCH = 60


@dataclass(frozen=True, slots=True)
class Hint:
    """What one form says for one category: its weight there, and its weight for matters of it."""

    category: str
    weight: float
    matters: Mapping[str, float]

    def and_also(self, other: Hint) -> Hint:
        """The heavier of two weights, and the matters of both."""
        heavier = max(self.weight, other.weight, key=abs)
        named = {
            code: max(self.matters.get(code, 0.0), other.matters.get(code, 0.0))
            for code in (*self.matters, *other.matters)
        }
        return Hint(self.category, heavier, named)


@dataclass(frozen=True, slots=True)
class Guess:
    """What a message is about.

    Attributes
    ----------
    category
        The likeliest, empty only when nothing in the text is known.
    matter
        Empty when the words do not tell the matters of the category apart.
    confidence
        Of the category, 0 to 1; 0 when it is empty.
    alternatives
        Other categories with their confidence, likeliest first.
    asks
        Whether a person should say it: the confidence is below ``SURE_OF_CATEGORY``.
    words
        What stood in the text and counted for the category, heaviest first.
    """

    category: str
    matter: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    asks: bool
    words: tuple[str, ...] = ()


class Evidence:
    """What was found so far in one message.

    Attributes
    ----------
    weights, matters
        Sum by category, and by matter.
    seen
        The words by category, each with its weight.
    """

    __slots__ = ("matters", "seen", "weights")

    def __init__(self) -> None:
        self.weights: defaultdict[str, float] = defaultdict(float)
        self.matters: defaultdict[str, float] = defaultdict(float)
        self.seen: defaultdict[str, dict[str, float]] = defaultdict(dict)

    def take(self, form: str, hint: Hint) -> None:
        if form in self.seen[hint.category]:
            return
        self.seen[hint.category][form] = hint.weight
        self.weights[hint.category] += hint.weight
        for matter, weight in hint.matters.items():
            self.matters[matter] += weight


NOTHING_KNOWN = Guess("", "", 0.0, (), asks=True)


class Triage:
    """The catalogue and the words made ready to read messages.

    Parameters
    ----------
    matters
        The catalogue by code. Only what people report counts (situations and one-things), all days alike.
    words
        A matter that the catalogue does not have is passed over: the word then speaks for its category alone.
    sayings
        How people put it, pairs of category and text; a category that neither catalogue nor words have is passed over.

    Examples
    --------
    >>> from dispatch.rulebook.words import parse_word
    >>> words = (parse_word("C11", "", "狗|犬", 3.0), parse_word("C06", "", "吵", 2.0))
    >>> guess = Triage({}, words).guess("楼上的狗太吵")
    >>> guess.category, guess.alternatives[0][0], guess.words
    ('C11', 'C06', ('狗',))
    """

    def __init__(
        self, matters: Mapping[str, Matter], words: Sequence[Word], sayings: Iterable[tuple[str, str]] = ()
    ) -> None:
        known = {code: matter for code, matter in matters.items() if matter.kind in REPORTED}
        self._matters = known
        self._of: defaultdict[str, list[str]] = defaultdict(list)
        for matter in known.values():
            self._of[matter.category].append(matter.code)
        self._plain = _plain_words(known, words)
        self._combined = tuple(word for word in words if not word.plain)
        self._finder = WordFinder({*self._plain, *_forms(self._combined)}, whole=self._plain)
        self._starts: dict[str, tuple[int, ...]] = _by_rarest_part(self._combined)
        self._categories = sorted({word.category for word in words} | {matter.category for matter in known.values()})
        told = [(category, text) for category, text in sayings if category in self._categories]
        self._resemblance = Resemblance(told, self._categories)

    def guess(self, text: str) -> Guess:
        """What ``text`` is about; any text has an answer."""
        text = text[:LONGEST_TEXT]
        evidence, resembles = self._weigh(text), self._resemblance.of(text)
        if max(evidence.weights.values(), default=0.0) <= 0 and not resembles.any():
            return NOTHING_KNOWN
        shares = self._shares(evidence.weights, resembles)
        best, *others = sorted(shares, key=lambda category: (-shares[category], category))
        confidence = shares[best]
        matter = self._matter(best, evidence.matters) if confidence >= SURE_OF_CATEGORY else ""
        rest = tuple((code, round(shares[code], 3)) for code in others[:SHOWN] if shares[code] >= SHOWN_FROM)
        reasons = sorted((-weight, word) for word, weight in evidence.seen.get(best, {}).items() if weight > 0)
        words = tuple(word for _, word in reasons)
        return Guess(best, matter, round(confidence, 3), rest, confidence < SURE_OF_CATEGORY, words)

    def guess_all(self, texts: Iterable[str]) -> list[Guess]:
        """One guess a text, in their order."""
        return [self.guess(text) for text in texts]

    def _weigh(self, text: str) -> Evidence:
        """What the words of ``text`` say together; a word counts once however often it is said."""
        evidence = Evidence()
        for stretch in _stretches(text):
            found, uncovered = self._finder.find(stretch)
            for form in sorted(uncovered):  # so that sums come out the same each time
                for hint in self._plain[form]:
                    evidence.take(form, hint)
            for at in sorted({at for form in found for at in self._starts.get(form, ())}):
                word = self._combined[at]
                if _stands(word, found):
                    named = {word.matter: word.weight} if word.matter in self._matters else {}
                    evidence.take(_shown(word, found), Hint(word.category, word.weight, named))
        return evidence

    def _shares(self, weights: Mapping[str, float], resembles: NDArray[np.float64]) -> dict[str, float]:
        """Weights as confidences that sum to 1 over all categories (a softmax)."""
        total = WORDS_WEIGHT * np.array([weights.get(code, 0.0) for code in self._categories]) + resembles
        raised = np.exp(SHARPNESS * (total - total.max()))
        shares = (1.0 - DOUBT) * raised / raised.sum() + DOUBT / len(self._categories)
        return dict(zip(self._categories, shares.tolist(), strict=True))

    def _matter(self, category: str, weights: Mapping[str, float]) -> str:
        mine = {code: weights.get(code, 0.0) for code in self._of.get(category, ())}
        if max(mine.values(), default=0.0) <= 0:
            return ""
        best = max(mine, key=lambda code: (mine[code], code))
        share = 1.0 / sum(math.exp(MATTER_SHARPNESS * (weight - mine[best])) for weight in mine.values())
        return best if share >= SURE_OF_MATTER else ""


def _plain_words(matters: Mapping[str, Matter], words: Iterable[Word]) -> dict[str, tuple[Hint, ...]]:
    """What each plain form says.

    A form that stands inside a longer one of the same category is not lost when the longer one is found: the longer
    says at least as much.
    """
    says: defaultdict[str, dict[str, Hint]] = defaultdict(dict)
    for word in (*_keywords(matters), *words):
        if word.plain:
            named = {word.matter: abs(word.weight)} if word.matter in matters else {}
            weight = KEYWORD_SHARE * word.weight if word.keyword else word.weight
            for form in word.parts[0]:
                hint = Hint(word.category, weight, named)
                before = says[form].get(word.category)
                says[form][word.category] = hint if before is None else before.and_also(hint)
    finder = WordFinder(says, whole=says)
    inside = {form: finder.find(form)[0] - {form} for form in says}
    return {
        form: tuple(_with_inner(own, [says[inner] for inner in inside[form]]) for own in says[form].values())
        for form in says
    }


def _with_inner(own: Hint, inner: Iterable[Mapping[str, Hint]]) -> Hint:
    for hint in (entries[own.category] for entries in inner if own.category in entries):
        if own.weight > 0 and hint.weight > 0:
            own = own.and_also(hint)
    return own


def _keywords(matters: Mapping[str, Matter]) -> list[Word]:
    """The keywords of the catalogue as words; one that several categories claim says the less for each."""
    claims: defaultdict[str, set[str]] = defaultdict(set)
    for matter in matters.values():
        for keyword in matter.keywords:
            claims[keyword.lower()].add(matter.category)
    return [
        Word(matter.category, matter.code, ((form,),), (), _keyword_weight(form) / len(claims[form]), keyword=True)
        for matter in matters.values()
        for form in dict.fromkeys(keyword.lower() for keyword in matter.keywords)
    ]


def _keyword_weight(keyword: str) -> float:
    return KEYWORD_WEIGHTS.get(len(keyword), LONG_KEYWORD)


def _forms(words: Iterable[Word]) -> set[str]:
    return {form for word in words for part in (*word.parts, word.absent) for form in part}


def _by_rarest_part(words: Sequence[Word]) -> dict[str, tuple[int, ...]]:
    """Which combinations a found form can complete: each waits at its part with the fewest forms."""
    waiting: defaultdict[str, list[int]] = defaultdict(list)
    for at, word in enumerate(words):
        for form in min(word.parts, key=len):
            waiting[form].append(at)
    return {form: tuple(places) for form, places in waiting.items()}


def _stretches(text: str) -> list[str]:
    """Sentences in small letters, short ones joined to the next: "It is a restaurant. No licence." is one thing."""
    stretches: list[str] = []
    open_ = ""
    for sentence in END_OF_STRETCH.split(text.lower()):
        open_ += sentence
        if len(open_) >= SHORTEST_STRETCH:
            stretches.append(open_)
            open_ = ""
    return [*stretches, open_] if open_ else stretches


def _stands(word: Word, found: set[str]) -> bool:
    return not found.isdisjoint(word.parts[0]) and (
        all(not found.isdisjoint(part) for part in word.parts[1:]) and found.isdisjoint(word.absent)
    )


def _shown(word: Word, found: set[str]) -> str:
    return "+".join(next(form for form in part if form in found) for part in word.parts)
