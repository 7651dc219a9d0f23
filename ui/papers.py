"""Papers over HTTP: a link answers the first press, however often the screen is drawn anew meanwhile.

Whoever may look at a screen may have its papers, and nobody else.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import quote, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dispatch.desk.refusals import Refused, Unknown
from dispatch.inspections import drawfile, filedraw
from dispatch.oversight.evaluation import Period
from dispatch.records.person import Person
from dispatch.review.bundle import write_bundle, write_files
from dispatch.review.plain import file_name
from dispatch.review.rounds import gpx, write_rounds
from dispatch.review.wording import words
from dispatch.store import patrols
from scenarios.reproduced.table import left_out
from ui.gate import COOKIE
from ui.services.appraisalpaper import document as appraisal_document
from ui.services.appraisalpaper import sheet_of
from ui.services.appraisalpaper import workbook as appraisal_workbook
from ui.services.appraising import appeals, sight
from ui.services.appraising import within as as_seen
from ui.services.casepapers import papers_of_case
from ui.services.centre import Centre, centre
from ui.services.designing import Designs, designs
from ui.services.designpaper import workbook as design_workbook
from ui.services.figures import MEANS, Figures, figures
from ui.services.figurespaper import workbook as figures_workbook
from ui.services.inspecting import papers_of_day
from ui.services.overseeing import Span, overseeing, report, span_of, weights, within
from ui.services.oversightpaper import document, workbook
from ui.services.patrolling import round_name, round_sheet, views
from ui.services.tabletemplates import Table, template
from ui.services.whose import may_look, patrol_in_sight, phones
from ui.wording import Language, wording

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OVERSIGHT = {"docx": (document, DOCX), "xlsx": (workbook, XLSX)}
APPRAISAL = {"docx": (appraisal_document, DOCX), "xlsx": (appraisal_workbook, XLSX)}


def paper_routes() -> list[Route]:
    """Papers of a day, of rounds and of cases, templates, a draw's record, oversight, appraisals, figures, lists."""
    return [
        Route("/papers/{day}", _day),
        Route("/papers/rounds/{plan}/{day}", _rounds),
        Route("/papers/round/{round}.gpx", _gpx),
        Route("/papers/case/{case}.zip", _case),
        Route("/papers/case/{case}/{document}.docx", _case),
        Route("/papers/tables/{table}.xlsx", _table),
        Route("/papers/draw/{draw}.json", _draw),
        Route("/papers/files/{review}.json", _file_review),
        Route("/papers/appraisal/{appraisal}.{kind}", _appraisal),
        Route("/papers/oversight/{period}/{first}.{kind}", _oversight),
        Route("/papers/figures/{much}.xlsx", _figures),
        Route("/papers/lists/{key}.xlsx", _design),
    ]


def papers_link(day: date, town: str, language: Language) -> str:
    """Where the papers of a day are; ``town`` empty for all."""
    return f"/papers/{day.isoformat()}?{urlencode({'town': town, 'lang': language.value})}"


def rounds_link(plan: str, day: date, language: Language, one: str = "") -> str:
    """Where the papers of a day's rounds are, or of one of them."""
    asked = urlencode({"round": one, "lang": language.value})
    return f"/papers/rounds/{quote(plan, safe='')}/{day.isoformat()}?{asked}"


def gpx_link(round_id: str, language: Language) -> str:
    """Where a round's way for navigation is."""
    return f"/papers/round/{quote(round_id, safe='')}.gpx?{urlencode({'lang': language.value})}"


def case_link(case: str, document: str = "") -> str:
    """Where a document of a case is as docx, or all that there are in one zip; they are in Chinese."""
    path = f"/papers/case/{quote(case, safe='')}"
    return f"{path}/{quote(document, safe='')}.docx" if document else f"{path}.zip"


def template_link(table: Table, language: Language) -> str:
    """Where the template of a table that is taken in is."""
    return f"/papers/tables/{table.value}.xlsx?{urlencode({'lang': language.value})}"


