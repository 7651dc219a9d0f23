"""A team's phone: what it has in hand, the way there, arrival, evidence with time and place, done."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from dispatch.desk.scene import MOST_BYTES
from dispatch.records.incident import Incident, Status
from dispatch.records.person import Job
from dispatch.records.team import Team
from dispatch.response.arrival import way
from ui.frame import Frame, frame, strip
from ui.map.component import grid_map
from ui.map.palette import Theme, palette
from ui.map.spec import MapSpec, Pin, Selected, View, Words
from ui.panel.component import panel, render
from ui.said import Said, incomplete
from ui.screens.field import deeds, patrol
from ui.services import picture
from ui.services.whose import phones
from ui.settings import settings

TEAM = "field-team"
PHONE_MAP = (360, 260)


@dataclass(slots=True)
class FieldSession:
    """What a phone remembers between two refreshes: where it was, what was said, how many forms were sent.

    Attributes
    ----------
    note, at
        What came of the last deed, and the form above which it stands: a thumb is far from the head of a long page.
        At the head when ``at`` is empty.
    """

    where: deeds.Where | None = None
    denied: bool = False
    note: tuple[str, str] | None = None
    at: str = ""
    round: int = 0

    def said(self, said: Said, at: str = "") -> None:
        """What came of a deed."""
        self.note, self.at = said.note, at


@dataclass(frozen=True, slots=True)
class Look(Frame):
    """One refresh of this page for one officer."""

    mine: FieldSession
    team: Team | None
    incident: Incident | None


def show() -> None:
    """Draw the page; it lives as the desk does, so a recall is seen at once."""
    _live()


@st.fragment(run_every=settings().refresh_s)
def _live() -> None:
    look = _look()
    strip(look, "field")
    with st.container(key="field"):
        _choose(look)
        _head(look)
        if look.team is None:
            return
        if look.incident is not None:
            if look.incident.status is not Status.ON_SCENE:  # who is there needs no way, and the work stands higher
                _map(look, look.team, look.incident)
            _work(look, look.incident)
        patrol.show(look, look.team, look.mine.where, map_too=look.incident is None)
        _found(look)


def _look() -> Look:
    now = frame()
    mine = st.session_state.setdefault("field", FieldSession())
    board = now.centre.board()
    team = _my_team(now)
    incident = board.incidents.get(team.incident) if team is not None and team.incident else None
    return Look(now.centre, now.board, now.tell, now.theme, now.person, mine, team, incident)


def _my_team(now: Frame) -> Team | None:
    """The team somebody goes out with; a dispatcher looks at the phone of a team of their choice."""
    teams = phones(now.person, now.centre.board())
    if now.person.officer:
        return next(iter(teams.values()), None)
    return teams.get(st.session_state.get(TEAM) or next(iter(_choices(teams)), ""))


def _choices(teams: Mapping[str, Team]) -> dict[str, str]:
    """The teams a dispatcher can look at, those that are out first."""
    busy_first = sorted(teams.values(), key=lambda team: (not team.incident, team.id))
    return {team.id: team.name for team in busy_first}  # a name that changed would leave the old one in the box


def _choose(look: Look) -> None:
    if look.person.officer or not look.person.has(Job.DISPATCHER):
        return
    names = _choices(phones(look.person, look.centre.board()))
    here = list(names).index(look.team.id) if look.team is not None else 0
    st.selectbox(look.tell.w("field.of_team"), list(names), here, format_func=lambda each: names[each], key=TEAM)


def _again() -> None:
    st.rerun(scope="fragment")


def _head(look: Look) -> None:
    w, team = look.tell.w, look.team
    html = render(
        "field/head.html",
        w=w,
        team=team.name if team else "",
        state=w(f"activity.{team.activity}") if team else "",
        done=team.done_today if team else 0,
        note=look.mine.note if not look.mine.at else None,
        where=_said_where(look),
        incident=_told(look, look.incident) if look.incident else None,
    )
    act = panel(html, key="field-head", theme=look.theme) or ""
    name, _, rest = act.partition(":")
    if name == "where":
        _heard_where(look, rest)
        _again()
    if name == "step" and look.incident is not None:
        step, _, version = rest.rpartition(":")
        if step in ("accept", "arrive") and version.isdecimal():
            said = deeds.step(look.centre, look.person.id, look.incident, int(version), step, look.tell)
            look.mine.said(said)
            _again()


def _told(look: Look, incident: Incident) -> dict[str, object]:
    tell = look.tell
    left, tone = tell.left(incident, look.board.now)
    return {
        "id": incident.id,
        "what": tell.what(incident),
        "where": tell.where_full(incident),
        "words": incident.text,
        "priority": incident.priority,
        "left": left,
        "tone": tone,
        "clock": tell.clock(incident, look.board.now),
        "version": incident.version,
        "step": {Status.ASSIGNED: "accept", Status.ACCEPTED: "arrive"}.get(incident.status, ""),
        "placed": not math.isnan(incident.lon),
        "lon": incident.lon,
        "lat": incident.lat,
    }


def _said_where(look: Look) -> str:
    w, mine = look.tell.w, look.mine
    if mine.where is not None:
        return w("field.here", lon=f"{mine.where[0]:.5f}", lat=f"{mine.where[1]:.5f}", m=f"{mine.where[2]:.0f}")
    return w("field.no_where") if mine.denied else ""


def _heard_where(look: Look, said: str) -> None:
    """The phone's position, or that it gives none; what comes from a browser is checked."""
    mine = look.mine
    try:
        lon, lat, accuracy_m = (float(part) for part in said.split(","))
    except ValueError:
        mine.where, mine.denied = None, True
        return
    if abs(lon) <= 180 and abs(lat) <= 90 and 0 <= accuracy_m <= 1e6:
        mine.where, mine.denied = (lon, lat, accuracy_m), False
        if look.team is not None and look.person.officer:
            deeds.stand(look.centre, look.team, mine.where)


