"""What the screen's buttons do: one deed on the desk each, and what is said of it.

Every deed names the version of the incident that was on the screen when the button was pressed, not the one the book
has by then; that is what makes the second of two dispatchers read who was first.
"""

from __future__ import annotations

from collections.abc import Callable

from dispatch.desk.incidents import Pick
from dispatch.records.incident import CallBack, Incident
from dispatch.response.assignment import Planned
from ui.said import Said, attempt
from ui.services.centre import Centre
from ui.telling import Teller


def send(centre: Centre, actor: str, incident: Incident, version: int, team: str, tell: Teller) -> Said:
    """A team sent to the incident as it stood on the screen."""

    def deed() -> str:
        pairing = centre.desk.assign(actor, incident.id, team, version)
        return tell.w("said.assigned", incident=incident.id, team=pairing.team.name)

    return attempt(deed, tell)


def send_batch(centre: Centre, actor: str, planned: list[Planned], tell: Teller) -> Said:
    """Every team of the plan sent, or none."""
    picks = [Pick(each.incident.id, each.incident.version, each.team.id) for each in planned if each.team is not None]

    def deed() -> str:
        centre.desk.assign_batch(actor, picks)
        return tell.w("batch.taken", n=len(picks))

    return attempt(deed, tell)


def undo(centre: Centre, actor: str, tell: Teller) -> Said:
    """The actor's last dispatch taken back; of a batch, all of it."""

    def deed() -> str:
        return tell.w("batch.undone", n=len(centre.desk.undo(actor)))

    return attempt(deed, tell)


def step(centre: Centre, actor: str, incident: Incident, version: int, name: str, tell: Teller) -> Said:
    """One step of an incident: ``undo``, ``accept``, ``arrive`` or ``reopen``."""
    desk = centre.desk
    steps: dict[str, tuple[str, Callable[[], object]]] = {
        "undo": ("recalled", lambda: desk.recall(actor, incident.id, version, "undone at the desk")),
        "accept": ("accepted", lambda: desk.accept(actor, incident.id, version)),
        "arrive": ("arrived", lambda: desk.arrive(actor, incident.id, version)),
        "reopen": ("reopened", lambda: desk.reopen(actor, incident.id, version, "reopened at the desk")),
    }
    if name not in steps:
        return Said(tell.w("said.wrong_step", why=name), False)
    said, act = steps[name]
    team = centre.board().teams.get(incident.team)

    def deed() -> str:
        act()
        return tell.w(f"said.{said}", incident=incident.id, team=team.name if team else incident.team)

    return attempt(deed, tell)


def handle(centre: Centre, actor: str, incident: Incident, outcome: str, tell: Teller) -> Said:
    """What the team reports of its work, taken down by the desk."""

    def deed() -> str:
        centre.desk.handle(actor, incident.id, incident.version, outcome)
        return tell.w("said.handled", incident=incident.id)

    return attempt(deed, tell)


def verify(centre: Centre, actor: str, incident: Incident, how: str, tell: Teller, *, passed: bool) -> Said:
    """Looked at: in order, or back to work."""

    def deed() -> str:
        centre.desk.verify(actor, incident.id, incident.version, passed=passed, how=how)
        return tell.w("said.verified" if passed else "said.sent_back", incident=incident.id)

    return attempt(deed, tell)


def close(centre: Centre, actor: str, incident: Incident, call_back: CallBack, tell: Teller) -> Said:
    """The caller told, the incident closed."""

    def deed() -> str:
        centre.desk.close(actor, incident.id, incident.version, call_back)
        return tell.w("said.closed", incident=incident.id)

    return attempt(deed, tell)


def locate(centre: Centre, actor: str, incident: Incident, lon: float, lat: float, tell: Teller) -> Said:
    """The incident put at the place clicked."""

    def deed() -> str:
        put = centre.desk.locate(actor, incident.id, incident.version, lon, lat)
        return tell.w("said.located", incident=incident.id, cell=put.cell or tell.w("decision.outside"))

    return attempt(deed, tell)


def classify(centre: Centre, actor: str, incident: Incident, matter: str, tell: Teller) -> Said:
    """The incident given its matter."""

    def deed() -> str:
        put = centre.desk.classify(actor, incident.id, incident.version, matter)
        return tell.w("said.classified", incident=incident.id, matter=tell.what(put))

    return attempt(deed, tell)


def report(
    centre: Centre, actor: str, text: str, matter: str, place: tuple[float, float], tell: Teller
) -> tuple[Said, str]:
    """A call written down; what is said of it and the new incident's id."""
    new: list[str] = []

    def deed() -> str:
        incident = centre.desk.report(actor, text, matter=matter, lon=place[0], lat=place[1])
        new.append(incident.id)
        return tell.w("report.saved", id=incident.id)

    return attempt(deed, tell), new[0] if new else ""
