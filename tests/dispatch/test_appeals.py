"""Appraisals: figures that stand still, objections while the window is open, a ruling, and then for good."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from dispatch.desk.refusals import Stale, Unknown
from dispatch.desk.rights import PeopleRights
from dispatch.oversight.appeals import Appeals, Rules
from dispatch.oversight.appraising import Basis, Counted, figures, read_basis
from dispatch.oversight.evaluation import Ground, Period
from dispatch.oversight.indicators import About
from dispatch.oversight.matrix import COUNTS, OF_PAIRS, reporting_in
from dispatch.records.appraisal import Ruling, Side
from dispatch.records.incident import WrongStep
from dispatch.records.person import Job, Person, Post
from dispatch.store import people
from dispatch.store.ledger import Kind
from dispatch.store.tables import APPRAISALS, OBJECTIONS
from dispatch.store.writing import Actor
from tests.between import CLAUSE, DISTRICT, JIA, YI, Command, why
from tests.towns import NOON

WEIGHTS = {(About.PAIR, name): 1 for name in OF_PAIRS}
APRIL, APRIL_ID = date(2026, 4, 10), "month-2026-04-01"
IN_MAY = timedelta(days=20)
WINDOW = 5
PEOPLE = (
    Person("chief", "c", (Post(Job.SUPERVISOR, DISTRICT),)),
    Person("desk", "d", (Post(Job.DISPATCHER, DISTRICT), Post(Job.SUPERVISOR, DISTRICT))),
    Person("jia", "j", (Post(Job.SUPERVISOR, JIA),)),
    Person("yi", "y", (Post(Job.SUPERVISOR, YI),)),
    Person("fire", "f", (Post(Job.DISPATCHER, DISTRICT), Post(Job.SUPERVISOR, DISTRICT)), body="FIRE"),
)


def appeals_of(command: Command) -> Appeals:
    place = command.place
    ground = Ground(place.rulebook.matters, place.rules.procedures, place.office, place.rules.calendar, place.cells)
    command.desk.rights = PeopleRights(DISTRICT)
    return Appeals(command.desk, Rules(ground, WEIGHTS, WINDOW))


@pytest.fixture
def command(casebook) -> Command:
    """April: a fire brigade that answered late, and a traffic police that sent the whistle back."""
    with casebook.writing() as page:
        for each in PEOPLE:
            people.add_person(page, Actor("test", NOON, "person_add"), each)
    command = Command(casebook)
    fire, traffic = command.whistled("fire", "traffic")
    command.later(20)
    command.tasks.accept("fire", fire.id, 1, command.now + timedelta(minutes=30))
    command.tasks.give_back("traffic", traffic.id, 1, CLAUSE)
    command.later(60)
    command.tasks.arrive("fire", fire.id, 2)
    command.tasks.finish("fire", fire.id, 3, "办完")
    return command


@pytest.fixture
def appeals(command) -> Appeals:
    return appeals_of(command)


@pytest.fixture
def opened(command, appeals):
    command.now = NOON + IN_MAY
    return appeals.open("chief", Period.MONTH, APRIL)


def event_of(appeals: Appeals, deed: str, department: str = "fire") -> Counted:
    found = appeals.standing(APRIL_ID).basis.events
    return next(each for each in found if (each.deed, each.department) == (deed, department))


def objected(appeals: Appeals, deed: str = "task_accept", who: str = "fire", side: Side = Side.DEPARTMENT):
    return appeals.object(who, APRIL_ID, event_of(appeals, deed).id, side, "系统故障", "故障单 12 号")


def over(command: Command, one) -> None:
    command.now = one.appeal_by_at


def test_a_month_is_opened_with_the_figures_of_the_matrix_and_they_stand_still(command, opened, appeals):
    """What is done afterwards, and weights that change, move nothing of it."""
    standing = appeals.standing(APRIL_ID)
    tasks = command.book.tasks()
    entries = command.book.histories({Kind.TASK: [task.id for task in tasks]})
    assert list(standing.before.matrix) == reporting_in(tasks, entries)
    assert standing.before == standing.after
    assert standing.whole
    command.desk.rights = None
    command.whistled("fire")
    assert appeals.standing(APRIL_ID).before == standing.before
    entry = command.book.history(Kind.APPRAISAL, APRIL_ID)[0]
    assert entry.details["set"]["sha256"] == opened.sha256
    assert entry.details["set"]["head"] == opened.head != ""


def test_the_window_is_so_many_working_days_of_the_calendar(command, opened):
    """The holidays of May are no days to write an objection on."""
    calendar = command.place.rules.calendar
    first, last = (calendar.local(at).date() for at in (opened.opened_at, opened.appeal_by_at - timedelta(seconds=1)))
    days = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert sum(calendar.working(day) for day in days) == WINDOW
    assert calendar.working(last)


@pytest.mark.parametrize(
    ("period", "day", "codes"),
    [
        (Period.WEEK, APRIL, ["week_not_appraised"]),
        (Period.MONTH, date(2026, 5, 2), ["period_not_over"]),
        (Period.QUARTER, APRIL, ["period_not_over"]),
        (Period.MONTH, date(2026, 2, 2), ["nothing_appraised"]),
        (Period.MONTH, APRIL, ["appraised_already"]),
    ],
)
def test_what_cannot_be_appraised_is_refused(opened, appeals, period, day, codes):
    """A week is too short, a running month not over, an empty one says nothing, and each time is appraised once."""
    assert why(lambda: appeals.open("chief", period, day)) == codes


def test_an_upheld_answer_no_longer_counts_and_both_figures_are_kept(command, opened, appeals):
    """The brigade answered late because the system was down: without that answer nothing was late."""
    one = objected(appeals)
    appeals.rule("chief", one.id, 1, "查证属实", upheld=True)
    over(command, opened)
    published = appeals.publish("chief", APRIL_ID, 1)
    standing = appeals.standing(APRIL_ID)
    before, after = (
        next(row for row in f.matrix if row.department == "fire") for f in (standing.before, standing.after)
    )
    assert (before.answered, before.answered_in_time, after.answered) == (1, 0, 0)
    assert (after.asked, after.done) == (before.asked, before.done)
    assert published.published_by == "chief"
    told = command.book.history(Kind.APPRAISAL, APRIL_ID)[-1].details
    assert told["upheld"] == [one.event]
    assert command.book.verify().whole


def test_an_upheld_whistle_takes_with_it_what_followed_from_it(command, opened, appeals):
    """An answer to a whistle that should never have been blown is no answer."""
    one = objected(appeals, "whistle")
    appeals.rule("chief", one.id, 1, "不应吹哨", upheld=True)
    after = appeals.standing(APRIL_ID).after
    assert [row.department for row in after.matrix] == ["traffic"]


def test_a_finding_is_the_towns_alone_and_counts_no_more_once_upheld(opened, appeals):
    """No department answers for what supervision found in a town; marks of pairs do not move with it."""
    before = appeals.standing(APRIL_ID).before
    event = next(each for each in appeals.standing(APRIL_ID).basis.events if each.finding)
    tried = lambda: appeals.object("desk", APRIL_ID, event.id, Side.DEPARTMENT, "x", "y")  # noqa: E731
    assert why(tried) == ["not_your_event"]
    one = appeals.object("jia", APRIL_ID, event.id, Side.TOWN, "道路封闭", "交警通告")
    appeals.rule("chief", one.id, 1, "属实", upheld=True)
    after = appeals.standing(APRIL_ID).after
    assert after.findings.get(JIA, 0) == before.findings[JIA] - 1
    assert (after.matrix, after.towns) == (before.matrix, before.towns)


def test_a_dismissed_objection_changes_no_figure(opened, appeals):
    """And a second word on it is refused."""
    one = objected(appeals)
    ruled = appeals.rule("chief", one.id, 1, "证据不足", upheld=False)
    assert ruled.ruling is Ruling.DISMISSED
    standing = appeals.standing(APRIL_ID)
    assert standing.before == standing.after
    with pytest.raises(WrongStep):
        appeals.rule("chief", one.id, 2, "再想想", upheld=True)
    with pytest.raises(Stale):
        appeals.rule("chief", one.id, 1, "再想想", upheld=True)


def test_nothing_is_published_before_the_window_ends_or_while_an_objection_waits(command, opened, appeals):
    """Otherwise the hearing would come after the verdict."""
    one = objected(appeals)
    assert why(lambda: appeals.publish("chief", APRIL_ID, 1)) == ["appeals_running"]
    over(command, opened)
    assert why(lambda: appeals.publish("chief", APRIL_ID, 1)) == ["objections_waiting"]
    appeals.rule("chief", one.id, 1, "证据不足", upheld=False)
    appeals.publish("chief", APRIL_ID, 1)
    deeds = [entry.deed for entry in command.book.history(Kind.APPRAISAL, APRIL_ID)]
    assert deeds == ["appraise_open", *["refused:appraise_publish"] * 2, "appraise_publish"]


def test_a_published_appraisal_is_done_with(command, opened, appeals):
    """Nobody objects to it, opens or publishes it again."""
    event = event_of(appeals, "task_accept")
    over(command, opened)
    appeals.publish("chief", APRIL_ID, 1)
    tried = lambda: appeals.object("fire", APRIL_ID, event.id, Side.DEPARTMENT, "x", "y")  # noqa: E731
    assert why(tried) == ["appraisal_published"]
    assert why(lambda: appeals.publish("chief", APRIL_ID, 2)) == ["appraisal_published"]
    assert why(lambda: appeals.open("chief", Period.MONTH, APRIL)) == ["appraised_already"]


def test_after_the_last_day_nobody_objects(command, opened, appeals):
    """One moment before it somebody does."""
    command.now = opened.appeal_by_at - timedelta(seconds=1)
    objected(appeals)
    over(command, opened)
    assert why(lambda: objected(appeals, "task_done")) == ["appeals_over"]


def test_an_objection_names_an_event_words_and_evidence_and_is_made_once(opened, appeals):
    """Each of it is said when it is missing."""
    event = event_of(appeals, "task_accept").id

    def tried(id: str, said: str, evidence: str) -> list[str]:
        return why(lambda: appeals.object("desk", APRIL_ID, id, Side.DEPARTMENT, said, evidence))

    assert tried("E0", "x", "y") == ["not_your_event"]
    assert tried(event, " ", "y") == ["needs_words"]
    assert tried(event, "x", " ") == ["needs_evidence"]
    objected(appeals)
    assert tried(event, "x", "y") == ["objected_already"]
    with pytest.raises(Unknown):
        appeals.object("desk", "month-2020-01-01", event, Side.TOWN, "x", "y")


@pytest.mark.parametrize(
    ("who", "side", "codes"),
    [
        ("yi", Side.TOWN, ["not_your_area"]),
        ("jia", Side.DEPARTMENT, ["not_your_area"]),
        ("fire", Side.TOWN, ["not_your_body"]),
        ("nobody", Side.TOWN, ["not_known"]),
    ],
)
def test_only_whom_an_event_counts_for_objects_to_it(opened, appeals, who, side, codes):
    """The next town has no say in it, and the department none for the town."""
    assert why(lambda: objected(appeals, "task_accept", who, side)) == codes


def test_a_town_objects_for_itself_and_the_district_takes_down_what_a_department_says(opened, appeals):
    """Not every department has somebody who signs in."""
    assert objected(appeals, "task_accept", "jia", Side.TOWN).who == JIA
    assert objected(appeals, "task_accept", "desk").who == "fire"


@pytest.mark.parametrize(
    ("who", "code"), [("jia", "not_your_area"), ("fire", "not_your_body"), ("desk", "own_objection")]
)
def test_whoever_objects_does_not_rule(opened, appeals, who, code):
    """Neither the town, nor the department, nor the hand that wrote it down, whatever posts they have."""
    one = objected(appeals, who="desk")
    assert why(lambda: appeals.rule(who, one.id, 1, "属实", upheld=True)) == [code]


@pytest.mark.parametrize("who", ["jia", "fire"])
def test_only_the_districts_supervisor_opens_and_publishes(command, appeals, who):
    """A town's supervisor is one of those who are appraised."""
    command.now = NOON + IN_MAY
    code = {"jia": "not_your_area", "fire": "not_your_body"}[who]
    assert why(lambda: appeals.open(who, Period.MONTH, APRIL)) == [code]
    one = appeals.open("chief", Period.MONTH, APRIL)
    over(command, one)
    assert why(lambda: appeals.publish(who, APRIL_ID, 1)) == [code]


