"""What the desk lets a dispatcher do, and what it does not."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from dispatch.desk.incidents import Desk, Pick
from dispatch.desk.lawful import warrant
from dispatch.desk.refusals import REFUSALS, BatchRefused, Refused, Stale, Taken, Unknown
from dispatch.desk.roster import RosterClash
from dispatch.records.incident import OUT, Incident, Status, WrongStep
from dispatch.records.team import Activity
from dispatch.store.ledger import Kind
from gis.schemas import BadInput
from tests.books import empty_book
from tests.dispatch.conftest import (
    CELLS,
    EAST,
    FUMES,
    NOW,
    STALL,
    WEST,
    TwoCells,
    four_teams,
    incident,
    manned,
    officer,
    rulebook,
    team,
)


def reported(desk: Desk, town: str = EAST, matter: str = STALL) -> Incident:
    return desk.report("li", "a stall", lon=121.6 if town == EAST else 121.4, lat=29.9, matter=matter)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def test_a_report_finds_its_cell_town_priority_and_clock(desk):
    """The dispatcher types words and clicks a place; the rest follows from the ground and the catalogue."""
    new = reported(desk)
    assert (new.cell, new.town, new.priority) == (f"{EAST}001001", EAST, 2)
    assert new.due_at == NOW + timedelta(minutes=20)
    assert desk.casebook.incident(new.id) == new


def test_a_report_without_place_and_matter_waits_for_both(desk):
    """Half a phone call must not be lost because the caller hung up."""
    new = desk.report("li", "somebody is selling something")
    assert math.isnan(new.lon)
    assert (new.cell, new.matter) == ("", "")
    placed = desk.locate("li", new.id, 1, 121.4, 29.9)
    assert desk.classify("li", new.id, placed.version, STALL).town == WEST


def test_two_reports_never_get_the_same_number(desk):
    """The number is said over the radio; it must mean one incident."""
    assert len({reported(desk).id for _ in range(20)}) == 20


def test_a_number_that_came_in_with_a_file_is_passed_over(desk):
    """A book filled from another GridBeat has such numbers already."""
    desk.casebook.add_incidents([incident("20260302-0001")], at=NOW)
    assert reported(desk).id == "20260302-0002"


def test_a_report_outside_the_district_has_no_town(desk):
    """Nobody here may act there; the screen must be able to say so."""
    assert desk.report("li", "far away", lon=100.0, lat=20.0).town == ""


@pytest.mark.parametrize(("lon", "lat"), [(200.0, 29.9), (121.5, math.nan), (math.inf, 0.0), (29.9, 121.5)])
def test_a_place_that_is_not_on_the_earth_is_refused(desk, lon, lat):
    """A swapped or broken coordinate would put the incident into the sea."""
    with pytest.raises(ValueError, match="no place on the earth"):
        desk.report("li", "x", lon=lon, lat=lat)
    assert desk.casebook.open_incidents() == []


def test_an_unknown_matter_is_refused(desk):
    """Clock and competence hang on the matter; a typing mistake must not pass for one."""
    with pytest.raises(Refused) as refused:
        desk.report("li", "x", matter="M-STAL")
    assert codes(refused) == ["unknown_matter"]


def test_from_report_to_closed_file_and_back(desk):
    """The main road: every deed one version on, incident and team always in step."""
    new = reported(desk)
    sent, crew = desk.assign("li", new.id, "e1", 1, 1)
    assert (sent.status, crew.activity) == (Status.ASSIGNED, Activity.ASSIGNED)
    on_way, crew = desk.accept("e1", new.id, 2)
    assert (on_way.status, crew.activity) == (Status.ACCEPTED, Activity.EN_ROUTE)
    there, crew = desk.arrive("e1", new.id, 3)
    assert (crew.lon, crew.lat) == (there.lon, there.lat)
    handled, crew = desk.handle("e1", new.id, 4, "warned, stall removed")
    assert (handled.status, crew.activity, crew.done_today) == (Status.HANDLED, Activity.FREE, 1)
    assert desk.verify("wang", new.id, 5, passed=True, how="photo of the empty pavement").status is Status.VERIFIED
    closed = desk.close("li", new.id, 6)
    assert (closed.status, closed.closed_at) == (Status.CLOSED, NOW)
    again = desk.reopen("li", new.id, 7, "it is back")
    assert (again.status, again.team, again.version) == (Status.REPORTED, "", 8)
    assert [e.deed for e in desk.casebook.history(Kind.INCIDENT, new.id)] == [
        "report",
        "assign",
        "accept",
        "arrive",
        "handle",
        "verify",
        "close",
        "reopen",
    ]
    assert desk.casebook.team("e1") == crew


def test_the_ledger_keeps_what_was_and_what_was_set(desk):
    """Undo and replay read it; an entry that says only "changed" cannot be replayed."""
    new = reported(desk)
    desk.assign("li", new.id, "e1", 1)
    told = desk.casebook.history(Kind.INCIDENT, new.id)[-1]
    assert told.details["was"] == {"status": "reported", "team": ""}
    assert told.details["set"] == {"status": "assigned", "team": "e1"}
    assert told.details["team"]["set"] == {"activity": "assigned", "incident": new.id}
    assert told.details["warrant"]["pair"] == ["a", "b"]
    assert (told.actor, told.team, told.version_before, told.version_after) == ("li", "e1", 1, 2)


def test_the_outcome_and_the_reasons_are_kept(desk):
    """Who asks next year why it was closed reads it here."""
    new = reported(desk)
    desk.assign("li", new.id, "e1", 1)
    desk.recall("li", new.id, 2, "a nearer team is free")
    assert desk.casebook.history(Kind.INCIDENT, new.id)[-1].details["reason"] == "a nearer team is free"


def test_who_comes_second_is_told_who_came_first(desk):
    """Two dispatchers, one team: the loser must know whom to call, not just that it failed."""
    first, second = reported(desk), reported(desk)
    desk.assign("li", first.id, "e1", 1, 1, now=NOW)
    with pytest.raises(Taken) as taken:
        desk.assign("wang", second.id, "e1", 1, 1)
    assert (taken.value.by.actor, taken.value.by.deed, taken.value.by.at) == ("li", "assign", NOW)
    assert taken.value.other == first.id
    with pytest.raises(Taken, match="by li at 2026-03-02 01:00:00 UTC"):
        desk.assign("wang", first.id, "w1", 1)
    assert desk.casebook.incident(second.id).status is Status.REPORTED


def test_a_deed_on_an_old_version_is_stale(desk):
    """What the dispatcher decided on is no longer what is there."""
    new = reported(desk)
    desk.classify("wang", new.id, 1, FUMES)
    with pytest.raises(Stale) as stale:
        desk.assign("li", new.id, "e1", 1)
    assert (stale.value.expected, stale.value.found, stale.value.by.actor) == (1, 2, "wang")


def test_a_team_that_went_out_and_came_back_is_stale_when_its_version_was_given(desk):
    """It may now be across town: the minutes on the dispatcher's card are of another day."""
    first, second = reported(desk), reported(desk)
    desk.assign("li", first.id, "e1", 1, 1)
    desk.recall("li", first.id, 2, "mistake")
    with pytest.raises(Stale, match="Team e1"):
        desk.assign("wang", second.id, "e1", 1, 1)
    assert desk.assign("wang", second.id, "e1", 1).team.incident == second.id


