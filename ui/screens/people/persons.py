"""People: who they are, what they are there for and where, and how they come in."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dispatch.records.person import Job, Person, Post
from ui.panel.component import panel, render
from ui.said import Said, attempt, incomplete
from ui.screens.people.keeping import Look, Secret, again

NOBODY = ""
SPARE_ROWS = 2


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form."""

    id: str
    name: str
    posts: tuple[Post, ...]
    officer: str
    body: str
    email: str

    def changes(self, seen: Person) -> dict[str, object]:
        """What is another than on the record."""
        wanted = {
            "name": self.name.strip() or seen.name,
            "posts": tuple(sorted(set(self.posts))),
            "officer": self.officer,
            "body": self.body,
            "email": self.email.strip().lower(),
        }
        return {name: value for name, value in wanted.items() if value != getattr(seen, name)}


def show(look: Look) -> None:
    everybody = look.centre.accounts.everybody()
    chosen = next((each for each in everybody if each.id == look.keeping.person), None)
    left, right = st.columns([8, 4], gap="small")
    with left, st.container(key="people-left"):
        _list(look, everybody)
    with right, st.container(key="people-side"):
        _head(look, chosen)
        _form(look, chosen)


def _list(look: Look, everybody: list[Person]) -> None:
    w = look.tell.w
    officers, bodies = _officers(look), _bodies(look)
    rows = [
        {
            "id": each.id,
            "name": each.name,
            "posts": _posts_told(look, each),
            "stands": [said for said in (officers.get(each.officer, each.officer), bodies.get(each.body)) if said],
            "email": each.email,
            "state": each.account,
            "mine": each.id == look.person.id,
        }
        for each in sorted(everybody, key=lambda each: (not each.active, each.id))
    ]
    html = render("people/people.html", w=w, rows=rows, selected=look.keeping.person)
    act = panel(html, key="people-list", theme=look.theme) or ""
    if act.startswith("person:") or act == "new":
        look.keeping.put_away()
        look.keeping.person = act.removeprefix("person:") if act != "new" else ""
        again()


def _posts_told(look: Look, person: Person) -> list[tuple[str, str]]:
    """Areas with what somebody is there for in each."""
    w = look.tell.w
    jobs = {area: [w(f"job.{post.job}") for post in person.posts if post.area == area] for area in person.areas()}
    return [(look.area(area), w("app.comma").join(told)) for area, told in jobs.items()]


def _head(look: Look, chosen: Person | None) -> None:
    w, keeping = look.tell.w, look.keeping
    html = render(
        "people/person.html",
        w=w,
        person=chosen,
        state=chosen.account if chosen else "",
        mine=chosen is not None and chosen.id == look.person.id,
        note=keeping.note,
        secret=keeping.secret,
    )
    act = panel(html, key="people-head", theme=look.theme) or ""
    deed, _, version = act.partition(":")
    if deed == "new":
        keeping.put_away()
        again()
    if chosen is None or not version.isdecimal():
        return
    if deed in ("let_go", "take_back"):
        said = attempt(lambda: _set_active(look, chosen, int(version), deed), look.tell)
        keeping.said(said.note, done=said.done)
        again()
    if deed == "reset":
        _reset(look, chosen, int(version))
        again()


def _set_active(look: Look, chosen: Person, version: int, deed: str) -> str:
    look.centre.accounts.change(look.person.id, chosen.id, version, active=deed == "take_back")
    return look.tell.w(f"people.did_{deed}", who=chosen.name)


def _reset(look: Look, chosen: Person, version: int) -> None:
    made: list[Secret] = []

    def deed() -> str:
        made.append(Secret(chosen.id, look.centre.accounts.reset(look.person.id, chosen.id, version)))
        return look.tell.w("people.did_reset", who=chosen.name)

    said = attempt(deed, look.tell)
    look.keeping.said(said.note, made[0] if said.done else None, done=said.done)


def _form(look: Look, chosen: Person | None) -> None:
    w, keeping = look.tell.w, look.keeping
    key = f"person-{chosen.id}-{chosen.version}" if chosen else f"person-new-{keeping.round}"
    with st.form(key=key, border=False):
        filled = _fields(look, chosen, key)
        if not st.form_submit_button(
            w("people.do_change" if chosen else "people.do_add"), type="primary", width="stretch"
        ):
            return
    if chosen is None:
        _add(look, filled)
    else:
        _change(look, chosen, filled)
    again()


