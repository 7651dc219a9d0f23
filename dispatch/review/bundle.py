"""Everything that leaves the office with a plan, in one zip."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from dispatch.records.inspection import CrewDay
from dispatch.review.agenda import agenda
from dispatch.review.avoided import avoided
from dispatch.review.certificate import certificate
from dispatch.review.forms import approval, notices, records
from dispatch.review.papers import Papers
from dispatch.review.plain import file_name, plain
from dispatch.review.sealing import SealedZip
from dispatch.review.tracks import geojson, gpx
from dispatch.review.wording import Words, words
from dispatch.review.workbook import workbook
from gis.mapfiles import replacing

SUMS = "SHA256SUMS"


def write_bundle(papers: Papers, path: Path, language: str = "zh") -> int:
    """Write the papers as a zip; it appears whole or not at all, and the same papers give the same bytes.

    Per crew and day approval, notices of what is not over, records and a GPX route; iCalendar per crew and per
    inspector; a certificate for every premises that is spared a visit; a workbook, a GeoJSON map, a text that explains,
    SHA-256 sums of them all.

    Parameters
    ----------
    language
        ``zh`` or ``en``: of the documents and of their names.

    Returns
    -------
    int
        How many files are in it.

    Raises
    ------
    BadInput
        When the folder of ``path`` does not exist.
    """
    return write_files(files(papers, words(language)), path)


def write_files(content: Iterable[tuple[str, bytes]], path: Path) -> int:
    """Write these files and their SHA-256 sums as a zip, whole or not at all; returns how many are in it.

    Raises
    ------
    BadInput
        When the folder of ``path`` does not exist.
    """
    sums = []
    with replacing(path) as target, target.open("wb") as stream, SealedZip(stream) as zip:
        for name, each in content:
            zip.add(name, each)
            sums.append(f"{hashlib.sha256(each).hexdigest()}  {name}\n")
        zip.add(SUMS, "".join(sums).encode())
    return len(sums) + 1


def files(papers: Papers, words: Words) -> Iterator[tuple[str, bytes]]:
    """Every file by its path in the zip, made one after the other; no path stands twice, however alike the ids."""
    once = _Once()
    yield once(words("file.readme"), "txt"), _readme(papers, words)
    yield once(words("file.workbook"), "xlsx"), workbook(papers, words)
    yield once(words("file.map"), "geojson"), geojson(papers, words)
    for crew in papers.crews():
        folder = once(f"{words('file.crews')}/{crew.day.isoformat()}_{file_name(crew.id)}")
        yield f"{folder}/{words('file.approval')}.docx", approval(papers, crew, words)
        if papers.ahead(crew):
            yield f"{folder}/{words('file.notices')}.docx", notices(papers, crew, words)
        yield f"{folder}/{words('file.records')}.docx", records(papers, crew, words)
        yield f"{folder}/{words('file.route')}.gpx", gpx(papers, crew, words)
    yield from _agendas(papers, words, once)
    for each in avoided(papers):
        if each.avoided:
            name = once(f"{words('file.avoided')}/{file_name(each.premises.id)}", "docx")
            yield name, certificate(papers, each, words)


class _Once:
    """Paths that differ also where a file system does not tell capitals from small letters."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def __call__(self, path: str, ending: str = "") -> str:
        dotted = f".{ending}" if ending else ""
        candidate, number = path + dotted, 1
        while candidate.casefold() in self._taken:
            number += 1
            candidate = f"{path}_{number}{dotted}"
        self._taken.add(candidate.casefold())
        return candidate


def _agendas(papers: Papers, words: Words, once: _Once) -> Iterator[tuple[str, bytes]]:
    by_crew, by_officer = defaultdict[str, list[CrewDay]](list), defaultdict[str, list[CrewDay]](list)
    for crew in papers.crews():
        by_crew[crew.id].append(crew)
        for officer in crew.officers:
            by_officer[officer].append(crew)
    crews, people = words("file.crews"), words("file.officers")
    for id, days in sorted(by_crew.items()):
        path = once(f"{words('file.agendas')}/{crews}/{file_name(id)}", "ics")
        yield path, agenda(papers, days, words("agenda.crew", crew=id), words)
    for id, days in sorted(by_officer.items()):
        path = once(f"{words('file.agendas')}/{people}/{file_name(id)}", "ics")
        yield path, agenda(papers, days, words("agenda.officer", officer=papers.named(id)), words)


def _readme(papers: Papers, words: Words) -> bytes:
    spared = avoided(papers)
    text = words(
        "readme.text",
        made=papers.made_at.astimezone(papers.zone).isoformat(" ", "minutes"),
        visits=sum(each.visits for each in spared),
        checks=sum(each.checks for each in spared),
        avoided=sum(each.avoided for each in spared),
        merged=sum(each.merged for each in spared),
        desk=sum(len(each.desk) for each in spared),
        crew_days=len(papers.crews()),
        undone=len(papers.calendar.undone),
        crews=words("file.crews"),
        agendas=words("file.agendas"),
        avoided_folder=words("file.avoided"),
    )
    label = words("page.synthetic", what=papers.made_up) + "\n" if papers.made_up else ""
    return plain(label + text.strip() + "\n").encode()
