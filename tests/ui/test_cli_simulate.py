"""`gridbeat simulate`: what it reads and writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from dispatch.store.casebook import open_casebook
from scenarios.builder import HERE
from simulation.plan import read_plan
from tests.towns import NOON, incident
from ui.cli import main

LIGHT = {"desk": {"model": "mmc", "params": {"lam": 1, "mu": 1, "c": 2}}}


def simulate_check(folder: Path, text: str, *more: str) -> tuple[int, str, Path]:
    (folder / "queues.json").write_text(text, encoding="utf-8")
    out = folder / "measured.json"
    answer = CliRunner().invoke(main, ["simulate", "check", str(folder / "queues.json"), "--out", str(out), *more])
    return answer.exit_code, answer.output, out


def test_queues_are_measured_with_their_intervals(tmp_path):
    code, said, out = simulate_check(tmp_path, json.dumps(LIGHT), "--replications", "5", "--seed", "3")
    assert code == 0, said
    told = json.loads(out.read_text(encoding="utf-8"))["desk"]
    assert told["wq"]["mean"] == pytest.approx(1 / 3, rel=0.03)
    assert set(told) == {"wq", "p_wait", "util", "wq_p95"}
    assert 0 < told["wq"]["half"] < 0.02 * told["wq"]["mean"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{", "JSON in UTF-8"),
        ("[]", "queues by name"),
        ('{"a": {"model": "mmc", "params": {"lam": NaN, "mu": 1, "c": 1}}}', "a.lam"),
        ('{"a": {"model": "mmc", "params": {"lam": 2, "mu": 1, "c": 1}}}', "grows without end"),
        ('{"a": {"model": "queue", "params": {}}}', "one of mmc"),
        ('{"a": {"model": "mmc"}}', '"params"'),
        (json.dumps(LIGHT)[:-1] + ", " + json.dumps(LIGHT)[1:], "twice"),
    ],
)
def test_a_faulty_file_is_refused_and_nothing_is_written(tmp_path, text, word):
    code, said, out = simulate_check(tmp_path, text)
    assert code == 2
    assert word in said
    assert "queues.json" in said
    assert not out.exists()


def run(*line: str) -> tuple[int, str]:
    answer = CliRunner().invoke(main, ["simulate", *line])
    return answer.exit_code, answer.output


def test_a_plan_is_played_and_its_numbers_can_be_traced(tmp_path, monkeypatch):
    monkeypatch.setenv("GRIDBEAT_HOME", str(tmp_path))
    out, trace = tmp_path / "told.json", tmp_path / "trace.parquet"
    asked = ["--replications", "2", "--seed", "7", "--out", str(out)]
    code, said = run("run", "nine_cells", *asked, "--workers", "1", "--trace", str(trace))
    assert code == 0, said
    told = json.loads(out.read_text(encoding="utf-8"))
    names = ("incidents", "simple_share", "on_time_share", "escalated_share", "utilisation", "backlog_end")
    hours = (f"{name}_p{p}" for name in ("response_min", "closure_h") for p in (50, 90, 95))
    for name in (*names, *hours):
        for indicators in (told, *told["by_town"].values()):
            assert set(indicators[name]) == {"mean", "half", "n"}
    assert set(told["by_town"]) == {"990100001", "990100002"}
    assert told["about"]["plan_hash"] == json.loads(said.splitlines()[-1])["hash"]
    lines = pd.read_parquet(trace)
    assert lines["t"].is_monotonic_increasing
    assert lines["at"].is_monotonic_increasing
    again = tmp_path / "again.json"
    code, said = run("run", "nine_cells", *asked[:-1], str(again), "--workers", "2", "--engine", "simpy")
    assert code == 0, said
    assert again.read_bytes() == out.read_bytes()


def test_a_place_without_a_plan_says_how_to_write_one(tmp_path, monkeypatch):
    monkeypatch.setenv("GRIDBEAT_HOME", str(tmp_path))
    code, said = run("plan", "nine_cells", "--day", "2026-04-15", "--out", str(tmp_path / "own"))
    assert code == 0, said
    assert {file.name for file in (tmp_path / "own").iterdir()} == {"plan.toml", "desks.csv", "posts.csv"}
    code, said = run("plan", "nine_cells", "--out", str(tmp_path / "own"))
    assert code == 2
    assert "there already" in said
    built = next((tmp_path / "places").iterdir())
    code, said = run("run", str(built), "--out", str(tmp_path / "told.json"))
    assert code == 2
    assert "gridbeat simulate plan" in said


def test_the_roster_is_pushed_down_until_a_share_of_the_heads_is_in_towns(tmp_path):
    code, said = run("plan", "nine_cells", "--in-towns", "0.6", "--out", str(tmp_path / "down"))
    assert code == 0, said
    assert json.loads(said.splitlines()[-1])["in_towns"] == pytest.approx(0.6, abs=0.02)
    code, said = run("plan", "nine_cells", "--in-towns", "1", "--out", str(tmp_path / "all"))
    assert code == 2
    assert "every desk keeps its lawful pairs" in said
    assert not (tmp_path / "all").exists()
    code, said = run("plan", "nine_cells", "--in-towns", "nan", "--out", str(tmp_path / "nan"))
    assert (code, "not a number" in said) == (2, True)


def test_a_roster_that_cannot_be_played_says_so_when_it_is_written(tmp_path):
    """Nobody should hear of it only when the plan is refused."""
    code, said = run("plan", "nine_cells", "--out", str(tmp_path / "own"))
    assert code == 0, said
    named = [line for line in said.splitlines() if "fewer than two officers" in line]
    assert len(named) == 5
    assert "mend these rows before you have it played" in said
    plan, out = str(tmp_path / "own" / "plan.toml"), str(tmp_path / "told.json")
    code, refused = run("run", "nine_cells", "--plan", plan, "--out", out)
    assert code == 2
    assert all(line.removeprefix("gridbeat: ") in refused for line in named)


@pytest.fixture(scope="module")
def short(tmp_path_factory) -> Path:
    """The nine cells' plan for a fortnight, as a planner would shorten it."""
    folder = tmp_path_factory.mktemp("short")
    for name in ("plan.toml", "desks.csv", "posts.csv"):
        text = (HERE / "nine_cells" / name).read_text(encoding="utf-8")
        text = text.replace("\ndays = 120", "\ndays = 14").replace("warm_up_days = 40", "warm_up_days = 7")
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "plan.toml"


