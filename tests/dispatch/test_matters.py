"""The catalogue of matters is read whole or refused whole."""

from datetime import date, timedelta

import pytest

from dispatch.records.case import Procedure
from dispatch.rulebook.matters import COLUMNS, Kind, Leniency, Source, read_matters
from dispatch.rulebook.terms import Term, Unit
from gis.schemas import BadInput

POWER = (
    "T1,C09,universal,摆摊,Stalls,,urban,3,120,ordinary,90,calendar_days,bureau,,,,,decree 1,illustrative,2024-01-01,"
)
STALL = (
    "09006,C09,situation,占道经营,Street stall,09006,urban,3,120,simple,2,urgent_hours,bureau,market;police,"
    "T1,first_waiver;warning_only,摊;占道,Ningbo rules art. 12,illustrative,2022-01-01,2030-12-31"
)
ADVICE = "A1,C00,situation,咨询,A question,,,4,1440,simple,7,working_days,,,,,,,document,2022-01-01,"


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
    """Every later rule rests on these fields."""
    matter = read_matters(write(POWER, STALL, ADVICE))["09006"]
    assert (matter.kind, matter.limit, matter.lead) == (Kind.SITUATION, Term(2, Unit.URGENT_HOURS), "bureau")
    assert (matter.assisting, matter.under, matter.keywords) == (("market", "police"), ("T1",), ("摊", "占道"))
    assert matter.leniency == {Leniency.FIRST_WAIVER, Leniency.WARNING_ONLY}
    assert [matter.in_force(date(year, 12, 31)) for year in (2021, 2022, 2030, 2031)] == [False, True, True, False]
    assert (matter.category, matter.name_zh, matter.field, matter.priority) == ("C09", "占道经营", "urban", 3)
    assert matter.respond_within == timedelta(hours=2)
    assert (matter.procedure, matter.source) == (Procedure.SIMPLE, Source.ILLUSTRATIVE)


def test_a_question_is_no_enforcement_matter(write):
    """C00 needs neither certificate nor legal basis, since nobody is sent to enforce it."""
    matters = read_matters(write(POWER, STALL, ADVICE))
    assert not matters["A1"].enforceable
    assert matters["09006"].enforceable


def test_all_faults_come_at_once(write):
    """A person mends one sheet once, not one cell at a time."""
    path = write(
        POWER,
        "09007,X9,thing,,b,0900,urban,7,0,quick,0,years,,,F9,mercy,,,hearsay,2024-02-30,",
        POWER,
        "C08,C08,situation,违建,Building,,urban,1,60,simple,7,working_days,b,,,,,x,illustrative,2022-01-01,2021-01-01",
    )
    wrong = ["category", "kind", "name_zh", "national_code", "priority", "respond_within_min", "procedure", "limit"]
    wrong += ["limit_unit", "lead", "under", "leniency", "basis", "source", "valid_from"]
    others = [(4, "code"), (5, "code"), (5, "valid_to")]
    assert sorted(faults(path)) == sorted([(3, column) for column in wrong] + others)


def test_a_row_from_a_statute_names_its_article(write):
    """A reviewer opens the book at that page; "the regulations" is no page."""
    vague = POWER.replace("decree 1,illustrative", "城市绿化条例,statute")
    assert faults(write(vague)) == [(2, "basis")]
    exact = POWER.replace("decree 1,illustrative", "《城市绿化条例》第二十七条,statute")
    assert read_matters(write(exact))["T1"].source is Source.STATUTE


def test_what_is_seen_is_enforced_under_a_listed_power(write):
    """A situation under another situation would give nobody a power."""
    assert faults(write(POWER, STALL, STALL.replace("09006,C09", "09007,C09").replace(",T1,", ",09006,"))) == [
        (4, "under")
    ]


def test_rows_are_counted_as_the_editor_counts_them(write):
    """A blank line in the sheet must not shift the row named in the message."""
    assert faults(write(POWER, "", POWER)) == [(4, "code")]


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
    path = write(POWER + ",remark", header=",".join(COLUMNS) + ",note", encoding="utf-8-sig")
    assert list(read_matters(path)) == ["T1"]


def test_a_formula_stays_a_text(write):
    """Nothing in the catalogue is ever run; the screens escape it."""
    name = "=cmd|' /C calc'!A0"
    assert read_matters(write(POWER.replace("Stalls", name)))["T1"].name_en == name
