"""A plan while a planner edits it: every refusal said in their words, each state judged once, saved to the files."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from dispatch.records.person import Job, Person, Post
from gis.schemas import BadInput, Fault
from scenarios.builder import HERE
from scenarios.historykeeping import KeptHistory, KeptVerdict
from scenarios.plankeeping import legal
from simulation import plan as staff
from simulation.plan import DESK_COLUMNS, POST_COLUMNS
from simulation.sheets import Sheets, read_sheets, write_sheets
from simulation.training import TRAINING_COLUMNS
from tests.towns import NOON, nine_cells
from ui.screens.staffing.asking import choice, demands, titles
from ui.screens.staffing.editing import against_move
from ui.screens.staffing.history import standing
from ui.screens.staffing.looking import Look, Looking
from ui.screens.staffing.plans import idle_words
from ui.services import playing, staffing
from ui.services.planfaults import told
from ui.services.whose import may_look
from ui.wording import Language, wording

SHEETS = replace(read_sheets(HERE / "nine_cells"), training=(("990100002-ZF", "2", "water", "2026-05-01", "3"),))


class Names:
    def town(self, code: str) -> str:
        return f"镇{code}"

    def field(self, code: str) -> str:
        return f"域{code}"


def typed(table: str, column: int, value: str) -> Sheets:
    """One value of the first row of a table typed over."""
    rows = getattr(SHEETS, table)
    first = (*rows[0][:column], value, *rows[0][column + 1 :])
    return replace(SHEETS, **{table: (first, *rows[1:])})


def broken() -> list[Sheets]:
    """Whatever can be typed wrong, and the ways in which a plan that is written well cannot be."""
    typos = [
        typed(table, column, value)
        for table, columns in (("desks", DESK_COLUMNS), ("posts", POST_COLUMNS), ("training", TRAINING_COLUMNS))
        for column in range(len(columns))
        for value in ("", "?", "999", "-7", "juggling")
    ]
    keys = [
        replace(SHEETS, about=SHEETS.about.replace(old, new, 1))
        for old, new in (
            ("\nsteps = 20", "\nsteeps = 20"),
            ("\nabsent = 0.08", "\nabsent = nan"),
            ("\nabsent = 0.08", "\nabsent = -1"),
            ("\nabsent = 0.08", "\nabsent = 1.8"),
            ("\nabsent = 0.08", "\nabsent = 'x'"),
            ("\nabsent = 0.08", "\nabsent ="),
            ("\nabsent = 0.08", "\nabsent = '''"),
            ("\nsimple_min = 30", "\nsimple_min = 0"),
            ("\ndays = 120", "\ndays = 1.5"),
            ("\nlists_on = 2026-04-15", "\nlists_on = 'today'"),
            ("\nlists_on = 2026-04-15", "\nlists_on = 5"),
            ('\nname = "nine', '\nname = "9'),
            ('\nposts = "', '\nposts = "../'),
            ("\n[costs]", "\n[coasts]"),
            ("\n[costs]", "\ncosts = 3\n[coasts]"),
            ("\nassumptions = [", "\nassumptions = 3\nassumed = ["),
            ("\ntitle_zh = ", "\ntitle_zh = 5 # "),
        )
    ]
    alone = replace(SHEETS, posts=tuple(row for row in SHEETS.posts if row and row[0] != "pool"))
    west = tuple(replaced_serves(row) for row in SHEETS.desks if row)
    return [
        *typos,
        *keys,
        replace(SHEETS, posts=()),
        replace(SHEETS, desks=(*SHEETS.desks, SHEETS.desks[0])),
        SHEETS.with_value("headcount_cap", 20),
        alone,
        replace(SHEETS, desks=west),
    ]


def replaced_serves(row: tuple[str, ...]) -> tuple[str, ...]:
    return (*row[:7], "990100001")


def refusals() -> list[Fault]:
    """Each once."""
    found = {}
    for sheets in broken():
        try:
            legal(sheets, nine_cells(), nine_cells().rulebook)
        except BadInput as bad:
            found |= {str(fault): fault for fault in bad.faults}
    return list(found.values())


def test_every_refusal_is_said_in_both_languages_with_its_row():
    """A planner who reads Chinese is told in Chinese, whatever was typed wrong."""
    found = refusals()
    assert len(found) > 30
    for fault in found:
        zh, en = (told(fault, wording(language), Names()) for language in Language)
        assert zh.row == en.row == str(fault.row or "–")
        words = re.sub(r"[‘'].*[’']|\b[MDEN]\b|town|brigade|pool|touring|review|car|ebike|foot|域\w+", "", zh.found)
        expected = re.sub(r"town|brigade|pool|touring|review|car|ebike|foot|\b[MDEN]\b|域\w+", "", zh.expected)
        assert not re.search(r"[a-zA-Z]{3,}", words + expected), (fault, zh)


def test_a_refusal_of_a_town_names_the_town():
    sheets = replace(SHEETS, desks=tuple(replaced_serves(row) for row in SHEETS.desks if row))
    with pytest.raises(BadInput) as refused:
        legal(sheets, nine_cells(), nine_cells().rulebook)
    said = [told(fault, wording(Language.ZH), Names()) for fault in refused.value.faults]
    assert any("镇990100002" in each.found for each in said)


def person(job: Job, area: str) -> Person:
    return Person("anna", "Anna", (Post(job, area),))


@pytest.mark.parametrize(
    ("job", "area", "looks", "plans"),
    [
        (Job.PLANNER, "990100", True, True),
        (Job.PLANNER, "990100001", True, False),
        (Job.SUPERVISOR, "990100", True, False),
        (Job.DISPATCHER, "990100", False, False),
        (Job.TEAM, "990100001", False, False),
    ],
)
def test_planners_of_the_whole_district_keep_plans_and_leads_look(job, area, looks, plans):
    """A town's planner would otherwise move officers out of other towns."""
    who = person(job, area)
    assert may_look(who, "staffing") == looks
    centre = SimpleNamespace(scenario=nine_cells())
    look = Look(centre, None, None, "light", who, Looking(), None, None)  # type: ignore[arg-type]
    assert look.may_plan == plans


