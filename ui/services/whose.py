"""Whose work a screen is, and what of it somebody has in sight: asked by the screens and by the papers beside them."""

from __future__ import annotations

from dispatch.records.person import Job, Person
from dispatch.records.team import Team
from ui.services.board import Board

LOOKED_AT_BY = {
    "city": (Job.DISPATCHER, Job.SUPERVISOR, Job.PLANNER),
    "intake": (Job.DISPATCHER, Job.TEAM, Job.INSPECTOR),
    "field": (Job.TEAM, Job.DISPATCHER),
    "between": (Job.DISPATCHER, Job.SUPERVISOR, Job.PLANNER),
    "cases": (Job.TEAM, Job.INSPECTOR, Job.REVIEWER, Job.SUPERVISOR),
    "inspections": (Job.INSPECTOR, Job.PLANNER, Job.REVIEWER, Job.SUPERVISOR, Job.TEAM),
    "staffing": (Job.PLANNER, Job.SUPERVISOR),
    "oversight": (Job.SUPERVISOR, Job.PLANNER, Job.REVIEWER),
    "people": (Job.ADMINISTRATOR,),
}
"""Whose work a screen is; the others are open to everybody from inside who has signed in."""
OUTSIDE = "oversight"
"""The one screen of whoever is an observer and nothing else, and of that the files drawn for them."""


def may_look(person: Person, view: str) -> bool:
    """Whether a screen is of use to somebody; what they may do on it is asked by the desk."""
    if person.outside:
        return view == OUTSIDE
    jobs = LOOKED_AT_BY.get(view)
    return jobs is None or person.has(*jobs)


def patrol_in_sight(person: Person, town: str) -> bool:
    """Whether somebody sees a town's patrol: a post in the town, around it or inside it."""
    return any(town.startswith(area) or area.startswith(town) for area in person.areas())


def phones(person: Person, board: Board) -> dict[str, Team]:
    """Whose phone somebody looks at, by team: an officer that of their own, a dispatcher those of their areas."""
    if person.officer:
        own = (one for one in board.teams.values() if any(each.id == person.officer for each in one.officers))
        return {one.id: one for one in own}
    return dict(board.within(person.areas()).teams) if person.has(Job.DISPATCHER) else {}
