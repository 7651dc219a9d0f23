"""What is inspected, by whom, in which visit: premises, due items, inspectors, visits and the crews that make them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

SMALLEST_CREW, LARGEST_CREW = 2, 5
"""Officers in a crew: two by the Administrative Penalty Law, article 42; five is the house's choice."""

DAY_MIN = 1440
"""Minutes from midnight to midnight."""

SHARED = "*"
"""The town of a specialist who works for all of them."""


@dataclass(frozen=True, slots=True)
class Premises:
    """A place of business that is inspected.

    Attributes
    ----------
    lon, lat
        Degrees, WGS84.
    town
        Code or name of the town whose crews come.
    opens, closes
        Minutes after midnight; a visit begins and ends between them. ``closes`` up to 1,440; never open when not
        after ``opens``.
    annual_cap
        Most visits in a year, None without a cap; those that only follow a lead are not counted.
    visits_this_year
        Visits already made, of those that count.
    visits_later
        Those that stand already in the years after, the next one first; what is not told is none.
    """

    id: str
    name: str
    lon: float
    lat: float
    town: str
    opens: int = 0
    closes: int = DAY_MIN
    annual_cap: int | None = None
    visits_this_year: int = 0
    visits_later: tuple[int, ...] = ()

    @property
    def visits_by_year(self) -> tuple[int, ...]:
        """Visits that count, of this year and of those after."""
        return self.visits_this_year, *self.visits_later

    @property
    def visits_left(self) -> int | None:
        """Visits that the cap still allows this year, never below 0; None without a cap."""
        return self.left_in(0)

    def left_in(self, years: int) -> int | None:
        """Visits that the cap still allows so many ``years`` from this one, never below 0; None without a cap."""
        had = self.visits_by_year[years] if years < len(self.visits_by_year) else 0
        return None if self.annual_cap is None else max(self.annual_cap - had, 0)


class Occasion(StrEnum):
    """Why an inspection is made. Those that follow a lead stand outside the annual cap, but they are watched."""

    DAILY = "daily"
    SPECIAL = "special"
    LEAD = "lead"


class Remote(StrEnum):
    """By what a check is made without going to the premises; ``NO``: somebody has to go. Only that one is false."""

    NO = ""
    VIDEO = "video"
    DATA = "data"
    PAPERS = "papers"


@dataclass(frozen=True, slots=True)
class DueItem:
    """One check that one department owes one premises, on some day from ``earliest`` through ``latest``.

    Attributes
    ----------
    name
        What is checked: the code of a scene's item, or what the department calls it; empty when nobody said.
    remote
        By what it is made from the desk; ``minutes`` are then those of the desk.
    """

    id: str
    premises: str
    department: str
    certificate: str
    minutes: int
    earliest: date
    latest: date
    occasion: Occasion = Occasion.DAILY
    name: str = ""
    remote: Remote = Remote.NO

    @property
    def led(self) -> bool:
        """Whether it follows a lead or a complaint."""
        return self.occasion is Occasion.LEAD

    @property
    def capped(self) -> bool:
        """Whether a visit for it counts against the annual cap: one for leads alone does not, and nobody visits for
        what is checked from the desk."""
        return not self.led and not self.remote


@dataclass(frozen=True, slots=True)
class Inspector:
    """A certified officer, the towns' own or, with the town :data:`SHARED`, a specialist dealt to towns day by day.

    Attributes
    ----------
    conflicts
        Ids of premises that this officer must not inspect (Administrative Penalty Law, article 43).
    not_drawn_for
        Ids of due items for which others were drawn, or named by the department.
    away
        Days on which the officer is not there.
    ending
        Fields whose certificate ends within the calendar, with the last day on which it is good; they are none of the
        ``certificates``, which hold on every day.
    """

    id: str
    town: str
    department: str = ""
    certificates: frozenset[str] = frozenset()
    conflicts: frozenset[str] = frozenset()
    away: frozenset[date] = frozenset()
    not_drawn_for: frozenset[str] = frozenset()
    ending: frozenset[tuple[str, date]] = frozenset()

    def may_make(self, premises: str, *items: str) -> bool:
        """Whether neither a conflict of interest at the premises nor a draw for one of the items keeps them away."""
        return premises not in self.conflicts and self.not_drawn_for.isdisjoint(items)

    def barred(self, visit: Visit) -> bool:
        """Whether this officer must not make the visit, for its premises or for one of its items."""
        return not self.may_make(*visit.doors)


@dataclass(frozen=True, slots=True)
class Visit:
    """Items of one premises that are checked by entering the door once.

    Attributes
    ----------
    first, last
        First and last date on which every item may be checked, both included.
    minutes
        The sum of its items' minutes.
    needs
        Certificates that the crew must hold between them.
    """

    id: str
    premises: str
    items: tuple[str, ...]
    first: date
    last: date
    minutes: int
    needs: frozenset[str]

    @property
    def doors(self) -> tuple[str, ...]:
        """Everything for which an officer may be kept away: the premises, then the items."""
        return self.premises, *self.items


@dataclass(frozen=True, slots=True)
class Call:
    """A visit with its hour: minutes after midnight at which the crew arrives and leaves."""

    visit: Visit
    arrive: int
    leave: int


@dataclass(frozen=True, slots=True)
class CrewDay:
    """Officers of one town who spend one day together, and the calls they make in their order.

    Attributes
    ----------
    travel
        Minutes on the way, from the town's base and back to it.
    """

    id: str
    day: date
    town: str
    officers: tuple[str, ...]
    calls: tuple[Call, ...]
    travel: int = 0


@dataclass(frozen=True, slots=True)
class DeskDay:
    """Officers who sit together on one day over checks that ask nobody to go, before they go out or once they are back.

    Those who go out that day are of one crew; the others are in none.
    """

    day: date
    town: str
    officers: tuple[str, ...]
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Undone:
    """An item that neither a visit nor a day at the desk contains, and why.

    Attributes
    ----------
    reason
        As :class:`dispatch.inspections.reasons.Why` spells it.
    price
        What it would take to do it all the same, in words a script can read: minutes, officer-days or visits.
    """

    item: str
    reason: str
    price: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days and crews for everything that can be done, what cannot, and how far from the best this may be.

    Attributes
    ----------
    bounds
        By town: no crews that make these visits have fewer officer-days.
    fewest_visits
        No calendar that does as many items has fewer visits; proved when ``fewest_proved``.
    proofs
        By premises, items of which no two share a working day: each needs a visit of its own.
    desk
        Who checks without going, on which day.
    """

    crews: tuple[CrewDay, ...]
    undone: tuple[Undone, ...] = ()
    fewest_visits: int = 0
    fewest_proved: bool = True
    bounds: Mapping[str, int] = field(default_factory=dict)
    proofs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    desk: tuple[DeskDay, ...] = ()

    @property
    def officer_days(self) -> int:
        return sum(len(crew.officers) for crew in self.crews)

    @property
    def bound(self) -> int:
        """Of all towns together: each is solved apart."""
        return sum(self.bounds.values())
