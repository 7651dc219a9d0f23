"""What an identity provider says of somebody, and what of it is believed."""

from __future__ import annotations

import pytest

from ui.oidc import vouched_for


@pytest.mark.parametrize(
    ("marked", "unmarked", "believed"),
    [
        ({"email_verified": True}, False, True),
        ({"email_verified": False}, True, False),
        ({"email_verified": None}, False, False),
        ({"email_verified": "false"}, True, False),
        ({}, False, False),
        ({}, True, True),
    ],
)
def test_an_address_counts_only_when_the_provider_has_verified_it(marked: dict, unmarked: bool, believed: bool) -> None:
    """Where one types any address into a profile, silence would let the first who types an administrator's come in."""
    told = {"is_logged_in": True, "email": " Anna@East.example ", **marked}
    assert vouched_for(told, unmarked=unmarked) == ("anna@east.example" if believed else "")


def test_who_has_no_address_is_nobody() -> None:
    assert vouched_for({"email_verified": True}, unmarked=True) == ""
