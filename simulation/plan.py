"""A staffing plan: who stands where with which certificates in which shifts, and how the work goes.

A TOML file with two tables beside it: ``desks.csv`` says where people stand, in whose name they act and for which
towns; ``posts.csv`` how many of them, with which certificates, in which shifts. Reviewers sit at a desk of kind
``review``: pooled when it serves every town, a town's own when it serves that. A third table, ``training.csv``, may say
which certificates are to come.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate
from pathlib import Path
from typing import Annotated

from pydantic import Field

from dispatch.rulebook.gates import REVIEW_FIELD
from dispatch.rulebook.lists import ListFile, ListRow, read_list
from dispatch.rulebook.powers import Body
from gis.schemas import BadInput, Fault, shorten
from gis.streets import Profile
from gis.tomlfile import Part, line_of, read_toml
from simulation.shifts import ROTA, ROTA_FORM
from simulation.training import TRAINING_COLUMNS, Training, training_of

DESK_COLUMNS = ("desk", "kind", "body", "town", "lon", "lat", "profile", "serves")
POST_COLUMNS = ("desk", "officers", "certificates", "rota")
EVERYWHERE = "*"
MOST_OFFICERS = 100_000
FAR_DEGREES = 0.1
"""Some 10 km: a desk may stand beyond the border, in the next town and not in the next province."""

Bounds = tuple[float, float, float, float]
"""West, south, east, north, degrees."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Minutes = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Passes = Annotated[float, Field(ge=0, le=24 * 60, allow_inf_nan=False)]
"""At most one a minute: each is looked at, and without an end to them a run would have none."""
Day = Annotated[date, Field(ge=date(1949, 10, 1), le=date(2199, 12, 31))]


class DeskKind(StrEnum):
    """How people stand: in a town, in a brigade of the district, in a pool of several towns, from town to town."""

    TOWN = "town"
    BRIGADE = "brigade"
    POOL = "pool"
    TOURING = "touring"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where people stand.

    Attributes
    ----------
    body
        Id of the body in whose name they act.
    town
        9-digit town, or the 6-digit district.
    lon, lat
        WGS84 degrees, where they set out and come back to.
    serves
        Towns; empty for all of them.
    """

    id: str
    kind: DeskKind
    body: str
    town: str
    lon: float
    lat: float
    profile: Profile
    serves: frozenset[str]
    row: int

    def serves_town(self, town: str) -> bool:
        return not self.serves or town in self.serves


@dataclass(frozen=True, slots=True)
class Post:
    """So many officers with the same certificates and shifts; at several desks in turn, a day each, when they tour.

    Without a certificate they can do what takes none.
    """

    desks: tuple[str, ...]
    officers: int
    certificates: frozenset[str]
    rota: str
    row: int

    def identity(self) -> tuple[str, str, str, int]:
        """What a post is beside its row."""
        return ";".join(self.desks), ";".join(sorted(self.certificates)), self.rota, self.officers


class Procedure(Part):
    """How long work takes and how often a case goes which way.

    Attributes
    ----------
    simple_min, ordinary_min
        On the spot, on average.
    steps, pair_steps, step_min, pause_h
        Of an ordinary case at the desk: how many, how many of them (the first ones) by a lawful pair, how long each on
        average, and the average pause before each.
    reviewed, review_min
        Share of ordinary cases that a reviewer reads, after the steps by a pair, and how long that takes.
    spread
        Squared coefficient of variation of work on the spot.
    escalated, whistled, returned, return_min
        Shares: handed up to a brigade; another body whistled for; of these, sent back, after so many minutes.
    """

    simple_min: Minutes
    ordinary_min: Minutes
    steps: Annotated[int, Field(ge=0, le=60)]
    pair_steps: Annotated[int, Field(ge=0, le=60)]
    step_min: Minutes
    pause_h: Amount
    reviewed: Share
    review_min: Minutes
    spread: Amount
    escalated: Share
    whistled: Share
    returned: Share
    return_min: Minutes


class Patrols(Part):
    """How often free officers come by a cell, and how long it takes until a citizen tells what they have not seen."""

    passes_a_day: Passes
    told_after_h: Amount


class Costs(Part):
    """A year of one officer and of one reviewer, in any unit. Not of fines: these enter nowhere."""

    officer_year: Amount
    reviewer_year: Amount


Beside = Annotated[str, Field(pattern=r"^[^/\\]+\.csv$")]
"""A table beside the plan: a plan from elsewhere reads no other file."""


class PlanFile(Part):
    """A whole plan.toml."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")]
    title_zh: str
    title_en: str
    assumptions: tuple[tuple[str, str], ...] = ()
    desks: Beside = "desks.csv"
    posts: Beside = "posts.csv"
    training: Beside = "training.csv"
    lists_on: Day
    begins: Day
    days: Annotated[int, Field(ge=1, le=3660)]
    warm_up_days: Annotated[int, Field(ge=0, le=366)]
    headcount_cap: Annotated[int, Field(ge=1, le=MOST_OFFICERS)]
    absent: Share
    procedure: Procedure
    patrols: Patrols
    costs: Costs


