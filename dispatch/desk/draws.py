"""The double-random draw at the desk: opened on both registers, drawn with a seed nobody could choose, and proved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from dispatch.desk.caps import counted
from dispatch.desk.deed import stated
from dispatch.desk.door import Door
from dispatch.desk.inspections import Inspections, still_ahead
from dispatch.desk.question import around, inspectors
from dispatch.desk.refusals import Refused, Unknown, first_of
from dispatch.desk.yearly import too_often, yearly
from dispatch.inspections import draw as lots
from dispatch.inspections.draw import Draw, Entrant, entrants
from dispatch.inspections.drawfile import DrawFile, lists_of
from dispatch.inspections.registers import PremisesRegister, RiskClasses
from dispatch.inspections.scenes import SceneItem, Scenes
from dispatch.records.inspection import LARGEST_CREW, SMALLEST_CREW, DueItem, Inspector
from dispatch.records.reason import Reason
from dispatch.store import draws, inspections, plans
from dispatch.store.draws import KeptDraw
from dispatch.store.ledger import Kind
from dispatch.store.series import Series, next_id
from dispatch.store.writing import Writing

DRAW_REASONS = (
    "draw_too_many",  # count, pool
    "draw_crew",  # crew, least, most
    "draw_done",  # draw
    "draw_open",  # draw
    "draw_due",  # draw
    "draw_moved",  # premises
    "draw_no_crew",  # premises
    "draw_nobody",
    "opened_altered",  # draw
    "draw_lists_changed",  # draw
    "algorithm_unknown",  # algorithm, version
    "premises_altered",  # then, now
    "inspectors_altered",  # then, now
    "draw_differs",  # place
    "draw_impossible",  # why
)


@dataclass(frozen=True, slots=True)
class DrawMadeDue:
    """What a draw made due, and what of it was left out.

    Attributes
    ----------
    moved
        Ids of drawn premises that are in none of the draw's towns by now.
    nobody
        Ids of drawn premises for which no lawful crew could be drawn.
    unpublished
        Why items may not be inspected any more, by code.
    often
        Why they would be checked too often in the year, by the id that the due item would have had.
    """

    items: tuple[DueItem, ...]
    moved: tuple[str, ...]
    nobody: tuple[str, ...]
    unpublished: Mapping[str, Reason]
    often: Mapping[str, Reason]

    @property
    def left_out(self) -> tuple[Reason, ...]:
        """Every reason for which something was left out."""
        nobody = (Reason("draw_no_crew", False, {"premises": door}) for door in self.nobody)
        moved = (Reason("draw_moved", False, {"premises": door}) for door in self.moved)
        return (*nobody, *moved, *self.unpublished.values(), *self.often.values())


class Draws(Door):
    """The deeds about draws.

    Parameters
    ----------
    desk
        The desk of inspections whose door and towns it shares.
    """

    def __init__(self, desk: Inspections, scenes: Scenes, risks: RiskClasses) -> None:
        super().__init__(desk.casebook, desk.clock, desk.rights)
        self._desk = desk
        self.scenes = scenes
        self.risks = risks

    def pool(
        self, connection: Connection, towns: Collection[str], scene: str, codes: Sequence[str], day: date
    ) -> list[Entrant]:
        """Premises of a scene in these towns, weighted by risk and credit.

        Left out are those whose cap has no room in that day's year, and where none of the items may be checked again.
        """
        force = inspections.in_force(connection)
        places = {one.id: one for one in counted(connection, force, towns, day.year, self._desk.zone)}
        entries = {
            id: each
            for id, each in plans.registered(connection, towns).items()
            if each.traits.type == scene and places[id].visits_left != 0
        }
        items = self.items(codes)
        if items:
            times = yearly(connection, towns)
            room = {id for id in entries for item in items if times[day.year, id, item.code] < item.most_a_year}
            entries = {id: each for id, each in entries.items() if id in room}
        needs = frozenset(item.certificate for item in items)
        return list(entrants(PremisesRegister(entries), self.risks, dict.fromkeys(entries, needs)))

    def people(self, page: Writing, towns: Collection[str], day: date) -> tuple[Inspector, ...]:
        """The officers of these towns and the district, each with the premises that are not theirs to inspect."""
        return inspectors(page.teams(), towns, [day], inspections.recusals(page.connection))

    def items(self, codes: Sequence[str]) -> tuple[SceneItem, ...]:
        """The published items of these codes."""
        return tuple(item for code in codes if (item := self.scenes.items.get(code)) is not None and item.published)

    def open(
        self,
        actor: str,
        name: str,
        towns: Collection[str],
        scene: str,
        codes: Sequence[str],
        count: int,
        crew: int,
        seed_from: str,
        *,
        now: datetime | None = None,
    ) -> KeptDraw:
        """A draw opened: both registers are kept and their hashes stand in the ledger before anybody knows the seed.

        Parameters
        ----------
        name
            Of the notice.
        codes
            Items of the scene that are checked; the inspectors drawn hold their certificates between them.
        seed_from
            Where the seed will come from, such as the numbers of that evening's lottery.

        Raises
        ------
        Refused
            ``needs_words``; ``draw_nobody`` without an item or premises; ``draw_crew``; ``draw_too_many``.
        """
        area = around(sorted(towns))
        with self.deed("inspect_draw_open", actor, Kind.INSPECTION, "draws", now, place=area) as (page, who):
            called, source = stated(name), stated(seed_from)
            today = who.at.astimezone(self._desk.zone).date()
            pool = self.pool(page.connection, towns, scene, codes, today)
            items = self.items(codes)
            _can_be_drawn(items, pool, count, crew)
            made = KeptDraw(
                next_id(page.connection, Series.DRAW),
                called,
                tuple(sorted(towns)),
                scene,
                tuple(item.code for item in items),
                count,
                crew,
                source,
                tuple(pool),
                self.people(page, towns, today),
                who.at,
                who.name,
                lists=lists_of(self.scenes, self.risks, scene, [item.code for item in items]),
            )
            draws.add_draw(page, made)
            page.enter(who, Kind.INSPECTION, made.id, version_after=1, details=_sealed(made))
            return made

    def draw(self, actor: str, id: str, seed: str, *, now: datetime | None = None) -> KeptDraw:
        """The draw made with this seed, once and for all.

        Raises
        ------
        Refused
            ``needs_words``; ``draw_done`` when it was made already.
        """
        place = self._place(id)
        with self.deed("inspect_draw", actor, Kind.INSPECTION, id, now, place=place) as (page, who):
            one = _there(page.connection, id)
            if one.record is not None:
                raise Refused(Reason("draw_done", False, {"draw": id}))
            record = lots.draw(stated(seed), one.premises, one.inspectors, one.count, one.crew)
            draws.keep_record(page, id, record, who.at, who.name)
            digest = sha256(lots.to_json(record).encode()).hexdigest()
            told = {"seed": record.seed, "sha256": digest, "drawn": [each.premises for each in record.drawn]}
            page.enter(who, Kind.INSPECTION, id, version_before=1, version_after=2, details=told)
            return _there(page.connection, id)

    def draw_of(self, id: str) -> KeptDraw:
        """The draw as the book keeps it.

        Raises
        ------
        Unknown
            No draw has this id.
        """
        with self.casebook.reading() as connection:
            return _there(connection, id)

    def against(self, id: str) -> tuple[Reason, ...]:
        """What speaks against a draw when it is made again from what is kept; empty when it is proved.

        The registers kept are held against the hashes that stood in the ledger before the seed was known.

        Raises
        ------
        Unknown
            No draw has this id.
        Refused
            ``draw_open`` while no seed was given.
        """
        one = self.draw_of(id)
        if one.record is None:
            raise Refused(Reason("draw_open", False, {"draw": id}))
        found = list(lots.replay(one.record, one.premises, one.inspectors))
        opened = next(each for each in self.casebook.history(Kind.INSPECTION, id) if each.deed == "inspect_draw_open")
        if any(opened.details.get(name) != value for name, value in _hashes(one).items()):
            found.append(Reason("opened_altered", False, {"draw": id}))
        return tuple(found)

    def file_of(self, id: str) -> DrawFile:
        """The draw as a file to be published, which `inspect replay` proves without the book.

        Raises
        ------
        Unknown
            No draw has this id.
        Refused
            ``draw_open`` while no seed was given; ``draw_lists_changed`` for a draw of before the lists were kept with
            it, when certificates or weights of those in force are others: the file would not carry that day's.
        """
        one = self.draw_of(id)
        if one.record is None:
            raise Refused(Reason("draw_open", False, {"draw": id}))
        if one.lists is not None:
            return DrawFile(one.record, one.lists, one.premises, one.inspectors)
        items = [code for code in one.items if code in self.scenes.items]
        lists = lists_of(self.scenes, self.risks, one.scene, items)
        needs, weights = frozenset(lists.certificates.values()), set(lists.weights.values())
        as_then = all(each.needs == needs and each.weight in weights for each in one.premises)
        if len(items) < len(one.items) or not as_then:
            raise Refused(Reason("draw_lists_changed", False, {"draw": id}))
        return DrawFile(one.record, lists, one.premises, one.inspectors)

    def make_due(self, actor: str, id: str, first: date, last: date, *, now: datetime | None = None) -> DrawMadeDue:
        """Everything that is checked at the drawn premises made due; only the inspectors drawn go there.

        Left out, and named by the answer and the entry, are premises for which nobody could be drawn, and those that
        have moved to another town since: who drew them plans nothing there; further items that were unpublished since,
        or would be checked too often in the year.

        Raises
        ------
        Refused
            ``draw_open``, ``draw_due`` when it was done already; ``reversed_dates``; ``day_is_over`` for a first day
            that is past; when nothing is left to be made due, why: ``draw_no_crew``, ``draw_moved``,
            ``item_unpublished``, ``item_unlisted``, ``too_often``. The draw then stays as it was.
        """
        place = self._place(id)
        with self.deed("inspect_draw_due", actor, Kind.INSPECTION, id, now, place=place) as (page, who):
            one = _there(page.connection, id)
            if one.record is None:
                raise Refused(Reason("draw_open", False, {"draw": id}))
            if one.first is not None:
                raise Refused(Reason("draw_due", False, {"draw": id}))
            still_ahead(first, last, who.at.astimezone(self._desk.zone).date())
            made = self._made_due(page.connection, one, one.record, first, last)
            if not made.items:
                raise Refused(*first_of(made.left_out))
            inspections.keep_items(page, made.items)
            draws.keep_days(page, id, first, last)
            days = {"first": first.isoformat(), "last": last.isoformat()}
            left = {"moved": list(made.moved), "nobody": list(made.nobody), "unpublished": sorted(made.unpublished)}
            told = {"items": len(made.items), **days, **left, "too_often": sorted(made.often)}
            page.enter(who, Kind.INSPECTION, id, version_before=2, version_after=3, details=told)
            return made

    def _made_due(self, connection: Connection, one: KeptDraw, record: Draw, first: date, last: date) -> DrawMadeDue:
        towns = {place.id: place.town for place in inspections.premises(connection)}
        listed = self.items(one.items)
        moved = tuple(each.premises for each in record.drawn if towns.get(each.premises) not in one.towns)
        nobody = tuple(each.premises for each in record.drawn if not each.inspectors)
        gone = {*moved, *nobody}
        doors = [each.premises for each in record.drawn if each.premises not in gone]
        wanted = [_due_item(one.id, door, item, first, last) for door in doors for item in listed]
        often = too_often(yearly(connection, one.towns), wanted, self.scenes)
        items = tuple(item for item in wanted if item.id not in often)
        unpublished = {code: reason for code in one.items if (reason := self.scenes.against(code)) is not None}
        return DrawMadeDue(items, moved, nobody, unpublished, often)

    def _place(self, id: str) -> frozenset[str]:
        with self.casebook.reading() as connection:
            one = draws.draw(connection, id)
        return around(one.towns) if one is not None else around(sorted(self._desk.towns))


def _there(connection: Connection, id: str) -> KeptDraw:
    one = draws.draw(connection, id)
    if one is None:
        raise Unknown("draw", id)
    return one


def _due_item(draw: str, door: str, item: SceneItem, first: date, last: date) -> DueItem:
    asked = item.department, item.certificate, item.minutes
    return DueItem(f"{draw}:{door}:{item.code}", door, *asked, first, last, name=item.code, remote=item.remote)


def _can_be_drawn(items: Collection[SceneItem], pool: Collection[Entrant], count: int, crew: int) -> None:
    """Stop before a draw is opened that nobody could make."""
    if not items or not pool or count < 1:
        raise Refused(Reason("draw_nobody", False))
    if not SMALLEST_CREW <= crew <= LARGEST_CREW:
        raise Refused(Reason("draw_crew", False, {"crew": crew, "least": SMALLEST_CREW, "most": LARGEST_CREW}))
    if count > len(pool):
        raise Refused(Reason("draw_too_many", False, {"count": count, "pool": len(pool)}))


def _sealed(one: KeptDraw) -> dict[str, Any]:
    """What stands in the ledger before anybody knows the seed."""
    said = {"name": one.name, "seed_from": one.seed_from, "count": one.count, "crew": one.crew}
    return {**said, "towns": list(one.towns), **_hashes(one)}


def _hashes(one: KeptDraw) -> dict[str, str]:
    """Of everything that a draw is made from."""
    premises, people = lots.fingerprints(one.premises, one.inspectors)
    lists = {"lists_sha256": one.lists.sha256} if one.lists is not None else {}
    return {"premises_sha256": premises, "inspectors_sha256": people, **lists}
