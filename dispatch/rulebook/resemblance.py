"""How much a text resembles what people have said of each category, by its characters and pairs of characters."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

SMOOTHING = 0.3
RIDGE = 0.6
SHORT, EVEN_RARENESS, EVEN_BORDERS = 25.0, 4.0, 0.1
"""Length and spreads of a message of some twelve characters: a greeting stays far below and must not count as much."""
NO_LETTERS = re.compile(r"[\W_\da-z]+")

Floats = NDArray[np.float64]


class Resemblance:
    """Sayings whose category is known, made ready to be compared with.

    Two readers that err differently, each on tf-idf of what stands in a text: complement naive Bayes, where a term
    speaks for a category as far as it is rare in all the others, and ridge regression, one border a category. The
    same sayings in the same order give the same numbers; two and a half thousand take about half a second.

    Parameters
    ----------
    sayings
        Pairs of category and text; the categories are among ``categories``.
    categories
        In the order of the answer.

    References
    ----------
    Rennie, Shih, Teevan and Karger (2003), Tackling the poor assumptions of naive Bayes text classifiers, ICML,
    table 4 without the normalising of step 8. Saunders, Gammerman and Vovk (1998), Ridge regression learning
    algorithm in dual variables, ICML, equation 4.

    Examples
    --------
    >>> resemblance = Resemblance([("C10", "有人砍树"), ("C11", "有人遛狗")], ["C10", "C11"])
    >>> (resemblance.of("树被砍了") > 0).tolist()
    [True, False]
    """

    def __init__(self, sayings: Sequence[tuple[str, str]], categories: Sequence[str]) -> None:
        heard = [terms(text) for _, text in sayings]
        holders = Counter(term for one in heard for term in one)
        self._columns = {term: column for column, term in enumerate(sorted(holders))}
        held = np.array([holders[term] for term in self._columns], dtype=np.float64)
        self._rarity: Floats = np.log((1.0 + len(heard)) / (1.0 + held)) + 1.0
        self._says: Floats = np.zeros((0, 2 * len(categories)))
        if self._columns:
            belongs = np.array([[said == one for one in categories] for said, _ in sayings], dtype=np.float64)
            rows = self._rows(heard)
            both = [_centred(says) for says in (rare_elsewhere(rows, belongs), borders(rows, belongs))]
            self._says = np.hstack(both) * self._rarity[:, None]

    def of(self, text: str) -> Floats:
        """Shape (categories,), mean 0 and standard deviation below 2; all 0 when no term is known."""
        columns = self._known(terms(text))
        if not columns:
            return np.zeros(self._says.shape[1] // 2)
        said: Floats = np.add.reduce(self._says[columns])
        by_rareness, by_borders = said.reshape(2, -1)
        length = math.hypot(np.linalg.norm(self._rarity[columns]), SHORT)
        return _evened(by_rareness, EVEN_RARENESS) + _evened(by_borders / length, EVEN_BORDERS)

    def _known(self, heard: set[str]) -> list[int]:
        return sorted(self._columns[term] for term in heard if term in self._columns)  # sorted: sums come out the same

    def _rows(self, heard: Sequence[set[str]]) -> sp.csr_matrix:
        """One row of length 1 a text."""
        known = [self._known(one) for one in heard]
        columns = np.array([column for one in known for column in one], dtype=np.intp)
        ends = np.cumsum([0, *map(len, known)])
        rows = sp.csr_matrix((self._rarity[columns], columns, ends), shape=(len(heard), len(self._columns)))
        length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
        return sp.csr_matrix(sp.diags(1.0 / np.maximum(length, 1.0)) @ rows)  # no rarity is below 1


def terms(text: str) -> set[str]:
    """Characters and pairs of neighbours, without punctuation, digits and Latin letters: the words know a KTV."""
    letters = NO_LETTERS.sub("", text.lower())
    return {*letters, *(letters[at : at + 2] for at in range(len(letters) - 1))}


def rare_elsewhere(rows: sp.csr_matrix, belongs: Floats) -> Floats:
    """Complement naive Bayes: how little of a term the other categories hold.

    Parameters
    ----------
    rows
        Shape (sayings, terms).
    belongs
        Shape (sayings, categories), 1 where a saying is of a category, else 0.

    Returns
    -------
    Floats
        Shape (terms, categories).
    """
    weight = np.asarray(rows.T @ belongs)
    others = weight.sum(axis=1, keepdims=True) - weight + SMOOTHING
    says: Floats = -np.log(others / others.sum(axis=0))
    return says


def borders(rows: sp.csr_matrix, belongs: Floats) -> Floats:
    """Ridge regression of ``belongs`` less its mean; arguments and shape as of `rare_elsewhere`.

    Solved for the sayings instead of the terms, of which there are ten times as many.
    """
    from scipy.linalg import cho_factor, cho_solve  # here, because --help need not wait for it

    likeness = (rows @ rows.T).toarray()
    likeness[np.diag_indices_from(likeness)] += RIDGE
    shares = cho_solve(cho_factor(likeness, lower=True, overwrite_a=True), belongs - belongs.mean(axis=0))
    return np.asarray(rows.T @ shares)


def _centred(says: Floats) -> Floats:
    centred: Floats = says - says.mean(axis=1, keepdims=True)
    return centred


def _evened(said: Floats, even: float) -> Floats:
    """Divided by its standard deviation, of which ``even`` is the least that counts."""
    evened: Floats = said / math.sqrt(float(said @ said) / len(said) + even * even)
    return evened
