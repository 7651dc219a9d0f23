"""``gridbeat locate``: which cell holds each point."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import pandas as pd

from gis.crs import parse_datum
from gis.locate import CellLocator
from gis.mapfiles import read_cells, read_points, write_table
from ui.commands.output import check_output, last_line


def locate(cells_path: Path, points_path: Path, datum: str, out: Path) -> None:
    """Write ``id,code`` in the order of the points; code is empty outside all cells."""
    check_output(out, cells_path, points_path)
    cells = read_cells(cells_path)
    points = read_points(points_path, parse_datum(datum))
    locator = CellLocator(cells)
    lon, lat = points["lon"].to_numpy(), points["lat"].to_numpy()
    locator.locate(lon[:1], lat[:1])  # compiled code is compiled at its first call, which is not locating
    start = perf_counter()
    found = locator.locate(lon, lat)
    seconds = perf_counter() - start
    codes = cells["code"].to_numpy(dtype=object)
    written = [str(codes[cell]) if cell >= 0 else "" for cell in found]
    write_table(pd.DataFrame({"id": points["id"].to_numpy(), "code": written}), out)
    last_line(
        {
            "points": len(points),
            "located": int((found >= 0).sum()),
            "seconds": round(seconds, 6),
            "points_per_second": round(len(points) / max(seconds, 1e-9)),
        }
    )
