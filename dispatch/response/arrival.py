"""How soon each team can be at each incident, every team by its own means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dispatch.records.incident import Incident
from dispatch.records.team import Team
from gis.streets import Profile
from gis.travel import Route, TravelTimes


def seconds_between(
    travel: Mapping[Profile, TravelTimes], teams: Sequence[Team], incidents: Sequence[Incident]
) -> NDArray[np.float64]:
    """Seconds by street, shape (teams, incidents); inf where there is no way or the incident has no place."""
    seconds = np.full((len(teams), len(incidents)), np.inf)
    lon = np.array([incident.lon for incident in incidents], dtype=np.float64)
    lat = np.array([incident.lat for incident in incidents], dtype=np.float64)
    placed = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    if not placed.size:
        return seconds
    for profile, times in travel.items():
        rows = np.array([row for row, team in enumerate(teams) if team.profile == profile], dtype=np.int64)
        if rows.size:
            here = times.place([teams[row].lon for row in rows], [teams[row].lat for row in rows])
            seconds[np.ix_(rows, placed)] = times.matrix(here, times.place(lon[placed], lat[placed]))
    return seconds


def way(travel: Mapping[Profile, TravelTimes], team: Team, incident: Incident) -> Route:
    """The way along the streets that the team would take; empty when there is none."""
    times = travel[Profile(team.profile)]
    return times.path(times.place([team.lon], [team.lat]), times.place([incident.lon], [incident.lat]))
