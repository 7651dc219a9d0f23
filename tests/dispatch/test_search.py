"""Whose is it: from a citizen's words to the body that may act, with the clause."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.records.case import Procedure
from dispatch.rulebook.competence import Body, Mode, Power, RuleBook
from dispatch.rulebook.matters import Kind, Matter, Source
from dispatch.rulebook.search import Index, search

DISTRICT, TOWN = "371002", "371002101"
TODAY = date(2026, 3, 2)
MODEL = Matter("", "C01", "", "", "", "planning", 2, timedelta(hours=1), Procedure.ORDINARY, "", Source.ILLUSTRATIVE)


def a_matter(code, name_zh, name_en, lead, keywords, basis, **changes):
    words = tuple(keywords.split())
    return replace(
        MODEL, code=code, name_zh=name_zh, name_en=name_en, lead=lead, keywords=words, basis=basis, **changes
    )


MATTERS = {
    matter.code: matter
    for matter in (
        a_matter(
            "F01",
            "非法占用宅基地建房",
            "Homestead land taken without approval",
            "agriculture",
            "宅基地 农村建房 一户多宅",
            "《中华人民共和国土地管理法》第七十八条",
            kind=Kind.STATUTORY,
        ),
        a_matter(
            "Z01",
            "征地占地补偿纠纷",
            "Dispute over payment for land taken",
            "planning",
            "占地补偿 征地 补偿款",
            "《中华人民共和国土地管理法》第四十八条",
        ),
        a_matter(
            "S01",
            "占道经营",
            "Stall in the street",
            "enforcement",
            "摆摊 流动摊贩 夜市 stall",
            "《城市市容和环境卫生管理条例》第三十六条",
            national_code="01234",
        ),
        a_matter(
            "S02",
            "犬只扰民",
            "Barking dog",
            "police",
            "狗叫 遛狗 不牵绳",
            "《中华人民共和国治安管理处罚法》第八十九条",
            valid_to=date(2025, 12, 31),
        ),
        a_matter("S03", "流浪犬", "Stray dog", "police", "流浪狗 犬只伤人", "《中华人民共和国动物防疫法》第三十条"),
    )
}
BODIES = {
    "agr": Body("agr", "农业农村局", "Agriculture Bureau", DISTRICT, "agriculture"),
    "land": Body("land", "自然资源局", "Land Bureau", DISTRICT, "planning"),
    "zf": Body("zf", "综合行政执法局", "Enforcement Bureau", DISTRICT, "enforcement"),
    "zf-town": Body("zf-town", "执法中队", "Enforcement squad", TOWN, "enforcement"),
    TOWN: Body(TOWN, "镇政府", "Town", TOWN),
}
POWERS = (
    Power("F01", TOWN, TOWN, Mode.STATUTORY, "第七十八条第二款", "", date(2020, 1, 1), None, "statute"),
    Power("F01", DISTRICT, "agr", Mode.DEPARTMENT, "第七十八条第一款", "", date(2020, 1, 1), None, "statute"),
    Power("Z01", DISTRICT, "land", Mode.DEPARTMENT, "第四十八条", "", date(2020, 1, 1), None, "statute"),
)
BOOK = RuleBook(MATTERS, BODIES, POWERS)


def found(words, book=BOOK, town=TOWN, day=TODAY, limit=10):
    return search(book, words, town, day, limit)


def codes(words, **asked):
    return [one.matter.code for one in found(words, **asked)]


def test_a_homestead_is_the_agriculture_departments_and_payment_for_land_the_land_departments():
    """The question that took Huancui seven days before its duties were written down by keyword."""
    homestead, payment = found("宅基地")[0], found("占地补偿")[0]
    assert (homestead.matter.code, homestead.lead.id, homestead.clause) == (
        "F01",
        "agr",
        "《中华人民共和国土地管理法》第七十八条",
    )
    assert (payment.matter.code, payment.lead.id, payment.answer.actors[0].basis) == ("Z01", "land", "第四十八条")


def test_every_find_says_who_may_act_here_and_on_which_clause():
    """The town has it by statute, the bureau beside it."""
    answer = found("宅基地")[0].answer
    assert [(actor.body, actor.basis) for actor in answer.actors] == [
        (TOWN, "第七十八条第二款"),
        ("agr", "第七十八条第一款"),
    ]


def test_nobody_may_act_is_said_with_its_reason():
    """A matter without a power on the list is found all the same; outside the district there is no town to ask."""
    assert found("占道经营")[0].answer.why.code == "nobody_has_power"
    assert found("宅基地", town="")[0].answer.why.code == "no_town"


def test_a_departments_body_in_the_town_comes_before_the_districts():
    """Whom to call is whoever is nearer; a department without a body here is nobody."""
    assert found("摆摊")[0].lead.id == "zf-town"
    assert found("摆摊", town="371002102")[0].lead.id == "zf"
    assert found("遛狗")[0].lead is None


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("占道", "S01"),
        ("夜市", "S01"),
        ("市容和环境卫生", "S01"),
        ("01234", "S01"),
        ("s01", "S01"),
        ("Stall", "S01"),
        ("str", "S01"),
        ("ＳＴＡＬＬ", "S01"),
        ("家门口流动摊贩太多", "S01"),
        ("宅基建房", "F01"),
        ("homestead", "F01"),
        ("补偿款没发", "Z01"),
    ],
    ids=[
        "part of the name",
        "a keyword",
        "a statute",
        "the national code",
        "our code in small letters",
        "English",
        "English half typed",
        "full-width letters",
        "a keyword inside a sentence",
        "pairs of characters",
        "an English name",
        "a keyword inside a complaint",
    ],
)
def test_a_matter_is_found_by(words, code):
    """Whatever the clerk has in hand: a name, a letter's words, a code from another system."""
    assert codes(words)[0] == code


