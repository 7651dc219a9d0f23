"""Intake: what the words propose, what is asked, and what Enter leaves in the book."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.desk.incidents import Desk
from dispatch.records.incident import Status
from dispatch.store.ledger import Kind
from gis.gazetteer import Precision, Spot
from gis.locate import CellLocator
from gis.streets import Profile
from gis.travel import TravelTimes
from tests.books import empty_book
from tests.towns import NOON, incident, nine_cells
from ui.panel.typing import Typed, read_keyed, read_typed
from ui.screens.intake.deeds import register, take_back
from ui.screens.intake.state import Form, How, Intake
from ui.screens.intake.view import View, shared
from ui.services.centre import Centre
from ui.services.intake import Choice, Place, _taken, matters_for, propose
from ui.telling import Teller
from ui.wording import Language, wording

STALL = "中心社区中心大道有流动摊贩占道经营，天天堵路"
LANE = "消防通道联合整治：一横路消防通道反复被占"
QUESTION = "请问社保卡在哪里补办？"
UNCLEAR = "一横路这里有点问题，麻烦来看看"


@pytest.fixture
def centre() -> Iterator[Centre]:
    """A command centre over nine_cells at noon."""
    place = nine_cells()
    with empty_book() as casebook:
        parts, calendar = place.rules.parts, place.rules.calendar
        locator = CellLocator(place.cells)
        desk = Desk(casebook, place.rulebook, locator, place.cells, lambda: NOON, parts=parts, calendar=calendar)
        desk.set_roster("test", place.teams(NOON))
        travel = {profile: TravelTimes(place.streets, profile) for profile in Profile}
        yield Centre(place, casebook, desk, lambda: NOON, travel)


@pytest.fixture(params=list(Language))
def tell(request: pytest.FixtureRequest, centre: Centre) -> Teller:
    scenario = centre.scenario
    return Teller(wording(request.param), scenario.areas, centre.rulebook.matters, scenario.fields, centre.zone)


def test_the_words_propose_matter_cell_body_clause_and_clocks_at_once(centre):
    """The one glance for which the dispatcher's hand need not leave the keyboard."""
    shown = propose(centre, STALL)
    assert shown.matter is not None
    assert shown.place is not None
    assert shown.limit is not None
    assert (shown.matter.code, shown.place.cell) == ("C08-01", "990100001002002")
    assert shown.answer == centre.rulebook.resolve("C08-01", "990100001", centre.today())
    assert shown.answer.lawful
    assert shown.on_scene_by == NOON + shown.matter.respond_within
    assert shown.limit.due_at > NOON
    assert (shown.needs_matter, shown.needs_place, shown.passes_on) == (False, False, False)


def test_what_triage_is_not_sure_of_is_asked_and_not_guessed(centre):
    """A wrong matter goes to the wrong body; a question costs two seconds."""
    shown = propose(centre, UNCLEAR)
    assert shown.guess.asks
    assert shown.matter is None
    assert shown.needs_matter
    assert shown.answer.why.code == "no_matter"
    picked = propose(centre, UNCLEAR, choice=Choice("C05-01"))
    assert picked.matter is not None
    assert picked.matter.code == "C05-01"
    assert not picked.needs_matter
    assert picked.seen != shown.seen


def test_of_a_sure_category_without_a_matter_its_matters_are_offered(centre):
    """Otherwise the number keys have nothing to pick."""
    shown = propose(centre, "东风社区隔壁半夜太吵，睡不着")
    assert not shown.guess.asks
    assert shown.matter is None
    assert shown.options
    assert {option.matter.category for option in shown.options} == {shown.guess.category}


def test_every_option_is_something_people_report_and_stands_once(centre):
    """A listed power is what an act rests on, not what a citizen sees."""
    for text in (STALL, LANE, QUESTION, UNCLEAR):
        codes = [option.matter.code for option in propose(centre, text).options]
        assert len(codes) == len(set(codes)) <= 5
        assert all(centre.rulebook.matters[code].kind in ("situation", "one_thing") for code in codes)


