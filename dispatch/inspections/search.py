"""The calendar made better by taking some visits out and putting them back: compiled ruin and recreate.

Strings of neighbouring stops are taken out of several crews' days and put back one by one at the cheapest place; a worse
calendar is kept for a while, less and less (simulated annealing). The number of officer-days is a budget: whenever
everything is in, the budget falls by one and the crew that is missed least goes home. Visits that find no room wait; how
often each waited says which are hard, and the search prefers to let easy ones wait.

References
----------
Christiaens and Vanden Berghe (2020), Slack Induction by String Removals for Vehicle Routing Problems, Transportation
Science 54(2): strings, blinks, the sum of absences. Vidal et al. (2013), A hybrid genetic algorithm with adaptive diversity
management, Computers & Operations Research 40(1): the day up to a gap as duration, earliest and latest start.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dispatch.inspections.crewing import chance, crew_with, spare
from dispatch.inspections.state import DAY, NOWHERE, Ints, Shorts, State, Town, Words
from dispatch.records.inspection import LARGEST_CREW, SMALLEST_CREW

BLINK = 0.01
TAKEN_OUT = 10
LONGEST_STRING = 10
WHOLE_DAY = 0.15
"""Share of rounds in which a whole crew's day is taken out, so that crews are made up anew."""
OFFICER_MIN = 200
"""Minutes of driving that are worth an officer-day when a place is chosen."""
WAITING_MIN = 150.0
"""Minutes that a visit without a place weighs, before the search has learnt how hard it is."""
HOT_MIN, COLD_MIN = 20.0, 0.5


@njit(cache=True, nogil=True)
def _join(d: int, e: int, latest: int, minutes: int, opens: int, closes: int, travel: int) -> tuple[int, int, int]:
    """Two stretches of a day one after the other, as duration, earliest and latest start; duration -1 when too late."""
    delta = d + travel
    if e + delta > closes:
        return -1, 0, 0
    wait = max(opens - delta - latest, 0)
    return delta + minutes + wait, max(opens - delta, e) - wait, min(closes - delta, latest)


@njit(cache=True, nogil=True)
def _alone(town: Town, visit: int, day: int) -> tuple[int, int, int]:
    opens = town.opens[visit]
    if not town.fixed[visit]:
        opens = max(opens, town.starts[day])
    return town.minutes[visit], opens, town.closes[visit] - town.minutes[visit]


@njit(cache=True, nogil=True)
def refresh(town: Town, state: State, slot: int) -> None:
    """What a slot's day is up to each gap and from it on, what its visits need and whom they bar."""
    base, day, length = len(town.minutes), slot // town.crews_a_day, state.length[slot]
    state.wanted[slot] = np.uint64(0)
    state.bars[slot] = 0
    d, e, latest, last = 0, 0, DAY, base
    state.before[slot, 0, 0], state.before[slot, 0, 1], state.before[slot, 0, 2] = d, e, latest
    for at in range(length):
        visit = state.route[slot, at]
        state.wanted[slot] |= town.needs[visit]
        for officer in range(town.barred.shape[1]):
            state.bars[slot, officer] += town.barred[visit, officer]
        minutes, opens, closes = _alone(town, visit, day)
        d, e, latest = _join(d, e, latest, minutes, opens, closes, town.travel[last, visit])
        last = visit
        state.before[slot, at + 1, 0], state.before[slot, at + 1, 1], state.before[slot, at + 1, 2] = d, e, latest
    d, e, latest, last = 0, 0, DAY, base
    state.after[slot, length, 0], state.after[slot, length, 1], state.after[slot, length, 2] = d, e, latest
    for at in range(length - 1, -1, -1):
        visit = state.route[slot, at]
        minutes, opens, closes = _alone(town, visit, day)
        d, e, latest = _join(minutes, opens, closes, d, e, latest, town.travel[visit, last])
        last = visit
        state.after[slot, at, 0], state.after[slot, at, 1], state.after[slot, at, 2] = d, e, latest


@njit(cache=True, nogil=True)
def best_gap(
    travel: Ints, route: Shorts, before: Ints, after: Ints, visit: int, alone: tuple[int, int, int], most: int,
    blink: float, random: Words,
) -> tuple[int, int]:  # fmt: skip
    """Minutes by which a crew's day grows and the gap where it grows least; gap ``NOWHERE`` when there is no room."""
    base, length = len(travel) - 1, len(route)
    best, gap = 1 << 30, NOWHERE
    now = before[length, 0] + travel[route[length - 1], base] if length else 0
    last = base
    for at in range(length + 1):
        following = route[at] if at < length else base
        if blink == 0.0 or chance(random) >= blink:
            d, e, latest = _join(
                before[at, 0], before[at, 1], before[at, 2], alone[0], alone[1], alone[2], travel[last, visit]
            )
            if d >= 0:
                d, e, latest = _join(d, e, latest, after[at, 0], after[at, 1], after[at, 2], travel[visit, following])
                if 0 <= d <= most and d - now < best:
                    best, gap = d - now, at
        last = following
    return best, gap


