"""The same trouble told by many: near in place, time and words."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.records.incident import Incident
from dispatch.response.duplicates import LIKENESS_REASONS, LONGEST, Likeness, OpenIncidents

NOW = datetime(2024, 3, 5, 2, 0, tzinfo=UTC)
LON, LAT = 121.5, 29.87
METRE = 1.0 / 111_195.0
BARBECUE = "楼下烧烤店油烟太大，窗户都不敢开"


def incident(
    id: str, text: str = BARBECUE, north_m: float = 0.0, ago: timedelta = timedelta(), matter: str = ""
) -> Incident:
    return Incident(
        id=id,
        text=text,
        lon=LON,
        lat=LAT + north_m * METRE,
        cell="",
        town="",
        matter=matter,
        priority=3,
        reported_at=NOW - ago,
        due_at=NOW + timedelta(hours=1),
    )


def like(*incidents: Incident, text: str = BARBECUE, matter: str = "", but: str = "") -> list[Likeness]:
    return OpenIncidents(incidents).like(text, LON, LAT, matter, NOW, but)


def test_the_same_words_at_the_same_place_are_likely_the_same():
    (found,) = like(incident("a", "烧烤店的油烟太大了，楼下窗户不敢开", north_m=20))
    assert found.likely
    assert found.metres == pytest.approx(20, abs=0.1)
    assert {reason.code for reason in found.reasons} == {"same_place", "alike_words", "reported_apart"}


def test_the_likeliest_comes_first():
    found = like(incident("far", north_m=120), incident("near", north_m=10), incident("old", ago=timedelta(hours=60)))
    assert [one.incident_id for one in found] == ["near", "old", "far"]


def test_beyond_two_hundred_metres_nothing_is_the_same():
    """Two restaurants two streets apart smoke alike."""
    assert like(incident("a", north_m=199))
    assert not like(incident("a", north_m=201))


def test_after_three_days_it_is_the_trouble_come_back():
    assert like(incident("a", ago=LONGEST))
    assert not like(incident("a", ago=LONGEST + timedelta(minutes=1)))


def test_a_later_report_is_as_like_as_an_earlier_one():
    """Imported tickets do not come in the order in which they were told."""
    (before,), (after,) = like(incident("a", ago=timedelta(hours=3))), like(incident("a", ago=-timedelta(hours=3)))
    assert before.score == after.score
    assert after.minutes == 180


def test_other_words_at_the_same_place_are_not_likely_the_same():
    found = like(incident("a", "人行道上停满了车"))
    assert not any(one.likely for one in found)


def test_the_same_matter_in_other_words_is_likely_the_same():
    (found,) = like(incident("a", "排烟管直接对着居民楼", matter="C05-01"), matter="C05-01")
    assert found.likely
    assert "same_matter" in {reason.code for reason in found.reasons}


def test_another_matter_at_the_same_place_is_said_to_be_another():
    found = like(incident("a", matter="C06-02"), matter="C05-01")
    assert not any(one.likely for one in found)
    assert [reason.good for one in found for reason in one.reasons if reason.code == "other_matter"] == [False]


def test_an_incident_is_not_its_own_duplicate():
    assert [one.incident_id for one in like(incident("a"), incident("b"), but="a")] == ["b"]


def test_without_a_place_nothing_is_like_it():
    nowhere = OpenIncidents([incident("a")]).like(BARBECUE, math.nan, math.nan, "", NOW)
    assert nowhere == []


def test_of_no_open_incidents_none_is_like_it():
    assert like() == []


def test_every_reason_is_announced():
    """A screen words the codes of the list; one that is not there would show as a code."""
    found = like(
        incident("a", matter="x"), incident("b", matter="y"), incident("c", north_m=150, matter="x"), matter="x"
    )
    assert {reason.code for one in found for reason in one.reasons} == set(LIKENESS_REASONS)


@given(st.text(max_size=80), st.text(max_size=80), st.floats(0, 250), st.floats(-80, 80))
def test_scores_stay_between_nothing_and_certainty(text: str, other: str, north_m: float, hours: float):
    for one in like(incident("a", other, north_m, timedelta(hours=hours)), text=text):
        assert 0.0 <= one.words <= 1.0
        assert 0.0 <= one.score <= 1.0


@given(st.floats(0, 190), st.floats(0, 10))
def test_nearer_is_never_less_like(north_m: float, more_m: float):
    nearer, farther = like(incident("a", north_m=north_m)), like(incident("a", north_m=north_m + more_m))
    assert nearer[0].score >= max((one.score for one in farther), default=0.0)
