"""Solomon's instances of vehicle routing with time windows, and answers in the form of CVRPLIB.

Distances and times are whole tenths: ``floor(10 * euclid)``, as the DIMACS challenge of 2022 counts them, so that costs
can be held against its best known ones.

References
----------
Solomon, "Algorithms for the vehicle routing and scheduling problems with time window constraints", *Operations
Research* 35 (1987).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dispatch.routing.plan import Plan
from dispatch.routing.problem import Crew, RoutingProblem, Stop
from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault, shorten

TENTHS = 10
COLUMNS = ("number", "x", "y", "demand", "ready time", "due date", "service time")
VEHICLES = ("number of vehicles", "capacity")
DEPOT = 0
LARGEST = 1_000_000
MOST_VEHICLES = 100_000


@dataclass(frozen=True, slots=True)
class Customer:
    """One row of the file, times in tenths; the first is the depot. ``line`` counts from 1."""

    line: int
    x: float
    y: float
    demand: int
    ready: int
    due: int
    service: int


@dataclass(frozen=True, slots=True)
class Instance:
    """A file as it was read."""

    file: str
    vehicles: int
    vehicles_line: int
    capacity: int
    customers: tuple[Customer, ...]

    def problem(self) -> RoutingProblem:
        """The question it asks: every customer visited, at the least total distance."""
        depot, *others = self.customers
        x, y = (np.array([getattr(c, axis) for c in self.customers]) for axis in ("x", "y"))
        # The square root is the nearest double, so for whole coordinates the floor is exact.
        square = (x[:, None] - x[None, :]) ** 2 + (y[:, None] - y[None, :]) ** 2
        tenths = np.floor(np.sqrt(TENTHS**2 * square)).astype(np.int64)
        stops = [
            Stop(str(number), number, one.service, ((one.ready, one.due),), one.demand)
            for number, one in enumerate(others, start=1)
        ]
        shift = (depot.ready, depot.due)
        crews = [Crew(str(k + 1), DEPOT, DEPOT, shift, capacity=self.capacity) for k in range(self.vehicles)]
        return RoutingProblem(tuple(stops), tuple(crews), tenths, tenths)


def read_solomon(path: str | Path) -> Instance:
    """The instance of a file in Solomon's form; spaces, tabs and blank lines may stand as they like.

    Raises
    ------
    BadInput
        Names line and column: headings or customers are missing, something is no number, a customer is due before it
        is ready, its demand is over the capacity, or no vehicle can be there in time and back.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(
            Fault(path.name, None, None, "bytes that are no text", "an instance in Solomon's form")
        ) from error
    lines = [(row, line.split()) for row, line in enumerate(text.splitlines(), start=1) if line.strip()]
    reader = _Reader(path.name, lines)
    reader.heading("VEHICLE")
    reader.heading("NUMBER")
    vehicles_line, (vehicles, capacity) = reader.numbers(VEHICLES)
    fleet = reader.whole(vehicles_line, VEHICLES[0], vehicles, 1, MOST_VEHICLES)
    room = reader.whole(vehicles_line, VEHICLES[1], capacity, 0, LARGEST)
    reader.heading("CUSTOMER")
    reader.heading("CUST")
    customers = tuple(reader.customers())
    instance = Instance(path.name, fleet, vehicles_line, room, customers)
    _refuse_what_cannot_be(instance)
    return instance


def write_cvrplib(plan: Plan, path: str | Path) -> None:
    """Write the routes (``Route #1: 4 7 2``) and the cost with one decimal; the file appears whole or not at all."""
    lines = [f"Route #{number}: {' '.join(route.stops)}" for number, route in enumerate(plan.routes, start=1)]
    with replacing(path) as target:
        target.write_text("\n".join([*lines, f"Cost {cost_of(plan)}"]) + "\n", encoding="utf-8", newline="\n")


def cost_of(plan: Plan) -> float:
    """The total distance, no longer in tenths."""
    return plan.cost / TENTHS


