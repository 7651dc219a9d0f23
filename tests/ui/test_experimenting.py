"""Plans played beside the screens: kept, stopped, gone on with, compared, and reported with what they go back to."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import docx
import openpyxl
import pytest

from dispatch.review.wording import words as paper_words
from scenarios.builder import HERE
from scenarios.conditions import USUAL, Conditions
from scenarios.historykeeping import KeptHistory, KeptVerdict
from scenarios.place import Scenario
from simulation.calibration import REPLICATIONS
from simulation.search import Question
from simulation.sheets import Sheets, plan_of, read_sheets
from tests.towns import nine_cells
from ui.services import findings
from ui.services.comparing import INDICATORS
from ui.services.experimenting import Experiments
from ui.services.historypaper import HistoryReport
from ui.services.historypaper import findings as history_findings
from ui.services.playing import Asked, Job, Player, Stopped
from ui.services.searchpaper import SearchReport
from ui.services.searchpaper import findings as search_findings
from ui.services.staffingpaper import Report, document, workbook
from ui.services.stresspaper import StressReport, Tried
from ui.services.stresspaper import findings as stress_findings
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
    played(made, [SHORT, MOVED], 3)
    return made


def played(labs: Experiments, plans: list[Sheets], n: int, job: Job | None = None) -> None:
    """The work of a job, without its thread."""
    runs = [run.id for run in labs.runs_of(plans, 7)]
    labs._play({"runs": runs, "wanted": n}, job or Job("play"))


def ended(labs: Experiments, person: str = "anna") -> Job:
    """This person's job once it has come to its end."""
    job = labs.player.of(person)
    assert job is not None
    labs.player.wait(person, 120)
    assert not job.running
    return job


def run_of(labs: Experiments, sheets: Sheets):
    return labs.shelf.begin(sheets, labs.place_hash, 7)


