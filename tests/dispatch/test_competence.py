"""Who may act on what, where, since when and in whose name; the smallest district in which it matters."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.records.case import Procedure
from dispatch.rulebook.competence import (
    PROOF_REASONS,
    Body,
    Mode,
    Power,
    RuleBook,
    read_bodies,
    read_powers,
    read_rulebook,
)
from dispatch.rulebook.matters import COLUMNS, Kind, Matter, Reserved, Source, Why, read_reserved
from gis.schemas import BadInput

DISTRICT, NANMEN, GULIN = "330203", "330203001", "330203002"
DAY = date(2026, 3, 2)
BODIES = {
    "bureau": Body("bureau", "海曙区综合行政执法局", "Haishu Enforcement Bureau", DISTRICT),
    "fire": Body("fire", "海曙区消防救援大队", "Haishu Fire Brigade", DISTRICT),
    NANMEN: Body(NANMEN, "南门街道办事处", "Nanmen Subdistrict", NANMEN),
    GULIN: Body(GULIN, "古林镇人民政府", "Gulin Town", GULIN),
}


def a_matter(code: str, category: str = "C09") -> Matter:
    hour = timedelta(hours=1)
    return Matter(code, category, "占道经营", "Stall", "", "urban", 2, hour, Procedure.SIMPLE, "basis", Source.DOCUMENT)


MATTERS = {
    m.code: m for m in (a_matter("stall"), a_matter("awning"), a_matter("hydrant", "C08"), a_matter("ask", "C00"))
}


def a_power(matter="stall", town=NANMEN, body=NANMEN, mode=Mode.EMPOWERED, principal="", since=2024, until=None):
    return Power(matter, town, body, mode, f"notice of {since}", principal, date(since, 1, 1), until, "list")


UNDER = replace(a_matter("under"), under=("F01", "W02"))
F01 = replace(a_matter("F01", "C90"), kind=Kind.STATUTORY, name_zh="对占道经营的处罚", name_en="Penalty for stalls")
W02 = replace(a_matter("W02", "C90"), kind=Kind.DELEGATED)


def a_listed_book(*powers: Power, **changes: Matter) -> RuleBook:
    """A situation under two listed powers, one of which may be given otherwise."""
    return RuleBook({"under": UNDER, "F01": F01, "W02": W02, **changes}, BODIES, powers)


def a_book(*powers: Power) -> RuleBook:
    return RuleBook(MATTERS, BODIES, powers)


def codes(answer):
    return [reason.code for reason in answer.proof]


def test_an_empowered_town_acts_in_its_own_name():
    """Article 24: the province gives the power, the town signs."""
    answer = a_book(a_power()).resolve("stall", NANMEN, DAY)
    [actor] = answer.actors
    assert (actor.body, actor.mode, actor.letterhead) == (NANMEN, Mode.EMPOWERED, "南门街道办事处")
    assert codes(answer) == ["matter_found", "power_in_force", "own_name"]
    assert answer.why.values["basis"] == "notice of 2024"


def test_a_delegated_town_acts_in_the_principals_name():
    """Article 20: the letterhead and the seal are the bureau's."""
    own = a_power(town=DISTRICT, body="bureau", mode=Mode.DEPARTMENT)
    book = a_book(own, a_power(mode=Mode.DELEGATED, principal="bureau"))
    actor = book.resolve("stall", NANMEN, DAY).actors[0]
    assert (actor.body, actor.letterhead) == (NANMEN, "海曙区综合行政执法局")
    assert "in_name_of" in codes(book.resolve("stall", NANMEN, DAY))


def test_a_power_ends_at_its_towns_border():
    """Article 22: Nanmen's list says nothing about Gulin."""
    answer = a_book(a_power()).resolve("stall", GULIN, DAY)
    assert not answer.lawful
    assert answer.why.code == "nobody_has_power"


def test_the_district_stands_for_every_town():
    """A department's power is listed once, not seventeen times."""
    book = a_book(a_power(town=DISTRICT, body="bureau", mode=Mode.DEPARTMENT))
    assert all(book.resolve("stall", town, DAY).actor("bureau") for town in (NANMEN, GULIN))