class _Reader:
    """Goes through the lines of a file in order."""

    def __init__(self, file: str, lines: list[tuple[int, list[str]]]) -> None:
        self.file, self.lines, self.at = file, lines, 0

    def heading(self, word: str) -> None:
        """Go past the next line that begins with ``word``; before ``VEHICLE`` the name of the instance may stand."""
        while self.at < len(self.lines):
            row, words = self.lines[self.at]
            self.at += 1
            if words[0].upper().startswith(word):
                return
            if word != "VEHICLE":
                raise self.bad(row, None, shorten(" ".join(words)), f"a line that begins with {word}")
        raise self.bad(None, None, f"no line {word}", "an instance in Solomon's form: VEHICLE, then CUSTOMER")

    def numbers(self, columns: tuple[str, ...]) -> tuple[int, list[str]]:
        """The words of the next line, one a column."""
        if self.at == len(self.lines):
            raise self.bad(None, None, "the end of the file", f"a line with {', '.join(columns)}")
        row, words = self.lines[self.at]
        self.at += 1
        if len(words) != len(columns):
            raise self.bad(row, None, f"{len(words)} values", f"{len(columns)}: {', '.join(columns)}")
        return row, words

    def customers(self) -> list[Customer]:
        """The rest of the file: the depot is number 0, then customers 1, 2, 3 ..."""
        found: list[Customer] = []
        while self.at < len(self.lines):
            row, words = self.numbers(COLUMNS)
            number = self.whole(row, COLUMNS[0], words[0], 0, LARGEST)
            if number != len(found):
                raise self.bad(row, COLUMNS[0], str(number), f"{len(found)}, numbers without a gap from 0")
            x, y = (self.number(row, name, word) for name, word in zip(COLUMNS[1:3], words[1:3], strict=True))
            demand = self.whole(row, COLUMNS[3], words[3], 0, LARGEST)
            ready, due, service = (
                self.tenths(row, name, word) for name, word in zip(COLUMNS[4:], words[4:], strict=True)
            )
            found.append(Customer(row, x, y, demand, ready, due, service))
        if len(found) < 2:
            found_text = "no customers" if found else "no depot and no customers"
            raise self.bad(None, None, found_text, "a depot with number 0 and at least one customer")
        return found

    def number(self, row: int, column: str, word: str) -> float:
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        if not abs(value) <= LARGEST:
            raise self.bad(row, column, shorten(word), f"a number of at most {LARGEST}")
        return value

    def whole(self, row: int, column: str, word: str, least: int, most: int) -> int:
        value = self.number(row, column, word)
        if value != int(value) or not least <= value <= most:
            raise self.bad(row, column, shorten(word), f"a whole number from {least} to {most}")
        return int(value)

    def tenths(self, row: int, column: str, word: str) -> int:
        value = TENTHS * self.number(row, column, word)
        if value < 0 or abs(value - round(value)) > 1e-6:
            raise self.bad(row, column, shorten(word), "a time of at least 0 with at most one decimal")
        return round(value)

    def bad(self, row: int | None, column: str | None, found: str, expected: str) -> BadInput:
        return BadInput(Fault(self.file, row, column, found, expected))


def _refuse_what_cannot_be(instance: Instance) -> None:
    depot = instance.customers[DEPOT]
    faults = []
    for number, one in enumerate(instance.customers):
        far = math.floor(TENTHS * math.hypot(one.x - depot.x, one.y - depot.y) + 1e-9)
        if one.due < one.ready:
            faults.append(_fault(instance, one, "due date", one.due, f"at least the ready time {_shown(one.ready)}"))
        elif one.demand > instance.capacity:
            told = f"at most the capacity {instance.capacity}"
            faults.append(Fault(instance.file, one.line, "demand", str(one.demand), told))
        elif number != DEPOT and depot.ready + far > one.due:
            told = f"at least {_shown(depot.ready + far)}, when a vehicle can be there"
            faults.append(_fault(instance, one, "due date", one.due, told))
        elif number != DEPOT and max(depot.ready + far, one.ready) + one.service + far > depot.due:
            told = f"one from which a vehicle is back at the depot by {_shown(depot.due)}"
            faults.append(_fault(instance, one, "ready time", one.ready, told))
    if faults:
        raise BadInput(*faults)


def _fault(instance: Instance, one: Customer, column: str, tenths: int, expected: str) -> Fault:
    return Fault(instance.file, one.line, column, _shown(tenths), expected)


def _shown(tenths: int) -> str:
    return f"{tenths / TENTHS:g}"
