"""The places of the source documents: their figures stand in their tables, and what is faulty is refused by its row.

Read from the tables; nothing but the smallest part is built here.
"""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.rulebook.matters import read_matters
from dispatch.rulebook.powers import Mode
from gis.areas import Areas
from gis.crs import Datum, from_wgs84
from gis.schemas import BadInput
from scenarios.builder import HERE, LISTS, TYPES, build, is_built_in, refuse_empty_towns
from scenarios.city import City, read_city, write_source
from scenarios.outline import read_outline
from scenarios.placefile import read_place
from scenarios.planning import AT_A_DESK
from scenarios.published import PUBLISHED, read_published
from scenarios.roster import crews, rota, town_counts
from scenarios.scenario import part_of
from scenarios.townlists import read_town_lists, read_town_types
from simulation.plan import DeskKind, read_plan

FIVE = ("chongqing", "haishu", "huancui", "jiangbei", "jiangyin")
DISTRICTS = ("haishu", "huancui", "jiangbei", "jiangyin")


CHONGQING = read_city(HERE / "chongqing")


@pytest.fixture
def chongqing() -> City:
    return CHONGQING


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of Jiangbei to spoil."""
    return Path(shutil.copytree(HERE / "jiangbei", tmp_path / "source"))


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A copy of Chongqing's tables to spoil."""
    return Path(shutil.copytree(HERE / "chongqing", tmp_path / "city"))


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# ------------------------------------------------------------------------------------------------ what is published


@pytest.mark.parametrize("place", FIVE)
def test_every_figure_names_its_document_and_its_sums_hold(place: str):
    figures = read_published(HERE / place)
    assert figures
    assert all(figure.document and figure.quote for figure in figures.values())
    called = [(each.name_zh, each.name_en) for each in figures.values()]
    assert len(set(called)) == len(figures)


def test_the_sums_of_the_documents_are_among_them():
    """11,441 = 6,429 + 5,012; 5,131 = 2,817 + 2,314; 99 = 15 + 84."""
    haishu, chongqing = read_published(HERE / "haishu"), read_published(HERE / "chongqing")
    for figure, parts in (
        (haishu["cases_2022"], (6429, 5012)),
        (haishu["cases_2023_to_may"], (2817, 2314)),
    ):
        assert tuple(haishu[part].value for part in figure.parts) == parts
        assert figure.value == sum(parts)
    assert tuple(chongqing[part].value for part in chongqing["empowered"].parts) == (15, 84)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "scenes,5,,宁波市江北区：关于区政协五届五次会议第71号提案的答复",
            "scenes,5,,",
            r"row 6, column document: found",
        ),
        (",基层治理大场景,", ",,", r"row 6, column name_zh: found nothing"),
        ("scenes,5,", "classes,5,", r"row 6, column figure: found 'classes'"),
        ("scenes,5,", "scenes,many,", r"row 6, column value: found 'many'"),
        ("scenes,5,", "scenes,5,classes;situations", r"row 6, column value: found '5', expected 100"),
        ("scenes,5,", "scenes,5,tents", r"row 6, column parts: found 'tents'"),
    ],
)
def test_a_published_figure_without_its_document_or_with_a_wrong_sum_is_refused(
    source: Path, old: str, new: str, message: str
):
    spoil(source / PUBLISHED, old, new)
    with pytest.raises(BadInput, match=message):
        read_published(source)


# --------------------------------------------------------------------------------------------- districts as folders


@pytest.mark.parametrize(("place", "towns"), [("haishu", 17), ("huancui", 9), ("jiangbei", 8), ("jiangyin", 17)])
def test_towns_stand_under_their_own_codes_inside_the_outline_with_communities(place: str, towns: int):
    described = read_place(HERE / place / "place.toml")
    areas = Areas(pd.read_csv(HERE / place / "areas.csv", dtype=str, keep_default_na=False))
    assert len(areas.towns) == towns
    assert set(areas.towns) == {town.code for town in described.town}
    assert all(areas.children(town) and town.startswith(described.code) for town in areas.towns)
    assert read_outline(described, HERE / place).is_valid
    assert all(town.name_en for town in described.town)


def test_jiangyin_has_381_officers_in_17_towns_and_seven_forces_of_the_city():
    place, figures = read_place(HERE / "jiangyin" / "place.toml"), read_published(HERE / "jiangyin")
    assert place.roster is not None
    counts = town_counts(place.town, place.roster)
    assert (len(counts), sum(counts.values())) == (figures["towns"].value, figures["officers_in_towns"].value)
    assert len({brigade.field for brigade in place.roster.brigade}) == figures["city_fields"].value


def test_huancuis_towns_hold_46_certified_officers_on_average_and_zhangcun_20():
    place, figures = read_place(HERE / "huancui" / "place.toml"), read_published(HERE / "huancui")
    roster = place.roster
    assert roster is not None
    counts = town_counts(place.town, roster)
    assert sum(counts.values()) / len(counts) == figures["certified_a_town"].value
    assert counts["371002100"] == figures["zhangcun_posts"].value
    assert roster.in_towns / roster.officers >= figures["in_towns_percent_at_least"].value / 100
    assert len({roster.bureau, *(brigade.body for brigade in roster.brigade)}) == figures["district_forces"].value


