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
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulation.diary import Diary, Event
from simulation.tables import Force, Work, fits

ON_DUTY, TOLD, FOUND, PASSED_ON, WAITS, LOST, SENT, ARRIVED, WORKED, BACK, CLOSED = (int(event) for event in Event)
SHIFT_BEGINS, BECOMES_KNOWN, PATROL_PASSES, IS_TOLD, ASK, ARRIVE, FINISH, ARE_BACK = range(8)
NONE = -1
HEAP = 2
"""Beside the next shift and the next incident, which need no heap: there is one of each, at most."""

SCHEDULED, EVENTS, WRITTEN, NUMBER, SPARE = range(5)
"""Where ``State.tally`` keeps: events in the heap, events ever scheduled, lines, numbers drawn, unused slots."""

Column = NDArray[Any]
Compiled = TypeVar("Compiled", bound=Callable[..., Any])


class Tables(NamedTuple):
    """The columns of `Force` and `Work`."""

    pace: Column
    seconds: Column
    certified: Column
    duty_start: Column
    duty_end: Column
    duty_officer: Column
    duty_desk: Column
    order_of: Column
    order_start: Column
    order_desk: Column
    patrol_desk: Column
    member_start: Column
    member: Column
    told_s: Column
    pass_s: Column
    pass_every_s: Column
    enters_s: Column
    cell: Column
    priority: Column
    stretch: Column
    step_start: Column
    asks: Column
    field: Column
    need: Column
    pause_s: Column
    work_s: Column
    goes: Column
    waits: bool


class State(NamedTuple):
    """What changes.

    Attributes
    ----------
    now, tally
        Shape (1,) and (5,).
    next_when, next_which, next_about
        Shape (2,): time, number and row of the next shift and the next incident.
    when, which, heap
        Scheduled events as a heap: time, number, slot.
    deed, about, desk, first, second
        By slot: what is done about what, by whom.
    spare
        Slots not in use.
    desk_of, until, busy
        By officer.
    step, number
        By incident: its present step, and the number it drew when it began to wait.
    head, tail, before, after
        Lines by (desk, certificate, priority); links by (incident, position of the desk in its order).
    standing
        By desk: how many stand in its lines.
    """

    now: Column
    tally: Column
    next_when: Column
    next_which: Column
    next_about: Column
    when: Column
    which: Column
    heap: Column
    deed: Column
    about: Column
    desk: Column
    first: Column
    second: Column
    spare: Column
    desk_of: Column
    until: Column
    busy: Column
    step: Column
    number: Column
    head: Column
    tail: Column
    before: Column
    after: Column
    standing: Column
    refused: Column
    line_t: Column
    line_event: Column
    line_incident: Column
    line_desk: Column
    line_officer: Column


def run(force: Force, work: Work, until_s: float = math.inf) -> Diary:
    """What ``City(force, work).run(until_s)`` gives."""
    fits(force, work)
    tables, state = _tables(force, work), _state(force, work)
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


def _tables(force: Force, work: Work) -> Tables:
    member_start, member = force.members()
    known = {"member_start": member_start, "member": member, "enters_s": work.enters_s}
    columns = {**force.__dict__, **work.__dict__, **known}
    return Tables(**{name: columns[name] for name in Tables._fields})


