"""A place cut along its streets into pieces of about one size.

Four steps: streets and outline enclose blocks; blocks too small to stand alone join a neighbour; big ones are halved
again and again; what a halving left too small joins a neighbour in turn.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry

from gis.schemas import BadInput, Fault
from gis.tiling import (
    UNITS_PER_DEGREE,
    Floats,
    Ints,
    Plane,
    Shapes,
    area_m2,
    dissolved,
    faces,
    plainer,
    segments,
    shared_borders,
    to_degrees,
    to_units,
)

SizeOf = Callable[[Floats, Floats], Floats]

OVERSHOOT = 5.0
"""Units by which a cut runs past its ends, so that it surely crosses the border and does not stop short of it."""

SMALLEST, WHOLE, LARGEST = 0.5, 1.5, 2.0
"""Multiples of the target: below the first a piece joins another, above the second a block is cut, above the third
a piece that grew by joining is cut once more."""

THINNEST = 0.4
"""Average width, in sides of the target square, below which a strip of land between carriageways is no cell."""

ROUNDS = 3
"""Times that cutting and joining take turns; one is enough in every city tried."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is to be cut: the land in units, its plane, and the size wanted where."""

    land: Geometry
    plane: Plane
    size_m2: SizeOf

    def targets(self, units: Shapes) -> Floats:
        """The size wanted for each piece, asked for at its centroid."""
        centres = shapely.centroid(units)
        lon, lat = shapely.get_x(centres) / UNITS_PER_DEGREE, shapely.get_y(centres) / UNITS_PER_DEGREE
        return np.broadcast_to(np.asarray(self.size_m2(lon, lat), dtype=np.float64), lon.shape)

    def areas(self, units: Shapes) -> Floats:
        return area_m2(to_degrees(units))


# ------------------------------------------------------------------------------------------------ small ones join


def joined(pieces: Shapes, ground: Ground, at_least: float, thinnest: float) -> Shapes:
    """The coverage ``pieces`` with each piece under ``at_least`` of its target merged into a neighbour.

    A strip narrower on average than ``thinnest`` times the side of its target (the gap between two carriageways)
    joins as well. The neighbour with the longest common border is taken, one that has room for it before others.
    """
    target = ground.targets(pieces)
    label = _join_labels(
        ground.areas(pieces),
        target,
        shapely.length(ground.plane.from_units(pieces)),
        shared_borders(pieces, (ground.plane.east / UNITS_PER_DEGREE, ground.plane.north / UNITS_PER_DEGREE)),
        at_least,
        thinnest,
    )
    return dissolved(pieces, label)


def _join_labels(
    area: Floats,
    target: Floats,
    perimeter: Floats,
    borders: tuple[Ints, Ints, Floats],
    at_least: float,
    thinnest: float,
) -> Ints:
    """For each piece the index of the piece that it ends up in."""
    ratio, side = (area / target).tolist(), np.sqrt(target).tolist()
    areas, around = area.tolist(), perimeter.tolist()
    beside: list[dict[int, float]] = [{} for _ in ratio]
    for i, j, length in zip(*(column.tolist() for column in borders), strict=True):
        beside[i][j] = beside[j][i] = length

    def stands(piece: int) -> bool:
        wide = 2 * areas[piece] >= thinnest * side[piece] * around[piece]
        return bool(wide and ratio[piece] >= at_least)

    label = np.arange(len(ratio))
    queue = [(ratio[piece], piece) for piece in range(len(ratio)) if not stands(piece)]
    heapq.heapify(queue)
    gone = [False] * len(ratio)
    while queue:
        known, piece = heapq.heappop(queue)
        if gone[piece] or known != ratio[piece] or not beside[piece]:
            continue
        # Room is worth a border three times as long: a join that needs no new cut keeps the streets as borders.
        host = max(
            beside[piece],
            key=lambda other: (beside[piece][other] * (3 if ratio[other] + ratio[piece] < LARGEST else 1), -other),
        )
        common = beside[piece].pop(host)
        del beside[host][piece]
        for other, length in beside[piece].items():
            del beside[other][piece]
            beside[other][host] = beside[host][other] = beside[host].get(other, 0.0) + length
        beside[piece] = {}
        gone[piece], label[piece] = True, host
        ratio[host] += ratio[piece]
        areas[host] += areas[piece]
        around[host] += around[piece] - 2 * common
        if not stands(host):
            heapq.heappush(queue, (ratio[host], host))
    while (label[label] != label).any():
        label = label[label]
    return label


# ------------------------------------------------------------------------------------------------ big ones are halved