def test_huancui_gave_97_powers_in_2024_and_took_65_of_them_back_in_2025():
    figures, matters = read_published(HERE / "huancui"), read_matters(HERE / "matters.csv")
    empowered = [one for one in read_town_lists(HERE / "huancui" / LISTS, matters) if one.mode is Mode.EMPOWERED]
    assert {one.valid_from.year for one in empowered} == {2024}
    assert len({one.matter for one in empowered}) == figures["given_2024"].value
    ended = {one.matter for one in empowered if one.valid_to is not None}
    assert {one.valid_to.year for one in empowered if one.valid_to} == {2025}
    assert len(ended) == figures["taken_back_2025"].value
    assert not ended & {one.matter for one in empowered if one.valid_to is None}
    assert len({one.town_type for one in empowered if one.town_type != "all"}) == figures["lists"].value
    assert set(read_town_types(HERE / "huancui" / TYPES).values()) == {
        one.town_type for one in empowered if one.town_type != "all"
    }


@pytest.mark.parametrize("place", DISTRICTS)
def test_what_no_document_states_of_the_law_is_marked_illustrative(place: str):
    """Nobody should take a made-up list for the district's own."""
    for name in ("powers.csv", LISTS):
        path = HERE / place / name
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as stream:
                assert {row["source"] for row in csv.DictReader(stream)} <= {"illustrative", "statute"}
    with (HERE / "office_powers.csv").open(encoding="utf-8", newline="") as stream:
        assert {row["source"] for row in csv.DictReader(stream)} == {"illustrative"}


@pytest.mark.parametrize("place", DISTRICTS)
def test_the_plan_of_a_place_holds_the_heads_of_its_roster(place: str):
    plan, roster = read_plan(HERE / place / "plan.toml"), read_place(HERE / place / "place.toml").roster
    assert roster is not None
    town_of = {desk.id: desk.town for desk in plan.desks}
    touring = {desk.id for desk in plan.desks if desk.kind is DeskKind.TOURING}
    heads = [post for post in plan.posts if "review" not in post.certificates]
    standing = [post for post in heads if post.desks[0] not in touring]
    assert sum(post.officers for post in heads) == roster.officers
    assert sum(post.officers for post in standing if len(town_of[post.desks[0]]) == 9) == roster.in_towns


@pytest.mark.parametrize("place", DISTRICTS)
def test_the_plan_of_a_place_has_the_shifts_that_its_roster_has(place: str):
    """A plan that keeps shifts from before they were mended plays Sunday evenings without a crew."""
    plan = read_plan(HERE / place / "plan.toml")
    known = {rota(at, teams) for teams in range(1, 60) for at in range(teams)} | {AT_A_DESK}
    assert {post.rota for post in plan.posts} <= known


def test_huancuis_forces_radiate_and_tour():
    """农业、应急等区级执法队伍，以辐射、巡回等方式参与: pools of several towns, and a town a day."""
    plan = read_plan(HERE / "huancui" / "plan.toml")
    pools = [desk for desk in plan.desks if desk.kind is DeskKind.POOL]
    assert {desk.body for desk in pools} == {"AGR"}
    assert all(1 < len(desk.serves) < 9 for desk in pools)
    touring = [post for post in plan.posts if len(post.desks) > 1]
    assert {len(post.desks) for post in touring} == {9}
    assert sum(post.officers for post in touring) == sum(crews(10))  # the rest of ten sit at a desk


# --------------------------------------------------------------------------------------------------- a city's tables


def test_chongqing_is_38_districts_1031_towns_and_8885_officers(chongqing: City):
    figures, districts = read_published(HERE / "chongqing"), chongqing.districts
    assert len(districts) == 38
    assert sum(len(one.towns) for one in districts.values()) == figures["towns"].value
    assert sum(one.officers for one in districts.values()) == figures["officers"].value
    shapingba = districts["500106"]
    assert shapingba.bureau + shapingba.pools == figures["sent_by_shapingba"].value
    assert all(town.officers >= 2 for one in districts.values() for town in one.towns)


def test_chongqings_lists_are_27_15_84_and_34_delegated():
    figures, matters = read_published(HERE / "chongqing"), read_matters(HERE / "matters.csv")
    kinds = Counter(code[0] for code in matters)
    assert kinds["F"] == figures["statutory"].value
    assert (kinds["T"], kinds["Z"]) == (figures["universal"].value, figures["optional"].value)
    assert kinds["W"] == figures["delegated_traffic"].value


@given(st.sampled_from(sorted(CHONGQING.districts)))
@settings(max_examples=4)
def test_any_district_is_described_with_every_town_inside_its_outline(code: str):
    part, district = CHONGQING.part(code), CHONGQING.districts[code]
    assert [town.code for town in part.town] == [town.code for town in district.towns]
    assert shapely.contains_xy(
        district.outline, [town.lon for town in part.town], [town.lat for town in part.town]
    ).all()
    assert part.roster is not None
    assert sum(town_counts(part.town, part.roster).values()) == district.in_towns
    assert part.roster.in_bureau == district.bureau
    pooled = [town for pool in part.roster.brigade for town in pool.towns]
    assert sorted(pooled) == sorted(town.code for town in district.towns)
    assert sum(town.people_k for town in part.town) == pytest.approx(district.people_k)


def test_a_districts_files_name_its_communities(chongqing: City, tmp_path: Path):
    write_source(chongqing, "500103", tmp_path)
    areas = Areas(pd.read_csv(tmp_path / "areas.csv", dtype=str, keep_default_na=False))
    towns = chongqing.districts["500103"].towns
    assert len(areas.communities) == sum(town.committees + town.villages for town in towns)
    assert read_outline(chongqing.part("500103"), tmp_path).equals(chongqing.districts["500103"].outline)
    assert set(read_town_types(tmp_path / TYPES)) == {town.code for town in towns}


def test_a_district_is_named_by_its_name_in_either_language_or_its_code():
    names = {part_of("chongqing", asked) for asked in ("沙坪坝区", "shapingba", "500106")}
    assert names == {"chongqing_500106"}
    assert part_of("chongqing", None) == "chongqing_500103"
    assert part_of("haishu", None) == "haishu"
    assert is_built_in("chongqing_500106")
    assert not is_built_in("chongqing_500199")
    with pytest.raises(BadInput, match=r"--district: found '浦东'.*万州区"):
        part_of("chongqing", "浦东")
    with pytest.raises(BadInput, match="haishu is no city"):
        part_of("haishu", "沙坪坝区")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("towns.csv", "main_street,edge,9,", "main_street,edge,0,", r"towns\.csv, row 2, column officers: found '0'"),
        ("towns.csv", "main_street,edge,9,", "main_street,edge,8,", r"8884 officers.*8885"),
        ("towns.csv", "500101017", "500101001", r"row 3, column code.*stands once"),
        ("districts.csv", "500103,渝中区", "500199,渝中区", r"row 4, column code: found '500199'"),
        ("place.toml", "opens", "opened", r"place\.toml, row 8, column opened.*unknown key"),
    ],
)
def test_a_faulty_table_of_a_city_is_refused_with_its_row(city: Path, file: str, old: str, new: str, message: str):
    spoil(city / file, old, new)
    with pytest.raises(BadInput, match=message):
        read_city(city)


# ------------------------------------------------------------------------------------------------- what is refused


def test_a_town_without_an_officer_is_refused_with_its_row(tmp_path: Path):
    """It would only ever be late."""
    nine = Path(shutil.copytree(HERE / "nine_cells", tmp_path / "nine"))
    text = (nine / "officers.csv").read_text(encoding="utf-8")
    (nine / "officers.csv").write_text(text.replace(",990100002,", ",990100001,"), encoding="utf-8")
    with pytest.raises(BadInput, match=r"areas\.csv, row \d+, column code: found '?990100002 .*without any officer"):
        build(nine, tmp_path / "out")
    areas = pd.read_csv(HERE / "nine_cells" / "areas.csv", dtype=str, keep_default_na=False)
    refuse_empty_towns(areas, HERE / "nine_cells" / "officers.csv")


@pytest.mark.parametrize("place", DISTRICTS)
@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_an_outline_in_another_datum_is_refused_and_the_datum_named(place: str, datum: Datum, tmp_path: Path):
    """500 m too far east, the river bank is another district's; no map shows it."""
    described = read_place(HERE / place / "place.toml")
    moved = shapely.transform(
        read_outline(described, HERE / place), lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], datum))
    )
    shutil.copyfile(HERE / place / "place.toml", tmp_path / "place.toml")
    (tmp_path / "outline.geojson").write_text(shapely.to_geojson(moved), encoding="utf-8")
    with pytest.raises(BadInput, match=rf"(?s)place\.toml, row \d+, column lon: found.*Read as {datum.value}"):
        read_outline(described, tmp_path)


def test_an_outline_with_lat_before_lon_is_refused(source: Path):
    place = read_place(source / "place.toml")
    turned = shapely.transform(read_outline(place, source), lambda xy: xy[:, ::-1] / [1.0, 2.0])
    (source / "outline.geojson").write_text(shapely.to_geojson(turned), encoding="utf-8")
    with pytest.raises(BadInput, match="order of lon and lat"):
        read_outline(place, source)


def test_fewer_officers_than_towns_and_brigades_have_are_refused(source: Path):
    spoil(source / "place.toml", "officers = 300", "officers = 280")
    with pytest.raises(BadInput, match=r"at least the 288 officers of towns and brigades together"):
        read_place(source / "place.toml")
