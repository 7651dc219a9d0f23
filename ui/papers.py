"""The papers of a day over HTTP: a link answers the first press, however often the screen is drawn anew meanwhile."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dispatch.records.person import Person
from dispatch.review.bundle import write_bundle
from ui.gate import COOKIE
from ui.services.centre import Centre, centre
from ui.services.inspecting import papers_of_day
from ui.wording import Language, wording


def paper_routes() -> list[Route]:
    """``/papers/<day>?town=&lang=``: the papers of that day's crews in one zip, of a town or all that one sees."""
    return [Route("/papers/{day}", _papers)]


def papers_link(day: date, town: str, language: Language) -> str:
    """Where the papers of a day are; ``town`` empty for all."""
    return f"/papers/{day.isoformat()}?{urlencode({'town': town, 'lang': language.value})}"


def _papers(request: Request) -> Response:
    opened = centre()
    asked = request.query_params
    try:
        day, language = date.fromisoformat(request.path_params["day"]), Language(asked.get("lang", Language.ZH))
    except ValueError:
        return Response(status_code=404)
    return answer(opened, opened.known.whose(request.cookies.get(COOKIE, "")), day, asked.get("town", ""), language)


def answer(opened: Centre, person: Person | None, day: date, town: str, language: Language) -> Response:
    """The zip for somebody who has signed in; 403 for a town out of their sight, 404 when no crew goes out."""
    if person is None:
        return Response(status_code=404)
    areas = person.areas()
    if town and not town.startswith(areas):
        return Response(status_code=403)
    force = opened.books.now().force
    outings = [one for one in force.outings.values() if one.day == day and one.town.startswith(town or areas)]
    if not outings:
        return Response(status_code=404)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "papers.zip"
        write_bundle(papers_of_day(opened, force, outings, wording(language)), path, language.value)
        data = path.read_bytes()
    headers = {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f'attachment; filename="inspections-{day.isoformat()}.zip"',
    }
    return Response(data, media_type="application/zip", headers=headers)
