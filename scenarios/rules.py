"""The rule book of a place besides competence: calendar, tasks, procedures, tiers, the words of its citizens."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from dispatch.inspections.patrol_items import PatrolItem, read_patrol_items
from dispatch.inspections.registers import RiskClasses, read_risk_classes
from dispatch.inspections.scenes import Scenes, read_scenes
from dispatch.rulebook.calendar import Calendar, WorkingHours, read_holidays
from dispatch.rulebook.casedocuments import Document, read_documents
from dispatch.rulebook.discretion import Discretion, read_discretion
from dispatch.rulebook.filetraits import read_file_weights
from dispatch.rulebook.lists import ListRow, each_once, read_list
from dispatch.rulebook.matters import Matter
from dispatch.rulebook.onething import Part, read_parts
from dispatch.rulebook.procedures import Procedures, read_procedures
from dispatch.rulebook.words import Word, read_sayings, read_words
from gis.schemas import shorten
from scenarios.townlists import TownType, read_town_types

NAMED_COLUMNS = ("code", "name_zh", "name_en")


@dataclass(frozen=True, slots=True)
class Named:
    """A code with its two names: a category, a department."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Rules:
    """The rules of one place, read once.

    Attributes
    ----------
    calendar
        By the table of holidays that the place was built with.
    parts
        The tasks of departments, by matter.
    documents
        Of cases, with the steps of the procedures they belong to.
    words, sayings
        What citizens say, for triage: weighted words, and whole messages with their category.
    file_weights
        How much likelier a closed case file is drawn for review, by what it has.
    scenes, risks, patrol_items
        What is inspected together, how often and how likely by risk and credit, and what patrols look at.
    town_types
        By 9-digit code; a town that is not there has no type.
    """

    calendar: Calendar
    categories: Mapping[str, Named]
    departments: Mapping[str, Named]
    parts: Mapping[str, tuple[Part, ...]]
    procedures: Procedures
    documents: tuple[Document, ...]
    file_weights: Mapping[str, int]
    discretion: Discretion
    words: tuple[Word, ...]
    sayings: tuple[tuple[str, str], ...]
    scenes: Scenes
    risks: RiskClasses
    patrol_items: Mapping[str, PatrolItem]
    town_types: Mapping[str, TownType]


def shipped_calendar() -> Calendar:
    """The working days that GridBeat knows without any place: the State Council's holidays."""
    return Calendar(read_holidays(Path(__file__).parent / "holidays.csv"))


def read_rules(folder: Path, matters: Mapping[str, Matter], hours: WorkingHours) -> Rules:
    """The rules in the files of a built place.

    Raises
    ------
    BadInput
        With every row that is wrong of the first file that has any.
    """
    departments = read_named(folder / "departments.csv")
    _check_departments(folder / "matters.csv", matters, departments)
    procedures = read_procedures(folder / "procedures.csv")
    types = folder / "town_types.csv"
    return Rules(
        calendar=Calendar(read_holidays(folder / "holidays.csv"), hours),
        categories=read_named(folder / "categories.csv"),
        departments=departments,
        parts=read_parts(folder / "tasks.csv", matters),
        procedures=procedures,
        documents=read_documents(folder / "case_documents.csv", procedures),
        file_weights=read_file_weights(folder / "file_weights.csv"),
        discretion=read_discretion(folder / "discretion.csv", matters),
        words=read_words(folder / "words.csv"),
        sayings=read_sayings(folder / "sayings.csv"),
        scenes=read_scenes(folder / "scenes.csv", folder / "scene_items.csv"),
        risks=read_risk_classes(folder / "risk_classes.csv"),
        patrol_items=read_patrol_items(folder / "patrol_items.csv"),
        town_types=read_town_types(types) if types.exists() else {},
    )


def read_named(path: Path) -> dict[str, Named]:
    """A list of codes with their names.

    Raises
    ------
    BadInput
        With every row that is wrong, among them a code that stands twice.
    """
    file, rows = read_list(path, NAMED_COLUMNS)
    found = each_once(rows, "code", _named)
    file.stop_if_faulty("Mend these rows and read the list again.")
    return found


def _named(row: ListRow) -> Named:
    return Named(
        row.text("code", expected="a code"),
        row.text("name_zh", expected="a Chinese name"),
        row.text("name_en", expected="an English name"),
    )


def _check_departments(path: Path, matters: Mapping[str, Matter], known: Collection[str]) -> None:
    """Lead and assisting departments of the catalogue must be departments."""
    file, rows = read_list(path, ("code", "lead", "assisting"))
    for row in rows:
        matter = matters[row.values["code"]]
        for column, codes in (("lead", filter(None, [matter.lead])), ("assisting", matter.assisting)):
            for code in codes:
                if code not in known:
                    file.blame(row.number, column, shorten(code), "the code of a department of departments.csv")
    file.stop_if_faulty("Mend these rows of the catalogue and read it again.")
