"""``gridbeat triage``: citizens' words to category and matter, by the word lists or by a model of the user's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter

import pandas as pd

import scenarios
from dispatch.rulebook.learning import load
from dispatch.rulebook.learning import train as learn
from dispatch.rulebook.matters import read_matters
from dispatch.rulebook.triage import SURE_OF_CATEGORY, Triage
from dispatch.rulebook.words import read_sayings, read_words
from gis.mapfiles import read_table, write_table
from gis.schemas import BadInput, Fault, check_columns, check_ids
from ui.commands.output import check_output, last_line, with_progress

LISTS = Path(scenarios.__file__).parent
"""Where the shared catalogue, the list of words and the sentences people use lie."""
AT_ONCE = 500
"""Tickets between two steps of the progress bar."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One row to write; an empty label means that there is nothing in the text to go by."""

    label: str
    matter: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...]


NOTHING_SAID = Answer("", "", 0.0, ())


def triage(*, tickets: Path, model: Path | None, out: Path) -> None:
    """Write ``ticket_id,category,matter,confidence,alternatives`` in the order of the tickets."""
    check_output(out, tickets, model)
    table = read_table(tickets)
    check_columns(table, ["ticket_id", "text"], tickets.name)
    ids = check_ids(table["ticket_id"], tickets.name)
    answer = _by_words() if model is None else _by_model(model)
    texts = [str(text) for text in table["text"]]
    start = perf_counter()
    pieces = [texts[at : at + AT_ONCE] for at in range(0, len(texts), AT_ONCE)]
    answers = [one for piece in with_progress(pieces, "triage", len(pieces)) for one in answer(piece)]
    seconds = perf_counter() - start
    write_table(_table(ids.tolist(), answers), out)
    asked = sum(one.confidence < SURE_OF_CATEGORY for one in answers)
    last_line({"tickets": len(answers), "asked": asked, "seconds": round(seconds, 3)})


def train(*, history: Path, out: Path) -> None:
    """Write a model of how HISTORY sorts its messages; the same history gives the same bytes."""
    check_output(out, history)
    table = read_table(history)
    check_columns(table, ["text", "category"], history.name)
    labels = table["category"].str.strip()
    unlabelled = table.index[labels == ""]
    if len(unlabelled):
        raise BadInput(
            *(Fault(history.name, int(row), "category", "nothing", "the category it was given") for row in unlabelled),
            advice="Leave messages without a category out of the history.",
        )
    start = perf_counter()
    model = learn(table["text"].tolist(), labels.tolist(), history.name)
    seconds = perf_counter() - start
    model.save(out)
    last_line({"texts": len(table), "categories": len(model.labels), "seconds": round(seconds, 3)})


@cache
def _by_words() -> Callable[[Sequence[str]], list[Answer]]:
    words, sayings = read_words(LISTS / "words.csv"), read_sayings(LISTS / "sayings.csv")
    reader = Triage(read_matters(LISTS / "matters.csv"), words, sayings)

    def answer(texts: Sequence[str]) -> list[Answer]:
        guesses = reader.guess_all(texts)
        return [Answer(guess.category, guess.matter, guess.confidence, guess.alternatives) for guess in guesses]

    return answer


def _by_model(path: Path) -> Callable[[Sequence[str]], list[Answer]]:
    model = load(path)

    def answer(texts: Sequence[str]) -> list[Answer]:
        found = zip(texts, model.predict(texts), strict=True)
        return [
            Answer(one.label, "", one.confidence, one.alternatives) if text.strip() else NOTHING_SAID
            for text, one in found
        ]

    return answer


def _table(ids: Sequence[str], answers: Sequence[Answer]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ticket_id": list(ids),
            "category": [one.label for one in answers],
            "matter": [one.matter for one in answers],
            "confidence": [f"{one.confidence:.3f}" for one in answers],
            "alternatives": [";".join(f"{code}:{share:.3f}" for code, share in one.alternatives) for one in answers],
        }
    )
