"""季报.docx, read back: official layout, and text that says what the figures say."""

import io
import re
import zipfile
from xml.etree import ElementTree

import pytest
from docx import Document
from docx.document import Document as Doc
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from registry.vocabulary import ITEMS
from rules.report.blocks import Chart, Heading, Table
from rules.report.chart_part import chart_xml
from rules.report.document import BODY, HEAD, TITLE
from rules.report.files import DOCUMENT, render
from rules.report.narrative import narrative
from rules.report.paper import put_block
from tests.rules.build import school
from tests.rules.report_world import SMALL, in_memory, made, near_miss, texts

CHAPTERS = [
    "一、总体情况",
    "二、七项指标",
    "三、校际均衡",
    "四、政府保障程度（设施部分）",
    "五、无线网络全覆盖",
    "六、网络多媒体教室监测与上报对照",
    "七、设施设备利用率和完好率",
    "八、短板与措施",
    "九、下一步工作",
]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return (made(SMALL, tmp_path_factory.mktemp("out")).folder / DOCUMENT).read_bytes()


@pytest.fixture(scope="module")
def document(small: bytes) -> Doc:
    return Document(io.BytesIO(small))


def test_the_page_is_that_of_an_official_document(document: Doc) -> None:
    section = document.sections[0]
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [210, 297, 37, 35, 28, 26] == [
        round((length or 0) / Mm(1)) for length in (section.page_width, section.page_height, *margins)
    ]


def test_title_chapters_and_body_have_the_official_fonts_and_sizes(document: Doc) -> None:
    lines = [document.paragraphs[number] for number in (0, 3, 4)]
    found = [
        (run.font.size, run._r.rPr.rFonts.get(qn("w:eastAsia")), line.paragraph_format.line_spacing)
        for line in lines
        for run in line.runs[:1]
    ]
    assert [(Pt(22), TITLE, Pt(29)), (Pt(16), HEAD, Pt(29)), (Pt(16), BODY, Pt(29))] == found
    assert (True, lines[0].alignment) == (lines[0].runs[0].bold, 1)


def test_the_chapters_stand_in_the_order_of_the_form(document: Doc) -> None:
    assert CHAPTERS == [one.text for one in document.paragraphs if one.text in CHAPTERS]


@pytest.mark.parametrize(
    ("letters", "kept"),
    [
        pytest.param([5] * 8, [True] * 7 + [False], id="what fits eight lines is kept whole"),
        pytest.param(
            [5] * 9, [True, True, *[False] * 4, True, True, False], id="three lines at head and foot"
        ),
        pytest.param([60] * 4, [False] * 4, id="a high row may stand alone"),
    ],
)
def test_a_table_breaks_over_pages_where_no_line_is_left_alone(letters: list[int], kept: list[bool]) -> None:
    doc = Document()
    rows = [("校" * length,) for length in letters]
    put_block(doc, Table(caption="表", heads=("学校",), rows=rows, widths=(50,)), 1)
    found = [
        bool(row.cells[0].paragraphs[0].paragraph_format.keep_with_next) for row in doc.tables[0].rows[1:]
    ]
    assert found == kept


def test_page_numbers_are_fields_on_the_outer_side(document: Doc) -> None:
    section = document.sections[0]
    fields = [
        (footer.paragraphs[0].alignment, "PAGE" in footer._element.xml)
        for footer in (section.footer, section.even_page_footer)
    ]
    assert (True, [(2, True), (0, True)]) == (document.settings.odd_and_even_pages_header_footer, fields)


def test_charts_are_parts_of_the_document_and_no_pictures(small: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(small)) as archive:
        names = archive.namelist()
        relations = archive.read("word/_rels/document.xml.rels").decode()
        kinds = archive.read("[Content_Types].xml").decode()
    charts = [name for name in names if name.startswith("word/charts/")]
    assert (2, 2, 2, [], sorted(names)) == (
        len(charts),
        len(re.findall(r'Target="charts/chart\d+\.xml"', relations)),
        kinds.count("drawingml.chart+xml"),
        [name for name in names if name.endswith((".png", ".jpeg"))],
        names,
    )


