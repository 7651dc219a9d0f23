"""The city of ``simulation.city``, compiled: the same diary, line by line, for the same tables.

Read ``simulation.city`` first; every function here is named after the one there that it repeats. Where the readable
city schedules, so does this one, in the same order, so that events at the same instant happen in the same order too.
Lines are linked lists here, which whoever is taken leaves at once; there he drops out when he comes to the head.

Everything compiled stands in this one file: numba's cache only notices changes of the file that `play` is in. It holds
no references while it runs (``_nrt``) and is inlined by LLVM, because counting the references of fifty columns at every
call made it sixty times slower.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numba.cpython.unsafe.numbers import trailing_zeros

from simulation.columns import (
    BESIDE,
    EVENTS,
    NONE,
    NUMBER,
    SCHEDULED,
    SPARE,
    USED,
    WORD,
    WRITTEN,
    State,
    Tables,
    state_of,
    tables_of,
)
from simulation.diary import Diary, Event
from simulation.tables import Force, Work, fits

ON_DUTY, TOLD, FOUND, PASSED_ON, WAITS, LOST, SENT, ARRIVED, WORKED, BACK, CLOSED = (int(event) for event in Event)
SHIFT_BEGINS, BECOMES_KNOWN, PATROL_PASSES, IS_TOLD, ASK, ARRIVE, FINISH, ARE_BACK = range(8)
place_of_lowest = cast("Callable[[int], int]", trailing_zeros)
"""Of the bits of a number that is not 0."""

Compiled = TypeVar("Compiled", bound=Callable[..., Any])


def run(force: Force, work: Work, until_s: float = math.inf) -> Diary:
    """What ``City(force, work).run(until_s)`` gives."""
    fits(force, work)
    tables = tables_of(force, work)
    state = state_of(force, work, tables.held.shape[1])
    play(tables, state, until_s)
    n = int(state.tally[WRITTEN])
    return Diary(
        state.line_t[:n],
        state.line_event[:n],
        state.line_incident[:n],
        state.line_desk[:n],
        state.line_officer[:n],
        until_s if math.isfinite(until_s) else float(state.now[0]),
    )


def inner(function: Compiled) -> Compiled:
    """Compiled into what calls it, and callable from there only."""
    lean = njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False, forceinline=True)  # type: ignore[call-overload]
    return cast("Compiled", lean(function))


@njit(nogil=True, cache=True, _nrt=False)  # type: ignore[call-overload,untyped-decorator]
def play(given: Tables, live: State, until_s: float) -> None:
    if len(given.duty_start) > 0:
        comes_next(live, given.duty_start[0], SHIFT_BEGINS, 0)
    if len(given.told_s) > 0:
        comes_next(live, given.enters_s[0], BECOMES_KNOWN, 0)
    while True:
        source = what_is_next(live)
        when = live.next_when[source] if source < BESIDE else (live.when[0] if live.tally[SCHEDULED] > 0 else np.inf)
        if when >= until_s or when == np.inf:
            break
        live.now[0] = when
        if source == SHIFT_BEGINS:
            shift_begins(given, live, live.next_about[source])
            continue
        if source == BECOMES_KNOWN:
            becomes_known(given, live, live.next_about[source])
            continue
        slot = live.heap[0]
        deed, about = live.deed[slot], live.about[slot]
        if deed == ARRIVE:
            write(live, ARRIVED, about, live.desk[slot], live.first[slot])
            comes_again(live, slot, time_at_work(given, live, about, live.desk[slot]), FINISH)
        elif deed == FINISH:
            finish(given, live, slot)
        else:
            is_over(live, slot)
            if deed == ARE_BACK:
                write(live, BACK, about, live.desk[slot], live.first[slot])
                come_back(given, live, live.first[slot], live.second[slot])
            elif deed == ASK:
                ask(given, live, about)
            elif deed == PATROL_PASSES:
                patrol_passes(given, live, about)
            else:
                is_told(given, live, about)


@inner
def shift_begins(given: Tables, live: State, duty: int) -> None:
    live.next_when[SHIFT_BEGINS] = np.inf
    if duty + 1 < len(given.duty_start):
        comes_next(live, given.duty_start[duty + 1], SHIFT_BEGINS, duty + 1)
    officer, desk = given.duty_officer[duty], given.duty_desk[duty]
    write(live, ON_DUTY, NONE, desk, officer)
    live.free[live.word[officer]] &= ~live.bit[officer]
    live.desk_of[officer], live.until[officer] = desk, given.duty_end[duty]
    live.word[officer], live.bit[officer] = given.duty_word[duty], given.duty_bit[duty]
    if not live.busy[officer]:
        live.free[live.word[officer]] |= live.bit[officer]
        serve_who_waits(given, live, desk)


@inner
def come_back(given: Tables, live: State, first: int, second: int) -> None:
    is_free_again(live, first)
    if second != NONE:
        is_free_again(live, second)
    for officer in (first, second):
        if officer != NONE and live.now[0] < live.until[officer]:
            serve_who_waits(given, live, live.desk_of[officer])


@inner
def is_free_again(live: State, officer: int) -> None:
    live.busy[officer] = False
    if live.now[0] < live.until[officer]:
        live.free[live.word[officer]] |= live.bit[officer]


@inner
def becomes_known(given: Tables, live: State, incident: int) -> None:
    live.next_when[BECOMES_KNOWN] = np.inf
    if incident + 1 < len(given.told_s):
        comes_next(live, given.enters_s[incident + 1], BECOMES_KNOWN, incident + 1)
    if given.pass_s[incident] < given.told_s[incident]:
        patrol_passes(given, live, incident)
    else:
        is_told(given, live, incident)


@inner
def patrol_passes(given: Tables, live: State, incident: int) -> None:
    desk = given.patrol_desk[given.cell[incident]]
    if desk != NONE and somebody_is_free(given, live, desk):
        write(live, FOUND, incident, desk, NONE)
        begin_step(given, live, incident)
        return
    again, told = live.now[0] + given.pass_every_s[incident], given.told_s[incident]
    if again < told:
        at(live, again, PATROL_PASSES, incident)
    else:
        at(live, told, IS_TOLD, incident)


@inner
def is_told(given: Tables, live: State, incident: int) -> None:
    write(live, TOLD, incident, NONE, NONE)
    begin_step(given, live, incident)


@inner
def begin_step(given: Tables, live: State, incident: int) -> None:
    pause = given.pause_s[live.step[incident]]
    if pause > 0:
        after(live, pause, ASK, incident)
    else:
        ask(given, live, incident)


@inner
def ask(given: Tables, live: State, incident: int) -> None:
    step = live.step[incident]
    row = given.order_of[given.asks[step], given.cell[incident]]
    begin, end = given.order_start[row], given.order_start[row + 1]
    if begin == end:
        write(live, PASSED_ON, incident, NONE, NONE)
        return
    for place in range(begin, end):
        desk = given.order_desk[place]
        if may_go_first(given, live, incident, desk) and sends(given, live, desk, incident):
            return
    if not given.waits:
        write(live, LOST, incident, NONE, NONE)
        return
    write(live, WAITS, incident, NONE, NONE)
    live.number[incident] = live.tally[NUMBER]
    live.tally[NUMBER] += 1
    for place in range(begin, end):
        step_in(given, live, incident, given.order_desk[place], place - begin)


@inner
def sends(given: Tables, live: State, desk: int, incident: int) -> bool:
    step = live.step[incident]
    goes = given.goes[step]
    way_s = float(given.seconds[desk, given.cell[incident]] * given.stretch[incident]) if goes else 0.0
    first, second = first_of(given, live, desk, given.field[step], given.need[step], way_s)
    if first == NONE:
        return False
    if live.number[incident] != NONE:
        live.number[incident] = NONE
        row = given.order_of[given.asks[step], given.cell[incident]]
        for place in range(given.order_start[row], given.order_start[row + 1]):
            step_out(given, live, incident, given.order_desk[place], place - given.order_start[row])
    is_sent(live, incident, desk, first)
    if second != NONE:
        is_sent(live, incident, desk, second)
    if goes:
        slot = after(live, way_s, ARRIVE, incident)
    else:
        slot = after(live, time_at_work(given, live, incident, desk), FINISH, incident)
    live.desk[slot], live.first[slot], live.second[slot], live.way_s[slot] = desk, first, second, way_s
    return True


@inner
def is_sent(live: State, incident: int, desk: int, officer: int) -> None:
    live.busy[officer] = True
    live.free[live.word[officer]] ^= live.bit[officer]
    write(live, SENT, incident, desk, officer)


@inner
def finish(given: Tables, live: State, slot: int) -> None:
    incident, first = live.about[slot], live.first[slot]
    step = live.step[incident]
    write(live, WORKED, incident, live.desk[slot], first)
    if given.goes[step]:
        comes_again(live, slot, live.way_s[slot], ARE_BACK)
    else:
        second = live.second[slot]
        is_over(live, slot)
        come_back(given, live, first, second)
    live.step[incident] = step + 1
    if step + 1 < given.step_start[incident + 1]:
        begin_step(given, live, incident)
    else:
        write(live, CLOSED, incident, NONE, NONE)


@inner
def serve_who_waits(given: Tables, live: State, desk: int) -> None:
    priority, number = NONE, NONE  # of the last head that could not be served
    while live.standing[desk] > 0:
        incident = next_head(live, desk, priority, number)
        if incident == NONE:
            return
        if sends(given, live, desk, incident):
            priority, number = NONE, NONE
        else:
            priority, number = given.priority[incident], int(live.number[incident])


@inner
def next_head(live: State, desk: int, priority: int, number: int) -> int:
    """Who stands first of those at the heads of the lines after the one with this priority and number."""
    fields, priorities = live.head.shape[1], live.head.shape[2]
    best, best_priority = NONE, priorities
    for field in range(fields):
        for its_priority in range(min(best_priority + 1, priorities)):
            incident = live.head[desk, field, its_priority]
            if incident == NONE:
                continue
            later = its_priority > priority or (its_priority == priority and live.number[incident] > number)
            if later and (best == NONE or its_priority < best_priority or live.number[incident] < live.number[best]):
                best, best_priority = incident, its_priority
            break
    return best


@inner
def may_go_first(given: Tables, live: State, incident: int, desk: int) -> bool:
    if live.standing[desk] == 0:
        return True
    field = given.field[live.step[incident]]
    ahead = 0
    for priority in range(given.priority[incident] + 1):
        ahead += live.head[desk, field, priority] != NONE
    return ahead == 0


@inner
def first_of(given: Tables, live: State, desk: int, field: int, need: int, way_s: float) -> tuple[int, int]:
    first, then = NONE, live.now[0] + way_s
    begin = given.word_start[desk]
    for word in range(begin, given.word_start[desk + 1]):
        left = live.free[word] & given.held[field, word]
        while left != 0:
            place = (word - begin) * WORD + place_of_lowest(left)
            officer = given.member[given.member_start[desk] + place]
            left &= left - np.uint64(1)
            if then < live.until[officer]:
                if need == 1:
                    return officer, NONE
                if first != NONE:
                    return first, officer
                first = officer
            elif live.until[officer] <= live.now[0]:
                live.free[word] &= ~live.bit[officer]
    return NONE, NONE


@inner
def somebody_is_free(given: Tables, live: State, desk: int) -> bool:
    begin = given.word_start[desk]
    for word in range(begin, given.word_start[desk + 1]):
        left = live.free[word]
        while left != 0:
            place = (word - begin) * WORD + place_of_lowest(left)
            left &= left - np.uint64(1)
            if live.now[0] < live.until[given.member[given.member_start[desk] + place]]:
                return True
    return False


@inner
def time_at_work(given: Tables, live: State, incident: int, desk: int) -> float:
    return float(given.work_s[live.step[incident]] * given.pace[desk])


@inner
def step_in(given: Tables, live: State, incident: int, desk: int, place: int) -> None:
    """Last in the desk's line for the certificate and the priority."""
    field, priority = given.field[live.step[incident]], given.priority[incident]
    last = live.tail[desk, field, priority]
    live.before[incident, place], live.after[incident, place] = last, NONE
    if last == NONE:
        live.head[desk, field, priority] = incident
    else:
        live.after[last, place_of(given, live, last, desk)] = incident
    live.tail[desk, field, priority] = incident
    live.standing[desk] += 1


