"""Citizens' words to category and matter, by the shared lists.

``tests/data/tickets_blind.csv`` is synthetic: nobody's real words. It was written without sight of the lists, is scored
here and was never used to write a word, to fit a number or to choose between ways.
"""

from __future__ import annotations

import csv
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scenarios
from dispatch.records.case import Procedure
from dispatch.rulebook.matters import Matter, Source, read_matters
from dispatch.rulebook.triage import SURE_OF_CATEGORY, Triage
from dispatch.rulebook.words import Word, parse_word, read_sayings, read_words
from gis.schemas import BadInput

LISTS = Path(scenarios.__file__).parent
BLIND = Path(__file__).parents[1] / "data" / "tickets_blind.csv"
SAYINGS = LISTS / "sayings.csv"
SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "catalogue" / "tickets_sample.csv"


@cache
def shared() -> Triage:
    sayings = read_sayings(LISTS / "sayings.csv")
    return Triage(read_matters(LISTS / "matters.csv"), read_words(LISTS / "words.csv"), sayings)


def tickets(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def share_right(rows: list[dict[str, str]]) -> float:
    assert rows
    guesses = shared().guess_all(row["text"] for row in rows)
    return sum(guess.category == row["category"] for guess, row in zip(guesses, rows, strict=True)) / len(rows)


def matter(code: str, *keywords: str) -> Matter:
    return Matter(
        code=code,
        category=code[:3],
        name_zh="事项",
        name_en="matter",
        national_code="",
        field="city",
        priority=3,
        respond_within=timedelta(hours=1),
        procedure=Procedure.SIMPLE,
        basis="",
        source=Source.ILLUSTRATIVE,
        keywords=keywords,
    )


def word(category: str, text: str, weight: float) -> Word:
    return parse_word(category, "", text, weight)


def test_the_sample_of_the_catalogue_is_sorted_right():
    """Three plain messages a category; whoever gets these wrong needs no harder ones."""
    if not SAMPLE.is_file():
        pytest.skip("catalogue not present: ../shared/catalogue/tickets_sample.csv")
    assert share_right(tickets(SAMPLE)) >= 0.95


def test_messages_that_the_lists_were_not_made_for_are_sorted_right():
    """The figure that counts: what people will write tomorrow."""
    assert share_right(tickets(BLIND)) >= 0.95


def test_no_message_that_we_are_judged_by_is_among_the_sayings():
    """What has been learned by heart proves nothing."""
    assert {row["text"].strip() for row in tickets(BLIND)}.isdisjoint(row["text"] for row in tickets(SAYINGS))


def test_the_sayings_are_sorted_as_they_say():
    """A word that is added must not undo what was right before."""
    assert share_right(tickets(SAYINGS)) >= 0.97


def test_the_sayings_are_nobodys_real_words():
    """They are shipped to every town."""
    assert {row["source"] for row in tickets(SAYINGS)} == {"synthetic"}


def test_what_is_said_with_confidence_is_mostly_right():
    """A dispatcher presses Enter on it."""
    rows = tickets(BLIND)
    told = [(guess, row) for row in rows if not (guess := shared().guess(row["text"])).asks]
    assert len(told) >= 0.9 * len(rows)
    assert sum(guess.category == row["category"] for guess, row in told) / len(told) >= 0.97


@pytest.mark.parametrize("text", ["你好", "在吗", "有人吗", "领导您好", "我是居民", "这里有问题请处理"])
def test_a_greeting_is_asked_what_it_is_about(text: str):
    """Whatever the few characters resemble, nothing has been said yet."""
    assert shared().guess(text).asks


def test_a_new_saying_mends_a_message_that_went_astray():
    """The keeper of the list needs no code for it."""
    before = Triage({}, [word("C06", "响", 1.0), word("C11", "狗", 1.0)])
    after = Triage({}, [word("C06", "响", 1.0), word("C11", "狗", 1.0)], [("C11", "汪星人叫得真响"), ("C06", "音箱声")])
    assert before.guess("汪星人响了").category == "C06"
    assert after.guess("汪星人响了").category == "C11"


def test_a_saying_of_a_category_that_the_place_does_not_have_is_passed_over():
    triage = Triage({}, [word("C06", "吵", 1.0)], [("C11", "狗咬人"), ("C06", "太吵了")])
    assert triage.guess("狗咬人").category in ("", "C06")


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("烧烤店油烟熏得窗户都不敢开", "C05"),
        ("烧烤店半夜划拳喝酒吵得睡不着", "C06"),
        ("烧烤店把桌椅摆到人行道上占道经营", "C08"),
        ("烧烤店没有营业执照也没有健康证", "C16"),
        ("烧烤店里放了好几个煤气罐，没有报警器", "C14"),
        ("私家车堵住消防通道，消防车进不来", "C04"),
        ("私家车停在人行道上，行人没路走", "C12"),
        ("绿化带里有人种菜", "C10"),
        ("公共绿地上盖了一间房", "C01"),
        ("有人往河里倒建筑垃圾", "C13"),
        ("有人半夜在路边偷倒建筑垃圾", "C07"),
        ("楼上装修把承重墙砸了", "C02"),
        ("楼上周末装修电钻噪音吵得没法休息", "C06"),
        ("招牌松动，刮风的时候要掉下来", "C09"),
        ("邻居的狗半夜一直叫，吵得睡不着", "C11"),
        ("楼道里堆满杂物，消防门打不开", "C04"),
        ("请问家里装修需要办什么手续？", "C00"),
        ("请问养狗要办什么证，去哪里办理？", "C00"),
    ],
)
def test_words_of_two_categories_are_told_apart(text: str, category: str):
    """The same restaurant is five departments' business; the wrong one sends it back after three days."""
    assert shared().guess(text).category == category


