"""Lists designed beside the screens: made once for what was asked, stopped at a word, taken along by who may look."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import pytest

from dispatch.records.person import Job, Person, Post
from gis.schemas import BadInput
from scenarios.builder import HERE
from scenarios.designing import STATES
from simulation.plan import read_plan
from tests.doors import noon_centre
from ui import papers
from ui.services import designing
from ui.services.centre import Centre
from ui.services.designing import Asked, Designed, Designing, Designs, designed
from ui.wording import Language

ASKED = Asked(powers=300, tickets=600, replications=2)
CHIEF = Person("chief", "c", (Post(Job.SUPERVISOR, "990100"),))


@pytest.fixture(scope="module")
def made() -> tuple[Centre, Designs]:
    """Lists for the smallest place."""
    designs = Designs()
    with pytest.MonkeyPatch.context() as patch, noon_centre() as centre:
        patch.setattr(designing, "own_plan", lambda _place: HERE / "nine_cells" / "plan.toml")
        errand = designs.begin(centre, ASKED)
        errand.wait(120)
        assert errand.played == errand.wanted == len(STATES) * ASKED.replications
        return centre, designs


def test_what_was_made_is_not_made_again(made: tuple[Centre, Designs], monkeypatch: pytest.MonkeyPatch):
    centre, designs = made
    before = designs.of(ASKED.key)

    def never(*_: object) -> Designed:
        raise AssertionError("it is kept")

    monkeypatch.setattr(designing, "designed", never)
    again = designs.begin(centre, ASKED)
    again.wait(60)
    assert again.answer is before is designs.latest()


def test_somebody_who_stops_waits_for_one_replication_at_most(made: tuple[Centre, Designs]):
    played = []

    def work(asked: Asked, step: Callable[[], object]) -> Designed:
        for number in range(6):
            played.append(number)
            if number == 1:
                errand.stop()
            step()
        raise AssertionError("it was stopped")

    errand = Designing(ASKED, work)
    errand.run()
    assert played == [0, 1]
    assert (errand.answer, errand.failed) == (None, False)


def test_a_register_smaller_than_the_catalogue_is_refused_with_how_many_it_needs(
    made: tuple[Centre, Designs], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(designing, "own_plan", lambda _place: HERE / "nine_cells" / "plan.toml")
    with pytest.raises(BadInput, match="the catalogue alone has"):
        designed(made[0], Asked(powers=5), lambda: None)


def test_the_workbook_is_that_of_the_command_and_only_of_what_was_made(made: tuple[Centre, Designs]):
    centre, designs = made
    answer = papers.designed_lists(centre, CHIEF, designs, ASKED.key, Language.EN)
    book = openpyxl.load_workbook(io.BytesIO(bytes(answer.body)))
    assert book.sheetnames[-1] == "Scores"
    assert papers.designed_lists(centre, CHIEF, designs, "haishu-1-1-1-1", Language.EN).status_code == 404
    assert papers.designed_lists(centre, None, designs, ASKED.key, Language.EN).status_code == 404


def test_lists_begin_on_the_day_of_the_plans_lists_and_are_looked_at_again_a_year_later(
    made: tuple[Centre, Designs],
):
    """Every place named January 2024, the year of one district's document."""
    centre, designs = made
    found = designs.of(ASKED.key)
    assert found is not None
    begun = read_plan(HERE / "nine_cells" / "plan.toml").file.lists_on
    assert found.made.given_on == begun
    assert found.made.evaluated.year == begun.year + 1
    book = openpyxl.load_workbook(
        io.BytesIO(bytes(papers.designed_lists(centre, CHIEF, designs, ASKED.key, Language.EN).body))
    )
    header, *rows = book["Checklist"].iter_rows(min_row=2, values_only=True)
    days = {str(dict(zip(header, row, strict=True))["given on"])[:10] for row in rows}
    assert days == {begun.isoformat()}
    header, *rows = book["Lists"].iter_rows(min_row=2, values_only=True)
    ends = {str(dict(zip(header, row, strict=True))["last day"])[:10] for row in rows} - {"None"}
    assert ends == {found.made.last_day.isoformat()}
