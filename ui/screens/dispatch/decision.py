"""The decision panel: one incident, who may act on it, and the teams that could go."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from dispatch.records.incident import OPEN, OUT, Incident, Status
from dispatch.records.reason import Reason
from dispatch.records.task import Task
from dispatch.records.team import Team
from dispatch.response.assignment import OBSTACLES, Candidate
from dispatch.rulebook.competence import Answer
from dispatch.rulebook.deadlines import Deadline
from dispatch.rulebook.matters import Source
from dispatch.store.ledger import Entry
from ui.panel.component import render
from ui.services.advice import Advice
from ui.services.board import TO_VERIFY
from ui.telling import Teller

POSSIBLE_SHOWN = 5
GREY_SHOWN = 4
# The chips a dispatcher reads first; the minutes stand large beside them.
CHIP_ORDER = (
    "in_time",
    "late",
    "pair",
    "mode",
    "own_beat",
    "leaves_uncovered",
    "load",
    "shift_ends",
)
UNSAID = frozenset({"by_street", "on_duty"})

STEPS = {
    Status.ASSIGNED: ("undo", "accept"),
    Status.ACCEPTED: ("undo", "arrive"),
    Status.CLOSED: ("reopen",),
}


# Somebody was there: a case can be filed.
SEEN = frozenset({Status.ON_SCENE, Status.HANDLED, Status.VERIFIED, Status.CLOSED})


def decision_html(
    incident: Incident,
    team: Team | None,
    advice: Advice,
    history: Sequence[Entry],
    now: datetime,
    tell: Teller,
    note: tuple[str, str] | None,
    above_px: int,
    team_names: Mapping[str, str],
    handling: Deadline | None = None,
    tasks: Sequence[Task] = (),
    desk_clock: Deadline | None = None,
) -> str:
    """The whole panel as HTML; ``above_px`` is the room that widgets above it take."""
    waiting = incident.status is Status.REPORTED
    return render(
        "dispatch/decision.html",
        w=tell.w,
        note=note,
        above=above_px,
        incident=_facts(incident, advice.answer, now, tell),
        sent=tell.w("decision.assigned_to", team=team.name) if team and incident.status in OUT else "",
        acts=_acts(incident, tell),
        cards=_cards(advice.candidates, tell) if waiting else [],
        nobody=_nobody(incident, advice, tell) if waiting else "",
        proof=[(_tone(reason), tell.reason(reason)) for reason in advice.answer.proof],
        history=[_told(entry, team_names, tell) for entry in history],
        handling=_handling(handling, tell) if handling else None,
        tasks=[_task(task, now, tell) for task in tasks],
        desk_clock=_handling(desk_clock, tell) if desk_clock and desk_clock.done_at is None else None,
    )


def shown_candidates(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The cards on the panel, in the order of their numbers: the best that may go, then the nearest that may not."""
    possible = [card for card in candidates if card.possible][:POSSIBLE_SHOWN]
    grey = [card for card in candidates if not card.possible and math.isfinite(card.seconds)]
    return [*possible, *grey[:GREY_SHOWN]]


def _facts(incident: Incident, answer: Answer, now: datetime, tell: Teller) -> dict[str, str | int]:
    _, tone = tell.left(incident, now)
    return {
        "id": incident.id,
        "version": incident.version,
        "what": tell.what(incident),
        "state": tell.w(f"state.{incident.status}"),
        "clock": tell.clock(incident, now),
        "tone": tone,
        "where": tell.where_full(incident),
        "who_may": tell.who_may(answer),
        "text": incident.text,
        "voices": incident.voices,
        "clock_of": "checking" if incident.status in TO_VERIFY else "dispatching",
    }


def _handling(deadline: Deadline, tell: Teller) -> dict[str, object]:
    """The city clock from report to handled: its state in a sentence, and how it comes to that."""
    tone = "bad" if deadline.overdue else "warn" if deadline.paused_since else ""
    return {
        "words": tell.reason(deadline.lines[-1]) + " · " + tell.until(deadline.due_at),
        "tone": tone,
        "lines": [tell.reason(line) for line in deadline.lines],
    }


