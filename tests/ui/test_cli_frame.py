"""The command line itself: what it says, how it ends, how fast it answers."""

from __future__ import annotations

import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from dispatch.store.casebook import open_casebook
from gis.schemas import BadInput, Fault
from ui.cli import main
from ui.cli.border import Border
from ui.commands import serving
from ui.commands.serving import check_port
from ui.settings import Settings, address, demo_url, settings

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = {
    "demo": {"--port", "--place", "--no-browser"},
    "serve": {"--db", "--port", "--place", "--district"},
    "place build": {"--name", "--streets", "--outline", "--seed", "--out"},
    "locate": {"--cells", "--points", "--datum", "--out"},
    "travel": {"--streets", "--from", "--to", "--weight", "--snap", "--limit", "--out"},
    "assign": {"--incidents", "--teams", "--metric", "--streets", "--unserved-cost", "--nearest", "--out"},
    "route vrptw": {"--seconds", "--seed", "--out"},
    "import tickets": {"--place", "--db", "--map", "--errors"},
    "audit verify": {"--db"},
    "backup": {"--db", "--out"},
    "restore": {"--db", "--actor", "--replace"},
    "export": {"--db", "--out", "--form", "--files"},
    "triage": {"--in", "--model", "--out"},
    "triage train": {"--out"},
}


def command(words: str) -> click.Command:
    found: click.Command = main
    for word in words.split():
        assert isinstance(found, click.Group)
        found = found.commands[word]
    return found


@pytest.mark.parametrize("words", CONTRACT)
def test_every_flag_of_the_contract_is_there(words):
    """Scripts and schedulers hang on these names; they may grow and never shrink."""
    flags = {name for parameter in command(words).params for name in parameter.opts}
    assert CONTRACT[words] <= flags


def test_serve_opens_a_district_of_a_city_as_the_demo_does(tmp_path, monkeypatch):
    """Else who has seen a district in the demo cannot open it on a book of their own by its name."""
    opened: list[Settings] = []
    monkeypatch.setattr(serving, "check_port", lambda host, port: None)
    monkeypatch.setattr(serving, "_run", lambda chosen, browser: opened.append(chosen))
    db = f"sqlite:///{tmp_path / 'book.db'}"
    open_casebook(db).close()
    asked = ["serve", "--db", db, "--place", "chongqing", "--district"]
    assert CliRunner().invoke(main, [*asked, "沙坪坝区"], catch_exceptions=False).exit_code == 0
    assert [each.place for each in opened] == ["chongqing_500106"]
    assert CliRunner().invoke(main, [*asked, "nowhere"]).exit_code != 0
    assert len(opened) == 1


@pytest.mark.parametrize("words", CONTRACT)
def test_every_help_has_an_example_that_names_the_command(words):
    answer = CliRunner().invoke(main, [*words.split(), "--help"])
    assert answer.exit_code == 0
    assert f"gridbeat {words}" in answer.stdout.split("Example:")[1]


def test_the_examples_in_the_help_of_import_are_a_map_that_can_be_read():
    """People copy it."""
    text = (
        CliRunner().invoke(main, ["import", "tickets", "--help"]).stdout.split("map.toml:\n")[1].split("\nOptions:")[0]
    )
    shown = tomllib.loads(text)
    assert set(shown) == {"columns", "options", "matters"}


