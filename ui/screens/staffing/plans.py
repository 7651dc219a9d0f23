"""The plans that are kept: one is chosen on the left, edited in the middle, and judged on the right at every edit."""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Sequence

import streamlit as st

from simulation.plan import DeskKind, Post, StaffingPlan
from simulation.sheets import Sheets, plan_of
from ui.panel.component import panel, render
from ui.said import Said
from ui.screens.staffing import editing
from ui.screens.staffing.looking import Look, again
from ui.services.planfaults import told
from ui.services.staffing import Verdict
from ui.wording import Language, Wording, wording

FAULTS_SHOWN, IDLE_SHOWN = 12, 8


def show(look: Look) -> None:
    left, middle, right = st.columns([3, 7, 4], gap="small")
    view = look.looking
    if view.plan and view.plan not in look.staffing.shelf.names():
        view.close()
    with left, st.container(key="staffing-left"):
        _list(look)
    with middle:
        if view.base is None:
            panel(render("staffing/hint.html", w=look.tell.w), key="staffing-hint", theme=look.theme)
        else:
            view.draft = editing.table(look, view.base)
    with right, st.container(key="staffing-side"):
        if view.draft is not None:
            verdict = look.staffing.verdict(view.draft)
            _head(look, view.draft, verdict)
            if look.may_plan:
                editing.forms(look, view.draft)


def title(look: Look, sheets: Sheets) -> str:
    """Of a plan, whatever else may be wrong with it."""
    try:
        about = tomllib.loads(sheets.about)
    except tomllib.TOMLDecodeError:
        return ""
    return look.tell.w.pick(str(about.get("title_zh", "")), str(about.get("title_en", "")))


def _list(look: Look) -> None:
    view, shelf = look.looking, look.staffing.shelf
    html = render(
        "staffing/list.html",
        w=look.tell.w,
        rows=[_row(look, name) for name in shelf.names()],
        able=look.may_plan,
    )
    act = panel(html, key="staffing-list", theme=look.theme) or ""
    name, _, plan = act.partition(":")
    if name == "plan" and plan != view.plan and (sheets := look.sheets(plan)) is not None:
        if view.draft != view.opened:
            view.said(Said(look.tell.w("staffing.save_or_leave"), False))
        else:
            view.open(plan, sheets)
            view.note = None
        again()
    if name == "today" and look.may_plan:
        look.do("started", lambda: _start(look))


def _row(look: Look, name: str) -> dict[str, object]:
    view, kept = look.looking, look.sheets(name)
    if kept is None:
        unread = {"title": look.unread(name), "hash": "", "heads": "–", "cap": "–"}
        return {"name": name, "chosen": False, "changed": False, **unread}
    shown = view.draft if name == view.plan and view.draft is not None else kept
    plan = look.staffing.verdict(kept).plan
    return {
        "name": name,
        "title": title(look, shown) or name,
        "hash": plan.hash if plan else "",
        "chosen": name == view.plan,
        "changed": name == view.plan and shown != view.opened,
        "heads": shown.heads,
        "cap": shown.value("headcount_cap"),
    }


def _start(look: Look) -> None:
    day = look.centre.today()
    zh, en = (wording(each)("staffing.today_title", day=f"{day:%m-%d}") for each in (Language.ZH, Language.EN))
    name = look.staffing.deeds.start(look.person.id, look.centre.scenario, day, zh, en)
    look.looking.open(name, look.staffing.shelf.sheets(name))


def idle_words(w: Wording, posts: Sequence[Post], before: Sequence[Post]) -> str:
    """How many hold certificates that are of no use where they stand, and in which rows; empty for none.

    Rows that were so ``before`` the edits come after those that the edits made so.
    """
    if not posts:
        return ""
    old = Counter((post.desks, post.certificates, post.officers) for post in before)
    fresh, rest = list[Post](), list[Post]()
    for post in posts:
        known = (post.desks, post.certificates, post.officers)
        (rest if old[known] else fresh).append(post)
        old[known] -= 1
    rows = w("app.comma").join(str(post.row) for post in [*fresh, *rest][:IDLE_SHOWN])
    more = " …" if len(posts) > IDLE_SHOWN else ""
    told = w("staffing.idle", n=sum(post.officers for post in posts), rows=rows + more)
    if before and fresh:
        told += " " + w("staffing.idle_fresh", rows=w("app.comma").join(str(post.row) for post in fresh[:IDLE_SHOWN]))
    return told


def _head(look: Look, draft: Sheets, verdict: Verdict) -> None:
    w, view, plan = look.tell.w, look.looking, verdict.plan
    cap = int(draft.value("headcount_cap")) if draft.value("headcount_cap").isdigit() else 0
    html = render(
        "staffing/head.html",
        w=w,
        title=title(look, draft) or view.plan,
        good=plan is not None,
        readable=plan is not None or _readable(draft),
        n=len(verdict.faults),
        heads=draft.heads,
        cap=cap,
        share=min(100, round(100 * draft.heads / cap)) if cap else 100,
        reviewers=plan.reviewers if plan else "–",
        cost=f"{plan.cost_a_year:,.0f}" if plan and math.isfinite(plan.cost_a_year) else "–",
        faults=[told(fault, w, look) for fault in verdict.faults[:FAULTS_SHOWN]],
        more=max(0, len(verdict.faults) - FAULTS_SHOWN),
        idle=idle_words(w, verdict.idle, look.staffing.verdict(view.opened).idle if view.opened else ()),
        hash=plan.hash if plan else "",
        period=_period(look, plan) if plan else "",
        changed=draft != view.opened,
        able=look.may_plan,
    )
    act = panel(html, key="staffing-head", theme=look.theme)
    opened, deeds = view.opened, look.staffing.deeds
    if opened is None or not look.may_plan:
        return
    if act == "save":
        look.do("saved", lambda: view.open(view.plan, deeds.save(look.person.id, view.plan, opened, draft)))
    elif act == "back":
        view.edit(opened)
        view.note = None
        again()
    elif act == "copy":
        look.do("copied", lambda: _copy(look, opened))


def _copy(look: Look, sheets: Sheets) -> None:
    view, staffing = look.looking, look.staffing
    about = plan_of(sheets).file
    zh = wording(Language.ZH)("staffing.copy_title", title=about.title_zh)
    en = wording(Language.EN)("staffing.copy_title", title=about.title_en)
    name = staffing.deeds.copy(look.person.id, view.plan, zh, en)
    view.open(name, staffing.shelf.sheets(name))


def _readable(draft: Sheets) -> bool:
    """Whether it is a plan at all; one that some town is not served by may be kept and mended later."""
    try:
        plan_of(draft)
    except ValueError:
        return False
    return True


def _period(look: Look, plan: StaffingPlan) -> str:
    file, desks = plan.file, sum(desk.kind is not DeskKind.REVIEW for desk in plan.desks)
    return look.tell.w(
        "staffing.period_told", begins=file.begins.isoformat(), days=file.days, warm_up=file.warm_up_days, desks=desks
    )
