"""A change of the list from the form to the deed: first what it would do, then whether it is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import streamlit as st

from dispatch.rulebook.matters import Source
from dispatch.rulebook.powers import Body, Mode, Power
from gis.schemas import BadInput, Fault
from ui.frame import go
from ui.panel.component import panel, render
from ui.said import Said, attempt
from ui.screens.lists.looking import Look, again, asked
from ui.services.lists import (
    LISTED,
    ChangeLine,
    DeedKind,
    Draft,
    Effect,
    Outlook,
    bodies_in,
    change,
    changes,
    key_of,
    outlook,
    principals,
)
from ui.session import desk_session
from ui.signin import person

MOST_CHANGES = 200
MOST_FAULTS = 50
DATES = "YYYY-MM-DD"


def deed_form(look: Look, power: Power | None) -> None:
    """The open form of the powers tab: what is to be changed, and its preview below."""
    looking = look.looking
    deed = looking.deed
    assert deed is not None
    html = render("lists/form_head.html", w=look.tell.w, title=look.tell.w(f"lists.deed_{deed}"), note=looking.note)
    if panel(html, key="lists-form-head", theme=look.theme) == "cancel":
        _put_away(look)
        again()
    if deed is DeedKind.GIVE:
        draft = _given(look, power)
    elif power is None:
        draft = None
        panel(render("lists/gone.html", words=look.tell.w("lists.gone")), key="lists-gone", theme=look.theme)
    else:
        draft = _ended(look, power) if deed is DeedKind.TAKE_BACK else _amended(look, power)
    if draft is not None and settle(look, draft):
        _put_away(look)
        if draft.after is not None:
            looking.row, looking.matter = key_of(draft.after), ""
        again()


def settle(look: Look, draft: Draft) -> bool:
    """Show what a draft would do and offer to do it; whether it was done."""
    w, looking = look.tell.w, look.looking
    try:
        seen = _outlook(look, draft)
    except BadInput as bad:
        panel(faults_html(look, bad.faults), key="lists-faults", theme=look.theme)
        return False
    same = seen.preview.comparison.same
    before, looking.shown = looking.shown, (draft, seen.preview.version)
    _open(panel(_outlook_html(look, seen), key="lists-outlook", theme=look.theme))
    accepted: tuple[str, ...] = ()
    if seen.ids and st.checkbox(w("lists.seen", n=len(seen.ids)), key=f"lists-seen-{hash(seen.ids)}"):
        accepted = seen.ids
    if not st.button(w(f"lists.do_{draft.kind}"), type="primary", width="stretch", disabled=same, key="lists-do"):
        return False
    if before != looking.shown:  # typed and pressed in one go, or somebody else was first: nobody has seen this yet
        looking.note = Said(w("lists.look_again"), False).note
        again()
    said = attempt(lambda: _done(look, draft, seen, accepted), look.tell)
    looking.note, looking.outlook = said.note, None
    if not said.done:
        again()
    return said.done


def _open(act: str | None) -> None:
    """What would be left with nobody, on the screen where somebody can see to it."""
    deed, subject = asked(act, "incident", "case")
    if deed == "incident":
        desk_session().select(subject)
        go("dispatch", incident=subject)
    if deed == "case":
        st.query_params.pop("incident", None)
        go("cases", case=subject)


def _done(look: Look, draft: Draft, seen: Outlook, accepted: tuple[str, ...]) -> str:
    edition = change(look.centre.lists, person(), draft, seen.preview.version, accepted)
    look.centre.keep_rules()
    return look.tell.w(f"lists.did_{draft.kind}", version=edition.version)


def _outlook(look: Look, draft: Draft) -> Outlook:
    """The preview, made again only when the draft, the list or what is open has changed."""
    looking, centre = look.looking, look.centre
    about = (draft, look.list_version, centre.casebook.revision(), look.today)
    if looking.outlook is None or looking.outlook[0] != about:
        looking.outlook = (about, outlook(centre.lists, centre.rulebook, draft, look.today))
    return looking.outlook[1]


def _outlook_html(look: Look, seen: Outlook) -> str:
    lines = changes(seen.preview.comparison)
    return render(
        "lists/outlook.html",
        w=look.tell.w,
        changes=[change_cells(look, line) for line in lines[:MOST_CHANGES]],
        more=max(0, len(lines) - MOST_CHANGES),
        stranded=[
            {
                "id": one.id,
                "screen": "case" if one.body else "incident",
                "what": look.matter(one.matter),
                "where": look.town(one.town),
                "body": look.body(one.body) if one.body else "",
                "since": one.since.isoformat(),
            }
            for one in seen.preview.stranded
        ],
        effects=[_effect_cells(look, effect) for effect in seen.effects],
    )


def change_cells(look: Look, line: ChangeLine) -> dict[str, object]:
    """A row that differs, in words."""
    w, power = look.tell.w, line.power
    span = w("lists.from_to", since=power.valid_from, until=power.valid_to or w("lists.open_end"))
    return {
        "kind": line.kind,
        "kind_name": w(f"lists.change_{line.kind}"),
        "code": power.matter,
        "name": look.matter(power.matter),
        "where": look.town(power.town),
        "who": f"{look.body(power.body)} · {w(f'lists.mode_{power.mode}')}",
        "span": "" if line.columns else span,
        "columns": [(w(f"lists.column_{name}"), was or "–", now or "–") for name, was, now in line.columns],
    }


def _effect_cells(look: Look, effect: Effect) -> dict[str, object]:
    return {
        "code": effect.matter.code,
        "name": look.matter(effect.matter.code),
        "day": effect.day.isoformat(),
        "actors": _actors(look, effect),
        "nobody": not effect.after.lawful,
    }


def _actors(look: Look, effect: Effect) -> list[tuple[str, str]]:
    """Who may act without the change or with it, each with what becomes of it: ``lost``, ``new`` or nothing."""
    w = look.tell.w
    was, now = ({(actor.body, actor.mode): None for actor in answer.actors} for answer in (effect.before, effect.after))
    return [
        (
            w("lists.body_mode", body=look.body(body), mode=w(f"lists.mode_{mode}")),
            "lost" if (body, mode) not in now else "new" if (body, mode) not in was else "",
        )
        for body, mode in {**now, **was}
    ]


def faults_html(look: Look, faults: tuple[Fault, ...] | list[Fault]) -> str:
    """What is wrong, a line for each cell."""
    told = [(each.file, each.row or "", each.column or "", each.found, each.expected) for each in faults]
    shown = told[:MOST_FAULTS]
    return render("lists/faults.html", w=look.tell.w, faults=shown, n=len(told), more=len(told) - len(shown))


def _put_away(look: Look) -> None:
    looking = look.looking
    looking.deed, looking.outlook = None, None
    if looking.note is not None and looking.note[0] == "":
        looking.note = None


def _ended(look: Look, power: Power) -> Draft:
    """The last day on which a row may still be used."""
    w = look.tell.w
    _about(look, power)
    least = power.valid_from
    last = st.date_input(
        w("lists.last_day"),
        value=max(look.today, least),
        min_value=least,
        format=DATES,
        key=f"lists-last-{look.looking.row}",
    )
    return Draft(DeedKind.TAKE_BACK, power, replace(power, valid_to=last))


def _amended(look: Look, power: Power) -> Draft:
    """A row with other dates, clause or source."""
    w, row = look.tell.w, look.looking.row
    _about(look, power)
    since, until = _span(look, power.valid_from, power.valid_to, row)
    basis = st.text_input(w("lists.basis"), value=power.basis, key=f"lists-basis-{row}", max_chars=300)
    source = _source(look, power.source, row)
    after = replace(power, basis=basis.strip(), valid_from=since, valid_to=until, source=source)
    return Draft(DeedKind.AMEND, power, after)


def _given(look: Look, like: Power | None) -> Draft | None:
    """A new row, beginning from the one under the lamp."""
    w, book = look.tell.w, look.centre.rulebook
    codes = [code for code, matter in book.matters.items() if matter.kind in LISTED]
    codes += sorted({matter.category for matter in book.matters.values()})
    code = st.selectbox(
        w("lists.col_matter"),
        codes,
        index=codes.index(like.matter) if like and like.matter in codes else None,
        format_func=lambda one: f"{one} {look.matter(one)}",
        placeholder=w("lists.choose"),
        key="lists-give-matter",
    )
    places = [*look.centre.scenario.areas.towns, look.centre.scenario.code]
    town = st.selectbox(
        w("lists.where"),
        places,
        index=places.index(look.looking.town),
        format_func=look.town,
        key=f"lists-give-town-{look.looking.town}",
    )
    mode = Mode(
        st.selectbox(
            w("lists.mode"),
            [str(mode) for mode in Mode],
            index=1,
            format_func=lambda one: w(f"lists.mode_{one}"),
            key="lists-give-mode",
        )
    )
    body = _body(look, w("lists.body"), bodies_in(book, town), f"lists-give-body-{town}-{mode}", own=mode)
    principal = ""
    if mode is Mode.DELEGATED:
        holders = principals(book, code, town) if code else []
        principal = _body(look, w("lists.principal"), holders, f"lists-give-head-{code}-{town}")
    since, until = _span(look, look.today, None, "new")
    basis = st.text_input(w("lists.basis"), key="lists-give-basis", max_chars=300, placeholder=w("lists.basis_hint"))
    source = _source(look, Source.DOCUMENT, "new")
    if not (code and body and basis.strip()):
        st.caption(w("lists.give_needs"))
        return None
    after = Power(code, town, body, mode, basis.strip(), principal, since, until, source)
    return Draft(DeedKind.GIVE, None, after)


def _body(look: Look, label: str, bodies: list[Body], key: str, own: Mode | None = None) -> str:
    """A choice of bodies; a department acts by its own power, every other mode is the town's."""
    if own is Mode.DEPARTMENT:
        bodies = sorted(bodies, key=lambda body: not body.department)
    chosen = st.selectbox(
        label,
        [body.id for body in bodies],
        index=0 if own is not None and bodies else None,
        format_func=look.body,
        key=key,
        placeholder=look.tell.w("lists.choose" if bodies else "lists.nobody_holds"),
    )
    return chosen or ""


