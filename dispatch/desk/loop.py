"""What becomes of an incident once a team is sent: on the way, there, handled, looked at, told, closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, tzinfo
from math import isnan
from types import MappingProxyType

from dispatch.desk.deed import Deed, Pairing, stated
from dispatch.desk.door import Door
from dispatch.desk.parts import spawn, withdraw_tasks
from dispatch.desk.refusals import Refused
from dispatch.desk.rights import Rights
from dispatch.records.incident import CallBack, Incident
from dispatch.records.reason import Reason
from dispatch.records.team import Team
from dispatch.rulebook.calendar import CHINA, Calendar
from dispatch.rulebook.competence import RuleBook
from dispatch.rulebook.onething import Part
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import Kind

LOOP_REASONS = ("is_unclear",)  # incident
NOTHING_TO_ENFORCE = "C00"
"""The category of what nobody has to enforce: questions, praise, what belongs to another service."""


class Loop(Door):
    """The deeds from a team's acceptance to the closed incident; each closes a gate behind it.

    Parameters
    ----------
    rulebook
        Matters, and who may act on them.
    zone
        Where the place keeps its calendar: certificates and powers go by its day.
    """

    calendar = Calendar({})
    _parts: Mapping[str, tuple[Part, ...]] = MappingProxyType({})

    def __init__(
        self,
        casebook: Casebook,
        rulebook: RuleBook,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        zone: tzinfo = CHINA,
        rights: Rights | None = None,
    ) -> None:
        super().__init__(casebook, clock, rights)
        self.rulebook = rulebook
        self._zone = zone

    def day(self, now: datetime | None = None) -> date:
        """The place's calendar day at ``now``: the day by which certificates and powers are judged."""
        return (now or self.clock()).astimezone(self._zone).date()

    def minute(self, now: datetime | None = None) -> int:
        """Minutes since the place's own midnight."""
        local = (now or self.clock()).astimezone(self._zone)
        return 60 * local.hour + local.minute

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
            if passed:
                _refuse_while_somebody_is_asked(deed)
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
            ``call_back_first`` when there is somebody to call, of its own or of a voice about it, and nobody has tried;
            ``tasks_open`` while a department that was whistled for after somebody looked has not done its part.
        """
        with self._deed("close", actor, incident_id, now) as deed:
            incident, at = deed.incident(version), deed.actor.at
            _refuse_while_somebody_is_asked(deed)
            told_by = [each.caller for each in (incident, *deed.page.merged_into(incident.id)) if each.caller]
            if told_by and call_back is CallBack.NOBODY:
                raise Refused(Reason("call_back_first", False, {"caller": told_by[0]}))
            told = {"call_back": call_back.value, "words": words}
            return deed.change(lambda incident: incident.closed(at), version, **told)

    def pass_on(
        self, actor: str, incident_id: str, version: int, to: str, reason: str, *, now: datetime | None = None
    ) -> Incident:
        """What is nobody's here to enforce, closed with where it went and why.

        Raises
        ------
        Refused
            ``is_enforcement`` when somebody of this place may lawfully act on it; ``is_unclear`` while nobody can know,
            since its matter or its place is missing. A matter with nothing to enforce needs no place, and a place
            outside the district no matter.
        """
        with self._deed("pass_on", actor, incident_id, now) as deed:
            incident, at = deed.incident(version), deed.actor.at
            answer = self.rulebook.resolve(incident.matter, incident.town, self.day(at))
            if answer.lawful:
                raise Refused(Reason("is_enforcement", False, {"body": answer.actors[0].body_zh}), answer.why)
            if self._unclear(incident):
                raise Refused(Reason("is_unclear", False, {"incident": incident.id}))
            told = {"to": stated(to), "reason": stated(reason)}
            withdraw_tasks(deed.page, deed.actor, incident_id, f"passed on to {told['to']}")
            return deed.change(lambda incident: incident.passed_on(at), version, **told)

    def reopen(
        self, actor: str, incident_id: str, version: int, reason: str, *, now: datetime | None = None
    ) -> Incident:
        """A closed incident back in the queue, without a team, due when it was due.

        Every department is asked for its part anew: what it reported the first time did not last.
        """
        with self._deed("reopen", actor, incident_id, now) as deed:
            after = deed.change(Incident.reopened, version, reason=stated(reason))
            spawn(deed.page, deed.actor, after, self._parts, self.rulebook.bodies, self.calendar, anew=True)
            return after

    def _unclear(self, incident: Incident) -> bool:
        """Whether it is not known yet if somebody here would have to enforce it."""
        matter = self.rulebook.matters.get(incident.matter)
        if matter is not None and matter.category == NOTHING_TO_ENFORCE:
            return False
        if _unplaced(incident):
            return True
        return bool(incident.town) and matter is None

    @contextmanager
    def _deed(
        self,
        name: str,
        actor: str,
        incident_id: str,
        now: datetime | None,
        team_id: str = "",
        place: str | None = None,
    ) -> Iterator[Deed]:
        with self.deed(name, actor, Kind.INCIDENT, incident_id, now, team_id, place) as (page, who):
            yield Deed(page, who, incident_id)


def _refuse_while_somebody_is_asked(deed: Deed) -> None:
    waiting = deed.page.tasks(deed.subject, open_only=True)
    if waiting:
        first = waiting[0]
        values: dict[str, str | int] = {"n": len(waiting), "department": first.department, "task": first.id}
        raise Refused(Reason("tasks_open", False, values))


def stood_down(team: Team, _: Incident) -> Team:
    return team.freed(done=False)


def _done(team: Team, _: Incident) -> Team:
    return team.freed(done=True)


def _at_the_scene(team: Team, incident: Incident) -> Team:
    """Where the incident is; a team that found one without a place says so by its own position."""
    unplaced = _unplaced(incident)
    return team.arrived(team.lon if unplaced else incident.lon, team.lat if unplaced else incident.lat)


def _unplaced(incident: Incident) -> bool:
    return isnan(incident.lon) or isnan(incident.lat)
