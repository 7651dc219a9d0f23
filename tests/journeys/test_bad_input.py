"""Bad input at the command line: status 2, one message that names the place, nothing written, nothing changed."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
from click.testing import CliRunner, Result
from shapely.geometry import Polygon, box

from ui.cli import main

POINTS = "id,lon,lat\na,121.5005,29.8005\nb,121.5015,29.8005\n"
INCIDENTS = "id,lon,lat,certificate\ni1,121.5005,29.8005,city\n"
TEAMS = "id,lon,lat,certificates,capacity\nt1,121.5015,29.8005,city;fire,2\n"
STREETS = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
 <node id="1" lat="29.8000" lon="121.5000"/>
 <node id="2" lat="29.8000" lon="121.5020"/>
 <node id="3" lat="29.8020" lon="121.5020"/>
 <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
</osm>
"""
TICKETS = "No,Words,X,Y,Opened\n1,a stall,121.5415,29.8615,2026-03-01 10:00:00\n"
POINT = "121.5415,29.8615"
MAP = """[columns]
id = "No"
text = "Words"
lon = "X"
lat = "Y"
reported_at = "Opened"
[options]
datum = "wgs84"
timezone = "Asia/Shanghai"
"""

LOCATE = "locate --cells cells.geojson --points points.csv --out out.csv"
TRAVEL = "travel --streets streets.osm --from points.csv --to points.csv --out out.csv"
ASSIGN = "assign --incidents incidents.csv --teams teams.csv --metric line --out out.csv"
BY_STREET = "assign --incidents incidents.csv --teams teams.csv --metric streets --streets streets.osm --out out.csv"
IMPORT = "import tickets tickets.csv --place nine_cells --db sqlite:///desk.db --map map.toml --errors errors.xlsx"
BUILD = "place build --name town --streets streets.osm --out town"

