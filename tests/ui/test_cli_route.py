"""`gridbeat route vrptw`: Solomon's form in, CVRPLIB's out, held against known optima."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dispatch.routing.solomon import read_solomon
from gis.schemas import BadInput
from ui.cli import main

PUBLISHED = Path(__file__).resolve().parents[3] / "shared" / "benchmarks" / "vrptw"
SMALL = """small

VEHICLE
NUMBER     CAPACITY
  3         10

CUSTOMER
CUST NO.  XCOORD.  YCOORD.  DEMAND  READY TIME  DUE DATE  SERVICE TIME

    0      0     0     0      0     100     0
    1      3     4     5      0      50    10
    2      6     8     5      0      60    10
    3      0   -10     5     20      90    10
    4      1    -1     1      0      90     1.5
"""


def route(folder: Path, text: str, *more: str) -> Result:
    (folder / "i.txt").write_text(text, encoding="utf-8")
    line = ["route", "vrptw", str(folder / "i.txt"), "--out", str(folder / "o.sol")]
    return CliRunner().invoke(main, [*line, *(more or ("--seconds", "0.2"))])


def read_routes(file: Path) -> tuple[list[list[int]], float]:
    *lines, last = file.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        assert line.startswith(f"Route #{number}: ")
    word, cost = last.split()
    assert word == "Cost"
    return [[int(stop) for stop in line.split(": ")[1].split()] for line in lines], float(cost)


def counted(file: Path, routes: list[list[int]]) -> float:
    """The cost by the rules of the file, worked out anew: every customer once, in time, within the capacity."""
    rows = [
        [float(word) for word in line.split()] for line in file.read_text().splitlines() if line.strip()[:1].isdigit()
    ]
    (_, capacity), *places = rows
    assert sorted(stop for stops in routes for stop in stops) == list(range(1, len(places)))
    total = 0
    for stops in routes:
        assert sum(places[stop][3] for stop in stops) <= capacity
        here, now = 0, round(10 * places[0][4])
        for there in [*stops, 0]:
            (x, y), (u, v) = places[here][1:3], places[there][1:3]
            way = int((100 * ((x - u) ** 2 + (y - v) ** 2)) ** 0.5)
            total += way
            begins = max(now + way, round(10 * places[there][4]))
            assert begins <= round(10 * places[there][5])
            here, now = there, begins + round(10 * places[there][6])
    return total / 10


def test_a_small_instance_is_solved_written_and_said(tmp_path):
    answer = route(tmp_path, SMALL)
    assert answer.exit_code == 0, answer.output
    routes, cost = read_routes(tmp_path / "o.sol")
    assert counted(tmp_path / "i.txt", routes) == cost == 40.4  # 1 then 2 and back; 4 then 3 and back, by hand
    told = json.loads(answer.stdout.splitlines()[-1])
    assert (told["cost"], told["routes"]) == (40.4, 2)
    assert told["seconds"] > 0


def test_spaces_tabs_and_blank_lines_may_stand_as_they_like(tmp_path):
    """Instances on the web come in every spacing."""
    loose = "\ufeff" + "\r\n\r\n".join("\t " + "  \t".join(line.split()) for line in SMALL.splitlines())
    route(tmp_path, SMALL)
    wanted = read_solomon(tmp_path / "i.txt").problem()
    (tmp_path / "loose.txt").write_text(loose, encoding="utf-8", newline="")
    found = read_solomon(tmp_path / "loose.txt").problem()
    assert (found.stops, found.crews) == (wanted.stops, wanted.crews)
    assert (found.distance == wanted.distance).all()


def test_the_same_seed_and_rounds_give_the_same_bytes(tmp_path):
    more = ("--seconds", "600", "--rounds", "200", "--seed", "7")
    route(tmp_path, SMALL, *more)
    first = (tmp_path / "o.sol").read_bytes()
    route(tmp_path, SMALL, *more)
    assert (tmp_path / "o.sol").read_bytes() == first


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    4      1    -1     1      0      90     1.5\n", "", None),
        (SMALL[SMALL.index("    1      3") :], "", "found no customers"),
        (SMALL[SMALL.index("CUSTOMER") :], "", "found no line CUSTOMER"),
        (SMALL, "", "found no line VEHICLE"),
        ("NUMBER     CAPACITY\n", "", "row 4: found '3 10', expected a line that begins with NUMBER"),
        ("  3         10", "  3", "row 5: found 1 values, expected 2"),
        ("  3         10", "  0         10", "row 5, column number of vehicles: found '0'"),
        ("    2      6     8     5 ", "    2      6     eight     5 ", "row 12, column y: found 'eight'"),
        ("    2      6     8     5 ", "    2      6     nan     5 ", "row 12, column y: found 'nan'"),
        (
            "    2      6     8     5 ",
            "    2      6     8     11 ",
            "row 12, column demand: found 11, expected at most",
        ),
        ("    2      6     8     5 ", "    2      6     8     -1 ", "row 12, column demand: found '-1'"),
        ("    2      6     8     5 ", "    2      6     8     0.5 ", "row 12, column demand: found '0.5'"),
        ("     20      90    10", "     20      19    10", "row 13, column due date: found 19, expected at least the"),
        ("     20      90    10", "     20      90    1.25", "row 13, column service time: found '1.25'"),
        ("     20      90    10", "     20      90", "row 13: found 6 values, expected 7"),
        ("    3      0   -10", "    5      0   -10", "row 13, column number: found 5, expected 3"),
        ("      0      60    10", "      0      9    10", "row 12, column due date: found 9, expected at least 10"),
        ("     20      90    10", "     85      90    10", "row 13, column ready time: found 85"),
        ("  3         10", "  1         10", "row 5, column number of vehicles: found 1 vehicles"),
    ],
)
def test_bad_input_is_named_by_line_and_column(tmp_path, old, new, told):
    """Exit status 2, one message, and no file that somebody could take for an answer."""
    answer = route(tmp_path, SMALL.replace(old, new))
    if told is None:
        assert answer.exit_code == 0, answer.output
        return
    assert answer.exit_code == 2
    assert told in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert not (tmp_path / "o.sol").exists()


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "i.txt").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(BadInput, match="bytes that are no text"):
        read_solomon(tmp_path / "i.txt")


@pytest.mark.parametrize("name", ["C101", "R101"])
def test_a_published_instance_is_solved_to_its_known_optimum(tmp_path, name):
    """Seconds are CPU seconds of one core; the command stays at them."""
    if not PUBLISHED.is_dir():
        pytest.skip("published instances not present: ../shared/benchmarks/vrptw")
    with open(PUBLISHED / "best_known.csv", encoding="utf-8", newline="") as file:
        best = {row["instance"]: float(row["bks_cost"]) for row in csv.DictReader(file)}[name]
    instance, out = PUBLISHED / f"{name}.txt", tmp_path / "o.sol"
    began = time.process_time()
    answer = CliRunner().invoke(main, ["route", "vrptw", str(instance), "--seconds", "2", "--out", str(out)])
    took = time.process_time() - began
    assert answer.exit_code == 0, answer.output
    routes, cost = read_routes(out)
    assert counted(instance, routes) == cost
    assert best <= cost <= 1.02 * best
    assert took <= 3


def test_every_published_instance_can_be_read():
    if not PUBLISHED.is_dir():
        pytest.skip("published instances not present: ../shared/benchmarks/vrptw")
    files = sorted(PUBLISHED.glob("*.txt"))
    assert len(files) == 12
    sizes = {len(read_solomon(file).customers) - 1 for file in files}
    assert sizes == {100, 200, 1000}