@pytest.fixture(autouse=True)
def one_home(tmp_path_factory, monkeypatch):
    """Places are built once for all of these tests."""
    home = tmp_path_factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    monkeypatch.setenv("GRIDBEAT_HOME", str(home))


def test_it_plays_until_it_is_narrow_and_goes_on_from_what_is_kept(tmp_path, short):
    line = ["run", "nine_cells", "--plan", str(short), "--workers", "1", "--within", "0.05", "--of", "on_time_share"]
    line += ["--keep", str(tmp_path / "kept"), "--most", "40"]
    first, again = tmp_path / "one.json", tmp_path / "two.json"
    code, said = run(*line, "--out", str(first))
    assert code == 0, said
    told = json.loads(first.read_text(encoding="utf-8"))
    assert told["about"]["stopped"]["code"] == "narrow_enough"
    assert told["on_time_share"]["half"] <= 0.05 * told["on_time_share"]["mean"]
    assert set(told["by_desk"]["990100-ZF"]) == {"utilisation", "asked_a_week", "backlog_growth_a_week"}
    code, said = run(*line, "--out", str(again))
    assert code == 0, said
    assert again.read_bytes() == first.read_bytes()


def test_two_plans_are_compared_under_a_stress(tmp_path, short):
    (tmp_path / "lean").mkdir()
    for file in short.parent.iterdir():
        text = file.read_text(encoding="utf-8").replace("simple_min = 30", "simple_min = 20")
        (tmp_path / "lean" / file.name).write_text(text, encoding="utf-8")
    out = tmp_path / "difference.json"
    line = ["compare", "nine_cells", str(short), str(tmp_path / "lean" / "plan.toml"), "--replications", "4"]
    code, said = run(*line, "--workers", "1", "--stress", "tourists", "--out", str(out))
    assert code == 0, said
    told = json.loads(out.read_text(encoding="utf-8"))
    less = told["difference"]["utilisation"]
    assert less["mean"] + less["half"] < 0
    assert told["difference"]["incidents"] == {"mean": 0.0, "half": 0.0, "n": 4}
    assert [about["stress"] for about in told["about"]] == ["tourists", "tourists"]


