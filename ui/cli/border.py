"""Where a command ends: bad input becomes a message and exit status 2. And the types of what stands on its line."""

from __future__ import annotations

import errno
import math
import warnings
from pathlib import Path
from typing import Any

import click

BAD_INPUT = 2
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
DATUM = click.Choice(["wgs84", "cgcs2000", "gcj02", "bd09"])


class Number(click.FloatRange):
    """A number within a range; "nan" is none, though every comparison lets it through."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


class Day(click.DateTime):
    """A date like ``2026-12-01``."""

    name = "YYYY-MM-DD"

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is no date; write it like 2026-12-01.", param, ctx)


class Break(click.ParamType):  # type: ignore[type-arg]
    """A break at noon like ``12:00-13:30``."""

    name = "HH:MM-HH:MM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from dispatch.inspections.noon import read_noon

        try:
            return read_noon(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Border(click.Group):
    """The one place where bad input becomes a message and exit status 2; what nobody foresaw rises."""

    def invoke(self, ctx: click.Context) -> Any:
        warnings.simplefilter("ignore")  # a library's aside is not for the person at the terminal
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as problem:
            message = _refusal(problem)
            if message is None:
                raise
            click.echo(f"gridbeat: {message}", err=True)
            return ctx.exit(BAD_INPUT)


def _refusal(problem: Exception) -> str | None:
    """What to tell the user, or None when it is not the input's fault."""
    from sqlalchemy.exc import OperationalError  # here, because it takes a second that --help need not wait

    from gis.schemas import BadInput

    if isinstance(problem, BadInput):
        return str(problem)
    if isinstance(problem, OSError) and problem.filename is not None and problem.errno != errno.EPIPE:
        return f"{problem.filename}: found {problem.strerror}, expected a file or folder that can be used."
    if isinstance(problem, OSError) and problem.errno in (
        errno.ENOSPC,
        errno.EDQUOT,
    ):  # of a write, which names no file
        return f"disk: found {problem.strerror}, expected room for what is written. Free some, then start again."
    if isinstance(problem, OperationalError):
        return f"database: found {problem.orig}, expected a database that can be read and written."
    return None
