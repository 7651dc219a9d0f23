"""Words: both languages say the same things."""

from dataclasses import replace
from string import Formatter

import pytest

from dispatch.desk.absences import ABSENCE_REASONS
from dispatch.desk.accounts import ACCOUNT_REASONS
from dispatch.desk.cases import CASE_REASONS
from dispatch.desk.clauses import CLAUSE_REASONS
from dispatch.desk.clocks import CLOCK_DESK_REASONS
from dispatch.desk.deskchecks import DESK_CHECK_REASONS
from dispatch.desk.draws import DRAW_REASONS
from dispatch.desk.due import DUE_DESK_REASONS
from dispatch.desk.filereviews import FILE_REVIEW_REASONS
from dispatch.desk.handover import HANDOVER_REASONS
from dispatch.desk.holidays import HOLIDAY_REASONS
from dispatch.desk.hooks import HOOK_REASONS
from dispatch.desk.incidents import DESK_REASONS
from dispatch.desk.inspections import INSPECTION_REASONS
from dispatch.desk.keys import KEY_REASONS
from dispatch.desk.liaisons import LIAISON_REASONS
from dispatch.desk.lists import LISTS_REASONS
from dispatch.desk.loop import LOOP_REASONS
from dispatch.desk.patrolling import PATROLLING_REASONS
from dispatch.desk.patrols import PATROL_REASONS
from dispatch.desk.plans import PLAN_DESK_REASONS
from dispatch.desk.refusals import REFUSAL_REASONS
from dispatch.desk.replans import REPLAN_REASONS
from dispatch.desk.requests import REQUEST_REASONS
from dispatch.desk.rights import RIGHTS_REASONS, WHO_MAY
from dispatch.desk.rounds import ROUND_REASONS
from dispatch.desk.scene import EVIDENCE_REASONS
from dispatch.desk.tasks import TASK_REASONS
from dispatch.desk.transfers import TRANSFER_REASONS
from dispatch.desk.voices import VOICE_REASONS
from dispatch.desk.whistles import WHISTLE_REASONS
from dispatch.inspections.faults import CHECK_REASONS, faults
from dispatch.inspections.filedraw import FILE_DRAW_REASONS
from dispatch.inspections.moving import MOVING_REASONS
from dispatch.inspections.planning import plan
from dispatch.inspections.reasons import Why
from dispatch.oversight.appeals import APPEAL_REASONS
from dispatch.records.calls import CallStatus
from dispatch.records.reason import Reason
from dispatch.response.assignment import OBSTACLES, REASONS
from dispatch.response.duplicates import LIKENESS_REASONS
from dispatch.rulebook.casedocuments import DOCUMENT_REASONS
from dispatch.rulebook.clocklines import CLOCK_REASONS
from dispatch.rulebook.competence import PROOF_REASONS
from dispatch.rulebook.discretion import DISCRETION_REASONS
from dispatch.rulebook.outcomes import OUTCOME_REASONS
from dispatch.rulebook.procedures import PROCEDURE_REASONS
from dispatch.rulebook.versions import LIST_REASONS
from scenarios.plandeeds import PLAN_DEED_REASONS
from scenarios.tonight import TONIGHT_REASONS
from simulation.calibration import VERDICT_REASONS
from simulation.experiments import EXPERIMENT_REASONS
from simulation.history import HISTORY_REASONS
from simulation.sources import SOURCE_REASONS
from tests.dispatch.inspections.test_planning import TAMPERED, small
from ui.wording import Language, wording

