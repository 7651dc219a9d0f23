"""What the command centre sees at one moment: open incidents, teams, and the figures above them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

from dispatch.records.incident import OPEN, OUT, UNANSWERED, Incident, Status
from dispatch.records.team import Activity, Team
from dispatch.store.casebook import Casebook

DISTRICT_DIGITS = 6
SENT = OUT
TO_VERIFY = frozenset({Status.HANDLED, Status.VERIFIED})


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of the strip."""

    waiting: int
    overdue: int
    on_the_way: int
    on_scene: int
    to_verify: int
    free: int
    closed: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which incidents the queue and the map show. Empty sets let everything through.

    Who searches for words searches the whole board, whatever status is asked for besides.
    """

    words: str = ""
    statuses: frozenset[Status] = frozenset({Status.REPORTED})
    priorities: frozenset[int] = frozenset()
    towns: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    only_overdue: bool = False

    def lets_through(self, incident: Incident, now: datetime, said: str = "") -> bool:
        """``said`` is what else the reader sees of the incident, such as its matter's name."""
        return (
            (bool(self.words) or incident.status in self.statuses)
            and (not self.priorities or incident.priority in self.priorities)
            and (not self.towns or incident.town in self.towns)
            and (not self.sources or incident.source in self.sources)
            and (not self.only_overdue or overdue(incident, now))
            and self._words_in(incident, said)
        )

    def _words_in(self, incident: Incident, said: str) -> bool:
        known = f"{incident.id} {incident.text} {incident.address} {said}".casefold()
        return all(word in known for word in self.words.casefold().split())


@dataclass(frozen=True, slots=True)
class Board:
    """One revision of the casebook as it stood at ``now``.

    Attributes
    ----------
    incidents
        Open ones and those closed today, by id, the one due first in front.
    teams
        All teams of the roster, by id.
    areas
        Codes of what is on it; ``("",)`` for everything.
    """

    revision: int
    now: datetime
    incidents: Mapping[str, Incident]
    teams: Mapping[str, Team]
    figures: Figures
    on_duty: frozenset[str] = field(default_factory=frozenset)
    areas: tuple[str, ...] = ("",)

    def sees(self, place: str) -> bool:
        """Whether what lies there (code of a cell, community or town; empty: nowhere yet) belongs on this board."""
        return not place or place.startswith(self.areas)

    def within(self, areas: Sequence[str]) -> Board:
        """What of it lies in these areas (codes of districts, towns, communities), or nowhere yet.

        The three levels each see their own: a district everything, which costs nothing; a town or community its
        incidents and the teams that are posted there.
        """
        if any(len(area) <= DISTRICT_DIGITS for area in areas):
            return self
        here = replace(self, areas=tuple(areas))
        incidents = {key: each for key, each in self.incidents.items() if here.sees(each.cell or each.town)}
        towns = tuple(area[:9] for area in areas)
        teams = {key: each for key, each in self.teams.items() if each.town.startswith(towns)}
        on_duty = frozenset(self.on_duty & teams.keys())
        figures = _figures(incidents, teams, on_duty, self.now)
        return replace(here, incidents=incidents, teams=teams, figures=figures, on_duty=on_duty)

    def shown(self, wanted: Filter, say: Callable[[Incident], str] = lambda _: "") -> list[Incident]:
        """The incidents a filter lets through, by time left; ``say`` tells what else the reader sees of one."""
        tell = say if wanted.words else lambda _: ""
        return [each for each in self.incidents.values() if wanted.lets_through(each, self.now, tell(each))]

    @property
    def sources(self) -> list[str]:
        """Where the incidents on the board came from, sorted."""
        return sorted({incident.source for incident in self.incidents.values()})

    def waiting(self) -> list[Incident]:
        return [incident for incident in self.incidents.values() if incident.status is Status.REPORTED]

    def free_teams(self) -> list[Team]:
        return [team for team in self.teams.values() if team.activity is Activity.FREE and team.id in self.on_duty]


def overdue(incident: Incident, now: datetime) -> bool:
    """Whether nobody was on scene when somebody should have been."""
    return incident.status in UNANSWERED and incident.due_at < now


def board_of(revision: int, now: datetime, incidents: Iterable[Incident], teams: Iterable[Team]) -> Board:
    """A board from the casebook's records."""
    by_due = {incident.id: incident for incident in sorted(incidents, key=lambda i: (i.due_at, i.id))}
    by_id = {team.id: team for team in teams}
    on_duty = frozenset(team.id for team in by_id.values() if team.on_duty(now))
    return Board(revision, now, by_due, by_id, _figures(by_due, by_id, on_duty, now), on_duty)


def _figures(
    incidents: Mapping[str, Incident], teams: Mapping[str, Team], on_duty: frozenset[str], now: datetime
) -> Figures:
    statuses = [incident.status for incident in incidents.values()]
    return Figures(
        waiting=statuses.count(Status.REPORTED),
        overdue=sum(overdue(incident, now) for incident in incidents.values()),
        on_the_way=statuses.count(Status.ASSIGNED) + statuses.count(Status.ACCEPTED),
        on_scene=statuses.count(Status.ON_SCENE),
        to_verify=sum(status in TO_VERIFY for status in statuses),
        free=sum(team.activity is Activity.FREE and team.id in on_duty for team in teams.values()),
        closed=statuses.count(Status.CLOSED),
    )


def time_left(incident: Incident, now: datetime) -> timedelta:
    """Time until a team must be on scene; negative when it is late."""
    return incident.due_at - now


def _stays(incident: Incident, day_start: datetime) -> bool:
    """Open, or closed today; a voice about another incident stands with that one."""
    return incident.status in OPEN or (incident.closed_at is not None and incident.closed_at >= day_start)


class Boards:
    """The newest board of a casebook, renewed by what has changed; shared by all sessions of a process.

    A board is made at most once per revision and per ``fresh_s`` seconds of the clock, however many ask.
    """

    def __init__(self, casebook: Casebook, fresh_s: float = 2.0) -> None:
        self._casebook = casebook
        self._fresh = timedelta(seconds=fresh_s)
        self._lock = Lock()
        self._incidents: dict[str, Incident] = {}
        self._teams: dict[str, Team] = {}
        self._revision = -1
        self._day_start: datetime | None = None
        self._board: Board | None = None

    def at(self, now: datetime, day_start: datetime) -> Board:
        """The board at ``now``, closed incidents from ``day_start`` on included (both aware)."""
        with self._lock:
            changed = self._renew(day_start)
            board = self._board
            if board is None or changed or not timedelta(0) <= now - board.now < self._fresh:
                shown = (i for i in self._incidents.values() if _stays(i, day_start))
                board = self._board = board_of(self._revision, now, shown, self._teams.values())
            return board

    def _renew(self, day_start: datetime) -> bool:
        if self._revision < 0:
            snapshot = self._casebook.snapshot()
            closed = self._casebook.closed_since(day_start)
            self._incidents = {incident.id: incident for incident in [*closed, *snapshot.incidents]}
            self._teams = {team.id: team for team in snapshot.teams}
            self._revision = snapshot.revision
            return True
        if self._casebook.revision() == self._revision:
            return False
        changes = self._casebook.changed_since(self._revision)
        self._incidents |= {incident.id: incident for incident in changes.incidents}
        if day_start != self._day_start:
            self._day_start = day_start
            today = {k: i for k, i in self._incidents.items() if _stays(i, day_start)}
            self._incidents = today
        if changes.whole_roster:
            self._teams = {}
        self._teams |= {team.id: team for team in changes.teams}
        self._revision = changes.revision
        return True
