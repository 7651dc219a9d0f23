"""One zip with everything, the same whenever it is written, whole or not there."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from dataclasses import replace

import pytest
from docx import Document
from PIL import Image
from zxingcpp import read_barcodes

from dispatch.review.bundle import SUMS, write_bundle
from dispatch.review.papers import act_codes
from dispatch.review.wording import words
from gis.schemas import BadInput
from tests.review.conftest import CALENDAR, INSPECTORS, MADE_UP, TROUBLE

MONEY = re.compile("罚|元|￥|¥|金额|费|yuan|fine\\b|fee\\b|amount|money", re.IGNORECASE)


@pytest.fixture
def unpacked(papers, tmp_path):
    """Name and content of every file of the Chinese bundle."""
    count = write_bundle(papers, tmp_path / "papers.zip")
    with zipfile.ZipFile(tmp_path / "papers.zip") as zip:
        assert zip.testzip() is None
        assert len(zip.namelist()) == count
        return {name: zip.read(name) for name in zip.namelist()}


def test_the_bundle_holds_every_paper_of_every_crew_premises_and_person(unpacked):
    """What is missing on Monday at eight is missing at the door."""
    for folder in ("2026-03-02_C1", "2026-03-03_C2", "2026-03-03_C1"):
        for paper in ("行政检查审批表.docx", "行政检查通知书.docx", "现场检查笔录.docx", "路线.gpx"):
            assert f"检查组/{folder}/{paper}" in unpacked
    assert {name for name in unpacked if name.endswith(".ics")} == {
        *(f"日程/检查组/{crew}.ics" for crew in ("C1", "C2")),
        *(f"日程/人员/{officer}.ics" for officer in ("o1", "o2", "o3", "o4")),
    }
    assert {name for name in unpacked if name.startswith("减少")} == {f"减少入企检查证明/P{n}.docx" for n in (1, 2, 4)}
    assert {"说明.txt", "检查计划.xlsx", "路线地图.geojson", SUMS} <= unpacked.keys()


def test_the_sums_fit_the_files(unpacked):
    """Who gets the zip by mail can check that nothing was changed on the way."""
    listed = dict(reversed(line.split("  ", 1)) for line in unpacked[SUMS].decode().splitlines())
    assert listed == {name: hashlib.sha256(content).hexdigest() for name, content in unpacked.items() if name != SUMS}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_same_plan_gives_the_same_bytes(papers, tmp_path, monkeypatch, language):
    """Two copies of a signed plan can be compared; the clock of the machine is two years on in the second."""
    import time

    write_bundle(papers, tmp_path / "one.zip", language)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 63_072_000)
    write_bundle(papers, tmp_path / "two.zip", language)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as outer:
        for name in (each for each in outer.namelist() if each.endswith(("docx", "xlsx"))):
            with zipfile.ZipFile(io.BytesIO(outer.read(name))) as inner:
                assert {info.date_time for info in inner.infolist()} == {(1980, 1, 1, 0, 0, 0)}
                core = inner.read("docProps/core.xml").decode()
                assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2026-03-01T01:00:00Z"}


def test_the_order_in_which_the_crews_were_planned_does_not_matter(papers, tmp_path):
    """Towns are planned in parallel and come back in any order."""
    turned = replace(CALENDAR, crews=CALENDAR.crews[::-1])
    write_bundle(papers, tmp_path / "one.zip")
    write_bundle(replace(papers, calendar=turned, codes=act_codes(turned, "330203")), tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_ids_that_make_the_same_name_get_files_of_their_own(papers, tmp_path):
    """Otherwise one crew's forms would silently be another's."""
    one, two, night = CALENDAR.crews
    crews = (replace(one, id="a/b"), replace(two, id=TROUBLE), replace(night, id="A?B", officers=("x", "X")))
    people = INSPECTORS | {id: replace(INSPECTORS["o1"], id=id) for id in ("x", "X")}
    write_bundle(replace(papers, calendar=replace(CALENDAR, crews=crews), inspectors=people), tmp_path / "a.zip", "en")
    with zipfile.ZipFile(tmp_path / "a.zip") as zip:
        names = zip.namelist()
    assert len({name.casefold() for name in names}) == len(names)
    assert "crews/2026-03-03_a_b/route.gpx" in names
    assert "crews/2026-03-03_A_B_2/route.gpx" in names
    assert all(len(name.encode()) < 200 and ".." not in name for name in names)


def test_an_empty_calendar_gives_a_bundle_without_forms(nothing, tmp_path):
    """Nothing to do is not an error."""
    assert write_bundle(nothing, tmp_path / "a.zip", "en") == 4
    with zipfile.ZipFile(tmp_path / "a.zip") as zip:
        assert zip.namelist() == ["README.txt", "inspection_plan.xlsx", "routes.geojson", SUMS]
        assert "0 visits for 0 checks" in zip.read("README.txt").decode()


def test_a_bundle_that_fails_leaves_the_old_one(papers, tmp_path):
    """A half zip opens, and half the crews would have no papers."""
    path = tmp_path / "a.zip"
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match="zh or en"):
        write_bundle(papers, path, "fr")
    without_west = replace(papers, bases={"T2": (121.5,)})
    with pytest.raises((IndexError, TypeError)):
        write_bundle(without_west, path)
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.zip"]


def test_a_folder_that_is_not_there_is_said(papers, tmp_path):
    with pytest.raises(BadInput, match="an existing folder"):
        write_bundle(papers, tmp_path / "none" / "a.zip")


def test_everything_is_labelled_synthetic(unpacked):
    """A fictitious inspection that looks real is a rumour."""
    for name, content in unpacked.items():
        if name.endswith((".txt", ".gpx", ".geojson")):
            assert MADE_UP in content.decode()
        if name.endswith(".ics"):
            assert MADE_UP in content.decode().replace("\r\n ", "")
        if name.endswith(".docx"):
            assert Document(io.BytesIO(content)).sections[0].header.paragraphs[0].text == words("zh")("page.made_up")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_paper_speaks_of_money(papers, tmp_path, language):
    """Article 74 of the Penalty Law; what is spared is counted in visits."""
    write_bundle(papers, tmp_path / "a.zip", language)
    with zipfile.ZipFile(tmp_path / "a.zip") as zip:
        for name in zip.namelist():
            content = zip.read(name)
            if name.endswith(".docx"):
                body = Document(io.BytesIO(content)).element.body
                content = "".join(piece.text or "" for piece in body.iter() if isinstance(piece.text, str)).encode()
            if not name.endswith(".xlsx"):
                assert not MONEY.search(content.decode()), name


def test_the_picture_on_a_notice_reads_as_the_address_of_its_act(unpacked, papers):
    """Scanned at the door it has to lead to this visit; read here by another library than the one that drew it."""
    for form in ("行政检查通知书", "现场检查笔录"):
        with zipfile.ZipFile(io.BytesIO(unpacked[f"检查组/2026-03-02_C1/{form}.docx"])) as parts:
            pictures = [parts.read(name) for name in parts.namelist() if name.startswith("word/media/")]
        found = {code.text for each in pictures for code in read_barcodes(Image.open(io.BytesIO(each)))}
        assert found == {papers.query_url + papers.codes[id] for id in ("V1", "V2")}
