"""Which team goes: every candidate for one incident with reasons to say aloud, and a plan for many at once.

What bars a team is asked in one place, ``obstacles``; the card on the screen, the batch and the simulated city all ask
it there.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from dispatch.records.incident import Incident
from dispatch.records.reason import Reason
from dispatch.records.team import Activity, Pair, Team
from dispatch.response.matching import solve
from dispatch.rulebook.competence import PROOF_REASONS, Answer, Mode
from dispatch.rulebook.matters import Matter

OBSTACLES = (
    "busy",  # activity, incident
    "off_duty",  # from, until: ISO times of the shift, UTC
    "no_power",  # body, matter, town
    "not_located",
    "unreachable",
    "shift_over",  # minutes: how long before arrival the shift ends
    "no_pair",  # have, field
)
"""Codes that make a candidate grey."""

REASONS = (
    *OBSTACLES,
    "by_street",  # minutes
    "in_time",  # slack_min
    "late",  # late_min
    "pair",  # officers
    "mode",  # mode, body, body_zh, body_en, letterhead, letterhead_en, basis
    "on_duty",  # until: ISO time, UTC
    "shift_ends",  # minutes: from arrival to the end of the shift
    "load",  # done
    "own_beat",  # community
    "leaves_uncovered",  # cells
    "no_team",  # why: an obstacle's code, teams: how many it bars
    "all_taken",  # teams: how many could have gone
)
"""Every code a candidate or a plan gives, beside those of the proof (``PROOF_REASONS``)."""

ALL_REASONS = (*REASONS, *PROOF_REASONS)


@dataclass(frozen=True, slots=True)
class Targets:
    """What a dispatcher weighs beside minutes, all in seconds of extra drive it is worth. Service choices, not law.

    Attributes
    ----------
    pair_within_s
        A cell counts as covered when a free lawful pair can be there within this time.
    own_beat_s
        How much longer a team that knows the community may take and still go first.
    load_s
        For every incident the team has closed in this shift.
    uncovered_cell_s, uncovered_most_s
        For every cell left without a pair, and at most.
    late_s
        In a batch: what arriving after the clock costs, besides the minutes.
    shift_notice_s
        A shift that ends sooner than this after arrival is mentioned.
    """

    pair_within_s: float = 15 * 60
    own_beat_s: float = 120
    load_s: float = 30
    uncovered_cell_s: float = 3
    uncovered_most_s: float = 300
    late_s: float = 3600
    shift_notice_s: float = 30 * 60


USUAL = Targets()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One team for one incident.

    Attributes
    ----------
    seconds
        By street from where the team is; inf when there is no way.
    possible
        Whether the dispatcher may send it; ``reasons`` say every why-not.
    pair
        The two officers who sign, or how many there are.
    mode
        By what right its body acts, None without the power.
    late_s
        How long after the clock it arrives; 0 in time, inf when it never does.
    uncovered_cells
        Cells that would be left without a pair, None when that was not asked.
    effort_s
        The drive with its weights; candidates of equal punctuality stand in this order.
    """

    team: Team
    seconds: float
    possible: bool
    reasons: tuple[Reason, ...]
    pair: Pair
    mode: Mode | None
    late_s: float
    uncovered_cells: int | None
    effort_s: float


@dataclass(frozen=True, slots=True)
class Planned:
    """What the plan of a batch has for one incident; ``team`` None and ``seconds`` inf when nobody can be sent."""

    incident: Incident
    team: Team | None
    seconds: float
    reasons: tuple[Reason, ...]


def candidates(
    incident: Incident,
    matter: Matter,
    answer: Answer,
    teams: Sequence[Team],
    seconds: NDArray[np.float64],
    now: datetime,
    day: date,
    *,
    uncovered: Mapping[str, int] | None = None,
    targets: Targets = USUAL,
) -> list[Candidate]:
    """Every team as a candidate: the best first, those that may not go last with every why-not.

    Who arrives within the clock stands before who does not. Among equals the shorter *effort* stands first: seconds by
    street, less ``own_beat_s`` for a team on its own beat, plus ``load_s`` for each incident it closed today, plus
    ``uncovered_cell_s`` for each cell it would leave without a pair (at most ``uncovered_most_s``). Equal efforts
    stand by team id. Teams that may not go stand by seconds: how near they would be.

    Parameters
    ----------
    answer
        The rule book's answer for this matter, the incident's town and ``day``.
    seconds
        Shape (len(teams),): by street to the incident, inf or NaN where there is no way.
    now
        Aware; teams set out now.
    day
        Today in the place's own calendar, for certificates.
    uncovered
        Team id → cells it would leave without a pair, for as many teams as were asked
        (``dispatch.response.coverage``). A team that was not asked counts as if it left the most, so
        that not knowing never puts it first.
    """
    cards = [
        _candidate(incident, matter, answer, team, float(s), now, day, uncovered, targets)
        for team, s in zip(teams, seconds, strict=True)
    ]
    return sorted(cards, key=_rank)


