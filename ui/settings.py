"""What can be set from outside: environment variables that begin with ``GRIDBEAT_``, checked once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from gis.schemas import BadInput, Fault, shorten
from gis.tomlfile import as_expected

PREFIX = "GRIDBEAT_"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
EVERY_ADDRESS = ("0.0.0.0", "::")
"""To listen on all of this machine's addresses."""


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
    public_url: str = ""
    """This server's address as other machines know it, ``https://gridbeat.example.gov.cn``, for links in what webhooks
    are sent."""
    hooks_to: str = ""
    """Hosts beside this machine's own that webhooks may reach, comma separated: ``erp.haishu.gov.cn,10.1.2.3``."""
    oidc_metadata_url: str = ""
    """Where an identity provider describes itself (``…/.well-known/openid-configuration``); empty: passwords only."""
    oidc_client_id: str = ""
    oidc_client_secret: str = Field("", repr=False)
    oidc_redirect: str = ""
    """This server's own address as the provider knows it, ending in ``/oauth2callback``."""
    oidc_unmarked: bool = False
    """Whether an address counts when the provider never says if it verified it; one it calls unverified never does."""
    port: int = Field(8501, ge=1, le=65_535)
    sharp: bool = True
    """Whether the map draws in the screen's own pixels; False is quicker on a machine without a graphics card."""
    weights: str = ""
    """File with the weights that marks of oversight go by, ``about,indicator,weight,source``; empty: the example's."""
    appeal_days: int = Field(5, ge=1, le=60)
    """Working days, after the day it is opened, in which an appraisal can be objected to before it is published."""
    refresh_s: float = Field(3.0, ge=0.5, le=3600)
    """Seconds between two refreshes of the dispatch screen."""

    @field_validator("public_url")
    @classmethod
    def _an_address(cls, given: str) -> str:
        """Without the slash at its end."""
        if given and not re.fullmatch(r"https?://[^\s/?#@]+/?", given):
            raise ValueError("scheme and host, such as https://gridbeat.example.gov.cn")
        return given.rstrip("/")

    @model_validator(mode="after")
    def _all_of_oidc_or_nothing(self) -> Self:
        """Half a provider would only be noticed by whoever tries to sign in."""
        given = [self.oidc_metadata_url, self.oidc_client_id, self.oidc_client_secret, self.oidc_redirect]
        if any(given) and not all(given):
            raise ValueError("all of METADATA_URL, CLIENT_ID, CLIENT_SECRET and REDIRECT, or none")
        if self.oidc_redirect and not self.oidc_redirect.endswith("/oauth2callback"):
            raise ValueError("an OIDC_REDIRECT that ends in /oauth2callback")
        return self

    @property
    def oidc(self) -> bool:
        """Whether people can sign in with an organisation account."""
        return bool(self.oidc_metadata_url) and not self.demo

    @property
    def db_url(self) -> str:
        """The database to open."""
        return self.db or demo_url(self.home, self.place)

    @property
    def hook_hosts(self) -> tuple[str, ...]:
        """The hosts of ``hooks_to``."""
        return tuple(host.strip().lower() for host in self.hooks_to.split(",") if host.strip())

    @property
    def link_to(self) -> str:
        """What the links in webhooks begin with.

        Without a ``public_url`` it is empty, which leaves a path, when other machines can be told and all that is known
        is an address by which each would find itself.
        """
        if self.public_url or (self.hook_hosts and self.host in (*LOOPBACK, *EVERY_ADDRESS)):
            return self.public_url
        return address(self.host, self.port)

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
        raise BadInput(*(_fault(told) for told in error.errors(include_context=False))) from error


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds a server that listens there."""
    if host in EVERY_ADDRESS:
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _fault(told: ErrorDetails) -> Fault:
    """What is wrong with one variable, or with several that belong together; those may be secret and are not shown."""
    expected = as_expected(told["msg"])
    if not told["loc"]:
        return Fault("environment", None, f"{PREFIX}OIDC_*", "some of them", expected)
    return Fault("environment", None, f"{PREFIX}{told['loc'][0]}".upper(), shorten(told["input"]), expected.lower())


def demo_url(home: Path, place: str) -> str:
    """Address of the demo's own SQLite file for a place given by name or folder."""
    return f"sqlite:///{home.resolve() / f'demo-{Path(place).name}.db'}"
