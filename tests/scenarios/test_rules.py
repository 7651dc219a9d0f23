"""The rule book as it is shipped: whole, consistent, and marked for what it is worth."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from dispatch.rulebook.discretion import read_discretion
from dispatch.rulebook.gates import REVIEW_FIELD
from dispatch.rulebook.matters import Kind, Source, read_matters
from dispatch.rulebook.onething import read_parts
from gis.schemas import BadInput
from scenarios.builder import HERE
from scenarios.office import office
from scenarios.rules import read_named, read_rules
from scenarios.townlists import read_town_lists
from tests.towns import nine_cells

MATTERS = read_matters(HERE / "matters.csv")
KINDS = Counter(matter.kind for matter in MATTERS.values())


def test_the_catalogue_holds_what_the_source_documents_count():
    """16 categories and 84 situations (Jiangbei); 20 one-things; 27, 15 + 84 and 34 (Chongqing)."""
    situations = [each for each in MATTERS.values() if each.kind is Kind.SITUATION and each.enforceable]
    assert len({each.category for each in situations}) == 16
    assert len(situations) >= 84
    assert KINDS[Kind.ONE_THING] == 20
    listed = [KINDS[kind] for kind in (Kind.STATUTORY, Kind.UNIVERSAL, Kind.OPTIONAL, Kind.DELEGATED)]
    assert listed == [27, 15, 84, 34]


def test_110_matters_have_426_tiers():
    """As Chongqing's answer of 2024 counts them."""
    tiers = read_discretion(HERE / "discretion.csv", MATTERS)
    counted = [len(tiers.tiers(code)) for code in MATTERS if tiers.tiers(code)]
    assert (len(counted), sum(counted)) == (110, 426)


def test_every_one_thing_asks_every_department_that_it_names():
    """A department that is named and not asked would wait for ever."""
    parts = read_parts(HERE / "tasks.csv", MATTERS)
    for code, matter in MATTERS.items():
        if matter.kind is Kind.ONE_THING:
            assert {part.department for part in parts[code]} == {matter.lead, *matter.assisting}
            assert len(parts[code]) >= 3


def test_every_matter_to_enforce_says_who_answers_on_what_ground_and_by_when():
    """A row with a hole in it is a case that fails in court."""
    for matter in MATTERS.values():
        if matter.enforceable:
            assert matter.basis
            assert matter.lead
            assert matter.keywords
            assert matter.source in Source


def test_the_lists_by_type_of_town_name_matters_of_the_catalogue():
    """Otherwise a town would take a power that nobody has written down."""
    assert read_town_lists(HERE / "lists.csv", MATTERS)


def test_every_listed_power_of_a_town_can_be_proved_line_by_line():
    """From the office of a town: every power that it took over is one that it may use today."""
    place, day = nine_cells(), date(2026, 4, 15)
    for power in place.rulebook.powers:
        town = power.town if len(power.town) == 9 else "990100001"
        matter = place.rulebook.matters.get(power.matter)
        if matter is None or not (power.valid_from <= day <= (power.valid_to or day)) or not matter.in_force(day):
            continue
        answer = place.rulebook.resolve(power.matter, town, day)
        assert power.body in {actor.body for actor in answer.actors}


def test_a_statute_for_town_governments_reaches_no_bureau():
    """Article 65 of the Urban and Rural Planning Law names the town's government and nobody else."""
    place = nine_cells()
    answer = place.rulebook.resolve("F01", "990100001", date(2026, 4, 15))
    assert {actor.body for actor in answer.actors} == {"990100001"}


def test_the_office_has_qualified_reviewers_and_neutral_hosts():
    """Without them no case with a hearing or a review could ever end."""
    people = office("330203", ["330203001", "330203002"])
    assert len({person.id for person in people}) == len(people)
    qualified = [person for person in people if person.certified(REVIEW_FIELD, date(2026, 4, 15))]
    assert {person.town for person in qualified} == {"330203", "330203001", "330203002"}
    assert any(not person.certificates for person in people)
    assert office("330203", ["330203001", "330203002"]) == people


def test_an_unknown_department_is_named_with_its_row(tmp_path):
    """The task would go to nobody."""
    for name in ("departments.csv", "matters.csv"):
        (tmp_path / name).write_bytes((HERE / name).read_bytes())
    text = (tmp_path / "departments.csv").read_text(encoding="utf-8")
    (tmp_path / "departments.csv").write_text(text.replace("\nfire,", "\nfirebrigade,"), encoding="utf-8")
    with pytest.raises(BadInput, match=r"matters\.csv, row \d+, column (lead|assisting): found 'fire'"):
        read_rules(tmp_path, MATTERS, nine_cells().rules.calendar.hours)


def test_a_code_that_stands_twice_is_bad_input(tmp_path):
    """Two names for one department are none."""
    path = tmp_path / "departments.csv"
    path.write_text("code,name_zh,name_en\na,甲,A\na,乙,B\n", encoding="utf-8")
    with pytest.raises(BadInput, match="row 3, column code"):
        read_named(path)
