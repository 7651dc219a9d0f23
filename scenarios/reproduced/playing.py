"""What the simulated city says of a figure: the plan of a place under other patrols and another procedure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scenarios.reproduced.assumptions import Values
from simulation.plan import Patrols, Procedure
from simulation.replications import Played, Setup, play
from simulation.services import read

HOUR_S = 3600.0


def hotline_fall_percent(setup: Setup, values: Values, seed: int, draw: int) -> float:
    """By how much fewer incidents reach the hotline once grid workers call what they see.

    The city is played twice with equal chances; what a patrol finds first nobody has to report.
    """
    told = []
    for passes in (
        values["passes_by_officers"],
        values["passes_by_officers"] + values["passes_by_grid_workers"],
    ):
        patrols = Patrols(passes_a_day=passes, told_after_h=values["told_after"])
        played = play(_with(setup, patrols=patrols), draw, seed)
        _, fates = read(played.diary, len(played.work), played.force.officers)
        told.append(int((~fates.found & (fates.known_s >= setup.warm_up_s)).sum()))
    before, after = told
    return 100 * (1 - after / before)


def volume_and_simple(setup: Setup, seed: int, draw: int) -> tuple[float, float]:
    """Incidents of the plan's period, and the percentage that takes the simple procedure."""
    played = play(setup, draw, seed)
    _, fates = read(played.diary, len(played.work), played.force.officers)
    counted = fates.known_s >= setup.warm_up_s
    simple = setup.matters.simple[played.reports.matter[counted]]
    return float(counted.sum()), 100 * float(simple.mean())


def desk_hours(setup: Setup, values: Values, side: str, seed: int, draw: int) -> float:
    """Hours from the scene to the end of an ordinary case on average, by the clock on the wall, nights included.

    Parameters
    ----------
    side
        ``before`` by hand and on paper, ``after`` on screen.
    """
    how = setup.plan.file.procedure
    step, pause = ("by_hand", "on_paper") if side == "before" else ("on_screen", "on_screen")
    procedure = how.model_copy(
        update={
            "steps": round(values[f"steps_{side}"]),
            "step_min": values[f"step_{step}"],
            "pause_h": values[f"hand_over_{pause}"],
        }
    )
    played = play(_with(setup, procedure=procedure), draw, seed)
    return _mean_hours(played)


def minutes_on_the_spot(values: Values, side: str) -> float:
    """Minutes of a penalty on the spot, part by part."""
    parts = [values["hearing_the_party"]]
    if side == "before":
        parts += [values["letters_by_hand"] / values["letters_a_minute"]]
        parts += [values["looking_up_the_law"], values["paying_by_hand"]]
    else:
        parts += [values["checking_the_form"], values["scanning_and_matching"], values["paying_by_code"]]
    return sum(parts)


def _with(setup: Setup, *, patrols: Patrols | None = None, procedure: Procedure | None = None) -> Setup:
    file = setup.plan.file
    changed = {"patrols": patrols or file.patrols, "procedure": procedure or file.procedure}
    return replace(setup, plan=replace(setup.plan, file=file.model_copy(update=changed)))


def _mean_hours(played: Played) -> float:
    """Of ordinary cases closed after the warm-up, the time after the last work on the spot."""
    setup = played.setup
    services, fates = read(played.diary, len(played.work), played.force.officers)
    left = np.full(len(played.work), np.nan)
    there = ~np.isnan(services.arrived_s) & ~np.isnan(services.worked_s)
    np.fmax.at(left, services.incident[there], services.worked_s[there])
    ordinary = ~setup.matters.simple[played.reports.matter]
    rows = ordinary & (left >= setup.warm_up_s) & ~np.isnan(fates.closed_s)
    return float(np.mean(fates.closed_s[rows] - left[rows])) / HOUR_S
