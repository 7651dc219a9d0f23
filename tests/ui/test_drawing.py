"""A patrol is drawn beside the screens: nobody waits for it, and nobody starts two."""

from __future__ import annotations

import threading
import time

import pytest

from dispatch.desk.refusals import Refused
from dispatch.records.reason import Reason
from ui.services.drawing import Drawer, Drawing


def ended(drawing: Drawing) -> Drawing:
    until = time.monotonic() + 10
    while drawing.running and time.monotonic() < until:
        time.sleep(0.005)
    assert not drawing.running
    return drawing


def test_the_screen_goes_on_while_rounds_are_drawn_and_a_second_press_starts_nothing():
    """Two presses on the button would otherwise draw the same days twice, and one be refused."""
    drawer, go, begun = Drawer(), threading.Event(), []

    def deed():
        begun.append("drawn")
        go.wait(10)
        return "X0001"

    first = drawer.start("anna", "east", deed)
    assert first.running
    assert drawer.start("anna", "west", deed) is first
    go.set()
    assert ended(first).taken() == "X0001"
    assert begun == ["drawn"]
    drawer.drop("anna")
    assert drawer.of("anna") is None


def test_what_the_desk_said_reaches_the_screen():
    def deed():
        raise Refused(Reason("patrol_there", False, {}))

    drawing = ended(Drawer().start("anna", "east", deed))
    with pytest.raises(Refused, match="patrol_there"):
        drawing.taken()
    assert not drawing.failed


def test_a_draw_that_breaks_off_does_not_run_for_ever(caplog):
    """The screen says so and offers the form again."""
    assert ended(Drawer().start("anna", "east", lambda: 1 / 0)).failed
    assert "could not be drawn" in caplog.text
