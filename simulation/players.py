"""Who plays the replications: processes of this machine, or a Dask cluster. Whoever does, the outcomes are the same."""

from __future__ import annotations

import gc
import logging
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky.process_executor import TerminatedWorkerError

from gis.schemas import BadInput, Fault, shorten
from simulation.outcome import Outcome, outcome
from simulation.replications import Engine, Setup

log = logging.getLogger(__name__)

TRIES = 3
"""So often in a row processes may be killed before somebody has to look."""


@dataclass(frozen=True)
class Players:
    """Processes here, or with ``cluster`` (``tcp://host:port``) whatever workers a Dask scheduler has.

    Parameters
    ----------
    workers
        Above 0; not used with a cluster.
    """

    workers: int = 1
    cluster: str = ""

    def each(
        self, setup: Setup, numbers: Sequence[int], seed: int, engine: Engine = "fast"
    ) -> Iterator[tuple[int, Outcome]]:
        """Every replication with its number, in any order, each once.

        A process that is killed loses only what it was playing: that is played again by new ones, and said in the log.

        Raises
        ------
        BadInput
            When there is no cluster at the address, or Dask is not installed.
        TerminatedWorkerError
            When processes are killed again and again.
        """
        if self.workers == 1 and not self.cluster:
            for number in numbers:
                yield _numbered(setup, number, seed, engine)
            return
        left, tries = set(numbers), 0
        while left:
            try:
                for number, one in self._together(setup, sorted(left), seed, engine):
                    left.discard(number)
                    tries = 0
                    yield number, one
            except TerminatedWorkerError:
                tries += 1
                if tries == TRIES:
                    raise
                log.warning("a process was killed; %d replications are played again by new ones", len(left))

    def _together(
        self, setup: Setup, numbers: Sequence[int], seed: int, engine: Engine
    ) -> Iterator[tuple[int, Outcome]]:
        if self.cluster:
            with _dask(self.cluster):
                sent = (delayed(_numbered)(setup, number, seed, engine) for number in numbers)
                yield from Parallel(n_jobs=-1, return_as="generator_unordered")(sent)
            return
        with TemporaryDirectory() as folder:
            # Read once by each process: sent with every replication it would not fit into a pipe, and each would wait.
            file = Path(folder) / "setup"
            file.write_bytes(pickle.dumps(setup))
            jobs = (delayed(_read)(file, number, seed, engine) for number in numbers)
            # One at a time: what has been played is kept at once, and the last process does not sit on a batch alone.
            yield from Parallel(n_jobs=self.workers, batch_size=1, return_as="generator_unordered")(jobs)


def _numbered(setup: Setup, number: int, seed: int, engine: Engine) -> tuple[int, Outcome]:
    return number, outcome(setup, number, seed, engine)


def _read(file: Path, number: int, seed: int, engine: Engine) -> tuple[int, Outcome]:
    return _numbered(_setup_in(file), number, seed, engine)


@lru_cache(maxsize=1)
def _setup_in(file: Path) -> Setup:
    setup: Setup = pickle.loads(file.read_bytes())
    gc.freeze()  # loky collects garbage every second; all that was imported is not looked through again each time
    return setup


@contextmanager
def _dask(address: str) -> Iterator[None]:
    try:
        from distributed import Client
    except ImportError:
        fault = Fault("--cluster", None, None, "no Dask on this machine", "the extra: pip install gridbeat[cluster]")
        raise BadInput(fault) from None
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as problem:
        fault = Fault("--cluster", None, None, shorten(address), "the address of a Dask scheduler, as tcp://host:8786")
        raise BadInput(fault, advice=f"It says: {shorten(problem, 120)}") from None
    with client, parallel_config(backend="dask"):
        yield
