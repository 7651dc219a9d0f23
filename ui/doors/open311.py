"""Open311 GeoReport v2 under ``/open311/v2``: other systems report, and read how far it has come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dispatch.desk.keys import Keys
from dispatch.records.incident import OPEN, Incident, Status
from dispatch.store.reports import Wanted, reported
from dispatch.store.writing import storable
from gis.schemas import shorten
from ui.doors import services
from ui.doors.answers import FORMATS, Unfit, answer, errors, stamp
from ui.doors.posting import report
from ui.doors.queries import wanted
from ui.services.centre import Centre
from ui.services.story import Mask
from ui.wording import Language, Wording, wording

ROOT = "/open311/v2"
LARGEST_BODY = 1_000_000
MOST_FIELDS = 100
CHANGESET = "2026-11-26T00:00:00Z"


class Open311:
    """The routes of one centre.

    Parameters
    ----------
    opened
        The centre, opened at the first question.
    """

    def __init__(self, opened: Callable[[], Centre]) -> None:
        self._opened = opened

    def routes(self) -> list[Route]:
        return [
            Route(f"{ROOT}/discovery.{{fmt}}", _answered(self._discovery)),
            Route(f"{ROOT}/services.{{fmt}}", _answered(self._services)),
            Route(f"{ROOT}/services/{{code}}.{{fmt}}", _answered(self._definition)),
            Route(f"{ROOT}/requests.{{fmt}}", _answered(self._requests), methods=["GET"]),
            Route(f"{ROOT}/requests.{{fmt}}", self._post, methods=["POST"]),
            Route(f"{ROOT}/requests/{{id}}.{{fmt}}", _answered(self._request)),
        ]

    def _keys(self) -> Keys:
        return self._opened().keys

    def _discovery(self, request: Request) -> tuple[str, Any]:
        base = str(request.base_url).rstrip("/") + ROOT
        endpoint = {
            "specification": "http://wiki.open311.org/GeoReport_v2",
            "url": base,
            "changeset": CHANGESET,
            "type": "production",
            "formats": ["text/xml", "application/json"],
        }
        words = _words(request)
        return "discovery", {
            "changeset": CHANGESET,
            "contact": words("doors.contact"),
            "key_service": words("doors.key_service"),
            "endpoints": [endpoint],
        }

    def _services(self, request: Request) -> tuple[str, Any]:
        return "services", services.services(self._here(request.query_params), _words(request))

    def _definition(self, request: Request) -> tuple[str, Any]:
        opened, code = self._here(request.query_params), request.path_params["code"]
        if not services.offered(opened, code):
            raise Unfit(404, f"service_code {shorten(code)} is not offered here; GET services lists them.")
        return "service_definition", services.definition(code, _words(request))

    def _requests(self, request: Request) -> tuple[str, Any]:
        given = dict(request.query_params)
        opened = self._here(given)
        source = self._source(given)
        return self._told(opened, wanted(given, source, opened.clock()), given, source, _words(request))

    def _request(self, request: Request) -> tuple[str, Any]:
        given, sought = dict(request.query_params), request.path_params["id"]
        opened = self._here(given)
        source = self._source(given)
        ids = [sought] if storable(sought) else []
        root, told = self._told(opened, Wanted(source, ids=ids), given, source, _words(request))
        if not told:
            raise Unfit(404, f"service_request_id {shorten(sought)} is not known here, or not yours to read.")
        return root, told

    def _told(
        self, opened: Centre, asked: Wanted, given: Mapping[str, str], source: str, words: Wording
    ) -> tuple[str, Any]:
        with opened.casebook.reading() as connection:
            found = reported(connection, asked)
        extended = given.get("extensions", "").lower() in ("true", "1")
        return "service_requests", [
            _told_of(
                opened, incident, changed, words, extended=extended, own=bool(source) and incident.source == source
            )
            for incident, changed in found
        ]

    def _source(self, given: Mapping[str, str]) -> str:
        """The source whose own reports may be read as they were written; empty without a key."""
        secret = given.get("api_key", "").strip()
        if not secret:
            return ""
        key = self._keys().holder(secret)
        if key is None:
            raise Unfit(403, "api_key is not good here, or has ended; leave it out to read what is public.")
        return key.source

    def _here(self, given: Mapping[str, str]) -> Centre:
        opened = self._opened()
        district = given.get("jurisdiction_id", "").strip()
        if district and district != opened.scenario.code:
            raise Unfit(
                404, f"jurisdiction_id {shorten(district)} is not served here; expected {opened.scenario.code}."
            )
        return opened

    async def _post(self, request: Request) -> Response:
        fmt = request.path_params["fmt"]
        try:
            _known_format(fmt)
            form = await _form(request)
            return await run_in_threadpool(self._taken_down, request, form, fmt)
        except Unfit as unfit:
            return errors(fmt if fmt in FORMATS else "json", unfit)

    def _taken_down(self, request: Request, form: Mapping[str, list[str]], fmt: str) -> Response:
        opened = self._here({name: values[0] for name, values in form.items()})
        words = _words(request)
        client = request.client.host if request.client else ""
        new = report(opened, self._keys(), form, client, words)
        notice = "" if new.cell else words("doors.to_be_placed")
        told = {"service_request_id": new.id, "service_notice": notice, "account_id": None}
        return answer(fmt, "service_requests", [told])


def open311_routes(opened: Callable[[], Centre]) -> list[Route]:
    """Routes for ``st.App(..., routes=[...])``."""
    return Open311(opened).routes()


def _answered(ask: Callable[[Request], tuple[str, Any]]) -> Callable[[Request], Response]:
    def told(request: Request) -> Response:
        fmt = request.path_params["fmt"]
        try:
            _known_format(fmt)
            return answer(fmt, *ask(request))
        except Unfit as unfit:
            return errors(fmt if fmt in FORMATS else "json", unfit)

    return told


def _known_format(fmt: str) -> None:
    if fmt not in FORMATS:
        raise Unfit(404, f"there is no format {shorten(fmt)}; end the address with .json or .xml.")


async def _form(request: Request) -> dict[str, list[str]]:
    """The fields of a POST, urlencoded or multipart, each with its values; files are not taken.

    Raises
    ------
    Unfit
        413 for more than 1 MB, 400 for what is no form.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise Unfit(413, "the report is larger than 1 MB; send words and an address of the picture (media_url).")

    async def again() -> dict[str, Any]:
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    form: dict[str, list[str]] = {}
    try:
        async with Request(request.scope, again).form(max_files=5, max_fields=MOST_FIELDS) as fields:
            for name, value in fields.multi_items():
                if not isinstance(value, UploadFile):
                    form.setdefault(name, []).append(value)
    except (HTTPException, MultiPartException, ValueError) as problem:
        said = getattr(problem, "detail", None) or getattr(problem, "message", None) or str(problem)
        raise Unfit(
            400, f"the form cannot be read ({said}); send it urlencoded or as multipart/form-data."
        ) from problem
    if len(form) > MOST_FIELDS:
        raise Unfit(400, f"the form has {len(form)} fields; expected at most {MOST_FIELDS}.")
    return form