def draw_link(draw: str) -> str:
    """Where the record of a draw is."""
    return f"/papers/draw/{quote(draw, safe='')}.json"


def file_review_link(review: str) -> str:
    """Where the record of a review of case files is."""
    return f"/papers/files/{quote(review, safe='')}.json"


def oversight_link(span: Span, kind: str, language: Language) -> str:
    """Where the report of a week, month or quarter is, as ``docx`` or ``xlsx``."""
    return f"/papers/oversight/{span.period}/{span.first.isoformat()}.{kind}?{urlencode({'lang': language.value})}"


def figures_link(much: str, language: Language) -> str:
    """Where the table of published figures is, as far as it is worked out; ``much`` as a screen names it."""
    return f"/papers/figures/{much}.xlsx?{urlencode({'lang': language.value})}"


def design_link(key: str, language: Language) -> str:
    """Where the workbook of a design of lists is; ``key`` names what was asked."""
    return f"/papers/lists/{quote(key, safe='')}.xlsx?{urlencode({'lang': language.value})}"


def appraisal_link(appraisal: str, kind: str, language: Language) -> str:
    """Where an appraisal is, as ``docx`` or ``xlsx``."""
    return f"/papers/appraisal/{quote(appraisal, safe='')}.{kind}?{urlencode({'lang': language.value})}"


def _day(request: Request) -> Response:
    return answer(*_asking(request), _date(request), request.query_params.get("town", ""), _language(request))


def _rounds(request: Request) -> Response:
    plan, one = request.path_params["plan"], request.query_params.get("round", "")
    return rounds(*_asking(request), plan, _date(request), one, _language(request))


def _gpx(request: Request) -> Response:
    return way(*_asking(request), request.path_params["round"], _language(request))


def _case(request: Request) -> Response:
    path = request.path_params
    return case_papers(*_asking(request), path["case"], path.get("document", ""))


def _table(request: Request) -> Response:
    return table(*_asking(request), request.path_params["table"], _language(request))


def _draw(request: Request) -> Response:
    return draw_record(*_asking(request), request.path_params["draw"])


def _file_review(request: Request) -> Response:
    return file_review(*_asking(request), request.path_params["review"])


def _oversight(request: Request) -> Response:
    path = request.path_params
    try:
        span = span_of(Period(path["period"]), date.fromisoformat(path["first"]))
    except (ValueError, OverflowError) as error:
        raise HTTPException(404) from error
    return oversight(*_asking(request), span, path["kind"], _language(request))


def _figures(request: Request) -> Response:
    return published(_asking(request)[1], figures(), request.path_params["much"], _language(request))


def _design(request: Request) -> Response:
    opened, person = _asking(request)
    return designed_lists(opened, person, designs(), request.path_params["key"], _language(request))


def _appraisal(request: Request) -> Response:
    path = request.path_params
    return appraisal(*_asking(request), path["appraisal"], path["kind"], _language(request))


def _asking(request: Request) -> tuple[Centre, Person | None]:
    opened = centre()
    return opened, opened.known.whose(request.cookies.get(COOKIE, ""))


def _date(request: Request) -> date:
    try:
        return date.fromisoformat(request.path_params["day"])
    except ValueError as error:
        raise HTTPException(404) from error


def _language(request: Request) -> Language:
    try:
        return Language(request.query_params.get("lang", Language.ZH))
    except ValueError as error:
        raise HTTPException(404) from error


def answer(opened: Centre, person: Person | None, day: date, town: str, language: Language) -> Response:
    """The zip of a day's crews; 403 for whoever may not open the screen or see the town, 404 when no crew goes out."""
    if person is None:
        return Response(status_code=404)
    areas = person.areas()
    if not _may(person, "inspections") or (town and not town.startswith(areas)):
        return Response(status_code=403)
    force = opened.books.now().force
    outings = [one for one in force.outings.values() if one.day == day and one.town.startswith(town or areas)]
    if not outings:
        return Response(status_code=404)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "papers.zip"
        write_bundle(papers_of_day(opened, force, outings, wording(language)), path, language.value)
        return _file(path.read_bytes(), "application/zip", f"inspections-{day.isoformat()}.zip")


