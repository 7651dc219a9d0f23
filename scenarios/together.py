"""What other bodies have in hand when a demo begins: a whistle, a hand-over, a dispute, and the liaison officers.

Made up, through the desks' own deeds; who does them is marked synthetic by name.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from dispatch.desk.door import Door
from dispatch.desk.tasks import Tasks
from dispatch.desk.transfers import Transfers
from dispatch.desk.whistles import Call, Whistles
from dispatch.records.evidence import Liaison
from dispatch.records.incident import Incident, Status
from dispatch.records.team import Role
from dispatch.rulebook.terms import Term, Unit
from dispatch.store import between
from dispatch.store.casebook import Casebook
from dispatch.store.writing import Actor
from scenarios.live import ACTOR
from scenarios.scenario import Scenario

CLAUSE = "《中华人民共和国行政处罚法》第二十二条"
RETURNED = ("market", "housing", "traffic")
CALLED = ("fire", "traffic")
AGAIN = Term(3, Unit.WORKING_DAYS)


def open_between(door: Door, scenario: Scenario, now: datetime) -> None:
    """A whistle that one department has accepted, a hand-over that waits for its receipt, and a dispute."""
    book, calendar = scenario.rulebook, scenario.rules.calendar
    here = {body.department for body in book.bodies.values()}
    waiting = [each for each in door.casebook.open_incidents() if each.status is Status.REPORTED and each.town]
    if len(waiting) < 3 or not here.issuperset((*RETURNED, *CALLED)):
        return
    tasks = Tasks(door, book.bodies, calendar, scenario.rules.departments, book.matters)
    transfers = Transfers(door, book.bodies, book.matters, calendar)
    _whistle(Whistles(door, book.bodies), tasks, waiting[-1], now)
    transfers.transfer_out(ACTOR, waiting[-2].id, waiting[-2].version, "ecology", "合成：须专业检测", CLAUSE, now=now)
    _quarrel(transfers, tasks, waiting[-3], now)


def _whistle(whistles: Whistles, tasks: Tasks, incident: Incident, now: datetime) -> None:
    by = now + timedelta(minutes=60)
    calls = [Call(each, "合成：到场协助处置", by, lead=n == 0) for n, each in enumerate(CALLED)]
    first = whistles.blow(ACTOR, incident.id, incident.version, calls, "合成：现场须多部门到场", now=now).tasks[0]
    tasks.accept(ACTOR, first.id, first.version, now + timedelta(minutes=35), now=now)


def _quarrel(transfers: Transfers, tasks: Tasks, incident: Incident, now: datetime) -> None:
    """Sent back by three departments in turn."""
    why = "合成：各部门均认为不属本部门"
    over = transfers.transfer_out(ACTOR, incident.id, incident.version, RETURNED[0], why, CLAUSE, now=now)
    task = over.task
    for following in (*RETURNED[1:], ""):
        task = tasks.give_back(ACTOR, task.id, task.version, CLAUSE, now=now)
        if following:
            task = tasks.send_again(ACTOR, task.id, task.version, following, AGAIN, now=now)


def appoint_liaisons(casebook: Casebook, scenario: Scenario, now: datetime) -> None:
    """For each community the first two officers of a team whose beat it is, in one transaction."""
    with casebook.writing() as page:
        for line in scenario.roster:
            officers = [officer.id for officer in line.officers if officer.role is Role.OFFICER]
            for community in sorted(line.beat):
                if officers and between.liaison(page.connection, community) is None:
                    new = Liaison(community, officers[0], officers[1] if len(officers) > 1 else "")
                    between.set_liaison(page, Actor(ACTOR, now, "set_liaison"), None, new)