def test_a_team_without_two_certified_officers_is_not_sent(desk):
    """Article 42: two certified officers. An auxiliary with a paper does not count."""
    with pytest.raises(Refused) as refused:
        desk.assign("li", reported(desk).id, "e2", 1)
    assert codes(refused) == ["no_pair"]


def test_a_body_without_the_power_is_not_sent(desk):
    """Article 38: an act without power is void; the desk blocks it whatever the screen offered."""
    with pytest.raises(Refused) as refused:
        desk.assign("li", reported(desk).id, "w1", 1)
    assert codes(refused) == ["no_power"]


def test_where_nobody_has_the_power_nobody_is_sent(desk):
    """The west's power over fumes was taken back; the reason says so."""
    with pytest.raises(Refused) as refused:
        desk.assign("li", reported(desk, WEST, FUMES).id, "w1", 1)
    assert codes(refused) == ["taken_back"]


def test_an_incident_without_a_matter_gets_no_team(desk):
    """Nobody can say who is competent for something nobody has named."""
    new = desk.report("li", "something", lon=121.6, lat=29.9)
    with pytest.raises(Refused) as refused:
        desk.assign("li", new.id, "e1", 1)
    assert codes(refused) == ["no_matter"]


def test_a_team_off_duty_is_not_sent(desk):
    """Its officers are at home."""
    with pytest.raises(Refused) as refused:
        desk.assign("li", reported(desk, WEST).id, "w2", 1)
    assert codes(refused) == ["off_duty"]


