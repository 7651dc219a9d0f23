"""The documents of a case: which there are, why others are not, and one of them as docx."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dispatch.records.case import Case
from dispatch.review.casefields import CaseFile
from dispatch.review.casepaper import case_paper
from dispatch.rulebook.casedocuments import Given, Standing, documents_of
from dispatch.rulebook.conditions import Context
from dispatch.rulebook.discretion import Range, Tier
from dispatch.rulebook.procedures import DECISION
from ui.services.casework import names_of
from ui.services.centre import Centre
from ui.wording import Language, wording


def standing(opened: Centre, case: Case, now: datetime) -> tuple[Standing, ...]:
    """Every document that the case's procedure knows, given or with why not."""
    rules = opened.rules
    return documents_of(case, opened.cases.next(case, now), rules.documents, rules.procedures)


def papers_of_case(opened: Centre, case: Case, wanted: str = "") -> list[tuple[str, bytes]]:
    """The documents that there are, or the one ``wanted`` by its id, each with its Chinese name and as docx."""
    found = standing(opened, case, opened.clock())
    file = case_file(opened, case, found)
    given = [each for each in found if not each.why and wanted in ("", each.document.id)]
    return [(each.document.name_zh, case_paper(file, each.document, each.stamp)) for each in given]


def case_file(opened: Centre, case: Case, found: Sequence[Standing]) -> CaseFile:
    """The case with everything its documents say about it, in Chinese as those are."""
    scenario = opened.scenario
    incident = opened.casebook.incident(case.incident) if case.incident else None
    tier, allowed = _tier(opened, case)
    decision = DECISION[case.procedure]
    return CaseFile(
        case,
        opened.rulebook.matters.get(case.matter),
        opened.rules.procedures,
        Context(opened.clock(), opened.rules.calendar),
        scenario.areas.name(case.town),
        names_of(opened.casebook.teams(), scenario.office),
        incident.address if incident is not None else "",
        tier,
        allowed,
        [
            each.document.name_zh
            for each in found
            if not each.why and each.document.given is Given.DONE and decision in each.document.steps
        ],
        wording(Language.ZH).sentences(scenario.synthetic),
    )


def _tier(opened: Centre, case: Case) -> tuple[Tier | None, Range | None]:
    """The tier of the decision and what it allows with the base that was stated."""
    facts = case.facts
    tier = next((each for each in opened.cases.tiers(case.matter) if each.tier == facts.get("tier")), None)
    base = float(facts.get("base") or 0)
    if tier is None or tier.unit.value == "warning" or (tier.unit.needs_base and base <= 0):
        return tier, None
    return tier, opened.cases.discretion.range_for(tier.matter, tier.tier, base or 1.0)
