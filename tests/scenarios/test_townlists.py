"""Powers are given by lists for kinds of towns; what a town may do must follow from them row by row."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.records.case import Procedure
from dispatch.rulebook.competence import Body, Mode, RuleBook
from dispatch.rulebook.matters import Kind, Matter, Source
from dispatch.rulebook.powers import read_bodies
from gis.schemas import BadInput
from scenarios.builder import HERE
from scenarios.offices import departments, governments
from scenarios.placefile import read_place
from scenarios.townlists import (
    LIST_COLUMNS,
    ListedPower,
    TownType,
    expand,
    read_town_lists,
    read_town_types,
)

DISTRICT, STREET, TOWN, BARE = "330203", "330203009", "330203100", "330203101"
DAY = date(2026, 3, 2)
TYPES = {STREET: TownType.MAIN_STREET, TOWN: TownType.DEVELOPED_TOWN, BARE: TownType.MAIN_STREET}
BODIES = {
    "TRAF": Body("TRAF", "交警大队", "Traffic Police", DISTRICT, "traffic"),
    STREET: Body(STREET, "石碶街道办事处", "Shiqi", STREET, "town"),
    TOWN: Body(TOWN, "高桥镇人民政府", "Gaoqiao", TOWN, "town"),
}
KINDS = {"F": Kind.STATUTORY, "T": Kind.UNIVERSAL, "Z": Kind.OPTIONAL, "W": Kind.DELEGATED, "Y": Kind.ONE_THING}


def a_matter(code: str) -> Matter:
    hour, kind = timedelta(hours=1), KINDS.get(code[0], Kind.SITUATION)
    return Matter(code, "C90", "事项", "Matter", "", "city", 3, hour, Procedure.SIMPLE, "basis", Source.DOCUMENT, kind)


MATTERS = {code: a_matter(code) for code in ("F01", "T01", "Z01", "Z02", "W01", "C08-01")}
GOOD = {
    "statute": ("all", "F01", "statutory", "", "statute", "2024-01-01", "", "illustrative"),
    "chosen": ("main_street", "Z01", "empowered", "", "decision", "2024-01-01", "2024-12-31", "illustrative"),
    "entrusted": ("all", "W01", "delegated", "traffic", "letter", "2024-01-01", "", "illustrative"),
    "held": ("district", "W01", "department", "traffic", "law", "2021-04-29", "", "illustrative"),
}


@pytest.fixture
def listed(tmp_path: Path):
    """``listed(*rows)``: the rows written to a file and read back."""

    def read(*rows: tuple[str, ...]) -> tuple[ListedPower, ...]:
        path = tmp_path / "lists.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([LIST_COLUMNS, *rows])
        return read_town_lists(path, MATTERS)

    return read


def changed(name: str, **fields: str) -> tuple[str, ...]:
    return tuple(fields.get(column, value) for column, value in zip(LIST_COLUMNS, GOOD[name], strict=True))


def test_a_power_for_all_towns_is_one_power_for_each_in_its_own_name(listed):
    """The list names it once; the proof must name the town's own row."""
    powers = expand(listed(GOOD["statute"]), TYPES, BODIES)
    assert [(power.town, power.body, power.mode) for power in powers] == [
        (STREET, STREET, Mode.STATUTORY),
        (TOWN, TOWN, Mode.STATUTORY),
    ]


def test_a_town_takes_the_choice_of_its_type_only(listed):
    """A main street has no use for an industry town's powers, and must not act on them."""
    assert {power.town for power in expand(listed(GOOD["chosen"]), TYPES, BODIES)} == {STREET}


def test_a_town_without_a_type_takes_nothing(listed):
    assert expand(listed(GOOD["statute"]), {}, BODIES) == ()


def test_a_town_without_a_body_of_its_own_takes_nothing(listed):
    """Nobody there could sign."""
    assert BARE not in {power.town for power in expand(listed(*GOOD.values()), TYPES, BODIES)}


def test_what_is_taken_back_ends_on_its_day(listed):
    """Give in 2024, take back for 2025: the last day counts, the next does not."""
    book = RuleBook(MATTERS, BODIES, expand(listed(GOOD["chosen"]), TYPES, BODIES))
    assert book.resolve("Z01", STREET, date(2024, 12, 31)).lawful
    assert book.resolve("Z01", STREET, date(2025, 1, 1)).why.code == "taken_back"


