"""What a dispatcher and a team can do with an incident, one transaction a deed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from math import isfinite, isnan, nan
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from dispatch.desk.deed import Deed, Pairing
from dispatch.desk.door import note_refusal
from dispatch.desk.lawful import warrant
from dispatch.desk.loop import Loop, stood_down
from dispatch.desk.parts import spawn
from dispatch.desk.refusals import REFUSALS, BatchRefused, Refusal, Refused
from dispatch.desk.rights import Rights
from dispatch.desk.roster import merged
from dispatch.records.incident import Incident
from dispatch.records.reason import Reason
from dispatch.records.team import Team
from dispatch.rulebook.calendar import CHINA, Calendar
from dispatch.rulebook.competence import RuleBook
from dispatch.rulebook.matters import IMPORTED_UNCLASSIFIED_WITHIN, UNCLASSIFIED_PRIORITY, UNCLASSIFIED_WITHIN
from dispatch.rulebook.onething import Part
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import Entry, Kind
from dispatch.store.writing import Actor

NO_HOLIDAYS = Calendar({})
UNDO_WITHIN = timedelta(seconds=60)
DESK_REASONS = (
    "unknown_matter",  # matter
    "nothing_to_undo",
    "undo_too_late",  # incident, seconds, within
    "needs_words",
    "call_back_first",  # caller
    "is_enforcement",  # body
)
"""What the desk itself can refuse a deed with, besides the law."""
STOPGAPS = (UNCLASSIFIED_WITHIN, IMPORTED_UNCLASSIFIED_WITHIN)


class Locator(Protocol):
    """What finds the cell of a point: a ``gis.locate.CellLocator``."""

    def locate(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int32]:
        """Row of the cell of each point, -1 outside all cells."""


class Pick(NamedTuple):
    """One line of a batch: which team goes to which incident, as the dispatcher saw both."""

    incident: str
    incident_version: int
    team: str
    team_version: int | None = None


class Desk(Loop):
    """The deeds of one place's desk.

    Every deed names its actor, sees the incident at the version it was shown (``version``), and either is done, with
    one entry in the ledger, and returns the new record, or raises and changes nothing. A refused deed leaves an entry
    ``refused:…`` that says who tried what and why it was refused.

    Parameters
    ----------
    casebook
        Where it is written.
    rulebook
        Matters, and who may act on them.
    locator, cells
        Finds the row in ``cells`` (columns ``code`` and ``town``) of a point in WGS84.
    clock
        The present, aware; a deed's ``now`` overrides it.
    zone
        Where the place keeps its calendar: certificates and powers go by its day.
    undo_within
        How long, by ``clock``, a dispatch can be undone.
    parts
        What each department does in the matters that concern several: their tasks go out with the matter.
    calendar
        By which the terms of those tasks are counted.
    rights
        Who may do what; None for a desk that only the program itself uses.

    Raises of every deed
    --------------------
    Stale
        The incident has changed since ``version``.
    WrongStep
        Its status does not allow the deed.
    Unknown
        It is not in the book.
    """

    def __init__(
        self,
        casebook: Casebook,
        rulebook: RuleBook,
        locator: Locator,
        cells: pd.DataFrame,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        zone: tzinfo = CHINA,
        undo_within: timedelta = UNDO_WITHIN,
        parts: Mapping[str, tuple[Part, ...]] = MappingProxyType({}),
        calendar: Calendar = NO_HOLIDAYS,
        rights: Rights | None = None,
    ) -> None:
        super().__init__(casebook, rulebook, clock, zone, rights)
        self._locator = locator
        self._cells = [str(code) for code in cells["code"]]
        self._towns = [str(town) for town in cells["town"]]
        self._undo_within = undo_within
        self._parts = parts
        self.calendar = calendar

    def report(
        self,
        actor: str,
        text: str,
        *,
        lon: float = nan,
        lat: float = nan,
        matter: str = "",
        priority: int | None = None,
        address: str = "",
        source: str = "desk",
        caller: str = "",
        reported_at: datetime | None = None,
        now: datetime | None = None,
    ) -> Incident:
        """A new incident; without a place (NaN) or a matter it waits for ``locate`` and ``classify``.

        Its id is the day and a running number, so that it can be said over the radio.

        Raises
        ------
        Refused
            When the catalogue has no such matter.
        ValueError
            When the position is half NaN or not on the earth.
        """
        cell, _ = self.cell_of(lon, lat)
        with self._deed("report", actor, "", now, place=cell) as deed:
            return self.file(
                deed,
                text,
                lon=lon,
                lat=lat,
                matter=matter,
                priority=priority,
                address=address,
                source=source,
                caller=caller,
                reported_at=reported_at,
            )

    def file(
        self,
        deed: Deed,
        text: str,
        *,
        lon: float = nan,
        lat: float = nan,
        matter: str = "",
        priority: int | None = None,
        address: str = "",
        source: str = "desk",
        caller: str = "",
        reported_at: datetime | None = None,
    ) -> Incident:
        """A new incident as part of another deed, on its page and in its name; else as :meth:`report`."""
        cell, town = self.cell_of(lon, lat)
        reported = reported_at or deed.actor.at
        order, due = self._order_and_due(matter, priority, reported)
        new = Incident(
            self._new_id(deed),
            text,
            lon,
            lat,
            cell,
            town,
            matter,
            order,
            reported,
            due,
            source,
            address,
            caller=caller,
        )
        deed.page.add(deed.actor, [new])
        self._send_out_tasks(deed, new)
        return new

    def locate(
        self, actor: str, incident_id: str, version: int, lon: float, lat: float, *, now: datetime | None = None
    ) -> Incident:
        """The incident put at a place (WGS84 degrees); cell and town follow, both empty outside the district."""
        cell, town = self.cell_of(lon, lat)
        with self._deed("locate", actor, incident_id, now) as deed:
            return deed.change(lambda incident: incident.located(lon, lat, cell, town), version)

    def classify(
        self,
        actor: str,
        incident_id: str,
        version: int,
        matter: str,
        priority: int | None = None,
        *,
        now: datetime | None = None,
    ) -> Incident:
        """The incident given its matter; priority (unless given) and due time follow from the catalogue.

        A deadline that came with the incident from another system stays.
        """
        with self._deed("classify", actor, incident_id, now) as deed:
            incident = deed.incident(version)
            order, due = self._order_and_due(matter, priority, incident.reported_at)
            if not incident.matter and incident.due_at - incident.reported_at not in STOPGAPS:
                due = incident.due_at
            after = deed.change(lambda incident: incident.classified(matter, order, due), version)
            self._send_out_tasks(deed, after)
            return after

    def assign(
        self,
        actor: str,
        incident_id: str,
        team_id: str,
        incident_version: int,
        team_version: int | None = None,
        *,
        now: datetime | None = None,
    ) -> Pairing:
        """The team sent to the incident.

        Without ``team_version`` the team may have changed since it was seen, as long as it is free.

        Raises
        ------
        Taken
            The incident has a team, or the team an incident; says who sent it and when.
        Refused
            The team is off duty, or it would be no lawful act: see ``dispatch.desk.lawful.warrant``.
        """
        with self._deed("assign", actor, incident_id, now, team_id) as deed:
            return self._send(deed, Pick(incident_id, incident_version, team_id, team_version))

    def assign_batch(self, actor: str, picks: Sequence[Pick], *, now: datetime | None = None) -> list[Pairing]:
        """Every team of the batch sent, or none.

        All or nothing, because the dispatcher agreed to one plan: its teams were chosen against each other, and the
        part that is left when some are gone is a plan nobody has looked at. The error names every line that stands in
        the way, so the next preview starts from what is true now. One undo takes the whole batch back.

        Raises
        ------
        BatchRefused
            With each incident that could not be assigned and why.
        """
        at = now or self.clock()
        problems: list[tuple[str, Refusal]] = []
        done: list[Pairing] = []
        who = Actor(actor, at, "assign")
        try:
            with self.casebook.writing() as page:
                batch = page.next_sequence
                for pick in (Pick(*pick) for pick in picks):
                    try:
                        self.allow(page, who, Kind.INCIDENT, pick.incident, pick.team)
                        done.append(self._send(Deed(page, who, pick.incident), pick, batch=batch))
                    except REFUSALS as problem:
                        problems.append((pick.incident, problem))
                if problems:
                    raise BatchRefused(tuple(problems))
        except BatchRefused:
            teams = {pick[0]: pick[2] for pick in picks}
            with self.casebook.writing() as page:
                for subject, refusal in problems:
                    note_refusal(page, who, Kind.INCIDENT, subject, refusal, teams[subject])
            raise
        return done

    def recall(
        self, actor: str, incident_id: str, version: int, reason: str, *, now: datetime | None = None
    ) -> Pairing:
        """The dispatch taken back until the team is on scene: the incident waits again, the team is free."""
        with self._deed("recall", actor, incident_id, now) as deed:
            return deed.change_both(Incident.recalled, stood_down, version, reason=reason)

    def undo(self, actor: str, *, now: datetime | None = None) -> list[Pairing]:
        """The actor's last dispatch taken back within ``undo_within``; of a batch, all of it.

        Raises
        ------
        Refused
            ``nothing_to_undo`` when the actor has sent nobody or has taken it back; ``undo_too_late`` with the seconds.
        Stale
            When somebody else has had the incident in hand since; the team's own acceptance does not count.
        """
        with self._deed("undo", actor, "", now) as deed:
            sent = self._to_undo(deed)
            back = []
            for entry in sent:
                each = replace(deed, subject=entry.subject)
                version = each.still_as_sent(entry)
                back.append(each.change_both(Incident.recalled, stood_down, version, undoes=entry.sequence))
            return back

    def positions(self, teams: Sequence[str], lon: ArrayLike, lat: ArrayLike) -> int:
        """Teams at their latest positions (WGS84 degrees, shape (n,)); returns how many the roster knows.

        A position report is no deed: it decides nothing, comes every few seconds from every team, and would bury the
        ledger. It changes no version, so nobody's dispatch goes stale by it; the casebook's revision grows, so
        screens see it.
        """
        xs, ys = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        if not (np.all(np.abs(xs) <= 180) and np.all(np.abs(ys) <= 90)):
            raise ValueError("A team's position must be longitude within ±180 and latitude within ±90 degrees.")
        with self.casebook.writing() as page:
            return page.place_teams(zip(teams, xs.tolist(), ys.tolist(), strict=True))

    def set_roster(self, actor: str, teams: Sequence[Team], *, now: datetime | None = None) -> list[Team]:
        """The teams of the present shift, in place of the last.

        A team that is out keeps its incident, and stays even when the new roster leaves it out, until it is set again
        after that. A team of the same shift keeps its position and its count of the day. The same roster again
        changes nothing and leaves no entry.

        Raises
        ------
        RosterClash
            When an officer sits in two teams at once, or a team stands twice.
        """
        with self.casebook.writing() as page:
            before = page.teams()
            after = merged(before, teams)
            if after != before:
                page.set_roster(Actor(actor, now or self.clock(), "set_roster"), after)
        return after

    def _send(self, deed: Deed, pick: Pick, **details: Any) -> Pairing:
        incident = deed.untaken(pick.incident_version)
        team = deed.free_team(pick.team, pick.team_version)
        assigned = incident.assigned(team.id)
        at = deed.actor.at
        told = warrant(self.rulebook, incident, team, at, self.day(at)).told()
        sent = team.assigned(incident.id)
        deed.page.change(deed.actor, incident, assigned, team, sent, warrant=told, **details)
        return Pairing(assigned, sent)

    def _to_undo(self, deed: Deed) -> list[Entry]:
        """The entries of the actor's last dispatch that is not yet undone."""
        entries = deed.page.deeds_of(deed.actor.name, "assign", "undo", since=deed.actor.at - self._undo_within)
        undone = {entry.details["undoes"] for entry in entries if entry.deed == "undo"}
        sent = [entry for entry in entries if entry.deed == "assign" and entry.sequence not in undone]
        if not sent:
            raise Refused(self._why_no_undo(deed))
        batch = sent[0].details.get("batch")
        return sent[:1] if batch is None else [entry for entry in sent if entry.details.get("batch") == batch]

    def _why_no_undo(self, deed: Deed) -> Reason:
        last = deed.page.last_deed_of(deed.actor.name, "assign")
        if last is None:
            return Reason("nothing_to_undo", False)
        undone = {entry.details["undoes"] for entry in deed.page.deeds_of(deed.actor.name, "undo", since=last.at)}
        if last.sequence in undone:
            return Reason("nothing_to_undo", False)
        seconds = int((deed.actor.at - last.at).total_seconds())
        within = int(self._undo_within.total_seconds())
        return Reason("undo_too_late", False, {"incident": last.subject, "seconds": seconds, "within": within})

    def _new_id(self, deed: Deed) -> str:
        """The day and a running number; one that came in with a file is passed over."""
        while True:
            new = f"{self.day(deed.actor.at):%Y%m%d}-{deed.page.next_number():04d}"
            if deed.page.incident(new) is None:
                return new

    def cell_of(self, lon: float, lat: float) -> tuple[str, str]:
        """Codes of the cell and the town of a point (WGS84 degrees); both empty outside the district or for NaN.

        Raises
        ------
        ValueError
            When the position is half NaN or not on the earth.
        """
        if isnan(lon) and isnan(lat):
            return "", ""
        if not (isfinite(lon) and isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
            raise ValueError(f"lon {lon}, lat {lat} is no place on the earth; give WGS84 degrees, or NaN for both.")
        row = int(self._locator.locate(np.array([lon]), np.array([lat]))[0])
        return (self._cells[row], self._towns[row]) if row >= 0 else ("", "")

    def _send_out_tasks(self, deed: Deed, incident: Incident) -> None:
        spawn(deed.page, deed.actor, incident, self._parts, self.rulebook.bodies, self.calendar)

    def _order_and_due(self, code: str, priority: int | None, reported_at: datetime) -> tuple[int, datetime]:
        """Priority and due time of a matter, or the stopgaps while there is none."""
        if code and code not in self.rulebook.matters:
            raise Refused(Reason("unknown_matter", False, {"matter": code}))
        if priority is not None and priority not in (1, 2, 3, 4):
            raise ValueError(f"priority is {priority}; it must be 1 (highest) to 4.")
        if not code:
            return priority or UNCLASSIFIED_PRIORITY, reported_at + UNCLASSIFIED_WITHIN
        matter = self.rulebook.matters[code]
        return priority or matter.priority, reported_at + matter.respond_within
