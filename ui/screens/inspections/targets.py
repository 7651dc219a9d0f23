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
    """A call was taken up, dropped on a target, or let go; ``act`` names it with the version that was on the page."""
    view = look.looking
    name, _, rest = act.partition(":")
    if name == "drag":
        _, _, call = rest.partition(":")
        view.dragging, view.note = (call if call in look.force.stops else ""), None
        again()
    if name == "drop":
        view.dragging = ""
        version, call, to = _dropped(rest) or (0, "", "")
        stop = look.force.stops.get(call)
        if not call or (stop is not None and to == stop.outing):
            again()
            return
        move_to(look, call, version, to)


def _dropped(told: str) -> tuple[int, str, str] | None:
    """The version and id of the call and the target's word; None when a browser sends anything else."""
    try:
        held, to = json.loads(told)
        version, call = held.split(":", 1)
        return int(version), call, str(to)
    except (ValueError, TypeError, AttributeError):
        return None


def move_to(look: Look, call: str, version: int, to: str) -> None:
    """The deed on the call as it was seen; it says to whom and when, and the day to which the call went is shown."""
    rounds, view = look.centre.rounds, look.looking
    new = _new_crew(to)

    def deed() -> str:
        if new is not None:
            moved = rounds.move_to_new_crew(look.person.id, call, version, *new)
        else:
            moved = rounds.move(look.person.id, call, version, to)
        outing = look.centre.books.now().force.outings[moved.outing]
        view.call, view.day = moved.id, outing.day
        who = look.tell.w("app.and").join(map(look.officer, outing.officers))
        return look.tell.w("inspections.done_move", crew=who, day=look.day_name(outing.day), at=clock(moved.arrive))

    look.hear(deed)


def _new_crew(to: str) -> tuple[date, tuple[str, ...]] | None:
    """Day and officers of a target that is a new crew; None for one that there is."""
    name, _, rest = to.partition(" ")
    day, _, officers = rest.partition(" ")
    try:
        return (date.fromisoformat(day), tuple(each for each in officers.split(",") if each)) if name == NEW else None
    except ValueError:
        return None
