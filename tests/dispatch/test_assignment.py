"""Which team goes, said with reasons; and many at once, proved."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from dispatch.records.case import Procedure
from dispatch.records.incident import Incident
from dispatch.records.team import Activity, Certificate, Officer, Role, Team
from dispatch.response import assignment
from dispatch.response.assignment import ALL_REASONS, OBSTACLES, candidates, plan
from dispatch.response.matching import Matching, faults, solve, solve_all
from dispatch.response.pairs import Arcs, DensePairs, LinePairs
from dispatch.rulebook.competence import Body, Mode, Power, RuleBook
from dispatch.rulebook.matters import Matter, Source
from gis.crs import great_circle_m

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
NANMEN, GULIN = "330203001", "330203002"
HALF_HOUR = timedelta(minutes=30)
STALL = Matter(
    "stall", "C09", "占道经营", "Stall", "09006", "urban", 2, HALF_HOUR, Procedure.SIMPLE, "rules", Source.DOCUMENT
)
BODIES = {
    NANMEN: Body(NANMEN, "南门街道", "Nanmen", NANMEN),
    "bureau": Body("bureau", "执法局", "Bureau", "330203"),
    GULIN: Body(GULIN, "古林镇", "Gulin", GULIN),
}
POWERS = (
    Power("stall", NANMEN, NANMEN, Mode.DELEGATED, "notice 7", "bureau", date(2024, 1, 1), None, "list"),
    Power("stall", "330203", "bureau", Mode.DEPARTMENT, "law", "", date(2020, 1, 1), None, "list"),
)
BOOK = RuleBook({"stall": STALL}, BODIES, POWERS)


def an_incident(name="I1", priority=2, minutes=30, **changes):
    due = NOW + timedelta(minutes=minutes)
    usual = {"lon": 121.55, "lat": 29.87, "cell": NANMEN + "001001", "town": NANMEN, "matter": "stall"}
    return Incident(id=name, text="", priority=priority, reported_at=NOW, due_at=due, **{**usual, **changes})


def a_team(name="T1", officers=2, body=NANMEN, role=Role.OFFICER, **changes):
    card = (Certificate("urban", date(2030, 1, 1)),)
    usual = {
        "officers": tuple(Officer(f"{name}{k}", f"Officer {name}{k}", role, NANMEN, card) for k in range(officers)),
        "lon": 121.54,
        "lat": 29.86,
        "profile": "car",
        "beat": frozenset(),
        "on_duty_from": NOW - timedelta(hours=4),
        "on_duty_to": NOW + timedelta(hours=4),
    }
    return Team(id=name, name=name, body=body, town=NANMEN, **{**usual, **changes})


def cards(teams, minutes, incident=None, **more):
    incident = incident or an_incident()
    answer = BOOK.resolve(incident.matter, incident.town, DAY)
    return candidates(incident, STALL, answer, teams, 60.0 * np.array(minutes), NOW, DAY, **more)


def order(ranked):
    return [card.team.id for card in ranked]


def values(card, code):
    return next((dict(reason.values) for reason in card.reasons if reason.code == code), None)


def test_a_possible_team_says_everything_a_dispatcher_says_aloud():
    """Minutes, slack, the pair, in whose name, on duty, load."""
    [card] = cards([a_team(done_today=2)], [8.04])
    assert card.possible
    assert (card.mode, card.pair.officers, card.late_s) == (Mode.DELEGATED, ("T10", "T11"), 0)
    assert values(card, "by_street") == {"minutes": 8.0}
    assert values(card, "in_time") == {"slack_min": 21}
    assert values(card, "pair") == {"officers": "Officer T10, Officer T11"}
    assert values(card, "mode")["letterhead"] == "执法局"
    assert values(card, "load") == {"done": 2}
    assert values(card, "on_duty") is not None


def test_in_time_comes_before_late_whatever_else():
    """A team on its own beat that comes late does not pass one that comes in time."""
    own = a_team("own", beat=frozenset({NANMEN + "001"}))
    ranked = cards([own, a_team("far", done_today=9)], [31, 29])
    assert order(ranked) == ["far", "own"]
    assert values(ranked[1], "late") == {"late_min": 1}


def test_the_nearer_team_goes_first():
    """The rule everybody expects."""
    assert order(cards([a_team("A"), a_team("B")], [9, 8])) == ["B", "A"]


def test_small_weights_turn_near_ties_only():
    """Own beat is worth two minutes, an incident done today half a minute, a cell left uncovered three seconds."""
    own = a_team("own", beat=frozenset({NANMEN + "001"}))
    assert order(cards([own, a_team("B")], [9.9, 8])) == ["own", "B"]
    assert order(cards([own, a_team("B")], [10.1, 8])) == ["B", "own"]
    assert order(cards([a_team("A", done_today=3), a_team("B")], [8, 9.4])) == ["B", "A"]
    ranked = cards([a_team("A"), a_team("B")], [8, 9.4], uncovered={"A": 30, "B": 0})
    assert order(ranked) == ["B", "A"]
    assert values(ranked[1], "leaves_uncovered") == {"cells": 30}
    assert order(cards([a_team("A"), a_team("B")], [8, 14], uncovered={"A": 3000, "B": 0})) == ["A", "B"]


def test_not_asking_what_a_team_leaves_uncovered_never_puts_it_first():
    """Only the first few are asked; the next one must not pass them because nobody looked."""
    teams = [a_team("A"), a_team("B"), a_team("C")]
    assert order(cards(teams, [8, 9, 10], uncovered={"A": 60, "B": 60})) == ["A", "B", "C"]
    assert cards(teams, [8, 9, 10], uncovered={"A": 60, "B": 60})[2].uncovered_cells is None


@pytest.mark.parametrize(
    ("team", "minutes", "code"),
    [
        (a_team(activity=Activity.ON_SCENE, incident="I9"), 5, "busy"),
        (a_team(on_duty_from=NOW + timedelta(hours=1)), 5, "off_duty"),
        (a_team(body=GULIN), 5, "no_power"),
        (a_team(officers=1), 5, "no_pair"),
        (a_team(role=Role.AUXILIARY), 5, "no_pair"),
        (a_team(), math.inf, "unreachable"),
        (a_team(), math.nan, "unreachable"),
        (a_team(on_duty_to=NOW + timedelta(minutes=4)), 5, "shift_over"),
    ],
)
def test_a_grey_card_says_why_not(team, minutes, code):
    """And it is never possible, nor part of a plan."""
    [card] = cards([team], [minutes])
    assert not card.possible
    assert [reason.code for reason in card.reasons if reason.code in OBSTACLES] == [code]
    [planned] = plan_of([an_incident()], [team], [[minutes]])
    assert planned.team is None


def test_a_grey_card_gives_every_why_not():
    """Mending one obstacle must not reveal the next."""
    busy_aux = a_team(role=Role.AUXILIARY, body=GULIN, activity=Activity.EN_ROUTE)
    [card] = cards([busy_aux], [math.inf])
    against = {reason.code for reason in card.reasons if reason.code in OBSTACLES}
    assert against == {"busy", "no_power", "no_pair", "unreachable"}


def test_grey_cards_stand_last_by_how_near_they_would_be():
    """The dispatcher sees whom to ring up."""
    grey_far, grey_near = a_team("far", officers=1), a_team("near", officers=1)
    assert order(cards([grey_far, a_team("B"), grey_near], [9, 20, 3])) == ["B", "near", "far"]


def test_an_incident_without_a_place_has_no_possible_team():
    """First say where it is."""
    [card] = cards([a_team()], [5], an_incident(lon=math.nan, lat=math.nan))
    assert "not_located" in {reason.code for reason in card.reasons}


def test_a_shift_that_ends_soon_is_mentioned():
    """A pair that must hand over at once may still be the best, but the dispatcher knows."""
    [card] = cards([a_team(on_duty_to=NOW + timedelta(minutes=20))], [5])
    assert card.possible
    assert values(card, "shift_ends") == {"minutes": 15}


TEAMS = st.builds(
    a_team,
    officers=st.integers(0, 3),
    body=st.sampled_from([NANMEN, GULIN, "bureau"]),
    role=st.sampled_from([Role.OFFICER, Role.OFFICER, Role.AUXILIARY]),
    activity=st.sampled_from([Activity.FREE, Activity.FREE, Activity.ASSIGNED]),
    done_today=st.integers(0, 5),
    on_duty_to=st.sampled_from([NOW + timedelta(minutes=m) for m in (-1, 10, 300)]),
)
MINUTES = st.one_of(st.floats(0, 60), st.just(math.inf))


@settings(max_examples=60)
@given(st.lists(st.tuples(TEAMS, MINUTES), max_size=6), st.booleans())
def test_no_card_is_ever_lost_or_unlawful(crew, counted):
    """Every team has its card; a possible one has a pair of officers, the power, the time, and no obstacle."""
    teams = [team for team, _ in crew]
    ranked = cards(teams, [m for _, m in crew], uncovered={"T1": 1} if counted else None)
    assert len(ranked) == len(teams)
    assert [card.possible for card in ranked] == sorted((card.possible for card in ranked), reverse=True)
    for card in ranked:
        codes = {reason.code for reason in card.reasons}
        assert codes <= set(ALL_REASONS)
        assert card.possible == (not codes & set(OBSTACLES))
        if card.possible:
            assert card.pair.lawful
            assert card.mode is not None
            assert card.team.activity is Activity.FREE
            assert math.isfinite(card.seconds)
            assert all(o.role is Role.OFFICER for o in card.team.officers if o.id in card.pair.officers)


def plan_of(incidents, teams, minutes):
    answers = [BOOK.resolve(incident.matter, incident.town, DAY) for incident in incidents]
    seconds = 60.0 * np.array(minutes, dtype=float).reshape(len(teams), len(incidents))
    return plan(incidents, answers, teams, seconds, NOW, DAY, matters={"stall": STALL})


def test_a_batch_gives_each_team_one_incident_and_the_least_drive():
    """Nearest first would send A to I1 and B a long way."""
    planned = plan_of([an_incident("I1"), an_incident("I2")], [a_team("A"), a_team("B")], [[5, 6], [7, 20]])
    assert [(p.incident.id, p.team.id, p.seconds) for p in planned] == [("I1", "B", 420), ("I2", "A", 360)]
    assert "by_street" in {reason.code for reason in planned[0].reasons}


def test_a_batch_serves_the_higher_priority_when_teams_are_short():
    """Even when the lower one is next door."""
    planned = plan_of([an_incident("I1", priority=3), an_incident("I2", priority=1)], [a_team("A")], [[1, 29]])
    assert planned[0].team is None
    assert planned[1].team.id == "A"
    assert [(r.code, dict(r.values)["teams"]) for r in planned[0].reasons] == [("all_taken", 1)]


def test_a_batch_keeps_clocks_before_it_saves_minutes():
    """Six minutes more on the road, both in time: better than one late."""
    planned = plan_of(
        [an_incident("I1", minutes=30), an_incident("I2", minutes=10)], [a_team("A"), a_team("B")], [[2, 8], [22, 11]]
    )
    assert [p.team.id for p in planned] == ["B", "A"]


def test_a_batch_says_what_bars_how_many_teams():
    """`Nobody` is no answer at four in the afternoon."""
    [planned] = plan_of([an_incident()], [a_team("A", officers=1), a_team("B", officers=0)], [[2], [3]])
    assert [dict(r.values) for r in planned.reasons] == [{"why": "no_pair", "teams": 2}]
    [unknown] = plan_of([an_incident(matter="")], [a_team("A")], [[2]])
    assert [r.code for r in unknown.reasons] == ["no_matter"]


def test_an_empty_batch_and_no_teams_are_fine():
    """The first minute of the morning."""
    assert plan_of([], [a_team()], []) == []
    assert plan_of([an_incident()], [], [])[0].team is None


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_batch_sends_only_whom_the_cards_call_possible(data):
    """One rule for both screens."""
    crew = data.draw(st.lists(TEAMS, min_size=1, max_size=4))
    teams = [replace(team, id=f"T{k}") for k, team in enumerate(crew)]
    incidents = [an_incident(f"I{k}", priority=data.draw(st.integers(1, 4))) for k in range(3)]
    minutes = [[data.draw(MINUTES) for _ in incidents] for _ in teams]
    planned = plan_of(incidents, teams, minutes)
    sent = [p.team.id for p in planned if p.team]
    assert len(sent) == len(set(sent))
    for column, p in enumerate(planned):
        possible = {c.team.id for c in cards(teams, [row[column] for row in minutes], p.incident) if c.possible}
        assert p.team is None or p.team.id in possible
        assert {r.code for r in p.reasons} <= set(ALL_REASONS)
        assert p.team or possible <= set(sent)


# Many at once: arrays.


@st.composite
def problems(draw):
    n, m = draw(st.integers(0, 6)), draw(st.integers(0, 4))
    cost = np.array(draw(st.lists(st.integers(-3, 12), min_size=n * m, max_size=n * m)), dtype=np.int64).reshape(n, m)
    capacity = np.array(draw(st.lists(st.integers(0, 3), min_size=m, max_size=m)), dtype=np.int64)
    unserved = np.array(draw(st.lists(st.integers(0, 15), min_size=n, max_size=n)), dtype=np.int64)
    return np.where(cost < 0, -1, cost), capacity, unserved


def listed(cost):
    i, t = np.nonzero(cost >= 0)
    return Arcs(i, t, cost[i, t])


NEVER = 10**9


def least_by_assignment(cost, capacity, unserved):
    """The textbook's way: a column for each place of each team, and one for each incident to go unserved."""
    n = len(unserved)
    columns = np.repeat(np.arange(len(capacity)), capacity)
    places = np.where(cost < 0, NEVER, cost)[:, columns]
    nobody = np.where(np.eye(n, dtype=bool), unserved[:, None], NEVER)
    full = np.hstack([places, nobody])
    return int(full[linear_sum_assignment(full)].sum())


