"""The forms say what the plan says, also for names that were never meant for a form."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from docx import Document
from docx.oxml.ns import qn

from dispatch.records.inspection import DeskDay, Premises, Remote
from dispatch.review.avoided import avoided
from dispatch.review.bundle import files
from dispatch.review.certificate import certificate
from dispatch.review.forms import approval, notices, records
from dispatch.review.plain import plain
from dispatch.review.wording import words
from tests.review.conftest import MONDAY, PREMISES, TROUBLE, TUESDAY, due

FORMS = (approval, notices, records)
TEMPLATE = {"zh": "自拟示例文书", "en": "illustrative template"}


def opened(content):
    return Document(io.BytesIO(content))


def texts(document) -> str:
    """Everything that stands in the body, tables included, in its order."""
    return "\n".join(
        "".join(
            piece.text or ("\n" if piece.tag == qn("w:br") else "") for piece in paragraph.iter(qn("w:t"), qn("w:br"))
        )
        for paragraph in document.element.body.iter(qn("w:p"))
    )


def tables(document) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


@pytest.fixture
def monday(papers):
    return papers.crews()[0]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_notice_names_the_papers_that_the_business_has_to_show(papers, monday, language):
    """The list of items says which; a shopkeeper who learns it at the door has them at home."""
    call = monday.calls[0]
    told = replace(papers, to_show={call.visit.items[0]: ("卫生许可证", "进货台账")})
    said = texts(opened(notices(told, monday, words(language))))
    assert words(language).listed(["卫生许可证", "进货台账"]) in said
    assert said.count("卫生许可证") == 1
    assert words(language)("notice.prepare") not in said or len(monday.calls) > 1


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("form", FORMS)
def test_every_page_says_that_it_is_synthetic_and_nobodys_official_form(papers, monday, form, language):
    """A page can be torn out of a file; header and footer go with it."""
    document = opened(form(papers, monday, words(language)))
    assert len(document.sections) == 1
    assert not document.sections[0].different_first_page_header_footer
    assert document.sections[0].header.paragraphs[0].text == words(language)("page.made_up")
    foot = document.sections[0].footer
    assert TEMPLATE[language] in foot.paragraphs[0].text
    assert [field.get(qn("w:instr")) for field in foot._element.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
    width, height = document.sections[0].page_width, document.sections[0].page_height
    assert (round(width.cm, 2), round(height.cm, 2)) == (21.0, 29.7)


def test_where_all_is_real_no_page_claims_otherwise(papers, monday):
    """A label that stands everywhere is read nowhere."""
    document = opened(approval(replace(papers, made_up=""), monday, words("zh")))
    assert document.sections[0].header.paragraphs[0].text == ""


def test_the_approval_lists_who_goes_where_for_what(papers, monday):
    """Who signs it has to see everything that is asked."""
    facts, inspectors, objects, *blanks = tables(opened(approval(papers, monday, words("zh"))))
    assert facts[0] == ["检查机关", "段塘街道"]
    assert facts[2] == ["检查日期", "2026年3月2日（周一）"]
    assert facts[3] == ["涉及部门", "市场监管局、D2、D3、D4"]
    assert [row[0] for row in inspectors[1:]] == ["李明 (o1)", "o2"]
    assert inspectors[2][2] == "cert-D1、cert-D2"
    assert objects[1] == ["1", "阳光小吃店", "09:05–10:25", "食品经营许可、N2、N3、N4", papers.codes["V1"]]
    assert objects[2][1] == plain(TROUBLE)
    assert [blank[0][0] for blank in blanks[-3:]] == ["承办人意见", "审核意见", "负责人审批意见"]


def test_each_premises_has_a_notice_of_its_own_that_begins_a_page(papers, monday):
    """It is handed over, and one shop must not read about the next."""
    document = opened(notices(papers, monday, words("en")))
    headings = [each for each in document.paragraphs if each.text == "Notice of inspection"]
    assert [bool(each.paragraph_format.page_break_before) for each in headings] == [False, True]
    first = texts(document).split("Notice of inspection")[1]
    assert "阳光小吃店: " in first
    assert "2026-03-02 (Mon), 09:05 to 10:25" in first
    assert papers.codes["V1"] in first
    assert papers.codes["V2"] not in first
    assert "老王" not in first


def test_the_record_has_a_line_to_tick_for_every_item(papers, monday):
    """An item that is not on the paper is not looked at."""
    found = tables(opened(records(papers, monday, words("zh"))))
    results = [table for table in found if table[0][:1] == ["检查事项"]]
    assert [[row[0] for row in table[1:]] for table in results] == [["食品经营许可", "N2", "N3", "N4"], ["A1", "A2"]]
    assert {row[2] for table in results for row in table[1:]} == {"☐ 符合  ☐ 不符合  ☐ 不适用"}


def test_what_xml_forbids_is_replaced_and_everything_else_stays(papers, monday):
    """A bell in a name must neither stop the week's papers nor vanish unseen."""
    body = texts(opened(notices(papers, monday, words("zh"))))
    assert "=cmd|' /C calc'!A0 \"老王\" <面馆> & 🍜\ufffd\ufffd\ufffd_x0041_\n第二行 {0} " + "很长" * 200 in body