def test_a_category_stands_for_all_its_matters():
    """Lists are often given by field of work."""
    book = a_book(a_power("C09"))
    assert book.resolve("awning", NANMEN, DAY).lawful
    assert not book.resolve("hydrant", NANMEN, DAY).lawful


def test_a_power_counts_on_its_first_and_its_last_day():
    """An act on the day before is void, one on the last day is not."""
    book = a_book(a_power(since=2024, until=date(2025, 2, 28)))
    lawful = [
        book.resolve("stall", NANMEN, day).lawful
        for day in (date(2023, 12, 31), date(2024, 1, 1), date(2025, 2, 28), date(2025, 3, 1))
    ]
    assert lawful == [False, True, True, False]


def test_a_power_taken_back_says_since_when():
    """What the dispatcher reads on the grey card."""
    answer = a_book(a_power(until=date(2025, 2, 28))).resolve("stall", NANMEN, DAY)
    assert (answer.why.code, answer.why.values["on"]) == ("taken_back", "2025-03-01")
    assert "power_taken_back" in codes(answer)


def test_a_power_to_come_says_from_when():
    """So nobody sends a team a week early."""
    answer = a_book(a_power(since=2027)).resolve("stall", NANMEN, DAY)
    assert (answer.why.code, answer.why.values["on"]) == ("given_from", "2027-01-01")


@pytest.mark.parametrize(
    ("matter", "town", "code"),
    [
        ("ask", NANMEN, "not_enforcement"),
        ("", NANMEN, "no_matter"),
        ("x", NANMEN, "unknown_matter"),
        ("stall", "", "no_town"),
    ],
)
def test_nobody_may_act_is_an_answer_with_its_reason(matter, town, code):
    """A dispatcher who sees an empty list needs to know what to do about it."""
    answer = a_book(a_power()).resolve(matter, town, DAY)
    assert answer.actors == ()
    assert (answer.why.code, answer.why.good) == (code, False)


def test_ones_own_power_comes_before_a_delegated_and_the_town_before_the_department():
    """The first actor is the one a dispatcher asks first."""
    book = a_book(
        a_power(town=DISTRICT, body="bureau", mode=Mode.DEPARTMENT),
        a_power(mode=Mode.DELEGATED, principal="bureau"),
        a_power(mode=Mode.STATUTORY),
    )
    answer = book.resolve("stall", NANMEN, DAY)
    assert [actor.mode for actor in answer.actors] == [Mode.STATUTORY, Mode.DELEGATED, Mode.DEPARTMENT]
    assert answer.actor(NANMEN).mode is Mode.STATUTORY


def test_a_power_listed_for_the_matter_and_its_category_is_one_power():
    """Both rows stand in the proof, the body once among the actors."""
    answer = a_book(a_power("C09", since=2022), a_power("stall")).resolve("stall", NANMEN, DAY)
    assert [actor.basis for actor in answer.actors] == ["notice of 2024"]
    assert codes(answer).count("power_in_force") == 2


def test_a_power_on_the_listed_power_is_a_power_on_what_falls_under_it():
    """What people see is a situation; what the province gave is a power by its own name."""
    answer = a_listed_book(a_power("F01")).resolve("under", NANMEN, DAY)
    assert answer.actor(NANMEN).basis == "notice of 2024"
    row = answer.proof[1].values
    assert (row["matter"], row["name_zh"], row["stands_for"]) == ("F01", "对占道经营的处罚", "listed_power")


def test_every_listed_power_of_a_matter_is_looked_under():
    """The usual one first, the others as well."""
    assert a_listed_book(a_power("W02")).resolve("under", NANMEN, DAY).lawful
    assert not a_listed_book(a_power("W02")).resolve("F01", NANMEN, DAY).lawful


def test_the_category_of_a_listed_power_gives_nothing_over_what_falls_under_it():
    """Otherwise one row over all remaining powers would reach situations of every category."""
    assert not a_listed_book(a_power("C90")).resolve("under", NANMEN, DAY).lawful


