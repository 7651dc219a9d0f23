"""What the compiled city reads and what it changes, as a flat column each; `simulation.fast` works on them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.tables import Force, Work

Column = NDArray[Any]

NONE = -1
SCHEDULED, EVENTS, WRITTEN, NUMBER, SPARE, USED = range(6)
"""Where ``State.tally`` keeps: events in the heap and ever, lines, numbers drawn, slots given back and ever used."""

BESIDE = 2
"""The next shift and the next incident stand beside the heap: there is one of each, at most."""

WORD = 64
"""Officers of a desk whose freedom is kept in one number."""


class Tables(NamedTuple):
    """The columns of `Force` and `Work`; beside them, who ever stands at each desk.

    Attributes
    ----------
    member_start, member
        The officers of desk d are ``member[member_start[d]:member_start[d + 1]]``.
    word_start
        Its words are ``word_start[d]`` to ``word_start[d + 1]``: bit k of its w-th word is its officer 64 w + k.
    held
        Shape (fields, words): who of them holds the certificate.
    duty_word, duty_bit
        By duty: where the officer stands among those of the desk.
    """

    pace: Column
    seconds: Column
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
    word_start: Column
    held: Column
    duty_word: Column
    duty_bit: Column
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
        Shape (1,) and (6,).
    next_when, next_which, next_about
        Shape (2,): time, number and row of the next shift and the next incident.
    when, which, heap
        Scheduled events as a heap: time, number, slot.
    deed, about, desk, first, second, way_s
        By slot: what is done about what, by whom, how far away.
    spare
        Slots given back.
    free
        By word: who is free.
    desk_of, word, bit, until, busy
        By officer: the desk of the last shift and the place there, when it ends, whether at work.
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
    way_s: Column
    spare: Column
    free: Column
    desk_of: Column
    word: Column
    bit: Column
    until: Column
    busy: Column
    step: Column
    number: Column
    head: Column
    tail: Column
    before: Column
    after: Column
    standing: Column
    line_t: Column
    line_event: Column
    line_incident: Column
    line_desk: Column
    line_officer: Column


def tables_of(force: Force, work: Work) -> Tables:
    """What stays."""
    columns = {**force.__dict__, **work.__dict__, **_who_stands_where(force), "enters_s": work.enters_s}
    return Tables(**{name: columns[name] for name in Tables._fields})


def _who_stands_where(force: Force) -> dict[str, Column]:
    start, member = force.members()
    word_start = np.concatenate(([0], np.cumsum(-(-np.diff(start) // WORD)))).astype(np.int32)
    desk = np.repeat(np.arange(force.desks), np.diff(start))
    place = np.arange(len(member)) - start[desk]
    word = (word_start[desk] + place // WORD).astype(np.int32)
    bit = np.uint64(1) << (place % WORD).astype(np.uint64)
    held = np.zeros((force.certified.shape[1], int(word_start[-1])), np.uint64)
    for field, holds in enumerate(force.certified.T):
        np.bitwise_or.at(held[field], word[holds[member]], bit[holds[member]])
    # Members stand by desk, then officer, so that one number finds the row of each duty.
    row = np.searchsorted(
        desk * force.officers + member, force.duty_desk * np.int64(force.officers) + force.duty_officer
    )
    return {
        "member_start": start,
        "member": member,
        "word_start": word_start,
        "held": held,
        "duty_word": word[row],
        "duty_bit": bit[row],
    }


def state_of(force: Force, work: Work, words: int) -> State:
    """Before anything has happened; a column that is written before it is read is not filled."""
    n, officers, fields = len(work), force.officers, force.certified.shape[1]
    priorities = int(work.priority.max(initial=0)) + 1
    lines, links = (force.desks, fields, priorities), (n, max(force.longest_order, 1))
    events = n + officers
    """At most one an incident, and one an officer on the way back."""
    most = len(force.duty_start) + 2 * n + 4 * len(work.need) + int(work.need.sum(dtype=np.int64))
    """Of lines: a shift; told or found, and closed; of a step waits, sent (each officer), arrived, worked, back."""
    return State(
        now=np.zeros(1),
        tally=np.zeros(6, np.int64),
        next_when=np.full(BESIDE, np.inf),
        next_which=np.zeros(BESIDE, np.int64),
        next_about=np.zeros(BESIDE, np.int64),
        when=np.empty(events),
        which=np.empty(events, np.int64),
        heap=np.empty(events, np.int32),
        deed=np.empty(events, np.int8),
        about=np.empty(events, np.int32),
        desk=np.empty(events, np.int32),
        first=np.empty(events, np.int32),
        second=np.empty(events, np.int32),
        way_s=np.empty(events),
        spare=np.empty(events, np.int32),
        free=np.zeros(words, np.uint64),
        desk_of=np.full(officers, NONE, np.int32),
        word=np.zeros(officers, np.int32),
        bit=np.zeros(officers, np.uint64),
        until=np.zeros(officers),
        busy=np.zeros(officers, np.bool_),
        step=work.step_start[:-1].copy(),
        number=np.full(n, NONE, np.int64),
        head=np.full(lines, NONE, np.int32),
        tail=np.full(lines, NONE, np.int32),
        before=np.empty(links, np.int32),
        after=np.empty(links, np.int32),
        standing=np.zeros(force.desks, np.int32),
        line_t=np.empty(most),
        line_event=np.empty(most, np.int8),
        line_incident=np.empty(most, np.int32),
        line_desk=np.empty(most, np.int32),
        line_officer=np.empty(most, np.int32),
    )
