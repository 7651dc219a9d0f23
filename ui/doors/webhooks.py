"""Tells other systems what happened: the ledger is the outbox, each hook a place in it.

A hook is told one entry at a time, in order, at least once. Its place moves only when the receiver has answered 2xx, so
nothing is lost when either side stops; ``X-GridBeat-Delivery`` is the number of the entry, by which a receiver knows a
repetition. Of several processes on one database the one that moves the hook's ``next_at`` forward tells it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import httpx
import numpy as np

from dispatch.desk.hooks import WHISTLE, event_of, may_reach
from dispatch.records.person import Hook
from dispatch.records.task import Task, TaskKind
from dispatch.store import outbox, people
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import Entry, Kind
from ui.doors.answers import stamp

LOOK_AT_ONCE = 200
SAID_AT_MOST = 200
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a receiver may take and how long it is left alone after a failure."""

    answer_s: float = 5.0
    """In all, however it trickles."""
    first_wait_s: float = 5.0
    longest_wait_s: float = 3600.0
    look_every_s: float = 1.0

    def wait_s(self, tries: int, rng: np.random.Generator) -> float:
        """Seconds until the next try after ``tries`` failures: doubled each time, up to a fifth shorter by chance."""
        whole = min(self.first_wait_s * 2.0 ** min(tries - 1, 30), self.longest_wait_s)
        return whole * (1 - 0.2 * float(rng.random()))


@dataclass(frozen=True, slots=True)
class Message:
    """One entry as a hook is told it."""

    event: str
    entry: Entry
    body: bytes


