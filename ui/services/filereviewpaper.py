"""A review of case files as a workbook: each drawn file, what was found of it, and what observers think by body."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from dispatch.desk.filereviews import ReviewStanding
from dispatch.records.person import Person
from dispatch.review.book import Book, Value
from dispatch.review.wording import words as paper_words
from ui.services.centre import Centre
from ui.services.filereviewing import DrawnFile, drawn_files
from ui.services.outside import FEWEST, BodyRating, by_body, told
from ui.wording import Wording

FILES = ("case", "body", "weight", "reviewers", "mark", "reason", "by", "observer", "rating", "rating_words")
BODIES = ("body", "ratings", "mean_is", "low", "high")


def workbook(opened: Centre, person: Person, found: ReviewStanding, made_at: datetime, w: Wording) -> bytes:
    """The sheets files and ratings behind one that explains, as xlsx; ratings of all reviews until now."""
    one, made_up = found.review, w.sentences(opened.scenario.synthetic)
    words = paper_words(w.language.value)
    book = Book(
        made_at.astimezone(UTC),
        *((words("page.made_up"), words("page.synthetic", what=made_up)) if made_up else ("", "")),
    )
    about = [
        f"{one.name} · {one.id}",
        f"{w('files.closed')}: {one.first} – {one.last}",
        f"{w('files.seed')}: {found.drawn.record.seed if found.drawn is not None else ''}",
        w("files.how"),
        w("files.ratings_how", n=FEWEST),
    ]
    book.about(w("files.title"), about)
    rows = [_file(opened, row, w) for row in drawn_files(opened, person, found)]
    book.sheet(w("files.sheet_files"), [w(f"files.{name}") for name in FILES], rows)
    rated = by_body(opened.file_reviews.all(), person.areas())
    book.sheet(
        w("files.sheet_ratings"), [w(f"files.{name}") for name in BODIES], [_body(opened, each, w) for each in rated]
    )
    return book.content()


def _file(opened: Centre, row: DrawnFile, w: Wording) -> Sequence[Value]:
    return (
        *(row.case.id, _called(opened, row.case.body, w), row.weight, w("app.comma").join(row.reviewers)),
        w(f"files.mark_{row.marked.mark}") if row.marked else "",
        row.marked.reason if row.marked else "",
        row.marked.by if row.marked else "",
        row.observer or (w("files.unobserved") if row.observed is not None else ""),
        row.rated.rating if row.rated else "",
        row.rated.words if row.rated else "",
    )


def _body(opened: Centre, each: BodyRating, w: Wording) -> Sequence[Value]:
    name = _called(opened, each.body, w)
    if each.n < FEWEST:
        return name, each.n, told(each, w), "", ""
    return name, each.n, round(each.mean, 2), round(each.low, 2), round(each.high, 2)


def _called(opened: Centre, body: str, w: Wording) -> str:
    found = opened.rulebook.bodies.get(body)
    return w.pick(found.name_zh, found.name_en) if found else body
