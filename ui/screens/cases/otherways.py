"""The ways out of the usual order: a step once more, the ordinary procedure, withdrawal, transfer."""

from __future__ import annotations

import streamlit as st

from dispatch.records.case import Case, Procedure
from ui.said import attempt
from ui.screens.cases.asking import ask
from ui.screens.cases.saying import Sayer
from ui.screens.cases.session import CaseSession
from ui.services.casework import can_turn
from ui.services.centre import Centre
from ui.signin import person


def other_ways(opened: Centre, case: Case, session: CaseSession, say: Sayer) -> bool:
    """Draw them while nothing is decided; whether one was taken."""
    if not case.open or case.outcome is not None:
        return False
    w, key = say.tell.w, f"{case.id}-{case.version}"
    with st.expander(w("cases.other_ways")):
        changed = _once_more(opened, case, session, say)
        if can_turn(case) and _turn(opened, case, session, say):
            return True
        why = st.text_input(w("cases.why"), key=f"{key}-why", max_chars=500)
        to = st.text_input(w("cases.transfer_to"), key=f"{key}-to", max_chars=200)
        leave, give = st.columns(2)
        if leave.button(w("cases.withdraw"), key=f"{key}-withdraw", width="stretch"):
            return _did(lambda: opened.cases.withdraw(person(), case.id, case.version, why), session, say, "withdrawn")
        if give.button(w("cases.transfer"), key=f"{key}-transfer", width="stretch"):
            deed = lambda: opened.cases.transfer(person(), case.id, case.version, to, why)  # noqa: E731
            return _did(deed, session, say, "transferred")
    return changed


def _once_more(opened: Centre, case: Case, session: CaseSession, say: Sayer) -> bool:
    """A step that stands may be repeated before the decision, as when a heavier fine has to be notified anew."""
    steps = {step.name: step for step in opened.cases.repeatable(case)}
    if not steps:
        return False
    chosen = st.selectbox(
        say.tell.w("cases.once_more"),
        list(steps),
        index=None,
        format_func=lambda name: say.step(steps[name]),
        key=f"{case.id}-{case.version}-again",
        placeholder=say.tell.w("cases.choose"),
        help=say.tell.w("cases.once_more_help"),
    )
    changed = (chosen or "") != session.again
    session.again = chosen or ""
    return changed


def _turn(opened: Centre, case: Case, session: CaseSession, say: Sayer) -> bool:
    first = opened.rules.procedures.of(Procedure.ORDINARY)[0]
    key = f"{case.id}-{case.version}-turn"
    with st.container(key="case_turn"):
        facts = ask([say.procedures.facts[name] for name in first.asks], key, say)
    if not st.button(say.tell.w("cases.turn"), key=key, width="stretch"):
        return False
    return _did(lambda: opened.cases.turn(person(), case.id, case.version, facts=facts), session, say, "turned")


def _did(deed: object, session: CaseSession, say: Sayer, word: str) -> bool:
    def told() -> str:
        deed()  # type: ignore[operator]
        return say.tell.w(f"cases.{word}")

    session.note, session.seen = attempt(told, say.tell).note, None
    return True
