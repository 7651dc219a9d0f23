"""OGC API Features 1.0 under ``/ogc``: cells, incidents, teams and routes for QGIS, ArcGIS and other maps."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gis.schemas import shorten
from ui.doors.answers import Unfit
from ui.doors.features import COLLECTIONS, Collection
from ui.doors.ogcquery import CRS84, Query, query
from ui.doors.openapi import document
from ui.gate import COOKIE
from ui.services.centre import Centre

ROOT = "/ogc"
JSON, GEOJSON = "application/json", "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
KEPT = tuple(f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{part}" for part in ("core", "geojson", "oas30"))
NAMES = {400: "InvalidParameterValue", 403: "Forbidden", 404: "NotFound"}


def ogc_routes(opened: Callable[[], Centre], allowed: Callable[[Request], bool]) -> list[Route]:
    """Routes for ``st.App(..., routes=[...])``.

    Parameters
    ----------
    opened
        The centre, opened at the first question.
    allowed
        Says of each request whether who asks may see the map.
    """

    def told(ask: Callable[[Request, Centre], Response]) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            try:
                if not allowed(request):
                    raise Unfit(
                        403,
                        "from another machine sign in, or show a key as bearer token or as password of HTTP Basic.",
                    )
                return ask(request, opened())
            except Unfit as unfit:
                code = NAMES.get(unfit.status, "Error")
                return _json({"code": code, "description": unfit.description}, status=unfit.status)

        return answer

    return [
        Route(f"{ROOT}{path}", told(ask))
        for path, ask in (
            ("", _landing),
            ("/", _landing),
            ("/conformance", lambda _request, _centre: _json({"conformsTo": KEPT})),
            ("/api", _api),
            ("/collections", _collections),
            ("/collections/{id}", _collection),
            ("/collections/{id}/items", _items),
            ("/collections/{id}/items/{feature:path}", _item),
        )
    ]


def _landing(request: Request, opened: Centre) -> Response:
    base = _base(request)
    links = [
        _link(f"{base}/", "self", JSON, "This page"),
        _link(f"{base}/api", "service-desc", OPENAPI, "The API"),
        _link(f"{base}/conformance", "conformance", JSON, "What of the standard is kept"),
        _link(f"{base}/collections", "data", JSON, "Collections"),
    ]
    return _json(
        {"title": _title(opened), "description": "Grid cells, incidents, teams and their ways.", "links": links}
    )


def _api(request: Request, opened: Centre) -> Response:
    return _json(document(_base(request), _title(opened), COLLECTIONS), OPENAPI)


def _collections(request: Request, opened: Centre) -> Response:
    base = _base(request)
    told = [_told(each, base, opened) for each in COLLECTIONS.values()]
    return _json({"links": [_link(f"{base}/collections", "self", JSON, "Collections")], "collections": told})


def _collection(request: Request, opened: Centre) -> Response:
    return _json(_told(_known(request), _base(request), opened))


def _items(request: Request, opened: Centre) -> Response:
    """One page; the features are joined as they were written, not made anew."""
    collection = _known(request)
    asked = query(dict(request.query_params), tuple(collection.properties))
    features = collection.make(opened, _areas(request, opened))
    rows = features.chosen(asked.properties, asked.bbox, asked.span)
    page = rows[asked.offset : asked.offset + asked.limit]
    head = {
        "type": "FeatureCollection",
        "timeStamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "numberMatched": len(rows),
        "numberReturned": len(page),
        "links": _page_links(request, collection, asked, len(rows)),
    }
    written = ",".join(features.written(int(row)) for row in page)
    body = f'{json.dumps(head, ensure_ascii=False)[:-1]},"features":[{written}]}}'
    return _response(body, GEOJSON)


def _item(request: Request, opened: Centre) -> Response:
    collection, sought = _known(request), request.path_params["feature"]
    features = collection.make(opened, _areas(request, opened))
    if sought not in features.ids:
        raise Unfit(404, f"{collection.id} has no feature {shorten(sought)} now; an incident leaves it the day after.")
    here = f"{_base(request)}/collections/{collection.id}"
    links = [
        _link(f"{here}/items/{quote(sought, safe='')}", "self", GEOJSON, sought),
        _link(here, "collection", JSON, collection.title),
    ]
    row = list(features.ids).index(sought)
    return _response(f'{features.written(row)[:-1]},"links":{json.dumps(links, ensure_ascii=False)}}}', GEOJSON)


def _areas(request: Request, opened: Centre) -> tuple[str, ...]:
    """What who has signed in may see; programs of this machine and systems with a key see the whole district.

    A key has no area (ADR 17): it stands for a system, not for somebody with a post.
    """
    person = opened.known.whose(request.cookies.get(COOKIE, ""))
    if person is not None and person.outside:
        raise Unfit(403, "Observers from outside see the case files drawn for them, on the screen of oversight.")
    return person.areas() if person is not None else ("",)


def _page_links(request: Request, collection: Collection, asked: Query, matched: int) -> list[dict[str, str]]:
    here = f"{_base(request)}/collections/{collection.id}"

    def at(offset: int) -> str:
        return f"{here}/items?{urlencode({**request.query_params, 'limit': asked.limit, 'offset': offset})}"

    links = [
        _link(at(asked.offset), "self", GEOJSON, "This page"),
        _link(here, "collection", JSON, collection.title),
    ]
    if asked.offset + asked.limit < matched:
        links.append(_link(at(asked.offset + asked.limit), "next", GEOJSON, "Next page"))
    if asked.offset > 0:
        links.append(_link(at(max(0, asked.offset - asked.limit)), "prev", GEOJSON, "Page before"))
    return links


def _told(collection: Collection, base: str, opened: Centre) -> dict[str, Any]:
    here = f"{base}/collections/{collection.id}"
    return {
        "id": collection.id,
        "title": collection.title,
        "description": collection.description,
        "extent": {"spatial": {"bbox": [opened.scenario.cells.total_bounds.tolist()], "crs": CRS84}},
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            _link(here, "self", JSON, collection.title),
            _link(f"{here}/items", "items", GEOJSON, collection.title),
        ],
    }


def _known(request: Request) -> Collection:
    collection = COLLECTIONS.get(request.path_params["id"])
    if collection is None:
        raise Unfit(
            404, f"there is no collection {shorten(request.path_params['id'])}; there are {', '.join(COLLECTIONS)}."
        )
    return collection


def _title(opened: Centre) -> str:
    return f"GridBeat · {opened.scenario.title_zh} · {opened.scenario.title_en}"


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/") + ROOT


def _link(href: str, rel: str, kind: str, title: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": kind, "title": title}


def _json(content: Any, media: str = JSON, status: int = 200) -> Response:
    return _response(json.dumps(content, ensure_ascii=False, allow_nan=False), media, status)


def _response(text: str, media: str, status: int = 200) -> Response:
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff", "Content-Type": media}
    return Response(text.encode(errors="replace"), status, headers)
