"""Crews' days that earn more than they cost, when every visit has a price: what the bound asks again and again.

Days are made longer visit by visit, bucket of minutes by bucket; of two at the same place the one that is later, has
earned less and remembers more is dropped, and so is one that cannot earn enough any more (ng-routes, Baldacci et al.
2011, see :mod:`dispatch.inspections.bound`).

Everything compiled stands in this one file with the numbers it uses: numba's cache only notices changes of the file
that a function is in.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Words = NDArray[np.uint64]

FINE = 16
"""Parts of a minute, so that little is lost when a way is rounded down."""
BUCKET = 2 * FINE
"""Days under way are kept by so many parts of a minute; what they can still earn is looked up by as many."""
NEIGHBOURS = 10
"""Places that a day at a place remembers having been to."""
MOST_LABELS = 100_000
"""Days under way of one question; beyond them a weaker answer is taken, as good a proof."""


@njit(cache=True, nogil=True)
def _best_ends(duals: Floats, steps: Ints, back: Ints, best: Floats, second: Floats, after: Ints) -> None:
    """What a crew can still earn from a place with so much time left, never going back at once.

    Fills ``best`` and ``second``, shape (buckets of minutes + 1, visits + 1): the most, and the most with another next
    place than ``after`` names. ``steps`` and ``back`` are in buckets, rounded down.
    """
    n = len(duals)
    for left in range(len(best)):
        for here in range(n + 1):
            one, other, following = 0.0, 0.0, -1
            for there in range(n):
                rest = left - steps[here, there]
                if rest < back[there]:
                    continue
                more = best[rest, there] if after[rest, there] != here else second[rest, there]
                value = duals[there] + more
                if value > one:
                    one, other, following = value, one, there
                elif value > other:
                    other = value
            best[left, here], second[left, here], after[left, here] = one, other, following


@njit(cache=True, nogil=True)
def _once_each(duals: Floats, steps: Ints, back: Ints, longest: int) -> Floats:
    """What a crew can still earn with so many minutes left when every visit comes once and by its shortest way."""
    most = np.zeros(longest + 1)
    home = back.min()
    for visit in range(len(duals)):
        shortest = steps[:, visit].min()
        for left in range(longest, shortest + home - 1, -1):
            most[left] = max(most[left], most[left - shortest] + duals[visit])
    return most


@njit(cache=True, nogil=True)
def _beaten(
    first: int, older: Ints, minute: Ints, value: Floats, been: Words, now: int, earned: float, seen: int
) -> tuple[bool, int]:
    """Whether a day at the place is no earlier, earns no more and remembers no less there; how many were looked at."""
    other, looked = first, 0
    while other != -1:
        looked += 1
        if value[other] >= earned and minute[other] <= now and not been[other] & ~seen:
            return True, looked
        other = older[other]
    return False, looked


@njit(cache=True, nogil=True)
def _read_back(ends: Ints, node: Ints, value: Floats, parent: Ints, routes: Ints, values: Floats) -> tuple[int, float]:
    """The dearest of the days that ``ends`` names, one a place, into the rows of ``routes``; how many, what most earn.

    What it has read is no longer in ``ends``.
    """
    found, most = 0, 0.0
    while found < len(routes):
        dearest = -1
        for here in range(len(ends)):
            if ends[here] != -1 and (dearest == -1 or value[ends[here]] > value[ends[dearest]]):
                dearest = here
        if dearest == -1:
            break
        label, at = ends[dearest], 0
        values[found] = value[label]
        most = max(most, value[label])
        while label != -1:
            routes[found, at] = node[label]
            label = parent[label]
            at += 1
        routes[found, at] = -1
        ends[dearest] = -1
        found += 1
    return found, most


@njit(cache=True, nogil=True)
def dearest_days(
    duals: Floats, steps: Ints, back: Ints, bits: Words, near: Words, longest: int, least: float,
    routes: Ints, values: Floats,
) -> tuple[float, bool, int, int]:  # fmt: skip
    """Crews' days that earn more than ``least``.

    Parameters
    ----------
    duals
        Shape (visits,): what each visit earns.
    steps
        Shape (visits + 1, visits): parts of a minute from leaving a place to leaving the next; the last row is the
        base.
    back
        Shape (visits,): from leaving a place to the base; nowhere is it shorter by another visit.
    bits, near
        Shape (visits,) and (visits, visits): the bit of each visit, and those that both places remember.
    routes, values
        Filled with the best days by their last visits, the dearest first; a row of ``routes`` ends with -1.

    Returns
    -------
    tuple
        No day earns more than this, or than ``least`` if that is more; rows filled; how much work it was.
    """
    n, buckets, end = len(duals), longest * FINE // BUCKET, longest * FINE
    best, second = np.zeros((buckets + 1, n + 1)), np.zeros((buckets + 1, n + 1))
    after = np.full((buckets + 1, n + 1), -1, np.int32)
    _best_ends(duals, steps // BUCKET, back // BUCKET, best, second, after)
    once = _once_each(duals, steps // FINE, back // FINE, longest)
    work, weaker = buckets * n * n, min(best[buckets, n], once[longest])
    if weaker <= least:
        return weaker, True, 0, work
    minute, node, value = np.empty(MOST_LABELS, np.int32), np.empty(MOST_LABELS, np.int32), np.empty(MOST_LABELS)
    been, parent = np.empty(MOST_LABELS, np.uint64), np.empty(MOST_LABELS, np.int32)
    waiting, following = np.full(buckets + 1, -1, np.int32), np.empty(MOST_LABELS, np.int32)
    kept, older = np.full(n, -1, np.int32), np.empty(MOST_LABELS, np.int32)
    ends, count, whole = np.full(n, -1, np.int32), 0, True
    for bucket in range(-1, buckets + 1):
        label = -2 if bucket < 0 else waiting[bucket]
        while label != -1:
            if label == -2:
                here, now, earned, seen, above = n, 0, 0.0, np.uint64(0), -1
                label = -1
            else:
                here, now, earned, seen, above = node[label], minute[label], value[label], been[label], label
                label = following[label]
                beaten, looked = _beaten(kept[here], older, minute, value, been, now, earned, seen)
                work += looked
                if beaten:
                    continue
                older[above] = kept[here]
                kept[here] = above
                if earned > least and (ends[here] == -1 or earned > value[ends[here]]):
                    ends[here] = above
            work += n
            for there in range(n):
                then = now + steps[here, there]
                if then + back[there] > end or duals[there] <= 0.0:
                    continue
                memory = np.uint64(0)
                if here != n:
                    if here == there or bits[there] & seen & near[here, there]:
                        continue
                    memory = seen & near[here, there]
                total = earned + duals[there]
                left = buckets - then // BUCKET
                more = best[left, there] if after[left, there] != here else second[left, there]
                if total + min(more, once[longest - then // FINE]) <= least:
                    continue
                if count == MOST_LABELS:
                    whole = False
                    break
                minute[count], node[count], value[count], parent[count] = then, there, total, above
                been[count] = memory | bits[there]
                following[count] = waiting[then // BUCKET]
                waiting[then // BUCKET] = count
                count += 1
    found, most = _read_back(ends, node, value, parent, routes, values)
    return (max(most, least) if whole else weaker), whole, found, work


def memories(ways: Floats) -> tuple[Words, Words]:
    """For any two places the visits that both remember, as bits, and each one's bit; no place knows two of a bit."""
    n = len(ways)
    remembers = [set(np.argsort(ways[at], kind="stable")[:NEIGHBOURS].tolist()) | {at} for at in range(n)]
    colour = [-1] * n
    for visit in range(n):
        taken = {colour[other] for around in remembers if visit in around for other in around}
        free = next((bit for bit in range(64) if bit not in taken), None)
        if free is None:
            for at, around in enumerate(remembers):
                if at != visit:
                    around.discard(visit)
            free = next(bit for bit in range(64) if bit not in {colour[other] for other in remembers[visit]})
        colour[visit] = free
    inside = np.zeros((n, n), np.bool_)
    for at, around in enumerate(remembers):
        inside[at, list(around)] = True
    bits = np.uint64(1) << np.array(colour, np.uint64)
    near = np.zeros((n, n), np.uint64)
    for visit in range(n):
        near |= np.where(inside[:, visit][:, None] & inside[:, visit][None, :], bits[visit], np.uint64(0))
    return near, bits
