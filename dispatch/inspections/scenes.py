"""Scenes, "综合查一次": what kind of premises is checked for what, by which departments, in one visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dispatch.records.inspection import Occasion, Remote
from dispatch.records.reason import Reason
from dispatch.rulebook.lists import ListRow, each_once, read_list
from dispatch.rulebook.matters import Source
from dispatch.rulebook.onething import YesNo

SCENE_COLUMNS = ("code", "name_zh", "name_en", "lead", "source")
ITEM_COLUMNS = (
    "code",
    "scene",
    "department",
    "name_zh",
    "name_en",
    "certificate",
    "minutes",
    "documents",
    "most_a_year",
    "published",
    "basis",
    "source",
)
ITEM_OPTIONAL = ("remote",)
LONGEST_ITEM_MIN = 480
CODE = r"[A-Za-z0-9_-]{1,40}"


@dataclass(frozen=True, slots=True)
class SceneItem:
    """One check of a scene, and what it takes.

    Attributes
    ----------
    certificate
        The field in which an officer of the crew must be certified.
    minutes
        How long it takes.
    documents
        What the business has to show, in Chinese.
    most_a_year
        How often one premises may be checked for it in a year.
    published
        Whether it stands on the published list; else it may not be inspected (State Council, document 54 of 2024).
    remote
        By what it is checked without going; ``minutes`` are then those at the desk.
    """

    code: str
    scene: str
    department: str
    name_zh: str
    name_en: str
    certificate: str
    minutes: int
    documents: tuple[str, ...]
    most_a_year: int
    published: bool
    basis: str
    source: Source
    remote: Remote = Remote.NO


@dataclass(frozen=True, slots=True)
class Scene:
    """A kind of premises that departments inspect together; ``lead`` is the department that leads the visit."""

    code: str
    name_zh: str
    name_en: str
    lead: str
    items: tuple[SceneItem, ...]
    source: Source

    @property
    def departments(self) -> frozenset[str]:
        return frozenset(item.department for item in self.items)


@dataclass(frozen=True, slots=True)
class Scenes:
    """All scenes of a place by code, and their items by code."""

    scenes: Mapping[str, Scene]
    items: Mapping[str, SceneItem]

    @property
    def departments(self) -> frozenset[str]:
        return frozenset(item.department for item in self.items.values())

    def remote(self, code: str, occasion: Occasion = Occasion.DAILY) -> Remote:
        """By what an item is checked without going; what follows a lead is looked at on the spot."""
        item = self.items.get(code)
        return Remote.NO if item is None or occasion is Occasion.LEAD else item.remote

    def against(self, code: str) -> Reason | None:
        """Why this may not be inspected; None for a published item (State Council, document 54 of 2024)."""
        item = self.items.get(code)
        if item is None:
            return Reason("item_unlisted", False, {"item": code})
        named = {"item": code, "name": item.name_zh, "name_en": item.name_en}
        return None if item.published else Reason("item_unpublished", False, named)


NO_SCENES = Scenes({}, {})


def read_scenes(scenes: Path, items: Path) -> Scenes:
    """Scenes with their items, from two lists.

    Raises
    ------
    BadInput
        With every row that is wrong: an item of no scene, a code that stands twice, a scene that nobody has items in or
        whose lead department checks nothing there, minutes of a whole day.
    """
    found = _items(items)
    file, rows = read_list(scenes, SCENE_COLUMNS)
    by_code = each_once(rows, "code", lambda row: _scene(row, found))
    for row in rows:
        scene = by_code[row.values["code"]]
        if not scene.items:
            row.blame("code", f"a scene that {items.name} has items of")
        elif scene.lead not in scene.departments:
            row.blame("lead", f"one of {', '.join(sorted(scene.departments))}, which have items in it")
    for item in found.values():
        if item.scene not in by_code:
            file.blame(None, "code", f"no scene {item.scene}, of which {item.code} is", "a row for it")
    file.stop_if_faulty("Mend these rows of the list of scenes and read it again.")
    return Scenes(by_code, found)


def _scene(row: ListRow, items: Mapping[str, SceneItem]) -> Scene:
    code = row.text("code", pattern=CODE, expected="a code of letters, digits, - and _")
    return Scene(
        code=code,
        name_zh=row.text("name_zh", expected="a Chinese name"),
        name_en=row.text("name_en", expected="an English name"),
        lead=row.text("lead", expected="the code of a department"),
        items=tuple(item for item in items.values() if item.scene == code),
        source=row.choice("source", Source),
    )


def _items(path: Path) -> dict[str, SceneItem]:
    file, rows = read_list(path, ITEM_COLUMNS, ITEM_OPTIONAL)
    found = each_once(rows, "code", _item)
    if not rows:
        file.blame(None, None, "no items", "at least one")
    file.stop_if_faulty("Mend these rows of the list of items and read it again.")
    return found


def _item(row: ListRow) -> SceneItem:
    return SceneItem(
        code=row.text("code", pattern=CODE, expected="a code of letters, digits, - and _"),
        scene=row.text("scene", expected="the code of a scene"),
        department=row.text("department", expected="the code of a department"),
        name_zh=row.text("name_zh", expected="a Chinese name"),
        name_en=row.text("name_en", expected="an English name"),
        certificate=row.text("certificate", expected="the field of a certificate"),
        minutes=row.whole("minutes", 1, LONGEST_ITEM_MIN),
        documents=row.several("documents"),
        most_a_year=row.whole("most_a_year", 1, 366),
        published=row.choice("published", YesNo) is YesNo.YES,
        basis=row.text("basis", expected="the statute it is checked under"),
        source=row.choice("source", Source),
        remote=row.choice("remote", Remote) if row.values["remote"] else Remote.NO,
    )
