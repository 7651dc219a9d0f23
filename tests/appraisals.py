"""A month that is over, with its appraisal open."""

from __future__ import annotations

from datetime import timedelta

from dispatch.oversight.appeals import Appeals, Rules
from dispatch.oversight.evaluation import Ground, Period
from dispatch.oversight.indicators import About
from dispatch.oversight.matrix import OF_PAIRS
from dispatch.records.person import Job, Person, Post
from dispatch.store import people
from dispatch.store.casebook import Casebook
from dispatch.store.writing import Actor
from tests.between import CLAUSE, JIA, Command
from tests.towns import NOON, everybody

APRIL = f"month-{NOON.date().replace(day=1).isoformat()}"


def month_that_is_over(casebook: Casebook) -> Appeals:
    """April with a late fire brigade and a whistle sent back; in May the supervisor opened its appraisal."""
    everybody(casebook, "anna", "bert")
    jia = Person("jia", "甲镇督导", (Post(Job.SUPERVISOR, JIA),))
    with casebook.writing() as page:
        people.add_person(page, Actor("test", NOON, "person_add"), jia)
    command = Command(casebook)
    fire, traffic = command.whistled("fire", "traffic")
    command.later(20)
    command.tasks.accept("fire", fire.id, 1, command.now + timedelta(minutes=30))
    command.tasks.give_back("traffic", traffic.id, 1, CLAUSE)
    place = command.place
    ground = Ground(place.rulebook.matters, place.rules.procedures, place.office, place.rules.calendar, place.cells)
    command.now = NOON + timedelta(days=20)
    appeals = Appeals(command.desk, Rules(ground, {(About.PAIR, name): 1 for name in OF_PAIRS}, 5))
    appeals.open("anna", Period.MONTH, NOON.date())
    return appeals
