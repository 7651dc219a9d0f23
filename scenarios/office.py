"""People of a place beside the teams: reviewers with the legal qualification, and hosts of hearings. Synthetic."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from dispatch.records.team import Certificate, Officer, Role
from dispatch.rulebook.gates import REVIEW_FIELD
from scenarios.names import person_name
from simulation.streams import stream

DISTRICT_REVIEWERS, DISTRICT_HOSTS = 3, 2
QUALIFIED_TO = date(2034, 12, 31)


def office(district: str, towns: Iterable[str], seed: int = 1) -> tuple[Officer, ...]:
    """A review centre in the district with its sub-centres, one reviewer a town, and neutral hosts for hearings.

    That there is a centre and one sub-centre a town is Haishu's answer of 2023; how many sit there is assumed.
    """
    rng = stream(seed, district, "office")
    qualified: tuple[Certificate, ...] = (Certificate(REVIEW_FIELD, QUALIFIED_TO),)
    posts = [(district, qualified)] * DISTRICT_REVIEWERS + [(town, qualified) for town in sorted(towns)]
    posts += [(district, ())] * DISTRICT_HOSTS
    return tuple(
        Officer(f"L{number:02d}", person_name(rng), Role.OFFICER, where, certificates)
        for number, (where, certificates) in enumerate(posts, start=1)
    )
