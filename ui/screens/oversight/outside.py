"""The one screen of an observer: the files that the lot gave them, the chosen one page by page, and its rating."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dispatch.desk.filereviews import ReviewStanding
from dispatch.records.filereview import HIGHEST, LOWEST
from ui.panel.component import panel, render
from ui.said import carried_out, incomplete
from ui.screens.oversight.looking import Look, again
from ui.services.filereviewing import DrawnFile
from ui.services.outside import decided, files_of, pages

Given = Sequence[tuple[ReviewStanding, DrawnFile]]


def show(look: Look) -> None:
    """Their files on the left; on the right what they think of the chosen one, while they have not said it."""
    given = files_of(look.centre, look.person)
    asked = look.looking.file
    chosen = next((each for each in given if each[1].case.id == asked), given[0] if given else None)
    left, right = st.columns([8, 4], gap="small")
    with left:
        _files(look, given, chosen[1] if chosen is not None else None)
    with right, st.container(key="oversight-files-side"):
        if look.looking.note is not None:
            panel(render("note.html", note=look.looking.note), key="oversight-files-note", theme=look.theme)
        if chosen is not None and chosen[1].rated is None:
            _rate(look, chosen[0].review.id, chosen[1].case.id)


def _files(look: Look, given: Given, chosen: DrawnFile | None) -> None:
    w, bodies = look.tell.w, look.centre.rulebook.bodies
    rows = []
    for standing, row in given:
        matter, body = look.tell.matters.get(row.case.matter), bodies.get(row.case.body)
        rows.append(
            {
                "id": row.case.id,
                "what": w.pick(matter.name_zh, matter.name_en) if matter else row.case.matter,
                "review": standing.review.name,
                "body": w.pick(body.name_zh, body.name_en) if body else row.case.body,
                "rating": row.rated.rating if row.rated else 0,
                "words": row.rated.words if row.rated else "",
                "chosen": row is chosen,
            }
        )
    read = pages(look.centre, chosen.case, w) if chosen is not None else []
    told = [{"step": each.step, "at": look.tell.at(each.at), "facts": each.facts} for each in read]
    html = render(
        "oversight/outside.html", w=w, rows=rows, pages=told, outcome=decided(chosen.case, w) if chosen else ""
    )
    name, _, id = (panel(html, key="oversight-outside", theme=look.theme) or "").partition(":")
    if name == "file" and id != look.looking.file:
        look.looking.file, look.looking.note = id, None
        again()


def _rate(look: Look, review: str, case: str) -> None:
    w = look.tell.w
    with st.form(key=f"oversight-files-rate-{case}-{look.looking.round}", border=False):
        st.markdown(f"**{w('files.rate_title', case=case)}**")
        rating = st.segmented_control(w("files.rating_ask"), list(range(LOWEST, HIGHEST + 1)))
        words = st.text_area(w("files.rating_words"), max_chars=1000, height=90)
        if not st.form_submit_button(w("files.rate_do"), type="primary", width="stretch"):
            return
    desk = look.centre.file_reviews
    typed = {w("files.rating"): (str(rating or ""),), w("files.rating_words"): (words,)}
    said = incomplete(typed, w) or carried_out(
        lambda: desk.rate(look.person.id, review, case, int(str(rating)), words), w("files.done_rate"), look.tell
    )
    look.looking.file, look.looking.note = case, said.note
    look.looking.round += said.done
    again()
