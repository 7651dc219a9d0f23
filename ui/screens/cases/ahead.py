"""What comes next in a case: the open step, the barred ones and why, the clocks, article 33, the benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from dispatch.records.case import Case
from dispatch.rulebook.discretion import Range, Spread
from dispatch.rulebook.matters import Source
from dispatch.rulebook.outcomes import Advice
from dispatch.rulebook.procedures import NextStep, Step
from dispatch.rulebook.statutory import Clock
from ui.panel.component import render
from ui.screens.cases.saying import Sayer
from ui.services.casework import TierLine, synthetic, tone

WIDTH = 240.0
"""Of the picture of past fines, in its own units."""


def now_html(case: Case, step: NextStep | None, again: Step | None, note: tuple[str, str] | None, say: Sayer) -> str:
    """What came of the last deed, and the step that is open now."""
    w = say.tell.w
    shown = again or (step.step if step is not None else None)
    return render(
        "cases/now.html",
        w=w,
        case=case,
        note=note,
        step=shown
        and {
            "title": w("cases.again_is" if again else "cases.now_is", step=say.step(shown)),
            "who": w(f"cases.role.{shown.role.value}", n=shown.officers),
            "law": shown.basis,
            "mark": say.mark(shown.source),
            "due": say.due(step.due_at) if step is not None and not again and step.due_at else "",
            "late": step is not None and step.overdue,
        },
        over=say.outcome(case) if not case.open else "",
    )


def rest_html(
    case: Case, left: Sequence[NextStep], clocks: Sequence[Clock], owed: str, now: datetime, say: Sayer
) -> str:
    """Barred steps, each with every reason, and the clocks that run."""
    w = say.tell.w
    barred = [
        {
            "name": say.step(each.step),
            "step": each.step.name,
            "why": [say.tell.reason(reason) for reason in each.why],
            "who": w(f"cases.role.{each.step.role.value}", n=each.step.officers),
        }
        for each in left
        if not each.open
    ]
    running = [
        {
            "name": w("cases.by", step=w.pick(clock.name_zh, clock.name_en)),
            "due": say.due(clock.due_at),
            "tone": tone(clock.due_at, now).value,
            "lines": [say.tell.reason(line) for line in clock.lines],
        }
        for clock in clocks
    ]
    return render("cases/rest.html", w=w, case=case, barred=barred, clocks=running, owed=owed)


def advice_html(advice: Advice, earlier: Sequence[Case], say: Sayer) -> str:
    """What article 33 and the lists leave open, why, and the party's earlier cases."""
    w = say.tell.w
    return render(
        "cases/advice.html",
        w=w,
        kind=advice.kind.value,
        chips=[(reason.good, say.tell.reason(reason)) for reason in advice.reasons],
        earlier=[
            {"id": each.id, "on": say.at(each.filed_at), "end": say.outcome(each) or w("cases.state_open")}
            for each in earlier
        ],
    )


def tiers_html(lines: Sequence[TierLine], chosen: int | None, made_up: bool, say: Sayer) -> str:
    """The benchmark tier by tier, with a quiet picture of past fines; no sum and no score."""
    w = say.tell.w
    rows = [
        {
            "tier": line.tier.tier,
            "what": line.tier.circumstance,
            "allowed": say.allowed(line.allowed, line.tier),
            "mark": say.mark(line.tier.source),
            "chosen": line.tier.tier == chosen,
            "plot": _plot(line.past, line.allowed) if line.past and line.past.n else None,
            "told": _told(line.past, say) if line.past and line.past.n else w("cases.no_past"),
        }
        for line in lines
    ]
    illustrative = any(line.tier.source is Source.ILLUSTRATIVE for line in lines)
    return render("cases/tiers.html", w=w, rows=rows, made_up=made_up, illustrative=illustrative, width=WIDTH)


def _plot(past: Spread, allowed: Range | None) -> Mapping[str, float]:
    """A box plot over what the tier allows, or over what there was where that is more."""
    low = min(past.least, allowed.least) if allowed else past.least
    high = max(past.most, allowed.most) if allowed else past.most
    scale = WIDTH / max(high - low, 1.0)
    at = {
        name: (getattr(past, name) - low) * scale
        for name in ("least", "lower_quartile", "median", "upper_quartile", "most")
    }
    return {name: round(min(max(x, 1.0), WIDTH - 1.0), 1) for name, x in at.items()}


def _told(past: Spread, say: Sayer) -> str:
    return say.tell.w(
        "cases.spread",
        n=past.n,
        least=f"{past.least:,.0f}",
        median=f"{past.median:,.0f}",
        most=f"{past.most:,.0f}",
    )


def any_made_up(cases: Sequence[Case]) -> bool:
    """Whether made-up cases are among those the picture is drawn from."""
    return any(synthetic(case) for case in cases)