def test_plans_of_other_days_are_not_compared_and_their_tables_not_written_over(tmp_path, short):
    """Half of what differs would be the calendar's doing; and --out is easily given a name that is a table's."""
    folder = tmp_path / "longer"
    folder.mkdir()
    for file in short.parent.iterdir():
        (folder / file.name).write_text(
            file.read_text(encoding="utf-8").replace("\ndays = 14", "\ndays = 21"), encoding="utf-8"
        )
    line = ["compare", "nine_cells", str(short), str(folder / "plan.toml"), "--replications", "2", "--workers", "1"]
    code, said = run(*line, "--out", str(tmp_path / "difference.json"))
    assert code == 2
    assert "longer/plan.toml, row" in said
    assert "column days: found '21', expected 14, as in the first plan" in said
    table = folder / "posts.csv"
    before = table.read_bytes()
    for asked in (line, ["run", "nine_cells", "--plan", str(folder / "plan.toml"), "--workers", "1"]):
        code, said = run(*asked, "--out", str(table))
        assert (code, "also an input" in said, table.read_bytes()) == (2, True, before)


def test_two_plans_begin_tonight_at_one_moment(tmp_path, short):
    """Read one after the other, the second began seconds later and met another city."""
    url, out = f"sqlite:///{tmp_path / 'book.db'}", tmp_path / "difference.json"
    with open_casebook(url) as casebook:
        casebook.add_incidents([incident(id="I1")], at=NOON)
    line = ["compare", "nine_cells", str(short), str(short), "--replications", "2", "--workers", "1"]
    code, said = run(*line, "--tonight", url, "--out", str(out))
    assert code == 0, said
    told = json.loads(out.read_text(encoding="utf-8"))
    assert {one["mean"] for one in told["difference"].values() if isinstance(one, dict) and "mean" in one} <= {
        0.0,
        None,
    }


def test_a_comparison_that_did_not_become_narrow_enough_says_so(tmp_path, short):
    out = tmp_path / "difference.json"
    line = ["compare", "nine_cells", str(short), str(short), "--within", "0.0001", "--most", "10", "--workers", "1"]
    code, said = run(*line, "--out", str(out))
    assert code == 0, said
    told = json.loads(out.read_text(encoding="utf-8"))
    assert [stopped["code"] for stopped in told["stopped"]] == ["cap_reached", "cap_reached"]
    assert said.count("the cap of 10 replications") == 2


def test_the_best_plan_is_written_as_a_plan_with_what_was_promised(tmp_path, short):
    out = tmp_path / "best"
    line = [
        "search",
        "nine_cells",
        "--plan",
        str(short),
        "--cap",
        "30",
        "--indifference",
        "0.05",
        "--replications",
        "2",
    ]
    code, said = run(*line, "--most", "12", "--workers", "1", "--out", str(out))
    assert code == 0, said
    told = json.loads((out / "search.json").read_text(encoding="utf-8"))
    last = json.loads(said.splitlines()[-1])
    assert read_plan(out / "plan.toml").hash == last["hash"]
    assert told["best"]["heads"] == sum(told["best"]["stations"].values()) <= 30
    assert told["choice"]["probability"] in (0.95, None)
    assert set(told["worth_of_an_officer"]) == {"990100001", "990100002"}
    assert [point["cost_a_year"] for point in told["front"]] == sorted(point["cost_a_year"] for point in told["front"])
    code, said = run(*line, "--out", str(out))
    assert (code, "there already" in said) == (2, True)


