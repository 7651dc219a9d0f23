"""The story of an incident: complete, in order, in plain words, and fit to be handed on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from dispatch.desk.clocks import Clocks
from dispatch.desk.incidents import Desk
from dispatch.desk.refusals import Conflict, Refused
from dispatch.desk.tasks import Tasks
from dispatch.desk.voices import Voices
from dispatch.records.case import Case, Outcome, Party, PartyKind, Procedure, Stamp
from dispatch.records.incident import CallBack, Incident, WrongStep
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import Entry, Kind, Verified
from dispatch.store.writing import Actor
from gis.locate import CellLocator
from tests.books import empty_book
from tests.towns import NOON, nine_cells
from ui.screens.story.view import story_html
from ui.services.sentences import Narrator, Told
from ui.services.story import Mask, Stage, Story, chosen, clocks, keep_story, masked, milestones, read_story
from ui.services.storypaper import Paper, as_json_lines, as_text, clock_told
from ui.telling import Teller
from ui.wording import Language, wording

PHONE = "138 4321 5678"
PLACE = {"lon": 121.5415, "lat": 29.8613}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def book() -> Iterator[Casebook]:
    with empty_book() as opened:
        yield opened


@pytest.fixture
def desk(book: Casebook) -> Desk:
    """A desk over the nine cells at NOON with its four teams."""
    town = nine_cells()
    made = Desk(book, town.rulebook, CellLocator(town.cells), town.cells, lambda: NOON, parts=town.rules.parts)
    made.set_roster("opening", town.teams(NOON))
    return made


def teller(language: Language = Language.EN) -> Teller:
    town = nine_cells()
    return Teller(wording(language), town.areas, town.rulebook.matters, town.fields, ZoneInfo(town.timezone))


def story_of(book: Casebook, subject: str) -> Story:
    story = read_story(book, subject)
    assert story is not None
    return story


def narrator(book: Casebook, story: Story, language: Language = Language.EN) -> Narrator:
    town, teams = nine_cells(), {team.id: team for team in book.teams()}
    officers = {officer.id: officer.name for team in teams.values() for officer in team.officers}
    return Narrator(teller(language), story, teams, town.rulebook.bodies, officers, town.rules)


def told(book: Casebook, subject: str, language: Language = Language.EN) -> list[Told]:
    story = story_of(book, subject)
    return [narrator(book, story, language).tell(entry) for entry in story.entries]


def paper(book: Casebook, subject: str, language: Language = Language.EN) -> Paper:
    story, town, tell = story_of(book, subject), nine_cells(), teller(language)
    reader = narrator(book, story, language)
    read = clocks(story, town.rulebook.matters, town.rules.calendar, NOON)
    words = [clock_told(clock, reader, tell, NOON) for clock in read]
    return Paper(story, told(book, subject, language), milestones(story), words, "synthetic: all of it", None)


def report(desk: Desk, **changes: Any) -> Incident:
    given = {**PLACE, "matter": "C08-01", "caller": PHONE, "source": "hotline", **changes}
    return desk.report("li", given.pop("text", "流动摊贩占道经营"), **given)


def at(minutes: float) -> datetime:
    return NOON + minutes * MINUTE


def handled(desk: Desk, incident: Incident) -> Incident:
    """Sent, accepted, there and handled, ten minutes apart from NOON."""
    sent = desk.assign("li", incident.id, "T1", incident.version, now=at(10)).incident
    way = desk.accept("team T1", sent.id, sent.version, now=at(20)).incident
    there = desk.arrive("team T1", way.id, way.version, now=at(30)).incident
    return desk.handle("team T1", there.id, there.version, "moved on", now=at(40)).incident


def refused(deed: Callable[[], object]) -> None:
    with pytest.raises((Refused, Conflict, WrongStep)):
        deed()


def a_case(incident: str) -> Case:
    stamp = Stamp("identified", NOON, "li", ("O1", "O2"), "330203CF2026041500001X", {"id_shown": True})
    party = Party("330203198001011234", "某摊主", PartyKind.CITIZEN)
    return Case(
        "AJ1",
        incident,
        "C08-01",
        "990100001",
        "990100001",
        "statutory",
        "镇政府",
        "《某法》第一条",
        party,
        Procedure.SIMPLE,
        NOON,
        (stamp,),
        stamp.facts,
    )


# What belongs to it


def test_the_story_holds_voices_tasks_and_cases_in_the_order_of_the_ledger(desk: Desk, book: Casebook) -> None:
    """Whoever reads only the incident's own entries misses half of what was done."""
    first, other = report(desk), report(desk, text="again")
    Voices(book, lambda: NOON).merge("li", other.id, 1, first.id, 1)
    with book.writing() as page:
        page.add_case(Actor("li", NOON, "file"), a_case(first.id))
    story = story_of(book, first.id)
    numbers = [entry.sequence for entry in story.entries]
    assert numbers == sorted(set(numbers))
    assert [(entry.deed, entry.subject) for entry in story.entries] == [
        ("report", first.id),
        ("report", other.id),
        ("merge", other.id),
        ("merge", first.id),
        ("file", "AJ1"),
    ]


