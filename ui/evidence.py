"""Evidence over HTTP: for who has signed in, is no observer from outside, and whose area it lies in."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dispatch.records.person import Person
from ui.gate import COOKIE
from ui.services.centre import Centre, centre


def evidence_routes() -> list[Route]:
    """``/evidence/<id>``: the bytes as they came."""
    return [Route("/evidence/{id:path}", _file)]


def _file(request: Request) -> Response:
    opened = centre()
    person = opened.known.whose(request.cookies.get(COOKIE, ""))
    return evidence(opened, person, request.path_params["id"])


def evidence(opened: Centre, person: Person | None, id: str) -> Response:
    """The file of that id; 403 for whoever may not see it, 404 where there is none."""
    found = opened.scene.file(id) if person is not None else None
    incident = opened.casebook.incident(found[0].incident) if found is not None else None
    if person is None or found is None or incident is None:
        return Response(status_code=404)
    place = incident.cell or incident.town
    team = opened.casebook.team(incident.team) if incident.team else None
    own = team is not None and any(officer.id == person.officer for officer in team.officers)
    if person.outside or (place and not own and not place.startswith(person.areas())):
        return Response(status_code=403)
    kept, data = found
    headers = {
        "Cache-Control": "private, max-age=3600",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(kept.id, safe='')}",
    }
    return Response(data, media_type=kept.media, headers=headers)
