"""What a planner looks at, from one refresh to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import streamlit as st

from dispatch.desk.refusals import Stale
from dispatch.records.person import Job
from gis.areas import UnknownArea
from gis.schemas import BadInput
from scenarios.conditions import Conditions
from scenarios.plankeeping import Meanwhile
from scenarios.planning import stresses
from simulation.plan import EVERYWHERE, Desk, DeskKind
from simulation.sheets import Sheets
from simulation.stress import CALM
from ui.frame import Frame
from ui.said import Said, attempt
from ui.services.experimenting import Experiments
from ui.services.planfaults import told
from ui.services.staffing import Staffing

TABS = ("plans", "history", "runs", "compare", "towns", "stress", "workload", "search", "replay")


@dataclass(slots=True)
class Looking:
    """One person's view.

    Attributes
    ----------
    plan
        Name of the plan that is edited, or empty.
    opened
        As it was when it was opened or last saved.
    base
        What the table was filled from; what is typed into it comes on top.
    draft
        As it stands now.
    town
        Whose desks are shown; empty for all.
    one, other
        Ids of the runs that are compared, A and B, or empty.
    looked
        The town that is looked at among all, or empty.
    history, search
        Ids of the history and the search that are looked at, or empty.
    round
        Another one fills tables and forms anew.
    asked
        What was last asked to be played, by field: its form is put away meanwhile and comes back as it was.
    """

    tab: str = "plans"
    plan: str = ""
    opened: Sheets | None = None
    base: Sheets | None = None
    draft: Sheets | None = None
    table: str = "posts"
    one: str = ""
    other: str = ""
    looked: str = ""
    history: str = ""
    search: str = ""
    town: str = ""
    note: tuple[str, str] | None = None
    round: int = 0
    asked: dict[str, Any] = field(default_factory=dict)

    def open(self, plan: str, sheets: Sheets) -> None:
        """Begin to edit what is kept."""
        self.plan, self.opened = plan, sheets
        self.edit(sheets)

    def close(self) -> None:
        self.plan, self.opened, self.base, self.draft = "", None, None, None

    def edit(self, sheets: Sheets) -> None:
        """Go on from here: the tables are filled anew."""
        self.base = self.draft = sheets
        self.round += 1

    def said(self, said: Said) -> None:
        self.note = said.note


@dataclass(frozen=True)
class Look(Frame):
    """One refresh of this screen for one person."""

    looking: Looking
    staffing: Staffing
    experiments: Experiments

    @property
    def may_plan(self) -> bool:
        """Whether this person plans for the whole district; others look."""
        return any(self.centre.scenario.code.startswith(area) for area in self.person.areas(Job.PLANNER))

    def town(self, code: str) -> str:
        """Of a town or the district; a code that is neither stays."""
        try:
            return self.centre.scenario.areas.name(code)
        except UnknownArea:
            return code

    def field(self, code: str) -> str:
        found = self.centre.scenario.fields.get(code)
        if found is None:
            return self.tell.w("staffing.review") if code == "review" else code
        return self.tell.w.pick(found.name_zh, found.name_en)

    def body(self, code: str) -> str:
        found = self.centre.scenario.rulebook.bodies.get(code)
        return self.tell.w.pick(found.name_zh, found.name_en) if found else code

    @cached_property
    def towns(self) -> list[str]:
        return list(self.centre.scenario.areas.towns)

    def desk(self, desk: Desk) -> str:
        """A desk as a planner calls it."""
        if desk.kind is DeskKind.REVIEW:
            return f"{self.town(desk.town)} · {self.tell.w('staffing.review')}"
        if desk.kind is DeskKind.BRIGADE:
            return self.body(desk.body)
        own = desk.body == desk.town
        return f"{self.town(desk.town)} · {self.tell.w('staffing.own_body') if own else self.body(desk.body)}"

    def served(self, code: str) -> str:
        return self.tell.w("staffing.everywhere") if code == EVERYWHERE else self.town(code)

    def met(self, conditions: Conditions) -> str:
        """What a run met beside the place's own demand, in words; empty where nothing was different."""
        w, parts = self.tell.w, []
        if conditions.history:
            source = self.experiments.conditions.histories.source(conditions.history)
            parts.append(w("staffing.met_replayed" if conditions.replayed else "staffing.met_forecast", source=source))
        if conditions.backlog:
            parts.append(self._begun(conditions.backlog))
        if conditions.stress:
            parts.append(self.stress(conditions.stress))
        return " · ".join(parts)

    def _begun(self, id: str) -> str:
        try:
            begun = self.experiments.conditions.backlog(id)
        except BadInput:
            return id
        return self.tell.w("staffing.met_backlog", at=self.tell.at(begun.at), n=len(begun))

    def stress(self, id: str) -> str:
        """What a stress test is called; the calm has a name too."""
        one = CALM if not id else stresses().get(id)
        return self.tell.w.pick(one.name_zh, one.name_en) if one else id

    def do(self, name: str, deed: Callable[[], object]) -> None:
        """Try a deed, keep what came of it, and draw anew."""
        w = self.tell.w

        def done() -> str:
            try:
                deed()
            except Stale as stale:
                raise Meanwhile from stale
            return w(f"staffing.done_{name}")

        try:
            self.looking.said(attempt(done, self.tell))
        except Meanwhile:
            self.looking.said(Said(w("staffing.meanwhile"), False))
        except BadInput as bad:
            self.looking.said(Said(self.fault(bad), False))
        again()

    def begin(self, work: str, start: Callable[[], object], **asked: Any) -> bool:
        """Have something played, with an entry who asked for it and for what; whether it was let.

        It is not while this person's last is still being played, which another of their tabs may have begun.
        """
        standing = self.experiments.player.of(self.person.id)
        if standing is not None and standing.running:
            self.looking.said(Said(self.tell.w("staffing.plays_already"), False))
            return False

        def begun() -> str:
            self.staffing.deeds.play(self.person.id, work, **asked)
            start()
            return ""

        said = attempt(begun, self.tell)
        self.looking.note = None if said.done else said.note
        return said.done

    def fault(self, bad: BadInput) -> str:
        """The first thing that is wrong, in a sentence."""
        return self.tell.w("staffing.fault", **told(bad.faults[0], self.tell.w, self)._asdict())

    def sheets(self, plan: str) -> Sheets | None:
        """Of a plan that is kept; None when its files cannot be read, whoever wrote into them."""
        try:
            return self.staffing.shelf.sheets(plan)
        except BadInput:
            return None

    def unread(self, plan: str) -> str:
        """Which file of a kept plan cannot be read, and why, in words; empty when all can."""
        try:
            self.staffing.shelf.sheets(plan)
        except BadInput as bad:
            fault = told(bad.faults[0], self.tell.w, self)
            return self.tell.w("staffing.unread", file=fault.file, found=fault.found)
        return ""


def looking() -> Looking:
    """The session's view."""
    view: Looking = st.session_state.setdefault("staffing", Looking())
    return view


def again() -> None:
    st.rerun(scope="fragment")
