"""Findings to take away, made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ui.panel.component import panel, render
from ui.screens.staffing.looking import Look
from ui.services.findings import Findings, document, workbook

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def papers(look: Look, what: str, id: str, make: Callable[[], Findings]) -> None:
    """Two buttons: the document and the workbook."""
    w = look.tell.w
    panel(render("staffing/papers.html", w=w), key=f"staffing-papers-{what}", theme=look.theme)
    for kind, write, mime in (("docx", document, DOCX), ("xlsx", workbook, XLSX)):
        st.download_button(
            w(f"staffing.report_{kind}"),
            data=lambda write=write: write(make(), w),  # type: ignore[misc]
            file_name=f"staffing-{what}-{id}.{kind}",
            mime=mime,
            width="stretch",
            on_click="ignore",
            key=f"staffing-{what}-{kind}",
        )
