"""The certificate of avoided visits: what a plan spares a premises, and the proof that it could not be more."""

from __future__ import annotations

from dispatch.records.inspection import DueItem
from dispatch.review.avoided import Avoided
from dispatch.review.forms import officers
from dispatch.review.paper import Paper
from dispatch.review.papers import Papers, called
from dispatch.review.wording import Words, hour


def certificate(papers: Papers, spared: Avoided, words: Words) -> bytes:
    """The certificate of one premises as docx."""
    paper = Paper(words, words("avoided.title"), papers.made_utc(), papers.made_up)
    paper.heading(words("avoided.title"))
    paper.text(called(spared.premises), bold=True, points=12)
    paper.text(_sum(spared, words), bold=True, points=14)
    paper.text(_story(papers, spared, words))
    if spared.desk:
        paper.text(words("avoided.which", merged=spared.merged, desk=len(spared.desk)))
    if spared.calls:
        _visits(paper, papers, spared, words)
    if spared.desk:
        paper.part(words("avoided.desk"))
        header = [words(f"word.{each}") for each in ("item", "department", "window", "date")]
        desk = [(*_item(papers, item), words.day(day.day)) for day, item in spared.desk]
        paper.rows(header, desk, (27, 19, 28, 26))
    _proof(paper, papers, spared, words)
    if spared.left:
        paper.text(words("avoided.left", count=len(spared.left)))
    paper.text(words("avoided.plan_only"), points=9)
    paper.blank(words("avoided.issuer"), 2.0, signed=True)
    return paper.content()


def _visits(paper: Paper, papers: Papers, spared: Avoided, words: Words) -> None:
    paper.part(words("avoided.planned"))
    header = [words(f"word.{each}") for each in ("date", "hours", "inspectors", "act_code")]
    visits = [
        (
            words.day(crew.day),
            f"{hour(call.arrive)}–{hour(call.leave)}",
            officers(papers, crew, words),
            papers.codes[call.visit.id],
        )
        for crew, call in spared.calls
    ]
    paper.rows(header, visits, (28, 15, 30, 27))
    paper.part(words("avoided.items"))
    header = [words(f"word.{each}") for each in ("item", "department", "window", "date")]
    items = [(*_item(papers, item), words.day(crew.day)) for crew, call in spared.calls for item in papers.due(call)]
    paper.rows(header, items, (27, 19, 28, 26))


def _sum(spared: Avoided, words: Words) -> str:
    return words("avoided.sum", checks=spared.checks, visits=spared.visits, avoided=spared.avoided)


def _story(papers: Papers, spared: Avoided, words: Words) -> str:
    return words(
        "avoided.text",
        made=words.day(papers.made_at.astimezone(papers.zone).date()),
        from_day=words.day(spared.days[0]),
        to_day=words.day(spared.days[-1]),
        count=len(spared.departments),
        departments=words.listed([papers.named(each) for each in spared.departments]),
        checks=spared.checks,
        visits=spared.visits,
        avoided=spared.avoided,
    )


def _proof(paper: Paper, papers: Papers, spared: Avoided, words: Words) -> None:
    paper.part(words("avoided.proof"))
    if len(spared.proof) > 1:
        paper.text(words("avoided.proof_many", fewest=spared.fewest))
        header = [words(f"word.{each}") for each in ("item", "department", "window")]
        paper.rows(header, [_item(papers, item) for item in spared.proof], (38, 28, 34))
    else:
        paper.text(words("avoided.proof_one" if spared.calls else "avoided.proof_none"))
    if not spared.calls:
        return
    over = spared.visits - spared.fewest
    paper.text(words("avoided.proof_over" if over else "avoided.proof_reached", visits=spared.visits, over=over))


def _item(papers: Papers, item: DueItem) -> tuple[str, str, str]:
    window = f"{item.earliest.isoformat()} – {item.latest.isoformat()}"
    return papers.named(item.id), papers.named(item.department), window
