"""The public code of an act: readable, unique for its day, and telling when somebody misread it."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.rulebook.actcode import Act, new_code, qr_png, qr_svg, valid

DAY = date(2026, 3, 2)
CODE = new_code("330203001", Act.PENALTY, DAY, 42)
CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_a_code_reads_as_region_kind_day_and_number():
    assert CODE[:-1] == "330203CF2026030200042"
    assert len(CODE) == 22
    assert valid(CODE)


@given(st.integers(0, 21), st.sampled_from(CHARACTERS))
def test_one_wrong_character_is_found(place, character):
    """Codes are read over the telephone."""
    wrong = CODE[:place] + character + CODE[place + 1 :]
    assert valid(wrong) is (wrong == CODE)


@given(st.integers(0, 99_999), st.integers(0, 99_999), st.sampled_from(Act))
def test_different_acts_of_a_day_have_different_codes(one, other, kind):
    assert (new_code("330203", kind, DAY, one) == new_code("330203", kind, DAY, other)) is (one == other)
    assert new_code("330203", Act.CHECK, DAY, one) != new_code("330203", Act.PENALTY, DAY, one)


@pytest.mark.parametrize("code", ["", "330203", CODE.lower(), CODE + "0", "330203ZZ20260302000420"])
def test_what_is_no_code_is_not_valid(code):
    assert not valid(code)


def test_a_day_that_never_was_is_not_valid():
    """Its check character is right; only the calendar gives it away."""
    from stdnum.iso7064 import mod_37_36

    bare = "330203CF2026023000042"
    assert not valid(bare + mod_37_36.calc_check_digit(bare))


@pytest.mark.parametrize(("region", "running"), [("33020", 1), ("ningbo", 1), ("330203", -1)])
def test_a_code_that_could_not_be_read_is_not_made(region, running):
    with pytest.raises(ValueError, match="must be"):
        new_code(region, Act.CHECK, DAY, running)


def test_the_qr_code_is_a_drawing_that_a_page_can_hold():
    """No XML declaration: it stands in the middle of a page."""
    drawing = qr_svg(CODE, "https://example.gov.cn/a/")
    assert ET.fromstring(drawing).tag.endswith("svg")
    assert drawing != qr_svg(CODE)
    assert not drawing.startswith("<?xml")


def test_no_qr_code_for_a_code_nobody_can_look_up():
    with pytest.raises(ValueError, match="no valid act code"):
        qr_svg("330203CF20260302000420")
    with pytest.raises(ValueError, match="no valid act code"):
        qr_png("330203CF20260302000420")


def test_the_picture_shows_the_same_code_as_the_drawing():
    """Documents take no SVG; who scans either must come to the same act."""
    import segno
    from PIL import Image

    picture = Image.open(io.BytesIO(qr_png(CODE, "https://example.gov.cn/a/"))).convert("1")
    modules = segno.make("https://example.gov.cn/a/" + CODE, error="m", micro=False).matrix
    side = picture.width // (len(modules) + 8)
    shown = [
        [picture.getpixel(((x + 4.5) * side, (y + 4.5) * side)) == 0 for x in range(len(modules))]
        for y in range(len(modules))
    ]
    assert shown == [[bool(module) for module in row] for row in modules]
