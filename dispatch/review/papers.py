"""What the papers of a calendar are written from: the calendar, what its ids stand for, and a code for every visit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatch.records.inspection import Calendar, Call, CrewDay, DueItem, Inspector, Premises
from dispatch.rulebook.actcode import Act, new_code, valid
from gis.schemas import shorten

MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Papers:
    """A calendar with everything that its papers say about it.

    Attributes
    ----------
    premises, items, inspectors
        By id; every one that a crew of the calendar meets must be there.
    codes
        Act code by visit id, see :func:`act_codes`.
    made_at
        Aware; when the plan was made. It is the only clock in the papers, so the same plan gives the same bytes.
    zone
        Where the minutes of the calendar are counted.
    made_up
        What of the plan is synthetic, in the language of the papers; stands on every page. Empty when all is real.
    names
        What ids of officers, items, departments and towns are called, and ``certificate FIELD`` and ``authority TOWN``;
        an id that is not there is shown as it is.
    bases
        Town to (lon, lat) in degrees, WGS84, where its crews start and end; without one a route goes from door to door.
    ways
        Along the streets from the base by every door and back, as (lon, lat) in degrees, WGS84, by crew id; a crew that
        is not there has straight lines.
    to_show
        What the business has to show for an item, by the item's id, as the list of items says it in Chinese.
    query_url
        What the QR code puts before the act code; empty for the code alone.
    over
        Ids of visits that are over: nobody is given notice of them any more; their record stays.
    workdays
        Days that visits may be on, to hold a proof against; empty when every day is one.

    Raises
    ------
    ValueError
        When ``made_at`` has no zone, a visit stands twice or has no valid code of its own, or an id is unknown.
    """

    calendar: Calendar
    premises: Mapping[str, Premises]
    items: Mapping[str, DueItem]
    inspectors: Mapping[str, Inspector]
    codes: Mapping[str, str]
    made_at: datetime
    zone: ZoneInfo
    made_up: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    ways: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    to_show: Mapping[str, Sequence[str]] = field(default_factory=dict)
    query_url: str = ""
    over: Collection[str] = frozenset()
    workdays: Sequence[date] = ()

    def __post_init__(self) -> None:
        if self.made_at.utcoffset() is None:
            raise ValueError(f"made_at is {self.made_at}; it must say its zone, for instance 2026-03-01T09:00+08:00.")
        calls = [call for _, call in self.calls()]
        visits = [call.visit for call in calls]
        _refuse("visits stand twice in the calendar", _twice(visit.id for visit in visits))
        _refuse("visits have no valid act code", (v.id for v in visits if not valid(self.codes.get(v.id, ""))))
        _refuse("act codes stand for two visits", _twice(self.codes[visit.id] for visit in visits))
        _refuse("premises are unknown", (v.premises for v in visits if v.premises not in self.premises))
        _refuse("items are unknown", (item for v in visits for item in v.items if item not in self.items))
        officers = (officer for crew in self.calendar.crews for officer in crew.officers)
        sat = (item for desk in self.calendar.desk for item in desk.items)
        _refuse("items are unknown", (item for item in sat if item not in self.items))
        _refuse("officers are unknown", (officer for officer in officers if officer not in self.inspectors))

    def named(self, id: str) -> str:
        """What an id is called."""
        return self.names.get(id) or id

    def certificate(self, field: str) -> str:
        """What a field of certificates is called; departments may have the same code."""
        return self.names.get(f"certificate {field}") or field

    def authority(self, town: str) -> str:
        """The body in whose name a town's crews inspect; the town where nobody said."""
        return self.names.get(f"authority {town}") or self.named(town)

    def crews(self) -> Sequence[CrewDay]:
        """The days of crews that have a call, by day, town and id."""
        return sorted(
            (crew for crew in self.calendar.crews if crew.calls), key=lambda crew: (crew.day, crew.town, crew.id)
        )

    def calls(self) -> Iterator[tuple[CrewDay, Call]]:
        """Every call with its crew, in the order of :meth:`crews` and of the day."""
        for crew in self.crews():
            for call in crew.calls:
                yield crew, call

    def ahead(self, crew: CrewDay) -> Sequence[Call]:
        """The crew's calls that are not over, in the order of the day."""
        return [call for call in crew.calls if call.visit.id not in self.over]

    def door(self, call: Call) -> Premises:
        """The premises that a call is made at."""
        return self.premises[call.visit.premises]

    def due(self, call: Call) -> Sequence[DueItem]:
        """What is checked on a call, in the order of its visit."""
        return [self.items[item] for item in call.visit.items]

    def shown(self, call: Call) -> Sequence[str]:
        """What the business has to show on a call, each document once."""
        return list(dict.fromkeys(paper for item in call.visit.items for paper in self.to_show.get(item, ())))

    def at(self, day: date, minutes: int) -> datetime:
        """The moment so many minutes after midnight, 1,440 being the next midnight, in the plan's zone."""
        return datetime.combine(day, time(), self.zone) + timedelta(minutes=minutes)

    def made_utc(self) -> datetime:
        """When the plan was made, in UTC, to the second."""
        return self.made_at.astimezone(UTC).replace(microsecond=0)


def called(premises: Premises) -> str:
    """What a premises is called, its id when it has no name."""
    return premises.name if premises.name.strip() else premises.id


def act_codes(calendar: Calendar, region: str, *, first: int = 1) -> dict[str, str]:
    """An act code for every visit, numbered by day in the order of crews and calls.

    Parameters
    ----------
    region
        6 digits of the district, or a longer code within it.
    first
        The first running number of a day that no other check has.

    Examples
    --------
    >>> act_codes(Calendar(crews=()), "330203")
    {}
    """
    running: Counter[date] = Counter()
    codes = {}
    for crew in sorted(calendar.crews, key=lambda crew: (crew.day, crew.town, crew.id)):
        for call in crew.calls:
            codes[call.visit.id] = new_code(region, Act.CHECK, crew.day, first + running[crew.day])
            running[crew.day] += 1
    return codes


def _twice(ids: Iterable[str]) -> list[str]:
    return [id for id, count in Counter(ids).items() if count > 1]


def _refuse(what: str, ids: Iterable[str]) -> None:
    found = sorted(set(ids))
    if found:
        shown = ", ".join(shorten(id) for id in found[:MOST_NAMED])
        raise ValueError(
            f"{len(found)} {what}, first {shown}; the papers need every visit, officer and item by its id."
        )
