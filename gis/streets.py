"""The street network: directed edges with length, class, name, speed, permitted profiles and geometry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.pieces import Pieces, slices
from gis.roadclasses import CAR, EBIKE_KMH, FOOT_KMH, ROAD_CLASSES, Profile
from gis.streetfile import stored_pieces, write_pieces
from gis.streetlines import SAME_NODE_DEG, drawn_pieces

__all__ = ["ROAD_CLASSES", "Profile", "Streets", "download_streets", "read_streets"]


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
        return cls.from_pieces(drawn_pieces(lines))

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
        drawn = self.drawn()
        return gpd.GeoDataFrame(
            {
                "road": [ROAD_CLASSES[i] for i in drawn.road.tolist()],
                "name": list(drawn.name),
                "oneway": ((drawn.along & CAR) > 0) & ((drawn.against & CAR) == 0),
                "speed_kmh": drawn.speed_kmh,
            },
            geometry=self.shapes(np.unique(self.piece, return_index=True)[1]),
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

    def drawn(self) -> Pieces:
        """The streets as drawn, each two-way street once."""
        first = np.unique(self.piece, return_index=True)[1]
        back = np.setdiff1d(np.arange(len(self.tail)), first)
        against = np.zeros(len(first), dtype=np.uint8)
        against[self.piece[back]] = self.allowed[back]
        points, begin = slices(self.shape_start, first)
        return Pieces(
            lon=self.lon,
            lat=self.lat,
            tail=self.tail[first],
            head=self.head[first],
            length_m=self.length_m[first],
            speed_kmh=self.speed_kmh[first],
            road=self.road[first],
            along=self.allowed[first],
            against=against,
            name=tuple(self.name[i] for i in first.tolist()),
            shape_start=begin,
            shape_lon=self.shape_lon[points],
            shape_lat=self.shape_lat[points],
        )

    def save(self, path: Path | str) -> None:
        """Write to one compressed file (.npz), whole or not at all; a two-way street is drawn once in it."""
        write_pieces(self.drawn(), Path(path))

    @classmethod
    def load(cls, path: Path | str) -> Streets:
        """Read what ``save`` wrote, equal in every array.

        Raises
        ------
        BadInput
            When the file is missing, damaged, or something else.
        """
        return cls.from_pieces(stored_pieces(Path(path)))


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