@dataclass(frozen=True)
class StaffingPlan:
    """A plan as it is simulated. Desks stand by their id.

    Posts stand by desk, certificates and rota, so that the same people are the same plan in whatever order its rows
    are; only where somebody is trained they keep their order, which says who goes first.
    """

    file: PlanFile
    desks: tuple[Desk, ...]
    posts: tuple[Post, ...]
    training: tuple[Training, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "desks", tuple(sorted(self.desks, key=lambda desk: desk.id)))
        if not self.training:
            object.__setattr__(self, "posts", tuple(sorted(self.posts, key=Post.identity)))

    @property
    def first_day(self) -> date:
        """On which the warm-up begins."""
        return self.file.begins - timedelta(days=self.file.warm_up_days)

    @property
    def heads(self) -> int:
        """Everybody, reviewers included."""
        return sum(post.officers for post in self.posts)

    @property
    def reviewers(self) -> int:
        return sum(post.officers for post in self.posts if REVIEW_FIELD in post.certificates)

    @property
    def cost_a_year(self) -> float:
        costs = self.file.costs
        return (self.heads - self.reviewers) * costs.officer_year + self.reviewers * costs.reviewer_year

    @property
    def hash(self) -> str:
        """Names what is played, whatever the plan and its files are called: 16 hexadecimal digits."""
        called = {"name", "title_zh", "title_en", "desks", "posts", "training"}
        content: dict[str, object] = {
            "file": self.file.model_dump(mode="json", exclude=called),
            "desks": [{**asdict(desk), "serves": sorted(desk.serves), "row": 0} for desk in self.desks],
            "posts": [{**asdict(post), "certificates": sorted(post.certificates), "row": 0} for post in self.posts],
        }
        if self.training:
            content["training"] = [
                {**asdict(course), "held_from": course.held_from.isoformat(), "row": 0} for course in self.training
            ]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def read_plan(path: Path) -> StaffingPlan:
    """The plan of a file and its tables.

    Raises
    ------
    BadInput
        When a file is missing or no TOML or CSV, or with every key or row that is wrong: an unknown kind, a desk that
        stands twice or is not there, a rota that is none, more posts than the headcount cap, more officers to train
        than lack the certificate.
    """
    file = read_toml(path, PlanFile, "a plan")
    desk_file, desk_rows = read_list(path.parent / file.desks, DESK_COLUMNS)
    desks = [_desk(row) for row in desk_rows]
    _blame_twice(desk_file, desk_rows)
    desk_file.stop_if_faulty("Mend these desks of the plan and read it again.")
    post_file, post_rows = read_list(path.parent / file.posts, POST_COLUMNS)
    posts = [_post(row, {desk.id for desk in desks}) for row in post_rows]
    _blame_more_than_heads(post_file, posts, file.headcount_cap)
    if not posts:
        post_file.blame(None, None, "no posts", "at least one")
    post_file.stop_if_faulty("Mend these posts of the plan and read it again.")
    training = _training(path, file, {desk.id for desk in desks}, posts)
    return StaffingPlan(file, tuple(desks), tuple(posts), training)


def possible_training(posts: Sequence[Post], training: Sequence[Training]) -> tuple[Training, ...]:
    """The same courses with no more officers than lack the certificate at the desk, 0 perhaps; earlier rows first."""
    lacking: dict[tuple[str, str], int] = {}
    possible = []
    for course in training:
        key = (course.desk, course.certificate)
        if key not in lacking:
            here = [post for post in posts if post.desks == (course.desk,)]
            lacking[key] = sum(post.officers for post in here if course.certificate not in post.certificates)
        possible.append(replace(course, officers=min(course.officers, lacking[key])))
        lacking[key] -= possible[-1].officers
    return tuple(possible)


