"""The screens and who may sign in to them."""

from __future__ import annotations

import click

from ui.cli.border import Number


@click.command()
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65_535))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; the default stays inside.")
@click.option("--place", default="haishu", show_default=True, help="A shipped place by name, or a built folder.")
@click.option("--district", help="In a city such as chongqing, the district to open, by name or code.")
@click.option(
    "--speed",
    type=Number(0, 3600, min_open=True),
    help="Seconds of the demo in one of ours; 10 unless set.",
)
@click.option("--no-browser", is_flag=True, help="Do not open the browser.")
def demo(port: int, host: str, place: str, district: str | None, speed: float | None, no_browser: bool) -> None:
    """Open a living district on the map.

    Builds the embedded database and serves screen and HTTP API in one process. The database lies in $GRIDBEAT_HOME
    (.gridbeat in the current folder unless set) and is taken up again next time.

    \b
    Example:
      gridbeat demo --port 8600 --no-browser
      gridbeat demo --place chongqing --district 沙坪坝区
    """
    from ui.commands import serving

    serving.demo(host, port, place, district, speed, browser=not no_browser)


@click.command()
@click.option("--db", required=True, help="Database address, SQLite or PostgreSQL.")
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65_535))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; the default stays inside.")
@click.option("--place", help="The place to serve; by default the one the database was built for.")
@click.option("--district", help="In a city such as chongqing, the district to open, by name or code.")
def serve(db: str, port: int, host: str, place: str | None, district: str | None) -> None:
    """Screen and API on an existing database.

    \b
    Example:
      gridbeat serve --db sqlite:///district.db --port 8501
      gridbeat serve --db sqlite:///district.db --place chongqing --district 沙坪坝区
    """
    from ui.commands import serving

    serving.serve(db, host, port, place, district)


@click.group()
def people() -> None:
    """Who may sign in, for whoever keeps the database."""


@people.command("list")
@click.option("--db", required=True, help="Database address, SQLite or PostgreSQL.")
def people_list(db: str) -> None:
    """A line for each person: name to sign in, name, posts, state.

    \b
    Example:
      gridbeat people list --db sqlite:///district.db
    """
    from ui.commands import accounts

    accounts.everybody(db)


@people.command("reset")
@click.argument("name")
@click.option("--db", required=True, help="Database address, SQLite or PostgreSQL.")
@click.option("--actor", required=True, help="Who resets it, for the ledger.")
def people_reset(name: str, db: str, actor: str) -> None:
    """A new one-time password for somebody, when no administrator can sign in any more.

    \b
    Example:
      gridbeat people reset admin --db sqlite:///district.db --actor "Zhou, IT"
    """
    from ui.commands import accounts

    accounts.reset(name, db, actor)
