"""What a fragment no longer draws leaves the screen, also on a busy server.

Streamlit 1.67 takes a fragment's run for broken off when another fragment's run begins before the news of its end has
been sent. The browser then keeps what that run did not draw: the faults of a file that was taken out again, the fields
of a form that was closed. They stay until the fragment runs next, which a fragment without a clock does only when it is
touched. The other fragment's run drops nothing of it, so here the end remains an end.
"""

from __future__ import annotations

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import app_session
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

ENDED = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY


class Outbox(ForwardMsgQueue):
    """Messages on their way to one browser."""

    def clear(self, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None) -> None:
        """Drop what the run that begins will draw anew; ``fragment_ids_this_run`` is None for the whole page."""
        again = set(fragment_ids_this_run or ())
        ended = [msg for msg in self._queue if again and _ended_of_others(msg, again)]
        super().clear(retain_lifecycle_msgs, fragment_ids_this_run)
        for msg in ended:
            others = [each for each in msg.metadata.run.fragment_ids if each not in again]
            msg.metadata.run.fragment_ids[:] = others
            msg.script_finished = ENDED


def _ended_of_others(msg: ForwardMsg, again: set[str]) -> bool:
    """Whether it tells that fragments have run to their end, one of which is not run ``again``."""
    ended = msg.WhichOneof("type") == "script_finished" and msg.script_finished == ENDED
    return ended and not again.issuperset(msg.metadata.run.fragment_ids)


def keep() -> None:
    """Every session that begins from now on sends by :class:`Outbox`."""
    app_session.ForwardMsgQueue = Outbox  # type: ignore[attr-defined]
