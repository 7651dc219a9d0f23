"""A newer sheet on the screen: before it is taken or put away, everything that goes and everything it lacks is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from dispatch.desk.newer import newer
from dispatch.desk.plans import ProposedPlan
from tests.dispatch.inspections.street import SCENES
from tests.dispatch.test_newer import GROUND, NOTHING, sheet, taken
from ui.screens.inspections.looking import Look, Looking
from ui.screens.inspections.newer import difference_html
from ui.screens.inspections.plans import View, _put_away, _taken
from ui.wording import Language, wording

JANUARY = date(2026, 1, 5)
LEFT_OUT = {Language.EN: "1 checks have no room", Language.ZH: "1 项超出年度上限"}


def proposal() -> ProposedPlan:
    """M1 twice, now once; M2 no more; M3 three times where the cap has room for two."""
    book, _ = taken(NOTHING, sheet({}, ("2", "1", None, None)))
    change = newer(book, sheet({}, ("1", None, "3", None)), GROUND, ["A"], 2026, JANUARY)
    return ProposedPlan("plan.xlsx", (), 2026, ("A",), change, ("A",), JANUARY, GROUND.people, 0)


def look(language: Language) -> Look:
    centre, tell = SimpleNamespace(rules=SimpleNamespace(scenes=SCENES)), SimpleNamespace(w=wording(language))
    return Look(centre, None, tell, "light", None, Looking(), {}, {}, None, {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "fewer", "once_less", "gone", "to_mend"),
    [
        (Language.EN, "Fewer times", "line M1; 1 checks", "line M2; 1 checks", "4 rows must be mended"),
        (Language.ZH, "次数减少", "编号 M1，1 项检查", "编号 M2，1 项检查", "4 行需修改"),
    ],
)
def test_what_goes_and_what_the_sheet_lacks_is_said_before_it_is_taken(language, fewer, once_less, gone, to_mend):
    """Nobody can decide about a sheet of which the half is not shown."""
    html = difference_html(look(language), proposal(), 4)
    withdrawn, asked_less = html.split(fewer)
    assert gone in withdrawn
    assert once_less in asked_less
    assert to_mend in withdrawn
    assert LEFT_OUT[language] in withdrawn


@pytest.mark.parametrize("language", list(Language))
def test_what_another_departments_plan_has_no_room_for_is_said_when_a_sheet_is_taken(language):
    """The cap is the premises', whoever's check it leaves out."""
    change = replace(proposal().change, left_out={("fire", 2026, "F1"): 1})
    assert LEFT_OUT[language] in _taken(look(language), replace(proposal(), change=change), 0)


def test_a_sheet_put_away_leaves_the_rows_to_mend():
    """They are what its department asks for next."""
    view = View(proposed=proposal(), faults=b"workbook", fault_rows=4)
    _put_away(view)
    assert (view.proposed, view.faults, view.fault_rows) == (None, b"workbook", 4)
