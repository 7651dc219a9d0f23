"""One incident as the ledger tells it: every entry about it in order, how far it has come, which clocks ran."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dispatch.desk.clocks import handling
from dispatch.records.case import Case
from dispatch.records.incident import CallBack, Incident, Status, WrongStep
from dispatch.records.reason import Reason
from dispatch.records.task import Task
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.matters import Matter
from dispatch.store import between
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import REFUSED, Entry, Kind

DIGITS_LEFT = 4
SHORTEST_NUMBER = 7
REACHED = frozenset({Status.ON_SCENE, Status.HANDLED, Status.CLOSED})
HIDDEN = "***"
PLAIN_DIGITS = {0xFF10 + digit: str(digit) for digit in range(10)}
"""Full-width digits as plain ones: one character for one, so that what is found in the one lies so in the other."""
GAP = r"[ \-.·\u00a0\u3000]{0,2}"
NUMBERS = "|".join(
    (
        rf"(?<![\dA-Za-z])(?:\+?86|0)?{GAP}1[3-9]\d(?:{GAP}\d){{8}}(?!\d)",
        rf"(?<![\dA-Za-z])0\d{{2,3}}{GAP}[2-9]\d{{2,3}}{GAP}\d{{4}}(?!\d)",
        rf"(?<![\dA-Za-z])\d{{6}}{GAP}(?:19|20)\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){GAP}\d{{3}}[\dXx](?!\d)",
    )
)
"""Mobile and fixed telephones, and identity cards, as people write them."""


@dataclass(frozen=True, slots=True)
class Story:
    """Everything the casebook holds about one incident.

    Attributes
    ----------
    voices
        The incidents that are merged into it now.
    entries
        Of the incident, its voices, tasks, disputes and cases, each once, in the order of the ledger; refusals
        included.
    """

    incident: Incident
    voices: tuple[Incident, ...]
    tasks: tuple[Task, ...]
    cases: tuple[Case, ...]
    entries: tuple[Entry, ...]

    @property
    def own(self) -> tuple[Entry, ...]:
        """What was done to the incident itself; what was refused changed nothing and is not among it."""
        mine = (each for each in self.entries if each.subject == self.incident.id and each.kind == Kind.INCIDENT)
        return tuple(each for each in mine if not each.refused)

    @property
    def callers(self) -> frozenset[str]:
        """Everybody who told of it, as they gave themselves."""
        now = {each.caller for each in (self.incident, *self.voices)}
        once = {str(_set(entry).get("caller") or "") for entry in self.entries}
        return frozenset((now | once) - {""})


@dataclass(frozen=True, slots=True)
class Kept:
    """A story by the id that was asked for and the ledger's last number then; None where the book knows no such id."""

    subject: str
    last: int
    story: Story | None


class Stage(StrEnum):
    """The seven stages of city management (GB/T 30428, GB/T 47678), in order."""

    COLLECTED = "collected"
    FILED = "filed"
    DISPATCHED = "dispatched"
    WORKED = "worked"
    REPORTED_BACK = "reported_back"
    VERIFIED = "verified"
    JUDGED = "judged"


@dataclass(frozen=True, slots=True)
class Milestone:
    """One stage: ``done`` with the time, ``now`` for the one that comes next, ``passed_over``, or ``ahead``."""

    stage: Stage
    state: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClockRead:
    """One clock of the story.

    Attributes
    ----------
    name
        ``response``, ``handling`` or ``task``; ``subject`` is the task's id.
    due_at, ended_at
        Aware; ``ended_at`` is None while it runs or stands.
    state
        ``running``, ``stands``, ``late`` (ran out, nobody there), ``in_time``, ``ended_late`` or ``dropped``.
    lines
        The explanation, where the rules give one.
    """

    name: str
    subject: str
    began_at: datetime
    due_at: datetime
    ended_at: datetime | None
    state: str
    lines: tuple[Reason, ...] = ()


