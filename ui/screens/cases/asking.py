"""Widgets for what a step asks for: one a fact, unsaid until somebody says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from dispatch.records.case import Case, Fact, Outcome
from dispatch.records.team import Officer
from dispatch.rulebook.facts import Asked, FactType
from dispatch.rulebook.procedures import Step
from ui.screens.cases.saying import Sayer
from ui.services.casework import TierLine

LONGEST_TEXT = 2000


def ask(asked: Iterable[Asked], key: str, say: Sayer, known: Mapping[str, Fact] | None = None) -> dict[str, Fact]:
    """A widget for each fact; those that were answered."""
    answers = {each.name: _widget(each, f"{key}-{each.name}", say, (known or {}).get(each.name)) for each in asked}
    return {name: answer for name, answer in answers.items() if answer not in (None, "")}


def _widget(asked: Asked, key: str, say: Sayer, known: Fact | None) -> Fact | None:
    label = say.fact(asked.name)
    if asked.type is FactType.YES_NO:
        return st.segmented_control(
            label,
            [True, False],
            default=bool(known) if known is not None else None,
            format_func=lambda yes: say.value(asked.name, yes),
            key=key,
        )
    if asked.type is FactType.CHOICE:
        index = asked.choices.index(str(known)) if known in asked.choices else None
        return st.selectbox(
            label,
            asked.choices,
            index=index,
            format_func=lambda choice: say.choice(asked.name, choice),
            key=key,
            placeholder=say.tell.w("cases.choose"),
        )
    if asked.type is FactType.WHOLE:
        return st.number_input(label, min_value=0, value=None, step=1, key=key)
    if asked.type is FactType.AMOUNT:
        return st.number_input(label, min_value=0.0, value=None, step=1.0, format="%.2f", key=key)
    if asked.type in (FactType.DAY, FactType.DAY_AHEAD):
        day = st.date_input(label, value=None, key=key, format="YYYY-MM-DD")
        return day.isoformat() if day is not None else None
    return st.text_input(label, key=key, max_chars=LONGEST_TEXT).strip()


def ask_officers(step: Step, case: Case, able: Sequence[Officer], key: str, say: Sayer) -> tuple[str, ...]:
    """Who acts in the step, out of those who lawfully can; the case's own officers unless changed."""
    if not step.officers:
        return ()
    ids = [each.id for each in able]
    own = [each for each in case.stamps[0].officers if each in ids][: step.officers]
    w = say.tell.w
    chosen = st.multiselect(
        w("cases.who_acts", n=step.officers),
        ids,
        default=own,
        format_func=lambda each: say.officers((each,)),
        key=key,
        placeholder=w("cases.choose"),
    )
    return tuple(chosen)


def ask_tier(lines: Sequence[TierLine], key: str, say: Sayer) -> tuple[int | None, float | None]:
    """The tier of the benchmark, and its base where its unit needs one."""
    if not lines:
        return None, None
    w = say.tell.w
    circumstances = {line.tier.tier: line.tier.circumstance for line in lines}
    tier = st.selectbox(
        w("cases.tier"),
        list(circumstances),
        index=None,
        key=f"{key}-tier",
        format_func=lambda n: f"{n} {circumstances[n]}",
        placeholder=w("cases.choose"),
    )
    chosen = next((line.tier for line in lines if line.tier.tier == tier), None)
    if chosen is None or not chosen.unit.needs_base:
        return tier, None
    base = st.number_input(w(f"cases.base.{chosen.unit.value}"), min_value=0.0, value=None, key=f"{key}-base")
    return tier, base


def ask_outcome(key: str, say: Sayer) -> tuple[Outcome | None, int, str]:
    """How it is decided, the fine, and the reason for leaving the tier."""
    w = say.tell.w
    choices = [Outcome.NO_PENALTY, Outcome.WARNING, Outcome.FINE]
    outcome = st.segmented_control(
        say.fact("outcome"), choices, format_func=lambda each: w(f"cases.outcome.{each.value}"), key=f"{key}-outcome"
    )
    fine = st.number_input(say.fact("fine_yuan"), min_value=0, value=None, step=10, key=f"{key}-fine")
    reason = st.text_input(
        w("cases.deviation"), key=f"{key}-reason", max_chars=LONGEST_TEXT, help=w("cases.deviation_help")
    )
    return outcome, int(fine or 0), reason