@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_matching_costs_what_scipy_finds_and_proves_it(problem):
    """Exact, with capacities, gaps, ties and unserved incidents, and a certificate that needs no trust."""
    cost, capacity, unserved = problem
    arcs = listed(cost)
    matching = solve(*arcs, capacity, len(unserved), unserved)
    assert matching.objective == least_by_assignment(cost, capacity, unserved)
    assert matching.proved_optimal
    assert faults(matching, arcs, capacity, len(unserved), unserved) == []


@settings(max_examples=60, deadline=None)
@given(problems(), st.data())
def test_adding_pairs_as_prices_ask_for_them_is_as_good_as_all_pairs(problem, data):
    """A model with one pair an incident to start with must end at the same sum."""
    cost, capacity, unserved = problem
    priority = np.array([data.draw(st.integers(1, 4)) for _ in unserved], dtype=np.int64)
    with pytest.MonkeyPatch.context() as few:
        few.setattr("dispatch.response.matching.PAIRS_TO_START", 1)
        few.setattr("dispatch.response.matching.PAIRS_TO_ADD", 1)
        matching = solve_all(DensePairs(cost), capacity, len(unserved), unserved, priority)
    assert matching.objective == least_by_assignment(cost, capacity, unserved)
    assert matching.proved_optimal
    assert faults(matching, listed(cost), capacity, len(unserved), unserved) == []


