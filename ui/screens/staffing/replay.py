"""One replication on the map: a day and an hour are chosen, and who is where is shown."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from scenarios.runkeeping import Run
from simulation.instants import Instant, Playback
from simulation.replications import Setup
from ui.map.component import grid_map
from ui.map.palette import Theme, palette
from ui.panel.component import panel, render
from ui.screens.staffing import runs
from ui.screens.staffing.looking import Look
from ui.services import picture, replaying

MAP_HEIGHT = "calc(100vh - 146px)"
STEP = timedelta(minutes=10)
STEPS_A_DAY = 144
FIRST = time(9, 0)
CLOCK = "staffing-replay-clock"


def show(look: Look) -> None:
    w, view = look.tell.w, look.looking
    there = {run.id: run for run in look.experiments.shelf.runs() if look.experiments.counted(run).n}
    chosen = [there[id] for id in dict.fromkeys((view.one, view.other)) if id in there] or list(there.values())
    if not chosen:
        panel(render("staffing/no_replay.html", w=w), key="staffing-no-replay", theme=look.theme)
        return
    left, right = st.columns([3, 11], gap="small")
    with left, st.container(key="staffing-side"):
        run, number = _which(look, chosen)
        with st.spinner(w("staffing.plays_again")):
            shown = replaying.playback(run.id, number)
        if shown is None:
            return
        moment = _when(look, shown.played.setup)
        now = shown.at((moment - shown.played.setup.begin).total_seconds())
        _figures(look, now, moment)
    with right:
        _map(look, shown, now)


def _which(look: Look, chosen: list[Run]) -> tuple[Run, int]:
    w = look.tell.w
    panel(render("staffing/replay_head.html", w=w), key="staffing-replay-head", theme=look.theme)
    at = st.selectbox(
        w("staffing.plan"),
        range(len(chosen)),
        format_func=lambda row: runs.run_title(look, chosen[row]),
        key="staffing-replay-run",
    )
    run = chosen[at or 0]
    number = st.number_input(
        w("staffing.replication"), 1, max(1, look.experiments.counted(run).n), 1, key="staffing-replay-number"
    )
    return run, int(number) - 1


def _when(look: Look, setup: Setup) -> datetime:
    """The instant that is shown, by the clock of the place; a clock that runs goes on by ten minutes a refresh."""
    w, file = look.tell.w, setup.plan.file
    first, last = file.begins, file.begins + timedelta(days=file.days - 1)
    runs_on = st.toggle(w("staffing.run_on"), key="staffing-replay-runs")
    if runs_on and CLOCK in st.session_state:
        st.session_state[CLOCK] = _later(st.session_state[CLOCK])
    day = st.date_input(
        w("staffing.day"), first, min_value=first, max_value=last, key="staffing-replay-day", format="YYYY-MM-DD"
    )
    clock = st.slider(w("staffing.clock"), time(0, 0), time(23, 50), _opens(setup), STEP, format="HH:mm", key=CLOCK)
    return datetime.combine(day, clock, look.centre.zone).astimezone(UTC)


def _opens(setup: Setup) -> time:
    """The clock that is shown first: nine, or the hour at which a run from tonight's backlog begins."""
    steps = math.ceil(setup.opening.at_s / STEP.total_seconds())
    begins = (datetime.combine(date(2000, 1, 1), time(), UTC) + min(steps, STEPS_A_DAY - 1) * STEP).time()
    return max(FIRST, begins)


def _later(clock: time) -> time:
    """Ten minutes on; after the last of the day, midnight of the same day again."""
    return (datetime.combine(date(2000, 1, 1), clock, UTC) + STEP).time()


def _figures(look: Look, now: Instant, moment: datetime) -> None:
    going, working, back = (int((now.doing == each).sum()) for each in range(3))
    html = render(
        "staffing/replay.html",
        w=look.tell.w,
        at=look.tell.at(moment),
        waiting=len(now.waiting),
        late=int(now.late.sum()),
        going=going,
        working=working,
        back=back,
        on_duty=now.on_duty,
        at_desk=now.at_desk,
        open=now.open,
    )
    panel(html, key="staffing-replay-figures", theme=look.theme)


def _map(look: Look, shown: Playback, now: Instant) -> None:
    w, colours = look.tell.w, palette(Theme(look.theme))
    lon, lat, ways = replaying.whereabouts(shown, now)
    spec = picture.on_ground(
        w,
        w("staffing.replay_map"),
        colours,
        route=picture.routes_table(ways) if ways else None,
        teams=replaying.teams(shown, now, lon, lat),
        incidents=replaying.incidents(shown, now),
    )
    grid_map(spec, key="staffing-replay-map", height=MAP_HEIGHT)
    html = render(
        "staffing/replay_legend.html",
        w=w,
        way=colours.on_way,
        busy=colours.busy,
        free=colours.free,
        late=colours.overdue,
    )
    panel(html, key="staffing-replay-legend", theme=look.theme)
