"""``gridbeat lists design``: proposed lists of powers as a workbook, beside what the document counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from dispatch.review.book import Book, Value
from dispatch.rulebook.listdesign import STEPS
from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault, shorten
from scenarios.builder import HERE
from scenarios.designing import GIVE, GIVEN_ON, KEEP, STATES, Design, design, effects, last_day, varied
from scenarios.place import Scenario
from scenarios.planning import own_plan, setup_of
from scenarios.published import read_published
from scenarios.scenario import load
from simulation.intervals import Estimate
from ui.commands.output import check_output, last_line
from ui.wording import Language, Wording, wording

Effects = Mapping[str, Mapping[str, Estimate]]


def design_lists(
    place: str, powers: int, tickets: int, wording: str, replications: int, seed: int, out: Path, language: str
) -> None:
    """Write the design of a place's lists.

    Raises
    ------
    BadInput
        When the place has no types of towns, the register is to be smaller than the catalogue, or the file cannot be
        written.
    """
    if out.suffix.lower() != ".xlsx":
        raise BadInput(Fault(out.name, None, None, f"the ending {shorten(out.suffix)}", "a name ending in .xlsx"))
    check_output(out)
    scenario = load(place)
    setup = setup_of(scenario, own_plan(place))
    try:
        made = design(scenario, setup.plan, powers, tickets, wording, seed)
    except ValueError as wrong:
        raise BadInput(Fault("lists design", None, None, str(wrong), "a register that fits the place")) from None
    told = effects(scenario, setup, made, replications, seed)
    content = workbook(scenario, made, told, seed, _words(language))
    with replacing(out) as temporary:
        temporary.write_bytes(content)
    counts = {"given": len(made.given.codes), "taken_back": len(made.taken_back), "kept": len(made.kept.codes)}
    proved = made.given.proved and made.kept.proved
    last_line(
        {"powers": powers, "tickets": tickets, **counts, "proved": proved, "faults": len(made.faults), "seed": seed}
    )


def workbook(scenario: Scenario, made: Design, told: Effects, seed: int, w: Wording) -> bytes:
    """The design as xlsx; the same design gives the same bytes."""
    register = made.combed.register
    synthetic = w("design.label")
    book = Book(datetime(2000, 1, 1, tzinfo=UTC), synthetic)
    about = w(
        "design.about",
        place=w.pick(scenario.title_zh, scenario.title_en),
        powers=len(register.rows),
        tickets=len(made.combed.tickets),
        assigned=made.combed.assigned,
        price=f"{GIVE.price:g}",
        least=f"{GIVE.least_uses:g}",
        keep=f"{KEEP.least_uses:g}",
        seed=seed,
    )
    book.about(w("design.sheet_about"), [*about.strip().split("\n"), *made.faults])
    for name, columns, rows in (
        ("compared", COMPARED, _compared(scenario, made, w)),
        ("varied", VARIED_COLUMNS, _varied(made, w)),
        ("lists", LISTS, _lists(scenario, made, w)),
        ("effect", EFFECT, _effect(told, w)),
        ("checklist", CHECKLIST, _checklist(made, w)),
        ("scores", (*SCORES, *(f"criterion_{each}" for each in made.criteria)), _scores(scenario, made)),
    ):
        book.sheet(w(f"design.sheet_{name}"), [w(f"design.column_{column}") for column in columns], rows)
    return book.content()


COMPARED = ("what", "document", "ours")
VARIED_COLUMNS = ("assumption", "value", "given", "taken_back", "kept")
LISTS = ("power", "name", "field", "type", "score", "uses", "unused", "decision", "last_day", "made_up")
EFFECT = ("indicator", *(f"state_{state}" for state in STATES), "half")
CHECKLIST = ("type", "power", "name", *(f"step_{step}" for step in STEPS), "given_on", "evaluated")
SCORES = ("power", "name", "town", "score", "uses")


def _compared(scenario: Scenario, made: Design, w: Wording) -> list[tuple[Value, ...]]:
    """Ours beside the document's counts, where the place has them."""
    figures = read_published(HERE / scenario.name)

    def document(name: str) -> Value:
        return figures[name].value if name in figures else ""

    given, back = document("given_2024"), document("taken_back_2025")
    left = given - back if isinstance(given, float) and isinstance(back, float) else ""
    return [
        (w("design.given"), given, len(made.given.codes)),
        (w("design.taken_back"), back, len(made.taken_back)),
        (w("design.kept"), left, len(made.kept.codes)),
    ]


def _varied(made: Design, w: Wording) -> list[tuple[Value, ...]]:
    """How the counts move with one assumption changed."""
    return [
        (w(f"design.assume_{one.assumption}"), one.value, one.given, one.given - one.kept, one.kept)
        for one in varied(made)
    ]


def _lists(scenario: Scenario, made: Design, w: Wording) -> list[tuple[Value, ...]]:
    register = made.combed.register
    rows: list[tuple[Value, ...]] = []
    fields = {code: w.pick(field.name_zh, field.name_en) for code, field in scenario.fields.items()}
    at = {one.code: row for row, one in enumerate(register.rows)}
    for kind, codes in made.given.chosen.items():
        towns = register.of_type(kind)
        for code in codes:
            row, stays = at[code], code in made.kept.chosen[kind]
            one = register.rows[row]
            rows.append(
                (
                    *(code, one.name, fields[one.field], w(f"lists.type_{kind}")),
                    *(round(float(made.scores[row, towns].mean()), 3), float(register.uses[row, towns].sum())),
                    int(made.unused[row, towns].sum()),
                    w("design.stays" if stays else "design.goes"),
                    "" if stays else last_day(),
                    w("design.yes") if one.synthetic else "",
                )
            )
    return rows


def _effect(told: Effects, w: Wording) -> list[tuple[Value, ...]]:
    return [
        (
            w(f"staffing.kpi_{name}"),
            *(round(told[state][name].mean, 4) for state in STATES),
            round(max(told[state][name].half for state in STATES), 4),
        )
        for name in told[STATES[0]]
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
            rows.append((w(f"lists.type_{kind}"), code, register.rows[at[code]].name, *steps, GIVEN_ON, made.evaluated))
    return rows


def _scores(scenario: Scenario, made: Design) -> list[tuple[Value, ...]]:
    """Every power in every town where it was asked for, the best first."""
    register = made.combed.register
    names = dict(zip(scenario.towns["code"].astype(str), scenario.towns["name"].astype(str), strict=True))
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


def _words(language: str) -> Wording:
    return wording(Language(language))
