"""Evidence from the scene: taken in as it came, with time, place and fingerprint, and never changed."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from math import isfinite, isnan, nan

from dispatch.desk.deed import Deed
from dispatch.desk.door import Door
from dispatch.desk.refusals import Refused
from dispatch.records.evidence import Evidence
from dispatch.records.incident import OPEN
from dispatch.records.reason import Reason
from dispatch.store import between
from dispatch.store.ledger import Kind

EVIDENCE_REASONS = (
    "evidence_empty",  # name
    "evidence_too_large",  # name, mb, most
    "evidence_unknown",  # name
    "evidence_many",  # incident, most
    "evidence_closed",  # incident
)
MOST_BYTES = 10 * 1024 * 1024
MOST_FILES = 60
_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
)


class Scene(Door):
    """What teams and inspectors hand in about an incident."""

    def hand_in(
        self,
        actor: str,
        incident_id: str,
        name: str,
        data: bytes,
        *,
        lon: float = nan,
        lat: float = nan,
        accuracy_m: float = nan,
        note: str = "",
        now: datetime | None = None,
    ) -> Evidence:
        """One file kept with the incident; its kind is told from its first bytes, whatever its name says.

        Parameters
        ----------
        lon, lat, accuracy_m
            WGS84 degrees and metres as the phone says; NaN where it does not.

        Raises
        ------
        Refused
            An empty file, one above 10 MB, no JPEG, PNG, WebP or PDF; more than 60 files; a closed incident.
        ValueError
            When the position is half NaN or not on the earth.
        """
        if not (isnan(lon) and isnan(lat)) and not (isfinite(lon) and abs(lon) <= 180 and abs(lat) <= 90):
            raise ValueError(f"lon {lon}, lat {lat} is no place on the earth; give WGS84 degrees, or NaN for both.")
        with self.deed("evidence", actor, Kind.INCIDENT, incident_id, now) as (page, who):
            incident = Deed(page, who, incident_id).there()
            if incident.status not in OPEN:
                raise Refused(Reason("evidence_closed", False, {"incident": incident_id}))
            count = between.evidence_count(page.connection, incident_id)
            if count >= MOST_FILES:
                raise Refused(Reason("evidence_many", False, {"incident": incident_id, "most": MOST_FILES}))
            new = Evidence(
                f"{incident_id}-E{count + 1}",
                incident_id,
                who.at,
                actor,
                lon,
                lat,
                accuracy_m,
                name[:200],
                _media(name, data),
                len(data),
                sha256(data).hexdigest(),
                note[:500],
            )
            between.add_evidence(page, who, new, data)
            return new

    def of(self, incident_id: str) -> list[Evidence]:
        """What was handed in about an incident, in that order."""
        with self.casebook.reading() as connection:
            return between.evidence(connection, incident_id)

    def file(self, evidence_id: str) -> tuple[Evidence, bytes] | None:
        """One of them with its bytes, or None."""
        with self.casebook.reading() as connection:
            return between.evidence_file(connection, evidence_id)


def _media(name: str, data: bytes) -> str:
    if not data:
        raise Refused(Reason("evidence_empty", False, {"name": name[:80]}))
    if len(data) > MOST_BYTES:
        mb = round(len(data) / 1024**2, 1)
        raise Refused(Reason("evidence_too_large", False, {"name": name[:80], "mb": mb, "most": MOST_BYTES // 1024**2}))
    for beginning, media in _BEGINNINGS:
        if data.startswith(beginning):
            return media
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    raise Refused(Reason("evidence_unknown", False, {"name": name[:80]}))
