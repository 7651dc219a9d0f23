"""How another system's ticket file is to be read: its column names, datum, clock and categories."""

from __future__ import annotations

import tomllib
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gis.crs import Datum, parse_datum
from gis.schemas import BadInput, Fault, shorten

REQUIRED = ("id", "text", "lon", "lat", "reported_at")
OPTIONAL = ("due_at", "closed_at", "category", "address")
OPTIONS = ("datum", "timezone", "time_format", "encoding", "source")


@dataclass(frozen=True, slots=True)
class TicketMap:
    """How another system's file is to be read.

    Attributes
    ----------
    columns
        Our name to theirs, for every name of ``REQUIRED`` and any of ``OPTIONAL``.
    timezone
        Where their clock hangs when a time carries no offset of its own.
    matters
        Their category to our code in the catalogue of matters; a category that is not here stays unclassified.
    time_format
        For ``strptime``; empty reads ISO 8601 and year-first dates. Day-first and month-first dates are refused
        without it, because 03/04 has two meanings.
    """

    file: str
    columns: Mapping[str, str]
    datum: Datum
    timezone: ZoneInfo
    matters: Mapping[str, str] = field(default_factory=dict)
    time_format: str = ""
    encoding: str = "utf-8"
    source: str = "import"


def read_map(path: Path, matters: Container[str]) -> TicketMap:
    """The map of a .toml file with ``[columns]``, ``[options]`` and, where wanted, ``[matters]``.

    Raises
    ------
    BadInput
        When a required column or option is missing, a name is unknown, the datum or the time zone is none, or a
        matter is not in the catalogue.
    """
    sections = _toml(path)
    for name in sections:
        _known(path.name, "section", name, ("columns", "options", "matters"))
    columns, options = _words(path.name, sections, "columns"), _words(path.name, sections, "options")
    for name in columns:
        _known(path.name, "columns", name, REQUIRED + OPTIONAL)
    for name in options:
        _known(path.name, "options", name, OPTIONS)
    if "matters" in sections and "category" not in columns:
        found = "[matters] without category under [columns]"
        raise BadInput(Fault(path.name, None, "category", found, "the column that holds their category"))
    return TicketMap(
        file=path.name,
        columns=columns,
        datum=parse_datum(options.get("datum"), path.name),
        timezone=_zone(path.name, options.get("timezone")),
        matters=_matters(path.name, _words(path.name, sections, "matters"), matters),
        time_format=options.get("time_format", ""),
        encoding=_encoding(path.name, options.get("encoding", "utf-8")),
        source=options.get("source", "import"),
    )


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(Fault(path.name, None, None, f"text that is no TOML ({error})", "a map in TOML")) from error


def _known(file: str, section: str, name: str, names: tuple[str, ...]) -> None:
    if name not in names:
        raise BadInput(Fault(file, None, section, shorten(name), f"one of {', '.join(names)}"))


def _words(file: str, sections: Mapping[str, Any], section: str) -> dict[str, str]:
    words = sections.get(section, {})
    if not isinstance(words, dict):
        raise BadInput(Fault(file, None, section, shorten(words), f"a section [{section}]"))
    for name, value in words.items():
        if not isinstance(value, str) or not value.strip():
            raise BadInput(Fault(file, None, f"{section}.{name}", shorten(value), "a word in quotes"))
    return dict(words)


def _zone(file: str, name: str | None) -> ZoneInfo:
    expected = "an IANA time zone such as Asia/Shanghai"
    if not name:
        raise BadInput(Fault(file, None, "options.timezone", "nothing", expected))
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise BadInput(Fault(file, None, "options.timezone", shorten(name), expected)) from error


def _encoding(file: str, name: str) -> str:
    try:
        "".encode(name)
    except LookupError as error:
        raise BadInput(Fault(file, None, "options.encoding", shorten(name), "utf-8 or gb18030")) from error
    return name


def _matters(file: str, theirs_to_ours: dict[str, str], matters: Container[str]) -> dict[str, str]:
    for theirs, ours in theirs_to_ours.items():
        if ours not in matters:
            expected = "a code of the place's catalogue of matters"
            raise BadInput(Fault(file, None, f"matters.{theirs}", shorten(ours), expected))
    return theirs_to_ours
