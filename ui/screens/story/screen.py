"""The story of one incident: who did what when, on what ground, what was refused, which clocks ran."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dispatch.store.ledger import Verified
from ui.frame import Frame, frame, go, strip
from ui.panel.component import panel, render
from ui.screens.story.view import WANTED, story_html
from ui.services.sentences import Narrator, Told
from ui.services.story import Kept, Story, clocks, keep_story, milestones
from ui.services.storypaper import Paper, as_json_lines, as_text, clock_told
from ui.session import desk_session
from ui.settings import settings
from ui.signin import person

FIND, SHOWN, VERIFIED = "story-find", "story-shown", "story-verified"
KEPT, TOLD = "story-kept", "story-told"
ID_LENGTH = 80


def show() -> None:
    """Draw the screen; it is renewed while the incident goes on."""
    _live()


@st.fragment(run_every=settings().refresh_s)
def _live() -> None:
    look = frame()
    strip(look, "story")
    asked = st.query_params.get("incident", "").strip()[:ID_LENGTH]
    story = _story(look, asked) if asked else None
    if story is not None and not look.board.sees(story.incident.cell or story.incident.town):
        story = None
    paper = _paper(look, story) if story else None
    _bar(look, paper)
    if paper is None:
        words = look.tell.w("story.unknown", id=asked) if asked else look.tell.w("story.hint")
        panel(render("story/none.html", words=words, title=look.tell.w("story.title")), key="story", theme=look.theme)
        return
    wanted = st.session_state.get(SHOWN, "all")
    _act(look, paper, panel(story_html(paper, wanted, look.tell), key="story", theme=look.theme) or "")


def _story(look: Frame, asked: str) -> Story | None:
    """The story of what is asked for, kept for this session while the ledger does not grow."""
    kept: Kept | None = st.session_state.get(KEPT)
    st.session_state[KEPT] = kept = keep_story(look.centre.casebook, asked, kept)
    return kept.story


def _paper(look: Frame, story: Story) -> Paper:
    """The story told in the reader's language."""
    book, scenario, w = look.centre.rulebook, look.centre.scenario, look.tell.w
    narrator = Narrator(look.tell, story, look.board.teams, book.bodies, _officers(look), look.centre.rules)
    read = clocks(story, book.matters, look.centre.rules.calendar, look.board.now)
    made_up = w.sentences(scenario.synthetic)
    return Paper(
        story,
        _told(narrator, w.language),
        milestones(story),
        [clock_told(clock, narrator, look.tell, look.board.now) for clock in read],
        w("strip.made_up", what=made_up) if made_up else "",
        _verified(),
    )


def _told(narrator: Narrator, language: str) -> list[Told]:
    """The entries in words, told once for as long as the story and the language are the same."""
    kept: tuple[Story, str, list[Told]] | None = st.session_state.get(TOLD)
    if kept is not None and kept[0] is narrator.story and kept[1] == language:
        return kept[2]
    told = [narrator.tell(entry) for entry in narrator.story.entries]
    st.session_state[TOLD] = (narrator.story, language, told)
    return told


def _officers(look: Frame) -> dict[str, str]:
    """Names of everybody on the roster and in the office, by id."""
    crews = [officer for team in look.board.teams.values() for officer in team.officers]
    return {officer.id: officer.name for officer in (*crews, *look.centre.scenario.office)}


def _bar(look: Frame, paper: Paper | None) -> None:
    """Another incident by its id, and the story as files; a file is made when it is asked for."""
    w = look.tell.w
    with st.container(key="story-bar", horizontal=True, gap="small"):
        st.text_input(
            w("story.find"),
            key=FIND,
            placeholder=w("story.find"),
            label_visibility="collapsed",
            max_chars=ID_LENGTH,
            on_change=_open_typed,
        )
        if paper is None:
            return
        told, name, who = paper, paper.story.incident.id, person()
        st.download_button(
            w("story.text_file"),
            lambda: as_text(told, look.tell, who=who, now=look.board.now).encode(),
            file_name=f"{name}.txt",
            mime="text/plain",
            on_click="ignore",
        )
        st.download_button(
            w("story.raw_file"),
            lambda: as_json_lines(told.story.entries).encode(),
            file_name=f"{name}.jsonl",
            mime="application/x-ndjson",
            help=w("story.raw_help"),
            on_click="ignore",
        )


def _open_typed() -> None:
    typed = st.session_state[FIND].strip()
    if typed:
        st.query_params["incident"] = typed
    st.session_state[FIND] = ""


def _act(look: Frame, paper: Paper, act: str) -> None:
    if act == "back":
        desk_session().select(paper.story.incident.id)
        go("dispatch", incident=paper.story.incident.id)
    elif act.startswith("open:"):
        st.query_params["incident"] = act.removeprefix("open:")
    elif act == "verify":
        with st.spinner(look.tell.w("story.verifying")):
            st.session_state[VERIFIED] = (look.centre.casebook.verify(), look.centre.clock())
    elif act.startswith("show:") and act.removeprefix("show:") in WANTED:
        st.session_state[SHOWN] = act.removeprefix("show:")
    else:
        return
    st.rerun(scope="fragment")


def _verified() -> tuple[Verified, datetime] | None:
    found: tuple[Verified, datetime] | None = st.session_state.get(VERIFIED)
    return found
