"""What Open311 answers: the same content as JSON or as the standard's XML, errors included."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

from starlette.responses import Response

FORMATS = ("json", "xml")
ITEMS = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
"""In XML a list stands under its name, each item under this one."""


class Unfit(Exception):  # noqa: N818
    """A request that cannot be answered as it stands; becomes the standard's list of errors.

    Parameters
    ----------
    status
        400 for what is wrong in it, 403 for a key, 404 for what is not there, 413 for what is too large.
    """

    def __init__(self, status: int, description: str) -> None:
        self.status = status
        self.description = description
        super().__init__(description)


def answer(fmt: str, root: str, content: Any, status: int = 200) -> Response:
    """``content``, a list or a mapping, as JSON or as XML under ``root``. Half characters are told as ``?``."""
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if fmt == "xml":
        body = ET.tostring(_element(root, content), encoding="utf-8", xml_declaration=True)
        return Response(body, status, headers, "text/xml; charset=utf-8")
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    return Response(text.encode(errors="replace"), status, headers, "application/json; charset=utf-8")


def errors(fmt: str, unfit: Unfit) -> Response:
    """The standard's list with one error."""
    return answer(fmt, "errors", [{"code": unfit.status, "description": unfit.description}], unfit.status)


def _element(name: str, content: Any) -> ET.Element:
    element = ET.Element(name)
    if isinstance(content, Mapping):
        element.extend(_element(str(key), value) for key, value in content.items())
    elif isinstance(content, Sequence) and not isinstance(content, str):
        element.extend(_element(ITEMS[name], each) for each in content)
    elif content is not None:
        element.text = _said(content)
    return element


def _said(content: Any) -> str:
    """A plain value as text that XML can hold: most control characters cannot stand in it at all."""
    if isinstance(content, bool):
        return "true" if content else "false"
    kept = (letter if letter in "\t\n\r" or letter >= " " else " " for letter in str(content))
    return "".join(letter if _in_xml(letter) else "?" for letter in kept)


def _in_xml(letter: str) -> bool:
    return not ("\ud800" <= letter <= "\udfff" or letter in "\ufffe\uffff")


def stamp(at: datetime) -> str:
    """A time (aware) as all our doors write it: UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
