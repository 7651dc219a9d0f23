"""Tickets out of another system: read by a map of column names, checked row by row, none lost and none doubled."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dispatch.desk.sheets import GEOMETRY_LAT, GEOMETRY_LON, Row, Sheet, read_sheet
from dispatch.desk.ticketmap import REQUIRED, TicketMap
from dispatch.records.incident import Incident, Status
from dispatch.rulebook.matters import IMPORTED_UNCLASSIFIED_WITHIN, UNCLASSIFIED_PRIORITY, Matter
from gis.crs import Datum, to_wgs84
from gis.schemas import BadInput, Fault, shorten

LONGEST_TEXT = 10_000
LONGEST_ID = 100
ENCODE = 'Save it as "CSV UTF-8", or set encoding = "gb18030" under [options] of the map.'
"""A ticket that says neither when it is due nor what it is about is due 3 days after it was reported: our choice, made
so that it ages in the queue instead of vanishing at its end."""

_TIME_FORMATS = tuple(
    day + clock for day in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日") for clock in (" %H:%M:%S", " %H:%M", "")
)
_YEARS = range(1970, 2200)

CodesOf = Callable[[NDArray[np.float64], NDArray[np.float64]], Sequence[str] | NDArray[np.object_]]


@dataclass(frozen=True, slots=True)
class Tickets:
    """What a file holds: ``rows`` = incidents + duplicates + rejected.

    ``duplicates`` counts rows that repeat an earlier row of the same file; what the casebook already has is not
    known here. A rejected row has one fault or more. ``unnamed`` counts categories that the map's matters lack, where
    it has any matters.
    """

    rows: int
    incidents: tuple[Incident, ...]
    duplicates: int
    rejected: int
    faults: tuple[Fault, ...]
    unnamed: Mapping[str, int]


def read_tickets(path: Path, ticket_map: TicketMap, matters: Mapping[str, Matter], codes: CodesOf) -> Tickets:
    """The tickets of a file as incidents, with the rows that cannot be used and why.

    A repeated id is a duplicate when the rows say the same and a fault that names both rows when they do not. A
    point outside every cell, or a ticket that has an address and no point, is kept without a cell: a dispatcher
    can still place it. A ticket with ``closed_at`` comes in closed.

    Parameters
    ----------
    codes
        Cell codes (15 digits, empty outside) of points in WGS84 degrees; ``CellLocator.codes``.

    Raises
    ------
    BadInput
        When a mapped column is missing, longitude and latitude are swapped, or no row at all can be used.
    """
    sheet = read_sheet(path, ticket_map.encoding, encode=ENCODE)
    columns = _columns_present(sheet, ticket_map)
    records = [_Record(sheet.file, row, columns, ticket_map) for row in sheet.rows]
    read = [(record, record.incident(matters)) for record in records]
    kept, duplicates = _first_of_each_id(read)
    _not_swapped(sheet.file, columns, kept, codes)
    rejected = [record for record in records if record.faults]
    faults = tuple(fault for record in rejected for fault in record.faults)
    if not kept:
        raise BadInput(*faults, advice="No row can be used; check the map against the file.")
    placed = _placed(kept, ticket_map.datum, codes)
    unnamed = Counter(record.category for record, incident in read if incident and record.category)
    lacking = {name: n for name, n in unnamed.items() if name not in ticket_map.matters} if ticket_map.matters else {}
    return Tickets(len(records), placed, duplicates, len(rejected), faults, lacking)


def _columns_present(sheet: Sheet, ticket_map: TicketMap) -> dict[str, str]:
    """Our name to theirs, each theirs in the sheet; a GeoJSON file's points need no entry."""
    columns = dict(ticket_map.columns)
    if GEOMETRY_LON in sheet.columns:
        columns.setdefault("lon", GEOMETRY_LON)
        columns.setdefault("lat", GEOMETRY_LAT)
    for ours in REQUIRED:
        if ours not in columns:
            raise BadInput(Fault(ticket_map.file, None, f"columns.{ours}", "nothing", "the name of their column"))
    missing = [theirs for theirs in columns.values() if theirs not in sheet.columns]
    if missing:
        found = f"the columns {', '.join(shorten(c, 30) for c in sheet.columns[:30])}"
        raise BadInput(
            *(Fault(sheet.file, 1, theirs, found, f"a column {theirs} as {ticket_map.file} says") for theirs in missing)
        )
    return columns


