"""Street pieces from OpenStreetMap: files through pyosmium and OSMnx, places by name through OSMnx."""

from __future__ import annotations

import math
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import osmium
import osmnx as ox
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.pieces import Pieces, flattened, rounded
from gis.roadclasses import ROAD_CLASSES, allowed_against, allowed_along, car_kmh, road_class
from gis.schemas import BadInput, Fault, shorten

OSM_ENDINGS = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf", ".pbf")
ENDINGS = (*OSM_ENDINGS, ".graphml")
TAGS = (
    "access",
    "bicycle",
    "foot",
    "highway",
    "junction",
    "maxspeed",
    "motor_vehicle",
    "motorcar",
    "motorroad",
    "name",
    "oneway",
    "oneway:bicycle",
    "vehicle",
)
EARTH_ROUND_M = 40_075_017.0
_FRESH = "Download the file again, or take the place from another extract."

# One stretch of a joined street: road class, name, metres, hours by car.
Stretch = tuple[int, str, float, float]


def read_pieces(path: Path) -> Pieces:
    """Pieces of a street file; see ``gis.streets.read_streets``."""
    ending = next((e for e in ENDINGS if path.name.lower().endswith(e)), None)
    if ending is None:
        fault = Fault(str(path), None, None, f"the ending {path.suffix or '(none)'}", f"one of {', '.join(ENDINGS)}")
        raise BadInput(fault, advice="Name the file after what it holds.")
    if not path.is_file():
        raise BadInput(Fault(str(path), None, None, "no such file", "a street file"), advice="Check the path.")
    if path.stat().st_size == 0:
        raise BadInput(Fault(str(path), None, None, "an empty file (0 bytes)", "a street file"), advice=_FRESH)
    graph = _graphml(path) if ending == ".graphml" else _osm(path)
    return _checked(_pieces(graph, str(path)), str(path))


def _checked(pieces: Pieces, file: str) -> Pieces:
    """The pieces, when every place is on the earth and every length a number."""
    for name, numbers, most in (
        ("lon", np.concatenate([pieces.lon, pieces.shape_lon]), 180.0),
        ("lat", np.concatenate([pieces.lat, pieces.shape_lat]), 90.0),
        ("length", pieces.length_m, EARTH_ROUND_M),
    ):
        wrong = numbers[~(np.abs(numbers) <= most)]
        if wrong.size:
            fault = Fault(file, None, name, f"{wrong[0]:g}", f"a number within ±{most:g}")
            raise BadInput(fault, advice=_FRESH)
    return pieces


def download_pieces(place_name: str) -> Pieces:
    """Pieces of a named place; see ``gis.streets.download_streets``."""
    try:
        with _osmnx_settings():
            graph = ox.graph_from_place(place_name, network_type="all", simplify=False, retain_all=True)
    except OSError as error:  # what requests raises when the machine is offline
        fault = Fault(place_name, None, None, f"no answer ({shorten(error)})", "a connection to OpenStreetMap")
        raise BadInput(fault, advice="Connect the machine, or use a street file (.osm.pbf).") from error
    except (ValueError, TypeError, ox._errors.InsufficientResponseError) as error:
        fault = Fault(place_name, None, None, shorten(error), "a place with a boundary in OpenStreetMap")
        raise BadInput(fault, advice='Write it as on openstreetmap.org, e.g. "海曙区, 宁波市, 中国".') from error
    return _pieces(graph, place_name)


@contextmanager
def _osmnx_settings() -> Iterator[None]:
    """OSMnx keeps our tags and writes no cache and no log; its settings are as before afterwards."""
    wanted = {
        "useful_tags_way": list(TAGS),
        "useful_tags_node": [],
        "use_cache": False,
        "log_file": False,
        "log_console": False,
        "all_oneway": False,
        "cache_only_mode": False,
    }
    before = {key: getattr(ox.settings, key) for key in wanted}
    try:
        for key, value in wanted.items():
            setattr(ox.settings, key, value)
        yield
    finally:
        for key, value in before.items():
            setattr(ox.settings, key, value)


