"""The matters other systems can report, as Open311 calls them: a service a situation, its category the group."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dispatch.rulebook.matters import Kind, Matter
from ui.services.centre import Centre
from ui.wording import Wording

UNSORTED = "other"
"""The service for who cannot say what it is: the desk sorts it."""
STILL, PLACE = "STILL", "PLACE"
ANSWERS = ("yes", "no", "unknown")


def services(opened: Centre, words: Wording) -> list[dict[str, Any]]:
    """Every service, in the order of the catalogue, the unsorted one last."""
    categories = opened.rules.categories
    told = []
    for matter in reportable(opened.rulebook.matters, opened.today()).values():
        category = categories.get(matter.category)
        group = words.pick(category.name_zh, category.name_en) if category else matter.category
        told.append(_service(matter.code, words.pick(matter.name_zh, matter.name_en), group, matter, words))
    told.append(_service(UNSORTED, words("doors.other"), words("doors.other_group"), None, words))
    return told


def reportable(matters: Mapping[str, Matter], day: date) -> dict[str, Matter]:
    """The situations in force that somebody may enforce, by code."""
    return {code: matter for code, matter in matters.items() if _is_reportable(matter, day)}


def offered(opened: Centre, code: str) -> bool:
    """Whether there is a service of this code today."""
    matter = opened.rulebook.matters.get(code)
    return code == UNSORTED or (matter is not None and _is_reportable(matter, opened.today()))


def _is_reportable(matter: Matter, day: date) -> bool:
    return matter.kind is Kind.SITUATION and matter.enforceable and matter.in_force(day)


def name_of(opened: Centre, code: str, words: Wording) -> str:
    """How a matter is called, also one that is no longer in force; the unsorted service's name without one."""
    matter = opened.rulebook.matters.get(code)
    return words.pick(matter.name_zh, matter.name_en) if matter else words("doors.other")


def definition(code: str, words: Wording) -> dict[str, Any]:
    """What is asked beside the place: whether it still goes on (required), and where exactly."""
    values = [{"key": key, "name": words(f"doors.still_{key}")} for key in ANSWERS]
    return {
        "service_code": code,
        "attributes": [
            _attribute(STILL, "singlevaluelist", words("doors.still"), 1, required=True) | {"values": values},
            _attribute(PLACE, "string", words("doors.place"), 2, required=False),
        ],
    }


def _service(code: str, name: str, group: str, matter: Matter | None, words: Wording) -> dict[str, Any]:
    both = f"{matter.name_zh} · {matter.name_en}" if matter else words("doors.other_description")
    return {
        "service_code": code,
        "service_name": name,
        "description": both,
        "metadata": True,
        "type": "realtime",
        "keywords": ",".join(matter.keywords) if matter else "",
        "group": group,
    }


def _attribute(code: str, datatype: str, description: str, order: int, *, required: bool) -> dict[str, Any]:
    return {
        "variable": True,
        "code": code,
        "datatype": datatype,
        "required": required,
        "datatype_description": "",
        "order": order,
        "description": description,
    }