def test_a_place_typed_beside_the_words_goes_before_theirs_and_is_completed_by_them(centre):
    """The caller named the road where he lives; the dispatcher asked where the stall stands."""
    assert propose(centre, "中心大道有摊贩", "中心社区").place.spot.names == ("中心社区", "中心大道")
    elsewhere = propose(centre, STALL, "一横路")
    assert elsewhere.places
    assert all("一横路" in place.spot.names for place in elsewhere.places)


def test_a_place_that_nobody_knows_is_asked_again(centre):
    """Taking the place of the words instead would look as if the typed one had been understood."""
    shown = propose(centre, STALL, "月球背面")
    assert shown.unknown_place
    assert shown.place is None
    assert shown.needs_place
    assert not shown.answer.lawful
    assert shown.answer.why.code == "no_town"


def test_a_whole_town_is_no_place_until_somebody_takes_it(centre):
    """Its middle may be kilometres from the stall, in another body's street."""
    place = Place(Spot(Precision.TOWN, ("甲镇",), 121.54, 29.86, 2_300.0), "990100001002002", "990100001")
    assert place.vague
    assert not replace(place, spot=replace(place.spot, within_m=300.0)).vague
    assert not replace(place, spot=replace(place.spot, precision=Precision.COMMUNITY)).vague


def test_an_open_incident_of_the_same_place_and_words_is_shown(centre):
    """Ten callers about one stall are one stall."""
    centre.casebook.add_incidents([incident(), incident(id="far", lon=121.5499)], at=NOON)
    shown = propose(centre, STALL)
    assert [double.incident.id for double in shown.doubles] == ["I1"]
    assert shown.double is None
    assert shown.doubles[0].like.likely
    chosen = propose(centre, STALL, choice=Choice(double="I1"))
    assert chosen.double == shown.doubles[0]
    assert chosen.seen != shown.seen


def test_an_incident_that_came_meanwhile_is_among_the_doubles(centre):
    """What is kept ready for comparing is as old as the board and no older."""
    before = propose(centre, STALL)
    centre.casebook.add_incidents([incident()], at=NOON)
    after = propose(centre, STALL)
    assert (len(before.doubles), len(after.doubles)) == (0, 1)
    assert before.seen != after.seen


def test_a_one_thing_matter_lists_what_each_department_does(centre):
    """The citizen told it once; four departments must hear of it."""
    shown = propose(centre, LANE, choice=Choice("Y01"))
    assert shown.parts == centre.rules.parts["Y01"]
    assert propose(centre, STALL).parts == ()


def test_what_is_agreed_to_is_told_apart_however_long_it_is(centre):
    """It travels to the browser and back with every key; what is cut off on the way would be agreed to unseen."""
    text, doubles = STALL * 200, [incident(id=f"I{n:0100d}") for n in range(3)]
    centre.casebook.add_incidents(doubles, at=NOON)
    shown = propose(centre, text)
    chosen = propose(centre, text, choice=Choice(double=doubles[-1].id))
    keyed = read_keyed({"name": "accept", "number": 1, "seen": shown.seen})
    assert keyed is not None
    assert keyed.seen == shown.seen == propose(centre, text).seen
    assert len({shown.seen, chosen.seen, propose(centre, text + "。").seen}) == 3


def test_a_search_finds_what_people_report(centre):
    """Where nothing is proposed, two words find it."""
    found = matters_for(centre, "油烟")
    assert found[0].code == "C05-01"
    assert all(matter.kind in ("situation", "one_thing") for matter in found)


def test_enter_writes_the_message_down_as_it_was_shown(centre, tell):
    """Matter, place, address, source and caller arrive in the book as they stood on the screen."""
    form = Form(STALL, "", "13800000000", "12345")
    said, done = register(centre, "anna", propose(centre, STALL), form, tell)
    assert said.done
    assert done is not None
    kept = centre.casebook.incident(done.id)
    assert kept is not None
    assert (kept.text, kept.matter, kept.cell) == (STALL, "C08-01", "990100001002002")
    assert (kept.source, kept.caller, kept.address) == ("12345", "13800000000", "中心社区中心大道")
    assert done.how is How.NEW
    assert not take_back(centre, "anna", done, tell).done
    assert centre.casebook.incident(done.id) == kept