def halving_cuts(pieces: Shapes, ground: Ground, above: float) -> Shapes:
    """Straight cuts, in units, that bring every piece larger than ``above`` targets down to about its target.

    Level by level, all pieces of a level at once. Each cut runs square to the streets around the piece, across its
    longer side, where it leaves the shares of a whole number of cells on either side.
    """
    cuts: list[Shapes] = []
    units = pieces[ground.areas(pieces) > above * ground.targets(pieces)]
    while len(units):
        target = ground.targets(units)
        cells = np.maximum(2, np.rint(ground.areas(units) / target))
        chords, parts = _best_cut(ground.plane.from_units(units), np.floor(cells / 2) / cells, target)
        cuts.append(_longer(ground.plane.to_units(chords)))
        units = ground.plane.to_units(parts)
        units = units[ground.areas(units) > WHOLE * ground.targets(units)]
    return np.concatenate(cuts) if cuts else np.empty(0, dtype=object)


def _best_cut(metres: Shapes, share: Floats, target: Floats) -> tuple[Shapes, Shapes]:
    """One cut for each polygon: all chords and all parts. The first direction that cuts cleanly is taken."""
    start, end, owner = segments(shapely.orient_polygons(metres))
    along_streets, stretched = _directions(start, end, owner, len(metres))
    best = _Choice.none(len(metres))
    for angle in (along_streets, stretched, along_streets + np.pi / 2, along_streets + np.pi / 4):
        for portion in (share, 1 - share):
            open_ = np.flatnonzero(best.score > CLEAN)
            if not len(open_):
                break
            best.take(open_, *_cut_at(metres[open_], angle[open_], portion[open_], target[open_]))
    parts = shapely.get_parts(np.concatenate([best.low, best.high]))
    return (
        shapely.get_parts(best.chord),
        parts[(shapely.get_dimensions(parts) == 2) & (shapely.area(parts) > 1e-3)],
    )


CLEAN = 1.3
"""Score of a cut into two whole parts of full size whose length is that across a square or a little more."""


@dataclass(slots=True)
class _Choice:
    """The best cut found so far for each polygon."""

    score: Floats
    chord: Shapes
    low: Shapes
    high: Shapes

    @staticmethod
    def none(n: int) -> _Choice:
        return _Choice(np.full(n, np.inf), *(np.full(n, None, dtype=object) for _ in range(3)))

    def take(self, at: Ints, score: Floats, chord: Shapes, low: Shapes, high: Shapes) -> None:
        better = score < self.score[at]
        rows = at[better]
        self.score[rows] = score[better]
        self.chord[rows], self.low[rows], self.high[rows] = chord[better], low[better], high[better]


def _directions(start: Floats, end: Floats, owner: Ints, n: int) -> tuple[Floats, Floats]:
    """The angle of the longer side of each polygon, once along its dominant streets, once along its own stretch."""
    run = end - start
    length = np.hypot(run[:, 0], run[:, 1])
    # Four times the angle: a street and the one square to it then speak for the same direction.
    fourfold = _sum_by(owner, length * np.exp(4j * np.arctan2(run[:, 1], run[:, 0])), n)
    square = np.angle(fourfold) / 4
    first = np.searchsorted(owner, np.arange(n))

    def extent(angle: Floats) -> Floats:
        s = start[:, 0] * np.cos(angle)[owner] + start[:, 1] * np.sin(angle)[owner]
        return np.asarray(np.maximum.reduceat(s, first) - np.minimum.reduceat(s, first))

    along = np.where(extent(square) >= extent(square + np.pi / 2), square, square + np.pi / 2)
    middle = (start + end) / 2
    centre = _sum_by(owner, length * (middle @ np.array([1.0, 1j])), n) / _sum_by(owner, length, n)
    spread = (middle @ np.array([1.0, 1j])) - centre[owner]
    return along, np.angle(_sum_by(owner, length * spread**2, n)) / 2


def _sum_by(owner: Ints, values: NDArray[np.complex128] | Floats, n: int) -> NDArray[np.complex128]:
    real = np.bincount(owner, weights=np.real(values), minlength=n)
    return np.asarray(real + 1j * np.bincount(owner, weights=np.imag(values), minlength=n))


def _cut_at(metres: Shapes, angle: Floats, share: Floats, target: Floats) -> tuple[Floats, Shapes, Shapes, Shapes]:
    """Score, chord and both sides of a cut square to ``angle`` that leaves ``share`` of the area before it."""
    at = _where_share(metres, angle, share)
    along = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    bounds = shapely.bounds(metres)
    reach = (np.hypot(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]) * 2 + 1)[:, None]
    centre = (bounds[:, :2] + bounds[:, 2:]) / 2
    foot = centre + along * (at - (centre * along).sum(axis=1))[:, None]
    left, right = foot - across * reach, foot + across * reach
    chord = shapely.intersection(metres, shapely.linestrings(np.stack([left, right], axis=1)))
    low, high = (
        shapely.intersection(metres, shapely.polygons(np.stack([left, right, right + step, left + step], axis=1)))
        for step in (-along * reach, along * reach)
    )
    return _score(metres, chord, low, high, target), chord, low, high


