"""What a gate is and how it enters the list of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dispatch.records.reason import Reason
from dispatch.rulebook.conditions import Context, limits_of


@dataclass(frozen=True, slots=True)
class Gate:
    """One rule of one article and the function that judges.

    Attributes
    ----------
    reads
        The facts it asks of its step.
    relies
        Facts that some step has to ask for, or it would judge on nothing.
    """

    name: str
    article: int
    reads: tuple[str, ...]
    relies: tuple[str, ...]
    limits: int
    judge: Callable[..., Reason | None]


GATES: dict[str, Gate] = {}
"""Every gate there is, by name."""


def rule(
    article: int, *reads: str, relies: tuple[str, ...] = ()
) -> Callable[[Callable[..., Reason | None]], Callable[..., Reason | None]]:
    """Enter a gate into the list under its function's name."""

    def entered(judge: Callable[..., Reason | None]) -> Callable[..., Reason | None]:
        name = judge.__name__
        GATES[name] = Gate(name, article, reads, relies, limits_of(judge), judge)
        return judge

    return entered


def no(code: str, **values: str | int | float) -> Reason:
    """What stands against a step."""
    return Reason(code, False, values)


def said(context: Context, fact: str) -> Reason | None:
    """Against a step that leaves this fact unsaid."""
    return no("fact_missing", fact=fact) if context.facts.get(fact) in (None, "") else None


def must(context: Context, fact: str) -> Reason | None:
    """Against a step that does not say yes to this fact."""
    return said(context, fact) or (None if context.facts[fact] is True else no("fact_false", fact=fact))
