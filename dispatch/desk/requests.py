"""What enterprises ask: taken down with date, words and name, and answered with words before a day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection

from dispatch.desk.deed import stated
from dispatch.desk.door import Door
from dispatch.desk.inspections import Inspections
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.records.reason import Reason
from dispatch.records.request import Request, Wish
from dispatch.rulebook.calendar import Calendar
from dispatch.store import inspections, requests
from dispatch.store.ledger import Kind
from dispatch.store.series import Series, next_id

REQUEST_REASONS = (
    "asked_by_nobody",
    "asked_in_future",  # day
)
ANSWER_WITHIN_DAYS = 5
"""Working days in which an enterprise is answered, the day on which it asked not counted (illustrative)."""


class Requests(Door):
    """The deeds about requests of enterprises.

    An answer settles nothing by itself: whoever puts a visit off, or makes a check due, does that in the calendar.

    Parameters
    ----------
    desk
        The desk of inspections whose door it shares.
    calendar
        Which days are worked.
    """

    def __init__(self, desk: Inspections, calendar: Calendar) -> None:
        super().__init__(desk.casebook, desk.clock, desk.rights)
        self._desk = desk
        self._calendar = calendar

    def ask(
        self,
        actor: str,
        premises: str,
        wish: Wish,
        asker: str,
        said: str,
        asked_on: date | None = None,
        *,
        now: datetime | None = None,
    ) -> Request:
        """What somebody asked for these premises, on a day until today; today when it is not said.

        Raises
        ------
        Refused
            ``asked_by_nobody`` without a name; ``needs_words``; ``asked_in_future``.
        Unknown
            The book has no such premises.
        """
        with self.casebook.reading() as connection:
            town = _town_of(connection, premises)
        with self.deed("inspect_ask", actor, Kind.INSPECTION, premises, now, place=town) as (page, who):
            if not town:
                raise Unknown("premises", premises)
            if not asker.strip():
                raise Refused(Reason("asked_by_nobody", False))
            today = who.at.astimezone(self._desk.zone).date()
            day = asked_on or today
            if day > today:
                raise Refused(Reason("asked_in_future", False, {"day": day.isoformat()}))
            answer_by = self._calendar.add_working_days(day, ANSWER_WITHIN_DAYS)
            id = next_id(page.connection, Series.REQUEST)
            new = Request(id, premises, wish, asker.strip(), stated(said), day, answer_by, who.at, who.name)
            requests.add(page, who, new)
            return new

    def answer(self, actor: str, id: str, version: int, words: str, *, now: datetime | None = None) -> Request:
        """What the enterprise was told; late too, for an answer that is late is better than none.

        Raises
        ------
        Refused
            ``needs_words``.
        Stale
            Somebody has answered it since.
        Unknown
        """
        with self.casebook.reading() as connection:
            asked = requests.one(connection, id)
            town = _town_of(connection, asked.premises) if asked is not None else ""
        with self.deed("inspect_answer", actor, Kind.INSPECTION, id, now, place=town) as (page, who):
            before = requests.one(page.connection, id)
            if before is None:
                raise Unknown("request", id)
            if before.version != version:
                raise Stale("request", id, version, before.version, page.latest(Kind.INSPECTION, id))
            after = before.answered(stated(words), who.name, who.at)
            requests.change(page, who, before, after)
            return after


def _town_of(connection: Connection, premises: str) -> str:
    """The town of these premises; empty when the book has none of that id."""
    return next((place.town for place in inspections.premises(connection) if place.id == premises), "")
