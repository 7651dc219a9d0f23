"""The command centre of one process: the place, its casebook, its desk, its travel times, its clock."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from itertools import islice
from zoneinfo import ZoneInfo

import numpy as np

from dispatch.desk import holidays
from dispatch.desk.absences import Absences
from dispatch.desk.accounts import Accounts
from dispatch.desk.cases import Cases
from dispatch.desk.clocks import Clocks
from dispatch.desk.deskchecks import DeskChecks
from dispatch.desk.disputes import Disputes
from dispatch.desk.draws import Draws
from dispatch.desk.due import DueChecks
from dispatch.desk.escalation import Escalation
from dispatch.desk.filereviews import FileReviews
from dispatch.desk.handover import HandOver
from dispatch.desk.hooks import Hooks
from dispatch.desk.incidents import UNDO_WITHIN, Desk
from dispatch.desk.inspections import Inspections
from dispatch.desk.keys import Keys
from dispatch.desk.liaisons import Liaisons
from dispatch.desk.lists import Lists, current
from dispatch.desk.patrolling import Patrolling
from dispatch.desk.patrols import Patrols
from dispatch.desk.plans import Plans
from dispatch.desk.replans import Replans
from dispatch.desk.requests import Requests
from dispatch.desk.rights import PeopleRights
from dispatch.desk.rounds import Rounds
from dispatch.desk.scene import Scene
from dispatch.desk.transfers import Transfers
from dispatch.desk.voices import Voices
from dispatch.desk.whistles import Whistles
from dispatch.inspections.days import Progress
from dispatch.inspections.noon import noon_of
from dispatch.inspections.patrol_places import PatrolGround
from dispatch.inspections.ways import StreetWays
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.competence import RuleBook
from dispatch.rulebook.triage import Triage
from dispatch.store.casebook import Casebook, open_casebook
from gis.gazetteer import Gazetteer
from gis.locate import CellLocator
from gis.streets import Profile
from gis.travel import TravelTimes
from scenarios.binding import bind
from scenarios.casework import open_the_cases
from scenarios.cast import invite
from scenarios.live import ROSTER_EVERY, DemoClock, LiveFeed
from scenarios.patrolling import open_patrols
from scenarios.premises import DAYS, open_inspections
from scenarios.rules import Rules
from scenarios.scenario import Scenario, load
from scenarios.together import appoint_liaisons, open_between
from scenarios.yearplans import open_plans
from ui.map.shelf import Shelf
from ui.services.board import Board, Boards
from ui.services.casework import CaseList
from ui.services.cover import Cover
from ui.services.inspected import Books
from ui.services.known import Known
from ui.settings import Settings, settings

log = logging.getLogger(__name__)

DEMO_STARTS = time(9, 30)
WATCH_EVERY_S = 5.0


@dataclass
class Centre:
    """Everything the screens ask; shared by all sessions of the process.

    Attributes
    ----------
    desk
        The desk of people: every deed asks who may do it.
    program
        The desk that only this program uses, for the roster, the clocks and a demo's feed; by default the same.
    """

    scenario: Scenario
    casebook: Casebook
    desk: Desk
    clock: Callable[[], datetime]
    travel: dict[Profile, TravelTimes]
    speed: float = 1.0
    program: Desk = None  # type: ignore[assignment]
    accounts: Accounts = field(init=False)
    known: Known = field(init=False)
    keys: Keys = field(init=False)
    hooks: Hooks = field(init=False)
    boards: Boards = field(init=False)
    books: Books = field(init=False)
    gazetteer: Gazetteer = field(init=False)
    triage: Triage = field(init=False)
    lists: Lists = field(init=False)
    holidays: holidays.HolidayTable = field(init=False)
    voices: Voices = field(init=False)
    scene: Scene = field(init=False)
    rules: Rules = field(init=False)
    tasks: Disputes = field(init=False)
    whistles: Whistles = field(init=False)
    transfers: Transfers = field(init=False)
    liaisons: Liaisons = field(init=False)
    shifts: HandOver = field(init=False)
    escalation: Escalation = field(init=False)
    inspections: Inspections = field(init=False)
    rounds: Rounds = field(init=False)
    desk_checks: DeskChecks = field(init=False)
    requests: Requests = field(init=False)
    plans: Plans = field(init=False)
    due_checks: DueChecks = field(init=False)
    draws: Draws = field(init=False)
    file_reviews: FileReviews = field(init=False)
    absences: Absences = field(init=False)
    replans: Replans = field(init=False)
    patrols: Patrols = field(init=False)
    patrolling: Patrolling = field(init=False)
    clocks: Clocks = field(init=False)
    cases: Cases = field(init=False)
    case_list: CaseList = field(init=False)
    cover: Cover = field(init=False)
    _stop: threading.Event = field(init=False, default_factory=threading.Event)
    _feed: threading.Thread | None = field(init=False, default=None)
    _watch: threading.Thread | None = field(init=False, default=None)
    _first_plan: threading.Thread | None = field(init=False, default=None)
    _rules_revision: int = field(init=False, default=0)
    _rules_lock: threading.Lock = field(init=False, default_factory=threading.Lock)
    _roster_at: datetime = field(init=False)
    _roster_lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._roster_at = self.clock()
        self.program = self.program or self.desk
        self.accounts = Accounts(self.desk, self.scenario.code, self.scenario.areas.towns)
        self.known = Known(self.accounts)
        self.keys = Keys(self.desk)
        self.hooks = Hooks(self.desk, settings().hook_hosts)
        scenario, desk, rules = self.scenario, self.desk, self.scenario.rules
        self.gazetteer = Gazetteer(scenario.areas, scenario.cells, scenario.streets)
        self.triage = scenario.triage
        self.lists = Lists(desk, scenario.rulebook, self.zone, scenario.areas.towns)
        self.holidays = holidays.HolidayTable(desk, rules.calendar.holidays)
        self.voices = Voices(desk.casebook, desk.clock, desk.rights)
        self.scene = Scene(desk.casebook, desk.clock, desk.rights)
        self.liaisons = Liaisons(desk)
        self.shifts = HandOver(desk.casebook, desk.clock, desk.rights)
        self.escalation = Escalation(self.casebook, scenario.code, self.clock)
        self.inspections = self.inspections_of(desk)
        self.absences = Absences(desk)
        known = self.inspections
        self.replans = Replans(desk, known.ways, known.bases, self.zone, known.noon)
        self.rounds = Rounds(desk, known.ways, known.bases, known.noon)
        self.desk_checks = DeskChecks(self.inspections)
        self.draws = Draws(self.inspections, rules.scenes, rules.risks)
        self.file_reviews = FileReviews(desk, scenario.code, self.zone, rules.file_weights, scenario.office)
        self.patrols = self.patrols_of(desk)
        self.patrolling = Patrolling(desk, rules.patrol_items)
        self._take_rules()
        self.boards = Boards(self.casebook)
        self.books = Books(self.casebook)
        self.cover = Cover(self.scenario.cells, self.travel, self.speed)

    @property
    def rulebook(self) -> RuleBook:
        """The rule book with the list of powers as it stands now."""
        return self.desk.rulebook

    def _take_rules(self) -> None:
        """Everybody in this process goes by the casebook's list of powers and table of holidays from now on."""
        shipped, desk = self.scenario.rules, self.desk
        book = current(self.casebook, self.scenario.rulebook)
        table = holidays.current(self.casebook, shipped.calendar.holidays)
        calendar = Calendar(table, shipped.calendar.hours)
        for each in (desk, self.program):
            each.rulebook, each.calendar = book, calendar
        self.rules = replace(shipped, calendar=calendar)
        self.tasks = Disputes(desk, book.bodies, calendar, shipped.departments, book.matters)
        self.whistles = Whistles(desk, book.bodies)
        self.transfers = Transfers(desk, book.bodies, book.matters, calendar)
        self.clocks = Clocks(desk, book.matters, calendar)
        self.plans = self.plans_of(self.inspections)
        self.due_checks = DueChecks(self.inspections, shipped.scenes, calendar)
        self.requests = Requests(self.inspections, calendar)
        self.cases = self.cases_of(desk)
        self.case_list = CaseList(self.cases)

    def cases_of(self, desk: Desk) -> Cases:
        """The desk of cases behind a door."""
        shipped, calendar = self.scenario.rules, self.rules.calendar
        book = desk.rulebook
        return Cases(desk, book, shipped.procedures, shipped.discretion, calendar, office=self.scenario.office)

    def inspections_of(self, desk: Desk) -> Inspections:
        """The desk of inspections behind a door; crews start where the town's first team is met."""
        scenario = self.scenario
        bases = {line.town: (line.lon, line.lat) for line in reversed(scenario.roster)}
        towns = {town: scenario.areas.name(town) for town in scenario.areas.towns}
        scenes = scenario.rules.scenes
        departments = {code: (each.name_zh, each.name_en) for code, each in scenario.rules.departments.items()}
        fields = {code: (each.name_zh, each.name_en) for code, each in scenario.fields.items()}
        ways = StreetWays(self.travel[Profile.CAR])
        noon = noon_of(scenario.rules.calendar.hours.blocks)
        return Inspections(desk, ways, bases, towns, self.zone, scenes, departments, fields, noon)

    def plans_of(self, desk: Inspections) -> Plans:
        """The desk of departments' plans behind the door of a desk of inspections."""
        shipped = self.scenario.rules
        return Plans(desk, shipped.scenes, shipped.risks)

    def patrols_of(self, desk: Desk) -> Patrols:
        """The desk of patrols behind a door; teams of towns go by e-bike."""
        scenario, known = self.scenario, self.inspections
        towns = {town: scenario.areas.name(town) for town in scenario.areas.towns}
        ways = StreetWays(self.travel[Profile.EBIKE])
        return Patrols(desk, scenario.rules.patrol_items, self._ground, ways, known.bases, towns, self.zone)

    @cached_property
    def _ground(self) -> PatrolGround:
        """What patrols see of the place; its parts are made when somebody plans."""
        scenario = self.scenario
        return PatrolGround(scenario.cells, scenario.streets.lines(), scenario.water)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.scenario.timezone)

    def today(self) -> date:
        """The place's own calendar day."""
        return self.clock().astimezone(self.zone).date()

    def board(self) -> Board:
        """What everybody sees now, by the list of powers as it stands, whoever changed it."""
        now = self.clock()
        self.keep_rules()
        self._keep_roster(now)
        day_start = datetime.combine(now.astimezone(self.zone).date(), time(), self.zone).astimezone(UTC)
        return self.boards.at(now, day_start)

    def keep_rules(self) -> None:
        """A keeper, here or at another server, may have changed the list of powers or the holidays."""
        revision = self.casebook.rules_revision()
        if revision != self._rules_revision:
            with self._rules_lock:
                self._take_rules()
                self._rules_revision = revision

    def _keep_roster(self, now: datetime) -> None:
        """Shifts change: teams that go on or off duty get their next hours. The demo's feed sees to it itself."""
        with self._roster_lock:
            if self._feed is None and now - self._roster_at >= ROSTER_EVERY:
                self.program.set_roster("roster", self.scenario.teams(now))
                self._roster_at = now

    def play(self, feed: LiveFeed) -> None:
        """Let the demo's feed run beside the screens."""
        self._feed = threading.Thread(target=feed.run, args=(self._stop,), name="demo-feed", daemon=True)
        self._feed.start()

    def first_plan(self) -> None:
        """Let a demo's patrols and its first calendar of inspections be made beside the screens."""
        days = self.working_days(self.today(), DAYS)

        def told(_: Progress) -> bool:
            return not self._stop.is_set()

        def made() -> None:
            try:
                self._first_patrols()
            except Exception:
                log.exception("the demo has no patrols")
            try:
                desk, rules = self.inspections_of(self.program), self.scenario.rules
                open_inspections(desk, self.scenario, self.clock(), days, told)
                draws = Draws(desk, rules.scenes, rules.risks)
                open_plans(self.plans_of(desk), draws, self.clock(), self.today())
            except Exception:
                log.exception("the demo has no calendar of inspections")

        self._first_plan = threading.Thread(target=made, name="first-plan", daemon=True)
        self._first_plan.start()

    @property
    def making_first_plan(self) -> bool:
        """Whether a demo's checks, patrols and first calendar are still being made beside the screens."""
        return self._first_plan is not None and self._first_plan.is_alive()

    def _first_patrols(self) -> None:
        """The demo's weeks of patrols, until the centre closes."""
        desk, walking = self.patrols_of(self.program), Patrolling(self.program, self.scenario.rules.patrol_items)

        def going() -> bool:
            return not self._stop.is_set()

        open_patrols(desk, walking, self.scenario, self.clock(), self.working_days, going)

    def working_days(self, start: date, count: int) -> tuple[date, ...]:
        """So many working days from ``start`` on."""
        following = (start + timedelta(days=ahead) for ahead in itertools.count())
        return tuple(islice(filter(self.rules.calendar.working, following), count))

    def watch(self) -> None:
        """Let the clock be looked at beside the screens: what has become late is told one level up."""
        self._watch = threading.Thread(target=self._look_at_the_clock, name="clock", daemon=True)
        self._watch.start()

    def _look_at_the_clock(self) -> None:
        while not self._stop.wait(WATCH_EVERY_S):
            try:
                self.escalation.escalate()
            except Exception:
                log.exception("the clock stumbled at %s and goes on", self.clock())

    def close(self) -> None:
        self._stop.set()
        if self._watch is not None:
            self._watch.join(timeout=10)
        if self._first_plan is not None:
            self._first_plan.join(timeout=10)
        if self._feed is not None:
            self._feed.join(timeout=10)
        self.casebook.close()


