"""A made-up roster on published head counts: who stands where, with which certificates, in which team and shift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from dispatch.rulebook.competence import Body
from gis.areas import Areas
from scenarios.folder import Ground
from scenarios.names import person_name
from scenarios.placefile import PlaceFile, Roster, Town
from simulation.demand import Spots
from simulation.streams import stream

BRIGADE_OFFICERS = 7
AT_A_DESK = 0.10
WITH_AUXILIARY = 0.35
EXPIRED = 0.06
HAS_GIVEN_TEAM = 0.92
TOWN_FIELDS = {"planning": 0.6, "housing": 0.5, "water": 0.45, "ecology": 0.35, "emergency": 0.35, "fire": 0.08}
EMPOWERED_FIELDS = {**TOWN_FIELDS, "fire": 0.7}
BUREAU_FIELDS = {"planning": 0.8, "housing": 0.8, "water": 0.8, "emergency": 0.6, "ecology": 0.4}
PROFILES = {
    "old": ("foot", "ebike", "ebike"),
    "dense": ("ebike", "ebike", "car"),
    "edge": ("car", "ebike", "car"),
    "plain": ("car", "car", "ebike"),
    "hill": ("car",),
}
"""Shares and vehicles are assumed; the source document publishes head counts only."""

Row = tuple[object, ...]


@dataclass
class Lists:
    """officers.csv and teams.csv while they are written."""

    rng: np.random.Generator
    officers: list[Row] = field(default_factory=list)
    teams: list[Row] = field(default_factory=list)
    hired: int = 0
    helped: int = 0

    def hire(self, town: str, certificates: str) -> str:
        self.hired += 1
        name = f"P{self.hired:04d}"
        self.officers.append((name, person_name(self.rng), "officer", town, certificates))
        return name

    def help(self, town: str) -> str:
        self.helped += 1
        name = f"X{self.helped:04d}"
        self.officers.append((name, person_name(self.rng), "auxiliary", town, ""))
        return name


@dataclass(frozen=True)
class Where:
    """From which cells a beat is made and where its team is first met."""

    community: NDArray[np.str_]
    town: NDArray[np.str_]
    weight: NDArray[np.float64]
    spots: Spots

    def spot(self, cells: NDArray[np.bool_], rng: np.random.Generator) -> tuple[float, float]:
        rows = np.flatnonzero(cells)
        share = self.weight[rows] + 1e-12
        cell = rng.choice(rows, p=share / share.sum())
        at = self.spots.start[cell]
        return float(self.spots.lon[at]), float(self.spots.lat[at])


def make_roster(
    places: Sequence[PlaceFile],
    ground: Ground,
    bodies: Mapping[str, Body],
    weight: NDArray[np.float64],
    spots: Spots,
    seed: int,
) -> tuple[list[Row], list[Row]]:
    """Rows of officers.csv and teams.csv for one district or several; the sums are those of each roster exactly."""
    lists = Lists(stream(seed, places[0].name, "roster"))
    cells = ground.cells
    where = Where(cells["community"].to_numpy(dtype=str), cells["town"].to_numpy(dtype=str), weight, spots)
    areas = Areas(ground.areas)
    for place in places:
        if place.roster is not None:
            _staff(lists, place, place.roster, areas, bodies, where)
    return lists.officers, lists.teams


def _staff(
    lists: Lists, place: PlaceFile, roster: Roster, areas: Areas, bodies: Mapping[str, Body], where: Where
) -> None:
    counts, name = town_counts(place.town, roster), place.called[0]
    for town in place.town:
        _staff_town(lists, town, counts[town.code], areas, where, roster)
    _staff_district(lists, name, bodies[roster.bureau], "city", roster.in_bureau, where)
    for brigade in roster.brigade:
        beat = [community for town in brigade.towns for community in areas.children(town)]
        _staff_district(lists, name, bodies[brigade.body], brigade.field, brigade.officers, where, beat)


def town_counts(towns: Sequence[Town], roster: Roster) -> dict[str, int]:
    """Officers of each town: its own figure, else of the empowered towns' published sum or of the rest, by people."""
    counts = {town.code: town.officers for town in towns if town.officers is not None}
    sums = {True: roster.certified_in_empowered, False: roster.in_towns - roster.certified_in_empowered}
    for empowered, total in sums.items():
        group = [town for town in towns if (town.code in roster.empowered) is empowered]
        left = total - sum(counts.get(town.code, 0) for town in group)
        group = [town for town in group if town.code not in counts]
        if group:
            shares = apportion(left, [town.people_k for town in group])
            counts |= {town.code: share for town, share in zip(group, shares, strict=True)}
    return counts


