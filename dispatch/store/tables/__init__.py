"""The tables of the casebook, one class a table, one file a subject. A row never leaves ``dispatch.store``."""

from dispatch.store.tables.appraisals import APPRAISALS, OBJECTIONS
from dispatch.store.tables.base import Base, table
from dispatch.store.tables.between import DISPUTES, LIAISONS, TASKS
from dispatch.store.tables.book import LEDGER, SETTINGS, STATE
from dispatch.store.tables.city import CERTIFICATES, CREWS, EVIDENCE, INCIDENTS, OFFICERS, TEAMS
from dispatch.store.tables.filereviews import FILE_MARKS, FILE_REVIEWS
from dispatch.store.tables.inspections import (
    ABSENCES,
    CALENDARS,
    CALLS,
    DESK_CHECKS,
    DUE_ITEMS,
    OUTINGS,
    PREMISES,
    RECUSALS,
    REQUESTS,
    UNDONE,
)
from dispatch.store.tables.patrols import (
    FINDINGS,
    PATROL_CELLS,
    PATROL_LEFT_OUT,
    PATROL_OBJECTS,
    PATROL_ROUNDS,
    PATROL_STOPS,
    PATROLS,
)
from dispatch.store.tables.people import HOOKS, KEYS, PEOPLE, SESSIONS
from dispatch.store.tables.plans import CHECKS, CLASHES_LEFT, DRAWS, PLAN_LINES, TRAITS
from dispatch.store.tables.rules import CASES, HOLIDAYS, POWERS, STAMPS

__all__ = [
    "ABSENCES",
    "APPRAISALS",
    "CALENDARS",
    "CALLS",
    "CASES",
    "CERTIFICATES",
    "CHECKS",
    "CLASHES_LEFT",
    "CREWS",
    "DESK_CHECKS",
    "DISPUTES",
    "DRAWS",
    "DUE_ITEMS",
    "EVIDENCE",
    "FILE_MARKS",
    "FILE_REVIEWS",
    "FINDINGS",
    "HOLIDAYS",
    "HOOKS",
    "INCIDENTS",
    "KEYS",
    "LEDGER",
    "LIAISONS",
    "OBJECTIONS",
    "OFFICERS",
    "OUTINGS",
    "PATROLS",
    "PATROL_CELLS",
    "PATROL_LEFT_OUT",
    "PATROL_OBJECTS",
    "PATROL_ROUNDS",
    "PATROL_STOPS",
    "PEOPLE",
    "PLAN_LINES",
    "POWERS",
    "PREMISES",
    "RECUSALS",
    "REQUESTS",
    "SESSIONS",
    "SETTINGS",
    "STAMPS",
    "STATE",
    "TASKS",
    "TEAMS",
    "TRAITS",
    "UNDONE",
    "Base",
    "table",
]