class Mask:
    """Makes people unreadable but for the last digits of a number.

    Parameters
    ----------
    callers
        Whom to call back, as they gave it; what is too short to be a name or a number hides nothing.
    """

    def __init__(self, callers: Iterable[str] = ()) -> None:
        known = sorted({each.strip() for each in callers if _tells_somebody(each)}, key=len, reverse=True)
        named = "|".join(rf"(?<!\w){re.escape(each)}(?!\w)" if each.isascii() else re.escape(each) for each in known)
        self._any = re.compile("|".join(filter(None, (named.translate(PLAIN_DIGITS), NUMBERS))))

    def __call__(self, words: str) -> str:
        """``words`` with callers, telephone numbers and numbers of identity cards masked."""
        parts: list[str] = []
        plain, done = words.translate(PLAIN_DIGITS), 0
        for found in self._any.finditer(plain):
            parts += (words[done : found.start()], masked(found[0]))
            done = found.end()
        return "".join((*parts, words[done:]))


def _tells_somebody(caller: str) -> bool:
    digits = sum(letter.isdigit() for letter in caller)
    return digits >= SHORTEST_NUMBER or (len(caller.strip()) > 1 and not digits)


def masked(caller: str) -> str:
    """Whom to call back, for those who need not know: the last four digits of a number, of a name nothing.

    >>> masked("138 0000 5678")
    '***5678'
    """
    digits = "".join(letter for letter in caller if letter.isdigit())
    if not caller:
        return ""
    return HIDDEN + digits[-DIGITS_LEFT:] if len(digits) >= SHORTEST_NUMBER else HIDDEN


def read_story(casebook: Casebook, subject: str) -> Story | None:
    """The story of an incident, or of the incident that a case came from; None when the book knows neither."""
    incident = casebook.incident(subject)
    if incident is None:
        case = casebook.case(subject)
        incident = casebook.incident(case.incident) if case is not None and case.incident else None
    if incident is None:
        return None
    voices = tuple(casebook.voices(incident.id))
    tasks = tuple(casebook.tasks(incident.id))
    cases = tuple(casebook.cases(incident=incident.id))
    with casebook.reading() as connection:
        asked = between.disputes(connection, incident=incident.id)
    told_of = {
        Kind.INCIDENT: [incident.id, *(voice.id for voice in voices)],
        Kind.TASK: [task.id for task in tasks],
        Kind.CASE: [case.id for case in cases],
        Kind.DISPUTE: [dispute.id for dispute in asked],
    }
    return Story(incident, voices, tasks, cases, tuple(casebook.histories(told_of)))


def keep_story(casebook: Casebook, subject: str, kept: Kept | None = None) -> Kept:
    """The story as it stands; ``kept`` itself while the ledger has not grown since.

    The casebook's revision would not do: it stays the same when something is refused. When what was added is none of
    this story, the new one holds the very story that was kept.
    """
    last = next((entry.sequence for entry in casebook.latest_entries(1)), 0)
    if kept is not None and (kept.subject, kept.last) == (subject, last):
        return kept
    story = read_story(casebook, subject)
    return Kept(subject, last, kept.story if kept is not None and kept.story == story else story)


def chosen(entries: Iterable[Entry], wanted: str) -> list[Entry]:
    """``all`` entries, only the ``deeds`` that were done, or only what was ``refused``."""
    return [entry for entry in entries if wanted == "all" or entry.refused is (wanted == "refused")]


def deed_of(entry: Entry) -> str:
    """The deed's name, whether it was done or refused."""
    return entry.deed.removeprefix(REFUSED)


def milestones(story: Story) -> tuple[Milestone, ...]:
    """How far the incident has come and since when; what it fell back from counts no more."""
    reached: dict[Stage, datetime] = {Stage.COLLECTED: story.incident.reported_at}
    for entry in story.own:
        _reach(entry, reached)
    if story.incident.closed_at is not None:
        reached.setdefault(Stage.VERIFIED, story.incident.closed_at)
    over = Stage.VERIFIED in reached or story.incident.status is Status.MERGED
    return tuple(_milestones(reached, over=over))