@njit(cache=True, nogil=True)
def _gain_crew(town: Town, state: State, slot: int, crew: Ints, size: int) -> None:
    day = slot // town.crews_a_day
    for at in range(state.size[slot]):
        state.busy[state.crew[slot, at], day] = False
    for at in range(size):
        state.crew[slot, at] = crew[at]
        state.busy[crew[at], day] = True
    state.size[slot] = size


@njit(cache=True, nogil=True)
def insert(town: Town, state: State, slot: int, gap: int, visit: int, crew: Ints, size: int) -> None:
    """Put a visit into a gap of a slot and this crew with it."""
    for at in range(state.length[slot], gap, -1):
        state.route[slot, at] = state.route[slot, at - 1]
    state.route[slot, gap] = visit
    state.length[slot] += 1
    state.slot_of[visit] = slot
    _gain_crew(town, state, slot, crew, size)
    refresh(town, state, slot)


@njit(cache=True, nogil=True)
def take_out(town: Town, state: State, slot: int, start: int, end: int) -> None:
    """Take the stops from ``start`` to before ``end`` out of a slot, but the fixed ones; nobody stays who is not needed."""
    kept = start
    for at in range(start, state.length[slot]):
        visit = state.route[slot, at]
        if at < end and not town.fixed[visit]:
            state.slot_of[visit] = NOWHERE
        else:
            state.route[slot, kept] = visit
            kept += 1
    state.length[slot] = kept
    refresh(town, state, slot)
    release(town, state, slot)


@njit(cache=True, nogil=True)
def release(town: Town, state: State, slot: int) -> None:
    """Send home whom the slot's visits do not need; everybody when there is none. A crew with a fixed visit stays."""
    day, size = slot // town.crews_a_day, state.size[slot]
    for at in range(state.length[slot]):
        if town.fixed[state.route[slot, at]]:
            return
    if state.length[slot] == 0:
        for at in range(size):
            state.busy[state.crew[slot, at], day] = False
        state.size[slot] = 0
        return
    crew = np.empty(LARGEST_CREW, np.int32)
    for at in range(size):
        crew[at] = state.crew[slot, at]
    place = spare(town.holds, crew, size, state.wanted[slot])
    while place != NOWHERE:
        state.busy[crew[place], day] = False
        size -= 1
        crew[place] = crew[size]
        place = spare(town.holds, crew, size, state.wanted[slot])
    for at in range(size):
        state.crew[slot, at] = crew[at]
    state.size[slot] = size


@njit(cache=True, nogil=True)
def _take_strings(town: Town, state: State, keep: State, saved: Ints, marks: Ints) -> None:
    """Take neighbouring strings of stops out of several crews' days."""
    visits = len(town.minutes)
    seed = int(chance(state.random) * visits)
    aim = 1 + int(chance(state.random) * 2 * TAKEN_OUT)
    whole = chance(state.random) < WHOLE_DAY
    out = 0
    for step in range(-1, town.near.shape[1]):
        visit = seed if step < 0 else town.near[seed, step]
        slot = state.slot_of[visit]
        if out >= aim:
            break
        if slot == NOWHERE or town.fixed[visit] or _among(saved, marks[0], slot):
            continue
        remember(state, slot, keep, saved, marks)
        length = state.length[slot]
        string = length if whole and marks[0] == 1 else 1 + int(chance(state.random) * min(length, LONGEST_STRING))
        position = 0
        while state.route[slot, position] != visit:
            position += 1
        low, high = max(0, position - string + 1), min(position, length - string)
        start = low + int(chance(state.random) * (high - low + 1))
        take_out(town, state, slot, start, start + string)
        out += string


@njit(cache=True, nogil=True)
def _among(slots: Ints, count: int, slot: int) -> bool:
    for at in range(count):
        if slots[at] == slot:
            return True
    return False


