"""Tickets from the page a provider leads to, to the door."""

from ui.oidc import LASTS_S, Tickets


def test_a_ticket_is_good_once_for_a_minute_in_its_own_browser():
    now_s = [0.0]
    tickets = Tickets(lambda: now_s[0])
    once, elsewhere, late = (tickets.mint("anna", "her cookie") for _ in range(3))
    assert tickets.redeem(once, "her cookie") == "anna"
    assert tickets.redeem(once, "her cookie") is None
    assert tickets.redeem(elsewhere, "his cookie") is None
    assert tickets.redeem("", "") is None
    now_s[0] = LASTS_S
    assert tickets.redeem(late, "her cookie") is None
