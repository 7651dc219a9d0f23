"""The intake screen: words in on the left, what they propose on the right, what was registered below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from dispatch.rulebook.matters import Matter
from ui.frame import Frame, frame, go, strip
from ui.panel.component import panel
from ui.panel.typing import Keyed, reported, typing
from ui.said import Said
from ui.screens.intake.deeds import register, take_back
from ui.screens.intake.state import FIND, PLACE, TEXT, Done, Form, How, Intake, intake
from ui.screens.intake.view import View
from ui.services.intake import AS_READ, Choice, Proposal, matters_for, propose
from ui.settings import settings
from ui.signin import person

FORM = "intake-form"


@dataclass(frozen=True, slots=True)
class Look(Frame):
    """One refresh of this screen for one person."""

    mine: Intake
    shown: Proposal
    found: list[Matter]

    @property
    def view(self) -> View:
        return View(self.centre, self.tell)


def show() -> None:
    """Draw the whole screen; the part that lives is a fragment of its own."""
    _live()


@st.fragment(run_every=settings().refresh_s)
def _live() -> None:
    _hear()
    look = _look()
    _strip(look)
    with st.container(key="intake"):
        left, right = st.columns([9, 16], gap="small")
        with left:
            _form(look)
        with right:
            _proposal(look)
    _done(look)


def _hear() -> None:
    """What was typed, before anything on the screen is drawn or leads to another one."""
    mine, typed = intake(), reported(FORM)
    if not mine.typed(typed):
        return
    # What was pasted is whole, so the question can come at once; whoever types is not taken from the field.
    if typed.pasted and _look().shown.needs_matter:
        mine.move_to(FIND)


def _look() -> Look:
    """The form and what it proposes, read anew when it, the book or the minute has changed."""
    now, mine = frame(), intake()
    about = (mine.form, mine.choice, now.board.revision, now.board.now.replace(second=0, microsecond=0))
    if mine.read is None or mine.read[0] != about:
        found = matters_for(now.centre, mine.form.find) if mine.form.find else []
        mine.read = (about, propose(now.centre, mine.form.text, mine.form.place, mine.choice, now.board.areas), found)
    _, shown, found = mine.read
    return Look(now.centre, now.board, now.tell, now.theme, now.person, mine, shown, found)


def _again() -> None:
    """Draw once more at once, since what was typed or done changed what there is to see."""
    st.rerun(scope="fragment")


def _strip(look: Look) -> None:
    w, figures, done = look.tell.w, look.board.figures, look.mine.done
    told = [
        (w("intake.strip_new"), str(_count(done, How.NEW)), False),
        (w("intake.strip_voices"), str(_count(done, How.VOICE)), False),
        (w("intake.strip_passed"), str(_count(done, How.PASSED)), False),
        (w("strip.waiting"), f"{figures.waiting:,}", False),
    ]
    strip(look, "intake", told)


def _count(done: list[Done], how: How) -> int:
    return sum(each.how is how for each in done)


def _form(look: Look) -> None:
    mine = look.mine
    keyed = typing(look.view.form(), mine.told(look.shown.seen), key=FORM, theme=look.theme)
    if keyed is not None and keyed.number > mine.heard:
        _on_key(look, keyed)
        _again()


def _on_key(look: Look, keyed: Keyed) -> None:
    """The deed a key asks for; it counts for the form it was pressed in, as it stood then."""
    mine = look.mine
    mine.heard = keyed.number
    if keyed.typed.round != mine.round:
        return
    mine.typed(keyed.typed)
    name, _, number = keyed.name.partition(":")
    deeds: dict[str, Callable[[Look], None]] = {
        "accept": lambda now: _accept(now, keyed.seen),
        "force": lambda now: _accept(now, keyed.seen, asked=True),
        "find": lambda now: _pick_number(now, 1) if now.mine.form.find else _accept(now, keyed.seen),
        "pick": lambda now: _pick_number(now, int(number or 0)),
        "double": _next_double,
        "spot": _next_spot,
        "clear": _clear,
        "undo": _undo_last,
    }
    if name in deeds:
        deeds[name](_look())


def _accept(look: Look, seen: str, *, asked: bool = False) -> None:
    """Register what was on the screen; ask for what is missing, unless it was asked and shall stay open."""
    mine, w = look.mine, look.tell.w
    if not mine.form.text:
        if mine.note is not None and look.shown.seen != seen:
            return  # the second of two clicks: what came of the first one stays said
        mine.note = Said(w("intake.need_text"), False).note
        mine.move_to(TEXT)
    elif look.shown.seen != seen:
        mine.note = Said(w("intake.look_again"), False).note
    elif look.shown.needs_matter and not asked:
        mine.note = Said(w("intake.ask_matter"), False).note
        mine.move_to(FIND)
    elif look.shown.needs_place and not asked:
        mine.note = Said(w("intake.ask_place"), False).note
        mine.move_to(PLACE)
    else:
        _register(look)


def _register(look: Look) -> None:
    mine = look.mine
    said, done = register(look.centre, person(), look.shown, mine.form, look.tell)
    if done is not None:
        mine.registered(done)
        mine.open_next()
    mine.note = said.note


def _pick_number(look: Look, number: int) -> None:
    """A matter by its number: of those found while somebody searches, else of those proposed."""
    shown = look.found if look.mine.form.find else [option.matter for option in look.shown.options]
    if 0 < number <= len(shown):
        _pick(look, shown[number - 1].code)


def _pick(look: Look, code: str) -> None:
    mine = look.mine
    mine.choose(replace(mine.choice, matter=code))
    mine.searched()
    mine.move_to(PLACE if _look().shown.needs_place else TEXT)


def _next_spot(look: Look) -> None:
    """The next reading of the place, after the last the first again."""
    places = look.shown.places
    if places:
        at = places.index(look.shown.place) + 1 if look.shown.place in places else 0
        look.mine.choose(Choice(look.mine.choice.matter, at % len(places)))


def _next_double(look: Look) -> None:
    """The next of the incidents it may repeat, after the last none."""
    ids = [double.incident.id for double in look.shown.doubles]
    chosen = look.mine.choice.double
    left = ids[ids.index(chosen) + 1 :] if chosen in ids else ids
    look.mine.choose(replace(look.mine.choice, double=left[0] if left else ""))
    if not ids:
        look.mine.note = Said(look.tell.w("intake.no_doubles"), False).note


def _clear(look: Look) -> None:
    """First what was picked is put away, then what was typed; Alt+Z brings that back."""
    mine = look.mine
    if mine.choice != AS_READ:
        mine.choose(AS_READ)
    elif mine.form != Form(source=mine.form.source):
        mine.put_away = mine.form
        mine.open_next()
        mine.note = Said(look.tell.w("intake.cleared"), True).note


def _undo_last(look: Look) -> None:
    """What Esc put away comes back first; then the last message that can be taken back is."""
    mine = look.mine
    if mine.put_away is not None and not mine.form.text:
        mine.open_next(mine.put_away)
        mine.put_away, mine.note = None, None
    elif mine.done:
        _take_back(look, mine.done[0].id)


def _take_back(look: Look, id_: str) -> None:
    mine = look.mine
    done = next((each for each in mine.done if each.id == id_), None)
    if done is None:
        return
    said = take_back(look.centre, person(), done, look.tell)
    mine.note = said.note
    if said.done:
        mine.done = [Done(each.incident, How.NEW) if each is done else each for each in mine.done]


def _proposal(look: Look) -> None:
    html = look.view.proposal(look.shown, look.mine.form, look.found, look.mine.note)
    act = panel(html, key="intake-shown", theme=look.theme) or ""
    name, _, value = act.partition(":")
    clicks: dict[str, Callable[[], None]] = {
        "accept": lambda: _accept(look, value),
        "pick": lambda: _pick(look, value),
        "spot": lambda: look.mine.choose(Choice(look.mine.choice.matter, int(value))),
        "double": lambda: _toggle_double(look, value),
    }
    if name in clicks:
        clicks[name]()
        if name in ("spot", "double"):
            look.mine.move_to(TEXT)
        _again()


def _toggle_double(look: Look, incident: str) -> None:
    chosen = look.mine.choice.double
    look.mine.choose(replace(look.mine.choice, double="" if incident == chosen else incident))


def _done(look: Look) -> None:
    act = panel(look.view.done(look.mine.done), key="intake-done", theme=look.theme) or ""
    name, _, value = act.partition(":")
    if name == "story":
        go("story", incident=value)
    if name == "undo":
        _take_back(look, value)
        look.mine.move_to(TEXT)
        _again()
