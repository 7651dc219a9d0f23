"""Which crews of a town are lawful for a visit: two to five officers who cover it, nobody in conflict."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

from dispatch.inspections.reasons import Why
from dispatch.records.inspection import LARGEST_CREW, SHARED, SMALLEST_CREW, Inspector


class Roster:
    """The inspectors that may come to one town.

    Parameters
    ----------
    inspectors
        Those of the town and the specialists that it shares.
    days
        The calendar's working days: somebody who is away is missed on that day only.
    elsewhere
        Ids of specialists who are on all these days with other towns: a check that nobody else may make finds no room.
    """

    def __init__(
        self, inspectors: Iterable[Inspector], days: Sequence[date], elsewhere: Collection[str] = frozenset()
    ) -> None:
        everybody = tuple(sorted(inspectors, key=lambda who: who.id))
        self.everybody = everybody
        self._days = days
        self._here = tuple(who for who in everybody if who.id not in elsewhere)
        self._away = [frozenset(who.id for who in everybody if day in who.away) for day in days]
        self._drawn = frozenset().union(*(who.not_drawn_for for who in everybody))
        self._smallest = lru_cache(maxsize=None)(self._search)

    def bars(self, item: str) -> bool:
        """Whether the item is not for everybody to make: others were drawn for it."""
        return item in self._drawn

    def lawful(self, needs: frozenset[str], first: int, last: int, *doors: str) -> bool:
        """Whether on some day from ``first`` through ``last``, places in the calendar, a lawful crew is there.

        ``doors`` are the premises, and items for which not everybody may come.
        """
        return self._some_crew(self.everybody, needs, first, last, doors)

    def why_nobody(self, needs: frozenset[str], first: int, last: int, *doors: str) -> Why | None:
        """Why nobody comes: no certificate there, too few without a conflict, or a specialist's time; else None."""
        if self._some_crew(self._here, needs, first, last, doors):
            return None
        if self._some_crew(self.everybody, needs, first, last, doors):
            return Why.NO_ROOM
        for there in self._there(_able(self.everybody, doors), first, last):
            if needs <= _held(there):
                return Why.NO_CREW
        return Why.NO_CERTIFICATE

    def ends(self, certificate: str, first: int, last: int, *doors: str) -> date | None:
        """The last day of a certificate that ends within the calendar, of somebody who might come until then."""
        return max(
            (
                end
                for who in _able(self.everybody, doors)
                for field, end in who.ending
                if field == certificate
                and any(day <= end and day not in who.away for day in self._days[first : last + 1])
            ),
            default=None,
        )

    def _some_crew(
        self, inspectors: Sequence[Inspector], needs: frozenset[str], first: int, last: int, doors: Sequence[str]
    ) -> bool:
        return any(
            len(there) >= SMALLEST_CREW and self._smallest(needs, frozenset(who.certificates & needs for who in there))
            for there in self._there(_able(inspectors, doors), first, last)
        )

    def _there(self, able: Sequence[Inspector], first: int, last: int) -> Iterator[Sequence[Inspector]]:
        """Who of them is there on the days, those on which the same are away once."""
        for away in dict.fromkeys(self._away[first : last + 1]):
            yield [who for who in able if who.id not in away] if away else able

    def _search(self, needs: frozenset[str], held: frozenset[frozenset[str]]) -> int:
        useful = _useful(held)
        for size in range(1, LARGEST_CREW + 1):
            if _covered(needs, useful, size):
                return max(size, SMALLEST_CREW)
        return 0


def _able(inspectors: Iterable[Inspector], doors: Collection[str]) -> list[Inspector]:
    """Who may come to these premises and make these items at all."""
    return [who for who in inspectors if who.may_make(*doors)]


def new_crew(
    free: Sequence[Inspector], needs: frozenset[str], load: Mapping[str, int], there: Sequence[Inspector] = ()
) -> tuple[Inspector, ...]:
    """The smallest lawful crew among officers who are free, of several that with the least ``load``; empty without one.

    Whoever is ``there`` already is of it and comes first.

    >>> ann, bob = Inspector("ann", "t", certificates=frozenset("f")), Inspector("bob", "t")
    >>> [who.id for who in new_crew([ann, bob], frozenset("f"), {})]
    ['ann', 'bob']
    """
    missing = needs - _held(there)
    order = sorted(free, key=lambda who: (who.town == SHARED, load.get(who.id, 0), who.id))
    alike: dict[frozenset[str], list[Inspector]] = {}
    for who in order:
        alike.setdefault(who.certificates & missing, []).append(who)
    few = [who for each in alike.values() for who in each[:LARGEST_CREW]]  # more of the same help nobody
    few.sort(key=order.index)
    for size in range(max(SMALLEST_CREW - len(there), 0), LARGEST_CREW - len(there) + 1):
        if _may_cover(few, missing, size):
            return (*there, *_first_cover(few, missing, size))
    return ()


def _first_cover(few: Sequence[Inspector], needs: frozenset[str], size: int) -> tuple[Inspector, ...]:
    """Of so many officers who cover the needs, of whom there are some, the first in the order given."""
    if size == 0:
        return ()
    for at, who in enumerate(few):
        if _may_cover(few[at + 1 :], needs - who.certificates, size - 1):
            return who, *_first_cover(few[at + 1 :], needs - who.certificates, size - 1)
    raise AssertionError("nobody asks who has not seen that some cover them")


def _may_cover(few: Sequence[Inspector], needs: frozenset[str], size: int) -> bool:
    """Whether so many of them cover the needs; no crew is tried for that, so a hopeless one costs nothing."""
    return len(few) >= size and _covered(needs, _useful(who.certificates & needs for who in few), size)


def _useful(held: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Without what another holds as well."""
    different = set(held)
    return [one for one in different if one and not any(one < other for other in different)]


def _held(crew: Iterable[Inspector]) -> frozenset[str]:
    return frozenset().union(*(who.certificates for who in crew))


def _covered(needs: frozenset[str], held: Sequence[frozenset[str]], size: int) -> bool:
    """Whether ``size`` of the sets cover ``needs``: somebody must hold the rarest, so only those are tried."""
    if not needs:
        return True
    if size == 0:
        return False
    rarest = min(sorted(needs), key=lambda one: sum(one in certificates for certificates in held))
    return any(_covered(needs - one, held, size - 1) for one in held if rarest in one)
