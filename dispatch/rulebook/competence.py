"""Who may act on a matter in a town on a day, in whose name, and the proof of it line by line.

An act by a body without the power is void (Administrative Penalty Law, article 38). Towns act by statute, by the
province's empowerment (article 24) or by written delegation in the principal's name (articles 20 and 21); what no town
holds stays with its department. So does what a place reserves (across towns, urgent, technical), where somebody above
the town may act on it.

Between two days on which some row begins or ends the answer is the same, so it is worked out once for each such span:
a question is then a search among a handful of days.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from dispatch.records.reason import Reason
from dispatch.rulebook.matters import Kind, Matter, Source, read_matters, read_reserved
from dispatch.rulebook.powers import Body, Mode, Power, faults_beside, faults_of_rows, read_bodies, read_powers
from gis.schemas import BadInput

__all__ = [
    "PROOF_REASONS",
    "Actor",
    "Answer",
    "Body",
    "Mode",
    "Power",
    "RuleBook",
    "read_bodies",
    "read_powers",
    "read_rulebook",
]

RESERVED = "reserved.csv"
DISTRICT_DIGITS = 6
MODES = tuple(Mode)
KEPT_TIMELINES = 20_000
"""A district of 17 towns and 300 matters has 5,100; the rest is for codes that nobody should ask for."""
NAMED_ONE_BY_ONE = frozenset({Kind.STATUTORY, Kind.DELEGATED})
"""Powers that no row for a whole category gives."""

PROOF_REASONS = (
    "no_matter",  # nobody has said what it is
    "unknown_matter",  # matter
    "matter_found",  # matter, name_zh, name_en, category
    "matter_not_in_force",  # matter, since, until ("" while open)
    "not_enforcement",  # category
    "no_town",  # outside the district, or nobody has said where it is
    "power_in_force",  # matter, name_zh, name_en, stands_for, where, reach, body, body_zh, body_en, mode, basis,
    #                    principal, source, since, until ("" while open)
    "power_not_yet",  # the same
    "power_taken_back",  # the same
    "power_not_listed",  # the same, listed_since, listed_until: the listed power itself is not in force
    "power_stays_above",  # the same, why, clause: a town's power in force, on a matter that stays with who is above
    "own_name",  # letterhead, letterhead_en
    "in_name_of",  # body_zh, body_en, letterhead, letterhead_en
    "row_illustrative",  # matter, where, body, body_zh, body_en, basis: an accepted row nobody has vouched for
    "nobody_has_power",  # matter, town
    "taken_back",  # matter, town, on: the day since which nobody has it
    "given_from",  # matter, town, on: the day from which somebody will have it
)
"""Every code that stands in the proof of an answer, each with its values.

Of a row, ``matter`` is the code it stands for, ``name_zh`` and ``name_en`` that code's name (empty for a category),
``stands_for`` one of ``matter_itself``, ``listed_power`` and ``whole_category``, ``where`` the place it is given for,
``reach`` one of ``this_town`` and ``whole_district``.
"""


@dataclass(frozen=True, slots=True)
class Actor:
    """A body that may act, and how.

    Attributes
    ----------
    body
        Its id.
    letterhead, letterhead_en
        In whose name, Chinese and English: its own, or its principal's when the power is delegated.
    basis
        The clause that gives it the power.
    """

    body: str
    mode: Mode
    letterhead: str
    basis: str
    letterhead_en: str = ""
    body_zh: str = ""
    body_en: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Who may act on ``matter`` in ``town`` on ``day``, and why, or why nobody may."""

    matter: str
    town: str
    day: date
    actors: tuple[Actor, ...]
    proof: tuple[Reason, ...]

    @property
    def lawful(self) -> bool:
        """Whether anybody may act."""
        return bool(self.actors)

    @property
    def why(self) -> Reason:
        """The line that decides: the power of the first actor, or what stands in everybody's way."""
        deciding = [reason for reason in self.proof if reason.code == "power_in_force"] if self.lawful else []
        return deciding[0] if deciding else self.proof[-1]

    def actor(self, body: str) -> Actor | None:
        """How this body may act, by the strongest of its modes, or None when it may not."""
        return next((actor for actor in self.actors if actor.body == body), None)


class Held(NamedTuple):
    """A row that could give a power over a matter, and for which of the matter's codes it stands."""

    power: Power
    stands_for: str
    listed: Matter | None


class Timeline(NamedTuple):
    """What is answered for one matter in one town: ``told[i]`` from ``days[i]`` to the day before ``days[i + 1]``."""

    days: tuple[date, ...]
    told: tuple[tuple[tuple[Actor, ...], tuple[Reason, ...]], ...]


