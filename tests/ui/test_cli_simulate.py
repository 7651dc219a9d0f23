"""`gridbeat simulate`: what it reads and writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

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