def report(labs: Experiments, language: Language = Language.ZH) -> Report:
    one, other = run_of(labs, SHORT), run_of(labs, MOVED)
    pair = labs.pair(one, other)
    assert pair is not None
    return Report(
        pair=pair,
        plans=(one.plan, other.plan),
        met="",
        place="九格区",
        place_hash=labs.place_hash,
        said=["B 更好：办结时间 P90。"],
        warnings=["A: 岗点超负荷。"],
        assumptions=labs.assumptions(one, other),
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
    job = Job("play")
    job.tell = lambda share, left_s, said: seen.append(said)  # type: ignore[method-assign]
    played(labs, [SHORT.with_value("title_zh", "换个名字")], 3, job)
    assert [said for said in seen if said != "prepares"] == []


def test_who_stops_keeps_what_is_there_and_goes_on_from_it(tmp_path):
    labs = Experiments(place(tmp_path / "place"), tmp_path)  # type: ignore[arg-type]
    job = Job("play")

    def told(share: float, left_s: float, said: str) -> None:
        if said == "2/5":
            raise Stopped

    job.tell = told  # type: ignore[method-assign]
    with pytest.raises(Stopped):
        played(labs, [SHORT], 5, job)
    kept = run_of(labs, SHORT).outcomes()
    assert len(kept) == 2
    played(labs, [SHORT], 3)
    again = run_of(labs, SHORT).outcomes()
    assert (len(again), [each.as_text() for each in again[:2]]) == (3, [each.as_text() for each in kept])


def test_another_seed_or_another_place_is_another_run(labs, tmp_path):
    mine = run_of(labs, SHORT)
    other_seed, unplayed = labs.shelf.begin(SHORT, labs.place_hash, 8), run_of(labs, SHORT.with_value("days", 16))
    assert labs.pair(mine, other_seed) is None
    assert [labs.comparable(mine, each) for each in (mine, other_seed, unplayed)] == [False, False, False]
    assert labs.comparable(mine, run_of(labs, MOVED))
    (tmp_path / "place.json").write_text('{"form": 2}', encoding="utf-8")
    other = Experiments(House(replace(nine_cells(), folder=tmp_path)), tmp_path)  # type: ignore[arg-type]
    assert other.place_hash != labs.place_hash


def test_plans_of_another_period_met_another_city_unless_both_begin_tonight(labs):
    """Half as many days are half as many incidents, and nobody has done anything better."""
    longer = SHORT.with_value("days", 24)
    played(labs, [longer], 2)
    mine, other = run_of(labs, SHORT), run_of(labs, longer)
    assert labs.counted(other).n == 2
    assert not labs.comparable(mine, other)
    assert labs.pair(mine, other) is None
    tonight = Conditions(backlog="0123")
    assert replace(mine, conditions=tonight).met == replace(other, conditions=tonight).met


def test_assumptions_are_played_with_both_plans(labs):
    one, other = run_of(labs, SHORT), run_of(labs, MOVED)
    labs.assume("anna", one, other, 2)
    assert not ended(labs).failed
    found = labs.assumptions(one, other)
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
    assert made.sections[0].header.paragraphs[0].text == paper_words(language.value)("page.made_up")
    text = "\n".join(each.text for each in made.paragraphs)
    assert "虚构" in text
    assert "办结时间 P90" in text
    assert "岗点超负荷" in text
    book = openpyxl.load_workbook(io.BytesIO(workbook(told, w)))
    for page in book.worksheets[1:]:
        assert paper_words(language.value)("page.made_up") in str(page["A1"].value)
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


def test_a_plan_that_cannot_be_played_says_why_and_the_next_may_begin(tmp_path):
    def fails(_needs: object, _job: Job) -> None:
        raise RuntimeError

    player = Player({"fails": fails, "works": lambda _needs, _job: None}, tmp_path)
    job = player.start("anna", Asked("fails", {}))
    player.wait("anna", 10)
    assert job.failed
    player.heard("anna")
    assert player.of("anna") is None
    assert player.start("anna", Asked("works", {})) is not job


def test_a_server_that_starts_again_goes_on_with_what_was_being_played(tmp_path):
    """The process dies in the middle: the file of the job is there, its whole replications too."""
    home, place_of = tmp_path / "home", place(tmp_path / "place")
    before = Experiments(place_of, home)  # type: ignore[arg-type]
    [run] = before.runs_of([SHORT], 7)
    played(before, [SHORT], 2)
    kept = [each.as_text() for each in run_of(before, SHORT).outcomes()]
    (home / "jobs").mkdir(parents=True)
    asked = {"person": "anna", "name": "play", "needs": {"runs": [run.id], "wanted": 4}}
    (home / "jobs" / f"{b'anna'.hex()}.json").write_text(json.dumps(asked), encoding="utf-8")
    after = Experiments(place_of, home)  # type: ignore[arg-type]
    assert after.player.resume() == 1
    job = ended(after)
    assert (job.resumed, job.failed) == (True, False)
    assert [each.as_text() for each in run_of(after, SHORT).outcomes()][:2] == kept
    assert len(run_of(after, SHORT).outcomes()) == 4
    assert Experiments(place_of, home).player.resume() == 0  # type: ignore[arg-type]


def test_what_cannot_be_gone_on_with_is_said(labs, tmp_path):
    """The place was built anew meanwhile: its runs would mix two cities."""
    [run] = labs.runs_of([SHORT], 7)
    changed = tmp_path / "changed"
    changed.mkdir()
    (changed / "place.json").write_text('{"form": 9}', encoding="utf-8")
    other = Experiments(House(replace(nine_cells(), folder=changed)), labs._folder)  # type: ignore[arg-type]
    other.player.start("ben", Asked("play", {"runs": [run.id], "wanted": 3}))
    assert ended(other, "ben").gone == run.id


def test_who_waits_for_a_colleagues_run_of_the_same_can_stop(labs):
    """The second planner neither plays it twice at once nor is stuck until the first is done."""
    [run] = labs.runs_of([SHORT], 7)
    with labs._alone_with(f"play {run.id}"):
        job = labs.play("ben", [run], 3)
        while job.said != "waits":
            assert job.running
        labs.player.stop("ben")
        ended(labs, "ben")
    assert job.stopping.is_set()
    assert not job.failed


def test_a_stress_is_another_run_of_the_same_plan_on_the_same_reports(labs):
    calm, gone = labs.runs_of([SHORT], 7, [USUAL, Conditions(stress="tourists")])
    assert calm.id == run_of(labs, SHORT).id
    labs._play({"runs": [gone.id], "wanted": 2}, Job("play"))
    assert labs.pair(calm, gone) is None
    played_calm, busy = run_of(labs, SHORT), labs.shelf.run(gone.id)
    assert busy is not None
    assert busy.conditions == Conditions(stress="tourists")
    more = labs.apart(played_calm, busy)["incidents"].mean / labs.counted(played_calm).estimates["incidents"].mean
    assert more == pytest.approx(0.8, abs=0.3)


def test_a_search_is_kept_with_its_plans_and_reported(labs):
    """From the question to papers whose rows go back to search, plan, place and seed."""
    [run] = labs.runs_of([SHORT.with_value("days", 7)], 7)
    question = Question(run.plan.heads, 0.05, swaps=1, levels=2, replications=2, most=12)
    labs.searches.begin(run, question, "anna", datetime(2026, 4, 15, 4, tzinfo=UTC))
    asked = labs.searches.begin(run, question, "ben", datetime(2026, 4, 15, 4, tzinfo=UTC))
    shares: list[float] = []
    job = Job("search")
    job.tell = lambda share, left_s, said: shares.append(share)  # type: ignore[method-assign]
    labs._search({"search": asked.id}, job)
    answer = labs.searches.search(asked.id).answer
    assert answer is not None
    assert answer.chosen.heads <= question.cap
    assert plan_of(asked.sheets(answer.best)).hash == answer.chosen.hash
    assert {one.number for one in answer.front} <= set(range(20))
    assert set(answer.worth) == {"990100001", "990100002"}
    assert max(shares) <= 1.0
    told = SearchReport(
        search=asked,
        run=run,
        answer=answer,
        place="九格区",
        met="",
        promise="以 95% 的概率最好。",
        desks={},
        towns={"990100001": "东镇", "990100002": "西镇"},
        made_up="人员均为虚构",
        made_at=datetime(2026, 4, 15, 4, tzinfo=UTC),
    )
    found = search_findings(told, wording(Language.ZH))
    assert (
        len(traced(found, asked.id, run.plan.hash, labs.place_hash, 7))
        == sum(bool(part.values) for part in found.parts)
        >= 3
    )
    assert "以 95% 的概率最好。" in found.parts[0].lines


def traced(found: findings.Findings, *trace: object) -> list[list[tuple[object, ...]]]:
    """The rows of each sheet of the workbook; every one goes back to all of this, and so does the foot of the paper."""
    w = wording(Language.ZH)
    book = openpyxl.load_workbook(io.BytesIO(findings.workbook(found, w)))
    sheets = [list(page.iter_rows(min_row=3, values_only=True)) for page in book.worksheets[1:]]
    assert all(set(trace) <= set(row) for rows in sheets for row in rows)
    made = docx.Document(io.BytesIO(findings.document(found, w)))
    foot = " ".join(each.text for each in made.sections[0].footer.paragraphs)
    assert all(str(each) in foot for each in trace)
    return sheets


def test_stress_tests_are_reported_for_every_indicator(labs):
    one, other = run_of(labs, SHORT), run_of(labs, MOVED)
    calm = Tried("", 3, labs.counted(one).estimates, labs.counted(other).estimates, labs.apart(one, other))
    told = StressReport(
        plans=(one.plan, other.plan),
        tried=[calm, Tried("tourists", 0, {}, {}, {})],
        names={"": "平常", "tourists": "游客旺季"},
        met="",
        assumed=["游客旺季：假定"],
        seed=7,
        place="九格区",
        place_hash=labs.place_hash,
        made_up="人员均为虚构",
        made_at=datetime(2026, 4, 15, 4, tzinfo=UTC),
    )
    [rows] = traced(stress_findings(told, wording(Language.ZH)), one.plan.hash, other.plan.hash, labs.place_hash, 7)
    assert len(rows) == 2 * len(INDICATORS)
    assert rows[0][0] == "平常"
    assert rows[0][3] == pytest.approx(100 * labs.counted(one).estimates["on_time_share"].mean)


def test_a_verdict_is_reported_with_the_weeks_held_out(labs):
    day = datetime(2026, 4, 6, tzinfo=UTC)
    verdict = KeptVerdict(False, (), ((day.date(), 198.0, 186.0, 223.0, 256.0),))
    kept = KeptHistory("abc123", "旧工单.csv", 900, day, day, (), "anna", day, verdict)
    told = HistoryReport(
        kept=kept,
        verdict=verdict,
        said=["来件相差 7.2%。"],
        first="2026-01-01",
        until="2026-04-06",
        place="九格区",
        place_hash=labs.place_hash,
        made_up="人员均为虚构",
        made_at=day,
    )
    found = history_findings(told, wording(Language.ZH))
    [[week]] = traced(found, "abc123", labs.place_hash, 0, REPLICATIONS)
    assert list(week[1:5]) == [198, 223, 186, 256]
    assert any("不可用来预测" in line for line in found.parts[0].lines)