def test_tonights_book_is_played_and_its_tickets_are_too_few_to_forecast(tmp_path, short):
    url = f"sqlite:///{tmp_path / 'book.db'}"
    with open_casebook(url) as casebook:
        casebook.add_incidents([incident(id="I1"), incident(id="I2", cell="")], at=NOON)
    line = ["run", "nine_cells", "--plan", str(short), "--workers", "1", "--replications", "2"]
    code, said = run(*line, "--tonight", url, "--out", str(tmp_path / "told.json"))
    assert code == 0, said
    assert "begins now with 1 open incidents and cases" in said
    assert "1 lie outside the place" in said
    assert json.loads((tmp_path / "told.json").read_text(encoding="utf-8"))["about"]["open_at_start"] == 1
    code, said = run(*line, "--history", url, "--out", str(tmp_path / "no.json"))
    assert code == 2
    assert "the history holds 0 whole days; it needs 28" in said
    assert not (tmp_path / "no.json").exists()


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--stress", "flood"], "one of spring_festival"),
        (["--replay"], "no --history"),
        (["--within", "0.1", "--of", "fines"], "some of incidents"),
        (["--within", "nan"], "not a number"),
        (["--keep", "nowhere/kept"], "unable to open"),
    ],
)
def test_what_cannot_be_played_is_named_and_nothing_is_written(tmp_path, short, more, word):
    code, said = run("run", "nine_cells", "--plan", str(short), *more, "--out", str(tmp_path / "told.json"))
    assert code == 2
    assert word in said
    assert not (tmp_path / "told.json").exists()


def test_workload_becomes_a_plan_that_can_be_played(tmp_path, monkeypatch):
    """The table says what the plan does, and the plan goes through the door of every plan."""
    monkeypatch.setenv("GRIDBEAT_HOME", str(tmp_path))
    duties = tmp_path / "duties.csv"
    duties.write_text("town,duty,minutes\n990100001,inspections,60000\n990100001,meetings,6000\n", encoding="utf-8")
    folder = tmp_path / "by_workload"
    code, said = run("allocate", "nine_cells", "--duties", str(duties), "--cap", "40", "--out", str(folder))
    assert code == 0, said
    told = json.loads(said.splitlines()[-1])
    plan, table = read_plan(folder / "plan.toml"), pd.read_csv(folder / "allocation.csv")
    assert plan.heads == told["heads"] == 40 == table["after"].sum() + told["elsewhere"]
    assert table["duties_h"].tolist() == [1100.0, 0.0]
    assert (table["after"] - table["before"]).tolist() == table["change"].tolist()
    assert plan.hash == told["hash"]
    out = tmp_path / "told.json"
    code, said = run(
        *("run", "nine_cells", "--plan", str(folder / "plan.toml"), "--replications", "2", "--workers", "1"),
        *("--out", str(out)),
    )
    assert code == 0, said


@pytest.mark.parametrize(
    ("row", "word"),
    [("990100009,inspections,10", "a 9-digit town of the place"), ("990100001,inspections,-1", "minutes a year")],
)
def test_a_faulty_duty_is_refused_with_its_row(tmp_path, monkeypatch, row, word):
    monkeypatch.setenv("GRIDBEAT_HOME", str(tmp_path))
    duties = tmp_path / "duties.csv"
    duties.write_text(f"town,duty,minutes\n{row}\n", encoding="utf-8")
    code, said = run("allocate", "nine_cells", "--duties", str(duties), "--out", str(tmp_path / "out"))
    assert code == 2
    assert "row 2" in said
    assert word in said
    assert not (tmp_path / "out").exists()