def test_a_matter_that_more_words_speak_for_comes_first():
    """Each further word narrows it down."""
    assert codes("土地 补偿")[0] == "Z01"
    assert codes("土地 建房")[0] == "F01"


def test_a_name_counts_more_than_a_statute():
    """Half of the catalogue rests on the same five statutes."""
    assert codes("占地")[0] == "Z01"
    assert set(codes("土地管理法")) == {"F01", "Z01"}


def test_what_is_no_longer_in_force_comes_last_and_says_so():
    """Old letters quote old matters; nobody should act on one."""
    finds = found("犬只")
    assert [one.matter.code for one in finds] == ["S03", "S02"]
    assert finds[1].answer.why.code == "matter_not_in_force"
    assert codes("犬只", day=date(2025, 6, 1))[0] == "S02"


@pytest.mark.parametrize("words", ["", "  ", "，、", "xyz", "海豚", "z"])
def test_nothing_is_found_for_nothing(words):
    """An empty list is honest; ten guesses are not."""
    assert found(words) == []


def test_at_most_so_many_are_shown_and_they_are_the_first():
    """The list under a text field has ten lines."""
    assert codes("土地", limit=1) == codes("土地")[:1]
    assert codes("土地", limit=0) == []


def test_another_catalogue_is_searched_anew():
    """The index that is kept from the last keystroke must not answer for another place."""
    other = RuleBook({"S03": MATTERS["S03"]}, BODIES, ())
    assert codes("狗") == ["S03", "S02"]
    assert codes("狗", book=other) == ["S03"]
    assert codes("宅基地", book=other) == []


@settings(max_examples=100)
@given(st.sampled_from(sorted(MATTERS)), st.data())
def test_every_name_keyword_and_code_finds_its_matter(code, data):
    """Whatever stands in the catalogue can be found by what stands there."""
    matter = MATTERS[code]
    word = data.draw(st.sampled_from([matter.name_zh, matter.name_en, matter.code, *matter.keywords]))
    assert matter in [one for one, _, _ in Index(MATTERS.values()).rank(word)]


@settings(max_examples=100)
@given(st.text(max_size=40))
def test_whatever_is_typed_gets_an_answer(words):
    """A half-typed character or a pasted letter must not stop the screen."""
    finds = found(words)
    assert len(finds) <= len(MATTERS)
    assert all(one.hits and one.score > 0 for one in finds)
