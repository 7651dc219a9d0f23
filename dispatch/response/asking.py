"""In which order idle teams are asked from each cell: what ``assignment.candidates`` says, for all cells at once.

A staffing plan is compiled with it into tables for the simulated city, so that the simulated dispatcher asks as the
live one does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dispatch.response.assignment import USUAL, Targets

NOBODY = -1


def order_of_asking(
    seconds: NDArray[np.float64], own_beat: NDArray[np.bool_], within_s: float, targets: Targets = USUAL
) -> NDArray[np.int64]:
    """Rows of teams in the order in which they are asked, shape (teams, cells), the first one first.

    Who arrives within the clock stands before who does not, then the shorter effort, then the smaller row; teams are
    free, on duty, lawful, and have closed nothing today. A team without a way is not asked: -1 at the end.

    Parameters
    ----------
    seconds
        Shape (teams, cells): by street, inf where there is no way. Rows stand by team id.
    own_beat
        Shape (teams, cells): whether the cell's community is the team's own.
    within_s
        From the report until somebody should be there.
    """
    effort = seconds - targets.own_beat_s * own_beat
    rows = np.broadcast_to(np.arange(len(seconds))[:, None], seconds.shape)
    order = np.lexsort((rows, effort, seconds > within_s), axis=0)
    return np.where(np.isfinite(np.take_along_axis(seconds, order, axis=0)), order, NOBODY)
