"""Departments' year plans: what each month and week owes, where departments clash, and one button to make it due."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import streamlit as st

from dispatch.desk.plans import MadeDue, Owed, TakenPlan, month
from dispatch.desk.sheets import write_faults
from dispatch.inspections.clashes import Clash
from dispatch.inspections.due import WEEK, Check
from dispatch.store import plans
from dispatch.store.plans import KeptLine
from gis.schemas import BadInput, Fault
from ui.panel.component import panel, render
from ui.said import Said, attempt
from ui.screens.inspections.looking import Look, again, span

SHOWN = 120
CLASHES_SHOWN = 30
DAY = timedelta(days=1)


@dataclass(slots=True)
class View:
    """What somebody looks at on this tab: a month by its first day, a clash by its two checks, rows to be mended."""

    month: date | None = None
    clash: tuple[str, str] | None = None
    faults: bytes = b""
    fault_rows: int = 0


def _view() -> View:
    view: View = st.session_state.setdefault("inspections_plans", View())
    return view


def show(look: Look) -> None:
    """The months and the weeks of one on the left; sheets, departments and clashes on the right."""
    view, desk = _view(), look.centre.plans
    with look.centre.casebook.reading() as connection:
        owed = desk.owed(connection, look.towns, look.today)
        lines = plans.lines(connection, look.towns)
        clashes = desk.clashes(connection, owed)
    left, right = st.columns([8, 4], gap="small")
    with left:
        _months(look, view, owed)
    with right, st.container(key="inspections-side"):
        _departments(look, owed, lines)
        if look.own_towns:
            _sheet(look, view)
        _clashes(look, view, owed, clashes)


def _months(look: Look, view: View, owed: Owed) -> None:
    w, desk = look.tell.w, look.centre.plans
    this = look.today.replace(day=1)
    firsts = [this]
    while len(firsts) < 13 - this.month or any(check.earliest > month(firsts[-1])[1] for check in owed.checks):
        firsts.append(month(firsts[-1])[1] + DAY)
    chosen = view.month if view.month in firsts else this
    some = desk.in_month(owed, chosen)
    ids = {check.id for check in some}
    weeks = {monday: [c for c in each if c.id in ids] for monday, each in desk.weeks(owed, look.today).items()}
    weeks = {monday: each for monday, each in weeks.items() if each}
    fresh = [check for check in some if not owed.due(check)]
    mine = bool(look.own_towns)
    html = render(
        "inspections/plans.html",
        w=w,
        months=[
            (first.isoformat(), _month_name(look, first), len(desk.in_month(owed, first)), first == chosen)
            for first in firsts
        ],
        name=_month_name(look, chosen),
        count=len(some),
        fresh=len(fresh) if mine else 0,
        weeks=[_week(look, owed, monday, each, mine=mine) for monday, each in weeks.items()],
        shown=SHOWN,
    )
    act = panel(html, key="inspections-plans", theme=look.theme) or ""
    name, _, value = act.partition(":")
    if name == "month" and value in {first.isoformat() for first in firsts}:
        view.month, look.looking.note = date.fromisoformat(value), None
        again()
    if name == "due":
        _do(look, lambda: _made(look, desk.make_due(look.person.id, look.own_towns, chosen)))
    if name == "week" and value in {monday.isoformat() for monday in weeks}:
        monday = date.fromisoformat(value)
        _do(look, lambda: _made(look, desk.make_due(look.person.id, look.own_towns, monday, week=True)))


def _month_name(look: Look, first: date) -> str:
    name = look.tell.w(f"inspections.month_{first.month}")
    return name if first.year == look.today.year else f"{name} {first.year}"


def _week(look: Look, owed: Owed, monday: date, checks: Sequence[Check], *, mine: bool) -> dict[str, object]:
    """A week with a row a premises; what was missed first."""
    of: dict[str, list[Check]] = {}
    for check in sorted(checks, key=lambda check: (not _late(owed, check), check.line.premises, check.id)):
        of.setdefault(check.line.premises, []).append(check)
    sunday = monday + WEEK - DAY
    return {
        "monday": monday.isoformat(),
        "name": look.tell.w("inspections.week", n=monday.isocalendar()[1]),
        "span": span(monday, sunday),
        "count": len(checks),
        "minutes": sum(check.minutes for check in checks),
        "rows": [_row(look, owed, place, some) for place, some in list(of.items())[:SHOWN]],
        "more": max(0, len(of) - SHOWN),
        "fresh": mine and any(not owed.due(check) for check in checks),
    }


def _late(owed: Owed, check: Check) -> bool:
    return bool(check.rolled) or check.id in owed.missed


def _row(look: Look, owed: Owed, place: str, checks: Sequence[Check]) -> dict[str, object]:
    found = look.premises.get(place)
    return {
        "name": found.name or place if found else place,
        "town": look.town(found.town) if found else "",
        "checks": [
            (look.department(check.line.department), look.item(check.line.item), check.minutes) for check in checks
        ],
        "window": span(max(check.earliest for check in checks), min(check.latest for check in checks)),
        "late": any(_late(owed, check) for check in checks),
        "due": all(owed.due(check) for check in checks),
    }


def _sheet(look: Look, view: View) -> None:
    """A department's workbook into the book, and the sheet of rows that goes back."""
    w, turn = look.tell.w, look.looking.round
    with st.expander(w("inspections.plan_take"), expanded=bool(view.faults)):
        with st.form(key=f"inspections-plan-{turn}", border=False):
            file = st.file_uploader(
                w("inspections.plan_file"), type=["xlsx", "csv"], key=f"inspections-plan-file-{turn}"
            )
            year = st.selectbox(w("inspections.plan_year"), [look.today.year, look.today.year + 1])
            if st.form_submit_button(w("inspections.take_in_do"), width="stretch") and file is not None:
                _take(look, view, Path(file.name).name, file.getvalue(), int(year or look.today.year))
        if view.faults:
            st.download_button(
                w("inspections.plan_faults", n=view.fault_rows),
                view.faults,
                "to-mend.xlsx",
                key="inspections-plan-faults",
                width="stretch",
            )


