"""What came of a deed, in one sentence: done, or why not and who was first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dispatch.desk.refusals import BatchRefused, Conflict, Refused, Taken, Unknown
from dispatch.records.incident import WrongStep
from ui.telling import Teller
from ui.wording import Wording

FINE, WRONG = "fine", ""


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a deed: a sentence, and whether it was done."""

    words: str
    done: bool

    @property
    def note(self) -> tuple[str, str]:
        """As the panel shows it: kind and words."""
        return (FINE if self.done else WRONG), self.words


def attempt(deed: Callable[[], str], tell: Teller) -> Said:
    """The deed's sentence, or why it was not done and who came first."""
    try:
        return Said(deed(), True)
    except Conflict as conflict:
        return Said(_who_was_first(conflict, tell), False)
    except Refused as refused:
        return Said(tell.w("said.refused", why=_why(refused, tell)), False)
    except BatchRefused as refused:
        lines = [f"{incident}: {_why(problem, tell)}" for incident, problem in refused.problems[:5]]
        return Said(tell.w("said.refused", why=tell.w("app.and").join(lines)), False)
    except (WrongStep, Unknown) as problem:
        return Said(tell.w("said.wrong_step", why=str(problem)), False)


def carried_out(deed: Callable[[], object], words: str, tell: Teller) -> Said:
    """These words once the deed is done, or why it was not done and who came first."""

    def done() -> str:
        deed()
        return words

    return attempt(done, tell)


def incomplete(typed: Mapping[str, Sequence[str]], w: Wording) -> Said | None:
    """What is still to be filled in, all of it by the labels on the form; None when nothing is."""
    empty = [label for label, value in typed.items() if not any(part.strip() for part in value)]
    return Said(w("said.fill_in", what=w("app.comma").join(empty)), False) if empty else None


def _why(problem: Exception, tell: Teller) -> str:
    if isinstance(problem, Conflict):
        return _who_was_first(problem, tell)
    if isinstance(problem, Refused):
        return tell.w("app.and").join(tell.reason(reason) for reason in problem.reasons)
    return str(problem)


def _who_was_first(conflict: Conflict, tell: Teller) -> str:
    key = "said.taken" if isinstance(conflict, Taken) else "said.stale"
    if conflict.by is None:
        return tell.w("said.wrong_step", why=str(conflict))
    deed = tell.w(f"deed.{conflict.by.deed.removeprefix('refused:')}")
    return tell.w(key, who=conflict.by.actor, at=tell.at(conflict.by.at), deed=f"{deed} {conflict.subject}")
