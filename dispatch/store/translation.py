"""Between rows and records: the one place where a column becomes an attribute and back."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from dispatch.records.incident import OPEN, Incident, Status
from dispatch.records.team import Activity, Certificate, Officer, Role, Team
from dispatch.store.ledger import canonical
from dispatch.store.tables import CERTIFICATES, CREWS, INCIDENTS, OFFICERS, TEAMS

INCIDENT_FIELDS = tuple(field.name for field in fields(Incident))
TEAM_FIELDS = tuple(field.name for field in fields(Team) if field.name != "officers")
INCIDENT_COLUMNS = tuple(INCIDENTS.c[name] for name in INCIDENT_FIELDS)
TEAM_COLUMNS = tuple(TEAMS.c[name] for name in TEAM_FIELDS)

OPEN_NOW = tuple(sorted(status.value for status in OPEN))

Crews = Mapping[str, tuple[Officer, ...]]

_STATUS = {status.value: status for status in Status}
_ACTIVITY = {activity.value: activity for activity in Activity}
_ROLE = {role.value: role for role in Role}
_LON, _LAT, _STATUS_AT = (INCIDENT_FIELDS.index(name) for name in ("lon", "lat", "status"))
_BEAT = TEAM_FIELDS.index("beat")


def incidents(rows: Iterable[Row[Any]]) -> list[Incident]:
    """Records of rows selected by ``INCIDENT_COLUMNS``."""
    records = []
    for row in rows:
        values = list(row)
        if values[_LON] is None or values[_LAT] is None:
            values[_LON] = values[_LAT] = math.nan
        values[_STATUS_AT] = _STATUS[values[_STATUS_AT]]
        records.append(Incident(*values))
    return records


def incident_row(incident: Incident, revision: int) -> dict[str, Any]:
    """The columns of an incident; no place is null, since not every database knows NaN."""
    row = {name: getattr(incident, name) for name in INCIDENT_FIELDS}
    if not (math.isfinite(incident.lon) and math.isfinite(incident.lat)):
        row["lon"] = row["lat"] = None
    return row | {"status": incident.status.value, "revision": revision}


def teams(rows: Iterable[Row[Any]], crews: Crews) -> list[Team]:
    """Records of rows selected by ``TEAM_COLUMNS``, each with its officers."""
    beats: dict[str, frozenset[str]] = {}
    records = []
    for row in rows:
        values = dict(zip(TEAM_FIELDS, row, strict=True))
        beat = row[_BEAT]
        if beat not in beats:
            beats[beat] = frozenset(json.loads(beat))
        values |= {"beat": beats[beat], "activity": _ACTIVITY[values["activity"]]}
        records.append(Team(**values, officers=crews.get(values["id"], ())))
    return records


def team_row(team: Team, revision: int) -> dict[str, Any]:
    row = {name: getattr(team, name) for name in TEAM_FIELDS}
    return row | {"beat": json.dumps(sorted(team.beat)), "activity": team.activity.value, "revision": revision}


_SEATS = select(CREWS.c.team, CREWS.c.officer).order_by(CREWS.c.team, CREWS.c.seat)
_OFFICERS = select(OFFICERS.c.id, OFFICERS.c.name, OFFICERS.c.role, OFFICERS.c.town)
_CERTIFICATES = select(CERTIFICATES.c.officer, CERTIFICATES.c.field, CERTIFICATES.c.valid_to).order_by(
    CERTIFICATES.c.officer, CERTIFICATES.c.place
)
_OF_THE_TEAM = CREWS.c.team == bindparam("of_team")
# The same for one team; made once, since every deed asks them while it holds the write lock.
_SEATS_OF = _SEATS.where(_OF_THE_TEAM)
_OFFICERS_OF = _OFFICERS.join(CREWS, CREWS.c.officer == OFFICERS.c.id).where(_OF_THE_TEAM)
_CERTIFICATES_OF = _CERTIFICATES.join(CREWS, CREWS.c.officer == CERTIFICATES.c.officer).where(_OF_THE_TEAM)


def crews(connection: Connection, team: str | None = None) -> dict[str, tuple[Officer, ...]]:
    """The officers of one team, or of all, in the order of their seats."""
    people = _officers(connection, team)
    seated: dict[str, list[Officer]] = defaultdict(list)
    for crew, officer in _asked(connection, _SEATS, _SEATS_OF, team):
        seated[crew].append(people[officer])
    return {crew: tuple(officers) for crew, officers in seated.items()}


def _officers(connection: Connection, team: str | None) -> dict[str, Officer]:
    certificates = _certificates(connection, team)
    return {
        row.id: Officer(row.id, row.name, _ROLE[row.role], row.town, tuple(certificates.get(row.id, ())))
        for row in _asked(connection, _OFFICERS, _OFFICERS_OF, team)
    }


def _certificates(connection: Connection, team: str | None) -> dict[str, list[Certificate]]:
    known: dict[tuple[str, date], Certificate] = {}
    held: dict[str, list[Certificate]] = defaultdict(list)
    for officer, field, valid_to in _asked(connection, _CERTIFICATES, _CERTIFICATES_OF, team):
        certificate = known.setdefault((field, valid_to), Certificate(field, valid_to))
        held[officer].append(certificate)
    return held


def _asked(connection: Connection, of_all: Select[Any], of_one: Select[Any], team: str | None) -> Iterable[Any]:
    return connection.execute(of_all) if team is None else connection.execute(of_one, {"of_team": team})


def roster_rows(roster: Collection[Team]) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of officers, certificates and crews; an officer who sits in two teams stands once."""
    people = {officer.id: officer for team in roster for officer in team.officers}
    officers = [{"id": o.id, "name": o.name, "role": o.role.value, "town": o.town} for o in people.values()]
    certificates = [
        {"officer": officer.id, "place": place, "field": certificate.field, "valid_to": certificate.valid_to}
        for officer in people.values()
        for place, certificate in enumerate(officer.certificates)
    ]
    seats = [
        {"team": team.id, "seat": seat, "officer": officer.id}
        for team in roster
        for seat, officer in enumerate(team.officers)
    ]
    return officers, certificates, seats


def fingerprint(roster: Collection[Team]) -> str:
    """SHA-256 of a whole roster, officers and certificates included, in the order given."""
    teams_told = [{"id": team.id, "version": team.version, **facts(team)} for team in roster]
    officers, certificates, seats = roster_rows(roster)
    dated = [{**row, "valid_to": row["valid_to"].isoformat()} for row in certificates]
    plain = canonical({"teams": teams_told, "officers": officers, "certificates": dated, "seats": seats})
    return sha256(plain.encode()).hexdigest()


def facts(thing: Incident | Team) -> dict[str, Any]:
    """What the ledger keeps of a record: every field but the version (the entry has it) and the officers."""
    names = INCIDENT_FIELDS if isinstance(thing, Incident) else TEAM_FIELDS
    return {name: getattr(thing, name) for name in names if name not in ("id", "version")}


def changes(before: Incident | Team, after: Incident | Team) -> dict[str, dict[str, Any]]:
    """The fields in which two versions differ: ``{"was": …, "set": …}``."""
    return differences(facts(before), facts(after))


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The fields in which two sets of facts differ: ``{"was": …, "set": …}``."""
    differing = [name for name in new if not _same(old[name], new[name])]
    return {"was": {name: old[name] for name in differing}, "set": {name: new[name] for name in differing}}


def _same(old: object, new: object) -> bool:
    # Only NaN differs from itself.
    both_nan = old != old and new != new
    return both_nan or old == new
