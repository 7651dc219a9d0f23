"""The clock of an incident as its ledger tells it, and what people may do to it."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from dispatch.desk.clocks import CLOCK_DESK_REASONS, Clocks, checking, dispatching
from dispatch.desk.door import Door
from dispatch.desk.refusals import Refused, Stale
from dispatch.desk.voices import Voices
from dispatch.records.incident import WrongStep
from dispatch.rulebook.calendar import CHINA, Calendar
from dispatch.rulebook.deadlines import WrongClock
from dispatch.rulebook.terms import Term, Unit
from dispatch.store.ledger import Entry, Kind
from gis.schemas import BadInput
from tests.dispatch.conftest import incident, rulebook

START = datetime(2026, 3, 2, 9, 0, tzinfo=CHINA)
CALENDAR = Calendar({})
FOUR_HOURS = Term(4, Unit.WORKING_HOURS)


def after(hours: float) -> datetime:
    return START + timedelta(hours=hours)


@pytest.fixture
def clocks(casebook):
    """An incident reported at nine on a Monday, to be handled within four working hours: by 14:30."""
    matters = {code: replace(matter, limit=FOUR_HOURS) for code, matter in rulebook().matters.items()}
    casebook.add_incidents([replace(incident("A1"), reported_at=START)], at=START)
    return Clocks(Door(casebook, lambda: after(8)), matters, CALENDAR)


@pytest.fixture
def street(desk):
    """The desk of the same casebook, each deed at so many hours after the report."""

    def does(deed, *args, hours, **more):
        version = desk.casebook.incident("A1").version
        seen = ("e1", version) if deed == "assign" else (version, *args)
        return getattr(desk, deed)("desk", "A1", *seen, now=after(hours), **more)

    return does


def read(clocks, hours):
    book = clocks.casebook
    return clocks.read(book.incident("A1"), book.history(Kind.INCIDENT, "A1"), after(hours))


def do(clocks, deed, actor, *args, hours):
    version = clocks.casebook.incident("A1").version
    return getattr(clocks, deed)(actor, "A1", version, *args, now=after(hours))


def last(clocks):
    return clocks.casebook.history(Kind.INCIDENT, "A1")[-1]


def asked_and_approved(clocks, hours):
    do(clocks, "ask_extension", "an", "rain", hours=hours)
    do(clocks, "approve_extension", "bo", hours=hours)
    return do(clocks, "approve_extension", "chen", hours=hours)


def test_a_clock_runs_from_the_report_by_the_matters_limit(clocks):
    """Four working hours from nine, with the noon break."""
    found = read(clocks, 1)
    assert (found.due_at, found.remaining, found.overdue) == (after(5.5), 3, False)
    assert read(clocks, 6).overdue


def test_without_a_matter_it_has_seven_working_days(casebook):
    """So that what nobody has named does not lie without a limit."""
    casebook.add_incidents([replace(incident("B1", matter=""), reported_at=START)], at=START)
    found = Clocks(Door(casebook), {}, CALENDAR).read(
        casebook.incident("B1"), casebook.history(Kind.INCIDENT, "B1"), after(1)
    )
    assert found.due_at.date() == date(2026, 3, 12)


def test_a_pause_and_its_end_stand_in_the_ledger(clocks):
    """Each is a version of the incident with its reason; the clock is told from them alone."""
    do(clocks, "pause", "an", "waits for the owner", hours=1)
    assert read(clocks, 3).paused_since == after(1)
    do(clocks, "resume", "an", hours=6)
    found = read(clocks, 7)
    assert (found.due_at, found.paused_since) == (after(24), None)
    assert [entry.deed for entry in clocks.casebook.history(Kind.INCIDENT, "A1")][1:] == ["clock_pause", "clock_resume"]
    assert clocks.casebook.incident("A1").version == 3
    assert clocks.casebook.verify().whole


def test_an_unlawful_step_is_refused_and_leaves_who_tried(clocks):
    """The refusal names the event; the clock and the version stay."""
    do(clocks, "pause", "an", "waits", hours=1)
    with pytest.raises(WrongClock, match="cannot be paused"):
        do(clocks, "pause", "bo", "waits too", hours=2)
    entry = last(clocks)
    assert (entry.deed, entry.actor, entry.version_after) == ("refused:clock_pause", "bo", 2)
    assert "cannot be paused" in entry.details["said"]
    assert read(clocks, 3).paused_since == after(1)


def test_who_saw_an_older_version_is_refused(clocks):
    """Two people stop the same clock in one moment: one of them looks again."""
    do(clocks, "pause", "an", "waits", hours=1)
    with pytest.raises(Stale):
        clocks.resume("bo", "A1", 1, now=after(2))


@pytest.mark.parametrize(
    ("deed", "args"), [("pause", (" ",)), ("ask_extension", ("",)), ("suspend", (date(2026, 4, 1), ""))]
)
def test_a_clock_is_not_stopped_without_a_word(clocks, deed, args):
    """Whoever reads the explanation later wants to know why."""
    with pytest.raises(Refused, match="needs_words"):
        do(clocks, deed, "an", *args, hours=1)


def test_an_extension_takes_two_others(clocks):
    """The first approval changes nothing yet, the second adds the limit once more."""
    do(clocks, "ask_extension", "an", "rain", hours=1)
    assert read(clocks, 1).waiting
    do(clocks, "approve_extension", "bo", hours=1)
    assert read(clocks, 1).due_at == after(5.5)
    do(clocks, "approve_extension", "chen", hours=1)
    found = read(clocks, 1)
    assert (found.due_at, found.extensions, found.waiting) == (after(24.5), 1, False)


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ("an", None, "extension_own"),
        ("bo", "an", "extension_own"),
        ("bo", "bo", "extension_same_approver"),
        (" An", None, "extension_own"),
        ("bo", "BO ", "extension_same_approver"),
        ("bo", "ｂｏ", "extension_same_approver"),
    ],
)
def test_nobody_approves_their_own_or_twice(clocks, first, second, code):
    """Two levels are two people beside the one who asks."""
    do(clocks, "ask_extension", "an", "rain", hours=1)
    if second:
        do(clocks, "approve_extension", first, hours=1)
    with pytest.raises(Refused) as refused:
        do(clocks, "approve_extension", second or first, hours=2)
    assert refused.value.reasons[0].code == code
    assert code in CLOCK_DESK_REASONS
    assert read(clocks, 2).extensions == 0


@pytest.mark.parametrize(("deed", "args"), [("approve_extension", ()), ("refuse_extension", ("no",))])
def test_what_was_not_asked_cannot_be_answered(clocks, deed, args):
    """Nor what was answered already."""
    with pytest.raises(Refused, match="extension_not_asked"):
        do(clocks, deed, "bo", *args, hours=1)
    asked_and_approved(clocks, 1)
    with pytest.raises(Refused, match="extension_not_asked"):
        do(clocks, deed, "bo", *args, hours=1)


def test_a_refusal_does_not_count_and_one_may_ask_again(clocks):
    """Only approvals are limited to two."""
    do(clocks, "ask_extension", "an", "rain", hours=1)
    do(clocks, "approve_extension", "bo", hours=1)
    do(clocks, "refuse_extension", "chen", "it is dry", hours=1)
    do(clocks, "ask_extension", "an", "rain again", hours=2)
    with pytest.raises(Refused, match="extension_own"):
        do(clocks, "approve_extension", "an", hours=2)
    do(clocks, "approve_extension", "bo", hours=2)
    assert read(clocks, 2).extensions == 0, "the first approval of the refused request does not carry over"
    do(clocks, "approve_extension", "chen", hours=2)
    assert read(clocks, 2).extensions == 1


def test_a_third_extension_and_a_late_one_are_refused(clocks):
    """Twice, and only in time; the first approval is refused already."""
    asked_and_approved(clocks, 1)
    asked_and_approved(clocks, 1)
    with pytest.raises(WrongClock, match="2 times"):
        do(clocks, "ask_extension", "an", "rain", hours=1)


def test_nothing_is_extended_once_overdue(clocks):
    """Asked for in time and answered too late is too late."""
    do(clocks, "ask_extension", "an", "rain", hours=5)
    with pytest.raises(WrongClock, match="overdue"):
        do(clocks, "approve_extension", "bo", hours=6)
    assert last(clocks).deed == "refused:clock_extend"


def test_a_suspended_incident_wakes_by_itself(clocks):
    """And it can be suspended only once, which the ledger remembers."""
    do(clocks, "suspend", "an", date(2026, 3, 9), "the owner is abroad", hours=1)
    assert read(clocks, 24).paused_since == after(1)
    assert read(clocks, 7 * 24).paused_since is None
    with pytest.raises(WrongClock, match="only once"):
        do(clocks, "suspend", "an", date(2026, 4, 9), "again", hours=7 * 24)


def test_the_same_body_again_goes_on_and_the_clock_of_fifteen_minutes_runs_meanwhile(clocks, street):
    """A return stops the clock of those who handle and starts that of those who dispatch."""
    book = clocks.casebook
    street("assign", hours=0.5)
    street("hand_back", "not ours", hours=1)
    assert read(clocks, 2).paused_since == after(1)
    sending = dispatching(book.incident("A1"), book.history(Kind.INCIDENT, "A1"), CALENDAR, after(1.5))
    assert (sending.due_at, sending.overdue) == (after(1.25), True)
    street("assign", hours=2)
    assert read(clocks, 2.5).due_at == after(6.5)
    assert dispatching(book.incident("A1"), book.history(Kind.INCIDENT, "A1"), CALENDAR, after(3)) is None


def entry(number, deed, hours, details):
    return Entry(number, after(hours), "desk", deed, "incident", "A1", "", number, number + 1, details, "")


def test_another_body_begins_anew(clocks):
    """What the first one used up is not the second one's fault; even when its dispatch is taken back once more."""

    def sent(number, hours, body):
        return entry(number, "assign", hours, {"set": {"status": "assigned"}, "warrant": {"body": body}})

    back = entry(2, "hand_back", 2, {"was": {"status": "assigned"}, "set": {"status": "reported"}, "reason": "theirs"})
    undone = entry(4, "undo", 24.5, {"was": {"status": "assigned"}, "set": {"status": "reported"}})
    history = [sent(1, 0.5, "town"), back, sent(3, 24, "bureau"), undone, sent(5, 25, "bureau")]
    one = clocks.casebook.incident("A1")
    assert clocks.read(one, history[:3], after(24)).due_at == after(24 + 5.5)
    assert clocks.read(one, history[:4], after(24.6)).paused_since == after(24.5)
    assert clocks.read(one, history, after(26)).due_at == after(25 + 5.5)