@settings(max_examples=40, deadline=None)
@given(problems(), st.data())
def test_a_tie_goes_to_the_higher_priority_and_costs_nothing(problem, data):
    """By trying every answer of the least cost: none serves more of priority 1, then 2, then 3."""
    cost, capacity, unserved = (part[:4] if part.ndim == 1 else part[:4, :3] for part in problem)
    capacity, n = capacity[:3], len(unserved)
    priority = np.array([data.draw(st.integers(1, 4)) for _ in range(n)], dtype=np.int64)
    matching = solve(*listed(cost), capacity, n, unserved, priority)
    least, best = least_by_assignment(cost, capacity, unserved), (0, 0, 0, 0)
    for choice in product(range(-1, len(capacity)), repeat=n):
        taken = np.bincount([t for t in choice if t >= 0], minlength=len(capacity))
        allowed = all(t < 0 or cost[i, t] >= 0 for i, t in enumerate(choice)) and (taken <= capacity).all()
        total = sum(int(unserved[i] if t < 0 else cost[i, t]) for i, t in enumerate(choice)) if allowed else -1
        if total == least:
            best = max(
                best, tuple(sum(p == k and t >= 0 for p, t in zip(priority, choice, strict=True)) for k in range(1, 5))
            )
    served = tuple(int(((priority == k) & (matching.team >= 0)).sum()) for k in range(1, 5))
    assert matching.objective == least
    assert served[: int(priority.max(initial=1)) - 1] == best[: int(priority.max(initial=1)) - 1]