def test_every_part_is_well_formed_and_every_relation_has_its_part(small: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(small)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(archive.read(name))  # noqa: S314 our own file
        relations = ElementTree.fromstring(archive.read("_rels/.rels"))  # noqa: S314 our own file
        targets = {one.attrib["Target"].lstrip("/") for one in relations}
        assert set() == targets - set(archive.namelist())


def test_fonts_that_a_machine_may_lack_have_a_stand_in(small: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(small)) as archive:
        fonts = archive.read("word/fontTable.xml").decode()
    assert ["华文中宋", "仿宋"] == [
        re.findall(f'w:name="{name}"><w:altName w:val="([^"]+)"', fonts)[0] for name in (TITLE, BODY)
    ]


def test_the_properties_stand_still(document: Doc) -> None:
    core = document.core_properties
    assert ("2021-12-31", core.created, "", 1) == (
        f"{core.created:%Y-%m-%d}",
        core.modified,
        core.author,
        core.revision,
    )


def test_the_text_says_the_figures(document: Doc) -> None:
    text = "\n".join(one.text for one in document.paragraphs)
    wanted = (
        "对4所学校的5个学段逐校逐项评估，数据日期为2021年12月31日",
        "小学3个，综合达标3个，达标率100.00%；初中2个，综合达标1个，达标率50.00%",
        "尚未达到县域义务教育优质均衡发展资源配置要求",
        "本季未接入监测数据，无线网络覆盖情况未判定。",
        "未达标共4项，按责任单位：区教体局3项，泰达街道办事处1项。",
    )
    assert [] == [one for one in wanted if one not in text]


def test_a_coefficient_that_prints_as_its_limit_but_exceeds_it_shows_more_decimals() -> None:
    # Two schools of 1000: x and y with CV = (y-x)/(y+x) = 0.5001.
    schools = [school(f"211200000{number}", primary_pupils=1000) for number in (1, 2)]
    rooms = {
        ("2112000001", "school", "multimedia_rooms"): 4999,
        ("2112000002", "school", "multimedia_rooms"): 15001,
    }
    report = in_memory(schools, rooms)
    assert "超出限值的有每百名学生拥有网络多媒体教室数（0.5001）" in texts(report)


def test_nothing_at_all_is_undetermined_and_still_a_whole_report() -> None:
    report = in_memory([school("5112000007", kind="特殊教育")], {})
    assert (CHAPTERS, "没有参与评估的学段" in texts(report)) == (
        [one.text for one in narrative(report) if isinstance(one, Heading)],
        True,
    )
    assert DOCUMENT in render(report)


def test_a_district_that_meets_everything_has_nothing_to_mend() -> None:
    one = school("2112000001", primary_pupils=100)
    statistics = {("2112000001", "school", item): 10**6 for item in ITEMS}
    text = texts(in_memory([one], statistics))  # type: ignore[arg-type]  # the keys are the registry's own
    assert (True, True, True) == (
        "滨海新区：小学1个，综合达标1个，达标率100.00%。达到县域" in text,
        "本季没有未达标的项目。" in text,
        "保持现有达标水平" in text,
    )


def test_a_near_miss_shows_its_third_decimal_in_the_register() -> None:
    tables = [one for one in narrative(near_miss()) if isinstance(one, Table)]
    assert ["2.299", "≥2.3", "1间"] == [tables[-1].rows[0][place] for place in (2, 4, 5)]


def test_a_chart_leaves_a_gap_where_nothing_is_known() -> None:
    chart = next(one for one in reversed(narrative(near_miss())) if isinstance(one, Chart))
    xml = chart_xml(chart).decode()
    values = re.findall(r"<c:numLit>.*?</c:numLit>", xml)[0]
    # Only L7 of eight categories is known, and its school is the only one.
    assert ('<c:ptCount val="8"/>', ["6"]) == (
        re.findall(r"<c:ptCount[^>]+>", values)[0],
        re.findall(r'<c:pt idx="(\d)">', values),
    )
