"""What the commands share: refusing early, saying the last line, showing progress."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from gis.schemas import IN_A_MESSAGE, BadInput, Fault, shorten

if TYPE_CHECKING:
    from simulation.experiments import Progress

Piece = TypeVar("Piece")

SHOW_AFTER_S = 2.0
MOST_LINES = 200


def check_output(path: Path, *inputs: Path | None) -> None:
    """Refuse an output that cannot be written, or that would replace an input, before any work is done.

    Raises
    ------
    BadInput
        When there is no such folder, when something other than a file stands there (a device, a folder), or when it
        is one of the ``inputs``, by whatever name.
    """
    if not path.absolute().parent.is_dir():
        raise BadInput(
            Fault(path.name, None, None, f"no folder {shorten(path.parent)}", "an existing folder to write into"),
            advice="Create the folder first.",
        )
    if path.exists() and not path.is_file():
        raise BadInput(Fault(str(path), None, None, "something that is no file", "a file to write, or a new name"))
    for given in inputs:
        if given is not None and given.resolve() == path.resolve():
            fault = Fault(str(path), None, None, "an output that is also an input", "another file to write")
            raise BadInput(fault, advice="Nothing of yours is written over; give the output a name of its own.")


def last_line(answer: dict[str, object]) -> None:
    """The answer as one line of JSON on standard output, for the script that called."""
    click.echo(json.dumps(answer, ensure_ascii=False))


@contextmanager
def every_fault() -> Iterator[None]:
    """Of bad input with more faults than its message shows, all of them, a line each: a try less for every one."""
    try:
        yield
    except BadInput as bad:
        if len(bad.faults) > IN_A_MESSAGE:
            for fault in bad.faults[:MOST_LINES]:
                click.echo(f"  {fault}", err=True)
        raise


def with_progress(pieces: Iterable[Piece], what: str, total: int) -> Iterator[Piece]:
    """The pieces, with a bar on standard error when it takes over 2 s and somebody sits there."""
    with steps(what, total) as step:
        for piece in pieces:
            yield piece
            step()


@contextmanager
def steps(what: str, total: int) -> Iterator[Callable[..., object]]:
    """A bar for work of ``total`` steps; call what is given, with how many if not one. Seen after 2 s."""
    from tqdm import tqdm

    quiet = not sys.stderr.isatty()
    with tqdm(desc=what, total=total, delay=SHOW_AFTER_S, disable=quiet, file=sys.stderr, leave=False) as bar:
        yield bar.update


@contextmanager
def played(what: str) -> Iterator[Callable[[Progress], object]]:
    """A bar for replications, whose number may grow while it runs, with the time left. Seen after 2 s."""
    from tqdm import tqdm

    with tqdm(desc=what, delay=SHOW_AFTER_S, disable=not sys.stderr.isatty(), file=sys.stderr, leave=False) as bar:

        def tell(progress: Progress) -> None:
            bar.total = progress.wanted
            bar.update(progress.done - bar.n)

        yield tell


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """A folder beside ``out`` whose files take their places there when the block ends well, and vanish when not."""
    if not out.absolute().parent.is_dir():
        raise BadInput(
            Fault(out.name, None, None, f"no folder {shorten(out.parent)}", "an existing folder to write into"),
            advice="Create the folder first.",
        )
    with tempfile.TemporaryDirectory(dir=out.absolute().parent, prefix=f".{out.name}-") as beside:
        yield Path(beside)
        out.mkdir(exist_ok=True)
        for file in sorted(Path(beside).iterdir()):
            shutil.move(file, out / file.name)