ONE_CELL = gpd.GeoDataFrame({"code": ["330203001001001"]}, geometry=[box(121.5, 29.8, 121.501, 29.801)], crs=4326)
WITHOUT_CRS = ONE_CELL.set_crs(None, allow_override=True)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the smallest town is built, once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def town(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one good file of each kind; every test spoils one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRIDBEAT_HOME", str(home))
    texts = {
        "points.csv": POINTS, "incidents.csv": INCIDENTS, "teams.csv": TEAMS, "streets.osm": STREETS,
        "tickets.csv": TICKETS, "map.toml": MAP,
    }  # fmt: skip
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    ONE_CELL.to_file("cells.geojson", driver="GeoJSON")
    return tmp_path


def run(line: str) -> Result:
    return CliRunner().invoke(main, line.split())


def text(content: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(content, encoding="utf-8")


def raw(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def shapes(frame: gpd.GeoDataFrame) -> Callable[[Path], object]:
    return lambda path: frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_file(path)


def gone(path: Path) -> None:
    path.unlink()


def self_crossing() -> gpd.GeoDataFrame:
    bow = Polygon([(121.5, 29.8), (121.501, 29.801), (121.501, 29.8), (121.5, 29.801)])
    return gpd.GeoDataFrame({"code": ["330203001001001"]}, geometry=[bow], crs=4326)


def cell_line(name: str) -> str:
    return LOCATE.replace("cells.geojson", name)


def street_line(name: str) -> str:
    return TRAVEL.replace("streets.osm", name)


CASES = [
    # tables: columns, numbers, whole files
    (LOCATE, "points.csv", text("id,lat\na,29.8\n"), ["points.csv", "row 1", "lon"]),
    (LOCATE, "points.csv", text("id,lon,lat\na,29.8,121.5\n"), ["points.csv", "row 2", "lat", "121.5", "swapped"]),
    (LOCATE, "points.csv", text("id,lon,lat\na,121.5,29.8\nb,121.5,200\n"), ["points.csv", "row 3", "lat", "200"]),
    (LOCATE, "points.csv", text("id,lon,lat\na,NaN,29.8\n"), ["points.csv", "row 2", "lon", "NaN"]),
    (LOCATE, "points.csv", text("id,lon,lat\na,,29.8\n"), ["points.csv", "row 2", "lon", "nothing"]),
    (LOCATE, "points.csv", text("id,lon,lat\na,121,29\na,122,29\n"), ["points.csv", "row 3", "id", "a"]),
    (LOCATE, "points.csv", text(""), ["points.csv", "0 bytes"]),
    (LOCATE, "points.csv", raw("id,lon,lat\n占道经营,1,2\n".encode("gb18030")), ["points.csv", "UTF-8"]),
    (LOCATE, "points.csv", gone, ["points.csv", "no such file"]),
    (LOCATE + " --datum mars", "points.csv", text(POINTS), ["mars", "gcj02"]),
    (LOCATE.replace("out.csv", "nowhere/out.csv"), "points.csv", text(POINTS), ["nowhere"]),
    # cells
    (LOCATE, "cells.geojson", text(""), ["cells.geojson", "0 bytes"]),
    (LOCATE, "cells.geojson", text('{"type": "FeatureCollection", "fea'), ["cells.geojson"]),
    (LOCATE, "cells.geojson", shapes(ONE_CELL.rename(columns={"code": "name"})), ["cells.geojson", "code"]),
    (LOCATE, "cells.geojson", shapes(self_crossing()), ["cells.geojson", "row 2", "Self-intersection"]),
    (cell_line("c.parquet"), "c.parquet", shapes(WITHOUT_CRS), ["c.parquet", "reference"]),
    # streets
    (TRAVEL, "streets.osm", text(""), ["streets.osm", "0 bytes"]),
    (TRAVEL, "streets.osm", text(STREETS[:-20]), ["streets.osm"]),
    (street_line("s.osm.gz"), "s.osm.gz", raw(gzip.compress(STREETS.encode())[:-40]), ["s.osm.gz"]),
    (street_line("s.osm.pbf"), "s.osm.pbf", raw(b"\x00\x00\x00\x0d\x0a\x09OSMHeader"), ["s.osm.pbf"]),
    (TRAVEL, "streets.osm", text('<osm version="0.6"></osm>'), ["streets.osm"]),
    (street_line("s.shp"), "s.shp", text("x"), ["s.shp", ".osm"]),
    (TRAVEL, "streets.osm", gone, ["streets.osm"]),
    (BUILD, "streets.osm", text(STREETS[:-20]), ["streets.osm"]),
    (BUILD + " --outline o.geojson", "o.geojson", text("{}"), ["o.geojson"]),
    # incidents and teams
    (ASSIGN, "incidents.csv", text(INCIDENTS.replace("tificate", "t")), ["incidents.csv", "row 1", "certificate"]),
    (ASSIGN, "incidents.csv", text(INCIDENTS.replace("29.8005", "200")), ["incidents.csv", "row 2", "lat"]),
    (ASSIGN, "incidents.csv", text(""), ["incidents.csv", "0 bytes"]),
    (ASSIGN, "teams.csv", text(TEAMS.replace(",capacity", ",room")), ["teams.csv", "row 1", "capacity"]),
    (ASSIGN, "teams.csv", text(TEAMS.replace("fire,2", "fire,-1")), ["teams.csv", "row 2", "capacity", "-1"]),
    (ASSIGN, "teams.csv", text(TEAMS.replace("fire,2", "fire,two")), ["teams.csv", "row 2", "capacity", "two"]),
    (ASSIGN.replace("line", "streets"), "teams.csv", text(TEAMS), ["--streets"]),
    (BY_STREET, "streets.osm", text(""), ["streets.osm", "0 bytes"]),
    # tickets
    (IMPORT, "tickets.csv", text(""), ["tickets.csv", "0 bytes"]),
    (IMPORT, "tickets.csv", text("No,Words\n1,a\n"), ["tickets.csv", "row 1", "column X"]),
    (IMPORT, "tickets.csv", text(TICKETS.replace("29.8615", "200")), ["tickets.csv", "row 2", "column Y", "200"]),
    (IMPORT, "tickets.csv", text(TICKETS.replace("29.8615", "nan")), ["tickets.csv", "row 2", "column Y", "nan"]),
    (IMPORT, "tickets.csv", text(TICKETS.replace(POINT, "29.8615,121.5415")), ["tickets.csv", "Y", "121.5415"]),
    (IMPORT, "map.toml", text(MAP.replace("wgs84", "mars")), ["map.toml", "mars", "gcj02"]),
    (IMPORT, "map.toml", text(MAP.replace('datum = "wgs84"', "")), ["map.toml", "datum"]),
    (IMPORT, "map.toml", text(MAP.replace("Asia/Shanghai", "Mars/Olympus")), ["map.toml", "timezone", "Mars/Olympus"]),
    (IMPORT, "map.toml", text(MAP.replace('lat = "Y"\n', "")), ["map.toml", "columns.lat"]),
    (IMPORT.replace("tickets.csv", "t.csv.gz"), "t.csv.gz", raw(gzip.compress(TICKETS.encode())[:-9]), ["t.csv.gz"]),
    (IMPORT.replace("tickets.csv", "t.xlsx"), "t.xlsx", raw(b"PK\x03\x04"), ["t.xlsx"]),
    (IMPORT.replace("tickets.csv", "t.pdf"), "t.pdf", raw(b"%PDF"), ["t.pdf", ".csv"]),
    (IMPORT.replace("nine_cells", "atlantis"), "tickets.csv", text(TICKETS), ["atlantis"]),
    (IMPORT.replace("sqlite:///", "carrier-pigeon:"), "tickets.csv", text(TICKETS), ["carrier-pigeon"]),
    (IMPORT.replace("errors.xlsx", "errors.doc"), "tickets.csv", text(TICKETS), ["errors.doc", ".xlsx"]),
    # databases
    ("audit verify --db sqlite:///none.db", "points.csv", text(POINTS), ["none.db"]),
    ("audit verify --db sqlite:///points.csv", "points.csv", text(POINTS), ["points.csv"]),
    ("audit verify --db nonsense", "points.csv", text(POINTS), ["nonsense"]),
    ("serve --db sqlite:///none.db --port 18501", "points.csv", text(POINTS), ["none.db"]),
]  # fmt: skip


def contents(folder: Path) -> dict[str, bytes]:
    """Every file and folder, the folders as empty bytes: one left behind is something written, too."""
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else b"" for p in folder.rglob("*")}


@pytest.mark.parametrize(
    ("line", "spoilt", "spoil", "named"), CASES, ids=[f"{case[0].split()[0]}-{'-'.join(case[3])}" for case in CASES]
)
def test_bad_input_ends_with_one_message_and_nothing_written(town, line, spoilt, spoil, named):
    """Whoever comes back to the machine finds either a whole answer or none, and knows what to mend."""
    spoil(town / spoilt)
    before = contents(town)
    answer = run(line)
    assert answer.exit_code == 2, answer.output
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""
    message = answer.stderr.strip().splitlines()
    assert len(message) == 1 or message[0].startswith("Usage:"), answer.stderr
    for part in named:
        assert part in answer.stderr
    after = contents(town)
    if " row 2," in answer.stderr:
        after.pop("errors.xlsx", None)  # the sheet that names the rows is whole, and is what they are mended by
    assert after == before


@pytest.mark.parametrize("line", [LOCATE, TRAVEL, ASSIGN, BY_STREET])
def test_the_unspoilt_files_pass(town, line):
    """Otherwise every test above could be right for the wrong reason."""
    answer = run(line)
    assert answer.exit_code == 0, answer.output
    assert (town / "out.csv").is_file()


def test_a_failed_run_leaves_yesterdays_answer_in_place(town):
    """A nightly job that fails must not take the last good file with it."""
    assert run(LOCATE).exit_code == 0
    good = (town / "out.csv").read_bytes()
    (town / "points.csv").write_text("id,lon,lat\na,121.5,200\n", encoding="utf-8")
    assert run(LOCATE).exit_code == 2
    assert (town / "out.csv").read_bytes() == good


def test_a_bad_file_leaves_the_casebook_as_it_was(town):
    """Nothing lost, nothing half-imported: the ledger's head is the same after the refusal."""
    assert run(IMPORT).exit_code == 0
    head = run("audit verify --db sqlite:///desk.db").stdout
    (town / "tickets.csv").write_text(TICKETS.replace("29.8615", "200"), encoding="utf-8")
    assert run(IMPORT).exit_code == 2
    assert run("audit verify --db sqlite:///desk.db").stdout == head


def test_harmful_and_long_texts_are_taken_in_as_words(town):
    """`<script>` and `=cmd|` are what a citizen wrote; they come in unchanged and do nothing."""
    words = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "x" * 10_000]
    lines = "".join(f'{n},"{word}",121.5415,29.8615,2026-03-01 10:00:00\n' for n, word in enumerate(words))
    (town / "tickets.csv").write_text("No,Words,X,Y,Opened\n" + lines, encoding="utf-8")
    answer = run(IMPORT)
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout.splitlines()[-1])["imported"] == 3


def test_a_read_only_place_is_refused_by_name(town):
    """The commonest fault of all on a shared machine: the folder belongs to somebody else."""
    (town / "out.csv").mkdir()
    answer = run(LOCATE)
    assert answer.exit_code == 2
    assert "out.csv" in answer.stderr
    shutil.rmtree(town / "out.csv")


@pytest.mark.parametrize(
    ("line", "out"),
    [
        (LOCATE, "points.csv"),
        (LOCATE, "cells.geojson"),
        (TRAVEL, "points.csv"),
        (ASSIGN, "teams.csv"),
        (IMPORT, "tickets.csv"),
        (IMPORT, "desk.db"),
    ],
)
def test_an_output_never_replaces_an_input(town, line, out):
    """One slip of the keyboard would otherwise cost somebody their only copy."""
    if not (town / out).exists():
        (town / out).write_bytes(b"")
    kept = (town / out).read_bytes()
    words = line.split()
    flag = "--errors" if "--errors" in words else "--out"
    words[words.index(flag) + 1] = out
    answer = run(" ".join(words))
    assert answer.exit_code == 2, answer.output
    assert (town / out).read_bytes() == kept
