"""The case screen: the list, the file of one case, and what the law allows next in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from dispatch.records.case import Case, Fact
from dispatch.rulebook.procedures import DECISION, NextStep, Step
from dispatch.store.ledger import Kind
from ui.frame import Frame, frame, go, strip
from ui.panel.component import panel
from ui.said import FINE, Said, attempt
from ui.screens.cases.ahead import advice_html, any_made_up, now_html, rest_html, tiers_html
from ui.screens.cases.asking import ask, ask_officers, ask_outcome, ask_tier
from ui.screens.cases.file import file_html
from ui.screens.cases.filing import about_html, file_form, from_the_address
from ui.screens.cases.listing import choose, list_html
from ui.screens.cases.otherways import other_ways
from ui.screens.cases.saying import Sayer
from ui.screens.cases.session import CaseSession, case_session
from ui.services.casepapers import standing
from ui.services.casework import (
    CIRCUMSTANCES,
    Given,
    Tone,
    changed_by,
    done,
    names_of,
    people_for,
    tier_lines,
)
from ui.settings import settings
from ui.signin import person
from ui.telling import plain

WEIGHED = ("notified", "told", *DECISION.values())
"""Steps at which the amount is on the table: advice and benchmark stand above the form."""


@dataclass(frozen=True, slots=True)
class Look(Frame):
    """One refresh of this screen for one person."""

    session: CaseSession
    say: Sayer


@dataclass(frozen=True, slots=True)
class Weighed:
    """The circumstances and the tier as somebody has set them, and the picture of the benchmark."""

    facts: Mapping[str, Fact] = field(default_factory=dict)
    tier: int | None = None
    base: float | None = None
    tiers: str = ""


def show() -> None:
    """Draw the whole screen; the part that lives is a fragment of its own."""
    _live()


@st.fragment(run_every=settings().refresh_s)
def _live() -> None:
    look = _look()
    from_the_address(look.session, look.board.incidents, look.centre.cases)
    _strip(look)
    left, middle, right = st.columns([2.7, 6, 3.6], gap="small")
    with left:
        _list(look)
    case = look.centre.casebook.case(look.session.selected) if look.session.selected else None
    case = case if case is not None and look.board.sees(case.town) else None
    with middle:
        if look.session.filing:
            panel(about_html(look.centre, look.board, look.session, look.say), key="about", theme=look.theme)
        else:
            _file(look, case)
    with right, st.container(key="case_right"):
        if look.session.filing:
            _filing(look)
        elif case is not None:
            _ahead(look, case)


def _look() -> Look:
    now = frame()
    people = names_of(list(now.board.teams.values()), now.centre.scenario.office)
    say = Sayer(now.tell, now.centre.rules.procedures, people)
    return Look(now.centre, now.board, now.tell, now.theme, now.person, case_session(), say)


def _again() -> None:
    st.rerun(scope="fragment")


def _strip(look: Look) -> None:
    w, cases = look.tell.w, look.centre.case_list
    seen = [case for case in cases.all() if look.board.sees(case.town)]
    lines = cases.lines([case for case in seen if case.open], look.board.now)
    late, soon = (sum(line.tone is tone for line in lines) for tone in (Tone.LATE, Tone.SOON))
    strip(
        look,
        "cases",
        [
            (w("cases.open"), f"{len(lines):,}", False),
            (w("cases.late"), f"{late:,}", late > 0),
            (w("cases.soon"), f"{soon:,}", False),
            (w("cases.closed"), f"{len(seen) - len(lines):,}", False),
        ],
    )


def _list(look: Look) -> None:
    wanted, new = choose(look.tell, look.centre.scenario.areas.towns)
    if new:
        look.session.file()
    cases = look.centre.case_list
    seen = [case for case in cases.all() if look.board.sees(case.town)]
    shown = [case for case in seen if wanted.lets_through(case, look.say.matter(case))]
    lines = cases.lines(shown, look.board.now)
    if not look.session.selected and not look.session.filing and lines:
        look.session.select(lines[0].case.id)
    _act(look, panel(list_html(lines, look.session.selected, look.board.now, look.say), key="list", theme=look.theme))


def _act(look: Look, act: str | None) -> None:
    """What a click on a panel asks for."""
    deed, _, what = (act or "").partition(":")
    if deed == "select":
        look.session.select(what)
        _again()
    elif deed == "stamp" and what.isdecimal():
        look.session.stamp = int(what)
        _again()
    elif deed == "story":
        go("story", incident=what)


def _file(look: Look, case: Case | None) -> None:
    if case is None:
        st.caption(look.tell.w("cases.hint"))
        return
    opened = look.centre
    html = file_html(
        case,
        opened.cases.next(case, look.board.now),
        opened.rules.procedures,
        opened.rulebook,
        opened.casebook.history(Kind.CASE, case.id),
        standing(opened, case, look.board.now),
        look.session.stamp,
        look.say,
    )
    _act(look, panel(html, key="file", theme=look.theme))


def _ahead(look: Look, case: Case) -> None:
    """The right column: what is open now and its form, what is barred, what is owed, how it may end."""
    opened, session, now = look.centre, look.session, look.board.now
    _tell_of_others(look, case)
    left = opened.cases.next(case, now)
    step = next((each for each in left if each.open), None)
    again = opened.rules.procedures.step(case.procedure, session.again) if session.again else None
    panel(now_html(case, step, again, session.note, look.say), key="now", theme=look.theme)
    shown = again or (step.step if step else None)
    weighed = shown is not None and shown.name in WEIGHED
    weigh = _weigh(look, case) if weighed and case.outcome is None else Weighed()
    if shown is not None:
        _form(look, case, shown, weigh)
        if session.note is not None and session.note[0] != FINE:
            st.error(plain(session.note[1]))  # beside the button that was pressed: the panel above may be scrolled away
    if weigh.tiers:
        panel(weigh.tiers, key="tiers", theme=look.theme)
    if left:
        _act(look, panel(_rest(look, case, left), key="rest", theme=look.theme))
    if not weighed and case.outcome is None and case.open:
        panel(_weigh(look, case).tiers, key="tiers", theme=look.theme)
    if other_ways(look.centre, case, session, look.say):
        _again()


def _tell_of_others(look: Look, case: Case) -> None:
    """Say so when somebody else has taken the case further since it was drawn: what was typed for it is void."""
    session, seen = look.session, look.session.seen
    if seen is not None and seen[0] == case.id and seen[1] != case.version:
        last = changed_by(look.centre.casebook.history(Kind.CASE, case.id))
        if last is not None:
            session.note = Said(look.tell.w("cases.changed", who=last.actor, at=look.say.at(last.at)), False).note
    session.seen = (case.id, case.version)


def _rest(look: Look, case: Case, left: Sequence[NextStep]) -> str:
    cases, w = look.centre.cases, look.tell.w
    owed = cases.owed(case, look.say.day(look.board.now))
    told = ""
    if owed.due_at is not None and case.open and case.fine_yuan and any(each.asks for each in left):
        told = w("cases.owed", fine=f"{owed.fine_yuan:,}", more=f"{owed.surcharge_yuan:,.2f}")
    return rest_html(case, left, cases.clocks(case, left, look.board.now), told, look.board.now, look.say)


def _weigh(look: Look, case: Case) -> Weighed:
    """Circumstances and tier, with what they lead to; nothing of it is written before the decision."""
    cases, w, now = look.centre.cases, look.tell.w, look.board.now
    with st.expander(w("cases.circumstances"), expanded=True), st.container(key="case_weigh"):
        asked = [look.say.procedures.facts[name] for name in CIRCUMSTANCES]
        facts = ask(asked, case.id, look.say, case.facts)
        past = [each for each in look.centre.case_list.all() if each.matter == case.matter]
        lines = tier_lines(cases, case.matter, None, past)
        tier, base = ask_tier(lines, case.id, look.say)
    earlier = [each for each in past if each.party.id == case.party.id and each.id != case.id]
    _act(look, panel(advice_html(cases.advice(case, facts, now), earlier, look.say), key="advice", theme=look.theme))
    html = tiers_html(tier_lines(cases, case.matter, base, past), tier, any_made_up(past), look.say)
    return Weighed(facts, tier, base, html)


def _form(look: Look, case: Case, step: Step, weigh: Weighed) -> None:
    """What the step asks for; pressing its button does it."""
    opened, say, w = look.centre, look.say, look.tell.w
    deciding = step.name == DECISION[case.procedure]
    key = f"{case.id}-{case.version}-{step.name}"
    asks = [say.procedures.facts[name] for name in step.asks if not deciding or name not in ("outcome", "fine_yuan")]
    with st.form(f"form-{key}", border=False):
        outcome, fine, reason = ask_outcome(key, say) if deciding else (None, 0, "")
        with st.container(key="case_form"):
            facts = ask(asks, key, say)
        teams = list(look.board.teams.values())
        able = people_for(opened.cases, case, step, teams, opened.scenario.office, say.day(look.board.now))
        officers = ask_officers(step, case, able, f"{key}-officers", say)
        pressed = st.form_submit_button(w("cases.do", step=say.step(step)), type="primary", width="stretch")
    if not pressed:
        return
    if deciding and outcome is None:
        look.session.note = Said(w("cases.need_outcome"), False).note
        _again()
    told = {**weigh.facts, **facts} if deciding else facts
    given = Given(told, officers, outcome, fine, weigh.tier, weigh.base, reason)

    def deed() -> str:
        after = done(opened.cases, person(), case, step.name, given)
        return w("cases.done", step=say.step(step), code=after.stamps[-1].act_code)

    said = attempt(deed, look.tell)
    look.session.note = said.note
    if said.done:
        look.session.again, look.session.stamp, look.session.seen = "", None, None
    _again()


def _filing(look: Look) -> None:
    new = file_form(look.centre, look.board, look.session, look.say)
    if new:
        look.session.select(new.id)
        look.session.note = attempt(lambda: look.tell.w("cases.filed", id=new.id), look.tell).note
    if new or not look.session.filing:
        _again()