def test_the_matters_own_row_is_named_before_that_of_a_listed_power_and_of_the_category():
    """The narrowest row is the one a document quotes."""
    book = a_listed_book(a_power("C09", since=2021), a_power("F01", since=2022), a_power("under", since=2023))
    answer = book.resolve("under", NANMEN, DAY)
    rows = [reason.values["stands_for"] for reason in answer.proof if reason.code == "power_in_force"]
    assert rows == ["matter_itself", "listed_power", "whole_category"]
    assert [actor.basis for actor in answer.actors] == ["notice of 2023"]


def test_a_listed_power_that_is_not_in_force_gives_nothing():
    """The row on the town's list outlives the statute it was taken from; the proof says which has ended."""
    ended = replace(F01, valid_from=date(2022, 1, 1), valid_to=date(2025, 12, 31))
    book = a_listed_book(a_power("F01"), F01=ended)
    assert book.resolve("under", NANMEN, date(2025, 12, 31)).lawful
    answer = book.resolve("under", NANMEN, DAY)
    assert codes(answer) == ["matter_found", "power_not_listed", "taken_back"]
    assert answer.proof[1].values["listed_until"] == "2025-12-31"
    assert answer.why.values["on"] == "2026-01-01"


@pytest.mark.parametrize(
    ("since", "until"), [(date(2027, 1, 1), None), (date(2020, 1, 1), date(2025, 12, 31))], ids=["to come", "repealed"]
)
def test_a_matter_that_is_not_in_force_on_the_day_is_nobodys(since, until):
    """The law at the time of the act decides (article 37), whatever the list of powers still says."""
    stall = replace(MATTERS["stall"], valid_from=since, valid_to=until)
    answer = RuleBook({"stall": stall}, BODIES, (a_power(since=2019),)).resolve("stall", NANMEN, DAY)
    assert (answer.lawful, answer.why.code) == (False, "matter_not_in_force")
    assert answer.why.values == {
        "matter": "stall",
        "since": since.isoformat(),
        "until": until.isoformat() if until else "",
    }


def test_every_row_that_was_looked_at_stands_in_the_proof_with_what_finds_it_again():
    """A lawyer checks the answer against the list, line by line, also the lines that were passed over."""
    district = a_power("C09", town=DISTRICT, body="bureau", mode=Mode.DEPARTMENT)
    ended = a_power(until=date(2025, 2, 28))
    told = [r for r in a_book(district, ended).resolve("stall", NANMEN, DAY).proof if r.code.startswith("power_")]
    assert [(r.code, r.good) for r in told] == [("power_taken_back", False), ("power_in_force", True)]
    assert dict(told[0].values) == {
        "matter": "stall",
        "name_zh": "占道经营",
        "name_en": "Stall",
        "stands_for": "matter_itself",
        "where": NANMEN,
        "reach": "this_town",
        "body": NANMEN,
        "body_zh": "南门街道办事处",
        "body_en": "Nanmen Subdistrict",
        "mode": "empowered",
        "basis": "notice of 2024",
        "principal": "",
        "source": "list",
        "since": "2024-01-01",
        "until": "2025-02-28",
    }
    assert (told[1].values["where"], told[1].values["reach"]) == (DISTRICT, "whole_district")
    assert (told[1].values["matter"], told[1].values["stands_for"]) == ("C09", "whole_category")


def test_an_illustrative_row_is_accepted_and_says_that_nobody_vouched_for_it():
    """Shipped lists show how it works; the legal department has to put its own in their place."""
    row = replace(a_power(), source=Source.ILLUSTRATIVE.value)
    answer = a_book(row).resolve("stall", NANMEN, DAY)
    assert answer.lawful
    assert codes(answer) == ["matter_found", "power_in_force", "own_name", "row_illustrative"]
    assert answer.proof[-1].good is None
    assert "row_illustrative" not in codes(a_book(a_power()).resolve("stall", NANMEN, DAY))