def _map(look: Look, team: Team, incident: Incident) -> None:
    if math.isnan(incident.lon):
        return
    route = way(look.centre.travel, team, incident)
    under_way = incident.status in (Status.ASSIGNED, Status.ACCEPTED) and route.lon.size > 1
    far = max(abs(team.lon - incident.lon), abs(team.lat - incident.lat), 0.002)
    w = look.tell.w
    spec = MapSpec(
        home=View.of(incident.lon - far, incident.lat - far, incident.lon + far, incident.lat + far, *PHONE_MAP),
        palette=palette(Theme(look.theme)),
        tables=picture.tables(
            look.board.within([team.town]),
            [incident],
            picture.route_table(route.lon, route.lat) if under_way else None,
            frozenset({"cover"}),
            w,
        ),
        words=Words(w("map.label"), w("map.in"), w("map.out"), w("map.home"), lasso=""),
        selected=Selected("incidents", incident.id),
        pins=(Pin(team.id, team.lon, team.lat, "✓", best=True, tip=team.name),),
        revision=look.board.revision,
        sharp=settings().sharp,
    )
    grid_map(spec, key=f"field-map-{incident.id}", height=f"{PHONE_MAP[1]}px")
    if under_way:
        st.caption(w("field.way", minutes=max(1, round(route.cost / 60))))


def _note(look: Look, at: str) -> None:
    """What came of the last deed, where that was one of this form; its place is kept, else what is open below shuts."""
    with st.empty():
        if look.mine.note is not None and look.mine.at == at:
            panel(render("note.html", note=look.mine.note), key=f"field-note-{at}", theme=look.theme)


def _work(look: Look, incident: Incident) -> None:
    """Evidence at any time; the outcome once on scene; giving back until it is done."""
    w, mine, actor = look.tell.w, look.mine, look.person.id
    kept = look.centre.scene.of(incident.id)
    html = render("field/evidence.html", w=w, kept=[(e.id, e.name, look.tell.at(e.at), e.note, e.media) for e in kept])
    panel(html, key="field-kept", theme=look.theme)
    _note(look, "evidence")
    with st.form(key=f"field-evidence-{mine.round}", border=False):
        files = st.file_uploader(
            w("field.files"),
            type=["jpg", "jpeg", "png", "webp", "pdf"],
            accept_multiple_files=True,
            max_upload_size=MOST_BYTES // 1024**2,
        )
        note = st.text_input(w("field.file_note"), max_chars=200)
        if st.form_submit_button(w("field.hand_in"), width="stretch"):
            said = [
                deeds.hand_in(look.centre, actor, incident, (each.name, each.getvalue()), mine.where, note, look.tell)
                for each in files
            ]
            bad = [each for each in said if not each.done]
            mine.said(next(iter(bad or said), Said(w("field.no_files"), False)), "evidence")
            mine.round += bool(said)
            _again()
    if incident.status is Status.ON_SCENE:
        _note(look, "done")
        with st.form(key=f"field-done-{incident.id}-{incident.version}", border=False):
            outcome = st.text_area(w("closing.outcome"), max_chars=500, height=90)
            if st.form_submit_button(w("field.done"), type="primary", width="stretch"):
                done = incomplete({w("closing.outcome"): outcome}, w) or deeds.handle(
                    look.centre, actor, incident, outcome, look.tell
                )
                mine.said(done, "" if done.done else "done")
                _again()
    if incident.status in (Status.ASSIGNED, Status.ACCEPTED, Status.ON_SCENE):
        with st.expander(w("field.back")):
            _note(look, "back")
            _give_back(look, incident)


def _give_back(look: Look, incident: Incident) -> None:
    w = look.tell.w
    with st.form(key=f"field-back-{incident.id}-{incident.version}", border=False):
        reason = st.text_input(w("field.back_why"), max_chars=300)
        if st.form_submit_button(w("field.back_do"), width="stretch"):
            back = incomplete({w("field.back_why"): reason}, w) or deeds.hand_back(
                look.centre, look.person.id, incident, reason, look.tell
            )
            look.mine.said(back, "" if back.done else "back")
            _again()


def _found(look: Look) -> None:
    """What a team sees on its way is an incident like any other, from where it stands."""
    w, mine = look.tell.w, look.mine
    with st.expander(w("field.found")):
        _note(look, "found")
        with st.form(key=f"field-found-{mine.round}", border=False):
            words = st.text_area(w("field.found_words"), max_chars=2000, height=80)
            if st.form_submit_button(w("field.found_do"), width="stretch"):
                said = incomplete({w("field.found_words"): words}, w) or deeds.found(
                    look.centre, look.person.id, words.strip(), mine.where, look.tell
                )
                mine.said(said, "found")
                mine.round += said.done
                _again()
