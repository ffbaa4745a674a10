"""季报.docx in the layout of GB/T 9704-2012: A4, its margins, 22 lines a page, page numbers outside.

Fonts are named, not embedded; the font table names a stand-in for each that not every machine has.
"""

import io
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

from docx import Document
from docx.document import Document as Doc
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph as DocParagraph

from rules.report.blocks import Block, Chart, Heading, Paragraph, Table
from rules.report.chart_part import chart_xml, frame_xml
from rules.report.narrative import narrative
from rules.report.printing import chinese_date, listed
from rules.report.report import Report
from rules.report.zips import rezipped

TITLE, HEAD, SECOND, BODY, DIGITS = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312", "Times New Roman"
# What a machine without the named font should show instead.
_STAND_INS = {TITLE: "华文中宋", HEAD: "SimHei", SECOND: "楷体", BODY: "仿宋", "宋体": "SimSun"}
# 二号, 三号, 五号, 小五 and 四号
_SIZES = {"title": Pt(22), "body": Pt(16), "table": Pt(10.5), "small": Pt(9), "page": Pt(14)}
_CROWDED = 8  # columns from which a table is set smaller
_SHORT = 12  # characters up to which a cell is centred
_TOGETHER = 12  # rows up to which a table is kept on one page
_LINE = Pt(29)  # 22 lines on 225 mm
_MARGINS = {"top_margin": Mm(37), "bottom_margin": Mm(35), "left_margin": Mm(28), "right_margin": Mm(26)}
_TEXT_WIDTH_MM = 156
_CHART = (Mm(_TEXT_WIDTH_MM), Mm(75))
_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"


def document(report: Report) -> bytes:
    """The whole file, byte for byte the same for the same report."""
    doc = Document()
    _page(doc, report)
    names = listed(report.district_name(district.district) for district in report.evaluation.districts)
    _line(doc, f"{names}义务教育优质均衡发展监测季报", TITLE, _SIZES["title"], centred=True)
    _line(doc, f"（{report.quarter.title}）", SECOND, _SIZES["body"], centred=True)
    if report.running:
        _line(doc, f"（截至{chinese_date(report.as_of)}）", SECOND, _SIZES["body"], centred=True)
    _line(doc, "", BODY, _SIZES["body"])
    for number, block in enumerate(narrative(report), 1):
        _block(doc, block, number)
    _line(doc, "", BODY, _SIZES["body"])
    _line(doc, chinese_date(report.as_of), BODY, _SIZES["body"], right=True)
    _line(doc, f"{report.edition}　数据指纹 {report.fingerprint[:16]}", BODY, _SIZES["table"], right=True)
    _without_thumbnail(doc)
    file = io.BytesIO()
    doc.save(file)
    return rezipped(file.getvalue(), {"word/fontTable.xml": _font_table()})


def _without_thumbnail(doc: Doc) -> None:
    """python-docx's template carries a picture of itself; file managers would show it for ours."""
    relations = doc.part.package.rels
    for name in [name for name, rel in relations.items() if rel.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        del relations[name]


def _page(doc: Doc, report: Report) -> None:
    section = doc.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for name, width in _MARGINS.items():
        setattr(section, name, width)
    # The number's line hangs 7 mm below the text.
    section.footer_distance = Mm(22)
    doc.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)
    moment = datetime.combine(report.as_of, time(), UTC)
    core = doc.core_properties
    core.title, core.author, core.comments = f"{report.quarter.title}季报", "", ""
    core.language, core.revision, core.last_modified_by = "zh-CN", 1, ""
    core.created = core.modified = moment
    style = doc.styles["Normal"]
    style.font.size = _SIZES["body"]
    style.font.name = DIGITS
    style.element.rPr.rFonts.set(qn("w:eastAsia"), BODY)


def _page_number(paragraph: DocParagraph, side: WD_ALIGN_PARAGRAPH) -> None:
    """— 1 — outside, one character from the edge, as a field that the reader's program fills in."""
    paragraph.alignment = side
    indent = paragraph.paragraph_format
    indent.left_indent = indent.right_indent = _SIZES["page"]
    _run(paragraph, "— ", "宋体", _SIZES["page"])
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = _run(paragraph, "", "宋体", _SIZES["page"])
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)  # python-docx has no interface for fields
    _run(paragraph, " —", "宋体", _SIZES["page"])


