"""The plan as a workbook: visits, crews, what is undone and why, and what every premises is spared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dispatch.review.avoided import avoided
from dispatch.review.book import Book, Value
from dispatch.review.forms import departments, items, officers
from dispatch.review.papers import Papers, called
from dispatch.review.wording import Words, hour


def workbook(papers: Papers, words: Words) -> bytes:
    """The sheets visits, crews, undone and avoided behind one that explains, as xlsx.

    On every sheet row 1 says what it is and that it is synthetic, also in print; row 2 is the header. Dates are dates,
    hours are texts as HH:MM, nothing is a formula. The same plan gives the same bytes.
    """
    label, what = words("page.made_up"), words("page.synthetic", what=papers.made_up)
    book = Book(papers.made_utc(), *((label, what) if papers.made_up else ("", "")))
    about = words("sheet.about_lines", made=papers.made_at.astimezone(papers.zone).isoformat(" ", "minutes"))
    book.about(words("sheet.about"), about.strip().split("\n"))
    sheets: list[tuple[str, Sequence[str], Iterable[Sequence[Value]]]] = [
        ("visits", VISITS, _visits(papers, words)),
        ("crews", CREWS, _crews(papers, words)),
        ("undone", UNDONE, _undone(papers, words)),
        ("avoided", AVOIDED, _avoided(papers, words)),
    ]
    for name, columns, rows in sheets:
        book.sheet(words(f"sheet.{name}"), [words(f"word.{column}") for column in columns], list(rows))
    return book.content()


VISITS = (
    *("date", "arrive", "leave", "crew", "premises_id", "premises", "town", "items", "departments", "inspectors"),
    *("minutes", "act_code", "visit", "lon", "lat"),
)
CREWS = ("date", "crew", "town", "inspectors", "visits", "checks", "minutes", "travel")
UNDONE = ("item_id", "item", "department", "premises_id", "premises", "window", "reason", "price")
AVOIDED = (
    "premises_id",
    "premises",
    "town",
    "checks",
    "departments",
    "visits",
    "avoided",
    "merged",
    "from_desk",
    "fewest",
)


def _visits(papers: Papers, words: Words) -> Iterable[Sequence[Value]]:
    for crew, call in papers.calls():
        door, visit = papers.door(call), call.visit
        yield (
            *(crew.day, hour(call.arrive), hour(call.leave), crew.id, door.id, called(papers.door(call))),
            *(papers.named(door.town), items(papers, call, words), departments(papers, [call], words)),
            *(officers(papers, crew, words), visit.minutes, papers.codes[visit.id], visit.id, door.lon, door.lat),
        )


def _crews(papers: Papers, words: Words) -> Iterable[Sequence[Value]]:
    for crew in papers.crews():
        checks = sum(len(call.visit.items) for call in crew.calls)
        minutes = sum(call.visit.minutes for call in crew.calls)
        who = officers(papers, crew, words)
        yield crew.day, crew.id, papers.named(crew.town), who, len(crew.calls), checks, minutes, crew.travel


def _undone(papers: Papers, words: Words) -> Iterable[Sequence[Value]]:
    """Also what names no known item: nothing is dropped in silence."""
    for each in papers.calendar.undone:
        item = papers.items.get(each.item)
        why = (words.why(each.reason), each.price)
        if item is None:
            yield each.item, "", "", "", "", "", *why
            continue
        door = papers.premises.get(item.premises)
        window = f"{item.earliest.isoformat()} – {item.latest.isoformat()}"
        named = (papers.named(item.id), papers.named(item.department), item.premises, called(door) if door else "")
        yield item.id, *named, window, *why


def _avoided(papers: Papers, words: Words) -> Iterable[Sequence[Value]]:
    for each in avoided(papers):
        door, bodies = each.premises, words.listed([papers.named(body) for body in each.departments])
        named = (door.id, called(door), papers.named(door.town))
        yield *named, each.checks, bodies, each.visits, each.avoided, each.merged, len(each.desk), each.fewest
