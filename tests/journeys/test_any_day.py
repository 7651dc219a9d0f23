"""Random days in the nine cells: whatever is tried in whatever order, nothing unlawful stands and nothing is lost.

The checker below knows the law by itself, in the plainest words, and nothing of the code that it checks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import ClassVar

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dispatch.desk.cases import Cases
from dispatch.desk.clocks import Clocks
from dispatch.desk.incidents import Desk
from dispatch.desk.lists import Lists
from dispatch.desk.refusals import REFUSALS
from dispatch.desk.tasks import Tasks
from dispatch.desk.voices import Voices
from dispatch.records.case import Case, Outcome, Party, PartyKind, Procedure
from dispatch.records.incident import OUT, CallBack, Status
from dispatch.records.task import TaskStatus
from dispatch.rulebook.powers import Mode
from gis.locate import CellLocator
from tests.books import empty_book, looked
from tests.casework import GIVEN
from tests.towns import NOON, nine_cells

VENDOR, LANES = "C08-01", "Y01"
PARTIES = (Party("SYN-1", "某甲", PartyKind.CITIZEN), Party("SYN-2", "某店", PartyKind.ORGANISATION))
PEOPLE = ("O1", "O2", "O3", "O4", "A1", "L01", "L06")
TEAMS = ("T1", "T2", "T3")


class AnyDay(RuleBasedStateMachine):
    """Everything the rule book's desks can do, by people with old screens who forget half of what a step asks."""

    who: ClassVar = st.sampled_from(["li", "wang", "T1"])
    pick: ClassVar = st.integers(0, 3)
    behind: ClassVar = st.sampled_from([0, 0, 0, 0, 1])

    def __init__(self) -> None:
        super().__init__()
        place = self.place = nine_cells()
        self.now = NOON
        self.book = empty_book()
        self.seen = looked(self.book)
        rules, locator = place.rules, CellLocator(place.cells)
        self.desk = Desk(
            self.book,
            place.rulebook,
            locator,
            place.cells,
            lambda: self.now,
            parts=rules.parts,
            calendar=rules.calendar,
        )
        self.desk.set_roster("lead", place.teams(NOON))
        self.cases = Cases(
            self.desk, place.rulebook, rules.procedures, rules.discretion, rules.calendar, office=place.office
        )
        self.voices = Voices(self.book, lambda: self.now)
        self.tasks = Tasks(self.desk, place.rulebook.bodies, rules.calendar)
        self.clocks = Clocks(self.desk, place.rulebook.matters, rules.calendar)
        self.lists = Lists(self.desk, place.rulebook)
        self.entries = self.deeds = 0

    def teardown(self) -> None:
        self.book.close()

    def attempt(self, deed: Callable[[], object]) -> None:
        """A deed is done with at least one entry, or refused with exactly one and everything as it was."""
        before, state = len(self.seen.entries_since(0)), self.state()
        try:
            deed()
        except REFUSALS:
            entries = self.seen.entries_since(0)[before:]
            assert [entry.refused for entry in entries] == [True]
            assert self.state() == state
        else:
            entries = self.seen.entries_since(0)[before:]
            assert not any(entry.refused for entry in entries)

    def state(self) -> tuple[object, ...]:
        return (
            [replace(each, lon=0.0, lat=0.0) for each in self.seen.incidents()],
            self.seen.teams(),
            self.seen.cases(),
            self.seen.tasks(),
            self.seen.list_version(),
            self.seen.powers(),
        )

    @initialize()
    def two_calls_and_two_cases(self) -> None:
        for matter in (VENDOR, LANES):
            self.report(matter, "li")
        for _ in range(3):
            self.onward(self.seen.incidents()[0].id, 0, fails=False)
        for party, procedure in zip(PARTIES, Procedure, strict=True):
            self.file(0, party, ["O1", "O2"], procedure, "li")

    @rule(matter=st.sampled_from([VENDOR, LANES, "", "C00-01"]), who=who)
    def report(self, matter: str, who: str) -> None:
        if len(self.seen.incidents()) < 4:
            self.attempt(lambda: self.desk.report(who, "x", lon=121.5415, lat=29.8613, matter=matter, caller="138"))

    @rule(
        pick=pick,
        behind=behind,
        who=who,
        deed=st.sampled_from(
            ["assign", "go", "go", "go", "verify", "fail", "close", "back", "reopen", "pass", "matter"]
        ),
        team=st.sampled_from(TEAMS),
    )
    def incident(self, pick: int, behind: int, who: str, deed: str, team: str) -> None:
        known = self.seen.incidents()
        one = known[pick % len(known)]
        version, desk = one.version - behind, self.desk
        onward = {Status.ASSIGNED: desk.accept, Status.ACCEPTED: desk.arrive}.get(one.status)
        deeds: dict[str, Callable[[], object]] = {
            "assign": lambda: desk.assign(who, one.id, team, version),
            "go": lambda: onward(who, one.id, version) if onward else desk.handle(who, one.id, version, "done"),
            "verify": lambda: desk.verify(who, one.id, version, passed=True, how="photo"),
            "fail": lambda: desk.verify(who, one.id, version, passed=False, how="still there"),
            "close": lambda: desk.close(who, one.id, version, CallBack.SATISFIED),
            "back": lambda: desk.hand_back(who, one.id, version, "another's"),
            "reopen": lambda: desk.reopen(who, one.id, version, "again"),
            "pass": lambda: desk.pass_on(who, one.id, version, "12345", "advice"),
            "matter": lambda: desk.classify(who, one.id, version, VENDOR if pick % 2 else LANES),
        }
        self.attempt(deeds[deed])

    @rule(pick=pick, deeds=st.integers(2, 8), fails=st.booleans())
    def loop(self, pick: int, deeds: int, fails: bool) -> None:
        """Several deeds on one incident in the order a good day has them."""
        name = self.seen.incidents()[pick % len(self.seen.incidents())].id
        for _ in range(deeds):
            self.onward(name, pick, fails=fails)

    def onward(self, name: str, pick: int, *, fails: bool) -> None:
        """What comes next for an incident."""
        one, desk = self.seen.incident(name), self.desk
        if one.status is Status.REPORTED and not one.matter:
            self.attempt(lambda: desk.classify("li", name, one.version, VENDOR))
        elif one.status is Status.REPORTED:
            desk.set_roster("lead", self.place.teams(self.now))
            self.attempt(lambda: desk.assign("li", name, "T1", one.version))
        elif one.status is Status.HANDLED:
            for task in self.seen.tasks(name):
                if task.status is TaskStatus.SENT:
                    accepted = self.tasks.accept("dept", task.id, task.version)
                    self.tasks.finish("dept", task.id, accepted.version, "done")
            self.attempt(lambda: desk.verify("wang", name, one.version, passed=not fails, how="photo"))
        elif one.status is Status.VERIFIED:
            self.attempt(lambda: desk.close("wang", name, one.version, CallBack.SATISFIED))
        elif one.status in OUT:
            step = {Status.ASSIGNED: desk.accept, Status.ACCEPTED: desk.arrive}.get(one.status)
            self.attempt(
                lambda: step("T1", name, one.version) if step else desk.handle("T1", name, one.version, "done")
            )

    @rule(first=pick, second=pick, merging=st.booleans(), behind=behind, who=who)
    def voice(self, first: int, second: int, merging: bool, behind: int, who: str) -> None:
        known = self.seen.incidents()
        voice, parent = known[first % len(known)], known[second % len(known)]
        if merging:
            self.attempt(lambda: self.voices.merge(who, voice.id, voice.version - behind, parent.id, parent.version))
        else:
            self.attempt(lambda: self.voices.part(who, voice.id, voice.version - behind))

    @rule(pick=st.integers(0, 9), deed=st.sampled_from(["accept", "finish", "return"]), behind=behind, who=who)
    def task(self, pick: int, deed: str, behind: int, who: str) -> None:
        known = self.seen.tasks()
        if known:
            one = known[pick % len(known)]
            version = one.version - behind
            deeds: dict[str, Callable[[], object]] = {
                "accept": lambda: self.tasks.accept(who, one.id, version),
                "finish": lambda: self.tasks.finish(who, one.id, version, "done"),
                "return": lambda: self.tasks.give_back(who, one.id, version, "《示例》第二条"),
            }
            self.attempt(deeds[deed])

    @rule(pick=pick, deed=st.sampled_from(["pause", "resume", "ask", "approve", "suspend"]), behind=behind, who=who)
    def clock(self, pick: int, deed: str, behind: int, who: str) -> None:
        known = self.seen.incidents()
        one = known[pick % len(known)]
        version, clocks = one.version - behind, self.clocks
        deeds: dict[str, Callable[[], object]] = {
            "pause": lambda: clocks.pause(who, one.id, version, "rain"),
            "resume": lambda: clocks.resume(who, one.id, version),
            "ask": lambda: clocks.ask_extension(who, one.id, version, "crane"),
            "approve": lambda: clocks.approve_extension(who, one.id, version),
            "suspend": lambda: clocks.suspend(who, one.id, version, date(2026, 6, 1), "school term"),
        }
        self.attempt(deeds[deed])

    @rule(
        pick=pick,
        party=st.sampled_from(PARTIES),
        officers=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3),
        procedure=st.sampled_from(Procedure),
        who=who,
    )
    def file(self, pick: int, party: Party, officers: list[str], procedure: Procedure, who: str) -> None:
        known = self.seen.incidents()
        one, first = known[pick % len(known)], "filed" if procedure is Procedure.ORDINARY else "identified"
        pair = ["O1", "O2"] if pick % 2 else officers
        if len(self.seen.cases(open_only=True)) < 2:
            self.attempt(
                lambda: self.cases.file(who, one.id, VENDOR, party, pair, procedure=procedure, facts=GIVEN[first])
            )

    @rule(
        pick=pick,
        skip=st.sampled_from([0, 1, 2]),
        forget=st.booleans(),
        behind=behind,
        who=who,
        acting=st.sampled_from(["", "A1", "O1"]),
        asks_hearing=st.booleans(),
    )
    def stray_step(
        self, pick: int, skip: int, forget: bool, behind: int, who: str, acting: str, asks_hearing: bool
    ) -> None:
        """A step of a case by somebody who skips, forgets, has an old screen or no right to act."""
        known = self.seen.cases(open_only=True)
        if known:
            case = known[pick % len(known)]
            self.step(case, who, skip, case.version - behind, asks_hearing, acting, forget=forget, warn=pick == 0)

    @rule(pick=pick, steps=st.integers(2, 12), asks_hearing=st.booleans(), warn=st.booleans(), days=st.integers(0, 16))
    def careful_steps(self, pick: int, steps: int, asks_hearing: bool, warn: bool, days: int) -> None:
        """Several steps of one case as a careful officer does them, some time apart."""
        known = self.seen.cases(open_only=True)
        for _ in range(steps if known else 0):
            case = self.seen.case(known[pick % len(known)].id)
            self.desk.set_roster("lead", self.place.teams(self.now))
            if case.open:
                self.step(case, "li", 0, case.version, asks_hearing, "", forget=False, warn=warn)
                self.now += timedelta(days=days)

    def step(
        self,
        case: Case,
        who: str,
        skip: int,
        version: int,
        asks_hearing: bool,
        acting: str,
        *,
        forget: bool,
        warn: bool,
    ) -> None:
        left = self.cases.next(case)
        if not left:
            return
        name, cases, today = left[min(skip, len(left) - 1)].step.name, self.cases, f"{self.now:%Y-%m-%d}"
        facts = dict(list(GIVEN[name].items())[int(forget) :])
        facts |= {
            "notified": {"hearing_right": asks_hearing, "intended_fine_yuan": 1000},
            "concluded": {"complex": asks_hearing, "deviates": True},
            "pleaded": {"hearing_asked": asks_hearing, "hearing_asked_on": today},
            "heard": {"hearing_noticed_on": f"{self.now - timedelta(days=14):%Y-%m-%d}"},
            "told": {"intended_fine_yuan": 100},
            "served": {"served_on": today},
            "delivered": {"served_on": today},
            "performed": {"paid_yuan": case.fine_yuan, "paid_on": today},
            "paid": {"paid_yuan": case.fine_yuan, "paid_on": today},
        }.get(name, {})
        people = (acting,) if acting else {"heard": ("L06",), "reviewed": ("L01",)}.get(name, ())
        if name in ("decided", "decided_on_spot"):
            told = {key: value for key, value in facts.items() if key not in ("outcome", "fine_yuan")}
            told |= {"ordered_before": not forget, "order_over": not forget}
            amount = 0 if warn else 100 if case.procedure is Procedure.SIMPLE else 1000
            how = Outcome.WARNING if warn else Outcome.FINE
            tier = None if warn else self.tier_of(amount)
            self.attempt(
                lambda: cases.decide(
                    who, case.id, version, how, amount, tier=tier, reason="weighed", officers=people, facts=told
                )
            )
        elif name == "closed":
            self.attempt(lambda: cases.close(who, case.id, version, facts))
        else:
            self.attempt(lambda: cases.stamp(who, case.id, version, name, officers=people, facts=facts))

    def tier_of(self, fine: int) -> int | None:
        """The tier of the vendor's benchmark in which a fine lies."""
        return next((tier.tier for tier in self.cases.tiers(VENDOR) if tier.least <= fine <= tier.most), None)

    @rule(take=st.integers(0, 200), behind=behind, knowing=st.booleans(), who=who)
    def list_of_powers(self, take: int, behind: int, knowing: bool, who: str) -> None:
        rows = self.seen.powers() or self.place.rulebook.powers
        power, version = rows[take % len(rows)], self.seen.list_version() - behind
        if power.mode is Mode.DEPARTMENT:
            return
        ids = frozenset(each.id for each in [*self.seen.open_incidents(), *self.seen.cases(open_only=True)])

        def deed() -> None:
            edition = self.lists.take_back(
                who, power, date(2026, 3, 31), version, ids if knowing else frozenset(), now=self.now
            )
            self.desk.rulebook = self.cases.rulebook = edition.rulebook

        self.attempt(deed)

    @rule(days=st.sampled_from([0, 1, 7]), minutes=st.integers(1, 30))
    def time_passes(self, days: int, minutes: int) -> None:
        """A little while, or a day or a week on; the roster of that hour comes on duty."""
        self.now = self.now.replace(hour=4, minute=0) if self.now.hour > 6 else self.now
        self.now += timedelta(days=days, minutes=minutes)
        self.desk.set_roster("lead", self.place.teams(self.now))

    @invariant()
    def the_ledger_is_whole_and_every_version_has_its_entry(self) -> None:
        assert self.seen.verify().whole
        latest: dict[str, int] = {}
        for entry in self.seen.entries_since(0):
            if not entry.refused:
                latest[entry.subject] = entry.version_after
        for thing in [*self.seen.incidents(), *self.seen.cases(), *self.seen.tasks()]:
            assert latest[thing.id] == thing.version

    @invariant()
    def every_incident_is_in_a_lawful_state(self) -> None:
        teams = {team.id: team for team in self.seen.teams()}
        for one in self.seen.incidents():
            assert (one.status in OUT) == (one.id in {team.incident for team in teams.values()})
            if one.status in OUT:
                assert teams[one.team].incident == one.id
            if one.status is Status.MERGED:
                assert self.seen.incident(one.parent) is not None
            assert one.voices == 1 + len(self.seen.voices(one.id))
            if one.status is Status.VERIFIED:
                waiting = {TaskStatus.SENT, TaskStatus.ACCEPTED, TaskStatus.RETURNED}
                assert not any(task.status in waiting for task in self.seen.tasks(one.id))

    @invariant()
    def every_team_that_went_was_a_lawful_pair(self) -> None:
        people = {officer.id: officer for officer in self.place.officers}
        for entry in self.seen.entries_since(0):
            if entry.deed == "assign":
                pair = entry.details["warrant"]["pair"]
                assert len(set(pair)) == 2
                assert all(people[name].role == "officer" for name in pair)

    @invariant()
    def no_case_has_skipped_a_gate(self) -> None:
        people = {officer.id: officer for officer in (*self.place.officers, *self.place.office)}
        for case in self.seen.cases():
            assert unlawful(case, people) == []
        assert fined_twice(self.seen.cases()) == []


