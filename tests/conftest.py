"""What holds for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import postgres
from tests.books import empty_file

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadFileScheduling

BROWSER = "tests/browser/"
"""Its tests share one browser and one worker: two on a small machine starve each other."""

HAISHU = ("tests/scenarios/test_haishu.py", "tests/scenarios/test_patrolling.py")
"""They share the whole district: whoever has one of them builds it for the other."""

# A slow moment of a shared machine is no fault of ours: no test is timed.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser and the whole district come first: a long file begun last is waited for by the other worker."""
    first = (BROWSER, "tests/scenarios/")
    items.sort(key=lambda item: not item.nodeid.startswith(first))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """A worker gets a file at a time, or everything in the browser, or of the whole district, at once."""
    from xdist.scheduler import LoadFileScheduling

    class FileOrMore(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            together = (BROWSER, BROWSER), (HAISHU, HAISHU[0])
            return next((unit for of, unit in together if nodeid.startswith(of)), super()._split_scope(nodeid))

    return FileOrMore(config, log)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """One PostgreSQL server a worker; without PostgreSQL on the machine its tests are skipped, or fail if required."""
    programs = postgres.programs()
    if programs is None:
        missing = "no PostgreSQL here: neither initdb on the path nor in /usr/lib/postgresql; install postgresql"
        if postgres.required():
            pytest.fail(missing)
        pytest.skip(missing)
    with postgres.running(programs) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a new, empty casebook, once in SQLite and once in PostgreSQL."""
    if request.param == "sqlite":
        yield empty_file(tmp_path / "city.db")
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    address = server.new()
    yield address
    server.drop(address)
