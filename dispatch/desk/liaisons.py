"""The fixed officer of each community, and who stands in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatch.desk.door import Door
from dispatch.desk.refusals import Refused, Stale
from dispatch.records.evidence import Liaison
from dispatch.records.reason import Reason
from dispatch.records.team import Officer, Role, Team
from dispatch.store import between
from dispatch.store.ledger import Kind

LIAISON_REASONS = (
    "unknown_community",  # community
    "not_on_roster",  # officer
    "no_officer",  # officer, role
    "backup_same",  # officer
    "liaison_off_duty",  # officer
    "liaison_left",  # officer
    "no_liaison",  # community
)
COMMUNITY = re.compile(r"\d{12}")


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a community turns to now.

    Attributes
    ----------
    officer
        The liaison officer or who stands in; None when neither is there.
    stands_in
        Whether it is the backup.
    why
        Why it is not the liaison officer: one reason for each who is not there; empty when it is.
    """

    officer: Officer | None
    stands_in: bool = False
    why: tuple[Reason, ...] = ()


class Liaisons(Door):
    """Naming the officers, one deed a community."""

    def __init__(self, door: Door) -> None:
        super().__init__(door.casebook, door.clock, door.rights)

    def kept(self) -> dict[str, Liaison]:
        """The liaison officers by community."""
        with self.casebook.reading() as connection:
            return between.liaisons(connection)

    def set_liaison(
        self, actor: str, community: str, version: int, officer: str, backup: str = "", *, now: datetime | None = None
    ) -> Liaison:
        """The fixed officer of a community, who stands in, or empty; ``version`` is 0 while it has none.

        Raises
        ------
        Refused
            ``unknown_community`` without a 12-digit code; ``not_on_roster``; ``no_officer`` for an auxiliary or grid
            worker, who find and dissuade but do not enforce; ``backup_same``.
        Stale
            When it has been set by another since.
        """
        with self.deed("set_liaison", actor, Kind.LIAISON, community, now) as (page, who):
            if not COMMUNITY.fullmatch(community):
                raise Refused(Reason("unknown_community", False, {"community": community}))
            before = between.liaison(page.connection, community)
            standing = before.version if before else 0
            if standing != version:
                raise Stale("liaison", community, version, standing, page.latest(Kind.LIAISON, community))
            roster = _roster(page.teams())
            wrong = [each for name in filter(None, (officer, backup)) for each in _wrong(name, roster)]
            wrong += [] if officer else [Reason("not_on_roster", False, {"officer": officer})]
            if officer and officer == backup:
                wrong.append(Reason("backup_same", False, {"officer": officer}))
            if wrong:
                raise Refused(*wrong)
            after = Liaison(community, officer, backup, version + 1)
            between.set_liaison(page, who, before, after)
            return after


def liaison_of(community: str, liaisons: Mapping[str, Liaison], teams: Iterable[Team], now: datetime) -> Contact:
    """Whom the community turns to at ``now`` (aware): its officer, else who stands in, else nobody, with the reasons.

    On duty is who sits in a team that is.
    """
    liaison = liaisons.get(community)
    if liaison is None:
        return Contact(None, why=(Reason("no_liaison", False, {"community": community}),))
    crews = list(teams)
    roster = _roster(crews)
    on_duty = {officer.id for team in crews if team.on_duty(now) for officer in team.officers}
    why: list[Reason] = []
    for name in filter(None, (liaison.officer, liaison.backup)):
        if name in on_duty:
            return Contact(roster[name], name != liaison.officer, tuple(why))
        code = "liaison_off_duty" if name in roster else "liaison_left"
        why.append(Reason(code, False, {"officer": roster[name].name if name in roster else name}))
    return Contact(None, why=tuple(why))


def _roster(teams: Iterable[Team]) -> dict[str, Officer]:
    return {officer.id: officer for team in teams for officer in team.officers}


def _wrong(name: str, roster: Mapping[str, Officer]) -> list[Reason]:
    if name not in roster:
        return [Reason("not_on_roster", False, {"officer": name})]
    role = roster[name].role
    return [] if role is Role.OFFICER else [Reason("no_officer", False, {"officer": name, "role": role.value})]
