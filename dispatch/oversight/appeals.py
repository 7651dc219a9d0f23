"""The life of an appraisal: opened with figures that stand still, objected to, ruled on, published for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from dispatch.desk.deed import stated
from dispatch.desk.door import Door
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.oversight.appraising import Basis, Counted, Figures, basis, figures, fingerprint, read_basis, upheld
from dispatch.oversight.evaluation import Ground, Period
from dispatch.oversight.marks import Weights
from dispatch.records.appraisal import Appraisal, Objection, Ruling, Side
from dispatch.records.reason import Reason
from dispatch.store import appraisals
from dispatch.store.ledger import Entry, Kind
from dispatch.store.writing import Writing

APPEAL_REASONS = (
    "week_not_appraised",
    "period_not_over",  # day
    "appraised_already",  # appraisal
    "nothing_appraised",  # appraisal
    "not_your_event",  # event
    "needs_evidence",
    "objected_already",  # objection
    "appeals_over",  # day
    "appeals_running",  # day
    "own_objection",  # objection
    "objections_waiting",  # n
    "appraisal_published",  # appraisal, day
    "appraisal_altered",  # appraisal
)
APPRAISED = frozenset({Period.MONTH, Period.QUARTER})


class Standing(NamedTuple):
    """An appraisal with all that is known of it now.

    ``before`` are the figures it was opened with, ``after`` those without what was upheld so far; ``whole`` says
    whether they are still those that the ledger says it was opened and published with.
    """

    appraisal: Appraisal
    basis: Basis
    objections: tuple[Objection, ...]
    before: Figures
    after: Figures
    whole: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """What appraisals of a place go by.

    Attributes
    ----------
    ground
        With which the book is read; its calendar says which days are working days.
    weights
        Of marks; an appraisal keeps those it was opened with.
    window
        So many working days objections are taken, the day of the opening not counted; above 0.
    """

    ground: Ground
    weights: Weights
    window: int


class Appeals(Door):
    """What is done with appraisals; every deed asks who may."""

    def __init__(self, door: Door, rules: Rules) -> None:
        super().__init__(door.casebook, door.clock, door.rights)
        self._rules = rules

    def all(self) -> list[Appraisal]:
        """Every appraisal, the last one opened first."""
        with self.casebook.reading() as connection:
            return appraisals.appraisals(connection)

    def standing(self, appraisal_id: str) -> Standing:
        """One of them with its figures.

        Raises
        ------
        Unknown
            When there is none of that id.
        """
        with self.casebook.reading() as connection:
            one = appraisals.appraisal(connection, appraisal_id)
            objections = tuple(appraisals.objections(connection, appraisal_id))
        if one is None:
            raise Unknown("appraisal", appraisal_id)
        counted = read_basis(one.basis)
        left, history = counted.without(upheld(objections)), self.casebook.history(Kind.APPRAISAL, one.id)
        whole = _as_opened(one, history) and _as_published(one, left, history)
        return Standing(one, counted, objections, figures(counted), figures(left), whole)

    def open(self, actor: str, period: Period, day: date, *, now: datetime | None = None) -> Appraisal:
        """The month or quarter that ``day`` lies in, with its figures as they are counted now.

        Raises
        ------
        Refused
            ``week_not_appraised``; ``period_not_over``; ``appraised_already``; ``nothing_appraised`` when nobody was
            asked for anything and nothing was found.
        """
        first, end = period.around(day)
        id = f"{period}-{first.isoformat()}"
        last = self.casebook.latest_entries(1)
        counted = self._count(first, end) if period in APPRAISED and self._over(end, now) else None
        with self.deed("appraise_open", actor, Kind.APPRAISAL, id, now) as (page, who):
            if period not in APPRAISED:
                raise _no("week_not_appraised")
            if counted is None:
                raise _no("period_not_over", day=end.isoformat())
            if appraisals.appraisal(page.connection, id) is not None:
                raise _no("appraised_already", appraisal=id)
            if not counted.events:
                raise _no("nothing_appraised", appraisal=id)
            told = counted.told()
            until, head = self._window(who.at), last[0].hash if last else ""
            new = Appraisal(id, period.value, first, end, who.at, who.name, until, told, fingerprint(told), head)
            appraisals.add_appraisal(page, who, new, events=len(counted.events))
            return new

    def object(
        self,
        actor: str,
        appraisal_id: str,
        event_id: str,
        side: Side,
        said: str,
        evidence: str,
        *,
        now: datetime | None = None,
    ) -> Objection:
        """What the town or the department of an event says against it.

        Raises
        ------
        Refused
            ``not_your_event`` when it counts for nobody on that side; ``appeals_over``; ``appraisal_published``;
            ``objected_already``; ``needs_words``, ``needs_evidence``.
        """
        place = self._whose(appraisal_id, event_id, side)
        with self.deed("appraise_object", actor, Kind.OBJECTION, "", now, place=place) as (page, who):
            one = _there(page, appraisal_id)
            self._still_a_draft(one)
            if who.at >= one.appeal_by_at:
                raise _no("appeals_over", day=self._last_day(one))
            event = read_basis(one.basis).event(event_id)
            if event is None or not event.of(side):
                raise _no("not_your_event", event=event_id)
            words, shown = stated(said), evidence.strip()
            if not shown:
                raise _no("needs_evidence")
            made = appraisals.objections(page.connection, one.id)
            twice = next((each for each in made if (each.event, each.side) == (event.id, side)), None)
            if twice is not None:
                raise _no("objected_already", objection=twice.id)
            id = f"{one.id}-O{len(made) + 1}"
            new = Objection(id, one.id, event.id, side, event.of(side), words, shown, who.at, who.name)
            appraisals.add_objection(page, who, new)
            return new

    def rule(
        self, actor: str, objection_id: str, version: int, reason: str, *, upheld: bool, now: datetime | None = None
    ) -> Objection:
        """The supervisor's word on an objection; whoever made or wrote it down rules on none of it.

        Raises
        ------
        Refused
            ``own_objection``; ``needs_words``; ``appraisal_published``.
        WrongStep
            When it was ruled on already.
        """
        with self.deed("appraise_rule", actor, Kind.OBJECTION, objection_id, now) as (page, who):
            one = appraisals.objection(page.connection, objection_id)
            if one is None:
                raise Unknown("objection", objection_id)
            if one.version != version:
                raise Stale("objection", one.id, version, one.version, page.latest(Kind.OBJECTION, one.id))
            self._still_a_draft(_there(page, one.appraisal))
            if one.made_by == who.name:
                raise _no("own_objection", objection=one.id)
            after = one.ruled(upheld, stated(reason), who.at, who.name)
            appraisals.change_objection(page, who, one, after)
            return after

    def publish(self, actor: str, appraisal_id: str, version: int, *, now: datetime | None = None) -> Appraisal:
        """The appraisal for everybody, counted without what was upheld; nothing of it changes from then on.

        Raises
        ------
        Refused
            ``appraisal_published``; ``appeals_running`` before the last day for objections is over;
            ``objections_waiting`` for a ruling; ``appraisal_altered`` when its basis is not what it was opened with.
        """
        with self.deed("appraise_publish", actor, Kind.APPRAISAL, appraisal_id, now) as (page, who):
            one = _there(page, appraisal_id)
            self._still_a_draft(one)
            if one.version != version:
                raise Stale("appraisal", one.id, version, one.version, page.latest(Kind.APPRAISAL, one.id))
            made = appraisals.objections(page.connection, one.id)
            waiting = sum(each.ruling is Ruling.OPEN for each in made)
            if who.at < one.appeal_by_at:
                raise _no("appeals_running", day=self._last_day(one))
            if waiting:
                raise _no("objections_waiting", n=waiting)
            if not _as_opened(one, page.history(Kind.APPRAISAL, one.id)):
                raise _no("appraisal_altered", appraisal=one.id)
            after, fallen = one.published(who.at, who.name), upheld(made)
            left = read_basis(one.basis).without(fallen)
            told = {"upheld": sorted(fallen), "published_sha256": fingerprint(left.told())}
            appraisals.publish(page, who, one, after, **told)
            return after

    def _count(self, first: date, end: date) -> Basis:
        since, until = (self._midnight(day) for day in (first, end))
        return basis(self.casebook, self._rules.ground, self._rules.weights, since, until)

    def _over(self, end: date, now: datetime | None) -> bool:
        return self._midnight(end) <= (now or self.clock())

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._rules.ground.calendar.zone)

    def _window(self, at: datetime) -> datetime:
        """The end of the last working day on which objections are taken."""
        calendar = self._rules.ground.calendar
        last = calendar.add_working_days(self._day(at), self._rules.window)
        return self._midnight(last + timedelta(days=1))

    def _last_day(self, one: Appraisal) -> str:
        return (self._day(one.appeal_by_at) - timedelta(days=1)).isoformat()

    def _day(self, at: datetime) -> date:
        return self._rules.ground.calendar.local(at).date()

    def _still_a_draft(self, one: Appraisal) -> None:
        if one.published_at is not None:
            raise _no("appraisal_published", appraisal=one.id, day=self._day(one.published_at).isoformat())

    def _whose(self, appraisal_id: str, event_id: str, side: Side) -> str:
        """The town, or the body, that may object to an event; empty, which is the district's, where there is none."""
        with self.casebook.reading() as connection:
            one = appraisals.appraisal(connection, appraisal_id)
        event: Counted | None = read_basis(one.basis).event(event_id) if one is not None else None
        if event is None:
            return ""
        return event.town if side is Side.TOWN else event.body


def _there(page: Writing, appraisal_id: str) -> Appraisal:
    one = appraisals.appraisal(page.connection, appraisal_id)
    if one is None:
        raise Unknown("appraisal", appraisal_id)
    return one


def _as_opened(one: Appraisal, history: list[Entry]) -> bool:
    """Whether the basis is the one whose hash the ledger has from the opening."""
    opened = next((entry for entry in history if entry.deed == "appraise_open"), None)
    kept = opened.details["set"] if opened is not None else {}
    return fingerprint(one.basis) == one.sha256 == kept.get("sha256")


def _as_published(one: Appraisal, left: Basis, history: list[Entry]) -> bool:
    """Whether what counts is what the ledger says it was published with; of a draft there is nothing to say."""
    entry = next((each for each in history if each.deed == "appraise_publish"), None)
    if one.published_at is None:
        return entry is None
    return entry is not None and entry.details["published_sha256"] == fingerprint(left.told())


def _no(code: str, **values: str | int | float) -> Refused:
    return Refused(Reason(code, False, values))
