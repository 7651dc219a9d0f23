"""What may happen to an incident and to a team, and in which order."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.records.incident import OUT, Incident, Status, WrongStep
from dispatch.records.person import Account, Person
from dispatch.records.reason import Reason
from dispatch.records.team import Activity, Certificate, Officer, Role, Team

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)


def an_incident(**changes: object) -> Incident:
    usual = {
        "id": "I1",
        "text": "stall on the pavement",
        "lon": 121.55,
        "lat": 29.87,
        "cell": "330203001001001",
        "town": "330203001",
        "matter": "09006",
        "priority": 2,
        "reported_at": NOW,
        "due_at": NOW + timedelta(minutes=30),
    }
    return Incident(**{**usual, **changes})  # type: ignore[arg-type]


def an_officer(name: str, *fields: str, role: Role = Role.OFFICER, valid_to: date = date(2030, 1, 1)) -> Officer:
    return Officer(name, name, role, "330203001", tuple(Certificate(field, valid_to) for field in fields))


def a_team(*officers: Officer, **changes: object) -> Team:
    usual = {
        "id": "T1",
        "name": "Nanmen 1",
        "body": "330203001",
        "town": "330203001",
        "officers": officers,
        "lon": 121.54,
        "lat": 29.86,
        "profile": "car",
        "beat": frozenset({"330203001001"}),
        "on_duty_from": NOW - timedelta(hours=1),
        "on_duty_to": NOW + timedelta(hours=7),
    }
    return Team(**{**usual, **changes})  # type: ignore[arg-type]


def test_an_incident_goes_from_the_first_word_to_the_closed_file():
    """The order every case must keep; each step makes a new record one version on."""
    first = an_incident()
    last = first.assigned("T1").accepted().arrived().handled().verified().closed(NOW)
    assert (last.status, last.team, last.closed_at, last.version) == (Status.CLOSED, "T1", NOW, 7)
    assert (first.status, first.version) == (Status.REPORTED, 1)


STEPS = (
    "assigned",
    "recalled",
    "accepted",
    "arrived",
    "handed_back",
    "handled",
    "verified",
    "sent_back",
    "closed",
    "passed_on",
    "reopened",
    "merged_into",
    "parted",
    "noted",
)


@given(st.lists(st.sampled_from(STEPS), max_size=12))
def test_no_order_of_deeds_leaves_an_incident_half_way(deeds):
    """Whatever is tried, a reported incident has no team, any other has one; refusals change nothing."""
    incident = an_incident()
    arguments = {"assigned": ("T1",), "closed": (NOW,), "passed_on": (NOW,), "merged_into": ("I0",)}
    for deed in deeds:
        before = incident
        try:
            incident = getattr(incident, deed)(*arguments.get(deed, ()))
        except WrongStep:
            assert incident is before
        else:
            assert incident.version == before.version + 1
        if incident.status in OUT:
            assert incident.team == "T1"
        if incident.status in (Status.REPORTED, Status.MERGED):
            assert incident.team == ""
        assert (incident.closed_at is not None) == (incident.status is Status.CLOSED)
        assert (incident.parent != "") == (incident.status is Status.MERGED)


def test_a_recalled_incident_is_back_in_the_queue():
    """Undo of a dispatch must leave nothing of the team behind."""
    assert an_incident().assigned("T1").accepted().recalled().team == ""


def test_a_team_on_scene_cannot_be_recalled():
    """Somebody is already talking to the shopkeeper; that is closed, not undone."""
    on_scene = an_incident().assigned("T1").accepted().arrived()
    with pytest.raises(WrongStep, match="I1 is on_scene; it can be recalled only while it is assigned or accepted"):
        on_scene.recalled()


def test_an_incident_is_not_moved_under_a_team_that_is_on_its_way():
    """The team would drive to the old place."""
    with pytest.raises(WrongStep):
        an_incident().assigned("T1").located(121.0, 29.0, "", "")


def test_two_certified_officers_are_a_pair():
    """Administrative Penalty Law, article 42."""
    pair = a_team(an_officer("Lin", "urban"), an_officer("Wu", "urban", "fire")).pair_for("urban", TODAY)
    assert pair.lawful
    assert pair.officers == ("Lin", "Wu")


@pytest.mark.parametrize("role", [Role.AUXILIARY, Role.GRID_WORKER])
def test_an_auxiliary_is_never_half_of_a_pair(role):
    """Whatever paper an auxiliary or grid worker holds, only officers inspect and punish."""
    team = a_team(an_officer("Lin", "urban"), an_officer("Aux", "urban", role=role))
    assert not team.pair_for("urban", TODAY).lawful


def test_one_officer_listed_twice_is_not_a_pair():
    """A roster with a doubled row must not make an unlawful visit look lawful."""
    lin = an_officer("Lin", "urban")
    pair = a_team(lin, lin).pair_for("urban", TODAY)
    assert not pair.lawful
    assert pair.officers == ("Lin",)


def test_a_certificate_counts_through_its_last_day():
    """The day printed on the card is a working day."""
    lin = an_officer("Lin", "urban", valid_to=TODAY)
    assert lin.certified("urban", TODAY)
    assert not lin.certified("urban", TODAY + timedelta(days=1))
    assert not lin.certified("fire", TODAY)


def test_the_shift_ends_before_its_last_moment():
    """At the very minute of the change the next shift is on, not both."""
    team = a_team()
    assert team.on_duty(team.on_duty_from)
    assert not team.on_duty(team.on_duty_to)


def test_a_team_is_assigned_sets_out_arrives_and_is_free_again():
    """The incident goes on its record only when the work was done."""
    busy = a_team().assigned("I1").set_out().arrived(121.5, 29.8)
    assert (busy.activity, busy.incident, busy.lon) == (Activity.ON_SCENE, "I1", 121.5)
    assert busy.freed(done=True).done_today == 1
    assert busy.freed(done=False).done_today == 0
    assert busy.freed(done=True).incident == ""


def test_a_busy_team_gets_no_second_incident_and_a_free_one_is_not_freed():
    """The message says which incident it has."""
    with pytest.raises(WrongStep, match="T1 is assigned with incident I1"):
        a_team().assigned("I1").assigned("I2")
    with pytest.raises(WrongStep, match="free already"):
        a_team().freed(done=True)


def test_a_position_report_is_no_deed():
    """Otherwise every beacon would make a dispatcher's click come too late."""
    assert a_team().moved(121.0, 29.0).version == a_team().version


@pytest.mark.parametrize(
    ("facts", "account"),
    [
        ({}, Account.CLOSED),
        ({"email": "a@x"}, Account.PROVIDER),
        ({"password": "$argon2"}, Account.ACTIVE),
        ({"password": "$argon2", "must_change": True}, Account.ONE_TIME),
        ({"password": "$argon2", "active": False}, Account.LET_GO),
    ],
)
def test_how_somebody_comes_in_reads_the_same_everywhere(facts, account):
    """On the screen of people, on the terminal, and where the last administrator is counted."""
    assert Person("anna", "Anna", (), **facts).account is account


def test_a_reason_reads_as_code_and_values():
    """So a log line tells as much as the screen."""
    assert str(Reason("late", False, {"late_min": 4})) == "late(late_min=4)"
    assert str(Reason("unreachable", False)) == "unreachable"
