"""Words that rest on a clause: what makes a matter another body's must be something that can be looked up."""

from __future__ import annotations

import re
from collections.abc import Collection

from dispatch.desk.deed import stated
from dispatch.desk.refusals import Refused
from dispatch.records.reason import Reason
from dispatch.store.writing import storable
from gis.schemas import BadInput, Fault

CLAUSE_REASONS = ("needs_clause",)  # said

NUMBER = r"[\d〇零一二三四五六七八九十百千]+"
CITED = re.compile(
    rf"《[^《》]+》|第\s*{NUMBER}\s*[条款项目号行]|清单.{{0,20}}{NUMBER}|\b(?:art(?:icle)?\.?|section|clause|row)\s*\d",
    re.IGNORECASE,
)
WORDS = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")


def cited(words: str, listed: Collection[str] = ()) -> str:
    """What a person wrote, without the blanks around it, provided that it names a clause.

    A clause is a statute or document in 《》, a numbered article (第…条, ``article 18``), a numbered row of a list, or
    the code of a row of the catalogue (``listed``). Whether it says what it is cited for is for people to judge; that
    there is something to look up, the desk can see.

    Raises
    ------
    Refused
        ``needs_words`` when nothing was written, ``needs_clause`` when nothing in it can be looked up.

    Examples
    --------
    >>> cited(" 《浙江省城市管理条例》第12条 ")
    '《浙江省城市管理条例》第12条'
    """
    said = stated(words)
    if CITED.search(said) or any(word in listed for word in WORDS.findall(said)):
        return said
    if not storable(said):
        fault = Fault("clause", None, None, f"NUL or half a character in {said!a}", "text in UTF-8")
        raise BadInput(fault, advice="Take the character out and try again.")
    raise Refused(Reason("needs_clause", False, {"said": said}))
