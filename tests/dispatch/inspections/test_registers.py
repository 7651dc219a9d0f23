"""Registers of premises and inspectors: what is taken, and what is refused with its row."""

import pytest

from dispatch.inspections.registers import Credit, Risk, read_risk_classes
from dispatch.records.team import Role
from gis.schemas import BadInput
from scenarios.builder import HERE
from tests.dispatch.inspections.street import people, register


def test_premises_come_with_hours_cap_and_class():
    """Everything later, from the draw to the route, leans on this row."""
    entry = register({"opens": "08:30", "closes": "22:00", "annual_cap": "4", "visits_this_year": "1"}).entries["P1"]
    assert (entry.premises.opens, entry.premises.closes, entry.premises.visits_left) == (510, 1320, 3)
    assert (entry.traits.risk, entry.traits.credit) == (Risk.HIGH, Credit.C)


def test_hours_may_be_left_open_and_may_come_from_a_clock_cell():
    """A spreadsheet writes 08:30 as 08:30:00."""
    assert register({}).entries["P1"].premises.closes == 1440
    assert register({"opens": "08:30:00"}).entries["P1"].premises.opens == 510


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"lon": "1_2_1.5"}, "lon"),
        ({"annual_cap": "367"}, "annual_cap"),
        ({"town": "*"}, "town"),
        ({"opens": "25:00"}, "opens"),
        ({"lat": "129.86"}, "lat"),
        ({"lon": "nan"}, "lon"),
        ({"type": "moon_base"}, "type"),
        ({"risk": "terrible"}, "risk"),
        ({"annual_cap": "-1"}, "annual_cap"),
        ({"town": ""}, "town"),
    ],
)
def test_a_faulty_row_is_left_out_with_its_row_and_column(row, column):
    """Dropped in silence it would be a shop that nobody ever visits."""
    read = register({}, row, {})
    assert set(read.entries) == {"P1", "P3"}
    assert [(fault.row, fault.column) for fault in read.faults] == [(3, column)]


def test_of_an_id_that_stands_twice_neither_row_is_taken():
    """Nobody knows which of the two shops was meant."""
    read = register({}, {"premises_id": "P1"}, {})
    assert set(read.entries) == {"P3"}
    assert read.faults[0].row == 3


def test_auxiliaries_and_grid_workers_are_known_and_are_no_inspectors():
    """Document 54 of 2024 forbids them to inspect; their names are needed to say so."""
    read = people({}, {"role": "auxiliary"}, {"role": "grid_worker"}, {"role": "boss"})
    assert set(read.inspectors) == {"O1"}
    assert read.others == {"O2": Role.AUXILIARY, "O3": Role.GRID_WORKER}
    assert read.faults[0].column == "role"


def test_more_risk_or_worse_credit_never_means_fewer_checks_or_less_weight():
    """The table is data, and data gets mistyped."""
    classes = read_risk_classes(HERE / "risk_classes.csv")
    for a in Risk:
        for b in Credit:
            worse = [(r, c) for r in list(Risk)[list(Risk).index(a) :] for c in list(Credit)[list(Credit).index(b) :]]
            assert all(classes[a, b].times <= classes[each].times for each in worse)
            assert all(classes[a, b].weight <= classes[each].weight for each in worse)


def test_a_table_of_classes_with_a_pair_missing_is_refused(tmp_path):
    """The premises of that class would fall out of every plan."""
    path = tmp_path / "risk_classes.csv"
    rows = (HERE / "risk_classes.csv").read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(rows[:-1]), encoding="utf-8")
    with pytest.raises(BadInput, match="no row for high and D"):
        read_risk_classes(path)
