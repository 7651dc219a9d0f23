"""Made-up cases for a demo: a year of closed ones, and open ones that stand at different steps.

Each is walked through the desk's own deeds at moments of the past, so that an unlawful one would be refused. Parties,
amounts and dates are synthetic, and the parties' ids and names say so.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations

import numpy as np
import simpy

from dispatch.desk.cases import Cases
from dispatch.records.case import Case, Fact, Outcome, Party, PartyKind, Procedure
from dispatch.records.team import Officer, Team
from dispatch.rulebook.discretion import Tier, Unit
from dispatch.rulebook.gates import REVIEW_FIELD
from dispatch.rulebook.matters import Leniency, Matter
from dispatch.rulebook.outcomes import AdviceKind
from dispatch.rulebook.procedures import CLOSING, DECISION
from scenarios.casedays import in_office, moments
from scenarios.scenario import Scenario

ACTOR = "demo casework"
CLOSED = {Procedure.SIMPLE: 36, Procedure.ORDINARY: 24}
MATTERS = {Procedure.SIMPLE: 7, Procedure.ORDINARY: 5}
YEAR = timedelta(days=360)
DONE_BEFORE = {Procedure.SIMPLE: timedelta(days=35), Procedure.ORDINARY: timedelta(days=125)}
"""A closed case was filed at least so long ago; the slowest walk below takes less."""
REPEAT_AFTER = timedelta(days=130)
HEARING_FROM = 10_000
"""Yuan from which the demo grants a hearing; the law leaves the amount to the place."""

OPEN = (
    (Procedure.SIMPLE, "identified", timedelta(minutes=25), None),
    (Procedure.SIMPLE, "told", timedelta(minutes=12), None),
    (Procedure.SIMPLE, "delivered", timedelta(days=4), None),
    (Procedure.SIMPLE, "delivered", timedelta(days=14), None),
    (Procedure.SIMPLE, "delivered", timedelta(days=22), None),
    (Procedure.SIMPLE, "paid", timedelta(days=1), None),
    (Procedure.ORDINARY, "filed", timedelta(days=1), None),
    (Procedure.ORDINARY, "investigated", timedelta(days=5), None),
    (Procedure.ORDINARY, "concluded", timedelta(days=9), timedelta(days=88)),
    (Procedure.ORDINARY, "notified", timedelta(days=3), None),
    (Procedure.ORDINARY, "pleaded", timedelta(days=16), timedelta(days=94)),
    (Procedure.ORDINARY, "reviewed", timedelta(days=2), timedelta(days=85)),
    (Procedure.ORDINARY, "decided", timedelta(days=7), None),
    (Procedure.ORDINARY, "served", timedelta(days=6), None),
)
"""Procedure, last step done and how long ago, and how long ago it was filed where it has waited since."""

BASES = {Unit.PERCENT: (20_000, 120_000), Unit.TIMES: (500, 5_000)}


@dataclass(frozen=True, slots=True)
class Plan:
    """A case as it will go: about what, by whom, when each step is done, and which is the last.

    Attributes
    ----------
    facts
        What will be found out about the act.
    waive
        Whether the body spares where it may.
    at
        When each step is done, if it is owed.
    """

    matter: Matter
    town: str
    pair: tuple[str, ...]
    party: Party
    procedure: Procedure
    facts: Mapping[str, Fact]
    waive: bool
    hearing: bool
    at: Mapping[str, datetime]
    last: str

    def day(self, step: str) -> str:
        """The ISO day of a step; empty when its procedure has no such step."""
        return self.at[step].date().isoformat() if step in self.at else ""


def open_the_cases(cases: Cases, scenario: Scenario, now: datetime, rng: np.random.Generator) -> list[str]:
    """File and walk the demo's cases through the desk, in order of time.

    Parameters
    ----------
    cases
        Of a new casebook that has the roster.
    now
        Aware; every deed is done before it.

    Returns
    -------
    list of str
        Ids, the first filed first. Fewer cases than planned where nobody could lawfully act on a matter.
    """
    plans = _plans(cases, scenario, now, rng)
    if not plans:
        return []
    begin = min(min(plan.at.values()) for plan in plans)
    env = simpy.Environment()
    made: list[str] = []
    for plan in plans:
        env.process(_walk(env, begin, cases, scenario.office, plan, rng, made))
    env.run()
    return made


def _walk(
    env: simpy.Environment,
    begin: datetime,
    cases: Cases,
    office: Sequence[Officer],
    plan: Plan,
    rng: np.random.Generator,
    made: list[str],
) -> Generator[simpy.Event, None, None]:
    """One case, from filing to the last step of its plan."""
    first = cases.procedures.of(plan.procedure)[0].name
    yield env.timeout((plan.at[first] - begin).total_seconds())
    case = cases.file(
        ACTOR,
        "",
        plan.matter.code,
        plan.party,
        plan.pair,
        town=plan.town,
        procedure=plan.procedure,
        facts=_facts(first, None, plan, {}),
        now=plan.at[first],
    )
    made.append(case.id)
    ends: dict[str, Fact] = {}
    # Who is only warned has nothing to pay: such a case is over before the step it was to wait at.
    while case.closed_at is None and plan.last not in {stamp.step for stamp in case.stamps}:
        step = cases.next(case, plan.at[CLOSING])[0].step.name
        at = plan.at[step]
        yield env.timeout((at - begin).total_seconds() - env.now)
        ends = ends or (_ending(cases, case, plan, rng, at) if step in ("concluded", "told") else {})
        case = _done(cases, case, step, plan, ends, office, at)


def _done(
    cases: Cases, case: Case, step: str, plan: Plan, ends: Mapping[str, Fact], office: Sequence[Officer], at: datetime
) -> Case:
    """The case one step on, by the deed that this step has."""
    facts = _facts(step, case, plan, ends)
    if step == DECISION[case.procedure]:
        tier, base = ends.get("tier"), ends.get("base")
        return cases.decide(
            ACTOR,
            case.id,
            case.version,
            Outcome(str(ends["outcome"])),
            int(ends["fine_yuan"]),
            tier=None if tier is None else int(tier),
            base=None if base is None else float(base),
            facts=facts,
            now=at,
        )
    if step == CLOSING:
        return cases.close(ACTOR, case.id, case.version, facts, now=at)
    officers = _from_office(step, office, case.town)
    return cases.stamp(ACTOR, case.id, case.version, step, officers=officers, facts=facts, now=at)


def _from_office(step: str, office: Sequence[Officer], town: str) -> tuple[str, ...]:
    """The town's reviewer, or the district's; or somebody who hosts hearings."""
    if step not in ("heard", "reviewed"):
        return ()
    fit = [each for each in office if any(c.field == REVIEW_FIELD for c in each.certificates) == (step == "reviewed")]
    return (next((each.id for each in fit if each.town == town), fit[0].id),)


def _facts(step: str, case: Case | None, plan: Plan, ends: Mapping[str, Fact]) -> dict[str, Fact]:
    """What a careful officer writes at this step."""
    told: dict[str, dict[str, Fact]] = {
        "filed": {"filing_grounds": "巡查发现（合成）"},
        "investigated": {"id_shown": True, "recusal_right_told": True, "record_made": True},
        "concluded": {
            "report": "调查终结报告（合成）",
            "intended": "no_penalty" if ends.get("outcome") == Outcome.NO_PENALTY.value else "penalty",
            "facts_proven": True,
            "public_interest": False,
            "complex": False,
            "grave": False,
            "review_by_law": plan.last == "reviewed" or int(ends.get("fine_yuan", 0)) >= HEARING_FROM,
        },
        "notified": {
            "content_told": True,
            "rights_told": True,
            "intended_fine_yuan": ends.get("fine_yuan", 0),
            "hearing_right": int(ends.get("fine_yuan", 0)) >= HEARING_FROM,
        },
        "pleaded": _pleading(plan, ends),
        "heard": {"hearing_noticed_on": plan.day("pleaded"), "record_made": True},
        "reviewed": {"review_passed": True},
        "discussed": {"discussion_record": "集体讨论记录（合成）"},
        "served": {"served_by": "in_person", "served_on": plan.day("served")},
        "identified": {"id_shown": True, "facts_clear": True},
        "told": {
            "content_told": True,
            "rights_told": True,
            "intended_fine_yuan": ends.get("fine_yuan", 0),
            "pleading": "none",
        },
        "delivered": {"delivered": True, "signature": "signed", "served_on": plan.day("delivered")},
        "closed": {"archive_no": f"SYN-{case.id if case else ''}", "reported_to_body": True},
    }
    if step in DECISION.values():
        return {**plan.facts, "order_to_correct": True, "educated": True}
    if step in ("performed", "paid"):
        return {"paid_yuan": case.fine_yuan if case else 0, "paid_on": plan.day(step)}
    return told[step]


def _pleading(plan: Plan, ends: Mapping[str, Fact]) -> dict[str, Fact]:
    """Some plead; whoever may ask for a hearing asks for it or waives it."""
    said: dict[str, Fact] = {"pleading": "heard", "pleading_checked": True} if plan.hearing else {"pleading": "none"}
    if int(ends.get("fine_yuan", 0)) < HEARING_FROM:
        return said
    asked: dict[str, Fact] = {"hearing_asked": True, "hearing_asked_on": plan.day("notified")}
    return {**said, **(asked if plan.hearing else {"hearing_waived": True})}


def _ending(cases: Cases, case: Case, plan: Plan, rng: np.random.Generator, at: datetime) -> dict[str, Fact]:
    """How the case ends: as article 33 and the lists have it, and a fine inside its tier."""
    kind = cases.advice(case, plan.facts, at).kind
    spared = kind is AdviceKind.NO_PENALTY or (kind is AdviceKind.MAY_WAIVE and plan.waive)
    if spared:
        return {"outcome": Outcome.NO_PENALTY.value, "fine_yuan": 0}
    most = _spot_fine(cases, plan.party.kind) if plan.procedure is Procedure.SIMPLE else 10**9
    tiers = cases.tiers(plan.matter.code)
    warned = [tier.tier for tier in tiers if tier.unit is Unit.WARNING]
    amounts = [(tier, *_amounts(cases, tier, rng)) for tier in tiers if tier.unit is not Unit.WARNING]
    fitting = [each for each in amounts if each[2] <= most]
    if kind is AdviceKind.WARNING_ONLY or not fitting or (warned and rng.random() < 0.15):
        tier_of: dict[str, Fact] = {"tier": warned[0]} if warned else {}
        return {"outcome": Outcome.WARNING.value, "fine_yuan": 0, **tier_of}
    share = 0.45 ** np.arange(len(fitting))
    tier, base, least, highest = fitting[int(rng.choice(len(fitting), p=share / share.sum()))]
    fine = least + (min(highest, most) - least) * float(rng.beta(2.0, 3.0))
    step = 10 if least < 1000 else 100
    fine_yuan = min(max(round(fine / step) * step, least), highest, most)
    ends: dict[str, Fact] = {"outcome": Outcome.FINE.value, "fine_yuan": int(fine_yuan), "tier": tier.tier}
    return {**ends, "base": base} if tier.unit.needs_base else ends


def _spot_fine(cases: Cases, kind: PartyKind) -> int:
    """The most that may be fined on the spot, as the list of procedures has it."""
    step = cases.procedures.step(Procedure.SIMPLE, DECISION[Procedure.SIMPLE])
    citizen, organisation = step.limits("within_spot_fine") if step else (0, 0)
    return citizen if kind is PartyKind.CITIZEN else organisation


def _least(cases: Cases, matter: Matter) -> float:
    """The least that the benchmark of a matter asks for, in its own unit."""
    return min((tier.least for tier in cases.tiers(matter.code)), default=0.0)


def _amounts(cases: Cases, tier: Tier, rng: np.random.Generator) -> tuple[float, int, int]:
    """A base for this tier, and what it then allows."""
    base = float(rng.integers(*BASES.get(tier.unit, (4, 60))))
    allowed = cases.discretion.range_for(tier.matter, tier.tier, base)
    return base, max(allowed.least, min(10, allowed.most)), allowed.most


def _plans(cases: Cases, scenario: Scenario, now: datetime, rng: np.random.Generator) -> list[Plan]:
    wanted: list[tuple[Procedure, str, datetime, timedelta | None]] = [
        (kind, CLOSING, now - DONE_BEFORE[kind] - float(rng.random()) * (YEAR - DONE_BEFORE[kind]), None)
        for kind, count in CLOSED.items()
        for _ in range(count)
    ]
    wanted.sort(key=lambda each: each[2])
    wanted += [(kind, last, now - ago, filed_ago) for kind, last, ago, filed_ago in OPEN]
    rules = scenario.rules
    places = {kind: _places(cases, scenario, kind, now, count) for kind, count in MATTERS.items()}
    parties = _Parties(rng)
    plans = []
    for kind, last, moment, filed_ago in wanted:
        if not places[kind]:
            continue
        matter, somewhere = places[kind][int(rng.integers(len(places[kind])))]
        town, pair = somewhere[int(rng.integers(len(somewhere)))]
        at = moments(rules, kind, last, moment, rng)
        first = cases.procedures.of(kind)[0].name
        if filed_ago is not None:
            at[first] = min(at[first], in_office(rules, now - filed_ago, rng, back=True))
        citizens = kind is Procedure.ORDINARY or _least(cases, matter) <= _spot_fine(cases, PartyKind.CITIZEN)
        party = parties.one(matter, at[first], citizens=citizens)
        facts = _found(
            matter, rng, must_fine=last in ("delivered", "paid", "served", "notified", "pleaded", "reviewed")
        )
        plans.append(Plan(matter, town, pair, party, kind, facts, rng.random() < 0.7, rng.random() < 0.25, at, last))
    return plans


def _places(
    cases: Cases, scenario: Scenario, kind: Procedure, now: datetime, count: int
) -> list[tuple[Matter, list[tuple[str, tuple[str, ...]]]]]:
    """The matters most often reported that have a benchmark, each with the towns and pairs that may act all year."""
    teams = cases.casebook.teams()
    demand = scenario.demand
    found = []
    for row in np.argsort(-demand.matter_share, kind="stable"):
        matter = scenario.rulebook.matters[demand.matters[row]]
        if matter.procedure is kind and any(tier.unit is not Unit.WARNING for tier in cases.tiers(matter.code)):
            somewhere = list(_somewhere(cases, scenario, teams, matter, now))
            if somewhere:
                found.append((matter, somewhere))
        if len(found) == count:
            break
    return found


def _somewhere(
    cases: Cases, scenario: Scenario, teams: Sequence[Team], matter: Matter, now: datetime
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each town with a pair of the body that may act there, a year ago and today."""
    today, before = now.date(), (now - YEAR - timedelta(days=100)).date()
    for town in scenario.areas.towns:
        actor = next(iter(cases.rulebook.resolve(matter.code, town, before).actors), None)
        still = cases.rulebook.resolve(matter.code, town, today)
        if actor is None or still.actor(actor.body) is None or still.actors[0].body != actor.body:
            continue
        of_body = [team for team in teams if team.body == actor.body]
        near = [team for team in of_body if team.town == town] or of_body
        pairs = (_pair(team, matter.field, today) for team in near)
        pair = next((each for each in pairs if each), None)
        if pair:
            yield town, pair


