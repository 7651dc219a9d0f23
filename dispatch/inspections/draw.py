"""Double-random inspections: premises drawn by risk and credit, inspectors drawn for each, and a record that proves it.

"双随机": nobody chooses who is inspected, and nobody chooses who inspects. The record holds the seed, the algorithm and
a hash of both registers; with the same registers anybody can draw again and must get the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from hashlib import sha256
from itertools import combinations
from typing import TypeVar

from dispatch.inspections.lots import ALGORITHM, Lots
from dispatch.inspections.registers import PremisesRegister, RiskClasses
from dispatch.records.inspection import LARGEST_CREW, SHARED, SMALLEST_CREW, Inspector
from dispatch.records.reason import Reason
from gis.schemas import BadInput, Fault, shorten

NO_CREW, NO_CERTIFICATE = "no_crew", "no_certificate"
"""Why nobody was drawn: no lawful crew without a conflict, or nobody near who holds a certificate that is needed."""
AS_DRAWN, SMALLEST_COVER = 1, 2
"""Versions of a draw. Lots are the same; where those drawn do not make a lawful crew, the second looks for one."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """One premises in the draw.

    Attributes
    ----------
    weight
        A whole number above 0; twice the weight, twice the chance to be drawn next.
    needs
        Certificates that its inspectors must hold between them.
    """

    id: str
    town: str
    weight: int
    needs: frozenset[str] = frozenset()


Entry = TypeVar("Entry", Entrant, Inspector)


@dataclass(frozen=True, slots=True)
class Recusal:
    """An inspector who was drawn and must not go, and who was drawn instead; empty when nobody was left."""

    inspector: str
    replaced_by: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """One premises in drawn order with its inspectors.

    Attributes
    ----------
    inspectors
        In drawn order; empty when no lawful crew was there, and then ``why`` says so.
    """

    premises: str
    inspectors: tuple[str, ...]
    recused: tuple[Recusal, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Draw:
    """The record of a draw, complete enough to draw it again.

    Attributes
    ----------
    count, crew
        Premises asked for; inspectors a premises.
    premises_sha256, inspectors_sha256
        Of both registers as they were.
    """

    seed: str
    algorithm: str
    version: int
    count: int
    crew: int
    premises_sha256: str
    inspectors_sha256: str
    drawn: tuple[Drawn, ...]


def entrants(
    register: PremisesRegister, risks: RiskClasses, needs: Mapping[str, frozenset[str]] | None = None
) -> tuple[Entrant, ...]:
    """The register as entrants, weighted by risk and credit; ``needs`` by premises, none where it is silent."""
    wanted = needs or {}
    return tuple(
        Entrant(
            id, entry.premises.town, risks[entry.traits.risk, entry.traits.credit].weight, wanted.get(id, frozenset())
        )
        for id, entry in sorted(register.entries.items())
    )


def draw(
    seed: str,
    premises: Iterable[Entrant],
    inspectors: Iterable[Inspector],
    count: int,
    crew: int = SMALLEST_CREW,
    version: int = SMALLEST_COVER,
) -> Draw:
    """``count`` premises without replacement, and at least ``crew`` inspectors for each.

    Parameters
    ----------
    seed
        A text shown to everybody, such as the date and the number of the notice.
    inspectors
        For a premises those of its town and those of the town :data:`SHARED` are in the draw. The more often somebody
        was drawn already, the smaller their chance: 1, 1/2, 1/3 …
    crew
        From 2 to 5; more come where the certificates need them.
    version
        :data:`AS_DRAWN` for a record of before: there whoever was drawn was the crew, or nobody was.

    Returns
    -------
    Draw
        The same for the same seed and registers, in whatever order those are given. Nobody is drawn for premises they
        have a conflict with: who would have been is recused, and the next takes their place.

    Raises
    ------
    BadInput
        When the seed is empty, an id stands twice, a weight is 0 or less, or there are not that many premises.
    """
    pool, people = _by_id(premises, "premises"), _by_id(inspectors, "inspectors")
    _check(seed, pool, count, crew)
    chosen = Lots(seed, "premises").order({id: entrant.weight for id, entrant in pool.items()})[:count]
    load = dict.fromkeys(people, 0)
    drawn = []
    for id in chosen:
        drawn.append(_crew(seed, pool[id], people, load, crew, version))
        for inspector in drawn[-1].inspectors:
            load[inspector] += 1
    return Draw(seed, ALGORITHM, version, count, crew, _hash_premises(pool), _hash_inspectors(people), tuple(drawn))


def replay(record: Draw, premises: Iterable[Entrant], inspectors: Iterable[Inspector]) -> tuple[Reason, ...]:
    """What speaks against a record when it is drawn again from these registers; empty when it is proved.

    Codes: ``algorithm_unknown``, ``premises_altered``, ``inspectors_altered``, ``draw_differs`` with the first premises
    at which it does, ``draw_impossible``.
    """
    if record.algorithm != ALGORITHM or record.version not in (AS_DRAWN, SMALLEST_COVER):
        return (Reason("algorithm_unknown", False, {"algorithm": record.algorithm, "version": record.version}),)
    try:
        again = draw(record.seed, premises, inspectors, record.count, record.crew, record.version)
    except BadInput as bad:
        return (Reason("draw_impossible", False, {"why": str(bad)}),)
    against = []
    if again.premises_sha256 != record.premises_sha256:
        against.append(
            Reason("premises_altered", False, {"then": record.premises_sha256, "now": again.premises_sha256})
        )
    if again.inspectors_sha256 != record.inspectors_sha256:
        values = {"then": record.inspectors_sha256, "now": again.inspectors_sha256}
        against.append(Reason("inspectors_altered", False, values))
    if again.drawn != record.drawn:
        against.append(Reason("draw_differs", False, {"place": _first_difference(again.drawn, record.drawn)}))
    return tuple(against)


def fingerprints(premises: Iterable[Entrant], inspectors: Iterable[Inspector]) -> tuple[str, str]:
    """What is published before anybody knows the seed: the hashes of both registers, as a record holds them."""
    return _hash_premises(_by_id(premises, "premises")), _hash_inspectors(_by_id(inspectors, "inspectors"))


def to_json(record: Draw) -> str:
    """The record as text to be published and kept; the same record gives the same bytes."""
    return json.dumps(asdict(record), ensure_ascii=False, indent=1, sort_keys=True)


def from_json(text: str, file: str = "draw.json") -> Draw:
    """The record that `to_json` wrote.

    Raises
    ------
    BadInput
        When it is no such text.
    """
    try:
        said = json.loads(text)
        json.dumps(said, ensure_ascii=False).encode()  # half characters, which no seed or id can have
        drawn = tuple(
            Drawn(
                str(each["premises"]),
                tuple(map(str, each["inspectors"])),
                tuple(Recusal(str(r["inspector"]), str(r["replaced_by"])) for r in each["recused"]),
                str(each["why"]),
            )
            for each in said["drawn"]
        )
        texts = {name: str(said[name]) for name in ("seed", "algorithm", "premises_sha256", "inspectors_sha256")}
        numbers = {name: int(said[name]) for name in ("version", "count", "crew")}
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        found = f"text that is no record of a draw ({type(error).__name__})"
        raise BadInput(Fault(file, None, None, found, "the record as it was published")) from error
    return Draw(**texts, **numbers, drawn=drawn)  # type: ignore[arg-type]


def _crew(
    seed: str, premises: Entrant, people: Mapping[str, Inspector], load: Mapping[str, int], size: int, version: int
) -> Drawn:
    """Who goes: first those drawn who hold a certificate still missing, then whoever is drawn until enough are."""
    near = {id: person for id, person in people.items() if person.town in (premises.town, SHARED)}
    order = Lots(seed, f"inspectors for {premises.id}").order({id: Fraction(1, 1 + load[id]) for id in near})
    crew: list[str] = []
    recused: dict[str, str] = {}
    missing = set(premises.needs)
    for covering in (True, False):
        for id in order:
            if not missing if covering else len(crew) >= size:
                break
            if id in crew or id in recused or (covering and not missing & near[id].certificates):
                continue
            if premises.id in near[id].conflicts:
                recused[id] = ""
                continue
            crew.append(id)
            missing -= near[id].certificates
            recused.update({other: id for other, instead in recused.items() if not instead})
    why = NO_CERTIFICATE if missing else "" if size <= len(crew) <= LARGEST_CREW else NO_CREW
    if why and version >= SMALLEST_COVER:
        crew = _smallest(premises, [near[id] for id in order if premises.id not in near[id].conflicts], size)
        held = frozenset[str]().union(*(person.certificates for person in near.values()))
        why = "" if crew else NO_CREW if premises.needs <= held else NO_CERTIFICATE
        recused = {other: next((id for id in order[order.index(other) :] if id in crew), "") for other in recused}
    log = tuple(Recusal(other, instead) for other, instead in recused.items())
    return Drawn(premises.id, () if why else tuple(crew), log, why)


def _smallest(premises: Entrant, able: Sequence[Inspector], size: int) -> list[str]:
    """The smallest lawful crew of these, who are in drawn order, the first such in that order; empty without one.

    Of those who hold the same of what is needed the first drawn stands for all.
    """
    alike: dict[frozenset[str], str] = {}
    for person in able:
        alike.setdefault(person.certificates & premises.needs, person.id)
    useful = {id: held for held, id in alike.items() if held}
    for number in range(LARGEST_CREW + 1):
        for some in combinations(useful, number):
            if premises.needs <= frozenset().union(*(useful[id] for id in some)):
                others = [person.id for person in able if person.id not in some][: max(size - number, 0)]
                crew = [person.id for person in able if person.id in (*some, *others)]
                return crew if len(crew) >= size else []
    return []


def _by_id(records: Iterable[Entry], register: str) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for record in records:
        if record.id in found:
            raise BadInput(Fault(f"register of {register}", None, "id", f"{shorten(record.id)} twice", "each id once"))
        found[record.id] = record
    return dict(sorted(found.items()))


def _check(seed: str, pool: Mapping[str, Entrant], count: int, crew: int) -> None:
    faults = [
        Fault("register of premises", None, "weight", f"{entrant.weight} of {shorten(id)}", "a whole number above 0")
        for id, entrant in pool.items()
        if entrant.weight < 1
    ]
    if not seed.strip():
        faults.append(Fault("draw", None, "seed", "nothing", "a text that everybody can see"))
    if not 0 <= count <= len(pool):
        expected = f"a number from 0 to {len(pool)}: so many premises are in the draw"
        faults.append(Fault("draw", None, "count", str(count), expected))
    if not SMALLEST_CREW <= crew <= LARGEST_CREW:
        faults.append(Fault("draw", None, "crew", str(crew), f"a number from {SMALLEST_CREW} to {LARGEST_CREW}"))
    if faults:
        raise BadInput(*faults)


def _hash_premises(pool: Mapping[str, Entrant]) -> str:
    return _hash([[id, each.town, each.weight, sorted(each.needs)] for id, each in pool.items()])


def _hash_inspectors(people: Mapping[str, Inspector]) -> str:
    """Of what the draw looks at: id, town, certificates, conflicts; days of leave are no part of it."""
    return _hash([[id, p.town, sorted(p.certificates), sorted(p.conflicts)] for id, p in people.items()])


def _hash(rows: Sequence[Sequence[object]]) -> str:
    return sha256(json.dumps(rows, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def _first_difference(one: Sequence[Drawn], other: Sequence[Drawn]) -> int:
    """The place, from 1, at which two draws part."""
    parted = (at for at, (a, b) in enumerate(zip(one, other, strict=False), start=1) if a != b)
    return next(parted, min(len(one), len(other)) + 1)
