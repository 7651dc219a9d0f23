"""The city played forward: the readable definition of what happens. ``simulation.fast`` does the same, compiled.

An incident becomes known (a citizen tells, or a patrol passes) and walks through its steps. At each step the desks
that may act are asked in their order; the first with enough free certified officers sends them. They go, work, and
come back; the incident goes on to its next step, perhaps after a pause that holds nobody, and is closed after the last.

Who cannot be served waits in the line of every desk that may act, a line for each certificate. Nobody overtakes in a
line but a higher priority. A desk whose officers become free looks at the heads of its lines, the highest priority
first, then who has waited in line longest, and takes whom it can serve.

An officer whose shift ends finishes, then leaves; nobody is sent who would arrive after the end of the shift.

Every chance was drawn before (`simulation.tables.Work`), so that other plans meet the same city. What is done is the
callback of a SimPy event, with no process for each incident: what happens at the same instant then has one plain
order, that of scheduling, which the compiled city repeats (docs/decisions/0022).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import pairwise
from typing import Any

import simpy
from simpy.events import NORMAL

from simulation.diary import NOBODY, Diary, Event
from simulation.tables import Force, Work, fits

ON_DUTY, TOLD, FOUND, PASSED_ON, WAITS, LOST, SENT, ARRIVED, WORKED, BACK, CLOSED = (int(event) for event in Event)

Officers = tuple[int, ...]
Place = tuple[int, int, int]
"""In a line: priority, the number drawn when the wait began, incident."""

Callbacks = list[Callable[[Any], None]]

NOT_WAITING = -1
GOES = 3


class Occasion(simpy.Event):
    """Something to be done about a duty or an incident. It can be scheduled again, unlike a ``Timeout``."""

    _ok = True

    def __init__(self, about: int) -> None:
        self.about = about


class Service(Occasion):
    """Officers of a desk at a step of an incident: they arrive, have done their work, are back, each in its time."""

    def __init__(self, incident: int, desk: int, officers: Officers, way_s: float, work_s: float) -> None:
        self.about, self.desk, self.officers, self.way_s, self.work_s = incident, desk, officers, way_s, work_s


class City(simpy.Environment):
    """One replication. Times are seconds from the start.

    Who is free at a desk are the bits of one number, for those who ever stand there in their order. An officer whose
    shift has ended keeps the bit until somebody looks.
    """

    def __init__(self, force: Force, work: Work) -> None:
        super().__init__()
        fits(force, work)
        self._who_stands_where(force)
        self._what_happens(work, force)
        self.diary: list[float] = []
        self.write = self.diary.extend
        # callbacks of the three events of a service, made once: SimPy only reads them
        self.on_arrival: Callbacks = [self.arrive]
        self.on_end: Callbacks = [self.finish]
        self.on_return: Callbacks = [self.are_back]

    def _who_stands_where(self, force: Force) -> None:
        start, officers = force.members()
        self.members: list[list[int]] = [officers[a:b].tolist() for a, b in pairwise(start)]
        self.bits = [{officer: 1 << k for k, officer in enumerate(members)} for members in self.members]
        holders = force.certified.T.tolist()
        self.certified = [
            [sum(bit for who, bit in bits.items() if held[who]) for held in holders] for bits in self.bits
        ]
        self.duty_start, self.duty_end = force.duty_start.tolist(), force.duty_end.tolist()
        self.duty_officer, self.duty_desk = force.duty_officer.tolist(), force.duty_desk.tolist()
        self.pace, self.seconds = force.pace.tolist(), force.seconds.tolist()
        self.patrol_desk = force.patrol_desk.tolist()
        self.free = [0] * force.desks
        self.lines: list[dict[int, list[Place]]] = [{} for _ in range(force.desks)]  # by certificate
        self.desk_of = [NOBODY] * force.officers
        self.bit = [0] * force.officers
        self.until = [0.0] * force.officers
        self.busy = [False] * force.officers

    def _what_happens(self, work: Work, force: Force) -> None:
        self.enters_s, self.told_s = work.enters_s.tolist(), work.told_s.tolist()
        self.pass_s, self.pass_every_s = work.pass_s.tolist(), work.pass_every_s.tolist()
        self.cell, self.priority, self.stretch = work.cell.tolist(), work.priority.tolist(), work.stretch.tolist()
        self.pause_s, self.waits = work.pause_s.tolist(), work.waits
        columns = (column.tolist() for column in (work.field, work.need, work.goes, work.work_s))
        self.steps = list(zip(work.desks_asked(force), *columns, strict=True))
        self.present, self.beyond = work.step_start[:-1].tolist(), work.step_start[1:].tolist()
        self.in_line = [NOT_WAITING] * len(work)  # the number it drew when it began to wait
        self.next_number = 0

    def run(self, until_s: float = math.inf) -> Diary:  # type: ignore[override]
        """Play until ``until_s`` (not included), or until nothing more happens."""
        if self.duty_start:
            self.at(self.duty_start[0], self.shift_begins, Occasion(0))
        if self.enters_s:
            self.at(self.enters_s[0], self.becomes_known, Occasion(0))
        super().run(until_s if math.isfinite(until_s) else None)
        return Diary.of(self.diary, until_s if math.isfinite(until_s) else self._now)

    # Officers come and go.

    def shift_begins(self, occasion: Occasion) -> None:
        duty = occasion.about
        occasion.about += 1
        if occasion.about < len(self.duty_start):
            self.at(self.duty_start[occasion.about], self.shift_begins, occasion)
        officer, desk = self.duty_officer[duty], self.duty_desk[duty]
        self.write((self._now, ON_DUTY, NOBODY, desk, officer))
        if self.desk_of[officer] != NOBODY:
            self.free[self.desk_of[officer]] &= ~self.bit[officer]
        self.desk_of[officer], self.bit[officer] = desk, self.bits[desk][officer]
        self.until[officer] = self.duty_end[duty]
        if not self.busy[officer]:
            self.free[desk] |= self.bit[officer]
            self.serve_who_waits(desk)

    def come_back(self, officers: Officers) -> None:
        for officer in officers:
            self.busy[officer] = False
            if self._now < self.until[officer]:
                self.free[self.desk_of[officer]] |= self.bit[officer]
        for officer in officers:
            if self.lines[self.desk_of[officer]] and self._now < self.until[officer]:
                self.serve_who_waits(self.desk_of[officer])

    # An incident from the first word to the closed file.

    def becomes_known(self, occasion: Occasion) -> None:
        incident = occasion.about
        occasion.about += 1
        if occasion.about < len(self.enters_s):
            self.at(self.enters_s[occasion.about], self.becomes_known, occasion)
        if self.pass_s[incident] < self.told_s[incident]:
            self.patrol_passes(Occasion(incident))
        else:
            self.write((self._now, TOLD, incident, NOBODY, NOBODY))
            self.begin_step(incident)

    def patrol_passes(self, occasion: Occasion) -> None:
        """Whoever is free at the desk is on patrol; when nobody is, the next pass may see it, or a citizen tells."""
        incident = occasion.about
        desk = self.patrol_desk[self.cell[incident]]
        if desk != NOBODY and self.first_of(self.free[desk], desk, 1, 0.0):
            self.write((self._now, FOUND, incident, desk, NOBODY))
            self.begin_step(incident)
            return
        again, told = self._now + self.pass_every_s[incident], self.told_s[incident]
        if again < told:
            self.at(again, self.patrol_passes, occasion)
        else:
            self.at(told, self.is_told, occasion)

    def is_told(self, occasion: Occasion) -> None:
        self.write((self._now, TOLD, occasion.about, NOBODY, NOBODY))
        self.begin_step(occasion.about)

    def begin_step(self, incident: int) -> None:
        pause = self.pause_s[self.present[incident]]
        if pause > 0:
            self.after(pause, self.pause_ends, Occasion(incident))
        else:
            self.ask(incident)

    def pause_ends(self, occasion: Occasion) -> None:
        self.ask(occasion.about)

    def ask(self, incident: int) -> None:
        desks, field, _, _, _ = self.steps[self.present[incident]]
        if not desks:
            self.write((self._now, PASSED_ON, incident, NOBODY, NOBODY))
            return
        for desk in desks:
            first = field not in self.lines[desk] or self.may_go_first(incident, desk, field)
            if first and self.free[desk] and self.sends(desk, incident):
                return
        if not self.waits:
            self.write((self._now, LOST, incident, NOBODY, NOBODY))
            return
        self.write((self._now, WAITS, incident, NOBODY, NOBODY))
        self.in_line[incident] = self.next_number
        for desk in desks:
            heappush(self.lines[desk].setdefault(field, []), (self.priority[incident], self.next_number, incident))
        self.next_number += 1

    def sends(self, desk: int, incident: int) -> bool:
        """Send the first officers who can, and say whether there were enough."""
        _, field, need, goes, work_s = self.steps[self.present[incident]]
        way_s = self.seconds[desk][self.cell[incident]] * self.stretch[incident] if goes else 0.0
        officers = self.first_of(self.free[desk] & self.certified[desk][field], desk, need, way_s)
        if not officers:
            return False
        self.in_line[incident] = NOT_WAITING
        for officer in officers:
            self.busy[officer] = True
            self.free[desk] ^= self.bit[officer]
            self.write((self._now, SENT, incident, desk, officer))
        service = Service(incident, desk, officers, way_s, work_s * self.pace[desk])
        service.callbacks = self.on_arrival if goes else self.on_end
        self.schedule(service, NORMAL, way_s if goes else service.work_s)
        return True

    def arrive(self, service: Service) -> None:
        self.write((self._now, ARRIVED, service.about, service.desk, service.officers[0]))
        service.callbacks = self.on_end
        self.schedule(service, NORMAL, service.work_s)

    def finish(self, service: Service) -> None:
        incident = service.about
        step = self.present[incident]
        self.write((self._now, WORKED, incident, service.desk, service.officers[0]))
        if self.steps[step][GOES]:
            service.callbacks = self.on_return
            self.schedule(service, NORMAL, service.way_s)
        else:
            self.come_back(service.officers)
        self.present[incident] = step + 1
        if step + 1 < self.beyond[incident]:
            self.begin_step(incident)
        else:
            self.write((self._now, CLOSED, incident, NOBODY, NOBODY))

    def are_back(self, service: Service) -> None:
        self.write((self._now, BACK, service.about, service.desk, service.officers[0]))
        self.come_back(service.officers)

    # The rules of the line.

    def serve_who_waits(self, desk: int) -> None:
        """Send to those at the heads of the lines until none of them can be served."""
        lines = self.lines[desk]
        while lines and self.free[desk]:
            heads = sorted(filter(None, [self.head(desk, field) for field in list(lines)]))
            if not any(self.sends(desk, incident) for _, _, incident in heads):
                return

    def head(self, desk: int, field: int) -> Place | None:
        """Who stands first in this line; whoever another desk has taken meanwhile drops out."""
        line = self.lines[desk][field]
        while line:
            _, number, incident = line[0]
            if self.in_line[incident] == number:
                return line[0]
            heappop(line)
        del self.lines[desk][field]
        return None

    def may_go_first(self, incident: int, desk: int, field: int) -> bool:
        head = self.head(desk, field)
        return head is None or self.priority[incident] < head[0]

    def first_of(self, free: int, desk: int, need: int, way_s: float) -> Officers:
        """The first of the free who are there before their shift ends; () if too few."""
        found: Officers = ()
        members, then = self.members[desk], self._now + way_s
        while free:
            bit = free & -free
            officer = members[bit.bit_length() - 1]
            if then < self.until[officer]:
                found += (officer,)
                if len(found) == need:
                    return found
            elif self.until[officer] <= self._now:
                self.free[desk] ^= bit
            free ^= bit
        return ()

    # Time.

    def at(self, t: float, do: Callable[[Any], None], occasion: Occasion) -> None:
        self.after(t - self._now if t > self._now else 0.0, do, occasion)

    def after(self, seconds: float, do: Callable[[Any], None], occasion: Occasion) -> None:
        occasion.callbacks = [do]
        self.schedule(occasion, NORMAL, seconds)
