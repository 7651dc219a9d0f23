"""Article 74 of the Penalty Law: no amount of money enters any indicator, whatever was fined."""

from __future__ import annotations

from dataclasses import fields

from dispatch.oversight.gauges import GAUGES
from dispatch.oversight.indicators import INDICATORS
from dispatch.oversight.matrix import ReportingIn
from ui.services.board import Figures

MONEY = ("yuan", "fine", "amount", "money", "paid", "price")


def test_no_indicator_has_a_place_for_money():
    """A league table of fines is what the article forbids; a column that is not there cannot be summed."""
    names = [each.name for figures in (Figures, ReportingIn) for each in fields(figures)]
    names += [*GAUGES, *(each.name for each in INDICATORS)]
    assert len(names) > 15
    assert not [name for name in names if any(word in name for word in MONEY)]
