"""Evidence: a picture or other file from the scene, with the time and place it was taken and its fingerprint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """One file of an incident, as it came; its bytes are kept beside it and never change.

    Attributes
    ----------
    id
        The incident's id and ``-E`` with a running number.
    at
        Aware, UTC: when it was handed in.
    lon, lat
        WGS84 degrees of the phone; NaN when it did not say.
    accuracy_m
        Radius of the phone's own doubt in metres; NaN when it did not say.
    media
        Media type, such as ``image/jpeg``.
    sha256
        Of the bytes; it also stands in the ledger.
    """

    id: str
    incident: str
    at: datetime
    by: str
    lon: float
    lat: float
    accuracy_m: float
    name: str
    media: str
    size: int
    sha256: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Liaison:
    """The fixed officer of a community, and who stands in.

    Attributes
    ----------
    community
        12-digit code.
    officer, backup
        Ids on the roster; ``backup`` may be empty.
    """

    community: str
    officer: str
    backup: str = ""
    version: int = 1
