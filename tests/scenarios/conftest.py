"""Haishu, built once for all tests and kept between runs under pytest's own cache until an input changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.builder import built_folder
from scenarios.folder import read_folder
from scenarios.scenario import Scenario


@pytest.fixture(scope="session")
def haishu(request: pytest.FixtureRequest) -> Scenario:
    home = Path(request.config.rootpath) / ".pytest_cache" / "gridbeat"
    return read_folder(built_folder("haishu", home))
