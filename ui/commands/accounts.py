"""``gridbeat people list`` and ``reset``: for who has the database, when nobody can sign in any more."""

from __future__ import annotations

from collections.abc import Mapping

import click

from dispatch.desk.accounts import Accounts
from dispatch.desk.door import Door
from dispatch.desk.refusals import Conflict, Unknown
from dispatch.records.person import Account, Person
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.writing import storable
from gis.schemas import BadInput, Fault, shorten
from scenarios.binding import area_names

COLUMNS = ("user name", "name", "posts", "state")
STATES = {
    Account.LET_GO: "let go",
    Account.ONE_TIME: "one-time password",
    Account.ACTIVE: "signs in",
    Account.PROVIDER: "by provider",
    Account.CLOSED: "no password",
}


def everybody(db: str) -> None:
    """A header, and a line for each person: name to sign in, name, posts, state; columns apart by a tab."""
    with open_casebook(db, create=False) as casebook:
        names = area_names(casebook)
        click.echo("\t".join(COLUMNS))
        for person in _accounts(casebook).everybody():
            click.echo("\t".join([person.id, person.name, _posts(person, names), STATES[person.account]]))


def reset(name: str, db: str, actor: str) -> None:
    """A one-time password for somebody, said once; the ledger keeps who did it."""
    if not actor.strip() or not storable(actor):
        raise BadInput(Fault("--actor", None, None, "no usable name", "the name of who resets it, for the ledger"))
    with open_casebook(db, create=False) as casebook:
        accounts = _accounts(casebook)
        known = accounts.person(name)
        if known is None or not known.active:
            found = f"{shorten(name)}: nobody, or let go"
            raise BadInput(
                Fault("person", None, None, found, "somebody who may sign in"),
                advice="See: gridbeat people list --db URL.",
            )
        try:
            password = accounts.reset(actor, name, known.version)
        except (Conflict, Unknown) as problem:
            raise BadInput(Fault("person", None, None, str(problem), "nobody else changing it")) from problem
    click.echo(f'One-time password of "{name}": {password} (good for choosing an own one; not shown again)')


def _accounts(casebook: Casebook) -> Accounts:
    """People of a book without its place: nothing is checked here that needs one."""
    return Accounts(Door(casebook), "", ())


def _posts(person: Person, names: Mapping[str, str]) -> str:
    """Jobs, each with its area by code and, where the place is at hand, by name."""
    return "; ".join(" ".join(filter(None, (post.job, post.area, names.get(post.area)))) for post in person.posts)
