"""``gridbeat demo`` and ``gridbeat serve``: screen and HTTP API on one port of this machine."""

from __future__ import annotations

import os
import socket
import threading
import time
import webbrowser
from contextlib import suppress

import click

from dispatch.desk.accounts import FIRST
from dispatch.store.casebook import open_casebook
from gis.schemas import BadInput, Fault
from scenarios.binding import place_of
from scenarios.builder import is_city
from scenarios.scenario import is_built, part_of
from ui.settings import Settings, address, demo_url, settings

WAIT_FOR_START_S = 120.0

SERVER = {
    "server.headless": True,  # the address is said and the browser opened here
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "logger.hideWelcomeMessage": True,  # else Streamlit asks an outside address for this machine's own
}


def demo(host: str, port: int, place: str, district: str | None, speed: float | None, *, browser: bool) -> None:
    """The demo of a place, in a city of one of its districts, on its own database under home."""
    begin = "?view=city" if is_city(place) and district is None else ""
    place = part_of(place, district)
    check_port(host, port)
    given = settings()
    given.home.mkdir(parents=True, exist_ok=True)
    changed = {"demo_speed": speed} if speed is not None else {}
    db = demo_url(given.home, place)
    _run(
        given.model_copy(update={"host": host, "port": port, "place": place, "db": db, "demo": True, **changed}),
        browser,
        begin,
    )


def serve(db: str, host: str, port: int, place: str | None, district: str | None) -> None:
    """An existing database, with the place it was made for unless another is named, in a city one of its districts."""
    check_port(host, port)
    with open_casebook(db, create=False) as casebook:
        kept = place_of(casebook)
    chosen = place or kept
    if chosen is None:
        raise BadInput(Fault("database", None, None, "no place in it", "--place with a place's name or folder"))
    changed = {"host": host, "port": port, "place": part_of(chosen, district), "db": db, "demo": False}
    _run(settings().model_copy(update=changed), False)


def _run(chosen: Settings, browser: bool, begin: str = "") -> None:
    """Serve until stopped. The screens read their settings from the environment, as they would under any server."""
    os.environ.update(chosen.as_environment())
    builds = "" if is_built(chosen.place) else " (built now, once; up to a minute)"
    click.echo(f"Opening {chosen.place}{builds} ...", err=True)

    from ui.services.centre import centre

    opened = centre()  # here, where bad input still becomes a message, not in the server's start-up
    if not chosen.demo:
        _say_first_password(opened.accounts.begin())
    from ui.app import app, look

    threading.Thread(target=_announce, args=(chosen, browser, begin), daemon=True).start()
    with suppress(KeyboardInterrupt):  # Ctrl+C is how one stops it, not an accident
        app.run(config={**look(), **SERVER, "server.address": chosen.host, "server.port": chosen.port})


def _say_first_password(password: str | None) -> None:
    """Once, on the terminal of whoever set the server up; it is kept nowhere."""
    if password is not None:
        click.echo(
            f'Nobody can administer this casebook yet. Sign in as "{FIRST}" with the one-time password {password} '
            "and choose your own; it is not shown again.",
            err=True,
        )


def check_port(host: str, port: int) -> None:
    """Refuse a port that another program holds, or an address that is not this machine's, before anything is built.

    Raises
    ------
    BadInput
        With what the system said.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    except OSError as error:
        raise BadInput(
            Fault("address", None, None, f"{host}:{port} not available ({error.strerror})", "a free port"),
            advice=f"Try --port {port + 1 if port < 65_535 else port - 1}, or stop the program that uses {port}.",
        ) from error


def _announce(chosen: Settings, browser: bool, begin: str) -> None:
    """Say the address, and open the browser, once the port answers; ``begin`` is the screen it begins with."""
    here = f"{address(chosen.host, chosen.port)}{'/' + begin if begin else ''}"
    deadline = time.monotonic() + WAIT_FOR_START_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection((chosen.host, chosen.port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
            continue
        click.echo(f"GridBeat is at {here} (stop it with Ctrl+C)")
        if browser:
            webbrowser.open(here)
        return
