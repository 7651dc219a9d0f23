"""Hand-over at the change of shifts: what is open is summed up and signed for by who goes and who comes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dispatch.desk.door import Door
from dispatch.desk.refusals import Refused, Stale
from dispatch.records.incident import OUT, UNANSWERED, Incident
from dispatch.records.reason import Reason
from dispatch.store import between
from dispatch.store.ledger import Entry, Kind
from dispatch.store.writing import Writing

HANDOVER_REASONS = (
    "already_handed_over",  # who
    "nothing_handed_over",
    "own_hand_over",  # who
)
NAMED = 50
"""How many of the late ones are named; the receipt of a bad night is to be read, not scrolled."""
GOES, COMES = "hand_over", "take_over"


def subject(area: str) -> str:
    """Under which the shifts of an area stand in the ledger."""
    return f"shift:{area}"


@dataclass(frozen=True, slots=True)
class Shift:
    """How the desk of an area stands between two shifts.

    Attributes
    ----------
    given
        The last hand-over, or None.
    taken
        Its receipt, or None while nobody has signed for it.
    """

    given: Entry | None = None
    taken: Entry | None = None

    @property
    def waits(self) -> bool:
        """Whether somebody has gone and nobody has come."""
        return self.given is not None and self.taken is None


class HandOver(Door):
    """The two signatures at a change of shifts, each one entry of the ledger."""

    def give(self, actor: str, area: str, words: str, *, now: datetime | None = None) -> Entry:
        """The desk of an area handed over, with what is open there and the words of who goes.

        Raises
        ------
        Refused
            ``already_handed_over`` while the last hand-over waits for its receipt.
        """
        with self.deed(GOES, actor, Kind.SHIFT, subject(area), now) as (page, who):
            standing = _shift(page.history(Kind.SHIFT, subject(area)))
            if standing.given is not None and standing.waits:
                raise Refused(Reason("already_handed_over", False, {"who": standing.given.actor}))
            told = {**sum_up(page, area, who.at), "words": words.strip()[:2000]}
            page.enter(who, Kind.SHIFT, subject(area), details=told)
        return self.standing(area).given  # type: ignore[return-value]

    def take(self, actor: str, area: str, sequence: int, *, now: datetime | None = None) -> Shift:
        """The receipt for the hand-over with that number in the ledger, as it was on the screen.

        Raises
        ------
        Refused
            ``nothing_handed_over``; ``own_hand_over`` by who has handed over.
        Stale
            When it is another by now.
        """
        with self.deed(COMES, actor, Kind.SHIFT, subject(area), now) as (page, who):
            standing = _shift(page.history(Kind.SHIFT, subject(area)))
            if standing.given is None or not standing.waits:
                raise Refused(Reason("nothing_handed_over", False))
            if standing.given.sequence != sequence:
                raise Stale("shift", area, sequence, standing.given.sequence, standing.given)
            if standing.given.actor == actor:
                raise Refused(Reason("own_hand_over", False, {"who": actor}))
            page.enter(who, Kind.SHIFT, subject(area), details={"of": sequence})
        return self.standing(area)

    def standing(self, area: str) -> Shift:
        """How the desk of an area stands."""
        return _shift(self.casebook.history(Kind.SHIFT, subject(area)))


def sum_up(page: Writing, area: str, now: datetime) -> dict[str, Any]:
    """What is open in an area (code of a district, town or community): counts, and the ids that cannot wait.

    Of what is late the first 50 ids, and under ``overdue_n`` and ``late_tasks_n`` how much it is.
    """
    opened = [each for each in page.open_incidents() if _inside(each, area)]
    here = {each.id for each in opened}
    tasks = [task.id for task in between.late_tasks(page.connection, now) if task.incident in here]
    disputes = [each for each in between.disputes(page.connection, open_only=True) if each.incident in here]
    late = sorted(each.id for each in opened if each.status in UNANSWERED and each.due_at < now)
    return {
        "open": dict(sorted(Counter(each.status.value for each in opened).items())),
        "overdue": late[:NAMED],
        "overdue_n": len(late),
        "teams_out": sorted({each.team for each in opened if each.status in OUT}),
        "late_tasks": tasks[:NAMED],
        "late_tasks_n": len(tasks),
        "disputes": [each.id for each in disputes],
    }


def _inside(incident: Incident, area: str) -> bool:
    place = incident.cell or incident.town
    return place.startswith(area) or (not place and len(area) <= 6)


def _shift(history: list[Entry]) -> Shift:
    given = taken = None
    for entry in history:
        if entry.deed == GOES:
            given, taken = entry, None
        elif entry.deed == COMES:
            taken = entry
    return Shift(given, taken)