def _take(look: Look, view: View, name: str, data: bytes, year: int) -> None:
    desk = look.centre.plans

    def done() -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            taken = desk.take_plan(look.person.id, path, year)
            view.faults = _workbook(taken.faults, Path(folder) / "to-mend.xlsx")
            view.fault_rows = len({fault.row for fault in taken.faults})
        return _taken(look, taken, view.fault_rows)

    try:
        _do(look, done)
    except BadInput as bad:
        look.looking.said(Said(str(bad), False))
        again()


def _workbook(faults: Sequence[Fault], path: Path) -> bytes:
    if not faults:
        return b""
    write_faults(faults, path)
    return path.read_bytes()


def _taken(look: Look, taken: TakenPlan, rows: int) -> str:
    w = look.tell.w
    said = [w("inspections.plan_taken", new=taken.new, changed=taken.changed, same=taken.same)]
    if rows:
        said.append(w("inspections.plan_to_mend", n=rows))
    if taken.left_out:
        said.append(w("inspections.plan_left_out", n=taken.left_out))
    return " ".join(said)


def _made(look: Look, made: MadeDue) -> str:
    w = look.tell.w
    said = [w("inspections.done_due", n=made.due)]
    if made.rolled:
        said.append(w("inspections.done_rolled", n=made.rolled))
    if made.lapsed:
        said.append(w("inspections.done_lapsed", n=made.lapsed))
    return " ".join(said)


def _departments(look: Look, owed: Owed, lines: Iterable[KeptLine]) -> None:
    """What each department has handed in for which year, and how much of it is done."""
    of: dict[tuple[str, int], list[KeptLine]] = {}
    for each in lines:
        of.setdefault((each.line.department, each.year), []).append(each)
    done: dict[tuple[str, str], tuple[int, int]] = {}
    for kept in owed.kept.values():
        n, made = done.get(kept.check.line.key, (0, 0))
        done[kept.check.line.key] = n + 1, made + kept.done
    rows = [
        (
            look.department(department),
            year,
            len(some),
            sum(done.get(each.line.key, (0, 0))[0] for each in some),
            sum(done.get(each.line.key, (0, 0))[1] for each in some),
            sum(each.left_out for each in some),
        )
        for (department, year), some in sorted(of.items())
    ]
    html = render("inspections/departments.html", w=look.tell.w, rows=rows)
    panel(html, key="inspections-departments", theme=look.theme)


def _clashes(look: Look, view: View, owed: Owed, clashes: Sequence[Clash]) -> None:
    w = look.tell.w
    checks = {check.id: check for check in owed.checks}
    shown = clashes[:CLASHES_SHOWN]
    rows = [
        {
            "place": look.premises[each.premises].name or each.premises,
            "one": _side(look, checks[each.earlier]),
            "two": _side(look, checks[each.later]),
            "apart": each.apart,
            "chosen": (each.earlier, each.later) == view.clash,
        }
        for each in shown
    ]
    html = render("inspections/clashes.html", w=w, rows=rows, n=len(clashes), able=bool(look.own_towns))
    act = panel(html, key="inspections-clashes", theme=look.theme) or ""
    name, _, value = act.partition(":")
    if name == "clash" and value.isdigit() and int(value) < len(shown):
        view.clash = shown[int(value)].earlier, shown[int(value)].later
        again()
    clash = next((each for each in shown if (each.earlier, each.later) == view.clash), None)
    if clash is not None and look.premises[clash.premises].town in look.own_towns:
        _answer(look, clash, checks[clash.later], look.centre.plans.meeting_day(owed, clash))


def _side(look: Look, check: Check) -> str:
    return f"{look.department(check.line.department)} {span(check.earliest, check.latest)}"


def _answer(look: Look, clash: Clash, later: Check, day: date | None) -> None:
    """One visit, or two with the reason."""
    w, desk, me = look.tell.w, look.centre.plans, look.person.id
    who = look.department(later.line.department)
    with st.form(key=f"inspections-clash-{look.looking.round}", border=False):
        words = w("inspections.clash_together", who=who, day=look.day_name(day)) if day else ""
        if day and st.form_submit_button(words, type="primary", width="stretch"):
            look.do("together", lambda: desk.answer_clash(me, clash.earlier, clash.later, together=True))
        why = st.text_input(w("inspections.clash_why"), max_chars=500)
        if st.form_submit_button(w("inspections.clash_apart"), width="stretch"):
            look.do("apart", lambda: desk.answer_clash(me, clash.earlier, clash.later, why, together=False))


def _do(look: Look, deed: Callable[[], str]) -> None:
    """As ``look.do``, with what the deed itself says."""
    look.looking.said(attempt(deed, look.tell))
    again()
