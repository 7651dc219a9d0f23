"""Half a year of a real city, from its own export to a team for every ticket: Boston, January to June 2015.

The data are the city's (PDDL) and OpenStreetMap's (ODbL); they lie beside the checkout and are not part of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from dispatch.records.incident import Status
from dispatch.store.casebook import Casebook, open_casebook
from tests.real import real_file
from ui.cli import main

TICKETS = 9_260
PRICE = 3_600
MAP = """
[columns]
id = "CASE_ENQUIRY_ID"
text = "TYPE"
lon = "LONGITUDE"
lat = "LATITUDE"
reported_at = "OPEN_DT"
due_at = "TARGET_DT"
closed_at = "CLOSED_DT"
category = "TYPE"
address = "neighborhood"
[options]
datum = "wgs84"
timezone = "America/New_York"
"""


@dataclass(frozen=True)
class Boston:
    """The folder in which the journey happens, and the city's own rows."""

    folder: Path
    rows: pd.DataFrame

    @property
    def db(self) -> str:
        return f"sqlite:///{self.folder / 'boston.db'}"


def gridbeat(folder: Path, *words: object) -> dict[str, Any]:
    """Run the command as a user would; the answer of its last line."""
    with chdir(folder):
        ended = CliRunner().invoke(main, [*map(str, words)])
    assert ended.exit_code == 0, ended.stderr
    assert all(said.startswith("Outside the place, ") for said in ended.stderr.splitlines()), ended.stderr
    answer: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return answer


@pytest.fixture(scope="module")
def boston(tmp_path_factory: pytest.TempPathFactory) -> Boston:
    """Boston's place, cut from its streets, and an empty casebook."""
    streets, file = real_file("boston_central.osm.gz"), real_file("boston311_2015_h1_central.csv.gz")
    folder = tmp_path_factory.mktemp("boston")
    (folder / "map.toml").write_text(MAP, encoding="utf-8")
    built = gridbeat(folder, "place", "build", "--name", "boston", "--streets", streets, "--out", "boston")
    assert built["cells"] > 500
    return Boston(folder, pd.read_csv(file, dtype=str, keep_default_na=False))


@pytest.fixture(scope="module")
def first(boston: Boston) -> dict[str, Any]:
    """What the first import said."""
    return import_again(boston)


@pytest.fixture
def casebook(boston: Boston, first: dict[str, Any]) -> Iterator[Casebook]:
    with open_casebook(boston.db, create=False) as opened:
        yield opened


def import_again(boston: Boston) -> dict[str, Any]:
    file = real_file("boston311_2015_h1_central.csv.gz")
    options = ["--place", "boston", "--db", boston.db, "--map", "map.toml", "--errors", "errors.xlsx"]
    return gridbeat(boston.folder, "import", "tickets", file, *options)


def test_every_ticket_comes_in_and_lies_in_the_cell_that_holds_it(boston, first, casebook):
    """9,260 rows are 9,260 incidents: none rejected, none doubled, those beyond the outline kept without a cell."""
    assert (first["rows"], first["imported"], first["duplicates"], first["rejected"]) == (TICKETS, TICKETS, 0, 0)
    cells = gpd.read_parquet(boston.folder / "boston" / "cells.parquet").set_index("code").geometry
    incidents = casebook.incidents()
    assert sum(1 for incident in incidents if incident.cell) == first["located"] > 0.97 * TICKETS
    for incident in incidents[::10]:
        here = shapely.Point(incident.lon, incident.lat)
        assert cells[incident.cell].intersects(here) if incident.cell else not cells.intersects(here).any()


def test_the_same_file_again_brings_nothing_new(boston, first):
    """Somebody always imports it twice."""
    again = import_again(boston)
    assert (again["rows"], again["imported"], again["duplicates"], again["located"]) == (TICKETS, 0, TICKETS, 0)


def test_the_casebook_holds_what_the_city_wrote(boston, casebook):
    """Ids, words, places and the city's own promise and closing time, its local clock turned into UTC."""
    incidents = {incident.id: incident for incident in casebook.incidents()}
    assert set(incidents) == set(boston.rows["CASE_ENQUIRY_ID"])
    for row in boston.rows.itertuples():
        incident = incidents[row.CASE_ENQUIRY_ID]
        assert (incident.text, incident.lon, incident.lat) == (row.TYPE, float(row.LONGITUDE), float(row.LATITUDE))
        assert (incident.status is Status.CLOSED) == bool(row.CLOSED_DT)
    winter, summer = incidents["101001240735"], incidents[boston.rows["CASE_ENQUIRY_ID"].iloc[-1]]
    assert winter.reported_at == datetime(2015, 1, 1, 5, 25, 23, tzinfo=UTC)
    assert winter.due_at == datetime(2015, 1, 16, 13, 30, tzinfo=UTC)
    local = datetime.fromisoformat(boston.rows["OPEN_DT"].iloc[-1])
    assert (summer.reported_at.replace(tzinfo=None) - local).total_seconds() == 4 * 3600