def test_a_case_leads_to_the_incident_it_came_from(desk: Desk, book: Casebook) -> None:
    """An auditor holds the number of the file, not of the call."""
    first = report(desk)
    with book.writing() as page:
        page.add_case(Actor("li", NOON, "file"), a_case(first.id))
    assert story_of(book, "AJ1").incident.id == first.id
    assert read_story(book, "no such thing") is None


def test_a_story_is_read_anew_only_when_the_ledger_has_grown(desk: Desk, book: Casebook) -> None:
    """An auditor leaves the page open for an hour; a refused try must still appear on it."""
    first = report(desk)
    kept = keep_story(book, first.id)
    assert keep_story(book, first.id, kept) is kept
    report(desk, text="elsewhere")
    later = keep_story(book, first.id, kept)
    assert later.last > kept.last
    assert later.story is kept.story
    refused(lambda: desk.assign("li", first.id, "T3", 1))
    last = keep_story(book, first.id, later)
    assert last.story is not None
    assert last.story.entries[-1].refused
    assert keep_story(book, "AJ1", last).story is None


def test_a_story_of_many_voices_asks_the_book_no_more_often_than_one_of_none(desk: Desk, book: Casebook) -> None:
    """It is read again at every refresh of every reader."""
    first = report(desk)

    def asked() -> int:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        read_story(book, first.id)
        event.remove(Engine, "before_cursor_execute", note)
        return sum(statement.startswith("SELECT") for statement in seen)

    alone = asked()
    for _ in range(5):
        voice = report(desk, text="again")
        into = book.incident(first.id)
        assert into is not None
        Voices(book, lambda: NOON).merge("li", voice.id, 1, first.id, into.version)
    assert len(story_of(book, first.id).voices) == 5
    assert asked() == alone


def test_the_filter_parts_what_was_done_from_what_was_refused(desk: Desk, book: Casebook) -> None:
    """Together they are all there is."""
    first = report(desk)
    refused(lambda: desk.assign("li", first.id, "T3", 1))
    entries = story_of(book, first.id).entries
    assert [entry.deed for entry in chosen(entries, "refused")] == ["refused:assign"]
    assert sorted([*chosen(entries, "deeds"), *chosen(entries, "refused")], key=lambda e: e.sequence) == list(entries)
    assert chosen(entries, "all") == list(entries)


# How far it has come


def stages(book: Casebook, subject: str) -> dict[Stage, tuple[str, datetime | None]]:
    return {each.stage: (each.state, each.at) for each in milestones(story_of(book, subject))}


def test_every_stage_has_the_time_it_was_reached(desk: Desk, book: Casebook) -> None:
    """Seven stages from the first word to what the caller thought of it."""
    done = handled(desk, report(desk))
    checked = desk.verify("wu", done.id, done.version, passed=True, how="photo", now=at(50))
    desk.close("li", done.id, checked.version, CallBack.SATISFIED, "thanks", now=at(60))
    assert [at for _, at in stages(book, done.id).values()] == [NOON, NOON, at(10), at(30), at(40), at(60), at(60)]


def test_what_failed_its_verification_waits_for_a_team_again(desk: Desk, book: Casebook) -> None:
    """A stage it fell back from is ahead of it, not behind."""
    done = handled(desk, report(desk))
    desk.verify("wu", done.id, done.version, passed=False, how="still there", now=at(50))
    found = stages(book, done.id)
    assert found[Stage.FILED][0] == "done"
    assert found[Stage.DISPATCHED] == ("now", None)
    assert {state for state, _ in list(found.values())[3:]} == {"ahead"}


