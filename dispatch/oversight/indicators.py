"""Indicators of towns, dispatchers, teams and sources: how often what should be was so, never an amount of money.

The names are those of city management's evaluation (GB/T 30428.4 and the tables that cities publish). What cannot be
said yet, because its clock still runs, is counted on neither side.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from dispatch.desk.clocks import CHECK_WITHIN, DISPATCH_WITHIN
from dispatch.oversight.traces import Trace
from dispatch.records.incident import Status

AGAIN_WITHIN = timedelta(days=30)


class About(StrEnum):
    """Whose indicator it is."""

    TOWN = "town"
    DISPATCHER = "dispatcher"
    TEAM = "team"
    SOURCE = "source"
    PAIR = "pair"
    """A town and a department that it asked: what became of it counts for both."""


OF_INCIDENTS = (About.TOWN, About.DISPATCHER, About.TEAM, About.SOURCE)
"""Whose indicators are counted from incidents."""


class Share(NamedTuple):
    """So many of so many."""

    kept: int
    of: int

    @property
    def value(self) -> float:
        """Between 0 and 1; NaN where there was nothing to count."""
        return self.kept / self.of if self.of else math.nan


Asked = Callable[[Trace], bool | None]
"""Whether it was so with one incident; None where it does not apply, or cannot be said yet."""


def filed(trace: Trace) -> bool | None:
    """立案: taken up here, not passed on to somebody else; of history that came in closed nothing is known."""
    return None if trace.brought_in_closed else trace.first("pass_on") is None


def handled(trace: Trace) -> bool | None:
    """处置: of what was taken up, handled at least once."""
    return trace.first("handle") is not None if filed(trace) else None


def reached_on_time(trace: Trace) -> bool | None:
    """Somebody was on the spot by the time that was set."""
    if not filed(trace):
        return None
    arrived, due = trace.first("arrive"), trace.incident.due_at
    if arrived is None:
        return False if due <= trace.until else None
    return arrived.at <= due


def handled_on_time(trace: Trace) -> bool | None:
    """按期处置: in order within the limit of its matter, with what stopped or lengthened the clock."""
    if not filed(trace):
        return None
    limit = trace.limit
    if limit.done_at is None and not limit.overdue:
        return None
    return not limit.overdue


def closed(trace: Trace) -> bool | None:
    """结案: of what was taken up, closed."""
    return trace.incident.status is Status.CLOSED if filed(trace) else None


def closed_on_time(trace: Trace) -> bool | None:
    """按期结案: closed, and handled within the limit; open past its limit is not."""
    in_time = handled_on_time(trace)
    if in_time is None or (in_time and not closed(trace)):
        return None
    return in_time


def worked_over(trace: Trace) -> bool | None:
    """返工: of what was handled, sent back to work or opened again."""
    return bool(trace.sent_back() or trace.deeds("reopen")) if handled(trace) else None


def dispatched_on_time(trace: Trace) -> bool | None:
    """按时派遣: somebody sent, or another body asked, within a quarter of an hour of the report."""
    if not filed(trace):
        return None
    sent, until = trace.first("assign", "transfer_out"), trace.incident.reported_at + DISPATCH_WITHIN
    if sent is None:
        return False if until <= trace.until else None
    return sent.at <= until


def dispatched_right(trace: Trace) -> bool | None:
    """准确派遣: the team sent first is the one that handled it, and it was never taken back or handed back."""
    sent = trace.first("assign")
    if sent is None:
        return None
    turned, done = trace.first("recall", "undo", "hand_back", "transfer_out"), trace.first("handle")
    if turned is not None and (done is None or turned.sequence < done.sequence):
        return False
    return done.team == sent.team if done is not None else None


def right_at_once(trace: Trace) -> bool | None:
    """核查通过: found in order the first time somebody looked."""
    looked = trace.first("verify")
    return bool(looked.details.get("passed")) if looked else None


def checked_on_time(trace: Trace) -> bool | None:
    """按时核查: looked at within half an hour of being handled."""
    done = trace.first("handle")
    if done is None:
        return None
    looked = next((entry for entry in trace.deeds("verify") if entry.sequence > done.sequence), None)
    if looked is None:
        return False if done.at + CHECK_WITHIN <= trace.until else None
    return looked.at <= done.at + CHECK_WITHIN


class Indicator(NamedTuple):
    """One column of an evaluation; ``better`` says which way: 1 more, -1 less."""

    name: str
    about: About
    asked: Asked
    better: int = 1


INDICATORS = (
    Indicator("filed", About.TOWN, filed),
    Indicator("reached_on_time", About.TOWN, reached_on_time),
    Indicator("handled", About.TOWN, handled),
    Indicator("handled_on_time", About.TOWN, handled_on_time),
    Indicator("closed", About.TOWN, closed),
    Indicator("closed_on_time", About.TOWN, closed_on_time),
    Indicator("worked_over", About.TOWN, worked_over, -1),
    Indicator("dispatched_on_time", About.DISPATCHER, dispatched_on_time),
    Indicator("dispatched_right", About.DISPATCHER, dispatched_right),
    Indicator("reached_on_time", About.TEAM, reached_on_time),
    Indicator("right_at_once", About.TEAM, right_at_once),
    Indicator("worked_over", About.TEAM, worked_over, -1),
    Indicator("filed", About.SOURCE, filed),
    Indicator("checked_on_time", About.TOWN, checked_on_time),
)


def whose(trace: Trace, about: About) -> str:
    """Whom an incident counts for; empty where there is nobody."""
    match about:
        case About.TOWN:
            return trace.incident.town
        case About.SOURCE:
            return trace.incident.source
        case _:
            sent = trace.first("assign")
            if sent is None:
                return ""
            return sent.actor if about is About.DISPATCHER else sent.team


def shares(found: Iterable[Trace], about: About) -> dict[str, dict[str, Share]]:
    """Every indicator of towns, dispatchers, teams or sources by name, for each of them; voices count with theirs."""
    wanted = [each for each in INDICATORS if each.about is about]
    counts: dict[str, dict[str, list[int]]] = defaultdict(lambda: {each.name: [0, 0] for each in wanted})
    for trace in found:
        who = "" if trace.merged else whose(trace, about)
        if who:
            for each in wanted:
                if (so := each.asked(trace)) is not None:
                    count = counts[who][each.name]
                    count[0] += so
                    count[1] += 1
    return {who: {name: Share(*count) for name, count in counts[who].items()} for who in sorted(counts)}


def come_again(found: Iterable[Trace]) -> dict[str, Share]:
    """重复: by town, reports of what was reported in the same cell of the same matter within the 30 days before.

    One more voice about an open incident is such a report too.
    """
    last: dict[tuple[str, str], Trace] = {}
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for trace in found:
        incident = trace.incident
        where = incident.cell, incident.matter
        before = last.get(where) if all(where) else None
        again = trace.merged or (
            before is not None and incident.reported_at - before.incident.reported_at <= AGAIN_WITHIN
        )
        counts[incident.town][0] += again
        counts[incident.town][1] += 1
        last[where] = trace
    return {town: Share(*counts[town]) for town in sorted(counts) if town}


def hours_to_handle(found: Iterable[Trace]) -> dict[str, float]:
    """平均处置时长: by the team that handled it, mean hours from being sent to being handled, in the order of teams."""
    hours: dict[str, list[float]] = defaultdict(list)
    for trace in found:
        done = trace.first("handle")
        sent = [entry for entry in trace.deeds("assign") if done and entry.sequence < done.sequence]
        if done and sent:
            hours[done.team].append((done.at - sent[-1].at) / timedelta(hours=1))
    return {team: sum(hours[team]) / len(hours[team]) for team in sorted(hours)}
