"""Files: the lists out to the keeper's spreadsheet program and back, with what is wrong and what would change."""

from __future__ import annotations

import streamlit as st

from gis.schemas import BadInput
from ui.panel.component import panel, render
from ui.screens.lists.drafting import faults_html, settle
from ui.screens.lists.looking import Look, again
from ui.services.lists import DeedKind, Draft
from ui.services.ruletables import WORKBOOK, beside, read_upload, workbook_bytes

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROUND = "lists-round"


def show(look: Look) -> None:
    left, right = st.columns([3.5, 8], gap="small")
    with left, st.container(key="lists-side"):
        _out(look)
    with right, st.container(key="lists-middle"), st.container(key="lists-wide"):
        _in(look)


def _out(look: Look) -> None:
    """The workbook of what is in force now, made when it is asked for."""
    w, centre = look.tell.w, look.centre
    html = render("lists/files_out.html", w=w, version=look.list_version, n=len(centre.rulebook.powers))
    panel(html, key="lists-files-out", theme=look.theme)
    st.download_button(
        w("lists.download"),
        data=lambda: workbook_bytes(centre.rulebook, centre.rules.discretion),
        file_name=WORKBOOK.replace(".xlsx", f"-v{look.list_version}.xlsx"),
        mime=SHEET,
        width="stretch",
        type="primary",
        on_click="ignore",
        key="lists-download",
    )


def _in(look: Look) -> None:
    """An edited workbook: its faults, or what it would change."""
    w, looking = look.tell.w, look.looking
    panel(render("lists/files_in.html", w=w, note=looking.note), key="lists-files-in", theme=look.theme)
    turn = st.session_state.setdefault(ROUND, 0)
    upload = st.file_uploader(w("lists.upload"), type=["xlsx"], key=f"lists-upload-{turn}")
    if upload is None:
        return
    try:
        lists = read_upload(upload.name, upload.getvalue())
    except BadInput as bad:
        panel(faults_html(look, bad.faults), key="lists-upload-faults", theme=look.theme)
        return
    book = look.centre.rulebook
    other = beside(lists, book, look.centre.rules.discretion)
    if not other.same:
        told = w("lists.beside", matters=other.matters, bodies=other.bodies, tiers=other.tiers)
        panel(render("lists/beside.html", told=told), key="lists-beside", theme=look.theme)
    if settle(look, Draft(DeedKind.REPLACE, rows=lists.powers)):
        st.session_state[ROUND] = turn + 1
        again()
