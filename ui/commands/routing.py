"""``gridbeat route vrptw``: an instance in Solomon's form to routes in CVRPLIB's."""

from __future__ import annotations

import time
from pathlib import Path

from dispatch.routing.budget import Budget
from dispatch.routing.solomon import cost_of, read_solomon, write_cvrplib
from dispatch.routing.solve import within
from gis.schemas import BadInput, Fault
from ui.commands.output import check_output, last_line, steps

PERCENT = 100


def vrptw(*, instance: Path, seconds: float, rounds: int | None, seed: int, out: Path, began: float) -> None:
    """Write the routes and print what they cost; ``began`` is the CPU time from which ``seconds`` count."""
    check_output(out, instance)
    asked = read_solomon(instance)
    with steps("route", PERCENT) as step:
        shown = 0

        def watch(share: float) -> None:
            nonlocal shown
            while shown < int(PERCENT * share):
                shown += 1
                step()

        plan = within(asked.problem(), Budget(seconds, rounds, watch, began), seed)
    if not plan.complete:
        left = ", ".join(one.stop for one in plan.left_out[:5])
        found = (
            f"{asked.vehicles} vehicles, with which customers {left}{', …' * (len(plan.left_out) > 5)} stay unvisited"
        )
        fault = Fault(asked.file, asked.vehicles_line, "number of vehicles", found, "enough for all customers")
        raise BadInput(fault, advice="Give it more vehicles or more --seconds.")
    write_cvrplib(plan, out)
    took = round(time.process_time() - began, 3)
    last_line({"cost": cost_of(plan), "routes": len(plan.routes), "seconds": took})
