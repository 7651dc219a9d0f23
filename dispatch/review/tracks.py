"""The days of the crews for maps and navigation: GPX for a phone, GeoJSON for a map; WGS84, by street where known."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any

from gpxpy.gpx import GPX, GPXRoute, GPXRoutePoint, GPXTrack, GPXTrackPoint, GPXTrackSegment

from dispatch.records.inspection import CrewDay
from dispatch.review.forms import items, officers
from dispatch.review.papers import Papers, called
from dispatch.review.plain import plain
from dispatch.review.wording import Words, hour

DIGITS = 7
"""Decimals of a degree: about a centimetre."""


def gpx(papers: Papers, crew: CrewDay, words: Words) -> bytes:
    """A crew's day as GPX 1.1: one route from the base, by every door with its hour of arrival in UTC, to the base.

    Where the way along the streets is known it is a track besides.
    """
    file = GPX()
    file.creator, file.time = "GridBeat", papers.made_utc()
    file.name = plain(words("track.name", day=crew.day.isoformat(), crew=crew.id))
    label = [words("page.synthetic", what=papers.made_up)] if papers.made_up else []
    way = papers.ways.get(crew.id, ())
    file.description = plain("\n".join([*label, words(_drawn(papers, crew))]))
    route = GPXRoute(file.name)
    base = papers.bases.get(crew.town)
    ends = [GPXRoutePoint(base[1], base[0], name=plain(words("word.base")))] if base else []
    route.points = [*ends, *_stops(papers, crew, words), *ends]
    file.routes.append(route)
    if way:
        points = [GPXTrackPoint(round(lat, DIGITS), round(lon, DIGITS)) for lon, lat in way]
        file.tracks.append(GPXTrack(file.name))
        file.tracks[0].segments.append(GPXTrackSegment(points))
    return file.to_xml("1.1").encode()


def geojson(papers: Papers, words: Words) -> bytes:
    """All days as one collection (RFC 7946): a point for every call, a line for every crew's day with two ends."""
    features = [feature for crew in papers.crews() for feature in _features(papers, crew, words)]
    about = words("page.synthetic", what=papers.made_up) if papers.made_up else ""
    whole = {"type": "FeatureCollection", "name": words("file.map"), "description": plain(about), "features": features}
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def _stops(papers: Papers, crew: CrewDay, words: Words) -> Iterator[GPXRoutePoint]:
    for number, call in enumerate(crew.calls, 1):
        door = papers.door(call)
        name = words("track.stop", number=number, premises=called(papers.door(call)))
        text = words(
            "track.stop_text", arrive=hour(call.arrive), leave=hour(call.leave), items=items(papers, call, words)
        )
        arrive = papers.at(crew.day, call.arrive).astimezone(UTC)
        yield GPXRoutePoint(door.lat, door.lon, time=arrive, name=plain(name), description=plain(text))


def _features(papers: Papers, crew: CrewDay, words: Words) -> Iterator[dict[str, Any]]:
    shared = {"date": crew.day.isoformat(), "crew": plain(crew.id), "town": plain(papers.named(crew.town))}
    if papers.made_up:
        shared["data"] = plain(words("page.made_up"))
    way = [_position(papers.door(call).lon, papers.door(call).lat) for call in crew.calls]
    base = papers.bases.get(crew.town)
    if base:
        way = [_position(*base), *way, _position(*base)]
    if crew.id in papers.ways:
        way = [_position(lon, lat) for lon, lat in papers.ways[crew.id]]
    if len(way) > 1:
        line = {"officers": plain(officers(papers, crew, words)), "travel_min": crew.travel, "visits": len(crew.calls)}
        yield _feature("LineString", way, shared | {"kind": "route", "note": words(_drawn(papers, crew))} | line)
    for number, call in enumerate(crew.calls, 1):
        stop = {
            "kind": "visit",
            "number": number,
            "visit": plain(call.visit.id),
            "premises_id": plain(call.visit.premises),
            "premises": plain(called(papers.door(call))),
            "arrive": hour(call.arrive),
            "leave": hour(call.leave),
            "items": plain(items(papers, call, words)),
            "act_code": papers.codes[call.visit.id],
        }
        yield _feature("Point", _position(papers.door(call).lon, papers.door(call).lat), shared | stop)


def _drawn(papers: Papers, crew: CrewDay) -> str:
    return "track.streets" if crew.id in papers.ways else "track.straight"


def _position(lon: float, lat: float) -> list[float]:
    return [round(lon, DIGITS), round(lat, DIGITS)]


def _feature(kind: str, coordinates: Sequence[Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }
