"""The default place keeps to its published facts, and what is made up fits them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely

from dispatch.records.team import Role
from gis.streets import Profile
from scenarios.builder import HERE
from scenarios.placefile import read_place
from scenarios.scenario import Scenario
from simulation.streams import stream
from tests.towns import NOON

THROUGH = {"trunk", "primary", "secondary"}


def test_seventeen_towns_and_280_communities_stand_under_their_own_codes(haishu: Scenario):
    """They are the district's real names and codes, the one part of the map that is not made up."""
    assert (len(haishu.areas.towns), len(haishu.areas.communities)) == (17, 280)
    assert haishu.areas.name("330203004") == "月湖街道"
    assert set(haishu.towns["code"]) == set(haishu.areas.towns)


def test_every_community_has_cells_and_there_are_about_20_000(haishu: Scenario):
    assert set(haishu.cells["community"]) == set(haishu.areas.communities)
    assert 19_000 <= len(haishu.cells) <= 21_000
    assert haishu.cells["code"].is_unique
    assert (haishu.cells["code"].str.len() == 15).all()


def test_cells_are_a_hectare_in_the_old_town_and_far_larger_in_the_hills(haishu: Scenario):
    """A cell is what one person can know; nobody needs a hectare of forest."""
    median = haishu.cells.groupby("town")["area_m2"].median()
    assert 8_000 < median["330203004"] < 12_000
    assert median["330203106"] > 80_000


def test_cells_and_water_cover_the_district_once(haishu: Scenario):
    """A point in two cells would be counted twice, a point in none would never be answered."""
    shapes = haishu.cells.geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    outline = read_outline()
    covered = shapely.area(shapes).sum() + shapely.area(haishu.water.geometry.to_numpy()).sum()
    assert covered == pytest.approx(outline.area, rel=2e-4)


def read_outline() -> shapely.Geometry:
    return shapely.from_geojson((HERE / "haishu" / "outline.geojson").read_text(encoding="utf-8"))


def test_town_areas_are_about_the_ones_written_down(haishu: Scenario):
    got = haishu.cells.groupby("town")["area_m2"].sum() / 1e6
    for town in read_place(HERE / "haishu" / "place.toml").town:
        assert got[town.code] == pytest.approx(town.area_km2, rel=0.15)


def test_cars_get_from_every_street_to_every_other(haishu: Scenario):
    """A street nobody can leave would make a team unreachable for ever."""
    assert 20_000 <= len(haishu.streets.tail) <= 50_000
    assert (haishu.streets.in_connected_part(Profile.CAR) == haishu.streets.open_to(Profile.CAR)).all()
    assert haishu.streets.lines()["oneway"].mean() > 0.02


def test_only_through_roads_cross_water(haishu: Scenario):
    lines = haishu.streets.lines()
    small = lines[~lines["road"].isin(THROUGH)].geometry.to_numpy()
    wet = shapely.intersection(small, shapely.union_all(haishu.water.geometry.to_numpy()))
    assert shapely.length(wet).max() < 2e-5  # 2 m: joining streets moves their ends by centimetres


def test_630_officers_of_whom_543_stand_in_towns(haishu: Scenario):
    """86.2 % of 630, answer of the bureau of 29 June 2023."""
    officers = [person for person in haishu.officers if person.role is Role.OFFICER]
    towns = [person for person in officers if person.town in haishu.areas.towns]
    assert (len(officers), len(towns), round(len(towns) / len(officers), 3)) == (630, 543, 0.862)
    assert {person.town for person in officers} == {*haishu.areas.towns, haishu.code}


def test_the_five_empowered_towns_hold_290_certified_officers(haishu: Scenario):
    empowered = {power.town for power in haishu.rulebook.powers if power.mode == "empowered"}
    assert len(empowered) == 5
    assert sum(person.town in empowered and bool(person.certificates) for person in haishu.officers) == 290


def test_one_bureau_and_eight_brigades_serve_the_whole_district(haishu: Scenario):
    assert len({line.body for line in haishu.roster if line.town == haishu.code}) == 1 + 8


def test_everybody_is_in_one_team_at_most_and_stands_where_the_team_stands(haishu: Scenario):
    seen = [person.id for line in haishu.roster for person in line.officers]
    assert len(seen) == len(set(seen))
    assert all(person.town == line.town for line in haishu.roster for person in line.officers)
    assert all(line.town in {*haishu.areas.towns, haishu.code} for line in haishu.roster)
    assert all(sum(p.role is Role.OFFICER for p in line.officers) >= 2 for line in haishu.roster)


def test_an_auxiliary_holds_no_certificate(haishu: Scenario):
    """Document 54 of 2024: they find and dissuade; they never inspect or punish."""
    auxiliaries = [person for person in haishu.officers if person.role is Role.AUXILIARY]
    assert auxiliaries
    assert not any(person.certificates for person in auxiliaries)


def test_some_teams_miss_a_pair_by_one_certificate(haishu: Scenario):
    """Otherwise the dispatcher never sees why a team near by may not go."""
    day = date(2026, 4, 15)
    pairs = [line.team(NOON, haishu.zone).pair_for(name, day) for line in haishu.roster for name in haishu.fields]
    assert sum(len(pair.officers) == 1 for pair in pairs) > 50
    assert sum(pair.lawful for pair in pairs) > 500


def test_somebody_is_on_duty_at_any_hour(haishu: Scenario):
    """In the town or, at night in a small one, in the bureau's brigade."""
    for hours in range(0, 24 * 21, 2):
        now = NOON + timedelta(hours=hours)
        on_duty = {team.town for team in haishu.teams(now) if team.on_duty(now)}
        assert haishu.code in on_duty
    noon = {team.town for team in haishu.teams(NOON) if team.on_duty(NOON)}
    assert noon == {*haishu.areas.towns, haishu.code}


def test_a_simulated_year_has_the_published_volume_and_mix(haishu: Scenario):
    """11,441 cases in 2022, 6,429 of them by the simple procedure."""
    start = datetime(2022, 1, 1, tzinfo=UTC)
    year = haishu.demand.sample(start, start + timedelta(days=365), stream(1, "year"))
    matters = haishu.rulebook.matters
    simple = np.mean([matters[code].procedure == "simple" for code in year["matter"]])
    assert len(year) == pytest.approx(11_441, rel=0.03)
    assert simple == pytest.approx(6_429 / 11_441, abs=0.01)
    assert haishu.demand.simple_share == pytest.approx(6_429 / 11_441)


def test_every_incident_lies_in_its_cell_and_never_in_water(haishu: Scenario):
    reports = haishu.demand.sample(NOON, NOON + timedelta(days=120), stream(2, "points"))
    x, y = reports["lon"].to_numpy(), reports["lat"].to_numpy()
    assert shapely.contains_xy(haishu.cells.geometry.to_numpy()[reports["cell"]], x, y).all()
    assert not shapely.contains_xy(shapely.union_all(haishu.water.geometry.to_numpy()), x, y).any()


def test_an_incident_has_the_town_of_its_cell(haishu: Scenario):
    reports = haishu.demand.sample(NOON, NOON + timedelta(days=3), stream(3, "towns"))
    for incident in haishu.incidents(reports, "t-"):
        assert incident.cell.startswith(incident.town)
        assert incident.due_at - incident.reported_at == haishu.rulebook.matters[incident.matter].respond_within


def test_the_opening_is_a_plausible_backlog(haishu: Scenario):
    """A desk that starts empty, or all red, shows a newcomer nothing."""
    opening = haishu.opening(NOON, stream(1, "opening"))
    assert 60 <= len(opening) <= 120
    assert all(incident.reported_at <= NOON for incident in opening)
    assert 0.02 < np.mean([incident.due_at < NOON for incident in opening]) < 0.3
    assert len({incident.id for incident in opening}) == len(opening)
    assert opening == haishu.opening(NOON, stream(1, "opening"))


def test_most_of_the_opening_can_lawfully_be_answered_and_some_of_it_cannot_by_our_teams(haishu: Scenario):
    """Fire, traffic police and police keep their own matters; the screen has to say so."""
    bodies = {line.body for line in haishu.roster}
    day = date(2026, 4, 15)
    weights = dict(zip(haishu.demand.matters, haishu.demand.matter_share, strict=True))
    ours = sum(
        share
        for code, share in weights.items()
        if bodies & {actor.body for actor in haishu.rulebook.resolve(code, "330203001", day).actors}
    )
    assert 0.85 < ours < 0.99


def test_the_place_says_what_is_made_up(haishu: Scenario):
    assert any("合成" in zh and "synthetic" in en for zh, en in haishu.synthetic)
