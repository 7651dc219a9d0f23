"""Other systems at the doors: real clients against a real server, from a report to the webhook and the map."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from civicbot.http import HttpError
from civicbot.open311 import Open311Client, ValidationError
from civicbot.registry import Endpoint
from georeport import GeoReport

from dispatch.desk.door import Door
from dispatch.desk.hooks import Hooks
from dispatch.desk.incidents import Desk
from dispatch.desk.keys import Keys
from dispatch.store.casebook import Casebook, open_casebook
from gis.locate import CellLocator
from scenarios.scenario import Scenario
from tests.receivers import receiver
from tests.servers import APP, servers
from tests.towns import NOON, nine_cells

VENDOR = "C08-01"
LAT, LONG = 29.8613, 121.5415
READ = """
import json, sys
import pyogrio
frame = pyogrio.read_dataframe(f"OAPIF:{sys.argv[1]}/ogc/", layer=sys.argv[2])
print(json.dumps({"rows": len(frame), "columns": sorted(frame.columns), "crs": str(frame.crs),
                  "bounds": [] if frame.empty else frame.total_bounds.tolist()}))
"""


@dataclass(frozen=True)
class Served:
    """A server on the nine cells, its casebook opened beside it as an administrator's tool would."""

    address: str
    book: Casebook
    place: Scenario
    secret: str

    @property
    def v2(self) -> str:
        return f"{self.address}/open311/v2"

    def civicbot(self) -> Open311Client:
        return Open311Client(Endpoint("ours", "Nine cells", self.v2, write=True))

    def file(self, **words: object) -> str:
        """A request filed by civicbot; its id."""
        given: dict[str, object] = {
            "lat": LAT,
            "lng": LONG,
            "description": "烧烤摊占道",
            "attributes": {"STILL": "yes"},
            "api_key": self.secret,
            **words,
        }
        sent = self.civicbot().create_request(VENDOR, dry_run=False, confirm="SEND", validate_remote=True, **given)
        (answer,) = sent.response
        return str(answer["service_request_id"])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    db = f"sqlite:///{home / 'doors.db'}"
    with servers(tmp_path_factory.mktemp) as running, open_casebook(db) as book:
        _, secret = Keys(Door(book)).make("test", "12345")
        env = {"GRIDBEAT_HOME": str(home), "GRIDBEAT_DB": db, "GRIDBEAT_PLACE": "nine_cells"}
        yield Served(running.start(APP, env), book, nine_cells(), secret)


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def seen_by_gis(address: str, layer: str) -> dict[str, object]:
    """What GDAL reads in a process of its own, as QGIS would."""
    command = [sys.executable, "-c", READ, address, layer]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("form", ["json", "xml"])
def test_georeport_reads_services_and_what_they_ask(served: Served, form: str):
    client = GeoReport(served.v2, output_format=form)
    listed = client.get_service_list()
    assert VENDOR in {each["service_code"] for each in listed}
    asked = client.get_service_definition(VENDOR)
    attributes = asked["attributes"]["attribute"] if form == "xml" else asked["attributes"]
    assert [each["code"] for each in attributes] == ["STILL", "PLACE"]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_what_civicbot_files_georeport_reads(served: Served, form: str):
    """One is a dict in georeport's XML and a list in its JSON, as the standard's shape makes it; many are many."""
    ids = [served.file(description=f"第{n}个摊位") for n in range(3)]
    client = GeoReport(served.v2, output_format=form)
    one = client.get_service_requests(service_request_id=ids[0])
    assert (one if form == "xml" else one[0])["service_request_id"] == ids[0]
    many = client.get_service_requests(service_request_id=",".join(ids))
    assert {each["service_request_id"] for each in many} == set(ids)
    single = client.get_service_request(ids[1])
    assert (single["status"], single["service_code"]) == ("open", VENDOR)
    assert "第1个摊位" in single["description"]
    since = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    open_ones = client.get_service_requests(status="open", service_code=VENDOR, start_date=since)
    assert set(ids) <= {each["service_request_id"] for each in open_ones}


def test_civicbot_is_held_to_what_the_services_ask(served: Served):
    """It reads the definition first and does not even send what lacks an answer; nor is a wrong key taken."""
    before = len(served.book.incidents())
    with pytest.raises(ValidationError, match="STILL"):
        served.file(attributes={})
    with pytest.raises(HttpError) as refused:
        served.file(api_key="guess")
    assert refused.value.status == 403
    with pytest.raises(HttpError, match=r"不在本辖区内|outside this district") as refused:
        served.file(lat=31.2)
    assert refused.value.status == 400
    assert len(served.book.incidents()) == before
    assert [entry.actor for entry in served.book.latest_entries(2)] == ["key:K001", "key:?"]


def test_from_a_report_to_the_team_the_webhook_and_the_map(served: Served):
    """The whole way: filed outside, sent here, told outside, seen on another system's map."""
    filed = served.file(description="从外面来的")
    place = served.place
    desk = Desk(served.book, place.rulebook, CellLocator(place.cells), place.cells, lambda: NOON)
    with receiver() as where:
        hooks = Hooks(desk)
        hooks.change("admin", hooks.make("admin", where.url, ["assignment"]).id, 1, active=True)
        desk.set_roster("test", place.teams(NOON))
        desk.assign("li", filed, "T1", 1)
        until(lambda: bool(where.told))
        headers, body = where.told[0]
    told = json.loads(body)
    assert (headers["x-gridbeat-event"], told["incident"]["id"], told["team"]) == ("assignment", filed, "T1")
    assert told["link"].startswith("http://127.0.0.1:")
    one = served.civicbot().get_request(filed)
    assert one is not None
    assert (one["status"], one["status_notes"]) == ("open", "已派单")
    assert seen_by_gis(served.address, "routes")["rows"] == 1


def test_a_map_program_in_another_process_reads_cells_and_incidents(served: Served):
    served.file()
    cells = seen_by_gis(served.address, "grid_cells")
    assert cells["rows"] == 9
    assert {"code", "community", "town", "area_m2", "geometry"} <= set(cells["columns"])  # type: ignore[call-overload]
    assert cells["bounds"] == pytest.approx(list(served.place.cells.total_bounds))
    assert "4326" in str(cells["crs"]) or "CRS84" in str(cells["crs"])
    incidents = seen_by_gis(served.address, "incidents")
    assert incidents["rows"] == len(served.book.open_incidents())
    assert "text" not in incidents["columns"]  # type: ignore[operator]


def test_every_report_that_was_answered_is_in_the_casebook(served: Served):
    """Eight systems at once: what was acknowledged is there, and the chain of the ledger is whole."""
    fields = {"api_key": served.secret, "service_code": VENDOR, "lat": LAT, "long": LONG, "attribute[STILL]": "no"}

    def post(n: int) -> str:
        answer = httpx.post(f"{served.v2}/requests.json", data={**fields, "description": f"并发{n}"}, timeout=60)
        return str(answer.raise_for_status().json()[0]["service_request_id"])

    with ThreadPoolExecutor(8) as pool:
        answered = list(pool.map(post, range(80)))
    assert len(set(answered)) == 80
    kept = {each.id for each in served.book.incidents()}
    assert set(answered) <= kept
    assert served.book.verify().whole
