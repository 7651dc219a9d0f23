"""The street network: directed edges with length, class, name, speed, permitted profiles and geometry."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from gis.crs import great_circle_m
from gis.pieces import Pieces, rounded, slices
from gis.roadclasses import (
    ALLOWED,
    CAR_KMH,
    EBIKE_KMH,
    FOOT_KMH,
    ROAD_CLASSES,
    Profile,
    road_class,
)
from gis.schemas import BadInput, Fault, shorten

__all__ = ["ROAD_CLASSES", "Profile", "Streets", "download_streets", "read_streets"]

SAME_NODE_DEG = 1e-7
_FILE_VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """A street network as arrays: ``n`` nodes, ``m`` directed edges.

    A two-way street is two edges, the second right after the first. So is a one-way street that walkers may take
    against the traffic; ``allowed`` tells who may. Self-loops (a crescent that returns to its own junction) are kept:
    addresses lie on them.

    Attributes
    ----------
    lon, lat
        Nodes, shape (n,), WGS84 degrees, to seven decimals.
    tail, head
        Nodes each edge leaves and enters, shape (m,).
    length_m
        Great-circle length along the geometry, shape (m,).
    road
        Index into ``ROAD_CLASSES``, shape (m,).
    name
        Street names, length m; empty where unknown.
    speed_kmh
        Running speed of a car, shape (m,).
    allowed
        Bitmask of ``Profile.bit`` in this direction, shape (m,).
    piece
        Number of the drawn street piece, shape (m,), rising; the two directions of a street share it.
    shape_start, shape_lon, shape_lat
        Geometry in travel direction: edge i owns points ``shape_start[i]:shape_start[i + 1]``.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    length_m: NDArray[np.float64]
    road: NDArray[np.uint8]
    name: tuple[str, ...]
    speed_kmh: NDArray[np.float32]
    allowed: NDArray[np.uint8]
    piece: NDArray[np.int32]
    shape_start: NDArray[np.int64]
    shape_lon: NDArray[np.float64]
    shape_lat: NDArray[np.float64]

    @classmethod
    def from_pieces(cls, pieces: Pieces) -> Streets:
        """Directed edges from drawn pieces; a direction nobody may take becomes no edge."""
        drawn = np.repeat(np.arange(len(pieces.tail)), 2)
        back = np.tile([False, True], len(pieces.tail))
        allowed = np.where(back, pieces.against[drawn], pieces.along[drawn])
        drawn, back, allowed = drawn[allowed > 0], back[allowed > 0], allowed[allowed > 0]
        points, begin = slices(pieces.shape_start, drawn)
        points = _turned(points, begin, back)
        piece = np.unique(drawn, return_inverse=True)[1]
        return cls(
            lon=pieces.lon,
            lat=pieces.lat,
            tail=np.where(back, pieces.head[drawn], pieces.tail[drawn]).astype(np.int32),
            head=np.where(back, pieces.tail[drawn], pieces.head[drawn]).astype(np.int32),
            length_m=pieces.length_m[drawn],
            road=pieces.road[drawn],
            name=tuple(pieces.name[i] for i in drawn.tolist()),
            speed_kmh=pieces.speed_kmh[drawn],
            allowed=allowed.astype(np.uint8),
            piece=piece.astype(np.int32),
            shape_start=begin,
            shape_lon=pieces.shape_lon[points],
            shape_lat=pieces.shape_lat[points],
        )

    @classmethod
    def from_lines(cls, lines: gpd.GeoDataFrame) -> Streets:
        """A network from drawn lines; lines that end within 1e-7° (a centimetre) of each other meet there.

        Lines that cross elsewhere do not meet: cut them first where they should.

        Parameters
        ----------
        lines
            LineStrings or MultiLineStrings in EPSG:4326 with columns ``road`` (a name in ``ROAD_CLASSES``) and, where
            there are, ``name``, ``oneway`` (True: only as drawn), ``speed_kmh`` (car; NaN takes the table).

        Raises
        ------
        BadInput
            When the CRS is not EPSG:4326, a coordinate is no degree, a road class is unknown, a speed is not above 0,
            ``oneway`` is neither true nor false, or no line is left.
        """
        return cls.from_pieces(_pieces_of(_checked_lines(lines)))

    def seconds(self, profile: Profile) -> NDArray[np.float64]:
        """Seconds along each edge, shape (m,); inf where the profile may not go."""
        kmh = {
            Profile.CAR: self.speed_kmh.astype(np.float64),
            Profile.EBIKE: EBIKE_KMH[self.road],
            Profile.FOOT: FOOT_KMH[self.road],
        }[profile]
        return np.where(self.open_to(profile), self.length_m * 3.6 / kmh, np.inf)

    def open_to(self, profile: Profile) -> NDArray[np.bool_]:
        """Which edges the profile may take, shape (m,)."""
        return (self.allowed & profile.bit) > 0

    def lines(self) -> gpd.GeoDataFrame:
        """The streets as drawn: one row per physical piece, in the form that ``from_lines`` takes.

        Columns road, name, oneway (for cars), speed_kmh; EPSG:4326.
        """
        first = np.unique(self.piece, return_index=True)[1]
        cars_back = np.zeros(len(first), dtype=bool)
        second = np.setdiff1d(np.arange(len(self.tail)), first)
        cars_back[self.piece[second]] = (self.allowed[second] & Profile.CAR.bit) > 0
        return gpd.GeoDataFrame(
            {
                "road": [ROAD_CLASSES[i] for i in self.road[first].tolist()],
                "name": [self.name[i] for i in first.tolist()],
                "oneway": ((self.allowed[first] & Profile.CAR.bit) > 0) & ~cars_back,
                "speed_kmh": self.speed_kmh[first],
            },
            geometry=self.shapes(first),
            crs="EPSG:4326",
        )

    def shapes(self, edges: NDArray[np.intp]) -> NDArray[np.object_]:
        """LineStrings of these edges in travel direction, degrees."""
        points, begin = slices(self.shape_start, edges)
        owner = np.repeat(np.arange(len(edges)), np.diff(begin))
        coordinates = np.column_stack([self.shape_lon[points], self.shape_lat[points]])
        return np.asarray(shapely.linestrings(coordinates, indices=owner), dtype=np.object_)

    def connected(self, profile: Profile) -> Streets:
        """The largest part in which the profile gets from every node to every other."""
        return self.only(self.in_connected_part(profile))

    def in_connected_part(self, profile: Profile) -> NDArray[np.bool_]:
        """Which edges lie in that part and are open to the profile, shape (m,)."""
        edges = np.flatnonzero(self.open_to(profile))
        kept = np.zeros(len(self.tail), dtype=bool)
        if edges.size:
            tail, head = self.tail[edges], self.head[edges]
            graph = csr_array((np.ones(len(edges)), (tail, head)), shape=(len(self.lon), len(self.lon)))
            part = connected_components(graph, directed=True, connection="strong")[1]
            largest = np.bincount(part).argmax()
            kept[edges] = (part[tail] == largest) & (part[head] == largest)
        return kept

    def only(self, kept: NDArray[np.bool_]) -> Streets:
        """The network of these edges alone; nodes and pieces are numbered anew."""
        edges = np.flatnonzero(kept)
        nodes, ends = np.unique(np.concatenate([self.tail[edges], self.head[edges]]), return_inverse=True)
        points, begin = slices(self.shape_start, edges)
        return Streets(
            lon=self.lon[nodes],
            lat=self.lat[nodes],
            tail=ends[: len(edges)].astype(np.int32),
            head=ends[len(edges) :].astype(np.int32),
            length_m=self.length_m[edges],
            road=self.road[edges],
            name=tuple(self.name[i] for i in edges.tolist()),
            speed_kmh=self.speed_kmh[edges],
            allowed=self.allowed[edges],
            piece=np.unique(self.piece[edges], return_inverse=True)[1].astype(np.int32),
            shape_start=begin,
            shape_lon=self.shape_lon[points],
            shape_lat=self.shape_lat[points],
        )

    def outline_hull(self) -> shapely.Polygon:
        """The convex hull of all streets, degrees; a network along one straight line gives its 1 cm wide strip."""
        hull = shapely.MultiPoint(np.column_stack([self.shape_lon, self.shape_lat])).convex_hull
        return hull if isinstance(hull, shapely.Polygon) else shapely.box(*hull.buffer(SAME_NODE_DEG).bounds)

    def save(self, path: Path | str) -> None:
        """Write to one compressed file (.npz), whole or not at all. A two-way street is drawn once in it."""
        first = np.unique(self.piece, return_index=True)[1]
        back = np.setdiff1d(np.arange(len(self.tail)), first)
        against = np.zeros(len(first), dtype=np.uint8)
        against[self.piece[back]] = self.allowed[back]
        points, begin = slices(self.shape_start, first)
        names, name_of = np.unique([self.name[i] for i in first.tolist()], return_inverse=True)
        path = Path(path)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}.npz")
        try:
            np.savez_compressed(
                unfinished,
                version=np.array([_FILE_VERSION]),
                lon=_steps(self.lon),
                lat=_steps(self.lat),
                tail=self.tail[first],
                head=self.head[first],
                length_m=self.length_m[first],
                speed_kmh=self.speed_kmh[first],
                road=self.road[first],
                along=self.allowed[first],
                against=against,
                names=names.astype(np.str_),
                name_of=name_of.astype(np.int32),
                shape_size=np.diff(begin).astype(np.int32),
                shape_lon=_steps(self.shape_lon[points]),
                shape_lat=_steps(self.shape_lat[points]),
            )
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path | str) -> Streets:
        """Read what ``save`` wrote, equal in every array.

        Raises
        ------
        BadInput
            When the file is missing, damaged, or something else.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                return cls.from_pieces(_stored_pieces(stored))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            fault = Fault(str(path), None, None, shorten(error), "a street network saved by GridBeat")
            raise BadInput(fault, advice="Build the place again, or read the streets from their OSM file.") from error


def read_streets(path: Path | str) -> Streets:
    """The street network of an OpenStreetMap file.

    Parameters
    ----------
    path
        ``.osm``, ``.osm.gz``, ``.osm.bz2``, ``.osm.pbf``, or ``.graphml`` written by OSMnx.

    Returns
    -------
    Streets
        Every way that is a street for someone, joined from junction to junction by OSMnx. Joined ways of several
        classes or names carry that of the longest; their time is the sum.

    Raises
    ------
    BadInput
        When the file is missing, empty, cut short, of another kind, or holds no street.
    """
    from gis.osmfiles import read_pieces  # OSMnx takes a second to import, and only files need it

    return Streets.from_pieces(read_pieces(Path(path)))


def download_streets(place_name: str) -> Streets:
    """The street network of a place OpenStreetMap knows by name, such as ``"海曙区, 宁波市, 中国"``; needs the network.

    Raises
    ------
    BadInput
        When the machine is offline or the place is unknown or has no boundary.
    """
    from gis.osmfiles import download_pieces  # as above

    return Streets.from_pieces(download_pieces(place_name))


def _turned(points: NDArray[np.int64], begin: NDArray[np.int64], back: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The same points, those of backward edges in reverse order."""
    sizes = np.diff(begin)
    rank = np.arange(len(points)) - np.repeat(begin[:-1], sizes)
    mirrored = np.repeat(begin[1:] - 1, sizes) - rank
    return points[np.where(np.repeat(back, sizes), mirrored, np.arange(len(points)))]


