"""Lists designed for the open place beside the screens, kept by what was asked, stopped at a word."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import astuple, dataclass
from functools import cache

from gis.schemas import BadInput, Fault
from scenarios.designing import STATES, Design, Effects, Varied, design, effects, varied
from scenarios.planning import own_plan, setup_of
from simulation.experiments import Laboratory
from simulation.kept import Kept
from simulation.players import Players
from ui.services.beside import Errand, Errands, Stopped
from ui.services.centre import Centre
from ui.services.designpaper import Table, tables
from ui.settings import settings
from ui.wording import Wording

KEPT = 8
EVERYBODYS = ""
"""A design is of the place and the same for all who look, and so is the errand that makes it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What lists are designed from; counts, replications and seed as on the command line."""

    wording: str = "haishu"
    powers: int = 2_861
    tickets: int = 55_000
    replications: int = 5
    seed: int = 1

    @property
    def key(self) -> str:
        """How it is called in addresses.

        Examples
        --------
        >>> Asked().key
        'haishu-2861-55000-5-1'
        """
        return "-".join(str(value) for value in astuple(self))


@dataclass(frozen=True, slots=True)
class Designed:
    """Lists, what the city does with them, and how their counts move with what is assumed."""

    asked: Asked
    made: Design
    told: Effects
    moved: tuple[Varied, ...]


class Designing(Errand[Designed]):
    """One design in the making.

    Attributes
    ----------
    played
        Replications so far, of `wanted`; 0 while powers and tickets are combed and the lists are sought.
    """

    def __init__(self, asked: Asked, work: Callable[[Asked, Callable[[], object]], Designed]) -> None:
        super().__init__(lambda: work(asked, self._step), asked.key)
        self.asked, self.played, self.wanted = asked, 0, len(STATES) * asked.replications

    def _step(self) -> None:
        if self.stopping:
            raise Stopped
        self.played += 1


class Designs:
    """What this process has designed."""

    def __init__(self) -> None:
        self._errands: Errands[Designing] = Errands()
        self._kept: OrderedDict[str, Designed] = OrderedDict()
        self._table: tuple[object, Table] | None = None

    @property
    def errand(self) -> Designing | None:
        """The last one that was begun."""
        return self._errands.of(EVERYBODYS)

    def of(self, key: str) -> Designed | None:
        """A design by what was asked, as `Asked.key` writes it."""
        return self._kept.get(key)

    def latest(self) -> Designed | None:
        return next(reversed(self._kept.values()), None)

    def table(self, opened: Centre, found: Designed, name: str, w: Wording) -> Table:
        """One table of a design; the last one stands until another is asked for, since a screen is drawn often."""
        asked = (found.asked, name, w.language)
        last = self._table  # one look: somebody else may ask for another table meanwhile
        if last is None or last[0] != asked:
            made = tables(opened.scenario, found.made, found.told, found.moved, w)[name]
            last = self._table = (asked, made())
        return last[1]

    def begin(self, opened: Centre, asked: Asked) -> Designing:
        """Have lists designed; while somebody's are in the making, those."""

        def work(asked: Asked, step: Callable[[], object]) -> Designed:
            found = self._kept.get(asked.key) or designed(opened, asked, step)
            self._kept[asked.key] = found
            self._kept.move_to_end(asked.key)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return found

        return self._errands.start(EVERYBODYS, Designing(asked, work))


def designed(opened: Centre, asked: Asked, step: Callable[[], object]) -> Designed:
    """Lists for the open place and its own plan; ``step`` is called after each replication, and may stop.

    Raises
    ------
    BadInput
        When the place has no plan or no types of towns, or the register is to be smaller than the catalogue.
    """
    scenario = opened.scenario
    setup = setup_of(scenario, own_plan(settings().place))
    try:
        made = design(scenario, setup.plan, asked.powers, asked.tickets, asked.wording, asked.seed)
    except ValueError as wrong:
        raise BadInput(Fault("lists design", None, None, str(wrong), "a register that fits the place")) from None
    with Kept.open() as kept:
        lab = Laboratory(Players(), kept, asked.seed, tell=lambda _: step())
        told = effects(scenario, setup, made, asked.replications, lab)
    return Designed(asked, made, told, tuple(varied(made)))


@cache
def designs() -> Designs:
    """The designs of this process."""
    return Designs()
