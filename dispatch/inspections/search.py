"""The calendar made better by taking some visits out and putting them back: compiled ruin and recreate.

Strings of neighbouring stops are taken out of several crews' days and put back one by one at the cheapest place; a
worse calendar is kept for a while, less and less (simulated annealing). The number of officer-days is a budget:
whenever everything is in, the budget falls by one and the crew that is missed least goes home. Visits that find no
room wait; how often each waited says which are hard, and the search prefers to let easy ones wait.

Everything compiled stands in this one file, and in a few arrays of whole numbers (:mod:`dispatch.inspections.state`):
what :func:`improve` calls is compiled into it, and numba's cache only notices changes of the file that ``improve`` is
in. Move a compiled function elsewhere and its changes are not seen until ``__pycache__`` is deleted.

References
----------
Christiaens and Vanden Berghe (2020), Slack Induction by String Removals for Vehicle Routing Problems, Transportation
Science 54(2): strings, blinks, the sum of absences. Vidal et al. (2013), A hybrid genetic algorithm with adaptive
diversity management, Computers & Operations Research 40(1): the day up to a gap as duration, earliest and latest start.
Vigna (2016), An experimental exploration of Marsaglia's xorshift generators, scrambled, ACM TOMS 42(4).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dispatch.inspections.state import (
    ABSENT,
    AFTER,
    BEFORE,
    CLOSES,
    CREW,
    CREWS_A_DAY,
    ENDS,
    FIRST,
    LAST,
    LENGTH,
    LONGEST,
    MINUTES,
    MOST_STOPS,
    NEEDS,
    NOWHERE,
    OPENS,
    PURE,
    ROUTE,
    SIZE,
    SLOT,
    WANTED,
    WORDS,
    Ints,
    Longs,
    Words,
)  # fmt: skip
from dispatch.records.inspection import LARGEST_CREW, SMALLEST_CREW

BLINK = 0.01
TAKEN_OUT = 6
LONGEST_STRING = 10
WHOLE_DAY = 0.15
"""Share of rounds in which a whole crew's day is taken out, so that crews are made up anew."""
OFFICER_MIN = 200
"""Minutes of driving that are worth an officer-day when a place is chosen."""
WAITING_MIN = 150.0
"""Minutes that a visit without a place weighs, before the search has learnt how hard it is."""
HOT_MIN, COLD_MIN = 20.0, 0.5

Compiled = TypeVar("Compiled", bound=Callable[..., Any])


def inner(function: Compiled) -> Compiled:
    """Compiled into what calls it, and callable from there only."""
    lean = njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)  # type: ignore[call-overload]
    return cast("Compiled", lean(function))


@inner
def _chance(random: Words) -> float:
    """The next number from 0 to below 1 (xorshift64*)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@inner
def _join(d: int, e: int, latest: int, minutes: int, opens: int, closes: int, travel: int) -> tuple[int, int, int]:
    """Two stretches of a day one after the other, as duration, earliest and latest start; duration -1 when too late."""
    delta = d + travel
    if e + delta > closes:
        return -1, 0, 0
    wait = max(opens - delta - latest, 0)
    return delta + minutes + wait, max(opens - delta, e) - wait, min(closes - delta, latest)


@inner
def _refresh(visits: Longs, travel: Ints, rule: Longs, plan: Longs, slot: int) -> None:
    """What a slot's day is up to each gap and from it on, what its visits need and whom they bar."""
    base, length = len(visits), plan[slot, LENGTH]
    for word in range(WANTED, plan.shape[1]):
        plan[slot, word] = 0
    d, e, latest, last, pure = 0, 0, rule[ENDS], base, 0
    for at in range(length + 1):
        plan[slot, BEFORE + 3 * at], plan[slot, BEFORE + 3 * at + 1], plan[slot, BEFORE + 3 * at + 2] = d, e, latest
        if at == length:
            break
        visit = plan[slot, ROUTE + at]
        for word in range(plan.shape[1] - WANTED):
            plan[slot, WANTED + word] |= visits[visit, NEEDS + word]
        minutes, way = visits[visit, MINUTES], int(travel[last, visit])
        d, e, latest = _join(d, e, latest, minutes, visits[visit, OPENS], visits[visit, CLOSES] - minutes, way)
        pure += way + minutes
        last = visit
    plan[slot, PURE] = pure + travel[last, base]
    d, e, latest, last = 0, 0, rule[ENDS], base
    for at in range(length, -1, -1):
        plan[slot, AFTER + 3 * at], plan[slot, AFTER + 3 * at + 1], plan[slot, AFTER + 3 * at + 2] = d, e, latest
        if at == 0:
            break
        visit = plan[slot, ROUTE + at - 1]
        minutes = visits[visit, MINUTES]
        opens = visits[visit, OPENS]
        d, e, latest = _join(minutes, opens, visits[visit, CLOSES] - minutes, d, e, latest, int(travel[visit, last]))
        last = visit


