"""The two-way matrix: how departments reported in when towns asked. Promises kept are counted, never an amount."""

from __future__ import annotations

from dispatch.oversight.matrix import ReportingIn, reporting_in
from dispatch.store.ledger import Kind
from ui.panel.component import panel, render
from ui.screens.between.looking import Look


def show(look: Look) -> None:
    w = look.tell.w
    html = render(
        "between/matrix.html",
        w=w,
        rows=[
            {
                "town": look.centre.scenario.areas.name(row.town) if row.town else w("between.by_matter"),
                "department": look.department(row.department),
                "asked": row.asked,
                "answered": _share(row.answered_in_time, row.asked),
                "arrived": _share(row.arrived_as_asked, row.arrived),
                "done": _share(row.done_in_time, row.asked - row.withdrawn),
                "returned": row.returned,
                "raised": row.raised,
            }
            for row in sorted(_counted(look), key=lambda row: (row.town, -row.asked, row.department))
        ],
    )
    panel(html, key="between-matrix", theme=look.theme)


def _counted(look: Look) -> list[ReportingIn]:
    """All that was ever asked, counted anew only when a task has moved since this person last looked."""
    seen = (look.centre.casebook.tasks_revision(), look.person.body, look.board.areas)
    if look.looking.counted[0] != seen:
        look.looking.counted = seen, _count(look)
    return look.looking.counted[1]


def _count(look: Look) -> list[ReportingIn]:
    casebook, whole = look.centre.casebook, look.board.areas == ("",)
    tasks = [
        task
        for task in casebook.tasks()
        if look.person.body in ("", task.body) and (whole or (task.asked_by and look.board.sees(task.asked_by)))
    ]
    return reporting_in(tasks, casebook.histories({Kind.TASK: [task.id for task in tasks]}))


def _share(kept: int, of: int) -> str:
    return f"{kept} / {of}" if of else "–"
