"""What Enter does, and what can be taken back of it."""

from __future__ import annotations

from dispatch.records.incident import Incident
from ui.said import Said, attempt
from ui.screens.intake.state import Done, Form, How
from ui.services.centre import Centre
from ui.services.intake import Proposal
from ui.telling import Teller


def register(centre: Centre, actor: str, shown: Proposal, form: Form, tell: Teller) -> tuple[Said, Done | None]:
    """The message written down, and then merged or passed on where that was proposed.

    What is written down stays so: when merging or passing on is refused, it waits in the queue and the sentence says
    both.
    """
    new: list[Incident] = []

    def write() -> str:
        lon, lat = shown.position
        # One more voice sends no second set of tasks to the departments.
        matter = shown.matter.code if shown.matter and not (shown.double and shown.parts) else ""
        incident = centre.desk.report(
            actor,
            form.text,
            lon=lon,
            lat=lat,
            matter=matter,
            address=shown.address,
            source=form.source,
            caller=form.caller,
        )
        new.append(incident)
        return tell.w("intake.saved", id=incident.id, what=tell.what(incident), where=tell.where(incident))

    said = attempt(write, tell)
    if not new:
        return said, None
    incident = new[0]
    if shown.double is not None:
        return _merge(centre, actor, incident, shown.double.incident, tell)
    if shown.passes_on:
        return _pass_on(centre, actor, incident, shown, tell)
    return said, Done(incident, How.NEW)


def _merge(centre: Centre, actor: str, voice: Incident, into: Incident, tell: Teller) -> tuple[Said, Done]:
    def deed() -> str:
        heard = centre.voices.merge(actor, voice.id, voice.version, into.id, into.version)
        return tell.w("intake.merged", id=voice.id, parent=into.id, n=heard.parent.voices)

    said = attempt(deed, tell)
    if said.done:
        return said, Done(voice, How.VOICE, into.id)
    return _half(voice, said, tell), Done(voice, How.NEW)


def _pass_on(centre: Centre, actor: str, incident: Incident, shown: Proposal, tell: Teller) -> tuple[Said, Done]:
    to, reason = answers_for(centre, shown, tell), pass_reason(shown, tell)

    def deed() -> str:
        centre.desk.pass_on(actor, incident.id, incident.version, to, reason)
        return tell.w("intake.passed", id=incident.id, to=to)

    said = attempt(deed, tell)
    if said.done:
        return said, Done(incident, How.PASSED, to)
    return _half(incident, said, tell), Done(incident, How.NEW)


def take_back(centre: Centre, actor: str, done: Done, tell: Teller) -> Said:
    """A voice parted or what was passed on opened again; a report itself stays."""
    if done.how is How.NEW:
        return Said(tell.w("intake.no_undo", id=done.id), False)

    def deed() -> str:
        incident = centre.casebook.incident(done.id)
        version = incident.version if incident else 0
        if done.how is How.VOICE:
            centre.voices.part(actor, done.id, version)
            return tell.w("intake.parted", id=done.id, parent=done.other)
        centre.desk.reopen(actor, done.id, version, tell.w("intake.reopen_reason"))
        return tell.w("intake.reopened", id=done.id)

    return attempt(deed, tell)


def answers_for(centre: Centre, shown: Proposal, tell: Teller) -> str:
    """The department that answers for the matter, by name; the hotline where the catalogue names none."""
    lead = shown.matter.lead if shown.matter else ""
    named = centre.rules.departments.get(lead)
    return tell.w.pick(named.name_zh, named.name_en) if named else tell.w("intake.hotline")


def pass_reason(shown: Proposal, tell: Teller) -> str:
    """Why it is passed on, as the ledger keeps it."""
    matter = shown.matter
    return tell.w("intake.pass_reason", matter=tell.w.pick(matter.name_zh, matter.name_en) if matter else "")


def _half(incident: Incident, said: Said, tell: Teller) -> Said:
    return Said(tell.w("intake.half", id=incident.id, why=said.words), False)