def _span(look: Look, since: date, until: date | None, key: str) -> tuple[date, date | None]:
    w = look.tell.w
    first, last = st.columns(2)
    begins = first.date_input(w("lists.first_day"), value=since, format=DATES, key=f"lists-since-{key}")
    ends = last.date_input(w("lists.last_day_open"), value=until, format=DATES, key=f"lists-until-{key}")
    return begins, ends


def _source(look: Look, source: str, key: str) -> str:
    """Where the row comes from: a statute, an example, or the name of the document."""
    w = look.tell.w
    known = list(dict.fromkeys([Source.DOCUMENT, Source.STATUTE, Source.ILLUSTRATIVE, source]))
    chosen = st.selectbox(
        w("lists.source"),
        [str(one) for one in known],
        index=[str(one) for one in known].index(str(source)),
        format_func=lambda one: w(f"lists.source_{one}") if one in set(Source) else one,
        accept_new_options=True,
        key=f"lists-source-{key}",
    )
    return str(chosen or source).strip()


def _about(look: Look, power: Power) -> None:
    html = render(
        "lists/about.html",
        code=power.matter,
        name=look.matter(power.matter),
        where=look.town(power.town),
        who=f"{look.body(power.body)} · {look.tell.w(f'lists.mode_{power.mode}')}",
        basis=power.basis,
    )
    panel(html, key="lists-about", theme=look.theme)
