"""Cases to test with: people, the procedures as shipped, and what a careful officer writes at each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dispatch.records.case import Case, Fact, Outcome, Party, PartyKind, Procedure, Stamp
from dispatch.records.team import Certificate, Officer, Role
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.conditions import Context
from dispatch.rulebook.facts import FactType
from dispatch.rulebook.procedures import Step, check, read_procedures
from scenarios.builder import HERE

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday 2 March 2026, 09:00 in China."""
CALENDAR = Calendar({})
PROCEDURES = read_procedures(HERE / "procedures.csv")
CITIZEN = Party("P-1", "张某", PartyKind.CITIZEN)
COMPANY = Party("91330203TEST000001", "某餐饮店", PartyKind.ORGANISATION)


def person(id: str, *fields: str, role: Role = Role.OFFICER) -> Officer:
    """Somebody of the town, certified in these fields to the end of 2030."""
    return Officer(id, id, role, "330203001", tuple(Certificate(each, date(2030, 12, 31)) for each in fields))


PEOPLE = {
    each.id: each
    for each in (
        person("O1", "city"),
        person("O2", "city"),
        person("O3", "city"),
        person("X1", "city"),
        person("AUX", "city", role=Role.AUXILIARY),
        person("LAW", "review"),
        person("HOST"),
    )
}
PAIR = ("O1", "O2")
OF_BODY = frozenset({"O1", "O2", "O3", "AUX"})

GIVEN: dict[str, dict[str, Fact]] = {
    "filed": {"filing_grounds": "巡查发现"},
    "investigated": {"id_shown": True, "recusal_right_told": True, "record_made": True},
    "concluded": {
        "report": "终结报告",
        "intended": "penalty",
        "facts_proven": True,
        "public_interest": False,
        "complex": False,
        "grave": False,
        "review_by_law": False,
    },
    "notified": {"content_told": True, "rights_told": True, "intended_fine_yuan": 1000, "hearing_right": False},
    "pleaded": {"pleading": "heard", "pleading_checked": True},
    "heard": {"hearing_noticed_on": "2026-03-03", "record_made": True},
    "reviewed": {"review_passed": True},
    "discussed": {"discussion_record": "集体讨论记录"},
    "decided": {"outcome": "fine", "fine_yuan": 1000, "order_to_correct": True},
    "served": {"served_by": "in_person", "served_on": "2026-03-02"},
    "performed": {"paid_yuan": 1000, "paid_on": "2026-03-05"},
    "identified": {"id_shown": True, "facts_clear": True},
    "told": {"content_told": True, "rights_told": True, "intended_fine_yuan": 200, "pleading": "none"},
    "decided_on_spot": {"outcome": "fine", "fine_yuan": 100, "order_to_correct": True},
    "delivered": {"delivered": True, "signature": "signed", "served_on": "2026-03-02"},
    "paid": {"paid_yuan": 100, "paid_on": "2026-03-05"},
    "closed": {"archive_no": "2026-1", "reported_to_body": True},
}
"""The facts with which each step is lawful in a plain case."""

LATER = {"performed": MONDAY + timedelta(days=30), "paid": MONDAY + timedelta(days=30)}
"""When a step is written down unless a test says when: a payment after the day it was made."""

ACTING = {"heard": ("HOST",), "reviewed": ("LAW",)}


def on_day(step: str, day: date) -> dict[str, Fact]:
    """The usual facts of a step, with every day in them set to ``day``."""
    facts = PROCEDURES.facts
    told = GIVEN[step].items()
    return {name: day.isoformat() if facts[name].type is FactType.DAY else value for name, value in told}


def a_case(procedure: Procedure = Procedure.ORDINARY, **changes: Any) -> Case:
    """A case on stalls, nothing done yet, unless changed."""
    new = Case(
        id="C1",
        incident="I1",
        matter="M",
        town="330203001",
        body="330203001",
        mode="empowered",
        letterhead="镇政府",
        basis="decree 1",
        party=CITIZEN,
        procedure=procedure,
        filed_at=MONDAY,
    )
    return replace(new, **changes)


def context(
    step: str = "", at: datetime | None = None, *, officers: tuple[str, ...] | None = None, **facts: Fact
) -> Context:
    """A lawful context for ``step``, with these facts over the usual ones; a fact given as "" is left out."""
    merged = {name: value for name, value in {**GIVEN.get(step, {}), **facts}.items() if value != ""}
    acting = ACTING.get(step, PAIR) if officers is None else officers
    return Context(at or LATER.get(step, MONDAY), CALENDAR, merged, acting, PEOPLE, OF_BODY, certificate="city")


def taken(
    case: Case, *steps: str, at: datetime = MONDAY, facts: Mapping[str, Mapping[str, Fact]] | None = None
) -> Case:
    """The case after these steps, an hour apart, written as :data:`GIVEN` says unless ``facts`` says otherwise."""
    for number, step in enumerate(steps):
        told = {**GIVEN[step], **(facts or {}).get(step, {})}
        stamp = Stamp(step, at + timedelta(hours=number), "desk", ACTING.get(step, PAIR), "", told)
        case = case.stamped(stamp)
        if "outcome" in told:
            case = replace(case, outcome=Outcome(str(told["outcome"])), fine_yuan=int(told.get("fine_yuan", 0)))
    return case


def against(case: Case, step: str, ctx: Context | None = None, **facts: Fact) -> list[str]:
    """The codes that stand against a step."""
    return [reason.code for reason in check(case, step, PROCEDURES, ctx or context(step, **facts))]


def steps_of(procedure: Procedure) -> list[Step]:
    """The steps as shipped."""
    return list(PROCEDURES.of(procedure))
