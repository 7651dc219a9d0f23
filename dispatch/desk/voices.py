"""The same trouble told by many: one incident with many voices, and every voice an incident of its own again."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from dispatch.desk.deed import Deed
from dispatch.desk.door import Door
from dispatch.desk.parts import withdraw_tasks
from dispatch.desk.refusals import Refused
from dispatch.records.incident import OPEN, Incident
from dispatch.records.reason import Reason
from dispatch.store.ledger import Kind

VOICE_REASONS = (
    "itself",  # incident
    "has_voices",  # incident, n: merge the other way round
    "parent_closed",  # incident
)


class Heard(NamedTuple):
    """A voice and the incident it is about, as a deed left them."""

    voice: Incident
    parent: Incident


class Voices(Door):
    """Merging and parting, each one transaction with an entry on both incidents."""

    def merge(
        self,
        actor: str,
        voice_id: str,
        version: int,
        parent_id: str,
        parent_version: int,
        *,
        now: datetime | None = None,
    ) -> Heard:
        """One more voice about ``parent``: it leaves the queue, the parent counts it.

        Raises
        ------
        Refused
            An incident merged with itself, into a closed one, or one that has voices of its own (merge the other way).
        Stale, WrongStep, Unknown
            As of every deed; a voice that a team was sent to is no longer merged.
        """
        with self.deed("merge", actor, Kind.INCIDENT, voice_id, now) as (page, who):
            self.allow(page, who, Kind.INCIDENT, parent_id)
            voice = Deed(page, who, voice_id).incident(version)
            parent = Deed(page, who, parent_id).incident(parent_version)
            _refuse_nonsense(voice, parent)
            after, heard = voice.merged_into(parent.id), parent.heard(voice.voices)
            page.change(who, voice, after)
            page.change(who, parent, heard, voice=voice.id)
            withdraw_tasks(page, who, voice.id, f"now a voice about {parent.id}")
            return Heard(after, heard)

    def part(self, actor: str, voice_id: str, version: int, *, now: datetime | None = None) -> Heard:
        """The voice an incident of its own again, waiting as it was, and the other counts one less."""
        with self.deed("part", actor, Kind.INCIDENT, voice_id, now) as (page, who):
            voice = Deed(page, who, voice_id).incident(version)
            after = voice.parted()
            self.allow(page, who, Kind.INCIDENT, voice.parent)
            deed = Deed(page, who, voice.parent)
            parent = deed.there()
            fewer = parent.heard(-voice.voices)
            page.change(who, voice, after)
            page.change(who, parent, fewer, voice=voice.id)
            return Heard(after, fewer)


def _refuse_nonsense(voice: Incident, parent: Incident) -> None:
    if voice.id == parent.id:
        raise Refused(Reason("itself", False, {"incident": voice.id}))
    if parent.status not in OPEN:
        raise Refused(Reason("parent_closed", False, {"incident": parent.id}))
    if voice.voices > 1:
        raise Refused(Reason("has_voices", False, {"incident": voice.id, "n": voice.voices}))
