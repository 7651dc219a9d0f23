"""The liaison officer of each community, who is there now, and a form for who keeps the list."""

from __future__ import annotations

import streamlit as st

from dispatch.desk.liaisons import liaison_of
from dispatch.records.evidence import Liaison
from dispatch.records.person import Job
from dispatch.records.team import Role
from ui.panel.component import panel, render
from ui.said import carried_out
from ui.screens.between.looking import Look, again


def show(look: Look) -> None:
    areas, view = look.centre.scenario.areas, look.looking
    towns = [town for town in areas.towns if any(_meets(town, area) for area in look.person.areas())]
    left, right = st.columns([5, 4], gap="small")
    kept = look.centre.liaisons.kept()
    with left:
        town = st.selectbox(look.tell.w("lists.where"), towns, format_func=areas.name, key="between-town") or ""
        _rows(look, str(town), kept)
    with right, st.container(key="between-side"):
        look.say()
        if not view.community:
            panel(render("between/liaison_hint.html", w=look.tell.w), key="liaison-hint", theme=look.theme)
        elif look.person.has(Job.PLANNER, Job.ADMINISTRATOR):
            _form(look, kept.get(view.community))


def _meets(town: str, area: str) -> bool:
    return town.startswith(area) or area.startswith(town)


def _rows(look: Look, town: str, kept: dict[str, Liaison]) -> None:
    tell, teams = look.tell, list(look.centre.board().teams.values())
    names = {officer.id: officer.name for team in teams for officer in team.officers}
    rows = []
    for community in look.centre.scenario.areas.children(town) if town else ():
        known = kept.get(community)
        contact = liaison_of(community, kept, teams, look.board.now)
        rows.append(
            {
                "code": community,
                "name": look.centre.scenario.areas.name(community),
                "chosen": community == look.looking.community,
                "officer": names.get(known.officer, known.officer) if known else "",
                "backup": names.get(known.backup, known.backup) if known and known.backup else "",
                "now": contact.officer.name if contact.officer else "",
                "stands_in": contact.stands_in,
                "why": tell.w("app.and").join(tell.reason(reason) for reason in contact.why) if known else "",
            }
        )
    act = panel(render("between/liaisons.html", w=tell.w, rows=rows), key="between-liaisons", theme=look.theme) or ""
    name, _, community = act.partition(":")
    if name == "community":
        look.looking.community, look.looking.note = community, None
        again()


def _form(look: Look, known: Liaison | None) -> None:
    w, community = look.tell.w, look.looking.community
    officers = {
        officer.id: f"{officer.name} · {officer.id}"
        for team in look.centre.board().teams.values()
        if team.town == community[:9] or len(team.town) <= 6
        for officer in team.officers
        if officer.role is Role.OFFICER
    }
    ids = list(officers)
    st.markdown(f"**{look.centre.scenario.areas.name(community)}** · {community}")
    with st.form(key=f"between-liaison-{community}-{look.looking.round}", border=False):
        at = ids.index(known.officer) if known and known.officer in officers else None
        officer = st.selectbox(w("between.liaison"), ids, at, format_func=lambda each: officers[each], placeholder="")
        second = ["", *ids]
        then = second.index(known.backup) if known and known.backup in second else 0
        backup = st.selectbox(w("between.backup"), second, then, format_func=lambda each: officers.get(each, "—"))
        if st.form_submit_button(w("between.set_liaison"), type="primary", width="stretch"):
            version = known.version if known else 0
            keep, given = look.centre.liaisons.set_liaison, (community, version, str(officer or ""), str(backup))
            done = carried_out(lambda: keep(look.person.id, *given), w("between.done_liaison"), look.tell)
            look.looking.said(done)
            again()