@cache
def centre() -> Centre:
    """The process's centre, opened at the first call from the environment's settings."""
    return open_centre(settings())


@cache
def shelf() -> Shelf:
    """Where the process's map tables lie."""
    return Shelf()


def open_centre(wanted: Settings) -> Centre:
    """A centre on the place and database of ``wanted``; with ``demo``, filled and with its feed running.

    Raises
    ------
    BadInput
        When the database belongs to another place.
    """
    scenario = load(wanted.place)
    casebook = open_casebook(wanted.db_url)
    travel = {profile: TravelTimes(scenario.streets, profile) for profile in Profile}
    clock: Callable[[], datetime] = (
        (lambda: datetime.now(UTC)) if not wanted.demo else _demo_clock(casebook, scenario, wanted)
    )
    speed = wanted.demo_speed if wanted.demo else 1.0
    bind(casebook, scenario, actor="opening", at=clock())
    desk, program = (
        Desk(
            casebook,
            current(casebook, scenario.rulebook),
            CellLocator(scenario.cells),
            scenario.cells,
            clock,
            zone=ZoneInfo(scenario.timezone),
            undo_within=UNDO_WITHIN * speed,  # a minute of the dispatcher's own, however fast a demo's clock runs
            parts=scenario.rules.parts,
            calendar=scenario.rules.calendar,
            rights=rights,
        )
        for rights in (PeopleRights(scenario.code), None)
    )
    opened = Centre(scenario, casebook, desk, clock, travel, speed, program)
    program.set_roster("opening", scenario.teams(clock()))
    if wanted.demo:
        _begin_demo(opened)
    opened.watch()
    return opened


def _demo_clock(casebook: Casebook, scenario: Scenario, wanted: Settings) -> DemoClock:
    """A morning of today for a new demo; a resumed one goes on where its ledger ends."""
    zone = ZoneInfo(scenario.timezone)
    if any(casebook.counts().values()):
        start = casebook.latest_entries(1)[0].at
    else:
        start = datetime.combine(datetime.now(zone).date(), DEMO_STARTS, zone)
    return DemoClock(start, wanted.demo_speed)


def _begin_demo(opened: Centre) -> None:
    invite(opened.casebook, opened.scenario, opened.clock())
    feed = LiveFeed(opened.scenario, opened.casebook, opened.program, opened.travel, opened.clock)
    if not any(opened.casebook.counts().values()):
        open_the_cases(opened.cases_of(opened.program), opened.scenario, opened.clock(), np.random.default_rng(1))
        feed.open_the_day()
        open_between(opened.program, opened.scenario, opened.clock())
        appoint_liaisons(opened.casebook, opened.scenario, opened.clock())
        opened.first_plan()
    opened.play(feed)
