"""The keeper of the lists in a real browser: see first, refused first, then done, and everybody goes by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dispatch.desk.door import Door
from dispatch.desk.lists import Lists
from dispatch.rulebook.competence import RuleBook
from dispatch.rulebook.discretion import Discretion
from dispatch.rulebook.powers import Mode, Power
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.ledger import Kind
from tests.browser.conftest import Screen, fill
from tests.towns import NOON, everybody, incident, nine_cells
from ui.services.ruletables import workbook_bytes

EAST, WEST, VENDOR = "990100001", "990100002", "C08-01"
ROW = Power(VENDOR, EAST, EAST, Mode.EMPOWERED, "示例决定", "", date(2024, 1, 1), None, "illustrative")


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('home') / 'desk.db'}"


@pytest.fixture(scope="module")
def casebook(db: str) -> Iterator[Casebook]:
    """Vendors, and of all bodies only the east town may act on them; one has been reported."""
    with open_casebook(db) as book:
        book.add_incidents([incident()], at=NOON)
        everybody(book, "anna", "bert")
        Lists(Door(book, lambda: NOON), nine_cells().rulebook).replace_all("keeper", [ROW], 0)
        yield book


@pytest.fixture(scope="module")
def url(db: str, casebook: Casebook, serve_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The nine cells at NOON behind a running server; its clock hardly moves, so nothing happens by itself."""
    settings = {
        "HOME": str(tmp_path_factory.mktemp("home")),
        "DB": db,
        "PLACE": "nine_cells",
        "DEMO": "1",
        "DEMO_SPEED": "0.001",
        "REFRESH_S": "2",
        "SHARP": "0",
    }
    return serve_app("ui/app.py", {f"GRIDBEAT_{name}": value for name, value in settings.items()})


def _dispatch(shown: Screen, url: str) -> Page:
    shown.open(f"{url}/?incident=I1", who="anna")
    expect(shown.page.locator('.decision[data-incident="I1"]')).to_be_visible()
    return shown.page


def _pick_last_day(page: Page, day: date) -> None:
    """Type a day into the form, part by part."""
    field = page.locator(".st-key-lists-side [data-testid='stDateInput']")
    field.locator("[role=spinbutton]").first.click()
    page.keyboard.type(day.strftime("%Y%m%d"))
    page.locator(".about").click()


def _choose(page: Page, file: Path) -> None:
    """The file by the button, as a hand does; a browser does not tell of the same name set twice from outside."""
    with page.expect_file_chooser() as asked:
        page.locator("[data-testid='stFileUploader'] button").filter(has_text="Upload").click()
    asked.value.set_files(file)


def _option(page: Page, label: str, option: str) -> None:
    """The one of a long list of choices in the form that has these words."""
    page.get_by_role("combobox", name=label).fill(option)
    page.get_by_role("option").filter(has_text=option).first.click()


