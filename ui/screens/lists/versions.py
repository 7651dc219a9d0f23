"""Versions: who changed the list when, two versions beside each other, an old one read or put back."""

from __future__ import annotations

import streamlit as st

from ui.panel.component import panel, render
from ui.screens.lists.drafting import change_cells, settle
from ui.screens.lists.looking import Look, again, asked
from ui.screens.lists.powers import BOX, UNDER_WIDGETS
from ui.services.lists import DeedKind, Draft, VersionLine, compared, powers_at, versions

MOST_CHANGES = 200


def show(look: Look) -> None:
    left, middle, right = st.columns([3, 6, 3], gap="small")
    lines = versions(look.centre.casebook)
    latest = look.list_version
    with left, st.container(key="lists-history"):
        _history(look, lines, latest)
    with middle, st.container(key="lists-middle"):
        _beside(look, latest)
    with right, st.container(key="lists-side"):
        _restore(look, latest)


def _history(look: Look, lines: list[VersionLine], latest: int) -> None:
    looking = look.looking
    html = render(
        "lists/versions.html",
        w=look.tell.w,
        lines=[_cells(look, line) for line in lines],
        latest=latest,
        chosen=looking.restoring,
        above=BOX,
    )
    deed, version = asked(panel(html, key="lists-versions", theme=look.theme), "version")
    if deed and version.isdecimal():
        looking.restoring = min(int(version), latest)
        looking.later = looking.restoring
        looking.earlier = max(0, looking.restoring - 1)
        looking.note = None
        again()


def _cells(look: Look, line: VersionLine) -> dict[str, object]:
    w = look.tell.w
    return {
        "version": line.version,
        "at": line.at.astimezone(look.tell.zone).strftime("%Y-%m-%d %H:%M"),
        "actor": line.actor,
        "deed": w(f"lists.ledger_{line.deed}"),
        "refused": line.refused,
        "told": "" if line.refused else w("lists.version_told", given=line.given, ended=line.ended),
        "stranded": w("lists.version_stranded", ids=w("lists.comma").join(line.stranded)) if line.stranded else "",
    }


def _beside(look: Look, latest: int) -> None:
    """Two versions compared, the earlier on the left."""
    w, looking = look.tell.w, look.looking
    every = list(range(latest, -1, -1))
    if looking.restoring is None:
        looking.earlier, looking.later = max(0, latest - 1), latest
    with st.container(key="lists-find", horizontal=True, gap="small"):
        earlier, later = (
            st.selectbox(
                w(f"lists.{name}"),
                every,
                index=every.index(min(value, latest)),
                format_func=lambda one: w("lists.shipped") if one == 0 else w("lists.version_n", n=one),
                key=f"lists-{name}-{looking.restoring}-{latest}",
                label_visibility="collapsed",
            )
            for name, value in (("earlier", looking.earlier), ("later", looking.later))
        )
    lines = compared(look.centre.casebook, look.centre.lists.shipped, earlier, later)
    html = render(
        "lists/compared.html",
        w=w,
        title=w("lists.compare", earlier=earlier, later=later),
        changes=[change_cells(look, line) for line in lines[:MOST_CHANGES]],
        total=len(lines),
        more=max(0, len(lines) - MOST_CHANGES),
        above=UNDER_WIDGETS,
    )
    panel(html, key="lists-compared", theme=look.theme)


def _restore(look: Look, latest: int) -> None:
    w, looking = look.tell.w, look.looking
    version = looking.restoring
    html = render("lists/restore.html", w=w, version=version, latest=latest, note=looking.note)
    deed, _ = asked(panel(html, key="lists-restore", theme=look.theme), "read")
    if deed and version is not None:
        looking.go("powers")
        looking.version = version if version != latest else None
        st.query_params["tab"] = "powers"
        again()
    if version is None or version == latest:
        return
    rows = powers_at(look.centre.casebook, look.centre.lists.shipped, version)
    if settle(look, Draft(DeedKind.RESTORE, rows=rows, version=version)):
        looking.restoring = None
        again()