def test_the_ledger_knows_every_ticket_and_is_whole(boston, first):
    told = gridbeat(boston.folder, "audit", "verify", "--db", boston.db)
    assert told["ok"]
    assert told["entries"] >= TICKETS


def write_incidents(boston: Boston) -> pd.DataFrame:
    """All tickets as open at once, the department that must go standing for the certificate."""
    table = boston.rows[["CASE_ENQUIRY_ID", "LONGITUDE", "LATITUDE", "Department"]]
    table = table.set_axis(["id", "lon", "lat", "certificate"], axis=1)
    table.to_csv(boston.folder / "incidents.csv", index=False)
    return table


def write_teams(boston: Boston, incidents: pd.DataFrame) -> pd.DataFrame:
    """120 teams at places where tickets were, each for one department or two; nobody for the rarest, HS_D."""
    rng = np.random.default_rng(2015)
    spots = incidents.iloc[rng.choice(len(incidents), 120, replace=False)]
    departments = ["PWDx"] * 45 + ["ISD;INFO"] * 30 + ["BTDT;PROP"] * 25 + ["PARK;BWSC"] * 15 + ["ANML;GEN_"] * 5
    teams = pd.DataFrame(
        {"id": [f"T{n:03d}" for n in range(120)], "lon": spots["lon"].to_numpy(), "lat": spots["lat"].to_numpy()}
    ).assign(certificates=departments, capacity=90)
    teams.to_csv(boston.folder / "teams.csv", index=False)
    return teams


@pytest.fixture(scope="module")
def dispatched(boston: Boston) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Incidents, teams, the plan's table and what the command said."""
    incidents = write_incidents(boston)
    teams = write_teams(boston, incidents)
    options = ["--metric", "streets", "--streets", real_file("boston_central.osm.gz"), "--unserved-cost", PRICE]
    said = gridbeat(
        boston.folder, "assign", "--incidents", "incidents.csv", "--teams", "teams.csv", *options, "--out", "plan.csv"
    )
    plan = pd.read_csv(boston.folder / "plan.csv", dtype=str, keep_default_na=False)
    return incidents, teams, plan, said


def test_every_ticket_is_accounted_for_once(dispatched):
    """Each has its line: a lawful team with a place left, or the reason why none goes."""
    incidents, teams, plan, said = dispatched
    assert plan["incident_id"].tolist() == incidents["id"].tolist()
    served, left = plan[plan["team_id"] != ""], plan[plan["team_id"] == ""]
    assert (len(served), len(left)) == (said["served"], said["unserved"])
    assert said["served"] + said["unserved"] == TICKETS
    assert (served["reason"] == "").all()
    assert set(left["reason"]) <= {"no_certificate", "no_capacity", "unreachable", "outside"}
    assert served["team_id"].value_counts().max() <= 90
    holds = teams.set_index("id")["certificates"]
    needed = incidents.set_index("id")["certificate"]
    for row in served.itertuples():
        assert needed[row.incident_id] in holds[row.team_id].split(";")


def test_the_reasons_are_true(dispatched):
    """PWDx has 4,511 tickets and 45 x 90 places; nobody has a certificate for HS_D."""
    incidents, _, plan, _ = dispatched
    department = incidents.set_index("id")["certificate"]
    why = plan.assign(department=plan["incident_id"].map(department)).groupby("department")["reason"].value_counts()
    assert why["HS_D"].to_dict() == {"no_certificate": 1}
    assert why["PWDx"]["no_capacity"] == 4511 - 45 * 90 - why["PWDx"].get("outside", 0)
    assert "no_capacity" not in why["ISD"]


def test_the_plan_is_proved_and_adds_up(boston, dispatched):
    """The sum is that of its lines, and their seconds are those that `gridbeat travel` finds for the same pairs."""
    incidents, _, plan, said = dispatched
    served = plan[plan["team_id"] != ""]
    assert said["proved_optimal"]
    assert said["objective"] == served["cost"].astype(int).sum() + PRICE * said["unserved"]
    some = served.iloc[::40]
    incidents[incidents["id"].isin(some["incident_id"])].to_csv(boston.folder / "some.csv", index=False)
    options = ["--streets", real_file("boston_central.osm.gz"), "--from", "teams.csv", "--to", "some.csv"]
    gridbeat(boston.folder, "travel", *options, "--out", "seconds.csv")
    seconds = pd.read_csv(boston.folder / "seconds.csv", dtype={"to_id": str}).set_index(["from_id", "to_id"])["cost"]
    for row in some.itertuples():
        assert int(row.cost) == round(seconds[row.team_id, row.incident_id])
