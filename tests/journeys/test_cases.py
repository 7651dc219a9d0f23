"""From the first word on the telephone to the archived file: four ways a case can go, on the nine cells."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.desk.cases import Cases
from dispatch.desk.incidents import Desk
from dispatch.desk.refusals import Refused
from dispatch.records.case import Case, Outcome, Procedure
from dispatch.records.incident import Status
from dispatch.rulebook.actcode import valid
from dispatch.rulebook.calendar import Calendar, read_holidays
from dispatch.rulebook.discretion import Discretion, Tier, Unit
from dispatch.rulebook.matters import Leniency, Source
from dispatch.store.ledger import Kind
from gis.locate import CellLocator
from scenarios.builder import HERE
from tests.books import empty_book
from tests.casework import CITIZEN, COMPANY, GIVEN, PROCEDURES, on_day, person
from tests.towns import NOON, nine_cells

VENDOR = "C08-01"
PAIR = ("O1", "O2")
HOUR = timedelta(hours=1)
BENCHMARK = Discretion(
    {
        VENDOR: (
            Tier(VENDOR, "一般", 1, 50, 200, Unit.YUAN, Source.ILLUSTRATIVE),
            Tier(VENDOR, "严重", 2, 200, 5000, Unit.YUAN, Source.ILLUSTRATIVE),
        )
    }
)


def at(month: int, day: int, hour: int = 4) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


class Town:
    """The nine cells with a desk and cases, and the vendor of the day."""

    def __init__(self, casebook, *leniency: Leniency) -> None:
        place = nine_cells()
        matters = dict(place.rulebook.matters)
        matters[VENDOR] = replace(matters[VENDOR], leniency=frozenset(leniency))
        rulebook = replace(place.rulebook, matters=matters)
        self.book = casebook
        self.desk = Desk(casebook, rulebook, CellLocator(place.cells), place.cells, lambda: NOON)
        self.desk.set_roster("lead", place.teams(NOON), now=NOON)
        office = (person("LAW", "review"), person("HOST"))
        calendar = Calendar(read_holidays(HERE / "holidays.csv"))
        self.cases = Cases(self.desk, rulebook, PROCEDURES, BENCHMARK, calendar, office=office)

    def on_scene(self):
        """Somebody rang, the team went and is there."""
        heard = self.desk.report("desk", "流动摊贩占道经营", lon=121.5415, lat=29.8613, matter=VENDOR, now=NOON)
        sent = self.desk.assign("desk", heard.id, "T1", heard.version, now=NOON)
        gone = self.desk.accept("T1", heard.id, sent.incident.version, now=NOON)
        return self.desk.arrive("T1", heard.id, gone.incident.version, now=NOON).incident

    def finished(self, incident, outcome: str):
        """The loop of the incident closed around the case: handled, looked at, called back."""
        done = self.desk.handle("T1", incident.id, incident.version, outcome, now=NOON + 2 * HOUR)
        seen = self.desk.verify(
            "desk", incident.id, done.incident.version, passed=True, how="照片", now=NOON + 3 * HOUR
        )
        return self.desk.close("desk", incident.id, seen.version, now=NOON + 3 * HOUR)

    def stamped(self, case: Case, step: str, when: datetime, *officers: str, **facts) -> Case:
        told = {**GIVEN[step], **facts}
        return self.cases.stamp("T1", case.id, case.version, step, officers=officers, facts=told, now=when)


@pytest.fixture
def casebook():
    with empty_book() as book:
        yield book


def steps(case: Case) -> list[str]:
    return [stamp.step for stamp in case.stamps]


def whole(town: Town, case: Case) -> None:
    """What every archived case must have, whichever way it went."""
    assert case.closed_at is not None
    assert town.cases.next(case, at(12, 31)) == ()
    assert town.book.case(case.id) == case
    assert all(valid(stamp.act_code) for stamp in case.stamps)
    assert len({stamp.act_code for stamp in case.stamps}) == len(case.stamps)
    assert town.book.verify().whole


def test_a_simple_case_from_the_first_word_to_the_archive(casebook):
    """Stopped, told, fined on the spot, paid at the bank, recorded with the body, and the caller's incident closed."""
    town = Town(casebook)
    incident = town.on_scene()
    case = town.cases.file("T1", incident.id, VENDOR, CITIZEN, PAIR, facts=GIVEN["identified"], now=NOON + HOUR)
    assert case.letterhead == "甲镇人民政府"
    case = town.stamped(case, "told", NOON + HOUR, pleading="heard", pleading_checked=True)
    case = town.cases.decide(
        "T1", case.id, case.version, Outcome.FINE, 100, tier=1, facts={"order_to_correct": True}, now=NOON + HOUR
    )
    case = town.cases.serve("T1", case.id, case.version, on_day("delivered", NOON.date()), now=NOON + HOUR)
    closed = town.finished(incident, "当场处罚，占道物品已清理")
    paid = {"paid_yuan": 100, "paid_on": "2026-04-20"}
    case = town.cases.pay("desk", case.id, case.version, paid, now=at(4, 20))
    case = town.cases.close("desk", case.id, case.version, GIVEN["closed"], now=at(4, 21))
    assert closed.status is Status.CLOSED
    assert steps(case) == ["identified", "told", "decided_on_spot", "delivered", "paid", "closed"]
    assert (case.outcome, case.fine_yuan, case.incident) == (Outcome.FINE, 100, incident.id)
    whole(town, case)


