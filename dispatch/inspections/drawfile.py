"""A draw as a file to be published: its record, and everything it was drawn from, so that it replays on its own.

Registers and lists change; whoever draws again years later needs neither. Registers of that day are held against the
hashes too, by the lists that the file carries and not by those in force now.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from dispatch.inspections import draw as lots
from dispatch.inspections.draw import Draw, Entrant
from dispatch.inspections.registers import Credit, PremisesRegister, Risk, RiskClass, RiskClasses
from dispatch.inspections.scenes import Scenes
from dispatch.records.inspection import Inspector
from dispatch.records.reason import Reason
from dispatch.rulebook.matters import Source
from gis.schemas import BadInput, Fault


@dataclass(frozen=True, slots=True)
class Lists:
    """What the lists said on the day of the draw.

    Attributes
    ----------
    scene
        Code of the scene whose premises are in the draw.
    certificates
        By item that is checked, the field in which one of its inspectors must be certified.
    weights
        By risk and credit, how much more likely than weight 1 the draw takes the premises.
    """

    scene: str
    certificates: Mapping[str, str]
    weights: Mapping[tuple[Risk, Credit], int]

    @property
    def sha256(self) -> str:
        return sha256(json.dumps(self.told(), sort_keys=True, ensure_ascii=True).encode()).hexdigest()

    def told(self) -> dict[str, Any]:
        """As JSON keeps them; :meth:`of` reads that again."""
        weights = sorted([risk.value, credit.value, weight] for (risk, credit), weight in self.weights.items())
        return {"scene": self.scene, "certificates": dict(sorted(self.certificates.items())), "weights": weights}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Lists:
        """Raises ValueError, KeyError or TypeError for what :meth:`told` did not write."""
        weights = {(Risk(risk), Credit(credit)): int(weight) for risk, credit, weight in told["weights"]}
        return cls(str(told["scene"]), dict(told["certificates"]), weights)

    def entrants(self, register: PremisesRegister) -> tuple[Entrant, ...]:
        """The premises of the scene with the weights and needs of that day."""
        entries = {id: each for id, each in register.entries.items() if each.traits.type == self.scene}
        risks = {key: RiskClass(0, weight, Source.ILLUSTRATIVE) for key, weight in self.weights.items()}
        needs = frozenset(self.certificates.values())
        return lots.entrants(PremisesRegister(entries), risks, dict.fromkeys(entries, needs))


@dataclass(frozen=True, slots=True)
class DrawFile:
    """A record with what it was drawn from."""

    record: Draw
    lists: Lists
    premises: tuple[Entrant, ...]
    inspectors: tuple[Inspector, ...]


def lists_of(scenes: Scenes, risks: RiskClasses, scene: str, codes: Sequence[str]) -> Lists:
    """Of the lists in force what a draw at premises of a scene looks at; ``codes`` are of its published items."""
    certificates = {code: scenes.items[code].certificate for code in codes}
    return Lists(scene, certificates, {key: each.weight for key, each in risks.items()})


def against(file: DrawFile, lists_sha256: str) -> tuple[Reason, ...]:
    """What speaks against a record when it is drawn again from what its file carries; empty when it is proved.

    Codes: ``lists_altered``, and those of `dispatch.inspections.draw.replay`.
    """
    found = list(lots.replay(file.record, file.premises, file.inspectors))
    if file.lists.sha256 != lists_sha256:
        found.append(Reason("lists_altered", False, {"then": lists_sha256, "now": file.lists.sha256}))
    return tuple(found)


def to_json(file: DrawFile) -> str:
    """The file as text; the same draw gives the same bytes."""
    people = [[p.id, p.town, sorted(p.certificates), sorted(p.conflicts)] for p in file.inspectors]
    told = {
        **asdict(file.record),
        "lists": file.lists.told(),
        "lists_sha256": file.lists.sha256,
        "premises": [[each.id, each.town, each.weight, sorted(each.needs)] for each in file.premises],
        "inspectors": people,
    }
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)


def from_json(text: str, name: str) -> tuple[DrawFile, str] | None:
    """The file that `to_json` wrote with the hash of its lists; None for a record that carries nothing but itself.

    Raises
    ------
    BadInput
        When it is neither.
    """
    record = lots.from_json(text, name)
    said = json.loads(text)
    if "lists" not in said:
        return None
    try:
        lists = Lists.of(said["lists"])
        premises = tuple(
            Entrant(str(id), str(town), int(weight), frozenset(map(str, needs)))
            for id, town, weight, needs in said["premises"]
        )
        people = tuple(
            Inspector(str(id), str(town), "", frozenset(map(str, fields)), frozenset(map(str, conflicts)))
            for id, town, fields, conflicts in said["inspectors"]
        )
        return DrawFile(record, lists, premises, people), str(said["lists_sha256"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        found = f"text that does not say what was drawn from ({type(error).__name__})"
        raise BadInput(Fault(name, None, None, found, "the record as it was published")) from error