def test_powers_and_certificates_go_by_the_places_own_day(casebook):
    """At 17:00 UTC it is already tomorrow in Ningbo, and a certificate valid through today has run out."""
    desk = manned(casebook)
    last_evening = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
    assert (desk.day(last_evening), desk.day(last_evening + timedelta(minutes=1))) == (
        last_evening.date(),
        last_evening.date() + timedelta(days=1),
    )


def test_a_refusal_changes_nothing_and_says_who_tried(desk):
    """An attempt at an unlawful dispatch is itself something the supervisor wants to see."""
    new = reported(desk)
    before = desk.casebook.snapshot()
    with pytest.raises(Refused):
        desk.assign("li", new.id, "e2", 1)
    assert desk.casebook.snapshot() == before
    tried = desk.casebook.history(Kind.INCIDENT, new.id)[-1]
    assert (tried.deed, tried.actor, tried.team, tried.refused) == ("refused:assign", "li", "e2", True)
    assert tried.details["reasons"][0]["code"] == "no_pair"
    assert tried.version_before == tried.version_after == 1


def test_a_step_out_of_order_is_refused(desk):
    """A team cannot arrive before it was sent."""
    new = reported(desk)
    with pytest.raises(WrongStep):
        desk.arrive("e1", new.id, 1)
    assert desk.casebook.history(Kind.INCIDENT, new.id)[-1].deed == "refused:arrive"


def test_what_is_not_there_is_said_plainly(desk):
    """A mistyped number must not look like a lost incident."""
    with pytest.raises(Unknown, match="no incident 'x'"):
        desk.accept("li", "x", 1)
    with pytest.raises(Unknown, match="no team 'e9'"):
        desk.assign("li", reported(desk).id, "e9", 1)


def test_undo_takes_back_the_last_dispatch(desk):
    """One key press after a slip: as if it had not happened, but the ledger knows."""
    first, second = reported(desk), reported(desk, WEST)
    desk.assign("li", first.id, "e1", 1)
    desk.assign("li", second.id, "w1", 1)
    [back] = desk.undo("li", now=NOW + timedelta(seconds=59))
    assert (back.incident.id, back.incident.status, back.team.activity) == (second.id, Status.REPORTED, Activity.FREE)
    [earlier] = desk.undo("li", now=NOW + timedelta(seconds=60))
    assert earlier.incident.id == first.id
    assert desk.casebook.history(Kind.INCIDENT, first.id)[-1].deed == "undo"
    with pytest.raises(Refused) as refused:
        desk.undo("li")
    assert codes(refused) == ["nothing_to_undo"]


def test_undo_comes_too_late_after_a_minute(desk):
    """The team is on the road by then; a recall with a reason is the honest way."""
    desk.assign("li", reported(desk).id, "e1", 1)
    with pytest.raises(Refused) as refused:
        desk.undo("li", now=NOW + timedelta(seconds=61))
    assert refused.value.reasons[0].values["seconds"] == 61


def test_undo_is_for_ones_own_dispatch(desk):
    """Nobody takes back by accident what a colleague decided."""
    desk.assign("li", reported(desk).id, "e1", 1)
    with pytest.raises(Refused) as refused:
        desk.undo("wang")
    assert codes(refused) == ["nothing_to_undo"]


def test_undo_still_works_when_the_team_has_accepted(desk):
    """Crews accept within seconds; that alone must not take the minute away."""
    new = reported(desk)
    desk.assign("li", new.id, "e1", 1)
    desk.accept("e1", new.id, 2)
    [back] = desk.undo("li")
    assert (back.incident.version, back.team.activity) == (4, Activity.FREE)


def test_undo_does_not_take_back_what_somebody_else_redid(desk):
    """Wang recalled it and sent it anew: that dispatch is Wang's."""
    new = reported(desk)
    desk.assign("li", new.id, "e1", 1)
    desk.recall("wang", new.id, 2, "wrong")
    desk.assign("wang", new.id, "e1", 3)
    with pytest.raises(Stale) as stale:
        desk.undo("li")
    assert stale.value.by.actor == "wang"


def test_a_batch_is_assigned_whole_and_undone_whole(desk):
    """The dispatcher confirmed one plan; one key takes one plan back."""
    first, second = reported(desk), reported(desk, WEST)
    done = desk.assign_batch("li", [Pick(first.id, 1, "e1", 1), Pick(second.id, 1, "w1", 1)])
    assert [pair.team.incident for pair in done] == [first.id, second.id]
    assert {pair.incident.id for pair in desk.undo("li")} == {first.id, second.id}
    assert {one.status for one in desk.casebook.open_incidents()} == {Status.REPORTED}


