"""A batch cut where no team can cross: the same plan as in one piece."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.response.apart import parts, plan_apart
from dispatch.response.arrival import seconds_between
from dispatch.response.assignment import USUAL, plan
from dispatch.rulebook.competence import Actor, Answer, Mode
from gis.streets import Profile
from gis.travel import TravelTimes
from tests.towns import NOON, incident, nine_cells, team

DAY = date(2026, 4, 15)
PLACE = nine_cells()
TRAVEL = {profile: TravelTimes(PLACE.streets, profile) for profile in Profile}
SPOTS = [(121.5402, 29.8602), (121.5415, 29.8613), (121.5428, 29.8624), (121.5405, 29.8626)]
BODIES = "ABCD"


def answer(*bodies):
    actors = tuple(Actor(body, Mode.DEPARTMENT, body, "law") for body in bodies)
    return Answer("C08-01", "990100001", DAY, actors, nine_cells().rulebook.resolve("", "", DAY).proof)


def crew(name, body, spot=0):
    lon, lat = SPOTS[spot]
    return team(id=name, body=body, lon=lon, lat=lat, profile="car")


def planned_apart(incidents, answers, teams):
    return plan_apart(incidents, answers, teams, TRAVEL, NOON, DAY, matters=PLACE.rulebook.matters)


def test_bodies_that_share_an_incident_stand_together_and_others_apart():
    """A with B by the first, B with C by the second; D alone; nobody for the last."""
    teams = [crew("1", "C"), crew("2", "D"), crew("3", "A"), crew("4", "E")]
    cut = parts([answer("A", "B"), answer("B", "C"), answer("D"), answer()], teams)
    assert {(part.incidents, part.teams) for part in cut} == {((0, 1), (0, 2)), ((2,), (1,)), ((3,), ())}


situations = st.lists(
    st.tuples(st.sets(st.sampled_from(BODIES), max_size=2), st.integers(0, 3), st.integers(1, 4)),
    min_size=1,
    max_size=7,
)
crews = st.lists(st.tuples(st.sampled_from(BODIES), st.integers(0, 3)), max_size=6)


@settings(max_examples=40)
@given(situations, crews)
def test_planned_apart_it_is_as_good_as_in_one_piece(asked, met):
    """As many of each priority are served, and no more is driven; what is left has a reason."""
    incidents = [
        incident(id=f"I{row}", lon=SPOTS[spot][0], lat=SPOTS[spot][1], priority=priority)
        for row, (_, spot, priority) in enumerate(asked)
    ]
    answers = [answer(*sorted(bodies)) for bodies, _, _ in asked]
    teams = [crew(f"T{row}", body, spot) for row, (body, spot) in enumerate(met)]
    whole = plan(
        incidents,
        answers,
        teams,
        seconds_between(TRAVEL, teams, incidents),
        NOON,
        DAY,
        matters=PLACE.rulebook.matters,
    )
    apart = planned_apart(incidents, answers, teams)
    assert [each.incident.id for each in apart] == [each.id for each in incidents]
    assert worth(apart) == worth(whole)
    assert drive(apart) <= drive(whole) + len(asked)  # costs are whole seconds
    assert all(each.reasons for each in apart if each.team is None and teams)


def test_where_a_body_has_nobody_out_the_teams_of_others_are_told_as_without_power():
    """`Nobody` without a reason is no answer, and it is not that no team is there."""
    [left] = planned_apart([incident()], [answer("A")], [crew("1", "B"), crew("2", "C")])
    assert left.team is None
    assert [dict(reason.values) for reason in left.reasons] == [{"why": "no_power", "teams": 2}]


def worth(planned):
    return sorted(each.incident.priority for each in planned if each.team is not None)


def drive(planned):
    own = USUAL.own_beat_s
    return sum(
        each.seconds - own * (each.incident.cell[:12] in each.team.beat) for each in planned if each.team is not None
    )
