"""Words to category on one core: ours against one regular expression a word, which is how such lists are often read."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import scenarios
from benchmarks.report import Row, print_table
from dispatch.rulebook.matters import REPORTED, read_matters
from dispatch.rulebook.triage import Triage
from dispatch.rulebook.words import Word, read_sayings, read_words

Answer = TypeVar("Answer")

LISTS = Path(scenarios.__file__).parent
TICKETS, PEER_TICKETS = 20_000, 300
GOAL_PER_S, GOAL_RATIO = 5_000.0, 10.0


def rows() -> list[Row]:
    """Tickets a CPU second, and how many times that of the peer on the same words."""
    matters, words = read_matters(LISTS / "matters.csv"), read_words(LISTS / "words.csv")
    sayings = read_sayings(LISTS / "sayings.csv")
    tickets = _tickets([text for _, text in sayings])
    start = time.process_time()
    triage = Triage(matters, words, sayings)
    build_s = time.process_time() - start
    triage.guess_all(tickets[:100])
    ours_s, guesses = min((_timed(triage.guess_all, tickets) for _ in range(3)), key=lambda run: run[0])
    keywords = [
        Word(matter.category, matter.code, ((keyword.lower(),),), (), 1.0)
        for matter in matters.values()
        if matter.kind in REPORTED
        for keyword in matter.keywords
    ]
    peer = _OneByOne([*words, *keywords])
    theirs_s, theirs = _timed(peer.guess_all, tickets[:PEER_TICKETS])
    ours, other = TICKETS / ours_s, PEER_TICKETS / theirs_s
    letters = sum(map(len, tickets)) / len(tickets)
    same = sum(guess.category == category for guess, category in zip(guesses, theirs, strict=False)) / len(theirs)
    return [
        Row(
            f"{TICKETS:,} tickets of {letters:.0f} letters, {len(words):,} words, {len(keywords):,} keywords",
            f"{ours:,.0f} tickets a CPU second (+ {build_s:.2f} s to build, once)",
            f"a regular expression a word: {other:,.0f} ({same:.0%} the same category)",
            f"{ours:,.0f}/s, {ours / other:.0f}x",
            f">= {GOAL_PER_S:,.0f}/s, >= {GOAL_RATIO:.0f}x",
            ours >= GOAL_PER_S and ours / other >= GOAL_RATIO,
        )
    ]


def _tickets(texts: Sequence[str]) -> list[str]:
    """The texts again and again, each time with another house number, so that no answer is seen twice."""
    return [f"{texts[at % len(texts)]}{at}号" for at in range(TICKETS)]


def _timed(work: Callable[[Sequence[str]], Answer], tickets: Sequence[str]) -> tuple[float, Answer]:
    start = time.process_time()
    answer = work(tickets)
    return time.process_time() - start, answer


class _OneByOne:
    """The peer: each word of the lists is looked for on its own, and the weights are summed."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = [
            (word, [_any_of(part) for part in word.parts], _any_of(word.absent) if word.absent else None)
            for word in words
        ]

    def guess_all(self, tickets: Sequence[str]) -> list[str]:
        return [self._guess(text.lower()) for text in tickets]

    def _guess(self, text: str) -> str:
        weights: defaultdict[str, float] = defaultdict(float)
        for word, parts, absent in self._words:
            if all(part.search(text) for part in parts) and not (absent and absent.search(text)):
                weights[word.category] += word.weight
        return max(weights, key=lambda category: weights[category], default="")


def _any_of(forms: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, forms)))


if __name__ == "__main__":
    print_table(rows())
