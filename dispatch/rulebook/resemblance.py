"""How much a text resembles the sentences of each category, by its characters and pairs of characters."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SMOOTHING = 0.3
SAME = 1e-9
"""Below this spread the categories are all alike."""
NO_LETTERS = re.compile(r"[\W_]+")

Floats = NDArray[np.float64]


class Resemblance:
    """Sentences whose category is known, made ready to be compared with.

    Complement naive Bayes on tf-idf: a term speaks for a category as far as it is rare in all the others.

    Parameters
    ----------
    sentences
        Pairs of category and text.
    categories
        In the order of the answer.

    References
    ----------
    Rennie, Shih, Teevan and Karger (2003), Tackling the poor assumptions of naive Bayes text classifiers, ICML,
    table 4 without the normalising of step 8.

    Examples
    --------
    >>> resemblance = Resemblance([("C10", "有人砍树"), ("C11", "有人遛狗")], ["C10", "C11"])
    >>> (resemblance.of("树被砍了") > 0).tolist()
    [True, False]
    """

    def __init__(self, sentences: Sequence[tuple[str, str]], categories: Sequence[str]) -> None:
        counted = [(category, Counter(terms(text))) for category, text in sentences]
        holders = Counter(term for _, counts in counted for term in counts)
        self._columns = {term: column for column, term in enumerate(sorted(holders))}
        held = np.array([holders[term] for term in self._columns], dtype=np.float64)
        rarity = np.log((1.0 + len(counted)) / (1.0 + held)) + 1.0
        weight = np.zeros((len(self._columns), len(categories)))
        at = {category: number for number, category in enumerate(categories)}
        for category, counts in counted:
            columns = [self._columns[term] for term in counts]
            row = (1.0 + np.log(np.array(list(counts.values()), dtype=np.float64))) * rarity[columns]
            weight[columns, at[category]] += row / (math.sqrt(float(row @ row)) or 1.0)
        others = weight.sum(axis=1, keepdims=True) - weight + SMOOTHING
        says = -np.log(others / others.sum(axis=0)) * rarity[:, None]
        self._says: Floats = says - says.mean(axis=1, keepdims=True)

    def of(self, text: str) -> Floats:
        """Shape (categories,), mean 0 and standard deviation 1; all 0 when no term is known or nothing stands out."""
        known = self._columns
        columns = sorted(known[term] for term in set(terms(text)) if term in known)  # sums come out the same each time
        said: Floats = np.add.reduce(self._says[columns])
        spread = math.sqrt(float(said @ said) / len(said)) if columns else 0.0
        return said / spread if spread > SAME else np.zeros_like(said)


def terms(text: str) -> list[str]:
    """Characters and pairs of neighbours, in small letters, without blanks and punctuation."""
    letters = NO_LETTERS.sub("", text.lower())
    return [*letters, *(letters[at : at + 2] for at in range(len(letters) - 1))]