def unlawful(case: Case, people: dict[str, object]) -> list[str]:
    """What an auditor who knows only the law would hold against a case."""
    wrong: list[str] = []
    done = [stamp.step for stamp in case.stamps]
    at = {stamp.step: number for number, stamp in enumerate(case.stamps)}
    by_officers = {"filed", "investigated", "concluded", "notified", "pleaded", "identified", "told", "delivered"}
    by_officers.add("decided_on_spot")
    for stamp in case.stamps:
        acting = {name for name in stamp.officers if getattr(people.get(name), "role", "") == "officer"}
        if stamp.step in by_officers and len(acting) < 2:
            wrong.append(f"{stamp.step} by {stamp.officers}: fewer than two officers (article 42)")
        if not stamp.act_code:
            wrong.append(f"{stamp.step} without its code")
    ordinary = case.procedure is Procedure.ORDINARY
    decision = "decided" if ordinary else "decided_on_spot"
    punished = case.outcome in (Outcome.WARNING, Outcome.FINE)
    before = ["filed", "investigated", "concluded"] if ordinary else ["identified", "told"]
    if ordinary and punished:
        before += ["notified", "pleaded"]
    if decision in done:
        wrong += [f"decided without {step} (article 38)" for step in before if at.get(step, 99) > at[decision]]
        if hearing_asked_in_time(case) and "heard" not in done:
            wrong.append("a hearing was asked for and not held (article 63)")
    elif punished:
        wrong.append("punished without a decision")
    most = 200 if case.party.kind is PartyKind.CITIZEN else 3000
    if not ordinary and case.fine_yuan > most:
        wrong.append(f"{case.fine_yuan} yuan on the spot (article 51)")
    if case.fine_yuan > int(case.facts.get("intended_fine_yuan", 0)):
        wrong.append(f"{case.fine_yuan} yuan, more than the party was told (article 45)")
    for service in (stamp for stamp in case.stamps if stamp.step in ("served", "delivered")):
        day = (service.at + timedelta(hours=8)).date().isoformat()
        if not (case.stamp(decision) and str(service.facts.get("served_on", "9999")) <= day):
            wrong.append("served on no day, or one to come (article 61)")
    if case.closed_at is not None and case.outcome is Outcome.FINE and not {"performed", "paid"} & set(done):
        wrong.append("closed with the fine unpaid (article 67)")
    return wrong