def test_the_checker_finds_a_wrong_answer():
    """A checker that never objects proves nothing."""
    arcs = Arcs(np.array([0, 1]), np.array([0, 0]), np.array([3, 4]))
    none = np.zeros(1, dtype=np.int64)

    def told(team, cost, objective):
        return faults(Matching(np.array(team), np.array(cost), objective, True, none, 1, 2), arcs, [1], 2, 9)

    assert told([0, -1], [3, 9], 12) == ["claimed to be least, but the prices prove only 7.0"]
    assert "team 0 has 2 incidents and 1 places" in told([0, 0], [3, 4], 7)
    assert "the costs add up to 12, not 11" in told([0, -1], [3, 9], 11)
    assert "incident 0 costs 3, not 2" in told([0, -1], [2, 9], 11)
    assert faults(Matching(np.array([0]), np.array([3]), 3, False, none, 1, 2), arcs, [1], 2, 9) == [
        "1 rows for 2 incidents"
    ]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (([2], [0], [1], [1], 2, 9), "incident_of_arc"),
        (([0], [1], [1], [1], 2, 9), "team_of_arc"),
        (([0], [0], [-1], [1], 2, 9), "cost"),
        (([0], [0], [1], [-1], 2, 9), "capacity"),
        (([0], [0], [1], [1], 2, 2**61), "too large"),
        (([0], [0], [1], [1], 2, 9, [0, 5]), "priority"),
    ],
)
def test_costs_that_cannot_be_summed_are_refused(arguments, word):
    """64 bits overflow silently otherwise, and the sum would be a lie."""
    with pytest.raises(ValueError, match=word):
        solve(*arguments)


