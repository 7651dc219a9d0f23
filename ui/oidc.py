"""Signing in with an organisation account: the provider says who it is, Streamlit checks that, we open the door.

Streamlit's own routes lead to the provider and back and leave a signed cookie that its page alone can read. The page
finds the person by the address in it and hands the browser a ticket, for which the door gives a session of ours.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from threading import Lock
from typing import Any

import streamlit as st

from dispatch.records.person import Person
from ui.gate import PROVIDED, SIGN_IN
from ui.panel.component import render
from ui.services.centre import centre
from ui.session import language
from ui.settings import Settings, settings

TICKET = f"{SIGN_IN}/ticket"
OUT = f"{SIGN_IN}/out"
LASTS_S = 60.0


@dataclass
class Tickets:
    """Each good once, for a minute, in the browser that was given it.

    Parameters
    ----------
    now_s
        Seconds of a clock that never goes back.
    """

    now_s: Callable[[], float] = time.monotonic
    _kept: dict[str, tuple[str, str, float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def mint(self, person: str, shown: str) -> str:
        """A ticket for who was found; ``shown`` is the provider's cookie in the browser that gets it."""
        ticket, now_s = secrets.token_urlsafe(32), self.now_s()
        with self._lock:
            self._kept = {name: kept for name, kept in self._kept.items() if kept[2] > now_s}
            self._kept[_hash(ticket)] = (person, _hash(shown), now_s + LASTS_S)
        return ticket

    def redeem(self, ticket: str, shown: str) -> str | None:
        """Whose it is; None when it was used, is too old, or another browser shows it."""
        with self._lock:
            person, browser, until_s = self._kept.pop(_hash(ticket), ("", "", 0.0))
        good = person and self.now_s() < until_s and secrets.compare_digest(browser, _hash(shown))
        return person if good else None


@cache
def tickets() -> Tickets:
    """The process's tickets."""
    return Tickets()


def streamlit_secrets(chosen: Settings) -> dict[str, Any]:
    """What Streamlit's sign-in asks for, for ``st.App(..., secrets=...)``; empty without a provider."""
    if not chosen.oidc:
        return {}
    return {
        "auth": {
            "redirect_uri": chosen.oidc_redirect,
            # What it signs lasts from the provider to the door: a new secret at every start loses nothing.
            "cookie_secret": secrets.token_urlsafe(32),
            "client_id": chosen.oidc_client_id,
            "client_secret": chosen.oidc_client_secret,
            "server_metadata_url": chosen.oidc_metadata_url,
        }
    }


def guest_page() -> None:
    """All that is shown to who comes from the provider: the way in, or why there is none."""
    told = st.user.to_dict()
    w, opened = language(), centre()
    if not told.get("is_logged_in"):
        st.html(render("over.html", w=w, to=SIGN_IN))
        return
    email = vouched_for(told, unmarked=settings().oidc_unmarked)
    found = opened.accounts.by_email(email) if email else None
    if found is None:
        said = w("signin.unknown_address", email=email) if email else w("signin.no_address")
        st.html(render("guest.html", w=w, to=OUT, ticket="", said=said))
        return
    ticket = tickets().mint(found.id, st.context.cookies.get(PROVIDED, ""))
    st.html(render("guest.html", w=w, to=TICKET, ticket=ticket, said=_welcome(found)), unsafe_allow_javascript=True)


def vouched_for(told: Mapping[str, Any], *, unmarked: bool) -> str:
    """The address the provider vouches for, or nothing: one that somebody merely typed there proves nothing.

    ``unmarked`` takes one of which the provider says neither.
    """
    email, verified = told.get("email"), told.get("email_verified")
    good = verified is True or (unmarked and verified is None)
    return email.strip().lower() if isinstance(email, str) and good else ""


def _welcome(found: Person) -> str:
    return language()("signin.welcome", who=found.name)


def _hash(word: str) -> str:
    return sha256(word.encode(errors="replace")).hexdigest()
