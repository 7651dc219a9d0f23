"""A plan of two days, small enough to check by eye: three crews' days, four premises, one with a troublesome name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from dispatch.records.inspection import Calendar, Call, CrewDay, DueItem, Inspector, Premises, Undone, Visit
from dispatch.review.papers import Papers, act_codes

SHANGHAI = ZoneInfo("Asia/Shanghai")
MADE = datetime(2026, 3, 1, 9, 0, tzinfo=SHANGHAI)
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
TROUBLE = "=cmd|' /C calc'!A0 \"老王\" <面馆> & 🍜\x07\x0b\ud800_x0041_\r\n第二行 {0} " + "很长" * 200
MADE_UP = "检查对象、事项和人员均为合成"


def due(id: str, premises: str, department: str, first: date = MONDAY, last: date = TUESDAY) -> DueItem:
    return DueItem(id, premises, department, f"cert-{department}", 20, first, last)


def call(number: str, premises: str, items: tuple[str, ...], arrive: int) -> Call:
    visit = Visit(number, premises, items, MONDAY, TUESDAY, 20 * len(items), frozenset())
    return Call(visit, arrive, arrive + visit.minutes)


ITEMS = {
    item.id: item
    for item in (
        *(due(f"N{n}", "P1", f"D{n}") for n in range(1, 5)),
        due("A1", "P2", "D1", last=MONDAY),
        due("A2", "P2", "D2", last=MONDAY),
        due("A3", "P2", "D1", first=TUESDAY),
        due("B1", "P3", "D2"),
        due("C1", "P4", "D3"),
        due("C2", "P4", "D4"),
    )
}
PREMISES = {
    each.id: each
    for each in (
        Premises("P1", "阳光小吃店", 121.541, 29.861, "T1", 480, 1320),
        Premises("P2", TROUBLE, 121.552, 29.862, "T1"),
        Premises("P3", "", 121.543, 29.873, "T2"),
        Premises("P4", "夜宵", 121.544, 29.874, "T2"),
    )
}
INSPECTORS = {
    id: Inspector(id, "T1", "D1", frozenset({"cert-D1", f"cert-D{n}"}))
    for n, id in enumerate(("o1", "o2", "o3", "o4"), start=1)
}
CALENDAR = Calendar(
    crews=(
        CrewDay("C2", TUESDAY, "T1", ("o1", "o3"), (call("V3", "P2", ("A3",), 540),), travel=12),
        CrewDay(
            "C1",
            MONDAY,
            "T1",
            ("o1", "o2"),
            (call("V1", "P1", ("N1", "N2", "N3", "N4"), 545), call("V2", "P2", ("A1", "A2"), 700)),
            travel=25,
        ),
        CrewDay("C1", TUESDAY, "T2", ("o2", "o4"), (call("V4", "P4", ("C1", "C2"), 1400),), travel=9),
    ),
    undone=(Undone("B1", "no_room", "35 minutes"), Undone("gone", "reason_of_tomorrow")),
    fewest_visits=4,
    proofs={"P1": ("N1",), "P2": ("A1", "A3"), "P4": ("C1",)},
)


@pytest.fixture
def papers() -> Papers:
    return Papers(
        calendar=CALENDAR,
        premises=PREMISES,
        items=ITEMS,
        inspectors=INSPECTORS,
        codes=act_codes(CALENDAR, "330203"),
        made_at=MADE,
        zone=SHANGHAI,
        made_up=MADE_UP,
        names={"o1": "李明", "D1": "市场监管局", "N1": "食品经营许可", "T1": "段塘街道"},
        bases={"T1": (121.54, 29.86)},
        query_url="https://check.example/",
    )


@pytest.fixture
def nothing(papers: Papers) -> Papers:
    """The same with a calendar in which nobody goes anywhere."""
    return replace(papers, calendar=Calendar(crews=()), codes={})
