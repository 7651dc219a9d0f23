"""Hooks: which systems are told what happens here, where they are, and which entries of the ledger they want."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from dispatch.desk.door import Door
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.records.person import Hook
from dispatch.records.reason import Reason
from dispatch.store import people
from dispatch.store.ledger import Entry, Kind
from dispatch.store.series import Series, next_id

ASSIGNMENT, OVERDUE, WHISTLE = "assignment", "overdue", "whistle"
EVENT_OF: Mapping[str, str] = MappingProxyType(
    {**dict.fromkeys(("assign", "recall", "undo", "hand_back"), ASSIGNMENT), "overdue": OVERDUE}
)
"""Which event a deed on an incident is."""
EVENTS = (ASSIGNMENT, OVERDUE, WHISTLE)
HOOK_REASONS = (
    "hook_bad_url",  # url
    "hook_not_allowed",  # host
    "hook_without_events",
    "hook_unknown_event",  # event, known
)
# Nothing that two readers of an address could take apart differently: no user, no backslash, no blank.
URL = re.compile(
    r"https?://(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?(?:[/?][A-Za-z0-9._~:/?\[\]!$&'()*+,;=%-]*)?"
)
LONGEST_URL = 500


class Hooks(Door):
    """The hooks of one casebook.

    Parameters
    ----------
    door
        Whose rights say who may make and change hooks.
    allowed
        Hosts beside this machine's own that the operator lets a hook reach (``GRIDBEAT_HOOKS_TO``).
    """

    def __init__(self, door: Door, allowed: Collection[str] = ()) -> None:
        super().__init__(door.casebook, door.clock, door.rights)
        self._allowed = frozenset(host.lower() for host in allowed)

    def all(self) -> list[Hook]:
        """Every hook, by id."""
        with self.casebook.reading() as connection:
            return people.hooks(connection)

    def make(self, actor: str, url: str, events: Collection[str], *, now: datetime | None = None) -> Hook:
        """A new hook, switched off; once on it is told what happens from then on. ``secret`` signs what it is sent.

        Raises
        ------
        Refused
            When the address is none, leads where the operator has not allowed it, or an event is unknown.
        """
        with self.deed("hook_make", actor, Kind.HOOK, "", now) as (page, who):
            id = next_id(page.connection, Series.HOOK)
            new = Hook(id, self._fit(url), _known(events), _secret(), page.next_sequence)
            people.add_hook(page, who, new)
        return new

    def change(
        self,
        actor: str,
        hook_id: str,
        version: int,
        *,
        active: bool | None = None,
        url: str | None = None,
        events: Collection[str] | None = None,
        new_secret: bool = False,
        now: datetime | None = None,
    ) -> Hook:
        """The hook switched on or off, sent elsewhere, told of other events, or given a new secret.

        What waits to be told it is tried at once under the new terms. Switched on it begins with what happens then.

        Raises
        ------
        Refused
            As `make`; nothing is changed then.
        """
        with self.deed("hook_change", actor, Kind.HOOK, hook_id, now) as (page, who):
            before = people.hook(page.connection, hook_id)
            if before is None:
                raise Unknown("hook", hook_id)
            if before.version != version:
                raise Stale("hook", hook_id, version, before.version, page.latest(Kind.HOOK, hook_id))
            wanted: dict[str, Any] = {"tries": 0, "next_at": None, "version": version + 1}
            wanted["events"] = before.events if events is None else _known(events)
            wanted["active"] = before.active if active is None else active
            wanted["url"] = before.url if url is None else url
            if url is not None or wanted["active"]:  # one that no longer fits can still be switched off
                wanted["url"] = self._fit(wanted["url"])
            if new_secret:
                wanted["secret"] = _secret()
            if wanted["active"] and not before.active:
                wanted["cursor"] = page.next_sequence
            after = replace(before, **wanted)
            people.change_hook(page, who, before, after)
        return after

    def _fit(self, url: str) -> str:
        given = url.strip()
        if len(given) > LONGEST_URL or URL.fullmatch(given) is None:
            raise Refused(Reason("hook_bad_url", False, {"url": given[:LONGEST_URL]}))
        if not may_reach(given, self._allowed):
            raise Refused(Reason("hook_not_allowed", False, {"host": urlsplit(given).hostname or ""}))
        return given


def may_reach(url: str, allowed: Collection[str]) -> bool:
    """Whether a hook may be told at this address: on this machine, or at a host the operator has named.

    Otherwise whoever may make hooks could knock from here at every machine behind the firewall.

    >>> may_reach("http://127.0.0.1:9000/in", ()), may_reach("http://10.0.0.5/", ())
    (True, False)
    >>> may_reach("http://10.0.0.5/", ["10.0.0.5"])
    True
    """
    host = (urlsplit(url).hostname or "").lower()
    if host == "localhost" or host in allowed:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def event_of(entry: Entry) -> str | None:
    """The event an entry of the ledger is, or None for what nobody is told.

    Whatever moves a task is told as ``whistle``: its own deeds, a dispute about it, an incident that was passed on and
    took it along. Whether the task is a whistle is not looked at here.
    """
    if entry.kind == Kind.TASK.value:
        return None if entry.refused else WHISTLE
    return EVENT_OF.get(entry.deed)


def _known(events: Collection[str]) -> tuple[str, ...]:
    if not events:
        raise Refused(Reason("hook_without_events", False))
    for event in events:
        if event not in EVENTS:
            raise Refused(Reason("hook_unknown_event", False, {"event": event, "known": ", ".join(EVENTS)}))
    return tuple(event for event in EVENTS if event in events)


def _secret() -> str:
    return secrets.token_urlsafe(32)
