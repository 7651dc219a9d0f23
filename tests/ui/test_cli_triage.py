"""`gridbeat triage`: messages in, categories out, by the shared lists or by a model of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from ui.cli import main

COLUMNS = ["ticket_id", "category", "matter", "confidence", "alternatives"]
HISTORY = "text,category\n路灯坏了,灯\n路灯不亮,灯\n公交太少,车\n公交不来,车\n"


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["triage", *map(str, words)])


def sort(folder: Path, tickets: str, *more: object) -> tuple[pd.DataFrame, dict[str, Any]]:
    (folder / "t.csv").write_text(tickets, encoding="utf-8")
    answer = run("--in", folder / "t.csv", *more, "--out", folder / "o.csv")
    assert answer.exit_code == 0, answer.output
    table = pd.read_csv(folder / "o.csv", dtype=str, keep_default_na=False)
    assert list(table.columns) == COLUMNS
    return table, json.loads(answer.stdout.splitlines()[-1])


def learned(folder: Path) -> Path:
    (folder / "h.csv").write_text(HISTORY, encoding="utf-8")
    answer = run("train", folder / "h.csv", "--out", folder / "m")
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout.splitlines()[-1])["categories"] == 2
    return folder / "m"


def test_tickets_come_out_in_their_order_with_category_and_confidence(tmp_path: Path):
    told = "ticket_id,text\nb,有人遛大狗不牵绳\na,楼下广场舞的音响每晚吵得睡不着\nc,请问新生儿医保怎么办理\n"
    table, last = sort(tmp_path, told)
    assert table["ticket_id"].tolist() == ["b", "a", "c"]
    assert table["category"].tolist() == ["C11", "C06", "C00"]
    assert table["matter"][:2].str[:3].tolist() == ["C11", "C06"]
    assert table["confidence"].astype(float).between(0.6, 1.0).all()
    assert last["tickets"] == 3
    assert last["asked"] == 0


def test_alternatives_are_codes_with_their_confidence(tmp_path: Path):
    table, _ = sort(tmp_path, "ticket_id,text\na,饭店\n")
    others = [part.split(":") for part in table["alternatives"][0].split(";")]
    shares = [float(share) for _, share in others]
    assert all(code.startswith("C") for code, _ in others)
    assert shares == sorted(shares, reverse=True)
    assert float(table["confidence"][0]) >= shares[0]


def test_an_empty_message_has_no_category_and_is_asked(tmp_path: Path):
    """It is not "no enforcement matter": nobody knows yet."""
    told = "ticket_id,text\na,\n"
    for more in ([], ["--model", learned(tmp_path)]):
        table, last = sort(tmp_path, told, *more)
        assert table.to_numpy().tolist() == [["a", "", "", "0.000", ""]]
        assert last["asked"] == 1


def test_no_tickets_are_an_empty_table(tmp_path: Path):
    table, last = sort(tmp_path, "ticket_id,text\n")
    assert table.empty
    assert last["tickets"] == 0


def test_further_columns_and_a_byte_order_mark_do_no_harm(tmp_path: Path):
    table, _ = sort(tmp_path, "\ufeffticket_id,channel,text\n1,12345,有人砍树\n")
    assert table["category"].tolist() == ["C10"]


def test_a_model_answers_with_the_labels_of_its_history_and_no_matter(tmp_path: Path):
    table, _ = sort(tmp_path, "ticket_id,text\n1,路灯又坏了\n2,公交车少\n", "--model", learned(tmp_path))
    assert table["category"].tolist() == ["灯", "车"]
    assert table["matter"].tolist() == ["", ""]
    assert table["alternatives"][0].startswith("车:0.")


def test_training_twice_gives_the_same_bytes(tmp_path: Path):
    first = learned(tmp_path).read_bytes()
    assert learned(tmp_path).read_bytes() == first


@pytest.mark.parametrize(
    ("tickets", "named"),
    [
        ("ticket_id,text\na,吵\na,狗\n", ["row 3", "column ticket_id", "first in row 2"]),
        ("ticket_id,text\n,吵\n", ["row 2", "column ticket_id", "found nothing"]),
        ("ticket_id,words\na,吵\n", ["row 1", "column text"]),
        ("ticket_id,text\na,吵,狗\n", ["row 2", "3 fields"]),
    ],
)
def test_bad_tickets_are_named_and_nothing_is_written(tmp_path: Path, tickets: str, named: list[str]):
    (tmp_path / "t.csv").write_text(tickets, encoding="utf-8")
    answer = run("--in", tmp_path / "t.csv", "--out", tmp_path / "o.csv")
    assert answer.exit_code == 2
    assert all(part in answer.stderr for part in ["t.csv", *named]), answer.stderr
    assert not (tmp_path / "o.csv").exists()


@pytest.mark.parametrize(
    ("history", "named"),
    [
        ("text,category\n路灯,灯\n", ["column category", "at least two"]),
        ("text,category\n路灯,灯\n公交,\n", ["row 3", "column category", "found nothing"]),
        ("text,class\n路灯,灯\n", ["row 1", "column category"]),
    ],
)
def test_a_bad_history_is_named_and_nothing_is_written(tmp_path: Path, history: str, named: list[str]):
    (tmp_path / "h.csv").write_text(history, encoding="utf-8")
    answer = run("train", tmp_path / "h.csv", "--out", tmp_path / "m")
    assert answer.exit_code == 2
    assert all(part in answer.stderr for part in ["h.csv", *named]), answer.stderr
    assert not (tmp_path / "m").exists()


def test_a_table_given_as_a_model_is_refused(tmp_path: Path):
    (tmp_path / "t.csv").write_text("ticket_id,text\na,吵\n", encoding="utf-8")
    (tmp_path / "m").write_text(HISTORY, encoding="utf-8")
    answer = run("--in", tmp_path / "t.csv", "--model", tmp_path / "m", "--out", tmp_path / "o.csv")
    assert answer.exit_code == 2
    assert "a model of gridbeat triage train" in answer.stderr


def test_what_is_missing_on_the_line_is_said():
    answer = run("--in", "t.csv")
    assert answer.exit_code == 2
    assert "--out" in answer.stderr


def test_nothing_of_the_users_is_written_over(tmp_path: Path):
    model = learned(tmp_path)
    answer = run("train", tmp_path / "h.csv", "--out", tmp_path / "h.csv")
    assert answer.exit_code == 2
    (tmp_path / "t.csv").write_text("ticket_id,text\na,吵\n", encoding="utf-8")
    answer = run("--in", tmp_path / "t.csv", "--model", model, "--out", model)
    assert answer.exit_code == 2
    assert (tmp_path / "h.csv").read_text(encoding="utf-8") == HISTORY