@inner
def step_out(given: Tables, live: State, incident: int, desk: int, place: int) -> None:
    field, priority = given.field[live.step[incident]], given.priority[incident]
    earlier, later = live.before[incident, place], live.after[incident, place]
    if earlier == NONE:
        live.head[desk, field, priority] = later
    else:
        live.after[earlier, place_of(given, live, earlier, desk)] = later
    if later == NONE:
        live.tail[desk, field, priority] = earlier
    else:
        live.before[later, place_of(given, live, later, desk)] = earlier
    live.standing[desk] -= 1


@inner
def place_of(given: Tables, live: State, incident: int, desk: int) -> int:
    """Where this desk stands in the order of an incident that waits for it."""
    row = given.order_of[given.asks[live.step[incident]], given.cell[incident]]
    place = 0
    while given.order_desk[given.order_start[row] + place] != desk:
        place += 1
    return place


@inner
def at(live: State, t: float, deed: int, about: int) -> None:
    after(live, max(0.0, t - live.now[0]), deed, about)


@inner
def comes_next(live: State, t: float, source: int, about: int) -> None:
    live.next_when[source] = live.now[0] + max(0.0, t - live.now[0])
    live.next_which[source] = live.tally[EVENTS]
    live.next_about[source] = about
    live.tally[EVENTS] += 1


