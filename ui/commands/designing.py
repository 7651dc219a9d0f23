"""``gridbeat lists design``: proposed lists of powers as a workbook, beside what the document counts."""

from __future__ import annotations

from pathlib import Path

from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault, shorten
from scenarios.designing import design, effects, varied
from scenarios.planning import own_plan, setup_of
from scenarios.scenario import load
from simulation.experiments import Laboratory
from simulation.kept import Kept
from simulation.players import Players
from ui.commands.output import check_output, last_line
from ui.services.designpaper import workbook
from ui.wording import Language, Wording, wording


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
    with Kept.open() as kept:
        told = effects(scenario, setup, made, replications, Laboratory(Players(), kept, seed))
    content = workbook(scenario, made, told, varied(made), seed, _words(language))
    with replacing(out) as temporary:
        temporary.write_bytes(content)
    counts = {"given": len(made.given.codes), "taken_back": len(made.taken_back), "kept": len(made.kept.codes)}
    proved = made.given.proved and made.kept.proved
    last_line(
        {"powers": powers, "tickets": tickets, **counts, "proved": proved, "faults": len(made.faults), "seed": seed}
    )


def _words(language: str) -> Wording:
    return wording(Language(language))