def _fill(page: Page, label: str, words: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(words)
    field.press("Enter")


def _press(shown: Screen, button: str) -> None:
    """A button of a form whose preview is up to date, and what came of it."""
    expect(shown.page.locator(".outlook .tag").first).to_be_visible()
    shown.at_rest()
    shown.page.get_by_role("button", name=button).click()
    expect(shown.page.locator(".note.fine")).to_be_visible()


def test_a_power_is_taken_back_after_a_refusal_and_dispatch_goes_by_it(
    screen: Callable[..., Screen], url: str, casebook: Casebook
) -> None:
    """What would be left with nobody is named; only then it is done, and at once nobody is sent without power."""
    shown = screen(width=1600, height=900)
    page = _dispatch(shown, url)
    expect(page.locator(".card.best .btn")).to_be_visible()

    shown.open(f"{url}/?view=lists&list_town={EAST}", who="anna")
    page.locator(f'.lrow[data-matter="{VENDOR}"]').click()
    page.locator('[data-act="deed:take_back"]').click()
    _pick_last_day(page, date(2026, 4, 14))
    expect(page.locator('[data-stranded="I1"]')).to_contain_text("2026-04-15")
    page.get_by_role("button", name="收回这项职权").click()
    expect(page.locator(".note[role=alert]").filter(has_text="I1")).to_be_visible()
    assert casebook.list_version() == 2

    page.get_by_text("这 1 件我已看过").click()
    expect(page.get_by_role("checkbox")).to_be_checked()
    shown.at_rest()
    page.get_by_role("button", name="收回这项职权").click()
    expect(page.locator(".note.fine")).to_be_visible()
    assert casebook.list_version() == 3
    deeds = [(entry.actor, entry.deed) for entry in casebook.history(Kind.LIST, "powers")]
    assert deeds[-2:] == [("anna", "refused:list_take_back"), ("anna", "list_take_back")]

    page.locator('[data-act="tab:versions"]').click()
    expect(page.locator(f'.compared [data-matter="{VENDOR}"]')).to_contain_text("2026-04-14")
    page.locator('[data-act="version:2"]').click()
    page.locator('[data-act="read:1"]').click()
    expect(page.locator(f'.lrow[data-matter="{VENDOR}"]')).to_be_visible()
    expect(page.locator('[data-act^="deed:"]')).to_have_count(0)

    page = _dispatch(shown, url)
    expect(page.locator(".decision .none")).to_be_visible()
    expect(page.locator(".card.best .btn")).to_have_count(0)
    assert casebook.verify().whole


def test_a_few_words_find_the_matter_and_its_clause(screen: Callable[..., Screen], url: str) -> None:
    """Whose is it, and on which clause: answered while the caller is still on the line."""
    shown = screen(width=1280, height=720, theme="dark")
    shown.open(f"{url}/?view=lists&tab=search")
    asked = shown.page.get_by_placeholder("几个词：是什么事？")
    asked.fill("流动摊贩")
    asked.press("Enter")
    found = shown.page.locator(f'.found[data-matter="{VENDOR}"]')
    expect(found).to_contain_text(nine_cells().rulebook.matters[VENDOR].basis)
    page_height = shown.page.evaluate("document.scrollingElement.scrollHeight - innerHeight")
    assert page_height == 0


def test_the_workbook_goes_out_and_comes_back_in(screen: Callable[..., Screen], url: str, tmp_path: Path) -> None:
    """Nothing is typed twice: the list is kept in a spreadsheet by many, and unchanged it changes nothing."""
    shown = screen(width=1280, height=720)
    shown.open(f"{url}/?view=lists&tab=files")
    with shown.page.expect_download() as started:
        shown.page.get_by_role("button", name="下载工作簿").click()
    file = tmp_path / "清单.xlsx"
    started.value.save_as(file)
    shown.page.locator("[data-testid='stFileUploader'] input").set_input_files(file)
    expect(shown.page.locator(".outlook .none")).to_be_visible()
    broken = tmp_path / "坏.xlsx"
    broken.write_bytes(b"cut off")
    shown.open(f"{url}/?view=lists&tab=files")
    shown.page.locator("[data-testid='stFileUploader'] input").set_input_files(broken)
    expect(shown.page.locator(".faults")).to_contain_text("坏.xlsx")


def test_a_changed_workbook_is_mended_under_its_own_name_and_taken_in(
    screen: Callable[..., Screen], url: str, casebook: Casebook, tmp_path: Path
) -> None:
    """The keeper saves the mended file over the faulty one, as everybody does; the rows in it become the list."""
    town, shown = nine_cells(), screen(width=1280, height=720)
    now = RuleBook(town.rulebook.matters, town.rulebook.bodies, casebook.powers())
    changed = replace(now.powers[0], basis="示例决定（修订）")
    file, version = tmp_path / "清单.xlsx", casebook.list_version()
    shown.open(f"{url}/?view=lists&tab=files", who="anna")
    upload = shown.page.locator("[data-testid='stFileUploader']")
    for faulty in (b"cut off", b"cut off again"):
        file.write_bytes(faulty)
        _choose(shown.page, file)
        expect(shown.page.locator(".faults")).to_contain_text("清单.xlsx")
        upload.get_by_role("button", name="Remove").click()
        expect(shown.page.locator(".faults")).to_have_count(0)
    file.write_bytes(workbook_bytes(RuleBook(now.matters, now.bodies, (changed, *now.powers[1:])), Discretion()))
    _choose(shown.page, file)
    expect(shown.page.locator(".outlook .tag.changed")).to_have_count(1)
    shown.at_rest()
    shown.page.get_by_role("button", name="导入这份工作簿").click()
    expect(shown.page.locator(".note.fine")).to_be_visible()
    assert casebook.list_version() == version + 1
    assert casebook.powers()[0].basis == changed.basis


def test_a_power_is_given_and_amended_and_the_old_version_put_back(
    screen: Callable[..., Screen], url: str, casebook: Casebook
) -> None:
    """What was just written stays under the lamp; and whatever was done, the list of this morning can come back."""
    shown, before = screen(width=1600, height=900), casebook.list_version()
    page, standing = shown.page, casebook.powers()
    shown.open(f"{url}/?view=lists&list_town={EAST}", who="anna")
    page.locator('[data-act="deed:give"]').click()
    _option(page, "事项", "C08")
    _option(page, "范围", nine_cells().areas.name(WEST))
    _fill(page, "依据", "示例决定二")
    _press(shown, "赋予这项职权")
    given = casebook.powers()[-1]
    assert (given.matter, given.town, given.basis) == ("C08", WEST, "示例决定二")

    expect(page.locator("[data-row] .facts")).to_contain_text("示例决定二")
    page.locator('[data-act="deed:amend"]').click()
    _fill(page, "依据", "示例决定三")
    _press(shown, "修改这一条")
    expect(page.locator("[data-row] .facts")).to_contain_text("示例决定三")
    assert casebook.list_version() == before + 2

    page.locator('[data-act="tab:versions"]').click()
    page.locator(f'[data-act="version:{before}"]').click()
    _press(shown, "恢复这一版")
    assert sorted(map(repr, casebook.powers())) == sorted(map(repr, standing))
    shown.at_rest()
    page.locator('[data-act="tab:search"]').click()
    page.get_by_placeholder("几个词：是什么事？").fill("摊贩")
    page.locator('[data-act="tab:powers"]').click()
    expect(page.locator(".lists-table")).to_be_visible()
    page.locator('[data-act="tab:search"]').click()
    expect(page.get_by_placeholder("几个词：是什么事？")).to_have_value("摊贩")


def test_who_sets_a_day_that_somebody_has_just_set_is_told_so(
    screen: Callable[..., Screen], url: str, casebook: Casebook
) -> None:
    """Every deadline of the district hangs on this table; nobody overwrites another's day without seeing it."""
    day, keepers = date(2026, 5, 6), [screen(width=1280, height=720) for _ in range(2)]
    for shown, name in zip(keepers, ("anna", "bert"), strict=True):
        shown.open(f"{url}/?view=lists&tab=holidays", who=name)
        shown.page.locator(f'[data-act="day:{day}"]').click()
        shown.page.locator("[data-testid='stRadio']").get_by_text("放假", exact=True).click()
        _fill(shown.page, "节日中文名", f"{name}节")
        _fill(shown.page, "节日英文名", f"{name}'s day")
        shown.at_rest()
    anna, bert = (shown.page for shown in keepers)
    anna.get_by_role("button", name="设定这一天").click()
    expect(anna.locator(".note.fine")).to_be_visible()
    expect(anna.locator(f'[data-act="day:{day}"]')).to_have_attribute("aria-pressed", "true")
    bert.get_by_role("button", name="设定这一天").click()
    expect(bert.locator(".note[role=alert]").filter(has_text="刚被别人改过")).to_be_visible()
    # The form as it was may stand a moment beside the one that is drawn anew.
    expect(bert.locator('input[aria-label="节日中文名"][value="anna节"]')).to_be_visible()
    keepers[1].at_rest()
    kept = (casebook.holidays() or {})[day]
    assert (kept.name_zh, kept.name_en) == ("anna节", "anna's day")


def test_lists_are_designed_and_say_why_each_power_stays_or_goes(screen: Callable[..., Screen], url: str) -> None:
    shown = screen(width=1280, height=720)
    shown.open(f"{url}/?view=lists&tab=design", who="anna")
    page = shown.page
    fill(page, "职权底册（项）", "300")
    fill(page, "一年工单（件）", "600")
    page.keyboard.press("Enter")
    shown.at_rest()
    page.locator(".st-key-lists-design-do button").click()
    expect(page.locator("text=最优已证明")).to_be_visible()
    for table, word in (("lists", "少于 12 件"), ("matrix", "0."), ("effect", "±"), ("checklist", "□")):
        page.locator(f'[data-act="show:{table}"]').click()
        expect(page.locator("table.oversight tbody").first).to_contain_text(word)
    assert page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0
