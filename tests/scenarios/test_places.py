"""Building and opening places: what is faulty is refused by name, and nothing half-built stays."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.rulebook.matters import Kind, read_matters
from gis.schemas import BadInput
from gis.streets import Profile, read_streets
from scenarios.builder import HERE, build, build_on
from scenarios.ownsheets import OwnFiles
from scenarios.people import read_officers, read_roster
from scenarios.placefile import read_place
from scenarios.roster import apportion, crews, rota
from scenarios.scenario import built_in, home, load
from simulation.shifts import SHIFTS, shift_at
from simulation.streams import stream
from tests.real import real_file
from tests.towns import NOON, nine_cells

SHANGHAI = ZoneInfo("Asia/Shanghai")


def content(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of the nine cells to spoil."""
    return Path(shutil.copytree(HERE / "nine_cells", tmp_path / "source"))


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_same_place_twice_is_the_same_bytes(tmp_path: Path):
    build(HERE / "nine_cells", tmp_path / "a")
    build(HERE / "nine_cells", tmp_path / "b")
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_the_nine_cells_are_nine_in_two_towns_with_four_teams():
    place = nine_cells()
    assert len(place.cells) == 9
    assert Counter(place.cells["town"]) == {"990100001": 6, "990100002": 3}
    assert [team.id for team in place.teams(NOON)] == ["T1", "T2", "T3", "T4"]
    assert [team.id for team in place.teams(NOON) if team.on_duty(NOON)] == ["T1", "T2"]
    assert (place.streets.in_connected_part(Profile.CAR) == place.streets.open_to(Profile.CAR)).all()


def test_six_places_come_with_gridbeat():
    assert built_in() == ("chongqing", "haishu", "huancui", "jiangbei", "jiangyin", "nine_cells")


def test_a_place_is_built_on_first_use_and_read_after_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GRIDBEAT_HOME", str(tmp_path))
    first = load("nine_cells")
    stamp = (first.folder / "place.json").stat().st_mtime_ns
    again = load("nine_cells")
    assert home() == tmp_path
    assert again.folder == first.folder
    assert (again.folder / "place.json").stat().st_mtime_ns == stamp
    assert load(first.folder).cells.equals(first.cells)


def test_a_place_that_is_none_is_refused_with_the_names_there_are(tmp_path: Path):
    with pytest.raises(BadInput, match=r"'atlantis'.*haishu, huancui, jiangbei, jiangyin, nine_cells"):
        load("atlantis")
    with pytest.raises(BadInput, match="the folder of a place"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('code = "990100"', 'code = "990100"\ncolour = "red"', r"place\.toml, row 5, column colour.*unknown key"),
        ('code = "990100"\n', "", r"column code: found no such key"),
        ('code = "990100"', 'code = "99"', r"row 4, column code: found '99'"),
        ("per_year = 8760", "per_year = inf", r"row \d+, column volume\.per_year: found 'inf'"),
        ("per_year = 8760", "per_year = -1", r"row \d+, column volume\.per_year: found '-1'"),
        ("per_year = 8760", "per_year = ", r"expected TOML"),
        ('ground = "drawn"', 'ground = "flat"', r"column ground: found 'flat'"),
    ],
)
def test_a_faulty_place_file_is_refused_with_line_and_key(source: Path, old: str, new: str, message: str):
    """A misspelt key that is ignored costs somebody an afternoon."""
    spoil(source / "place.toml", old, new)
    with pytest.raises(BadInput, match=message):
        read_place(source / "place.toml")


