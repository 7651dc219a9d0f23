"""Observers are drawn beside files and reviewers, and nothing else comes out differently for it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.inspections.filedraw import against, draw_files, from_json, to_json
from dispatch.inspections.observing import draw_observers, fingerprint
from dispatch.records.filereview import Observer
from gis.schemas import BadInput
from tests.dispatch.inspections.test_filedraw import FILES, PEOPLE, QUOTA

IDS = [each.id for each in FILES]
EYES = tuple(Observer(f"o{n}", (f"33020300{n}",), frozenset(IDS[n::3])) for n in range(4))

registers = st.lists(
    st.builds(
        Observer,
        st.sampled_from([f"o{n}" for n in range(9)]),
        st.just(("330203001",)),
        st.frozensets(st.sampled_from(IDS)),
    ),
    max_size=6,
    unique_by=lambda each: each.id,
)


@given(st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip), registers)
@settings(max_examples=40)
def test_a_replay_is_equal_with_and_without_observers_and_the_other_lots_stay(seed, observers):
    """Sealing somebody from outside must not choose another file or another reviewer."""
    without = draw_files(seed, FILES, PEOPLE, QUOTA, 2)
    found = draw_files(seed, FILES, PEOPLE, QUOTA, 2, observers)
    assert found.record == without.record
    assert against(found) == against(without) == ()
    assert against(from_json(to_json(found), "r.json")) == ()
    assert found.observed == draw_files(seed, FILES, PEOPLE, QUOTA, 2, observers[::-1]).observed
    barred = {each.id: each.recused for each in observers}
    for each in found.observed:
        assert all(each.file in barred[who] for who in each.recused)
        assert each.file not in barred[each.observer] if each.observer else set(each.recused) == barred.keys()


def test_a_record_without_observers_is_the_text_it_was_before_there_were_any():
    told = json.loads(to_json(draw_files("seed", FILES, PEOPLE, QUOTA, 2)))
    assert not {name for name in told if name.startswith("obser")}
    assert against(from_json(json.dumps(told), "r.json")) == ()


def test_observers_share_the_files_and_a_file_may_have_nobody():
    free = [replace(each, recused=frozenset()) for each in EYES]
    given_to = [each.observer for each in draw_observers("seed", IDS, free)]
    assert max(map(given_to.count, set(given_to))) <= 2 * min(map(given_to.count, set(given_to))) + 2
    (alone,) = draw_observers("seed", ["a-00"], [Observer("o", ("330203001",), frozenset({"a-00"}))])
    assert (alone.observer, alone.recused) == ("", ("o",))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda said: said["observers"].pop(), "observers_altered"),
        (lambda said: said["observers"][0][2].append("another"), "observers_altered"),
        (lambda said: said.__setitem__("observers_sha256", fingerprint(())), "observers_altered"),
        (lambda said: said["observed"][0].__setitem__(1, "somebody kinder"), "observers_differ"),
        (lambda said: said["observed"].pop(), "observers_differ"),
        (lambda said: said["observers"].append(said["observers"][0]), "draw_impossible"),
    ],
)
def test_whoever_alters_who_looks_is_found_out(change, code):
    told = json.loads(to_json(draw_files("seed", FILES, PEOPLE, QUOTA, 2, EYES)))
    change(told)
    assert code in {each.code for each in against(from_json(json.dumps(told), "r.json"))}


def test_a_register_of_observers_that_is_none_is_refused():
    told = json.loads(to_json(draw_files("seed", FILES, PEOPLE, QUOTA, 2, EYES)))
    told["observers"][0][1] = "330203001"
    with pytest.raises(BadInput, match="record"):
        from_json(json.dumps(told), "r.json")
