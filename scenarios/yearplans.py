"""Made-up year plans of departments and a draw, so that a demo has something to arrange and to prove. All synthetic.

The sheets go through the desk as a department's own would, as CSV; which premises, how often and when is assumed.
"""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from dispatch.desk.draws import Draws
from dispatch.desk.plans import Plans
from dispatch.inspections.plans import PLAN_COLUMNS, PLAN_OPTIONAL
from dispatch.inspections.registers import Registered
from dispatch.inspections.scenes import SceneItem
from dispatch.store import plans as book
from scenarios.live import ACTOR

DEPARTMENTS = ("fire", "ecology", "emergency", "enforcement")
EVERY = 2
"""Each second of the premises stands in the year plans; the others are due by other ways."""
CAMPAIGN = ("enforcement", timedelta(days=4), timedelta(days=8))
REVISIT = ("fire", timedelta(days=18), timedelta(days=24))
CLASHING = 4
"""So many premises have a campaign of one department a little before another's, on days that do not meet."""
DRAWN = 3
NOTICE = "随机抽查第 1 号（合成）"
SEED_FROM = "演示用种子（合成），真实抽取应取当晚开奖号码"
SEED = "07 11 19 23 28 31 + 05"


def open_plans(plans: Plans, draws: Draws, now: datetime, today: date) -> None:
    """A sheet of each department taken in, and one draw made."""
    with plans.casebook.reading() as connection:
        register = book.registered(connection)
    places = list(register.values())
    able = _fields(plans, places)
    with tempfile.TemporaryDirectory() as folder:
        for department in DEPARTMENTS:
            lines = _lines(plans, department, places, able, today)
            if lines:
                path = Path(folder) / f"{department}-{today.year}-synthetic.csv"
                _write(path, lines)
                plans.take_plan(ACTOR, plans.look_at_plan(path, today.year, now=now), now=now)
    _draw(draws, register, able, now)


def _fields(plans: Plans, places: Sequence[Registered]) -> dict[str, frozenset[str]]:
    """Certificates that officers of the premises' town hold, by town."""
    held: dict[str, set[str]] = {each.premises.town: set() for each in places}
    for team in plans.casebook.teams():
        for who in team.officers:
            if who.town in held:
                held[who.town] |= {each.field for each in who.certificates}
    return {town: frozenset(fields) for town, fields in held.items()}


def _item(plans: Plans, department: str, place: Registered, able: Mapping[str, frozenset[str]]) -> SceneItem | None:
    """What a department checks at premises of this scene, with a certificate that the town has."""
    fields = able[place.premises.town]
    items = plans.scenes.scenes[place.traits.type].items
    some = (each for each in items if each.department == department and each.published and each.certificate in fields)
    return next(some, None)


def _lines(
    plans: Plans, department: str, places: Sequence[Registered], able: Mapping[str, frozenset[str]], today: date
) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    clashing = 0
    both = (CAMPAIGN[0], REVISIT[0])
    for number, place in enumerate(places):
        item = _item(plans, department, place, able)
        if item is None:
            continue
        line = {
            "line_id": f"{len(found) + 1:03d}",
            "department": department,
            "premises_id": place.premises.id,
            "item": item.code,
            "basis": item.basis,
            "times": "1",
        }
        clashes = clashing < CLASHING and all(_item(plans, each, place, able) for each in both)
        clashing += clashes
        if clashes and department in both:
            _, first, last = CAMPAIGN if department == CAMPAIGN[0] else REVISIT
            found.append(line | {"first": (today + first).isoformat(), "last": (today + last).isoformat()})
        elif number % EVERY == 0 and not clashes:
            found.append(line)
    return found


def _write(path: Path, lines: Sequence[Mapping[str, str]]) -> None:
    columns = (*PLAN_COLUMNS, *PLAN_OPTIONAL)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(lines)


def _draw(draws: Draws, register: Mapping[str, Registered], able: Mapping[str, frozenset[str]], now: datetime) -> None:
    """The commonest scene, for what its towns have certificates for."""
    if not register:
        return
    scene = Counter(each.traits.type for each in register.values()).most_common(1)[0][0]
    towns = {each.premises.town for each in register.values()}
    fields = frozenset.intersection(*(able[town] for town in towns))
    codes = [item.code for item in draws.scenes.scenes[scene].items if item.published and item.certificate in fields]
    if codes:
        opened = draws.open(ACTOR, NOTICE, towns, scene, codes[:2], DRAWN, 2, SEED_FROM, now=now)
        draws.draw(ACTOR, opened.id, SEED, now=now)
