"""The plan as iCalendar, for phones: an event for every call of some crews' days."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from icalendar import Calendar as Agenda
from icalendar import Event

from dispatch.records.inspection import Call, CrewDay
from dispatch.review.forms import items, officers
from dispatch.review.papers import Papers, called
from dispatch.review.plain import in_line, plain
from dispatch.review.wording import Words

PRODUCT = "-//GridBeat//inspections//"


def agenda(papers: Papers, crews: Iterable[CrewDay], name: str, words: Words) -> bytes:
    """An iCalendar file (RFC 5545) called ``name``.

    A call keeps its event as long as premises and items stay the same: a new plan read into the same calendar moves it.
    """
    title = in_line(name)
    uid = _uid(papers.made_utc().isoformat(), title)  # left to the library it would be another each time
    agenda = Agenda.new(name=title, prodid=PRODUCT + words.language.upper(), uid=uid)
    if papers.made_up:
        agenda.description = in_line(words("page.synthetic", what=papers.made_up))
    for crew in crews:
        for call in crew.calls:
            agenda.add_component(_event(papers, crew, call, words))
    agenda.add_missing_timezones()
    return bytes(agenda.to_ical())


def _event(papers: Papers, crew: CrewDay, call: Call, words: Words) -> Event:
    door, name = papers.door(call), in_line(called(papers.door(call)))
    about = [
        words("agenda.items", items=items(papers, call, words)),
        words("agenda.officers", officers=officers(papers, crew, words)),
        words("agenda.code", code=papers.codes[call.visit.id]),
    ]
    if papers.made_up:
        about.append(words("page.made_up"))
    event = Event.new(
        uid=_uid(door.id, *sorted(call.visit.items)),
        stamp=papers.made_utc(),
        start=papers.at(crew.day, call.arrive),
        end=papers.at(crew.day, call.leave),
        summary=words("agenda.summary", premises=name),
        location=name,
        description=plain("\n".join(about)),
    )
    event.add("geo", (door.lat, door.lon))
    return event


def _uid(*parts: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "\n".join(plain(part) for part in parts)))
