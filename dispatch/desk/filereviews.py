"""Reviews of closed case files at the desk: opened on sealed registers, drawn with a seed nobody could choose, marked.

Who reviews a file belongs to another body and took no part in it; so does whoever enters what was found. Beside the
reviewers an observer from outside looks at each file and rates it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from dispatch.desk.deed import stated
from dispatch.desk.door import Door
from dispatch.desk.observers import observers
from dispatch.desk.refusals import Refused, Unknown
from dispatch.inspections.filedraw import FileDraw, against, draw_files, fingerprints
from dispatch.inspections.observing import fingerprint
from dispatch.records.case import Case
from dispatch.records.filereview import (
    HIGHEST,
    LOWEST,
    ClosedFile,
    FileReview,
    Mark,
    Marked,
    Quota,
    Rated,
    Reviewer,
)
from dispatch.records.inspection import LARGEST_CREW, SMALLEST_CREW
from dispatch.records.person import Job
from dispatch.records.reason import Reason
from dispatch.records.team import Officer
from dispatch.rulebook.conditions import stepped_back
from dispatch.rulebook.filetraits import file_weight
from dispatch.rulebook.gates import REVIEW_FIELD
from dispatch.store import filereviews, people
from dispatch.store.casefiles import cases_where, read_cases
from dispatch.store.ledger import Kind
from dispatch.store.series import Series, next_id
from dispatch.store.writing import Actor, Writing

FILE_REVIEW_REASONS = (
    "files_none",  # first, last
    "files_quota",  # count, percent
    "files_crew",  # crew, least, most
    "files_drawn",  # review
    "files_undrawn",  # review
    "file_not_drawn",  # review, case
    "file_not_yours",  # who, case
    "file_handled",  # who, case
    "file_marked",  # case, mark
    "file_not_yours_to_rate",  # who, case
    "file_rating",  # rating, least, most
    "file_rated",  # case, rating
)


@dataclass(frozen=True, slots=True)
class ReviewStanding:
    """A review with what was drawn, found and thought of it; ``drawn`` is None until a seed was given."""

    review: FileReview
    drawn: FileDraw | None
    marks: Mapping[str, Marked]
    ratings: Mapping[str, Rated]


class FileReviews(Door):
    """The deeds about reviews of files.

    Parameters
    ----------
    district
        Its 6-digit code; reviews are the district's.
    weights
        Of the traits of files, see `dispatch.rulebook.filetraits`.
    office
        Legal reviewers beside the teams; one posted in a town belongs to the town's body.
    """

    def __init__(
        self, door: Door, district: str, zone: ZoneInfo, weights: Mapping[str, int], office: Sequence[Officer]
    ) -> None:
        super().__init__(door.casebook, door.clock, door.rights)
        self._district, self._zone, self._weights, self._office = district, zone, weights, tuple(office)

    def all(self) -> list[ReviewStanding]:
        """Every review, the last one opened first."""
        with self.casebook.reading() as connection:
            return [_standing(connection, each) for each in filereviews.reviews(connection)]

    def standing(self, id: str) -> ReviewStanding:
        """One of them.

        Raises
        ------
        Unknown
            When there is none of that id.
        """
        with self.casebook.reading() as connection:
            return _standing(connection, _there(connection, id))

    def open(
        self,
        actor: str,
        name: str,
        first: date,
        last: date,
        quota: Quota,
        seed_from: str,
        *,
        crew: int = SMALLEST_CREW,
        now: datetime | None = None,
    ) -> FileReview:
        """A review opened: its registers are kept and their hashes stand in the ledger before anybody knows the seed.

        Parameters
        ----------
        first, last
            Files closed on these days or between them, as far as they are closed now; those that an earlier review
            drew are left out.

        Raises
        ------
        Refused
            ``needs_words``; ``reversed_dates``; ``files_none``; ``files_quota`` when it asks for none or for more than
            all; ``files_crew``.
        """
        with self.deed("files_open", actor, Kind.FILE_REVIEW, "", now, place=self._district) as (page, who):
            called, source = stated(name), stated(seed_from)
            if first > last:
                raise _no("reversed_dates", first=first.isoformat(), last=last.isoformat())
            if (quota.count, quota.percent) == (0, 0) or not (0 <= quota.percent <= 100 and quota.count >= 0):
                raise _no("files_quota", count=quota.count, percent=quota.percent)
            if not SMALLEST_CREW <= crew <= LARGEST_CREW:
                raise _no("files_crew", crew=crew, least=SMALLEST_CREW, most=LARGEST_CREW)
            cases = self._cases(page, first, last)
            if not cases:
                raise _no("files_none", first=first.isoformat(), last=last.isoformat())
            officers = {each.id: each.officer for each in people.people(page.connection) if each.officer}
            acting = {case.id: handlers(case, officers) for case in cases}
            files = tuple(
                ClosedFile(case.id, case.body, file_weight(case, self._weights), acting[case.id]) for case in cases
            )
            new = FileReview(
                next_id(page.connection, Series.FILE_REVIEW),
                called,
                first,
                last,
                quota,
                crew,
                source,
                files,
                self._reviewers(page, who.at.astimezone(self._zone).date()),
                who.at,
                who.name,
                observers=observers(
                    people.people(page.connection), [(case, acting[case.id]) for case in cases], page.teams()
                ),
            )
            days = {"first": first.isoformat(), "last": last.isoformat()}
            size = {"count": quota.count, "percent": quota.percent, "crew": crew, "files": len(files)}
            told = {"name": called, "seed_from": source, **days, **size, "reviewers": len(new.reviewers)}
            told["observers"] = len(new.observers)
            filereviews.add_review(page, who, new, {**told, **_hashes(new)})
            return new

    def draw(self, actor: str, id: str, seed: str, *, now: datetime | None = None) -> FileReview:
        """The files, their reviewers and their observers drawn with this seed, once and for all.

        Raises
        ------
        Refused
            ``needs_words``; ``files_drawn`` when it was done already.
        """
        with self.deed("files_draw", actor, Kind.FILE_REVIEW, id, now, place=self._district) as (page, who):
            one = _there(page.connection, id)
            if one.record:
                raise _no("files_drawn", review=id)
            drawn = draw_files(stated(seed), one.files, one.reviewers, one.quota, one.crew, one.observers)
            told = {"seed": drawn.record.seed, **_shown(drawn)}
            return filereviews.keep_draw(page, who, one, drawn, told)

    def mark(
        self, actor: str, id: str, case_id: str, mark: Mark, reason: str, *, now: datetime | None = None
    ) -> Marked:
        """What was found of a drawn file, once and for all: by one of those drawn for it, or taken down for them.

        Raises
        ------
        Refused
            ``needs_words``; ``files_undrawn``; ``file_not_drawn``; ``file_handled`` to whoever had a hand in the case;
            ``file_not_yours`` to a reviewer who was not drawn; ``file_marked``.
        """
        # A reviewer of one town looks at files of the others: what opens this deed is the lot, not the area.
        with self.deed("files_mark", actor, Kind.FILE_REVIEW, id, now, place="") as (page, who):
            said = stated(reason)
            one = _there(page.connection, id)
            drawn = filereviews.record_of(one)
            if drawn is None:
                raise _no("files_undrawn", review=id)
            found = next((each for each in drawn.record.drawn if each.premises == case_id), None)
            if found is None:
                raise _no("file_not_drawn", review=id, case=case_id)
            self._may_mark(page, who, one, found.inspectors, case_id)
            before = filereviews.marks(page.connection, id).get(case_id)
            if before is not None:
                raise _no("file_marked", case=case_id, mark=before.mark.value)
            made = Marked(id, case_id, mark, said, who.at, who.name)
            filereviews.add_mark(page, who, made, one.version)
            return made

    def rate(self, actor: str, id: str, case_id: str, rating: int, words: str, *, now: datetime | None = None) -> Rated:
        """What the observer of a drawn file thinks of it, once and for all; nobody takes it down for them.

        Raises
        ------
        Refused
            ``needs_words``; ``files_undrawn``; ``file_not_yours_to_rate`` to whoever it was not drawn for;
            ``file_rating``; ``file_rated``.
        """
        # An observer of one town looks at files of the others: what opens this deed is the lot, not the area.
        with self.deed("files_rate", actor, Kind.FILE_REVIEW, id, now, place="") as (page, who):
            said = stated(words)
            one = _there(page.connection, id)
            drawn = filereviews.record_of(one)
            if drawn is None:
                raise _no("files_undrawn", review=id)
            if not any((each.file, each.observer) == (case_id, who.name) for each in drawn.observed):
                raise _no("file_not_yours_to_rate", who=who.name, case=case_id)
            if not LOWEST <= rating <= HIGHEST:
                raise _no("file_rating", rating=rating, least=LOWEST, most=HIGHEST)
            before = filereviews.ratings(page.connection, id).get(case_id)
            if before is not None:
                raise _no("file_rated", case=case_id, rating=before.rating)
            made = Rated(id, case_id, rating, said, who.at, who.name)
            filereviews.add_rating(page, who, made, one.version)
            return made

    def against(self, id: str) -> tuple[Reason, ...]:
        """What speaks against a draw when it is made again from what is kept; empty when it is proved.

        The registers are held against the hashes that the ledger had before the seed was known, the seed and what was
        drawn against the entry of the draw.

        Raises
        ------
        Unknown
            No review has this id.
        Refused
            ``files_undrawn`` while no seed was given.
        """
        now = self.standing(id)
        if now.drawn is None:
            raise _no("files_undrawn", review=id)
        found = list(against(now.drawn))
        history = {each.deed: each.details for each in self.casebook.history(Kind.FILE_REVIEW, id)}
        # A review of before sealed nobody from outside, and its entries do not speak of them.
        opened = {"observers_sha256": fingerprint(()), **history["files_open"]["set"]}
        drawn = {"observed": {}, **history["files_draw"]}
        sealed = {**_hashes(now.review), "count": now.drawn.quota.count, "percent": now.drawn.quota.percent}
        kept, used = now.review, now.drawn
        same = (kept.files, kept.reviewers, kept.observers) == (used.files, used.reviewers, used.observers)
        shown = {"observed": {}, **_shown(used)}
        if not same or any(opened.get(name) != value for name, value in sealed.items()):
            found.append(Reason("opened_altered", False, {"draw": id}))
        elif drawn["observed"] != shown["observed"]:
            found.append(Reason("observers_differ", False, {"place": 1}))
        elif (drawn["seed"], drawn["drawn"]) != (used.record.seed, shown["drawn"]):
            found.append(Reason("files_differ", False, {"place": 1}))
        return tuple(found)

    def _cases(self, page: Writing, first: date, last: date) -> list[Case]:
        """Cases closed in these days that no review has drawn yet, by id."""
        drawn = {
            each.premises
            for one in filereviews.reviews(page.connection)
            if (record := filereviews.record_of(one)) is not None
            for each in record.record.drawn
        }
        closed = [
            case
            for case in read_cases(page.connection, cases_where())
            if case.closed_at is not None
            and first <= case.closed_at.astimezone(self._zone).date() <= last
            and case.id not in drawn
        ]
        return sorted(closed, key=lambda case: case.id)

    def _reviewers(self, page: Writing, day: date) -> tuple[Reviewer, ...]:
        """Everybody with the legal qualification: of the teams by their body, of the office by their town."""
        of_teams = {who.id: body for body, team in page.crews() for who in team if who.certified(REVIEW_FIELD, day)}
        of_office = {who.id: who.town for who in self._office if who.certified(REVIEW_FIELD, day)}
        return tuple(Reviewer(id, body) for id, body in sorted((of_office | of_teams).items()))

    def _may_mark(self, page: Writing, who: Actor, one: FileReview, drawn: Collection[str], case_id: str) -> None:
        person = people.person(page.connection, who.name)
        case = page.case(case_id)
        handled = next(each.handlers for each in one.files if each.id == case_id)
        desk = {stamp.by for stamp in case.stamps} if case is not None else set()
        if who.name in desk or (person is not None and person.officer in handled):
            raise _no("file_handled", who=who.name, case=case_id)
        taken_down = person is None or person.has(Job.SUPERVISOR)
        if not taken_down and person is not None and person.officer not in drawn:
            raise _no("file_not_yours", who=who.name, case=case_id)


def handlers(case: Case, officers: Mapping[str, str]) -> frozenset[str]:
    """Everybody who had a hand in a case: in a step, at the desk (``officers`` by account), or stepped back from it."""
    acting = {name for stamp in case.stamps for name in stamp.officers}
    desk = {officers[stamp.by] for stamp in case.stamps if stamp.by in officers}
    return frozenset(acting | desk) | stepped_back(case.facts.get("recused"))


def _standing(connection: Connection, one: FileReview) -> ReviewStanding:
    marks, ratings = filereviews.marks(connection, one.id), filereviews.ratings(connection, one.id)
    return ReviewStanding(one, filereviews.record_of(one), marks, ratings)


def _there(connection: Connection, id: str) -> FileReview:
    one = filereviews.review(connection, id)
    if one is None:
        raise Unknown("file review", id)
    return one


def _hashes(one: FileReview) -> dict[str, str]:
    files, reviewers = fingerprints(one.files, one.reviewers)
    return {
        "files_sha256": files,
        "reviewers_sha256": reviewers,
        "observers_sha256": fingerprint(one.observers),
    }


def _shown(drawn: FileDraw) -> dict[str, dict[str, list[str]] | dict[str, str]]:
    """What the ledger keeps of a draw: reviewers by file, and observers where some were sealed."""
    shown: dict[str, dict[str, list[str]] | dict[str, str]] = {
        "drawn": {each.premises: list(each.inspectors) for each in drawn.record.drawn}
    }
    if drawn.observed:
        shown["observed"] = {each.file: each.observer for each in drawn.observed}
    return shown


def _no(code: str, **values: str | int) -> Refused:
    return Refused(Reason(code, False, values))
