"""The same trouble told by many: which open incidents a new one may be, by place, time and words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from dispatch.records.incident import Incident
from dispatch.records.reason import Reason
from gis.crs import great_circle_m

STRONG_M, WEAK_M = 50.0, 200.0
"""Within the first two callers stand before the same thing; beyond the second they do not. Our choice."""
LONGEST = timedelta(hours=72)
"""Between two reports of the same trouble; later it is the trouble come back. Our choice."""
LIKELY = 0.6
"""From this score on the desk is told of it unasked."""
LEAST_SCORE = 0.3
PLACE_WEIGHT, WORDS_WEIGHT, TIME_WEIGHT = 0.45, 0.45, 0.1
SAME_MATTER = 0.7
"""What the same matter counts for among the words, however differently it is told."""
ALIKE_WORDS = 0.35
"""From this share of common pairs of characters on, the words themselves are a reason."""

LIKENESS_REASONS = (
    "same_place",  # metres
    "near_place",  # metres
    "same_matter",  # matter
    "other_matter",  # matter, theirs
    "alike_words",  # percent
    "reported_apart",  # minutes
)
"""Every code that stands among the reasons of a likeness, each with its values."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like an open incident is to the one that is reported.

    Attributes
    ----------
    metres, minutes
        Between the two, neither below 0.
    words
        0 to 1: share of pairs of characters that both have (Dice), or ``SAME_MATTER`` if their matter is the same and
        that is more.
    score
        0 to 1, see `OpenIncidents.like`.
    """

    incident_id: str
    metres: float
    minutes: float
    words: float
    score: float
    reasons: tuple[Reason, ...]

    @property
    def likely(self) -> bool:
        """Whether the desk should be told of it unasked."""
        return self.score >= LIKELY


class OpenIncidents:
    """The open incidents made ready to be compared: built once a snapshot, asked once a message.

    Parameters
    ----------
    incidents
        Those without a place take no part.
    """

    def __init__(self, incidents: Iterable[Incident]) -> None:
        self._incidents = tuple(one for one in incidents if not (np.isnan(one.lon) or np.isnan(one.lat)))
        self._lon = np.array([one.lon for one in self._incidents], dtype=np.float64)
        self._lat = np.array([one.lat for one in self._incidents], dtype=np.float64)
        self._at = np.array([one.reported_at.timestamp() for one in self._incidents], dtype=np.float64)
        self._pairs: dict[int, frozenset[str]] = {}

    def like(
        self, text: str, lon: float, lat: float, matter: str, reported_at: datetime, but: str = ""
    ) -> list[Likeness]:
        """Which open incidents it may be, the likeliest first.

        The score is 0.45 for the place (1 to 50 m, then falling to 0 at 200 m), 0.45 for the words, 0.1 for the time
        (1 at once, 0 after 72 h). Two known matters that differ halve it. Below 0.3 an incident is not named.

        Parameters
        ----------
        lon, lat
            WGS84; without a place (NaN) nothing is like it.
        matter
            Code, or empty while nobody has said what it is.
        reported_at
            Aware.
        but
            Id of an incident that is not to be named, as when it is open itself.
        """
        metres = great_circle_m(lon, lat, self._lon, self._lat)
        apart_s = np.abs(self._at - reported_at.timestamp())
        near = np.flatnonzero((metres <= WEAK_M) & (apart_s <= LONGEST.total_seconds()))
        pairs = _pairs(text)
        found = [
            self._likeness(int(at), float(metres[at]), float(apart_s[at]) / 60.0, pairs, matter)
            for at in near
            if self._incidents[at].id != but
        ]
        likely = [one for one in found if one.score >= LEAST_SCORE]
        return sorted(likely, key=lambda one: (-one.score, one.metres, one.incident_id))

    def _likeness(self, at: int, metres: float, minutes: float, pairs: frozenset[str], matter: str) -> Likeness:
        other = self._incidents[at]
        alike = _dice(pairs, self._pairs_of(at))
        same = bool(matter) and matter == other.matter
        differ = bool(matter) and bool(other.matter) and not same
        words = max(alike, SAME_MATTER) if same else alike
        place = min(1.0, (WEAK_M - metres) / (WEAK_M - STRONG_M))
        fresh = 1.0 - minutes * 60.0 / LONGEST.total_seconds()
        score = PLACE_WEIGHT * place + WORDS_WEIGHT * words + TIME_WEIGHT * fresh
        reasons = _reasons(metres, minutes, alike, matter, other.matter)
        return Likeness(other.id, metres, minutes, words, score / 2.0 if differ else score, reasons)

    def _pairs_of(self, at: int) -> frozenset[str]:
        """Kept, because the same few incidents are near again when the next caller tells of them."""
        if at not in self._pairs:
            self._pairs[at] = _pairs(self._incidents[at].text)
        return self._pairs[at]


def _reasons(metres: float, minutes: float, alike: float, matter: str, theirs: str) -> tuple[Reason, ...]:
    code = "same_place" if metres <= STRONG_M else "near_place"
    reasons = [Reason(code, True, {"metres": round(metres)})]
    if matter and matter == theirs:
        reasons.append(Reason("same_matter", True, {"matter": matter}))
    elif matter and theirs:
        reasons.append(Reason("other_matter", False, {"matter": matter, "theirs": theirs}))
    if alike >= ALIKE_WORDS:
        reasons.append(Reason("alike_words", True, {"percent": round(100.0 * alike)}))
    reasons.append(Reason("reported_apart", None, {"minutes": round(minutes)}))
    return tuple(reasons)


def _pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring letters and signs of writing, without blanks and punctuation."""
    letters = "".join(letter for letter in text.lower() if letter.isalnum())
    return frozenset(letters[at : at + 2] for at in range(len(letters) - 1))


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2.0 * len(one & other) / (len(one) + len(other)) if one or other else 0.0
