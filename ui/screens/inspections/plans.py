"""Departments' year plans: what each month and week owes, where departments clash, and one button to make it due."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import streamlit as st

from dispatch.desk.due import MadeDue, Owed, month
from dispatch.desk.plans import ProposedPlan
from dispatch.desk.refusals import Refused
from dispatch.desk.tomend import Wrong, write_to_mend
from dispatch.inspections.clashes import Clash
from dispatch.inspections.due import WEEK, Check
from dispatch.store import plans
from dispatch.store.plans import KeptLine
from gis.schemas import BadInput
from ui.panel.component import panel, render
from ui.said import Said, attempt
from ui.screens.inspections import newer
from ui.screens.inspections.looking import Look, again, span
from ui.screens.inspections.tables import show_faults, templates
from ui.services.planfaults import Told
from ui.services.tablefaults import sentence, to_mend, told, told_of
from ui.services.tabletemplates import Table

SHOWN = 120
CLASHES_SHOWN = 30
DAY = timedelta(days=1)


@dataclass(slots=True)
class View:
    """What somebody looks at on this tab.

    Attributes
    ----------
    month, clash
        By the month's first day, and by the two checks.
    proposed
        A sheet that would take something away, until it is taken or put away.
    told, faults, fault_rows
        What is wrong with the sheet, the workbook of its rows to be mended, and how many these are.
    """

    month: date | None = None
    clash: tuple[str, str] | None = None
    proposed: ProposedPlan | None = None
    told: tuple[Told, ...] = ()
    faults: bytes = b""
    fault_rows: int = 0


def _view() -> View:
    view: View = st.session_state.setdefault("inspections_plans", View())
    return view


@dataclass(frozen=True, slots=True)
class Planned:
    """What the book's plans come to in the towns somebody sees, on a day.

    Attributes
    ----------
    months
        What each month owes, by its first day.
    weeks
        Everything owed by the Monday of its week.
    departments
        By department and year: lines, checks, checks done, checks beyond a cap.
    """

    owed: Owed
    months: dict[date, tuple[Check, ...]]
    weeks: dict[date, tuple[Check, ...]]
    clashes: tuple[Clash, ...]
    departments: dict[tuple[str, int], tuple[int, int, int, int]]


def planned_for(look: Look) -> Planned:
    """What the tab shows, as long as nobody does anything about inspections made once for all who see these towns."""
    return look.centre.books.kept(("plans", tuple(look.towns), look.today), lambda: _made_anew(look))


def _made_anew(look: Look) -> Planned:
    desk = look.centre.due_checks
    with look.centre.casebook.reading() as connection:
        owed = desk.owed(connection, look.towns, look.today)
        lines = plans.lines(connection, look.towns)
        clashes = desk.clashes(connection, owed)
    this = look.today.replace(day=1)
    last = max((check.earliest for check in owed.checks), default=this)
    firsts = [this]
    while len(firsts) < 13 - this.month or month(firsts[-1])[1] < last:
        firsts.append(month(firsts[-1])[1] + DAY)
    return Planned(
        owed,
        {first: desk.in_month(owed, first) for first in firsts},
        desk.weeks(owed, look.today),
        clashes,
        _by_department(owed, lines),
    )


def show(look: Look) -> None:
    """The months and the weeks of one on the left; sheets, departments and clashes on the right."""
    view, planned = _view(), planned_for(look)
    left, right = st.columns([8, 4], gap="small")
    with left:
        _months(look, view, planned)
    with right, st.container(key="inspections-side"):
        _chosen(look, view, planned)
        _departments(look, planned)
        if look.own_towns:
            _sheet(look, view)
        _clashes(look, view, planned)


def _months(look: Look, view: View, planned: Planned) -> None:
    desk = look.centre.due_checks
    chosen = view.month if view.month in planned.months else look.today.replace(day=1)
    act = panel(months_html(look, planned, chosen), key="inspections-plans", theme=look.theme) or ""
    name, _, value = act.partition(":")
    if name == "month" and value in {first.isoformat() for first in planned.months}:
        view.month, look.looking.note = date.fromisoformat(value), None
        again()
    if name == "due":
        look.hear(lambda: _made(look, desk.make_due(look.person.id, look.own_towns, chosen)))
    if name == "undo" and value.isdecimal():
        look.hear(lambda: look.tell.w("inspections.done_undo_due", n=desk.undo_due(look.person.id, int(value))))
    if name == "week" and value in {monday.isoformat() for monday in planned.weeks}:
        monday = date.fromisoformat(value)
        look.hear(lambda: _made(look, desk.make_due(look.person.id, look.own_towns, monday, week=True)))


def months_html(look: Look, planned: Planned, chosen: date) -> str:
    """The months with what they owe, and the weeks of the one that begins on ``chosen``, whole as their buttons are."""
    owed, mine = planned.owed, bool(look.own_towns)
    some = planned.months[chosen]
    last = look.centre.due_checks.last_made_due(look.person.id, look.board.now)
    return render(
        "inspections/plans.html",
        w=look.tell.w,
        months=[
            (first.isoformat(), _month_name(look, first), len(each), first == chosen)
            for first, each in planned.months.items()
        ],
        name=_month_name(look, chosen),
        count=len(some),
        fresh=_fresh(look, owed, chosen) if mine else 0,
        undo=last.sequence if mine and last is not None else 0,
        weeks=[_week(look, owed, monday, each, mine=mine) for monday, each in weeks_with(planned.weeks, some).items()],
        shown=SHOWN,
    )


def weeks_with(weeks: Mapping[date, Sequence[Check]], some: Iterable[Check]) -> dict[date, Sequence[Check]]:
    """Whole weeks with any of these checks: one across two months holds all that its button makes due."""
    ids = {check.id for check in some}
    return {monday: each for monday, each in weeks.items() if any(check.id in ids for check in each)}


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
        "fresh": _fresh(look, owed, monday, week=True) if mine else 0,
    }


def _fresh(look: Look, owed: Owed, day: date, *, week: bool = False) -> int:
    """How many checks the button of a month or a week makes due in the towns that are one's own."""
    towns = set(look.own_towns)

    def counted() -> int:
        some = look.centre.due_checks.to_come(owed, day, look.today, week=week)
        places = (look.premises.get(check.line.premises) for check in some)
        return sum(place is not None and place.town in towns for place in places)

    return look.centre.books.kept(("fresh", tuple(look.towns), tuple(sorted(towns)), look.today, day, week), counted)


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
    if view.proposed is not None:
        newer.show(look, view.proposed, view.fault_rows)
        _to_mend(look, view)
        newer.ask(look, lambda: _take(look, view), lambda: _put_away(view))
        return
    with st.expander(w("inspections.plan_take"), expanded=bool(view.told)):
        templates(look, Table.PLAN)
        with st.form(key=f"inspections-plan-{turn}", border=False):
            file = st.file_uploader(
                w("inspections.plan_file"), type=["xlsx", "csv"], key=f"inspections-plan-file-{turn}"
            )
            year = st.selectbox(w("inspections.plan_year"), [look.today.year, look.today.year + 1])
            if st.form_submit_button(w("inspections.take_in_do"), width="stretch") and file is not None:
                _look_at(look, view, Path(file.name).name, file.getvalue(), int(year or look.today.year))
        _to_mend(look, view)


