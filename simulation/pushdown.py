"""Officers pushed down to towns, or drawn up from them, until a share of all heads stands there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gis.schemas import BadInput, Fault
from simulation.apportionment import hamilton
from simulation.plan import Desk, DeskKind, StaffingPlan
from simulation.sheets import FIRST, Sheets, move, plan_of
from simulation.stations import stations_of


def share_in_towns(plan: StaffingPlan) -> float:
    """Of all heads those that stand in a town, its own reviewers too; who tours stands at the first desk."""
    return _in_towns(plan) / plan.heads


def pushed_down(sheets: Sheets, share: float) -> Sheets:
    """The plan with that share of all heads in towns, as near as whole heads come.

    Brigades and pools give in proportion to what each can spare: every certificate that a lawful pair holds at a desk
    stays there with a pair. Who goes keeps certificates and shifts, and stands at the town desks of the same body or,
    where it has none, at each town's largest desk; towns get heads in proportion to those they have. Drawn up, they
    come back to the largest brigade of their body, or of all. Reviewers and who tours stay.

    Raises
    ------
    BadInput
        When the sheets are no plan, or when so many cannot be spared: it says how far it goes.
    """
    plan = plan_of(sheets)
    more = round(share * plan.heads) - _in_towns(plan)
    desks = {desk.id: desk for desk in plan.desks}
    giving = [each for each in stations_of(plan) if len(each.desks) == 1 and _gives(desks[each.desks[0]], more)]
    spare = [station.heads - station.least for station in giving]
    if abs(more) > sum(spare):
        furthest = (_in_towns(plan) + (sum(spare) if more > 0 else -sum(spare))) / plan.heads
        expected = f"{'at most' if more > 0 else 'at least'} {furthest:.1%}: every desk keeps its lawful pairs"
        raise BadInput(Fault("posts.csv", None, "officers", f"{share:.1%} of the heads in towns", expected))
    posts = list(sheets.posts)
    heads = {id: sum(post.officers for post in plan.posts if post.desks == (id,)) for id in desks}
    for station, going in zip(giving, hamilton(spare, abs(more), [0] * len(spare)), strict=True):
        targets = _taking(desks[station.desks[0]], plan.desks, heads, more)
        places = iter(_dealt(targets, [heads[each] for each in targets], going))
        left = station.spread(station.heads - going)
        for row, before, after in zip(station.posts, station.shares, left, strict=True):
            for _ in range(before - after):
                move(posts, plan.posts[row].row - FIRST, 1, next(places))
    return replace(sheets, posts=tuple(posts))


def _in_towns(plan: StaffingPlan) -> int:
    town = {desk.id: len(desk.town) == 9 for desk in plan.desks}
    return sum(post.officers for post in plan.posts if town[post.desks[0]])


def _gives(desk: Desk, more: int) -> bool:
    return desk.kind is DeskKind.TOWN if more < 0 else desk.kind in (DeskKind.BRIGADE, DeskKind.POOL)


def _taking(source: Desk, desks: Sequence[Desk], heads: dict[str, int], more: int) -> list[str]:
    """To which desks they go: of the same body where it has any."""
    kind = DeskKind.TOWN if more > 0 else DeskKind.BRIGADE
    there = [desk for desk in desks if desk.kind is kind]
    mine = [desk for desk in there if desk.body == source.body] or there
    if more < 0:
        return [max(mine, key=lambda desk: (heads[desk.id], desk.id)).id] if mine else []
    largest = {desk.town: desk.id for desk in sorted(mine, key=lambda desk: (heads[desk.id], desk.id))}
    return list(largest.values())


def _dealt(targets: Sequence[str], heads: Sequence[int], going: int) -> list[str]:
    """So many places in proportion to heads, the targets in turn."""
    if not targets or not going:
        return []
    weights = heads if any(heads) else [1] * len(targets)
    places = hamilton(weights, going, [0] * len(targets))
    return [target for target, many in zip(targets, places, strict=True) for _ in range(many)]
