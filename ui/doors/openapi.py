"""The OpenAPI 3.0 document of ``/ogc``: what can be asked, for programs that make their questions from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ui.doors.features import Collection
from ui.doors.ogcquery import LARGEST_LIMIT, USUAL_LIMIT

_EXCEPTION = {"$ref": "#/components/responses/Exception"}


def document(base: str, title: str, collections: Mapping[str, Collection]) -> dict[str, Any]:
    """The whole document; ``base`` is the address of ``/ogc``."""
    paths: dict[str, Any] = {
        "/": _path("landing", "Where everything is"),
        "/conformance": _path("conformance", "What of the standard is kept"),
        "/api": _path("api", "This document"),
        "/collections": _path("collections", "All collections"),
    }
    for each in collections.values():
        here = f"/collections/{each.id}"
        paths[here] = _path(f"describe_{each.id}", each.title)
        paths[f"{here}/items"] = _path(f"items_{each.id}", each.description, _asked(each), "application/geo+json")
        feature = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
        paths[f"{here}/items/{{featureId}}"] = _path(f"item_{each.id}", each.title, [feature], "application/geo+json")
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": "1.0.0", "description": "OGC API Features 1.0, GeoJSON, CRS84."},
        "servers": [{"url": base}],
        "paths": paths,
        "components": {"responses": {"Exception": _exception()}},
    }


def _path(name: str, summary: str, parameters: list[dict[str, Any]] | None = None, media: str = "") -> dict[str, Any]:
    content = {media or "application/json": {"schema": {"type": "object"}}}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": parameters or [],
            "responses": {
                "200": {"description": "What was asked for.", "content": content},
                "400": _EXCEPTION,
                "403": _EXCEPTION,
                "404": _EXCEPTION,
            },
        }
    }


def _asked(collection: Collection) -> list[dict[str, Any]]:
    degrees = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
    limit = {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": USUAL_LIMIT}
    return [
        _parameter("limit", limit),
        _parameter("offset", {"type": "integer", "minimum": 0, "default": 0}),
        _parameter("bbox", degrees) | {"style": "form", "explode": False},
        _parameter("datetime", {"type": "string"}),
        *(_parameter(name, {"type": kind}) for name, kind in collection.properties.items()),
    ]


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _exception() -> dict[str, Any]:
    text = {"type": "string"}
    schema = {"type": "object", "required": ["code"], "properties": {"code": text, "description": text}}
    return {
        "description": "Why it cannot be answered.",
        "content": {"application/json": {"schema": schema}},
    }
