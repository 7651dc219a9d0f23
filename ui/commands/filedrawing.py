"""``gridbeat files``: closed case files and their reviewers by lot from two registers, with proof."""

from __future__ import annotations

from pathlib import Path

from dispatch.inspections.filedraw import against, draw_files, fingerprints, from_json, to_json
from dispatch.records.filereview import ClosedFile, Quota, Reviewer
from dispatch.rulebook.lists import read_list
from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault
from ui.commands.output import check_output, last_line
from ui.wording import Language, wording

FILE_COLUMNS = ("case_id", "body", "weight", "handlers")
REVIEWER_COLUMNS = ("reviewer_id", "body")
HEAVIEST = 100_000
MOST_BYTES = 50_000_000


def draw(*, files: Path, reviewers: Path, count: int, percent: int, crew: int, seed: str, out: Path) -> None:
    """Draw and write the record with both registers; never over a file that is there."""
    check_output(out, files, reviewers)
    if out.exists():
        fault = Fault(str(out), None, None, "a file that is there already", "a new name")
        raise BadInput(fault, advice="A draw is made once: the record of another is not written over.")
    if count + percent == 0:
        fault = Fault("--count", None, None, "0, and no --percent", "how many files of each body, or which share")
        raise BadInput(fault)
    drawn = draw_files(seed, _files(files), _reviewers(reviewers), Quota(count, percent), crew)
    with replacing(out) as target:
        target.write_text(to_json(drawn) + "\n", encoding="utf-8")
    files_sha256, reviewers_sha256 = fingerprints(drawn.files, drawn.reviewers)
    told: dict[str, object] = {
        "files": len(drawn.files),
        "drawn": len(drawn.record.drawn),
        "without_reviewers": sum(not each.inspectors for each in drawn.record.drawn),
        "files_sha256": files_sha256,
        "reviewers_sha256": reviewers_sha256,
    }
    last_line(told)


def replay(record: Path, *, files: Path | None, reviewers: Path | None) -> bool:
    """Say whether the record comes out again from what it carries, and whether these are the registers it carries."""
    kept = from_json(_text(record), record.name)
    found = [(each.code, dict(each.values), wording(Language.EN).reason(each)) for each in against(kept)]
    carried = fingerprints(kept.files, kept.reviewers)
    given = fingerprints(_files(files) if files else kept.files, _reviewers(reviewers) if reviewers else kept.reviewers)
    for name, then, now in zip(("files_altered", "reviewers_altered"), carried, given, strict=True):
        if then != now:
            values: dict[str, str | int | float] = {"then": then, "now": now}
            found.append((name, values, wording(Language.EN)(f"reason.{name}", **values)))
    told = [{"code": code, **values, "said": said} for code, values, said in found]
    last_line({"equal": not told, "against": told})
    return not told


def _text(record: Path) -> str:
    try:
        return record.read_text(encoding="utf-8") if record.stat().st_size <= MOST_BYTES else ""
    except UnicodeDecodeError:
        return ""


def _files(path: Path) -> list[ClosedFile]:
    file, rows = read_list(path, FILE_COLUMNS)
    found = [
        ClosedFile(
            row.text("case_id", expected="the number of the case"),
            row.text("body", expected="the id of the body that handled it"),
            row.whole("weight", 1, HEAVIEST),
            frozenset(row.several("handlers")),
        )
        for row in rows
    ]
    file.stop_if_faulty("Mend these rows; a draw is made from whole registers.")
    return found


def _reviewers(path: Path) -> list[Reviewer]:
    file, rows = read_list(path, REVIEWER_COLUMNS)
    found = [Reviewer(row.text("reviewer_id", expected="an id"), row.text("body", empty=True)) for row in rows]
    file.stop_if_faulty("Mend these rows; a draw is made from whole registers.")
    return found
