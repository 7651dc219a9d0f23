"""Lists designed for a place as tables and as a workbook, in the reader's words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np

from dispatch.review.book import Book, Value
from dispatch.rulebook.listdesign import STEPS
from scenarios.builder import HERE
from scenarios.designing import EFFECTS, GIVE, KEEP, STATES, Design, Effects, Varied, decisions
from scenarios.place import Scenario
from scenarios.published import read_published
from ui.wording import Wording

Table = tuple[Sequence[str], Sequence[Sequence[Value]]]
"""Names of columns, and rows."""


def workbook(scenario: Scenario, made: Design, told: Effects, moved: Sequence[Varied], seed: int, w: Wording) -> bytes:
    """The design as xlsx; the same design gives the same bytes."""
    book = Book(datetime(2000, 1, 1, tzinfo=UTC), w("design.label"))
    book.about(w("design.sheet_about"), [*about(scenario, made, seed, w), *made.faults])
    for name, table in tables(scenario, made, told, moved, w).items():
        columns, rows = table()
        book.sheet(w(f"design.sheet_{name}"), [w(f"design.column_{column}") for column in columns], rows)
    return book.content()


def about(scenario: Scenario, made: Design, seed: int, w: Wording) -> list[str]:
    """What was combed and how, line by line."""
    said = w(
        "design.about",
        place=w.pick(scenario.title_zh, scenario.title_en),
        powers=len(made.combed.register.rows),
        tickets=len(made.combed.tickets),
        assigned=made.combed.assigned,
        price=f"{GIVE.price:g}",
        least=f"{GIVE.least_uses:g}",
        keep=f"{KEEP.least_uses:g}",
        seed=seed,
    )
    return said.strip().split("\n")


def tables(
    scenario: Scenario, made: Design, told: Effects, moved: Sequence[Varied], w: Wording
) -> dict[str, Callable[[], Table]]:
    """Every table of a design by its name, made when it is asked for."""
    return {
        "compared": lambda: (COMPARED, _compared(scenario, made, w)),
        "varied": lambda: (VARIED_COLUMNS, _varied(moved, w)),
        "lists": lambda: (LISTS, _lists(scenario, made, w)),
        "unused": lambda: (UNUSED, _unused(scenario, made, w)),
        "types": lambda: (TYPES, _types(scenario, made, w)),
        "effect": lambda: (EFFECT, _effect(told, w)),
        "checklist": lambda: (CHECKLIST, _checklist(made, w)),
        "scores": lambda: ((*SCORES, *(f"criterion_{each}" for each in made.criteria)), _scores(scenario, made)),
    }


COMPARED = ("what", "document", "ours")
VARIED_COLUMNS = ("assumption", "value", "given", "taken_back", "kept")
LISTS = (*("power", "name", "field", "type", "score", "uses", "unused", "decision", "reason", "last_day", "made_up"),)
UNUSED = ("list", "power", "name", "type", "town")
TYPES = ("town", "type", "held", "unused_here", "kept")
EFFECT = (
    *("indicator", *(f"state_{state}" for state in STATES), "half"),
    *(f"{name}_{state}" for state in STATES[1:] for name in ("apart", "apart_half")),
)
NOT_PUBLISHED = "–"
CHECKLIST = ("type", "power", "name", *(f"step_{step}" for step in STEPS), "given_on", "evaluated")
SCORES = ("power", "name", "town", "score", "uses")


def _compared(scenario: Scenario, made: Design, w: Wording) -> list[tuple[Value, ...]]:
    """Ours beside the document's counts, where the place has them."""
    figures = read_published(HERE / scenario.name)

    def document(name: str) -> Value:
        return figures[name].value if name in figures else NOT_PUBLISHED

    given, back = document("given_2024"), document("taken_back_2025")
    left = given - back if isinstance(given, float) and isinstance(back, float) else NOT_PUBLISHED
    return [
        (w("design.given"), given, len(made.given.codes)),
        (w("design.taken_back"), back, len(made.taken_back)),
        (w("design.kept"), left, len(made.kept.codes)),
    ]