def fined_twice(cases: list[Case]) -> list[str]:
    """Cases of one incident and party that were both fined though nobody said why they are two acts (article 29)."""
    fined = [case for case in cases if case.incident and case.outcome is Outcome.FINE]
    pairs = [(one, other) for one in fined for other in fined if one.id < other.id]
    same = [(one, other) for one, other in pairs if (one.incident, one.party.id) == (other.incident, other.party.id)]
    return [f"{one.id} and {other.id}" for one, other in same if not {"another_act"} & {*one.facts, *other.facts}]


def hearing_asked_in_time(case: Case) -> bool:
    """Five days of any kind after the notice are never more than five working days."""
    told = case.stamp("notified")
    if told is None or not (case.facts.get("hearing_asked") and case.facts.get("hearing_right")):
        return False
    asked = date.fromisoformat(str(case.facts["hearing_asked_on"]))
    return timedelta(0) <= asked - (told.at + timedelta(hours=8)).date() <= timedelta(days=5)


TestAnyDay = AnyDay.TestCase
# A day of forty deeds takes minutes to shrink; the deeds of the failing day are told as they were drawn.
TestAnyDay.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, phases=[Phase.explicit, Phase.generate]
)


def test_the_auditor_finds_what_is_wrong():
    """A checker that finds nothing wrong with anything proves nothing."""
    case = Case(
        "AJ1",
        "",
        VENDOR,
        "990100001",
        "990100001",
        "empowered",
        "镇",
        "clause",
        PARTIES[0],
        Procedure.SIMPLE,
        NOON,
        outcome=Outcome.FINE,
        fine_yuan=300,
        closed_at=NOON,
    )
    assert len(unlawful(case, {})) == 4
    twice = [replace(case, id=name, incident="I1") for name in ("AJ1", "AJ2")]
    assert fined_twice(twice) == ["AJ1 and AJ2"]
    assert fined_twice([twice[0], replace(twice[1], facts={"another_act": "x"})]) == []