def clocks(story: Story, matters: Mapping[str, Matter], calendar: Calendar, now: datetime) -> list[ClockRead]:
    """Every clock of the incident: to be on scene, to have it handled, and of each task.

    An incident that came in closed, or is one more voice about another, has none of its own.
    """
    incident = story.incident
    found = [_task_clock(task, story, now) for task in story.tasks]
    if incident.status is Status.MERGED or _came_in_closed(story):
        return found
    clock = _handling(story, matters.get(incident.matter), calendar, now)
    return [_response(story, now), *([clock] if clock else []), *found]


def _reach(entry: Entry, reached: dict[Stage, datetime]) -> None:
    """What one deed does to the stages: a step on, or a fall back to the file that waits for a team."""
    new = _set(entry)
    status = new.get("status")
    if new.get("matter"):
        reached.setdefault(Stage.FILED, entry.at)
    if status == Status.REPORTED and entry.version_before:
        for stage in list(Stage)[2:]:
            reached.pop(stage, None)
    if status == Status.HANDLED:  # another body worked on it where no team arrived
        reached.setdefault(Stage.WORKED, entry.at)
    step = {
        Status.ASSIGNED: Stage.DISPATCHED,
        Status.TRANSFERRED: Stage.DISPATCHED,
        Status.ON_SCENE: Stage.WORKED,
        Status.HANDLED: Stage.REPORTED_BACK,
        Status.CLOSED: Stage.VERIFIED,
    }.get(status)  # type: ignore[call-overload]
    if step is not None:
        reached[step] = entry.at
    if entry.details.get("call_back") in (CallBack.SATISFIED, CallBack.UNSATISFIED):
        reached[Stage.JUDGED] = entry.at


def _milestones(reached: Mapping[Stage, datetime], *, over: bool) -> Iterator[Milestone]:
    """Stages in order: before the last one reached nothing is ahead any more, it was passed over."""
    stages = list(Stage)
    last = max(stages.index(stage) for stage in reached)
    for number, stage in enumerate(stages):
        if stage in reached:
            yield Milestone(stage, "done", reached[stage])
        elif number < last:
            yield Milestone(stage, "passed_over")
        else:
            yield Milestone(stage, "now" if number == last + 1 and not over else "ahead")


def _response(story: Story, now: datetime) -> ClockRead:
    """From the report to the first team on scene; what was handled or closed without one stopped it too."""
    incident = story.incident
    there = next((each.at for each in story.own if _set(each).get("status") in REACHED), None)
    return ClockRead(
        "response",
        "",
        incident.reported_at,
        incident.due_at,
        there,
        _state(incident.due_at, there, now),
    )


def _handling(story: Story, matter: Matter | None, calendar: Calendar, now: datetime) -> ClockRead | None:
    """From the report to handled; None where entries of another program make no lawful clock."""
    try:
        read = handling(story.incident, story.entries, matter, calendar, now)
    except WrongStep:
        return None
    state = _state(read.due_at, read.done_at, now)
    if read.paused_since is not None and read.done_at is None:
        state = "late" if read.overdue else "stands"
    return ClockRead("handling", "", read.started, read.due_at, read.done_at, state, read.lines)


def _task_clock(task: Task, story: Story, now: datetime) -> ClockRead:
    """From the last time it was sent out."""
    sent = [entry.at for entry in story.entries if entry.subject == task.id and _set(entry).get("due_at")]
    began = sent[-1] if sent else story.incident.reported_at
    state = "dropped" if task.status == "withdrawn" else _state(task.due_at, task.done_at, now)
    return ClockRead("task", task.id, began, task.due_at, task.done_at, state)


def _state(due_at: datetime, ended_at: datetime | None, now: datetime) -> str:
    if ended_at is not None:
        return "in_time" if ended_at <= due_at else "ended_late"
    return "running" if now <= due_at else "late"


def _came_in_closed(story: Story) -> bool:
    first: Sequence[Entry] = story.own[:1]
    return bool(first) and _set(first[0]).get("status") == Status.CLOSED


def _set(entry: Entry) -> Mapping[str, object]:
    new = entry.details.get("set")
    return new if isinstance(new, Mapping) else {}
