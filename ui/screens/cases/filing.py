"""A new case: from an incident somebody has seen, or free; who may act is asked of the rule book first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import streamlit as st

from dispatch.desk.cases import Cases
from dispatch.desk.standing import can_be_filed
from dispatch.records.case import Case, Fact, Party, PartyKind, Procedure
from dispatch.records.incident import Incident
from dispatch.rulebook.competence import Answer
from dispatch.rulebook.matters import REPORTED, Source
from ui.panel.component import render
from ui.said import Said, attempt
from ui.screens.cases.asking import ask
from ui.screens.cases.saying import Sayer
from ui.screens.cases.session import CaseSession
from ui.services.board import Board
from ui.services.casework import certified, may_act, own_team
from ui.services.centre import Centre
from ui.signin import person
from ui.telling import plain


def from_the_address(session: CaseSession, incidents: Mapping[str, Incident], cases: Cases) -> None:
    """An incident named in the address opens its case, or the form for one where somebody has seen it; once."""
    named = st.query_params.get("incident", "")[:80]
    if not named or named == session.arrived:
        return
    session.arrived = named
    known = cases.casebook.cases(incident=named)
    incident = incidents.get(named)
    if known:
        session.select(known[-1].id)
    elif incident is not None and can_be_filed(incident):
        session.file(named)


def file_form(opened: Centre, board: Board, session: CaseSession, say: Sayer) -> Case | None:
    """Draw the form; the case once it is filed. Cancelling puts the form away."""
    w = say.tell.w
    st.markdown(f"**{w('cases.new')}**")
    if session.note is not None:
        st.warning(plain(session.note[1]))
    incident = _incident(opened, board, session, say)
    matter, town = _matter(opened, incident, say), incident.town if incident else _town(opened, board, say)
    new = _rest_of_form(opened, board, session, say, incident, matter, town) if matter and town else None
    if st.button(w("report.cancel"), key="new-cancel", width="stretch"):
        session.note = None
        session.put_away()
    return new


def _incident(opened: Centre, board: Board, session: CaseSession, say: Sayer) -> Incident | None:
    seen = {each.id: each for each in board.incidents.values() if can_be_filed(each)}
    if session.incident and session.incident not in seen:
        asked = opened.casebook.incident(session.incident)
        seen |= {asked.id: asked} if asked and board.sees(asked.cell or asked.town) else {}
    ids = list(seen)
    chosen = st.selectbox(
        say.tell.w("cases.incident"),
        ids,
        index=ids.index(session.incident) if session.incident in ids else None,
        key="new-incident",
        format_func=lambda each: f"{each} {say.tell.what(seen[each])}",
        placeholder=say.tell.w("cases.no_incident"),
    )
    session.incident = chosen or ""
    return seen.get(session.incident)


def _matter(opened: Centre, incident: Incident | None, say: Sayer) -> str:
    matters = {code: each for code, each in opened.rulebook.matters.items() if each.kind in REPORTED}
    codes = list(matters)
    given = incident.matter if incident else ""
    chosen = st.selectbox(
        say.tell.w("cases.matter"),
        codes,
        index=codes.index(given) if given in codes else None,
        key=f"new-matter-{incident.id if incident else ''}",
        format_func=lambda code: f"{code} {say.tell.w.pick(matters[code].name_zh, matters[code].name_en)}",
        placeholder=say.tell.w("cases.choose"),
    )
    return str(chosen or "")


def _town(opened: Centre, board: Board, say: Sayer) -> str:
    towns = [town for town in opened.scenario.areas.towns if board.sees(town)]
    own = st.query_params.get("town", "")
    chosen = st.selectbox(
        say.tell.w("cases.town"),
        towns,
        index=towns.index(own) if own in towns else None,
        key="new-town",
        format_func=say.tell.areas.name,
        placeholder=say.tell.w("cases.choose"),
    )
    return str(chosen or "")


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it was when its button was pressed."""

    party: Party
    officers: tuple[str, ...]
    ended: date | None
    facts: Mapping[str, Fact]
    harmed: bool
    another_act: str


def _rest_of_form(
    opened: Centre, board: Board, session: CaseSession, say: Sayer, incident: Incident | None, matter: str, town: str
) -> Case | None:
    """Procedure, body, then the form; the case that was filed with it, or None."""
    answer = may_act(opened.cases, matter, town, opened.today())
    own = own_team(answer, incident, board.teams)
    if own is None:
        st.warning(plain(say.tell.reason(answer.why)))
        return None
    procedure = _procedure(opened.rulebook.matters[matter].procedure, matter, say)
    body = _acting(opened, [each.body for each in answer.actors], own.body, f"{matter}-{town}", say)
    filled = _form(opened, board, say, incident, matter, town, procedure, body)
    if filled is None:
        return None
    if not (filled.party.id and filled.party.name):
        session.note = Said(say.tell.w("cases.need_party"), False).note
        st.rerun(scope="fragment")
    return _filed(opened, session, say, incident, matter, town, procedure, filled)


def _procedure(usual: Procedure, matter: str, say: Sayer) -> Procedure:
    kinds = [usual, *(kind for kind in Procedure if kind is not usual)]
    chosen = st.segmented_control(
        say.tell.w("cases.procedure"),
        kinds,
        default=usual,
        format_func=lambda each: say.tell.w(f"cases.procedure_{each.value}"),
        key=f"new-procedure-{matter}",
        required=True,
    )
    return Procedure(chosen or usual)


