"""A review of case files for whoever looks: the drawn files of their areas, and those that are theirs to review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.desk.filereviews import ReviewStanding
from dispatch.records.case import Case
from dispatch.records.filereview import Marked
from dispatch.records.person import Job, Person
from ui.services.centre import Centre


@dataclass(frozen=True, slots=True)
class DrawnFile:
    """A drawn file as the screen shows it.

    Attributes
    ----------
    why
        Why nobody reviews it; empty when somebody does.
    recused
        Who was drawn and must not, and who instead; empty when nobody was left.
    """

    case: Case
    weight: int
    reviewers: tuple[str, ...]
    recused: tuple[tuple[str, str], ...]
    why: str
    marked: Marked | None


def drawn_files(opened: Centre, person: Person, found: ReviewStanding) -> list[DrawnFile]:
    """The drawn files that somebody sees, in drawn order."""
    if found.drawn is None:
        return []
    cases: Mapping[str, Case] = {case.id: case for case in opened.case_list.all()}
    weights = {each.id: each.weight for each in found.review.files}
    rows = [
        DrawnFile(
            cases[each.premises],
            weights[each.premises],
            each.inspectors,
            tuple((one.inspector, one.replaced_by) for one in each.recused),
            each.why,
            found.marks.get(each.premises),
        )
        for each in found.drawn.record.drawn
        if each.premises in cases
    ]
    return [row for row in rows if _sees(person, row)]


def to_mark(person: Person, rows: list[DrawnFile]) -> list[DrawnFile]:
    """What of them is not marked yet and theirs to mark, as far as the screen can tell; the desk asks anew."""
    mine = [row for row in rows if row.marked is None]
    if person.has(Job.SUPERVISOR):
        return mine
    return [row for row in mine if person.officer and person.officer in row.reviewers]


def opens(person: Person, district: str) -> bool:
    """Whether somebody opens reviews of the district and draws them."""
    return district in person.areas(Job.SUPERVISOR)


def _sees(person: Person, row: DrawnFile) -> bool:
    return row.case.town.startswith(person.areas()) or (bool(person.officer) and person.officer in row.reviewers)