def test_a_new_incident_has_fifteen_minutes_to_be_sent(clocks):
    """Counted from the report."""
    book = clocks.casebook
    assert dispatching(book.incident("A1"), book.history(Kind.INCIDENT, "A1"), CALENDAR, after(0)).due_at == after(0.25)


def test_a_dispatchers_own_correction_stops_nothing(clocks, street):
    """Taking a team back is not a return; the citizen waits all the same."""
    street("assign", hours=0.5)
    street("recall", "wrong team", hours=0.6)
    assert read(clocks, 1).paused_since is None
    assert read(clocks, 1).due_at == after(5.5)


def test_a_return_is_settled_once_the_next_team_has_accepted(clocks, street):
    """A correction after that is the dispatcher's own again."""
    street("assign", hours=0.2)
    street("hand_back", "not ours", hours=0.3)
    street("assign", hours=0.4)
    street("accept", hours=0.5)
    street("recall", "wrong team", hours=0.6)
    assert read(clocks, 1).paused_since is None


def test_checking_stops_the_clock_and_work_that_failed_runs_on(clocks, street):
    """What is found wanting gets no new time; the check itself has thirty minutes."""
    book = clocks.casebook
    street("assign", hours=0.5)
    street("accept", hours=0.5)
    street("arrive", hours=1)
    street("handle", "moved on", hours=2)
    looked = checking(book.incident("A1"), book.history(Kind.INCIDENT, "A1"), CALENDAR, after(2.1))
    assert looked.due_at == after(2.5)
    street("verify", passed=False, how="still there", hours=3)
    assert read(clocks, 3).due_at == after(6.5)
    assert checking(book.incident("A1"), book.history(Kind.INCIDENT, "A1"), CALENDAR, after(3)) is None


