"""What a citizen's words propose: matter, place, the incident they may repeat, who may act, by when.

It reads and writes nothing, so it can be asked at every pause in typing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from math import nan

from dispatch.records.incident import OPEN, Incident
from dispatch.response.duplicates import Likeness, OpenIncidents
from dispatch.rulebook.competence import Answer
from dispatch.rulebook.deadlines import Deadline, deadline
from dispatch.rulebook.matters import REPORTED, Kind, Matter
from dispatch.rulebook.onething import Part
from dispatch.rulebook.search import Index
from dispatch.rulebook.triage import NOTHING_KNOWN, Guess
from gis.crs import great_circle_m
from gis.gazetteer import Gazetteer, Precision, Spot
from ui.services.board import Board
from ui.services.centre import Centre

OPTIONS_SHOWN = 5
"""The proposal and at most four alternatives: what one hand reaches without looking."""
OF_THE_CATEGORY = 3
DOUBLES_SHOWN = 3
SPOTS_SHOWN = 4
FOUND_SHOWN = 8
PRECISE = frozenset({Precision.CROSSING, Precision.STREET_IN_COMMUNITY, Precision.COMMUNITY})
NEAR_ENOUGH_M = 500.0
"""A street or town alone is taken unasked only when no point of it is farther off than this. Our choice."""


@dataclass(frozen=True, slots=True)
class Option:
    """A matter that it may be; ``confidence`` is that of its category, 0 to 1."""

    matter: Matter
    confidence: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where it may be; cell and town are empty outside the district."""

    spot: Spot
    cell: str
    town: str

    @property
    def vague(self) -> bool:
        """Whether a person should say more before a team goes there."""
        return self.spot.precision not in PRECISE and self.spot.within_m > NEAR_ENOUGH_M


@dataclass(frozen=True, slots=True)
class Double:
    """An open incident of which this may be one more voice."""

    incident: Incident
    like: Likeness


@dataclass(frozen=True, slots=True)
class Choice:
    """What the dispatcher has picked against the proposal.

    Attributes
    ----------
    matter
        Code, or empty: as triage reads it.
    spot
        Row among the readings of the place, or None: the best unless it is vague.
    double
        Id of the open incident it is merged into, or empty.
    """

    matter: str = ""
    spot: int | None = None
    double: str = ""


AS_READ = Choice()


@dataclass(frozen=True)
class Proposal:
    """What there is to accept, or to ask.

    Attributes
    ----------
    options
        The likeliest first, what was picked among them.
    matter
        None while somebody has to say it.
    places, place
        Readings of the place, the most precise first, and the one that is taken; None while somebody has to say it.
    unknown_place
        Whether place words were given that name nothing in the district.
    doubles, double
        Open incidents like it, the likeliest first, and the one it is merged into.
    limit
        The city clock until it is handled, None without a matter.
    """

    text: str
    place_words: str
    guess: Guess
    options: tuple[Option, ...]
    matter: Matter | None
    places: tuple[Place, ...]
    place: Place | None
    unknown_place: bool
    doubles: tuple[Double, ...]
    double: Double | None
    answer: Answer
    on_scene_by: datetime | None
    limit: Deadline | None
    parts: tuple[Part, ...]

    @property
    def passes_on(self) -> bool:
        """Whether it is nothing to enforce and goes to whoever answers such calls."""
        return self.matter is not None and not self.matter.enforceable and self.double is None

    @property
    def needs_matter(self) -> bool:
        return self.matter is None and self.double is None

    @property
    def needs_place(self) -> bool:
        """What is passed on or merged goes nowhere of its own."""
        return self.place is None and self.double is None and not self.passes_on

    @cached_property
    def position(self) -> tuple[float, float]:
        """WGS84, NaN without a place; one more voice about an incident is where that one is."""
        if self.place is not None:
            return self.place.spot.lon, self.place.spot.lat
        return (self.double.incident.lon, self.double.incident.lat) if self.double else (nan, nan)

    @property
    def address(self) -> str:
        """Where it is in words: as it was typed, else as it was read."""
        return self.place_words or ("".join(self.place.spot.names) if self.place else "")

    @cached_property
    def seen(self) -> str:
        """What a person agrees to, in short; a proposal with another one has not been looked at."""
        matter = self.matter.code if self.matter else ""
        double = f"{self.double.incident.id}.{self.double.incident.status}" if self.double else ""
        bodies = ",".join(actor.body for actor in self.answer.actors)
        others = ",".join(each.incident.id for each in self.doubles)
        whole = repr((self.text, self.place_words, matter, self.position, double, others, bodies))
        return blake2b(whole.encode("utf-8", "replace"), digest_size=16).hexdigest()