def test_nobody_judged_what_nobody_could_be_asked_about(desk: Desk, book: Casebook) -> None:
    """Reaching nobody is no praise."""
    done = handled(desk, report(desk))
    checked = desk.verify("wu", done.id, done.version, passed=True, how="photo")
    desk.close("li", done.id, checked.version, CallBack.UNREACHABLE)
    assert stages(book, done.id)[Stage.JUDGED] == ("ahead", None)


def test_what_was_passed_on_never_saw_a_team(desk: Desk, book: Casebook) -> None:
    """The stages between were passed over, and say so."""
    advice = report(desk, matter="C00-01" if "C00-01" in nine_cells().rulebook.matters else "", caller="")
    desk.pass_on("li", advice.id, 1, "12345", "advice", now=at(5))
    found = stages(book, advice.id)
    assert found[Stage.VERIFIED] == ("done", at(5))
    assert {found[each][0] for each in (Stage.DISPATCHED, Stage.WORKED, Stage.REPORTED_BACK)} == {"passed_over"}


def test_a_voice_waits_for_nothing_and_has_no_clock(desk: Desk, book: Casebook) -> None:
    """What is to be done stands in the story of the incident it was merged into."""
    first, other = report(desk), report(desk)
    Voices(book, lambda: NOON).merge("li", other.id, 1, first.id, 1)
    town = nine_cells()
    assert "now" not in {state for state, _ in stages(book, other.id).values()}
    assert clocks(story_of(book, other.id), town.rulebook.matters, town.rules.calendar, NOON) == []
    assert f'data-act="open:{first.id}"' in story_html(paper(book, other.id), "all", teller())


# Which clocks ran


def test_the_response_clock_ends_with_the_first_team_on_scene(desk: Desk, book: Casebook) -> None:
    """A second visit after a failed verification makes the first arrival no later."""
    new = report(desk)
    done = handled(desk, new)
    desk.verify("wu", done.id, done.version, passed=False, how="still there", now=at(50))
    town = nine_cells()
    story = story_of(book, new.id)
    clock, handling = clocks(story, town.rulebook.matters, town.rules.calendar, at(60))[:2]
    assert (clock.name, clock.ended_at, clock.state) == ("response", at(30), "in_time")
    assert (handling.name, handling.ended_at, handling.state) == ("handling", None, "running")
    assert handling.lines


def test_a_clock_that_ran_out_with_nobody_there_is_late(desk: Desk, book: Casebook) -> None:
    """The incident nobody went to must not look punctual."""
    new = report(desk)
    town = nine_cells()
    late = new.due_at + MINUTE
    story = story_of(book, new.id)
    assert clocks(story, town.rulebook.matters, town.rules.calendar, late)[0].state == "late"
    assert clocks(story, town.rulebook.matters, town.rules.calendar, new.due_at)[0].state == "running"


def test_a_paused_clock_stands(desk: Desk, book: Casebook) -> None:
    """Time that does not count must not look as if it ran."""
    new, town = report(desk), nine_cells()
    Clocks(desk, town.rulebook.matters, town.rules.calendar).pause("li", new.id, 1, "party away", now=at(5))
    clock = clocks(story_of(book, new.id), town.rulebook.matters, town.rules.calendar, at(9))[1]
    assert clock.state == "stands"


def test_every_department_has_its_clock(desk: Desk, book: Casebook) -> None:
    """A task that nobody answers is seen beside the incident's own time."""
    town = nine_cells()
    matter = next(code for code in town.rules.parts if code in town.rulebook.matters)
    new = report(desk, matter=matter)
    task = book.tasks(new.id)[0]
    Tasks(desk, town.rulebook.bodies, town.rules.calendar).accept("market", task.id, 1, now=at(3))
    read = clocks(story_of(book, new.id), town.rulebook.matters, town.rules.calendar, at(5))
    assert [clock.subject for clock in read if clock.name == "task"] == [each.id for each in book.tasks(new.id)]
    lines = told(book, new.id)
    assert [line.entry.deed for line in lines if line.about][-1] == "task_accept"
    assert task.what_en in lines[-1].words


# Each entry a sentence


def test_a_dispatch_tells_the_ground_it_stands_on(desk: Desk, book: Casebook) -> None:
    """Pair, body, right, letterhead and clause: what makes the act lawful."""
    new = report(desk)
    desk.assign("li", new.id, "T1", 1)
    line = told(book, new.id)[-1]
    warrant = line.entry.details["warrant"]
    assert line.words == f"li sent {book.teams()[0].name}"
    (ground,) = line.grounds
    mode = wording(Language.EN)(f"value.{warrant['mode']}")
    for part in (*warrant["pair"], mode, warrant["letterhead"], warrant["basis"]):
        assert part in ground
    assert [change.field for change in line.changes] == ["State", "Team"]


