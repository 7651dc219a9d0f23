"""What is worked out beside the screen: the screen goes on, and every end is told."""

from __future__ import annotations

import threading

import pytest

from dispatch.desk.refusals import Refused
from dispatch.records.reason import Reason
from ui.services.beside import Errand, Errands, Stopped


def test_the_screen_goes_on_while_it_is_worked_out():
    """Pressing again while it runs starts nothing anew; another person has an errand of their own."""
    errands, go = Errands[Errand[int]](), threading.Event()

    def slow() -> int:
        go.wait(20)
        return 7

    first = errands.start("anna", Errand(slow))
    assert first.running
    assert errands.start("anna", Errand(lambda: 8)) is first
    other = errands.start("bert", Errand(lambda: 9))
    other.wait(20)
    assert other.answer == 9
    go.set()
    first.wait(20)
    assert (first.running, first.taken()) == (False, 7)
    assert errands.start("anna", Errand(lambda: 8)) is not first


@pytest.mark.parametrize("end", ["refused", "failed"])
def test_an_errand_that_brings_nothing_says_so(end: str):
    """Nobody waits for an answer that does not come."""

    def work() -> int:
        raise Refused(Reason("no_calendar_ahead", False)) if end == "refused" else ZeroDivisionError

    errand = Errands[Errand[int]]().start("anna", Errand(work))
    errand.wait(20)
    assert not errand.running
    assert (errand.refused is not None, errand.failed) == (end == "refused", end == "failed")
    if end == "refused":
        with pytest.raises(Refused, match="no_calendar_ahead"):
            errand.taken()


def test_what_is_put_away_stops_running():
    """Two searches of one person, one of them for nobody, would share the machine."""
    errands, asked = Errands[Errand[int]](), threading.Event()

    def search() -> int:
        while errand.going():
            asked.wait(0.01)
        raise Stopped

    errand: Errand[int] = Errand(search)
    errands.start("anna", errand)
    errands.drop("anna")
    assert errands.of("anna") is None
    errand.wait(20)
    assert (errand.running, errand.failed, errand.answer) == (False, False, None)
