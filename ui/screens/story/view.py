"""The story as HTML: head and clocks on the left, stages and entries on the right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from dispatch.store.ledger import Entry
from ui.panel.component import render
from ui.services.sentences import Told
from ui.services.story import Mask, chosen
from ui.services.storypaper import Paper, chain_told, head, stage_told, title
from ui.telling import Teller

WANTED = {"all": "story.all", "deeds": "story.deeds", "refused": "story.refused_only"}
WORTH_TELLING = timedelta(minutes=1)


def story_html(paper: Paper, wanted: str, tell: Teller) -> str:
    """The whole page; ``wanted`` is a key of ``WANTED``."""
    w, story = tell.w, paper.story
    entries = [told.entry for told in paper.told]
    kept = {entry.sequence for entry in chosen(entries, wanted)}
    return render(
        "story/story.html",
        w=w,
        id=story.incident.id,
        title=title(story, tell),
        words=Mask(story.callers)(story.incident.text),
        facts=head(story, tell),
        parent=story.incident.parent,
        clocks=paper.clocks,
        chain=chain_told(paper.verified, entries[-1].sequence if entries else 0, tell),
        stages=[(w(f"story.stage.{each.stage}"), each.state, stage_told(each, tell)) for each in paper.stages],
        picks=[(key, w(word, n=len(chosen(entries, key))), key == wanted) for key, word in WANTED.items()],
        days=_days([told for told in paper.told if told.entry.sequence in kept], tell),
    )


def _days(told: Sequence[Told], tell: Teller) -> list[tuple[str, list[dict[str, object]]]]:
    """Rows by the place's calendar day, each with the time since the row before it."""
    before = [None, *told][: len(told)]
    rows = [_row(each, last, tell) for each, last in zip(told, before, strict=True)]
    return [(day, list(some)) for day, some in groupby(rows, key=lambda row: str(row["day"]))]


def _row(told: Told, last: Told | None, tell: Teller) -> dict[str, object]:
    entry = told.entry
    local = entry.at.astimezone(tell.zone)
    since = entry.at - last.entry.at if last else timedelta(0)
    return {
        "day": f"{local:%Y-%m-%d}",
        "time": f"{local:%H:%M:%S}",
        "later": tell.w("story.later", span=tell.span(since)) if since >= WORTH_TELLING else "",
        "refused": entry.refused,
        "about": told.about,
        "words": told.words,
        "grounds": told.grounds,
        "changes": told.changes,
        "summary": _summary(entry),
        "number": entry.sequence,
        "hash": entry.hash[:8],
    }


def _summary(entry: Entry) -> str:
    """What the folded part holds: the answer somebody got, what changed, or how it all began."""
    if entry.refused:
        return "story.said_then"
    return "story.changed" if entry.version_before else "story.first_facts"
