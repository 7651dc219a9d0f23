"""The forms of a crew's day: one approval, and a notice and a record for every door it enters.

They are the project's own illustrative templates after the kinds of documents that the Ministry of Justice named in
2024 (行政检查文书基本格式文本): own wording, no official form, which every page says.
"""

from __future__ import annotations

from collections.abc import Sequence

from dispatch.records.inspection import Call, CrewDay
from dispatch.review.paper import Paper
from dispatch.review.papers import Papers, called
from dispatch.review.wording import Words, hour
from dispatch.rulebook.actcode import qr_png


def approval(papers: Papers, crew: CrewDay, words: Words) -> bytes:
    """The approval form (行政检查审批表) of a crew's day as docx: who goes where for what, and room to decide."""
    paper = _paper(papers, words, "approval.title")
    paper.heading(words("approval.title"))
    items = [item for call in crew.calls for item in papers.due(call)]
    paper.fields(
        [
            (words("word.authority"), papers.authority(crew.town)),
            (words("word.crew"), crew.id),
            (words("word.date"), words.day(crew.day)),
            (words("word.departments"), departments(papers, crew.calls, words)),
            (words("approval.kind"), words("approval.kinds")),
        ]
    )
    paper.part(words("word.inspectors"))
    _inspectors(paper, papers, crew, words)
    paper.part(words("approval.objects"))
    header = [words(f"word.{each}") for each in ("number", "premises", "hours", "items", "act_code")]
    paper.rows(header, [_object(papers, call, at, words) for at, call in enumerate(crew.calls, 1)], (7, 23, 14, 29, 27))
    paper.text(words("approval.plan", checks=len(items), visits=len(crew.calls)))
    paper.blank(words("approval.ground"), 2.0)
    for who in ("handler", "reviewer", "approver"):
        paper.blank(words(f"approval.{who}"), 2.0, signed=True)
    return paper.content()


def notices(papers: Papers, crew: CrewDay, words: Words) -> bytes:
    """The notices (行政检查通知书) of a crew's day as docx, one premises after the other, each on its own page.

    A visit that is over has none.
    """
    paper = _paper(papers, words, "notice.title")
    for call in papers.ahead(crew):
        _notice(paper, papers, crew, call, words)
    return paper.content()


def records(papers: Papers, crew: CrewDay, words: Words) -> bytes:
    """The records (现场检查笔录) of a crew's day as docx, to be filled in at the door, each beginning a page."""
    paper = _paper(papers, words, "record.title")
    for call in crew.calls:
        _record(paper, papers, crew, call, words)
    return paper.content()


def departments(papers: Papers, calls: Sequence[Call], words: Words) -> str:
    """Whose items are checked, each department once."""
    found = dict.fromkeys(item.department for call in calls for item in papers.due(call))
    return words.listed([papers.named(each) for each in found])


def items(papers: Papers, call: Call, words: Words) -> str:
    """What is checked on a call, in a row."""
    return words.listed([papers.named(item.id) for item in papers.due(call)])


def officers(papers: Papers, crew: CrewDay, words: Words) -> str:
    """Who goes, in a row."""
    return words.listed([papers.named(officer) for officer in crew.officers])


def _notice(paper: Paper, papers: Papers, crew: CrewDay, call: Call, words: Words) -> None:
    paper.heading(words("notice.title"))
    paper.text(called(papers.door(call)) + words("page.colon"), bold=True, points=12)
    authority, day = papers.authority(crew.town), words.day(crew.day)
    paper.text(words("notice.text", authority=authority, day=day, arrive=hour(call.arrive), leave=hour(call.leave)))
    paper.part(words("notice.items"))
    header = [words(f"word.{each}") for each in ("number", "item", "department", "minutes")]
    due = [
        (str(at), papers.named(item.id), papers.named(item.department), str(item.minutes))
        for at, item in enumerate(papers.due(call), 1)
    ]
    paper.rows(header, due, (8, 50, 30, 12))
    paper.part(words("word.inspectors"))
    _inspectors(paper, papers, crew, words)
    shown = papers.shown(call)
    paper.text(words("notice.prepare_these", documents=words.listed([*shown])) if shown else words("notice.prepare"))
    paper.text(words("notice.rights"))
    _code(paper, papers, call, words("notice.scan"))
    paper.text(f"{authority}\n{words('notice.seal')}\n{words('page.blank_date')}", right=True)
    paper.blank(words("notice.received"), 1.4, signed=True)


def _record(paper: Paper, papers: Papers, crew: CrewDay, call: Call, words: Words) -> None:
    paper.heading(words("record.title"))
    _code(paper, papers, call, words("record.scanned"))
    door = papers.door(call)
    paper.fields(
        [
            (words("word.authority"), papers.authority(crew.town)),
            (words("word.premises"), f"{called(papers.door(call))} ({door.id})"),
            (words("record.planned"), f"{words.day(crew.day)} {hour(call.arrive)}–{hour(call.leave)}"),
            (words("record.actual"), words("record.actual_blank")),
            (words("record.present"), ""),
            (words("record.told"), words("record.told_lines")),
        ]
    )
    paper.part(words("word.inspectors"))
    _inspectors(paper, papers, crew, words)
    paper.part(words("record.results"))
    header = [words("word.item"), words("word.department"), words("record.result"), words("record.remark")]
    boxes = words("record.result_boxes")
    due = [(papers.named(item.id), papers.named(item.department), boxes, "") for item in papers.due(call)]
    paper.rows(header, due, (27, 18, 32, 23))
    paper.blank(words("record.findings"), 2.6)
    paper.blank(words("record.statement"), 1.3)
    paper.blank(words("record.party"), 1.2, signed=True)
    paper.blank(words("word.inspectors"), 1.2, signed=True)
    paper.blank(words("record.refused"), 1.0)


def _paper(papers: Papers, words: Words, title: str) -> Paper:
    return Paper(words, words(title), papers.made_utc(), papers.made_up)


def _inspectors(paper: Paper, papers: Papers, crew: CrewDay, words: Words) -> None:
    header = [words(f"word.{each}") for each in ("name", "department", "certificates", "card")]
    rows = []
    for id in crew.officers:
        inspector = papers.inspectors[id]
        name = f"{papers.named(id)} ({id})" if papers.named(id) != id else id
        held = words.listed([papers.certificate(each) for each in sorted(inspector.certificates)])
        rows.append((name, papers.named(inspector.department), held, ""))
    paper.rows(header, rows, (26, 22, 30, 22))


def _object(papers: Papers, call: Call, number: int, words: Words) -> tuple[str, ...]:
    hours = f"{hour(call.arrive)}–{hour(call.leave)}"
    return str(number), called(papers.door(call)), hours, items(papers, call, words), papers.codes[call.visit.id]


def _code(paper: Paper, papers: Papers, call: Call, beside: str) -> None:
    code = papers.codes[call.visit.id]
    paper.code(code, qr_png(code, papers.query_url), beside)