def _fields(look: Look, chosen: Person | None, key: str) -> Filled:
    w = look.tell.w
    who = chosen or Person("", "", ())
    name_to_sign_in, beside = who.id, st.container()
    if chosen is None:
        left, beside = st.columns(2, gap="small")
        name_to_sign_in = left.text_input(w("people.id"), key=f"{key}-id", max_chars=40, help=w("people.id_help"))
    name = beside.text_input(w("people.name"), who.name, key=f"{key}-name", max_chars=60)
    posts = _posts(look, who, key)
    left, right = st.columns(2, gap="small")
    with left:
        officer = _pick(look, "officer", _officers(look), who.officer, key)
    with right:
        body = _pick(look, "body", _bodies(look), who.body, key)
    email = st.text_input(w("people.email"), who.email, key=f"{key}-email", max_chars=200)
    return Filled(name_to_sign_in, name, posts, officer, body, email)


def _posts(look: Look, who: Person, key: str) -> tuple[Post, ...]:
    """A row for each post and some for more; a row without a job is none."""
    w, areas = look.tell.w, look.tell.areas
    codes = [look.centre.scenario.code, *areas.towns, *areas.communities]
    jobs = [NOBODY, *Job]
    posts: list[Post] = []
    for n in range(len(who.posts) + SPARE_ROWS):
        post = who.posts[n] if n < len(who.posts) else None
        left, right = st.columns([2, 3], gap="small")
        job = left.selectbox(
            w("people.job"),
            jobs,
            jobs.index(post.job) if post else 0,
            format_func=lambda job: w(f"job.{job}") if job else w("people.no_job"),
            key=f"{key}-job-{n}",
            label_visibility="visible" if n == 0 else "collapsed",
        )
        area = right.selectbox(
            w("people.area"),
            codes,
            codes.index(post.area) if post and post.area in codes else 0,
            format_func=look.area,
            key=f"{key}-area-{n}",
            label_visibility="visible" if n == 0 else "collapsed",
        )
        if job:
            posts.append(Post(Job(job), area))
    return tuple(posts)


def _pick(look: Look, name: str, known: dict[str, str], now: str, key: str) -> str:
    """One of those that are known, or nobody; who has left the roster stays until another is chosen."""
    choices = list(dict.fromkeys([NOBODY, now, *known]))
    picked = st.selectbox(
        look.tell.w(f"people.{name}"),
        choices,
        choices.index(now),
        format_func=lambda each: known.get(each, each) or look.tell.w("people.none"),
        key=f"{key}-{name}",
        help=look.tell.w(f"people.{name}_help"),
    )
    return picked or NOBODY


def _officers(look: Look) -> dict[str, str]:
    """The roster's people by id, with their team."""
    teams = sorted(look.centre.board().teams.values(), key=lambda team: team.id)
    return {officer.id: f"{officer.name} · {team.name}" for team in teams for officer in team.officers}


def _bodies(look: Look) -> dict[str, str]:
    w = look.tell.w
    return {each.id: w.pick(each.name_zh, each.name_en) for each in look.centre.rulebook.bodies.values()}


def _add(look: Look, filled: Filled) -> None:
    made: list[Secret] = []

    def deed() -> str:
        wanted = Person(filled.id, filled.name, filled.posts, filled.officer, filled.body, filled.email)
        new, password = look.centre.accounts.add(look.person.id, wanted)
        made.append(Secret(new.id, password))
        return look.tell.w("people.did_add", who=new.name)

    w = look.tell.w
    typed = {
        w("people.id"): filled.id,
        w("people.name"): filled.name,
        w("people.job"): [str(p.job) for p in filled.posts],
    }
    said = incomplete(typed, w) or attempt(deed, look.tell)
    look.keeping.said(said.note, made[0] if said.done else None, done=said.done)


def _change(look: Look, seen: Person, filled: Filled) -> None:
    changes = filled.changes(seen)
    if not changes:
        look.keeping.said(Said(look.tell.w("people.same"), False).note)
        return

    def deed() -> str:
        look.centre.accounts.change(look.person.id, seen.id, seen.version, **changes)  # type: ignore[arg-type]
        return look.tell.w("people.did_change", who=filled.name)

    said = attempt(deed, look.tell)
    look.keeping.said(said.note, done=said.done)
