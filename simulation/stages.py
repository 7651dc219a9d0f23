"""Every officer of a plan by what they hold: one stage each, and one more for each certificate gained meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from simulation.plan import Post, StaffingPlan
from simulation.training import Training

Officer = tuple[int, int]
"""Row of the plan's posts, and which of its officers."""


@dataclass(frozen=True, slots=True)
class Stage:
    """An officer as long as they hold the same.

    Attributes
    ----------
    since, until
        First day, and the first day after it.
    away
        Days on which they learn, the last of each excluded.
    """

    officer: Officer
    certificates: frozenset[str]
    since: date
    until: date
    away: tuple[tuple[date, date], ...]

    def here(self, day: date) -> bool:
        return self.since <= day < self.until

    def works(self, day: date) -> bool:
        return self.here(day) and not any(begin <= day < end for begin, end in self.away)


def stages_of(plan: StaffingPlan) -> list[Stage]:
    """The stages of all officers, by post and officer.

    Who is trained are the first officers of the desk, in the order of the posts, who lack the certificate; as many as
    there are where a post was cut.
    """
    courses = _courses(plan.posts, plan.training)
    stages = []
    for row, post in enumerate(plan.posts):
        for number in range(post.officers):
            taken = courses.get((row, number), ())
            away, held, since = tuple(course.away for course in taken), post.certificates, date.min
            for course in taken:
                if since < course.held_from:
                    stages.append(Stage((row, number), held, since, course.held_from, away))
                held, since = held | {course.certificate}, course.held_from
            stages.append(Stage((row, number), held, since, date.max, away))
    return stages


def _courses(posts: Sequence[Post], training: Sequence[Training]) -> dict[Officer, list[Training]]:
    """Who takes which courses, the earliest first."""
    taken: dict[Officer, list[Training]] = {}
    for course in sorted(training, key=lambda course: (course.held_from, course.row)):
        lacking = [
            (row, number)
            for row, post in enumerate(posts)
            if post.desks == (course.desk,) and course.certificate not in post.certificates
            for number in range(post.officers)
            if all(each.certificate != course.certificate for each in taken.get((row, number), ()))
        ]
        for officer in lacking[: course.officers]:
            taken.setdefault(officer, []).append(course)
    return taken
