"""A TOML file that a person writes, read strictly into a form."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from gis.schemas import BadInput, Fault, shorten


class Part(BaseModel):
    """Every part refuses keys it does not know: a misspelt key would otherwise be silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Form = TypeVar("Form", bound=Part)


def read_toml(path: Path, form: type[Form], what: str) -> Form:
    """The file as its form; ``what`` is what to call it in messages ("a place").

    Raises
    ------
    BadInput
        When the file is missing, is no TOML, lacks a key, or has one that is unknown or wrong; each with its line
        where the file shows it.
    """
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text)
    except OSError as error:
        raise BadInput(Fault(path.name, None, None, error.strerror or "an unreadable file", f"{what} file")) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(Fault(path.name, None, None, shorten(error), "TOML in UTF-8")) from None
    try:
        return form.model_validate(found)
    except ValidationError as error:
        faults = [
            _fault(path.name, text, what, one["loc"], one["type"], one["msg"], one["input"]) for one in error.errors()
        ]
        raise BadInput(*faults, advice=f"The keys of {what} are: {', '.join(form.model_fields)}.") from None


def as_toml(values: Mapping[str, Any]) -> str:
    """Values as TOML: plain ones first, each mapping as a table after them.

    Examples
    --------
    >>> print(as_toml({"name": "a", "costs": {"officer_year": 1.5}, "days": 3}), end="")
    name = "a"
    days = 3
    <BLANKLINE>
    [costs]
    officer_year = 1.5
    """
    plain = [f"{name} = {_value(value)}" for name, value in values.items() if not isinstance(value, Mapping)]
    tables = [f"\n[{name}]\n{as_toml(value)}" for name, value in values.items() if isinstance(value, Mapping)]
    return "".join(f"{line}\n" for line in plain) + "".join(tables)


def _value(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _fault(
    file: str, text: str, what: str, where: tuple[int | str, ...], kind: str, message: str, value: object
) -> Fault:
    names = [str(step) for step in where if isinstance(step, str)]
    row = line_of(text, names[-1]) if names else None
    column = ".".join(str(step) for step in where)
    match kind:
        case "extra_forbidden":
            return Fault(file, row, column, "an unknown key", f"a key of {what}")
        case "missing":
            return Fault(file, None, column, "no such key", "a value for it")
        case _:
            return Fault(file, row, column, shorten(value), as_expected(message))


def as_expected(message: str) -> str:
    """What pydantic says of a value, as it reads after the word "expected".

    Examples
    --------
    >>> as_expected("Input should be greater than 0")
    'greater than 0'
    """
    return message.removeprefix("Value error, ").removeprefix("Input should be ")


def line_of(text: str, key: str) -> int | None:
    """The only line on which the key stands; None when it stands nowhere or on several."""
    pattern = re.compile(rf"^\s*(\[+\s*)?{re.escape(key)}\b|[{{,]\s*{re.escape(key)}\s*=")
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if pattern.search(line)]
    return lines[0] if len(lines) == 1 else None