@inner
def _minutes_out(travel: Ints, plan: Longs, slot: int) -> int:
    """Minutes from leaving the base to coming back; 0 for an empty slot."""
    length = plan[slot, LENGTH]
    if length == 0:
        return 0
    return int(plan[slot, BEFORE + 3 * length] + travel[plan[slot, ROUTE + length - 1], len(travel) - 1])


@inner
def _best_gap(
    visits: Longs, travel: Ints, rule: Longs, plan: Longs, slot: int, visit: int, blink: float, random: Words
) -> tuple[int, int]:
    """Minutes by which a crew's day grows and the gap where it grows least; gap ``NOWHERE`` when there is no room."""
    base, length = len(visits), plan[slot, LENGTH]
    minutes = visits[visit, MINUTES]
    best, gap = 1 << 30, NOWHERE
    if length == MOST_STOPS or plan[slot, PURE] + minutes > rule[LONGEST] + 2:
        return best, gap
    opens, closes = visits[visit, OPENS], visits[visit, CLOSES] - minutes
    now = _minutes_out(travel, plan, slot)
    last = base
    for at in range(length + 1):
        following = plan[slot, ROUTE + at] if at < length else base
        if blink == 0.0 or _chance(random) >= blink:
            before, after = BEFORE + 3 * at, AFTER + 3 * at
            d, e, latest = _join(
                plan[slot, before], plan[slot, before + 1], plan[slot, before + 2],
                minutes, opens, closes, int(travel[last, visit]),
            )  # fmt: skip
            if d >= 0:
                d, e, latest = _join(
                    d, e, latest, plan[slot, after], plan[slot, after + 1], plan[slot, after + 2],
                    int(travel[visit, following]),
                )  # fmt: skip
                if 0 <= d <= rule[LONGEST] and d - now < best:
                    best, gap = d - now, at
        last = following
    return best, gap


@inner
def _held(who: Longs, crew: Longs, size: int, without: int, word: int) -> int:
    """One word of the certificates that a crew holds, but for the officer in the place ``without``."""
    held = 0
    for at in range(size):
        if at != without:
            held |= who[crew[at], word]
    return held


@inner
def _covers(who: Longs, words: int, crew: Longs, size: int, without: int, wanted: Longs) -> bool:
    """Whether a crew, but for one place, holds what is wanted."""
    for word in range(words):
        if wanted[word] & ~_held(who, crew, size, without, word):
            return False
    return True


@inner
def _bits(word: int) -> int:
    count = 0
    while word:
        word &= word - 1
        count += 1
    return count


