"""The door for people: sign in, choose a password, sign out; and who it is that looks at a screen."""

from __future__ import annotations

from urllib.parse import quote, unquote

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from streamlit.user_info import generate_login_redirect_url

from dispatch.desk.accounts import BY_PROVIDER, LASTS, SHORTEST
from dispatch.desk.refusals import Refused
from dispatch.records.person import Person
from scenarios.cast import EVERYTHING, cast
from ui.gate import COOKIE, PROVIDED, SIGN_IN, own_path
from ui.oidc import OUT, TICKET, tickets
from ui.panel.component import render
from ui.services.centre import centre
from ui.settings import settings
from ui.wording import Language, Wording, wording

LARGEST_FORM = 16_384
CHOOSE = f"{SIGN_IN}/password"
ORGANISATION = f"{SIGN_IN}/organisation"
AFTER = "gridbeat_after"
"""The cookie that remembers, while somebody is at the provider, where they were going."""
AT_THE_PROVIDER_S = 600


def signed_in() -> Person | None:
    """Who looks at this screen, or None when the session is over."""
    return centre().known.whose(st.context.cookies.get(COOKIE, ""))


def person() -> str:
    """The name under which deeds of this screen stand in the ledger; empty when nobody is signed in."""
    found = signed_in()
    return found.id if found is not None else ""


def may_pass(token: str) -> bool:
    """Whether a session opens the screens: its owner has chosen a password of their own."""
    found = centre().known.whose(token)
    return found is not None and not found.must_change


def signin_routes() -> list[Route]:
    """The pages at the door."""
    return [
        Route(SIGN_IN, _sign_in, methods=["GET", "POST"]),
        Route(CHOOSE, _choose, methods=["GET", "POST"]),
        Route(OUT, _out, methods=["GET", "POST"]),
        Route(ORGANISATION, _to_the_provider, methods=["POST"]),
        Route(TICKET, _ticket, methods=["POST"]),
    ]


async def _sign_in(request: Request) -> Response:
    after = own_path(request.query_params.get("next", "/"))
    if settings().demo:
        return await _as_somebody(request, after)
    if request.method == "GET":
        return _page(request, "sign_in", after)
    form = await _form(request)
    name, password = (str(form.get(field, ""))[:200] for field in ("name", "password"))
    try:
        found, token = await run_in_threadpool(centre().accounts.sign_in, name, password, _client(request))
    except Refused as refused:
        return _page(request, "sign_in", after, refused=refused, name=name)
    if found.must_change:
        return _page(request, "choose", after, name=found.id, old=password)
    return _in(request, token, after)


async def _as_somebody(request: Request, after: str) -> Response:
    """In a demo one is who one likes to be, of its cast or of the people of its book."""
    who = request.query_params.get("as", EVERYTHING)
    try:
        return _in(request, await run_in_threadpool(centre().accounts.enter, who, "demo"), after)
    except Refused as refused:
        return _page(request, "sign_in", after, refused=refused, name=who)


async def _choose(request: Request) -> Response:
    """An own password: for who has a printed one, and for whoever wants another."""
    after = own_path(request.query_params.get("next", "/"))
    token = request.cookies.get(COOKIE, "")
    found = await run_in_threadpool(centre().accounts.whose, token)
    if request.method == "GET":
        return _page(request, "choose", after, name=found.id if found else "")
    form = await _form(request)
    name, old, new, again = (str(form.get(field, ""))[:200] for field in ("name", "old", "new", "again"))
    if new != again:
        return _page(request, "choose", after, said="signin.not_the_same", name=name, old=old)
    try:
        who = name.strip().lower()[:40]
        token = await run_in_threadpool(centre().accounts.choose_password, who, old, new, _client(request))
    except Refused as refused:
        return _page(request, "choose", after, refused=refused, name=name, old=old)
    return _in(request, token, after)


async def _out(request: Request) -> Response:
    """A page that is merely looked at signs nobody out: the button posts."""
    if request.method != "POST":
        return RedirectResponse("/", 303)
    token = request.cookies.get(COOKIE, "")
    await run_in_threadpool(centre().accounts.sign_out, token)
    centre().known.forget(token)
    answer = RedirectResponse(SIGN_IN, 303)
    answer.delete_cookie(COOKIE)
    _forget_the_provider(request, answer)
    return answer


async def _form(request: Request) -> FormData:
    """The few short fields of these pages; anything larger is not read.

    Raises
    ------
    HTTPException
        411 without a length, 413 above 16 kB.
    """
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise HTTPException(411)
    if int(length) > LARGEST_FORM:
        raise HTTPException(413)
    return await request.form(max_files=0, max_fields=8)


async def _to_the_provider(request: Request) -> Response:
    """By Streamlit's own way, which writes down what the provider must give back."""
    if not settings().oidc:
        return RedirectResponse(SIGN_IN, 303)
    answer = RedirectResponse(generate_login_redirect_url("default"), 303)
    after = own_path(request.query_params.get("next", "/"))
    answer.set_cookie(AFTER, quote(after, safe=""), max_age=AT_THE_PROVIDER_S, httponly=True, samesite="lax")
    return answer


async def _ticket(request: Request) -> Response:
    """Back from the provider, with what our page gave who it found; that a session of ours is had for."""
    form = await _form(request)
    person_id = tickets().redeem(str(form.get("ticket", ""))[:200], request.cookies.get(PROVIDED, ""))
    after = own_path(unquote(request.cookies.get(AFTER, "")) or "/")
    if person_id is None:
        return _page(request, "sign_in", after, said="signin.ticket_over")
    try:
        token = await run_in_threadpool(centre().accounts.enter, person_id, BY_PROVIDER)
    except Refused as refused:
        return _page(request, "sign_in", after, refused=refused)
    answer = _in(request, token, after)
    _forget_the_provider(request, answer)
    return answer


def _forget_the_provider(request: Request, answer: Response) -> None:
    """What it said is used up: otherwise who signs out here could walk in again without being asked."""
    for name in (AFTER, *(name for name in request.cookies if name.startswith(PROVIDED))):
        answer.delete_cookie(name)


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _in(request: Request, token: str, after: str) -> Response:
    answer = RedirectResponse(after, 303)
    secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
    answer.set_cookie(
        COOKIE, token, max_age=int(LASTS.total_seconds()), httponly=True, samesite="lax", secure=secure, path="/"
    )
    return answer


def _page(
    request: Request, form: str, after: str, *, refused: Refused | None = None, said: str = "", **kept: str
) -> Response:
    w = _words(request)
    why = w.reason(refused.reasons[0]) if refused is not None else w(said, least=SHORTEST) if said else ""
    scenario = centre().scenario
    html = render(
        "signin.html",
        w=w,
        form=form,
        place=w.pick(scenario.title_zh, scenario.title_en),
        why=why,
        name=kept.get("name", ""),
        old=kept.get("old", ""),
        least=SHORTEST,
        organisation=f"{ORGANISATION}?next={quote(after, safe='')}" if settings().oidc else "",
        to=f"{CHOOSE if form == 'choose' else SIGN_IN}?next={quote(after, safe='')}",
    )
    headers = {"Cache-Control": "no-store", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"}
    return HTMLResponse(html, 403 if why else 200, headers)


def _words(request: Request) -> Wording:
    asked = request.query_params.get("lang", "")
    known = asked if asked in set(Language) else Language.of_browser(request.headers.get("accept-language"))
    return wording(Language(known))


def others() -> list[tuple[str, str]]:
    """Whom one can be in a demo: id and name."""
    return [(each.id, each.name) for each in cast(centre().scenario)] if settings().demo else []
