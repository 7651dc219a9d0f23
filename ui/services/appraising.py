"""Appraisals for whoever looks: the whole of a published one, of a draft only what is said of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dispatch.oversight.appeals import Appeals, Rules, Standing
from dispatch.oversight.appraising import Counted, Figures
from dispatch.oversight.bundled import Bundled
from dispatch.records.appraisal import Appraisal, Objection, Side
from dispatch.records.person import Job, Person
from dispatch.rulebook.powers import Body
from ui.services.centre import Centre
from ui.services.overseeing import ground, weights
from ui.settings import settings


class Named(NamedTuple):
    """An event and the side on which it counts for somebody, by which it can be objected to."""

    event: Counted
    side: Side


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody sees of a draft.

    Attributes
    ----------
    whole
        Whether they are the district's own.
    areas
        Of their posts; empty for who answers for a body.
    body, department
        The body they answer for, and what department that is; both empty for people of command centres.
    """

    whole: bool
    areas: tuple[str, ...] = ()
    body: str = ""
    department: str = ""

    def sees(self, side: Side, who: str) -> bool:
        """Whether a figure of this town or department is their own."""
        if self.whole:
            return True
        return self._town(who) if side is Side.TOWN else bool(who) and who == self.department

    def own(self, event: Counted, side: Side) -> bool:
        """Whether they may object to an event on that side."""
        if not event.of(side):
            return False
        if self.whole:
            return True
        if side is Side.TOWN:
            return self._town(event.town)
        return event.body == self.body if self.body else self._town(event.body)

    def _town(self, town: str) -> bool:
        return bool(self.areas) and town.startswith(self.areas)


def appeals(opened: Centre) -> Appeals:
    """The desk of appraisals by the rules as they stand now."""
    return Appeals(opened.desk, Rules(ground(opened.scenario, opened.rules), weights(), settings().appeal_days))


def sight(person: Person, district: str, bodies: Mapping[str, Body]) -> Sight:
    """What somebody sees of drafts."""
    if person.body:
        known = bodies.get(person.body)
        return Sight(False, (), person.body, known.department if known else "")
    areas = person.areas()
    return Sight(any(district.startswith(area) for area in areas), areas)


def supervises(person: Person, district: str) -> bool:
    """Whether somebody opens, rules on and publishes appraisals of the district."""
    return not person.body and any(district.startswith(area) for area in person.areas(Job.SUPERVISOR))


def within(found: Standing, seen: Sight) -> Standing:
    """A published appraisal as it is; of a draft the figures, events and objections that are somebody's own."""
    if seen.whole or found.appraisal.published_at is not None:
        return found
    sides = {side: {each.who for each in found.before.of(side) if seen.sees(side, each.who)} for side in Side}
    return found._replace(
        objections=tuple(each for each in found.objections if seen.sees(each.side, each.who)),
        before=_own(found.before, seen, sides),
        after=_own(found.after, seen, sides),
    )


def named(found: Standing, seen: Sight) -> list[Named]:
    """What somebody may object to and nobody has yet on that side, in the order in which it was counted."""
    made = {(each.event, each.side) for each in found.objections}
    return [
        Named(event, side)
        for event in found.basis.events
        for side in Side
        if seen.own(event, side) and (event.id, side) not in made
    ]


def drafts_first(known: Iterable[Appraisal]) -> list[Appraisal]:
    """Drafts before published ones, each the latest time first."""
    return sorted(known, key=lambda each: (each.published_at is None, each.end, each.period), reverse=True)


def event_of(found: Standing, objection: Objection) -> Counted:
    """The event that an objection names; it stands in the basis, else it had been refused."""
    event = found.basis.event(objection.event)
    assert event is not None, f"objection {objection.id} names {objection.event}, which its appraisal has not"
    return event


def _own(of: Figures, seen: Sight, sides: Mapping[Side, set[str]]) -> Figures:
    def marks(side: Side) -> Sequence[Bundled]:
        return [each for each in of.of(side) if each.who in sides[side]]

    rows = [row for row in of.matrix if row.town in sides[Side.TOWN] or row.department in sides[Side.DEPARTMENT]]
    found = {town: n for town, n in of.findings.items() if seen.sees(Side.TOWN, town)}
    return Figures(rows, marks(Side.DEPARTMENT), marks(Side.TOWN), found)
