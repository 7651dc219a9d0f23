"""Catalogue: every matter by kind and category, with clause, procedure, limit, leniency and benchmark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from dispatch.rulebook.discretion import Tier, Unit
from dispatch.rulebook.matters import Kind, Leniency, Matter, Source
from ui.panel.component import panel, render
from ui.screens.lists.looking import Look, again, asked
from ui.screens.lists.powers import BOX, UNDER_WIDGETS
from ui.services.ruletables import catalogue, trust

MOST_ROWS = 200


def show(look: Look) -> None:
    left, middle, right = st.columns([2, 6, 3.5], gap="small")
    with left, st.container(key="lists-left"):
        _kinds(look)
    with middle, st.container(key="lists-middle"):
        _table(look)
    with right, st.container(key="lists-side"):
        _entry(look)


def _kinds(look: Look) -> None:
    w, looking, matters = look.tell.w, look.looking, look.centre.rulebook.matters
    of_kind = Counter(matter.kind for matter in matters.values())
    of_category = Counter(matter.category for matter in matters.values() if looking.kind in ("", matter.kind))
    html = render(
        "lists/kinds.html",
        w=w,
        kinds=[("", w("lists.all"), len(matters)), *((kind, w(f"lists.kind_{kind}"), of_kind[kind]) for kind in Kind)],
        kind=looking.kind,
        categories=[
            ("", w("lists.all"), sum(of_category.values())),
            *(
                (code, look.named(look.centre.rules.categories.get(code)) or code, of_category[code])
                for code in sorted(of_category)
            ),
        ],
        category=looking.category,
        above=BOX,
    )
    deed, what = asked(panel(html, key="lists-kinds", theme=look.theme), "kind", "category")
    if deed == "kind":
        looking.kind, looking.category = what, ""
        again()
    if deed == "category":
        looking.category = what
        again()


def _table(look: Look) -> None:
    w, looking, matters = look.tell.w, look.looking, look.centre.rulebook.matters
    words = st.text_input(
        w("lists.find_matter"),
        key="lists-catalogue-words",
        placeholder=w("lists.find_matter"),
        label_visibility="collapsed",
        max_chars=80,
    )
    kind = Kind(looking.kind) if looking.kind in set(Kind) else None
    rows = catalogue(matters.values(), kind, looking.category, words)
    from_where = trust(matter.source for matter in matters.values())
    html = render(
        "lists/catalogue.html",
        w=w,
        banner=w("lists.banner", n=from_where.illustrative, total=from_where.total) if from_where.illustrative else "",
        rows=[_cells(look, matter) for matter in rows[:MOST_ROWS]],
        total=len(rows),
        more=max(0, len(rows) - MOST_ROWS),
        selected=looking.entry,
        above=UNDER_WIDGETS,
    )
    deed, code = asked(panel(html, key="lists-catalogue", theme=look.theme), "entry")
    if deed:
        looking.entry = code
        again()


def _cells(look: Look, matter: Matter) -> dict[str, object]:
    w = look.tell.w
    return {
        "code": matter.code,
        "name": look.matter(matter.code),
        "kind": w(f"lists.kind_{matter.kind}"),
        "basis": matter.basis,
        "procedure": w(f"lists.procedure_{matter.procedure}"),
        "limit": look.term(matter.limit),
        "lead": look.department(matter.lead) if matter.lead else "",
        "illustrative": matter.source is Source.ILLUSTRATIVE,
    }


def _entry(look: Look) -> None:
    w = look.tell.w
    matter = look.centre.rulebook.matters.get(look.looking.entry)
    if matter is None:
        panel(render("lists/catalogue_hint.html", w=w), key="lists-entry", theme=look.theme)
        return
    rules = look.centre.rules
    field = look.tell.fields.get(matter.field)
    html = render(
        "lists/entry.html",
        w=w,
        row=_cells(look, matter),
        category=look.named(rules.categories.get(matter.category)) or matter.category,
        field=look.named(field) if field else matter.field,
        within=look.tell.span(matter.respond_within),
        source=w(f"lists.source_{matter.source}"),
        since=matter.valid_from.isoformat(),
        until=matter.valid_to.isoformat() if matter.valid_to else "",
        assisting=[look.department(code) for code in matter.assisting],
        under=[(code, look.matter(code)) for code in matter.under],
        leniency=[w(f"lists.leniency_{one}") for one in Leniency if one in matter.leniency],
        keywords=matter.keywords,
        parts=[
            {
                "who": look.department(part.department),
                "task": w.pick(part.task_zh, part.task_en),
                "lead": part.lead,
                "limit": look.term(part.term),
            }
            for part in rules.parts.get(matter.code, ())
        ],
        tiers=_tiers(look, rules.discretion.tiers(matter.code)),
        tiers_illustrative=any(tier.source is Source.ILLUSTRATIVE for tier in rules.discretion.tiers(matter.code)),
    )
    deed, code = asked(panel(html, key="lists-entry", theme=look.theme), "entry")
    if deed:
        look.looking.entry = code
        again()


def _tiers(look: Look, tiers: Sequence[Tier]) -> list[tuple[int, str, str]]:
    """The benchmark, a line for each circumstance; amounts are told, never added up."""
    return [(tier.tier, tier.circumstance, _amount(look, tier)) for tier in tiers]


def _amount(look: Look, tier: Tier) -> str:
    if tier.unit is Unit.WARNING:
        return look.tell.w("lists.tier_warning")
    span = f"{tier.least:,g}–{tier.most:,g}" if tier.least != tier.most else f"{tier.most:,g}"
    return look.tell.w(f"lists.tier_{tier.unit}", span=span)
