"""A department's newer sheet beside what the book has of its year: what comes, changes, goes and moves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from dispatch.inspections.due import Check, arrange
from dispatch.inspections.plans import Ground, Key, PlanLine, PlanSheet, side_by_side, times_of
from dispatch.inspections.plans import Refused as Line
from dispatch.records.reason import Reason
from dispatch.store.plans import KeptCheck, KeptLine


@dataclass(frozen=True, slots=True)
class YearBook:
    """What the book has of one year's plans, of all departments.

    Attributes
    ----------
    held
        Ids of checks that were made, or stand in a call that is locked or under way: no sheet moves or withdraws them.
    beside
        By year, premises and item, checks made or due that no plan asks for: those of scenes, draws and tables.
    """

    lines: tuple[KeptLine, ...]
    checks: tuple[KeptCheck, ...]
    held: frozenset[str]
    beside: Counter[tuple[int, str, str]] = field(default_factory=Counter)

    @property
    def standing(self) -> dict[Key, PlanLine]:
        """Lines that no sheet has withdrawn."""
        return {each.line.key: each.line for each in self.lines if not each.withdrawn}

    @property
    def withdrawn(self) -> dict[Key, PlanLine]:
        return {each.line.key: each.line for each in self.lines if each.withdrawn}

    def with_again(self, keys: Collection[Key]) -> YearBook:
        """These withdrawn lines stand again, with the checks that they kept."""
        lines = (replace(each, withdrawn=each.withdrawn and each.line.key not in keys) for each in self.lines)
        return replace(self, lines=tuple(lines))

    @property
    def of_line(self) -> dict[Key, list[KeptCheck]]:
        """The checks of each line."""
        found: dict[Key, list[KeptCheck]] = defaultdict(list)
        for each in self.checks:
            found[each.check.line.key].append(each)
        return found


@dataclass(frozen=True, slots=True)
class Newer:
    """What a newer sheet would change in the book, to be shown before it is taken.

    Attributes
    ----------
    new, changed
        Lines that the book does not have, and those it has otherwise, as they would be.
    same
        How many it has already.
    withdrawn
        Lines of the same department, year and towns that the sheet has no more.
    off
        Checks that are owed no more: of withdrawn lines, and of those that ask for fewer or find no room by now.
    moved
        Checks of changed lines whose days change: as they are and as they would be.
    dropped
        Ids of all checks that go; those that move come again among the ``added``.
    added
        Checks with their days.
    left_out
        By line, checks for which the annual cap has no room.
    partly
        Withdrawn lines of which a check was made or is held; they stay for it.
    faults
        The sheet with what cannot be taken.
    """

    sheet: PlanSheet
    new: tuple[PlanLine, ...] = ()
    changed: tuple[PlanLine, ...] = ()
    same: int = 0
    withdrawn: tuple[PlanLine, ...] = ()
    off: tuple[Check, ...] = ()
    moved: tuple[tuple[Check, Check], ...] = ()
    dropped: frozenset[str] = frozenset()
    added: tuple[Check, ...] = ()
    left_out: Mapping[Key, int] = field(default_factory=dict)
    partly: frozenset[Key] = frozenset()

    @property
    def takes_away(self) -> bool:
        """Whether something that stands in the book goes, or gets other days."""
        return bool(self.withdrawn or self.off or self.moved)


def newer(book: YearBook, read: PlanSheet, ground: Ground, towns: Collection[str], year: int, today: date) -> Newer:
    """The sheet beside the book.

    A sheet is all that its departments plan in these towns in that year: their lines that it has no more are withdrawn.
    What was made, is locked or under way stays as it is, and so do the days of lines that have not changed. A withdrawn
    line that was kept for such a check stands again when the sheet has it as it was; nothing is asked twice for it.

    Parameters
    ----------
    read
        As `dispatch.inspections.plans.plan_of` read it.
    towns
        Those for which the sheet speaks.
    """
    back = {
        line.key: each
        for line in read.lines
        if (each := book.withdrawn.get(line.key)) is not None and each == replace(line, row=each.row)
    }
    book = book.with_again(back.keys())
    of_line, standing = book.of_line, book.standing
    withdrawn = _withdrawn(standing, read, ground, towns)
    sheet, known = _beside_the_book(book, of_line, read, ground, withdrawn)
    new = tuple(line for line in sheet.lines if line.key not in known)
    changed = tuple(line for line in sheet.lines if line.key in known and (line.key in back or known[line.key] != line))
    partly = frozenset(line.key for line in withdrawn if _held(of_line[line.key], book.held))
    gone = [one for line in withdrawn for one in of_line[line.key] if one.check.id not in book.held or one.lapsed]
    again = [line for line in changed if known[line.key].when != line.when]
    anew = [one for line in again for one in of_line[line.key]]
    surplus = [one for line in sheet.lines for one in of_line[line.key] if _beyond(one, line, ground, book.held)]
    drop = {one.check.id: one for one in (*gone, *anew, *surplus)}
    dropped = frozenset(drop)
    now = {**standing, **{line.key: line for line in (*new, *changed)}}
    for line in withdrawn:
        del now[line.key]
    touched = _towns(ground, [*sheet.lines, *withdrawn, *(known[line.key] for line in again)])
    added, left_out = _arranged(book, now, dropped, ground, touched, year, today)
    off = dropped - {check.id for check in added}
    return Newer(
        sheet,
        new,
        changed,
        len(sheet.lines) - len(new) - len(changed),
        withdrawn,
        tuple(one.check for one in drop.values() if one.check.id in off and not one.lapsed),
        _moved(drop.values(), added),
        dropped,
        added,
        left_out,
        partly,
    )


def _withdrawn(
    standing: Mapping[Key, PlanLine], read: PlanSheet, ground: Ground, towns: Collection[str]
) -> tuple[PlanLine, ...]:
    """Lines of the sheet's departments in these towns that it has no more; a row to be mended keeps its line.

    A sheet of rows that were mended is not the whole plan: what it lacks stays.
    """
    if read.mended:
        return ()
    departments = {line.department for line in read.lines}
    return tuple(
        line
        for line in standing.values()
        if line.department in departments and line.id not in read.ids and _towns(ground, [line]) <= set(towns)
    )


def _beside_the_book(
    book: YearBook,
    of_line: Mapping[Key, Sequence[KeptCheck]],
    read: PlanSheet,
    ground: Ground,
    withdrawn: Iterable[PlanLine],
) -> tuple[PlanSheet, dict[Key, PlanLine]]:
    """The sheet with what the book's other lines and begun checks refuse, and the book's lines of the same keys."""
    standing, gone = book.standing, book.withdrawn
    known = {line.key: replace(standing[line.key], row=line.row) for line in read.lines if line.key in standing}
    begun = {key for key, some in of_line.items() if any(one.fixed for one in some)}
    refused = [
        Line(line, Reason("line_begun", False, {"line": line.id, "department": line.department}))
        for line in read.lines
        if line.key in gone or (line.key in begun and known[line.key] != line)
    ]
    out = {each.line.key for each in refused}
    own = {line.key for line in read.lines} - out | {line.key for line in withdrawn}
    rest = PlanSheet("", tuple(line for key, line in standing.items() if key not in own and _listed(line, ground)))
    made = book.beside + Counter(
        (line.year, line.premises, line.item)
        for line in (*gone.values(), *withdrawn)
        for one in of_line[line.key]
        if one.check.id in book.held
    )
    kept = replace(read, lines=tuple(line for line in read.lines if line.key not in out))
    kept = side_by_side((rest, kept), ground, made)[1]
    return replace(kept, refused=(*kept.refused, *refused)), known


def _arranged(
    book: YearBook,
    lines: Mapping[Key, PlanLine],
    dropped: Collection[str],
    ground: Ground,
    towns: Iterable[str],
    year: int,
    today: date,
) -> tuple[tuple[Check, ...], dict[Key, int]]:
    """Checks that these towns' lines lack, and by line how many of them find no room under the annual caps."""
    stays = [one for one in book.checks if one.check.id not in dropped]
    known = {one.check.id for one in stays}
    number = Counter(one.check.line.key for one in stays)
    days: dict[Key, list[Check]] = defaultdict(list)
    for one in stays:
        days[one.check.line.key].append(one.check)
    kept_for: dict[tuple[str, str], list[Check]] = defaultdict(list)
    for one in stays:
        if one.check.line.key not in lines and not one.lapsed:
            kept_for[_asked(one.check)].append(one.check)
    added: list[Check] = []
    left_out: dict[Key, int] = {}
    for town in sorted(towns):
        here = [line for line in lines.values() if _listed(line, ground) and _town(ground, line) == town]
        lacking = [line for line in here if number[line.key] < times_of(line, ground)]
        standing = [
            one.check
            for one in stays
            if not (one.done or one.lapsed)
            and _listed(one.check.line, ground)
            and _town(ground, one.check.line) == town
        ]
        found = arrange(lacking, ground, year, today if today.year == year else None, standing, known)
        new = [check for check in found.checks if check.id not in known]
        twice = [check for check in new if _meets(check, [*days[check.line.key], *kept_for[_asked(check)]])]
        refused = Counter(each.line.key for each in found.refused) + Counter(check.line.key for check in twice)
        left_out |= {line.key: refused[line.key] for line in here}
        added += [check for check in new if check not in twice]
    return tuple(added), left_out