@inner
def what_is_next(live: State) -> int:
    """The next shift, the next incident, or the first of the heap."""
    best, when, which = BESIDE, np.inf, np.int64(0)
    if live.tally[SCHEDULED] > 0:
        when, which = live.when[0], live.which[0]
    for source in range(BESIDE):
        if sooner(live.next_when[source], live.next_which[source], when, which):
            best, when, which = source, live.next_when[source], live.next_which[source]
    return best


@inner
def after(live: State, seconds: float, deed: int, about: int) -> int:
    """Schedule it, in a slot."""
    if live.tally[SPARE] > 0:
        live.tally[SPARE] -= 1
        slot = live.spare[live.tally[SPARE]]
    else:
        slot = np.int32(live.tally[USED])
        live.tally[USED] += 1
    live.deed[slot], live.about[slot] = deed, about
    live.tally[SCHEDULED] += 1
    rise(live, live.tally[SCHEDULED] - 1, live.now[0] + seconds, live.tally[EVENTS], slot)
    live.tally[EVENTS] += 1
    return int(slot)


@inner
def comes_again(live: State, slot: int, seconds: float, deed: int) -> None:
    """The first of the heap stays in its slot, with another deed."""
    live.deed[slot] = deed
    fill_first(live, live.now[0] + seconds, live.tally[EVENTS], slot)
    live.tally[EVENTS] += 1


