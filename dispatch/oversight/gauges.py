"""Coverage gauges, "4 个 100 %": shares that should be whole. Which four a place shows is its own choice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from dispatch.oversight.indicators import Share
from dispatch.records.case import Case, Procedure
from dispatch.rulebook.procedures import DECISION, SERVICE

Covered = Callable[[Case], bool | None]
"""Whether it is so of one case; None where it does not apply yet."""


def every_act_has_its_code(case: Case) -> bool | None:
    """行政行为码: each stamp carries the public code of its act."""
    return all(stamp.act_code for stamp in case.stamps) if case.stamps else None


def id_shown(case: Case) -> bool | None:
    """亮证执法: whoever acted showed their certificate, as the file says (Penalty Law, article 55)."""
    return case.facts.get("id_shown") is True if case.outcome is not None or "id_shown" in case.facts else None


def record_made(case: Case) -> bool | None:
    """全过程记录: of ordinary cases that were investigated, a record of it is in the file (article 47)."""
    if case.procedure is not Procedure.ORDINARY or case.stamp("investigated") is None:
        return None
    return case.facts.get("record_made") is True


def reviewed_before_decision(case: Case) -> bool | None:
    """法制审核: of decided cases that went through a legal review, it was done before the decision (article 58)."""
    decided, reviewed = case.stamp(DECISION[case.procedure]), case.stamp("reviewed")
    return reviewed.at <= decided.at if decided and reviewed else None


def rights_told(case: Case) -> bool | None:
    """告知权利: of decided cases, the party was told of its rights first (articles 44 and 51)."""
    return case.facts.get("rights_told") is True if case.stamp(DECISION[case.procedure]) else None


def served(case: Case) -> bool | None:
    """送达: of closed cases with a decision, it was handed to the party (article 61)."""
    if case.open or case.stamp(DECISION[case.procedure]) is None:
        return None
    return case.stamp(SERVICE[case.procedure]) is not None


GAUGES: Mapping[str, Covered] = {
    "every_act_has_its_code": every_act_has_its_code,
    "id_shown": id_shown,
    "record_made": record_made,
    "reviewed_before_decision": reviewed_before_decision,
    "rights_told": rights_told,
    "served": served,
}
USUAL = ("every_act_has_its_code", "id_shown", "record_made", "rights_told")
"""The four of a place that chose none: the source document names its four nowhere."""


def coverage(cases: Iterable[Case], wanted: Sequence[str] = USUAL) -> dict[str, Share]:
    """The gauges of these names over cases.

    Raises
    ------
    KeyError
        When there is no gauge of that name.
    """
    known = list(cases)
    found = {}
    for name in wanted:
        covered = GAUGES[name]
        said = [so for case in known if (so := covered(case)) is not None]
        found[name] = Share(sum(said), len(said))
    return found