def _steps(degrees: NDArray[np.float64]) -> NDArray[np.int32]:
    """Differences of successive coordinates in 1e-7°: small numbers, which compress well."""
    units = np.round(degrees * 1e7).astype(np.int64)
    # int32 wraps where a step crosses more than 214°; summing in int32 wraps back.
    return np.diff(units, prepend=0).astype(np.int32)


def _degrees(steps: NDArray[np.int32]) -> NDArray[np.float64]:
    return np.cumsum(steps, dtype=np.int32).astype(np.float64) / 1e7


def _stored_pieces(stored: np.lib.npyio.NpzFile) -> Pieces:
    if int(stored["version"][0]) != _FILE_VERSION:
        raise ValueError(f"file version {int(stored['version'][0])}")
    names = stored["names"].tolist()
    start = np.zeros(len(stored["tail"]) + 1, dtype=np.int64)
    start[1:] = np.cumsum(stored["shape_size"])
    plain = ("tail", "head", "length_m", "speed_kmh", "road", "along", "against")
    return Pieces(
        **{key: stored[key] for key in plain},
        lon=_degrees(stored["lon"]),
        lat=_degrees(stored["lat"]),
        name=tuple(names[i] for i in stored["name_of"].tolist()),
        shape_start=start,
        shape_lon=_degrees(stored["shape_lon"]),
        shape_lat=_degrees(stored["shape_lat"]),
    )


