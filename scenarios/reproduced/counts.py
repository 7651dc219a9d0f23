"""What the places as they come with GridBeat hold of what the documents count: read from their files, nothing built."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cached_property

from dispatch.inspections.patrol_items import read_patrol_items
from dispatch.inspections.scenes import read_scenes
from dispatch.rulebook.discretion import read_discretion
from dispatch.rulebook.matters import Kind, Leniency, Matter, read_matters
from dispatch.rulebook.powers import Mode
from scenarios.builder import HERE, is_city
from scenarios.city import City, read_city
from scenarios.placefile import PlaceFile, Roster, Volume, read_place
from scenarios.roster import town_counts
from scenarios.townlists import ALL, ListedPower, TownType, read_town_lists, read_town_types
from simulation.plan import StaffingPlan, read_plan

SHAPINGBA = "500106"
ANSWERED = date(2024, 3, 29)
"""The day of Chongqing's answer."""
OWN_CATEGORIES = frozenset(f"C{number:02}" for number in range(1, 17))


class Described:
    """The files that describe one place."""

    def __init__(self, name: str) -> None:
        self.name, self.folder = name, HERE / name

    @cached_property
    def place(self) -> PlaceFile:
        return read_place(self.folder / "place.toml")

    @cached_property
    def city(self) -> City:
        return read_city(self.folder)

    @cached_property
    def matters(self) -> dict[str, Matter]:
        return read_matters(HERE / "matters.csv")

    @cached_property
    def listed(self) -> tuple[ListedPower, ...]:
        own = self.folder / "lists.csv"
        return read_town_lists(own if own.is_file() else HERE / "lists.csv", self.matters)

    @cached_property
    def plan(self) -> StaffingPlan:
        return read_plan(self.folder / "plan.toml")

    @property
    def types(self) -> list[TownType]:
        """The type of each town."""
        if is_city(self.name):
            return [town.type for one in self.city.districts.values() for town in one.towns]
        return list(read_town_types(self.folder / "town_types.csv").values())

    @property
    def roster(self) -> Roster:
        roster = self.place.roster
        assert roster is not None, f"{self.name} has no roster, though its document gives heads"
        return roster

    @property
    def volume(self) -> Volume:
        return self.place.volume

    def of_kind(self, kind: Kind) -> list[Matter]:
        return [matter for matter in self.matters.values() if matter.kind is kind]

    def taken(self, kind: Kind, mode: Mode) -> float:
        """Powers of a kind in a mode that a town holds on average, over all towns, on the day of the answer."""
        codes = {matter.code for matter in self.of_kind(kind)}
        rows = [one for one in self.listed if one.matter in codes and one.mode is mode and _in_force(one, ANSWERED)]
        by_type = {kind: len({one.matter for one in rows if one.town_type in (ALL, kind)}) for kind in TownType}
        return sum(by_type[kind] for kind in self.types) / len(self.types)

    def lenient(self, how: Leniency) -> float:
        return float(sum(how in matter.leniency for matter in self.matters.values()))

    def in_towns(self) -> list[int]:
        return list(town_counts(self.place.town, self.roster).values())


def _in_force(one: ListedPower, day: date) -> bool:
    return one.valid_from <= day and (one.valid_to is None or day <= one.valid_to)


Count = Callable[[Described], float]


def _towns(at: Described) -> float:
    return float(len(at.types))


def _forces(at: Described) -> float:
    return float(len({at.roster.bureau, *(brigade.body for brigade in at.roster.brigade)}))


def _given(at: Described) -> set[str]:
    return {one.matter for one in at.listed if one.mode is Mode.EMPOWERED}


def _taken_back(at: Described) -> float:
    kept = {one.matter for one in at.listed if one.mode is Mode.EMPOWERED and one.valid_to is None}
    return float(len(_given(at) - kept))


def _powers_of_towns(at: Described) -> float:
    return float(len({one.matter for one in at.listed if one.mode in (Mode.EMPOWERED, Mode.STATUTORY)}))


def _situations(at: Described) -> float:
    return float(sum(matter.category in OWN_CATEGORIES for matter in at.of_kind(Kind.SITUATION)))


def _classes(at: Described) -> float:
    return float(len({matter.category for matter in at.of_kind(Kind.SITUATION)} & OWN_CATEGORIES))


