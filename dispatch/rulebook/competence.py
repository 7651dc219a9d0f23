"""Who may act on a matter in a town on a day, in whose name, and the proof of it line by line.

An act by a body without the power is void (Administrative Penalty Law, article 38). Towns act by statute, by the
province's empowerment (article 24) or by written delegation in the principal's name (articles 20 and 21); what no town
holds stays with its department.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from dispatch.records.reason import Reason
from dispatch.rulebook.matters import Matter, read_matters
from dispatch.rulebook.powers import Body, Mode, Power, faults_of_rows, read_bodies, read_powers
from gis.schemas import BadInput, Fault, shorten

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

KEPT_ANSWERS = 20_000

PROOF_REASONS = (
    "no_matter",  # nobody has said what it is
    "unknown_matter",  # matter
    "matter_found",  # matter, name_zh, name_en, category
    "not_enforcement",  # category
    "no_town",  # outside the district, or nobody has said where it is
    "power_in_force",  # body, body_zh, body_en, mode, basis, source, since, until ("" while open)
    "power_not_yet",  # the same
    "power_taken_back",  # the same
    "own_name",  # letterhead, letterhead_en
    "in_name_of",  # body_zh, body_en, letterhead, letterhead_en
    "nobody_has_power",  # matter, town
    "taken_back",  # matter, town, on: the day since which nobody has it
    "given_from",  # matter, town, on: the day from which somebody will have it
)
"""Every code that stands in the proof of an answer, each with its values."""


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


@dataclass(frozen=True)
class RuleBook:
    """Matters, bodies and powers of a place, checked against each other and indexed.

    A matter's own row and its category's row count alike, and so do the town's and the district's: any row in force
    gives the power.

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
    _answers: dict[tuple[str, str, date], Answer] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        faults = [*faults_of_rows(self.powers), *_joint_faults(self)]
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
        """
        key = (matter, town, day)
        answer = self._answers.get(key)
        if answer is None:
            if len(self._answers) >= KEPT_ANSWERS:
                self._answers.clear()
            answer = self._answers[key] = self._resolve(matter, town, day)
        return answer

    def _resolve(self, code: str, town: str, day: date) -> Answer:
        matter = self.matters.get(code)
        if matter is None:
            unknown = Reason("unknown_matter", False, {"matter": code}) if code else Reason("no_matter", False)
            return Answer(code, town, day, (), (unknown,))
        proof = [_found(matter)]
        obstacle = _obstacle(matter, town)
        if obstacle:
            return Answer(code, town, day, (), (*proof, obstacle))
        actors: list[Actor] = []
        rows = sorted(self._rows(matter, town), key=lambda power: (list(Mode).index(power.mode), power.body))
        for power in rows:
            state = _state(power, day)
            proof.append(Reason(state, state == "power_in_force", self._told(power)))
            if state == "power_in_force":
                actor = self._actor(power)
                proof.append(_name_line(actor))
                actors.append(actor)
        if not actors:
            proof.append(_why_nobody(code, town, day, rows))
        return Answer(code, town, day, _once(actors), tuple(proof))

    def _rows(self, matter: Matter, town: str) -> Iterator[Power]:
        """Rows of the matter before those of its category, of the town before those of the district."""
        for what in (matter.code, matter.category):
            for where in dict.fromkeys((town, town[:6])):
                yield from self._held.get((what, where), ())

    def _told(self, power: Power) -> dict[str, str | int | float]:
        body = self.bodies[power.body]
        return {
            "body": body.id,
            "body_zh": body.name_zh,
            "body_en": body.name_en,
            "mode": power.mode.value,
            "basis": power.basis,
            "source": power.source,
            "since": power.valid_from.isoformat(),
            "until": power.valid_to.isoformat() if power.valid_to else "",
        }

    def _actor(self, power: Power) -> Actor:
        body = self.bodies[power.body]
        head = self.bodies[power.principal] if power.mode is Mode.DELEGATED else body
        return Actor(body.id, power.mode, head.name_zh, power.basis, head.name_en, body.name_zh, body.name_en)


def read_rulebook(folder: Path) -> RuleBook:
    """The rule book of a place from ``matters.csv``, ``bodies.csv`` and ``powers.csv``."""
    return RuleBook(
        read_matters(folder / "matters.csv"), read_bodies(folder / "bodies.csv"), read_powers(folder / "powers.csv")
    )


def _joint_faults(book: RuleBook) -> list[Fault]:
    """What is wrong with the powers beside the catalogue, the bodies and each other."""
    known = set(book.matters) | {matter.category for matter in book.matters.values()}
    in_own_right: dict[str, list[Power]] = defaultdict(list)
    for power in book.powers:
        if power.mode is not Mode.DELEGATED:
            in_own_right[power.body].append(power)
    faults: list[Fault] = []
    for number, power in enumerate(book.powers, start=2):
        if power.matter not in known and not _is_category(power.matter):
            faults.append(Fault("powers", number, "matter", shorten(power.matter), "a matter of the catalogue"))
        for column, body in (("body", power.body), ("principal", power.principal)):
            if body and body not in book.bodies:
                faults.append(Fault("powers", number, column, shorten(body), "a body of the list of bodies"))
        home = book.bodies[power.body].town if power.body in book.bodies else power.town
        if not power.town.startswith(home):
            expected = f"{home}, where {power.body} may act, or a town of it"
            faults.append(Fault("powers", number, "town", power.town, expected))
        entrusted = power.mode is Mode.DELEGATED and power.principal in book.bodies and power.principal != power.body
        if entrusted and not any(_gives(own, power, book.matters) for own in in_own_right[power.principal]):
            expected = "a principal who holds this power in its own right for all that time (article 20)"
            faults.append(Fault("powers", number, "principal", shorten(power.principal), expected))
    return faults


def _gives(own: Power, delegated: Power, matters: Mapping[str, Matter]) -> bool:
    """Whether a power held in one's own right covers the matter, the place and every day of a delegated one."""
    matter = matters.get(delegated.matter)
    category = matter.category if matter else delegated.matter
    ends = own.valid_to or date.max
    return (
        own.matter in (delegated.matter, category)
        and delegated.town.startswith(own.town)
        and own.valid_from <= delegated.valid_from
        and (delegated.valid_to or date.max) <= ends
    )


