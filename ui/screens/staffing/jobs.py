"""What is being played for whoever looks: how far it is and how to stop it, and what came of it."""

from __future__ import annotations

import math
from datetime import timedelta

from simulation.search import STAGES
from ui.panel.component import panel, render
from ui.screens.staffing.looking import Look, again
from ui.services.playing import Job

NAMED = ("prepares", "waits", *STAGES)
"""What a job may say it is doing, beside a number of replications or an assumption."""


def busy(look: Look) -> bool:
    """Whether something is played for this person; it is shown then, or what came of the last, until it is read."""
    job = look.experiments.player.of(look.person.id)
    if job is None:
        return False
    if job.running:
        _progress(look, job)
        return True
    _ended(look, job)
    return False


def _progress(look: Look, job: Job) -> None:
    w = look.tell.w
    html = render(
        "staffing/progress.html",
        w=w,
        share=round(100 * job.share),
        name=job.name,
        said=_said(look, job),
        left="" if math.isnan(job.left_s) else look.tell.span(timedelta(seconds=max(job.left_s, 60.0))),
        stopping=job.stopping.is_set(),
        resumed=job.resumed,
        others=look.experiments.player.running - 1,
    )
    if panel(html, key="staffing-progress", theme=look.theme) == "stop":
        look.experiments.player.stop(look.person.id)
        again()


def _said(look: Look, job: Job) -> str:
    """What is being done: which replication, which step, or which assumption with how much of it."""
    if job.said in NAMED:
        return look.tell.w(f"staffing.doing_{job.said}")
    name, _, factor = job.said.partition(" ")
    return f"{look.tell.w(f'staffing.assume_{name}')} ×{factor}" if factor else job.said


def _ended(look: Look, job: Job) -> None:
    """What came of the last job, until it has been read."""
    w = look.tell.w
    html = render(
        "staffing/ended.html",
        w=w,
        name=job.name,
        failed=job.failed,
        bad=look.fault(job.bad) if job.bad else "",
        gone=job.gone,
        stopped=job.stopping.is_set(),
    )
    if panel(html, key="staffing-ended", theme=look.theme) == "heard":
        look.experiments.player.heard(look.person.id)
        again()
