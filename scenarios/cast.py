"""Whom one can be in a demo: somebody of every job, made up, without passwords."""

from __future__ import annotations

from datetime import datetime

from dispatch.records.person import Job, Person, Post
from dispatch.store import people
from dispatch.store.casebook import Casebook
from dispatch.store.writing import Actor
from scenarios.live import ACTOR
from scenarios.scenario import Scenario

EVERYTHING = "demo"
"""The one who may do everything in the district, as whom a demo opens."""


def cast(scenario: Scenario) -> list[Person]:
    """The people of a place's demo; the town's and the team's belong to the first team that is posted in a town."""
    line = next(line for line in scenario.roster if len(line.town) == 9)
    town, community = line.town, min(line.beat, default=line.town)
    jobs = [
        ("demo-planner", "规划员（演示）", Job.PLANNER),
        ("demo-inspector", "检查员（演示）", Job.INSPECTOR),
        ("demo-reviewer", "法制审核员（演示）", Job.REVIEWER),
        ("demo-supervisor", "督导员（演示）", Job.SUPERVISOR),
        ("demo-observer", "社会监督员（演示）", Job.OBSERVER),
        ("demo-admin", "管理员（演示）", Job.ADMINISTRATOR),
    ]
    return [
        Person(EVERYTHING, "演示用户", tuple(sorted(Post(job, scenario.code) for job in Job))),
        Person("demo-district", "区指挥中心（演示）", (Post(Job.DISPATCHER, scenario.code),)),
        Person("demo-town", "镇街指挥室（演示）", (Post(Job.DISPATCHER, town),)),
        Person("demo-community", "社区工作站（演示）", (Post(Job.DISPATCHER, community),)),
        Person("demo-team", line.officers[0].name, (Post(Job.TEAM, town),), officer=line.officers[0].id),
        *(Person(name, said, (Post(job, scenario.code),)) for name, said, job in jobs),
    ]


def invite(casebook: Casebook, scenario: Scenario, at: datetime) -> None:
    """The cast added to the book, whoever of it is there already left as they are."""
    with casebook.writing() as page:
        for each in cast(scenario):
            if people.person(page.connection, each.id) is None:
                people.add_person(page, Actor(ACTOR, at, "person_add"), each)
