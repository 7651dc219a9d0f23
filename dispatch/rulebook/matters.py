"""The catalogue of matters: what can be wrong on a street, who leads, which certificate it takes, how soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Procedure(StrEnum):
    """Which procedure of the Administrative Penalty Law a matter usually takes (articles 51 and 54)."""

    SIMPLE = "simple"
    ORDINARY = "ordinary"


class Source(StrEnum):
    """How far a row can be trusted; an illustrative row needs the user's legal department."""

    STATUTE = "statute"
    DOCUMENT = "document"
    ILLUSTRATIVE = "illustrative"


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter of the catalogue.

    Attributes
    ----------
    category
        Code of the category, ``C01`` … ``C16``, or ``C00`` for what is no enforcement matter.
    national_code
        5 digits of GB/T 47678.5, or empty.
    field
        Field of the certificate that two officers must hold.
    priority
        1 (highest) to 4, the severity with which it is queued.
    respond_within
        From report to a lawful pair on scene. A service target of the place, not a statutory term.
    """

    code: str
    category: str
    name_zh: str
    name_en: str
    national_code: str
    field: str
    priority: int
    respond_within: timedelta
    procedure: Procedure
    basis: str
    source: Source