def test_a_build_that_fails_leaves_nothing_behind(source: Path, tmp_path: Path):
    (source / "streets.geojson").write_text("{", encoding="utf-8")
    with pytest.raises(BadInput, match=r"streets\.geojson"):
        build(source, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_a_folder_with_something_else_in_it_is_not_overwritten(tmp_path: Path):
    (tmp_path / "thesis.docx").write_bytes(b"x")
    with pytest.raises(BadInput, match="no place"):
        build(HERE / "nine_cells", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_place_can_be_built_again_over_itself(tmp_path: Path):
    build(HERE / "nine_cells", tmp_path / "out")
    build(HERE / "nine_cells", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_damaged_folder_is_refused(tmp_path: Path):
    build(HERE / "nine_cells", tmp_path / "out")
    (tmp_path / "out" / "cells.parquet").write_bytes(b"")
    with pytest.raises(BadInput, match="Build the place again"):
        load(tmp_path / "out")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("officers.csv", "O1,甲一,officer,990100001", "O1,甲一,officer,", r"officers\.csv, row 2, column town"),
        ("officers.csv", "O2,甲二", "O1,甲二", r"row 3, column id.*stands once"),
        ("officers.csv", "housing:2034-12-31\nO4", "housing:soon\nO4", r"row 5, column certificates"),
        ("teams.csv", "O3;O4", "O3;O9", r"teams\.csv, row 3, column officers"),
        ("teams.csv", "O3;O4", "O1;O4", r"row 3, column officers.*in no other team"),
        ("teams.csv", "DDDDDDD", "-------", r"row 2, column rota"),
        ("teams.csv", "car", "tank", r"row 2, column profile.*'tank'"),
    ],
)
def test_a_faulty_roster_is_refused_with_its_row(source: Path, file: str, old: str, new: str, message: str):
    spoil(source / file, old, new)
    with pytest.raises(BadInput, match=message):
        read_roster(source / "teams.csv", read_officers(source / "officers.csv"), ["ZF", "MKT", "990100001"])


def test_the_catalogue_has_three_matters_in_every_category_and_three_sentences_for_each():
    known = read_matters(HERE / "matters.csv")
    matters = {code: each for code, each in known.items() if each.kind is Kind.SITUATION}
    per_category = Counter(matter.category for matter in matters.values())
    assert set(per_category) == {f"C{k:02d}" for k in range(17)}
    assert min(per_category.values()) >= 3
    with (HERE / "texts.csv").open(encoding="utf-8") as stream_:
        texts = list(csv.DictReader(stream_))
    assert min(Counter(text["matter"] for text in texts).values()) >= 3
    assert {text["matter"] for text in texts} == set(matters)
    assert {text["source"] for text in texts} == {"synthetic"}


def test_every_certificate_named_in_a_matter_is_a_known_field():
    place = nine_cells()
    needed = {matter.field for matter in place.rulebook.matters.values() if matter.enforceable}
    assert needed <= set(place.fields)


def test_what_is_committed_stays_under_two_megabytes():
    data = [path for path in HERE.rglob("*") if path.suffix in {".csv", ".toml", ".geojson"}]
    assert sum(path.stat().st_size for path in data) < 2_000_000


def test_a_night_shift_lasts_into_the_next_morning():
    three = datetime(2026, 4, 15, 3, 0, tzinfo=SHANGHAI)
    begin, end = shift_at("N", three, SHANGHAI)
    assert begin.astimezone(SHANGHAI) == datetime(2026, 4, 14, 22, 0, tzinfo=SHANGHAI)
    assert end.astimezone(SHANGHAI) == datetime(2026, 4, 15, 8, 0, tzinfo=SHANGHAI)


@given(st.text("MDEN-", min_size=1, max_size=30).filter(lambda rota: set(rota) != {"-"}), st.integers(0, 10**6))
@settings(max_examples=60)
def test_the_next_shift_is_never_over_and_no_earlier_one_is_left_out(rota: str, minutes: int):
    now = datetime(2025, 6, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    begin, end = shift_at(rota, now, SHANGHAI)
    assert begin < end
    assert now < end
    if begin > now:  # off duty: a moment before that shift begins, the answer is the same
        assert shift_at(rota, begin - timedelta(seconds=1), SHANGHAI)[0] in {begin, shift_at(rota, now, SHANGHAI)[0]}


@given(st.integers(1, 40))
def test_over_the_weeks_every_team_takes_every_turn(teams: int):
    """Nobody should be the only one who works nights."""
    counts = [Counter(rota(at, teams)) for at in range(teams)]
    assert all(count == counts[0] for count in counts)
    assert set(counts[0]) <= {*SHIFTS, "-"}


@pytest.mark.parametrize("teams", range(4, 25))
def test_no_evening_is_without_a_crew_and_no_hour_where_there_is_a_night(teams: int):
    """In every district of Chongqing nobody was on duty on Sundays from 17:30 to 22:00."""
    rotas = [rota(at, teams) for at in range(teams)]
    for half_hour in range(2 * 24 * 7):  # in each week every turn is taken
        now = datetime(2024, 1, 1, 0, 15, tzinfo=SHANGHAI) + timedelta(minutes=30 * half_hour)
        if teams >= 8 or 9 <= now.hour < 22:
            assert any(begin <= now < end for begin, end in (shift_at(one, now, SHANGHAI) for one in rotas)), now


@given(st.integers(0, 700), st.lists(st.floats(0.1, 100), min_size=1, max_size=20))
def test_shares_sum_to_what_was_to_be_shared(total: int, weights: list[float]):
    assert sum(apportion(total, weights)) == total


@given(st.integers(0, 200))
def test_a_crew_is_a_pair_or_three(count: int):
    sizes = crews(count)
    assert set(sizes) <= {2, 3}
    assert sum(sizes) <= count


def test_somebodys_own_streets_become_a_place_that_can_be_opened(tmp_path: Path):
    """Central Boston: nothing but streets is given; everything else is made up, and says so."""
    streets = real_file("boston_central.osm.gz")
    for name in ("a", "b"):
        build_on("boston", read_streets(streets), OwnFiles(), 1, tmp_path / name)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    place = load(tmp_path / "a")
    assert place.code == "990100"
    assert place.timezone == "Etc/GMT+5"
    assert 500 < len(place.cells) < 2_000
    assert set(place.cells["town"]) == set(place.areas.towns)
    assert len(place.opening(NOON, stream(1, "x"))) == place.open_at_start
    assert any("synthetic" in english for _, english in place.synthetic)


def test_the_name_of_a_place_is_a_plain_word(tmp_path: Path):
    with pytest.raises(BadInput, match=r"'\.\./etc'"):
        build_on("../etc", nine_cells().streets, OwnFiles(), 1, tmp_path / "out")


def test_an_outline_without_a_street_in_it_is_refused(tmp_path: Path):
    """Swapped lon and lat is the usual reason."""
    outline = tmp_path / "outline.geojson"
    ring = [[42.35, -71.06], [42.36, -71.06], [42.36, -71.05], [42.35, -71.06]]
    outline.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}), encoding="utf-8")
    with pytest.raises(BadInput, match=r"outline\.geojson.*without any street"):
        build_on("boston", read_streets(real_file("boston_central.osm.gz")), OwnFiles(outline), 1, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["outline.geojson"]
