"""The loops of five places in small, from the first word to closed: nothing is lost between two bodies.

Each tells the full list of deeds in their order, as the ledger holds them. Bodies, departments and clauses are those of
the nine cells, which are made up; what is taken from the places is who asks whom for what, and when.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dispatch.desk.disputes import agenda, read_disputes
from dispatch.desk.refusals import Refused
from dispatch.desk.rights import PeopleRights
from dispatch.records.incident import CallBack, Incident, Status
from dispatch.records.person import Job, Person, Post
from dispatch.records.task import Task
from dispatch.store import people
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor
from tests.between import CLAUSE, DAY, DISTRICT, JIA, YI, Command
from tests.books import empty_book
from tests.towns import NOON

BODIES = ("planning", "housing", "water", "health", "fire", "traffic", "police")
"""Departments whose people sign in themselves."""


class Centre(Command):
    """A command centre that asks who somebody is: one dispatcher a town, the district's, chiefs, a person a body."""

    def __init__(self, casebook):
        known = [
            Person("jia", "甲镇派遣员", (Post(Job.DISPATCHER, JIA),)),
            Person("yi", "乙街道派遣员", (Post(Job.DISPATCHER, YI),)),
            Person("district", "区派遣员", (Post(Job.DISPATCHER, DISTRICT),)),
            Person("chief", "区领导", (Post(Job.SUPERVISOR, DISTRICT),)),
            Person("grid", "网格员", (Post(Job.INSPECTOR, JIA),)),
        ]
        super().__init__(casebook, PeopleRights(DISTRICT))
        bodies = self.place.rulebook.bodies.values()
        known += [
            Person(body.department, body.name_zh, (Post(Job.DISPATCHER, DISTRICT),), body=body.id)
            for body in bodies
            if body.department in BODIES
        ]
        known += [
            Person(f"phone-{team.id}", team.name, (Post(Job.TEAM, team.town),), officer=team.officers[0].id)
            for team in self.place.teams(NOON)
        ]
        with casebook.writing() as page:
            for each in known:
                people.add_person(page, Actor("setup", NOON, "person_add"), each)

    def to_the_spot(self, incident: Incident, team: str, who: str = "jia") -> Incident:
        phone = f"phone-{team}"
        sent = self.desk.assign(who, incident.id, team, incident.version).incident
        gone = self.desk.accept(phone, incident.id, sent.version, now=self.later()).incident
        return self.desk.arrive(phone, incident.id, gone.version, now=self.later(5)).incident

    def done(self, task: Task, who: str, said: str) -> Task:
        accepted = self.tasks.accept(who, task.id, task.version, now=self.later())
        return self.tasks.finish(who, task.id, accepted.version, said, now=self.later(30))

    def to_the_end(self, incident: Incident, who: str = "jia") -> Incident:
        """Looked at, called back, closed."""
        seen = self.desk.verify(who, incident.id, incident.version, passed=True, how="现场照片", now=self.later())
        answer = CallBack.SATISFIED if incident.caller else CallBack.NOBODY
        return self.desk.close(who, incident.id, seen.version, answer, "谢谢", now=self.later())

    def whole(self, incident: Incident, deeds: list[str]) -> None:
        """Closed, nothing open, every deed there in its order, the chain unbroken, each version with its one entry."""
        closed = self.book.incident(incident.id)
        assert closed.status is Status.CLOSED
        assert closed.closed_at is not None
        assert self.book.tasks(incident.id, open_only=True) == []
        assert self.deeds(closed) == deeds
        assert self.book.verify().whole
        tasks = [(Kind.TASK, task) for task in self.book.tasks(incident.id)]
        for kind, thing in ((Kind.INCIDENT, closed), *tasks):
            told = self.book.history(kind, thing.id)
            entries = [each for each in told if each.version_after != each.version_before and not each.refused]
            assert [entry.version_after for entry in entries] == list(range(1, thing.version + 1))


@pytest.fixture
def centre():
    with empty_book() as book:
        yield Centre(book)


FIELD = ["assign", "accept", "arrive"]
END = ["verify", "close"]


def test_jiangbei_found_held_on_the_spot_handed_to_the_departments_dealt_with_and_fed_back(centre):
    """One thing of several departments: it is told once, and closes only when all of them have done their part."""
    found = centre.heard("Y15", "grid", caller="13800001234", source="grid_worker")
    parts = centre.book.tasks(found.id)
    assert len(parts) > 1
    assert sum(part.lead for part in parts) == 1
    held = centre.to_the_spot(found, "T1")
    handled = centre.desk.handle("phone-T1", found.id, held.version, "现场稳控，移交部门", now=centre.later()).incident
    done: list[str] = []
    for part in parts:
        with pytest.raises(Refused, match="tasks_open"):
            centre.desk.verify("jia", found.id, handled.version, passed=True, how="x", now=centre.later())
        done += ["refused:verify", "task_accept", "task_done"]
        centre.done(part, part.department if part.department in BODIES else "district", "已查处")
    centre.to_the_end(handled)
    centre.whole(found, ["report", *FIELD, "handle", *done, *END])


def test_haishu_a_transfer_with_package_and_receipt_moved_by_the_district(centre):
    """The town may not send on what the district handed over; the body receives, does it, and the district looks."""
    heard = centre.heard(who="jia")
    sent = centre.transfers.transfer_out(
        "district", heard.id, 1, "planning", "属规划职责", CLAUSE, asked_by=DISTRICT, now=centre.later()
    )
    assert sent.task.package
    with pytest.raises(Refused, match="not_your_area"):
        centre.tasks.withdraw("jia", sent.task.id, 1, "自己办", now=centre.later())
    with pytest.raises(Refused, match="not_your_body"):
        centre.tasks.accept("housing", sent.task.id, 1, now=centre.later())
    centre.done(sent.task, "planning", "已依法处理")
    handled = centre.book.incident(heard.id)
    centre.to_the_end(handled, "district")
    refused = ["refused:task_withdraw", "refused:task_accept"]
    centre.whole(heard, ["report", "transfer_out", *refused, "task_accept", "task_done", *END])


