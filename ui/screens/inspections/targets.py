"""Where a call may go: every crew's day and a new crew, with its new hour or with what stands against it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from itertools import groupby

from dispatch.desk.trying import Choice
from dispatch.records.calls import Stop
from ui.panel.component import panel, render
from ui.screens.inspections.looking import Choices, Look, again, clock

NEW = "new"


def choices_of(look: Look, call: str) -> list[Choice]:
    """Where the call may go; asked again when the book or the minute is another, not at every refresh."""
    view, minute = look.looking, look.centre.desk.minute()
    known = view.choices
    if known is None or known.call != call or known.force is not look.force or known.minute != minute:
        known = view.choices = Choices(call, look.force, minute, tuple(look.centre.rounds.choices(call)))
    return list(known.found)


def key_of(choice: Choice) -> str:
    """The word under which a browser names a choice."""
    outing = choice.outing
    return f"{NEW} {outing.day.isoformat()} {','.join(outing.officers)}" if choice.new else outing.id


def verdict(look: Look, choice: Choice) -> str:
    """The hour at which the crew would be there, or why it cannot come."""
    if choice.why:
        return "✕ " + " ".join(look.tell.reason(reason) for reason in choice.why)
    return "✓ " + look.tell.w("inspections.would_come", at=clock(choice.arrive))


def names(look: Look, choice: Choice) -> str:
    return " · ".join(look.officer(who) for who in choice.outing.officers)


def show_targets(look: Look, stop: Stop, choices: Sequence[Choice]) -> None:
    """What is not on the list of the day itself: other days, and new crews."""
    away = [each for each in choices if each.new or each.outing.day != look.looking.day]
    html = render(
        "inspections/targets.html",
        w=look.tell.w,
        name=look.name(stop.visit.premises),
        days=[
            (look.day_name(day), [_target(look, each) for each in of_day])
            for day, of_day in groupby(away, key=lambda each: each.outing.day)
        ],
    )
    panel(html, key="inspections-targets", theme=look.theme)


def _target(look: Look, choice: Choice) -> dict[str, object]:
    return {
        "id": key_of(choice),
        "new": choice.new,
        "names": names(look, choice),
        "may": not choice.why,
        "verdict": verdict(look, choice),
    }


def heard(look: Look, act: str) -> None:
    """A call was taken up, dropped on a target, or let go."""
    view = look.looking
    name, _, rest = act.partition(":")
    if name == "drag":
        stop = look.force.stops.get(rest)
        view.dragging, view.note = (rest if stop is not None else ""), None
        again()
    if name == "drop":
        call, to = json.loads(rest)
        view.dragging = ""
        stop = look.force.stops.get(call)
        if stop is None or to == stop.outing:
            again()
            return
        move_to(look, stop, to)


def move_to(look: Look, stop: Stop, to: str) -> None:
    """The deed; it says to whom and when, and the day to which the call went is shown."""
    rounds, view = look.centre.rounds, look.looking

    def deed() -> str:
        if to.startswith(f"{NEW} "):
            _, iso, officers = to.split(" ", 2)
            day, crew = date.fromisoformat(iso), tuple(each for each in officers.split(",") if each)
            moved = rounds.move_to_new_crew(look.person.id, stop.id, stop.version, day, crew)
        else:
            day, crew = look.force.outings[to].day, look.force.outings[to].officers
            moved = rounds.move(look.person.id, stop.id, stop.version, to)
        view.call, view.day = moved.id, day
        who = look.tell.w("app.and").join(map(look.officer, crew))
        return look.tell.w("inspections.done_move", crew=who, day=look.day_name(day), at=clock(moved.arrive))

    look.hear(deed)