@inner
def is_over(live: State, slot: int) -> None:
    """The first of the heap leaves it."""
    live.spare[live.tally[SPARE]] = slot
    live.tally[SPARE] += 1
    live.tally[SCHEDULED] -= 1
    last = live.tally[SCHEDULED]
    if last > 0:
        fill_first(live, live.when[last], live.which[last], live.heap[last])


@inner
def fill_first(live: State, when: float, which: int, slot: int) -> None:
    """The sooner child moves up all the way down; then this event rises from there, and seldom far."""
    size, parent, child = live.tally[SCHEDULED], 0, 1
    while child + 1 < size:
        child += is_sooner(live, child + 1, child)
        move(live, child, parent)
        parent, child = child, 2 * child + 1
    if child < size:
        move(live, child, parent)
        parent = child
    rise(live, parent, when, which, slot)


@inner
def rise(live: State, child: int, when: float, which: int, slot: int) -> None:
    while child > 0:
        parent = (child - 1) >> 1
        if not sooner(when, which, live.when[parent], live.which[parent]):
            break
        move(live, parent, child)
        child = parent
    live.when[child], live.which[child], live.heap[child] = when, which, slot


@inner
def is_sooner(live: State, one: int, other: int) -> int:
    """1 or 0, without a branch that would be guessed wrong half of the time."""
    same = (live.when[one] == live.when[other]) & (live.which[one] < live.which[other])
    return int((live.when[one] < live.when[other]) | same)


@inner
def move(live: State, source: int, target: int) -> None:
    live.when[target], live.which[target] = live.when[source], live.which[source]
    live.heap[target] = live.heap[source]


@inner
def sooner(when: float, which: int | np.int64, than: float, other: int | np.int64) -> bool:
    return bool(when < than or (when == than and which < other))


@inner
def write(live: State, event: int, incident: int, desk: int, officer: int) -> None:
    line = live.tally[WRITTEN]
    live.line_t[line] = live.now[0]
    live.line_event[line] = event
    live.line_incident[line], live.line_desk[line], live.line_officer[line] = incident, desk, officer
    live.tally[WRITTEN] += 1
