"""Reviews of case files between rows and records: each with both registers whole, so that anybody can draw again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, insert, select

from dispatch.inspections.filedraw import FileDraw, files_of, from_json, reviewers_of, to_json
from dispatch.records.filereview import FileReview, Mark, Marked, Quota
from dispatch.store.ledger import Kind
from dispatch.store.tables import FILE_MARKS, FILE_REVIEWS
from dispatch.store.writing import Actor, Writing

PLAIN = (
    *("id", "name", "first", "last", "crew", "seed_from", "opened_at", "opened_by", "drawn_at", "drawn_by"),
    *("record", "version"),
)
"""Columns that are what the record's field of the same name is."""


def reviews(connection: Connection) -> list[FileReview]:
    """Every review, the last one opened first."""
    query = select(FILE_REVIEWS).order_by(FILE_REVIEWS.c.opened_at.desc(), FILE_REVIEWS.c.id.desc())
    return [_review(row) for row in connection.execute(query)]


def review(connection: Connection, id: str) -> FileReview | None:
    """The review of that id, or None."""
    row = connection.execute(select(FILE_REVIEWS).where(FILE_REVIEWS.c.id == id)).one_or_none()
    return _review(row) if row else None


def record_of(one: FileReview) -> FileDraw | None:
    """What was drawn, with what it was drawn from; None until a seed was given."""
    return from_json(one.record, one.id) if one.record else None


def add_review(page: Writing, actor: Actor, new: FileReview, told: Mapping[str, Any]) -> None:
    """A review opened; ``told`` is what the ledger keeps of its registers."""
    page.put(actor, Kind.FILE_REVIEW, FILE_REVIEWS, _row(new), told)


def keep_draw(page: Writing, actor: Actor, before: FileReview, drawn: FileDraw, told: Mapping[str, Any]) -> FileReview:
    """The record of its draw, when and by whom."""
    after = replace(before, drawn_at=actor.at, drawn_by=actor.name, record=to_json(drawn), version=before.version + 1)
    page.amend(actor, Kind.FILE_REVIEW, FILE_REVIEWS, before.version, _row(after), told)
    return after


def marks(connection: Connection, review: str) -> dict[str, Marked]:
    """What was found in a review, by case."""
    query = select(FILE_MARKS).where(FILE_MARKS.c.review == review).order_by(FILE_MARKS.c.at, FILE_MARKS.c.case)
    found = (
        Marked(row.review, row.case, Mark(row.mark), row.reason, row.at, row.by) for row in connection.execute(query)
    )
    return {each.case: each for each in found}


def add_mark(page: Writing, actor: Actor, new: Marked, version: int) -> None:
    """What was found of a file, under an entry of its review, whose version stays."""
    row = {"review": new.review, "case": new.case, "mark": new.mark.value, "reason": new.reason}
    page.connection.execute(insert(FILE_MARKS).values(**row, at=new.at, by=new.by))
    told = {name: value for name, value in row.items() if name != "review"}
    page.enter(actor, Kind.FILE_REVIEW, new.review, version_before=version, version_after=version, details=told)
    page.touch()


def _row(one: FileReview) -> dict[str, Any]:
    files = [[each.id, each.body, each.weight, sorted(each.handlers)] for each in one.files]
    return {name: getattr(one, name) for name in PLAIN} | {
        "count": one.quota.count,
        "percent": one.quota.percent,
        "files": json.dumps(files, ensure_ascii=False),
        "reviewers": json.dumps([[each.id, each.body] for each in one.reviewers], ensure_ascii=False),
    }


def _review(row: Any) -> FileReview:
    return FileReview(
        **{name: getattr(row, name) for name in PLAIN},
        quota=Quota(row.count, row.percent),
        files=files_of(json.loads(row.files)),
        reviewers=reviewers_of(json.loads(row.reviewers)),
    )
