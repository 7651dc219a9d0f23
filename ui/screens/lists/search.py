"""Search: a few words, and whose matter it is, in whose name, on which clause."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dispatch.rulebook.competence import Actor
from dispatch.rulebook.matters import Source
from dispatch.rulebook.powers import Mode
from dispatch.rulebook.search import Found, search
from ui.panel.component import panel, render
from ui.panel.typing import Told, reported, typing
from ui.screens.lists.looking import ASK, Look, day_field, keep
from ui.screens.lists.powers import UNDER_WIDGETS, tone

MOST_FOUND = 20


def show(look: Look) -> None:
    w, looking = look.tell.w, look.looking
    town, day = _question(look)
    found = search(look.centre.rulebook, looking.words, town, day, MOST_FOUND)
    html = render(
        "lists/search.html",
        w=w,
        words=looking.words.strip(),
        where=look.town(town),
        day=day.isoformat(),
        found=[_cells(look, one) for one in found],
        above=UNDER_WIDGETS,
    )
    panel(html, key="lists-found", theme=look.theme)


def _question(look: Look) -> tuple[str, date]:
    """What is asked: the words, kept in the view, and the town and day for which."""
    w, looking, towns = look.tell.w, look.looking, look.centre.scenario.areas.towns
    with st.container(key="lists-find", horizontal=True, gap="small"):
        _words(look)
        here = looking.town if looking.town in towns else towns[0]
        town = st.selectbox(
            w("lists.where"),
            towns,
            format_func=look.town,
            key=keep("lists-ask-town", here),
            label_visibility="collapsed",
            width=220,
        )
        if town != here:
            looking.go_to_town(town)
        return town, day_field(look, "lists-ask-on")


def _words(look: Look) -> None:
    """The field of the words: answered at every pause, without a key."""
    looking = look.looking
    told = Told(0, {"words": looking.words}, looking.heard, "", "words", 0, reported(ASK).at)
    keyed = typing(render("lists/ask.html", w=look.tell.w), told, key=ASK, theme=look.theme)
    if keyed is not None:
        looking.heard = max(looking.heard, keyed.number)
        looking.words = keyed.typed.fields.get("words", looking.words)


def _cells(look: Look, one: Found) -> dict[str, object]:
    matter, w = one.matter, look.tell.w
    rules = look.centre.rules
    return {
        "code": matter.code,
        "name": look.matter(matter.code),
        "kind": w(f"lists.kind_{matter.kind}"),
        "category": look.named(rules.categories.get(matter.category)) or matter.category,
        "hits": one.hits,
        "clause": one.clause,
        "illustrative": matter.source is Source.ILLUSTRATIVE,
        "lead": _lead(look, one),
        "actors": [_actor(look, actor) for actor in one.answer.actors],
        "why": look.tell.reason(one.answer.why),
        "proof": [(tone(line), look.tell.reason(line)) for line in one.answer.proof],
        "parts": [
            (look.department(part.department), w.pick(part.task_zh, part.task_en), part.lead)
            for part in rules.parts.get(matter.code, ())
        ],
    }


def _lead(look: Look, one: Found) -> str:
    """The department that answers for it: its body here, else the department by name."""
    if one.lead is not None:
        return look.body(one.lead.id)
    return look.department(one.matter.lead) if one.matter.lead else ""


def _actor(look: Look, actor: Actor) -> tuple[str, str, str, str]:
    """Who may act, how, and in whose name when it is not the own."""
    w = look.tell.w
    head = w.pick(actor.letterhead, actor.letterhead_en) if actor.mode is Mode.DELEGATED else ""
    named = w("lists.in_name", head=head) if head else ""
    return look.body(actor.body), w(f"lists.mode_{actor.mode}"), actor.basis, named