def test_a_voice_is_merged_and_can_be_parted(centre, tell):
    """Merging is a judgement, and judgements are taken back."""
    centre.casebook.add_incidents([incident()], at=NOON)
    shown = propose(centre, STALL, choice=Choice(double="I1"))
    said, done = register(centre, "anna", shown, Form(STALL), tell)
    assert said.done
    assert done is not None
    assert (done.how, done.other) == (How.VOICE, "I1")
    voice, parent = centre.casebook.incident(done.id), centre.casebook.incident("I1")
    assert (voice.status, voice.parent, parent.voices) == (Status.MERGED, "I1", 2)
    assert take_back(centre, "anna", done, tell).done
    assert centre.casebook.incident(done.id).status is Status.REPORTED
    assert centre.casebook.incident("I1").voices == 1


def test_one_more_voice_sends_the_departments_no_second_set_of_tasks(centre, tell):
    """They have it in hand; the second set would be worked twice."""
    _, first = register(centre, "anna", propose(centre, LANE, choice=Choice("Y01")), Form(LANE), tell)
    assert len(centre.casebook.tasks(first.id)) == len(centre.rules.parts["Y01"])
    shown = propose(centre, LANE, choice=Choice("Y01", double=first.id))
    assert shown.double is not None
    _, second = register(centre, "anna", shown, Form(LANE), tell)
    assert centre.casebook.incident(second.id).parent == first.id
    assert centre.casebook.tasks(second.id) == []


def test_a_voice_whose_incident_somebody_was_quicker_with_stays_in_the_queue(centre, tell):
    """The words are written down whatever comes of the second step, and the sentence says both."""
    centre.casebook.add_incidents([incident()], at=NOON)
    shown = propose(centre, STALL, choice=Choice(double="I1"))
    centre.desk.classify("bert", "I1", 1, "C08-02")
    said, done = register(centre, "anna", shown, Form(STALL), tell)
    assert not said.done
    assert done is not None
    assert done.id in said.words
    assert "bert" in said.words
    assert centre.casebook.incident(done.id).status is Status.REPORTED


def test_what_is_nobodys_to_enforce_is_passed_on_with_a_reason(centre, tell):
    """It needs no place, leaves the queue, and the ledger says where it went and why."""
    shown = propose(centre, QUESTION)
    assert shown.passes_on
    assert not shown.needs_place
    said, done = register(centre, "anna", shown, Form(QUESTION), tell)
    assert said.done
    assert done is not None
    assert done.how is How.PASSED
    assert centre.casebook.incident(done.id).status is Status.CLOSED
    details = centre.casebook.history(Kind.INCIDENT, done.id)[-1].details
    assert details["to"] == done.other
    assert details["reason"]
    assert take_back(centre, "anna", done, tell).done
    assert centre.casebook.incident(done.id).status is Status.REPORTED


def test_the_panels_say_all_of_it_and_escape_what_was_pasted(centre, tell):
    """A pasted script is a citizen's words and nothing else."""
    centre.casebook.add_incidents([incident(text="流动摊贩占道经营<b>天天堵路</b>")], at=NOON)
    view, text = View(centre, tell), STALL + "<script>"
    html = view.proposal(propose(centre, text), Form(text), [], None)
    assert "C08-01" in html
    assert "示例赋权决定" in html
    assert tell.w("intake.illustrative") in html
    assert "<script>" not in html
    assert "<b>天天" not in html
    for words, choice in ((LANE, Choice("Y01")), (QUESTION, Choice()), (UNCLEAR, Choice()), ("油烟大", Choice())):
        assert view.proposal(propose(centre, words, choice=choice), Form(words, find="x"), [], ("", "note"))
    assert tell.w("intake.begin").splitlines()[0] in view.proposal(propose(centre, ""), Form(), [], None).replace(
        "&#39;", "'"
    )


def test_the_pieces_of_a_text_are_the_text():
    """What two texts share is marked, never changed."""
    for text, other in ((STALL, "流动摊贩"), ("", STALL), ("a b  c", "b c"), (STALL, STALL)):
        assert "".join(piece for _, piece in shared(text, other)) == " ".join(text.split())
    assert shared("油烟", "油烟") == [(True, "油烟")]
    assert shared("油烟", "噪声") == [(False, "油烟")]


