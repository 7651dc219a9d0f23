"""What a demo begins with between bodies: made by the desks' own deeds, marked synthetic, and lawful."""

from __future__ import annotations

from collections import Counter

from dispatch.desk.door import Door
from dispatch.records.task import TaskKind, TaskStatus
from dispatch.store import between
from dispatch.store.ledger import Kind
from scenarios.live import ACTOR
from scenarios.together import appoint_liaisons, open_between
from tests.books import empty_book
from tests.towns import NOON, incident, nine_cells


def test_a_demo_begins_with_a_whistle_a_hand_over_and_a_dispute():
    """Whoever opens the screen for the first time sees what it is for."""
    with empty_book() as casebook:
        casebook.add_incidents([incident(id=f"I{n}") for n in range(3)], at=NOON)
        open_between(Door(casebook, lambda: NOON), nine_cells(), NOON)
        tasks = casebook.tasks()
        assert Counter((task.kind, task.status) for task in tasks) == {
            (TaskKind.WHISTLE, TaskStatus.ACCEPTED): 1,
            (TaskKind.WHISTLE, TaskStatus.SENT): 1,
            (TaskKind.TRANSFER, TaskStatus.SENT): 1,
            (TaskKind.TRANSFER, TaskStatus.DISPUTED): 1,
        }
        assert {entry.actor for task in tasks for entry in casebook.history(Kind.TASK, task.id)} == {ACTOR}
        assert casebook.verify().whole


def test_every_beat_has_its_liaison_officer_and_nobody_is_replaced():
    place = nine_cells()
    with empty_book() as casebook:
        for _ in range(2):
            appoint_liaisons(casebook, place, NOON)
        with casebook.reading() as connection:
            kept = between.liaisons(connection)
        assert kept.keys() == {community for line in place.roster for community in line.beat}
        assert all(each.version == 1 and each.officer != each.backup for each in kept.values())