def test_of_a_batch_with_one_stale_line_nothing_is_assigned(desk):
    """Half a plan is a plan nobody has looked at; the error names every line that failed."""
    first, second, third = reported(desk), reported(desk, WEST), reported(desk)
    desk.assign("wang", first.id, "e1", 1)
    before = desk.casebook.snapshot()
    with pytest.raises(BatchRefused) as refused:
        desk.assign_batch("li", [(second.id, 1, "w1", 1), (first.id, 1, "e1", 1), (third.id, 1, "e2", 1)])
    assert [(name, type(problem)) for name, problem in refused.value.problems] == [
        (first.id, Taken),
        (third.id, Refused),
    ]
    assert desk.casebook.snapshot() == before
    assert desk.casebook.history(Kind.INCIDENT, first.id)[-1].deed == "refused:assign"


def test_a_deadline_of_their_own_survives_its_matter(desk):
    """The hotline promised the citizen a day; saying what it is must not make it overdue."""
    promised = replace(incident("hotline"), matter="", due_at=NOW + timedelta(hours=24))
    desk.casebook.add_incidents([promised], at=NOW)
    assert desk.classify("li", "hotline", 1, STALL).due_at == promised.due_at


def test_a_fast_clock_leaves_the_dispatcher_a_minute_of_their_own(casebook):
    """The demo's clock runs ten times as fast; its undo button must not be gone after six seconds."""
    fast = Desk(casebook, rulebook(), TwoCells(), CELLS, lambda: NOW, undo_within=timedelta(minutes=10))
    fast.set_roster("lead", four_teams())
    new = reported(fast)
    fast.assign("li", new.id, "e1", 1)
    assert [pairing.incident.team for pairing in fast.undo("li", now=NOW + timedelta(minutes=9))] == [""]


def test_a_batch_cannot_send_one_team_twice(desk):
    """A preview made by hand may hold the slip; the second line finds the team taken by the first."""
    first, second = reported(desk), reported(desk)
    with pytest.raises(BatchRefused):
        desk.assign_batch("li", [(first.id, 1, "e1", None), (second.id, 1, "e1", None)])
    assert desk.casebook.team("e1").activity is Activity.FREE


def test_a_team_that_left_the_roster_stops_a_batch(desk):
    """The shift changed while the plan was being looked at."""
    new = reported(desk)
    with pytest.raises(BatchRefused, match="no team 'e9'"):
        desk.assign_batch("li", [(new.id, 1, "e9", None)])


def test_a_position_report_makes_nobodys_dispatch_stale(desk):
    """Positions come every few seconds; a version for each would leave no card valid for a click."""
    new, revision = reported(desk), desk.casebook.revision()
    entries = len(desk.casebook.latest_entries())
    assert desk.positions(["e1", "gone"], [121.7, 121.8], [29.8, 29.8]) == 1
    assert desk.casebook.team("e1").lon == 121.7
    assert desk.casebook.revision() == revision + 1
    assert len(desk.casebook.latest_entries()) == entries
    desk.assign("li", new.id, "e1", 1, 1)


def test_a_position_off_the_earth_is_refused(desk):
    """A device without a fix sends NaN; the last known place is better."""
    with pytest.raises(ValueError, match="position"):
        desk.positions(["e1"], [math.nan], [29.8])


def test_at_the_change_of_shift_a_team_that_is_out_keeps_its_incident(desk):
    """Nobody is left alone on scene because the clock struck eight."""
    new = reported(desk)
    desk.assign("li", new.id, "e1", 1)
    desk.set_roster("lead", [one for one in four_teams() if one.id == "w1"])
    assert [one.id for one in desk.casebook.teams()] == ["e1", "w1"]
    desk.positions(["e1"], [121.9], [29.9])
    night = [replace(one, on_duty_to=one.on_duty_to + timedelta(hours=8)) for one in four_teams()]
    assert desk.set_roster("lead", night)[0].lon == 121.9
    assert desk.recall("li", new.id, 2, "shift over").team.activity is Activity.FREE


def test_the_same_roster_again_changes_nothing(desk):
    """The demo sets it at every start."""
    before = desk.casebook.revision()
    desk.set_roster("lead", four_teams())
    assert desk.casebook.revision() == before