def _osm(path: Path) -> nx.MultiDiGraph:
    """Unsimplified graph of an OSM file: pyosmium picks the streets, whatever the format, OSMnx joins them."""
    with tempfile.TemporaryDirectory(prefix="gridbeat-streets-") as folder:
        streets_only = Path(folder) / "streets.osm"
        try:
            found = _copy_streets(path, streets_only)
        except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
            fault = Fault(str(path), None, None, f"unreadable data ({shorten(error)})", "a whole OpenStreetMap file")
            raise BadInput(fault, advice=_FRESH) from error
        if not found:
            raise _no_street(str(path))
        with _osmnx_settings():
            return ox.graph_from_xml(streets_only, simplify=False, retain_all=True)


def _copy_streets(path: Path, out: Path) -> bool:
    """Write the ways that are streets, and their nodes, as plain OSM XML; whether there were any.

    A node that a way names but the file lacks (an extract cut at its border) is left out of the way.
    """
    ways: list[tuple[int, list[int], dict[str, str]]] = []
    for way in osmium.FileProcessor(str(path), osmium.osm.WAY):
        if isinstance(way, osmium.osm.Way) and road_class(way.tags.get("highway")) is not None:
            tags = {tag.k: tag.v for tag in way.tags if tag.k in TAGS}
            ways.append((way.id, [node.ref for node in way.nodes], tags))
    wanted = set(chain.from_iterable(nodes for _, nodes, _ in ways))
    present = set()
    with osmium.SimpleWriter(str(out)) as writer:
        for node in osmium.FileProcessor(str(path), osmium.osm.NODE):
            if isinstance(node, osmium.osm.Node) and node.id in wanted and node.location.valid():
                present.add(node.id)
                writer.add_node(osmium.osm.mutable.Node(id=node.id, location=node.location))
        written = 0
        for number, nodes, tags in ways:
            there = [node for node in nodes if node in present]
            if len(there) > 1:
                written += 1
                writer.add_way(osmium.osm.mutable.Way(id=number, nodes=there, tags=tags))
    return written > 0


def _graphml(path: Path) -> nx.MultiDiGraph:
    try:
        with _osmnx_settings():
            graph = ox.load_graphml(path)
        if all({"x", "y"} <= data.keys() for _, data in graph.nodes(data=True)):
            if CRS.from_user_input(graph.graph.get("crs", "EPSG:4326")) != CRS.from_epsg(4326):
                raise ValueError(f"coordinates in {graph.graph['crs']}, not in degrees (EPSG:4326)")
            return ox.distance.add_edge_lengths(graph) if _lacks_lengths(graph) else graph
        raise ValueError("nodes without x and y")
    except (
        ValueError,
        KeyError,
        TypeError,
        nx.NetworkXError,
        ElementTree.ParseError,
        CRSError,
        shapely.errors.ShapelyError,
    ) as error:
        fault = Fault(str(path), None, None, f"unreadable data ({shorten(error)})", "a GraphML file written by OSMnx")
        raise BadInput(fault, advice="Write it with osmnx.save_graphml, or use the OSM file itself.") from error


def _lacks_lengths(graph: nx.MultiDiGraph) -> bool:
    return any("length" not in data for _, _, data in graph.edges(data=True))


def _no_street(file: str) -> BadInput:
    fault = Fault(file, None, "highway", "no street", f"ways tagged highway = {', '.join(ROAD_CLASSES[:7])}, ...")
    return BadInput(fault, advice="Export the area again with its roads.")


def _pieces(graph: nx.MultiDiGraph, file: str) -> Pieces:
    """Pieces of an OSMnx graph, simplified or not."""
    streets = _streets_only(graph)
    if streets.number_of_edges() == 0:
        raise _no_street(file)
    if not graph.graph.get("simplified"):
        # Besides junctions, only the spot where cars must stop stays a node: a lane that narrows to a footpath.
        streets = ox.simplify_graph(
            streets,
            edge_attrs_differ=["cars"],
            remove_rings=False,
            edge_attr_aggs={"stretches": _chained, "along": _all_of, "against": _all_of},
        )
    return _columns(streets)


