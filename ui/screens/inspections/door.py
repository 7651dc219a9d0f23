"""What the book knows of a place of business: class, visits, checks from the desk, what followed, and cases."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from dispatch.records.calls import Outing, Stop
from dispatch.records.deskcheck import DeskCheck
from dispatch.records.inspection import Premises
from dispatch.store import between, casefiles, deskchecks, inspections, plans
from ui.panel.component import panel, render
from ui.screens.inspections.looking import Look, clock


def show(look: Look, place: Premises) -> None:
    """Below what is due: what was, the newest first."""
    with look.centre.casebook.reading() as connection:
        known = plans.registered(connection, [place.town]).get(place.id)
        made = inspections.at_the_door(connection, place.id)
        desk = deskchecks.at(connection, place.id)
        followed = _followed(look, connection, (stop for _, stop in made))
    w = look.tell.w
    html = render(
        "inspections/door.html",
        w=w,
        kind=look.scene(known.traits.type) if known else "",
        risk=w(f"inspections.risk_{known.traits.risk}") if known else "",
        credit=known.traits.credit.value if known else "",
        rows=[_row(look, crew, stop, followed) for crew, stop in made],
        desk=[_from_desk(look, one) for one in desk],
    )
    panel(html, key="inspections-door", theme=look.theme)


def _from_desk(look: Look, one: DeskCheck) -> dict[str, object]:
    w = look.tell.w
    return {
        "day": one.day.isoformat(),
        "state": w("inspections.door_desk", by=w(f"inspections.by_{one.remote}")),
        "crew": " · ".join(look.officer(who) for who in one.officers),
        "said": one.said,
        "led": w("inspections.desk_led", item=one.lead) if one.lead else "",
    }


def _row(look: Look, crew: Outing, stop: Stop, followed: dict[str, list[str]]) -> dict[str, object]:
    return {
        "day": f"{crew.day.isoformat()} {clock(stop.arrive)}",
        "state": look.tell.w(f"inspections.status_{stop.status}"),
        "checks": len(stop.visit.items),
        "crew": " · ".join(look.officer(who) for who in stop.entered or crew.officers),
        "said": stop.said,
        "followed": [line for incident in stop.incidents for line in followed.get(incident, [incident])],
    }


def _followed(look: Look, connection: Connection, stops: Iterable[Stop]) -> dict[str, list[str]]:
    """By incident that came of a visit: what it is and how far, and each case of it; no party is named."""
    w, matters = look.tell.w, look.centre.rulebook.matters
    found: dict[str, list[str]] = {}
    wanted = {incident for stop in stops for incident in stop.incidents}
    for id, incident in between.incidents_of(connection, wanted).items():
        matter = matters.get(incident.matter)
        called = w.pick(matter.name_zh, matter.name_en) if matter else incident.matter
        found[id] = [f"{id} {called} · {w(f'state.{incident.status}')}"]
        for case in casefiles.read_cases(connection, casefiles.cases_where(incident=id)):
            state = w("cases.state_open" if case.open else "cases.state_closed")
            found[id].append(w("inspections.door_case", case=case.id, state=state))
    return found