@dataclass(frozen=True)
class RuleBook:
    """Matters, bodies and powers of a place, checked against each other and indexed.

    A matter's own row, a row of a listed power it is enforced under and its category's row count alike, and so do the
    town's and the district's: any row in force gives the power. The book never changes: another list is another book,
    so whoever keeps an answer keeps it with the book it came from.

    Raises
    ------
    BadInput
        When a power names an unknown matter, category, body or principal, lies outside the body's own town, has no
        basis, is delegated without a principal or by one who holds it by delegation only (article 20), or when two
        rows for the same matter, town, body and mode overlap.
    """

    matters: Mapping[str, Matter]
    bodies: Mapping[str, Body]
    powers: tuple[Power, ...]
    _held: dict[tuple[str, str], list[Power]] = field(init=False, repr=False, compare=False, default_factory=dict)
    _timelines: dict[tuple[str, str], Timeline] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        faults = [*faults_of_rows(self.powers), *faults_beside(self.powers, self.matters, self.bodies)]
        if faults:
            raise BadInput(*faults, advice="Mend these rows of the list of powers and read it again.")
        for power in self.powers:
            self._held.setdefault((power.matter, power.town), []).append(power)

    def resolve(self, matter: str, town: str, day: date) -> Answer:
        """Who may act, and the proof; no lawful actor is an answer with its reason.

        Parameters
        ----------
        matter
            Code in the catalogue; empty while nobody has said what it is.
        town
            9-digit code, or empty outside the district.
        day
            The day of the act in the place's own calendar.

        Returns
        -------
        Answer
            Its proof tells every row that was looked at, accepted or why not, the strongest mode first; after an
            accepted row in whose name it lets act, and whether the row still needs the legal department.
        """
        days, told = self._timeline(matter, town)
        actors, proof = told[bisect_right(days, day) - 1]
        return Answer(matter, town, day, actors, proof)

    def turning_days(self, matter: str, town: str) -> tuple[date, ...]:
        """The days on which the answer may differ from the day before, in order; the first is ``date.min``."""
        return self._timeline(matter, town).days

    def _timeline(self, matter: str, town: str) -> Timeline:
        timeline = self._timelines.get((matter, town))
        if timeline is None:
            if len(self._timelines) >= KEPT_TIMELINES:
                self._timelines.clear()
            timeline = self._timelines[matter, town] = self._worked_out(matter, town)
        return timeline

    def _worked_out(self, code: str, town: str) -> Timeline:
        matter = self.matters.get(code)
        if matter is None:
            unknown = Reason("unknown_matter", False, {"matter": code}) if code else Reason("no_matter", False)
            return Timeline((date.min,), (((), (unknown,)),))
        rows = sorted(self._rows(matter, town), key=lambda row: (MODES.index(row.power.mode), row.power.body))
        days = _turning_days((matter, *(row.power for row in rows), *(row.listed for row in rows)))
        return Timeline(days, tuple(self._told_on(day, matter, town, rows) for day in days))

    def _told_on(
        self, day: date, matter: Matter, town: str, rows: list[Held]
    ) -> tuple[tuple[Actor, ...], tuple[Reason, ...]]:
        proof = [_found(matter)]
        obstacle = _obstacle(matter, town, day)
        if obstacle:
            return (), (*proof, obstacle)
        actors: list[Actor] = []
        states = [_state(row, day) for row in rows]
        above = [self._is_above(row) for row in rows]
        stays = matter.reserved is not None and ("power_in_force", True) in zip(states, above, strict=True)
        for row, state, is_above in zip(rows, states, above, strict=True):
            if stays and state == "power_in_force" and not is_above:
                reserved = (
                    {"why": matter.reserved.why.value, "clause": matter.reserved.basis} if matter.reserved else {}
                )
                proof.append(Reason("power_stays_above", False, {**self._row_told(row, state), **reserved}))
                continue
            proof.append(Reason(state, state == "power_in_force", self._row_told(row, state)))
            if state == "power_in_force":
                actor = self._actor(row.power)
                proof += _name_lines(actor, row.power)
                actors.append(actor)
        if not actors:
            proof.append(_why_nobody(matter.code, town, day, rows))
        return _once(actors), tuple(proof)

    def _rows(self, matter: Matter, town: str) -> Iterator[Held]:
        """Rows of the matter, of each listed power it is under, of its category; each the town's before the district's.

        Nothing stands in no town: outside the district no row is looked at. What a statute gives to town governments,
        or a principal to one of them, is given one by one: a bureau's row for a whole category does not reach it.
        """
        whats: list[tuple[str, str, Matter | None]] = [(matter.code, "matter_itself", None)]
        whats += ((code, "listed_power", self.matters.get(code)) for code in matter.under)
        if matter.kind not in NAMED_ONE_BY_ONE:
            whats.append((matter.category, "whole_category", None))
        for code, stands_for, listed in whats:
            for where in dict.fromkeys((town, town[:6])) if town else ():
                for power in self._held.get((code, where), ()):
                    yield Held(power, stands_for, listed)

    def _is_above(self, row: Held) -> bool:
        """Whether it is a power of the district and not of a town."""
        return len(self.bodies[row.power.body].town) == DISTRICT_DIGITS

    def _row_told(self, row: Held, state: str) -> dict[str, str | int | float]:
        power, body = row.power, self.bodies[row.power.body]
        named = self.matters.get(power.matter)
        told: dict[str, str | int | float] = {
            "matter": power.matter,
            "name_zh": named.name_zh if named else "",
            "name_en": named.name_en if named else "",
            "stands_for": row.stands_for,
            "where": power.town,
            "reach": "whole_district" if len(power.town) == DISTRICT_DIGITS else "this_town",
            "body": body.id,
            "body_zh": body.name_zh,
            "body_en": body.name_en,
            "mode": power.mode.value,
            "basis": power.basis,
            "principal": power.principal,
            "source": power.source,
            **_span(power.valid_from, power.valid_to),
        }
        if state == "power_not_listed" and row.listed is not None:
            listed = _span(row.listed.valid_from, row.listed.valid_to)
            told |= {"listed_since": listed["since"], "listed_until": listed["until"]}
        return told

    def _actor(self, power: Power) -> Actor:
        body = self.bodies[power.body]
        head = self.bodies[power.principal] if power.mode is Mode.DELEGATED else body
        return Actor(body.id, power.mode, head.name_zh, power.basis, head.name_en, body.name_zh, body.name_en)


