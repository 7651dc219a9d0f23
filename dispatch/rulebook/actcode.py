"""The public code of an act (行政行为码): one for every check and every step of a case, with a check character.

6 digits of the region, 2 letters for the kind, 8 digits of the day, 5 running digits, 1 check character by ISO/IEC 7064
MOD 37,36, which finds any single wrong character and nearly every swap of two neighbours.
"""

from __future__ import annotations

import io
import re
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

import segno
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_37_36

CODE = re.compile(r"(\d{6})([A-Z]{2})(\d{8})(\d{5})([0-9A-Z])", re.ASCII)
MOST_A_DAY = 100_000


class Act(StrEnum):
    """What kind of act a code stands for: 检查 or a step of a 处罚 case."""

    CHECK = "JC"
    PENALTY = "CF"


def new_code(region: str, kind: Act, day: date, running: int) -> str:
    """The code of one act.

    Parameters
    ----------
    region
        6 digits; a longer code of a town is cut to its district.
    running
        A number no other act of this kind has on that day; its last five digits stand in the code.

    Raises
    ------
    ValueError
        When the region is no code of 6 digits or more, or ``running`` is negative.

    Examples
    --------
    >>> new_code("330203001", Act.PENALTY, date(2026, 3, 2), 1)
    '330203CF2026030200001E'
    """
    if not re.fullmatch(r"\d{6,}", region, re.ASCII):
        raise ValueError(f"region is {region!r}; it must be the 6 digits of a district, or a longer code within it.")
    if running < 0:
        raise ValueError(f"running is {running}; it must be 0 or more.")
    bare = f"{region[:6]}{kind.value}{day:%Y%m%d}{running % MOST_A_DAY:05d}"
    return bare + str(mod_37_36.calc_check_digit(bare))


def valid(code: str) -> bool:
    """Whether a code has the form, a known kind, a day that exists and the right check character."""
    parts = CODE.fullmatch(code)
    if parts is None or parts[2] not in {kind.value for kind in Act}:
        return False
    try:
        date.fromisoformat(f"{parts[3][:4]}-{parts[3][4:6]}-{parts[3][6:]}")
        mod_37_36.validate(code)
    except (ValueError, ValidationError):
        return False
    return True


def qr_svg(code: str, url: str = "") -> str:
    """A QR code of ``url`` followed by the code, or of the code alone, as SVG for a page or a document.

    Raises
    ------
    ValueError
        When the code is not valid: a code that cannot be looked up must not be printed.
    """
    return _drawn(code, url, kind="svg", xmldecl=False, scale=4).decode()


@lru_cache(maxsize=256)
def qr_png(code: str, url: str = "") -> bytes:
    """The same code as a PNG picture, for documents that take no SVG.

    Raises
    ------
    ValueError
        When the code is not valid.
    """
    return _drawn(code, url, kind="png", scale=6)


def _drawn(code: str, url: str, **how: Any) -> bytes:
    if not valid(code):
        raise ValueError(f"{code!r} is no valid act code; print the code as the case shows it.")
    out = io.BytesIO()
    segno.make(url + code, error="m", micro=False).save(out, **how)
    return out.getvalue()