def _state(force: Force, work: Work) -> State:
    n, officers, fields = len(work), force.officers, force.certified.shape[1]
    priorities = int(work.priority.max(initial=0)) + 1
    lines, links = (force.desks, fields, priorities), (n, max(force.longest_order, 1))
    events = n + officers + 2
    """At most one an incident, one an officer on the way back, the next incident and the next shift."""
    most = len(force.duty_start) + 2 * n + 4 * len(work.need) + int(work.need.sum(dtype=np.int64))
    """Of lines: a shift; told or found, and closed; of a step waits, sent (each officer), arrived, worked, back."""
    return State(
        now=np.zeros(1),
        tally=np.array([0, 0, 0, 0, events], dtype=np.int64),
        next_when=np.full(HEAP, np.inf),
        next_which=np.zeros(HEAP, np.int64),
        next_about=np.zeros(HEAP, np.int64),
        when=np.empty(events),
        which=np.empty(events, np.int64),
        heap=np.empty(events, np.int32),
        deed=np.empty(events, np.int8),
        about=np.empty(events, np.int32),
        desk=np.empty(events, np.int32),
        first=np.empty(events, np.int32),
        second=np.empty(events, np.int32),
        spare=np.arange(events - 1, -1, -1, dtype=np.int32),
        desk_of=np.full(officers, NONE, np.int32),
        until=np.zeros(officers),
        busy=np.zeros(officers, np.bool_),
        step=work.step_start[:-1].copy(),
        number=np.full(n, NONE, np.int64),
        head=np.full(lines, NONE, np.int32),
        tail=np.full(lines, NONE, np.int32),
        before=np.full(links, NONE, np.int32),
        after=np.full(links, NONE, np.int32),
        standing=np.zeros(force.desks, np.int32),
        refused=np.zeros(fields, np.bool_),
        line_t=np.empty(most),
        line_event=np.empty(most, np.int8),
        line_incident=np.empty(most, np.int32),
        line_desk=np.empty(most, np.int32),
        line_officer=np.empty(most, np.int32),
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
        when = live.next_when[source] if source < HEAP else (live.when[0] if live.tally[SCHEDULED] > 0 else np.inf)
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
        take_first(live)
        deed, about = live.deed[slot], live.about[slot]
        desk, first, second = live.desk[slot], live.first[slot], live.second[slot]
        live.spare[live.tally[SPARE]] = slot
        live.tally[SPARE] += 1
        if deed == PATROL_PASSES:
            patrol_passes(given, live, about)
        elif deed == IS_TOLD:
            is_told(given, live, about)
        elif deed == ASK:
            ask(given, live, about)
        elif deed == ARRIVE:
            write(live, ARRIVED, about, desk, first)
            after(live, time_at_work(given, live, about, desk), FINISH, about, desk, first, second)
        elif deed == FINISH:
            finish(given, live, about, desk, first, second)
        else:
            write(live, BACK, about, desk, first)
            come_back(given, live, first, second)


@inner
def shift_begins(given: Tables, live: State, duty: int) -> None:
    live.next_when[SHIFT_BEGINS] = np.inf
    if duty + 1 < len(given.duty_start):
        comes_next(live, given.duty_start[duty + 1], SHIFT_BEGINS, duty + 1)
    officer, desk = given.duty_officer[duty], given.duty_desk[duty]
    live.desk_of[officer] = desk
    live.until[officer] = given.duty_end[duty]
    write(live, ON_DUTY, NONE, desk, officer)
    if not live.busy[officer]:
        serve_who_waits(given, live, desk)


@inner
def come_back(given: Tables, live: State, first: int, second: int) -> None:
    live.busy[first] = False
    if second != NONE:
        live.busy[second] = False
    if live.now[0] < live.until[first]:
        serve_who_waits(given, live, live.desk_of[first])
    if second != NONE and live.now[0] < live.until[second]:
        serve_who_waits(given, live, live.desk_of[second])


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
    if desk != NONE:
        for m in range(given.member_start[desk], given.member_start[desk + 1]):
            if is_free(live, given.member[m], desk, 0.0):
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
        after(live, pause, ASK, incident, NONE, NONE, NONE)
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
        if may_go_first(given, live, incident, desk):
            first, second = who_goes(given, live, incident, desk)
            if first != NONE:
                send(given, live, incident, desk, first, second)
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
def send(given: Tables, live: State, incident: int, desk: int, first: int, second: int) -> None:
    step = live.step[incident]
    if live.number[incident] != NONE:
        live.number[incident] = NONE
        row = given.order_of[given.asks[step], given.cell[incident]]
        for place in range(given.order_start[row], given.order_start[row + 1]):
            step_out(given, live, incident, given.order_desk[place], place - given.order_start[row])
    live.busy[first] = True
    write(live, SENT, incident, desk, first)
    if second != NONE:
        live.busy[second] = True
        write(live, SENT, incident, desk, second)
    if given.goes[step]:
        after(live, way(given, incident, desk), ARRIVE, incident, desk, first, second)
    else:
        after(live, time_at_work(given, live, incident, desk), FINISH, incident, desk, first, second)


@inner
def finish(given: Tables, live: State, incident: int, desk: int, first: int, second: int) -> None:
    step = live.step[incident]
    write(live, WORKED, incident, desk, first)
    if given.goes[step]:
        after(live, way(given, incident, desk), ARE_BACK, incident, desk, first, second)
    else:
        come_back(given, live, first, second)
    live.step[incident] = step + 1
    if step + 1 < given.step_start[incident + 1]:
        begin_step(given, live, incident)
    else:
        write(live, CLOSED, incident, NONE, NONE)


@inner
def serve_who_waits(given: Tables, live: State, desk: int) -> None:
    fields, priorities = live.head.shape[1], live.head.shape[2]
    while live.standing[desk] > 0:
        live.refused[:] = False
        served = False
        for _ in range(fields):
            best, best_priority, best_field = NONE, priorities, NONE
            for field in range(fields):
                if live.refused[field]:
                    continue
                for priority in range(min(best_priority + 1, priorities)):
                    incident = live.head[desk, field, priority]
                    if incident == NONE:
                        continue
                    if best == NONE or priority < best_priority or live.number[incident] < live.number[best]:
                        best, best_priority, best_field = incident, priority, field
                    break
            if best == NONE:
                return
            first, second = who_goes(given, live, best, desk)
            if first != NONE:
                send(given, live, best, desk, first, second)
                served = True
                break
            live.refused[best_field] = True
        if not served:
            return


@inner
def may_go_first(given: Tables, live: State, incident: int, desk: int) -> bool:
    field = given.field[live.step[incident]]
    ahead = 0
    for priority in range(given.priority[incident] + 1):
        ahead += live.head[desk, field, priority] != NONE
    return ahead == 0


@inner
def who_goes(given: Tables, live: State, incident: int, desk: int) -> tuple[int, int]:
    step = live.step[incident]
    field, need = given.field[step], given.need[step]
    seconds = way(given, incident, desk) if given.goes[step] else 0.0
    first = NONE
    for m in range(given.member_start[desk], given.member_start[desk + 1]):
        officer = given.member[m]
        if given.certified[officer, field] and is_free(live, officer, desk, seconds):
            if need == 1:
                return officer, NONE
            if first != NONE:
                return first, officer
            first = officer
    return NONE, NONE


@inner
def is_free(live: State, officer: int, desk: int, seconds: float) -> bool:
    return live.desk_of[officer] == desk and not live.busy[officer] and live.now[0] + seconds < live.until[officer]


@inner
def way(given: Tables, incident: int, desk: int) -> float:
    return float(given.seconds[desk, given.cell[incident]] * given.stretch[incident])


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
    after(live, max(0.0, t - live.now[0]), deed, about, NONE, NONE, NONE)


@inner
def comes_next(live: State, t: float, source: int, about: int) -> None:
    live.next_when[source] = live.now[0] + max(0.0, t - live.now[0])
    live.next_which[source] = live.tally[EVENTS]
    live.next_about[source] = about
    live.tally[EVENTS] += 1


@inner
def what_is_next(live: State) -> int:
    """The next shift, the next incident, or the first of the heap."""
    best, when, which = HEAP, np.inf, np.int64(0)
    if live.tally[SCHEDULED] > 0:
        when, which = live.when[0], live.which[0]
    for source in range(HEAP):
        if sooner(live.next_when[source], live.next_which[source], when, which):
            best, when, which = source, live.next_when[source], live.next_which[source]
    return best


@inner
def after(live: State, seconds: float, deed: int, about: int, desk: int, first: int, second: int) -> None:
    live.tally[SPARE] -= 1
    slot = live.spare[live.tally[SPARE]]
    live.deed[slot], live.about[slot], live.desk[slot] = deed, about, desk
    live.first[slot], live.second[slot] = first, second
    when, which = live.now[0] + seconds, live.tally[EVENTS]
    live.tally[EVENTS] += 1
    child = live.tally[SCHEDULED]
    live.tally[SCHEDULED] += 1
    while child > 0:
        parent = (child - 1) >> 1
        if not sooner(when, which, live.when[parent], live.which[parent]):
            break
        move(live, parent, child)
        child = parent
    live.when[child], live.which[child], live.heap[child] = when, which, slot


@inner
def take_first(live: State) -> None:
    live.tally[SCHEDULED] -= 1
    size = live.tally[SCHEDULED]
    when, which, slot = live.when[size], live.which[size], live.heap[size]
    parent = 0
    while 2 * parent + 1 < size:
        child = 2 * parent + 1
        if child + 1 < size and sooner(
            live.when[child + 1], live.which[child + 1], live.when[child], live.which[child]
        ):
            child += 1
        if sooner(when, which, live.when[child], live.which[child]):
            break
        move(live, child, parent)
        parent = child
    live.when[parent], live.which[parent], live.heap[parent] = when, which, slot


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