def test_a_new_shift_starts_its_count_anew(desk):
    """Load is what a team has done in this shift."""
    new = reported(desk)
    for step in (lambda: desk.assign("li", new.id, "e1", 1), lambda: desk.accept("e1", new.id, 2)):
        step()
    desk.arrive("e1", new.id, 3)
    desk.handle("e1", new.id, 4, "done")
    later = [replace(one, on_duty_to=one.on_duty_to + timedelta(hours=1)) for one in four_teams()]
    assert next(one for one in desk.set_roster("lead", later) if one.id == "e1").done_today == 0


def test_one_person_cannot_be_in_two_teams_at_once(desk):
    """A pair that exists twice on paper exists nowhere on the street."""
    clash = [team("x", EAST, officer("a", "city")), team("y", EAST, officer("a", "city"))]
    with pytest.raises(RosterClash, match="'a' is on duty in team 'x' and team 'y'"):
        desk.set_roster("lead", clash)
    evening = replace(clash[1], on_duty_from=clash[0].on_duty_to, on_duty_to=clash[0].on_duty_to + timedelta(hours=4))
    desk.set_roster("lead", [clash[0], evening])


class AnyDay(RuleBasedStateMachine):
    """Random deeds by two dispatchers who often look at old screens."""

    actors: ClassVar = st.sampled_from(["li", "wang"])
    picks: ClassVar = st.integers(0, 5)
    steps: ClassVar = st.sampled_from(
        ["accept", "arrive", "recall", "hand_back", "handle", "good", "bad", "close", "reopen", "locate", "classify"]
    )

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.book = empty_book()
        self.desk = manned(self.book, lambda: self.now)
        self.done = 0

    def teardown(self) -> None:
        self.book.close()

    def attempt(self, deed) -> None:
        try:
            deed()
        except (*REFUSALS, BatchRefused):
            pass

    def any_of(self, pick: int) -> Incident:
        known = self.book.incidents() or [incident("none")]
        return known[pick % len(known)]

    @rule(town=st.sampled_from([EAST, WEST]), matter=st.sampled_from([STALL, FUMES, ""]), actor=actors)
    def report(self, town, matter, actor):
        if len(self.book.incidents()) < 6:
            self.desk.report(actor, "x", lon=121.6 if town == EAST else 121.4, lat=29.9, matter=matter)

    @rule(pick=picks, crew=st.sampled_from(["e1", "e2", "w1", "w2"]), behind=st.integers(0, 1), actor=actors)
    def assign(self, pick, crew, behind, actor):
        one = self.any_of(pick)
        if self.book.incident(one.id):
            self.attempt(lambda: self.desk.assign(actor, one.id, crew, one.version - behind))

    @rule(first=picks, second=picks, actor=actors)
    def batch(self, first, second, actor):
        some = [self.any_of(first), self.any_of(second)]
        if all(self.book.incident(one.id) for one in some):
            lines = [(one.id, one.version, crew, None) for one, crew in zip(some, ["e1", "w1"], strict=True)]
            self.attempt(lambda: self.desk.assign_batch(actor, lines))

    @rule(pick=picks, step=steps, behind=st.integers(0, 3), actor=actors)
    def step(self, pick, step, behind, actor):
        one = self.any_of(pick)
        told = {step: ["why"] for step in ("recall", "hand_back", "handle", "reopen")}
        words = {**told, "locate": [121.6, 29.9], "classify": [STALL]}
        if self.book.incident(one.id):
            version = one.version - (behind == 3)
            if step in ("good", "bad"):
                self.attempt(lambda: self.desk.verify(actor, one.id, version, passed=step == "good", how="seen"))
            else:
                self.attempt(lambda: getattr(self.desk, step)(actor, one.id, version, *words.get(step, [])))

    @rule(actor=actors)
    def undo(self, actor):
        self.attempt(lambda: self.desk.undo(actor))

    @rule(seconds=st.integers(1, 40))
    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    @rule(names=st.sets(st.sampled_from(["e1", "e2", "w1", "w2"])))
    def new_roster(self, names):
        self.desk.set_roster("lead", [one for one in four_teams() if one.id in names])

    @invariant()
    def incident_and_team_name_each_other(self):
        by_incident = {one.id: one.team for one in self.book.open_incidents() if one.status in OUT}
        by_team = {one.incident: one.id for one in self.book.teams() if one.incident}
        assert by_incident == by_team
        assert len(set(by_incident.values())) == len(by_incident)

    @invariant()
    def a_version_is_the_number_of_deeds(self):
        for one in self.book.incidents():
            deeds = [entry for entry in self.book.history(Kind.INCIDENT, one.id) if not entry.refused]
            assert one.version == len(deeds) == deeds[-1].version_after

    @invariant()
    def nobody_was_sent_unlawfully(self):
        crews = {one.id: one for one in four_teams()}
        for one in self.book.open_incidents():
            if one.team:
                free = replace(crews[one.team], activity=Activity.FREE)
                assert warrant(rulebook(), one, free, NOW, self.desk.day(NOW)).pair.lawful

    @invariant()
    def the_kept_snapshot_is_what_a_fresh_look_finds(self):
        seen = self.book.snapshot()
        assert list(seen.incidents) == self.book.open_incidents()
        assert list(seen.teams) == self.book.teams()
        assert seen.revision == self.book.revision()

    @invariant()
    def the_chain_holds(self):
        assert self.book.verify().whole


