"""Who may do what where, asked on the server: every job beside every deed, and the areas of posts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import dispatch.desk
from dispatch.desk.clocks import Clocks
from dispatch.desk.handover import HandOver
from dispatch.desk.incidents import Desk, Pick
from dispatch.desk.keys import Keys, actor_of
from dispatch.desk.refusals import BatchRefused, Refused
from dispatch.desk.rights import WHO_MAY, PeopleRights
from dispatch.desk.voices import Voices
from dispatch.records.incident import Incident
from dispatch.records.person import Job, Person, Post
from dispatch.rulebook.calendar import Calendar
from dispatch.store import people
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import REFUSED, Kind
from dispatch.store.writing import Actor
from tests.dispatch.conftest import CELLS, DISTRICT, EAST, NOW, WEST, TwoCells, four_teams, incident, rulebook


def person(name: str, *posts: tuple[Job, str], **facts: str) -> Person:
    return Person(name, name, tuple(Post(job, area) for job, area in posts), **facts)


@pytest.fixture
def desk(casebook: Casebook) -> Desk:
    """A desk that asks who it is, with one person of every job in the district and one in the east."""
    known = [person(job.value, (job, DISTRICT)) for job in Job]
    known += [person(f"east-{job.value}", (job, EAST)) for job in Job]
    with casebook.writing() as page:
        for each in known:
            people.add_person(page, Actor("test", NOW, "person_add"), each)
    made = Desk(casebook, rulebook(), TwoCells(), CELLS, lambda: NOW, rights=PeopleRights(DISTRICT))
    made.set_roster("lead", four_teams())
    casebook.add_incidents([incident("E"), incident("W", WEST)], at=NOW)
    return made


def why(tried: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        tried()
    return refused.value.reasons[0].code


def test_every_deed_of_the_desks_stands_in_the_table():
    """A deed nobody thought of is nobody's: it would be refused to all."""
    named = re.compile(r"self\.(?:deed|_deed|_step|_change|_by_kind)\(\s*\"([a-z_]+)\"")
    files = Path(dispatch.desk.__file__).parent.glob("*.py")
    deeds = {name for file in files for name in named.findall(file.read_text(encoding="utf-8"))}
    assert len(deeds) > 30
    assert deeds <= WHO_MAY.keys()


@pytest.mark.parametrize("deed", sorted(WHO_MAY))
def test_each_job_opens_exactly_its_deeds(desk: Desk, deed: str):
    """The screens merely hide: what counts is what the server says to every pair."""
    kind = Kind.LIST if deed.startswith(("list", "set", "person", "key", "hook")) else Kind.INCIDENT

    def tried(job: Job) -> None:
        with desk.deed(deed, job.value, kind, "E"):
            pass  # nothing is done, so every job finds the same book

    for job in Job:
        if job in WHO_MAY[deed] and job is not Job.TEAM:
            tried(job)
            continue
        assert why(lambda job=job: tried(job)) in {"not_your_job", "not_your_team"}
        entry = desk.casebook.latest_entries(1)[0]
        assert (entry.actor, entry.deed) == (job.value, REFUSED + deed)


@pytest.mark.parametrize("name", ["nobody", "", "half\ud800"])
def test_who_is_not_known_does_nothing(desk: Desk, name: str):
    assert why(lambda: desk.recall(name, "E", 1, "x")) == "not_known"


def test_a_town_moves_its_own_and_calls_the_others(desk: Desk):
    """A town's dispatcher sends its own teams to its own incidents; what is another's goes by a whistle."""
    assert why(lambda: desk.assign("east-dispatcher", "W", "w1", 1)) == "not_your_area"
    assert why(lambda: desk.assign("east-dispatcher", "E", "w1", 1)) == "not_your_area"
    assert desk.assign("east-dispatcher", "E", "e1", 1).team.id == "e1"
    assert desk.assign("dispatcher", "W", "w1", 1).team.id == "w1"


def test_a_batch_is_refused_line_by_line(desk: Desk):
    with pytest.raises(BatchRefused, match="not_your_area"):
        desk.assign_batch("east-dispatcher", [Pick("E", 1, "e1"), Pick("W", 1, "w1")])
    assert {each.team for each in desk.casebook.open_incidents()} == {""}


def test_who_reports_does_so_for_the_own_town(desk: Desk):
    """What has no place yet is everybody's to take down and to place."""
    assert why(lambda: desk.report("east-dispatcher", "a stall", lon=121.4, lat=29.9)) == "not_your_area"
    unplaced = desk.report("east-dispatcher", "a stall somewhere")
    assert desk.locate("east-dispatcher", unplaced.id, 1, 121.6, 29.9).town == EAST