def test_a_plan_is_judged_once_a_state(tmp_path, monkeypatch):
    """The screen asks at every refresh; only an edit makes it look again."""
    seen = []
    monkeypatch.setattr(staffing, "legal", lambda sheets, *_: seen.append(sheets) or legal(sheets, *_))
    desk = staffing.Staffing(SimpleNamespace(scenario=nine_cells()), tmp_path)  # type: ignore[arg-type]
    first, again = desk.verdict(SHEETS), desk.verdict(replace(SHEETS, about=str(SHEETS.about)))
    assert first is again
    assert first.plan is not None
    assert desk.verdict(typed("posts", 0, "nowhere")).faults
    assert len(seen) == 2


def test_a_plan_whose_files_are_damaged_stops_nobody_elses(tmp_path):
    """Anybody may write into the folder; the list says which file it is and what is wrong with it, and goes on."""
    desk = staffing.Staffing(SimpleNamespace(scenario=nine_cells()), tmp_path)  # type: ignore[arg-type]
    for name in ("whole", "damaged", "away"):
        (desk.shelf.folder / name).mkdir(parents=True)
        write_sheets(SHEETS, desk.shelf.folder / name)
    (desk.shelf.folder / "damaged" / "posts.csv").write_text("desk\n", encoding="utf-8")
    (desk.shelf.folder / "away" / "desks.csv").unlink()
    tell = SimpleNamespace(w=wording(Language.EN))
    look = Look(None, None, tell, "light", person(Job.PLANNER, "990100"), Looking(), desk, None)  # type: ignore[arg-type]
    assert [look.sheets(name) for name in desk.shelf.names()] == [None, None, SHEETS]
    assert look.unread("away") == "Desks: no such file"
    assert look.unread("damaged").startswith("Posts: ")
    assert look.unread("whole") == ""


def test_what_the_planner_has_just_moved_is_not_hidden_behind_what_was_there():
    """The roster has a page of such posts; the one that was moved to the wrong desk stands in the last row."""
    w = wording(Language.EN)
    before = [staff.Post((f"d{at}",), 1, frozenset({"fire"}), "M", at) for at in range(2, 40)]
    moved = staff.Post(("d3",), 2, frozenset({"water"}), "M", 77)
    told = idle_words(w, [*before, moved], before)
    assert told.startswith("40 officers")
    assert told.endswith("By your changes: rows 77.")
    assert idle_words(w, before, before).endswith("rows 2, 3, 4, 5, 6, 7, 8, 9 ….")
    assert idle_words(w, [], before) == ""


