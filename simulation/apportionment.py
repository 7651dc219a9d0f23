"""Whole posts in proportion to load: two published methods, each with a least number everywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum


class Method(StrEnum):
    """How parts of posts become whole ones."""

    ADAMS = "adams"
    HAMILTON = "hamilton"


def apportion(method: Method, loads: Sequence[float], posts: int, least: Sequence[int]) -> list[int]:
    """So many posts in all, by load; nobody has fewer than their least.

    Parameters
    ----------
    loads
        0 or more each, in one unit.
    least
        Of each, above 0 where there is a load.

    Raises
    ------
    ValueError
        When there are fewer posts than the least together.

    Examples
    --------
    >>> apportion(Method.HAMILTON, [50, 30, 20], 7, [1, 1, 1])
    [4, 2, 1]
    >>> apportion(Method.ADAMS, [50, 30, 20], 7, [1, 1, 1])
    [3, 2, 2]
    """
    if posts < sum(least):
        raise ValueError(f"{posts} posts are fewer than {sum(least)}, the least of all together.")
    return {Method.ADAMS: adams, Method.HAMILTON: hamilton}[method](loads, posts, least)


def adams(loads: Sequence[float], posts: int, least: Sequence[int]) -> list[int]:
    """One post after the other where most load lies on a post; the greatest load of a post is the least possible.

    References
    ----------
    Adams's method, the smallest divisors: Balinski and Young (2001), Fair Representation, 2nd edition, appendix A,
    proposition 3.10: it minimises the greatest of loads per seat. A least number only changes where it begins.
    """
    given = list(least)
    for _ in range(posts - sum(least)):
        given[max(range(len(given)), key=lambda one: (_each(loads[one], given[one]), -one))] += 1
    return given


def hamilton(loads: Sequence[float], posts: int, least: Sequence[int]) -> list[int]:
    """The whole part of each exact share, then one more where the largest parts were cut off.

    Whoever would have less than their least has that, and the others share what is left in the same way.

    References
    ----------
    Hamilton's method, the largest remainders: Balinski and Young (2001), Fair Representation, 2nd edition, appendix A.
    """
    free = set(range(len(loads)))
    while True:
        left = posts - sum(least[one] for one in range(len(loads)) if one not in free)
        total = sum(loads[one] for one in free)
        exact = {one: left * loads[one] / total if total else 0.0 for one in free}
        held = {one for one in free if exact[one] < least[one]}
        if not held:
            break
        free -= held
    given = [math.floor(exact[one]) if one in free else least[one] for one in range(len(loads))]
    # Without a load anywhere, or with nobody left to share, the posts left over go to the first ones in turn.
    order = sorted(free or range(len(loads)), key=lambda one: (given[one] - exact.get(one, 0.0), one))
    for number in range(posts - sum(given)):
        given[order[number % len(order)]] += 1
    return given


def _each(load: float, posts: int) -> float:
    if posts:
        return load / posts
    return math.inf if load else 0.0