def test_a_basis_that_was_altered_behind_the_desk_is_not_published(command, opened, appeals):
    """The ledger has the hash that it was opened with, even when the row's own hash was altered too."""
    with command.book.writing() as page:
        page.connection.execute(update(APPRAISALS).values(basis=opened.basis.replace('"asked"', '"answered"')))
    assert not appeals.standing(APRIL_ID).whole
    over(command, opened)
    assert why(lambda: appeals.publish("chief", APRIL_ID, 1)) == ["appraisal_altered"]


def test_a_ruling_that_was_altered_after_publication_is_seen(command, opened, appeals):
    """What was published for good is what the ledger says was published, whatever a row says later."""
    one = objected(appeals)
    appeals.rule("chief", one.id, 1, "查证属实", upheld=True)
    over(command, opened)
    appeals.publish("chief", APRIL_ID, 1)
    assert appeals.standing(APRIL_ID).whole
    with command.book.writing() as page:
        page.connection.execute(update(OBJECTIONS).values(ruling="dismissed"))
    assert not appeals.standing(APRIL_ID).whole


@st.composite
def bases(draw) -> Basis:
    """Rounds of tasks between two towns and two departments, each a sending and deeds that follow, and findings."""
    events: list[Counted] = []
    for n in range(draw(st.integers(0, 12))):
        whom = draw(st.sampled_from([JIA, YI])), draw(st.sampled_from(["fire", "traffic"])), "FIRE"
        sent = f"E{len(events)}"
        events.append(Counted(sent, sent, "whistle", f"T{n}", NOON, *whom, ("asked",)))
        for counts in draw(st.lists(st.sampled_from([c for c in COUNTS if c != "asked"]), max_size=4)):
            events.append(Counted(f"E{len(events)}", sent, "deed", f"T{n}", NOON, *whom, (counts,)))
    found = draw(st.lists(st.sampled_from([JIA, YI]), max_size=4))
    events += [Counted(f"F{n}", f"F{n}", "sent_too_late", "I", NOON, town) for n, town in enumerate(found)]
    return Basis(draw(st.fixed_dictionaries({name: st.integers(1, 9) for name in OF_PAIRS})), tuple(events))