def test_a_move_that_cannot_be_is_refused_in_the_words_of_its_form():
    """It was told as a fault of row –, with the id of the desk."""
    named, there = {"a": "东街道", "b": "西街道"}, {"a": 7, "b": 0}
    for language in Language:
        w = wording(language)
        few, same = against_move(w, named, there, "a", 8, "b"), against_move(w, named, there, "a", 1, "a")
        assert all(part in few for part in ("东街道", "7", "8"))
        assert "东街道" in same
        assert against_move(w, named, there, "a", 7, "b") == ""


def test_a_form_is_filled_with_what_was_asked_last_while_it_is_there():
    """It is put away while something is played; who stopped a run had to choose plans and demand anew."""
    view = Looking(asked={"plan_a": "west", "plan_b": "gone"})
    look = Look(None, None, None, "light", None, view, None, None)  # type: ignore[arg-type]
    names = ["east", "west"]
    assert [choice(look, field, names, 0) for field in ("plan_a", "plan_b", "stress")] == [1, 0, 0]


def test_what_a_second_tab_asks_for_meanwhile_is_refused_and_not_entered():
    """The first job would be shown as if it were the second, and the ledger would tell of a run that never began."""
    entered, begun = [], []
    desk = SimpleNamespace(deeds=SimpleNamespace(play=lambda *who, **what: entered.append(what)))
    job = SimpleNamespace(running=True)
    labs = SimpleNamespace(player=SimpleNamespace(of=lambda _: job))
    tell, view, planner = SimpleNamespace(w=wording(Language.EN)), Looking(), person(Job.PLANNER, "990100")
    look = Look(None, None, tell, "light", planner, view, desk, labs)  # type: ignore[arg-type]
    assert not look.begin("play", lambda: begun.append(1), seed=1)
    assert view.note is not None
    assert "another tab" in view.note[1]
    assert (entered, begun) == ([], [])
    job.running = False
    assert look.begin("play", lambda: begun.append(1), seed=1)
    assert (entered, begun, view.note) == ([{"seed": 1}], [1], None)


def test_plans_of_the_same_title_can_be_told_apart():
    """A list is chosen from by what it shows: of two alike the second could not be chosen."""
    tell = SimpleNamespace(w=wording(Language.ZH))
    look = Look(None, None, tell, "light", person(Job.PLANNER, "990100"), Looking(), None, None)  # type: ignore[arg-type]
    called = titles(look, {"a": SHEETS, "b": SHEETS, "c": SHEETS.with_value("title_zh", "另一个")})
    assert len(set(called.values())) == 3
    assert called["c"] == "另一个"


def history(days: int, verdict: KeptVerdict | None) -> KeptHistory:
    return KeptHistory("a", "a.csv", 47, NOON - timedelta(days=days), NOON, (), "anna", NOON, verdict)


@pytest.mark.parametrize(
    ("days", "may", "job", "offered", "word"),
    [
        (280, True, None, ["", "forecast:a", "replayed:a"], "may"),
        (280, False, None, ["", "replayed:a"], "may_not"),
        (1, False, None, [""], "too_short"),
        (280, None, None, ["", "replayed:a"], "unjudged"),
        (280, None, playing.Job("judge"), ["", "replayed:a"], "judging"),
        (280, None, playing.Job("play"), ["", "replayed:a"], "unjudged"),
    ],
)
def test_a_history_is_offered_as_far_as_it_can_be_used(days, may, job, offered, word):
    """A single day was offered to come again, and refused only after somebody had chosen it."""
    kept = history(days, None if may is None else KeptVerdict(may, (), ()))
    shelf = SimpleNamespace(histories=lambda: [kept])
    labs = SimpleNamespace(conditions=SimpleNamespace(histories=shelf), player=SimpleNamespace(of=lambda _: job))
    centre = SimpleNamespace(zone=nine_cells().zone)
    look = Look(centre, None, None, "light", person(Job.PLANNER, "990100"), Looking(), None, labs)  # type: ignore[arg-type]
    assert list(demands(look)) == offered
    assert standing(look, kept) == word
    for language in Language:
        assert wording(language)(f"staffing.verdict_{word}")


def test_a_key_of_the_plan_file_is_called_as_the_form_calls_it():
    wrong = replace(SHEETS, about=SHEETS.about.replace("\nabsent = 0.08", "\nabsent = nan", 1))
    with pytest.raises(BadInput) as refused:
        legal(wrong, nine_cells(), nine_cells().rulebook)
    (said,) = [told(fault, wording(Language.ZH), Names()) for fault in refused.value.faults]
    assert (said.file, said.row, said.column) == ("方案参数", "16", "缺勤比例 absent")
