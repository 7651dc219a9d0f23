"""What the source document of a place publishes as figures, and that its sums hold.

published.csv has a row a figure, with the document it stands in and the document's own words. ``parts`` names the
figures of the same file that sum to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dispatch.rulebook.lists import ListRow, read_list
from gis.schemas import shorten

PUBLISHED = "published.csv"
FIGURE_COLUMNS = ("figure", "value", "parts", "document", "quote", "name_zh", "name_en")
NUMBER = r"\d{1,9}(\.\d{1,4})?"


@dataclass(frozen=True, slots=True)
class Figure:
    """One published figure. ``document`` names the source; ``quote`` is its wording; ``name`` is its id in the file."""

    name: str
    value: float
    parts: tuple[str, ...]
    document: str
    quote: str
    name_zh: str
    name_en: str


def read_published(folder: Path) -> dict[str, Figure]:
    """The published figures of a place by name; none when it has no published.csv.

    Raises
    ------
    BadInput
        With every row that is wrong: a figure without its document or its words, one that stands twice, parts that are
        not there or do not sum to it.
    """
    path = folder / PUBLISHED
    if not path.is_file():
        return {}
    file, rows = read_list(path, FIGURE_COLUMNS)
    figures: dict[str, Figure] = {}
    for row in rows:
        figure = _figure(row)
        if figure.name in figures:
            row.blame("figure", "a figure that stands once")
        figures[figure.name] = figure
    for row in rows:
        _blame_sum(row, figures)
    file.stop_if_faulty("Mend these figures; one without its document proves nothing.")
    return figures


def _figure(row: ListRow) -> Figure:
    value = row.text("value", pattern=NUMBER, expected="a number")
    return Figure(
        name=row.text("figure", pattern=r"[a-z][a-z0-9_]*", expected="small letters, digits and _"),
        value=float(value) if value.replace(".", "", 1).isdigit() else 0.0,
        parts=row.several("parts"),
        document=row.text("document", expected="the document that publishes it"),
        quote=row.text("quote", expected="the document's own words"),
        name_zh=row.text("name_zh", expected="what the figure is called in Chinese"),
        name_en=row.text("name_en", expected="what the figure is called in English"),
    )


def _blame_sum(row: ListRow, figures: Mapping[str, Figure]) -> None:
    parts = row.several("parts")
    if not parts:
        return
    if any(part not in figures for part in parts):
        row.blame("parts", f"figures of {PUBLISHED} joined by ;")
        return
    total = sum(figures[part].value for part in parts)
    if abs(total - figures[row.text("figure")].value) > 1e-9:
        row.list.blame(row.number, "value", shorten(row.text("value")), f"{total:g}, the sum of its parts")