def obstacles(
    incident: Incident, matter: Matter, answer: Answer, team: Team, seconds: float, now: datetime, day: date
) -> Iterator[Reason]:
    """Everything that bars the team from the incident; a team may go when there is nothing."""
    yield from unfit(team, matter.field, now, day)
    yield from out_of_place(incident, answer, team, seconds, now)


def unfit(team: Team, field: str, now: datetime, day: date) -> Iterator[Reason]:
    """What bars the team from any incident of this field of certificate, wherever it is."""
    if team.activity is not Activity.FREE:
        yield Reason("busy", False, {"activity": team.activity.value, "incident": team.incident})
    if not team.on_duty(now):
        shift = {"from": team.on_duty_from.isoformat(), "until": team.on_duty_to.isoformat()}
        yield Reason("off_duty", False, shift)
    pair = team.pair_for(field, day)
    if not pair.lawful:
        yield Reason("no_pair", False, {"have": len(pair.officers), "field": field})


def out_of_place(incident: Incident, answer: Answer, team: Team, seconds: float, now: datetime) -> Iterator[Reason]:
    """What bars the team from acting at this incident's place, or from being there in its shift."""
    if answer.actor(team.body) is None:
        yield Reason("no_power", False, {"body": team.body, "matter": answer.matter, "town": answer.town})
    if math.isnan(incident.lon) or math.isnan(incident.lat):
        yield Reason("not_located", False)
    elif not math.isfinite(seconds):
        yield Reason("unreachable", False)
    elif team.on_duty(now) and seconds >= (left_s := (team.on_duty_to - now).total_seconds()):
        yield Reason("shift_over", False, {"minutes": math.ceil((seconds - left_s) / 60)})


def plan(
    incidents: Sequence[Incident],
    answers: Sequence[Answer],
    teams: Sequence[Team],
    seconds: NDArray[np.float64],
    now: datetime,
    day: date,
    *,
    matters: Mapping[str, Matter],
    targets: Targets = USUAL,
    elsewhere: int = 0,
) -> list[Planned]:
    """The best plan for a batch, one incident a team, in the order of ``incidents``.

    As many incidents as possible get a team, the higher priorities first; then the sum of efforts (see ``candidates``)
    is least, an arrival after the clock costing ``late_s`` more. Only teams without ``obstacles`` are sent.

    Parameters
    ----------
    answers
        The rule book's answer for each incident, in their order.
    seconds
        Shape (len(teams), len(incidents)), as ``TravelTimes.matrix(teams, incidents)`` gives it.
    matters
        The catalogue by code.
    elsewhere
        How many further teams are not among ``teams`` because their bodies may act on none of the incidents.
    """
    if seconds.shape != (len(teams), len(incidents)):
        raise ValueError(f"seconds has shape {seconds.shape}; expected ({len(teams)}, {len(incidents)}).")
    asked = [matters.get(incident.matter) for incident in incidents]
    fields = {matter.field for matter in asked if matter is not None}
    fit = {field: [t for t, team in enumerate(teams) if not any(unfit(team, field, now, day))] for field in fields}
    arcs = [
        (i, t, _batch_cost(incident, teams[t], float(seconds[t, i]), now, targets))
        for i, (incident, matter, answer) in enumerate(zip(incidents, asked, answers, strict=True))
        if matter is not None
        for t in fit[matter.field]
        if not any(out_of_place(incident, answer, teams[t], float(seconds[t, i]), now))
    ]
    i, t, cost = (np.array(column, dtype=np.int64) for column in (zip(*arcs, strict=True) if arcs else ((), (), ())))
    worth = 1 + len(incidents) * int(cost.max(initial=0))  # nobody waits to spare others a drive
    unserved = np.array([worth * (5 - incident.priority) for incident in incidents], dtype=np.int64)
    chosen = solve(i, t, cost, np.ones(len(teams), dtype=np.int64), len(incidents), unserved).team
    could_go = Counter(i.tolist())
    return [
        _sent(incident, matter, answer, teams[t], float(seconds[t, row]), now, day, targets)
        if t >= 0 and matter is not None
        else Planned(
            incident,
            None,
            math.inf,
            _why_none(incident, matter, answer, teams, seconds[:, row], now, day, could_go[row], elsewhere),
        )
        for row, (incident, matter, answer, t) in enumerate(
            zip(incidents, asked, answers, chosen.tolist(), strict=True)
        )
    ]


