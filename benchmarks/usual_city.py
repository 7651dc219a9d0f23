"""The city as SimPy's manual shows such things: a process for each incident, `PriorityResource`, `FilterStore`.

The same model, held to the same diary: shifts, certificates, priorities, who waits, ways and pauses. It asks the one
desk that an order names; what the benchmark does not play (patrols, orders of several desks) it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy

from simulation.diary import NOBODY, Diary, Event
from simulation.tables import Force, Work

ON_DUTY, TOLD, _, _, WAITS, _, SENT, ARRIVED, WORKED, BACK, CLOSED = (int(event) for event in Event)

Story = Iterator[Any]


@dataclass(eq=False, slots=True)
class Officer:
    row: int
    holds: frozenset[int]
    until: float


def play(force: Force, work: Work) -> Diary:
    """Its diary, where orders name one desk each and no patrols pass."""
    env = simpy.Environment()
    desks = [simpy.FilterStore(env) for _ in range(force.desks)]
    lines = [[simpy.PriorityResource(env) for _ in force.certified.T] for _ in range(force.desks)]
    asked, seconds, pace = [desks[0] for desks in work.desks_asked(force)], force.seconds.tolist(), force.pace.tolist()
    cell, priority, stretch = work.cell.tolist(), work.priority.tolist(), work.stretch.tolist()
    field, need, goes = work.field.tolist(), work.need.tolist(), work.goes.tolist()
    start, pause_s, work_s = work.step_start.tolist(), work.pause_s.tolist(), work.work_s.tolist()
    diary: list[float] = []

    def write(event: int, incident: int, desk: int = NOBODY, officer: int = NOBODY) -> None:
        diary.extend((env.now, event, incident, desk, officer))

    def shift(officer: Officer, desk: int, begins: float) -> Story:
        yield env.timeout(begins)
        write(ON_DUTY, NOBODY, desk, officer.row)
        yield desks[desk].put(officer)

    def reports() -> Story:
        for incident, told in enumerate(work.told_s.tolist()):
            yield env.timeout(max(0.0, told - env.now))
            env.process(answer(incident))

    def answer(incident: int) -> Story:
        write(TOLD, incident)
        for step in range(start[incident], start[incident + 1]):
            if pause_s[step] > 0:
                yield env.timeout(pause_s[step])
            desk = asked[step]
            way_s = seconds[desk][cell[incident]] * stretch[incident] if goes[step] else 0.0
            with lines[desk][field[step]].request(priority[incident]) as turn:
                waits = not turn.triggered
                if waits:
                    write(WAITS, incident)
                yield turn
                officers = []
                for _ in range(need[step]):
                    officer = desks[desk].get(who_can(field[step], way_s))
                    if not (waits or officer.triggered):
                        waits = True
                        write(WAITS, incident)
                    officers.append((yield officer))
            for officer in officers:
                write(SENT, incident, desk, officer.row)
            if goes[step]:
                yield env.timeout(way_s)
                write(ARRIVED, incident, desk, officers[0].row)
            yield env.timeout(work_s[step] * pace[desk])
            write(WORKED, incident, desk, officers[0].row)
            if goes[step]:
                env.process(drive_back(incident, desk, officers, way_s))
            else:
                yield from return_to(desk, officers)
        write(CLOSED, incident)

    def who_can(certificate: int, way_s: float) -> Callable[[Officer], bool]:
        return lambda officer: certificate in officer.holds and env.now + way_s < officer.until

    def drive_back(incident: int, desk: int, officers: list[Officer], way_s: float) -> Story:
        yield env.timeout(way_s)
        write(BACK, incident, desk, officers[0].row)
        yield from return_to(desk, officers)

    def return_to(desk: int, officers: list[Officer]) -> Story:
        for officer in officers:
            yield desks[desk].put(officer)

    for row, desk, begins, ends in zip(
        force.duty_officer.tolist(), force.duty_desk.tolist(), force.duty_start.tolist(), force.duty_end.tolist(),
        strict=True,
    ):  # fmt: skip
        holds = frozenset(np.flatnonzero(force.certified[row]).tolist())
        env.process(shift(Officer(row, holds, ends), desk, begins))
    env.process(reports())
    env.run()
    return Diary.of(diary, env.now)
