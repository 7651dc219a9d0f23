"""Who may do which deed where: asked inside the transaction of every deed, whatever a screen has shown.

A deed that stands in no line here is nobody's. A job opens a deed in the area of its post: the district's people move
everything in it, a town's what lies in the town, a community's what lies there. Who goes out with a team moves what
that team has in hand; who answers for a body moves the tasks of that body, and only who asked sends one on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from dispatch.desk.refusals import Refused
from dispatch.records.person import Job, Person
from dispatch.records.reason import Reason
from dispatch.store import between, inspections, patrols, people
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor, Writing, storable

RIGHTS_REASONS = (
    "not_known",  # who
    "not_your_job",  # who, deed
    "not_your_area",  # who, where, area
    "not_your_team",  # who, incident
    "not_your_round",  # who, round
    "not_your_body",  # who, body
    "only_the_asker",  # who, deed
    "key_ended",  # key
)

_D, _T, _I, _P, _R, _S, _A = Job
_DESK = frozenset({_D})
_FIELD = frozenset({_D, _T})
_CASE = frozenset({_T, _I, _R})
_KEEPER = frozenset({_P, _A})
_PLANS = frozenset({_I, _P})
_ADMIN = frozenset({_A})

WHO_MAY: Mapping[str, frozenset[Job]] = MappingProxyType(
    {
        **dict.fromkeys(("locate", "classify", "merge", "part", "pass_on", "assign"), _DESK),
        **dict.fromkeys(("recall", "undo", "reopen", "verify", "close", "hand_over", "take_over"), _DESK),
        **dict.fromkeys(("clock_ask", "clock_pause", "clock_resume", "clock_suspend"), _DESK),
        **dict.fromkeys(("task_accept", "task_return", "task_arrive", "task_done", "task_send"), _DESK),
        **dict.fromkeys(("whistle", "task_withdraw", "transfer_out"), _DESK),
        **dict.fromkeys(("accept", "arrive", "hand_back", "handle"), _FIELD),
        "report": frozenset({_D, _T, _I}),
        "evidence": frozenset({_D, _T, _I}),
        **dict.fromkeys(("clock_extend", "clock_refuse", "dispute_decide"), frozenset({_S})),
        **dict.fromkeys(("file", "stamp", "serve", "pay", "transfer", "turn", "withdraw", "close_case"), _CASE),
        "decide": frozenset({_I, _S}),
        **dict.fromkeys(("list_give", "list_amend", "list_take_back", "list_replace", "list_restore"), _KEEPER),
        **dict.fromkeys(("set_day", "set_liaison"), _KEEPER),
        **dict.fromkeys(("inspect_take_in", "inspect_recuse", "inspect_extra", "inspect_adopt"), _PLANS),
        **dict.fromkeys(("inspect_plan", "inspect_due", "inspect_due_undo", "inspect_clash", "inspect_scene"), _PLANS),
        **dict.fromkeys(("inspect_draw_open", "inspect_draw", "inspect_draw_due"), _PLANS),
        **dict.fromkeys(("inspect_lock", "inspect_unlock", "inspect_move", "inspect_undo"), _PLANS),
        **dict.fromkeys(("inspect_begin", "inspect_finish", "inspect_closed", "inspect_refused"), _PLANS),
        **dict.fromkeys(("inspect_desk", "inspect_desk_undo", "inspect_ask", "inspect_answer"), _PLANS),
        **dict.fromkeys(("inspect_violation", "inspect_replan", "inspect_away", "inspect_back"), _PLANS),
        **dict.fromkeys(("patrol_take_in", "patrol_plan"), _PLANS),
        **dict.fromkeys(("staff_start", "staff_copy", "staff_keep", "staff_save", "staff_remove"), frozenset({_P})),
        **dict.fromkeys(("staff_history", "staff_history_remove"), frozenset({_P})),
        "staff_play": frozenset({_P, _S}),
        **dict.fromkeys(("appraise_open", "appraise_rule", "appraise_publish"), frozenset({_S})),
        **dict.fromkeys(("files_open", "files_draw"), frozenset({_S})),
        "files_mark": frozenset({_R, _S}),
        "appraise_object": frozenset({_D, _P, _R, _S}),
        "patrol_check": frozenset({_P, _I, _R, _S}),
        **dict.fromkeys(("patrol_begin", "patrol_pass", "patrol_take_back", "patrol_find", "patrol_end"), _FIELD),
        **dict.fromkeys(("patrol_dissuade", "patrol_order", "patrol_hand_on"), _FIELD),
        **dict.fromkeys(("person_add", "person_change", "person_reset"), _ADMIN),
        **dict.fromkeys(("key_make", "key_end", "hook_make", "hook_change"), _ADMIN),
    }
)
"""The jobs that open a deed."""
OF_THE_DISTRICT = frozenset(
    {Kind.LIST, Kind.KEY, Kind.HOOK, Kind.PERSON, Kind.LIAISON, Kind.PLAN, Kind.APPRAISAL, Kind.OBJECTION}
)
"""What is kept once for the whole district; a post in a town opens nothing here."""
OF_THE_ASKER = frozenset({"task_send", "task_withdraw"})
"""What only the command that asked may do with a task, or one above it: whoever sent it back may not push it on."""
ANSWERS = frozenset({"task_accept", "task_return", "task_arrive", "task_done"})
"""What a body answers by its own people, a town's body by the town; for the others the district takes it down."""
KEY = "key:"
"""How the actor of a deed begins that another system does with a key; such a one may report and nothing else."""


class Rights(Protocol):
    """What a door asks before a deed."""

    def check(self, page: Writing, who: Actor, kind: Kind, subject: str, team: str, place: str | None) -> None:
        """Let the deed pass, or raise ``Refused`` with the reason.

        Parameters
        ----------
        team
            Id of the team that is sent, or empty.
        place
            Code of the place a new thing will lie in, where the subject does not say; None: ask the subject.
        """


