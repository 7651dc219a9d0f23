"""One replication at an instant: who is on the way, at work, on the way back, and what waits for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulation.replications import Played
from simulation.services import Fates, Services, read

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

GOING, WORKING, RETURNING = 0, 1, 2


@dataclass(frozen=True)
class Instant:
    """The city at one moment.

    Attributes
    ----------
    waiting
        Rows of incidents that are known and to which nobody has been sent yet.
    late
        Of these, which have waited longer than they may, shape as ``waiting``.
    out
        Rows of services whose officers are away from their desk.
    doing
        ``GOING``, ``WORKING`` or ``RETURNING``, shape as ``out``.
    share
        How far from the desk, as a share of the way: 0 at the desk, 1 at the incident; shape as ``out``.
    desk_lon, desk_lat, spot_lon, spot_lat
        Both ends of the way, shape as ``out``, WGS84 degrees.
    on_duty, at_desk, open
        Officers on duty; officers at work at their desks; incidents that are not closed.
    """

    waiting: Rows
    late: NDArray[np.bool_]
    out: Rows
    doing: NDArray[np.int8]
    share: Floats
    desk_lon: Floats
    desk_lat: Floats
    spot_lon: Floats
    spot_lat: Floats
    on_duty: int
    at_desk: int
    open: int

    def on_a_line(self) -> tuple[Floats, Floats]:
        """Where they are on straight lines between desks and incidents, degrees."""
        lon = self.desk_lon + self.share * (self.spot_lon - self.desk_lon)
        lat = self.desk_lat + self.share * (self.spot_lat - self.desk_lat)
        return lon, lat


class Playback:
    """A replication that can be looked at where one likes."""

    def __init__(self, played: Played) -> None:
        self.played = played

    @cached_property
    def _read(self) -> tuple[Services, Fates]:
        return read(self.played.diary, len(self.played.work), self.played.force.officers)

    @property
    def services(self) -> Services:
        return self._read[0]

    @cached_property
    def _first_sent_s(self) -> Floats:
        """When somebody was sent to each incident for the first time, inf where nobody ever was."""
        first = np.full(len(self.played.work), np.inf)
        np.minimum.at(first, self.services.incident, self.services.sent_s)
        return first

    def at(self, t_s: float) -> Instant:
        """The city at ``t_s`` seconds from the beginning of the warm-up; what happens just then has happened."""
        services, fates = self._read
        known = (fates.known_s <= t_s) & ~fates.passed_on & ~fates.lost
        closed = fates.closed_s <= t_s
        waiting = np.flatnonzero(known & ~closed & (self._first_sent_s > t_s))
        within_s = self.played.setup.matters.within_s[self.played.reports.matter[waiting]]
        begun = (services.sent_s <= t_s) & ~(services.free_s <= t_s)
        goes = self.played.work.goes[self._step_of]
        out = np.flatnonzero(begun & goes)
        doing, share = self._how_far(out, t_s)
        desks, reports = self.played.setup.plan.desks, self.played.reports
        desk, spot = services.desk[out], services.incident[out]
        force = self.played.force
        return Instant(
            waiting=waiting,
            late=t_s - fates.known_s[waiting] > within_s,
            out=out,
            doing=doing,
            share=share,
            desk_lon=np.array([each.lon for each in desks])[desk],
            desk_lat=np.array([each.lat for each in desks])[desk],
            spot_lon=reports.lon[spot],
            spot_lat=reports.lat[spot],
            on_duty=int(np.count_nonzero((force.duty_start <= t_s) & (force.duty_end > t_s))),
            at_desk=int(services.officers[begun & ~goes].sum()),
            open=int(np.count_nonzero(known & ~closed)),
        )

    @cached_property
    def _step_of(self) -> Rows:
        """The step that each service is: the k-th service of an incident, in the order of the diary, is its k-th."""
        of = self.services.incident
        order = np.argsort(of, kind="stable")
        nth = np.arange(len(of)) - np.searchsorted(of[order], of[order])
        step = np.empty(len(of), dtype=np.intp)
        step[order] = self.played.work.step_start[of[order]] + nth
        return step

    def _how_far(self, out: Rows, t_s: float) -> tuple[NDArray[np.int8], Floats]:
        services = self.services
        sent, arrived = services.sent_s[out], services.arrived_s[out]
        worked, free = services.worked_s[out], services.free_s[out]
        doing = np.where(~(arrived <= t_s), GOING, np.where(~(worked <= t_s), WORKING, RETURNING)).astype(np.int8)
        with np.errstate(invalid="ignore", divide="ignore"):
            there = np.select(
                [doing == GOING, doing == WORKING],
                [(t_s - sent) / (arrived - sent), 1.0],
                (free - t_s) / (free - worked),
            )
        # What the diary has no end for is not far from where it began.
        return doing, np.clip(np.nan_to_num(there, nan=0.0), 0.0, 1.0)
