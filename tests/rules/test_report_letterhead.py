"""Who hands the 季报 in: names and number from report.toml, in the places of GB/T 9704-2012."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document
from docx.shared import Pt, RGBColor

from rules.report import letterhead
from rules.report.document import document
from rules.report.files import DOCUMENT
from rules.report.letterhead import FILE, Letterhead, read_letterhead
from rules.report.quarter import ReportError
from tests.rules.report_world import made, near_miss, small_registry

OURS = Letterhead(
    issuer="某某区教育体育局",
    addressee="某某区人民政府",
    copies="某某市教育委员会",
    contact="联系人：张某",
    numbers={"2021Q4": "某教体督〔2022〕3号"},
)


def lines(ours: Letterhead) -> list[str]:
    report = replace(near_miss(), letterhead=ours)
    return [paragraph.text for paragraph in Document(io.BytesIO(document(report))).paragraphs]


def test_the_first_page_begins_with_issuer_number_title_and_addressee() -> None:
    found = [line for line in lines(OURS) if line]
    assert [
        "某某区教育体育局",
        "某教体督〔2022〕3号",
        "滨海新区义务教育优质均衡发展监测季报",
        "（2021年第四季度）",
        "某某区人民政府：",
        "一、总体情况",
    ] == found[:6]


def test_attachments_issuer_and_date_follow_the_text_and_the_copies_stand_last() -> None:
    found = [line for line in lines(OURS) if line]
    assert [
        "附件：优质均衡发展七项指标报告（2021年第四季度）",
        "某某区教育体育局",
        "2021年12月31日",
        "（联系人：张某；草稿，数据指纹 0000000000000000）",
        "　抄送：某某市教育委员会。",
        "　某某区教育体育局　2021年12月31日印发",
    ] == found[-6:]


def test_the_issuer_is_red_and_signs_centred_over_the_date_which_ends_four_characters_in() -> None:
    report = replace(near_miss(), letterhead=OURS)
    paragraphs = Document(io.BytesIO(document(report))).paragraphs
    mark = paragraphs[0].runs[-1]
    signed, dated = (
        next(line for line in reversed(paragraphs) if line.text == text)
        for text in ("某某区教育体育局", "2021年12月31日")
    )
    # 2021年12月31日 is seven characters wide, the issuer eight: half a character further out.
    assert (RGBColor(255, 0, 0), Pt(64), Pt(56)) == (
        mark.font.color.rgb,
        dated.paragraph_format.right_indent,
        signed.paragraph_format.right_indent,
    )


def test_from_the_end_of_the_text_to_the_note_all_stays_on_one_page() -> None:
    paragraphs = Document(io.BytesIO(document(near_miss()))).paragraphs
    kept = [bool(line.paragraph_format.keep_with_next) for line in paragraphs]
    first = next(number for number, line in enumerate(paragraphs) if line.text.startswith("附件"))
    assert paragraphs[first - 2].text.endswith("。")
    assert (all(kept[first - 2 : -1]), kept[-1]) == (True, False)


def test_where_nobody_is_named_nothing_is_invented() -> None:
    found = [line for line in lines(Letterhead()) if line]
    assert ("滨海新区义务教育优质均衡发展监测季报", "2021年12月31日") == (found[0], found[-2])


def test_the_file_stands_beside_the_calendar_and_is_named_among_the_inputs(tmp_path: Path) -> None:
    folder = small_registry(tmp_path / "registry")
    (folder / FILE).write_text('issuer = "某某区教育体育局"\n', encoding="utf-8")
    found = made(folder, tmp_path / "out", submit=True).folder
    first = Document(io.BytesIO((found / DOCUMENT).read_bytes())).paragraphs[0].text
    snapshot = (found / "snapshot.json").read_text(encoding="utf-8")
    assert ("某某区教育体育局", True) == (first, f'"{FILE}"' in snapshot)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('issuer = ""', ":1: issuer: "),
        ('isuer = "x"', "isuer: 没有此设置项"),
        ('[numbers]\n2026-4 = "x"', "numbers"),
    ],
)
def test_a_slip_is_told_with_file_line_and_key(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ReportError) as refused:
        read_letterhead(tmp_path)
    assert (True, True) == (FILE in str(refused.value), told in str(refused.value))


def test_the_sample_can_be_read_with_every_line_of_it_in_use(tmp_path: Path) -> None:
    sample = Path(letterhead.__file__).with_name("sample.toml").read_text(encoding="utf-8")
    lines = [line.removeprefix("# ") for line in sample.splitlines() if "= " in line or "[numbers]" in line]
    (tmp_path / FILE).write_text("\n".join(lines), encoding="utf-8")
    assert set(Letterhead.model_fields) == read_letterhead(tmp_path).model_fields_set


def test_a_name_that_the_sample_leaves_open_is_named(tmp_path: Path) -> None:
    """It would be printed in an official document without a word."""
    sample = Path(letterhead.__file__).with_name("sample.toml")
    (tmp_path / FILE).write_bytes(sample.read_bytes())
    assert ("issuer",) == read_letterhead(tmp_path).left_open
    assert ("issuer", "addressee", "copies", "contact", "numbers.2021Q4") == OURS.left_open
    assert () == Letterhead(issuer="滨海新区教育体育局", contact="联系人：王老师").left_open