def _is_category(code: str) -> bool:
    """A category may be listed before the catalogue has a matter of it."""
    return len(code) == 3 and code[0] == "C" and code[1:].isdigit()


def _found(matter: Matter) -> Reason:
    names = {"name_zh": matter.name_zh, "name_en": matter.name_en}
    return Reason("matter_found", True, {"matter": matter.code, **names, "category": matter.category})


def _obstacle(matter: Matter, town: str) -> Reason | None:
    """What stands in everybody's way before any list of powers is opened."""
    if not matter.enforceable:
        return Reason("not_enforcement", False, {"category": matter.category})
    return None if town else Reason("no_town", False)


def _state(power: Power, day: date) -> str:
    if day < power.valid_from:
        return "power_not_yet"
    if power.valid_to is not None and day > power.valid_to:
        return "power_taken_back"
    return "power_in_force"


def _name_line(actor: Actor) -> Reason:
    head: dict[str, str | int | float] = {"letterhead": actor.letterhead, "letterhead_en": actor.letterhead_en}
    if actor.mode is not Mode.DELEGATED:
        return Reason("own_name", True, head)
    return Reason("in_name_of", True, {"body_zh": actor.body_zh, "body_en": actor.body_en, **head})


def _once(actors: list[Actor]) -> tuple[Actor, ...]:
    """Each body once per mode: a power given for the matter and again for its category is one power."""
    first: dict[tuple[str, Mode], Actor] = {}
    for actor in actors:
        first.setdefault((actor.body, actor.mode), actor)
    return tuple(first.values())


def _why_nobody(matter: str, town: str, day: date, rows: list[Power]) -> Reason:
    """The nearest the list comes to giving the power: taken back, given later, or never mentioned."""
    where: dict[str, str | int | float] = {"matter": matter, "town": town}
    ended = [power.valid_to for power in rows if power.valid_to is not None and power.valid_to < day]
    if ended:
        return Reason("taken_back", False, {**where, "on": (max(ended) + timedelta(days=1)).isoformat()})
    coming = [power.valid_from for power in rows if power.valid_from > day]
    if coming:
        return Reason("given_from", False, {**where, "on": min(coming).isoformat()})
    return Reason("nobody_has_power", False, where)
