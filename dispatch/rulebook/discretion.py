"""The published benchmark of discretion (article 34): which circumstances of a matter cost how much, tier by tier.

Amounts serve the case in hand and never an indicator: what a body fines must not be tied to how it is judged
(article 74).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil, floor, nan
from pathlib import Path

import numpy as np

from dispatch.records.case import Case, Outcome
from dispatch.records.reason import Reason
from dispatch.rulebook.lists import ListRow, read_list
from dispatch.rulebook.matters import Source

COLUMNS = ("matter", "circumstance", "tier", "from", "to", "unit", "source")
NUMBER = r"\d{1,9}(\.\d{1,4})?"

DISCRETION_REASONS = (
    "tier_missing",  # matter
    "tier_unknown",  # matter, tier, tiers
    "base_missing",  # matter, tier, unit
    "outside_tier",  # tier, circumstance, least, most, fine
    "deviation_needs_reason",  # the same
    "deviation_needs_review",  # the same
)
"""Every code that stands against an amount, each with its values."""


class Unit(StrEnum):
    """What the numbers of a tier are: yuan, or so many yuan, percent or times of a base; a warning costs nothing."""

    WARNING = "warning"
    YUAN = "yuan"
    YUAN_PER_M2 = "yuan_per_m2"
    YUAN_PER_M3 = "yuan_per_m3"
    PERCENT = "percent"
    TIMES = "times"

    @property
    def needs_base(self) -> bool:
        return self not in (Unit.WARNING, Unit.YUAN)

    @property
    def factor(self) -> float:
        """Yuan for one unit of the tier and one of the base."""
        return 0.01 if self is Unit.PERCENT else 1.0


@dataclass(frozen=True, slots=True)
class Tier:
    """One line of the benchmark; ``least`` and ``most`` in ``unit``."""

    matter: str
    circumstance: str
    tier: int
    least: float
    most: float
    unit: Unit
    source: Source


@dataclass(frozen=True, slots=True)
class Range:
    """From how many yuan to how many, both included, in whole yuan."""

    least: int
    most: int

    def __contains__(self, fine_yuan: int) -> bool:
        return self.least <= fine_yuan <= self.most


@dataclass(frozen=True, slots=True)
class Discretion:
    """The benchmark of a place."""

    by_matter: Mapping[str, tuple[Tier, ...]] = field(default_factory=dict)

    def tiers(self, matter: str) -> tuple[Tier, ...]:
        """From the mildest circumstance to the gravest; none for a matter without a benchmark."""
        return self.by_matter.get(matter, ())

    def tier(self, matter: str, tier: int) -> Tier | None:
        return next((each for each in self.tiers(matter) if each.tier == tier), None)

    def range_for(self, matter: str, tier: int, base: float = 1.0) -> Range:
        """What the benchmark allows.

        Parameters
        ----------
        base
            What the tier's unit counts in: m² or m³, or the cost or the unlawful gains in yuan, above 0; ignored
            where it needs none.

        Raises
        ------
        ValueError
            When there is no such tier, or the base is 0 or less.
        """
        found = self.tier(matter, tier)
        if found is None:
            raise ValueError(f"Matter {matter} has no tier {tier}; choose one of {len(self.tiers(matter))}.")
        if not found.unit.needs_base:
            return Range(ceil(found.least), floor(found.most))
        if not base > 0:
            raise ValueError(f"base is {base}; {found.unit} needs a base above 0.")
        scale = found.unit.factor * base
        # 0.1 * 30000 is 3000.0000000000005: a hundredth of a fen decides nothing.
        return Range(ceil(round(found.least * scale, 4)), floor(round(found.most * scale, 4)))


def read_discretion(path: Path, matters: Collection[str]) -> Discretion:
    """The benchmark of ``path``, its tiers in order.

    Raises
    ------
    BadInput
        With every row that is wrong: an unknown matter, tiers that do not run 1, 2, 3 …, a tier that ends below its
        start, or one that begins below the end of the tier before it in the same unit, a warning that costs money.
    """
    file, rows = read_list(path, COLUMNS)
    found: dict[str, list[tuple[ListRow, Tier]]] = defaultdict(list)
    for row in rows:
        if row.values["matter"] not in matters:
            row.blame("matter", "the code of a matter of the catalogue")
        tier = _tier(row)
        found[tier.matter].append((row, tier))
    for lines in found.values():
        lines.sort(key=lambda line: line[1].tier)
        _check_tiers(lines)
    file.stop_if_faulty("Mend these rows of the benchmark and read it again.")
    return Discretion({matter: tuple(tier for _, tier in lines) for matter, lines in found.items()})


def check_fine(
    discretion: Discretion,
    matter: str,
    tier: int | None,
    base: float | None,
    fine_yuan: int,
    *,
    reason: str = "",
    reviewed: bool = False,
) -> tuple[Reason, ...]:
    """What stands against a fine of this amount; empty when it is lawful.

    A fine outside the tier's range needs a written ``reason`` and a legal review of the case. A matter without a
    benchmark has none to keep to.
    """
    tiers = discretion.tiers(matter)
    if not tiers:
        return ()
    if tier is None:
        return (Reason("tier_missing", False, {"matter": matter}),)
    chosen = discretion.tier(matter, tier)
    if chosen is None:
        return (Reason("tier_unknown", False, {"matter": matter, "tier": tier, "tiers": len(tiers)}),)
    if chosen.unit.needs_base and not (base and base > 0):
        return (Reason("base_missing", False, {"matter": matter, "tier": tier, "unit": chosen.unit.value}),)
    allowed = discretion.range_for(matter, tier, base or 1.0)
    return () if fine_yuan in allowed else _deviating(chosen, allowed, fine_yuan, reason, reviewed)


def _deviating(chosen: Tier, allowed: Range, fine_yuan: int, reason: str, reviewed: bool) -> tuple[Reason, ...]:
    told: dict[str, str | int | float] = {"tier": chosen.tier, "circumstance": chosen.circumstance}
    told |= {"least": allowed.least, "most": allowed.most, "fine": fine_yuan}
    lacking = [] if reason.strip() else ["deviation_needs_reason"]
    lacking += [] if reviewed else ["deviation_needs_review"]
    return tuple(Reason(code, False, told) for code in (["outside_tier", *lacking] if lacking else []))


@dataclass(frozen=True, slots=True)
class Spread:
    """How past fines of one matter lie, in yuan: count, least, quartiles and most; NaN where there is none."""

    n: int
    least: float
    lower_quartile: float
    median: float
    upper_quartile: float
    most: float
    by_tier: Mapping[int, Spread] = field(default_factory=dict)


def spread(past: Sequence[Case]) -> Spread:
    """The spread of the fines among ``past`` cases of one matter, over all and by the tier in each case's facts.

    For the screen of a single case only. Cases that ended without a fine are passed over.
    """
    fined = [case for case in past if case.outcome is Outcome.FINE]
    tiers: dict[int, list[int]] = defaultdict(list)
    for case in fined:
        tier = case.facts.get("tier")
        if isinstance(tier, int):
            tiers[tier].append(case.fine_yuan)
    return _spread([case.fine_yuan for case in fined], {tier: _spread(tiers[tier], {}) for tier in sorted(tiers)})


def _spread(fines: Sequence[int], by_tier: Mapping[int, Spread]) -> Spread:
    if not fines:
        return Spread(0, nan, nan, nan, nan, nan, by_tier)
    least, lower, median, upper, most = np.percentile(fines, [0, 25, 50, 75, 100]).tolist()
    return Spread(len(fines), least, lower, median, upper, most, by_tier)


def _tier(row: ListRow) -> Tier:
    return Tier(
        matter=row.values["matter"],
        circumstance=row.text("circumstance", expected="the circumstances"),
        tier=row.whole("tier", 1, 99),
        least=_number(row, "from"),
        most=_number(row, "to"),
        unit=row.choice("unit", Unit),
        source=row.choice("source", Source),
    )


def _number(row: ListRow, column: str) -> float:
    value = row.values[column]
    if re.fullmatch(NUMBER, value, re.ASCII):
        return float(value)
    row.blame(column, "a number from 0 on, like 500 or 0.5")
    return 0.0


def _check_tiers(lines: Sequence[tuple[ListRow, Tier]]) -> None:
    before: Tier | None = None
    for row, tier in lines:
        expected = before.tier + 1 if before else 1
        if tier.tier != expected:
            row.blame("tier", f"tier {expected} of {tier.matter}, since tiers run 1, 2, 3 …")
        if row.values["unit"] == Unit.WARNING and tier.most > 0:
            row.blame("to", "0, since a warning costs nothing")
        if tier.least > tier.most:
            row.blame("to", f"{row.values['from']} or more, since the tier starts there")
        if before and tier.unit is before.unit and tier.least < before.most:
            row.blame("from", f"{before.most:g} or more, where the tier before ends")
        before = tier