def _told_of(
    opened: Centre, incident: Incident, changed: datetime, words: Wording, *, extended: bool, own: bool
) -> dict[str, Any]:
    """An incident in the standard's words: never who told of it, and numbers hidden from all but its own source."""
    plain = (lambda text: text) if own else Mask([incident.caller])
    told: dict[str, Any] = {
        "service_request_id": incident.id,
        "status": "open" if incident.status in OPEN else "closed",
        "status_notes": _notes(incident, words),
        "service_name": services.name_of(opened, incident.matter, words),
        "service_code": incident.matter or services.UNSORTED,
        "description": plain(incident.text),
        "agency_responsible": _called(incident.town, opened),
        "service_notice": "",
        "requested_datetime": stamp(incident.reported_at),
        "updated_datetime": stamp(changed),
        "expected_datetime": stamp(incident.due_at),
        "address": plain(incident.address),
        "address_id": incident.cell,
        "zipcode": "",
        "lat": incident.lat if incident.lat == incident.lat else None,
        "long": incident.lon if incident.lon == incident.lon else None,
        "media_url": "",
    }
    if extended:
        told["extended_attributes"] = {
            "state": incident.status.value,
            "priority": incident.priority,
            "town": incident.town,
            "cell": incident.cell,
            "parent": incident.parent,
            "voices": incident.voices,
        }
    return told


def _called(town: str, opened: Centre) -> str:
    areas = opened.scenario.areas
    return areas.name(town) if town in areas else ""


def _notes(incident: Incident, words: Wording) -> str:
    said = words(f"state.{incident.status}")
    return f"{said} → {incident.parent}" if incident.status is Status.MERGED else said


def _words(request: Request) -> Wording:
    return wording(Language.of_browser(request.headers.get("accept-language")))