@inner
def _crew_with(
    visits: Longs, who: Longs, rule: Longs, plan: Longs, slot: int, visit: int, found: Longs, wanted: Longs,
    pool: Longs, random: Words,
) -> int:  # fmt: skip
    """Officers for the slot's visits and this one: those there, one exchanged, or one more; 0 when nobody will do."""
    size, words = plan[slot, SIZE], rule[WORDS]
    for word in range(len(wanted)):
        wanted[word] = plan[slot, WANTED + word] | visits[visit, NEEDS + word]
    outsiders, outsider = 0, 0
    for at in range(size):
        found[at] = plan[slot, CREW + at]
        if wanted[words + found[at] // 64] >> found[at] % 64 & 1:
            outsiders += 1
            outsider = at
    if outsiders > 1:
        return 0
    if size and outsiders == 0 and _covers(who, words, found, size, NOWHERE, wanted):
        return int(size)
    count, day = 0, words + slot // rule[CREWS_A_DAY]
    for officer in range(len(who)):
        if who[officer, day] and not wanted[words + officer // 64] >> officer % 64 & 1:
            pool[count] = officer
            count += 1
    if size == 0:
        return _new_crew(who, words, pool, count, wanted, found, random)
    start = int(_chance(random) * count)
    for at in range(size + 1):
        if at == size and (outsiders or size == LARGEST_CREW):
            break
        if outsiders and at != outsider:
            continue
        for step in range(count):
            officer = pool[(step + start) % count]
            fits = True
            for word in range(words):
                if wanted[word] & ~_held(who, found, size, at, word) & ~who[officer, word]:
                    fits = False
                    break
            if fits:
                found[at] = officer
                return max(int(size), at + 1)
    return 0


@inner
def _new_crew(who: Longs, words: int, pool: Longs, count: int, wanted: Longs, found: Longs, random: Words) -> int:
    """The smallest crew of free officers for one visit, the versatile preferred; 0 when there is none.

    A pair that covers it, with the most certificates besides, near ties by chance; else whoever adds the most joins.
    """
    best = -1.0
    for i in range(count):
        for j in range(i):
            more = 0
            for word in range(words):
                both = who[pool[i], word] | who[pool[j], word]
                if wanted[word] & ~both:
                    more = -1
                    break
                more += _bits(both)
            if more >= 0:
                score = more + 2.0 * _chance(random)
                if score > best:
                    best = score
                    found[0], found[1] = pool[i], pool[j]
    if best >= 0.0 or count < SMALLEST_CREW:
        return SMALLEST_CREW if best >= 0.0 else 0
    for size in range(LARGEST_CREW):
        best = 0.0
        for at in range(count):
            adds = 0
            for word in range(words):
                adds += _bits(who[pool[at], word] & wanted[word] & ~_held(who, found, size, NOWHERE, word))
            score = adds + 0.4 * _chance(random)
            if adds and score > best:
                best, found[size] = score, pool[at]
        if best == 0.0:
            return 0
        if _covers(who, words, found, size + 1, NOWHERE, wanted):
            return size + 1
    return 0


@inner
def _insert(
    visits: Longs, travel: Ints, rule: Longs, who: Longs, plan: Longs, where: Longs,
    slot: int, gap: int, visit: int, crew: Longs, size: int,
) -> None:  # fmt: skip
    """Put a visit into a gap of a slot and this crew with it."""
    for at in range(plan[slot, LENGTH], gap, -1):
        plan[slot, ROUTE + at] = plan[slot, ROUTE + at - 1]
    plan[slot, ROUTE + gap] = visit
    plan[slot, LENGTH] += 1
    where[visit, SLOT] = slot
    day = rule[WORDS] + slot // rule[CREWS_A_DAY]
    for at in range(plan[slot, SIZE]):
        who[plan[slot, CREW + at], day] = 1
    for at in range(size):
        plan[slot, CREW + at] = crew[at]
        who[crew[at], day] = 0
    plan[slot, SIZE] = size
    _refresh(visits, travel, rule, plan, slot)


@inner
def _take_out(
    visits: Longs, travel: Ints, rule: Longs, who: Longs, plan: Longs, where: Longs, slot: int, start: int, end: int
) -> None:
    """Take stops from ``start`` to before ``end`` out of a slot; who is not needed goes home.

    Two stay as long as there is a visit.
    """
    kept = start
    for at in range(start, plan[slot, LENGTH]):
        visit = plan[slot, ROUTE + at]
        if at < end:
            where[visit, SLOT] = NOWHERE
        else:
            plan[slot, ROUTE + kept] = visit
            kept += 1
    plan[slot, LENGTH] = kept
    _refresh(visits, travel, rule, plan, slot)
    day, words = rule[WORDS] + slot // rule[CREWS_A_DAY], rule[WORDS]
    at = 0
    while at < plan[slot, SIZE] and (kept == 0 or plan[slot, SIZE] > SMALLEST_CREW):
        needed = False
        for word in range(words):
            if plan[slot, WANTED + word] & ~_held(who, plan[slot, CREW:], plan[slot, SIZE], at, word):
                needed = True
        if needed:
            at += 1
            continue
        who[plan[slot, CREW + at], day] = 1
        plan[slot, SIZE] -= 1
        plan[slot, CREW + at] = plan[slot, CREW + plan[slot, SIZE]]


@inner
def _remember(plan: Longs, keep: Longs, slot: int, saved: Longs) -> bool:
    """Keep a slot before its first change of the round; False when it was kept. ``saved`` counts, then lists them."""
    for at in range(saved[0]):
        if saved[1 + at] == slot:
            return False
    saved[0] += 1
    saved[saved[0]] = slot
    for column in range(plan.shape[1]):
        keep[slot, column] = plan[slot, column]
    return True


@inner
def _undo(rule: Longs, who: Longs, plan: Longs, keep: Longs, where: Longs, saved: Longs) -> None:
    """Make every slot that the round changed what it was."""
    for again in (False, True):
        for at in range(saved[0]):
            slot = saved[1 + at]
            if again:
                for column in range(plan.shape[1]):
                    plan[slot, column] = keep[slot, column]
            for stop in range(plan[slot, LENGTH]):
                where[plan[slot, ROUTE + stop], SLOT] = slot if again else NOWHERE
            for one in range(plan[slot, SIZE]):
                who[plan[slot, CREW + one], rule[WORDS] + slot // rule[CREWS_A_DAY]] = 0 if again else 1


@inner
def _take_strings(
    visits: Longs, travel: Ints, near: Ints, rule: Longs, who: Longs, plan: Longs, keep: Longs, where: Longs,
    saved: Longs, random: Words,
) -> None:  # fmt: skip
    """Take neighbouring strings of stops out of several crews' days."""
    seed = int(_chance(random) * len(visits))
    aim = 1 + int(_chance(random) * 2 * TAKEN_OUT)
    whole = _chance(random) < WHOLE_DAY
    out = 0
    for step in range(-1, near.shape[1]):
        visit = seed if step < 0 else int(near[seed, step])
        slot = where[visit, SLOT]
        if out >= aim:
            break
        if slot == NOWHERE or not _remember(plan, keep, slot, saved):
            continue
        length = plan[slot, LENGTH]
        string = length
        if not whole or saved[0] > 1:
            string = 1 + int(_chance(random) * min(length, LONGEST_STRING))
        position = 0
        while plan[slot, ROUTE + position] != visit:
            position += 1
        low, high = max(0, position - string + 1), min(position, length - string)
        start = low + int(_chance(random) * (high - low + 1))
        _take_out(visits, travel, rule, who, plan, where, slot, start, start + string)
        out += string


@inner
def _waiting_in_some_order(
    visits: Longs, travel: Ints, where: Longs, order: Longs, keys: NDArray[np.float64], random: Words
) -> int:
    """Who waits: by chance, the longest, the narrowest, the earliest to close or the farthest first; how many."""
    count, draw = 0, _chance(random)
    for visit in range(len(visits)):
        if where[visit, SLOT] != NOWHERE or visits[visit, FIRST] > visits[visit, LAST]:
            continue
        if draw < 0.35:
            key = _chance(random)
        elif draw < 0.7:
            key = -float(visits[visit, MINUTES])
        elif draw < 0.8:
            key = float(visits[visit, LAST] - visits[visit, FIRST])
        elif draw < 0.9:
            key = float(visits[visit, CLOSES] - visits[visit, OPENS] - visits[visit, MINUTES])
        else:
            key = -float(travel[len(visits), visit])
        at = count
        while at > 0 and keys[at - 1] > key:
            keys[at], order[at] = keys[at - 1], order[at - 1]
            at -= 1
        keys[at], order[at] = key, visit
        count += 1
    return count


@inner
def _place(
    visits: Longs, travel: Ints, rule: Longs, who: Longs, plan: Longs, keep: Longs, where: Longs, saved: Longs,
    visit: int, left: int, found: Longs, crew: Longs, wanted: Longs, pool: Longs, random: Words,
) -> int:  # fmt: skip
    """Put a visit where it costs least; officers added, or ``NOWHERE`` when there is no room for ``left`` more."""
    a_day = rule[CREWS_A_DAY]
    best, best_slot, best_gap, best_size = 1 << 30, NOWHERE, 0, 0
    for opening in (False, True):
        if opening and (left < SMALLEST_CREW or best < SMALLEST_CREW * OFFICER_MIN):
            break
        for slot in range(visits[visit, FIRST] * a_day, (visits[visit, LAST] + 1) * a_day):
            if (plan[slot, SIZE] == 0) != opening or (opening and slot % a_day and plan[slot - 1, SIZE] == 0):
                continue
            blink = 0.0 if opening else BLINK
            grown, gap = _best_gap(visits, travel, rule, plan, slot, visit, blink, random)
            if gap == NOWHERE or grown + opening * SMALLEST_CREW * OFFICER_MIN >= best:
                continue
            size = _crew_with(visits, who, rule, plan, slot, visit, found, wanted, pool, random)
            more = size - plan[slot, SIZE]
            if size == 0 or more > left:
                continue
            cost = grown + more * OFFICER_MIN
            if cost < best:
                best, best_slot, best_gap, best_size = cost, slot, gap, size
                for at in range(size):
                    crew[at] = found[at]
    if best_slot == NOWHERE:
        return NOWHERE
    more = best_size - plan[best_slot, SIZE]
    _remember(plan, keep, best_slot, saved)
    _insert(visits, travel, rule, who, plan, where, best_slot, best_gap, visit, crew, best_size)
    return int(more)


@inner
def _measure(visits: Longs, travel: Ints, plan: Longs, where: Longs) -> tuple[int, int, float, int]:
    """Officer-days, minutes that crews are out, the weight of who waits, and how many wait."""
    officers, minutes = 0, 0
    for slot in range(len(plan)):
        if plan[slot, SIZE]:
            officers += plan[slot, SIZE]
            minutes += _minutes_out(travel, plan, slot)
    total, absent, waiting = 0, 0, 0
    for visit in range(len(visits)):
        total += where[visit, ABSENT]
        if where[visit, SLOT] == NOWHERE:
            if visits[visit, FIRST] <= visits[visit, LAST]:
                absent += where[visit, ABSENT]
                waiting += 1
                minutes += visits[visit, MINUTES]  # else a calendar without long visits would look the better one
    return officers, minutes, WAITING_MIN * absent * len(visits) / max(total, 1), waiting


@inner
def _send_home(visits: Longs, travel: Ints, rule: Longs, who: Longs, plan: Longs, where: Longs, random: Words) -> int:
    """Take out the whole day of the crew whose visits were missed least; how many officers go home."""
    best, chosen = 1e300, NOWHERE
    for slot in range(len(plan)):
        if plan[slot, SIZE] == 0:
            continue
        missed = 0.0
        for at in range(plan[slot, LENGTH]):
            missed += where[plan[slot, ROUTE + at], ABSENT]
        score = missed / plan[slot, SIZE] * (0.5 + _chance(random))
        if score < best:
            best, chosen = score, slot
    if chosen == NOWHERE:
        return 0
    size = plan[chosen, SIZE]
    _take_out(visits, travel, rule, who, plan, where, chosen, 0, plan[chosen, LENGTH])
    return int(size)


@njit(cache=True, nogil=True)
def improve(
    visits: Longs, travel: Ints, near: Ints, rule: Longs, who: Longs, plan: Longs, where: Longs, random: Words,
    best: Longs, score: Longs, goal: int, rounds: int, warmth: float,
) -> None:  # fmt: skip
    """So many rounds of ruin and recreate on ``plan``; ``best`` is replaced whenever a better calendar is found.

    Parameters
    ----------
    visits, travel, near, rule
        The question as :func:`dispatch.inspections.state.as_arrays` gives it.
    who, plan, where, random
        The calendar as :func:`dispatch.inspections.state.empty` gives it, changed in place.
    best
        The best calendar's ``plan``.
    score
        Shape (4,), changed in place: visits waiting, officer-days and minutes of ``best``; the budget of officer-days.
    goal
        Officer-days below which no calendar can be, so that the search need not try.
    warmth
        Minutes by which a worse calendar may still be kept, on average.
    """
    keep, saved = plan.copy(), np.empty(len(plan) + 1, np.int64)
    order, keys = np.empty(len(visits), np.int64), np.empty(len(visits), np.float64)
    found, crew, pool = np.empty(LARGEST_CREW, np.int64), np.empty(LARGEST_CREW, np.int64), np.empty(len(who), np.int64)
    wanted = np.empty(plan.shape[1] - WANTED, np.int64)
    officers, minutes, weight, waiting = _measure(visits, travel, plan, where)
    for _ in range(rounds):
        saved[0] = 0
        _take_strings(visits, travel, near, rule, who, plan, keep, where, saved, random)
        left = score[3]
        for slot in range(len(plan)):
            left -= plan[slot, SIZE]
        for at in range(_waiting_in_some_order(visits, travel, where, order, keys, random)):
            more = _place(
                visits, travel, rule, who, plan, keep, where, saved, order[at], left, found, crew, wanted, pool, random
            )
            if more == NOWHERE:
                where[order[at], ABSENT] += 1
            else:
                left -= more
        now_officers, now_minutes, now_weight, now_waiting = _measure(visits, travel, plan, where)
        worse = now_minutes + now_weight - minutes - weight
        if worse >= 0 and worse > -warmth * math.log(max(_chance(random), 1e-300)):
            _undo(rule, who, plan, keep, where, saved)
            officers, minutes, weight, waiting = _measure(visits, travel, plan, where)
            continue
        officers, minutes, weight, waiting = now_officers, now_minutes, now_weight, now_waiting
        if waiting < score[0] or (
            waiting == score[0] and (officers < score[1] or (officers == score[1] and minutes < score[2]))
        ):
            score[0], score[1], score[2] = waiting, officers, minutes
            for slot in range(len(plan)):
                for column in range(plan.shape[1]):
                    best[slot, column] = plan[slot, column]
            if waiting == 0 and officers > goal and score[3] < 1 << 30:
                score[3] = officers - 1
                while officers > score[3]:
                    home = _send_home(visits, travel, rule, who, plan, where, random)
                    if home == 0:
                        break
                    officers -= home
                officers, minutes, weight, waiting = _measure(visits, travel, plan, where)