def _task(task: Task, now: datetime, tell: Teller) -> tuple[str, str]:
    """One department's part, whom it waits for and until when."""
    late = task.open and task.due_at < now
    words = tell.w(
        "decision.task",
        department=tell.named("department", task.department),
        lead=tell.w("decision.task_lead") if task.lead else "",
        what=tell.w.pick(task.what_zh, task.what_en),
        state=tell.w(f"value.task_{task.status}"),
        due=tell.at(task.due_at),
    )
    return ("bad" if late else "" if task.open else "good"), words


def _acts(incident: Incident, tell: Teller) -> list[tuple[str, str, str]]:
    """Buttons of the steps that the status allows: deed, words, kind."""
    kinds = {"undo": "plain", "reopen": "plain"}
    steps = STEPS.get(incident.status, ())
    acts = [(f"step:{step}:{incident.version}", tell.w(f"decision.{step}"), kinds.get(step, "")) for step in steps]
    if incident.status in SEEN and incident.matter:
        acts.append(("case", tell.w("decision.to_case"), "plain"))
    if incident.status in OPEN:
        acts.append(("between", tell.w("decision.between"), "plain"))
    return acts


def _nobody(incident: Incident, advice: Advice, tell: Teller) -> str:
    """Why there is no card to press."""
    if math.isnan(incident.lon):
        return tell.w("decision.no_place")
    if not incident.matter:
        return tell.w("decision.no_matter")
    if not advice.answer.lawful:
        return tell.w("decision.nobody", why=tell.reason(advice.answer.why))
    if any(card.possible for card in advice.candidates):
        return ""
    if all(card.mode is None for card in advice.candidates):
        return tell.w("decision.not_ours", bodies=tell.who_may(advice.answer))
    return tell.w("decision.nobody", why=tell.w("decision.see_grey"))


def _cards(candidates: Sequence[Candidate], tell: Teller) -> list[dict[str, object]]:
    return [_card(number, card, tell) for number, card in enumerate(shown_candidates(candidates), start=1)]


def _card(number: int, card: Candidate, tell: Teller) -> dict[str, object]:
    return {
        "pin": number,
        "team": card.team.id,
        "name": card.team.name,
        "posting": f"{tell.posting(card.team)} · {tell.w(f'value.{card.team.profile}')}",
        "best": number == 1 and card.possible,
        "possible": card.possible,
        "minutes": f"{card.seconds / 60:.0f}" if math.isfinite(card.seconds) else "–",
        "chips": [(reason.good, tell.reason(reason)) for reason in _chips(card)],
    }


def _chips(card: Candidate) -> list[Reason]:
    """Reasons in the order a dispatcher asks; a grey card says only what bars it and how near it is."""
    if not card.possible:
        return [reason for reason in card.reasons if reason.code in OBSTACLES]
    known = [reason for reason in card.reasons if reason.code not in UNSAID and reason.values.get("done") != 0]
    return sorted(known, key=lambda reason: CHIP_ORDER.index(reason.code) if reason.code in CHIP_ORDER else 99)


def _tone(reason: Reason) -> str:
    """How a line of the proof is coloured: an illustrative row proves nothing yet."""
    if reason.values.get("source") == Source.ILLUSTRATIVE:
        return "warn"
    return {True: "good", False: "bad", None: "soft"}[reason.good]


def _told(entry: Entry, team_names: Mapping[str, str], tell: Teller) -> str:
    """One line of the ledger, refusals included; teams by their names."""
    refused = entry.deed.startswith("refused:")
    deed = tell.w(f"deed.{entry.deed.removeprefix('refused:')}")
    words = tell.w("deed.refused", deed=deed) if refused else deed
    crew = entry.actor.removeprefix("team ")
    who = team_names.get(crew, tell.w.words.get(f"actor.{entry.actor}", entry.actor))
    team = team_names.get(entry.team, entry.team) if entry.team != crew else ""
    return tell.w("decision.line", at=tell.at(entry.at), who=who, deed=f"{words} {team}".strip())