def _scenes(_: Described) -> float:
    return float(len(read_scenes(HERE / "scenes.csv", HERE / "scene_items.csv").scenes))


def _scene_items(_: Described) -> float:
    return float(len(read_scenes(HERE / "scenes.csv", HERE / "scene_items.csv").items))


def _scene_departments(_: Described) -> float:
    items = read_scenes(HERE / "scenes.csv", HERE / "scene_items.csv").items
    return float(len({item.department for item in items.values()}))


def _with_discretion(at: Described) -> float:
    return float(len(read_discretion(HERE / "discretion.csv", at.matters).by_matter))


def _tiers(at: Described) -> float:
    by_matter = read_discretion(HERE / "discretion.csv", at.matters).by_matter
    return float(sum(len(tiers) for tiers in by_matter.values()))


def _patrol_items(_: Described) -> float:
    return float(len(read_patrol_items(HERE / "patrol_items.csv")))


def _patrol_fields(_: Described) -> float:
    return float(len({item.field for item in read_patrol_items(HERE / "patrol_items.csv").values()}))


def _fields_given(at: Described) -> float:
    return float(len({m.field for kind in (Kind.UNIVERSAL, Kind.OPTIONAL) for m in at.of_kind(kind)}))


def _sent_down(at: Described) -> float:
    return float(at.city.districts[SHAPINGBA].bureau + at.city.districts[SHAPINGBA].pools)


COUNTS: dict[str, Count] = {
    "towns": _towns,
    "officers": lambda at: float(at.roster.officers),
    "officers_in_towns": lambda at: float(sum(at.in_towns())),
    "in_towns_percent": lambda at: 100 * at.roster.in_towns / at.roster.officers,
    "certified_in_empowered": lambda at: float(at.roster.certified_in_empowered),
    "certified_a_town": lambda at: sum(at.in_towns()) / len(at.in_towns()),
    "least_in_a_town": lambda at: float(min(at.in_towns())),
    "zhangcun": lambda at: float(town_counts(at.place.town, at.roster)["371002100"]),
    "forces": _forces,
    "brigades": lambda at: float(len({brigade.body for brigade in at.roster.brigade})),
    "brigade_fields": lambda at: float(len({brigade.field for brigade in at.roster.brigade})),
    "sent_down_by_shapingba": _sent_down,
    "cases": lambda at: at.volume.simple + (at.volume.per_year - at.volume.simple),
    "simple": lambda at: at.volume.simple,
    "ordinary": lambda at: at.volume.per_year - at.volume.simple,
    "catalogue": lambda at: float(sum(m.kind in (Kind.UNIVERSAL, Kind.OPTIONAL) for m in at.matters.values())),
    "powers_of_towns": _powers_of_towns,
    "given": lambda at: float(len(_given(at))),
    "taken_back": _taken_back,
    "types_of_towns": lambda at: float(len(set(at.types))),
    "statutory": lambda at: float(len(at.of_kind(Kind.STATUTORY))),
    "universal": lambda at: float(len(at.of_kind(Kind.UNIVERSAL))),
    "optional": lambda at: float(len(at.of_kind(Kind.OPTIONAL))),
    "empowered": lambda at: float(len(at.of_kind(Kind.UNIVERSAL)) + len(at.of_kind(Kind.OPTIONAL))),
    "fields_given": _fields_given,
    "optional_taken": lambda at: at.taken(Kind.OPTIONAL, Mode.EMPOWERED),
    "delegated_taken": lambda at: at.taken(Kind.DELEGATED, Mode.DELEGATED),
    "delegated": lambda at: float(len(at.of_kind(Kind.DELEGATED))),
    "one_things": lambda at: float(len(at.of_kind(Kind.ONE_THING))),
    "situations": _situations,
    "classes": _classes,
    "no_penalty": lambda at: at.lenient(Leniency.FIRST_WAIVER),
    "order_first": lambda at: at.lenient(Leniency.ORDER_FIRST),
    "warning_only": lambda at: at.lenient(Leniency.WARNING_ONLY),
    "scenes": _scenes,
    "scene_items": _scene_items,
    "scene_departments": _scene_departments,
    "with_discretion": _with_discretion,
    "tiers": _tiers,
    "patrol_items": _patrol_items,
    "patrol_fields": _patrol_fields,
}
"""What can be counted, by the name that figures.csv calls it."""