def test_a_team_moves_what_it_has_in_hand(desk: Desk):
    """An officer accepts for the own team; a colleague of another team cannot."""
    with desk.casebook.writing() as page:
        for officer in ("a", "c"):
            new = person(f"phone-{officer}", (Job.TEAM, EAST), officer=officer)
            people.add_person(page, Actor("test", NOW, "person_add"), new)
    sent = desk.assign("dispatcher", "E", "e1", 1).incident
    assert why(lambda: desk.accept("phone-c", "E", sent.version)) == "not_your_team"
    assert desk.accept("phone-a", "E", sent.version).incident.version == sent.version + 1
    assert why(lambda: desk.verify("phone-a", "E", 3, passed=True, how="x")) == "not_your_job"


def test_who_answers_for_a_body_moves_only_its_tasks(desk: Desk):
    with desk.casebook.writing() as page:
        clerk = person("fire", (Job.DISPATCHER, DISTRICT), body="FIRE")
        people.add_person(page, Actor("test", NOW, "person_add"), clerk)
    assert why(lambda: desk.assign("fire", "E", "e1", 1)) == "not_your_body"


def test_the_rules_are_kept_for_the_whole_district(desk: Desk):
    def tried() -> None:
        with desk.deed("list_give", "east-planner", Kind.LIST, "powers"):
            pass

    assert why(tried) == "not_your_area"


def test_rights_hold_as_they_stand_in_the_deeds_own_moment(desk: Desk):
    """Who was let go an hour ago is not a dispatcher because a screen is still open."""
    with desk.casebook.writing() as page:
        before = people.person(page.connection, "dispatcher")
        people.change_person(page, Actor("test", NOW, "person_change"), before, before.changed(active=False))
    assert why(lambda: desk.assign("dispatcher", "E", "e1", 1)) == "not_known"


def test_another_system_reports_and_does_nothing_else(desk: Desk):
    key, _ = Keys(desk).make("administrator", "12345")
    assert isinstance(desk.report(actor_of(key), "a stall", lon=121.6, lat=29.9), Incident)
    assert why(lambda: desk.assign(actor_of(key), "E", "e1", 1)) == "not_known"


def test_a_second_desk_asks_the_same_rights(desk: Desk):
    """Desks are made from the one door; none is a way around it."""
    clocks = Clocks(desk, rulebook().matters, Calendar({}))
    assert why(lambda: clocks.pause("planner", "E", 1, "rain")) == "not_your_job"


def test_a_merge_asks_for_both_sides(desk: Desk):
    """A town cannot put its reports into another town's incident, nor take them out again."""
    voices = Voices(desk.casebook, desk.clock, desk.rights)
    assert why(lambda: voices.merge("east-dispatcher", "E", 1, "W", 1)) == "not_your_area"
    heard = voices.merge("dispatcher", "E", 1, "W", 1)
    assert why(lambda: voices.part("east-dispatcher", "E", heard.voice.version)) == "not_your_area"


def test_a_filing_without_an_incident_lies_in_its_town(desk: Desk):
    """An empty place is not everybody's when a case is opened in it."""

    def file(town: str) -> None:
        with desk.deed("file", "east-inspector", Kind.CASE, "", place=town):
            pass

    file(EAST)
    assert why(lambda: file(WEST)) == "not_your_area"


def test_a_dispatcher_with_a_radio_is_no_team(desk: Desk):
    """Who is on the roster but has no post with a team does not accept for it."""
    with desk.casebook.writing() as page:
        odd = person("odd", (Job.DISPATCHER, WEST), officer="a")
        people.add_person(page, Actor("test", NOW, "person_add"), odd)
    sent = desk.assign("dispatcher", "E", "e1", 1).incident
    assert why(lambda: desk.accept("odd", "E", sent.version)) == "not_your_area"


def test_a_shift_is_that_of_ones_own_desk(desk: Desk):
    shifts = HandOver(desk.casebook, desk.clock, desk.rights)
    assert why(lambda: shifts.give("east-dispatcher", "", "")) == "not_your_area"
    assert why(lambda: shifts.give("east-dispatcher", f"{EAST}zzz", "")) == "not_your_area"
    assert shifts.give("east-dispatcher", EAST, "").actor == "east-dispatcher"
