"""The queue: incidents by time left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dispatch.records.incident import Incident
from ui.panel.component import render
from ui.telling import Teller

LONGEST = 60


def queue_html(shown: Sequence[Incident], selected: str, now: datetime, tell: Teller) -> str:
    """The first rows of the queue, and the selected incident wherever it stands in it."""
    first = list(shown[:LONGEST])
    if selected and all(incident.id != selected for incident in first):
        first += [incident for incident in shown[LONGEST:] if incident.id == selected]
    rows = [_row(incident, now, tell) for incident in first]
    return render("dispatch/queue.html", w=tell.w, rows=rows, total=len(shown), selected=selected)


def _row(incident: Incident, now: datetime, tell: Teller) -> dict[str, str | int]:
    left, tone = tell.left(incident, now)
    what, where = tell.what(incident), tell.where(incident)
    state = tell.w(f"state.{incident.status}")
    if incident.status == "reported":
        state = tell.w("queue.overdue" if tone == "bad" else "queue.left")
    return {
        "id": incident.id,
        "priority": incident.priority,
        "what": what,
        "where": f"{incident.id} · {where}",
        "left": left or "–",
        "short": tell.left_short(incident, now),
        "tone": tone,
        "state": state,
        "label": f"{incident.priority} {what}, {where}, {state} {left}",
    }
