"""Who may make a check: officers in number, with its certificates, whom nothing keeps away."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from dispatch.desk.question import kept_away
from dispatch.records.reason import Reason
from dispatch.records.team import Officer, Team
from dispatch.store import inspections
from dispatch.store.writing import Writing


def lacking(needs: Collection[str], officers: Collection[str], teams: Sequence[Team], day: date) -> frozenset[str]:
    """The certificates for which nobody of the officers is certified on that day."""
    roster: dict[str, Officer] = {officer.id: officer for team in teams for officer in team.officers}
    there = [roster[name] for name in set(officers) if name in roster]
    return frozenset(field for field in needs if not any(officer.certified(field, day) for officer in there))


def kept_from(
    page: Writing, premises: str, items: Collection[str], officers: Sequence[str], today: date
) -> Iterator[Reason]:
    """Whoever may not inspect these premises, was not drawn for one of the items, or is on leave."""
    recusals, not_drawn = kept_away(page.connection, page.teams(), today)
    away = {each.officer for each in inspections.absences(page.connection) if each.first <= today <= each.last}
    for name in sorted(set(officers)):
        if premises in recusals.get(name, ()):
            yield Reason("must_not_inspect", False, {"officer": name, "premises": premises})
        if not not_drawn.get(name, frozenset()).isdisjoint(items):
            yield Reason("not_drawn", False, {"officer": name, "premises": premises})
        if name in away:
            yield Reason("officer_away", False, {"officer": name, "day": today.isoformat()})