def _to_mend(look: Look, view: View) -> None:
    if view.faults:
        st.download_button(
            look.tell.w("inspections.plan_faults", n=view.fault_rows),
            view.faults,
            "to-mend.xlsx",
            key="inspections-plan-faults",
            width="stretch",
        )
    show_faults(look, view.told)


def _look_at(look: Look, view: View, name: str, data: bytes, year: int) -> None:
    """What takes something away is shown first; a sheet that only adds is taken at once."""
    w = look.tell.w

    def read() -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            _propose(look, view, look.centre.plans.look_at_plan(path, year, look.own_towns))
        return w("inspections.newer_look")

    view.told, view.faults, view.fault_rows = (), b"", 0
    try:
        said = attempt(read, look.tell)
    except BadInput as bad:
        said = Said(sentence(bad.faults, w, look), False)
        view.told = tuple(told(fault, w, look) for fault in bad.faults)
    proposed = view.proposed
    if said.done and proposed is not None and view.fault_rows and not proposed.change.sheet.lines:
        view.proposed = None
        said = Said(w("inspections.plan_none_taken", n=view.fault_rows), False)
    look.looking.said(said)
    if said.done and proposed is not None:
        if not proposed.change.takes_away:
            _take(look, view)
        look.looking.note = "warn-note", said.words
    again()


def _propose(look: Look, view: View, proposed: ProposedPlan) -> None:
    """The sheet and its rows to mend, to be looked at."""
    view.proposed, sheet = proposed, proposed.change.sheet
    rows = to_mend(sheet, look.tell.w, look)
    view.told, view.fault_rows = tuple(told_of(sheet, look.tell.w, look)), len(rows)
    view.faults = _workbook(proposed, rows)


def _take(look: Look, view: View) -> None:
    """The sheet into the book; where that has changed meanwhile, the sheet stays to be looked at again."""
    proposed = view.proposed
    assert proposed is not None

    def done() -> str:
        look.centre.plans.take_plan(look.person.id, proposed)
        view.proposed = None
        return _taken(look, proposed, view.fault_rows)

    said = attempt(done, look.tell)
    if not said.done:
        with suppress(Refused):
            _propose(look, view, look.centre.plans.look_again(proposed))
    look.looking.said(said)
    again()


def _put_away(view: View) -> None:
    """The sheet is not taken; its department still gets the rows to mend."""
    view.proposed = None


def _workbook(proposed: ProposedPlan, rows: Mapping[int, Wrong]) -> bytes:
    if not rows:
        return b""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "to-mend.xlsx"
        write_to_mend(proposed.table, rows, path)
        return path.read_bytes()