def test_a_message_about_two_matters_is_asked_and_both_are_named():
    """A green taken and a house on it are two departments' business; neither must be settled unseen."""
    guess = shared().guess("有人把公共绿地围起来盖了房子")
    assert guess.asks
    assert {guess.category, guess.alternatives[0][0]} == {"C01", "C10"}


def test_the_matter_is_named_where_the_words_tell_it():
    matters = read_matters(LISTS / "matters.csv")
    guess = shared().guess("楼下广场舞的音响每天晚上放到十点")
    assert matters[guess.matter].category == guess.category == "C06"
    assert "广场舞" in matters[guess.matter].name_zh


def test_a_matter_that_the_words_do_not_tell_is_asked():
    one, other = matter("C11-01", "牵绳"), matter("C11-02", "狗叫")
    triage = Triage({one.code: one, other.code: other}, [word("C11", "狗", 9.0), word("C06", "响", 1.0)])
    assert triage.guess("他家有狗").category == "C11"
    assert triage.guess("他家有狗").matter == ""
    assert triage.guess("他家狗叫").matter == "C11-02"


def test_an_unsure_answer_asks_and_still_names_the_best():
    triage = Triage({}, [word("C06", "吵", 2.0), word("C11", "狗", 2.0)])
    guess = triage.guess("狗和人都吵")
    assert guess.asks
    assert guess.confidence < SURE_OF_CATEGORY
    assert {guess.category, guess.alternatives[0][0]} == {"C06", "C11"}


@pytest.mark.parametrize("text", ["", "   ", "。。。", "\n"])
def test_a_message_without_words_has_no_category(text: str):
    """Nothing said is not "no enforcement matter": somebody has to call back."""
    guess = shared().guess(text)
    assert (guess.category, guess.matter, guess.confidence, guess.asks) == ("", "", 0.0, True)


