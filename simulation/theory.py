"""Queues whose answer is known: what the simulated city must give when it is set up as one of them.

Rates are per hour and times in hours throughout. Every function refuses rates that are no positive finite numbers, and
a queue that would grow without end.

References
----------
[GH] Gross, Shortle, Thompson, Harris (2008), Fundamentals of Queueing Theory, 4th edition.
[L] Larson (1974), A hypercube queuing model for facility location and redistricting in urban emergency services,
Computers & Operations Research 1(1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve

Floats = NDArray[np.float64]

MOST_UNITS = 14
"""The exact hypercube has 2 to the number of units states."""


class Unstable(ValueError):  # noqa: N818 - read in messages
    """A queue whose work comes faster than it can be done."""


@dataclass(frozen=True, slots=True)
class Line:
    """One waiting line in its steady state.

    Attributes
    ----------
    util
        Share of time an officer is busy.
    p_wait
        Share of arrivals that wait at all.
    wq
        Mean wait before service, hours, those who do not wait included.
    wq_p95
        Wait that 95 % of arrivals do not exceed, hours; NaN where it is not known.
    """

    util: float
    p_wait: float
    wq: float
    wq_p95: float


@dataclass(frozen=True, slots=True)
class Chain:
    """Towns that hand some of their work to brigades; ``closure`` is the mean time from report to the last service."""

    town: Line
    brigade: Line
    closure: float


@dataclass(frozen=True, slots=True)
class Hypercube:
    """Several units, each asked in an order of its own by every atom.

    Attributes
    ----------
    workload
        Share of time each unit is busy, shape (units,).
    wq
        Mean wait, hours; 0 where nobody waits.
    p_loss
        Share of calls nobody can take; 0 where they wait.
    """

    workload: Floats
    wq: float
    p_loss: float


def erlang_b(load: float, c: int) -> float:
    """Share of time all ``c`` officers are busy when who finds them so goes away; ``load`` is lam / mu.

    References
    ----------
    [GH] section 2.5, by the recursion in the number of officers.

    Examples
    --------
    >>> round(erlang_b(2.0, 3), 4)
    0.2105
    """
    blocked = 1.0
    for officers in range(1, c + 1):
        blocked = load * blocked / (officers + load * blocked)
    return blocked


def erlang_c(load: float, c: int) -> float:
    """Share of arrivals that wait for one of ``c`` officers. [GH] section 2.3.

    Examples
    --------
    >>> round(erlang_c(2.0, 3), 4)
    0.4444
    """
    blocked = erlang_b(load, c)
    return blocked / (1.0 - load / c * (1.0 - blocked))


def mmc(lam: float, mu: float, c: int) -> Line:
    """Poisson arrivals, exponential service, ``c`` officers, first come first served. [GH] section 2.3.

    The wait is 0 with probability 1 - p_wait and otherwise exponential with rate ``c mu - lam``.
    """
    _positive(lam=lam, mu=mu, c=c)
    util = _stable(lam / (c * mu))
    p_wait, spare = erlang_c(lam / mu, c), c * mu - lam
    p95 = math.log(p_wait / 0.05) / spare if p_wait > 0.05 else 0.0
    return Line(util, p_wait, p_wait / spare, p95)


def mmc_priority(lams: Sequence[float], mu: float, c: int) -> Floats:
    """Mean wait of each class, shape (classes,): the first class goes first, nobody is interrupted.

    References
    ----------
    Cobham (1954), Priority assignment in waiting line problems, Operations Research 2(1), equation 3; [GH] section 3.4.
    """
    _positive(mu=mu, c=c, **{f"lams[{k}]": lam for k, lam in enumerate(lams)})
    _stable(sum(lams) / (c * mu))
    residual = erlang_c(sum(lams) / mu, c) / (c * mu)
    return _cobham(residual, np.asarray(lams) / (c * mu))


def mg1(lam: float, es: float, scv: float) -> Line:
    """One officer, any service of mean ``es`` and squared coefficient of variation ``scv``.

    References
    ----------
    Pollaczek-Khinchine; [GH] section 5.1.1.
    """
    _positive(lam=lam, es=es)
    if not (math.isfinite(scv) and scv >= 0):
        raise ValueError(f"scv is {scv}; expected 0 or more.")
    util = _stable(lam * es)
    return Line(util, util, lam * es**2 * (1 + scv) / 2 / (1 - util), math.nan)


def mg1_priority(lams: Sequence[float], means: Sequence[float], squares: Sequence[float]) -> Floats:
    """Mean wait of each class with one officer, shape (classes,); ``squares`` are the services' second moments.

    References
    ----------
    Cobham (1954), equation 3; [GH] section 3.4.
    """
    _positive(**{f"lams[{k}]": lam for k, lam in enumerate(lams)}, **{f"means[{k}]": es for k, es in enumerate(means)})
    loads = np.asarray(lams) * np.asarray(means)
    _stable(float(loads.sum()))
    return _cobham(float(np.dot(lams, squares)) / 2, loads)


def network(
    towns: int, lam_t: float, mu_t: float, c_t: int, p_esc: float, brigades: int, mu_d: float, c_d: int
) -> Chain:
    """Towns of ``c_t`` officers; a share ``p_esc`` goes on to one of the brigades, evenly.

    References
    ----------
    Jackson (1957), Networks of waiting lines, Operations Research 5(4): each line is as if its arrivals were Poisson.
    """
    return steps(towns, lam_t, mu_t, c_t, p_esc, brigades, mu_d, c_d, 1, 0.0, 0.0)


def steps(
    towns: int,
    lam_t: float,
    mu_t: float,
    c_t: int,
    p_esc: float,
    brigades: int,
    mu_d: float,
    c_d: int,
    services: int,
    p_ord: float,
    delay: float,
) -> Chain:
    """The network where a share ``p_ord`` takes several services in its town, with pauses of mean ``delay`` between.

    A pause holds no officer. What is escalated goes on after the last service in the town, for one in a brigade.

    References
    ----------
    Baskett, Chandy, Muntz, Palacios (1975), Open, closed and mixed networks of queues, Journal of the ACM 22(2): pauses
    are a centre without waiting, and every line is as if its arrivals were Poisson.
    """
    _positive(T=towns, lam_t=lam_t, mu_t=mu_t, c_t=c_t, D=brigades, mu_d=mu_d, c_d=c_d, steps=services)
    _share(p_esc=p_esc, p_ord=p_ord)
    visits = 1 - p_ord + p_ord * services
    town = mmc(lam_t * visits, mu_t, c_t)
    brigade = mmc(towns * lam_t * p_esc / brigades, mu_d, c_d) if p_esc > 0 else Line(0.0, 0.0, 0.0, 0.0)
    pauses = p_ord * (services - 1) * delay
    closure = visits * (town.wq + 1 / mu_t) + pauses + p_esc * (brigade.wq + 1 / mu_d)
    return Chain(town, brigade, closure)


def spatial_mg1(lam: float, side: float, v: float, mu: float) -> tuple[Line, float]:
    """One officer who drives from the centre of a square and back, and the mean time from report to arrival.

    Manhattan distance to a point even over a square of ``side`` has mean side / 2 and variance side² / 24; a service is
    the way there and back at speed ``v``, and exponential work at rate ``mu``.

    References
    ----------
    Larson and Odoni (1981), Urban Operations Research, sections 3.7 (distances) and 4.7 (the officer as M/G/1).
    """
    _positive(lam=lam, side=side, v=v, mu=mu)
    mean = side / v + 1 / mu
    variance = side**2 / (6 * v**2) + 1 / mu**2
    line = mg1(lam, mean, variance / mean**2)
    return line, line.wq + side / (2 * v)


def hypercube(lam: Sequence[float], mu: Sequence[float], pref: Sequence[Sequence[int]], *, queue: bool) -> Hypercube:
    """Exact: the state is who is busy, and how many wait when all are.

    Parameters
    ----------
    lam
        Calls an hour of each atom.
    mu
        Services an hour of each unit.
    pref
        For each atom the units in the order in which they are asked. With a queue every unit must be in it, since only
        then is one line in the order of arrival enough.
    queue
        Whether calls wait for the first free unit; otherwise a call whose units are all busy is lost.

    References
    ----------
    [L], sections 3 and 4, solved as linear equations.
    """
    _positive(**{f"lam[{a}]": rate for a, rate in enumerate(lam)}, **{f"mu[{u}]": rate for u, rate in enumerate(mu)})
    units = len(mu)
    if units > MOST_UNITS:
        raise ValueError(f"{units} units have too many states; expected at most {MOST_UNITS}.")
    if queue and any(set(order) != set(range(units)) for order in pref):
        raise ValueError("with a queue every atom must name every unit; the line is common to all.")
    total, pace = float(sum(lam)), float(sum(mu))
    ratio = _stable(total / pace) if queue else 0.0
    held = _busy_shares(lam, mu, pref)
    everybody = len(held) - 1
    waiting = held[everybody] * ratio / (1 - ratio)  # some busy and n waiting: a geometric tail on "all busy"
    held = held / (held.sum() + waiting)
    waiting = held[everybody] * ratio / (1 - ratio)
    states = np.arange(len(held))
    workload = np.array([held[(states >> u) & 1 == 1].sum() + waiting for u in range(units)])
    wq = held[everybody] * ratio / (1 - ratio) ** 2 / total if queue else 0.0
    lost = [
        rate * held[[_free(s, order) < 0 for s in range(len(held))]].sum()
        for rate, order in zip(lam, pref, strict=True)
    ]
    return Hypercube(workload, wq, 0.0 if queue else float(sum(lost)) / total)


def _busy_shares(lam: Sequence[float], mu: Sequence[float], pref: Sequence[Sequence[int]]) -> Floats:
    """Steady state of who is busy with nobody waiting, up to a factor, shape (2**units,)."""
    size = 2 ** len(mu)
    rows: list[tuple[int, int, float]] = []
    for state in range(size):
        for rate, order in zip(lam, pref, strict=True):
            unit = _free(state, order)
            if unit >= 0:
                rows.append((state, state | 1 << unit, rate))
        rows += [(state, state ^ 1 << u, rate) for u, rate in enumerate(mu) if state >> u & 1]
    source, target, rates = (np.array(column) for column in zip(*rows, strict=True))
    flow = coo_matrix((rates, (target, source)), shape=(size, size)).tolil()
    flow.setdiag(flow.diagonal() - np.bincount(source, rates, minlength=size))
    flow[0, :] = 1.0  # one balance follows from the others; the shares sum to 1 instead
    right = np.zeros(size)
    right[0] = 1.0
    return np.asarray(spsolve(flow.tocsc(), right))


def _free(state: int, order: Sequence[int]) -> int:
    """The first unit in the order that is free in this state, or -1."""
    return next((unit for unit in order if not state >> unit & 1), -1)


def _cobham(residual: float, loads: Floats) -> Floats:
    """``residual`` work met, over what is left of the time by one's own class and those before, and by those before."""
    upto = np.cumsum(loads)
    return np.asarray(residual / ((1 - upto + loads) * (1 - upto)))


def _stable(util: float) -> float:
    if util >= 1:
        raise Unstable(f"work comes {util:.3g} times as fast as it can be done; a steady state needs less than 1.")
    return util


def _positive(**rates: float) -> None:
    for name, rate in rates.items():
        if not (math.isfinite(rate) and rate > 0):
            raise ValueError(f"{name} is {rate}; expected a number above 0.")


def _share(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise ValueError(f"{name} is {share}; expected a share from 0 to 1.")