def test_what_was_typed_for_an_older_form_is_let_be():
    """A late keystroke of the last message must not fill the next one."""
    mine = Intake()
    assert mine.typed(Typed({"text": "one"}, 0, at=1))
    mine.open_next()
    assert not mine.typed(Typed({"text": "one more"}, 0, at=2))
    assert mine.form.text == ""
    assert mine.typed(Typed({"text": "two"}, 1, at=3))


def test_other_words_put_a_picked_place_and_duplicate_away():
    """They belonged to what was said before; the matter a person has named stays while there is any text."""
    mine = Intake()
    mine.typed(Typed({"text": "one"}, 0, at=1))
    mine.choose(Choice("C08-01", 1, "I1"))
    mine.typed(Typed({"text": "one two"}, 0, at=2))
    assert mine.choice == Choice("C08-01")
    mine.typed(Typed({"text": ""}, 0, at=3))
    assert mine.choice == Choice()


@pytest.mark.parametrize("said", [None, "x", 3, {}, {"name": 1}, {"name": "accept", "number": "1", "seen": ""}])
def test_what_is_no_key_is_no_deed(said):
    """A browser sends what it likes; only what is known is heard."""
    assert read_keyed(said) is None


def test_what_stood_in_the_fields_comes_with_the_key():
    """Enter counts for the words under the hand, not for those of the last report."""
    keyed = read_keyed(
        {"name": "accept", "number": 2, "seen": "s", "text": "words", "round": 1, "pasted": True, "at": 7}
    )
    assert keyed is not None
    assert keyed.typed == Typed({"text": "words"}, 1, True, 7)
    assert len(read_typed({"text": "x" * 20_000}).fields["text"]) == 8_000


def test_the_clock_of_the_proposal_is_the_clock_of_the_desk(centre, tell):
    """What was promised on the screen is what the queue counts down."""
    shown = propose(centre, STALL)
    _, done = register(centre, "anna", shown, Form(STALL), tell)
    assert abs(centre.casebook.incident(done.id).due_at - shown.on_scene_by) < timedelta(seconds=1)


def test_one_more_voice_is_about_what_the_first_was_about(centre):
    """Whoever says it is the same has said what it is."""
    centre.casebook.add_incidents([incident(text="中心大道这里有点问题，麻烦来看看")], at=NOON)
    words = "中心社区中心大道这里有点问题，麻烦来看看"
    assert propose(centre, words).needs_matter
    shown = propose(centre, words, choice=Choice(double="I1"))
    assert shown.matter is not None
    assert shown.matter.code == "C08-01"
    assert not shown.needs_matter


def test_a_report_older_than_the_key_that_followed_it_is_let_be():
    """It comes again with every refresh, and would bring back a search that has served or words since mended."""
    mine = Intake()
    assert mine.typed(Typed({"text": "one", "find": "fumes"}, 0, at=5))
    assert mine.typed(Typed({"text": "one two", "find": "fumes"}, 0, at=6))
    mine.searched()
    assert not mine.typed(Typed({"text": "one", "find": "fumes"}, 0, at=5))
    assert (mine.form.text, mine.form.find) == ("one two", "")
    assert mine.typed(Typed({"text": "one"}, 0, at=7))
    assert mine.told("").at == 7


def test_two_communities_in_one_text_are_for_a_person_to_choose():
    """The first message's trouble and the second one's place would make an incident that nobody told."""
    here = Place(Spot(Precision.COMMUNITY, ("甲",), 121.50, 29.80, 300.0), "c1", "t1")
    there = Place(Spot(Precision.COMMUNITY, ("乙",), 121.54, 29.80, 300.0), "c2", "t2")
    vague = Place(Spot(Precision.STREET, ("路",), 121.54, 29.80, 300.0), "c2", "t2")
    assert _taken((here,), None) is here
    assert _taken((here, there), None) is None
    assert _taken((here, there), 1) is there
    assert _taken((here, vague), None) is here
