"""What becomes of an incident once a team is sent: on the way, there, handled, looked at, told, closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, tzinfo
from math import isnan

from dispatch.desk.deed import Deed, Pairing, stated
from dispatch.desk.door import Door
from dispatch.desk.refusals import Refused
from dispatch.desk.tasks import withdraw_tasks
from dispatch.records.incident import CallBack, Incident
from dispatch.records.reason import Reason
from dispatch.records.team import Team
from dispatch.rulebook.calendar import CHINA
from dispatch.rulebook.competence import RuleBook
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import Kind


class Loop(Door):
    """The deeds from a team's acceptance to the closed incident; each closes a gate behind it.

    Parameters
    ----------
    rulebook
        Matters, and who may act on them.
    zone
        Where the place keeps its calendar: certificates and powers go by its day.
    """

    def __init__(
        self,
        casebook: Casebook,
        rulebook: RuleBook,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        zone: tzinfo = CHINA,
    ) -> None:
        super().__init__(casebook, clock)
        self.rulebook = rulebook
        self._zone = zone

    def day(self, now: datetime | None = None) -> date:
        """The place's calendar day at ``now``: the day by which certificates and powers are judged."""
        return (now or self.clock()).astimezone(self._zone).date()

    def accept(self, actor: str, incident_id: str, version: int, *, now: datetime | None = None) -> Pairing:
        """The team has accepted and is on its way."""
        with self._deed("accept", actor, incident_id, now) as deed:
            return deed.change_both(Incident.accepted, lambda team, _: team.set_out(), version)

    def arrive(self, actor: str, incident_id: str, version: int, *, now: datetime | None = None) -> Pairing:
        """The team is on scene, which is where it then stands on the map."""
        with self._deed("arrive", actor, incident_id, now) as deed:
            return deed.change_both(Incident.arrived, _at_the_scene, version)

    def hand_back(
        self, actor: str, incident_id: str, version: int, reason: str, *, now: datetime | None = None
    ) -> Pairing:
        """The team gives the incident back, with the reason or the clause that makes it another's; it waits again."""
        with self._deed("hand_back", actor, incident_id, now) as deed:
            told = stated(reason)
            return deed.change_both(Incident.handed_back, stood_down, version, reason=told)

    def handle(
        self, actor: str, incident_id: str, version: int, outcome: str, *, now: datetime | None = None
    ) -> Pairing:
        """The team has done its part: the outcome is kept in the ledger, the team is free with one more to its name."""
        with self._deed("handle", actor, incident_id, now) as deed:
            told = stated(outcome)
            return deed.change_both(Incident.handled, _done, version, outcome=told)

    def verify(
        self, actor: str, incident_id: str, version: int, *, passed: bool, how: str, now: datetime | None = None
    ) -> Incident:
        """Somebody has looked: in order, or back to work with what is not.

        Raises
        ------
        Refused
            ``needs_words`` without a word on how it was seen; ``tasks_open`` while a department's part is not done.
        """
        with self._deed("verify", actor, incident_id, now) as deed:
            told = stated(how)
            waiting = deed.page.tasks(incident_id, open_only=True) if passed else []
            if waiting:
                first = waiting[0]
                told_of: dict[str, str | int | float] = {
                    "n": len(waiting),
                    "department": first.department,
                    "task": first.id,
                }
                raise Refused(Reason("tasks_open", False, told_of))
            step = Incident.verified if passed else Incident.sent_back
            return deed.change(step, version, passed=passed, how=told)

    def close(
        self,
        actor: str,
        incident_id: str,
        version: int,
        call_back: CallBack = CallBack.NOBODY,
        words: str = "",
        *,
        now: datetime | None = None,
    ) -> Incident:
        """The caller told what came of it, and the incident closed.

        Raises
        ------
        Refused
            ``call_back_first`` when there is somebody to call and nobody has tried.
        """
        with self._deed("close", actor, incident_id, now) as deed:
            incident, at = deed.incident(version), deed.actor.at
            if incident.caller and call_back is CallBack.NOBODY:
                raise Refused(Reason("call_back_first", False, {"caller": incident.caller}))
            told = {"call_back": call_back.value, "words": words}
            return deed.change(lambda incident: incident.closed(at), version, **told)

    def pass_on(
        self, actor: str, incident_id: str, version: int, to: str, reason: str, *, now: datetime | None = None
    ) -> Incident:
        """What is nobody's here to enforce, closed with where it went and why.

        Raises
        ------
        Refused
            ``is_enforcement`` when somebody of this place may lawfully act on it.
        """
        with self._deed("pass_on", actor, incident_id, now) as deed:
            incident, at = deed.incident(version), deed.actor.at
            answer = self.rulebook.resolve(incident.matter, incident.town, self.day(at))
            if answer.lawful:
                raise Refused(Reason("is_enforcement", False, {"body": answer.actors[0].body_zh}), answer.why)
            told = {"to": stated(to), "reason": stated(reason)}
            withdraw_tasks(deed.page, deed.actor, incident_id, f"passed on to {told['to']}")
            return deed.change(lambda incident: incident.passed_on(at), version, **told)

    def reopen(
        self, actor: str, incident_id: str, version: int, reason: str, *, now: datetime | None = None
    ) -> Incident:
        """A closed incident back in the queue, without a team, due when it was due."""
        with self._deed("reopen", actor, incident_id, now) as deed:
            return deed.change(Incident.reopened, version, reason=reason)

    @contextmanager
    def _deed(self, name: str, actor: str, incident_id: str, now: datetime | None, team_id: str = "") -> Iterator[Deed]:
        with self.deed(name, actor, Kind.INCIDENT, incident_id, now, team_id) as (page, who):
            yield Deed(page, who, incident_id)


def stood_down(team: Team, _: Incident) -> Team:
    return team.freed(done=False)


def _done(team: Team, _: Incident) -> Team:
    return team.freed(done=True)


def _at_the_scene(team: Team, incident: Incident) -> Team:
    """Where the incident is; a team that found one without a place says so by its own position."""
    unplaced = isnan(incident.lon) or isnan(incident.lat)
    return team.arrived(team.lon if unplaced else incident.lon, team.lat if unplaced else incident.lat)