@dataclass
class Deliverer:
    """Tells the hooks of one casebook.

    Parameters
    ----------
    allowed
        Hosts beside this machine's own that may be told.
    base
        What the link to an incident's story begins with; empty leaves a path.
    wall
        The wall's clock, however fast a demo's clock runs.
    """

    casebook: Casebook
    allowed: Collection[str] = ()
    base: str = ""
    patience: Patience = field(default_factory=Patience)
    wall: Callable[[], datetime] = lambda: datetime.now(UTC)
    rng: np.random.Generator = field(default_factory=np.random.default_rng)

    async def run(self, stop: threading.Event) -> None:
        """Until told to stop; no hook waits for another."""
        busy: dict[str, asyncio.Task[None]] = {}
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False) as client:
            while not stop.is_set():
                for hook in await self._due():
                    if hook.id not in busy or busy[hook.id].done():
                        busy[hook.id] = asyncio.create_task(self._tell(client, hook, stop))
                await asyncio.sleep(self.patience.look_every_s)
            for task in busy.values():
                task.cancel()
            await asyncio.gather(*busy.values(), return_exceptions=True)

    async def _due(self) -> list[Hook]:
        try:
            now, hooks = self.wall(), await asyncio.to_thread(self._hooks)
        except Exception:  # the database may be away for a while; it is asked again
            LOG.exception("The hooks cannot be read; trying again.")
            return []
        return [hook for hook in hooks if hook.active and (hook.next_at is None or hook.next_at <= now)]

    def _hooks(self) -> list[Hook]:
        with self.casebook.reading() as connection:
            return people.hooks(connection)

    async def _tell(self, client: httpx.AsyncClient, hook: Hook, stop: threading.Event) -> None:
        """Everything that waits for this hook, until one cannot be told or somebody else tells it."""
        try:
            told: Hook | None = hook
            while told is not None and not stop.is_set():
                told = await self._tell_next(client, told)
        except Exception:
            LOG.exception("Hook %s cannot be told now; trying again.", hook.id)

    async def _tell_next(self, client: httpx.AsyncClient, hook: Hook) -> Hook | None:
        """The hook after its next entry was told; None when there is none, it failed, or it is in other hands."""
        cursor, message = await asyncio.to_thread(self._next_message, hook)
        if message is None:
            return await self._note(hook, cursor, 0, None, hook.said) if cursor > hook.cursor else None
        # Longer than any answer may take: who comes in between leaves it alone, who finds it run out takes over.
        taken_until = self.wall() + timedelta(seconds=2 * self.patience.answer_s + 5)
        mine = await self._note(hook, hook.cursor, hook.tries, taken_until, hook.said)
        if mine is None:
            return None
        good, said = await self._send(client, mine, message)
        if good:
            return await self._note(mine, message.entry.sequence, 0, None, said)
        tries = mine.tries + 1
        again = self.wall() + timedelta(seconds=self.patience.wait_s(tries, self.rng))
        await self._note(mine, mine.cursor, tries, again, said)
        return None

    async def _note(self, seen: Hook, cursor: int, tries: int, next_at: datetime | None, said: str) -> Hook | None:
        def write() -> Hook | None:
            with self.casebook.writing() as page:
                return people.note_delivery(page, seen, cursor=cursor, tries=tries, next_at=next_at, said=said)

        return await asyncio.to_thread(write)

    async def _send(self, client: httpx.AsyncClient, hook: Hook, message: Message) -> tuple[bool, str]:
        """Whether the receiver took it, and what came of it in a few words."""
        if not may_reach(hook.url, self.allowed):
            return False, f"entry {message.entry.sequence}: the operator no longer allows this host (GRIDBEAT_HOOKS_TO)"
        timestamp = str(int(self.wall().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "GridBeat",
            "X-GridBeat-Event": message.event,
            "X-GridBeat-Delivery": str(message.entry.sequence),
            "X-GridBeat-Timestamp": timestamp,
            "X-GridBeat-Signature": f"sha256={signature(hook.secret, timestamp, message.body)}",
        }
        try:
            async with (
                asyncio.timeout(self.patience.answer_s),
                client.stream("POST", hook.url, content=message.body, headers=headers, timeout=None) as answer,
            ):
                said = f"entry {message.entry.sequence}: answered {answer.status_code}"
                return answer.is_success, said
        except TimeoutError:
            said = f"no answer within {self.patience.answer_s:g} s"
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
            said = f"{type(problem).__name__}: {problem}"
        return False, f"entry {message.entry.sequence}: {said}"[:SAID_AT_MOST]

    def _next_message(self, hook: Hook) -> tuple[int, Message | None]:
        """The next entry this hook wants, or how far it can move on since it wants none of what it passed.

        A few entries nobody wants are looked at again rather than written down each time.
        """
        with self.casebook.reading() as connection:
            entries = outbox.entries_after(connection, hook.cursor, LOOK_AT_ONCE)
            for entry in entries:
                event = event_of(entry)
                if event not in hook.events:
                    continue
                task = outbox.task(connection, entry.subject) if entry.kind == Kind.TASK.value else None
                if event == WHISTLE and (task is None or task.kind is not TaskKind.WHISTLE):
                    continue
                return entry.sequence, Message(event, entry, self._body(event, entry, task))
        full = len(entries) == LOOK_AT_ONCE
        return (entries[-1].sequence if full else hook.cursor), None

    def _body(self, event: str, entry: Entry, task: Task | None) -> bytes:
        """What is sent: codes, places and times; never a text, a caller or a name."""
        told: dict[str, object] = {
            "event": event,
            "delivery": entry.sequence,
            "deed": entry.deed,
            "at": stamp(entry.at),
        }
        incident = self.casebook.incident(task.incident if task else entry.subject)
        if task is not None:
            told["task"] = {
                "id": task.id,
                "department": task.department,
                "status": task.status.value,
                "due_at": stamp(task.due_at),
                "arrive_by_at": stamp(task.arrive_by_at) if task.arrive_by_at else None,
            }
        if incident is not None:
            told["incident"] = {
                "id": incident.id,
                "matter": incident.matter,
                "status": incident.status.value,
                "priority": incident.priority,
                "town": incident.town,
                "cell": incident.cell,
                "reported_at": stamp(incident.reported_at),
                "due_at": stamp(incident.due_at),
            }
            told["link"] = f"{self.base}/?view=story&incident={quote(incident.id)}"
        told["team"] = entry.team
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def start(
    casebook: Casebook,
    stop: threading.Event,
    *,
    allowed: Collection[str] = (),
    base: str = "",
    patience: Patience | None = None,
) -> threading.Thread:
    """A thread that tells the hooks of ``casebook`` until ``stop``; join it before the casebook is closed."""
    deliverer = Deliverer(casebook, allowed, base, patience or Patience())
    thread = threading.Thread(target=lambda: asyncio.run(deliverer.run(stop)), name="webhooks", daemon=True)
    thread.start()
    return thread


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 of ``timestamp.body`` in hex, as the receiver computes it."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
