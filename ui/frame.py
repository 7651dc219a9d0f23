"""What every screen stands in: the page, and the strip with the way to the other screens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import streamlit as st

from dispatch.records.person import Job, Person, Post
from scenarios.builder import city_and_code
from ui.gate import SIGN_IN
from ui.oidc import OUT
from ui.panel.component import panel, render
from ui.services.board import Board
from ui.services.centre import Centre, centre
from ui.services.whose import OUTSIDE, may_look
from ui.session import language, theme
from ui.settings import settings
from ui.signin import CHOOSE, others, signed_in
from ui.telling import Teller
from ui.wording import Language, Wording

SHELL = Path(__file__).parent / "screens" / "shell.css"
VIEWS = (
    "city",
    "dispatch",
    "intake",
    "between",
    "cases",
    "inspections",
    "staffing",
    "oversight",
    "lists",
    "field",
    "people",
)
TURNED_BACK = "turned-back"
"""Under which a session remembers the screen that was asked for in vain."""
Figure = tuple[str, str, bool]


@dataclass(frozen=True, slots=True)
class Frame:
    """Who is looking, at what, in which words and colours."""

    centre: Centre
    board: Board
    tell: Teller
    theme: str
    person: Person


def open_page() -> None:
    """The page's name and style, before anything is drawn."""
    words = language()
    st.set_page_config(page_title=words("app.title"), page_icon="🧭", layout="wide", initial_sidebar_state="collapsed")
    own = f":root {{ --choose-file: {json.dumps(words('app.choose_file'), ensure_ascii=False)}; }}"
    st.html(f"<style>{own} {SHELL.read_text(encoding='utf-8')}</style>")


def frame() -> Frame:
    """The present moment for one refresh of a screen."""
    opened, person = centre(), signed_in()
    if person is None:
        _over()
    scenario = opened.scenario
    tell = Teller(
        language(), scenario.areas, opened.rulebook.matters, scenario.fields, opened.zone, scenario.rules.departments
    )
    return Frame(opened, opened.board().within(person.areas()), tell, theme(), person)


def _over() -> NoReturn:
    """The session has ended while the screen was open."""
    w = language()
    st.html(render("over.html", w=w, to=SIGN_IN))
    st.stop()


def strip(shown: Frame, here: str, figures: Sequence[Figure] = (), *, report: bool = False) -> str:
    """Draw the strip; returns what was asked for on it besides another screen, language or theme."""
    w, scenario, speed = shown.tell.w, shown.centre.scenario, shown.centre.speed
    made_up = w.sentences(scenario.synthetic)
    html = render(
        "strip.html",
        w=w,
        place=w.pick(scenario.title_zh, scenario.title_en),
        made_up=w("strip.made_up", what=made_up) if made_up else "",
        tabs=[(view, w(f"strip.tab_{view}"), view == here) for view in VIEWS if _offered(shown.person, view)],
        person=shown.person.name,
        posts=[_post(shown, post) for post in shown.person.posts],
        others=[(f"{SIGN_IN}?as={who}", name) for who, name in others() if who != shown.person.id],
        password_page=CHOOSE,
        out=OUT,
        figures=figures,
        report=report,
        turned=_turned(w),
        clock=shown.tell.at(shown.board.now),
        speed=f"×{speed:g}" if speed != 1 else "",
        clock_title=w("strip.clock_demo", speed=f"{speed:g}") if speed != 1 else w("strip.clock_live"),
        other_language=Language.EN if w.language is Language.ZH else Language.ZH,
        other_theme="Light" if shown.theme == "dark" else "Dark",
    )
    act = panel(html, key="strip", theme=shown.theme) or ""
    if act.startswith("lang:"):
        st.query_params["lang"] = act.removeprefix("lang:")
        st.rerun(scope="app")
    if act.startswith("go:"):
        go(act.removeprefix("go:"))
    if act == "heard":
        st.session_state.pop(TURNED_BACK, None)
        st.rerun(scope="app")
    return act


def _turned(w: Wording) -> str:
    """Why another screen is shown than was asked for; empty when none was."""
    view = st.session_state.get(TURNED_BACK, "")
    return w("strip.turned_back", screen=w(f"strip.tab_{view}")) if view else ""


def may_open(view: str) -> bool:
    """Whether the screen is of use to who looks; without anybody, the screen itself says that the session is over."""
    person = signed_in()
    return person is None or _offered(person, view)


def _offered(person: Person, view: str) -> bool:
    """Whether the screen is there for somebody; that of a city where the place is one of its districts."""
    return may_look(person, view) and (view != "city" or city_and_code(settings().place) is not None)


def turn_back(view: str) -> str:
    """The screen somebody begins with instead of one that is not theirs; the strip says why until it is heard."""
    first = first_view()
    st.session_state[TURNED_BACK] = view
    st.query_params["view"] = first
    return first


def first_view() -> str:
    """The screen somebody begins with: a team its phone, an observer their files, everybody else the map."""
    person = signed_in()
    if person is not None and person.outside:
        return OUTSIDE
    return "field" if person is not None and {post.job for post in person.posts} == {Job.TEAM} else "dispatch"


def _post(shown: Frame, post: Post) -> str:
    """A job with its area in words."""
    area = shown.centre.scenario.areas.name(post.area)
    return f"{shown.tell.w(f'job.{post.job}')} · {area}"


def go(view: str, **named: str) -> None:
    """Another screen, with what it shall show in the address."""
    if view in (*VIEWS, "story"):
        st.session_state.pop(TURNED_BACK, None)
        st.query_params["view"] = view
        for name, value in named.items():
            st.query_params[name] = value
        st.rerun(scope="app")