def test_the_days_on_which_an_answer_turns_are_the_first_days_and_the_days_after_the_last():
    """Whoever asks about all days to come asks about these."""
    book = a_book(a_power(until=date(2025, 2, 28)), a_power(since=2026))
    assert book.turning_days("stall", NANMEN) == (date.min, date(2024, 1, 1), date(2025, 3, 1), date(2026, 1, 1))
    assert book.turning_days("x", NANMEN) == (date.min,)


def test_the_last_day_there_is_is_as_good_as_no_end():
    """Some systems write 9999-12-31 where they mean that nobody has taken it back."""
    book = a_book(a_power(until=date.max))
    assert book.resolve("stall", NANMEN, date.max).lawful
    assert book.resolve("stall", NANMEN, date.min).why.code == "given_from"


@pytest.mark.parametrize(
    ("power", "column"),
    [
        (a_power(mode=Mode.DELEGATED), "principal"),
        (a_power(mode=Mode.DELEGATED, principal=NANMEN), "principal"),
        (a_power(principal="bureau"), "principal"),
        (a_power(matter="unheard"), "matter"),
        (a_power(town=GULIN), "town"),
        (a_power(town=DISTRICT), "town"),
        (a_power(body="nobody"), "body"),
        (a_power(mode=Mode.DELEGATED, principal="nobody"), "principal"),
        (a_power(until=date(2023, 1, 1)), "valid_to"),
    ],
)
def test_a_power_that_would_not_hold_in_court_is_refused(power, column):
    """Better an error over the list than a void act on the street."""
    with pytest.raises(BadInput) as refused:
        a_book(power)
    assert [fault.column for fault in refused.value.faults] == [column]


def test_what_is_delegated_cannot_be_delegated_on():
    """Article 20: the entrusted body may not entrust another."""
    pool = Body("pool", "片区中队", "Area squad", DISTRICT)
    first = a_power(town=DISTRICT, body="pool", mode=Mode.DELEGATED, principal="bureau")
    second = a_power(town=DISTRICT, body="fire", mode=Mode.DELEGATED, principal="pool")
    with pytest.raises(BadInput, match="article 20"):
        RuleBook(MATTERS, {**BODIES, "pool": pool}, (first, second))


@pytest.mark.parametrize(
    "own",
    [
        a_power(town=GULIN, body=GULIN),
        a_power("C08", town=DISTRICT, body="bureau", mode=Mode.DEPARTMENT),
        a_power(town=DISTRICT, body="bureau", mode=Mode.DEPARTMENT, since=2026),
        a_power(town=DISTRICT, body="bureau", mode=Mode.DEPARTMENT, until=date(2025, 12, 31)),
    ],
    ids=["another body", "another category", "only later", "not for as long"],
)
def test_nobody_delegates_what_it_does_not_hold(own):
    """Article 20: a department entrusts within its own powers, in matter, place and time."""
    with pytest.raises(BadInput, match="article 20"):
        a_book(own, a_power(mode=Mode.DELEGATED, principal="bureau"))


def test_a_power_over_the_category_in_the_district_can_be_delegated_for_one_matter_in_one_town():
    """The wider power holds the narrower."""
    own = a_power("C09", town=DISTRICT, body="bureau", mode=Mode.DEPARTMENT)
    book = a_book(own, a_power(mode=Mode.DELEGATED, principal="bureau"))
    assert book.resolve("stall", NANMEN, DAY).actor(NANMEN).mode is Mode.DELEGATED


def test_a_listed_power_can_be_delegated_for_one_situation_that_falls_under_it():
    """The wider power holds the narrower."""
    own = a_power("F01", town=DISTRICT, body="bureau", mode=Mode.DEPARTMENT)
    book = a_listed_book(own, a_power("under", mode=Mode.DELEGATED, principal="bureau"))
    assert book.resolve("under", NANMEN, DAY).actor(NANMEN).mode is Mode.DELEGATED


def test_two_rows_for_the_same_days_are_refused():
    """Which basis would the document quote?"""
    with pytest.raises(BadInput, match="row 2 does not cover"):
        a_book(a_power(since=2022), a_power(since=2024))


