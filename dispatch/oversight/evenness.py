"""How evenly discretion is used: whether towns choose the tiers of a matter alike. Tiers are counted, never amounts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dispatch.records.case import Case

FEWEST_EXPECTED = 5.0
"""Below it in any cell the chi-square approximation is not trusted (Cochran 1954); then the chance is not said."""


@dataclass(frozen=True, slots=True)
class Evenness:
    """The tiers that towns chose for one matter.

    Attributes
    ----------
    tiers
        By town, how often each tier was chosen.
    apart
        Cramér's V: 0 when all towns choose alike, 1 when the town alone decides the tier.
    chance
        How often towns that choose alike would look at least so different; None where there are too few cases to say.
    """

    matter: str
    tiers: Mapping[str, Mapping[int, int]]
    apart: float
    chance: float | None


def evenness(cases: Iterable[Case]) -> list[Evenness]:
    """The matters in which at least two towns chose among at least two tiers, the most uneven first.

    References
    ----------
    Cramér (1946), Mathematical Methods of Statistics, 21.9. Cochran (1954), Some methods for strengthening the common
    chi-square tests, Biometrics 10(4).
    """
    chosen: dict[str, dict[str, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    for case in cases:
        tier = case.facts.get("tier")
        if case.outcome is not None and isinstance(tier, int) and not isinstance(tier, bool):
            chosen[case.matter][case.town][tier] += 1
    found = [_of_matter(matter, towns) for matter, towns in chosen.items() if _can_differ(towns)]
    return sorted(found, key=lambda each: (-each.apart, each.matter))


def _can_differ(towns: Mapping[str, Counter[int]]) -> bool:
    return len(towns) > 1 and len(set().union(*towns.values())) > 1


def _of_matter(matter: str, towns: Mapping[str, Counter[int]]) -> Evenness:
    from scipy.stats import chi2_contingency  # here, because no desk has to wait for it when it opens

    tiers = sorted(set().union(*towns.values()))
    table = [[towns[town][tier] for tier in tiers] for town in sorted(towns)]
    test = chi2_contingency(table, correction=False)
    of = sum(map(sum, table)) * (min(len(table), len(tiers)) - 1)
    apart = float((test.statistic / of) ** 0.5)
    trusted = bool((test.expected_freq >= FEWEST_EXPECTED).all())
    told = {town: dict(sorted(towns[town].items())) for town in sorted(towns)}
    return Evenness(matter, told, min(apart, 1.0), float(test.pvalue) if trusted else None)
