"""A short street of premises, the people who inspect it, and plans for it, to test with."""

from __future__ import annotations

from dispatch.inspections.plans import PLAN_COLUMNS, PLAN_OPTIONAL, Ground, PlanSheet, plan_of
from dispatch.inspections.registers import (
    INSPECTOR_COLUMNS,
    INSPECTOR_OPTIONAL,
    PREMISES_COLUMNS,
    PREMISES_OPTIONAL,
    InspectorRegister,
    PremisesRegister,
    inspectors_of,
    premises_of,
    read_risk_classes,
)
from dispatch.inspections.scenes import read_scenes
from dispatch.rulebook.lists import ListFile
from scenarios.builder import HERE

SCENES = read_scenes(HERE / "scenes.csv", HERE / "scene_items.csv")
RISKS = read_risk_classes(HERE / "risk_classes.csv")


def table(columns: tuple[str, ...], rows: list[dict[str, str]], otherwise: dict[str, str]) -> list[list[str]]:
    """A sheet of these rows, what a row does not say taken from ``otherwise``."""
    return [list(columns), *([{**otherwise, **row}.get(column, "") for column in columns] for row in rows)]


def register(*rows: dict[str, str]) -> PremisesRegister:
    """Premises P1, P2, … of high risk and credit C, small shops unless changed."""
    numbered = [{"premises_id": f"P{n}", "name": f"店{n}"} | row for n, row in enumerate(rows, start=1)]
    plain = {"lon": "121.54", "lat": "29.86", "town": "A", "type": "small_shop", "risk": "high", "credit": "C"}
    columns = (*PREMISES_COLUMNS, *PREMISES_OPTIONAL)
    return premises_of(ListFile("premises.xlsx"), table(columns, numbered, plain), SCENES.scenes)


def people(*rows: dict[str, str]) -> InspectorRegister:
    """Inspectors O1, O2, … of town A with the certificates of a small shop unless changed."""
    numbered = [{"officer_id": f"O{n}"} | row for n, row in enumerate(rows, start=1)]
    plain = {"town": "A", "department": "market", "certificates": "market;fire;city;health;emergency"}
    return inspectors_of(ListFile("inspectors.xlsx"), table((*INSPECTOR_COLUMNS, *INSPECTOR_OPTIONAL), numbered, plain))


def ground(*premises: dict[str, str], inspectors: InspectorRegister | None = None) -> Ground:
    return Ground(register(*(premises or ({}, {}))), inspectors or people({}, {}, {}), SCENES, RISKS)


def plan(of: Ground, *rows: dict[str, str], year: int = 2026) -> PlanSheet:
    """A plan of lines L1, L2, …: the market department's first item at P1 with a basis unless changed."""
    numbered = [{"line_id": f"L{n}"} | row for n, row in enumerate(rows, start=1)]
    plain = {"department": "market", "premises_id": "P1", "item": "S02-01", "basis": "《食品安全法》第一百一十条"}
    return plan_of(ListFile("plan.xlsx"), table((*PLAN_COLUMNS, *PLAN_OPTIONAL), numbered, plain), of, year)