def test_a_premises_without_a_name_is_called_by_its_id(papers):
    """An empty line is nobody's address."""
    papers = replace(papers, premises=PREMISES | {"P4": Premises("P4", "", 121.5, 29.8, "T2")})
    body = texts(opened(notices(papers, papers.crews()[2], words("zh"))))
    assert "P4：" in body


def test_a_visit_to_the_end_of_the_day_ends_at_midnight_and_not_at_zero(papers):
    """00:00 to 00:00 would be no time at all."""
    body = texts(opened(notices(papers, papers.crews()[2], words("zh"))))
    assert "23:20 至 24:00" in body


def test_the_certificate_counts_checks_and_visits_and_shows_the_proof(papers):
    """What the enterprise was spared, in figures that it can add up itself."""
    one, two, night = avoided(papers)
    assert (one.checks, one.visits, one.avoided, one.fewest) == (4, 1, 3, 1)
    assert (two.checks, two.visits, two.avoided, two.fewest) == (3, 2, 1, 2)
    assert night.departments == ["D3", "D4"]
    body = texts(opened(certificate(papers, one, words("zh"))))
    assert "4 项检查 → 1 次入企，减少 3 次" in body
    assert "4 个部门（市场监管局、D2、D3、D4）" in body
    assert "本计划入企 1 次，已是最少。" in body
    *_, proof, _ = tables(opened(certificate(papers, two, words("zh"))))
    assert proof[1:] == [
        ["A1", "市场监管局", "2026-03-02 – 2026-03-02"],
        ["A3", "市场监管局", "2026-03-03 – 2026-03-03"],
    ]


def test_the_certificate_tells_what_was_merged_from_what_was_checked_at_the_desk(papers):
    """An enterprise that sent papers in was spared a visit by that, and not by two departments coming together."""
    items = papers.items | {"R1": replace(due("R1", "P1", "D2", MONDAY, TUESDAY), remote=Remote.PAPERS)}
    desk = DeskDay(TUESDAY, "T1", ("O1", "O2"), ("R1",))
    both = replace(papers, items=items, calendar=replace(papers.calendar, desk=(desk,)))
    one = avoided(both)[0]
    assert (one.checks, one.visits, one.avoided, one.merged, len(one.desk)) == (5, 1, 4, 3, 1)
    body = texts(opened(certificate(both, one, words("zh"))))
    assert "其中合并检查减少 3 次，非现场检查减少 1 次" in body
    alone = replace(both, calendar=replace(both.calendar, crews=()))
    only = avoided(alone)[0]
    assert (only.visits, only.avoided, only.fewest) == (0, 1, 0)
    assert "全部为非现场检查，不上门。" in texts(opened(certificate(alone, only, words("zh"))))


def test_a_proof_that_does_not_hold_is_not_printed(papers):
    """Items that could have been checked together prove nothing, whoever says so."""
    wrong = replace(papers.calendar, proofs={"P2": ("A1", "A2")})
    two = avoided(replace(papers, calendar=wrong))[1]
    assert (two.proof, two.fewest) == ((), 1)
    body = texts(opened(certificate(replace(papers, calendar=wrong), two, words("en"))))
    assert "1 more than this proves necessary" in body
    assert "the fewest possible" not in body


def test_periods_that_share_only_a_day_off_are_apart(papers):
    """The planner counts working days; a Saturday in common brings no common visit."""
    items = papers.items | {"A1": due("A1", "P2", "D1", MONDAY, TUESDAY)}
    shared = replace(papers, items=items)
    assert avoided(shared)[1].proof == ()
    assert [item.id for item in avoided(replace(shared, workdays=(MONDAY,)))[1].proof] == ["A1", "A3"]


def test_an_item_that_is_left_out_is_no_avoided_visit(papers):
    """Otherwise not inspecting at all would be the best plan."""
    undone = (*papers.calendar.undone, replace(papers.calendar.undone[0], item="N4"))
    crews = tuple(
        replace(
            crew,
            calls=tuple(
                replace(c, visit=replace(c.visit, items=tuple(i for i in c.visit.items if i != "N4")))
                for c in crew.calls
            ),
        )
        for crew in papers.calendar.crews
    )
    fewer = replace(papers, calendar=replace(papers.calendar, crews=crews, undone=undone))
    one = avoided(fewer)[0]
    assert (one.checks, one.avoided, [item.id for item in one.left]) == (3, 2, ["N4"])
    assert "另有 1 项未列入计划" in texts(opened(certificate(fewer, one, words("zh"))))


def test_a_visit_that_is_over_gets_no_notice_and_keeps_its_record(papers, monday):
    """A notice of this morning's visit, printed at noon, would announce what has happened."""
    over = replace(papers, over={"V1"})
    told, record = (texts(opened(form(over, monday, words("en")))) for form in (notices, records))
    assert papers.codes["V1"] not in told
    assert papers.codes["V2"] in told
    assert papers.codes["V1"] in record
    names = [name for name, _ in files(replace(papers, over={"V1", "V2"}), words("en"))]
    assert sum(words("en")("file.notices") in name for name in names) == 2