def _asked(check: Check) -> tuple[str, str]:
    """Where it checks, and what."""
    return check.line.premises, check.line.item


def _meets(check: Check, others: Iterable[Check]) -> bool:
    """Whether it could be made on the same day as another that checks the same: then it would check nothing new."""
    return any(check.earliest <= other.latest and other.earliest <= check.latest for other in others)


def _moved(dropped: Iterable[KeptCheck], added: Iterable[Check]) -> tuple[tuple[Check, Check], ...]:
    now = {check.id: check for check in added}
    pairs = ((one.check, now[one.check.id]) for one in dropped if one.check.id in now)
    return tuple((was, will) for was, will in pairs if (was.earliest, was.latest) != (will.earliest, will.latest))


def _held(checks: Iterable[KeptCheck], held: Collection[str]) -> bool:
    return any(one.check.id in held for one in checks)


def _beyond(one: KeptCheck, line: PlanLine, ground: Ground, held: Collection[str]) -> bool:
    """Whether a check is one more than its line asks for now, since the risk class has changed."""
    return not one.fixed and one.check.id not in held and one.check.nth > times_of(line, ground)


def _listed(line: PlanLine, ground: Ground) -> bool:
    """Whether register and lists still have what an older line speaks of."""
    return line.premises in ground.premises.entries and line.item in ground.scenes.items


def _town(ground: Ground, line: PlanLine) -> str:
    return ground.premises.entries[line.premises].premises.town


def _towns(ground: Ground, lines: Iterable[PlanLine]) -> set[str]:
    return {_town(ground, line) for line in lines if line.premises in ground.premises.entries}
