"""What lies in a cell."""

from dispatch.inspections.patrol_places import PatrolGround
from tests.towns import nine_cells


def test_streets_and_water_make_objects_of_cells():
    """A cell that no road touches has none of a road's items."""
    place = nine_cells()
    ground = PatrolGround(place.cells, place.streets.lines(), place.water)
    roads = set(place.streets.lines()["road"])
    kinds = set().union(*ground.kinds.values())
    assert kinds <= {"main_road", "back_lane", "river", "shore", "pond"}
    assert ("main_road" in kinds) == bool(roads & {"primary", "secondary"})
    assert set(ground.kinds) <= set(place.cells["code"])