def _streets_only(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """The edges that are streets, with what we make of their tags in place of the tags."""
    streets = nx.MultiDiGraph(crs=graph.graph.get("crs", "EPSG:4326"))
    for tail, head, data in graph.edges(data=True):
        tags = {key: value[0] if isinstance(value, list) else value for key, value in _sorted_lists(data).items()}
        road = _least_road(data.get("highway"))
        if road is None or not data["length"] > 0:
            continue
        along = allowed_along(road, tags)
        against = allowed_against(along, tags) if _is_one_way(data) else along
        hours = data["length"] / 1000 / car_kmh(road, tags)
        kept = {"geometry": data["geometry"]} if "geometry" in data else {}
        stretch: Stretch = (road, str(tags.get("name", "")), float(data["length"]), hours)
        streets.add_edge(tail, head, stretches=(stretch,), along=along, against=against, cars=along & 1, **kept)
    for node in streets.nodes:
        streets.nodes[node].update(x=graph.nodes[node]["x"], y=graph.nodes[node]["y"])
    return streets


def _sorted_lists(data: dict[str, Any]) -> dict[str, Any]:
    """Tags; the lists that joined streets carry in no fixed order are put in one."""
    return {key: sorted(map(str, value)) if isinstance(value, list) else value for key, value in data.items()}


def _least_road(highway: object) -> int | None:
    """The road class; of several on one joined street, the least important."""
    classes = [road_class(value) for value in (highway if isinstance(highway, list) else [highway])]
    return max((road for road in classes if road is not None), default=None)


def _is_one_way(data: dict[str, Any]) -> bool:
    value = data.get("oneway", False)
    return True in value if isinstance(value, list) else bool(value)


def _chained(values: list[tuple[Stretch, ...]]) -> tuple[Stretch, ...]:
    return tuple(chain.from_iterable(values))


def _all_of(masks: list[int]) -> int:
    """A joined street is open to those who may pass all of it."""
    return int(np.bitwise_and.reduce(masks))


def _columns(graph: nx.MultiDiGraph) -> Pieces:
    """One piece for the two directions of a street, told by their geometry."""
    number = {node: i for i, node in enumerate(graph.nodes)}
    places = rounded(np.array([(data["x"], data["y"]) for _, data in graph.nodes(data=True)], dtype=np.float64))
    rows: dict[bytes, int] = {}
    shapes: list[NDArray[np.float64]] = []
    found: list[tuple[int, int, int, int, tuple[Stretch, ...]]] = []
    for tail, head, data in graph.edges(data=True):
        shape = _shape(data, places[number[tail]], places[number[head]])
        if shape.tobytes() in rows:
            continue  # the same way drawn twice
        if (row := rows.get(shape[::-1].tobytes())) is not None:
            first = found[row]
            found[row] = (*first[:3], first[3] | data["along"], first[4])
            continue
        rows[shape.tobytes()] = len(found)
        shapes.append(shape)
        found.append((number[tail], number[head], data["along"], data["against"], data["stretches"]))
    start, lon, lat = flattened(shapes)
    metres, hours, road, name = zip(*(_summed(stretches) for *_, stretches in found), strict=True)
    ends = np.array([row[:4] for row in found])
    return Pieces(
        lon=places[:, 0].copy(),
        lat=places[:, 1].copy(),
        tail=ends[:, 0].astype(np.int32),
        head=ends[:, 1].astype(np.int32),
        length_m=np.array(metres, dtype=np.float64),
        speed_kmh=(np.array(metres) / 1000 / np.array(hours)).astype(np.float32),
        road=np.array(road, dtype=np.uint8),
        along=ends[:, 2].astype(np.uint8),
        against=ends[:, 3].astype(np.uint8),
        name=name,
        shape_start=start,
        shape_lon=lon,
        shape_lat=lat,
    )


def _shape(data: dict[str, Any], tail: NDArray[np.float64], head: NDArray[np.float64]) -> NDArray[np.float64]:
    """Geometry of an edge from node to node, shape (k, 2), degrees."""
    if "geometry" not in data:
        return np.array([tail, head])
    shape = rounded(shapely.get_coordinates(data["geometry"]))
    return np.concatenate([[tail], shape[1:-1], [head]])


def _summed(stretches: tuple[Stretch, ...]) -> tuple[float, float, int, str]:
    """Metres, hours, and the class and name with the most metres."""
    by_road: dict[int, float] = {}
    by_name: dict[str, float] = {}
    for road, name, metres, _ in stretches:
        by_road[road] = by_road.get(road, 0.0) + metres
        by_name[name] = by_name.get(name, 0.0) + metres
    total = math.fsum(stretch[2] for stretch in stretches)
    hours = math.fsum(stretch[3] for stretch in stretches)
    return total, hours, max(by_road, key=lambda road: by_road[road]), max(by_name, key=lambda name: by_name[name])
