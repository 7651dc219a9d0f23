"""On a busy server two fragments end and begin in one breath; the browser must still hear of both."""

from __future__ import annotations

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import app_session
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from ui.endings import Outbox, keep

ENDED, BROKEN_OFF = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY, ForwardMsg.FINISHED_EARLY_FOR_RERUN
BODY, STRIP = "body", "strip"


def _drawn(fragment: str, place: int) -> ForwardMsg:
    msg = ForwardMsg()
    msg.metadata.delta_path.extend([0, place])
    msg.delta.fragment_id = fragment
    msg.delta.new_element.markdown.body = fragment
    return msg


def _ended(*fragments: str) -> ForwardMsg:
    msg = ForwardMsg(script_finished=ENDED)
    msg.metadata.run.fragment_ids.extend(fragments)
    return msg


def _told(queue: ForwardMsgQueue) -> list[tuple[object, list[str]]]:
    """What was drawn, and how which runs ended, in the order of sending."""
    return [
        (msg.script_finished, list(msg.metadata.run.fragment_ids))
        if msg.WhichOneof("type") == "script_finished"
        else (msg.delta.fragment_id, [])
        for msg in queue.flush()
    ]


def _run_of(outbox: ForwardMsgQueue, *fragments: str) -> None:
    for place, fragment in enumerate(fragments):
        outbox.enqueue(_drawn(fragment, place))
    outbox.enqueue(_ended(*fragments))


def test_a_run_that_ended_is_told_so_though_the_clock_of_another_strikes_at_once() -> None:
    """Else the faults of a file that was taken out stand beside an empty field until somebody touches the screen."""
    outbox = Outbox()
    _run_of(outbox, BODY)
    outbox.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=[STRIP])
    assert _told(outbox) == [(BODY, []), (ENDED, [BODY])]


def test_of_two_that_ended_together_only_the_one_that_runs_again_is_left_open() -> None:
    """What is drawn anew was dropped; the browser must not clear a place that was not drawn."""
    outbox = Outbox()
    _run_of(outbox, BODY, STRIP)
    outbox.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=[STRIP])
    assert _told(outbox) == [(BODY, []), (ENDED, [BODY])]


@pytest.mark.parametrize("again", [[BODY], None])
def test_what_is_drawn_anew_itself_counts_as_broken_off(again: list[str] | None) -> None:
    """Its elements were dropped on the way: cleared now, they would vanish for a moment with what was typed in them."""
    outbox = Outbox()
    _run_of(outbox, BODY)
    outbox.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=again)
    assert _told(outbox) == [(BROKEN_OFF, [BODY])]


def test_a_session_of_the_server_sends_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's queue has no door for ours; where it is made elsewhere one day, this says so."""
    monkeypatch.setattr(app_session, "ForwardMsgQueue", ForwardMsgQueue)
    keep()
    assert "ForwardMsgQueue" in app_session.AppSession.__init__.__code__.co_names
    assert app_session.AppSession.__init__.__globals__["ForwardMsgQueue"] is Outbox
