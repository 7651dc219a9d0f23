"""Every published figure of the five documents that software can carry, beside ours.

figures.csv says how each is met: counted in what comes with GridBeat (``input``), simulated with a rate taken from the
same figure (``calibrated``), or ``predicted`` from assumptions.csv. left_out.csv names the others with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import numpy as np

from dispatch.rulebook.lists import ListRow, read_list
from scenarios.builder import HERE
from scenarios.published import Figure, read_published
from scenarios.reproduced.assumptions import Assumption, Values, read_assumptions
from scenarios.reproduced.counts import COUNTS, Described
from scenarios.reproduced.models import MODELS, PLAYED, Cities
from scenarios.reproduced.prediction import Move, plays_of, predict
from simulation.intervals import over_replications

FOLDER = Path(__file__).parent
FIGURE_COLUMNS = ("place", "figure", "kind", "measure", "tolerance", "assumptions", "note_zh", "note_en")
LEFT_COLUMNS = ("place", "figure", "reason_zh", "reason_en")
PLACES = ("haishu", "chongqing", "huancui", "jiangyin", "jiangbei")
AT_LEAST = "least"
SUM = "sum"


class Kind(StrEnum):
    """How a figure is met."""

    INPUT = "input"
    CALIBRATED = "calibrated"
    PREDICTED = "predicted"


@dataclass(frozen=True, slots=True)
class Means:
    """How much is played: draws of a predicted figure, replications of a calibrated one."""

    draws: int = 40
    replications: int = 20
    seed: int = 1


QUICK = Means(draws=10, replications=3)


@dataclass(frozen=True, slots=True)
class Line:
    """How one figure is met, as figures.csv says it.

    Attributes
    ----------
    figure
        Its name in published.csv; ``a/b`` is the percentage that a is of b.
    tolerance
        How far ours may lie off, in the figure's unit, with % of the figure, or ``least`` where ours may be more.
        Of a predicted figure nothing: it is inside when the published value is in the interval.
    """

    place: str
    figure: str
    kind: Kind
    measure: str
    tolerance: str
    assumptions: tuple[str, ...]
    note_zh: str
    note_en: str


@dataclass(frozen=True, slots=True)
class Left:
    """A published figure that no software carries, and why."""

    place: str
    figure: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class Row:
    """One published figure beside ours.

    Attributes
    ----------
    interval
        Of a calibrated figure the 95 % t-interval, of a predicted one where 90 % of the draws lie; None of an input.
    moves
        What the figure is with each of its assumptions at its ends, widest first.
    """

    line: Line
    document: str
    quote: str
    published: float
    value: float
    interval: tuple[float, float] | None
    inside: bool
    assumptions: tuple[Assumption, ...]
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Met:
    """What a figure is here, before anybody holds it against the published one; fields as those of `Row`."""

    value: float
    interval: tuple[float, float] | None = None
    moves: tuple[Move, ...] = ()


def lines(path: Path = FOLDER / "figures.csv") -> tuple[Line, ...]:
    """How each figure is met, sums and inputs of a place first.

    Raises
    ------
    BadInput
        With every row that is wrong: an unknown place, figure, measure or assumption, a tolerance that is none, a
        predicted figure without an assumption.
    """
    file, rows = read_list(path, FIGURE_COLUMNS)
    known = read_assumptions(FOLDER / "assumptions.csv")
    found = tuple(_line(row, known) for row in rows)
    file.stop_if_faulty("Mend these rows of the table of figures.")
    return tuple(sorted(found, key=lambda line: (PLACES.index(line.place), list(Kind).index(line.kind))))


def left_out() -> tuple[Left, ...]:
    """The published figures that the table does not hold, with the reason."""
    file, rows = read_list(FOLDER / "left_out.csv", LEFT_COLUMNS)
    found = tuple(Left(*(row.text(column) for column in LEFT_COLUMNS)) for row in rows)
    file.stop_if_faulty()
    return found


def reproduced(
    asked: Sequence[Line], means: Means, cities: Cities, tell: Callable[[], object] = lambda: None
) -> Iterator[Row]:
    """The rows of the table in the order of ``asked``; ``tell`` is called after each.

    The same means give the same rows. A predicted value follows from its assumptions alone; nobody fits it.
    """
    for line in asked:
        yield beside(line, met(line, means, cities))
        tell()


def met(line: Line, means: Means, cities: Cities, step: Callable[[], object] = lambda: None) -> Met:
    """What a figure is here: counted, played or predicted.

    Parameters
    ----------
    step
        Called before each of the `plays` that it takes; what it raises ends the work.
    """
    if line.kind is Kind.INPUT:
        step()
        return Met(_counted(line))
    if line.kind is Kind.CALIBRATED:
        played = []
        for draw in range(means.replications):
            step()
            played.append(PLAYED[line.measure](cities, means.seed, draw))
        estimate = over_replications(np.array(played))
        return Met(estimate.mean, (estimate.mean - estimate.half, estimate.mean + estimate.half))
    model = MODELS[line.measure]

    def drawn(values: Values, draw: int) -> float:
        step()
        return model(cities, values, means.seed, draw)

    found = predict(drawn, carried(line), means.draws, means.seed)
    return Met(found.value, (found.low, found.high), found.moves)


def plays(line: Line, means: Means) -> int:
    """How often something is counted, played or drawn for a figure."""
    if line.kind is Kind.PREDICTED:
        return plays_of(means.draws, len(line.assumptions))
    return means.replications if line.kind is Kind.CALIBRATED else 1


def beside(line: Line, ours: Met) -> Row:
    """Ours and the published figure in one row."""
    published, figure = published_value(line.place, line.figure)
    if line.kind is Kind.PREDICTED:
        assert ours.interval is not None, "whatever is predicted has an interval"
        inside = ours.interval[0] <= published <= ours.interval[1]
    else:
        inside = within(published, ours.value, line.tolerance)
    rests = tuple(carried(line).values())
    return Row(line, figure.document, figure.quote, published, ours.value, ours.interval, inside, rests, ours.moves)


def carried(line: Line) -> dict[str, Assumption]:
    """The assumptions that carry a predicted figure."""
    known = _assumptions()
    return {name: known[name] for name in line.assumptions}


def published_value(place: str, figure: str) -> tuple[float, Figure]:
    """The published value of a figure or of the percentage ``a/b``, and the figure whose sentence says it."""
    figures = _published(place)
    name, _, of = figure.partition("/")
    first = figures[name]
    return (100 * first.value / figures[of].value if of else first.value), first


def figure_name(place: str, figure: str) -> tuple[str, str]:
    """What a figure, or the percentage ``a/b``, is called: Chinese and English."""
    figures = _published(place)
    name, _, of = figure.partition("/")
    first = figures[name]
    if not of:
        return first.name_zh, first.name_en
    return f"{first.name_zh}占比（%）", f"{first.name_en} as % of {figures[of].name_en.lower()}"


def within(published: float, value: float, tolerance: str) -> bool:
    """Whether ours is as near to the published value as the tolerance says.

    Examples
    --------
    >>> within(11441, 11600, "3%"), within(56.2, 57.3, "1"), within(90, 93, "least")
    (True, False, True)
    """
    if tolerance == AT_LEAST:
        return value >= published
    if tolerance.endswith("%"):
        return abs(value - published) <= float(tolerance[:-1]) / 100 * published
    return abs(value - published) <= float(tolerance) + 1e-9


def _counted(line: Line) -> float:
    if line.measure == SUM:
        figures = _published(line.place)
        return sum(figures[part].value for part in figures[line.figure].parts)
    return COUNTS[line.measure](_described(line.place))


@cache
def _assumptions() -> dict[str, Assumption]:
    return read_assumptions(FOLDER / "assumptions.csv")


@cache
def _described(place: str) -> Described:
    return Described(place)


@cache
def _published(place: str) -> dict[str, Figure]:
    return read_published(HERE / place)


def _line(row: ListRow, known: Mapping[str, Assumption]) -> Line:
    place = row.text("place", pattern="|".join(PLACES), expected=f"one of {', '.join(PLACES)}")
    figure, kind = row.text("figure"), row.choice("kind", Kind)
    if place in PLACES and any(part not in _published(place) for part in figure.split("/")):
        row.blame("figure", "a figure of the place's published.csv, or two joined by /")
    measures = {Kind.INPUT: {*COUNTS, SUM}, Kind.CALIBRATED: set(PLAYED), Kind.PREDICTED: set(MODELS)}[kind]
    measure = row.text("measure")
    if measure not in measures:
        row.blame("measure", f"one of {', '.join(sorted(measures))}")
    named = row.several("assumptions")
    if not known.keys() >= set(named) or (kind is Kind.PREDICTED) is not bool(named):
        row.blame("assumptions", "ids of assumptions.csv joined by ; for a predicted figure, nothing for another")
    tolerance = row.text(
        "tolerance", pattern=r"\d+(\.\d+)?%?|least", expected="a number, a percentage or least", empty=True
    )
    if bool(tolerance) is (kind is Kind.PREDICTED):
        row.blame("tolerance", "nothing for a predicted figure, whose interval says it; something for another")
    return Line(place, figure, kind, measure, tolerance, named, row.text("note_zh"), row.text("note_en"))