def test_a_delegated_power_is_used_in_the_departments_name_which_holds_it_itself(listed):
    """Article 20: without the department's own row the rule book refuses the delegation."""
    book = RuleBook(MATTERS, BODIES, expand(listed(GOOD["entrusted"], GOOD["held"]), TYPES, BODIES))
    assert book.resolve("W01", TOWN, DAY).actor(TOWN).letterhead == "交警大队"
    assert book.resolve("W01", BARE, DAY).actor("TRAF").mode is Mode.DEPARTMENT
    with pytest.raises(BadInput, match="article 20"):
        RuleBook(MATTERS, BODIES, expand(listed(GOOD["entrusted"]), TYPES, BODIES))


@pytest.mark.parametrize("twice", [False, True], ids=["nobody", "two bodies"])
def test_a_department_is_one_body_of_the_place_or_the_rows_are_named(listed, twice):
    """In whose name would the town sign?"""
    bodies = {STREET: BODIES[STREET]}
    if twice:
        bodies |= {name: Body(name, "大队", "Squad", DISTRICT, "traffic") for name in ("A", "B")}
    with pytest.raises(BadInput) as refused:
        expand(listed(*GOOD.values()), TYPES, bodies)
    assert [(fault.row, fault.column) for fault in refused.value.faults] == [(4, "principal"), (5, "principal")]


@pytest.mark.parametrize(
    ("name", "fields", "columns"),
    [
        ("statute", {"town_type": "village"}, ["town_type"]),
        ("statute", {"matter": "F99"}, ["matter"]),
        ("statute", {"matter": "C08-01"}, ["matter"]),
        ("statute", {"mode": "empowered"}, ["mode"]),
        ("statute", {"principal": "traffic"}, ["principal"]),
        ("statute", {"basis": ""}, ["basis"]),
        ("statute", {"source": ""}, ["source"]),
        ("statute", {"valid_from": "1.1.2024"}, ["valid_from"]),
        ("chosen", {"valid_to": "2023-12-31"}, ["valid_to"]),
        ("chosen", {"mode": "delegated", "principal": "traffic"}, ["mode"]),
        ("entrusted", {"principal": ""}, ["principal"]),
        ("entrusted", {"town_type": "district"}, ["town_type"]),
        ("held", {"town_type": "all"}, ["town_type"]),
    ],
)
def test_a_row_that_would_give_a_void_power_is_named(listed, name, fields, columns):
    """Article 38: better an error over the list than a void act on the street."""
    with pytest.raises(BadInput) as refused:
        listed(changed(name, **fields))
    assert [(fault.row, fault.column) for fault in refused.value.faults] == [(2, column) for column in columns]


def test_all_bad_rows_are_told_at_once(listed):
    """Nobody mends a list of two hundred rows one error at a time."""
    with pytest.raises(BadInput) as refused:
        listed(changed("statute", basis=""), GOOD["held"], changed("chosen", matter="Z99"))
    assert [fault.row for fault in refused.value.faults] == [2, 4]


@pytest.mark.parametrize(
    ("fields", "fine"),
    [
        ({}, False),
        ({"town_type": "all"}, False),
        ({"town_type": "developed_town"}, True),
        ({"matter": "Z02"}, True),
        ({"valid_from": "2025-01-01", "valid_to": ""}, True),
        ({"valid_from": "2024-12-31", "valid_to": ""}, False),
    ],
    ids=["the same row", "all towns", "another type", "another power", "from the next day", "from the last day"],
)
def test_no_town_takes_a_power_twice_on_one_day(listed, fields, fine):
    """Which basis would the document quote? Given again after it was taken back is fine."""
    if fine:
        assert len(listed(GOOD["chosen"], changed("chosen", **fields))) == 2
    else:
        with pytest.raises(BadInput, match="row 2 does not cover"):
            listed(GOOD["chosen"], changed("chosen", **fields))


def test_a_town_has_one_type_and_a_known_one(tmp_path):
    path = tmp_path / "town_types.csv"
    path.write_text(f"town,type\n{TOWN},main_street\n{TOWN},main_street\n{STREET},hamlet\n3302,main_street\n", "utf-8")
    with pytest.raises(BadInput) as refused:
        read_town_types(path)
    assert [(fault.row, fault.column) for fault in refused.value.faults] == [(3, "town"), (4, "type"), (5, "town")]


CODES = st.sampled_from(["Z01", "Z02"])
TAKERS = st.sampled_from(["all", *TownType])


