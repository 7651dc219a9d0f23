"""Real data that lies beside the checkout; tests read it there and never copy it in."""

from pathlib import Path

import pytest

REAL = Path(__file__).resolve().parents[2] / "shared" / "real"


def real_file(name: str) -> Path:
    """The path of a real file; the test is skipped, with the reason, where the folder is absent."""
    path = REAL / name
    if not REAL.is_dir():
        pytest.skip(f"real data not present: ../shared/real/{name}")
    assert path.is_file(), f"../shared/real is present but {name} is missing"
    return path
