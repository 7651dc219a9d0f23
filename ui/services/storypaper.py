"""A story laid out for people: its head, stages and clocks in words, and the whole as a file to hand over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from dispatch.records.incident import Incident
from dispatch.store.ledger import Entry, Verified
from ui.services.sentences import Narrator, Says, Told
from ui.services.story import ClockRead, Mask, Milestone, Story, masked

TONES = {"late": "bad", "ended_late": "bad", "stands": "warn", "dropped": "soft", "in_time": "good"}


class Reads(Says, Protocol):
    """What a page asks of the one who tells: a ``ui.telling.Teller``."""

    @property
    def zone(self) -> ZoneInfo: ...
    def what(self, incident: Incident) -> str: ...
    def where_full(self, incident: Incident) -> str: ...
    def span(self, span: timedelta) -> str: ...
    def until(self, moment: datetime) -> str: ...


class ClockTold(NamedTuple):
    """A clock in words, with the tone of its state and the lines that explain it."""

    name: str
    term: str
    state: str
    tone: str
    lines: tuple[str, ...]


class Paper(NamedTuple):
    """What a story's page and its file are made of.

    Attributes
    ----------
    made_up
        What of the place is synthetic, or empty.
    verified
        When the chain was last checked here and what was found, or None.
    """

    story: Story
    told: Sequence[Told]
    stages: Sequence[Milestone]
    clocks: Sequence[ClockTold]
    made_up: str
    verified: tuple[Verified, datetime] | None


def head(story: Story, tell: Reads) -> list[tuple[str, str]]:
    """Label and value of what stands at the head; the caller but for the last digits."""
    w, incident = tell.w, story.incident
    state = tell.w(f"state.{incident.status}")
    merged = f" · {w('story.voice_of', id=incident.parent)}" if incident.parent else ""
    return [
        (w("decision.state"), state + merged),
        (w("decision.where"), Mask(story.callers)(tell.where_full(incident))),
        (w("story.reported"), day_and_time(incident.reported_at, tell)),
        (w("story.came_from"), w.words.get(f"story.source.{incident.source}", incident.source)),
        (w("story.voices"), str(incident.voices)),
        (w("story.caller"), masked(incident.caller) or "–"),
    ]


def title(story: Story, tell: Reads) -> str:
    """What it is, nobody's number among it."""
    return Mask(story.callers)(tell.what(story.incident))


def clock_told(clock: ClockRead, narrator: Narrator, tell: Reads, now: datetime) -> ClockTold:
    """A clock as people say it."""
    w, ended = tell.w, clock.ended_at
    task = next((each for each in narrator.story.tasks if each.id == clock.subject), None)
    name = w(f"story.clock_{clock.name}", id=narrator.task_called(task) if task else clock.subject)
    away = abs((ended or now) - clock.due_at)
    state = w(f"story.{clock.state}", span=tell.span(away), at=tell.at(ended) if ended else "")
    began, due = w("story.began", at=tell.at(clock.began_at)), w("story.due", at=tell.until(clock.due_at))
    lines = tuple(narrator.reason(reason) for reason in clock.lines)
    return ClockTold(name, w("story.parts").join((began, due)), state, TONES.get(clock.state, ""), lines)


def stage_told(stage: Milestone, tell: Reads) -> str:
    """When a stage was reached, or how it stands."""
    if stage.at is not None:
        return tell.at(stage.at)
    return tell.w.words.get(f"story.stage_{stage.state}", "")


def chain_told(verified: tuple[Verified, datetime] | None, least: int, tell: Reads) -> tuple[str, str]:
    """Tone and words of what is known of the whole ledger's chain; ``least`` is the highest number seen."""
    if verified is None:
        return "soft", tell.w("story.chain_unknown", n=least)
    found, at = verified
    if found.whole:
        return "good", tell.w("story.chain_whole", n=found.entries, head=found.head[:8], at=tell.at(at))
    return "bad", tell.w("story.chain_broken", n=found.broken, what=found.what, at=tell.at(at))


def day_and_time(moment: datetime, tell: Reads) -> str:
    """Local time of the place with its year, to the second, as an auditor quotes it."""
    return moment.astimezone(tell.zone).strftime("%Y-%m-%d %H:%M:%S")


def as_text(paper: Paper, tell: Reads, *, who: str, now: datetime) -> str:
    """The whole story as text, refusals included, whatever was shown on the screen."""
    return "\n".join(_whole(line) for line in _lines(paper, tell, who, now)) + "\n"


def as_json_lines(entries: Sequence[Entry]) -> str:
    """The entries as the ledger has them, one JSON object a line, nothing hidden."""
    return "".join(json.dumps(_raw(entry), ensure_ascii=False, sort_keys=True) + "\n" for entry in entries)


def _lines(paper: Paper, tell: Reads, who: str, now: datetime) -> Iterator[str]:
    w, story = tell.w, paper.story
    yield f"{w('story.file_head')} {story.incident.id}"
    yield title(story, tell)
    yield from (f"{label}: {value}" for label, value in head(story, tell))
    if paper.made_up:
        yield paper.made_up
    yield w("story.file_made", at=day_and_time(now, tell), who=who)
    yield from ("", f"== {w('story.stages')} ==")
    yield from (f"{w(f'story.stage.{each.stage}')}: {stage_told(each, tell) or '–'}" for each in paper.stages)
    if paper.clocks:
        yield from ("", f"== {w('story.clocks')} ==")
    for clock in paper.clocks:
        yield f"{clock.name}: {clock.term}{w('story.parts')}{clock.state}"
        yield from (f"    {line}" for line in clock.lines)
    yield from ("", f"== {w('story.entries')} ==")
    for told in paper.told:
        yield from _entry_lines(told, tell)
    refused = sum(told.entry.refused for told in paper.told)
    yield from ("", w("story.file_end", n=len(paper.told), refused=refused))
    yield f"{w('story.chain')}: {chain_told(paper.verified, _last(paper.told), tell)[1]}"


def _entry_lines(told: Told, tell: Reads) -> Iterator[str]:
    entry, w = told.entry, tell.w
    marks = [f"[{w('story.refused_mark')}]"] if entry.refused else []
    marks += [f"[{told.about}]"] if told.about else []
    yield " ".join([f"#{entry.sequence}", entry.hash[:8], day_and_time(entry.at, tell), *marks, told.words])
    ground = w("story.file_why" if entry.refused else "story.file_grounds")
    yield from (f"    {ground}: {line}" for line in told.grounds)
    for change in told.changes:
        yield f"    {change.field}: {change.was or '–'} → {change.now or '–'}"


def _whole(line: str) -> str:
    """One line and no more, its indent kept: a line that begins with # is an entry and nothing else."""
    return line[: len(line) - len(line.lstrip(" "))] + " ".join(line.split())


def _last(told: Sequence[Told]) -> int:
    return told[-1].entry.sequence if told else 0


def _raw(entry: Entry) -> dict[str, object]:
    return {
        "sequence": entry.sequence,
        "at": entry.at.isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "deed": entry.deed,
        "kind": entry.kind,
        "subject": entry.subject,
        "team": entry.team,
        "version_before": entry.version_before,
        "version_after": entry.version_after,
        "details": entry.details,
        "previous": entry.previous,
        "hash": entry.hash,
    }
