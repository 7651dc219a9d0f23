"""The roster of a place as two lists, officers.csv and teams.csv, and the teams it puts on the street."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from dispatch.records.team import Certificate, Officer, Role, Team
from dispatch.rulebook.lists import ListFile, ListRow, read_list
from gis.streets import Profile
from simulation.shifts import ROTA, ROTA_FORM, shift_at

OFFICER_COLUMNS = ("id", "name", "role", "town", "certificates")
TEAM_COLUMNS = ("id", "name", "body", "town", "officers", "lon", "lat", "profile", "beat", "rota")
ADVICE = "Mend these rows of the roster and read it again."


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A team as the roster has it, whatever the hour. ``lon, lat`` is where it is first met, in its beat."""

    id: str
    name: str
    body: str
    town: str
    officers: tuple[Officer, ...]
    lon: float
    lat: float
    profile: Profile
    beat: frozenset[str]
    rota: str

    def team(self, now: datetime, zone: ZoneInfo) -> Team:
        """The team with the shift that covers or next follows ``now``, free."""
        begin, end = shift_at(self.rota, now, zone)
        return Team(
            id=self.id,
            name=self.name,
            body=self.body,
            town=self.town,
            officers=self.officers,
            lon=self.lon,
            lat=self.lat,
            profile=self.profile.value,
            beat=self.beat,
            on_duty_from=begin,
            on_duty_to=end,
        )


def read_officers(path: Path) -> dict[str, Officer]:
    """Everybody on the roster by id, auxiliaries included.

    Raises
    ------
    BadInput
        With every row that is wrong, among them an officer without a town and an id that stands twice.
    """
    return officers_of(*read_list(path, OFFICER_COLUMNS))


def officers_of(file: ListFile, rows: Iterable[ListRow]) -> dict[str, Officer]:
    """As `read_officers`, for rows of any table."""
    officers: dict[str, Officer] = {}
    for row in rows:
        officer = Officer(
            id=row.text("id", expected="an id"),
            name=row.text("name", expected="a name"),
            role=row.choice("role", Role),
            town=row.text("town", pattern=r"\d{6}|\d{9}", expected="a 9-digit town or the 6-digit district"),
            certificates=_certificates(row),
        )
        if officer.id in officers:
            row.blame("id", "an id that stands once")
        officers[officer.id] = officer
    file.stop_if_faulty(ADVICE)
    return officers


def read_roster(path: Path, officers: Mapping[str, Officer], bodies: Iterable[str]) -> tuple[RosterLine, ...]:
    """The teams of a place in the order of the file.

    Raises
    ------
    BadInput
        With every row that is wrong: an unknown officer or body, an officer in two teams, a rota without a shift.
    """
    return roster_of(*read_list(path, TEAM_COLUMNS), officers, bodies)


def roster_of(
    file: ListFile, rows: Iterable[ListRow], officers: Mapping[str, Officer], bodies: Iterable[str]
) -> tuple[RosterLine, ...]:
    """As `read_roster`, for rows of any table."""
    known = set(bodies)
    teams: dict[str, RosterLine] = {}
    taken: set[str] = set()
    for row in rows:
        names = [name for name in row.values["officers"].split(";") if name]
        if not names or any(name not in officers for name in names):
            row.blame("officers", "ids of the sheet of officers joined by ;")
        if taken.intersection(names):
            row.blame("officers", "officers who are in no other team")
        taken.update(names)
        line = _line(row, tuple(officers[name] for name in names if name in officers))
        if line.body not in known:
            row.blame("body", "a body of bodies.csv")
        if line.id in teams:
            row.blame("id", "an id that stands once")
        teams[line.id] = line
    file.stop_if_faulty(ADVICE)
    return tuple(teams.values())


def _line(row: ListRow, officers: tuple[Officer, ...]) -> RosterLine:
    return RosterLine(
        id=row.text("id", expected="an id"),
        name=row.text("name", expected="a name"),
        body=row.text("body", expected="the id of a body"),
        town=row.text("town", pattern=r"\d{6}|\d{9}", expected="a 9-digit town or the 6-digit district"),
        officers=officers,
        lon=degrees_in(row, "lon", 180.0),
        lat=degrees_in(row, "lat", 90.0),
        profile=row.choice("profile", Profile),
        beat=frozenset(
            row.text("beat", pattern=r"(\d{12};?)*", expected="communities joined by ;", empty=True).split(";")
        )
        - {""},
        rota=row.text("rota", pattern=ROTA, expected=ROTA_FORM),
    )


def degrees_in(row: ListRow, column: str, limit: float) -> float:
    """Longitude or latitude as a decimal number within ±``limit``; a latitude that is a longitude is named as such."""
    value = row.values[column]
    plain = re.fullmatch(r"-?\d{1,3}(\.\d+)?", value, re.ASCII) is not None
    if plain and abs(float(value)) <= limit:
        return float(value)
    exchanged = "; lon and lat look exchanged" if plain and limit < abs(float(value)) <= 180.0 else ""
    row.blame(column, f"degrees from -{limit:.0f} to {limit:.0f}{exchanged}")
    return 0.0


def _certificates(row: ListRow) -> tuple[Certificate, ...]:
    """``field:date`` joined by ``;``."""
    certificates = []
    for part in filter(None, row.values["certificates"].split(";")):
        name, _, until = part.partition(":")
        try:
            certificates.append(Certificate(name, date.fromisoformat(until)))
        except ValueError:
            row.blame("certificates", "field:date joined by ;, such as city:2027-05-31")
    return tuple(certificates)
