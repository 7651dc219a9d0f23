"""The catalogue of matters is read whole or refused whole."""

from datetime import timedelta

import pytest

from dispatch.rulebook.matters import COLUMNS, Procedure, Source, read_matters
from gis.schemas import BadInput

STALL = "09006,C09,占道经营,Street stall,09006,urban,3,120,simple,Ningbo rules art. 12,illustrative"
ADVICE = "A1,C00,咨询,A question,,,4,1440,simple,,document"


@pytest.fixture
def write(tmp_path):
    def written(*rows: str, header: str = ",".join(COLUMNS), encoding: str = "utf-8"):
        path = tmp_path / "matters.csv"
        path.write_text("\n".join((header, *rows)), encoding=encoding)
        return path

    return written


def faults(path):
    with pytest.raises(BadInput) as refused:
        read_matters(path)
    return [(fault.row, fault.column) for fault in refused.value.faults]


def test_a_row_becomes_a_matter(write):
    """Every later rule rests on these eleven fields."""
    matter = read_matters(write(STALL, ADVICE))["09006"]
    assert (matter.category, matter.name_zh, matter.field, matter.priority) == ("C09", "占道经营", "urban", 3)
    assert matter.respond_within == timedelta(hours=2)
    assert (matter.procedure, matter.source) == (Procedure.SIMPLE, Source.ILLUSTRATIVE)


def test_a_question_is_no_enforcement_matter(write):
    """C00 needs neither certificate nor legal basis, since nobody is sent to enforce it."""
    matters = read_matters(write(STALL, ADVICE))
    assert not matters["A1"].enforceable
    assert matters["09006"].enforceable


def test_all_faults_come_at_once(write):
    """A person mends one sheet once, not one cell at a time."""
    path = write(
        STALL,
        "09007,X9,,b,0900,urban,7,0,quick,,hearsay",
        STALL,
        "C08,C08,违建,Building,,urban,1,60,simple,x,statute",
    )
    wrong = ["category", "name_zh", "national_code", "priority", "respond_within_min", "procedure", "basis", "source"]
    assert sorted(faults(path)) == sorted([(3, column) for column in wrong] + [(4, "code"), (5, "code")])


def test_rows_are_counted_as_the_editor_counts_them(write):
    """A blank line in the sheet must not shift the row named in the message."""
    assert faults(write(STALL, "", STALL)) == [(4, "code")]


@pytest.mark.parametrize("content", [b"", b"code,category\n1,2\n", "编号".encode("gbk"), b"\x00\xff\xfe"])
def test_a_file_that_is_no_catalogue_is_refused(tmp_path, content):
    """Empty, cut short, in another encoding: one message, no stack trace."""
    path = tmp_path / "matters.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"matters\.csv"):
        read_matters(path)


def test_a_missing_file_is_named(tmp_path):
    """The folder may simply be the wrong one."""
    with pytest.raises(BadInput, match=r"matters\.csv"):
        read_matters(tmp_path / "matters.csv")


def test_a_catalogue_without_matters_is_refused(write):
    """A header alone is an export that went wrong."""
    with pytest.raises(BadInput, match="no matters"):
        read_matters(write())


def test_a_byte_order_mark_and_extra_columns_do_no_harm(write):
    """Excel writes the one, people the others."""
    path = write(STALL + ",remark", header=",".join(COLUMNS) + ",note", encoding="utf-8-sig")
    assert list(read_matters(path)) == ["09006"]


def test_a_formula_stays_a_text(write):
    """Nothing in the catalogue is ever run; the screens escape it."""
    name = "=cmd|' /C calc'!A0"
    assert read_matters(write(STALL.replace("Street stall", name)))["09006"].name_en == name