def _pair(team: Team, field: str, day: date) -> tuple[str, ...]:
    able = [officer.id for officer in team.officers if officer.certified(field, day)]
    return next(iter(combinations(able, 2)), ())


def _found(matter: Matter, rng: np.random.Generator, *, must_fine: bool) -> dict[str, Fact]:
    """What is found out about an act: most were put right, few did serious harm."""
    corrected = not must_fine and bool(rng.random() < 0.3)
    harm = "slight" if corrected else str(rng.choice(["slight", "serious"], p=[0.75, 0.25]))
    facts: dict[str, Fact] = {"corrected": corrected, "harm": harm, "minor": False}
    if Leniency.ORDER_FIRST in matter.leniency:
        facts |= {"ordered_before": True, "order_over": True}
    return facts


class _Parties:
    """Made-up parties; a few come again, long after their first case is over."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._before: dict[str, list[tuple[Party, datetime]]] = {}
        self._count = 0

    def one(self, matter: Matter, filed: datetime, *, citizens: bool) -> Party:
        known = self._before.setdefault(matter.code, [])
        old = [party for party, since in known if filed - since > REPEAT_AFTER]
        party = old[0] if old and self._rng.random() < 0.4 else self._new(citizens)
        known[:] = [(each, since) for each, since in known if each != party]
        known.append((party, filed))
        return party

    def _new(self, citizens: bool) -> Party:
        self._count += 1
        citizen = citizens and bool(self._rng.random() < 0.4)
        name = f"合成当事人{self._count:03d}" if citizen else f"合成商户{self._count:03d}"
        kind = PartyKind.CITIZEN if citizen else PartyKind.ORGANISATION
        return Party(f"SYN-{self._count:06d}", name, kind)
