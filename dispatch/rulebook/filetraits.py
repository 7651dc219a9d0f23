"""What makes a closed case file more likely to be drawn for review: each trait one function, its weight in a list.

No amount is among them: what a body fines is no reason to look at it (Administrative Penalty Law, article 74).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from dispatch.records.case import Case, Outcome, Procedure
from dispatch.rulebook.lists import each_once, read_list
from dispatch.rulebook.matters import Source

COLUMNS = ("trait", "weight", "source")
MOST = 1000

TRAITS: Mapping[str, Callable[[Case], bool]] = {
    "any": lambda _: True,
    "ordinary": lambda case: case.procedure is Procedure.ORDINARY,
    "heard": lambda case: case.stamp("heard") is not None,
    "reviewed": lambda case: case.stamp("reviewed") is not None,
    "deviates": lambda case: case.facts.get("deviates") is True,
    "spared": lambda case: case.outcome is Outcome.NO_PENALTY,
    "given_up": lambda case: case.outcome in (Outcome.WITHDRAWN, Outcome.TRANSFERRED),
    "first_of_body": lambda case: case.facts.get("first_of_body") is True,
}
"""Every trait there is, by name; every file has the first."""


def file_weight(case: Case, weights: Mapping[str, int]) -> int:
    """The sum of the weights of what a case has of them; at least 1."""
    return max(1, sum(weight for trait, weight in weights.items() if TRAITS[trait](case)))


def read_file_weights(path: Path) -> dict[str, int]:
    """Weights by trait.

    Raises
    ------
    BadInput
        With every row that is wrong: an unknown trait, one that stands twice, a weight that is no whole number.
    """
    file, rows = read_list(path, COLUMNS)
    for row in rows:
        if row.values["trait"] not in TRAITS:
            row.blame("trait", f"one of {', '.join(TRAITS)}")
        row.choice("source", Source)
    weights = each_once(rows, "trait", lambda row: row.whole("weight", 0, MOST))
    file.stop_if_faulty("Mend these rows of the weights and read them again.")
    return weights
