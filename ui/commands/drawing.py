"""``gridbeat inspect draw`` and ``inspect replay``: premises and inspectors by lot from two registers, with proof."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dispatch.desk.plansheets import read_inspectors, read_premises
from dispatch.inspections import draw as lots
from dispatch.inspections.draw import Entrant, entrants
from dispatch.inspections.registers import PremisesRegister, read_risk_classes
from dispatch.inspections.scenes import read_scenes
from dispatch.records.inspection import Inspector
from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault, shorten
from scenarios.builder import HERE
from ui.commands.output import check_output, last_line

MOST_BYTES = 50_000_000


def draw(
    *, premises: Path, inspectors: Path, scene: str, item: Sequence[str], seed: str, count: int, crew: int, out: Path
) -> None:
    """Draw and write the record."""
    check_output(out, premises, inspectors)
    pool, people = _registers(premises, inspectors, scene, item)
    record = lots.draw(seed, pool, people, count, crew)
    with replacing(out) as target:
        target.write_text(lots.to_json(record) + "\n", encoding="utf-8")
    answer: dict[str, object] = {
        "pool": len(pool),
        "drawn": len(record.drawn),
        "without_inspectors": sum(not each.inspectors for each in record.drawn),
        "premises_sha256": record.premises_sha256,
        "inspectors_sha256": record.inspectors_sha256,
    }
    last_line(answer)


def replay(record: Path, *, premises: Path, inspectors: Path, scene: str, item: Sequence[str]) -> bool:
    """Say whether the record comes out again from these registers, and what speaks against it."""
    pool, people = _registers(premises, inspectors, scene, item)
    try:
        text = record.read_text(encoding="utf-8") if record.stat().st_size <= MOST_BYTES else ""
    except UnicodeDecodeError:
        text = ""
    against = lots.replay(lots.from_json(text, record.name), pool, people)
    last_line({"equal": not against, "against": [{"code": each.code, **each.values} for each in against]})
    return not against


def _registers(
    premises: Path, inspectors: Path, scene: str, codes: Sequence[str]
) -> tuple[tuple[Entrant, ...], tuple[Inspector, ...]]:
    """The premises of the scene with what their items need, and the inspectors; a faulty row is refused with the file.

    A draw from half a register would be no draw.
    """
    scenes = read_scenes(HERE / "scenes.csv", HERE / "scene_items.csv")
    if scene not in scenes.scenes:
        raise BadInput(Fault("--scene", None, None, shorten(scene), f"one of {', '.join(sorted(scenes.scenes))}"))
    known = {each.code: each for each in scenes.scenes[scene].items if each.published}
    for code in codes:
        if code not in known:
            raise BadInput(Fault("--item", None, None, shorten(code), f"one of {', '.join(known)}"))
    register, people = read_premises(premises, scenes.scenes), read_inspectors(inspectors)
    faults = [*register.faults, *people.faults]
    if faults:
        raise BadInput(*faults, advice="Mend these rows; a draw is made from whole registers.")
    entries = {id: each for id, each in register.entries.items() if each.type == scene}
    needs = frozenset(known[code].certificate for code in codes)
    risks = read_risk_classes(HERE / "risk_classes.csv")
    return entrants(PremisesRegister(entries), risks, dict.fromkeys(entries, needs)), tuple(people.inspectors.values())
