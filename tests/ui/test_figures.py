"""Published figures on the screen: worked out one by one, kept, stopped at a word, and taken along as a workbook."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from dispatch.records.person import Job, Person, Post
from scenarios.reproduced import keeping
from scenarios.reproduced.keeping import KeptFigures, key_of
from scenarios.reproduced.models import Cities
from scenarios.reproduced.table import QUICK, Kind, Line, Means, beside, left_out, lines, met, plays, reproduced
from ui import papers
from ui.services import figures as service
from ui.services.figures import Figures, WorkingOut
from ui.wording import Language

CHIEF = Person("chief", "c", (Post(Job.SUPERVISOR, "330203"),))
DISPATCHER = Person("desk", "d", (Post(Job.DISPATCHER, "330203"),))
SPOKEN = [line for line in lines() if line.measure in ("simple_before", "simple_after", "towns")]
"""Figures that need no city."""


@pytest.fixture
def kept(tmp_path: Path) -> KeptFigures:
    return KeptFigures(tmp_path / "home" / "figures.json")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[Line]:
    """A table of figures that need no city."""
    monkeypatch.setattr(service, "lines", lambda: tuple(SPOKEN))
    return SPOKEN


def test_a_figure_that_is_kept_reads_as_when_it_was_worked_out(kept: KeptFigures):
    rows = list(reproduced(SPOKEN, QUICK, Cities()))
    for line in SPOKEN:
        kept.keep(line, QUICK, met(line, QUICK, Cities()))
    found = KeptFigures(kept.path).all_of(SPOKEN, QUICK)
    assert [beside(line, ours) for line, ours in found.items() if ours] == rows
    assert kept.all_of(SPOKEN, Means(seed=2)) == dict.fromkeys(SPOKEN)


def test_what_a_figure_rests_on_names_it_and_the_published_value_does_not(monkeypatch: pytest.MonkeyPatch):
    """Else somebody who mends a file would go on reading the old figure."""
    line = next(one for one in SPOKEN if one.kind is Kind.PREDICTED)
    before = key_of(line, QUICK)
    assert key_of(line, Means(seed=7)) != before
    monkeypatch.setattr(keeping, "_files_of", lambda _place: "a list was mended")
    assert key_of(line, QUICK) != before
    assert not any(path.name == "published.csv" for path in keeping._files(keeping.HERE / "chongqing"))


def test_a_file_that_is_none_is_worked_out_again(kept: KeptFigures):
    kept.path.parent.mkdir()
    kept.path.write_text("[half a", encoding="utf-8")
    assert kept.all_of(SPOKEN, QUICK) == dict.fromkeys(SPOKEN)
    kept.keep(SPOKEN[0], QUICK, met(SPOKEN[0], QUICK, Cities()))
    assert kept.all_of(SPOKEN[:1], QUICK)[SPOKEN[0]] is not None


@pytest.mark.parametrize("line", SPOKEN, ids=lambda line: f"{line.place}-{line.figure}")
def test_the_bar_counts_what_is_played(line: Line):
    steps: list[None] = []
    met(line, QUICK, Cities(), lambda: steps.append(None))
    assert len(steps) == plays(line, QUICK)


def test_somebody_who_stops_keeps_what_was_worked_out(kept: KeptFigures, few: list[Line]):
    errand = WorkingOut(few, QUICK, kept, "quick")
    begun, keep = [], kept.keep

    def kept_then_stopped(line: Line, means: Means, ours: object) -> None:
        keep(line, means, ours)  # type: ignore[arg-type]
        begun.append(line)
        errand.stop()

    kept.keep = kept_then_stopped  # type: ignore[method-assign]
    errand.run()
    assert begun == few[:1]
    assert errand.answer is None
    assert not errand.failed
    rows = Figures(KeptFigures(kept.path)).rows("quick")
    assert [row is not None for row in rows.values()] == [True, *[False] * (len(few) - 1)]


def test_only_what_is_missing_is_worked_out_unless_asked_anew(kept: KeptFigures, few: list[Line]):
    kept.keep(few[0], QUICK, met(few[0], QUICK, Cities()))
    table = Figures(kept)
    first = table.work_out("quick")
    first.wait(60)
    assert (first.answer, first.share) == (len(few) - 1, 1.0)
    again = table.work_out("quick", anew=True)
    again.wait(60)
    assert again.answer == len(few)
    assert all(table.rows("quick").values())


def test_the_workbook_holds_the_rows_of_the_screen(kept: KeptFigures, few: list[Line]):
    table = Figures(kept)
    assert papers.published(CHIEF, table, "quick", Language.EN).status_code == 404
    table.work_out("quick").wait(60)
    answer = papers.published(CHIEF, table, "quick", Language.EN)
    book = openpyxl.load_workbook(io.BytesIO(bytes(answer.body)))
    assert book["Figures"].max_row - 2 == len(few)
    assert book["Left out"].max_row - 2 == len(left_out())
    assert papers.published(DISPATCHER, table, "quick", Language.EN).status_code == 403
    assert papers.published(None, table, "quick", Language.EN).status_code == 404
    assert papers.published(CHIEF, table, "enormous", Language.EN).status_code == 404