def test_a_refusal_says_every_reason(desk: Desk, book: Casebook) -> None:
    """What was tried in vain is half of what an auditor wants to know."""
    new = report(desk)
    refused(lambda: desk.assign("li", new.id, "T3", 1))
    line = told(book, new.id)[-1]
    assert "was refused" in line.words
    assert len(line.grounds) == len(line.entry.details["reasons"]) > 0
    assert not any("(" in ground and "=" in ground for ground in line.grounds), "a reason told by its code"


def test_who_came_second_reads_which_entry_was_first(desk: Desk, book: Casebook) -> None:
    """The number leads to the colleague's deed."""
    new = report(desk)
    first = desk.assign("li", new.id, "T1", 1)
    refused(lambda: desk.assign("wu", first.incident.id, "T2", 1))
    line = told(book, new.id)[-1]
    assert f"entry {line.entry.details['entry']}" in line.grounds[0]


def test_a_deed_nobody_has_words_for_is_still_told(desk: Desk, book: Casebook) -> None:
    """The ledger may hold what a later program wrote; a story with holes is none."""
    new = report(desk)
    with book.writing() as page:
        page.enter(Actor("drone 7", NOON, "overfly"), Kind.INCIDENT, new.id, details={"reason": "to see", "odd": [1]})
        page.enter(Actor("drone 7", NOON, "refused:overfly"), Kind.INCIDENT, new.id, details={"why": "Wind"})
    for language in Language:
        done, not_done = told(book, new.id, language)[-2:]
        assert "drone 7" in done.words
        assert "overfly" in done.words
        assert "to see" in done.words
        assert "overfly" in not_done.words


@pytest.mark.parametrize("language", list(Language))
def test_every_deed_of_the_desk_has_a_sentence_of_its_own(language: Language) -> None:
    """A code between words reads like a fault."""
    words = wording(language).words
    deeds = (
        "report locate classify assign recall undo accept arrive hand_back handle verify close pass_on reopen merge "
        "part task_accept task_return task_done task_send clock_pause clock_resume clock_suspend clock_ask "
        "clock_extend clock_refuse file stamp decide turn withdraw transfer serve pay close_case"
    )
    for deed in deeds.split():
        assert f"story.did.{deed}" in words
        assert f"deed.{deed}" in words or f"story.named.{deed}" in words


def test_a_case_is_told_with_its_step_and_the_code_of_the_act(desk: Desk, book: Casebook) -> None:
    """Where the incident ends, the file goes on."""
    new, case = report(desk), a_case("")
    case = replace(case, incident=new.id)
    with book.writing() as page:
        page.add_case(Actor("li", NOON, "file"), case)
        after = case.decided(Stamp("decided_on_spot", NOON, "li", ("O1", "O2")), Outcome.WARNING, 0)
        page.change_case(Actor("li", NOON, "decide"), case, after)
    filed, decided = told(book, new.id)[-2:]
    assert "某摊主" in filed.words
    assert "Facts found on the spot" in filed.words
    assert any("330203CF2026041500001X" in ground for ground in filed.grounds)
    assert decided.words.endswith("decided case AJ1: warning")


# Fit to be handed on


@pytest.mark.parametrize(
    ("caller", "shown"), [("13800005678", "***5678"), ("王女士 138-0000-5678", "***5678"), ("王女士", "***"), ("", "")]
)
def test_a_caller_is_known_by_the_last_digits_only(caller: str, shown: str) -> None:
    """Enough to find the right call again, not enough to ring."""
    assert masked(caller) == shown


def test_a_number_inside_a_sentence_is_hidden_and_a_cell_is_not() -> None:
    """Fifteen digits of a cell, and an act's code, are nobody's number."""
    hide = Mask(frozenset({"Aunt Li"}))
    assert hide("call 13800005678 or Aunt Li, id 330203198001011234") == "call ***5678 or ***, id ***1234"
    assert (
        hide("cell 990100001002002, act 330203CF2026041500001X") == "cell 990100001002002, act 330203CF2026041500001X"
    )


