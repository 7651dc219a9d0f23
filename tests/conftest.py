"""What holds for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import postgres

# A slow moment of a shared machine is no fault of ours: no test is timed.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


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
        yield f"sqlite:///{tmp_path / 'city.db'}"
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    address = server.new()
    yield address
    server.drop(address)