def _checked_lines(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Single LineStrings with all four columns, or a refusal that names the row (2 is the first, as in a table)."""
    if lines.crs is None or not lines.crs.equals("EPSG:4326", ignore_axis_order=True):
        found = "no CRS" if lines.crs is None else lines.crs.name
        fault = Fault("street lines", None, "geometry", found, "EPSG:4326 (degrees)")
        raise BadInput(fault, advice='Use lines.to_crs("EPSG:4326"), or set_crs when they are in degrees already.')
    if "road" not in lines.columns:
        raise BadInput(Fault("street lines", None, "road", "no such column", "a road class per line"))
    defaults = {"name": "", "oneway": False, "speed_kmh": np.nan}
    full = lines.assign(**{key: value for key, value in defaults.items() if key not in lines.columns})
    if faults := _line_faults(full):
        raise BadInput(*faults)
    single = full.explode(index_parts=False)
    single = single[~single.geometry.is_empty & (single.geom_type == "LineString")].reset_index(drop=True)
    if single.empty:
        raise BadInput(Fault("street lines", None, None, "no line", "at least one street"))
    return single


def _line_faults(lines: gpd.GeoDataFrame) -> list[Fault]:
    bounds = lines.geometry.bounds.to_numpy()
    far = (np.abs(bounds) > [180, 90, 180, 90]).any(axis=1) | (np.isnan(bounds).any(axis=1) & ~_empty(lines))
    speed = lines["speed_kmh"].to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = {
        "geometry": (far, "degrees with |lon| <= 180, |lat| <= 90"),
        "road": (~lines["road"].isin(ROAD_CLASSES), f"one of {', '.join(ROAD_CLASSES)}"),
        "oneway": (~(lines["oneway"].isin([True, False]) | lines["oneway"].isna()), "true or false"),
        "speed_kmh": ((speed <= 0) | np.isinf(speed), "above 0, or empty for the table"),
    }
    return [
        Fault("street lines", int(row) + 2, column, shorten(lines[column].iloc[int(row)]), expected)
        for column, (bad, expected) in wrong.items()
        for row in np.flatnonzero(bad)
    ]


def _empty(lines: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    return np.asarray(lines.geometry.is_empty | lines.geometry.isna(), dtype=bool)


def _pieces_of(lines: gpd.GeoDataFrame) -> Pieces:
    """Pieces of checked lines; a line shorter than a centimetre is none."""
    start, points = _shapes_of(lines)
    size = np.maximum.reduceat(points, start[:-1]) - np.minimum.reduceat(points, start[:-1])
    long_enough = np.flatnonzero(size.max(axis=1) > SAME_NODE_DEG)
    if not long_enough.size:
        raise BadInput(Fault("street lines", None, None, "only lines under 1 cm", "at least one street"))
    kept, start = slices(start, long_enough)
    points, lines = points[kept], lines.iloc[long_enough]
    first, last = start[:-1], start[1:] - 1
    nodes, ends = _joined(np.concatenate([points[first], points[last]]))
    tail, head = np.split(ends, 2)
    points[first], points[last] = nodes[tail], nodes[head]
    lon, lat = points.T.copy()
    road = np.array([road_class(name) for name in lines["road"]], dtype=np.uint8)
    speed = lines["speed_kmh"].to_numpy(dtype=np.float64, na_value=np.nan)
    oneway = lines["oneway"].isin([True]).to_numpy()
    along = ALLOWED[road]
    return Pieces(
        lon=nodes[:, 0].copy(),
        lat=nodes[:, 1].copy(),
        tail=tail,
        head=head,
        length_m=shape_lengths_m(start, lon, lat),
        speed_kmh=np.where(np.isnan(speed), CAR_KMH[road], speed).astype(np.float32),
        road=road,
        along=along,
        against=np.where(oneway, along & Profile.FOOT.bit, along).astype(np.uint8),
        name=tuple("" if name is None or name != name else str(name) for name in lines["name"]),
        shape_start=start,
        shape_lon=lon,
        shape_lat=lat,
    )


def _shapes_of(lines: gpd.GeoDataFrame) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where the points of each line start, shape (p + 1,), and all points, to seven decimals."""
    points, owner = shapely.get_coordinates(lines.geometry.to_numpy(), return_index=True)
    start = np.zeros(len(lines) + 1, dtype=np.int64)
    start[1:] = np.cumsum(np.bincount(owner, minlength=len(lines)))
    return start, rounded(points)


def shape_lengths_m(
    start: NDArray[np.int64], lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Great-circle metres along each shape of at least two points, shape (p,)."""
    step = np.zeros(len(lon))
    step[1:] = great_circle_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    step[start[:-1]] = 0.0  # no street runs from the end of one shape to the beginning of the next
    return np.add.reduceat(step, start[:-1])


def _joined(ends: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Nodes (n, 2) that stand for all end points (e, 2) within ``SAME_NODE_DEG`` of each other, and which is whose."""
    points, of_end = np.unique(ends, axis=0, return_inverse=True)
    close = KDTree(points).query_pairs(SAME_NODE_DEG * 1.01, p=np.inf, output_type="ndarray")
    near = csr_array((np.ones(len(close)), (close[:, 0], close[:, 1])), shape=(len(points), len(points)))
    count, group = connected_components(near, directed=False)
    first = np.full(count, len(points))
    np.minimum.at(first, group, np.arange(len(points)))
    return points[first], group[of_end.ravel()].astype(np.int32)