def _varied(moved: Sequence[Varied], w: Wording) -> list[tuple[Value, ...]]:
    """How the counts move with one assumption changed."""
    return [
        (w(f"design.assume_{one.assumption}"), one.value, one.given, one.given - one.kept, one.kept) for one in moved
    ]


def _lists(scenario: Scenario, made: Design, w: Wording) -> list[tuple[Value, ...]]:
    register = made.combed.register
    fields = {code: w.pick(field.name_zh, field.name_en) for code, field in scenario.fields.items()}
    rows: list[tuple[Value, ...]] = []
    for each in decisions(made):
        one = register.rows[each.row]
        reason = w(f"design.why_{each.why}", uses=f"{each.uses:.1f}", keep=f"{KEEP.least_uses:g}")
        rows.append(
            (
                *(one.code, one.name, fields[one.field], w(f"lists.type_{each.kind}"), round(each.score, 3)),
                *(float(register.uses[each.row, register.of_type(each.kind)].sum()), each.unused),
                *(w("design.stays" if each.stays else "design.goes"), reason, "" if each.stays else made.last_day),
                w("design.yes") if one.synthetic else "",
            )
        )
    return rows


def _unused(scenario: Scenario, made: Design, w: Wording) -> list[tuple[Value, ...]]:
    """What a town holds today, or was given by the design, and has not used once."""
    register, names = made.combed.register, _town_names(scenario)
    return [
        (
            *(w(f"design.list_{which}"), register.rows[row].code, register.rows[row].name),
            *(w(f"lists.type_{register.types[town]}"), names[register.towns[town]]),
        )
        for which, marks in (("now", made.unused_now), ("designed", made.unused))
        for row, town in np.argwhere(marks).tolist()
    ]


def _types(scenario: Scenario, made: Design, w: Wording) -> list[tuple[Value, ...]]:
    """Each town with its type, and how much it is given, does not use, and keeps."""
    register, names = made.combed.register, _town_names(scenario)
    return [
        (
            *(names[code], w(f"lists.type_{kind}"), len(made.given.chosen[kind])),
            *(int(made.unused[:, at].sum()), len(made.kept.chosen[kind])),
        )
        for at, (code, kind) in enumerate(zip(register.towns, register.types, strict=True))
    ]


def _effect(told: Effects, w: Wording) -> list[tuple[Value, ...]]:
    return [
        (
            w(f"staffing.kpi_{name}"),
            *(round(told.states[state][name].mean, 4) for state in STATES),
            round(max(told.states[state][name].half for state in STATES), 4),
            *(
                round(value, 4)
                for state in STATES[1:]
                for value in (told.apart[state][name].mean, told.apart[state][name].half)
            ),
        )
        for name in EFFECTS
    ]


def _checklist(made: Design, w: Wording) -> list[tuple[Value, ...]]:
    """What is ticked for each power that a type is given; the last step where the first case is still to come."""
    register = made.combed.register
    at = {one.code: row for row, one in enumerate(register.rows)}
    rows: list[tuple[Value, ...]] = []
    for kind, codes in made.given.chosen.items():
        for code in codes:
            guided = bool(made.guided[at[code], register.of_type(kind)].any())
            steps = ["□"] * (len(STEPS) - 1) + ["□" if guided else "–"]
            rows.append(
                (w(f"lists.type_{kind}"), code, register.rows[at[code]].name, *steps, made.given_on, made.evaluated)
            )
    return rows


def _scores(scenario: Scenario, made: Design) -> list[tuple[Value, ...]]:
    """Every power in every town where it was asked for, the best first."""
    register = made.combed.register
    names = _town_names(scenario)
    rows, towns = np.nonzero(register.uses)
    order = np.argsort(-made.scores[rows, towns], kind="stable")
    return [
        (
            *(register.rows[row].code, register.rows[row].name, names[register.towns[town]]),
            *(round(float(made.scores[row, town]), 3), float(register.uses[row, town])),
            *(round(float(values[row, town]), 3) for values in made.criteria.values()),
        )
        for row, town in zip(rows[order].tolist(), towns[order].tolist(), strict=True)
    ]


def _town_names(scenario: Scenario) -> dict[str, str]:
    return dict(zip(scenario.towns["code"].astype(str), scenario.towns["name"].astype(str), strict=True))
