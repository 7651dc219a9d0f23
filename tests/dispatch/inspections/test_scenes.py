"""The scenes as a place has them: counted, complete, and refused by row where they are not."""

import csv

import pytest

from dispatch.inspections.scenes import read_scenes
from dispatch.rulebook.matters import Source
from gis.schemas import BadInput
from scenarios.builder import HERE
from scenarios.rules import read_named

SCENES, ITEMS = HERE / "scenes.csv", HERE / "scene_items.csv"


def shipped():
    return read_scenes(SCENES, ITEMS)


def altered(tmp_path, path, **changes):
    """A copy of a list whose first record has other values."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[0].update(changes)
    out = tmp_path / path.name
    with out.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return out


def test_there_are_15_scenes_over_85_items_of_18_departments():
    """The figures of the Chongqing Bureau of Justice's answer of March 2024; a row lost by accident shows here."""
    scenes = shipped()
    assert (len(scenes.scenes), len(scenes.items), len(scenes.departments)) == (15, 85, 18)


def test_every_certificate_of_an_item_is_a_field_of_the_place():
    """Else nobody on the roster could ever hold it, and the check would be left undone for good."""
    assert {item.certificate for item in shipped().items.values()} <= read_named(HERE / "fields.csv").keys()


def test_every_department_of_an_item_is_a_department_of_the_place():
    """A plan of a department that nobody knows would be nobody's visit."""
    assert shipped().departments <= read_named(HERE / "departments.csv").keys()


def test_only_the_three_scenes_that_the_document_names_count_as_documented():
    """The rest is an example, and the screens say so by this mark."""
    documented = {scene.code for scene in shipped().scenes.values() if scene.source is Source.DOCUMENT}
    assert documented == {"construction_site", "small_shop", "food_stall"}
    assert {item.source for item in shipped().items.values()} == {Source.ILLUSTRATIVE}


def test_the_lead_of_every_scene_checks_something_there():
    """Who only leads and looks at nothing is one person more at the door."""
    assert all(scene.lead in scene.departments for scene in shipped().scenes.values())


@pytest.mark.parametrize(
    ("path", "changes", "column"),
    [
        (ITEMS, {"minutes": "0"}, "minutes"),
        (ITEMS, {"minutes": "481"}, "minutes"),
        (ITEMS, {"published": "perhaps"}, "published"),
        (ITEMS, {"code": "S01-02"}, "code"),
        (ITEMS, {"basis": ""}, "basis"),
        (SCENES, {"lead": "forestry"}, "lead"),
        (SCENES, {"code": "moon_base"}, "code"),
    ],
)
def test_a_row_that_is_wrong_is_named_by_column(tmp_path, path, changes, column):
    """Whoever keeps the list needs the cell, not a refusal."""
    wrong = altered(tmp_path, path, **changes)
    with pytest.raises(BadInput) as refused:
        read_scenes(*(wrong if path is each else each for each in (SCENES, ITEMS)))
    assert column in {fault.column for fault in refused.value.faults}
