"""Reasons why items are undone, each held against the programme and the calendar by the checker's own arithmetic."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import pairwise

from dispatch.inspections.checked import (
    APART_DAYS,
    CREW,
    LONGEST_MIN,
    Asked,
    UnderWay,
    absences,
    lawful_crew,
    one_visit,
    open_for,
    up,
    who_may,
    worked,
    wrong,
)
from dispatch.inspections.deskfaults import DeskLook
from dispatch.inspections.ways import Floats
from dispatch.records.inspection import Calendar, Call, CrewDay, DueItem, Occasion, Premises, Visit
from dispatch.records.reason import Reason

ONLY_ON_THE_WAY = frozenset({"never_open", "unreachable", "annual_cap", "locked", "on_its_way"})
"""Reasons that keep nobody from a check at the desk."""
Stop = tuple[int, int, int]
"""Minutes worked, from midnight, at which a door opens and closes, and how long the visit takes."""


def untrue(asked: Asked, calendar: Calendar, under_way: UnderWay | None = None) -> Iterator[Reason]:
    """A ``check_reason`` for every undone item whose reason does not hold, a ``check_price`` for every false price.

    An item without a reason is passed over.

    ``no_room`` holds when no crew that may make the visit can be out for it as well, in whatever place of its day, and
    no other officers that are free make a crew for it; from the desk, when nobody has the minutes left. While crews go
    out (``under_way``) what they were told stays.
    """
    look = _Look(asked, calendar, under_way)
    for undone in calendar.undone:
        item = look.items.get(undone.item)
        if item is None or not undone.reason:
            continue
        if not look.holds(item, undone.reason):
            yield wrong("check_reason", item=item.id, premises=item.premises)
        elif undone.price != (takes := look.takes(item, undone.reason)):
            yield wrong("check_price", item=item.id, premises=item.premises, says=undone.price, takes=takes)


class _Look:
    """The programme and the calendar, arranged for questions about one item."""

    def __init__(self, asked: Asked, calendar: Calendar, under_way: UnderWay | None) -> None:
        self.asked, self.calendar, self.under_way = asked, calendar, under_way
        self.items = {item.id: item for item in asked.items}
        self.places = {place.id: place for place in asked.premises}
        self.staff = {who.id: who for who in asked.inspectors}
        self.ends = worked(asked, 0, 1440)
        self.desk = DeskLook(asked, calendar)
        self.ways_in: dict[str, tuple[dict[str, int], Floats]] = {}

    @cached_property
    def calls(self) -> dict[str, list[tuple[date, Visit]]]:
        """Visits of each premises and their days."""
        found: dict[str, list[tuple[date, Visit]]] = {}
        for crew in self.calendar.crews:
            for call in crew.calls:
                found.setdefault(call.visit.premises, []).append((crew.day, call.visit))
        return found

    @cached_property
    def days(self) -> list[date]:
        """Working days that are still to come."""
        since = date.min if self.under_way is None else self.under_way.day
        return [day for day in self.asked.days if day >= since]

    @property
    def begins(self) -> date:
        """The day from which on something can still be asked for."""
        return self.asked.begins if self.under_way is None else max(self.asked.begins, self.under_way.day)

    def holds(self, item: DueItem, reason: str) -> bool:
        place = self.places[item.premises]
        reversed_ = item.latest < item.earliest
        days = [day for day in self.days if item.earliest <= day <= item.latest]
        between = self.begins <= item.latest and item.earliest <= self.days[-1]
        rules: dict[str, Callable[[], bool]] = {
            "dates_reversed": lambda: reversed_,
            "past": lambda: not reversed_ and item.latest < self.begins,
            "later": lambda: not reversed_ and item.earliest > self.days[-1],
            "no_working_day": lambda: not reversed_ and not days and between,
            "never_open": lambda: worked(self.asked, place.opens, place.closes) <= 0,
            "unreachable": lambda: math.isinf(sum(self._ways(place))),
            "too_long": lambda: item.minutes > self._longest(place),
            "annual_cap": lambda: bool(days) and not self._uncapped(item, place, days),
            "locked": lambda: place.id in self.calls,
            "on_its_way": lambda: any(day == self.days[0] for day, _ in self.calls.get(place.id, ())),
            "no_certificate": lambda: not self._held(item, place, days) and not self._ends(item, place),
            "certificate_ends": lambda: not self._held(item, place, days) and bool(self._ends(item, place)),
            "no_crew": lambda: self._held(item, place, days) and not self._crew(item, place, days),
            "no_room": lambda: self._crew(item, place, days) and not self._room(item, place, days),
        }
        if item.remote:
            rules = {code: rule for code, rule in rules.items() if code not in ONLY_ON_THE_WAY}
            rules["too_long"] = lambda: item.minutes > LONGEST_MIN
            rules["no_room"] = lambda: self._crew(item, place, days) and not self.desk.room(item, place, days)
        return reason in rules and rules[reason]()

    def takes(self, item: DueItem, reason: str) -> str:
        """What it would take to do the item all the same, given that the reason holds."""
        place = self.places[item.premises]
        prices: dict[str, Callable[[], tuple[int, str]]] = {
            "past": lambda: ((self.days[0] - item.latest).days, "days"),
            "later": lambda: ((item.earliest - self.days[-1]).days, "days"),
            "no_working_day": lambda: (min((day - item.latest).days for day in self.days if day > item.latest), "days"),
            "never_open": lambda: (item.minutes, "minutes"),
            "too_long": lambda: (item.minutes - self._longest(place), "minutes"),
            "no_certificate": lambda: (1, "officers"),
            "certificate_ends": lambda: ((self.days[-1] - max(self._ends(item, place))).days, "days"),
            "no_crew": lambda: (1, "officers"),
            "annual_cap": lambda: (1, "visits"),
            "locked": lambda: (1, "locks"),
            "no_room": lambda: self._more(item, place),
        }
        if item.remote:
            inside = [day for day in self.days if item.earliest <= day <= item.latest]
            prices["too_long"] = lambda: (item.minutes - LONGEST_MIN, "minutes")
            prices["no_room"] = lambda: self.desk.more(item, place, inside)
        amount, unit = prices[reason]() if reason in prices else (0, "")
        return f"{amount} {unit}" if amount else ""

    def _longest(self, place: Premises) -> int:
        """Minutes that one visit of a crew which does nothing else may last."""
        out, back = self._ways(place)
        return min(open_for(self.asked, place, out, back), LONGEST_MIN - up(out) - up(back))

    def _ways_in(self, town: str) -> tuple[dict[str, int], Floats]:
        """Minutes between the town's doors that are visited or left out, their rows, and the base as the last one."""
        if town not in self.ways_in:
            left = {self.items[one.item].premises for one in self.calendar.undone if one.item in self.items}
            visited = {call.visit.premises for crew in self.calendar.crews if crew.town == town for call in crew.calls}
            known = [
                place
                for place in self.asked.premises
                if place.id in visited or (place.id in left and place.town == town)
            ]
            base = self.asked.base(town)
            ways = self.asked.ways.minutes([*(p.lon for p in known), base[0]], [*(p.lat for p in known), base[1]])
            self.ways_in[town] = {place.id: row for row, place in enumerate(known)}, ways
        return self.ways_in[town]

    def _ways(self, place: Premises) -> tuple[float, float]:
        row, ways = self._ways_in(place.town)
        return float(ways[-1, row[place.id]]), float(ways[row[place.id], -1])

    def _uncapped(self, item: DueItem, place: Premises, days: Sequence[date]) -> list[date]:
        """Those of the days in whose year the premises may have one visit more for this item."""
        if place.annual_cap is None or not _counts(item):
            return list(days)
        had = Counter(day.year for day, visit in self._at(place) if any(map(_counts, self._checks(visit))))
        had.update(dict(enumerate(place.visits_by_year, self.asked.days[0].year)))
        return [day for day in days if had[day.year] < place.annual_cap]

    def _at(self, place: Premises) -> list[tuple[date, Visit]]:
        return self.calls.get(place.id, [])

    def _held(self, item: DueItem, place: Premises, days: Sequence[date]) -> bool:
        """Whether on one of the days somebody is there with the certificate."""
        holders = [who for who in who_may(self.asked, place, [item]) if item.certificate in who.certificates]
        return any(day not in who.away for day in days for who in holders)

    def _ends(self, item: DueItem, place: Premises) -> set[date]:
        """Last days of certificates for the item, held by somebody who is there on one of its days until then."""
        return {
            end
            for who in who_may(self.asked, place, [item])
            for field, end in who.ending
            for day in self.days
            if field == item.certificate and item.earliest <= day <= min(item.latest, end) and day not in who.away
        }

    def _crew(self, item: DueItem, place: Premises, days: list[date]) -> bool:
        anybody = who_may(self.asked, place, [item])
        return any(lawful_crew(anybody, [item], away) for away in absences(anybody, days))

    def _room(self, item: DueItem, place: Premises, days: Sequence[date]) -> bool:
        """Whether the item, alone, could be one visit more, which neither a cap nor a visit that is near forbids."""
        if self._near(item, place):
            return False
        days = self._uncapped(item, place, days)
        crews = [crew for crew in self.calendar.crews if crew.day in days and crew.town == place.town]
        return any(self._takes(crew, item, place) for crew in crews) or any(
            self._goes(day, item, place) for day in days
        )

    def _near(self, item: DueItem, place: Premises) -> bool:
        """Whether there is a visit within thirty days which it would have to be part of."""
        return any(
            one_visit(self.asked, place, [item, *self._checks(visit)], LONGEST_MIN)
            for other, visit in self._at(place)
            if any(abs((day - other).days) < APART_DAYS for day in self.days if item.earliest <= day <= item.latest)
        )

    def _checks(self, visit: Visit) -> list[DueItem]:
        return [self.items[id] for id in visit.items if id in self.items]

    def _takes(self, crew: CrewDay, item: DueItem, place: Premises) -> bool:
        """Whether a crew that may make the visit has room for it somewhere in its day."""
        return any(out <= LONGEST_MIN for out in self._out_with(crew, item, place))

    def _more(self, item: DueItem, place: Premises) -> tuple[int, str]:
        """Least overtime of a crew that may make the visit, or the officer-days of a new one where none can."""
        inside = [day for day in self.days if item.earliest <= day <= item.latest]
        days = self._uncapped(item, place, inside)
        crews = [crew for crew in self.calendar.crews if crew.day in days and crew.town == place.town]
        beyond = [out - LONGEST_MIN for crew in crews for out in self._out_with(crew, item, place)]
        return (max(min(beyond), 1), "minutes") if beyond else (CREW.start, "officer-days")

    def _out_with(self, crew: CrewDay, item: DueItem, place: Premises) -> Iterator[int]:
        """Minutes out of a crew that may make the visit, with it in each place of its day that the doors allow."""
        officers = [self.staff[who] for who in crew.officers if who in self.staff]
        able = any(item.certificate in who.certificates for who in officers)
        row, ways = self._ways_in(crew.town)
        known = all(call.visit.premises in row for call in crew.calls)
        if not (able and known and all(who.may_make(place.id, item.id) for who in officers)):
            return
        stops = [row[call.visit.premises] for call in crew.calls]
        hours = [self._hours(call, self.places[call.visit.premises]) for call in crew.calls]
        for gap in range(len(stops) + 1):
            order = [-1, *stops[:gap], row[place.id], *stops[gap:], -1]
            legs = [up(ways[one, other]) for one, other in pairwise(order)]
            out = self._out([*hours[:gap], self._open(place, item.minutes), *hours[gap:]], legs, crew.day, gap)
            if out is not None:
                yield out

    def _goes(self, day: date, item: DueItem, place: Premises) -> bool:
        """Whether officers who are in no crew that day make one."""
        busy = {who for crew in self.calendar.crews if crew.day == day for who in crew.officers}
        free = [who for who in who_may(self.asked, place, [item]) if who.id not in busy]
        away = frozenset(who.id for who in free if day in who.away)
        legs = [up(leg) for leg in self._ways(place)]
        out = self._out([self._open(place, item.minutes)], legs, day, 0)
        return lawful_crew(free, [item], away) and out is not None and out <= LONGEST_MIN

    def _hours(self, call: Call, place: Premises) -> Stop:
        """When a visit of the calendar may be: while crews go out at the hour that was told."""
        takes = worked(self.asked, call.arrive, call.leave)
        if self.under_way is None:
            return self._open(place, takes)
        return worked(self.asked, 0, call.arrive), worked(self.asked, 0, call.leave), takes

    def _open(self, place: Premises, takes: int) -> Stop:
        return worked(self.asked, 0, place.opens), worked(self.asked, 0, place.closes), takes

    def _out(self, stops: Sequence[Stop], legs: Sequence[int], day: date, new: int) -> int | None:
        """Minutes out for these stops in their order, None where an hour does not hold; the crew learns of ``new`` now.

        Begun as late as every stop allows, a day in a given order is as short as it can be.
        """
        latest: list[int] = []
        for (_, closes, takes), leg in zip(reversed(stops), reversed(legs), strict=False):
            latest.append(min(closes - takes, latest[-1] - leg - takes if latest else self.ends - leg - takes))
        latest.reverse()
        now = latest[0]
        for at, ((opens, _, takes), leg) in enumerate(zip(stops, legs, strict=False)):
            begins = max(now if at == 0 else now + leg, opens)
            if at == new:
                begins = max(begins, self._not_before(day) + leg)
            if begins > latest[at]:
                return None
            now = begins + takes
        return now + legs[-1] - (latest[0] - legs[0]) if latest[0] >= legs[0] else None

    def _not_before(self, day: date) -> int:
        """The minute before which nobody sets out anew on that day."""
        now = self.under_way
        return worked(self.asked, 0, now.minute) if now is not None and day == now.day else 0


def _counts(item: DueItem) -> bool:
    return item.occasion is not Occasion.LEAD