def read_rulebook(folder: Path) -> RuleBook:
    """The rule book of a place: ``matters.csv``, ``bodies.csv``, ``powers.csv``, and ``reserved.csv`` if any."""
    matters = read_matters(folder / "matters.csv")
    if (reserved := folder / RESERVED).exists():
        matters = read_reserved(reserved, matters)
    return RuleBook(matters, read_bodies(folder / "bodies.csv"), read_powers(folder / "powers.csv"))


def _found(matter: Matter) -> Reason:
    names = {"name_zh": matter.name_zh, "name_en": matter.name_en}
    return Reason("matter_found", True, {"matter": matter.code, **names, "category": matter.category})


def _obstacle(matter: Matter, town: str, day: date) -> Reason | None:
    """What stands in everybody's way before any list of powers is opened."""
    if not matter.enforceable:
        return Reason("not_enforcement", False, {"category": matter.category})
    if not matter.in_force(day):
        return Reason(
            "matter_not_in_force", False, {"matter": matter.code, **_span(matter.valid_from, matter.valid_to)}
        )
    return None if town else Reason("no_town", False)


def _state(row: Held, day: date) -> str:
    power = row.power
    if day < power.valid_from:
        return "power_not_yet"
    if power.valid_to is not None and day > power.valid_to:
        return "power_taken_back"
    if row.listed is not None and not row.listed.in_force(day):
        return "power_not_listed"
    return "power_in_force"


def _span(since: date, until: date | None) -> dict[str, str | int | float]:
    """Both ends as they are read; empty where there is none."""
    return {
        "since": "" if since == date.min else since.isoformat(),
        "until": until.isoformat() if until else "",
    }


def _turning_days(spans: Iterable[Matter | Power | None]) -> tuple[date, ...]:
    """Every day on which one of these begins or has ended, after the first day there is."""
    days = {date.min}
    for span in spans:
        if span is not None:
            days.add(span.valid_from)
            if span.valid_to is not None and span.valid_to < date.max:
                days.add(span.valid_to + timedelta(days=1))
    return tuple(sorted(days))


def _name_lines(actor: Actor, power: Power) -> Iterator[Reason]:
    """In whose name an accepted row lets act, and whether anybody has vouched for the row."""
    head: dict[str, str | int | float] = {"letterhead": actor.letterhead, "letterhead_en": actor.letterhead_en}
    names: dict[str, str | int | float] = {"body_zh": actor.body_zh, "body_en": actor.body_en}
    if actor.mode is Mode.DELEGATED:
        yield Reason("in_name_of", True, {**names, **head})
    else:
        yield Reason("own_name", True, head)
    if power.source == Source.ILLUSTRATIVE:
        which = {"matter": power.matter, "where": power.town, "body": actor.body, "basis": power.basis}
        yield Reason("row_illustrative", None, {**which, **names})


def _once(actors: list[Actor]) -> tuple[Actor, ...]:
    """Each body once per mode: a power given for the matter and again for its category is one power."""
    first: dict[tuple[str, Mode], Actor] = {}
    for actor in actors:
        first.setdefault((actor.body, actor.mode), actor)
    return tuple(first.values())


def _why_nobody(matter: str, town: str, day: date, rows: list[Held]) -> Reason:
    """The nearest the list comes to giving the power: taken back, given later, or never mentioned."""
    where: dict[str, str | int | float] = {"matter": matter, "town": town}
    spans = [(first, last) for first, last in map(_span_of, rows) if first <= last]
    ended = [last for _, last in spans if last < day]
    if ended:
        return Reason("taken_back", False, {**where, "on": (max(ended) + timedelta(days=1)).isoformat()})
    coming = [first for first, _ in spans if first > day]
    if coming:
        return Reason("given_from", False, {**where, "on": min(coming).isoformat()})
    return Reason("nobody_has_power", False, where)


def _span_of(row: Held) -> tuple[date, date]:
    """First and last day on which the row and, where it stands for a listed power, that power are both in force."""
    power, listed = row.power, row.listed
    first = max(power.valid_from, listed.valid_from if listed else date.min)
    return first, min(power.valid_to or date.max, (listed.valid_to if listed else None) or date.max)
