"""What can be set from outside: environment variables that begin with ``GRIDBEAT_``, checked once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gis.schemas import BadInput, Fault, shorten

PREFIX = "GRIDBEAT_"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Settings(BaseModel):
    """The settings of one running GridBeat.

    Each field is read from ``GRIDBEAT_`` plus its name in capitals, ``GRIDBEAT_HOME`` for ``home``. The command line
    hands them to the screen's process in the same way, so both see one set.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Path(".gridbeat")
    """Where built places and the demo's database lie; relative to the current folder."""
    db: str = ""
    """SQLAlchemy address of the database; empty means the demo's own file under ``home``."""
    place: str = Field("haishu", min_length=1)
    """A shipped place by name, or the folder of a built one."""
    demo: bool = False
    """Whether the live feed adds incidents as its clock runs."""
    demo_speed: float = Field(10.0, gt=0, le=3600)
    """How many seconds pass in the demo while one passes on the wall: at 10 a district of 31 incidents a day has a new
    one about every five minutes, more by day."""
    host: str = "127.0.0.1"
    hooks_to: str = ""
    """Hosts beside this machine's own that webhooks may reach, comma separated: ``erp.haishu.gov.cn,10.1.2.3``."""
    port: int = Field(8501, ge=1, le=65_535)
    sharp: bool = True
    """Whether the map draws in the screen's own pixels; False is quicker on a machine without a graphics card."""
    refresh_s: float = Field(3.0, ge=0.5, le=3600)
    """Seconds between two refreshes of the dispatch screen."""

    @property
    def db_url(self) -> str:
        """The database to open."""
        return self.db or demo_url(self.home, self.place)

    @property
    def hook_hosts(self) -> tuple[str, ...]:
        """The hosts of ``hooks_to``."""
        return tuple(host.strip().lower() for host in self.hooks_to.split(",") if host.strip())

    def as_environment(self) -> dict[str, str]:
        """The same settings as environment variables, for a process started from here."""
        return {PREFIX + name.upper(): str(value) for name, value in self.model_dump().items()}


def settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in ``environment`` (the process's own by default); unset and empty ones at their defaults.

    Raises
    ------
    BadInput
        When a value cannot be used; the message names the variable.

    >>> settings({"GRIDBEAT_PORT": "8600"}).port
    8600
    """
    given = os.environ if environment is None else environment
    values = {name: given[PREFIX + name.upper()] for name in Settings.model_fields if given.get(PREFIX + name.upper())}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise BadInput(
            *(
                Fault("environment", None, f"{PREFIX}{e['loc'][0]}".upper(), shorten(e["input"]), e["msg"].lower())
                for e in error.errors()
            )
        ) from error


def demo_url(home: Path, place: str) -> str:
    """Address of the demo's own SQLite file for a place given by name or folder."""
    return f"sqlite:///{home.resolve() / f'demo-{Path(place).name}.db'}"