@pytest.mark.parametrize("language", list(Language))
def test_neither_page_nor_text_gives_a_caller_away(desk: Desk, book: Casebook, language: Language) -> None:
    """The refusal to close without a call back names the caller too."""
    done = handled(desk, report(desk, text=f"please ring {PHONE}"))
    checked = desk.verify("wu", done.id, done.version, passed=True, how="photo")
    refused(lambda: desk.close("li", done.id, checked.version))
    made = paper(book, done.id, language)
    text = as_text(made, teller(language), who="li", now=NOON)
    for shown in (text, story_html(made, "all", teller(language))):
        assert "4321" not in shown
        assert "***5678" in shown


def test_the_text_holds_every_entry_with_number_and_hash(desk: Desk, book: Casebook) -> None:
    """Handed to an auditor as it stands: whatever the screen showed, the file is whole."""
    new = report(desk)
    refused(lambda: desk.assign("li", new.id, "T3", 1))
    handled(desk, new)
    made = paper(book, new.id)
    text = as_text(made, teller(), who="li", now=NOON)
    for entry in made.story.entries:
        assert f"#{entry.sequence} {entry.hash[:8]} 2026-04-15" in text
    assert "synthetic: all of it" in text
    assert f"{len(made.story.entries)} entries, 1 of them refused" in text


def test_the_raw_lines_are_the_ledgers_own(desk: Desk, book: Casebook) -> None:
    """A line can be held against the ledger, field by field."""
    new = handled(desk, report(desk))
    entries = story_of(book, new.id).entries
    lines = [json.loads(line) for line in as_json_lines(entries).splitlines()]
    again = [Entry(**{**line, "at": datetime.fromisoformat(line["at"])}) for line in lines]
    assert again == list(entries)


def test_the_page_says_what_is_known_of_the_chain(desk: Desk, book: Casebook) -> None:
    """Unchecked is not whole, and broken names the entry."""
    new = report(desk)
    made, tell = paper(book, new.id), teller()
    assert "Not checked" in story_html(made, "all", tell)
    assert "Whole" in story_html(made._replace(verified=(book.verify(), NOON)), "all", tell)
    broken = Verified(3, 4, "its content does not agree with its hash")
    assert "Broken at entry 4" in story_html(made._replace(verified=(broken, NOON)), "all", tell)


def test_words_of_a_citizen_are_shown_and_never_run(desk: Desk, book: Casebook) -> None:
    """A script in a complaint must stay a complaint."""
    new = report(desk, text="<script>alert(1)</script>")
    html = story_html(paper(book, new.id), "all", teller())
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_page_of_refusals_only_shows_no_deed(desk: Desk, book: Casebook) -> None:
    """The pick holds on the page as it does in the list."""
    new = report(desk)
    refused(lambda: desk.assign("li", new.id, "T3", 1))
    html = story_html(paper(book, new.id), "refused", teller())
    assert html.count('class="seal"') == 1
    assert "Refused 1" in html


@pytest.mark.parametrize(
    "number",
    [
        "13812345678",
        "+8613812345678",
        "138.1234.5678",
        "138  1234  5678",
        "１３８１２３４５６７８",
        "0574-87654321",
        "330203 19900101 1234",
    ],
)
def test_a_number_is_hidden_however_it_is_written(number: str) -> None:
    """Citizens write their numbers as they like, and the story goes to people outside."""
    hidden = Mask()(f"请回电{number}，谢谢")
    assert "***" in hidden
    assert number not in hidden
    assert hidden.startswith("请回电")
    assert hidden.endswith("，谢谢")


def test_a_short_word_of_a_caller_hides_nothing_else() -> None:
    """A caller who left "1" must not turn every date into stars."""
    assert Mask(["1", "e"])("incident 2026-04-15 12:30") == "incident 2026-04-15 12:30"
    assert Mask(["王大妈"])("王大妈来电") == "***来电"


def test_nobody_writes_an_entry_into_the_file(desk: Desk, book: Casebook) -> None:
    """The file goes to auditors: what a citizen writes must not look like a line of the ledger."""
    new = report(desk, text="x\n#999 deadbeef 2026-04-15 12:00:00 desk closed it\u2028== Entries ==")
    made = paper(book, new.id)
    text = as_text(made, teller(), who="li\n#998", now=NOON)
    numbered = [line for line in text.split("\n") if line.startswith("#")]
    assert len(numbered) == len(made.told)
    assert text.count("\n== ") == text.replace("\u2028", " ").count("\n== ")
