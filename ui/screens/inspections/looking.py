"""What somebody looks at on the screen of inspections, from one refresh to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import streamlit as st

from dispatch.desk.refusals import Refused
from dispatch.desk.trying import Choice
from dispatch.records.inspection import DueItem, Premises
from dispatch.records.person import Job
from dispatch.records.reason import Reason
from dispatch.store import crews
from dispatch.store.inspections import InForce
from gis.schemas import Fault
from ui.frame import Frame
from ui.said import Said, attempt, carried_out
from ui.services.inspecting import check_name

TABS = ("due", "plans", "draw", "calendar", "day", "desk", "patrols")


@dataclass(frozen=True, slots=True)
class Choices:
    """Where one call might go, as of a state of the book and a minute of the day."""

    call: str
    force: InForce
    minute: int
    found: tuple[Choice, ...]


@dataclass(slots=True)
class Looking:
    """One person's view.

    Attributes
    ----------
    day
        The day whose routes are shown; None for the first that has any.
    round
        Counts what was done: every form is drawn anew, and empty, afterwards.
    dragging
        Id of the call that is on its way under the mouse, or empty.
    choices
        Where the call that was last looked at might go.
    absence
        Id of the absence that is being changed, or empty.
    pressed
        What the button that was just pressed asks for, as it stood on the page; None when none was.
    wrong
        What is wrong with the delivery that was handed in last.
    check
        Id of the check from the desk that is looked at, or empty.
    """

    tab: str = "due"
    premises: str = ""
    town: str = ""
    day: date | None = None
    outing: str = ""
    call: str = ""
    note: tuple[str, str] | None = None
    round: int = 0
    dragging: str = ""
    choices: Choices | None = None
    absence: str = ""
    pressed: Callable[[Look], None] | None = None
    wrong: tuple[Fault, ...] = ()
    check: str = ""

    def said(self, said: Said) -> None:
        """What came of a deed; a form that was sent in vain keeps what was typed."""
        self.note, self.wrong = said.note, ()
        self.round += int(said.done)


@dataclass(frozen=True, slots=True)
class Look(Frame):
    """One refresh of this screen for one person.

    Attributes
    ----------
    premises, items
        Of the towns this person sees, by id; items that are still due.
    force
        The calendars in force.
    """

    looking: Looking
    premises: dict[str, Premises]
    items: dict[str, DueItem]
    force: InForce
    names: dict[str, str]

    @property
    def today(self) -> date:
        return self.centre.today()

    @property
    def towns(self) -> list[str]:
        """Where there is something to inspect, of what this person sees."""
        return sorted({place.town for place in self.premises.values()})

    @property
    def own_towns(self) -> list[str]:
        """Those in which this person plans."""
        areas = self.person.areas(Job.PLANNER, Job.INSPECTOR)
        return [town for town in self.towns if any(town.startswith(area) for area in areas)]

    def town(self, code: str) -> str:
        return self.centre.scenario.areas.name(code)

    def area(self, code: str) -> str:
        """A town, or the whole district."""
        return self.town(code) if len(code) > 6 else self.tell.w("inspections.district")

    def name(self, place: str) -> str:
        """Premises as people call them."""
        known = self.premises.get(place)
        return known.name or known.id if known else place

    def department(self, code: str) -> str:
        found = self.centre.rules.departments.get(code)
        return self.tell.w.pick(found.name_zh, found.name_en) if found else code

    def field(self, code: str) -> str:
        found = self.centre.scenario.fields.get(code)
        return self.tell.w.pick(found.name_zh, found.name_en) if found else code

    def scene(self, code: str) -> str:
        found = self.centre.rules.scenes.scenes.get(code)
        return self.tell.w.pick(found.name_zh, found.name_en) if found else code

    def item(self, code: str) -> str:
        found = self.centre.rules.scenes.items.get(code)
        return self.tell.w.pick(found.name_zh, found.name_en) if found else code

    def item_of(self, code: str) -> str:
        """An item with the department that checks it."""
        found = self.centre.rules.scenes.items.get(code)
        return f"{self.department(found.department)}: {self.item(code)}" if found else code

    def check(self, item: DueItem) -> str:
        """What a check is called, with its code; its field where nobody gave it a name."""
        return check_name(self.centre, item, self.tell.w)

    def crew_numbers(self, day: date | None) -> dict[str, int]:
        """By id the number, from 0, of each crew that goes out, or was to, in the towns that this person sees.

        It keeps it through the day: who is added comes last, and who is dissolved leaves a gap.
        """
        if day is None:
            return {}
        force, towns = self.force, {*self.towns}

        def numbered() -> list[tuple[str, str]]:
            with self.centre.casebook.reading() as connection:
                return crews.in_order(connection, force, day)

        order = self.centre.books.kept(("crews", day), numbered)
        return {name: at for at, name in enumerate(id for id, town in order if town in towns)}

    def day_name(self, day: date) -> str:
        return f"{day:%m-%d} {self.tell.w(f'inspections.weekday_{day.isoweekday()}')}"

    def officer(self, name: str) -> str:
        return self.names.get(name, name)

    def who(self, actor: str) -> str:
        """Who did a deed: an officer by name, one of the program's own in words, anybody else as he signs."""
        return self.names.get(actor) or self.tell.w.words.get(f"actor.{actor}", actor)

    def near(self, place: str, last: date) -> tuple[Reason, ...]:
        """Visits within thirty days of one from today through ``last``, read once and not at every refresh."""

        def found() -> tuple[Reason, ...]:
            with self.centre.casebook.reading() as connection:
                return self.centre.inspections.repeats(connection, place, self.today, last)

        return self.centre.books.kept(("near", place, self.today, last), found)

    def do(self, name: str, deed: Callable[[], object]) -> None:
        """Try a deed, keep what came of it, and draw anew."""
        self.looking.said(carried_out(deed, self.tell.w(f"inspections.done_{name}"), self.tell))
        again()

    def when_pressed(self, deed: Callable[[Look], None]) -> Callable[[], None]:
        """For a button's ``on_click``: the versions that the deed names are those of the page on which it is pressed.

        The deed is done by the next refresh (:meth:`do_pressed`), whether that still draws the button or not.
        """
        return lambda: setattr(self.looking, "pressed", deed)

    def do_pressed(self) -> None:
        """Do what was asked for on the page as it was."""
        deed, self.looking.pressed = self.looking.pressed, None
        if deed is not None:
            deed(self)

    def hear(self, deed: Callable[[], str]) -> None:
        """As :meth:`do`, for a deed that itself says what came of it."""
        self.looking.said(attempt(deed, self.tell))
        again()


def mark_of(proposal: object) -> str:
    """Tells the proposal that a page shows from one that the same person asked for since, in another tab."""
    return f"{id(proposal):x}"


def refuse_unseen(act: str, proposal: object) -> None:
    """Raises Refused when the page that was pressed shows another proposal; ``act`` ends with what it shows."""
    if not act.endswith(f":{mark_of(proposal)}"):
        raise Refused(Reason("based_on_changed", False))


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def gap(found: int, bound: int) -> str:
    """By how much officer-days may be above the best; a bound that says nothing of them gives a dash."""
    return f"{100 * (found / bound - 1):.0f} %" if 0 < bound <= found else "–"


def span(first: date, last: date) -> str:
    """Two days as short as they can be."""
    return f"{first:%m-%d}" if first == last else f"{first:%m-%d}–{last:%m-%d}"


def looking() -> Looking:
    """The session's view."""
    view: Looking = st.session_state.setdefault("inspections", Looking())
    return view


def again() -> None:
    st.rerun(scope="fragment")
