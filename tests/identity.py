"""A small identity provider for tests: says who one is, as one types it, with a signed token; it can also say it wrong.

Run by ``uvicorn tests.identity:app``. It keeps to OpenID Connect's code flow: discovery, authorize, token, keys.
"""

from __future__ import annotations

import secrets
import time
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

KEY, STRANGE_KEY = (RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}) for _ in range(2))
MOODS = ("right", "wrong state", "wrong nonce", "wrong key", "unverified")
CLIENT_ID, CLIENT_SECRET = "gridbeat", "only for tests"
ASKED: dict[str, tuple[dict[str, str], str, str]] = {}
"""By code: what was asked for, who typed which address, and how wrong the answer shall be."""


def _discovery(request: Request) -> Response:
    here = str(request.base_url).rstrip("/")
    return JSONResponse(
        {
            "issuer": here,
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token",
            "jwks_uri": f"{here}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }
    )


async def _authorize(request: Request) -> Response:
    asked = dict(request.query_params)
    if request.method == "GET":
        options = "".join(f"<option>{mood}</option>" for mood in MOODS)
        return HTMLResponse(
            '<form method="post"><input name="email" aria-label="email">'
            f'<select name="mood" aria-label="mood">{options}</select><button>It is me</button></form>'
        )
    form = await request.form()
    code, mood = secrets.token_urlsafe(16), str(form["mood"])
    ASKED[code] = (asked, str(form["email"]), mood)
    state = "another" if mood == "wrong state" else asked["state"]
    return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': state})}", 303)


async def _token(request: Request) -> Response:
    form = await request.form()
    asked, email, mood = ASKED.pop(str(form["code"]))
    now = int(time.time())
    claims = {
        "iss": str(request.base_url).rstrip("/"),
        "aud": CLIENT_ID,
        "sub": email,
        "iat": now,
        "exp": now + 300,
        "nonce": "another" if mood == "wrong nonce" else asked["nonce"],
        "email": email,
        "email_verified": mood != "unverified",
    }
    signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, STRANGE_KEY if mood == "wrong key" else KEY)
    return JSONResponse({"access_token": "unused", "token_type": "Bearer", "expires_in": 300, "id_token": signed})


def _keys(_request: Request) -> Response:
    return JSONResponse({"keys": [KEY.as_dict(private=False)]})


def _health(_request: Request) -> Response:
    return PlainTextResponse("ok")


app = Starlette(
    routes=[
        Route("/.well-known/openid-configuration", _discovery),
        Route("/authorize", _authorize, methods=["GET", "POST"]),
        Route("/token", _token, methods=["POST"]),
        Route("/keys", _keys),
        Route("/_stcore/health", _health),  # asked by tests.servers
    ]
)
