"""Reviews of closed case files at the desk: opened on both registers, drawn with a seed nobody could choose, marked.

Who reviews a file belongs to another body and took no part in it; so does whoever enters what was found.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from dispatch.desk.deed import stated
from dispatch.desk.door import Door
from dispatch.desk.refusals import Refused, Unknown
from dispatch.inspections.filedraw import FileDraw, against, draw_files, fingerprints
from dispatch.records.case import Case
from dispatch.records.filereview import ClosedFile, FileReview, Mark, Marked, Quota, Reviewer
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
)


@dataclass(frozen=True, slots=True)
class ReviewStanding:
    """A review with what was drawn and found; ``drawn`` is None until a seed was given."""

    review: FileReview
    drawn: FileDraw | None
    marks: Mapping[str, Marked]


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
        """A review opened: both registers are kept and their hashes stand in the ledger before anybody knows the seed.

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
            files = self._files(page, first, last)
            if not files:
                raise _no("files_none", first=first.isoformat(), last=last.isoformat())
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
            )
            days = {"first": first.isoformat(), "last": last.isoformat()}
            size = {"count": quota.count, "percent": quota.percent, "crew": crew, "files": len(files)}
            told = {"name": called, "seed_from": source, **days, **size, "reviewers": len(new.reviewers)}
            filereviews.add_review(page, who, new, {**told, **_hashes(new)})
            return new

    def draw(self, actor: str, id: str, seed: str, *, now: datetime | None = None) -> FileReview:
        """The files and their reviewers drawn with this seed, once and for all.

        Raises
        ------
        Refused
            ``needs_words``; ``files_drawn`` when it was done already.
        """
        with self.deed("files_draw", actor, Kind.FILE_REVIEW, id, now, place=self._district) as (page, who):
            one = _there(page.connection, id)
            if one.record:
                raise _no("files_drawn", review=id)
            drawn = draw_files(stated(seed), one.files, one.reviewers, one.quota, one.crew)
            shown = {each.premises: list(each.inspectors) for each in drawn.record.drawn}
            told = {"seed": drawn.record.seed, "drawn": shown}
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
        opened, drawn = history["files_open"]["set"], history["files_draw"]
        sealed = {**_hashes(now.review), "count": now.drawn.quota.count, "percent": now.drawn.quota.percent}
        same = (now.review.files, now.review.reviewers) == (now.drawn.files, now.drawn.reviewers)
        shown = {each.premises: list(each.inspectors) for each in now.drawn.record.drawn}
        if not same or any(opened.get(name) != value for name, value in sealed.items()):
            found.append(Reason("opened_altered", False, {"draw": id}))
        elif (drawn["seed"], drawn["drawn"]) != (now.drawn.record.seed, shown):
            found.append(Reason("files_differ", False, {"place": 1}))
        return tuple(found)

    def _files(self, page: Writing, first: date, last: date) -> tuple[ClosedFile, ...]:
        """Files closed in these days that no review has drawn yet."""
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
        officers = {each.id: each.officer for each in people.people(page.connection) if each.officer}
        return tuple(
            ClosedFile(case.id, case.body, file_weight(case, self._weights), handlers(case, officers))
            for case in sorted(closed, key=lambda case: case.id)
        )

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
    return ReviewStanding(one, filereviews.record_of(one), filereviews.marks(connection, one.id))


def _there(connection: Connection, id: str) -> FileReview:
    one = filereviews.review(connection, id)
    if one is None:
        raise Unknown("file review", id)
    return one


def _hashes(one: FileReview) -> dict[str, str]:
    files, reviewers = fingerprints(one.files, one.reviewers)
    return {"files_sha256": files, "reviewers_sha256": reviewers}


def _no(code: str, **values: str | int) -> Refused:
    return Refused(Reason(code, False, values))