# Many at once: points on the earth.


def points(seed, n=60, m=25):
    """Incidents and teams in a square of 30 km; certificate 2 is held by nobody."""
    rng = np.random.default_rng(seed)
    lon, lat = 121.4 + 0.3 * rng.random(n + m), 29.7 + 0.3 * rng.random(n + m)
    holds = np.vstack([rng.random((2, m)) < 0.5, np.zeros((1, m), dtype=bool)])
    return LinePairs(lon[:n], lat[:n], lon[n:], lat[n:], rng.integers(0, 3, n), holds), rng.integers(0, 3, m)


def full_matrix(pairs):
    metres = great_circle_m(
        pairs.incident_lon[:, None], pairs.incident_lat[:, None], pairs.team_lon[None, :], pairs.team_lat[None, :]
    )
    return np.where(pairs.holds[pairs.needs], np.rint(metres), -1).astype(np.int64)


@pytest.mark.parametrize("seed", range(12))
def test_by_line_is_optimal_over_all_pairs(seed):
    """The promise of the command without --nearest: equal to the textbook's answer on the full matrix."""
    pairs, capacity = points(seed)
    unserved = np.full(60, (2_000, 5_000, 100_000)[seed % 3])
    priority = np.random.default_rng(seed).integers(1, 5, 60) if seed % 2 else None
    with pytest.MonkeyPatch.context() as few:
        few.setattr("dispatch.response.matching.PAIRS_TO_START", 2)
        few.setattr("dispatch.response.matching.PAIRS_TO_ADD", 1 + seed % 3)
        matching = solve_all(pairs, capacity, 60, unserved, priority)
    cost = full_matrix(pairs)
    assert matching.objective == least_by_assignment(cost, capacity, unserved)
    assert matching.proved_optimal
    assert faults(matching, listed(cost), capacity, 60, unserved) == []
    assert solve_all(DensePairs(cost), capacity, 60, unserved).objective == matching.objective


def test_ties_after_rounding_hide_no_better_team():
    """Ten teams a few centimetres apart cost the same whole metre; the search must see past them and past their end."""
    lon = np.append(121.5 + 1e-7 * np.arange(10), 121.4)
    lat = np.full(11, 29.8)
    pairs = LinePairs(np.array([121.51]), lat[:1], lon, lat, np.zeros(1, np.int64), np.ones((1, 11), dtype=bool))
    cost = full_matrix(pairs)[0]
    free = np.zeros(11, dtype=np.int64)
    for k in (1, 3):
        assert pairs.cheaper(np.array([cost.min() + 1]), free, 1, k).cost.tolist() == [cost.min()] * k
        assert pairs.cheaper(np.array([cost.min()]), free, 1, k).cost.size == 0


def test_nearest_looks_at_so_many_holders_of_the_certificate():
    """Nearest among those who may, not nearest and then perhaps none who may."""
    urban_then_fire = np.array([[True, True], [False, True]])
    lat = np.full(2, 29.8)
    pairs = LinePairs(np.array([121.5]), lat[:1], np.array([121.5, 121.6]), lat, np.array([1]), urban_then_fire)
    found = pairs.nearest(1)
    expected = round(float(great_circle_m(121.5, 29.8, 121.6, 29.8)))
    assert (found.incident.tolist(), found.team.tolist(), found.cost.tolist()) == ([0], [1], [expected])


def test_no_incidents_or_no_teams_is_an_empty_plan():
    """A quiet night, or everybody on leave."""
    assert solve_all(points(0, n=0)[0], points(0)[1], 0, 9).objective == 0
    nobody = points(0, n=3, m=0)[0]
    assert solve_all(nobody, [], 3, 9).objective == 27
    assert solve(*nobody.nearest(4), [], 3, 9).team.tolist() == [-1, -1, -1]
    assert solve_all(DensePairs(np.zeros((3, 0), dtype=np.int64)), [], 3, 9).objective == 27


def test_every_reason_has_one_code():
    """The wording files are tested against this list."""
    assert len(ALL_REASONS) == len(set(ALL_REASONS))
    assert set(OBSTACLES) < set(assignment.REASONS)
