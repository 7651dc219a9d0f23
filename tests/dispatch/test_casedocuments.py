"""The list of documents is read strictly: a text that names what there is not would print it."""

from __future__ import annotations

import pytest

from dispatch.rulebook.casedocuments import COLUMNS, TEXT_COLUMNS, TEXTS_FILE, Given, holds, read_documents
from gis.schemas import BadInput
from scenarios.builder import HERE
from tests.casework import PROCEDURES

GOOD = "notice,告知书,Notice,notified,open,,,《行政处罚法》第四十四条,statute"
LINE = "notice,text,,,案号{number}"


def read(folder, rows=(GOOD,), lines=(LINE,)):
    (folder / "d.csv").write_text("\n".join([",".join(COLUMNS), *rows]), encoding="utf-8")
    (folder / TEXTS_FILE).write_text("\n".join([",".join(TEXT_COLUMNS), *lines]), encoding="utf-8")
    return read_documents(folder / "d.csv", PROCEDURES)


def test_the_list_that_ships_has_every_document_of_both_procedures():
    found = {each.id: each for each in read_documents(HERE / "case_documents.csv", PROCEDURES)}
    assert set(found) == {"spot_decision", "notice", "decision", "no_penalty", "order", "receipt", "transfer"}
    assert {id for id, each in found.items() if each.given is Given.OPEN} == {"notice", "receipt"}


def test_a_place_writes_documents_of_its_own(tmp_path):
    (notice,) = read(tmp_path)
    assert [text.text for text in notice.texts] == ["案号{number}"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (GOOD.replace("notified", "sent"), "row 2, column steps"),
        (GOOD.replace("open,,", "soon,,"), "one of open, done"),
        (GOOD.replace("open,,", "open,jail,"), "column outcomes"),
        (GOOD.replace("open,,,", "open,,nice,"), "a fact that a step asks for"),
        (GOOD.replace("第四十四条", ""), "第…条"),
    ],
)
def test_a_faulty_document_is_refused_with_its_row(tmp_path, row, said):
    with pytest.raises(BadInput, match=said):
        read(tmp_path, (row,))


def test_a_document_that_says_nothing_is_refused(tmp_path):
    with pytest.raises(BadInput, match="row 3, column document: found 'order', expected a document with lines"):
        read(tmp_path, (GOOD, GOOD.replace("notice,告", "order,告")))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("notice,text,,,罚款{amount}元", "row 2, column text: found 'amount'"),
        ("notice,text,,,案号{number", "in braces"),
        ("notice,text,,,案号{number:>99}", "in braces"),
        ("notice,text,,hearing_rights,有权听证", "row 2, column when"),
        ("notice,text,,!pleading=heard,有", "row 2, column when"),
        ("notice,row,,,{party}", "what the field is called"),
        ("notice,text,,,", "what it says"),
        ("notice,song,,,啦", "one of to, text, row, fill, sign"),
        ("decree,text,,,案号{number}", "a document of the list beside it"),
    ],
)
def test_a_faulty_line_is_refused_with_its_row(tmp_path, line, said):
    """Printed as it stands, a wrong name in braces would be a decision with a hole."""
    with pytest.raises(BadInput, match=said):
        read(tmp_path, (GOOD,), (line,))


def test_what_is_denied_is_not_what_is_unsaid():
    """Whoever has no right to a hearing is told so; whoever was told nothing gets boxes to tick."""
    assert holds("hearing_right=no", {"hearing_right": False})
    assert not holds("hearing_right=no", {})
    assert holds("!hearing_right", {})
    assert not holds("!hearing_right", {"hearing_right": False})
    assert not holds("hearing_right", {"hearing_right": False})
