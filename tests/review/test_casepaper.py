"""A document of a case says what the case holds, and leaves a blank where it holds nothing."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from docx import Document

from dispatch.records.case import Case, Outcome, Procedure, Stamp
from dispatch.review.casefields import BLANK, CaseFile, capitals, fields
from dispatch.review.casepaper import case_paper
from dispatch.review.wording import words
from dispatch.rulebook.casedocuments import FIELDS, documents_of, read_documents
from dispatch.rulebook.discretion import Range, Tier, Unit
from dispatch.rulebook.matters import Matter, Source
from dispatch.rulebook.procedures import next_steps
from scenarios.builder import HERE
from tests.casework import COMPANY, MONDAY, PROCEDURES, a_case, context, taken
from tests.review.test_forms import texts
from tests.towns import nine_cells

DOCUMENTS = read_documents(HERE / "case_documents.csv", PROCEDURES)
UNTIL_NOTICE = ("filed", "investigated", "concluded")
UNTIL_DECISION = (*UNTIL_NOTICE, "notified", "pleaded", "decided")
TIER = Tier("M", "情节一般", 2, 500, 3000, Unit.YUAN, Source.ILLUSTRATIVE)
SPARED = {
    "concluded": {"intended": "no_penalty"},
    "decided": {"outcome": "no_penalty", "fine_yuan": 0, "educated": True},
}


def matter(source: Source = Source.STATUTE) -> Matter:
    return replace(
        next(iter(nine_cells().rulebook.matters.values())), name_zh="占道经营", basis="《某条例》第九条", source=source
    )


def file(case: Case, **changes) -> CaseFile:
    people = {"O1": "王一", "O2": "李二"}
    return CaseFile(case, matter(), PROCEDURES, context(at=MONDAY), "东门街道", people, **changes)


def standing(case: Case) -> dict[str, object]:
    left = next_steps(case, PROCEDURES, context(at=MONDAY))
    return {each.document.id: each for each in documents_of(case, left, DOCUMENTS, PROCEDURES)}


def given(case: Case) -> set[str]:
    return {id for id, each in standing(case).items() if not each.why}


def paper(case: Case, id: str, **changes) -> str:
    found = standing(case)[id]
    assert not found.why
    content = case_paper(file(case, **changes), found.document, found.stamp)
    return texts(Document(io.BytesIO(content)))


def fined(**facts) -> Case:
    case = a_case(party=COMPANY, letterhead="东门街道办事处", basis="省政府决定一号", id="AJ20260302-0001")
    return taken(case, *UNTIL_DECISION, facts={"decided": {"tier": 2, **facts}})


def test_each_document_comes_with_its_step_and_not_before():
    """A decision that can be printed before it is made gets handed out before it is made."""
    case = a_case()
    assert given(taken(case, "filed")) == set()
    assert given(taken(case, *UNTIL_NOTICE)) == {"notice"}
    assert given(taken(case, *UNTIL_NOTICE, "notified", "pleaded")) == {"notice"}
    assert given(fined()) == {"notice", "decision", "order", "receipt"}
    assert given(taken(case, *UNTIL_NOTICE, "decided", facts=SPARED)) == {"no_penalty", "order", "receipt"}
    spot = taken(a_case(Procedure.SIMPLE), "identified", "told", "decided_on_spot")
    assert given(spot) == {"spot_decision", "order", "receipt"}


def test_what_a_case_has_not_says_why():
    """Somebody looks for it with the party waiting; a missing line would be taken for a fault of the program."""
    barred = standing(taken(a_case(), "filed"))
    assert [reason.code for reason in barred["notice"].why] == ["step_not_owed"]
    assert [reason.code for reason in barred["decision"].why] == ["document_after_step"]
    assert {reason.code for reason in barred["receipt"].why} == {"step_before"}
    spared = standing(
        taken(
            a_case(),
            *UNTIL_NOTICE,
            "decided",
            facts=SPARED | {"decided": {"outcome": "no_penalty", "fine_yuan": 0, "order_to_correct": False}},
        )
    )
    assert [reason.code for reason in spared["decision"].why] == ["document_other_outcome"]
    assert [reason.code for reason in spared["order"].why] == ["document_needs_fact"]


def test_a_notice_that_is_owed_anew_is_no_proof_of_the_old_one():
    """Whoever concludes anew notifies anew: the old notice is not the one that was answered."""
    again = taken(taken(a_case(), *UNTIL_NOTICE, "notified"), "concluded", facts={"concluded": {"facts_proven": True}})
    assert standing(again)["notice"].stamp is None


def test_a_decision_says_what_the_case_says():
    """It is read in court beside the file."""
    case = fined()
    said = paper(case, "decision", tier=TIER, allowed=Range(500, 3000))
    for wanted in (
        case.id,
        "某餐饮店（法人或其他组织）",
        COMPANY.id,
        "东门街道办事处",
        "省政府决定一号",
        "占道经营",
        "《某条例》第九条",
        "东门街道",
        "2026年3月2日",
        "终结报告",
        "巡查发现",
        "提出了陈述、申辩",
        "罚款人民币 1000 元（大写：壹仟元整）",
        "第 2 档，情节一般，基准幅度 500 至 3000 元（示例 illustrative",
        "15日内",
        "百分之3",
        f"王一（执法证号：{BLANK}）、李二（执法证号：{BLANK}）",
    ):
        assert wanted in said, wanted
    assert "举行听证" not in said
    assert "最后一日：" + BLANK in said, "not served yet: nobody knows the last day"


def test_the_last_day_to_pay_is_that_of_the_clock_once_the_decision_is_served():
    case = taken(fined(), "served")
    assert "最后一日：2026年3月17日" in paper(case, "decision")
    receipt = paper(case, "receipt", served=["行政处罚决定书", "责令改正通知书"])
    assert "《行政处罚决定书》、《责令改正通知书》" in receipt
    assert "直接送达" in receipt
    assert "留置" not in receipt
    before = paper(fined(), "receipt")
    assert "□ 直接　□ 留置" in before
    assert "2026年3月11日" in before, "seven working days after the decision"


def test_a_notice_tells_of_the_hearing_where_it_applies():
    """Left out where it is owed, the penalty is void; held out where it is not, somebody waits for nothing."""
    notified = (*UNTIL_NOTICE, "notified")
    owed = paper(taken(a_case(), *notified, facts={"notified": {"hearing_right": True}}), "notice")
    assert "有权要求听证" in owed
    assert "最后一日：2026年3月9日" in owed
    assert "不属于应当告知听证权利" in paper(taken(a_case(), *notified), "notice")
    draft = paper(taken(a_case(), *UNTIL_NOTICE), "notice")
    assert "□ 有权" in draft
    assert "三、拟作出的行政处罚。" + BLANK in draft


def test_a_notice_printed_after_the_decision_says_only_what_was_known_at_its_step():
    """The tier was chosen at the decision: a copy that has it claims that the party was told."""
    case = fined(tier=2)
    notice = paper(case, "notice", tier=TIER, allowed=Range(500, 3000))
    assert "裁量：" + BLANK in notice
    assert "罚款人民币 1000 元" in notice
    assert "第 2 档" in paper(case, "decision", tier=TIER, allowed=Range(500, 3000))


def test_only_an_organisation_has_somebody_who_stands_for_it():
    assert "法定代表人" in paper(fined(), "decision")
    assert "法定代表人" not in paper(taken(a_case(), *UNTIL_DECISION), "decision")


def test_a_transfer_letter_says_to_whom_and_why():
    case = taken(a_case(), "filed")
    stamp = Stamp("transferred", MONDAY, "desk", facts={"to": "某区人民检察院", "why": "涉嫌犯罪。"})
    case = replace(case.closed(stamp), outcome=Outcome.TRANSFERRED)
    assert given(case) == {"transfer"}
    said = paper(case, "transfer")
    assert "某区人民检察院：" in said
    assert "理由：涉嫌犯罪。" in said
    assert "立案（2026年3月2日）" in said
    assert "illustrative" in said


def test_no_document_hides_that_it_is_made_up_or_a_template_of_ours():
    """A page can be torn out of a file; header and footer go with it."""
    case, marked = fined(), {"made_up": "当事人为合成"}
    for id in given(case):
        found = standing(case)[id]
        made = case_paper(file(case, **marked), found.document, found.stamp)
        assert made == case_paper(file(case, **marked), found.document, found.stamp)
        section = Document(io.BytesIO(made)).sections[0]
        assert "含模拟数据" in section.header.paragraphs[0].text
        assert found.document.basis in section.footer.paragraphs[0].text
        assert round(section.page_width.cm - section.left_margin.cm - section.right_margin.cm, 1) == 15.6
    assert (
        "示例 illustrative" in fields(replace(file(case), matter=matter(Source.ILLUSTRATIVE)), None, words("zh"))["law"]
    )


def test_every_field_that_a_text_may_name_is_filled():
    assert set(fields(file(fined()), None, words("zh"))) == set(FIELDS)


@pytest.mark.parametrize(
    ("yuan", "said"),
    [
        (0, "零元整"),
        (200, "贰佰元整"),
        (10_050, "壹万零伍拾元整"),
        (100_005, "壹拾万零伍元整"),
        (100_010_000, "壹亿零壹万元整"),
        (10**12, "1000000000000元整"),
    ],
)
def test_an_amount_in_capitals_reads_as_a_bank_writes_it(yuan, said):
    assert capitals(yuan) == said
