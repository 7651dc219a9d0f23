"""Evidence: kept as it came, told apart by its bytes, bound to the incident, seen in the ledger."""

from __future__ import annotations

from hashlib import sha256
from math import isnan, nan

import pytest

from dispatch.desk.incidents import Desk
from dispatch.desk.refusals import Refused
from dispatch.desk.scene import MOST_BYTES, Scene
from dispatch.store.casebook import Casebook
from tests.dispatch.conftest import NOW, incident

JPEG = b"\xff\xd8\xff\xe0" + b"a stall"


@pytest.fixture
def scene(desk: Desk, casebook: Casebook) -> Scene:
    casebook.add_incidents([incident("E")], at=NOW)
    return Scene(desk.casebook, desk.clock, desk.rights)


def test_a_file_comes_back_as_it_went_in(scene: Scene):
    """What a court will look at is what the phone took."""
    kept = scene.hand_in("a", "E", "before.jpg", JPEG, lon=121.6, lat=29.9, accuracy_m=12, note="before")
    assert (kept.id, kept.media, kept.size, kept.at) == ("E-E1", "image/jpeg", len(JPEG), NOW)
    assert kept.sha256 == sha256(JPEG).hexdigest()
    assert scene.file("E-E1") == (kept, JPEG)
    assert scene.of("E") == [kept]
    entry = scene.casebook.latest_entries(1)[0]
    assert (entry.deed, entry.subject, entry.details["set"]["sha256"]) == ("evidence", "E-E1", kept.sha256)
    assert scene.casebook.verify().whole


def test_without_a_position_it_is_kept_all_the_same(scene: Scene):
    """A phone indoors has none; the file says so instead of guessing."""
    kept = scene.hand_in("a", "E", "x.png", b"\x89PNG\r\n\x1a\n...")
    assert isnan(scene.of("E")[0].lon)
    assert kept.media == "image/png"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "evidence_empty"),
        (b"<html><script>", "evidence_unknown"),
        (b"MZ\x90", "evidence_unknown"),
        (b"RIFF1234WAVE", "evidence_unknown"),
        (JPEG + bytes(MOST_BYTES), "evidence_too_large"),
    ],
)
def test_what_is_no_picture_is_not_kept_and_who_tried_is(scene: Scene, data: bytes, code: str):
    """A page with a script named x.jpg must not be served to a colleague."""
    with pytest.raises(Refused) as refused:
        scene.hand_in("a", "E", "x.jpg", data)
    assert refused.value.reasons[0].code == code
    assert scene.of("E") == []
    assert scene.casebook.latest_entries(1)[0].deed == "refused:evidence"


def test_a_place_is_whole_or_none(scene: Scene):
    with pytest.raises(ValueError, match="no place on the earth"):
        scene.hand_in("a", "E", "x.jpg", JPEG, lon=121.6, lat=nan)


def test_a_closed_incident_takes_no_more(scene: Scene, desk: Desk):
    desk.casebook.add_incidents([incident("X", matter="")], at=NOW)
    desk.report("a", "to nobody", matter="")
    unplaced = desk.casebook.latest_entries(1)[0].subject
    moved = desk.locate("a", unplaced, 1, 100.0, 10.0)
    desk.pass_on("a", unplaced, moved.version, "another district", "outside")
    with pytest.raises(Refused, match="evidence_closed"):
        scene.hand_in("a", unplaced, "x.jpg", JPEG)