def refuse_beside(
    plan: StaffingPlan, path: Path, bodies: Mapping[str, Body], towns: Set[str], fields: Set[str], bounds: Bounds
) -> None:
    """Refuse a plan that names what the place does not have, or whose desks stand far from it.

    Whoever stands far away would set out from the nearest street, as if they were there.

    Raises
    ------
    BadInput
        With every desk whose body, town or served town is unknown or that lies far outside the bounds, and every post
        or training whose certificate is unknown.
    """
    faults: list[Fault] = []
    west, south, east, north = bounds
    for desk in plan.desks:
        outside = max(west - desk.lon, desk.lon - east, south - desk.lat, desk.lat - north)
        if outside > FAR_DEGREES:
            expected = f"a position in the place or near it, from {west:.3f}, {south:.3f} to {east:.3f}, {north:.3f}"
            faults.append(Fault(plan.file.desks, desk.row, "lon", f"{desk.lon:g}, {desk.lat:g}", expected))
        if desk.body not in bodies and desk.kind is not DeskKind.REVIEW:
            expected = "the id of a body of bodies.csv"
            faults.append(Fault(plan.file.desks, desk.row, "body", shorten(desk.body), expected))
        for column, named in (("town", {desk.town} if len(desk.town) == 9 else set()), ("serves", desk.serves)):
            faults += [
                Fault(plan.file.desks, desk.row, column, shorten(town), "a town of the place")
                for town in sorted(named - towns)
            ]
    known = fields | {REVIEW_FIELD}
    for post in plan.posts:
        faults += [
            Fault(
                plan.file.posts,
                post.row,
                "certificates",
                shorten(name),
                f"a field of the place: {', '.join(sorted(known))}",
            )
            for name in sorted(post.certificates - known)
        ]
    for course in plan.training:
        if course.certificate not in known:
            expected = f"a field of the place: {', '.join(sorted(known))}"
            faults.append(Fault(plan.file.training, course.row, "certificate", shorten(course.certificate), expected))
    if faults:
        raise BadInput(*faults, advice=f"{path.name} does not fit the place; mend these rows.")


def key_line(path: Path, key: str) -> int | None:
    """On which line of the plan a key stands, for messages."""
    return line_of(path.read_text(encoding="utf-8"), key)


def _desk(row: ListRow) -> Desk:
    town = row.text("town", pattern=r"\d{6}|\d{9}", expected="a 9-digit town or the 6-digit district")
    serves = row.several("serves")
    if not serves:
        row.blame("serves", f"towns joined by ; or {EVERYWHERE} for all")
    return Desk(
        id=row.text("desk", pattern=r"[\w.-]{1,40}", expected="an id of letters, digits, . and -"),
        kind=row.choice("kind", DeskKind),
        body=row.text("body", expected="the id of a body"),
        town=town,
        lon=_degrees(row, "lon", 180),
        lat=_degrees(row, "lat", 90),
        profile=row.choice("profile", Profile),
        serves=frozenset() if EVERYWHERE in serves else frozenset(serves),
        row=row.number,
    )


def _post(row: ListRow, desks: set[str]) -> Post:
    at = row.several("desk")
    if not at or not desks.issuperset(at):
        row.blame("desk", "a desk of desks.csv, or several joined by ; for who tours")
    return Post(
        desks=at,
        officers=row.whole("officers", 1, MOST_OFFICERS),
        certificates=frozenset(row.several("certificates")),
        rota=row.text("rota", pattern=ROTA, expected=ROTA_FORM),
        row=row.number,
    )


def _training(path: Path, file: PlanFile, desks: set[str], posts: list[Post]) -> tuple[Training, ...]:
    """The rows of the table of training; none where there is no such table, unless the plan names one."""
    where = path.parent / file.training
    if not where.exists() and "training" not in file.model_fields_set:
        return ()
    listed, rows = read_list(where, TRAINING_COLUMNS)
    training = [training_of(row) for row in rows]
    for course, possible in zip(training, possible_training(posts, training), strict=True):
        if course.desk not in desks:
            listed.blame(course.row, "desk", shorten(course.desk), "a desk of desks.csv")
        elif course.officers > possible.officers:
            found = f"{course.officers} officers to train at {course.desk}"
            listed.blame(course.row, "officers", found, f"at most {possible.officers}, who lack the certificate there")
    listed.stop_if_faulty("Mend these rows of the training and read it again.")
    return tuple(training)


def _degrees(row: ListRow, column: str, limit: int) -> float:
    text = row.text(column, pattern=r"-?\d{1,3}(\.\d+)?", expected=f"degrees from -{limit} to {limit}")
    try:
        value = float(text)
    except ValueError:
        return 0.0
    if abs(value) > limit:
        row.blame(column, f"degrees from -{limit} to {limit}")
    return value


def _blame_twice(file: ListFile, rows: list[ListRow]) -> None:
    seen: set[str] = set()
    for row in rows:
        if row.values["desk"] in seen:
            file.blame(row.number, "desk", shorten(row.values["desk"]), "a desk that stands once")
        seen.add(row.values["desk"])


def _blame_more_than_heads(file: ListFile, posts: list[Post], cap: int) -> None:
    """The first row with which there are more posts than heads."""
    for post, sofar in zip(posts, accumulate(post.officers for post in posts), strict=True):
        if sofar > cap:
            total = sum(post.officers for post in posts)
            file.blame(post.row, "officers", f"{total} posts in all", f"at most {cap}, the headcount cap of the plan")
            return