def _taken(look: Look, proposed: ProposedPlan, rows: int) -> str:
    w, change = look.tell.w, proposed.change
    said = [w("inspections.plan_taken", new=len(change.new), changed=len(change.changed), same=change.same)]
    if change.sheet.mended:
        said.append(w("inspections.plan_mended"))
    if change.withdrawn or change.off:
        said.append(w("inspections.plan_withdrawn", n=len(change.withdrawn), off=len(change.off)))
    return " ".join([*said, *newer.lacking(w, change, rows)])


def _made(look: Look, made: MadeDue) -> str:
    w = look.tell.w
    said = [w("inspections.done_due", n=made.due)]
    if made.rolled:
        said.append(w("inspections.done_rolled", n=made.rolled))
    if made.lapsed:
        said.append(w("inspections.done_lapsed", n=made.lapsed))
    return " ".join(said)


def _by_department(owed: Owed, lines: Iterable[KeptLine]) -> dict[tuple[str, int], tuple[int, int, int, int]]:
    """What each department has handed in for which year, and how much of it is done."""
    checks = Counter((kept.check.line.department, kept.check.line.year) for kept in owed.kept.values())
    done = Counter((kept.check.line.department, kept.check.line.year) for kept in owed.kept.values() if kept.done)
    number: Counter[tuple[str, int]] = Counter()
    left_out: Counter[tuple[str, int]] = Counter()
    for each in lines:
        key = each.line.department, each.line.year
        number[key] += not each.withdrawn
        left_out[key] += each.left_out
    return {key: (number[key], checks[key], done[key], left_out[key]) for key in sorted(number)}


def _departments(look: Look, planned: Planned) -> None:
    rows = [(look.department(name), year, *counts) for (name, year), counts in planned.departments.items()]
    html = render("inspections/departments.html", w=look.tell.w, rows=rows)
    panel(html, key="inspections-departments", theme=look.theme)


def _chosen(look: Look, view: View, planned: Planned) -> None:
    """Of the clash that somebody picked what can be done: it stands where it is seen whatever is below."""
    clash = next((each for each in planned.clashes[:CLASHES_SHOWN] if _pair(each) == view.clash), None)
    if clash is None or look.premises[clash.premises].town not in look.own_towns:
        return
    checks = {check.id: check for check in planned.owed.checks}
    html = render("inspections/clash.html", w=look.tell.w, row=_row_of(look, checks, clash))
    panel(html, key="inspections-clash", theme=look.theme)
    _answer(look, clash, checks[clash.later], look.centre.due_checks.meeting_day(planned.owed, clash, look.today))


def _clashes(look: Look, view: View, planned: Planned) -> None:
    checks = {check.id: check for check in planned.owed.checks}
    n, shown = len(planned.clashes), planned.clashes[:CLASHES_SHOWN]
    rows = [{**_row_of(look, checks, each), "chosen": _pair(each) == view.clash} for each in shown]
    html = render("inspections/clashes.html", w=look.tell.w, rows=rows, n=n, able=bool(look.own_towns))
    act = panel(html, key="inspections-clashes", theme=look.theme) or ""
    name, _, value = act.partition(":")
    if name == "clash" and value.isdigit() and int(value) < len(shown):
        pressed = _pair(shown[int(value)])
        view.clash = pressed if pressed != view.clash else None
        again()


def _pair(clash: Clash) -> tuple[str, str]:
    return clash.earlier, clash.later


def _row_of(look: Look, checks: Mapping[str, Check], clash: Clash) -> dict[str, object]:
    return {
        "place": look.premises[clash.premises].name or clash.premises,
        "one": _side(look, checks[clash.earlier]),
        "two": _side(look, checks[clash.later]),
        "apart": clash.apart,
    }


def _side(look: Look, check: Check) -> str:
    return f"{look.department(check.line.department)} {span(check.earliest, check.latest)}"


def _answer(look: Look, clash: Clash, later: Check, day: date | None) -> None:
    """One visit on the day that the button says, or two with the reason."""
    w, desk, key = look.tell.w, look.centre.due_checks, f"inspections-clash-{look.looking.round}-{later.id}"
    who = look.department(later.line.department)

    def together(now: Look) -> None:
        now.do("together", lambda: desk.answer_clash(now.person.id, *_pair(clash), on=day))

    def apart(now: Look) -> None:
        why = st.session_state[f"{key}-why"]
        now.do("apart", lambda: desk.answer_clash(now.person.id, *_pair(clash), why, on=None))

    with st.form(key=key, border=False):
        if day is not None:
            words = w("inspections.clash_together", who=who, day=look.day_name(day))
            go = look.when_pressed(together)
            st.form_submit_button(words, type="primary", width="stretch", on_click=go)
        st.text_input(w("inspections.clash_why"), max_chars=500, key=f"{key}-why")
        st.form_submit_button(w("inspections.clash_apart"), width="stretch", on_click=look.when_pressed(apart))
