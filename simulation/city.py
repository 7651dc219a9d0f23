"""The city played forward: the readable definition of what happens. ``simulation.fast`` does the same, compiled.

An incident becomes known (a citizen tells, or a patrol passes) and walks through its steps. At each step the desks
that may act are asked in their order; the first with enough free certified officers sends them. They go, work, and
come back; the incident goes on to its next step, perhaps after a pause that holds nobody, and is closed after the last.

Who cannot be served waits in the line of every desk that may act, a line for each certificate. Nobody overtakes in a
line but a higher priority. A desk whose officers become free looks at the heads of its lines, the highest priority
first, then who has waited in line longest, and takes whom it can serve.

An officer whose shift ends finishes, then leaves; nobody is sent who would arrive after the end of the shift.

Every chance was drawn before (`simulation.tables.Work`), so that other plans meet the same city. Events are callbacks
on SimPy timeouts, not a process for each incident: what happens at the same instant then has one plain order, that of
scheduling, which the compiled city repeats (docs/decisions/0022).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from types import SimpleNamespace

import simpy

from simulation.diary import NOBODY, Diary, Event
from simulation.tables import Force, Work, fits

Officers = tuple[int, ...]

GONE = -1
NOT_WAITING = -1


class City:
    """One replication. Times are seconds from the start."""

    def __init__(self, force: Force, work: Work) -> None:
        fits(force, work)
        self.force, self.work = _in_lists(force), _in_lists(work)
        self.env = simpy.Environment()
        self.lines_written: list[tuple[float, int, int, int, int]] = []
        start, officers = force.members()
        self.members = [officers[start[d] : start[d + 1]].tolist() for d in range(force.desks)]
        self.desk_of = [GONE] * force.officers
        self.until = [0.0] * force.officers
        self.busy = [False] * force.officers
        self.orders: list[list[int]] = [
            force.order_desk[a:b].tolist() for a, b in zip(force.order_start, force.order_start[1:], strict=False)
        ]
        self.lines: list[list[list[tuple[int, int, int]]]] = [
            [[] for _ in range(force.certified.shape[1])] for _ in range(force.desks)
        ]
        self.enters_s = work.enters_s.tolist()
        self.in_line = [NOT_WAITING] * len(work)  # the number it drew when it began to wait
        self.next_number = 0
        self.step = work.step_start[:-1].tolist()

    def run(self, until_s: float = math.inf) -> Diary:
        """Play until ``until_s`` (not included), or until nothing more happens."""
        if self.force.duty_start:
            self.at(self.force.duty_start[0], self.shift_begins, 0)
        if self.enters_s:
            self.at(self.enters_s[0], self.becomes_known, 0)
        self.env.run(until=until_s if math.isfinite(until_s) else None)
        return Diary.of(self.lines_written, until_s if math.isfinite(until_s) else self.env.now)

    # Officers come and go.

    def shift_begins(self, duty: int) -> None:
        if duty + 1 < len(self.force.duty_start):
            self.at(self.force.duty_start[duty + 1], self.shift_begins, duty + 1)
        officer, desk = self.force.duty_officer[duty], self.force.duty_desk[duty]
        self.desk_of[officer] = desk
        self.until[officer] = self.force.duty_end[duty]
        self.write(Event.ON_DUTY, NOBODY, desk, officer)
        if not self.busy[officer]:
            self.serve_who_waits(desk)

    def come_back(self, officers: Officers) -> None:
        for officer in officers:
            self.busy[officer] = False
        for officer in officers:
            if self.env.now < self.until[officer]:
                self.serve_who_waits(self.desk_of[officer])

    # An incident from the first word to the closed file.

    def becomes_known(self, incident: int) -> None:
        if incident + 1 < len(self.enters_s):
            self.at(self.enters_s[incident + 1], self.becomes_known, incident + 1)
        if self.work.pass_s[incident] < self.work.told_s[incident]:
            self.patrol_passes(incident)
        else:
            self.is_told(incident)

    def patrol_passes(self, incident: int) -> None:
        """Whoever is free at the desk is on patrol; when nobody is, the next pass may see it, or a citizen tells."""
        desk = self.force.patrol_desk[self.work.cell[incident]]
        if desk != NOBODY and any(True for _ in self.who_is_free(desk)):
            self.write(Event.FOUND, incident, desk)
            self.begin_step(incident)
            return
        again, told = self.env.now + self.work.pass_every_s[incident], self.work.told_s[incident]
        if again < told:
            self.at(again, self.patrol_passes, incident)
        else:
            self.at(told, self.is_told, incident)

    def is_told(self, incident: int) -> None:
        self.write(Event.TOLD, incident)
        self.begin_step(incident)

    def begin_step(self, incident: int) -> None:
        pause = self.work.pause_s[self.step[incident]]
        if pause > 0:
            self.after(pause, self.ask, incident)
        else:
            self.ask(incident)

    def ask(self, incident: int) -> None:
        step = self.step[incident]
        desks = self.order(incident)
        if not desks:
            self.write(Event.PASSED_ON, incident)
            return
        for desk in desks:
            if self.may_go_first(incident, desk):
                officers = self.who_goes(incident, desk)
                if officers:
                    self.send(incident, desk, officers)
                    return
        if not self.work.waits:
            self.write(Event.LOST, incident)
            return
        self.write(Event.WAITS, incident)
        self.in_line[incident] = self.next_number
        for desk in desks:
            place = (self.work.priority[incident], self.next_number, incident)
            heappush(self.lines[desk][self.work.field[step]], place)
        self.next_number += 1

    def send(self, incident: int, desk: int, officers: Officers) -> None:
        step = self.step[incident]
        self.in_line[incident] = NOT_WAITING
        for officer in officers:
            self.busy[officer] = True
            self.write(Event.SENT, incident, desk, officer)
        if self.work.goes[step]:
            self.after(self.way(incident, desk), self.arrive, incident, desk, officers)
        else:
            self.after(self.time_at_work(incident, desk), self.finish, incident, desk, officers)

    def arrive(self, incident: int, desk: int, officers: Officers) -> None:
        self.write(Event.ARRIVED, incident, desk, officers[0])
        self.after(self.time_at_work(incident, desk), self.finish, incident, desk, officers)

    def finish(self, incident: int, desk: int, officers: Officers) -> None:
        step = self.step[incident]
        self.write(Event.WORKED, incident, desk, officers[0])
        if self.work.goes[step]:
            self.after(self.way(incident, desk), self.are_back, incident, desk, officers)
        else:
            self.come_back(officers)
        self.step[incident] = step + 1
        if step + 1 < self.work.step_start[incident + 1]:
            self.begin_step(incident)
        else:
            self.write(Event.CLOSED, incident)

    def are_back(self, incident: int, desk: int, officers: Officers) -> None:
        self.write(Event.BACK, incident, desk, officers[0])
        self.come_back(officers)

    # The rules of the line.

    def serve_who_waits(self, desk: int) -> None:
        """Send to those at the heads of the lines until none of them can be served."""
        while any(self.lines[desk]):
            heads = sorted(head for line in self.lines[desk] if line and (head := self.head(line)))
            for _, _, incident in heads:
                officers = self.who_goes(incident, desk)
                if officers:
                    self.send(incident, desk, officers)
                    break
            else:
                return

    def head(self, line: list[tuple[int, int, int]]) -> tuple[int, int, int] | None:
        """Who stands first in this line; whoever another desk has taken meanwhile drops out."""
        while line:
            _, number, incident = line[0]
            if self.in_line[incident] == number:
                return line[0]
            heappop(line)
        return None

    def may_go_first(self, incident: int, desk: int) -> bool:
        head = self.head(self.lines[desk][self.work.field[self.step[incident]]])
        return head is None or self.work.priority[incident] < head[0]

    def who_goes(self, incident: int, desk: int) -> Officers:
        """The first officers at the desk who are free, certified and there before their shift ends; () if too few."""
        step = self.step[incident]
        field, need = self.work.field[step], self.work.need[step]
        seconds = self.way(incident, desk) if self.work.goes[step] else 0.0
        certified = self.force.certified
        found: list[int] = []
        for officer in self.who_is_free(desk, seconds):
            if certified[officer][field]:
                found.append(officer)
                if len(found) == need:
                    return tuple(found)
        return ()

    def who_is_free(self, desk: int, seconds: float = 0.0) -> Iterator[int]:
        """Who is at the desk, on duty, not busy, and still on duty when ``seconds`` have passed."""
        then, busy, desk_of, until = self.env.now + seconds, self.busy, self.desk_of, self.until
        for officer in self.members[desk]:
            if not busy[officer] and desk_of[officer] == desk and then < until[officer]:
                yield officer

    def order(self, incident: int) -> list[int]:
        row: int = self.force.order_of[self.work.asks[self.step[incident]]][self.work.cell[incident]]
        return self.orders[row]

    def way(self, incident: int, desk: int) -> float:
        seconds: float = self.force.seconds[desk][self.work.cell[incident]] * self.work.stretch[incident]
        return seconds

    def time_at_work(self, incident: int, desk: int) -> float:
        seconds: float = self.work.work_s[self.step[incident]] * self.force.pace[desk]
        return seconds

    # Time, and the diary.

    def at(self, t: float, deed: Callable[..., None], *about: object) -> None:
        self.after(max(0.0, t - self.env.now), deed, *about)

    def after(self, seconds: float, deed: Callable[..., None], *about: object) -> None:
        timeout = self.env.timeout(seconds)
        timeout.callbacks.append(lambda _: deed(*about))

    def write(self, event: Event, incident: int, desk: int = NOBODY, officer: int = NOBODY) -> None:
        self.lines_written.append((self.env.now, event, incident, desk, officer))


def _in_lists(tables: Force | Work) -> SimpleNamespace:
    """The same columns as plain lists, which Python reads faster one by one."""
    columns = vars(tables).items()
    return SimpleNamespace(
        **{name: column if isinstance(column, bool) else column.tolist() for name, column in columns}
    )