def _acting(opened: Centre, bodies: list[str], own: str, here: str, say: Sayer) -> str:
    """The body that acts; asked only where several may."""
    if len(bodies) == 1:
        return bodies[0]
    chosen = st.selectbox(
        say.tell.w("cases.body"),
        bodies,
        index=bodies.index(own),
        key=f"new-body-{here}",
        format_func=lambda each: _body(opened, each, say),
    )
    return str(chosen)


def _form(
    opened: Centre,
    board: Board,
    say: Sayer,
    incident: Incident | None,
    matter: str,
    town: str,
    procedure: Procedure,
    body: str,
) -> Filled | None:
    """Party, officers and the facts of the first step; None until the button is pressed."""
    w, day = say.tell.w, opened.today()
    with st.form("new-case", border=False):
        party = _party(say)
        officers = _officers(opened, board, incident, body, matter, town, say, day)
        ended = st.date_input(
            w("cases.ended"),
            value=None,
            max_value=day,
            key="new-ended",
            help=w("cases.ended_help"),
            format="YYYY-MM-DD",
        )
        first = opened.rules.procedures.of(procedure)[0]
        with st.container(key="case_form"):
            facts = ask([say.procedures.facts[name] for name in first.asks], f"new-{procedure.value}", say)
        harmed = st.checkbox(w("cases.harmed"), key="new-harmed")
        another = st.text_input(
            w("cases.another_act"), key="new-another-act", max_chars=500, help=w("cases.another_act_help")
        )
        pressed = st.form_submit_button(w("cases.file_it"), type="primary", width="stretch")
    return Filled(party, tuple(officers), ended, facts, harmed, another) if pressed else None


def _filed(
    opened: Centre,
    session: CaseSession,
    say: Sayer,
    incident: Incident | None,
    matter: str,
    town: str,
    procedure: Procedure,
    filled: Filled,
) -> Case:
    """The case filed; a refusal stands as a note over the form, which is drawn again."""
    made: list[Case] = []

    def deed() -> str:
        made.append(
            opened.cases.file(
                person(),
                incident.id if incident else "",
                matter,
                filled.party,
                filled.officers,
                town=town,
                procedure=procedure,
                facts=filled.facts,
                ended=filled.ended,
                harmed=filled.harmed,
                another_act=filled.another_act,
            )
        )
        return ""

    said = attempt(deed, say.tell)
    if not said.done:
        session.note = said.note
        st.rerun(scope="fragment")
    return made[0]


def _party(say: Sayer) -> Party:
    w = say.tell.w
    kind = st.segmented_control(
        w("cases.party_kind"),
        list(PartyKind),
        default=PartyKind.ORGANISATION,
        format_func=lambda each: w(f"cases.party_{each.value}"),
        key="new-party-kind",
        required=True,
    )
    number = st.text_input(w("cases.party_id"), key="new-party-id", max_chars=40)
    name = st.text_input(w("cases.party_name"), key="new-party-name", max_chars=80)
    return Party(number.strip(), name.strip(), PartyKind(kind or PartyKind.ORGANISATION))


def _officers(
    opened: Centre, board: Board, incident: Incident | None, body: str, matter: str, town: str, say: Sayer, day: date
) -> tuple[str, ...]:
    able = [each.id for each in certified(board.teams.values(), body, opened.rulebook.matters[matter].field, town, day)]
    team = board.teams.get(incident.team) if incident else None
    there = [each.id for each in team.officers if each.id in able][:2] if team else []
    chosen = st.multiselect(
        say.tell.w("cases.who_acts", n=2),
        able,
        default=there,
        key=f"new-officers-{body}-{matter}-{town}",
        format_func=lambda each: say.officers((each,)),
        placeholder=say.tell.w("cases.choose"),
    )
    return tuple(chosen)


def about_html(opened: Centre, board: Board, session: CaseSession, say: Sayer) -> str:
    """Who may act on what is being filed, in whose name and on which clause; and the incident it comes from."""
    incident = board.incidents.get(session.incident) or (
        opened.casebook.incident(session.incident) if session.incident else None
    )
    if incident is not None and not board.sees(incident.cell or incident.town):
        incident = None
    key = f"new-matter-{incident.id if incident else ''}"
    matter = str(st.session_state.get(key) or (incident.matter if incident else ""))
    town = incident.town if incident else str(st.session_state.get("new-town") or "")
    answer = may_act(opened.cases, matter, town, opened.today()) if matter and town else None
    return render(
        "cases/about.html",
        w=say.tell.w,
        incident=incident
        and {
            "id": incident.id,
            "what": say.tell.what(incident),
            "where": say.tell.where_full(incident),
            "text": incident.text,
        },
        actors=[_actor(opened, answer, each.body, say) for each in answer.actors] if answer else [],
        proof=[(_tone(reason.good, reason.values.get("source")), say.tell.reason(reason)) for reason in answer.proof]
        if answer
        else [],
    )


def _actor(opened: Centre, answer: Answer, body: str, say: Sayer) -> list[tuple[str, str]]:
    w, actor = say.tell.w, answer.actor(body)
    assert actor is not None
    return [
        (w("cases.body"), w("decision.body", body=_body(opened, body, say), mode=w(f"value.{actor.mode}"))),
        (w("cases.letterhead"), w.pick(actor.letterhead, actor.letterhead_en)),
        (w("cases.basis"), actor.basis),
    ]


def _body(opened: Centre, body: str, say: Sayer) -> str:
    known = opened.rulebook.bodies.get(body)
    return say.tell.w.pick(known.name_zh, known.name_en) if known else body


def _tone(good: bool | None, source: object) -> str:
    return "warn" if source == Source.ILLUSTRATIVE else {True: "good", False: "bad", None: "soft"}[good]
