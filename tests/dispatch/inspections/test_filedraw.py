"""Case files are drawn so that nobody chooses what is looked at, nor who looks, and anybody can draw again."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.inspections.filedraw import against, draw_files, fingerprints, from_json, may_review, to_json
from dispatch.records.filereview import ClosedFile, Quota, Reviewer
from gis.schemas import BadInput

FILES = tuple(
    ClosedFile(f"{body}-{n:02d}", body, 1 + n % 3, frozenset({f"{body}1", f"{body}2"}))
    for body, count in (("a", 12), ("b", 5), ("c", 1))
    for n in range(count)
)
PEOPLE = (
    *(Reviewer(f"{body}{n}", body) for body in "abc" for n in range(1, 4)),
    Reviewer("d1", ""),
    Reviewer("d2", ""),
)
QUOTA = Quota(count=1, percent=20)


def drawn(seed: str = "the lottery", files=FILES, people=PEOPLE, quota=QUOTA, crew: int = 2):
    return draw_files(seed, files, people, quota, crew)


@given(st.text(min_size=1).filter(str.strip), st.integers(0, 100), st.integers(0, 6))
@settings(max_examples=15)
def test_every_body_gives_its_share_and_nobody_reviews_their_own(seed, percent, count):
    found = drawn(seed, quota=Quota(count, percent))
    by_id, people = {each.id: each for each in FILES}, {each.id: each for each in PEOPLE}
    of_body = Counter(by_id[each.premises].body for each in found.record.drawn)
    assert of_body == +Counter({body: Quota(count, percent).of(n) for body, n in (("a", 12), ("b", 5), ("c", 1))})
    for each in found.record.drawn:
        assert len(each.inspectors) == 2
        assert all(may_review(people[who], by_id[each.premises]) for who in each.inspectors)
    assert against(found) == ()


def test_the_same_seed_draws_the_same_from_registers_in_any_order():
    assert drawn().record == drawn(files=FILES[::-1], people=PEOPLE[::-1]).record
    assert drawn().record != drawn("another").record


def test_a_heavier_file_is_drawn_more_often():
    """A weight that changed nothing would be a promise to nobody."""
    one = Quota(count=1)
    files = [ClosedFile(f"f{n}", "a", 9 if n == 0 else 1, frozenset()) for n in range(10)]
    hits = sum(drawn(str(seed), files, quota=one).record.drawn[0].premises == "f0" for seed in range(60))
    assert 18 <= hits <= 42


def test_whoever_handled_the_case_is_recused_and_the_next_drawn_goes():
    """An officer who moved to another body took the case along in the head."""
    file = ClosedFile("f", "a", 1, frozenset({"d1"}))
    found = drawn(files=[file], people=[Reviewer("d1", ""), Reviewer("b1", "b"), Reviewer("b2", "b")]).record.drawn[0]
    assert set(found.inspectors) == {"b1", "b2"}
    without = drawn(files=[file], people=[Reviewer("d1", ""), Reviewer("b1", "b")]).record.drawn[0]
    assert (without.inspectors, without.why) == ((), "no_crew")


def test_reviewers_share_the_work():
    """Whoever was drawn already is less likely to be drawn again."""
    people = [Reviewer(f"r{n}", "") for n in range(6)]
    load = Counter(
        who for each in drawn(people=people, quota=Quota(percent=100)).record.drawn for who in each.inspectors
    )
    assert max(load.values()) <= 2 * min(load.values()) + 2


def test_a_record_that_was_kept_as_text_is_proved_by_drawing_again():
    found = drawn()
    again = from_json(to_json(found), "review.json")
    assert against(again) == ()
    assert to_json(again) == to_json(found)
    assert fingerprints(again.files, again.reviewers) == fingerprints(FILES, PEOPLE)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda said: said["files"].pop(0), "files_altered"),
        (lambda said: said["files"][0].__setitem__(2, 999), None),
        (lambda said: said["reviewers"].pop(), "reviewers_altered"),
        (lambda said: said["drawn"][0].__setitem__("inspectors", ["d1", "d2"]), "files_differ"),
        (lambda said: said["quota"].__setitem__("percent", 100), "files_altered"),
        (lambda said: said.__setitem__("seed", "a better one"), "files_altered"),
        (lambda said: said["files"].append(said["files"][0]), "draw_impossible"),
    ],
)
def test_whoever_alters_a_record_is_found_out(change, code):
    """A file that was drawn and dropped is the one that somebody would rather not show."""
    told = json.loads(to_json(drawn()))
    change(told)
    altered = from_json(json.dumps(told), "review.json")
    codes = {reason.code for reason in against(altered)}
    changed = fingerprints(altered.files, altered.reviewers) != (told["files_sha256"], told["reviewers_sha256"])
    assert code in codes if code else codes or changed


def test_a_register_that_is_none_is_refused():
    with pytest.raises(BadInput, match="'a-00' twice"):
        drawn(files=[*FILES, FILES[0]])
    with pytest.raises(BadInput, match="0 of 'a-00'"):
        drawn(files=[replace(FILES[0], weight=0)])
    with pytest.raises(BadInput, match="column seed"):
        drawn(" ")
    with pytest.raises(BadInput, match="column crew"):
        drawn(crew=1)
    with pytest.raises(BadInput, match="record"):
        from_json("{}", "review.json")
