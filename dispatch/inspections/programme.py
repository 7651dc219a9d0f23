"""What is to be planned: premises, what is due there, who may come, on which days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import median

from dispatch.inspections.crews import Roster
from dispatch.inspections.noon import Noon
from dispatch.inspections.ways import Floats, Ways
from dispatch.records.inspection import DAY_MIN, SHARED, DueItem, Inspector, Premises


@dataclass(frozen=True, slots=True)
class Programme:
    """What is to be planned.

    Attributes
    ----------
    days
        The calendar's working days, in order.
    bases
        Longitude and latitude (degrees, WGS84) where a town's crews start and end; where absent, the
        median of its premises, which one wrong place does not carry away.
    noon
        When nobody works; None for days without a break.
    since
        The first day that was asked for, if that is no working day; None: the first of the ``days``.
    ends
        The minute at which the day is over: every crew is home by then.
    """

    premises: tuple[Premises, ...]
    items: tuple[DueItem, ...]
    inspectors: tuple[Inspector, ...]
    days: tuple[date, ...]
    ways: Ways
    bases: Mapping[str, tuple[float, float]]
    noon: Noon | None = None
    since: date | None = None
    ends: int = DAY_MIN

    @property
    def begins(self) -> date:
        """The day from which on something is asked for; what was due before it is past."""
        return self.days[0] if self.since is None else self.since

    def to_visit(self) -> Programme:
        """The same without what is checked from the desk."""
        return replace(self, items=tuple(item for item in self.items if not item.remote))

    def at_work(self) -> Programme:
        """The same by the minutes that are worked, without a break."""
        noon = self.noon
        if noon is None:
            return self
        return replace(self, premises=noon.at_work(self.premises), noon=None, ends=noon.worked(self.ends))

    @property
    def towns(self) -> tuple[str, ...]:
        return tuple(sorted({place.town for place in self.premises}))

    def minutes(self, town: str, places: Sequence[Premises]) -> Floats:
        """Minutes from place to place, shape (places + 1, places + 1); the last row and column are the town's base."""
        lon, lat = self.base(town)
        return self.ways.minutes([*(place.lon for place in places), lon], [*(place.lat for place in places), lat])

    def base(self, town: str) -> tuple[float, float]:
        """Longitude and latitude of the town's base."""
        if town in self.bases:
            return self.bases[town]
        here = [place for place in self.premises if place.town == town]
        return median(p.lon for p in here), median(p.lat for p in here)


def roster_of(programme: Programme, town: str, presence: Mapping[str, Sequence[str]]) -> Roster:
    """Who may come to a town; a specialist whom every one of these days sees in another town is elsewhere."""
    mine = [who for who in programme.inspectors if who.town in (town, SHARED)]
    return Roster(mine, programme.days, {who.id for who in mine if town not in presence[who.id]})
