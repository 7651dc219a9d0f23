"""`gridbeat simulate`: what it reads and writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

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
