"""A model of how a place sorts its messages, learned from its own history.

Characters and pairs of characters, weighted by how rare they are (tf-idf), and one linear border a label (a support
vector machine). What is written is numbers and text, so that opening a model of another place runs nothing.
"""

from __future__ import annotations

import math
import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault, shorten

MOST_UNPACKED = 512_000_000
"""Bytes: a model of all categories and every pair of characters in use has a tenth of it."""
FORM = 1
"""Version of the model file."""

BODY_LETTERS, TITLE_LETTERS = 400, 40
"""How much of a message is read: what comes later is history and hope, and costs accuracy."""
TITLE_WEIGHT = 0.5
"""The first words say what it is about; they are counted once more, with this weight."""
SHARED_BY = 2
"""A term must stand in so many messages to be kept: what one message alone holds, a name say, is not written down."""
SMALL_HISTORY = 50
"""Below so many messages every term is kept, or little would be left to learn from."""
FOLDS = 5
SHARPEST, LEAST_SHARE = 20.0, 1e-12
SHOWN, SHOWN_FROM = 3, 0.01
LATIN_AND_DIGITS = re.compile(r"[A-Za-z0-9]+")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model makes of one message.

    Attributes
    ----------
    confidence
        Between 0 and 1: of messages given 0.8, about four in five are right.
    alternatives
        Up to three other labels with theirs, likeliest first.
    """

    label: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """The pairs of characters one part of a message is read by: column and rarity of each."""

    columns: dict[str, int]
    rarity: Floats

    def rows(self, parts: Sequence[str]) -> sp.csr_matrix:
        """One row of length 1 a text: (1 + ln count) x rarity (Salton and Buckley 1988), 0 where nothing is known."""
        indices: list[int] = []
        values: list[float] = []
        ends = [0]
        for part in parts:
            counts = Counter(_known(part, self.columns))
            indices.extend(counts)
            values.extend((1.0 + math.log(count)) * self.rarity[column] for column, count in counts.items())
            norm = math.sqrt(sum(value * value for value in values[ends[-1] :])) or 1.0
            values[ends[-1] :] = [value / norm for value in values[ends[-1] :]]
            ends.append(len(indices))
        rows = sp.csr_matrix((values, indices, ends), shape=(len(parts), len(self.columns)), dtype=np.float64)
        rows.sort_indices()
        return rows


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A trained model.

    Attributes
    ----------
    labels
        Of the history, sorted.
    body, title
        What the two parts of a message are read by.
    borders, offsets
        Shape (labels, body columns + title columns) and (labels,): a label's score is their product with a row.
    sharpness
        What scores are multiplied by before they become confidences; fitted on messages the model had not seen.
    """

    labels: tuple[str, ...]
    body: Terms
    title: Terms
    borders: Floats
    offsets: Floats
    sharpness: float

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction a text, in their order; an empty text gets what the offsets alone say."""
        scores = np.asarray(_rows(texts, self.body, self.title) @ self.borders.T) + self.offsets
        shares = _softmax(scores * self.sharpness)
        # A stable order: of equally likely labels the first by name.
        orders = np.argsort(-shares, axis=1, kind="stable")
        return [self._prediction(row, order) for row, order in zip(shares, orders, strict=True)]

    def _prediction(self, shares: Floats, order: NDArray[np.intp]) -> Prediction:
        ranked = [(self.labels[at], round(float(shares[at]), 3)) for at in order[: SHOWN + 1]]
        return Prediction(*ranked[0], tuple(other for other in ranked[1:] if other[1] >= SHOWN_FROM))

    def save(self, path: Path) -> None:
        """Write the model; the file appears whole or not at all, and the same model gives the same bytes."""
        parts: dict[str, Any] = {}
        for name, terms in (("body", self.body), ("title", self.title)):
            parts[f"{name}_terms"] = np.array(list(terms.columns), dtype=np.str_)
            parts[f"{name}_rarity"] = terms.rarity
        with replacing(path) as target, target.open("wb") as stream:
            np.savez_compressed(
                stream,
                form=np.array(FORM),
                labels=np.array(self.labels, dtype=np.str_),
                borders=self.borders.astype(np.float32),
                offsets=self.offsets,
                sharpness=np.array(self.sharpness),
                **parts,
            )


def train(texts: Sequence[str], labels: Sequence[str], file: str = "history") -> Model:
    """A model that sorts as the history did; the same rows in any order give the same model.

    Parameters
    ----------
    texts, labels
        As many of one as of the other.
    file
        What to call the history in messages.

    Raises
    ------
    BadInput
        When there are fewer than two labels, or no text holds a pair of characters to learn from.
    """
    pairs = sorted(zip(texts, labels, strict=True))
    known = sorted(set(labels))
    if len(known) < 2:
        found = f"{len(known)} categories" if not known else f"only the category {shorten(known[0])}"
        raise BadInput(
            Fault(file, None, "category", found, "at least two"),
            advice="Export messages of all categories that the model shall tell apart.",
        )
    bodies = [text for text, _ in pairs]
    at = {label: number for number, label in enumerate(known)}
    target = np.array([at[label] for _, label in pairs])
    body, title = _terms([_body(text) for text in bodies]), _terms([_title(text) for text in bodies])
    if not body.columns:
        raise BadInput(Fault(file, None, "text", "no words", "messages to learn from"))
    rows = _rows(bodies, body, title)
    borders, offsets = _borders(rows, target, len(known))
    return Model(tuple(known), body, title, borders, offsets, _sharpness(bodies, target, len(known)))


def load(path: Path) -> Model:
    """The model that `Model.save` wrote.

    Raises
    ------
    BadInput
        When the file is missing, is no such model, is of another form, or its parts do not fit together.
    """
    try:
        _check_sizes(path)
        with np.load(path, allow_pickle=False) as parts:
            if int(parts["form"]) != FORM:
                raise ValueError(f"form {int(parts['form'])}")
            model = Model(
                labels=tuple(str(label) for label in parts["labels"]),
                body=_read_terms(parts, "body"),
                title=_read_terms(parts, "title"),
                borders=parts["borders"].astype(np.float64),
                offsets=parts["offsets"].astype(np.float64),
                sharpness=float(parts["sharpness"]),
            )
            _check(model)
    except FileNotFoundError:
        raise BadInput(Fault(path.name, None, None, "no such file", "a model of gridbeat triage train")) from None
    except Exception as error:  # a damaged zip or header raises whatever its readers did not think of
        raise BadInput(
            Fault(
                path.name, None, None, f"no usable model ({shorten(error, 100)})", "a model of gridbeat triage train"
            ),
            advice="Train it again from the history.",
        ) from None
    return model


def _check_sizes(path: Path) -> None:
    """Refuse arrays that say they are larger than the file holds, before room is made for them."""
    with zipfile.ZipFile(path) as parts:
        infos = parts.infolist()
        if sum(info.file_size for info in infos) > MOST_UNPACKED:
            raise ValueError(f"over {MOST_UNPACKED // 1_000_000} MB unpacked")
        for info in infos:
            with parts.open(info) as stream:
                version = np.lib.format.read_magic(stream)
                read = {
                    (1, 0): np.lib.format.read_array_header_1_0,
                    (2, 0): np.lib.format.read_array_header_2_0,
                }[version]
                shape, _, kind = read(stream)
                header = stream.tell()
            size = math.prod(shape) * kind.itemsize
            if kind.itemsize == 0 or size != info.file_size - header:
                raise ValueError(f"{info.filename} has {info.file_size} bytes, its header says {header + size}")


def _read_terms(parts: Any, name: str) -> Terms:
    columns = {str(term): column for column, term in enumerate(parts[f"{name}_terms"].tolist())}
    return Terms(columns, parts[f"{name}_rarity"].astype(np.float64))


def _check(model: Model) -> None:
    columns = len(model.body.columns) + len(model.title.columns)
    sizes = (len(model.body.columns), len(model.title.columns))
    numbers = (model.body.rarity, model.title.rarity, model.borders, model.offsets, np.array(model.sharpness))
    if (model.body.rarity.shape, model.title.rarity.shape) != ((sizes[0],), (sizes[1],)):
        raise ValueError("terms and their rarity differ in number")
    if model.borders.shape != (len(model.labels), columns) or model.offsets.shape != (len(model.labels),):
        raise ValueError("borders do not fit labels and terms")
    if len(model.labels) < 2 or not all(np.isfinite(number).all() for number in numbers):
        raise ValueError("fewer than two labels, or numbers that are none")


def _body(text: str) -> str:
    return _plain(text[:BODY_LETTERS])


def _title(text: str) -> str:
    """Up to the first blank, where the heading of a message ends."""
    return _plain(next(iter(text.split()), "")[:TITLE_LETTERS])


def _plain(text: str) -> str:
    """Without Latin letters and digits: they name places and people, and what happened there stays there."""
    return LATIN_AND_DIGITS.sub("", text)


def _pairs(part: str) -> list[str]:
    return [*part, *(part[at : at + 2] for at in range(len(part) - 1))]


def _known(part: str, columns: dict[str, int]) -> list[int]:
    return [columns[term] for term in _pairs(part) if term in columns]


def _terms(parts: Sequence[str]) -> Terms:
    """The terms of the history with ln((1 + texts) / (1 + texts that hold it)) + 1."""
    holders = Counter(term for part in parts for term in set(_pairs(part)))
    least = SHARED_BY if len(parts) >= SMALL_HISTORY else 1
    terms = sorted(term for term, texts in holders.items() if texts >= least)
    held = np.array([holders[term] for term in terms], dtype=np.float64)
    return Terms({term: column for column, term in enumerate(terms)}, np.log((1 + len(parts)) / (1 + held)) + 1.0)


def _rows(texts: Sequence[str], body: Terms, title: Terms) -> sp.csr_matrix:
    rows = [body.rows([_body(text) for text in texts]), title.rows([_title(text) for text in texts]) * TITLE_WEIGHT]
    return sp.csr_matrix(sp.hstack(rows))


def _borders(rows: sp.csr_matrix, target: NDArray[np.intp], labels: int) -> tuple[Floats, Floats]:
    """One against the rest; each label weighs the same, however many messages it has."""
    from sklearn.svm import LinearSVC  # here, because it takes a second that --help need not wait

    machine = LinearSVC(C=1.0, class_weight="balanced", random_state=0).fit(rows, target)
    if labels == 2:  # scikit-learn keeps one border then, towards the second label
        return np.vstack([-machine.coef_, machine.coef_]), np.concatenate([-machine.intercept_, machine.intercept_])
    return machine.coef_, machine.intercept_


def _sharpness(texts: Sequence[str], target: NDArray[np.intp], labels: int) -> float:
    """The factor that makes confidences honest (Guo et al. 2017, temperature), on folds the borders had not seen."""
    from scipy.optimize import minimize_scalar
    from sklearn.model_selection import StratifiedKFold

    folds = min(FOLDS, int(np.bincount(target).min()))
    if folds < 2:
        return 1.0  # too little to judge itself by: rather modest
    scores = np.zeros((len(texts), labels))
    for seen, held in StratifiedKFold(folds, shuffle=True, random_state=0).split(np.zeros(len(target)), target):
        some, others = [texts[at] for at in seen], [texts[at] for at in held]
        body, title = _terms([_body(text) for text in some]), _terms([_title(text) for text in some])
        borders, offsets = _borders(_rows(some, body, title), target[seen], labels)
        scores[held] = np.asarray(_rows(others, body, title) @ borders.T) + offsets
    right = np.arange(len(target)), target
    # Platt (1999): as if two more had been seen, one of them wrong; else few messages, all right, make it certain.
    trust = (len(target) + 1) / (len(target) + 2)

    def surprise(sharpness: float) -> float:
        share = np.clip(_softmax(scores * sharpness)[right], LEAST_SHARE, 1.0 - LEAST_SHARE)
        return -float(np.mean(trust * np.log(share) + (1.0 - trust) * np.log(1.0 - share)))

    return float(minimize_scalar(surprise, bounds=(0.1, SHARPEST), method="bounded").x)


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares
