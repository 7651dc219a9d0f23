"""Many voices about one trouble: counted together, taken apart again, nothing lost on the way."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.desk.refusals import REFUSALS, Refused, Stale
from dispatch.desk.voices import VOICE_REASONS, Voices
from dispatch.records.incident import CallBack, Status, WrongStep
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor
from gis.schemas import BadInput
from tests.books import empty_book
from tests.dispatch.conftest import NOW, STALL, incident


def book_of(*names: str):
    book = empty_book()
    book.add_incidents([incident(name) for name in names], at=NOW)
    return book, Voices(book, lambda: NOW)


def test_a_second_caller_is_one_more_voice_and_leaves_the_queue():
    """Thirty calls about one stall are one job with thirty people to call back."""
    book, voices = book_of("a", "b")
    voice, parent = voices.merge("li", "b", 1, "a", 1)
    assert (voice.status, voice.parent, parent.voices) == (Status.MERGED, "a", 2)
    assert [each.id for each in book.open_incidents()] == ["a"]
    assert [each.id for each in book.voices("a")] == ["b"]
    assert book.history(Kind.INCIDENT, "a")[-1].details["voice"] == "b"


def test_a_merge_is_taken_back_whole():
    """Two stalls that were taken for one must both be seen to."""
    book, voices = book_of("a", "b")
    voices.merge("li", "b", 1, "a", 1)
    voice, parent = voices.part("li", "b", 2)
    assert (voice.status, voice.parent, parent.voices) == (Status.REPORTED, "", 1)
    assert {each.id for each in book.open_incidents()} == {"a", "b"}


@pytest.mark.parametrize(
    ("voice", "parent", "code"), [("a", "a", "itself"), ("b", "done", "parent_closed"), ("a", "c", "has_voices")]
)
def test_what_makes_no_sense_is_refused_with_its_reason(voice, parent, code):
    """And the book says who tried."""
    book, voices = book_of("a", "b", "c")
    if code == "has_voices":
        voices.merge("li", "b", 1, "a", 1)
    if parent == "done":
        book.add_incidents([incident("done").passed_on(NOW)], at=NOW)
    version = book.incident(voice).version
    with pytest.raises(Refused) as refused:
        voices.merge("li", voice, version, parent, book.incident(parent).version)
    assert [reason.code for reason in refused.value.reasons] == [code]
    assert code in VOICE_REASONS
    assert book.history(Kind.INCIDENT, voice)[-1].deed == "refused:merge"


def test_an_incident_with_a_team_is_no_longer_merged():
    """Somebody is on the way to it; it is closed, not folded away."""
    book, voices = book_of("a", "b")
    with book.writing() as page:
        one = page.incident("b")
        page.change(Actor("li", NOW, "assign"), one, one.assigned("T9"))
    with pytest.raises(WrongStep):
        voices.merge("li", "b", 2, "a", 1)


def test_a_merge_on_an_old_screen_is_refused():
    """The other desk may have closed it meanwhile."""
    _, voices = book_of("a", "b")
    with pytest.raises(Stale):
        voices.merge("li", "b", 1, "a", 7)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), st.booleans()), max_size=14))
def test_no_order_of_merging_and_parting_loses_a_voice(deeds):
    """Each person who told of something is counted exactly once, in one open incident."""
    book, voices = book_of("a", "b", "c", "d")
    for voice, parent, merging in deeds:
        one, other = book.incident(voice), book.incident(parent)
        try:
            if merging:
                voices.merge("li", voice, one.version, parent, other.version)
            else:
                voices.part("li", voice, one.version)
        except REFUSALS:
            pass
        assert sum(each.voices for each in book.open_incidents()) == 4
        for each in book.open_incidents():
            assert each.voices == 1 + len(book.voices(each.id))
    assert book.verify().whole
    book.close()


def test_whoever_told_of_it_by_another_voice_is_called_back_too(desk):
    """The caller does not know that somebody else's call was first."""
    first = desk.report("li", "x", lon=121.6, lat=29.9, matter=STALL)
    for caller in ("", "13800000001", "13800000002"):
        voice = desk.report("li", "x", lon=121.6, lat=29.9, matter=STALL, caller=caller)
        Voices(desk.casebook, lambda: NOW).merge("li", voice.id, 1, first.id, desk.casebook.incident(first.id).version)
    desk.assign("li", first.id, "e1", 4)
    desk.accept("e1", first.id, 5)
    desk.arrive("e1", first.id, 6)
    desk.handle("e1", first.id, 7, "done")
    desk.verify("li", first.id, 8, passed=True, how="seen")
    with pytest.raises(Refused) as refused:
        desk.close("li", first.id, 9)
    assert [(each.code, each.values) for each in refused.value.reasons] == [
        ("call_back_first", {"caller": "13800000001"})
    ]
    assert desk.close("li", first.id, 9, CallBack.SATISFIED).status is Status.CLOSED


@pytest.mark.parametrize("name", ["\ud800", "a\0"])
def test_a_voice_that_cannot_be_named_leaves_an_entry(name):
    """And no stack trace on the screen."""
    book, voices = book_of("a")
    with pytest.raises((BadInput, *REFUSALS)):
        voices.merge("li", name, 1, "a", 1)
    with pytest.raises((BadInput, *REFUSALS)):
        voices.merge("li", "a", 1, name, 1)
    assert [entry.deed for entry in book.latest_entries(2)] == ["refused:merge"] * 2
