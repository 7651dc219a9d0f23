"""Case files drawn for review, and reviewers for each, by the lots of the double-random draw.

Of every body its own share of files is drawn by weight; then reviewers are drawn for all of them, none of whom belongs
to the body or took part in the case. With the same registers and seed anybody draws the same, years later.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

from dispatch.inspections import draw as lots
from dispatch.inspections.draw import Draw, Entrant
from dispatch.inspections.lots import Lots
from dispatch.records.filereview import ClosedFile, Quota, Reviewer
from dispatch.records.inspection import SHARED, Inspector
from dispatch.records.reason import Reason
from gis.schemas import BadInput, Fault, shorten

FILE_DRAW_REASONS = {
    "premises_altered": "files_altered",  # then, now
    "inspectors_altered": "reviewers_altered",  # then, now
    "draw_differs": "files_differ",  # place
}
"""What a code of the double-random draw is called here, where files are drawn and not premises."""


@dataclass(frozen=True, slots=True)
class FileDraw:
    """A record with everything it was drawn from; of it ``premises`` are case files and ``inspectors`` reviewers."""

    record: Draw
    quota: Quota
    files: tuple[ClosedFile, ...]
    reviewers: tuple[Reviewer, ...]


def draw_files(
    seed: str, files: Sequence[ClosedFile], reviewers: Sequence[Reviewer], quota: Quota, crew: int
) -> FileDraw:
    """So many files of every body as ``quota`` says, and ``crew`` reviewers for each.

    Returns
    -------
    FileDraw
        The same for the same seed and registers, in whatever order those are given. A file for which not enough
        reviewers are left has none and says ``no_crew``.

    Raises
    ------
    BadInput
        When the seed is empty, an id stands twice, a weight is below 1, or ``crew`` is not from 2 to 5.
    """
    _check(files, reviewers)
    if not seed.strip():
        raise BadInput(Fault("draw", None, "seed", "nothing", "a text that everybody can see"))
    pool, people = _pool(seed, files, reviewers, quota)
    return FileDraw(lots.draw(seed, pool, people, len(pool), crew), quota, tuple(files), tuple(reviewers))


def against(kept: FileDraw) -> tuple[Reason, ...]:
    """What speaks against a record when it is drawn again from what is kept with it; empty when it is proved.

    Codes: ``algorithm_unknown``, ``draw_impossible`` and those of :data:`FILE_DRAW_REASONS`.
    """
    try:
        _check(kept.files, kept.reviewers)
        pool, people = _pool(kept.record.seed, kept.files, kept.reviewers, kept.quota)
    except (BadInput, ValueError) as bad:
        return (Reason("draw_impossible", False, {"why": str(bad)}),)
    found = [
        replace(each, code=FILE_DRAW_REASONS.get(each.code, each.code))
        for each in lots.replay(kept.record, pool, people)
    ]
    if kept.record.count != len(pool):
        found.append(Reason("files_differ", False, {"place": min(kept.record.count, len(pool)) + 1}))
    return tuple(found)


def fingerprints(files: Iterable[ClosedFile], reviewers: Iterable[Reviewer]) -> tuple[str, str]:
    """Hashes of both registers, published before anybody knows the seed."""
    return _hash(_rows_of(files)), _hash([[each.id, each.body] for each in sorted(reviewers, key=lambda one: one.id)])


def to_json(kept: FileDraw) -> str:
    """The record with both registers as text; the same draw gives the same bytes."""
    files_sha256, reviewers_sha256 = fingerprints(kept.files, kept.reviewers)
    told = {
        **asdict(kept.record),
        "quota": asdict(kept.quota),
        "files": _rows_of(kept.files),
        "files_sha256": files_sha256,
        "reviewers": [[each.id, each.body] for each in kept.reviewers],
        "reviewers_sha256": reviewers_sha256,
    }
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)


def from_json(text: str, name: str) -> FileDraw:
    """What `to_json` wrote.

    Raises
    ------
    BadInput
        When it is no such text.
    """
    record = lots.from_json(text, name)
    try:
        said = json.loads(text)
        return FileDraw(
            record,
            Quota(int(said["quota"]["count"]), int(said["quota"]["percent"])),
            files_of(said["files"]),
            reviewers_of(said["reviewers"]),
        )
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        found = f"text that does not say what was drawn from ({type(error).__name__})"
        raise BadInput(Fault(name, None, None, found, "the record of a draw of files as it was published")) from error


def files_of(rows: Iterable[Sequence[object]]) -> tuple[ClosedFile, ...]:
    """Files from the rows that `to_json` keeps; ValueError or TypeError for others."""
    return tuple(
        ClosedFile(str(id), str(body), int(str(weight)), frozenset(map(str, _list(handlers))))
        for id, body, weight, handlers in rows
    )


def reviewers_of(rows: Iterable[Sequence[object]]) -> tuple[Reviewer, ...]:
    """Reviewers from the rows that `to_json` keeps."""
    return tuple(Reviewer(str(id), str(body)) for id, body in rows)


def _pool(
    seed: str, files: Sequence[ClosedFile], reviewers: Sequence[Reviewer], quota: Quota
) -> tuple[list[Entrant], list[Inspector]]:
    """The drawn files, and everybody who may review with the files that are not theirs to review."""
    of_body: dict[str, dict[str, int]] = defaultdict(dict)
    for each in files:
        of_body[each.body][each.id] = each.weight
    chosen = {
        id
        for body, weights in of_body.items()
        for id in Lots(seed, f"files of {body}").order(weights)[: quota.of(len(weights))]
    }
    drawn = [each for each in files if each.id in chosen]
    people = [
        Inspector(
            who.id, SHARED, who.body, frozenset(), frozenset(each.id for each in drawn if not may_review(who, each))
        )
        for who in reviewers
    ]
    return [Entrant(each.id, SHARED, 1) for each in drawn], people


def may_review(who: Reviewer, file: ClosedFile) -> bool:
    """Whether somebody is neither of the body nor took part in the case."""
    return who.body != file.body and who.id not in file.handlers


def _check(files: Sequence[ClosedFile], reviewers: Sequence[Reviewer]) -> None:
    faults = [
        Fault("register of files", None, "weight", f"{each.weight} of {shorten(each.id)}", "a whole number above 0")
        for each in files
        if each.weight < 1
    ]
    for register, ids in (("files", [each.id for each in files]), ("reviewers", [each.id for each in reviewers])):
        twice = sorted({id for id in ids if ids.count(id) > 1}) if len(set(ids)) < len(ids) else []
        faults += [Fault(f"register of {register}", None, "id", f"{shorten(id)} twice", "each id once") for id in twice]
    if faults:
        raise BadInput(*faults)


def _rows_of(files: Iterable[ClosedFile]) -> list[list[object]]:
    ordered = sorted(files, key=lambda each: each.id)
    return [[each.id, each.body, each.weight, sorted(each.handlers)] for each in ordered]


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("a list is expected")
    return value


def _hash(rows: Sequence[Sequence[object]]) -> str:
    return sha256(json.dumps(rows, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()
