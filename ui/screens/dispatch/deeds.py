"""What the screen's buttons do: one deed on the desk each, and what is said of it.

Every deed names the version of the incident that was on the screen when the button was pressed, not the one the book
has by then; that is what makes the second of two dispatchers read who was first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dispatch.desk.incidents import Pick
from dispatch.desk.refusals import BatchRefused, Conflict, Refused, Taken, Unknown
from dispatch.records.incident import Incident, WrongStep
from dispatch.response.assignment import Planned
from ui.screens.dispatch.lines import Teller
from ui.services.centre import Centre

FINE, WRONG = "fine", ""


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a deed: a sentence, and whether it was done."""

    words: str
    done: bool

    @property
    def note(self) -> tuple[str, str]:
        """As the panel shows it: kind and words."""
        return (FINE if self.done else WRONG), self.words


def send(centre: Centre, actor: str, incident: Incident, version: int, team: str, tell: Teller) -> Said:
    """A team sent to the incident as it stood on the screen."""

    def deed() -> str:
        pairing = centre.desk.assign(actor, incident.id, team, version)
        return tell.w("said.assigned", incident=incident.id, team=pairing.team.name)

    return _done(deed, tell)


def send_batch(centre: Centre, actor: str, planned: list[Planned], tell: Teller) -> Said:
    """Every team of the plan sent, or none."""
    picks = [Pick(each.incident.id, each.incident.version, each.team.id) for each in planned if each.team is not None]

    def deed() -> str:
        centre.desk.assign_batch(actor, picks)
        return tell.w("batch.taken", n=len(picks))

    return _done(deed, tell)


def undo(centre: Centre, actor: str, tell: Teller) -> Said:
    """The actor's last dispatch taken back; of a batch, all of it."""

    def deed() -> str:
        return tell.w("batch.undone", n=len(centre.desk.undo(actor)))

    return _done(deed, tell)


def step(centre: Centre, actor: str, incident: Incident, version: int, name: str, tell: Teller) -> Said:
    """One step of an incident: ``undo``, ``accept``, ``arrive``, ``close`` or ``reopen``."""
    desk = centre.desk
    steps: dict[str, tuple[str, Callable[[], object]]] = {
        "undo": ("recalled", lambda: desk.recall(actor, incident.id, version, "undone at the desk")),
        "accept": ("accepted", lambda: desk.accept(actor, incident.id, version)),
        "arrive": ("arrived", lambda: desk.arrive(actor, incident.id, version)),
        "close": ("closed", lambda: desk.close(actor, incident.id, version, "closed at the desk")),
        "reopen": ("reopened", lambda: desk.reopen(actor, incident.id, version, "reopened at the desk")),
    }
    if name not in steps:
        return Said(tell.w("said.wrong_step", why=name), False)
    said, act = steps[name]
    team = centre.board().teams.get(incident.team)

    def deed() -> str:
        act()
        return tell.w(f"said.{said}", incident=incident.id, team=team.name if team else incident.team)

    return _done(deed, tell)


def locate(centre: Centre, actor: str, incident: Incident, lon: float, lat: float, tell: Teller) -> Said:
    """The incident put at the place clicked."""

    def deed() -> str:
        put = centre.desk.locate(actor, incident.id, incident.version, lon, lat)
        return tell.w("said.located", incident=incident.id, cell=put.cell or tell.w("decision.outside"))

    return _done(deed, tell)


def classify(centre: Centre, actor: str, incident: Incident, matter: str, tell: Teller) -> Said:
    """The incident given its matter."""

    def deed() -> str:
        put = centre.desk.classify(actor, incident.id, incident.version, matter)
        return tell.w("said.classified", incident=incident.id, matter=tell.what(put))

    return _done(deed, tell)


def report(
    centre: Centre, actor: str, text: str, matter: str, place: tuple[float, float], tell: Teller
) -> tuple[Said, str]:
    """A call written down; what is said of it and the new incident's id."""
    new: list[str] = []

    def deed() -> str:
        incident = centre.desk.report(actor, text, matter=matter, lon=place[0], lat=place[1])
        new.append(incident.id)
        return tell.w("report.saved", id=incident.id)

    return _done(deed, tell), new[0] if new else ""


def _done(deed: Callable[[], str], tell: Teller) -> Said:
    """The deed's sentence, or why it was not done and who came first."""
    try:
        return Said(deed(), True)
    except Conflict as conflict:
        return Said(_who_was_first(conflict, tell), False)
    except Refused as refused:
        return Said(tell.w("said.refused", why="；".join(tell.reason(reason) for reason in refused.reasons)), False)
    except BatchRefused as refused:
        lines = [f"{incident}: {_why(problem, tell)}" for incident, problem in refused.problems[:5]]
        return Said(tell.w("said.refused", why="；".join(lines)), False)
    except (WrongStep, Unknown) as problem:
        return Said(tell.w("said.wrong_step", why=str(problem)), False)


def _why(problem: Exception, tell: Teller) -> str:
    if isinstance(problem, Conflict):
        return _who_was_first(problem, tell)
    if isinstance(problem, Refused):
        return "；".join(tell.reason(reason) for reason in problem.reasons)
    return str(problem)


def _who_was_first(conflict: Conflict, tell: Teller) -> str:
    key = "said.taken" if isinstance(conflict, Taken) else "said.stale"
    if conflict.by is None:
        return tell.w("said.wrong_step", why=str(conflict))
    deed = tell.w(f"deed.{conflict.by.deed.removeprefix('refused:')}")
    return tell.w(key, who=conflict.by.actor, at=tell.at(conflict.by.at), deed=f"{deed} {conflict.subject}")
