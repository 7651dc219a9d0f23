"""What is wrong with a table of inspections is said in the reader's language, whichever reader of tables found it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dispatch.desk.deliveries import Lists, read_delivery
from dispatch.inspections.plans import REFUSALS
from dispatch.inspections.scenes import Scenes
from gis.crs import Datum
from gis.schemas import BadInput, Fault
from tests.dispatch.inspections.street import SCENES, ground, people, plan
from ui.services.tablefaults import EXPECTED, FOUND, sentence, to_mend, told, told_of
from ui.wording import Language, wording

ZH, EN = wording(Language.ZH), wording(Language.EN)
NAMES = {"market": ("市场监督管理局", "Market supervision"), "fire": ("消防救援大队", "Fire and rescue")}
PREMISES = "premises_id,name,lon,lat,town,opens,closes,annual_cap,visits_this_year,type,risk,credit\n"
ITEMS = "item_id,premises_id,department,certificate,minutes,earliest,latest\n"


class Names:
    """Every code by its own name."""

    def department(self, code: str) -> str:
        return NAMES.get(code, (code,))[0]

    field = department

    def scene(self, code: str) -> str:
        return f"场景{code}"

    def item(self, code: str) -> str:
        return f"事项{code}"


HOTEL = Scenes({"hotel": SCENES.scenes["hotel"]}, SCENES.items)


def delivered(folder: Path, premises: str | bytes | None, items: str | None) -> tuple[Fault, ...]:
    paths = []
    for name, text in (("premises.csv", premises), ("items.csv", items)):
        path = folder / name if text is not None else None
        if path is not None:
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        paths.append(path)
    lists = Lists({"330203001": "东街道"}, HOTEL, NAMES, NAMES)
    with pytest.raises(BadInput) as refused:
        read_delivery(*paths, Datum.WGS84, [], lists)
    return refused.value.faults


WRONG = [
    (
        PREMISES + "P1,a,200,29.9,南街道,08:00,25:00,x,,circus,huge,A\nP1,,121,29,,08:00,18:00,,,,low,A\n",
        ITEMS + "I1,P9,,,0,x,\n",
    ),
    (
        PREMISES + "P1,a,121,29.9,东街道,08:00,18:00,,,hotel,low,A,more\n",
        ITEMS + "I1,P1,shop,fire,5,2026-01-01,2026-01-02\n,,fire,fir,5,2026-01-01,2026-01-02\n",
    ),
    ("premises_id,name\nP1,a\n", ITEMS),
    ("", "item_id,item_id\nI1,I1\n"),
    (b"\xff\xff\xff", "\n"),
]


@pytest.mark.parametrize(("premises", "items"), WRONG)
def test_every_fault_of_a_delivery_is_told_in_chinese(tmp_path: Path, premises: str, items: str):
    """A sentence in English is one that the person at the township's desk has to ask somebody about."""
    for fault in delivered(tmp_path, premises, items):
        said = told(fault, ZH, Names())
        for words in (said.found, said.expected):
            assert (words in (fault.found,) and words.startswith("'")) or re.search("[一-鿿]", words), (fault, said)
        assert re.search("[一-鿿]", said.column) or fault.column is None


def test_every_fault_of_a_plan_is_told_in_both_languages():
    """Each code of a refusal has its words for what was found and what was expected."""
    crew = people({}, {"conflicts": "P1"}, {"role": "auxiliary"})
    here = ground({}, {"risk": "low", "credit": "A"}, inspectors=crew)
    rows = [
        {"first": "2026-05-20", "last": "2026-05-01", "times": "2", "occasion": "raid"},
        {"first": "2025-05-20", "last": ""},
        {"premises_id": "P9", "item": "S99", "department": "markt"},
        {"basis": "", "inspectors": "O2;O3;X"},
        {"department": "fire"},
        {"item": "S03-05", "department": "traffic"},
        {"times": "5"},
        {"premises_id": "P2"},
        {},
        {},
        {"line_id": "L9"},
        {"line_id": "", "department": "", "premises_id": "", "item": ""},
    ]
    sheet = plan(here, *rows)
    for w in (ZH, EN):
        for each in told_of(sheet, w, Names()):
            assert "[" not in each.expected
            assert re.search("[一-鿿]", each.expected) if w is ZH else each.expected.replace("场景", "")
    zh = to_mend(sheet, ZH, Names())
    assert set(zh) == {fault.row for fault in sheet.all_faults}
    assert "检查依据：填的是空白，应为允许检查的依据条款" in zh[5].words
    assert {"basis", "inspectors"} <= set(zh[5].columns)
    for code in REFUSALS:
        for w in (ZH, EN):
            assert w.words[f"tables.refused_{code}"]
            assert w.words[f"tables.wanted_{code}"]


def test_every_form_has_its_words():
    for kind, forms in (("expected", EXPECTED), ("found", FOUND)):
        assert all(f"tables.{kind}_{name}" in ZH.words for name in forms)


def test_one_sentence_says_the_first_and_how_many_more(tmp_path: Path):
    faults = delivered(tmp_path, *WRONG[0])
    said = sentence(faults, ZH, Names())
    assert said.startswith("premises.csv 第 2 行 经度：填的是'200'，应为-180 到 180 的度数。")
    assert said.endswith(f"还有 {len(faults) - 1} 处，见下表。")