def rounds(opened: Centre, person: Person | None, plan: str, day: date, one: str, language: Language) -> Response:
    """The zip of a patrol's rounds on a day, or of ``one`` of them.

    403 for whoever may not open the screen or see the town; 404 where there is none, also for everything still ahead.
    """
    view = views().of(opened, plan, opened.board().revision)
    if person is None or view is None:
        return Response(status_code=404)
    if not _may(person, "inspections") or not patrol_in_sight(person, view.plan.town):
        return Response(status_code=403)
    asked = [each for each in view.of_day(day) if one in ("", each.id) and view.known(each.id, opened.today())]
    if not asked:
        return Response(status_code=404)
    w = wording(language)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rounds.zip"
        sheets = [round_sheet(opened, view, each, round_name(view, each, w), w) for each in asked]
        write_rounds(sheets, path, language.value)
        return _file(path.read_bytes(), "application/zip", f"patrol-{day.isoformat()}.zip")


def way(opened: Centre, person: Person | None, round_id: str, language: Language) -> Response:
    """The way of a team's round as GPX, for whoever looks at that team's phone; 403 for others, 404 where none is."""
    with opened.casebook.reading() as connection:
        one = patrols.round_of(connection, round_id)
    view = views().of(opened, one.plan, opened.board().revision) if one is not None else None
    if person is None or one is None or view is None or not view.known(one.id, opened.today()):
        return Response(status_code=404)
    if not _may(person, "field") or one.team not in phones(person, opened.board()):
        return Response(status_code=403)
    w = wording(language)
    sheet = round_sheet(opened, view, one, w("patrols.my_round", beat=one.beat), w)
    return _file(gpx(sheet, words(language.value)), "application/gpx+xml", f"{one.id}.gpx")


def case_papers(opened: Centre, person: Person | None, id: str, document: str = "") -> Response:
    """The documents of a case in one zip, or the one of that id as docx.

    403 for whoever may not open the screen or see the town; 404 where there is none, also while its step is not done.
    """
    case = opened.casebook.case(id)
    if person is None or case is None:
        return Response(status_code=404)
    if not _may(person, "cases") or not case.town.startswith(person.areas()):
        return Response(status_code=403)
    opened.keep_rules()
    found = papers_of_case(opened, case, document)
    if not found:
        return Response(status_code=404)
    if document:
        return _file(found[0][1], DOCX, f"{file_name(case.id)}-{document}.docx")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.zip"
        write_files(((f"{file_name(case.id)}_{name}.docx", content) for name, content in found), path)
        return _file(path.read_bytes(), "application/zip", f"{file_name(case.id)}.zip")


def table(opened: Centre, person: Person | None, name: str, language: Language) -> Response:
    """The template of a table; 403 for whoever may not open the screen, 404 where there is no such table."""
    if person is None or name not in {each.value for each in Table}:
        return Response(status_code=404)
    if not _may(person, "inspections"):
        return Response(status_code=403)
    towns = [town for town in sorted(opened.inspections.towns) if town.startswith(person.areas())]
    made = template(opened, Table(name), towns, wording(language))
    return _file(made, XLSX, f"{name}-{language.value}.xlsx")


def draw_record(opened: Centre, person: Person | None, draw: str) -> Response:
    """A draw's record with all that it was drawn from; 403 for whoever may not open the screen or see its towns.

    404 where there is none, also for a draw without a seed and one whose lists have changed since.
    """
    if person is None:
        return Response(status_code=404)
    try:
        one, file = opened.draws.draw_of(draw), opened.draws.file_of(draw)
    except (Unknown, Refused):
        return Response(status_code=404)
    if not _may(person, "inspections") or not all(town.startswith(person.areas()) for town in one.towns):
        return Response(status_code=403)
    return _file(drawfile.to_json(file).encode(), "application/json", f"{one.id}.json")


