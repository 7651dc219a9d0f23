"""Certificates to come: who learns is away, and may act from the day on which the certificate is held."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from gis.schemas import BadInput
from scenarios.builder import HERE
from scenarios.planning import setup_of, write_plan_files
from simulation.diary import Event
from simulation.plan import read_plan
from simulation.replications import play
from simulation.sheets import plan_of, read_sheets, write_sheets
from simulation.stages import stages_of
from simulation.stations import staffed, stations_of
from simulation.stories import DAY_S
from tests.towns import nine_cells

OWN = HERE / "nine_cells"
BEGINS = date(2026, 4, 15)
HEAD = "desk,officers,certificate,held_from,away_days\n"


def planned(folder: Path, *rows: str, posts: tuple[str, str] = ("", "")) -> Path:
    """The nine cells' plan with these rows of training; no officer is ever absent for another reason."""
    for name in ("plan.toml", "desks.csv", "posts.csv"):
        text = (OWN / name).read_text(encoding="utf-8").replace("absent = 0.08", "absent = 0.0")
        (folder / name).write_text(text.replace(*posts) if posts[0] else text, encoding="utf-8")
    (folder / "training.csv").write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return folder / "plan.toml"


def test_the_first_who_lack_a_certificate_gain_it_and_no_more(tmp_path):
    """Of the second town's eight, four hold water already: two of the others learn it, one of them planning later."""
    plan = read_plan(planned(tmp_path, "990100002-ZF,2,water,2026-05-01,3", "990100002-ZF,1,planning,2026-06-01,0"))
    here = [stage for stage in stages_of(plan) if plan.posts[stage.officer[0]].desks == ("990100002-ZF",)]
    held = [
        [
            len([s for s in here if s.here(day) and name in s.certificates])
            for day in (BEGINS, date(2026, 5, 1), date(2026, 6, 1))
        ]
        for name in ("water", "planning", "city")
    ]
    assert held == [[4, 6, 6], [4, 4, 5], [8, 8, 8]]
    assert all(sum(stage.here(day) for stage in here) == 8 for day in (BEGINS, date(2026, 5, 1), date(2026, 7, 1)))


def test_who_learns_has_no_shift_meanwhile_and_all_the_others_after(tmp_path):
    held = BEGINS + timedelta(days=10)
    setup = setup_of(nine_cells(), planned(tmp_path, f"990100002-ZF,2,water,{held},3"))
    plain = setup_of(nine_cells(), planned(tmp_path))
    assert plain.plan.hash != setup.plan.hash

    def shifts(one, day: int) -> int:
        force, desk = one.rules.force, [d.id for d in one.plan.desks].index("990100002-ZF")
        at = (setup.plan.file.warm_up_days + day) * DAY_S
        return int(((force.duty_desk == desk) & (force.duty_start >= at) & (force.duty_start < at + DAY_S)).sum())

    assert [shifts(setup, day) - shifts(plain, day) for day in (6, 7, 8, 9, 10, 11)] == [0, -2, -2, -2, 0, 0]


def test_a_desk_is_asked_from_the_day_on_which_it_has_a_pair(tmp_path):
    """Nobody in the second town's team has water: until two have learnt it, others come; then the team goes itself."""
    held = BEGINS + timedelta(days=20)
    nobody = ("990100002-ZF,4,city;emergency;housing;planning;water", "990100002-ZF,4,city;emergency;housing")
    setup = setup_of(nine_cells(), planned(tmp_path, f"990100002-ZF,2,water,{held},2", posts=nobody))
    since_s = (setup.plan.file.warm_up_days + 20) * DAY_S
    played = play(setup, 0, 1)
    desk = [one.id for one in setup.plan.desks].index("990100002-ZF")
    of_water = setup.rules.field[played.reports.matter] == setup.rules.field[_matter_of("water")]
    sent = played.diary.incident[(played.diary.event == Event.SENT) & (played.diary.desk == desk)]
    about = np.unique(sent[of_water[sent]])
    assert len(about) > 0
    assert (played.reports.told_s[about] >= since_s).all()


def _matter_of(field: str) -> int:
    known = nine_cells().rulebook.matters
    return next(row for row, code in enumerate(nine_cells().demand.matters) if known[code].field == field)


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("nowhere,1,water,2026-05-01,3", "row 2, column desk: found 'nowhere', expected a desk of desks"),
        ("990100002-ZF,5,water,2026-05-01,3", "found 5 officers to train at 990100002-ZF, expected at most 4"),
        ("990100002-ZF,0,water,2026-05-01,3", "a whole number from 1"),
        ("990100002-ZF,1,water,2026-02-30,3", "a date like 2024-03-31"),
        ("990100002-ZF,1,water,2026-05-01,400", "a whole number from 0 to 366"),
        ("990100002-ZF,1,juggling,2026-05-01,3", r"training\.csv, row 2, column certificate: found 'juggling'"),
        ("tour-1,1,water,2026-05-01,3", "expected at most 0"),
    ],
)
def test_training_that_cannot_be_is_refused_by_row(tmp_path, row, word):
    with pytest.raises(BadInput, match=word):
        setup_of(nine_cells(), planned(tmp_path, row))


def test_two_rows_do_not_train_the_same_officers_twice(tmp_path):
    with pytest.raises(BadInput, match=r"row 3, column officers: .* expected at most 1"):
        read_plan(planned(tmp_path, "990100002-ZF,3,water,2026-05-01,3", "990100002-ZF,2,water,2026-06-01,3"))


def test_a_plan_that_names_a_table_of_training_must_have_it(tmp_path):
    for name in ("plan.toml", "desks.csv", "posts.csv"):
        shutil.copyfile(OWN / name, tmp_path / name)
    assert read_plan(tmp_path / "plan.toml").training == ()
    text = (OWN / "plan.toml").read_text(encoding="utf-8").replace('posts = "', 'training = "later.csv"\nposts = "')
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=r"later\.csv"):
        read_plan(tmp_path / "plan.toml")


def test_training_is_written_and_read_as_the_same(tmp_path):
    plan = read_plan(planned(tmp_path, "990100002-ZF,2,water,2026-05-01,3"))
    (tmp_path / "a").mkdir()
    write_plan_files(plan, tmp_path / "a")
    sheets = read_sheets(tmp_path / "a")
    assert plan_of(sheets).hash == read_plan(tmp_path / "a" / "plan.toml").hash == plan.hash
    write_plan_files(replace(plan, training=()), tmp_path / "a")
    assert not (tmp_path / "a" / "training.csv").exists()
    write_sheets(replace(sheets, training=(None,)), tmp_path / "a")
    assert read_sheets(tmp_path / "a").training == ()


def test_a_plan_with_fewer_heads_trains_whom_it_still_has(tmp_path):
    """Otherwise a search would find plans that cannot be read again."""
    plan = read_plan(planned(tmp_path, "990100002-ZF,2,water,2026-05-01,3", "990100002-ZF,2,water,2026-06-01,3"))
    stations = stations_of(plan)
    heads = [station.least if station.desks == ("990100002-ZF",) else station.heads for station in stations]
    fewer = staffed(plan, stations, heads)
    (tmp_path / "fewer").mkdir()
    write_plan_files(fewer, tmp_path / "fewer")
    again = read_plan(tmp_path / "fewer" / "plan.toml")
    assert again.hash == fewer.hash
    assert sum(course.officers for course in again.training) < 4
