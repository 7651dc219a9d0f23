"""Where a plan's heads can be more or fewer: whoever stands at the same desk, or tours the same ones, together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dispatch.rulebook.gates import REVIEW_FIELD
from simulation.plan import Post, StaffingPlan, possible_training
from simulation.shifts import a_pair


@dataclass(frozen=True)
class Station:
    """Posts of the same desk or desks; certificates and shifts keep their mix when heads are added or taken away.

    Attributes
    ----------
    desks
        Ids; several when they are toured.
    posts
        Rows of the plan's posts.
    shares
        Officers of each of these posts in the plan.
    least
        Heads with which every certificate that a lawful pair holds now is still held by one; a reviewer is enough for
        reviews.
    """

    desks: tuple[str, ...]
    posts: tuple[int, ...]
    shares: tuple[int, ...]
    least: int

    @property
    def heads(self) -> int:
        return sum(self.shares)

    def spread(self, heads: int) -> list[int]:
        """So many heads over the posts; one head more never takes anybody from a post.

        References
        ----------
        Sainte-Laguë's divisors: Balinski and Young (2001), Fair Representation, 2nd edition, appendix A.

        Examples
        --------
        >>> Station(("a",), (0, 1), (4, 2), 0).spread(3)
        [2, 1]
        """
        given = [0] * len(self.shares)
        for _ in range(heads):
            most = max(range(len(given)), key=lambda post: (self.shares[post] / (2 * given[post] + 1), -post))
            given[most] += 1
        return given


def stations_of(plan: StaffingPlan) -> tuple[Station, ...]:
    """The stations of a plan, in the order of its posts."""
    rows: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row, post in enumerate(plan.posts):
        rows[post.desks].append(row)
    return tuple(_station(plan, desks, posts) for desks, posts in rows.items())


def staffed(plan: StaffingPlan, stations: Sequence[Station], heads: Sequence[int]) -> StaffingPlan:
    """The plan with so many heads at each station, with a headcount cap that allows them and the training they allow.

    Raises
    ------
    ValueError
        When a station is to have fewer than its least.
    """
    given: dict[int, int] = {}
    for station, many in zip(stations, heads, strict=True):
        if many < station.least:
            raise ValueError(f"{'; '.join(station.desks)} is to have {many} heads; it needs {station.least} or more.")
        given |= dict(zip(station.posts, station.spread(many), strict=True))
    posts = tuple(replace(post, officers=given[row]) for row, post in enumerate(plan.posts) if given[row])
    cap = max(plan.file.headcount_cap, sum(heads))
    training = tuple(course for course in possible_training(posts, plan.training) if course.officers)
    return replace(plan, posts=posts, training=training, file=plan.file.model_copy(update={"headcount_cap": cap}))


def _station(plan: StaffingPlan, desks: tuple[str, ...], rows: list[int]) -> Station:
    posts = [plan.posts[row] for row in rows]
    station = Station(desks, tuple(rows), tuple(post.officers for post in posts), 0)
    held = _pairs(posts, station.shares)
    least = next(n for n in range(station.heads + 1) if n and held <= _pairs(posts, station.spread(n)))
    return replace(station, least=least)


def _pairs(posts: Sequence[Post], officers: Sequence[int]) -> set[str]:
    """Certificates that two of these officers hold who are ever on duty together; for reviews one is enough."""
    held: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for post, many in zip(posts, officers, strict=True):
        for name in post.certificates | {""} if many else ():
            held[name].append((post.rota, many))
    return {name for name, there in held.items() if name == REVIEW_FIELD or a_pair(there)}