def test_a_power_given_again_after_it_was_taken_back_is_fine():
    """Give, take back, give again: three rows of history, none overlapping."""
    book = a_book(a_power(since=2022, until=date(2023, 12, 31)), a_power(since=2024))
    assert book.resolve("stall", NANMEN, DAY).lawful


POWERS = st.builds(
    a_power,
    matter=st.sampled_from(["under", "F01", "W02", "C09", "C90"]),
    town=st.just(NANMEN),
    mode=st.sampled_from([Mode.STATUTORY, Mode.EMPOWERED]),
    since=st.integers(2022, 2027),
    until=st.one_of(st.none(), st.dates(date(2027, 1, 1), date(2029, 1, 1))),
)
SPANS = st.tuples(
    st.dates(date(2021, 1, 1), date(2025, 1, 1)), st.none() | st.dates(date(2025, 1, 1), date(2029, 1, 1))
)


@settings(max_examples=80)
@given(
    st.lists(POWERS, max_size=6, unique_by=lambda p: (p.matter, p.mode)),
    st.tuples(SPANS, SPANS, SPANS),
    st.lists(st.dates(date(2020, 1, 1), date(2030, 1, 1)), min_size=1, max_size=8),
)
def test_the_answer_is_what_reading_every_row_by_hand_gives(powers, spans, days):
    """The index must never find more or fewer powers than a clerk with the list; every word has its wording."""
    listed = {
        matter.code: replace(matter, valid_from=since, valid_to=until)
        for matter, (since, until) in zip((UNDER, F01, W02), spans, strict=True)
    }
    book = a_listed_book(*powers, **listed)
    for day in days:
        answer = book.resolve("under", NANMEN, day)
        by_hand = {
            p.mode
            for p in powers
            if p.matter in ("under", "F01", "W02", "C09")
            and p.valid_from <= day <= (p.valid_to or date.max)
            and listed["under"].in_force(day)
            and (p.matter not in listed or listed[p.matter].in_force(day))
        }
        assert {actor.mode for actor in answer.actors} == by_hand
        assert set(codes(answer)) <= set(PROOF_REASONS)
        assert answer.why.good is bool(by_hand)
        assert answer.day == day