@njit(cache=True, nogil=True)
def _in_some_order(town: Town, state: State, waiting: Ints) -> None:
    """Sort those who wait: by chance, the longest, the narrowest or the most demanding first."""
    draw = chance(state.random)
    keys = np.empty(len(waiting), np.float64)
    for at, visit in enumerate(waiting):
        if draw < 0.35:
            keys[at] = chance(state.random)
        elif draw < 0.7:
            keys[at] = -float(town.minutes[visit])
        elif draw < 0.8:
            keys[at] = float(town.last[visit] - town.first[visit])
        elif draw < 0.9:
            keys[at] = float(town.closes[visit] - town.opens[visit] - town.minutes[visit])
        else:
            keys[at] = -float(town.travel[len(town.minutes), visit])
    order = np.argsort(keys)
    waiting[:] = waiting[order]


@njit(cache=True, nogil=True)
def place(town: Town, state: State, visit: int, left: int, blink: float, keep: State, saved: Ints, marks: Ints) -> int:
    """Put a visit where it costs least; officers added, or ``NOWHERE`` when there is no room for ``left`` more."""
    a_day = town.crews_a_day
    best, best_slot, best_gap_at, best_size = 1 << 30, NOWHERE, 0, 0
    found, crew = np.empty(LARGEST_CREW, np.int32), np.empty(LARGEST_CREW, np.int32)
    minutes, closes = town.minutes[visit], town.closes[visit] - town.minutes[visit]
    for opening in (False, True):
        if opening and (left < SMALLEST_CREW or best < SMALLEST_CREW * OFFICER_MIN):
            break
        for slot in range(town.first[visit] * a_day, (town.last[visit] + 1) * a_day):
            if (state.size[slot] == 0) != opening or (opening and slot % a_day and state.size[slot - 1] == 0):
                continue
            if state.length[slot] == state.route.shape[1]:
                continue
            opens = town.opens[visit] if town.fixed[visit] else max(town.opens[visit], town.starts[slot // a_day])
            grown, gap = best_gap(
                town.travel, state.route[slot, : state.length[slot]], state.before[slot], state.after[slot],
                visit, (minutes, opens, closes), town.longest, 0.0 if opening else blink, state.random,
            )  # fmt: skip
            if town.home[visit] != NOWHERE and town.home[visit] != slot:
                grown += town.move_price
            if gap == NOWHERE or grown + opening * SMALLEST_CREW * OFFICER_MIN >= best:
                continue
            size = crew_with(town, state, slot, visit, found)
            more = size - state.size[slot]
            if size == 0 or more > left:
                continue
            cost = grown + more * OFFICER_MIN
            if cost < best:
                best, best_slot, best_gap_at, best_size = cost, slot, gap, size
                crew[:] = found
    if best_slot == NOWHERE:
        return NOWHERE
    more = best_size - state.size[best_slot]
    remember(state, best_slot, keep, saved, marks)
    insert(town, state, best_slot, best_gap_at, visit, crew, best_size)
    return more


@njit(cache=True, nogil=True)
def remember(state: State, slot: int, keep: State, saved: Ints, marks: Ints) -> None:
    """Keep a slot as it is before its first change of the round; ``marks`` counts them, ``saved`` lists them."""
    if _among(saved, marks[0], slot):
        return
    saved[marks[0]] = slot
    marks[0] += 1
    _copy_slot(state, keep, slot)


@njit(cache=True, nogil=True)
def _copy_slot(source: State, target: State, slot: int) -> None:
    target.crew[slot] = source.crew[slot]
    target.size[slot] = source.size[slot]
    target.route[slot] = source.route[slot]
    target.length[slot] = source.length[slot]
    target.wanted[slot] = source.wanted[slot]
    target.bars[slot] = source.bars[slot]
    target.before[slot] = source.before[slot]
    target.after[slot] = source.after[slot]


@njit(cache=True, nogil=True)
def _undo(town: Town, state: State, keep: State, saved: Ints, count: int) -> None:
    """Make every slot that the round changed what it was."""
    for at in range(count):
        slot = saved[at]
        for stop in range(state.length[slot]):
            state.slot_of[state.route[slot, stop]] = NOWHERE
        for who in range(state.size[slot]):
            state.busy[state.crew[slot, who], slot // town.crews_a_day] = False
    for at in range(count):
        _copy_slot(keep, state, saved[at])
    for at in range(count):
        slot = saved[at]
        for stop in range(state.length[slot]):
            state.slot_of[state.route[slot, stop]] = slot
        for who in range(state.size[slot]):
            state.busy[state.crew[slot, who], slot // town.crews_a_day] = True


@njit(cache=True, nogil=True)
def _minutes_out(town: Town, state: State, slot: int) -> int:
    """Minutes from leaving the base to coming back; 0 for an empty slot."""
    length = state.length[slot]
    if length == 0:
        return 0
    return state.before[slot, length, 0] + town.travel[state.route[slot, length - 1], len(town.minutes)]


@njit(cache=True, nogil=True)
def measure(town: Town, state: State) -> tuple[int, int, float]:
    """Officer-days, minutes that crews are out with what moves cost, and the weight of the visits that wait."""
    officers, minutes = 0, 0
    for slot in range(len(state.size)):
        officers += state.size[slot]
        if state.size[slot]:
            minutes += _minutes_out(town, state, slot)
    total, waiting = 0, 0
    for visit in range(len(town.minutes)):
        total += state.absent[visit]
        if state.slot_of[visit] == NOWHERE:
            waiting += state.absent[visit] if town.first[visit] <= town.last[visit] else 0
        elif town.home[visit] != NOWHERE and town.home[visit] != state.slot_of[visit]:
            minutes += town.move_price
    return officers, minutes, WAITING_MIN * waiting * len(town.minutes) / max(total, 1)


@njit(cache=True, nogil=True)
def _send_home(town: Town, state: State) -> bool:
    """Take out the whole day of the crew whose visits were missed least; False when none may be changed."""
    best, chosen = 1e300, NOWHERE
    for slot in range(len(state.size)):
        if state.size[slot] == 0:
            continue
        missed, changeable = 0.0, True
        for at in range(state.length[slot]):
            visit = state.route[slot, at]
            changeable = changeable and not town.fixed[visit]
            missed += state.absent[visit]
        score = missed / state.size[slot] * (0.5 + chance(state.random))
        if changeable and score < best:
            best, chosen = score, slot
    if chosen == NOWHERE:
        return False
    take_out(town, state, chosen, 0, state.length[chosen])
    return True


@njit(cache=True, nogil=True)
def _waiting(town: Town, state: State) -> Ints:
    return np.flatnonzero((state.slot_of == NOWHERE) & (town.first <= town.last)).astype(np.int32)


@njit(cache=True, nogil=True)
def improve(
    town: Town, state: State, best: State, score: NDArray[np.int64], goal: int, rounds: int, warm: float, cold: float
) -> None:
    """So many rounds of ruin and recreate on ``state``; ``best`` is replaced whenever a better calendar is found.

    Parameters
    ----------
    score
        Shape (4,), changed in place: visits waiting, officer-days and minutes of ``best``; the budget of officer-days.
    goal
        Officer-days below which no calendar can be, so that the search need not try.
    warm, cold
        Minutes by which a worse calendar may still be kept, falling from the first to the last round.
    """
    slots = len(state.size)
    keep = State(
        state.crew.copy(), state.size.copy(), state.route.copy(), state.length.copy(), state.slot_of, state.busy,
        state.wanted.copy(), state.bars.copy(), state.before.copy(), state.after.copy(), state.absent, state.random,
    )  # fmt: skip
    saved, marks = np.empty(slots, np.int32), np.zeros(1, np.int32)
    officers, minutes, weight = measure(town, state)
    for done in range(rounds):
        marks[0] = 0
        _take_strings(town, state, keep, saved, marks)
        left = score[3] - state.size.sum()
        waiting = _waiting(town, state)
        _in_some_order(town, state, waiting)
        for visit in waiting:
            more = place(town, state, visit, left, BLINK, keep, saved, marks)
            if more == NOWHERE:
                state.absent[visit] += 1
            else:
                left -= more
        now_officers, now_minutes, now_weight = measure(town, state)
        warmth = warm * (cold / warm) ** (done / rounds)
        worse = now_minutes + now_weight - minutes - weight
        if worse >= 0 and worse > -warmth * math.log(max(chance(state.random), 1e-300)):
            _undo(town, state, keep, saved, marks[0])
            officers, minutes, weight = measure(town, state)
            continue
        officers, minutes, weight = now_officers, now_minutes, now_weight
        absent = len(_waiting(town, state))
        if absent < score[0] or (
            absent == score[0] and (officers < score[1] or (officers == score[1] and minutes < score[2]))
        ):
            score[0], score[1], score[2] = absent, officers, minutes
            put_best(state, best)
            if absent == 0 and officers > goal and score[3] < 1 << 30:
                score[3] = officers - 1
                while state.size.sum() > score[3] and _send_home(town, state):
                    pass
                officers, minutes, weight = measure(town, state)


@njit(cache=True, nogil=True)
def put_best(state: State, best: State) -> None:
    """Copy the calendar without the generator and the counts."""
    best.crew[:] = state.crew
    best.size[:] = state.size
    best.route[:] = state.route
    best.length[:] = state.length
    best.slot_of[:] = state.slot_of
    best.busy[:] = state.busy
    best.wanted[:] = state.wanted
    best.bars[:] = state.bars
    best.before[:] = state.before
    best.after[:] = state.after
