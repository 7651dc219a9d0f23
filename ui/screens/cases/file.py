"""The file of one case: its head, its procedure as a line of steps, the opened stamp, facts and history."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from dispatch.records.case import Case, Stamp
from dispatch.records.reason import Reason
from dispatch.rulebook.casedocuments import Standing
from dispatch.rulebook.competence import RuleBook
from dispatch.rulebook.matters import Source
from dispatch.rulebook.procedures import NextStep, Procedures
from dispatch.store.ledger import REFUSED, Entry
from ui.panel.component import render
from ui.papers import case_link
from ui.screens.cases.saying import Sayer
from ui.services.casework import qr_of, state_of, synthetic, to_look_at


def file_html(
    case: Case,
    left: Sequence[NextStep],
    procedures: Procedures,
    book: RuleBook,
    history: Sequence[Entry],
    documents: Sequence[Standing],
    opened: int | None,
    say: Sayer,
) -> str:
    """The middle of the screen; ``opened`` is the number of the stamp shown, the last unless given."""
    w = say.tell.w
    number = opened if opened is not None and 0 <= opened < len(case.stamps) else len(case.stamps) - 1
    return render(
        "cases/file.html",
        w=w,
        case=case,
        what=say.matter(case),
        badges=_badges(case, book, say),
        head=_head(case, book, say),
        look_at=[say.tell.reason(reason) for reason in to_look_at(history)],
        steps=_steps(case, left, procedures, number, say),
        stamp=_stamp(case.stamps[number], procedures, case, say),
        facts=[(say.fact(name), say.value(name, value)) for name, value in case.facts.items()],
        history=[_told(entry, say) for entry in history],
        documents=[_document(each, case, say) for each in documents],
        all_documents=case_link(case.id) if any(not each.why for each in documents) else "",
        qr=Markup(qr_of(case.stamps[number].act_code)),  # drawn here, from a checked code
    )


def _document(standing: Standing, case: Case, say: Sayer) -> dict[str, object]:
    document = standing.document
    return {
        "id": document.id,
        "name": say.tell.w.pick(document.name_zh, document.name_en),
        "to": case_link(case.id, document.id) if not standing.why else "",
        "why": [say.tell.reason(reason) for reason in standing.why],
        "mark": say.mark(document.source),
    }


def _badges(case: Case, book: RuleBook, say: Sayer) -> list[tuple[str, str, str]]:
    """Tone, words and explanation of what must be known at a glance."""
    w, matter = say.tell.w, book.matters.get(case.matter)
    badges = [("", w(f"cases.procedure_{case.procedure.value}"), "")]
    if case.outcome is not None:
        badges.append(("", say.outcome(case), ""))
    if case.facts.get("first_of_body") is True:
        badges.append(("warn", w("cases.first_of_body"), w("cases.first_of_body_help")))
    proof = book.resolve(case.matter, case.town, case.filed_at.date()).proof
    vouched = not any(line.code == "row_illustrative" and line.values.get("body") == case.body for line in proof)
    if not vouched or (matter is not None and matter.source is Source.ILLUSTRATIVE):
        badges.append(("warn", w("cases.illustrative"), w("cases.illustrative_help")))
    if synthetic(case):
        badges.append(("warn", w("cases.synthetic"), w("cases.synthetic_help")))
    return badges


def _head(case: Case, book: RuleBook, say: Sayer) -> list[tuple[str, str]]:
    w, body = say.tell.w, book.bodies.get(case.body)
    by = w.pick(body.name_zh, body.name_en) if body else case.body
    kind = w(f"cases.party_{case.party.kind.value}")
    return [
        (w("cases.party"), f"{case.party.name} · {case.party.id} · {kind}"),
        (w("cases.body"), w("decision.body", body=by, mode=w(f"value.{case.mode}"))),
        (w("cases.letterhead"), case.letterhead),
        (w("cases.basis"), case.basis),
        (w("cases.officers"), say.officers(case.stamps[0].officers)),
        (w("cases.filed_at"), f"{say.at(case.filed_at)} · {say.tell.areas.name(case.town)}"),
    ]


def _steps(
    case: Case, left: Sequence[NextStep], procedures: Procedures, opened: int, say: Sayer
) -> list[dict[str, object]]:
    still = {each.step.name: each for each in left}
    line = []
    for place, step in enumerate(procedures.of(case.procedure), start=1):
        state, stamp = state_of(case, step, still), case.stamp(step.name)
        number = max((n for n, each in enumerate(case.stamps) if each.step == step.name), default=-1)
        due = still[step.name].due_at if step.name in still else None
        line.append(
            {
                "place": place,
                "name": say.step(step),
                "state": state,
                "at": say.tell.at(stamp.at) if stamp is not None and state == "done" else say.due(due) if due else "",
                "number": number if state == "done" else -1,
                "opened": number == opened and state == "done",
                "word": say.tell.w(f"cases.step_{state}"),
            }
        )
    return line


def _stamp(stamp: Stamp, procedures: Procedures, case: Case, say: Sayer) -> dict[str, object]:
    step = procedures.step(case.procedure, stamp.step)
    w = say.tell.w
    return {
        "name": say.step(step) if step else w.words.get(f"cases.outcome.{stamp.step}", stamp.step),
        "at": say.at(stamp.at),
        "by": w.words.get(f"actor.{stamp.by}", stamp.by),
        "officers": say.officers(stamp.officers),
        "code": stamp.act_code,
        "basis": step.basis if step else "",
        "facts": say.established(stamp),
    }


def _told(entry: Entry, say: Sayer) -> str:
    w = say.tell.w
    bare = entry.deed.removeprefix(REFUSED)
    deed = w.words.get(f"cases.deed.{bare}") or w.words.get(f"deed.{bare}", bare)
    steps = [say.step_named(str(each["step"])) for each in entry.details.get("stamps", ())]
    words = w("deed.refused", deed=deed) if entry.deed.startswith(REFUSED) else deed
    against = [Reason(each["code"], False, each["values"]) for each in entry.details.get("reasons", ())]
    why = [say.tell.reason(reason) for reason in against]
    who = w.words.get(f"actor.{entry.actor}", entry.actor)
    told = "；".join([" ".join([words, *steps]), *why])
    return w("decision.line", at=say.at(entry.at), who=who, deed=told)
