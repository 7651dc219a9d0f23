"""An appraisal in a real browser: a town sees its own, objects, the supervisor rules, and then everybody sees all."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from dispatch.oversight.appeals import Appeals
from dispatch.records.appraisal import Ruling
from dispatch.store.casebook import open_casebook
from tests.appraisals import APRIL, month_that_is_over
from tests.between import JIA
from tests.browser.conftest import Screen, fill

VIEW = "/?view=between&lang=en"


@pytest.fixture(scope="module")
def month(serve_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Appeals]]:
    home = tmp_path_factory.mktemp("home")
    db = f"sqlite:///{home / 'desk.db'}"
    with open_casebook(db) as casebook:
        appeals = month_that_is_over(casebook)
        told = {"HOME": str(home), "DB": db, "PLACE": "nine_cells", "DEMO": "1", "DEMO_SPEED": "0.001", "SHARP": "0"}
        yield serve_app("ui/app.py", {f"GRIDBEAT_{name}": value for name, value in told.items()}), appeals


def _appraisals(shown: Screen, url: str, who: str) -> Page:
    shown.open(f"{url}{VIEW}", who)
    shown.page.locator('[data-act="tab:appraisals"]').click()
    expect(shown.page.get_by_text("Draft, not published").or_(shown.page.get_by_text("Published 20"))).to_be_visible()
    return shown.page


def _paper(page: Page, url: str) -> set[str]:
    """Every word of the workbook that this reader gets from the running server."""
    answer = page.request.get(f"{url}/papers/appraisal/{APRIL}.xlsx?lang=en")
    book = openpyxl.load_workbook(io.BytesIO(answer.body()))
    return {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}


def test_a_town_objects_the_supervisor_rules_and_the_published_table_says_so(
    screen: Callable[..., Screen], month: tuple[str, Appeals]
):
    """Nobody but the district sees the next one's draft; what is published everybody has with both figures."""
    (url, appeals), shown = month, screen()
    page = _appraisals(shown, url, "jia")
    expect(page.get_by_text("Until it is published you see your own figures only.")).to_be_visible()
    expect(page.get_by_role("button", name="Publish", exact=True)).to_have_count(0)
    fill(page, "Why it should not count", "It was not ours to call.")
    fill(page, "Evidence (document", "Ledger entry 3")
    page.get_by_role("button", name="Object", exact=True).click()
    expect(page.locator(".note.fine")).to_be_visible()
    (made,) = appeals.standing(APRIL).objections
    assert (made.who, made.ruling) == (JIA, Ruling.OPEN)

    page = _appraisals(shown, url, "bert")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".note")).to_contain_text("objections are taken until")
    fill(page, "Reason of the ruling", "The log shows it.")
    page.get_by_role("button", name="Uphold: no longer counts").click()
    expect(page.locator(".note.fine")).to_be_visible()
    assert [each.ruling for each in appeals.standing(APRIL).objections] == [Ruling.UPHELD]
    assert any(cell.startswith("Draft, not published") for cell in _paper(page, url))

    one = appeals.standing(APRIL).appraisal
    appeals.publish("bert", APRIL, one.version, now=one.appeal_by_at)
    page = _appraisals(shown, url, "jia")
    expect(page.get_by_text("The log shows it.")).to_be_visible()
    assert any(cell.startswith("Published") for cell in _paper(page, url))
    assert {"upheld", "It was not ours to call."} <= _paper(page, url)