def _score(metres: Shapes, chord: Shapes, low: Shapes, high: Shapes, target: Floats) -> Floats:
    """Length of the cut in sides of a square of the piece, and 2 for each part too small to be a cell."""
    parts, owner = shapely.get_parts(np.concatenate([low, high]), return_index=True)
    owner = owner % len(metres)
    small = shapely.area(parts) < 0.6 * target[owner]
    return np.asarray(
        shapely.length(chord) / np.sqrt(shapely.area(metres))
        + 2.0 * np.bincount(owner, weights=small, minlength=len(metres))
    )


def _where_share(metres: Shapes, angle: Floats, share: Floats) -> Floats:
    """Position along ``angle`` before which ``share`` of each polygon's area lies.

    By Green's theorem the area before s = t is the border integral of w ds over what lies before t (on the cut
    itself ds is 0), so forty bisections cost only arithmetic on the vertices.
    """
    start, end, owner = segments(shapely.orient_polygons(metres))
    cos, sin = np.cos(angle), np.sin(angle)
    origin = shapely.bounds(metres)[:, :2]

    def turned(xy: Floats) -> tuple[Floats, Floats]:
        x, y = (xy - origin[owner]).T
        return x * cos[owner] + y * sin[owner], y * cos[owner] - x * sin[owner]

    (s0, w0), (s1, w1) = turned(start), turned(end)
    first = np.searchsorted(owner, np.arange(len(metres)))
    low, high = np.minimum.reduceat(s0, first), np.maximum.reduceat(s0, first)
    run = np.where(s1 == s0, 1.0, s1 - s0)
    wanted = share * shapely.area(metres)
    for _ in range(40):
        middle = (low + high) / 2
        t = middle[owner]
        from_, to = np.minimum(s0, t), np.minimum(s1, t)
        w_from = w0 + (from_ - s0) / run * (w1 - w0)
        w_to = w0 + (to - s0) / run * (w1 - w0)
        before = np.abs(np.bincount(owner, weights=(to - from_) * (w_from + w_to) / 2, minlength=len(metres)))
        low, high = np.where(before < wanted, middle, low), np.where(before < wanted, high, middle)
    return np.asarray((low + high) / 2 + origin[:, 0] * cos + origin[:, 1] * sin)


def _longer(chords: Shapes) -> Shapes:
    """Each straight chord longer by OVERSHOOT units at both ends."""
    chords = chords[shapely.get_dimensions(chords) == 1]
    start = shapely.get_coordinates(shapely.get_point(chords, 0))
    end = shapely.get_coordinates(shapely.get_point(chords, -1))
    step = (end - start) / np.maximum(np.hypot(*(end - start).T), 1e-9)[:, None] * OVERSHOOT
    return np.asarray(shapely.linestrings(np.stack([start - step, end + step], axis=1)), dtype=object)


# ------------------------------------------------------------------------------------------------ the whole


def cut_pieces(land: Geometry, lines: Shapes, size_m2: SizeOf) -> Shapes:
    """Polygons in degrees that cover ``land`` (degrees) once, along ``lines`` where there are any."""
    in_units = shapely.set_precision(to_units(np.array([land], dtype=object))[0], 1.0)
    if shapely.is_empty(in_units):
        raise BadInput(Fault("outline", None, None, "no land left to cut", "land of at least a square metre"))
    ground = Ground(in_units, Plane.around(land), size_m2)
    pieces = _blocks(ground, lines)
    cuts = halving_cuts(pieces, ground, above=WHOLE)
    for _ in range(ROUNDS):
        if not len(cuts):
            break
        pieces = faces(np.concatenate([shapely.boundary(pieces), cuts]), in_units)
        pieces = joined(pieces, ground, at_least=SMALLEST, thinnest=0.0)
        cuts = halving_cuts(pieces, ground, above=LARGEST)
    return to_degrees(plainer(pieces))


def _blocks(ground: Ground, lines: Shapes) -> Shapes:
    """What streets and outline enclose, none of it too small or too thin to be a cell if it has a neighbour."""
    border = shapely.get_parts(np.array([shapely.boundary(ground.land)], dtype=object))
    in_units = to_units(lines[(shapely.get_dimensions(lines) == 1) & ~shapely.is_empty(lines)])
    near = in_units[shapely.intersects(in_units, shapely.box(*shapely.bounds(ground.land)))]
    enclosed = faces(np.concatenate([border, near]), ground.land)
    return plainer(joined(enclosed, ground, at_least=0.6, thinnest=THINNEST))