def apportion(total: int, weights: Sequence[float], at_least: int = 6) -> list[int]:
    """Whole shares that sum to ``total``, in proportion to the weights above a common least.

    References
    ----------
    Largest remainders (Hamilton's method).

    Examples
    --------
    >>> apportion(20, [1.0, 2.0, 1.0], at_least=2)
    [6, 9, 5]
    """
    least = min(at_least, total // len(weights))
    spread = np.asarray(weights) / np.sum(weights) * (total - least * len(weights))
    shares = np.floor(spread).astype(int)
    order = np.argsort(-(spread - shares), kind="stable")
    shares[order[: total - least * len(weights) - int(shares.sum())]] += 1
    return [int(share) + least for share in shares]


def _staff_town(lists: Lists, town: Town, count: int, areas: Areas, where: Where, roster: Roster) -> None:
    empowered = town.code in roster.empowered
    fields = EMPOWERED_FIELDS if empowered else TOWN_FIELDS
    sizes = crews(count)
    beats = _beats(areas.children(town.code), len(sizes))
    name = areas.name(town.code)
    for at, (size, beat) in enumerate(zip(sizes, beats, strict=True)):
        own = empowered or at % 5 == 4
        label = f"{name}执法队{at + 1}组" if own else f"综合执法{name}中队{at + 1}组"
        cells = np.isin(where.community, beat)
        profile = PROFILES[town.build][at % len(PROFILES[town.build])]
        body = town.code if own else roster.bureau
        _add_team(
            lists,
            label,
            body,
            town.code,
            size,
            {"city": 0.98, **fields},
            where.spot(cells, lists.rng),
            profile,
            beat,
            rota(at, len(sizes)),
        )
    for _ in range(count - sum(sizes)):
        lists.hire(town.code, _certificates({"city": 1.0, **fields}, lists.rng))


def _staff_district(
    lists: Lists, place: str, body: Body, certificate: str, count: int, where: Where, beat: Sequence[str] = ()
) -> None:
    """Officers of the bureau or of a brigade; without a beat their teams serve every town."""
    fields = {certificate: 1.0, **(BUREAU_FIELDS if certificate == "city" else {})}
    sizes = _brigade_crews(count)
    cells = np.isin(where.community, beat) if beat else np.char.startswith(where.town, body.town)
    label = body.name_zh.removeprefix(place)
    earlier = sum(row[2] == body.id and row[3] == body.town for row in lists.teams)
    for at, size in enumerate(sizes):
        spot, shifts = where.spot(cells, lists.rng), rota(at, len(sizes))
        _add_team(lists, f"{label}{earlier + at + 1}组", body.id, body.town, size, fields, spot, "car", beat, shifts)
    for _ in range(count - sum(sizes)):
        lists.hire(body.town, _certificates(fields, lists.rng))


def _add_team(
    lists: Lists,
    name: str,
    body: str,
    town: str,
    size: int,
    fields: Mapping[str, float],
    spot: tuple[float, float],
    profile: str,
    beat: Sequence[str],
    shifts: str,
) -> None:
    """People of one team share most of their fields, so that most pairs are lawful for them."""
    rng = lists.rng
    shared = {name: HAS_GIVEN_TEAM if share < 1.0 else 1.0 for name, share in fields.items() if rng.random() < share}
    people = [lists.hire(town, _certificates(shared, rng)) for _ in range(size)]
    if rng.random() < WITH_AUXILIARY:
        people.append(lists.help(town))
    team = f"T{len(lists.teams) + 1:03d}"
    lon, lat = spot
    lists.teams.append(
        (team, name, body, town, ";".join(people), f"{lon:.6f}", f"{lat:.6f}", profile, ";".join(beat), shifts)
    )


def _certificates(fields: Mapping[str, float], rng: np.random.Generator) -> str:
    """``field:date`` of each field held; at least one, and a few of them expired or about to."""
    held = [name for name, share in fields.items() if rng.random() < share] or ["city"]
    days = []
    for _ in held:
        late = rng.random() < EXPIRED
        first, span = (date(2025, 1, 31), 700) if late else (date(2030, 1, 31), 1800)
        days.append(first + timedelta(days=int(rng.integers(span))))
    return ";".join(f"{name}:{day}" for name, day in zip(held, days, strict=True))


def crews(count: int) -> list[int]:
    """Sizes of the teams that ``count`` officers make, less those at a desk: pairs, and one of three if it is odd.

    Examples
    --------
    >>> crews(15)
    [3, 2, 2, 2, 2, 2]
    """
    outside = count - round(AT_A_DESK * count)
    sizes = [2] * (outside // 2)
    if sizes and outside % 2:
        sizes[0] = 3
    return sizes


def _brigade_crews(count: int) -> list[int]:
    """A small brigade has nobody at a desk: pairs, and one of three if it is odd.

    Examples
    --------
    >>> _brigade_crews(5), _brigade_crews(7)
    ([2, 3], [2, 2, 3])
    """
    if count > BRIGADE_OFFICERS:
        return crews(count)
    return [2] * (count // 2 - 1) + [2 + count % 2] if count >= 2 else []


def _beats(communities: Sequence[str], teams: int) -> list[tuple[str, ...]]:
    """Communities dealt to teams in runs of their codes; each team gets at least one."""
    n = len(communities)
    beats = []
    for at in range(teams):
        first, last = at * n // teams, (at + 1) * n // teams
        beats.append(tuple(communities[first:last]) or (communities[first % n],))
    return beats


def rota(at: int, teams: int) -> str:
    """The shifts of team ``at`` of ``teams`` for as many weeks as there are teams: everybody takes every turn.

    With eight teams or more a town has its own night; a smaller one leaves the night to the bureau. Where one team has
    all evenings it is free on Mondays, and another stays until ten on that day.
    """
    turns = [NIGHT, AFTER_NIGHT] if teams >= 8 else []
    turns += [EARLY] if teams >= 6 else []
    evenings = max(1, teams // 5) if teams >= 4 else 0
    turns += [EVENINGS_ALONE] if evenings == 1 else ([EVENING, EVENING_LATE] * teams)[:evenings]
    while len(turns) < teams:
        turns.append(WEEKEND if len(turns) % 3 == 2 else WEEKDAYS)
    if evenings == 1:
        turns[turns.index(WEEKDAYS)] = MONDAY_LATE
    return "".join(turns[(at + week) % teams] for week in range(teams))


NIGHT, AFTER_NIGHT, EARLY = "NNNNNNN", "--DDDDD", "MMMMMMM"
EVENING, EVENING_LATE = "EEEEEE-", "EEE-EEE"
EVENINGS_ALONE, MONDAY_LATE = "-EEEEEE", "EDDDD--"
WEEKDAYS, WEEKEND = "DDDDD--", "--DDDDD"