def test_what_was_found_in_order_counts_from_when_it_was_handled(clocks, street):
    """Verified and closed days later it was still in time; reopened it runs on."""
    for deed, args, hours in (
        ("assign", (), 0.5),
        ("accept", (), 0.5),
        ("arrive", (), 1),
        ("handle", ("moved on",), 2),
    ):
        street(deed, *args, hours=hours)
    street("verify", passed=True, how="seen", hours=50)
    street("close", hours=51)
    found = read(clocks, 100)
    assert (found.overdue, found.done_at, found.due_at) == (False, after(50), after(5.5))
    with pytest.raises(WrongStep):
        do(clocks, "pause", "an", "late", hours=101)
    street("reopen", "it is back", hours=120)
    assert read(clocks, 120).done_at is None
    assert read(clocks, 120).remaining == 2


def test_a_paused_clock_survives_what_the_street_does(clocks, street):
    """What happened has happened: a handled incident whose clock stood is no error on the screen."""
    street("assign", hours=0.5)
    do(clocks, "pause", "an", "waits", hours=0.6)
    street("accept", hours=1)
    street("arrive", hours=1)
    street("handle", "done", hours=30)
    street("verify", passed=True, how="seen", hours=31)
    assert read(clocks, 40).overdue is False


def test_a_merged_voice_is_done(clocks, casebook):
    """Its parent's clock counts."""
    casebook.add_incidents([replace(incident("P1"), reported_at=START)], at=START)
    Voices(casebook).merge("an", "A1", 1, "P1", 1, now=after(1))
    assert read(clocks, 50).done_at == after(1)
    Voices(casebook).part("an", "A1", 2, now=after(2))
    assert read(clocks, 2).done_at is None


