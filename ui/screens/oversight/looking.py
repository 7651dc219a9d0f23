"""What somebody looks at on the screen of oversight, from one refresh to the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from dispatch.oversight.evaluation import Period
from ui.frame import Frame
from ui.services.overseeing import Counted, Overseeing, Span, spans

TABS = (
    "of_town",
    "matrix",
    "bundled",
    "findings",
    "hot_spots",
    "gauges",
    "evenness",
    "of_dispatcher",
    "of_team",
    "of_source",
    "files",
    "figures",
)


@dataclass(slots=True)
class Looking:
    """One person's view.

    Attributes
    ----------
    first
        First day of the time that is looked at; None for the running one.
    cell
        The hot spot that is chosen, or empty.
    much
        How much is played for the published figures, ``quick`` or ``full``.
    figure
        Place, name and kind of the figure that is chosen, or empty.
    review
        The review of files that is chosen; empty for the last one.
    note
        What came of the last deed: kind and words.
    round
        Grows with every deed that was done, so that its form comes back empty.
    """

    tab: str = TABS[0]
    period: Period = Period.WEEK
    first: date | None = None
    cell: str = ""
    much: str = "quick"
    figure: str = ""
    review: str = ""
    note: tuple[str, str] | None = None
    round: int = 0

    def span(self, today: date) -> Span:
        """The time that is looked at; the running one when it is not among those that are offered."""
        offered = spans(self.period, today)
        return next((each for each in offered if each.first == self.first), offered[0])


@dataclass(frozen=True, slots=True)
class Look(Frame):
    """One refresh of this screen for one person; ``counted`` is None until the time was counted once."""

    looking: Looking
    overseeing: Overseeing
    span: Span
    counted: Counted | None


def looking() -> Looking:
    """The session's view."""
    view: Looking = st.session_state.setdefault("oversight", Looking())
    return view


def again() -> None:
    st.rerun(scope="fragment")