def same(one, other) -> bool:
    """Figures alike, NaN being NaN."""
    return repr(one) == repr(other)


@given(bases())
def test_without_anything_upheld_a_recount_gives_the_same_figures(counted):
    """Also after the book has kept and given it back."""
    assert same(figures(counted.without(())), figures(counted))
    assert read_basis(counted.told()) == counted
    assert read_basis(counted.told()).told() == counted.told()


@given(bases())
def test_with_everything_upheld_it_is_as_if_nothing_had_happened(counted):
    """No row stays, no mark, no finding."""
    nothing = figures(Basis(counted.weights, ()))
    assert same(figures(counted.without({each.id for each in counted.events})), nothing)
    sent = {each.id for each in counted.events if each.id == each.follows}
    assert same(figures(counted.without(sent)), nothing)


@given(bases(), st.data())
def test_a_round_that_is_upheld_away_is_as_if_it_had_never_been_asked(counted, data):
    """The figures are those of a book in which the others alone stand."""
    rounds = sorted({each.follows for each in counted.events})
    gone = set(data.draw(st.lists(st.sampled_from(rounds), unique=True))) if rounds else set()
    others = Basis(counted.weights, tuple(each for each in counted.events if each.follows not in gone))
    assert same(figures(counted.without(gone)), figures(others))