def test_an_extension_given_in_time_stays_when_the_matter_is_changed(clocks):
    """Classified anew with one hour instead of four: late by the new limit, and no error on the screen."""
    do(clocks, "ask_extension", "an", "rain", hours=2)
    do(clocks, "approve_extension", "bo", hours=2)
    do(clocks, "approve_extension", "chen", hours=2)
    short = {code: replace(matter, limit=Term(1, Unit.WORKING_HOURS)) for code, matter in rulebook().matters.items()}
    found = read(Clocks(clocks, short, CALENDAR), 2.5)
    assert (found.extensions, found.due_at, found.overdue) == (1, after(2), True)


def test_no_deed_goes_in_before_another(clocks):
    """A clock that was set back must not rewrite what is in the ledger."""
    do(clocks, "pause", "an", "waits", hours=3)
    with pytest.raises(WrongClock, match="already"):
        do(clocks, "resume", "an", hours=2)
    assert read(clocks, 2.5).paused_since is None, "as of half past eleven nothing had happened"
    assert read(clocks, 4).paused_since == after(3)


@pytest.mark.parametrize("words", ["a\0b", "\ud800"])
def test_words_that_cannot_be_kept_stop_no_clock(clocks, words):
    """The entry says who tried; the clock runs on."""
    with pytest.raises(BadInput, match="half a character"):
        do(clocks, "pause", "an", words, hours=1)
    assert last(clocks).deed == "refused:clock_pause"
    assert read(clocks, 2).paused_since is None