class PeopleRights:
    """The rights of the people in the casebook, as they stand in the deed's own transaction.

    Parameters
    ----------
    district
        Its 6-digit code.
    """

    def __init__(self, district: str) -> None:
        self._district = district

    def check(self, page: Writing, who: Actor, kind: Kind, subject: str, team: str, place: str | None) -> None:
        if who.name.startswith(KEY) and who.deed == "report":
            _of_a_good_key(page, who)
            return
        one = _known(page, who)
        jobs = WHO_MAY.get(who.deed, frozenset())
        if not one.has(*jobs) or not jobs:
            raise _no("not_your_job", who=one.id, deed=who.deed)
        if one.body:
            _of_the_body(page, one, kind, subject, place)
            if who.deed in OF_THE_ASKER:
                raise _no("only_the_asker", who=one.id, deed=who.deed)
            return
        here = self._place(page, kind, subject, who.deed) if place is None else place
        if kind is Kind.OBJECTION and not re.fullmatch(r"\d{9}", here):
            here = self._district  # what a department of the district says is taken down by its command centre
        desk = jobs - {Job.TEAM}
        posts = one.areas(*desk) if one.has(*desk) else ()
        if _T in jobs and not any(_covers(area, here) for area in posts):
            if kind is Kind.PATROL:
                _of_the_round(page, one, subject, here, team)
            else:
                _of_the_team(page, one, kind, subject, here)
            return
        _inside(one, posts, here)
        if kind is Kind.SHIFT and here not in posts:
            raise _no("not_your_area", who=one.id, where=here, area=", ".join(posts))
        if team and storable(team) and (sent := page.team(team)) is not None:
            _inside(one, posts, sent.town)

    def _place(self, page: Writing, kind: Kind, subject: str, deed: str) -> str:
        """Code of where the subject lies, or of who asked for it; empty when that is nowhere yet."""
        if kind in OF_THE_DISTRICT:
            return self._district
        if not storable(subject):
            return ""
        if kind is Kind.SHIFT:
            return subject.removeprefix("shift:")
        if kind is Kind.INSPECTION:
            return inspections.town_of_call(page.connection, subject) or self._district
        if kind is Kind.PATROL:
            return patrols.town_of(page.connection, subject) or self._district
        if kind is Kind.CASE and (case := page.case(subject)) is not None:
            return case.town
        if kind is Kind.DISPUTE and (dispute := between.dispute(page.connection, subject)) is not None:
            return dispute.superior
        if kind is Kind.TASK and (task := page.task(subject)) is not None:
            if deed in OF_THE_ASKER and task.asked_by:
                return task.asked_by
            if deed in ANSWERS:
                return task.body if re.fullmatch(r"\d{9}", task.body) else self._district
            subject = task.incident
        incident = page.incident(subject)
        return (incident.cell or incident.town) if incident is not None else ""


def _known(page: Writing, who: Actor) -> Person:
    one = people.person(page.connection, who.name) if storable(who.name) else None
    if one is None or not one.active or one.must_change:
        raise _no("not_known", who=who.name)
    return one


def _of_a_good_key(page: Writing, who: Actor) -> None:
    """The door looked at the key before it read the report; since then somebody may have ended it."""
    key = people.key(page.connection, who.name.removeprefix(KEY))
    if key is None or key.ended_at is not None:
        raise _no("key_ended", key=who.name.removeprefix(KEY))


def _of_the_body(page: Writing, one: Person, kind: Kind, subject: str, place: str | None) -> None:
    """A task of the body, or what the body itself objects to in an appraisal; it rules on none."""
    task = page.task(subject) if kind is Kind.TASK and storable(subject) else None
    body = place if kind is Kind.OBJECTION else task.body if task is not None else None
    if body != one.body:
        raise _no("not_your_body", who=one.id, body=one.body)


def _of_the_team(page: Writing, one: Person, kind: Kind, subject: str, here: str) -> None:
    """A person of a team: an incident that team has in hand; a new one, or a case, in the area of the post."""
    if not one.has(Job.TEAM):
        _inside(one, one.areas(), here)
        raise _no("not_your_team", who=one.id, incident=subject)
    if kind is Kind.CASE or not subject:
        _inside(one, one.areas(Job.TEAM), here)
        return
    incident = page.incident(subject) if storable(subject) else None
    team = page.team(incident.team) if incident is not None and incident.team else None
    if team is None or all(officer.id != one.officer for officer in team.officers):
        raise _no("not_your_team", who=one.id, incident=subject)


def _of_the_round(page: Writing, one: Person, subject: str, here: str, team: str) -> None:
    """A person of a team: a round that this team has, and what was found on it; one that nobody has yet."""
    if not one.has(Job.TEAM):
        _inside(one, one.areas(), here)
        raise _no("not_your_round", who=one.id, round=subject)
    _inside(one, one.areas(Job.TEAM), here)
    behind = patrols.round_behind(page.connection, subject) if storable(subject) else None
    with_it = (behind.team if behind is not None else "") or team
    going = page.team(with_it) if storable(with_it) else None
    if going is None or all(officer.id != one.officer for officer in going.officers):
        raise _no("not_your_round", who=one.id, round=subject)


def _inside(one: Person, areas: tuple[str, ...], here: str) -> None:
    if not any(_covers(area, here) for area in areas):
        raise _no("not_your_area", who=one.id, where=here, area=", ".join(areas))


def _covers(area: str, here: str) -> bool:
    """What has no place yet is everybody's to place."""
    return not here or here.startswith(area)


def _no(code: str, **values: str) -> Refused:
    return Refused(Reason(code, False, values))