def test_an_ordinary_case_with_a_hearing_and_a_legal_review(casebook):
    """Every one of the twelve steps, each on the first day on which the law lets it be done."""
    town = Town(casebook)
    incident = town.on_scene()
    case = town.cases.file(
        "T1", incident.id, VENDOR, COMPANY, PAIR, procedure=Procedure.ORDINARY, facts=GIVEN["filed"], now=NOON + HOUR
    )
    town.finished(incident, "立案查处")
    case = town.stamped(case, "investigated", at(4, 15, 6))
    case = town.stamped(case, "concluded", at(4, 16), grave=True)
    case = town.stamped(case, "notified", at(4, 16, 6), intended_fine_yuan=4000, hearing_right=True)
    case = town.stamped(case, "pleaded", at(4, 20), hearing_asked=True, hearing_asked_on="2026-04-20")
    assert first_open(town, case, at(4, 20)) == "heard"
    notice = {"hearing_noticed_on": "2026-04-21"}
    with pytest.raises(Refused, match="hearing_notice_late"):
        town.stamped(case, "heard", at(4, 30), "HOST", **notice)
    with pytest.raises(Refused, match="host_not_neutral"):
        town.stamped(case, "heard", at(5, 6), "O1", **notice)
    case = town.stamped(case, "heard", at(5, 6), "HOST", **notice)
    with pytest.raises(Refused, match="step_before"):
        fined(town, case, 4000, at(5, 6))
    case = town.stamped(case, "reviewed", at(5, 7), "LAW")
    case = town.stamped(case, "discussed", at(5, 8))
    with pytest.raises(Refused, match="heavier_after_pleading"):
        fined(town, case, 4500, at(5, 8))
    case = fined(town, case, 4000, at(5, 8))
    case = town.cases.serve("desk", case.id, case.version, on_day("served", at(5, 11).date()), now=at(5, 11))
    late = town.cases.owed(case, at(5, 28).date())
    assert (late.fine_yuan, late.surcharge_yuan) == (4000, 240)
    paid = {"paid_yuan": 4240, "paid_on": "2026-05-28"}
    case = town.cases.pay("desk", case.id, case.version, paid, now=at(5, 28))
    case = town.cases.close("desk", case.id, case.version, {"archive_no": "2026-7"}, now=at(5, 29))
    assert steps(case) == [step.name for step in PROCEDURES.of(Procedure.ORDINARY)]
    whole(town, case)


def fined(town: Town, case: Case, yuan: int, when: datetime) -> Case:
    facts = {"order_to_correct": True}
    return town.cases.decide("head", case.id, case.version, Outcome.FINE, yuan, tier=2, facts=facts, now=when)


def first_open(town: Town, case: Case, when: datetime) -> str:
    return next(step.step.name for step in town.cases.next(case, when) if step.open)


def test_a_first_offence_is_waived_once(casebook):
    """The waiver list: the first time it is put right and nobody is fined; the second time the list is of no help."""
    town = Town(casebook, Leniency.FIRST_WAIVER)
    put_right = {"corrected": True}
    first = spared_on_the_spot(town, put_right)
    assert first.outcome is Outcome.NO_PENALTY
    whole(town, first)
    with pytest.raises(Refused, match="no_ground_to_spare") as refused:
        spared_on_the_spot(town, put_right)
    told = [reason for reason in refused.value.reasons if reason.code == "earlier_offences"]
    assert told[0].values["last"] == first.id


def test_a_minor_offence_put_right_without_harm_is_not_punished_but_taught(casebook):
    """Article 33: not punished even the second time, and a fine is refused to whoever would give one."""
    town = Town(casebook)
    mild = {"minor": True, "corrected": True, "harm": "none"}
    spared_on_the_spot(town, mild)
    second = spared_on_the_spot(town, mild)
    assert second.stamp("decided_on_spot").facts["educated"] is True
    assert steps(second) == ["identified", "told", "decided_on_spot", "delivered", "closed"]
    whole(town, second)
    third = told_case(town)
    facts = {**mild, "order_to_correct": True}
    with pytest.raises(Refused, match="penalty_not_allowed"):
        town.cases.decide("T1", third.id, third.version, Outcome.FINE, 100, tier=1, facts=facts, now=NOON + HOUR)
    assert town.book.history(Kind.CASE, third.id)[-1].deed == "refused:decide"


def told_case(town: Town) -> Case:
    incident = town.on_scene()
    case = town.cases.file("T1", incident.id, VENDOR, CITIZEN, PAIR, facts=GIVEN["identified"], now=NOON + HOUR)
    town.finished(incident, "当场教育")
    return town.stamped(case, "told", NOON + HOUR)


def spared_on_the_spot(town: Town, facts: dict[str, object]) -> Case:
    """A vendor stopped, taught and let go, the file closed."""
    case = told_case(town)
    told = {**facts, "educated": True}
    case = town.cases.decide("T1", case.id, case.version, Outcome.NO_PENALTY, facts=told, now=NOON + HOUR)
    case = town.cases.serve("T1", case.id, case.version, on_day("delivered", NOON.date()), now=NOON + HOUR)
    return town.cases.close("desk", case.id, case.version, GIVEN["closed"], now=at(4, 16))