def test_a_longer_word_speaks_for_the_shorter_one_inside_it():
    """Else every 热狗 stand is a dog."""
    triage = Triage({}, [word("C11", "狗", 3.0), word("C08", "热狗", 3.0)])
    assert triage.guess("门口卖热狗").category == "C08"
    assert triage.guess("卖热狗的养狗").alternatives[0][1] == pytest.approx(0.5)


def test_a_longer_word_says_at_least_what_the_shorter_one_of_its_category_says():
    """A keyword of the catalogue must not weaken a strong word that stands in it."""
    keyword = matter("C05-01", "油烟机")
    guess = Triage({keyword.code: keyword}, [word("C05", "油烟", 5.0), word("C06", "响", 4.0)]).guess("油烟机在响")
    assert guess.category == "C05"


def test_a_combination_needs_all_its_parts_and_none_of_those_it_forbids():
    triage = Triage({}, [word("C11", "狗|犬+咬+!热狗", 4.0)])
    assert triage.guess("大犬咬人").words == ("犬+咬",)
    assert triage.guess("大犬叫").category == ""
    assert triage.guess("热狗咬不动").category == ""


def test_a_word_counts_once_however_often_it_is_said():
    """Shouting is no evidence."""
    triage = Triage({}, [word("C06", "吵", 2.0), word("C11", "狗", 3.0)])
    assert triage.guess("吵" * 50 + "狗").category == "C11"


def test_a_matter_of_another_place_leaves_the_word_its_category():
    triage = Triage({}, [parse_word("C11", "C11-77", "狗", 3.0)])
    assert (triage.guess("狗").category, triage.guess("狗").matter) == ("C11", "")


def test_every_matter_in_the_list_of_words_is_in_the_catalogue():
    """In our own lists a code without a matter is a slip of the pen."""
    named = {word.matter for word in read_words(LISTS / "words.csv") if word.matter}
    assert named <= set(read_matters(LISTS / "matters.csv"))


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("C11,,狗+,3", "word"),
        ("C11,,!猫,3", "word"),
        ("C11,,狗,0", "weight"),
        ("C11,,狗,12", "weight"),
        ("C11,,狗,viel", "weight"),
        ("dogs,,狗,3", "category"),
        ("C11,,猫,2\nC11,,猫,3", "word"),
    ],
)
def test_a_bad_line_of_the_list_is_named(tmp_path: Path, line: str, column: str):
    path = tmp_path / "words.csv"
    path.write_text(f"category,matter,word,weight\n{line}\n", encoding="utf-8")
    with pytest.raises(BadInput) as refusal:
        read_words(path)
    assert refusal.value.faults[0].column == column


@pytest.mark.parametrize(
    ("line", "column"),
    [("C11,", "text"), (",狗咬人", "category"), ("dogs,狗咬人", "category"), ("C11,狗咬人\nC06,狗咬人", "text")],
)
def test_a_bad_line_of_the_sayings_is_named(tmp_path: Path, line: str, column: str):
    path = tmp_path / "sayings.csv"
    path.write_text(f"category,text\n{line}\n", encoding="utf-8")
    with pytest.raises(BadInput) as refusal:
        read_sayings(path)
    assert refusal.value.faults[0].column == column


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_an_answer_with_honest_numbers(text: str):
    """Messages come from telephones, machines and angry people."""
    guess = shared().guess(text)
    shares = [guess.confidence, *(share for _, share in guess.alternatives)]
    assert shares == sorted(shares, reverse=True)
    assert all(0.0 <= share <= 1.0 for share in shares)
    assert sum(shares) <= 1.002
    assert guess.category or guess.asks


@given(st.permutations(range(12)))
def test_an_answer_does_not_depend_on_its_neighbours(order: list[int]):
    """A ticket sorted alone and in the month's file is the same ticket."""
    texts = [row["text"] for row in tickets(BLIND)[:12]]
    alone = [shared().guess(text) for text in texts]
    assert shared().guess_all(texts[at] for at in order) == [alone[at] for at in order]
