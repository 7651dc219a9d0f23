"""What somebody looks at on the tab of patrols, and how things on it are called."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from dispatch.inspections.patrol_plan import Audit
from dispatch.records.patrol import PatrolPlan
from gis.schemas import BadInput
from ui.said import Said, carried_out
from ui.screens.inspections.looking import Look, again, span
from ui.services.patrolling import in_words


@dataclass(slots=True)
class Viewing:
    """What somebody looks at on this tab; ``audits`` are the answers of checks, by plan."""

    town: str = ""
    plan: str = ""
    cell: str = ""
    round: str = ""
    side: str = "today"
    audits: dict[str, Audit] = field(default_factory=dict)


def select(look: Look, mine: Viewing, *, cell: str = "", one: str = "") -> None:
    """Look at a cell, a round, or neither."""
    mine.cell, mine.round, look.looking.note = cell, one, None
    again()


def percent(share: float) -> str:
    """A share as people read it; never a hundred while something is missing."""
    return "–" if math.isnan(share) else f"{math.floor(share * 1000) / 10:g} %"


def team_name(look: Look, team: str) -> str:
    found = look.centre.board().teams.get(team)
    return found.name if found is not None else team


def item_words(look: Look, code: str) -> tuple[str, str, str]:
    """Where, what, and what it is like when in order."""
    return in_words(look.centre.patrols.items.get(code), code, look.tell.w)


def kind_of(look: Look, kind: str) -> str:
    found = next((item for item in look.centre.patrols.items.values() if item.object == kind), None)
    return look.tell.w.pick(found.object_zh, found.object_en) if found else kind


def period(look: Look, plan: PatrolPlan) -> str:
    """First and last day of a plan, and where today lies."""
    name = "over" if plan.over(look.today) else "ahead" if look.today < plan.days[0] else "running"
    return f"{span(plan.days[0], plan.days[-1])} · {look.tell.w(f'patrols.{name}')}"


def do(look: Look, name: str, deed: Callable[[], object]) -> None:
    """Try a deed, keep what came of it, and draw anew."""
    try:
        said = carried_out(deed, look.tell.w(f"patrols.done_{name}"), look.tell)
    except BadInput as bad:
        said = Said(str(bad), False)
    look.looking.said(said)
    again()
