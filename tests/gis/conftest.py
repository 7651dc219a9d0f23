"""What several tests of the ground share."""

import pytest

from gis.streets import Streets, read_streets
from tests.real import real_file


@pytest.fixture(scope="session")
def shanghai() -> Streets:
    """The streets of central Shanghai."""
    return read_streets(real_file("shanghai_center.osm.gz"))