class _Record:
    """One row on its way to an incident; collects what is wrong with it."""

    def __init__(self, file: str, row: Row, columns: Mapping[str, str], ticket_map: TicketMap) -> None:
        self.file = file
        self.number = row.number
        self.columns = columns
        self.map = ticket_map
        self.cells = {ours: row.cells.get(theirs, "") for ours, theirs in columns.items()}
        self.category = str(self.cells.get("category", "")).strip()
        self.faults = [row.fault] if row.fault else []

    def incident(self, matters: Mapping[str, Matter]) -> Incident | None:
        """The incident in the map's datum, without a cell; None when the row has a fault."""
        if self.faults:
            return None
        lon, lat = self._point()
        reported, due, closed = (self._moment(ours) for ours in ("reported_at", "due_at", "closed_at"))
        key, text = self._text("id", LONGEST_ID), self._text("text", LONGEST_TEXT)
        address = self._text("address", LONGEST_TEXT)
        if not key:
            self._fault("id", "an id")
        if reported is None and not self._has_fault("reported_at"):
            self._fault("reported_at", "when it was reported")
        if self.faults or reported is None:
            return None
        matter = matters.get(self.map.matters.get(self.category, ""))
        return Incident(
            id=key,
            text=text,
            lon=lon,
            lat=lat,
            cell="",
            town="",
            matter=matter.code if matter else "",
            priority=matter.priority if matter else UNCLASSIFIED_PRIORITY,
            reported_at=reported,
            due_at=due or reported + (matter.respond_within if matter else IMPORTED_UNCLASSIFIED_WITHIN),
            source=self.map.source,
            address=address,
            status=Status.CLOSED if closed else Status.REPORTED,
            closed_at=closed,
        )

    def _text(self, ours: str, longest: int) -> str:
        text = str(self.cells.get(ours, "")).strip()
        if len(text) > longest:
            self._fault(ours, f"at most {longest:,} characters", f"{len(text):,} characters")
        elif any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in text):
            self._fault(ours, "signs that a database can keep", "a zero byte or half a character")
        return text

    def _point(self) -> tuple[float, float]:
        blank = [not str(self.cells[ours]).strip() for ours in ("lon", "lat")]
        if all(blank) and str(self.cells.get("address", "")).strip():
            return math.nan, math.nan
        return self._degrees("lon", 180.0), self._degrees("lat", 90.0)

    def _degrees(self, ours: str, limit: float) -> float:
        try:
            degrees = float(self.cells[ours])  # type: ignore[arg-type]
        except (TypeError, ValueError):
            degrees = math.nan
        if not abs(degrees) <= limit:
            self._fault(ours, f"degrees between {-limit:g} and {limit:g}")
        return degrees

    def _moment(self, ours: str) -> datetime | None:
        """The time in UTC; None when the cell is empty or at fault."""
        value = self.cells.get(ours, "")
        if isinstance(value, str) and not value.strip():
            return None
        moment = value if isinstance(value, datetime) else _parsed(value.strip(), self.map.time_format)
        if moment is None or moment.year not in _YEARS:
            self._fault(ours, self.map.time_format or "a time such as 2026-03-01 14:30:00")
            return None
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        # An hour that comes twice in autumn is taken as the first; one that spring leaves out never was.
        utc = moment.replace(tzinfo=self.map.timezone, fold=0).astimezone(UTC)
        if utc.astimezone(self.map.timezone).replace(tzinfo=None) != moment:
            self._fault(ours, f"a time that exists in {self.map.timezone.key} (clocks were put forward over it)")
            return None
        return utc

    def _fault(self, ours: str, expected: str, found: str | None = None) -> None:
        value = str(self.cells.get(ours, ""))
        shown = found or (shorten(value) if value.strip() else "nothing")
        self.faults.append(Fault(self.file, self.number, self.columns[ours], shown, expected))

    def _has_fault(self, ours: str) -> bool:
        return any(fault.column == self.columns[ours] for fault in self.faults)

    def repeats(self, first: _Record) -> bool:
        """Whether this row says what ``first`` said; if not, that is its fault."""
        if self.cells == first.cells:
            return True
        self._fault("id", f"an id that stands once, or the same ticket again as in row {first.number}")
        return False


def _first_of_each_id(read: Iterable[tuple[_Record, Incident | None]]) -> tuple[list[Incident], int]:
    seen: dict[str, _Record] = {}
    kept, duplicates = [], 0
    for record, incident in read:
        if incident is None:
            continue
        if incident.id not in seen:
            seen[incident.id] = record
            kept.append(incident)
        elif record.repeats(seen[incident.id]):
            duplicates += 1
    return kept, duplicates


def _points(incidents: Sequence[Incident]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.array([i.lon for i in incidents], dtype=np.float64), np.array(
        [i.lat for i in incidents], dtype=np.float64
    )


def _not_swapped(file: str, columns: Mapping[str, str], kept: Sequence[Incident], codes: CodesOf) -> None:
    """Refuses a file whose points lie in the district only after longitude and latitude change places."""
    lon, lat = _points(kept)
    turned = np.abs(lon) <= 90
    if not turned.any() or any(codes(lon[turned], lat[turned])):
        return
    inside = sum(1 for code in codes(lat[turned], lon[turned]) if code)
    if 2 * inside > turned.sum():
        found = f"{inside} points that lie in the district only with longitude and latitude exchanged"
        raise BadInput(
            Fault(file, None, f"{columns['lon']}, {columns['lat']}", found, "longitude and latitude in their columns"),
            advice="Exchange lon and lat under [columns] of the map.",
        )


def _placed(kept: Sequence[Incident], datum: Datum, codes: CodesOf) -> tuple[Incident, ...]:
    """The incidents in WGS84, with cell and town where a cell holds them."""
    lon, lat = _points(kept)
    known = np.isfinite(lon) & np.isfinite(lat)
    lon[known], lat[known] = to_wgs84(lon[known], lat[known], datum)
    cells = np.full(len(kept), "", dtype=object)
    cells[known] = list(codes(lon[known], lat[known]))
    return tuple(
        replace(incident, lon=float(x), lat=float(y), cell=str(cell), town=str(cell)[:9])
        for incident, x, y, cell in zip(kept, lon, lat, cells, strict=True)
    )


def _parsed(text: str, time_format: str) -> datetime | None:
    if time_format:
        return _by_format(text, time_format)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        tries = (_by_format(text, each) for each in _TIME_FORMATS)
        return next((moment for moment in tries if moment is not None), None)


def _by_format(text: str, time_format: str) -> datetime | None:
    try:
        return datetime.strptime(text, time_format)  # noqa: DTZ007 - the zone is set by the map
    except ValueError:
        return None
