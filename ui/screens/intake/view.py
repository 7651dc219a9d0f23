"""What the proposal shows, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from dispatch.records.reason import Reason
from dispatch.rulebook.competence import Actor
from dispatch.rulebook.deadlines import Deadline
from dispatch.rulebook.matters import Matter, Source
from dispatch.rulebook.onething import Part
from dispatch.rulebook.terms import Term
from ui.panel.component import render
from ui.screens.intake.deeds import answers_for, pass_reason
from ui.screens.intake.state import Done, Form, How
from ui.services.centre import Centre
from ui.services.intake import Double, Place, Proposal
from ui.telling import Teller

DAYS_OFF = frozenset({"clock_weekend", "clock_holiday", "clock_makeup", "clock_provisional"})
LONGEST_SHOWN = 220
SOURCES = ("12345", "desk", "grid_worker", "patrol", "camera")
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class View:
    """Says things about a proposal in one language for one place."""

    centre: Centre
    tell: Teller

    def form(self) -> str:
        """The fields; what is typed in them is the browser's."""
        sources = [(code, self.tell.w(f"intake.source.{code}")) for code in SOURCES]
        return render("intake/form.html", w=self.tell.w, sources=sources)

    def proposal(self, shown: Proposal, form: Form, found: Sequence[Matter], note: tuple[str, str] | None) -> str:
        """The whole proposal, or how to begin while nothing is typed."""
        if not form.text:
            return render("intake/begin.html", w=self.tell.w, note=note)
        return render(
            "intake/proposal.html",
            w=self.tell.w,
            note=note,
            seen=shown.seen,
            head=self._head(shown),
            find=form.find,
            matters=self._found(found, shown) if form.find else self._options(shown),
            places=[self._place(row, place, shown) for row, place in enumerate(shown.places)],
            no_place=self._no_place(shown, form),
            bodies=[self._body(actor, shown) for actor in shown.answer.actors],
            nobody=self._nobody(shown),
            rests_on=self._rests_on(shown.matter),
            proof=[(_tone(reason), self._reason(reason)) for reason in shown.answer.proof],
            clocks=self._clocks(shown),
            parts=[self._part(part) for part in shown.parts],
            doubles=[self._double(double, shown) for double in shown.doubles],
        )

    def done(self, lines: Sequence[Done]) -> str:
        """What was registered, the last on top."""
        return render("intake/done.html", w=self.tell.w, rows=[self._line(done) for done in lines])

    def _head(self, shown: Proposal) -> Row:
        w, matter, guess = self.tell.w, shown.matter, shown.guess
        return {
            "what": self._name(matter) if matter else w("intake.which_matter"),
            "asks": matter is None,
            "category": self._category(matter.category if matter else guess.category),
            "sure": w("intake.sure", percent=f"{100 * guess.confidence:.0f}") if guess.category else "",
            "sure_enough": not guess.asks,
            "code": matter.code if matter else "",
            "national": matter.national_code if matter else "",
            "words": guess.words[:4],
            "enter": self._enter(shown),
            "ready": not shown.needs_matter and not shown.needs_place,
        }

    def _enter(self, shown: Proposal) -> str:
        w = self.tell.w
        if shown.needs_matter:
            return w("intake.enter_matter")
        if shown.needs_place:
            return w("intake.enter_place")
        if shown.double is not None:
            return w("intake.enter_merge", id=shown.double.incident.id)
        if shown.passes_on:
            return w("intake.enter_pass", to=answers_for(self.centre, shown, self.tell))
        return w("intake.enter_save")

    def _options(self, shown: Proposal) -> list[Row]:
        """Each category's share stands once, at the first of its matters."""
        chosen, told = shown.matter.code if shown.matter else "", set[str]()
        rows = []
        for number, option in enumerate(shown.options, start=1):
            category = option.matter.category
            share = "" if category in told else f"{100 * option.confidence:.0f}%"
            rows.append(self._choice(number, option.matter, chosen, share))
            told.add(category)
        return rows

    def _found(self, found: Sequence[Matter], shown: Proposal) -> list[Row]:
        chosen = shown.matter.code if shown.matter else ""
        return [self._choice(n, matter, chosen, "") for n, matter in enumerate(found, start=1)]

    def _choice(self, number: int, matter: Matter, chosen: str, share: str) -> Row:
        return {
            "key": number,
            "code": matter.code,
            "name": self._name(matter),
            "category": self._category(matter.category),
            "share": share,
            "chosen": matter.code == chosen,
        }

    def _place(self, row: int, place: Place, shown: Proposal) -> Row:
        tell = self.tell
        community = tell.areas.name(place.cell[:12]) if place.cell else ""
        return {
            "row": row,
            "names": " ".join(place.spot.names),
            "how": tell.w(f"intake.precision.{place.spot.precision}"),
            "within": self._metres(place.spot.within_m),
            "where": f"{tell.cell(place.town, place.cell)} {community}".strip(),
            "chosen": place is shown.place,
        }

    def _no_place(self, shown: Proposal, form: Form) -> str:
        w = self.tell.w
        if shown.place is not None or shown.double is not None:
            return ""
        if shown.unknown_place:
            return w("intake.unknown_place", words=form.place)
        if shown.places:
            return w("intake.vague_place" if shown.places[0].cell else "intake.outside_place")
        return w("intake.no_place_needed" if shown.passes_on else "intake.no_place")

    def _body(self, actor: Actor, shown: Proposal) -> Row:
        w, row = self.tell.w, self._row_of(actor.body, shown)
        return {
            "name": w.pick(actor.body_zh, actor.body_en),
            "mode": w(f"value.{actor.mode}"),
            "letterhead": w("intake.letterhead", name=w.pick(actor.letterhead, actor.letterhead_en)),
            "basis": actor.basis,
            "under": w.pick(str(row.get("name_zh", "")), str(row.get("name_en", ""))),
            "mark": w("intake.illustrative") if row.get("source") == Source.ILLUSTRATIVE else "",
        }

    @staticmethod
    def _row_of(body: str, shown: Proposal) -> dict[str, str | int | float]:
        rows = (line for line in shown.answer.proof if line.code == "power_in_force" and line.values["body"] == body)
        first = next(rows, None)
        return dict(first.values) if first else {}

    def _nobody(self, shown: Proposal) -> str:
        if shown.answer.lawful:
            return ""
        if shown.passes_on:
            to, why = answers_for(self.centre, shown, self.tell), pass_reason(shown, self.tell)
            return self.tell.w("intake.pass_to", to=to, why=why)
        if shown.parts and shown.place is not None:
            return self.tell.w("intake.each_by_its_own", lead=answers_for(self.centre, shown, self.tell))
        return self._reason(shown.answer.why)

    def _rests_on(self, matter: Matter | None) -> Row | None:
        if matter is None or not matter.basis:
            return None
        mark = self.tell.w("intake.illustrative") if matter.source is Source.ILLUSTRATIVE else ""
        return {"basis": matter.basis, "mark": mark}

    def _clocks(self, shown: Proposal) -> list[tuple[str, str, str]]:
        """Name, when, and how it was counted."""
        w, matter = self.tell.w, shown.matter
        if matter is None or shown.on_scene_by is None or shown.limit is None:
            return []
        handled = (w("intake.handled"), self._due(shown.limit), self._counted(self._term(matter.limit), shown.limit))
        if shown.passes_on:
            return [handled]
        target = w("intake.target", span=self.tell.span(matter.respond_within))
        return [(w("intake.on_scene"), self.tell.at(shown.on_scene_by), target), handled]

    def _counted(self, unit: str, limit: Deadline) -> str:
        w = self.tell.w
        began = w("intake.counted", unit=unit, at=self.tell.at(limit.started))
        off = [self._reason(line) for line in limit.lines if line.code in DAYS_OFF]
        return w("app.and").join([began, *off])

    def _due(self, limit: Deadline) -> str:
        """A term in days ends at 24:00 of its last day."""
        local = limit.due_at.astimezone(self.tell.zone)
        if (local.hour, local.minute, local.second) == (0, 0, 0):
            return f"{local - timedelta(days=1):%m-%d} 24:00"
        return self.tell.at(limit.due_at)

    def _part(self, part: Part) -> Row:
        w = self.tell.w
        named = self.centre.rules.departments.get(part.department)
        return {
            "department": w.pick(named.name_zh, named.name_en) if named else part.department,
            "task": w.pick(part.task_zh, part.task_en),
            "term": self._term(part.term),
            "lead": part.lead,
        }

    def _term(self, term: Term) -> str:
        return f"{term.amount} {self.tell.w(f'value.{term.unit}')}"

    def _double(self, double: Double, shown: Proposal) -> Row:
        w, other, like = self.tell.w, double.incident, double.like
        return {
            "id": other.id,
            "what": self.tell.what(other) if other.matter else w("intake.no_matter"),
            "state": w(f"state.{other.status}"),
            "metres": self._metres(like.metres),
            "ago": w("intake.ago", span=self.tell.span(timedelta(minutes=like.minutes))),
            "score": f"{100 * like.score:.0f}%",
            "voices": w("decision.voices", n=other.voices) if other.voices > 1 else "",
            "where": " · ".join(filter(None, [self.tell.where(other), other.address])),
            "ours": shared(shown.text, other.text),
            "theirs": shared(other.text, shown.text),
            "chosen": double is shown.double,
        }

    def _line(self, done: Done) -> Row:
        tell, incident = self.tell, done.incident
        return {
            "id": done.id,
            "how": tell.w(f"intake.how_{done.how}", other=done.other),
            "what": tell.what(incident) if incident.matter else tell.w("intake.no_matter"),
            "where": tell.where(incident),
            "words": " ".join(incident.text.split())[:LONGEST_SHOWN],
            "undo": "" if done.how is How.NEW else tell.w(f"intake.undo_{done.how}"),
        }

    def _name(self, matter: Matter) -> str:
        return self.tell.w.pick(matter.name_zh, matter.name_en)

    def _category(self, code: str) -> str:
        named = self.centre.rules.categories.get(code)
        return f"{code} {self.tell.w.pick(named.name_zh, named.name_en)}" if named else code

    def _metres(self, metres: float) -> str:
        return self.tell.w("intake.metres", n=f"{metres:.0f}") if metres < 1000 else f"{metres / 1000:.1f} km"

    def _reason(self, reason: Reason) -> str:
        """A reason in words; one that has none yet is told by its code and values."""
        return self.tell.reason(reason) if f"reason.{reason.code}" in self.tell.w.words else str(reason)


def shared(text: str, other: str) -> list[tuple[bool, str]]:
    """``text`` in pieces, each with whether ``other`` has its pairs of characters too.

    Examples
    --------
    >>> shared("夜里油烟大", "店里油烟很呛")
    [(False, '夜'), (True, '里油烟'), (False, '大')]
    """
    text, other = (" ".join(each.split())[:LONGEST_SHOWN] for each in (text, other))
    theirs = {other[at : at + 2] for at in range(len(other) - 1)}
    common = [False] * len(text)
    for at in range(len(text) - 1):
        if text[at : at + 2] in theirs and text[at : at + 2].isalnum():
            common[at] = common[at + 1] = True
    pieces: list[tuple[bool, str]] = []
    for letter, both in zip(text, common, strict=True):
        if pieces and pieces[-1][0] is both:
            pieces[-1] = (both, pieces[-1][1] + letter)
        else:
            pieces.append((both, letter))
    return pieces


def _tone(reason: Reason) -> str:
    """An illustrative row proves nothing yet."""
    if reason.values.get("source") == Source.ILLUSTRATIVE:
        return "warn"
    return {True: "good", False: "bad", None: "soft"}[reason.good]