def _candidate(
    incident: Incident,
    matter: Matter,
    answer: Answer,
    team: Team,
    seconds: float,
    now: datetime,
    day: date,
    uncovered: Mapping[str, int] | None,
    targets: Targets,
) -> Candidate:
    seconds = seconds if math.isfinite(seconds) else math.inf
    against = tuple(obstacles(incident, matter, answer, team, seconds, now, day))
    actor = answer.actor(team.body)
    pair = team.pair_for(matter.field, day)
    barred = {reason.code for reason in against}
    speaks = [*_journey(incident, seconds, now), *_lawfulness(answer, team, pair)]
    speaks += _shift(team, seconds, now, targets) if not barred & {"off_duty", "shift_over"} else []
    cells = None if uncovered is None else uncovered.get(team.id)
    speaks += _weights(incident, team, cells)
    return Candidate(
        team=team,
        seconds=seconds,
        possible=not against,
        reasons=(*against, *speaks),
        pair=pair,
        mode=actor.mode if actor else None,
        late_s=_late_s(incident, seconds, now),
        uncovered_cells=cells,
        effort_s=_effort_s(incident, team, seconds, targets) + _uncovered_s(uncovered, cells, targets),
    )


def _rank(card: Candidate) -> tuple[bool, bool, float, str]:
    if not card.possible:
        return True, False, card.seconds, card.team.id
    return False, card.late_s > 0, card.effort_s, card.team.id


def _late_s(incident: Incident, seconds: float, now: datetime) -> float:
    return max(0.0, seconds - (incident.due_at - now).total_seconds())


def _effort_s(incident: Incident, team: Team, seconds: float, targets: Targets) -> float:
    beat = targets.own_beat_s if _community(incident) in team.beat else 0.0
    return seconds - beat + team.done_today * targets.load_s


def _uncovered_s(uncovered: Mapping[str, int] | None, cells: int | None, targets: Targets) -> float:
    if uncovered is None:
        return 0.0
    return (
        targets.uncovered_most_s if cells is None else min(cells * targets.uncovered_cell_s, targets.uncovered_most_s)
    )


def _batch_cost(incident: Incident, team: Team, seconds: float, now: datetime, targets: Targets) -> int:
    late = targets.late_s if _late_s(incident, seconds, now) > 0 else 0.0
    return round(_effort_s(incident, team, seconds, targets) + targets.own_beat_s + late)


def _community(incident: Incident) -> str:
    return incident.cell[:12]


def _journey(incident: Incident, seconds: float, now: datetime) -> Iterator[Reason]:
    if not math.isfinite(seconds):
        return
    yield Reason("by_street", None, {"minutes": round(seconds / 60, 1)})
    slack_s = (incident.due_at - now).total_seconds() - seconds
    if slack_s >= 0:
        yield Reason("in_time", True, {"slack_min": math.floor(slack_s / 60)})
    else:
        yield Reason("late", False, {"late_min": math.ceil(-slack_s / 60)})


def _lawfulness(answer: Answer, team: Team, pair: Pair) -> Iterator[Reason]:
    actor = answer.actor(team.body)
    if actor is not None:
        name = {"body": actor.body, "body_zh": actor.body_zh, "body_en": actor.body_en}
        head = {"letterhead": actor.letterhead, "letterhead_en": actor.letterhead_en}
        yield Reason("mode", True, {"mode": actor.mode.value, **name, **head, "basis": actor.basis})
    if pair.lawful:
        names = {officer.id: officer.name for officer in team.officers}
        yield Reason("pair", True, {"officers": ", ".join(names[officer] for officer in pair.officers)})


def _shift(team: Team, seconds: float, now: datetime, targets: Targets) -> Iterator[Reason]:
    yield Reason("on_duty", True, {"until": team.on_duty_to.isoformat()})
    left_s = (team.on_duty_to - now).total_seconds() - seconds
    if 0 <= left_s < targets.shift_notice_s:
        yield Reason("shift_ends", None, {"minutes": math.floor(left_s / 60)})


def _weights(incident: Incident, team: Team, cells: int | None) -> Iterator[Reason]:
    yield Reason("load", None, {"done": team.done_today})
    if _community(incident) in team.beat:
        yield Reason("own_beat", True, {"community": _community(incident)})
    if cells is not None:
        yield Reason("leaves_uncovered", cells == 0, {"cells": cells})


def _sent(
    incident: Incident,
    matter: Matter,
    answer: Answer,
    team: Team,
    seconds: float,
    now: datetime,
    day: date,
    targets: Targets,
) -> Planned:
    card = _candidate(incident, matter, answer, team, seconds, now, day, None, targets)
    return Planned(incident, team, seconds, card.reasons)


def _why_none(
    incident: Incident,
    matter: Matter | None,
    answer: Answer,
    teams: Sequence[Team],
    seconds: NDArray[np.float64],
    now: datetime,
    day: date,
    could_go: int,
    elsewhere: int,
) -> tuple[Reason, ...]:
    """Why the plan has nobody: all who could go have another incident, or what bars how many teams."""
    if could_go:
        return (Reason("all_taken", False, {"teams": could_go}),)
    if matter is None or not answer.lawful:
        return (answer.why,)
    counts = Counter(
        reason.code
        for team, s in zip(teams, seconds, strict=True)
        for reason in obstacles(incident, matter, answer, team, float(s), now, day)
    )
    counts["no_power"] += elsewhere
    return tuple(Reason("no_team", False, {"why": code, "teams": n}) for code, n in counts.most_common() if n)