@given(
    st.lists(st.tuples(TAKERS, CODES), max_size=8),
    st.dictionaries(st.sampled_from([STREET, TOWN, BARE]), st.sampled_from(TownType)),
)
def test_spreading_gives_what_a_clerk_with_two_lists_would_write(rows, types):
    """One power for each row and each town that takes it, no more and no fewer."""
    listed = [
        ListedPower(taker, code, Mode.EMPOWERED, "", "decision", DAY, None, "list", row)
        for row, (taker, code) in enumerate(rows, start=2)
    ]
    by_hand = Counter(
        (code, town)
        for taker, code in rows
        for town, kind in types.items()
        if town in BODIES and taker in ("all", kind.value)
    )
    assert Counter((power.matter, power.town) for power in expand(listed, types, BODIES)) == by_hand


def shipped() -> tuple[ListedPower, ...]:
    """The list that comes with GridBeat, on a catalogue of its codes alone."""
    path = HERE / "lists.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        codes = {row["matter"] for row in csv.DictReader(stream)}
    return read_town_lists(path, {code: a_matter(code) for code in codes})


def bodies_of(place: str) -> dict[str, Body]:
    """Its own bodies, or those that every district has."""
    if (HERE / place / "bodies.csv").is_file():
        return read_bodies(HERE / place / "bodies.csv")
    described = read_place(HERE / place / "place.toml")
    bodies = departments(HERE, described.code, described.called)
    bodies += governments((town.code, town.name_en, town.name_en) for town in described.town)
    return {body.id: body for body in bodies}


@pytest.mark.parametrize("place", ["haishu", "nine_cells"])
def test_every_town_begins_with_the_published_110_powers(place):
    """27 statutory, 15 for all, 34 by choice, 34 delegated: answer of the Chongqing Bureau of Justice, 2024.

    A street office holds six fewer: those that statutes give to the governments of towns and townships only.
    """
    types = read_town_types(HERE / place / "town_types.csv")
    powers = expand(shipped(), types, bodies_of(place))
    assert types
    for town, kind in types.items():
        here = [power.matter for power in powers if power.town == town]
        statutory = 21 if kind is TownType.MAIN_STREET else 27
        assert Counter(code[0] for code in here) == {"F": statutory, "T": 15, "Z": 34, "W": 34}
        assert len(set(here)) == len(here)


def test_the_types_of_towns_choose_differently_and_within_the_84():
    """Three lists for three kinds of town would be pointless were they the same."""
    chosen = {kind: {one.matter for one in shipped() if one.town_type == kind} for kind in TownType}
    assert len({frozenset(codes) for codes in chosen.values()}) == 3
    optional = {code for codes in chosen.values() for code in codes if code.startswith("Z")}
    assert optional <= {f"Z{number:02}" for number in range(1, 85)}


def test_an_industry_town_gave_some_of_its_choice_back():
    """As Huancui did in 2025; the other types keep theirs."""
    ended = {one.town_type for one in shipped() if one.valid_to == date(2024, 12, 31)}
    assert ended == {TownType.INDUSTRY_TOWN}
    open_rows = [one for one in shipped() if one.town_type == TownType.INDUSTRY_TOWN and one.valid_to is None]
    assert 0 < len(open_rows) < 34


@pytest.mark.parametrize("place", ["haishu", "nine_cells"])
def test_the_towns_act_on_traffic_in_the_traffic_polices_name(place):
    """Otherwise the notice under a windscreen is void."""
    bodies = bodies_of(place)
    types = read_town_types(HERE / place / "town_types.csv")
    matters = {one.matter: a_matter(one.matter) for one in shipped()}
    book = RuleBook(matters, bodies, expand(shipped(), types, bodies))
    for town in types:
        actor = book.resolve("W01", town, DAY).actor(town)
        assert (actor.mode, actor.letterhead) == (Mode.DELEGATED, bodies["TRAF"].name_zh)


@pytest.mark.parametrize("place", ["haishu", "nine_cells"])
def test_every_department_is_one_body_of_the_district_and_every_town_a_town(place):
    """A task for a department must find one door, and never two."""
    with (HERE / "departments.csv").open(encoding="utf-8", newline="") as stream:
        bureaus = {row["code"] for row in csv.DictReader(stream)} - {"town", "community", "hotline"}
    bodies = bodies_of(place).values()
    assert Counter(body.department for body in bodies if len(body.town) == 6) == Counter(bureaus)
    assert {body.department for body in bodies if len(body.town) == 9} == {"town"}
