"""One trouble is one row, and nothing is used that was not known yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dispatch.records.incident import Incident, Status
from dispatch.response.duplicates import LIKELY, OpenIncidents
from gis.locate import CellLocator
from gis.schemas import BadInput
from simulation.history import CannotFit, History, clean, of_incidents, told_again
from tests.towns import incident, nine_cells

NOON = datetime(2026, 4, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def tickets(*rows: tuple[float, str, int], **columns: object) -> pd.DataFrame:
    """Hours after noon, category and cell of each."""
    table = pd.DataFrame(rows, columns=["after_h", "category", "cell"])
    table["reported_at"] = [NOON + HOUR * after for after in table.pop("after_h")]
    return table.assign(**columns)


def kept(history: History) -> list[float]:
    return [(when - NOON) / HOUR for when in history.reported_at]


def test_the_same_trouble_told_again_is_counted_once():
    """Ten callers about one heap of rubbish are no ten heaps."""
    history = clean(tickets((0, "waste", 0), (1, "waste", 0), (2, "waste", 1), (3, "noise", 0)), 2)
    assert kept(history) == [0, 2, 3]
    assert history.removed == 1
    assert str(history.notes[0]) == "duplicates_removed(count=1, kept=3)"


def test_what_comes_back_after_it_was_closed_is_new_trouble():
    closed = [NOON + HOUR, None]
    assert clean(tickets((0, "waste", 0), (2, "waste", 0), closed_at=closed), 1, NOON + 3 * HOUR).removed == 0
    closed = [NOON + 2.5 * HOUR, None]
    assert clean(tickets((0, "waste", 0), (2, "waste", 0), closed_at=closed), 1, NOON + 3 * HOUR).removed == 1


def test_what_nobody_has_classified_is_not_taken_for_the_same():
    """As at the desk: a place alone does not make two reports one."""
    assert clean(tickets((0, "", 0), (1, "", 0)), 1).removed == 0
    assert clean(tickets((0, None, 0), (1, None, 0)), 1).removed == 0  # type: ignore[arg-type]


def test_a_duplicate_does_not_make_others_duplicates():
    """Otherwise a street that complains every other day complains once a year."""
    history = clean(tickets((0, "waste", 0), (60, "waste", 0), (100, "waste", 0)), 1)
    assert kept(history) == [0, 100]


TOLD = st.tuples(
    st.integers(0, 90 * 60), st.integers(0, 400), st.sampled_from(["waste", "noise", ""]), st.integers(1, 60 * 60)
)


@given(st.lists(TOLD, max_size=14))
def test_each_ticket_is_held_against_every_open_one_that_was_kept(told: list[tuple[int, int, str, int]]):
    """By comparing all pairs; the sweep looks at what may be near only."""
    told.sort(key=lambda each: each[0])
    lat = [29.87 + metres / 111_195.0 for _, metres, _, _ in told]
    at = [NOON + timedelta(minutes=minutes) for minutes, _, _, _ in told]
    until = [when + timedelta(minutes=each[3]) for when, each in zip(at, told, strict=True)]
    kept_rows: list[int] = []
    for row, (_, _, kind, _) in enumerate(told):
        before = [one for one in kept_rows if kind and told[one][2] == kind and until[one] > at[row]]
        again = any(score(lat[one], lat[row], at[row] - at[one]) >= LIKELY for one in before)
        kept_rows += [] if again else [row]
    table = pd.DataFrame({"reported_at": pd.to_datetime(at, utc=True), "closed_at": pd.to_datetime(until, utc=True)})
    table = table.assign(category=[each[2] for each in told], cell=0, lon=121.55, lat=lat)
    assert np.flatnonzero(~told_again(table)).tolist() == kept_rows


def score(lat: float, other: float, apart: timedelta) -> float:
    """How alike the desk finds two reports of one matter, without words."""
    first = incident(text="", lat=lat)
    alike = OpenIncidents([first]).like("", first.lon, other, first.matter, first.reported_at + apart)
    return alike[0].score if alike else 0.0


def test_a_thousand_reports_of_one_spot_are_one_trouble():
    """Every pair of them at once took minutes and gigabytes."""
    many = 20_000
    table = tickets(*((each / 1_000, "waste", 0) for each in range(many)))
    assert clean(table, 1).removed == many - 1


@given(st.floats(0, 250), st.floats(0, 80 * 60))
@settings(max_examples=60, deadline=None)
def test_the_desk_and_the_history_call_the_same_two_reports_alike(metres: float, minutes: float):
    """The rule has one home; this is the same rule for a whole history at once."""
    first = incident(text="")
    later = first.reported_at + timedelta(minutes=minutes)
    lat = first.lat + metres / 111_195.0
    alike = OpenIncidents([first]).like("", first.lon, lat, first.matter, later)
    score = alike[0].score if alike else 0.0
    assume(abs(score - LIKELY) > 0.01)
    table = pd.DataFrame(
        {
            "reported_at": [first.reported_at, later],
            "category": first.matter,
            "cell": 0,
            "lon": first.lon,
            "lat": [first.lat, lat],
        }
    )
    assert clean(table, 1).removed == int(score >= LIKELY)


@given(
    st.lists(st.tuples(st.integers(0, 300), st.sampled_from(["a", "b"]), st.integers(-1, 3)), min_size=1), st.randoms()
)
@settings(max_examples=50, deadline=None)
def test_the_order_of_the_rows_does_not_matter_and_every_row_is_accounted_for(rows: list, random):
    rows = list({row[0]: row for row in rows}.values())
    assume(any(row[2] >= 0 for row in rows))
    one = clean(tickets(*rows), 4)
    random.shuffle(rows)
    other = clean(tickets(*rows), 4)
    assert kept(one) == kept(other)
    assert len(one) + one.removed + one.outside == len(rows)


def test_nothing_is_known_before_it_happened():
    """A forecast that peeks looks good until it is needed."""
    closed = [NOON + 5 * HOUR, NOON + 2 * HOUR]
    history = clean(tickets((0, "a", 0), (1, "b", 0), closed_at=closed), 1, NOON + 9 * HOUR)
    then = history.known_at(NOON + 3 * HOUR)
    assert then.closed_at.isna().tolist() == [True, False]
    assert then.until == NOON + 3 * HOUR
    assert len(history.known_at(NOON + HOUR)) == 1


def test_a_ticket_closed_before_it_was_reported_was_closed_at_once():
    history = clean(tickets((2, "a", 0), closed_at=[NOON]), 1)
    assert history.backwards == 1
    assert history.closed_at[0] == history.reported_at[0]


def test_times_without_a_zone_are_named_with_their_rows():
    table = tickets((0, "a", 0), (1, "a", 0)).assign(reported_at=[NOON, datetime(2026, 4, 15, 13)])  # noqa: DTZ001
    with pytest.raises(BadInput, match=r"row 2.*reported_at.*zone"):
        clean(table, 1)
    with pytest.raises(BadInput, match=r"row 1.*reported_at"):
        clean(tickets((0, "a", 0)).assign(reported_at=[pd.NaT]), 1)


def test_a_cell_that_does_not_exist_is_named():
    with pytest.raises(BadInput, match=r"row 1.*cell.*'7'"):
        clean(tickets((0, "a", 7)), 3)


@pytest.mark.parametrize(
    ("table", "cells", "code"),
    [(tickets((0, "a", 0)), 0, "no_cells"), (tickets(), 1, "no_tickets"), (tickets((0, "a", -1)), 1, "no_tickets")],
)
def test_what_teaches_nothing_is_refused_with_its_reason(table: pd.DataFrame, cells: int, code: str):
    with pytest.raises(CannotFit) as refused:
        clean(table, cells)
    assert refused.value.reason.code == code


def test_points_are_put_into_the_cells_of_the_place():
    cells = nine_cells().cells
    inside = incident()
    table = pd.DataFrame({"reported_at": [NOON, NOON], "category": ["a", "b"], "lon": [inside.lon, 0.0]})
    history = clean(table.assign(lat=inside.lat), len(cells), locate=CellLocator(cells).locate)
    assert cells["code"].iloc[history.cell[0]] == inside.cell
    assert (len(history), history.outside) == (1, 1)


def test_what_a_dispatcher_merged_is_a_duplicate_of_the_casebook():
    codes = nine_cells().cells["code"].tolist()
    merged = incident(id="I2", status=Status.MERGED, closed_at=NOON)
    far: Incident = incident(id="I3", matter="C08-02")
    history = of_incidents([incident(), merged, far], codes, NOON)
    assert (len(history), history.removed) == (2, 1)
    assert codes[history.cell[0]] == incident().cell
    assert np.array_equal(np.sort(history.category), ["C08-01", "C08-02"])
