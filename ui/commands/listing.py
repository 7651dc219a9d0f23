"""``gridbeat lists``: the catalogue and the list of powers as a workbook, out and in, and a search in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from dispatch.desk.door import Door
from dispatch.desk.lists import Lists, Preview, current
from dispatch.desk.refusals import Conflict, Refused
from dispatch.desk.workbooks import RuleLists, read_workbook, write_workbook
from dispatch.records.reason import Reason
from dispatch.rulebook.search import Found
from dispatch.rulebook.search import search as search_matters
from dispatch.rulebook.versions import Stranded
from dispatch.store.casebook import Casebook, open_casebook
from gis.schemas import BadInput, Fault, shorten
from scenarios.binding import place_of
from scenarios.scenario import Scenario, load
from ui.commands.output import check_output, last_line
from ui.wording import Language, wording

NAMED_AT_ONCE = 20

LINES = {
    "list_given": "given       {which} from {since}{to}, under {basis}",
    "list_taken_back": "taken back  {which}, last day {until}",
    "list_struck": "struck      {which} from {since}{to}, under {basis}",
    "list_changed": "changed     {which}, {column}: {was} -> {is}",
}


def export(place: str, db: str | None, out: Path) -> None:
    """The lists of a place as a workbook; with a casebook its own list of powers."""
    _check_workbook(out)
    check_output(out)
    scenario = load(place)
    with _casebook(db, scenario) as casebook:
        book, version = current(casebook, scenario.rulebook), casebook.list_version()
    lists = RuleLists(book.matters, book.bodies, book.powers, scenario.rules.discretion)
    write_workbook(lists, out)
    last_line({**_counts(lists), "list_version": version})


def check(file: Path, place: str, db: str | None) -> None:
    """What a workbook would change beside the present list; nothing is changed.

    Raises
    ------
    BadInput
        With every fault of the workbook.
    """
    _check_workbook(file)
    scenario = load(place)
    lists = read_workbook(file)
    with _casebook(db, scenario) as casebook:
        preview = _keeper(casebook, scenario).preview(lists.powers)
    elsewhere = _differing(lists, scenario)
    for sheet, codes in elsewhere.items():
        click.echo(f"{sheet}: {len(codes)} rows are not as in the place ({_first(codes)})")
    _tell(preview)
    last_line(
        {**_counts(lists), **_summary(preview), "beside": {sheet: len(codes) for sheet, codes in elsewhere.items()}}
    )


def bring_in(file: Path, db: str, actor: str, accepted: Collection[str]) -> None:
    """The powers of a workbook as the casebook's list, in one transaction.

    Raises
    ------
    BadInput
        When the workbook is faulty, holds other matters or bodies than the place, somebody else changed the list in
        between, or open work would be left with nobody and ``accepted`` is not exactly its ids.
    """
    _check_workbook(file)
    with open_casebook(db, create=False) as casebook:
        name = place_of(casebook)
        if name is None:
            raise BadInput(Fault("database", None, None, "no place", "a casebook that belongs to a place"))
        scenario = load(name)
        lists = read_workbook(file)
        _refuse_other_lists(file, lists, scenario)
        keeper = _keeper(casebook, scenario)
        preview = keeper.preview(lists.powers)
        try:
            edition = keeper.replace_all(actor, lists.powers, preview.version, accepted)
        except (Refused, Conflict) as refusal:
            raise _as_bad_input(file, refusal, preview, accepted) from refusal
    _tell(preview)
    last_line({**_summary(preview), "list_version": edition.version})


def search(words: str, place: str, town: str, day: date | None, limit: int) -> None:
    """The matters that the words may be about, each with who may act in the town on the day, and the clause."""
    scenario = load(place)
    town = _town_of(town, scenario)
    on = day or datetime.now(UTC).astimezone(ZoneInfo(scenario.timezone)).date()
    found = search_matters(scenario.rulebook, words, town, on, limit)
    for one in found:
        click.echo(_found_lines(one, scenario))
    last_line({"words": words, "town": town, "day": on.isoformat(), "found": [_as_json(one) for one in found]})


@contextmanager
def _casebook(db: str | None, scenario: Scenario) -> Iterator[Casebook]:
    """The casebook, provided it belongs to this place; without one asked for, an empty one: the list as shipped."""
    with open_casebook(db or "sqlite://", create=db is None) as casebook:
        kept = casebook.setting("place")
        if kept not in (None, scenario.name):
            fault = Fault("database", None, None, f"the place {kept}", scenario.name)
            raise BadInput(fault, advice=f"Use --place {place_of(casebook)}, or another database.")
        yield casebook


def _keeper(casebook: Casebook, scenario: Scenario) -> Lists:
    return Lists(Door(casebook), scenario.rulebook, ZoneInfo(scenario.timezone))


def _check_workbook(file: Path) -> None:
    if file.suffix.lower() != ".xlsx":
        raise BadInput(Fault(file.name, None, None, f"the ending {shorten(file.suffix)}", "a name ending in .xlsx"))


def _town_of(said: str, scenario: Scenario) -> str:
    """The code of a town, of which its name may be said where no other is called so; empty is no town."""
    names = {str(code): scenario.areas.name(str(code)) for code in scenario.towns["code"]}
    meant = [code for code, name in names.items() if said in (code, name)]
    if said and len(meant) != 1:
        listed = ", ".join(f"{code} ({name})" for code, name in names.items())
        raise BadInput(Fault("--town", None, None, shorten(said), f"one of {listed}"))
    return meant[0] if said else said


def _differing(lists: RuleLists, scenario: Scenario) -> dict[str, list[str]]:
    """Which codes of a list are not the same in the workbook and in the place; lists that agree are left out."""
    book = scenario.rulebook
    pairs: dict[str, tuple[Mapping[str, object], Mapping[str, object]]] = {
        "matters": (lists.matters, book.matters),
        "bodies": (lists.bodies, book.bodies),
        "tiers": (lists.discretion.by_matter, scenario.rules.discretion.by_matter),
    }
    codes = {
        sheet: [code for code in dict.fromkeys((*ours, *theirs)) if ours.get(code) != theirs.get(code)]
        for sheet, (ours, theirs) in pairs.items()
    }
    return {sheet: some for sheet, some in codes.items() if some}


def _refuse_other_lists(file: Path, lists: RuleLists, scenario: Scenario) -> None:
    """The casebook keeps the powers; what else was changed would silently be lost."""
    faults = [
        Fault(f"{file.name}, sheet {sheet}", None, None, f"other rows for {_first(codes)}", f"those of {scenario.name}")
        for sheet, codes in _differing(lists, scenario).items()
    ]
    if faults:
        advice = "Only powers are kept in the casebook: change the other lists in the place's own files first."
        raise BadInput(*faults, advice=advice)


def _as_bad_input(
    file: Path, refusal: Refused | Conflict, preview: Preview, accepted: Collection[str] = ()
) -> BadInput:
    if isinstance(refusal, Refused) and preview.stranded:
        ids = [one.id for one in preview.stranded]
        found = f"{len(ids)} open incidents or cases that nobody could act on any more ({_first(ids)})"
        expected = "a lawful actor for all open work, or --accept for exactly these ids"
        faults = [Fault(file.name, None, None, found, expected)]
        wrong = [shorten(one) for one in dict.fromkeys(accepted) if one not in ids]
        if wrong:
            faults.append(Fault("--accept", None, None, _first(wrong), "only ids of work that would be left"))
        return BadInput(*faults, advice="gridbeat lists check --db shows all of them.")
    return BadInput(
        Fault(file.name, None, None, str(refusal), "a list that can be taken over now"), advice="Try again."
    )


def _first(codes: Collection[str]) -> str:
    shown = ", ".join(list(codes)[:NAMED_AT_ONCE])
    return shown if len(codes) <= NAMED_AT_ONCE else f"{shown} and {len(codes) - NAMED_AT_ONCE} more"


def _tell(preview: Preview) -> None:
    for line in (*_changes(preview.comparison.told()), *_lost(preview.stranded)):
        click.echo(line)


def _changes(told: Iterable[Reason]) -> Iterator[str]:
    for reason in told:
        values = {name: value or "nothing" for name, value in reason.values.items()}
        which = "{matter} in {where} by {body} ({mode})".format(**values)
        until = reason.values.get("until")
        yield LINES[reason.code].format(**values, which=which, to=f" to {until}" if until else "")


def _lost(stranded: Iterable[Stranded]) -> Iterator[str]:
    for one in stranded:
        whose = f"case {one.id} of {one.body}" if one.body else f"incident {one.id}"
        yield f"stranded    {whose} ({one.matter} in {one.town}) from {one.since}"


def _counts(lists: RuleLists) -> dict[str, object]:
    tiers = sum(len(some) for some in lists.discretion.by_matter.values())
    return {"matters": len(lists.matters), "bodies": len(lists.bodies), "powers": len(lists.powers), "tiers": tiers}


def _summary(preview: Preview) -> dict[str, object]:
    found = preview.comparison
    return {
        "given": len(found.given),
        "taken_back": len(found.taken_back),
        "changed": len(found.changed),
        "stranded": [one.id for one in preview.stranded],
    }


def _found_lines(found: Found, scenario: Scenario) -> str:
    matter, answer, bodies = found.matter, found.answer, scenario.rulebook.bodies
    acts = [f"  acts    {bodies[each.body].name_zh} ({each.mode}, {each.basis})" for each in answer.actors]
    nobody = [] if acts else [f"  nobody  {wording(Language.EN).reason(answer.why)}"]
    department = scenario.rules.departments.get(matter.lead)
    lead = found.lead.name_zh if found.lead else department.name_zh if department else matter.lead
    clause = [f"  clause  {found.clause} ({matter.source})"] if found.clause else []
    return "\n".join(
        [f"{matter.code}  {matter.name_zh} / {matter.name_en}", *clause, *acts, *nobody, f"  lead    {lead or '-'}"]
    )


def _as_json(found: Found) -> dict[str, object]:
    answer = found.answer
    return {
        "matter": found.matter.code,
        "name": found.matter.name_zh,
        "clause": found.clause,
        "lead": found.lead.id if found.lead else found.matter.lead,
        "actors": [{"body": each.body, "mode": each.mode.value, "basis": each.basis} for each in answer.actors],
        "why": answer.why.code,
    }