SAID = {
    *DOCUMENT_REASONS,
    *FILE_REVIEW_REASONS,
    *FILE_DRAW_REASONS.values(),
    *HANDOVER_REASONS,
    *EVIDENCE_REASONS,
    *ABSENCE_REASONS,
    *APPEAL_REASONS,
    *ACCOUNT_REASONS,
    *REASONS,
    *PROOF_REASONS,
    *CASE_REASONS,
    *CHECK_REASONS,
    *CLAUSE_REASONS,
    *CLOCK_REASONS,
    *CLOCK_DESK_REASONS,
    *DESK_REASONS,
    *DISCRETION_REASONS,
    *HOLIDAY_REASONS,
    *LIAISON_REASONS,
    *HOOK_REASONS,
    *INSPECTION_REASONS,
    *PLAN_DESK_REASONS,
    *DUE_DESK_REASONS,
    *DESK_CHECK_REASONS,
    *DRAW_REASONS,
    *MOVING_REASONS,
    *ROUND_REASONS,
    *PATROL_REASONS,
    *PATROLLING_REASONS,
    *KEY_REASONS,
    *LIKENESS_REASONS,
    *LIST_REASONS,
    *LISTS_REASONS,
    *LOOP_REASONS,
    *OUTCOME_REASONS,
    *PROCEDURE_REASONS,
    *REFUSAL_REASONS,
    *REPLAN_REASONS,
    *REQUEST_REASONS,
    *RIGHTS_REASONS,
    *TASK_REASONS,
    *TRANSFER_REASONS,
    *VOICE_REASONS,
    *WHISTLE_REASONS,
    *VERDICT_REASONS,
    *HISTORY_REASONS,
    *SOURCE_REASONS,
    *EXPERIMENT_REASONS,
    *TONIGHT_REASONS,
    *PLAN_DEED_REASONS,
}


def test_both_languages_have_the_same_keys():
    """A missing word would show only to the colleague who reads the other language."""
    assert wording(Language.ZH).words.keys() == wording(Language.EN).words.keys()


def test_every_deed_that_somebody_has_a_right_to_has_words():
    """Who comes second is told what the first did: without the word the screen would stop instead."""
    words = wording(Language.ZH).words
    assert {deed for deed in WHO_MAY if f"deed.{deed}" not in words} == set()


def _names(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


@pytest.mark.parametrize("key", sorted(wording(Language.ZH).words))
def test_both_languages_fill_in_the_same_values(key):
    """Otherwise one of them hides a figure that the other shows."""
    assert _names(wording(Language.ZH).words[key]) == _names(wording(Language.EN).words[key])


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("code", sorted(SAID))
def test_every_reason_can_be_said(language, code):
    """A reason without words is no reason to a dispatcher."""
    assert f"reason.{code}" in wording(language).words


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("code", OBSTACLES)
def test_every_obstacle_can_be_named_inside_another_reason(language, code):
    """A plan that sends nobody says what bars how many teams."""
    words = wording(language)
    said = words.reason(Reason("no_team", False, {"why": code, "teams": 3}))
    assert words(f"value.{code}") in said


@pytest.mark.parametrize("language", list(Language))
def test_everything_about_a_call_can_be_said(language):
    """The screen of inspections asks for these by the value that the book keeps."""
    words = wording(language).words
    assert {f"inspections.status_{status}" for status in CallStatus} <= words.keys()
    assert {f"inspections.why_{why}" for why in Why} <= words.keys()


def test_a_reason_picks_the_name_of_its_language():
    """Bodies have two names; each reader sees one."""
    reason = Reason("own_name", True, {"letterhead": "高桥镇人民政府", "letterhead_en": "Gaoqiao Town Government"})
    assert "高桥镇人民政府" in wording(Language.ZH).reason(reason)
    assert "Gaoqiao" in wording(Language.EN).reason(reason)


def test_what_is_made_up_reads_as_sentences():
    """A report said: the lines are approximate。；officers are made up."""
    told = [("街道为合成。", "Streets are made up."), ("人员为合成。", "Officers are made up.")]
    assert wording(Language.ZH).sentences(told) == "街道为合成。人员为合成。"
    assert wording(Language.EN).sentences(told) == "Streets are made up. Officers are made up."


@pytest.mark.parametrize(("locale", "language"), [("zh-CN", "zh"), (None, "zh"), ("en-US", "en"), ("fr", "en")])
def test_the_browser_chooses_the_language(locale, language):
    """Nobody should have to look for a switch first."""
    assert Language.of_browser(locale) == language


@pytest.mark.parametrize("language", list(Language))
def test_what_the_checker_finds_is_said_with_all_its_values(language):
    """Calendars broken in every way that the checker knows: no sentence asks for a value that its fault has not."""
    calendar = plan(small(), seconds=0.3)
    ordered = replace(calendar, crews=tuple(sorted(calendar.crews, key=lambda crew: crew.day)))
    said = {
        fault.code: wording(language).reason(fault)
        for tamper, _, _ in TAMPERED
        for fault in faults(small(), tamper(ordered))
    }
    assert len(said) >= 10
    assert all(words and "{" not in words for words in said.values())