def _block(doc: Doc, block: Block, number: int) -> None:
    match block:
        case Heading(text, level):
            paragraph = _line(doc, text, HEAD if level == 1 else SECOND, _SIZES["body"], indented=True)
            paragraph.paragraph_format.keep_with_next = True
            # The outline level makes the chapters show in the reader's navigation, whatever the style.
            outline = OxmlElement("w:outlineLvl")
            outline.set(qn("w:val"), str(level - 1))
            paragraph._p.get_or_add_pPr().append(outline)
        case Paragraph(text):
            _line(doc, text, BODY, _SIZES["body"], indented=True)
        case Table():
            _table(doc, block)
        case Chart():
            _chart(doc, block, number)


def _line(
    doc: Doc,
    text: str,
    font: str,
    size: Pt,
    *,
    centred: bool = False,
    right: bool = False,
    indented: bool = False,
) -> DocParagraph:
    paragraph = doc.add_paragraph()
    spacing = paragraph.paragraph_format
    spacing.space_before = spacing.space_after = Pt(0)
    spacing.line_spacing_rule, spacing.line_spacing = WD_LINE_SPACING.EXACTLY, _LINE
    if indented:
        spacing.first_line_indent = Emu(2 * size)
    if centred or right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.RIGHT
    else:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    run = _run(paragraph, text, font, size)
    run.bold = font == TITLE or None
    return paragraph


def _run(paragraph: DocParagraph, text: str, font: str, size: Pt) -> Any:
    run = paragraph.add_run(text)
    run.font.size, run.font.name = size, DIGITS
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    return run


def _caption(doc: Doc, text: str) -> None:
    paragraph = _line(doc, text, HEAD, Pt(12), centred=True)
    paragraph.paragraph_format.keep_with_next = True


def _table(doc: Doc, block: Table) -> None:
    _caption(doc, block.caption)
    table = doc.add_table(rows=1, cols=len(block.heads))
    table.style, table.alignment, table.autofit = doc.styles["Table Grid"], WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, block.widths, strict=True):
        column.width = Mm(width)
    size = _SIZES["table" if len(block.heads) < _CROWDED else "small"]
    together = len(block.rows) <= _TOGETHER
    _cells(table.rows[0].cells, block.heads, block.widths, HEAD, size, together=True)
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    for number, row in enumerate(block.rows, 1):
        added = table.add_row()
        added._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        tied = together and number < len(block.rows)
        _cells(added.cells, row, block.widths, BODY, size, together=tied)


def _cells(
    cells: Sequence[_Cell],
    texts: Sequence[str],
    widths: Sequence[int],
    font: str,
    size: Pt,
    *,
    together: bool,
) -> None:
    """A row's texts: the first column reads from the left, short ones stand in the middle."""
    for column, (cell, text, width) in enumerate(zip(cells, texts, widths, strict=True)):
        cell.width = Mm(width)
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.paragraph_format.keep_with_next = together
        short = font == HEAD or (column and len(text) <= _SHORT)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if short else WD_ALIGN_PARAGRAPH.LEFT
        _run(paragraph, text, font, size)


def _chart(doc: Doc, block: Chart, number: int) -> None:
    name = PackURI(f"/word/charts/chart{number}.xml")
    package = doc.part.package
    part = Part(name, _CHART_TYPE, chart_xml(block), package)
    relation = doc.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
    paragraph = doc.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    paragraph.paragraph_format.space_before = Pt(6)
    width, height = _CHART
    frame = frame_xml(relation, number, width_emu=width, height_emu=height, caption=block.caption)
    paragraph.add_run()._r.append(parse_xml(frame))
    _line(doc, block.caption, HEAD, Pt(12), centred=True)


def _font_table() -> bytes:
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{instead}"/><w:charset w:val="86"/></w:font>'
        for name, instead in _STAND_INS.items()
    )
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f'{head}<w:fonts xmlns:w="{space}">{fonts}</w:fonts>'.encode()
