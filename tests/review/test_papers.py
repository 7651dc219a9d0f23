"""Papers are written only from a plan that is whole, in words that both languages have."""

from __future__ import annotations

from dataclasses import replace
from string import Formatter

import pytest

from dispatch.inspections.reasons import Why
from dispatch.records.inspection import Calendar
from dispatch.review.papers import act_codes
from dispatch.review.wording import LANGUAGES, words
from dispatch.rulebook.actcode import valid
from tests.review.conftest import MADE


def test_every_visit_has_a_valid_code_of_its_own(papers):
    """Two checks under one code cannot be told apart in public."""
    codes = act_codes(papers.calendar, "330203001", first=7)
    assert set(codes) == {"V1", "V2", "V3", "V4"}
    assert len(set(codes.values())) == 4
    assert all(valid(code) for code in codes.values())
    assert codes["V1"].startswith("330203JC2026030200007")
    assert codes["V3"].startswith("330203JC2026030300007")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"codes": {}}, "4 visits have no valid act code, first 'V1', 'V2'"),
        ({"premises": {}}, "premises are unknown, first 'P1', 'P2', 'P4'"),
        ({"items": {}}, "9 items are unknown"),
        ({"inspectors": {}}, "officers are unknown, first 'o1'"),
        ({"made_at": MADE.replace(tzinfo=None)}, "must say its zone"),
    ],
)
def test_a_plan_with_a_hole_is_refused_with_the_ids(papers, change, said):
    """A form with an empty name in it would be signed as it is."""
    with pytest.raises(ValueError, match=said):
        replace(papers, **change)


def test_a_visit_that_stands_twice_is_refused(papers):
    """It would be announced for two days."""
    crews = papers.calendar.crews
    with pytest.raises(ValueError, match="visits stand twice in the calendar, first 'V3'"):
        replace(papers, calendar=Calendar((*crews, replace(crews[0], id="C9"))))


def test_one_code_for_two_visits_is_refused(papers):
    """Whoever scans it would read about the other shop."""
    with pytest.raises(ValueError, match="act codes stand for two visits"):
        replace(papers, codes=papers.codes | {"V1": papers.codes["V2"]})


def test_both_languages_have_the_same_words_with_the_same_blanks():
    """A word that is missing in one language stops the papers of a whole week."""

    def blanks(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    zh, en = words("zh").by_key, words("en").by_key
    assert set(zh) == set(en)
    assert {key for key in zh if blanks(zh[key]) != blanks(en[key])} <= {"day.form"}


def test_papers_come_in_two_languages_and_no_other():
    with pytest.raises(ValueError, match="'fr'; papers are written in zh or en"):
        words("fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_the_planner_has_words_on_paper(language):
    """A code in an official-looking paper tells nobody anything."""
    assert {why for why in Why if f"why.{why}" not in words(language).by_key} == set()
