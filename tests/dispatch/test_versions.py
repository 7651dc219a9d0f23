"""Two versions of a list beside each other, and what a change leaves with nobody."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.records.case import Case, Party, PartyKind, Procedure
from dispatch.records.incident import Incident
from dispatch.rulebook.competence import Body, Mode, Power, RuleBook
from dispatch.rulebook.matters import Matter, Source
from dispatch.rulebook.versions import LIST_REASONS, compare, stranded

DISTRICT, NANMEN, GULIN = "330203", "330203001", "330203002"
TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MATTER = Matter(
    "stall", "C09", "占道经营", "Stall", "", "urban", 2, timedelta(hours=1), Procedure.SIMPLE, "basis", Source.DOCUMENT
)
BODIES = {
    NANMEN: Body(NANMEN, "南门街道", "Nanmen", NANMEN),
    GULIN: Body(GULIN, "古林镇", "Gulin", GULIN),
    "ZF": Body("ZF", "局", "Bureau", DISTRICT),
}


def a_power(town=NANMEN, body="", mode=Mode.EMPOWERED, since=2024, until=None, basis="decree 1"):
    return Power("stall", town, body or town, mode, basis, "", date(since, 1, 1), until, "list")


def a_book(*powers):
    return RuleBook({"stall": MATTER}, BODIES, powers)


def an_incident(name="i1", town=NANMEN, matter="stall"):
    return Incident(name, "a stall", 121.5, 29.9, "", town, matter, 2, NOW, NOW)


def a_case(name="k1", body=NANMEN):
    party = Party("p", "某店", PartyKind.ORGANISATION)
    return Case(name, "", "stall", NANMEN, body, "empowered", "", "", party, Procedure.SIMPLE, NOW)


def told(comparison):
    return [(line.code, dict(line.values)) for line in comparison.told()]


def test_a_list_beside_itself_says_nothing_in_any_order():
    """A keeper who only sorted the sheet has changed no power."""
    rows = [a_power(), a_power(GULIN)]
    assert compare(rows, rows[::-1]).same


def test_a_row_that_was_not_there_is_given():
    """What is told finds the row in the sheet: matter, place, body, mode, and the clause that gave it."""
    [(code, values)] = told(compare([], [a_power()]))
    assert code == "list_given"
    assert values == {
        "matter": "stall",
        "where": NANMEN,
        "body": NANMEN,
        "mode": "empowered",
        "basis": "decree 1",
        "since": "2024-01-01",
        "until": "",
    }


def test_a_row_that_ends_is_taken_back_and_one_that_is_gone_is_struck():
    """The one stays good for what was done under it, the other as if it had never been."""
    ended = replace(a_power(), valid_to=TODAY)
    assert told(compare([a_power()], [ended]))[0][0] == "list_taken_back"
    assert told(compare([a_power()], [ended]))[0][1]["until"] == "2026-03-02"
    assert told(compare([a_power()], []))[0][0] == "list_struck"


def test_a_row_that_ends_later_than_it_would_have_is_changed_and_not_taken_back():
    """Otherwise a keeper who prolongs a power reads that it is lost."""
    comparison = compare([a_power(until=TODAY)], [a_power(until=date(2027, 1, 1))])
    assert comparison.taken_back == ()
    assert told(comparison)[0][1]["column"] == "valid_to"


def test_every_column_that_differs_has_a_line():
    """A new clause and a new source are two things to check."""
    after = replace(a_power(), basis="decree 2", source="document")
    lines = told(compare([a_power()], [after]))
    assert [(code, values["column"], values["was"], values["is"]) for code, values in lines] == [
        ("list_changed", "basis", "decree 1", "decree 2"),
        ("list_changed", "source", "list", "document"),
    ]


def test_a_power_given_again_leaves_its_earlier_span_alone():
    """Give, take back, give again: only the last is new."""
    first = a_power(since=2022, until=date(2023, 12, 31))
    comparison = compare([first], [first, a_power()])
    assert [change.after for change in comparison.given] == [a_power()]
    assert (comparison.taken_back, comparison.changed) == ((), ())


ROWS = st.lists(
    st.builds(
        a_power,
        town=st.sampled_from([NANMEN, GULIN]),
        mode=st.sampled_from([Mode.EMPOWERED, Mode.STATUTORY]),
        since=st.integers(2020, 2024),
        until=st.sampled_from([None, date(2025, 1, 1), date(2026, 1, 1)]),
        basis=st.sampled_from(["decree 1", "decree 2"]),
    ),
    max_size=8,
)


@settings(max_examples=150)
@given(ROWS, ROWS)
def test_the_changes_lead_from_the_one_list_to_the_other(before, after):
    """A comparison that forgot a row would let it through unread."""
    comparison = compare(before, after)
    changes = [*comparison.given, *comparison.taken_back, *comparison.changed]
    gone = Counter(change.before for change in changes if change.before)
    come = Counter(change.after for change in changes if change.after)
    assert Counter(before) - gone + come == Counter(after)
    assert all((change.before is None) == (change in comparison.given) for change in changes)
    assert {line.code for line in comparison.told()} <= set(LIST_REASONS)
    assert all(any(True for _ in change.told()) for change in changes)


def test_an_incident_whose_only_actor_loses_the_power_is_stranded():
    """It would lie in the queue with every team grey."""
    [one] = stranded(a_book(a_power()), a_book(), [an_incident()], TODAY)
    assert (one.id, one.matter, one.town, one.body, one.since) == ("i1", "stall", NANMEN, "", TODAY)


def test_an_incident_is_not_stranded_while_anybody_can_act():
    """The bureau steps in; only a case needs the very body that has it."""
    bureau = a_power(DISTRICT, "ZF", Mode.DEPARTMENT)
    before, after = a_book(a_power(), bureau), a_book(bureau)
    assert [one.id for one in stranded(before, after, [an_incident(), a_case(), a_case("k2", "ZF")], TODAY)] == ["k1"]
    assert stranded(before, after, [a_case()], TODAY)[0].body == NANMEN


def test_a_power_that_ends_only_next_year_strands_from_then_on():
    """The keeper should hear it today, while there is time to finish."""
    ends = a_power(until=date(2026, 12, 31))
    [one] = stranded(a_book(a_power()), a_book(ends), [an_incident()], TODAY)
    assert one.since == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("before", "after", "incident"),
    [
        ([], [], an_incident()),
        ([a_power(until=date(2026, 3, 1))], [], an_incident()),
        ([a_power(GULIN)], [], an_incident()),
        ([a_power()], [], an_incident(matter="")),
        ([a_power()], [], an_incident(town="")),
        ([a_power()], [a_power(basis="decree 2")], an_incident()),
    ],
    ids=["never had", "over yesterday", "another town", "no matter yet", "no place yet", "another clause"],
)
def test_what_the_change_does_not_take_away_is_not_stranded_by_it(before, after, incident):
    """A list of false alarms is accepted unread."""
    assert stranded(a_book(*before), a_book(*after), [incident], TODAY) == []


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(2020, 2028), st.integers(0, 900)), max_size=3),
    st.lists(st.tuples(st.integers(2020, 2028), st.integers(0, 900)), max_size=3),
)
def test_stranding_is_found_on_the_first_day_that_asking_every_day_finds(before, after):
    """Looking only at the days on which something turns must miss none."""

    def book(spans):
        modes = (Mode.STATUTORY, Mode.EMPOWERED, Mode.DEPARTMENT)
        rows = [
            replace(a_power(mode=mode, since=since), valid_to=date(since, 1, 1) + timedelta(days=days))
            for mode, (since, days) in zip(modes, spans, strict=False)
        ]
        return a_book(*rows)

    old, new = book(before), book(after)
    days = (TODAY + timedelta(days=n) for n in range(365 * 6))
    asked = (
        day for day in days if old.resolve("stall", NANMEN, day).lawful and not new.resolve("stall", NANMEN, day).lawful
    )
    assert next(asked, None) == next((one.since for one in stranded(old, new, [an_incident()], TODAY)), None)
