"""Incidents as short lines of text: what, where, how long is left."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dispatch.records.incident import UNANSWERED, Incident
from dispatch.records.reason import Reason
from dispatch.records.team import Team
from dispatch.rulebook.competence import Answer
from dispatch.rulebook.matters import Matter
from gis.areas import Areas
from scenarios.place import CertificateField
from scenarios.rules import Named
from ui.services.board import time_left
from ui.wording import Wording

SOON = timedelta(minutes=10)
SPANS = frozenset({"slack_min", "late_min", "minutes", "lasts_min", "takes_min", "out_min", "most_min", "says_min"})
PLACES = frozenset({"town", "crew_town", "community", "where"})
NAMED = frozenset({"officer", "premises", "visited", "before", "crew"})


MARKUP = re.compile(r"([\\`*_{}\[\]()#+.!|<>~$:-])")


def plain(words: str) -> str:
    """Somebody's words for a widget that reads Markdown: nothing in them is a link, a picture or a colour."""
    return MARKUP.sub(r"\\\1", words)


@dataclass(frozen=True, slots=True)
class Teller:
    """Says things about incidents in one language for one place."""

    w: Wording
    areas: Areas
    matters: Mapping[str, Matter]
    fields: Mapping[str, CertificateField]
    zone: ZoneInfo
    departments: Mapping[str, Named] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    """Of people, premises and crews that a screen speaks of, by id."""

    def what(self, incident: Incident) -> str:
        """The matter's name, or the first words while it has none."""
        matter = self.matters.get(incident.matter)
        if matter is not None:
            return self.w.pick(matter.name_zh, matter.name_en)
        words = " ".join(incident.text.split())
        return words[:40] or incident.id

    def where(self, incident: Incident) -> str:
        """Town and cell, or that it has no place."""
        if incident.lon != incident.lon:
            return self.w("decision.no_cell")
        return self.cell(incident.town, incident.cell)

    def cell(self, town: str, cell: str) -> str:
        """A cell by its town and the digits after the town's; that it is outside when there is none."""
        return f"{self.areas.name(town)} · {cell[9:12]}-{cell[12:]}" if cell else self.w("decision.outside")

    def where_full(self, incident: Incident) -> str:
        """Community, whole cell code and the address as it was given."""
        if not incident.cell:
            return " · ".join(filter(None, [self.where(incident), incident.address]))
        place = f"{self.areas.name(incident.town)} {self.areas.name(incident.cell[:12])}"
        return " · ".join(filter(None, [place, incident.cell, incident.address]))

    def reason(self, reason: Reason) -> str:
        """A reason in words, with names of fields, towns and communities instead of codes."""
        if reason.code == "leaves_uncovered" and reason.good:
            return self.w("decision.leaves_none")
        named = {name: self.named(name, value) for name, value in reason.values.items()}
        if "left" in named and str(reason.values.get("unit", "")).endswith("_hours"):
            named["left"] = self.span(timedelta(hours=float(reason.values["left"])))
            named["unit"] = self.w(f"unit.{reason.values['unit']}")
        until = reason.values.get("until")
        named["till"] = self.w("decision.till", until=until) if until else ""
        first, last = reason.values.get("first"), reason.values.get("last")
        named["dates"] = str(first) if first == last else f"{first} – {last}"
        return self.w.reason(replace(reason, values=named))

    def named(self, name: str, value: str | int | float) -> str | int | float:
        """A value of a reason as people read it: names of places, fields and departments instead of codes."""
        if name in SPANS:
            return self.span(timedelta(minutes=float(value)))
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if name == "field" and value in self.fields:
            certificate = self.fields[str(value)]
            return self.w.pick(certificate.name_zh, certificate.name_en)
        if name == "department" and value in self.departments:
            department = self.departments[str(value)]
            return self.w.pick(department.name_zh, department.name_en)
        if name == "certificates":
            return self.w("app.comma").join(str(self.named("field", each)) for each in str(value).split(","))
        if name in PLACES and value:
            return self.areas.name(str(value))
        return self.names.get(str(value), value) if name in NAMED else value

    def posting(self, team: Team) -> str:
        """Where a team is posted."""
        return self.areas.name(team.town)

    def who_may(self, answer: Answer) -> str:
        """The bodies that may act and how; or why nobody may."""
        if not answer.lawful:
            return self.reason(answer.why)
        named = [
            self.w("decision.body", body=self.w.pick(actor.body_zh, actor.body_en), mode=self.w(f"value.{actor.mode}"))
            for actor in answer.actors
        ]
        return self.w("decision.and").join(named)

    def span(self, span: timedelta) -> str:
        """A length of time, in the largest two units that matter."""
        minutes = int(abs(span).total_seconds() // 60)
        if minutes < 60:
            return self.w("unit.minutes", n=minutes)
        if minutes < 24 * 60:
            return self.w("unit.hours", h=minutes // 60, m=minutes % 60)
        return self.w("unit.days", d=minutes // 1440, h=minutes % 1440 // 60)

    def left(self, incident: Incident, now: datetime) -> tuple[str, str]:
        """Time left as the queue shows it, and its tone: ``bad`` late, ``warn`` soon, else empty."""
        if incident.status not in UNANSWERED:
            return "", ""
        left = time_left(incident, now)
        if left < timedelta(0):
            return f"+{self.span(left)}", "bad"
        return self.span(left), "warn" if left < SOON else ""

    def left_short(self, incident: Incident, now: datetime) -> str:
        """Time left where there is room for five characters: ``+0:12``, ``2:24``, ``3 d`` (``3 天``)."""
        if incident.status not in UNANSWERED:
            return "–"
        left = time_left(incident, now)
        minutes = int(abs(left).total_seconds() // 60)
        sign = "+" if left < timedelta(0) else ""
        if minutes < 24 * 60:
            return f"{sign}{minutes // 60}:{minutes % 60:02d}"
        return sign + self.w("unit.days_short", n=minutes // 1440)

    def clock(self, incident: Incident, now: datetime) -> str:
        """The clock in a sentence."""
        if incident.closed_at is not None:
            return self.w("decision.closed_at", at=self.at(incident.closed_at))
        if incident.status not in UNANSWERED:
            return self.w("decision.answered")
        left = time_left(incident, now)
        if left < timedelta(0):
            return self.w("decision.overdue_by", late=self.span(left), at=self.at(incident.due_at))
        return self.w("decision.due_in", left=self.span(left), at=self.at(incident.due_at))

    def until(self, moment: datetime) -> str:
        """A moment something ends: midnight is the end of the day before."""
        local = moment.astimezone(self.zone)
        if (local.hour, local.minute) != (0, 0):
            return self.at(moment)
        return (local - timedelta(days=1)).strftime("%m-%d 24:00")

    def at(self, moment: datetime) -> str:
        """Local time of the place, day and minute."""
        return moment.astimezone(self.zone).strftime("%m-%d %H:%M")
