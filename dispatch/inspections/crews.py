"""Which crews of a town are lawful for a visit: two to five officers who cover it, nobody in conflict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations

from dispatch.records.inspection import LARGEST_CREW, SHARED, SMALLEST_CREW, Inspector


class Roster:
    """The inspectors that may come to one town.

    Parameters
    ----------
    inspectors
        Those of the town and the specialists that it shares.
    """

    def __init__(self, inspectors: Iterable[Inspector]) -> None:
        self.inspectors = tuple(sorted(inspectors, key=lambda who: who.id))
        self._drawn = frozenset().union(*(who.not_drawn_for for who in self.inspectors))
        self._smallest = lru_cache(maxsize=None)(self._search)

    def able(self, *doors: str) -> tuple[Inspector, ...]:
        """Who may come to these premises and make these items at all."""
        return tuple(who for who in self.inspectors if who.may_make(*doors))

    def bars(self, item: str) -> bool:
        """Whether the item is not for everybody to make: others were drawn for it."""
        return item in self._drawn

    def smallest_crew(self, needs: frozenset[str], *doors: str) -> int:
        """Fewest officers of a lawful crew on a day when everybody is there; 0 when no lawful crew exists.

        ``doors`` are the premises, and items for which not everybody may come.
        """
        able = self.able(*doors)
        held = frozenset(who.certificates & needs for who in able)
        return self._smallest(needs, held) if len(able) >= SMALLEST_CREW else 0

    def missing(self, needs: frozenset[str], *doors: str) -> frozenset[str]:
        """Certificates that nobody holds who may come."""
        return needs.difference(*(who.certificates for who in self.able(*doors)))

    def _search(self, needs: frozenset[str], held: frozenset[frozenset[str]]) -> int:
        useful = [one for one in held if one and not any(one < other for other in held)]
        for size in range(1, LARGEST_CREW + 1):
            if _covered(needs, useful, size):
                return max(size, SMALLEST_CREW)
        return 0


def new_crew(free: Sequence[Inspector], needs: frozenset[str], load: Mapping[str, int]) -> tuple[Inspector, ...]:
    """The smallest lawful crew among officers who are free, of several that with the least ``load``; empty without one.

    >>> ann, bob = Inspector("ann", "t", certificates=frozenset("f")), Inspector("bob", "t")
    >>> [who.id for who in new_crew([ann, bob], frozenset("f"), {})]
    ['ann', 'bob']
    """
    order = sorted(free, key=lambda who: (who.town == SHARED, load.get(who.id, 0), who.id))
    alike: dict[frozenset[str], list[Inspector]] = {}
    for who in order:
        alike.setdefault(who.certificates & needs, []).append(who)
    few = [who for each in alike.values() for who in each[:LARGEST_CREW]]  # more of the same help nobody
    few.sort(key=order.index)
    for size in range(SMALLEST_CREW, LARGEST_CREW + 1):
        for crew in combinations(few, size):
            if needs <= frozenset().union(*(who.certificates for who in crew)):
                return crew
    return ()


def _covered(needs: frozenset[str], held: Sequence[frozenset[str]], size: int) -> bool:
    """Whether ``size`` of the sets cover ``needs``: somebody must hold the rarest, so only those are tried."""
    if not needs:
        return True
    if size == 0:
        return False
    rarest = min(sorted(needs), key=lambda one: sum(one in certificates for certificates in held))
    return any(_covered(needs - one, held, size - 1) for one in held if rarest in one)
