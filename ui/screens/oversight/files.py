"""Reviews of closed case files: which files were drawn, who is to review what, and what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

import streamlit as st

from dispatch.desk.filereviews import ReviewStanding
from dispatch.inspections.filedraw import fingerprints
from dispatch.records.filereview import Mark, Quota
from dispatch.records.inspection import LARGEST_CREW, SMALLEST_CREW
from ui.frame import go
from ui.panel.component import panel, render
from ui.papers import file_review_link
from ui.said import Said, carried_out, incomplete
from ui.screens.oversight.looking import Look, again
from ui.services.casework import names_of
from ui.services.filereviewing import DrawnFile, drawn_files, opens, to_mark

TONES = {Mark.EXCELLENT: "good", Mark.QUALIFIED: "", Mark.UNQUALIFIED: "bad"}
QUARTER = timedelta(days=91)


def show(look: Look) -> None:
    """The chosen review on the left; what somebody may do with it, or begin, on the right."""
    known = look.centre.file_reviews.all()
    chosen = next((each for each in known if each.review.id == look.looking.review), known[0] if known else None)
    rows = drawn_files(look.centre, look.person, chosen) if chosen is not None else []
    left, right = st.columns([8, 4], gap="small")
    with left:
        _review(look, known, chosen, rows)
    with right, st.container(key="oversight-files-side"):
        if look.looking.note is not None:
            panel(render("note.html", note=look.looking.note), key="oversight-files-note", theme=look.theme)
        if chosen is not None:
            _next(look, chosen, rows)
        if opens(look.person, look.centre.scenario.code):
            _open(look)


def _review(
    look: Look, known: Sequence[ReviewStanding], chosen: ReviewStanding | None, rows: Sequence[DrawnFile]
) -> None:
    w = look.tell.w
    one = chosen.review if chosen is not None else None
    html = render(
        "oversight/files.html",
        w=w,
        known=[(each.review.id, each.review.name, each is chosen) for each in known],
        review=one,
        seed=chosen.drawn.record.seed if chosen is not None and chosen.drawn is not None else "",
        opened=look.tell.at(one.opened_at) if one is not None else "",
        drawn=look.tell.at(one.drawn_at) if one is not None and one.drawn_at else "",
        hashes=fingerprints(one.files, one.reviewers) if one is not None else ("", ""),
        result=_result(look, rows),
        rows=_rows(look, rows),
    )
    name, _, id = (panel(html, key="oversight-files", theme=look.theme) or "").partition(":")
    if name == "case":
        go("cases", case=id)
    elif name == "review" and id != look.looking.review:
        look.looking.review, look.looking.note = id, None
        again()


def _result(look: Look, rows: Sequence[DrawnFile]) -> str:
    w = look.tell.w
    counts = Counter(row.marked.mark for row in rows if row.marked is not None)
    told = [f"{w(f'files.mark_{mark}')} {counts[mark]}" for mark in Mark]
    return w("app.comma").join([*told, f"{w('files.waits')} {len(rows) - counts.total()}"])


def _rows(look: Look, rows: Sequence[DrawnFile]) -> list[dict[str, object]]:
    w, bodies = look.tell.w, look.centre.rulebook.bodies
    people = names_of(list(look.board.teams.values()), look.centre.scenario.office)
    shown = []
    for row in rows:
        matter, body = look.tell.matters.get(row.case.matter), bodies.get(row.case.body)
        shown.append(
            {
                "id": row.case.id,
                "what": w.pick(matter.name_zh, matter.name_en) if matter else row.case.matter,
                "body": w.pick(body.name_zh, body.name_en) if body else row.case.body,
                "weight": row.weight,
                "reviewers": [_called(people, each) for each in row.reviewers],
                "recused": [(_called(people, one), _called(people, other) or "–") for one, other in row.recused],
                "why": row.why,
                "mark": w(f"files.mark_{row.marked.mark}") if row.marked else "",
                "tone": TONES[row.marked.mark] if row.marked else "",
                "reason": row.marked.reason if row.marked else "",
                "by": row.marked.by if row.marked else "",
            }
        )
    return shown


def _called(people: dict[str, str], id: str) -> str:
    return f"{people.get(id, '')} {id}".strip()


def _next(look: Look, chosen: ReviewStanding, rows: Sequence[DrawnFile]) -> None:
    """The seed; then the marks, and at any time the same draw again."""
    w, desk, one = look.tell.w, look.centre.file_reviews, chosen.review
    if chosen.drawn is None:
        if opens(look.person, look.centre.scenario.code):
            _seed(look, chosen)
        return
    panel(
        render("papers.html", words=w("files.record"), to=file_review_link(one.id)),
        key="oversight-files-record",
        theme=look.theme,
    )
    if st.button(w("files.again"), key="oversight-files-again", width="stretch"):
        against = desk.against(one.id)
        why = w("app.and").join(look.tell.reason(each) for each in against)
        look.looking.note = Said(w("files.unequal", why=why) if against else w("files.equal"), not against).note
        again()
    _mark(look, one.id, to_mark(look.person, list(rows)))


def _seed(look: Look, chosen: ReviewStanding) -> None:
    w, one = look.tell.w, chosen.review
    with st.form(key=f"oversight-files-seed-{one.id}-{look.looking.round}", border=False):
        seed = st.text_input(w("files.seed_ask", source=one.seed_from), max_chars=300)
        if st.form_submit_button(w("files.draw"), type="primary", width="stretch"):
            desk = look.centre.file_reviews
            _do(look, "draw", {w("files.seed"): seed}, lambda: desk.draw(look.person.id, one.id, seed))


def _mark(look: Look, review: str, waiting: Sequence[DrawnFile]) -> None:
    w, ids = look.tell.w, [row.case.id for row in waiting]
    if not ids:
        return
    st.markdown(f"**{w('files.mark_title', n=len(ids))}**")
    with st.form(key=f"oversight-files-mark-{review}-{look.looking.round}", border=False):
        case = str(st.selectbox(w("files.case"), ids))
        mark = st.segmented_control(w("files.mark"), list(Mark), format_func=lambda each: w(f"files.mark_{each}"))
        reason = st.text_area(w("files.reason"), max_chars=1000, height=90)
        if st.form_submit_button(w("files.mark_do"), type="primary", width="stretch"):
            desk, typed = look.centre.file_reviews, {w("files.mark"): mark or "", w("files.reason"): reason}
            _do(look, "mark", typed, lambda: desk.mark(look.person.id, review, case, Mark(str(mark)), reason))


def _open(look: Look) -> None:
    w, today = look.tell.w, look.centre.today()
    with st.expander(w("files.open_title")), st.form(f"oversight-files-open-{look.looking.round}", border=False):
        name = st.text_input(w("files.name"), max_chars=200)
        first = st.date_input(w("files.from_day"), today - QUARTER, format="YYYY-MM-DD")
        last = st.date_input(w("files.to_day"), today, format="YYYY-MM-DD")
        percent = st.number_input(w("files.percent"), 0, 100, 5)
        count = st.number_input(w("files.count"), 0, 10_000, 1)
        crew = st.number_input(w("files.crew"), SMALLEST_CREW, LARGEST_CREW, SMALLEST_CREW)
        source = st.text_input(w("files.seed_from"), max_chars=300, placeholder=w("inspections.seed_from_hint"))
        if st.form_submit_button(w("files.open"), width="stretch"):
            quota = Quota(int(count), int(percent))

            def opened() -> None:
                desk = look.centre.file_reviews
                made = desk.open(look.person.id, name, first, last, quota, source, crew=int(crew))
                look.looking.review = made.id

            _do(look, "open", {w("files.name"): name, w("files.seed_from"): source}, opened)


def _do(look: Look, name: str, typed: dict[str, str], deed: Callable[[], object]) -> None:
    w = look.tell.w
    said = incomplete({label: (value,) for label, value in typed.items()}, w)
    said = said or carried_out(deed, w(f"files.done_{name}"), look.tell)
    look.looking.note = said.note
    look.looking.round += said.done
    again()