def test_help_answers_at_once():
    """Half a second of work is the difference between looking something up and guessing; nothing heavy is imported."""
    code = (
        "import sys; from ui.cli import main\n"
        "try: main(['travel', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'geopandas', 'streamlit', 'sqlalchemy', 'pydantic'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_bad_input_is_one_message_and_status_2(monkeypatch):
    """A scheduler sees the status, a person reads the line, nobody reads a traceback."""

    def refuse(*_: object) -> None:
        raise BadInput(Fault("t.csv", 7, "lat", "'200'", "degrees between -90 and 90"), advice="Mend the row.")

    monkeypatch.setattr("ui.commands.auditing.verify", refuse)
    answer = CliRunner().invoke(main, ["audit", "verify", "--db", "x"])
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert answer.stderr == (
        "gridbeat: t.csv, row 7, column lat: found '200', expected degrees between -90 and 90. Mend the row.\n"
    )


def test_what_nobody_foresaw_rises(monkeypatch):
    """A fault of ours must not look like a fault of theirs."""

    def stumble(*_: object) -> None:
        raise ValueError("a mistake of the program")

    monkeypatch.setattr("ui.commands.auditing.verify", stumble)
    answer = CliRunner().invoke(main, ["audit", "verify", "--db", "x"])
    assert isinstance(answer.exception, ValueError)
    assert answer.exit_code == 1


def test_a_port_in_use_is_refused_before_anything_is_built(tmp_path):
    """The second demo on one machine says which port to take, in a second rather than after a minute's building."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        answer = CliRunner(env={"GRIDBEAT_HOME": str(tmp_path)}).invoke(
            main, ["demo", "--port", str(port), "--no-browser"]
        )
    assert answer.exit_code == 2
    assert f"127.0.0.1:{port} not available" in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(BadInput, match=r"192\.0\.2\.1:8501 not available"):
        check_port("192.0.2.1", 8501)


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "http://127.0.0.1:80"), ("0.0.0.0", "http://127.0.0.1:80"), ("::1", "http://[::1]:80")],
)
def test_the_address_shown_can_be_opened(host, shown):
    assert address(host, 80) == shown


@pytest.mark.parametrize(
    ("given", "begins"),
    [
        ({}, "http://127.0.0.1:8501"),
        ({"HOST": "0.0.0.0"}, "http://127.0.0.1:8501"),
        ({"HOST": "10.1.2.3", "HOOKS_TO": "erp.example.cn"}, "http://10.1.2.3:8501"),
        ({"HOST": "0.0.0.0", "HOOKS_TO": "erp.example.cn"}, ""),
        ({"HOOKS_TO": "erp.example.cn"}, ""),
        ({"HOOKS_TO": "erp.example.cn", "PUBLIC_URL": "https://grid.example.cn/"}, "https://grid.example.cn"),
    ],
)
def test_a_link_in_a_webhook_never_leads_its_receiver_to_itself(given, begins):
    """127.0.0.1 is another machine for everyone who reads it; a path at least says what is meant."""
    assert settings({f"GRIDBEAT_{name}": value for name, value in given.items()}).link_to == begins


@pytest.mark.parametrize("given", ["grid.example.cn", "ftp://grid.example.cn", "https://grid.example.cn/desk"])
def test_a_public_address_is_scheme_and_host(given):
    with pytest.raises(BadInput, match="GRIDBEAT_PUBLIC_URL"):
        settings({"GRIDBEAT_PUBLIC_URL": given})


def test_settings_survive_the_way_through_the_environment():
    """The command line and the screen must mean the same database."""
    given = Settings(db="sqlite:///a b.db", place="jiangbei", demo=True, port=8600)
    assert settings(given.as_environment()) == given


def test_a_setting_that_cannot_be_used_is_refused_by_its_name():
    with pytest.raises(BadInput, match="GRIDBEAT_PORT: found 'eighty'"):
        settings({"GRIDBEAT_PORT": "eighty"})


WHOLE = ("oidc_metadata_url", "oidc_client_id", "oidc_redirect")


def test_half_an_identity_provider_is_refused_and_its_secret_is_not_said():
    """Otherwise it is noticed by whoever tries to sign in; and what the message says ends up in a log."""
    with pytest.raises(BadInput, match="all of METADATA_URL") as refused:
        settings({"GRIDBEAT_OIDC_CLIENT_SECRET": "hush", "GRIDBEAT_OIDC_CLIENT_ID": "us"})
    assert "hush" not in str(refused.value)
    assert "hush" not in repr(Settings(oidc_client_secret="hush", **dict.fromkeys(WHOLE, "x/oauth2callback")))


def test_the_demo_has_its_own_file_for_every_place():
    assert demo_url(Path("/home/x"), "places/boston") == "sqlite:////home/x/demo-boston.db"
    assert settings({"GRIDBEAT_HOME": "/home/x"}).db_url == "sqlite:////home/x/demo-haishu.db"


def test_not_a_number_is_no_limit():
    """Every comparison with it is false, so it would pass any range and mean no limit at all."""
    line = "travel --streets a.osm --from a.csv --to b.csv --limit nan --out o.csv"
    answer = CliRunner().invoke(main, line.split())
    assert answer.exit_code == 2
    assert "nan" in answer.stderr


def test_a_full_disk_is_said_in_words(tmp_path):
    """The system names no file when a write finds no room."""

    @click.command()
    def write() -> None:
        with Path("/dev/full").open("w", encoding="utf-8") as full:
            full.write("x")

    group = Border(commands={"write": write})
    said = CliRunner().invoke(group, ["write"])
    assert said.exit_code == 2
    assert "No space left on device, expected room" in said.output
