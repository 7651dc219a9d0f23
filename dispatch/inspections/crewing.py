"""Who makes up a crew in the search: covering certificates with few officers, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

from dispatch.inspections.state import NOWHERE, Bools, Ints, Shorts, State, Town, Words
from dispatch.records.inspection import LARGEST_CREW, SMALLEST_CREW


@njit(cache=True, nogil=True)
def chance(random: Words) -> float:
    """The next number from 0 to below 1 (xorshift64*, Vigna 2016)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True, nogil=True)
def _word(holds: Words, crew: Ints, size: int, without: int, word: int) -> np.uint64:
    """One word of what a crew holds, but for the officer in the place ``without``."""
    held = np.uint64(0)
    for at in range(size):
        if at != without:
            held |= holds[crew[at], word]
    return held


@njit(cache=True, nogil=True)
def covers(holds: Words, crew: Ints, size: int, without: int, one: Words, other: Words) -> bool:
    """Whether a crew, but for one place, holds what both need."""
    for word in range(len(one)):
        if (one[word] | other[word]) & ~_word(holds, crew, size, without, word):
            return False
    return True


@njit(cache=True, nogil=True)
def _who_may_join(there: Bools, busy: Bools, bars: Shorts, barred: Bools, officers: Ints) -> int:
    """Free officers whom nothing bars, from a random one on; how many."""
    count = 0
    for officer in range(len(there)):
        if there[officer] and not busy[officer] and bars[officer] == 0 and not barred[officer]:
            officers[count] = officer
            count += 1
    return count


@njit(cache=True, nogil=True)
def crew_with(town: Town, state: State, slot: int, visit: int, found: Ints) -> int:
    """Officers for the slot's visits and this one: those there, one exchanged, or one more; 0 when nobody will do."""
    size = state.size[slot]
    wanted, needs, barred = state.wanted[slot], town.needs[visit], town.barred[visit]
    outsiders, outsider = 0, 0
    for at in range(size):
        found[at] = state.crew[slot, at]
        if barred[found[at]]:
            outsiders += 1
            outsider = at
    if size and outsiders == 0 and covers(town.holds, found, size, NOWHERE, wanted, needs):
        return size
    if outsiders > 1:
        return 0
    day = slot // town.crews_a_day
    officers = np.empty(town.holds.shape[0], np.int32)
    count = _who_may_join(town.free[:, day], state.busy[:, day], state.bars[slot], barred, officers)
    if size == 0:
        return _new_crew(town.holds, officers[:count], needs, found, state.random)
    start = int(chance(state.random) * count)
    for at in range(size):
        if outsiders == 0 or at == outsider:
            if _exchanged(town.holds, officers[:count], start, wanted, needs, found, size, at):
                return size
    if outsiders == 0 and size < LARGEST_CREW:
        if _exchanged(town.holds, officers[:count], start, wanted, needs, found, size, size):
            return size + 1
    return 0


@njit(cache=True, nogil=True)
def _exchanged(
    holds: Words, officers: Ints, start: int, wanted: Words, needs: Words, found: Ints, size: int, at: int
) -> bool:
    """Put a free officer into place ``at`` of the crew so that it covers the slot's visits and this one."""
    missing = np.empty_like(needs)
    for word in range(len(needs)):
        missing[word] = (wanted[word] | needs[word]) & ~_word(holds, found, size, at, word)
    for step in range(len(officers)):
        officer = officers[step + start - len(officers)]
        covered = True
        for word in range(len(needs)):
            covered = covered and not missing[word] & ~holds[officer, word]
        if covered:
            found[at] = officer
            return True
    return False


@njit(cache=True, nogil=True)
def _new_crew(holds: Words, officers: Ints, need: Words, found: Ints, random: Words) -> int:
    """The smallest crew of free officers for one visit, the versatile preferred; 0 when there is none."""
    if len(officers) < SMALLEST_CREW:
        return 0
    if _best_pair(holds, officers, need, found, random):
        return SMALLEST_CREW
    return _greedy_crew(holds, officers, need, found, random)


@njit(cache=True, nogil=True)
def _best_pair(holds: Words, officers: Ints, need: Words, found: Ints, random: Words) -> bool:
    """The pair that covers ``need``, with the most certificates besides; ties and near ties by chance."""
    best = -1.0
    for i in range(len(officers)):
        for j in range(i):
            more = 0
            for word in range(len(need)):
                both = holds[officers[i], word] | holds[officers[j], word]
                more += _bits(both) if not need[word] & ~both else -1_000
            if more >= 0:
                score = more + 2.0 * chance(random)
                if score > best:
                    best = score
                    found[0], found[1] = officers[i], officers[j]
    return best >= 0.0


@njit(cache=True, nogil=True)
def _bits(word: np.uint64) -> int:
    count = 0
    while word:
        word &= word - np.uint64(1)
        count += 1
    return count


@njit(cache=True, nogil=True)
def _greedy_crew(holds: Words, officers: Ints, need: Words, found: Ints, random: Words) -> int:
    """Whoever adds the most missing certificates joins, until none is missing."""
    for size in range(LARGEST_CREW):
        best = -1.0
        for officer in officers:
            adds = 0
            for word in range(len(need)):
                adds += _bits(holds[officer, word] & need[word] & ~_word(holds, found, size, NOWHERE, word))
            score = adds + 0.4 * chance(random)
            if adds and score > best:
                best, found[size] = score, officer
        if best < 0:
            return 0
        if covers(holds, found, size + 1, NOWHERE, need, need):
            return size + 1
    return 0


@njit(cache=True, nogil=True)
def spare(holds: Words, crew: Ints, size: int, need: Words) -> int:
    """A place in the crew whose officer the visits do not need, or ``NOWHERE``; two always stay."""
    if size <= SMALLEST_CREW:
        return NOWHERE
    for at in range(size):
        if covers(holds, crew, size, at, need, need):
            return at
    return NOWHERE