@pytest.fixture
def folder(tmp_path):
    stall = {
        "code": "stall",
        "category": "C09",
        "kind": "situation",
        "name_zh": "占道",
        "name_en": "Stall",
        "field": "urban",
        "priority": "2",
        "respond_within_min": "60",
        "procedure": "simple",
        "limit": "7",
        "limit_unit": "working_days",
        "lead": "enforcement",
        "basis": "rules",
        "source": "document",
        "valid_from": "2022-01-01",
    }
    matters = ",".join(COLUMNS) + "\n" + ",".join(stall.get(column, "") for column in COLUMNS) + "\n"
    bodies = f"id,name_zh,name_en,town\n{NANMEN},南门,Nanmen,{NANMEN}\nbureau,局,Bureau,{DISTRICT}\n"
    powers = (
        "matter,town,body,mode,basis,principal,valid_from,valid_to,source\n"
        f"C09,{NANMEN},{NANMEN},delegated,notice 7,bureau,2024-01-01,,document\n"
        f"C09,{DISTRICT},bureau,department,duty list,,2020-01-01,,document\n"
    )
    for name, text in (("matters", matters), ("bodies", bodies), ("powers", powers)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_rule_book_is_read_from_three_lists(folder):
    """The form in which a legal department keeps it."""
    assert read_rulebook(folder).resolve("stall", NANMEN, DAY).actors[0].letterhead == "局"


def test_a_power_without_basis_or_principal_is_refused_at_reading(folder):
    """The row is named, so that it can be mended in the sheet."""
    path = folder / "powers.csv"
    path.write_text(path.read_text("utf-8").replace("notice 7,bureau", ","), encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_powers(path)
    assert [(f.file, f.row, f.column) for f in refused.value.faults] == [
        ("powers.csv", 2, "basis"),
        ("powers.csv", 2, "principal"),
    ]


@pytest.mark.parametrize("wrong", ["2024-02-30", "01.01.2024", "", "20240101"])
def test_a_date_that_is_none_is_refused(folder, wrong):
    """30 February and Excel's local dates are the usual suspects."""
    path = folder / "powers.csv"
    path.write_text(path.read_text("utf-8").replace("2024-01-01", wrong), encoding="utf-8")
    with pytest.raises(BadInput, match="valid_from"):
        read_powers(path)


def test_a_body_stands_once_and_somewhere(folder):
    """An officer's body decides the letterhead."""
    path = folder / "bodies.csv"
    path.write_text(path.read_text("utf-8") + f"bureau,局,Bureau,{DISTRICT}\nx,某,Some,33\n", encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_bodies(path)
    assert [(f.row, f.column) for f in refused.value.faults] == [(4, "id"), (5, "town")]


def test_a_body_may_say_of_which_department_it_is(folder):
    """So that a matter's lead department finds its body in this place; an older list has no such column."""
    path = folder / "bodies.csv"
    assert read_bodies(path)["bureau"].department == ""
    path.write_text(f"id,name_zh,name_en,town,department\nb,局,Bureau,{DISTRICT},fire\n", encoding="utf-8")
    assert read_bodies(path)["b"].department == "fire"
    path.write_text(f"id,name_zh,name_en,town,department,department\nb,局,B,{DISTRICT},fire,\n", encoding="utf-8")
    with pytest.raises(BadInput, match="2 columns of that name"):
        read_bodies(path)


def reserved_book(*powers: Power) -> RuleBook:
    stays = Reserved(Why.URGENT, "《示例分工》第三条", Source.ILLUSTRATIVE)
    return RuleBook({**MATTERS, "stall": replace(MATTERS["stall"], reserved=stays)}, BODIES, powers)


def test_what_is_reserved_stays_with_the_bureau_and_the_town_is_told_why():
    bureau = a_power(town=DISTRICT, body="bureau", mode=Mode.DEPARTMENT)
    answer = reserved_book(a_power(), bureau).resolve("stall", NANMEN, DAY)
    assert [actor.body for actor in answer.actors] == ["bureau"]
    assert codes(answer) == ["matter_found", "power_stays_above", "power_in_force", "own_name"]
    assert answer.why.values["body"] == "bureau"
    kept = answer.proof[1]
    assert (kept.good, kept.values["body"], kept.values["why"], kept.values["clause"]) == (
        False,
        NANMEN,
        "urgent",
        "《示例分工》第三条",
    )


def test_what_is_reserved_is_not_left_with_nobody():
    """Where nobody above the town may act, or no longer, the town still does."""
    ended = a_power(town=DISTRICT, body="bureau", mode=Mode.DEPARTMENT, until=date(2025, 12, 31))
    book = reserved_book(a_power(), ended)
    assert [actor.body for actor in book.resolve("stall", NANMEN, DAY).actors] == [NANMEN]
    assert [actor.body for actor in book.resolve("stall", NANMEN, date(2025, 6, 1)).actors] == ["bureau"]


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("nothing,urgent,b,statute", "row 2, column matter: found 'nothing'"),
        ("stall,slow,b,statute", "one of cross_town, urgent, technical"),
        ("stall,urgent,,statute", "column basis: found nothing"),
        ("stall,urgent,b,statute\nurban,technical,b,statute", "row 3, column matter: .* stall is reserved already"),
    ],
)
def test_rows_of_what_is_reserved_are_refused_by_number(tmp_path, row, word):
    path = tmp_path / "reserved.csv"
    path.write_text(f"matter,why,basis,source\n{row}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=word):
        read_reserved(path, MATTERS)


def test_a_field_reserves_all_its_matters(tmp_path):
    path = tmp_path / "reserved.csv"
    path.write_text("matter,why,basis,source\nurban,technical,b,document\n", encoding="utf-8")
    assert all(
        matter.reserved == (Why.TECHNICAL, "b", Source.DOCUMENT) for matter in read_reserved(path, MATTERS).values()
    )
