"""Plans played beside the screens: kept, stopped, gone on with, compared, and reported with what they go back to."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import docx
import openpyxl
import pytest

from scenarios.builder import HERE
from scenarios.place import Scenario
from simulation.sheets import Sheets, read_sheets
from tests.towns import nine_cells
from ui.services.beside import Errands, Stopped
from ui.services.comparing import INDICATORS
from ui.services.experimenting import Experiments
from ui.services.playing import Play
from ui.services.staffingpaper import Report, document, workbook
from ui.wording import Language, wording

SHORT = read_sheets(HERE / "nine_cells").with_value("days", 20).with_value("warm_up_days", 2)
MOVED = SHORT.moved("990100-MKT", 2, "990100-ZF")


@dataclass
class House:
    """What runs ask of the command centre."""

    scenario: Scenario


def place(folder: Path) -> House:
    """The nine cells with files that a hash can name."""
    folder.mkdir(exist_ok=True)
    (folder / "place.json").write_text("{}", encoding="utf-8")
    return House(replace(nine_cells(), folder=folder))


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory) -> Experiments:
    home = tmp_path_factory.mktemp("home")
    made = Experiments(place(home / "place"), home)  # type: ignore[arg-type]
    made.play([SHORT, MOVED], 3, 7, Play("play"))
    return made


def run_of(labs: Experiments, sheets: Sheets):
    return labs.shelf.begin(sheets, labs.place_hash, 7)


def report(labs: Experiments, language: Language = Language.ZH) -> Report:
    one, other = run_of(labs, SHORT), run_of(labs, MOVED)
    pair = labs.pair(one, other)
    assert pair is not None
    return Report(
        pair=pair,
        place="九格区",
        place_hash=labs.place_hash,
        said=["B 更好：办结时间 P90。"],
        warnings=["A: 岗点超负荷。"],
        assumptions=labs.assumptions.get((one.id, other.id), ()),
        towns={"990100001": "东镇", "990100002": "西镇"},
        made_up="人员均为虚构",
        made_at=datetime(2026, 4, 15, 4, tzinfo=UTC),
    )


def test_two_plans_meet_the_same_city_and_are_kept(labs):
    one, other = run_of(labs, SHORT), run_of(labs, MOVED)
    pair = labs.pair(one, other)
    assert pair is not None
    assert len(pair.one.outcomes) == len(pair.other.outcomes) == 3
    assert pair.apart[""]["incidents"].mean == pytest.approx(0.0, abs=3.0)
    assert {run.id for run in labs.shelf.runs()} == {one.id, other.id}
    assert all(part in one.id for part in (one.plan.hash, labs.place_hash, "7"))


def test_what_is_kept_is_not_played_again(labs):
    """A planner who asks for more waits only for what is new."""
    seen: list[str] = []
    job = Play("play")
    job.tell = lambda share, left_s, said: seen.append(said)  # type: ignore[method-assign]
    labs.play([SHORT.with_value("title_zh", "换个名字")], 3, 7, job)
    assert [said for said in seen if said] == []


def test_who_stops_keeps_what_is_there_and_goes_on_from_it(tmp_path):
    labs = Experiments(place(tmp_path / "place"), tmp_path)  # type: ignore[arg-type]
    job = Play("play")

    def told(share: float, left_s: float, said: str) -> None:
        if said == "2/5":
            raise Stopped

    job.tell = told  # type: ignore[method-assign]
    with pytest.raises(Stopped):
        labs.play([SHORT], 5, 7, job)
    kept = run_of(labs, SHORT).outcomes()
    assert len(kept) == 2
    labs.play([SHORT], 3, 7, Play("play"))
    again = run_of(labs, SHORT).outcomes()
    assert (len(again), [each.as_text() for each in again[:2]]) == (3, [each.as_text() for each in kept])


def test_another_seed_or_another_place_is_another_run(labs, tmp_path):
    mine = run_of(labs, SHORT)
    assert labs.pair(mine, labs.shelf.begin(SHORT, labs.place_hash, 8)) is None
    (tmp_path / "place.json").write_text('{"form": 2}', encoding="utf-8")
    other = Experiments(House(replace(nine_cells(), folder=tmp_path)), tmp_path)  # type: ignore[arg-type]
    assert other.place_hash != labs.place_hash


def test_assumptions_are_played_with_both_plans(labs):
    one, other = run_of(labs, SHORT), run_of(labs, MOVED)
    labs.assume(one, other, 2, Play("assume"))
    found = labs.assumptions[one.id, other.id]
    assert [each.name for each in found] == ["demand", "absence", "work"]
    usual = {each.points[2][1]["backlog_end"] for each in found}
    assert len(usual) == 1
    assert [factor for factor, _ in found[0].points] == [0.8, 0.9, 1.0, 1.1, 1.2]


@pytest.mark.parametrize("language", list(Language))
def test_every_number_of_the_report_goes_back_to_plan_place_and_seed(labs, language):
    told, w = report(labs), wording(language)
    hashes = {plan.hash for plan in told.plans} | {labs.place_hash}
    made = docx.Document(io.BytesIO(document(told, w)))
    foot = " ".join(each.text for each in made.sections[0].footer.paragraphs)
    assert all(each in foot for each in hashes)
    assert "虚构" in made.sections[0].header.paragraphs[0].text
    text = "\n".join(each.text for each in made.paragraphs)
    assert "办结时间 P90" in text
    assert "岗点超负荷" in text
    book = openpyxl.load_workbook(io.BytesIO(workbook(told, w)))
    for page in book.worksheets[1:]:
        assert "虚构" in str(page["A1"].value)
        for row in page.iter_rows(min_row=3, values_only=True):
            assert {*hashes, 7, 3} <= set(row)
    assert book.worksheets[1].max_row == 2 + len(INDICATORS)
    assert {row[0] for row in book.worksheets[2].iter_rows(min_row=3, values_only=True)} == {"东镇", "西镇"}


def test_the_figures_of_the_workbook_are_those_of_the_screen(labs):
    told = report(labs)
    page = openpyxl.load_workbook(io.BytesIO(workbook(told, wording(Language.EN)))).worksheets[1]
    rows = {row[0]: row for row in page.iter_rows(min_row=3, values_only=True)}
    on_time = told.pair.one.estimates[""]["on_time_share"]
    assert rows["Reached on time"][2] == pytest.approx(100 * on_time.mean)


def test_a_plan_that_cannot_be_played_says_why_and_the_next_may_begin():
    player, refused = Errands[Play](), []

    def fails(job: Play) -> None:
        raise RuntimeError

    job = player.start("anna", Play("play", fails))
    while job.running:
        pass
    assert job.failed
    player.drop("anna")
    assert player.of("anna") is None
    assert player.start("anna", Play("play", lambda job: refused.append(job.about))) is not job