def propose(
    centre: Centre, text: str, place_words: str = "", choice: Choice = AS_READ, areas: Sequence[str] = ("",)
) -> Proposal:
    """What the words say, completed by what was picked.

    Parameters
    ----------
    text
        As the citizen said it; for an empty one nothing is proposed.
    place_words
        A place typed beside it; it goes before the places in ``text``.
    choice
        What was picked so far.
    areas
        Of which incidents may be shown as possible duplicates: codes of districts, towns or communities.
    """
    board, matters = centre.board().within(areas), centre.rulebook.matters
    guess = centre.triage.guess(text) if text.strip() else NOTHING_KNOWN
    picked = matters.get(choice.matter)
    matter = picked or matters.get(guess.matter)
    places = _places(centre, text, place_words)
    place = _taken(places, choice.spot)
    doubles = _doubles(board, centre, text, place, matter, choice.double)
    double = next((each for each in doubles if each.incident.id == choice.double), None)
    if matter is None and double is not None:  # one more voice is about what the first was about
        matter = matters.get(double.incident.matter)
    return Proposal(
        text=text,
        place_words=place_words,
        guess=guess,
        options=_options(matters, text, guess, picked),
        matter=matter,
        places=places,
        place=place,
        unknown_place=bool(place_words) and not places,
        doubles=doubles,
        double=double,
        answer=centre.rulebook.resolve(matter.code if matter else "", place.town if place else "", centre.today()),
        on_scene_by=board.now + matter.respond_within if matter else None,
        limit=deadline(matter.limit, board.now, (), centre.rules.calendar, board.now) if matter else None,
        parts=centre.rules.parts.get(matter.code, ()) if matter and matter.kind is Kind.ONE_THING else (),
    )


def matters_for(centre: Centre, words: str) -> list[Matter]:
    """What a citizen's words can be about that somebody searched for, the likeliest first."""
    ranked = _index(centre.rulebook.matters).rank(words)
    today = centre.today()
    return [matter for matter, _, _ in ranked if matter.in_force(today)][:FOUND_SHOWN]


def _options(matters: Mapping[str, Matter], text: str, guess: Guess, picked: Matter | None) -> tuple[Option, ...]:
    """What triage says, others of its category, and the best of each other category it weighs."""
    if not guess.category:
        return (Option(picked, 1.0),) if picked else ()
    ranked = [matter for matter, _, _ in _index(matters).rank(text)]
    share = {guess.category: guess.confidence, **dict(guess.alternatives)}
    first = [matters[guess.matter]] if guess.matter in matters else []
    of_it = [matter for matter in matters.values() if matter.category == guess.category and matter.kind in REPORTED]
    mine = [matter for matter in ranked if matter.category == guess.category][:OF_THE_CATEGORY]
    theirs = (next((m for m in ranked if m.category == code), None) for code, _ in guess.alternatives)
    likely = [*first, *mine, *(matter for matter in theirs if matter is not None)]
    if not guess.asks:  # a wrong matter of the right category is one key away
        likely += sorted(of_it, key=lambda matter: matter.kind is not Kind.ONE_THING)
    unique = list({matter.code: matter for matter in likely}.values())[:OPTIONS_SHOWN]
    if picked is not None and picked not in unique:
        unique = [*unique[: OPTIONS_SHOWN - 1], picked]
    return tuple(Option(matter, share.get(matter.category, 0.0)) for matter in unique)


def _places(centre: Centre, text: str, place_words: str) -> tuple[Place, ...]:
    found = _spots(centre.gazetteer, text, place_words)[:SPOTS_SHOWN]
    return tuple(Place(spot, *centre.desk.cell_of(spot.lon, spot.lat)) for spot in found)


def _spots(gazetteer: Gazetteer, text: str, place_words: str) -> tuple[Spot, ...]:
    """Readings of the place; what was typed beside the text must be part of each, the text may complete it."""
    if not place_words:
        return gazetteer.find(text)
    typed = {name for spot in gazetteer.find(place_words) for name in spot.names}
    return tuple(spot for spot in gazetteer.find(f"{place_words} {text}") if typed & set(spot.names))


def _taken(places: tuple[Place, ...], spot: int | None) -> Place | None:
    if spot is not None and spot < len(places):
        return places[spot]
    return places[0] if places and places[0].cell and not places[0].vague and not _rivals(places) else None


def _rivals(places: tuple[Place, ...]) -> bool:
    """Whether another place is as well meant as the first: two communities in one text are for a person to choose."""
    first = places[0].spot
    return any(
        each.spot.precision is first.precision
        and float(great_circle_m(each.spot.lon, each.spot.lat, first.lon, first.lat)) > NEAR_ENOUGH_M
        for each in places[1:]
    )


def _doubles(
    board: Board, centre: Centre, text: str, place: Place | None, matter: Matter | None, chosen: str
) -> tuple[Double, ...]:
    if place is None or not text.strip():
        return ()
    like = _open(board, centre).like(text, place.spot.lon, place.spot.lat, matter.code if matter else "", board.now)
    named = [one for one in like if one.likely or one.incident_id == chosen][:DOUBLES_SHOWN]
    return tuple(Double(board.incidents[one.incident_id], one) for one in named)


_kept_open: list[tuple[Centre, int, tuple[str, ...], OpenIncidents]] = []


def _open(board: Board, centre: Centre) -> OpenIncidents:
    """The open incidents of this board's revision, made ready once for all sessions."""
    about = (board.revision, board.areas)
    kept = next((made for of, *which, made in _kept_open if of is centre and tuple(which) == about), None)
    if kept is None:
        kept = OpenIncidents(each for each in board.incidents.values() if each.status in OPEN)
        _kept_open[:] = [(centre, *about, kept), *(each for each in _kept_open if each[1] == board.revision)][:8]
    return kept


_kept_index: list[tuple[Mapping[str, Matter], Index]] = []


def _index(matters: Mapping[str, Matter]) -> Index:
    """The matters that people report, ready to be searched; the last catalogue's is kept."""
    kept = next((index for catalogue, index in _kept_index if catalogue is matters), None)
    if kept is None:
        kept = Index(matter for matter in matters.values() if matter.kind in REPORTED)
        _kept_index[:] = [(matters, kept)]
    return kept