TestAnyDay = AnyDay.TestCase
TestAnyDay.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)


def test_what_nobody_has_placed_or_named_cannot_be_passed_on(desk):
    """It may be a stall on our own pavement; first somebody says what it is and where."""
    unplaced = desk.report("li", "x", matter=STALL)
    unnamed = desk.report("li", "x", lon=121.6, lat=29.9)
    for one in (unplaced, unnamed):
        with pytest.raises(Refused, match="is_unclear"):
            desk.pass_on("li", one.id, 1, "12345", "advice")
        assert desk.casebook.history(Kind.INCIDENT, one.id)[-1].deed == "refused:pass_on"


def test_what_lies_outside_the_district_can_be_passed_on_whatever_it_is(desk):
    """Nobody here may act there; the neighbour finds out what it is."""
    for matter in (STALL, ""):
        outside = desk.report("li", "x", lon=125.0, lat=29.9, matter=matter)
        assert desk.pass_on("li", outside.id, 1, "the next district", "theirs").status is Status.CLOSED


def test_what_nobody_has_to_enforce_can_be_passed_on_without_a_place(desk):
    """A question about opening hours happens nowhere."""
    question = replace(desk.rulebook.matters[STALL], code="C00-01", category="C00")
    desk.rulebook = replace(desk.rulebook, matters={**desk.rulebook.matters, "C00-01": question})
    asked = desk.report("li", "x", matter="C00-01")
    assert desk.pass_on("li", asked.id, 1, "12345", "advice").status is Status.CLOSED


def test_reopening_needs_words(desk):
    """Whoever closed it wants to know what was wrong with that."""
    outside = desk.report("li", "x", lon=125.0, lat=29.9, matter=STALL)
    desk.pass_on("li", outside.id, 1, "the next district", "theirs")
    with pytest.raises(Refused, match="needs_words"):
        desk.reopen("li", outside.id, 2, "  ")


def test_words_and_ids_that_cannot_be_stored_are_bad_input_and_leave_an_entry(desk):
    """The ledger says who tried even when it cannot repeat what."""
    new = desk.report("li", "x", lon=121.6, lat=29.9, matter=STALL)
    desk.assign("li", new.id, "e1", 1)
    for words in ("a\0b", "\ud800"):
        with pytest.raises(BadInput, match="half a character"):
            desk.hand_back("li", new.id, 2, words)
        assert desk.casebook.history(Kind.INCIDENT, new.id)[-1].deed == "refused:hand_back"
        with pytest.raises(BadInput):
            desk.report("li", words)
    before = desk.casebook.verify().entries
    with pytest.raises(BadInput):
        desk.accept("li", "\ud800", 1)
    with pytest.raises(BadInput):
        desk.report("\ud800", "x")
    with pytest.raises(Refused, match="unknown_matter"):
        desk.report("li", "x", matter="\ud800")
    added = desk.casebook.entries_since(before)
    assert [(entry.deed, entry.actor, entry.subject) for entry in added] == [
        ("refused:accept", "li", ascii("\ud800")),
        ("refused:report", ascii("\ud800"), ""),
        ("refused:report", "li", ""),
    ]
    assert desk.casebook.verify().whole


def test_a_deed_on_an_id_with_nul_leaves_an_entry(desk):
    """No database but SQLite would take it."""
    with pytest.raises(Unknown):
        desk.accept("li", "a\0", 1)
    assert desk.casebook.latest_entries(1)[0].subject == ascii("a\0")