def file_review(opened: Centre, person: Person | None, review: str) -> Response:
    """What a review of files drew, with both registers, so that anybody draws again.

    403 for whoever may not open the screen or has no post in the district; 404 where there is none or no seed yet.
    """
    if person is None:
        return Response(status_code=404)
    try:
        found = opened.file_reviews.standing(review)
    except Unknown:
        return Response(status_code=404)
    if not _may(person, "oversight") or opened.scenario.code not in person.areas():
        return Response(status_code=403)
    if found.drawn is None:
        return Response(status_code=404)
    return _file(filedraw.to_json(found.drawn).encode(), "application/json", f"{found.review.id}.json")


def oversight(opened: Centre, person: Person | None, span: Span, kind: str, language: Language) -> Response:
    """The report of a time as its reader sees it on the screen; 403 for whoever may not open that.

    404 for a time that has not begun, and where there is no paper of that kind.
    """
    if person is None or kind not in OVERSIGHT or span.first > opened.today():
        return Response(status_code=404)
    if not _may(person, "oversight"):
        return Response(status_code=403)
    w, teams = wording(language), opened.board().teams
    counted = overseeing().counted(opened, span)
    seen = replace(counted, evaluation=within(counted.evaluation, person, opened.scenario, teams))
    made = report(seen, opened.scenario, teams, weights(), counted.at, w)
    write, mime = OVERSIGHT[kind]
    return _file(write(made, w), mime, f"oversight-{span.key}.{kind}")


def published(person: Person | None, of: Figures, much: str, language: Language) -> Response:
    """The published figures beside ours; 403 for whoever may not open the screen, 404 while none is worked out."""
    rows = [row for row in of.rows(much).values() if row is not None] if much in MEANS else []
    if person is None or not rows:
        return Response(status_code=404)
    if not _may(person, "oversight"):
        return Response(status_code=403)
    return _file(figures_workbook(rows, left_out(), MEANS[much], wording(language)), XLSX, f"figures-{much}.xlsx")


def designed_lists(opened: Centre, person: Person | None, of: Designs, key: str, language: Language) -> Response:
    """A design of lists as a workbook; 403 for whoever may not open the screen, 404 where it was not made here."""
    found = of.of(key)
    if person is None or found is None:
        return Response(status_code=404)
    if not _may(person, "lists"):
        return Response(status_code=403)
    made = design_workbook(opened.scenario, found.made, found.told, found.moved, found.asked.seed, wording(language))
    return _file(made, XLSX, f"lists-{key}.xlsx")


def appraisal(opened: Centre, person: Person | None, id: str, kind: str, language: Language) -> Response:
    """A published appraisal for whoever has signed in; a draft as far as its reader is appraised in it.

    403 for a draft to whoever may not open the screen; 404 where there is none, or no paper of that kind.
    """
    if person is None or kind not in APPRAISAL:
        return Response(status_code=404)
    try:
        found = appeals(opened).standing(id)
    except Unknown:
        return Response(status_code=404)
    if person.must_change or (found.appraisal.published_at is None and not _may(person, "between")):
        return Response(status_code=403)
    w = wording(language)
    seen = as_seen(found, sight(person, opened.scenario.code, opened.rulebook.bodies))
    write, mime = APPRAISAL[kind]
    state = "published" if found.appraisal.published_at is not None else "draft"
    return _file(write(sheet_of(seen, opened, w), w), mime, f"appraisal-{found.appraisal.id}-{state}.{kind}")


def _may(person: Person, view: str) -> bool:
    """Whether they may open the screen whose papers these are; with a printed password one opens none."""
    return may_look(person, view) and not person.must_change


def _file(data: bytes, kind: str, name: str) -> Response:
    headers = {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Response(data, media_type=kind, headers=headers)
