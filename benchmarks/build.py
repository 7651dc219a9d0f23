"""The default place from its facts to a folder that opens, and the opening."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.report import Row, print_table
from scenarios.builder import HERE, build
from scenarios.folder import read_folder


def rows() -> list[Row]:
    """CPU seconds on one core; there is no peer that builds a district."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "haishu"
        began = time.process_time()
        build(HERE / "haishu", out)
        built_s = time.process_time() - began
        began = time.process_time()
        cells = len(read_folder(out).cells)
        opened_s = time.process_time() - began
    return [
        Row(f"Haishu built, {cells:,} cells", f"{built_s:.1f} s", "", f"{built_s:.1f} s", "<= 60 s", built_s <= 60),
        Row("Haishu opened again", f"{opened_s:.2f} s", "", f"{opened_s:.2f} s", "<= 3 s", opened_s <= 3),
    ]


if __name__ == "__main__":
    print_table(rows())