def test_chongqing_a_team_of_the_district_stationed_in_the_town_is_sent_by_the_town_and_acts_by_delegation(centre):
    """The district's people under the town's command: the warrant says in whose name they act there."""
    teams = centre.place.teams(NOON)
    hours = (teams[0].on_duty_from, teams[0].on_duty_to)
    stationed = replace(teams[3], body=JIA, town=JIA, on_duty_from=hours[0], on_duty_to=hours[1])
    centre.desk.set_roster("lead", [*teams[:3], stationed])
    assert {officer.town for officer in stationed.officers} == {DISTRICT}
    heard = centre.heard("C12-05", "jia")
    with pytest.raises(Refused, match="not_your_area"):
        centre.desk.assign("yi", heard.id, "T4", heard.version, now=centre.later())
    scene = centre.to_the_spot(heard, "T4")
    warrant = next(e for e in centre.book.history(Kind.INCIDENT, heard.id) if e.deed == "assign").details["warrant"]
    assert (warrant["mode"], warrant["letterhead"]) == ("delegated", "九格区公安交警大队")
    with pytest.raises(Refused, match="not_your_team"):
        centre.desk.handle("phone-T1", heard.id, scene.version, "x", now=centre.later())
    handled = centre.desk.handle("phone-T4", heard.id, scene.version, "已劝离", now=centre.later()).incident
    centre.to_the_end(handled)
    centre.whole(heard, ["report", "refused:assign", *FIELD, "refused:handle", "handle", *END])


def test_jiangyin_what_is_not_local_goes_to_the_city_body_and_thrice_back_to_the_friday_meeting(centre):
    """A grid worker reports; three bodies say it is another's; the meeting says whose it is, and that ends it."""
    heard = centre.heard(who="grid")
    task = centre.transfers.transfer_out("jia", heard.id, 1, "planning", "跨镇事项", CLAUSE, now=centre.later()).task
    back = centre.tasks.give_back("planning", task.id, 1, "《规划职责》第二条", now=centre.later())
    with pytest.raises(Refused, match="only_the_asker"):
        centre.tasks.send_again("planning", task.id, back.version, "housing", DAY, now=centre.later())
    for department in ("housing", "water"):
        again = centre.tasks.send_again("jia", task.id, back.version, department, DAY, now=centre.later())
        back = centre.tasks.give_back(department, task.id, again.version, f"《{department}》第一条", now=centre.later())
    friday = agenda(read_disputes(centre.book), centre.now.date())
    assert friday.meets_on == date(2026, 4, 17)
    (item,) = friday.items
    assert [stand.department for stand in item.parties] == ["planning", "housing", "water"]
    centre.now = NOON + timedelta(days=2)
    with pytest.raises(Refused, match="not_your_job"):
        centre.tasks.decide("jia", item.dispute.id, 1, "housing", CLAUSE)
    centre.tasks.decide("chief", item.dispute.id, 1, "housing", "《九格区职责清单（示例）》第八条", now=centre.later())
    decided = centre.task(task)
    with pytest.raises(Refused, match="decided_for_you"):
        centre.tasks.give_back("housing", task.id, decided.version, CLAUSE, now=centre.later())
    centre.done(decided, "housing", "已整改")
    centre.to_the_end(centre.book.incident(heard.id))
    once = ["task_return", "task_send"]
    centre.whole(
        heard,
        [
            *("report", "transfer_out", "task_return", "refused:task_send", "task_send", *once, "task_return"),
            *("dispute_open", "refused:dispute_decide", "dispute_decide", "refused:task_return"),
            *("task_accept", "task_done", *END),
        ],
    )


def test_huancui_the_town_whistles_one_comes_in_time_and_one_only_after_the_district_knew(centre):
    """Whistle, departments report; what is late is told upwards by itself; then decided, verified and called back."""
    heard = centre.heard(who="jia", caller="13800001234")
    scene = centre.to_the_spot(heard, "T1")
    calls = [centre.call("fire", lead=True), centre.call("traffic", 40)]
    fire, traffic = centre.whistles.blow(
        "jia", heard.id, scene.version, calls, "占用消防通道", now=centre.later()
    ).tasks
    promised = centre.now + timedelta(minutes=20)
    fire = centre.tasks.accept("fire", fire.id, 1, promised, now=centre.later())
    fire = centre.tasks.arrive("fire", fire.id, fire.version, now=centre.later(15))
    assert [each.id for each in centre.clock.escalate(centre.later()).tasks] == [traffic.id]
    raised = centre.task(traffic)
    traffic = centre.tasks.accept("traffic", traffic.id, raised.version, now=centre.later())
    traffic = centre.tasks.arrive("traffic", traffic.id, traffic.version, now=centre.later(10))
    centre.tasks.finish("traffic", traffic.id, traffic.version, "已疏导", now=centre.later())
    centre.tasks.finish("fire", fire.id, fire.version, "通道已清", now=centre.later())
    version = centre.book.incident(heard.id).version
    handled = centre.desk.handle("phone-T1", heard.id, version, "联合处置完毕", now=centre.later()).incident
    centre.to_the_end(handled)
    reported = ["task_accept", "task_arrive", "task_raise", "task_accept", "task_arrive", "task_done", "task_done"]
    centre.whole(heard, ["report", *FIELD, "whistle", *reported, "handle", *END])
