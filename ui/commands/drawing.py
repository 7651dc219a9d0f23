"""``gridbeat inspect draw`` and ``inspect replay``: premises and inspectors by lot from two registers, with proof."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dispatch.desk.plansheets import table_of
from dispatch.inspections import draw as lots
from dispatch.inspections import drawfile
from dispatch.inspections.codes import Codes
from dispatch.inspections.draw import Entrant
from dispatch.inspections.drawfile import DrawFile, Lists
from dispatch.inspections.registers import (
    INSPECTOR_COLUMNS,
    INSPECTOR_OPTIONAL,
    PREMISES_COLUMNS,
    PREMISES_OPTIONAL,
    inspectors_of,
    premises_of,
    read_risk_classes,
)
from dispatch.inspections.scenes import read_scenes
from dispatch.inspections.unanswered import unanswered
from dispatch.records.inspection import Inspector
from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault, shorten
from scenarios.builder import HERE
from scenarios.rules import read_named
from ui.commands.leftout import say_not_read, say_unanswered, say_who_is_no_officer
from ui.commands.output import check_output, last_line
from ui.wording import Language, wording

MOST_BYTES = 50_000_000


def draw(
    *, premises: Path, inspectors: Path, scene: str, item: Sequence[str], seed: str, count: int, crew: int, out: Path
) -> None:
    """Draw and write the record with all that it was drawn from; never over a file that is there."""
    check_output(out, premises, inspectors)
    if out.exists():
        fault = Fault(str(out), None, None, "a file that is there already", "a new name")
        raise BadInput(fault, advice="A draw is made once: the record of another is not written over.")
    lists = _lists_in_force(scene, item)
    departments, fields = _names("departments.csv"), _names("fields.csv")
    pool, people = _registers(premises, inspectors, lists, departments, fields)
    record = lots.draw(seed, pool, people, count, crew)
    with replacing(out) as target:
        target.write_text(drawfile.to_json(DrawFile(record, lists, pool, people)) + "\n", encoding="utf-8")
    answer: dict[str, object] = {
        "pool": len(pool),
        "drawn": len(record.drawn),
        "without_inspectors": sum(not each.inspectors for each in record.drawn),
        "premises_sha256": record.premises_sha256,
        "inspectors_sha256": record.inspectors_sha256,
        "lists_sha256": lists.sha256,
    }
    last_line(answer)


def replay(
    record: Path, *, premises: Path | None, inspectors: Path | None, scene: str | None, item: Sequence[str]
) -> bool:
    """Say whether the record comes out again, and what speaks against it.

    It is drawn from what it carries; registers that are given are held against its hashes, by the lists it carries. A
    record of before, which carries none, needs registers and scene.
    """
    text = _text(record)
    found = drawfile.from_json(text, record.name)
    against = list(drawfile.against(*found)) if found else []
    if premises is not None and inspectors is not None:
        lists = found[0].lists if found else _lists_in_force(scene or "", item)
        again = lots.replay(lots.from_json(text, record.name), *_registers(premises, inspectors, lists))
        against += [each for each in again if each not in against]
    elif found is None:
        wanted = "--premises, --inspectors and --scene, since this record does not carry what it was drawn from"
        raise BadInput(Fault(record.name, None, None, "a record of a draw alone", wanted))
    w = wording(Language.EN)
    told = [{"code": each.code, **each.values, "said": w.reason(each)} for each in against]
    last_line({"equal": not against, "against": told})
    return not against


def _text(record: Path) -> str:
    try:
        return record.read_text(encoding="utf-8") if record.stat().st_size <= MOST_BYTES else ""
    except UnicodeDecodeError:
        return ""


def _lists_in_force(scene: str, codes: Sequence[str]) -> Lists:
    """What the lists of today say of a scene and its published items."""
    scenes = read_scenes(HERE / "scenes.csv", HERE / "scene_items.csv")
    if scene not in scenes.scenes:
        raise BadInput(Fault("--scene", None, None, shorten(scene), f"one of {', '.join(sorted(scenes.scenes))}"))
    known = [each.code for each in scenes.scenes[scene].items if each.published]
    for code in codes:
        if code not in known:
            raise BadInput(Fault("--item", None, None, shorten(code), f"one of {', '.join(known)}"))
    return drawfile.lists_of(scenes, read_risk_classes(HERE / "risk_classes.csv"), scene, codes)


def _names(list_file: str) -> Codes:
    """A list of today as codes with their names."""
    return {code: (each.name_zh, each.name_en) for code, each in read_named(HERE / list_file).items()}


def _registers(
    premises: Path, inspectors: Path, lists: Lists, departments: Codes | None = None, fields: Codes | None = None
) -> tuple[tuple[Entrant, ...], tuple[Inspector, ...]]:
    """The premises of the scene with what their items need, and the inspectors; a faulty row is refused with the file.

    A draw from half a register would be no draw. The types of premises are those of today and the scene of the draw;
    departments and certificates those given, any in a register of years ago.
    """
    scenes = read_scenes(HERE / "scenes.csv", HERE / "scene_items.csv")
    places, staff = table_of(premises), table_of(inspectors)
    say_not_read(places[0].name, places[1][0], (*PREMISES_COLUMNS, *PREMISES_OPTIONAL))
    say_not_read(staff[0].name, staff[1][0], (*INSPECTOR_COLUMNS, *INSPECTOR_OPTIONAL))
    register = premises_of(*places, {*scenes.scenes, lists.scene})
    people = inspectors_of(*staff, departments, fields)
    faults = [*register.faults, *people.faults]
    if faults:
        raise BadInput(*faults, advice="Mend these rows; a draw is made from whole registers.")
    say_who_is_no_officer(people.others)
    pool, officers = lists.entrants(register), tuple(people.inspectors.values())
    say_unanswered(unanswered([each.premises for each in register.entries.values()], (), officers))
    return pool, officers
