"""A staffing plan as a planner writes it, and what is refused."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.records.team import Team
from dispatch.response.assignment import candidates
from gis.schemas import BadInput
from scenarios.builder import HERE
from scenarios.planning import setup_of, write_plan_files, write_roster_plan
from simulation.plan import Post, read_plan
from simulation.replications import Setup
from simulation.rules import REVIEW_ASKS, of_no_use
from simulation.training import Training
from tests.towns import NOON, incident, nine_cells, officer, team


@pytest.fixture(scope="module")
def setup() -> Setup:
    return setup_of(nine_cells(), HERE / "nine_cells" / "plan.toml")


def changed(folder: Path, name: str, old: str, new: str) -> Path:
    """The nine cells' plan with one thing changed."""
    for file in ("plan.toml", "desks.csv", "posts.csv"):
        shutil.copyfile(HERE / "nine_cells" / file, folder / file)
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder / "plan.toml"


NIGHT_THEN_EARLY = "990100-ZF,4,city;emergency;housing;planning;water,NM"
REVIEWERS = "review-990100,2,review,DDDDD--"


@pytest.mark.parametrize(
    ("file", "old", "new", "word"),
    [
        (
            "plan.toml",
            "headcount_cap = 60",
            "headcount_cap = 20",
            r"posts\.csv, row 6, column officers: found 43 posts",
        ),
        ("plan.toml", "absent = 0.08", "absent = 1.8", r"plan\.toml, row \d+, column absent"),
        ("plan.toml", "absent = 0.08", "absent = nan", "absent: found 'nan', expected a finite number"),
        ("plan.toml", "simple_min = 30", "simple_min = 0", "simple_min: found '0', expected greater than 0"),
        ("plan.toml", "passes_a_day = 2", "passes_a_day = 1e9", "passes_a_day: found '1000000000.0', expected .* 1440"),
        ("plan.toml", "begins = 2026", "begins = 0001", "begins: found '0001-.*', expected .* 1949-10-01"),
        ("plan.toml", "begins = 2026", "begins = 9999", "begins: found '9999-.*', expected .* 2199-12-31"),
        ("plan.toml", "steps = 20", "steeps = 20", "unknown key"),
        ("plan.toml", 'posts = "posts.csv"', 'posts = "../posts.csv"', r"column posts: found '\.\./posts\.csv'"),
        ("plan.toml", 'desks = "desks.csv"', 'desks = "/etc/passwd"', r"column desks: found '/etc/passwd'"),
        ("posts.csv", REVIEWERS, "review-9,2,review,DDDDD--", r"posts\.csv, row 13, column desk"),
        ("posts.csv", REVIEWERS, "review-990100,0,review,DDDDD--", "whole number from 1"),
        ("posts.csv", REVIEWERS, "review-990100,2,review,-------", "letters M, D, E, N"),
        ("posts.csv", REVIEWERS, "review-990100,2,juggling,DDDDD--", "a field of the place"),
        (
            "posts.csv",
            "pool,2,agriculture,DDDDD--\npool,2,agriculture,--DDDDD\n",
            "",
            r"posts\.csv, row 3, column certificates: found fewer than two .* agric.*\. Certify two officers",
        ),
        (
            "posts.csv",
            "990100-MKT,4,market;culture;health;police,DDDDDDD\n",
            "",
            r"desks\.csv, row 2, column desk: found fewer than two officers with market",
        ),
        (
            "posts.csv",
            "990100-MKT,4,market;culture;health;police,DDDDDDD\n",
            "990100-MKT,1,market;culture;health;police,D\n990100-MKT,1,market;culture;health;police,N\n",
            r"posts\.csv, row 2, column certificates: found fewer than two officers with market on duty together",
        ),
        ("desks.csv", "tour-1,", "tour-2,", "a desk that stands once"),
        (
            "desks.csv",
            "MKT,990100,121",
            "MKT,990100,118",
            r"row 2, column lon: found 118\.54.*, expected a position in the",
        ),
        ("desks.csv", "990100-MKT,brigade,MKT", "990100-MKT,brigade,XXX", "body of bodies"),
        ("desks.csv", "foot,990100002", "foot,990100009", "a town of the place"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_by_row(tmp_path, file, old, new, word):
    with pytest.raises(BadInput, match=word):
        setup_of(nine_cells(), changed(tmp_path, file, old, new))


def test_a_town_nobody_can_serve_is_refused_by_name(tmp_path):
    """Every desk that serves the second town is taken away from it."""
    path = changed(tmp_path, "desks.csv", "foot,990100002", "foot,990100001")
    rows = (tmp_path / "desks.csv").read_text(encoding="utf-8")
    rows = rows.replace(",*", ",990100001").replace("990100001;990100002", "990100001")
    rows = rows.replace("car,990100002", "car,990100001")
    (tmp_path / "desks.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(BadInput, match=r"desks\.csv, row \d+, column serves: found no lawful pair for 990100002"):
        setup_of(nine_cells(), path)


def test_certificates_that_are_of_no_use_where_their_holders_stand_are_named():
    """Officers were moved to a desk that may not act on what they are certified for, and the plan looked as good."""
    place = nine_cells()
    plan = read_plan(HERE / "nine_cells" / "plan.toml")
    town = place.cells["town"].to_numpy(dtype=str)

    def idle(posts: tuple[Post, ...]) -> list[int]:
        found = of_no_use(replace(plan, posts=posts), place.rulebook, place.demand.matters, town)
        return [post.row for post in found]

    toured_and_pooled = [10, 11, 12]  # by the lists their fields are the comprehensive bureau's and the towns' own
    assert idle(plan.posts) == toured_and_pooled
    market = replace(next(post for post in plan.posts if post.desks == ("990100-MKT",)), row=99)
    for desks, certificates, more in (
        (("990100-MKT",), market.certificates, []),
        (("pool",), market.certificates, [99]),
        (("pool", "990100-MKT"), market.certificates, []),
        (("pool",), frozenset(), []),
    ):
        post = replace(market, desks=desks, certificates=certificates)
        assert idle((*plan.posts, post)) == toured_and_pooled + more


def test_the_hash_names_the_content_and_not_the_files(tmp_path):
    plan = read_plan(HERE / "nine_cells" / "plan.toml")
    same = read_plan(changed(tmp_path, "desks.csv", "tour-1,touring", "tour-1,touring"))
    other = read_plan(changed(tmp_path, "posts.csv", REVIEWERS, "review-990100,3,review,DDDDD--"))
    assert plan.hash == same.hash != other.hash
    assert (plan.heads, plan.reviewers, other.reviewers) == (43, 3, 4)


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_the_same_people_are_the_same_plan_in_whatever_order_the_rows_are(tmp_path_factory, chance):
    """Who sorts a table in a spreadsheet has changed nothing, and is not told other numbers."""
    folder, own = tmp_path_factory.mktemp("sorted"), HERE / "nine_cells"
    shutil.copyfile(own / "plan.toml", folder / "plan.toml")
    for name in ("posts.csv", "desks.csv"):
        header, *rows = (own / name).read_text(encoding="utf-8").splitlines()
        chance.shuffle(rows)
        (folder / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    plan, other = read_plan(own / "plan.toml"), read_plan(folder / "plan.toml")
    assert other.hash == plan.hash
    assert [replace(post, row=0) for post in other.posts] == [replace(post, row=0) for post in plan.posts]


def test_where_somebody_is_trained_the_order_of_the_posts_says_who():
    plan = read_plan(HERE / "nine_cells" / "plan.toml")
    course = Training("990100-ZF", 2, "ecology", date(2026, 5, 1), 0, 2)
    turned = replace(plan, posts=plan.posts[::-1], training=(course,))
    assert turned.posts == plan.posts[::-1]
    assert turned.hash != replace(plan, training=(course,)).hash


def test_who_tours_stands_at_another_desk_every_day(setup):
    force, plan = setup.rules.force, setup.plan
    desks = [row for row, desk in enumerate(plan.desks) if desk.id.startswith("tour")]
    touring = np.unique(force.duty_officer[np.isin(force.duty_desk, desks)])
    mine = force.duty_officer == touring[0]
    assert len(touring) == 2
    assert set(np.diff(force.duty_desk[mine])) == {1, -1}


def test_nobody_is_on_duty_twice_at_once(tmp_path):
    """A night until eight and an early shift from six: two hours would count as four, and load would look lighter."""
    path = changed(tmp_path, "posts.csv", "990100-ZF,4,city;emergency;housing;planning;water,NNNNNNN", NIGHT_THEN_EARLY)
    force = setup_of(nine_cells(), path).rules.force
    for row in range(force.officers):
        mine = force.duty_officer == row
        assert (force.duty_end[mine][:-1] <= force.duty_start[mine][1:]).all()


def test_a_towns_own_reviewer_is_asked_before_the_pool(setup):
    force, desks = setup.rules.force, setup.plan.desks
    for town, first in (("990100001", "review-990100001"), ("990100002", "review-990100")):
        row = force.order_of[REVIEW_ASKS, setup.ground.cells_of[town][0]]
        assert desks[force.order_desk[force.order_start[row]]].id == first


def live_team(setup: Setup, row: int, field: str) -> Team:
    """The desk as a team of the live world: a pair, free, on duty, in its own town's beat."""
    desk = setup.plan.desks[row]
    beat = frozenset(c for c in nine_cells().cells["community"] if desk.kind == "town" and c[:9] == desk.town)
    pair = (officer("A", field), officer("B", field))
    return team(id=desk.id, body=desk.body, town=desk.town, officers=pair, lon=desk.lon, lat=desk.lat, beat=beat)


@given(st.integers(0, 95), st.integers(0, 8))
def test_the_first_desk_of_a_table_is_the_live_desks_first_choice(setup, matter, cell):
    """Among the desks of the plan that serve the town and have the certificate."""
    scenario, force = nine_cells(), setup.rules.force
    code, town = scenario.demand.matters[matter], str(setup.ground.town[cell])
    known = scenario.rulebook.matters[code]
    answer = scenario.rulebook.resolve(code, town, setup.plan.file.lists_on)
    certified = setup.rules.force.certified[:, setup.rules.field[matter]]
    holders = [np.unique(force.duty_officer[(force.duty_desk == d)]) for d in range(force.desks)]
    asked = [
        row
        for row, desk in enumerate(setup.plan.desks)
        if desk.kind != "review" and desk.serves_town(town) and certified[holders[row]].sum() >= 2
    ]
    reported = incident(
        matter=code, town=town, cell=scenario.cells["code"].iloc[cell], due_at=NOON + known.respond_within
    )
    teams = [live_team(setup, row, known.field) for row in asked]
    seconds = setup.ground.seconds[asked, cell]
    cards = candidates(reported, known, answer, teams, seconds, NOON, setup.plan.file.lists_on)
    live = [card.team.id for card in cards if card.possible]
    row = force.order_of[setup.rules.scene[0, matter], cell]
    table = [setup.plan.desks[d].id for d in force.order_desk[force.order_start[row] : force.order_start[row + 1]]]
    assert table == live


def test_a_plan_that_is_written_is_read_as_the_same_plan(tmp_path):
    plan = read_plan(HERE / "nine_cells" / "plan.toml")
    write_plan_files(plan, tmp_path)
    assert read_plan(tmp_path / "plan.toml").hash == plan.hash


def test_a_roster_is_a_plan(tmp_path):
    plan = write_roster_plan(nine_cells(), NOON.date(), tmp_path)
    assert plan.heads == 8 + 5  # the roster's officers and the office's reviewers
    assert {desk.id for desk in plan.desks if desk.kind == "town"} == {"990100001", "990100001-ZF", "990100002-ZF"}


def test_haishus_plan_has_the_published_heads():
    """630 officers, 543 of them in towns, 290 in the five empowered towns (documents H1 and H2)."""
    plan = read_plan(HERE / "haishu" / "plan.toml")
    town_of = {desk.id: desk.town for desk in plan.desks}
    at = [(town_of[post.desks[0]], post.officers) for post in plan.posts if "review" not in post.certificates]
    empowered = {"330203009", "330203100", "330203101", "330203102", "330203103"}
    assert sum(n for _, n in at) == 630
    assert sum(n for town, n in at if len(town) == 9) == 543
    assert sum(n for town, n in at if town in empowered) == 290
